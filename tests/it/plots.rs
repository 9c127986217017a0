//! `energize plot` from the command line: which charts there are, what their files are called, and
//! that the gallery of the README is what the program draws.

use serde_json::Value;

use super::fixture::Fixture;

const LONDON: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/sites/london-blackwell-ultra.yaml");
const GALLERY: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/plots/gallery");

const DIG: &str = "site: dig\nstart: 2026-01-05\nactivities:\n  dig: {duration: 4w}\n";

/// A yard with two halls that may be late, a contract and a loan.
const YARD: &str = "
site: yard
start: 2026-01-05
status_date: 2026-02-02
currency: USD
plan: {hall-1.rfs: 2026-03-20, hall-2.rfs: 2026-04-10, all_online: 2026-05-01}
calendars: {build: {week: Mon-Fri 07:30-17:30}}
calendar: build
power: {pue: 1.2, energy: 90 USD/MWh}
platforms:
  rack: {gpus_per_rack: 72, rack_power: 100 kW, price_per_rack: 1M USD}
resources: {team: 1}
activities:
  grid: {duration: 4w < 6w < 12w, energises: 5 MW}
halls:
  count: 2
  it_power: 1 MW
  activities:
    l4:  {duration: 1w < 2w < 4w, needs: {team: 1}, commissions_cooling: true}
    ist: {duration: 1w, after: [l4], needs: {team: 1}, ready_for_service: true}
  cluster:
    {platform: rack, units: 2, racks_per_unit: 2, install: {duration: 2d}, burn_in: {duration: 1ew},
     test: {duration: 1ew}, accept: {duration: 1ew}}
lots:
  - {platform: rack, racks: 8, ex_works: 2026-03-01, transit: 2ew}
contracts:
  - {customer: tenant, halls: [hall-*], price: 2.5 USD/GPU-hour, term: 4y, signed: 2026-01-05,
     scheduled_start: 2026-06-01}
equity: {amount: 20M USD}
loans:
  - {id: term, commitment: 4M USD, advance: 50%, rate: 8%, close: 2026-01-05,
     available_until: 2026-12-31, amortises_from: 2027-03-31, maturity: 2029-12-31,
     covenants: {dscr: 1.2, first_test: 2027-03-31}}
risk: {risks: {strike: {probability: 30%, delay: 2w < 4w < 9w, on: [grid]}}}
horizon: 2030-12-31
";

fn summary(fixture: &Fixture, folder: &str) -> Value {
    serde_json::from_str(&fixture.read(&format!("{folder}/summary.json"))).unwrap()
}

fn drawn(summary: &Value) -> Vec<&str> {
    let figures = summary["figures"].as_array().unwrap();
    figures.iter().map(|figure| figure["name"].as_str().unwrap()).collect()
}

#[test]
fn the_gallery_of_the_readme_is_what_the_program_draws() {
    let Ok(shown) = std::fs::read_dir(GALLERY) else {
        println!("skipped: there is no {GALLERY}");
        return;
    };
    let fixture = Fixture::new();
    let args = ["plot", LONDON, "--kind", "all", "--format", "svg", "-o", "gallery"];
    fixture.run(args).fine();
    let mut names: Vec<String> =
        shown.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    assert_eq!(names, fixture.names("gallery"));
    for name in names {
        let shown = std::fs::read_to_string(format!("{GALLERY}/{name}")).unwrap();
        assert!(shown == fixture.read(&format!("gallery/{name}")), "plots/gallery/{name} is stale");
    }
}

#[test]
fn a_site_with_everything_has_every_chart() {
    let fixture = Fixture::new().file("yard.yaml", YARD);
    fixture.run(["plot", "yard.yaml", "--trials", "60", "--format", "svg", "-o", "all"]).fine();
    let summary = summary(&fixture, "all");
    let drawn = drawn(&summary);
    for name in [
        "ramp",
        "fan",
        "s-curve-online",
        "s-curve-halls",
        "waterfall",
        "gantt",
        "tornado-days",
        "tornado-ranks-online-all",
        "slip-by-quarter",
        "slip-by-cause",
        "crews",
        "bottleneck",
        "cover",
        "dscr-fan",
        "liquidity-fan",
        "backlog",
        "collateral",
    ] {
        assert!(drawn.contains(&name), "{name}: {drawn:?}");
    }
    for figure in summary["figures"].as_array().unwrap() {
        let head = figure["table"]["head"].as_array().unwrap().len();
        let rows = figure["table"]["rows"].as_array().unwrap();
        assert!(!rows.is_empty(), "{}", figure["name"]);
        assert!(rows.iter().all(|row| row.as_array().unwrap().len() == head), "{}", figure["name"]);
        for file in figure["files"].as_array().unwrap() {
            let svg = fixture.read(&format!("all/{}", file.as_str().unwrap()));
            assert!(svg.starts_with("<svg"), "{file}");
        }
    }
}

#[test]
fn threads_do_not_change_a_byte() {
    let fixture = Fixture::new().file("yard.yaml", YARD);
    for (threads, folder) in [("1", "one"), ("3", "three")] {
        let args = ["plot", "yard.yaml", "--trials", "50", "--format", "svg", "--threads", threads];
        fixture.run(args.into_iter().chain(["-o", folder])).fine();
    }
    assert_eq!(fixture.names("one"), fixture.names("three"));
    for name in fixture.names("one") {
        let [one, three] = ["one", "three"].map(|at| fixture.read(&format!("{at}/{name}")));
        assert!(one == three, "{name}");
    }
}

#[test]
fn themes_and_formats_have_files_of_their_own() {
    let fixture = Fixture::new().file("yard.yaml", YARD);
    let args = ["plot", "yard.yaml", "--kind", "cover", "--kind", "ramp", "--theme", "both"];
    fixture.run(args.into_iter().chain(["-o", "out"])).fine();
    let names: Vec<String> = ["cover", "ramp"]
        .iter()
        .flat_map(|name| {
            ["-dark.png", "-dark.svg", ".png", ".svg"].map(|end| format!("{name}{end}"))
        })
        .chain(["summary.json".to_owned()])
        .collect();
    assert_eq!(fixture.names("out"), names);
}

#[test]
fn a_chart_with_nothing_to_show_is_left_out_and_said_so() {
    let fixture = Fixture::new().file("dig.yaml", DIG);
    fixture.run(["plot", "dig.yaml", "--format", "svg", "-o", "all"]).fine();
    assert_eq!(drawn(&summary(&fixture, "all")), ["gantt"]);
    let args = ["plot", "dig.yaml", "--kind", "gantt", "--kind", "fan", "-o", "two"];
    let ran = fixture.run(args);
    assert_eq!((ran.code, ran.stderr.as_str()), (Some(0), "nothing to show: fan\n"), "{ran}");
    let ran = fixture.run(["plot", "dig.yaml", "--kind", "cover", "-o", "none"]);
    assert_eq!(ran.code, Some(2), "{ran}");
    assert!(ran.stderr.contains("none of the charts that are asked for"), "{ran}");
    assert!(!fixture.path("none").exists());
}

#[test]
fn an_unknown_kind_is_told_with_those_there_are() {
    let fixture = Fixture::new().file("dig.yaml", DIG);
    let ran = fixture.run(["plot", "dig.yaml", "--kind", "pie", "-o", "out"]);
    assert_eq!(ran.code, Some(2), "{ran}");
    assert!(ran.stderr.contains("one of all, ramp, fan, s-curve"), "{ran}");
}

#[test]
fn forecasts_are_judged_by_actual_figures() {
    let actuals = "metric,quarter,value,unit,source,mark,known\n\
                   revenue,2026Q3,1.4,USD million,told,F,2026-11-01\n\
                   revenue,2026Q4,1.6,USD million,told,F,2027-02-01\n";
    let fixture = Fixture::new().file("yard.yaml", YARD).file("actuals.csv", actuals);
    let args = ["plot", "yard.yaml", "--kind", "calibration", "--against", "actuals.csv"];
    fixture.run(args.into_iter().chain(["--trials", "80", "-o", "out"])).fine();
    let summary = summary(&fixture, "out");
    let rows = summary["figures"][0]["table"]["rows"].as_array().unwrap();
    let quarters: Vec<&str> = rows.iter().map(|row| row[0].as_str().unwrap()).collect();
    assert_eq!(quarters, ["2026Q3", "2026Q4"]);
    assert_eq!(rows[1][6], "-12.5", "last quarter again: 1.4 for 1.6");
}
