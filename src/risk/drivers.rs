//! What drives a date or an amount, in the words of the site file.
//!
//! Nothing is kept for drivers: what each was in each trial is drawn again from the seed (semantics
//! R4). [`rank_tornado`] says which of them go with a column of the run; what one of them does by
//! itself is for [`one_at_a_time`](super::one_at_a_time), what it costs in a percentile for
//! [`removals`](super::removals()).

use std::ops::Range;

use serde::Serialize;

use super::row::has_value;
use super::run::Study;
use super::sample::{Drawn, Sampler};
use super::statistics::spearman;
use super::store::{Backing, Store, StoreError};
use crate::chance::Distribution;
use crate::model::Site;

/// Trials that ranks are compared in: the first of the run. The error of a correlation is then
/// below one third of a percent.
pub const RANKED_TRIALS_MAX: u32 = 100_000;
/// Drivers whose ranks are compared: those that correlate most by value.
pub const RANKED_DRIVERS_MAX: usize = 30;
/// Trials that are drawn side by side.
const BLOCK: u32 = 1024;

/// Something that may turn out otherwise. In order as the file's parts are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Driver {
    /// How long an activity takes, by its index: with all that scales, hits and repeats it.
    Activity(u32),
    /// What an activity costs: index into [`Uncertainty::costs`](crate::model::Uncertainty::costs).
    Cost(u32),
    /// A common factor, by its index.
    Factor(u32),
    /// A discrete risk, by its index.
    Risk(u32),
    /// Which way the work goes: index of the branch.
    Branch(u32),
    /// Working days lost to weather, by its index.
    Weather(u32),
}

/// What kind of thing a driver is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum DriverKind {
    /// The duration of an activity.
    Activity,
    /// The cost of an activity.
    Cost,
    /// A common factor.
    Factor,
    /// A discrete risk.
    Risk,
    /// One of several ways.
    Branch,
    /// Working days lost to weather.
    Weather,
}

impl Driver {
    /// Every driver of a site.
    pub fn all(study: &Study<'_>) -> Vec<Driver> {
        let costs = 0..study.site.uncertainty.costs.len() as u32;
        let values = study.outcome.uncertain.iter().map(|&at| Driver::Activity(at));
        values.chain(costs.map(Driver::Cost)).chain(Driver::causes(study.site)).collect()
    }

    /// What bears on many values at once, or happens or not: factors, risks, branches.
    pub fn causes(site: &Site) -> Vec<Driver> {
        let all = &site.uncertainty;
        let factors = (0..all.factors.len() as u32).map(Driver::Factor);
        let risks = (0..all.risks.len() as u32).map(Driver::Risk);
        let branches = (0..all.branches.len() as u32).map(Driver::Branch);
        let weather = (0..all.weather.len() as u32).map(Driver::Weather);
        factors.chain(risks).chain(branches).chain(weather).collect()
    }

    /// What the file calls it: `hall-1.ist`, `cost hall-1.shell`, `factor labour`, `risk flood`,
    /// `branch route`.
    pub fn name(self, site: &Site) -> String {
        let all = &site.uncertainty;
        let id = |activity: u32| site.plan.activities[activity as usize].id.as_str();
        match self {
            Driver::Activity(activity) => id(activity).to_string(),
            Driver::Cost(at) => {
                let cost = all.costs[at as usize].0 as usize;
                format!("cost {}", id(site.terms.costs[cost].activity))
            }
            Driver::Factor(at) => format!("factor {}", all.factors[at as usize].id),
            Driver::Risk(at) => format!("risk {}", all.risks[at as usize].id),
            Driver::Branch(at) => format!("branch {}", all.branches[at as usize].id),
            Driver::Weather(at) => format!("weather {}", all.weather[at as usize].id),
        }
    }

    /// What kind of thing it is.
    pub fn kind(self) -> DriverKind {
        match self {
            Driver::Activity(_) => DriverKind::Activity,
            Driver::Cost(_) => DriverKind::Cost,
            Driver::Factor(_) => DriverKind::Factor,
            Driver::Risk(_) => DriverKind::Risk,
            Driver::Branch(_) => DriverKind::Branch,
            Driver::Weather(_) => DriverKind::Weather,
        }
    }

    /// Whether it has one value a trial: what each activity draws apart has many.
    fn has_one_value(self, site: &Site) -> bool {
        let all = &site.uncertainty;
        match self {
            Driver::Factor(at) => !all.factors[at as usize].each,
            Driver::Risk(at) => !all.risks[at as usize].each,
            _ => true,
        }
    }

    /// What it is in each trial of a block, as an integer: minutes of work, millionths of a
    /// currency, billionths of a factor, 1 where a risk happens or the likeliest way is not taken,
    /// days lost until the likely end.
    fn values(self, study: &Study<'_>, block: &Drawn, out: &mut Vec<i64>) {
        let sampler: &Sampler<'_> = &study.sampler;
        out.clear();
        match self {
            Driver::Activity(activity) => {
                let line = study.outcome.uncertain.binary_search(&activity);
                let line = line.expect("a driver of this study");
                out.extend_from_slice(sampler.minutes(block, line));
            }
            Driver::Cost(at) => {
                let amounts = sampler.cost(block, at as usize).iter();
                out.extend(amounts.map(|&amount| (amount * 1e6).round_ties_even() as i64));
            }
            Driver::Factor(at) => {
                let factors = sampler.factor(block, at as usize).iter();
                out.extend(factors.map(|&factor| (factor * 1e9).round_ties_even() as i64));
            }
            Driver::Risk(at) => {
                out.extend(sampler.occurs(block, at as usize).iter().map(|&is| i64::from(is)));
            }
            Driver::Branch(at) => {
                let likely = study.site.uncertainty.branches[at as usize].likely;
                let ways = sampler.way(block, at as usize).iter();
                out.extend(ways.map(|&way| i64::from(way != likely)));
            }
            Driver::Weather(at) => {
                let trials = block.first..block.first + block.trials as u32;
                out.extend(trials.map(|trial| sampler.weather.days(at as usize, trial)));
            }
        }
    }
}

/// Draws trials again, and hands each block of drivers' values on.
fn redraw(
    study: &Study<'_>,
    trials: Range<u32>,
    drivers: &[Driver],
    mut each: impl FnMut(usize, usize, &[i64]),
) {
    let (mut block, mut values) = (Drawn::default(), Vec::new());
    let mut first = trials.start;
    while first < trials.end {
        let count = BLOCK.min(trials.end - first);
        study.sampler.fill(first, count as usize, &mut block);
        for (at, driver) in drivers.iter().enumerate() {
            driver.values(study, &block, &mut values);
            each(at, (first - trials.start) as usize, &values);
        }
        first += count;
    }
}

/// What drivers were in each of some trials: a column of integers for each.
pub(super) fn columns(study: &Study<'_>, trials: Range<u32>, drivers: &[Driver]) -> Vec<Vec<i64>> {
    let mut columns = vec![Vec::with_capacity(trials.len()); drivers.len()];
    redraw(study, trials, drivers, |at, _, values| columns[at].extend_from_slice(values));
    columns
}

/// Which drivers go with one column of the run.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct RankTornado {
    /// Name of the column: a date, `dscr.least`, `cost.capital`.
    pub column: String,
    /// Trials compared: all, or the first [`RANKED_TRIALS_MAX`] of more.
    pub trials: u32,
    /// How many drivers the site has that vary and have one value a trial.
    pub considered: usize,
    /// The correlation that the strongest of as many drivers reaches in one run of twenty when none
    /// has anything to do with the column (C. E. Bonferroni, 1936): what lies below says nothing.
    pub by_chance: f64,
    /// Those that go with it most, strongest first, at most [`RANKED_DRIVERS_MAX`].
    pub drivers: Vec<RankCorrelation>,
}

/// How a driver goes with a column.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct RankCorrelation {
    /// Which, for asking on.
    #[serde(skip)]
    pub of: Driver,
    /// What the file calls it: an activity's id, `cost ACTIVITY`, `factor NAME`, `risk NAME`,
    /// `branch NAME`.
    pub driver: String,
    /// What kind of thing it is: `activity`, `cost`, `factor`, `risk`, `branch`,
    /// `weather`.
    pub kind: DriverKind,
    /// Correlation of ranks (Spearman), from -1 to 1: above 0, more of it makes the column more,
    /// or later. Trials in which a date never comes rank last.
    pub spearman: f64,
    /// Correlation of values (Pearson), among trials in which the column has a value.
    pub pearson: f64,
}

/// The tornado of ranks: which drivers go with a column.
///
/// A first pass over the trials correlates every driver by value, in running sums; ranks are
/// compared for the [`RANKED_DRIVERS_MAX`] strongest. What each activity draws for itself of a
/// factor or a risk (`each: true`) shows with the activities. Of correlated drivers each shows what
/// both do.
///
/// Cost: two times drawing the trials; memory for the columns of the strongest.
///
/// # Errors
///
/// When there is no such column and when the disk fails.
pub fn rank_tornado<F: Backing>(
    study: &Study<'_>,
    store: &mut Store<F>,
    column: &str,
) -> Result<RankTornado, StoreError> {
    let mut target = store.column(column)?;
    target.truncate(RANKED_TRIALS_MAX as usize);
    let trials = target.len() as u32;
    let first = store.meta().range.start;
    let range = first..first + trials;
    let mut drivers = Driver::all(study);
    drivers.retain(|driver| driver.has_one_value(study.site));
    let mut sums: Vec<Sums> = vec![Sums::default(); drivers.len()];
    redraw(study, range.clone(), &drivers, |at, from, values| {
        let pairs = values.iter().zip(&target[from..]);
        pairs.for_each(|(&x, &y)| sums[at].add(x, y));
    });
    let of = drivers.iter().zip(&sums);
    let mut strongest: Vec<(f64, Driver)> =
        of.filter_map(|(&driver, sums)| Some((sums.pearson()?, driver))).collect();
    let considered = strongest.len();
    strongest.sort_by(|a, b| b.0.abs().total_cmp(&a.0.abs()).then(a.1.cmp(&b.1)));
    strongest.truncate(RANKED_DRIVERS_MAX);
    let chosen: Vec<Driver> = strongest.iter().map(|&(_, driver)| driver).collect();
    let values = columns(study, range, &chosen);
    let ranked = strongest.iter().zip(&values).filter_map(|(&(pearson, of), values)| {
        let spearman = spearman(values, &target)?;
        let (driver, kind) = (of.name(study.site), of.kind());
        Some(RankCorrelation { of, driver, kind, spearman, pearson })
    });
    let mut drivers: Vec<RankCorrelation> = ranked.collect();
    drivers.sort_by(|a, b| b.spearman.abs().total_cmp(&a.spearman.abs()).then(a.of.cmp(&b.of)));
    let by_chance = by_chance(considered, trials);
    Ok(RankTornado { column: column.to_string(), trials, considered, by_chance, drivers })
}

/// Two-sided at 5 % for the strongest of `drivers`. Of ranks without any relation the correlation
/// is normal with variance 1 / (n - 1) (M. G. Kendall, Rank correlation methods, 4th ed. 1970,
/// chapter 5), for the numbers of trials that are run.
fn by_chance(drivers: usize, trials: u32) -> f64 {
    let normal = Distribution::Normal { mean: 0.0, sd: 1.0 };
    let deviate = -normal.quantile(0.025 / drivers.max(1) as f64);
    (deviate / (f64::from(trials.max(2)) - 1.0).sqrt()).min(1.0)
}

/// Running sums of pairs, shifted by the first so that they stay small. Always added in the order
/// of trials, so the same bits whatever run or part they are of.
#[derive(Clone, Copy, Debug, Default)]
struct Sums {
    first: Option<(i64, i64)>,
    n: f64,
    x: f64,
    y: f64,
    xx: f64,
    yy: f64,
    xy: f64,
}

impl Sums {
    fn add(&mut self, x: i64, y: i64) {
        if !has_value(y) {
            return;
        }
        let (x0, y0) = *self.first.get_or_insert((x, y));
        let (x, y) = (x as f64 - x0 as f64, y as f64 - y0 as f64);
        self.n += 1.0;
        self.x += x;
        self.y += y;
        self.xx += x * x;
        self.yy += y * y;
        self.xy += x * y;
    }

    /// `None` where one does not vary.
    fn pearson(&self) -> Option<f64> {
        let (x, y) = (self.xx - self.x * self.x / self.n, self.yy - self.y * self.y / self.n);
        let below = (x * y).sqrt();
        let both = self.xy - self.x * self.y / self.n;
        (x > 0.0 && y > 0.0 && below > 0.0).then(|| (both / below).clamp(-1.0, 1.0))
    }
}
