//! What is wrong with a distribution, in a planner's words.

use super::Distribution;

/// How far probabilities may miss 1: what people round, not what they forget.
const SUM_SLACK: f64 = 1e-9;

impl Distribution {
    /// # Errors
    /// What is wrong with it, in a planner's words; the first thing found.
    pub fn check(&self) -> Result<(), String> {
        self.numbers_are_numbers()?;
        match self {
            Distribution::Fixed(_) => Ok(()),
            Distribution::Uniform { low, high } => ordered(&[("low", *low), ("high", *high)]),
            Distribution::Triangular { low, likely, high } => points(*low, *likely, *high),
            Distribution::Pert { low, likely, high, lambda } => {
                points(*low, *likely, *high)?;
                at_least_zero("lambda", *lambda)
            }
            Distribution::Normal { sd, .. } => at_least_zero("the standard deviation", *sd),
            Distribution::Lognormal { median, sigma, .. } => {
                above_zero("the median of the part above the location", *median)?;
                at_least_zero("sigma", *sigma)
            }
            Distribution::ThreePointLognormal { low, likely, high } => {
                points(*low, *likely, *high)?;
                if low < high && (likely <= low || likely >= high) {
                    return Err(format!(
                        "a lognormal needs its likely value strictly between min and max, not \
                         {low} / {likely} / {high}; pert takes any order from least to greatest"
                    ));
                }
                Ok(())
            }
            Distribution::Weibull { scale, shape, .. } => {
                at_least_zero("the scale", *scale)?;
                above_zero("the shape", *shape)
            }
            Distribution::Beta { low, high, alpha, beta } => {
                ordered(&[("low", *low), ("high", *high)])?;
                above_zero("alpha", *alpha)?;
                above_zero("beta", *beta)
            }
            Distribution::Exponential { mean, .. } => at_least_zero("the mean", *mean),
            Distribution::Pareto { scale, alpha, cap } => {
                above_zero("the scale", *scale)?;
                above_zero("alpha", *alpha)?;
                match cap {
                    Some(cap) => ordered(&[("the scale", *scale), ("the cap", *cap)]),
                    None => Ok(()),
                }
            }
            Distribution::Discrete(values) => {
                probabilities(values.iter().map(|&(_, probability)| probability))
            }
            Distribution::Empirical(values) if values.is_empty() => {
                Err("it has no observations".into())
            }
            Distribution::Empirical(_) => Ok(()),
            Distribution::Mixture(parts) => {
                for (at, (_, part)) in parts.iter().enumerate() {
                    part.check().map_err(|why| format!("part {}: {why}", at + 1))?;
                }
                probabilities(parts.iter().map(|&(weight, _)| weight))
            }
            Distribution::Truncated { low, high, of } => {
                of.check()?;
                ordered(&[("low", *low), ("high", *high)])?;
                let inside = of.cdf(*high) - of.cdf_below(*low);
                if inside < 1e-6 {
                    return Err(format!(
                        "less than one case in a million lies between {low} and {high}"
                    ));
                }
                Ok(())
            }
        }
    }

    fn numbers_are_numbers(&self) -> Result<(), String> {
        let numbers: Vec<f64> = match self {
            Distribution::Fixed(value) => vec![*value],
            Distribution::Uniform { low, high } => vec![*low, *high],
            Distribution::Triangular { low, likely, high }
            | Distribution::ThreePointLognormal { low, likely, high } => {
                vec![*low, *likely, *high]
            }
            Distribution::Pert { low, likely, high, lambda } => {
                vec![*low, *likely, *high, *lambda]
            }
            Distribution::Normal { mean, sd } => vec![*mean, *sd],
            Distribution::Lognormal { location, median, sigma } => {
                vec![*location, *median, *sigma]
            }
            Distribution::Weibull { location, scale, shape } => vec![*location, *scale, *shape],
            Distribution::Beta { low, high, alpha, beta } => vec![*low, *high, *alpha, *beta],
            Distribution::Exponential { location, mean } => vec![*location, *mean],
            Distribution::Pareto { scale, alpha, cap } => vec![*scale, *alpha, cap.unwrap_or(0.0)],
            Distribution::Discrete(values) => {
                values.iter().flat_map(|&(value, probability)| [value, probability]).collect()
            }
            Distribution::Empirical(values) => values.clone(),
            Distribution::Mixture(parts) => parts.iter().map(|&(weight, _)| weight).collect(),
            // Bounds of a truncation may be infinite: one-sided.
            Distribution::Truncated { low, high, .. } => {
                [low, high].into_iter().copied().filter(|bound| !bound.is_infinite()).collect()
            }
        };
        match numbers.iter().find(|number| !number.is_finite()) {
            Some(number) => Err(format!("{number} is not a number to draw with")),
            None => Ok(()),
        }
    }
}

fn points(low: f64, likely: f64, high: f64) -> Result<(), String> {
    ordered(&[("min", low), ("likely", likely), ("max", high)])
}

fn ordered(values: &[(&str, f64)]) -> Result<(), String> {
    for pair in values.windows(2) {
        let [(lower, low), (upper, high)] = [pair[0], pair[1]];
        if low > high {
            return Err(format!("{lower} ({low}) lies above {upper} ({high})"));
        }
    }
    Ok(())
}

fn at_least_zero(what: &str, value: f64) -> Result<(), String> {
    if value < 0.0 { Err(format!("{what} is {value}; it cannot be negative")) } else { Ok(()) }
}

fn above_zero(what: &str, value: f64) -> Result<(), String> {
    if value <= 0.0 { Err(format!("{what} is {value}; it must be above zero")) } else { Ok(()) }
}

fn probabilities(weights: impl Iterator<Item = f64> + Clone) -> Result<(), String> {
    if let Some(weight) = weights.clone().find(|weight| *weight < 0.0) {
        return Err(format!("a probability is {weight}; it cannot be negative"));
    }
    let sum: f64 = weights.sum();
    if (sum - 1.0).abs() > SUM_SLACK {
        return Err(format!("the probabilities sum to {sum}, not to 1"));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn complaint(distribution: Distribution) -> String {
        distribution.check().expect_err("it is wrong")
    }

    #[test]
    fn each_mistake_is_named_in_a_planners_words() {
        let said = [
            complaint(Distribution::Triangular { low: 5.0, likely: 4.0, high: 9.0 }),
            complaint(Distribution::pert(1.0, 12.0, 9.0)),
            complaint(Distribution::Normal { mean: 1.0, sd: -1.0 }),
            complaint(Distribution::Weibull { location: 0.0, scale: 1.0, shape: 0.0 }),
            complaint(Distribution::Discrete(vec![(1.0, 0.5), (2.0, 0.4)])),
            complaint(Distribution::Discrete(vec![(1.0, 1.5), (2.0, -0.5)])),
            complaint(Distribution::Empirical(vec![])),
            complaint(Distribution::Fixed(f64::NAN)),
            complaint(Distribution::Pareto { scale: 12.0, alpha: 1.5, cap: Some(6.0) }),
            complaint(Distribution::ThreePointLognormal { low: 5.0, likely: 5.0, high: 9.0 }),
            complaint(Distribution::Mixture(vec![
                (0.5, Distribution::Fixed(0.0)),
                (0.5, Distribution::Exponential { location: 0.0, mean: -2.0 }),
            ])),
            complaint(Distribution::Truncated {
                low: 50.0,
                high: 60.0,
                of: Box::new(Distribution::Normal { mean: 0.0, sd: 1.0 }),
            }),
        ];
        insta::assert_snapshot!(said.join("\n"), @"
        min (5) lies above likely (4)
        likely (12) lies above max (9)
        the standard deviation is -1; it cannot be negative
        the shape is 0; it must be above zero
        the probabilities sum to 0.9, not to 1
        a probability is -0.5; it cannot be negative
        it has no observations
        NaN is not a number to draw with
        the scale (12) lies above the cap (6)
        a lognormal needs its likely value strictly between min and max, not 5 / 5 / 9; pert takes any order from least to greatest
        part 2: the mean is -2; it cannot be negative
        less than one case in a million lies between 50 and 60
        ");
    }

    #[test]
    fn three_equal_points_and_one_sided_bounds_are_fine() {
        for fine in [
            Distribution::pert(5.0, 5.0, 5.0),
            Distribution::pert(5.0, 5.0, 9.0),
            Distribution::Triangular { low: 5.0, likely: 9.0, high: 9.0 },
            Distribution::ThreePointLognormal { low: 5.0, likely: 5.0, high: 5.0 },
            Distribution::Truncated {
                low: 0.0,
                high: f64::INFINITY,
                of: Box::new(Distribution::Normal { mean: 1.0, sd: 1.0 }),
            },
        ] {
            assert_eq!(fine.check(), Ok(()), "{fine:?}");
        }
    }
}
