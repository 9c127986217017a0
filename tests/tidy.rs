//! Keeps the house rules that no lint knows: floors, sizes, which folder names which crate.
//!
//! Each rule is one function from files to findings. It has one test that reads this repository
//! and one that feeds it a bad sample in memory, so that a rule that has gone blind is noticed.

use std::fs;
use std::path::{Path, PathBuf};

#[path = "tidy/source.rs"]
mod source;

use source::{File, functions, is_word, line_of, names, reachable, test_regions, used_folders};

const FILE_LINES_MAX: usize = 600;
const FUNCTION_LINES_MAX: usize = 70;
const COLUMNS_MAX: usize = 100;

/// Folders (and `main.rs`) by floor: each may use its own floor and those below.
const FLOORS: [(u8, &[&str]); 8] = [
    (7, &["main", "cli"]),
    (6, &["report", "plot", "exchange"]),
    (5, &["analysis"]),
    (4, &["risk"]),
    (3, &["engine"]),
    (2, &["capacity", "revenue", "loan", "ledger"]),
    (1, &["model"]),
    (0, &["spec", "time", "money", "unit", "chance"]),
];

/// Crates that are named in some folders only, and those folders.
const NAMED_ONLY_IN: [(&str, &[&str]); 5] = [
    ("granit_parser", &["spec"]),
    ("libm", &["chance"]),
    ("pulp", &["chance"]),
    ("plotters", &["plot"]),
    ("clap", &["cli", "main"]),
];

/// Crates that a folder must not name: amounts inside a trial are integers.
const NEVER_NAMED_IN: [(&str, &str); 1] = [("rust_decimal", "engine")];

// ---------------------------------------------------------------------------------------- rules

fn floors(files: &[File]) -> Vec<String> {
    let mut findings = Vec::new();
    for file in files.iter().filter(|file| file.path != "lib.rs") {
        let Some(floor) = floor_of(file.folder()) else {
            let place = file.folder();
            findings
                .push(format!("{}: {place} is on no floor; name one in tests/tidy.rs", file.path));
            continue;
        };
        for used in used_folders(&file.code) {
            if let Some(above) = floor_of(&used).filter(|&above| above > floor) {
                let path = &file.path;
                findings.push(format!("{path} (floor {floor}) uses {used} (floor {above})"));
            }
        }
    }
    findings
}

fn file_lengths(files: &[File]) -> Vec<String> {
    let long = files.iter().map(|file| (&file.path, file.text.lines().count()));
    long.filter(|&(_, lines)| lines > FILE_LINES_MAX)
        .map(|(path, lines)| format!("{path}: {lines} lines; at most {FILE_LINES_MAX}"))
        .collect()
}

fn function_lengths(files: &[File]) -> Vec<String> {
    let mut findings = Vec::new();
    for file in files {
        for (name, at, end) in functions(&file.code) {
            let lines = line_of(&file.code, end) - line_of(&file.code, at) + 1;
            if lines > FUNCTION_LINES_MAX {
                findings.push(format!(
                    "{}:{}: fn {name} has {lines} lines; at most {FUNCTION_LINES_MAX}",
                    file.path,
                    line_of(&file.code, at)
                ));
            }
        }
    }
    findings
}

fn line_widths(files: &[File]) -> Vec<String> {
    let mut findings = Vec::new();
    for file in files {
        for (at, line) in file.text.lines().enumerate() {
            let columns = line.chars().count();
            if columns > COLUMNS_MAX && !file.literal[at] && !line.contains("://") {
                let path = &file.path;
                findings
                    .push(format!("{path}:{}: {columns} columns; at most {COLUMNS_MAX}", at + 1));
            }
        }
    }
    findings
}

fn crates_in_their_folders(files: &[File]) -> Vec<String> {
    let mut findings = Vec::new();
    for file in files {
        let (path, folder) = (&file.path, file.folder());
        for (name, folders) in NAMED_ONLY_IN {
            if names(&file.code, name) && !folders.contains(&folder) {
                findings.push(format!("{path} names {name}; only {} may", folders.join(", ")));
            }
        }
        for (name, barred) in NEVER_NAMED_IN {
            if names(&file.code, name) && folder == barred {
                findings.push(format!("{path} names {name}; {barred} must not"));
            }
        }
    }
    findings
}

fn unwraps(files: &[File]) -> Vec<String> {
    let test_files = reachable(files).1;
    let mut findings = Vec::new();
    for file in files.iter().filter(|file| !test_files.contains(&file.path)) {
        let tests = test_regions(&file.code);
        for (at, _) in file.code.match_indices(".unwrap()") {
            if !tests.iter().any(|&(start, end)| start <= at && at <= end) {
                let line = line_of(&file.code, at);
                findings.push(format!(
                    "{}:{line}: unwrap outside tests; say why with expect",
                    file.path
                ));
            }
        }
    }
    findings
}

fn unreachable_files(files: &[File]) -> Vec<String> {
    let known = reachable(files).0;
    let dead = files.iter().filter(|file| !known.contains(&file.path));
    dead.map(|file| format!("{}: no mod declaration leads here from lib.rs or main.rs", file.path))
        .collect()
}

fn unlisted_sites(sites: &[String], readme: Option<&str>) -> Vec<String> {
    let Some(readme) = readme else { return Vec::new() };
    let unlisted = sites.iter().filter(|site| !readme.contains(site.as_str()));
    unlisted.map(|site| format!("sites/README.md does not list {site}")).collect()
}

fn machine_paths(files: &[(String, String)]) -> Vec<String> {
    // Joined here, so that this file does not name them.
    let places = [["/work", "/"], ["/tmp/", "wt"]].map(|parts| parts.concat());
    let names = |line: &str, place: &str| {
        line.match_indices(place).any(|(at, _)| !line[..at].ends_with(is_word))
    };
    let mut findings = Vec::new();
    for (path, text) in files {
        for (at, line) in text.lines().enumerate() {
            if let Some(place) = places.iter().find(|place| names(line, place)) {
                findings.push(format!("{path}:{}: names {place}, a path of one machine", at + 1));
            }
        }
    }
    findings
}

fn floor_of(folder: &str) -> Option<u8> {
    FLOORS.iter().find(|(_, folders)| folders.contains(&folder)).map(|&(floor, _)| floor)
}

// ------------------------------------------------------------------------------ this repository

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Every file below a folder, in order; none if there is no such folder.
fn below(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let Ok(entries) = fs::read_dir(folder) else { return found };
    for entry in entries {
        let path = entry.expect("a folder of the repository can be read").path();
        if path.is_dir() { found.extend(below(&path)) } else { found.push(path) }
    }
    found.sort();
    found
}

fn relative(path: &Path, folder: &Path) -> String {
    let path = path.strip_prefix(folder).expect("it was found below this folder");
    path.to_string_lossy().replace('\\', "/")
}

fn sources() -> Vec<File> {
    let src = root().join("src");
    let rust = below(&src).into_iter().filter(|path| path.extension().is_some_and(|e| e == "rs"));
    let read = |path: PathBuf| {
        let text = fs::read_to_string(&path).expect("a source file can be read");
        File::new(&relative(&path, &src), &text)
    };
    rust.map(read).collect()
}

#[track_caller]
fn none(findings: Vec<String>) {
    assert!(findings.is_empty(), "\n{}\n", findings.join("\n"));
}

#[test]
fn each_folder_uses_its_own_floor_and_those_below() {
    none(floors(&sources()));
}

#[test]
fn no_file_is_too_long_to_read_in_one_sitting() {
    none(file_lengths(&sources()));
}

#[test]
fn no_function_is_longer_than_a_screen() {
    none(function_lengths(&sources()));
}

#[test]
fn no_line_is_wider_than_the_page() {
    none(line_widths(&sources()));
}

#[test]
fn each_crate_is_named_only_where_it_belongs() {
    none(crates_in_their_folders(&sources()));
}

#[test]
fn nothing_is_unwrapped_outside_tests() {
    none(unwraps(&sources()));
}

#[test]
fn every_source_file_is_part_of_the_program() {
    none(unreachable_files(&sources()));
}

#[test]
fn every_shipped_site_is_listed() {
    let folder = root().join("sites");
    let paths = below(&folder).into_iter().map(|path| relative(&path, &folder));
    let sites: Vec<String> = paths.filter(|path| path.ends_with(".yaml")).collect();
    none(unlisted_sites(&sites, fs::read_to_string(folder.join("README.md")).ok().as_deref()));
}

#[test]
fn no_file_names_a_path_of_one_machine() {
    let folders = ["src", "tests", "benches", "sites", "plots", ".ci"];
    let mut paths: Vec<PathBuf> =
        folders.into_iter().flat_map(|folder| below(&root().join(folder))).collect();
    paths.extend(["Cargo.toml", "README.md", "CHANGELOG.md"].map(|name| root().join(name)));
    // Pictures are not text, and a page may still be missing.
    let texts = paths
        .into_iter()
        .filter_map(|path| Some((relative(&path, root()), fs::read_to_string(&path).ok()?)));
    none(machine_paths(&texts.collect::<Vec<_>>()));
}

// ---------------------------------------------------------------------------------- bad samples

fn sample(path: &str, text: &str) -> Vec<File> {
    vec![File::new(path, text)]
}

#[test]
fn a_use_of_a_higher_floor_is_found() {
    let found = |path, text| floors(&sample(path, text));
    let wanted = ["engine/queue.rs (floor 3) uses report (floor 6)"];
    assert_eq!(found("engine/queue.rs", "use crate::report::Table;"), wanted);
    assert_eq!(found("engine/queue.rs", "fn f() { crate::report::print() }"), wanted);
    assert_eq!(found("engine/queue.rs", "use crate::{model::{self, plan}, report};"), wanted);
    assert_eq!(found("engine/queue.rs", "use super::super::report;"), wanted);
    let fine =
        "// use crate::report;\nuse crate::model::Plan; use crate::engine::x; use crate::{time};";
    assert_eq!(found("engine/queue.rs", fine), [""; 0]);
    assert_eq!(found("main.rs", "use energize::cli;"), [""; 0]);
    assert_eq!(found("lib.rs", "pub use crate::cli;"), [""; 0]);
    let lost = ["misc/a.rs: misc is on no floor; name one in tests/tidy.rs"];
    assert_eq!(found("misc/a.rs", ""), lost);
}

#[test]
fn a_file_of_601_lines_is_found() {
    assert_eq!(file_lengths(&sample("time/a.rs", &"\n".repeat(600))), [""; 0]);
    let found = file_lengths(&sample("time/a.rs", &"\n".repeat(601)));
    assert_eq!(found, ["time/a.rs: 601 lines; at most 600"]);
}

#[test]
fn a_function_of_71_lines_is_found() {
    // Braces in literals and comments, lifetimes and array types must not end it early.
    let body = r##"let _ = ("}", '}', '\'', b'}', r#"}"}"#, "\"}"); /* } /* } */ */ // }"##;
    let function = |lines: usize| {
        let filler = "\n".repeat(lines - 3);
        format!(
            "\nfn long<'a>(x: &'a [u8; 3], f: fn(u8)) -> u8\nwhere u8: Copy {{ {body}{filler}\n}}\n"
        )
    };
    assert_eq!(function_lengths(&sample("a.rs", &function(70))), [""; 0]);
    let found = function_lengths(&sample("a.rs", &function(71)));
    assert_eq!(found, ["a.rs:2: fn long has 71 lines; at most 70"]);
    let declared = format!("trait T {{ fn f(&self); {} }}", "\n".repeat(99));
    assert_eq!(function_lengths(&sample("a.rs", &declared)), [""; 0]);
}

#[test]
fn a_line_of_101_columns_is_found() {
    let found = |line: &str| line_widths(&sample("time/a.rs", line));
    assert_eq!(found(&"é".repeat(100)), [""; 0]);
    let long = "x".repeat(101);
    assert_eq!(found(&long), ["time/a.rs:1: 101 columns; at most 100"]);
    assert_eq!(found(&format!("// {long}")).len(), 1);
    assert_eq!(found(&format!("// https://{long}")), [""; 0]);
    assert_eq!(found(&format!("let a = \"\n{long}\n\";")), [""; 0]);
}

#[test]
fn a_crate_in_the_wrong_folder_is_found() {
    let found = |path, text| crates_in_their_folders(&sample(path, text));
    let wrong = ["model/a.rs names plotters; only plot may"];
    assert_eq!(found("model/a.rs", "use plotters::prelude::*;"), wrong);
    assert_eq!(found("plot/a.rs", "use plotters::prelude::*;"), [""; 0]);
    assert_eq!(found("model/a.rs", "// plotters\nlet my_plotters = \"plotters\";"), [""; 0]);
    assert_eq!(found("time/a.rs", "granit_parser::parse()").len(), 1);
    assert_eq!(found("report/a.rs", "use clap::Parser;").len(), 1);
    assert_eq!(found("main.rs", "use clap::Parser;"), [""; 0]);
    let barred = ["engine/a.rs names rust_decimal; engine must not"];
    assert_eq!(found("engine/a.rs", "use rust_decimal::Decimal;"), barred);
}

#[test]
fn an_unwrap_outside_tests_is_found() {
    let test = "#[cfg(test)]\nmod tests { fn g() { x.unwrap(); } }";
    let text = format!("// .unwrap()\nfn f() {{ x.unwrap() }}\n{test}\nfn h() {{ y.unwrap() }}");
    let lines = ["lib.rs:2:", "lib.rs:5:"]
        .map(|at| format!("{at} unwrap outside tests; say why with expect"));
    assert_eq!(unwraps(&sample("lib.rs", &text)), lines);
    let root = File::new("lib.rs", "mod a;\n/// Twins.\n#[cfg(test)]\nmod twin;");
    let twin = File::new("twin.rs", "fn f() { x.unwrap() }");
    assert_eq!(unwraps(&[root, twin]), [""; 0]);
}

#[test]
fn a_file_that_nothing_declares_is_found() {
    let paths = ["time/mod.rs", "time/day.rs", "time/day/leap.rs", "time/dead.rs", "time/old.rs"];
    let mut files: Vec<File> = paths.iter().map(|path| File::new(path, "")).collect();
    files.push(File::new("lib.rs", "pub mod time;"));
    files[0] = File::new("time/mod.rs", "mod day; // mod dead;\nmod old { }");
    files[1] = File::new("time/day.rs", "pub(super) mod leap;");
    let dead = ["time/dead.rs", "time/old.rs"]
        .map(|path| format!("{path}: no mod declaration leads here from lib.rs or main.rs"));
    assert_eq!(unreachable_files(&files), dead);
}

#[test]
fn a_site_that_no_page_lists_is_found() {
    let sites = ["london.yaml".to_string(), "paris.yaml".to_string()];
    let found = unlisted_sites(&sites, Some("- `london.yaml`: the campus"));
    assert_eq!(found, ["sites/README.md does not list paris.yaml"]);
    assert_eq!(unlisted_sites(&sites, None), [""; 0]);
}

#[test]
fn a_path_of_one_machine_is_found() {
    let text = format!("fine\nsee /{}/x", "work");
    let found = machine_paths(&[("src/a.rs".into(), text)]);
    assert_eq!(found, [format!("src/a.rs:2: names /{}/, a path of one machine", "work")]);
    assert_eq!(machine_paths(&[("src/a.rs".into(), "https://example.org/work/a".into())]), [""; 0]);
}
