//! What the books need of a site whatever happens to it, worked out once for all its trials.

use std::sync::Arc;

use rust_decimal::Decimal;

use super::BooksResult;
use super::books::Books;
use crate::loan::{Averaging, OvernightIndex, OvernightTerms, payment_dates};
use crate::model::terms::{Contract, Loan, LoanRate};
use crate::model::{Event, EventKind, Site, Timeline};
use crate::money::Money;
use crate::revenue::ContractBook;
use crate::time::Day;

/// A site whose books can be kept for one timeline after the other.
///
/// Cost: one visit of each activity, cost and payment date; [`Prepared::run`] then pays for what
/// happens alone.
#[derive(Clone, Debug)]
pub struct Prepared<'s> {
    pub(super) site: &'s Site,
    /// The costs of activity `a` are `costs[first_cost[a]..first_cost[a + 1]]`.
    first_cost: Vec<u32>,
    /// Indices into the costs of the terms, by activity.
    costs: Vec<u32>,
    pub(super) loans: Vec<PreparedLoan>,
    /// The contracts as they stand when the books open.
    pub(super) contracts: Vec<ContractBook<'s>>,
    /// Unit `u` is sold as `sales[first_sale[u]..first_sale[u + 1]]` say.
    first_sale: Vec<u32>,
    sales: Vec<Sale>,
    /// Whether a loan waits for an activity.
    awaited: Vec<bool>,
    /// Whether the start of an activity moves the books, and whether its finish does.
    counts: Vec<[bool; 2]>,
    /// About how many months the books run: room that is made ready for their rows.
    pub(super) months: usize,
}

/// A unit as a contract lists it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Sale {
    unit: u32,
    /// Index into the terms.
    pub(super) contract: u32,
    /// Place in the contract's list of units.
    pub(super) at: u32,
}

/// What the books need of a loan.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct PreparedLoan {
    /// Payment dates after the opening, last first.
    pub(super) dates: Vec<LoanDate>,
    /// Of a base rate that is compounded.
    pub(super) index: Option<Arc<OvernightIndex>>,
}

/// A payment date of a loan.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct LoanDate {
    /// First day after its interest period.
    pub(super) accrues_to: Day,
    /// When it is paid.
    pub(super) paid_on: Day,
}

impl PreparedLoan {
    fn new(site: &Site, loan: &Loan) -> PreparedLoan {
        let accrual = &loan.accrual;
        let date = |scheduled| {
            let paid_on = accrual.calendar.adjust(scheduled, accrual.roll);
            // A date rolled back is paid before its period ends: interest runs to the payment.
            let accrues_to = if accrual.unadjusted { scheduled.min(paid_on) } else { paid_on };
            LoanDate { accrues_to, paid_on }
        };
        let mut dates: Vec<LoanDate> = payment_dates(loan).into_iter().map(date).collect();
        dates.retain(|date| date.paid_on > site.terms.opens && date.paid_on > loan.close);
        dates.dedup_by_key(|date| date.paid_on);
        for date in &mut dates {
            date.accrues_to = date.accrues_to.max(site.terms.opens).max(loan.close);
        }
        dates.reverse();
        let index = PreparedLoan::index(site, loan, &dates);
        PreparedLoan { dates, index }
    }

    /// The same loan where base rates may have moved, and nothing that its dates depend on.
    fn again(&self, before: &Site, site: &Site, loan: &Loan) -> PreparedLoan {
        let moved = match loan.rate {
            LoanRate::Floating { curve, .. } => {
                let curves = [before, site].map(|of| &of.terms.curves[curve as usize].steps);
                curves[0] != curves[1]
            }
            LoanRate::Fixed(_) => false,
        };
        if moved && self.index.is_some() {
            let index = PreparedLoan::index(site, loan, &self.dates);
            return PreparedLoan { dates: self.dates.clone(), index };
        }
        self.clone()
    }

    fn index(site: &Site, loan: &Loan, dates: &[LoanDate]) -> Option<Arc<OvernightIndex>> {
        let accrual = &loan.accrual;
        accrual.compounded.and_then(|lookback| match loan.rate {
            LoanRate::Fixed(_) => None,
            LoanRate::Floating { curve, floor, .. } => {
                let curve = &site.terms.curves[curve as usize];
                let terms = OvernightTerms {
                    averaging: Averaging::Compounded,
                    lookback,
                    floor: Some(Decimal::new(floor.0, 9)),
                    margin: Decimal::ZERO,
                    calendar: accrual.calendar,
                };
                let rate_on = |day| Decimal::new(curve.on(day).0, 9);
                let last = dates.first().map_or(loan.maturity, |date| date.paid_on);
                let until = last.max(loan.close + 1);
                Some(Arc::new(OvernightIndex::new(rate_on, &terms, loan.close, until)))
            }
        })
    }

    /// The payment date before the last `left` ones.
    pub(super) fn date_before(&self, left: usize) -> Option<&LoanDate> {
        self.dates.get(left)
    }
}

impl<'s> Prepared<'s> {
    /// Works out what does not depend on dates of the construction.
    pub fn new(site: &'s Site) -> Prepared<'s> {
        let loans = site.terms.loans.iter().map(|loan| PreparedLoan::new(site, loan)).collect();
        Prepared::with_loans(site, loans)
    }

    /// The same site as one trial has it: costs, prices and base rates may differ, loans have their
    /// terms and so their payment dates, which cost most to find.
    pub fn again<'o>(&self, site: &'o Site) -> Prepared<'o> {
        let loans = self.loans.iter().zip(&site.terms.loans);
        let loans = loans.map(|(loan, terms)| loan.again(self.site, site, terms)).collect();
        Prepared::with_loans(site, loans)
    }

    fn with_loans(site: &'s Site, loans: Vec<PreparedLoan>) -> Prepared<'s> {
        let terms = &site.terms;
        let mut costs: Vec<u32> = (0..terms.costs.len() as u32).collect();
        let activity_of = |cost: u32| terms.costs[cost as usize].activity;
        costs.sort_by_key(|&cost| activity_of(cost));
        let activities = site.plan.activities.len();
        let first_cost = first_of(activities, costs.iter().map(|&cost| activity_of(cost)));
        let of_contract = |(contract, terms): (usize, &'s Contract)| {
            let contract = contract as u32;
            let sale = move |(at, &unit)| Sale { unit, contract, at: at as u32 };
            terms.units.iter().enumerate().map(sale)
        };
        let mut sales: Vec<Sale> =
            terms.contracts.iter().enumerate().flat_map(of_contract).collect();
        sales.sort_by_key(|sale| (sale.unit, sale.contract));
        let first_sale = first_of(site.units.len(), sales.iter().map(|sale| sale.unit));
        let book = |contract: &'s Contract| ContractBook::new(site, contract, terms.opens);
        let contracts = terms.contracts.iter().map(book).collect();
        let mut awaited = vec![false; activities];
        for &activity in terms.loans.iter().flat_map(|loan| &loan.draws.conditions) {
            awaited[activity as usize] = true;
        }
        let mut counts: Vec<[bool; 2]> = awaited.iter().map(|&awaited| [false, awaited]).collect();
        for cost in &terms.costs {
            counts[cost.activity as usize] = [true, true];
        }
        let ends = terms
            .contracts
            .iter()
            .map(|contract| contract.scheduled_start.add_months(contract.term_months as i32 + 12));
        let last = ends.chain(terms.loans.iter().map(|loan| loan.maturity)).max();
        let months = last.map_or(0, |last| last.month_number() - terms.opens.month_number());
        // A file may say any year: what is too far ahead grows as it comes.
        let months = months.clamp(1, 600) as usize;
        Prepared {
            site,
            first_cost,
            costs,
            loans,
            contracts,
            first_sale,
            sales,
            awaited,
            counts,
            months,
        }
    }

    /// Costs of an activity, as indices into the terms.
    pub(super) fn costs_of(&self, activity: u32) -> &[u32] {
        let activity = activity as usize;
        &self.costs[self.first_cost[activity] as usize..self.first_cost[activity + 1] as usize]
    }

    /// A unit as the contracts list it, in file order.
    pub(super) fn sales_of(&self, unit: u32) -> &[Sale] {
        let unit = unit as usize;
        &self.sales[self.first_sale[unit] as usize..self.first_sale[unit + 1] as usize]
    }

    /// Cash for debt service of the base case that comes in months that end in `(from, until]`.
    pub(super) fn base_cash(&self, from: Day, until: Day) -> Money {
        let months = &self.site.terms.base_case;
        let range = months.partition_point(|month| month.0 <= from)
            ..months.partition_point(|month| month.0 <= until);
        months[range].iter().map(|month| month.1).sum()
    }

    /// Whether a finish has to be told to the loans.
    pub(super) fn is_awaited(&self, activity: u32) -> bool {
        self.awaited[activity as usize]
    }

    /// The books of a finished timeline; the journal is written only if asked for.
    pub fn run(&self, timeline: &Timeline, journal: bool) -> BooksResult {
        self.keep(Books::new(self, journal), timeline)
    }

    /// The books of one more timeline, without a journal, in the room of a result that is no longer
    /// needed: for a thread that keeps books for thousands of trials.
    pub fn run_in(&self, room: BooksResult, timeline: &Timeline) -> BooksResult {
        self.keep(Books::new_in(self, false, room), timeline)
    }

    fn keep(&self, mut books: Books<'_>, timeline: &Timeline) -> BooksResult {
        self.feed(&mut books, timeline);
        books.close()
    }

    /// Takes the books through a finished timeline, past what they have no use for.
    pub(super) fn feed(&self, books: &mut Books<'_>, timeline: &Timeline) {
        for cost in &self.site.terms.costs {
            let finish = timeline.finish[cost.activity as usize];
            if finish.happens() {
                books.expect(cost.activity, finish);
            }
        }
        timeline.events.iter().filter(|event| self.counts(event)).for_each(|event| books.on(event));
    }

    /// Whether an event moves the books.
    pub(super) fn counts(&self, event: &Event) -> bool {
        match event.kind {
            EventKind::Started => self.counts[event.activity as usize][0],
            EventKind::Finished => self.counts[event.activity as usize][1],
            EventKind::Cooled(_) => false,
            _ => true,
        }
    }
}

/// Where each of `0..count` begins in a list that is sorted by it, and where the last ends.
fn first_of(count: usize, sorted: impl Iterator<Item = u32>) -> Vec<u32> {
    let mut first = vec![0; count + 1];
    for of in sorted {
        first[of as usize + 1] += 1;
    }
    for of in 1..first.len() {
        first[of] += first[of - 1];
    }
    first
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Input, load};

    #[test]
    fn the_books_of_a_trial_are_prepared_as_those_of_a_site_of_its_own() {
        let london = include_str!("../../sites/london-blackwell-ultra.yaml");
        let daily = "\n    compounding:     daily\n    undrawn_fee:";
        let text = london.replacen("\n    undrawn_fee:", daily, 1);
        let input = Input { name: "london".into(), text: text.into(), ..Input::default() };
        let site = load(input).site.expect("the shipped site has no errors");
        let likely = Prepared::new(&site);
        assert!(likely.loans[0].index.is_some());
        assert_eq!(likely.again(&site).loans, likely.loans);
        let mut other = site.clone();
        other.terms.curves.iter_mut().flat_map(|of| &mut of.steps).for_each(|step| step.1.0 += 9);
        let (again, anew) = (likely.again(&other), Prepared::new(&other));
        assert_eq!(again.loans, anew.loans);
        assert_ne!(again.loans, likely.loans);
    }
}
