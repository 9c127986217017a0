//! When a price is billed: evenly by the day, or along a ramp.

use crate::money::{Meter, Money};
use crate::time::Day;
use crate::unit::{div_half_even, shift_half_even};

/// Parts of the full billing that a ramp counts in: a hundredth of a per cent.
pub const RAMP_FULL: u32 = 10_000;

/// Tells the stretches of billing of a price that is earned at `rate` a day in `[from, until)`,
/// each with its own daily rate; they sum to the same price.
///
/// Month by month from the first day the price is billed at the shares of the `ramp`, then at the
/// full rate, which is the one that brings the whole price in (semantics M3: a ramp changes no
/// total). Without a ramp, or where service ends in months for which it bills nothing, it is one
/// stretch at the rate given.
pub fn stretches(
    rate: i128,
    from: Day,
    until: Day,
    ramp: &[u32],
    mut tell: impl FnMut(Day, Day, i128),
) {
    if ramp.is_empty() || from >= until {
        return tell(from, until, rate);
    }
    let piece = |month: usize| {
        let start = from.add_months(month as i32).min(until);
        let end = match month < ramp.len() {
            true => from.add_months(month as i32 + 1).min(until),
            false => until,
        };
        (start, end, i128::from(ramp.get(month).copied().unwrap_or(RAMP_FULL)))
    };
    let weigh = |(start, end, share): (Day, Day, i128)| share * i128::from(end - start);
    let whole: i128 = (0..=ramp.len()).map(piece).map(weigh).sum();
    if whole == 0 {
        return tell(from, until, rate);
    }
    let price = rate * i128::from(until - from);
    for month in 0..=ramp.len() {
        let (start, end, share) = piece(month);
        if start < end {
            tell(start, end, div_half_even(price * share, whole));
        }
    }
}

/// Billing as it was scheduled at signing, as if every tranche had started on the scheduled day
/// (semantics M10: a slip does not date it anew).
///
/// Cost: a reading is one multiplication.
#[derive(Clone, Debug)]
pub struct Projection {
    /// First day of each stretch, its daily rate, and what the stretches before it sum to, both as
    /// [`Meter`] keeps them.
    stretches: Vec<(Day, i128, i128)>,
    until: Day,
    /// What was projected up to the last reading.
    read: Money,
}

impl Projection {
    /// A price billed over a scheduled term; readings start at the beginning of `day`.
    pub fn new(price: Money, from: Day, until: Day, ramp: &[u32], day: Day) -> Projection {
        let rate = Meter::rate(price, i64::from((until - from).max(1)));
        let (mut list, mut before) = (Vec::with_capacity(ramp.len() + 1), 0);
        stretches(rate, from, until, ramp, |from, until, rate| {
            list.push((from, rate, before));
            before += rate * i128::from(until - from);
        });
        let mut projection = Projection { stretches: list, until, read: Money::ZERO };
        projection.read = projection.before(day);
        projection
    }

    /// What is projected up to the start of `day` since the last reading.
    pub fn take(&mut self, day: Day) -> Money {
        let before = self.before(day);
        before - std::mem::replace(&mut self.read, before)
    }

    /// What is projected from the beginning up to the start of `day`.
    fn before(&self, day: Day) -> Money {
        let at = self.stretches.partition_point(|&(from, _, _)| from < day);
        let Some(&(from, rate, sum)) = at.checked_sub(1).map(|at| &self.stretches[at]) else {
            return Money::ZERO;
        };
        let scaled = sum + rate * i128::from(day.min(self.until) - from);
        let micros = shift_half_even(scaled, Meter::SCALE_BITS);
        Money(i64::try_from(micros).expect("money within 9 million million"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(days: i64, ramp: &[u32]) -> Vec<(i32, i32, i64)> {
        let rate = Meter::rate(Money(31_000_000), days);
        let mut list = Vec::new();
        stretches(rate, Day(0), Day(days as i32), ramp, |from, until, rate| {
            list.push((from.0, until.0, (rate >> Meter::SCALE_BITS) as i64));
        });
        list
    }

    #[test]
    fn a_ramp_bills_later_and_no_less() {
        // Half of the full rate for the first 31 days, then 62 - 31 days of all of it: the full
        // rate is 31,000,000 / (15.5 + 31) a day.
        assert_eq!(
            told(62, &[5_000, 10_000]),
            [(0, 31, 333_333), (31, 59, 666_666), (59, 62, 666_666)]
        );
        assert_eq!(told(31, &[]), [(0, 31, 1_000_000)]);
        // A term that ends within the ramp is billed within it.
        assert_eq!(told(31, &[5_000, 7_500, 10_000]), [(0, 31, 1_000_000)]);
        // Nor is a price lost where service ends before the first month that bills anything.
        assert_eq!(told(31, &[0, 3_000, 10_000]), [(0, 31, 1_000_000)]);
    }

    #[test]
    fn a_projection_reads_the_same_whatever_the_dates_and_ends_with_the_term() {
        let new = |day| Projection::new(Money(93_000), Day(10), Day(103), &[5_000], Day(day));
        let mut by_week = new(0);
        let sum: Money = (0..40).map(|week| by_week.take(Day(week * 7))).sum();
        assert_eq!(sum, Money(93_000));
        let (mut once, mut late) = (new(0), new(50));
        assert_eq!(once.take(Day(50)) + late.take(Day(500)), Money(93_000));
    }
}
