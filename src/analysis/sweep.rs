//! What a slip of one activity does to dates, revenue, interest and cover, slip by slip.

use crate::capacity::{Headline, Ramp};
use crate::engine;
use crate::ledger::{self, BooksResult, Happening, Outcome, PeriodRow, Ratio};
use crate::model::Site;
use crate::money::Money;
use crate::time::{Day, Minute, Span};

/// A test of a covenant: whose loan, and the last day of the quarter.
pub type Test = (u32, Day);

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
    /// Equity called beyond the commitment.
    pub shortfall: Money,
    /// Least cover of all tests that count, and its test; `None` if nothing was tested.
    pub least_cover: Option<(Ratio, Test)>,
    /// First test that failed.
    pub first_failed: Option<Test>,
    /// First test of the same loan after it that held again.
    pub passes_again: Option<Test>,
    /// Tests that failed.
    pub failed: usize,
    /// Least contract realization of three months in a row that all have a projection
    /// (finance-mechanics 29).
    pub least_realization: Ratio,
    /// Contract realization of the twelve months from the first projection on.
    pub first_year_realization: Ratio,
}

/// What a slip of an activity comes to at every step, and where cover breaks.
#[derive(Clone, Debug, PartialEq)]
pub struct Sweep {
    /// From no slip to the last.
    pub points: Vec<SlipPoint>,
    /// The smallest slip, in whole days of its calendar, at which a test fails that holds
    /// without; `None` if none does up to the last step. Found by halving between two steps, so a
    /// test that fails for some slips between them only may be missed.
    pub breaks_at: Option<SlipPoint>,
    /// Whether a test fails already without slip.
    pub broken_before: bool,
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
    let breaks_at = points.iter().position(|point| point.failed > 0).filter(|&at| at > 0);
    let breaks_at = breaks_at.map(|at| {
        let day = site.plan.calendar(activity).day_minutes();
        let (mut holds, mut fails) = (points[at - 1].slip.0 / day, points[at].slip.0);
        let mut found = points[at].clone();
        fails = (fails + day - 1) / day;
        while fails - holds > 1 {
            let middle = holds + (fails - holds) / 2;
            let tried = point(site, activity, Span(middle * day));
            if tried.failed > 0 {
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
    let timeline = engine::run_likely(&late.plan);
    let headline = Ramp::of(&late, &timeline).headline(&late);
    let books = ledger::run(&late, &timeline, false);
    let years = ledger::by_year(&books.months);
    let revenue = years
        .iter()
        .map(|year| (year.from.date().year(), year.flows.revenue + year.flows.recharge));
    let (least_cover, first_failed, passes_again, failed) = tests(&books);
    SlipPoint {
        slip,
        end: timeline.end(),
        headline,
        revenue: revenue.collect(),
        interest_before_revenue: books.interest_before_first_revenue,
        shortfall: books.totals.equity_shortfall,
        least_cover,
        first_failed,
        passes_again,
        failed,
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

type Tests = (Option<(Ratio, Test)>, Option<Test>, Option<Test>, usize);

/// The least cover, the first failure, the first recovery after it, and how many failed.
fn tests(books: &BooksResult) -> Tests {
    let (mut least, mut first_failed, mut again, mut failed) = (None, None, None, 0);
    for note in &books.notes {
        let Happening::CoverTest { loan, cover, outcome, .. } = note.what else { continue };
        let test = (loan, note.day);
        let Some(value) = cover.value().filter(|_| outcome != Outcome::NotTested) else {
            continue;
        };
        let lower = |(other, _): &(Ratio, Test)| other.value().is_none_or(|other| value < other);
        if least.as_ref().is_none_or(lower) {
            least = Some((cover, test));
        }
        match (outcome, first_failed) {
            (Outcome::Failed, _) => {
                failed += 1;
                first_failed = first_failed.or(Some(test));
            }
            (Outcome::Passed, Some((of, _))) if of == loan => again = again.or(Some(test)),
            _ => {}
        }
    }
    (least, first_failed, again, failed)
}
