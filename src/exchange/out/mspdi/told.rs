//! A run by Microsoft Project's means: the schedule that Project dates as the engine did.
//!
//! Project knows neither racks nor who waits for a crew, counts lags in one calendar only and keeps
//! work in working time. So each activity is asked where Project would put it once everything
//! before it stands where the engine put it; where that is another date, a constraint holds it, and
//! a note on the task says so. Nothing is replaced in silence: every kind of substitute is counted.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use crate::exchange::dates::{self, Line};
use crate::exchange::lower::{Lowered, lower};
use crate::exchange::out::outline::{Row, outline};
use crate::exchange::out::{hours, text};
use crate::exchange::problem::{Problem, Unused};
use crate::exchange::schedule::{Lag, LagCalendar, Project, Schedule, Task, TaskLink};
use crate::model::timeline::WaitFor;
use crate::model::{
    Activity, CalendarId, Cause, Conditions, Constraint, ConstraintKind, FloatAt, Kind, Link, Plan,
    Progress, Rules, Site, Timeline, cpm, planner,
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
    let rows = outline(&site.plan);
    let mut teller = Teller::new(site, timeline, &rows);
    teller.tasks(&rows);
    teller.links();
    let lowered = lower(&teller.schedule, Rules::Project)?;
    teller.hold(&rows, &lowered);
    let lowered = lower(&teller.schedule, Rules::Project)?;
    let lines = dates::dates(&teller.schedule, &lowered);
    let Teller { schedule, notes, substitutes, .. } = teller;
    Ok(Told { schedule, rows, lines, notes, substitutes })
}

struct Teller<'s> {
    site: &'s Site,
    plan: &'s Plan,
    timeline: &'s Timeline,
    schedule: Schedule,
    /// Where each calendar of the plan stands in the schedule.
    calendars: BTreeMap<CalendarId, u32>,
    /// The task of each activity.
    task_of: Vec<u32>,
    notes: Vec<Vec<String>>,
    substitutes: Unused,
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
        let usual = most.map(|(&id, _)| id);
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
            calendar: usual.map_or(0, |id| calendars[&id]),
            lag_calendar: LagCalendar::Successor,
            float_at: FloatAt::Least,
            progress_override: false,
        });
        let mut task_of = vec![0; plan.activities.len()];
        for (at, row) in (0..).zip(rows) {
            if let Some(activity) = row.activity {
                task_of[activity as usize] = at;
            }
        }
        let notes = vec![Vec::new(); rows.len()];
        let mut substitutes = Unused::default();
        if plan.scheduling.finish_by.is_some() {
            substitutes
                .count("dates by which everything must be over, of which nothing is written");
        }
        Teller { site, plan, timeline, schedule, calendars, task_of, notes, substitutes }
    }

    fn replaced(&mut self, activity: u32, what: &str, note: String) {
        self.substitutes.count(what);
        self.notes[self.task_of[activity as usize] as usize].push(note);
    }

    fn tasks(&mut self, rows: &[Row]) {
        for (at, row) in rows.iter().enumerate() {
            let task = match row.activity {
                Some(activity) => self.task(activity, row),
                None => Task { kind: Kind::Summary, name: text::plain(&row.id), ..Task::default() },
            };
            let (uid, code) = ((at + 1).to_string(), text::plain(&row.id));
            let calendar = task.calendar.or((row.activity.is_none()).then_some(u32::MAX));
            self.schedule.tasks.push(Task { uid, code, parent: row.parent, calendar, ..task });
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
            return Timed { calendar: own, duration: activity.duration, remaining: work };
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

    /// Links, one for each pair of activities: the one that binds.
    fn links(&mut self) {
        for to in 0..self.plan.activities.len() as u32 {
            let mut kept: Vec<Link> = Vec::new();
            for &link in self.plan.preds(to) {
                let Some(twin) = kept.iter_mut().find(|other| other.from == link.from) else {
                    kept.push(link);
                    continue;
                };
                let mut dropped = link;
                if self.asks(&link) > self.asks(twin) {
                    std::mem::swap(twin, &mut dropped);
                }
                if (dropped.kind, dropped.lag) == (twin.kind, twin.lag) {
                    continue;
                }
                let id = text::plain(&self.plan.activities[link.from as usize].id);
                let note = format!(
                    "Also {} of {id}, lag {}: Project keeps one link between two tasks, here the \
                     one that binds.",
                    dropped.kind.code(),
                    length(dropped.lag)
                );
                self.replaced(
                    to,
                    "second links between the same two activities, of which one is written",
                    note,
                );
            }
            for link in &kept {
                let told = self.link(link);
                self.schedule.links.push(told);
            }
        }
    }

    /// The start that a link asks of its successor in the run.
    fn asks(&self, link: &Link) -> Minute {
        let work = self.plan.activities[link.to as usize].likely_work();
        planner::asks(self.plan, link, work, &self.timeline.start, &self.timeline.finish)
    }

    fn link(&mut self, link: &Link) -> TaskLink {
        let [from, to] = [link.from, link.to].map(|at| self.task_of[at as usize]);
        let successor = self.schedule.tasks[to as usize].calendar;
        let counted = self.calendars.get(&link.lag_calendar).copied();
        let lag = match counted {
            _ if link.lag == Span::ZERO => Lag::Work(Span::ZERO),
            None if link.lag_calendar == 0 => Lag::Elapsed(link.lag),
            Some(_) if counted == successor => Lag::Work(link.lag),
            _ => {
                let dates = match link.kind.from_finish() {
                    true => &self.timeline.finish,
                    false => &self.timeline.start,
                };
                let date = dates[link.from as usize];
                let bound =
                    cpm::bound(self.plan, link, &self.timeline.start, &self.timeline.finish);
                let clock = if date.happens() { bound - date } else { link.lag };
                let id = text::plain(&self.plan.activities[link.from as usize].id);
                let name = self.plan.calendars[usize::from(link.lag_calendar)].id();
                let note = format!(
                    "The lag of {} after {id} is {} of calendar {name}; written as clock time.",
                    link.kind.code(),
                    length(link.lag)
                );
                let what = "lags in a calendar other than the successor's, written as clock time";
                self.replaced(link.to, what, note);
                Lag::Elapsed(clock)
            }
        };
        TaskLink { from, to, kind: link.kind, lag, line: 0 }
    }

    /// Holds what Project would put elsewhere, everything before it being where the run has it.
    fn hold(&mut self, rows: &[Row], lowered: &Lowered) {
        let activity_of =
            |&task: &u32| rows[task as usize].activity.expect("no summary is lowered");
        let order: Vec<u32> = lowered.tasks.iter().map(activity_of).collect();
        let dates = |of: &[Minute]| order.iter().map(|&at| of[at as usize]).collect::<Vec<_>>();
        let (starts, finishes) = (dates(&self.timeline.start), dates(&self.timeline.finish));
        let waits = self.timeline.waits_by_activity();
        for (at, &activity) in (0..).zip(&order) {
            let start = starts[at as usize];
            let this = &lowered.plan.activities[at as usize];
            let task = self.task_of[activity as usize] as usize;
            let by_hand = self.schedule.tasks[task].fixed.is_some();
            if this.progress != Progress::Open || !start.happens() || by_hand {
                continue;
            }
            let work = this.likely_work();
            let placed = cpm::place(&lowered.plan, at, work, &starts, &finishes, Minute::MIN);
            if placed.start == start {
                continue;
            }
            let later = placed.start < start;
            let kind = if later { ConstraintKind::StartNoEarlier } else { ConstraintKind::StartOn };
            self.schedule.tasks[task].constraints[0] = Some(Constraint { kind, at: start });
            let waited = waits.of(activity).iter().any(|w| matches!(w.what, WaitFor::Scarce(_)));
            let (what, why) = self.reason(activity, waited, later);
            let alone = match placed.start.happens() {
                true => text::clock(placed.start),
                false => "none, as what they come from never happens".into(),
            };
            let note = format!(
                "Starts {} in the run, {why}; links alone give {alone}.",
                text::clock(start)
            );
            self.replaced(activity, what, note);
        }
    }

    /// What held a start, for the count and for the note.
    fn reason(&self, activity: u32, waited: bool, later: bool) -> (&'static str, String) {
        let this = &self.plan.activities[activity as usize];
        let cause = self.timeline.cause[activity as usize];
        if !later {
            let why = "which Project's own reading of its links would put later".to_owned();
            return ("starts that Project would put later, written as must-start-on dates", why);
        }
        let (what, why) = match cause {
            _ if waited => (
                "waits for crews or racks, written as start-no-earlier-than dates",
                self.waited(cause),
            ),
            _ if this.delay != Span::ZERO => {
                let why = format!("delayed by {}", length(this.delay));
                ("delays, written as start-no-earlier-than dates", why)
            }
            Cause::StatusDate => {
                let why = "held to the status date".to_owned();
                ("starts held to the status date, written as start-no-earlier-than dates", why)
            }
            _ => {
                let why = "by the rules of energize".to_owned();
                (
                    "starts that Project would put earlier, written as start-no-earlier-than dates",
                    why,
                )
            }
        };
        (what, why)
    }

    fn waited(&self, cause: Cause) -> String {
        match cause {
            Cause::Released(scarce, _) => {
                let name = crate::analysis::scarce_name(self.site, scarce);
                format!("having waited for {}", text::plain(name))
            }
            _ => "having waited for crews or racks".to_owned(),
        }
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
fn length(span: Span) -> String {
    match (span.0 / 60, span.0.abs() % 60) {
        (hours, 0) => format!("{hours} h"),
        (hours, minutes) => format!("{hours} h {minutes} min"),
    }
}
