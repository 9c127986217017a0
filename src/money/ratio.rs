//! Ratios that may have no value.

use std::fmt;

use rust_decimal::Decimal;

use super::Money;
use crate::unit::Share;

/// Money over money: a number of turns, or undefined where nothing stands below the line.
///
/// Never 0 or infinity for want of a denominator; prints as `n/a` then (semantics M10).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ratio {
    /// Nothing is due, so nothing is covered.
    Undefined,
    /// Both sides, as summed over the window.
    Of {
        /// Above the line.
        numerator: Money,
        /// Below it, more than nothing.
        denominator: Money,
    },
}

impl Ratio {
    /// `numerator / denominator`; undefined unless the denominator is more than nothing.
    pub fn new(numerator: Money, denominator: Money) -> Ratio {
        if denominator > Money::ZERO {
            Ratio::Of { numerator, denominator }
        } else {
            Ratio::Undefined
        }
    }

    /// As a plain number, for display and files.
    pub fn value(self) -> Option<f64> {
        match self {
            Ratio::Undefined => None,
            Ratio::Of { numerator, denominator } => Some(numerator.0 as f64 / denominator.0 as f64),
        }
    }

    /// Exactly, to 28 digits; `None` if undefined.
    pub fn decimal(self) -> Option<Decimal> {
        match self {
            Ratio::Undefined => None,
            Ratio::Of { numerator, denominator } => {
                Some(numerator.decimal() / denominator.decimal())
            }
        }
    }

    /// Whether it is at least `threshold`, compared exactly; `None` if undefined.
    pub fn at_least(self, threshold: Share) -> Option<bool> {
        match self {
            Ratio::Undefined => None,
            Ratio::Of { numerator, denominator } => {
                let left = i128::from(numerator.0) * i128::from(Share::ONE.0);
                Some(left >= i128::from(threshold.0) * i128::from(denominator.0))
            }
        }
    }

    /// Whether it is at most `threshold`, compared exactly; `None` if undefined.
    pub fn at_most(self, threshold: Share) -> Option<bool> {
        match self {
            Ratio::Undefined => None,
            Ratio::Of { numerator, denominator } => {
                let left = i128::from(numerator.0) * i128::from(Share::ONE.0);
                Some(left <= i128::from(threshold.0) * i128::from(denominator.0))
            }
        }
    }
}

/// `1.45x`, or `n/a`.
impl fmt::Display for Ratio {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.value() {
            None => f.write_str("n/a"),
            Some(value) => write!(f, "{value:.2}x"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_ratio_without_denominator_is_neither_nothing_nor_infinite() {
        let undefined = Ratio::new(Money(5), Money(0));
        assert_eq!((undefined.value(), undefined.at_least(Share::ZERO)), (None, None));
        assert_eq!(undefined.to_string(), "n/a");
        let cover = Ratio::new(Money(1_400_000), Money(1_000_000));
        assert_eq!(cover.to_string(), "1.40x");
        assert_eq!(cover.at_least(Share(1_400_000_000)), Some(true), "just met");
        assert_eq!(cover.at_least(Share(1_400_000_001)), Some(false));
        assert_eq!(Ratio::new(Money(-1), Money(2)).to_string(), "-0.50x");
    }
}
