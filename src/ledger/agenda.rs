//! What the books have to do of their own, by date.

use crate::money::Money;
use crate::time::{Ahead, Day};

/// Dates of the books' own; the order is the order within a day (semantics T7). Site events come
/// after [`Task::MonthClose`] and before all else.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Task {
    #[default]
    MonthClose,
    Sign(u32),
    Deemed(u32),
    ServiceStart,
    Anniversary,
    OperationStart(u32),
    OperationCost(u32),
    Possession(u32),
    LotOrder(u32),
    Prepayment(u32),
    Receipt,
    EquityRaised,
    Consideration(u32),
    LoanClose(u32),
    DatedDraw(u32),
    WorksPayment,
    RacksPayment,
    PowerPayment,
    OperationsPayment,
    OtherInterest,
    RentPayment,
    TaxPayment,
    ContractEnd(u32),
    DatedRepayment(u32),
    LoanPeriod(u32),
    LoanPayment(u32),
    Lapse(u32),
    LongStop(u32),
    Distribution,
    LifeChange(u32),
}

impl Task {
    /// Its place among the tasks of a day, and among those of its kind.
    #[inline]
    fn rank(self) -> (u64, u32) {
        match self {
            Task::MonthClose => (0, 0),
            Task::Sign(contract) => (1, contract),
            Task::Deemed(unit) => (2, unit),
            Task::ServiceStart => (3, 0),
            Task::Anniversary => (4, 0),
            Task::OperationStart(operation) => (5, operation),
            Task::OperationCost(operation) => (6, operation),
            Task::Possession(of) => (7, of),
            Task::LotOrder(lot) => (8, lot),
            Task::Prepayment(contract) => (9, contract),
            Task::Receipt => (10, 0),
            Task::EquityRaised => (11, 0),
            Task::Consideration(contract) => (12, contract),
            Task::LoanClose(loan) => (13, loan),
            Task::DatedDraw(loan) => (14, loan),
            Task::WorksPayment => (15, 0),
            Task::RacksPayment => (16, 0),
            Task::PowerPayment => (17, 0),
            Task::OperationsPayment => (18, 0),
            Task::OtherInterest => (19, 0),
            Task::RentPayment => (20, 0),
            Task::TaxPayment => (21, 0),
            Task::ContractEnd(contract) => (22, contract),
            Task::DatedRepayment(loan) => (23, loan),
            Task::LoanPeriod(loan) => (24, loan),
            Task::LoanPayment(loan) => (25, loan),
            Task::Lapse(loan) => (26, loan),
            Task::LongStop(contract) => (27, contract),
            Task::Distribution => (28, 0),
            Task::LifeChange(class) => (29, class),
        }
    }
}

/// Day and rank in one number: an agenda is searched again and again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Place(u64);

impl Place {
    /// Digits of what tells tasks of one kind apart: more than any site has units.
    const OF_BITS: u32 = 27;

    #[inline]
    fn new(day: Day, task: Task) -> Place {
        let (rank, of) = task.rank();
        debug_assert!(of >> Place::OF_BITS == 0, "{task:?} on {day}");
        let day = u64::from(day.0.abs_diff(i32::MIN));
        Place(day << 32 | rank << Place::OF_BITS | u64::from(of))
    }

    #[inline]
    fn day(self) -> Day {
        Day(i32::MIN.wrapping_add_unsigned((self.0 >> 32) as u32))
    }
}

/// What is invoiced and not yet paid: the sums of what the agenda holds.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Owed {
    pub(super) by_customers: Money,
    pub(super) for_capital: Money,
    pub(super) for_running: Money,
}

impl Owed {
    /// Counts an amount that falls due (negative: that was paid).
    #[inline]
    pub(super) fn add(&mut self, task: Task, amount: Money) {
        match task {
            Task::Receipt => self.by_customers += amount,
            Task::WorksPayment | Task::RacksPayment => self.for_capital += amount,
            Task::PowerPayment | Task::OperationsPayment | Task::OtherInterest => {
                self.for_running += amount;
            }
            _ => {}
        }
    }
}

/// What is to come: amounts due on one day for one purpose are summed.
#[derive(Clone, Debug, Default)]
pub(super) struct Agenda {
    ahead: Ahead<Place, (Task, Money)>,
    owed: Owed,
}

impl Agenda {
    /// What is invoiced and not yet paid.
    #[inline]
    pub(super) fn owed(&self) -> &Owed {
        &self.owed
    }

    /// Puts a task on a day; once if it is there.
    #[inline]
    pub(super) fn plan(&mut self, day: Day, task: Task) {
        self.ahead.at(Place::new(day, task)).0 = task;
    }

    /// Adds to what falls due on a day.
    #[inline]
    pub(super) fn due(&mut self, day: Day, task: Task, amount: Money) {
        if amount != Money::ZERO {
            let entry = self.ahead.at(Place::new(day, task));
            *entry = (task, entry.1 + amount);
            self.owed.add(task, amount);
        }
    }

    /// Takes the first task unless it comes after `task` of a day.
    #[inline]
    pub(super) fn take_until(&mut self, day: Day, task: Task) -> Option<(Day, Task, Money)> {
        let (place, (task, amount)) = self.ahead.take_until(Place::new(day, task))?;
        self.owed.add(task, -amount);
        Some((place.day(), task, amount))
    }

    /// Takes what falls due on a day for a purpose.
    pub(super) fn take(&mut self, day: Day, task: Task) -> Money {
        let amount = self.ahead.take(Place::new(day, task)).unwrap_or_default().1;
        self.owed.add(task, -amount);
        amount
    }

    /// The first amount above nothing that is to be paid for a purpose.
    pub(super) fn first(&self, task: Task) -> Option<(Day, Money)> {
        let mut all = self.iter().filter(|entry| entry.1 == task && entry.2 > Money::ZERO);
        all.next().map(|(day, _, amount)| (day, amount))
    }

    /// All in order.
    pub(super) fn iter(&self) -> impl Iterator<Item = (Day, Task, Money)> {
        self.ahead.iter().map(|&(place, (task, amount))| (place.day(), task, amount))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tasks_come_by_day_then_by_kind_then_by_what_they_are_for() {
        let mut agenda = Agenda::default();
        let early = Day(i32::MIN);
        let tasks = [
            (early, Task::Distribution),
            (Day(-1), Task::Receipt),
            (Day(5), Task::MonthClose),
            (Day(5), Task::Deemed(3)),
            (Day(5), Task::Deemed(70_000)),
            (Day(5), Task::LoanPayment(0)),
            (Day(i32::MAX), Task::Sign(1)),
        ];
        tasks.iter().rev().for_each(|&(day, task)| agenda.plan(day, task));
        agenda.due(Day(-1), Task::Receipt, Money(7));
        agenda.due(Day(-1), Task::Receipt, Money(-2));
        assert_eq!(agenda.owed().by_customers, Money(5));
        let mut taken = Vec::new();
        while let Some((day, task, amount)) = agenda.take_until(Day(5), Task::Deemed(80_000)) {
            assert_eq!(amount, Money(if task == Task::Receipt { 5 } else { 0 }));
            taken.push((day, task));
        }
        assert_eq!(taken, tasks[..5]);
        assert_eq!(agenda.owed().by_customers, Money::ZERO);
        assert_eq!(agenda.iter().count(), 2);
    }
}
