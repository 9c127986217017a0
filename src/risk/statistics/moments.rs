//! Means, spreads and correlations.

use super::super::row::{UNDEFINED, has_value};

/// Mean and spread of a column.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Moments {
    /// How many values.
    pub n: usize,
    /// Their sum, exactly.
    pub sum: i128,
    /// Their mean.
    pub mean: f64,
    /// Their standard deviation, with n - 1 below; `None` of one value.
    pub deviation: Option<f64>,
}

impl Moments {
    /// Of a column in which every trial has a value; `None` if one has none, or there are none.
    ///
    /// Values are shifted by their whole mean (T. F. Chan, G. H. Golub and R. J. LeVeque,
    /// Algorithms for computing the sample variance, 1983: the shifted form), here so that exact
    /// sums stay small.
    ///
    /// Nothing overflows, as no sum of 2^32 values of 64 bits leaves 128 bits, and squares are
    /// summed in two halves.
    pub fn of(column: &[i64]) -> Option<Moments> {
        let shifted = Shifted::of(column)?;
        let Shifted { n, sum, middle, rest } = shifted;
        let mean = middle as f64 + rest as f64 / n as f64;
        let deviation = (n > 1).then(|| {
            let pairs = n as u128 * (n as u128 - 1);
            (spread((column, &shifted), (column, &shifted)) / pairs as f64).sqrt()
        });
        Some(Moments { n, sum, mean, deviation })
    }

    /// Monte Carlo error of the mean: its standard deviation over many such runs.
    pub fn error(&self) -> Option<f64> {
        self.deviation.map(|deviation| deviation / (self.n as f64).sqrt())
    }
}

/// A column's sum, its mean rounded down, and what that leaves of the sum.
struct Shifted {
    n: usize,
    sum: i128,
    middle: i64,
    rest: i64,
}

impl Shifted {
    fn of(column: &[i64]) -> Option<Shifted> {
        if column.is_empty() || !column.iter().all(|&value| has_value(value)) {
            return None;
        }
        let n = column.len();
        let sum: i128 = column.iter().map(|&value| i128::from(value)).sum();
        let middle = i64::try_from(sum.div_euclid(n as i128)).expect("no more than the largest");
        let rest = i64::try_from(sum.rem_euclid(n as i128)).expect("less than the number of them");
        Some(Shifted { n, sum, middle, rest })
    }
}

/// n times the sum of products of deviations from the means: an exact integer, rounded once if it
/// has 128 bits at most, twice if more.
fn spread((a, of_a): (&[i64], &Shifted), (b, of_b): (&[i64], &Shifted)) -> f64 {
    const TWO_TO_64: f64 = 18_446_744_073_709_551_616.0;
    const LOW: i128 = u64::MAX as i128;
    // Each product is high x 2^64 + low. Together the high halves stay below n x 2^62, as a sum of
    // squared deviations is at most n / 4 times the squared range (T. Popoviciu, 1935).
    let (mut high, mut low) = (0_i128, 0_i128);
    for (&a, &b) in a.iter().zip(b) {
        let off = (a.abs_diff(of_a.middle), b.abs_diff(of_b.middle));
        let product = u128::from(off.0) * u128::from(off.1);
        let halves = ((product >> 64) as i128, product as i128 & LOW);
        if (a < of_a.middle) == (b < of_b.middle) {
            (high, low) = (high + halves.0, low + halves.1);
        } else {
            (high, low) = (high - halves.0, low - halves.1);
        }
    }
    // Deviations from the mean itself: less n times the product of what is left of it.
    let n = of_a.n as i128;
    (high, low) = (high + (low >> 64), low & LOW);
    (high, low) = (high * n, low * n - i128::from(of_a.rest) * i128::from(of_b.rest));
    (high, low) = (high + (low >> 64), low & LOW);
    match i64::try_from(high) {
        Ok(high) => ((i128::from(high) << 64) + low) as f64,
        Err(_) => high as f64 * TWO_TO_64 + low as f64,
    }
}

/// Correlation of two columns by their values (K. Pearson); from -1 to 1.
///
/// `None` when a trial has no value in one of them, and when one does not vary.
///
/// # Panics
///
/// If the columns do not have the same number of trials.
pub fn pearson(a: &[i64], b: &[i64]) -> Option<f64> {
    assert_eq!(a.len(), b.len(), "columns of one run");
    let (of_a, of_b) = (Shifted::of(a)?, Shifted::of(b)?);
    let (a, b) = ((a, &of_a), (b, &of_b));
    let below = (spread(a, a) * spread(b, b)).sqrt();
    (below > 0.0).then(|| (spread(a, b) / below).clamp(-1.0, 1.0))
}

/// Twice the rank of each value, from 1; values that tie share the mean of their ranks (M. G.
/// Kendall, Rank correlation methods, 4th ed. 1970, chapter 3). Twice, so that it is whole.
///
/// Cost: one sort.
pub fn doubled_ranks<T: Copy + Ord>(values: &[T]) -> Vec<i64> {
    let mut order: Vec<(T, usize)> = values.iter().copied().zip(0..).collect();
    order.sort_unstable();
    let mut ranks = vec![0; values.len()];
    let mut before = 0;
    for ties in order.chunk_by(|a, b| a.0 == b.0) {
        // Ranks before + 1 to before + ties: twice their mean.
        let rank = (2 * before + ties.len() + 1) as i64;
        ties.iter().for_each(|&(_, trial)| ranks[trial] = rank);
        before += ties.len();
    }
    ranks
}

/// Correlation of two columns by their ranks (C. Spearman), ties by mean ranks; from -1 to 1.
///
/// What never happens ranks last; trials in which one is undefined are left out. `None` when one
/// does not vary.
///
/// # Panics
///
/// If the columns do not have the same number of trials.
pub fn spearman(a: &[i64], b: &[i64]) -> Option<f64> {
    assert_eq!(a.len(), b.len(), "columns of one run");
    let pairs = a.iter().copied().zip(b.iter().copied());
    let defined = pairs.filter(|&(a, b)| a != UNDEFINED && b != UNDEFINED);
    let (a, b): (Vec<i64>, Vec<i64>) = defined.unzip();
    pearson(&doubled_ranks(&a), &doubled_ranks(&b))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::super::row::{AFTER_HORIZON, NEVER};
    use super::*;

    fn four(value: f64) -> String {
        format!("{value:.4}")
    }

    proptest! {
        #[test]
        fn ranks_share_ties(values in prop::collection::vec(-4..4_i64, 0..30)) {
            let twin = |v: &i64| {
                let less = values.iter().filter(|&w| w < v).count();
                let same = values.iter().filter(|&w| w == v).count();
                (2 * less + same + 1) as i64
            };
            let twin: Vec<i64> = values.iter().map(twin).collect();
            prop_assert_eq!(doubled_ranks(&values), twin);
        }

        /// The twin: differences of all pairs, which add up to n times the products of deviations.
        #[test]
        fn spreads_and_correlations_are_those_of_all_pairs(
            pairs in prop::collection::vec(any::<(i32, i32)>(), 2..20), small in any::<bool>(),
        ) {
            let cut = |v: i32| i64::from(if small { v % 3 } else { v });
            let (a, b): (Vec<i64>, Vec<i64>) = pairs.iter().map(|&(a, b)| (cut(a), cut(b))).unzip();
            let sum = |a: &[i64], b: &[i64]| {
                let mut sum = 0_i128;
                for i in 0..a.len() {
                    for j in 0..i {
                        sum += i128::from(a[i] - a[j]) * i128::from(b[i] - b[j]);
                    }
                }
                sum as f64
            };
            let pairs = (a.len() * (a.len() - 1)) as f64;
            let deviation = Moments::of(&a).unwrap().deviation.unwrap();
            prop_assert_eq!(deviation.to_bits(), (sum(&a, &a) / pairs).sqrt().to_bits());
            let varies = sum(&a, &a) > 0.0 && sum(&b, &b) > 0.0;
            let twin = varies.then(|| sum(&a, &b) / (sum(&a, &a) * sum(&b, &b)).sqrt());
            let twin = twin.map(|r| r.clamp(-1.0, 1.0).to_bits());
            prop_assert_eq!(pearson(&a, &b).map(f64::to_bits), twin);
        }

        #[test]
        fn the_order_of_trials_changes_no_bit(
            column in prop::collection::vec((i64::MIN + 1)..AFTER_HORIZON, 2..30),
        ) {
            let backwards: Vec<i64> = column.iter().rev().copied().collect();
            let (a, b) = (Moments::of(&column).unwrap(), Moments::of(&backwards).unwrap());
            prop_assert_eq!(a, b);
            prop_assert_eq!(pearson(&column, &column), Some(1.0));
        }
    }

    #[test]
    fn a_mean_needs_a_value_in_every_trial() {
        let moments = Moments::of(&[2, 4, 4, 4, 5, 5, 7, 9]).unwrap();
        assert_eq!((moments.n, moments.sum, four(moments.mean)), (8, 40, "5.0000".to_string()));
        assert_eq!(four(moments.deviation.unwrap()), "2.1381", "root of 32 / 7");
        assert_eq!(four(moments.error().unwrap()), "0.7559", "root of 32 / 7 / 8");
        for special in [NEVER, AFTER_HORIZON, UNDEFINED] {
            assert_eq!(Moments::of(&[1, special]), None);
        }
        assert_eq!(Moments::of(&[]), None);
        assert_eq!(Moments::of(&[7]).unwrap().deviation, None);
    }

    #[test]
    fn the_ends_of_the_numbers_do_not_overflow() {
        let ends = [i64::MIN + 1, AFTER_HORIZON - 1, i64::MIN + 1, AFTER_HORIZON - 1];
        let moments = Moments::of(&ends).unwrap();
        assert_eq!((moments.sum, four(moments.mean)), (-4, "-1.0000".to_string()));
        let deviation = format!("{:.9e}", moments.deviation.unwrap());
        assert_eq!(deviation, "1.065023266e19", "2^63 times the root of 4 / 3");
        assert_eq!(pearson(&ends, &[1, 0, 1, 0]), Some(-1.0));
        let lonely: Vec<i64> = (0..100).map(|at| if at == 0 { ends[1] } else { ends[0] }).collect();
        assert_eq!(
            format!("{:.9e}", Moments::of(&lonely).unwrap().deviation.unwrap()),
            "1.844674407e18"
        );
    }

    /// Hours of television against intelligence quotient, a published example: -29 / 165.
    #[test]
    fn ranks_correlate_as_published() {
        let quotient = [106, 100, 86, 101, 99, 103, 97, 113, 112, 110];
        let hours = [7, 27, 2, 50, 28, 29, 20, 12, 6, 17];
        let rho = spearman(&quotient, &hours).unwrap();
        assert_eq!(format!("{rho:.12}"), format!("{:.12}", -29.0 / 165.0));
        let never = hours.map(|hours| if hours == 50 { NEVER } else { hours });
        assert_eq!(spearman(&quotient, &never), Some(rho), "it ranks last either way");
        assert_eq!(pearson(&quotient, &never), None);
        assert_eq!(spearman(&[1, 2, UNDEFINED], &[1, 2, -9]), Some(1.0));
        assert_eq!(spearman(&[1, 2], &[3, 3]), None);
    }
}
