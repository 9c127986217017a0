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
    /// Links whose successor is released by the predecessor's finish, grouped by predecessor.
    pub finish_edges: Groups<Edge>,
    /// Links whose successor is released by the predecessor's start, grouped by predecessor.
    pub start_edges: Groups<Edge>,
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
    /// Asks for crews or racks.
    pub asks: bool,
    /// What its duration is counted in.
    pub calendar: CalendarId,
    /// Smaller is served first.
    pub priority: i32,
    /// What had happened to it before the run.
    pub state: State,
    /// Cause of its start where no link and no wait has set it.
    pub cause: Cause,
    /// Starts where its logic puts it: 24 x 7 and no delay.
    pub plain: bool,
    /// Its start rests on a forecast: a link that looks ahead enters it (semantics T8).
    pub ahead: bool,
    /// A link bounds its finish.
    pub held: bool,
    /// Its start or finish may end the hold of another's finish.
    pub holds: bool,
    /// A look-ahead link rests on its forecast.
    pub ancestor: bool,
    /// Its start releases others.
    pub leads: bool,
    /// Its start or finish makes something true.
    pub effects: bool,
    /// Its finish delivers a lot.
    pub delivers: bool,
}

impl Node {
    /// The rank of the end of its work.
    pub fn ends(&self) -> Rank {
        if self.delivers { Rank::Arrival } else { Rank::Finish }
    }
}

/// Progress without dates.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum State {
    Open,
    Started,
    Finished,
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
            nodes[ancestor as usize].ancestor = true;
        }
        let earliest = |activity| cpm::earliest(plan, activity);
        let gate = |a| Gate { missing: 0, driver: NONE, bound: earliest(a) };
        let mut gates: Vec<Gate> = plan.activities.iter().map(gate).collect();
        let (mut by_finish, mut by_start) = (Vec::new(), Vec::new());
        let by_dates = plan.scheduling.rules != Rules::Site;
        for node in nodes.iter_mut().filter(|_| by_dates) {
            // Planners' rules look at the dates of all that comes before, links and constraints.
            (node.ahead, node.held, node.plain) = (true, true, false);
        }
        let links = (0..).zip(&plan.links).filter(|_| !by_dates);
        for (index, link) in links.filter(|(_, link)| cpm::binds(plan, link)) {
            let (from, to) = (link.from as usize, link.to as usize);
            if link.kind.bounds_finish() {
                nodes[from].holds = true;
                nodes[to].held = true;
            }
            if link.looks_ahead() {
                nodes[to].ahead = true;
                continue;
            }
            gates[to].missing += 1;
            let Link { to, lag, lag_calendar, .. } = *link;
            let edges = match link.kind {
                LinkKind::FinishStart => &mut by_finish,
                _ => {
                    nodes[from].leads = true;
                    &mut by_start
                }
            };
            edges.push((link.from, Edge { to, link: index, lag, lag_calendar }));
        }
        let count = nodes.len();
        let free =
            |&a: &u32| gates[a as usize].missing == 0 && nodes[a as usize].state != State::Finished;
        let roots = (0..count as u32).filter(free).collect();
        let begun = (0..)
            .zip(&plan.activities)
            .filter_map(|(index, activity)| Some((index, activity.began()?)));
        let begun = begun.collect();
        let bounded = (0..count as u32).filter(|&a| nodes[a as usize].held).collect();
        let finish_edges = Groups::new(count, by_finish);
        let start_edges = Groups::new(count, by_start);
        let mut places = vec![NONE; count];
        for (place, &ancestor) in (0..).zip(&ancestors) {
            places[ancestor as usize] = place;
        }
        Network {
            nodes,
            gates,
            finish_edges,
            start_edges,
            roots,
            begun,
            bounded,
            ancestors,
            places,
        }
    }
}

fn node(plan: &Plan, activity: &Activity, asks: bool) -> Node {
    Node {
        asks,
        calendar: activity.calendar,
        priority: activity.priority,
        state: match activity.progress {
            Progress::Open => State::Open,
            Progress::Started { .. } => State::Started,
            Progress::Finished { .. } => State::Finished,
        },
        cause: cause(plan, activity),
        plain: activity.calendar == 0 && activity.delay == Span::ZERO,
        ahead: false,
        held: false,
        holds: false,
        ancestor: false,
        leads: false,
        effects: !activity.effects.is_empty(),
        delivers: activity.effects.iter().any(|effect| matches!(effect, Effect::Deliver(_))),
    }
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
