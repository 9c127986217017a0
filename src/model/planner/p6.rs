//! Primavera P6's rules.
//!
//! Early dates: each link asks for a start, and one that ties a finish may name the instant of the
//! finish as well. The link that asks for the latest start wins, and with it its finish. A lag from
//! start to finish is added to the start that work would need without it. Late dates are found the
//! same way from the earliest finish that a link allows; a link from start to start may name the
//! late start too. Where the link that wins is not the one that asks for the latest finish, the
//! finish still meets both: no link is broken but by a mandatory date.

use super::{begun_for, binds, delayed, shift};
use crate::model::cpm::{self, Dates, Placed};
use crate::model::plan::{Link, LinkKind, Plan, Progress};
use crate::model::scheduling::{Constraint, ConstraintKind, Kind};
use crate::time::{Calendar, Minute, Span};

/// What a link asks of the activity it enters.
#[derive(Clone, Copy)]
pub(super) struct Asked {
    /// Its start.
    pub start: Minute,
    /// The very instant of its finish, where the link names one.
    finish: Option<Minute>,
}

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
    let asked = drives(plan, activity, work, start, finish);
    let logic = cpm::earliest(plan, this).max(asked.map_or(Minute::MIN, |asked| asked.start));
    let named = asked.and_then(|asked| asked.finish).filter(|_| !this.is_point());
    let (resumes, named) = constrained(plan, activity, work, (logic, named));
    let resumes = settle(plan, activity, delayed(plan, activity, resumes).max(now));
    // The finish that a link names stands, even where it leaves less time than the work takes.
    let done = cpm::ends(plan, this.calendar, resumes, work);
    let done = named.map_or(done, |named| named.max(resumes));
    let finish = met(plan, activity, done, start, finish);
    let begun = match this.progress {
        Progress::Started { start, .. } => start,
        _ => resumes,
    };
    Placed { start: begun, resumes, finish }
}

/// What the link asks for that asks for the latest start; the first in file order of several.
fn drives(
    plan: &Plan,
    activity: u32,
    work: Span,
    start: &[Minute],
    finish: &[Minute],
) -> Option<Asked> {
    let calendar = plan.calendar(activity);
    let mut latest: Option<(Minute, Asked)> = None;
    for link in plan.preds(activity).iter().filter(|link| binds(plan, link)) {
        let asked = asks(plan, link, work, start, finish);
        let begins = calendar.next_work(asked.start);
        if latest.is_none_or(|(other, _)| begins > other) {
            latest = Some((begins, asked));
        }
    }
    latest.map(|(_, asked)| asked)
}

/// What one link asks for.
pub(super) fn asks(
    plan: &Plan,
    link: &Link,
    work: Span,
    start: &[Minute],
    finish: &[Minute],
) -> Asked {
    let this = &plan.activities[link.to as usize];
    let open = [link.from, link.to].iter().all(|&end| is_open(plan, end));
    let bound = bound(plan, link, start, finish);
    match link.kind {
        LinkKind::StartStart if link.lag == Span::ZERO && open => {
            let begins = plan.calendars[usize::from(link.lag_calendar)].next_work(bound);
            Asked { start: begins, finish: None }
        }
        LinkKind::FinishStart | LinkKind::StartStart => Asked { start: bound, finish: None },
        LinkKind::FinishFinish => {
            let begins = begun_for(plan, this, bound, work);
            let finish = match link.lag {
                lag if lag > Span::ZERO || !open || begins < plan.data_date() => None,
                Span::ZERO => Some(closes(plan.calendar(link.to), bound)),
                _ => Some(bound),
            };
            Asked { start: begins.max(plan.data_date()), finish }
        }
        LinkKind::StartFinish => {
            let begins = begun_for(plan, this, start[link.from as usize], work);
            let begins = shifted(plan, link, begins);
            let names = link.lag != Span::ZERO && begins > plan.data_date() && open;
            Asked { start: begins, finish: Some(bound).filter(|_| names) }
        }
    }
}

/// The instant that a link counts to, from early dates.
fn bound(plan: &Plan, link: &Link, start: &[Minute], finish: &[Minute]) -> Minute {
    let dates = if link.kind.from_finish() { finish } else { start };
    shifted(plan, link, dates[link.from as usize])
}

/// `at` moved by the lag of a link; a lead does not reach back before the data date.
fn shifted(plan: &Plan, link: &Link, at: Minute) -> Minute {
    let moved = shift(&plan.calendars[usize::from(link.lag_calendar)], at, link.lag);
    if link.lag < Span::ZERO { moved.max(plan.data_date()) } else { moved }
}

/// The finish of work that is done by `done`: later where a link to the finish, not the one that
/// sets the start, asks for it.
pub(super) fn met(
    plan: &Plan,
    activity: u32,
    done: Minute,
    start: &[Minute],
    finish: &[Minute],
) -> Minute {
    let this = &plan.activities[activity as usize];
    if plan.scheduling.of(activity).is_mandatory() || this.is_point() {
        return done;
    }
    let calendar = plan.calendar(activity);
    let links = plan.preds(activity).iter();
    let links = links.filter(|link| link.kind.bounds_finish() && binds(plan, link));
    let bounds = links.map(|link| bound(plan, link, start, finish));
    let broken = bounds.filter(|&bound| calendar.work_between(done, bound) > Span::ZERO);
    broken.map(|bound| calendar.prev_work(bound)).max().unwrap_or(done)
}

/// The first instant at or after `at` at which work may have ended.
fn closes(calendar: &Calendar, at: Minute) -> Minute {
    if is_working(calendar, at) { at } else { calendar.next_work(at) }
}

/// Whether work can go on from an instant or up to it.
fn is_working(calendar: &Calendar, at: Minute) -> bool {
    calendar.prev_work(at) == at || calendar.next_work(at) == at
}

/// The start that constraints make of what links allow, and the finish that a link names, unless
/// it is a finish that moves the start.
fn constrained(
    plan: &Plan,
    activity: u32,
    work: Span,
    logic: (Minute, Option<Minute>),
) -> (Minute, Option<Minute>) {
    let this = &plan.activities[activity as usize];
    if this.progress != Progress::Open {
        let suspended = plan.scheduling.of(activity).resumes.unwrap_or(Minute::MIN);
        return (logic.0.max(suspended), logic.1);
    }
    let (mut start, mut named) = logic;
    for Constraint { kind, at } in plan.scheduling.of(activity).constraints() {
        match kind {
            ConstraintKind::StartNoEarlier | ConstraintKind::StartOn if at > start => {
                (start, named) = (at, named.filter(|&named| named > at));
            }
            ConstraintKind::AsLateAsPossible if at.happens() && at > Minute::MIN => {
                (start, named) = (start.max(at), None);
            }
            ConstraintKind::FinishNoEarlier | ConstraintKind::FinishOn => {
                let begun = begun_for(plan, this, at, work);
                named = named.filter(|_| begun <= start);
                start = start.max(begun);
            }
            ConstraintKind::MandatoryStart | ConstraintKind::ByHand => {
                (start, named) = (at, named.filter(|&named| named > at));
            }
            ConstraintKind::MandatoryFinish => {
                (start, named) = (begun_for(plan, this, at, work), None);
            }
            _ => {}
        }
    }
    (start, named)
}

/// Where an activity begins that may begin at `at`: a finish milestone may close a shift.
fn settle(plan: &Plan, activity: u32, at: Minute) -> Minute {
    let calendar = plan.calendar(activity);
    match plan.scheduling.of(activity).kind {
        _ if !at.happens() => at,
        Kind::FinishMilestone if calendar.prev_work(at) == at => at,
        _ => calendar.next_work(at),
    }
}

/// The late start, where a link names one, and the late finish that successors leave an activity.
fn leaves(
    plan: &Plan,
    activity: u32,
    work: Span,
    end: Minute,
    out: &Dates,
) -> (Option<Minute>, Minute) {
    let calendar = plan.calendar(activity);
    let mut least: Option<(Option<Minute>, Minute)> = None;
    for link in plan.succs(activity).filter(|link| binds(plan, link)) {
        let left = leaves_by(plan, link, work, out.limits[link.to as usize]);
        if least.is_none_or(|least| left.1 < least.1) {
            least = Some(left);
        }
    }
    match least {
        Some(left) if left.1 <= end => left,
        _ => (None, calendar.prev_work(end)),
    }
}

/// What one link leaves its predecessor, given the late start and finish of its successor.
fn leaves_by(
    plan: &Plan,
    link: &Link,
    work: Span,
    (late_start, late_finish): (Minute, Minute),
) -> (Option<Minute>, Minute) {
    let this = &plan.activities[link.from as usize];
    let calendar = plan.calendar(link.from);
    let lag = unspent(plan, link);
    let lag_calendar = &plan.calendars[usize::from(link.lag_calendar)];
    let back = |at| shift(lag_calendar, at, -lag);
    let ends = |start| cpm::ends(plan, this.calendar, start, work);
    match link.kind {
        LinkKind::FinishStart => (None, back(late_start)),
        LinkKind::FinishFinish => (None, back(late_finish)),
        LinkKind::StartFinish => (None, back(ends(late_finish))),
        LinkKind::StartStart if lag > Span::ZERO => {
            (None, ends(calendar.next_work(back(late_start))))
        }
        LinkKind::StartStart if lag < Span::ZERO => {
            let starts = back(late_start);
            (Some(starts), ends(calendar.next_work(starts)))
        }
        LinkKind::StartStart => {
            let starts = nearest(calendar, late_start);
            (Some(starts), ends(starts))
        }
    }
}

/// What is left of a link's lag: one that counts from the start of work under way has run since.
fn unspent(plan: &Plan, link: &Link) -> Span {
    match plan.activities[link.from as usize].progress {
        Progress::Started { start, .. } if link.kind == LinkKind::StartStart => {
            let done = plan.calendar(link.from).work_between(start, plan.data_date());
            (link.lag - done.max(Span::ZERO)).max(Span::ZERO)
        }
        _ => link.lag,
    }
}

fn is_open(plan: &Plan, activity: u32) -> bool {
    plan.activities[activity as usize].progress == Progress::Open
}

/// The nearest instant at which work could begin or end.
fn nearest(calendar: &Calendar, at: Minute) -> Minute {
    let (before, after) = (calendar.prev_work(at), calendar.next_work(at));
    match (before, after) {
        _ if before == at || after == at => at,
        _ if at - before < after - at => before,
        _ => after,
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
    let conditions = plan.scheduling.of(activity);
    let (mut start, mut finish) = leaves(plan, activity, work, end, out);
    let open = this.progress == Progress::Open;
    for Constraint { kind, at } in conditions.constraints() {
        let ends = cpm::ends(plan, this.calendar, calendar.next_work(at), work);
        match kind {
            ConstraintKind::StartOn | ConstraintKind::StartNoLater if open && finish > ends => {
                start = start.map(|_| at);
                finish = ends;
            }
            ConstraintKind::FinishNoLater | ConstraintKind::FinishOn if finish > at => {
                (start, finish) = (None, at);
            }
            ConstraintKind::MandatoryStart if open => finish = ends,
            ConstraintKind::MandatoryFinish => finish = at,
            _ => {}
        }
    }
    if let Some(deadline) = conditions.deadline.filter(|&deadline| deadline < finish) {
        (start, finish) = (None, deadline);
    }
    if conditions.kind != Kind::StartMilestone {
        finish = calendar.prev_work(finish);
    }
    (start.unwrap_or_else(|| begun_for(plan, this, finish, work)), finish)
}

/// The latest start that the early dates of successors, or the end of everything, leave an
/// activity.
pub(super) fn as_late(plan: &Plan, dates: &Dates, activity: u32) -> Minute {
    let this = &plan.activities[activity as usize];
    let (calendar, work) = (plan.calendar(activity), this.likely_work());
    let links = plan.succs(activity).filter(|link| binds(plan, link));
    let starts = links.map(|link| {
        let to = link.to as usize;
        let lag_calendar = &plan.calendars[usize::from(link.lag_calendar)];
        let back = |at| shift(lag_calendar, at, -link.lag);
        let (start, finish) = (dates.early_start[to], dates.early_finish[to]);
        match link.kind {
            LinkKind::FinishStart => back(begun_for(plan, this, start, work)),
            LinkKind::StartStart => back(start),
            LinkKind::FinishFinish => begun_for(plan, this, back(finish), work),
            LinkKind::StartFinish => back(finish),
        }
    });
    let least = starts.min();
    let start =
        least.unwrap_or_else(|| begun_for(plan, this, calendar.prev_work(dates.end()), work));
    if work > Span::ZERO { calendar.next_work(start) } else { start }
}

/// Working time by which an activity that is not over can slip without moving the early dates of
/// any successor, or the end of the project where it has none.
pub(super) fn free(plan: &Plan, dates: &Dates, activity: u32, end: Minute) -> Span {
    let conditions = plan.scheduling.of(activity);
    if conditions.has(ConstraintKind::MandatoryFinish) {
        return Span::ZERO;
    }
    // Of several links to one successor the most generous counts where one is broken.
    let mut least: Option<(u32, Span)> = None;
    let mut total: Option<Span> = None;
    for link in plan.succs(activity).filter(|link| binds(plan, link)) {
        let own = slack(plan, dates, link);
        let merged = match least {
            Some((to, other)) if to == link.to => match own.min(other) {
                lower if lower >= Span::ZERO => lower,
                _ => own.max(other),
            },
            Some((_, other)) => {
                total = Some(total.map_or(other, |total| total.min(other)));
                own
            }
            None => own,
        };
        least = Some((link.to, merged));
    }
    match (total, least) {
        (Some(total), Some((_, last))) => total.min(last),
        (None, Some((_, last))) => last,
        _ if conditions.is_mandatory() => Span::ZERO,
        _ => plan.float_calendar(activity).work_between(dates.early_finish[activity as usize], end),
    }
}

/// Working time of its predecessor's calendar that a link leaves between early dates; a lead from
/// start to start grants none.
fn slack(plan: &Plan, dates: &Dates, link: &Link) -> Span {
    let (from, to) = (link.from as usize, link.to as usize);
    let until = if link.kind.bounds_finish() { &dates.early_finish } else { &dates.early_start };
    let begun = if link.kind.from_finish() { &dates.early_finish } else { &dates.early_start };
    let lead = link.kind == LinkKind::StartStart && link.lag < Span::ZERO;
    let since = if lead { begun[from] } else { shifted(plan, link, begun[from]) };
    plan.float_calendar(link.from).work_between(since, until[to])
}
