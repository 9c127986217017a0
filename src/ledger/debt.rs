//! Loans in the books: closing, interest, fees, lapse; what a month of a loan comes to.
//!
//! Fee and discount are a cost of debt from closing to maturity: straight-line by the day, or, for
//! a loan drawn at closing whose terms say so, by the effective interest method (finance-mechanics
//! 17; ASC 835-30-35-2) on the service that the rate of closing implies.

use rust_decimal::Decimal;

use super::account::Account;
use super::agenda::Task;
use super::books::Books;
use super::prepared::{LoanDate, PreparedLoan};
use super::rows::LoanFlows;
use super::{EntryCause, Happening, Prepared};
use crate::loan::{Annuities, Instalment, LoanAccount, NoDraw, effective_amortisation};
use crate::model::terms::{ConstructionInterest, Funding, Loan};
use crate::money::{Lines, Meter, Money};
use crate::time::Day;

/// One loan as the books follow it.
#[derive(Clone, Debug)]
pub(super) struct LoanBook<'s> {
    pub(super) terms: &'s Loan,
    pub(super) prepared: &'s PreparedLoan,
    pub(super) account: Option<LoanAccount<'s>>,
    /// Payment dates to come, last first.
    pub(super) dates: &'s [LoanDate],
    /// Fee and discount as they become cost.
    fees: Lines,
    pub(super) interest_due: Money,
    pub(super) fee_due: Money,
    /// Of the interest, that of a period that has ended and is paid on a later day.
    pub(super) period_interest: Option<Money>,
    /// Of both, what fell due and is not paid; and principal likewise.
    pub(super) late_interest: Money,
    pub(super) late_principal: Money,
    /// Debt on the first payment date of principal, and the plan of repayment made then, last
    /// first.
    pub(super) face: Option<Money>,
    pub(super) plan: Vec<Money>,
    /// Held for its service.
    pub(super) reserve: Money,
    /// Owed when the books opened, and eligible cost paid by then.
    pub(super) taken_over: Money,
    pub(super) eligible_before: Money,
    conditions_left: u32,
    refused: Option<NoDraw>,
    pub(super) annuities: Annuities,
    /// Of the month under way.
    pub(super) month: LoanFlows,
    /// After a failed test: no draw.
    stopped: bool,
    /// After a test below its lock-up: nothing may be distributed.
    locked: bool,
}

impl<'s> LoanBook<'s> {
    /// The loans of a site, none of them closed.
    pub(super) fn all(prepared: &'s Prepared<'s>) -> Vec<LoanBook<'s>> {
        let site = prepared.site;
        let book = |(terms, prepared): (&'s Loan, &'s PreparedLoan)| LoanBook {
            terms,
            prepared,
            account: None,
            dates: &prepared.dates,
            fees: Lines::new(site.terms.opens),
            interest_due: Money::ZERO,
            fee_due: Money::ZERO,
            period_interest: None,
            late_interest: Money::ZERO,
            late_principal: Money::ZERO,
            face: None,
            plan: Vec::new(),
            reserve: Money::ZERO,
            taken_over: Money::ZERO,
            eligible_before: Money::ZERO,
            conditions_left: terms.draws.conditions.len() as u32,
            refused: None,
            annuities: Annuities::default(),
            month: LoanFlows::default(),
            stopped: false,
            locked: false,
        };
        site.terms.loans.iter().zip(&prepared.loans).map(book).collect()
    }

    pub(super) fn drawn(&self) -> Money {
        self.account.as_ref().map_or(Money::ZERO, LoanAccount::drawn)
    }

    /// Drawn since the books opened.
    pub(super) fn drawn_since(&self) -> Money {
        self.drawn() - self.taken_over
    }

    pub(super) fn undrawn(&self) -> Money {
        self.account.as_ref().map_or(Money::ZERO, LoanAccount::undrawn)
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

    /// Whether all that must have happened before the first draw has.
    pub(super) fn conditions_met(&self) -> bool {
        self.conditions_left == 0
    }

    /// The account of a loan that has closed.
    pub(super) fn open(&mut self) -> &mut LoanAccount<'s> {
        self.account.as_mut().expect("only a closed loan is drawn and served")
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
    pub(super) fn is_locked(&self) -> bool {
        self.locked
    }

    pub(super) fn draw(&mut self, day: Day, amount: Money) {
        self.refused = None;
        self.month.draws += amount;
        self.open().draw(day, amount);
    }

    pub(super) fn repay(&mut self, day: Day, amount: Money) {
        if amount != Money::ZERO {
            self.open().repay(day, amount);
        }
    }

    /// Remembers why nothing was given; whether that is news.
    pub(super) fn refuse(&mut self, why: NoDraw) -> bool {
        self.refused.replace(why) != Some(why)
    }

    /// Spreads fee and discount from closing to maturity, by the day or as `service` earns them.
    fn spread_fees(&mut self, day: Day, cost: Money, service: Option<&[Instalment]>) {
        let Some(service) = service else {
            let rate = Meter::rate(cost, i64::from(self.terms.maturity - day));
            return self.fees.add(day, self.terms.maturity, rate);
        };
        let (mut from, count) = (day, self.terms.accrual.count);
        let mut periods = Vec::with_capacity(service.len());
        for date in self.dates.iter().rev() {
            periods.push((from, date.accrues_to));
            from = from.max(date.accrues_to);
        }
        let year = |&(from, until): &(Day, Day)| count.fraction(from, until).decimal();
        let years: Vec<Decimal> = periods.iter().map(year).collect();
        let face: Money = service.iter().map(|row| row.principal).sum();
        let parts = effective_amortisation(face - cost, service, &years);
        // What falls into a period without days is taken on the day after.
        for ((from, until), part) in periods.into_iter().zip(parts) {
            let until = until.max(from + 1);
            self.fees.add(from, until, Meter::rate(part, i64::from(until - from)));
        }
    }
}

impl Books<'_> {
    /// A loan closes: it is drawn whole, or pays back its share of the cost that owners have
    /// already paid (unless equity goes first); it takes its upfront fee.
    pub(super) fn close_loan(&mut self, loan: u32, day: Day) {
        let site = self.site;
        let terms = &site.terms.loans[loan as usize];
        let at = loan as usize;
        let commitment = site.terms.fx.convert(terms.commitment, terms.close);
        let index = self.loans[at].prepared.index.as_deref();
        let account = LoanAccount::open(terms, &site.terms.curves, index, commitment, day);
        self.loans[at].account = Some(account);
        // What it cost at closing was paid before the books opened.
        let is_old = terms.opening_balance.is_some();
        let fee = if is_old { Money::ZERO } else { commitment.share(terms.upfront_fee) };
        let mut discount = Money::ZERO;
        if let Some(balance) = terms.opening_balance {
            self.take_over_loan(at, day, site.terms.fx.convert(balance, terms.close));
        } else if terms.draws.kind.draws_at_closing() {
            discount = commitment.share(terms.discount);
            self.draw_whole(loan, day, commitment, discount);
            self.funds.receive_proceeds((commitment - discount - fee).max(Money::ZERO));
        } else {
            self.draw_for_the_past(at, day);
        }
        let cost = fee + discount;
        if cost > Money::ZERO {
            self.flows.upfront_fee_paid += cost;
            if terms.accrual.construction == ConstructionInterest::Funded {
                self.fund(day, [Money::ZERO, Money::ZERO, fee]);
            }
            self.pay(day, EntryCause::UpfrontFee(loan), &[(Account::LoanFees, fee)]);
            let service = terms.effective_fees.then(|| self.project(at, day));
            self.loans[at].spread_fees(day, cost, service.as_deref());
        }
        if terms.available_until >= day && !terms.draws.kind.draws_at_closing() {
            self.plan(terms.available_until, Task::Lapse(loan));
        }
        self.plan_payment(loan);
    }

    /// Takes over what a loan is owed when the books open: it lowers what owners contributed. It
    /// paid for what stood then, so neither it nor cost paid before counts in later draws.
    fn take_over_loan(&mut self, at: usize, day: Day, balance: Money) {
        let before = self.funds.eligible(self.site, self.loans[at].terms);
        let book = &mut self.loans[at];
        book.open().draw(day, balance);
        book.month.taken_over += balance;
        (book.taken_over, book.eligible_before) = (balance, before);
        let lines = [(Account::Contributed, balance), (Account::Debt, -balance)];
        self.ledger.post(day, EntryCause::LoanTakenOver(at as u32), &lines);
    }

    /// Draws all of a loan at closing, less what the lender keeps.
    fn draw_whole(&mut self, loan: u32, day: Day, amount: Money, discount: Money) {
        self.loans[loan as usize].draw(day, amount);
        self.flows.draws += amount;
        let lines = [
            (Account::Cash, amount - discount),
            (Account::LoanFees, discount),
            (Account::Debt, -amount),
        ];
        self.ledger.post(day, EntryCause::Draw(loan), &lines);
        self.note(day, Happening::Drawn { loan, amount });
    }

    /// Draws what owners have paid ahead of the loan; the cash takes the place of their next calls.
    fn draw_for_the_past(&mut self, at: usize, day: Day) {
        if self.site.terms.equity.funding == Funding::ProRata {
            let ahead = self.loans[..at].iter().map(LoanBook::drawn_since).sum();
            self.draw_loan(at, day, Money(i64::MAX), ahead);
            self.loans[at].refused = None;
        }
    }

    /// An activity that loans wait for has finished.
    pub(super) fn meet_conditions(&mut self, activity: u32, day: Day) {
        for at in 0..self.loans.len() {
            if self.site.terms.loans[at].draws.conditions.contains(&activity) {
                self.loans[at].conditions_left -= 1;
                if self.loans[at].conditions_met() && self.loans[at].is_closed() {
                    self.draw_for_the_past(at, day);
                }
            }
        }
    }

    pub(super) fn plan_payment(&mut self, loan: u32) {
        if let Some(&date) = self.loans[loan as usize].dates.last() {
            if date.accrues_to < date.paid_on {
                self.plan(date.accrues_to, Task::LoanPeriod(loan));
            }
            self.plan(date.paid_on, Task::LoanPayment(loan));
        }
    }

    /// Books the cost of a loan that has built up by the start of `day`, on `booked`.
    pub(super) fn accrue_loan(&mut self, at: usize, day: Day, booked: Day) {
        let book = &mut self.loans[at];
        let Some(account) = &mut book.account else { return };
        let (interest, fee) = (account.take_interest(day), account.take_fee(day));
        let amortised = book.fees.take(day);
        book.interest_due += interest;
        book.fee_due += fee;
        book.month.interest += interest;
        book.month.undrawn_fee += fee;
        book.month.fees_amortised += amortised;
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

    /// Availability ends with its last day: what is undrawn lapses (semantics M8).
    pub(super) fn lapse(&mut self, loan: u32, day: Day) {
        let undrawn = self.loans[loan as usize].undrawn();
        self.note(day, Happening::Lapsed { loan, undrawn });
    }

    /// Moves the month's share of interest to construction in progress (semantics M6): the share
    /// of contractual interest that the terms state, else by what is in progress. What was
    /// in progress on the way and has gone in service by the close takes none.
    pub(super) fn capitalise_interest(&mut self, booked: Day) {
        let flows = &self.flows;
        let incurred = flows.interest_incurred - flows.other_interest;
        let contractual = incurred - flows.undrawn_fee - flows.upfront_fee_amortised;
        let mut capitalised = self.funds.capitalised(incurred);
        let shares = &self.site.terms.capitalised_share;
        if let Some(step) = shares.iter().rev().find(|step| step.0 <= booked) {
            capitalised = contractual.share(step.1);
        }
        if capitalised != Money::ZERO && self.assets.in_progress() <= Money::ZERO {
            capitalised = Money::ZERO;
        }
        self.assets.spread_interest(capitalised);
        self.flows.interest_capitalised += capitalised;
        self.flows.interest_expensed += incurred - capitalised;
        let lines = [(Account::Cip, capitalised), (Account::Interest, -capitalised)];
        self.ledger.post(booked, EntryCause::InterestCapitalised, &lines);
    }
}
