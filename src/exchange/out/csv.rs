//! Dates and floats as CSV, in the columns of `energize schedule --csv`.

use super::text;
use crate::analysis::Run;
use crate::exchange::dates::{self, Row, Rows};
use crate::exchange::problem::Unused;
use crate::model::{Kind, Site};

use super::Export;

/// Early and late dates and floats of every activity by logic alone, and the dates of the run, in
/// which crews, racks and delays count too.
///
/// `uid` and `code` are the activity's id; `start` and `finish` stand after the columns that
/// schedules of other programs have, and say `never` where something does not happen.
pub fn csv(site: &Site, run: &Run) -> Export {
    let mut rows = Rows::new(false, &["start", "finish"]);
    let lines = dates::of_activities(&site.plan, &run.dates);
    for (line, activity) in lines.iter().zip(&site.plan.activities) {
        let at = line.task as usize;
        let id = |&at: &u32| site.plan.activities[at as usize].id.as_str();
        let kind = match site.plan.scheduling.of(line.task).kind {
            Kind::Task if activity.milestone => Kind::FinishMilestone,
            kind => kind,
        };
        rows.push(&Row {
            project: None,
            uid: &activity.id,
            code: &activity.id,
            name: &text::name(activity),
            kind,
            line,
            driving: line.driving.iter().map(id).collect(),
            more: [run.timeline.start[at], run.timeline.finish[at]].map(|at| at.to_string()).into(),
        });
    }
    Export { text: rows.finish(), substitutes: Unused::default(), advice: None }
}
