//! Laws of distributions of any shape, and of their mixtures.

use energize::chance::{Distribution, Sampler, uniform};
use proptest::prelude::*;

fn simple() -> impl Strategy<Value = Distribution> {
    let places = || (-50.0..50.0, 0.0..40.0, 0.0..40.0);
    prop_oneof![
        (-50.0..50.0).prop_map(Distribution::Fixed),
        (-50.0..50.0, 0.0..40.0)
            .prop_map(|(low, span)| Distribution::Uniform { low, high: low + span }),
        places().prop_map(|(low, rise, fall)| Distribution::Triangular {
            low,
            likely: low + rise,
            high: low + rise + fall
        }),
        (places(), 0.0..20.0).prop_map(|((low, rise, fall), lambda)| Distribution::Pert {
            low,
            likely: low + rise,
            high: low + rise + fall,
            lambda
        }),
        (-50.0..50.0, 0.01..20.0).prop_map(|(mean, sd)| Distribution::Normal { mean, sd }),
        (-50.0..50.0, 0.1..40.0, 0.01..1.5).prop_map(|(location, median, sigma)| {
            Distribution::Lognormal { location, median, sigma }
        }),
        (-50.0..50.0, 0.1..40.0, 0.5..6.0)
            .prop_map(|(location, scale, shape)| Distribution::Weibull { location, scale, shape }),
        (-50.0..50.0, 0.1..40.0, 0.4..30.0, 0.4..30.0).prop_map(|(low, span, alpha, beta)| {
            Distribution::Beta { low, high: low + span, alpha, beta }
        }),
        (-50.0..50.0, 0.1..40.0)
            .prop_map(|(location, mean)| Distribution::Exponential { location, mean }),
        (0.1..40.0, 1.0..4.0, prop::option::of(1.0..9.0)).prop_map(|(scale, alpha, cap)| {
            Distribution::Pareto { scale, alpha, cap: cap.map(|times: f64| times * scale) }
        }),
        prop::collection::vec(-50.0..50.0, 1..9).prop_map(Distribution::Empirical),
    ]
}

/// Weights of whole hundredths, so that a probability may meet an edge.
fn mixture() -> impl Strategy<Value = Distribution> {
    prop::collection::vec((1..20_u32, simple()), 1..5).prop_map(|parts| {
        let all: u32 = parts.iter().map(|(weight, _)| weight).sum();
        let share = |weight: u32| f64::from(weight) / f64::from(all);
        Distribution::Mixture(
            parts.into_iter().map(|(weight, part)| (share(weight), part)).collect(),
        )
    })
}

/// Mixtures, now and then cut to what lies between two of their own quantiles.
fn any_of() -> impl Strategy<Value = Distribution> {
    let cut = (mixture(), 0.0..0.4, 0.6..1.0).prop_map(|(of, from, to)| {
        let (low, high) = (of.quantile(from), of.quantile(to));
        Distribution::Truncated { low, high, of: Box::new(of) }
    });
    prop_oneof![2 => simple(), 3 => mixture(), 1 => cut]
}

fn probability() -> impl Strategy<Value = f64> {
    prop_oneof![
        1e-9..1.0_f64,
        (1..100_u32).prop_map(|percent| f64::from(percent) / 100.0),
        (1.0..30.0_f64).prop_map(|digits| 0.5 / f64::from(1_u32 << digits as u32)),
        (1.0..30.0_f64).prop_map(|digits| 1.0 - 0.5 / f64::from(1_u32 << digits as u32)),
    ]
}

/// `x` reaches p, and nothing clearly below it does; up to the rounding of x and of probabilities.
fn reaches_first(of: &Distribution, x: f64, p: f64, room: f64) -> Result<(), TestCaseError> {
    let ulps = 16.0 * f64::EPSILON * (x.abs() + 100.0);
    let (above, below) = (of.cdf(x + ulps), of.cdf_below(x - ulps));
    prop_assert!(above >= p - room, "{x} reaches {above}, not {p}");
    prop_assert!(below <= p + room, "below {x} lies {below}, over {p}");
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn any_quantile_is_the_first_value_that_reaches_its_probability(
        of in any_of(), p in probability(),
    ) {
        prop_assert_eq!(of.check(), Ok(()));
        reaches_first(&of, of.quantile(p), p, 1e-13)?;
    }

    #[test]
    fn quantiles_never_fall(of in any_of(), p in probability(), q in probability()) {
        let (low, high) = (of.quantile(p.min(q)), of.quantile(p.max(q)));
        prop_assert!(low <= high + 1e-12 * (high.abs() + 1.0), "{low} then {high}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn any_sampler_is_the_quantile_of_its_word_to_a_ten_millionth(
        of in any_of(), words in prop::collection::vec(any::<u32>(), 300),
    ) {
        let sampler = Sampler::new(&of);
        for word in words {
            reaches_first(&of, sampler.at(word), uniform(word), 1e-7)?;
        }
    }
}
