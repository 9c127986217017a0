//! The engine once more, slow and plain: every rule asked anew at every instant.
//!
//! Only links that do not look ahead (FS and SS without lead).

use energize::model::{Effect, LinkKind, Plan, Progress};
use energize::time::Minute;

/// Starts and finishes of the likely trial.
pub fn dates(plan: &Plan) -> (Vec<Minute>, Vec<Minute>) {
    let count = plan.activities.len();
    let mut twin = Twin {
        plan,
        start: vec![None; count],
        resumed: vec![None; count],
        finish: vec![None; count],
    };
    let mut now = plan.start;
    for activity in &plan.activities {
        if let Progress::Started { start, .. } | Progress::Finished { start, .. } =
            activity.progress
        {
            now = now.min(start);
        }
    }
    loop {
        while twin.finish_all(now) | twin.start_all(now) {}
        match twin.next_instant(now) {
            Some(next) => now = next,
            None => break,
        }
    }
    let or_never = |dates: Vec<Option<Minute>>| {
        dates.into_iter().map(|date| date.unwrap_or(Minute::NEVER)).collect()
    };
    (or_never(twin.start), or_never(twin.finish))
}

struct Twin<'p> {
    plan: &'p Plan,
    start: Vec<Option<Minute>>,
    /// When work left to do began.
    resumed: Vec<Option<Minute>>,
    finish: Vec<Option<Minute>>,
}

impl Twin<'_> {
    /// When the work of an activity that goes on is over.
    fn end(&self, at: usize) -> Option<Minute> {
        let activity = &self.plan.activities[at];
        if let Progress::Finished { start, finish } = activity.progress {
            return self.start[at].map(|_| finish.max(start));
        }
        let calendar = self.plan.calendar(at as u32);
        self.resumed[at].map(|resumed| calendar.finish(resumed, activity.likely_work()))
    }

    fn finish_all(&mut self, now: Minute) -> bool {
        let ends: Vec<bool> = (0..self.start.len())
            .map(|at| self.finish[at].is_none() && self.end(at).is_some_and(|end| end <= now))
            .collect();
        for (at, _) in ends.iter().enumerate().filter(|(_, ends)| **ends) {
            self.finish[at] = Some(now);
        }
        ends.contains(&true)
    }

    /// Earliest instant that logic, dates and delay allow, before its calendar; `None` while a
    /// predecessor has not done what counts.
    fn logic(&self, at: usize) -> Option<Minute> {
        let plan = self.plan;
        let activity = &plan.activities[at];
        let mut logic = plan.start.max(plan.status.unwrap_or(plan.start));
        match activity.progress {
            Progress::Open => logic = logic.max(activity.not_before.unwrap_or(logic)),
            Progress::Started { start, .. } => logic = logic.max(start),
            Progress::Finished { .. } => return None,
        }
        for link in plan.links.iter().filter(|link| link.to as usize == at) {
            let from = &plan.activities[link.from as usize].progress;
            if activity.progress != Progress::Open && matches!(from, Progress::Finished { .. }) {
                continue;
            }
            let date = match link.kind {
                LinkKind::FinishStart => self.finish[link.from as usize]?,
                LinkKind::StartStart => self.start[link.from as usize]?,
                _ => panic!("the twin does not look ahead"),
            };
            logic = logic.max(plan.calendars[link.lag_calendar as usize].shift(date, link.lag));
        }
        Some(plan.calendar(at as u32).shift(logic, activity.delay))
    }

    /// Whether it holds its crews at the data date without asking.
    fn under_way(&self, at: usize) -> bool {
        let data_date = self.plan.start.max(self.plan.status.unwrap_or(self.plan.start));
        matches!(self.plan.activities[at].progress, Progress::Started { .. })
            && self.logic(at) == Some(data_date)
    }

    fn ready(&self, at: usize) -> Option<Minute> {
        let logic = self.logic(at)?;
        if self.plan.activities[at].likely_work().0 == 0 || self.under_way(at) {
            return Some(logic);
        }
        Some(self.plan.calendar(at as u32).next_work(logic))
    }

    /// Who could go on but has not, in the order in which they are served.
    fn waiters(&self, now: Minute) -> Vec<usize> {
        let ready = |&at: &usize| {
            self.resumed[at].is_none() && self.ready(at).is_some_and(|ready| ready <= now)
        };
        let mut waiters: Vec<usize> = (0..self.start.len()).filter(ready).collect();
        waiters.sort_by_key(|&at| {
            (!self.under_way(at), self.plan.activities[at].priority, self.ready(at), at)
        });
        waiters
    }

    fn start_all(&mut self, now: Minute) -> bool {
        let mut strict_wait = vec![false; self.plan.resources.len()];
        let mut any = false;
        let begins: Vec<usize> = (0..self.start.len())
            .filter(|&at| self.start[at].is_none())
            .filter(|&at| match self.plan.activities[at].progress {
                Progress::Open => false,
                Progress::Started { start, .. } | Progress::Finished { start, .. } => start <= now,
            })
            .collect();
        for at in self.waiters(now) {
            let activity = &self.plan.activities[at];
            let blocked = activity.needs.iter().any(|need| strict_wait[need.resource as usize]);
            if self.under_way(at) || (!blocked && self.fits(at, now)) {
                self.resumed[at] = Some(now);
                self.start[at] = self.start[at].or(Some(now));
                any = true;
            } else {
                for need in &activity.needs {
                    let strict = !self.plan.resources[need.resource as usize].overtake;
                    strict_wait[need.resource as usize] |= strict;
                }
            }
        }
        for at in begins {
            self.start[at] = Some(now);
            any = true;
        }
        any
    }

    fn fits(&self, at: usize, now: Minute) -> bool {
        let plan = self.plan;
        let activity = &plan.activities[at];
        let crews = activity.needs.iter().all(|need| {
            let steps = &plan.resources[need.resource as usize].capacity;
            let in_force = steps.iter().rev().find(|(from, _)| *from <= now).unwrap_or(&steps[0]);
            let held = (0..self.start.len())
                .filter(|&other| self.resumed[other].is_some() && self.finish[other].is_none())
                .flat_map(|other| &plan.activities[other].needs)
                .filter(|held| held.resource == need.resource);
            held.map(|held| held.units).sum::<u32>() + need.units <= in_force.1
        });
        let open = activity.likely_work().0 == 0 || plan.calendar(at as u32).next_work(now) == now;
        let racks = activity.progress != Progress::Open
            || activity.takes.is_none_or(|(store, racks)| self.stock(store) >= i64::from(racks));
        crews && open && racks
    }

    fn stock(&self, store: u32) -> i64 {
        let mut stock = 0;
        for (at, activity) in self.plan.activities.iter().enumerate() {
            for effect in &activity.effects {
                if let (Effect::Deliver(lot), Some(_)) = (effect, self.finish[at]) {
                    let (into, racks) = self.plan.deliveries[*lot as usize];
                    stock += if into == store { i64::from(racks) } else { 0 };
                }
            }
            if let (Some((from, racks)), Some(_)) = (activity.takes, self.start[at]) {
                stock -= if from == store { i64::from(racks) } else { 0 };
            }
        }
        stock
    }

    fn next_instant(&self, now: Minute) -> Option<Minute> {
        let mut instants: Vec<Minute> = Vec::new();
        for (at, activity) in self.plan.activities.iter().enumerate() {
            instants.extend(self.end(at));
            instants.extend(self.ready(at));
            // Two calendars can open by turns for ever while nothing can start any more.
            if now < Minute(400 * 1440) {
                instants.push(self.plan.calendar(at as u32).next_work(now));
            }
            if let Progress::Started { start, .. } | Progress::Finished { start, .. } =
                activity.progress
            {
                instants.push(start);
            }
        }
        let steps = self.plan.resources.iter().flat_map(|resource| &resource.capacity);
        instants.extend(steps.map(|&(from, _)| from));
        instants.into_iter().filter(|&instant| instant > now && instant.happens()).min()
    }
}
