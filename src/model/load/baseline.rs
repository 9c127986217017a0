//! Promised dates (semantics T6).

use super::network::Network;
use super::parts::Pieces;
use crate::model::Baseline;
use crate::spec::money::Dated;
use crate::spec::quantity::Watts;
use crate::spec::site::SiteSpec;
use crate::spec::{Finding, Findings, Placed, Shape};
use crate::time::Day;
use crate::unit::ItPower;

const KEYS: [&str; 5] = ["source", "first_online", "half_online", "all_online", "capacity"];

/// Reads the `plan:` block: a few fixed keys, and a date for any activity or `<hall>.rfs`; the
/// stored baseline of an activity counts where the block says nothing of it.
pub fn build(
    spec: &SiteSpec,
    network: &Network,
    pieces: &Pieces,
    findings: &mut Findings,
) -> Baseline {
    let mut baseline = Baseline::default();
    for (name, raw) in spec.plan.iter() {
        let node = raw.0.clone();
        match name.value.as_str() {
            "source" => baseline.source = String::read(node, findings),
            "first_online" => baseline.first_online = Day::read(node, findings),
            "half_online" => baseline.half_online = Day::read(node, findings),
            "all_online" => baseline.all_online = Day::read(node, findings),
            "capacity" => {
                let dated = Dated::<Watts>::read(node, findings).map(|dated| dated.0);
                let step = |(day, watts): (Placed<Day>, Watts)| (day.value, ItPower(watts.0));
                baseline.capacity = dated.unwrap_or_default().into_iter().map(step).collect();
            }
            id => {
                let Some(day) = Day::read(node, findings) else { continue };
                let hall = id
                    .strip_suffix(".rfs")
                    .and_then(|id| pieces.halls.iter().position(|hall| hall.id == id));
                match (hall, network.find(id)) {
                    (Some(hall), _) => baseline.halls.push((hall as u32, day)),
                    (None, Some(activity)) => baseline.activities.push((activity, day)),
                    (None, None) => {
                        let rfs: Vec<String> =
                            pieces.halls.iter().map(|hall| format!("{}.rfs", hall.id)).collect();
                        let names = network.ids().chain(rfs.iter().map(String::as_str));
                        let help = findings.nearest(id, names.chain(KEYS));
                        let message = format!("nothing to promise is called `{id}`");
                        let finding = Finding::error("unknown-activity", name.at, message);
                        findings.push(finding.maybe_help(help));
                    }
                }
            }
        }
    }
    let promised: std::collections::BTreeSet<u32> =
        baseline.activities.iter().map(|&(activity, _)| activity).collect();
    let stored = (0..).zip(&network.drafts).filter_map(|(at, draft)| {
        let own = draft.baseline.as_ref().filter(|_| !promised.contains(&at))?;
        Some((at, own.value.finish.day()))
    });
    baseline.activities.extend(stored);
    baseline.activities.sort_by_key(|&(activity, _)| activity);
    for pair in [
        (baseline.first_online, baseline.half_online, "half_online", "first_online"),
        (baseline.half_online, baseline.all_online, "all_online", "half_online"),
        (baseline.first_online, baseline.all_online, "all_online", "first_online"),
    ] {
        let (Some(earlier), Some(later), key, before) = pair else { continue };
        if later < earlier {
            let at = spec.plan.iter().find(|(name, _)| name.value == key).map(|(name, _)| name.at);
            let message = format!("`{key}` {later} lies before `{before}` {earlier}");
            findings.push(Finding::error("dates-out-of-order", at.unwrap_or_default(), message));
        }
    }
    baseline
}
