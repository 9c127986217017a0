//! Business days, and where a date goes that is none.

use crate::time::{Day, HolidaySet};

/// What happens to a payment date that is not a business day (finance-mechanics 34; 2006 ISDA
/// Definitions, section 4.12).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Roll {
    /// It stays.
    Unadjusted,
    /// To the next business day.
    Following,
    /// To the next business day, or back if that lies in the next month.
    ModifiedFollowing,
    /// To the business day before.
    Preceding,
    /// To the business day before, or on if that lies in the month before.
    ModifiedPreceding,
}

/// Monday to Friday without a set of holidays.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BusinessDays {
    /// Days off.
    pub holidays: HolidaySet,
}

impl BusinessDays {
    /// Days on which the rate is published: the United States government securities market.
    pub const SOFR: BusinessDays = BusinessDays { holidays: HolidaySet::UsSofr };

    /// Whether business is done on a day.
    pub fn is_open(self, day: Day) -> bool {
        day.weekday() < 5 && self.holidays.days(day, day + 1).is_empty()
    }

    /// Days from Monday to Friday that are holidays, from `first` until before `last`.
    pub fn weekdays_off(self, first: Day, last: Day) -> Vec<Day> {
        let mut days = self.holidays.days(first, last);
        days.retain(|day| day.weekday() < 5);
        days
    }

    /// Where a date goes under a rule.
    pub fn adjust(self, day: Day, roll: Roll) -> Day {
        let (later, earlier) = (self.next_open(day, 1), self.next_open(day, -1));
        let same_month = |other: Day| other.month_start() == day.month_start();
        match roll {
            Roll::Unadjusted => day,
            Roll::Following => later,
            Roll::Preceding => earlier,
            Roll::ModifiedFollowing if same_month(later) => later,
            Roll::ModifiedFollowing => earlier,
            Roll::ModifiedPreceding if same_month(earlier) => earlier,
            Roll::ModifiedPreceding => later,
        }
    }

    /// The business day so many business days after `day`, before it if negative; nothing but a
    /// roll to the next one for 0.
    pub fn shift(self, day: Day, count: i32) -> Day {
        let step = if count < 0 { -1 } else { 1 };
        if count == 0 {
            return self.next_open(day, 1);
        }
        (0..count.abs()).fold(day, |day, _| self.next_open(day + step, step))
    }

    /// The day itself if open, else the nearest open one in the direction of `step`.
    fn next_open(self, day: Day, step: i32) -> Day {
        let mut day = day;
        while !self.is_open(day) {
            day = day + step;
        }
        day
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> Day {
        Day::from_date(text.parse().unwrap())
    }

    #[test]
    fn a_modified_roll_never_leaves_the_month() {
        for offset in 0..1_500 {
            let from = day("2025-01-01") + offset;
            for roll in [Roll::ModifiedFollowing, Roll::ModifiedPreceding] {
                let to = BusinessDays::SOFR.adjust(from, roll);
                assert!(BusinessDays::SOFR.is_open(to), "{from}");
                assert_eq!(to.month_start(), from.month_start(), "{from}");
            }
        }
    }

    #[test]
    fn two_business_days_before_a_long_weekend() {
        let back = BusinessDays::SOFR.shift(day("2025-09-02"), -2);
        assert_eq!(back.to_string(), "2025-08-28", "1 September is Labor Day");
        assert_eq!(BusinessDays::SOFR.shift(back, 2), day("2025-09-02"));
    }
}
