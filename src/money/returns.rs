//! Present values and rates of return.
//!
//! Every exponent is a whole number of the smallest step that a day count can make (a day of 365,
//! 1/133,590 of a year for ACT/ACT), and the unknown is the growth over one such step. So nothing
//! but products of decimals is needed: no exponential, no logarithm, the same bits everywhere.

use std::fmt;

use rust_decimal::Decimal;

use super::{DayCount, Money, power, root};
use crate::time::Day;

/// Money on a day: positive comes in.
pub type DatedFlow = (Day, Money);

/// The rates at which a series of flows is worth nothing.
///
/// Never guessed: a series may have no such rate, and one that changes sign several times may have
/// several (finance-mechanics 33).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Roots {
    /// Rates a year (or a period), ascending, each above -100 %.
    pub rates: Vec<Decimal>,
    /// Changes of sign of the flows in order: no more rates can exist (Descartes' rule).
    pub sign_changes: u32,
}

impl Roots {
    /// The rate, if there is exactly one.
    pub fn only(&self) -> Option<Decimal> {
        match self.rates[..] {
            [rate] => Some(rate),
            _ => None,
        }
    }
}

/// A rate that cannot be used: growth of nothing or less.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NoDiscount;

impl fmt::Display for NoDiscount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a rate of -100% or less discounts nothing")
    }
}

/// Value at the first flow of flows one period apart: the first is not discounted
/// (finance-mechanics 33). The `NPV` of a spreadsheet discounts it too: divide by `1 + rate`.
///
/// # Errors
///
/// A rate of -100 % or less.
pub fn npv(rate: Decimal, flows: &[Money]) -> Result<Decimal, NoDiscount> {
    let growth = growth_of(rate)?;
    // Horner's rule from the last flow on: each step discounts all that follows by one period.
    Ok(flows.iter().rev().fold(Decimal::ZERO, |later, flow| flow.decimal() + later / growth))
}

/// Value on the first date: each flow over `(1 + rate)` to the year fraction from that date on
/// (finance-mechanics 33; 365 fixed days is what spreadsheets use).
///
/// # Errors
///
/// A rate of -100 % or less.
pub fn xnpv(rate: Decimal, flows: &[DatedFlow], count: DayCount) -> Result<Decimal, NoDiscount> {
    let growth = growth_of(rate)?;
    let step = root(growth, count.units_per_year());
    let Some(&(first, _)) = flows.first() else { return Ok(Decimal::ZERO) };
    let value = |&(day, flow): &DatedFlow| {
        let units = count.fraction(first, day).numerator;
        let factor = power(step, units.unsigned_abs() as u32).unwrap_or(Decimal::MAX);
        if units < 0 { flow.decimal() * factor } else { flow.decimal() / factor }
    };
    Ok(flows.iter().map(value).sum())
}

/// Rates a period at which flows one period apart are worth nothing.
pub fn irr(flows: &[Money]) -> Roots {
    let series = flows.iter().enumerate().map(|(at, &flow)| (at as u32, flow)).collect();
    Series::new(series, 1).roots()
}

/// Rates a year at which dated flows are worth nothing, compounded over the year fractions from
/// the earliest date on.
pub fn xirr(flows: &[DatedFlow], count: DayCount) -> Roots {
    let first = flows.iter().map(|flow| flow.0).min().unwrap_or(Day(0));
    let units = |day| count.fraction(first, day).numerator.max(0) as u32;
    let series = flows.iter().map(|&(day, flow)| (units(day), flow)).collect();
    Series::new(series, count.units_per_year()).roots()
}

fn growth_of(rate: Decimal) -> Result<Decimal, NoDiscount> {
    Some(Decimal::ONE + rate).filter(|growth| *growth > Decimal::ZERO).ok_or(NoDiscount)
}

/// Flows at whole numbers of steps, ascending, one for each number, none of them nothing.
struct Series {
    flows: Vec<(u32, Decimal)>,
    steps_per_year: u32,
}

/// How far growth over a year is searched: from a millionth to a thousand million times.
const YEARLY: [Decimal; 2] =
    [Decimal::from_parts(1, 0, 0, false, 6), Decimal::from_parts(1_000_000_000, 0, 0, false, 0)];

/// Growth over a year between two looks where several roots may hide: 1 %.
const LOOK: Decimal = Decimal::from_parts(101, 0, 0, false, 2);

impl Series {
    fn new(mut dated: Vec<(u32, Money)>, steps_per_year: u32) -> Series {
        dated.sort_by_key(|flow| flow.0);
        let mut flows: Vec<(u32, Decimal)> = Vec::new();
        for (at, flow) in dated {
            match flows.last_mut().filter(|last| last.0 == at) {
                Some(last) => last.1 += flow.decimal(),
                None => flows.push((at, flow.decimal())),
            }
        }
        flows.retain(|flow| !flow.1.is_zero());
        Series { flows, steps_per_year }
    }

    fn sign_changes(&self) -> u32 {
        let turn =
            |pair: &&[(u32, Decimal)]| pair[0].1.is_sign_negative() != pair[1].1.is_sign_negative();
        self.flows.windows(2).filter(turn).count() as u32
    }

    /// The sign of the value at a growth over one step: of the value on the first date where money
    /// grows, on the last date where it shrinks, so that no factor is above one.
    fn sign(&self, growth: Decimal) -> i32 {
        let (Some(first), Some(last)) = (self.flows.first(), self.flows.last()) else { return 0 };
        let grows = growth >= Decimal::ONE;
        let base = if grows { Decimal::ONE / growth } else { growth };
        let (mut factor, mut at, mut sum) = (Decimal::ONE, 0, Decimal::ZERO);
        let mut add = |distance: u32, flow: Decimal| {
            let further = power(base, distance - at).expect("a factor of at most one");
            (factor, at) = (factor * further, distance);
            sum += flow * factor;
        };
        if grows {
            self.flows.iter().for_each(|flow| add(flow.0 - first.0, flow.1));
        } else {
            self.flows.iter().rev().for_each(|flow| add(last.0 - flow.0, flow.1));
        }
        if sum.is_zero() {
            0
        } else if sum.is_sign_negative() {
            -1
        } else {
            1
        }
    }

    fn roots(&self) -> Roots {
        let sign_changes = self.sign_changes();
        let mut rates = Vec::new();
        if sign_changes > 0 {
            let marks = if sign_changes == 1 { self.ends() } else { self.grid() };
            let signs: Vec<i32> = marks.iter().map(|&mark| self.sign(mark)).collect();
            for at in 0..marks.len() {
                if signs[at] == 0 {
                    rates.push(self.rate(marks[at]));
                } else if at > 0 && signs[at - 1] * signs[at] < 0 {
                    rates.push(self.rate(self.bisect(marks[at - 1], marks[at], signs[at])));
                }
            }
        }
        Roots { rates, sign_changes }
    }

    fn ends(&self) -> Vec<Decimal> {
        YEARLY.map(|growth| root(growth, self.steps_per_year)).to_vec()
    }

    fn grid(&self) -> Vec<Decimal> {
        let [low, high] = YEARLY.map(|growth| root(growth, self.steps_per_year));
        let step = root(LOOK, self.steps_per_year);
        let mut marks = vec![low];
        while marks[marks.len() - 1] < high {
            marks.push((marks[marks.len() - 1] * step).min(high));
        }
        marks
    }

    /// The growth between two where the sign turns, to the last decimal; `above` is the sign at
    /// `high`.
    fn bisect(&self, mut low: Decimal, mut high: Decimal, above: i32) -> Decimal {
        loop {
            let middle = (low + high) / Decimal::TWO;
            if middle <= low || middle >= high {
                return middle;
            }
            match self.sign(middle) {
                0 => return middle,
                sign if sign == above => high = middle,
                _ => low = middle,
            }
        }
    }

    fn rate(&self, growth: Decimal) -> Decimal {
        let year = power(growth, self.steps_per_year).expect("growth inside the searched range");
        year - Decimal::ONE
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn flows(units: &[i64]) -> Vec<Money> {
        units.iter().map(|&unit| Money::whole(unit)).collect()
    }

    #[test]
    fn two_sign_changes_show_both_rates() {
        let roots = irr(&flows(&[-100, 230, -132]));
        assert_eq!(roots.sign_changes, 2);
        let rates: Vec<String> =
            roots.rates.iter().map(|rate| rate.round_dp(12).normalize().to_string()).collect();
        assert_eq!(rates, ["0.1", "0.2"]);
        assert_eq!(roots.only(), None);
    }

    #[test]
    fn money_that_only_comes_in_has_no_rate() {
        assert_eq!(irr(&flows(&[1, 2, 3])).rates, []);
        assert_eq!(irr(&flows(&[0, 0])).rates, []);
        assert_eq!(irr(&[]).sign_changes, 0);
        assert_eq!(npv(Decimal::NEGATIVE_ONE, &[]), Err(NoDiscount));
    }

    proptest! {
        /// What is lent and paid back with a rate of return has that rate.
        #[test]
        fn a_bond_bought_at_its_value_returns_its_rate(
            basis_points in -5_000_i64..30_000,
            paid in proptest::collection::vec((1_i32..2_000, 1_i64..1_000_000_000_000), 1..8),
        ) {
            let rate = Decimal::new(basis_points, 4);
            let later: Vec<DatedFlow> =
                paid.iter().map(|&(day, micros)| (Day(day), Money(micros))).collect();
            let mut all = vec![(Day(0), Money::ZERO)];
            all.extend(later);
            for count in [DayCount::Act365Fixed, DayCount::ActActIsda] {
                let value = xnpv(rate, &all, count).unwrap();
                prop_assume!(value > Decimal::ONE_HUNDRED && value < Decimal::from(1_000_000_000));
                all[0].1 = -Money::from_decimal(value).unwrap();
                let found = xirr(&all, count).only().unwrap();
                prop_assert!((found - rate).abs() < Decimal::new(1, 5), "{found} is not {rate}");
                all[0].1 = Money::ZERO;
            }
        }
    }
}
