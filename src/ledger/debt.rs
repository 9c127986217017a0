//! Loans in the books: closing, interest, payments, lapse.
//!
//! Interest of the construction period is paid in cash like any other. The upfront fee is paid at
//! closing and amortised straight-line by the day to maturity as a cost of debt (the effective
//! interest method of ASC 835-30 differs from it by the shape of the balance).

use super::account::Account;
use super::books::{Books, Task};
use super::{EntryCause, Happening};
use crate::loan::{LoanAccount, NoDraw, average_period_rate, payment_dates, principal_due};
use crate::model::terms::{Funding, Loan};
use crate::money::{Lines, Meter, Money};
use crate::time::Day;

/// One loan as the books follow it.
#[derive(Clone, Debug)]
pub(super) struct LoanBook<'s> {
    terms: &'s Loan,
    account: Option<LoanAccount<'s>>,
    /// Payment dates to come, last first.
    dates: Vec<Day>,
    upfront: Lines,
    interest_due: Money,
    fee_due: Money,
    refused: Option<NoDraw>,
    /// After a failed test: no draw.
    stopped: bool,
    /// After a test below its lock-up: nothing may be distributed.
    locked: bool,
}

impl<'s> LoanBook<'s> {
    pub(super) fn new(terms: &'s Loan, opens: Day) -> LoanBook<'s> {
        let mut dates = payment_dates(terms);
        dates.retain(|&date| date > opens);
        dates.reverse();
        LoanBook {
            terms,
            account: None,
            dates,
            upfront: Lines::new(opens),
            interest_due: Money::ZERO,
            fee_due: Money::ZERO,
            refused: None,
            stopped: false,
            locked: false,
        }
    }

    pub(super) fn drawn(&self) -> Money {
        self.account.as_ref().map_or(Money::ZERO, LoanAccount::drawn)
    }

    pub(super) fn outstanding(&self) -> Money {
        self.account.as_ref().map_or(Money::ZERO, LoanAccount::outstanding)
    }

    pub(super) fn commitment(&self) -> Money {
        self.account.as_ref().map_or(Money::ZERO, LoanAccount::commitment)
    }

    /// Interest and undrawn fee up to now, not yet paid.
    pub(super) fn due(&self) -> Money {
        self.interest_due + self.fee_due
    }

    /// Whether it has been closed.
    pub(super) fn is_closed(&self) -> bool {
        self.account.is_some()
    }

    /// What its tests allow from now on.
    pub(super) fn restrict(&mut self, stopped: bool, locked: bool) {
        (self.stopped, self.locked) = (stopped, locked);
    }

    /// Whether a failed test stops its draws.
    pub(super) fn is_stopped(&self) -> bool {
        self.stopped
    }

    /// Whether a test below its lock-up keeps cash from the owners.
    #[allow(dead_code, reason = "for the waterfall, before it distributes")]
    pub(super) fn is_locked(&self) -> bool {
        self.locked
    }

    pub(super) fn draw(&mut self, day: Day, amount: Money) {
        self.refused = None;
        let account = self.account.as_mut().expect("a loan that gives is closed");
        account.draw(day, amount);
    }

    /// Remembers why nothing was given; whether that is news.
    pub(super) fn refuse(&mut self, why: NoDraw) -> bool {
        self.refused.replace(why) != Some(why)
    }
}

impl Books<'_> {
    /// A loan closes: it pays back its share of the cost that owners have already paid (unless
    /// equity goes first), and takes its upfront fee.
    pub(super) fn close_loan(&mut self, loan: u32, day: Day) {
        let site = self.site;
        let terms = &site.terms.loans[loan as usize];
        let at = loan as usize;
        let commitment = site.terms.fx.convert(terms.commitment, terms.close);
        self.loans[at].account =
            Some(LoanAccount::open(terms, &site.terms.curves, commitment, day));
        if site.terms.equity.funding == Funding::ProRata {
            let ahead = self.loans[..at].iter().map(LoanBook::drawn).sum();
            self.draw_loan(at, day, Money(i64::MAX), ahead);
            self.loans[at].refused = None;
        }
        let fee = commitment.share(terms.upfront_fee);
        if fee > Money::ZERO {
            self.flows.upfront_fee_paid += fee;
            self.pay(day, EntryCause::UpfrontFee(loan), &[(Account::LoanFees, fee)]);
            let rate = Meter::rate(fee, i64::from(terms.maturity - day));
            self.loans[at].upfront.add(day, terms.maturity, rate);
        }
        if terms.available_until >= day {
            self.plan(terms.available_until, Task::Lapse(loan));
        }
        self.plan_payment(loan);
    }

    fn plan_payment(&mut self, loan: u32) {
        if let Some(&date) = self.loans[loan as usize].dates.last() {
            self.plan(date, Task::LoanPayment(loan));
        }
    }

    /// Books the cost of a loan that has built up by the start of `day`, on `booked`.
    fn accrue_loan(&mut self, at: usize, day: Day, booked: Day) {
        let book = &mut self.loans[at];
        let Some(account) = &mut book.account else { return };
        let (interest, fee) = (account.take_interest(day), account.take_fee(day));
        let amortised = book.upfront.take(day);
        book.interest_due += interest;
        book.fee_due += fee;
        self.flows.interest_incurred += interest + fee + amortised;
        self.flows.undrawn_fee += fee;
        self.flows.upfront_fee_amortised += amortised;
        let lines = [
            (Account::Interest, interest + fee + amortised),
            (Account::InterestPayable, -(interest + fee)),
            (Account::LoanFees, -amortised),
        ];
        self.ledger.post(booked, EntryCause::InterestAccrued(at as u32), &lines);
    }

    /// Books the cost of all loans by the start of `day`.
    pub(super) fn accrue_loans(&mut self, day: Day, booked: Day) {
        for at in 0..self.loans.len() {
            self.accrue_loan(at, day, booked);
        }
    }

    /// A payment date: interest and fee since the last one, and principal from `amortises_from` on.
    pub(super) fn pay_loan(&mut self, loan: u32, day: Day) {
        let at = loan as usize;
        self.accrue_loan(at, day, day);
        let book = &mut self.loans[at];
        let account = book.account.as_mut().expect("payments are planned at closing");
        let terms = book.terms;
        let (interest, fee) =
            (std::mem::take(&mut book.interest_due), std::mem::take(&mut book.fee_due));
        let left = book.dates.len() as u32;
        book.dates.pop();
        let principal = if day >= terms.amortises_from || left == 1 {
            let rate = average_period_rate(account.rate(), terms.period_months);
            principal_due(terms.amortisation, account.outstanding(), interest, rate, left)
        } else {
            Money::ZERO
        };
        account.repay(day, principal);
        self.flows.interest_paid += interest;
        self.flows.fees_paid += fee;
        self.flows.principal += principal;
        let debits = [(Account::InterestPayable, interest + fee), (Account::Debt, principal)];
        self.pay(day, EntryCause::LoanPayment(loan), &debits);
        if left == 1 {
            self.note(day, Happening::Matured { loan });
        }
        self.plan_payment(loan);
    }

    /// Availability ends with its last day: what is undrawn lapses (semantics M8).
    pub(super) fn lapse(&mut self, loan: u32, day: Day) {
        let book = &self.loans[loan as usize];
        let undrawn = book.commitment() - book.drawn();
        self.note(day, Happening::Lapsed { loan, undrawn });
    }

    /// Moves the month's share of interest to construction in progress (semantics M6). What was
    /// in progress on the way and has gone in service by the close takes none.
    pub(super) fn capitalise_interest(&mut self, booked: Day) {
        let incurred = self.flows.interest_incurred;
        let mut capitalised = self.funds.capitalised(incurred);
        if self.assets.in_progress() <= Money::ZERO {
            capitalised = Money::ZERO;
        }
        self.assets.spread_interest(capitalised);
        self.flows.interest_capitalised += capitalised;
        self.flows.interest_expensed += incurred - capitalised;
        let lines = [(Account::Cip, capitalised), (Account::Interest, -capitalised)];
        self.ledger.post(booked, EntryCause::InterestCapitalised, &lines);
    }
}
