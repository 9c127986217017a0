//! Repetitions: buildings, halls and lots are written once and unfold here.
//!
//! `{n}` in an id is the number of the repetition. `edits:` changes single repetitions by path:
//! `halls.hall-2` for the hall itself, `halls.hall-2.ist` for one of its activities.

use crate::spec::edit::merge;
use crate::spec::shape::clip;
use crate::spec::site::RepeatSpec;
use crate::spec::yaml::{Entry, Kind};
use crate::spec::{At, Finding, Findings, Named, Node, Raw, Shape};

/// Most repetitions of one template.
const COUNT_MAX: u32 = 10_000;

/// One repetition of a template.
#[derive(Clone, Debug)]
pub struct Instance<T> {
    /// Its name, e.g. `hall-3`.
    pub id: String,
    /// Its number.
    pub number: u32,
    /// Which template of the group it repeats.
    pub template: usize,
    /// The template with the edits of this repetition.
    pub spec: T,
}

/// All repetitions of a group, and how each of its templates is repeated.
#[derive(Clone, Debug)]
pub struct Group<T> {
    /// In file order.
    pub instances: Vec<Instance<T>>,
    /// One for each template.
    pub repeats: Vec<RepeatSpec>,
}

/// Unfolds the templates of a group, e.g. `halls` with ids `hall-{n}` by default.
pub fn unfold<T: Shape>(
    group: &'static str,
    templates: &[Raw],
    edits: &Named<Raw>,
    findings: &mut Findings,
) -> Group<T> {
    let singular = group.strip_suffix('s').unwrap_or(group);
    let mut unfolded = Group { instances: Vec::new(), repeats: Vec::new() };
    let mut numbered = 0;
    let mut ids = std::collections::BTreeMap::<String, At>::new();
    for (template, raw) in templates.iter().enumerate() {
        let (repeat, body) = split(raw);
        let Some(repeat) = RepeatSpec::read(repeat, findings) else { continue };
        let count = repeat.count.as_ref().map_or(1, |count| count.value);
        if count > COUNT_MAX {
            let message = format!("{count} repetitions; at most {COUNT_MAX}");
            let at = repeat.count.as_ref().map_or(repeat.at, |count| count.at);
            findings.push(Finding::error("too-many", at, message));
            continue;
        }
        let first = repeat.first.unwrap_or(numbered + 1);
        for number in first..first.saturating_add(count) {
            let (id, at) = name(&repeat, singular, number, count, findings);
            if let Some(before) = ids.insert(id.clone(), at) {
                let message = format!("`{id}` is the name of two {group}");
                let help = "put {n} into the id, or give `first:`";
                let finding = Finding::error("duplicate-id", at, message).help(help);
                findings.push(match before == at {
                    true => finding,
                    false => finding.also(before, "the other"),
                });
            }
            let mut node = body.clone();
            apply_edits(group, &id, &mut node, edits, findings);
            if let Some(spec) = T::read(node, findings) {
                unfolded.instances.push(Instance { id, number, template, spec });
            }
        }
        numbered = first.saturating_add(count).saturating_sub(1);
        unfolded.repeats.push(repeat);
    }
    report_lost_edits(group, &ids, edits, findings);
    unfolded
}

/// Takes the keys of the repetition out of a template.
fn split(raw: &Raw) -> (Node<'static>, Node<'static>) {
    let Raw(node) = raw;
    let Kind::Map(entries) = &node.kind else { return (null(node.at), node.clone()) };
    let (repeat, body): (Vec<Entry>, Vec<Entry>) =
        entries.iter().cloned().partition(|entry| RepeatSpec::KEYS.contains(&&*entry.key));
    (Node { at: node.at, kind: Kind::Map(repeat) }, Node { at: node.at, kind: Kind::Map(body) })
}

fn null(at: At) -> Node<'static> {
    Node { at, kind: Kind::Null }
}

fn name(
    repeat: &RepeatSpec,
    singular: &str,
    number: u32,
    count: u32,
    findings: &mut Findings,
) -> (String, At) {
    let Some(pattern) = &repeat.id else { return (format!("{singular}-{number}"), repeat.at) };
    if count > 1 && !pattern.value.contains("{n}") {
        let message = format!("{count} repetitions need different names");
        let finding = Finding::error("duplicate-id", pattern.at, message);
        findings.push(finding.help(format!("for example `{}-{{n}}`", pattern.value)));
    }
    (pattern.value.replace("{n}", &number.to_string()), pattern.at)
}

fn apply_edits(
    group: &str,
    id: &str,
    node: &mut Node<'static>,
    edits: &Named<Raw>,
    findings: &mut Findings,
) {
    for (path, change) in edits.iter() {
        let Some(rest) = path.value.strip_prefix(group).and_then(|rest| rest.strip_prefix('.'))
        else {
            continue;
        };
        let Some(rest) = rest.strip_prefix(id) else { continue };
        let rest = match rest.strip_prefix('.') {
            Some(rest) => rest,
            None if rest.is_empty() => rest,
            None => continue,
        };
        match find(node, rest) {
            Ok(target) => merge(target, change.0.clone()),
            Err(names) => {
                let message = format!("`{id}` has nothing called `{}`", clip(rest));
                let near = findings.nearest(rest, names.iter().map(String::as_str));
                let help = near.unwrap_or_else(|| format!("it has {}", names.join(", ")));
                findings.push(Finding::error("unknown-edit", path.at, message).help(help));
            }
        }
    }
}

/// The part of a repetition that a path names: a key, an activity, a step of the cluster.
fn find<'n>(node: &'n mut Node<'static>, path: &str) -> Result<&'n mut Node<'static>, Vec<String>> {
    if path.is_empty() {
        return Ok(node);
    }
    // The long way round leads to the same place.
    for inside in ["activities", "cluster"] {
        let rest = path.strip_prefix(inside).and_then(|rest| rest.strip_prefix('.'));
        if let Some(rest) = rest
            && node.get(inside).is_some()
        {
            return find(get_mut(node, inside), rest);
        }
    }
    let mut names = Vec::new();
    for inside in ["", "activities", "cluster"] {
        let within =
            if inside.is_empty() { Some(&*node) } else { node.get(inside).map(|e| &e.value) };
        let Some(Node { kind: Kind::Map(entries), .. }) = within else { continue };
        names.extend(entries.iter().map(|entry| entry.key.to_string()));
        if !entries.iter().any(|entry| entry.key == path) {
            continue;
        }
        let within = if inside.is_empty() { node } else { get_mut(node, inside) };
        return Ok(get_mut(within, path));
    }
    Err(names)
}

fn get_mut<'n>(node: &'n mut Node<'static>, key: &str) -> &'n mut Node<'static> {
    let Kind::Map(entries) = &mut node.kind else { unreachable!("looked into as a map before") };
    let entry = entries.iter_mut().find(|entry| entry.key == key);
    &mut entry.expect("found before").value
}

/// An edit that names no repetition of its group is an error with the nearest name.
fn report_lost_edits(
    group: &str,
    ids: &std::collections::BTreeMap<String, At>,
    edits: &Named<Raw>,
    findings: &mut Findings,
) {
    for (path, _) in edits.iter() {
        let Some(rest) = path.value.strip_prefix(group).and_then(|rest| rest.strip_prefix('.'))
        else {
            continue;
        };
        let named = rest.split('.').next().unwrap_or(rest);
        let meant = |id: &String| {
            rest.strip_prefix(id.as_str()).is_some_and(|r| r.is_empty() || r.starts_with('.'))
        };
        if !ids.keys().any(meant) {
            let message = format!("no {} is called `{}`", group.trim_end_matches('s'), clip(named));
            let help = findings.nearest(named, ids.keys().map(String::as_str));
            findings.push(Finding::error("unknown-edit", path.at, message).maybe_help(help));
        }
    }
}
