//! Microsoft Project's XML (MSPDI).
//!
//! Elements and their order follow Project's XML Data Interchange Schema, `mspdi_pj12.xsd`, as
//! documented at <https://learn.microsoft.com/office-project/xml-data-interchange/>.
//!
//! What is written, and what stands for what Project cannot express, is decided in `told` and
//! `bind`; here and in `calendar` it becomes text.
//!
//! Lengths are `PT10H30M0S`, lags and floats tenths of minutes; how a length is shown
//! (`DurationFormat`, `LagFormat`) is 3 minutes, 5 hours, 7 days, 9 weeks, and one more where it is
//! elapsed time.

mod bind;
mod calendar;
mod told;

use std::collections::{BTreeMap, BTreeSet};

use super::Export;
use super::text;
use super::xml::Document;
use crate::analysis::Run;
use crate::exchange::dates::Line;
use crate::exchange::problem::Problem;
use crate::exchange::schedule::{Lag, Task, TaskLink};
use crate::model::{Activity, ConstraintKind, Kind, LinkKind, Resource, Site};
use crate::time::{Minute, Span, parse_day};
use told::Told;

/// Custom fields: number, name, and what is in them.
const ID_FIELD: [&str; 3] = ["188743731", "Text1", "energize id"];
const CRITICAL_FIELD: [&str; 3] = ["188743752", "Flag1", "critical in the run, crews included"];

/// The most shifts of a day that Project's calendars hold.
const SHIFTS_MAX: usize = 5;

/// First and last day that Project can show.
const PROJECT_DAYS: [&str; 2] = ["1984-01-01", "2149-12-31"];

/// Where availability without a first or last date begins and ends.
const AVAILABLE: [&str; 2] = ["1984-01-01T00:00:00", "2049-12-31T23:59:00"];

/// A run as a Project file: dates, links, calendars, progress, crews.
///
/// Read back and dated by Project's rules, every start and finish is that of the run.
///
/// # Errors
///
/// More links than a schedule may have.
pub fn mspdi(site: &Site, run: &Run) -> Result<Export, Problem> {
    let mut told = told::tell(site, &run.timeline)?;
    limits(&mut told);
    let mut document = Document::new("Project", "http://schemas.microsoft.com/project");
    let critical = run.critical_path.iter().map(|driver| driver.activity).collect();
    let writer = Writer { site, run, told: &told, units: Units::of(site, &told), critical };
    writer.header(&mut document);
    document.element("ExtendedAttributes", |xml| {
        for [number, name, alias] in [ID_FIELD, CRITICAL_FIELD] {
            xml.element("ExtendedAttribute", |xml| {
                xml.text("FieldID", number);
                xml.text("FieldName", name);
                xml.text("Alias", alias);
            });
        }
    });
    document.element("Calendars", |xml| {
        for (at, calendar) in told.schedule.calendars.iter().enumerate() {
            xml.element("Calendar", |xml| calendar::write(xml, at, calendar));
        }
    });
    document.element("Tasks", |xml| {
        let links = writer.links_by_task();
        for at in 0..told.rows.len() {
            xml.element("Task", |xml| writer.task(xml, at, links.get(&(at as u32))));
        }
    });
    document.element("Resources", |xml| writer.resources(xml));
    document.element("Assignments", |xml| writer.assignments(xml));
    let text = document.finish("Project");
    Ok(Export { text, substitutes: told.substitutes, advice: None })
}

/// Counts what Project's own limits cut off.
fn limits(told: &mut Told) {
    let crowded = told.schedule.calendars.iter().filter(|calendar| {
        let mut days = calendar.week.iter().chain(calendar.exceptions.iter().map(|(_, day)| day));
        days.any(|day| day.len() > SHIFTS_MAX)
    });
    for _ in 0..crowded.count() {
        told.substitutes
            .count("calendars with more than five shifts a day, which Project cuts off");
    }
    let [first, last] = PROJECT_DAYS.map(|day| parse_day(day).expect("a day"));
    let beyond = |line: &&Line| line.early_start.day() < first || last < line.early_finish.day();
    for _ in 0..told.lines.iter().filter(beyond).count() {
        told.substitutes.count("tasks with dates that Project cannot show (1984 to 2149)");
    }
}

/// Minutes that a day and a week stand for where lengths are shown.
#[derive(Clone, Copy)]
struct Units {
    day: i64,
    week: i64,
}

impl Units {
    /// Those of the project's calendar.
    fn of(site: &Site, told: &Told) -> Units {
        let calendar = &site.plan.calendars[usize::from(told.usual)];
        Units { day: calendar.day_minutes().max(1), week: calendar.week_minutes().max(1) }
    }

    /// The largest unit of which a length is a whole number.
    fn format(self, length: Span, elapsed: bool) -> u8 {
        let (day, week) = if elapsed { (1440, 10080) } else { (self.day, self.week) };
        let minutes = length.0;
        let format = match minutes {
            0 => 7,
            _ if minutes % week == 0 => 9,
            _ if minutes % day == 0 => 7,
            _ if minutes % 60 == 0 => 5,
            _ => 3,
        };
        format + u8::from(elapsed)
    }
}

struct Writer<'r> {
    site: &'r Site,
    run: &'r Run,
    told: &'r Told,
    units: Units,
    critical: BTreeSet<u32>,
}

impl Writer<'_> {
    fn header(&self, xml: &mut Document) {
        let project = &self.told.schedule.projects[0];
        let lines = self.told.lines.iter();
        let finish = lines.map(|line| line.early_finish).max().unwrap_or(project.start);
        let usual = &self.told.schedule.calendars[project.calendar as usize];
        let shifts = usual.week.iter().find(|day| !day.is_empty());
        let first = shifts.and_then(|day| day.first()).map_or(480, |shift| shift.start);
        let last = shifts.and_then(|day| day.last()).map_or(1020, |shift| shift.end);
        xml.text("SaveVersion", 14);
        xml.text("Name", &project.code);
        xml.text("Title", text::site_name(self.site));
        xml.flag("ScheduleFromStart", true);
        xml.text("StartDate", date(project.start));
        xml.text("FinishDate", date(finish));
        xml.text("CriticalSlackLimit", 0);
        xml.text("CalendarUID", project.calendar + 1);
        xml.text("DefaultStartTime", time(first));
        xml.text("DefaultFinishTime", time(last));
        xml.text("MinutesPerDay", self.units.day);
        xml.text("MinutesPerWeek", self.units.week);
        xml.text("DaysPerMonth", 20);
        xml.text("DefaultTaskType", 1);
        xml.text("DurationFormat", 7);
        xml.flag("HonorConstraints", true);
        xml.flag("NewTasksEffortDriven", false);
        xml.flag("SplitsInProgressTasks", false);
        xml.text("WeekStartDay", 1);
        if let Some(status) = project.status {
            xml.text("StatusDate", date(status));
        }
        xml.flag("NewTasksAreManual", false);
    }

    /// Links by the task that they enter.
    fn links_by_task(&self) -> BTreeMap<u32, Vec<&TaskLink>> {
        let mut links = BTreeMap::<u32, Vec<&TaskLink>>::new();
        for link in &self.told.schedule.links {
            links.entry(link.to).or_default().push(link);
        }
        links
    }

    fn task(&self, xml: &mut Document, at: usize, links: Option<&Vec<&TaskLink>>) {
        let (row, task) = (&self.told.rows[at], &self.told.schedule.tasks[at]);
        let (line, notes) = (&self.told.lines[at], &self.told.notes[at]);
        let activity = row.activity().map(|activity| &self.site.plan.activities[activity as usize]);
        let summary = task.kind == Kind::Summary;
        let finish = row.activity().map(|activity| self.run.timeline.finish[activity as usize]);
        xml.text("UID", &task.uid);
        xml.text("ID", at + 1);
        xml.text("Name", &task.name);
        xml.flag("Active", finish.is_none_or(Minute::happens));
        xml.flag("Manual", task.fixed.is_some());
        xml.text("Type", 1);
        xml.flag("IsNull", false);
        xml.text("WBS", &row.number);
        xml.text("OutlineNumber", &row.number);
        xml.text("OutlineLevel", row.level);
        xml.text("Priority", activity.map_or(500, priority));
        self.dates(xml, task, line);
        xml.flag("EffortDriven", false);
        xml.flag("Estimated", false);
        xml.flag("Milestone", task.kind == Kind::FinishMilestone);
        xml.flag("Summary", summary);
        xml.flag("Critical", line.is_critical());
        xml.text("EarlyStart", date(line.early_start));
        xml.text("EarlyFinish", date(line.early_finish));
        xml.text("LateStart", date(line.late_start));
        xml.text("LateFinish", date(line.late_finish));
        xml.text("FreeSlack", line.free_float.unwrap_or(Span::ZERO).0 * 10);
        xml.text("TotalSlack", line.total_float.unwrap_or(Span::ZERO).0 * 10);
        if !summary {
            progress(xml, task);
        }
        constraint(xml, task);
        if !summary {
            xml.flag("IgnoreResourceCalendar", true);
        }
        if !notes.is_empty() {
            xml.text("Notes", notes.join(" "));
        }
        for link in links.into_iter().flatten() {
            xml.element("PredecessorLink", |xml| self.link(xml, link));
        }
        let critical = row.activity().is_some_and(|at| self.critical.contains(&at));
        let critical = u8::from(critical).to_string();
        for ([number, ..], value) in [(ID_FIELD, &row.id), (CRITICAL_FIELD, &critical)] {
            xml.element("ExtendedAttribute", |xml| {
                xml.text("FieldID", number);
                xml.text("Value", value);
            });
        }
        if let Some(promised) = row.activity().and_then(|at| self.promised(at)) {
            xml.element("Baseline", |xml| {
                xml.text("Number", 0);
                xml.text("Finish", date(promised));
            });
        }
    }

    /// The end of work on the day for which an activity is promised.
    fn promised(&self, activity: u32) -> Option<Minute> {
        let (day, calendar) = (self.site.promised(activity)?, self.site.plan.calendar(activity));
        let midnight = (day + 1).start();
        let end = calendar.prev_work(midnight);
        // A closed day, and midnight, which begins the next.
        let whole = !calendar.works_on(day) || end == midnight;
        Some(if whole { midnight - Span(1) } else { end })
    }

    fn dates(&self, xml: &mut Document, task: &Task, line: &Line) {
        let (start, finish) = task.fixed.unwrap_or((line.early_start, line.early_finish));
        xml.text("Start", date(start));
        xml.text("Finish", date(finish));
        let elapsed = task.calendar.is_none();
        let length = match task.kind {
            Kind::Summary => self.summary_length(line),
            _ => task.duration,
        };
        xml.text("Duration", duration(length));
        xml.text("DurationFormat", self.units.format(length, elapsed));
    }

    /// Working time of the project's calendar from the first start to the last finish.
    fn summary_length(&self, line: &Line) -> Span {
        let calendar = &self.site.plan.calendars[usize::from(self.told.usual)];
        calendar.work_between(line.early_start, line.early_finish)
    }

    fn link(&self, xml: &mut Document, link: &TaskLink) {
        xml.text("PredecessorUID", &self.told.schedule.tasks[link.from as usize].uid);
        let kind = match link.kind {
            LinkKind::FinishFinish => 0,
            LinkKind::FinishStart => 1,
            LinkKind::StartFinish => 2,
            LinkKind::StartStart => 3,
        };
        xml.text("Type", kind);
        xml.flag("CrossProject", false);
        let (lag, elapsed) = match link.lag {
            Lag::Elapsed(lag) => (lag, true),
            Lag::Work(lag) => (lag, false),
            Lag::Percent(_) | Lag::ElapsedPercent(_) => unreachable!("plans have no percent lags"),
        };
        xml.text("LinkLag", lag.0 * 10);
        xml.text("LagFormat", self.units.format(lag, elapsed));
    }

    fn resources(&self, xml: &mut Document) {
        for (at, resource) in self.site.plan.resources.iter().enumerate() {
            xml.element("Resource", |xml| self.resource(xml, at, resource));
        }
    }

    fn resource(&self, xml: &mut Document, at: usize, resource: &Resource) {
        let on = |date: Minute| {
            let after = resource.capacity.partition_point(|&(from, _)| from <= date);
            resource.capacity.get(after.max(1) - 1).map_or(0, |&(_, units)| units)
        };
        xml.text("UID", at + 1);
        xml.text("ID", at + 1);
        xml.text("Name", &resource.id);
        xml.text("Type", 1);
        xml.flag("IsNull", false);
        xml.text("MaxUnits", on(self.site.plan.data_date()));
        xml.flag("CanLevel", true);
        if resource.capacity.len() < 2 {
            return;
        }
        xml.element("AvailabilityPeriods", |xml| {
            for (at, &(from, units)) in resource.capacity.iter().enumerate() {
                let next = resource.capacity.get(at + 1).map(|&(next, _)| next - Span(1));
                xml.element("AvailabilityPeriod", |xml| {
                    let from = if at == 0 { AVAILABLE[0].to_owned() } else { date(from) };
                    xml.text("AvailableFrom", from);
                    xml.text("AvailableTo", next.map_or(AVAILABLE[1].to_owned(), date));
                    xml.text("AvailableUnits", units);
                });
            }
        });
    }

    fn assignments(&self, xml: &mut Document) {
        let mut uid = 0;
        for (row, (task, line)) in
            self.told.rows.iter().zip(self.told.schedule.tasks.iter().zip(&self.told.lines))
        {
            let Some(activity) = row.activity() else { continue };
            for need in &self.site.plan.activities[activity as usize].needs {
                uid += 1;
                xml.element("Assignment", |xml| {
                    let [all, done, left] =
                        worked(task).map(|span| duration(Span(span.0 * i64::from(need.units))));
                    xml.text("UID", uid);
                    xml.text("TaskUID", &task.uid);
                    xml.text("ResourceUID", need.resource + 1);
                    xml.text("PercentWorkComplete", percent(task));
                    xml.text("ActualWork", done);
                    xml.text("Finish", date(line.early_finish));
                    xml.text("RemainingWork", left);
                    xml.text("Start", date(line.early_start));
                    xml.text("Units", need.units);
                    xml.text("Work", all);
                });
            }
        }
    }
}

/// Project serves the larger number first, from 0 to 1000, which is never to be delayed.
fn priority(activity: &Activity) -> i32 {
    500_i32.saturating_sub(activity.priority).clamp(0, 999)
}

/// All work of a task, what of it is done and what is left.
fn worked(task: &Task) -> [Span; 3] {
    let left = match task.actual_finish {
        Some(_) => Span::ZERO,
        None => task.remaining.unwrap_or(task.duration).min(task.duration),
    };
    [task.duration, task.duration - left, left]
}

/// Whole percent of the duration that is done; all of it only once it is over.
fn percent(task: &Task) -> i64 {
    let [all, done, _] = worked(task);
    match task.actual_finish {
        Some(_) => 100,
        None => (done.0 * 100 / all.0.max(1)).clamp(0, 99),
    }
}

fn progress(xml: &mut Document, task: &Task) {
    let [_, done, left] = worked(task);
    xml.text("PercentComplete", percent(task));
    xml.text("PercentWorkComplete", percent(task));
    if let Some(start) = task.actual_start {
        xml.text("ActualStart", date(start));
    }
    if let Some(finish) = task.actual_finish {
        xml.text("ActualFinish", date(finish));
    }
    xml.text("ActualDuration", duration(done));
    xml.text("RemainingDuration", duration(left));
}

fn constraint(xml: &mut Document, task: &Task) {
    let own = task.constraints[0].map(|own| (own.at, own.kind));
    let kind = match own.map(|(_, kind)| kind) {
        None | Some(ConstraintKind::ByHand) => 0,
        Some(ConstraintKind::AsLateAsPossible) => 1,
        Some(ConstraintKind::StartOn | ConstraintKind::MandatoryStart) => 2,
        Some(ConstraintKind::FinishOn | ConstraintKind::MandatoryFinish) => 3,
        Some(ConstraintKind::StartNoEarlier) => 4,
        Some(ConstraintKind::StartNoLater) => 5,
        Some(ConstraintKind::FinishNoEarlier) => 6,
        Some(ConstraintKind::FinishNoLater) => 7,
    };
    xml.text("ConstraintType", kind);
    // Elapsed work has no calendar; summaries have the project's.
    let calendar = task.calendar.filter(|&calendar| calendar != u32::MAX);
    xml.text("CalendarUID", calendar.map_or(-1, |calendar| i64::from(calendar) + 1));
    if let Some((at, _)) = own.filter(|_| kind > 1) {
        xml.text("ConstraintDate", date(at));
    }
    if let Some(deadline) = task.deadline {
        xml.text("Deadline", date(deadline));
    }
}

fn date(at: Minute) -> String {
    format!("{at}:00")
}

fn time(minute: u16) -> String {
    format!("{:02}:{:02}:00", minute / 60, minute % 60)
}

fn duration(span: Span) -> String {
    format!("PT{}H{}M0S", span.0 / 60, span.0 % 60)
}
