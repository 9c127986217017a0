//! Distributions against an independent library, and laws of their quantiles.

use energize::chance::Distribution;

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
