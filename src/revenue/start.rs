//! How a tranche of a contract starts: its daily rate, its end, what delay takes off its price.

use super::contract::{ContractBook, Service};
use super::damages::{delay_damages, transaction_price};
use super::schedule::stretches;
use crate::model::terms::TermRuns;
use crate::money::{Meter, Money};
use crate::time::Day;
use crate::unit::ItPower;

/// Stands for an end that is not known yet: beyond every horizon.
const FAR: Day = Day(2_000_000);

/// Service beyond each tranche's own term, where the term of all runs from the last start: it goes
/// on until a day that moves while tranches wait.
#[derive(Clone, Debug)]
pub(super) struct Tail {
    /// Daily rates of revenue, of billing and once let again, and the load, of what has started.
    revenue: i128,
    billing: i128,
    relet: i128,
    load: i64,
    /// Sum of each daily rate times the day number from which it counts.
    from: i128,
    /// First day after all service, as far as it can be told.
    end: Day,
}

impl Tail {
    /// Nothing has started.
    pub fn new(day: Day) -> Tail {
        Tail { revenue: 0, billing: 0, relet: 0, load: 0, from: 0, end: day }
    }

    /// What is earned beyond the tranches' own terms, as [`Meter`] keeps it.
    pub fn to_earn(&self) -> i128 {
        self.revenue * i128::from(self.end.0) - self.from
    }
}

/// When the tranche that started last did, when its own term ends, and what it earns: several a day
/// are mostly alike.
#[derive(Clone, Copy, Debug)]
pub(super) struct LastStart {
    start: Day,
    end: Day,
    total: Money,
    term: i64,
    rates: [i128; 2],
}

impl Default for LastStart {
    fn default() -> LastStart {
        LastStart { start: FAR, end: FAR, total: Money::ZERO, term: 1, rates: [0; 2] }
    }
}

impl ContractBook<'_> {
    /// Price of a part less service credits as expected and its share of what the customer is paid.
    pub(super) fn net_price(&self, part: usize) -> Money {
        let price = self.parts[part].total;
        if self.apart.is_none() {
            return price;
        }
        price - price.share(self.terms.credits) - self.consideration_of(part)
    }

    fn consideration_of(&self, part: usize) -> Money {
        let apart = self.apart.as_ref();
        apart.and_then(|apart| apart.consideration_of.get(part).copied()).unwrap_or_default()
    }

    /// Writes off what was paid to the customer for a part that never serves.
    pub(super) fn impair(&mut self, part: usize) -> Money {
        let share = self.consideration_of(part);
        self.write_off(share);
        share
    }

    fn write_off(&mut self, money: Money) {
        if let Some(apart) = self.apart.as_mut().filter(|_| money != Money::ZERO) {
            apart.impaired += money;
            apart.impaired_now += money;
        }
    }

    /// A tranche is complete `today` and starts then or later: straight-line by the day over its
    /// own term.
    pub(super) fn start(&mut self, part: usize, today: Day, start: Day) {
        if start != self.last_start.start {
            self.last_start.end = start.add_months(self.terms.term_months as i32);
            self.last_start.start = start;
        }
        let own_end = self.last_start.end;
        let (end, term) = match self.terms.term_runs {
            TermRuns::PerTranche | TermRuns::FromLast => (own_end, own_end - start),
            TermRuns::FixedEnd => {
                let end = self.scheduled_end();
                (end, end - self.terms.scheduled_start)
            }
            TermRuns::FromFirst => {
                let end = *self.fixed_end.get_or_insert(own_end);
                let first = self.services.first().map_or(start, |service| service.from);
                (end, end - first)
            }
        };
        let term = i64::from(term.max(1));
        self.waiting -= 1;
        self.resolved += self.net_price(part);
        self.last_end = self.last_end.max(Some(end));
        if start < end {
            let (gpus, load) = (self.parts[part].gpus, self.parts[part].it_power);
            self.serve(part, today, [start, end], term);
            self.services.push(Service { from: start, until: end, gpus });
            match start == today {
                true => self.load.start(start, Some(end), load),
                false => self.load.add(start, Some(end), load),
            }
        } else {
            self.impair(part);
        }
        match self.terms.term_runs {
            TermRuns::FromLast => self.run_on(part, start, end, term),
            _ => self.let_again(part, end.max(start)),
        }
    }

    /// Adds the lines of a tranche in `[start, end)`, whose whole price is that of `term` days.
    fn serve(&mut self, part: usize, today: Day, [start, end]: [Day; 2], term: i64) {
        let days = i64::from(end - start);
        let [full, mut rate] = self.rates(part, term);
        let (owed, consideration) = self.deductions(part, start, rate * i128::from(days));
        if let Some(apart) = &mut self.apart {
            let used_up = Meter::rate(consideration, days);
            rate -= Meter::rate(owed, days) + used_up;
            apart.damages += owed;
            apart.damages_open += owed;
            apart.used_up.add(start, end, used_up);
            let billing = &mut apart.billing;
            stretches(full, start, end, &self.terms.ramp, |from, until, rate| {
                billing.add(from, until, rate);
            });
        }
        let ramp: &[u32] = if self.terms.price_follows_ramp { &self.terms.ramp } else { &[] };
        let (lines, to_earn) = (&mut self.lines, &mut self.to_earn);
        stretches(rate, start, end, ramp, |from, until, rate| {
            *to_earn += rate * i128::from(until - from);
            match from == today {
                true => lines.start(from, until, rate),
                false => lines.add(from, until, rate),
            }
        });
    }

    /// What a tranche earns a day over so many days, before service credits and after them.
    fn rates(&mut self, part: usize, term: i64) -> [i128; 2] {
        let (total, last) = (self.parts[part].total, &mut self.last_start);
        if (last.total, last.term) != (total, term) {
            let full = Meter::rate(total, term);
            let credits = Meter::rate(total.share(self.terms.credits), term);
            (last.total, last.term, last.rates) = (total, term, [full, full - credits]);
        }
        last.rates
    }

    /// What a tranche that starts on a day and earns so much owes for delay, its share by price of
    /// what the contract would owe (finance-mechanics 8), and how much of what the customer was
    /// paid it can still carry; the rest of that is written off.
    fn deductions(&mut self, part: usize, start: Day, earns: i128) -> (Money, Money) {
        let Some(apart) = &self.apart else { return (Money::ZERO, Money::ZERO) };
        let worth = Money((earns >> Meter::SCALE_BITS) as i64).max(Money::ZERO);
        let grace = self.terms.damages.map_or(0, |damages| damages.grace_days);
        let late = i64::from(start - self.terms.scheduled_start) - i64::from(grace);
        let owed = apart.damages_terms.as_ref().map_or(Money::ZERO, |terms| {
            let whole = delay_damages(terms, self.total, late);
            whole.scaled(self.parts[part].total.0.into(), self.total.0.max(1).into())
        });
        let owed = owed.min(worth);
        let consideration = self.consideration_of(part);
        let carried = consideration.min(transaction_price(worth, owed));
        self.write_off(consideration - carried);
        (owed, carried)
    }

    /// Lets a tranche serve on after its own term until the end of all.
    fn run_on(&mut self, part: usize, start: Day, end: Day, term: i64) {
        let load = self.parts[part].it_power;
        let [full, rate] = self.rates(part, term);
        self.lines.add(end, FAR, rate);
        self.load.add(end, None, load);
        if let Some(apart) = &mut self.apart {
            apart.billing.add(end, FAR, full);
            self.tail.relet += apart.relet_of.get(part).copied().unwrap_or_default();
        }
        let tail = &mut self.tail;
        tail.revenue += rate;
        tail.billing += full;
        tail.load += load.0;
        tail.from += rate * i128::from(end.0);
        tail.end = tail.end.max(end);
        if let Some(service) = self.services.last_mut() {
            service.until = FAR;
        }
        self.all_started(start);
    }

    /// From the end of its service on a tranche earns what units let again do.
    fn let_again(&mut self, part: usize, end: Day) {
        if let Some(apart) = &mut self.apart
            && let Some(&rate) = apart.relet_of.get(part)
        {
            apart.relet.add(end, FAR, rate);
        }
    }

    /// While tranches wait, what has started serves on at least until `day`.
    pub(super) fn extend_to(&mut self, day: Day) {
        if self.terms.term_runs == TermRuns::FromLast && self.waiting > 0 {
            self.tail.end = self.tail.end.max(day);
        }
    }

    /// Where no tranche waits any more, the end of all is known.
    pub(super) fn all_started(&mut self, day: Day) {
        let serves = !self.services.is_empty();
        if self.terms.term_runs != TermRuns::FromLast || self.waiting > 0 || !serves {
            return;
        }
        let end = self.last_end.map_or(day, |last| last.max(day));
        self.tail.end = end;
        self.lines.add(end, FAR, -self.tail.revenue);
        self.load.add(end, None, ItPower(-self.tail.load));
        if let Some(apart) = &mut self.apart {
            apart.billing.add(end, FAR, -self.tail.billing);
            apart.relet.add(end, FAR, self.tail.relet);
        }
        self.last_end = Some(end);
        for service in &mut self.services {
            service.until = end;
        }
    }
}
