//! Interest that belongs to the cost of what is being built.

use crate::money::Money;

/// Interest that would have been avoided without the expenditure (finance-mechanics 13; ASC
/// 835-20-30-2 to 30-6): the accumulated expenditure at the rate of the specific borrowing as far
/// as it reaches, the rest at the weighted average rate of the other borrowings, and never more
/// than was incurred.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Borrowings {
    /// Principal borrowed for this asset.
    pub specific: Money,
    /// Interest incurred on it.
    pub specific_interest: Money,
    /// Principal of all other borrowings.
    pub general: Money,
    /// Interest incurred on them.
    pub general_interest: Money,
}

impl Borrowings {
    /// All interest incurred.
    pub fn incurred(&self) -> Money {
        self.specific_interest + self.general_interest
    }

    /// Interest that the expenditure could have avoided.
    pub fn avoidable(&self, expenditure: Money) -> Money {
        let spent = expenditure.max(Money::ZERO);
        let by_specific = spent.min(self.specific);
        let part = |spent: Money, principal: Money, interest: Money| {
            interest.scaled(spent.0.into(), principal.0.max(1).into())
        };
        part(by_specific, self.specific, self.specific_interest)
            + part(spent - by_specific, self.general, self.general_interest)
    }

    /// Interest that joins the asset's cost.
    pub fn capitalised(&self, expenditure: Money) -> Money {
        self.avoidable(expenditure).min(self.incurred())
    }
}

/// Expenditure weighted by the days it stood, over the days of the period: `(amount, days)`, the
/// day of an expenditure included.
pub fn weighted_expenditure(spent: &[(Money, i64)], days: i64) -> Money {
    let sum: i128 =
        spent.iter().map(|&(amount, stood)| i128::from(amount.0) * i128::from(stood)).sum();
    let micros = crate::unit::div_half_even(sum, days.max(1).into());
    Money(i64::try_from(micros).expect("money within 9 million million"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_specific_rate_comes_first_and_the_interest_incurred_is_the_cap() {
        let debts = Borrowings {
            specific: Money(1_000),
            specific_interest: Money(80),
            general: Money(2_000),
            general_interest: Money(240),
        };
        assert_eq!(debts.capitalised(Money(500)), Money(40));
        assert_eq!(debts.capitalised(Money(1_500)), Money(80 + 60));
        assert_eq!(debts.capitalised(Money(9_000)), Money(320), "no more than was incurred");
        assert_eq!(Borrowings::default().capitalised(Money(9)), Money::ZERO, "no debt");
    }
}
