//! Forecast dates for links that look ahead (semantics T8).
//!
//! FF, SF and leads may ask the successor to start before the predecessor does. Its start then
//! rests on the forward pass over the trial's durations, kept here for everything that comes
//! before such a link. While nothing of that has to wait, the forecast is exact and is never made
//! again. Once something waits for a crew the forecast moves: what has not started does not start
//! before now. Only what that changes is made anew, each after its predecessors.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use super::network::NONE;
use crate::model::{Link, Plan, Rules, Timeline, cpm, planner};
use crate::time::{Minute, Span};

/// Forecast starts and finishes of everything that comes before a link that looks ahead.
#[derive(Default)]
pub(super) struct Forecast {
    start: Vec<Minute>,
    finish: Vec<Minute>,
    /// How many of its activities stand in a line.
    pub waiting: u32,
    /// Whether something happened otherwise than forecast since.
    pub stale: bool,
    made_at: Option<Minute>,
    /// What began or finished since.
    touched: Vec<u32>,
    /// By activity: the last instant at which its dates stand as they are, whatever waits.
    holds_until: Vec<Minute>,
    /// Those instants, the earliest first; an older entry of an activity says nothing.
    overdue: BinaryHeap<Reverse<(Minute, u32)>>,
    /// Places of what is to be made anew, and which of them are in line.
    changed: BinaryHeap<Reverse<u32>>,
    in_line: Vec<bool>,
}

/// What a forecast is made from.
pub(super) struct Outlook<'a> {
    pub plan: &'a Plan,
    /// What to forecast, each after its predecessors.
    pub activities: &'a [u32],
    /// The place of each activity among those, or [`NONE`].
    pub places: &'a [u32],
    /// Work left to do by activity.
    pub work: &'a [Span],
    /// When the work of what is under way ends; `NEVER` for what has not begun.
    pub work_end: &'a [Minute],
    /// What has happened.
    pub timeline: &'a Timeline,
    pub now: Minute,
}

impl Forecast {
    /// The forecast before anything has happened: the forward pass itself.
    pub fn reset(&mut self, outlook: &Outlook) {
        for dates in [&mut self.start, &mut self.finish] {
            dates.clear();
            dates.resize(outlook.work.len(), Minute::NEVER);
        }
        self.holds_until.clear();
        self.holds_until.resize(outlook.work.len(), Minute::NEVER);
        self.in_line.clear();
        self.in_line.resize(outlook.activities.len(), true);
        self.touched.clear();
        self.overdue.clear();
        self.changed.clear();
        self.changed.extend((0..outlook.activities.len() as u32).map(Reverse));
        self.waiting = 0;
        self.make(outlook);
    }

    /// Brings the forecast up to now, where it may have moved.
    pub fn refresh(&mut self, outlook: &Outlook) {
        if self.stale || (self.waiting > 0 && self.made_at != Some(outlook.now)) {
            self.make(outlook);
        }
    }

    /// An activity began, or goes on after the data date.
    pub fn began(&mut self, activity: u32) {
        self.touched.push(activity);
    }

    /// An activity finished; was that forecast?
    pub fn finished(&mut self, activity: u32, now: Minute) {
        self.touched.push(activity);
        self.stale |= self.finish[activity as usize] != now;
    }

    /// Earliest instant that a link allows for the end of the successor that it bounds.
    pub fn bound(&self, plan: &Plan, link: &Link) -> Minute {
        cpm::bound(plan, link, &self.start, &self.finish)
    }

    /// The forecast date that a link counts from.
    pub fn anchor(&self, link: &Link) -> Minute {
        let dates = if link.kind.from_finish() { &self.finish } else { &self.start };
        dates[link.from as usize]
    }

    /// The start that a link asks of its successor under planners' rules.
    pub fn asks(&self, plan: &Plan, link: &Link, work: Span) -> Minute {
        planner::asks(plan, link, work, &self.start, &self.finish)
    }

    /// When the work left of an activity begins under planners' rules.
    pub fn resumes(&self, plan: &Plan, activity: u32, work: Span) -> Minute {
        cpm::place(plan, activity, work, &self.start, &self.finish, Minute::MIN).resumes
    }

    /// When work that begins now is over under planners' rules.
    pub fn ends(&self, plan: &Plan, activity: u32, now: Minute, work: Span) -> Minute {
        let placed = cpm::place(plan, activity, work, &self.start, &self.finish, Minute::MIN);
        if placed.resumes == now {
            return placed.finish;
        }
        cpm::ends(plan, plan.activities[activity as usize].calendar, now, work)
    }

    /// When links let work finish under planners' rules that is done by `done`.
    pub fn met(&self, plan: &Plan, activity: u32, done: Minute) -> Minute {
        planner::met(plan, activity, done, &self.start, &self.finish)
    }

    /// Makes anew what has begun or finished, what is overdue, and what rests on it.
    ///
    /// Cost: one visit per link of what changes.
    fn make(&mut self, outlook: &Outlook) {
        self.stale = false;
        self.made_at = Some(outlook.now);
        for at in 0..self.touched.len() {
            self.line_up(self.touched[at], outlook);
        }
        self.touched.clear();
        while let Some(&Reverse((until, activity))) = self.overdue.peek() {
            if until >= outlook.now {
                break;
            }
            self.overdue.pop();
            if self.holds_until[activity as usize] == until {
                self.line_up(activity, outlook);
            }
        }
        while let Some(Reverse(place)) = self.changed.pop() {
            self.in_line[place as usize] = false;
            let activity = outlook.activities[place as usize];
            if self.date(activity, outlook) {
                for link in outlook.plan.succs(activity) {
                    self.line_up(link.to, outlook);
                }
            }
        }
    }

    fn line_up(&mut self, activity: u32, outlook: &Outlook) {
        let place = outlook.places[activity as usize];
        if place != NONE && !std::mem::replace(&mut self.in_line[place as usize], true) {
            self.changed.push(Reverse(place));
        }
    }

    /// Dates one activity from what comes before it; tells whether that changed anything.
    fn date(&mut self, activity: u32, outlook: &Outlook) -> bool {
        let &Outlook { plan, work, work_end, timeline, now, .. } = outlook;
        let at = activity as usize;
        let before = (self.start[at], self.finish[at]);
        let mut until = Minute::NEVER;
        (self.start[at], self.finish[at]) = if timeline.finish[at].happens() {
            (timeline.start[at], timeline.finish[at])
        } else if work_end[at].happens() {
            until = work_end[at].max(now);
            (timeline.start[at], self.held(plan, activity, until))
        } else {
            let placed = cpm::place(plan, activity, work[at], &self.start, &self.finish, now);
            until = placed.resumes;
            (placed.start, placed.finish)
        };
        self.holds_until[at] = until;
        if until.happens() {
            self.overdue.push(Reverse((until, activity)));
        }
        before != (self.start[at], self.finish[at])
    }

    /// When links let something under way finish whose work is over by `free`.
    fn held(&self, plan: &Plan, activity: u32, free: Minute) -> Minute {
        if plan.scheduling.rules != Rules::Site {
            return self.met(plan, activity, free);
        }
        let links = plan.preds(activity).iter();
        let holding = links.filter(|link| link.kind.bounds_finish() && cpm::binds(plan, link));
        holding.map(|link| self.bound(plan, link)).fold(free, Minute::max)
    }
}
