//! PSPLIB J30 and J60: makespans that an independent program stored, for seven rules and both
//! schemes.

use std::collections::BTreeMap;
use std::fs;
use std::io::Read;
use std::path::PathBuf;

use energize::engine::Engine;
use energize::engine::level::{Rule, Scheme, level, with_order};
use energize::exchange::psplib;
use energize::model::{Plan, Timeline};
use energize::spec::{Findings, SourceKind, Sources};
use energize::time::Minute;
use proptest::prelude::*;

use crate::plans::{Mix, plan};

/// The instances may not be copied, so they are read beside the project; `None` where they are not.
#[allow(clippy::print_stdout, reason = "a test that is skipped says so")]
fn oracles() -> Option<PathBuf> {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../shared/oracles/psplib");
    if folder.is_dir() {
        return Some(folder);
    }
    println!("skipped: there is no folder ../shared/oracles/psplib beside the project");
    None
}

/// Files of a `.tar.gz` by name: 512-byte heads with a name and an octal size, then the contents.
fn unpack(bytes: &[u8]) -> BTreeMap<String, String> {
    let mut tar = Vec::new();
    flate2::read::GzDecoder::new(bytes).read_to_end(&mut tar).unwrap();
    let mut files = BTreeMap::new();
    let mut at = 0;
    let text = |bytes: &[u8]| {
        let end = bytes.iter().position(|&byte| byte == 0).unwrap_or(bytes.len());
        String::from_utf8(bytes[..end].to_vec()).unwrap().trim().to_owned()
    };
    while at + 512 <= tar.len() && tar[at] != 0 {
        let name = text(&tar[at..at + 100]);
        let size = usize::from_str_radix(&text(&tar[at + 124..at + 136]), 8).unwrap();
        at += 512;
        files.insert(name, String::from_utf8(tar[at..at + size].to_vec()).unwrap());
        at += size.div_ceil(512) * 512;
    }
    files
}

fn read(name: &str, text: String) -> Plan {
    let mut sources = Sources::default();
    sources.add(SourceKind::Other, name, text);
    let mut findings = Findings::default();
    let plan = psplib::read(&sources.parts()[0], &mut findings);
    plan.unwrap_or_else(|| panic!("{name}: {:?}", findings.into_sorted()))
}

/// Every instance with its row of the baseline.
fn instances() -> Vec<(String, Plan, BTreeMap<String, i64>)> {
    let Some(folder) = oracles() else { return Vec::new() };
    let sets = ["j30", "j60"].map(|set| {
        let bytes = fs::read(folder.join(format!("{set}.tar.gz"))).unwrap();
        (set, unpack(&bytes))
    });
    let mut sets = BTreeMap::from(sets);
    let mut rows = csv::Reader::from_path(folder.join("sgs_baseline.csv")).unwrap();
    let instance = |row: Result<BTreeMap<String, String>, csv::Error>| {
        let row = row.unwrap();
        let (set, name) = (row["set"].as_str(), format!("{}/{}.sm", row["set"], row["instance"]));
        let text = sets.get_mut(set).unwrap().remove(&name).unwrap();
        let numbers =
            row.iter().filter_map(|(key, value)| Some((key.clone(), value.parse().ok()?)));
        (name.clone(), read(&name, text), numbers.collect())
    };
    rows.deserialize().map(instance).collect()
}

#[test]
fn both_schemes_give_the_stored_makespans_for_all_rules() {
    let instances = instances();
    let (mut compared, mut wrong) = (0, Vec::new());
    for (name, plan, stored) in &instances {
        for rule in Rule::ALL {
            for (scheme, letter) in [(Scheme::Serial, 'S'), (Scheme::Parallel, 'P')] {
                let column = format!("{letter}_{}", rule.name().to_uppercase());
                let makespan = level(plan, rule, scheme).end();
                compared += 1;
                if makespan != Minute(stored[&column]) {
                    wrong.push(format!("{name} {column}: {makespan:?}, not {}", stored[&column]));
                }
            }
        }
    }
    println!("{} instances, {compared} makespans compared", instances.len());
    assert_eq!(wrong, [""; 0]);
    assert!(instances.is_empty() || compared == 960 * 7 * 2);
}

#[test]
fn a_run_of_the_engine_is_the_parallel_scheme() {
    for (name, plan, stored) in &instances() {
        for rule in Rule::ALL {
            let plan = with_order(plan, &rule.order(plan));
            let mut timeline = Timeline::default();
            Engine::new(&plan).run(&plan.likely_work(), &mut timeline);
            let column = format!("P_{}", rule.name().to_uppercase());
            assert_eq!(timeline.end(), Minute(stored[&column]), "{name} {column}");
        }
    }
}

/// Neither crews nor racks are short.
const SMALL: Mix = Mix {
    activities: 20,
    calendars: 3,
    look_ahead: true,
    progress: true,
    crews: true,
    minutes: 2000,
};

fn without_racks(mut draft: crate::plans::Draft) -> Plan {
    for activity in &mut draft.parts.activities {
        activity.takes = None;
    }
    draft.plan()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn without_crews_the_serial_scheme_is_the_forward_pass(
        draft in plan(Mix { crews: false, ..SMALL }),
        rule in prop::sample::select(&Rule::ALL[..]),
    ) {
        let plan = draft.plan();
        let dates = energize::model::cpm::Dates::likely(&plan);
        let schedule = level(&plan, rule, Scheme::Serial);
        prop_assert_eq!(&schedule.start, &dates.early_start);
        prop_assert_eq!(&schedule.finish, &dates.early_finish);
    }

    #[test]
    fn at_each_start_there_are_crews_enough(
        draft in plan(Mix { progress: false, ..SMALL }),
        rule in prop::sample::select(&Rule::ALL[..]),
    ) {
        let plan = without_racks(draft);
        let schedule = level(&plan, rule, Scheme::Serial);
        for (at, &start) in schedule.start.iter().enumerate() {
            if !start.happens() || plan.activities[at].is_point() {
                continue;
            }
            for need in &plan.activities[at].needs {
                let holds = |other: usize| {
                    schedule.start[other] <= start && start < schedule.finish[other]
                };
                let held: u32 = (0..plan.activities.len()).filter(|&other| holds(other))
                    .flat_map(|other| &plan.activities[other].needs)
                    .filter(|theirs| theirs.resource == need.resource)
                    .map(|theirs| theirs.units)
                    .sum();
                let steps = &plan.resources[need.resource as usize].capacity;
                let capacity = steps.iter().rev().find(|(from, _)| *from <= start).unwrap().1;
                prop_assert!(held <= capacity, "{held} of {capacity} at the start of a{at}");
            }
        }
    }
}

fn energize(args: &[&str]) -> std::process::Output {
    std::process::Command::new(env!("CARGO_BIN_EXE_energize")).args(args).output().unwrap()
}

#[test]
fn level_prints_a_line_for_each_file_and_refuses_bad_ones_with_their_line() {
    let small = "\
PRECEDENCE RELATIONS:
jobnr. #modes #successors successors
1 1 1 2
2 1 0
REQUESTS/DURATIONS:
jobnr. mode duration R 1
1 1 3 1
2 1 4 2
RESOURCEAVAILABILITIES:
R 1
2
";
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str, text: &str| {
        let path = folder.path().join(name);
        fs::write(&path, text).unwrap();
        path.to_str().unwrap().to_owned()
    };
    let (good, bad) = (file("a,b.sm", small), file("bad.sm", &small.replace("1 1 3 1", "1 1 x 1")));
    for scheme in ["serial", "parallel", "SERIAL"] {
        for rule in ["lft", "LST", "mslk", "mts", "grpw", "spt", "num", "number"] {
            let output = energize(&["level", &good, &good, "--rule", rule, "--scheme", scheme]);
            let line = format!("\"{good}\",7\n");
            assert_eq!(String::from_utf8(output.stdout).unwrap(), line.repeat(2));
            assert_eq!(output.status.code(), Some(0));
        }
    }
    let output = energize(&["level", &good, &bad]);
    assert_eq!((output.status.code(), &output.stdout[..]), (Some(2), &b""[..]));
    let error = String::from_utf8(output.stderr).unwrap();
    assert!(error.contains("expected a whole number, found `x`"), "{error}");
    assert!(error.contains("bad.sm:7:5"), "{error}");
    assert_eq!(energize(&["level", "missing.sm"]).status.code(), Some(3));
    assert_eq!(energize(&["level", &good, "--rule", "best"]).status.code(), Some(2));
}
