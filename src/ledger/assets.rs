//! From construction in progress to service, and depreciation.
//!
//! Walls and plant go in service with their hall, racks with their unit (semantics C3): the cost of
//! works without a hall moves at each hall's RFS in proportion to the hall's share of the IT power
//! not yet ready, the works of a hall wholly at its RFS, later cost at once. A move takes all that
//! its part has cost, capitalised interest included (finance-mechanics 10), and depreciates
//! straight-line from that day over the life of its class, by the convention of the class
//! (finance-mechanics 11; ASC 360-10-35-4).

use super::EntryCause;
use super::account::Account;
use super::books::Books;
use super::collateral::InProgress;
use super::depreciation::Depreciation;
use crate::model::Site;
use crate::model::terms::{AssetClass, OpeningAsset};
use crate::money::Money;
use crate::time::Day;

/// Cost in progress by where it will go in service, and the depreciation of what has.
#[derive(Clone, Debug)]
pub(super) struct Assets {
    /// Works without a hall, by class.
    site: [Money; 4],
    /// Works of each hall, by class.
    halls: Vec<[Money; 4]>,
    ready: Vec<bool>,
    /// IT watts of the halls not yet ready.
    waiting_watts: i64,
    halls_waiting: usize,
    /// Racks in progress, and the interest capitalised on them.
    racks: Money,
    racks_interest: Money,
    depreciation: [Depreciation; 4],
}

impl Assets {
    pub(super) fn new(site: &Site) -> Assets {
        let opens = site.terms.opens;
        Assets {
            site: [Money::ZERO; 4],
            halls: vec![[Money::ZERO; 4]; site.halls.len()],
            ready: vec![false; site.halls.len()],
            waiting_watts: site.halls.iter().map(|hall| hall.it_power.0).sum(),
            halls_waiting: site.halls.len(),
            racks: Money::ZERO,
            racks_interest: Money::ZERO,
            depreciation: AssetClass::ALL
                .map(|class| Depreciation::new(&site.terms.lives, class, opens)),
        }
    }

    pub(super) fn add_racks(&mut self, cost: Money) {
        self.racks += cost;
    }

    /// Racks in progress at cost, without interest.
    pub(super) fn racks(&self) -> Money {
        self.racks
    }

    /// All that is in progress.
    ///
    /// Cost: one visit of each hall until the last is ready, whose works have all been moved then.
    pub(super) fn in_progress(&self) -> Money {
        let halls = if self.halls_waiting > 0 { &self.halls[..] } else { &[] };
        let works = self.site.iter().chain(halls.iter().flatten()).copied();
        works.sum::<Money>() + self.racks + self.racks_interest
    }

    /// Works of halls that are ready, which have none.
    pub(super) fn in_ready_halls(&self) -> Money {
        let ready = self.halls.iter().zip(&self.ready).filter(|hall| *hall.1);
        ready.flat_map(|hall| hall.0).copied().sum()
    }

    /// What of it a lender may hold as collateral.
    pub(super) fn collateral_in_progress(&self) -> InProgress {
        let plant = class_at(AssetClass::Plant);
        let halls: Money = self.halls.iter().map(|hall| hall[plant]).sum();
        InProgress { racks: self.racks + self.racks_interest, plant: self.site[plant] + halls }
    }

    /// The same at some premises; racks are told apart elsewhere.
    pub(super) fn plant_in_progress_at(&self, site: &Site, premises: &[u32]) -> Money {
        let halls = site.halls.iter().zip(&self.halls);
        let own = halls.filter(|(hall, _)| premises.contains(&hall.premises));
        own.map(|(_, pools)| pools[class_at(AssetClass::Plant)]).sum()
    }

    /// Adds interest to every part in progress in proportion to its cost, exactly.
    pub(super) fn spread_interest(&mut self, interest: Money) {
        if interest == Money::ZERO {
            return;
        }
        let (mut left, mut weight) = (interest, self.in_progress());
        let mut share = |cost: Money| {
            let part = left.scaled(i128::from(cost.0), i128::from(weight.0.max(1)));
            left -= part;
            weight -= cost;
            part
        };
        for pool in self.site.iter_mut().chain(self.halls.iter_mut().flatten()) {
            if *pool > Money::ZERO {
                *pool += share(*pool);
            }
        }
        self.racks_interest += share(self.racks + self.racks_interest);
    }
}

fn class_at(class: AssetClass) -> usize {
    class as usize
}

impl Books<'_> {
    /// Adds the cost of works where it belongs; the account it is booked to.
    pub(super) fn add_works(
        &mut self,
        hall: Option<u32>,
        class: AssetClass,
        day: Day,
        money: Money,
    ) -> Account {
        let assets = &mut self.assets;
        let in_service = match hall {
            Some(hall) => assets.ready[hall as usize],
            None => assets.halls_waiting == 0 && !assets.ready.is_empty(),
        };
        if in_service {
            self.flows.placed_in_service += money;
            self.depreciate(class, day, money, hall);
            return Account::InService;
        }
        let pools = match hall {
            Some(hall) => &mut assets.halls[hall as usize],
            None => &mut assets.site,
        };
        pools[class_at(class)] += money;
        Account::Cip
    }

    pub(super) fn hall_ready(&mut self, hall: u32, day: Day) {
        let spec = &self.site.halls[hall as usize];
        let assets = &mut self.assets;
        if std::mem::replace(&mut assets.ready[hall as usize], true) {
            return;
        }
        assets.halls_waiting -= 1;
        let last = assets.halls_waiting == 0;
        let (watts, waiting) = (i128::from(spec.it_power.0), i128::from(assets.waiting_watts));
        assets.waiting_watts -= spec.it_power.0;
        for class in AssetClass::ALL {
            let at = class_at(class);
            let assets = &mut self.assets;
            let pool = assets.site[at];
            let share = if last { pool } else { pool.scaled(watts, waiting.max(1)) };
            assets.site[at] -= share;
            let own = std::mem::take(&mut assets.halls[hall as usize][at]);
            self.place((EntryCause::HallReady(hall), hall), class, day, share + own);
        }
        self.running.hall_ready(self.site, hall, day);
        self.start_lease_when_ready(hall, day);
    }

    /// Racks of one unit go in service with their share of the interest.
    pub(super) fn place_racks(&mut self, unit: u32, day: Day, cost: Money) {
        let assets = &mut self.assets;
        let all = i128::from(assets.racks.0.max(1));
        let interest = assets.racks_interest.scaled(i128::from(cost.0), all);
        assets.racks -= cost;
        assets.racks_interest -= interest;
        let hall = self.site.units[unit as usize].hall;
        let cause = (EntryCause::UnitInService(unit), hall);
        self.place(cause, AssetClass::Technology, day, cost + interest);
    }

    fn place(
        &mut self,
        (cause, hall): (EntryCause, u32),
        class: AssetClass,
        day: Day,
        money: Money,
    ) {
        if money != Money::ZERO {
            self.flows.placed_in_service += money;
            self.ledger.post(day, cause, &[(Account::InService, money), (Account::Cip, -money)]);
            self.depreciate(class, day, money, Some(hall));
        }
    }

    /// Takes over what is in service when the books open: at cost, less what its life has charged
    /// by then; it is the owners' contribution.
    pub(super) fn take_over(&mut self, asset: &OpeningAsset) {
        let terms = &self.site.terms;
        let day = asset.in_service.min(terms.opens);
        let cost = terms.fx.convert(asset.cost, terms.opens);
        let depreciation = &mut self.assets.depreciation[class_at(asset.class)];
        let left = depreciation.take_over(&terms.lives, day, cost, terms.opens);
        if let Some(collateral) = &mut self.collateral {
            collateral.in_service(asset.class, day, cost, 0);
            if asset.class == AssetClass::Technology {
                collateral.delivered(day, cost, 0);
            }
        }
        self.flows.capex_before += cost;
        self.flows.placed_in_service += cost;
        let lines = [
            (Account::InService, cost),
            (Account::AccumulatedDepreciation, left - cost),
            (Account::Contributed, -left),
        ];
        self.ledger.post(terms.opens, EntryCause::Opening, &lines);
    }

    fn depreciate(&mut self, class: AssetClass, day: Day, money: Money, hall: Option<u32>) {
        if let Some(collateral) = &mut self.collateral {
            let by_place = self.funds.places.is_some();
            let hall = hall.filter(|_| by_place);
            let premises = hall.map_or(0, |hall| self.site.halls[hall as usize].premises);
            collateral.in_service(class, day, money, premises);
        }
        self.assets.depreciation[class_at(class)].add(&self.site.terms.lives, day, money);
    }

    /// The estimate of the life of a class changes.
    pub(super) fn change_life(&mut self, class: u32, day: Day) {
        let changes = &self.site.terms.lives.changes[class as usize];
        if let Some(&to) = changes.iter().find(|change| change.on == day) {
            self.assets.depreciation[class as usize].change(to);
        }
    }

    pub(super) fn close_depreciation(&mut self, close: Day) {
        let lines = &mut self.assets.depreciation;
        let mut month = Money::ZERO;
        for (class, lines) in AssetClass::ALL.into_iter().zip(lines) {
            let charge = lines.take(close);
            month += charge;
            if class == AssetClass::Technology {
                self.flows.depreciation_technology += charge;
            }
        }
        self.flows.depreciation += month;
        let lines = [(Account::Depreciation, month), (Account::AccumulatedDepreciation, -month)];
        self.ledger.post(close + -1, EntryCause::Depreciation, &lines);
    }
}
