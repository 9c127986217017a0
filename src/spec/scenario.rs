//! The shape of a scenario file: what is changed, on what, and after which other scenario.

use super::changes::Changes;
use super::finding::{Finding, Findings};
use super::shape::{Placed, Raw, Shape, shape};
use super::yaml::{Kind, Node};
use crate::time::Day;

shape! {
    /// What a scenario says of itself.
    pub struct ScenarioHead {
        /// Its short name.
        scenario: Placed<String>,
        /// What to call it on screen.
        title: Option<String>,
        /// Free text for readers of the file.
        note: Option<Raw>,
        /// The site or portfolio that it is made for; any where it is not given.
        applies_to: Option<Placed<String>>,
        /// The scenario that must have been laid down before it.
        after: Option<Placed<String>>,
        /// What was known on this day is changed.
        as_of: Option<Placed<Day>>,
    }
}

impl ScenarioHead {
    const KEYS: [&'static str; 6] = ["scenario", "title", "note", "applies_to", "after", "as_of"];
}

/// A scenario.
#[derive(Clone, Debug)]
pub struct Scenario {
    /// What it says of itself.
    pub head: ScenarioHead,
    /// What it changes.
    pub changes: Changes,
}

impl Scenario {
    /// Reads a scenario file.
    pub fn read(root: Node<'_>, findings: &mut Findings) -> Option<Scenario> {
        let at = root.at;
        let Kind::Map(entries) = root.kind else {
            findings.push(Finding::error("map", at, "expected a map of keys"));
            return None;
        };
        let (head, changes): (Vec<_>, Vec<_>) =
            entries.into_iter().partition(|entry| ScenarioHead::KEYS.contains(&&*entry.key));
        let head = ScenarioHead::read(Node { at, kind: Kind::Map(head) }, findings)?;
        let changes = Changes::read(Node { at, kind: Kind::Map(changes) }, findings)?;
        Some(Scenario { head, changes })
    }
}

/// Finds fault with scenarios that were made for another file or that miss the one before them.
pub fn check(scenarios: &[Scenario], root: &Node<'_>, findings: &mut Findings) {
    let text = |key: &str| match root.get(key).map(|entry| &entry.value.kind) {
        Some(Kind::Text(text)) => Some(text.to_string()),
        _ => None,
    };
    let id = text("portfolio").or_else(|| text("site")).unwrap_or_default();
    for (at, scenario) in scenarios.iter().enumerate() {
        let head = &scenario.head;
        if let Some(wanted) = head.applies_to.as_ref().filter(|wanted| wanted.value != id) {
            let message = format!("made for `{}`, laid over `{id}`", wanted.value);
            findings.push(Finding::error("scenario", wanted.at, message));
        }
        let Some(after) = &head.after else { continue };
        let before = |other: &Scenario| other.head.scenario.value == after.value;
        if !scenarios[..at].iter().any(before) {
            let message = format!("`{}` comes after `{}`", head.scenario.value, after.value);
            let help = "give that scenario before it";
            findings.push(Finding::error("scenario", after.at, message).help(help));
        }
    }
}
