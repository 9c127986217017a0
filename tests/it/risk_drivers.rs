//! What drives a date and an amount, against sites whose answer is worked out by hand, and the
//! laws: what lies on no path drives nothing, and what is drawn is drawn alike with and without.

use std::io::Cursor;
use std::sync::atomic::AtomicBool;

use energize::chance::Plan;
use energize::model::{Input, Site, load};
use energize::risk::{
    Driver, DriverKind, OneAtATime, RankTornado, Removal, Removals, Store, Study, Workers,
    one_at_a_time, outside_view, rank_tornado, removals, run_trials,
};
use energize::unit::Share;

const HEAD: &str = "site: case\nstart: 2026-01-01\ncurrency: USD\n";
const TRIALS: u32 = 4_000;
const P80: Share = Share(800_000_000);

/// One activity dominates, one lies aside; a flood may hit the path, a storm only what lies aside.
const TWO: &str = "activities:
  long: {duration: {discrete: {100ed: 50%, 200ed: 50%}}}
  short: {duration: {discrete: {10ed: 50%, 12ed: 50%}}, after: [long]}
  aside: {duration: {discrete: {1ed: 50%, 2ed: 50%}}}
risk:
  factors:
    labour: {spread: {uniform: [1.0, 1.5]}, on: [aside]}
  risks:
    flood: {probability: 50%, delay: 30ed, on: [short]}
    storm: {probability: 50%, delay: 3ed, on: [aside]}
";

/// Work and what it costs; one risk delays it and costs money.
const PRICED: &str = "activities:
  work: {duration: 10ed, cost: 1M USD}
risk:
  risks:
    flood: {probability: 50%, delay: 30ed, cost: 5M USD, on: [work]}
    idle: {probability: 0%, delay: 30ed, on: [work]}
";

fn site(text: &str) -> Site {
    let text = format!("{HEAD}{text}");
    let input = Input { name: "case.yaml".into(), text: text.clone().into(), ..Input::default() };
    let loaded = load(input);
    loaded.site.unwrap_or_else(|| panic!("{:#?}\n{text}", loaded.findings))
}

fn with_workers<R>(threads: usize, run: impl FnOnce(&Workers<'_>) -> R) -> R {
    let stop = AtomicBool::new(false);
    run(&Workers { threads, stop: &stop, progress: &|_| {}, reversed: false })
}

fn stored(study: &Study<'_>) -> Store<Cursor<Vec<u8>>> {
    let meta = study.meta(String::new(), TRIALS, 0..TRIALS);
    let mut store = Store::create(meta, Cursor::new(Vec::new()), usize::MAX).unwrap();
    with_workers(2, |workers| run_trials(study, &mut store, TRIALS, workers)).unwrap();
    store
}

fn ranked(text: &str, column: &str) -> RankTornado {
    let site = site(text);
    let study = Study::new(&site, 7, Plan::Plain, true);
    rank_tornado(&study, &mut stored(&study), column).unwrap()
}

fn single(text: &str, money: &[&str]) -> OneAtATime {
    let site = site(text);
    let study = Study::new(&site, 7, Plan::Plain, true);
    one_at_a_time(&study, 0..TRIALS, &Driver::all(&study), money)
}

fn removed(text: &str, plan: Plan, money: &[&str], threads: usize) -> Removals {
    let site = site(text);
    let study = Study::new(&site, 7, plan, true);
    let causes = Driver::causes(&site);
    with_workers(threads, |workers| removals(&study, 0..TRIALS, P80, &causes, money, workers))
        .unwrap()
}

fn days(swings: &OneAtATime) -> Vec<(&str, Option<f64>, Option<f64>)> {
    let swing = swings.swings.iter();
    swing.map(|swing| (swing.driver.as_str(), swing.low_days, swing.high_days)).collect()
}

fn json(value: &impl serde::Serialize) -> String {
    serde_json::to_string(value).unwrap()
}

#[test]
fn the_activity_that_dominates_leads_the_tornado_of_ranks() {
    let tornado = ranked(TWO, "finish");
    assert_eq!((tornado.considered, tornado.trials), (6, TRIALS));
    let first = &tornado.drivers[0];
    assert_eq!((first.driver.as_str(), first.kind), ("long", DriverKind::Activity));
    let of = |name: &str| tornado.drivers.iter().find(|of| of.driver == name).unwrap().spearman;
    assert!(of("long") > of("short") && of("short") >= of("risk flood"));
    // The normal deviate that 0.025 of 6 lies above is 2.6383.
    assert_eq!(format!("{:.5}", tornado.by_chance), format!("{:.5}", 2.638_257 / 3_999_f64.sqrt()));
    // Nothing to do with the date: within four standard errors of 0.
    let error = 4.0 / f64::from(TRIALS).sqrt();
    for name in ["aside", "factor labour", "risk storm"] {
        assert!(of(name).abs() < error, "{name}: {}", of(name));
    }
}

#[test]
fn what_alone_sets_the_date_goes_with_it_wholly() {
    let tornado = ranked(PRICED, "finish");
    let names: Vec<&str> = tornado.drivers.iter().map(|of| of.driver.as_str()).collect();
    assert_eq!(names, ["work", "risk flood"], "the idle risk never varies");
    for of in &tornado.drivers {
        assert_eq!((of.spearman.to_string(), of.kind), ("1".into(), of.of.kind()));
    }
    let cost = ranked(PRICED, "cost.capital");
    assert_eq!(cost.drivers.len(), 2);
    assert_eq!(
        json(&cost.drivers[1]),
        r#"{"driver":"risk flood","kind":"risk","spearman":1.0,"pearson":1.0}"#
    );
}

#[test]
fn one_driver_at_a_time_moves_the_date_by_its_own_days() {
    let swings = single(TWO, &[]);
    assert_eq!(json(&swings.likely), r#"{"hours":2640.0,"date":"2026-04-21T00:00"}"#);
    let nothing = (Some(0.0), Some(0.0));
    assert_eq!(
        days(&swings),
        [
            ("long", Some(0.0), Some(100.0)),
            // In the trials it takes 10, 12, 40 or 42 days, as the flood is part of it.
            ("short", Some(0.0), Some(32.0)),
            ("risk flood", Some(0.0), Some(30.0)),
            ("aside", nothing.0, nothing.1),
            ("factor labour", nothing.0, nothing.1),
            ("risk storm", nothing.0, nothing.1),
        ]
    );
    assert_eq!(json(&swings.swings[0].high), r#"{"work_hours":4800.0}"#);
}

#[test]
fn one_driver_at_a_time_moves_amounts_too() {
    let swings = single(PRICED, &["cost.capital"]);
    assert_eq!(
        json(&swings.likely_money),
        r#"[{"column":"cost.capital","value":{"amount":"1000000.00"}}]"#
    );
    let flood = swings.swings.iter().find(|swing| swing.driver == "risk flood").unwrap();
    assert_eq!((flood.low_days, flood.high_days), (Some(0.0), Some(30.0)));
    assert_eq!(json(&flood.high), r#"{"happens":true}"#);
    assert_eq!(
        json(&flood.money),
        r#"[{"column":"cost.capital","low":{"amount":"0.00"},"high":{"amount":"5000000.00"}}]"#
    );
}

#[test]
fn an_uncertain_cost_and_a_factor_on_it_move_the_cost_alone() {
    let text = "activities:
  work: {duration: 10ed, cost: {discrete: {1M USD: 50%, 3M USD: 50%}}}
risk:
  factors:
    prices: {spread: {discrete: {1: 60%, 1.5: 40%}}, costs: [work]}
";
    let swings = single(text, &["cost.capital"]);
    let text = json(&swings.swings);
    assert!(
        text.contains(
            r#"{"driver":"cost work","kind":"cost","low":{"amount":"1000000.00","currency":"USD"},"high":{"amount":"3000000.00","currency":"USD"},"low_days":0.0,"high_days":0.0,"money":[{"column":"cost.capital","low":{"amount":"0.00"},"high":{"amount":"2000000.00"}}]}"#
        ),
        "{text}"
    );
    assert!(
        text.contains(
            r#""driver":"factor prices","kind":"factor","low":{"factor":1.0},"high":{"factor":1.5},"low_days":0.0,"high_days":0.0,"money":[{"column":"cost.capital","low":{"amount":"0.00"},"high":{"amount":"500000.00"}}]"#
        ),
        "{text}"
    );
}

#[test]
fn the_only_risk_costs_all_of_its_delay_in_the_p80() {
    let found = removed(PRICED, Plan::Plain, &["cost.capital"], 2);
    assert_eq!(json(&found.with_all), r#"{"hours":960.0,"date":"2026-02-10T00:00"}"#);
    let [flood, idle] = &found.removals[..] else { panic!("{found:#?}") };
    assert_eq!((flood.driver.as_str(), flood.days), ("risk flood", Some(30.0)));
    assert_eq!(json(&flood.without), r#"{"hours":240.0,"date":"2026-01-11T00:00"}"#);
    assert_eq!(
        json(&flood.money),
        r#"[{"column":"cost.capital","percent":80.0,"with_all":{"amount":"6000000.00"},"without":{"amount":"1000000.00"},"difference":{"amount":"5000000.00"}}]"#
    );
    let nothing = |of: &Removal| (of.days, of.mean_days);
    assert_eq!(nothing(idle), (Some(0.0), Some(0.0)), "what never happens costs nothing");
}

#[test]
fn a_cause_that_no_path_feels_costs_nothing_at_all() {
    for plan in [Plan::Plain, Plan::Antithetic, Plan::Latin { trials: TRIALS }] {
        let found = removed(TWO, plan, &[], 2);
        let of = |name: &str| {
            let of = found.removals.iter().find(|of| of.driver == name).unwrap();
            (of.days.unwrap(), of.mean_days.unwrap())
        };
        for name in ["factor labour", "risk storm"] {
            assert_eq!(of(name), (0.0, 0.0), "{name} under {plan:?}");
        }
        assert!(of("risk flood").0 > 0.0 && of("risk flood").1 > 0.0);
        assert_eq!(found.removals[0].driver, "risk flood");
    }
}

#[test]
fn an_activity_costs_what_its_spread_and_its_rework_add() {
    let text = "activities:
  work: {duration: {discrete: {10ed: 60%, 50ed: 40%}}, rework: {probability: 50%, duration: 5ed, at_most: 1}, cost: {discrete: {1M USD: 60%, 3M USD: 40%}}}
";
    let site = site(text);
    let study = Study::new(&site, 7, Plan::Plain, true);
    let drivers = Driver::all(&study);
    let names: Vec<String> = drivers.iter().map(|driver| driver.name(&site)).collect();
    assert_eq!(names, ["work", "cost work"]);
    let money = ["cost.capital"];
    let found = with_workers(2, |workers| {
        removals(&study, 0..TRIALS, P80, &drivers, &money, workers).unwrap()
    });
    let [work, cost] = &found.removals[..] else { panic!("{found:#?}") };
    // 10 days in 30 % of trials, 25 in 18 %, 50 in 20 %, 65 in 24 %, 105 in 8 %: the P80 is 65, and
    // 10 without spread and rework.
    assert_eq!((work.driver.as_str(), work.days), ("work", Some(55.0)));
    assert_eq!((cost.driver.as_str(), cost.days), ("cost work", Some(0.0)));
    assert_eq!(json(&cost.money[0].difference), r#"{"amount":"2000000.00"}"#);
    assert_eq!(json(&work.money[0].difference), r#"{"amount":"0.00"}"#);
}

#[test]
fn what_each_activity_draws_apart_shows_with_the_activities() {
    let text = "activities:
  one: {duration: 10ed}
  two: {duration: 10ed, after: [one]}
risk:
  factors:
    labour: {spread: {discrete: {1: 50%, 2: 50%}}, on: [one, two], each: true}
  risks:
    flood: {probability: 50%, delay: 30ed, on: [one, two], each: true}
";
    let tornado = ranked(text, "finish");
    let names: Vec<&str> = tornado.drivers.iter().map(|of| of.driver.as_str()).collect();
    assert_eq!((tornado.considered, names.len()), (2, 2), "{names:?}");
    let swings = single(text, &[]);
    let of = |name: &str| swings.swings.iter().find(|swing| swing.driver == name).unwrap();
    assert_eq!(
        (of("factor labour").high_days, of("risk flood").high_days),
        (Some(20.0), Some(60.0))
    );
    assert_eq!((of("one").low_days, of("one").high_days), (Some(0.0), Some(40.0)));
}

#[test]
fn what_is_under_way_and_what_goes_together_is_drawn_and_held_alike() {
    let text = "status_date: 2026-02-01
activities:
  one: {duration: 20ed < 60ed < 100ed, actual_start: 2026-01-01, remaining: 29ed}
  two: {duration: 20ed < 30ed < 60ed, after: [one]}
  three: {duration: 20ed < 30ed < 60ed, after: [two]}
risk:
  correlations: [{of: [two, three], pearson: 0.6}]
";
    let site = site(text);
    let study = Study::new(&site, 7, Plan::Plain, true);
    let drivers = Driver::all(&study);
    let likely = one_at_a_time(&study, 0..TRIALS, &drivers, &[]);
    // 60 days from 1 January, then 30 and 30.
    assert_eq!(json(&likely.likely), r#"{"hours":2880.0,"date":"2026-05-01T00:00"}"#);
    for swing in &likely.swings {
        let (low, high) = (swing.low_days.unwrap(), swing.high_days.unwrap());
        assert!(low < 0.0 && high > 0.0, "{}: {low} to {high}", swing.driver);
    }
    let found = with_workers(2, |workers| {
        removals(&study, 0..TRIALS, P80, &drivers, &[], workers).unwrap()
    });
    for of in &found.removals {
        assert!(of.days.unwrap() > 0.0, "{} costs {:?}", of.driver, of.days);
    }
}

#[test]
fn threads_change_no_byte_of_what_causes_cost() {
    let one = json(&removed(TWO, Plan::Plain, &[], 1));
    assert_eq!(one, json(&removed(TWO, Plan::Plain, &[], 3)));
}

#[test]
fn a_factor_costs_what_it_stretches() {
    let text = "activities:
  work: {duration: 100ed}
risk:
  factors:
    labour: {spread: {discrete: {1: 60%, 2: 40%}}, on: [work]}
";
    let found = removed(text, Plan::Plain, &[], 2);
    assert_eq!(found.removals[0].days, Some(100.0));
}

#[test]
fn a_branch_costs_the_longer_way() {
    let text = "activities:
  local: {duration: 10ed, branch: route.local}
  far: {duration: 50ed, branch: route.far}
  there: {milestone: true, after: [local, far]}
risk:
  branches:
    route: {ways: {local: 60%, far: 40%}}
";
    let swings = single(text, &[]);
    let branch = swings.swings.iter().find(|swing| swing.driver == "branch route").unwrap();
    assert_eq!((branch.low_days, branch.high_days), (Some(0.0), Some(40.0)));
    assert_eq!(json(&branch.high), r#"{"way":"far"}"#);
    assert_eq!(removed(text, Plan::Plain, &[], 2).removals[0].days, Some(40.0));
}

/// A hall that digging and the grid lead to, with an outside view whose last line is open.
fn dig(grid: &str, view: &str) -> String {
    format!(
        "activities:
  permit: {{duration: 30ed}}
  dig: {{duration: {{discrete: {{600ed: 60%, 900ed: 40%}}}}, after: [permit]}}
  grid: {{{grid}}}
  hall: {{duration: 10ed, after: [dig, grid]}}
risk:
  outside_view: {{class: greenfield, from: dig, to: hall{view}}}
"
    )
}

fn outside(text: &str) -> energize::risk::OutsideView {
    let site = site(text);
    let study = Study::new(&site, 7, Plan::Plain, true);
    outside_view(&site, &mut stored(&study)).unwrap().unwrap()
}

#[test]
fn the_outside_view_counts_from_ground_breaking_without_what_is_apart() {
    // 610 days in six of ten trials, else 910; months of 365.25 / 12 days.
    let months = |days: f64| Some(days * 12.0 / 365.25);
    let close = |found: Option<f64>, expected: Option<f64>| {
        assert_eq!(found.map(|of| format!("{of:.9}")), expected.map(|of| format!("{of:.9}")));
    };
    for grid in ["duration: 2000ed", "milestone: true, not_before: 2031-06-24"] {
        let found = outside(&dig(grid, ", apart: [grid]"));
        close(found.p50_months, months(610.0));
        close(found.p80_months, months(910.0));
        assert!(!found.agrees);
        assert_eq!(
            found.sentence,
            "the network disagrees on the P50 22.3 to 35.3 with the 46 greenfield projects: its P50 \
             is 20.0 months, 8.0 less than the class's 28.1; its P80 is 29.9 months, 7.5 less than \
             the class's 37.4"
        );
    }
    // The permit is before ground-breaking: 2000 days of waiting less its 30, and the hall.
    let found = outside(&dig("duration: 2000ed", ""));
    close(found.p50_months, months(1_980.0));
    close(found.p80_months, months(1_980.0));
    assert!(
        found.sentence.starts_with("the network disagrees on the P50 22.3 to 35.3 and the P80")
    );
}

#[test]
fn a_wait_apart_that_other_work_hides_takes_nothing_out() {
    let [with, without] =
        [", apart: [grid]", ""].map(|view| outside(&dig("duration: 500ed", view)));
    assert_eq!((with.p50_months, with.p80_months), (without.p50_months, without.p80_months));
}

#[test]
fn a_network_like_its_class_agrees_and_one_without_outside_view_says_nothing() {
    let text = "activities:
  dig: {duration: {discrete: {850ed: 60%, 1100ed: 40%}}}
risk:
  outside_view: {class: greenfield, from: dig, to: dig}
";
    let found = outside(text);
    assert!(found.agrees, "{}", found.sentence);
    let site = site(TWO);
    let study = Study::new(&site, 7, Plan::Plain, true);
    assert_eq!(outside_view(&site, &mut stored(&study)).unwrap(), None);
}
