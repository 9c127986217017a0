//! Slips of one activity: each point is a run of its own, and the break-even is where cover breaks.

use energize::analysis::{self, sweep};
use energize::ledger;
use energize::model::Site;
use energize::money::Money;
use energize::time::Span;

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
    let (site, activity) = london();
    let calendar = site.plan.calendar(activity);
    let (day, week) = (calendar.day_minutes(), calendar.week_minutes());
    let found = sweep::sweep(&site, activity, Span(week * 26), Span(week)).unwrap();
    assert!(!found.broken_before);
    let breaks = found.breaks_at.expect("half a year breaks it");
    assert_eq!(breaks.slip.0 % day, 0);
    assert!(breaks.failed > 0 && breaks.first_failed.is_some());
    let failed = |slip: Span| {
        let one = sweep::sweep(&site, activity, slip, slip).unwrap();
        one.points[1].failed
    };
    assert_eq!(failed(breaks.slip), breaks.failed);
    assert_eq!(failed(Span(breaks.slip.0 - day)), 0);
    let failed = breaks.first_failed.unwrap();
    let again = breaks.passes_again.expect("full revenue covers the debt again");
    assert!((again.loan, again.covenant) == (failed.loan, failed.covenant));
    assert!(again.day > failed.day);
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
