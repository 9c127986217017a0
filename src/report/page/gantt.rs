//! The programme as data: every activity, for the script that draws and zooms it.

use serde_json::{Map, Value, json};

use super::super::figure::{Told, every_row};
use super::html::Html;
use crate::plot::{Progress, Row};
use crate::time::Minute;

/// Where the script finds the data.
const DATA: &str = "programme-data";

/// The frame in which the script draws, and its data.
pub(super) fn write(html: &mut Html, told: &Told<'_>) {
    let colours = match told.trials {
        Some(_) => {
            "coloured by criticality index: the share of trials that an activity is critical in"
        }
        None => "the critical path, crews and racks included, stands out",
    };
    html.block("div", &[("class", "gantt"), ("id", "gantt")], |html| {
        let words =
            format!("All activities, likely dates; {colours}. Float is that of logic alone.");
        html.line("p", &[("class", "note")], &words);
        html.raw(include_str!("assets/gantt.html"));
    });
    html.data(DATA, &data(told));
}

/// `{epoch, status, criticality, groups: [{name, rows: [row]}]}`; a row is `{n: label, i: id, s:
/// start, f: finish, c: critical, x: criticality index in thousandths, t: float in days, p: promised
/// minute, g: progress, m: milestone, w: [[from, until, what]]}`, of which only what there is. Times
/// are minutes since the epoch.
fn data(told: &Told<'_>) -> Value {
    let site = told.site;
    let rows = every_row(told);
    let groups = rows.chunk_by(|a, b| a.1.group == b.1.group).map(|group| {
        let rows =
            group.iter().map(|(at, row)| row_data(&site.plan.activities[*at as usize].id, row));
        json!({"name": group[0].1.group, "rows": rows.collect::<Vec<_>>()})
    });
    json!({
        "epoch": Minute(0).day().to_string(),
        "status": site.plan.status.map(|status| status.0),
        "criticality": told.trials.is_some(),
        "groups": groups.collect::<Vec<_>>(),
    })
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
