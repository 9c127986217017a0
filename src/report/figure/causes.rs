//! Why it is late, and what drives it: waterfall and tornadoes.

use super::fan::{number, subtitle};
use super::ramp::title;
use super::{Chart, Figure, Kind, Table, Told, Trials};
use crate::plot::{Tornado, TornadoBar, Waterfall};
use crate::risk::summary::Value;
use crate::risk::{OneAtATime, RankTornado};
use crate::time::{Minute, Span};

/// Most bars of a chart; the table has all.
const BARS_MAX: usize = 16;
/// Most steps between two totals.
const STEPS_MAX: usize = 10;

/// From the planned date of all capacity over the likely one to the P50, by cause.
///
/// Up to the likely date the parts are those of the hall that is ready last (or the capacity's
/// delay as one part where no hall has a promise); from there on each risk and factor takes what
/// the P50 would lose without it, and the rest is what they do together and what durations spread
/// by themselves.
pub(super) fn waterfall(told: &Told<'_>) -> Option<Figure> {
    let Told { site, run, trials, .. } = *told;
    let likely = run.headline.all;
    let mut causes: Vec<(String, f64)> = Vec::new();
    let planned = site.baseline.all_online.filter(|_| likely.happens());
    let from = match planned {
        Some(day) => {
            causes.extend(slip_parts(told, f64::from(likely.day() - day)));
            day
        }
        None => likely.happens().then(|| likely.day())?,
    };
    let mut total = f64::from(likely.day() - from);
    let mut to = ("likely".to_owned(), likely.day());
    if let Some((p50, parts)) = trials.and_then(|trials| risk_parts(trials, likely)) {
        causes.extend(parts);
        let days = f64::from(p50.day() - from);
        (total, to) = (days, ("P50".to_owned(), p50.day()));
    }
    let named: f64 = causes.iter().map(|cause| cause.1).sum();
    let mut steps = largest(causes);
    if (total - named).abs() >= 1.0 / 24.0 {
        steps.push(("together, and spread of durations".into(), total - named));
    }
    if steps.is_empty() {
        return None;
    }
    let start = if planned.is_some() { "plan" } else { "likely" };
    let mut table = Table::new(["cause", "calendar days"]);
    table.rows.push(vec![format!("{start} {from}"), String::new()]);
    table.rows.extend(steps.iter().map(|(name, days)| vec![name.clone(), format!("{days:+.1}")]));
    table.rows.push(vec![format!("{} {}", to.0, to.1), format!("{total:+.1}")]);
    let chart = Waterfall {
        title: format!("{}: why all of the IT MW is online when it is", title(site)),
        subtitle: match trials {
            Some(trials) => subtitle(trials) + "; days each cause takes",
            None => format!("days each cause takes; {}", super::ramp::LIKELY),
        },
        quantity: "Calendar days".into(),
        from: (format!("{start} {from}"), 0.0),
        steps,
        to: (format!("{} {}", to.0, to.1), total),
    };
    let (kind, name) = (Kind::Waterfall, Kind::Waterfall.name().into());
    Some(Figure { kind, name, chart: Chart::Waterfall(chart), table })
}

/// The slip of the hall that is ready last, with the rest of the capacity's slip as one part.
fn slip_parts(told: &Told<'_>, days: f64) -> Vec<(String, f64)> {
    let dated = told.run.slips.iter().filter(|slip| slip.days.is_some());
    let last = dated.max_by_key(|slip| slip.ready);
    let mut parts: Vec<(String, f64)> = last
        .map(|slip| slip.parts.iter().map(|part| (part.cause.clone(), part.days)).collect())
        .unwrap_or_default();
    let named: f64 = parts.iter().map(|part| part.1).sum();
    let rest = if parts.is_empty() { "later than planned" } else { "racks, tests and acceptance" };
    parts.push((rest.into(), days - named));
    parts
}

/// The P50 of the target date, and the days that each cause takes of it.
fn risk_parts(trials: &Trials, likely: Minute) -> Option<(Minute, Vec<(String, f64)>)> {
    let overall = &trials.overall;
    let target = overall.date(&overall.target).filter(|_| overall.target == "online.all")?;
    let middle = target.summary.percentiles.iter().find(|of| (of.p - 50.0).abs() < 1e-9)?;
    let (Value::Date { hours: p50, .. }, Value::Date { hours: at, .. }) =
        (&middle.value, &target.likely)
    else {
        return None;
    };
    let p50 = likely + Span(((p50 - at) * 60.0).round() as i64);
    let removals = trials.removals.as_ref().filter(|of| (of.percent - 50.0).abs() < 1e-9);
    let parts = removals.map_or_else(Vec::new, |removals| {
        let cost = removals.removals.iter();
        cost.filter_map(|of| Some((of.driver.clone(), of.days?))).collect()
    });
    Some((p50, parts))
}

/// The largest in their order, the others summed up; what is under an hour is not worth a word.
fn largest(mut causes: Vec<(String, f64)>) -> Vec<(String, f64)> {
    causes.retain(|cause| cause.1.abs() >= 1.0 / 24.0);
    let mut sizes: Vec<f64> = causes.iter().map(|cause| cause.1.abs()).collect();
    sizes.sort_by(|a, b| b.total_cmp(a));
    let Some(&least) = sizes.get(STEPS_MAX) else { return causes };
    let (kept, others): (Vec<_>, Vec<_>) =
        causes.into_iter().partition(|cause| cause.1.abs() > least);
    let days = others.iter().map(|cause| cause.1).sum();
    kept.into_iter().chain([(format!("{} others", others.len()), days)]).collect()
}

/// What goes with the date and with cover, by rank; what each does alone, in days and in money.
pub(super) fn tornadoes(told: &Told<'_>, trials: &Trials) -> Vec<Figure> {
    let mut figures = Vec::new();
    if let Some(swings) = &trials.swings {
        figures.extend(days(told, swings));
        for (at, amount) in swings.likely_money.iter().enumerate() {
            figures.extend(money(told, trials, swings, at, &amount.column));
        }
    }
    figures.extend(trials.ranks.iter().filter_map(|ranks| by_rank(told, trials, ranks)));
    figures
}

fn days(told: &Told<'_>, swings: &OneAtATime) -> Option<Figure> {
    let bars = swings.swings.iter().filter_map(|swing| {
        let (low, high) = (swing.low_days?, swing.high_days?);
        Some(TornadoBar { name: swing.driver.clone(), low, high })
    });
    let target = super::super::risk::name(&swings.target);
    let quantity = format!("Days by which {target} is later (+) or earlier than likely");
    let subtitle = format!("one driver at a time, all others at their likely value: {target}");
    tornado(told, "tornado-days", "what moves the date", subtitle, quantity, bars.collect())
}

fn money(
    told: &Told<'_>,
    trials: &Trials,
    swings: &OneAtATime,
    at: usize,
    column: &str,
) -> Option<Figure> {
    let bars = swings.swings.iter().filter_map(|swing| {
        let of = swing.money.get(at)?;
        let (low, high) = (number(of.low.as_ref()?)?, number(of.high.as_ref()?)?);
        Some(TornadoBar { name: swing.driver.clone(), low, high })
    });
    let what = match column.strip_prefix("revenue:") {
        Some(period) => format!("revenue of {period}"),
        None => super::super::risk::name(column),
    };
    let unit = match swings.likely_money.get(at).map(|amount| &amount.value) {
        Some(Value::Money { .. }) => format!("{} million", trials.overall.currency),
        _ => "turns".to_owned(),
    };
    let quantity = format!("Change of {what} against likely values, {unit}");
    let subtitle = format!("one driver at a time, all others at their likely value: {what}");
    let name = format!("tornado-{}", column.replace(['.', ':'], "-"));
    tornado(told, &name, &format!("what moves {what}"), subtitle, quantity, bars.collect())
}

fn tornado(
    told: &Told<'_>,
    name: &str,
    what: &str,
    subtitle: String,
    quantity: String,
    mut bars: Vec<TornadoBar>,
) -> Option<Figure> {
    let width =
        |bar: &TornadoBar| bar.low.abs().max(bar.high.abs()).max((bar.high - bar.low).abs());
    bars.retain(|bar| width(bar) > 1e-9);
    bars.sort_by(|a, b| width(b).total_cmp(&width(a)));
    if bars.is_empty() {
        return None;
    }
    let mut table = Table::new(["driver", "at its low value", "at its high value"]);
    for bar in &bars {
        let cells = [bar.low, bar.high].map(|value| format!("{value:+.2}"));
        table.rows.push([bar.name.clone()].into_iter().chain(cells).collect());
    }
    bars.truncate(BARS_MAX);
    let chart = Tornado {
        title: format!("{}: {what}", title(told.site)),
        subtitle,
        quantity,
        bars,
        low: "at its P10, or the risk does not happen".into(),
        high: "at its P90, or the risk happens".into(),
    };
    let chart = Chart::Tornado(chart);
    Some(Figure { kind: Kind::Tornado, name: name.into(), chart, table })
}

fn by_rank(told: &Told<'_>, trials: &Trials, ranks: &RankTornado) -> Option<Figure> {
    let what = super::super::risk::name(&ranks.column);
    let mut table = Table::new(["driver", "kind", "Spearman", "Pearson"]);
    for of in &ranks.drivers {
        let kind = serde_json::to_value(of.kind).ok();
        let kind = kind.as_ref().and_then(|kind| kind.as_str()).unwrap_or_default().to_owned();
        let cells = [of.spearman, of.pearson].map(|value| format!("{value:+.3}"));
        table.rows.push([of.driver.clone(), kind].into_iter().chain(cells).collect());
    }
    let telling = ranks.drivers.iter().filter(|of| of.spearman.abs() > ranks.by_chance);
    let bars: Vec<TornadoBar> = telling
        .take(BARS_MAX)
        .map(|of| TornadoBar { name: of.driver.clone(), low: 0.0, high: of.spearman })
        .collect();
    if bars.is_empty() {
        return None;
    }
    let name = format!("tornado-ranks-{}", ranks.column.replace('.', "-"));
    let chart = Tornado {
        title: format!("{}: what goes with {what}", title(told.site)),
        subtitle: format!(
            "{}; correlation of ranks (Spearman); up to {:.2} is what chance alone reaches",
            subtitle(trials),
            ranks.by_chance
        ),
        quantity: format!("Rank correlation with {what}"),
        bars,
        low: String::new(),
        high: "more of it, more or later".into(),
    };
    Some(Figure { kind: Kind::Tornado, name, chart: Chart::Tornado(chart), table })
}
