//! Amounts and the currencies they are stated in.

use std::fmt;
use std::iter::Sum;
use std::ops::{Add, AddAssign, Neg, Sub, SubAssign};

use rust_decimal::Decimal;

use crate::time::Day;
use crate::unit::{Share, mul_div};

/// Money of the reporting currency, in millionths.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Money(pub i64);

impl Money {
    /// No money.
    pub const ZERO: Money = Money(0);

    /// Whole units of the currency.
    pub const fn whole(units: i64) -> Money {
        Money(units * 1_000_000)
    }

    /// In millions, for display.
    pub fn millions(self) -> f64 {
        self.0 as f64 / 1e12
    }

    /// In units of the currency, exactly.
    pub fn decimal(self) -> Decimal {
        Decimal::new(self.0, 6)
    }

    /// Nearest millionth, halves to even; `None` beyond nine million million.
    pub fn from_decimal(units: Decimal) -> Option<Money> {
        let micros = units.checked_mul(Decimal::from(1_000_000))?.round();
        i64::try_from(micros).ok().map(Money)
    }

    /// `self x factor`, rounded half to even.
    ///
    /// # Panics
    ///
    /// Beyond nine million million, as a product that leaves the range of money is a bug.
    pub fn times(self, factor: Decimal) -> Money {
        let product = self.decimal().checked_mul(factor).and_then(Money::from_decimal);
        product.unwrap_or_else(|| panic!("{self} x {factor} is no amount of money"))
    }

    /// What is left after `elapsed` of `life` equal parts, never less than nothing: a book value,
    /// collateral on a curve of its own, a balance that falls by a straight line
    /// (finance-mechanics 11, 27).
    pub fn left_after(self, elapsed: u32, life: u32) -> Money {
        self.scaled(life.saturating_sub(elapsed).into(), life.max(1).into())
    }

    /// This share of the amount, rounded half to even.
    #[inline]
    pub fn share(self, share: Share) -> Money {
        Money(share.of(self.0))
    }

    /// `self x numerator / denominator`, rounded half to even.
    #[inline]
    pub fn scaled(self, numerator: i128, denominator: i128) -> Money {
        Money(mul_div(self.0, numerator, denominator))
    }
}

impl Add for Money {
    type Output = Money;
    #[inline]
    fn add(self, other: Money) -> Money {
        Money(self.0 + other.0)
    }
}

impl AddAssign for Money {
    #[inline]
    fn add_assign(&mut self, other: Money) {
        *self = *self + other;
    }
}

impl Sub for Money {
    type Output = Money;
    #[inline]
    fn sub(self, other: Money) -> Money {
        Money(self.0 - other.0)
    }
}

impl SubAssign for Money {
    #[inline]
    fn sub_assign(&mut self, other: Money) {
        *self = *self - other;
    }
}

impl Neg for Money {
    type Output = Money;
    #[inline]
    fn neg(self) -> Money {
        Money(-self.0)
    }
}

impl Sum for Money {
    #[inline]
    fn sum<I: Iterator<Item = Money>>(items: I) -> Money {
        items.fold(Money::ZERO, Add::add)
    }
}

/// To the cent, grouped by thousands: `-1,234.50`.
impl fmt::Display for Money {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let cents = mul_div(self.0, 1, 10_000);
        let units = (cents.unsigned_abs() / 100).to_string();
        let mut grouped = String::new();
        for (at, digit) in units.chars().enumerate() {
            if at > 0 && (units.len() - at).is_multiple_of(3) {
                grouped.push(',');
            }
            grouped.push(digit);
        }
        let sign = if cents < 0 { "-" } else { "" };
        write!(f, "{sign}{grouped}.{:02}", cents.unsigned_abs() % 100)
    }
}

/// A currency by its three-letter code.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Currency(pub [u8; 3]);

impl Currency {
    /// United States dollar.
    pub const USD: Currency = Currency(*b"USD");

    /// From a code such as `USD`; three capital letters.
    pub fn from_code(code: &str) -> Option<Currency> {
        let bytes: [u8; 3] = code.as_bytes().try_into().ok()?;
        bytes.iter().all(u8::is_ascii_uppercase).then_some(Currency(bytes))
    }
}

impl fmt::Display for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(std::str::from_utf8(&self.0).unwrap_or("???"))
    }
}

/// Money with its currency, as a file states it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Amount {
    /// Millionths of `currency`.
    pub micros: i64,
    /// What it is stated in.
    pub currency: Currency,
}

/// Dated exchange rates into the reporting currency (semantics M1).
#[derive(Clone, Debug)]
pub struct FxTable {
    reporting: Currency,
    /// For each currency, (first day in force, units of the reporting currency per unit), by day.
    rates: Vec<(Currency, Vec<(Day, Share)>)>,
}

impl FxTable {
    /// A table with no rates: only the reporting currency itself converts.
    pub fn new(reporting: Currency) -> FxTable {
        FxTable { reporting, rates: Vec::new() }
    }

    /// The currency of all results.
    pub fn reporting(&self) -> Currency {
        self.reporting
    }

    /// Adds a rate that holds from `day` on; the earliest one holds before it too.
    #[inline]
    pub fn add(&mut self, currency: Currency, day: Day, rate: Share) {
        if self.of(currency).is_none() {
            self.rates.push((currency, Vec::new()));
        }
        let all = self.rates.iter_mut().find(|rates| rates.0 == currency);
        let rates = &mut all.expect("just made sure of").1;
        let at = rates.partition_point(|&(since, _)| since < day);
        rates.insert(at, (day, rate));
    }

    /// Whether amounts in this currency can be converted.
    pub fn knows(&self, currency: Currency) -> bool {
        currency == self.reporting || self.of(currency).is_some()
    }

    /// Rates of a currency: a site has one or two, found faster in a list than in a tree.
    fn of(&self, currency: Currency) -> Option<&[(Day, Share)]> {
        let rates = self.rates.iter().find(|rates| rates.0 == currency);
        rates.map(|rates| &rates.1[..])
    }

    /// The amount in the reporting currency at the rate of `day`.
    ///
    /// The checked model holds no amount whose currency has no rate, so an unknown one is a bug.
    #[inline]
    pub fn convert(&self, amount: Amount, day: Day) -> Money {
        match amount.currency == self.reporting {
            true => Money(amount.micros),
            false => self.exchange(amount, day),
        }
    }

    fn exchange(&self, amount: Amount, day: Day) -> Money {
        let rates = self.of(amount.currency);
        let rates = rates.unwrap_or_else(|| panic!("no rate for {} in the model", amount.currency));
        // Most tables hold a rate or two: the last that holds is found from the end.
        let later = rates.iter().rev().take_while(|rate| rate.0 > day).count();
        Money(rates[rates.len().saturating_sub(later + 1)].1.of(amount.micros))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cents_appear_only_on_screen() {
        assert_eq!(Money(1_234_567_895_000).to_string(), "1,234,567.90");
        assert_eq!(Money(-5_000).to_string(), "0.00");
        assert_eq!(Money(-15_000).to_string(), "-0.02");
        assert_eq!(Money::whole(999).to_string(), "999.00");
    }

    #[test]
    fn a_rate_holds_from_its_day_on() {
        let gbp = Currency(*b"GBP");
        let mut fx = FxTable::new(Currency::USD);
        fx.add(gbp, Day(100), Share(1_310_000_000));
        fx.add(gbp, Day(50), Share(1_250_000_000));
        let pounds = Amount { micros: 2_000_000, currency: gbp };
        assert_eq!(fx.convert(pounds, Day(10)), Money(2_500_000));
        assert_eq!(fx.convert(pounds, Day(99)), Money(2_500_000));
        assert_eq!(fx.convert(pounds, Day(100)), Money(2_620_000));
    }
}
