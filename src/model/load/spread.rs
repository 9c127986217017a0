//! Distributions: from the values that a file states to plain numbers in one unit.

use super::network::span;
use crate::chance::Distribution;
use crate::money::{Amount, Currency};
use crate::spec::quantity::{Factor, Percent};
use crate::spec::spread::{ShapeWord, Spread, SpreadKind};
use crate::spec::{Finding, Findings, Placed};
use crate::time::{Calendar, Length, MINUTES_PER_DAY, Span};

/// Longest duration that a trial can draw: what lies above counts as this (200 years).
pub const MINUTES_MAX: f64 = 200.0 * 365.25 * 1440.0;

/// Least, likely and most in the shape that the file gives to such values (semantics T3).
pub fn three_points(shape: ShapeWord, [low, likely, high]: [f64; 3]) -> Distribution {
    match shape {
        ShapeWord::Pert => Distribution::pert(low, likely, high),
        ShapeWord::Triangular => Distribution::Triangular { low, likely, high },
        ShapeWord::Lognormal => Distribution::ThreePointLognormal { low, likely, high },
    }
}

/// The distribution of a value whose parts `number` turns into one unit; what is wrong with it is
/// a finding. `shape` is that of the file's three-point values.
pub fn distribution<V: Clone>(
    spread: &Spread<V>,
    shape: ShapeWord,
    number: &mut impl FnMut(&Placed<V>, &mut Findings) -> f64,
    findings: &mut Findings,
) -> Distribution {
    let unchecked = unchecked(spread, shape, number, findings);
    if let Err(message) = unchecked.check() {
        findings.push(Finding::error("distribution", spread.at, message));
        return Distribution::Fixed(1.0);
    }
    unchecked
}

fn unchecked<V: Clone>(
    spread: &Spread<V>,
    shape: ShapeWord,
    number: &mut impl FnMut(&Placed<V>, &mut Findings) -> f64,
    findings: &mut Findings,
) -> Distribution {
    let at = spread.at;
    if let SpreadKind::Mixture(parts) = &spread.kind {
        let part = |(share, part): &(Percent, Spread<V>)| {
            (plain(share.0.0), unchecked(part, shape, number, findings))
        };
        return Distribution::Mixture(parts.iter().map(part).collect());
    }
    let mut of = |value: &V| number(&Placed { at, value: value.clone() }, findings);
    match &spread.kind {
        SpreadKind::Single(value) => Distribution::Fixed(of(value)),
        SpreadKind::Three { shape: own, values } => {
            three_points(own.unwrap_or(shape), values.each_ref().map(&mut of))
        }
        SpreadKind::Pert { values, lambda } => {
            let [low, likely, high] = values.each_ref().map(&mut of);
            Distribution::Pert { low, likely, high, lambda: factor(lambda) }
        }
        SpreadKind::Uniform(range) => {
            let [low, high] = range.each_ref().map(&mut of);
            Distribution::Uniform { low, high }
        }
        SpreadKind::Normal { mean, sd } => Distribution::Normal { mean: of(mean), sd: of(sd) },
        SpreadKind::LognormalByPercentiles { p50, p90, from } => {
            let location = from.as_ref().map_or(0.0, &mut of);
            Distribution::lognormal_of_percentiles(location, of(p50), of(p90))
        }
        SpreadKind::Lognormal { median, sigma, from } => {
            let location = from.as_ref().map_or(0.0, &mut of);
            Distribution::Lognormal {
                location,
                median: of(median) - location,
                sigma: factor(sigma),
            }
        }
        SpreadKind::Weibull { scale, shape, from } => Distribution::Weibull {
            location: from.as_ref().map_or(0.0, &mut of),
            scale: of(scale),
            shape: factor(shape),
        },
        SpreadKind::Beta { range, alpha, beta } => {
            let [low, high] = range.each_ref().map(&mut of);
            Distribution::Beta { low, high, alpha: factor(alpha), beta: factor(beta) }
        }
        SpreadKind::Exponential { mean, from } => Distribution::Exponential {
            location: from.as_ref().map_or(0.0, &mut of),
            mean: of(mean),
        },
        SpreadKind::Pareto { scale, alpha, cap } => Distribution::Pareto {
            scale: of(scale),
            alpha: factor(alpha),
            cap: cap.as_ref().map(&mut of),
        },
        SpreadKind::Discrete(list) => Distribution::Discrete(
            list.iter().map(|(value, share)| (of(value), plain(share.0.0))).collect(),
        ),
        SpreadKind::Empirical(list) => Distribution::Empirical(list.iter().map(of).collect()),
        SpreadKind::Mixture(_) => unreachable!("taken apart above"),
    }
}

/// A duration in minutes of a calendar, never longer than [`MINUTES_MAX`].
pub fn minutes(
    spread: &Spread<Length>,
    shape: ShapeWord,
    calendar: &Calendar,
    findings: &mut Findings,
) -> Distribution {
    let mut number = |length: &Placed<Length>, findings: &mut Findings| {
        span(length, calendar, findings).0 as f64
    };
    distribution(spread, shape, &mut number, findings)
}

/// A number of days, where `1d` counts one.
pub fn days(spread: &Spread<Length>, shape: ShapeWord, findings: &mut Findings) -> Distribution {
    let always = Calendar::always();
    let mut number = |length: &Placed<Length>, findings: &mut Findings| {
        span(length, &always, findings).0 as f64 / MINUTES_PER_DAY as f64
    };
    distribution(spread, shape, &mut number, findings)
}

/// Multipliers, as they are written.
pub fn factors(spread: &Spread<Factor>, shape: ShapeWord, findings: &mut Findings) -> Distribution {
    let mut number = |value: &Placed<Factor>, _: &mut Findings| factor(&value.value);
    distribution(spread, shape, &mut number, findings)
}

/// Shares of one, as for base rates.
pub fn shares(spread: &Spread<Percent>, shape: ShapeWord, findings: &mut Findings) -> Distribution {
    let mut number = |value: &Placed<Percent>, _: &mut Findings| plain(value.value.0.0);
    distribution(spread, shape, &mut number, findings)
}

/// Amounts in units of their currency, which is one and the same in all parts.
pub fn amounts(spread: &Spread<Amount>, shape: ShapeWord, findings: &mut Findings) -> Distribution {
    let currency = spread.values().first().map(|amount| amount.currency);
    if spread.values().iter().any(|amount| Some(amount.currency) != currency) {
        let message = "amounts of one distribution are in one currency";
        findings.push(Finding::error("distribution", spread.at, message));
    }
    let mut number = |amount: &Placed<Amount>, _: &mut Findings| amount.value.micros as f64 / 1e6;
    distribution(spread, shape, &mut number, findings)
}

/// The likely amount of an uncertain one.
pub fn likely_amount(spread: &Spread<Amount>, shape: ShapeWord) -> Placed<Amount> {
    let at = spread.at;
    let value = match &spread.kind {
        SpreadKind::Single(amount) => *amount,
        SpreadKind::Three { values, .. } => values[1],
        _ => {
            let likely = amounts(spread, shape, &mut Findings::default()).likely();
            let currency = spread.values().first().map_or(Currency::USD, |amount| amount.currency);
            Amount { micros: nearest(likely * 1e6), currency }
        }
    };
    Placed { at, value }
}

/// The likely duration in minutes, to the whole minute, halves to even.
pub fn likely_minutes(of: &Distribution) -> Span {
    Span(nearest(of.likely().clamp(0.0, MINUTES_MAX)))
}

/// To the nearest whole number, halves to even.
fn nearest(value: f64) -> i64 {
    value.round_ties_even() as i64
}

fn factor(value: &Factor) -> f64 {
    plain(value.0.0)
}

fn plain(billionths: i64) -> f64 {
    billionths as f64 / 1e9
}
