//! Crews shared out by a priority rule: schedule generation schemes (Kolisch 1996).
//!
//! A scheme builds one schedule in one pass. The *parallel* one goes through time and starts, at
//! each instant, whoever fits, in the order of the rule: that is the engine itself. The *serial*
//! one goes through the activities in the order of the rule and puts each where it fits first.
//!
//! - `rule`: the order in which activities are served.
//! - `serial`: the serial scheme.

mod rule;
mod serial;

pub use rule::Rule;

use super::run_likely;
use crate::model::Plan;
use crate::time::Minute;

/// How a schedule is built from an order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scheme {
    /// Activity by activity, each as early as it fits between those placed before.
    Serial,
    /// Instant by instant, whoever fits starts: a run of the engine.
    Parallel,
}

/// When each activity starts and finishes; [`Minute::NEVER`] for what never does.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Schedule {
    /// Start by activity.
    pub start: Vec<Minute>,
    /// Finish by activity.
    pub finish: Vec<Minute>,
}

impl Schedule {
    /// The last finish.
    pub fn end(&self) -> Minute {
        self.finish.iter().copied().max().unwrap_or(Minute::MIN)
    }
}

/// The schedule of a plan's likely durations by a rule and a scheme; the plan's own priorities are
/// not read.
///
/// # Panics
///
/// With [`Scheme::Serial`], on a plan whose activities take racks from stores.
///
/// Cost: that of the rule, then that of a trial or of [`Scheme::Serial`]: for each activity a walk
/// over the starts and finishes between its logic start and where it fits.
pub fn level(plan: &Plan, rule: Rule, scheme: Scheme) -> Schedule {
    let order = rule.order(plan);
    match scheme {
        Scheme::Serial => serial::serial(plan, &order),
        Scheme::Parallel => {
            let timeline = run_likely(&with_order(plan, &order));
            Schedule { start: timeline.start, finish: timeline.finish }
        }
    }
}

/// The plan whose activities are served in this order.
///
/// Every place is another priority, so the ready time that semantics T9 reads next decides nothing:
/// PSPLIB rules skip it.
pub fn with_order(plan: &Plan, order: &[i32]) -> Plan {
    let mut plan = plan.clone();
    for (activity, &place) in plan.activities.iter_mut().zip(order) {
        activity.priority = place;
    }
    plan
}
