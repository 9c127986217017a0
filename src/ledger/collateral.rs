//! What racks and plant are worth to a lender (finance-mechanics 27, semantics M8).
//!
//! Collateral is technology and plant. Plant goes straight line over its accounting life. Racks go
//! over the accounting life from service, over a life of the lender's own from delivery or from
//! service, or by a market curve: the share of its cost that a rack is worth by calendar date. What
//! is in progress counts at cost; racks that go from delivery, or by a curve, count from there and
//! without capitalised interest. The lender's clock is apart from the accounting life: one may move
//! without the other.

use super::useful_life::carrying;
use super::{Convention, StraightLine};
use crate::model::Site;
use crate::model::covenants::{Collateral, CollateralClock, Test};
use crate::model::terms::{AssetClass, Loan, Repayment};
use crate::money::Money;
use crate::time::Day;

/// Cost that serves as collateral, by the day its value begins to fall.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CollateralBook {
    racks_in_service: Vec<Lump>,
    racks_delivered: Vec<Lump>,
    plant_in_service: Vec<Lump>,
}

/// The day a value begins to fall, a cost, and the premises it stands at: those of the portfolio
/// itself where no loan asks.
type Lump = (Day, Money, u32);

/// Where racks are that no unit has taken.
pub(super) const NOWHERE: u32 = u32::MAX;

/// A part of the collateral and its value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CollateralPart {
    /// The day its value began to fall.
    pub since: Day,
    /// What it is.
    pub what: &'static str,
    /// Its cost.
    pub cost: Money,
    /// What it is worth.
    pub value: Money,
}

/// What a part of plant is called.
const PLANT: &str = "plant in service";

/// Cost of racks and of plant that is not in service yet.
#[derive(Clone, Copy, Debug)]
pub(super) struct InProgress {
    pub racks: Money,
    pub plant: Money,
}

impl CollateralBook {
    /// Kept only where a covenant or a repayment reads it.
    pub(super) fn of(site: &Site) -> Option<CollateralBook> {
        let loans = &site.terms.loans;
        let mut covenants = loans.iter().flat_map(|loan| &loan.covenants);
        let tested = covenants.any(|covenant| matches!(covenant.test, Test::Ltv(_)));
        let repays = |loan: &Loan| matches!(loan.repayment, Repayment::GreaterOf(_));
        (tested || loans.iter().any(repays)).then(CollateralBook::default)
    }

    /// What the racks are worth at the start of `day`.
    pub(super) fn racks(&self, site: &Site, loan: &Loan, how: Collateral, day: Day) -> Money {
        let parts = self.parts_at(site, &loan.premises, how, day);
        parts.iter().filter(|part| part.what != PLANT).map(|part| part.value).sum()
    }

    pub(super) fn delivered(&mut self, day: Day, cost: Money, premises: u32) {
        add(&mut self.racks_delivered, day, cost, premises);
    }

    pub(super) fn in_service(&mut self, class: AssetClass, day: Day, cost: Money, premises: u32) {
        match class {
            AssetClass::Technology => add(&mut self.racks_in_service, day, cost, premises),
            AssetClass::Plant => add(&mut self.plant_in_service, day, cost, premises),
            AssetClass::Building | AssetClass::FitOut => {}
        }
    }

    /// What all of it is worth at the start of `day`.
    pub(super) fn value(
        &self,
        site: &Site,
        (loan, how): (&Loan, Collateral),
        day: Day,
        progress: InProgress,
    ) -> Money {
        let parts = self.parts_at(site, &loan.premises, how, day);
        let parts: Money = parts.iter().map(|part| part.value).sum();
        let racks = if from_delivery(how) { Money::ZERO } else { progress.racks };
        parts + racks + progress.plant
    }

    /// Its parts and their worth at the start of `day`, without what is in progress at cost.
    pub fn parts(&self, site: &Site, how: Collateral, day: Day) -> Vec<CollateralPart> {
        self.parts_at(site, &[], how, day)
    }

    /// As [`CollateralBook::parts`], at some premises; at all where none is named.
    pub fn parts_at(
        &self,
        site: &Site,
        premises: &[u32],
        how: Collateral,
        day: Day,
    ) -> Vec<CollateralPart> {
        let lives = &site.terms.lives;
        let (what, list) = match from_delivery(how) {
            true => ("racks delivered", &self.racks_delivered),
            false => ("racks in service", &self.racks_in_service),
        };
        let before = |list: &[Lump]| list.partition_point(|lump| lump.0 < day);
        let own = |lump: &&Lump| premises.is_empty() || premises.contains(&lump.2);
        let racks = list[..before(list)].iter().filter(own).map(|&(since, cost, _)| {
            let value = match how {
                Collateral::Curve { curve } => {
                    cost.share(site.terms.values[curve as usize].on(day + -1))
                }
                Collateral::Book => carrying(lives, AssetClass::Technology, (since, cost), day),
                Collateral::Life { months, .. } => left(since, cost, months, day),
            };
            CollateralPart { since, what, cost, value }
        });
        let plant = &self.plant_in_service;
        let plant = plant[..before(plant)].iter().filter(own);
        let plant = plant.map(|&(since, cost, _)| CollateralPart {
            since,
            what: PLANT,
            cost,
            value: carrying(lives, AssetClass::Plant, (since, cost), day),
        });
        racks.chain(plant).collect()
    }
}

fn from_delivery(how: Collateral) -> bool {
    let delivery = CollateralClock::Delivery;
    matches!(how, Collateral::Curve { .. })
        || matches!(how, Collateral::Life { clock, .. } if clock == delivery)
}

/// Costs of one day and place together, in order of days.
fn add(list: &mut Vec<Lump>, day: Day, cost: Money, premises: u32) {
    let from = list.partition_point(|lump| lump.0 < day);
    let until = from + list[from..].partition_point(|lump| lump.0 == day);
    match list[from..until].iter_mut().find(|lump| lump.2 == premises) {
        Some(lump) => lump.1 += cost,
        None => list.insert(until, (day, cost, premises)),
    }
}

fn left(in_service: Day, cost: Money, months: u32, day: Day) -> Money {
    let line = StraightLine { base: cost, in_service, months, convention: Convention::Daily };
    cost - line.charged_by(day)
}
