//! Microsoft Project's XML (MSPDI).
//!
//! `element` reads XML one item at a time, `calendar` the calendars; here items become tasks and
//! links. Resources and assignments date nothing and are counted as unused, except that a task
//! whose crew works by another calendar does too; `kept` is what planners keep with a task.

mod calendar;
mod crews;
mod kept;

use std::collections::BTreeMap;

use super::element::{Document, Element, Next};
use super::problem::{Problem, Unused};
use super::schedule::{Lag, LagCalendar, Project, Schedule, Task, TaskLink};
use crate::model::{Constraint, ConstraintKind, FloatAt, Kind, LinkKind, Rules};
use crate::time::{Minute, Span};
use crews::Crews;

/// The parts of a file that are used, one element each.
#[derive(Default)]
struct Parts<'t> {
    properties: Vec<Element<'t>>,
    calendars: Vec<Element<'t>>,
    tasks: Vec<Element<'t>>,
    resources: Vec<Element<'t>>,
    assignments: Vec<Element<'t>>,
    /// Definitions of fields and of outline codes.
    fields: Vec<Element<'t>>,
    timephased: usize,
}

/// Reads the text of an MSPDI file.
///
/// # Errors
///
/// Broken or cut XML, a document type, values that are no dates or numbers, ids that lead nowhere:
/// each with its line.
pub fn read(text: &str) -> Result<Schedule, Problem> {
    let mut schedule = Schedule { rules: Rules::Project, ..Schedule::default() };
    let mut parts = parts(text)?;
    kept::count(&parts, &mut schedule.unused);
    let names = kept::Names::new(&parts.fields);
    let root = Element {
        name: "Project",
        text: "".into(),
        children: std::mem::take(&mut parts.properties),
        line: 1,
    };
    let (calendars, index) = calendar::calendars(&parts.calendars, &mut schedule.unused)?;
    schedule.calendars = calendars;
    let mut crews = Crews::new(&parts, &index)?;
    schedule.projects.push(project(&root, &index)?);
    let mut uids = BTreeMap::new();
    let mut links = Vec::new();
    let mut above: Vec<(i64, u32)> = Vec::new();
    for element in &parts.tasks {
        let level = element.number("OutlineLevel")?.unwrap_or(1);
        if element.flag("IsNull") || (level == 0 && element.get("UID") == "0") {
            continue;
        }
        let uid = element.number("UID")?.ok_or_else(|| element.bad("UID", "a number"))?;
        let here = schedule.tasks.len() as u32;
        if uids.insert(uid, here).is_some() {
            let message = format!("there are two tasks with id {uid}");
            return Err(Problem::new("duplicate-id", Some(element.line), message));
        }
        while above.last().is_some_and(|&(other, _)| other >= level) {
            above.pop();
        }
        let parent = above.last().map(|&(_, at)| at);
        above.push((level, here));
        let mut task = task(element, parent, &index, &mut schedule.unused)?;
        if task.kind != Kind::Summary && !element.flag("IgnoreResourceCalendar") {
            task.float_calendar = task.calendar.filter(|&own| own != u32::MAX);
            task.calendar = crews.calendar(uid, task.calendar, &mut schedule.calendars);
        }
        names.keep(element, &mut task, &mut schedule.unused)?;
        schedule.tasks.push(task);
        links.extend(element.all("PredecessorLink").map(|link| (here, link)));
    }
    for (to, element) in links {
        schedule.links.extend(link(to, element, &uids, &mut schedule.unused)?);
    }
    Ok(schedule)
}

fn parts<'t>(text: &'t str) -> Result<Parts<'t>, Problem> {
    let mut document = Document::new(text);
    let Next::Begins("Project") = document.next()? else {
        return Err(document.wrong("expected the element Project of Microsoft Project's XML"));
    };
    let mut parts = Parts::default();
    while let Next::Begins(name) = document.next()? {
        match name {
            "Calendars" | "Tasks" | "Resources" | "Assignments" | "ExtendedAttributes"
            | "OutlineCodes" => {
                let list = match name {
                    "Calendars" => &mut parts.calendars,
                    "Tasks" => &mut parts.tasks,
                    "Resources" => &mut parts.resources,
                    "ExtendedAttributes" | "OutlineCodes" => &mut parts.fields,
                    _ => &mut parts.assignments,
                };
                while let Next::Begins(item) = document.next()? {
                    let mut item = document.element(item)?;
                    let all = item.children.len();
                    item.children.retain(|child| child.name != "TimephasedData");
                    parts.timephased += all - item.children.len();
                    list.push(item);
                }
            }
            "WBSMasks" | "Views" | "Filters" | "Groups" | "Tables" | "Maps" | "Reports"
            | "Drawings" | "DataLinks" | "VBAProjects" => {
                document.skip()?;
            }
            _ => parts.properties.push(document.element(name)?),
        }
    }
    Ok(parts)
}

fn project(root: &Element, index: &BTreeMap<i64, u32>) -> Result<Project, Problem> {
    let expected = "expected StartDate, the start of the project";
    let start = root.instant("StartDate")?;
    let start = start.ok_or_else(|| Problem::new("no-start", None, expected))?;
    let calendar = root.number("CalendarUID")?.unwrap_or(1);
    let calendar = index.get(&calendar).copied();
    let name = if root.get("Name").is_empty() { root.get("Title") } else { root.get("Name") };
    Ok(Project {
        code: name.to_string(),
        start,
        status: None,
        finish_by: None,
        calendar: calendar.ok_or_else(|| root.bad("CalendarUID", "the id of a calendar"))?,
        lag_calendar: LagCalendar::Successor,
        float_at: FloatAt::Least,
        progress_override: false,
    })
}

fn task(
    element: &Element,
    parent: Option<u32>,
    index: &BTreeMap<i64, u32>,
    unused: &mut Unused,
) -> Result<Task, Problem> {
    let duration = element.length("Duration")?.unwrap_or(Span::ZERO);
    let kind = match (element.flag("Summary"), element.flag("Milestone")) {
        (true, _) => Kind::Summary,
        (_, true) if duration == Span::ZERO => Kind::FinishMilestone,
        _ => Kind::Task,
    };
    // 4, 6, 8, 10, 12 (and 32 more where estimated) are elapsed minutes to months.
    let format = element.number("DurationFormat")?.unwrap_or(7) % 32;
    let elapsed = matches!(format, 4 | 6 | 8 | 10 | 12);
    let project_calendar = element.number("CalendarUID")?.filter(|&uid| uid >= 0);
    let calendar = match project_calendar {
        _ if elapsed => None,
        Some(uid) => {
            let found = index.get(&uid).copied();
            Some(found.ok_or_else(|| element.bad("CalendarUID", "the id of a calendar"))?)
        }
        None => Some(u32::MAX),
    };
    let manual = element.flag("Manual") && kind != Kind::Summary;
    let fixed = element.instant("Start")?.zip(element.instant("Finish")?);
    for name in ["LevelingDelay", "Deadline"] {
        let set = !matches!(element.get(name), "" | "0");
        if set && name == "LevelingDelay" {
            unused.count("levelling delays");
        }
    }
    if element.get("Active") == "0" {
        unused.count("inactive tasks, dated as if active");
    }
    Ok(Task {
        uid: element.get("UID").to_string(),
        code: String::new(),
        name: element.get("Name").to_string(),
        kind,
        project: 0,
        parent,
        calendar,
        duration: Span(duration.0.max(0)),
        remaining: element.length("RemainingDuration")?,
        actual_start: element.instant("ActualStart")?,
        actual_finish: element.instant("ActualFinish")?,
        constraints: [constraint(element)?, None],
        deadline: element.instant("Deadline")?,
        fixed: fixed.filter(|_| manual),
        resumes: element.instant("Resume")?,
        percent_complete: element.number("PercentComplete")?.map(|percent| percent as f64),
        wbs: element.get("WBS").to_string(),
        line: element.line,
        ..Task::default()
    })
}

fn constraint(element: &Element) -> Result<Option<Constraint>, Problem> {
    let kind = match element.number("ConstraintType")? {
        None | Some(0) => return Ok(None),
        Some(1) => ConstraintKind::AsLateAsPossible,
        Some(2) => ConstraintKind::StartOn,
        Some(3) => ConstraintKind::FinishOn,
        Some(4) => ConstraintKind::StartNoEarlier,
        Some(5) => ConstraintKind::StartNoLater,
        Some(6) => ConstraintKind::FinishNoEarlier,
        Some(7) => ConstraintKind::FinishNoLater,
        Some(_) => return Err(element.bad("ConstraintType", "a number from 0 to 7")),
    };
    if kind == ConstraintKind::AsLateAsPossible {
        return Ok(Some(Constraint { kind, at: Minute::MIN }));
    }
    Ok(element.instant("ConstraintDate")?.map(|at| Constraint { kind, at }))
}

fn link(
    to: u32,
    element: &Element,
    uids: &BTreeMap<i64, u32>,
    unused: &mut Unused,
) -> Result<Option<TaskLink>, Problem> {
    if element.flag("CrossProject") {
        unused.count("links to projects that the file does not hold");
        return Ok(None);
    }
    let uid = element.number("PredecessorUID")?;
    let from = uid.and_then(|uid| uids.get(&uid)).copied();
    let unknown = || Problem::new("unknown-id", Some(element.line), unknown_task(element));
    let kind = match element.number("Type")? {
        Some(0) => LinkKind::FinishFinish,
        None | Some(1) => LinkKind::FinishStart,
        Some(2) => LinkKind::StartFinish,
        Some(3) => LinkKind::StartStart,
        Some(_) => return Err(element.bad("Type", "a number from 0 to 3")),
    };
    // Tenths of a minute, or percent.
    let lag = element.number("LinkLag")?.unwrap_or(0);
    let lag = match element.number("LagFormat")?.unwrap_or(7) % 32 {
        19 => Lag::Percent(lag),
        20 => Lag::ElapsedPercent(lag),
        4 | 6 | 8 | 10 | 12 => Lag::Elapsed(Span(lag / 10)),
        _ => Lag::Work(Span(lag / 10)),
    };
    Ok(Some(TaskLink { from: from.ok_or_else(unknown)?, to, kind, lag, line: element.line }))
}

fn unknown_task(element: &Element) -> String {
    format!("there is no task with id {}", element.get("PredecessorUID"))
}
