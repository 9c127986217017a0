//! Early and late dates by the critical-path method.
//!
//! Crews and racks are ignored, so these dates bound every simulated one from below; where nothing
//! is short the engine gives exactly these dates (tested). The engine also takes its forecasts for
//! links that look ahead from here (semantics T8). Everything is in whole minutes, and each step
//! back is the exact inverse of the step forward: an activity that is delayed by its total float
//! does not move the end, one minute of work more does (tested).
//!
//! Conventions where planning tools differ:
//! - Work starts in working time of its calendar. A point (no work left) stays where its logic puts
//!   it, even in closed time.
//! - A link to a finish is met on the clock: work that was over on Friday counts as finished when
//!   the predecessor does on Saturday, no working time lies between.
//! - A deadline marks lateness: it pulls no early date, but late dates count back from it, so a
//!   deadline that is missed shows as negative float.
//! - Progress is by retained logic: what is under way goes on at the status date, but not before
//!   its unfinished predecessors allow. Its `delay` comes before the restart.

use super::plan::{Activity, CalendarId, Link, Plan, Progress};
use super::planner;
use super::scheduling::Rules;
use crate::time::{Calendar, Minute, Span};

const MINUTE: Span = Span(1);

/// Early and late dates of every activity, ignoring crews and racks.
#[derive(Clone, Debug, Default)]
pub struct Dates {
    /// Earliest start; the actual one of what has begun.
    pub early_start: Vec<Minute>,
    /// Earliest finish.
    pub early_finish: Vec<Minute>,
    /// Latest start that leaves the project end where it is.
    pub late_start: Vec<Minute>,
    /// Latest finish that leaves the project end where it is.
    pub late_finish: Vec<Minute>,
    /// Working time of its own calendar by which an activity can slip without moving the end;
    /// `None` once it is over.
    pub total_float: Vec<Option<Span>>,
    /// Earliest instant at which the work left to do begins.
    pub(super) resumes: Vec<Minute>,
    /// Latest instants to which links may bound an activity's start and its finish.
    pub(super) limits: Vec<(Minute, Minute)>,
    /// Whether a date of the plan, not only its end, can make something late.
    pub(super) may_be_late: bool,
}

impl Dates {
    /// Early and late dates at the likely durations.
    pub fn likely(plan: &Plan) -> Dates {
        let work = plan.likely_work();
        let mut dates = Dates::default();
        forward(plan, &work, &mut dates);
        backward(plan, &work, &mut dates);
        dates
    }

    /// The earliest end of everything.
    pub fn end(&self) -> Minute {
        self.early_finish.iter().copied().max().unwrap_or(Minute::MIN)
    }

    /// Earliest instant at which the work left of an activity begins.
    pub fn resumes(&self, activity: u32) -> Minute {
        self.resumes[activity as usize]
    }

    /// Whether any slip of the activity moves the end.
    pub fn is_critical(&self, activity: u32) -> bool {
        self.total_float[activity as usize].is_some_and(|float| float <= Span::ZERO)
    }
}

/// When an activity can happen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Placed {
    /// Its start, actual where it has begun.
    pub start: Minute,
    /// When its work left to do begins.
    pub resumes: Minute,
    /// Its finish.
    pub finish: Minute,
}

/// Earliest start and finish of each activity (semantics T4, T5).
///
/// `work` is the working time left to do by activity, as [`Plan::likely_work`] gives it.
///
/// Cost: one visit per link; no allocation after the first call.
pub fn forward(plan: &Plan, work: &[Span], out: &mut Dates) {
    let count = plan.activities.len();
    for dates in [&mut out.early_start, &mut out.early_finish, &mut out.resumes] {
        dates.clear();
        dates.resize(count, Minute::NEVER);
    }
    for &activity in &plan.topological {
        let at = activity as usize;
        let (start, finish) = (&out.early_start, &out.early_finish);
        let early = place(plan, activity, work[at], start, finish, Minute::MIN);
        out.early_start[at] = early.start;
        out.early_finish[at] = early.finish;
        out.resumes[at] = early.resumes;
    }
}

/// Latest start and finish of each activity and its total float, after [`forward`].
///
/// Cost: one visit per link; no allocation after the first call.
pub fn backward(plan: &Plan, work: &[Span], out: &mut Dates) {
    let count = plan.activities.len();
    out.late_start.clone_from(&out.early_start);
    out.late_finish.clone_from(&out.early_finish);
    out.total_float.clear();
    out.total_float.resize(count, None);
    out.limits.clear();
    out.limits.resize(count, (Minute::NEVER, Minute::NEVER));
    let end = plan.scheduling.finish_by.unwrap_or(out.end());
    out.may_be_late = plan.scheduling.may_be_late();
    let late = if plan.scheduling.rules == Rules::Site { late } else { planner::late };
    for &activity in plan.topological.iter().rev() {
        if !plan.activities[activity as usize].is_finished() {
            late(plan, activity, work[activity as usize], end, out);
        }
    }
}

/// Where an activity falls, given the dates of its predecessors, if what is left of it does not
/// begin before `now`.
pub(crate) fn place(
    plan: &Plan,
    activity: u32,
    work: Span,
    start: &[Minute],
    finish: &[Minute],
    now: Minute,
) -> Placed {
    if plan.scheduling.rules != Rules::Site {
        return planner::place(plan, activity, work, start, finish, now);
    }
    let this = &plan.activities[activity as usize];
    if let Progress::Finished { start, finish } = this.progress {
        return Placed { start, resumes: start, finish };
    }
    let mut logic = earliest(plan, this);
    let mut held = Minute::MIN;
    for link in plan.preds(activity).iter().filter(|link| binds(plan, link)) {
        let bound = bound(plan, link, start, finish);
        if link.kind.bounds_finish() {
            held = held.max(bound);
        } else {
            logic = logic.max(bound);
        }
    }
    if held > Minute::MIN {
        logic = logic.max(latest_start(plan, this, held, work));
    }
    let resumes = resumes(plan, this, logic).max(in_work(plan, this, now));
    let start = match this.progress {
        Progress::Started { start, .. } => start,
        _ => resumes,
    };
    Placed { start, resumes, finish: ends(plan, this.calendar, resumes, work).max(held) }
}

/// When work goes on that logic lets begin at an instant: what is under way at the data date goes
/// on there, closed time or not, so that with nothing left it is over there.
pub(crate) fn resumes(plan: &Plan, activity: &Activity, logic: Minute) -> Minute {
    let under_way = activity.began().is_some() && !activity.is_finished();
    match under_way && activity.delay == Span::ZERO && logic == plan.data_date() {
        true => logic,
        false => settle(plan, activity, logic),
    }
}

/// The instant before which no logic can put an activity: start of the run, status date, its own
/// not-before date (semantics T5).
pub(crate) fn earliest(plan: &Plan, activity: &Activity) -> Minute {
    match activity.progress {
        Progress::Open => plan.data_date().max(activity.not_before.unwrap_or(Minute::MIN)),
        Progress::Started { start, .. } => plan.data_date().max(start),
        Progress::Finished { start, .. } => start,
    }
}

/// Whether a link still says anything: not to what is over, and to what is under way only from
/// what is not over (retained logic).
pub(crate) fn binds(plan: &Plan, link: &Link) -> bool {
    match plan.activities[link.to as usize].progress {
        Progress::Open => true,
        Progress::Started { .. } => !plan.activities[link.from as usize].is_finished(),
        Progress::Finished { .. } => false,
    }
}

/// Earliest instant that a link allows for the end of the successor that it bounds.
pub(crate) fn bound(plan: &Plan, link: &Link, start: &[Minute], finish: &[Minute]) -> Minute {
    let dates = if link.kind.from_finish() { finish } else { start };
    shift(plan, link.lag_calendar, dates[link.from as usize], link.lag)
}

/// `at` moved by a lag or lead of a calendar's working time; no lag moves nothing.
pub(crate) fn shift(plan: &Plan, calendar: CalendarId, at: Minute, lag: Span) -> Minute {
    if lag == Span::ZERO || !at.happens() {
        return at;
    }
    if calendar == 0 { at + lag } else { plan.calendars[calendar as usize].shift(at, lag) }
}

/// Where an activity begins whose logic allows `logic`: after its delay, in working time.
pub(crate) fn settle(plan: &Plan, activity: &Activity, logic: Minute) -> Minute {
    in_work(plan, activity, shift(plan, activity.calendar, logic, activity.delay))
}

/// The first instant at or after `at` at which an activity can begin.
pub(crate) fn in_work(plan: &Plan, activity: &Activity, at: Minute) -> Minute {
    if activity.calendar == 0 || activity.is_point() || !at.happens() {
        return at;
    }
    plan.calendars[activity.calendar as usize].next_work(at)
}

/// When `work` on a calendar, begun at `start`, is over.
pub(crate) fn ends(plan: &Plan, calendar: CalendarId, start: Minute, work: Span) -> Minute {
    if work == Span::ZERO || !start.happens() {
        return start;
    }
    let end = match calendar {
        0 => start + work,
        calendar => plan.calendars[calendar as usize].finish(start, work),
    };
    end.min(Minute::NEVER)
}

/// Smallest start from which `work` is not over too early for a finish held to `finish`.
///
/// The latest start of work that is over by `finish` is that start: begun one working minute
/// earlier, it would be over a working minute earlier.
pub(crate) fn latest_start(plan: &Plan, activity: &Activity, finish: Minute, work: Span) -> Minute {
    if work == Span::ZERO || !finish.happens() {
        return finish;
    }
    plan.calendars[activity.calendar as usize].start(finish, work)
}

/// Late dates and float of one activity, given its successors' limits.
fn late(plan: &Plan, activity: u32, work: Span, end: Minute, out: &mut Dates) {
    let at = activity as usize;
    let this = &plan.activities[at];
    let calendar = plan.calendar(activity);
    let deadline = plan.scheduling.of(activity).deadline.unwrap_or(Minute::NEVER);
    let (mut last_start, mut last_finish) = (Minute::NEVER, end.min(deadline));
    for link in plan.succs(activity).filter(|link| binds(plan, link)) {
        let (start_limit, finish_limit) = out.limits[link.to as usize];
        let limit = if link.kind.bounds_finish() { finish_limit } else { start_limit };
        let lag_calendar = &plan.calendars[link.lag_calendar as usize];
        let last = if link.kind.from_finish() { &mut last_finish } else { &mut last_start };
        *last = (*last).min(before_shift(lag_calendar, limit, link.lag));
    }
    let begun = this.progress != Progress::Open;
    if begun {
        last_start = Minute::NEVER;
    }
    let (resumes, finish) = if this.is_point() {
        (last_finish.min(last_start), last_finish.min(last_start))
    } else {
        let by_finish = match work {
            Span::ZERO => opens(calendar, last_finish),
            _ => latest_start(plan, this, last_finish, work),
        };
        let resumes = by_finish.min(opens(calendar, last_start));
        let finish = ends(plan, this.calendar, resumes, work);
        // A finish that links hold comes no earlier than they allow, unless it must.
        let held = if resumes < out.resumes[at] { finish } else { out.early_finish[at] };
        (resumes, finish.max(held))
    };
    out.late_start[at] = if begun { out.early_start[at] } else { resumes };
    out.late_finish[at] = finish;
    out.total_float[at] = Some(calendar.work_between(out.resumes[at], resumes));
    let start_limit = before_shift(calendar, resumes, this.delay);
    let finish_limit = match work {
        Span::ZERO => start_limit,
        _ => before_shift(calendar, start_limit, -work).min(last_finish),
    };
    out.limits[at] = (start_limit, finish_limit);
}

/// Latest instant which, moved by a lag, is at or before `limit`: the inverse of [`shift`].
fn before_shift(calendar: &Calendar, limit: Minute, lag: Span) -> Minute {
    if lag == Span::ZERO || !limit.happens() {
        return limit;
    }
    if lag > Span::ZERO {
        return calendar.start(limit, lag);
    }
    calendar.finish(calendar.next_work(limit + MINUTE), -lag) - MINUTE
}

/// Latest instant at or before `limit` at which work can begin.
fn opens(calendar: &Calendar, limit: Minute) -> Minute {
    if !limit.happens() || calendar.next_work(limit) == limit {
        return limit;
    }
    calendar.prev_work(limit) - MINUTE
}
