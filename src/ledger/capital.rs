//! Spend on works and racks: incurred, invoiced, owed (semantics M5).

use std::collections::VecDeque;

use super::EntryCause;
use super::account::{Account, Line};
use super::agenda::Task;
use super::books::Books;
use super::collateral::NOWHERE;
use crate::model::Site;
use crate::model::terms::ActivityCost;
use crate::money::{Amount, Money};
use crate::time::Day;
use crate::unit::mul_div;

/// What is invoiced of works, what stands in the stores, what each unit cost.
#[derive(Clone, Debug)]
pub(super) struct Capital {
    works: Vec<Works>,
    /// Works under way that are invoiced by progress.
    under_way: Vec<u32>,
    lots: Vec<LotBook>,
    /// Racks delivered and not installed, by platform, first in first out.
    stores: Vec<VecDeque<Layer>>,
    units: Vec<UnitCost>,
}

#[derive(Clone, Copy, Debug, Default)]
struct Works {
    started: Option<Day>,
    expected: Option<Day>,
    finished: bool,
    /// In the currency of the cost.
    invoiced: i64,
    /// Of it, by progress.
    by_progress: i64,
}

#[derive(Clone, Copy, Debug, Default)]
struct LotBook {
    ordered: bool,
    deposit: Money,
}

/// Racks of one lot that are still in the store.
#[derive(Clone, Copy, Debug)]
struct Layer {
    lot: u32,
    delivered: Day,
    racks: u32,
    cost: Money,
    /// Of the cost, invoiced only on acceptance.
    on_acceptance: Money,
    /// Both of a single rack, where they divide without a rest: parts are mere products then.
    each: Option<[Money; 2]>,
}

impl Layer {
    fn new(lot: u32, delivered: Day, racks: u32, [cost, on_acceptance]: [Money; 2]) -> Layer {
        let count = i64::from(racks).max(1);
        let divides = cost.0 % count == 0 && on_acceptance.0 % count == 0;
        let each = divides.then(|| [Money(cost.0 / count), Money(on_acceptance.0 / count)]);
        Layer { lot, delivered, racks, cost, on_acceptance, each }
    }

    /// Cost of so many of its racks, and what of it falls due on acceptance.
    fn part(&self, racks: u32) -> [Money; 2] {
        if let Some(each) = self.each {
            return each.map(|one| Money(one.0 * i64::from(racks)));
        }
        [self.cost, self.on_acceptance].map(|all| all.scaled(racks.into(), self.racks.into()))
    }
}

#[derive(Clone, Copy, Debug, Default)]
struct UnitCost {
    racked: bool,
    in_service: bool,
    accepted: bool,
    cost: Money,
    on_acceptance: Money,
}

impl Capital {
    pub(super) fn new(site: &Site) -> Capital {
        let costs = &site.terms.costs;
        Capital {
            works: vec![Works::default(); costs.len()],
            under_way: Vec::new(),
            lots: vec![LotBook::default(); site.lots.len()],
            stores: vec![VecDeque::new(); site.platforms.len()],
            units: vec![UnitCost::default(); site.units.len()],
        }
    }

    pub(super) fn expect(&mut self, cost: u32, finish: Day) {
        self.works[cost as usize].expected = Some(finish);
    }

    /// Takes racks out of a store, oldest first: their cost, and what of it falls due on
    /// acceptance.
    fn take_racks(
        &mut self,
        platform: u32,
        mut racks: u32,
        mut told: impl FnMut(&Layer, u32, Money),
    ) -> (Money, Money) {
        let store = &mut self.stores[platform as usize];
        let (mut cost, mut on_acceptance) = (Money::ZERO, Money::ZERO);
        while let Some(layer) = store.front_mut().filter(|_| racks > 0) {
            let taken = racks.min(layer.racks);
            let [taken_cost, taken_due] = layer.part(taken);
            told(layer, taken, taken_cost);
            cost += taken_cost;
            on_acceptance += taken_due;
            layer.cost -= taken_cost;
            layer.on_acceptance -= taken_due;
            layer.racks -= taken;
            racks -= taken;
            if layer.racks == 0 {
                store.pop_front();
            }
        }
        (cost, on_acceptance)
    }
}

/// What of a cost has been earned by progress by the start of `day`, in its own currency.
fn progress_by(cost: &ActivityCost, works: &Works, day: Day) -> i64 {
    let (Some(start), Some(finish)) = (works.started, works.expected) else { return 0 };
    let whole = cost.progress.of(cost.amount.micros);
    let length = finish - start;
    if length <= 0 {
        return 0;
    }
    mul_div(whole, i128::from((day - start).clamp(0, length)), i128::from(length))
}

impl Books<'_> {
    pub(super) fn activity_started(&mut self, activity: u32, day: Day) {
        let prepared = self.prepared;
        for &index in prepared.costs_of(activity) {
            let cost = &self.site.terms.costs[index as usize];
            let works = &mut self.capital.works[index as usize];
            works.started = Some(day);
            if works.finished {
                continue;
            }
            let opens = self.site.terms.opens;
            let first = cost.at_start.of(cost.amount.micros);
            let expected = works.expected;
            self.invoice_works(index, day, day, first);
            if cost.progress.0 > 0 {
                self.capital.under_way.push(index);
            }
            // Months that closed before the books opened, up to its finish.
            let mut close = day.next_month();
            while close <= opens && expected.is_some_and(|finish| close <= finish) {
                self.invoice_progress(index, close);
                close = close.next_month();
            }
        }
    }

    pub(super) fn activity_finished(&mut self, activity: u32, day: Day) {
        let prepared = self.prepared;
        for &index in prepared.costs_of(activity) {
            let works = &mut self.capital.works[index as usize];
            works.finished = true;
            let rest = self.site.terms.costs[index as usize].amount.micros - works.invoiced;
            self.capital.under_way.retain(|&other| other != index);
            self.invoice_works(index, day, day, rest);
        }
    }

    /// Invoices what progress has earned by a month's close.
    pub(super) fn close_progress(&mut self, close: Day) {
        for at in 0..self.capital.under_way.len() {
            self.invoice_progress(self.capital.under_way[at], close);
        }
    }

    fn invoice_progress(&mut self, index: u32, close: Day) {
        let cost = &self.site.terms.costs[index as usize];
        let works = &mut self.capital.works[index as usize];
        let earned = progress_by(cost, works, close) - works.by_progress;
        works.by_progress += earned;
        self.invoice_works(index, close + -1, close, earned);
    }

    /// A builder's invoice of `native` millionths of the cost's currency, booked on `day` and
    /// payable from `raised` on.
    fn invoice_works(&mut self, index: u32, day: Day, raised: Day, native: i64) {
        if native == 0 {
            return;
        }
        let terms = &self.site.terms;
        let cost = &terms.costs[index as usize];
        self.capital.works[index as usize].invoiced += native;
        let amount = Amount { micros: native, currency: cost.amount.currency };
        let due = raised + cost.net_days as i32;
        let money = terms.fx.convert(amount, due);
        let hall = self.site.plan.activities[cost.activity as usize].hall;
        self.count_incurred(day, money);
        let account = self.add_works(hall, cost.class, day.max(terms.opens), money);
        let cause = EntryCause::ActivityInvoice(cost.activity);
        self.bill(day, due, Task::WorksPayment, cause, (account, money));
    }

    fn count_incurred(&mut self, day: Day, money: Money) {
        if day < self.site.terms.opens {
            self.flows.capex_before += money;
        } else {
            self.flows.capex_incurred += money;
        }
    }

    /// Books an invoice; one that was paid before the books opened was paid by the owners.
    fn bill(&mut self, day: Day, due: Day, payment: Task, cause: EntryCause, debit: Line) {
        let money = debit.1;
        let opens = self.site.terms.opens;
        if let Some(places) = &mut self.funds.places {
            let due = (due, payment == Task::RacksPayment);
            places.invoice(self.site, due, cause, money);
            if due.0 < opens {
                places.pay(due, money);
            }
        }
        if due < opens {
            self.flows.spent_before += money;
            self.funds.spent_before(money, payment == Task::RacksPayment);
            self.ledger.post(opens, cause, &[debit, (Account::Contributed, -money)]);
        } else {
            self.due(due, payment, money);
            self.ledger.post(day.max(opens), cause, &[debit, (Account::CapexPayables, -money)]);
        }
    }

    pub(super) fn lot_ordered(&mut self, lot: u32, day: Day) {
        let terms = &self.site.terms;
        let spec = &self.site.lots[lot as usize];
        let book = &mut self.capital.lots[lot as usize];
        if std::mem::replace(&mut book.ordered, true) {
            return;
        }
        let Some(price) = spec.price_per_rack else { return };
        let pay = &terms.rack_pay[spec.platform as usize];
        let share = Amount {
            micros: pay.order.of(price.micros * i64::from(spec.racks)),
            currency: price.currency,
        };
        let due = day + pay.net_days as i32;
        let deposit = terms.fx.convert(share, due);
        book.deposit = deposit;
        let cause = EntryCause::LotOrdered(lot);
        self.bill(day, due, Task::RacksPayment, cause, (Account::VendorDeposits, deposit));
    }

    /// Racks arrive: their whole price is incurred; the deposit is used up, the delivery share
    /// falls due, the acceptance share is owed.
    pub(super) fn lot_delivered(&mut self, lot: u32, day: Day) {
        self.lot_ordered(lot, day);
        let terms = &self.site.terms;
        let spec = &self.site.lots[lot as usize];
        let store = spec.platform as usize;
        let Some(price) = spec.price_per_rack else {
            let layer = Layer::new(lot, day, spec.racks, [Money::ZERO; 2]);
            self.capital.stores[store].push_back(layer);
            return;
        };
        let pay = &terms.rack_pay[store];
        let whole = price.micros * i64::from(spec.racks);
        let due = day + pay.net_days as i32;
        let convert = |micros| terms.fx.convert(Amount { micros, currency: price.currency }, due);
        let deposit = self.capital.lots[lot as usize].deposit;
        let on_acceptance = convert(pay.acceptance.of(whole));
        let rest = convert(whole - pay.order.of(whole));
        let on_delivery = rest - on_acceptance;
        let cost = deposit + rest;
        self.count_incurred(day, cost);
        self.assets.add_racks(cost);
        if let Some(collateral) = &mut self.collateral {
            collateral.delivered(day, cost, NOWHERE);
        }
        let layer = Layer::new(lot, day, spec.racks, [cost, on_acceptance]);
        self.capital.stores[store].push_back(layer);
        let cause = EntryCause::LotDelivered(lot);
        let booked = day.max(terms.opens);
        let lines = [
            (Account::Cip, deposit + on_acceptance),
            (Account::VendorDeposits, -deposit),
            (Account::CapexAccrued, -on_acceptance),
        ];
        self.ledger.post(booked, cause, &lines);
        self.bill(day, due, Task::RacksPayment, cause, (Account::Cip, on_delivery));
    }

    pub(super) fn unit_racked(&mut self, unit: u32, day: Day) {
        self.take_racks(unit);
        self.running.racked(self.site, unit, day);
    }

    fn take_racks(&mut self, unit: u32) {
        if std::mem::replace(&mut self.capital.units[unit as usize].racked, true) {
            return;
        }
        let spec = &self.site.units[unit as usize];
        let premises = self.site.premises_of_unit(unit);
        let (places, collateral) = (&mut self.funds.places, &mut self.collateral);
        let told = |layer: &Layer, racks: u32, cost: Money| {
            let Some(places) = places else { return };
            places.take(layer.lot, premises, racks);
            if let Some(collateral) = collateral {
                collateral.delivered(layer.delivered, -cost, NOWHERE);
                collateral.delivered(layer.delivered, cost, premises);
            }
        };
        let (cost, on_acceptance) = self.capital.take_racks(spec.platform, spec.racks, told);
        let book = &mut self.capital.units[unit as usize];
        (book.cost, book.on_acceptance) = (cost, on_acceptance);
    }

    /// Racks leave construction in progress when their unit has passed its cluster test
    /// (semantics C3).
    pub(super) fn unit_in_service(&mut self, unit: u32, day: Day) {
        if !self.capital.units[unit as usize].racked {
            self.take_racks(unit);
        }
        let book = &mut self.capital.units[unit as usize];
        if std::mem::replace(&mut book.in_service, true) {
            return;
        }
        let cost = book.cost;
        self.place_racks(unit, day, cost);
    }

    /// The customer accepts a unit: the vendor's last share falls due, service starts.
    pub(super) fn unit_accepted(&mut self, unit: u32, day: Day) {
        let book = &mut self.capital.units[unit as usize];
        if std::mem::replace(&mut book.accepted, true) {
            return;
        }
        let owed = book.on_acceptance;
        let spec = &self.site.units[unit as usize];
        let net = self.site.terms.rack_pay.get(spec.platform as usize).map_or(0, |p| p.net_days);
        let (cause, due) = (EntryCause::UnitAccepted(unit), day + net as i32);
        if owed != Money::ZERO {
            self.bill(day, due, Task::RacksPayment, cause, (Account::CapexAccrued, owed));
        }
        let day = day.max(self.site.terms.opens);
        self.running.accepted(self.site, unit, day);
        self.start_service(unit, day);
    }

    /// Cost of racks in units of some premises that are not in service yet.
    pub(super) fn racks_waiting_at(&self, premises: &[u32]) -> Money {
        let units = self.capital.units.iter().zip(0..);
        let waits = |(book, unit): &(&UnitCost, u32)| {
            book.racked && !book.in_service && premises.contains(&self.site.premises_of_unit(*unit))
        };
        units.filter(waits).map(|(book, _)| book.cost).sum()
    }

    /// Cost of racks delivered and not in service, for the check of construction in progress.
    pub(super) fn racks_in_progress(&self) -> Money {
        let stored = self.capital.stores.iter().flatten().map(|layer| layer.cost);
        let racked = self.capital.units.iter().filter(|unit| unit.racked && !unit.in_service);
        stored.chain(racked.map(|unit| unit.cost)).sum()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        /// The twin: the share of what is left by the racks that are left.
        #[test]
        fn racks_taken_cost_their_share_of_what_is_left(
            (cost, due) in (0_i64..1 << 50, 0_i64..1 << 40),
            exact in any::<bool>(),
            takes in prop::collection::vec(1_u32..9, 1..20),
        ) {
            let racks: u32 = takes.iter().sum();
            let times = if exact { i64::from(racks) } else { 1 };
            let whole = [Money(cost * times), Money(due * times)];
            let (mut layer, mut left) = (Layer::new(0, Day(0), racks, whole), racks);
            for taken in takes {
                let share = |all: Money| all.scaled(taken.into(), left.into());
                let part = layer.part(taken);
                prop_assert_eq!(part, [share(layer.cost), share(layer.on_acceptance)]);
                layer.cost -= part[0];
                layer.on_acceptance -= part[1];
                layer.racks -= taken;
                left -= taken;
            }
            prop_assert_eq!([layer.cost, layer.on_acceptance], [Money::ZERO; 2]);
        }
    }
}
