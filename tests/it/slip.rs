//! Slips of one activity: each point is a run of its own, and the break-even is where cover breaks.

use energize::analysis::{self, sweep};
use energize::ledger::{self, Outcome};
use energize::model::Site;
use energize::model::covenants::{Covenant, Limit, Test, Window};
use energize::money::Money;
use energize::time::Span;
use energize::unit::Share;

use crate::fixture::Fixture;
use crate::shipped::shipped;

fn london() -> (Site, u32) {
    let site = shipped().into_iter().find(|site| site.id == "london-blackwell-ultra").unwrap();
    let named = |activity: &energize::model::Activity| activity.id == "energise-1";
    let activity = site.plan.activities.iter().position(named).unwrap() as u32;
    (site, activity)
}

#[test]
fn each_point_is_the_run_with_that_delay() {
    let (site, activity) = london();
    let week = Span(site.plan.calendar(activity).week_minutes());
    let sweep = sweep::sweep(&site, activity, Span(week.0 * 8), Span(week.0 * 4)).unwrap();
    assert_eq!(sweep.points.len(), 3);
    for (point, weeks) in sweep.points.iter().zip([0, 4, 8]) {
        let mut late = site.clone();
        late.plan.activities[activity as usize].delay += Span(week.0 * weeks);
        let run = analysis::run(&late);
        assert_eq!(point.slip, Span(week.0 * weeks));
        assert_eq!(point.headline, run.headline);
        assert_eq!(point.interest_before_revenue, run.books.interest_before_first_revenue);
        let revenue: Money = point.revenue.iter().map(|&(_, money)| money).sum();
        assert_eq!(revenue, run.books.totals.revenue + run.books.totals.recharge);
        let years = ledger::by_year(&run.books.months);
        assert_eq!(point.revenue.len(), years.len());
    }
}

#[test]
fn a_day_less_than_the_break_even_holds_every_test() {
    let (mut site, activity) = london();
    let first_test = Some(energize::time::parse_day("2027-04-30").unwrap());
    let dscr = Covenant::quarterly_dscr(Share(1_400_000_000), first_test);
    site.terms.loans[0].covenants = vec![dscr];
    let calendar = site.plan.calendar(activity);
    let (day, week) = (calendar.day_minutes(), calendar.week_minutes());
    let found = sweep::sweep(&site, activity, Span(week * 26), Span(week)).unwrap();
    assert!(!found.broken_before);
    let breaks = found.breaks_at.as_ref().expect("half a year breaks it");
    assert_eq!(breaks.slip.0 % day, 0);
    assert!(breaks.failed > 0 && breaks.failures.len() == 1);
    let failed = |slip: Span| {
        let one = sweep::sweep(&site, activity, slip, slip).unwrap();
        one.points[1].failed
    };
    assert_eq!(failed(breaks.slip), breaks.failed);
    assert_eq!(failed(Span(breaks.slip.0 - day)), 0);
    let failure = found.broken_by(breaks).unwrap();
    let again = failure.again.expect("full revenue covers the debt again");
    assert!(again.day > failure.first.day);
}

/// A covenant that fails anyway hides no other: the break-even is that of those that hold without.
#[test]
fn a_covenant_that_fails_without_slip_is_told_beside_the_break_even() {
    let (mut site, activity) = london();
    let first_test = Some(energize::time::parse_day("2027-04-30").unwrap());
    let dscr = Covenant::quarterly_dscr(Share(1_400_000_000), first_test);
    let mut realization = Covenant::quarterly_dscr(Share(850_000_000), None);
    realization.test = Test::ContractRealization;
    realization.every_months = 1;
    assert_eq!(realization.window, Window::Trailing(3));
    site.terms.loans[0].covenants = vec![dscr.clone()];
    let week = site.plan.calendar(activity).week_minutes();
    let sweep = |site: &Site| sweep::sweep(site, activity, Span(week * 16), Span(week)).unwrap();
    let alone = sweep(&site);
    site.terms.loans[0].covenants = vec![realization, dscr];
    let both = sweep(&site);
    assert!(both.broken_before && both.points[0].least_realization.value().is_some());
    let (alone_at, both_at) = (alone.breaks_at.as_ref().unwrap(), both.breaks_at.as_ref().unwrap());
    assert_eq!(both_at.slip, alone_at.slip);
    let day = |sweep: &sweep::Sweep, point| sweep.broken_by(point).unwrap().first.day;
    assert_eq!(day(&both, both_at), day(&alone, alone_at));
    assert_eq!(both.broken_by(both_at).unwrap().first.covenant, 1);
    let limit = site.terms.loans[0].covenants[1].on(day(&both, both_at)).limit;
    assert_eq!(limit, Limit::Ratio(Share(1_400_000_000)));
}

/// What the README tells of the covenants of the London scenario.
#[test]
fn london_fails_the_test_that_may_not_be_cured_and_recovers_with_its_ramp() {
    let (site, _) = london();
    let books = analysis::run(&site).books;
    let day = |text| energize::time::parse_day(text).unwrap();
    let outcomes = |covenant: u32, outcome: Outcome| {
        let tests = books.tests().filter(move |made| made.covenant == covenant);
        tests.filter(move |made| made.outcome == outcome).map(|made| made.day).collect::<Vec<_>>()
    };
    let (dscr, realization, liquidity) = (0, 1, 2);
    assert_eq!(outcomes(dscr, Outcome::Failed), []);
    assert_eq!(outcomes(dscr, Outcome::Passed)[0], day("2027-12-31"));
    let cured = outcomes(realization, Outcome::Cured);
    assert_eq!((cured.len(), cured[0], cured[6]), (7, day("2026-03-31"), day("2026-09-30")));
    let failed = ["2026-10-31", "2026-11-30", "2026-12-31"].map(day);
    assert_eq!(outcomes(realization, Outcome::Failed), failed);
    assert_eq!(outcomes(realization, Outcome::Passed)[0], day("2027-01-31"));
    assert_eq!(outcomes(liquidity, Outcome::Cured), ["2026-01-31", "2026-02-28"].map(day));
    assert_eq!(books.totals.equity_cures.to_string(), "695,575,293.02");
}

const SHED: &str = "site: shed
start: 2026-01-05
status_date: 2026-02-02
activities:
  done: {duration: 1w, actual_start: 2026-01-05, actual_finish: 2026-01-12}
  todo: {duration: 4w, after: [done]}
";

#[test]
fn what_cannot_slip_is_told() {
    let fixture = Fixture::new().file("site.yaml", SHED);
    for (args, words) in [
        (vec!["done"], "`done` has finished"),
        (vec!["todoo"], "did you mean `todo`?"),
        (vec!["todo", "--step", "0d"], "a step of some length"),
        (vec!["todo", "--step", "1min"], "more than 2000 steps"),
        (vec!["todo", "--to", "2mo"], "has no fixed length"),
    ] {
        let ran = fixture.run([&["slip", "site.yaml"], &args[..]].concat());
        let told = ran.refused(2);
        assert!(told.contains(words), "{args:?}: {told}");
    }
    let fine = fixture.run(["slip", "site.yaml", "todo", "--to", "2w", "--csv", "slip.csv"]).fine();
    assert!(fine.contains("no loan has a covenant that is tested"), "{fine}");
    let csv = fixture.read("slip.csv");
    assert_eq!(csv.lines().count(), 4, "{csv}");
    assert!(csv.starts_with("slip_minutes,slip,last_finish,first_online,half_online,all_online,"));
}
