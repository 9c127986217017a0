//! What a number may be instead of its likely value.

use super::special::normal_quantile;

/// How an uncertain number is spread, as a planner says it; all values in one unit of the caller.
///
/// Nothing is checked on the way in: [`Distribution::check`] says what is wrong in words, and the
/// other functions take what has passed it.
#[derive(Clone, Debug, PartialEq)]
pub enum Distribution {
    /// One value, for certain.
    Fixed(f64),
    /// Every value between two bounds is as likely as any other.
    Uniform {
        /// The least value.
        low: f64,
        /// The greatest value.
        high: f64,
    },
    /// A density that rises in a straight line to the likely value and falls in another.
    Triangular {
        /// The least value.
        low: f64,
        /// The mode.
        likely: f64,
        /// The greatest value.
        high: f64,
    },
    /// A beta distribution on three points (semantics T3): alpha = 1 + lambda (likely - low) /
    /// (high - low), beta likewise from above (Vose, "Risk Analysis", 3rd edition, 2008).
    Pert {
        /// The least value.
        low: f64,
        /// The mode.
        likely: f64,
        /// The greatest value.
        high: f64,
        /// Weight of the likely value: 4 is the usual PERT.
        lambda: f64,
    },
    /// The bell curve, which has no least value.
    Normal {
        /// The middle.
        mean: f64,
        /// The standard deviation.
        sd: f64,
    },
    /// A location plus a part whose logarithm is normal.
    Lognormal {
        /// Where the distribution begins.
        location: f64,
        /// Median of the part above the location.
        median: f64,
        /// Standard deviation of the logarithm of that part.
        sigma: f64,
    },
    /// The lognormal that begins at `low`, is densest at `likely` and lies above `high` in one
    /// case of a hundred (semantics T3).
    ThreePointLognormal {
        /// The least value.
        low: f64,
        /// The mode.
        likely: f64,
        /// The 99th percentile: "maximum" as planners mean it.
        high: f64,
    },
    /// A location plus a time to failure whose hazard is a power of age.
    Weibull {
        /// Where the distribution begins.
        location: f64,
        /// The part above the location that 63.2 % stay below.
        scale: f64,
        /// Below 1 failures are of infants, above 1 of wear.
        shape: f64,
    },
    /// A beta distribution stretched over two bounds.
    Beta {
        /// The least value.
        low: f64,
        /// The greatest value.
        high: f64,
        /// Shape at the lower bound.
        alpha: f64,
        /// Shape at the upper bound.
        beta: f64,
    },
    /// A location plus a wait without memory.
    Exponential {
        /// Where the distribution begins.
        location: f64,
        /// Mean of the part above the location.
        mean: f64,
    },
    /// A power-law tail: the fat tail of great projects.
    Pareto {
        /// The least value.
        scale: f64,
        /// The exponent of the tail; at 1 or less the mean is infinite unless capped.
        alpha: f64,
        /// All that would lie beyond happens here instead.
        cap: Option<f64>,
    },
    /// Some values, each with its probability; in any order.
    Discrete(Vec<(f64, f64)>),
    /// Observed values, each as likely as any other, in any order: the empirical distribution
    /// function, with steps and not a line between them, so that mean and spread are those of the
    /// observations and nothing unseen is drawn.
    Empirical(Vec<f64>),
    /// One of several distributions, each with its probability.
    Mixture(Vec<(f64, Distribution)>),
    /// A distribution on the condition that it falls between two bounds, ends included.
    Truncated {
        /// The least value, or minus infinity.
        low: f64,
        /// The greatest value, or infinity.
        high: f64,
        /// What is truncated.
        of: Box<Distribution>,
    },
}

/// A distribution without words for people: what the calculations tell apart.
#[derive(Clone, Copy, Debug)]
pub(super) enum Form<'a> {
    Point(f64),
    Uniform { low: f64, high: f64 },
    Triangular { low: f64, likely: f64, high: f64 },
    Normal { mean: f64, sd: f64 },
    Lognormal { location: f64, median: f64, sigma: f64 },
    Weibull { location: f64, scale: f64, shape: f64 },
    Beta { low: f64, high: f64, alpha: f64, beta: f64 },
    Exponential { location: f64, mean: f64 },
    Pareto { scale: f64, alpha: f64, cap: Option<f64> },
    Discrete(&'a [(f64, f64)]),
    Empirical(&'a [f64]),
    Mixture(&'a [(f64, Distribution)]),
    Truncated { low: f64, high: f64, of: &'a Distribution },
}

impl Distribution {
    /// The usual PERT of three points: lambda 4 (semantics T3).
    pub fn pert(low: f64, likely: f64, high: f64) -> Self {
        Distribution::Pert { low, likely, high, lambda: 4.0 }
    }

    /// The lognormal above `location` with these percentiles.
    pub fn lognormal_of_percentiles(location: f64, p50: f64, p90: f64) -> Self {
        let median = p50 - location;
        let sigma = libm::log((p90 - location) / median) / normal_quantile(0.9, 0.1);
        Distribution::Lognormal { location, median, sigma }
    }

    /// The value of the likely trial (semantics R2): the mode of a three-point value, the median of
    /// any other.
    pub fn likely(&self) -> f64 {
        use Distribution::{Pert, ThreePointLognormal, Triangular, Truncated};
        match self {
            Triangular { likely, .. }
            | Pert { likely, .. }
            | ThreePointLognormal { likely, .. } => *likely,
            Truncated { low, high, of }
                if matches!(**of, Triangular { .. } | Pert { .. } | ThreePointLognormal { .. }) =>
            {
                of.likely().clamp(*low, *high)
            }
            _ => self.quantile(0.5),
        }
    }

    /// No value lies below this; minus infinity where there is no least value.
    pub fn least(&self) -> f64 {
        match self.form() {
            Form::Point(value) => value,
            Form::Uniform { low, .. } | Form::Triangular { low, .. } | Form::Beta { low, .. } => {
                low
            }
            Form::Normal { .. } => f64::NEG_INFINITY,
            Form::Lognormal { location, .. }
            | Form::Weibull { location, .. }
            | Form::Exponential { location, .. } => location,
            Form::Pareto { scale, .. } => scale,
            Form::Discrete(values) => {
                possible(values).map(|&(value, _)| value).fold(f64::INFINITY, f64::min)
            }
            Form::Empirical(values) => values.iter().copied().fold(f64::INFINITY, f64::min),
            Form::Mixture(parts) => {
                possible(parts).map(|(_, part)| part.least()).fold(f64::INFINITY, f64::min)
            }
            Form::Truncated { low, of, .. } => low.max(of.least()),
        }
    }

    /// No value lies above this; infinity where there is no greatest value.
    pub fn most(&self) -> f64 {
        let none = f64::NEG_INFINITY;
        match self.form() {
            Form::Point(value) => value,
            Form::Uniform { high, .. }
            | Form::Triangular { high, .. }
            | Form::Beta { high, .. } => high,
            Form::Normal { .. }
            | Form::Lognormal { .. }
            | Form::Weibull { .. }
            | Form::Exponential { .. } => f64::INFINITY,
            Form::Pareto { cap, .. } => cap.unwrap_or(f64::INFINITY),
            Form::Discrete(values) => {
                possible(values).map(|&(value, _)| value).fold(none, f64::max)
            }
            Form::Empirical(values) => values.iter().copied().fold(none, f64::max),
            Form::Mixture(parts) => {
                possible(parts).map(|(_, part)| part.most()).fold(none, f64::max)
            }
            Form::Truncated { high, of, .. } => high.min(of.most()),
        }
    }

    /// As the calculations see it: names of one thing become one form, and what has no spread
    /// becomes a point, so that no formula divides by a spread of nothing.
    pub(super) fn form(&self) -> Form<'_> {
        match *self {
            Distribution::Fixed(value) => Form::Point(value),
            Distribution::Uniform { low, high } if low < high => Form::Uniform { low, high },
            Distribution::Triangular { low, likely, high } if low < high => {
                Form::Triangular { low, likely, high }
            }
            Distribution::Pert { low, likely, high, lambda } if low < high => Form::Beta {
                low,
                high,
                alpha: 1.0 + lambda * (likely - low) / (high - low),
                beta: 1.0 + lambda * (high - likely) / (high - low),
            },
            Distribution::Beta { low, high, alpha, beta } if low < high => {
                Form::Beta { low, high, alpha, beta }
            }
            Distribution::Uniform { low, .. }
            | Distribution::Triangular { low, .. }
            | Distribution::Pert { low, .. }
            | Distribution::Beta { low, .. } => Form::Point(low),
            Distribution::Normal { mean, sd } if sd > 0.0 => Form::Normal { mean, sd },
            Distribution::Normal { mean, .. } => Form::Point(mean),
            Distribution::Lognormal { location, median, sigma } => {
                lognormal(location, median, sigma)
            }
            Distribution::ThreePointLognormal { low, likely, high } => {
                let (median, sigma) = through_mode_and_p99(likely - low, high - low);
                lognormal(low, median, sigma)
            }
            Distribution::Weibull { location, scale, shape } if scale > 0.0 => {
                Form::Weibull { location, scale, shape }
            }
            Distribution::Exponential { location, mean } if mean > 0.0 => {
                Form::Exponential { location, mean }
            }
            Distribution::Weibull { location, .. } | Distribution::Exponential { location, .. } => {
                Form::Point(location)
            }
            Distribution::Pareto { scale, cap: Some(cap), .. } if cap <= scale => Form::Point(cap),
            Distribution::Pareto { scale, alpha, cap } => Form::Pareto { scale, alpha, cap },
            Distribution::Discrete(ref values) => Form::Discrete(values),
            Distribution::Empirical(ref values) => Form::Empirical(values),
            Distribution::Mixture(ref parts) => Form::Mixture(parts),
            Distribution::Truncated { low, high, ref of } if low < high => {
                Form::Truncated { low, high, of }
            }
            Distribution::Truncated { low, .. } => Form::Point(low),
        }
    }
}

/// What can happen at all.
pub(super) fn possible<T>(weighted: &[T]) -> impl Iterator<Item = &T> + Clone
where
    T: Weighted,
{
    weighted.iter().filter(|one| one.weight() > 0.0)
}

/// Something with a probability.
pub(super) trait Weighted {
    fn weight(&self) -> f64;
}

impl Weighted for (f64, f64) {
    fn weight(&self) -> f64 {
        self.1
    }
}

impl Weighted for (f64, Distribution) {
    fn weight(&self) -> f64 {
        self.0
    }
}

fn lognormal<'a>(location: f64, median: f64, sigma: f64) -> Form<'a> {
    if sigma > 0.0 && median > 0.0 {
        Form::Lognormal { location, median, sigma }
    } else {
        Form::Point(location + median)
    }
}

/// Median and sigma of the lognormal with this mode and this 99th percentile.
///
/// mode = exp(mu - sigma^2) and p99 = exp(mu + z sigma), so sigma^2 + z sigma = ln(p99 / mode): the
/// positive root of a quadratic, exactly.
fn through_mode_and_p99(mode: f64, p99: f64) -> (f64, f64) {
    if p99 <= 0.0 {
        return (0.0, 0.0);
    }
    let z = normal_quantile(0.99, 0.01);
    let rise = libm::log(p99 / mode);
    // Written so that nothing cancels when mode and p99 lie close together.
    let sigma = 2.0 * rise / (z + (z * z + 4.0 * rise).sqrt());
    (mode * libm::exp(sigma * sigma), sigma)
}
