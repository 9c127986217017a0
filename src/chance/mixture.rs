//! Quantiles of a mixture, which have no formula, and where a distribution is not smooth.

use libm::log;

use super::Distribution;
use super::distribution::{Form, possible};

/// The smallest x with P(X <= x) >= p, where q = 1 - p.
pub(super) fn quantile(parts: &[(f64, Distribution)], p: f64, q: f64) -> f64 {
    let whole = Form::Mixture(parts);
    // How far P(X <= x), or P(X < x), lies above p, told by the smaller tail; as a logarithm,
    // because tails are powers and exponentials, and a line finds zeros of lines.
    let excess = |x: f64, inclusive: bool| {
        let (below, above) = whole.tails(x, inclusive);
        if p <= q { log(below / p) } else { log(q / above) }
    };
    let (low, high) = bracket(parts, p, q, excess);
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

/// Values that the quantile lies between: where every part reaches p, and where none does; then
/// closer, since a part holds no more than what the others leave it.
fn bracket(
    parts: &[(f64, Distribution)],
    p: f64,
    q: f64,
    excess: impl Fn(f64, bool) -> f64,
) -> (f64, f64) {
    let (mut low, mut high) = (f64::INFINITY, f64::NEG_INFINITY);
    for (_, part) in possible(parts) {
        let value = part.form().quantile(p, q);
        (low, high) = (low.min(value), high.max(value));
    }
    // A bound is tried a little wide, and taken only if it holds: shares are rounded, and at the
    // edge of a jump rounding would leave the quantile outside.
    for _ in 0..2 {
        let closer = bounds(parts, p, low, 1.0 + WIDE).fold(f64::INFINITY, f64::min);
        if closer < high && excess(closer, true) >= 0.0 {
            high = closer;
        }
        let closer = bounds(parts, p, high, 1.0 - WIDE).fold(f64::NEG_INFINITY, f64::max);
        if closer > low && excess(closer, false) < 0.0 {
            low = closer;
        }
    }
    (low, high)
}

/// How much wider than its bound a share is tried.
const WIDE: f64 = 1e-7;

/// For each part, where it alone would bring the mixture to p if the others stood at `x`.
fn bounds(parts: &[(f64, Distribution)], p: f64, x: f64, factor: f64) -> impl Iterator<Item = f64> {
    let held = move |weight: f64, part: &Distribution| weight * part.form().tails(x, true).0;
    let all: f64 = possible(parts).map(|(weight, part)| held(*weight, part)).sum();
    possible(parts).filter_map(move |(weight, part)| {
        let share = (p - (all - held(*weight, part))) / weight * factor;
        (share > 0.0 && share < 1.0).then(|| part.form().quantile(share, 1.0 - share))
    })
}

/// The smallest x of (low, high] where a function that never falls is at least zero, which it is at
/// `high` but not at `low`.
///
/// Oliveira and Takahashi, "An enhancement of the bisection method average performance preserving
/// minmax optimality" (ITP), ACM Transactions on Mathematical Software 47 (2020); on a stretch of
/// zeros it bisects towards their first. What lies above zero by no more than rounding will do.
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
        if value > 0.0 && value <= NOISE {
            return x;
        }
        if value >= 0.0 {
            (high, at_high) = (x, value);
        } else {
            (low, at_low) = (x, value);
        }
    }
    high
}

/// Relative error of a sum of probabilities.
const NOISE: f64 = 4.0 * f64::EPSILON;

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
