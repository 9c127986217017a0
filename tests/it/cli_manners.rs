//! What every verb does alike: streams, exit codes, `--quiet`, `--json`, colours, help, completions
//! and manual pages.

use std::process::{Command, Stdio};

use super::fixture::{Fixture, Ran};

/// A verb with arguments that go well and some that do not, with the exit code of those.
struct Verb {
    name: &'static str,
    good: &'static [&'static str],
    json: bool,
    bad: &'static [&'static str],
    code: i32,
}

const fn verb(
    name: &'static str,
    good: &'static [&'static str],
    json: bool,
    bad: &'static [&'static str],
    code: i32,
) -> Verb {
    Verb { name, good, json, bad, code }
}

/// Every verb. What waits for saves or for files that do not ship has no arguments that go well.
const VERBS: [Verb; 20] = [
    verb("run", &["site.yaml"], true, &["absent.yaml"], 3),
    verb("check", &["site.yaml"], true, &["wrong.yaml"], 2),
    verb("schedule", &["programme.xer"], false, &["absent.xer"], 3),
    verb("import", &["programme.xer"], false, &["wrong.yaml"], 2),
    verb("explain", &["site.yaml", "hall-1"], true, &["site.yaml", "hall-9"], 2),
    verb(
        "slip",
        &["site.yaml", "handover", "--to", "2w", "--step", "1w"],
        true,
        &["wrong.yaml", "x"],
        2,
    ),
    verb("compare", &["site.yaml", "site.yaml"], true, &["site.yaml", "absent.yaml"], 3),
    verb("risk", &["site.yaml", "--trials", "20"], true, &["wrong.yaml"], 2),
    verb("merge", &["part"], true, &["absent"], 3),
    verb(
        "plot",
        &["site.yaml", "--kind", "ramp", "-o", "charts"],
        false,
        &["wrong.yaml", "-o", "c"],
        2,
    ),
    verb(
        "report",
        &["site.yaml", "--trials", "0", "--force", "-o", "page.html"],
        false,
        &["wrong.yaml"],
        2,
    ),
    verb("level", &[], false, &["absent.sm"], 3),
    verb("export", &["site.yaml", "--format", "dot"], false, &["absent.yaml", "-o", "a.xml"], 3),
    verb(
        "generate",
        &["--sites", "2", "-o", "big.yaml"],
        false,
        &["--sites", "2", "-o", "x/y/z"],
        3,
    ),
    verb("bench", &["--sites", "2", "--trials", "2"], false, &["--sites", "none"], 2),
    verb("new", &["a", "--template", "retrofit"], false, &["a.b", "--template", "retrofit"], 2),
    verb("watch", &[], true, &["absent.yaml"], 3),
    verb("schema", &["portfolio"], false, &["plan"], 2),
    verb("completions", &["zsh"], false, &["cmd"], 2),
    verb("man", &[], false, &["-o", "site.yaml"], 3),
];

fn fixture() -> Fixture {
    let xer = concat!(env!("CARGO_MANIFEST_DIR"), "/sites/two-halls.xer");
    let fixture = Fixture::new()
        .file("programme.xer", std::fs::read(xer).unwrap())
        .file("wrong.yaml", "site: a\nstart: soon\n");
    fixture.run(["new", "site", "--template", "powered-shell", "-q"]).fine();
    fixture.run(["risk", "site.yaml", "--trials", "20", "--rows", "part", "-q"]).fine();
    fixture
}

fn run(fixture: &Fixture, verb: &Verb, args: &[&str], more: &[&str]) -> Ran {
    fixture.run(std::iter::once(&verb.name).chain(args).chain(more))
}

fn goes_well(verb: &&Verb) -> bool {
    !verb.good.is_empty()
}

#[test]
fn the_table_of_manners_lists_every_verb() {
    let help = Fixture::new().run(["--help"]).fine();
    let verbs = help.lines().skip_while(|line| *line != "Commands:").skip(1);
    let verbs = verbs.take_while(|line| !line.is_empty());
    let verbs: Vec<&str> = verbs.filter_map(|line| line.strip_prefix("  ")).collect();
    let names =
        verbs.iter().filter_map(|line| line.split(' ').next()).filter(|name| !name.is_empty());
    let mut names: Vec<&str> = names.filter(|name| *name != "help").collect();
    let mut table: Vec<&str> = VERBS.iter().map(|verb| verb.name).collect();
    names.sort_unstable();
    table.sort_unstable();
    assert_eq!(names, table);
}

#[test]
fn errors_go_to_stderr_and_say_how_bad_they_are() {
    let fixture = fixture();
    for verb in &VERBS {
        let told = run(&fixture, verb, verb.bad, &[]).refused(verb.code);
        assert!(!told.trim().is_empty(), "{}", verb.name);
        let quiet = run(&fixture, verb, verb.bad, &["--quiet"]).refused(verb.code);
        assert!(!quiet.trim().is_empty(), "{} --quiet", verb.name);
    }
}

#[test]
fn results_go_to_stdout_unless_quiet() {
    let fixture = fixture();
    for verb in VERBS.iter().filter(goes_well) {
        let ran = run(&fixture, verb, verb.good, &["--quiet"]);
        assert_eq!((ran.stdout.as_str(), ran.stderr.as_str()), ("", ""), "{} {ran}", verb.name);
        assert_eq!(ran.code, Some(0), "{} {ran}", verb.name);
    }
}

#[test]
fn json_is_all_that_goes_to_stdout() {
    let fixture = fixture();
    for verb in VERBS.iter().filter(goes_well).filter(|verb| verb.json) {
        let text = run(&fixture, verb, verb.good, &["--json"]).fine();
        let json: Result<serde_json::Value, _> = serde_json::from_str(&text);
        assert!(json.is_ok(), "{}: {json:?}", verb.name);
    }
}

#[test]
fn colours_need_a_terminal_or_a_wish() {
    let plain = fixture();
    let shy = fixture().env("NO_COLOR", "1").env("TERM", "xterm-256color");
    for verb in VERBS.iter().filter(goes_well) {
        // A file that is there already is refused the second time.
        let force: &[&str] = if verb.name == "new" { &["--force"] } else { &[] };
        for (fixture, more) in [(&plain, "auto"), (&plain, "never"), (&shy, "auto")] {
            let more = [force, &["--color", more]].concat();
            let ran = run(fixture, verb, verb.good, &more);
            assert_eq!(ran.code, Some(0), "{} {ran}", verb.name);
            assert!(!(ran.stdout + &ran.stderr).contains('\x1b'), "{} {more:?}", verb.name);
        }
    }
    let wished = plain.run(["run", "site.yaml", "--color", "always"]).fine();
    assert!(wished.contains('\x1b'), "{wished}");
    let wrong = plain.run(["check", "wrong.yaml", "--color", "always"]).refused(2);
    assert!(wrong.contains('\x1b'), "{wrong}");
}

#[test]
fn the_help_of_every_verb_has_examples_and_exit_codes() {
    for verb in &VERBS {
        let help = Fixture::new().run([verb.name, "--help"]).fine();
        assert!(help.contains("\nExamples:\n  energize "), "{help}");
        assert!(help.contains("\nExit codes: 0 fine"), "{help}");
        assert!(
            help.contains(&format!("energize {} ", verb.name)) || verb.name == "bench",
            "{help}"
        );
    }
}

#[test]
fn completions_name_every_verb_in_every_shell() {
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        let script = Fixture::new().run(["completions", shell]).fine();
        for verb in &VERBS {
            assert!(script.contains(verb.name), "{shell} knows no {}", verb.name);
        }
        assert!(script.contains("--template") || script.contains("-l template"), "{shell}");
    }
}

#[test]
fn bash_takes_the_completions() {
    let fixture = Fixture::new();
    fixture.write("energize.bash", fixture.run(["completions", "bash"]).fine());
    let mut bash = Command::new("bash");
    bash.arg("-n").arg(fixture.path("energize.bash")).stdin(Stdio::null());
    match bash.status() {
        Ok(status) => assert!(status.success()),
        Err(_) => println!("skipped: there is no bash"),
    }
}

#[test]
fn every_verb_has_a_manual_page() {
    let fixture = Fixture::new();
    fixture.run(["man", "-o", "man1"]).fine();
    let mut pages: Vec<String> =
        VERBS.iter().map(|verb| format!("energize-{}.1", verb.name)).collect();
    pages.push("energize.1".into());
    pages.sort();
    assert_eq!(fixture.names("man1"), pages);
    for page in pages {
        let text = fixture.read(&format!("man1/{page}"));
        assert!(text.contains(".SH NAME") && text.contains("Exit codes"), "{page}");
    }
    let whole = fixture.run(["man"]).fine();
    assert_eq!(whole, fixture.read("man1/energize.1"));
}

#[test]
fn the_answer_no_is_exit_code_1() {
    let fixture = fixture();
    let asked = ["risk", "site.yaml", "--trials", "50", "--dates-only", "--by"];
    let ask = |by: &str, more: &[&str]| fixture.run([&asked[..], &[by], more].concat());
    let sure = ask("2060-01-01", &["--confidence", "80%"]);
    assert_eq!(sure.code, Some(0), "{sure}");
    assert!(sure.stdout.contains("100.0%") && sure.stdout.contains("at least 80%: yes"), "{sure}");
    let never = ask("2027-01-05", &["--confidence", "80%"]);
    assert_eq!(never.code, Some(1), "{never}");
    assert!(never.stdout.contains("at least 80%: no"), "{never}");
    assert_eq!(ask("2027-01-05", &[]).code, Some(0), "nothing was asked of it");
    let json = ask("2027-01-05", &["--confidence", "80", "--json"]);
    assert_eq!(json.code, Some(1), "{json}");
    let json: serde_json::Value = serde_json::from_str(&json.stdout).unwrap();
    assert_eq!(json["asked"][0]["confidence"], 0.8);
    assert_eq!(json["asked"][0]["probability"]["count"], 0);
    assert_eq!(ask("2027-01-05", &["--confidence", "much"]).code, Some(2));

    fixture.run(["check", "site.yaml", "--strict"]).fine();
    let warned = "site: a\nstart: 2026-01-05\nresources: {crane: 1}\n\
                  activities: {dig: {duration: 1w}}\n";
    fixture.write("warned.yaml", warned);
    let ran = fixture.run(["check", "warned.yaml"]);
    assert!(ran.code == Some(0) && ran.stderr.contains("1 warning"), "{ran}");
    assert_eq!(fixture.run(["check", "warned.yaml", "--strict"]).code, Some(1));
}
