//! The dates of a schedule, line by line as planners read them.

use super::lower::Lowered;
use super::schedule::Schedule;
use crate::model::cpm::Dates;
use crate::model::{Kind, Plan, Progress, Rules, planner};
use crate::time::{Minute, Span};

/// The dates of one task, summary or level of effort.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// Index of the task in the schedule.
    pub task: u32,
    /// Earliest start.
    pub early_start: Minute,
    /// Earliest finish.
    pub early_finish: Minute,
    /// Latest start.
    pub late_start: Minute,
    /// Latest finish.
    pub late_finish: Minute,
    /// Working time of its own calendar; `None` once it is over.
    pub total_float: Option<Span>,
    /// Working time of its own calendar; `None` once it is over.
    pub free_float: Option<Span>,
    /// Tasks that set its early dates.
    pub driving: Vec<u32>,
    /// Whether it drives the end, directly or through others (see
    /// [`longest_path`](crate::model::planner::longest_path)).
    pub on_longest_path: bool,
}

impl Line {
    /// Whether it has no total float left.
    pub fn is_critical(&self) -> bool {
        self.total_float.is_some_and(|float| float <= Span::ZERO)
    }
}

/// Early and late dates, floats and driving links of every task, in file order.
///
/// Cost: both passes, and one visit per task and level of the outline.
pub fn dates(schedule: &Schedule, lowered: &Lowered) -> Vec<Line> {
    let plan = &lowered.plan;
    let mut lines: Vec<Line> = (0..schedule.tasks.len() as u32).map(blank).collect();
    for line in of_activities(plan, &Dates::likely(plan)) {
        let task_of = |activity: u32| lowered.tasks[activity as usize];
        let task = task_of(line.task);
        let driving = line.driving.into_iter().map(task_of).collect();
        lines[task as usize] = Line { task, driving, ..line };
    }
    for (at, task) in schedule.tasks.iter().enumerate() {
        if lowered.activities[at].is_none() && task.kind == Kind::LevelOfEffort {
            lines[at] = stretched(schedule, at as u32, &lines, plan.start);
        }
    }
    roll_up(schedule, lowered, &mut lines);
    lines
}

/// Early and late dates, floats and driving links of a plan's activities; a line's `task` and
/// `driving` are activities.
///
/// Cost: one visit per link.
pub(super) fn of_activities(plan: &Plan, dates: &Dates) -> Vec<Line> {
    let free = planner::free_float(plan, dates);
    let driving = planner::driving(plan, dates);
    let longest = planner::longest_path(plan, dates, &driving);
    let over = over_by(plan, dates);
    let line = |(at, links): (usize, Vec<u32>)| {
        let mut drivers: Vec<u32> =
            links.iter().map(|&link| plan.links[link as usize].from).collect();
        drivers.dedup();
        let [early_start, early_finish, late_start, late_finish] =
            shown(plan, dates, over[at], at as u32);
        Line {
            task: at as u32,
            early_start,
            early_finish,
            late_start,
            late_finish,
            total_float: dates.total_float[at],
            free_float: free[at],
            driving: drivers,
            on_longest_path: longest[at],
        }
    };
    driving.into_iter().enumerate().map(line).collect()
}

/// Early and late dates as the program shows them: P6 shows what is left of started work, from the
/// data date on; Project shows work from its actual start.
fn shown(plan: &Plan, dates: &Dates, over: Minute, activity: u32) -> [Minute; 4] {
    let at = activity as usize;
    let late = [dates.late_start[at], dates.late_finish[at]];
    let early = match plan.activities[at].progress {
        Progress::Finished { .. } if plan.scheduling.rules == Rules::P6 => {
            return [plan.data_date(), plan.data_date(), over, over];
        }
        Progress::Started { .. } if plan.scheduling.rules == Rules::P6 => dates.resumes(activity),
        _ => dates.early_start[at],
    };
    [early, dates.early_finish[at], late[0], late[1]]
}

/// By when P6 says that each finished activity would have had to be over: its successors' late
/// dates, or the end.
fn over_by(plan: &Plan, dates: &Dates) -> Vec<Minute> {
    let mut over = vec![dates.end(); plan.activities.len()];
    let finished = |at: u32| plan.activities[at as usize].is_finished();
    let order = plan.topological.iter().rev().copied().filter(|&at| finished(at));
    for activity in order {
        let limits = plan.succs(activity).map(|link| match (link.to as usize, link.kind) {
            (to, _) if finished(link.to) => over[to],
            (to, kind) if kind.bounds_finish() => dates.late_finish[to],
            (to, _) => dates.late_start[to],
        });
        over[activity as usize] = limits.fold(dates.end(), Minute::min);
    }
    over
}

fn blank(task: u32) -> Line {
    Line {
        task,
        early_start: Minute::NEVER,
        early_finish: Minute::MIN,
        late_start: Minute::NEVER,
        late_finish: Minute::MIN,
        total_float: None,
        free_float: None,
        driving: Vec::new(),
        on_longest_path: false,
    }
}

/// A level of effort: from the first to the last of the dates that its links name.
fn stretched(schedule: &Schedule, task: u32, lines: &[Line], start: Minute) -> Line {
    let mut line = blank(task);
    let mut take = |other: &Line, finish: bool| {
        if other.early_start > other.early_finish {
            return;
        }
        let (early, late) = match finish {
            true => (other.early_finish, other.late_finish),
            false => (other.early_start, other.late_start),
        };
        line.early_start = line.early_start.min(early);
        line.early_finish = line.early_finish.max(early);
        line.late_start = line.late_start.min(late);
        line.late_finish = line.late_finish.max(late);
    };
    for link in &schedule.links {
        if link.to == task {
            take(&lines[link.from as usize], link.kind.from_finish());
        } else if link.from == task {
            take(&lines[link.to as usize], link.kind.bounds_finish());
        }
    }
    if !line.early_start.happens() {
        line = Line {
            early_start: start,
            early_finish: start,
            late_start: start,
            late_finish: start,
            ..line
        };
    }
    line.total_float = Some(Span::ZERO);
    line.free_float = Some(Span::ZERO);
    line
}

/// Summaries span what lies in them; their float is the least of it.
fn roll_up(schedule: &Schedule, lowered: &Lowered, lines: &mut [Line]) {
    for at in (0..schedule.tasks.len()).rev() {
        let task = &schedule.tasks[at];
        if task.kind == Kind::Summary && !lines[at].early_start.happens() {
            let start = schedule.projects[task.project as usize].start;
            lines[at].early_start = start;
            lines[at].early_finish = start;
            lines[at].late_start = start;
            lines[at].late_finish = start;
        } else if let Some(parent) = task.parent {
            let inner = lines[at].clone();
            let outer = &mut lines[parent as usize];
            outer.early_start = outer.early_start.min(inner.early_start);
            outer.early_finish = outer.early_finish.max(inner.early_finish);
            outer.late_start = outer.late_start.min(inner.late_start);
            outer.late_finish = outer.late_finish.max(inner.late_finish);
        }
    }
    for (at, task) in schedule.tasks.iter().enumerate().filter(|(_, t)| t.kind == Kind::Summary) {
        let calendar = &lowered.plan.calendars[lowered.calendars[at] as usize];
        let _ = task;
        let line = &mut lines[at];
        let at_start = calendar.work_between(line.early_start, line.late_start);
        let at_finish = calendar.work_between(line.early_finish, line.late_finish);
        line.total_float = Some(at_start.min(at_finish));
        line.free_float = Some(Span::ZERO);
    }
}

/// The dates as CSV, the columns that other programs compare.
pub fn dates_csv(schedule: &Schedule, lines: &[Line]) -> String {
    let several = schedule.projects.len() > 1;
    let mut rows = Rows::new(several, &[]);
    for line in lines {
        let task = &schedule.tasks[line.task as usize];
        let project = &schedule.projects[task.project as usize].code;
        let uid = |&at: &u32| schedule.tasks[at as usize].uid.as_str();
        rows.push(&Row {
            project: several.then_some(project.as_str()),
            uid: &task.uid,
            code: &task.code,
            name: &task.name,
            kind: task.kind,
            line,
            driving: line.driving.iter().map(uid).collect(),
            more: Vec::new(),
        });
    }
    rows.finish()
}

/// One row of dates as CSV.
pub(super) struct Row<'r> {
    /// Code of its project where there are several.
    pub project: Option<&'r str>,
    /// The program's own number.
    pub uid: &'r str,
    /// The planner's code.
    pub code: &'r str,
    /// Name.
    pub name: &'r str,
    /// What it is.
    pub kind: Kind,
    /// Its dates and floats.
    pub line: &'r Line,
    /// `uid` of what sets its early dates.
    pub driving: Vec<&'r str>,
    /// What stands after the common columns.
    pub more: Vec<String>,
}

/// Rows of dates as CSV.
pub(super) struct Rows {
    out: csv::Writer<Vec<u8>>,
}

const WRITTEN: &str = "writing to memory does not fail";

impl Rows {
    /// The common columns, before them the project where there are several, after them `more`.
    pub fn new(several: bool, more: &[&str]) -> Rows {
        let mut out = csv::Writer::from_writer(Vec::new());
        let columns = "uid,code,name,kind,early_start,early_finish,late_start,late_finish,\
                       total_float_h,free_float_h,critical,driving";
        let project = several.then_some("project");
        let head = project.into_iter().chain(columns.split(',')).chain(more.iter().copied());
        out.write_record(head).expect(WRITTEN);
        Rows { out }
    }

    /// Adds a row.
    pub fn push(&mut self, row: &Row) {
        let line = row.line;
        let mut record: Vec<String> = row.project.map(str::to_owned).into_iter().collect();
        record.extend([row.uid, row.code, row.name, row.kind.word()].map(str::to_owned));
        let dates = [line.early_start, line.early_finish, line.late_start, line.late_finish];
        record.extend(dates.map(|date| date.to_string()));
        record.extend([hours(line.total_float), hours(line.free_float)]);
        record.extend([u8::from(line.is_critical()).to_string(), row.driving.join(";")]);
        record.extend(row.more.iter().cloned());
        self.out.write_record(&record).expect(WRITTEN);
    }

    /// The whole text.
    pub fn finish(self) -> String {
        let bytes = self.out.into_inner().expect(WRITTEN);
        String::from_utf8(bytes).expect("made of strings")
    }
}

/// Hours with as many digits as whole minutes need: `8.0`, `0.25`, `0.0167`; what is over has none
/// left.
pub(super) fn hours(span: Option<Span>) -> String {
    let span = span.unwrap_or(Span::ZERO);
    let sign = if span.0 < 0 { "-" } else { "" };
    let (hours, minutes) = (span.0.abs() / 60, span.0.abs() % 60);
    let fraction = format!("{:04}", (minutes * 10_000 + 30) / 60);
    let digits = fraction.trim_end_matches('0');
    format!("{sign}{hours}.{}", if digits.is_empty() { "0" } else { digits })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hours_are_short_and_exact_enough_for_minutes() {
        let cases = [(0, "0.0"), (480, "8.0"), (15, "0.25"), (1, "0.0167"), (-90, "-1.5")];
        for (minutes, text) in cases {
            assert_eq!(hours(Some(Span(minutes))), text);
        }
    }
}
