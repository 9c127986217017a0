//! Files laid over a site file: what one of them says counts over what it is laid upon.
//!
//! Maps fill up key by key, so an overlay names only what it adds or changes; single values and
//! lists are replaced. Rules under `attach` add up instead: each file brings its own.

use std::borrow::Cow;

use super::edit::merge;
use super::finding::{Finding, Findings};
use super::shape::Placed;
use super::yaml::{self, Kind, Node};

/// The file that a site file says it is laid over: the value of its key `base`.
///
/// A text that cannot be read names none; what is wrong with it is found when it is loaded.
pub fn base(text: &str) -> Option<String> {
    // Most files have none, and reading one twice costs as much as reading it once.
    if !text.lines().any(|line| line.starts_with("base:")) {
        return None;
    }
    let root = yaml::parse(0, text, &mut Findings::default())?;
    match &root.get("base")?.value.kind {
        Kind::Text(path) => Some(path.to_string()),
        _ => None,
    }
}

/// Lays one tree over another.
pub fn lay_over<'s>(root: &mut Node<'s>, mut over: Node<'s>, findings: &mut Findings) {
    let Kind::Map(entries) = &mut over.kind else {
        let message =
            format!("expected a map of keys to lay over the site, found {}", over.kind_name());
        findings.push(Finding::error("map", over.at, message));
        return;
    };
    entries.retain(|entry| entry.key != "base");
    let mut rules = take_rules(root);
    rules.extend(take_rules(&mut over));
    merge(root, over);
    if let (Kind::Map(entries), Some(first)) = (&mut root.kind, rules.first()) {
        let at = first.at;
        let value = Node { at, kind: Kind::List(rules) };
        entries.push(yaml::Entry { at, key: "attach".into(), value });
    }
}

/// Makes the value of a key a text, in the place of what it was.
pub fn put_text(root: &mut Node<'_>, key: &'static str, text: &Placed<String>) {
    let Kind::Map(entries) = &mut root.kind else { return };
    entries.retain(|entry| entry.key != key);
    let kind = Kind::Text(Cow::Owned(text.value.clone()));
    let value = Node { at: text.at, kind };
    entries.push(yaml::Entry { at: text.at, key: Cow::Borrowed(key), value });
}

fn take_rules<'s>(node: &mut Node<'s>) -> Vec<Node<'s>> {
    let Kind::Map(entries) = &mut node.kind else { return Vec::new() };
    let Some(at) = entries.iter().position(|entry| entry.key == "attach") else {
        return Vec::new();
    };
    let rules = entries.remove(at).value;
    match rules.kind {
        Kind::List(rules) => rules,
        Kind::Null => Vec::new(),
        kind => vec![Node { at: rules.at, kind }],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_overlay_fills_up_maps_and_replaces_all_else() {
        let mut findings = Findings::default();
        let read = |base, text, findings: &mut Findings| yaml::parse(base, text, findings).unwrap();
        let below = "site: a\npower: {pue: 1.2, power_factor: 0.97}\nattach: [{id: x}]\n";
        let over = "base: a.yaml\npower: {pue: 1.3}\nattach: [{id: y}]\n";
        let mut root = read(0, below, &mut findings);
        let over = read(1_000, over, &mut findings);
        lay_over(&mut root, over, &mut findings);
        let text = |node: &Node<'_>, key: &str| match &node.get(key).unwrap().value.kind {
            Kind::Text(text) => text.to_string(),
            Kind::List(items) => items.len().to_string(),
            _ => panic!("no text"),
        };
        let power = &root.get("power").unwrap().value;
        assert_eq!(
            (text(power, "pue"), text(power, "power_factor")),
            ("1.3".into(), "0.97".into())
        );
        assert_eq!(text(&root, "attach"), "2");
        assert!(root.get("base").is_none());
        assert_eq!(power.get("pue").unwrap().at.start, 1_000 + 21, "each value keeps its place");
    }

    #[test]
    fn the_base_of_a_file_is_the_value_of_its_key() {
        assert_eq!(base("base: plan.xer\nsite: x\n").as_deref(), Some("plan.xer"));
        assert_eq!(base("site: x\n# base: plan.xer\n"), None);
        assert_eq!(base("base: [\n"), None);
    }
}
