//! Current tax: one simple layer, off unless the site states it.
//!
//! A calendar year's tax is the rate times its income before tax, after losses of earlier years,
//! where that is more than nothing. It is accrued month by month on the year so far (so a later
//! loss of the same year takes some of it back), owed at the year's end and paid once, so many days
//! after it; what is paid lessens CFADS (finance-mechanics 23). Income is that of the books:
//! depreciation over accounting lives, interest expensed. Nothing is deferred: there are no tax
//! depreciation, no deferred tax, no limits on interest or on losses, no groups.

use super::EntryCause;
use super::account::Account;
use super::agenda::Task;
use super::books::Books;
use crate::model::terms::Tax;
use crate::money::Money;
use crate::time::Day;

/// The year so far.
#[derive(Clone, Debug)]
pub(super) struct TaxBook {
    terms: Tax,
    income: Money,
    accrued: Money,
    /// Losses of earlier years not used up.
    losses: Money,
}

impl TaxBook {
    pub(super) fn new(terms: Tax) -> TaxBook {
        TaxBook { terms, income: Money::ZERO, accrued: Money::ZERO, losses: Money::ZERO }
    }

    /// Tax that a month's income adds to (or takes from) what the year owes.
    fn accrue(&mut self, income: Money) -> Money {
        self.income += income;
        let due = (self.income - self.losses).max(Money::ZERO).share(self.terms.rate);
        let month = due - self.accrued;
        self.accrued = due;
        month
    }

    /// Closes the year: what it owes; its loss, or what it used of earlier ones, is carried.
    fn close_year(&mut self) -> Money {
        let left = self.losses - self.income;
        self.losses = match self.terms.carries_losses {
            true => left.max(Money::ZERO),
            false => Money::ZERO,
        };
        self.income = Money::ZERO;
        std::mem::take(&mut self.accrued)
    }
}

impl Books<'_> {
    /// Books the tax of the month that ends at the start of `close`.
    pub(super) fn close_tax(&mut self, close: Day) {
        let Some(tax) = &mut self.tax else { return };
        let month = tax.accrue(self.flows.net_income());
        self.flows.tax += month;
        let lines = [(Account::Tax, month), (Account::TaxPayable, -month)];
        self.ledger.post(close + -1, EntryCause::Tax, &lines);
        let (_, month, day) = close.civil();
        if (month, day) == (1, 1) {
            let (owed, net) = (tax.close_year(), tax.terms.net_days);
            self.due(close + net as i32, Task::TaxPayment, owed);
        }
    }

    pub(super) fn pay_tax(&mut self, day: Day, amount: Money) {
        self.flows.tax_paid += amount;
        self.pay(day, EntryCause::TaxPaid, &[(Account::TaxPayable, amount)]);
    }
}
