//! Contracts one by one: how remaining performance obligation and backlog roll forward, what is
//! billed against what was projected, what the racks are worth in the books when a contract ends.

use super::Prepared;
use super::books::Books;
use super::useful_life::carrying;
use super::{Account, EntryCause};
use crate::model::terms::AssetClass;
use crate::model::{Site, Timeline};
use crate::money::Money;
use crate::revenue::{ContractBook, Invoice, Obligation};
use crate::time::Day;

/// A month of one contract (finance-mechanics 9): `close = open + signed - damages - lost -
/// terminated - revenue`, as [`Obligation::rpo`] has it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ContractMonth {
    /// Index into the terms.
    pub contract: u32,
    /// First day.
    pub from: Day,
    /// First day after it.
    pub until: Day,
    /// Remaining performance obligation at its beginning.
    pub open: Money,
    /// What changed it.
    pub change: Obligation,
    /// Remaining performance obligation at its end.
    pub close: Money,
    /// Committed by the customer beyond that, at its end: a lease's price still to be earned, and
    /// what the contract states so.
    pub beyond_rpo: Money,
    /// All revenue of the contract, that of leases and of re-letting too.
    pub revenue: Money,
    /// Service invoiced.
    pub billed: Money,
    /// What was to be invoiced by the schedule of signing.
    pub contracted: Money,
}

impl ContractMonth {
    /// Remaining performance obligation and everything else that is committed, at its end.
    pub fn backlog(&self) -> Money {
        self.close + self.beyond_rpo
    }

    /// The stretch of two months that follow on each other, or of two contracts in one month.
    pub fn join(&mut self, other: &ContractMonth) {
        if other.from == self.from {
            self.open += other.open;
            self.close += other.close;
            self.beyond_rpo += other.beyond_rpo;
        } else {
            (self.until, self.close) = (other.until, other.close);
            self.beyond_rpo = other.beyond_rpo;
        }
        self.change = self.change + other.change;
        self.revenue += other.revenue;
        self.billed += other.billed;
        self.contracted += other.contracted;
    }
}

/// Every contract month by month, and the racks' value beyond it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ContractReport {
    /// Months in order, the contracts of a month in file order.
    pub months: Vec<ContractMonth>,
    /// For each contract the end of its service and the book value of the racks that served it, on
    /// that day: what the price of the contract has not paid for (semantics M3). `None` where it
    /// has not ended by the horizon.
    pub book_value_beyond: Vec<Option<(Day, Money)>>,
}

/// The contracts of a finished timeline, one by one.
///
/// Cost: the books once more, with their journal.
pub fn contract_report(site: &Site, timeline: &Timeline) -> ContractReport {
    let dated = super::dated(site, timeline);
    let prepared = Prepared::new(dated.as_ref().unwrap_or(site));
    let mut books = Books::new(&prepared, true);
    books.contract_rows = Some(ContractRows::default());
    prepared.feed(&mut books, timeline);
    let (rows, result) = books.close_with_contracts();
    let until = result.months.last().map(|row| row.until);
    let ends: Vec<Option<Day>> = (0..site.terms.contracts.len() as u32)
        .map(|contract| rows.ends.iter().find(|end| end.0 == contract).map(|end| end.1))
        .map(|end| end.filter(|&end| until.is_some_and(|until| end <= until)))
        .collect();
    let mut values: Vec<Option<(Day, Money)>> =
        ends.iter().map(|end| end.map(|day| (day, Money::ZERO))).collect();
    for entry in result.journal.iter().flatten() {
        let EntryCause::UnitInService(unit) = entry.cause else { continue };
        let base = entry.lines.iter().filter(|line| line.0 == Account::InService);
        let base: Money = base.map(|line| line.1).sum();
        let serves = |contract: &crate::model::terms::Contract| contract.units.contains(&unit);
        let Some(contract) = site.terms.contracts.iter().position(serves) else { continue };
        if let Some((day, value)) = &mut values[contract] {
            let asset = (entry.day, base);
            *value += carrying(&site.terms.lives, AssetClass::Technology, asset, *day);
        }
    }
    ContractReport { months: rows.months, book_value_beyond: values }
}

/// What is kept of every contract while the books run, where it is asked for.
#[derive(Clone, Debug, Default)]
pub(super) struct ContractRows {
    months: Vec<ContractMonth>,
    /// Of each contract at the last close.
    before: Vec<Obligation>,
    /// Contracts whose service is over, with its last end.
    ends: Vec<(u32, Day)>,
}

impl ContractRows {
    /// Keeps the month of a contract that closes.
    pub fn keep(
        &mut self,
        contract: u32,
        book: &ContractBook<'_>,
        invoice: &Invoice,
        [from, until]: [Day; 2],
    ) {
        let now = book.obligation();
        if self.before.len() <= contract as usize {
            self.before.push(Obligation::default());
        }
        let before = std::mem::replace(&mut self.before[contract as usize], now);
        // What remains of a price comes in on the day from which it counts.
        let change = match (book.counts_as_rpo(from), book.counts_as_rpo(until)) {
            (_, false) => Obligation::default(),
            (true, true) => now - before,
            (false, true) => {
                Obligation { signed: before.rpo(), ..Obligation::default() } + (now - before)
            }
        };
        self.months.push(ContractMonth {
            contract,
            from,
            until,
            open: if book.counts_as_rpo(from) { before.rpo() } else { Money::ZERO },
            change,
            close: book.rpo_on(until),
            beyond_rpo: book.beyond_rpo(until),
            revenue: invoice.revenue,
            billed: invoice.billed,
            contracted: invoice.contracted,
        });
        if let Some(end) = book.end().filter(|&end| end <= until)
            && !self.ends.iter().any(|end| end.0 == contract)
        {
            self.ends.push((contract, end));
        }
    }
}
