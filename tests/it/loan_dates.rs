//! Dates of loans that follow the plan (semantics M8).

use energize::chance::Plan as Draws;
use energize::ledger::{self, BooksResult};
use energize::model::{Input, Loaded, Site, load};
use energize::money::Money;
use energize::risk::{Drawn, Study};
use energize::{analysis, engine};

use crate::books_site::day;
use crate::fixture::Fixture;

const LONDON: &str = include_str!("../../sites/london-blackwell-ultra.yaml");

fn loaded(edits: &[(&str, &str)], delays: &[&str]) -> Loaded {
    let mut text = LONDON.to_owned();
    for (from, to) in edits {
        assert!(text.contains(from), "{from}");
        text = text.replacen(from, to, 1);
    }
    let delays = delays.iter().map(|&delay| delay.to_owned()).collect();
    load(Input { name: "london".into(), text: text.into(), delays, ..Input::default() })
}

fn london(edits: &[(&str, &str)], delays: &[&str]) -> Site {
    let loaded = loaded(edits, delays);
    loaded.site.unwrap_or_else(|| panic!("{:#?}", loaded.findings))
}

fn ids(edits: &[(&str, &str)]) -> Vec<&'static str> {
    loaded(edits, &[]).findings.iter().map(|finding| finding.id).collect()
}

const AVAILABLE: (&str, &str) =
    ("available_until: 2026-07-31", "available_until: hall-8.rfs + 30d");
const AMORTISES: (&str, &str) =
    ("amortises_from:  2026-10-31", "amortises_from:  hall-1.rfs + 6mo");
const TESTED: (&str, &str) = ("first_test: 2027-04-30", "first_test: hall-8.rfs + 3mo");

fn books(site: &Site) -> BooksResult {
    ledger::run(site, &engine::run_site(site), false)
}

#[test]
fn a_date_that_follows_the_plan_is_the_day_it_falls_on() {
    let follows = london(&[AVAILABLE, AMORTISES, TESTED], &[]);
    // hall-1 is ready on 2026-02-20, hall-8 on 2026-10-03; payments fall on the 21st, as maturity.
    let stated = london(
        &[
            (AVAILABLE.0, "available_until: 2026-11-02"),
            (AMORTISES.0, "amortises_from: 2026-08-21"),
            (TESTED.0, "first_test: 2027-01-03"),
        ],
        &[],
    );
    let (one, other) = (books(&follows), books(&stated));
    assert_eq!(one.months, other.months);
    assert_eq!(one.payments, other.payments);
    assert_eq!(one.notes, other.notes);
    let dated = analysis::date_loans(&follows).expect("dates follow the plan");
    let loan = &dated.terms.loans[0];
    assert_eq!((loan.available_until, loan.amortises_from), (day("2026-11-02"), day("2026-08-20")));
    assert_eq!(loan.covenants[0].terms[0].first_test, Some(day("2027-01-03")));
    assert_eq!(loan.covenants[0].terms[1].first_test, Some(day("2027-10-31")), "as amended");
    assert!(analysis::date_loans(&stated).is_none());
}

#[test]
fn a_slip_moves_the_dates_and_no_payment_date() {
    let (on_time, late) =
        (london(&[AVAILABLE, AMORTISES], &[]), london(&[AVAILABLE, AMORTISES], &["substation=8w"]));
    let day_of = |site: &Site| analysis::date_loans(site).unwrap().terms.loans[0].amortises_from;
    assert!(day_of(&late) > day_of(&on_time));
    let days = |books: BooksResult| -> Vec<_> {
        books.payments.iter().map(|payment| (payment.day, payment.principal.due)).collect()
    };
    let (on_time, late) = (days(books(&on_time)), days(books(&late)));
    let dates = |days: &[(_, Money)]| days.iter().map(|day| day.0).collect::<Vec<_>>();
    assert_eq!(dates(&on_time), dates(&late));
    let first = |days: &[(_, Money)]| days.iter().position(|day| day.1 > Money::ZERO).unwrap();
    assert!(first(&late) > first(&on_time), "principal begins later");
}

#[test]
fn each_trial_has_dates_of_its_own() {
    let site = london(&[AVAILABLE, TESTED], &[]);
    let study = Study::new(&site, 3, Draws::Plain, true);
    let (mut runner, mut drawn, mut moved) = (study.trials(), Drawn::default(), 0);
    for trial in 0..12 {
        study.sampler.fill(trial, 1, &mut drawn);
        let row = runner.run(&drawn, 0, &mut vec![0; study.outcome.layout.sums]).to_vec();
        // The twin: the same trial of a site that states the days.
        let mut stated = ledger::dated(&site, runner.timeline()).unwrap();
        stated.terms.loans[0].follows.clear();
        moved += i32::from(stated.terms.loans[0].available_until != day("2026-11-02"));
        let twin = Study::new(&stated, 3, Draws::Plain, true);
        let mut alone = Drawn::default();
        twin.sampler.fill(trial, 1, &mut alone);
        let same = twin.trials().run(&alone, 0, &mut vec![0; study.outcome.layout.sums]).to_vec();
        assert_eq!(row, same, "trial {trial}");
    }
    assert!(moved > 6, "{moved}");
}

#[test]
fn a_loan_whose_closing_never_comes_gives_and_costs_nothing() {
    let site = london(&[("close:           2025-07-28", "close: hall-8.rfs + 10y")], &[]);
    let site = analysis::date_loans(&site).unwrap();
    let loan = &site.terms.loans[0];
    assert_eq!(loan.close, loan.maturity);
    let books = books(&site);
    assert_eq!((books.totals.draws, books.totals.interest_incurred), (Money::ZERO, Money::ZERO));
    assert_eq!((books.totals.fees_paid, books.payments.len()), (Money::ZERO, 0));
    assert!(books.totals.equity_shortfall > Money::ZERO);
}

#[test]
fn dates_that_cannot_be_followed_are_refused() {
    let unknown = ("available_until: 2026-07-31", "available_until: hall-9.rfs + 30d");
    assert_eq!(ids(&[unknown]), ["unknown-activity"]);
    let hours = ("available_until: 2026-07-31", "available_until: hall-8.rfs + 30h");
    assert_eq!(ids(&[hours]), ["loan-date"]);
    let dated =
        ("close:           2025-07-28", "drawn: {2026-01-31: 1M USD}\n    close: hall-1.rfs");
    assert_eq!(ids(&[dated]), ["dates-out-of-order"]);
    let gate = ("  substation:", "  gated: {duration: 1w, funded_by: ddtl}\n  substation:");
    assert_eq!(ids(&[AVAILABLE, gate]), ["loan-date"]);
}

#[test]
fn in_a_portfolio_a_date_follows_a_hall_of_a_site() {
    let shed = "site: shed
start: 2026-01-05
power: {pue: 1.2}
activities:
  grid: {duration: 8w, energises: 20 MW, cost: 10M USD}
halls:
  count: 2
  it_power: 4 MW
  activities:
    ist: {duration: 1w, after: [grid], ready_for_service: true}
";
    let both = "portfolio: both
start: 2026-01-05
sites:
  east: {file: shed.yaml}
  west: {file: shed.yaml}
loans:
  - {id: ddtl, commitment: 40M USD, advance: 70%, rate: 9%, close: 2026-01-05, maturity: 2030-01-31,
     available_until: east/hall-2.rfs + 30d, amortises_from: west/grid + 3mo}
";
    let files = Fixture::new().file("shed.yaml", shed).file("both.yaml", both);
    let told = files.run(["run", "both.yaml", "--loans"]).fine();
    assert!(told.contains("`available_until: east/hall-2.rfs + 30d` is 2026-04-08"), "{told}");
    assert!(told.contains("`amortises_from: west/grid + 3mo` is 2026-06-02"), "{told}");
    let late = files.run(["run", "both.yaml", "--loans", "--delay", "west/grid=4w"]).fine();
    assert!(late.contains("`amortises_from: west/grid + 3mo` is 2026-06-30"), "{late}");
    assert!(late.contains("`available_until: east/hall-2.rfs + 30d` is 2026-04-08"), "{late}");
}
