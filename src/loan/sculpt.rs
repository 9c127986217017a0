//! Debt that follows the cash: sculpting, and cover over a loan's or a project's life.

use rust_decimal::Decimal;

use super::Instalment;
use crate::money::{Money, Ratio};

/// Cash of one payment period and what the loan costs over it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CashPeriod {
    /// Cash flow available for debt service at its end.
    pub cfads: Money,
    /// Interest of the period on one unit of balance: annual rate x year fraction.
    pub rate: Decimal,
}

/// Worth, at the start of the first period, of the cash at the end of each, discounted at the
/// loan's own period rates (finance-mechanics 20, 26).
pub fn present_value(periods: &[CashPeriod]) -> Money {
    let discount = |later: Decimal, period: &CashPeriod| {
        (later + period.cfads.decimal()) / (Decimal::ONE + period.rate)
    };
    let value = periods.iter().rev().fold(Decimal::ZERO, discount);
    Money::from_decimal(value).expect("no more than the sum of the cash, at positive rates")
}

/// The debt whose service is cash over `cover` in every period (finance-mechanics 20).
pub fn sculpted_debt(periods: &[CashPeriod], cover: Decimal) -> Money {
    assert!(cover > Decimal::ZERO, "a cover of {cover}");
    present_value(periods).times(Decimal::ONE / cover)
}

/// Repayment of `debt` with the same cover in every period: service is the cash times the debt over
/// the worth of all cash, so a smaller debt has a larger cover.
///
/// Principal is negative where a weak period's cash does not reach its interest: shown, not
/// clamped. The last period clears the balance exactly.
pub fn sculpt(periods: &[CashPeriod], debt: Money) -> Vec<Instalment> {
    let worth = present_value(periods);
    let mut opening = debt;
    let last = periods.len().saturating_sub(1);
    let row = |(at, period): (usize, &CashPeriod)| {
        let interest = opening.times(period.rate);
        let service = if worth > Money::ZERO {
            period.cfads.scaled(i128::from(debt.0), i128::from(worth.0))
        } else {
            interest
        };
        let principal = if at == last { opening } else { service - interest };
        let row = Instalment { opening, interest, principal };
        opening = row.closing();
        row
    };
    periods.iter().enumerate().map(row).collect()
}

/// Loan life cover: worth of the cash up to maturity over the balance (finance-mechanics 26). With
/// the periods up to the end of the contracts it is the project life cover.
pub fn life_cover(periods: &[CashPeriod], balance: Money) -> Ratio {
    Ratio::new(present_value(periods), balance)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn periods() -> impl Strategy<Value = Vec<CashPeriod>> {
        let period = (1_000_000_i64..1_000_000_000_000, 0_i64..90_000).prop_map(|(cash, rate)| {
            CashPeriod { cfads: Money(cash), rate: Decimal::new(rate, 6) }
        });
        proptest::collection::vec(period, 1..40)
    }

    proptest! {
        #[test]
        fn sculpted_debt_is_repaid_with_the_same_cover_in_every_period(
            periods in periods(), percent in 105_i64..300,
        ) {
            let cover = Decimal::new(percent, 2);
            let debt = sculpted_debt(&periods, cover);
            let rows = sculpt(&periods, debt);
            prop_assert_eq!(rows[rows.len() - 1].closing(), Money::ZERO);
            for (row, period) in rows.iter().zip(&periods) {
                let service = period.cfads.times(Decimal::ONE / cover);
                // Each posting rounds by half a millionth; the last carries them all.
                let slack = 2 * periods.len() as i64 + 2 * 100;
                prop_assert!((row.service() - service).0.abs() <= slack * 20, "{row:?}");
            }
        }

        #[test]
        fn under_full_sculpting_the_loan_life_cover_is_the_period_cover(periods in periods()) {
            let debt = sculpted_debt(&periods, Decimal::new(14, 1));
            prop_assume!(debt > Money::whole(1_000));
            let cover = life_cover(&periods, debt).decimal().unwrap();
            prop_assert!((cover - Decimal::new(14, 1)).abs() < Decimal::new(1, 8));
        }
    }
}
