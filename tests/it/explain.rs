//! What drove a date, and how sound a schedule is.

use std::path::PathBuf;
use std::process::{Command, Output};

use energize::analysis::explain::{self, Set, explain};
use energize::analysis::score::{Score, Verdict, redundant_links, score};
use energize::analysis::{driving_chain, run};
use energize::model::cpm::Dates;
use energize::model::{Cause, Input, Site, load};
use energize::time::Span;
use proptest::prelude::*;

use crate::plans::{Mix, plan};
use crate::shipped::shipped;

fn site_with(text: &str, delays: &[&str]) -> Site {
    let delays = delays.iter().map(|delay| (*delay).to_owned()).collect();
    let text = text.as_bytes().to_vec();
    let loaded = load(Input { name: "site.yaml".into(), text, delays, ..Input::default() });
    loaded.site.unwrap_or_else(|| panic!("{:?}", loaded.findings))
}

fn energize(args: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_energize")).args(args).output().unwrap()
}

/// Mondays to Fridays, eight hours: ten days are two weeks.
const NETWORK: &str = "
site: shed
start: 2026-01-05
status_date: 2026-01-12
calendars: {office: {week: Mon-Fri 08:00-16:00}}
calendar: office
resources: {crew: 1}
plan: {design: 2026-01-09, permit: 2026-01-10, walls: 2026-02-20}
activities:
  design:  {duration: 5d, actual_start: 2026-01-05T08:00, actual_finish: 2026-01-09T16:00}
  permit:  {duration: 20d, after: [design], actual_start: 2026-01-12, remaining: 15d}
  ground:  {duration: 5d, after: [design], needs: {crew: 1}}
  drains:  {duration: 8d, after: [design SS+2d], needs: {crew: 1}, priority: 1}
  walls:   {duration: 10d, after: [permit, ground, drains, design]}
  paint:   {duration: 3d, after: [walls FS-1d]}
  snags:   {duration: 2d, after: [paint SS]}
  fence:   {duration: 60d, after: [walls FF]}
";

fn told(text: &str, delays: &[&str], activity: &str) -> Vec<String> {
    let site = site_with(text, delays);
    let run = run(&site);
    let explanation = explain(&site, &run.timeline, explain::find(&site, activity).unwrap());
    let line = |step: &explain::Step| {
        let id = |at: u32| site.plan.activities[at as usize].id.as_str();
        let from = |link: u32| id(site.plan.links[link as usize].from);
        let cause = match step.cause {
            Cause::Link(link) => format!("link {}", from(link)),
            Cause::Released(_, holder) => format!("released {}", id(holder.unwrap())),
            other => format!("{other:?}"),
        };
        let next = step.next_best.map(|next| {
            let days = next.slack.0 / site.plan.calendar(step.activity).day_minutes();
            format!(", {} d before {}", days, from(next.link))
        });
        format!("{} {:?}: {cause}{}", id(step.activity), step.set, next.unwrap_or_default())
    };
    explanation.steps.iter().map(line).collect()
}

#[test]
fn a_chain_goes_back_through_remaining_work_to_the_first_actual_start() {
    let wanted = [
        "design Start: Actual",
        "permit Rest: StatusDate",
        "walls Start: link permit, 2 d before drains",
    ];
    assert_eq!(told(NETWORK, &[], "walls"), wanted);
}

#[test]
fn a_wait_for_a_crew_leads_to_who_let_go() {
    let wanted = [
        "ground Start: StatusDate, 0 d before design",
        "drains Start: released ground, 8 d before design",
    ];
    assert_eq!(told(NETWORK, &[], "drains"), wanted);
}

#[test]
fn the_next_best_predecessor_may_be_later_by_just_what_is_told() {
    let start = |delays: &[&str]| {
        let site = site_with(NETWORK, delays);
        run(&site).timeline.start[explain::find(&site, "walls").unwrap() as usize]
    };
    // Five of them pass while it waits for the crew.
    assert_eq!(start(&["drains=7d"]), start(&[]));
    assert_eq!(start(&["drains=8d"]) - start(&[]), Span(1440));
    let chain = told(NETWORK, &["drains=8d"], "walls");
    assert_eq!(chain.last().unwrap(), "walls Start: link drains, 1 d before permit");
}

#[test]
fn a_finish_link_drives_through_the_finish() {
    let wanted = "fence Start: StatusDate, ";
    assert!(told(NETWORK, &[], "fence").last().unwrap().starts_with(wanted));
    let long = NETWORK.replace("walls:   {duration: 10d", "walls:   {duration: 90d");
    assert_eq!(told(&long, &[], "fence").last().unwrap(), "fence Start: link walls");
}

#[test]
fn the_driving_chain_is_the_end_of_each_explanation() {
    for site in shipped() {
        let run = run(&site);
        let waits = run.timeline.waits_by_activity();
        for activity in 0..site.plan.activities.len() as u32 {
            let steps = explain(&site, &run.timeline, activity).steps;
            let chain = driving_chain(&site, &run.timeline, &waits, activity);
            let same = steps.iter().rev().zip(chain.iter().rev());
            let ids = |at: u32| &site.plan.activities[at as usize].id;
            for (step, driver) in same {
                assert_eq!(ids(step.activity), ids(driver.activity), "explaining {activity}");
            }
            assert!(steps.len() >= chain.len());
            let first = &steps[0];
            let root = matches!(first.cause, Cause::Actual | Cause::NotBefore | Cause::RunStart);
            let rest = (first.cause, first.set) == (Cause::StatusDate, Set::Rest);
            assert!(root || rest || first.cause == Cause::StatusDate, "{first:?}");
            for pair in steps.windows(2) {
                let earlier = run.timeline.start[pair[0].activity as usize];
                assert!(earlier <= run.timeline.finish[pair[1].activity as usize]);
            }
        }
    }
}

#[test]
fn halls_units_and_lots_are_found_by_name() {
    let site = shipped().into_iter().find(|site| site.id == "london-blackwell-ultra").unwrap();
    let id = |name: &str| {
        explain::find(&site, name).map(|at| site.plan.activities[at as usize].id.as_str())
    };
    assert_eq!(id("hall-3"), Ok("hall-3.l5-integrated"));
    assert_eq!(id("hall-3.rfs"), Ok("hall-3.l5-integrated"));
    assert_eq!(id("hall-3.unit-07"), Ok("hall-3.unit-07.accept"));
    assert_eq!(id("lot-2"), Ok("lot-2.transit"));
    assert_eq!(id("energise-1"), Ok("energise-1"));
    assert_eq!(id("energize-1"), Err(Some("did you mean `energise-1`?".into())));
}

#[test]
fn an_unknown_activity_is_refused_with_the_nearest_name() {
    let site = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("sites/london-q1-2026-needs.yaml");
    let site = site.to_str().unwrap();
    let output = energize(&["explain", site, "hall-33"]);
    assert_eq!(output.status.code(), Some(2));
    let error = String::from_utf8(output.stderr).unwrap();
    assert!(error.contains("no activity is called `hall-33`"), "{error}");
    assert!(error.contains("did you mean `hall-3`?"), "{error}");
    assert!(output.stdout.is_empty());
    let output = energize(&["explain", site, "hall-3", "--json"]);
    assert_eq!(output.status.code(), Some(0));
    let chain: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(chain["activity"], "hall-3.l5-integrated");
    let last = chain["steps"].as_array().unwrap().last().unwrap();
    assert_eq!((&last["activity"], &last["finish"]), (&chain["activity"], &chain["finish"]));
}

fn scored(text: &str) -> Score {
    let site = site_with(text, &[]);
    score(&site, &run(&site))
}

/// Verdict, found, of, who.
type Said<'n> = (Verdict, Option<usize>, Option<usize>, Vec<&'n str>);

fn point(score: &Score, number: usize) -> Said<'_> {
    let point = &score.points[number - 1];
    assert_eq!(usize::from(point.number), number);
    let names = point.which.iter().map(|group| group.name.as_str());
    (point.verdict, point.found, point.of, names.collect())
}

#[test]
fn each_point_counts_what_it_says() {
    use Verdict::{Fail, NotAssessed, Pass, Told};
    let score = scored(NETWORK);
    let others = vec!["design SS+2 d -> drains", "paint SS -> snags", "walls FF -> fence"];
    let bare = vec!["permit", "walls", "paint", "snags", "fence"];
    let wanted: [Said; 14] = [
        // `fence` ends last, so it needs no successor.
        (Fail, Some(1), Some(7), vec!["snags"]),
        (Fail, Some(1), Some(10), vec!["walls FS-1 d -> paint"]),
        (Fail, Some(1), Some(10), vec!["design SS+2 d -> drains"]),
        (Fail, Some(7), Some(10), others),
        (Pass, Some(0), Some(7), vec![]),
        (Pass, Some(0), Some(7), vec![]),
        (Pass, Some(0), Some(7), vec![]),
        (Fail, Some(1), Some(7), vec!["fence"]),
        (Pass, Some(0), Some(8), vec![]),
        (Told, Some(5), Some(7), bare),
        // `walls` is promised for later than the status date.
        (Fail, Some(1), Some(2), vec!["permit"]),
        (Pass, None, None, vec!["fence"]),
        (NotAssessed, None, None, vec![]),
        (Fail, Some(1), Some(2), vec![]),
    ];
    for (number, wanted) in (1..).zip(wanted) {
        assert_eq!(point(&score, number), wanted, "point {number}");
    }
    let network = score.network;
    assert_eq!((network.activities, network.links), (8, 10));
    let names = |tally: &energize::analysis::score::Tally| {
        tally.which.iter().map(|group| group.name.clone()).collect::<Vec<_>>()
    };
    assert_eq!(names(&network.redundant_links), ["design FS -> walls"]);
    assert_eq!(names(&network.open_finishes), ["snags"]);
    assert_eq!(names(&network.dangling_starts), ["fence"]);
    assert_eq!(names(&network.dangling_finishes), ["paint"]);
}

#[test]
fn unit_steps_count_once_for_each_hall() {
    for site in shipped() {
        let score = score(&site, &run(&site));
        let steps: usize = site.halls.len() * 4;
        let units = site.plan.activities.iter().filter(|activity| activity.unit.is_some());
        let single = site.plan.activities.len() - units.count();
        assert_eq!(score.network.activities, single + steps, "{}", site.id);
        let points: Vec<u8> = score.points.iter().map(|point| point.number).collect();
        assert_eq!(points, (1..=14).collect::<Vec<_>>());
        for point in &score.points {
            let said = point.reason.is_some() || point.verdict != Verdict::NotAssessed;
            assert!(said, "{}", point.name);
        }
    }
}

#[test]
fn check_prints_findings_and_score_as_json() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("site.yaml");
    let check = |text: &str| {
        std::fs::write(&path, text).unwrap();
        let output = energize(&["check", path.to_str().unwrap(), "--json"]);
        let json: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
        (output.status.code(), json)
    };
    let (code, json) = check(NETWORK);
    assert_eq!(code, Some(0));
    assert_eq!(json["findings"][0]["id"], "dangling-activity");
    assert_eq!(json["score"]["points"].as_array().unwrap().len(), 14);
    assert_eq!(json["score"]["points"][12]["verdict"], "not_assessed");
    assert_eq!(json["score"]["network"]["redundant_links"]["count"], 1);
    let (code, json) = check(&NETWORK.replace("[walls FF]", "[wall FF]"));
    assert_eq!((code, &json["score"]), (Some(2), &serde_json::Value::Null));
    assert_eq!(json["findings"][0]["id"], "unknown-activity");
}

const LINKED: Mix = Mix {
    activities: 14,
    calendars: 3,
    look_ahead: false,
    progress: true,
    crews: false,
    minutes: 900,
};

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn without_its_redundant_links_a_plan_has_the_same_dates(draft in plan(LINKED)) {
        let whole = draft.plan();
        let redundant = redundant_links(&whole);
        let mut fewer = draft.clone();
        let kept = (0..).zip(&whole.links).filter(|(at, _)| !redundant.contains(at));
        fewer.parts.links = kept.map(|(_, link)| *link).collect();
        let (whole, fewer) = (Dates::likely(&whole), Dates::likely(&fewer.plan()));
        prop_assert_eq!(whole.early_start, fewer.early_start);
        prop_assert_eq!(whole.early_finish, fewer.early_finish);
        prop_assert_eq!(whole.total_float, fewer.total_float);
    }
}
