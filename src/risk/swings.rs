//! One driver at a time: what a date and amounts do when it alone turns out otherwise.

use std::ops::Range;

use serde::Serialize;

use super::altered::{Held, settled, with_only};
use super::drivers::{Driver, DriverKind, RANKED_TRIALS_MAX, columns};
use super::row::{Kind, has_value};
use super::run::Study;
use super::sample::Drawn;
use super::statistics::Ranked;
use super::summary::{Value, difference, value_of};
use crate::chance::Plan;
use crate::model::Site;
use crate::time::MINUTES_PER_DAY;
use crate::unit::Share;

/// What the target date and amounts do when one driver alone turns out otherwise.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct OneAtATime {
    /// Name of the date: `online.all`, or `finish` of a plan without halls.
    pub target: String,
    /// The date with all at its likely value: what swings are counted from. Not a P50.
    pub likely: Value,
    /// The amounts with all at its likely value, in the order asked for.
    pub likely_money: Vec<Amount>,
    /// One for each driver, the widest in days first.
    pub swings: Vec<Swing>,
}

/// An amount of one column.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Amount {
    /// Name of the column.
    pub column: String,
    /// What it is.
    pub value: Value,
}

/// What one driver does by itself.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Swing {
    /// Which.
    #[serde(skip)]
    pub of: Driver,
    /// What the file calls it, as in the tornado of ranks.
    pub driver: String,
    /// What kind of thing it is.
    pub kind: DriverKind,
    /// Its low value: P10, or that a risk does not happen.
    pub low: Level,
    /// Its high value: P90, or that a risk happens with its median impact.
    pub high: Level,
    /// Days by which the target is later than likely with the low value, earlier if below 0; null
    /// if there is no date.
    pub low_days: Option<f64>,
    /// The same with the high value.
    pub high_days: Option<f64>,
    /// What the amounts do, in the order asked for.
    pub money: Vec<MoneySwing>,
}

/// What an amount does when one driver turns out otherwise.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct MoneySwing {
    /// Name of the column.
    pub column: String,
    /// What it has more than likely with the low value of the driver; null if undefined.
    pub low: Option<Value>,
    /// The same with the high value.
    pub high: Option<Value>,
}

/// Where a driver is held. As JSON an object whose key names the unit.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(untagged)]
pub enum Level {
    /// `{"work_hours": 960.0}`.
    Work {
        /// Working hours of the activity's calendar.
        work_hours: f64,
    },
    /// `{"amount": "1200000.00", "currency": "GBP"}`.
    Amount {
        /// To the cent.
        amount: String,
        /// The currency of the file's value.
        currency: String,
    },
    /// `{"factor": 1.12}`; of a shift of base rates, what is added as a share.
    Factor {
        /// What values are multiplied by.
        factor: f64,
    },
    /// `{"happens": true}`.
    Risk {
        /// Whether the risk happens.
        happens: bool,
    },
    /// `{"days_a_year": 14.0}`.
    Weather {
        /// Days that it takes in the twelve months.
        days_a_year: f64,
    },
    /// `{"way": "local"}`.
    Way {
        /// Name of the way taken.
        way: String,
    },
}

/// The tornado of single drivers: each at its P10 and at its P90, all else at its likely value.
///
/// An activity's P10 and P90 are those of all that it took in the trials, factors, risks and rework
/// included, where it was done; those of factors and costs are of their distribution; a factor or
/// risk that each activity draws apart is held for all of them at once. A risk is off, then on with
/// its median impact; a branch goes its likeliest way, then the next likely; weather takes the P10,
/// then the P90 of days from every month.
///
/// `money` names columns of the row. Swings do not add up: what one driver delays may hide behind
/// another.
///
/// Cost: two trials a driver, and drawing `trials` once, of which the first
/// [`RANKED_TRIALS_MAX`] count.
///
/// # Panics
///
/// If the row has no column of a name.
pub fn one_at_a_time(
    study: &Study<'_>,
    trials: Range<u32>,
    drivers: &[Driver],
    money: &[&str],
) -> OneAtATime {
    let target = study.outcome.target();
    let names: Vec<&str> = [target].into_iter().chain(money.iter().copied()).collect();
    let start = study.site.plan.start;
    let likely = outcome(study, &settled(study.site), &names);
    let end = trials.end.min(trials.start.saturating_add(RANKED_TRIALS_MAX));
    let activities: Vec<Driver> =
        drivers.iter().copied().filter(|of| of.kind() == DriverKind::Activity).collect();
    let minutes = columns(study, trials.start..end, &activities);
    let mut ranked = minutes.into_iter();
    let mut swings = Vec::with_capacity(drivers.len());
    for &of in drivers {
        let taken = (of.kind() == DriverKind::Activity).then(|| ranked.next()).flatten();
        let Some(ends) = ends(study.site, of, taken) else { continue };
        let rows = ends.map(|held| outcome(study, &with_only(study.site, of, held), &names));
        let [low, high] = ends.map(|held| level(study.site, of, held));
        let change = |row: &[(Kind, i64)], at: usize| {
            let ((kind, value), likely) = (row[at], likely[at].1);
            let both = has_value(value) && has_value(likely);
            both.then(|| (kind, (i128::from(value) - i128::from(likely)) as f64))
        };
        let days = |row: &[(Kind, i64)]| {
            change(row, 0).map(|(_, minutes)| minutes / MINUTES_PER_DAY as f64)
        };
        let value =
            |row: &[(Kind, i64)], at| change(row, at).map(|(kind, by)| difference(kind, by));
        let money = money.iter().zip(1..).map(|(&column, at)| {
            let (low, high) = (value(&rows[0], at), value(&rows[1], at));
            MoneySwing { column: column.to_string(), low, high }
        });
        swings.push(Swing {
            of,
            driver: of.name(study.site),
            kind: of.kind(),
            low,
            high,
            low_days: days(&rows[0]),
            high_days: days(&rows[1]),
            money: money.collect(),
        });
    }
    let width = |swing: &Swing| match (swing.low_days, swing.high_days) {
        (Some(low), Some(high)) => (high - low).abs(),
        // It takes the date away, or gives it: nothing does more.
        (None, Some(_)) | (Some(_), None) => f64::INFINITY,
        (None, None) => 0.0,
    };
    swings.sort_by(|a, b| width(b).total_cmp(&width(a)).then(a.of.cmp(&b.of)));
    let of = |at: usize| value_of(likely[at].0, likely[at].1, start);
    let amount = |(&column, at): (&&str, usize)| Amount { column: column.into(), value: of(at) };
    OneAtATime {
        target: target.to_string(),
        likely: of(0),
        likely_money: money.iter().zip(1..).map(amount).collect(),
        swings,
    }
}

/// The values of some columns in the first trial of a site in which nothing is left to chance.
fn outcome(study: &Study<'_>, site: &Site, names: &[&str]) -> Vec<(Kind, i64)> {
    let certain = Study::new(site, study.sampler.seed, Plan::Plain, study.outcome.money);
    let mut drawn = Drawn::default();
    certain.sampler.fill(0, 1, &mut drawn);
    let layout = &certain.outcome.layout;
    let mut sums = vec![0; layout.sums];
    let mut trials = certain.trials();
    let row = trials.run(&drawn, 0, &mut sums);
    let value = |name: &&str| {
        let at = layout.index(name).unwrap_or_else(|| panic!("no column `{name}` in the row"));
        (layout.columns[at].kind, row[at])
    };
    names.iter().map(value).collect()
}

/// A driver's low and high value; `taken` are an activity's minutes by trial. `None` where there
/// are none, as of an activity that no trial did.
fn ends(site: &Site, driver: Driver, taken: Option<Vec<i64>>) -> Option<[Held; 2]> {
    let all = &site.uncertainty;
    let spread = match driver {
        Driver::Activity(activity) => {
            let mut taken = taken?;
            let mut ways = all.branches.iter().flat_map(|branch| &branch.ways);
            if ways.any(|way| way.activities.binary_search(&activity).is_ok()) {
                // What another way left out took no minutes; that is no short duration of it.
                taken.retain(|&minutes| minutes > 0);
            }
            let ranked = Ranked::new(taken);
            let held = |tenths: i64| {
                let minutes = ranked.percentile(Share(tenths * Share::ONE.0 / 10))?;
                Some(Held::At(minutes as f64))
            };
            return Some([held(1)?, held(9)?]);
        }
        Driver::Cost(at) => &all.costs[at as usize].1,
        Driver::Factor(at) => &all.factors[at as usize].spread,
        Driver::Risk(_) => return Some([Held::Happens(false), Held::Happens(true)]),
        Driver::Branch(at) => {
            let branch = &all.branches[at as usize];
            let others = (0..).zip(&branch.ways).filter(|&(way, _)| way != branch.likely);
            // The first of the most probable, as for the likeliest.
            let next = others.reduce(|best, other| {
                if other.1.probability > best.1.probability { other } else { best }
            })?;
            return Some([Held::Way(branch.likely), Held::Way(next.0)]);
        }
        Driver::Weather(_) => return Some([Held::Percentile(0.1), Held::Percentile(0.9)]),
    };
    Some([0.1, 0.9].map(|p| Held::At(spread.quantile(p))))
}

fn level(site: &Site, driver: Driver, held: Held) -> Level {
    let all = &site.uncertainty;
    match (driver, held) {
        (Driver::Cost(at), Held::At(amount)) => {
            let cost = all.costs[at as usize].0 as usize;
            let currency = site.terms.costs[cost].amount.currency.to_string();
            Level::Amount { amount: format!("{amount:.2}"), currency }
        }
        (Driver::Factor(_), Held::At(factor)) => Level::Factor { factor },
        (_, Held::At(minutes)) => Level::Work { work_hours: minutes / 60.0 },
        (_, Held::Happens(happens)) => Level::Risk { happens },
        (Driver::Branch(at), Held::Way(way)) => {
            Level::Way { way: all.branches[at as usize].ways[way as usize].id.clone() }
        }
        (Driver::Weather(at), Held::Percentile(p)) => {
            let months = all.weather[at as usize].lost.iter().flatten();
            let days = months.map(|of| of.quantile(p).max(0.0).round_ties_even());
            Level::Weather { days_a_year: days.sum() }
        }
        (driver, held) => unreachable!("{driver:?} held at {held:?}"),
    }
}
