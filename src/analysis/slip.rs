//! Why a hall is late: its slip against the plan, split by cause along the driving chain.

use super::critical::{driving_link, loan_name, scarce_name};
use crate::model::timeline::{WaitFor, WaitsBy};
use crate::model::{Progress, Site, Timeline};
use crate::time::{Minute, Span};

/// A part of a slip.
#[derive(Clone, Debug, PartialEq)]
pub struct Part {
    /// Days; negative where time was won.
    pub days: f64,
    /// What took them.
    pub cause: String,
}

/// A hall's ready date against its promise.
#[derive(Clone, Debug, PartialEq)]
pub struct HallSlip {
    /// Index of the hall.
    pub hall: u32,
    /// When it is ready; `NEVER` if it is not.
    pub ready: Minute,
    /// Days after the promised day; `None` without a promise or a date.
    pub days: Option<f64>,
    /// What they are made of, from the hall back; they sum to `days`.
    pub parts: Vec<Part>,
}

/// Splits each hall's slip by cause.
///
/// From the hall the way leads back along the links that set when each activity could have started.
/// Waits for crews and racks and delays that were asked for are taken as they are: what was ready
/// waited so long. The earliest activity on the way with a promised date of its own cuts it: the
/// slip it had already is the work up to it, the rest is the work from it on.
///
/// Cost: linear in the chain of each hall.
pub fn hall_slips(site: &Site, timeline: &Timeline) -> Vec<HallSlip> {
    let waits = timeline.waits_by_activity();
    let slip = |(index, hall): (usize, &crate::model::Hall)| {
        let ready = timeline.finish[hall.ready as usize];
        let promised = site.promised(hall.ready);
        let days = promised.filter(|_| ready.happens()).map(|day| (ready.day() - day).into());
        let split = |days| split(site, timeline, &waits, hall.ready, days);
        HallSlip { hall: index as u32, ready, days, parts: days.map_or_else(Vec::new, split) }
    };
    site.halls.iter().enumerate().map(slip).collect()
}

/// Parts of a slip of `days` at the finish of `activity`.
fn split(
    site: &Site,
    timeline: &Timeline,
    waits: &WaitsBy<'_>,
    activity: u32,
    days: f64,
) -> Vec<Part> {
    let mut parts: Vec<Part> = Vec::new();
    let (mut left, mut after_promise) = (days, 0.0);
    let own = &site.plan.activities[activity as usize];
    let (mut since, mut next) = (own, Some(activity));
    while let Some(here) = next {
        let this = &site.plan.activities[here as usize];
        if here != activity
            && let Some(promised) = site.promised(here)
        {
            let theirs = f64::from(timeline.finish[here as usize].day() - promised);
            after_promise += left - theirs;
            (left, since) = (theirs, this);
        }
        for wait in waits.of(here) {
            let cause = match wait.what {
                WaitFor::Scarce(scarce) => format!("for {}", scarce_name(site, scarce)),
                WaitFor::Funding { loan, .. } => {
                    format!("for funding by {}", loan_name(site, loan))
                }
                WaitFor::HeldFinish | WaitFor::PastLead => continue,
            };
            add(&mut parts, wait.length().days(), cause);
            left -= wait.length().days();
        }
        if this.delay > Span::ZERO && this.progress == Progress::Open {
            let start = timeline.start[here as usize];
            let delay = (start - site.plan.calendar(here).start(start, this.delay)).days();
            add(&mut parts, delay, format!("{} delayed", this.id));
            left -= delay;
        }
        let link = driving_link(site, timeline, here);
        next = link.map(|link| site.plan.links[link as usize].from);
    }
    add(&mut parts, after_promise, format!("work from {} to {}", since.id, own.id));
    add(&mut parts, left, format!("work up to {}", since.id));
    parts
}

/// Adds to the part of the same cause, or begins it; what is under an hour is not worth a word.
fn add(parts: &mut Vec<Part>, days: f64, cause: String) {
    if days.abs() < 1.0 / 24.0 {
        return;
    }
    match parts.iter_mut().find(|part| part.cause == cause) {
        Some(part) => part.days += days,
        None => parts.push(Part { days, cause }),
    }
}
