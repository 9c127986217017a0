//! Why an activity is over when it is: the chain of what drove what, back to the start.
//!
//! Unlike [`driving_chain`](super::driving_chain), which names activities, each step here also says
//! what else held it and how much later that could have been, and the chain goes on through what
//! has already happened, where actual dates and not logic set the starts.

use crate::model::timeline::{Scarce, WaitFor, WaitsBy};
use crate::model::{Cause, Effect, Link, Progress, Site, Timeline, Wait, cpm};
use crate::spec::nearest;
use crate::time::{Minute, Span};

/// Why an activity is over when it is.
#[derive(Clone, Debug)]
pub struct Explanation {
    /// Whose finish is explained.
    pub activity: u32,
    /// From the first cause to the activity itself.
    pub steps: Vec<Step>,
}

/// One activity on the chain and what set the date that the next one waited for.
#[derive(Clone, Debug)]
pub struct Step {
    /// The activity.
    pub activity: u32,
    /// What set its start, or, where the next step waited for its finish and something else than
    /// its start set that, the rest of its work or its finish.
    pub cause: Cause,
    /// What the cause set.
    pub set: Set,
    /// Where its actual start is as far as causes go: the link that let it start last, if any.
    pub history: Option<u32>,
    /// Its waits, in the order in which they ended.
    pub waits: Vec<Wait>,
    /// The link, other than the cause, that would have held it longest.
    pub next_best: Option<NextBest>,
}

/// What a cause set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Set {
    /// The start.
    Start,
    /// When the work left of what was under way goes on.
    Rest,
    /// The finish, held beyond the end of the work.
    Finish,
}

/// A link that did not drive.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NextBest {
    /// Index into the plan's links.
    pub link: u32,
    /// How much later it could have been without driving, in working time of the activity's
    /// calendar.
    pub slack: Span,
}

/// The activity that a name stands for: its own id, or the name of a hall (or `<hall>.rfs`: what
/// makes it ready), a unit (its acceptance), a stage or a lot (its delivery).
///
/// # Errors
///
/// `did you mean X?` if a name is near enough.
pub fn find(site: &Site, name: &str) -> Result<u32, Option<String>> {
    let activities = &site.plan.activities;
    let by_id = activities.iter().position(|activity| activity.id == name);
    let hall = || {
        let id = name.strip_suffix(".rfs").unwrap_or(name);
        site.halls.iter().find(|hall| hall.id == id).map(|hall| hall.ready)
    };
    let unit = || {
        let unit = site.units.iter().position(|unit| unit.id == name)? as u32;
        let accepts = |at: &usize| activities[*at].effects.contains(&Effect::Accept(unit));
        (0..activities.len()).find(accepts).map(|at| at as u32)
    };
    let lot = || site.lots.iter().find(|lot| lot.id == name).map(|lot| lot.delivery);
    by_id.map(|at| at as u32).or_else(hall).or_else(unit).or_else(lot).ok_or_else(|| {
        let parts = site.halls.iter().map(|hall| hall.id.as_str());
        let parts = parts.chain(site.lots.iter().map(|lot| lot.id.as_str()));
        nearest(name, activities.iter().map(|activity| activity.id.as_str()).chain(parts))
    })
}

/// The chain that drove the finish of an activity in a run on likely values.
///
/// Cost: linear in the chain, its links and the waits.
pub fn explain(site: &Site, timeline: &Timeline, activity: u32) -> Explanation {
    let walk = Walk { site, timeline, waits: timeline.waits_by_activity() };
    let mut seen = vec![[false; 2]; site.plan.activities.len()];
    let mut steps = Vec::new();
    let mut next = Some((activity, End::Finish));
    while let Some((at, end)) = next {
        // What never happens can wait for itself by way of a crew.
        if std::mem::replace(&mut seen[at as usize][end as usize], true) {
            break;
        }
        let (step, before) = walk.step(at, end);
        steps.push(step);
        next = before;
    }
    steps.reverse();
    Explanation { activity, steps }
}

/// Which date of an activity is in question.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum End {
    Start,
    Finish,
}

struct Walk<'a> {
    site: &'a Site,
    timeline: &'a Timeline,
    waits: WaitsBy<'a>,
}

impl Walk<'_> {
    /// What set a date of an activity, and which date that leads back to.
    fn step(&self, activity: u32, end: End) -> (Step, Option<(u32, End)>) {
        let (set, cause) = self.cause(activity, end);
        let rest = (set, cause) == (Set::Rest, Cause::StatusDate);
        let history = match cause {
            _ if rest => self.latest(activity, None, |_| true).map(|(link, _)| link),
            Cause::Actual => self.latest(activity, None, |_| true).map(|(link, _)| link),
            _ => None,
        };
        let driver = match cause {
            Cause::Link(link) => Some(link),
            _ => None,
        };
        let before = match cause {
            Cause::Link(link) => Some(self.counted_from(link)),
            Cause::Released(_, holder) | Cause::Funded(_, holder) => {
                holder.map(|holder| (holder, End::Finish))
            }
            Cause::Never => self.never_happens(activity).map(|link| self.counted_from(link)),
            _ => history.map(|link| self.counted_from(link)),
        };
        let waits = self.waits.of(activity).iter().map(|&wait| *wait).collect();
        let next_best = match cause {
            Cause::Actual | Cause::Never => None,
            _ if rest => None,
            _ => self.next_best(activity, set, cause, driver),
        };
        (Step { activity, cause, set, history, waits, next_best }, before)
    }

    fn cause(&self, activity: u32, end: End) -> (Set, Cause) {
        let at = activity as usize;
        let started = self.timeline.cause[at];
        let under_way = matches!(self.site.plan.activities[at].progress, Progress::Started { .. });
        if end == End::Start || self.site.plan.activities[at].is_finished() {
            return (Set::Start, started);
        }
        let held = self.waits_of(activity).find(|w| w.what == WaitFor::HeldFinish);
        if let Some(wait) = held.filter(|wait| wait.until.happens())
            && let Some(link) = self.holding_link(activity, wait)
        {
            return (Set::Finish, Cause::Link(link));
        }
        if !self.timeline.finish[at].happens() {
            return (Set::Finish, Cause::Never);
        }
        if !under_way {
            return (Set::Start, started);
        }
        let crew = self.waits_of(activity).filter(|wait| wait.until.happens());
        let crew = crew.filter_map(|wait| match wait.what {
            WaitFor::Scarce(scarce) => Some(Cause::Released(scarce, wait.holder)),
            _ => None,
        });
        let data_date = self.site.plan.data_date();
        let link = || self.latest(activity, None, |link| cpm::binds(&self.site.plan, link));
        let link = || link().filter(|&(_, bound)| bound > data_date).map(|(at, _)| Cause::Link(at));
        (Set::Rest, crew.last().or_else(link).unwrap_or(Cause::StatusDate))
    }

    fn waits_of(&self, activity: u32) -> impl Iterator<Item = &Wait> {
        self.waits.of(activity).iter().copied()
    }

    /// The link that kept a finish back to the end of a wait.
    fn holding_link(&self, activity: u32, wait: &Wait) -> Option<u32> {
        let plan = &self.site.plan;
        let holds = |(_, link): &(u32, &Link)| {
            link.kind.bounds_finish() && cpm::binds(plan, link) && self.bound(link) == wait.until
        };
        self.links(activity).find(holds).map(|(at, _)| at)
    }

    /// A link whose predecessor never does what it counts from.
    fn never_happens(&self, activity: u32) -> Option<u32> {
        let unmet = |(_, link): &(u32, &Link)| !self.bound(link).happens();
        self.links(activity).find(unmet).map(|(at, _)| at)
    }

    fn next_best(
        &self,
        activity: u32,
        set: Set,
        cause: Cause,
        driver: Option<u32>,
    ) -> Option<NextBest> {
        let plan = &self.site.plan;
        let at = activity as usize;
        let binding = |link: &Link| {
            cpm::binds(plan, link) && (set != Set::Finish || link.kind.bounds_finish())
        };
        let (link, other) = self.latest(activity, driver, binding)?;
        let drives_at = match (cause, set) {
            (Cause::Link(link), Set::Finish) => self.bound(&plan.links[link as usize]),
            (Cause::Link(link), _) => self.start_bound(activity, &plan.links[link as usize]),
            (Cause::Released(..), Set::Rest) => self
                .waits_of(activity)
                .filter(|wait| matches!(wait.what, WaitFor::Scarce(_)))
                .map(|wait| wait.until)
                .max()?,
            (Cause::NotBefore, _) => plan.activities[at].not_before?,
            (Cause::StatusDate | Cause::RunStart, _) => plan.data_date(),
            _ => self.timeline.start[at],
        };
        let other = match set {
            Set::Finish => self.bound(&plan.links[link as usize]),
            Set::Start | Set::Rest => other,
        };
        let slack = plan.calendar(activity).work_between(other, drives_at);
        other.happens().then_some(NextBest { link, slack: slack.max(Span::ZERO) })
    }

    /// The link, not `except`, that asked for the latest start, and for which start; the
    /// first of several.
    fn latest(
        &self,
        activity: u32,
        except: Option<u32>,
        counts: impl Fn(&Link) -> bool,
    ) -> Option<(u32, Minute)> {
        self.links(activity)
            .filter(|&(at, link)| Some(at) != except && counts(link))
            .map(|(at, link)| (at, self.start_bound(activity, link)))
            .max_by_key(|&(at, bound)| (bound, std::cmp::Reverse(at)))
    }

    fn links(&self, activity: u32) -> impl Iterator<Item = (u32, &Link)> {
        let plan = &self.site.plan;
        (plan.pred_offsets[activity as usize]..).zip(plan.preds(activity))
    }

    /// When a link let the end of the activity that it bounds happen.
    fn bound(&self, link: &Link) -> Minute {
        cpm::bound(&self.site.plan, link, &self.timeline.start, &self.timeline.finish)
    }

    /// When a link let an activity start.
    fn start_bound(&self, activity: u32, link: &Link) -> Minute {
        let (plan, bound) = (&self.site.plan, self.bound(link));
        let this = &plan.activities[activity as usize];
        if link.kind.bounds_finish() {
            cpm::latest_start(plan, this, bound, this.likely_work())
        } else {
            bound
        }
    }

    /// The date that a link counts from.
    fn counted_from(&self, link: u32) -> (u32, End) {
        let link = &self.site.plan.links[link as usize];
        (link.from, if link.kind.from_finish() { End::Finish } else { End::Start })
    }
}

/// Whether a step handed on a crew or racks that the one before had let go.
pub fn passed_on(step: &Step) -> Option<Scarce> {
    match step.cause {
        Cause::Released(scarce, Some(_)) => Some(scarce),
        _ => None,
    }
}
