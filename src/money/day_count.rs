//! Days between dates and the share of a year they make.

use rust_decimal::Decimal;

use crate::time::Day;

/// How days are counted and turned into a share of a year (finance-mechanics 34).
///
/// The end of a period is not counted. Sources: 2006 ISDA Definitions, section 4.16; the end of
/// February rule of 30/360 in the United States is that of the Securities Industry Association's
/// Standard Securities Calculation Methods.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum DayCount {
    /// Actual days over 360: loans on SOFR.
    Act360,
    /// Actual days over 365, leap year or not.
    Act365Fixed,
    /// Actual days, each over the length of its own calendar year: 4.16(b).
    ActActIsda,
    /// Months of 30 days: a 31st is a 30th, at the end only if the start is a 30th too; 4.16(f).
    Thirty360Bond,
    /// The same, with the last day of February a 30th.
    Thirty360Usa,
    /// Months of 30 days: every 31st is a 30th; 4.16(g).
    ThirtyE360,
}

/// An exact share of a year.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct YearFraction {
    /// Above the line.
    pub numerator: i64,
    /// Below it, more than nothing.
    pub denominator: i64,
}

impl YearFraction {
    /// To 28 digits.
    pub fn decimal(self) -> Decimal {
        Decimal::from(self.numerator) / Decimal::from(self.denominator)
    }
}

impl DayCount {
    /// Every rule that needs nothing but two dates.
    pub const ALL: [DayCount; 6] = [
        DayCount::Act360,
        DayCount::Act365Fixed,
        DayCount::ActActIsda,
        DayCount::Thirty360Bond,
        DayCount::Thirty360Usa,
        DayCount::ThirtyE360,
    ];

    /// Usual name.
    pub fn name(self) -> &'static str {
        match self {
            DayCount::Act360 => "ACT/360",
            DayCount::Act365Fixed => "ACT/365F",
            DayCount::ActActIsda => "ACT/ACT ISDA",
            DayCount::Thirty360Bond => "30/360",
            DayCount::Thirty360Usa => "30/360 US",
            DayCount::ThirtyE360 => "30E/360",
        }
    }

    /// Share-of-a-year units in one year: 1 / units is the smallest step this rule can make.
    pub fn units_per_year(self) -> u32 {
        match self {
            DayCount::Act365Fixed => 365,
            DayCount::ActActIsda => 365 * 366,
            _ => 360,
        }
    }

    /// Days from `start` until before `end`, as this rule counts them; negative if `end` is
    /// earlier.
    pub fn days(self, start: Day, end: Day) -> i64 {
        match self {
            DayCount::Act360 | DayCount::Act365Fixed | DayCount::ActActIsda => {
                i64::from(end - start)
            }
            _ => self.thirty_days(start, end),
        }
    }

    /// The share of a year from `start` until before `end`.
    pub fn fraction(self, start: Day, end: Day) -> YearFraction {
        let denominator = i64::from(self.units_per_year());
        let numerator = match self {
            DayCount::ActActIsda => isda_units(start, end),
            _ => self.days(start, end),
        };
        YearFraction { numerator, denominator }
    }

    /// ACT/ACT of the International Capital Market Association (rule 251): the days over the days
    /// of the regular coupon period they lie in times the periods of a year.
    pub fn icma_fraction(start: Day, end: Day, period: [Day; 2], periods: u32) -> YearFraction {
        let denominator = i64::from(period[1] - period[0]) * i64::from(periods);
        assert!(denominator > 0, "a coupon period from {} to {}", period[0], period[1]);
        YearFraction { numerator: i64::from(end - start), denominator }
    }

    fn thirty_days(self, start: Day, end: Day) -> i64 {
        let ([from, mut first], [to, mut last]) = ([start, end].map(month_and_day)).into();
        match self {
            DayCount::ThirtyE360 => (first, last) = (first.min(30), last.min(30)),
            _ => {
                if self == DayCount::Thirty360Usa && is_february_end(start) {
                    first = 30;
                    if is_february_end(end) {
                        last = 30;
                    }
                }
                first = first.min(30);
                if first == 30 {
                    last = last.min(30);
                }
            }
        }
        30 * (to - from) + last - first
    }
}

/// Months since the year 0, and the day of the month.
fn month_and_day(day: Day) -> [i64; 2] {
    let (year, month, day) = day.civil();
    [12 * i64::from(year) + i64::from(month), i64::from(day)]
}

fn is_february_end(day: Day) -> bool {
    let ((_, month, _), (_, _, next)) = (day.civil(), (day + 1).civil());
    month == 2 && next == 1
}

/// Days of common years times 366 plus days of leap years times 365: over 365 x 366.
fn isda_units(start: Day, end: Day) -> i64 {
    if end < start {
        return -isda_units(end, start);
    }
    let (mut units, mut from) = (0, start);
    while from < end {
        let date = from.date();
        let next_year = Day::from_date(date.last_of_year()) + 1;
        let until = end.min(next_year);
        units += i64::from(until - from) * if date.in_leap_year() { 365 } else { 366 };
        from = until;
    }
    units
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> Day {
        Day::from_date(text.parse().unwrap())
    }

    #[test]
    fn the_thirty_day_rules_part_ways_at_the_end_of_february_and_on_a_31st() {
        let days = |start, end| {
            [DayCount::Thirty360Bond, DayCount::Thirty360Usa, DayCount::ThirtyE360]
                .map(|rule| rule.days(day(start), day(end)))
        };
        assert_eq!(days("2025-02-28", "2025-03-31"), [33, 30, 32]);
        assert_eq!(days("2024-02-29", "2025-02-28"), [359, 360, 359]);
        assert_eq!(days("2025-08-30", "2025-12-31"), [120, 120, 120]);
        assert_eq!(days("2025-08-29", "2025-12-31"), [122, 122, 121]);
    }

    #[test]
    fn a_year_is_a_year_by_its_own_length() {
        let years = DayCount::ActActIsda.fraction(day("2023-01-01"), day("2026-01-01"));
        assert_eq!(years.decimal(), Decimal::from(3));
        let back = DayCount::ActActIsda.fraction(day("2026-01-01"), day("2023-01-01"));
        assert_eq!(back.numerator, -years.numerator);
    }

    #[test]
    fn a_whole_coupon_period_is_its_part_of_the_year_whatever_its_days() {
        let period = [day("2025-08-01"), day("2026-02-01")];
        let whole = DayCount::icma_fraction(period[0], period[1], period, 2);
        assert_eq!(whole.decimal(), Decimal::new(5, 1));
    }
}
