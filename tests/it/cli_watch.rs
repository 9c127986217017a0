//! `energize watch`: every save runs again, whatever state the files are in.

use std::io::{BufRead, BufReader, Read};
use std::process::Child;
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

use super::fixture::{Fixture, wait};

/// How long a run may take to be told: far beyond any honest one.
const PATIENCE: Duration = Duration::from_secs(60);

/// A watching child and the lines of both its streams.
struct Watch {
    child: Child,
    stdout: Receiver<String>,
    stderr: Receiver<String>,
}

impl Drop for Watch {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn lines(stream: impl Read + Send + 'static) -> Receiver<String> {
    let (send, lines) = channel();
    std::thread::spawn(move || {
        for line in BufReader::new(stream).lines().map_while(Result::ok) {
            if send.send(line).is_err() {
                break;
            }
        }
    });
    lines
}

/// Lines up to one that holds some words, itself included.
fn until(lines: &Receiver<String>, words: &str) -> Vec<String> {
    let mut seen = Vec::new();
    loop {
        let line = lines.recv_timeout(PATIENCE);
        seen.push(line.unwrap_or_else(|error| panic!("no `{words}`: {error}; seen {seen:#?}")));
        if seen.last().unwrap().contains(words) {
            return seen;
        }
    }
}

impl Watch {
    fn new(fixture: &Fixture, args: &[&str]) -> Watch {
        let mut child = fixture.spawn(std::iter::once(&"watch").chain(args));
        let stdout = lines(child.stdout.take().unwrap());
        let stderr = lines(child.stderr.take().unwrap());
        Watch { child, stdout, stderr }
    }

    /// One run as it is told.
    fn run(&self) -> String {
        until(&self.stdout, "least DSCR").join("\n")
    }
}

fn site() -> Fixture {
    let fixture = Fixture::new();
    fixture.run(["new", "site", "--template", "powered-shell", "-q"]).fine();
    fixture
}

#[test]
fn a_save_runs_again_and_tells_what_moved() {
    let fixture = site();
    let watch = Watch::new(&fixture, &["site.yaml"]);
    let first = watch.run();
    for told in ["run 1: as it is", "all online                2027-11-24", "1,113,809,357 USD"] {
        assert!(first.contains(told), "{first}");
    }
    let text = fixture.read("site.yaml");
    let slower = text.replace("2ew < 6ew < 16ew", "2ew < 10ew < 16ew");
    assert_ne!(text, slower);
    fixture.write("site.yaml", &slower);
    let second = watch.run();
    for told in ["run 2: site.yaml", "first online              2027-09-21  +23 d", "  +28 d"] {
        assert!(second.contains(told), "{second}");
    }
    // Nothing but the mark of time moves.
    fixture.write("site.yaml", &slower);
    let same = watch.run();
    assert!(same.contains("run 3") && !same.contains('+') && !same.contains(" d"), "{same}");
}

#[test]
fn a_file_that_is_wrong_or_gone_for_a_while_ends_nothing() {
    let fixture = site();
    let watch = Watch::new(&fixture, &["site.yaml"]);
    watch.run();
    let text = fixture.read("site.yaml");
    // Cut within a map.
    let half = text.find("rigging-team: 1}").unwrap();
    fixture.write("site.yaml", &text[..half]);
    let wrong = until(&watch.stderr, "error");
    assert!(wrong.last().unwrap().starts_with("error"), "{wrong:?}");
    until(&watch.stdout, "error");
    std::fs::remove_file(fixture.path("site.yaml")).unwrap();
    until(&watch.stderr, "waiting for the next save");
    fixture.write("site.yaml", text.replace("8w < 12w, cost: 9M", "8w < 13w, cost: 9M"));
    let back = watch.run();
    // What moved is counted from the last run that went well; likely values did not.
    assert!(back.contains("all online") && !back.contains('+'), "{back}");
}

#[test]
fn files_that_a_file_is_made_of_are_watched_too() {
    let fixture = site()
        .file("over.yaml", "base: site.yaml\ntitle: Over\n")
        .file("late.yaml", "scenario: late\ndelay: {handover: 1w}\n");
    let watch = Watch::new(&fixture, &["over.yaml", "--scenario", "late.yaml", "--json"]);
    let run = || {
        let line = watch.stdout.recv_timeout(PATIENCE).unwrap();
        serde_json::from_str::<serde_json::Value>(&line).unwrap()
    };
    let first = run();
    assert_eq!((&first["run"], &first["errors"]), (&1.into(), &0.into()), "{first}");
    fixture.write("late.yaml", "scenario: late\ndelay: {handover: 10w}\n");
    let late = run();
    assert_eq!(late["saved"], serde_json::json!(["late.yaml"]));
    assert!(late["all_online"].as_str() > first["all_online"].as_str(), "{late}");
    let text = fixture.read("site.yaml").replace("price:           2.45", "price:           2.50");
    fixture.write("site.yaml", text);
    let dear = run();
    assert_eq!(dear["saved"], serde_json::json!(["site.yaml"]));
    assert_ne!(dear["revenue"], late["revenue"]);
}

#[test]
fn a_file_that_is_not_there_at_first_is_an_error() {
    let told = Fixture::new().run(["watch", "absent.yaml"]).refused(3);
    assert!(told.starts_with("energize: cannot read absent.yaml"), "{told}");
}

#[cfg(unix)]
#[test]
fn ctrl_c_ends_it_cleanly() {
    let fixture = site();
    let mut watch = Watch::new(&fixture, &["site.yaml", "--color", "never"]);
    watch.run();
    let id = watch.child.id().to_string();
    let killed = std::process::Command::new("sh").args(["-c", &format!("kill -INT {id}")]).status();
    assert!(killed.unwrap().success());
    assert_eq!(wait(&mut watch.child), Some(130));
    assert_eq!(watch.stderr.recv_timeout(PATIENCE).ok(), None);
}
