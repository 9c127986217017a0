//! What a planner is told about a file: every mistake at once, at its place, in plain words.

use insta::assert_snapshot;
use serde_json::Value;

use super::cli_run::SHED;
use super::fixture::{Fixture, Ran};

pub fn check(text: impl AsRef<[u8]>) -> Ran {
    Fixture::new().file("site.yaml", text).run(["check", "site.yaml"])
}

#[test]
fn a_good_site_shows_where_its_money_comes_from() {
    let text = check(SHED).fine();
    let (funding, score) = text.split_once("Schedule, by").unwrap();
    assert_snapshot!(funding, @r#"
    Sources and uses to the last payment of capital cost, 2026-04-08
      sources      USD million
      equity              58.2
      loans               70.0
      prepayments         12.1
      total              140.3

      uses          USD million
      works                12.0
      racks               128.0
      undrawn fees          0.1
      interest              0.2
      total               140.3
      no gap: commitments cover all uses
    "#);
    assert!(score.ends_with("\nshed: no errors\n"), "{score}");
}

/// A mistake in almost every line.
const WRONG: &str = "\
site: wrong
start: 2026-01-05
status_date: 2026-03-02
power: {pue: 1.2, peak_pue: 1.35, pue: 1.3}
colour: blue
plan: {half_online: 2026-06-30, all_online: 2026-03-31}
calendars:
  day: {week: Mon-Fri 08:00-16:00}
platforms:
  gb300: {gpus_per_rack: 72, rack_power: 136, price_per_rack: 3.9M}
resources: {testers: 2}
activities:
  permit:     {duration: 2 weeks}
  substation: {duration: 40w, after: [permitt], calendar: days}
  energise-1: {duration: 2w, after: [substation], energises: 200}
  roads:      {duration: 8w < 6w < 12w, after: [permit], cost: £4M, asset: plants}
  drains:     {duration: 3w, after: [roads], actual_start: 2026-03-09, remaining: 1w}
  walls:      {duration: 3w, after: [permit XX], cost: 9M USD}
shell: {rent: 140 USD/IT-kW-month, term: 15y}
halls:
  count: 2
  it_power: 34 MW
  powered_by: {1: energise-1, 2: energise-2}
  activities:
    l5: {duration: 2w, needs: {tester: 1}, ready_for_service: true}
  cluster:
    platform: gb200
    units: 26
    racks_per_unit: 8
    install: {duration: 4d}
    burn_in: {duration: 1w}
    test:    {duration: 2w, needs: {testers: 3}}
    accept:  {duration: 2w}
edits:
  halls.hall-3.l5: {duration: 3w}
lots: {platform: gb300, racks: 416, ex_works: 2026-02-01, ordered: 2026-03-01, transit: 2ew}
contracts:
  - {customer: acme, halls: [hall-1..hall-3], price: 2.45 USD/GPU-day, term: 5y,
     signed: 2026-01-05, scheduled_start: 2026-09-01}
  - customer: late
    halls: [hall-2]
    price: 2.45 USD/GPU-hour
    term: 5y
    signed: 2026-10-05
    scheduled_start: 2026-09-01
loans:
  - {id: term, commitment: 2B USD, advance: 75, base: sofrr, margin: 4%, close: 2026-02-01,
     available_until: 2026-12-31, amortises_from: 2026-12-31, maturity: 2030-12-31}
  - {id: ddtl, commitment: 2B USD, advance: 75%, rate: 9%, close: 2026-02-01,
     available_until: 2026-01-31, amortises_from: 2026-12-31, maturity: 2030-12-31}
curves: {sofr: {2026-01-01: 3.75%}}
";

#[test]
fn all_mistakes_of_a_file_are_told_at_once() {
    assert_snapshot!(check(WRONG).refused(2), @r#"
    error[duplicate-key]: `pue` is given twice
     --> site.yaml:4:35
      |
    4 | power: {pue: 1.2, peak_pue: 1.35, pue: 1.3}
      |         --- given here before     ^^^ power.pue

    error[unknown-key]: unknown key `colour`
     --> site.yaml:5:1
      |
    5 | colour: blue
      | ^^^^^^ colour
      |
      = help: known here: site, title, note, start, status_date, currency, fx, plan, rules, calendars, calendar, platforms, resources, power, shell, activities, buildings, halls, lots, edits, lives, operations, contracts, opening, equity, loans, capitalised_interest, curves, values, risk, tax, carrying_cost, horizon

    error[dates-out-of-order]: `all_online` 2026-03-31 lies before `half_online` 2026-06-30
     --> site.yaml:6:33
      |
    6 | plan: {half_online: 2026-06-30, all_online: 2026-03-31}
      |                                 ^^^^^^^^^^ plan.all_online

    error[power]: expected power with its unit (W, kW, MW, GW), found `136`
      --> site.yaml:10:42
       |
    10 |   gb300: {gpus_per_rack: 72, rack_power: 136, price_per_rack: 3.9M}
       |                                          ^^^ platforms.gb300.rack_power

    error[money]: expected money with its currency, such as £180M or 3.9M USD, found `3.9M`
      --> site.yaml:10:63
       |
    10 |   gb300: {gpus_per_rack: 72, rack_power: 136, price_per_rack: 3.9M}
       |                                                               ^^^^ platforms.gb300.price_per_rack

    error[duration]: expected a length such as 12w, 3d, 40ew; `2 weeks` has an unknown unit: write 2w
      --> site.yaml:13:26
       |
    13 |   permit:     {duration: 2 weeks}
       |                          ^^^^^^^ activities.permit.duration

    error[unknown-activity]: no activity is called `permitt`
      --> site.yaml:14:39
       |
    14 |   substation: {duration: 40w, after: [permitt], calendar: days}
       |                                       ^^^^^^^ activities.substation.after[0]
       |
       = help: did you mean `permit`?

    error[unknown-calendar]: no calendar is called `days`
      --> site.yaml:14:59
       |
    14 |   substation: {duration: 40w, after: [permitt], calendar: days}
       |                                                           ^^^^ activities.substation.calendar
       |
       = help: did you mean `day`?

    error[power]: expected power with its unit (W, kW, MW, GW, VA, kVA, MVA, GVA), found `200`
      --> site.yaml:15:62
       |
    15 |   energise-1: {duration: 2w, after: [substation], energises: 200}
       |                                                              ^^^ activities.energise-1.energises

    error[duration]: expected min < likely < max in ascending order; it is `8w < 6w < 12w`
      --> site.yaml:16:26
       |
    16 |   roads:      {duration: 8w < 6w < 12w, after: [permit], cost: £4M, asset: plants}
       |                          ^^^^^^^^^^^^^ activities.roads.duration

    error[no-exchange-rate]: no exchange rate for GBP
      --> site.yaml:16:64
       |
    16 |   roads:      {duration: 8w < 6w < 12w, after: [permit], cost: £4M, asset: plants}
       |                                                                ^^^ activities.roads.cost
       |
       = help: add `fx: {GBP: {2025-11-10: 1.31}}` (USD for one GBP)

    error[unknown-word]: expected one of building, plant, fit_out, technology, found `plants`; did you mean `plant`?
      --> site.yaml:16:76
       |
    16 |   roads:      {duration: 8w < 6w < 12w, after: [permit], cost: £4M, asset: plants}
       |                                                                            ^^^^^^ activities.roads.asset

    error[progress]: an actual date after the status date 2026-03-02
      --> site.yaml:17:60
       |
    17 |   drains:     {duration: 3w, after: [roads], actual_start: 2026-03-09, remaining: 1w}
       |                                                            ^^^^^^^^^^ activities.drains.actual_start
       |
       = help: what has not happened yet has no actual date

    error[link]: expected a link such as `frame` or `frame SS+6w`, found `permit XX`
      --> site.yaml:18:38
       |
    18 |   walls:      {duration: 3w, after: [permit XX], cost: 9M USD}
       |                                      ^^^^^^^^^ activities.walls.after[0]

    error[unknown-stage]: no activity called `energise-2` energises a stage
      --> site.yaml:23:34
       |
    23 |   powered_by: {1: energise-1, 2: energise-2}
       |                                  ^^^^^^^^^^ halls.powered_by.2
       |
       = help: did you mean `energise-1`?

    error[unknown-resource]: no resource is called `tester`
      --> site.yaml:25:32
       |
    25 |     l5: {duration: 2w, needs: {tester: 1}, ready_for_service: true}
       |                                ^^^^^^ halls.activities.l5.needs.tester
       |
       = help: did you mean `testers`?

    error[unknown-platform]: no platform is called `gb200`
      --> site.yaml:27:15
       |
    27 |     platform: gb200
       |               ^^^^^ halls.cluster.platform
       |
       = help: did you mean `gb300`?

    error[unknown-edit]: no hall is called `hall-3`
      --> site.yaml:35:3
       |
    35 |   halls.hall-3.l5: {duration: 3w}
       |   ^^^^^^^^^^^^^^^ edits.halls.hall-3.l5
       |
       = help: did you mean `hall-1`?

    error[lot-dates]: ordered on 2026-03-01, after it leaves the factory on 2026-02-01
      --> site.yaml:36:68
       |
    36 | lots: {platform: gb300, racks: 416, ex_works: 2026-02-01, ordered: 2026-03-01, transit: 2ew}
       |                                                                    ^^^^^^^^^^ lots.ordered

    error[unknown-hall]: no hall is called `hall-3`
      --> site.yaml:38:30
       |
    38 |   - {customer: acme, halls: [hall-1..hall-3], price: 2.45 USD/GPU-day, term: 5y,
       |                              ^^^^^^^^^^^^^^ contracts[0].halls[0]
       |
       = help: there are `hall-1..hall-2`

    error[price]: expected one of GPU-hour, IT-kW-month, IT-MW-month, MWh, kVA-month, year, ready-IT-MW-year, accepted-IT-MW-year, found `GPU-day`
      --> site.yaml:38:54
       |
    38 |   - {customer: acme, halls: [hall-1..hall-3], price: 2.45 USD/GPU-day, term: 5y,
       |                                                      ^^^^^^^^^^^^^^^^ contracts[0].price

    error[dates-out-of-order]: `scheduled_start` 2026-09-01 lies before `signed` 2026-10-05
      --> site.yaml:45:22
       |
    45 |     scheduled_start: 2026-09-01
       |                      ^^^^^^^^^^ contracts[1].scheduled_start

    error[per-cent]: expected a share such as 25%, found `75`; write 75%
      --> site.yaml:47:45
       |
    47 |   - {id: term, commitment: 2B USD, advance: 75, base: sofrr, margin: 4%, close: 2026-02-01,
       |                                             ^^ loans[0].advance

    error[unknown-curve]: no curve is called `sofrr`
      --> site.yaml:47:55
       |
    47 |   - {id: term, commitment: 2B USD, advance: 75, base: sofrr, margin: 4%, close: 2026-02-01,
       |                                                       ^^^^^ loans[0].base
       |
       = help: did you mean `sofr`?

    error[dates-out-of-order]: `available_until` 2026-01-31 lies before `close` 2026-02-01
      --> site.yaml:50:23
       |
    50 |      available_until: 2026-01-31, amortises_from: 2026-12-31, maturity: 2030-12-31}
       |                       ^^^^^^^^^^ loans[1].available_until

    25 errors
    "#);
}

/// Mistakes that show only once every name is known.
const INCONSISTENT: &str = "\
site: inconsistent
start: 2026-01-05
power: {pue: 1.2, peak_pue: 1.35}
platforms:
  gb300: {gpus_per_rack: 72, rack_power: 136 kW, it_overhead: 1.16}
activities:
  permit:     {duration: 2w, after: [roads]}
  substation: {duration: 40w, after: [permit]}
  energise-1: {duration: 2w, after: [substation], energises: 200 MW}
  roads:      {duration: 8w, after: [substation SS+2w], cost: £4M}
shell: {owned: true}
halls:
  count: 8
  it_power: 34 MW
  powered_by: {1-8: energise-1}
  activities:
    l5: {duration: 2w, ready_for_service: true}
  cluster:
    platform: gb300
    units: 26
    racks_per_unit: 8
    install: {duration: 4d}
    burn_in: {duration: 1w}
    test:    {duration: 2w}
    accept:  {duration: 2w}
contracts:
  - {customer: acme, halls: [hall-1..hall-5], price: 2.45 USD/GPU-hour, term: 5y,
     signed: 2026-01-05, scheduled_start: 2026-09-01}
  - {customer: umbrella, halls: [hall-8..hall-5], price: 2.45 EUR/GPU-hour, term: 5y,
     signed: 2026-01-05, scheduled_start: 2026-09-01}
  - {customer: wonka, halls: [hall-5], total: 3B USD, term: 5y,
     signed: 2026-01-05, scheduled_start: 2026-09-01}
";

#[test]
fn power_money_and_sales_are_added_up() {
    assert_snapshot!(check(INCONSISTENT).refused(2), @r#"
    error[no-exchange-rate]: no exchange rate for GBP
      --> site.yaml:10:63
       |
    10 |   roads:      {duration: 8w, after: [substation SS+2w], cost: £4M}
       |                                                               ^^^ activities.roads.cost
       |
       = help: add `fx: {GBP: {2025-11-10: 1.31}}` (USD for one GBP)

    error[not-enough-power]: `hall-5` needs 45.9 facility MW at peak; 16.4 facility MW is left for it on energise-1
      --> site.yaml:15:21
       |
    15 |   powered_by: {1-8: energise-1}
       |                     ^^^^^^^^^^ halls.powered_by.1-8
       |
       = help: 8 halls: 272.0 IT MW x peak PUE 1.35 = 367.2 facility MW; 1 stage: 200.0 grid MW

    error[unknown-hall]: `hall-8..hall-5` runs backwards
      --> site.yaml:29:34
       |
    29 |   - {customer: umbrella, halls: [hall-8..hall-5], price: 2.45 EUR/GPU-hour, term: 5y,
       |                                  ^^^^^^^^^^^^^^ contracts[1].halls[0]
       |
       = help: write `hall-5..hall-8`

    error[no-exchange-rate]: no exchange rate for EUR
      --> site.yaml:29:58
       |
    29 |   - {customer: umbrella, halls: [hall-8..hall-5], price: 2.45 EUR/GPU-hour, term: 5y,
       |                                                          ^^^^^^^^^^^^^^^^^ contracts[1].price
       |
       = help: add `fx: {EUR: {2025-11-10: 1.31}}` (USD for one EUR)

    error[sold-twice]: `hall-5.unit-01` is already sold to `acme`
      --> site.yaml:31:5
       |
    31 |   - {customer: wonka, halls: [hall-5], total: 3B USD, term: 5y,
       |     ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ contracts[2]

    5 errors
    "#);
}

#[test]
fn a_cycle_is_told_as_its_chain() {
    let text = "site: round\nstart: 2026-01-05\nactivities:\n  \
                permit: {duration: 2w, after: [roads]}\n  \
                substation: {duration: 40w, after: [permit]}\n  \
                roads: {duration: 8w, after: [substation SS+2w]}\n";
    assert_snapshot!(check(text).refused(2), @r#"
    error[cycle]: a cycle: permit -> substation -> roads -> permit
     --> site.yaml:4:3
      |
    4 |   permit: {duration: 2w, after: [roads]}
      |   ^^^^^^ activities.permit
      |
      = help: each waits for the one before it; drop one of these links

    1 error
    "#);
}

#[test]
fn what_has_a_name_stays_known_though_it_cannot_be_read() {
    let text = SHED.replace(
        "resources: ",
        "calendars: {night: {week: Mon-Fry 22:00-06:00}}\ncalendar: night\nresources: ",
    );
    let text = text.replace("energises: 7 MW", "energises: 7");
    let text = text.replace("fit-out: {", "fit-out: {calendar: night, ");
    assert_snapshot!(check(text).refused(2), @r#"
    error[calendar]: expected a weekday such as Mon; it is `Fry`
     --> site.yaml:9:27
      |
    9 | calendars: {night: {week: Mon-Fry 22:00-06:00}}
      |                           ^^^^^^^^^^^^^^^^^^^ calendars.night.week

    error[power]: expected power with its unit (W, kW, MW, GW, VA, kVA, MVA, GVA), found `7`
      --> site.yaml:13:47
       |
    13 |   grid: {duration: 8w < 10w < 14w, energises: 7}
       |                                               ^ activities.grid.energises

    2 errors
    "#);
}

#[test]
fn a_shell_is_owned_or_leased() {
    let text = SHED.to_owned() + "shell: {owned: true, rent: 140 USD/IT-kW-month, term: 15y}\n";
    assert_snapshot!(check(text).refused(2), @r#"
    error[owned-and-leased]: the shell is owned: it has no rent
      --> site.yaml:30:28
       |
    30 | shell: {owned: true, rent: 140 USD/IT-kW-month, term: 15y}
       |                            ^^^^^^^^^^^^^^^^^^^ shell.rent

    1 error
    "#);
    let text = SHED.to_owned() + "shell: {rent: 140 USD/IT-kW-month, term: 15y}\n";
    assert_snapshot!(check(text).refused(2), @r#"
    error[owned-and-leased]: the shell is leased: its walls cannot be bought too
      --> site.yaml:16:35
       |
    16 |     fit-out: {duration: 9w, cost: 6M USD}
       |                                   ^^^^^^ halls.activities.fit-out.cost
       |
       = help: say what else the money buys: `asset: fit_out`, `plant` or `technology`

    1 error
    "#);
}

#[test]
fn every_finding_is_data_too() {
    let fixture = Fixture::new().file("a/wrong.yaml", WRONG);
    let ran = fixture.run(["check", "a/wrong.yaml", "--json"]);
    assert_eq!((ran.code, ran.stderr.as_str()), (Some(2), ""));
    let json: Value = serde_json::from_str(&ran.stdout).unwrap();
    assert!(json["score"].is_null());
    let list = json["findings"].as_array().unwrap();
    for finding in list {
        assert_eq!(finding["file"], "a/wrong.yaml");
        let at = |key: &str| finding[key].as_u64().unwrap() as usize;
        assert!(at("line") <= WRONG.lines().count() && at("column") >= 1, "{finding}");
        assert!(!finding["message"].as_str().unwrap().is_empty(), "{finding}");
    }
    let lines: Vec<String> = list
        .iter()
        .map(|f| {
            let text = |key: &str| f[key].as_str().unwrap_or("-").to_owned();
            format!("{}:{} {} {}", f["line"], f["column"], text("id"), text("path"))
        })
        .collect();
    assert_snapshot!(lines.join("\n"), @r#"
    4:35 duplicate-key power.pue
    5:1 unknown-key colour
    6:33 dates-out-of-order plan.all_online
    10:42 power platforms.gb300.rack_power
    10:63 money platforms.gb300.price_per_rack
    13:26 duration activities.permit.duration
    14:39 unknown-activity activities.substation.after[0]
    14:59 unknown-calendar activities.substation.calendar
    15:62 power activities.energise-1.energises
    16:26 duration activities.roads.duration
    16:64 no-exchange-rate activities.roads.cost
    16:76 unknown-word activities.roads.asset
    17:60 progress activities.drains.actual_start
    18:38 link activities.walls.after[0]
    23:34 unknown-stage halls.powered_by.2
    25:32 unknown-resource halls.activities.l5.needs.tester
    27:15 unknown-platform halls.cluster.platform
    35:3 unknown-edit edits.halls.hall-3.l5
    36:68 lot-dates lots.ordered
    38:30 unknown-hall contracts[0].halls[0]
    38:54 price contracts[0].price
    45:22 dates-out-of-order contracts[1].scheduled_start
    47:45 per-cent loans[0].advance
    47:55 unknown-curve loans[0].base
    50:23 dates-out-of-order loans[1].available_until
    "#);
    let good = Fixture::new().file("shed.yaml", SHED).run(["check", "shed.yaml", "--json"]);
    let json: Value = serde_json::from_str(&good.fine()).unwrap();
    assert_eq!((&json["findings"], json["score"].is_object()), (&Value::Array(vec![]), true));
}

#[test]
fn a_mistake_in_a_flag_points_into_its_text() {
    let fixture = Fixture::new().file("shed.yaml", SHED);
    let told = |args: &[&str]| {
        let all = ["check", "shed.yaml"].iter().chain(args);
        fixture.run(all).refused(2)
    };
    assert_snapshot!(told(&["--set", "power.pie=1.2", "--set", "power.pue=1,2x"]), @r#"
    error[unknown-key]: unknown key `pie`
     --> --set:1:1
      |
    1 | power.pie=1.2
      | ^^^^^^^^^
      |
      = help: did you mean `pue`?

    error[factor]: expected a plain factor such as 1.20, found `1,2x`
     --> --set:1:11
      |
    1 | power.pue=1,2x
      |           ^^^^

    2 errors
    "#);
    assert_snapshot!(told(&["--set", "halls.hall-2.isd.duration=3w", "--set", "power.pue"]), @r#"
    error[unknown-edit]: `hall-2` has nothing called `isd`
     --> --set:1:1
      |
    1 | halls.hall-2.isd.duration=3w
      | ^^^^^^^^^^^^^^^^^^^^^^^^^
      |
      = help: did you mean `ist`?

    error[set]: expected KEY=VALUE, found `power.pue`
     --> --set:1:1
      |
    1 | power.pue
      | ^^^^^^^^^
      |
      = help: for example power.pue=1.25 or halls.hall-2.ist.duration=3w

    2 errors
    "#);
    assert_snapshot!(told(&["--set", "loans.trem.margin=5%", "--set", "halls.hall-9.ist={}"]), @r#"
    error[unknown-item]: no item of this list is called `trem`
     --> --set:1:1
      |
    1 | loans.trem.margin=5%
      | ^^^^^^^^^^^^^^^^^
      |
      = help: did you mean `term`?

    error[unknown-edit]: no hall is called `hall-9`
     --> --set:1:1
      |
    1 | halls.hall-9.ist={}
      | ^^^^^^^^^^^^^^^^
      |
      = help: did you mean `hall-1`?

    2 errors
    "#);
    assert_snapshot!(told(&["--set", "activities.grid.duration=2", "--set", "contracts.acme.price=2"]), @r#"
    error[duration]: expected a length such as 12w, 3d, 40ew; `2` has no unit
     --> --set:1:26
      |
    1 | activities.grid.duration=2
      |                          ^

    error[price]: expected a price such as 2.45 USD/GPU-hour, found `2`
     --> --set:1:22
      |
    1 | contracts.acme.price=2
      |                      ^

    2 errors
    "#);
    assert_snapshot!(told(&["--delay", "gird=8w", "--delay", "grid=8", "--delay", "grid"]), @r#"
    error[unknown-activity]: no activity is called `gird`
     --> --delay:1:1
      |
    1 | gird=8w
      | ^^^^
      |
      = help: did you mean `grid`?

    error[delay]: expected a length such as 12w, 3d, 40ew; `8` has no unit
     --> --delay:1:6
      |
    1 | grid=8
      |      ^

    error[delay]: expected ACTIVITY=LENGTH, found `grid`
     --> --delay:1:1
      |
    1 | grid
      | ^^^^
      |
      = help: for example energise-1=8w

    3 errors
    "#);
    assert_snapshot!(told(&["--delay", "ist=8w", "--delay", "hall-7.*=1w", "--delay", "=1w"]), @r#"
    error[unknown-activity]: no activity is called `ist`
     --> --delay:1:1
      |
    1 | ist=8w
      | ^^^
      |
      = help: did you mean `hall-1.ist`, or `*.ist` for all of them?

    error[unknown-activity]: no activity matches `hall-7.*`
     --> --delay:1:1
      |
    1 | hall-7.*=1w
      | ^^^^^^^^

    error[delay]: expected ACTIVITY=LENGTH, found `=1w`
     --> --delay:1:1
      |
    1 | =1w
      | ^^^
      |
      = help: for example energise-1=8w

    3 errors
    "#);
}

#[test]
fn power_for_a_hall_that_there_is_not_is_told() {
    let site = "site: shed
start: 2026-01-05
power: {pue: 1.2}
activities: {grid: {duration: 8w, energises: 20 MW}}
halls:
  count: 2
  it_power: 4 MW
  powered_by: {1-2: grid, 3-4: grid}
  activities: {ist: {duration: 1w, ready_for_service: true}}
";
    let checked = Fixture::new().file("shed.yaml", site).run(["check", "shed.yaml"]);
    assert_eq!(checked.code, Some(0), "{checked}");
    assert_snapshot!(checked.stderr, @"
    warning[powered-by]: no hall here has a number in `3-4`
     --> shed.yaml:8:27
      |
    8 |   powered_by: {1-2: grid, 3-4: grid}
      |                           ^^^ halls.powered_by.3-4
      |
      = help: they are numbered 1 to 2

    1 warning
    ");
}
