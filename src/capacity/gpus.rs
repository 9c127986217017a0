//! Where every GPU stands: ordered, delivered, racked, accepted.

use crate::model::{EventKind, Site, Timeline};
use crate::time::Minute;

/// States a GPU passes through before it earns money.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum GpuState {
    /// Its lot is ordered.
    Ordered,
    /// Its rack is in the store.
    Delivered,
    /// Its rack stands installed in a hall.
    Racked,
    /// Its unit is accepted.
    Accepted,
}

/// GPUs that have reached each state, from an instant on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct GpuStep {
    /// From when.
    pub at: Minute,
    /// GPUs that have reached each [`GpuState`], in its order.
    pub reached: [u64; 4],
}

/// Counts of GPUs by state, a step at each change.
///
/// Orders of lots whose day the file states come at the start of that day.
pub fn gpu_steps(site: &Site, timeline: &Timeline) -> Vec<GpuStep> {
    let mut changes: Vec<(Minute, GpuState, u64)> = Vec::new();
    let in_lot = |lot: &crate::model::Lot| {
        let platform = &site.platforms[lot.platform as usize];
        u64::from(lot.racks) * u64::from(platform.gpus_per_rack)
    };
    for lot in &site.lots {
        if let Some(day) = lot.ordered {
            changes.push((day.start(), GpuState::Ordered, in_lot(lot)));
        }
    }
    for event in &timeline.events {
        let change = match event.kind {
            EventKind::Ordered(lot) => (GpuState::Ordered, in_lot(&site.lots[lot as usize])),
            EventKind::Delivered(lot) => (GpuState::Delivered, in_lot(&site.lots[lot as usize])),
            EventKind::Racked(unit) => {
                (GpuState::Racked, u64::from(site.units[unit as usize].gpus))
            }
            EventKind::Accepted(unit) => {
                (GpuState::Accepted, u64::from(site.units[unit as usize].gpus))
            }
            _ => continue,
        };
        changes.push((event.at, change.0, change.1));
    }
    changes.sort_by_key(|&(at, state, _)| (at, state));
    let mut steps: Vec<GpuStep> = Vec::new();
    let mut reached = [0; 4];
    for (at, state, gpus) in changes {
        reached[state as usize] += gpus;
        match steps.last_mut().filter(|last| last.at == at) {
            Some(last) => last.reached = reached,
            None => steps.push(GpuStep { at, reached }),
        }
    }
    steps
}
