//! From a schedule to the flat plan that the passes and the engine run on.

use std::collections::BTreeMap;

use super::problem::{Problem, Unused};
use super::schedule::{Lag, LagCalendar, Schedule, Task, TaskLink};
use super::through::links_through_finished;
use crate::model::plan::Parts;
use crate::model::planner;
use crate::model::{
    Activity, CalendarId, Conditions, Constraint, ConstraintKind, Kind, Link, Plan, Progress,
    Rules, Scheduling,
};
use crate::time::{Calendar, Day, Minute, Span};

/// Most links that links between summaries may stand for.
const LINKS_MAX: usize = 4_000_000;

/// Days that the tables of calendars cover before the first and after the last date of a file;
/// beyond them weeks repeat without exceptions, of which none lies there.
const MARGIN_DAYS: i32 = 366;

/// A plan, and which task each of its activities is.
#[derive(Clone, Debug)]
pub struct Lowered {
    /// Tasks and milestones as activities, in file order; summaries and levels of effort follow
    /// from them and are not part of it.
    pub plan: Plan,
    /// The task of each activity.
    pub tasks: Vec<u32>,
    /// The activity of each task, where it is one.
    pub activities: Vec<Option<u32>>,
    /// Index of each task's calendar among those of the plan.
    pub calendars: Vec<CalendarId>,
    /// The calendar of the schedule that each of the plan's is, from its second on.
    pub definitions: Vec<u32>,
    /// The link of the schedule that each of the plan's comes from; `u32::MAX` for one that stands
    /// for several.
    pub sources: Vec<u32>,
    /// Constraints on summaries and the like, with counts.
    pub unused: Unused,
}

/// Lowers a schedule to a plan that follows the given rules.
///
/// # Errors
///
/// A cycle of links, a calendar without working time.
///
/// Cost: linear, but for links between summaries, which stand for all pairs of their tasks.
pub fn lower(schedule: &Schedule, rules: Rules) -> Result<Lowered, Problem> {
    let mut tables = Calendars::new(schedule);
    let mut unused = schedule.unused.clone();
    let calendars: Vec<CalendarId> =
        schedule.tasks.iter().map(|task| tables.of(task)).collect::<Result<_, _>>()?;
    let float_calendars = tables.of_floats(schedule)?;
    let (activities, tasks) = leaves(schedule, &mut unused);
    let lag_calendars = lag_calendars(schedule, rules, &mut tables)?;
    let mut links =
        Links { schedule, activities: &activities, inside: inside(schedule), out: vec![] };
    // A lag is counted in a task's own hours, not in those of its crew.
    let hours = |at: u32| {
        let own = schedule.tasks[at as usize].float_calendar;
        own.and_then(|own| float_calendars.get(&own)).copied().unwrap_or(calendars[at as usize])
    };
    for (index, link) in (0..).zip(&schedule.links) {
        let by_project = lag_calendars[schedule.tasks[link.from as usize].project as usize];
        links.push((index, link), by_project.of([link.from, link.to].map(hours)), &mut unused)?;
    }
    let mut links = links.out;
    let definitions = tables.definitions();
    let first = schedule.projects.iter().map(|project| project.start).min();
    let start = first.unwrap_or(Minute(0));
    let activity = |&at: &u32| activity(schedule, at, calendars[at as usize], start);
    let activities_of: Vec<Activity> = tasks.iter().map(activity).collect();
    let project = &schedule.projects[0];
    if rules == Rules::P6 && !project.progress_override {
        let own: Vec<Link> = links.iter().map(|(link, _)| *link).collect();
        let through = links_through_finished(&activities_of, &own, &tables.built, start);
        links.extend(through.into_iter().map(|link| (link, u32::MAX)));
    }
    // As the plan groups them.
    links.sort_by_key(|(link, _)| link.to);
    let (links, sources) = links.into_iter().unzip();
    let parts = Parts {
        start,
        status: None,
        calendars: tables.built,
        activities: activities_of,
        links,
        resources: Vec::new(),
        stores: Vec::new(),
        deliveries: Vec::new(),
    };
    let plan =
        Plan::assemble(parts).map_err(|cycle| cyclic(schedule, &tasks, &cycle.activities))?;
    let conditions = tasks
        .iter()
        .map(|&at| conditions(&schedule.tasks[at as usize], &float_calendars))
        .collect();
    let several = schedule.projects.len() > 1;
    let dated = schedule.projects.iter().filter(|project| several && project.finish_by.is_some());
    unused.add("dates by which a project of several must finish", dated.count());
    let mut plan = plan.scheduled_by(Scheduling {
        rules,
        float_at: project.float_at,
        progress_override: project.progress_override,
        finish_by: project.finish_by.filter(|_| !several),
        conditions,
    });
    planner::delay_as_late_as_possible(&mut plan);
    Ok(Lowered { plan, tasks, activities, calendars, definitions, sources, unused })
}

/// The activity of each task that is one, and the task of each activity.
fn leaves(schedule: &Schedule, unused: &mut Unused) -> (Vec<Option<u32>>, Vec<u32>) {
    let mut activities = vec![None; schedule.tasks.len()];
    let mut tasks = Vec::with_capacity(schedule.tasks.len());
    for (at, task) in (0..).zip(&schedule.tasks) {
        if !matches!(task.kind, Kind::Summary | Kind::LevelOfEffort) {
            activities[at as usize] = Some(tasks.len() as u32);
            tasks.push(at);
        } else if task.constraints().next().is_some() {
            unused.count(format!("constraints on a {}", task.kind.word()));
        }
    }
    (activities, tasks)
}

impl Task {
    fn constraints(&self) -> impl Iterator<Item = Constraint> {
        self.constraints.into_iter().flatten()
    }
}

fn conditions(task: &Task, float_calendars: &BTreeMap<u32, CalendarId>) -> Conditions {
    let pinned = |(at, _)| Some(Constraint { kind: ConstraintKind::ByHand, at });
    let constraints = match task.fixed {
        Some(dates) => [pinned(dates), None],
        None => task.constraints,
    };
    let float_calendar = task.float_calendar.and_then(|own| float_calendars.get(&own)).copied();
    let (kind, deadline, resumes) = (task.kind, task.deadline, task.resumes);
    Conditions { kind, constraints, deadline, float_calendar, resumes }
}

fn activity(schedule: &Schedule, at: u32, calendar: CalendarId, start: Minute) -> Activity {
    let task = &schedule.tasks[at as usize];
    let project = &schedule.projects[task.project as usize];
    let progress = match (task.actual_start, task.actual_finish) {
        (None, None) => Progress::Open,
        (start, Some(finish)) => Progress::Finished { start: start.unwrap_or(finish), finish },
        (Some(start), None) => {
            Progress::Started { start, remaining: task.remaining.unwrap_or_else(|| left(task)) }
        }
    };
    Activity {
        id: task.uid.clone(),
        title: task.name.clone(),
        calendar,
        duration: task.duration,
        delay: Span::ZERO,
        not_before: Some(project.start).filter(|&own| own > start),
        priority: 0,
        needs: Vec::new(),
        takes: None,
        effects: Vec::new(),
        progress,
        hall: None,
        unit: None,
        milestone: task.duration == Span::ZERO,
    }
}

/// What is left of a task by its percentage.
fn left(task: &Task) -> Span {
    let share = 1.0 - task.percent_complete.unwrap_or(0.0) / 100.0;
    Span((task.duration.0 as f64 * share.clamp(0.0, 1.0)).round() as i64)
}

fn cyclic(schedule: &Schedule, tasks: &[u32], cycle: &[u32]) -> Problem {
    let task = |&at: &u32| &schedule.tasks[tasks[at as usize] as usize];
    let name = |at: &u32| if task(at).code.is_empty() { &task(at).uid } else { &task(at).code };
    let mut names: Vec<&str> = cycle.iter().take(20).map(|at| name(at).as_str()).collect();
    if cycle.len() > 20 {
        names.push("…");
    }
    names.push(name(&cycle[0]));
    let line = task(&cycle[0]).line;
    Problem::new("cycle", Some(line), format!("links go in a circle: {}", names.join(" -> ")))
}

/// Calendars of the plan, built when first asked for; 0 is around the clock.
struct Calendars<'s> {
    schedule: &'s Schedule,
    built: Vec<Calendar>,
    index: BTreeMap<u32, CalendarId>,
    first: Day,
    last: Day,
}

impl<'s> Calendars<'s> {
    fn new(schedule: &'s Schedule) -> Calendars<'s> {
        let dates = schedule.calendars.iter().flat_map(|calendar| &calendar.exceptions);
        let days = dates.map(|&(day, _)| day);
        let days = days.chain(schedule.projects.iter().map(|project| project.start.day()));
        let (first, last) = days.fold((Day(i32::MAX), Day(i32::MIN)), |(first, last), day| {
            (first.min(day), last.max(day))
        });
        Calendars {
            schedule,
            built: vec![Calendar::always()],
            index: BTreeMap::new(),
            first: first + -MARGIN_DAYS,
            last: last + MARGIN_DAYS,
        }
    }

    fn of(&mut self, task: &Task) -> Result<CalendarId, Problem> {
        let project = &self.schedule.projects[task.project as usize];
        match task.calendar {
            None => Ok(0),
            Some(u32::MAX) => self.get(project.calendar),
            Some(calendar) => self.get(calendar),
        }
    }

    /// The definitions of the calendars built so far, around the clock left out.
    fn definitions(&self) -> Vec<u32> {
        let mut of: Vec<(CalendarId, u32)> =
            self.index.iter().map(|(&definition, &id)| (id, definition)).collect();
        of.sort_unstable();
        of.into_iter().map(|(_, definition)| definition).collect()
    }

    /// The calendars that floats are counted in, by their place in the schedule.
    fn of_floats(&mut self, schedule: &Schedule) -> Result<BTreeMap<u32, CalendarId>, Problem> {
        let own = schedule.tasks.iter().filter_map(|task| task.float_calendar);
        own.map(|own| Ok((own, self.get(own)?))).collect()
    }

    fn get(&mut self, calendar: u32) -> Result<CalendarId, Problem> {
        if let Some(&known) = self.index.get(&calendar) {
            return Ok(known);
        }
        let missing = || Problem::new("no-calendar", None, "expected at least one calendar");
        let definition = self.schedule.calendars.get(calendar as usize).ok_or_else(missing)?;
        let built = Calendar::from_definition(definition, self.first, self.last);
        let built = built.map_err(|message| {
            let message = format!("calendar `{}`: {message}", definition.id);
            Problem::new("bad-calendar", None, message)
        })?;
        let id = CalendarId::try_from(self.built.len());
        let id = id.map_err(|_| Problem::new("too-large", None, "more than 65,535 calendars"))?;
        self.built.push(built);
        self.index.insert(calendar, id);
        Ok(id)
    }
}

/// How the lags of a project find their calendar.
#[derive(Clone, Copy)]
enum LagBy {
    Predecessor,
    Successor,
    Fixed(CalendarId),
}

impl LagBy {
    fn of(self, [from, to]: [CalendarId; 2]) -> CalendarId {
        match self {
            LagBy::Predecessor => from,
            LagBy::Successor => to,
            LagBy::Fixed(calendar) => calendar,
        }
    }
}

/// By project: Microsoft Project always takes the successor's calendar, P6 what the file says.
fn lag_calendars(
    schedule: &Schedule,
    rules: Rules,
    tables: &mut Calendars,
) -> Result<Vec<LagBy>, Problem> {
    let by = |project: &super::schedule::Project| {
        let asked = match rules {
            Rules::Project => LagCalendar::Successor,
            Rules::P6 if schedule.rules == Rules::P6 => project.lag_calendar,
            Rules::P6 => LagCalendar::Predecessor,
            Rules::Site => LagCalendar::Successor,
        };
        Ok(match asked {
            LagCalendar::Predecessor => LagBy::Predecessor,
            LagCalendar::Successor => LagBy::Successor,
            LagCalendar::Always => LagBy::Fixed(0),
            LagCalendar::Project => LagBy::Fixed(tables.get(project.calendar)?),
        })
    };
    schedule.projects.iter().map(by).collect()
}

/// The tasks that lie in each summary, at any depth.
fn inside(schedule: &Schedule) -> Vec<Vec<u32>> {
    let mut linked = vec![false; schedule.tasks.len()];
    for link in &schedule.links {
        linked[link.from as usize] = true;
        linked[link.to as usize] = true;
    }
    let mut inside = vec![Vec::new(); schedule.tasks.len()];
    for (at, task) in (0..).zip(&schedule.tasks) {
        if matches!(task.kind, Kind::Summary | Kind::LevelOfEffort) {
            continue;
        }
        let mut above = task.parent;
        while let Some(summary) = above {
            if linked[summary as usize] {
                inside[summary as usize].push(at);
            }
            above = schedule.tasks[summary as usize].parent;
        }
    }
    inside
}

/// Links between activities, those of summaries spread over what lies in them.
struct Links<'s> {
    schedule: &'s Schedule,
    activities: &'s [Option<u32>],
    inside: Vec<Vec<u32>>,
    /// Each with the index of what it comes from.
    out: Vec<(Link, u32)>,
}

impl Links<'_> {
    fn push(
        &mut self,
        (index, link): (u32, &TaskLink),
        calendar: CalendarId,
        unused: &mut Unused,
    ) -> Result<(), Problem> {
        let tasks = &self.schedule.tasks;
        let (from, to) = (&tasks[link.from as usize], &tasks[link.to as usize]);
        if [from, to].iter().any(|task| task.kind == Kind::LevelOfEffort) {
            return Ok(());
        }
        let (froms, tos) = (self.leaves(link.from), self.leaves(link.to));
        if self.out.len() + froms.len().saturating_mul(tos.len()) > LINKS_MAX {
            let message = format!("links between summaries stand for more than {LINKS_MAX} links");
            return Err(Problem::new("too-large", Some(link.line), message));
        }
        if from.kind == Kind::Summary && !link.kind.from_finish() {
            unused.count("links from the start of a summary, taken from each of its tasks");
        }
        for &from in &froms {
            let lag = lag(link.lag, &tasks[from as usize]);
            let lag_calendar = match link.lag {
                Lag::Work(_) | Lag::Percent(_) => calendar,
                Lag::Elapsed(_) | Lag::ElapsedPercent(_) => 0,
            };
            for &to in &tos {
                let ends = (self.activities[from as usize], self.activities[to as usize]);
                if let (Some(from), Some(to)) = ends {
                    let kind = link.kind;
                    let link = Link { from, to, kind, lag, lag_calendar, derived: false };
                    self.out.push((link, index));
                }
            }
        }
        Ok(())
    }

    fn leaves(&self, task: u32) -> Vec<u32> {
        match self.schedule.tasks[task as usize].kind {
            Kind::Summary => self.inside[task as usize].clone(),
            _ => vec![task],
        }
    }
}

fn lag(lag: Lag, from: &Task) -> Span {
    match lag {
        Lag::Work(span) | Lag::Elapsed(span) => span,
        Lag::Percent(share) | Lag::ElapsedPercent(share) => {
            Span((from.duration.0.saturating_mul(share) as f64 / 100.0).round() as i64)
        }
    }
}
