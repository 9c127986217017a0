//! From a value to its probability and back.

use libm::{exp, expm1, log, log1p};

use super::Distribution;
use super::distribution::{Form, possible};
use super::special::{Beta, normal_cdf, normal_quantile, power};

impl Distribution {
    /// The smallest x with P(X <= x) >= p (semantics R5); at 0 the least value.
    ///
    /// Cost: some tens of nanoseconds; beta and PERT about a microsecond, mixtures and truncations
    /// several; lists are sorted each time. A `Sampler` is for drawing many.
    pub fn quantile(&self, p: f64) -> f64 {
        assert!((0.0..=1.0).contains(&p), "a probability lies between 0 and 1, not {p}");
        if p <= 0.0 {
            return self.least();
        }
        if p >= 1.0 {
            return self.most();
        }
        self.form().quantile(p, 1.0 - p)
    }

    /// P(X <= x).
    pub fn cdf(&self, x: f64) -> f64 {
        self.form().tails(x, true).0
    }

    /// P(X < x): less than [`Distribution::cdf`] where a single value has a probability.
    pub fn cdf_below(&self, x: f64) -> f64 {
        self.form().tails(x, false).0
    }

    /// P(X > x), exact where it is small.
    pub fn survival(&self, x: f64) -> f64 {
        self.form().tails(x, true).1
    }
}

impl Form<'_> {
    /// The smallest x with P(X <= x) >= p, where q = 1 - p and both are above zero.
    pub(super) fn quantile(&self, p: f64, q: f64) -> f64 {
        match *self {
            Form::Point(value) => value,
            Form::Uniform { low, high } => low + p * (high - low),
            // Kotz and van Dorp, "Beyond Beta" (2004), chapter 1.
            Form::Triangular { low, likely, high } => {
                let span = high - low;
                if p * span <= likely - low {
                    low + (p * span * (likely - low)).sqrt()
                } else {
                    high - (q * span * (high - likely)).sqrt()
                }
            }
            Form::Normal { mean, sd } => mean + sd * normal_quantile(p, q),
            Form::Lognormal { location, median, sigma } => {
                location + median * exp(sigma * normal_quantile(p, q))
            }
            Form::Weibull { location, scale, shape } => {
                location + scale * power(wait(p, q), 1.0 / shape)
            }
            Form::Beta { low, high, alpha, beta } => {
                low + (high - low) * Beta::new(alpha, beta).quantile(p, q)
            }
            Form::Exponential { location, mean } => location + mean * wait(p, q),
            Form::Pareto { scale, alpha, cap } => {
                let value = scale * exp(wait(p, q) / alpha);
                cap.map_or(value, |cap| value.min(cap))
            }
            Form::Discrete(values) => {
                let steps = cumulated(values);
                let at = steps.partition_point(|&(_, below)| below < p);
                steps[at.min(steps.len() - 1)].0
            }
            Form::Empirical(values) => {
                let mut sorted = values.to_vec();
                sorted.sort_by(f64::total_cmp);
                sorted[rank(p, sorted.len())]
            }
            Form::Mixture(parts) => super::mixture::quantile(parts, p, q),
            Form::Truncated { low, high, of } => truncated_quantile(of, low, high, p, q),
        }
    }

    /// P(X <= x) and P(X > x), each exact where it is small; or, if not `inclusive`, P(X < x) and
    /// P(X >= x).
    pub(super) fn tails(&self, x: f64, inclusive: bool) -> (f64, f64) {
        let certain = |below: bool| if below { (1.0, 0.0) } else { (0.0, 1.0) };
        let counts = |value: f64| if inclusive { value <= x } else { value < x };
        match *self {
            Form::Point(value) => certain(counts(value)),
            Form::Uniform { low, high } => {
                let x = x.clamp(low, high);
                ((x - low) / (high - low), (high - x) / (high - low))
            }
            Form::Triangular { low, likely, high } => {
                let (x, span) = (x.clamp(low, high), high - low);
                if x < likely || (x <= likely && likely >= high) {
                    let p = (x - low) * (x - low) / (span * (likely - low));
                    (p, 1.0 - p)
                } else {
                    let q = if x >= high {
                        0.0
                    } else {
                        (high - x) * (high - x) / (span * (high - likely))
                    };
                    (1.0 - q, q)
                }
            }
            Form::Normal { mean, sd } => normal_tails((x - mean) / sd),
            Form::Lognormal { location, median, sigma } => {
                let above = x - location;
                if above <= 0.0 {
                    return certain(false);
                }
                normal_tails(log(above / median) / sigma)
            }
            Form::Weibull { location, scale, shape } => {
                waited(power(((x - location) / scale).max(0.0), shape))
            }
            Form::Beta { low, high, alpha, beta } => {
                let span = high - low;
                Beta::new(alpha, beta).tails((x - low) / span, (high - x) / span)
            }
            Form::Exponential { location, mean } => waited(((x - location) / mean).max(0.0)),
            Form::Pareto { scale, alpha, cap } => {
                if cap.is_some_and(counts) {
                    return certain(true);
                }
                waited(if x > scale { alpha * log(x / scale) } else { 0.0 })
            }
            Form::Discrete(values) => {
                let steps = cumulated(values);
                let at = steps.partition_point(|&(value, _)| counts(value));
                let p = if at == 0 { 0.0 } else { steps[at - 1].1 };
                (p, 1.0 - p)
            }
            Form::Empirical(values) => {
                let below = values.iter().filter(|&&value| counts(value)).count();
                let all = values.len() as f64;
                (below as f64 / all, (values.len() - below) as f64 / all)
            }
            Form::Mixture(parts) => {
                let (mut p, mut q) = (0.0, 0.0);
                for (weight, part) in possible(parts) {
                    let (below, above) = part.form().tails(x, inclusive);
                    p += weight * below;
                    q += weight * above;
                }
                (p.min(1.0), q.min(1.0))
            }
            Form::Truncated { low, high, of } => truncated_tails(of, low, high, x, inclusive),
        }
    }
}

fn normal_tails(z: f64) -> (f64, f64) {
    (normal_cdf(z), normal_cdf(-z))
}

/// The wait of rate one that a share p does not exceed: -ln(1 - p), exact for rare p and rare q.
fn wait(p: f64, q: f64) -> f64 {
    if p < 0.5 { -log1p(-p) } else { -log(q) }
}

/// Who has waited this long at rate one: gone, still waiting.
fn waited(wait: f64) -> (f64, f64) {
    (-expm1(-wait), exp(-wait))
}

/// Possible values in order, each with the probability of it or less, rounded to 12 decimals:
/// people write decimals, and a sum of them should meet the decimal that they ask for.
pub(super) fn cumulated(values: &[(f64, f64)]) -> Vec<(f64, f64)> {
    let mut steps: Vec<(f64, f64)> = possible(values).copied().collect();
    steps.sort_by(|one, other| one.0.total_cmp(&other.0));
    let mut sum = 0.0;
    for step in &mut steps {
        sum += step.1;
        step.1 = (sum * 1e12).round() / 1e12;
    }
    if let Some(last) = steps.last_mut() {
        last.1 = 1.0;
    }
    steps
}

/// The smallest index k of `count` equal steps with (k + 1) / count >= p.
fn rank(p: f64, count: usize) -> usize {
    let all = count as f64;
    let near = ((p * all).ceil() as usize).clamp(1, count);
    // The product may have been rounded over the edge; one step either way settles it.
    let reaches = |rank: usize| rank as f64 / all >= p;
    if near > 1 && reaches(near - 1) {
        near - 2
    } else if reaches(near) || near == count {
        near - 1
    } else {
        near
    }
}

/// The shares of `of` below `low`, inside, and above `high`.
fn shares(of: &Distribution, low: f64, high: f64) -> (f64, f64, f64) {
    let (below, not_below) = of.form().tails(low, false);
    let (up_to, above) = of.form().tails(high, true);
    let inside = if below < 0.5 { up_to - below } else { not_below - above };
    (below, inside, above)
}

fn truncated_quantile(of: &Distribution, low: f64, high: f64, p: f64, q: f64) -> f64 {
    let (below, inside, above) = shares(of, low, high);
    let (p, q) = (below + p * inside, above + q * inside);
    of.form().quantile(p.min(1.0 - f64::EPSILON / 2.0), q).clamp(low, high)
}

fn truncated_tails(of: &Distribution, low: f64, high: f64, x: f64, inclusive: bool) -> (f64, f64) {
    if x < low || (x <= low && !inclusive) {
        return (0.0, 1.0);
    }
    if x > high || (x >= high && inclusive) {
        return (1.0, 0.0);
    }
    let (below, inside, above) = shares(of, low, high);
    let (p, q) = of.form().tails(x, inclusive);
    (((p - below) / inside).clamp(0.0, 1.0), ((q - above) / inside).clamp(0.0, 1.0))
}
