//! What drove a date: the chain of causes back to the start of the run.

use std::cmp::Reverse;

use crate::loan::NoDraw;
use crate::model::timeline::{Scarce, WaitFor, WaitsBy};
use crate::model::{Cause, Link, Site, Timeline, cpm};
use crate::time::{Minute, Span};

/// One activity on the chain and what set its start.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Driver {
    /// The activity.
    pub activity: u32,
    /// What set its start.
    pub cause: Cause,
    /// Time it waited for crews, racks or funding before it started.
    pub waited: Span,
}

/// The chain that drove an activity, from the first cause to the activity itself.
///
/// A start that a crew's release set leads on to the activity that let go, a start that a delivery
/// set to the lot; so the chain is the critical path with resources, not the one of logic alone.
///
/// Cost: linear in the chain, but for looking up waits.
pub fn driving_chain(
    site: &Site,
    timeline: &Timeline,
    waits: &WaitsBy<'_>,
    activity: u32,
) -> Vec<Driver> {
    let mut chain = Vec::new();
    let mut at = Some(activity);
    while let Some(activity) = at {
        let cause = timeline.cause[activity as usize];
        let waited = waits
            .of(activity)
            .iter()
            .filter(|wait| matches!(wait.what, WaitFor::Scarce(_) | WaitFor::Funding { .. }))
            .fold(Span::ZERO, |sum, wait| sum + wait.length());
        chain.push(Driver { activity, cause, waited });
        at = match cause {
            Cause::Link(link) => Some(site.plan.links[link as usize].from),
            Cause::Released(_, holder) | Cause::Funded(_, holder) => holder,
            _ => None,
        };
        // Time never runs back along causes; a held finish could still name each other.
        if chain.len() > site.plan.activities.len() {
            break;
        }
    }
    chain.reverse();
    chain
}

/// The link that set when an activity could have started, crews and racks apart: the one whose
/// bound is the latest, the first in file order of several; `None` if a date or the status did.
pub fn driving_link(site: &Site, timeline: &Timeline, activity: u32) -> Option<u32> {
    if let Cause::Link(link) = timeline.cause[activity as usize] {
        return Some(link);
    }
    let plan = &site.plan;
    let first = plan.pred_offsets[activity as usize];
    let bound = |link: &Link| cpm::bound(plan, link, &timeline.start, &timeline.finish);
    let links = plan.preds(activity).iter().enumerate();
    let starts = links.filter(|(_, link)| !link.kind.bounds_finish());
    let latest = starts.max_by_key(|(at, link)| (bound(link), Reverse(*at)))?;
    let dates = plan.activities[activity as usize].not_before.max(plan.status);
    (Some(bound(latest.1)) >= dates).then_some(first + latest.0 as u32)
}

/// The chain of the activity that finished last among those that finished at all.
pub fn critical_path(site: &Site, timeline: &Timeline) -> Vec<Driver> {
    let finished = (0..timeline.finish.len()).filter(|&at| timeline.finish[at].happens());
    let last = finished.max_by_key(|&at| (timeline.finish[at], Reverse(at)));
    let waits = timeline.waits_by_activity();
    last.map_or_else(Vec::new, |last| driving_chain(site, timeline, &waits, last as u32))
}

/// Name of a crew or of the platform whose racks are stored.
pub fn scarce_name(site: &Site, scarce: Scarce) -> &str {
    match scarce {
        Scarce::Resource(resource) => &site.plan.resources[resource as usize].id,
        Scarce::Store(store) => &site.plan.stores[store as usize],
    }
}

/// Name of a loan.
pub fn loan_name(site: &Site, loan: u32) -> &str {
    &site.terms.loans[loan as usize].id
}

/// What a wait for a loan was for: `waited for funding by ddtl (the loan is not closed yet)`.
pub fn loan_wait_text(site: &Site, loan: u32, why: NoDraw) -> String {
    format!("waited for funding by {} ({why})", loan_name(site, loan))
}

/// Why an activity started when it did, in a few words.
pub fn cause_text(site: &Site, cause: Cause) -> String {
    let id = |activity: u32| site.plan.activities[activity as usize].id.as_str();
    match cause {
        Cause::Never => "never started".into(),
        Cause::RunStart => "start of the run".into(),
        Cause::Actual => "actual start".into(),
        Cause::StatusDate => "status date".into(),
        Cause::NotBefore => "its not-before date".into(),
        Cause::Constraint => "its constraint".into(),
        Cause::Link(link) => {
            let link = &site.plan.links[link as usize];
            let lag = match link.lag.0 {
                0 => String::new(),
                lag => format!(" {:+.1} d", lag as f64 / 1440.0),
            };
            let power = if is_power(site, link.from) { " (permanent power)" } else { "" };
            format!("{} of {}{lag}{power}", link.kind.code(), id(link.from))
        }
        Cause::Released(scarce @ Scarce::Resource(_), holder) => {
            let by = holder.map(|holder| format!(" released by {}", id(holder)));
            format!("{}{}", scarce_name(site, scarce), by.unwrap_or_default())
        }
        Cause::Released(scarce @ Scarce::Store(_), holder) => {
            let by = holder.map(|holder| format!(" brought by {}", id(holder)));
            format!("racks of {}{}", scarce_name(site, scarce), by.unwrap_or_default())
        }
        Cause::Funded(loan, met_by) => {
            let by = met_by.map(|met_by| format!(" once {} was finished", id(met_by)));
            format!("funding by {}{}", loan_name(site, loan), by.unwrap_or_default())
        }
    }
}

fn is_power(site: &Site, activity: u32) -> bool {
    site.stages.iter().any(|stage| stage.activity == activity)
}

/// Days between a promised day and an instant; `None` if it never happens.
pub fn days_late(at: Minute, promised: crate::time::Day) -> Option<i32> {
    at.happens().then(|| at.day() - promised)
}
