//! Links that another path makes superfluous.

use std::collections::BTreeSet;

use crate::model::{Link, LinkKind, Plan, cpm};
use crate::time::Span;

/// Links that could be dropped without moving anything, as indices: finish-to-start without lag,
/// where a chain of such links (lags allowed) leads from the predecessor to the successor anyway,
/// or the same link stands there twice.
///
/// Links that the loader made are never named: nobody wrote them.
///
/// Cost: for each activity with several predecessors, one visit to each link on the way back to the
/// first of them in topological order.
pub fn redundant_links(plan: &Plan) -> BTreeSet<u32> {
    let mut position = vec![0; plan.activities.len()];
    for (at, &activity) in plan.topological.iter().enumerate() {
        position[activity as usize] = at;
    }
    let mut redundant = BTreeSet::new();
    // Who was reached on the way back from which activity, so that nothing need be cleared.
    let mut reached = vec![u32::MAX; plan.activities.len()];
    let mut stack = Vec::new();
    for activity in 0..plan.activities.len() as u32 {
        let links = plan.preds(activity);
        let candidates = || links.iter().filter(|link| can_be_dropped(link));
        let Some(furthest) = candidates().map(|link| position[link.from as usize]).min() else {
            continue;
        };
        if links.len() < 2 {
            continue;
        }
        stack.extend(links.iter().filter(|link| carries(plan, link)).map(|link| link.from));
        while let Some(at) = stack.pop() {
            for link in plan.preds(at).iter().filter(|link| carries(plan, link)) {
                let from = link.from as usize;
                if position[from] >= furthest && reached[from] != activity {
                    reached[from] = activity;
                    stack.push(link.from);
                }
            }
        }
        let first = plan.pred_offsets[activity as usize];
        for (index, link) in (first..).zip(links).filter(|(_, link)| can_be_dropped(link)) {
            let same = |other: &Link| other.from == link.from && carries(plan, other);
            let twice = links[..(index - first) as usize].iter().any(same);
            if twice || reached[link.from as usize] == activity {
                redundant.insert(index);
            }
        }
    }
    redundant
}

fn can_be_dropped(link: &Link) -> bool {
    link.kind == LinkKind::FinishStart && link.lag == Span::ZERO && !link.derived
}

/// Whether what comes before it is over when what comes after it starts; a link into work that went
/// ahead without it says nothing any more.
fn carries(plan: &Plan, link: &Link) -> bool {
    link.kind == LinkKind::FinishStart && link.lag >= Span::ZERO && cpm::binds(plan, link)
}
