//! Early and late dates by the rules of planners' programs.
//!
//! The passes of [`super::cpm`] come here for plans that follow Primavera P6 or Microsoft Project.
//! What both have in common: a link to a finish moves the start, so that work stays in one piece;
//! float is working time of the activity's own calendar; a date is a date of the clock, and two
//! dates with no working time between them are the same one. Where they differ, [`Rules`] decides.

use super::cpm::{self, Dates, Placed};
use super::plan::{Activity, Link, LinkKind, Plan, Progress};
use super::scheduling::{Constraint, ConstraintKind, FloatAt, Kind, Rules};
use crate::time::{Calendar, Minute, Span};

/// Where an activity falls, given the dates of its predecessors.
pub(super) fn place(
    plan: &Plan,
    activity: u32,
    work: Span,
    start: &[Minute],
    finish: &[Minute],
    now: Minute,
) -> Placed {
    let this = &plan.activities[activity as usize];
    if let Progress::Finished { start, finish } = this.progress {
        return Placed { start, resumes: start, finish };
    }
    if let Some(resumes) = goes_on(plan, activity, work) {
        let (Progress::Started { start, .. } | Progress::Finished { start, .. }) = this.progress
        else {
            unreachable!("what goes on has started")
        };
        return Placed { start, resumes, finish: cpm::ends(plan, this.calendar, resumes, work) };
    }
    let mut logic = unlinked(plan, activity);
    for link in plan.preds(activity).iter().filter(|link| binds(plan, link)) {
        logic = logic.max(asks(plan, link, work, start, finish));
    }
    let resumes = constrained(plan, activity, work, logic).max(now);
    let resumes = settle(plan, activity, resumes, work);
    let held = held(plan, activity, start, finish);
    let start = match this.progress {
        Progress::Started { start, .. } => start,
        _ => resumes,
    };
    Placed { start, resumes, finish: cpm::ends(plan, this.calendar, resumes, work).max(held) }
}

/// Where work under way goes on in Project: right after what is done, whatever its links say.
fn goes_on(plan: &Plan, activity: u32, work: Span) -> Option<Minute> {
    let this = &plan.activities[activity as usize];
    match this.progress {
        Progress::Started { start, .. } if plan.scheduling.rules == Rules::Project => {
            let done = Span((this.duration - work).0.max(0));
            let calendar = plan.calendar(activity);
            Some(calendar.next_work(calendar.finish(start, done)))
        }
        _ => None,
    }
}

/// The start that a link asks of its successor.
pub(crate) fn asks(
    plan: &Plan,
    link: &Link,
    work: Span,
    start: &[Minute],
    finish: &[Minute],
) -> Minute {
    let bound = cpm::bound(plan, link, start, finish);
    if !link.kind.bounds_finish() {
        return bound;
    }
    let this = &plan.activities[link.to as usize];
    let mut asked = begun_for(plan, this, bound, work);
    if plan.scheduling.rules == Rules::Project {
        // Project adds the lag to the start that work would need without it. Where closed time
        // lies between, that is later than the link alone asks.
        let dates = if link.kind.from_finish() { finish } else { start };
        let begun = begun_for(plan, this, dates[link.from as usize], work);
        asked = asked.max(cpm::shift(plan, link.lag_calendar, begun, link.lag));
        if link.kind.from_finish() {
            asked = asked.max(cpm::earliest(plan, this));
        }
    }
    asked
}

/// The instant before which links do not let an activity finish, however early its work is done.
///
/// P6 finishes on the very instant that a link to the finish names, or when work is next possible.
pub(crate) fn held(plan: &Plan, activity: u32, start: &[Minute], finish: &[Minute]) -> Minute {
    let by_date = plan.scheduling.of(activity).has(ConstraintKind::MandatoryFinish);
    let point = plan.activities[activity as usize].is_point();
    if plan.scheduling.rules != Rules::P6 || by_date || point {
        return Minute::MIN;
    }
    let links = plan.preds(activity).iter().filter(|link| binds(plan, link));
    let links = links.filter(|link| link.kind.bounds_finish() && link.lag <= Span::ZERO);
    let bounds = links.map(|link| cpm::bound(plan, link, start, finish));
    bounds.map(|bound| closes(plan.calendar(activity), bound)).max().unwrap_or(Minute::MIN)
}

/// Where an activity starts of which no link says anything: Project lets a lead, or a link to a
/// start, move what it binds to before the start of the project (but not finish to finish); P6 does
/// not.
fn unlinked(plan: &Plan, activity: u32) -> Minute {
    let this = &plan.activities[activity as usize];
    let linked = plan.pred_offsets[activity as usize] < plan.pred_offsets[activity as usize + 1];
    match plan.scheduling.rules {
        Rules::Project if linked && this.progress == Progress::Open => Minute::MIN,
        _ => cpm::earliest(plan, this),
    }
}

/// The first instant at or after `at` at which work may have ended.
fn closes(calendar: &Calendar, at: Minute) -> Minute {
    if calendar.prev_work(at) == at { at } else { calendar.next_work(at) }
}

/// Whether a link still says anything (see [`cpm::binds`]); to what is under way nothing does
/// under progress override.
pub(crate) fn binds(plan: &Plan, link: &Link) -> bool {
    let begun = plan.activities[link.to as usize].progress != Progress::Open;
    cpm::binds(plan, link) && !(begun && plan.scheduling.progress_override)
}

/// The start that constraints make of what links allow.
fn constrained(plan: &Plan, activity: u32, work: Span, logic: Minute) -> Minute {
    let this = &plan.activities[activity as usize];
    if this.progress != Progress::Open {
        return logic;
    }
    let project = plan.scheduling.rules == Rules::Project;
    let mut start = logic;
    for constraint in plan.scheduling.of(activity).constraints() {
        let begun = begun_for(plan, this, constraint.at, work);
        start = match constraint.kind {
            ConstraintKind::StartNoEarlier => start.max(constraint.at),
            ConstraintKind::FinishNoEarlier => start.max(begun),
            ConstraintKind::StartNoLater if project => start.min(constraint.at),
            ConstraintKind::FinishNoLater if project => start.min(begun),
            ConstraintKind::StartOn if project => constraint.at,
            ConstraintKind::FinishOn if project => begun,
            ConstraintKind::StartOn => start.max(constraint.at),
            ConstraintKind::FinishOn => start.max(begun),
            ConstraintKind::MandatoryStart | ConstraintKind::ByHand => constraint.at,
            ConstraintKind::MandatoryFinish => begun,
            ConstraintKind::AsLateAsPossible => start.max(constraint.at),
            ConstraintKind::StartNoLater | ConstraintKind::FinishNoLater => start,
        };
    }
    start
}

/// The latest start of work that is over by `finish`.
fn begun_for(plan: &Plan, activity: &Activity, finish: Minute, work: Span) -> Minute {
    cpm::latest_start(plan, activity, finish, work)
}

/// Where an activity begins that may begin at `at`.
fn settle(plan: &Plan, activity: u32, at: Minute, work: Span) -> Minute {
    let calendar = plan.calendar(activity);
    if !at.happens() {
        return at;
    }
    let this = &plan.activities[activity as usize];
    let at = cpm::shift(plan, this.calendar, at, this.delay);
    match plan.scheduling.of(activity).kind {
        Kind::FinishMilestone if work == Span::ZERO => at,
        _ => calendar.next_work(at),
    }
}

/// Late dates and float of one activity, given its successors' limits.
pub(super) fn late(plan: &Plan, activity: u32, work: Span, end: Minute, out: &mut Dates) {
    let at = activity as usize;
    let this = &plan.activities[at];
    let calendar = plan.calendar(activity);
    let project = plan.scheduling.rules == Rules::Project;
    let (mut last_start, mut last_finish) = (Minute::NEVER, end);
    for link in plan.succs(activity).filter(|link| binds(plan, link)) {
        let (start_limit, finish_limit) = out.limits[link.to as usize];
        let limit = if link.kind.bounds_finish() { finish_limit } else { start_limit };
        let lag_calendar = &plan.calendars[link.lag_calendar as usize];
        let limit = match link.kind {
            // Project first moves the limit to working time of the predecessor.
            LinkKind::StartStart if project && limit.happens() => calendar.next_work(limit),
            // Project takes the lag off the finish that work begun at the limit would have.
            LinkKind::StartFinish if project => {
                let ends = cpm::ends(plan, this.calendar, calendar.next_work(limit), work);
                last_finish = last_finish.min(back(lag_calendar, ends, link.lag));
                continue;
            }
            _ => limit,
        };
        let limit = back(lag_calendar, limit, link.lag);
        let last = if link.kind.from_finish() { &mut last_finish } else { &mut last_start };
        *last = (*last).min(limit);
    }
    let begun = this.progress != Progress::Open;
    let last_start = if begun { Minute::NEVER } else { last_start };
    let (resumes, finish) = limited(plan, activity, work, last_start, last_finish);
    out.late_finish[at] = finish;
    out.late_start[at] = if begun && project { out.early_start[at] } else { resumes };
    let floats = plan.float_calendar(activity);
    let at_start = floats.work_between(out.resumes[at], resumes);
    let at_finish = floats.work_between(out.early_finish[at], finish);
    out.total_float[at] = Some(match plan.scheduling.float_at {
        _ if begun => at_finish,
        FloatAt::Start => at_start,
        FloatAt::Finish => at_finish,
        FloatAt::Least => at_start.min(at_finish),
    });
    out.limits[at] = (resumes, finish);
    if this.delay > Span::ZERO {
        let undelayed = |limit| back(calendar, limit, this.delay);
        out.limits[at] = (undelayed(resumes), undelayed(finish));
    }
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
    let project = plan.scheduling.rules == Rules::Project;
    let (mut start, mut finish) = (last_start, last_finish);
    let mut pinned = None;
    if let Some(deadline) = conditions.deadline {
        finish = finish.min(deadline);
    }
    for Constraint { kind, at } in conditions.constraints() {
        match kind {
            ConstraintKind::StartOn if project => pinned = Some(spread(plan, this, at, work)),
            ConstraintKind::FinishOn if project => {
                pinned = Some((begun_for(plan, this, at, work), at));
            }
            ConstraintKind::StartNoLater | ConstraintKind::StartOn => start = start.min(at),
            ConstraintKind::FinishNoLater | ConstraintKind::FinishOn => finish = finish.min(at),
            ConstraintKind::MandatoryStart => pinned = Some(spread(plan, this, at, work)),
            ConstraintKind::MandatoryFinish => {
                let begun = begun_for(plan, this, at, work);
                pinned = Some((begun.min(start), at));
            }
            ConstraintKind::StartNoEarlier
            | ConstraintKind::FinishNoEarlier
            | ConstraintKind::AsLateAsPossible
            | ConstraintKind::ByHand => {}
        }
    }
    if let Some(pinned) = pinned {
        return pinned;
    }
    let by_start = cpm::ends(plan, this.calendar, calendar.next_work(start), work);
    let by_finish = begun_for(plan, this, finish, work);
    if !project && start.happens() && calendar.work_between(start, by_finish) > Span::ZERO {
        return (begins_by(calendar, start), by_start);
    }
    let finish = finish.min(by_start);
    let finish = if work > Span::ZERO { calendar.prev_work(finish) } else { finish };
    (begun_for(plan, this, finish, work), finish)
}

/// Where P6 puts a late start: at the limit; in closed time at the end of the work before it, on a
/// working day before work at its beginning.
fn begins_by(calendar: &Calendar, limit: Minute) -> Minute {
    let next = calendar.next_work(limit);
    if next.day() == limit.day() { next } else { calendar.prev_work(limit) }
}

/// Work that starts at a date, and when it is over.
fn spread(plan: &Plan, activity: &Activity, start: Minute, work: Span) -> (Minute, Minute) {
    (start, cpm::ends(plan, activity.calendar, start, work))
}

/// `limit` moved back by a lag, forward by a lead.
fn back(calendar: &Calendar, limit: Minute, lag: Span) -> Minute {
    if lag == Span::ZERO || !limit.happens() { limit } else { calendar.shift(limit, -lag) }
}

/// Gives each activity that is to be as late as possible the date that this means, once, from the
/// likely plan (semantics T8): in Project its late start, in P6 as late as its successors' early
/// dates allow.
///
/// Cost: both passes, and one visit per link of such activities.
pub fn delay_as_late_as_possible(plan: &mut Plan) {
    let late = |at: &u32| plan.scheduling.of(*at).has(ConstraintKind::AsLateAsPossible);
    let order: Vec<u32> = plan.topological.iter().rev().copied().filter(late).collect();
    if order.is_empty() {
        return;
    }
    let mut dates = Dates::likely(plan);
    for activity in order {
        let at = activity as usize;
        if plan.activities[at].progress != Progress::Open {
            continue;
        }
        let mut start = dates.late_start[at];
        if plan.scheduling.rules != Rules::Project {
            let free = free_of(plan, &dates, activity, dates.end()).unwrap_or(Span::ZERO);
            let this = &plan.activities[at];
            let finish = plan.calendar(activity).finish(dates.early_finish[at], free);
            start = begun_for(plan, this, finish, this.likely_work());
            (dates.early_start[at], dates.early_finish[at]) = (start, finish);
        }
        let constraints = plan.scheduling.conditions[at].constraints.iter_mut().flatten();
        for constraint in constraints.filter(|c| c.kind == ConstraintKind::AsLateAsPossible) {
            constraint.at = start;
        }
    }
}

/// Working time of its own calendar by which each activity can slip without moving the early
/// dates of any successor; `None` once it is over.
///
/// Where it has no successor, P6 counts to the end of the project, Project gives the total float.
///
/// Cost: one visit per link.
pub fn free_float(plan: &Plan, dates: &Dates) -> Vec<Option<Span>> {
    let end = plan.scheduling.finish_by.unwrap_or(dates.end());
    (0..plan.activities.len() as u32).map(|at| free_of(plan, dates, at, end)).collect()
}

/// See [`free_float`].
fn free_of(plan: &Plan, dates: &Dates, activity: u32, end: Minute) -> Option<Span> {
    let at = activity as usize;
    if plan.activities[at].is_finished() {
        return None;
    }
    let project = plan.scheduling.rules == Rules::Project;
    let mandatory = plan.scheduling.of(activity).is_mandatory();
    let links = plan.succs(activity).filter(|link| binds(plan, link));
    let least = links.map(|link| match link.kind {
        LinkKind::StartStart | LinkKind::StartFinish if mandatory => Span::ZERO,
        _ => slack(plan, dates, link),
    });
    let open = match dates.total_float[at] {
        Some(total) if project || mandatory => total,
        _ => plan.float_calendar(activity).work_between(dates.early_finish[at], end),
    };
    Some(least.min().unwrap_or(open).max(Span::ZERO))
}

/// Working time of its predecessor's calendar that a link leaves between early dates.
fn slack(plan: &Plan, dates: &Dates, link: &Link) -> Span {
    let project = plan.scheduling.rules == Rules::Project;
    let (from, to) = (link.from as usize, link.to as usize);
    let early = if link.kind.bounds_finish() { &dates.early_finish } else { &dates.early_start };
    let begin = if link.kind.from_finish() { &dates.early_finish } else { &dates.early_start };
    let floats = plan.float_calendar(link.from);
    if project {
        // Project takes any lag off, elapsed or not, as working time of what floats.
        return floats.work_between(begin[from], early[to]) - link.lag;
    }
    // P6 grants no float for a lead from start to start.
    let lead = link.kind == LinkKind::StartStart && link.lag < Span::ZERO;
    let lag = if lead { Span::ZERO } else { link.lag };
    let begin = cpm::shift(plan, link.lag_calendar, begin[from], lag);
    floats.work_between(begin, early[to])
}

/// The links that set each activity's early start, as indices into the plan's links.
///
/// Cost: one visit per link.
pub fn driving(plan: &Plan, dates: &Dates) -> Vec<Vec<u32>> {
    let drives = |activity: u32| {
        let at = activity as usize;
        let calendar = plan.calendar(activity);
        let first = plan.pred_offsets[at];
        let links = (first..).zip(plan.preds(activity));
        let tight = links.filter(|(_, link)| binds(plan, link)).filter(|(_, link)| {
            let bound = cpm::bound(plan, link, &dates.early_start, &dates.early_finish);
            let held = link.kind.bounds_finish();
            let own = if held { dates.early_finish[at] } else { dates.resumes[at] };
            calendar.work_between(bound, own) <= Span::ZERO
        });
        tight.map(|(index, _)| index).collect()
    };
    (0..plan.activities.len() as u32).map(drives).collect()
}
