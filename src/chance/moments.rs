//! Means and variances.

use libm::{exp, expm1, log};

use super::Distribution;
use super::distribution::{Form, possible};
use super::special::{gamma, power};

impl Distribution {
    /// The mean; none where the tail is too fat to have one.
    pub fn mean(&self) -> Option<f64> {
        Some(self.form().moments().0).filter(|mean| mean.is_finite())
    }

    /// The variance; none where it is infinite.
    pub fn variance(&self) -> Option<f64> {
        Some(self.form().moments().1).filter(|variance| variance.is_finite())
    }
}

impl Form<'_> {
    /// Mean and variance, either of which may be infinite.
    ///
    /// Formulas of Johnson, Kotz and Balakrishnan, "Continuous univariate distributions", 2nd
    /// edition (1994, 1995).
    pub(super) fn moments(&self) -> (f64, f64) {
        match *self {
            Form::Point(value) => (value, 0.0),
            Form::Uniform { low, high } => {
                (low + 0.5 * (high - low), (high - low) * (high - low) / 12.0)
            }
            Form::Triangular { low, likely, high } => {
                let (to, from) = (likely - low, high - low);
                (low + (to + from) / 3.0, (from * from + to * to - from * to) / 18.0)
            }
            Form::Normal { mean, sd } => (mean, sd * sd),
            Form::Lognormal { location, median, sigma } => {
                let square = sigma * sigma;
                let mean = median * exp(0.5 * square);
                (location + mean, mean * mean * expm1(square))
            }
            Form::Weibull { location, scale, shape } => {
                let (first, second) = (gamma(1.0 + 1.0 / shape), gamma(1.0 + 2.0 / shape));
                (location + scale * first, scale * scale * (second - first * first))
            }
            Form::Beta { low, high, alpha, beta } => {
                let (sum, span) = (alpha + beta, high - low);
                let mean = alpha / sum;
                (low + span * mean, span * span * mean * (1.0 - mean) / (sum + 1.0))
            }
            Form::Exponential { location, mean } => (location + mean, mean * mean),
            Form::Pareto { scale, alpha, cap } => pareto(scale, alpha, cap),
            Form::Discrete(values) => {
                of_parts(possible(values).map(|&(value, probability)| (probability, (value, 0.0))))
            }
            Form::Empirical(values) => {
                let share = 1.0 / values.len() as f64;
                of_parts(values.iter().map(|&value| (share, (value, 0.0))))
            }
            Form::Mixture(parts) => {
                of_parts(possible(parts).map(|(weight, part)| (*weight, part.form().moments())))
            }
            Form::Truncated { .. } => self.integrated(),
        }
    }

    /// Mean and variance as integrals of the quantile over probability.
    ///
    /// Takahasi and Mori, "Double exponential formulas for numerical integration", RIMS 9 (1974),
    /// which forgives poles at the ends; each stretch between corners by itself, because it
    /// forgives nothing inside.
    fn integrated(&self) -> (f64, f64) {
        let shift = self.quantile(0.5, 0.5);
        let (mut first, mut second) = (0.0, 0.0);
        let breaks = self.breaks();
        for pair in breaks.windows(2) {
            let (from, to) = (pair[0], pair[1]);
            for step in -NODES..=NODES {
                let (left, right, weight) = node(f64::from(step) * NODE_STEP);
                let width = to.0 - from.0;
                let p = from.0 + left * width;
                let q = to.1 + right * width;
                if p <= 0.0 || q <= 0.0 {
                    continue;
                }
                let value = self.quantile(p, q) - shift;
                first += weight * width * value;
                second += weight * width * value * value;
            }
        }
        (shift + first, second - first * first)
    }
}

const NODES: i32 = 64;
const NODE_STEP: f64 = 0.0625;

/// Distances to both ends of the unit interval, and the weight, of a node.
fn node(t: f64) -> (f64, f64, f64) {
    let quarter = std::f64::consts::FRAC_PI_2;
    let inner = quarter * 0.5 * (exp(t) - exp(-t));
    let left = 1.0 / (1.0 + exp(-2.0 * inner));
    let right = 1.0 / (1.0 + exp(2.0 * inner));
    let weight = NODE_STEP * quarter * (exp(t) + exp(-t)) * left * right;
    (left, right, weight)
}

/// Mean and variance of a capped or endless Pareto distribution: integrals of its survival.
fn pareto(scale: f64, alpha: f64, cap: Option<f64>) -> (f64, f64) {
    // The integral of (x / scale)^-alpha x^order from the scale on, without its unit of
    // scale^(order + 1).
    let beyond = |order: f64| {
        let rest = order + 1.0 - alpha;
        match cap {
            Some(cap) if rest.abs() * log(cap / scale) < 1e-9 => log(cap / scale),
            Some(cap) => (power(cap / scale, rest) - 1.0) / rest,
            None if rest < 0.0 => -1.0 / rest,
            None => f64::INFINITY,
        }
    };
    let mean = scale * (1.0 + beyond(0.0));
    let square = scale * scale * (1.0 + 2.0 * beyond(1.0));
    // An infinite mean would make the difference no number at all.
    (mean, if mean.is_finite() { square - mean * mean } else { f64::INFINITY })
}

/// Mean and variance of a weighted sum of distributions, given theirs.
fn of_parts(parts: impl Iterator<Item = (f64, (f64, f64))> + Clone) -> (f64, f64) {
    let mut mean = 0.0;
    for (weight, moments) in parts.clone() {
        mean += weight * moments.0;
    }
    if mean.is_infinite() {
        return (mean, f64::INFINITY);
    }
    let mut variance = 0.0;
    for (weight, moments) in parts {
        let (centre, spread) = moments;
        variance += weight * (spread + (centre - mean) * (centre - mean));
    }
    (mean, variance)
}
