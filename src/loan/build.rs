//! The commitment that pays for its own interest and fees while the site is built.

use std::fmt;

use rust_decimal::Decimal;

use crate::money::Money;

/// Terms of a construction loan that is drawn pro rata with equity.
#[derive(Clone, Copy, Debug)]
pub struct BuildTerms {
    /// Share of every use that the loan pays.
    pub gearing: Decimal,
    /// Interest a year, ACT/360, on the balance at the period's beginning.
    pub rate: Decimal,
    /// Of the commitment, paid in the first period.
    pub upfront_fee: Decimal,
    /// A year on the commitment less the balance at the period's beginning, ACT/360.
    pub undrawn_fee: Decimal,
}

/// A period of construction: all its uses fall on its first day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BuildPeriod {
    /// Days in it.
    pub days: i64,
    /// Capital cost.
    pub cost: Money,
}

/// Uses of one period and who paid them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct BuildRow {
    /// Capital cost.
    pub cost: Money,
    /// Upfront fee.
    pub upfront_fee: Money,
    /// Undrawn fee.
    pub undrawn_fee: Money,
    /// Interest during construction.
    pub interest: Money,
    /// Drawn on the loan.
    pub draw: Money,
    /// Paid by the owners.
    pub equity: Money,
    /// Owed after the draw.
    pub balance: Money,
}

impl BuildRow {
    /// Everything that had to be paid.
    pub fn uses(&self) -> Money {
        self.cost + self.upfront_fee + self.undrawn_fee + self.interest
    }
}

/// A solved plan of finance.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BuildPlan {
    /// The loan, drawn in full at the end.
    pub commitment: Money,
    /// `(a, b)`: a commitment of `D` ends up drawn to `a + b D`.
    pub affine: (Decimal, Decimal),
    /// By period, from substituting the commitment.
    pub rows: Vec<BuildRow>,
    /// Commitment less what the rows draw: what the algebra leaves after rounding.
    pub residual: Money,
}

/// The loan's fees and interest grow with it by as much or more, so no commitment closes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NoCommitment;

impl fmt::Display for NoCommitment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("fees and interest of the loan use up all that it lends; no commitment closes")
    }
}

impl BuildPlan {
    /// Interest during construction.
    pub fn interest(&self) -> Money {
        self.rows.iter().map(|row| row.interest).sum()
    }

    /// Upfront and undrawn fees.
    pub fn fees(&self) -> Money {
        self.rows.iter().map(|row| row.upfront_fee + row.undrawn_fee).sum()
    }

    /// Paid by the owners.
    pub fn equity(&self) -> Money {
        self.rows.iter().map(|row| row.equity).sum()
    }

    /// Everything that had to be paid.
    pub fn uses(&self) -> Money {
        self.rows.iter().map(BuildRow::uses).sum()
    }
}

/// Solves commitment, fees and interest during construction without iteration (finance-mechanics
/// 18, 32; Bodmer, *Corporate and Project Finance Modeling*, on circular references).
///
/// Balances depend on the commitment in a straight line, `a + b D`, carried period by period; the
/// commitment that is drawn in full is `a / (1 - b)`. It is put back into the periods and what the
/// rounding leaves is reported.
///
/// # Errors
///
/// Terms under which each unit of commitment costs a unit or more.
pub fn size_build(terms: &BuildTerms, periods: &[BuildPeriod]) -> Result<BuildPlan, NoCommitment> {
    let (mut fixed, mut slope) = (Decimal::ZERO, Decimal::ZERO);
    for (at, period) in periods.iter().enumerate() {
        let year = Decimal::from(period.days) / Decimal::from(360);
        let upfront = if at == 0 { terms.upfront_fee } else { Decimal::ZERO };
        let (interest, undrawn) = (terms.rate * year, terms.undrawn_fee * year);
        let uses_fixed = period.cost.decimal() + fixed * (interest - undrawn);
        let uses_slope = upfront + undrawn + slope * (interest - undrawn);
        fixed += terms.gearing * uses_fixed;
        slope += terms.gearing * uses_slope;
    }
    if slope >= Decimal::ONE {
        return Err(NoCommitment);
    }
    let commitment = Money::from_decimal(fixed / (Decimal::ONE - slope)).ok_or(NoCommitment)?;
    let rows = substitute(terms, periods, commitment);
    let drawn = rows.last().map_or(Money::ZERO, |row| row.balance);
    Ok(BuildPlan { commitment, affine: (fixed, slope), rows, residual: commitment - drawn })
}

fn substitute(terms: &BuildTerms, periods: &[BuildPeriod], commitment: Money) -> Vec<BuildRow> {
    let mut balance = Money::ZERO;
    let row = |(at, period): (usize, &BuildPeriod)| {
        let year = Decimal::from(period.days) / Decimal::from(360);
        let upfront = if at == 0 { terms.upfront_fee } else { Decimal::ZERO };
        let mut row = BuildRow {
            cost: period.cost,
            upfront_fee: commitment.times(upfront),
            undrawn_fee: (commitment - balance).times(terms.undrawn_fee * year),
            interest: balance.times(terms.rate * year),
            ..BuildRow::default()
        };
        row.draw = row.uses().times(terms.gearing);
        row.equity = row.uses() - row.draw;
        balance += row.draw;
        row.balance = balance;
        row
    };
    periods.iter().enumerate().map(row).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_loan_that_costs_what_it_lends_has_no_size() {
        let terms = BuildTerms {
            gearing: Decimal::ONE,
            rate: Decimal::ZERO,
            upfront_fee: Decimal::ONE,
            undrawn_fee: Decimal::ZERO,
        };
        let period = BuildPeriod { days: 30, cost: Money::whole(1) };
        assert_eq!(size_build(&terms, &[period]), Err(NoCommitment));
    }

    proptest! {
        #[test]
        fn the_commitment_is_what_its_own_uses_draw(
            costs in proptest::collection::vec((1_i64..120, 0_i64..1_000_000_000), 1..40),
            percents in (1_i64..95, 0_i64..20, 0_i64..5, 0_i64..3),
        ) {
            let share = |percent| Decimal::new(percent, 2);
            let terms = BuildTerms {
                gearing: share(percents.0),
                rate: share(percents.1),
                upfront_fee: share(percents.2),
                undrawn_fee: share(percents.3),
            };
            let periods: Vec<BuildPeriod> = costs
                .iter()
                .map(|&(days, cost)| BuildPeriod { days, cost: Money::whole(cost) })
                .collect();
            let plan = size_build(&terms, &periods).unwrap();
            prop_assert!(plan.residual.0.abs() <= 4 * periods.len() as i64, "{plan:?}");
            prop_assert_eq!(plan.equity() + plan.commitment - plan.residual, plan.uses());
        }
    }
}
