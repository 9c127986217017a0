//! The longest path of one trial: every activity that held up a date, ties included.
//!
//! From the activities that set the date it goes back along every link that was met at the very
//! start that followed, and along every wait to who let go what was waited for; so crews and
//! deliveries are on it as links are. Two paths of one length are both longest: that is how a
//! criticality index is counted (Van Slyke, "Monte Carlo methods and the PERT problem", 1963).

use crate::model::{Cause, Link, Plan, Timeline, cpm};
use crate::time::{Minute, Span};

/// Marks the longest paths of trials in memory that it keeps.
#[derive(Clone, Debug, Default)]
pub struct LongestPath {
    /// By activity.
    pub marks: Vec<bool>,
    stack: Vec<u32>,
}

impl LongestPath {
    /// Marks what led to the finish of some activities; `work` is the work left that the trial ran
    /// with.
    ///
    /// Cost: one visit to each link into what is marked.
    pub fn mark(
        &mut self,
        plan: &Plan,
        work: &[Span],
        timeline: &Timeline,
        ends: impl Iterator<Item = u32>,
    ) {
        self.marks.clear();
        self.marks.resize(plan.activities.len(), false);
        self.stack.clear();
        self.stack.extend(ends);
        while let Some(activity) = self.stack.pop() {
            let at = activity as usize;
            if std::mem::replace(&mut self.marks[at], true) {
                continue;
            }
            let this = &plan.activities[at];
            match timeline.cause[at] {
                Cause::Released(_, Some(holder)) | Cause::Funded(_, Some(holder)) => {
                    self.stack.push(holder);
                }
                Cause::Link(_) | Cause::Actual => {}
                _ => continue,
            }
            if this.is_finished() {
                continue;
            }
            let (start, finish) = (&timeline.start, &timeline.finish);
            let placed = (start[at], finish[at]);
            for link in plan.preds(activity).iter().filter(|link| cpm::binds(plan, link)) {
                let bound = cpm::bound(plan, link, start, finish);
                if is_met(plan, link, bound, work[at], placed) {
                    self.stack.push(link.from);
                }
            }
        }
    }
}

/// Whether a link that asks for `bound` helped to set the (start, finish) of its successor, which
/// is not over and has this work left.
pub(super) fn is_met(
    plan: &Plan,
    link: &Link,
    bound: Minute,
    work: Span,
    (start, finish): (Minute, Minute),
) -> bool {
    let this = &plan.activities[link.to as usize];
    if link.kind.bounds_finish() {
        bound == finish
            || cpm::settle(plan, this, cpm::latest_start(plan, this, bound, work)) == start
    } else if this.began().is_some() {
        let resumes = cpm::settle(plan, this, bound);
        bound > plan.data_date() && cpm::ends(plan, this.calendar, resumes, work) == finish
    } else {
        cpm::settle(plan, this, bound) == start
    }
}
