//! Money holds work back (semantics M0, M9): who needs a loan waits until it can be drawn.

use energize::analysis::{self, Run, loan_wait_text};
use energize::engine::{Engine, run_likely, run_site};
use energize::ledger::{self, FundingGate, Prepared};
use energize::loan::NoDraw;
use energize::model::terms::{Gate, Loan, LoanKind, Repayment};
use energize::model::timeline::WaitFor;
use energize::model::{Cause, Input, Progress, Site, Timeline, Wait, load};
use energize::money::{Amount, Currency};
use energize::report::{run_text, trace_log};
use energize::time::Day;
use energize::unit::Share;
use proptest::prelude::*;

use crate::books_site::percent;
use crate::fixture::Fixture;

/// Ground is dug, then a frame stands whose cost a loan lends; the permit takes its own time.
const SITE: &str = "
site: shed
start: 2026-01-05
calendars: {build: {week: Mon-Fri 08:00-17:00}}
calendar: build
activities:
  permit: {duration: 20w}
  dig:    {duration: 4w, cost: 10M USD}
  frame:  {duration: 8w, after: [dig], cost: 40M USD, funded_by: ddtl}
  roof:   {duration: 2w, after: [frame], cost: 5M USD}
loans:
  - id: ddtl
    commitment: 30M USD
    advance: 60%
    rate: 8%
    close: 2026-01-05
    available_until: 2026-12-31
    amortises_from: 2027-03-31
    maturity: 2029-12-31
equity: {amount: 200M USD}
";

fn site(changes: &[(&str, &str)]) -> Site {
    let text = changes.iter().fold(SITE.to_owned(), |text, (old, new)| {
        assert!(text.contains(old), "{old}");
        text.replace(old, new)
    });
    read(&text)
}

fn read(text: &str) -> Site {
    let input = Input { name: "site.yaml".into(), text: text.into(), ..Input::default() };
    let loaded = load(input);
    loaded.site.unwrap_or_else(|| panic!("{:?}", loaded.findings))
}

fn activity(site: &Site, id: &str) -> u32 {
    site.plan.activities.iter().position(|activity| activity.id == id).unwrap() as u32
}

/// `2026-02-02T08:00 .. 2026-03-02T08:00 what`, by file order.
fn waits(site: &Site, timeline: &Timeline) -> Vec<String> {
    let text = |wait: &Wait| {
        let WaitFor::Funding { loan, why } = wait.what else { panic!("{wait:?}") };
        let what = loan_wait_text(site, loan, why);
        let until = if wait.until.happens() { wait.until.to_string() } else { "never".into() };
        format!(
            "{} {} .. {until} {what}",
            site.plan.activities[wait.activity as usize].id, wait.from
        )
    };
    timeline.waits.iter().map(text).collect()
}

fn start(run: &Run, site: &Site, id: &str) -> String {
    run.timeline.start[activity(site, id) as usize].to_string()
}

#[test]
fn work_waits_until_its_loan_closes_and_the_trace_says_so() {
    let site = site(&[
        ("permit: {duration: 20w}", "permit: {duration: 2w}"),
        ("close: 2026-01-05", "close: 2026-03-14"),
    ]);
    let run = analysis::run(&site);
    // Closed on a Saturday: work begins on Monday.
    assert_eq!(
        waits(&site, &run.timeline),
        ["frame 2026-02-02T08:00 .. 2026-03-16T08:00 \
          waited for funding by ddtl (the loan is not closed yet)"]
    );
    let frame = activity(&site, "frame");
    assert_eq!(run.timeline.cause[frame as usize], Cause::Funded(0, None));
    let log = trace_log(&site, &run);
    assert!(log.contains("frame starts: funding by ddtl"), "{log}");
    assert!(log.contains("frame waited for funding by ddtl (the loan is not closed yet) 42.0 d"));
    assert!(run.critical_path.iter().any(|driver| driver.activity == frame));
}

#[test]
fn a_condition_lets_work_begin_at_the_minute_that_meets_it() {
    let site = site(&[("rate: 8%", "rate: 8%\n    conditions: [permit]")]);
    let run = analysis::run(&site);
    let permit = activity(&site, "permit");
    assert_eq!(run.timeline.finish[permit as usize].to_string(), "2026-05-22T17:00");
    assert_eq!(
        waits(&site, &run.timeline),
        ["frame 2026-02-02T08:00 .. 2026-05-25T08:00 \
          waited for funding by ddtl (a condition of the first draw is not met)"]
    );
    let frame = activity(&site, "frame");
    assert_eq!(run.timeline.cause[frame as usize], Cause::Funded(0, Some(permit)));
    let chain: Vec<u32> = run.critical_path.iter().map(|driver| driver.activity).collect();
    assert_eq!(chain, [permit, frame, activity(&site, "roof")], "the permit is on the path");
}

#[test]
fn a_condition_met_in_the_same_instant_holds_nothing_back() {
    let site = site(&[
        ("permit: {duration: 20w}", "permit: {duration: 4w}"),
        ("rate: 8%", "rate: 8%\n    conditions: [permit, dig]"),
    ]);
    let run = analysis::run(&site);
    assert_eq!(waits(&site, &run.timeline), [""; 0]);
    assert_eq!(start(&run, &site, "frame"), "2026-02-02T08:00");
    assert!(matches!(run.timeline.cause[activity(&site, "frame") as usize], Cause::Link(_)));
}

#[test]
fn work_that_comes_after_the_availability_is_never_funded_and_the_run_says_so() {
    let site = site(&[("available_until: 2026-12-31", "available_until: 2026-01-31")]);
    let run = analysis::run(&site);
    let gone = "frame 2026-02-02T08:00 .. never \
                waited for funding by ddtl (the availability period is over)";
    assert_eq!(waits(&site, &run.timeline), [gone]);
    assert!(!run.timeline.finish[activity(&site, "roof") as usize].happens());
    let text = run_text(&site, &run);
    assert!(text.contains("2 activities never finish"), "{text}");
    assert!(
        text.contains("frame is never funded by ddtl: the availability period is over"),
        "{text}"
    );
    assert!(trace_log(&site, &run).contains("in vain since 2026-02-02T08:00"));
}

#[test]
fn the_summary_names_what_is_never_funded() {
    let text = SITE.replace("available_until: 2026-12-31", "available_until: 2026-01-31");
    let json = Fixture::new().file("site.yaml", &text).run(["run", "site.yaml", "--json"]).fine();
    let summary: serde_json::Value = serde_json::from_str(&json).unwrap();
    assert_eq!(
        summary["counts"]["never_funded"],
        serde_json::json!([{
            "activity": "frame",
            "loan": "ddtl",
            "since": "2026-02-02T08:00",
            "why": "the availability period is over",
        }])
    );
}

#[test]
fn who_waited_for_money_asks_for_crews_when_it_has_come() {
    let site = site(&[
        ("calendar: build\n", "calendar: build\nresources: {crane: 1}\n"),
        ("funded_by: ddtl}", "funded_by: ddtl, needs: {crane: 1}}"),
        ("permit: {duration: 20w}", "permit: {duration: 12w, needs: {crane: 1}}"),
        ("close: 2026-01-05", "close: 2026-03-14"),
    ]);
    let run = analysis::run(&site);
    let frame = activity(&site, "frame");
    let waits = run.timeline.waits_by_activity();
    let of_frame: Vec<String> = waits.of(frame).iter().map(|w| w.until.to_string()).collect();
    assert_eq!(of_frame, ["2026-03-16T08:00", "2026-03-30T08:00"], "first money, then the crane");
    assert!(matches!(run.timeline.cause[frame as usize], Cause::Released(..)));
}

/// The roof may begin two weeks before the frame is done, so it rests on a forecast.
#[test]
fn a_lead_follows_work_that_waits_for_money_and_may_wait_itself() {
    let lead = "after: [frame FS-2w], cost: 5M USD";
    let changes = [
        ("permit: {duration: 20w}", "permit: {duration: 2w}"),
        ("after: [frame], cost: 5M USD", lead),
        ("close: 2026-01-05", "close: 2026-03-14"),
    ];
    let first = site(&changes);
    let run = analysis::run(&first);
    assert_eq!(start(&run, &first, "frame"), "2026-03-16T08:00");
    assert_eq!(start(&run, &first, "roof"), "2026-04-27T08:00");
    let funded = [changes[0], (changes[1].0, "after: [frame FS-2w], funded_by: ddtl"), changes[2]];
    let both = site(&[
        funded[0],
        funded[1],
        funded[2],
        ("[dig], cost: 40M USD, funded_by: ddtl", "[dig]"),
    ]);
    let run = analysis::run(&both);
    assert_eq!(start(&run, &both, "frame"), "2026-02-02T08:00");
    // Its logic lets it begin on 16 March, the Monday after closing.
    assert_eq!(waits(&both, &run.timeline), [""; 0]);
    let later = ("close: 2026-01-05", "close: 2026-03-28");
    let both =
        site(&[funded[0], funded[1], later, ("[dig], cost: 40M USD, funded_by: ddtl", "[dig]")]);
    let run = analysis::run(&both);
    assert_eq!(
        waits(&both, &run.timeline),
        ["roof 2026-03-16T08:00 .. 2026-03-30T08:00 \
          waited for funding by ddtl (the loan is not closed yet)"]
    );
}

#[test]
fn a_condition_that_waits_for_the_loan_itself_ends_the_run() {
    let site = site(&[("rate: 8%", "rate: 8%\n    conditions: [roof]")]);
    let run = analysis::run(&site);
    let gone = "frame 2026-02-02T08:00 .. never \
                waited for funding by ddtl (a condition of the first draw is not met)";
    assert_eq!(waits(&site, &run.timeline), [gone]);
}

#[test]
fn a_commitment_used_up_funds_nothing_more() {
    // 60 % of the frame's 40m, paid 30 days after its finish, is the whole commitment.
    let changes = [
        ("commitment: 30M USD", "commitment: 20M USD"),
        ("after: [frame], cost: 5M USD", "after: [frame FS+10w], funded_by: ddtl, cost: 5M USD"),
    ];
    let site = site(&changes);
    let run = analysis::run(&site);
    let gone = "roof 2026-06-08T08:00 .. never \
                waited for funding by ddtl (the commitment is drawn in full)";
    assert_eq!(waits(&site, &run.timeline), [gone]);
}

#[test]
fn a_loan_drawn_at_closing_gives_its_money_then() {
    let kind = "kind: term\n    close: 2026-03-14";
    let site = site(&[
        ("advance: 60%", ""),
        ("close: 2026-01-05", kind),
        ("available_until: 2026-12-31", ""),
    ]);
    let run = analysis::run(&site);
    assert_eq!(start(&run, &site, "frame"), "2026-03-16T08:00");
}

/// There is no cash on hand before notes bring some on 10 April; the test is made at month's close.
#[test]
fn a_draw_stop_after_a_breach_holds_work_until_the_test_holds_again() {
    let covenant = "rate: 8%\n    covenants:\n      - {test: minimum_liquidity, \
                    at_least: 1M USD, every: month, draw_stop: true}";
    let notes = "equity: {amount: 200M USD}\nhorizon: 2030-12-31";
    let stopped = site(&[("rate: 8%", covenant), ("equity: {amount: 200M USD}", notes)]);
    let run = analysis::run(&stopped);
    assert_eq!(
        waits(&stopped, &run.timeline),
        ["frame 2026-02-02T08:00 .. never \
          waited for funding by ddtl (a covenant test has failed)"]
    );
    let notes = "  - {id: notes, kind: notes, commitment: 60M USD, rate: 5%, close: 2026-04-10, \
                 maturity: 2029-12-31}\nequity: {amount: 200M USD}";
    let lifted = site(&[("rate: 8%", covenant), ("equity: {amount: 200M USD}", notes)]);
    let run = analysis::run(&lifted);
    assert_eq!(
        waits(&lifted, &run.timeline),
        ["frame 2026-02-02T08:00 .. 2026-05-01T08:00 \
          waited for funding by ddtl (a covenant test has failed)"]
    );
}

#[test]
fn a_lot_is_ordered_once_its_loan_can_be_drawn() {
    let text = "
site: shed
start: 2026-01-05
calendars: {build: {week: Mon-Fri 08:00-17:00}}
calendar: build
platforms: {gb300: {gpus_per_rack: 72, rack_power: 132 kW, price_per_rack: 3M USD}}
lots:
  - {id: first, platform: gb300, racks: 4, production: 8w, transit: 2w, funded_by: vendor}
  - {id: spot, platform: gb300, racks: 4, ex_works: 2026-02-01, transit: 2w, funded_by: vendor}
loans:
  - {id: vendor, kind: vendor, commitment: 30M USD, advance: 100%, rate: 8%, close: 2026-03-16,
     available_until: 2026-12-31, amortises_from: 2027-03-31, maturity: 2029-12-31}
";
    let site = read(text);
    let run = analysis::run(&site);
    assert_eq!(start(&run, &site, "first.production"), "2026-03-16T08:00");
    assert_eq!(start(&run, &site, "spot.transit"), "2026-03-16T08:00");
}

#[test]
fn what_has_begun_or_is_finished_waits_for_no_loan() {
    let frame = "frame:  {duration: 8w, after: [dig]";
    let done = "frame:  {duration: 8w, actual_start: 2026-01-06, actual_finish: 2026-02-01";
    let begun = "frame:  {duration: 8w, actual_start: 2026-01-06, remaining: 3w";
    for state in [done, begun] {
        let late = ("close: 2026-01-05", "close: 2026-06-30");
        let status = ("start: 2026-01-05", "start: 2026-01-05\nstatus_date: 2026-02-02");
        let dug =
            ("dig:    {duration: 4w", "dig: {actual_start: 2026-01-05, actual_finish: 2026-01-06");
        let site = site(&[(frame, state), late, status, dug]);
        let run = analysis::run(&site);
        assert_eq!(waits(&site, &run.timeline), [""; 0]);
        assert_eq!(start(&run, &site, "frame"), "2026-01-06T00:00");
    }
}

#[test]
fn an_unknown_loan_is_refused_with_the_nearest_name() {
    let text = SITE.replace("funded_by: ddtl", "funded_by: dtdl");
    let ran = Fixture::new().file("site.yaml", &text).run(["check", "site.yaml"]);
    assert_ne!(ran.code, Some(0));
    let told = format!("{}{}", ran.stdout, ran.stderr);
    assert!(told.contains("no loan is called `dtdl`"), "{told}");
    assert!(told.contains("did you mean `ddtl`?"), "{told}");
    let text = SITE.split("loans:").next().unwrap();
    let ran = Fixture::new().file("site.yaml", text).run(["check", "site.yaml"]);
    let told = format!("{}{}", ran.stdout, ran.stderr);
    assert!(told.contains("no loan is called `ddtl`"), "{told}");
}

#[test]
fn explain_tells_the_wait_and_leads_on_to_the_condition() {
    let text = SITE.replace("rate: 8%", "rate: 8%\n    conditions: [permit]");
    let fixture = Fixture::new().file("site.yaml", &text);
    let told = fixture.run(["explain", "site.yaml", "roof"]).fine();
    assert!(told.contains("started by funding by ddtl, once permit was finished"));
    assert!(
        told.contains(
            "waited for funding by ddtl (a condition of the first draw is not met) 80.0 d"
        ),
        "{told}"
    );
    assert!(told.contains("permit"), "{told}");
    let json = fixture.run(["explain", "site.yaml", "roof", "--json"]).fine();
    assert!(json.contains("\"cause\": \"funded\""), "{json}");
    assert!(json.contains("\"why\": \"a condition of the first draw is not met\""), "{json}");
}

// ------------------------------------------------------------------------------------------ laws

fn shipped(name: &str) -> Site {
    let path = format!("{}/sites/{name}.yaml", env!("CARGO_MANIFEST_DIR"));
    read(&std::fs::read_to_string(path).unwrap())
}

fn open_activities(site: &Site) -> impl Iterator<Item = u32> {
    let activities = site.plan.activities.iter().enumerate();
    activities.filter(|(_, a)| a.progress == Progress::Open).map(|(at, _)| at as u32)
}

fn gated(site: &Site) -> (Timeline, String) {
    let prepared = Prepared::new(site);
    let mut timeline = Timeline::default();
    let gate = FundingGate::new(&prepared);
    let gate = Engine::new(&site.plan).run_gated(&site.plan.likely_work(), &mut timeline, gate);
    let books = format!("{:?}", gate.close(&timeline));
    (timeline, books)
}

/// A loan drawn in parts that ends no earlier than any date of a shipped site.
fn another_loan(commitment: i64, close: Day, days: i32) -> Loan {
    Loan {
        id: "other".into(),
        commitment: Amount { micros: commitment * 1_000_000, currency: Currency::USD },
        advance: percent(50),
        rate: energize::model::terms::LoanRate::Fixed(Share(70_000_000)),
        close,
        available_until: close + days,
        amortises_from: close + days + 90,
        maturity: close + days + 720,
        repayment: Repayment::Regular(energize::model::terms::Amortisation::EqualPrincipal),
        ..Loan::default()
    }
}

#[test]
fn a_gate_that_is_always_open_changes_nothing() {
    for name in ["london-blackwell-ultra", "london-greenfield", "london-q1-2026-needs"] {
        let mut site = shipped(name);
        site.terms.loans.push(another_loan(1_000_000_000_000, site.terms.opens, 4_000));
        let loan = site.terms.loans.len() as u32 - 1;
        let plain = run_likely(&site.plan);
        site.terms.gates = open_activities(&site).map(|activity| Gate { activity, loan }).collect();
        let (timeline, books) = gated(&site);
        assert_eq!(format!("{timeline:?}"), format!("{plain:?}"), "{name}");
        assert_eq!(books, format!("{:?}", ledger::run(&site, &plain, false)), "{name}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, failure_persistence: None, ..Default::default() })]

    /// Semantics M0: within the event loop or over the finished timeline, the books are the same.
    #[test]
    fn the_gates_own_books_are_those_of_the_finished_timeline(
        greenfield in any::<bool>(),
        revolver in any::<bool>(),
        commitment in 1_i64..4_000_000_000,
        close in -100_i32..1_200,
        days in 0_i32..3_000,
        every in 1_usize..300,
        condition in prop::option::of(0_usize..60),
        own in any::<bool>(),
        stops in any::<bool>(),
    ) {
        let name = if greenfield { "london-greenfield" } else { "london-blackwell-ultra" };
        let mut site = shipped(name);
        let mut other = another_loan(commitment, site.terms.opens + close, days);
        let kind = if revolver { LoanKind::Revolver } else { LoanKind::Ddtl };
        other.draws.kind = kind;
        other.draws.conditions = condition.into_iter().map(|at| at as u32).collect();
        site.terms.loans.push(other);
        let loan = if own { 0 } else { site.terms.loans.len() as u32 - 1 };
        for loan in &mut site.terms.loans {
            loan.covenants.iter_mut().for_each(|covenant| covenant.draw_stop = stops);
        }
        let gates = open_activities(&site).step_by(every);
        site.terms.gates = gates.map(|activity| Gate { activity, loan }).collect();
        let (timeline, books) = gated(&site);
        prop_assert_eq!(books, format!("{:?}", ledger::run(&site, &timeline, false)));
        let again = run_site(&site);
        prop_assert_eq!(format!("{:?}", timeline), format!("{:?}", again));
        for wait in timeline.waits.iter().filter(|wait| !wait.until.happens()) {
            if let WaitFor::Funding { why, .. } = wait.what {
                prop_assert_ne!(why, NoDraw::NotClosed, "every loan closes");
            }
        }
    }
}
