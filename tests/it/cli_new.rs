//! `energize new`: starter files that check, run and take risk, and nothing overwritten.

use energize::model::{Input, load};
use insta::assert_snapshot;

use super::fixture::Fixture;

const TEMPLATES: [&str; 3] = ["greenfield", "retrofit", "powered-shell"];

#[test]
fn every_starter_file_checks_without_a_word_and_runs() {
    for template in TEMPLATES {
        let fixture = Fixture::new();
        let file = "paris-1.yaml";
        let told = fixture.run(["new", "paris-1", "--template", template]).fine();
        assert_eq!(told, format!("{file}: next, energize check {file}\n"));
        assert!(!fixture.read(file).contains("new-site"), "{template}");
        let checked = fixture.run(["check", file]);
        assert_eq!((checked.code, checked.stderr.as_str()), (Some(0), ""), "{checked}");
        assert!(checked.stdout.contains("no gap: commitments cover all uses"), "{checked}");
        assert!(checked.stdout.ends_with("paris-1: no errors\n"), "{checked}");
        let ran = fixture.run(["run", file, "--json"]);
        let summary: serde_json::Value = serde_json::from_str(&ran.stdout).unwrap();
        assert_eq!(summary["planned"]["gpus"], 10_368, "{template}");
        assert_eq!(summary["money"]["equity_shortfall"], "0.00", "{template}");
        assert!(summary["money"]["least_dscr_tested"].as_f64().unwrap() > 1.4, "{template}");
        let risk = fixture.run(["risk", file, "--trials", "20"]);
        assert_eq!(risk.code, Some(0), "{risk}");
    }
}

/// The lines of a starter file that state a duration, with the comment at the end of each.
#[test]
fn every_duration_of_a_starter_file_says_where_it_comes_from() {
    for template in TEMPLATES {
        let fixture = Fixture::new();
        fixture.run(["new", "a", "--template", template, "-q"]).fine();
        let text = fixture.read("a.yaml");
        let marked = |line: &str| {
            let comment = line.rsplit_once('#').map_or("", |(_, comment)| comment);
            let key = |word: &str| {
                word.starts_with('A') && word.len() >= 3 && word[1..3].parse::<u8>().is_ok()
            };
            comment.split([' ', ';', ':']).any(|word| word == "est" || key(word))
        };
        let mut open = "";
        for line in text.lines() {
            let code = line.split('#').next().unwrap();
            let named = code.trim_end().ends_with(':');
            open = if named { line } else { open };
            let block = text.lines().skip_while(|other| *other != line).nth(1).unwrap_or("");
            if code.contains("duration:") {
                assert!([line, open, block].into_iter().any(marked), "{template}: {line}");
            }
        }
    }
}

#[test]
fn a_file_that_is_there_stays_unless_forced() {
    let fixture = Fixture::new().file("mine.yaml", "mine");
    let args = ["new", "b", "--template", "retrofit", "-o", "mine.yaml"];
    assert_snapshot!(fixture.run(args).refused(3), @"energize: mine.yaml exists; --force replaces it
");
    assert_eq!(fixture.read("mine.yaml"), "mine");
    fixture.run(args.into_iter().chain(["--force"])).fine();
    assert!(fixture.read("mine.yaml").contains("site: b\n"));
}

#[test]
fn a_name_may_be_that_of_the_file() {
    let fixture = Fixture::new();
    fixture.run(["new", "paris-1.yaml", "--template", "retrofit"]).fine();
    assert!(fixture.read("paris-1.yaml").contains("site: paris-1\n"));
}

#[test]
fn a_name_that_cannot_be_one_is_refused() {
    for name in ["a b", "a.b", "../a", "1a", "", "a/b", "é"] {
        let ran = Fixture::new().run(["new", name, "--template", "retrofit"]);
        assert!(ran.refused(2).contains("a name begins with a letter"), "{name}");
    }
}

#[test]
fn the_templates_that_ship_load_as_they_are() {
    for template in TEMPLATES {
        let path = format!("{}/src/cli/templates/{template}.yaml", env!("CARGO_MANIFEST_DIR"));
        let text = std::fs::read(path).unwrap();
        let loaded = load(Input { name: template.into(), text, ..Input::default() });
        assert!(loaded.site.is_some() && loaded.findings.is_empty(), "{:?}", loaded.findings);
    }
}
