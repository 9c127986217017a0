//! Tables that turn working time into clock time and back.

use std::collections::BTreeMap;

use super::week::{DayHours, Shift, WeekHours};
use super::{Day, MINUTES_PER_DAY};

/// Working hours for ever: tables from a first day to a last, the weekly pattern outside.
///
/// Work is counted from the first day's midnight, negative before it. `before` turns an instant
/// into work done; `buckets` start the way back, so that it searches a handful of days only.
///
/// Cost: constant but for a binary search in one bucket (four or so working days); 7 bytes a day.
#[derive(Clone)]
pub(super) struct Hours {
    week: WeekHours,
    /// Midnight at which the tables begin, in minutes since the epoch.
    first_minute: i64,
    /// Minutes of the clock that the tables cover.
    covered: i64,
    /// Working minutes that the tables cover.
    total: i64,
    /// Work before each day of the tables, and in all of them at the end.
    before: Vec<u32>,
    /// What kind of day each is.
    kind: Vec<u16>,
    /// The first seven are the weekdays.
    kinds: Vec<DayHours>,
    /// The day in which each `1 << bucket_bits` working minutes begin, and the last day.
    buckets: Vec<u32>,
    bucket_bits: u32,
    /// What the weekly pattern counts where the tables begin and end.
    week_at_first: i64,
    week_at_last: i64,
}

impl Hours {
    /// The weekly pattern with the shifts of single days replaced; later ones win.
    ///
    /// # Errors
    ///
    /// Shifts that overlap or leave their day; tables of more than 8,000 years.
    pub(super) fn new(
        week: WeekHours,
        dated: &[(Day, &[Shift])],
        first: Day,
        last: Day,
    ) -> Result<Hours, String> {
        let days = (i64::from(last.0) - i64::from(first.0)).max(0);
        if days * MINUTES_PER_DAY > i64::from(u32::MAX) {
            return Err(format!(
                "expected a calendar of at most 8,000 years; this has {days} days"
            ));
        }
        let (kind, kinds) = kinds_of_days(&week, dated, first, days as usize)?;
        let mut before = Vec::with_capacity(kind.len() + 1);
        let mut total: u32 = 0;
        before.push(0);
        for &kind in &kind {
            total += kinds[usize::from(kind)].minutes() as u32;
            before.push(total);
        }
        let (buckets, bucket_bits) = buckets(&before);
        let first_minute = first.start().0;
        let covered = days * MINUTES_PER_DAY;
        Ok(Hours {
            week_at_first: week.work_before(first_minute),
            week_at_last: week.work_before(first_minute + covered),
            week,
            first_minute,
            covered,
            total: i64::from(total),
            before,
            kind,
            kinds,
            buckets,
            bucket_bits,
        })
    }

    /// Work before an instant, in minutes since the epoch.
    pub(super) fn work_before(&self, at: i64) -> i64 {
        match self.locate(at) {
            Some((day, minute)) => {
                let hours = &self.kinds[usize::from(self.kind[day])];
                i64::from(self.before[day]) + hours.work_before(minute)
            }
            None => self.work_before_outside(at),
        }
    }

    /// The working minute that begins when this much work is done, in minutes since the epoch.
    pub(super) fn minute_after(&self, work: i64) -> i64 {
        if work < 0 || work >= self.total {
            return self.minute_after_outside(work);
        }
        let bucket = (work >> self.bucket_bits) as usize;
        let low = self.buckets[bucket] as usize;
        let high = self.buckets[bucket + 1] as usize;
        let ends = &self.before[low + 1..=high];
        let day = low + ends.partition_point(|&end| i64::from(end) <= work);
        let hours = &self.kinds[usize::from(self.kind[day])];
        let minute = hours.minute_after(work - i64::from(self.before[day]));
        self.first_minute + day as i64 * MINUTES_PER_DAY + minute
    }

    /// First instant at or after `at` from which work can go on.
    pub(super) fn next_work(&self, at: i64) -> i64 {
        if let Some((day, minute)) = self.locate(at)
            && let Some(next) = self.kinds[usize::from(self.kind[day])].next_minute(minute)
        {
            return at + i64::from(next - minute);
        }
        self.minute_after(self.work_before(at))
    }

    /// The hours of a civil day.
    pub(super) fn on(&self, day: Day) -> &DayHours {
        match self.locate(day.start().0) {
            Some((at, _)) => &self.kinds[usize::from(self.kind[at])],
            None => self.week.day(day.weekday()),
        }
    }

    /// Day of the tables and minute of the day.
    fn locate(&self, at: i64) -> Option<(usize, u16)> {
        let offset = at.wrapping_sub(self.first_minute);
        let inside = (0..self.covered).contains(&offset);
        // The tables cover less than 2^32 minutes; short divisions are quicker.
        let (offset, day) = (offset as u32, MINUTES_PER_DAY as u32);
        inside.then(|| ((offset / day) as usize, (offset % day) as u16))
    }

    #[cold]
    fn work_before_outside(&self, at: i64) -> i64 {
        let work = self.week.work_before(at);
        if at < self.first_minute {
            work.saturating_sub(self.week_at_first)
        } else {
            work.saturating_sub(self.week_at_last).saturating_add(self.total)
        }
    }

    #[cold]
    fn minute_after_outside(&self, work: i64) -> i64 {
        self.week.minute_after(if work < 0 {
            work.saturating_add(self.week_at_first)
        } else {
            (work - self.total).saturating_add(self.week_at_last)
        })
    }
}

/// The kind of each day from `first` on, and the hours of each kind.
fn kinds_of_days(
    week: &WeekHours,
    dated: &[(Day, &[Shift])],
    first: Day,
    days: usize,
) -> Result<(Vec<u16>, Vec<DayHours>), String> {
    let mut kinds: Vec<DayHours> = (0..7).map(|weekday| week.day(weekday).clone()).collect();
    let mut known = BTreeMap::new();
    let mut kind: Vec<usize> = (0..days).map(|day| (first.weekday() + day) % 7).collect();
    for &(day, shifts) in dated {
        let hours = DayHours::new(shifts).map_err(|error| format!("{day}: {error}"))?;
        let at = usize::try_from(i64::from(day.0) - i64::from(first.0)).unwrap_or(usize::MAX);
        if let Some(slot) = kind.get_mut(at) {
            *slot = *known.entry(hours).or_insert_with_key(|hours| {
                kinds.push(hours.clone());
                kinds.len() - 1
            });
        }
    }
    let kind = kind.into_iter().map(u16::try_from).collect::<Result<_, _>>();
    let kind = kind.map_err(|_| "expected at most 65,536 different kinds of day".to_string())?;
    Ok((kind, kinds))
}

/// Where to begin the search for the day of each bucket of working minutes, and log2 of its size.
///
/// A bucket holds two to four average days of work.
fn buckets(before: &[u32]) -> (Vec<u32>, u32) {
    let days = before.len() - 1;
    let total = before[days];
    let bucket_bits = (total / days.max(1) as u32).max(1).ilog2() + 2;
    let mut buckets = Vec::with_capacity((total >> bucket_bits) as usize + 2);
    let mut day = 0;
    for bucket in 0..=total.saturating_sub(1) >> bucket_bits {
        while day + 1 < days && before[day + 1] <= bucket << bucket_bits {
            day += 1;
        }
        buckets.push(day as u32);
    }
    buckets.push(days.saturating_sub(1) as u32);
    (buckets, bucket_bits)
}
