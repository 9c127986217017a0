//! What all trials of a run say: dates, power, money, covenants, drivers, and how sure it all is.
//!
//! Made from the rows alone ([`Store`] and the [`About`] that it carries), so a run that was split
//! over machines and merged says what one run says, byte for byte (semantics R4).

use serde::{Deserialize, Serialize};

use super::outcome::{Bearing, drivers_of, sums_of};
use super::row::{Column, Kind, Layout, UNDEFINED};
use super::statistics::{Bound, Proportion, Ranked, joint};
use super::store::{Backing, Store, StoreError};
use super::summary::{ColumnSummary, Value, summary_of, value_of};
use crate::time::Minute;
use crate::unit::Share;

/// What the rows of a run do not hold and its summary needs.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct About {
    /// What to call the site.
    pub title: String,
    /// Reporting currency.
    pub currency: String,
    /// Minute at which the plan starts.
    pub start: i64,
    /// The date that criticality and sensitivity speak of.
    pub target: String,
    /// Ids of all activities.
    pub activities: Vec<String>,
    /// Those whose duration is uncertain, as indices.
    pub uncertain: Vec<u32>,
    /// The row of the likely trial.
    pub likely: Vec<i64>,
    /// Promised minutes by column, where the site has promises.
    pub promised: Vec<(u32, i64)>,
}

impl About {
    /// Whether it belongs to such rows: files may come from anywhere.
    pub(super) fn fits(&self, layout: &Layout) -> bool {
        let (activities, columns) = (self.activities.len(), layout.columns.len());
        self.activities.is_empty() && self.likely.is_empty()
            || sums_of(activities, self.uncertain.len()) == layout.sums
                && self.uncertain.iter().all(|&at| (at as usize) < activities)
                && self.uncertain.is_sorted()
                && self.likely.len() == columns
                && self.promised.iter().all(|&(at, _)| (at as usize) < columns)
                && layout.index(&self.target).is_some()
    }
}

/// What all trials say. Fields are only ever added.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Overall {
    /// The site's id.
    pub site: String,
    /// What to call it.
    pub title: String,
    /// Reporting currency of all money.
    pub currency: String,
    /// Seed of the random streams.
    pub seed: u64,
    /// How trials were sampled: `plain`, `antithetic`, `latin hypercube`.
    pub sampling: String,
    /// Trials that were run.
    pub trials: u32,
    /// Trials that were asked for.
    pub trials_asked: u32,
    /// Start of the plan, from which hours count.
    pub start: String,
    /// The date that criticality and sensitivity speak of.
    pub target: String,
    /// Dates: `finish` (the last of all), `finish:ID`, `online.first`, `online.half`, `online.all`.
    pub dates: Vec<DateSummary>,
    /// IT power online at month ends, `online:YYYY-MM`.
    pub capacity: Vec<ColumnSummary>,
    /// Money, ratios and the months in which covenants break first.
    pub money: Vec<ColumnSummary>,
    /// How probable it is that date and cost, or date and cover, are both kept.
    pub joint: Vec<Joint>,
    /// Every activity that is uncertain or on a longest path in some trial, in file order.
    pub activities: Vec<ActivitySummary>,
}

/// One date, beside the deterministic one and the promised one.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct DateSummary {
    /// What all trials say of it.
    #[serde(flatten)]
    pub summary: ColumnSummary,
    /// The date of the likely trial.
    pub likely: Value,
    /// Probability that it is no later than that.
    pub by_likely: Proportion,
    /// Hours by which the mean lies after the likely date: merge bias and skew; null without a
    /// mean.
    pub bias_hours: Option<f64>,
    /// The promised date, to the end of its day.
    pub plan: Option<Value>,
    /// Probability that it is kept: 0.07 is "plan = P7".
    pub by_plan: Option<Proportion>,
}

/// Joint confidence: each of two values no worse than its own percentile, both in one trial.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Joint {
    /// The columns.
    pub columns: [String; 2],
    /// The percentile of each, in percent.
    pub p: f64,
    /// What each is held to.
    pub targets: [Value; 2],
    /// How probable it is that both are kept.
    pub both: Proportion,
}

/// How one activity bears on the target date.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ActivitySummary {
    /// Its id.
    pub id: String,
    /// Share of trials in which it is on a longest path.
    pub criticality: f64,
    /// Standard deviation of its duration, in hours of its calendar.
    pub sd_hours: f64,
    /// Correlation of its duration with the target date (Pearson); null where either never moves.
    pub cruciality: Option<f64>,
    /// Schedule sensitivity index; null where the target never moves.
    pub sensitivity: Option<f64>,
}

impl Overall {
    /// Sums up a run.
    ///
    /// Cost: one sort a column; memory for two columns.
    ///
    /// # Errors
    ///
    /// When the disk fails.
    pub fn of<F: Backing>(store: &mut Store<F>) -> Result<Overall, StoreError> {
        let meta = store.meta().clone();
        let about = &meta.about;
        let start = Minute(about.start);
        let mut overall = Overall {
            site: meta.site.clone(),
            title: about.title.clone(),
            currency: about.currency.clone(),
            seed: meta.seed,
            sampling: meta.sampling.clone(),
            trials: store.trials(),
            trials_asked: meta.trials,
            start: start.to_string(),
            target: about.target.clone(),
            dates: Vec::new(),
            capacity: Vec::new(),
            money: Vec::new(),
            joint: Vec::new(),
            activities: activities(about, store.sums()),
        };
        for (at, column) in meta.layout.columns.iter().enumerate() {
            let values = store.column(&column.name)?;
            match column.kind {
                Kind::Date => {
                    let date = date_summary(about, at, column, values, start);
                    overall.dates.push(date);
                }
                Kind::Power => overall.capacity.push(summary_of(column, values, start)),
                _ => overall.money.push(summary_of(column, values, start)),
            }
        }
        let target = store.column(&about.target)?;
        for (name, greater) in [("cost.capital", false), ("dscr.least", true)] {
            let Some(at) = meta.layout.index(name) else { continue };
            let values = store.column(name)?;
            let columns = [about.target.clone(), name.to_owned()];
            let kind = meta.layout.columns[at].kind;
            for p in [50, 70, 80] {
                let both = joint_at(&target, (&values, kind, greater), p, start);
                overall.joint.extend(both.map(|(targets, both)| Joint {
                    columns: columns.clone(),
                    p: p as f64,
                    targets,
                    both,
                }));
            }
        }
        Ok(overall)
    }

    /// The date of a column.
    pub fn date(&self, name: &str) -> Option<&DateSummary> {
        self.dates.iter().find(|date| date.summary.name == name)
    }
}

fn date_summary(
    about: &About,
    at: usize,
    column: &Column,
    values: Vec<i64>,
    start: Minute,
) -> DateSummary {
    let likely = about.likely.get(at).copied().unwrap_or(UNDEFINED);
    let promised = about.promised.iter().find(|promise| promise.0 as usize == at);
    let by = |bound| {
        let count = values.iter().filter(|&&value| value <= bound).count();
        Proportion::new(count, values.len())
    };
    let (by_likely, by_plan) = (by(likely), promised.map(|&(_, until)| by(until)));
    let plan = promised.map(|&(_, until)| value_of(Kind::Date, until, start));
    let summary = summary_of(column, values, start);
    let likely = value_of(Kind::Date, likely, start);
    let bias_hours = match (&summary.mean, &likely) {
        (Some(Value::Date { hours: mean, .. }), Value::Date { hours, .. }) => Some(mean - hours),
        _ => None,
    };
    DateSummary { summary, likely, by_likely, bias_hours, plan, by_plan }
}

/// Both at their own percentile; of what is better the greater it is, at the one from above.
fn joint_at(
    target: &[i64],
    (values, kind, greater): (&[i64], Kind, bool),
    p: i64,
    start: Minute,
) -> Option<([Value; 2], Proportion)> {
    let share = |p: i64| Share(p * Share::ONE.0 / 100);
    let date = Ranked::new(target.to_vec()).percentile(share(p))?;
    let other =
        Ranked::new(values.to_vec()).percentile(share(if greater { 100 - p } else { p }))?;
    let bound = if greater { Bound::AtLeast(other) } else { Bound::AtMost(other) };
    let both = joint(&[(target, Bound::AtMost(date)), (values, bound)]);
    Some(([value_of(Kind::Date, date, start), value_of(kind, other, start)], both))
}

fn activities(about: &About, sums: &[i128]) -> Vec<ActivitySummary> {
    let bearings = drivers_of(about.activities.len(), &about.uncertain, sums).bearings();
    let told =
        |of: &Bearing| of.criticality > 0.0 || about.uncertain.binary_search(&of.activity).is_ok();
    let summary = |of: Bearing| ActivitySummary {
        id: about.activities[of.activity as usize].clone(),
        criticality: of.criticality,
        sd_hours: of.sd / 60.0,
        cruciality: of.cruciality,
        sensitivity: of.sensitivity,
    };
    bearings.into_iter().filter(told).map(summary).collect()
}
