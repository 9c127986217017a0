//! Fans: what many trials say of capacity, cover and cash, by date.

use super::ramp::{plan_line, title};
use super::{Chart, Figure, Kind, Table, Told, Trials};
use crate::plot::{self, Fan, FanPoint, Steps};
use crate::risk::ColumnSummary;
use crate::risk::summary::Value;
use crate::time::{Day, Minute};

/// Percentiles of a fan, from the low edge to the high one.
const SHOWN: [f64; 5] = [10.0, 25.0, 50.0, 75.0, 90.0];

/// Online IT MW at month ends: bands, the plan, and what is online already.
pub(super) fn capacity(told: &Told<'_>, trials: &Trials) -> Option<Figure> {
    let columns = &trials.overall.capacity;
    let points: Vec<FanPoint> = columns.iter().filter_map(|of| point(of, "online:")).collect();
    let points = moving(points);
    if points.is_empty() {
        return None;
    }
    let status = told.site.plan.status.map(Minute::day);
    let online = |until: Minute| {
        let steps = told.run.ramp.steps.iter().filter(|step| step.at < until);
        steps.map(|step| (step.at.day(), step.online.mw())).collect::<Vec<_>>()
    };
    let actual = told.site.plan.status.map(|status| Steps::rising("actual", online(status)));
    let table = table(&points, "month end", "IT MW", None);
    let chart = Fan {
        title: format!("{}: capacity ramp with its spread", title(told.site)),
        subtitle: subtitle(trials),
        quantity: "Online IT MW".into(),
        points,
        by_quarter: false,
        plan: plan_line(told.site),
        likely: Some(Steps::rising("likely values", online(Minute::NEVER))),
        actual: actual.filter(|steps| steps.steps.iter().any(|step| step.1 > 0.0)),
        least: None,
        least_from: None,
        chance: None,
        status,
    };
    let name = Kind::Fan.name().into();
    Some(Figure { kind: Kind::Fan, name, chart: Chart::Fan(Box::new(chart)), table })
}

/// Cover by quarter against its covenant, and least cash: with how probable it is that tests fail.
pub(super) fn money(told: &Told<'_>, trials: &Trials) -> Vec<Figure> {
    let cover = (!told.site.terms.loans.is_empty()).then(|| {
        let covenant = super::ramp::dscr_covenant(told.site);
        let what = Spread {
            name: "dscr-fan",
            title: "debt service cover with its spread",
            subtitle: "DSCR = CFADS / debt service paid, by quarter from the first revenue on",
            quantity: "DSCR".into(),
            columns: "dscr:",
            covenant: "dscr",
            least: covenant,
        };
        what.figure(told, trials)
    });
    let cash = Spread {
        name: "liquidity-fan",
        title: "liquidity with its spread",
        subtitle: "least free cash at a month's end of each quarter",
        quantity: format!("{} million", trials.overall.currency),
        columns: "cash:",
        covenant: "minimum_liquidity",
        least: None,
    };
    cover.flatten().into_iter().chain(cash.figure(told, trials)).collect()
}

/// A quantity by quarter whose percentiles the trials have.
struct Spread {
    name: &'static str,
    title: &'static str,
    subtitle: &'static str,
    quantity: String,
    /// What its columns begin with.
    columns: &'static str,
    /// The covenant that looks at it.
    covenant: &'static str,
    least: Option<plot::Covenant>,
}

impl Spread {
    fn figure(self, told: &Told<'_>, trials: &Trials) -> Option<Figure> {
        let columns = &trials.overall.money;
        let mut points: Vec<FanPoint> =
            columns.iter().filter_map(|of| point(of, self.columns)).collect();
        for point in &mut points {
            point.chance = failing(columns, self.covenant, point.at);
        }
        let first = points.iter().position(|point| point.quantiles.is_some())?;
        let mut points = points.split_off(first);
        let last = points.iter().rposition(|point| point.quantiles.is_some())?;
        points.truncate(last + 1);
        let chance = points.iter().any(|point| point.chance.is_some());
        let chance = chance.then(|| "Probability that its covenant's test fails, %".to_owned());
        let table = table(&points, "quarter from", &self.quantity, chance.as_deref());
        let chart = Fan {
            title: format!("{}: {}", title(told.site), self.title),
            subtitle: format!("{}; {}", subtitle(trials), self.subtitle),
            quantity: self.quantity,
            points,
            by_quarter: true,
            plan: None,
            likely: None,
            actual: None,
            least_from: self.least.as_ref().and_then(|covenant| covenant.from),
            least: self.least.map(|covenant| (covenant.name, covenant.least)),
            chance,
            status: told.site.plan.status.map(Minute::day),
        };
        let chart = Chart::Fan(Box::new(chart));
        Some(Figure { kind: Kind::MoneyFan, name: self.name.into(), chart, table })
    }
}

/// How many trials, of which seed.
pub(super) fn subtitle(trials: &Trials) -> String {
    let overall = &trials.overall;
    let count = super::super::tables::grouped(overall.trials.into());
    format!("{count} trials, seed {}, {} sampling", overall.seed, overall.sampling)
}

/// The percentiles of a column whose name ends in a month or a quarter, at the day it speaks of.
fn point(of: &ColumnSummary, prefix: &str) -> Option<FanPoint> {
    let at = day(of.name.strip_prefix(prefix)?)?;
    let value = |p: f64| {
        let found = of.percentiles.iter().find(|percentile| (percentile.p - p).abs() < 1e-9)?;
        number(&found.value)
    };
    let values: Vec<f64> = SHOWN.iter().filter_map(|&p| value(p)).collect();
    Some(FanPoint { at, quantiles: values.try_into().ok(), chance: None })
}

/// Last day of a month (`2026-03`), first day of a quarter (`2026-Q1`).
fn day(period: &str) -> Option<Day> {
    let (year, of) = period.split_once('-')?;
    let first = |month: u32| crate::time::parse_day(&format!("{year}-{month:02}-01")).ok();
    match of.strip_prefix('Q') {
        Some(quarter) => first(quarter.parse::<u32>().ok()?.checked_sub(1)? * 3 + 1),
        None => Some(first(of.parse().ok()?)?.next_month() + -1),
    }
}

/// A value in the unit of its axis: IT MW, turns, millions.
pub(super) fn number(value: &Value) -> Option<f64> {
    match value {
        Value::Power { it_mw } => Some(*it_mw),
        Value::Ratio { ratio } => Some(*ratio),
        Value::Money { amount } => amount.parse::<f64>().ok().map(|amount| amount / 1e6),
        Value::Hours { hours } => Some(hours / 24.0),
        Value::Count { count } => Some(*count),
        Value::Date { .. } | Value::Month { .. } | Value::None { .. } => None,
    }
}

/// The share of trials in which a test of the quarter fails, of the covenants of one kind the one
/// that fails most often; `None` where there is no such covenant.
fn failing(columns: &[ColumnSummary], covenant: &str, quarter: Day) -> Option<f64> {
    let of_quarter = columns.iter().filter(|of| {
        let named = of.name.strip_prefix("fails:").and_then(|name| name.rsplit_once(':'));
        named.is_some_and(|(name, period)| {
            let key = name.rsplit_once('.').map_or(name, |(_, key)| key);
            // A second one of a kind on a loan is called `dscr-2`.
            let key = key.split_once('-').map_or(key, |(key, _)| key);
            key == covenant && day(period) == Some(quarter)
        })
    });
    let shares = of_quarter.filter_map(|of| of.share.as_ref()?.share);
    shares.max_by(f64::total_cmp)
}

/// Without the months before anything moves and after all is over, but one on each side.
fn moving(points: Vec<FanPoint>) -> Vec<FanPoint> {
    let of = |point: &FanPoint| point.quantiles.map(|q| (q[0].to_bits(), q[4].to_bits()));
    let first = points.windows(2).position(|two| of(&two[0]) != of(&two[1]));
    let last = points.windows(2).rposition(|two| of(&two[0]) != of(&two[1]));
    match (first, last) {
        (Some(first), Some(last)) => points[first..(last + 3).min(points.len())].to_vec(),
        _ => Vec::new(),
    }
}

fn table(points: &[FanPoint], at: &str, unit: &str, chance: Option<&str>) -> Table {
    let mut table = Table::new([at]);
    table.head.extend(SHOWN.map(|p| format!("P{p}, {unit}")));
    table.head.extend(chance.map(str::to_owned));
    for point in points {
        let mut row = vec![point.at.to_string()];
        let values = point.quantiles.map(|values| values.map(Some)).unwrap_or([None; 5]);
        row.extend(values.map(|value| value.map_or("n/a".into(), |value| format!("{value:.2}"))));
        row.extend(chance.map(|_| match point.chance {
            Some(chance) => format!("{:.1}", chance * 100.0),
            None => String::new(),
        }));
        table.rows.push(row);
    }
    table
}
