//! Shares of trials, of one column and of several together.

use serde::Serialize;

use super::super::row::UNDEFINED;

/// The normal deviate that 2.5 % lie above: 95 % lie between it and its opposite.
pub const Z_95: f64 = 1.959_963_984_540_054;

/// What is asked of a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Bound {
    /// At most so much; a date: not later.
    AtMost(i64),
    /// At least so much.
    AtLeast(i64),
}

impl Bound {
    /// Whether the value, which is defined, keeps it.
    #[inline]
    pub fn holds(self, value: i64) -> bool {
        match self {
            Bound::AtMost(x) => value <= x,
            Bound::AtLeast(x) => value >= x,
        }
    }
}

/// A share of trials, and how sure it is.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Proportion {
    /// Trials in which it is so.
    pub count: usize,
    /// Of so many.
    pub of: usize,
    /// `count / of`; null without trials.
    pub share: Option<f64>,
    /// Low end of its interval of 95 % confidence.
    pub low: f64,
    /// High end of it.
    pub high: f64,
}

impl Proportion {
    /// With the interval of E. B. Wilson (Probable inference, the law of succession, and
    /// statistical inference, 1927): right near 0 and 1 too, where a share plus or minus its
    /// standard error is not.
    pub fn new(count: usize, of: usize) -> Proportion {
        assert!(count <= of, "{count} trials of {of}");
        if of == 0 {
            return Proportion { count, of, share: None, low: 0.0, high: 1.0 };
        }
        let (k, n, z2) = (count as f64, of as f64, Z_95 * Z_95);
        // The formula with numerator and denominator times n.
        let middle = k + z2 / 2.0;
        let half = Z_95 * (k * ((of - count) as f64) / n + z2 / 4.0).sqrt();
        let low = if count == 0 { 0.0 } else { (middle - half) / (n + z2) };
        let high = if count == of { 1.0 } else { (middle + half) / (n + z2) };
        Proportion { count, of, share: Some(k / n), low, high }
    }
}

/// Share of trials in which all of these columns keep their bounds together: joint confidence.
///
/// Trials in which one of them is undefined are left out.
///
/// # Panics
///
/// If the columns do not have the same number of trials.
pub fn joint(conditions: &[(&[i64], Bound)]) -> Proportion {
    let trials = conditions.first().map_or(0, |(column, _)| column.len());
    assert!(conditions.iter().all(|(column, _)| column.len() == trials), "columns of one run");
    let mut of = 0;
    let mut count = 0;
    for trial in 0..trials {
        if conditions.iter().all(|(column, _)| column[trial] != UNDEFINED) {
            of += 1;
            count += usize::from(conditions.iter().all(|(c, bound)| bound.holds(c[trial])));
        }
    }
    Proportion::new(count, of)
}

#[cfg(test)]
mod tests {
    use super::super::super::row::NEVER;
    use super::*;

    fn four(value: f64) -> String {
        format!("{value:.4}")
    }

    /// R. G. Newcombe, Two-sided confidence intervals for the single proportion, 1998, table I.
    #[test]
    fn shares_have_the_published_intervals_of_wilson() {
        let ends = |count, of| {
            let share = Proportion::new(count, of);
            (four(share.low), four(share.high))
        };
        let text = |low: &str, high: &str| (low.to_string(), high.to_string());
        assert_eq!(ends(81, 263), text("0.2553", "0.3662"));
        assert_eq!(ends(15, 148), text("0.0624", "0.1605"));
        assert_eq!(ends(0, 20), text("0.0000", "0.1611"));
        assert_eq!(ends(1, 29), text("0.0061", "0.1718"));
        assert_eq!(ends(20, 20), text("0.8389", "1.0000"));
        assert_eq!(ends(0, 0), text("0.0000", "1.0000"));
    }

    #[test]
    fn joint_confidence_counts_trials_in_which_all_holds() {
        let date = [10, 20, 30, NEVER, 10];
        let cover = [1_400, 1_100, 1_500, 1_500, UNDEFINED];
        let both = joint(&[(&date, Bound::AtMost(30)), (&cover, Bound::AtLeast(1_400))]);
        assert_eq!((both.count, both.of, both.share), (2, 4, Some(0.5)));
        assert_eq!(joint(&[]).of, 0);
    }
}
