//! Schedules of Primavera P6 and Microsoft Project against what their own programs, or an
//! independent engine, make of them.

#![allow(clippy::print_stdout, reason = "which oracles were skipped or contradict themselves")]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use energize::engine::run_likely;
use energize::exchange::{self, Line, Lowered, Schedule};
use energize::model::{Constraint, ConstraintKind, Link, Plan, Rules, cpm};
use energize::time::{Calendar, Minute, Span, parse_instant};

/// One task as an oracle dates it.
struct Answer {
    early: [Minute; 2],
    late: [Minute; 2],
    total_float: f64,
    free_float: Option<f64>,
    matches: bool,
}

struct Dated {
    schedule: Schedule,
    lowered: Lowered,
    lines: Vec<Line>,
}

fn date(path: &Path) -> Dated {
    let read = exchange::read(fs::read(path).unwrap());
    let schedule = read.unwrap_or_else(|problem| panic!("{}: {problem}", path.display()));
    let lowered = exchange::lower(&schedule, schedule.rules).unwrap();
    let lines = exchange::dates(&schedule, &lowered);
    Dated { schedule, lowered, lines }
}

/// Answers of leaf tasks by uid; the dates that the program stored where `stored`.
fn answers(path: &Path, stored: bool) -> BTreeMap<String, Answer> {
    let mut reader = csv::Reader::from_path(path).unwrap();
    let mut answers = BTreeMap::new();
    for row in reader.deserialize::<BTreeMap<String, String>>().map(Result::unwrap) {
        let get = |name: &str| {
            let own = row.get(&format!("stored_{name}")).filter(|text| stored && !text.is_empty());
            own.unwrap_or(&row[name]).clone()
        };
        let at = |name| parse_instant(&get(name)).unwrap();
        if row["kind"] == "summary" {
            continue;
        }
        let answer = Answer {
            early: [at("early_start"), at("early_finish")],
            late: [at("late_start"), at("late_finish")],
            total_float: get("total_float_h").parse().unwrap(),
            free_float: (!stored).then(|| get("free_float_h").parse().unwrap()),
            matches: row.get("match").is_none_or(|text| text == "1"),
        };
        answers.insert(row["uid"].clone(), answer);
    }
    answers
}

/// What of a task disagrees, in working minutes of its own calendar.
fn disagreements(dated: &Dated, at: usize, answer: &Answer) -> Vec<String> {
    let line = &dated.lines[at];
    let calendar = &dated.lowered.plan.calendars[usize::from(dated.lowered.calendars[at])];
    let mut found = Vec::new();
    let mut date = |what: &str, ours: Minute, theirs: Minute| {
        if !same(calendar, ours, theirs) {
            found.push(format!("{what} {ours}, oracle {theirs}"));
        }
    };
    date("early start", line.early_start, answer.early[0]);
    date("early finish", line.early_finish, answer.early[1]);
    date("late start", line.late_start, answer.late[0]);
    date("late finish", line.late_finish, answer.late[1]);
    let mut float = |what: &str, ours: Option<Span>, theirs: f64| {
        let minutes = ours.map(|span| span.0);
        // The oracle prints hours with four digits.
        if minutes != Some((theirs * 60.0).round() as i64) {
            found.push(format!("{what} {minutes:?} min, oracle {theirs} h"));
        }
    };
    float("total float", line.total_float, answer.total_float);
    if let Some(free) = answer.free_float {
        float("free float", line.free_float, free);
    }
    found
}

fn same(calendar: &Calendar, a: Minute, b: Minute) -> bool {
    calendar.work_between(a, b) == Span::ZERO
}

/// Activities behind a link that the answers themselves break, and those with a negative float that
/// no constraint or deadline explains: there the laws hold instead.
fn contradicted(dated: &Dated, answers: &BTreeMap<String, Answer>) -> BTreeSet<u32> {
    let plan = &dated.lowered.plan;
    let answer = |activity: u32| answers.get(&plan.activities[activity as usize].id);
    let mut behind = BTreeSet::new();
    for link in &plan.links {
        let (Some(from), Some(to)) = (answer(link.from), answer(link.to)) else { continue };
        if short(plan, link, from.early, to.early) > Span::ZERO {
            behind.insert(link.to);
        }
    }
    for &activity in &plan.topological {
        if plan.preds(activity).iter().any(|link| behind.contains(&link.from)) {
            behind.insert(activity);
        }
    }
    let negative =
        |activity: &u32| answer(*activity).is_some_and(|answer| answer.total_float < 0.0);
    if !plan.scheduling.may_be_late() {
        behind.extend((0..plan.activities.len() as u32).filter(negative));
    }
    behind
}

/// By how much working time of its successor a link is not met, given the start and finish of both.
fn short(plan: &Plan, link: &Link, from: [Minute; 2], to: [Minute; 2]) -> Span {
    let anchor = from[usize::from(link.kind.from_finish())];
    let bound = match link.lag {
        Span::ZERO => anchor,
        lag => plan.calendars[usize::from(link.lag_calendar)].shift(anchor, lag),
    };
    let end = to[usize::from(link.kind.bounds_finish())];
    plan.calendar(link.to).work_between(end, bound)
}

pub fn synthetic() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/oracles/schedules/synthetic")
}

pub fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let mut files: Vec<PathBuf> = entries.filter(|path| is_schedule(path)).collect();
    files.sort();
    files
}

fn is_schedule(path: &Path) -> bool {
    let name = path.to_string_lossy();
    [".xer", ".xml", ".xml.gz"].iter().any(|end| name.ends_with(end))
}

fn name(path: &Path) -> String {
    path.file_name().unwrap().to_string_lossy().into_owned()
}

/// Every network of a family agrees, but for what its own answer contradicts, and the free float up
/// to it; `exceptions.txt` names every such task.
fn family(prefix: &str) {
    let (mut failures, mut exceptions) = (Vec::new(), String::new());
    for path in files(&synthetic()).into_iter().filter(|path| name(path).starts_with(prefix)) {
        let file = name(&path);
        let oracle = synthetic().join(format!("expected/{}.csv", file.trim_end_matches(".gz")));
        let (dated, answers) = (date(&path), answers(&oracle, false));
        let excused = contradicted(&dated, &answers);
        for (&at, activity) in dated.lowered.tasks.iter().zip(0..) {
            let uid = &dated.schedule.tasks[at as usize].uid;
            let found = disagreements(&dated, at as usize, &answers[uid]);
            let free_only = found.iter().all(|what| what.starts_with("free"));
            let mut successors = dated.lowered.plan.succs(activity);
            let to_excused = successors.any(|link| excused.contains(&link.to));
            if found.is_empty() {
                continue;
            }
            let line = format!("{file} {uid}: {}", found.join(", "));
            if excused.contains(&activity) || (free_only && to_excused) {
                exceptions += &line;
                exceptions.push('\n');
            } else {
                failures.push(line);
            }
        }
    }
    let shown: Vec<String> = failures.iter().take(20).cloned().collect();
    assert!(failures.is_empty(), "{} tasks disagree:\n{}", failures.len(), shown.join("\n"));
    let listed = fs::read_to_string(synthetic().join("../exceptions.txt")).unwrap();
    let listed = listed.lines().filter(|line| line.starts_with(prefix));
    let listed: String = listed.flat_map(|line| [line, "\n"]).collect();
    assert_eq!(exceptions, listed, "what exceptions.txt lists for {prefix}");
}

macro_rules! families {
    ($($name:ident: $prefix:literal,)*) => {
        $(#[test] fn $name() { family($prefix); })*
    };
}

families! {
    finish_start_networks_agree: "fs-",
    all_link_types_agree: "types-",
    lags_and_leads_agree: "lags-",
    milestones_agree: "milestones-",
    soft_constraints_agree: "soft-",
    hard_constraints_agree: "hard-",
    deadlines_agree: "deadline-",
    percent_and_elapsed_lags_agree: "pctlag-",
    three_calendars_in_a_network_agree: "calendars-",
}

/// The folder of files that may not be copied here, or one printed line.
pub fn shared() -> Option<PathBuf> {
    let beside = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/oracles/schedules");
    let named =
        std::env::var_os("ENERGIZE_ORACLES").map(|path| PathBuf::from(path).join("schedules"));
    let found = [named, Some(beside)].into_iter().flatten().find(|path| path.is_dir());
    if found.is_none() {
        println!("skipped: no folder ../shared/oracles beside the project");
    }
    found
}

#[test]
fn real_schedules_keep_the_dates_their_programs_stored() {
    let Some(folder) = shared() else { return };
    let mut reader = csv::Reader::from_path(folder.join("manifest.csv")).unwrap();
    let mut failures = Vec::new();
    for row in reader.deserialize::<BTreeMap<String, String>>().map(Result::unwrap) {
        let dated = date(&folder.join(&row["file"]));
        if row["tier"] == "C" {
            continue;
        }
        let answers = answers(&folder.join(&row["expected"]), true);
        for &at in &dated.lowered.tasks {
            let uid = &dated.schedule.tasks[at as usize].uid;
            let Some(answer) = answers.get(uid) else { continue };
            let found = disagreements(&dated, at as usize, answer);
            if !found.is_empty() && (row["tier"] == "A" || answer.matches) {
                failures.push(format!("{} {uid}: {}", row["file"], found.join(", ")));
            }
        }
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

#[test]
fn the_engine_gives_the_early_dates_of_every_imported_file() {
    let shared = shared()
        .into_iter()
        .flat_map(|folder| [files(&folder.join("p6")), files(&folder.join("msp"))].concat());
    for path in files(&synthetic()).into_iter().chain(shared) {
        let Dated { lowered, .. } = date(&path);
        let dates = cpm::Dates::likely(&lowered.plan);
        let timeline = run_likely(&lowered.plan);
        for (at, activity) in lowered.plan.activities.iter().enumerate() {
            let (engine, early) = (timeline.start[at], dates.early_start[at]);
            assert_eq!(engine, early, "{}: start of {}", name(&path), activity.id);
            let (engine, early) = (timeline.finish[at], dates.early_finish[at]);
            assert_eq!(engine, early, "{}: finish of {}", name(&path), activity.id);
        }
    }
}

#[test]
fn without_constraints_p6_meets_every_link() {
    for path in files(&synthetic()) {
        let Dated { lowered, .. } = date(&path);
        let plan = &lowered.plan;
        let dates = cpm::Dates::likely(plan);
        let conditions = &plan.scheduling.conditions;
        let pulls = |kind| {
            !matches!(kind, ConstraintKind::StartNoEarlier | ConstraintKind::FinishNoEarlier)
        };
        let free = conditions.iter().all(|conditions| {
            conditions.deadline.is_none() && !conditions.constraints().any(|c| pulls(c.kind))
        });
        if !free || plan.scheduling.rules == Rules::Project {
            continue;
        }
        let early = |at: u32| [dates.early_start[at as usize], dates.early_finish[at as usize]];
        for link in &plan.links {
            let short = short(plan, link, early(link.from), early(link.to));
            assert!(short <= Span::ZERO, "{}: {link:?} is short of {short:?}", name(&path));
        }
    }
}

#[test]
fn what_is_as_late_as_possible_has_no_total_float_in_project_and_no_free_float_in_p6() {
    let path = synthetic().join("lags-100-1.xer");
    let read = || exchange::read(fs::read(&path).unwrap()).unwrap();
    for rules in [Rules::Project, Rules::P6] {
        let before = exchange::lower(&read(), rules).unwrap();
        let end = cpm::Dates::likely(&before.plan).end();
        let mut schedule = read();
        for task in schedule.tasks.iter_mut().skip(10).step_by(9) {
            let kind = ConstraintKind::AsLateAsPossible;
            task.constraints[0] = Some(Constraint { kind, at: Minute::MIN });
        }
        let lowered = exchange::lower(&schedule, rules).unwrap();
        let lines = exchange::dates(&schedule, &lowered);
        assert_eq!(cpm::Dates::likely(&lowered.plan).end(), end);
        let late =
            lines.iter().filter(|l| schedule.tasks[l.task as usize].constraints[0].is_some());
        for line in late {
            let float = if rules == Rules::Project { line.total_float } else { line.free_float };
            assert_eq!(
                float,
                Some(Span::ZERO),
                "{rules:?} {}",
                schedule.tasks[line.task as usize].uid
            );
        }
    }
}

#[test]
fn started_work_is_shown_as_its_program_shows_it() {
    let path = synthetic().join("fs-20-1.xer");
    let mut schedule = exchange::read(fs::read(&path).unwrap()).unwrap();
    let at = |text| parse_instant(text).unwrap();
    let first = schedule.tasks.iter().position(|task| task.code == "T0000").unwrap();
    let second = schedule.tasks.iter().position(|task| task.code == "T0001").unwrap();
    schedule.projects[0].start = at("2026-03-04 08:00");
    schedule.tasks[first].actual_start = Some(at("2026-03-02 08:00"));
    schedule.tasks[first].actual_finish = Some(at("2026-03-03 12:00"));
    schedule.tasks[second].actual_start = Some(at("2026-03-03 13:00"));
    schedule.tasks[second].remaining = Some(Span(240));
    let early = |rules| {
        let lowered = exchange::lower(&schedule, rules).unwrap();
        let lines = exchange::dates(&schedule, &lowered);
        assert_eq!(run_likely(&lowered.plan).end(), cpm::Dates::likely(&lowered.plan).end());
        [first, second].map(|task| {
            let (start, finish) = (lines[task].early_start, lines[task].early_finish);
            (start.to_string(), finish.to_string())
        })
    };
    let pair = |a: &str, b: &str| (a.to_string(), b.to_string());
    let data_date = pair("2026-03-04T08:00", "2026-03-04T08:00");
    assert_eq!(early(Rules::P6), [data_date, pair("2026-03-04T08:00", "2026-03-04T12:00")]);
    let over = pair("2026-03-02T08:00", "2026-03-03T12:00");
    assert_eq!(early(Rules::Project), [over, pair("2026-03-03T13:00", "2026-03-04T12:00")]);
}

#[test]
fn broken_files_are_refused_with_their_line() {
    let xer = fs::read_to_string(synthetic().join("lags-20-1.xer")).unwrap();
    let read = |text: String| {
        let read = exchange::read(text.into_bytes());
        let lowered = read.and_then(|schedule| exchange::lower(&schedule, Rules::P6).map(|_| ()));
        lowered.expect_err("a broken file").id
    };
    assert_eq!(read(xer.replace("%E", "")), "truncated");
    assert_eq!(read(xer[..xer.len() / 2].to_string()), "truncated");
    assert_eq!(read(xer.replacen("%R\t2\t1\t1", "%R\t2\t1\t1\tx", 1)), "wrong-columns");
    assert_eq!(read(xer.replacen("\tPR_FS\t", "\tPR_XX\t", 1)), "bad-value");
    let dangling = xer.lines().map(|line| match line.split('\t').collect::<Vec<_>>()[..] {
        ["%R", id, "3", from, ref rest @ ..] if rest.len() > 4 && rest[2].starts_with("PR_") => {
            ["%R", id, "3", &format!("9{from}99")]
                .into_iter()
                .chain(rest.iter().copied())
                .collect::<Vec<_>>()
                .join("\t")
        }
        _ => line.to_string(),
    });
    let dangling = dangling.collect::<Vec<_>>().join("\n");
    if dangling != xer.trim_end() {
        assert_eq!(read(dangling), "unknown-id");
    }
    assert_eq!(read("<Project><Tasks><Task>".into()), "truncated");
    assert_eq!(read("<!DOCTYPE x []><Project/>".into()), "document-type");
    assert_eq!(read("hello".into()), "unknown-format");
    assert_eq!(read(String::new()), "unknown-format");
}
