//! A planner's schedule as its file says it, whichever program wrote the file.

use super::problem::Unused;
use crate::model::{Constraint, FloatAt, Kind, LinkKind, Rules};
use crate::time::{Definition, Minute, Span};

/// Projects, calendars, tasks and links of one file, in file order.
#[derive(Clone, Debug, Default)]
pub struct Schedule {
    /// The program that wrote it, whose rules date it unless others are asked for.
    pub rules: Rules,
    /// At least one.
    pub projects: Vec<Project>,
    /// As the file defines them, what they inherit included.
    pub calendars: Vec<Definition>,
    /// Tasks and their summaries, in the order of the outline.
    pub tasks: Vec<Task>,
    /// Who waits for whom.
    pub links: Vec<TaskLink>,
    /// What the file holds that is not used.
    pub unused: Unused,
}

/// One project of a file, with the options that its program keeps by project.
#[derive(Clone, Debug)]
pub struct Project {
    /// Short name.
    pub code: String,
    /// Nothing unfinished starts before this: the status date (P6: data date), else the start.
    pub start: Minute,
    /// Where the status date is set.
    pub status: Option<Minute>,
    /// A date by which everything must be over.
    pub finish_by: Option<Minute>,
    /// Index of the calendar of tasks without one.
    pub calendar: u32,
    /// Calendar that P6 counts lags in.
    pub lag_calendar: LagCalendar,
    /// Where total float is measured.
    pub float_at: FloatAt,
    /// Progress override instead of retained logic.
    pub progress_override: bool,
}

/// Whose calendar a lag is counted in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum LagCalendar {
    /// The predecessor's.
    #[default]
    Predecessor,
    /// The successor's.
    Successor,
    /// Around the clock.
    Always,
    /// The project's.
    Project,
}

/// One line of a schedule.
#[derive(Clone, Debug, Default)]
pub struct Task {
    /// The program's own number.
    pub uid: String,
    /// The planner's code; empty where the program has none.
    pub code: String,
    /// Name.
    pub name: String,
    /// What it is.
    pub kind: Kind,
    /// Index of its project.
    pub project: u32,
    /// Index of the summary it lies in.
    pub parent: Option<u32>,
    /// Index of its calendar; `None` is around the clock (elapsed durations).
    pub calendar: Option<u32>,
    /// Calendar that its floats are counted in, where its crews keep other hours than itself.
    pub float_calendar: Option<u32>,
    /// Working time of its calendar, start to finish.
    pub duration: Span,
    /// What is left of it, where the file says.
    pub remaining: Option<Span>,
    /// When it started.
    pub actual_start: Option<Minute>,
    /// When it finished.
    pub actual_finish: Option<Minute>,
    /// Primary and secondary constraint.
    pub constraints: [Option<Constraint>; 2],
    /// Marks lateness, pulls nothing early.
    pub deadline: Option<Minute>,
    /// Dates set by hand, which nothing moves: start and finish.
    pub fixed: Option<(Minute, Minute)>,
    /// What is left of work under way does not go on before this.
    pub resumes: Option<Minute>,
    /// How much of it is done, in percent, as its program counts (duration, units or by eye).
    pub percent_complete: Option<f64>,
    /// Codes of the summaries it lies in, outermost first, joined by `.`; a summary's own comes
    /// last.
    pub wbs: String,
    /// Activity or outline codes: type and value.
    pub codes: Vec<(String, String)>,
    /// Fields that users defined: name and value as text.
    pub fields: Vec<(String, String)>,
    /// Start and finish of its first baseline.
    pub baseline: Option<(Minute, Minute)>,
    /// Line of the file.
    pub line: u32,
}

/// A link between two tasks or summaries.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TaskLink {
    /// Index of the predecessor.
    pub from: u32,
    /// Index of the successor.
    pub to: u32,
    /// Which ends it ties.
    pub kind: LinkKind,
    /// Lag or lead.
    pub lag: Lag,
    /// Line of the file.
    pub line: u32,
}

/// How long a link waits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lag {
    /// Working time of the lag calendar.
    Work(Span),
    /// Time of the clock.
    Elapsed(Span),
    /// Share of the predecessor's duration, in percent; counted in working time.
    Percent(i64),
    /// Share of the predecessor's duration, in percent; counted on the clock.
    ElapsedPercent(i64),
}
