//! A run by Microsoft Project's means: the schedule that Project dates as the engine did.
//!
//! Project knows neither racks nor who waits for a crew, counts lags in one calendar only and keeps
//! work in working time. So each activity is asked where Project would put it once everything
//! before it stands where the engine put it; where that is another date, a constraint holds it, and
//! a note on the task says so. Nothing is replaced in silence: every kind of substitute is counted.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use super::bind;
use crate::exchange::dates::{self, Line};
use crate::exchange::lower::lower;
use crate::exchange::out::outline::{Row, What, outline};
use crate::exchange::out::{hours, text};
use crate::exchange::problem::{Problem, Unused};
use crate::exchange::schedule::{LagCalendar, Project, Schedule, Task};
use crate::model::{
    Activity, CalendarId, Conditions, Constraint, ConstraintKind, FloatAt, Kind, Plan, Progress,
    Rules, Site, Timeline,
};
use crate::time::{Calendar, Day, Minute, Span};

/// Days after the last date for which exceptions are told, so that a delay meets holidays too.
const MARGIN_DAYS: i32 = 366;

/// A schedule that Project dates as the engine did, and what its tasks are.
pub struct Told {
    /// Tasks and summaries in the order of the outline.
    pub schedule: Schedule,
    /// The outline, row by row the tasks.
    pub rows: Vec<Row>,
    /// The calendar of the project, as the plan numbers it.
    pub usual: CalendarId,
    /// Dates and floats by Project's rules, task by task.
    pub lines: Vec<Line>,
    /// What is replaced on each task, in sentences.
    pub notes: Vec<Vec<String>>,
    /// What is replaced, with counts.
    pub substitutes: Unused,
}

/// Tells a run in Project's terms.
///
/// # Errors
///
/// More links than a schedule may have.
///
/// Cost: a few passes over activities and links, and one look at each day of each calendar.
pub fn tell(site: &Site, timeline: &Timeline) -> Result<Told, Problem> {
    let rows = outline(&site.plan, &bind::second_links(&site.plan));
    let mut teller = Teller::new(site, timeline, &rows);
    teller.tasks(&rows);
    teller.links(&rows);
    let lowered = lower(&teller.schedule, Rules::Project)?;
    teller.hold(&rows, &lowered);
    let lowered = lower(&teller.schedule, Rules::Project)?;
    let lines = dates::dates(&teller.schedule, &lowered);
    let Teller { schedule, usual, notes, substitutes, .. } = teller;
    Ok(Told { schedule, rows, usual, lines, notes, substitutes })
}

/// A schedule in the making.
pub(super) struct Teller<'s> {
    pub site: &'s Site,
    pub plan: &'s Plan,
    pub timeline: &'s Timeline,
    pub schedule: Schedule,
    /// The calendar of the project; around the clock where no activity has hours.
    pub usual: CalendarId,
    /// Where each calendar of the plan stands in the schedule.
    pub calendars: BTreeMap<CalendarId, u32>,
    /// The task of each activity.
    pub task_of: Vec<u32>,
    pub notes: Vec<Vec<String>>,
    pub substitutes: Unused,
}

/// How long an activity takes in Project, and in which calendar.
struct Timed {
    calendar: Option<u32>,
    duration: Span,
    remaining: Span,
}

impl<'s> Teller<'s> {
    fn new(site: &'s Site, timeline: &'s Timeline, rows: &[Row]) -> Teller<'s> {
        let plan = &site.plan;
        let mut schedule = Schedule { rules: Rules::Project, ..Schedule::default() };
        let (first, last) = span_of(plan, timeline);
        // Hundreds of units alike do not make theirs the calendar of the project.
        let mut uses: BTreeMap<CalendarId, (usize, usize)> = BTreeMap::new();
        for activity in plan.activities.iter().filter(|activity| activity.calendar > 0) {
            let count = uses.entry(activity.calendar).or_default();
            count.0 += usize::from(activity.unit.is_none());
            count.1 += 1;
        }
        let most = uses.iter().max_by_key(|&(&id, &count)| (count, Reverse(id)));
        let usual = most.map_or(0, |(&id, _)| id);
        let mut calendars = BTreeMap::new();
        for &id in uses.keys() {
            calendars.insert(id, schedule.calendars.len() as u32);
            let calendar = &plan.calendars[usize::from(id)];
            schedule.calendars.push(hours::definition(calendar, first, last));
        }
        if schedule.calendars.is_empty() {
            let always = hours::definition(&Calendar::always(), first, first);
            schedule.calendars.push(always);
        }
        schedule.projects.push(Project {
            code: text::plain(&site.id),
            start: plan.start,
            status: plan.status,
            finish_by: None,
            calendar: calendars.get(&usual).copied().unwrap_or(0),
            lag_calendar: LagCalendar::Successor,
            float_at: FloatAt::Least,
            progress_override: false,
        });
        let mut task_of = vec![0; plan.activities.len()];
        for (at, row) in (0..).zip(rows) {
            if let Some(activity) = row.activity() {
                task_of[activity as usize] = at;
            }
        }
        let notes = vec![Vec::new(); rows.len()];
        let mut substitutes = Unused::default();
        if plan.scheduling.finish_by.is_some() {
            substitutes
                .count("dates by which everything must be over, of which nothing is written");
        }
        Teller { site, plan, timeline, schedule, usual, calendars, task_of, notes, substitutes }
    }

    /// Counts a substitute and notes it on the activity's task.
    pub fn replaced(&mut self, activity: u32, what: &str, note: String) {
        self.substitutes.count(what);
        self.notes[self.task_of[activity as usize] as usize].push(note);
    }

    fn tasks(&mut self, rows: &[Row]) {
        for (at, row) in rows.iter().enumerate() {
            let other =
                Task { name: text::plain(&row.id), calendar: Some(u32::MAX), ..Task::default() };
            let task = match row.what {
                What::Activity(activity) => self.task(activity, row),
                What::Link(_) => Task { kind: Kind::FinishMilestone, ..other },
                What::Summary => Task { kind: Kind::Summary, ..other },
            };
            let (uid, code) = ((at + 1).to_string(), text::plain(&row.id));
            self.schedule.tasks.push(Task { uid, code, parent: row.parent, ..task });
        }
    }

    fn task(&mut self, at: u32, row: &Row) -> Task {
        let activity = &self.plan.activities[at as usize];
        let Timed { calendar, duration, remaining } = self.timed(at);
        let (mut actual_start, mut actual_finish) = (activity.began(), None);
        if let Progress::Finished { start, finish } = activity.progress {
            (actual_start, actual_finish) = (Some(start), Some(finish));
        }
        let conditions = self.plan.scheduling.of(at);
        let (constraint, deadline) = self.conditions(at, activity, &conditions);
        if activity.takes.is_some() {
            self.substitutes
                .count("activities that take racks from a store, of which nothing is written");
        }
        let dates = (self.timeline.start[at as usize], self.timeline.finish[at as usize]);
        let by_hand = conditions.has(ConstraintKind::ByHand) && dates.1.happens();
        Task {
            name: if activity.title.is_empty() {
                text::plain(&row.id)
            } else {
                text::name(activity)
            },
            kind: if duration == Span::ZERO { Kind::FinishMilestone } else { Kind::Task },
            calendar,
            duration,
            remaining: Some(remaining),
            actual_start,
            actual_finish,
            constraints: [constraint, None],
            deadline,
            fixed: Some(dates).filter(|_| by_hand),
            ..Task::default()
        }
    }

    /// Duration and calendar with which Project gets from the start to the finish of the run.
    fn timed(&mut self, at: u32) -> Timed {
        let activity = &self.plan.activities[at as usize];
        let (start, finish) = (self.timeline.start[at as usize], self.timeline.finish[at as usize]);
        let work = activity.likely_work();
        let own = self.calendars.get(&activity.calendar).copied();
        if !finish.happens() {
            let note = "Never finishes in the run; inactive, dated by its links alone.".to_owned();
            self.replaced(at, "activities that never finish, written as inactive", note);
            let closed = start.happens() && self.plan.calendar(at).next_work(start) != start;
            let calendar = own.filter(|_| !closed);
            return Timed { calendar, duration: activity.duration, remaining: work };
        }
        let calendar = self.plan.calendar(at);
        let within = calendar.work_between(start, finish);
        match activity.progress {
            Progress::Finished { .. } => {
                Timed { calendar: own, duration: within, remaining: Span::ZERO }
            }
            Progress::Open if start == finish => {
                Timed { calendar: own, duration: Span::ZERO, remaining: Span::ZERO }
            }
            Progress::Open
                if calendar.next_work(start) == start && ends(calendar, start, within, finish) =>
            {
                if within != work {
                    let note = "Its finish is held by a link; written as longer work.".to_owned();
                    self.replaced(at, "finishes held by a link, written as longer work", note);
                }
                Timed { calendar: own, duration: within, remaining: within }
            }
            Progress::Started { .. } if goes_on(calendar, start, within, work, finish) => {
                if activity.duration != within {
                    let note = format!(
                        "Under way: its duration is the working time since its actual start and \
                         what remains (planned: {}).",
                        length(activity.duration)
                    );
                    let what =
                        "durations of work under way, written as time spent and what remains";
                    self.replaced(at, what, note);
                }
                Timed { calendar: own, duration: within, remaining: work }
            }
            _ => {
                let duration = finish - start;
                if own.is_some() {
                    let note =
                        "Starts or ends outside its working hours; written around the clock.";
                    let what = "starts or finishes outside working hours, written around the clock";
                    self.replaced(at, what, note.to_owned());
                }
                let begun = activity.progress != Progress::Open;
                let left = finish - self.plan.data_date().max(start);
                let remaining = if begun { Span(left.0.clamp(0, duration.0)) } else { duration };
                Timed { calendar: None, duration, remaining }
            }
        }
    }

    /// The constraint and deadline that an activity has of its own.
    fn conditions(
        &mut self,
        at: u32,
        activity: &Activity,
        conditions: &Conditions,
    ) -> (Option<Constraint>, Option<Minute>) {
        let mut deadline = conditions.deadline;
        let mut found = activity
            .not_before
            .filter(|_| activity.progress == Progress::Open)
            .map(|at| Constraint { kind: ConstraintKind::StartNoEarlier, at });
        let project = self.plan.scheduling.rules == Rules::Project;
        for constraint in conditions.constraints() {
            let kind = match constraint.kind {
                // Project's own kinds, by its own rules.
                kind if project && kind != ConstraintKind::AsLateAsPossible => kind,
                ConstraintKind::StartNoEarlier => ConstraintKind::StartNoEarlier,
                ConstraintKind::FinishNoEarlier => ConstraintKind::FinishNoEarlier,
                ConstraintKind::MandatoryStart => ConstraintKind::StartOn,
                ConstraintKind::MandatoryFinish => ConstraintKind::FinishOn,
                // What moves late dates only is a deadline in Project.
                ConstraintKind::FinishNoLater if deadline.is_none() => {
                    deadline = Some(constraint.at);
                    continue;
                }
                _ => {
                    let note = "A constraint that Project has not; its date in the run is kept.";
                    self.replaced(
                        at,
                        "constraints that Project has not, of which the date is written",
                        note.to_owned(),
                    );
                    continue;
                }
            };
            if kind != ConstraintKind::ByHand {
                if found.is_some() {
                    let note = "A second constraint, of which Project keeps none.".to_owned();
                    self.replaced(
                        at,
                        "second constraints on one activity, of which nothing is written",
                        note,
                    );
                    continue;
                }
                found = Some(Constraint { kind, at: constraint.at });
            }
        }
        (found, deadline)
    }
}

/// First and last day for which calendars are told.
fn span_of(plan: &Plan, timeline: &Timeline) -> (Day, Day) {
    let starts = timeline.start.iter().filter(|at| at.happens()).copied();
    let first = starts.chain([plan.start]).min().unwrap_or(plan.start);
    let finishes = timeline.finish.iter().filter(|at| at.happens()).copied();
    let last = finishes.chain([plan.start]).max().unwrap_or(plan.start);
    (first.day() + -MARGIN_DAYS, last.day() + MARGIN_DAYS)
}

/// Whether work of that length, begun at `start`, is over at `finish`.
fn ends(calendar: &Calendar, start: Minute, work: Span, finish: Minute) -> bool {
    work > Span::ZERO && calendar.finish(start, work) == finish
}

/// Whether what remains after a start in the past is over at `finish` by Project's rule: work goes
/// on right after what is done.
fn goes_on(calendar: &Calendar, start: Minute, all: Span, left: Span, finish: Minute) -> bool {
    let done = Span((all - left).0);
    done >= Span::ZERO
        && left > Span::ZERO
        && ends(calendar, calendar.next_work(calendar.finish(start, done)), left, finish)
}

/// Hours and minutes, as notes tell them.
pub(super) fn length(span: Span) -> String {
    match (span.0 / 60, span.0.abs() % 60) {
        (hours, 0) => format!("{hours} h"),
        (hours, minutes) => format!("{hours} h {minutes} min"),
    }
}
