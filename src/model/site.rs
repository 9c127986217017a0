//! The things a site is made of, and the dates it was promised for.

use std::ops::Range;

use super::terms::{Energy, Shell};
use super::{Plan, Portfolio, Terms, Uncertainty};
use crate::money::Amount;
use crate::time::Day;
use crate::unit::{FacilityPower, GridPower, ItPower, Share, mul_div};

/// A checked site: everything resolved, everything consistent.
#[derive(Clone, Debug)]
pub struct Site {
    /// Short name, e.g. `london-blackwell-ultra`.
    pub id: String,
    /// What to call it on screen.
    pub title: String,
    /// Activities, links, crews.
    pub plan: Plan,
    /// Promised dates; read for comparison, never by the simulation (semantics T6).
    pub baseline: Baseline,
    /// Places with terms of their own for power and walls: one, unless sites are run together.
    pub premises: Vec<Premises>,
    /// Energisation stages in file order.
    pub stages: Vec<Stage>,
    /// Halls in file order.
    pub halls: Vec<Hall>,
    /// Units of all halls, hall by hall.
    pub units: Vec<Unit>,
    /// Rack platforms; the store of a platform has its index.
    pub platforms: Vec<Platform>,
    /// Lots in file order.
    pub lots: Vec<Lot>,
    /// Money in and out.
    pub terms: Terms,
    /// What may turn out otherwise; read by `risk` alone.
    pub uncertainty: Uncertainty,
    /// The sites that it is made of, where it is a portfolio.
    pub portfolio: Option<Portfolio>,
}

impl Site {
    /// Promised finish of an activity: its own, or its hall's if it makes the hall ready.
    pub fn promised(&self, activity: u32) -> Option<Day> {
        let hall = self.halls.iter().position(|hall| hall.ready == activity);
        let of_hall = hall.and_then(|hall| self.baseline.hall(hall as u32));
        of_hall.or_else(|| self.baseline.activity(activity))
    }

    /// IT load of all units there will be.
    pub fn planned_it(&self) -> ItPower {
        self.units.iter().map(|unit| unit.it_power).sum()
    }

    /// Facility power of so much IT load at the average PUE; where premises differ, each counts as
    /// much as it is planned to hold.
    pub fn facility(&self, it: ItPower) -> FacilityPower {
        self.at(it, |power| power.pue)
    }

    /// As [`Site::facility`], at the peak PUE.
    pub fn peak_facility(&self, it: ItPower) -> FacilityPower {
        self.at(it, |power| power.peak_pue)
    }

    fn at(&self, it: ItPower, pue: fn(&Power) -> Share) -> FacilityPower {
        let planned = self.planned_it();
        if let [only] = &self.premises[..] {
            return it.at_pue(pue(&only.power));
        }
        let of = |unit: &Unit| unit.it_power.at_pue(pue(&self.premises_of(unit.hall).power)).0;
        let whole: i64 = self.units.iter().map(of).sum();
        FacilityPower(mul_div(it.0, i128::from(whole), i128::from(planned.0.max(1))))
    }

    /// Apparent power of all stages.
    pub fn apparent_mva(&self) -> f64 {
        let of = |stage: &Stage| {
            let power = &self.premises[stage.premises as usize].power;
            stage.grid.mw() / power.power_factor.to_f64()
        };
        self.stages.iter().map(of).sum()
    }

    /// The place that a hall stands in.
    pub fn premises_of(&self, hall: u32) -> &Premises {
        &self.premises[self.halls[hall as usize].premises as usize]
    }

    /// The premises of a unit, as an index.
    pub fn premises_of_unit(&self, unit: u32) -> u32 {
        self.halls[self.units[unit as usize].hall as usize].premises
    }

    /// The name that draws of something of the site go by: with the site in front, as it stands in
    /// a portfolio, so that a site alone draws what it draws there (semantics R1).
    pub fn full_name(&self, name: &str) -> String {
        match self.portfolio {
            Some(_) => name.to_owned(),
            None => format!("{}/{name}", self.id),
        }
    }

    /// GPUs in all units there will be.
    pub fn planned_gpus(&self) -> u64 {
        self.units.iter().map(|unit| u64::from(unit.gpus)).sum()
    }
}

/// A place with its own power, its own energy price and its own walls.
#[derive(Clone, Debug)]
pub struct Premises {
    /// Name of the site it is.
    pub id: String,
    /// PUE, power factor, headroom.
    pub power: Power,
    /// Energy and grid charges.
    pub energy: Energy,
    /// Who owns the walls.
    pub shell: Shell,
}

/// Conversion factors between grid, facility and IT power (semantics C1).
#[derive(Clone, Copy, Debug)]
pub struct Power {
    /// Average PUE: energy bought.
    pub pue: Share,
    /// Peak PUE: what can be switched on.
    pub peak_pue: Share,
    /// Real power over apparent power.
    pub power_factor: Share,
    /// Share of the grid import that is kept free.
    pub headroom: Share,
}

/// An energisation stage: grid power made live by the finish of an activity.
#[derive(Clone, Debug)]
pub struct Stage {
    /// Id of its activity.
    pub id: String,
    /// Index of its activity.
    pub activity: u32,
    /// Real power that may be imported once it is live.
    pub grid: GridPower,
    /// Index into [`Site::premises`].
    pub premises: u32,
}

/// A data hall.
#[derive(Clone, Debug)]
pub struct Hall {
    /// e.g. `hall-3`.
    pub id: String,
    /// Index into [`Site::premises`].
    pub premises: u32,
    /// IT power it is built for; reserved on its stages, used or not (semantics C2).
    pub it_power: ItPower,
    /// What each stage reserves for it, in the order in which the hall fills up.
    pub feeds: Vec<Feed>,
    /// The activity whose finish makes it ready for service.
    pub ready: u32,
    /// Its units, as indices into [`Site::units`].
    pub units: Range<u32>,
}

impl Hall {
    /// Activities of the stages that feed it.
    pub fn stage_activities<'s>(&'s self, stages: &'s [Stage]) -> impl Iterator<Item = u32> + 's {
        self.feeds.iter().map(|feed| stages[feed.stage as usize].activity)
    }
}

/// Facility power that a stage reserves for a hall.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Feed {
    /// Index into [`Site::stages`].
    pub stage: u32,
    /// Reserved for the hall at peak PUE.
    pub facility: FacilityPower,
}

/// A scalable unit: the smallest block of racks that is accepted as one (semantics C5).
#[derive(Clone, Debug)]
pub struct Unit {
    /// e.g. `hall-3.unit-07`.
    pub id: String,
    /// Index into [`Site::halls`].
    pub hall: u32,
    /// Index into [`Site::platforms`].
    pub platform: u32,
    /// Racks it takes out of the store.
    pub racks: u32,
    /// GPUs in those racks.
    pub gpus: u32,
    /// IT load of those racks with their share of network, storage and pumps.
    pub it_power: ItPower,
}

/// A rack design.
#[derive(Clone, Debug)]
pub struct Platform {
    /// e.g. `gb300-nvl72`.
    pub id: String,
    /// GPUs in one rack.
    pub gpus_per_rack: u32,
    /// Load of one rack.
    pub rack_power: ItPower,
    /// Rack load times this is IT load (network, storage, pumps).
    pub it_overhead: Share,
}

/// Racks that arrive together.
#[derive(Clone, Debug)]
pub struct Lot {
    /// e.g. `lot-2`.
    pub id: String,
    /// Index into [`Site::platforms`].
    pub platform: u32,
    /// How many.
    pub racks: u32,
    /// Day it was ordered where the file states one (or its order activity starts it).
    pub ordered: Option<Day>,
    /// Index of the activity whose finish delivers it.
    pub delivery: u32,
    /// Price of one rack, if the platform or lot has one.
    pub price_per_rack: Option<Amount>,
}

/// Dates that were promised, with where and when (semantics T6).
#[derive(Clone, Debug, Default)]
pub struct Baseline {
    /// Where the plan comes from, in the file's words.
    pub source: Option<String>,
    /// Promised finish of activities: (activity, date), by activity.
    pub activities: Vec<(u32, Day)>,
    /// Promised ready-for-service day of halls: (hall, date).
    pub halls: Vec<(u32, Day)>,
    /// Promised day of the first, half and all of the capacity.
    pub first_online: Option<Day>,
    /// Half of the planned accepted load.
    pub half_online: Option<Day>,
    /// All of it.
    pub all_online: Option<Day>,
    /// Promised online IT power by date, ascending.
    pub capacity: Vec<(Day, ItPower)>,
}

impl Baseline {
    /// Promised finish of an activity.
    pub fn activity(&self, activity: u32) -> Option<Day> {
        let found = self.activities.binary_search_by_key(&activity, |&(a, _)| a).ok();
        found.map(|found| self.activities[found].1)
    }

    /// Promised ready-for-service day of a hall.
    pub fn hall(&self, hall: u32) -> Option<Day> {
        self.halls.iter().find(|(h, _)| *h == hall).map(|&(_, day)| day)
    }
}
