//! Why a hall is late: its slip against the plan, split by cause along the driving chain.

use super::critical::{driving_chain, scarce_name, waits_of};
use crate::model::timeline::WaitFor;
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
/// The driving chain is walked back from the hall. Waits for crews and racks and delays that were
/// asked for are taken as they are. The earliest activity on the chain with a promised date of its
/// own cuts it: the slip it had already is the work up to it, the rest is the work from it on.
pub fn hall_slips(site: &Site, timeline: &Timeline) -> Vec<HallSlip> {
    let slip = |(index, hall): (usize, &crate::model::Hall)| {
        let ready = timeline.finish[hall.ready as usize];
        let promised = site.promised(hall.ready);
        let days = promised.filter(|_| ready.happens()).map(|day| (ready.day() - day).into());
        let parts = days.map_or_else(Vec::new, |days| split(site, timeline, hall.ready, days));
        HallSlip { hall: index as u32, ready, days, parts }
    };
    site.halls.iter().enumerate().map(slip).collect()
}

/// Parts of a slip of `days` at the finish of `activity`.
fn split(site: &Site, timeline: &Timeline, activity: u32, days: f64) -> Vec<Part> {
    let mut parts: Vec<Part> = Vec::new();
    let mut left = days;
    let mut after_promise = 0.0;
    let mut since = &site.plan.activities[activity as usize];
    for driver in driving_chain(site, timeline, activity).iter().rev() {
        let here = &site.plan.activities[driver.activity as usize];
        if driver.activity != activity
            && let Some(promised) = site.promised(driver.activity)
        {
            let theirs = f64::from(timeline.finish[driver.activity as usize].day() - promised);
            after_promise += left - theirs;
            left = theirs;
            since = here;
        }
        for wait in waits_of(timeline, driver.activity) {
            if let WaitFor::Scarce(scarce) = wait.what {
                add(&mut parts, wait.length().days(), format!("for {}", scarce_name(site, scarce)));
                left -= wait.length().days();
            }
        }
        if here.delay > Span::ZERO && here.progress == Progress::Open {
            let calendar = site.plan.calendar(driver.activity);
            let start = timeline.start[driver.activity as usize];
            let delay = start - calendar.start(start, here.delay);
            add(&mut parts, delay.days(), format!("{} delayed", here.id));
            left -= delay.days();
        }
    }
    let own = &site.plan.activities[activity as usize];
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
