//! Forecast dates for links that look ahead (semantics T8).
//!
//! FF, SF and leads may ask the successor to start before the predecessor does. Its start then
//! rests on the forward pass over the trial's durations, kept here for everything that comes
//! before such a link. While nothing of that has to wait, the forecast is exact and is never made
//! again. Once something waits for a crew the forecast moves: what has not started does not start
//! before now.

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
}

/// What a forecast is made from.
pub(super) struct Outlook<'a> {
    pub plan: &'a Plan,
    /// What to forecast, each after its predecessors.
    pub activities: &'a [u32],
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
        self.waiting = 0;
        self.make(outlook);
    }

    /// Brings the forecast up to now, where it may have moved.
    pub fn refresh(&mut self, outlook: &Outlook) {
        if self.stale || (self.waiting > 0 && self.made_at != Some(outlook.now)) {
            self.make(outlook);
        }
    }

    /// An activity finished; was that forecast?
    pub fn finished(&mut self, activity: u32, now: Minute) {
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

    /// Cost: one visit per link among the forecast activities.
    fn make(&mut self, outlook: &Outlook) {
        let &Outlook { plan, work, work_end, timeline, now, .. } = outlook;
        self.stale = false;
        self.made_at = Some(now);
        for &activity in outlook.activities {
            let at = activity as usize;
            (self.start[at], self.finish[at]) = if timeline.finish[at].happens() {
                (timeline.start[at], timeline.finish[at])
            } else if work_end[at].happens() {
                let free = work_end[at].max(now);
                (timeline.start[at], self.held(plan, activity, free))
            } else {
                let placed = cpm::place(plan, activity, work[at], &self.start, &self.finish, now);
                (placed.start, placed.finish)
            };
        }
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
