//! `attach:` adds keys to the activities that a pattern finds.
//!
//! A schedule of 20,000 lines comes from a planner's program and is never edited by hand; what it
//! makes live, ready or accepted is said beside it:
//!
//! ```yaml
//! attach:
//!   - {id: E1040, add: {energises: 200 MW}}
//!   - {wbs: "CAMPUS.HALL{n}.*", title: L4*, each: 1-8, add: {hall: "hall-{n}", priority: 2}}
//! ```
//!
//! It changes the tree before it takes shape, as command-line edits do.

use std::borrow::Cow;
use std::collections::BTreeMap;

use super::activity::ActivitySpec;
use super::edit::merge_lists;
use super::finding::{Finding, Findings, nearest};
use super::pattern::matches_pattern;
use super::shape::{Named, Placed, Raw, Shape, clip, shape};
use super::source::At;
use super::yaml::{Entry, Kind, Node};

shape! {
    /// Which activities, and what is added to them; `*` stands for any characters.
    pub struct AttachSpec {
        /// Pattern of the id.
        id: Option<Placed<String>>,
        /// Pattern of the planner's code, where that could not be the id.
        code: Option<Placed<String>>,
        /// Pattern of the number in the planner's program.
        uid: Option<Placed<String>>,
        /// Pattern of the title.
        title: Option<Placed<String>>,
        /// Pattern of the place in the work breakdown structure.
        wbs: Option<Placed<String>>,
        /// Patterns of activity codes, by type.
        codes: Named<Placed<String>>,
        /// Patterns of user-defined fields, by name.
        fields: Named<Placed<String>>,
        /// Numbers that `{n}` stands for: `1-8`.
        each: Option<Placed<String>>,
        /// Keys and values: lists are appended to, maps filled up, values replaced.
        add: Placed<Raw> as ActivitySpec::schema,
    }
}

/// Most numbers that one rule is repeated for.
const EACH_MAX: u32 = 10_000;

/// Applies the rules under `attach` to `activities`, in order, and takes them out of the tree.
///
/// A rule that finds nothing is a finding.
///
/// Cost: each rule looks at each activity.
pub fn attach(root: &mut Node<'_>, findings: &mut Findings) {
    let Kind::Map(entries) = &mut root.kind else { return };
    let Some(at) = entries.iter().position(|entry| entry.key == "attach") else { return };
    let rules = Vec::<AttachSpec>::read(entries.remove(at).value, findings).unwrap_or_default();
    let mut none = Vec::new();
    let activities = entries.iter_mut().find(|entry| entry.key == "activities");
    let activities = match activities.map(|entry| &mut entry.value.kind) {
        Some(Kind::Map(activities)) => activities,
        _ => &mut none,
    };
    let ids: BTreeMap<String, usize> =
        activities.iter().enumerate().map(|(at, entry)| (entry.key.to_string(), at)).collect();
    for rule in &rules {
        let numbers = match rule.each.as_ref().map(numbers) {
            None => vec![None],
            Some(Ok(numbers)) => numbers.map(Some).collect(),
            Some(Err(finding)) => {
                findings.push(finding);
                continue;
            }
        };
        if rule.patterns().next().is_none() {
            let message = "a rule without a pattern would change every activity";
            let help =
                "give `id`, `code`, `title`, `wbs`, `codes` or `fields`; `id: \"*\"` for all";
            findings.push(Finding::error("attach", rule.at, message).help(help));
            continue;
        }
        for number in numbers {
            apply(rule, number, activities, &ids, findings);
        }
    }
}

/// `1-8`, or a single number.
fn numbers(text: &Placed<String>) -> Result<std::ops::RangeInclusive<u32>, Finding> {
    let (first, last) = text.value.split_once('-').unwrap_or((&text.value, &text.value));
    match (first.trim().parse::<u32>(), last.trim().parse::<u32>()) {
        (Ok(first), Ok(last)) if first <= last && last - first < EACH_MAX => Ok(first..=last),
        _ => {
            let message = format!("expected numbers such as 1-8, found `{}`", clip(&text.value));
            Err(Finding::error("attach", text.at, message))
        }
    }
}

impl AttachSpec {
    /// What must match, and where in an activity it is looked for.
    fn patterns(&self) -> impl Iterator<Item = (Place<'_>, &Placed<String>)> {
        let single = [
            (Place::Id, &self.id),
            (Place::Code, &self.code),
            (Place::Key("uid"), &self.uid),
            (Place::Key("title"), &self.title),
            (Place::Key("wbs"), &self.wbs),
        ];
        let single = single.into_iter().filter_map(|(place, text)| Some((place, text.as_ref()?)));
        let codes = self.codes.iter().map(|(name, text)| (Place::In("codes", &name.value), text));
        let fields =
            self.fields.iter().map(|(name, text)| (Place::In("fields", &name.value), text));
        single.chain(codes).chain(fields)
    }
}

/// Where a pattern is looked for.
#[derive(Clone, Copy)]
enum Place<'a> {
    Id,
    /// The code, or the id that is one.
    Code,
    Key(&'static str),
    In(&'static str, &'a str),
}

impl Place<'_> {
    fn text<'e>(self, activity: &'e Entry<'_>) -> &'e str {
        let node = match self {
            Place::Id => return &activity.key,
            Place::Code => match activity.value.get("code") {
                None => return &activity.key,
                code => code.map(|entry| &entry.value),
            },
            Place::Key(key) => activity.value.get(key).map(|entry| &entry.value),
            Place::In(key, name) => {
                let map = activity.value.get(key).map(|entry| &entry.value);
                map.and_then(|map| map.get(name)).map(|entry| &entry.value)
            }
        };
        match node.map(|node| &node.kind) {
            Some(Kind::Text(text)) => text,
            _ => "",
        }
    }
}

fn apply(
    rule: &AttachSpec,
    number: Option<u32>,
    activities: &mut [Entry<'_>],
    ids: &BTreeMap<String, usize>,
    findings: &mut Findings,
) {
    let patterns: Vec<(Place<'_>, String, At)> = rule
        .patterns()
        .map(|(place, text)| (place, numbered(&text.value, number).into_owned(), text.at))
        .collect();
    let mut any = false;
    // A plain id is looked up; whatever holds a star is looked for.
    let plain = patterns
        .iter()
        .find(|(place, pattern, _)| matches!(place, Place::Id) && !pattern.contains('*'));
    let range = match plain.map(|(_, id, _)| ids.get(id.as_str())) {
        Some(Some(&at)) => at..at + 1,
        Some(None) => 0..0,
        None => 0..activities.len(),
    };
    for activity in activities[range].iter_mut() {
        let hit = |(place, pattern, _): &(Place<'_>, String, At)| {
            let text = place.text(activity);
            !text.is_empty() && matches_pattern(pattern, text)
        };
        if patterns.iter().all(hit) {
            any = true;
            let mut add = rule.add.value.0.clone();
            number_all(&mut add, number);
            merge_lists(&mut activity.value, add);
        }
    }
    if any {
        return;
    }
    let (_, pattern, at) = &patterns[0];
    let shown: Vec<String> =
        patterns.iter().map(|(_, pattern, _)| format!("`{pattern}`")).collect();
    let message = format!("no activity matches {}", shown.join(" and "));
    let finding = Finding::error("attach", *at, message);
    let help = match patterns[0].0 {
        _ if findings.is_full() => None,
        Place::Id => nearest(pattern, activities.iter().map(|activity| &*activity.key)),
        place => nearest(pattern, activities.iter().map(|activity| place.text(activity))),
    };
    findings.push(finding.maybe_help(help));
}

/// `{n}` replaced by the number, where there is one.
fn numbered(text: &str, number: Option<u32>) -> Cow<'_, str> {
    match number.filter(|_| text.contains("{n}")) {
        Some(number) => text.replace("{n}", &number.to_string()).into(),
        None => text.into(),
    }
}

fn number_all(node: &mut Node<'static>, number: Option<u32>) {
    match &mut node.kind {
        Kind::Null => {}
        Kind::Text(text) => *text = numbered(text, number).into_owned().into(),
        Kind::List(items) => items.iter_mut().for_each(|item| number_all(item, number)),
        Kind::Map(entries) => {
            entries.iter_mut().for_each(|entry| number_all(&mut entry.value, number));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::spec::yaml;

    const SITE: &str = "activities:
  A1: {title: IST hall 1, wbs: C.H1.IST, codes: {Phase: COMM}, after: [A0]}
  A2: {title: IST hall 2, wbs: C.H2.IST, codes: {Phase: COMM}}
  A3: {title: Fit-out, wbs: C.H2.FIT, codes: {Phase: FIT}}
";

    fn attached(rules: &str) -> (String, Vec<String>) {
        let text = format!("{SITE}attach:\n{rules}");
        let mut findings = Findings::default();
        let mut root = yaml::parse(0, &text, &mut findings).unwrap();
        attach(&mut root, &mut findings);
        let Kind::Map(entries) = &root.get("activities").unwrap().value.kind else { panic!() };
        let shown = |entry: &Entry<'_>| {
            let key = |key| match entry.value.get(key).map(|entry| &entry.value.kind) {
                Some(Kind::Text(text)) => text.to_string(),
                Some(Kind::List(items)) => items.len().to_string(),
                _ => "-".into(),
            };
            format!("{} {} {}", entry.key, key("hall"), key("after"))
        };
        let shown: Vec<String> = entries.iter().map(shown).collect();
        let messages = findings.into_sorted().into_iter().map(|finding| finding.message);
        (shown.join(", "), messages.collect())
    }

    #[test]
    fn a_rule_finds_activities_by_any_of_their_names_and_by_number() {
        let each = "  - {wbs: \"C.H{n}.*\", title: IST*, each: 1-2, add: {hall: \"hall-{n}\", after: [A9]}}";
        assert_eq!(attached(each), ("A1 hall-1 2, A2 hall-2 1, A3 - -".into(), vec![]));
        let code = "  - {codes: {Phase: FIT}, add: {hall: h}}";
        assert_eq!(attached(code), ("A1 - 1, A2 - -, A3 h -".into(), vec![]));
    }

    #[test]
    fn a_rule_that_finds_nothing_is_told() {
        let (_, messages) = attached("  - {id: B1, add: {hall: h}}\n  - {add: {hall: h}}");
        assert_eq!(
            messages,
            ["no activity matches `B1`", "a rule without a pattern would change every activity"]
        );
    }
}
