//! A month's close: everything by the day is read, the books are checked, the row is written.

use super::account::Account;
use super::books::{Books, Task};
use super::rows::{PeriodRow, Stand};
use crate::money::Money;
use crate::revenue::RollForward;
use crate::time::Day;

impl Books<'_> {
    /// Closes the month that ends at the start of `close`.
    pub(super) fn close_month(&mut self, close: Day) {
        let last = close + -1;
        self.close_progress(close);
        let (power, racked_days) = self.close_power(close);
        self.close_contracts(close, power, racked_days);
        self.close_operations(close);
        self.close_rent(close);
        self.accrue_loans(close, last);
        self.capitalise_interest(last);
        self.close_depreciation(close);
        self.close_tax(close);
        let lost: Money = self.contracts.iter().map(|contract| contract.lost()).sum();
        self.flows.rpo_lost = lost - self.closed.rpo_lost;
        self.closed += self.flows;
        let stand = self.stand();
        self.check(last, &stand);
        let flows = std::mem::take(&mut self.flows);
        self.rows.push(PeriodRow { from: self.month_from, until: close, flows, stand });
        self.month_from = close;
        self.test_covenants(last);
        self.plan_close(close);
        self.open_month(close);
    }

    pub(super) fn stand(&self) -> Stand {
        let (debit, credit) =
            (|account| self.ledger.balance(account), |account| self.ledger.credit(account));
        Stand {
            cash: debit(Account::Cash),
            receivables: debit(Account::Receivables),
            vendor_deposits: debit(Account::VendorDeposits),
            cip: debit(Account::Cip),
            in_service_cost: debit(Account::InService),
            in_service_net: debit(Account::InService) + debit(Account::AccumulatedDepreciation),
            loan_fees: debit(Account::LoanFees),
            capex_payables: credit(Account::CapexPayables) + credit(Account::CapexAccrued),
            operating_payables: credit(Account::OperatingPayables),
            interest_payable: credit(Account::InterestPayable),
            tax_payable: credit(Account::TaxPayable),
            contract_liability: credit(Account::ContractLiability),
            deferred_rent: credit(Account::DeferredRent),
            debt: credit(Account::Debt),
            contributed: credit(Account::Contributed),
            earnings: self.ledger.earnings(),
            rpo: self.contracts.iter().map(|contract| contract.rpo()).sum(),
        }
    }

    /// The second look at every close: the balance sheet balances, each account is what its
    /// contracts, loans and assets say on their own, the flows of cash and of remaining
    /// performance obligation close.
    fn check(&self, day: Day, stand: &Stand) {
        self.ledger.assert_balanced(day);
        let all = &self.closed;
        let same = |what: &str, left: Money, right: Money| {
            assert!(left == right, "{what} on {day}: {left} against {right}");
        };
        assert!(stand.cash >= Money::ZERO, "cash of {} on {day}", stand.cash);
        same("cash", stand.cash, all.cash_change());
        same("debt", stand.debt, self.loans.iter().map(|loan| loan.outstanding()).sum());
        same("interest", stand.interest_payable, self.loans.iter().map(|loan| loan.due()).sum());
        let held = self.contracts.iter().map(|contract| contract.liability()).sum();
        same("prepayments", stand.contract_liability, held);
        same("in progress", stand.cip, self.assets.in_progress());
        let spend = all.capex_before + all.capex_incurred + all.interest_capitalised;
        same("spend", stand.cip + stand.in_service_cost, spend);
        same("in service", stand.in_service_cost, all.placed_in_service);
        let interest = all.interest_expensed + all.interest_capitalised;
        same("interest incurred", all.interest_incurred, interest);
        let bookings = all.rpo_signed - all.rpo_lost;
        let rpo = RollForward { open: Money::ZERO, bookings, revenue: all.revenue };
        same("rpo", stand.rpo, rpo.close());
        same("tax", stand.tax_payable, all.tax - all.tax_paid);
        same("earnings", stand.earnings, all.net_income());
        if cfg!(debug_assertions) {
            // Visits every unit: the tests pay for it, a trial does not.
            same("racks", self.assets.racks(), self.racks_in_progress());
        }
        let due = |task: fn(Task) -> bool| -> Money {
            let amounts = self.agenda.iter().filter(|((_, t), _)| task(*t));
            amounts.map(|(_, &amount)| amount).sum()
        };
        same("receivables", stand.receivables, due(|task| task == Task::Receipt));
        let capex = due(|task| matches!(task, Task::WorksPayment | Task::RacksPayment));
        same("capex payables", self.ledger.credit(Account::CapexPayables), capex);
        let running = due(|task| matches!(task, Task::PowerPayment | Task::OperationsPayment));
        same("operating payables", stand.operating_payables, running);
    }
}
