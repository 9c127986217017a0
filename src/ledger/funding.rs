//! Who pays: prepayments, loans, owners, cash (semantics M7, M9).
//!
//! Capital cost that falls due is paid from the prepayments not yet spent, then from the loans as
//! far as [`draw_limit`] allows (after the equity commitment where equity goes first), then from
//! committed equity, then from cash on hand. Everything else is paid from cash on hand, then from
//! committed equity. What is then missing is called from the owners and shown: cash is never
//! negative.

use super::account::{Account, Ledger};
use super::books::Books;
use super::{Borrowings, EntryCause, Happening};
use crate::loan::{DrawRequest, draw_limit};
use crate::model::Terms;
use crate::model::terms::Funding;
use crate::money::Money;
use crate::time::Day;

/// What funding has to remember.
#[derive(Clone, Debug)]
pub(super) struct Funds {
    /// Prepayments received and not yet spent on capital cost.
    prepaid: Money,
    equity_left: Money,
    order: Funding,
    /// Capital cost paid, before the opening and since.
    paid: Money,
    /// Of it, from prepayments.
    paid_by_prepayment: Money,
    /// Sums over the days of the month: capital cost in progress that is paid; debt.
    progress_days: i128,
    debt_days: i128,
}

impl Funds {
    pub(super) fn new(terms: &Terms) -> Funds {
        let equity = terms.equity.amount.map(|amount| terms.fx.convert(amount, terms.opens));
        Funds {
            prepaid: Money::ZERO,
            equity_left: equity.unwrap_or_default(),
            order: terms.equity.funding,
            paid: Money::ZERO,
            paid_by_prepayment: Money::ZERO,
            progress_days: 0,
            debt_days: 0,
        }
    }

    /// Owners paid capital cost before the books opened.
    pub(super) fn spent_before(&mut self, money: Money) {
        self.paid += money;
        self.equity_left = (self.equity_left - money).max(Money::ZERO);
    }

    pub(super) fn receive_prepayment(&mut self, money: Money) {
        self.prepaid += money;
    }

    /// Counts `days` at the balances that stand.
    pub(super) fn count_days(&mut self, ledger: &Ledger, days: i128) {
        let paid: Money =
            [Account::Cip, Account::VendorDeposits, Account::CapexPayables, Account::CapexAccrued]
                .iter()
                .map(|&account| ledger.balance(account))
                .sum();
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
    fn cash(&self) -> Money {
        self.ledger.balance(Account::Cash)
    }

    /// Calls committed equity for `need`; what the commitment gives.
    fn call_equity(&mut self, day: Day, need: Money) -> Money {
        let call = need.min(self.funds.equity_left).max(Money::ZERO);
        if call > Money::ZERO {
            self.funds.equity_left -= call;
            self.flows.equity_committed += call;
            let lines = [(Account::Cash, call), (Account::Contributed, -call)];
            self.ledger.post(day, EntryCause::EquityCall, &lines);
        }
        call
    }

    /// Calls equity beyond the commitment so that `need` more than nothing is covered.
    fn call_shortfall(&mut self, day: Day, need: Money) {
        if need > Money::ZERO {
            self.flows.equity_shortfall += need;
            let lines = [(Account::Cash, need), (Account::Contributed, -need)];
            self.ledger.post(day, EntryCause::ShortfallCall, &lines);
            self.note(day, Happening::Shortfall { amount: need });
        }
    }

    /// Draws on the loans in file order as far as each gives; what they give.
    pub(super) fn draw_loans(&mut self, day: Day, need: Money) -> Money {
        let (mut drawn, mut ahead) = (Money::ZERO, Money::ZERO);
        for at in 0..self.loans.len() {
            drawn += self.draw_loan(at, day, need - drawn, ahead);
            ahead += self.loans[at].drawn();
        }
        drawn
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
        let by_prepayment =
            if loan.excludes_prepaid { self.funds.paid_by_prepayment } else { Money::ZERO };
        let ask = DrawRequest {
            day,
            need,
            commitment: self.loans[at].commitment(),
            eligible_paid: self.funds.paid - by_prepayment,
            drawn: self.loans[at].drawn(),
            drawn_ahead,
            equity_left: self.funds.equity_left,
            stopped: self.loans[at].is_stopped(),
        };
        let answer = draw_limit(loan, self.funds.order, &ask);
        let loan = at as u32;
        match answer {
            Ok(amount) => {
                self.loans[at].draw(day, amount);
                self.flows.draws += amount;
                let lines = [(Account::Cash, amount), (Account::Debt, -amount)];
                self.ledger.post(day, EntryCause::Draw(loan), &lines);
                self.note(day, Happening::Drawn { loan, amount });
                amount
            }
            Err(why) => {
                if need > Money::ZERO && self.loans[at].refuse(why) {
                    self.note(day, Happening::Refused { loan, why });
                }
                Money::ZERO
            }
        }
    }

    /// Pays builders and vendors what is due on a day.
    pub(super) fn pay_capex(&mut self, day: Day, works: Money, racks: Money) {
        let need = works + racks;
        let free_cash = self.cash();
        let prepaid = self.funds.prepaid.min(need).min(free_cash);
        self.funds.prepaid -= prepaid;
        self.funds.paid += need;
        self.funds.paid_by_prepayment += prepaid;
        let mut left = need - prepaid;
        if self.funds.order == Funding::EquityFirst {
            left -= self.call_equity(day, left);
        }
        left -= self.draw_loans(day, left);
        left -= self.call_equity(day, left);
        self.call_shortfall(day, left - (free_cash - prepaid));
        self.flows.works_paid += works;
        self.flows.racks_paid += racks;
        let lines = [(Account::CapexPayables, need), (Account::Cash, -need)];
        self.ledger.post(day, EntryCause::CapexPaid, &lines);
        self.keep_sources(day);
    }

    /// Sources and uses as they stand after the last payment so far.
    fn keep_sources(&mut self, day: Day) {
        let mut flows = self.closed;
        flows += self.flows;
        self.sources.until = Some(day);
        self.sources.flows = flows;
        self.sources.cash = self.cash();
        self.sources.drawn.clear();
        self.sources.drawn.extend(self.loans.iter().map(|loan| loan.drawn()));
    }

    /// Pays what is not capital cost: `debits` and their sum out of cash.
    pub(super) fn pay(&mut self, day: Day, cause: EntryCause, debits: &[(Account, Money)]) {
        let amount: Money = debits.iter().map(|debit| debit.1).sum();
        let called = self.call_equity(day, amount - self.cash());
        debug_assert!(called >= Money::ZERO);
        self.call_shortfall(day, amount - self.cash());
        let mut lines = [(Account::Cash, -amount); 4];
        lines[1..=debits.len()].copy_from_slice(debits);
        self.ledger.post(day, cause, &lines[..=debits.len()]);
        self.funds.prepaid = self.funds.prepaid.min(self.cash());
    }

    pub(super) fn pay_power(&mut self, day: Day, amount: Money) {
        self.flows.power_paid += amount;
        self.pay(day, EntryCause::PowerPaid, &[(Account::OperatingPayables, amount)]);
    }

    pub(super) fn pay_operations(&mut self, day: Day, amount: Money) {
        self.flows.operations_paid += amount;
        self.pay(day, EntryCause::OperationsPaid, &[(Account::OperatingPayables, amount)]);
    }

    pub(super) fn pay_rent(&mut self, day: Day, amount: Money) {
        self.flows.rent_paid += amount;
        self.pay(day, EntryCause::RentPaid, &[(Account::DeferredRent, amount)]);
    }
}
