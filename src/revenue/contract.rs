//! One contract through its life.

use std::sync::Arc;

use super::apart::Apart;
use super::backlog::Obligation;
use super::load::LoadDays;
use super::price::{TrancheTerms, tranches};
use super::schedule::Projection;
use super::start::{LastStart, Tail};
use crate::model::Site;
use crate::model::terms::{Accounting, Contract, TermRuns};
use crate::money::{Lines, Meter, Money};
use crate::time::Day;
use crate::unit::{Share, shift_half_even};

/// What a month of a contract comes to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Invoice {
    /// Recognised, net of all that lowers the price.
    pub revenue: Money,
    /// Of it, outside the remaining performance obligation: a lease's, and re-letting.
    pub outside_rpo: Money,
    /// Paid in advance: the contract liability falls by it.
    pub credit: Money,
    /// Service invoiced, power not included: the rest is due.
    pub billed: Money,
    /// Earned and not yet invoiced: the contract asset rises by it, or falls.
    pub unbilled: Money,
    /// Of what was paid to the customer, used up: revenue is lower by it.
    pub amortised: Money,
    /// What was to be invoiced by the schedule of signing (finance-mechanics 29).
    pub contracted: Money,
    /// Left of the advance after the last invoice because the price fell: it goes back.
    pub refund: Money,
    /// IT load billed, in watt-days.
    pub watt_days: i128,
}

/// What a termination takes away.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Termination {
    /// Tranches that end.
    pub tranches: u32,
    /// Their price, no longer to be performed.
    pub price: Money,
    /// What was prepaid for them and goes back.
    pub refund: Money,
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

/// A contract as the books follow it: revenue by the day from service on, whatever is used
/// (finance-mechanics 2, 4); a slip moves a term that is preserved and shortens one that ends on a
/// fixed day (finance-mechanics 6).
///
/// Revenue of all its tranches runs on one set of lines, so a month costs the dates in it. Where
/// billing is not revenue (a ramp, damages, credits, consideration paid to the customer) it runs on
/// lines of its own; the difference is the contract asset.
#[derive(Clone, Debug)]
pub struct ContractBook<'s> {
    pub(super) terms: &'s Contract,
    prepaid: Prepaid,
    /// The same for every trial, as the list after it.
    pub(super) parts: Arc<[TrancheTerms]>,
    /// Index into `parts` for each of `terms.units`.
    part_of: Arc<[u32]>,
    /// Units of each part still to be accepted.
    pub(super) missing: Vec<u32>,
    /// Whether each of `terms.units` was accepted; kept only where acceptance may be deemed.
    accepted: Vec<bool>,
    /// Parts that have neither started nor been lost.
    pub(super) waiting: usize,
    pub(super) lines: Lines,
    pub(super) load: LoadDays,
    projection: Projection,
    /// What revenue is not, where billing differs from it.
    pub(super) apart: Option<Box<Apart>>,
    /// Service after all have started, where the term runs from the last start.
    pub(super) tail: Tail,
    pub(super) total: Money,
    price: Money,
    /// Committed beyond the remaining performance obligation, as stated.
    beyond: Money,
    /// Net prices of the parts that started, were lost or terminated.
    pub(super) resolved: Money,
    /// What those parts will earn: daily rate x days, as the lines hold it.
    pub(super) to_earn: i128,
    /// End of all service, where one day ends it.
    pub(super) fixed_end: Option<Day>,
    /// Last end of a part that started.
    pub(super) last_end: Option<Day>,
    pub(super) services: Vec<Service>,
    pub(super) last_start: LastStart,
    signed: bool,
    recognised: Money,
    /// Read from the lines at the contract's end, for the next invoice.
    unbilled: Money,
    terminated: Money,
    /// Signed prices of what was terminated.
    gone: Money,
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
        let total: Money = parts.iter().map(|part| part.total).sum();
        let (from, until) = (terms.scheduled_start, scheduled_end(terms));
        let on_invoice = total - total.share(terms.credits) - total.share(terms.prepaid);
        let mut book = ContractBook {
            terms,
            projection: Projection::new(on_invoice, from, until, &terms.ramp, day),
            prepaid: Prepaid::Share(terms.prepaid),
            missing: parts.iter().map(|part| part.units).collect(),
            accepted: vec![false; terms.deemed_days.map_or(0, |_| terms.units.len())],
            waiting: parts.len(),
            total,
            price: total,
            beyond: terms
                .beyond_rpo
                .map_or(Money::ZERO, |amount| site.terms.fx.convert(amount, terms.signed)),
            part_of: part_of.into(),
            lines: Lines::new(day),
            load: LoadDays::new(day),
            apart: Apart::new(site, terms, &parts, day),
            tail: Tail::new(day),
            resolved: Money::ZERO,
            to_earn: 0,
            fixed_end: (terms.term_runs == TermRuns::FixedEnd).then_some(until),
            last_end: None,
            services: Vec::new(),
            last_start: LastStart::default(),
            parts: parts.into(),
            signed: false,
            recognised: Money::ZERO,
            unbilled: Money::ZERO,
            terminated: Money::ZERO,
            gone: Money::ZERO,
            received: Money::ZERO,
            credited: Money::ZERO,
            refunded: Money::ZERO,
        };
        if book.apart.is_some() {
            book.price = (0..book.parts.len()).map(|part| book.net_price(part)).sum();
        }
        book
    }

    /// Stretches of service of the tranches that have started, in the order they were accepted.
    pub fn services(&self) -> &[Service] {
        &self.services
    }

    /// What the tranches in service will bill in `[from, until)`, net of what was paid in advance.
    pub fn cash_ahead(&self, from: Day, until: Day) -> Money {
        let revenue = self.lines.between(from, until);
        revenue - self.prepaid_part(revenue)
    }

    /// What becomes of it once the books are closed: its stretches of service.
    pub fn into_services(self) -> Vec<Service> {
        self.services
    }

    /// Makes room for what a trial will tell, out of a list that is no longer needed.
    pub fn make_room(&mut self, mut services: Vec<Service>) {
        services.clear();
        services.reserve(self.parts.len());
        self.services = services;
    }

    /// Its terms.
    pub fn terms(&self) -> &'s Contract {
        self.terms
    }

    /// Price of everything at signing, before all that is expected to lower it.
    pub fn total(&self) -> Money {
        self.total
    }

    /// The transaction price at signing: the whole price less service credits as expected and what
    /// is paid to the customer (ASC 606-10-32-5, 32-25). Damages lower it when they are owed.
    pub fn price(&self) -> Money {
        self.price
    }

    /// Paid to the customer.
    pub fn consideration(&self) -> Money {
        self.apart.as_ref().map_or(Money::ZERO, |apart| apart.consideration)
    }

    /// Cash to be paid in advance, for what has not been terminated.
    pub fn prepayment(&self) -> Money {
        self.prepaid_part(self.total - self.gone)
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

    /// The day that ends all service whatever has started, once it is known.
    pub fn fixed_end(&self) -> Option<Day> {
        self.fixed_end
    }

    /// First day after all service; `None` while a tranche has not started.
    pub fn end(&self) -> Option<Day> {
        self.last_end.filter(|_| self.waiting == 0)
    }

    /// Last day that the books wait for: the end of service; where tranches have not started, at
    /// least a month after the scheduled end (semantics M11).
    pub fn horizon(&self) -> Day {
        let scheduled = self.scheduled_end().add_months(1);
        self.end().unwrap_or_else(|| self.last_end.map_or(scheduled, |end| end.max(scheduled)))
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
    /// early one is allowed (semantics M3). `None` too if the contract does not cover the unit, if
    /// it was accepted before, or if its tranche is over.
    pub fn accept(&mut self, unit: u32, day: Day) -> Option<Day> {
        let at = self.terms.units.binary_search(&unit).ok()?;
        self.accept_at(at, day)
    }

    /// As [`ContractBook::accept`], of the unit at a place in the contract's list of units.
    pub fn accept_at(&mut self, at: usize, day: Day) -> Option<Day> {
        let part = self.part_of[at] as usize;
        if self.missing[part] == 0 {
            return None;
        }
        if let Some(accepted) = self.accepted.get_mut(at)
            && std::mem::replace(accepted, true)
        {
            return None;
        }
        self.missing[part] -= 1;
        if self.missing[part] > 0 {
            return None;
        }
        let scheduled = self.terms.scheduled_start;
        let start = if self.terms.early_start { day } else { day.max(scheduled) };
        self.start(part, day, start);
        Some(start)
    }

    /// The end of a contract that ends on one day: what never started is lost. What is left of the
    /// prepayment beyond the credits still to come goes back to the customer.
    pub fn finish(&mut self, day: Day) -> Money {
        for part in 0..self.parts.len() {
            if self.missing[part] > 0 {
                self.missing[part] = 0;
                self.waiting -= 1;
                self.resolved += self.net_price(part);
                self.impair(part);
            }
        }
        self.last_end = self.last_end.max(self.fixed_end);
        // The lines are read to their end, so that what is lost and refunded is known to the
        // millionth; the month's invoice still carries it.
        self.unbilled += self.lines.take(day);
        let posted = self.apart.as_ref().map_or(Money::ZERO, |a| a.impaired - a.impaired_now);
        let earned = self.recognised + self.unbilled + posted;
        self.to_earn = i128::from(earned.0) << Meter::SCALE_BITS;
        let mut billing = earned;
        if let Some(apart) = &mut self.apart {
            apart.gross_unbilled += apart.billing.take(day);
            apart.used_up_unbilled += apart.used_up.take(day);
            billing = apart.gross + apart.gross_unbilled;
        }
        let credits = self.prepaid_part(billing);
        let refund = (self.received - self.refunded - credits).max(Money::ZERO);
        self.refunded += refund;
        refund
    }

    /// The customer ends every tranche that is not in service and takes back what it prepaid for
    /// them (finance-mechanics 7). No damages are owed for what never started.
    pub fn terminate(&mut self, day: Day) -> Termination {
        let (mut told, before) = (Termination::default(), self.gone);
        for part in 0..self.parts.len() {
            if self.missing[part] > 0 {
                self.missing[part] = 0;
                self.waiting -= 1;
                told.tranches += 1;
                self.gone += self.parts[part].total;
                self.resolved += self.net_price(part);
                told.price += self.net_price(part) + self.impair(part);
            }
        }
        self.terminated += told.price;
        if self.received > Money::ZERO {
            told.refund = self.prepaid_part(self.gone - before).min(self.liability());
            self.refunded += told.refund;
        }
        self.all_started(day);
        told
    }

    /// Closes a month at the start of `day`: what it earned and what of the prepayment it used.
    ///
    /// The prepaid share of everything billed is credited, as far as the advance has been received
    /// and the month's own amount allows (finance-mechanics 5). An advance that comes after service
    /// has begun is caught up with by later invoices; one that comes too late for them stays a
    /// liability. Damages are credited on the first invoices, as far as these go.
    pub fn close_month(&mut self, day: Day) -> Invoice {
        self.extend_to(day);
        let revenue = self.lines.take(day) + std::mem::take(&mut self.unbilled);
        let over = self.waiting == 0 && self.last_end.is_none_or(|end| end <= day);
        let contracted = self.projection.take(day);
        let watt_days = self.load.take(day);
        let Some(apart) = &mut self.apart else {
            self.recognised += revenue;
            let credit = self.credit(self.recognised, revenue);
            let billed = revenue - credit;
            let outside_rpo = if self.is_lease() { revenue } else { Money::ZERO };
            let invoice =
                Invoice { revenue, credit, billed, contracted, watt_days, ..Invoice::default() };
            return Invoice { outside_rpo, ..invoice };
        };
        let impaired = apart.impaired_now;
        let revenue = revenue - impaired;
        self.recognised += revenue;
        let (_, mut net, amortised) = apart.close_month(self.terms.credits, day);
        // Rounding never bills ahead of revenue; what it leaves goes with the last invoice.
        let ahead = apart.net - self.recognised - apart.amortised;
        if over || ahead > Money::ZERO {
            (apart.net, net) = (apart.net - ahead, net - ahead);
        }
        let (gross, relet) = (apart.gross, apart.relet.take(day));
        let lowered = apart.damages > Money::ZERO || self.terms.credits > Share::ZERO;
        let credit = self.credit(gross, net);
        let refund = if over && lowered { self.liability() } else { Money::ZERO };
        self.refunded += refund;
        Invoice {
            revenue: revenue + relet,
            outside_rpo: if self.is_lease() { revenue + relet } else { relet },
            credit,
            billed: net - credit + relet,
            unbilled: revenue + amortised - net,
            amortised,
            contracted,
            refund,
            watt_days,
        }
    }

    /// What of the advance the invoice of `net` uses up when so much has been billed in all.
    fn credit(&mut self, billed: Money, net: Money) -> Money {
        let due = self.prepaid_part(billed) - self.credited;
        let credit = due.min(self.liability()).min(net).max(Money::ZERO);
        self.credited += credit;
        credit
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

    /// Earned and not yet billed.
    pub fn asset(&self) -> Money {
        let apart = self.apart.as_ref();
        apart.map_or(Money::ZERO, |apart| self.recognised + apart.amortised - apart.net)
    }

    /// Of what was promised to the customer, not yet used up.
    pub fn consideration_left(&self) -> Money {
        match &self.apart {
            Some(apart) if self.signed => apart.consideration - apart.amortised,
            Some(apart) => -apart.amortised,
            None => Money::ZERO,
        }
    }

    pub(super) fn is_lease(&self) -> bool {
        self.terms.accounting == Accounting::OperatingLease
    }

    pub(super) fn impaired(&self) -> Money {
        self.apart.as_ref().map_or(Money::ZERO, |apart| apart.impaired)
    }

    /// What the tranches that started earn over their life.
    fn earning(&self) -> Money {
        let micros = shift_half_even(self.to_earn + self.tail.to_earn(), Meter::SCALE_BITS);
        Money(i64::try_from(micros).expect("money within 9 million million")) - self.impaired()
    }

    /// Owed for delay by the tranches that started.
    pub fn damages(&self) -> Money {
        self.apart.as_ref().map_or(Money::ZERO, |apart| apart.damages)
    }

    /// Price lost so far to slips against an end (negative: won by an early start).
    pub fn lost(&self) -> Money {
        self.resolved - self.earning() - self.damages() - self.terminated
    }

    /// Remaining performance obligation: signed, not recognised, not lost (finance-mechanics 9). An
    /// operating lease has none (finance-mechanics 1).
    pub fn rpo(&self) -> Money {
        self.obligation().rpo()
    }

    /// Whether at the start of `day` what remains of its price counts as remaining performance
    /// obligation, or as backlog beyond it.
    pub fn counts_as_rpo(&self, day: Day) -> bool {
        !self.is_lease() && self.terms.rpo_from.is_none_or(|from| from < day)
    }

    /// As [`ContractBook::rpo`], where it counts as such at the start of `day`.
    pub fn rpo_on(&self, day: Day) -> Money {
        if self.counts_as_rpo(day) { self.rpo() } else { Money::ZERO }
    }

    /// What made the remaining performance obligation what it is; nothing for a lease.
    pub fn obligation(&self) -> Obligation {
        if self.is_lease() { Obligation::default() } else { self.committed() }
    }

    /// Committed by the customer beyond the remaining performance obligation at the start of `day`:
    /// what is still to be earned of a lease, or of a price that does not count as such yet, and
    /// what the contract states so until its service is over (finance-mechanics 9: backlog is
    /// both).
    pub fn beyond_rpo(&self, day: Day) -> Money {
        let over = self.waiting == 0 && self.last_end.is_none_or(|end| end <= day);
        let stated = if self.signed && !over { self.beyond } else { Money::ZERO };
        if self.counts_as_rpo(day) { stated } else { stated + self.committed().rpo() }
    }

    /// As [`ContractBook::obligation`], whatever the contract is taken for.
    pub fn committed(&self) -> Obligation {
        if !self.signed {
            return Obligation::default();
        }
        Obligation {
            signed: self.price,
            damages: self.damages(),
            lost: self.lost(),
            terminated: self.terminated,
            revenue: self.recognised,
        }
    }
}
