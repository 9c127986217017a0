//! A portfolio: each site is read and checked alone, then all stand side by side in one network.

use std::collections::BTreeMap;

use super::agreement::{self, Stated};
use super::draws;
use super::join::{Joined, Joining};
use super::network::{Delay, Network, POWER};
use super::parts::{self, Pieces};
use super::{
    MemberFile, Pools, Sites, baseline, calendars, lower, magnitude, power, terms, uncertainty,
};
use crate::model::terms::{Contract, Price};
use crate::model::{Portfolio, Premises, Site};
use crate::spec::portfolio::{self as spec, AllocationWord, Member};
use crate::spec::site::SiteSpec;
use crate::spec::{Finding, Findings, Node, Shape, SourceKind, Sources, attach, overlay, yaml};
use crate::time::Day;

/// Sites read at once, and the fewest that are worth a thread of their own.
const THREADS_MAX: usize = 8;
const SITES_PER_THREAD: usize = 16;

/// A site of a portfolio as it is alone.
#[derive(Debug)]
struct Alone {
    member: Member,
    site: Option<Site>,
    /// Where it says what the portfolio says for all.
    stated: Stated,
    findings: Findings,
}

/// What is told beside the tree of a portfolio.
#[derive(Clone, Copy, Debug)]
pub struct Told<'t> {
    pub sources: &'t Sources,
    pub files: &'t [MemberFile],
    pub delays: &'t [Delay],
}

/// Reads a portfolio from its tree.
pub fn read(
    root: Node<'_>,
    told: Told<'_>,
    how: Sites,
    findings: &mut Findings,
) -> Option<Vec<Site>> {
    let Told { sources, files, delays } = told;
    let portfolio = spec::Portfolio::read(root, findings)?;
    let mut members = portfolio.members(findings);
    let mut delays_of = deal_delays(delays, &members, findings);
    for member in &members {
        for (activity, length) in member.changes.delay.iter() {
            let name = activity.value.clone();
            let delay = Delay { at: activity.at, activity: name, length: length.value };
            delays_of.entry(member.id.value.clone()).or_default().push(delay);
        }
    }
    let bodies = file_bodies(sources, files, findings);
    let mut own = SiteSpec::read(portfolio.own.clone(), findings)?;
    let loans: Vec<String> = own.loans.iter().map(|loan| loan.id.value.clone()).collect();
    let work = |member: Member| {
        let delays = delays_of.get(&member.id.value).map_or(&[][..], Vec::as_slice);
        alone(&portfolio, member, &bodies, (delays, &loans))
    };
    let sites = in_parallel(std::mem::take(&mut members), &work);
    let mut sites = sites;
    for site in &mut sites {
        findings.take(&mut site.findings);
    }
    if findings.any_error() {
        return None;
    }
    let together = how == Sites::Together || has_own(&own) || !portfolio.shared.links.0.is_empty();
    if together {
        return Some(vec![join(&portfolio, &mut own, sites, findings)?]);
    }
    let part = |mut group: Vec<Alone>| match group.len() {
        1 => group.pop().and_then(|alone| alone.site),
        _ => join(&portfolio, &mut own.clone(), group, findings),
    };
    groups(sites, &portfolio).into_iter().map(part).collect()
}

/// Whether a portfolio has something of its own beside what it says for all.
fn has_own(own: &SiteSpec) -> bool {
    let money = own.loans.is_empty() && own.contracts.is_empty() && own.operations.0.is_empty();
    !(money && own.activities.0.is_empty() && own.lots.is_empty() && own.opening.is_none())
}

/// Sites by what they share, in file order of the first of each: a crew that two of them need, a
/// store that two of them take racks from.
fn groups(sites: Vec<Alone>, portfolio: &spec::Portfolio) -> Vec<Vec<Alone>> {
    let dedicated = portfolio.shared.allocation.as_ref().map(|word| word.value);
    let pooled = dedicated != Some(AllocationWord::Dedicated);
    let mut first_user = BTreeMap::<(bool, String), usize>::new();
    let mut leader: Vec<usize> = (0..sites.len()).collect();
    for (at, site) in sites.iter().enumerate() {
        for name in shared_by(site, pooled) {
            let other = *first_user.entry(name).or_insert(at);
            let (mine, theirs) = (find(&mut leader, at), find(&mut leader, other));
            leader[mine.max(theirs)] = mine.min(theirs);
        }
    }
    let mut grouped: Vec<Vec<Alone>> = (0..sites.len()).map(|_| Vec::new()).collect();
    for (at, alone) in sites.into_iter().enumerate() {
        grouped[find(&mut leader, at)].push(alone);
    }
    grouped.retain(|group| !group.is_empty());
    grouped
}

/// The first of the group that a site is in.
fn find(leader: &mut [usize], mut at: usize) -> usize {
    while leader[at] != at {
        leader[at] = leader[leader[at]];
        at = leader[at];
    }
    at
}

/// Names of the crews (false) and stores (true) that a site draws on with others.
fn shared_by(alone: &Alone, pooled: bool) -> Vec<(bool, String)> {
    let Some(site) = &alone.site else { return Vec::new() };
    let mut crews = vec![false; site.plan.resources.len()];
    let mut stores = vec![false; site.platforms.len()];
    for activity in &site.plan.activities {
        activity.needs.iter().for_each(|need| crews[need.resource as usize] = true);
        if let Some((store, _)) = activity.takes {
            stores[store as usize] = true;
        }
    }
    let crews = site.plan.resources.iter().zip(crews).filter(|(_, used)| *used);
    let crews = crews.map(|(crew, _)| &crew.id).filter(|id| alone.member.pools.contains(id));
    let stores = site.platforms.iter().zip(stores).filter(|(_, used)| *used && pooled);
    let stores = stores.map(|(of, _)| &of.id).filter(|id| alone.member.platforms.contains(id));
    let crews = crews.map(|id| (false, id.clone()));
    crews.chain(stores.map(|id| (true, id.clone()))).collect()
}

/// Does the same to every site, on as many threads as there are processors and work for.
fn in_parallel(members: Vec<Member>, work: &(dyn Fn(Member) -> Alone + Sync)) -> Vec<Alone> {
    let threads = std::thread::available_parallelism().map_or(1, usize::from).min(THREADS_MAX);
    let each = members.len().div_ceil(threads).max(SITES_PER_THREAD);
    let mut rest = members.into_iter();
    let chunks = std::iter::from_fn(|| {
        let chunk: Vec<Member> = rest.by_ref().take(each).collect();
        (!chunk.is_empty()).then_some(chunk)
    });
    let chunks: Vec<Vec<Member>> = chunks.collect();
    std::thread::scope(|scope| {
        let run = |chunk: Vec<Member>| scope.spawn(move || chunk.into_iter().map(work).collect());
        let running: Vec<_> = chunks.into_iter().map(run).collect();
        let done = running.into_iter().map(|thread| thread.join());
        done.flat_map(|sites: Result<Vec<Alone>, _>| sites.expect("no panic")).collect()
    })
}

/// The trees of the files that sites are in, by path as written; or why there is none.
type Bodies = BTreeMap<String, Result<Vec<Node<'static>>, String>>;

fn file_bodies(sources: &Sources, files: &[MemberFile], findings: &mut Findings) -> Bodies {
    let mut texts = sources.of(SourceKind::Member);
    let mut bodies = Bodies::new();
    for file in files {
        let body = match &file.layers {
            Err(message) => Err(message.clone()),
            Ok(layers) => {
                let layers = texts.by_ref().take(layers.len());
                let trees = layers.map(|text| yaml::parse(text.base, &text.text, findings));
                let trees: Vec<_> = trees.collect();
                let trees: Option<Vec<_>> =
                    trees.into_iter().map(|tree| tree.map(Node::into_owned)).collect();
                Ok(trees.unwrap_or_default())
            }
        };
        bodies.insert(file.path.clone(), body);
    }
    bodies
}

/// Lays the layers of a site together and reads it as a site file.
fn alone(
    portfolio: &spec::Portfolio,
    mut member: Member,
    bodies: &Bodies,
    (delays, loans): (&[Delay], &[String]),
) -> Alone {
    let mut findings = Findings::default();
    let like = member.spec.like.clone();
    let mut root: Node<'_> = portfolio.layers(like.as_ref(), &mut findings);
    let mut own = vec![];
    if let Some(file) = &member.spec.file {
        match bodies.get(&file.value) {
            Some(Ok(trees)) => own.extend(trees.iter().cloned()),
            Some(Err(message)) => {
                let message = format!("cannot read `{}`: {message}", file.value);
                findings.push(Finding::error("member-file", file.at, message));
            }
            None => {
                let message = format!("`{}` was not read", file.value);
                findings.push(Finding::error("member-file", file.at, message));
            }
        }
    }
    own.push(member.body.clone());
    for tree in own {
        overlay::lay_over(&mut root, tree, &mut findings);
    }
    portfolio.share_factors(&member, &mut root);
    // A name of its own wins over what a file says of itself.
    overlay::put_text(&mut root, "site", &member.id);
    attach::attach(&mut root, &mut findings);
    member.changes.make(&mut root, &mut findings);
    let mut root = root.into_owned();
    portfolio.pools_for(&mut root);
    let stated = Stated::of(&root);
    let name = portfolio.shared.portfolio.at;
    agreement::warn_of_unread(&stated, &Stated::of(&portfolio.own), name, &mut findings);
    let groups = ["resources", "calendars", "platforms"];
    let [pools, calendars, platforms] = groups.map(|group| portfolio.still_common(group, &root));
    let mut site = None;
    if !findings.any_error() {
        site = SiteSpec::read(root, &mut findings)
            .and_then(|spec| {
                let pools = Pools { crews: &pools, stores: &platforms, loans };
                lower(spec, delays, pools, &mut findings)
            })
            .filter(|_| !findings.any_error());
    }
    for factor in site.iter_mut().flat_map(|site: &mut Site| &mut site.uncertainty.factors) {
        factor.shared = portfolio.factors.iter().any(|shared| shared.key == factor.id);
    }
    (member.pools, member.calendars, member.platforms) = (pools, calendars, platforms);
    Alone { member, site, stated, findings }
}

/// Delays by the site that they hit: `SITE/ACTIVITY`, or a site whose power is late; patterns and
/// groups stand for all that they name.
fn deal_delays(
    delays: &[Delay],
    members: &[Member],
    findings: &mut Findings,
) -> BTreeMap<String, Vec<Delay>> {
    let mut dealt = BTreeMap::<String, Vec<Delay>>::new();
    for delay in delays {
        // A site or group alone stands for what brings it power.
        let (sites, activity) =
            delay.activity.split_once('/').unwrap_or((delay.activity.as_str(), POWER));
        let hit: Vec<&Member> = members.iter().filter(|member| member.is(sites)).collect();
        if hit.is_empty() {
            let message = format!("no site or group is called `{sites}`");
            let names = members.iter().flat_map(Member::names);
            let help = findings.nearest(sites, names);
            findings.push(Finding::error("unknown-site", delay.at, message).maybe_help(help));
        }
        for member in hit {
            let delay = Delay { activity: activity.to_owned(), ..delay.clone() };
            dealt.entry(member.id.value.clone()).or_default().push(delay);
        }
    }
    dealt
}

/// Puts the sites side by side and adds what the portfolio says for itself.
fn join(
    portfolio: &spec::Portfolio,
    own: &mut SiteSpec,
    sites: Vec<Alone>,
    findings: &mut Findings,
) -> Option<Site> {
    let stated = Stated::of(&portfolio.own);
    for Alone { member, site, stated: theirs, .. } in &sites {
        let Some(site) = site else { continue };
        agreement::check(own, &stated, (&member.id, site, theirs), findings);
    }
    let calendars = calendars::build(own, findings);
    let mut network = Network::new(own, calendars);
    let mut pieces = parts::unfold_parts(own, &mut network, findings);
    refuse_halls(&pieces, findings);
    let power = power::factors(own.power.as_ref(), findings);
    let allocation = portfolio.shared.allocation.as_ref().map(|word| word.value);
    let pooled = allocation != Some(AllocationWord::Dedicated);
    let id = own.site.value.clone();
    let mut joined = Joined::default();
    let mut side_by_side = |alone| add(&mut joined, &mut network, &mut pieces, allocation, alone);
    let members: Vec<_> = sites.into_iter().map(&mut side_by_side).collect();
    dedicate(&mut pieces, pooled, findings);
    network.index(findings);
    network.take_links(&portfolio.shared.links, findings);
    network.resolve_links(findings);
    parts::warn_of_short_racks(&pieces, &[], findings);
    let baseline = baseline::build(own, &network, &pieces, findings);
    let (mut terms, energy, shell) = terms::build(own, &network, &pieces, findings)?;
    draws::secure(&own.loans, &mut terms.loans, &members, findings);
    joined.premises.insert(0, Premises { id: id.clone(), power, energy, shell });
    let mut all = uncertainty::build(own.risk.as_deref(), &network, &pieces, &terms, findings);
    let own_skipped = all.left_out();
    all.leave_out_costs(&mut terms);
    joined.settle(&mut terms, &mut all);
    if terms.follows_plan() && !terms.gates.is_empty() {
        let message = "a date of a loan follows the plan, and work of a site waits for a loan";
        let help = "state a day, or leave `funded_by` out";
        findings.push(Finding::error("loan-date", own.site.at, message).help(help));
    }
    check_sold_twice(&terms.contracts, &pieces, own, findings);
    check_recharge(&terms.contracts, &pieces, &joined, own, findings);
    magnitude::check(own, &terms, &joined.premises[0], &network, &pieces, &joined.stages, findings);
    if findings.any_error() {
        return None;
    }
    rank_by_contract(allocation, &mut network, &pieces, &joined, &terms.contracts);
    let mut plan = network.assemble(&pieces, own.rules.as_ref(), findings)?;
    plan.skipped = own_skipped;
    plan.skipped.append(&mut joined.skipped);
    plan.skipped.sort_unstable();
    Some(Site {
        id,
        title: own.title.take().unwrap_or_default(),
        plan,
        premises: joined.premises,
        baseline,
        stages: joined.stages,
        halls: joined.halls,
        units: pieces.units,
        platforms: pieces.platforms,
        lots: pieces.lots,
        terms,
        uncertainty: all,
        portfolio: Some(Portfolio { members }),
    })
}

/// Puts one site beside those that are there.
fn add(
    joined: &mut Joined,
    network: &mut Network,
    pieces: &mut Pieces,
    allocation: Option<AllocationWord>,
    alone: Alone,
) -> crate::model::portfolio::Member {
    let Alone { member, site, .. } = alone;
    let site = site.expect("refused before");
    let Member { id, pools, calendars, platforms, spec, .. } = member;
    let pooled = allocation != Some(AllocationWord::Dedicated);
    let rank = match allocation {
        Some(AllocationWord::Priority) => spec.priority.unwrap_or(0),
        _ => 0,
    };
    let told = crate::model::portfolio::Member {
        id: id.value.clone(),
        groups: spec.groups.into_iter().map(|group| group.value).collect(),
        premises: joined.premises.len() as u32 + 1,
    };
    let stores = if pooled { platforms } else { Vec::new() };
    let joining = Joining { id: id.value, at: id.at, site, pools, calendars, stores, rank };
    joined.add(network, pieces, joining);
    told
}

/// Halls and stages stand in sites.
fn refuse_halls(pieces: &Pieces, findings: &mut Findings) {
    if let Some(hall) = pieces.halls.first() {
        let message = "halls belong to a site";
        findings.push(Finding::error("misplaced-key", hall.at, message));
    }
}

/// Gives each dedicated lot of the portfolio to the store of its site.
fn dedicate(pieces: &mut Pieces, pooled: bool, findings: &mut Findings) {
    for at in 0..pieces.lot_sites.len() {
        let (lot, place) = (&pieces.lots[at], pieces.lot_places[at]);
        let platform = &pieces.platforms[lot.platform as usize].id;
        let Some(site) = &pieces.lot_sites[at] else {
            if !pooled {
                let message = format!("`{}` is dedicated to no site", lot.id);
                let help = "say which, `site: denton`, or pool the lots: `allocation: readiness`";
                findings.push(Finding::error("dedicated-lot", place, message).help(help));
            }
            continue;
        };
        if pooled {
            continue;
        }
        let wanted = format!("{}/{platform}", site.value);
        match pieces.platforms.iter().position(|platform| platform.id == wanted) {
            Some(found) => pieces.lots[at].platform = found as u32,
            None => {
                let message = format!("no site called `{}` uses `{platform}`", site.value);
                let finding = Finding::error("unknown-site", site.at, message);
                let names = pieces
                    .platforms
                    .iter()
                    .filter_map(|platform| platform.id.split_once('/').map(|(site, _)| site));
                let help = findings.nearest(&site.value, names);
                findings.push(finding.maybe_help(help));
            }
        }
    }
}

/// A unit that its site sells is not sold by the portfolio too.
fn check_sold_twice(
    contracts: &[Contract],
    pieces: &Pieces,
    own: &SiteSpec,
    findings: &mut Findings,
) {
    let mut sold = vec![None; pieces.units.len()];
    for (at, contract) in contracts.iter().enumerate() {
        for &unit in &contract.units {
            if let Some(other) = sold[unit as usize].replace(at) {
                let place = own.contracts.get(other).map_or(own.site.at, |spec| spec.at);
                let message = format!(
                    "`{}` is sold to `{}` and to `{}`",
                    pieces.units[unit as usize].id, contracts[other].id, contract.id
                );
                findings.push(Finding::error("sold-twice", place, message));
                return;
            }
        }
    }
}

/// Where power is passed through, a contract has one site: its refund follows that site's bill.
fn check_recharge(
    contracts: &[Contract],
    pieces: &Pieces,
    joined: &Joined,
    own: &SiteSpec,
    findings: &mut Findings,
) {
    let of = |unit: &u32| joined.halls[pieces.units[*unit as usize].hall as usize].premises;
    let zero = crate::unit::Share::ZERO;
    for (at, contract) in contracts.iter().enumerate() {
        let Some(first) = contract.units.first().map(of) else { continue };
        let other = contract.units.iter().map(of).find(|&premises| premises != first);
        let passes = |at: u32| joined.premises[at as usize].energy.pass_through != zero;
        let Some(other) = other.filter(|&other| passes(first) || passes(other)) else { continue };
        let message = format!(
            "`{}` covers {} and {}, where power is passed through",
            contract.id, joined.premises[first as usize].id, joined.premises[other as usize].id
        );
        let place = own.contracts.get(at).map_or(own.site.at, |spec| spec.at);
        let help = "write one contract for each site, or `pass_through: none`";
        findings.push(Finding::error("recharge", place, message).help(help));
    }
}

/// Orders the sites that wait for racks: by contract value a rack, or by the day their first
/// customer signed. A smaller rank is served first.
fn rank_by_contract(
    allocation: Option<AllocationWord>,
    network: &mut Network,
    pieces: &Pieces,
    joined: &Joined,
    contracts: &[Contract],
) {
    let by_value = match allocation {
        Some(AllocationWord::ContractValue) => true,
        Some(AllocationWord::FirstCome) => false,
        _ => return,
    };
    let sites = joined.premises.len();
    let mut value = vec![0_i128; sites];
    let mut signed = vec![Day(i32::MAX); sites];
    let mut racks = vec![0_i128; sites];
    for contract in contracts {
        let gpus: u64 =
            contract.units.iter().map(|&u| u64::from(pieces.units[u as usize].gpus)).sum();
        for &at in &contract.units {
            let unit = &pieces.units[at as usize];
            let site = joined.halls[unit.hall as usize].premises as usize;
            racks[site] += i128::from(unit.racks);
            signed[site] = signed[site].min(contract.signed);
            let hours = i128::from(contract.term_months) * 730;
            value[site] += match contract.price {
                Price::PerGpuHour(amount) => {
                    i128::from(amount.micros) * i128::from(unit.gpus) * hours
                }
                Price::PerItKwMonth(amount) => {
                    i128::from(amount.micros) * i128::from(unit.it_power.0) / 1_000
                        * i128::from(contract.term_months)
                }
                Price::PerItMwMonth(amount) => {
                    i128::from(amount.micros) * i128::from(unit.it_power.0) / 1_000_000
                        * i128::from(contract.term_months)
                }
                Price::Total(amount) => {
                    i128::from(amount.micros) * i128::from(unit.gpus) / i128::from(gpus.max(1))
                }
            };
        }
    }
    let mut order: Vec<usize> = (0..sites).collect();
    let worth = |site: &usize| -value[*site] / racks[*site].max(1);
    match by_value {
        true => order.sort_by_key(worth),
        false => order.sort_by_key(|&site| signed[site]),
    }
    let mut rank = vec![0; sites];
    order.iter().zip(0..).for_each(|(&site, place)| rank[site] = place);
    for draft in &mut network.drafts {
        let activity = &mut draft.activity;
        if let (Some(_), Some(hall)) = (activity.takes, activity.hall) {
            activity.priority += rank[joined.halls[hall as usize].premises as usize];
        }
    }
}
