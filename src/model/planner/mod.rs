//! Early and late dates by the rules of planners' programs.
//!
//! The passes of [`super::cpm`] come here for plans that follow Primavera P6 (`p6`) or Microsoft
//! Project (`project`). What both have in common: a link to a finish moves the start, so that work
//! stays in one piece; float is working time of the activity's own calendar; a date is a date of
//! the clock, and two dates with no working time between them are the same one.

mod p6;
mod project;

use super::cpm::{self, Dates, Placed};
use super::plan::{Activity, Link, Plan, Progress};
use super::scheduling::{ConstraintKind, FloatAt, Rules};
use crate::time::{Calendar, MINUTES_PER_DAY, Minute, Span};

/// Where an activity falls, given the dates of its predecessors.
pub(super) fn place(
    plan: &Plan,
    activity: u32,
    work: Span,
    start: &[Minute],
    finish: &[Minute],
    now: Minute,
) -> Placed {
    if let Progress::Finished { start, finish } = plan.activities[activity as usize].progress {
        return Placed { start, resumes: start, finish };
    }
    match plan.scheduling.rules {
        Rules::Project => project::place(plan, activity, work, start, finish, now),
        _ => p6::place(plan, activity, work, start, finish, now),
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
    match plan.scheduling.rules {
        Rules::Project => project::asks(plan, link, work, start, finish),
        _ => p6::asks(plan, link, work, start, finish).start,
    }
}

/// When work that is done by `done` may be called finished: in P6 a link to the finish may ask for
/// later.
pub(crate) fn met(
    plan: &Plan,
    activity: u32,
    done: Minute,
    start: &[Minute],
    finish: &[Minute],
) -> Minute {
    match plan.scheduling.rules {
        Rules::P6 => p6::met(plan, activity, done, start, finish),
        _ => done,
    }
}

/// Whether a link still says anything (see [`cpm::binds`]); to what is under way nothing does
/// under progress override.
pub(crate) fn binds(plan: &Plan, link: &Link) -> bool {
    let begun = plan.activities[link.to as usize].progress != Progress::Open;
    cpm::binds(plan, link) && !(begun && plan.scheduling.progress_override)
}

/// The latest start of work that is over by `finish`.
fn begun_for(plan: &Plan, activity: &Activity, finish: Minute, work: Span) -> Minute {
    shift(&plan.calendars[usize::from(activity.calendar)], finish, -work)
}

/// `at` moved by a lag or lead of a calendar's working time; none moves nothing.
///
/// Both programs' clocks have it that midnight ends the last shift of the day before, however early
/// that shift was over: what is less than a day's work is taken off from midnight itself.
fn shift(calendar: &Calendar, at: Minute, lag: Span) -> Minute {
    if lag == Span::ZERO || !at.happens() || at == Minute::MIN {
        return at;
    }
    if lag > Span::ZERO {
        return calendar.finish(at, lag);
    }
    if at.0.rem_euclid(MINUTES_PER_DAY) != 0 {
        return calendar.start(at, -lag);
    }
    from_midnight(calendar, at, lag)
}

/// See [`shift`].
fn from_midnight(calendar: &Calendar, at: Minute, lag: Span) -> Minute {
    let ends = calendar.prev_work(at);
    if ends == at {
        return calendar.shift(at, lag);
    }
    let day = calendar.work_between(at + Span(-MINUTES_PER_DAY), at);
    if -lag >= day {
        return calendar.shift(at, lag);
    }
    let opens = shift_start(calendar, ends);
    let left = -lag - (at - opens);
    if left <= Span::ZERO { at + lag } else { calendar.start(opens, left) }
}

/// When the shift began that ends at `ends`.
fn shift_start(calendar: &Calendar, ends: Minute) -> Minute {
    let (mut unbroken, mut broken) = (1, MINUTES_PER_DAY + 1);
    while unbroken + 1 < broken {
        let middle = (unbroken + broken) / 2;
        match calendar.start(ends, Span(middle)) == ends + Span(-middle) {
            true => unbroken = middle,
            false => broken = middle,
        }
    }
    ends + Span(-unbroken)
}

/// `at` after the delay that was asked for.
fn delayed(plan: &Plan, activity: u32, at: Minute) -> Minute {
    let this = &plan.activities[activity as usize];
    if at == Minute::MIN { at } else { cpm::shift(plan, this.calendar, at, this.delay) }
}

/// Late dates and float of one activity, given its successors' limits.
pub(super) fn late(plan: &Plan, activity: u32, work: Span, end: Minute, out: &mut Dates) {
    let at = activity as usize;
    let begun = plan.activities[at].progress != Progress::Open;
    let project = plan.scheduling.rules == Rules::Project;
    let (resumes, finish) = match project {
        true => project::late(plan, activity, work, end, out),
        false => p6::late(plan, activity, work, end, out),
    };
    let undelayed = |limit| shift(plan.calendar(activity), limit, -plan.activities[at].delay);
    out.limits[at] = (undelayed(resumes), undelayed(finish));
    // A lag taken off on another calendar, or in closed time, may lead further back than it led
    // on: where no date binds, that makes nothing late.
    let (resumes, finish) = match out.may_be_late {
        true => (resumes, finish),
        false => (resumes.max(out.resumes[at]), finish.max(out.early_finish[at])),
    };
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
            let this = &plan.activities[at];
            start = p6::as_late(plan, &dates, activity).max(dates.early_start[at]);
            let finish = cpm::ends(plan, this.calendar, start, this.likely_work());
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
    Some(
        match plan.scheduling.rules {
            Rules::Project => project::free(plan, dates, activity),
            _ => p6::free(plan, dates, activity, end),
        }
        .max(Span::ZERO),
    )
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

/// Whether each activity lies on the longest path: what finishes last, and whatever drives it, link
/// by link, back to the beginning.
///
/// Planners' other notion of what is critical. Unlike total float it needs no late dates, so
/// deadlines and constraints that nothing meets do not blur it, and calendars leave no gaps in it.
///
/// `driving` are the links that [`driving`] finds. Cost: one visit per link.
pub fn longest_path(plan: &Plan, dates: &Dates, driving: &[Vec<u32>]) -> Vec<bool> {
    let mut longest = vec![false; plan.activities.len()];
    let all =
        || (0..longest.len() as u32).filter(|&at| !plan.activities[at as usize].is_finished());
    let finish = |at: u32| dates.early_finish[at as usize];
    let Some(last) = all().max_by_key(|&at| finish(at)) else { return longest };
    // A finish on Friday evening and one on Monday morning are the same to who rests between.
    let same = |at| {
        let rests = |of| plan.calendar(of).work_between(finish(at), finish(last)) <= Span::ZERO;
        rests(at) && rests(last)
    };
    let ends: Vec<u32> = all().filter(|&at| same(at)).collect();
    for at in ends {
        longest[at as usize] = true;
    }
    for &activity in plan.topological.iter().rev() {
        if longest[activity as usize] {
            for &link in &driving[activity as usize] {
                longest[plan.links[link as usize].from as usize] = true;
            }
        }
    }
    longest
}
