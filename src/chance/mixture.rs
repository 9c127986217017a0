//! Quantiles of a mixture, which have no formula, and where a distribution is not smooth.

use super::Distribution;
use super::distribution::{Form, possible};

/// The smallest x with P(X <= x) >= p, where q = 1 - p.
pub(super) fn quantile(parts: &[(f64, Distribution)], p: f64, q: f64) -> f64 {
    let (mut low, mut high) = (f64::INFINITY, f64::NEG_INFINITY);
    for (_, part) in possible(parts) {
        let value = part.form().quantile(p, q);
        low = low.min(value);
        high = high.max(value);
    }
    let whole = Form::Mixture(parts);
    // How far P(X <= x), or P(X < x), lies above p; told by the smaller tail.
    let excess = |x: f64, inclusive: bool| {
        let (below, above) = whole.tails(x, inclusive);
        if p <= q { below - p } else { q - above }
    };
    if low >= high || excess(low, true) >= 0.0 {
        return low;
    }
    let mut places = Vec::new();
    whole.atoms(&mut places);
    let straddles = |&x: &f64| excess(x, true) >= 0.0 && excess(x, false) < 0.0;
    match places.into_iter().filter(|x| (low..=high).contains(x)).find(straddles) {
        Some(atom) => atom,
        None => first_at_zero(|x| excess(x, true), low, high),
    }
}

/// The smallest x of (low, high] where a function that never falls is at least zero, which it is at
/// `high` but not at `low`.
///
/// Oliveira and Takahashi, "An enhancement of the bisection method average performance preserving
/// minmax optimality" (ITP), ACM Transactions on Mathematical Software 47 (2020); on a stretch of
/// zeros it bisects towards their first.
fn first_at_zero(function: impl Fn(f64) -> f64, mut low: f64, mut high: f64) -> f64 {
    let slack = (low.abs().max(high.abs())) * f64::EPSILON * 2.0;
    let (mut at_low, mut at_high) = (function(low), function(high));
    let pull = 0.2 / (high - low);
    let mut reserve = high - low;
    while high - low > 2.0 * slack {
        let middle = low + 0.5 * (high - low);
        let falsi = (at_high * low - at_low * high) / (at_high - at_low);
        let toward = if middle >= falsi { 1.0 } else { -1.0 };
        let nudge = pull * (high - low) * (high - low);
        let nudged = if nudge <= (middle - falsi).abs() { falsi + toward * nudge } else { middle };
        let room = reserve - 0.5 * (high - low);
        reserve *= 0.5;
        let mut x = if (nudged - middle).abs() <= room { nudged } else { middle - toward * room };
        if at_high <= 0.0 || !(x > low && x < high) {
            x = middle;
        }
        if x <= low || x >= high {
            break;
        }
        let value = function(x);
        if value >= 0.0 {
            (high, at_high) = (x, value);
        } else {
            (low, at_low) = (x, value);
        }
    }
    high
}

impl Form<'_> {
    /// Values that have a probability of their own.
    pub(super) fn atoms(&self, found: &mut Vec<f64>) {
        match *self {
            Form::Point(value) => found.push(value),
            Form::Pareto { cap, .. } => found.extend(cap),
            Form::Discrete(values) => found.extend(possible(values).map(|&(value, _)| value)),
            Form::Empirical(values) => found.extend(values),
            Form::Mixture(parts) => {
                for (_, part) in possible(parts) {
                    part.form().atoms(found);
                }
            }
            Form::Truncated { low, high, of } => {
                let mut all = Vec::new();
                of.form().atoms(&mut all);
                found.extend(all.into_iter().filter(|value| (low..=high).contains(value)));
            }
            _ => {}
        }
    }
}

impl Form<'_> {
    /// Values where the density is not smooth, ends and atoms among them.
    fn corners(&self, found: &mut Vec<f64>) {
        match *self {
            Form::Uniform { low, high } | Form::Beta { low, high, .. } => found.extend([low, high]),
            Form::Triangular { low, likely, high } => found.extend([low, likely, high]),
            Form::Lognormal { location, .. }
            | Form::Weibull { location, .. }
            | Form::Exponential { location, .. } => found.push(location),
            Form::Pareto { scale, cap, .. } => {
                found.push(scale);
                found.extend(cap);
            }
            Form::Mixture(parts) => {
                for (_, part) in possible(parts) {
                    part.form().corners(found);
                }
            }
            Form::Truncated { of, .. } => of.form().corners(found),
            Form::Normal { .. } | Form::Point(_) | Form::Discrete(_) | Form::Empirical(_) => {
                self.atoms(found);
            }
        }
    }

    /// The probabilities p, each with 1 - p, from 0 to 1, between which the quantile is smooth:
    /// where it jumps, and where a corner of the density or an atom begins or ends.
    pub(super) fn breaks(&self) -> Vec<(f64, f64)> {
        let mut corners = Vec::new();
        self.corners(&mut corners);
        let mut breaks = vec![(0.0, 1.0), (1.0, 0.0)];
        for corner in corners {
            breaks.extend([self.tails(corner, false), self.tails(corner, true)]);
        }
        breaks.sort_by(|one, other| one.0.total_cmp(&other.0).then(other.1.total_cmp(&one.1)));
        breaks.dedup();
        breaks
    }
}
