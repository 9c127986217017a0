//! What the loader accepts, and what it says about what it does not.

use super::*;
use crate::model::LinkKind;
use crate::spec::Severity;
use crate::unit::ItPower;

const SHED: &str = "\
site: shed
start: 2026-01-05
currency: USD
power: {pue: 1.2, peak_pue: 1.25}
calendars:
  day: {week: Mon-Fri 08:00-16:00}
platforms:
  nvl72: {gpus_per_rack: 72, rack_power: 136 kW, it_overhead: 1.16}
resources: {riggers: 2, testers: 1}
activities:
  permit: {duration: 2w, after: []}
  grid: {duration: 8w < 10w < 14w, after: [permit], energises: 20 MW}
  frame: {duration: 4w, calendar: day, after: [permit]}
halls:
  count: 2
  it_power: 5 MW
  activities:
    fit-out: {duration: 3w, calendar: day, after: [frame SS+2w, frame FF+1w]}
    ist: {duration: 1w, after: [fit-out], ready_for_service: true}
  cluster:
    platform: nvl72
    units: 3
    racks_per_unit: 8
    install: {duration: 2d, needs: {riggers: 1}}
    burn_in: {duration: 3d}
    test: {duration: 2d, needs: {testers: 1}}
    accept: {duration: 1d}
lots:
  {platform: nvl72, racks: 48, ex_works: 2026-03-01, transit: 1ew}
";

fn loaded(text: &str) -> Loaded {
    load(Input { name: "shed.yaml".into(), text: text.into(), ..Input::default() })
}

fn with(sets: &[&str], delays: &[&str]) -> Loaded {
    let own = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect();
    let text = SHED.into();
    load(Input {
        name: "shed.yaml".into(),
        text,
        sets: own(sets),
        delays: own(delays),
        ..Input::default()
    })
}

fn site(loaded: Loaded) -> Site {
    let findings = loaded.findings;
    loaded.site.unwrap_or_else(|| panic!("{findings:#?}"))
}

/// `(id, line, message)` of the errors.
fn errors(loaded: &Loaded) -> Vec<(&'static str, usize, String)> {
    let errors = loaded.findings.iter().filter(|f| f.severity == Severity::Error);
    let line = |finding: &Finding| loaded.sources.place(finding.at.start).map_or(0, |p| p.line);
    errors.map(|finding| (finding.id, line(finding), finding.message.clone())).collect()
}

#[test]
fn a_site_unfolds_into_activities_links_and_units() {
    let site = site(loaded(SHED));
    let ids: Vec<&str> = site.plan.activities.iter().map(|a| a.id.as_str()).collect();
    assert_eq!(ids[..4], ["permit", "grid", "frame", "lot-1.transit"]);
    assert!(ids.contains(&"hall-2.unit-3.burn-in"), "{ids:?}");
    assert_eq!(site.units.len(), 6);
    assert_eq!(site.units[0].gpus, 576);
    assert_eq!(site.units[0].it_power, ItPower(8 * 136_000 * 116 / 100));
    let grid = &site.plan.activities[1];
    assert_eq!(grid.duration.0, 10 * 7 * 24 * 60, "likely value, 24 x 7 without a calendar");
    assert_eq!(site.plan.activities[2].duration.0, 4 * 40 * 60, "weeks of its own calendar");
    let ist = site.halls[0].ready;
    let power = site.plan.preds(ist).iter().find(|link| link.derived).unwrap();
    assert_eq!((power.from, power.kind), (1, LinkKind::FinishStart), "semantics C2");
}

#[test]
fn edits_change_one_repetition_only() {
    let site = site(with(&["halls.hall-2.ist.duration=3w", "halls.hall-1.cluster.units=1"], &[]));
    let week = 7 * 24 * 60;
    let of = |hall: usize| site.plan.activities[site.halls[hall].ready as usize].duration.0 / week;
    assert_eq!((of(0), of(1)), (1, 3));
    assert_eq!((site.halls[0].units.len(), site.halls[1].units.len()), (1, 3));
}

#[test]
fn a_delay_is_added_before_the_start() {
    let delayed = site(with(&[], &["grid=8w", "hall-*.ist=1w", "lot-1=2ew"]));
    let week = 7 * 24 * 60;
    let of = |id: &str| {
        let found = delayed.plan.activities.iter().find(|activity| activity.id == id);
        found.unwrap().delay.0 / week
    };
    let ids = ["grid", "hall-1.ist", "hall-2.ist", "lot-1.transit", "frame"];
    assert_eq!(ids.map(of), [8, 1, 1, 2, 0]);
    let unknown = with(&[], &["gird=8w"]);
    assert_eq!(errors(&unknown)[0].0, "unknown-activity");
    assert_eq!(unknown.findings[0].help.as_deref(), Some("did you mean `grid`?"));
}

#[test]
fn two_hundred_megawatts_do_not_feed_eight_halls() {
    let text = SHED.replace("20 MW", "200 MW").replace("count: 2", "count: 8");
    let text = text.replace("it_power: 5 MW", "it_power: 34 MW").replace("1.25", "1.35");
    let refused = loaded(&text);
    assert_eq!(errors(&refused)[0].0, "not-enough-power");
    let help = refused.findings[0].help.as_deref().unwrap();
    assert_eq!(
        help,
        "8 halls: 272.0 IT MW x peak PUE 1.35 = 367.2 facility MW; 1 stage: 200.0 grid MW"
    );
    assert!(loaded(&text.replace("count: 8", "count: 4")).site.is_some());
}

#[test]
fn all_errors_come_in_one_go() {
    let text = SHED
        .replace("riggers: 1", "riggers: 5")
        .replace("after: [permit], energises", "after: [permitt], energises")
        .replace("pue: 1.2,", "pue: 1.2, pue: 1.3, pui: 2,")
        .replace("136 kW", "136")
        .replace("duration: 3d", "duration: three days");
    let found = errors(&loaded(&text));
    let ids: Vec<&str> = found.iter().map(|error| error.0).collect();
    for id in ["duplicate-key", "unknown-key", "power", "duration"] {
        assert!(ids.contains(&id), "{id} in {found:#?}");
    }
    let text = text.replace("136,", "136 kW,").replace("three days", "3d");
    let text = text.replace("pue: 1.3, pui: 2,", "");
    let found = errors(&loaded(&text));
    let ids: Vec<&str> = found.iter().map(|error| error.0).collect();
    assert_eq!(ids, ["unknown-activity", "more-than-there-is"], "{found:#?}");
}

#[test]
fn a_cycle_is_told_as_its_chain() {
    let text = SHED.replace("after: []", "after: [frame]");
    let found = errors(&loaded(&text));
    assert_eq!(found[0].2, "a cycle: permit -> frame -> permit");
}

#[test]
fn hostile_text_ends_in_an_error_and_not_in_a_crash() {
    let deep = format!("site: {}", "[".repeat(500_000));
    let nested = (0..200).map(|depth| " ".repeat(depth) + "a:\n").collect::<String>();
    let long = format!("site: {}", "x".repeat(2_000_000));
    let mut bomb = String::from("a: &a [x,x,x,x,x,x,x,x,x]\n");
    for (this, last) in ('b'..='z').zip('a'..='y') {
        bomb.push_str(&format!("{this}: &{this} [*{last},*{last},*{last},*{last},*{last}]\n"));
    }
    let ids = |text: &[u8]| {
        let input = Input { name: "h".into(), text: text.to_vec(), ..Input::default() };
        errors(&load(input)).iter().map(|error| error.0).collect::<Vec<_>>()
    };
    assert_eq!(ids(b""), ["empty-file"]);
    assert_eq!(ids(b"# nothing\n"), ["empty-file"]);
    assert_eq!(ids(deep.as_bytes()), ["yaml-syntax"]);
    assert_eq!(ids(long.as_bytes()), ["value-too-long"]);
    assert_eq!(ids(bomb.as_bytes()), ["alias-bomb"]);
    assert_eq!(ids(b"site: a\0b"), ["binary-file"]);
    assert_eq!(ids(b"\x7fELF\xff\xfe"), ["not-text"]);
    assert_eq!(ids(b"a: 1\n---\na: 2\n"), ["second-document"]);
    assert_eq!(ids(b"? [a, b]\n: 1\n"), ["odd-key"]);
    assert_eq!(ids(b"a: &x [*x]\n"), ["alias-loop"]);
    assert!(!ids(nested.as_bytes()).is_empty());
    assert!(!ids(b"just text").is_empty());
    assert!(!ids(b"- a\n- b\n").is_empty());
}

#[test]
fn actuals_need_a_status_date_and_lie_before_it() {
    let with_actuals = |status: &str, keys: &str| {
        let text = SHED.replace(
            "permit: {duration: 2w, after: []}",
            &format!("permit: {{duration: 2w, {keys}}}"),
        );
        errors(&loaded(
            &text.replace("start: 2026-01-05\n", &format!("start: 2026-01-05\n{status}")),
        ))
    };
    let status = "status_date: 2026-02-01\n";
    assert_eq!(with_actuals(status, "actual_start: 2026-01-05, actual_finish: 2026-01-20"), []);
    assert_eq!(with_actuals(status, "actual_start: 2026-01-05, remaining: 1w"), []);
    for keys in [
        "actual_start: 2026-01-05",
        "actual_start: 2026-03-05, remaining: 1w",
        "actual_start: 2025-03-05, remaining: 1w",
        "actual_finish: 2026-01-20",
        "actual_start: 2026-01-20, actual_finish: 2026-01-06",
        "remaining: 1w",
    ] {
        assert_eq!(with_actuals(status, keys).len(), 1, "{keys}");
    }
    assert!(!with_actuals("", "actual_start: 2026-01-05, remaining: 1w").is_empty());
}
