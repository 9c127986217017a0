//! Draws that move together: a normal copula (semantics R6).
//!
//! Each word becomes a standard normal value, the values are mixed by the root of their correlation
//! matrix, and each becomes a word again: still uniform, so every distribution keeps its own shape.

use super::Distribution;
use super::distribution::Form;
use super::special::{normal_cdf, normal_quantile};
use super::stream::uniform;

/// What a planner's correlation is a correlation of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Correlation {
    /// Of the values themselves.
    Pearson,
    /// Of their ranks, whatever their distributions.
    Spearman,
}

impl Correlation {
    /// The correlation of the normal values behind two draws that gives them this one.
    ///
    /// For ranks 2 sin(pi r / 6) (Kruskal, JASA 53 (1958)); for values the root of Mehler's series
    /// in Hermite coefficients of both quantiles (Cario and Nelson, "Modeling and generating random
    /// vectors with arbitrary marginal distributions", Northwestern University, 1997).
    ///
    /// # Errors
    /// In words: outside -1 to 1; without variance; more than the two shapes can have.
    pub fn of_normals(
        self,
        wanted: f64,
        one: &Distribution,
        other: &Distribution,
    ) -> Result<f64, String> {
        if !(-1.0..=1.0).contains(&wanted) {
            return Err(format!("a correlation lies between -1 and 1, not at {wanted}"));
        }
        if self == Correlation::Spearman {
            return Ok(2.0 * libm::sin(std::f64::consts::PI * wanted / 6.0));
        }
        let products = products(one, other)?;
        let reached =
            |normal: f64| products.iter().rev().fold(0.0, |sum, product| (sum + product) * normal);
        let (mut low, mut high) = (-1.0, 1.0);
        let (least, most) = (reached(low), reached(high));
        if wanted < least - REACH_SLACK || wanted > most + REACH_SLACK {
            return Err(format!(
                "two such shapes correlate between {least:.3} and {most:.3}, not at {wanted}"
            ));
        }
        if wanted >= most || wanted <= least {
            return Ok(if wanted > 0.0 { 1.0 } else { -1.0 });
        }
        for _ in 0..60 {
            let middle = 0.5 * (low + high);
            if reached(middle) < wanted { low = middle } else { high = middle }
        }
        Ok(0.5 * (low + high))
    }
}

/// Terms of Mehler's series.
const TERMS: usize = 32;
/// What the series leaves out at its end.
const REACH_SLACK: f64 = 1e-3;

/// Products of the Hermite coefficients of two quantiles, from the first power on, in units of both
/// standard deviations.
fn products(one: &Distribution, other: &Distribution) -> Result<[f64; TERMS], String> {
    let mut products = coefficients(&one.form())?;
    for (product, factor) in products.iter_mut().zip(coefficients(&other.form())?) {
        *product *= factor;
    }
    Ok(products)
}

/// Integrals of the quantile of a normal value times the orthonormal Hermite polynomials.
///
/// The trapezoid rule, which converges faster than any power for functions that die out like the
/// normal density.
fn coefficients(form: &Form<'_>) -> Result<[f64; TERMS], String> {
    const STEP: f64 = 1.0 / 32.0;
    let mut sums = [0.0; TERMS];
    for node in -272..=272_i32 {
        let z = f64::from(node) * STEP;
        let value = form.quantile(normal_cdf(z), normal_cdf(-z));
        let weight = STEP * libm::exp(-0.5 * z * z) * 0.398_942_280_401_432_7 * value;
        let (mut before, mut now) = (1.0, z);
        for (at, sum) in (1_u32..).zip(&mut sums) {
            *sum += weight * now;
            let (n, next) = (f64::from(at), f64::from(at + 1));
            (before, now) = (now, (z * now - n.sqrt() * before) / next.sqrt());
        }
    }
    let spread = form.moments().1;
    if spread <= 0.0 {
        return Err("a value that is certain correlates with nothing".into());
    }
    if !spread.is_finite() {
        return Err("a tail without variance has no pearson correlation; say spearman".into());
    }
    let sd = dot(&sums, &sums).sqrt();
    Ok(sums.map(|sum| sum / sd))
}

/// Makes independent words move together.
#[derive(Clone, Debug)]
pub struct Copula {
    /// Cholesky's root of the matrix of normal correlations, row by row up to the diagonal.
    root: Vec<Vec<f64>>,
}

/// Below this a pivot is zero: one draw then follows from those before it.
const PIVOT_MIN: f64 = 1e-9;

impl Copula {
    /// Of a symmetric matrix of normal correlations with ones on its diagonal, of which the part
    /// below the diagonal is read.
    ///
    /// # Errors
    /// The pair that contradicts the others most, when no draws can have these correlations.
    ///
    /// Cost: a sixth of the cube of its size.
    pub fn new(correlations: &[Vec<f64>]) -> Result<Self, (usize, usize)> {
        let mut root: Vec<Vec<f64>> = Vec::new();
        for (at, row) in correlations.iter().enumerate() {
            let mut made: Vec<f64> = Vec::with_capacity(at + 1);
            for (column, above) in root.iter().enumerate() {
                let rest = row[column] - dot(&made, above);
                let pivot = above[column];
                if pivot > 0.0 {
                    made.push(rest / pivot);
                } else if rest.abs() <= PIVOT_MIN.sqrt() {
                    made.push(0.0);
                } else {
                    return Err((column, at));
                }
            }
            let rest = 1.0 - dot(&made, &made);
            if rest < -PIVOT_MIN {
                return Err((blamed(&root, &made, row), at));
            }
            made.push(if rest > PIVOT_MIN { rest.sqrt() } else { 0.0 });
            root.push(made);
        }
        Ok(Self { root })
    }

    /// Turns independent words, in the order of the matrix, into words with its correlations. A
    /// draw that is correlated with none before it keeps its bits.
    pub fn couple(&self, words: &mut [u32]) {
        assert_eq!(words.len(), self.root.len(), "a word for each row of the matrix");
        let normals: Vec<f64> =
            words.iter().map(|&word| normal_quantile(uniform(word), uniform(!word))).collect();
        for (word, row) in words.iter_mut().zip(&self.root) {
            let (_, shares) = row.split_last().expect("a row ends with its diagonal");
            if shares.iter().any(|share| share.abs() > 0.0) {
                *word = (normal_cdf(dot(row, &normals)) * 4_294_967_296.0) as u32;
            }
        }
    }
}

fn dot(one: &[f64], other: &[f64]) -> f64 {
    one.iter().zip(other).map(|(one, other)| one * other).sum()
}

/// Which earlier draw explains most of a row that the draws before it explain more than wholly.
fn blamed(root: &[Vec<f64>], made: &[f64], row: &[f64]) -> usize {
    // The weights of the earlier draws in the best forecast of this one: back substitution.
    let mut weights = made.to_vec();
    for at in (0..weights.len()).rev() {
        let later: f64 =
            (at + 1..weights.len()).map(|below| root[below][at] * weights[below]).sum();
        let pivot = root[at][at];
        weights[at] = if pivot > 0.0 { (weights[at] - later) / pivot } else { 0.0 };
    }
    let explains = |at: &usize| weights[*at] * row[*at];
    (0..weights.len()).max_by(|one, other| explains(one).total_cmp(&explains(other))).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::super::{Draw, Purpose, Sampler, StreamId};
    use super::*;

    fn even(count: usize, correlation: f64) -> Vec<Vec<f64>> {
        let entry = |row, column| if row == column { 1.0 } else { correlation };
        (0..count).map(|row| (0..count).map(|column| entry(row, column)).collect()).collect()
    }

    fn draws(count: u64) -> Vec<Draw> {
        let one = |id| Draw::new(20_261_122, StreamId(id), Purpose::Copula, 0);
        (0..count).map(one).collect()
    }

    fn correlation(pairs: &[(f64, f64)]) -> f64 {
        let n = pairs.len() as f64;
        let mean = |of: fn(&(f64, f64)) -> f64| pairs.iter().map(of).sum::<f64>() / n;
        let (a, b) = (mean(|pair| pair.0), mean(|pair| pair.1));
        let sum = |of: &dyn Fn(f64, f64) -> f64| -> f64 {
            pairs.iter().map(|&(x, y)| of(x - a, y - b)).sum()
        };
        sum(&|x, y| x * y) / (sum(&|x, _| x * x) * sum(&|_, y| y * y)).sqrt()
    }

    #[test]
    fn values_and_ranks_get_the_correlation_that_was_asked() {
        let triangle = Distribution::Triangular { low: 80.0, likely: 100.0, high: 120.0 };
        let skewed = Distribution::Lognormal { location: 0.0, median: 6.0, sigma: 0.7 };
        let trials = 100_000;
        for (kind, wanted) in [
            (Correlation::Pearson, 0.5),
            (Correlation::Pearson, -0.4),
            (Correlation::Pearson, 0.0),
            (Correlation::Spearman, 0.5),
            (Correlation::Spearman, -0.9),
        ] {
            let normal = kind.of_normals(wanted, &triangle, &skewed).unwrap();
            let copula = Copula::new(&even(2, normal)).unwrap();
            let (draws, samplers) = (draws(2), [Sampler::new(&triangle), Sampler::new(&skewed)]);
            let pairs: Vec<(f64, f64)> = (0..trials)
                .map(|trial| {
                    let mut words = [draws[0].at(trial), draws[1].at(trial)];
                    copula.couple(&mut words);
                    match kind {
                        Correlation::Pearson => {
                            (samplers[0].at(words[0]), samplers[1].at(words[1]))
                        }
                        // Words are ranks already.
                        Correlation::Spearman => (uniform(words[0]), uniform(words[1])),
                    }
                })
                .collect();
            let seen = correlation(&pairs);
            assert!((seen - wanted).abs() < 0.012, "{kind:?} {wanted}: {seen}");
        }
    }

    #[test]
    fn ten_correlated_activities_spread_as_the_algebra_of_variance_says() {
        let triangle = Distribution::Triangular { low: 80.0, likely: 100.0, high: 120.0 };
        let (draws, sampler) = (draws(10), Sampler::new(&triangle));
        for (wanted, told) in [(0.2, 43.204_937_89), (0.5, 60.553_007_08), (1.0, 81.649_658_09)] {
            let normal = Correlation::Pearson.of_normals(wanted, &triangle, &triangle).unwrap();
            let copula = Copula::new(&even(10, normal)).unwrap();
            let trials = 100_000_u32;
            let squares = (0..trials).map(|trial| {
                let mut words: Vec<u32> = draws.iter().map(|draw| draw.at(trial)).collect();
                copula.couple(&mut words);
                let off = words.iter().map(|&word| sampler.at(word) - 100.0).sum::<f64>();
                off * off
            });
            let sd = (squares.sum::<f64>() / f64::from(trials)).sqrt();
            // Four standard errors of a standard deviation.
            let room = 4.0 * told / f64::from(2 * trials).sqrt();
            assert!((sd - told).abs() < room, "{wanted}: {sd}, told {told}");
        }
    }

    #[test]
    fn a_first_or_free_draw_keeps_its_bits() {
        let matrix = vec![vec![1.0], vec![0.0, 1.0], vec![0.6, 0.0, 1.0]];
        let mut words = [17, 4_000_000_000, 9];
        Copula::new(&matrix).unwrap().couple(&mut words);
        assert_eq!(words[..2], [17, 4_000_000_000]);
        assert_ne!(words[2], 9);
    }

    #[test]
    fn the_pair_that_contradicts_the_others_is_named() {
        // 0 goes with 1 and 1 with 2, so 2 cannot go against 0.
        let matrix = vec![vec![1.0], vec![0.9, 1.0], vec![-0.8, 0.1, 1.0]];
        assert_eq!(Copula::new(&matrix).unwrap_err(), (0, 2));
        let follows = vec![vec![1.0], vec![1.0, 1.0], vec![0.5, 0.2, 1.0]];
        assert_eq!(Copula::new(&follows).unwrap_err(), (1, 2));
        assert!(Copula::new(&even(5, -0.3)).is_err(), "five cannot all move apart so much");
        assert!(Copula::new(&even(5, -0.25)).is_ok());
    }

    #[test]
    fn what_two_shapes_cannot_have_is_said() {
        let skewed = Distribution::Lognormal { location: 0.0, median: 6.0, sigma: 1.2 };
        let normal = Distribution::Normal { mean: 0.0, sd: 1.0 };
        let endless = Distribution::Pareto { scale: 12.0, alpha: 1.5, cap: None };
        let said = [
            Correlation::Pearson.of_normals(0.95, &skewed, &normal).unwrap_err(),
            Correlation::Pearson.of_normals(-0.9, &skewed, &skewed).unwrap_err(),
            Correlation::Spearman.of_normals(1.5, &skewed, &normal).unwrap_err(),
            Correlation::Pearson.of_normals(0.5, &Distribution::Fixed(1.0), &normal).unwrap_err(),
            Correlation::Pearson.of_normals(0.5, &normal, &endless).unwrap_err(),
        ];
        insta::assert_snapshot!(said.join("\n"), @"
        two such shapes correlate between -0.669 and 0.669, not at 0.95
        two such shapes correlate between -0.237 and 1.000, not at -0.9
        a correlation lies between -1 and 1, not at 1.5
        a value that is certain correlates with nothing
        a tail without variance has no pearson correlation; say spearman
        ");
    }
}
