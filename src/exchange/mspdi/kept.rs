//! What planners keep with a task: outline codes, fields of their own, the first baseline.

use std::collections::BTreeMap;

use super::Parts;
use crate::exchange::element::Element;
use crate::exchange::problem::{Problem, Unused};
use crate::exchange::schedule::Task;

/// What fields are called, by their number, and what the values of outline codes are, by theirs.
pub(super) struct Names<'t> {
    fields: BTreeMap<&'t str, &'t str>,
    values: BTreeMap<&'t str, &'t str>,
}

impl<'t> Names<'t> {
    /// From the definitions of a file.
    pub fn new(definitions: &'t [Element<'t>]) -> Names<'t> {
        let mut names = Names { fields: BTreeMap::new(), values: BTreeMap::new() };
        for element in definitions {
            let (name, alias) = (element.get("FieldName"), element.get("Alias"));
            let name = if alias.is_empty() { name } else { alias };
            names.fields.insert(element.get("FieldID"), name);
            let values = element.child("Values").into_iter().flat_map(|all| all.all("Value"));
            for value in values {
                names.values.insert(value.get("ValueID"), value.get("Value"));
            }
        }
        names
    }

    /// Gives a task its codes, fields and baseline.
    ///
    /// # Errors
    ///
    /// A baseline whose dates are none.
    pub fn keep(
        &self,
        element: &Element,
        task: &mut Task,
        unused: &mut Unused,
    ) -> Result<(), Problem> {
        for field in element.all("ExtendedAttribute") {
            task.fields.push((self.name(field), field.get("Value").to_string()));
        }
        for code in element.all("OutlineCode") {
            let id = code.get("ValueID");
            let value = self.values.get(id).copied().unwrap_or(id);
            task.codes.push((self.name(code), value.to_string()));
        }
        for baseline in element.all("Baseline") {
            if baseline.number("Number")?.unwrap_or(0) == 0 {
                task.baseline = baseline.instant("Start")?.zip(baseline.instant("Finish")?);
            } else {
                unused.count("further baselines of tasks");
            }
        }
        unused.add("notes", usize::from(!element.get("Notes").is_empty()));
        let elsewhere = element.flag("ExternalTask") || element.flag("IsSubproject");
        unused.add("tasks that stand for other projects", usize::from(elsewhere));
        let costs = ["FixedCost", "Cost"].map(|name| element.get(name));
        if costs.iter().any(|text| text.parse::<f64>().is_ok_and(|cost| cost != 0.0)) {
            unused.count("costs of tasks");
        }
        Ok(())
    }

    fn name(&self, element: &Element) -> String {
        let id = element.get("FieldID");
        self.fields.get(id).copied().unwrap_or(id).to_string()
    }
}

/// Counts what a file holds beside tasks, calendars and links.
pub(super) fn count(parts: &Parts, unused: &mut Unused) {
    let real = |element: &&Element| !matches!(element.get("UID"), "" | "0");
    let of = |list: &[Element], name: &str| -> usize {
        list.iter().map(|element| element.all(name).count()).sum()
    };
    let counts = [
        ("resources, but for their calendars", parts.resources.iter().filter(real).count()),
        ("resource assignments, but for calendars", parts.assignments.len()),
        ("baselines of assignments", of(&parts.assignments, "Baseline")),
        ("fields of resources", of(&parts.resources, "ExtendedAttribute")),
        (
            "rates of resources",
            parts.resources.iter().filter(|e| e.child("Rates").is_some()).count(),
        ),
    ];
    for (what, count) in counts {
        unused.add(what, count);
    }
    unused.add("timephased figures", parts.timephased);
}

#[cfg(test)]
mod tests {
    #[test]
    fn codes_fields_and_the_baseline_come_with_their_names() {
        let text = "<Project><StartDate>2026-03-02T08:00:00</StartDate><CalendarUID>1</CalendarUID>\
            <OutlineCodes><OutlineCode><FieldID>7</FieldID><Alias>Area</Alias><Values><Value>\
            <ValueID>1</ValueID><Value>North</Value></Value></Values></OutlineCode></OutlineCodes>\
            <ExtendedAttributes><ExtendedAttribute><FieldID>8</FieldID><FieldName>Text1</FieldName>\
            </ExtendedAttribute></ExtendedAttributes><Calendars><Calendar><UID>1</UID></Calendar>\
            </Calendars><Tasks><Task><UID>3</UID><WBS>1.2</WBS><PercentComplete>40</PercentComplete>\
            <Notes>n</Notes><ExtendedAttribute><FieldID>8</FieldID><Value>T1</Value>\
            </ExtendedAttribute><OutlineCode><FieldID>7</FieldID><ValueID>1</ValueID></OutlineCode>\
            <Baseline><Number>0</Number><Start>2026-01-05T08:00:00</Start>\
            <Finish>2026-01-06T17:00:00</Finish></Baseline><Baseline><Number>1</Number></Baseline>\
            <TimephasedData/></Task></Tasks></Project>";
        let schedule = super::super::read(text).unwrap();
        let task = &schedule.tasks[0];
        assert_eq!((task.wbs.as_str(), task.percent_complete), ("1.2", Some(40.0)));
        assert_eq!(task.codes, [("Area".to_string(), "North".to_string())]);
        assert_eq!(task.fields, [("Text1".to_string(), "T1".to_string())]);
        assert!(task.baseline.is_some());
        let unused: Vec<_> = schedule.unused.iter().collect();
        assert_eq!(
            unused,
            [("further baselines of tasks", 1), ("notes", 1), ("timephased figures", 1)]
        );
    }
}
