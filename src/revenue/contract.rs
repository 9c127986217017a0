//! One contract through its life.

use super::Projection;
use super::load::LoadDays;
use super::price::{TrancheTerms, tranches};
use crate::model::terms::{Contract, TermRuns, Tranche};
use crate::model::{EventKind, Site, Timeline};
use crate::money::{Lines, Meter, Money};
use crate::time::Day;
use crate::unit::{Share, div_half_even};

/// What a month of a contract comes to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Invoice {
    /// Recognised.
    pub revenue: Money,
    /// Of that, paid in advance: the contract liability falls by it, the rest is due.
    pub credit: Money,
    /// Service invoiced: revenue less that credit, power not included.
    pub billed: Money,
    /// What was to be invoiced by the schedule of signing (finance-mechanics 29).
    pub contracted: Money,
    /// IT load billed, in watt-days.
    pub watt_days: i128,
}

fn scheduled_end(terms: &Contract) -> Day {
    terms.scheduled_start.add_months(terms.term_months as i32)
}

/// How much of the price is paid in advance.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Prepaid {
    Share(Share),
    Amount(Money),
}

/// A stretch of service: from its first day until before its last, so many GPUs are billed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Service {
    /// First day.
    pub from: Day,
    /// First day after it.
    pub until: Day,
    /// GPUs.
    pub gpus: u64,
}

/// The stretches of service of all contracts over a finished timeline.
pub fn services(site: &Site, timeline: &Timeline) -> Vec<Service> {
    let mut services = Vec::new();
    for contract in &site.terms.contracts {
        let mut book = ContractBook::new(site, contract, site.terms.opens);
        for event in &timeline.events {
            if let EventKind::Accepted(unit) = event.kind {
                book.accept(unit, event.at.day());
            }
        }
        services.extend_from_slice(book.services());
    }
    services
}

/// A contract as the books follow it: revenue by the day from service on, whatever is used
/// (finance-mechanics 2, 4); a slip moves a term that is preserved and shortens one that ends on a
/// fixed day (finance-mechanics 6).
///
/// Revenue of all its tranches runs on one set of lines, so a month costs the dates in it.
#[derive(Clone, Debug)]
pub struct ContractBook<'s> {
    terms: &'s Contract,
    prepaid: Prepaid,
    parts: Vec<TrancheTerms>,
    /// Index into `parts` for each of `terms.units`.
    part_of: Vec<u32>,
    /// Units of each part still to be accepted.
    missing: Vec<u32>,
    /// Parts that have neither started nor been lost.
    waiting: usize,
    lines: Lines,
    load: LoadDays,
    projection: Projection,
    total: Money,
    /// Signed prices of the parts that started or were lost.
    resolved: Money,
    /// What those parts will earn: daily rate x days, as the lines hold it.
    to_earn: i128,
    /// Last end of a part that started.
    last_end: Option<Day>,
    services: Vec<Service>,
    signed: bool,
    recognised: Money,
    /// Read from the lines at the contract's end, for the next invoice.
    unbilled: Money,
    received: Money,
    credited: Money,
    refunded: Money,
}

impl<'s> ContractBook<'s> {
    /// A contract before anything happened; `day` is the day the books open.
    pub fn new(site: &Site, terms: &'s Contract, day: Day) -> Self {
        let parts = tranches(site, terms);
        let mut part_of = Vec::with_capacity(terms.units.len());
        for (at, part) in parts.iter().enumerate() {
            part_of.extend((0..part.units).map(|_| at as u32));
        }
        debug_assert!(terms.tranche == Tranche::Hall || parts.len() == terms.units.len());
        let total: Money = parts.iter().map(|part| part.total).sum();
        let (from, until) = (terms.scheduled_start, scheduled_end(terms));
        let on_invoice = total - total.share(terms.prepaid);
        ContractBook {
            terms,
            projection: Projection::new(on_invoice, from, until, &[], day),
            prepaid: Prepaid::Share(terms.prepaid),
            missing: parts.iter().map(|part| part.units).collect(),
            waiting: parts.len(),
            total,
            part_of,
            lines: Lines::new(day),
            load: LoadDays::new(day),
            resolved: Money::ZERO,
            to_earn: 0,
            last_end: None,
            services: Vec::with_capacity(parts.len()),
            parts,
            signed: false,
            recognised: Money::ZERO,
            unbilled: Money::ZERO,
            received: Money::ZERO,
            credited: Money::ZERO,
            refunded: Money::ZERO,
        }
    }

    /// Stretches of service of the tranches that have started, in the order they were accepted.
    pub fn services(&self) -> &[Service] {
        &self.services
    }

    /// Its terms.
    pub fn terms(&self) -> &'s Contract {
        self.terms
    }

    /// Price of everything at signing.
    pub fn total(&self) -> Money {
        self.total
    }

    /// Cash to be paid in advance.
    pub fn prepayment(&self) -> Money {
        self.prepaid_part(self.total)
    }

    /// States the advance as an amount in place of the share of the terms; before it is received.
    pub fn set_prepayment(&mut self, amount: Money) {
        assert!(self.received == Money::ZERO, "the advance of {} is in", self.terms.id);
        self.prepaid = Prepaid::Amount(amount);
    }

    /// What of a part of the price was paid in advance.
    fn prepaid_part(&self, part: Money) -> Money {
        match self.prepaid {
            Prepaid::Share(share) => part.share(share),
            Prepaid::Amount(amount) => part.scaled(amount.0.into(), self.total.0.max(1).into()),
        }
    }

    /// First day after the term as scheduled.
    pub fn scheduled_end(&self) -> Day {
        scheduled_end(self.terms)
    }

    /// First day after all service; `None` while a tranche has not started.
    pub fn end(&self) -> Option<Day> {
        self.last_end.filter(|_| self.waiting == 0)
    }

    /// Tranches that have not started.
    pub fn waiting(&self) -> usize {
        self.waiting
    }

    /// Whether it was signed by now.
    pub fn is_signed(&self) -> bool {
        self.signed
    }

    /// The customer signed.
    pub fn sign(&mut self) {
        self.signed = true;
    }

    /// The customer accepted a unit. The service start of its tranche, if this was the last unit
    /// that the tranche waited for: the day itself, but not before the scheduled start unless an
    /// early one is allowed (semantics M3). `None` too if the contract does not cover the unit.
    pub fn accept(&mut self, unit: u32, day: Day) -> Option<Day> {
        let at = self.terms.units.binary_search(&unit).ok()?;
        let part = self.part_of[at] as usize;
        if self.missing[part] == 0 {
            return None;
        }
        self.missing[part] -= 1;
        if self.missing[part] > 0 {
            return None;
        }
        let scheduled = self.terms.scheduled_start;
        let start = if self.terms.early_start { day } else { day.max(scheduled) };
        self.start(part, start);
        Some(start)
    }

    fn start(&mut self, part: usize, start: Day) {
        let (total, load) = (self.parts[part].total, self.parts[part].it_power);
        let (end, term_days) = match self.terms.term_runs {
            TermRuns::PerTranche => {
                let end = start.add_months(self.terms.term_months as i32);
                (end, end - start)
            }
            TermRuns::FixedEnd => {
                let end = self.scheduled_end();
                (end, end - self.terms.scheduled_start)
            }
        };
        self.waiting -= 1;
        self.resolved += total;
        self.last_end = self.last_end.max(Some(end));
        if start < end {
            let rate = Meter::rate(total, i64::from(term_days.max(1)));
            let gpus = self.parts[part].gpus;
            self.services.push(Service { from: start, until: end, gpus });
            self.to_earn += rate * i128::from(end - start);
            self.lines.add(start, end, rate);
            self.load.add(start, Some(end), load);
        }
    }

    /// The end of a contract that ends on a fixed day: what never started is lost. What is left of
    /// the prepayment beyond the credits still to come goes back to the customer.
    pub fn finish(&mut self, day: Day) -> Money {
        for part in 0..self.parts.len() {
            if self.missing[part] > 0 {
                self.missing[part] = 0;
                self.waiting -= 1;
                self.resolved += self.parts[part].total;
            }
        }
        self.last_end = self.last_end.max(Some(self.scheduled_end()));
        // The lines are read to their end, so that what is lost and refunded is known to the
        // millionth; the month's invoice still carries it.
        self.unbilled += self.lines.take(day);
        self.to_earn = i128::from((self.recognised + self.unbilled).0) << Meter::SCALE_BITS;
        let credits = self.prepaid_part(self.earning());
        let refund = (self.received - self.refunded - credits).max(Money::ZERO);
        self.refunded += refund;
        refund
    }

    /// Closes a month at the start of `day`: what it earned and what of the prepayment it used.
    ///
    /// The prepaid share of everything recognised is credited, as far as the advance has been
    /// received and the month's own amount allows (finance-mechanics 5). An advance that comes
    /// after service has begun is caught up with by later invoices; one that comes too late for
    /// them stays a liability.
    pub fn close_month(&mut self, day: Day) -> Invoice {
        let revenue = self.lines.take(day) + std::mem::take(&mut self.unbilled);
        self.recognised += revenue;
        let due = self.prepaid_part(self.recognised) - self.credited;
        let credit = due.min(self.liability()).min(revenue).max(Money::ZERO);
        self.credited += credit;
        Invoice {
            revenue,
            credit,
            billed: revenue - credit,
            contracted: self.projection.take(day),
            watt_days: self.load.take(day),
        }
    }

    /// The advance was received.
    pub fn receive_prepayment(&mut self) -> Money {
        self.received = self.prepayment();
        self.received
    }

    /// Prepayment held and not yet credited or refunded.
    pub fn liability(&self) -> Money {
        self.received - self.credited - self.refunded
    }

    /// Price lost so far to slips against a fixed end (negative: won by an early start).
    pub fn lost(&self) -> Money {
        self.resolved - self.earning()
    }

    /// What the tranches that started earn over their life.
    fn earning(&self) -> Money {
        let micros = div_half_even(self.to_earn, 1 << Meter::SCALE_BITS);
        Money(i64::try_from(micros).expect("money within 9 million million"))
    }

    /// Remaining performance obligation: signed, not recognised, not lost (finance-mechanics 9).
    pub fn rpo(&self) -> Money {
        if self.signed { self.total - self.recognised - self.lost() } else { Money::ZERO }
    }
}
