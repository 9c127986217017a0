//! Distributions against an independent library, and laws of their quantiles.

#![allow(clippy::float_cmp, reason = "values that are promised exactly are compared exactly")]

use energize::chance::{Distribution, Draw, Purpose, Sampler, StreamId};
use statrs::distribution::{
    Beta, ContinuousCDF, Exp, LogNormal, Normal, Pareto, Triangular, Uniform, Weibull,
};
use statrs::statistics::Distribution as _;

/// One of each kind, ends and odd shapes among them.
pub fn zoo() -> Vec<Distribution> {
    use Distribution::{
        Beta, Discrete, Empirical, Exponential, Fixed, Lognormal, Mixture, Normal, Pareto, Pert,
        ThreePointLognormal, Triangular, Truncated, Uniform, Weibull,
    };
    let grid = Mixture(vec![
        (0.5, Fixed(0.0)),
        (0.4, Lognormal { location: 0.0, median: 6.0, sigma: 0.7 }),
        (0.1, Pareto { scale: 12.0, alpha: 1.5, cap: Some(96.0) }),
    ]);
    vec![
        Fixed(3.0),
        Uniform { low: -2.0, high: 5.0 },
        Triangular { low: 1.0, likely: 2.0, high: 7.0 },
        Triangular { low: 1.0, likely: 1.0, high: 7.0 },
        Triangular { low: 1.0, likely: 7.0, high: 7.0 },
        Distribution::pert(8.0, 10.0, 16.0),
        Distribution::pert(8.0, 8.0, 16.0),
        Distribution::pert(8.0, 16.0, 16.0),
        Pert { low: 0.0, likely: 1.0, high: 9.0, lambda: 12.5 },
        Normal { mean: 10.0, sd: 3.0 },
        Lognormal { location: 2.0, median: 6.0, sigma: 0.7 },
        Distribution::lognormal_of_percentiles(0.0, 26.0, 37.0),
        ThreePointLognormal { low: 4.0, likely: 13.0, high: 39.0 },
        Weibull { location: 1.0, scale: 3.0, shape: 0.7 },
        Weibull { location: 0.0, scale: 3.0, shape: 2.5 },
        Beta { low: 0.0, high: 1.0, alpha: 0.5, beta: 0.7 },
        Beta { low: -1.0, high: 4.0, alpha: 40.0, beta: 12.0 },
        Exponential { location: 1.0, mean: 12.5 },
        Pareto { scale: 12.0, alpha: 1.5, cap: None },
        Pareto { scale: 12.0, alpha: 1.5, cap: Some(96.0) },
        Discrete(vec![(9.0, 0.2), (1.0, 0.1), (4.0, 0.7)]),
        Empirical(vec![106.0, 63.0, 183.0, 14.0, 232.0, 88.0, 113.0]),
        grid,
        Mixture(vec![
            (0.3, Distribution::pert(0.0, 1.0, 2.0)),
            (0.7, Triangular { low: 1.5, likely: 3.0, high: 4.0 }),
        ]),
        Truncated { low: 0.0, high: f64::INFINITY, of: Box::new(Normal { mean: 1.0, sd: 2.0 }) },
        Truncated {
            low: 2.0,
            high: 9.0,
            of: Box::new(Weibull { location: 0.0, scale: 3.0, shape: 0.7 }),
        },
    ]
}

/// From one tail to the other.
fn probabilities() -> Vec<f64> {
    let tails = [1e-9, 1e-7, 1e-5, 1e-3, 0.01, 0.024];
    let mut all: Vec<f64> = (1..40).map(|k| f64::from(k) / 40.0).collect();
    all.extend(tails.into_iter().flat_map(|p| [p, 1.0 - p]));
    all.sort_by(f64::total_cmp);
    all
}

#[test]
fn a_quantile_is_the_first_value_that_reaches_its_probability() {
    for distribution in zoo() {
        assert_eq!(distribution.check(), Ok(()), "{distribution:?}");
        let mut last = f64::NEG_INFINITY;
        for p in probabilities() {
            let x = distribution.quantile(p);
            assert!(x >= last, "{distribution:?} falls at {p}: {last} then {x}");
            last = x;
            // Room for the rounding of x itself, and of probabilities where they are small.
            let ulps = 8.0 * f64::EPSILON * (x.abs() + distribution.quantile(0.5).abs());
            let room = 1e-13 * p.min(1.0 - p) + f64::EPSILON;
            let (above, below) = (distribution.cdf(x + ulps), distribution.cdf_below(x - ulps));
            assert!(above >= p - room, "{distribution:?} at {p}: {x} reaches only {above}");
            assert!(below <= p + room, "{distribution:?} at {p}: below {x} lies {below}");
            assert!((distribution.least()..=distribution.most()).contains(&x));
        }
    }
}

/// Distributions without a location, each as an independent library has it.
struct Twin {
    ours: Distribution,
    cdf: Box<dyn Fn(f64) -> f64>,
    survival: Box<dyn Fn(f64) -> f64>,
    inverse: Box<dyn Fn(f64) -> f64>,
    mean: Option<f64>,
    variance: Option<f64>,
}

fn twin<D>(ours: Distribution, theirs: D) -> Twin
where
    D: ContinuousCDF<f64, f64> + statrs::statistics::Distribution<f64> + Clone + 'static,
{
    let (cdf, survival, inverse) = (theirs.clone(), theirs.clone(), theirs.clone());
    Twin {
        ours,
        cdf: Box::new(move |x| cdf.cdf(x)),
        survival: Box::new(move |x| survival.sf(x)),
        inverse: Box::new(move |p| inverse.inverse_cdf(p)),
        mean: theirs.mean(),
        variance: theirs.variance(),
    }
}

/// A PERT distribution as the beta distribution that it is.
fn pert_twin(low: f64, likely: f64, high: f64, lambda: f64) -> Twin {
    let span = high - low;
    let theirs =
        Beta::new(1.0 + lambda * (likely - low) / span, 1.0 + lambda * (high - likely) / span)
            .unwrap();
    let unit = move |x: f64| ((x - low) / span).clamp(0.0, 1.0);
    Twin {
        ours: Distribution::Pert { low, likely, high, lambda },
        cdf: Box::new(move |x| theirs.cdf(unit(x))),
        survival: Box::new(move |x| theirs.sf(unit(x))),
        inverse: Box::new(move |p| low + span * theirs.inverse_cdf(p)),
        mean: theirs.mean().map(|mean| low + span * mean),
        variance: theirs.variance().map(|variance| span * span * variance),
    }
}

fn twins() -> Vec<Twin> {
    let beta = |alpha, beta| Distribution::Beta { low: 0.0, high: 1.0, alpha, beta };
    let weibull = |scale, shape| Distribution::Weibull { location: 0.0, scale, shape };
    let lognormal =
        |mu: f64, sigma| Distribution::Lognormal { location: 0.0, median: libm_exp(mu), sigma };
    vec![
        twin(Distribution::Uniform { low: -2.0, high: 5.0 }, Uniform::new(-2.0, 5.0).unwrap()),
        twin(
            Distribution::Triangular { low: 1.0, likely: 2.0, high: 7.0 },
            Triangular::new(1.0, 7.0, 2.0).unwrap(),
        ),
        twin(Distribution::Normal { mean: 10.0, sd: 3.0 }, Normal::new(10.0, 3.0).unwrap()),
        twin(lognormal(1.23, 0.71), LogNormal::new(1.23, 0.71).unwrap()),
        twin(lognormal(3.335, 0.341), LogNormal::new(3.335, 0.341).unwrap()),
        twin(weibull(3.0, 0.7), Weibull::new(0.7, 3.0).unwrap()),
        twin(weibull(3.0, 2.5), Weibull::new(2.5, 3.0).unwrap()),
        twin(beta(0.5, 0.7), Beta::new(0.5, 0.7).unwrap()),
        twin(beta(2.0, 4.0), Beta::new(2.0, 4.0).unwrap()),
        twin(beta(40.0, 12.0), Beta::new(40.0, 12.0).unwrap()),
        twin(
            Distribution::Exponential { location: 0.0, mean: 12.5 },
            Exp::new(1.0 / 12.5).unwrap(),
        ),
        twin(
            Distribution::Pareto { scale: 12.0, alpha: 2.5, cap: None },
            Pareto::new(12.0, 2.5).unwrap(),
        ),
        pert_twin(8.0, 10.0, 16.0, 4.0),
        pert_twin(8.0, 8.0, 16.0, 4.0),
        pert_twin(0.0, 1.0, 9.0, 12.5),
    ]
}

#[allow(clippy::disallowed_methods, reason = "only to say a median as the twin's parameter")]
fn libm_exp(x: f64) -> f64 {
    x.exp()
}

#[track_caller]
fn near(ours: f64, theirs: f64, slack: f64, what: &dyn std::fmt::Debug) {
    let room = slack * theirs.abs() + f64::EPSILON;
    assert!((ours - theirs).abs() <= room, "{what:?}: {ours}, twin {theirs}");
}

#[test]
fn quantiles_and_tails_are_those_of_an_independent_library() {
    for twin in twins() {
        for p in probabilities() {
            let x = twin.ours.quantile(p);
            // Each side is tested where it has digits; the twin's own functions hold about ten.
            let what = (&twin.ours, p);
            near(twin.ours.cdf(x), (twin.cdf)(x), 1e-9, &what);
            near(twin.ours.survival(x), (twin.survival)(x), 1e-9, &what);
            // Its inverses search to about 1e-8, beta near a pole to that of the whole width.
            let (theirs, width) = ((twin.inverse)(p), twin.variance.unwrap().sqrt());
            assert!((x - theirs).abs() <= 1e-8 * (theirs.abs() + width), "{what:?}: {x} {theirs}");
        }
    }
}

#[test]
fn moments_are_those_of_an_independent_library() {
    for twin in twins() {
        let (mean, variance) = (twin.ours.mean().unwrap(), twin.ours.variance().unwrap());
        near(mean, twin.mean.unwrap(), 1e-12, &twin.ours);
        near(variance, twin.variance.unwrap(), 1e-12, &twin.ours);
    }
}

/// Draws of one stream, in order of size.
fn drawn(sampler: &Sampler, id: &str, count: u32) -> Vec<f64> {
    let draw = Draw::new(20_261_122, StreamId::of(id), Purpose::Duration, 0);
    let mut drawn: Vec<f64> = (0..count).map(|trial| sampler.at(draw.at(trial))).collect();
    drawn.sort_by(f64::total_cmp);
    drawn
}

/// Kolmogorov and Smirnov at 100,000 draws: a right sampler is refused once in a million streams.
#[test]
fn a_hundred_thousand_draws_follow_the_twins_curve() {
    let count = 100_000_u32;
    // ln(2 / 10^-6) / 2: Smirnov's tail, two-sided.
    let critical = (14.508_657_738_524_219 / 2.0 / f64::from(count)).sqrt();
    for (at, twin) in twins().iter().enumerate() {
        let drawn = drawn(&Sampler::new(&twin.ours), &format!("twin {at}"), count);
        let mut distance = 0.0_f64;
        for (rank, &x) in (0_u32..).zip(&drawn) {
            let (share, n) = ((twin.cdf)(x), f64::from(count));
            let (before, after) = (f64::from(rank) / n, f64::from(rank + 1) / n);
            distance = distance.max(share - before).max(after - share);
        }
        assert!(distance < critical, "{:?}: {distance} of {critical}", twin.ours);
    }
}

#[test]
fn draws_have_the_mean_and_the_variance_that_are_told() {
    let count = 100_000_u32;
    for (at, distribution) in zoo().iter().enumerate() {
        let (Some(mean), Some(variance)) = (distribution.mean(), distribution.variance()) else {
            continue;
        };
        let drawn = drawn(&Sampler::new(distribution), &format!("moments {at}"), count);
        let n = f64::from(count);
        let seen = drawn.iter().sum::<f64>() / n;
        let squares: Vec<f64> = drawn.iter().map(|x| (x - seen) * (x - seen)).collect();
        let spread = squares.iter().sum::<f64>() / n;
        let fourth = squares.iter().map(|square| square * square).sum::<f64>() / n;
        let error = (variance / n).sqrt();
        assert!((seen - mean).abs() <= 5.0 * error, "{distribution:?}: mean {seen}, told {mean}");
        let error = ((fourth - spread * spread) / n).sqrt();
        assert!(
            (spread - variance).abs() <= 6.0 * error,
            "{distribution:?}: variance {spread}, told {variance}"
        );
    }
}

#[test]
fn a_truncated_normal_has_the_moments_of_the_textbook() {
    // Johnson, Kotz and Balakrishnan, section 13.10.1, for a standard normal above zero.
    let half = Distribution::Truncated {
        low: 0.0,
        high: f64::INFINITY,
        of: Box::new(Distribution::Normal { mean: 0.0, sd: 1.0 }),
    };
    let mean = (2.0 / std::f64::consts::PI).sqrt();
    near(half.mean().unwrap(), mean, 1e-12, &half);
    near(half.variance().unwrap(), 1.0 - mean * mean, 1e-11, &half);
}

#[test]
fn fat_tails_say_that_they_have_no_mean_and_capped_ones_have_both() {
    let pareto = |alpha, cap| Distribution::Pareto { scale: 12.0, alpha, cap };
    assert_eq!((pareto(1.0, None).mean(), pareto(1.0, None).variance()), (None, None));
    near(pareto(1.5, None).mean().unwrap(), 36.0, 1e-14, &"12 x 1.5 / 0.5");
    assert_eq!(pareto(1.5, None).variance(), None);
    // 12 + the integral of (12 / x)^1.5 from 12 to 96: 12 (1 + 2 (1 - 8^-0.5)).
    let capped = pareto(1.5, Some(96.0));
    near(capped.mean().unwrap(), 12.0 * (3.0 - 2.0 / 8.0_f64.sqrt()), 1e-14, &capped);
    // E[x^2] = 144 (1 + 2 (8^0.5 - 1) / 0.5).
    let square = 144.0 * (1.0 + 4.0 * (8.0_f64.sqrt() - 1.0));
    let mean = capped.mean().unwrap();
    near(capped.variance().unwrap(), square - mean * mean, 1e-13, &capped);
}

#[test]
fn three_points_of_a_lognormal_are_met_exactly() {
    let equipment = Distribution::ThreePointLognormal { low: 4.0, likely: 13.0, high: 39.0 };
    assert_eq!((equipment.least(), equipment.likely()), (4.0, 13.0));
    near(equipment.quantile(0.99), 39.0, 1e-14, &equipment);
    // The mode: the density is flat there, and less on both sides.
    let density = |x: f64| equipment.cdf(x + 1e-4) - equipment.cdf(x - 1e-4);
    assert!(density(13.0) > density(12.5) && density(13.0) > density(13.5));
    let slope = (density(13.01) - density(12.99)) / density(13.0);
    assert!(slope.abs() < 1e-4, "{slope}");
}

#[test]
fn two_percentiles_of_a_lognormal_are_met_exactly() {
    let commissioning = Distribution::lognormal_of_percentiles(0.0, 1.15, 1.8);
    near(commissioning.quantile(0.5), 1.15, 1e-15, &commissioning);
    near(commissioning.quantile(0.9), 1.8, 1e-14, &commissioning);
}

#[test]
fn the_likely_trial_takes_modes_of_three_points_and_medians_of_others() {
    let slip = Distribution::Mixture(vec![
        (0.5, Distribution::Fixed(0.0)),
        (0.5, Distribution::Uniform { low: 1.0, high: 2.0 }),
    ]);
    assert_eq!(slip.likely(), 0.0, "half of the cases reach 0 already");
    let told = [
        (Distribution::pert(8.0, 10.0, 16.0), 10.0),
        (Distribution::Triangular { low: 8.0, likely: 10.0, high: 16.0 }, 10.0),
        (Distribution::Lognormal { location: 2.0, median: 6.0, sigma: 0.7 }, 8.0),
        (Distribution::Discrete(vec![(1.0, 0.3), (2.0, 0.3), (3.0, 0.4)]), 2.0),
        (Distribution::Empirical(vec![4.0, 1.0, 3.0, 2.0]), 2.0),
        (Distribution::pert(5.0, 5.0, 5.0), 5.0),
    ];
    for (distribution, likely) in told {
        assert_eq!(distribution.likely(), likely, "{distribution:?}");
    }
}

#[test]
fn a_decimal_probability_meets_the_sum_of_decimals() {
    let third = Distribution::Discrete(vec![(1.0, 0.1), (2.0, 0.2), (3.0, 0.5), (4.0, 0.2)]);
    let met = [0.1, 0.3, 0.8, 1.0].map(|p| third.quantile(p));
    assert_eq!(met, [1.0, 2.0, 3.0, 4.0]);
    let beyond = [0.1, 0.3, 0.8].map(|p| third.quantile(p + 1e-9));
    assert_eq!(beyond, [2.0, 3.0, 4.0]);
    for count in 1..200_u32 {
        let values = (1..=count).map(f64::from).collect();
        let steps = Distribution::Empirical(values);
        for rank in 1..=count {
            let p = f64::from(rank) / f64::from(count);
            assert_eq!(steps.quantile(p), f64::from(rank), "{rank} of {count}");
        }
    }
}
