//! Platforms, buildings, halls, units and lots, and the activities that come with them.

use std::collections::BTreeMap;
use std::ops::{Range, RangeInclusive};
use std::rc::Rc;

use super::expand::{Group, Instance, unfold};
use super::network::{Network, Scope};
use crate::model::{Effect, Lot, Platform, Unit};
use crate::spec::activity::{ActivitySpec, Cooling};
use crate::spec::edit::REPEATED;
use crate::spec::shape::clip;
use crate::spec::site::{BuildingSpec, ClusterSpec, HallSpec, LotSpec, RepeatSpec, SiteSpec};
use crate::spec::{At, Finding, Findings, Named, Placed};
use crate::time::Day;
use crate::unit::{ItPower, Share};

/// What a site is made of, before power is shared out.
#[derive(Clone, Debug)]
pub struct Pieces {
    pub platforms: Vec<Platform>,
    pub halls: Vec<HallPiece>,
    pub units: Vec<Unit>,
    pub lots: Vec<Lot>,
    /// Where each lot stands.
    pub lot_places: Vec<At>,
    /// The site that a lot of a portfolio is for, by lot.
    pub lot_sites: Vec<Option<Placed<String>>>,
}

/// A hall before its power is shared out.
#[derive(Clone, Debug)]
pub struct HallPiece {
    pub id: String,
    pub at: At,
    pub it_power: ItPower,
    pub powered_by: Option<Vec<Placed<String>>>,
    pub powered_at: Option<At>,
    pub ready: u32,
    pub units: Range<u32>,
}

/// Unfolds the file into activities (site, buildings, lots, halls with their units, in that order,
/// which is the file order that breaks ties) and the things they make ready.
///
/// The site's own activities are taken out of `spec`: in a large file they are most of it.
pub fn unfold_parts(spec: &mut SiteSpec, network: &mut Network, findings: &mut Findings) -> Pieces {
    let mut pieces = Pieces {
        platforms: platforms(spec, findings),
        halls: Vec::new(),
        units: Vec::new(),
        lots: Vec::new(),
        lot_places: Vec::new(),
        lot_sites: Vec::new(),
    };
    check_edit_groups(spec, findings);
    let activities = std::mem::take(&mut spec.activities);
    add_activities(network, activities, &Rc::default(), None, findings);
    let attached = attached(network, findings);
    let buildings = unfold::<BuildingSpec>("buildings", &spec.buildings, &spec.edits, findings);
    for building in &buildings.instances {
        let scope = Rc::new(Scope { building: Some(building.id.clone()), hall: None });
        let activities = building.spec.activities.clone();
        add_activities(network, activities, &scope, None, findings);
    }
    let lots = unfold::<LotSpec>("lots", &spec.lots, &spec.edits, findings);
    for lot in &lots.instances {
        add_lot(network, &mut pieces, lot, &lots.repeats[lot.template], spec, findings);
    }
    let halls = unfold::<HallSpec>("halls", &spec.halls, &spec.edits, findings);
    let each = buildings.repeats.first().and_then(|repeat| repeat.halls_each.as_ref());
    for (index, hall) in halls.instances.iter().enumerate() {
        let by_number = each.and_then(|each| {
            buildings.instances.get(index / each.value.max(1) as usize).map(|b| b.id.clone())
        });
        let building = match &hall.spec.building {
            Some(name) if !buildings.instances.iter().any(|b| b.id == name.value) => {
                let message = format!("no building is called `{}`", name.value);
                let names = buildings.instances.iter().map(|b| b.id.as_str());
                let help = findings.nearest(&name.value, names);
                let finding = Finding::error("unknown-building", name.at, message);
                findings.push(finding.maybe_help(help));
                None
            }
            Some(name) => Some(name.value.clone()),
            None => by_number,
        };
        let scope = Rc::new(Scope { hall: Some(hall.id.clone()), building });
        let own = attached.get(&hall.id).map_or(&[][..], Vec::as_slice);
        add_hall(network, &mut pieces, hall, &halls.repeats[hall.template], &scope, own, findings);
    }
    refuse_unknown_halls(network, &attached, &pieces.halls, findings);
    warn_of_unread_numbers(&halls, findings);
    pieces
}

fn platforms(spec: &SiteSpec, findings: &mut Findings) -> Vec<Platform> {
    let platform = |(name, spec): (&Placed<String>, &crate::spec::money::PlatformSpec)| {
        let gpus = &spec.gpus_per_rack;
        if !(1..=GPUS_PER_RACK_MAX).contains(&gpus.value) {
            let message =
                format!("a rack holds 1 to {GPUS_PER_RACK_MAX} GPUs, found {}", gpus.value);
            findings.push(Finding::error("too-many", gpus.at, message));
        }
        let overhead = spec.it_overhead.as_ref();
        if let Some(factor) = overhead.filter(|factor| factor.value.0 < Share::ONE) {
            let message = "IT load is at least the load of the racks: a factor of 1 or more";
            findings.push(Finding::error("it-overhead", factor.at, message));
        }
        if spec.rack_power.value.0 == 0 {
            let message = "a rack without load never counts as online";
            findings.push(Finding::error("power", spec.rack_power.at, message));
        }
        Platform {
            id: name.value.clone(),
            gpus_per_rack: gpus.value,
            rack_power: ItPower(spec.rack_power.value.0),
            it_overhead: overhead.map_or(Share::ONE, |factor| factor.value.0),
        }
    };
    spec.platforms.iter().map(platform).collect()
}

/// A slip of the finger rather than a rack.
const GPUS_PER_RACK_MAX: u32 = 10_000;

fn check_edit_groups(spec: &SiteSpec, findings: &mut Findings) {
    for (path, _) in spec.edits.iter() {
        let (group, member) = path.value.split_once('.').unwrap_or((&path.value, ""));
        if !REPEATED.contains(&group) || member.is_empty() {
            let message = format!("edits change single {}", REPEATED.join(", "));
            let help = "for example `halls.hall-2.ist: {duration: 3w}`; change all else in place";
            findings.push(Finding::error("unknown-edit", path.at, message).help(help));
        }
    }
}

/// Adds named activities; ids get the prefix of the innermost scope.
fn add_activities(
    network: &mut Network,
    activities: Named<Box<ActivitySpec>>,
    scope: &Rc<Scope>,
    hall: Option<(u32, ItPower)>,
    findings: &mut Findings,
) -> Range<u32> {
    let first = network.drafts.len() as u32;
    network.drafts.reserve(activities.0.len());
    for (name, spec) in activities.0 {
        if name.value.contains(['.', '*', ' ']) || name.value.is_empty() {
            let message = format!("`{}` cannot be a name", name.value);
            let help = "names hold no dot, star or space";
            findings.push(Finding::error("odd-name", name.at, message).help(help));
        }
        let prefix = scope.hall.as_ref().or(scope.building.as_ref());
        let id = prefix.map_or(name.value.clone(), |prefix| format!("{prefix}.{}", name.value));
        let outside = hall.is_none() && spec.hall.is_none();
        let misplaced = [
            (outside, "commissions_cooling", spec.commissions_cooling.as_ref().map(|p| p.at)),
            (outside, "ready_for_service", spec.ready_for_service.as_ref().map(|p| p.at)),
            (outside, "permanent_power", spec.permanent_power.as_ref().map(|p| p.at)),
            (hall.is_some(), "energises", spec.energises.as_ref().map(|p| p.at)),
            (hall.is_some(), "hall", spec.hall.as_ref().map(|p| p.at)),
        ];
        for (wrong, key, at) in misplaced {
            if let Some(at) = at.filter(|_| wrong) {
                let place = if hall.is_some() { "the site's activities" } else { "a hall" };
                let message = format!("`{key}` belongs to {place}");
                findings.push(Finding::error("misplaced-key", at, message));
            }
        }
        let index = network.add(id, name.at, *spec, scope, findings);
        if let Some((hall, it_power)) = hall {
            belongs(network, index, hall, it_power);
        }
    }
    first..network.drafts.len() as u32
}

/// Puts an activity into a hall, whose cooling it may commission.
fn belongs(network: &mut Network, activity: u32, hall: u32, it_power: ItPower) {
    let draft = &mut network.drafts[activity as usize];
    draft.activity.hall = Some(hall);
    match draft.cools.as_ref().map(|placed| placed.value) {
        Some(Cooling::All) => network.effect(activity, Effect::Cool(hall, it_power)),
        Some(Cooling::Part(part)) => {
            network.effect(activity, Effect::Cool(hall, ItPower(part.0)));
        }
        Some(Cooling::None) | None => {}
    }
}

/// Activities of the site that say which hall they belong to, by hall.
type Attached = BTreeMap<String, Vec<u32>>;

/// Gathers the activities that name their hall, and the names that they have there.
fn attached(network: &mut Network, findings: &mut Findings) -> Attached {
    let mut attached = Attached::new();
    for (at, draft) in (0..).zip(&network.drafts) {
        let Some(named) = &draft.hall else { continue };
        let hall = named.value.split_once('.').map_or(&*named.value, |(hall, _)| hall);
        attached.entry(hall.to_owned()).or_default().push(at);
        let twice =
            named.value.contains('.') && network.aliases.insert(named.value.clone(), at).is_some();
        if twice {
            let message = format!("two activities are called `{}`", named.value);
            findings.push(Finding::error("duplicate-id", named.at, message));
        }
    }
    attached
}

/// Refuses names of halls that there are not.
fn refuse_unknown_halls(
    network: &Network,
    attached: &Attached,
    halls: &[HallPiece],
    findings: &mut Findings,
) {
    let unknown = attached.iter().filter(|(name, _)| halls.iter().all(|hall| hall.id != **name));
    for (name, activities) in unknown {
        let at = network.drafts[activities[0] as usize].hall.as_ref().map(|named| named.at);
        let message = format!("no hall is called `{}`", clip(name));
        let help = findings.nearest(name, halls.iter().map(|hall| hall.id.as_str()));
        let finding = Finding::error("unknown-hall", at.unwrap_or_default(), message);
        findings.push(finding.maybe_help(help));
    }
}

fn add_hall(
    network: &mut Network,
    pieces: &mut Pieces,
    instance: &Instance<HallSpec>,
    repeat: &RepeatSpec,
    scope: &Rc<Scope>,
    attached: &[u32],
    findings: &mut Findings,
) {
    let spec = &instance.spec;
    let hall = pieces.halls.len() as u32;
    let it_power = ItPower(spec.it_power.value.0);
    attached.iter().for_each(|&at| belongs(network, at, hall, it_power));
    let added =
        add_activities(network, spec.activities.clone(), scope, Some((hall, it_power)), findings);
    let added = || attached.iter().copied().chain(added.clone());
    let marked: Vec<u32> =
        added().filter(|&at| network.drafts[at as usize].ready.is_some()).collect();
    if marked.len() != 1 {
        let message = match marked.len() {
            0 => format!("nothing makes `{}` ready for service", instance.id),
            count => format!("{count} activities make `{}` ready for service", instance.id),
        };
        let help =
            "mark its last test (L5, integrated systems test) with `ready_for_service: true`";
        findings.push(Finding::error("ready-for-service", spec.at, message).help(help));
    }
    let ready = marked.first().copied().unwrap_or(0);
    if let Some(draft) = network.drafts.get_mut(ready as usize).filter(|_| marked.len() == 1) {
        draft.permanent_power = true;
        let cooled = added().any(|at| network.drafts[at as usize].cools.is_some());
        if !cooled {
            network.effect(ready, Effect::Cool(hall, it_power));
        }
        network.effect(ready, Effect::Ready(hall));
    }
    let powered = powered_by(instance.number, repeat, findings);
    let first = pieces.units.len() as u32;
    if let Some(cluster) = &spec.cluster {
        add_units(network, pieces, hall, ready, cluster, scope, findings);
    }
    let units = first..pieces.units.len() as u32;
    let load: ItPower = pieces.units[first as usize..].iter().map(|unit| unit.it_power).sum();
    if load > it_power {
        let message = format!("{load} of racks in a hall built for {it_power}");
        findings.push(Finding::error("hall-too-small", spec.it_power.at, message));
    }
    pieces.halls.push(HallPiece {
        id: instance.id.clone(),
        at: spec.at,
        it_power,
        powered_at: powered.as_ref().and_then(|names| names.first()).map(|name| name.at),
        powered_by: powered,
        ready,
        units,
    });
}

/// Names of the stages for a hall's number: `1-4: energise-1`.
fn powered_by(
    number: u32,
    repeat: &RepeatSpec,
    findings: &mut Findings,
) -> Option<Vec<Placed<String>>> {
    let mut found = None;
    for (range, stages) in repeat.powered_by.iter() {
        let Some(numbers) = numbers(&range.value) else {
            let message = format!("expected numbers such as 1-4, found `{}`", range.value);
            findings.push(Finding::error("powered-by", range.at, message));
            continue;
        };
        if numbers.contains(&number) && found.replace(stages.clone()).is_some() {
            let message = format!("number {number} is in two ranges");
            findings.push(Finding::error("powered-by", range.at, message));
        }
    }
    found
}

/// The numbers of halls that `1-4` or `3` means.
fn numbers(range: &str) -> Option<RangeInclusive<u32>> {
    let (from, to) = range.split_once('-').unwrap_or((range, range));
    let (from, to) = (from.trim().parse().ok()?, to.trim().parse().ok()?);
    (from <= to).then_some(from..=to)
}

/// Warns of power for numbers that no hall of the template has.
fn warn_of_unread_numbers(halls: &Group<HallSpec>, findings: &mut Findings) {
    for (template, repeat) in halls.repeats.iter().enumerate() {
        let own = halls.instances.iter().filter(|hall| hall.template == template);
        let own: Vec<u32> = own.map(|hall| hall.number).collect();
        let (Some(first), Some(last)) = (own.first(), own.last()) else { continue };
        for (range, _) in repeat.powered_by.iter() {
            let Some(numbers) = numbers(&range.value) else { continue };
            if !own.iter().any(|number| numbers.contains(number)) {
                let message = format!("no hall here has a number in `{}`", range.value);
                let help = format!("they are numbered {first} to {last}");
                findings.push(Finding::warning("powered-by", range.at, message).help(help));
            }
        }
    }
}

fn add_units(
    network: &mut Network,
    pieces: &mut Pieces,
    hall: u32,
    ready: u32,
    cluster: &ClusterSpec,
    scope: &Rc<Scope>,
    findings: &mut Findings,
) {
    let Some(platform) = find_platform(&cluster.platform, &pieces.platforms, findings) else {
        return;
    };
    let design = &pieces.platforms[platform as usize];
    let racks = cluster.racks_per_unit.value;
    let watts = design.it_overhead.of(design.rack_power.0).saturating_mul(i64::from(racks));
    let unit = Unit {
        id: String::new(),
        hall,
        platform,
        racks,
        gpus: racks.saturating_mul(design.gpus_per_rack),
        it_power: ItPower(watts),
    };
    let (count, most) = (cluster.units.value, 100_000);
    if count > most || racks > most || racks == 0 {
        let message = format!("{count} units of {racks} racks; between 1 and {most} of each");
        findings.push(Finding::error("too-many", cluster.units.at, message));
        return;
    }
    let width = count.to_string().len();
    let hall_id = scope.hall.clone().unwrap_or_default();
    for number in 1..=count {
        let index = pieces.units.len() as u32;
        let id = format!("{hall_id}.unit-{number:0width$}");
        let steps = [
            ("install", &cluster.install, Some(Effect::Rack(index))),
            ("burn-in", &cluster.burn_in, None),
            ("test", &cluster.test, Some(Effect::InService(index))),
            ("accept", &cluster.accept, Some(Effect::Accept(index))),
        ];
        let mut before = ready;
        for (name, spec, effect) in steps {
            let step_id = format!("{id}.{name}");
            let added = network.add(step_id, spec.at, spec.clone(), scope, findings);
            let activity = &mut network.drafts[added as usize].activity;
            (activity.hall, activity.unit) = (Some(hall), Some(index));
            if name == "install" {
                activity.takes = Some((platform, racks));
            }
            if let Some(effect) = effect {
                network.effect(added, effect);
            }
            network.chain(before, added);
            before = added;
        }
        pieces.units.push(Unit { id, ..unit.clone() });
    }
}

fn find_platform(
    name: &Placed<String>,
    platforms: &[Platform],
    findings: &mut Findings,
) -> Option<u32> {
    let found = platforms.iter().position(|platform| platform.id == name.value);
    if found.is_none() {
        let message = format!("no platform is called `{}`", name.value);
        let help =
            findings.nearest(&name.value, platforms.iter().map(|platform| platform.id.as_str()));
        findings.push(Finding::error("unknown-platform", name.at, message).maybe_help(help));
    }
    found.map(|at| at as u32)
}

fn add_lot(
    network: &mut Network,
    pieces: &mut Pieces,
    instance: &Instance<LotSpec>,
    repeat: &RepeatSpec,
    site: &SiteSpec,
    findings: &mut Findings,
) {
    let spec = &instance.spec;
    let Some(platform) = find_platform(&spec.platform, &pieces.platforms, findings) else { return };
    let later = days_later(instance.number, repeat, findings);
    let ordered = spec.ordered.as_ref().map(|day| day.value + later);
    let ex_works = spec.ex_works.as_ref().map(|at| (at.value.day() + later).start());
    if let (Some(ordered), Some(ex_works), Some(at)) = (ordered, ex_works, &spec.ordered)
        && ordered.start() > ex_works
    {
        let message =
            format!("ordered on {ordered}, after it leaves the factory on {}", ex_works.day());
        findings.push(Finding::error("lot-dates", at.at, message));
    }
    if spec.production.is_none() && ex_works.is_none() && spec.after.is_empty() {
        let message = format!("when does `{}` leave the factory?", instance.id);
        let help = "give `ex_works:`, or `production:` and what the order comes `after:`";
        findings.push(Finding::error("lot-dates", spec.at, message).help(help));
    }
    let lot = pieces.lots.len() as u32;
    let scope = Rc::default();
    let mut after = spec.after.clone();
    let mut production = None;
    let mut funded_by = spec.funded_by.clone().map(Box::new);
    if let Some(duration) = &spec.production {
        let made = ActivitySpec {
            duration: Some(duration.clone()),
            after: std::mem::take(&mut after),
            not_before: ordered.map(Day::start),
            funded_by: funded_by.take(),
            ..ActivitySpec::empty(spec.at)
        };
        let id = format!("{}.production", instance.id);
        let index = network.add(id, spec.at, made, &scope, findings);
        network.effect(index, Effect::Order(lot));
        production = Some(index);
    }
    let transit = ActivitySpec {
        duration: Some(spec.transit.clone()),
        after,
        not_before: ex_works,
        funded_by,
        ..ActivitySpec::empty(spec.at)
    };
    let id = format!("{}.transit", instance.id);
    let delivery = network.add(id, spec.at, transit, &scope, findings);
    network.effect(delivery, Effect::Deliver(lot));
    if let Some(production) = production {
        network.chain(production, delivery);
    }
    pieces.lot_places.push(spec.at);
    pieces.lot_sites.push(spec.site.clone());
    pieces.lots.push(Lot {
        id: instance.id.clone(),
        platform,
        racks: spec.racks.value,
        ordered: if production.is_some() { None } else { ordered.or(ex_works.map(|at| at.day())) },
        delivery,
        price_per_rack: super::terms::rack_price(spec, platform, site, findings),
    });
}

/// Days by which a lot of a series comes after the first.
fn days_later(number: u32, repeat: &RepeatSpec, findings: &mut Findings) -> i32 {
    let Some(every) = &repeat.every else { return 0 };
    let days = every.value.whole_days().unwrap_or_else(|| {
        let message = format!("expected whole days such as 7d or 1ew, found `{}`", every.value);
        findings.push(Finding::error("duration", every.at, message));
        0
    });
    let since = i64::from(number - repeat.first.unwrap_or(1).min(number));
    i32::try_from(since * i64::from(days)).unwrap_or(0)
}

/// Warns when units need more racks than lots deliver: the last ones never start. Stores that
/// others fill too are looked at with those.
pub fn warn_of_short_racks(pieces: &Pieces, stores: &[String], findings: &mut Findings) {
    let own = pieces.platforms.iter().enumerate().filter(|(_, of)| !stores.contains(&of.id));
    for (index, platform) in own {
        let of = |platform: u32| platform as usize == index;
        let needed: u64 = pieces
            .units
            .iter()
            .filter(|unit| of(unit.platform))
            .map(|unit| u64::from(unit.racks))
            .sum();
        let come: u64 =
            pieces.lots.iter().filter(|lot| of(lot.platform)).map(|lot| u64::from(lot.racks)).sum();
        if come < needed {
            let message = format!(
                "units need {needed} racks of `{}`; lots deliver {come}: the last units never start",
                platform.id
            );
            let at = pieces.lot_places.first().copied().unwrap_or_default();
            findings.push(Finding::warning("too-few-racks", at, message));
        }
    }
}
