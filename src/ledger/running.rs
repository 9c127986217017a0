//! Power and running costs by the day.
//!
//! Energy is facility energy bought: rated IT power of the racks installed x load x average PUE
//! (semantics C1, C4: burn-in uses power). The fixed charge runs per kVA of the stages energised,
//! a partial month by its days. A running cost runs at so much a year of 365 days.

use super::EntryCause;
use super::account::Account;
use super::agenda::Task;
use super::books::Books;
use crate::model::terms::{CostLine, Operation, OperationBasis};
use crate::model::{Hall, Premises, Site, Stage};
use crate::money::{Amount, Meter, Money};
use crate::revenue::LoadDays;
use crate::time::Day;
use crate::unit::{ItPower, Share, mul_div};

/// What runs, in the currencies of the terms.
#[derive(Clone, Debug)]
pub(super) struct Running {
    /// By premises.
    places: Vec<PowerBook>,
    operations: Vec<OperationBook>,
}

/// Power of one of the premises.
#[derive(Clone, Debug)]
struct PowerBook {
    racked: ItPower,
    /// The day from which that has yet to set a rate: of many units a day only the last does.
    racked_on: Option<Day>,
    racked_days: LoadDays,
    energy: Meter,
    /// Energised apparent power in volt-amperes.
    energised: i64,
    grid: Meter,
}

/// A month's power of one of the premises.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct PowerBill {
    /// What it comes to.
    pub(super) cost: Money,
    /// Watt-days that were racked.
    pub(super) racked_days: i128,
}

#[derive(Clone, Debug)]
struct OperationBook {
    cost: Meter,
    /// A year's cost per unit of the basis, escalated.
    per_year: i64,
    /// Of the basis: 1 for the site, watts for what goes by the MW.
    quantity: i64,
    /// The day from which that or the cost has yet to set a rate.
    changed_on: Option<Day>,
    per: i128,
    any_ready: bool,
}

impl OperationBook {
    /// The cost or the quantity is about to change on a day.
    fn change(&mut self, day: Day) {
        if self.changed_on != Some(day) {
            self.settle();
            self.changed_on = Some(day);
        }
    }

    /// Sets the rate since the last change: of many changes a day only the last does.
    fn settle(&mut self) {
        if let Some(day) = self.changed_on.take() {
            let year = i128::from(self.per_year) * i128::from(self.quantity);
            self.cost.set(day, Meter::rate_of(year, 365 * self.per));
        }
    }

    fn take(&mut self, day: Day) -> Money {
        self.settle();
        self.cost.take(day)
    }
}

impl Running {
    pub(super) fn new(site: &Site) -> Running {
        let opens = site.terms.opens;
        let book = |operation: &Operation| OperationBook {
            cost: Meter::new(opens),
            per_year: operation.per_year.micros,
            quantity: 0,
            changed_on: None,
            any_ready: false,
            per: match operation.basis {
                OperationBasis::SiteFrom(_) | OperationBasis::SiteFromFirstReady => 1,
                OperationBasis::PerReadyItMw | OperationBasis::PerAcceptedItMw => 1_000_000,
            },
        };
        let place = |_: &Premises| PowerBook {
            racked: ItPower::ZERO,
            racked_on: None,
            racked_days: LoadDays::new(opens),
            energy: Meter::new(opens),
            energised: 0,
            grid: Meter::new(opens),
        };
        Running {
            places: site.premises.iter().map(place).collect(),
            operations: site.terms.operations.iter().map(book).collect(),
        }
    }

    pub(super) fn racked(&mut self, site: &Site, unit: u32, day: Day) {
        let load = site.units[unit as usize].it_power;
        let premises = site.premises_of_unit(unit) as usize;
        let place = &mut self.places[premises];
        if place.racked_on != Some(day) {
            place.settle_energy(&site.premises[premises]);
            place.racked_on = Some(day);
        }
        place.racked += load;
        place.racked_days.start(day, None, load);
    }

    pub(super) fn hall_ready(&mut self, site: &Site, hall: u32, day: Day) {
        let &Hall { it_power, premises, .. } = &site.halls[hall as usize];
        for (operation, book) in site.terms.operations.iter().zip(&mut self.operations) {
            if operation.premises.is_some_and(|of| of != premises) {
                continue;
            }
            let first = !std::mem::replace(&mut book.any_ready, true);
            let added = match operation.basis {
                OperationBasis::SiteFromFirstReady if first => 1,
                OperationBasis::PerReadyItMw => it_power.0,
                _ => continue,
            };
            book.change(day);
            book.quantity += added;
        }
    }

    pub(super) fn accepted(&mut self, site: &Site, unit: u32, day: Day) {
        let watts = site.units[unit as usize].it_power.0;
        for (operation, book) in site.terms.operations.iter().zip(&mut self.operations) {
            if operation.basis == OperationBasis::PerAcceptedItMw
                && operation.premises.is_none_or(|of| of == site.premises_of_unit(unit))
            {
                book.change(day);
                book.quantity += watts;
            }
        }
    }
}

impl PowerBook {
    /// Sets the rate at which energy is bought since the last change.
    fn settle_energy(&mut self, premises: &Premises) {
        let energy = &premises.energy;
        if let (Some(day), Some(price)) = (self.racked_on.take(), energy.per_mwh) {
            let drawn = ItPower(energy.load.of(self.racked.0)).at_pue(premises.power.pue);
            let watt_hours = i128::from(drawn.0) * 24;
            let rate = Meter::rate_of(watt_hours * i128::from(price.micros), 1_000_000);
            self.energy.set(day, rate);
        }
    }

    /// Sets the rate of the fixed charge for the month that `day` lies in.
    fn set_grid_rate(&mut self, premises: &Premises, day: Day) {
        if let Some(price) = premises.energy.fixed_per_kva_month {
            let days = i128::from(day.month_days());
            let month = i128::from(self.energised) * i128::from(price.micros);
            self.grid.set(day, Meter::rate_of(month, 1_000 * days));
        }
    }
}

impl Books<'_> {
    pub(super) fn stage_energised(&mut self, stage: u32, day: Day) {
        let &Stage { grid, premises, .. } = &self.site.stages[stage as usize];
        let at = premises as usize;
        let premises = &self.site.premises[at];
        let factor = i128::from(premises.power.power_factor.0.max(1));
        let place = &mut self.running.places[at];
        place.energised += mul_div(grid.0, i128::from(Share::ONE.0), factor);
        place.set_grid_rate(premises, day);
    }

    pub(super) fn start_operation(&mut self, operation: u32, day: Day) {
        let book = &mut self.running.operations[operation as usize];
        book.change(day);
        book.quantity = 1;
    }

    /// The price of a running cost changes.
    pub(super) fn change_cost(&mut self, operation: u32, day: Day) {
        let later = &self.site.terms.operations[operation as usize].later;
        let Some(step) = later.iter().find(|step| step.0 == day) else { return };
        let book = &mut self.running.operations[operation as usize];
        book.change(day);
        book.per_year = step.1.micros;
    }

    /// Running costs rise at each anniversary of the opening.
    pub(super) fn anniversary(&mut self, day: Day) {
        let opens = self.site.terms.opens;
        let operations = &self.site.terms.operations;
        for (operation, book) in operations.iter().zip(&mut self.running.operations) {
            if operation.escalator != Share::ZERO {
                book.change(day);
                book.per_year += operation.escalator.of(book.per_year);
            }
        }
        let years = i32::from(day.date().year() - opens.date().year()) + 1;
        self.plan(opens.add_months(12 * years), Task::Anniversary);
    }

    /// Books a month's power of one of the premises.
    pub(super) fn close_power(&mut self, at: usize, close: Day) -> PowerBill {
        let premises = &self.site.premises[at];
        let place = &mut self.running.places[at];
        place.settle_energy(premises);
        let (energy, grid) = (place.energy.take(close), place.grid.take(close));
        let racked_days = place.racked_days.take(close);
        let due = close + premises.energy.net_days as i32;
        let convert = |money: Money, price: Option<Amount>| {
            price.map_or(Money::ZERO, |price| {
                let amount = Amount { micros: money.0, currency: price.currency };
                self.site.terms.fx.convert(amount, due)
            })
        };
        let energy = convert(energy, premises.energy.per_mwh);
        let grid = convert(grid, premises.energy.fixed_per_kva_month);
        self.flows.energy += energy;
        self.flows.grid_charge += grid;
        self.due(due, Task::PowerPayment, energy + grid);
        let lines = [
            (Account::Energy, energy),
            (Account::GridCharge, grid),
            (Account::OperatingPayables, -(energy + grid)),
        ];
        self.ledger.post(close + -1, EntryCause::Power(at as u32), &lines);
        PowerBill { cost: energy + grid, racked_days }
    }

    pub(super) fn close_operations(&mut self, close: Day) {
        let terms = &self.site.terms;
        for (at, operation) in terms.operations.iter().enumerate() {
            let micros = self.running.operations[at].take(close).0;
            let amount = Amount { micros, currency: operation.per_year.currency };
            let due = if operation.noncash { close } else { close + operation.net_days as i32 };
            let cost = terms.fx.convert(amount, due);
            let interest = operation.line == CostLine::Interest;
            match interest {
                true => self.count_interest(cost, operation.noncash),
                false => self.count_operation(cost, operation),
            }
            let expense = match operation.line {
                CostLine::CostOfRevenue => Account::Operations,
                CostLine::Technology => Account::TechnologyOperations,
                CostLine::Overhead => Account::Overhead,
                CostLine::Interest => Account::Interest,
            };
            let against = match (operation.noncash, interest) {
                (false, _) => Account::OperatingPayables,
                (true, true) => Account::FinancingCost,
                (true, false) => Account::Contributed,
            };
            if !operation.noncash {
                let task = if interest { Task::OtherInterest } else { Task::OperationsPayment };
                self.due(due, task, cost);
            }
            let lines = [(expense, cost), (against, -cost)];
            self.ledger.post(close + -1, EntryCause::Operation(at as u32), &lines);
        }
    }

    fn count_operation(&mut self, cost: Money, operation: &Operation) {
        let flows = &mut self.flows;
        flows.operations += cost;
        match operation.line {
            CostLine::Technology => flows.operations_technology += cost,
            CostLine::Overhead => flows.operations_overhead += cost,
            CostLine::CostOfRevenue | CostLine::Interest => {}
        }
        if operation.noncash {
            flows.stock_compensation += cost;
        }
    }

    /// Interest that no loan of the file accrues; none of it is capitalised.
    fn count_interest(&mut self, cost: Money, noncash: bool) {
        let flows = &mut self.flows;
        flows.interest_incurred += cost;
        flows.interest_expensed += cost;
        flows.other_interest += cost;
        if noncash {
            flows.other_interest_noncash += cost;
        }
    }

    /// Moves the month-dependent rates on to the month that begins.
    pub(super) fn open_month(&mut self, day: Day) {
        for (place, premises) in self.running.places.iter_mut().zip(&self.site.premises) {
            place.set_grid_rate(premises, day);
        }
        self.plan_rent(day);
    }
}
