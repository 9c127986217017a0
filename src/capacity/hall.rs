//! One hall's three counters and which of them binds (semantics C4).

use crate::model::{EventKind, Site, Timeline};
use crate::time::Minute;
use crate::unit::{ItPower, mul_div};

/// The counter that holds a hall back.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Binds {
    /// Grid power of its stages.
    Power,
    /// Cooling.
    Cooling,
    /// Racks that are installed, tested and accepted.
    Acceptance,
    /// Nothing: all its units are online.
    Complete,
}

impl Binds {
    /// All terms, in the order of the chain.
    pub const ALL: [Binds; 4] = [Binds::Power, Binds::Cooling, Binds::Acceptance, Binds::Complete];

    /// What to call it on screen.
    pub fn name(self) -> &'static str {
        match self {
            Binds::Power => "power",
            Binds::Cooling => "cooling",
            Binds::Acceptance => "acceptance",
            Binds::Complete => "complete",
        }
    }
}

/// A hall's counters as steps.
#[derive(Clone, Debug)]
pub struct HallRamp {
    /// Ascending; the first is the start of the run.
    pub steps: Vec<HallStep>,
    /// When the hall became ready for service; `NEVER` if it did not.
    pub ready: Minute,
}

/// A hall's counters from an instant on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HallStep {
    /// From when.
    pub at: Minute,
    /// IT power that its live stages feed.
    pub energised: ItPower,
    /// IT power whose cooling is commissioned.
    pub cooled: ItPower,
    /// IT load of its accepted units.
    pub accepted: ItPower,
    /// The least of the three.
    pub online: ItPower,
    /// Which one that is.
    pub binds: Binds,
}

/// Counters of every hall.
pub fn ramps(site: &Site, timeline: &Timeline) -> Vec<HallRamp> {
    let start = timeline.events.first().map_or(site.plan.start, |event| event.at);
    let start = start.min(site.plan.start);
    let begin = |hall: &crate::model::Hall| Building::new(start, steps_of(hall));
    let mut building: Vec<Building> = site.halls.iter().map(begin).collect();
    let mut live = vec![false; site.stages.len()];
    for event in &timeline.events {
        match event.kind {
            EventKind::Energised(stage) => {
                live[stage as usize] = true;
                for (hall, counters) in site.halls.iter().zip(&mut building) {
                    if hall.feeds.iter().any(|feed| feed.stage == stage) {
                        counters.now(event.at).energised = energised(site, hall, &live);
                    }
                }
            }
            EventKind::Cooled(hall) => {
                let by = cooling(site, event.activity, hall);
                let most = site.halls[hall as usize].it_power;
                let step = building[hall as usize].now(event.at);
                step.cooled = (step.cooled + by).min(most);
            }
            EventKind::Accepted(unit) => {
                let unit = &site.units[unit as usize];
                building[unit.hall as usize].now(event.at).accepted += unit.it_power;
            }
            EventKind::Ready(hall) => building[hall as usize].ready = event.at,
            _ => {}
        }
    }
    let finish = |(hall, building): (&crate::model::Hall, Building)| {
        let planned = site.units[hall.units.start as usize..hall.units.end as usize]
            .iter()
            .map(|unit| unit.it_power)
            .sum();
        building.finish(planned)
    };
    site.halls.iter().zip(building).map(finish).collect()
}

/// Room for the steps of most halls: the first, each stage and unit, three finishes of cooling.
fn steps_of(hall: &crate::model::Hall) -> usize {
    4 + hall.feeds.len() + hall.units.len()
}

/// IT power that the live stages feed to a hall: its reserved share of each, at peak PUE.
fn energised(site: &Site, hall: &crate::model::Hall, live: &[bool]) -> ItPower {
    let reserved: i64 = hall.feeds.iter().map(|feed| feed.facility.0).sum();
    let fed: i64 = hall
        .feeds
        .iter()
        .filter(|feed| live[feed.stage as usize])
        .map(|feed| feed.facility.0)
        .sum();
    if reserved == 0 {
        return ItPower::ZERO;
    }
    debug_assert!(
        reserved <= hall.it_power.at_pue(site.premises[hall.premises as usize].power.peak_pue).0
    );
    ItPower(mul_div(hall.it_power.0, i128::from(fed), i128::from(reserved)))
}

/// Cooling that the finish of an activity commissions in a hall.
fn cooling(site: &Site, activity: u32, hall: u32) -> ItPower {
    let effects = &site.plan.activities[activity as usize].effects;
    let by = effects.iter().filter_map(|effect| match effect {
        crate::model::Effect::Cool(cooled, power) if *cooled == hall => Some(*power),
        _ => None,
    });
    by.sum()
}

struct Building {
    steps: Vec<HallStep>,
    ready: Minute,
}

impl Building {
    /// A hall on which nothing has happened, with room for its steps.
    fn new(start: Minute, room: usize) -> Building {
        let zero = ItPower::ZERO;
        let nothing = HallStep {
            at: start,
            energised: zero,
            cooled: zero,
            accepted: zero,
            online: zero,
            binds: Binds::Acceptance,
        };
        let mut steps = Vec::with_capacity(room);
        steps.push(nothing);
        Building { steps, ready: Minute::NEVER }
    }

    /// The step of an instant, begun if there is none.
    fn now(&mut self, at: Minute) -> &mut HallStep {
        let last = *self.steps.last().expect("there is a first step");
        if last.at != at {
            self.steps.push(HallStep { at, ..last });
        }
        self.steps.last_mut().expect("pushed")
    }

    /// Works out the minimum and what binds, now that all later steps are known.
    fn finish(mut self, planned: ItPower) -> HallRamp {
        let later = |steps: &[HallStep], at: usize, term: fn(&HallStep) -> ItPower| {
            let now = term(&steps[at]);
            let next = steps[at + 1..].iter().find(|step| term(step) != now);
            next.map_or(Minute::NEVER, |step| step.at)
        };
        for at in 0..self.steps.len() {
            let HallStep { energised, cooled, accepted, .. } = self.steps[at];
            let online = energised.min(cooled).min(accepted);
            self.steps[at].online = online;
            self.steps[at].binds = if online >= planned {
                Binds::Complete
            } else if accepted < energised.min(cooled) {
                Binds::Acceptance
            } else if energised != cooled {
                if energised < cooled { Binds::Power } else { Binds::Cooling }
            } else {
                // Acceptance waits for both, so on a tie it is one of these two that holds it up:
                // the one whose next step comes last.
                let power = later(&self.steps, at, |step| step.energised);
                let cooling = later(&self.steps, at, |step| step.cooled);
                if power >= cooling { Binds::Power } else { Binds::Cooling }
            };
        }
        HallRamp { steps: self.steps, ready: self.ready }
    }
}
