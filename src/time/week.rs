//! Shifts, and the week that repeats for ever.

use super::MINUTES_PER_DAY;

/// Minutes in seven civil days.
pub(super) const MINUTES_PER_WEEK: i64 = 7 * MINUTES_PER_DAY;

/// Minutes from the Monday midnight before the epoch (1969-12-29) to the epoch.
const MONDAY_TO_EPOCH: i64 = 3 * MINUTES_PER_DAY;

/// Work without a break within one civil day, half-open, in minutes since its midnight.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Shift {
    /// First minute of work.
    pub start: u16,
    /// First minute after work, at most 1440.
    pub end: u16,
}

impl Shift {
    /// The whole day.
    pub const ALL_DAY: Shift = Shift { start: 0, end: MINUTES_PER_DAY as u16 };
}

/// The shifts of each day, Monday to Sunday.
pub type Week = [Vec<Shift>; 7];

/// Shifts in order, those that touch joined into one.
///
/// # Errors
///
/// A shift that is empty, ends after midnight or overlaps another.
pub(super) fn in_order(shifts: &[Shift]) -> Result<Vec<Shift>, String> {
    let mut sorted = shifts.to_vec();
    sorted.sort();
    let mut joined: Vec<Shift> = Vec::with_capacity(sorted.len());
    for shift in sorted {
        if shift.start >= shift.end || i64::from(shift.end) > MINUTES_PER_DAY {
            return Err(format!(
                "expected a shift that begins before it ends, within one day; {} does not",
                hours(shift)
            ));
        }
        match joined.last_mut() {
            Some(last) if shift.start < last.end => {
                return Err(format!("{} overlaps {}", hours(*last), hours(shift)));
            }
            Some(last) if shift.start == last.end => last.end = shift.end,
            _ => joined.push(shift),
        }
    }
    Ok(joined)
}

/// As a planner writes it: `07:30-17:30`.
fn hours(shift: Shift) -> String {
    let Shift { start, end } = shift;
    format!("{:02}:{:02}-{:02}:{:02}", start / 60, start % 60, end / 60, end % 60)
}

/// A shift, and the work of its day that comes before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Segment {
    start: u16,
    end: u16,
    before: u16,
}

/// The shifts of one kind of day, ready to count in.
///
/// Cost: a binary search among the day's shifts, of which there are one to three.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct DayHours {
    segments: Box<[Segment]>,
    minutes: u16,
}

impl DayHours {
    /// From the shifts of a day.
    ///
    /// # Errors
    ///
    /// As [`in_order`].
    pub(super) fn new(shifts: &[Shift]) -> Result<DayHours, String> {
        let mut minutes = 0;
        let mut segments = Vec::with_capacity(shifts.len());
        for Shift { start, end } in in_order(shifts)? {
            segments.push(Segment { start, end, before: minutes });
            minutes += end - start;
        }
        Ok(DayHours { segments: segments.into(), minutes })
    }

    /// Work in the whole day.
    pub(super) fn minutes(&self) -> i64 {
        i64::from(self.minutes)
    }

    /// Work of the day before this minute of it.
    pub(super) fn work_before(&self, minute: u16) -> i64 {
        let after = self.segments.partition_point(|segment| segment.start <= minute);
        match after.checked_sub(1) {
            None => 0,
            Some(at) => {
                let segment = self.segments[at];
                i64::from(segment.before + minute.min(segment.end) - segment.start)
            }
        }
    }

    /// The minute of the day that begins when this much of its work is done; there must be more.
    pub(super) fn minute_after(&self, work: i64) -> i64 {
        let after = self.segments.partition_point(|segment| i64::from(segment.before) <= work);
        let segment = self.segments[after - 1];
        i64::from(segment.start) + work - i64::from(segment.before)
    }

    /// First working minute of the day at or after this one.
    pub(super) fn next_minute(&self, minute: u16) -> Option<u16> {
        let ended = self.segments.partition_point(|segment| segment.end <= minute);
        self.segments.get(ended).map(|segment| segment.start.max(minute))
    }
}

/// A week of shifts that repeats for ever, by arithmetic.
///
/// Counts work from Monday 1969-12-29 00:00, negative before it. Extreme values saturate.
#[derive(Clone, Debug)]
pub(super) struct WeekHours {
    days: [DayHours; 7],
    /// Work of the week before each day, and of the whole week at the end.
    before: [i64; 8],
}

impl WeekHours {
    /// From the shifts of each day.
    ///
    /// # Errors
    ///
    /// As [`in_order`], and a week without work.
    pub(super) fn new(week: &Week) -> Result<WeekHours, String> {
        let mut before = [0; 8];
        let mut days = Vec::with_capacity(7);
        for (weekday, shifts) in week.iter().enumerate() {
            let day = DayHours::new(shifts)?;
            before[weekday + 1] = before[weekday] + day.minutes();
            days.push(day);
        }
        if before[7] == 0 {
            return Err("expected working hours in the week, e.g. Mon-Fri 07:30-17:30".into());
        }
        let days = days.try_into().expect("a week has seven days");
        Ok(WeekHours { days, before })
    }

    /// The shifts of a weekday, 0 = Monday.
    pub(super) fn day(&self, weekday: usize) -> &DayHours {
        &self.days[weekday]
    }

    /// Work in a week.
    pub(super) fn minutes(&self) -> i64 {
        self.before[7]
    }

    /// The most usual length of a working day, the longest of those if several are.
    pub(super) fn usual_day_minutes(&self) -> i64 {
        let same = |minutes: i64| self.days.iter().filter(|day| day.minutes() == minutes).count();
        let lengths = self.days.iter().map(DayHours::minutes).filter(|&minutes| minutes > 0);
        lengths.max_by_key(|&minutes| (same(minutes), minutes)).unwrap_or(0)
    }

    /// Work before an instant, in minutes since the epoch.
    pub(super) fn work_before(&self, at: i64) -> i64 {
        let at = at.saturating_add(MONDAY_TO_EPOCH);
        let of_week = at.rem_euclid(MINUTES_PER_WEEK);
        let weekday = (of_week / MINUTES_PER_DAY) as usize;
        let minute = (of_week % MINUTES_PER_DAY) as u16;
        at.div_euclid(MINUTES_PER_WEEK) * self.minutes()
            + self.before[weekday]
            + self.days[weekday].work_before(minute)
    }

    /// The working minute that begins when this much work is done, in minutes since the epoch.
    pub(super) fn minute_after(&self, work: i64) -> i64 {
        let of_week = work.rem_euclid(self.minutes());
        let weekday = self.before[1..].partition_point(|&before| before <= of_week);
        let minute = self.days[weekday].minute_after(of_week - self.before[weekday]);
        let weeks = work.div_euclid(self.minutes()).saturating_mul(MINUTES_PER_WEEK);
        weeks.saturating_add(weekday as i64 * MINUTES_PER_DAY + minute - MONDAY_TO_EPOCH)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shift(start: u16, end: u16) -> Shift {
        Shift { start, end }
    }

    #[test]
    fn shifts_that_touch_are_one_and_those_that_overlap_are_refused() {
        let joined = in_order(&[shift(720, 1440), shift(0, 360), shift(360, 480)]);
        assert_eq!(joined, Ok(vec![shift(0, 480), shift(720, 1440)]));
        let overlap = in_order(&[shift(420, 720), shift(660, 900)]).unwrap_err();
        assert_eq!(overlap, "07:00-12:00 overlaps 11:00-15:00");
        assert!(in_order(&[shift(600, 600)]).is_err());
        assert!(in_order(&[shift(600, 1441)]).is_err());
    }

    #[test]
    fn the_usual_day_is_the_commonest_then_the_longest() {
        let hours = |lengths: [u16; 7]| {
            let week = lengths.map(|end| if end == 0 { vec![] } else { vec![shift(0, end)] });
            WeekHours::new(&week).unwrap().usual_day_minutes()
        };
        assert_eq!(hours([600, 600, 600, 600, 300, 0, 0]), 600);
        assert_eq!(hours([120, 480, 480, 480, 480, 360, 0]), 480);
        assert_eq!(hours([300, 600, 0, 0, 0, 0, 0]), 600);
    }

    #[test]
    fn a_week_without_work_is_refused() {
        assert!(WeekHours::new(&Week::default()).unwrap_err().contains("Mon-Fri 07:30-17:30"));
    }
}
