//! The state machine: events in, a month's rows out.

use super::account::{Account, Entry, Ledger};
use super::agenda::{Agenda, Task};
use super::assets::Assets;
use super::capital::Capital;
use super::collateral::CollateralBook;
use super::contracts::ContractRows;
use super::covenant::CovenantBook;
use super::debt::LoanBook;
use super::funding::Funds;
use super::prepared::PreparedLoan;
use super::rent::Rent;
use super::rows::{Flows, LoanRow, PeriodRow};
use super::running::{PowerBill, Running};
use super::tax::TaxBook;
use super::{EntryCause, Happening, LoanPayment, Note, Prepared, SourcesAndUses, TestMade};
use crate::model::terms::{OperationBasis, Shell};
use crate::model::{Event, EventKind, Site};
use crate::money::Money;
use crate::revenue::{ContractBook, Service};
use crate::time::{Day, Minute};

/// The books of one site while they run.
///
/// Feed it the events of a trial in order with [`Books::on`], then [`Books::close`] them.
///
/// Cost: each event and each date of the agenda is a few postings; each month one pass over the
/// contracts, loans, running costs and works in progress.
#[derive(Clone, Debug)]
pub struct Books<'s> {
    pub(super) prepared: &'s Prepared<'s>,
    pub(super) site: &'s Site,
    pub(super) ledger: Ledger,
    pub(super) agenda: Agenda,
    pub(super) today: Day,
    /// Flows of the month under way, and of all closed months.
    pub(super) flows: Flows,
    pub(super) closed: Flows,
    pub(super) month_from: Day,
    pub(super) rows: Vec<PeriodRow>,
    pub(super) notes: Vec<Note>,
    pub(super) contracts: Vec<ContractBook<'s>>,
    pub(super) capital: Capital,
    pub(super) assets: Assets,
    pub(super) running: Running,
    /// Room for the power bills of a month.
    pub(super) bills: Vec<PowerBill>,
    pub(super) rent: Rent<'s>,
    pub(super) loans: Vec<LoanBook<'s>>,
    pub(super) loan_rows: Vec<Vec<LoanRow>>,
    pub(super) payments: Vec<LoanPayment>,
    pub(super) funds: Funds,
    pub(super) tax: Option<TaxBook>,
    pub(super) covenants: Vec<CovenantBook<'s>>,
    /// Kept if a covenant reads it.
    pub(super) collateral: Option<CollateralBook>,
    pub(super) first_service: Option<(Day, Money)>,
    pub(super) sources: SourcesAndUses,
    /// Contracts one by one, where asked for.
    pub(super) contract_rows: Option<ContractRows>,
}

/// What the books of one run come to.
#[derive(Clone, Debug, Default)]
pub struct BooksResult {
    /// By month, from the opening to the horizon.
    pub months: Vec<PeriodRow>,
    /// All flows.
    pub totals: Flows,
    /// Of the construction period.
    pub sources_and_uses: SourcesAndUses,
    /// Each loan by month, beside `months`.
    pub loans: Vec<Vec<LoanRow>>,
    /// Payment dates of the loans, step by step, in order.
    pub payments: Vec<LoanPayment>,
    /// Draws, lapses, shortfalls, tests, in order.
    pub notes: Vec<Note>,
    /// Racks and plant as a covenant values them, if one does.
    pub collateral: Option<CollateralBook>,
    /// When the last contract ends, as it came or as scheduled.
    pub contracts_end: Option<Day>,
    /// Day of the first service, if there was any.
    pub first_revenue: Option<Day>,
    /// Interest incurred before that day; all of it if there was none (semantics M6).
    pub interest_before_first_revenue: Money,
    /// Stretches of service of all contracts.
    pub services: Vec<Service>,
    /// Every entry, if asked for.
    pub journal: Option<Vec<Entry>>,
}

impl BooksResult {
    /// Every test of a covenant, in order of time.
    pub fn tests(&self) -> impl Iterator<Item = TestMade> {
        self.notes.iter().filter_map(Note::test)
    }
}

impl<'s> Books<'s> {
    /// Opens the books of a site.
    pub fn new(prepared: &'s Prepared<'s>, journal: bool) -> Books<'s> {
        Books::new_in(prepared, journal, BooksResult::default())
    }

    /// As [`Books::new`], in the room of a result that is no longer needed.
    pub(super) fn new_in(
        prepared: &'s Prepared<'s>,
        journal: bool,
        room: BooksResult,
    ) -> Books<'s> {
        let site = prepared.site;
        let terms = &site.terms;
        let opens = terms.opens;
        let months = prepared.months;
        let loan_dates = prepared.loans.iter().map(|loan| loan.dates.len()).sum();
        let mut contracts = prepared.contracts.clone();
        if let Some(contract) = contracts.first_mut() {
            contract.make_room(room.services);
        }
        let mut loan_rows = room.loans;
        loan_rows.resize_with(terms.loans.len(), Vec::new);
        let loan_rows = loan_rows.into_iter().map(|rows| room_of(rows, months)).collect();
        let mut books = Books {
            prepared,
            site,
            ledger: Ledger::new(journal),
            agenda: Agenda::default(),
            today: opens,
            flows: Flows::default(),
            closed: Flows::default(),
            month_from: opens,
            rows: room_of(room.months, months),
            notes: room_of(room.notes, 2 * months),
            contracts,
            capital: Capital::new(site),
            assets: Assets::new(site),
            running: Running::new(site),
            bills: Vec::new(),
            rent: Rent::new(opens),
            loans: LoanBook::all(prepared),
            loan_rows,
            payments: room_of(room.payments, loan_dates),
            funds: Funds::new(site),
            tax: terms.tax.map(TaxBook::new),
            covenants: CovenantBook::all(site),
            collateral: CollateralBook::of(site),
            first_service: None,
            sources: SourcesAndUses::default(),
            contract_rows: None,
        };
        if let Some(amount) = terms.opening_cash {
            let cash = terms.fx.convert(amount, opens);
            books.flows.opening_cash += cash;
            let lines = [(Account::Cash, cash), (Account::Contributed, -cash)];
            books.ledger.post(opens, EntryCause::Opening, &lines);
        }
        terms.opening_assets.iter().for_each(|asset| books.take_over(asset));
        books.plan_dates();
        books
    }

    /// Puts every date that the terms state on the agenda.
    fn plan_dates(&mut self) {
        let terms = &self.site.terms;
        let opens = terms.opens;
        self.plan_close(opens);
        self.plan(opens.add_months(12), Task::Anniversary);
        if terms.equity.keeps.is_some() {
            self.plan(next_quarter(opens), Task::Distribution);
        }
        for (at, contract) in terms.contracts.iter().enumerate() {
            let at = at as u32;
            self.plan(contract.signed.max(opens), Task::Sign(at));
            self.plan(contract.prepaid_on.max(opens), Task::Prepayment(at));
            if let Some(day) = contract.long_stop {
                self.plan(day.max(opens), Task::LongStop(at));
            }
            if let Some(paid) = contract.consideration {
                let day = paid.paid_on.max(contract.signed).max(opens);
                self.plan(day, Task::Consideration(at));
            }
            self.plan_end(at);
        }
        for (at, lot) in self.site.lots.iter().enumerate() {
            if let Some(day) = lot.ordered {
                self.plan(day.max(opens), Task::LotOrder(at as u32));
            }
        }
        for (at, operation) in terms.operations.iter().enumerate() {
            if let OperationBasis::SiteFrom(day) = operation.basis {
                self.plan(day.max(opens), Task::OperationStart(at as u32));
            }
            for step in &operation.later {
                self.plan(step.0.max(opens), Task::OperationCost(at as u32));
            }
        }
        for (premises, of) in self.site.premises.iter().zip(0..) {
            if let Shell::Leased(lease) = &premises.shell
                && let crate::model::terms::LeaseStart::Possession(day) = lease.from
            {
                self.plan(day.max(opens), Task::Possession(of));
            }
        }
        for (class, changes) in terms.lives.changes.iter().enumerate() {
            for change in changes.iter().filter(|change| change.on > opens) {
                self.plan(change.on, Task::LifeChange(class as u32));
            }
        }
        for (at, loan) in terms.loans.iter().enumerate() {
            if loan.maturity > opens && loan.close < loan.maturity {
                self.plan(loan.close.max(opens), Task::LoanClose(at as u32));
                self.plan_dated(at);
            }
        }
        for &(day, amount) in &terms.raised {
            let day = day.max(opens);
            self.due(day, Task::EquityRaised, terms.fx.convert(amount, day));
        }
    }

    pub(super) fn plan(&mut self, day: Day, task: Task) {
        self.agenda.plan(day, task);
    }

    /// Adds to what falls due on a day.
    pub(super) fn due(&mut self, day: Day, task: Task, amount: Money) {
        self.agenda.due(day, task, amount);
    }

    pub(super) fn plan_close(&mut self, day: Day) {
        let close = day.next_month();
        let close = self.site.terms.horizon.map_or(close, |horizon| close.min(horizon));
        if close > day {
            self.plan(close, Task::MonthClose);
        }
    }

    pub(super) fn note(&mut self, day: Day, what: Happening) {
        self.notes.push(Note { day, what });
    }

    /// Says when an activity is now expected to finish, which its progress invoices are spread by.
    /// An activity of which this is never said is invoiced at its start and its finish alone.
    pub fn expect(&mut self, activity: u32, finish: Minute) {
        for &cost in self.prepared.costs_of(activity) {
            self.capital.expect(cost, finish.day());
        }
    }

    /// Takes an event of the site; events come in order. Those at or after the horizon are left
    /// out.
    pub fn on(&mut self, event: &Event) {
        let terms = &self.site.terms;
        let happened = event.at.day();
        if terms.horizon.is_some_and(|horizon| happened.max(terms.opens) >= horizon) {
            return;
        }
        let day = happened.max(terms.opens);
        // Nothing is planned for the past, and today's close has been: most events share their day.
        if day > self.today {
            self.run_through(day, Task::MonthClose);
            self.advance(day);
        }
        match event.kind {
            EventKind::Started => self.activity_started(event.activity, happened),
            EventKind::Finished => {
                self.activity_finished(event.activity, happened);
                if self.prepared.is_awaited(event.activity) {
                    self.meet_conditions(event.activity, day);
                }
            }
            EventKind::Ordered(lot) => self.lot_ordered(lot, day),
            EventKind::Delivered(lot) => self.lot_delivered(lot, happened),
            EventKind::Energised(stage) => self.stage_energised(stage, day),
            EventKind::Ready(hall) => self.hall_ready(hall, day),
            EventKind::Racked(unit) => self.unit_racked(unit, day),
            EventKind::InService(unit) => {
                self.unit_in_service(unit, day);
                self.plan_deemed(unit, happened);
            }
            EventKind::Accepted(unit) => self.unit_accepted(unit, happened),
            EventKind::Cooled(_) => {}
        }
    }

    /// Closes the books; what was kept of each contract, and the rest.
    pub(super) fn close_with_contracts(mut self) -> (ContractRows, BooksResult) {
        self.run_to_horizon();
        (self.contract_rows.take().unwrap_or_default(), self.close())
    }

    fn run_to_horizon(&mut self) {
        let stated = self.site.terms.horizon;
        if stated.is_none() {
            // Service that begins without the customer's word moves the end of its contract.
            while let Some((day, task)) = self.deemed() {
                self.run_through(day, task);
            }
        }
        let horizon = stated.unwrap_or_else(|| self.derived_horizon());
        self.run_through(horizon, Task::MonthClose);
    }

    /// Runs the books to their horizon and closes them.
    pub fn close(mut self) -> BooksResult {
        self.run_to_horizon();
        let ends = self.contracts.iter().map(|c| c.end().unwrap_or_else(|| c.scheduled_end()));
        let contracts_end = ends.max();
        self.test_with_foresight(contracts_end);
        let (first_revenue, interest_before_first_revenue) = match self.first_service {
            Some((day, interest)) => (Some(day), interest),
            None => (None, self.closed.interest_incurred),
        };
        self.sources.unpaid =
            self.ledger.credit(Account::CapexPayables) + self.ledger.credit(Account::CapexAccrued);
        self.sources.total();
        BooksResult {
            months: self.rows,
            totals: self.closed,
            sources_and_uses: self.sources,
            loans: self.loan_rows,
            payments: self.payments,
            notes: self.notes,
            collateral: self.collateral,
            contracts_end,
            first_revenue,
            interest_before_first_revenue,
            services: services(self.contracts),
            journal: self.ledger.into_journal(),
        }
    }

    /// The first acceptance to come that is deemed.
    fn deemed(&self) -> Option<(Day, Task)> {
        let may = self.site.terms.contracts.iter().any(|terms| terms.deemed_days.is_some());
        let mut tasks = self.agenda.iter().filter(|_| may).map(|(day, task, _)| (day, task));
        tasks.find(|(_, task)| matches!(task, Task::Deemed(_)))
    }

    /// End of the month of the last thing that the books wait for (semantics M11).
    fn derived_horizon(&self) -> Day {
        let contracts = self.contracts.iter().map(|contract| contract.horizon());
        let last_date = |loan: &PreparedLoan| loan.dates.first().map(|date| date.paid_on);
        let paid = self.prepared.loans.iter().filter_map(last_date);
        let maturities = self.site.terms.loans.iter().map(|loan| loan.maturity).chain(paid);
        let is_capex = |task: Task| matches!(task, Task::WorksPayment | Task::RacksPayment);
        let payments = self.agenda.iter().filter(|entry| is_capex(entry.1)).map(|entry| entry.0);
        let last = contracts.chain(maturities).chain(payments).max();
        last.map_or(self.today, |day| day.max(self.today)).next_month()
    }

    /// Works off the agenda up to and including `task` on `day`.
    pub(super) fn run_through(&mut self, day: Day, task: Task) {
        while let Some((day, task, amount)) = self.agenda.take_until(day, task) {
            self.advance(day);
            self.perform(day, task, amount);
        }
    }

    fn perform(&mut self, day: Day, task: Task, amount: Money) {
        match task {
            Task::MonthClose => self.close_month(day),
            Task::Sign(contract) => self.sign(contract),
            Task::ServiceStart => self.service_starts(day),
            Task::Anniversary => self.anniversary(day),
            Task::OperationCost(operation) => self.change_cost(operation, day),
            Task::OperationStart(operation) => self.start_operation(operation, day),
            Task::Possession(of) => self.take_possession(of, day),
            Task::Distribution => self.distribute(day),
            Task::LongStop(contract) => self.long_stop(contract, day),
            Task::Consideration(contract) => self.pay_consideration(contract, day),
            Task::Deemed(unit) => self.start_service(unit, day),
            Task::LotOrder(lot) => self.lot_ordered(lot, day),
            Task::Prepayment(contract) => self.receive_prepayment(contract, day),
            Task::Receipt => self.receive(day, amount),
            Task::EquityRaised => self.raise_equity(day, amount),
            Task::LoanClose(loan) => self.close_loan(loan, day),
            Task::DatedDraw(loan) => self.draw_on_date(loan, day, amount),
            Task::DatedRepayment(loan) => self.repay_on_date(loan, day, amount),
            Task::WorksPayment => {
                let racks = self.agenda.take(day, Task::RacksPayment);
                self.pay_capex(day, amount, racks);
            }
            Task::RacksPayment => self.pay_capex(day, Money::ZERO, amount),
            Task::PowerPayment => self.pay_power(day, amount),
            Task::OperationsPayment => self.pay_operations(day, amount),
            Task::OtherInterest => self.pay_other_interest(day, amount),
            Task::RentPayment => self.pay_rent(day, amount),
            Task::TaxPayment => self.pay_tax(day, amount),
            Task::ContractEnd(contract) => self.end_contract(contract, day),
            Task::LoanPeriod(loan) => self.end_period(loan, day),
            Task::LoanPayment(loan) => self.pay_loan(loan, day),
            Task::Lapse(loan) => self.lapse(loan, day),
            Task::LifeChange(class) => self.change_life(class, day),
        }
    }

    /// Moves on to `day`, adding up the balances that capitalised interest is measured by.
    fn advance(&mut self, day: Day) {
        if day > self.today {
            self.funds.count_days(&self.ledger, i128::from(day - self.today));
            self.today = day;
        }
    }
}

/// A list emptied, with room for so many.
fn room_of<T>(mut list: Vec<T>, most: usize) -> Vec<T> {
    list.clear();
    list.reserve(most);
    list
}

/// All stretches of service; those of a single contract are not copied.
fn services(contracts: Vec<ContractBook<'_>>) -> Vec<Service> {
    let mut all = contracts.into_iter().map(ContractBook::into_services);
    let mut services = all.next().unwrap_or_default();
    services.extend(all.flatten());
    services
}

/// First day of the calendar quarter after a day's.
pub(super) fn next_quarter(day: Day) -> Day {
    let into = day.month_number().rem_euclid(3);
    day.month_start().add_months(3 - into)
}
