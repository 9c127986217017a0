//! How much a project can borrow, its fees and reserve included.

use std::fmt;

use rust_decimal::Decimal;

use super::{
    CashPeriod, Instalment, ReserveMove, instalments, reserve_path, reserve_target, sculpt,
    sculpted_debt,
};
use crate::model::terms::Amortisation;
use crate::money::{Money, Ratio};

/// What decides the size of the debt.
#[derive(Clone, Copy, Debug)]
pub enum Sizing {
    /// The cash carries it at this cover in every period; service is sculpted.
    Cover {
        /// Cash over debt service.
        cover: Decimal,
        /// Most that the debt may be of all uses. Where it binds, service shrinks in proportion.
        most_of_uses: Option<Decimal>,
    },
    /// A share of all uses.
    Gearing {
        /// Debt over uses.
        of_uses: Decimal,
        /// How it is repaid.
        amortisation: Amortisation,
        /// Periods without principal, out of the tenor.
        interest_only: u32,
    },
}

/// A project at financial close.
#[derive(Clone, Debug)]
pub struct ProjectTerms {
    /// Capital cost without financing.
    pub cost: Money,
    /// Cash flow before debt, by period.
    pub cash: Vec<Money>,
    /// Periods of the loan.
    pub tenor: u32,
    /// Interest of a period on one unit of balance.
    pub rate: Decimal,
    /// What decides the size.
    pub sizing: Sizing,
    /// Of the debt, paid at close.
    pub fee: Decimal,
    /// Fixed cost of closing.
    pub closing_cost: Money,
    /// Months of service held in reserve.
    pub reserve_months: Decimal,
    /// Interest of a period on one unit of the reserve.
    pub reserve_rate: Decimal,
    /// Months in a period.
    pub period_months: u32,
}

/// A project whose sources are its uses.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SizedProject {
    /// Debt at close.
    pub debt: Money,
    /// Fee, closing cost and first funding of the reserve.
    pub financing_cost: Money,
    /// Capital and financing cost.
    pub uses: Money,
    /// The balancing item.
    pub equity: Money,
    /// The loan by period of its tenor.
    pub rows: Vec<Instalment>,
    /// Held in reserve at close, and its moves.
    pub reserve: (Money, Vec<ReserveMove>),
    /// To and from the owners: minus equity, then by period of the project.
    pub returns: Vec<Money>,
    /// Where a share of the uses decides: that share of the uses as found, less the debt.
    pub residual: Money,
}

/// A share of uses that grow with the debt by as much or more: no debt closes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NoDebt;

impl fmt::Display for NoDebt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("fee and reserve grow as fast as the debt that pays them; no size closes")
    }
}

/// Sizes the debt of a project without iteration (finance-mechanics 19, 20, 22, 32).
///
/// Fee and reserve grow in proportion to the debt, so uses are `a + b D` and a share `g` of them is
/// `g a / (1 - g b)`. Of the two active sets of a sculpted loan with a cap (cover binds, cap binds)
/// the smaller debt holds; it is put back and what rounding leaves is reported.
///
/// # Errors
///
/// A share of uses under which each unit of debt costs a unit or more.
pub fn size_project(terms: &ProjectTerms) -> Result<SizedProject, NoDebt> {
    let (debt, share) = match terms.sizing {
        Sizing::Gearing { of_uses, .. } => (terms.debt_of_uses(of_uses)?, Some(of_uses)),
        Sizing::Cover { cover, most_of_uses } => {
            let by_cover = sculpted_debt(&terms.loan_periods(), cover);
            match most_of_uses {
                None => (by_cover, None),
                Some(share) => {
                    let capped = terms.debt_of_uses(share)?;
                    (by_cover.min(capped), Some(share).filter(|_| capped < by_cover))
                }
            }
        }
    };
    let rows = terms.repayment(debt);
    let service: Vec<Money> = rows.iter().map(Instalment::service).collect();
    let reserve = reserve_path(&service, terms.reserve_months, terms.period_months);
    let financing_cost = debt.times(terms.fee) + terms.closing_cost + reserve.0;
    let uses = terms.cost + financing_cost;
    let residual = share.map_or(Money::ZERO, |share| uses.times(share) - debt);
    let equity = uses - debt;
    let returns = terms.returns(equity, &rows, &reserve.1);
    Ok(SizedProject { debt, financing_cost, uses, equity, rows, reserve, returns, residual })
}

impl ProjectTerms {
    /// Periods of the loan: no more than the project has.
    fn loan_length(&self) -> usize {
        self.cash.len().min(self.tenor as usize)
    }

    fn loan_periods(&self) -> Vec<CashPeriod> {
        let cash = self.cash[..self.loan_length()].iter();
        cash.map(|&cfads| CashPeriod { cfads, rate: self.rate }).collect()
    }

    fn repayment(&self, debt: Money) -> Vec<Instalment> {
        match self.sizing {
            Sizing::Cover { .. } => sculpt(&self.loan_periods(), debt),
            Sizing::Gearing { amortisation, interest_only, .. } => {
                let all = self.loan_length() as u32;
                let free = interest_only.min(all.saturating_sub(1));
                instalments(amortisation, debt, self.rate, free, all - free)
            }
        }
    }

    /// The debt that is `share` of uses which grow with it.
    fn debt_of_uses(&self, share: Decimal) -> Result<Money, NoDebt> {
        let sample = self.cost.max(Money::whole(1));
        let service: Vec<Money> = self.repayment(sample).iter().map(Instalment::service).collect();
        let held = reserve_target(&service, self.reserve_months, self.period_months);
        let per_unit = self.fee + held.decimal() / sample.decimal();
        let left = Decimal::ONE - share * per_unit;
        if left <= Decimal::ZERO {
            return Err(NoDebt);
        }
        let fixed = (self.cost + self.closing_cost).decimal();
        Money::from_decimal(share * fixed / left).ok_or(NoDebt)
    }

    fn returns(&self, equity: Money, rows: &[Instalment], moves: &[ReserveMove]) -> Vec<Money> {
        let period = |(at, &cash): (usize, &Money)| {
            let service = rows.get(at).map_or(Money::ZERO, Instalment::service);
            let held = moves.get(at).map_or(Money::ZERO, |held| {
                held.opening.times(self.reserve_rate) - held.movement()
            });
            cash - service + held
        };
        [-equity].into_iter().chain(self.cash.iter().enumerate().map(period)).collect()
    }
}

impl SizedProject {
    /// Cover by period of the loan.
    pub fn cover(&self, cash: &[Money]) -> Vec<Ratio> {
        let pairs = cash.iter().zip(&self.rows);
        pairs.map(|(&cash, row)| Ratio::new(cash, row.service())).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn sources_are_uses_whatever_decides_the_size(
            cash in proptest::collection::vec(1_i64..1_000, 3..20),
            percents in (30_i64..80, 0_i64..4, 0_i64..12), kind in 0..3,
        ) {
            let share = Decimal::new(percents.0, 2);
            let level = Amortisation::LevelPayment;
            let terms = ProjectTerms {
                cost: Money::whole(5_000),
                cash: cash.into_iter().map(Money::whole).collect(),
                tenor: 10,
                rate: Decimal::new(7, 2),
                sizing: match kind {
                    0 => Sizing::Cover { cover: Decimal::new(13, 1), most_of_uses: None },
                    1 => Sizing::Cover { cover: Decimal::new(13, 1), most_of_uses: Some(share) },
                    _ => Sizing::Gearing { of_uses: share, amortisation: level, interest_only: 2 },
                },
                fee: Decimal::new(percents.1, 2),
                closing_cost: Money::whole(20),
                reserve_months: Decimal::from(percents.2),
                reserve_rate: Decimal::new(175, 4),
                period_months: 12,
            };
            let project = size_project(&terms).unwrap();
            prop_assert_eq!(project.debt + project.equity, project.uses);
            prop_assert!(project.residual.0.abs() <= 200, "{:?}", project);
            let left = project.rows.last().map(Instalment::closing);
            prop_assert_eq!(left, Some(Money::ZERO));
        }
    }
}
