//! What planners keep with an activity: codes, fields of their own, the baseline.

use std::collections::BTreeMap;

use super::Objects;
use crate::exchange::element::Element;
use crate::exchange::problem::{Problem, Unused};
use crate::exchange::schedule::Task;
use crate::time::Minute;

/// What codes and fields are called, by id, and the dates of baselines.
#[derive(Default)]
pub(super) struct Names {
    types: BTreeMap<String, String>,
    values: BTreeMap<String, String>,
    fields: BTreeMap<String, String>,
    /// By baseline project and code of the activity.
    baselines: BTreeMap<(String, String), (Minute, Minute)>,
    /// The first that knows an activity, by its code.
    first: BTreeMap<String, (Minute, Minute)>,
}

impl Names {
    /// From a definition.
    pub fn learn(&mut self, object: &str, element: &Element) {
        let (names, name) = match object {
            "ActivityCodeType" => (&mut self.types, "Name"),
            "ActivityCode" => (&mut self.values, "CodeValue"),
            "UDFCode" => (&mut self.values, "CodeValue"),
            _ => (&mut self.fields, "Title"),
        };
        names.insert(element.get("ObjectId").to_string(), element.get(name).to_string());
    }

    /// The dates that the activities of a baseline were planned for.
    ///
    /// # Errors
    ///
    /// Dates that are none.
    pub fn baseline(&mut self, objects: &Objects) -> Result<(), Problem> {
        let id = objects.own.iter().find(|element| element.name == "ObjectId");
        let id = id.map_or("", |element| &*element.text);
        for element in &objects.activities {
            let code = element.get("Id").to_string();
            if let Some(dates) = planned(element)? {
                self.first.entry(code.clone()).or_insert(dates);
                self.baselines.insert((id.to_string(), code), dates);
            }
        }
        Ok(())
    }

    /// Gives a task its codes, fields and baseline; where the project names no baseline, the first
    /// that knows the activity.
    pub fn keep(&self, element: &Element, baseline: &str, task: &mut Task) {
        for code in element.all("Code") {
            let (of_type, value) = (code.get("TypeObjectId"), code.get("ValueObjectId"));
            task.codes.push((known(&self.types, of_type), known(&self.values, value)));
        }
        for field in element.all("UDF") {
            let value = field.children.iter().find(|child| child.name.ends_with("Value"));
            let value = match field.get("CodeValueObjectId") {
                "" => value.map_or("", |child| &*child.text).to_string(),
                code => known(&self.values, code),
            };
            task.fields.push((known(&self.fields, field.get("TypeObjectId")), value));
        }
        task.baseline = match baseline {
            "" => self.first.get(&task.code).copied(),
            project => self.baselines.get(&(project.to_string(), task.code.clone())).copied(),
        };
    }
}

fn known(names: &BTreeMap<String, String>, id: &str) -> String {
    names.get(id).map_or(id, String::as_str).to_string()
}

fn planned(element: &Element) -> Result<Option<(Minute, Minute)>, Problem> {
    Ok(element.instant("PlannedStartDate")?.zip(element.instant("PlannedFinishDate")?))
}

/// How much of an activity is done, by the measure that it names.
pub(super) fn percent_complete(element: &Element) -> Result<Option<f64>, Problem> {
    let name = match element.get("PercentCompleteType") {
        "Physical" => "PhysicalPercentComplete",
        "Units" => "UnitsPercentComplete",
        "Duration" => "DurationPercentComplete",
        _ => "PercentComplete",
    };
    let name = if element.get(name).is_empty() { "PercentComplete" } else { name };
    let text = element.get(name);
    if text.is_empty() {
        return Ok(None);
    }
    // P6 writes a share.
    let share = text.parse().ok().filter(|share: &f64| share.is_finite());
    let share = share.ok_or_else(|| element.bad(name, "a share such as 0.25"))?;
    Ok(Some((share * 100.0).clamp(0.0, 100.0)))
}

/// Counts what an activity says that dates nothing here.
pub(super) fn count(element: &Element, unused: &mut Unused) {
    let not_used = [
        ("ExpectedFinishDate", "expected finishes"),
        ("ExternalEarlyStartDate", "early starts that other projects allow"),
        ("ExternalLateFinishDate", "late finishes that other projects allow"),
        ("NotesToResources", "notes"),
    ];
    for (name, what) in not_used {
        unused.add(what, usize::from(!element.get(name).is_empty()));
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn codes_fields_and_the_baseline_come_with_their_names() {
        let text = "<APIBusinessObjects><ActivityCodeType><ObjectId>1</ObjectId><Name>Area</Name>\
            </ActivityCodeType><ActivityCode><ObjectId>2</ObjectId><CodeValue>North</CodeValue>\
            </ActivityCode><UDFType><ObjectId>3</ObjectId><Title>Crane</Title></UDFType><Project>\
            <Id>P</Id><DataDate>2026-03-02T08:00:00</DataDate><WBS><ObjectId>5</ObjectId><Code>P\
            </Code></WBS><WBS><ObjectId>6</ObjectId><ParentObjectId>5</ParentObjectId><Code>H1\
            </Code></WBS><Activity><ObjectId>7</ObjectId><Id>A</Id><WBSObjectId>6</WBSObjectId>\
            <PercentComplete>0.25</PercentComplete><Code><TypeObjectId>1</TypeObjectId>\
            <ValueObjectId>2</ValueObjectId></Code><UDF><TypeObjectId>3</TypeObjectId><TextValue>T1\
            </TextValue></UDF></Activity></Project><BaselineProject><ObjectId>9</ObjectId>\
            <Activity><Id>A</Id><PlannedStartDate>2026-01-05T08:00:00</PlannedStartDate>\
            <PlannedFinishDate>2026-01-06T17:00:00</PlannedFinishDate></Activity>\
            </BaselineProject></APIBusinessObjects>";
        let schedule = super::super::read(text).unwrap();
        let task = &schedule.tasks[2];
        assert_eq!((task.wbs.as_str(), task.percent_complete), ("P.H1", Some(25.0)));
        assert_eq!(task.codes, [("Area".to_string(), "North".to_string())]);
        assert_eq!(task.fields, [("Crane".to_string(), "T1".to_string())]);
        let (start, finish) = task.baseline.unwrap();
        assert_eq!(
            (&*start.to_string(), &*finish.to_string()),
            ("2026-01-05T08:00", "2026-01-06T17:00")
        );
        assert!(
            schedule.unused.iter().any(|(what, count)| what.starts_with("baseline") && count == 1)
        );
    }
}
