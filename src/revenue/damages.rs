//! Damages for delay, which lower the price of a service.

use rust_decimal::Decimal;

use crate::money::Money;

/// What a late supplier owes its customer.
#[derive(Clone, Copy, Debug)]
pub struct DamagesTerms {
    /// For each day of delay.
    pub per_day: Money,
    /// Most of it, as a share of the contract's price.
    pub cap: Option<Decimal>,
}

/// Damages for so many days late, at most the cap, never more than the price (finance-mechanics 8).
pub fn delay_damages(terms: &DamagesTerms, price: Money, days_late: i64) -> Money {
    let owed = terms.per_day.scaled(days_late.max(0).into(), 1);
    let most = terms.cap.map_or(price, |cap| price.times(cap));
    owed.min(most).min(price)
}

/// The transaction price: what the contract says less damages, variable consideration that is
/// spread over the service like the rest and is no expense (finance-mechanics 8; ASC 606-10-32-5 to
/// 32-9).
pub fn transaction_price(price: Money, damages: Money) -> Money {
    price - damages
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn damages_stop_at_their_cap_and_an_early_start_owes_none() {
        let terms = DamagesTerms { per_day: Money(10), cap: Some(Decimal::new(5, 2)) };
        let owed = |days| delay_damages(&terms, Money(1_000), days);
        assert_eq!([-3, 0, 4, 5, 90].map(owed), [0, 0, 40, 50, 50].map(Money));
        let free = DamagesTerms { cap: None, ..terms };
        assert_eq!(delay_damages(&free, Money(1_000), 900), Money(1_000), "the whole price");
    }
}
