//! Fixed-rate notes that repay at maturity.

use rust_decimal::Decimal;

use crate::money::{DayCount, Money, NoDiscount, power, root};
use crate::time::Day;

/// A fixed-rate bullet note (finance-mechanics 19).
#[derive(Clone, Debug)]
pub struct Note {
    /// Repaid at maturity.
    pub face: Money,
    /// A year.
    pub coupon: Decimal,
    /// Coupons in a year.
    pub per_year: u32,
    /// How coupons accrue.
    pub count: DayCount,
    /// Issue, coupon dates and maturity, ascending: see
    /// [`period_dates`](super::period_dates).
    pub dates: Vec<Day>,
}

impl Note {
    /// Coupons by date; an odd first period accrues what it is long.
    pub fn coupons(&self) -> Vec<(Day, Money)> {
        let coupon = |pair: &[Day]| (pair[1], self.accrued(pair[0], pair[1]));
        self.dates.windows(2).map(coupon).collect()
    }

    fn accrued(&self, from: Day, until: Day) -> Money {
        let part = self.count.fraction(from, until);
        let year = self.face.times(self.coupon);
        year.scaled(i128::from(part.numerator), i128::from(part.denominator))
    }

    /// Coupon earned since the last coupon date, of 100 of face.
    pub fn accrued_per_100(&self, settlement: Day) -> Decimal {
        let from = self.dates.iter().rev().find(|&&day| day <= settlement);
        from.map_or(Decimal::ZERO, |&from| {
            let part = self.count.fraction(from, settlement);
            Decimal::ONE_HUNDRED * self.coupon * part.decimal()
        })
    }

    /// Price of 100 of face without the coupon earned so far, at a yield compounded as often as
    /// coupons are paid: what is still to be paid, discounted over the year fractions of its own
    /// day count from date to date (the street convention; Securities Industry Association,
    /// *Standard Securities Calculation Methods*).
    ///
    /// # Errors
    ///
    /// A yield of -100 % a period or less.
    pub fn clean_price(&self, settlement: Day, yield_rate: Decimal) -> Result<Decimal, NoDiscount> {
        let growth = Decimal::ONE + yield_rate / Decimal::from(self.per_year);
        if growth <= Decimal::ZERO {
            return Err(NoDiscount);
        }
        // Growth over one unit of the day count, so that every exponent is a whole number.
        let units = self.count.units_per_year();
        let common = greatest_common_divisor(units, self.per_year);
        let step = root(growth, units / common);
        let (mut discount, mut value) = (Decimal::ONE, Decimal::ZERO);
        for pair in self.dates.windows(2).filter(|pair| pair[1] > settlement) {
            let units = |until| self.count.fraction(pair[0], until).numerator;
            // Of the period under way the whole less what is earned: under 30/360 that is not
            // always the count from settlement on.
            let earned = if pair[0] < settlement { units(settlement) } else { 0 };
            let exponent = (units(pair[1]) - earned) * i64::from(self.per_year / common);
            let factor = power(step, exponent.max(0) as u32).unwrap_or(Decimal::MAX);
            discount /= factor;
            let part = self.count.fraction(pair[0], pair[1]).decimal();
            value += Decimal::ONE_HUNDRED * self.coupon * part * discount;
        }
        Ok(value + Decimal::ONE_HUNDRED * discount - self.accrued_per_100(settlement))
    }
}

fn greatest_common_divisor(a: u32, b: u32) -> u32 {
    if b == 0 { a } else { greatest_common_divisor(b, a % b) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_note_yields_its_coupon_at_par_on_a_coupon_date() {
        let day = |text: &str| Day::from_date(text.parse().unwrap());
        let note = Note {
            face: Money::whole(1_000),
            coupon: Decimal::new(9, 2),
            per_year: 2,
            count: DayCount::Thirty360Bond,
            dates: ["2026-02-01", "2026-08-01", "2027-02-01", "2027-08-01"].map(day).to_vec(),
        };
        let price = note.clean_price(day("2026-08-01"), note.coupon).unwrap();
        assert_eq!(price.round_dp(20), Decimal::ONE_HUNDRED);
        let accrued = note.accrued_per_100(day("2026-08-01"));
        assert_eq!(accrued, Decimal::ZERO, "a coupon date has paid what was earned");
        assert_eq!(note.coupons()[2], (day("2027-08-01"), Money::whole(45)));
    }
}
