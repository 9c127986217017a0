//! Discount and fees of a loan, spread by the effective interest method.

use rust_decimal::Decimal;

use super::Instalment;
use crate::money::{Money, Roots, irr};

/// A period of a carrying amount.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EffectiveRow {
    /// Cost of the debt at the effective rate on the carrying amount.
    pub interest: Money,
    /// Of it, what accretes: the rest is the cash interest.
    pub amortisation: Money,
    /// Carrying amount after it.
    pub carrying: Money,
}

/// A loan at amortised cost.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EffectiveInterest {
    /// Rate a period at which all payments are worth what was received.
    pub rate: Decimal,
    /// By period.
    pub rows: Vec<EffectiveRow>,
}

/// Interest of a loan that brought `proceeds` (face less discount and fees) and is repaid by
/// `instalments` (finance-mechanics 17; ASC 835-30-35-2): the rate is the internal rate of return
/// of the lender, the carrying amount grows by it and falls by what is paid. The last period takes
/// what rounding leaves, so that amortisation sums to the discount and the carrying amount to
/// nothing (a repayment of the face in the last instalment included).
///
/// # Errors
///
/// The rates there are, if not exactly one.
pub fn effective_interest(
    proceeds: Money,
    instalments: &[Instalment],
) -> Result<EffectiveInterest, Roots> {
    let payments = instalments.iter().map(|row| row.service());
    let flows: Vec<Money> = [-proceeds].into_iter().chain(payments).collect();
    let roots = irr(&flows);
    let rate = roots.only().ok_or(roots)?;
    let face: Money = instalments.iter().map(|row| row.principal).sum();
    let (mut carrying, mut left) = (proceeds, face - proceeds);
    let last = instalments.len() - 1;
    let row = |(at, cash): (usize, &Instalment)| {
        let amortisation = if at == last { left } else { carrying.times(rate) - cash.interest };
        left -= amortisation;
        carrying += amortisation - cash.principal;
        EffectiveRow { interest: cash.interest + amortisation, amortisation, carrying }
    };
    let rows = instalments.iter().enumerate().map(row).collect();
    Ok(EffectiveInterest { rate, rows })
}

/// As [`effective_interest`], for periods of any length: each bears the yearly rate times its own
/// part of a year by the loan's day count, so that a short first period takes a short share of
/// discount and fees. What each period takes of them; they sum to the face less the proceeds.
///
/// The rate is found by halving: 40 halvings of 10,000 % leave less than a billionth of a percent.
///
/// Cost: 40 visits of each period.
pub fn effective_amortisation(
    proceeds: Money,
    instalments: &[Instalment],
    years: &[Decimal],
) -> Vec<Money> {
    let worth = |rate: Decimal| {
        let later =
            instalments.iter().zip(years).rev().fold(Decimal::ZERO, |later, (row, year)| {
                (later + row.service().decimal()) / (Decimal::ONE + rate * year)
            });
        later.round_dp(12)
    };
    let (mut low, mut high) = (Decimal::ZERO, Decimal::ONE_HUNDRED);
    for _ in 0..40 {
        let middle = (low + high) / Decimal::TWO;
        if worth(middle) > proceeds.decimal() {
            low = middle;
        } else {
            high = middle;
        }
    }
    let face: Money = instalments.iter().map(|row| row.principal).sum();
    let (mut carrying, mut left) = (proceeds, face - proceeds);
    let last = instalments.len().saturating_sub(1);
    let row = |(at, (cash, year)): (usize, (&Instalment, &Decimal))| {
        let earned = carrying.times(high * year) - cash.interest;
        let part = if at == last { left } else { earned.clamp(Money::ZERO, left) };
        left -= part;
        carrying += part - cash.principal;
        part
    };
    instalments.iter().zip(years).enumerate().map(row).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::loan::instalments;
    use crate::model::terms::Amortisation;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_discount_is_amortised_to_par_and_sums_to_itself(
            percent in 60_i64..100, periods in 1_u32..40, rate in 1_i64..60, kind in 0..3,
        ) {
            let kind = [
                Amortisation::EqualPrincipal, Amortisation::LevelPayment, Amortisation::Bullet,
            ][kind as usize];
            let face = Money::whole(1_000_000);
            let proceeds = face.scaled(percent.into(), 100);
            let rows = instalments(kind, face, Decimal::new(rate, 3), 0, periods);
            let cost = effective_interest(proceeds, &rows).unwrap();
            prop_assert_eq!(cost.rows[cost.rows.len() - 1].carrying, Money::ZERO);
            let spread: Money = cost.rows.iter().map(|row| row.amortisation).sum();
            prop_assert_eq!(spread, face - proceeds);
            // The last period takes rounding, not a balance.
            let last = cost.rows.len() - 1;
            let opening = cost.rows[last].carrying + rows[last].principal
                - cost.rows[last].amortisation;
            let by_rate = opening.times(cost.rate);
            let ours = cost.rows[last].interest;
            prop_assert!((by_rate - ours).0.abs() <= 4 * i64::from(periods), "{by_rate} {ours}");
        }
    }

    /// With equal periods the yearly rate is the period's, so often.
    #[test]
    fn equal_periods_take_what_the_rate_of_a_period_says() {
        let rate = Decimal::new(2, 2);
        let rows = instalments(Amortisation::LevelPayment, Money::whole(1_000_000), rate, 0, 12);
        let proceeds = Money::whole(970_000);
        let expected = effective_interest(proceeds, &rows).unwrap().rows;
        let years = vec![Decimal::new(25, 2); 12];
        let parts = effective_amortisation(proceeds, &rows, &years);
        assert_eq!(parts.iter().copied().sum::<Money>(), Money::whole(30_000));
        for (part, row) in parts.iter().zip(&expected) {
            assert!((*part - row.amortisation).0.abs() < 5_000, "{part} {row:?}");
        }
    }

    #[test]
    fn a_short_first_period_takes_a_short_share() {
        let rate = Decimal::new(9, 2);
        let years = [Decimal::new(2, 1), Decimal::ONE, Decimal::ONE];
        let mut rows = instalments(Amortisation::Bullet, Money::whole(1_000), rate, 2, 1);
        rows[0].interest = rows[0].interest.times(years[0]);
        let parts = effective_amortisation(Money::whole(979), &rows, &years);
        assert!(parts[0] > Money::ZERO && parts[0].times(Decimal::new(45, 1)) < parts[1]);
        assert_eq!(parts.iter().copied().sum::<Money>(), Money::whole(21));
    }
}
