//! From typed text to the checked model: names resolve, repetitions unfold, dates and power add up.
//!
//! [`load`] is the one way in. It goes through the file section by section (`calendars`, `network`,
//! `power`, `baseline`, `terms`), collecting findings, and gives a [`Site`] only when there is no
//! error among them. Whatever the rest of the program assumes about a site is checked here.

mod agreement;
mod baseline;
mod calendars;
mod contracts;
mod covenants;
mod draws;
mod expand;
mod join;
mod links;
mod loan_dates;
mod loans;
mod magnitude;
mod network;
mod parts;
mod portfolio;
mod power;
mod risks;
mod running;
mod scheduling;
mod spread;
mod terms;
#[cfg(test)]
mod tests;
mod uncertainty;

use std::collections::BTreeMap;

use super::{Premises, Site};
use crate::spec::portfolio::{deal, is_portfolio, set};
use crate::spec::scenario::{self, Scenario};
use crate::spec::site::SiteSpec;
use crate::spec::{
    At, Finding, Findings, Shape, Source, SourceKind, Sources, attach, edit, known, overlay, yaml,
};
use crate::time::Day;

/// What to load: a site file, what is laid over it, and the edits given with it.
#[derive(Clone, Debug, Default)]
pub struct Input {
    /// Name of the file, for findings.
    pub name: String,
    /// Its text, as read.
    pub text: Vec<u8>,
    /// Names and texts of files laid over it, in order: maps fill up, all else is replaced.
    pub overlays: Vec<(String, Vec<u8>)>,
    /// The files that the sites of a portfolio are in.
    pub members: Vec<MemberFile>,
    /// Names and texts of scenarios, in order.
    pub scenarios: Vec<(String, Vec<u8>)>,
    /// Entries that became known after this day are left out.
    pub as_of: Option<Day>,
    /// `KEY=VALUE` edits, in order.
    pub sets: Vec<String>,
    /// `ACTIVITY=8w` delays.
    pub delays: Vec<String>,
}

/// A file that a site of a portfolio is in.
#[derive(Clone, Debug)]
pub struct MemberFile {
    /// Its path as the portfolio writes it.
    pub path: String,
    /// Names and texts of the files that lie beneath it and of itself, lowest first; or why it
    /// cannot be read.
    pub layers: Result<Vec<(String, Vec<u8>)>, String>,
}

/// What came of a load.
#[derive(Debug)]
pub struct Loaded {
    /// All texts, for showing findings.
    pub sources: Sources,
    /// Errors first, then warnings.
    pub findings: Vec<Finding>,
    /// The site, if there was no error.
    pub site: Option<Site>,
}

/// What came of a load in parts.
#[derive(Debug)]
pub struct LoadedParts {
    /// All texts, for showing findings.
    pub sources: Sources,
    /// Errors first, then warnings.
    pub findings: Vec<Finding>,
    /// The parts, in file order of their first sites, if there was no error.
    pub parts: Option<Vec<Site>>,
}

/// Reads, checks and lowers a site.
///
/// Cost: linear in the text, but for sorting names; a gigabyte needs some ten times its size.
pub fn load(input: Input) -> Loaded {
    let LoadedParts { sources, findings, parts } = load_as(input, Sites::Together);
    Loaded { sources, findings, site: parts.and_then(|parts| parts.into_iter().next()) }
}

/// As [`load`], but the sites of a portfolio that share nothing stay apart, each as it is alone;
/// those that share crews or racks are joined to parts of the portfolio. Where the portfolio has
/// lots, links or activities of its own there is one part.
pub fn load_parts(input: Input) -> LoadedParts {
    load_as(input, Sites::Apart)
}

/// What becomes of the sites of a portfolio.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Sites {
    /// One network.
    Together,
    /// One for each group that shares something.
    Apart,
}

fn load_as(mut input: Input, how: Sites) -> LoadedParts {
    let mut sources = Sources::default();
    let mut findings = Findings::default();
    let files = std::iter::once((input.name, input.text)).chain(input.overlays);
    let flags = |kind, name: &'static str, texts: Vec<String>| {
        texts.into_iter().map(move |text| (kind, name.to_owned(), text.into_bytes()))
    };
    let members = input.members.iter_mut().filter_map(|file| file.layers.as_mut().ok());
    let members = members.flat_map(|layers| {
        layers.iter_mut().map(|(name, text)| (name.clone(), std::mem::take(text)))
    });
    let scenarios = input.scenarios.into_iter();
    let texts = files
        .map(|(name, text)| (SourceKind::File, name, text))
        .chain(members.map(|(name, text)| (SourceKind::Member, name, text)))
        .chain(scenarios.map(|(name, text)| (SourceKind::Scenario, name, text)))
        .chain(flags(SourceKind::Set, "--set", input.sets))
        .chain(flags(SourceKind::Delay, "--delay", input.delays));
    for (kind, name, bytes) in texts {
        let (text, broken) = decode(bytes);
        match (sources.add(kind, name, text), broken) {
            (None, _) => {
                let message = format!("more than {} bytes of text", Sources::BYTES_MAX);
                findings.push(Finding::error("file-too-large", At::default(), message));
            }
            (Some(base), Some(end)) => {
                let at = At::new(base, end, end);
                let message = format!("this is not UTF-8 text: byte {end} begins no character");
                findings.push(Finding::error("not-text", at, message));
            }
            (Some(_), None) => {}
        }
    }
    let parts = if findings.any_error() {
        None
    } else {
        read(&sources, &input.members, input.as_of, how, &mut findings)
    };
    let parts = parts.filter(|_| !findings.any_error());
    let findings = findings.into_sorted();
    let findings = match &parts {
        Some(_) => findings,
        None => without_consequences(findings, &sources),
    };
    LoadedParts { sources, findings, parts }
}

/// Findings that may only follow from a value that could not be read.
const CONSEQUENCES: [&str; 22] = [
    "calendar",
    "contract-price",
    "dates-out-of-order",
    "delay",
    "elapsed-time",
    "empty-contract",
    "empty-curve",
    "hall-too-small",
    "loan-rate",
    "lot-dates",
    "milestone-duration",
    "missing-duration",
    "months",
    "not-enough-power",
    "owned-and-leased",
    "payment-shares",
    "power-factor",
    "price-unit",
    "progress",
    "ready-for-service",
    "shell",
    "too-many",
];

/// Warnings that mean nothing while names and links are missing.
const OF_A_WHOLE_SITE: [&str; 5] =
    ["dangling-activity", "split-hall", "too-few-racks", "unreachable-activity", "unused-resource"];

/// Leaves out what may only follow from another error in the same block of the file (the same
/// activity, loan, hall template), so that each mistake is told once.
fn without_consequences(findings: Vec<Finding>, sources: &Sources) -> Vec<Finding> {
    let files = [SourceKind::File, SourceKind::Member, SourceKind::Scenario];
    let files = files.into_iter().flat_map(|kind| sources.of(kind));
    let roots = files.map(|file| {
        Some((file.base, yaml::parse(file.base, &file.text, &mut Findings::default())?))
    });
    let Some(roots) = roots.collect::<Option<BTreeMap<_, _>>>() else { return findings };
    let block = |finding: &Finding| {
        let source = sources.source(finding.at.start);
        let path = source.map_or_else(String::new, |source| match roots.get(&source.base) {
            Some(root) => yaml::path_in(root, finding.at),
            None => source.text.split('=').next().unwrap_or("").trim().to_owned(),
        });
        let mut steps = path.split('.');
        (steps.next().unwrap_or("").to_owned(), steps.next().unwrap_or("").to_owned())
    };
    let cause = |finding: &&Finding| {
        finding.severity == crate::spec::Severity::Error && !CONSEQUENCES.contains(&finding.id)
    };
    let causes: Vec<_> = findings.iter().filter(cause).map(block).collect();
    let follows = |finding: &Finding| {
        let (group, member) = block(finding);
        // A flag names an item of a list by its id.
        let list = group.split('[').next().unwrap_or(&group);
        let whole = ["halls", "buildings", "lots"].iter().any(|g| group.starts_with(g))
            || group.contains('[')
            || member.is_empty();
        let same = |cause: &(String, String)| {
            let clock = ["start", "status_date"].contains(&cause.0.as_str());
            let here = cause.0 == group || cause.0 == list;
            // What a rule attaches may be wrong in any activity.
            let attached = cause.0.starts_with("attach");
            clock || attached || (here && (whole || cause.1 == member))
        };
        // What stands in for an unread value has no place.
        let stand_in = finding.at == At::default() && !causes.is_empty();
        CONSEQUENCES.contains(&finding.id) && (stand_in || causes.iter().any(same))
    };
    // A contract covers nothing where the halls that it names could not be filled.
    let unfilled = |finding: &Finding| {
        let cause = |cause: &(String, String)| cause.0.starts_with("halls");
        finding.id == "empty-contract" && causes.iter().any(cause)
    };
    let follows = |finding: &Finding| follows(finding) || unfilled(finding);
    let vain = |finding: &Finding| OF_A_WHOLE_SITE.contains(&finding.id) || follows(finding);
    findings.iter().filter(|finding| !vain(finding)).cloned().collect()
}

/// The bytes as text, as far as they are UTF-8, and where they cease to be.
fn decode(bytes: Vec<u8>) -> (String, Option<usize>) {
    match String::from_utf8(bytes) {
        Ok(text) => (text, None),
        Err(error) => {
            let end = error.utf8_error().valid_up_to();
            let mut bytes = error.into_bytes();
            bytes.truncate(end);
            (String::from_utf8(bytes).unwrap_or_default(), Some(end))
        }
    }
}

fn read(
    sources: &Sources,
    files: &[MemberFile],
    as_of: Option<Day>,
    how: Sites,
    findings: &mut Findings,
) -> Option<Vec<Site>> {
    let mut root = layers(sources, findings)?;
    let scenarios = scenarios(sources, findings);
    scenario::check(&scenarios, &root, findings);
    let stated = scenarios.iter().filter_map(|scenario| scenario.head.as_of.as_ref());
    let as_of = as_of.or(stated.map(|day| day.value).min());
    known::as_known(&mut root, as_of, findings);
    let many = is_portfolio(&root);
    for scenario in &scenarios {
        match many {
            true => deal(&mut root, &scenario.changes, findings),
            false => scenario.changes.make(&mut root, findings),
        }
    }
    if !many {
        attach::attach(&mut root, findings);
    }
    for flag in sources.of(SourceKind::Set) {
        if let Some((at, path, value)) = edit::parse_set(flag, findings) {
            match many {
                true => set(&mut root, at, path, value, findings),
                false => edit::set(&mut root, at, path, value, findings),
            }
        }
    }
    let delays = sources.of(SourceKind::Delay);
    let delays = delays.filter_map(|flag| network::parse_delay(flag, findings));
    let delays: Vec<_> = scenarios.iter().flat_map(told_delays).chain(delays).collect();
    if many {
        let told = portfolio::Told { sources, files, delays: &delays };
        return portfolio::read(root, told, how, findings);
    }
    let spec = SiteSpec::read(root, findings)?;
    Some(vec![lower(spec, &delays, Pools::default(), findings)?])
}

/// The file and what is laid over it, as one tree.
fn layers<'s>(sources: &'s Sources, findings: &mut Findings) -> Option<yaml::Node<'s>> {
    let mut root = None;
    for file in sources.of(SourceKind::File) {
        if let Some(at) = file.text.find('\0') {
            let at = At::new(file.base, at, at);
            let message = "this is not text: it holds a zero byte";
            findings.push(Finding::error("binary-file", at, message));
            return None;
        }
        let layer = yaml::parse(file.base, &file.text, findings)?;
        match &mut root {
            None => root = Some(layer),
            Some(root) => overlay::lay_over(root, layer, findings),
        }
    }
    root
}

/// The scenarios, in order; one that cannot be read is a finding.
fn scenarios(sources: &Sources, findings: &mut Findings) -> Vec<Scenario> {
    let read = |text: &Source| {
        let root = yaml::parse(text.base, &text.text, findings)?;
        Scenario::read(root, findings)
    };
    sources.of(SourceKind::Scenario).filter_map(read).collect()
}

/// The delays that a scenario states.
fn told_delays(scenario: &Scenario) -> impl Iterator<Item = network::Delay> {
    scenario.changes.delay.iter().map(|(name, length)| network::Delay {
        at: name.at,
        activity: name.value.clone(),
        length: length.value,
    })
}

/// What a site of a portfolio draws on with others, so that it alone may not use or fill it.
#[derive(Clone, Copy, Debug, Default)]
struct Pools<'p> {
    /// Resources.
    crews: &'p [String],
    /// Platforms whose racks come from a store of all.
    stores: &'p [String],
    /// Loans that may fund its work.
    loans: &'p [String],
}

/// Warns of a site in which nothing happens: in a portfolio most likely a file that was meant.
fn warn_of_nothing(spec: &SiteSpec, network: &network::Network, findings: &mut Findings) {
    let money = !spec.contracts.is_empty() || !spec.loans.is_empty();
    if network.drafts.is_empty() && !money && spec.operations.iter().next().is_none() {
        let id = &spec.site.value;
        let message = format!("nothing happens at `{id}`: it has no activities, halls or lots");
        let help = "a site in a file of its own is `file: NAME.yaml`";
        let finding = Finding::warning("empty-site", spec.site.at, message);
        findings.push(finding.help(help));
    }
}

/// Lowers a typed site to the checked model.
fn lower(
    mut spec: SiteSpec,
    delays: &[network::Delay],
    pools: Pools<'_>,
    findings: &mut Findings,
) -> Option<Site> {
    let calendars = calendars::build(&spec, findings);
    let mut network = network::Network::new(&spec, calendars);
    network.loans_above = pools.loans.to_vec();
    let pieces = parts::unfold_parts(&mut spec, &mut network, findings);
    network.index(findings);
    network.apply_delays(delays, findings);
    network.resolve_links(findings);
    network.delay_power(delays, findings);
    let power = power::factors(spec.power.as_ref(), findings);
    let stages = power::stages(&mut network, &power);
    let halls = power::feed(&pieces, &stages, &power, findings);
    network.wait_for_power(&halls, &stages);
    warn_of_nothing(&spec, &network, findings);
    network.warn_of_open_ends(findings);
    network.warn_of_unused_crews(&spec.resources, pools.crews, findings);
    parts::warn_of_short_racks(&pieces, pools.stores, findings);
    let baseline = baseline::build(&spec, &network, &pieces, findings);
    draws::refuse_sites(&spec.loans, findings);
    let (mut terms, energy, shell) = terms::build(&spec, &network, &pieces, findings)?;
    let risk = spec.risk.as_deref();
    let uncertainty = uncertainty::build(risk, &network, &pieces, &terms, findings);
    let id = spec.site.value.clone();
    let premises = Premises { id, power, energy, shell };
    magnitude::check(&spec, &terms, &premises, &network, &pieces, &stages, findings);
    if findings.any_error() {
        return None;
    }
    let mut plan = network.assemble(&pieces, spec.rules.as_ref(), findings)?;
    uncertainty.leave_out_costs(&mut terms);
    plan.skipped = uncertainty.left_out();
    Some(Site {
        id: spec.site.value,
        premises: vec![premises],
        title: spec.title.unwrap_or_default(),
        plan,
        baseline,
        stages,
        halls,
        units: pieces.units,
        platforms: pieces.platforms,
        lots: pieces.lots,
        terms,
        uncertainty,
        portfolio: None,
    })
}
