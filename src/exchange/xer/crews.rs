//! Whose hours a resource-dependent activity works by: those of who is assigned to it.

use std::collections::{BTreeMap, BTreeSet};

use super::table::Tables;
use crate::exchange::problem::Problem;

/// Calendars of the people and machines assigned to each activity, as indices.
pub(super) fn calendars_of_crews<'t>(
    tables: &Tables<'t>,
    calendars: &BTreeMap<&'t str, u32>,
) -> Result<BTreeMap<&'t str, BTreeSet<u32>>, Problem> {
    let mut own = BTreeMap::new();
    // Material keeps no hours.
    for row in tables.rows("RSRC")?.iter().filter(|row| row.text("rsrc_type") != "RT_Mat") {
        if let Some(&calendar) = calendars.get(row.text("clndr_id")) {
            own.insert(row.text("rsrc_id"), calendar);
        }
    }
    let mut crews = BTreeMap::<_, BTreeSet<u32>>::new();
    for row in tables.rows("TASKRSRC")? {
        if let Some(&calendar) = own.get(row.text("rsrc_id")) {
            crews.entry(row.text("task_id")).or_default().insert(calendar);
        }
    }
    Ok(crews)
}

#[cfg(test)]
mod tests {
    use crate::exchange::{dates, lower, read};
    use crate::model::Rules;

    #[test]
    fn a_resource_dependent_activity_works_when_its_crew_does() {
        let shift = |from: &str, to: &str| {
            let day = |day: u8| format!("(0||{day}()((0||0(s|{from}|f|{to})())))");
            let days: String = (1..=7).map(day).collect();
            format!("(0||CalendarData()((0||DaysOfWeek()({days}))))")
        };
        let text = format!(
            "ERMHDR\t20.12\n%T\tPROJECT\n%F\tproj_id\tlast_recalc_date\n%R\t1\t2026-03-02 08:00\n\
             %T\tCALENDAR\n%F\tclndr_id\tclndr_data\n%R\t1\t{}\n%R\t2\t{}\n\
             %T\tRSRC\n%F\trsrc_id\tclndr_id\trsrc_type\n%R\t7\t2\tRT_Labor\n%R\t8\t1\tRT_Mat\n\
             %T\tTASK\n%F\ttask_id\tproj_id\tclndr_id\ttask_type\ttarget_drtn_hr_cnt\n\
             %R\t10\t1\t1\tTT_Rsrc\t8\n%R\t11\t1\t1\tTT_Task\t8\n%R\t12\t1\t1\tTT_Rsrc\t8\n\
             %T\tTASKRSRC\n%F\ttask_id\trsrc_id\n%R\t10\t7\n%R\t10\t8\n%R\t11\t7\n%E\n",
            shift("08:00", "16:00"),
            shift("16:00", "20:00"),
        );
        let schedule = read(text.into_bytes()).unwrap();
        let lowered = lower(&schedule, Rules::P6).unwrap();
        let finishes = dates(&schedule, &lowered).into_iter().map(|line| line.early_finish);
        let finishes: Vec<String> = finishes.map(|at| at.to_string()).collect();
        assert_eq!(finishes, ["2026-03-03T20:00", "2026-03-02T16:00", "2026-03-02T16:00"]);
    }
}
