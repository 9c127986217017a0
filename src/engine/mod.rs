//! The event engine: one trial of a plan, from the first event to the last.
//!
//! A pure function of the plan and the durations. It hands up the [`Timeline`]: when everything
//! started and finished, what set each start, and what each wait was for. [`Engine`] keeps its
//! memory from trial to trial, so that a trial allocates nothing.
//!
//! ```text
//!  queue ──> capacity, arrivals, finishes ──> links ──> ready ──> lines for crews ──> starts
//!    ^                                          ^                                       │
//!    └──────────── end of work ─────────────────┴───────────── start links ─────────────┘
//! ```
//!
//! - `trial`: the event loop. Read it first.
//! - `queue`: instants to come, in the order of semantics T7.
//! - `network`: links as counters, laid out once for all trials.
//! - `crews`: crews, stores and the lines that wait for them (semantics T9).
//! - `ahead`, `forecast`: what rests on what has not happened yet (semantics T8).
//! - `funding`: what waits until its loan can be drawn (semantics M0).
//! - `check`: what no trial could ever satisfy.
//! - `level`: crews shared out by a priority rule, through the engine or activity by activity.

mod ahead;
mod check;
mod crews;
mod forecast;
mod funding;
pub mod level;
mod network;
mod queue;
mod trial;

pub use check::{Shortage, shortages};
pub use trial::Engine;

use crate::ledger::{FundingGate, Prepared};
use crate::model::{Plan, Site, Timeline};

/// The likely trial: every activity as long as the file says (semantics R2).
///
/// # Example
///
/// ```
/// # use energize::model::{Plan, plan::Parts};
/// # use energize::time::{Calendar, Minute};
/// # let parts = Parts {
/// #     start: Minute(0), status: None, calendars: vec![Calendar::always()], activities: vec![],
/// #     links: vec![], resources: vec![], stores: vec![], deliveries: vec![],
/// # };
/// let plan = Plan::assemble(parts).expect("no cycle");
/// let timeline = energize::engine::run_likely(&plan);
/// assert_eq!(timeline.end(), Minute::MIN, "nothing to do");
/// ```
pub fn run_likely(plan: &Plan) -> Timeline {
    let mut timeline = Timeline::default();
    Engine::new(plan).run(&plan.likely_work(), &mut timeline);
    timeline
}

/// The likely trial of a site: what waits for a loan waits (semantics M0); where nothing does,
/// [`run_likely`] of its plan.
///
/// Cost: with activities that wait for a loan, the books once beside the events.
pub fn run_site(site: &Site) -> Timeline {
    if site.terms.gates.is_empty() {
        return run_likely(&site.plan);
    }
    let prepared = Prepared::new(site);
    let mut timeline = Timeline::default();
    let gate = FundingGate::new(&prepared);
    Engine::new(&site.plan).run_gated(&site.plan.likely_work(), &mut timeline, gate);
    timeline
}
