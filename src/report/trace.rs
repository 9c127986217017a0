//! The run as a log with causes.

use std::fmt::Write;

use crate::analysis::{Run, cause_text, days_late, loan_wait_text, scarce_name};
use crate::model::timeline::WaitFor;
use crate::model::{Event, EventKind, Site};
use crate::time::Minute;

/// What happened, line by line, with what set each start, every wait, and why halls are late.
///
/// Times are the site's civil clock.
pub fn trace_log(site: &Site, run: &Run) -> String {
    let mut log = String::new();
    let mut lines: Vec<(Minute, String)> =
        run.timeline.events.iter().map(|event| (event.at, event_line(site, run, event))).collect();
    for wait in &run.timeline.waits {
        let id = &site.plan.activities[wait.activity as usize].id;
        let holder = wait.holder.map(|holder| site.plan.activities[holder as usize].id.as_str());
        let by = holder.map(|holder| format!(", held by {holder}")).unwrap_or_default();
        let what = match wait.what {
            WaitFor::Scarce(scarce) => format!("waited for {}", scarce_name(site, scarce)),
            WaitFor::HeldFinish => "finish was held by a link".into(),
            WaitFor::PastLead => "started after its lead asked for it".into(),
            WaitFor::Funding { loan, why } => loan_wait_text(site, loan, why),
        };
        let line = if wait.until.happens() {
            format!("{id} {what} {:.1} d{by}", wait.length().days())
        } else {
            format!("{id} {what} in vain since {}", wait.from)
        };
        lines.push((wait.until, line));
    }
    lines.sort_by_key(|line| line.0);
    for (at, line) in lines {
        writeln!(log, "{at}  {line}").expect("writing to text");
    }
    log
}

fn event_line(site: &Site, run: &Run, event: &Event) -> String {
    let id = site.plan.activities[event.activity as usize].id.as_str();
    match event.kind {
        EventKind::Started => {
            let cause = run.timeline.cause[event.activity as usize];
            format!("{id} starts: {}", cause_text(site, cause))
        }
        EventKind::Finished => {
            let late = site.baseline.activity(event.activity);
            let late = late.and_then(|promised| days_late(event.at, promised));
            let late = late.map(|days| format!(", {days:+} d against plan")).unwrap_or_default();
            format!("{id} finishes{late}")
        }
        EventKind::Ordered(lot) => {
            let lot = &site.lots[lot as usize];
            format!("{} ordered: {} racks", lot.id, lot.racks)
        }
        EventKind::Delivered(lot) => {
            let lot = &site.lots[lot as usize];
            format!("{} delivered: {} racks", lot.id, lot.racks)
        }
        EventKind::Cooled(hall) => format!("{} cooling commissioned", site.halls[hall as usize].id),
        EventKind::Energised(stage) => {
            let stage = &site.stages[stage as usize];
            format!("{} energised: {}", stage.id, stage.grid)
        }
        EventKind::Ready(hall) => ready_line(site, run, hall),
        EventKind::Racked(unit) => format!("{} racked", site.units[unit as usize].id),
        EventKind::InService(unit) => format!("{} in service", site.units[unit as usize].id),
        EventKind::Accepted(unit) => {
            let unit = &site.units[unit as usize];
            format!("{} accepted: {} GPUs, {}", unit.id, unit.gpus, unit.it_power)
        }
    }
}

/// `hall-3 ready +41 d: 12 d for commissioning-team, 29 d up to hv-transformers`.
pub fn ready_line(site: &Site, run: &Run, hall: u32) -> String {
    let slip = &run.slips[hall as usize];
    let id = &site.halls[hall as usize].id;
    let Some(days) = slip.days else { return format!("{id} ready") };
    let parts: Vec<String> =
        slip.parts.iter().map(|part| format!("{:.0} d {}", part.days, part.cause)).collect();
    let because = if parts.is_empty() { String::new() } else { format!(": {}", parts.join(", ")) };
    format!("{id} ready {days:+.0} d{because}")
}
