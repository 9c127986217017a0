//! The shape of a portfolio file: many sites, what they share, and the money that is over them.
//!
//! A site of a portfolio is a site file laid together from up to four layers, each counting over
//! the one before: what the portfolio says for all ([`COMMON`]), the archetype that the site is
//! `like`, the `file` that holds it, and what the portfolio says at the site itself. What is left
//! of the portfolio (contracts, loans, equity, overhead) is read as the file of one large site.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use super::activity::LinkSpec;
use super::changes::Changes;
use super::edit;
use super::finding::{Finding, Findings};
use super::fleet::{self, VintageSpec};
use super::overlay::lay_over;
use super::pattern::matches_pattern;
use super::schema;
use super::shape::{Named, Placed, Raw, Shape, expected, shape, words};
use super::source::At;
use super::yaml::{self, Entry, Kind, Node};
use crate::time::Minute;

/// Keys of a portfolio that hold for each of its sites unless the site says otherwise.
pub const COMMON: [&str; 14] = [
    "start",
    "status_date",
    "currency",
    "fx",
    "rules",
    "calendars",
    "calendar",
    "platforms",
    "power",
    "shell",
    "lives",
    "curves",
    "values",
    "resources",
];

words! {
    /// Who gets the racks that several sites wait for.
    pub enum AllocationWord {
        /// Each lot goes to the site that it is for.
        Dedicated = "dedicated",
        /// Whoever asks first, a site that is ready before all others.
        FirstCome = "first-come",
        /// The site with the smaller `priority`.
        Priority = "priority",
        /// The site whose contracts earn more a rack.
        ContractValue = "contract-value",
        /// The site with more IT power ready for racks that it does not have.
        Readiness = "readiness",
    }
}

shape! {
    /// What a portfolio says of one of its sites beside the keys of a site file.
    pub struct MemberSpec {
        /// The archetype that it is like.
        like: Option<Placed<String>>,
        /// The file that holds it.
        file: Option<Placed<String>>,
        /// Names that it may be called by together with others.
        groups: Vec<Placed<String>>,
        /// Smaller is served first where racks are pooled by priority.
        priority: Option<i32>,
    }
}

impl MemberSpec {
    const KEYS: [&'static str; 4] = ["like", "file", "groups", "priority"];
}

shape! {
    /// Keys of a portfolio that no site file has.
    pub struct SharedSpec {
        /// Its short name.
        portfolio: Placed<String>,
        /// Bodies of sites to be written once.
        archetypes: Named<Raw> as schema::archetypes,
        /// Its sites.
        sites: Named<Raw> as schema::sites,
        /// Capacity that earns when the books open, by vintage.
        fleet: Named<VintageSpec>,
        /// Who gets the racks that several sites wait for.
        allocation: Option<Placed<AllocationWord>>,
        /// What an activity of a site comes after at another: activity to links.
        links: Named<Vec<LinkSpec>>,
    }
}

impl SharedSpec {
    const KEYS: [&'static str; 6] =
        ["portfolio", "archetypes", "sites", "fleet", "allocation", "links"];
}

/// The files that the sites of a portfolio are in, as written; none for the file of one site.
///
/// A text that cannot be read names none; what is wrong with it is found when it is loaded.
pub fn files(text: &str) -> Vec<String> {
    // Most files are of one site, and reading one twice costs as much as reading it once.
    if !text.lines().any(|line| line.starts_with("sites:")) {
        return Vec::new();
    }
    let Some(root) = yaml::parse(0, text, &mut Findings::default()) else { return Vec::new() };
    let sites = root.get("sites").map(|sites| &sites.value.kind);
    let Some(Kind::Map(sites)) = sites else { return Vec::new() };
    let file = |site: &Entry<'_>| match &site.value.get("file")?.value.kind {
        Kind::Text(path) => Some(path.to_string()),
        _ => None,
    };
    sites.iter().filter_map(file).collect()
}

/// The files that a scenario puts sites of a portfolio into: `set: {sites.london.file: b.yaml}`.
pub fn files_set(text: &str) -> Vec<String> {
    let Some(root) = yaml::parse(0, text, &mut Findings::default()) else { return Vec::new() };
    let Some(Kind::Map(sets)) = root.get("set").map(|set| &set.value.kind) else {
        return Vec::new();
    };
    let file = |set: &Entry<'_>| match &set.value.kind {
        Kind::Text(path) if set.key.starts_with("sites.") && set.key.ends_with(".file") => {
            Some(path.to_string())
        }
        _ => None,
    };
    sets.iter().filter_map(file).collect()
}

/// Whether a tree is that of a portfolio rather than of a site.
pub fn is_portfolio(root: &Node<'_>) -> bool {
    root.get("portfolio").is_some()
}

/// Sends changes of sites to the sites: `sites.denton.power.pue` and `sites.texas.power.pue` become
/// changes of what those sites are once their layers lie over each other. What is left concerns the
/// portfolio itself.
pub fn deal<'s>(root: &mut Node<'s>, changes: &'s Changes, findings: &mut Findings) {
    let own = |path: &str| within(path).is_none();
    for path in changes.remove.iter().filter(|path| !own(&path.value)) {
        let value = Node { at: path.at, kind: Kind::Text(Cow::Borrowed(&path.value)) };
        send(root, path.at, "remove", &path.value, value, findings);
    }
    for (path, value) in changes.set.iter().filter(|(path, _)| !own(&path.value)) {
        send(root, path.at, "set", &path.value, value.0.clone(), findings);
    }
    for (path, factor) in changes.scale.iter().filter(|(path, _)| !own(&path.value)) {
        let text = factor.value.0.normalize().to_string();
        let value = Node { at: factor.at, kind: Kind::Text(Cow::Owned(text)) };
        send(root, path.at, "scale", &path.value, value, findings);
    }
    for (path, value) in changes.add.iter().filter(|(path, _)| !own(&path.value)) {
        send(root, path.at, "add", &path.value, value.0.clone(), findings);
    }
    let mut rest = changes.clone();
    rest.remove.retain(|path| own(&path.value));
    rest.set.0.retain(|(path, _)| own(&path.value));
    rest.scale.0.retain(|(path, _)| own(&path.value));
    rest.add.0.retain(|(path, _)| own(&path.value));
    let mut owned = std::mem::replace(root, Node { at: root.at, kind: Kind::Null }).into_owned();
    rest.make(&mut owned, findings);
    *root = owned.into_owned();
}

/// Sets a key of one site, of a group of sites, or of the portfolio: `sites.denton.power.pue`,
/// `sites.texas.halls.fit-out.duration`, `loans.ddtl.margin`.
pub fn set<'s>(
    root: &mut Node<'s>,
    at: At,
    path: &'s str,
    value: Node<'s>,
    findings: &mut Findings,
) {
    match within(path) {
        Some(_) => send(root, at, "set", path, value, findings),
        None => edit::set(root, at, path, value, findings),
    }
}

/// The site or group that a path leads into, and the path within it.
fn within(path: &str) -> Option<(&str, &str)> {
    let found = path.strip_prefix("sites.")?.split_once('.')?;
    Some(found).filter(|(_, key)| !MemberSpec::KEYS.contains(key))
}

/// Adds a change to those of the sites that a path leads into.
fn send<'s>(
    root: &mut Node<'s>,
    at: At,
    change: &'static str,
    path: &'s str,
    value: Node<'s>,
    findings: &mut Findings,
) {
    let Some((name, key)) = within(path) else { return };
    let Some(Kind::Map(sites)) = root.get_mut("sites").map(|sites| &mut sites.kind) else { return };
    let mut known = Vec::new();
    let mut any = false;
    for site in sites {
        let groups = site.value.get("groups").map(|groups| &groups.value);
        let groups = groups.into_iter().flat_map(names).map(str::to_owned);
        let called: Vec<String> = std::iter::once(site.key.to_string()).chain(groups).collect();
        if matches_pattern(name, &called[0]) || called[1..].iter().any(|group| group == name) {
            any = true;
            match change {
                "remove" => {
                    let value = Node { at, kind: Kind::Text(Cow::Borrowed(key)) };
                    edit::append(&mut site.value, at, change, value);
                }
                _ => edit::push_into(&mut site.value, at, change, key, value.clone()),
            }
        }
        known.extend(called);
    }
    if !any {
        let message = format!("no site or group is called `{name}`");
        let help = findings.nearest(name, known.iter().map(String::as_str));
        findings.push(Finding::error("unknown-site", at, message).maybe_help(help));
    }
}

/// A portfolio taken apart.
#[derive(Clone, Debug)]
pub struct Portfolio {
    /// What it says of itself.
    pub shared: SharedSpec,
    /// What holds for all sites, as the lowest layer of each.
    pub common: Node<'static>,
    /// Resources that sites draw on with others.
    pub pools: BTreeMap<String, Entry<'static>>,
    /// Risk factors that several sites share.
    pub factors: Vec<Entry<'static>>,
    /// The rest: a site file without activities.
    pub own: Node<'static>,
}

/// One site of a portfolio before it is read as a site file.
#[derive(Clone, Debug)]
pub struct Member {
    /// Its name.
    pub id: Placed<String>,
    /// What the portfolio says of it beside the keys of a site file.
    pub spec: MemberSpec,
    /// Its own keys.
    pub body: Node<'static>,
    /// What is changed in it once all its layers lie over each other.
    pub changes: Changes,
    /// Resources that it draws on with others.
    pub pools: Vec<String>,
    /// Calendars that it has from the portfolio.
    pub calendars: Vec<String>,
    /// Platforms that it has from the portfolio.
    pub platforms: Vec<String>,
}

impl Portfolio {
    /// Takes a portfolio file apart.
    pub fn read(root: Node<'_>, findings: &mut Findings) -> Option<Portfolio> {
        let Node { at, kind: Kind::Map(entries) } = root.into_owned() else {
            findings.push(Finding::error("map", At::default(), "expected a map of keys"));
            return None;
        };
        let mut parts: [Vec<Entry<'static>>; 3] = Default::default();
        let [shared, common, own] = &mut parts;
        let mut pools = BTreeMap::new();
        for entry in entries {
            let key: &str = &entry.key;
            if SharedSpec::KEYS.contains(&key) {
                shared.push(entry);
                continue;
            }
            match (key, &entry.value.kind) {
                ("resources", Kind::Map(all)) => {
                    pools.extend(all.iter().map(|entry| (entry.key.to_string(), entry.clone())));
                }
                _ if COMMON.contains(&key) => common.push(entry.clone()),
                _ => {}
            }
            own.push(entry);
        }
        let [shared, common, mut own] = parts;
        let node = |entries| Node { at, kind: Kind::Map(entries) };
        let shared = SharedSpec::read(node(shared), findings)?;
        let factors = take_factors(&mut own);
        let key = Cow::Borrowed("site");
        let id = Kind::Text(Cow::Owned(shared.portfolio.value.clone()));
        let value = Node { at: shared.portfolio.at, kind: id };
        own.push(Entry { at: shared.portfolio.at, key, value });
        Some(Portfolio { shared, common: node(common), pools, factors, own: node(own) })
    }

    /// Its sites; the finding of one that cannot be read leaves it out.
    pub fn members(&self, findings: &mut Findings) -> Vec<Member> {
        let mut members: Vec<Member> = Vec::with_capacity(self.shared.sites.0.len());
        for (name, body) in self.shared.sites.iter() {
            if name.value.contains(['/', '*', ' ', '.']) || name.value.is_empty() {
                let message = format!("`{}` cannot be the name of a site", name.value);
                let help = "names hold no slash, dot, star or space";
                findings.push(Finding::error("odd-name", name.at, message).help(help));
            }
            members.extend(member(name, &body.0, findings));
        }
        self.refuse_one_name_for_two(findings);
        if let Some((first, _)) = self.shared.fleet.0.first() {
            let id = Placed { at: first.at, value: fleet::SITE.to_owned() };
            let start = self.common.get("start").map(|start| start.value.clone());
            let start = start.and_then(|start| Minute::read(start, &mut Findings::default()));
            let start = start.unwrap_or(Minute(0)).day();
            let body = fleet::body(&self.shared.fleet, start, findings);
            members.extend(member(&id, &body, findings));
        }
        members
    }

    /// Names in front of activities tell sites, the fleet and the portfolio itself apart.
    fn refuse_one_name_for_two(&self, findings: &mut Findings) {
        let shared = &self.shared;
        let fleet = shared.fleet.0.first().map(|(first, _)| (fleet::SITE, first.at));
        let portfolio = (shared.portfolio.value.as_str(), shared.portfolio.at);
        let taken = [(portfolio, "the portfolio")].into_iter();
        let taken = taken.chain(fleet.map(|fleet| (fleet, "what `fleet` becomes")));
        for ((name, at), what) in taken {
            let twice = shared.sites.iter().find(|(site, _)| site.value == name);
            if let Some((site, _)) = twice {
                let message = format!("`{name}` is the name of a site and of {what}");
                let finding = Finding::error("duplicate-id", site.at, message);
                findings.push(finding.also(at, "the other of that name"));
            }
        }
    }

    /// The layers of a site beneath its file and its own keys: what is common and its archetype.
    pub fn layers(&self, like: Option<&Placed<String>>, findings: &mut Findings) -> Node<'static> {
        let mut root = self.common.clone();
        if let Some(like) = like {
            match self.shared.archetypes.position(&like.value) {
                Some(at) => lay_over(&mut root, self.shared.archetypes.0[at].1.0.clone(), findings),
                None => {
                    let message = format!("no archetype is called `{}`", like.value);
                    let help = findings.nearest(&like.value, self.shared.archetypes.names());
                    let finding = Finding::error("unknown-archetype", like.at, message);
                    findings.push(finding.maybe_help(help));
                }
            }
        }
        root
    }

    /// Lays the common resources that a key of the site's tree names beneath its own: it needs none
    /// of the others, and there may be thousands.
    pub fn pools_for(&self, root: &mut Node<'static>) {
        let mut keys = BTreeSet::new();
        gather(root, &mut keys);
        let all = &self.pools;
        let few = all.len() <= FEW;
        let used: Vec<&Entry<'static>> = match few {
            true => all.values().collect(),
            false => keys.iter().filter_map(|&key| all.get(key)).collect(),
        };
        let mut used: Vec<Entry<'static>> = used.into_iter().cloned().collect();
        used.sort_by_key(|entry| entry.at);
        let at = used.first().map_or(root.at, |entry| entry.at);
        let pools = Node { at, kind: Kind::Map(used) };
        let entries = vec![Entry { at, key: Cow::Borrowed("resources"), value: pools }];
        let mut below = Node { at, kind: Kind::Map(entries) };
        let own = std::mem::replace(root, Node { at, kind: Kind::Null });
        let at = own.at;
        edit::merge(&mut below, own);
        *root = Node { at, ..below };
    }

    /// What the tree of a site still has from the map of this name that holds for all sites: its
    /// `platforms`, say, but for those that it states itself.
    pub fn still_common(&self, group: &str, root: &Node<'_>) -> Vec<String> {
        let Some(Kind::Map(own)) = root.get(group).map(|entry| &entry.value.kind) else {
            return Vec::new();
        };
        let all = self.common.get(group);
        let same = |entry: &&Entry<'_>| {
            let common = match group {
                "resources" => self.pools.get(&*entry.key).map(|entry| &entry.value),
                _ => all.and_then(|all| all.value.get(&entry.key)).map(|entry| &entry.value),
            };
            common.is_some_and(|common| *common == entry.value)
        };
        own.iter().filter(same).map(|entry| entry.key.to_string()).collect()
    }

    /// Adds to a site's risk the factors that it shares.
    pub fn share_factors(&self, member: &Member, root: &mut Node<'_>) {
        for entry in &self.factors {
            let mut factor = entry.clone();
            let Kind::Map(keys) = &mut factor.value.kind else { continue };
            let sites = keys.iter().position(|key| key.key == "sites").map(|at| keys.remove(at));
            let named = sites.is_none_or(|sites| names(&sites.value).any(|name| member.is(name)));
            if named {
                let at = factor.at;
                let map = |key: &'static str, entry| Node {
                    at,
                    kind: Kind::Map(vec![Entry { at, key: Cow::Borrowed(key), value: entry }]),
                };
                let factors = Node { at, kind: Kind::Map(vec![factor]) };
                edit::merge(root, map("risk", map("factors", factors)));
            }
        }
    }
}

impl Member {
    /// Whether a name or pattern stands for it, or names a group that it is in.
    pub fn is(&self, name: &str) -> bool {
        matches_pattern(name, &self.id.value)
            || self.spec.groups.iter().any(|group| group.value == name)
    }

    /// Its own name and those of its groups.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        let groups = self.spec.groups.iter().map(|group| group.value.as_str());
        std::iter::once(self.id.value.as_str()).chain(groups)
    }
}

/// Resources that are carried along without a look at who needs them.
const FEW: usize = 16;

/// All keys of a tree but those of its resources.
fn gather<'n>(node: &'n Node<'_>, keys: &mut BTreeSet<&'n str>) {
    match &node.kind {
        Kind::Map(entries) => {
            for entry in entries.iter().filter(|entry| entry.key != "resources") {
                keys.insert(&entry.key);
                gather(&entry.value, keys);
            }
        }
        Kind::List(items) => items.iter().for_each(|item| gather(item, keys)),
        _ => {}
    }
}

/// The texts of a list, or a single one.
fn names<'n>(node: &'n Node<'_>) -> impl Iterator<Item = &'n str> {
    let items = match &node.kind {
        Kind::List(items) => &items[..],
        _ => std::slice::from_ref(node),
    };
    items.iter().filter_map(|item| match &item.kind {
        Kind::Text(text) => Some(&**text),
        _ => None,
    })
}

/// Takes the risk factors out of what the portfolio says for itself.
fn take_factors(own: &mut Vec<Entry<'static>>) -> Vec<Entry<'static>> {
    let Some(risk) = own.iter_mut().find(|entry| entry.key == "risk") else { return Vec::new() };
    let Kind::Map(keys) = &mut risk.value.kind else { return Vec::new() };
    let Some(at) = keys.iter().position(|key| key.key == "factors") else { return Vec::new() };
    match keys.remove(at).value.kind {
        Kind::Map(factors) => factors,
        _ => Vec::new(),
    }
}

fn member(id: &Placed<String>, body: &Node<'static>, findings: &mut Findings) -> Option<Member> {
    let at = body.at;
    let entries = match &body.kind {
        Kind::Map(entries) => entries.clone(),
        Kind::Null => Vec::new(),
        _ => {
            findings.push(expected("map", "the keys of a site", body, at));
            return None;
        }
    };
    let (spec, rest): (Vec<_>, Vec<_>) =
        entries.into_iter().partition(|entry| MemberSpec::KEYS.contains(&&*entry.key));
    let (changes, body): (Vec<_>, Vec<_>) =
        rest.into_iter().partition(|entry| Changes::KEYS.contains(&&*entry.key));
    let spec = MemberSpec::read(Node { at, kind: Kind::Map(spec) }, findings)?;
    let changes = Changes::read(Node { at, kind: Kind::Map(changes) }, findings)?;
    let body = Node { at, kind: Kind::Map(body) };
    let [pools, calendars, platforms] = Default::default();
    Some(Member { id: id.clone(), spec, body, changes, pools, calendars, platforms })
}
