//! Periods between payment dates, with stubs, month ends and business days.

use crate::money::{BusinessDays, Roll};
use crate::time::Day;

/// Where the regular dates are counted from; the odd period falls at the other end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CountFrom {
    /// Forward from the start: a stub comes last.
    Start,
    /// Back from the end: a stub comes first.
    End,
}

/// Length of a regular period.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tenor {
    /// Civil months.
    Months(u32),
    /// Days.
    Days(u32),
}

/// Terms of a run of payment dates (finance-mechanics 34).
#[derive(Clone, Copy, Debug)]
pub struct PeriodTerms {
    /// First day of the first period.
    pub start: Day,
    /// Last payment date, before any roll.
    pub end: Day,
    /// First payment date where the terms state it, and so the length of the first period.
    pub first: Option<Day>,
    /// Regular length.
    pub tenor: Tenor,
    /// Which end is regular.
    pub from: CountFrom,
    /// Whether an anchor on or after the last business day of its month means every month's last.
    pub month_end: bool,
    /// What happens on days without business.
    pub roll: Roll,
    /// Days with business.
    pub calendar: BusinessDays,
}

/// Dates a whole number of periods from an anchor.
#[derive(Clone, Copy, Debug)]
pub(super) struct Steps {
    pub(super) anchor: Day,
    pub(super) tenor: Tenor,
    /// Every date is the last of its month.
    pub(super) month_end: bool,
}

impl Steps {
    pub(super) fn nth(self, nth: i32) -> Day {
        match self.tenor {
            Tenor::Months(months) => {
                let day = self.anchor.add_months(nth.saturating_mul(months.max(1) as i32));
                if self.month_end { last_of_month(day) } else { day }
            }
            Tenor::Days(days) => self.anchor + nth.saturating_mul(days.max(1) as i32),
        }
    }
}

pub(super) fn last_of_month(day: Day) -> Day {
    Day(day.next_month().0 - 1)
}

/// Start, payment dates and end of a loan or a note, rolled, each once: `n + 1` dates bound `n`
/// periods. The start is rolled like any other; the end too.
///
/// The first date is stated, or a whole number of periods from the regular end; what does not fit
/// is a stub at the other end (as QuantLib makes schedules).
pub fn period_dates(terms: &PeriodTerms) -> Vec<Day> {
    let regular_from = terms.first.unwrap_or(terms.start);
    let anchor = match terms.from {
        CountFrom::Start => regular_from,
        CountFrom::End => terms.end,
    };
    let steps = Steps { anchor, tenor: terms.tenor, month_end: terms.ends_months(anchor) };
    let mut inner = Vec::new();
    match terms.from {
        CountFrom::Start => {
            let dates = (1..).map(|nth| steps.nth(nth)).take_while(|&day| day < terms.end);
            inner.extend(dates);
        }
        CountFrom::End => {
            let dates = (1..).map(|nth| steps.nth(-nth)).take_while(|&day| day > regular_from);
            inner.extend(dates);
            inner.reverse();
        }
    }
    let first = terms.first.filter(|&first| first < terms.end);
    let ends = [terms.start].into_iter().chain(first).chain(inner).chain([terms.end]);
    let mut dates: Vec<Day> = ends.map(|day| terms.calendar.adjust(day, terms.roll)).collect();
    dates.dedup();
    dates
}

impl PeriodTerms {
    fn ends_months(&self, anchor: Day) -> bool {
        let last_open = self.calendar.adjust(last_of_month(anchor), Roll::Preceding);
        self.month_end && anchor >= last_open
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn day(text: &str) -> Day {
        Day::from_date(text.parse().unwrap())
    }

    fn notes() -> PeriodTerms {
        PeriodTerms {
            start: day("2025-07-25"),
            end: day("2027-02-01"),
            first: None,
            tenor: Tenor::Months(6),
            from: CountFrom::End,
            month_end: false,
            roll: Roll::Unadjusted,
            calendar: BusinessDays::SOFR,
        }
    }

    #[test]
    fn a_stated_first_coupon_makes_one_long_period_of_a_stub_and_a_whole() {
        let dates = |terms| {
            let dates = period_dates(&terms);
            dates.iter().map(Day::to_string).collect::<Vec<_>>().join(" ")
        };
        let stub = "2025-07-25 2025-08-01 2026-02-01 2026-08-01 2027-02-01";
        assert_eq!(dates(notes()), stub);
        let stated = PeriodTerms { first: Some(day("2026-02-01")), ..notes() };
        assert_eq!(dates(stated), "2025-07-25 2026-02-01 2026-08-01 2027-02-01");
    }

    proptest! {
        #[test]
        fn dates_ascend_from_the_start_to_the_end(
            start in 0..20_000_i32, length in 10..4_000_i32, months in 1..13_u32,
            back in any::<bool>(), month_end in any::<bool>(), rolled in any::<bool>(),
        ) {
            let terms = PeriodTerms {
                start: Day(start),
                end: Day(start + length),
                first: None,
                tenor: Tenor::Months(months),
                from: if back { CountFrom::End } else { CountFrom::Start },
                month_end,
                roll: if rolled { Roll::ModifiedFollowing } else { Roll::Unadjusted },
                calendar: BusinessDays::SOFR,
            };
            let dates = period_dates(&terms);
            prop_assert!(dates.windows(2).all(|pair| pair[0] < pair[1]));
            let ends = [terms.start, terms.end].map(|day| terms.calendar.adjust(day, terms.roll));
            prop_assert_eq!([dates[0], dates[dates.len() - 1]], ends);
            // A regular period is never longer than a month more than its tenor.
            let longest = 31 * (months as i32 + 1);
            prop_assert!(dates.windows(2).all(|pair| pair[1] - pair[0] <= longest));
        }
    }
}
