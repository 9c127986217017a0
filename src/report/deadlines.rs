//! Deadlines, and limits on how late something may be, against the dates of the run.

use super::tables::{date, short, table};
use crate::analysis::Run;
use crate::model::{ConstraintKind, Link, Progress, Rules, Site, cpm};
use crate::time::{Minute, Span};

/// Most rows that are shown; the worst come first.
const ROWS_MAX: usize = 12;

/// A date that an activity should not pass.
struct Limit {
    activity: u32,
    what: &'static str,
    by: Minute,
    reached: Minute,
}

/// A table of what is held against a date, the latest first; empty where nothing is.
pub(super) fn deadlines(site: &Site, run: &Run) -> String {
    let mut limits: Vec<Limit> =
        (0..site.plan.activities.len() as u32).flat_map(|at| of_activity(site, run, at)).collect();
    limits.sort_by_key(|limit| (limit.by.0.saturating_sub(limit.reached.0), limit.activity));
    let more = limits.len().saturating_sub(ROWS_MAX);
    let rows = limits.iter().take(ROWS_MAX).map(|limit| {
        vec![
            short(&site.plan.activities[limit.activity as usize].label()),
            limit.what.to_owned(),
            limit.by.day().to_string(),
            date(limit.reached),
            margin(site, limit),
        ]
    });
    let rows: Vec<Vec<String>> = rows.collect();
    if rows.is_empty() {
        return String::new();
    }
    let shown = table(&["", "", "by", "model", "margin"], 2, rows);
    if more == 0 { shown } else { format!("{shown}  {more} more with a larger margin\n") }
}

/// Links that a constraint breaks, by the rules of planners' programs; empty where all are met.
pub(super) fn broken_links(site: &Site, run: &Run) -> String {
    let plan = &site.plan;
    if plan.scheduling.rules == Rules::Site {
        return String::new();
    }
    let (start, finish) = (&run.timeline.start, &run.timeline.finish);
    // What a link asks for, and the date that it does not get.
    let short = |link: &'_ Link| {
        let to = link.to as usize;
        let ends = if link.kind.bounds_finish() { finish[to] } else { start[to] };
        let bound = cpm::bound(plan, link, start, finish);
        let open = plan.activities[to].progress == Progress::Open;
        let dated = bound.happens() && ends.happens();
        let late = plan.calendar(link.to).work_between(ends, bound) > Span::ZERO;
        (open && dated && late).then_some((*link, bound, ends))
    };
    let broken: Vec<(Link, Minute, Minute)> = plan.links.iter().filter_map(short).collect();
    let id = |at: u32| short_label(site, at);
    let row = |&(link, bound, ends): &(Link, Minute, Minute)| {
        vec![id(link.from), link.kind.code().to_owned(), id(link.to), date(bound), date(ends)]
    };
    let rows: Vec<Vec<String>> = broken.iter().take(ROWS_MAX).map(row).collect();
    if rows.is_empty() {
        return String::new();
    }
    let more = broken.len().saturating_sub(ROWS_MAX);
    let shown = table(&["", "", "", "asks for", "dated"], 3, rows);
    if more == 0 { shown } else { format!("{shown}  {more} more\n") }
}

fn short_label(site: &Site, activity: u32) -> String {
    short(&site.plan.activities[activity as usize].label())
}

fn of_activity(site: &Site, run: &Run, activity: u32) -> Vec<Limit> {
    let at = activity as usize;
    let (start, finish) = (run.timeline.start[at], run.timeline.finish[at]);
    let conditions = site.plan.scheduling.of(activity);
    let deadline = conditions.deadline.map(|by| ("finish, deadline", by, finish));
    let limits = conditions.constraints().filter_map(|constraint| match constraint.kind {
        ConstraintKind::StartNoLater => Some(("start no later", constraint.at, start)),
        ConstraintKind::FinishNoLater => Some(("finish no later", constraint.at, finish)),
        ConstraintKind::StartOn => Some(("start on", constraint.at, start)),
        ConstraintKind::FinishOn => Some(("finish on", constraint.at, finish)),
        _ => None,
    });
    let open = !site.plan.activities[at].is_finished();
    let all = limits.chain(deadline).filter(|_| open);
    all.map(|(what, by, reached)| Limit { activity, what, by, reached }).collect()
}

/// Days in hand, or how late it is.
fn margin(site: &Site, limit: &Limit) -> String {
    if !limit.reached.happens() {
        return "never".to_owned();
    }
    // No working time between two instants makes them one.
    let hours = site.plan.calendar(limit.activity);
    if hours.work_between(limit.by, limit.reached) == Span::ZERO {
        return "0.0 d".to_owned();
    }
    match (limit.by - limit.reached).days() {
        days if days < 0.0 => format!("{:.1} d late", -days),
        days => format!("{days:.1} d"),
    }
}
