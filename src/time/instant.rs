//! Points and distances in time, as integers that cannot be mixed up.

use std::fmt;
use std::ops::{Add, AddAssign, Neg, Sub};

use jiff::civil::{Date, DateTime, date};

/// Minutes in a civil day.
pub const MINUTES_PER_DAY: i64 = 24 * 60;

/// A point in time: whole minutes since 1970-01-01 00:00 of the site's civil clock.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Minute(pub i64);

/// A distance in time, in minutes; working or elapsed as the place that holds it says.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Span(pub i64);

/// A civil date: whole days since 1970-01-01.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Day(pub i32);

impl Minute {
    /// Before every date that a file can state.
    pub const MIN: Minute = Minute(i64::MIN / 4);
    /// Later than every date: what has not happened and will not (semantics M11).
    pub const NEVER: Minute = Minute(i64::MAX / 4);

    /// The civil day this instant lies in; midnight belongs to the day that begins.
    pub fn day(self) -> Day {
        Day(i32::try_from(self.0.div_euclid(MINUTES_PER_DAY)).unwrap_or(if self.0 < 0 {
            i32::MIN
        } else {
            i32::MAX
        }))
    }

    /// Minutes since midnight.
    pub fn minute_of_day(self) -> i64 {
        self.0.rem_euclid(MINUTES_PER_DAY)
    }

    /// Whether this is a date at all (see [`Minute::NEVER`]).
    pub fn happens(self) -> bool {
        self < Minute::NEVER
    }
}

impl Span {
    /// No time at all.
    pub const ZERO: Span = Span(0);

    /// Length in days of 24 hours.
    pub fn days(self) -> f64 {
        self.0 as f64 / MINUTES_PER_DAY as f64
    }
}

impl Day {
    /// Midnight at which the day begins.
    pub fn start(self) -> Minute {
        Minute(i64::from(self.0) * MINUTES_PER_DAY)
    }

    /// From a civil date.
    pub fn from_date(date: Date) -> Day {
        Day(date.duration_since(EPOCH).as_hours() as i32 / 24)
    }

    /// As a civil date; dates outside years -9999 to 9999 clamp to the nearest one.
    pub fn date(self) -> Date {
        let days = jiff::Span::new().try_days(i64::from(self.0));
        days.and_then(|days| EPOCH.checked_add(days)).unwrap_or(if self.0 < 0 {
            Date::MIN
        } else {
            Date::MAX
        })
    }

    /// 0 = Monday … 6 = Sunday.
    pub fn weekday(self) -> usize {
        (i64::from(self.0) + 3).rem_euclid(7) as usize
    }

    /// First day of this day's month.
    pub fn month_start(self) -> Day {
        Day::from_date(self.date().first_of_month())
    }

    /// First day of the month after this day's.
    pub fn next_month(self) -> Day {
        Day(Day::from_date(self.date().last_of_month()).0 + 1)
    }

    /// Same day `months` later; a day that month lacks becomes its last (31 Jan + 1 month = 28 Feb).
    pub fn add_months(self, months: i32) -> Day {
        let span = jiff::Span::new().try_months(i64::from(months));
        let date = span.and_then(|span| self.date().checked_add(span));
        date.map(Day::from_date).unwrap_or(Day(i32::MAX))
    }
}

const EPOCH: Date = date(1970, 1, 1);

impl Add<Span> for Minute {
    type Output = Minute;
    fn add(self, span: Span) -> Minute {
        Minute(self.0.saturating_add(span.0))
    }
}

impl Sub<Span> for Minute {
    type Output = Minute;
    fn sub(self, span: Span) -> Minute {
        Minute(self.0.saturating_sub(span.0))
    }
}

impl Sub for Minute {
    type Output = Span;
    fn sub(self, earlier: Minute) -> Span {
        Span(self.0.saturating_sub(earlier.0))
    }
}

impl Add for Span {
    type Output = Span;
    fn add(self, other: Span) -> Span {
        Span(self.0.saturating_add(other.0))
    }
}

impl Sub for Span {
    type Output = Span;
    fn sub(self, other: Span) -> Span {
        Span(self.0.saturating_sub(other.0))
    }
}

impl AddAssign for Span {
    fn add_assign(&mut self, other: Span) {
        *self = *self + other;
    }
}

impl Neg for Span {
    type Output = Span;
    fn neg(self) -> Span {
        Span(self.0.saturating_neg())
    }
}

impl Add<i32> for Day {
    type Output = Day;
    fn add(self, days: i32) -> Day {
        Day(self.0.saturating_add(days))
    }
}

impl Sub for Day {
    type Output = i32;
    fn sub(self, earlier: Day) -> i32 {
        self.0.saturating_sub(earlier.0)
    }
}

impl fmt::Display for Day {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.date())
    }
}

/// `2026-03-31T17:30`; `never` when it does not happen.
impl fmt::Display for Minute {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.happens() {
            return f.write_str("never");
        }
        let minutes = self.minute_of_day();
        write!(f, "{}T{:02}:{:02}", self.day().date(), minutes / 60, minutes % 60)
    }
}

impl From<DateTime> for Minute {
    fn from(at: DateTime) -> Minute {
        Day::from_date(at.date()).start() + Span(i64::from(at.hour()) * 60 + i64::from(at.minute()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_and_dates_are_the_same_thing() {
        for (text, day) in [("1970-01-01", 0), ("1969-12-31", -1), ("2026-03-31", 20543)] {
            let date: Date = text.parse().unwrap();
            assert_eq!(Day::from_date(date), Day(day), "{text}");
            assert_eq!(Day(day).to_string(), text);
        }
        assert_eq!(Day(0).weekday(), 3, "1970-01-01 was a Thursday");
    }

    #[test]
    fn a_month_ends_where_the_next_begins() {
        let day = Day::from_date(date(2024, 2, 29));
        assert_eq!(day.next_month().to_string(), "2024-03-01");
        assert_eq!(day.month_start().to_string(), "2024-02-01");
        assert_eq!(Day::from_date(date(2026, 1, 31)).add_months(1).to_string(), "2026-02-28");
    }
}
