//! Interest on an overnight rate, in arrears.

use std::collections::BTreeMap;
use std::fmt;

use rust_decimal::Decimal;

use crate::money::{BusinessDays, Money};
use crate::time::Day;
use crate::unit::div_half_even;

/// How the daily rates of a period become one rate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Averaging {
    /// Interest earns interest from business day to business day.
    Compounded,
    /// The mean, each rate weighted by the days it stands for.
    Simple,
}

/// Terms of a rate that is known only at the end of its period.
#[derive(Clone, Copy, Debug)]
pub struct OvernightTerms {
    /// Compounded or simple.
    pub averaging: Averaging,
    /// Each day takes the rate of so many business days before; its weight stays its own (lookback
    /// without observation shift).
    pub lookback: u32,
    /// Least daily rate.
    pub floor: Option<Decimal>,
    /// Added to the period's rate, after compounding.
    pub margin: Decimal,
    /// Days with a rate.
    pub calendar: BusinessDays,
}

/// No rate is known for a day that needs one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NoFixing(pub Day);

impl fmt::Display for NoFixing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "no overnight rate is known for {}", self.0)
    }
}

/// The annual ACT/360 rate of the period from `start` until before `end`, margin included
/// (finance-mechanics 15; Alternative Reference Rates Committee, *SOFR "in arrears" conventions*).
///
/// A Friday's rate stands for three days; the floor applies to each daily rate. Compounded, it is
/// (the product of `1 + rate x days / 360`, less 1) x 360 / all days.
///
/// # Errors
///
/// The first business day whose rate is missing.
pub fn overnight_rate(
    fixings: &BTreeMap<Day, Decimal>,
    terms: &OvernightTerms,
    start: Day,
    end: Day,
) -> Result<Decimal, NoFixing> {
    assert!(start < end, "a period from {start} to {end}");
    let year = Decimal::from(360);
    let (mut growth, mut sum) = (Decimal::ONE, Decimal::ZERO);
    for stretch in stretches(terms, start, end) {
        let fixing = *fixings.get(&stretch.observed).ok_or(NoFixing(stretch.observed))?;
        let part = terms.floored(fixing) * Decimal::from(stretch.until - stretch.from) / year;
        growth += growth * part;
        sum += part;
    }
    let earned = match terms.averaging {
        Averaging::Compounded => growth - Decimal::ONE,
        Averaging::Simple => sum,
    };
    Ok(earned * year / Decimal::from(end - start) + terms.margin)
}

/// Days for which one fixing counts.
struct Stretch {
    from: Day,
    until: Day,
    /// The day of the fixing.
    observed: Day,
}

/// A period from business day to business day.
///
/// Cost: one look at the calendar for all of it.
fn stretches(terms: &OvernightTerms, start: Day, end: Day) -> Vec<Stretch> {
    // Two weeks more than the lookback needs: no run of closed days is as long.
    let first = start + -(2 * terms.lookback as i32 + 14);
    let off = terms.calendar.weekdays_off(first, end);
    let open = (first.0..end.0).map(Day).filter(|day| day.weekday() < 5);
    let open: Vec<Day> = open.filter(|day| off.binary_search(day).is_err()).collect();
    let mut stretches = Vec::new();
    let (mut from, mut next) = (start, open.partition_point(|&day| day <= start));
    while from < end {
        let until = open.get(next).copied().unwrap_or(end);
        let observed = open[next - 1 - terms.lookback as usize];
        stretches.push(Stretch { from, until, observed });
        (from, next) = (until, next + 1);
    }
    stretches
}

impl OvernightTerms {
    fn floored(&self, fixing: Decimal) -> Decimal {
        self.floor.map_or(fixing, |floor| fixing.max(floor))
    }
}

/// Fixed point of an [`OvernightIndex`].
const INDEX_ONE: i128 = 1_000_000_000_000_000;
/// Units of an index for one millionth at its start.
const UNITS: i128 = 1_000;

/// What one unit grows to when an overnight rate is compounded from business day to business day,
/// for each day of a loan's life (finance-mechanics 15; ARRC conventions, daily compounding).
///
/// Interest between two days is the ratio of their values less one, so that a draw in the middle
/// of a period compounds from its own day at no cost.
///
/// Cost: one entry a day, made once for a loan.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OvernightIndex {
    start: Day,
    values: Vec<i128>,
}

impl OvernightIndex {
    /// The index of a rate from `start` to `end`; margin and averaging of the terms play no part.
    pub fn new(
        rate_on: impl Fn(Day) -> Decimal,
        terms: &OvernightTerms,
        start: Day,
        end: Day,
    ) -> OvernightIndex {
        let mut values = vec![INDEX_ONE];
        for stretch in stretches(terms, start, end) {
            let rate = super::fraction(terms.floored(rate_on(stretch.observed)));
            let opening = values[values.len() - 1];
            for days in 1..=stretch.until - stretch.from {
                let growth = opening * rate.0 * i128::from(days);
                values.push(opening + div_half_even(growth, rate.1 * 360));
            }
        }
        OvernightIndex { start, values }
    }

    /// Of a day; that of the last one after the end.
    fn on(&self, day: Day) -> i128 {
        let at = (day - self.start).max(0) as usize;
        self.values[at.min(self.values.len() - 1)]
    }

    /// So much money on a day, in units that grow with the index.
    pub(super) fn units(&self, money: Money, day: Day) -> i128 {
        div_half_even(i128::from(money.0) * UNITS * INDEX_ONE, self.on(day))
    }

    /// What units are worth on a day.
    pub(super) fn worth(&self, units: i128, day: Day) -> Money {
        let micros = div_half_even(units * self.on(day), UNITS * INDEX_ONE);
        Money(i64::try_from(micros).expect("money within 9 million million"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_friday_counts_for_the_weekend_and_the_floor_for_each_day() {
        let friday = Day::from_date("2025-08-15".parse().unwrap());
        let fixings =
            BTreeMap::from([(friday, Decimal::new(4, 2)), (friday + 3, Decimal::new(-1, 2))]);
        let terms = OvernightTerms {
            averaging: Averaging::Simple,
            lookback: 0,
            floor: None,
            margin: Decimal::new(2, 2),
            calendar: BusinessDays::SOFR,
        };
        let rate = |terms: &OvernightTerms, until| {
            overnight_rate(&fixings, terms, friday, friday + until).map(|rate| rate.round_dp(20))
        };
        assert_eq!(rate(&terms, 4), Ok(Decimal::new(475, 4)), "(3 x 4 - 1) / 4 + 2");
        let floored = OvernightTerms { floor: Some(Decimal::ZERO), ..terms };
        assert_eq!(rate(&floored, 4), Ok(Decimal::new(5, 2)));
        assert_eq!(rate(&terms, 5), Err(NoFixing(friday + 4)));
    }

    /// The index against the rate of the whole period, which multiplies in decimals.
    #[test]
    fn an_index_grows_as_the_compounded_rate_says() {
        let start = Day::from_date("2025-08-15".parse().unwrap());
        let rate_on = |day: Day| Decimal::new(433 - i64::from(day - start) / 30, 4);
        let terms = OvernightTerms {
            averaging: Averaging::Compounded,
            lookback: 5,
            floor: None,
            margin: Decimal::ZERO,
            calendar: BusinessDays::SOFR,
        };
        let fixings: BTreeMap<Day, Decimal> =
            (-20..400).map(|day| (start + day, rate_on(start + day))).collect();
        let index = OvernightIndex::new(rate_on, &terms, start, start + 390);
        let money = Money::whole(2_600_000_000);
        let units = index.units(money, start);
        for days in [3, 31, 92, 390] {
            let rate = overnight_rate(&fixings, &terms, start, start + days).unwrap();
            let interest = money.times(rate * Decimal::from(days) / Decimal::from(360));
            let grown = index.worth(units, start + days) - money;
            assert!((grown - interest).0.abs() <= 2_000, "{days}: {grown} against {interest}");
        }
    }
}
