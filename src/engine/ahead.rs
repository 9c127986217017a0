//! Links that look ahead, within a trial: starts that rest on forecasts, finishes that are held.

use super::forecast::Outlook;
use super::network::{BY_DATE, Gate, NONE};
use super::queue::Rank;
use super::trial::Engine;
use crate::model::timeline::WaitFor;
use crate::model::{Cause, Link, Rules, Wait, cpm};
use crate::time::{Minute, Span};

/// What a forecast is made from, borrowed beside the forecast itself.
macro_rules! outlook {
    ($engine:ident) => {
        Outlook {
            plan: $engine.plan,
            activities: &$engine.network.ancestors,
            places: &$engine.network.places,
            work: &$engine.work,
            work_end: &$engine.work_end,
            timeline: &$engine.out,
            now: $engine.now,
        }
    };
}

impl<'p> Engine<'p> {
    /// Makes the forecast of a trial that begins.
    pub(super) fn reset_forecast(&mut self) {
        if !self.network.ancestors.is_empty() {
            let outlook = outlook!(self);
            self.forecast.reset(&outlook);
        }
    }

    /// What all links into an activity ask of its start, by forecast where they look ahead.
    pub(super) fn logic(&mut self, activity: u32) -> Gate {
        let outlook = outlook!(self);
        self.forecast.refresh(&outlook);
        let at = activity as usize;
        let mut gate = self.gates[at];
        if self.plan.scheduling.rules != Rules::Site {
            for (index, link) in self.links_into(activity) {
                gate.ask(self.forecast.asks(self.plan, link, self.work[at]), index);
            }
            let resumes = self.forecast.resumes(self.plan, activity, self.work[at]);
            let bound = self.plan.scheduling.of(activity).constraints().next().is_some();
            let asked = cpm::shift(
                self.plan,
                self.plan.activities[at].calendar,
                gate.bound,
                self.plan.activities[at].delay,
            );
            let calendar = self.plan.calendar(activity);
            if bound && calendar.work_between(asked, resumes) != Span::ZERO {
                gate.driver = BY_DATE;
            }
            gate.bound = resumes;
            return gate;
        }
        for (index, link) in self.links_into(activity).filter(|(_, link)| link.looks_ahead()) {
            let bound = self.forecast.bound(self.plan, link);
            let this = &self.plan.activities[at];
            let held = link.kind.bounds_finish();
            gate.ask(
                if held { cpm::latest_start(self.plan, this, bound, self.work[at]) } else { bound },
                index,
            );
        }
        gate
    }

    /// Comes back to an activity whose start or finish rests on a forecast, when that is due.
    ///
    /// If the forecast has moved although nothing has happened since the last look, it moves with
    /// the clock: look again when something happens.
    pub(super) fn look_later(&mut self, activity: u32, due: Minute, rank: Rank) {
        let looked_at = &mut self.looked_at[activity as usize];
        if *looked_at == self.happened {
            self.stalled.push(activity);
        } else {
            *looked_at = self.happened;
            self.queue.push(due, rank, activity);
        }
    }

    /// The next activity that looks at its forecast again because something has happened.
    pub(super) fn looks_again(&mut self) -> Option<(Rank, u32)> {
        let may = |&activity: &u32| self.looked_at[activity as usize] != self.happened;
        let at = self.stalled.iter().position(may)?;
        let activity = self.stalled.swap_remove(at);
        let begun = self.work_end[activity as usize].happens();
        Some((if begun { Rank::Finish } else { Rank::Ready }, activity))
    }

    /// Whether the links to an activity's finish let it finish now; if not, it is seen to that
    /// they will be asked again.
    pub(super) fn may_finish(&mut self, activity: u32) -> bool {
        let at = activity as usize;
        if self.plan.scheduling.rules != Rules::Site {
            let outlook = outlook!(self);
            self.forecast.refresh(&outlook);
            let due = self.forecast.met(self.plan, activity, self.now);
            if due > self.now {
                self.look_later(activity, due, Rank::Finish);
            }
            return due <= self.now;
        }
        let (mut due, mut holder, mut forecast) = (Minute::MIN, None, false);
        for (_, link) in self.links_into(activity).filter(|(_, link)| link.kind.bounds_finish()) {
            let dates = if link.kind.from_finish() { &self.out.finish } else { &self.out.start };
            let bound = if dates[link.from as usize].happens() {
                cpm::bound(self.plan, link, &self.out.start, &self.out.finish)
            } else if link.lag >= Span::ZERO {
                self.held[at] = true;
                return false;
            } else {
                forecast = true;
                let outlook = outlook!(self);
                self.forecast.refresh(&outlook);
                self.forecast.bound(self.plan, link)
            };
            if bound > due {
                (due, holder) = (bound, Some(link.from));
            }
        }
        if due > self.now {
            if forecast {
                self.look_later(activity, due, Rank::Finish);
            } else {
                self.queue.push(due, Rank::Finish, activity);
            }
            return false;
        }
        let from = self.work_end[at];
        if self.plan.calendar(activity).work_between(from, self.now) > Span::ZERO {
            let (until, what) = (self.now, WaitFor::HeldFinish);
            self.out.waits.push(Wait { activity, from, until, what, holder });
        }
        true
    }

    /// The start or finish of an activity ends the hold of finishes that waited for it.
    pub(super) fn let_finish(&mut self, activity: u32, finished: bool) {
        let links = self.plan.succs(activity).filter(|link| link.kind.bounds_finish());
        for link in links.filter(|link| link.kind.from_finish() == finished) {
            if std::mem::take(&mut self.held[link.to as usize]) {
                self.queue.push(
                    self.now,
                    self.network.nodes[link.to as usize].flags.ends(),
                    link.to,
                );
            }
        }
    }

    /// Records that a lead asked for a start that is past: before the data date although what it
    /// counts from is not, or before a forecast that moved was looked at again.
    pub(super) fn note_past_lead(&mut self, activity: u32, gate: Gate) {
        let at = activity as usize;
        let by_dates = self.plan.scheduling.rules != Rules::Site;
        if !self.network.nodes[at].flags.is_open() || by_dates {
            return;
        }
        let lead = |link: &&Link| !link.kind.bounds_finish() && link.looks_ahead();
        let asked = if gate.driver != NONE {
            let link = Some(&self.plan.links[gate.driver as usize]).filter(lead);
            link.map(|link| (cpm::settle(self.plan, &self.plan.activities[at], gate.bound), link))
        } else if self.network.nodes[at].cause == Cause::NotBefore {
            None
        } else {
            let links = self.plan.preds(activity).iter().filter(lead);
            let ahead = links.filter(|link| self.forecast.anchor(link) >= self.plan.data_date());
            ahead.map(|link| (self.forecast.bound(self.plan, link), link)).max_by_key(|&(at, _)| at)
        };
        if let Some((from, link)) = asked.filter(|&(from, _)| from < self.now) {
            let (until, what, holder) = (self.now, WaitFor::PastLead, Some(link.from));
            self.out.waits.push(Wait { activity, from, until, what, holder });
        }
    }

    /// Links into an activity that still say anything, with their indices.
    fn links_into(&self, activity: u32) -> impl Iterator<Item = (u32, &'p Link)> + use<'p> {
        let plan = self.plan;
        let first = plan.pred_offsets[activity as usize];
        (first..).zip(plan.preds(activity)).filter(|(_, link)| cpm::binds(plan, link))
    }
}
