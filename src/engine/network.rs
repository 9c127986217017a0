//! What a plan says about every trial alike, laid out for the event loop.

use std::ops::Range;

use super::crews::Crews;
use super::queue::Rank;
use crate::model::{
    Activity, CalendarId, Cause, Effect, Link, LinkKind, Plan, Progress, Rules, cpm,
};
use crate::time::{Minute, Span};

/// No line, no link, no one.
pub(super) const NONE: u32 = u32::MAX;

/// A driver that is no link but a constraint.
pub(super) const BY_DATE: u32 = u32::MAX - 1;

/// The plan's activities and links as the event loop asks for them; the same in every trial.
pub(super) struct Network {
    /// By activity.
    pub nodes: Vec<Node>,
    /// Gates as they stand before anything has happened, by activity.
    pub gates: Vec<Gate>,
    /// Links that do not look ahead, grouped by predecessor and by what meets them: its finish or
    /// its start.
    pub edges: Vec<Edge>,
    /// Activities that no link holds back, and that are not over.
    pub roots: Vec<u32>,
    /// What had begun before the run, and when.
    pub begun: Vec<(u32, Minute)>,
    /// Activities whose finish a link bounds.
    pub bounded: Vec<u32>,
    /// Activities on whose forecast a look-ahead link rests, each after its predecessors.
    pub ancestors: Vec<u32>,
    /// The place of each activity among those, or [`NONE`].
    pub places: Vec<u32>,
}

/// What the event loop asks of an activity.
#[derive(Clone, Copy)]
pub(super) struct Node {
    /// What holds of it.
    pub flags: Flags,
    /// What its duration is counted in.
    pub calendar: CalendarId,
    /// Smaller is served first.
    pub priority: i32,
    /// Links that its finish meets and that its start meets, in [`Network::edges`].
    pub met_by_finish: (u32, u32),
    pub met_by_start: (u32, u32),
    /// Cause of its start where no link and no wait has set it.
    pub cause: Cause,
}

/// What may hold of an activity, a bit each: one look answers several questions.
pub(super) mod flag {
    /// Asks for crews or racks.
    pub const ASKS: u16 = 1;
    /// Is not done in this trial: it takes no time, no crew, no racks.
    pub const SKIPPED: u16 = 1 << 1;
    /// Was under way before the run.
    pub const UNDER_WAY: u16 = 1 << 2;
    /// Was over before the run.
    pub const OVER: u16 = 1 << 3;
    /// Starts where its logic puts it: 24 x 7 and no delay.
    pub const PLAIN: u16 = 1 << 4;
    /// Its start rests on a forecast: a link that looks ahead enters it (semantics T8).
    pub const AHEAD: u16 = 1 << 5;
    /// A link bounds its finish.
    pub const HELD: u16 = 1 << 6;
    /// Its start or finish may end the hold of another's finish.
    pub const HOLDS: u16 = 1 << 7;
    /// A look-ahead link rests on its forecast.
    pub const ANCESTOR: u16 = 1 << 8;
    /// Its start or finish makes something true.
    pub const EFFECTS: u16 = 1 << 9;
    /// Its finish delivers a lot.
    pub const DELIVERS: u16 = 1 << 10;
}

/// Which of [`flag`] hold of an activity.
#[derive(Clone, Copy)]
pub(super) struct Flags(u16);

impl Flags {
    /// Whether any of some flags holds.
    #[inline]
    pub fn any(self, of: u16) -> bool {
        self.0 & of != 0
    }

    /// Lets flags hold or not.
    pub fn set(&mut self, flags: u16, hold: bool) {
        self.0 = if hold { self.0 | flags } else { self.0 & !flags };
    }

    /// Whether nothing of it had happened before the run.
    #[inline]
    pub fn is_open(self) -> bool {
        !self.any(flag::UNDER_WAY | flag::OVER)
    }

    /// Whether it asks in this trial for anything that can be short.
    #[inline]
    pub fn asks(self) -> bool {
        self.0 & (flag::ASKS | flag::SKIPPED) == flag::ASKS
    }

    /// The rank of the end of its work.
    #[inline]
    pub fn ends(self) -> Rank {
        if self.any(flag::DELIVERS) { Rank::Arrival } else { Rank::Finish }
    }
}

/// What still holds back an activity, and from when on it may start as far as is known.
#[derive(Clone, Copy)]
pub(super) struct Gate {
    /// Links whose predecessor has not yet done what they count from.
    pub missing: u32,
    /// The link that set `bound`, [`BY_DATE`], or [`NONE`].
    pub driver: u32,
    /// Latest instant that anything known asks for.
    pub bound: Minute,
}

impl Gate {
    /// Takes note of what a link asks for; of two that ask for the same, the first in the file
    /// drives, and a link drives before a date.
    #[inline]
    pub fn ask(&mut self, bound: Minute, link: u32) {
        if bound > self.bound || (bound == self.bound && link < self.driver) {
            self.bound = bound;
            self.driver = link;
        }
    }
}

/// A link that does not look ahead.
#[derive(Clone, Copy)]
pub(super) struct Edge {
    pub to: u32,
    /// Index into the plan's links.
    pub link: u32,
    pub lag: Span,
    pub lag_calendar: CalendarId,
}

impl Network {
    /// Cost: a few visits per activity and link.
    pub fn new(plan: &Plan, crews: &Crews) -> Network {
        let ancestors = ancestors(plan);
        let mut nodes: Vec<Node> = (plan.activities.iter().zip(0..))
            .map(|(activity, index)| node(plan, activity, crews.asks(index)))
            .collect();
        for &ancestor in &ancestors {
            nodes[ancestor as usize].flags.set(flag::ANCESTOR, true);
        }
        let earliest = |activity| cpm::earliest(plan, activity);
        let gate = |a| Gate { missing: 0, driver: NONE, bound: earliest(a) };
        let mut gates: Vec<Gate> = plan.activities.iter().map(gate).collect();
        let (mut by_finish, mut by_start) = (Vec::new(), Vec::new());
        let by_dates = plan.scheduling.rules != Rules::Site;
        for node in nodes.iter_mut().filter(|_| by_dates) {
            // Planners' rules look at the dates of all that comes before, links and constraints.
            node.flags.set(flag::AHEAD | flag::HELD, true);
            node.flags.set(flag::PLAIN, false);
        }
        let links = (0..).zip(&plan.links).filter(|_| !by_dates);
        for (index, link) in links.filter(|(_, link)| cpm::binds(plan, link)) {
            let (from, to) = (link.from as usize, link.to as usize);
            if link.kind.bounds_finish() {
                nodes[from].flags.set(flag::HOLDS, true);
                nodes[to].flags.set(flag::HELD, true);
            }
            if link.looks_ahead() {
                nodes[to].flags.set(flag::AHEAD, true);
                continue;
            }
            gates[to].missing += 1;
            let Link { to, lag, lag_calendar, .. } = *link;
            let edges = match link.kind {
                LinkKind::FinishStart => &mut by_finish,
                _ => &mut by_start,
            };
            edges.push((link.from, Edge { to, link: index, lag, lag_calendar }));
        }
        let count = nodes.len();
        let free =
            |&a: &u32| gates[a as usize].missing == 0 && !nodes[a as usize].flags.any(flag::OVER);
        let roots = (0..count as u32).filter(free).collect();
        let begun = (0..)
            .zip(&plan.activities)
            .filter_map(|(index, activity)| Some((index, activity.began()?)));
        let begun = begun.collect();
        let bounded =
            (0..count as u32).filter(|&a| nodes[a as usize].flags.any(flag::HELD)).collect();
        let (by_finish, by_start) = (Groups::new(count, by_finish), Groups::new(count, by_start));
        let mut edges = Vec::with_capacity(plan.links.len());
        let mut group = |of: &Groups<Edge>, activity| {
            let from = edges.len() as u32;
            edges.extend(of.range(activity).map(|at| of.item(at)));
            (from, edges.len() as u32)
        };
        for (activity, node) in (0..).zip(&mut nodes) {
            node.met_by_finish = group(&by_finish, activity);
            node.met_by_start = group(&by_start, activity);
        }
        let mut places = vec![NONE; count];
        for (place, &ancestor) in (0..).zip(&ancestors) {
            places[ancestor as usize] = place;
        }
        Network { nodes, gates, edges, roots, begun, bounded, ancestors, places }
    }
}

fn node(plan: &Plan, activity: &Activity, asks: bool) -> Node {
    let mut node = Node {
        flags: Flags(0),
        calendar: activity.calendar,
        priority: activity.priority,
        met_by_finish: (0, 0),
        met_by_start: (0, 0),
        cause: cause(plan, activity),
    };
    let delivers = activity.effects.iter().any(|effect| matches!(effect, Effect::Deliver(_)));
    node.flags.set(flag::ASKS, asks);
    node.flags.set(flag::UNDER_WAY, matches!(activity.progress, Progress::Started { .. }));
    node.flags.set(flag::OVER, activity.is_finished());
    node.flags.set(flag::PLAIN, activity.calendar == 0 && activity.delay == Span::ZERO);
    node.flags.set(flag::EFFECTS, !activity.effects.is_empty());
    node.flags.set(flag::DELIVERS, delivers);
    node
}

fn cause(plan: &Plan, activity: &Activity) -> Cause {
    match activity.progress {
        Progress::Open if activity.not_before.is_some_and(|date| date > plan.data_date()) => {
            Cause::NotBefore
        }
        Progress::Open if plan.data_date() > plan.start => Cause::StatusDate,
        Progress::Open => Cause::RunStart,
        _ => Cause::Actual,
    }
}

/// Everything that comes before a link that looks ahead, in topological order.
fn ancestors(plan: &Plan) -> Vec<u32> {
    let by_dates = plan.scheduling.rules != Rules::Site;
    let mut member = vec![by_dates; plan.activities.len()];
    for link in plan.links.iter().filter(|link| link.looks_ahead() && cpm::binds(plan, link)) {
        member[link.from as usize] = true;
    }
    for &activity in plan.topological.iter().rev() {
        if member[activity as usize] {
            for link in plan.preds(activity).iter().filter(|link| cpm::binds(plan, link)) {
                member[link.from as usize] = true;
            }
        }
    }
    plan.topological.iter().copied().filter(|&activity| member[activity as usize]).collect()
}

/// Items grouped by an index, in one array.
pub(super) struct Groups<T> {
    offsets: Vec<u32>,
    items: Vec<T>,
}

impl<T: Copy> Groups<T> {
    /// Keeps the order of the items within each group.
    pub fn new(count: usize, mut keyed: Vec<(u32, T)>) -> Groups<T> {
        keyed.sort_by_key(|&(group, _)| group);
        let mut offsets = vec![0; count + 1];
        for &(group, _) in &keyed {
            offsets[group as usize + 1] += 1;
        }
        for at in 0..count {
            offsets[at + 1] += offsets[at];
        }
        Groups { offsets, items: keyed.into_iter().map(|(_, item)| item).collect() }
    }

    /// Where the items of one group stand.
    pub fn range(&self, group: u32) -> Range<usize> {
        let at = group as usize;
        self.offsets[at] as usize..self.offsets[at + 1] as usize
    }

    /// One item of [`Groups::range`].
    pub fn item(&self, at: usize) -> T {
        self.items[at]
    }
}
