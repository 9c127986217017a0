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
}
