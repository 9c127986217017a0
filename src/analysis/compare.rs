//! Runs side by side: dates, ramp, money and covenants of each, and how far each is from the first.
//!
//! Every run is read into rows that name what they tell; rows of one name become one line. So sites
//! that have little in common can stand beside each other too: what one has not, it does not tell.

mod read;

use std::collections::BTreeMap;

use rust_decimal::Decimal;

use self::read::{Row, quarter_ends, rows};
use super::Run;
use crate::model::Site;
use crate::money::{Currency, Money};
use crate::time::Day;
use crate::unit::ItPower;

/// What a line is about, in the order of the tables.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Topic {
    /// When capacity is ready and online.
    Dates,
    /// Online IT power by date.
    Ramp,
    /// Revenue, recharges included.
    Revenue,
    /// EBITDA.
    Ebitda,
    /// Interest and fees.
    Interest,
    /// Owed to lenders.
    Debt,
    /// In the bank.
    Cash,
    /// Paid in by owners.
    Equity,
    /// Tests of loans.
    Covenants,
}

impl Topic {
    /// The word in files: `dates`.
    pub fn word(self) -> &'static str {
        match self {
            Topic::Dates => "dates",
            Topic::Ramp => "ramp",
            Topic::Revenue => "revenue",
            Topic::Ebitda => "ebitda",
            Topic::Interest => "interest",
            Topic::Debt => "debt",
            Topic::Cash => "cash",
            Topic::Equity => "equity",
            Topic::Covenants => "covenants",
        }
    }
}

/// What the figures of a line are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unit {
    /// A day; differences are calendar days.
    Day,
    /// IT power.
    ItMw,
    /// Money of the run's own reporting currency.
    Money,
    /// Turns of a ratio.
    Turns,
    /// A share; differences are percentage points.
    Percent,
}

/// What a run tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Figure {
    /// On this day.
    Day(Day),
    /// It does not happen.
    Never,
    /// No test fails.
    NoneFails,
    /// No test is made: before the first test date, or nothing to divide by (semantics M10).
    NotTested,
    /// So much power.
    Power(ItPower),
    /// So much money, and the last day of the month that it stood at, where it is a highest or
    /// lowest one.
    Money(Money, Option<Day>),
    /// Room to a threshold, in turns or as a share, at the test of a day; below zero beyond it.
    Room(Decimal, Day),
}

impl Figure {
    /// The day that a highest or lowest figure belongs to.
    pub fn on(self) -> Option<Day> {
        match self {
            Figure::Money(_, on) => on,
            Figure::Room(_, on) => Some(on),
            _ => None,
        }
    }
}

/// How far a figure is from that of the first run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Difference {
    /// Calendar days later.
    Days(i32),
    /// More power.
    Power(ItPower),
    /// More money.
    Money(Money),
    /// More room.
    Room(Decimal),
}

/// One thing that the runs tell.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// What it is about.
    pub topic: Topic,
    /// Whose or when: a site, a hall, a year, a day, a covenant; empty for the whole.
    pub subject: String,
    /// What is told of it.
    pub measure: &'static str,
    /// What the figures are.
    pub unit: Unit,
    /// By run; `None` where a run has no such thing.
    pub figures: Vec<Option<Figure>>,
}

/// Runs side by side.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Comparison {
    /// Reporting currency of each run.
    pub currencies: Vec<Currency>,
    /// By topic; within it by year or day, else as the runs have them.
    pub lines: Vec<Line>,
}

impl Comparison {
    /// Whether all runs tell the same; money of different currencies is never the same.
    pub fn is_equal(&self, line: &Line) -> bool {
        let alike = |at: usize| line.figures[at] == line.figures[0] && self.comparable(line, at);
        (1..line.figures.len()).all(alike)
    }

    /// How far a run is from the first; `None` where either tells no amount or day, or money is
    /// of another currency.
    pub fn difference(&self, line: &Line, at: usize) -> Option<Difference> {
        if !self.comparable(line, at) {
            return None;
        }
        match (line.figures[0]?, line.figures[at]?) {
            (Figure::Day(first), Figure::Day(this)) => Some(Difference::Days(this - first)),
            (Figure::Power(first), Figure::Power(this)) => {
                Some(Difference::Power(ItPower(this.0 - first.0)))
            }
            (Figure::Money(first, _), Figure::Money(this, _)) => {
                Some(Difference::Money(this - first))
            }
            (Figure::Room(first, _), Figure::Room(this, _)) => Some(Difference::Room(this - first)),
            _ => None,
        }
    }

    fn comparable(&self, line: &Line, at: usize) -> bool {
        line.unit != Unit::Money || self.currencies[at] == self.currencies[0]
    }
}

/// Puts runs side by side.
///
/// Cost: rows x log(rows).
pub fn compare(runs: &[(&Site, &Run)]) -> Comparison {
    let ends = quarter_ends(runs);
    let mut known: BTreeMap<(Topic, String, &'static str), usize> = BTreeMap::new();
    let mut lines: Vec<(i64, Line)> = Vec::new();
    for (at, (site, run)) in runs.iter().enumerate() {
        for row in rows(site, run, &ends) {
            let Row { topic, rank, subject, measure, unit, figure } = row;
            let place = *known.entry((topic, subject.clone(), measure)).or_insert(lines.len());
            if place == lines.len() {
                let figures = vec![None; runs.len()];
                lines.push((rank, Line { topic, subject, measure, unit, figures }));
            }
            lines[place].1.figures[at] = figure;
        }
    }
    lines.sort_by_key(|(rank, line)| (line.topic, *rank));
    Comparison {
        currencies: runs.iter().map(|(site, _)| site.terms.fx.reporting()).collect(),
        lines: lines.into_iter().map(|(_, line)| line).collect(),
    }
}
