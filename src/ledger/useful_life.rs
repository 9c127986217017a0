//! Straight-line depreciation under its conventions, and what a new estimate of the life does.

pub use crate::model::terms::Convention;
use crate::model::terms::{AssetClass, Lives, NewLife};
use crate::money::Money;
use crate::time::Day;

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
    i64::from(to.month_number() - from.month_number())
}

/// What is left of the cost of an asset on a clock of its convention: days, or half months.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Lump {
    pub(super) in_service: Day,
    /// What is left when the estimate of its life was last changed, spread from `from` on; both
    /// are readings of the clock.
    pub(super) left: Money,
    pub(super) from: Day,
    pub(super) until: Day,
}

impl Convention {
    /// The reading of the clock at the start of a day. Half months tell the start of the month:
    /// nothing is charged for a part of a month at a horizon.
    pub(super) fn clock(self, day: Day) -> Day {
        match self {
            Convention::Daily => day,
            _ => Day(2 * day.month_number()),
        }
    }

    /// When an asset begins and ceases to be charged, on the clock.
    fn span(self, in_service: Day, months: u32) -> [Day; 2] {
        let months = months.max(1) as i32;
        let from = match self {
            Convention::Daily => {
                return [in_service, in_service.add_months(months).max(in_service + 1)];
            }
            Convention::HalfMonth => self.clock(in_service) + 1,
            Convention::FullMonthNext => self.clock(in_service) + 2,
        };
        [from, from + 2 * months]
    }
}

impl Lump {
    /// Cost of an asset that goes in service on a day.
    pub(super) fn new(lives: &Lives, class: AssetClass, in_service: Day, cost: Money) -> Lump {
        let class = class as usize;
        let before = lives.changes[class].iter().rev().find(|change| change.on <= in_service);
        let months = before.map_or(lives.months[class], |change| change.months);
        let [from, until] = lives.conventions[class].span(in_service, months);
        Lump { in_service, left: cost, from, until }
    }

    /// What is left at a reading of the clock.
    pub(super) fn left_at(&self, clock: Day) -> Money {
        let all = i64::from(self.until - self.from);
        let gone = i64::from(clock - self.from).clamp(0, all);
        self.left - self.left.scaled(gone.into(), all.into())
    }

    /// What is left goes over what remains of the new life, at least over a day or a month. Only
    /// assets in service before the change are asked.
    pub(super) fn change(&mut self, convention: Convention, to: NewLife) {
        let now = convention.clock(to.on);
        if self.in_service >= to.on || self.until <= now {
            return;
        }
        let least = if convention == Convention::Daily { 1 } else { 2 };
        self.left = self.left_at(now);
        self.from = self.from.max(now);
        let [_, until] = convention.span(self.in_service, to.months);
        self.until = until.max(self.from + least);
    }
}

/// Carrying amount at the start of `day` of an asset of a class, under its convention and the
/// estimates of its life made by then.
pub(super) fn carrying(
    lives: &Lives,
    class: AssetClass,
    (in_service, cost): (Day, Money),
    day: Day,
) -> Money {
    let convention = lives.conventions[class as usize];
    let mut lump = Lump::new(lives, class, in_service, cost);
    for &to in lives.changes[class as usize].iter().take_while(|change| change.on <= day) {
        lump.change(convention, to);
    }
    lump.left_at(convention.clock(day))
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
