//! Why a hall is late: its slip against the plan, split by cause along the driving chain.

use super::critical::{driving_chain, scarce_name, waits_of};
use crate::model::timeline::WaitFor;
use crate::model::{Progress, Site, Timeline};
use crate::time::{Day, Minute, Span};

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
/// asked for are taken as they are. Activities with a promised date of their own cut the chain: what
/// remains before such a date is theirs, what remains after it is the work in between.
pub fn hall_slips(site: &Site, timeline: &Timeline) -> Vec<HallSlip> {
    let slip = |(index, hall): (usize, &crate::model::Hall)| {
        let ready = timeline.finish[hall.ready as usize];
        let promised = promised(site, hall.ready);
        let days = promised.filter(|_| ready.happens()).map(|day| (ready.day() - day).into());
        let parts = days.map_or_else(Vec::new, |days| split(site, timeline, hall.ready, days));
        HallSlip { hall: index as u32, ready, days, parts }
    };
    site.halls.iter().enumerate().map(slip).collect()
}

/// Promised finish of an activity: its own, or its hall's if it makes the hall ready.
fn promised(site: &Site, activity: u32) -> Option<Day> {
    let hall = site.halls.iter().position(|hall| hall.ready == activity);
    let of_hall = hall.and_then(|hall| site.baseline.hall(hall as u32));
    of_hall.or_else(|| site.baseline.activity(activity))
}

/// Parts of a slip of `days` at the finish of `activity`.
fn split(site: &Site, timeline: &Timeline, activity: u32, days: f64) -> Vec<Part> {
    let mut parts: Vec<Part> = Vec::new();
    let mut left = days;
    let mut since = &site.plan.activities[activity as usize];
    for driver in driving_chain(site, timeline, activity).iter().rev() {
        let here = &site.plan.activities[driver.activity as usize];
        if driver.activity != activity
            && let Some(promised) = promised(site, driver.activity)
        {
            let theirs = f64::from(timeline.finish[driver.activity as usize].day() - promised);
            add(&mut parts, left - theirs, format!("work from {} to {}", here.id, since.id));
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
    add(&mut parts, left, format!("up to {}", since.id));
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
