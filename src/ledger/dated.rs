//! Loans on the dates that their terms state: draws in place of those by cost, repayments beside
//! the schedule.
//!
//! A dated draw comes as cash that is kept for capital cost, a revolver's as free cash. A vendor's
//! pays invoices for racks in the order in which they fall due, without cash; what is above them
//! comes as cash. It is made unless a condition is unmet or a failed test stops draws; then the
//! loan says so, and the draw is not made up for.

use super::account::Account;
use super::agenda::Task;
use super::books::Books;
use super::{EntryCause, Happening};
use crate::loan::NoDraw;
use crate::model::terms::LoanKind;
use crate::money::Money;
use crate::time::Day;

impl Books<'_> {
    /// Puts a loan's dated draws and repayments on the agenda.
    pub(super) fn plan_dated(&mut self, at: usize) {
        let terms = &self.site.terms;
        let loan = &terms.loans[at];
        let first = loan.close.max(terms.opens);
        for &(day, amount) in &loan.draws.dated {
            let amount = terms.fx.convert(amount, loan.close);
            self.due(day.max(first), Task::DatedDraw(at as u32), amount);
        }
        for &(day, amount) in &loan.repaid {
            let amount = terms.fx.convert(amount, loan.close);
            self.due(day.max(first), Task::DatedRepayment(at as u32), amount);
        }
    }

    pub(super) fn draw_on_date(&mut self, loan: u32, day: Day, amount: Money) {
        let at = loan as usize;
        let book = &mut self.loans[at];
        let amount = amount.min(book.undrawn());
        let why = match () {
            () if day > book.terms.available_until => Some(NoDraw::Lapsed),
            () if book.is_stopped() => Some(NoDraw::Breach),
            () if !book.conditions_met() => Some(NoDraw::ConditionUnmet),
            () if amount <= Money::ZERO => Some(NoDraw::CommitmentUsed),
            () => None,
        };
        if let Some(why) = why {
            if book.refuse(why) {
                self.note(day, Happening::Refused { loan, why });
            }
            return;
        }
        let by_vendor = match book.terms.draws.kind {
            LoanKind::Vendor => self.vendor_pays(at, day, amount),
            _ => Money::ZERO,
        };
        let cash = amount - by_vendor;
        if cash > Money::ZERO {
            self.book_draw(at, day, cash);
            if self.site.terms.loans[at].draws.kind != LoanKind::Revolver {
                self.funds.receive_proceeds(cash);
            }
        }
    }

    /// A vendor's loan pays invoices for racks, the first that falls due first; how much of them.
    fn vendor_pays(&mut self, at: usize, day: Day, amount: Money) -> Money {
        let mut left = amount;
        while left > Money::ZERO
            && let Some((due, owed)) = self.agenda.first(Task::RacksPayment)
        {
            let part = owed.min(left);
            self.due(due, Task::RacksPayment, -part);
            if let Some(places) = &mut self.funds.places {
                places.pay((due, true), part);
            }
            left -= part;
        }
        let paid = amount - left;
        if paid > Money::ZERO {
            let loan = at as u32;
            self.loans[at].draw(day, paid);
            self.funds.vendor_paid(paid);
            self.flows.draws += paid;
            self.flows.racks_paid += paid;
            self.flows.vendor_financed += paid;
            let lines = [(Account::CapexPayables, paid), (Account::Debt, -paid)];
            self.ledger.post(day, EntryCause::Draw(loan), &lines);
            self.note(day, Happening::Drawn { loan, amount: paid });
        }
        paid
    }

    /// Repays principal on a stated day, at most what is owed; what cash does not reach is in
    /// arrears and falls due again with the next payment.
    pub(super) fn repay_on_date(&mut self, loan: u32, day: Day, stated: Money) {
        let at = loan as usize;
        let book = &self.loans[at];
        let owed = (book.outstanding() - book.late_principal).max(Money::ZERO);
        let amount = stated.min(owed);
        if amount < stated {
            self.note(day, Happening::RepaidLess { loan, stated, amount });
        }
        let short = self.find(day, amount);
        let paid = amount - short;
        let book = &mut self.loans[at];
        book.repay(day, paid);
        book.late_principal += short;
        book.month.principal += paid;
        self.flows.principal += paid;
        self.flows.arrears += short;
        let lines = [(Account::Debt, paid), (Account::Cash, -paid)];
        self.ledger.post(day, EntryCause::DatedRepayment(loan), &lines);
        self.keep_earmarks();
        if short > Money::ZERO {
            let book = &self.loans[at];
            let arrears = book.late_interest + book.late_principal;
            self.note(day, Happening::Unpaid { loan, arrears });
        }
    }
}
