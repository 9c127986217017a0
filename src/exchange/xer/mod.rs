//! Primavera P6's exchange format (XER): tab-separated tables.
//!
//! `table` splits the file, `calendar` reads P6's own calendar text, `kept` what planners keep with
//! a task; here rows become tasks and links. Tables of anything else are counted as unused.

mod calendar;
mod crews;
mod kept;
mod table;

use std::collections::{BTreeMap, BTreeSet};

use super::problem::Problem;
use super::schedule::{Lag, LagCalendar, Project, Schedule, Task, TaskLink};
use crate::model::{Constraint, ConstraintKind, FloatAt, Kind, LinkKind, Rules};
use crate::time::{Minute, Span};
use table::{Row, Tables};

/// Tables that are read, or that only give names to what is.
const USED: [&str; 12] = [
    "PROJECT",
    "CALENDAR",
    "SCHEDOPTIONS",
    "PROJWBS",
    "TASK",
    "TASKPRED",
    "ACTVTYPE",
    "ACTVCODE",
    "TASKACTV",
    "UDFTYPE",
    "UDFVALUE",
    "UDFCODE",
];

/// Where ids of the file stand in the schedule.
#[derive(Default)]
struct Index<'t> {
    projects: BTreeMap<&'t str, u32>,
    calendars: BTreeMap<&'t str, u32>,
    tasks: BTreeMap<&'t str, u32>,
    /// Calendars of who is assigned to each task.
    crews: BTreeMap<&'t str, BTreeSet<u32>>,
}

/// Reads the text of an XER file.
///
/// # Errors
///
/// A file that is cut off, wrong column counts, values that are no dates or numbers, ids that lead
/// nowhere: each with its line.
pub fn read(text: &str) -> Result<Schedule, Problem> {
    let tables = Tables::read(text)?;
    let mut schedule = Schedule { rules: Rules::P6, ..Schedule::default() };
    for (name, rows) in tables.sizes().filter(|(name, _)| !USED.contains(name)) {
        schedule.unused.add(called(name), rows);
    }
    tables.require("TASK", &["task_id", "target_drtn_hr_cnt"])?;
    tables.require("TASKPRED", &["task_id", "pred_task_id", "pred_type", "lag_hr_cnt"])?;
    let mut index = Index::default();
    (schedule.calendars, index.calendars) = calendar::calendars(&tables.rows("CALENDAR")?)?;
    index.crews = crews::calendars_of_crews(&tables, &index.calendars)?;
    let options = tables.rows("SCHEDOPTIONS")?;
    let projects = tables.rows("PROJECT")?;
    let tasks = tables.rows("TASK")?;
    count_short(&tasks, &mut schedule);
    let baselines = kept::Baselines::new(&projects, &tasks)?;
    let only = "baseline projects, but for the dates of their tasks";
    schedule.unused.add(only, baselines.count());
    for row in projects.into_iter().filter(|row| !baselines.is_one(row.text("proj_id"))) {
        let options = options.iter().find(|o| o.text("proj_id") == row.text("proj_id"));
        index.projects.insert(row.required("proj_id")?, schedule.projects.len() as u32);
        schedule.projects.push(project(&row, options, &index)?);
    }
    if schedule.projects.is_empty() {
        return Err(Problem::new("no-project", None, "expected a project in table PROJECT"));
    }
    outline(&tables, tasks, &baselines, &mut schedule, &mut index)?;
    let links = tables.rows("TASKPRED")?;
    count_short(&links, &mut schedule);
    for row in links {
        if !baselines.is_one(row.text("proj_id")) {
            schedule.links.extend(link(&row, &index, &mut schedule.unused)?);
        }
    }
    kept::keep(&tables, &index.tasks, &mut schedule)?;
    Ok(schedule)
}

/// What the rows of a table that is not read are, in the planner's words.
fn called(table: &str) -> String {
    match table {
        "RSRC" => "resources, but for their calendars".into(),
        "RSRCRATE" => "resource rates".into(),
        "TASKRSRC" => "resource assignments, but for calendars".into(),
        "PROJCOST" => "expenses".into(),
        "TASKMEMO" | "WBSMEMO" | "PROJMEMO" => "notes".into(),
        "TASKPROC" => "steps".into(),
        "TASKDOC" => "links to documents".into(),
        "PROJRISK" | "RISK" | "RISKCTRL" | "TASKRISK" => "risks".into(),
        "TRSRCFIN" | "TASKFIN" => "figures of past periods".into(),
        _ => format!("rows of table {table}"),
    }
}

fn project(row: &Row, options: Option<&Row>, index: &Index) -> Result<Project, Problem> {
    let option = |column| options.map_or("", |row| row.text(column));
    let status = row.instant("last_recalc_date")?;
    let planned = row.instant("plan_start_date")?;
    let start = status.or(planned);
    let expected = "expected last_recalc_date or plan_start_date";
    let start = start.ok_or_else(|| Problem::new("no-start", Some(row.line), expected))?;
    Ok(Project {
        code: row.text("proj_short_name").to_string(),
        start,
        status,
        finish_by: row.instant("plan_end_date")?,
        calendar: match row.text("clndr_id") {
            "" => 0,
            id => lookup(&index.calendars, id, "calendar", row.line)?,
        },
        lag_calendar: match option("sched_calendar_on_relationship_lag") {
            "rcal_Successor" => LagCalendar::Successor,
            "rcal_24Hour" => LagCalendar::Always,
            "rcal_ProjDefault" => LagCalendar::Project,
            _ => LagCalendar::Predecessor,
        },
        float_at: match option("sched_float_type") {
            "FT_SF" | "FT_SS" => FloatAt::Start,
            "FT_Min" => FloatAt::Least,
            _ => FloatAt::Finish,
        },
        progress_override: option("sched_progress_override") == "Y"
            && option("sched_retained_logic") != "Y",
    })
}

fn lookup(index: &BTreeMap<&str, u32>, id: &str, what: &str, line: u32) -> Result<u32, Problem> {
    let found = index.get(id).copied();
    let message = || format!("there is no {what} with id {id}");
    found.ok_or_else(|| Problem::new("unknown-id", Some(line), message()))
}

/// Summaries (the work breakdown) with the tasks that lie in each, in the order of the outline.
fn outline<'t>(
    tables: &Tables<'t>,
    tasks: Vec<Row<'_, 't>>,
    baselines: &kept::Baselines,
    schedule: &mut Schedule,
    index: &mut Index<'t>,
) -> Result<(), Problem> {
    let current = |row: &Row| !baselines.is_one(row.text("proj_id"));
    let wbs: Vec<Row> = tables.rows("PROJWBS")?.into_iter().filter(current).collect();
    let tasks: Vec<Row> = tasks.into_iter().filter(current).collect();
    let known: BTreeMap<&str, usize> =
        wbs.iter().enumerate().map(|(at, row)| (row.text("wbs_id"), at)).collect();
    let mut inside: Vec<Vec<usize>> = vec![Vec::new(); wbs.len()];
    let mut roots = Vec::new();
    for (at, row) in wbs.iter().enumerate() {
        match known.get(row.text("parent_wbs_id")) {
            Some(&parent) if parent != at => inside[parent].push(at),
            _ => roots.push(at),
        }
    }
    let order = |at: &usize| wbs[*at].text("seq_num").parse::<i64>().unwrap_or(i64::MAX);
    inside.iter_mut().for_each(|list| list.sort_by_key(order));
    let mut of_wbs: Vec<Vec<usize>> = vec![Vec::new(); wbs.len()];
    let mut loose = Vec::new();
    for (at, row) in tasks.iter().enumerate() {
        match known.get(row.text("wbs_id")) {
            Some(&wbs) => of_wbs[wbs].push(at),
            None => loose.push(at),
        }
    }
    let mut stack: Vec<(usize, Option<u32>, String)> =
        roots.into_iter().rev().map(|at| (at, None, String::new())).collect();
    while let Some((at, parent, path)) = stack.pop() {
        let row = &wbs[at];
        let code = match path.as_str() {
            "" => row.text("wbs_short_name").to_string(),
            path => format!("{path}.{}", row.text("wbs_short_name")),
        };
        let here = schedule.tasks.len() as u32;
        schedule.tasks.push(Task {
            uid: row.text("wbs_id").to_string(),
            code: code.clone(),
            wbs: code.clone(),
            name: row.text("wbs_name").to_string(),
            kind: Kind::Summary,
            project: index.projects.get(row.text("proj_id")).copied().unwrap_or(0),
            parent,
            line: row.line,
            ..Task::default()
        });
        for &at in &of_wbs[at] {
            push_task(&tasks[at], Some(here), baselines, schedule, index)?;
        }
        stack.extend(inside[at].iter().rev().map(|&at| (at, Some(here), code.clone())));
    }
    let lost = loose.iter().filter(|at| !tasks[**at].text("wbs_id").is_empty()).count();
    if lost > 0 {
        schedule.unused.add("references of tasks to a WBS element that is not there", lost);
    }
    loose.into_iter().try_for_each(|at| push_task(&tasks[at], None, baselines, schedule, index))?;
    let lost = tasks.iter().find(|row| !index.tasks.contains_key(row.text("task_id")));
    lost.map_or(Ok(()), |row| {
        let message = "its summary lies within itself (parent_wbs_id)";
        Err(Problem::new("cycle", Some(row.line), message))
    })
}

/// Counts rows that end before their last column: what is missing there is read as blank.
fn count_short(rows: &[Row<'_, '_>], schedule: &mut Schedule) {
    let what = "rows of TASK or TASKPRED that end before their last column, read as blank there";
    schedule.unused.add(what, rows.iter().filter(|row| row.is_short()).count());
}

/// What a task is; an unknown kind is dated as a task, and counted.
fn kind(row: &Row<'_, '_>, unused: &mut super::problem::Unused) -> Kind {
    match row.text("task_type") {
        "TT_Mile" => Kind::StartMilestone,
        "TT_FinMile" => Kind::FinishMilestone,
        "TT_LOE" => Kind::LevelOfEffort,
        "TT_WBS" => Kind::Summary,
        "TT_Task" | "TT_Rsrc" | "" => Kind::Task,
        _ => {
            unused.count("unknown kinds of task (task_type), dated as tasks");
            Kind::Task
        }
    }
}

fn push_task<'t>(
    row: &Row<'_, 't>,
    parent: Option<u32>,
    baselines: &kept::Baselines,
    schedule: &mut Schedule,
    index: &mut Index<'t>,
) -> Result<(), Problem> {
    let id = row.required("task_id")?;
    if index.tasks.insert(id, schedule.tasks.len() as u32).is_some() {
        let message = format!("there are two tasks with id {id}");
        return Err(Problem::new("duplicate-id", Some(row.line), message));
    }
    let kind = kind(row, &mut schedule.unused);
    let own = match row.text("clndr_id") {
        "" => u32::MAX,
        id => lookup(&index.calendars, id, "calendar", row.line)?,
    };
    let crews = index.crews.get(id).filter(|_| row.text("task_type") == "TT_Rsrc");
    let crew = crews.and_then(|crews| crews.first().filter(|_| crews.len() == 1)).copied();
    if crews.is_some() && crew.is_none() {
        let what = "resource-dependent activities of several crews, dated by their own calendar";
        schedule.unused.count(what);
    }
    let whole = row.hours("target_drtn_hr_cnt")?.unwrap_or(Span::ZERO);
    let remaining = row.hours("remain_drtn_hr_cnt")?;
    let started = row.instant("act_start_date")?;
    let duration = if started.is_none() { remaining.unwrap_or(whole) } else { whole };
    let milestone = matches!(kind, Kind::StartMilestone | Kind::FinishMilestone);
    let constraint = |kind, at| constraint(row, kind, at);
    schedule.tasks.push(Task {
        uid: id.to_string(),
        code: row.text("task_code").to_string(),
        name: row.text("task_name").to_string(),
        kind,
        project: lookup(&index.projects, row.text("proj_id"), "project", row.line)?,
        parent,
        calendar: Some(crew.unwrap_or(own)),
        float_calendar: Some(own).filter(|&own| crew.is_some() && own != u32::MAX),
        duration: if milestone { Span::ZERO } else { Span(duration.0.max(0)) },
        remaining: remaining.map(|span| Span(span.0.max(0))),
        actual_start: started,
        actual_finish: row.instant("act_end_date")?,
        constraints: [
            constraint("cstr_type", "cstr_date")?,
            constraint("cstr_type2", "cstr_date2")?,
        ],
        resumes: row.instant("resume_date")?.or(row.instant("suspend_date")?),
        percent_complete: kept::percent_complete(row, whole, remaining)?,
        wbs: parent.map_or_else(String::new, |at| schedule.tasks[at as usize].wbs.clone()),
        baseline: baselines.of(row)?,
        line: row.line,
        ..Task::default()
    });
    let not_used = [
        ("expect_end_date", "expected finishes"),
        ("external_early_start_date", "early starts that other projects allow"),
        ("external_late_end_date", "late finishes that other projects allow"),
    ];
    for (_, what) in not_used.iter().filter(|(column, _)| !row.text(column).is_empty()) {
        schedule.unused.count(*what);
    }
    Ok(())
}

fn constraint(row: &Row, kind: &str, at: &str) -> Result<Option<Constraint>, Problem> {
    let kind = match row.text(kind) {
        "" => return Ok(None),
        "CS_MSO" => ConstraintKind::StartOn,
        "CS_MSOA" => ConstraintKind::StartNoEarlier,
        "CS_MSOB" => ConstraintKind::StartNoLater,
        "CS_MEO" => ConstraintKind::FinishOn,
        "CS_MEOA" => ConstraintKind::FinishNoEarlier,
        "CS_MEOB" => ConstraintKind::FinishNoLater,
        "CS_MANDSTART" => ConstraintKind::MandatoryStart,
        "CS_MANDFIN" => ConstraintKind::MandatoryFinish,
        "CS_ALAP" => ConstraintKind::AsLateAsPossible,
        other => {
            let message = format!("there is no constraint type `{other}`");
            return Err(Problem::new("bad-value", Some(row.line), message));
        }
    };
    let date = row.instant(at)?;
    if kind == ConstraintKind::AsLateAsPossible {
        return Ok(Some(Constraint { kind, at: Minute::MIN }));
    }
    Ok(date.map(|at| Constraint { kind, at }))
}

fn link(
    row: &Row,
    index: &Index,
    unused: &mut super::problem::Unused,
) -> Result<Option<TaskLink>, Problem> {
    let kind = match row.text("pred_type") {
        "PR_FS" => LinkKind::FinishStart,
        "PR_SS" => LinkKind::StartStart,
        "PR_FF" => LinkKind::FinishFinish,
        "PR_SF" => LinkKind::StartFinish,
        other => {
            let message = format!("expected PR_FS, PR_SS, PR_FF or PR_SF, found `{other}`");
            return Err(Problem::new("bad-value", Some(row.line), message));
        }
    };
    let (from, to) = (row.text("pred_task_id"), row.text("task_id"));
    let outside = |column| {
        let project = row.text(column);
        !project.is_empty() && !index.projects.contains_key(project)
    };
    let gone = |id| !index.tasks.contains_key(id);
    if (gone(from) && outside("pred_proj_id")) || (gone(to) && outside("proj_id")) {
        unused.count("links to projects that the file does not hold");
        return Ok(None);
    }
    Ok(Some(TaskLink {
        from: lookup(&index.tasks, from, "task", row.line)?,
        to: lookup(&index.tasks, to, "task", row.line)?,
        kind,
        lag: Lag::Work(row.hours("lag_hr_cnt")?.unwrap_or(Span::ZERO)),
        line: row.line,
    }))
}
