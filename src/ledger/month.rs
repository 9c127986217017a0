//! A month's close: everything by the day is read, the books are checked, the row is written.

use std::ops::Add;

use super::account::Account;
use super::agenda::Owed;
use super::books::Books;
use super::rows::{Flows, LoanRow, PeriodRow, Stand};
use crate::money::Money;
use crate::revenue::Obligation;
use crate::time::Day;

impl Books<'_> {
    /// Closes the month that ends at the start of `close`.
    pub(super) fn close_month(&mut self, close: Day) {
        let last = close + -1;
        self.close_progress(close);
        let mut bills = std::mem::take(&mut self.bills);
        bills.clear();
        bills.extend((0..self.site.premises.len()).map(|at| self.close_power(at, close)));
        self.close_contracts(close, &bills);
        self.bills = bills;
        self.close_operations(close);
        self.close_rent(close);
        self.accrue_loans(close, last);
        self.capitalise_interest(last);
        self.close_depreciation(close);
        let all = self.contracts.iter().map(|contract| contract.obligation());
        let all = all.fold(Obligation::default(), Obligation::add);
        self.flows.rpo_lost = all.lost - self.closed.rpo_lost;
        self.flows.rpo_damages = all.damages - self.closed.rpo_damages;
        self.flows.rpo_terminated = all.terminated - self.closed.rpo_terminated;
        self.close_tax(close);
        self.closed += self.flows;
        let stand = self.stand();
        self.check(last, &stand);
        let (from, flows) = (self.month_from, self.flows);
        self.rows.push(PeriodRow { from, until: close, flows, stand });
        self.flows = Flows::default();
        self.close_loan_rows();
        self.month_from = close;
        self.test_covenants(last);
        self.plan_close(close);
        self.open_month(close);
    }

    /// A row for every loan.
    fn close_loan_rows(&mut self) {
        for (rows, book) in self.loan_rows.iter_mut().zip(&mut self.loans) {
            rows.push(LoanRow {
                flows: std::mem::take(&mut book.month),
                outstanding: book.outstanding(),
                undrawn: book.undrawn(),
                reserve: book.reserve,
                rate: book.rate_now(),
            });
        }
    }

    pub(super) fn stand(&self) -> Stand {
        let (debit, credit) =
            (|account| self.ledger.balance(account), |account| self.ledger.credit(account));
        Stand {
            cash: debit(Account::Cash),
            reserve: debit(Account::Reserve),
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
            contributed: credit(Account::Contributed) + credit(Account::Distributed),
            earnings: self.ledger.earnings(),
            rpo: self.contracts.iter().map(|contract| contract.rpo_on(self.today)).sum(),
            beyond_rpo: self.contracts.iter().map(|book| book.beyond_rpo(self.today)).sum(),
            contract_asset: debit(Account::ContractAsset),
            customer_consideration: debit(Account::CustomerConsideration),
            consideration_payable: credit(Account::ConsiderationPayable),
            financing_cost: credit(Account::FinancingCost),
        }
    }

    /// The second look at every close: the balance sheet balances, each account is what its
    /// contracts, loans and assets say on their own, the flows of cash and of remaining
    /// performance obligation close.
    fn check(&self, day: Day, stand: &Stand) {
        self.ledger.assert_balanced(day);
        let all = &self.closed;
        let same = |what: &str, left: Money, right: Money| {
            assert!(left == right, "{what} on {day}: {left} against {right} ({:?})", left - right);
        };
        assert!(stand.cash >= Money::ZERO, "cash of {} on {day}", stand.cash);
        same("cash", stand.cash, all.cash_change());
        same("debt", stand.debt, self.loans.iter().map(|loan| loan.outstanding()).sum());
        same("reserve", stand.reserve, self.loans.iter().map(|loan| loan.reserve).sum());
        same("interest", stand.interest_payable, self.loans.iter().map(|loan| loan.due()).sum());
        let held = self.contracts.iter().map(|contract| contract.liability()).sum();
        same("prepayments", stand.contract_liability, held);
        same("in progress", stand.cip, self.assets.in_progress());
        let spend = all.capex_before + all.capex_incurred + all.interest_capitalised;
        same("spend", stand.cip + stand.in_service_cost, spend);
        same("in service", stand.in_service_cost, all.placed_in_service);
        let interest = all.interest_expensed + all.interest_capitalised;
        same("interest incurred", all.interest_incurred, interest);
        let rolled = Obligation {
            signed: all.rpo_signed,
            damages: all.rpo_damages,
            lost: all.rpo_lost,
            terminated: all.rpo_terminated,
            revenue: all.revenue - all.outside_rpo,
        };
        let remaining = self.contracts.iter().map(|contract| contract.rpo()).sum();
        same("rpo", remaining, rolled.rpo());
        let unbilled = self.contracts.iter().map(|contract| contract.asset()).sum();
        same("contract asset", stand.contract_asset, unbilled);
        let left = self.contracts.iter().map(|contract| contract.consideration_left()).sum();
        same("consideration", stand.customer_consideration, left);
        same("financing cost", stand.financing_cost, all.other_interest_noncash);
        same("earnings", stand.earnings, all.net_income());
        same("receivables", stand.receivables, self.agenda.owed().by_customers);
        same(
            "capex payables",
            self.ledger.credit(Account::CapexPayables),
            self.agenda.owed().for_capital,
        );
        same("operating payables", stand.operating_payables, self.agenda.owed().for_running);
        if cfg!(debug_assertions) {
            self.check_one_by_one(&same);
        }
    }

    /// Visits every unit and every date ahead: the tests pay for it, a trial does not.
    fn check_one_by_one(&self, same: &dyn Fn(&str, Money, Money)) {
        same("racks", self.assets.racks(), self.racks_in_progress());
        same("works of halls in service", self.assets.in_ready_halls(), Money::ZERO);
        let mut ahead = Owed::default();
        for (_, task, amount) in self.agenda.iter() {
            ahead.add(task, amount);
        }
        same("due by customers", ahead.by_customers, self.agenda.owed().by_customers);
        same("due for capital", ahead.for_capital, self.agenda.owed().for_capital);
        same("due for running", ahead.for_running, self.agenda.owed().for_running);
    }
}
