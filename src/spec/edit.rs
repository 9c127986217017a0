//! Edits from the command line: `--set KEY=VALUE` changes the tree before it takes shape.
//!
//! A path is the keys joined by dots. Items of a list are found by their `id`, `customer` or
//! number. A path into one repetition (`halls.hall-2.ist.duration`) becomes an entry of `edits:`,
//! which is where a file would state it.

use std::borrow::Cow;

use super::finding::{Finding, Findings, nearest};
use super::source::{At, Source};
use super::yaml::{self, Entry, Kind, Node};

/// Groups whose members are repetitions of a template.
pub const REPEATED: [&str; 3] = ["buildings", "halls", "lots"];

/// Splits `KEY=VALUE` and reads the value as YAML.
pub fn parse_set<'s>(
    source: &'s Source,
    findings: &mut Findings,
) -> Option<(At, &'s str, Node<'s>)> {
    let text = source.text.as_str();
    let whole = At::new(source.base, 0, text.len());
    let Some((key, value)) = text.split_once('=').filter(|(key, _)| !key.trim().is_empty()) else {
        let message = format!("expected KEY=VALUE, found `{text}`");
        let help = "for example power.pue=1.25 or halls.hall-2.ist.duration=3w";
        findings.push(Finding::error("set", whole, message).help(help));
        return None;
    };
    let at = At::new(source.base, 0, key.len());
    let value_base = source.base + key.len() as u32 + 1;
    if matches!(value.trim(), "" | "~" | "null") {
        findings.push(Finding::error("set", whole, format!("`{key}` is set to nothing")));
        return None;
    }
    Some((at, key.trim(), yaml::parse(value_base, value, findings)?))
}

/// Puts `value` where `path` leads, making what is missing on the way.
///
/// A name that a list does not hold is a finding.
pub fn set<'s>(
    root: &mut Node<'s>,
    at: At,
    path: &'s str,
    value: Node<'s>,
    findings: &mut Findings,
) {
    let group = REPEATED
        .iter()
        .find(|group| path.strip_prefix(**group).is_some_and(|rest| rest.starts_with('.')));
    if let Some(group) = group {
        let rest = &path[group.len() + 1..];
        // A list of one template is that template.
        let only = root.get_mut(group).and_then(|node| match &mut node.kind {
            Kind::List(items) if items.len() == 1 => Some(&mut items[0]),
            _ => None,
        });
        if let Some(only) = only.filter(|only| !rest.contains('.') || leads_on(only, rest)) {
            return place(only, at, rest, value, findings);
        }
        let template = root.get(group).is_some_and(|entry| leads_on(&entry.value, rest));
        let one = root.get(group).is_some_and(|entry| matches!(entry.value.kind, Kind::Map(_)));
        if !template && (!one || rest.contains('.')) {
            let (target, key) = path.rsplit_once('.').expect("the group is followed by a dot");
            let edit = Entry { at, key: Cow::Borrowed(key), value };
            let map = Node { at, kind: Kind::Map(vec![edit]) };
            let edits = entry(root, at, "edits");
            push(edits, Entry { at, key: Cow::Borrowed(target), value: map });
            return;
        }
    }
    // Promised dates are keyed by ids, which hold dots themselves.
    if let Some(key) = path.strip_prefix("plan.") {
        *entry(entry(root, at, "plan"), at, key) = value;
        return;
    }
    place(root, at, path, value, findings);
}

/// Whether the first step of a path exists in a template.
fn leads_on(node: &Node<'_>, path: &str) -> bool {
    match &node.kind {
        Kind::Map(entries) => entries.iter().any(|entry| step(path, &entry.key).is_some()),
        Kind::List(items) => item(items, path).is_some(),
        _ => false,
    }
}

fn place<'s>(node: &mut Node<'s>, at: At, path: &'s str, value: Node<'s>, findings: &mut Findings) {
    if let Kind::List(items) = &mut node.kind {
        return match item(items, path) {
            Some((found, "")) => items[found] = value,
            Some((found, rest)) => place(&mut items[found], at, rest, value, findings),
            None => findings.push(unknown_item(items, at, path)),
        };
    }
    if let Kind::Map(entries) = &mut node.kind {
        let longest = (0..entries.len())
            .filter_map(|found| Some((found, step(path, &entries[found].key)?)))
            .min_by_key(|(_, rest)| rest.len());
        if let Some((found, rest)) = longest {
            return match rest {
                "" => entries[found].value = value,
                _ => place(&mut entries[found].value, at, rest, value, findings),
            };
        }
    }
    let (first, rest) = path.split_once('.').unwrap_or((path, ""));
    match rest {
        "" => push(node, Entry { at, key: Cow::Borrowed(first), value }),
        _ => place(entry(node, at, first), at, rest, value, findings),
    }
}

/// The value that a path leads to; a path that leads nowhere is a finding.
pub fn find<'n, 's>(
    root: &'n mut Node<'s>,
    at: At,
    path: &str,
    findings: &mut Findings,
) -> Option<&'n mut Node<'s>> {
    let (holder, place) = holder(root, at, path, findings)?;
    Some(match &mut holder.kind {
        Kind::Map(entries) => &mut entries[place].value,
        Kind::List(items) => &mut items[place],
        _ => unreachable!("a holder holds"),
    })
}

/// Takes out what a path leads to; a path that leads nowhere is a finding.
pub fn remove(root: &mut Node<'_>, at: At, path: &str, findings: &mut Findings) {
    let Some((holder, place)) = holder(root, at, path, findings) else { return };
    match &mut holder.kind {
        Kind::Map(entries) => {
            entries.remove(place);
        }
        Kind::List(items) => {
            items.remove(place);
        }
        _ => unreachable!("a holder holds"),
    }
}

/// The map or list that holds what a path leads to, and its place there.
fn holder<'n, 's>(
    node: &'n mut Node<'s>,
    at: At,
    path: &str,
    findings: &mut Findings,
) -> Option<(&'n mut Node<'s>, usize)> {
    let found = match &node.kind {
        Kind::List(items) => item(items, path),
        Kind::Map(entries) => (0..entries.len())
            .filter_map(|found| Some((found, step(path, &entries[found].key)?)))
            .min_by_key(|(_, rest)| rest.len()),
        _ => None,
    };
    let Some((place, rest)) = found else {
        findings.push(nowhere(node, at, path));
        return None;
    };
    if rest.is_empty() {
        return Some((node, place));
    }
    let next = match &mut node.kind {
        Kind::Map(entries) => &mut entries[place].value,
        Kind::List(items) => &mut items[place],
        _ => unreachable!("found in it"),
    };
    holder(next, at, rest, findings)
}

/// The finding for a path that leads nowhere from a value.
fn nowhere(node: &Node<'_>, at: At, path: &str) -> Finding {
    let first = path.split('.').next().unwrap_or(path);
    match &node.kind {
        Kind::List(items) => unknown_item(items, at, path),
        Kind::Map(entries) => {
            let names = || entries.iter().map(|entry| &*entry.key);
            let near = nearest(first, names());
            let help = near.unwrap_or_else(|| {
                let known: Vec<&str> = names().take(12).collect();
                format!("there are {}", known.join(", "))
            });
            let message = format!("nothing here is called `{first}`");
            Finding::error("unknown-path", at, message).help(help)
        }
        _ => Finding::error("unknown-path", at, format!("there is nothing called `{first}` in it")),
    }
}

/// Lays a revision over a tree: maps fill up, items of a list go by name, tables by date are
/// replaced.
pub fn revise<'s>(target: &mut Node<'s>, over: Node<'s>) {
    put_over(target, over, Lists::ByName);
}

/// The finding for a step of a path that names no item of a list.
fn unknown_item(items: &[Node<'_>], at: At, path: &str) -> Finding {
    let name = path.split('.').next().unwrap_or(path);
    let message = format!("no item of this list is called `{name}`");
    let names: Vec<&str> = items.iter().filter_map(item_name).collect();
    let help = nearest(name, names.iter().copied());
    let help = help.unwrap_or_else(|| match names.is_empty() {
        true => format!("items are numbered from 0; there are {}", items.len()),
        false => format!("there are {}", names.join(", ")),
    });
    Finding::error("unknown-item", at, message).help(help)
}

/// What an item of a list is called in a path.
fn item_name<'n>(item: &'n Node<'_>) -> Option<&'n str> {
    ["id", "customer"].iter().find_map(|key| match &item.get(key)?.value.kind {
        Kind::Text(name) => Some(&**name),
        _ => None,
    })
}

/// What is left of a path after `key`, if the path begins with it.
fn step<'p>(path: &'p str, key: &str) -> Option<&'p str> {
    let rest = path.strip_prefix(key)?;
    if rest.is_empty() { Some(rest) } else { rest.strip_prefix('.') }
}

/// The item of a list that a path begins with, and the rest of the path.
fn item<'p>(items: &[Node<'_>], path: &'p str) -> Option<(usize, &'p str)> {
    let named = items.iter().enumerate().find_map(|(at, item)| {
        ["id", "customer"].iter().find_map(|key| match &item.get(key)?.value.kind {
            Kind::Text(name) => Some((at, step(path, name)?)),
            _ => None,
        })
    });
    let number = || {
        let (number, rest) = path.split_once('.').unwrap_or((path, ""));
        let number: usize = number.parse().ok()?;
        (number < items.len()).then_some((number, rest))
    };
    named.or_else(number)
}

/// The value of a key, made an empty map if it is not there.
fn entry<'n, 's>(node: &'n mut Node<'s>, at: At, key: &'s str) -> &'n mut Node<'s> {
    if !matches!(node.kind, Kind::Map(_)) {
        node.kind = Kind::Map(Vec::new());
    }
    let Kind::Map(entries) = &mut node.kind else { unreachable!("made a map above") };
    let found = entries.iter().position(|entry| entry.key == key).unwrap_or_else(|| {
        let value = Node { at, kind: Kind::Map(Vec::new()) };
        entries.push(Entry { at, key: Cow::Borrowed(key), value });
        entries.len() - 1
    });
    &mut entries[found].value
}

/// Adds an item to the list that a key holds, made if it is not there.
pub fn append<'s>(node: &mut Node<'s>, at: At, list: &'s str, item: Node<'s>) {
    let held = entry(node, at, list);
    match &mut held.kind {
        Kind::List(items) => items.push(item),
        Kind::Text(_) => {
            let first = std::mem::replace(&mut held.kind, Kind::Null);
            held.kind = Kind::List(vec![Node { at: held.at, kind: first }, item]);
        }
        _ => held.kind = Kind::List(vec![item]),
    }
}

/// Adds an entry to the map that a key holds, made if it is not there.
pub fn push_into<'s>(node: &mut Node<'s>, at: At, map: &'s str, key: &'s str, value: Node<'s>) {
    push(entry(node, at, map), Entry { at, key: Cow::Borrowed(key), value });
}

fn push<'s>(node: &mut Node<'s>, entry: Entry<'s>) {
    match &mut node.kind {
        Kind::Map(entries) => entries.push(entry),
        _ => node.kind = Kind::Map(vec![entry]),
    }
}

/// Puts the entries of a map over those of another, key by key, maps within maps likewise.
pub fn merge<'s>(target: &mut Node<'s>, over: Node<'s>) {
    put_over(target, over, Lists::Replaced);
}

/// As [`merge`], but lists grow at their end.
pub fn merge_lists<'s>(target: &mut Node<'s>, over: Node<'s>) {
    put_over(target, over, Lists::Appended);
}

/// What becomes of a list that both hold.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Lists {
    Replaced,
    Appended,
    /// A map over a list: each of its keys names an item.
    ByName,
}

fn put_over<'s>(target: &mut Node<'s>, over: Node<'s>, lists: Lists) {
    let Kind::Map(over) = over.kind else { return };
    if !matches!(target.kind, Kind::Map(_)) {
        target.kind = Kind::Map(Vec::new());
    }
    let Kind::Map(entries) = &mut target.kind else { unreachable!("made a map above") };
    for new in over {
        let Some(old) = entries.iter_mut().find(|entry| entry.key == new.key) else {
            entries.push(new);
            continue;
        };
        match (&mut old.value.kind, new.value.kind) {
            (Kind::List(items), Kind::Map(map)) if lists == Lists::ByName => {
                put_items(items, map);
            }
            (Kind::Map(_), Kind::Map(map)) if lists != Lists::ByName || !is_table(&map) => {
                put_over(&mut old.value, Node { at: new.value.at, kind: Kind::Map(map) }, lists);
            }
            (Kind::List(items), Kind::List(more)) if lists == Lists::Appended => items.extend(more),
            // A single value stands for a list of one.
            (Kind::List(items), kind) if lists == Lists::Appended => {
                items.push(Node { at: new.value.at, kind });
            }
            (Kind::Text(_), Kind::List(more)) if lists == Lists::Appended => {
                let first = std::mem::replace(&mut old.value.kind, Kind::Null);
                let first = Node { at: old.value.at, kind: first };
                old.value.kind = Kind::List([first].into_iter().chain(more).collect());
            }
            (_, kind) => {
                *old = Entry { value: Node { at: new.value.at, kind }, ..new };
            }
        }
    }
}

/// Whether the keys of a map are dates.
fn is_table(map: &[Entry<'_>]) -> bool {
    let date = |entry: &Entry<'_>| {
        let key = entry.key.as_bytes();
        key.len() >= 10 && key[..4].iter().all(u8::is_ascii_digit) && key[4] == b'-'
    };
    !map.is_empty() && map.iter().all(date)
}

/// Lays entries over the items of a list that they name; a new name becomes a new item.
fn put_items<'s>(items: &mut Vec<Node<'s>>, map: Vec<Entry<'s>>) {
    for Entry { at, key, value } in map {
        match items.iter_mut().find(|item| item_name(item) == Some(&*key)) {
            Some(item) => put_over(item, value, Lists::ByName),
            None => {
                let mut item = value;
                let id = Node { at, kind: Kind::Text(key) };
                push(&mut item, Entry { at, key: Cow::Borrowed("id"), value: id });
                items.push(item);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::spec::{SourceKind, Sources};

    /// The tree of `text` after one edit, printed.
    fn edited(text: &str, edit: &str) -> String {
        let mut sources = Sources::default();
        sources.add(SourceKind::File, "a.yaml", text.into()).unwrap();
        sources.add(SourceKind::Set, "--set", edit.into()).unwrap();
        let [file, flag] = sources.parts() else { unreachable!() };
        let mut findings = Findings::default();
        let mut root = yaml::parse(file.base, &file.text, &mut findings).unwrap();
        let (at, path, value) = parse_set(flag, &mut findings).unwrap();
        set(&mut root, at, path, value, &mut findings);
        assert!(!findings.any_error(), "{findings:?}");
        show(&root)
    }

    fn show(node: &Node<'_>) -> String {
        match &node.kind {
            Kind::Null => "~".into(),
            Kind::Text(text) => text.to_string(),
            Kind::List(items) => {
                format!("[{}]", items.iter().map(show).collect::<Vec<_>>().join(" "))
            }
            Kind::Map(entries) => {
                let shown =
                    entries.iter().map(|entry| format!("{}:{}", entry.key, show(&entry.value)));
                format!("{{{}}}", shown.collect::<Vec<_>>().join(" "))
            }
        }
    }

    #[test]
    fn a_path_leads_through_maps_and_named_items() {
        assert_eq!(edited("power: {pue: 1.2}", "power.pue=1.25"), "{power:{pue:1.25}}");
        assert_eq!(edited("a: 1", "opening.cash=5M USD"), "{a:1 opening:{cash:5M USD}}");
        let loans = "loans: [{id: a, margin: 1%}, {id: b, margin: 2%}]";
        assert_eq!(
            edited(loans, "loans.b.margin=3%"),
            "{loans:[{id:a margin:1%} {id:b margin:3%}]}"
        );
        assert_eq!(
            edited(loans, "loans.0.margin=3%"),
            "{loans:[{id:a margin:3%} {id:b margin:2%}]}"
        );
        assert_eq!(edited("plan: {x: 1}", "plan.hall-1.rfs=2"), "{plan:{x:1 hall-1.rfs:2}}");
    }

    #[test]
    fn a_path_into_one_repetition_becomes_an_edit() {
        let halls = "halls: {count: 2, it_power: 3}";
        assert_eq!(edited(halls, "halls.it_power=4"), "{halls:{count:2 it_power:4}}");
        assert_eq!(
            edited(halls, "halls.hall-2.ist.duration=3w"),
            "{halls:{count:2 it_power:3} edits:{halls.hall-2.ist:{duration:3w}}}"
        );
    }
}
