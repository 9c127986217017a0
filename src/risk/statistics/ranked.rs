//! Percentiles, and how sure they are.

use super::super::row::{UNDEFINED, has_value};
use super::share::{Bound, Proportion};
use crate::unit::Share;

/// What may lie below an interval, and above it.
const TAIL: f64 = 0.025;

/// A column in order, without what is undefined.
///
/// Cost: one sort when made; then every question is a look-up or a binary search.
#[derive(Clone, Debug)]
pub struct Ranked {
    values: Vec<i64>,
    undefined: usize,
}

impl Ranked {
    /// Sorts a column.
    pub fn new(mut values: Vec<i64>) -> Ranked {
        values.sort_unstable();
        let undefined = values.partition_point(|&value| value == UNDEFINED);
        values.drain(..undefined);
        Ranked { values, undefined }
    }

    /// How many values there are to rank.
    pub fn len(&self) -> usize {
        self.values.len()
    }

    /// Whether no trial has a value to rank.
    pub fn is_empty(&self) -> bool {
        self.values.is_empty()
    }

    /// How many trials have none.
    pub fn undefined(&self) -> usize {
        self.undefined
    }

    /// All values, in order.
    pub fn values(&self) -> &[i64] {
        &self.values
    }

    /// The smallest value x with F(x) >= p, F being the share of values at or below (semantics R5);
    /// `None` if there are none.
    pub fn percentile(&self, p: Share) -> Option<i64> {
        rank(p, self.len()).map(|rank| self.values[rank - 1])
    }

    /// Between which values the percentile lies that endless trials would give, with 95 %
    /// confidence; an end is open that so few trials do not bound.
    ///
    /// Two order statistics, whatever the distribution: see [`interval_ranks`].
    ///
    /// Cost: some ten times the square root of the number of trials.
    pub fn interval(&self, p: Share) -> (Option<i64>, Option<i64>) {
        let (low, high) = interval_ranks(p, self.len());
        let value = |rank: usize| self.values[rank - 1];
        (low.map(value), high.map(value))
    }

    /// The share of values for which it holds.
    pub fn share(&self, bound: Bound) -> Proportion {
        let below = |x: i64| self.values.partition_point(|&value| value < x);
        let count = match bound {
            Bound::AtMost(x) => self.values.partition_point(|&value| value <= x),
            Bound::AtLeast(x) => self.len() - below(x),
        };
        Proportion::new(count, self.len())
    }

    /// Whether the interval of the percentile is no wider than asked: whether there are trials
    /// enough.
    ///
    /// An end that is open or lies beyond the horizon has no width: more trials are needed, unless
    /// both ends are that one value.
    pub fn converged(&self, p: Share, width_max: i64) -> bool {
        let (Some(low), Some(high)) = self.interval(p) else { return false };
        low == high || (has_value(high) && i128::from(high) - i128::from(low) <= width_max.into())
    }
}

/// Rank of the percentile among `n` values, from 1: p n rounded up, at least 1 (semantics R5).
pub fn rank(p: Share, n: usize) -> Option<usize> {
    let one = Share::ONE.0 as u128;
    let rank = (p.0.clamp(0, Share::ONE.0) as u128 * n as u128).div_ceil(one);
    (n > 0).then(|| (rank as usize).max(1))
}

/// The trial whose value is the percentile; of several the first (semantics R5). Trials count from
/// the column's first value.
///
/// Cost: one selection, linear in the number of trials.
pub fn trial_of_percentile(column: &[i64], p: Share) -> Option<usize> {
    let mut defined: Vec<i64> = column.iter().copied().filter(|&v| v != UNDEFINED).collect();
    let rank = rank(p, defined.len())?;
    let (_, &mut value, _) = defined.select_nth_unstable(rank - 1);
    column.iter().position(|&found| found == value)
}

/// Ranks of the two order statistics, from 1, between which a percentile lies with 95 % confidence;
/// `None` for an end that `n` trials do not bound.
///
/// How many of n values lie at or below the percentile is binomial. The lower rank is the largest
/// that fewer values reach with probability 2.5 % at most; the upper one the smallest that as many
/// reach with 2.5 % at most (W. J. Conover, Practical nonparametric statistics, 3rd ed. 1999,
/// section 3.2; G. J. Hahn and W. Q. Meeker, Statistical intervals, 1991, section 5.2). Ties only
/// widen it. The binomial probabilities are summed, not approximated by normal ones.
pub fn interval_ranks(p: Share, n: usize) -> (Option<usize>, Option<usize>) {
    if n == 0 || p <= Share::ZERO || p >= Share::ONE {
        return (None, None);
    }
    let (first, weights) = binomial(p.to_f64(), n);
    let tail = TAIL * weights.iter().sum::<f64>();
    let low = first + fitting(weights.iter(), tail);
    let high = first + weights.len() - fitting(weights.iter().rev(), tail);
    (Some(low).filter(|&low| low > 0), Some(high).filter(|&high| high <= n))
}

/// How many of the weights, from the first on, come to no more than `most`.
fn fitting<'w>(weights: impl Iterator<Item = &'w f64>, most: f64) -> usize {
    let sums = weights.scan(0.0, |sum, weight| {
        *sum += weight;
        Some(*sum)
    });
    sums.take_while(|&sum| sum <= most).count()
}

/// Probabilities of a binomial distribution around its mode, as weights: from how many successes
/// on, and the weights, of which that of the mode is 1.
///
/// From each to the next by the ratio of neighbours: no powers that leave the range of numbers.
/// What weighs less than 1e-18 is left out: with that, everything left out weighs less than a
/// rounding.
fn binomial(p: f64, n: usize) -> (usize, Vec<f64>) {
    const WEIGHT_MIN: f64 = 1e-18;
    let odds = p / (1.0 - p);
    let mode = (((n + 1) as f64 * p) as usize).min(n);
    let mut weights = Vec::new();
    let (mut at, mut weight) = (mode, 1.0);
    while at > 0 && weight > WEIGHT_MIN {
        weight *= at as f64 / ((n - at + 1) as f64 * odds);
        at -= 1;
        weights.push(weight);
    }
    let first = at;
    weights.reverse();
    weights.push(1.0);
    (at, weight) = (mode, 1.0);
    while at < n && weight > WEIGHT_MIN {
        weight *= (n - at) as f64 * odds / (at + 1) as f64;
        at += 1;
        weights.push(weight);
    }
    (first, weights)
}

/// How many trials there are when convergence is looked at next: 1,000 x 2^k (semantics R6).
///
/// A block of trials ends there, so that the same trials are looked at whatever the block's size.
pub fn next_look(trials: u32) -> u32 {
    let mut looks = (0..23).map(|k| 1_000_u32 << k);
    looks.find(|&look| look > trials).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::super::row::{AFTER_HORIZON, NEVER};
    use super::super::joint;
    use super::*;

    fn percent(p: i64) -> Share {
        Share(p * 10_000_000)
    }

    #[test]
    fn a_percentile_is_the_smallest_value_that_so_many_do_not_exceed() {
        let tenth = Ranked::new((1..=10).rev().collect());
        let at = |p| tenth.percentile(percent(p)).unwrap();
        assert_eq!([0, 1, 10, 11, 50, 51, 80, 81, 100].map(at), [1, 1, 1, 2, 5, 6, 8, 9, 10]);
        let atoms = Ranked::new(vec![NEVER, 3, UNDEFINED, 3, AFTER_HORIZON, 3]);
        assert_eq!((atoms.len(), atoms.undefined()), (5, 1));
        let at = |p| atoms.percentile(percent(p)).unwrap();
        assert_eq!([60, 61, 80, 81].map(at), [3, AFTER_HORIZON, AFTER_HORIZON, NEVER]);
        assert_eq!(Ranked::new(vec![UNDEFINED]).percentile(percent(50)), None);
        assert_eq!(rank(Share::ONE, 4_000_000_000), Some(4_000_000_000));
        assert_eq!(rank(Share(1), 1_000_000_001), Some(2), "exact where a float is not");
    }

    #[test]
    fn a_percentile_is_the_first_trial_that_has_its_value() {
        let column = [UNDEFINED, 9, 5, 7, 5, NEVER];
        let trial = |p| trial_of_percentile(&column, percent(p));
        assert_eq!([40, 50, 80, 100].map(trial), [Some(2), Some(3), Some(1), Some(5)]);
        assert_eq!(trial_of_percentile(&[UNDEFINED], percent(50)), None);
    }

    /// Ranks for a median as tables of the sign test have them; five trials bound no median.
    #[test]
    fn medians_lie_between_the_tabled_ranks() {
        let ranks = |n| interval_ranks(percent(50), n);
        assert_eq!(ranks(5), (None, None));
        assert_eq!(ranks(6), (Some(1), Some(6)));
        assert_eq!(ranks(10), (Some(2), Some(9)));
        assert_eq!(ranks(20), (Some(6), Some(15)));
        assert_eq!(ranks(100), (Some(40), Some(61)));
        // By the normal approximation half a million less and more 980.
        assert_eq!(ranks(1_000_000), (Some(499_020), Some(500_981)));
        assert_eq!(interval_ranks(percent(99), 367).1, None);
        assert_eq!(interval_ranks(percent(99), 368).1, Some(368), "0.99^368 < 2.5 %");
        assert_eq!(interval_ranks(Share::ONE, 9), (None, None));
    }

    proptest! {
        /// The twin: whole numbers, C(n, i) p^i q^(n-i) in tenths.
        #[test]
        fn ranks_of_an_interval_are_those_of_the_exact_binomial(p in 1..10_u128, n in 1..30_u32) {
            let mut ways = 1_u128;
            let mut terms = Vec::new();
            for i in 0..=n {
                terms.push(ways * p.pow(i) * (10 - p).pow(n - i));
                ways = ways * u128::from(n - i) / u128::from(i + 1);
            }
            let all = 10_u128.pow(n);
            prop_assert_eq!(terms.iter().sum::<u128>(), all);
            let small = |terms: &[u128]| 40 * terms.iter().sum::<u128>() <= all;
            let n = n as usize;
            let low = (1..=n).rev().find(|&low| small(&terms[..low]));
            let high = (1..=n).find(|&high| small(&terms[high..]));
            prop_assert_eq!(interval_ranks(percent(10 * p as i64), n), (low, high));
        }

        /// The twins: counts over all pairs.
        #[test]
        fn shares_and_percentiles_are_what_counting_gives(
            column in prop::collection::vec(
                prop_oneof![4 => -5..5_i64, 1 => Just(NEVER), 1 => Just(UNDEFINED)], 1..40),
            x in -6..6_i64, p in 0..=100_i64,
        ) {
            let defined: Vec<i64> = column.iter().copied().filter(|&v| v != UNDEFINED).collect();
            let at_most = |x: i64| defined.iter().filter(|&&v| v <= x).count();
            let at_least = |x: i64| defined.iter().filter(|&&v| v >= x).count();
            let ranked = Ranked::new(column.clone());
            prop_assert_eq!(ranked.share(Bound::AtMost(x)).count, at_most(x));
            prop_assert_eq!(ranked.share(Bound::AtLeast(x)).count, at_least(x));
            for bound in [Bound::AtMost(x), Bound::AtLeast(x)] {
                prop_assert_eq!(joint(&[(&column, bound)]), ranked.share(bound));
            }
            let n = defined.len();
            let reached = |v: &i64| 100 * at_most(*v) >= p as usize * n;
            let expected = defined.iter().copied().filter(reached).min();
            prop_assert_eq!(ranked.percentile(percent(p)), expected);
            let trial = trial_of_percentile(&column, percent(p));
            prop_assert_eq!(trial, column.iter().position(|&v| Some(v) == expected));
        }
    }

    #[test]
    fn trials_are_enough_when_the_interval_is_narrow() {
        let even = Ranked::new((0..1_000).collect());
        assert_eq!(even.interval(percent(50)), (Some(468), Some(531)));
        assert!(even.converged(percent(50), 63) && !even.converged(percent(50), 62));
        let never = Ranked::new(vec![NEVER; 1_000]);
        assert!(never.converged(percent(50), 0), "it is sure never to happen");
        let mixed = Ranked::new((0..1_000).map(|at| if at < 500 { at } else { NEVER }).collect());
        assert!(!mixed.converged(percent(50), i64::MAX));
        assert!(!Ranked::new(vec![1; 5]).converged(percent(50), 9), "too few for any interval");
        let looks = [0, 999, 1_000, 1_999, 2_000, 3_000, u32::MAX].map(next_look);
        assert_eq!(looks, [1_000, 1_000, 2_000, 2_000, 4_000, 4_000, u32::MAX]);
    }
}
