//! Work that is never funded: a stop that nothing lifts ends it, by name (semantics M9).

use serde::Serialize;

use super::style::Style;
use crate::analysis::{Run, loan_name};
use crate::model::Site;
use crate::model::timeline::WaitFor;

/// An activity that waits for its loan in vain.
#[derive(Debug, Serialize)]
pub struct NeverFunded {
    /// Activity.
    pub activity: String,
    /// Loan.
    pub loan: String,
    /// What the loan says.
    pub why: String,
    /// Since when it waits, to the minute.
    pub since: String,
}

/// Every activity that waits for its loan in vain, in file order.
pub fn never_funded(site: &Site, run: &Run) -> Vec<NeverFunded> {
    let waits = run.timeline.waits.iter().filter(|wait| !wait.until.happens());
    let of_loan = waits.filter_map(|wait| match wait.what {
        WaitFor::Funding { loan, why } => Some(NeverFunded {
            activity: site.plan.activities[wait.activity as usize].id.clone(),
            loan: loan_name(site, loan).to_owned(),
            why: why.to_string(),
            since: wait.from.to_string(),
        }),
        _ => None,
    });
    of_loan.collect()
}

/// Most activities that are named on screen.
const NAMED_MAX: usize = 5;

/// A line for each of the first of them.
pub fn unfunded_lines(site: &Site, run: &Run) -> String {
    let all = never_funded(site, run);
    let line = |one: &NeverFunded| {
        let NeverFunded { activity, loan, why, .. } = one;
        format!("\n{}", Style::bad(&format!("{activity} is never funded by {loan}: {why}")))
    };
    let mut lines: String = all.iter().take(NAMED_MAX).map(line).collect();
    if all.len() > NAMED_MAX {
        lines += &format!("\n{}", Style::bad(&format!("and {} more", all.len() - NAMED_MAX)));
    }
    lines
}
