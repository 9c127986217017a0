//! Straight-line depreciation under its conventions, and what a new estimate of the life does.

use crate::money::Money;
use crate::time::Day;

/// Which days or months of its life an asset is charged for (finance-mechanics 11; ASC
/// 360-10-35-4).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Convention {
    /// By the day, the day in service included.
    Daily,
    /// Half a month in the month of service, the other half at the end of the life.
    HalfMonth,
    /// Whole months, beginning with the month after.
    FullMonthNext,
}

/// Depreciable cost spread over a life.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StraightLine {
    /// Cost less salvage value.
    pub base: Money,
    /// Day in service.
    pub in_service: Day,
    /// Life in months, at least one.
    pub months: u32,
    /// How the first month is charged.
    pub convention: Convention,
}

impl StraightLine {
    /// First day after the life.
    pub fn until(&self) -> Day {
        self.in_service.add_months(self.months.max(1) as i32).max(self.in_service + 1)
    }

    /// Charged up to the start of `day`, the first of a month for the conventions that go by the
    /// month. The charge of a month is the difference of two of these, so all charges sum to the
    /// base whatever the rounding.
    pub fn charged_by(&self, day: Day) -> Money {
        let life = i64::from(self.months.max(1));
        let passed = months_between(self.in_service, day);
        match self.convention {
            Convention::Daily => {
                let all = i64::from(self.until() - self.in_service);
                let days = i64::from(day - self.in_service).clamp(0, all);
                self.base.scaled(days.into(), all.into())
            }
            Convention::HalfMonth => {
                let halves = (2 * passed - 1).clamp(0, 2 * life);
                self.base.scaled(halves.into(), (2 * life).into())
            }
            Convention::FullMonthNext => {
                self.base.scaled((passed - 1).clamp(0, life).into(), life.into())
            }
        }
    }

    /// Charge of the month that begins on `day`.
    pub fn charge_of_month(&self, day: Day) -> Money {
        self.charged_by(day.next_month()) - self.charged_by(day)
    }
}

/// Months from the month of one day to the month of another.
fn months_between(from: Day, to: Day) -> i64 {
    let month = |day: Day| 12 * i64::from(day.date().year()) + i64::from(day.date().month());
    month(to) - month(from)
}

/// A changed estimate of a useful life, from now on (finance-mechanics 12; ASC 250-10-45-17):
/// nothing is restated, what is left is spread over what remains of the new life.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LifeChange {
    /// Carrying amount when the estimate changes.
    pub carrying: Money,
    /// Monthly charge until then.
    pub before: Money,
    /// Monthly charge from then on; all that is left where the new life is already over.
    pub after: Money,
}

/// The change after `elapsed` months of an original life to a new total life, all in months.
pub fn change_life(cost: Money, salvage: Money, months: [u32; 2], elapsed: u32) -> LifeChange {
    let [original, new] = months;
    let base = (cost - salvage).left_after(elapsed, original);
    LifeChange {
        carrying: base + salvage,
        before: (cost - salvage).scaled(1, original.max(1).into()),
        after: base.scaled(1, new.saturating_sub(elapsed).max(1).into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::money::Meter;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn every_convention_charges_the_whole_cost_and_no_more(
            base in 0_i64..1_000_000_000_000, from in 0..30_000_i32, months in 1_u32..130,
        ) {
            use Convention::{Daily, FullMonthNext, HalfMonth};
            for convention in [Daily, HalfMonth, FullMonthNext] {
                let line = StraightLine {
                    base: Money(base), in_service: Day(from), months, convention,
                };
                let mut month = Day(from).month_start();
                let mut charged = Money::ZERO;
                for _ in 0..=months + 1 {
                    let charge = line.charge_of_month(month);
                    prop_assert!(charge >= Money::ZERO);
                    charged += charge;
                    month = month.next_month();
                }
                prop_assert_eq!(charged, Money(base));
            }
        }

        /// The twin: the meter that the books read.
        #[test]
        fn the_daily_convention_is_what_a_meter_accrues(
            base in 0_i64..1_000_000_000_000, from in 0..30_000_i32, months in 1_u32..130,
        ) {
            let in_service = Day(from);
            let line = StraightLine {
                base: Money(base), in_service, months, convention: Convention::Daily,
            };
            let mut meter = Meter::new(in_service);
            meter.change(in_service, Meter::rate(line.base, i64::from(line.until() - in_service)));
            let mut close = in_service.next_month();
            let mut read = Money::ZERO;
            while close < line.until() {
                read += meter.take(close);
                prop_assert!((read - line.charged_by(close)).0.abs() <= 1);
                close = close.next_month();
            }
        }
    }

    #[test]
    fn a_shorter_life_than_has_passed_charges_what_is_left_at_once() {
        let change = change_life(Money(120), Money::ZERO, [12, 6], 9);
        assert_eq!(change, LifeChange { carrying: Money(30), before: Money(10), after: Money(30) });
    }
}
