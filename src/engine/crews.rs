//! Crews, stores and the lines that wait for them (semantics T9).
//!
//! Waiters of whom nobody can start before the first stand in one line: those that ask for the
//! same (crews, racks, working calendar), and those of a strict queue. A line is ordered by
//! (priority, ready time, file order), and whether anybody in it can start is a question to its
//! head alone. When crews come free only the lines that need them are asked, so a release costs
//! what can start, not who waits.
//!
//! Where the rules are silent:
//! - A waiter takes its crews when it starts, in working time of its calendar. Crews that come free
//!   in its closed time are not kept for it: who can use them meanwhile gets them, unless the queue
//!   is strict.
//! - A strict queue (`overtake: false`) is strict whatever its head waits for: another crew, racks
//!   or the opening of its calendar.

use std::cmp::Reverse;
use std::collections::{BTreeMap, VecDeque};

use super::network::{Groups, NONE};
use super::queue::{INDEX_MAX, Queue, Rank, waiter_in};
use crate::model::timeline::Scarce;
use crate::model::{Activity, CalendarId, Need, Plan, Progress, Resource};
use crate::time::Minute;

/// What is free, what is in stock and who waits.
pub(super) struct Crews {
    /// What each activity asks for.
    asks: Vec<Ask>,
    /// Crews that activities ask for beside the first; an [`Ask`] names its part.
    others: Vec<Need>,
    lines: Vec<Line>,
    pools: Vec<Pool>,
    stores: Vec<Store>,
    /// Lines in which somebody may ask for a resource; a [`Pool`] names its part.
    by_resource: Vec<u32>,
    /// Lines in which somebody may ask for racks of a store.
    by_store: Groups<u32>,
    /// Lines whose head may have come to fit.
    touched: Vec<u32>,
}

/// A resource.
#[derive(Clone, Copy)]
struct Pool {
    /// Below zero while a cut waits for work to end.
    free: i64,
    let_go: LetGo,
    /// Who left a line for it last.
    served: u32,
    /// Lines in which somebody may ask for it, as a part of [`Crews::by_resource`].
    lines: (u32, u32),
    strict: bool,
    /// Capacity in force, as an index into the resource's dated capacities.
    step: usize,
}

/// A store of racks.
#[derive(Clone, Copy)]
struct Store {
    racks: i64,
    let_go: LetGo,
}

/// What an activity asks for, and where it waits for it.
#[derive(Clone, Copy)]
struct Ask {
    line: u32,
    /// The first crew; no units where it asks for racks only.
    crew: Need,
    /// Calendar in which it can start.
    calendar: CalendarId,
    /// Whether it asks for more than the first crew.
    more: bool,
    /// Part of [`Crews::others`].
    others: (u32, u32),
    takes: Option<(u32, u32)>,
}

/// Waiters of whom nobody can start before the first.
struct Line {
    /// Place of the first waiter; [`NOBODY`] if none waits.
    head: u128,
    /// Places of the others, in order: whoever joins is mostly the last.
    behind: VecDeque<u128>,
    touched: bool,
    /// Whether waiters in other lines queue for the same strict resource.
    rivals: bool,
    /// Instant at which the line is asked again because a calendar opens.
    opens: Minute,
}

/// The last time that something came free.
#[derive(Clone, Copy)]
struct LetGo {
    at: Minute,
    /// Whose finish or delivery it was; [`NONE`] for a dated change.
    by: u32,
}

const NOBODY: u128 = u128::MAX;
const NOT_YET: LetGo = LetGo { at: Minute::MIN, by: NONE };

impl Crews {
    /// Cost: sorts the activities by what they ask for.
    pub fn new(plan: &Plan) -> Crews {
        let Lines { asks, others, lines, by_resource, by_store } = Lines::new(plan);
        assert!(plan.activities.len() < INDEX_MAX && plan.resources.len() < INDEX_MAX);
        let pool = |(index, resource): (u32, &Resource)| {
            let strict = !resource.overtake;
            let before = |end| by_resource.partition_point(|&(other, _)| other < end) as u32;
            let lines = (before(index), before(index + 1));
            Pool { free: 0, let_go: NOT_YET, served: NONE, lines, strict, step: 0 }
        };
        // The last pool is nobody's: those who ask for racks only ask for no units of it.
        let mut pools: Vec<Pool> = (0..).zip(&plan.resources).map(pool).collect();
        let nothing = Resource { id: String::new(), capacity: Vec::new(), overtake: true };
        pools.push(pool((plan.resources.len() as u32, &nothing)));
        Crews {
            asks,
            others,
            pools,
            stores: vec![Store { racks: 0, let_go: NOT_YET }; plan.stores.len()],
            by_resource: by_resource.into_iter().map(|(_, line)| line).collect(),
            by_store: Groups::new(plan.stores.len(), by_store),
            touched: Vec::with_capacity(lines.len()),
            lines,
        }
    }

    /// Whether an activity asks for anything that can be short.
    pub fn asks(&self, activity: u32) -> bool {
        self.asks[activity as usize].line != NONE
    }

    /// Everything free and nobody waiting; capacities as on the data date, later ones queued.
    pub fn reset(&mut self, plan: &Plan, queue: &mut Queue) {
        for line in &mut self.lines {
            line.head = NOBODY;
            line.behind.clear();
            line.touched = false;
            line.opens = Minute::MIN;
        }
        self.touched.clear();
        self.stores.fill(Store { racks: 0, let_go: NOT_YET });
        for (index, resource) in (0..).zip(&plan.resources) {
            let past = resource.capacity.partition_point(|&(from, _)| from <= plan.data_date());
            let step = past.saturating_sub(1);
            let free = resource.capacity.get(step).map_or(0, |&(_, units)| units.into());
            let pool = &mut self.pools[index as usize];
            *pool = Pool { free, let_go: NOT_YET, served: NONE, step, ..*pool };
            self.queue_change(plan, index, queue);
        }
    }

    /// The next dated capacity of a resource comes into force.
    pub fn change_capacity(&mut self, plan: &Plan, resource: u32, queue: &mut Queue) {
        let steps = &plan.resources[resource as usize].capacity;
        let pool = &mut self.pools[resource as usize];
        let (_, before) = steps[pool.step];
        pool.step += 1;
        let (from, after) = steps[pool.step];
        pool.free += i64::from(after) - i64::from(before);
        if after > before {
            pool.let_go = LetGo { at: from, by: NONE };
            self.touch_resource(resource);
        }
        self.queue_change(plan, resource, queue);
    }

    /// A waiter joins its line.
    ///
    /// Cost: constant, unless it passes others who have a lower priority.
    #[inline]
    pub fn join(&mut self, activity: u32, place: u128) {
        let index = self.asks[activity as usize].line;
        let line = &mut self.lines[index as usize];
        if place < line.head {
            let behind = std::mem::replace(&mut line.head, place);
            if behind != NOBODY {
                line.behind.push_front(behind);
            }
            self.touch(index);
        } else if line.behind.back().is_none_or(|&last| last < place) {
            line.behind.push_back(place);
        } else {
            let at = line.behind.partition_point(|&other| other < place);
            line.behind.insert(at, place);
        }
    }

    /// Who starts next: of all heads that fit and may go, the first in order. It leaves its line;
    /// its place comes back.
    ///
    /// Cost: one look at each line that may have come to fit.
    #[inline]
    pub fn next(&mut self, plan: &Plan, now: Minute, queue: &mut Queue) -> Option<u128> {
        let (mut first, mut next) = (NOBODY, NONE);
        let mut at = 0;
        while let Some(&line) = self.touched.get(at) {
            let head = self.lines[line as usize].head;
            if head != NOBODY && self.may_go(line, head, plan, now, queue) {
                if head < first {
                    (first, next) = (head, line);
                }
                at += 1;
            } else {
                self.touched.swap_remove(at);
                self.lines[line as usize].touched = false;
            }
        }
        if next == NONE {
            return None;
        }
        self.leave(next);
        Some(first)
    }

    /// An activity takes what it asks for; free units may go below zero only for work that was
    /// under way before the run.
    #[inline]
    pub fn take(&mut self, activity: u32) {
        let Ask { crew, more, others, takes, .. } = self.asks[activity as usize];
        self.take_crew(crew, activity);
        if more {
            for at in others.0..others.1 {
                self.take_crew(self.others[at as usize], activity);
            }
            if let Some((store, racks)) = takes {
                self.take_racks(store, racks);
            }
        }
    }

    fn take_crew(&mut self, Need { resource, units }: Need, activity: u32) {
        let pool = &mut self.pools[resource as usize];
        pool.free -= i64::from(units);
        pool.served = activity;
    }

    /// Racks leave a store.
    pub fn take_racks(&mut self, store: u32, racks: u32) {
        self.stores[store as usize].racks -= i64::from(racks);
    }

    /// An activity gives its crews back.
    pub fn give_back(&mut self, activity: u32, now: Minute) {
        let Ask { crew, more, others, .. } = self.asks[activity as usize];
        self.give_crew_back(crew, activity, now);
        if more {
            for at in others.0..others.1 {
                self.give_crew_back(self.others[at as usize], activity, now);
            }
        }
    }

    fn give_crew_back(&mut self, Need { resource, units }: Need, activity: u32, now: Minute) {
        let pool = &mut self.pools[resource as usize];
        pool.free += i64::from(units);
        pool.let_go = LetGo { at: now, by: activity };
        self.touch_resource(resource);
    }

    /// A lot arrives in a store.
    pub fn deliver(&mut self, store: u32, racks: u32, activity: u32, now: Minute) {
        let this = &mut self.stores[store as usize];
        this.racks += i64::from(racks);
        this.let_go = LetGo { at: now, by: activity };
        for at in self.by_store.range(store) {
            self.touch(self.by_store.item(at));
        }
    }

    /// What a waiter that has left its line waited for last, and who let go of it.
    pub fn waited_for(&self, activity: u32, ready: Minute) -> (Scarce, Option<u32>) {
        let ask = &self.asks[activity as usize];
        let LetGo { at, by } = self.pools[ask.crew.resource as usize].let_go;
        if !ask.more && at >= ready {
            return (Scarce::Resource(ask.crew.resource), Some(by).filter(|&by| by != NONE));
        }
        let crews = self.crews_of(activity).map(|need| Scarce::Resource(need.resource));
        let racks = self.asks[activity as usize].takes.map(|(store, _)| Scarce::Store(store));
        // Of those that came free at the same time the first is named.
        let latest = crews.chain(racks).min_by_key(|&scarce| Reverse(self.let_go(scarce).at));
        let last = latest.expect("who waits asks for something");
        let LetGo { at, mut by } = self.let_go(last);
        let mut what = last;
        if at < ready {
            // Nothing came free since: it stood behind someone who has now started.
            let pool = |need: &Need| &self.pools[need.resource as usize];
            if let Some(need) = self.crews_of(activity).find(|need| pool(need).strict) {
                what = Scarce::Resource(need.resource);
                by = pool(&need).served;
            }
        }
        (what, Some(by).filter(|&by| by != NONE))
    }

    /// Everybody who still waits: (activity, ready time, what is lacking), in file order.
    pub fn in_vain(&self, queue: &Queue) -> Vec<(u32, Minute, Scarce)> {
        let heads = self.lines.iter().map(|line| line.head).filter(|&head| head != NOBODY);
        let behind = self.lines.iter().flat_map(|line| line.behind.iter().copied());
        let waiter = |place| {
            let (activity, ready) = (waiter_in(place), queue.ready(place));
            let what = self.lacking(activity);
            (activity, ready, what.unwrap_or_else(|| self.waited_for(activity, ready).0))
        };
        let mut waiters: Vec<_> = heads.chain(behind).map(waiter).collect();
        waiters.sort_unstable_by_key(|&(activity, ..)| activity);
        waiters
    }

    /// A line may have come to fit.
    pub fn touch(&mut self, line: u32) {
        let this = &mut self.lines[line as usize];
        if this.head != NOBODY && !this.touched {
            this.touched = true;
            self.touched.push(line);
        }
    }

    fn touch_resource(&mut self, resource: u32) {
        let (from, to) = self.pools[resource as usize].lines;
        for at in from..to {
            self.touch(self.by_resource[at as usize]);
        }
    }

    /// The head leaves its line, and with it the strict queues it stands in.
    fn leave(&mut self, line: u32) {
        let line = &mut self.lines[line as usize];
        let activity = waiter_in(line.head);
        line.head = line.behind.pop_front().unwrap_or(NOBODY);
        if line.rivals {
            let ask = self.asks[activity as usize];
            self.leave_queue(ask.crew.resource);
            for at in ask.others.0..ask.others.1 {
                self.leave_queue(self.others[at as usize].resource);
            }
        }
    }

    fn leave_queue(&mut self, resource: u32) {
        if self.pools[resource as usize].strict {
            self.touch_resource(resource);
        }
    }

    /// Whether the head finds everything it asks for and its calendar open, and nobody stands
    /// before it in a strict queue.
    #[inline]
    fn may_go(
        &mut self,
        line: u32,
        head: u128,
        plan: &Plan,
        now: Minute,
        queue: &mut Queue,
    ) -> bool {
        let activity = waiter_in(head);
        let Ask { crew: Need { resource, units }, calendar, more, .. } =
            self.asks[activity as usize];
        self.pools[resource as usize].free >= i64::from(units)
            && (!more || self.lacking(activity).is_none())
            && (!self.lines[line as usize].rivals || self.is_first(activity, head))
            && (calendar == 0 || self.is_open(line, calendar, plan, now, queue))
    }

    fn is_first(&self, activity: u32, place: u128) -> bool {
        self.crews_of(activity).all(|need| {
            let Pool { strict, lines, .. } = self.pools[need.resource as usize];
            let lines = &self.by_resource[lines.0 as usize..lines.1 as usize];
            !strict || lines.iter().all(|&line| self.lines[line as usize].head >= place)
        })
    }

    /// Whether a calendar is open; if not, the line is asked again when it opens.
    fn is_open(
        &mut self,
        line: u32,
        calendar: CalendarId,
        plan: &Plan,
        now: Minute,
        queue: &mut Queue,
    ) -> bool {
        let this = &mut self.lines[line as usize];
        let opens = plan.calendars[calendar as usize].next_work(now);
        if opens > now && this.opens != opens {
            this.opens = opens;
            queue.push(opens, Rank::Open, line);
        }
        opens == now
    }

    /// The first thing that is short for an activity.
    fn lacking(&self, activity: u32) -> Option<Scarce> {
        let short = |need: &Need| self.pools[need.resource as usize].free < i64::from(need.units);
        let crew = self.crews_of(activity).find(short);
        crew.map(|need| Scarce::Resource(need.resource)).or_else(|| {
            let (store, racks) = self.asks[activity as usize].takes?;
            let empty = self.stores[store as usize].racks < i64::from(racks);
            empty.then_some(Scarce::Store(store))
        })
    }

    fn crews_of(&self, activity: u32) -> impl Iterator<Item = Need> + '_ {
        let ask = &self.asks[activity as usize];
        let others = &self.others[ask.others.0 as usize..ask.others.1 as usize];
        Some(ask.crew).into_iter().filter(|crew| crew.units > 0).chain(others.iter().copied())
    }

    fn let_go(&self, scarce: Scarce) -> LetGo {
        match scarce {
            Scarce::Resource(resource) => self.pools[resource as usize].let_go,
            Scarce::Store(store) => self.stores[store as usize].let_go,
        }
    }

    fn queue_change(&self, plan: &Plan, resource: u32, queue: &mut Queue) {
        let next = self.pools[resource as usize].step + 1;
        if let Some(&(from, _)) = plan.resources[resource as usize].capacity.get(next) {
            queue.push(from, Rank::Capacity, resource);
        }
    }
}

/// Who waits where, laid out once.
#[derive(Default)]
struct Lines {
    asks: Vec<Ask>,
    others: Vec<Need>,
    lines: Vec<Line>,
    /// (resource, line) and (store, line), each pair once.
    by_resource: Vec<(u32, u32)>,
    by_store: Vec<(u32, u32)>,
}

/// What waiters of one line have in common.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
enum Shared {
    /// All of them queue for this strict resource, and for no other strict one.
    Queue(u32),
    /// All of them ask for these units, racks and calendar.
    Request(Vec<(u32, u32)>, Option<(u32, u32)>, CalendarId),
}

impl Lines {
    fn new(plan: &Plan) -> Lines {
        let units: Vec<_> = plan.activities.iter().map(units).collect();
        let strict = |&&(resource, _): &&(u32, u32)| !plan.resources[resource as usize].overtake;
        let mut alone = vec![true; plan.resources.len()];
        for units in units.iter().filter(|units| units.iter().filter(strict).count() > 1) {
            units.iter().for_each(|&(resource, _)| alone[resource as usize] = false);
        }
        let mut made = Lines::default();
        let mut lines: BTreeMap<Shared, u32> = BTreeMap::new();
        for (activity, units) in plan.activities.iter().zip(units) {
            let calendar = if activity.is_point() { 0 } else { activity.calendar };
            let takes = activity.takes.filter(|_| activity.progress == Progress::Open);
            let from = made.others.len() as u32;
            let mut crews = units.iter().map(|&(resource, units)| Need { resource, units });
            let crew = crews.next().unwrap_or(Need { resource: alone.len() as u32, units: 0 });
            made.others.extend(crews);
            let others = (from, made.others.len() as u32);
            let more = units.len() > 1 || takes.is_some();
            let mut ask = Ask { line: NONE, crew, calendar, more, others, takes };
            if !units.is_empty() || takes.is_some() {
                let queue = units.iter().find(strict).map(|&(resource, _)| resource);
                let rivals = queue.is_some_and(|resource| !alone[resource as usize]);
                let by_resource = units.iter().map(|&(resource, _)| resource).collect::<Vec<_>>();
                let shared = match queue {
                    Some(resource) if !rivals => Shared::Queue(resource),
                    _ => Shared::Request(units, takes, calendar),
                };
                ask.line = *lines.entry(shared).or_insert_with(|| made.line(rivals));
                made.by_resource.extend(by_resource.into_iter().map(|each| (each, ask.line)));
                made.by_store.extend(takes.map(|(store, _)| (store, ask.line)));
            }
            made.asks.push(ask);
        }
        for pairs in [&mut made.by_resource, &mut made.by_store] {
            pairs.sort_unstable();
            pairs.dedup();
        }
        made
    }

    fn line(&mut self, rivals: bool) -> u32 {
        let (head, behind) = (NOBODY, VecDeque::new());
        self.lines.push(Line { head, behind, touched: false, rivals, opens: Minute::MIN });
        self.lines.len() as u32 - 1
    }
}

/// Units by resource that are left for an activity to ask for, each resource once.
fn units(activity: &Activity) -> Vec<(u32, u32)> {
    let mut units: Vec<(u32, u32)> = Vec::new();
    for need in activity.needs.iter().filter(|_| !activity.is_finished()) {
        match units.iter_mut().find(|(resource, _)| *resource == need.resource) {
            Some((_, sum)) => *sum += need.units,
            None => units.push((need.resource, need.units)),
        }
    }
    units
}
