//! The programme as data: every activity, for the script that draws and zooms it.

use serde_json::{Map, Value, json};

use super::super::figure::{Told, every_row};
use super::html::Html;
use crate::plot::{Progress, Row};
use crate::time::Minute;

/// Where the script finds the data.
const DATA: &str = "programme-data";

/// Most activities that a page holds one by one; of more, those that matter.
const ROWS_MAX: usize = 20_000;

/// The frame in which the script draws, and its data.
pub(super) fn write(html: &mut Html, told: &Told<'_>) {
    let rows = every_row(told);
    let brief = rows.len() > ROWS_MAX;
    let which = match brief {
        false => "All activities",
        true => "Milestones, promised and critical activities of a long programme",
    };
    let colours = match told.trials {
        Some(_) => {
            "coloured by criticality index: the share of trials that an activity is critical in"
        }
        None => "the critical path, crews and racks included, stands out",
    };
    html.block("div", &[("class", "gantt"), ("id", "gantt")], |html| {
        let words = format!("{which}, likely dates; {colours}. Float is that of logic alone.");
        html.line("p", &[("class", "note")], &words);
        html.raw(include_str!("assets/gantt.html"));
    });
    html.data(DATA, &data(told, &rows, brief));
}

/// `{epoch, status, criticality, total, groups: [{name, s, f, rows: [row]}]}`, where `s` and `f`
/// are the first start and the last finish of a group; a row is `{n: label, i: id, s: start, f:
/// finish, c: critical, x: criticality index in thousandths, t: float in days, p: promised minute,
/// g: progress, m: milestone, w: [[from, until, what]]}`, of which only what there is. Times are
/// minutes since the epoch.
fn data(told: &Told<'_>, rows: &[(u32, Row)], brief: bool) -> Value {
    let site = told.site;
    let id = |at: &u32| &site.plan.activities[*at as usize].id;
    let groups = rows.chunk_by(|a, b| a.1.group == b.1.group).map(|group| {
        let times = group.iter().flat_map(|(_, row)| [row.start, row.finish]);
        let times = times.filter(|at| at.happens());
        let kept = group.iter().filter(|(_, row)| !brief || matters(row));
        json!({
            "name": group[0].1.group,
            "s": times.clone().min().map(|at| at.0),
            "f": times.max().map(|at| at.0),
            "rows": kept.map(|(at, row)| row_data(id(at), row)).collect::<Vec<_>>(),
        })
    });
    json!({
        "epoch": Minute(0).day().to_string(),
        "status": site.plan.status.map(|status| status.0),
        "criticality": told.trials.is_some(),
        "total": rows.len(),
        "groups": groups.collect::<Vec<_>>(),
    })
}

/// Whether a reader of a long programme looks for this activity.
fn matters(row: &Row) -> bool {
    row.critical
        || row.milestone
        || row.plan.is_some()
        || row.criticality.is_some_and(|share| share >= 0.05)
}

fn row_data(id: &str, row: &Row) -> Value {
    let mut data = Map::new();
    let mut put = |key: &str, value: Value| data.insert(key.to_owned(), value);
    put("n", json!(row.label));
    put("i", json!(id));
    if row.start.happens() {
        put("s", json!(row.start.0));
    }
    if row.finish.happens() {
        put("f", json!(row.finish.0));
    }
    if row.critical {
        put("c", json!(1));
    }
    let index = row.criticality.map(|share| (share * 1000.0).round() as u32);
    if let Some(index) = index.filter(|&index| index > 0) {
        put("x", json!(index));
    }
    if let Some(days) = row.float_days {
        put("t", json!((days * 10.0).round() / 10.0));
    }
    if let Some((_, promised)) = row.plan {
        put("p", json!(promised.0));
    }
    match row.progress {
        Progress::Planned => {}
        Progress::UnderWay => {
            put("g", json!(1));
        }
        Progress::Done => {
            put("g", json!(2));
        }
    }
    if row.milestone || row.finish <= row.start {
        put("m", json!(1));
    }
    if !row.waits.is_empty() {
        let wait = |wait: &crate::plot::Wait| json!([wait.from.0, wait.until.0, wait.what]);
        put("w", row.waits.iter().map(wait).collect());
    }
    Value::Object(data)
}
