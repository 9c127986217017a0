//! Who pays: prepayments, loans, owners, cash (semantics M7, M9).
//!
//! Capital cost that falls due is paid from the prepayments not yet spent, then from the loans as
//! far as [`draw_limit`] allows (after the equity commitment where equity goes first), then from
//! committed equity, then from cash on hand; what a loan or notes brought at closing goes with the
//! prepayments. Everything else is paid from cash on hand, then from committed equity. What is then
//! missing is drawn on the revolvers; debt service may take it from its reserve; the rest is called
//! from the owners and shown, or, where owners do not back shortfalls, stays unpaid: suppliers wait
//! a month, a lender is in default. Cash is never negative.

use super::account::{Account, Ledger};
use super::agenda::Task;
use super::books::{Books, next_quarter};
use super::debt::LoanBook;
use super::places::{Places, overlap};
use super::{Borrowings, EntryCause, Happening};
use crate::loan::{DrawRequest, draw_limit};
use crate::model::Site;
use crate::model::terms::{Eligible, Funding, Loan, LoanKind};
use crate::money::Money;
use crate::time::Day;

/// What funding has to remember.
#[derive(Clone, Debug)]
pub(super) struct Funds {
    /// Prepayments received and not yet spent on capital cost.
    prepaid: Money,
    /// What loans brought at closing and is not yet spent on it.
    proceeds: Money,
    equity_left: Money,
    order: Funding,
    /// Capital cost paid, before the opening and since: works, racks, interest funded like them.
    paid: [Money; 3],
    /// Of it, from prepayments.
    paid_by_prepayment: [Money; 3],
    /// The same by premises, where a loan names sites.
    pub(super) places: Option<Places>,
    /// Sums over the days of the month: capital cost in progress that is paid; debt.
    progress_days: i128,
    debt_days: i128,
}

impl Funds {
    pub(super) fn new(site: &Site) -> Funds {
        let terms = &site.terms;
        let equity = terms.equity.amount.map(|amount| terms.fx.convert(amount, terms.opens));
        Funds {
            prepaid: Money::ZERO,
            proceeds: Money::ZERO,
            equity_left: equity.unwrap_or_default(),
            order: terms.equity.funding,
            paid: [Money::ZERO; 3],
            paid_by_prepayment: [Money::ZERO; 3],
            places: Places::of(site),
            progress_days: 0,
            debt_days: 0,
        }
    }

    /// Owners paid capital cost before the books opened.
    pub(super) fn spent_before(&mut self, money: Money, racks: bool) {
        self.paid[usize::from(racks)] += money;
        self.equity_left = (self.equity_left - money).max(Money::ZERO);
    }

    pub(super) fn receive_prepayment(&mut self, money: Money) {
        self.prepaid += money;
    }

    /// A vendor's loan paid for racks.
    pub(super) fn vendor_paid(&mut self, money: Money) {
        self.paid[1] += money;
    }

    pub(super) fn receive_proceeds(&mut self, money: Money) {
        self.proceeds += money;
    }

    /// Cash that is kept for capital cost.
    fn earmarked(&self) -> Money {
        self.prepaid + self.proceeds
    }

    /// Cost that a loan may be drawn for, paid so far.
    pub(super) fn eligible(&self, site: &Site, loan: &Loan) -> Money {
        let Some(places) = self.places.as_ref().filter(|_| !loan.premises.is_empty()) else {
            return self.eligible_anywhere(loan);
        };
        // Prepayments have paid for each site alike.
        let part = |(own, at): (Money, usize)| {
            let by_prepayment =
                if loan.excludes_prepaid { self.paid_by_prepayment[at] } else { Money::ZERO };
            own - by_prepayment.scaled(own.0.into(), self.paid[at].0.max(1).into())
        };
        let [works, racks] = places.paid(site, loan);
        part((works, 0)) + part((racks, 1))
    }

    /// As [`Funds::eligible`], wherever it was paid.
    fn eligible_anywhere(&self, loan: &Loan) -> Money {
        let part = |at: usize| {
            let by_prepayment =
                if loan.excludes_prepaid { self.paid_by_prepayment[at] } else { Money::ZERO };
            self.paid[at] - by_prepayment
        };
        match loan.draws.eligible {
            Eligible::All => part(0) + part(1) + part(2),
            Eligible::Works => part(0),
            Eligible::Racks => part(1),
        }
    }

    /// Counts `days` at the balances that stand.
    pub(super) fn count_days(&mut self, ledger: &Ledger, days: i128) {
        let paid = ledger.balance(Account::Cip) + ledger.balance(Account::VendorDeposits)
            - ledger.credit(Account::CapexPayables)
            - ledger.credit(Account::CapexAccrued);
        self.progress_days += i128::from(paid.0.max(0)) * days;
        self.debt_days += i128::from(ledger.credit(Account::Debt).0) * days;
    }

    /// The month's interest that joins construction in progress: interest incurred x average
    /// accumulated expenditure / average debt, at most what was incurred (finance-mechanics 13;
    /// ASC 835-20-30-2 to 30-6).
    ///
    /// Accumulated expenditure is construction in progress and vendor deposits less all that
    /// builders and vendors are still owed, averaged by the day; so the base errs low while a unit
    /// in service still owes its acceptance share.
    pub(super) fn capitalised(&mut self, incurred: Money) -> Money {
        let (spent, debt) = (self.progress_days, self.debt_days);
        (self.progress_days, self.debt_days) = (0, 0);
        if spent <= 0 {
            Money::ZERO
        } else if spent >= debt {
            incurred
        } else {
            // Both sides are scaled down alike to stay inside the product's range.
            let shift = (128 - debt.leading_zeros()).saturating_sub(60);
            let scaled = |sum: i128| Money((sum >> shift) as i64);
            let debts = Borrowings {
                general: scaled(debt),
                general_interest: incurred,
                ..Borrowings::default()
            };
            debts.capitalised(scaled(spent))
        }
    }
}

impl Books<'_> {
    pub(super) fn cash(&self) -> Money {
        self.ledger.balance(Account::Cash)
    }

    /// Calls committed equity for `need`; what the commitment gives.
    pub(super) fn call_equity(&mut self, day: Day, need: Money) -> Money {
        let call = need.min(self.funds.equity_left).max(Money::ZERO);
        if call > Money::ZERO {
            self.funds.equity_left -= call;
            self.flows.equity_committed += call;
            let lines = [(Account::Cash, call), (Account::Contributed, -call)];
            self.ledger.post(day, EntryCause::EquityCall, &lines);
        }
        call
    }

    /// Cash that may be swept, reserved or repaid.
    pub(super) fn free_cash(&self) -> Money {
        (self.cash() - self.funds.earmarked()).max(Money::ZERO)
    }

    /// Finds `need` more than nothing beyond the cash on hand: revolvers, then owners if they back
    /// shortfalls; what stays missing.
    pub(super) fn raise(&mut self, day: Day, need: Money) -> Money {
        let left = need - self.draw_revolvers(day, need);
        if left <= Money::ZERO || !self.site.terms.equity.backs_shortfalls {
            return left.max(Money::ZERO);
        }
        self.call_shortfall(day, left);
        Money::ZERO
    }

    /// Calls equity beyond the commitment.
    fn call_shortfall(&mut self, day: Day, need: Money) {
        if need > Money::ZERO {
            self.flows.equity_shortfall += need;
            let lines = [(Account::Cash, need), (Account::Contributed, -need)];
            self.ledger.post(day, EntryCause::ShortfallCall, &lines);
            self.note(day, Happening::Shortfall { amount: need });
        }
    }

    /// Draws on the revolvers in file order; what they give.
    pub(super) fn draw_revolvers(&mut self, day: Day, need: Money) -> Money {
        let mut drawn = Money::ZERO;
        for at in 0..self.loans.len() {
            let terms = &self.site.terms.loans[at];
            if terms.draws.kind != LoanKind::Revolver || need <= drawn {
                continue;
            }
            let book = &self.loans[at];
            let by_rule = !terms.draws.by_date_on(day);
            let open = by_rule
                && book.is_closed()
                && day <= terms.available_until
                && !book.dates.is_empty();
            let amount = book.undrawn().min(need - drawn);
            if open && amount > Money::ZERO {
                self.book_draw(at, day, amount);
                drawn += amount;
            }
        }
        drawn
    }

    pub(super) fn book_draw(&mut self, at: usize, day: Day, amount: Money) {
        let loan = at as u32;
        self.loans[at].draw(day, amount);
        self.flows.draws += amount;
        let lines = [(Account::Cash, amount), (Account::Debt, -amount)];
        self.ledger.post(day, EntryCause::Draw(loan), &lines);
        self.note(day, Happening::Drawn { loan, amount });
    }

    /// Draws on the loans in file order as far as each gives for works, racks and interest that
    /// are due; what they give.
    fn draw_loans(&mut self, day: Day, due: [Money; 3], need: Money) -> Money {
        let (mut drawn, mut ahead) = (Money::ZERO, Money::ZERO);
        for at in 0..self.loans.len() {
            let most = match self.site.terms.loans[at].draws.eligible {
                Eligible::All => need,
                Eligible::Works => due[0],
                Eligible::Racks => due[1],
            };
            drawn += self.draw_loan(at, day, most.min(need - drawn), ahead);
            ahead += self.loans[at].drawn_since();
        }
        drawn
    }

    /// Eligible cost paid and what loans before it have drawn for the same: in all, or at the
    /// sites of the loan if that leaves less. So one cost is financed once, and a loan finances
    /// no other site's.
    fn base_of(&self, at: usize, drawn_ahead: Money) -> (Money, Money) {
        let book = &self.loans[at];
        let loan = book.terms;
        if loan.premises.is_empty() {
            return (self.funds.eligible(self.site, loan) - book.eligible_before, drawn_ahead);
        }
        let own = self.funds.eligible(self.site, loan) - book.eligible_before;
        let beside = self.loans[..at].iter().filter(|other| overlap(other.terms, loan));
        let beside = beside.map(LoanBook::drawn_since).sum();
        let all = self.funds.eligible_anywhere(loan);
        let left = |paid: Money, ahead: Money| paid.share(loan.advance) - ahead;
        match left(own, beside) <= left(all, drawn_ahead) {
            true => (own, beside),
            false => (all, drawn_ahead),
        }
    }

    /// What stands of a loan on a day; `drawn_ahead` is what the loans before it have given in all.
    pub(super) fn draw_request(
        &self,
        at: usize,
        day: Day,
        need: Money,
        drawn_ahead: Money,
    ) -> DrawRequest {
        let book = &self.loans[at];
        let (eligible_paid, drawn_ahead) = self.base_of(at, drawn_ahead);
        DrawRequest {
            day,
            need,
            commitment: book.commitment() - book.taken_over,
            eligible_paid,
            drawn: book.drawn_since(),
            drawn_ahead,
            equity_left: self.funds.equity_left,
            conditions_met: book.conditions_met(),
            stopped: book.is_stopped(),
        }
    }

    /// Draws on one loan; `drawn_ahead` is what the loans before it have given in all.
    pub(super) fn draw_loan(
        &mut self,
        at: usize,
        day: Day,
        need: Money,
        drawn_ahead: Money,
    ) -> Money {
        let loan = &self.site.terms.loans[at];
        if loan.draws.kind == LoanKind::Revolver || loan.draws.by_date_on(day) {
            return Money::ZERO;
        }
        let ask = self.draw_request(at, day, need, drawn_ahead);
        match draw_limit(loan, self.funds.order, &ask) {
            Ok(amount) => {
                self.book_draw(at, day, amount);
                amount
            }
            Err(why) => {
                if need > Money::ZERO && self.loans[at].refuse(why) {
                    self.note(day, Happening::Refused { loan: at as u32, why });
                }
                Money::ZERO
            }
        }
    }

    /// Finds the money for what is due of works, racks and interest that is funded like them:
    /// earmarked cash, loans beside or after committed equity, free cash; what stays missing.
    pub(super) fn fund(&mut self, day: Day, due: [Money; 3]) -> Money {
        let need = due[0] + due[1] + due[2];
        let on_hand = self.cash();
        let prepaid = self.funds.prepaid.min(need).min(on_hand);
        let proceeds = self.funds.proceeds.min(need - prepaid).min(on_hand - prepaid);
        self.funds.prepaid -= prepaid;
        self.funds.proceeds -= proceeds;
        let mut prepaid_left = prepaid;
        for (at, &part) in due.iter().enumerate() {
            let by_prepayment = part.min(prepaid_left);
            prepaid_left -= by_prepayment;
            self.funds.paid[at] += part;
            self.funds.paid_by_prepayment[at] += by_prepayment;
        }
        let mut left = need - prepaid - proceeds;
        if self.funds.order == Funding::EquityFirst {
            left -= self.call_equity(day, left);
        }
        left -= self.draw_loans(day, due, left);
        left -= self.call_equity(day, left);
        self.raise(day, left - (on_hand - prepaid - proceeds))
    }

    /// Pays builders and vendors what is due on a day, as far as there is money.
    pub(super) fn pay_capex(&mut self, day: Day, works: Money, racks: Money) {
        let mut by_place = match &mut self.funds.places {
            Some(places) => [places.pay((day, false), works), places.pay((day, true), racks)],
            None => [Vec::new(), Vec::new()],
        };
        let short = self.fund(day, [works, racks, Money::ZERO]);
        // What rounding leaves may be a millionth below nothing.
        let late_racks = short.min(racks.max(Money::ZERO));
        let late_works = short - late_racks;
        self.funds.paid[0] -= late_works;
        self.funds.paid[1] -= late_racks;
        if let Some(places) = &mut self.funds.places {
            let to = day.add_months(1);
            places.put_off(std::mem::take(&mut by_place[0]), late_works, (to, false));
            places.put_off(std::mem::take(&mut by_place[1]), late_racks, (to, true));
        }
        self.put_off(day, Task::WorksPayment, late_works);
        self.put_off(day, Task::RacksPayment, late_racks);
        let paid = works + racks - short;
        self.flows.works_paid += works - late_works;
        self.flows.racks_paid += racks - late_racks;
        let lines = [(Account::CapexPayables, paid), (Account::Cash, -paid)];
        self.ledger.post(day, EntryCause::CapexPaid, &lines);
        self.keep_sources(day);
    }

    /// What could not be paid falls due again a month later.
    fn put_off(&mut self, day: Day, task: Task, late: Money) {
        if late > Money::ZERO {
            self.due(day.add_months(1), task, late);
            self.note(day, Happening::Deferred { amount: late });
        }
    }

    /// Sources and uses as they stand after the last payment so far.
    fn keep_sources(&mut self, day: Day) {
        // While something is owed, a later payment will keep them, unless the books end before it.
        let owed = self.agenda.owed().for_capital != Money::ZERO;
        if owed && self.site.terms.horizon.is_none() {
            return;
        }
        let mut flows = self.closed;
        flows += self.flows;
        self.sources.until = Some(day);
        self.sources.flows = flows;
        self.sources.cash = self.cash();
        self.sources.drawn.clear();
        self.sources.drawn.extend(self.loans.iter().map(LoanBook::drawn_since));
    }

    /// Pays what is not capital cost, owners standing behind it: `debits` and their sum out of
    /// cash.
    pub(super) fn pay(&mut self, day: Day, cause: EntryCause, debits: &[(Account, Money)]) {
        let amount: Money = debits.iter().map(|debit| debit.1).sum();
        let short = self.find(day, amount);
        self.call_shortfall(day, short);
        let mut lines = [(Account::Cash, -amount); 4];
        lines[1..=debits.len()].copy_from_slice(debits);
        self.ledger.post(day, cause, &lines[..=debits.len()]);
        self.keep_earmarks();
    }

    /// Finds cash for what is not capital cost; what stays missing.
    pub(super) fn find(&mut self, day: Day, amount: Money) -> Money {
        let missing = amount - self.cash();
        if missing <= Money::ZERO {
            return Money::ZERO;
        }
        let called = self.call_equity(day, missing);
        self.raise(day, missing - called)
    }

    /// Earmarked cash that other payments have taken is earmarked no longer.
    pub(super) fn keep_earmarks(&mut self) {
        let cash = self.cash();
        self.funds.prepaid = self.funds.prepaid.min(cash);
        self.funds.proceeds = self.funds.proceeds.min(cash - self.funds.prepaid);
    }

    /// Pays suppliers as far as there is money; what was paid.
    fn pay_suppliers(
        &mut self,
        day: Day,
        task: Task,
        cause: EntryCause,
        owed: (Account, Money),
    ) -> Money {
        let late = self.find(day, owed.1);
        self.put_off(day, task, late);
        let paid = owed.1 - late;
        self.ledger.post(day, cause, &[(Account::Cash, -paid), (owed.0, paid)]);
        self.keep_earmarks();
        paid
    }

    pub(super) fn pay_power(&mut self, day: Day, amount: Money) {
        let owed = (Account::OperatingPayables, amount);
        let paid = self.pay_suppliers(day, Task::PowerPayment, EntryCause::PowerPaid, owed);
        self.flows.power_paid += paid;
    }

    pub(super) fn pay_operations(&mut self, day: Day, amount: Money) {
        let owed = (Account::OperatingPayables, amount);
        let cause = EntryCause::OperationsPaid;
        let paid = self.pay_suppliers(day, Task::OperationsPayment, cause, owed);
        self.flows.operations_paid += paid;
    }

    pub(super) fn pay_rent(&mut self, day: Day, amount: Money) {
        let owed = (Account::DeferredRent, amount);
        let paid = self.pay_suppliers(day, Task::RentPayment, EntryCause::RentPaid, owed);
        self.flows.rent_paid += paid;
    }

    /// Pays the interest that running costs state.
    pub(super) fn pay_other_interest(&mut self, day: Day, amount: Money) {
        let owed = (Account::OperatingPayables, amount);
        let cause = EntryCause::OtherInterestPaid;
        let paid = self.pay_suppliers(day, Task::OtherInterest, cause, owed);
        self.flows.other_interest_paid += paid;
    }

    /// Owners pay in cash on a day that the terms state.
    pub(super) fn raise_equity(&mut self, day: Day, amount: Money) {
        self.flows.equity_raised += amount;
        let lines = [(Account::Cash, amount), (Account::Contributed, -amount)];
        self.ledger.post(day, EntryCause::EquityRaised, &lines);
    }

    /// Pays free cash above what is to stay to the owners, once construction is paid and no loan
    /// can be drawn for it any more; a loan in arrears or in lock-up keeps it all
    /// (finance-mechanics 30, 31).
    pub(super) fn distribute(&mut self, day: Day) {
        self.plan(next_quarter(day), Task::Distribution);
        let terms = &self.site.terms;
        let Some(keeps) = terms.equity.keeps else { return };
        let built = self.agenda.owed().for_capital == Money::ZERO
            && self.ledger.balance(Account::CapexAccrued) == Money::ZERO
            && self.assets.in_progress() == Money::ZERO
            && self.first_service.is_some();
        let open =
            |loan: &Loan| loan.draws.kind != LoanKind::Revolver && day <= loan.available_until;
        if !built || terms.loans.iter().any(open) {
            return;
        }
        let amount = self.free_cash() - terms.fx.convert(keeps, day);
        let late = |book: &LoanBook<'_>| book.late_interest + book.late_principal > Money::ZERO;
        if amount <= Money::ZERO || self.loans.iter().any(late) {
            return;
        }
        if self.loans.iter().any(|book| book.is_locked() && book.outstanding() > Money::ZERO) {
            return self.note(day, Happening::Trapped { amount });
        }
        self.flows.distributions += amount;
        let lines = [(Account::Distributed, amount), (Account::Cash, -amount)];
        self.ledger.post(day, EntryCause::Distribution, &lines);
        self.note(day, Happening::Distributed { amount });
    }
}
