//! What was known on a day: later entries are left out, later revisions are not laid over.
//!
//! `known: 2025-11-10` in any map says since when its entry is known; without it, it always was.
//! `revisions:` is a list of overlays, each with its day, laid over in the order of the days: maps
//! fill up, items of a list are found by `id` or `customer` (a new name joins the list), and a
//! table by date is replaced as a whole.

use super::edit;
use super::finding::{Finding, Findings};
use super::shape::Shape;
use super::yaml::{self, Entry, Kind, Node};
use crate::time::Day;

/// Leaves a tree as it was known on a day; all of it without one.
pub fn as_known(root: &mut Node<'_>, as_of: Option<Day>, findings: &mut Findings) {
    let revisions = take(root, "revisions");
    let known = |day: Day| as_of.is_none_or(|as_of| day <= as_of);
    cut(root, &known, findings);
    let Some(revisions) = revisions else { return };
    let items = match revisions.value.kind {
        Kind::List(items) => items,
        Kind::Null => Vec::new(),
        kind => vec![Node { at: revisions.value.at, kind }],
    };
    let mut dated = Vec::with_capacity(items.len());
    for mut item in items {
        let at = item.at;
        let day = take(&mut item, "known").and_then(|entry| Day::read(entry.value, findings));
        match day {
            Some(day) => dated.push((day, item)),
            None => {
                let message = "since when is this revision known?";
                let help = "add `known:`, for example known: 2025-11-10";
                findings.push(Finding::error("missing-key", at, message).help(help));
            }
        }
    }
    dated.sort_by_key(|(day, _)| *day);
    for (_, mut item) in dated.into_iter().filter(|(day, _)| known(*day)) {
        for told in ["source", "note"] {
            take(&mut item, told);
        }
        cut(&mut item, &known, findings);
        edit::revise(root, item);
    }
}

fn take<'s>(node: &mut Node<'s>, key: &str) -> Option<Entry<'s>> {
    let Kind::Map(entries) = &mut node.kind else { return None };
    let at = entries.iter().position(|entry| entry.key == key)?;
    Some(entries.remove(at))
}

/// Leaves out of maps and lists what was not known yet, and all marks.
fn cut(node: &mut Node<'_>, known: &dyn Fn(Day) -> bool, findings: &mut Findings) {
    match &mut node.kind {
        Kind::Map(entries) => {
            entries.retain(|entry| entry.key != "known" || date(&entry.value).is_none());
            entries.retain_mut(|entry| stays(&mut entry.value, known, findings));
        }
        Kind::List(items) => items.retain_mut(|item| stays(item, known, findings)),
        _ => {}
    }
}

fn stays(node: &mut Node<'_>, known: &dyn Fn(Day) -> bool, findings: &mut Findings) -> bool {
    let since = node.get("known").and_then(|entry| date(&entry.value));
    if since.is_some_and(|day| !known(day)) {
        return false;
    }
    cut(node, known, findings);
    true
}

fn date(node: &Node<'_>) -> Option<Day> {
    match &node.kind {
        Kind::Text(_) => Day::read(node.clone(), &mut Findings::default()),
        _ => None,
    }
}

/// The day up to which a file says it was written: its own key `known`.
pub fn stated_in(text: &str) -> Option<Day> {
    if !text.lines().any(|line| line.starts_with("known:")) {
        return None;
    }
    let root = yaml::parse(0, text, &mut Findings::default())?;
    date(&root.get("known")?.value)
}
