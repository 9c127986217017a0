//! What holds the site back: crews in demand, which term of capacity binds, slips side by side.

use std::collections::BTreeMap;

use super::ramp::{LIKELY, title};
use super::{Chart, Figure, Kind, Table, Told};
use crate::capacity::Binds;
use crate::model::timeline::{Scarce, WaitFor};
use crate::plot::{Demand, DemandPanel, DemandWeek, HeatMap, HeatRow, Steps, Strip, StripRow};
use crate::time::{Day, Minute};

/// Most resources of a chart: those that are waited for longest.
const PANELS_MAX: usize = 6;
/// More halls than this are shown site by site, or thinned.
const ROWS_MAX: usize = 40;
/// Most causes beside each other.
const CAUSES_MAX: usize = 8;

/// Crews and machines in use and waited for by week, against how many there are.
pub(super) fn demand(told: &Told<'_>) -> Option<Figure> {
    let mut panels: Vec<DemandPanel> =
        (0..told.site.plan.resources.len() as u32).filter_map(|at| panel(told, at)).collect();
    panels.sort_by(|a, b| b.queue_days.total_cmp(&a.queue_days));
    panels.truncate(PANELS_MAX);
    if panels.is_empty() {
        return None;
    }
    let mut table = Table::new(["resource", "week from", "in use", "waited for", "there are"]);
    for panel in &panels {
        for week in &panel.weeks {
            let there = panel.pool.steps.iter().rfind(|step| step.0 <= week.from);
            let there = there.or(panel.pool.steps.first()).map_or(0.0, |step| step.1);
            table.rows.push(vec![
                panel.name.clone(),
                week.from.to_string(),
                format!("{:.2}", week.used),
                format!("{:.2}", week.queued),
                format!("{there}"),
            ]);
        }
    }
    let chart = Demand {
        title: format!("{}: crews and machines", title(told.site)),
        subtitle: format!("units of each, mean of the week; {LIKELY}"),
        panels,
        status: told.site.plan.status.map(Minute::day),
    };
    Some(figure(Kind::Demand, Kind::Demand.name(), Chart::Demand(chart), table))
}

fn figure(kind: Kind, name: &str, chart: Chart, table: Table) -> Figure {
    Figure { kind, name: name.into(), chart, table }
}

fn panel(told: &Told<'_>, resource: u32) -> Option<DemandPanel> {
    let Told { site, run, .. } = *told;
    let plan = &site.plan;
    let units = |activity: usize| {
        let needs = plan.activities[activity].needs.iter();
        needs.filter(|need| need.resource == resource).map(|need| need.units).sum::<u32>()
    };
    let (starts, ends) = (&run.timeline.start, &run.timeline.finish);
    let mut used: Vec<(Minute, Minute, u32)> = Vec::new();
    for at in 0..plan.activities.len() {
        let (from, until, units) = (starts[at], ends[at], units(at));
        if units > 0 && until.happens() && until > from && !plan.activities[at].is_finished() {
            used.push((from, until, units));
        }
    }
    let waits = run.timeline.waits.iter().filter(|wait| {
        wait.what == WaitFor::Scarce(Scarce::Resource(resource)) && wait.until.happens()
    });
    let queued: Vec<(Minute, Minute, u32)> =
        waits.map(|wait| (wait.from, wait.until, units(wait.activity as usize))).collect();
    let all = || used.iter().chain(&queued);
    let first = all().map(|stretch| stretch.0).min()?.max(plan.data_date()).day();
    let last = all().map(|stretch| stretch.1).max()?.day();
    let monday = first + -(first.weekday() as i32);
    let weeks = (0..).map(|week| monday + 7 * week).take_while(|day| *day <= last);
    let mean = |of: &[(Minute, Minute, u32)], from: Day| {
        let (start, end) = (from.start(), (from + 7).start());
        let overlap = |&(a, b, units): &(Minute, Minute, u32)| {
            (b.min(end).0 - a.max(start).0).max(0) as f64 * f64::from(units)
        };
        of.iter().map(overlap).sum::<f64>() / (7.0 * 1440.0)
    };
    let weeks = weeks
        .map(|from| DemandWeek { from, used: mean(&used, from), queued: mean(&queued, from) })
        .collect();
    let of = &plan.resources[resource as usize];
    let days = queued.iter().map(|&(from, until, _)| (until - from).days()).sum();
    let pool = of.capacity.iter().map(|&(at, units)| (at.day(), f64::from(units))).collect();
    Some(DemandPanel {
        name: of.id.clone(),
        pool: Steps::rising("there are", pool),
        weeks,
        queue_days: days,
    })
}

/// Which term of capacity binds, week by week, for each hall (or site, where there are many).
pub(super) fn strip(told: &Told<'_>) -> Option<Figure> {
    let Told { site, run, .. } = *told;
    let rows = rows(told);
    let last = run.timeline.events.last()?.at.day();
    let first = site.plan.data_date().day();
    let monday = first + -(first.weekday() as i32);
    let weeks: Vec<Day> = (0..).map(|w| monday + 7 * w).take_while(|day| *day <= last).collect();
    let mut table = Table::new(["", "from", "until", "binds"]);
    let row = |(name, halls): (String, Vec<u32>)| {
        let mut spans: Vec<(Day, Day, usize)> = Vec::new();
        let begins = begins(told, &halls);
        for &week in weeks.iter().filter(|week| **week + 7 > begins) {
            let Some(term) = binds(told, &halls, (week + 3).start()) else { continue };
            match spans.last_mut().filter(|last| last.1 == week && last.2 == term) {
                Some(last) => last.1 = week + 7,
                None => spans.push((week, week + 7, term)),
            }
        }
        for &(from, until, term) in &spans {
            let cells = [name.clone(), from.to_string(), until.to_string(), TERMS[term].into()];
            table.rows.push(cells.to_vec());
        }
        StripRow { name, spans }
    };
    let mut rows: Vec<StripRow> = rows.into_iter().map(row).collect();
    rows.retain(|row| !row.spans.is_empty());
    if rows.is_empty() {
        return None;
    }
    let chart = Strip {
        title: format!("{}: what holds capacity back", title(site)),
        subtitle: format!("the term of capacity that is least, week by week; {LIKELY}"),
        terms: TERMS.map(str::to_owned).to_vec(),
        rows,
        status: site.plan.status.map(Minute::day),
    };
    Some(figure(Kind::Strip, Kind::Strip.name(), Chart::Strip(chart), table))
}

/// The day on which the first work in any of these halls starts.
fn begins(told: &Told<'_>, halls: &[u32]) -> Day {
    let activities = told.site.plan.activities.iter().zip(&told.run.timeline.start);
    let own = activities.filter(|(of, _)| of.hall.is_some_and(|hall| halls.contains(&hall)));
    own.map(|(_, start)| start.day()).min().unwrap_or(Day(i32::MIN))
}

/// Terms of capacity: acceptance is split into racks that are waited for and the rest.
const TERMS: [&str; 4] = ["power", "cooling", "racks to come", "installation and acceptance"];

/// The halls of each row: one each, or those of a site.
fn rows(told: &Told<'_>) -> Vec<(String, Vec<u32>)> {
    let site = told.site;
    let halls = || (0..).zip(&site.halls);
    let members = site.portfolio.as_ref().map(|portfolio| &portfolio.members);
    match members.filter(|_| site.halls.len() > ROWS_MAX / 2) {
        Some(members) => members
            .iter()
            .map(|member| {
                let own = halls().filter(|(_, hall)| hall.premises == member.premises);
                (member.id.clone(), own.map(|(at, _)| at).collect())
            })
            .collect(),
        None => halls().map(|(at, hall)| (hall.id.clone(), vec![at])).collect(),
    }
}

/// The term that keeps most IT power of these halls offline at an instant; `None` where nothing is.
fn binds(told: &Told<'_>, halls: &[u32], at: Minute) -> Option<usize> {
    let Told { site, run, .. } = *told;
    let mut missing = [0_i64; TERMS.len()];
    for &hall in halls {
        let ramp = &run.ramp.halls[hall as usize];
        let step = ramp.steps.partition_point(|step| step.at <= at).checked_sub(1);
        let Some(step) = step.map(|step| ramp.steps[step]) else { continue };
        let units = &site.units[site.halls[hall as usize].units.start as usize..];
        let planned: i64 =
            units.iter().take_while(|unit| unit.hall == hall).map(|unit| unit.it_power.0).sum();
        let term = match step.binds {
            Binds::Power => 0,
            Binds::Cooling => 1,
            Binds::Acceptance if waits_for_racks(told, hall, at) => 2,
            Binds::Acceptance => 3,
            Binds::Complete => continue,
        };
        missing[term] += planned - step.online.0;
    }
    let most = missing.iter().copied().max().filter(|&most| most > 0)?;
    missing.iter().position(|&term| term == most)
}

fn waits_for_racks(told: &Told<'_>, hall: u32, at: Minute) -> bool {
    told.run.timeline.waits.iter().any(|wait| {
        matches!(wait.what, WaitFor::Scarce(Scarce::Store(_)))
            && wait.from <= at
            && at < wait.until
            && told.site.plan.activities[wait.activity as usize].hall == Some(hall)
    })
}

/// Slips in days: by quarter of the promised date, and by cause.
pub(super) fn slips(told: &Told<'_>) -> Vec<Figure> {
    let rows = rows(told);
    let slip = |hall: &u32| told.run.slips.iter().find(|slip| slip.hall == *hall);
    let promised = |hall: u32| told.site.promised(told.site.halls[hall as usize].ready);
    let mut by_quarter: Vec<BTreeMap<String, Vec<f64>>> = Vec::new();
    let mut by_cause: Vec<BTreeMap<String, f64>> = Vec::new();
    let mut sizes: BTreeMap<String, f64> = BTreeMap::new();
    for (_, halls) in &rows {
        let (mut quarters, mut causes) = (BTreeMap::new(), BTreeMap::new());
        let slips: Vec<_> = halls.iter().filter_map(slip).filter(|of| of.days.is_some()).collect();
        for of in &slips {
            let Some((day, days)) = promised(of.hall).zip(of.days) else { continue };
            let (year, month, _) = day.civil();
            let quarter = format!("{year} Q{}", (month - 1) / 3 + 1);
            quarters.entry(quarter).or_insert_with(Vec::new).push(days);
            for part in &of.parts {
                let cause = plain_cause(&part.cause);
                *causes.entry(cause.clone()).or_insert(0.0) += part.days / slips.len() as f64;
                *sizes.entry(cause).or_insert(0.0) += part.days.abs();
            }
        }
        by_quarter.push(quarters);
        by_cause.push(causes);
    }
    let columns: std::collections::BTreeSet<&String> =
        by_quarter.iter().flat_map(BTreeMap::keys).collect();
    let columns: Vec<String> = columns.into_iter().cloned().collect();
    let mean = |days: &Vec<f64>| days.iter().sum::<f64>() / days.len() as f64;
    let quarters: Vec<HeatRow> = rows
        .iter()
        .zip(&by_quarter)
        .map(|((name, _), own)| HeatRow {
            name: name.clone(),
            cells: columns.iter().map(|quarter| own.get(quarter).map(mean)).collect(),
        })
        .collect();
    let mut causes: Vec<(String, f64)> = sizes.into_iter().collect();
    causes.sort_by(|a, b| b.1.total_cmp(&a.1));
    causes.truncate(CAUSES_MAX);
    let causes: Vec<String> = causes.into_iter().map(|cause| cause.0).collect();
    let of_cause: Vec<HeatRow> = rows
        .iter()
        .zip(&by_cause)
        .map(|((name, _), own)| HeatRow {
            name: name.clone(),
            cells: causes.iter().map(|cause| own.get(cause).copied()).collect(),
        })
        .collect();
    let quarter =
        heat(told, "by quarter of the promised date", "slip-by-quarter", columns, quarters);
    let cause = heat(told, "by cause", "slip-by-cause", causes, of_cause);
    quarter.into_iter().chain(cause).collect()
}

/// What a hall itself did is one cause, whatever its activities are called.
fn plain_cause(cause: &str) -> String {
    match cause {
        own if own.starts_with("work ") => "own work".into(),
        other => {
            other.strip_prefix("for ").map_or_else(|| other.into(), |of| format!("wait for {of}"))
        }
    }
}

fn heat(
    told: &Told<'_>,
    how: &str,
    name: &str,
    columns: Vec<String>,
    mut rows: Vec<HeatRow>,
) -> Option<Figure> {
    rows.retain(|row| row.cells.iter().any(Option::is_some));
    if rows.is_empty() || columns.is_empty() {
        return None;
    }
    let mut table = Table::new([""]);
    table.head.extend(columns.iter().map(|column| format!("{column}, days")));
    for row in &rows {
        let cells = row.cells.iter();
        let cells = cells.map(|days| days.map_or_else(String::new, |days| format!("{days:+.1}")));
        table.rows.push([row.name.clone()].into_iter().chain(cells).collect());
    }
    let chart = HeatMap {
        title: format!("{}: slips {how}", title(told.site)),
        subtitle: format!("days from the promised day on which a hall is ready; {LIKELY}"),
        quantity: "Days late (+) or early".into(),
        columns,
        rows,
    };
    Some(figure(Kind::Heat, name, Chart::HeatMap(chart), table))
}
