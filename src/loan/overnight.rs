//! Interest on an overnight rate, in arrears.

use std::collections::BTreeMap;
use std::fmt;

use rust_decimal::Decimal;

use crate::money::{BusinessDays, Roll};
use crate::time::Day;

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
    let (mut growth, mut sum, mut day) = (Decimal::ONE, Decimal::ZERO, start);
    while day < end {
        let next = terms.calendar.shift(day, 1).min(end);
        let open = terms.calendar.adjust(day, Roll::Preceding);
        let observed = terms.calendar.shift(open, -(terms.lookback as i32));
        let fixing = *fixings.get(&observed).ok_or(NoFixing(observed))?;
        let rate = terms.floor.map_or(fixing, |floor| fixing.max(floor));
        let part = rate * Decimal::from(next - day) / year;
        growth += growth * part;
        sum += part;
        day = next;
    }
    let earned = match terms.averaging {
        Averaging::Compounded => growth - Decimal::ONE,
        Averaging::Simple => sum,
    };
    Ok(earned * year / Decimal::from(end - start) + terms.margin)
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
}
