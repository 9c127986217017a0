//! Fans: what many trials say of capacity, cover and cash, by date.

use super::ramp::{plan_line, title};
use super::{Chart, Figure, Kind, Table, Told, Trials};
use crate::plot::{Fan, FanPoint, Steps};
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
        stepped: false,
        plan: plan_line(told.site),
        likely: Some(Steps::rising("likely values", online(Minute::NEVER))),
        actual: actual.filter(|steps| !steps.steps.is_empty()),
        least: None,
        chance: None,
        status,
    };
    let name = Kind::Fan.name().into();
    Some(Figure { kind: Kind::Fan, name, chart: Chart::Fan(Box::new(chart)), table })
}

/// Cover by quarter against its covenant, with how probable a breach is; least cash by quarter.
pub(super) fn money(told: &Told<'_>, trials: &Trials) -> Vec<Figure> {
    let columns = &trials.overall.money;
    let status = told.site.plan.status.map(Minute::day);
    let threshold = super::ramp::dscr_covenant(told.site);
    let chance = |quarter: Day| failing(columns, quarter);
    let mut covers: Vec<FanPoint> = columns.iter().filter_map(|of| point(of, "dscr:")).collect();
    for point in &mut covers {
        point.chance = chance(point.at);
    }
    let cash: Vec<FanPoint> = columns.iter().filter_map(|of| point(of, "cash:")).collect();
    let first = covers.iter().position(|point| point.quantiles.is_some());
    let covers = first.map_or_else(Vec::new, |first| covers.split_off(first));
    let fan = |name: &str, what: &str, quantity: String, points: Vec<FanPoint>| Fan {
        title: format!("{}: {what}", title(told.site)),
        subtitle: format!("{}; {name}", subtitle(trials)),
        quantity,
        points,
        stepped: false,
        plan: None,
        likely: None,
        actual: None,
        least: None,
        chance: None,
        status,
    };
    let mut figures = Vec::new();
    if !covers.is_empty() && !told.site.terms.loans.is_empty() {
        let breach = covers.iter().any(|point| point.chance.is_some());
        let breach = breach.then(|| "Probability that a covenant's test fails, %".to_owned());
        let table = table(&covers, "quarter from", "x", breach.as_deref());
        let what = "debt service cover with its spread";
        let name = "DSCR = CFADS / debt service paid, by quarter from the first revenue on";
        let chart = Fan {
            least: threshold.map(|covenant| (covenant.name, covenant.least)),
            chance: breach,
            ..fan(name, what, "DSCR".into(), covers)
        };
        let chart = Chart::Fan(Box::new(chart));
        figures.push(Figure { kind: Kind::MoneyFan, name: "dscr-fan".into(), chart, table });
    }
    if cash.iter().any(|point| point.quantiles.is_some()) {
        let quantity = format!("{} million", trials.overall.currency);
        let table = table(&cash, "quarter from", &quantity, None);
        let name = "least free cash at a month's end of each quarter";
        let chart = Chart::Fan(Box::new(fan(name, "liquidity with its spread", quantity, cash)));
        figures.push(Figure { kind: Kind::MoneyFan, name: "liquidity-fan".into(), chart, table });
    }
    figures
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

/// The worst of all covenants: the share of trials in which a test of the quarter fails; `None`
/// where no trial fails one in any quarter from there on or before.
fn failing(columns: &[ColumnSummary], quarter: Day) -> Option<f64> {
    let of_quarter = columns.iter().filter(|of| {
        let period = of.name.strip_prefix("fails:").and_then(|name| name.rsplit_once(':'));
        period.and_then(|(_, period)| day(period)) == Some(quarter)
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
