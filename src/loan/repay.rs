//! How principal comes back.

use rust_decimal::Decimal;

use crate::model::terms::Amortisation;
use crate::money::{DayCount, Money};
use crate::unit::{Share, div_half_even};

/// Fixed point of discount factors.
const ONE: i128 = 1_000_000_000_000_000_000;

/// Present values of one a period in arrears at one period rate, by the number of periods.
///
/// Summed in fixed point with 18 decimals: the same bits everywhere.
///
/// Cost: a division a period when the rate changes, then a look-up.
#[derive(Clone, Debug, Default)]
pub struct Annuities {
    rate: (i128, i128),
    /// At `n - 1`, the value of `n` periods.
    sums: Vec<i128>,
    /// Discount factor of one period, and of the last period summed.
    discount: i128,
    factor: i128,
}

impl Annuities {
    /// At the period rate `rate.0 / rate.1`.
    pub fn at(rate: (i128, i128)) -> Annuities {
        let mut annuities = Annuities::default();
        annuities.set_rate(rate);
        annuities
    }

    /// Moves on to another rate.
    pub fn set_rate(&mut self, rate: (i128, i128)) {
        if self.rate != rate {
            self.rate = rate;
            self.sums.clear();
            self.discount = div_half_even(rate.1 * ONE, rate.1 + rate.0);
            self.factor = ONE;
        }
    }

    /// The payment that clears `balance` in `payments` equal instalments in arrears
    /// (finance-mechanics 19).
    pub fn level_payment(&mut self, balance: Money, payments: u32) -> Money {
        assert!(payments > 0, "a loan has a payment left");
        while self.sums.len() < payments as usize {
            self.factor = div_half_even(self.factor * self.discount, ONE);
            let before = self.sums.last().copied().unwrap_or_default();
            self.sums.push(before + self.factor);
        }
        balance.scaled(ONE, self.sums[payments as usize - 1])
    }
}

/// The period rate of an annual rate over `months` of average length (1,461 days in 48 months), as
/// a fraction: what a level payment is set from.
pub fn average_period_rate(annual: Share, months: u32, count: DayCount) -> (i128, i128) {
    let (rate, one) = (i128::from(annual.0), i128::from(Share::ONE.0));
    let months = i128::from(months);
    match count {
        DayCount::Act360 => (rate * months * 1_461, one * 48 * 360),
        DayCount::Act365Fixed => (rate * months * 1_461, one * 48 * 365),
        _ => (rate * months, one * 12),
    }
}

/// Principal due on a payment date with `payments` principal dates left, this one included.
///
/// `interest` is what accrued since the last date: a level payment is set anew from the balance and
/// the rate in force (that of `annuities`), pays that interest first and leaves the rest for
/// principal, never less than nothing. The last date clears the balance exactly.
pub fn principal_due(
    amortisation: Amortisation,
    balance: Money,
    interest: Money,
    annuities: &mut Annuities,
    payments: u32,
) -> Money {
    if payments <= 1 {
        return balance;
    }
    match amortisation {
        Amortisation::Bullet => Money::ZERO,
        Amortisation::EqualPrincipal => balance.scaled(1, i128::from(payments)),
        Amortisation::LevelPayment => {
            let payment = annuities.level_payment(balance, payments);
            (payment - interest).clamp(Money::ZERO, balance)
        }
    }
}

/// One payment period of a loan.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Instalment {
    /// Owed at its beginning.
    pub opening: Money,
    /// Accrued over it.
    pub interest: Money,
    /// Repaid at its end; negative where more is borrowed.
    pub principal: Money,
}

impl Instalment {
    /// Owed after it.
    pub fn closing(&self) -> Money {
        self.opening - self.principal
    }

    /// Interest and principal.
    pub fn service(&self) -> Money {
        self.interest + self.principal
    }
}

/// The life of a loan at one period rate: `interest_only` periods without principal, then
/// `payments` that repay it as [`principal_due`] says (finance-mechanics 19).
pub fn instalments(
    amortisation: Amortisation,
    balance: Money,
    rate: Decimal,
    interest_only: u32,
    payments: u32,
) -> Vec<Instalment> {
    let mut annuities = Annuities::at(fraction(rate));
    let mut opening = balance;
    let left = (0..payments).rev().map(|after| Some(after + 1));
    (0..interest_only)
        .map(|_| None)
        .chain(left)
        .map(|left| {
            let interest = opening.times(rate);
            let mut due =
                |left| principal_due(amortisation, opening, interest, &mut annuities, left);
            let row =
                Instalment { opening, interest, principal: left.map_or(Money::ZERO, &mut due) };
            opening = row.closing();
            row
        })
        .collect()
}

/// A rate as a fraction of whole numbers, to 18 decimals.
pub fn fraction(rate: Decimal) -> (i128, i128) {
    let rate = rate.round_dp(18).normalize();
    (rate.mantissa(), 10_i128.pow(rate.scale()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Numbers of the level-loan case F05 (numpy-financial).
    #[test]
    fn a_level_loan_repays_as_the_annuity_formula_says() {
        let rate = (75, 10_000);
        let mut annuities = Annuities::at(rate);
        let mut balance = Money::whole(100_000_000);
        let mut balances = Vec::new();
        for left in (1..=60).rev() {
            let interest = balance.scaled(rate.0, rate.1);
            let kind = Amortisation::LevelPayment;
            balance -= principal_due(kind, balance, interest, &mut annuities, left);
            balances.push(balance);
        }
        let payment = annuities.level_payment(Money::whole(100_000_000), 60);
        assert_eq!(payment.to_string(), "2,075,835.52");
        assert_eq!(balances[0].to_string(), "98,674,164.48");
        assert_eq!(balances[11].to_string(), "83,416,997.71");
        assert_eq!(balances[30].to_string(), "53,921,682.07");
        assert_eq!(balances[59], Money::ZERO);
    }

    proptest! {
        #[test]
        fn a_loan_is_repaid_exactly_however_it_amortises(
            balance in 0_i64..1_000_000_000_000, rate in 0_i64..50_000, free in 0_u32..5,
            payments in 1_u32..90, kind in 0_usize..3,
        ) {
            let kind = [
                Amortisation::EqualPrincipal, Amortisation::LevelPayment, Amortisation::Bullet,
            ][kind];
            let rows = instalments(kind, Money(balance), Decimal::new(rate, 6), free, payments);
            prop_assert_eq!(rows.len(), (free + payments) as usize);
            let repaid: Money = rows.iter().map(|row| row.principal).sum();
            prop_assert_eq!(repaid, Money(balance));
            prop_assert_eq!(rows[rows.len() - 1].closing(), Money::ZERO);
            if kind == Amortisation::LevelPayment {
                let ratio = fraction(Decimal::new(rate, 6));
                let level = Annuities::at(ratio).level_payment(Money(balance), payments);
                // Each payment is set anew from a balance that was rounded; the last takes it all.
                for row in &rows[free as usize..] {
                    prop_assert!((row.service() - level).0.abs() <= 2 * i64::from(payments));
                }
            }
        }
    }

    #[test]
    fn equal_parts_clear_whatever_the_rounding() {
        let mut balance = Money(1_000);
        let mut annuities = Annuities::at((0, 1));
        let parts: Vec<i64> = (1..=7)
            .rev()
            .map(|left| {
                let kind = Amortisation::EqualPrincipal;
                let part = principal_due(kind, balance, Money::ZERO, &mut annuities, left);
                balance -= part;
                part.0
            })
            .collect();
        assert_eq!(parts, [143, 143, 143, 143, 143, 142, 143]);
        assert_eq!(annuities.level_payment(Money(700), 7), Money(100), "no interest at all");
    }
}
