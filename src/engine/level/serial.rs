//! The serial scheme: each activity where it fits first, in the order of a rule.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BinaryHeap};
use std::ops::Bound;

use super::Schedule;
use crate::model::cpm::{self, Placed};
use crate::model::{Plan, Progress, Resource};
use crate::time::{Minute, Span};

/// Places all activities, always the first in `order` among those whose predecessors are placed.
///
/// Decisions, in the spirit of semantics T8 and T9:
/// - An activity holds its crews from start (or restart) to finish, closed time and held finishes
///   included. A cut in capacity interrupts nobody: there must be enough at each start.
/// - What is over or under way comes before what is not; what goes on at the data date holds its
///   crews without asking.
/// - A queue that lets nobody pass (`overtake: false`) has no meaning here: nobody queues.
pub(super) fn serial(plan: &Plan, order: &[i32]) -> Schedule {
    let takes_racks = plan.activities.iter().any(|activity| activity.takes.is_some());
    assert!(!takes_racks, "the serial scheme shares out crews, not racks");
    let count = plan.activities.len();
    let mut crews: Vec<Crew> = plan.resources.iter().map(Crew::new).collect();
    let mut schedule =
        Schedule { start: vec![Minute::NEVER; count], finish: vec![Minute::NEVER; count] };
    let mut missing: Vec<usize> = (0..count as u32)
        .map(|at| plan.preds(at).iter().filter(|link| cpm::binds(plan, link)).count())
        .collect();
    let key = |activity: u32| {
        let state = match plan.activities[activity as usize].progress {
            Progress::Finished { .. } => 0,
            Progress::Started { .. } => 1,
            Progress::Open => 2,
        };
        Reverse((state, order[activity as usize], activity))
    };
    let free = (0..count as u32).filter(|&at| missing[at as usize] == 0);
    let mut eligible: BinaryHeap<_> = free.map(key).collect();
    let work = plan.likely_work();
    while let Some(Reverse((_, _, activity))) = eligible.pop() {
        let at = activity as usize;
        let placed = first_fit(plan, activity, work[at], &schedule, &crews);
        (schedule.start[at], schedule.finish[at]) = (placed.start, placed.finish);
        if !plan.activities[at].is_finished() && placed.resumes.happens() {
            for need in &plan.activities[at].needs {
                crews[need.resource as usize].hold(placed.resumes, placed.finish, need.units);
            }
        }
        for link in plan.succs(activity).filter(|link| cpm::binds(plan, link)) {
            missing[link.to as usize] -= 1;
            if missing[link.to as usize] == 0 {
                eligible.push(key(link.to));
            }
        }
    }
    schedule
}

/// The earliest place that logic, calendar and crews allow.
fn first_fit(
    plan: &Plan,
    activity: u32,
    work: Span,
    schedule: &Schedule,
    crews: &[Crew],
) -> Placed {
    let this = &plan.activities[activity as usize];
    let place = |now| cpm::place(plan, activity, work, &schedule.start, &schedule.finish, now);
    let mut placed = place(Minute::MIN);
    let goes_on = this.progress != Progress::Open && placed.resumes <= plan.data_date();
    if this.is_finished() || goes_on {
        return placed;
    }
    while placed.resumes.happens() {
        let (from, until) = (placed.resumes, placed.finish);
        let clashes = this
            .needs
            .iter()
            .filter_map(|need| crews[need.resource as usize].clash(from, until, need.units));
        let Some(again) = clashes.max() else { return placed };
        placed = match again.happens() {
            true => place(again),
            false => Placed { start: again, resumes: again, finish: again },
        };
    }
    placed
}

/// A crew and who holds it when.
struct Crew<'p> {
    resource: &'p Resource,
    /// From each instant on until the next: units held, and whether somebody starts then.
    held: BTreeMap<Minute, (u32, bool)>,
}

impl<'p> Crew<'p> {
    fn new(resource: &'p Resource) -> Crew<'p> {
        Crew { resource, held: BTreeMap::from([(Minute::MIN, (0, false))]) }
    }

    /// Whether units can be held over an interval: `None`, or the first instant at which it is
    /// worth another try ([`Minute::NEVER`] if there is none).
    ///
    /// There must be enough when the interval begins and at each start within it that was placed
    /// before.
    fn clash(&self, from: Minute, until: Minute, units: u32) -> Option<Minute> {
        let (_, &(held, _)) = self.held.range(..=from).next_back().expect("held from the first on");
        let within = (Bound::Excluded(from), Bound::Excluded(until));
        let within = (from < until).then(|| self.held.range(within)).into_iter().flatten();
        let starts = within.filter(|(_, step)| step.1).map(|(&at, &(held, _))| (at, held));
        let short = std::iter::once((from, held))
            .chain(starts)
            .find(|&(at, held)| held.saturating_add(units) > self.capacity(at))?;
        let next = self.held.range((Bound::Excluded(short.0), Bound::Unbounded)).next();
        let steps = &self.resource.capacity;
        let change = steps.get(steps.partition_point(|&(at, _)| at <= short.0));
        let change = change.map_or(Minute::NEVER, |&(at, _)| at);
        Some(next.map_or(Minute::NEVER, |(&at, _)| at).min(change))
    }

    fn capacity(&self, at: Minute) -> u32 {
        let steps = &self.resource.capacity;
        let past = steps.partition_point(|&(from, _)| from <= at);
        steps.get(past.saturating_sub(1)).map_or(0, |&(_, units)| units)
    }

    fn hold(&mut self, from: Minute, until: Minute, units: u32) {
        if from >= until {
            return;
        }
        for at in [from, until] {
            let (_, &(held, _)) = self.held.range(..=at).next_back().expect("held from the first");
            self.held.entry(at).or_insert((held, false));
        }
        for (_, (held, _)) in self.held.range_mut(from..until) {
            *held = held.saturating_add(units);
        }
        self.held.entry(from).and_modify(|step| step.1 = true);
    }
}
