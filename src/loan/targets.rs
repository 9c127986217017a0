//! Repayment down to a level that cash, collateral or a plan allows.

use rust_decimal::Decimal;

use super::{CashPeriod, Instalment, present_value};
use crate::money::Money;

/// What asked for the principal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Binding {
    /// The worth of the contracted cash still to come.
    CashFlow,
    /// The depreciated price of what was bought.
    Depreciation,
}

/// A period of a loan that repays the greater of two excesses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct GreaterOf {
    /// The period; principal is the greater of the two.
    pub instalment: Instalment,
    /// Balance above the worth of contracted cash over the required cover.
    pub to_cash_flow_level: Money,
    /// Balance above the advance on the depreciated price.
    pub to_depreciated_level: Money,
}

impl GreaterOf {
    /// Which of the two was the greater; cash flow on a tie.
    pub fn binding(&self) -> Binding {
        if self.to_cash_flow_level >= self.to_depreciated_level {
            Binding::CashFlow
        } else {
            Binding::Depreciation
        }
    }
}

/// Terms of greater-of amortisation.
#[derive(Clone, Copy, Debug)]
pub struct GreaterOfTerms {
    /// Interest of a period on one unit of balance.
    pub rate: Decimal,
    /// Worth of contracted cash that each unit of balance needs.
    pub coverage: Decimal,
    /// Share of the depreciated price that may stay outstanding.
    pub advance: Decimal,
    /// Price of what was bought.
    pub cost: Money,
    /// Its life in periods, straight line.
    pub life: u32,
}

/// Repayment to the lower of two levels at the end of each period of contracted cash
/// (finance-mechanics 19): principal above the worth of the remaining contracted cash at the loan
/// rate over the coverage, or above the advance on the depreciated price, whichever is more.
pub fn greater_of(terms: &GreaterOfTerms, balance: Money, contracted: &[Money]) -> Vec<GreaterOf> {
    let period = |&cfads: &Money| CashPeriod { cfads, rate: terms.rate };
    let cash: Vec<CashPeriod> = contracted.iter().map(period).collect();
    let mut opening = balance;
    let row = |after: usize| {
        let worth = present_value(&cash[after..]).times(Decimal::ONE / terms.coverage);
        let price = terms.cost.left_after(after as u32, terms.life);
        let above = |level: Money| (opening - level).max(Money::ZERO);
        let to_cash_flow_level = above(worth);
        let to_depreciated_level = above(price.times(terms.advance));
        let principal = to_cash_flow_level.max(to_depreciated_level).min(opening);
        let instalment = Instalment { opening, interest: opening.times(terms.rate), principal };
        opening = instalment.closing();
        GreaterOf { instalment, to_cash_flow_level, to_depreciated_level }
    };
    (1..=contracted.len()).map(row).collect()
}

/// A period of a loan with target balances and a cash sweep.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Swept {
    /// Owed at its beginning.
    pub opening: Money,
    /// Interest due.
    pub interest: Money,
    /// Balance above the target.
    pub scheduled: Money,
    /// Interest that the cash did not reach.
    pub interest_short: Money,
    /// Paid of what was scheduled.
    pub paid: Money,
    /// Prepaid out of the cash left.
    pub sweep: Money,
    /// Left for the owners.
    pub distribution: Money,
}

impl Swept {
    /// Scheduled principal that the cash did not reach; the next target asks for it again.
    pub fn principal_short(&self) -> Money {
        self.scheduled - self.paid
    }

    /// Owed after it.
    pub fn closing(&self) -> Money {
        self.opening - self.paid - self.sweep
    }
}

/// One period of target-balance repayment with a sweep (finance-mechanics 19, 21): cash pays the
/// interest, then brings the balance down to `target`, then the `share` of what is left prepays.
///
/// A sweep ahead of the targets makes later scheduled amounts smaller or nothing; a shortfall makes
/// them larger. Interest that is not paid is reported and stays out of the balance.
pub fn sweep(opening: Money, rate: Decimal, target: Money, cash: Money, share: Decimal) -> Swept {
    let interest = opening.times(rate);
    let cash = cash.max(Money::ZERO);
    let interest_paid = interest.min(cash);
    let scheduled = (opening - target.max(Money::ZERO)).max(Money::ZERO);
    let paid = scheduled.min(cash - interest_paid);
    let left = cash - interest_paid - paid;
    let sweep = left.times(share).min(opening - paid);
    let interest_short = interest - interest_paid;
    let distribution = left - sweep;
    Swept { opening, interest, scheduled, interest_short, paid, sweep, distribution }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_sweep_pays_out_what_came_in_and_never_repays_more_than_is_owed(
            opening in 0_i64..1_000_000_000, rate in 0_i64..100, target in 0_i64..1_000_000_000,
            cash in 0_i64..500_000_000, share in 0_i64..=100,
        ) {
            let [opening, target, cash] = [opening, target, cash].map(Money);
            let row = sweep(opening, Decimal::new(rate, 3), target, cash, Decimal::new(share, 2));
            let interest_paid = row.interest - row.interest_short;
            prop_assert_eq!(interest_paid + row.paid + row.sweep + row.distribution, cash);
            prop_assert!(row.closing() >= Money::ZERO && row.distribution >= Money::ZERO);
            prop_assert!(row.principal_short() == Money::ZERO || row.sweep == Money::ZERO);
        }

        #[test]
        fn a_greater_of_loan_is_repaid_when_the_contracts_end(
            balance in 0_i64..1_000_000_000,
            contracted in proptest::collection::vec(0_i64..100_000_000, 1..30),
        ) {
            let contracted: Vec<Money> = contracted.into_iter().map(Money).collect();
            let terms = GreaterOfTerms {
                rate: Decimal::new(25, 3),
                coverage: Decimal::new(135, 2),
                advance: Decimal::new(85, 2),
                cost: Money(900_000_000),
                life: 24,
            };
            let rows = greater_of(&terms, Money(balance), &contracted);
            prop_assert_eq!(rows[rows.len() - 1].instalment.closing(), Money::ZERO);
            prop_assert!(rows.iter().all(|row| row.instalment.principal >= Money::ZERO));
        }
    }
}
