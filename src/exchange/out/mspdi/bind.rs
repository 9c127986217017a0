//! What binds tasks: links, one for each pair of tasks, and dates that hold what links do not.

use std::collections::BTreeMap;

use super::told::{Teller, length};
use crate::analysis::{loan_name, scarce_name};
use crate::exchange::lower::Lowered;
use crate::exchange::out::outline::{Row, What};
use crate::exchange::out::text;
use crate::exchange::schedule::{Lag, TaskLink};
use crate::model::timeline::WaitFor;
use crate::model::{Cause, Constraint, ConstraintKind, Link, LinkKind, Plan, Progress, cpm};
use crate::time::{Minute, Span};

/// Links between two activities that an earlier, other link ties already, ascending.
pub fn second_links(plan: &Plan) -> Vec<u32> {
    let second = |at: &u32| {
        let link = &plan.links[*at as usize];
        let first = plan.pred_offsets[link.to as usize] as usize;
        let before = plan.links[first..*at as usize].iter();
        let mut twins = before.filter(|other| other.from == link.from).peekable();
        twins.peek().is_some() && !twins.any(|other| same(other, link))
    };
    (0..plan.links.len() as u32).filter(second).collect()
}

/// Whether two links into one activity say the same.
fn same(one: &Link, other: &Link) -> bool {
    (one.from, one.kind, one.lag, one.lag_calendar)
        == (other.from, other.kind, other.lag, other.lag_calendar)
}

impl Teller<'_> {
    /// Links, one for each pair of tasks: a second between two activities goes by a milestone.
    pub fn links(&mut self, rows: &[Row]) {
        let mut through = BTreeMap::new();
        for (at, row) in (0..).zip(rows) {
            if let What::Link(link) = row.what {
                through.insert(link, at);
            }
        }
        for (at, link) in (0..).zip(&self.plan.links) {
            let Some(&milestone) = through.get(&at) else {
                if !self.is_double(at) {
                    let told = self.link(link);
                    self.schedule.links.push(told);
                }
                continue;
            };
            let task = self.task_of[link.to as usize] as usize;
            self.schedule.tasks[milestone as usize].calendar = self.schedule.tasks[task].calendar;
            let told = self.link(link);
            self.schedule.links.push(TaskLink { to: milestone, ..told });
            let kind = match link.kind.bounds_finish() {
                true => LinkKind::FinishFinish,
                false => LinkKind::FinishStart,
            };
            let lag = Lag::Work(Span::ZERO);
            self.schedule.links.push(TaskLink { from: milestone, kind, lag, ..told });
            self.substitutes
                .count("second links between the same two activities, written through a milestone");
            self.notes[milestone as usize].push(
                "Project keeps one link between two tasks: this milestone stands for the second."
                    .to_owned(),
            );
        }
    }

    /// Whether an earlier link says the same between the same activities.
    fn is_double(&self, at: u32) -> bool {
        let link = &self.plan.links[at as usize];
        let first = self.plan.pred_offsets[link.to as usize] as usize;
        self.plan.links[first..at as usize].iter().any(|other| same(other, link))
    }

    fn link(&mut self, link: &Link) -> TaskLink {
        let [from, to] = [link.from, link.to].map(|at| self.task_of[at as usize]);
        let successor = self.schedule.tasks[to as usize].calendar;
        let counted = self.calendars.get(&link.lag_calendar).copied();
        let lag = match counted {
            _ if link.lag == Span::ZERO => Lag::Work(Span::ZERO),
            None if link.lag_calendar == 0 => Lag::Elapsed(link.lag),
            Some(_) if counted == successor => Lag::Work(link.lag),
            _ => {
                let dates = match link.kind.from_finish() {
                    true => &self.timeline.finish,
                    false => &self.timeline.start,
                };
                let date = dates[link.from as usize];
                let bound =
                    cpm::bound(self.plan, link, &self.timeline.start, &self.timeline.finish);
                let clock = if date.happens() { bound - date } else { link.lag };
                let id = text::plain(&self.plan.activities[link.from as usize].id);
                let name = self.plan.calendars[usize::from(link.lag_calendar)].id();
                let note = format!(
                    "The lag of {} after {id} is {} of calendar {name}; written as clock time.",
                    link.kind.code(),
                    length(link.lag)
                );
                let what = "lags in a calendar other than the successor's, written as clock time";
                self.replaced(link.to, what, note);
                Lag::Elapsed(clock)
            }
        };
        TaskLink { from, to, kind: link.kind, lag, line: 0 }
    }

    /// Holds what Project would put elsewhere, everything before it being where the run has it.
    pub fn hold(&mut self, rows: &[Row], lowered: &Lowered) {
        let order: Vec<Option<u32>> =
            lowered.tasks.iter().map(|&task| rows[task as usize].activity()).collect();
        let dates = |of: &[Minute]| -> Vec<Minute> {
            order.iter().map(|at| at.map_or(Minute::NEVER, |at| of[at as usize])).collect()
        };
        let mut starts = dates(&self.timeline.start);
        let mut finishes = dates(&self.timeline.finish);
        // Milestones for links are where the run has what they come from.
        for (at, _) in (0..).zip(&order).filter(|(_, activity)| activity.is_none()) {
            let placed = cpm::place(&lowered.plan, at, Span::ZERO, &starts, &finishes, Minute::MIN);
            starts[at as usize] = placed.start;
            finishes[at as usize] = placed.finish;
        }
        let waits = self.timeline.waits_by_activity();
        for (at, &activity) in (0..).zip(&order) {
            let Some(activity) = activity else { continue };
            let start = starts[at as usize];
            let this = &lowered.plan.activities[at as usize];
            let task = self.task_of[activity as usize] as usize;
            let by_hand = self.schedule.tasks[task].fixed.is_some();
            if this.progress != Progress::Open || !start.happens() || by_hand {
                continue;
            }
            let work = this.likely_work();
            let placed = cpm::place(&lowered.plan, at, work, &starts, &finishes, Minute::MIN);
            if placed.start == start {
                continue;
            }
            let later = placed.start < start;
            let kind = if later { ConstraintKind::StartNoEarlier } else { ConstraintKind::StartOn };
            self.schedule.tasks[task].constraints[0] = Some(Constraint { kind, at: start });
            let waited = waits.of(activity).iter().any(|w| matches!(w.what, WaitFor::Scarce(_)));
            let (what, why) = self.reason(activity, waited, later);
            let alone = match placed.start.happens() {
                true => text::clock(placed.start),
                false => "none, as what they come from never happens".into(),
            };
            let note = format!(
                "Starts {} in the run, {why}; links alone give {alone}.",
                text::clock(start)
            );
            self.replaced(activity, what, note);
        }
    }

    /// What held a start, for the count and for the note.
    fn reason(&self, activity: u32, waited: bool, later: bool) -> (&'static str, String) {
        let this = &self.plan.activities[activity as usize];
        let cause = self.timeline.cause[activity as usize];
        if !later {
            let why = "which Project's own reading of its links would put later".to_owned();
            return ("starts that Project would put later, written as must-start-on dates", why);
        }
        let (what, why) = match cause {
            _ if waited => (
                "waits for crews or racks, written as start-no-earlier-than dates",
                self.waited(cause),
            ),
            Cause::Funded(loan, _) => {
                let loan = text::plain(loan_name(self.site, loan));
                let why = format!("having waited for funding by {loan}");
                ("waits for funding, written as start-no-earlier-than dates", why)
            }
            _ if this.delay != Span::ZERO => {
                let why = format!("delayed by {}", length(this.delay));
                ("delays, written as start-no-earlier-than dates", why)
            }
            Cause::StatusDate => {
                let why = "held to the status date".to_owned();
                ("starts held to the status date, written as start-no-earlier-than dates", why)
            }
            _ => {
                let why = "by the rules of energize".to_owned();
                (
                    "starts that Project would put earlier, written as start-no-earlier-than dates",
                    why,
                )
            }
        };
        (what, why)
    }

    fn waited(&self, cause: Cause) -> String {
        match cause {
            Cause::Released(scarce, _) => {
                let name = scarce_name(self.site, scarce);
                format!("having waited for {}", text::plain(name))
            }
            _ => "having waited for crews or racks".to_owned(),
        }
    }
}
