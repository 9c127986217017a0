//! What planners keep with a task: codes, fields of their own, baselines, percent complete.

use std::collections::{BTreeMap, BTreeSet};

use super::table::{Row, Tables};
use crate::exchange::problem::Problem;
use crate::exchange::schedule::Schedule;
use crate::time::{Minute, Span};

/// Projects of a file that are the baselines of others, and the dates of their tasks by code.
#[derive(Default)]
pub(super) struct Baselines<'t> {
    /// Baseline of each project.
    of: BTreeMap<&'t str, &'t str>,
    projects: BTreeSet<&'t str>,
    dates: BTreeMap<(&'t str, &'t str), (Minute, Minute)>,
}

impl<'t> Baselines<'t> {
    /// Finds them by what each project names as its baseline.
    ///
    /// # Errors
    ///
    /// Dates of theirs that are none.
    pub fn new(projects: &[Row<'_, 't>], tasks: &[Row<'_, 't>]) -> Result<Self, Problem> {
        let known: BTreeSet<&str> = projects.iter().map(|row| row.text("proj_id")).collect();
        let mut baselines = Baselines::default();
        for row in projects {
            let (own, baseline) = (row.text("proj_id"), row.text("sum_base_proj_id"));
            if baseline != own && known.contains(baseline) && !baselines.projects.contains(own) {
                baselines.of.insert(own, baseline);
                baselines.projects.insert(baseline);
            }
        }
        // A project that has a baseline of its own is a current one.
        baselines.projects.retain(|project| !baselines.of.contains_key(project));
        for row in tasks {
            let (project, code) = (row.text("proj_id"), row.text("task_code"));
            if let Some(dates) = planned(row)?.filter(|_| baselines.is_one(project)) {
                baselines.dates.insert((project, code), dates);
            }
        }
        Ok(baselines)
    }

    /// How many there are.
    pub fn count(&self) -> usize {
        self.projects.len()
    }

    /// Whether a project is there only as the baseline of another.
    pub fn is_one(&self, project: &str) -> bool {
        self.projects.contains(project)
    }

    /// Start and finish of a task in the baseline of its project; where the file holds none, as
    /// planned.
    ///
    /// # Errors
    ///
    /// Dates that are none.
    pub fn of(&self, row: &Row) -> Result<Option<(Minute, Minute)>, Problem> {
        match self.of.get(row.text("proj_id")).filter(|baseline| self.is_one(baseline)) {
            Some(baseline) => Ok(self.dates.get(&(*baseline, row.text("task_code"))).copied()),
            None => planned(row),
        }
    }
}

fn planned(row: &Row) -> Result<Option<(Minute, Minute)>, Problem> {
    Ok(row.instant("target_start_date")?.zip(row.instant("target_end_date")?))
}

/// How much of a task is done, by the measure that it names.
pub(super) fn percent_complete(
    row: &Row,
    whole: Span,
    remaining: Option<Span>,
) -> Result<Option<f64>, Problem> {
    let share = |done: f64, all: f64| (all > 0.0).then(|| (100.0 * done / all).clamp(0.0, 100.0));
    if !row.text("act_end_date").is_empty() {
        return Ok(Some(100.0));
    }
    if row.text("act_start_date").is_empty() {
        return Ok(Some(0.0).filter(|_| !row.text("complete_pct_type").is_empty()));
    }
    Ok(match row.text("complete_pct_type") {
        "CP_Phys" => row.number("phys_complete_pct")?,
        "CP_Units" => {
            let number = |column| row.number(column).map(|number| number.unwrap_or(0.0));
            let (done, left) = (number("act_work_qty")?, number("remain_work_qty")?);
            share(done, done + left)
        }
        _ => remaining.and_then(|left| share((whole - left).0 as f64, whole.0 as f64)),
    })
}

/// Gives each task its activity codes and user-defined fields.
///
/// # Errors
///
/// Rows with wrong column counts.
pub(super) fn keep(
    tables: &Tables,
    tasks: &BTreeMap<&str, u32>,
    schedule: &mut Schedule,
) -> Result<(), Problem> {
    let types = names(tables, "ACTVTYPE", "actv_code_type_id", "actv_code_type")?;
    let mut values = BTreeMap::new();
    for row in tables.rows("ACTVCODE")? {
        values.insert(row.text("actv_code_id"), row.text("short_name"));
    }
    for row in tables.rows("TASKACTV")? {
        let of_type = types.get(row.text("actv_code_type_id"));
        let value = values.get(row.text("actv_code_id"));
        match (tasks.get(row.text("task_id")), of_type.zip(value)) {
            (Some(&task), Some((of_type, value))) => {
                schedule.tasks[task as usize].codes.push((of_type.to_string(), value.to_string()));
            }
            _ => schedule.unused.count("activity codes of what the file does not hold"),
        }
    }
    let fields = names(tables, "UDFTYPE", "udf_type_id", "udf_type_label")?;
    let subjects = names(tables, "UDFTYPE", "udf_type_id", "table_name")?;
    let coded = names(tables, "UDFCODE", "udf_code_id", "short_name")?;
    for row in tables.rows("UDFVALUE")? {
        let field = row.text("udf_type_id");
        let task = match subjects.get(field) {
            Some(&"TASK") => tasks.get(row.text("fk_id")),
            _ => None,
        };
        let plain = ["udf_text", "udf_number", "udf_date"].map(|column| row.text(column));
        let plain = plain.into_iter().find(|text| !text.is_empty());
        let value = plain.or(coded.get(row.text("udf_code_id")).copied());
        match (task, fields.get(field)) {
            (Some(&task), Some(name)) => {
                let value = value.unwrap_or_default().to_string();
                schedule.tasks[task as usize].fields.push((name.to_string(), value));
            }
            _ => schedule.unused.count("user-defined fields of what is no task"),
        }
    }
    Ok(())
}

fn names<'t>(
    tables: &Tables<'t>,
    table: &str,
    id: &str,
    name: &str,
) -> Result<BTreeMap<&'t str, &'t str>, Problem> {
    let rows = tables.rows(table)?;
    Ok(rows.iter().map(|row| (row.text(id), row.text(name))).collect())
}

#[cfg(test)]
mod tests {
    fn table(name: &str, columns: &str, rows: &[&str]) -> String {
        let rows: String =
            rows.iter().map(|row| format!("%R\t{}\n", row.replace('|', "\t"))).collect();
        format!("%T\t{name}\n%F\t{}\n{rows}", columns.replace('|', "\t"))
    }

    #[test]
    fn codes_fields_and_the_baseline_project_come_with_their_names() {
        let day = "(0||CalendarData()((0||DaysOfWeek()((0||2()((0||0(s|08:00|f|16:00)())))))))";
        let dates = "2026-01-05 08:00|2026-01-06 17:00";
        let text = [
            "ERMHDR\t20.12\n".to_string(),
            table(
                "PROJECT",
                "proj_id|proj_short_name|last_recalc_date|sum_base_proj_id",
                &["1|P|2026-03-02 08:00|2", "2|P-B1|2026-01-05 08:00|"],
            ),
            format!("%T\tCALENDAR\n%F\tclndr_id\tclndr_data\n%R\t1\t{day}\n"),
            table(
                "PROJWBS",
                "wbs_id|parent_wbs_id|proj_id|wbs_short_name",
                &["1||1|P", "2|1|1|H1"],
            ),
            table(
                "TASK",
                "task_id|proj_id|wbs_id|clndr_id|task_code|target_drtn_hr_cnt|remain_drtn_hr_cnt|\
                 complete_pct_type|act_start_date|target_start_date|target_end_date",
                &[
                    "10|1|2|1|A|16|4|CP_Drtn|2026-02-02 08:00|2026-02-02 08:00|2026-02-03 17:00",
                    &format!("20|2||1|A|16|16|CP_Drtn||{dates}"),
                ],
            ),
            table("ACTVTYPE", "actv_code_type_id|actv_code_type", &["1|Area"]),
            table("ACTVCODE", "actv_code_id|short_name", &["2|North"]),
            table("TASKACTV", "task_id|actv_code_type_id|actv_code_id", &["10|1|2"]),
            table(
                "UDFTYPE",
                "udf_type_id|table_name|udf_type_label",
                &["3|TASK|Crane", "4|RSRC|Trade"],
            ),
            table("UDFVALUE", "udf_type_id|fk_id|udf_text|udf_number", &["3|10|T1|", "4|7||2"]),
            table("TASKMEMO", "memo_id|task_memo", &["1|two lines"]) + "of a note\n",
            "%E\n".to_string(),
        ];
        let schedule = super::super::read(&text.concat()).unwrap();
        assert_eq!((schedule.projects.len(), schedule.tasks.len()), (1, 3));
        let task = &schedule.tasks[2];
        assert_eq!((task.wbs.as_str(), task.percent_complete), ("P.H1", Some(75.0)));
        assert_eq!(task.codes, [("Area".to_string(), "North".to_string())]);
        assert_eq!(task.fields, [("Crane".to_string(), "T1".to_string())]);
        assert_eq!(task.baseline.unwrap().0.to_string(), "2026-01-05T08:00");
        let unused: Vec<_> = schedule.unused.iter().collect();
        let only = "baseline projects, but for the dates of their tasks";
        let other = "user-defined fields of what is no task";
        assert_eq!(unused, [(only, 1), ("notes", 1), (other, 1)]);
    }
}
