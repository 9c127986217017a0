//! Straight-line accrual that loses nothing to rounding.

use super::Money;
use crate::time::Day;
use crate::unit::div_half_even;

/// Money that builds up by the day at a rate that changes on dates.
///
/// Revenue of blocks in service, rent, depreciation, interest: each is a sum of straight lines. A
/// meter keeps the sum of their daily rates with 40 binary digits below the millionth, so that the
/// money accrued over a line's whole life rounds to exactly its total whatever dates it was read on
/// (semantics M12: half to even, of the sum of all readings), and reading it costs the same for one
/// line as for a thousand.
///
/// Cost: constant time for each change of rate and each reading.
#[derive(Clone, Debug)]
pub struct Meter {
    /// Millionths a day, times 2^40.
    rate: i128,
    /// Millionths built up to `since`, times 2^40, not yet taken.
    accrued: i128,
    since: Day,
    /// Whether the millionths taken so far sum to an odd number.
    odd: bool,
}

impl Meter {
    /// Binary digits that a rate keeps below the millionth.
    pub const SCALE_BITS: u32 = 40;
    /// Half a millionth: no more rounds to nothing.
    const HALF: i128 = 1 << (Meter::SCALE_BITS - 1);
    /// The digits below the millionth.
    const BELOW: i128 = (1 << Meter::SCALE_BITS) - 1;

    /// A meter that stands at nothing on `day`.
    #[inline]
    pub fn new(day: Day) -> Meter {
        Meter { rate: 0, accrued: 0, since: day, odd: false }
    }

    /// The daily rate of a straight line: `total` over `days`, as [`Meter::change`] takes it.
    #[inline]
    pub fn rate(total: Money, days: i64) -> i128 {
        Meter::rate_of(i128::from(total.0), i128::from(days))
    }

    /// The daily rate `numerator / denominator` millionths, as [`Meter::change`] takes it.
    #[inline]
    pub fn rate_of(numerator: i128, denominator: i128) -> i128 {
        match (u64::try_from(numerator), u64::try_from(denominator)) {
            (Ok(numerator), Ok(denominator)) if denominator >> 43 == 0 && denominator > 0 => {
                Meter::rate_by_parts(numerator, denominator)
            }
            _ => div_half_even(numerator << Meter::SCALE_BITS, denominator),
        }
    }

    /// The whole part first, then half of the digits below it at a time: three divisions of 64 bits
    /// cost less than one of 128.
    #[inline]
    fn rate_by_parts(numerator: u64, denominator: u64) -> i128 {
        const HALF_BITS: u32 = Meter::SCALE_BITS / 2;
        let (whole, rest) = (numerator / denominator, (numerator % denominator) << HALF_BITS);
        let (upper, rest) = (rest / denominator, (rest % denominator) << HALF_BITS);
        let (lower, rest) = (rest / denominator, rest % denominator);
        let up = 2 * rest > denominator || (2 * rest == denominator && lower & 1 == 1);
        let below = (upper << HALF_BITS) + lower + u64::from(up);
        (i128::from(whole) << Meter::SCALE_BITS) + i128::from(below)
    }

    /// Adds `rate` (possibly negative) from the start of `day` on; earlier days must have been
    /// reached by no later call.
    #[inline]
    pub fn change(&mut self, day: Day, rate: i128) {
        self.advance(day);
        self.rate += rate;
    }

    /// As [`Meter::change`], on the day that was reached last.
    #[inline]
    pub(super) fn change_now(&mut self, rate: i128) {
        self.rate += rate;
    }

    /// The day that was reached last.
    #[inline]
    pub(super) fn since(&self) -> Day {
        self.since
    }

    /// Replaces the rate from the start of `day` on.
    #[inline]
    pub fn set(&mut self, day: Day, rate: i128) {
        self.advance(day);
        self.rate = rate;
    }

    /// What has built up by the start of `day` since it was last taken, rounded; the fraction that
    /// rounding left stays for the next time. A tie goes to where the sum of all readings is even.
    #[inline]
    pub fn take(&mut self, day: Day) -> Money {
        if self.is_idle() {
            self.since = self.since.max(day);
            return Money::ZERO;
        }
        self.advance(day);
        let (floor, rest) = (self.accrued >> Meter::SCALE_BITS, self.accrued & Meter::BELOW);
        let up = rest > Meter::HALF || (rest == Meter::HALF && (floor & 1 == 1) != self.odd);
        self.accrued = if up { rest - Meter::BELOW - 1 } else { rest };
        let floor = i64::try_from(floor).expect("money within 9 million million");
        let whole = floor + i64::from(up);
        self.odd ^= whole & 1 == 1;
        Money(whole)
    }

    /// Whether nothing is building up, and nothing has that a reading would tell.
    #[inline]
    pub(super) fn is_idle(&self) -> bool {
        self.rate == 0 && -Meter::HALF < self.accrued && self.accrued < Meter::HALF
    }

    /// Whether money is building up.
    #[inline]
    pub fn runs(&self) -> bool {
        self.rate != 0
    }

    #[inline]
    fn advance(&mut self, day: Day) {
        let days = day - self.since;
        assert!(days >= 0, "a meter cannot run back from {} to {day}", self.since);
        self.accrued += self.rate * i128::from(days);
        self.since = day;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        /// The twin: one division.
        #[test]
        fn a_rate_in_parts_is_the_rate_at_once(
            numerator in any::<i64>(), bits in 0_u32..43, low in any::<i64>(),
        ) {
            let denominator: i64 = 1 << bits | (low & ((1 << bits) - 1));
            let at_once = |numerator: i64| {
                div_half_even(i128::from(numerator) << Meter::SCALE_BITS, denominator.into())
            };
            for numerator in [numerator, numerator >> 20, numerator >> 41, denominator / 2] {
                prop_assert_eq!(
                    Meter::rate_of(numerator.into(), denominator.into()), at_once(numerator)
                );
            }
        }
    }

    #[test]
    fn a_tie_is_settled_the_same_whatever_the_reading_dates() {
        // A quarter of a millionth a day, 2.5 millionths in ten days.
        for days in [vec![10], vec![2, 10], vec![4, 10], vec![6, 10], vec![2, 6, 8, 10]] {
            let mut meter = Meter::new(Day(0));
            meter.change(Day(0), Meter::rate(Money(1), 4));
            let sum: Money = days.iter().map(|&day| meter.take(Day(day))).sum();
            assert_eq!(sum, Money(2), "read on {days:?}");
        }
    }

    #[test]
    fn a_line_accrues_to_exactly_its_total_whatever_the_reading_dates() {
        let total = Money(11_900_000_000_000_001);
        for step in [1, 7, 31, 1826] {
            let mut meter = Meter::new(Day(0));
            let rate = Meter::rate(total, 1826);
            meter.change(Day(0), rate);
            let mut sum = Money::ZERO;
            let mut day = 0;
            while day < 1826 {
                day = (day + step).min(1826);
                if day == 1826 {
                    meter.change(Day(day), -rate);
                }
                sum += meter.take(Day(day));
            }
            assert_eq!(sum, total, "read every {step} days");
            assert!(!meter.runs());
        }
    }
}
