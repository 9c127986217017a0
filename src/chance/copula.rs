//! Values that go together: a Gaussian copula that gives the correlation that was asked for.
//!
//! Each value keeps its own distribution; what is correlated are the normal scores behind the
//! draws. For a rank correlation (Spearman) rho the scores need 2 sin(pi rho / 6) (Kruskal,
//! "Ordinal measures of association", 1958). For a correlation of the values (Pearson) the score
//! correlation is solved for: with the Hermite coefficients c of two values as functions of their
//! scores, the values' covariance is the sum over k of `c_k d_k r^k` (Mehler's formula; the NORTA
//! method of Cario and Nelson, 1997).

use super::Distribution;
use super::special::{normal_cdf, normal_quantile};
use super::stream::uniform;

/// Hermite coefficients that are kept: more change the correlation of smooth values nowhere.
const TERMS: usize = 48;
/// Scores are integrated from minus this to this.
const SCORE_MAX: f64 = 8.0;
/// Points of the integration.
const POINTS: usize = 4_000;
/// A pivot of the factorisation that rounding alone can leave.
const ROUNDING: f64 = 1e-9;

/// The normal score of a drawn word: what is correlated.
pub fn normal_score(word: u32) -> f64 {
    let p = uniform(word);
    normal_quantile(p, 1.0 - p)
}

/// The word of a normal score: [`normal_score`] turned around.
pub fn score_word(score: f64) -> u32 {
    (normal_cdf(score) * 4_294_967_296.0) as u32
}

/// Why values cannot go together as asked, and which two of them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Crooked {
    /// What is wrong, in words.
    pub message: String,
    /// The pair, as indices.
    pub pair: [usize; 2],
}

/// The lower triangle that turns independent normal scores into correlated ones, row by row:
/// score `i` is the sum over `j <= i` of `triangle[i n + j]` times independent score `j`.
///
/// `matrix` holds the correlations asked for, row by row; `of_ranks` says whether of the ranks or
/// of the values.
///
/// # Errors
///
/// A matrix that is no correlation matrix, a correlation that these distributions cannot have.
///
/// Cost: some thousand quantiles for each value of a Pearson matrix; the cube of their number.
pub fn copula(matrix: &[f64], of: &[&Distribution], of_ranks: bool) -> Result<Vec<f64>, Crooked> {
    let count = of.len();
    assert_eq!(matrix.len(), count * count, "a square matrix");
    check(matrix, count)?;
    // Whatever the distributions, what is no correlation matrix is refused as it was asked for.
    triangle(matrix, count)?;
    let hermite: Vec<[f64; TERMS]> = match of_ranks {
        true => Vec::new(),
        false => of.iter().map(|of| coefficients(of)).collect(),
    };
    let mut scores = vec![1.0; count * count];
    for row in 0..count {
        for column in 0..row {
            let asked = matrix[row * count + column];
            let score = match of_ranks {
                true => 2.0 * libm::sin(std::f64::consts::PI * asked / 6.0),
                false => solve(&hermite[row], &hermite[column], asked)
                    .map_err(|message| Crooked { message, pair: [column, row] })?,
            };
            scores[row * count + column] = score;
            scores[column * count + row] = score;
        }
    }
    triangle(&scores, count)
}

fn check(matrix: &[f64], count: usize) -> Result<(), Crooked> {
    let crooked = |message: String, pair| Err(Crooked { message, pair });
    for row in 0..count {
        for column in 0..=row {
            let (one, other) = (matrix[row * count + column], matrix[column * count + row]);
            let pair = [column, row];
            if row == column && one.total_cmp(&1.0).is_ne() {
                return crooked("expected 1 on the diagonal".into(), pair);
            }
            if one.total_cmp(&other).is_ne() {
                return crooked(format!("one pair is given as both {one} and {other}"), pair);
            }
            if !(-1.0..=1.0).contains(&one) {
                return crooked(format!("expected a correlation from -1 to 1, found {one}"), pair);
            }
        }
    }
    Ok(())
}

/// Cholesky's lower triangle of a matrix that may be singular; else the pair that breaks it.
fn triangle(matrix: &[f64], count: usize) -> Result<Vec<f64>, Crooked> {
    let mut lower = vec![0.0; count * count];
    for row in 0..count {
        for column in 0..=row {
            let mut rest = matrix[row * count + column];
            for at in 0..column {
                rest -= lower[row * count + at] * lower[column * count + at];
            }
            let pivot = lower[column * count + column];
            let broken = if row == column { rest < -ROUNDING } else { false };
            // A value that others settle can go with nothing else.
            let settled = row != column && pivot == 0.0 && rest.abs() > ROUNDING.sqrt();
            if broken || settled {
                return Err(Crooked {
                    message: "no values can go together like this: the matrix is not positive \
                              semi-definite"
                        .into(),
                    pair: [if settled { column } else { strongest(&lower, row, count) }, row],
                });
            }
            lower[row * count + column] = if row == column {
                if rest > ROUNDING { rest.sqrt() } else { 0.0 }
            } else if pivot == 0.0 {
                0.0
            } else {
                rest / pivot
            };
        }
    }
    Ok(lower)
}

/// The value that a row leans on most.
fn strongest(lower: &[f64], row: usize, count: usize) -> usize {
    let weight = |&at: &usize| lower[row * count + at].abs();
    (0..row).max_by(|a, b| weight(a).total_cmp(&weight(b))).unwrap_or(0)
}

/// Coefficients of a value as a function of its normal score, by normalised Hermite polynomials,
/// scaled to a variance of one; the constant is left out.
fn coefficients(of: &Distribution) -> [f64; TERMS] {
    let mut sums = [0.0; TERMS];
    let step = 2.0 * SCORE_MAX / POINTS as f64;
    for point in 0..POINTS {
        let z = -SCORE_MAX + step * (point as f64 + 0.5);
        let density = libm::exp(-0.5 * z * z) / (2.0 * std::f64::consts::PI).sqrt();
        let value = of.quantile(normal_cdf(z)) * density * step;
        // He_k / sqrt(k!), from the recursion of the polynomials.
        let (mut before, mut here) = (1.0, z);
        for (k, sum) in (1_u32..).zip(&mut sums) {
            *sum += value * here;
            let k = f64::from(k);
            let next = (z * here - k.sqrt() * before) / (k + 1.0).sqrt();
            (before, here) = (here, next);
        }
    }
    let norm = sums.iter().map(|sum| sum * sum).sum::<f64>().sqrt();
    if norm > 0.0 { sums.map(|sum| sum / norm) } else { sums }
}

/// The score correlation that gives two values the correlation that is asked for.
fn solve(one: &[f64; TERMS], other: &[f64; TERMS], asked: f64) -> Result<f64, String> {
    let at = |score: f64| {
        let terms = one.iter().zip(other).map(|(one, other)| one * other).rev();
        terms.fold(0.0, |sum, term| (sum + term) * score)
    };
    let (mut low, mut high) = (-1.0, 1.0);
    let (least, most) = (at(low), at(high));
    if asked < least - ROUNDING.sqrt() || asked > most + ROUNDING.sqrt() {
        return Err(format!(
            "values so distributed have a correlation from {least:.3} to {most:.3}; {asked} is \
             asked for"
        ));
    }
    for _ in 0..60 {
        let middle = 0.5 * (low + high);
        if at(middle) < asked { low = middle } else { high = middle }
    }
    // The bounds themselves, where they are what is asked for.
    Ok(if asked >= most {
        1.0
    } else if asked <= least {
        -1.0
    } else {
        0.5 * (low + high)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const TRIANGULAR: Distribution =
        Distribution::Triangular { low: 80.0, likely: 100.0, high: 120.0 };

    #[test]
    fn normal_values_need_the_correlation_itself() {
        let normal = Distribution::Normal { mean: 5.0, sd: 2.0 };
        let lower = copula(&[1.0, 0.3, 0.3, 1.0], &[&normal, &normal], false).unwrap();
        assert!((lower[2] - 0.3).abs() < 1e-9, "{lower:?}");
    }

    #[test]
    fn ranks_need_a_little_more() {
        let lower = copula(&[1.0, 0.5, 0.5, 1.0], &[&TRIANGULAR, &TRIANGULAR], true).unwrap();
        assert!((lower[2] - 0.517_638_090_205_041_5).abs() < 1e-12, "2 sin(pi/12): {lower:?}");
    }

    #[test]
    fn values_that_are_one_can_be_asked_for() {
        let lower = copula(&[1.0; 9], &[&TRIANGULAR; 3], false).unwrap();
        assert_eq!(lower, [1.0, 0.0, 0.0, 1.0, 0.0, 0.0, 1.0, 0.0, 0.0]);
    }

    #[test]
    fn a_matrix_of_no_values_names_a_pair() {
        let matrix = [1.0, 0.9, -0.9, 0.9, 1.0, 0.9, -0.9, 0.9, 1.0];
        let refused = copula(&matrix, &[&TRIANGULAR; 3], true).unwrap_err();
        assert!(refused.message.contains("not positive semi-definite"), "{refused:?}");
        assert_eq!(refused.pair[1], 2);
    }

    #[test]
    fn a_correlation_that_skewed_values_cannot_have_is_refused() {
        let skewed = Distribution::Lognormal { location: 0.0, median: 1.0, sigma: 1.5 };
        let refused = copula(&[1.0, -0.9, -0.9, 1.0], &[&skewed, &skewed], false).unwrap_err();
        assert!(refused.message.contains("from -0."), "{refused:?}");
    }
}
