//! Microsoft Project's rules.
//!
//! Constraints pull early dates and may break links; a link to a finish moves the start, and its
//! lag counts from the start that work would need without it. What is under way goes on right after
//! what is done, whatever its links say.

use super::{begun_for, binds, delayed, shift};
use crate::model::cpm::{self, Dates, Placed};
use crate::model::plan::{Activity, Link, LinkKind, Plan, Progress};
use crate::model::scheduling::{Constraint, ConstraintKind, Kind};
use crate::time::{Minute, Span};

/// Where an activity that is not over falls, given the dates of its predecessors.
pub(super) fn place(
    plan: &Plan,
    activity: u32,
    work: Span,
    start: &[Minute],
    finish: &[Minute],
    now: Minute,
) -> Placed {
    let this = &plan.activities[activity as usize];
    if let Progress::Started { start, .. } = this.progress {
        let resumes = goes_on(plan, activity, start, work);
        return Placed { start, resumes, finish: cpm::ends(plan, this.calendar, resumes, work) };
    }
    let mut logic = unlinked(plan, activity);
    for link in plan.preds(activity).iter().filter(|link| binds(plan, link)) {
        logic = logic.max(asks(plan, link, work, start, finish));
    }
    let resumes = delayed(plan, activity, constrained(plan, activity, work, logic));
    let resumes = settle(plan, activity, resumes.max(now), work);
    let finish = cpm::ends(plan, this.calendar, resumes, work);
    Placed { start: resumes, resumes, finish }
}

/// Where work under way goes on: right after what is done, or where it says that it resumes.
fn goes_on(plan: &Plan, activity: u32, start: Minute, work: Span) -> Minute {
    let this = &plan.activities[activity as usize];
    let done = Span((this.duration - work).0.max(0));
    let calendar = plan.calendar(activity);
    let suspended = plan.scheduling.of(activity).resumes.unwrap_or(Minute::MIN);
    calendar.next_work(calendar.finish(start, done).max(suspended))
}

/// The start that a link asks of its successor.
pub(super) fn asks(
    plan: &Plan,
    link: &Link,
    work: Span,
    start: &[Minute],
    finish: &[Minute],
) -> Minute {
    let dates = if link.kind.from_finish() { finish } else { start };
    let from = dates[link.from as usize];
    let lag_calendar = &plan.calendars[usize::from(link.lag_calendar)];
    let bound = shift(lag_calendar, from, link.lag);
    if !link.kind.bounds_finish() {
        return bound;
    }
    let this = &plan.activities[link.to as usize];
    let asked = begun_for(plan, this, bound, work);
    // Project adds the lag to the start that work would need without it. Where closed time lies
    // between, that is later than the link alone asks.
    let begun = begun_for(plan, this, from, work);
    let asked = asked.max(shift(lag_calendar, begun, link.lag));
    if link.kind.from_finish() { asked.max(cpm::earliest(plan, this)) } else { asked }
}

/// Where an activity starts of which no link says anything: a lead, or a link to a start, may move
/// what it binds to before the start of the project (but not finish to finish).
fn unlinked(plan: &Plan, activity: u32) -> Minute {
    let linked = plan.pred_offsets[activity as usize] < plan.pred_offsets[activity as usize + 1];
    if linked { Minute::MIN } else { cpm::earliest(plan, &plan.activities[activity as usize]) }
}

/// The start that constraints make of what links allow.
fn constrained(plan: &Plan, activity: u32, work: Span, logic: Minute) -> Minute {
    let this = &plan.activities[activity as usize];
    let mut start = logic;
    for Constraint { kind, at } in plan.scheduling.of(activity).constraints() {
        let begun = begun_for(plan, this, at, work);
        start = match kind {
            ConstraintKind::StartNoEarlier | ConstraintKind::AsLateAsPossible => start.max(at),
            ConstraintKind::FinishNoEarlier => start.max(begun),
            ConstraintKind::StartNoLater => start.min(at),
            ConstraintKind::FinishNoLater => start.min(begun),
            ConstraintKind::StartOn | ConstraintKind::MandatoryStart | ConstraintKind::ByHand => at,
            ConstraintKind::FinishOn | ConstraintKind::MandatoryFinish => begun,
        };
    }
    start
}

/// Where an activity begins that may begin at `at`: a point may close a shift.
fn settle(plan: &Plan, activity: u32, at: Minute, work: Span) -> Minute {
    match plan.scheduling.of(activity).kind {
        Kind::FinishMilestone if work == Span::ZERO => at,
        _ if !at.happens() => at,
        _ => plan.calendar(activity).next_work(at),
    }
}

/// Late start and finish of an activity that is not over, given its successors' limits.
pub(super) fn late(
    plan: &Plan,
    activity: u32,
    work: Span,
    end: Minute,
    out: &Dates,
) -> (Minute, Minute) {
    let this = &plan.activities[activity as usize];
    let calendar = plan.calendar(activity);
    let (mut last_start, mut last_finish) = (Minute::NEVER, end);
    for link in plan.succs(activity).filter(|link| binds(plan, link)) {
        let (start_limit, finish_limit) = out.limits[link.to as usize];
        let lag_calendar = &plan.calendars[usize::from(link.lag_calendar)];
        match link.kind {
            LinkKind::FinishStart => {
                last_finish = last_finish.min(shift(lag_calendar, start_limit, -link.lag));
            }
            LinkKind::FinishFinish => {
                last_finish = last_finish.min(shift(lag_calendar, finish_limit, -link.lag));
            }
            // The limit first moves to working time of the predecessor.
            LinkKind::StartStart if start_limit.happens() => {
                let limit = calendar.next_work(start_limit);
                last_start = last_start.min(shift(lag_calendar, limit, -link.lag));
            }
            LinkKind::StartStart => {}
            // The lag comes off the finish that work begun at the limit would have.
            LinkKind::StartFinish => {
                let start = calendar.next_work(finish_limit);
                let ends = cpm::ends(plan, this.calendar, start, work);
                last_finish = last_finish.min(shift(lag_calendar, ends, -link.lag));
            }
        }
    }
    let begun = this.progress != Progress::Open;
    limited(plan, activity, work, if begun { Minute::NEVER } else { last_start }, last_finish)
}

/// Latest start and finish under the limits that successors, constraints and deadlines set.
fn limited(
    plan: &Plan,
    activity: u32,
    work: Span,
    last_start: Minute,
    last_finish: Minute,
) -> (Minute, Minute) {
    let this = &plan.activities[activity as usize];
    let calendar = plan.calendar(activity);
    let conditions = plan.scheduling.of(activity);
    let (mut start, mut finish) = (last_start, last_finish);
    let mut pinned = None;
    if let Some(deadline) = conditions.deadline {
        finish = finish.min(deadline);
    }
    for Constraint { kind, at } in conditions.constraints() {
        match kind {
            ConstraintKind::StartOn | ConstraintKind::MandatoryStart => {
                pinned = Some(spread(plan, this, at, work));
            }
            ConstraintKind::FinishOn | ConstraintKind::MandatoryFinish => {
                pinned = Some((begun_for(plan, this, at, work), at));
            }
            ConstraintKind::StartNoLater => start = start.min(at),
            ConstraintKind::FinishNoLater => finish = finish.min(at),
            ConstraintKind::StartNoEarlier
            | ConstraintKind::FinishNoEarlier
            | ConstraintKind::AsLateAsPossible
            | ConstraintKind::ByHand => {}
        }
    }
    if let Some(pinned) = pinned {
        return pinned;
    }
    let finish = finish.min(cpm::ends(plan, this.calendar, calendar.next_work(start), work));
    let finish = if work > Span::ZERO { calendar.prev_work(finish) } else { finish };
    (begun_for(plan, this, finish, work), finish)
}

/// Work that starts at a date, and when it is over.
fn spread(plan: &Plan, activity: &Activity, start: Minute, work: Span) -> (Minute, Minute) {
    (start, cpm::ends(plan, activity.calendar, start, work))
}

/// Working time by which an activity that is not over can slip without moving the early dates of
/// any successor; its total float where it has none.
pub(super) fn free(plan: &Plan, dates: &Dates, activity: u32) -> Span {
    let links = plan.succs(activity).filter(|link| binds(plan, link));
    let least = links.map(|link| slack(plan, dates, link)).min();
    least.or(dates.total_float[activity as usize]).unwrap_or(Span::ZERO)
}

/// Working time of its predecessor's calendar that a link leaves between early dates: any lag comes
/// off, elapsed or not, as working time of what floats.
fn slack(plan: &Plan, dates: &Dates, link: &Link) -> Span {
    let (from, to) = (link.from as usize, link.to as usize);
    let until = if link.kind.bounds_finish() { &dates.early_finish } else { &dates.early_start };
    let begun = if link.kind.from_finish() { &dates.early_finish } else { &dates.early_start };
    plan.float_calendar(link.from).work_between(begun[from], until[to]) - link.lag
}
