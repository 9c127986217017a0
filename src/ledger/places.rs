//! Cost, racks and contracts by premises: what a loan reads that belongs to some sites of a
//! portfolio. Kept only where there is such a loan.
//!
//! Works belong to the premises of their hall, else to the site whose name their activity begins
//! with. Racks belong to a site once a unit of it has taken them out of the store, as far as they
//! are paid. Interest that is funded like works belongs to none. A contract counts by the share of
//! its IT power that stands in the loan's sites.

use std::collections::BTreeMap;

use super::EntryCause;
use crate::model::Site;
use crate::model::terms::{Eligible, Loan};
use crate::money::Money;
use crate::time::Day;
use crate::unit::ItPower;

/// Capital cost by what it is for.
#[derive(Clone, Debug)]
pub(super) struct Places {
    /// Invoices not yet paid, by due date; racks or works.
    due: BTreeMap<(Day, bool), Vec<(Whose, Money)>>,
    /// Paid for works and, on acceptance, for racks, by premises.
    works: Vec<Money>,
    accepted: Vec<Money>,
    lots: Vec<LotPlaces>,
    /// Service billed and to be billed by month, by loan; only of those with sites.
    realized: Vec<Vec<(Money, Money)>>,
}

/// Whose invoice it is: of works or of accepted racks at premises, or of a lot.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Whose {
    Works(u32),
    Accepted(u32),
    Lot(u32),
}

#[derive(Clone, Debug, Default)]
struct LotPlaces {
    paid: Money,
    /// Racks that units have taken, by premises.
    taken: Vec<(u32, u32)>,
}

impl Places {
    pub(super) fn of(site: &Site) -> Option<Places> {
        let premises = site.premises.len();
        site.terms.loans.iter().any(|loan| !loan.premises.is_empty()).then(|| Places {
            due: BTreeMap::new(),
            works: vec![Money::ZERO; premises],
            accepted: vec![Money::ZERO; premises],
            lots: vec![LotPlaces::default(); site.lots.len()],
            realized: vec![Vec::new(); site.terms.loans.len()],
        })
    }

    /// An invoice that is to be paid on a day.
    pub(super) fn invoice(&mut self, site: &Site, due: (Day, bool), cause: EntryCause, sum: Money) {
        let whose = match cause {
            EntryCause::ActivityInvoice(activity) => Whose::Works(premises_of(site, activity)),
            EntryCause::UnitAccepted(unit) => Whose::Accepted(site.premises_of_unit(unit)),
            EntryCause::LotOrdered(lot) | EntryCause::LotDelivered(lot) => Whose::Lot(lot),
            _ => return,
        };
        self.due.entry(due).or_default().push((whose, sum));
    }

    /// So much of what is due on a day is paid, in the order of the invoices; which they were.
    pub(super) fn pay(&mut self, due: (Day, bool), mut amount: Money) -> Vec<(Whose, Money)> {
        let mut list = self.due.remove(&due).unwrap_or_default();
        let mut paid = Vec::new();
        for (whose, owed) in &mut list {
            // What rounding leaves may be a millionth below nothing.
            let part = (*owed).min(amount.max(Money::ZERO));
            *owed -= part;
            amount -= part;
            *self.book(*whose) += part;
            paid.push((*whose, part));
        }
        list.retain(|invoice| invoice.1 != Money::ZERO);
        if !list.is_empty() {
            self.due.insert(due, list);
        }
        paid
    }

    /// Of what was to be paid so much is not: it falls due on another day.
    pub(super) fn put_off(&mut self, paid: Vec<(Whose, Money)>, mut late: Money, to: (Day, bool)) {
        for (whose, amount) in paid.into_iter().rev() {
            let part = amount.min(late.max(Money::ZERO));
            late -= part;
            *self.book(whose) -= part;
            if part != Money::ZERO {
                self.due.entry(to).or_default().push((whose, part));
            }
        }
    }

    fn book(&mut self, whose: Whose) -> &mut Money {
        match whose {
            Whose::Works(place) => &mut self.works[place as usize],
            Whose::Accepted(place) => &mut self.accepted[place as usize],
            Whose::Lot(lot) => &mut self.lots[lot as usize].paid,
        }
    }

    /// A unit takes racks of a lot.
    pub(super) fn take(&mut self, lot: u32, premises: u32, racks: u32) {
        let taken = &mut self.lots[lot as usize].taken;
        match taken.iter_mut().find(|taken| taken.0 == premises) {
            Some(taken) => taken.1 += racks,
            None => taken.push((premises, racks)),
        }
    }

    /// Cost of works and of racks paid at the premises of a loan.
    pub(super) fn paid(&self, site: &Site, loan: &Loan) -> [Money; 2] {
        let sum = |of: &[Money]| -> Money {
            loan.premises.iter().map(|&premises| of[premises as usize]).sum()
        };
        let mut racks = sum(&self.accepted);
        for (lot, book) in site.lots.iter().zip(&self.lots) {
            let own = book.taken.iter().filter(|taken| loan.premises.contains(&taken.0));
            let own: u32 = own.map(|taken| taken.1).sum();
            racks += book.paid.scaled(own.into(), lot.racks.max(1).into());
        }
        match loan.draws.eligible {
            Eligible::All => [sum(&self.works), racks],
            Eligible::Works => [sum(&self.works), Money::ZERO],
            Eligible::Racks => [Money::ZERO, racks],
        }
    }

    /// A month of the contracts, as each loan with sites sees it.
    pub(super) fn realize(&mut self, site: &Site, contract: usize, billed: Money, due: Money) {
        for (loan, months) in site.terms.loans.iter().zip(&mut self.realized) {
            if loan.premises.is_empty() {
                continue;
            }
            if contract == 0 {
                months.push((Money::ZERO, Money::ZERO));
            }
            let month = months.last_mut().expect("the first contract begins the month");
            let part = |money: Money| part_of(site, loan, contract, money);
            (month.0, month.1) = (month.0 + part(billed), month.1 + part(due));
        }
    }

    /// Billed and to be billed by month, of the sites of a loan.
    pub(super) fn realized(&self, loan: u32) -> &[(Money, Money)] {
        &self.realized[loan as usize]
    }
}

/// Of money of a contract, what belongs to the sites of a loan: all of it where it names none.
pub(super) fn part_of(site: &Site, loan: &Loan, contract: usize, money: Money) -> Money {
    if loan.premises.is_empty() {
        return money;
    }
    let units = &site.terms.contracts[contract].units;
    let power = |unit: &u32| site.units[*unit as usize].it_power;
    let all: ItPower = units.iter().map(power).sum();
    let own = units.iter().filter(|&&unit| loan.premises.contains(&site.premises_of_unit(unit)));
    let own: ItPower = own.map(power).sum();
    money.scaled(own.0.into(), all.0.max(1).into())
}

/// Whether two loans are secured by a site that both name.
pub(super) fn overlap(one: &Loan, other: &Loan) -> bool {
    one.premises.iter().any(|premises| other.premises.contains(premises))
}

/// The premises of an activity: of its hall, else of the site that its name begins with, else the
/// portfolio's own.
fn premises_of(site: &Site, activity: u32) -> u32 {
    let activity = &site.plan.activities[activity as usize];
    if let Some(hall) = activity.hall {
        return site.halls[hall as usize].premises;
    }
    let name = activity.id.split_once('/').map(|(name, _)| name);
    let found = name.and_then(|name| site.premises.iter().position(|of| of.id == name));
    found.unwrap_or(0) as u32
}
