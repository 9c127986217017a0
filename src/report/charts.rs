//! A run as chart data.

use super::tables::grouped;
use crate::analysis::Run;
use crate::model::{Progress, Site};
use crate::money::Money;
use crate::plot;
use crate::time::{Day, Minute};
use crate::unit::ItPower;

fn title(site: &Site) -> String {
    if site.title.is_empty() { site.id.clone() } else { site.title.clone() }
}

const LIKELY: &str = "likely values, not a P50";

/// Online IT MW stacked by hall, with what was planned, contracted and energised.
pub fn ramp_chart(site: &Site, run: &Run) -> plot::Ramp {
    let steps = |changes: Vec<(Minute, ItPower)>| -> Vec<(Day, f64)> {
        changes.into_iter().map(|(at, power)| (at.day(), power.mw())).collect()
    };
    let halls = site.halls.iter().zip(&run.ramp.halls).map(|(hall, ramp)| {
        let online = ramp.steps.iter().map(|step| (step.at, step.online)).collect();
        plot::Steps::rising(hall.id.clone(), steps(online))
    });
    let mut energised: Vec<_> =
        run.ramp.steps.iter().map(|step| (step.at, step.energised)).collect();
    energised.dedup_by_key(|step| step.1);
    let contracted: ItPower = site
        .terms
        .contracts
        .iter()
        .flat_map(|contract| &contract.units)
        .map(|&unit| site.units[unit as usize].it_power)
        .sum();
    plot::Ramp {
        title: format!("{}: capacity ramp", title(site)),
        subtitle: format!(
            "{} GPUs, {} planned; {LIKELY}",
            grouped(site.planned_gpus()),
            site.planned_it()
        ),
        quantity: "Online IT MW".into(),
        halls: halls.collect(),
        plan: plan_line(site),
        contracted: (contracted > ItPower::ZERO)
            .then(|| plot::Steps::level("contracted", contracted.mw())),
        installed: None,
        energised: Some(plot::Steps::rising("energised", steps(energised))),
        status: site.plan.status.map(Minute::day),
        span: ramp_span(site, run),
    }
}

/// Promised online IT MW by date: as stated, or else what the promised first, half and all give.
fn plan_line(site: &Site) -> Option<plot::Steps> {
    let plan = &site.baseline;
    let planned = site.planned_it().mw();
    let unit = site.units.first().map_or(0.0, |unit| unit.it_power.mw());
    let stated: Vec<(Day, f64)> = plan.capacity.iter().map(|&(day, it)| (day, it.mw())).collect();
    let promised =
        [(plan.first_online, unit), (plan.half_online, planned / 2.0), (plan.all_online, planned)];
    let promised = promised.into_iter().filter_map(|(day, megawatts)| Some((day?, megawatts)));
    let steps = if stated.is_empty() { promised.collect() } else { stated };
    (!steps.is_empty()).then(|| plot::Steps::rising("plan", steps))
}

/// From a month before the status date or the first power, whichever comes first, to the end of
/// the month after the last step.
fn ramp_span(site: &Site, run: &Run) -> Option<(Day, Day)> {
    let live = run.ramp.steps.iter().find(|step| step.energised > ItPower::ZERO)?.at.day();
    let first = site.plan.status.map_or(live, |status| status.day().min(live));
    let last = run.ramp.steps.last()?.at.day();
    Some((first.month_start().add_months(-1), last.next_month().next_month()))
}

/// Site activities and each hall's, with the critical path, floats, promises and waits.
///
/// The steps of single units are drawn as one row for each hall and step.
pub fn gantt_chart(site: &Site, run: &Run) -> plot::Gantt {
    let mut rows: Vec<plot::Row> = Vec::new();
    let critical: std::collections::BTreeSet<u32> =
        run.critical_path.iter().map(|driver| driver.activity).collect();
    for (index, activity) in site.plan.activities.iter().enumerate() {
        let index = index as u32;
        if activity.id.contains(".unit-") {
            continue;
        }
        let mut row = bar(site, run, index, critical.contains(&index));
        row.group = activity.id.rsplit_once('.').map_or("site", |(group, _)| group).to_owned();
        if row.group.starts_with("lot-") || site.lots.iter().any(|lot| lot.id == row.group) {
            (row.group, row.label) = ("lots".into(), activity.id.clone());
        }
        rows.push(row);
    }
    for hall in &site.halls {
        rows.extend(unit_rows(site, run, hall, &critical));
    }
    let order = |group: &str| {
        let hall = site.halls.iter().position(|hall| hall.id == group);
        match (group, hall) {
            ("site", _) => 0,
            ("lots", _) => 2,
            (_, Some(hall)) => 3 + hall,
            _ => 1,
        }
    };
    let keys: Vec<(usize, String)> =
        rows.iter().map(|row| (order(&row.group), row.group.clone())).collect();
    let mut indexed: Vec<usize> = (0..rows.len()).collect();
    indexed.sort_by(|&a, &b| keys[a].cmp(&keys[b]).then(a.cmp(&b)));
    plot::Gantt {
        title: format!("{}: programme", title(site)),
        subtitle: format!("critical path with crews and racks; {LIKELY}"),
        rows: indexed.into_iter().map(|at| rows[at].clone()).collect(),
        status: site.plan.status.map(Minute::day),
        span: None,
    }
}

fn bar(site: &Site, run: &Run, index: u32, critical: bool) -> plot::Row {
    let activity = &site.plan.activities[index as usize];
    let (start, finish) = (run.timeline.start[index as usize], run.timeline.finish[index as usize]);
    let label = activity.id.rsplit('.').next().unwrap_or(&activity.id);
    let label = if activity.title == activity.id { label } else { &activity.title };
    let mut row = plot::Row::new(label, start, finish);
    row.critical = critical;
    row.milestone = activity.milestone;
    row.float_days = run.dates.total_float[index as usize].map(|float| {
        let calendar = site.plan.calendar(index);
        (calendar.finish(finish, float.max(crate::time::Span::ZERO)) - finish).days()
    });
    row.plan = site.baseline.activity(index).map(|day| (day.start(), day.start()));
    row.progress = match activity.progress {
        Progress::Open => plot::Progress::Planned,
        Progress::Started { .. } => plot::Progress::UnderWay,
        Progress::Finished { .. } => plot::Progress::Done,
    };
    row.waits = crate::analysis::waits_of(&run.timeline, index)
        .filter(|wait| wait.until.happens())
        .map(|wait| plot::Wait { from: wait.from, until: wait.until, what: wait_name(site, wait) })
        .collect();
    row
}

fn wait_name(site: &Site, wait: &crate::model::Wait) -> String {
    use crate::model::timeline::WaitFor;
    match wait.what {
        WaitFor::Scarce(scarce) => crate::analysis::scarce_name(site, scarce).to_owned(),
        WaitFor::HeldFinish => "held finish".into(),
        WaitFor::PastLead => "late lead".into(),
    }
}

/// One row for each step of a hall's units: from the first start to the last finish.
fn unit_rows(
    site: &Site,
    run: &Run,
    hall: &crate::model::Hall,
    critical: &std::collections::BTreeSet<u32>,
) -> Vec<plot::Row> {
    let prefix = format!("{}.unit-", hall.id);
    let mut rows: Vec<(String, plot::Row)> = Vec::new();
    for (index, activity) in site.plan.activities.iter().enumerate() {
        if !activity.id.starts_with(&prefix) {
            continue;
        }
        let step = activity.id.rsplit('.').next().unwrap_or(&activity.id);
        let (start, finish) = (run.timeline.start[index], run.timeline.finish[index]);
        if !finish.happens() {
            continue;
        }
        let critical = critical.contains(&(index as u32));
        match rows.iter_mut().find(|(name, _)| name == step) {
            Some((_, row)) => {
                row.start = row.start.min(start);
                row.finish = row.finish.max(finish);
                row.critical |= critical;
            }
            None => {
                let count = hall.units.len();
                let mut row = plot::Row::new(format!("{step}, {count} units"), start, finish);
                row.group = hall.id.clone();
                row.critical = critical;
                rows.push((step.to_owned(), row));
            }
        }
    }
    rows.into_iter().map(|(_, row)| row).collect()
}

/// Revenue against debt service by quarter, and cover.
pub fn cover_chart(site: &Site, run: &Run) -> plot::Cover {
    let quarters = run.quarters.iter().map(|row| plot::CoverQuarter {
        first: row.from,
        revenue: row.flows.revenue + row.flows.recharge,
        debt_service: row.flows.debt_service(),
        dscr: row.flows.dscr().value(),
    });
    let covenant = site.terms.loans.iter().find_map(|loan| loan.dscr_at_least).map(|least| {
        let least = least.to_f64();
        plot::Covenant { name: format!("covenant {least:.2}x"), least }
    });
    let debt = run.quarters.iter().map(|row| row.stand.debt).max().unwrap_or(Money::ZERO);
    let currency = site.terms.fx.reporting();
    plot::Cover {
        title: format!("{}: revenue, debt service and cover", title(site)),
        subtitle: format!(
            "peak debt {currency} {} million; DSCR = CFADS / debt service paid; {LIKELY}",
            grouped((debt.0.max(0) / 1_000_000_000_000) as u64)
        ),
        currency,
        quarters: quarters.collect(),
        covenant,
        status: site.plan.status.map(Minute::day),
    }
}
