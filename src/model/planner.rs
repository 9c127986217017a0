//! Early and late dates by the rules of planners' programs.
//!
//! The passes of [`super::cpm`] come here for plans that follow Primavera P6 or Microsoft Project.
//! What both have in common: a link to a finish moves the start, so that work stays in one piece;
//! float is working time of the activity's own calendar; a date is a date of the clock, and two
//! dates with no working time between them are the same one. Where they differ, [`Rules`] decides.

use super::cpm::{self, Dates, Placed};
use super::plan::{Activity, Link, Plan, Progress};
use super::scheduling::{ConstraintKind, FloatAt, Kind, Rules};
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
    let mut logic = cpm::earliest(plan, this);
    for link in plan.preds(activity).iter().filter(|link| binds(plan, link)) {
        let bound = cpm::bound(plan, link, start, finish);
        let asks =
            if link.kind.bounds_finish() { begun_for(plan, this, bound, work) } else { bound };
        logic = logic.max(asks);
    }
    let resumes = constrained(plan, activity, work, logic).max(now);
    let resumes = settle(plan, activity, resumes, work);
    let start = match this.progress {
        Progress::Started { start, .. } => start,
        _ => resumes,
    };
    Placed { start, resumes, finish: cpm::ends(plan, this.calendar, resumes, work) }
}

/// Whether a link still says anything (see [`cpm::binds`]); to what is under way nothing does
/// under progress override.
fn binds(plan: &Plan, link: &Link) -> bool {
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
            ConstraintKind::MandatoryStart => constraint.at,
            ConstraintKind::MandatoryFinish => begun,
            ConstraintKind::StartNoLater
            | ConstraintKind::FinishNoLater
            | ConstraintKind::AsLateAsPossible => start,
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
    let (mut last_start, mut last_finish) = (Minute::NEVER, end);
    for link in plan.succs(activity).filter(|link| binds(plan, link)) {
        let (start_limit, finish_limit) = out.limits[link.to as usize];
        let limit = if link.kind.bounds_finish() { finish_limit } else { start_limit };
        let limit = back(&plan.calendars[link.lag_calendar as usize], limit, link.lag);
        let last = if link.kind.from_finish() { &mut last_finish } else { &mut last_start };
        *last = (*last).min(limit);
    }
    let (last_start, last_finish) = limited(plan, activity, work, last_start, last_finish);
    let begun = this.progress != Progress::Open;
    let last_start = if begun { Minute::NEVER } else { last_start };
    let by_start = cpm::ends(plan, this.calendar, calendar.next_work(last_start), work);
    let finish = last_finish.min(by_start);
    let finish = if work > Span::ZERO { calendar.prev_work(finish) } else { finish };
    let resumes = begun_for(plan, this, finish, work);
    out.late_finish[at] = finish;
    out.late_start[at] = if begun { out.early_start[at] } else { resumes };
    let at_start = calendar.work_between(out.resumes[at], resumes);
    let at_finish = calendar.work_between(out.early_finish[at], finish);
    out.total_float[at] = Some(match plan.scheduling.float_at {
        _ if begun => at_finish,
        FloatAt::Start => at_start,
        FloatAt::Finish => at_finish,
        FloatAt::Least => at_start.min(at_finish),
    });
    out.limits[at] = (resumes, finish);
}

/// What constraints and deadlines make of the limits that successors set.
fn limited(
    plan: &Plan,
    activity: u32,
    work: Span,
    last_start: Minute,
    last_finish: Minute,
) -> (Minute, Minute) {
    let (mut start, mut finish) = (last_start, last_finish);
    let conditions = plan.scheduling.of(activity);
    if let Some(deadline) = conditions.deadline {
        finish = finish.min(deadline);
    }
    let this = &plan.activities[activity as usize];
    for constraint in conditions.constraints() {
        match constraint.kind {
            ConstraintKind::StartNoLater | ConstraintKind::StartOn => {
                start = start.min(constraint.at);
            }
            ConstraintKind::FinishNoLater | ConstraintKind::FinishOn => {
                finish = finish.min(constraint.at);
            }
            ConstraintKind::MandatoryStart => {
                (start, finish) =
                    (constraint.at, cpm::ends(plan, this.calendar, constraint.at, work));
            }
            ConstraintKind::MandatoryFinish => {
                (start, finish) = (Minute::NEVER, constraint.at);
            }
            ConstraintKind::StartNoEarlier
            | ConstraintKind::FinishNoEarlier
            | ConstraintKind::AsLateAsPossible => {}
        }
    }
    (start, finish)
}

/// `limit` moved back by a lag, forward by a lead.
fn back(calendar: &Calendar, limit: Minute, lag: Span) -> Minute {
    if lag == Span::ZERO || !limit.happens() { limit } else { calendar.shift(limit, -lag) }
}

/// Working time of its own calendar by which each activity can slip without moving the early
/// dates of any successor, nor the end where it has none; `None` once it is over.
///
/// Cost: one visit per link.
pub fn free_float(plan: &Plan, dates: &Dates) -> Vec<Option<Span>> {
    let end = plan.scheduling.finish_by.unwrap_or(dates.end());
    let free = |activity: u32| {
        let at = activity as usize;
        if plan.activities[at].is_finished() {
            return None;
        }
        let calendar = plan.calendar(activity);
        let mut free: Option<Span> = None;
        for link in plan.succs(activity).filter(|link| binds(plan, link)) {
            let (from, to) = (link.kind.from_finish(), link.kind.bounds_finish());
            let early = if to { &dates.early_finish } else { &dates.early_start };
            let limit = early[link.to as usize];
            let limit = back(&plan.calendars[link.lag_calendar as usize], limit, link.lag);
            let own = if from { dates.early_finish[at] } else { dates.early_start[at] };
            let slack = calendar.work_between(own, limit);
            free = Some(free.map_or(slack, |free| free.min(slack)));
        }
        let open = calendar.work_between(dates.early_finish[at], end);
        Some(free.unwrap_or(open))
    };
    (0..plan.activities.len() as u32).map(free).collect()
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
