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
use std::collections::{BTreeMap, BinaryHeap};

use super::network::{Groups, NONE};
use super::queue::{INDEX_MAX, Queue, Rank, waiter_in};
use crate::model::timeline::Scarce;
use crate::model::{Activity, CalendarId, Need, Plan, Progress};
use crate::time::Minute;

/// What is free, what is in stock and who waits.
pub(super) struct Crews {
    /// What each activity asks for.
    asks: Vec<Ask>,
    /// Crews that activities ask for; an [`Ask`] names its part.
    needs: Vec<Need>,
    lines: Vec<Line>,
    /// Free units by resource; below zero while a cut waits for work to end.
    free: Vec<i64>,
    /// Racks by store.
    stock: Vec<i64>,
    /// Whether a resource's queue is strict.
    strict: Vec<bool>,
    /// Who let go last, by resource and then by store.
    let_go: Vec<LetGo>,
    /// Who left the queue of a resource last, by resource.
    served: Vec<Option<u32>>,
    /// Capacity in force, as an index into the resource's dated capacities.
    step: Vec<usize>,
    /// Lines in which somebody may ask for a resource.
    by_resource: Groups<u32>,
    /// Lines in which somebody may ask for racks of a store.
    by_store: Groups<u32>,
    /// Lines whose head may have come to fit.
    touched: Vec<u32>,
}

/// What an activity asks for, and where it waits for it.
#[derive(Clone, Copy)]
struct Ask {
    line: u32,
    /// Part of [`Crews::needs`].
    needs: (u32, u32),
    takes: Option<(u32, u32)>,
    /// Calendar in which it can start.
    calendar: CalendarId,
}

/// Waiters of whom nobody can start before the first.
struct Line {
    /// Place of the first waiter; [`NOBODY`] if none waits.
    head: u128,
    behind: BinaryHeap<Reverse<u128>>,
    touched: bool,
    /// Whether waiters in other lines queue for the same strict resource.
    rivals: bool,
    /// Instant at which the line is asked again because a calendar opens.
    opens: Minute,
}

/// The last time that something came free.
#[derive(Clone, Copy)]
pub(super) struct LetGo {
    pub at: Minute,
    /// Whose finish or delivery it was; `None` for a dated change.
    pub by: Option<u32>,
}

const NOBODY: u128 = u128::MAX;
const NOT_YET: LetGo = LetGo { at: Minute::MIN, by: None };

impl Crews {
    /// Cost: sorts the activities by what they ask for.
    pub fn new(plan: &Plan) -> Crews {
        let Lines { asks, needs, lines, by_resource, by_store } = Lines::new(plan);
        assert!(plan.activities.len() < INDEX_MAX && plan.resources.len() < INDEX_MAX);
        let resources = plan.resources.len();
        Crews {
            asks,
            needs,
            free: vec![0; resources],
            stock: vec![0; plan.stores.len()],
            strict: plan.resources.iter().map(|resource| !resource.overtake).collect(),
            let_go: vec![NOT_YET; resources + plan.stores.len()],
            served: vec![None; resources],
            step: vec![0; resources],
            by_resource: Groups::new(resources, by_resource),
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
        self.stock.fill(0);
        self.let_go.fill(NOT_YET);
        self.served.fill(None);
        for (index, resource) in plan.resources.iter().enumerate() {
            let past = resource.capacity.partition_point(|&(from, _)| from <= plan.data_date());
            self.step[index] = past.saturating_sub(1);
            self.free[index] =
                resource.capacity.get(self.step[index]).map_or(0, |&(_, n)| n.into());
            self.queue_change(plan, index as u32, queue);
        }
    }

    /// The next dated capacity of a resource comes into force.
    pub fn change_capacity(&mut self, plan: &Plan, resource: u32, queue: &mut Queue) {
        let at = resource as usize;
        let steps = &plan.resources[at].capacity;
        self.step[at] += 1;
        let (from, after) = steps[self.step[at]];
        let change = i64::from(after) - i64::from(steps[self.step[at] - 1].1);
        self.free[at] += change;
        if change > 0 {
            self.let_go[at] = LetGo { at: from, by: None };
            self.touch_resource(resource);
        }
        self.queue_change(plan, resource, queue);
    }

    /// A waiter joins its line.
    pub fn join(&mut self, activity: u32, place: u128) {
        let index = self.asks[activity as usize].line;
        let line = &mut self.lines[index as usize];
        if place > line.head {
            return line.behind.push(Reverse(place));
        }
        let behind = std::mem::replace(&mut line.head, place);
        if behind != NOBODY {
            line.behind.push(Reverse(behind));
        }
        self.touch(index);
    }

    /// Who starts next: of all heads that fit and may go, the first in order. It leaves its line;
    /// its place comes back.
    ///
    /// Cost: one look at each line that may have come to fit.
    pub fn next(&mut self, plan: &Plan, now: Minute, queue: &mut Queue) -> Option<u128> {
        let mut first = NOBODY;
        let mut at = 0;
        while let Some(&line) = self.touched.get(at) {
            if self.may_go(line) && self.is_open(plan, line, now, queue) {
                first = first.min(self.lines[line as usize].head);
                at += 1;
            } else {
                self.touched.swap_remove(at);
                self.lines[line as usize].touched = false;
            }
        }
        if first == NOBODY {
            return None;
        }
        self.leave(first);
        Some(first)
    }

    /// An activity takes what it asks for; free units may go below zero only for work that was
    /// under way before the run.
    pub fn take(&mut self, activity: u32) {
        let Ask { needs, takes, .. } = self.asks[activity as usize];
        for need in &self.needs[needs.0 as usize..needs.1 as usize] {
            self.free[need.resource as usize] -= i64::from(need.units);
            self.served[need.resource as usize] = Some(activity);
        }
        if let Some((store, racks)) = takes {
            self.take_racks(store, racks);
        }
    }

    /// Racks leave a store.
    pub fn take_racks(&mut self, store: u32, racks: u32) {
        self.stock[store as usize] -= i64::from(racks);
    }

    /// An activity gives its crews back.
    pub fn give_back(&mut self, activity: u32, now: Minute) {
        let (from, to) = self.asks[activity as usize].needs;
        for at in from..to {
            let Need { resource, units } = self.needs[at as usize];
            self.free[resource as usize] += i64::from(units);
            self.let_go[resource as usize] = LetGo { at: now, by: Some(activity) };
            self.touch_resource(resource);
        }
    }

    /// A lot arrives in a store.
    pub fn deliver(&mut self, store: u32, racks: u32, activity: u32, now: Minute) {
        self.stock[store as usize] += i64::from(racks);
        self.let_go[self.free.len() + store as usize] = LetGo { at: now, by: Some(activity) };
        for at in 0..self.by_store.of(store).len() {
            self.touch(self.by_store.of(store)[at]);
        }
    }

    /// What a waiter that has left its line waited for last, and who let go of it.
    pub fn waited_for(&self, activity: u32, ready: Minute) -> (Scarce, Option<u32>) {
        let needs = self.needs_of(activity);
        let crews = needs.iter().map(|need| Scarce::Resource(need.resource));
        let racks = self.asks[activity as usize].takes.map(|(store, _)| Scarce::Store(store));
        // Of those that came free at the same time the first is named.
        let latest = crews.chain(racks).min_by_key(|&scarce| Reverse(self.let_go(scarce).at));
        let last = latest.expect("who waits asks for something");
        let LetGo { at, by } = self.let_go(last);
        let strict = needs.iter().find(|need| self.strict[need.resource as usize]);
        match strict {
            // Nothing came free since: it stood behind someone who has now started.
            Some(need) if at < ready => {
                (Scarce::Resource(need.resource), self.served[need.resource as usize])
            }
            _ => (last, by),
        }
    }

    /// Everybody who still waits: (activity, ready time, what is lacking), in file order.
    pub fn in_vain(&self, queue: &Queue) -> Vec<(u32, Minute, Scarce)> {
        let heads = self.lines.iter().map(|line| line.head).filter(|&head| head != NOBODY);
        let behind = self.lines.iter().flat_map(|line| line.behind.iter().map(|place| place.0));
        let waiter = |place| {
            let (activity, ready) = queue.waiter(place);
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
        for at in 0..self.by_resource.of(resource).len() {
            self.touch(self.by_resource.of(resource)[at]);
        }
    }

    /// The head leaves its line, and with it the strict queues it stands in.
    fn leave(&mut self, head: u128) {
        let activity = waiter_in(head);
        let line = &mut self.lines[self.asks[activity as usize].line as usize];
        line.head = line.behind.pop().map_or(NOBODY, |Reverse(place)| place);
        if line.rivals {
            let (from, to) = self.asks[activity as usize].needs;
            for at in from..to {
                let resource = self.needs[at as usize].resource;
                if self.strict[resource as usize] {
                    self.touch_resource(resource);
                }
            }
        }
    }

    /// Whether the head finds everything it asks for and nobody before it in a strict queue.
    fn may_go(&self, line: u32) -> bool {
        let Line { head, rivals, .. } = self.lines[line as usize];
        head != NOBODY
            && self.lacking(waiter_in(head)).is_none()
            && (!rivals || self.is_first(waiter_in(head), head))
    }

    fn is_first(&self, activity: u32, place: u128) -> bool {
        let strict = |need: &&Need| self.strict[need.resource as usize];
        self.needs_of(activity).iter().filter(strict).all(|need| {
            let lines = self.by_resource.of(need.resource);
            lines.iter().all(|&line| self.lines[line as usize].head >= place)
        })
    }

    /// Whether the head's calendar is open; if not, its line is asked again when it opens.
    fn is_open(&mut self, plan: &Plan, line: u32, now: Minute, queue: &mut Queue) -> bool {
        let this = &mut self.lines[line as usize];
        let calendar = self.asks[waiter_in(this.head) as usize].calendar;
        if calendar == 0 {
            return true;
        }
        let opens = plan.calendars[calendar as usize].next_work(now);
        if opens > now && this.opens != opens {
            this.opens = opens;
            queue.push(opens, Rank::Open, line);
        }
        opens == now
    }

    /// The first thing that is short for an activity.
    fn lacking(&self, activity: u32) -> Option<Scarce> {
        for need in self.needs_of(activity) {
            if self.free[need.resource as usize] < i64::from(need.units) {
                return Some(Scarce::Resource(need.resource));
            }
        }
        let (store, racks) = self.asks[activity as usize].takes?;
        (self.stock[store as usize] < i64::from(racks)).then_some(Scarce::Store(store))
    }

    fn needs_of(&self, activity: u32) -> &[Need] {
        let (from, to) = self.asks[activity as usize].needs;
        &self.needs[from as usize..to as usize]
    }

    fn let_go(&self, scarce: Scarce) -> LetGo {
        match scarce {
            Scarce::Resource(resource) => self.let_go[resource as usize],
            Scarce::Store(store) => self.let_go[self.free.len() + store as usize],
        }
    }

    fn queue_change(&self, plan: &Plan, resource: u32, queue: &mut Queue) {
        let next = self.step[resource as usize] + 1;
        if let Some(&(from, _)) = plan.resources[resource as usize].capacity.get(next) {
            queue.push(from, Rank::Capacity, resource);
        }
    }
}

/// Who waits where, laid out once.
#[derive(Default)]
struct Lines {
    asks: Vec<Ask>,
    needs: Vec<Need>,
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
            let from = made.needs.len() as u32;
            let need = |&(resource, units): &(u32, u32)| Need { resource, units };
            made.needs.extend(units.iter().map(need));
            let needs = (from, made.needs.len() as u32);
            let mut ask = Ask { line: NONE, needs, takes, calendar };
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
        let (head, behind) = (NOBODY, BinaryHeap::new());
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
