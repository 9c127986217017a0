//! What no trial could ever satisfy, found before the first one.

use crate::model::{Effect, Plan};

/// A demand that cannot be met whatever the durations (semantics T9).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shortage {
    /// An activity needs more of a crew than there will ever be at once.
    Crew {
        /// Who needs them.
        activity: u32,
        /// Index into [`Plan::resources`].
        resource: u32,
        /// How many it needs.
        units: u32,
        /// The largest capacity from the data date on.
        most: u32,
    },
    /// More racks are taken from a store than lots bring.
    Racks {
        /// Index into [`Plan::stores`].
        store: u32,
        /// Racks that activities take.
        taken: u64,
        /// Racks that lots bring.
        delivered: u64,
    },
}

/// Every demand of a plan that cannot be met: crews by activity in file order, then stores.
///
/// Cost: one visit per activity and dated capacity.
pub fn shortages(plan: &Plan) -> Vec<Shortage> {
    let most: Vec<u32> = (0..plan.resources.len()).map(|at| largest_capacity(plan, at)).collect();
    let mut found = Vec::new();
    let mut taken = vec![0_u64; plan.stores.len()];
    let mut delivered = vec![0_u64; plan.stores.len()];
    for (index, activity) in (0..).zip(&plan.activities) {
        if !activity.is_finished() {
            found.extend(activity.needs.iter().filter_map(|need| {
                let most = most[need.resource as usize];
                let (resource, units) = (need.resource, need.units);
                let short = Shortage::Crew { activity: index, resource, units, most };
                (units > most).then_some(short)
            }));
        }
        if let Some((store, racks)) = activity.takes {
            taken[store as usize] += u64::from(racks);
        }
        for effect in &activity.effects {
            if let Effect::Deliver(lot) = *effect {
                let (store, racks) = plan.deliveries[lot as usize];
                delivered[store as usize] += u64::from(racks);
            }
        }
    }
    for (store, (&taken, &delivered)) in (0..).zip(taken.iter().zip(&delivered)) {
        if taken > delivered {
            found.push(Shortage::Racks { store, taken, delivered });
        }
    }
    found
}

/// The largest capacity that is in force at some time from the data date on.
fn largest_capacity(plan: &Plan, resource: usize) -> u32 {
    let steps = &plan.resources[resource].capacity;
    let past = steps.partition_point(|&(from, _)| from <= plan.data_date());
    steps[past.saturating_sub(1)..].iter().map(|&(_, units)| units).max().unwrap_or(0)
}
