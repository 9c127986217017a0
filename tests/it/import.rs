//! Schedules of other programs as site files: the same dates by another way.

use std::fs;
use std::path::{Path, PathBuf};

use energize::exchange::{self, Lowered};
use energize::model::{Input, Site, cpm, load, planner};

use super::fixture::{Fixture, Ran};
use super::schedules::{files, shared, synthetic};

/// The site that a schedule becomes, and what it was lowered to without that detour.
fn imported(path: &Path) -> (Site, Lowered) {
    let schedule = exchange::read(fs::read(path).unwrap()).unwrap();
    let mut lowered = exchange::lower(&schedule, schedule.rules).unwrap();
    let text = exchange::site_text(&schedule, &mut lowered, "programme");
    let input = Input { name: "site.yaml".into(), text: text.clone().into(), ..Input::default() };
    let loaded = load(input);
    let site = loaded.site.unwrap_or_else(|| {
        panic!("{}: {:?}\n{text}", path.display(), &loaded.findings[..loaded.findings.len().min(3)])
    });
    (site, lowered)
}

#[test]
fn a_schedule_keeps_its_dates_and_floats_as_a_site_file() {
    let shared = shared()
        .into_iter()
        .flat_map(|folder| [files(&folder.join("p6")), files(&folder.join("msp"))].concat());
    let all: Vec<PathBuf> = files(&synthetic()).into_iter().chain(shared).collect();
    for path in all {
        let (site, lowered) = imported(&path);
        let (ours, theirs) = (&site.plan, &lowered.plan);
        assert_eq!(ours.activities.len(), theirs.activities.len(), "{}", path.display());
        let (got, want) = (cpm::Dates::likely(ours), cpm::Dates::likely(theirs));
        let free = (planner::free_float(ours, &got), planner::free_float(theirs, &want));
        for at in 0..theirs.activities.len() {
            let told = |dates: &cpm::Dates, free: &[_]| {
                let early = (dates.early_start[at], dates.early_finish[at]);
                let late = (dates.late_start[at], dates.late_finish[at]);
                (early, late, dates.total_float[at], free[at])
            };
            let id = &ours.activities[at].id;
            assert_eq!(told(&got, &free.0), told(&want, &free.1), "{}: {id}", path.display());
        }
    }
}

fn shipped(name: &str) -> Vec<u8> {
    fs::read(Path::new(env!("CARGO_MANIFEST_DIR")).join("sites").join(name)).unwrap()
}

fn two_halls() -> Fixture {
    Fixture::new()
        .file("two-halls.xer", shipped("two-halls.xer"))
        .file("two-halls.yaml", shipped("two-halls.yaml"))
}

fn summary(ran: &Ran) -> serde_json::Value {
    serde_json::from_str(&ran.stdout).unwrap_or_else(|error| panic!("{error}: {}", ran.stderr))
}

#[test]
fn an_overlay_gives_the_same_answer_over_the_schedule_and_over_its_import() {
    let fixture = two_halls();
    let direct = fixture.run(["run", "--json", "two-halls.yaml"]);
    assert_eq!(direct.code, Some(0), "{}", direct.stderr);
    let whole = summary(&direct);
    assert_eq!(whole["planned"]["gpus"], 17_280);
    assert_eq!(fixture.run(["import", "two-halls.xer", "-o", "programme.yaml"]).code, Some(0));
    let overlay = String::from_utf8(shipped("two-halls.yaml")).unwrap();
    fixture.write("campus.yaml", overlay.replace("base: two-halls.xer", "base: programme.yaml"));
    assert_eq!(fixture.run(["run", "--json", "campus.yaml"]).stdout, direct.stdout);
    fixture.write("over.yaml", overlay.replace("base: two-halls.xer\n", ""));
    let flag = ["run", "--json", "two-halls.xer", "--overlay", "over.yaml"];
    assert_eq!(fixture.run(flag).stdout, direct.stdout);
}

#[test]
fn a_late_grid_in_the_programme_is_late_power_and_money() {
    let fixture = two_halls();
    let online = |args: &[&str]| {
        let ran = fixture.run([&["run", "--json", "two-halls.yaml"], args].concat());
        let dates = summary(&ran)["dates"].clone();
        let all = dates.as_array().unwrap().iter().find(|date| date["name"] == "all_online");
        all.unwrap()["date"].as_str().unwrap().to_owned()
    };
    let (before, after) = (online(&[]), online(&["--delay", "G1040=40w"]));
    assert!(before < after, "{before:?} {after:?}");
}

#[test]
fn an_import_replaces_no_file_unasked() {
    let fixture = two_halls();
    let args = ["import", "two-halls.xer", "-o", "two-halls.yaml"];
    let refused = fixture.run(args);
    assert_eq!(refused.code, Some(3));
    assert_eq!(fixture.read("two-halls.yaml").into_bytes(), shipped("two-halls.yaml"));
    assert_eq!(fixture.run([&args[..], &["--force"]].concat()).code, Some(0));
    assert!(fixture.read("two-halls.yaml").contains("rules: {program: p6"));
}

#[test]
fn rules_that_find_nothing_and_halls_that_are_not_there_are_told() {
    let fixture = two_halls().file(
        "wrong.yaml",
        "base: two-halls.xer
attach:
  - {id: G1050, add: {energises: 60 MVA}}
  - {title: L5*, add: {hall: hall-9, ready_for_service: true}}
  - {title: L4*, each: x, add: {priority: 1}}
  - {id: H1100, add: {constraints: FNLT, duration: 3 moons}}
",
    );
    let ran = fixture.run(["check", "wrong.yaml"]);
    assert_eq!(ran.code, Some(2));
    insta::assert_snapshot!(ran.stderr);
}

#[test]
fn broken_and_endless_bases_are_refused() {
    let fixture = two_halls()
        .file("a.yaml", "base: b.yaml\n")
        .file("b.yaml", "base: a.yaml\n")
        .file("none.yaml", "base: nowhere.xer\n")
        .file("broken.xer", &shipped("two-halls.xer")[..4_000])
        .file("broken.yaml", "base: broken.xer\n");
    for (file, code, words) in [
        ("a.yaml", 2, "more than 16 files"),
        ("none.yaml", 3, "cannot read nowhere.xer"),
        ("broken.yaml", 2, "broken.xer: line"),
        ("broken.xer", 2, "broken.xer: line"),
    ] {
        let ran = fixture.run(["check", file]);
        assert_eq!(ran.code, Some(code), "{file}: {}", ran.stderr);
        assert!(ran.stderr.contains(words), "{file}: {}", ran.stderr);
    }
}

/// Five days a week; B goes on from A, and C has a deadline.
const RULED: &str = "site: shed
start: 2026-03-02
calendars: {office: {week: Mon-Fri 08:00-16:00}}
calendar: office
activities:
  a: {duration: 10d}
  b: {duration: 5d, after: [a FS+50%]}
  c: {duration: 5d, after: [a], deadline: 2026-03-18T16:00}
";

fn ruled(rules: &str, text: &str, delays: &[&str]) -> Site {
    let text = format!("{text}{rules}").into_bytes();
    let delays = delays.iter().map(|delay| (*delay).to_owned()).collect();
    let loaded = load(Input { name: "shed.yaml".into(), text, delays, ..Input::default() });
    loaded.site.unwrap_or_else(|| panic!("{:?}", loaded.findings))
}

#[test]
fn deadlines_and_shares_of_durations_work_under_every_rule_set() {
    for rules in ["", "rules: p6\n", "rules: {program: project}\n"] {
        let site = ruled(rules, RULED, &[]);
        let dates = cpm::Dates::likely(&site.plan);
        let finish: Vec<String> = dates.early_finish.iter().map(ToString::to_string).collect();
        assert_eq!(finish[0], "2026-03-13T16:00", "{rules}");
        assert_eq!(finish[1], "2026-03-27T16:00", "half of ten days later {rules}");
        assert_eq!(finish[2], "2026-03-20T16:00", "{rules}");
        let days = |at: usize| dates.total_float[at].map(|float| float.0 / 480);
        assert_eq!((days(0), days(1), days(2)), (Some(-2), Some(0), Some(-2)), "{rules}");
    }
}

#[test]
fn a_delay_moves_what_follows_under_every_rule_set() {
    for rules in ["", "rules: p6\n", "rules: project\n"] {
        let site = ruled(rules, RULED, &["a=2d"]);
        let dates = cpm::Dates::likely(&site.plan);
        let timeline = energize::engine::run_likely(&site.plan);
        assert_eq!(timeline.finish, dates.early_finish, "{rules}");
        assert_eq!(dates.early_start[0].to_string(), "2026-03-04T08:00", "{rules}");
        assert_eq!(dates.early_finish[1].to_string(), "2026-03-31T16:00", "{rules}");
        let critical: Vec<bool> = (0..3).map(|at| dates.is_critical(at)).collect();
        assert_eq!(critical, [true, true, true], "{rules}");
    }
}

#[test]
fn a_constraint_that_programs_read_differently_needs_their_rules() {
    let limited = RULED.replace("b: {", "b: {constraints: SNLT 2026-03-16T08:00, ");
    let text = limited.clone().into_bytes();
    let loaded = load(Input { name: "shed.yaml".into(), text, ..Input::default() });
    assert_eq!(loaded.findings[0].id, "constraint-rules");
    let start = |rules| {
        let site = ruled(rules, &limited, &[]);
        let dates = cpm::Dates::likely(&site.plan);
        (dates.early_start[1].to_string(), dates.total_float[1].map(|float| float.0 / 480))
    };
    let p6 = ("2026-03-23T08:00".to_owned(), Some(-5));
    let project = ("2026-03-16T08:00".to_owned(), Some(0));
    assert_eq!(start("rules: p6\n").0, p6.0, "links hold, the limit shows as negative float");
    assert_eq!(start("rules: p6\n").1, p6.1);
    assert_eq!(start("rules: project\n"), project, "the limit pulls and breaks the link");
}

#[test]
fn a_date_without_a_time_is_the_whole_working_day() {
    let float = |rules: &str, binds: &str| {
        let text = RULED.replace("b: {", &format!("b: {{{binds}, "));
        let dates = cpm::Dates::likely(&ruled(rules, &text, &[]).plan);
        let late = (dates.late_start[1].to_string(), dates.late_finish[1].to_string());
        (dates.total_float[1].map(|float| float.0), late)
    };
    // B takes from Monday the 23rd to Friday the 27th.
    let (friday, monday) = ("2026-03-27T16:00", "2026-03-23T08:00");
    let met = (Some(0), (monday.to_owned(), friday.to_owned()));
    assert_eq!(float("", "deadline: 2026-03-27"), met);
    for rules in ["rules: p6\n", "rules: project\n"] {
        for binds in ["FNLT 2026-03-27", "MFO 2026-03-27", "MSO 2026-03-23", "SNLT 2026-03-23"] {
            let bound = float(rules, &format!("constraints: {binds}"));
            assert_eq!(bound, met, "{rules} {binds}");
        }
    }
    let early = float("rules: p6\n", "constraints: FNLT 2026-03-26").0;
    assert_eq!(early, Some(-480), "a day short");
}

#[test]
fn links_that_a_constraint_breaks_are_told() {
    let broken = RULED.replace("b: {", "b: {constraints: MSO 2026-03-09, ");
    let site = ruled("rules: project\n", &broken, &[]);
    let text = energize::report::run_text(&site, &energize::analysis::run(&site));
    assert!(text.contains("Links that constraints break"), "{text}");
    let site = ruled("rules: p6\n", &broken, &[]);
    let text = energize::report::run_text(&site, &energize::analysis::run(&site));
    assert!(!text.contains("Links that constraints break"), "P6 keeps its links: {text}");
}

#[test]
fn a_start_that_a_constraint_set_is_explained_by_it() {
    let fixture = two_halls();
    let text = fixture.run(["explain", "two-halls.yaml", "G1040"]).fine();
    assert!(!text.contains("SNET"), "its predecessor is later: {text}");
    let late = RULED.replace("b: {", "b: {constraints: SNET 2026-06-01, ") + "rules: p6\n";
    let fixture = Fixture::new().file("site.yaml", late);
    let text = fixture.run(["explain", "site.yaml", "b"]).fine();
    assert!(text.contains("its constraint, SNET 2026-06-01 08:00"), "{text}");
}

#[test]
fn many_open_ends_are_one_warning() {
    let mut text = String::from("site: shed\nstart: 2026-03-02\nactivities:\n");
    (0..40).for_each(|at| text.push_str(&format!("  a{at}: {{duration: 1d}}\n")));
    let loaded = load(Input { name: "s".into(), text: text.into(), ..Input::default() });
    assert_eq!(loaded.findings.len(), 1, "{:?}", loaded.findings);
    assert!(loaded.findings[0].message.starts_with("40 activities stand alone: a0, a1,"));
}
