//! What a slip of one activity does to dates, revenue, interest and cover, slip by slip.

use crate::capacity::{Headline, Ramp};
use crate::engine;
use crate::ledger::{self, BooksResult, Outcome, PeriodRow, Ratio, TestMade};
use crate::model::{Site, covenants};
use crate::money::Money;
use crate::time::{Day, Minute, Span};

/// A test of a covenant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Test {
    /// Whose loan.
    pub loan: u32,
    /// Which of its covenants.
    pub covenant: u32,
    /// Last day of what it reads.
    pub day: Day,
}

/// What one slip comes to.
#[derive(Clone, Debug, PartialEq)]
pub struct SlipPoint {
    /// Working time of the activity's calendar by which it is later.
    pub slip: Span,
    /// When everything is over.
    pub end: Minute,
    /// First, half and all of the capacity.
    pub headline: Headline,
    /// Revenue by calendar year, recharges included.
    pub revenue: Vec<(i16, Money)>,
    /// Interest incurred before the first revenue (semantics M6).
    pub interest_before_revenue: Money,
    /// Equity called beyond the commitment, cures of failed tests included.
    pub shortfall: Money,
    /// Least DSCR of all tests that count, and its test; `None` if nothing was tested.
    pub least_cover: Option<(Ratio, Test)>,
    /// Covenants of which a test failed, in order of time; of several on one day, the first in the
    /// file comes first.
    pub failures: Vec<Failure>,
    /// Tests that failed.
    pub failed: usize,
    /// Least contract realization of three months in a row that all have a projection
    /// (finance-mechanics 29).
    pub least_realization: Ratio,
    /// Contract realization of the twelve months from the first projection on.
    pub first_year_realization: Ratio,
}

/// The first test of a covenant that failed, and the first one after it that held again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Failure {
    /// That failed.
    pub first: Test,
    /// That held again.
    pub again: Option<Test>,
}

impl Test {
    fn same_covenant(&self, other: &Test) -> bool {
        (self.loan, self.covenant) == (other.loan, other.covenant)
    }
}

/// What a slip of an activity comes to at every step, and where cover breaks.
#[derive(Clone, Debug, PartialEq)]
pub struct Sweep {
    /// From no slip to the last.
    pub points: Vec<SlipPoint>,
    /// The smallest slip, in whole days of its calendar, at which a covenant fails that holds
    /// without; `None` if none does up to the last step. Found by halving between two steps, so a
    /// test that fails for some slips between them only may be missed.
    pub breaks_at: Option<SlipPoint>,
    /// Whether a test fails already without slip.
    pub broken_before: bool,
}

impl Sweep {
    /// The first covenant that fails at a point and holds without slip.
    pub fn broken_by(&self, point: &SlipPoint) -> Option<Failure> {
        newly(&self.points[0], point)
    }
}

fn newly(base: &SlipPoint, point: &SlipPoint) -> Option<Failure> {
    let known = |new: &Failure| base.failures.iter().any(|old| old.first.same_covenant(&new.first));
    point.failures.iter().find(|new| !known(new)).copied()
}

/// Runs a site once for each slip from nothing to `to`.
///
/// # Errors
///
/// The activity is over, `step` is not more than nothing, more than [`POINTS_MAX`] steps.
///
/// Cost: one trial and its books a step, and about ten more for the break-even.
pub fn sweep(site: &Site, activity: u32, to: Span, step: Span) -> Result<Sweep, String> {
    let this = &site.plan.activities[activity as usize];
    if this.is_finished() {
        return Err(format!("`{}` has finished: it cannot slip", this.id));
    }
    if step <= Span::ZERO || to < Span::ZERO {
        return Err("expected a step of some length, and a last slip that is not negative".into());
    }
    if to.0 / step.0 > POINTS_MAX {
        return Err(format!("more than {POINTS_MAX} steps; take longer ones"));
    }
    let slips = (0..=to.0 / step.0).map(|count| Span(step.0 * count));
    let points: Vec<SlipPoint> = slips.map(|slip| point(site, activity, slip)).collect();
    let broken_before = points[0].failed > 0;
    let breaks = |point: &SlipPoint| newly(&points[0], point).is_some();
    let breaks_at = points.iter().position(breaks);
    let breaks_at = breaks_at.map(|at| {
        let day = site.plan.calendar(activity).day_minutes();
        let (mut holds, mut fails) = (points[at - 1].slip.0 / day, points[at].slip.0);
        let mut found = points[at].clone();
        fails = (fails + day - 1) / day;
        while fails - holds > 1 {
            let middle = holds + (fails - holds) / 2;
            let tried = point(site, activity, Span(middle * day));
            if breaks(&tried) {
                (fails, found) = (middle, tried);
            } else {
                holds = middle;
            }
        }
        found
    });
    Ok(Sweep { points, breaks_at, broken_before })
}

/// Most steps of one sweep.
pub const POINTS_MAX: i64 = 2_000;

/// The run with an activity so much later.
fn point(site: &Site, activity: u32, slip: Span) -> SlipPoint {
    let mut late = site.clone();
    late.plan.activities[activity as usize].put_off(slip);
    let timeline = engine::run_site(&late);
    let headline = Ramp::of(&late, &timeline).headline(&late);
    let books = ledger::run(&late, &timeline, false);
    let years = ledger::by_year(&books.months);
    let revenue = years
        .iter()
        .map(|year| (year.from.date().year(), year.flows.revenue + year.flows.recharge));
    let tests = tests(&late, &books);
    SlipPoint {
        slip,
        end: timeline.end(),
        headline,
        revenue: revenue.collect(),
        interest_before_revenue: books.interest_before_first_revenue,
        shortfall: books.totals.equity_shortfall + books.totals.equity_cures,
        least_cover: tests.least_cover,
        failures: tests.failures,
        failed: tests.failed,
        least_realization: least_realization(&books.months),
        first_year_realization: first_year_realization(&books.months),
    }
}

fn least_realization(months: &[PeriodRow]) -> Ratio {
    let ratio = |months: &[PeriodRow]| {
        let sum = |pick: fn(&PeriodRow) -> Money| months.iter().map(pick).sum();
        let all = months.iter().all(|row| row.flows.contracted > Money::ZERO);
        let projected = if all { sum(|row| row.flows.contracted) } else { Money::ZERO };
        Ratio::new(sum(|row| row.flows.billed), projected)
    };
    let ratios = months.windows(3).map(ratio);
    let defined = ratios.filter_map(|ratio| Some((ratio.value()?, ratio)));
    defined.min_by(|one, other| one.0.total_cmp(&other.0)).map_or(Ratio::Undefined, |least| least.1)
}

fn first_year_realization(months: &[PeriodRow]) -> Ratio {
    let first = months.iter().position(|row| row.flows.contracted > Money::ZERO);
    let year = months.iter().skip(first.unwrap_or(months.len())).take(12);
    let sum = |pick: fn(&PeriodRow) -> Money| year.clone().map(pick).sum();
    Ratio::new(sum(|row| row.flows.billed), sum(|row| row.flows.contracted))
}

/// What the tests of one run say.
#[derive(Clone, Debug, Default)]
struct Tests {
    least_cover: Option<(Ratio, Test)>,
    failures: Vec<Failure>,
    failed: usize,
}

fn tests(site: &Site, books: &BooksResult) -> Tests {
    let mut tests = Tests::default();
    for made in books.tests().filter(|made| made.outcome != Outcome::NotTested) {
        let TestMade { day, loan, covenant, value, outcome } = made;
        let test = Test { loan, covenant, day };
        let what = site.terms.loans[loan as usize].covenants[covenant as usize].test;
        if what == covenants::Test::Dscr
            && tests.least_cover.is_none_or(|(other, _)| value.value() < other.value())
        {
            tests.least_cover = Some((value, test));
        }
        let known = tests.failures.iter_mut().find(|known| known.first.same_covenant(&test));
        match (outcome, known) {
            (Outcome::Failed, known) => {
                tests.failed += 1;
                if known.is_none() {
                    tests.failures.push(Failure { first: test, again: None });
                }
            }
            (Outcome::Passed | Outcome::LockUp, Some(known)) => {
                known.again = known.again.or(Some(test));
            }
            _ => {}
        }
    }
    tests
}
