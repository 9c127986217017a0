//! Grid stages, and which of their power is reserved for which hall (semantics C1, C2).

use super::network::Network;
use super::parts::Pieces;
use crate::model::site::Power;
use crate::model::{Effect, Feed, Hall, Stage};
use crate::spec::finding::counted;
use crate::spec::money::PowerSpec;
use crate::spec::quantity::{Factor, Import};
use crate::spec::{At, Finding, Findings, Placed};
use crate::unit::{FacilityPower, GridPower, ItPower, Share};

/// Conversion factors; without a `power:` block all are one.
pub fn factors(spec: Option<&PowerSpec>, findings: &mut Findings) -> Power {
    let one = Share::ONE;
    let Some(spec) = spec else {
        return Power { pue: one, peak_pue: one, power_factor: one, headroom: Share::ZERO };
    };
    let mut check = |placed: &Placed<Factor>, least: Share, most: Share, what: &str| {
        let value = placed.value.0;
        if value < least || value > most {
            let message = format!(
                "{what} is between {} and {}, found {}",
                least.to_f64(),
                most.to_f64(),
                value.to_f64()
            );
            findings.push(Finding::error("power-factor", placed.at, message));
        }
        value
    };
    let pue = check(&spec.pue, one, PUE_MAX, "a PUE");
    let peak = spec.peak_pue.as_ref();
    let peak_pue = peak.map_or(pue, |peak| check(peak, pue.max(one), PUE_MAX, "a peak PUE"));
    let least = Share(1);
    let power_factor = spec
        .power_factor
        .as_ref()
        .map_or(one, |factor| check(factor, least, one, "a power factor"));
    let headroom = spec.headroom.as_ref().map_or(Share::ZERO, |placed| {
        let share = placed.value.0;
        if share < Share::ZERO || share >= one {
            let message = format!("headroom is a share below 100%, found {share}");
            findings.push(Finding::error("headroom", placed.at, message));
        }
        share
    });
    Power { pue, peak_pue, power_factor, headroom }
}

/// No data centre of this kind draws three times its IT load.
const PUE_MAX: Share = Share(3_000_000_000);

/// Energisation stages in file order; each activity's finish makes its stage live.
pub fn stages(network: &mut Network, power: &Power) -> Vec<Stage> {
    let mut stages = Vec::new();
    for activity in 0..network.drafts.len() as u32 {
        let draft = &network.drafts[activity as usize];
        let Some(import) = &draft.energises else { continue };
        let grid = match import.value {
            Import::Real(watts) => GridPower(watts),
            Import::Apparent(volt_amperes) => {
                GridPower::from_apparent(volt_amperes, power.power_factor)
            }
        };
        let id = draft.activity.id.clone();
        network.effect(activity, Effect::Energise(stages.len() as u32));
        stages.push(Stage { id, activity, grid, premises: 0 });
    }
    stages
}

/// Reserves each hall's facility power on its stages, used or not.
pub fn feed(
    pieces: &Pieces,
    stages: &[Stage],
    power: &Power,
    findings: &mut Findings,
) -> Vec<Hall> {
    let mut left: Vec<FacilityPower> =
        stages.iter().map(|stage| stage.grid.less_headroom(power.headroom)).collect();
    let mut halls = Vec::with_capacity(pieces.halls.len());
    let mut short = None;
    for piece in &pieces.halls {
        let needed = piece.it_power.at_pue(power.peak_pue);
        let feeders = match &piece.powered_by {
            Some(names) => find_stages(names, stages, findings),
            None => (0..stages.len() as u32).collect(),
        };
        let mut missing = needed;
        let mut feeds = Vec::new();
        for &stage in &feeders {
            let taken = missing.min(left[stage as usize]);
            if taken > FacilityPower::ZERO {
                left[stage as usize] = left[stage as usize] - taken;
                missing = missing - taken;
                feeds.push(Feed { stage, facility: taken });
            }
        }
        if missing > FacilityPower::ZERO && short.is_none() {
            short = Some((piece, feeders, needed, needed - missing));
        }
        if feeds.len() > 1 && missing == FacilityPower::ZERO {
            warn_of_split(&piece.id, piece.at, &feeds, stages, findings);
        }
        halls.push(Hall {
            id: piece.id.clone(),
            premises: 0,
            it_power: piece.it_power,
            feeds,
            ready: piece.ready,
            units: piece.units.clone(),
        });
    }
    if let Some((piece, feeders, needed, given)) = short {
        let names: Vec<&str> =
            feeders.iter().map(|&stage| stages[stage as usize].id.as_str()).collect();
        let on = match names.len() {
            0 => "no activity energises anything".to_owned(),
            1..=4 => format!("{given} is left for it on {}", names.join(", ")),
            count => format!("{given} is left for it on {count} stages"),
        };
        let message = format!("`{}` needs {needed} at peak; {on}", piece.id);
        let at = piece.powered_at.unwrap_or(piece.at);
        let help = arithmetic(pieces, stages, power);
        findings.push(Finding::error("not-enough-power", at, message).help(help));
    }
    halls
}

fn find_stages(names: &[Placed<String>], stages: &[Stage], findings: &mut Findings) -> Vec<u32> {
    let mut found = Vec::new();
    for name in names {
        match stages.iter().position(|stage| stage.id == name.value) {
            Some(stage) => found.push(stage as u32),
            None => {
                let message = format!("no activity called `{}` energises a stage", name.value);
                let help =
                    findings.nearest(&name.value, stages.iter().map(|stage| stage.id.as_str()));
                let finding = Finding::error("unknown-stage", name.at, message);
                findings.push(finding.maybe_help(help));
            }
        }
    }
    found
}

fn warn_of_split(id: &str, at: At, feeds: &[Feed], stages: &[Stage], findings: &mut Findings) {
    let parts: Vec<String> = feeds
        .iter()
        .map(|feed| format!("{} from `{}`", feed.facility, stages[feed.stage as usize].id))
        .collect();
    let message = format!("`{id}` is split between stages: {}", parts.join(", "));
    let help = "it is ready for service only when all of them are live";
    findings.push(Finding::warning("split-hall", at, message).help(help));
}

/// The sum that a planner would do on paper: halls x IT power x peak PUE against stages.
fn arithmetic(pieces: &Pieces, stages: &[Stage], power: &Power) -> String {
    let it: ItPower = pieces.halls.iter().map(|hall| hall.it_power).sum();
    let grid: GridPower = stages.iter().map(|stage| stage.grid).sum();
    let given: FacilityPower =
        stages.iter().map(|stage| stage.grid.less_headroom(power.headroom)).sum();
    let headroom = match power.headroom {
        Share::ZERO => String::new(),
        headroom => format!(" less {headroom} headroom = {given}"),
    };
    format!(
        "{}: {it} x peak PUE {} = {}; {}: {grid}{headroom}",
        counted(pieces.halls.len(), "hall"),
        power.peak_pue.to_f64(),
        it.at_pue(power.peak_pue),
        counted(stages.len(), "stage"),
    )
}
