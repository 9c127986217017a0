//! The funding gate within a trial (semantics M0): who waits for a loan, since when, and why.
//!
//! A gated activity asks once its logic is met, before it asks for crews; what has then begun to
//! wait for a crew is not asked again. Whether a loan gives is up to the books
//! ([`FundingGate`]); here is kept who waits. A wait ends at the minute that meets the last
//! condition, or in the first working time of the day from which the loan may be drawn.

use super::network::flag;
use super::queue::Rank;
use super::trial::Engine;
use crate::ledger::FundingGate;
use crate::loan::NoDraw;
use crate::model::timeline::WaitFor;
use crate::model::{Cause, Progress, Timeline, Wait, cpm};
use crate::time::{Minute, Span};

/// Everyone who needs a loan, in one trial.
pub(super) struct Funding<'p> {
    gate: FundingGate<'p>,
    /// By activity.
    held: Vec<Held>,
    waiting: u32,
}

/// An activity that a loan funds.
struct Held {
    activity: u32,
    loan: u32,
    /// Since when it waits.
    since: Option<Minute>,
    /// What the loan said last.
    why: NoDraw,
    /// The activity that met the last condition since.
    met_by: Option<u32>,
    /// Whether its wait ended later than it began.
    late: bool,
}

impl<'p> Funding<'p> {
    fn new(gate: FundingGate<'p>) -> Funding<'p> {
        let held = gate.gates().iter().map(|gated| Held {
            activity: gated.activity,
            loan: gated.loan,
            since: None,
            why: NoDraw::NotClosed,
            met_by: None,
            late: false,
        });
        Funding { held: held.collect(), waiting: 0, gate }
    }

    fn find(&self, activity: u32) -> Option<usize> {
        self.held.binary_search_by_key(&activity, |held| held.activity).ok()
    }
}

impl<'p> Engine<'p> {
    /// One trial in which what a loan funds waits until that loan can be drawn; the gate comes
    /// back with its books as far as they were needed.
    pub fn run_gated(
        &mut self,
        work: &[Span],
        out: &mut Timeline,
        gate: FundingGate<'p>,
    ) -> FundingGate<'p> {
        self.funding = Some(Box::new(Funding::new(gate)));
        self.run(work, out);
        self.funding.take().expect("a trial keeps its gate").gate
    }

    /// Whether nothing keeps an activity from its money; if something does, it waits.
    pub(super) fn is_funded(&mut self, activity: u32) -> bool {
        let Some(funding) = &mut self.funding else { return true };
        let Some(at) = funding.find(activity) else { return true };
        let (now, plan, out) = (self.now, self.plan, &self.out);
        let (work, work_end) = (&self.work, &self.work_end);
        let expected = |under_way: u32| {
            let at = under_way as usize;
            let this = &plan.activities[at];
            if out.finish[at].happens() {
                out.finish[at]
            } else if matches!(this.progress, Progress::Started { .. }) && !work_end[at].happens() {
                // It goes on later at this instant.
                cpm::ends(plan, this.calendar, now.max(plan.data_date()), work[at])
            } else {
                work_end[at]
            }
        };
        let ancestor = self.network.nodes[activity as usize].flags.any(flag::ANCESTOR);
        let held = &mut funding.held[at];
        match funding.gate.ask(held.loan, now, out, expected) {
            Ok(()) => {
                let Some(from) = held.since.take() else { return true };
                funding.waiting -= 1;
                self.forecast.waiting -= u32::from(ancestor);
                self.forecast.stale |= ancestor;
                held.late = from < now;
                if held.late {
                    let what = WaitFor::Funding { loan: held.loan, why: held.why };
                    let (until, holder) = (now, held.met_by);
                    self.out.waits.push(Wait { activity, from, until, what, holder });
                }
                true
            }
            Err(refused) => {
                (held.why, held.met_by) = (refused.why, None);
                if held.since.is_none() {
                    held.since = Some(now);
                    funding.waiting += 1;
                    self.forecast.waiting += u32::from(ancestor);
                }
                if let Some(day) = refused.again {
                    let begins =
                        cpm::in_work(plan, &plan.activities[activity as usize], day.start());
                    self.queue.push(begins, Rank::Ready, activity);
                }
                false
            }
        }
    }

    /// A finish that meets the last condition of a loan lets who waits for that ask again, once
    /// everything else of this instant is done.
    pub(super) fn wake_funded(&mut self, finished: u32) {
        let Some(funding) = &mut self.funding else { return };
        if funding.waiting == 0 {
            return;
        }
        for held in &mut funding.held {
            let waits = held.since.is_some() && held.why == NoDraw::ConditionUnmet;
            let meets = || {
                funding.gate.is_condition(held.loan, finished)
                    && funding.gate.conditions_met(held.loan, &self.out)
            };
            if waits && meets() {
                held.met_by = Some(finished);
                let this = &self.plan.activities[held.activity as usize];
                let begins = cpm::in_work(self.plan, this, self.now);
                self.queue.push(begins, Rank::Ready, held.activity);
            }
        }
    }

    /// Whether an activity had to wait for its loan.
    pub(super) fn was_unfunded(&self, activity: u32) -> bool {
        self.held_late(activity).is_some()
    }

    /// What set the start of an activity that had to wait for its loan.
    pub(super) fn say_funded(&mut self, activity: u32) {
        if let Some(held) = self.held_late(activity) {
            self.out.cause[activity as usize] = Cause::Funded(held.loan, held.met_by);
        }
    }

    fn held_late(&self, activity: u32) -> Option<&Held> {
        let funding = self.funding.as_ref()?;
        let held = &funding.held[funding.find(activity)?];
        held.late.then_some(held)
    }

    /// Whoever still waits for a loan does so in vain.
    pub(super) fn close_funding(&mut self) {
        let Some(funding) = &self.funding else { return };
        for held in &funding.held {
            if let Some(from) = held.since {
                let (activity, until) = (held.activity, Minute::NEVER);
                let what = WaitFor::Funding { loan: held.loan, why: held.why };
                self.out.waits.push(Wait { activity, from, until, what, holder: None });
            }
        }
    }
}
