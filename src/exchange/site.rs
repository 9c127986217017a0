//! A planner's schedule as a site file, so that megawatts, contracts and loans can be attached.
//!
//! The text is plain YAML, one activity a line, dated by the rules of the program it came from:
//! loading it gives the dates that [`super::dates`] gives. Links of summaries are spread over the
//! tasks that lie in them, as the passes see them; the outline itself stays in `wbs`.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

use super::lower::Lowered;
use super::schedule::{Lag, Schedule, Task};
use crate::model::{Activity, Constraint, ConstraintKind, FloatAt, Kind, Link, Progress, Rules};
use crate::time::{Calendar, Day, Definition, Minute, Shift, Span};

/// Longest name that an activity is given.
const NAME_BYTES_MAX: usize = 200;

/// The schedule as the text of a site file; what it says that a site cannot hold is counted.
///
/// Cost: linear in tasks and links.
pub fn site_text(schedule: &Schedule, lowered: &mut Lowered, file: &str) -> String {
    let names = Names::of(schedule, lowered);
    let levels = schedule.tasks.iter().filter(|task| task.kind == Kind::LevelOfEffort).count();
    lowered.unused.add("levels of effort, which date nothing else", levels);
    let mut text = String::new();
    head(&mut text, schedule, lowered, &names, file);
    if !lowered.tasks.is_empty() {
        text.push_str("activities:\n");
    }
    for activity in 0..lowered.tasks.len() as u32 {
        line(&mut text, schedule, lowered, &names, activity);
    }
    text
}

fn head(text: &mut String, schedule: &Schedule, lowered: &Lowered, names: &Names, file: &str) {
    let plan = &lowered.plan;
    let project = &schedule.projects[0];
    let program = if plan.scheduling.rules == Rules::Project { "project" } else { "p6" };
    let began = plan.activities.iter().filter_map(Activity::began);
    let p6 = plan.scheduling.rules == Rules::P6;
    let start = began.filter(|_| p6).fold(plan.start, Minute::min);
    let mut put = |line: String| {
        text.push_str(&line);
        text.push('\n');
    };
    put(format!("# From the schedule {}.", quoted(file)));
    put(format!("site: {}", name(&project.code)));
    put(format!("start: {start}"));
    if start < plan.start || project.status.is_some() {
        put(format!("status_date: {}", plan.start));
    }
    let float = match plan.scheduling.float_at {
        FloatAt::Start => "start",
        FloatAt::Finish => "finish",
        FloatAt::Least => "least",
    };
    let progress = if plan.scheduling.progress_override { "override" } else { "retained-logic" };
    let by = plan.scheduling.finish_by.map_or(String::new(), |by| format!(", finish_by: {by}"));
    put(format!("rules: {{program: {program}, total_float: {float}, progress: {progress}{by}}}"));
    if !names.calendars.is_empty() {
        put("calendars:".to_owned());
    }
    for (&definition, id) in lowered.definitions.iter().zip(names.calendars.values()) {
        put(format!("  {id}: {}", calendar(&schedule.calendars[definition as usize])));
    }
}

/// A calendar as a site file defines it.
fn calendar(definition: &Definition) -> String {
    let mut text = format!("{{week: {}", quoted(&week(&definition.week)));
    let days: BTreeMap<Day, &[Shift]> =
        definition.exceptions.iter().map(|(day, shifts)| (*day, &shifts[..])).collect();
    let (open, closed): (Vec<_>, Vec<_>) = days.into_iter().partition(|(_, at)| !at.is_empty());
    let closed: Vec<String> = ranges(closed.into_iter().map(|(day, _)| day));
    if !closed.is_empty() {
        let _ = write!(text, ", closed: [{}]", closed.join(", "));
    }
    if !open.is_empty() {
        let open = open.into_iter().map(|(day, shifts)| format!("{day}: {}", hours(shifts)));
        let _ = write!(text, ", open: {{{}}}", open.collect::<Vec<_>>().join(", "));
    }
    for (key, minutes) in [("day", definition.day_minutes), ("workweek", definition.week_minutes)] {
        if let Some(minutes) = minutes {
            let _ = write!(text, ", {key}: {minutes}min");
        }
    }
    text + "}"
}

fn week(week: &[Vec<Shift>; 7]) -> String {
    if week.iter().all(|shifts| **shifts == [Shift::ALL_DAY]) {
        return "24x7".to_owned();
    }
    const DAYS: [&str; 7] = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];
    let mut parts = Vec::new();
    let mut at = 0;
    while at < 7 {
        let same = week[at..].iter().take_while(|shifts| **shifts == week[at]).count();
        let days = match same {
            1 => DAYS[at].to_owned(),
            _ => format!("{}-{}", DAYS[at], DAYS[at + same - 1]),
        };
        if !week[at].is_empty() {
            parts.push(format!("{days} {}", hours(&week[at])));
        }
        at += same;
    }
    parts.join(", ")
}

fn hours(shifts: &[Shift]) -> String {
    let clock = |minute: u16| format!("{:02}:{:02}", minute / 60, minute % 60);
    let shifts = shifts.iter().map(|shift| format!("{}-{}", clock(shift.start), clock(shift.end)));
    shifts.collect::<Vec<_>>().join(" ")
}

/// Days in order as single days and ranges: `2025-12-22..2026-01-02`.
fn ranges(days: impl Iterator<Item = Day>) -> Vec<String> {
    let mut ranges: Vec<(Day, Day)> = Vec::new();
    for day in days {
        match ranges.last_mut() {
            Some((_, last)) if *last + 1 == day => *last = day,
            _ => ranges.push((day, day)),
        }
    }
    let text = |(first, last)| match first == last {
        true => format!("{first}"),
        false => format!("{first}..{last}"),
    };
    ranges.into_iter().map(text).collect()
}

/// One activity with all that is known of it.
fn line(text: &mut String, schedule: &Schedule, lowered: &Lowered, names: &Names, at: u32) {
    let plan = &lowered.plan;
    let this = &plan.activities[at as usize];
    let task = &schedule.tasks[lowered.tasks[at as usize] as usize];
    let id = &names.activities[at as usize];
    let mut keys: Vec<String> = Vec::new();
    if !task.name.is_empty() {
        keys.push(format!("title: {}", quoted(&task.name)));
    }
    keys.extend(what(task, this, plan.calendar(at)));
    if let Some(calendar) = names.calendars.get(&this.calendar) {
        keys.push(format!("calendar: {calendar}"));
    }
    let links: Vec<String> = (plan.pred_offsets[at as usize]..plan.pred_offsets[at as usize + 1])
        .map(|index| link(schedule, lowered, names, index))
        .collect();
    if !links.is_empty() {
        keys.push(format!("after: [{}]", links.join(", ")));
    }
    if let Some(at) = this.not_before {
        keys.push(format!("not_before: {at}"));
    }
    let conditions = plan.scheduling.of(at);
    let constraints: Vec<String> = conditions.constraints().map(constrained).collect();
    if !constraints.is_empty() {
        keys.push(format!("constraints: [{}]", constraints.join(", ")));
    }
    if let Some(deadline) = conditions.deadline {
        keys.push(format!("deadline: {deadline}"));
    }
    if let Some(float) = conditions.float_calendar.and_then(|own| names.calendars.get(&own)) {
        keys.push(format!("float_calendar: {float}"));
    }
    keys.extend(kept(task, id));
    let _ = writeln!(text, "  {id}: {{{}}}", keys.join(", "));
}

/// Its duration or kind, and its progress.
fn what(task: &Task, this: &Activity, calendar: &Calendar) -> Vec<String> {
    let mut keys = vec![match task.kind {
        Kind::StartMilestone => "milestone: start".to_owned(),
        Kind::FinishMilestone => "milestone: finish".to_owned(),
        _ => format!("duration: {}", length(this.duration, calendar)),
    }];
    match this.progress {
        Progress::Open => {}
        Progress::Started { start, remaining } => {
            keys.push(format!("actual_start: {start}"));
            keys.push(format!("remaining: {}", length(remaining, calendar)));
            keys.extend(task.resumes.map(|at| format!("resumes: {at}")));
        }
        Progress::Finished { start, finish } => {
            keys.push(format!("actual_start: {}", start.min(finish)));
            keys.push(format!("actual_finish: {finish}"));
        }
    }
    keys
}

fn constrained(Constraint { kind, at }: Constraint) -> String {
    if kind == ConstraintKind::AsLateAsPossible {
        return kind.code().to_owned();
    }
    format!("{} {at}", kind.code())
}

/// A link as an item of `after`.
fn link(schedule: &Schedule, lowered: &Lowered, names: &Names, index: u32) -> String {
    let plan = &lowered.plan;
    let link: &Link = &plan.links[index as usize];
    let from = &names.activities[link.from as usize];
    let source = schedule.links.get(lowered.sources[index as usize] as usize);
    let calendar = &plan.calendars[usize::from(link.lag_calendar)];
    let lag = match source.map(|source| source.lag) {
        Some(Lag::Percent(share) | Lag::ElapsedPercent(share)) => format!("{share:+}%"),
        _ if link.lag == Span::ZERO => String::new(),
        _ if link.lag > Span::ZERO => format!("+{}", length(link.lag, calendar)),
        _ => length(link.lag, calendar),
    };
    let own = plan.activities[link.to as usize].calendar;
    let kind = link.kind.code();
    if lag.is_empty() || link.lag_calendar == own {
        let plain = kind == "FS" && lag.is_empty();
        return if plain { from.clone() } else { format!("{from} {kind}{lag}") };
    }
    let counted = match link.lag_calendar {
        0 => "always",
        other if other == plan.activities[link.from as usize].calendar => "predecessor",
        other => names.calendars.get(&other).map_or("always", String::as_str),
    };
    let lag = lag.trim_start_matches('+');
    format!("{{activity: {from}, link: {kind}, lag: {lag}, lag_calendar: {counted}}}")
}

/// What a planner filed it under.
fn kept(task: &Task, id: &str) -> Vec<String> {
    let mut keys = Vec::new();
    if !task.code.is_empty() && task.code != id {
        keys.push(format!("code: {}", quoted(&task.code)));
    }
    if task.uid != id {
        keys.push(format!("uid: {}", quoted(&task.uid)));
    }
    if !task.wbs.is_empty() {
        keys.push(format!("wbs: {}", quoted(&task.wbs)));
    }
    if let Some((start, finish)) = task.baseline {
        keys.push(format!("baseline: {start}..{}", finish.max(start)));
    }
    if let Some(share) = task.percent_complete.filter(|share| *share > 0.0) {
        let share = format!("{share:.2}");
        let share = share.trim_end_matches('0').trim_end_matches('.');
        keys.push(format!("percent_complete: {share}%"));
    }
    for (key, pairs) in [("codes", &task.codes), ("fields", &task.fields)] {
        let mut pairs: Vec<_> = pairs.iter().collect();
        pairs.sort_by(|a, b| a.0.cmp(&b.0));
        let pairs = pairs.chunk_by(|a, b| a.0 == b.0).map(|same| {
            let values: Vec<&str> = same.iter().map(|(_, value)| value.as_str()).collect();
            format!("{}: {}", quoted(&same[0].0), quoted(&values.join(", ")))
        });
        let pairs: Vec<String> = pairs.collect();
        if !pairs.is_empty() {
            keys.push(format!("{key}: {{{}}}", pairs.join(", ")));
        }
    }
    keys
}

/// A span in the largest unit of its calendar that holds it whole.
fn length(span: Span, calendar: &Calendar) -> String {
    let minutes = span.0;
    match calendar.day_minutes() {
        day if minutes != 0 && minutes % day == 0 => format!("{}d", minutes / day),
        _ if minutes != 0 && minutes % 60 == 0 => format!("{}h", minutes / 60),
        _ => format!("{minutes}min"),
    }
}

/// What things are called in the site file.
struct Names {
    /// By activity of the plan.
    activities: Vec<String>,
    /// By calendar of the plan; those that are not around the clock by nature.
    calendars: BTreeMap<u16, String>,
}

impl Names {
    fn of(schedule: &Schedule, lowered: &Lowered) -> Names {
        let mut taken = BTreeSet::new();
        let activities = lowered.tasks.iter().map(|&at| {
            let task = &schedule.tasks[at as usize];
            let code = if task.code.is_empty() { &task.uid } else { &task.code };
            unique(code, &format!("{code}-{}", task.uid), &mut taken)
        });
        let activities = activities.collect();
        let reserved = ["always", "project", "predecessor", "successor"];
        let mut taken: BTreeSet<String> = reserved.map(String::from).into();
        let mut calendars = BTreeMap::new();
        for (&definition, id) in lowered.definitions.iter().zip(1_u16..) {
            let own = &schedule.calendars[definition as usize].id;
            calendars.insert(id, unique(own, &format!("{own}-{id}"), &mut taken));
        }
        Names { activities, calendars }
    }
}

/// A name that no one else has.
fn unique(wanted: &str, otherwise: &str, taken: &mut BTreeSet<String>) -> String {
    let mut found = name(wanted);
    let mut count = 1;
    while !taken.insert(found.clone()) {
        found = if count == 1 { name(otherwise) } else { format!("{}-{count}", name(otherwise)) };
        count += 1;
    }
    found
}

/// A name that a site file can use as a key and in `after`: what cannot stand there becomes a dash.
fn name(text: &str) -> String {
    let mut name: String = text
        .trim()
        .chars()
        .map(|c| if c.is_alphanumeric() || matches!(c, '-' | '_' | '/') { c } else { '-' })
        .collect();
    while name.len() > NAME_BYTES_MAX {
        name.pop();
    }
    let name = name.trim_matches('-');
    match name {
        "" | "null" => format!("activity-{name}").trim_end_matches('-').to_owned(),
        _ => name.to_owned(),
    }
}

/// Text as YAML's double-quoted style writes it, of which JSON's strings are a part.
fn quoted(text: &str) -> String {
    serde_json::to_string(text).expect("text is always written")
}
