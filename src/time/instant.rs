//! Points and distances in time, as integers that cannot be mixed up.

use std::fmt;
use std::ops::{Add, AddAssign, Neg, Sub};

use jiff::civil::{Date, DateTime};

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
    #[inline]
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
    #[inline]
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
    #[inline]
    pub fn start(self) -> Minute {
        Minute(i64::from(self.0) * MINUTES_PER_DAY)
    }

    /// From a civil date.
    pub fn from_date(date: Date) -> Day {
        Day::of(date.year().into(), date.month() as u32, date.day() as u32)
    }

    /// As a civil date; dates outside years -9999 to 9999 clamp to the nearest one.
    pub fn date(self) -> Date {
        let (year, month, day) = self.civil();
        let date =
            i16::try_from(year).ok().and_then(|year| Date::new(year, month as i8, day as i8).ok());
        date.unwrap_or(if self.0 < 0 { Date::MIN } else { Date::MAX })
    }

    /// Year, month (1 to 12) and day of the month of the Gregorian calendar, extended both ways.
    ///
    /// Counted in years that begin in March, by multiplication in place of division (C. Neri and
    /// L. Schneider, Euclidean affine functions and their application to calendar algorithms,
    /// 2022, section 6).
    ///
    /// Cost: some 25 integer operations; books ask for it at every date.
    #[inline]
    pub fn civil(self) -> (i32, u32, u32) {
        let days = (i64::from(self.0) + DAYS_BEFORE_EPOCH) as u64;
        let of_century = 4 * days + 3;
        let (century, of_century) = (of_century / 146_097, (of_century % 146_097) as u32 / 4);
        let scaled = 2_939_745 * u64::from(4 * of_century + 3);
        let (of_years, year_days) = ((scaled >> 32) as u32, (scaled as u32) / 2_939_745 / 4);
        let of_months = 2_141 * year_days + 197_913;
        let (month, day) = (of_months >> 16, (of_months & 0xffff) / 2_141);
        let next = u32::from(year_days >= 306);
        let year = 100 * century as i64 + i64::from(of_years + next) - YEARS_BEFORE_EPOCH;
        (year as i32, month - 12 * next, day + 1)
    }

    /// The day of a Gregorian date: the way back from [`Day::civil`].
    #[inline]
    fn of(year: i32, month: u32, day: u32) -> Day {
        let early = u32::from(month <= 2);
        let year = (i64::from(year) + YEARS_BEFORE_EPOCH - i64::from(early)) as u64;
        let month = u64::from(month + 12 * early);
        let century = year / 100;
        let years = 1_461 * year / 4 - century + century / 4;
        let days = years + (979 * month - 2_919) / 32 + u64::from(day) - 1;
        let days = days as i64 - DAYS_BEFORE_EPOCH;
        Day(i32::try_from(days).unwrap_or(if days < 0 { i32::MIN } else { i32::MAX }))
    }

    /// Months since the year 0: what tells two months apart and how far.
    #[inline]
    pub fn month_number(self) -> i32 {
        let (year, month, _) = self.civil();
        12 * year + month as i32 - 1
    }

    /// 0 = Monday … 6 = Sunday.
    #[inline]
    pub fn weekday(self) -> usize {
        (i64::from(self.0) + 3).rem_euclid(7) as usize
    }

    /// First day of this day's month.
    #[inline]
    pub fn month_start(self) -> Day {
        self + (1 - self.civil().2 as i32)
    }

    /// First day of the month after this day's.
    #[inline]
    pub fn next_month(self) -> Day {
        let (year, month, day) = self.civil();
        self + (month_length(year, month) - day + 1) as i32
    }

    /// Days in this day's month.
    #[inline]
    pub fn month_days(self) -> u32 {
        let (year, month, _) = self.civil();
        month_length(year, month)
    }

    /// Same day `months` later; a day that month lacks becomes its last (31 Jan + 1 month is
    /// 28 Feb).
    pub fn add_months(self, months: i32) -> Day {
        let (year, month, day) = self.civil();
        let Some(count) = (12 * year + month as i32 - 1).checked_add(months) else {
            return Day(if months < 0 { i32::MIN } else { i32::MAX });
        };
        let (year, month) = (count.div_euclid(12), count.rem_euclid(12) as u32 + 1);
        if !(-YEARS_BEFORE_EPOCH + 1..=YEARS_BEFORE_EPOCH).contains(&i64::from(year)) {
            return Day(if year < 0 { i32::MIN } else { i32::MAX });
        }
        let length = if day > 28 { month_length(year, month) } else { 28 };
        Day::of(year, month, day.min(length))
    }
}

fn month_length(year: i32, month: u32) -> u32 {
    match month {
        2 if year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) => 29,
        2 => 28,
        _ => 30 | (month ^ (month >> 3)),
    }
}

/// Years that are added so that no year is negative: a multiple of 400 beyond the first day.
const YEARS_BEFORE_EPOCH: i64 = 400 * 14_800;
/// Days from 1 March of the year that these begin with to 1970-01-01.
const DAYS_BEFORE_EPOCH: i64 = 719_468 + 146_097 * 14_800;

impl Add<Span> for Minute {
    type Output = Minute;
    #[inline]
    fn add(self, span: Span) -> Minute {
        Minute(self.0.saturating_add(span.0))
    }
}

impl Sub<Span> for Minute {
    type Output = Minute;
    #[inline]
    fn sub(self, span: Span) -> Minute {
        Minute(self.0.saturating_sub(span.0))
    }
}

impl Sub for Minute {
    type Output = Span;
    #[inline]
    fn sub(self, earlier: Minute) -> Span {
        Span(self.0.saturating_sub(earlier.0))
    }
}

impl Add for Span {
    type Output = Span;
    #[inline]
    fn add(self, other: Span) -> Span {
        Span(self.0.saturating_add(other.0))
    }
}

impl Sub for Span {
    type Output = Span;
    #[inline]
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
    #[inline]
    fn add(self, days: i32) -> Day {
        Day(self.0.saturating_add(days))
    }
}

impl Sub for Day {
    type Output = i32;
    #[inline]
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
    use jiff::civil::date;
    use proptest::prelude::*;

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

    proptest! {
        /// The twin: jiff.
        #[test]
        fn civil_dates_are_those_of_a_calendar_library(
            day in -3_600_000..2_860_000_i32, months in -2_000..2_000_i32,
        ) {
            let epoch = date(1970, 1, 1);
            let twin = epoch.checked_add(jiff::Span::new().days(day)).unwrap();
            prop_assert_eq!(Day(day).date(), twin);
            prop_assert_eq!(Day::from_date(twin), Day(day));
            prop_assert_eq!(Day(day).month_start().date(), twin.first_of_month());
            prop_assert_eq!(Day(day).next_month() + -1, Day::from_date(twin.last_of_month()));
            let later = twin.checked_add(jiff::Span::new().months(months)).unwrap();
            prop_assert_eq!(Day(day).add_months(months).date(), later);
        }
    }

    #[test]
    fn days_beyond_every_calendar_clamp() {
        assert_eq!(Day(i32::MAX).date(), Date::MAX);
        assert_eq!(Day(i32::MIN).date(), Date::MIN);
        assert_eq!(Day(i32::MAX).add_months(i32::MAX), Day(i32::MAX));
        assert_eq!(Day(0).add_months(i32::MIN / 24).date(), Date::MIN);
    }

    #[test]
    fn a_month_ends_where_the_next_begins() {
        let day = Day::from_date(date(2024, 2, 29));
        assert_eq!(day.next_month().to_string(), "2024-03-01");
        assert_eq!(day.month_start().to_string(), "2024-02-01");
        assert_eq!(Day::from_date(date(2026, 1, 31)).add_months(1).to_string(), "2026-02-28");
    }
}
