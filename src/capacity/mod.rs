//! What a timeline means in megawatts and GPUs.
//!
//! A hall is online as far as the least of three counters reaches: energised power, commissioned
//! cooling, accepted load; the least one *binds* (semantics C4). [`Ramp`] holds those counters hall
//! by hall as steps over time, their sums for the site, and where every GPU stands.

mod gpus;
mod hall;

pub use gpus::{GpuState, GpuStep, gpu_steps};
pub use hall::{Binds, HallRamp, HallStep};

use crate::model::{Site, Timeline};
use crate::time::{Day, Minute, Span};
use crate::unit::ItPower;

/// Online capacity over time, hall by hall and for the site.
#[derive(Clone, Debug)]
pub struct Ramp {
    /// One for each hall, in file order.
    pub halls: Vec<HallRamp>,
    /// Sums over halls, a step at each change, ascending.
    pub steps: Vec<Step>,
}

/// The site's counters from an instant on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Step {
    /// From when.
    pub at: Minute,
    /// IT power that the live stages feed to halls.
    pub energised: ItPower,
    /// IT power whose cooling is commissioned.
    pub cooled: ItPower,
    /// IT load of accepted units.
    pub accepted: ItPower,
    /// Sum over halls of the least of the three.
    pub online: ItPower,
}

impl Ramp {
    /// Reads the counters out of a timeline.
    ///
    /// Cost: events x log(events).
    pub fn of(site: &Site, timeline: &Timeline) -> Ramp {
        let halls = hall::ramps(site, timeline);
        let steps = sum(&halls);
        Ramp { halls, steps }
    }

    /// Online IT power at an instant.
    pub fn online_at(&self, at: Minute) -> ItPower {
        let step = self.steps.partition_point(|step| step.at <= at);
        step.checked_sub(1).map_or(ItPower::ZERO, |step| self.steps[step].online)
    }

    /// Online IT power just before the start of a day: at the end of a period that ends there.
    pub fn online_before(&self, day: Day) -> ItPower {
        self.online_at(Minute(day.start().0 - 1))
    }

    /// When online IT power first reaches an amount; `NEVER` if it does not.
    pub fn reaches(&self, power: ItPower) -> Minute {
        let step = self.steps.iter().find(|step| step.online >= power);
        step.map_or(Minute::NEVER, |step| step.at)
    }

    /// When any capacity, half and all of the planned load come online (semantics C5).
    pub fn headline(&self, site: &Site) -> Headline {
        let all = site.planned_it();
        if all == ItPower::ZERO {
            let never = Minute::NEVER;
            return Headline { first: never, half: never, all: never };
        }
        Headline {
            first: self.reaches(ItPower(1)),
            half: self.reaches(ItPower((all.0 + 1) / 2)),
            all: self.reaches(all),
        }
    }

    /// How long a term bound within a stretch of time, summed over halls.
    pub fn bound_for(&self, term: Binds, from: Minute, until: Minute) -> Span {
        let mut total = Span::ZERO;
        for hall in &self.halls {
            for (at, step) in hall.steps.iter().enumerate() {
                let end = hall.steps.get(at + 1).map_or(until, |next| next.at.min(until));
                let start = step.at.max(from);
                if step.binds == term && end > start {
                    total += end - start;
                }
            }
        }
        total
    }
}

/// The dates that are asked for first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Headline {
    /// The first unit of load is online.
    pub first: Minute,
    /// Half of the planned load is online.
    pub half: Minute,
    /// All of it is.
    pub all: Minute,
}

fn sum(halls: &[HallRamp]) -> Vec<Step> {
    let mut changes: Vec<(Minute, usize, usize)> = Vec::new();
    for (hall, ramp) in halls.iter().enumerate() {
        changes.extend(ramp.steps.iter().enumerate().map(|(step, s)| (s.at, hall, step)));
    }
    changes.sort_unstable();
    let zero = ItPower::ZERO;
    let mut now =
        Step { at: Minute::MIN, energised: zero, cooled: zero, accepted: zero, online: zero };
    let mut steps: Vec<Step> = Vec::new();
    for (at, hall, step) in changes {
        let new = &halls[hall].steps[step];
        if let Some(old) = step.checked_sub(1).map(|step| &halls[hall].steps[step]) {
            now.energised = now.energised - old.energised;
            now.cooled = now.cooled - old.cooled;
            now.accepted = now.accepted - old.accepted;
            now.online = now.online - old.online;
        }
        now = Step {
            at,
            energised: now.energised + new.energised,
            cooled: now.cooled + new.cooled,
            accepted: now.accepted + new.accepted,
            online: now.online + new.online,
        };
        match steps.last_mut().filter(|last| last.at == at) {
            Some(last) => *last = now,
            None => steps.push(now),
        }
    }
    steps
}
