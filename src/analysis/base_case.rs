//! What lenders lent on: the case that sized and sculpted loans are fixed by.
//!
//! A sculpted schedule and a sized commitment are agreed once, on the likely run as planned; a slip
//! looked at later moves the site and not the loan. So both are worked out here before anything
//! else runs, from the site without the delays that are only being tried.

use rust_decimal::Decimal;

use crate::engine;
use crate::ledger::{self, BooksResult};
use crate::loan::{BuildPeriod, BuildTerms, size_build};
use crate::model::Site;
use crate::model::terms::{ConstructionInterest, Loan, LoanRate, Repayment, SizedLoan};
use crate::money::{Amount, Money};
use crate::time::Day;
use crate::unit::Share;

/// Whether a loan of the site is fixed by a base case.
pub fn needs_base_case(site: &Site) -> bool {
    let sculpted = |loan: &Loan| matches!(loan.repayment, Repayment::Sculpted(_));
    site.terms.loans.iter().any(|loan| is_sized(loan) || sculpted(loan))
}

fn is_sized(loan: &Loan) -> bool {
    loan.commitment.micros == 0 && loan.sized.is_some()
}

/// Fixes the sized and sculpted loans of a site by a base case, which is the same site without
/// delays (and may be the site itself).
///
/// A sized commitment closes the loop of cost, fees and interest over the availability period by
/// months: with interest that is funded it pays for its share of its own fees and interest, else
/// for its share of eligible cost alone (finance-mechanics 32). The residual of the substitution
/// is kept.
///
/// # Errors
///
/// A loan whose fees and interest use up all that it lends.
pub fn fix_loans(site: &mut Site, base: &Site) -> Result<(), String> {
    let mut base = date_loans(base).unwrap_or_else(|| base.clone());
    for at in 0..base.terms.loans.len() {
        if is_sized(&base.terms.loans[at]) {
            size(&mut base, at)?;
        }
    }
    if base.terms.loans.iter().any(|loan| matches!(loan.repayment, Repayment::Sculpted(_))) {
        let months = likely_books(&base).months;
        base.terms.base_case =
            months.iter().map(|month| (month.until + -1, month.flows.cfads())).collect();
    }
    for (loan, fixed) in site.terms.loans.iter_mut().zip(&base.terms.loans) {
        (loan.commitment, loan.sized) = (fixed.commitment, fixed.sized);
    }
    site.terms.base_case = base.terms.base_case;
    Ok(())
}

/// The site with those dates of its loans that follow the plan as they fall in its likely run, so
/// that whoever reads the terms reads them; `None` where all are stated.
pub fn date_loans(site: &Site) -> Option<Site> {
    site.terms.follows_plan().then(|| ledger::dated(site, &engine::run_site(site))).flatten()
}

fn likely_books(site: &Site) -> BooksResult {
    ledger::run(site, &engine::run_site(site), false)
}

/// Sizes a loan on the cost that a loan without end would be drawn for.
fn size(site: &mut Site, at: usize) -> Result<(), String> {
    let loan = site.terms.loans[at].clone();
    let mut probe = site.clone();
    let boundless = &mut probe.terms.loans[at];
    boundless.commitment.micros = BOUNDLESS;
    (boundless.upfront_fee, boundless.undrawn_fee) = (Share::ZERO, Share::ZERO);
    boundless.accrual.construction = ConstructionInterest::Paid;
    let books = likely_books(&probe);
    let advance = share(loan.advance);
    let mut periods = Vec::new();
    for (month, row) in books.months.iter().zip(&books.loans[at]) {
        let from = month.from.max(loan.close);
        let until = month.until.min(loan.available_until + 1);
        if from < until && advance > Decimal::ZERO {
            let cost = row.flows.draws.times(Decimal::ONE / advance);
            periods.push(BuildPeriod { days: i64::from(until - from), cost });
        }
    }
    let funded = loan.accrual.construction == ConstructionInterest::Funded;
    let only_funded = |rate: Share| if funded { share(rate) } else { Decimal::ZERO };
    let terms = BuildTerms {
        gearing: advance,
        rate: only_funded(rate_at(site, &loan, loan.close)),
        upfront_fee: only_funded(loan.upfront_fee),
        undrawn_fee: only_funded(loan.undrawn_fee),
    };
    let plan = size_build(&terms, &periods).map_err(|why| format!("{}: {why}", loan.id))?;
    let sized = &mut site.terms.loans[at];
    let currency = sized.commitment.currency;
    sized.commitment = Amount { micros: plan.commitment.0, currency };
    sized.sized = Some(SizedLoan {
        residual: plan.residual,
        cost: periods.iter().map(|period| period.cost).sum(),
        financing: plan.interest() + plan.fees(),
    });
    Ok(())
}

/// More than any site costs, and little enough to add up.
const BOUNDLESS: i64 = Money::whole(1_000_000_000_000).0;

fn share(share: Share) -> Decimal {
    Decimal::new(share.0, 9)
}

fn rate_at(site: &Site, loan: &Loan, day: Day) -> Share {
    match loan.rate {
        LoanRate::Fixed(rate) => rate,
        LoanRate::Floating { curve, margin, floor } => {
            let base = site.terms.curves[curve as usize].on(day);
            Share(base.max(floor).0 + margin.0)
        }
    }
}
