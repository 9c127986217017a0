//! The row of one trial, as named integers, and blocks of such rows.

use serde::{Deserialize, Serialize};

use crate::money::Ratio;
use crate::time::{Day, Minute};
use crate::unit::{Share, mul_div};

/// It happens, but later than the run looks (semantics M11). Ranks after every date.
pub const AFTER_HORIZON: i64 = i64::MAX - 1;

/// It does not happen (semantics M11). Ranks last.
pub const NEVER: i64 = i64::MAX;

/// It has no value in this trial, as a cover with no debt service has none. Takes no part in any
/// rank and is counted apart.
pub const UNDEFINED: i64 = i64::MIN;

/// Whether this is a value in the column's unit, not one of the three special ones.
#[inline]
pub fn has_value(value: i64) -> bool {
    value != UNDEFINED && value < AFTER_HORIZON
}

/// A date as a row holds it: [`NEVER`] if it does not happen, [`AFTER_HORIZON`] beyond the horizon.
pub fn date_value(at: Minute, horizon: Minute) -> i64 {
    if !at.happens() {
        NEVER
    } else if at > horizon {
        AFTER_HORIZON
    } else {
        at.0
    }
}

/// A ratio as a row holds it: billionths, half to even; [`UNDEFINED`] without a denominator.
pub fn ratio_value(ratio: Ratio) -> i64 {
    match ratio {
        Ratio::Undefined => UNDEFINED,
        Ratio::Of { numerator, denominator } => {
            let billionths =
                mul_div(numerator.0, i128::from(Share::ONE.0), i128::from(denominator.0));
            billionths.clamp(UNDEFINED + 1, AFTER_HORIZON - 1)
        }
    }
}

/// The month a day lies in as a row holds it; [`NEVER`] for none.
pub fn month_value(day: Option<Day>) -> i64 {
    day.map_or(NEVER, |day| i64::from(day.month_number()))
}

/// What the integers of a column count.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// Minutes since the epoch ([`Minute`]).
    Date,
    /// IT watts.
    Power,
    /// Millionths of the reporting currency (semantics M12).
    Money,
    /// Billionths.
    Ratio,
    /// A number of things.
    Count,
    /// 1 if it is so, 0 if not.
    Flag,
    /// Months since the year 0: the first month in which something happens.
    Month,
}

/// One number of the row.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Column {
    /// What it is, such as `finish:hall-1.rfs`, `online:2026-03`, `revenue:2026-Q1`,
    /// `dscr.least`, `breaks:ddtl.dscr`. Names are stable: other programs look columns up by them.
    pub name: String,
    /// What it counts.
    pub kind: Kind,
}

/// What the row of every trial of a run holds.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Layout {
    /// The numbers of a row, in order. No two have the same name.
    pub columns: Vec<Column>,
    /// How many sums over trials go with a block beside its rows.
    pub sums: usize,
}

impl Layout {
    /// A layout of these columns.
    ///
    /// # Panics
    ///
    /// If two columns have the same name.
    pub fn new(columns: Vec<Column>, sums: usize) -> Layout {
        let layout = Layout { columns, sums };
        assert!(layout.duplicate().is_none(), "two columns {:?}", layout.duplicate());
        layout
    }

    /// Where the column of this name stands.
    pub fn index(&self, name: &str) -> Option<usize> {
        self.columns.iter().position(|column| column.name == name)
    }

    /// A name that stands twice.
    pub(super) fn duplicate(&self) -> Option<&str> {
        let mut names: Vec<&str> = self.columns.iter().map(|column| &column.name[..]).collect();
        names.sort_unstable();
        names.windows(2).find(|pair| pair[0] == pair[1]).map(|pair| pair[0])
    }
}

/// The rows of some trials that follow each other, by column.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Block {
    /// Number of the first trial; trials count from 0.
    pub first: u32,
    /// How many trials.
    pub trials: u32,
    /// All trials of the first column, then all of the second, and so on.
    pub values: Vec<i64>,
    /// Sums over these trials. Sums of integers do not depend on the order of trials; they wrap
    /// around at the ends of 128 bits, so that they never depend on how trials were split either.
    pub sums: Vec<i128>,
}

impl Block {
    /// A block in which no trial has a value yet.
    pub fn new(layout: &Layout, first: u32, trials: u32) -> Block {
        let values = vec![UNDEFINED; layout.columns.len() * trials as usize];
        Block { first, trials, values, sums: vec![0; layout.sums] }
    }

    /// Puts the row of a trial in; trials may come in any order.
    ///
    /// # Panics
    ///
    /// If the trial is not one of the block's or the row has another length than its layout.
    pub fn set_row(&mut self, trial: u32, row: &[i64]) {
        let trials = self.trials as usize;
        let at = trial.checked_sub(self.first).map_or(trials, |at| at as usize);
        assert!(at < trials, "trial {trial} in the block of {trials} from {}", self.first);
        assert_eq!(row.len() * trials, self.values.len(), "values in the row of trial {trial}");
        for (column, &value) in row.iter().enumerate() {
            self.values[column * trials + at] = value;
        }
    }

    /// The values of a column by trial.
    pub fn column(&self, index: usize) -> &[i64] {
        let trials = self.trials as usize;
        &self.values[index * trials..][..trials]
    }

    /// Bytes that its numbers take.
    pub(super) fn bytes(&self) -> usize {
        8 * self.values.len() + 16 * self.sums.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::money::Money;
    use crate::time::Span;

    #[test]
    fn what_never_happens_ranks_after_what_happens_after_the_horizon() {
        let horizon = Minute(1_000);
        let dates =
            [Minute(1_000), horizon + Span(1), Minute::NEVER].map(|m| date_value(m, horizon));
        assert_eq!(dates, [1_000, AFTER_HORIZON, NEVER]);
        assert!(dates.is_sorted());
        assert_eq!(
            [0, UNDEFINED + 1, UNDEFINED, AFTER_HORIZON, NEVER].map(has_value),
            [true, true, false, false, false]
        );
    }

    #[test]
    fn ratios_are_billionths_or_have_no_value() {
        assert_eq!(ratio_value(Ratio::new(Money(4), Money(3))), 1_333_333_333);
        assert_eq!(ratio_value(Ratio::new(Money(4), Money(0))), UNDEFINED);
        let huge = ratio_value(Ratio::new(Money(i64::MAX), Money(1)));
        let low = ratio_value(Ratio::new(Money(i64::MIN), Money(1)));
        assert!(has_value(huge) && has_value(low) && low < huge);
    }

    #[test]
    fn a_month_counts_from_the_year_0() {
        assert_eq!(month_value(Some(Day(0))), 12 * 1970);
        assert_eq!(month_value(None), NEVER);
    }

    #[test]
    fn rows_stand_in_their_columns_whatever_order_they_come_in() {
        let column = |name: &str, kind| Column { name: name.to_string(), kind };
        let columns = vec![column("finish:a", Kind::Date), column("gpus", Kind::Count)];
        let layout = Layout::new(columns, 1);
        let mut block = Block::new(&layout, 7, 3);
        block.set_row(9, &[90, 91]);
        block.set_row(7, &[70, 71]);
        assert_eq!(block.column(0), [70, UNDEFINED, 90]);
        assert_eq!(block.column(layout.index("gpus").unwrap()), [71, UNDEFINED, 91]);
        assert_eq!(layout.index("gpu"), None);
        assert_eq!(block.bytes(), 6 * 8 + 16);
    }
}
