//! Sites of a portfolio whose work waits for money: for a loan of their own, or for one of the
//! portfolio's.

use energize::analysis::{self, Run, loan_wait_text};
use energize::chance::Plan as Draws;
use energize::model::timeline::WaitFor;
use energize::model::{Cause, Input, Loaded, Site, load};
use energize::money::Money;
use energize::report::{findings_text, run_text, trace_log};
use energize::risk::{Drawn, Study};

use crate::fixture::Fixture;

/// Two sheds; the frame of the second stands once a loan can be drawn.
const PAIR: &str = "
portfolio: pair
start: 2026-01-05
calendars: {build: {week: Mon-Fri 08:00-17:00}}
calendar: build
sites:
  alpha:
    activities:
      permit: {duration: 10w < 20w < 40w}
      works: {duration: 4w, after: [permit], cost: 10M USD}
  beta:
    activities:
      dig: {duration: 4w, cost: 10M USD}
      frame: {duration: 8w, after: [dig], cost: 40M USD, funded_by: ddtl}
      roof: {duration: 2w, after: [frame], cost: 5M USD}
      topped-out: {milestone: true, after: [roof]}
SITE_LOANS
equity: {amount: 200M USD}
";

const LOAN: &str = "\
- {id: ddtl, commitment: 30M USD, advance: 60%, rate: 8%, close: 2026-01-05,
available_until: 2027-12-31, amortises_from: 2028-03-31, maturity: 2030-12-31MORE}
";

fn indented(by: usize, text: &str) -> String {
    text.lines().map(|line| format!("{}{line}\n", " ".repeat(by))).collect()
}

/// With the loan at the site.
fn of_the_site(changes: &[(&str, &str)]) -> String {
    let loan = indented(6, &LOAN.replace("MORE", ""));
    changed(&PAIR.replace("SITE_LOANS\n", &format!("    loans:\n{loan}")), changes)
}

/// With the loan at the portfolio; `more` are its further keys.
fn of_the_portfolio(more: &str, changes: &[(&str, &str)]) -> String {
    let loan = indented(2, &LOAN.replace("MORE", more));
    changed(&PAIR.replace("SITE_LOANS\n", &format!("loans:\n{loan}")), changes)
}

fn changed(text: &str, changes: &[(&str, &str)]) -> String {
    changes.iter().fold(text.to_owned(), |text, (old, new)| {
        assert!(text.contains(old), "{old}");
        text.replace(old, new)
    })
}

fn loaded(text: &str) -> Loaded {
    load(Input { name: "pair.yaml".into(), text: text.into(), ..Input::default() })
}

fn site(text: &str) -> Site {
    let loaded = loaded(text);
    let told = findings_text(&loaded.sources, &loaded.findings);
    loaded.site.unwrap_or_else(|| panic!("{told}\n{text}"))
}

fn at(site: &Site, id: &str) -> usize {
    site.plan.activities.iter().position(|activity| activity.id == id).unwrap()
}

fn waits(site: &Site, run: &Run) -> Vec<String> {
    let waits = run.timeline.waits.iter().map(|wait| {
        let WaitFor::Funding { loan, why } = wait.what else { panic!("{wait:?}") };
        let until = if wait.until.happens() { wait.until.to_string() } else { "never".into() };
        let id = &site.plan.activities[wait.activity as usize].id;
        format!("{id} {} .. {until} {}", wait.from, loan_wait_text(site, loan, why))
    });
    waits.collect()
}

const LATE: (&str, &str) = ("close: 2026-01-05", "close: 2026-03-14");

#[test]
fn work_of_a_site_waits_for_the_loan_of_that_site() {
    let site = site(&of_the_site(&[LATE]));
    let run = analysis::run(&site);
    assert_eq!(
        waits(&site, &run),
        ["beta/frame 2026-02-02T08:00 .. 2026-03-16T08:00 \
          waited for funding by beta/ddtl (the loan is not closed yet)"]
    );
    assert_eq!(run.timeline.cause[at(&site, "beta/frame")], Cause::Funded(0, None));
    let log = trace_log(&site, &run);
    assert!(log.contains("beta/frame starts: funding by beta/ddtl"), "{log}");
    // It lends 60 % of what is paid at its own site, up to its commitment.
    assert_eq!(run.books.totals.draws, Money::whole(30_000_000));
}

#[test]
fn work_of_a_site_waits_for_a_loan_of_the_portfolio() {
    for more in ["", ", sites: [beta]"] {
        let site = site(&of_the_portfolio(more, &[LATE]));
        let run = analysis::run(&site);
        assert_eq!(
            waits(&site, &run),
            ["beta/frame 2026-02-02T08:00 .. 2026-03-16T08:00 \
              waited for funding by ddtl (the loan is not closed yet)"]
        );
        let log = trace_log(&site, &run);
        assert!(log.contains("beta/frame starts: funding by ddtl"), "{log}");
    }
}

/// The gate of a site that has a loan of its own leads past that to the portfolio's second.
#[test]
fn each_site_waits_for_the_loan_that_it_names() {
    let second = "loans:
  - {id: term, kind: term, commitment: 5M USD, rate: 8%, close: 2026-01-05,
     amortises_from: 2028-03-31, maturity: 2030-12-31}
  - {id: shelf, commitment: 90M USD, advance: 60%, rate: 8%, close: 2026-07-04,
     available_until: 2027-12-31, amortises_from: 2028-03-31, maturity: 2030-12-31}
equity:";
    let works = ("after: [permit], cost: 10M USD", "after: [permit], funded_by: shelf");
    let roof = ("after: [frame], cost: 5M USD", "after: [frame], funded_by: shelf");
    let site = site(&of_the_site(&[LATE, works, roof, ("equity:", second)]));
    let run = analysis::run(&site);
    assert_eq!(
        waits(&site, &run),
        [
            "beta/frame 2026-02-02T08:00 .. 2026-03-16T08:00 \
             waited for funding by beta/ddtl (the loan is not closed yet)",
            "alpha/works 2026-05-25T08:00 .. 2026-07-06T08:00 \
             waited for funding by shelf (the loan is not closed yet)",
            "beta/roof 2026-05-11T08:00 .. 2026-07-06T08:00 \
             waited for funding by shelf (the loan is not closed yet)",
        ]
    );
}

#[test]
fn a_condition_at_another_site_holds_work_and_leads_the_critical_path() {
    let text = of_the_portfolio(", conditions: [alpha/permit]", &[]);
    let site = site(&text);
    let run = analysis::run(&site);
    let [permit, frame] = ["alpha/permit", "beta/frame"].map(|id| at(&site, id));
    let met = run.timeline.finish[permit];
    assert!(run.timeline.start[frame] >= met);
    assert_eq!(run.timeline.cause[frame], Cause::Funded(0, Some(permit as u32)));
    let path: Vec<&str> = run
        .critical_path
        .iter()
        .map(|driver| &*site.plan.activities[driver.activity as usize].id)
        .collect();
    assert!(path.contains(&"alpha/permit") && path.contains(&"beta/frame"), "{path:?}");
    let fixture = Fixture::new().file("pair.yaml", &text);
    let told = fixture.run(["explain", "pair.yaml", "beta/roof"]).fine();
    assert!(told.contains("funding by ddtl, once alpha/permit was finished"), "{told}");
}

#[test]
fn work_that_is_never_funded_is_told_for_its_site() {
    let gone = ("available_until: 2027-12-31", "available_until: 2026-01-31");
    for text in [of_the_site(&[gone]), of_the_portfolio("", &[gone])] {
        let site = site(&text);
        let run = analysis::run(&site);
        assert!(!run.timeline.finish[at(&site, "beta/roof")].happens());
        let text = run_text(&site, &run);
        assert!(text.contains("beta/frame is never funded by"), "{text}");
    }
}

/// In each trial the frame begins once the permit of the other site is there, which is drawn.
#[test]
fn trials_wait_for_money_too() {
    let marked = (
        "permit: {duration",
        "permitted: {milestone: true, after: [permit]}\n      permit: {duration",
    );
    let site = site(&of_the_portfolio(", conditions: [alpha/permit]", &[marked]));
    let study = Study::new(&site, 5, Draws::Plain, true);
    let layout = &study.outcome.layout;
    let column = |name: &str| layout.columns.iter().position(|column| column.name == name).unwrap();
    let [permit, done] = ["finish:alpha/permitted", "finish:beta/topped-out"].map(column);
    let (mut runner, mut drawn) = (study.trials(), Drawn::default());
    let mut dates = std::collections::BTreeSet::new();
    for trial in 0..60 {
        study.sampler.fill(trial, 1, &mut drawn);
        let row = runner.run(&drawn, 0, &mut vec![0; layout.sums]).to_vec();
        // Frame and roof take ten weeks; the permit may end on a Friday.
        let days = (row[done] - row[permit]) as f64 / (24.0 * 60.0);
        assert!((67.0..=73.0).contains(&days), "{days} days in trial {trial}");
        dates.insert(row[done]);
    }
    assert!(dates.len() > 30, "the date is drawn with the permit: {dates:?}");
}

#[test]
fn a_loan_that_neither_has_is_refused_with_the_nearest_name() {
    for text in [of_the_site(&[]), of_the_portfolio("", &[])] {
        let loaded = loaded(&text.replace("funded_by: ddtl", "funded_by: dtdl"));
        assert!(loaded.site.is_none());
        let told = findings_text(&loaded.sources, &loaded.findings);
        assert!(told.contains("no loan is called `dtdl`"), "{told}");
        assert!(told.contains("did you mean `ddtl`?"), "{told}");
    }
}

#[test]
fn a_loan_of_a_site_lends_for_that_site_alone() {
    let without = (", funded_by: ddtl", "");
    let own = site(&of_the_site(&[without, ("advance: 60%", "advance: 50%")]));
    let named =
        site(&of_the_portfolio(", sites: [beta]", &[without, ("advance: 60%", "advance: 50%")]));
    assert_eq!(own.terms.loans[0].premises, named.terms.loans[0].premises);
    let [own, named] = [own, named].map(|site| analysis::run(&site).books.totals);
    assert_eq!(own, named);
    // Half of 55 at beta, none of the 10 at alpha.
    assert_eq!(own.draws, Money::whole(27_500_000));
}
