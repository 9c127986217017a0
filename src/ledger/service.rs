//! Contracts in the books: signed, prepaid, in service, invoiced, over.

use super::account::Account;
use super::agenda::Task;
use super::books::Books;
use super::running::PowerBill;
use super::{EntryCause, Happening};
use crate::model::terms::OnLongStop;
use crate::money::Money;
use crate::time::Day;

impl Books<'_> {
    pub(super) fn sign(&mut self, contract: u32) {
        let book = &mut self.contracts[contract as usize];
        if !book.is_signed() {
            book.sign();
            self.flows.rpo_signed += book.obligation().signed;
            let promised = book.consideration();
            if promised != Money::ZERO {
                let lines = [
                    (Account::CustomerConsideration, promised),
                    (Account::ConsiderationPayable, -promised),
                ];
                self.ledger.post(self.today, EntryCause::ConsiderationPromised(contract), &lines);
            }
        }
    }

    /// Pays a customer what the contract promised it (ASC 606-10-32-25).
    pub(super) fn pay_consideration(&mut self, contract: u32, day: Day) {
        self.sign(contract);
        let amount = self.contracts[contract as usize].consideration();
        if amount > Money::ZERO {
            self.flows.consideration_paid += amount;
            let cause = EntryCause::ConsiderationPaid(contract);
            self.pay(day, cause, &[(Account::ConsiderationPayable, amount)]);
        }
    }

    /// Puts the day that ends all service of a contract on the agenda, if it is known.
    pub(super) fn plan_end(&mut self, contract: u32) {
        if let Some(end) = self.contracts[contract as usize].fixed_end() {
            self.plan(end.max(self.today), Task::ContractEnd(contract));
        }
    }

    /// A unit in service will count as accepted some days later, if its contract says so.
    pub(super) fn plan_deemed(&mut self, unit: u32, in_service: Day) {
        for contract in &self.site.terms.contracts {
            if let Some(days) = contract.deemed_days
                && contract.units.binary_search(&unit).is_ok()
            {
                let day = (in_service + days as i32).max(self.today);
                self.plan(day, Task::Deemed(unit));
            }
        }
    }

    pub(super) fn receive_prepayment(&mut self, contract: u32, day: Day) {
        let amount = self.contracts[contract as usize].receive_prepayment();
        if amount > Money::ZERO {
            self.funds.receive_prepayment(amount);
            self.flows.prepayments += amount;
            let lines = [(Account::Cash, amount), (Account::ContractLiability, -amount)];
            self.ledger.post(day, EntryCause::Prepayment(contract), &lines);
            self.note(day, Happening::Prepaid { contract, amount });
        }
    }

    /// A unit was accepted: the tranche that it completes starts.
    pub(super) fn start_service(&mut self, unit: u32, day: Day) {
        let prepared = self.prepared;
        for sale in prepared.sales_of(unit) {
            let contract = sale.contract;
            let book = &mut self.contracts[contract as usize];
            if let Some(start) = book.accept_at(sale.at as usize, day) {
                self.sign(contract);
                self.plan_end(contract);
                self.note_damages(contract, day);
                if self.first_service.is_none() {
                    self.plan(start, Task::ServiceStart);
                }
            }
        }
    }

    /// Notes the first service and what interest had been incurred by then (semantics M6).
    pub(super) fn service_starts(&mut self, day: Day) {
        if self.first_service.is_none() {
            self.accrue_loans(day, day);
            let interest = self.closed.interest_incurred + self.flows.interest_incurred;
            self.first_service = Some((day, interest));
            self.note(day, Happening::FirstService { interest_incurred: interest });
        }
    }

    /// Past the long-stop day with tranches still waiting: the customer may terminate, which is
    /// noted and left to it, or does so (finance-mechanics 7).
    pub(super) fn long_stop(&mut self, contract: u32, day: Day) {
        let book = &mut self.contracts[contract as usize];
        let waiting = book.waiting() as u32;
        if waiting == 0 {
            return;
        }
        if book.terms().on_long_stop == OnLongStop::Keep {
            return self.note(day, Happening::LongStop { contract, waiting });
        }
        let ended = book.terminate(day);
        let (tranches, price) = (ended.tranches, ended.price);
        self.note(day, Happening::Terminated { contract, tranches, price });
        self.refund(contract, day, ended.refund);
        self.note_damages(contract, day);
    }

    /// The fixed end of a contract: what never started is lost, what is left of the prepayment
    /// beyond the credits of the last invoice goes back.
    pub(super) fn end_contract(&mut self, contract: u32, day: Day) {
        let amount = self.contracts[contract as usize].finish(day);
        self.refund(contract, day, amount);
    }

    /// Tells what damages come to once every tranche has started or ended.
    fn note_damages(&mut self, contract: u32, day: Day) {
        let book = &self.contracts[contract as usize];
        let owed = book.damages();
        if owed > Money::ZERO && book.waiting() == 0 {
            self.note(day, Happening::Damages { contract, owed });
        }
    }

    fn refund(&mut self, contract: u32, day: Day, amount: Money) {
        if amount > Money::ZERO {
            self.flows.refunds += amount;
            let cause = EntryCause::Refund(contract);
            self.pay(day, cause, &[(Account::ContractLiability, amount)]);
            self.note(day, Happening::Refunded { contract, amount });
        }
    }

    /// Invoices a month of every contract: service, less what was paid in advance, and the
    /// customer's part of the month's power.
    ///
    /// That part is the pass-through share of the power bill times the watt-days in service under
    /// the contract over the watt-days racked: nothing is charged on before service starts.
    pub(super) fn close_contracts(&mut self, close: Day, bills: &[PowerBill]) {
        for at in 0..self.contracts.len() {
            let invoice = self.contracts[at].close_month(close);
            let recharge = self.recharge(at, invoice.watt_days, bills);
            self.flows.revenue += invoice.revenue;
            self.flows.outside_rpo += invoice.outside_rpo;
            self.flows.recharge += recharge;
            let billed = invoice.billed;
            self.flows.billed += billed;
            self.flows.contracted += invoice.contracted;
            if let Some(places) = &mut self.funds.places {
                places.realize(self.site, at, billed, invoice.contracted);
            }
            let payment_days = self.contracts[at].terms().payment_days;
            self.due(close + payment_days as i32, Task::Receipt, billed + recharge);
            let service = [
                (Account::Receivables, billed),
                (Account::ContractLiability, invoice.credit),
                (Account::ContractAsset, invoice.unbilled),
                (Account::CustomerConsideration, -invoice.amortised),
                (Account::Revenue, -invoice.revenue),
            ];
            self.ledger.post(close + -1, EntryCause::Service(at as u32), &service);
            let power = [(Account::Receivables, recharge), (Account::PowerRecharged, -recharge)];
            self.ledger.post(close + -1, EntryCause::Recharge(at as u32), &power);
            self.refund(at as u32, close + -1, invoice.refund);
            if let Some(rows) = &mut self.contract_rows {
                let month = [self.month_from, close];
                rows.keep(at as u32, &self.contracts[at], &invoice, month);
            }
        }
    }

    /// What a contract refunds of the month's power, at the premises of its units (it has one where
    /// power is passed through).
    fn recharge(&self, contract: usize, watt_days: i128, bills: &[PowerBill]) -> Money {
        let units = &self.contracts[contract].terms().units;
        let Some(&unit) = units.first().filter(|_| watt_days > 0) else { return Money::ZERO };
        let premises = self.site.premises_of_unit(unit) as usize;
        let PowerBill { cost, racked_days } = bills[premises];
        if racked_days == 0 {
            return Money::ZERO;
        }
        let passed = cost.share(self.site.premises[premises].energy.pass_through);
        passed.scaled(watt_days.min(racked_days), racked_days)
    }

    pub(super) fn receive(&mut self, day: Day, amount: Money) {
        self.flows.receipts += amount;
        let lines = [(Account::Cash, amount), (Account::Receivables, -amount)];
        self.ledger.post(day, EntryCause::Receipt, &lines);
    }
}
