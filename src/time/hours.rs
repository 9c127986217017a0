//! Tables that turn working time into clock time and back.

use std::collections::BTreeMap;

use super::week::{DayHours, Shift, WeekHours, in_order};
use super::{Day, MINUTES_PER_DAY, Minute};

/// Most kinds of day in a calendar; each has tables of its own.
const KINDS_MAX: usize = 1000;

/// Days that are looked at together on the way back, in one or two vector instructions.
const STRIDE: usize = 8;

/// Working hours for ever: tables from a first day to a last, the weekly pattern outside.
///
/// Work is counted from the first day's midnight, negative before it. `before` turns an instant
/// into work done; `buckets` start the way back, so that it looks at a handful of days only.
///
/// Cost: constant; where a long closure falls into a bucket, a binary search. 7 bytes a day.
#[derive(Clone)]
pub(super) struct Hours {
    week: WeekHours,
    /// Midnight at which the tables begin, in minutes since the epoch.
    first_minute: i64,
    /// Minutes of the clock that the tables cover.
    covered: i64,
    /// Working minutes that the tables cover.
    total: i64,
    /// Work before each day of the tables and in all of them; then ends that no work reaches.
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
        before.extend([u32::MAX; STRIDE]);
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

    /// Takes all work out of some days; those outside the tables stay as they are.
    ///
    /// Cost: one visit per day of the tables.
    pub(super) fn close(&mut self, days: &[Day]) {
        let first = Minute(self.first_minute).day();
        let none = self.kinds.iter().position(|kind| kind.minutes() == 0);
        let none = none.unwrap_or_else(|| {
            self.kinds.push(DayHours::new(&[]).expect("no shift overlaps another"));
            self.kinds.len() - 1
        });
        for day in days {
            let at = usize::try_from(i64::from(day.0) - i64::from(first.0)).unwrap_or(usize::MAX);
            if let Some(kind) = self.kind.get_mut(at) {
                *kind = none as u16;
            }
        }
        let mut total = 0;
        self.before.truncate(1);
        for &kind in &self.kind {
            total += self.kinds[usize::from(kind)].minutes() as u32;
            self.before.push(total);
        }
        (self.buckets, self.bucket_bits) = buckets(&self.before);
        self.before.extend([u32::MAX; STRIDE]);
        self.total = i64::from(total);
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
        let day = self.day_of(work as u32);
        let hours = &self.kinds[usize::from(self.kind[day])];
        let minute = hours.minute_after(work - i64::from(self.before[day]));
        self.first_minute + day as i64 * MINUTES_PER_DAY + minute
    }

    /// The day of the tables in which the minute after this much work lies.
    fn day_of(&self, work: u32) -> usize {
        let bucket = (work >> self.bucket_bits) as usize;
        let low = self.buckets[bucket] as usize;
        let ends = &self.before[low + 1..low + 1 + STRIDE];
        let over = ends.iter().map(|&end| usize::from(end <= work)).sum::<usize>();
        if over < STRIDE {
            return low + over;
        }
        let high = self.buckets[bucket + 1] as usize;
        low + self.before[low + 1..=high].partition_point(|&end| end <= work)
    }

    /// First instant at or after `at` from which work can go on.
    pub(super) fn next_work(&self, at: i64) -> i64 {
        let Some((day, minute)) = self.locate(at) else {
            return self.minute_after(self.work_before_outside(at));
        };
        let hours = &self.kinds[usize::from(self.kind[day])];
        let work = hours.work_before(minute);
        if work < hours.minutes() {
            at - minute as i64 + hours.minute_after(work)
        } else {
            self.minute_after(i64::from(self.before[day]) + work)
        }
    }

    /// The hours of a civil day.
    pub(super) fn on(&self, day: Day) -> &DayHours {
        match self.locate(day.start().0) {
            Some((at, _)) => &self.kinds[usize::from(self.kind[at])],
            None => self.week.day(day.weekday()),
        }
    }

    /// Day of the tables and minute of the day.
    fn locate(&self, at: i64) -> Option<(usize, usize)> {
        let offset = at.wrapping_sub(self.first_minute);
        let inside = (0..self.covered).contains(&offset);
        // The tables cover less than 2^32 minutes; short divisions are quicker.
        let (offset, day) = (offset as u32, MINUTES_PER_DAY as u32);
        inside.then(|| ((offset / day) as usize, (offset % day) as usize))
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
    let mut kind: Vec<u16> = (0..days).map(|day| ((first.weekday() + day) % 7) as u16).collect();
    let mut known = BTreeMap::new();
    for &(day, shifts) in dated {
        let shifts = in_order(shifts).map_err(|error| format!("{day}: {error}"))?;
        let at = usize::try_from(i64::from(day.0) - i64::from(first.0)).unwrap_or(usize::MAX);
        let Some(slot) = kind.get_mut(at) else { continue };
        *slot = match known.get(&shifts) {
            Some(&known) => known,
            None if kinds.len() < KINDS_MAX => {
                kinds.push(DayHours::new(&shifts)?);
                known.insert(shifts, (kinds.len() - 1) as u16);
                (kinds.len() - 1) as u16
            }
            None => return Err(format!("expected at most {KINDS_MAX} different kinds of day")),
        };
    }
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
