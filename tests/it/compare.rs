//! `energize compare`: what stands side by side, what is left out, what is refused.

use insta::assert_snapshot;
use serde_json::Value;

use super::cli_run::SHED;
use super::fixture::Fixture;

/// A hall that is ready a week after its power.
fn hall(site: &str, weeks: u32, halls: u32) -> String {
    format!(
        "site: {site}
start: 2026-01-05
power: {{pue: 1.2}}
activities:
  grid: {{duration: {weeks}w, energises: 20 MW}}
halls:
  count: {halls}
  it_power: 4 MW
  activities:
    ist: {{duration: 1w, ready_for_service: true}}
"
    )
}

const LATE: &str = "scenario: late-grid\ntitle: Grid power four weeks late\ndelay: {grid: 4w}\n";

fn shed() -> Fixture {
    Fixture::new().file("shed.yaml", SHED).file("late.yaml", LATE)
}

fn json(fixture: &Fixture, args: &[&str]) -> Value {
    let args = ["compare", "--json"].iter().chain(args);
    serde_json::from_str(&fixture.run(args).fine()).unwrap()
}

/// The line of a topic, subject and measure.
fn line<'v>(compared: &'v Value, topic: &str, subject: &str, measure: &str) -> &'v Value {
    let lines = compared["lines"].as_array().unwrap().iter();
    let names = |line: &&Value| {
        line["topic"] == topic && line["subject"] == subject && line["measure"] == measure
    };
    lines.clone().find(names).unwrap_or(&Value::Null)
}

#[test]
fn two_sites_by_hand() {
    // Eight weeks from Monday 5 January are 2 March, ten are 16 March; the test takes a week.
    let fixture =
        Fixture::new().file("one.yaml", hall("one", 8, 1)).file("two.yaml", hall("two", 10, 2));
    assert_snapshot!(fixture.run(["compare", "one.yaml", "two.yaml"]), @"
    exit code: 0
    ----- stdout -----
    one.yaml | two.yaml
    likely values, not a P50; 5 lines compared

    Dates
                                      one.yaml    two.yaml  difference
      first hall ready for service  2026-03-09  2026-03-23       +14 d
      last hall ready for service   2026-03-09  2026-03-23       +14 d
      last finish                   2026-03-09  2026-03-23       +14 d
      hall-1: ready for service     2026-03-09  2026-03-23       +14 d
      hall-2: ready for service            n/a  2026-03-23

      difference: to the first column, in calendar days; n/a: a run has no such thing, or its
      books end before; headroom: on the day of the test, below 0 beyond the threshold

    ----- stderr -----
    ");
    let compared = json(&fixture, &["one.yaml", "two.yaml"]);
    let second = line(&compared, "dates", "hall-2", "ready for service");
    assert_eq!(second["figures"], serde_json::json!([null, "2026-03-23"]));
    assert_eq!(second["differences"], serde_json::json!([null, null]));
}

#[test]
fn a_scenario_stands_beside_its_site() {
    assert_snapshot!(shed().run(["compare", "shed.yaml", "shed.yaml+late.yaml"]), @"
    exit code: 0
    ----- stdout -----
    shed.yaml | Grid power four weeks late
    likely values, not a P50; 45 lines compared, 23 equal in all columns left out (--all)

    Dates
                                     shed.yaml  Grid power four weeks  difference
                                                                 late
      first hall ready for service  2026-03-23             2026-04-20       +28 d
      last hall ready for service   2026-03-23             2026-04-20       +28 d
      first unit online             2026-04-17             2026-05-15       +28 d
      half of the IT MW online      2026-04-21             2026-05-19       +28 d
      all of the IT MW online       2026-04-29             2026-05-27       +28 d
      last finish                   2026-04-29             2026-05-27       +28 d
      hall-1: ready for service     2026-03-23             2026-04-20       +28 d
      hall-1: all units online      2026-04-21             2026-05-19       +28 d
      hall-2: ready for service     2026-03-23             2026-04-20       +28 d
      hall-2: all units online      2026-04-29             2026-05-27       +28 d

    Money, USD million
                                              shed.yaml  Grid power four weeks  difference
                                                                          late
      revenue 2026                                 42.0                   37.3        -4.6
      revenue 2028                                 18.7                   23.4        +4.6
      EBITDA 2026                                  38.7                   34.4        -4.3
      EBITDA 2028                                  17.3                   21.6        +4.3
      EBITDA to the horizon                       112.2                  112.2        +0.0
      interest expensed to the horizon              7.2                    6.7        -0.5
      interest capitalised to the horizon           0.3                    0.8        +0.5
      interest incurred before first revenue        0.6                    1.1        +0.5
      cash at the end of 2028                      17.8                   26.2        +8.4
      equity called 2026                           59.5                   63.4        +3.8
      equity called to the horizon                 60.2                   64.1        +3.8
      equity called as committed                   60.2                   64.1        +3.8

      difference: to the first column, in calendar days; n/a: a run has no such thing, or its
      books end before; headroom: on the day of the test, below 0 beyond the threshold

    ----- stderr -----
    ");
}

#[test]
fn each_column_tells_what_its_run_tells() {
    let fixture = shed();
    let compared = json(&fixture, &["shed.yaml", "shed.yaml+late.yaml", "--all"]);
    let runs = [
        &["run", "shed.yaml", "--json"][..],
        &["run", "shed.yaml", "--scenario", "late.yaml", "--json"],
    ];
    for (at, args) in runs.into_iter().enumerate() {
        let run: Value = serde_json::from_str(&fixture.run(args).fine()).unwrap();
        let figure = |topic, subject: &str, measure| {
            line(&compared, topic, subject, measure)["figures"][at].clone()
        };
        assert_eq!(figure("revenue", "", "revenue to the horizon"), run["money"]["revenue"]);
        assert_eq!(
            figure("interest", "", "interest expensed to the horizon"),
            run["money"]["interest_expensed"]
        );
        for (name, measure) in [
            (0, "first unit online"),
            (1, "half of the IT MW online"),
            (2, "all of the IT MW online"),
        ] {
            assert_eq!(figure("dates", "", measure), run["dates"][name]["date"]);
        }
        for hall in run["halls"].as_array().unwrap() {
            let id = hall["id"].as_str().unwrap();
            assert_eq!(figure("dates", id, "ready for service"), hall["ready_for_service"]);
            assert_eq!(figure("dates", id, "all units online"), hall["complete"]);
        }
        let quarters = run["quarters"].as_array().unwrap();
        let mut ends = 0;
        for quarter in quarters {
            let online = figure("ramp", quarter["until"].as_str().unwrap(), "online IT MW");
            if !online.is_null() {
                ends += 1;
                assert_eq!(online, quarter["online_it_mw"]);
            }
        }
        assert!(ends > 0);
        let cents =
            |amount: &Value| amount.as_str().unwrap().replace('.', "").parse::<i64>().unwrap();
        for year in ["2026", "2027"] {
            let mut of_year =
                quarters.iter().filter(|q| q["from"].as_str().unwrap().starts_with(year));
            let sum: i64 = of_year.clone().map(|quarter| cents(&quarter["revenue"])).sum();
            // Each quarter is rounded to the cent for itself.
            assert!((cents(&figure("revenue", year, "revenue")) - sum).abs() <= 2);
            assert_eq!(
                figure("debt", year, "debt at the end of"),
                of_year.next_back().unwrap()["debt"]
            );
        }
    }
}

#[test]
fn what_is_equal_is_left_out_and_equal_files_have_no_difference() {
    let fixture = shed().file("twin.yaml", SHED);
    let ran = fixture.run(["compare", "shed.yaml", "twin.yaml"]).fine();
    assert!(ran.contains("no difference: ") && !ran.contains("Dates"), "{ran}");
    let all = fixture.run(["compare", "shed.yaml", "twin.yaml", "--all"]).fine();
    assert!(all.contains("no difference: ") && all.contains("revenue 2026"), "{all}");
    let same = fixture.run(["compare", "shed.yaml", "shed.yaml"]).fine();
    assert!(same.starts_with("shed.yaml | shed.yaml (2)\n"), "{same}");
    let every = json(&fixture, &["shed.yaml", "shed.yaml+late.yaml", "--all"]);
    let some = json(&fixture, &["shed.yaml", "shed.yaml+late.yaml"]);
    let count = |compared: &Value| compared["lines"].as_array().unwrap().len() as u64;
    assert_eq!(count(&every), count(&some) + some["left_out"].as_u64().unwrap());
    assert!(some["lines"].as_array().unwrap().iter().all(|line| line["equal"] == false));
}

#[test]
fn what_is_set_and_delayed_counts_in_every_column() {
    let fixture =
        shed().file("slower.yaml", "scenario: slower\nset: {activities.grid.duration: 14w}\n");
    let columns = ["shed.yaml", "shed.yaml+slower.yaml"];
    let ready = |extra: &[&str]| {
        let compared = json(&fixture, &[&columns[..], extra, &["--all"]].concat());
        line(&compared, "dates", "hall-1", "ready for service")["figures"].clone()
    };
    assert_eq!(ready(&[]), serde_json::json!(["2026-03-23", "2026-04-20"]));
    assert_eq!(ready(&["--delay", "grid=2w"]), serde_json::json!(["2026-04-06", "2026-05-04"]));
    let set = fixture
        .run([&["compare"], &columns[..], &["--set", "activities.grid.duration=12w"]].concat());
    assert!(set.fine().contains("no difference"));
}

const PAIR: &str = "
portfolio: pair
start: 2026-01-05
currency: USD
platforms:
  nvl72: {gpus_per_rack: 72, rack_power: 130 kW, it_overhead: 1.1}
power: {pue: 1.2}
archetypes:
  small:
    activities:
      energise: {duration: 12w, energises: 5 MW}
    halls:
      count: 2
      it_power: 2 MW
      activities:
        ist: {duration: 2w, ready_for_service: true}
      cluster:
        {platform: nvl72, units: 1, racks_per_unit: 8, install: {duration: 3d}, burn_in: {duration: 2d},
         test: {duration: 3d}, accept: {duration: 2d}}
    lots: [{platform: nvl72, racks: 16, ex_works: 2026-02-02, transit: 2ew}]
allocation: dedicated
sites:
  alpha: {like: small}
  beta: {like: small}
";

#[test]
fn a_portfolio_is_told_by_site_and_hall_where_they_differ() {
    let fixture = Fixture::new()
        .file("pair.yaml", PAIR)
        .file("beta.yaml", "scenario: beta-late\ndelay: {beta: 28d}\n")
        .file("more.yaml", "scenario: more\nafter: beta-late\ndelay: {alpha: 7d}\n");
    let ran = fixture.run([
        "compare",
        "pair.yaml",
        "pair.yaml+beta.yaml",
        "pair.yaml+beta.yaml+more.yaml",
    ]);
    assert_snapshot!(ran, @"
    exit code: 0
    ----- stdout -----
    pair.yaml | beta-late | beta-late + more
    likely values, not a P50; 25 lines compared, 1 equal in all columns left out (--all)

    Dates
                                            pair.yaml   beta-late  difference  beta-late + more  difference
      first hall ready for service         2026-04-13  2026-04-13        +0 d        2026-04-20        +7 d
      last hall ready for service          2026-04-13  2026-05-11       +28 d        2026-05-11       +28 d
      first unit online                    2026-04-23  2026-04-23        +0 d        2026-04-30        +7 d
      half of the IT MW online             2026-04-23  2026-04-23        +0 d        2026-04-30        +7 d
      all of the IT MW online              2026-04-23  2026-05-21       +28 d        2026-05-21       +28 d
      last finish                          2026-04-23  2026-05-21       +28 d        2026-05-21       +28 d
      alpha: first hall ready for service  2026-04-13  2026-04-13        +0 d        2026-04-20        +7 d
      alpha: last hall ready for service   2026-04-13  2026-04-13        +0 d        2026-04-20        +7 d
      alpha: first unit online             2026-04-23  2026-04-23        +0 d        2026-04-30        +7 d
      alpha: half of the IT MW online      2026-04-23  2026-04-23        +0 d        2026-04-30        +7 d
      alpha: all of the IT MW online       2026-04-23  2026-04-23        +0 d        2026-04-30        +7 d
      beta: first hall ready for service   2026-04-13  2026-05-11       +28 d        2026-05-11       +28 d
      beta: last hall ready for service    2026-04-13  2026-05-11       +28 d        2026-05-11       +28 d
      beta: first unit online              2026-04-23  2026-05-21       +28 d        2026-05-21       +28 d
      beta: half of the IT MW online       2026-04-23  2026-05-21       +28 d        2026-05-21       +28 d
      beta: all of the IT MW online        2026-04-23  2026-05-21       +28 d        2026-05-21       +28 d
      alpha/hall-1: ready for service      2026-04-13  2026-04-13        +0 d        2026-04-20        +7 d
      alpha/hall-1: all units online       2026-04-23  2026-04-23        +0 d        2026-04-30        +7 d
      alpha/hall-2: ready for service      2026-04-13  2026-04-13        +0 d        2026-04-20        +7 d
      alpha/hall-2: all units online       2026-04-23  2026-04-23        +0 d        2026-04-30        +7 d
      beta/hall-1: ready for service       2026-04-13  2026-05-11       +28 d        2026-05-11       +28 d
      beta/hall-1: all units online        2026-04-23  2026-05-21       +28 d        2026-05-21       +28 d
      beta/hall-2: ready for service       2026-04-13  2026-05-11       +28 d        2026-05-11       +28 d
      beta/hall-2: all units online        2026-04-23  2026-05-21       +28 d        2026-05-21       +28 d

      difference: to the first column, in calendar days; n/a: a run has no such thing, or its
      books end before; headroom: on the day of the test, below 0 beyond the threshold

    ----- stderr -----
    ");
    let one = PAIR.replace("  beta: {like: small}\n", "");
    let alone = json(&fixture.file("one.yaml", one), &["one.yaml", "pair.yaml", "--all"]);
    for measure in [
        "first hall ready for service",
        "last hall ready for service",
        "first unit online",
        "half of the IT MW online",
        "all of the IT MW online",
    ] {
        let [whole, part] =
            ["", "alpha"].map(|site| &line(&alone, "dates", site, measure)["figures"][0]);
        assert_eq!(whole, part, "a portfolio of one site is that site: {measure}");
        assert!(line(&alone, "dates", "beta", measure)["figures"][0].is_null());
    }
}

#[test]
fn money_of_two_currencies_is_shown_and_not_subtracted() {
    let pounds = SHED.replace("USD", "GBP");
    let fixture = shed().file("pounds.yaml", pounds);
    let compared = json(&fixture, &["shed.yaml", "pounds.yaml"]);
    let revenue = line(&compared, "revenue", "2026", "revenue");
    assert_eq!(revenue["figures"][0], revenue["figures"][1]);
    assert_eq!(revenue["differences"], serde_json::json!([null, null]));
    let told = fixture.run(["compare", "shed.yaml", "pounds.yaml"]).fine();
    assert!(told.contains("Money, million: shed.yaml in USD; pounds.yaml in GBP"), "{told}");
}

#[test]
fn what_is_wrong_in_each_file_is_told_and_nothing_is_written() {
    let fixture = shed()
        .file("one.yaml", hall("one", 8, 1).replace("energises", "energizes"))
        .file("no.yaml", "scenario: no\ndelay: {gird: 4w}\n");
    let text =
        fixture.run(["compare", "one.yaml", "shed.yaml+no.yaml", "--out", "results"]).refused(2);
    assert!(text.contains("energizes") && text.contains("one.yaml"), "{text}");
    assert!(text.contains("gird") && text.contains("did you mean `grid`"), "{text}");
    assert!(!fixture.path("results").exists());
    let twice = fixture.run(["compare", "one.yaml", "one.yaml+late.yaml"]).refused(2);
    assert_eq!(twice.matches("`energizes`").count(), 1, "{twice}");
    let text = fixture.run(["compare", "shed.yaml", "shed.yaml+nowhere.yaml"]).refused(3);
    assert!(text.contains("cannot read nowhere.yaml"), "{text}");
    fixture.run(["compare", "shed.yaml"]).refused(2);
}

#[test]
fn results_are_written_as_rows_and_replaced_as_a_whole() {
    let fixture = shed();
    let args = ["compare", "shed.yaml", "shed.yaml+late.yaml", "--out", "results"];
    fixture.run(args).fine();
    fixture.run(args).fine();
    assert_eq!(fixture.names("results"), ["compare.csv", "summary.json"]);
    let csv = fixture.read("results/compare.csv");
    let head = "topic,subject,measure,unit,shed.yaml,\"on, shed.yaml\",Grid power four weeks late,\"on, \
                Grid power four weeks late\",\"difference, Grid power four weeks late\"";
    assert_eq!(csv.lines().next().unwrap(), head);
    let row = csv.lines().find(|line| line.starts_with("dates,hall-1,ready")).unwrap();
    assert_eq!(row, "dates,hall-1,ready for service,day,2026-03-23,,2026-04-20,,28");
    let summary: Value = serde_json::from_str(&fixture.read("results/summary.json")).unwrap();
    let lines = summary["lines"].as_array().unwrap();
    assert_eq!(csv.lines().count(), lines.len() + 1);
}

#[test]
fn a_plus_in_a_file_name_is_part_of_it() {
    let fixture = shed().file("a+b.yaml", SHED);
    let ran = fixture.run(["compare", "a+b.yaml", "shed.yaml"]).fine();
    assert!(ran.starts_with("a+b.yaml | shed.yaml\n"), "{ran}");
}

#[test]
fn the_comparison_of_the_readme_is_what_is_printed() {
    let root = env!("CARGO_MANIFEST_DIR");
    let Ok(text) = std::fs::read_to_string(format!("{root}/README.md")) else { return };
    let block = |language: &str, starts: &str| {
        let fence = format!("```{language}\n{starts}");
        let rest = text.split(&fence).nth(1).unwrap();
        format!("{starts}{}", rest.split("```").next().unwrap())
    };
    let fixture = Fixture::new().file("late-grid.yaml", block("yaml", "scenario: late-grid\n"));
    let site = format!("{root}/sites/london-blackwell-ultra.yaml");
    let printed = fixture.run(["compare", &site, &format!("{site}+late-grid.yaml")]).fine();
    let shown = block("text", "london-blackwell-ultra.yaml | ");
    assert_eq!(shown.trim_end(), printed.trim_end());
}
