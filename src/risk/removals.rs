//! What one risk or factor costs: the same trials with it and without it.
//!
//! All else is drawn alike in both (common random numbers: A. M. Law and W. D. Kelton, Simulation
//! modeling and analysis, 3rd ed. 2000, chapter 11), so the two differ by the driver and not by the
//! luck of other draws. Costs of several drivers do not add up: what one delays may hide behind
//! another.

use std::io::Cursor;
use std::ops::Range;
use std::sync::atomic::Ordering;

use serde::Serialize;

use super::altered::without;
use super::drivers::{Driver, DriverKind};
use super::row::{Kind, has_value};
use super::run::{Study, Workers, run_trials};
use super::statistics::{Moments, Ranked};
use super::store::{Store, StoreError};
use super::summary::{Value, difference, value_of};
use crate::model::Site;
use crate::time::{MINUTES_PER_DAY, Minute};
use crate::unit::Share;

/// What drivers cost in a percentile of the target date and of amounts.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Removals {
    /// Name of the date: `online.all`, or `finish` of a plan without halls.
    pub target: String,
    /// How many trials were run with all, and again without each driver.
    pub trials: u32,
    /// Percentile of the date in percent; of amounts see [`MoneyCost::percent`].
    pub percent: f64,
    /// The date with all drivers; null if no trial was run.
    pub with_all: Option<Value>,
    /// One for each driver, what costs most days first.
    pub removals: Vec<Removal>,
}

/// What one driver costs: what would be saved if it could be ruled out.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Removal {
    /// Which.
    #[serde(skip)]
    pub of: Driver,
    /// What the file calls it: `factor NAME`, `risk NAME`, `branch NAME`, an activity's id.
    pub driver: String,
    /// What kind of thing it is.
    pub kind: DriverKind,
    /// The date at the percentile without it.
    pub without: Option<Value>,
    /// Days by which it is later with the driver; null if there is no date with it or without.
    pub days: Option<f64>,
    /// The same of the mean date; null if a trial has none. What happens rarely may move the mean
    /// and no percentile.
    pub mean_days: Option<f64>,
    /// What it costs in amounts, in the order asked for.
    pub money: Vec<MoneyCost>,
}

/// What a driver does to an amount.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct MoneyCost {
    /// Name of the column.
    pub column: String,
    /// Percentile in percent: that of the date for costs and calls, of which more is worse; for
    /// revenue, cash and cover the opposite one, which as many trials exceed: 20 for 80.
    pub percent: f64,
    /// The amount with all drivers.
    pub with_all: Option<Value>,
    /// The amount without this one.
    pub without: Option<Value>,
    /// With less without: what the driver adds or, below 0, takes; null if undefined.
    pub difference: Option<Value>,
}

/// What each of some drivers costs in percentile `p`: the trials are run once with all and once
/// without each of them, in memory.
///
/// `money` names columns of the row; without any, books are not kept. Stopped, it gives the drivers
/// that are complete.
///
/// Cost: one run of `trials` more than there are drivers, and memory for their rows.
///
/// # Errors
///
/// When the row has no column of a name.
pub fn removals(
    study: &Study<'_>,
    trials: Range<u32>,
    p: Share,
    drivers: &[Driver],
    money: &[&str],
    workers: &Workers<'_>,
) -> Result<Removals, StoreError> {
    let target = study.outcome.target();
    let names: Vec<&str> = [target].into_iter().chain(money.iter().copied()).collect();
    let run = |site: &Site| {
        let books = study.outcome.money && !money.is_empty();
        let other = Study::new(site, study.sampler.seed, study.sampler.plan, books);
        columns(&other, trials.clone(), &names, workers)
    };
    let with_all = run(study.site)?;
    let date = Looked { p, kind: Kind::Date, start: study.site.plan.start };
    let mut removals = Vec::with_capacity(drivers.len());
    for &of in drivers {
        if workers.stop.load(Ordering::Relaxed) {
            break;
        }
        let without = run(&without(study.site, of))?;
        if without[0].values.len() != with_all[0].values.len() {
            break;
        }
        let of_money = money.iter().zip(with_all.iter().zip(&without).skip(1));
        let of_money = of_money.map(|(&column, (with_all, without))| {
            let p = if more_is_worse(column) { p } else { Share(Share::ONE.0 - p.0) };
            let looked = Looked { p, kind: with_all.kind, ..date };
            let [a, b] = [with_all, without].map(|column| looked.at(column));
            MoneyCost {
                column: column.to_string(),
                percent: percent(p),
                with_all: a.map(|value| looked.value(value)),
                without: b.map(|value| looked.value(value)),
                difference: less(a, b).map(|by| difference(with_all.kind, by)),
            }
        });
        let money = of_money.collect();
        let later = less(date.at(&with_all[0]), date.at(&without[0]));
        let means = [&with_all[0], &without[0]].map(|column| Moments::of(&column.values));
        let mean_days = match means {
            [Some(a), Some(b)] => Some((a.sum - b.sum) as f64 / a.n as f64 / MINUTES),
            _ => None,
        };
        removals.push(Removal {
            of,
            driver: of.name(study.site),
            kind: of.kind(),
            without: date.at(&without[0]).map(|value| date.value(value)),
            days: later.map(|minutes| minutes / MINUTES),
            mean_days,
            money,
        });
    }
    removals.sort_by(|a, b| {
        let days = |of: &Removal| (of.days.unwrap_or(f64::INFINITY), of.mean_days.unwrap_or(0.0));
        let ((a_days, a_mean), (b_days, b_mean)) = (days(a), days(b));
        b_days.total_cmp(&a_days).then(b_mean.total_cmp(&a_mean)).then(a.of.cmp(&b.of))
    });
    Ok(Removals {
        target: target.to_string(),
        trials: with_all[0].values.len() as u32,
        percent: percent(p),
        with_all: date.at(&with_all[0]).map(|value| date.value(value)),
        removals,
    })
}

/// Minutes of a day.
const MINUTES: f64 = MINUTES_PER_DAY as f64;

/// A column of a run.
struct Found {
    kind: Kind,
    values: Vec<i64>,
}

fn columns(
    study: &Study<'_>,
    trials: Range<u32>,
    names: &[&str],
    workers: &Workers<'_>,
) -> Result<Vec<Found>, StoreError> {
    let meta = study.meta(String::new(), trials.end, trials.clone());
    let mut store = Store::create(meta, Cursor::new(Vec::new()), usize::MAX)?;
    run_trials(study, &mut store, trials.end, workers)?;
    let layout = &study.outcome.layout;
    let found = names.iter().map(|name| {
        let values = store.column(name)?;
        let at = layout.index(name).expect("its values were found by this name");
        Ok(Found { kind: layout.columns[at].kind, values })
    });
    found.collect()
}

/// Which percentile is looked at.
#[derive(Clone, Copy)]
struct Looked {
    p: Share,
    kind: Kind,
    start: Minute,
}

impl Looked {
    fn at(&self, column: &Found) -> Option<i64> {
        Ranked::new(column.values.clone()).percentile(self.p)
    }

    fn value(&self, value: i64) -> Value {
        value_of(self.kind, value, self.start)
    }
}

/// Their difference, where both are values.
fn less(a: Option<i64>, b: Option<i64>) -> Option<f64> {
    let (a, b) = (a.filter(|&a| has_value(a))?, b.filter(|&b| has_value(b))?);
    Some((i128::from(a) - i128::from(b)) as f64)
}

fn percent(p: Share) -> f64 {
    p.0 as f64 / (Share::ONE.0 / 100) as f64
}

/// Whether more of a column is worse: a date, a cost, a call for money.
fn more_is_worse(column: &str) -> bool {
    !["revenue:", "cash.", "dscr.", "online:"].iter().any(|of| column.starts_with(of))
}
