//! Dates of halls against what was promised, and the chain that ends last.

use super::super::figure::{Table, Told};
use super::super::summary::Summary;
use super::headline::{percent, percentile};
use super::html::Html;
use super::{shown, table};

/// Each hall: promised, likely, by trials, and what its slip is made of.
pub(super) fn halls(html: &mut Html, told: &Told<'_>, summary: &Summary) {
    if summary.halls.is_empty() {
        return;
    }
    let head = ["hall", "IT MW", "promised", "ready, likely", "all online, likely"];
    let mut halls = Table::new(head);
    if told.trials.is_some() {
        halls.head.extend(["ready, P50", "P80", "promise kept"].map(String::from));
    }
    halls.head.push("what the slip is made of, days".into());
    for (hall, built) in summary.halls.iter().zip(&told.site.halls) {
        let date = |day: &Option<String>| day.clone().unwrap_or_else(|| "never".into());
        let mut row = vec![
            hall.id.clone(),
            format!("{:.1}", hall.it_mw),
            hall.plan.clone().unwrap_or_default(),
            date(&hall.ready_for_service),
            date(&hall.complete),
        ];
        if let Some(trials) = told.trials {
            let id = &told.site.plan.activities[built.ready as usize].id;
            let column = trials.overall.date(&format!("finish:{id}"));
            let at = |p| column.map(|of| shown(percentile(&of.summary, p))).unwrap_or_default();
            row.extend([at(50.0), at(80.0)]);
            let kept = column.and_then(|of| of.by_plan?.share);
            row.push(kept.map(percent).unwrap_or_default());
        }
        let part =
            |part: &super::super::summary::SlipPart| format!("{:+.1} {}", part.days, part.cause);
        row.push(hall.slip.iter().map(part).collect::<Vec<_>>().join("; "));
        halls.rows.push(row);
    }
    table::write(html, "Halls: promised and ready for service", &halls);
}

/// The critical path of the likely run.
pub(super) fn path(html: &mut Html, summary: &Summary) {
    let head = ["activity", "start", "finish", "waited, days", "started by"];
    let mut path = Table::new(head);
    for step in &summary.critical_path {
        path.rows.push(vec![
            step.activity.clone(),
            step.start.clone(),
            step.finish.clone(),
            format!("{:.1}", step.waited_days),
            step.started_by.clone(),
        ]);
    }
    table::folded(html, "Critical path of the likely run, crews and racks included", &path);
}
