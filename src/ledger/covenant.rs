//! Covenants in the books: tested at the month's close, cured, their breach remembered.
//!
//! A test is made on the row of the month that has just ended. What follows from it, a stop of
//! draws, a lock-up of distributions, an equity cure, holds from then on until a later test of the
//! same covenant holds. Tests that look ahead (forward windows, LLCR, PLCR) are made when the books
//! are over and read the months that came: perfect foresight, which is why nothing follows from
//! them (semantics M10).

use rust_decimal::Decimal;

use super::account::Account;
use super::books::Books;
use super::collateral::InProgress;
use super::debt::LoanBook;
use super::foresight::Foresight;
use super::places::overlap;
use super::rows::{Flows, PeriodRow, net_debt_to_ebitda};
use super::{EntryCause, Happening, Outcome, Ratio};
use crate::loan::{
    CoverPeriod, CoverStatus, ceiling_status, cover_of, cover_status, cure_by_cash, cure_by_service,
};
use crate::model::Site;
use crate::model::covenants::{Covenant, CureAs, IcrNumerator, Limit, Test, Window};
use crate::model::terms::Loan;
use crate::money::Money;
use crate::revenue::realization_of;
use crate::time::Day;
use crate::unit::Share;

/// One covenant as the books follow it.
#[derive(Clone, Debug)]
pub(super) struct CovenantBook<'s> {
    terms: &'s Covenant,
    loan: u32,
    /// Which of the loan's covenants.
    at: u32,
    breached: bool,
    locked: bool,
    cures: u32,
    /// Cures by the day of their test: they count in later windows that hold it.
    deemed: Vec<(Day, Money)>,
}

impl<'s> CovenantBook<'s> {
    /// Every covenant of a site, in file order.
    pub(super) fn all(site: &'s Site) -> Vec<CovenantBook<'s>> {
        let of_loan = |(loan, terms): (usize, &'s crate::model::terms::Loan)| {
            terms.covenants.iter().enumerate().map(move |(at, terms)| CovenantBook {
                terms,
                loan: loan as u32,
                at: at as u32,
                breached: false,
                locked: false,
                cures: 0,
                deemed: Vec::new(),
            })
        };
        site.terms.loans.iter().enumerate().flat_map(of_loan).collect()
    }

    /// Whether the month that ended with the last of `rows` is one of its tests.
    fn is_due(&self, rows: &[PeriodRow], maturity: Day) -> bool {
        is_due(self.terms, rows, maturity)
    }

    /// Cures that count in a window.
    fn deemed_in(&self, months: &[PeriodRow]) -> Money {
        let (Some(first), Some(last)) = (months.first(), months.last()) else { return Money::ZERO };
        let within = self.deemed.iter().filter(|(day, _)| (first.from..last.until).contains(day));
        within.map(|&(_, amount)| amount).sum()
    }

    /// What the test finds, cures of earlier tests included.
    fn measure(&self, rows: &[PeriodRow], point: &Point<'_>) -> Ratio {
        let cures = self.deemed_in(window_of(self.terms.window, rows).unwrap_or(rows));
        let counts = self.terms.cure.map_or(CureAs::Numerator, |cure| cure.counts);
        let added = match counts {
            CureAs::Numerator => [cures, Money::ZERO],
            CureAs::Denominator => [Money::ZERO, cures],
        };
        measure(self.terms, rows, point, added)
    }
}

/// Whether the month that ended with the last of `rows` is a test date of a covenant: at the end of
/// a whole month (or quarter), up to `until` and to the period in which the loan is repaid.
pub(super) fn is_due(covenant: &Covenant, rows: &[PeriodRow], maturity: Day) -> bool {
    let Some(row) = rows.last() else { return false };
    let last = row.until + -1;
    let ends = covenant.every_months == 1 || last.civil().1 % 3 == 0;
    let period = rows.len().saturating_sub(covenant.every_months as usize);
    ends && covenant.until.is_none_or(|until| last <= until) && maturity >= rows[period].from
}

/// What stands on the test date and in no row.
pub(super) struct Point<'b> {
    /// Debt that the collateral stands for.
    pub debt: Money,
    /// Service billed and scheduled by month, where the loan has sites of its own.
    pub realized: Option<&'b [(Money, Money)]>,
    /// Value of the collateral, for an LTV.
    pub collateral: Money,
    /// Cash that must be there, for a liquidity test.
    pub required: Money,
}

/// The months of a trailing window; `None` if the books do not reach back as far.
pub(super) fn window_of(window: Window, rows: &[PeriodRow]) -> Option<&[PeriodRow]> {
    let months = match window {
        Window::Trailing(months) => months as usize,
        Window::Point | Window::Forward(_) => 1,
    };
    rows.len().checked_sub(months).map(|from| &rows[from..])
}

/// Both sides of a test on the months up to it; `added` counts above and less below the line.
fn measure(
    covenant: &Covenant,
    rows: &[PeriodRow],
    point: &Point<'_>,
    [above, below]: [Money; 2],
) -> Ratio {
    if covenant.test == Test::ContractRealization {
        return realized(covenant.window, rows, point, above);
    }
    let Some(months) = window_of(covenant.window, rows) else { return Ratio::Undefined };
    let Some(stand) = rows.last().map(|row| row.stand) else { return Ratio::Undefined };
    match covenant.test {
        Test::Dscr => {
            let cures = CoverPeriod { cfads: above, interest: Money::ZERO, principal: -below };
            cover_of(months.iter().map(|row| row.flows.cover_period()).chain([cures]))
        }
        Test::Icr(numerator) => {
            let sides = |flows: &Flows| match numerator {
                IcrNumerator::Ebitda => [flows.ebitda(), flows.interest_incurred],
                IcrNumerator::Cfads => [flows.cfads(), flows.interest_paid + flows.fees_paid],
            };
            let add = |sum: [Money; 2], side: [Money; 2]| [sum[0] + side[0], sum[1] + side[1]];
            let [cash, interest] =
                months.iter().map(|row| sides(&row.flows)).fold([Money::ZERO; 2], add);
            Ratio::new(cash + above, interest)
        }
        Test::NetDebtToEbitda => net_debt_to_ebitda(months),
        Test::MinimumLiquidity => Ratio::new(stand.cash, point.required),
        Test::Ltv(_) => Ratio::new(point.debt, point.collateral),
        Test::ContractRealization | Test::Llcr | Test::Plcr => {
            unreachable!("the first is made above, the others when the books are over")
        }
    }
}

/// Billed, with what was paid in for it, over contracted; the window is as long as there are months
/// (finance-mechanics 29).
fn realized(window: Window, rows: &[PeriodRow], point: &Point<'_>, added: Money) -> Ratio {
    let Window::Trailing(most) = window else { return Ratio::Undefined };
    if let Some(months) = point.realized {
        let months = &months[months.len().saturating_sub(most as usize)..];
        return realization_of(months.iter().copied().chain([(added, Money::ZERO)]));
    }
    let months = &rows[rows.len().saturating_sub(most as usize)..];
    let of_month = |row: &PeriodRow| (row.flows.billed, row.flows.contracted);
    realization_of(months.iter().map(of_month).chain([(added, Money::ZERO)]))
}

/// Threshold and lock-up of a covenant on a day, as ratios: cash is compared with what is required.
pub fn limits_on(covenant: &Covenant, day: Day) -> (Share, Option<Share>) {
    let term = covenant.on(day);
    match term.limit {
        Limit::Ratio(limit) => (limit, term.lock_up),
        Limit::Cash(_) => (Share::ONE, None),
    }
}

/// The outcome of a test by the terms in force on its day.
pub(super) fn outcome_of(covenant: &Covenant, value: Ratio, day: Day) -> Outcome {
    if covenant.on(day).first_test.is_some_and(|first| day < first) {
        return Outcome::NotTested;
    }
    let (limit, lock_up) = limits_on(covenant, day);
    let status = match covenant.test.is_ceiling() {
        true => ceiling_status(value, lock_up, Some(limit)),
        false => cover_status(value, lock_up, Some(limit)),
    };
    match status {
        CoverStatus::NotTested => Outcome::NotTested,
        CoverStatus::Pass => Outcome::Passed,
        CoverStatus::LockUp => Outcome::LockUp,
        CoverStatus::Default => Outcome::Failed,
    }
}

impl Books<'_> {
    /// Makes every test of the month whose row has just been written.
    pub(super) fn test_covenants(&mut self, last: Day) {
        if self.covenants.is_empty() || last + 1 != last.next_month() {
            return;
        }
        for at in 0..self.covenants.len() {
            let book = &self.covenants[at];
            let loan = book.loan as usize;
            let maturity = self.site.terms.loans[loan].maturity;
            let made = !book.terms.perfect_foresight() && self.loans[loan].is_closed();
            if made && book.is_due(&self.rows, maturity) {
                self.test_covenant(at, last);
            }
        }
    }

    fn test_covenant(&mut self, at: usize, last: Day) {
        let terms = self.covenants[at].terms;
        let required = match terms.on(last).limit {
            Limit::Cash(amount) => self.site.terms.fx.convert(amount, last),
            Limit::Ratio(_) => Money::ZERO,
        };
        let book = &self.covenants[at];
        let (loan, covenant) = (book.loan, book.at);
        let of = &self.site.terms.loans[loan as usize];
        let collateral = match (terms.test, &self.collateral) {
            (Test::Ltv(how), Some(collateral)) => {
                collateral.value(self.site, (of, how), last + 1, self.in_progress_for(of))
            }
            _ => Money::ZERO,
        };
        let places = self.funds.places.as_ref().filter(|_| !of.premises.is_empty());
        let realized = places.map(|places| places.realized(loan));
        let debt = self.debt_beside(of);
        let value = book.measure(&self.rows, &Point { debt, realized, collateral, required });
        let mut outcome = outcome_of(terms, value, last);
        let mut cured = None;
        if outcome == Outcome::Failed
            && let Some(amount) = self.cure_of(at, value, last)
        {
            outcome = Outcome::Cured;
            cured = Some(amount);
        }
        self.note(last, Happening::Tested { loan, covenant, value, outcome });
        if let Some(amount) = cured {
            self.cure(at, last, amount);
        }
        let book = &mut self.covenants[at];
        if outcome != Outcome::NotTested {
            book.breached = outcome == Outcome::Failed;
            book.locked = matches!(outcome, Outcome::Failed | Outcome::LockUp);
            self.remember(loan);
        }
    }

    /// Tells the loan whether draws stop and distributions are locked up.
    fn remember(&mut self, loan: u32) {
        let of_loan = || self.covenants.iter().filter(|book| book.loan == loan);
        let stopped = of_loan().any(|book| book.breached && book.terms.draw_stop);
        let locked = of_loan().any(|book| book.locked);
        self.loans[loan as usize].restrict(stopped, locked);
    }

    /// What would cure a failed test, if it may be cured (finance-mechanics 30).
    fn cure_of(&self, at: usize, value: Ratio, last: Day) -> Option<Money> {
        let book = &self.covenants[at];
        let cure = book.terms.cure?;
        let left = cure.most.is_none_or(|most| book.cures < most);
        let in_time = cure.until.is_none_or(|until| last < until);
        let Ratio::Of { numerator, denominator } = value else { return None };
        let least = Decimal::new(limits_on(book.terms, last).0.0, 9);
        let amount = match cure.counts {
            CureAs::Numerator => cure_by_cash(numerator, denominator, least),
            CureAs::Denominator => cure_by_service(numerator, denominator, least),
        };
        // What rounds to nothing is short by something.
        (left && in_time).then_some(amount.max(Money(1)))
    }

    /// Debt that the collateral of a loan stands for: all of it, or that of the loans that name one
    /// of its sites.
    fn debt_beside(&self, loan: &Loan) -> Money {
        let beside = |book: &&LoanBook<'_>| loan.premises.is_empty() || overlap(book.terms, loan);
        self.loans.iter().filter(beside).map(|book| book.outstanding()).sum()
    }

    /// Collateral in progress that a loan may hold.
    fn in_progress_for(&self, loan: &Loan) -> InProgress {
        if loan.premises.is_empty() {
            return self.assets.collateral_in_progress();
        }
        let plant = self.assets.plant_in_progress_at(self.site, &loan.premises);
        InProgress { racks: self.racks_waiting_at(&loan.premises), plant }
    }

    /// Owners pay a cure in on the last day of the month that was tested.
    fn cure(&mut self, at: usize, last: Day, amount: Money) {
        let book = &mut self.covenants[at];
        book.cures += 1;
        // Cash that came in is there at the next test of liquidity anyway.
        if book.terms.test != Test::MinimumLiquidity {
            book.deemed.push((last, amount));
        }
        let (loan, covenant) = (book.loan, book.at);
        let lines = [(Account::Cash, amount), (Account::Contributed, -amount)];
        self.ledger.post(last, EntryCause::EquityCure(loan), &lines);
        self.note(last, Happening::Cured { loan, covenant, amount });
        self.closed.equity_cures += amount;
        let stand = self.stand();
        let row = self.rows.last_mut().expect("tests follow on a row");
        row.flows.equity_cures += amount;
        row.stand = stand;
    }

    /// Makes the tests that look ahead, once all months are there.
    pub(super) fn test_with_foresight(&mut self, contracts_end: Option<Day>) {
        let before = self.notes.len();
        for book in self.covenants.iter().filter(|book| book.terms.perfect_foresight()) {
            let foresight = Foresight::new(self.site, book.loan, &self.rows, contracts_end);
            let (loan, covenant) = (book.loan, book.at);
            for (day, value) in foresight.tests(book.terms) {
                let outcome = outcome_of(book.terms, value, day);
                let what = Happening::Tested { loan, covenant, value, outcome };
                self.notes.push(super::Note { day, what });
            }
        }
        if self.notes.len() > before {
            self.notes.sort_by_key(|note| note.day);
        }
    }
}
