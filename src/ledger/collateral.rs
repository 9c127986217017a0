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
    racks_in_service: Vec<(Day, Money)>,
    racks_delivered: Vec<(Day, Money)>,
    plant_in_service: Vec<(Day, Money)>,
}

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
    pub(super) fn racks(&self, site: &Site, how: Collateral, day: Day) -> Money {
        let parts = self.parts(site, how, day);
        parts.iter().filter(|part| part.what != PLANT).map(|part| part.value).sum()
    }

    pub(super) fn delivered(&mut self, day: Day, cost: Money) {
        add(&mut self.racks_delivered, day, cost);
    }

    pub(super) fn in_service(&mut self, class: AssetClass, day: Day, cost: Money) {
        match class {
            AssetClass::Technology => add(&mut self.racks_in_service, day, cost),
            AssetClass::Plant => add(&mut self.plant_in_service, day, cost),
            AssetClass::Building | AssetClass::FitOut => {}
        }
    }

    /// What all of it is worth at the start of `day`.
    pub(super) fn value(
        &self,
        site: &Site,
        how: Collateral,
        day: Day,
        progress: InProgress,
    ) -> Money {
        let parts: Money = self.parts(site, how, day).iter().map(|part| part.value).sum();
        let racks = if from_delivery(how) { Money::ZERO } else { progress.racks };
        parts + racks + progress.plant
    }

    /// Its parts and their worth at the start of `day`, without what is in progress at cost.
    pub fn parts(&self, site: &Site, how: Collateral, day: Day) -> Vec<CollateralPart> {
        let lives = &site.terms.lives;
        let (what, list) = match from_delivery(how) {
            true => ("racks delivered", &self.racks_delivered),
            false => ("racks in service", &self.racks_in_service),
        };
        let before = |list: &[(Day, Money)]| list.partition_point(|&(since, _)| since < day);
        let racks = list[..before(list)].iter().map(|&(since, cost)| {
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
        let plant = plant[..before(plant)].iter().map(|&(since, cost)| CollateralPart {
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

/// Costs of one day together, in order of days.
fn add(list: &mut Vec<(Day, Money)>, day: Day, cost: Money) {
    match list.last_mut() {
        Some(last) if last.0 == day => last.1 += cost,
        Some(last) if last.0 > day => {
            let at = list.partition_point(|&(since, _)| since <= day);
            list.insert(at, (day, cost));
        }
        _ => list.push((day, cost)),
    }
}

fn left(in_service: Day, cost: Money, months: u32, day: Day) -> Money {
    let line = StraightLine { base: cost, in_service, months, convention: Convention::Daily };
    cost - line.charged_by(day)
}
