//! What many trials say, as tables, CSV and JSON.

use super::style::Style;
use super::tables::{grouped, table};
use crate::risk::summary::Value;
use crate::risk::{ActivitySummary, ColumnSummary, DateSummary, Overall};

/// Percentiles that tables show.
const SHOWN: [f64; 4] = [10.0, 50.0, 80.0, 90.0];
/// Most dates that the first table shows; the files hold all.
const DATES_MAX: usize = 24;
/// Most activities in the table of drivers.
const DRIVERS_MAX: usize = 12;

/// The whole summary for people.
pub fn risk_text(overall: &Overall) -> String {
    let mut text = head(overall);
    text += &dates(overall);
    text += &capacity(overall);
    text += &money(overall);
    text += &covenants(overall);
    text += &joint(overall);
    text += &drivers(overall);
    text
}

/// The summary as JSON; `files` are those of the folder that it stands in.
pub fn risk_json(overall: &Overall, files: &[&str]) -> serde_json::Value {
    let mut json = serde_json::json!({
        "generator": concat!("energize ", env!("CARGO_PKG_VERSION")),
        "files": files,
    });
    let all = serde_json::to_value(overall).expect("plain numbers and texts");
    if let (Some(json), serde_json::Value::Object(all)) = (json.as_object_mut(), all) {
        json.extend(all);
    }
    json
}

/// One line for each number of the row: mean, spread, percentiles.
pub fn percentiles_csv(overall: &Overall) -> Vec<u8> {
    let mut csv = csv::Writer::from_writer(Vec::new());
    let columns = columns(overall);
    let heads = columns.iter().find(|of| !of.percentiles.is_empty());
    let heads = heads.map_or(Vec::new(), |of| {
        of.percentiles.iter().map(|percentile| format!("p{}", percentile.p)).collect()
    });
    let first = ["name", "unit", "mean", "mean_error", "standard_deviation", "without_value"];
    let first = first.map(String::from).into_iter().chain(heads.iter().cloned());
    csv.write_record(first).expect("memory takes it");
    for column in &columns {
        let none = &column.without_value;
        let mut row = vec![
            column.name.clone(),
            unit(column).into(),
            plain(column.mean.as_ref()),
            plain(column.mean_error.as_ref()),
            plain(column.standard_deviation.as_ref()),
            (none.after_horizon + none.never + none.undefined).to_string(),
        ];
        row.extend(column.percentiles.iter().map(|percentile| plain(Some(&percentile.value))));
        row.resize(6 + heads.len(), String::new());
        csv.write_record(row).expect("memory takes it");
    }
    csv.into_inner().expect("memory takes it")
}

/// One line for each activity: criticality and sensitivity.
pub fn drivers_csv(overall: &Overall) -> Vec<u8> {
    let mut csv = csv::Writer::from_writer(Vec::new());
    let heads = ["activity", "criticality", "cruciality", "sensitivity", "sd_hours"];
    csv.write_record(heads).expect("memory takes it");
    let number = |value: Option<f64>| value.map_or(String::new(), |value| format!("{value:.6}"));
    for of in &overall.activities {
        csv.write_record([
            of.id.clone(),
            number(Some(of.criticality)),
            number(of.cruciality),
            number(of.sensitivity),
            number(Some(of.sd_hours)),
        ])
        .expect("memory takes it");
    }
    csv.into_inner().expect("memory takes it")
}

/// One line for each covenant and month: how probable it is that it breaks first there, and that
/// it has by then.
pub fn breaches_csv(overall: &Overall) -> Vec<u8> {
    let mut csv = csv::Writer::from_writer(Vec::new());
    csv.write_record(["covenant", "month", "breaks_first", "broken_by_then"])
        .expect("memory takes it");
    for column in &overall.money {
        for month in &column.by_month {
            csv.write_record([
                column.name.trim_start_matches("breaks:").to_owned(),
                month.month.clone(),
                month.in_month.share.map_or(String::new(), |share| format!("{share:.6}")),
                month.by_end.share.map_or(String::new(), |share| format!("{share:.6}")),
            ])
            .expect("memory takes it");
        }
    }
    csv.into_inner().expect("memory takes it")
}

/// One line for each covenant and quarter: how probable it is that a test of it fails.
pub fn failures_csv(overall: &Overall) -> Vec<u8> {
    let mut csv = csv::Writer::from_writer(Vec::new());
    csv.write_record(["covenant", "quarter", "fails", "low", "high"]).expect("memory takes it");
    for column in &overall.money {
        let named = column.name.strip_prefix("fails:").and_then(|name| name.rsplit_once(':'));
        let (Some((covenant, quarter)), Some(fails)) = (named, &column.share) else { continue };
        let share = fails.share.map_or(String::new(), |share| format!("{share:.6}"));
        let ends = [fails.low, fails.high].map(|share| format!("{share:.6}"));
        let [low, high] = &ends;
        csv.write_record([covenant, quarter, &share, low, high]).expect("memory takes it");
    }
    csv.into_inner().expect("memory takes it")
}

fn columns(overall: &Overall) -> Vec<&ColumnSummary> {
    let dates = overall.dates.iter().map(|date| &date.summary);
    dates.chain(&overall.capacity).chain(&overall.money).collect()
}

fn unit(column: &ColumnSummary) -> &'static str {
    use crate::risk::Kind;
    match column.kind {
        Kind::Date => "date; hours for spread",
        Kind::Power => "IT MW",
        Kind::Money => "reporting currency",
        Kind::Ratio => "ratio",
        Kind::Count | Kind::Flag => "count",
        Kind::Month => "month",
    }
}

/// As programs read it: no unit, no words.
fn plain(value: Option<&Value>) -> String {
    match value {
        None => String::new(),
        Some(Value::Date { date, .. }) => date.clone(),
        Some(Value::Hours { hours }) => format!("{hours:.3}"),
        Some(Value::Power { it_mw }) => format!("{it_mw:.6}"),
        Some(Value::Money { amount }) => amount.clone(),
        Some(Value::Ratio { ratio }) => format!("{ratio:.6}"),
        Some(Value::Count { count }) => format!("{count}"),
        Some(Value::Month { month }) => month.clone(),
        Some(Value::None { none }) => (*none).into(),
    }
}

/// As people read it.
pub(super) fn shown(value: Option<&Value>) -> String {
    match value {
        None => "n/a".into(),
        Some(Value::Date { date, .. }) => date.split('T').next().unwrap_or_default().into(),
        Some(Value::Hours { hours }) => format!("{:.1} d", hours / 24.0),
        Some(Value::Power { it_mw }) => format!("{it_mw:.1}"),
        Some(Value::Money { amount }) => {
            let units: f64 = amount.parse().unwrap_or(0.0);
            format!("{:.1}", units / 1e6)
        }
        Some(Value::Ratio { ratio }) => format!("{ratio:.2}x"),
        Some(Value::None { none: "undefined" }) => "n/a".into(),
        Some(Value::None { none: "after_horizon" }) => "after the horizon".into(),
        other => plain(other),
    }
}

pub(super) fn at(summary: &ColumnSummary, p: f64) -> String {
    let found = summary.percentiles.iter().find(|of| (of.p - p).abs() < 1e-9);
    shown(found.map(|of| &of.value))
}

fn percent(share: Option<f64>) -> String {
    match share {
        None => "n/a".into(),
        Some(share) if share > 0.0 && share < 0.001 => "<0.1%".into(),
        Some(share) if share < 1.0 && share > 0.999 => ">99.9%".into(),
        Some(share) => format!("{:.1}%", share * 100.0),
    }
}

fn head(overall: &Overall) -> String {
    let title = if overall.title.is_empty() { &overall.site } else { &overall.title };
    let short = match overall.trials < overall.trials_asked {
        true => format!(" of {} asked for", grouped(overall.trials_asked.into())),
        false => String::new(),
    };
    let line = format!(
        "{} trials{short}, seed {}, {} sampling; P80: 80% of trials are no later, or have no more",
        grouped(overall.trials.into()),
        overall.seed,
        overall.sampling,
    );
    format!("{}\n{}\n\n", Style::head(title), Style::dim(&line))
}

fn dates(overall: &Overall) -> String {
    let planned = overall.dates.iter().any(|date| date.plan.is_some());
    let mut heads = vec!["", "likely", "it is P", "mean", "P10", "P50", "P80", "P90", "P80 ±"];
    if planned {
        heads.extend(["plan", "plan = P"]);
    }
    let online = |date: &&DateSummary| date.summary.name.starts_with("online.");
    let first = overall.dates.iter().filter(online);
    let moves = |date: &&DateSummary| {
        let certain = Value::Hours { hours: 0.0 };
        !online(date) && date.summary.standard_deviation.as_ref() != Some(&certain)
    };
    let rest = overall.dates.iter().filter(moves);
    let row = |date: &DateSummary| {
        let mut row = vec![name(&date.summary.name), shown(Some(&date.likely))];
        row.push(percent(date.by_likely.share));
        row.push(match &date.summary.mean {
            Some(mean) => shown(Some(mean)),
            None => format!("never in {}", percent(never(&date.summary))),
        });
        row.extend(SHOWN.map(|p| at(&date.summary, p)));
        row.push(error(&date.summary, 80.0));
        if planned {
            row.push(date.plan.as_ref().map_or(String::new(), plan_day));
            row.push(date.by_plan.map_or(String::new(), |by| percent(by.share)));
        }
        row
    };
    let rows: Vec<_> = first.chain(rest).take(DATES_MAX).map(row).collect();
    let more = match overall.dates.len() - rows.len() {
        0 => String::new(),
        left => Style::dim(&format!("  {left} more dates, certain or later in the file: --out\n")),
    };
    let bias = overall.date(&overall.target).and_then(|date| date.bias_hours).map(|hours| {
        Style::dim(&format!(
            "  {}: its mean lies {:+.1} d from the likely date (skew, and paths that merge)\n",
            name(&overall.target),
            hours / 24.0
        ))
    });
    format!("{}{more}{}\n", table(&heads, 1, rows), bias.unwrap_or_default())
}

/// The last moment of a promised day is that day.
fn plan_day(plan: &Value) -> String {
    match plan {
        Value::Date { date, .. } => {
            let day = crate::time::parse_day(date.split('T').next().unwrap_or_default());
            day.map_or_else(|_| date.clone(), |day| (day + -1).to_string())
        }
        other => shown(Some(other)),
    }
}

fn never(summary: &ColumnSummary) -> Option<f64> {
    let none = &summary.without_value;
    Some((none.never + none.after_horizon) as f64 / summary.trials.max(1) as f64)
}

/// Half the width of a percentile's 95 % interval.
fn error(summary: &ColumnSummary, p: f64) -> String {
    let found = summary.percentiles.iter().find(|of| (of.p - p).abs() < 1e-9);
    let ends = found.and_then(|of| Some((of.low.as_ref()?, of.high.as_ref()?)));
    match ends {
        Some((Value::Date { hours: low, .. }, Value::Date { hours: high, .. })) => {
            format!("{:.1} d", (high - low) / 48.0)
        }
        _ => "n/a".into(),
    }
}

/// `online.all` as people say it.
pub(super) fn name(column: &str) -> String {
    match column {
        "finish" => "last finish".into(),
        "online.first" => "first IT MW online".into(),
        "online.half" => "half of the IT MW online".into(),
        "online.all" => "all of the IT MW online".into(),
        "cost.capital" => "capital cost".into(),
        "cash.least" => "least cash at a month's end".into(),
        "equity.shortfall" => "equity beyond the commitment".into(),
        "dscr.least" => "least DSCR of a quarter".into(),
        other => {
            let tail = other.split_once(':').map_or(other, |(_, tail)| tail);
            tail.to_owned()
        }
    }
}

fn capacity(overall: &Overall) -> String {
    let spread = |of: &&ColumnSummary| {
        of.standard_deviation
            .as_ref()
            .is_some_and(|sd| matches!(sd, Value::Power { it_mw } if *it_mw > 0.0))
    };
    let moving: Vec<&ColumnSummary> = overall.capacity.iter().filter(spread).collect();
    if moving.is_empty() {
        return String::new();
    }
    let every = moving.len().div_ceil(16);
    let row = |of: &&ColumnSummary| {
        let mut row = vec![name(&of.name), shown(of.mean.as_ref())];
        // Later is worse for a date, less is worse for power: 80 % of trials have at least this.
        row.extend([90.0, 50.0, 20.0, 10.0].map(|p| at(of, p)));
        row
    };
    let rows: Vec<_> = moving.iter().step_by(every).map(row).collect();
    let heads = ["IT MW online, end of", "mean", "10% have", "50% have", "80% have", "90% have"];
    format!("{}{}\n", table(&heads, 1, rows), Style::dim("  at least\n"))
}

fn money(overall: &Overall) -> String {
    let year = |of: &ColumnSummary| {
        let tail = of.name.strip_prefix("revenue:");
        tail.is_some_and(|tail| tail.len() == 4)
    };
    let told = |of: &&ColumnSummary| {
        let kept = |prefix| of.name.starts_with(prefix);
        let apart = ["revenue:", "breaks:", "outside.", "dscr:", "cash:", "fails:"];
        let other = !apart.iter().any(|&prefix| kept(prefix));
        let some = |value: &Value| !matches!(value, Value::Money { amount } if amount == "0.00");
        (year(of) || other) && of.greatest.as_ref().is_some_and(some)
    };
    let row = |of: &ColumnSummary| {
        let what = if year(of) { format!("revenue {}", name(&of.name)) } else { name(&of.name) };
        let mut row = vec![what, shown(of.mean.as_ref())];
        row.extend(SHOWN.map(|p| at(of, p)));
        row
    };
    let rows: Vec<_> = overall.money.iter().filter(told).map(row).collect();
    if rows.is_empty() {
        return String::new();
    }
    let head = format!("{} million", overall.currency);
    format!("{}\n", table(&[&head, "mean", "P10", "P50", "P80", "P90"], 1, rows))
}

fn covenants(overall: &Overall) -> String {
    let breaks = overall.money.iter().filter(|of| of.name.starts_with("breaks:"));
    let row = |of: &ColumnSummary| {
        let last = of.by_month.last();
        let first = of.by_month.iter().max_by_key(|month| month.in_month.count);
        vec![
            name(&of.name),
            percent(last.map_or(Some(0.0), |month| month.by_end.share)),
            first.map_or(String::new(), |month| month.month.clone()),
            percent(first.map_or(Some(0.0), |month| month.in_month.share)),
        ]
    };
    let rows: Vec<_> = breaks.map(row).collect();
    if rows.is_empty() {
        return String::new();
    }
    let heads = ["covenant", "ever broken", "most often first in", "in that month"];
    format!("{}\n", table(&heads, 1, rows))
}

fn joint(overall: &Overall) -> String {
    let row = |of: &crate::risk::Joint| {
        let [date, other] = &of.targets;
        vec![
            format!("{} and {}", name(&of.columns[0]), name(&of.columns[1])),
            format!("P{}", of.p),
            shown(Some(date)),
            shown(Some(other)),
            percent(of.both.share),
        ]
    };
    let moves = |of: &&crate::risk::Joint| {
        let other = overall.money.iter().find(|money| money.name == of.columns[1]);
        other.is_some_and(|money| at(money, 10.0) != at(money, 90.0))
    };
    let rows: Vec<_> = overall.joint.iter().filter(moves).map(row).collect();
    if rows.is_empty() {
        return String::new();
    }
    let heads = ["both kept", "each at its", "date", "other", "both"];
    format!("{}\n", table(&heads, 1, rows))
}

fn drivers(overall: &Overall) -> String {
    let mut drivers: Vec<&ActivitySummary> = overall.activities.iter().collect();
    let weight = |of: &ActivitySummary| of.cruciality.unwrap_or(0.0).abs();
    drivers.sort_by(|a, b| weight(b).total_cmp(&weight(a)));
    let number = |value: Option<f64>| value.map_or("n/a".into(), |value| format!("{value:.2}"));
    let row = |of: &&ActivitySummary| {
        vec![
            of.id.clone(),
            percent(Some(of.criticality)),
            number(of.cruciality),
            number(of.sensitivity),
            format!("{:.1} d", of.sd_hours / 24.0),
        ]
    };
    // Four standard errors: what lies below may be chance.
    let chance = 4.0 / f64::from(overall.trials).sqrt();
    let moving = drivers.iter().filter(|of| weight(of) > chance.min(0.5));
    let rows: Vec<_> = moving.take(DRIVERS_MAX).map(row).collect();
    if rows.is_empty() {
        return Style::dim("  no duration of an activity goes with it beyond chance\n");
    }
    let target = name(&overall.target);
    let head = format!("drives {target}");
    let heads = [head.as_str(), "criticality", "cruciality", "SSI", "sd, 24 h days"];
    table(&heads, 1, rows)
}
