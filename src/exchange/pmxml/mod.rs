//! Primavera P6's XML (PMXML): business objects by name, linked by their `ObjectId`.
//!
//! `kept` is what planners keep with an activity: codes, fields of their own, the baseline.

mod kept;

use std::collections::BTreeMap;

use super::element::{Document, Element, Next};
use super::problem::{Problem, Unused};
use super::schedule::{Lag, LagCalendar, Project, Schedule, Task, TaskLink};
use crate::model::{Constraint, ConstraintKind, FloatAt, Kind, LinkKind, Rules};
use crate::time::{Definition, Minute, Shift, Span};

const WEEKDAYS: [&str; 7] =
    ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"];

/// Where ids of the file stand in the schedule.
#[derive(Default)]
struct Index {
    calendars: BTreeMap<String, u32>,
    summaries: BTreeMap<String, u32>,
    tasks: BTreeMap<String, u32>,
    names: kept::Names,
}

/// One project's objects, in file order.
#[derive(Default)]
struct Objects<'t> {
    own: Vec<Element<'t>>,
    calendars: Vec<Element<'t>>,
    summaries: Vec<Element<'t>>,
    activities: Vec<Element<'t>>,
    links: Vec<Element<'t>>,
    /// Codes that only this project knows.
    names: Vec<Element<'t>>,
}

/// Reads the text of a P6 XML file.
///
/// # Errors
///
/// Broken or cut XML, values that are no dates or numbers, ids that lead nowhere: each with its
/// line.
pub fn read(text: &str) -> Result<Schedule, Problem> {
    let mut schedule = Schedule { rules: Rules::P6, ..Schedule::default() };
    let mut document = Document::new(text);
    let mut index = Index::default();
    let mut projects = Vec::new();
    let mut shared = Objects::default();
    let Next::Begins(_) = document.next()? else {
        return Err(document.wrong("expected an element"));
    };
    while let Next::Begins(name) = document.next()? {
        match name {
            "Project" => projects.push(objects(&mut document, &mut schedule.unused)?),
            "Calendar" => shared.calendars.push(document.element(name)?),
            "ActivityCodeType" | "ActivityCode" | "UDFType" | "UDFCode" => {
                index.names.learn(name, &document.element(name)?);
            }
            "BaselineProject" => {
                let objects = objects(&mut document, &mut schedule.unused)?;
                index.names.baseline(&objects)?;
                schedule.unused.count("baseline projects, but for the dates of their tasks");
            }
            _ => {
                schedule.unused.count(format!("{name} objects"));
                document.skip()?;
            }
        }
    }
    let calendars = shared.calendars.iter().chain(projects.iter().flat_map(|p| &p.calendars));
    for element in calendars {
        let at = schedule.calendars.len() as u32;
        index.calendars.insert(element.get("ObjectId").to_string(), at);
        schedule.calendars.push(calendar(element)?);
    }
    if projects.is_empty() {
        return Err(Problem::new("no-project", None, "expected a Project"));
    }
    for element in projects.iter().flat_map(|objects| &objects.names) {
        index.names.learn(element.name, element);
    }
    for objects in &projects {
        lay_out(objects, &mut schedule, &mut index)?;
    }
    for element in projects.iter().flat_map(|objects| &objects.links) {
        schedule.links.push(link(element, &index)?);
    }
    Ok(schedule)
}

fn objects<'t>(document: &mut Document<'t>, unused: &mut Unused) -> Result<Objects<'t>, Problem> {
    let mut objects = Objects::default();
    while let Next::Begins(name) = document.next()? {
        let element = document.element(name)?;
        match name {
            "Calendar" => objects.calendars.push(element),
            "WBS" => objects.summaries.push(element),
            "Activity" => objects.activities.push(element),
            "Relationship" => objects.links.push(element),
            "ActivityCodeType" | "ActivityCode" => objects.names.push(element),
            _ if element.child("ObjectId").is_some() && name != "ScheduleOptions" => {
                unused.count(format!("{name} objects"));
            }
            _ => objects.own.push(element),
        }
    }
    Ok(objects)
}

fn calendar(element: &Element) -> Result<Definition, Problem> {
    let mut calendar = Definition { id: element.get("Name").to_string(), ..Definition::default() };
    for day in element.child("StandardWorkWeek").into_iter().flat_map(|week| &week.children) {
        let weekday = WEEKDAYS.iter().position(|name| *name == day.get("DayOfWeek"));
        let weekday = weekday.ok_or_else(|| day.bad("DayOfWeek", "a day of the week"))?;
        calendar.week[weekday] = shifts(day)?;
    }
    for day in element.child("HolidayOrExceptions").into_iter().flat_map(|days| &days.children) {
        let date = day.instant("Date")?.ok_or_else(|| day.bad("Date", "a date"))?;
        calendar.exceptions.push((date.day(), shifts(day)?));
    }
    Ok(calendar)
}

/// P6 writes the last minute of a shift: `16:59:00` ends it at 17:00.
fn shifts(day: &Element) -> Result<Vec<Shift>, Problem> {
    let mut shifts = Vec::new();
    for time in day.all("WorkTime").filter(|time| !time.children.is_empty()) {
        let clock = |name: &str| {
            let mut parts = time.get(name).split(':').map(|part| part.parse::<u16>().ok());
            let minutes = parts.next().flatten().zip(parts.next().flatten());
            let minutes = minutes.filter(|&(hour, minute)| hour <= 24 && minute < 60);
            let minutes = minutes.map(|(hour, minute)| hour * 60 + minute);
            minutes.ok_or_else(|| time.bad(name, "a time like 08:00:00"))
        };
        let (start, finish) = (clock("Start")?, clock("Finish")?);
        let end = if finish % 5 == 4 { finish + 1 } else { finish };
        shifts.push(Shift { start, end: if end == 0 { 1440 } else { end } });
    }
    Ok(shifts)
}

fn lay_out(objects: &Objects, schedule: &mut Schedule, index: &mut Index) -> Result<(), Problem> {
    let child = |name: &'static str| objects.own.iter().find(|element| element.name == name);
    let instant = |name| match child(name) {
        Some(element) if !element.text.is_empty() => {
            let at = crate::time::parse_instant(element.text.get(..16).unwrap_or(&element.text));
            at.map(Some).map_err(|message| {
                Problem::new("bad-value", Some(element.line), format!("{name}: {message}"))
            })
        }
        _ => Ok(None),
    };
    let text = |name| child(name).map_or("", |element| &*element.text);
    let status = instant("DataDate")?;
    let start = status.or(instant("PlannedStartDate")?);
    let missing = || Problem::new("no-start", None, "expected DataDate or PlannedStartDate");
    let options = child("ScheduleOptions");
    let option = |name: &str| options.map_or("", |options| options.get(name));
    let project = schedule.projects.len() as u32;
    schedule.projects.push(Project {
        code: text("Id").to_string(),
        start: start.ok_or_else(missing)?,
        status,
        finish_by: instant("MustFinishByDate")?,
        calendar: index
            .calendars
            .get(text("ActivityDefaultCalendarObjectId"))
            .copied()
            .unwrap_or(0),
        lag_calendar: match option("RelationshipLagCalendar") {
            "Successor Activity Calendar" => LagCalendar::Successor,
            "24 Hour Calendar" => LagCalendar::Always,
            "Project Default Calendar" => LagCalendar::Project,
            _ => LagCalendar::Predecessor,
        },
        float_at: match option("ComputeTotalFloatType") {
            text if text.starts_with("Start") => FloatAt::Start,
            text if text.starts_with("Smallest") => FloatAt::Least,
            _ => FloatAt::Finish,
        },
        progress_override: option("OutOfSequenceScheduleType") == "Progress Override",
    });
    summaries(objects, project, schedule, index);
    for element in &objects.activities {
        let id = element.get("ObjectId").to_string();
        let at = schedule.tasks.len() as u32;
        let mut task = activity(element, project, index)?;
        if let Some(parent) = task.parent {
            task.wbs = schedule.tasks[parent as usize].wbs.clone();
        }
        index.names.keep(element, text("CurrentBaselineProjectObjectId"), &mut task);
        kept::count(element, &mut schedule.unused);
        schedule.tasks.push(task);
        if index.tasks.insert(id, at).is_some() {
            return Err(element.bad("ObjectId", "an id of its own"));
        }
    }
    Ok(())
}

/// The work breakdown of a project, in file order.
fn summaries(objects: &Objects, project: u32, schedule: &mut Schedule, index: &mut Index) {
    for element in &objects.summaries {
        let parent = index.summaries.get(element.get("ParentObjectId")).copied();
        let own = element.get("Code");
        let wbs = parent.map_or_else(String::new, |at| schedule.tasks[at as usize].wbs.clone());
        let wbs = if wbs.is_empty() { own.to_string() } else { format!("{wbs}.{own}") };
        index.summaries.insert(element.get("ObjectId").to_string(), schedule.tasks.len() as u32);
        schedule.tasks.push(Task {
            uid: element.get("ObjectId").to_string(),
            code: wbs.clone(),
            wbs,
            name: element.get("Name").to_string(),
            kind: Kind::Summary,
            project,
            parent,
            line: element.line,
            ..Task::default()
        });
    }
}

fn activity(element: &Element, project: u32, index: &Index) -> Result<Task, Problem> {
    let kind = match element.get("Type") {
        "Start Milestone" => Kind::StartMilestone,
        "Finish Milestone" => Kind::FinishMilestone,
        "Level of Effort" => Kind::LevelOfEffort,
        "WBS Summary" => Kind::Summary,
        _ => Kind::Task,
    };
    let hours = |name: &str| {
        let text = element.get(name);
        let hours = if text.is_empty() { Some(0.0) } else { text.parse::<f64>().ok() };
        let minutes = hours.map(|hours| (hours * 60.0).round()).filter(|m| m.abs() < 1e9);
        let bad = || element.bad(name, "a number of hours");
        minutes.map(|minutes| Span((minutes as i64).max(0))).ok_or_else(bad)
    };
    let started = element.instant("ActualStartDate")?;
    let (planned, remaining) = (hours("PlannedDuration")?, hours("RemainingDuration")?);
    let whole = element.get("RemainingDuration").is_empty() || started.is_some();
    let milestone = matches!(kind, Kind::StartMilestone | Kind::FinishMilestone);
    let duration = if whole { planned } else { remaining };
    let calendar = match element.get("CalendarObjectId") {
        "" => u32::MAX,
        id => {
            let found = index.calendars.get(id).copied();
            found.ok_or_else(|| element.bad("CalendarObjectId", "the id of a calendar"))?
        }
    };
    Ok(Task {
        uid: element.get("ObjectId").to_string(),
        code: element.get("Id").to_string(),
        name: element.get("Name").to_string(),
        kind,
        project,
        parent: index.summaries.get(element.get("WBSObjectId")).copied(),
        calendar: Some(calendar),
        duration: if milestone { Span::ZERO } else { duration },
        remaining: Some(remaining).filter(|_| !element.get("RemainingDuration").is_empty()),
        actual_start: started,
        actual_finish: element.instant("ActualFinishDate")?,
        constraints: [constraint(element, "Primary")?, constraint(element, "Secondary")?],
        resumes: element.instant("ResumeDate")?.or(element.instant("SuspendDate")?),
        percent_complete: kept::percent_complete(element)?,
        line: element.line,
        ..Task::default()
    })
}

fn constraint(element: &Element, rank: &str) -> Result<Option<Constraint>, Problem> {
    let name = format!("{rank}ConstraintType");
    let kind = match element.get(&name) {
        "" => return Ok(None),
        "Start On" => ConstraintKind::StartOn,
        "Start On or After" => ConstraintKind::StartNoEarlier,
        "Start On or Before" => ConstraintKind::StartNoLater,
        "Finish On" => ConstraintKind::FinishOn,
        "Finish On or After" => ConstraintKind::FinishNoEarlier,
        "Finish On or Before" => ConstraintKind::FinishNoLater,
        "Mandatory Start" => ConstraintKind::MandatoryStart,
        "Mandatory Finish" => ConstraintKind::MandatoryFinish,
        "As Late As Possible" => {
            let kind = ConstraintKind::AsLateAsPossible;
            return Ok(Some(Constraint { kind, at: Minute::MIN }));
        }
        _ => return Err(element.bad(&name, "a type of constraint")),
    };
    let at = element.instant(&format!("{rank}ConstraintDate"))?;
    Ok(at.map(|at| Constraint { kind, at }))
}

fn link(element: &Element, index: &Index) -> Result<TaskLink, Problem> {
    let task = |name: &str| {
        let found = index.tasks.get(element.get(name)).copied();
        let message = || format!("there is no activity with id {}", element.get(name));
        found.ok_or_else(|| Problem::new("unknown-id", Some(element.line), message()))
    };
    let kind = match element.get("Type") {
        "Finish to Start" => LinkKind::FinishStart,
        "Start to Start" => LinkKind::StartStart,
        "Finish to Finish" => LinkKind::FinishFinish,
        "Start to Finish" => LinkKind::StartFinish,
        _ => return Err(element.bad("Type", "`Finish to Start` or the like")),
    };
    let lag = element.get("Lag");
    let hours: Option<f64> = if lag.is_empty() { Some(0.0) } else { lag.parse().ok() };
    let minutes = hours.map(|hours| (hours * 60.0).round()).filter(|m| m.abs() < 1e9);
    let minutes = minutes.ok_or_else(|| element.bad("Lag", "a number of hours"))?;
    Ok(TaskLink {
        from: task("PredecessorActivityObjectId")?,
        to: task("SuccessorActivityObjectId")?,
        kind,
        lag: Lag::Work(Span(minutes as i64)),
        line: element.line,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_small_programme_is_read_whole() {
        let text = "<APIBusinessObjects><Calendar><ObjectId>1</ObjectId><Name>5x8</Name>\
            <StandardWorkWeek><StandardWorkHours><DayOfWeek>Monday</DayOfWeek><WorkTime>\
            <Start>08:00:00</Start><Finish>15:59:00</Finish></WorkTime></StandardWorkHours>\
            </StandardWorkWeek></Calendar><Project><Id>P</Id><DataDate>2026-03-02T08:00:00\
            </DataDate><WBS><ObjectId>5</ObjectId><Name>All</Name></WBS><Activity><ObjectId>7\
            </ObjectId><Id>A</Id><Type>Task Dependent</Type><WBSObjectId>5</WBSObjectId>\
            <CalendarObjectId>1</CalendarObjectId><PlannedDuration>16</PlannedDuration></Activity>\
            <Activity><ObjectId>8</ObjectId><Id>B</Id><Type>Finish Milestone</Type>\
            <CalendarObjectId>1</CalendarObjectId></Activity><Relationship>\
            <PredecessorActivityObjectId>7</PredecessorActivityObjectId>\
            <SuccessorActivityObjectId>8</SuccessorActivityObjectId><Type>Finish to Start</Type>\
            </Relationship></Project></APIBusinessObjects>";
        let schedule = read(text).unwrap();
        assert_eq!(schedule.calendars[0].week[0], [Shift { start: 480, end: 960 }]);
        assert_eq!(schedule.tasks.len(), 3);
        assert_eq!((schedule.tasks[1].parent, schedule.tasks[1].duration), (Some(0), Span(960)));
        assert_eq!((schedule.links[0].from, schedule.links[0].to), (1, 2));
        let dangling = text.replace("Id>8</Succ", "Id>9</Succ");
        assert_eq!(read(&dangling).unwrap_err().id, "unknown-id");
    }
}
