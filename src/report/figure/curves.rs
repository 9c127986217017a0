//! S-curves: how probable it is that halls and sites are ready by a date.

use super::fan::subtitle;
use super::ramp::title;
use super::{Chart, DateCurve, Figure, Kind, Table, Told, Trials};
use crate::plot::{Curve, Curves};
use crate::risk::DateSummary;
use crate::time::{Day, Minute};

/// Percentiles that are marked; their dates are among the points of a curve.
pub const MARKED: [u32; 4] = [10, 50, 80, 90];

/// First, half and all of the IT MW; and every hall.
pub(super) fn curves(told: &Told<'_>, trials: &Trials) -> Vec<Figure> {
    let online = |of: &&DateCurve| of.column.starts_with("online.") || of.column == "finish";
    let halls = |of: &&DateCurve| {
        let ready = of.column.strip_prefix("finish:");
        ready.is_some_and(|id| {
            let mut halls = told.site.halls.iter();
            halls.any(|hall| told.site.plan.activities[hall.ready as usize].id == id)
        })
    };
    let all: Vec<&DateCurve> = trials.curves.iter().filter(online).collect();
    // Where there is capacity, the last finish of all is no date that anybody waits for.
    let only = all.len() == 1;
    let all: Vec<&DateCurve> = all.into_iter().filter(|of| only || of.column != "finish").collect();
    let halls: Vec<&DateCurve> = trials.curves.iter().filter(halls).collect();
    let figure = |name: &str, what: &str, of: &[&DateCurve]| {
        let drawn: Vec<Curve> = of.iter().filter_map(|of| curve(told, trials, of)).collect();
        let uncertain: Vec<&DateCurve> = of.iter().copied().filter(|of| !is_certain(of)).collect();
        let table = table(told, trials, &uncertain);
        let chart = Curves {
            title: format!("{}: {what}", title(told.site)),
            subtitle: format!("{}; share of trials by each date", subtitle(trials)),
            curves: drawn,
            status: told.site.plan.status.map(Minute::day),
        };
        let empty = chart.curves.is_empty();
        let chart = Chart::Curves(chart);
        (!empty).then(|| Figure { kind: Kind::Curves, name: name.into(), chart, table })
    };
    let online = figure("s-curve-online", "dates of capacity", &all);
    let halls = figure("s-curve-halls", "dates on which halls are ready", &halls);
    online.into_iter().chain(halls).collect()
}

fn curve(told: &Told<'_>, trials: &Trials, of: &DateCurve) -> Option<Curve> {
    let summary = trials.overall.date(&of.column);
    let at = |share: f64| of.points.iter().find(|point| point.1 >= share - 1e-12);
    if is_certain(of) {
        return None;
    }
    let marks = MARKED.iter().filter_map(|&p| {
        let (date, _) = at(f64::from(p) / 100.0)?;
        Some((format!("P{p}"), *date))
    });
    Some(Curve {
        name: name(told, &of.column),
        points: of.points.clone(),
        marks: marks.collect(),
        plan: summary.and_then(planned),
    })
}

/// A date that is the same in all trials, or comes in none, is no curve.
fn is_certain(of: &DateCurve) -> bool {
    match (of.points.first(), of.points.last()) {
        (Some(first), Some(last)) => first.0 == last.0 && first.1 >= 1.0,
        _ => true,
    }
}

/// `hall-1` in place of the column of its ready activity.
fn name(told: &Told<'_>, column: &str) -> String {
    let id = column.strip_prefix("finish:");
    let plan = &told.site.plan;
    let hall = told
        .site
        .halls
        .iter()
        .find(|hall| id == Some(plan.activities[hall.ready as usize].id.as_str()));
    hall.map_or_else(|| super::super::risk::name(column), |hall| hall.id.clone())
}

/// The promised day and how probable it is that it is kept.
fn planned(date: &DateSummary) -> Option<(Day, f64)> {
    use crate::risk::summary::Value;
    let Some(Value::Date { date: day, .. }) = &date.plan else { return None };
    let day = crate::time::parse_day(day.split('T').next()?).ok()?;
    // A promise holds to the end of its day.
    Some((day + -1, date.by_plan.as_ref()?.share?))
}

fn table(told: &Told<'_>, trials: &Trials, of: &[&DateCurve]) -> Table {
    let head = ["", "likely", "P10", "P50", "P80", "P90", "planned", "planned day is P"];
    let mut table = Table::new(head);
    for date in of.iter().filter_map(|of| trials.overall.date(&of.column)) {
        let shown = super::super::risk::shown;
        let at = |p: u32| super::super::risk::at(&date.summary, f64::from(p));
        let plan = planned(date);
        let mut row = vec![name(told, &date.summary.name), shown(Some(&date.likely))];
        row.extend(MARKED.map(at));
        row.push(plan.map_or_else(String::new, |(day, _)| day.to_string()));
        row.push(plan.map_or_else(String::new, |(_, share)| format!("{:.0}", share * 100.0)));
        table.rows.push(row);
    }
    table
}
