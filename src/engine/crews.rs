//! Crews, stores and the lines that wait for them (semantics T9).
//!
//! Waiters that ask for the same (crews, racks, working calendar) stand in one line, ordered by
//! (priority, ready time, file order). Whether one of them can start is then a question to the head
//! of the line alone: if the head does not fit, nobody behind it does. When crews come free only
//! the lines that need them are asked, so a release costs what can start, not who waits.
//!
//! Where the rules are silent:
//! - A waiter takes its crews when it starts, in working time of its calendar. Crews that come free
//!   in its closed time are not kept for it: who can use them meanwhile gets them, unless the queue
//!   is strict.
//! - A strict queue (`overtake: false`) is strict whatever its head waits for: another crew, racks
//!   or the opening of its calendar.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use super::network::{Groups, NONE};
use super::queue::{INDEX_MAX, Queue, Rank};
use crate::model::timeline::Scarce;
use crate::model::{Activity, CalendarId, Need, Plan, Progress};
use crate::time::Minute;

/// What is free, what is in stock and who waits.
pub(super) struct Crews {
    lines: Vec<Line>,
    /// Place of the first waiter of each line; [`NOBODY`] if none waits.
    heads: Vec<u128>,
    /// Free units by resource; below zero while a cut waits for work to end.
    free: Vec<i64>,
    /// Racks by store.
    stock: Vec<i64>,
    /// Whether a resource's queue is strict.
    strict: Vec<bool>,
    /// Who let go last, by resource and then by store.
    let_go: Vec<LetGo>,
    /// Who left the queue of a strict resource last, by resource.
    served: Vec<Option<u32>>,
    /// Capacity in force, as an index into the resource's dated capacities.
    step: Vec<usize>,
    by_resource: Groups<u32>,
    by_store: Groups<u32>,
    /// Lines whose head may have come to fit.
    touched: Vec<u32>,
}

/// Waiters that ask for the same.
struct Line {
    needs: Vec<Need>,
    takes: Option<(u32, u32)>,
    calendar: CalendarId,
    strict: bool,
    touched: bool,
    /// Instant at which the line is asked again because its calendar opens.
    opens: Minute,
    waiting: BinaryHeap<Reverse<u128>>,
}

/// The last time that something came free.
#[derive(Clone, Copy)]
pub(super) struct LetGo {
    pub at: Minute,
    /// Whose finish or delivery it was; `None` for a dated change.
    pub by: Option<u32>,
}

const NOBODY: u128 = u128::MAX;

impl Crews {
    /// The lines of a plan, and the line of each activity ([`NONE`] if it needs nothing scarce).
    ///
    /// Cost: sorts the activities by what they need.
    pub fn new(plan: &Plan) -> (Crews, Vec<u32>) {
        let (lines, line_of) = lines(plan);
        assert!(lines.len() < INDEX_MAX && plan.activities.len() < INDEX_MAX);
        let resources = plan.resources.len();
        let mut by_resource = Vec::new();
        let mut by_store = Vec::new();
        for (index, line) in (0..).zip(&lines) {
            by_resource.extend(line.needs.iter().map(|need| (need.resource, index)));
            by_store.extend(line.takes.map(|(store, _)| (store, index)));
        }
        let nobody = LetGo { at: Minute::MIN, by: None };
        let crews = Crews {
            heads: vec![NOBODY; lines.len()],
            free: vec![0; resources],
            stock: vec![0; plan.stores.len()],
            strict: plan.resources.iter().map(|resource| !resource.overtake).collect(),
            let_go: vec![nobody; resources + plan.stores.len()],
            served: vec![None; resources],
            step: vec![0; resources],
            by_resource: Groups::new(resources, by_resource),
            by_store: Groups::new(plan.stores.len(), by_store),
            touched: Vec::with_capacity(lines.len()),
            lines,
        };
        (crews, line_of)
    }

    /// Everything free and nobody waiting; capacities as on the data date, later ones queued.
    pub fn reset(&mut self, plan: &Plan, queue: &mut Queue) {
        for line in &mut self.lines {
            line.waiting.clear();
            line.touched = false;
            line.opens = Minute::MIN;
        }
        self.touched.clear();
        self.heads.fill(NOBODY);
        self.stock.fill(0);
        self.let_go.fill(LetGo { at: Minute::MIN, by: None });
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
    pub fn join(&mut self, line: u32, place: u128) {
        let head = &mut self.heads[line as usize];
        self.lines[line as usize].waiting.push(Reverse(place));
        if place < *head {
            *head = place;
            self.touch(line);
        }
    }

    /// The line whose head starts next: of all heads that fit and may go, the first in order.
    ///
    /// Cost: one look at each line that may have come to fit.
    pub fn next(&mut self, plan: &Plan, now: Minute, queue: &mut Queue) -> Option<u32> {
        let mut first = NOBODY;
        let mut next = None;
        let mut at = 0;
        while at < self.touched.len() {
            let line = self.touched[at];
            if self.may_go(line) && self.is_open(plan, line, now, queue) {
                if self.heads[line as usize] < first {
                    first = self.heads[line as usize];
                    next = Some(line);
                }
                at += 1;
            } else {
                self.touched.swap_remove(at);
                self.lines[line as usize].touched = false;
            }
        }
        next
    }

    /// The head leaves its line; its place comes back.
    pub fn leave(&mut self, line: u32) -> u128 {
        let at = line as usize;
        let Reverse(place) = self.lines[at].waiting.pop().expect("a head stands in its line");
        self.heads[at] = self.lines[at].waiting.peek().map_or(NOBODY, |&Reverse(place)| place);
        if self.lines[at].strict {
            for need in 0..self.lines[at].needs.len() {
                let resource = self.lines[at].needs[need].resource;
                if self.strict[resource as usize] {
                    self.touch_resource(resource);
                }
            }
        }
        place
    }

    /// An activity takes what its line asks for; free units may go below zero only for work that
    /// was under way before the run.
    pub fn take(&mut self, line: u32, activity: u32) {
        let line = &self.lines[line as usize];
        for need in &line.needs {
            self.free[need.resource as usize] -= i64::from(need.units);
            self.served[need.resource as usize] = Some(activity);
        }
        if let Some((store, taken)) = line.takes {
            self.stock[store as usize] -= i64::from(taken);
        }
    }

    /// Racks left a store for work that began before the run.
    pub fn took(&mut self, store: u32, racks: u32) {
        self.stock[store as usize] -= i64::from(racks);
    }

    /// An activity gives its crews back.
    pub fn give_back(&mut self, line: u32, activity: u32, now: Minute) {
        for at in 0..self.lines[line as usize].needs.len() {
            let Need { resource, units } = self.lines[line as usize].needs[at];
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

    /// What a waiter that leaves its line waited for last, and who let go of it.
    pub fn waited_for(&self, line: u32, ready: Minute) -> (Scarce, Option<u32>) {
        let line = &self.lines[line as usize];
        let crews = line.needs.iter().map(|need| Scarce::Resource(need.resource));
        let racks = line.takes.iter().map(|&(store, _)| Scarce::Store(store));
        let all = || crews.clone().chain(racks.clone());
        let mut last = all().next().expect("a line asks for something");
        for scarce in all() {
            if self.let_go(scarce).at > self.let_go(last).at {
                last = scarce;
            }
        }
        if self.let_go(last).at >= ready {
            return (last, self.let_go(last).by);
        }
        let strict = line.needs.iter().find(|need| self.strict[need.resource as usize]);
        match strict {
            Some(need) => (Scarce::Resource(need.resource), self.served[need.resource as usize]),
            None => (last, self.let_go(last).by),
        }
    }

    /// Everybody who still waits: (activity, ready time, what is lacking), in file order.
    pub fn in_vain(&self, queue: &Queue) -> Vec<(u32, Minute, Scarce)> {
        let mut waiters = Vec::new();
        for (at, line) in self.lines.iter().enumerate() {
            for &Reverse(place) in &line.waiting {
                let (activity, ready) = queue.waiter(place);
                let what =
                    self.lacking(line).unwrap_or_else(|| self.waited_for(at as u32, ready).0);
                waiters.push((activity, ready, what));
            }
        }
        waiters.sort_unstable_by_key(|&(activity, ..)| activity);
        waiters
    }

    /// A line may have come to fit.
    pub fn touch(&mut self, line: u32) {
        if !self.lines[line as usize].touched && self.heads[line as usize] != NOBODY {
            self.lines[line as usize].touched = true;
            self.touched.push(line);
        }
    }

    fn touch_resource(&mut self, resource: u32) {
        for at in 0..self.by_resource.of(resource).len() {
            self.touch(self.by_resource.of(resource)[at]);
        }
    }

    /// Whether the head finds everything it asks for and nobody before it in a strict queue.
    fn may_go(&self, line: u32) -> bool {
        let head = self.heads[line as usize];
        if head == NOBODY || self.lacking(&self.lines[line as usize]).is_some() {
            return false;
        }
        let this = &self.lines[line as usize];
        let strict = this.needs.iter().filter(|need| self.strict[need.resource as usize]);
        this.strict.then_some(strict).into_iter().flatten().all(|need| {
            let others = self.by_resource.of(need.resource);
            others.iter().all(|&other| self.heads[other as usize] >= head)
        })
    }

    /// Whether the line's calendar is open; if not, it is asked again when it opens.
    fn is_open(&mut self, plan: &Plan, line: u32, now: Minute, queue: &mut Queue) -> bool {
        let this = &mut self.lines[line as usize];
        if this.calendar == 0 {
            return true;
        }
        let opens = plan.calendars[this.calendar as usize].next_work(now);
        if opens > now && this.opens != opens {
            this.opens = opens;
            queue.push(opens, Rank::Open, line);
        }
        opens == now
    }

    fn lacking(&self, line: &Line) -> Option<Scarce> {
        let short = |need: &&Need| self.free[need.resource as usize] < i64::from(need.units);
        let crew = line.needs.iter().find(short).map(|need| Scarce::Resource(need.resource));
        let empty = |&(store, racks): &(u32, u32)| self.stock[store as usize] < i64::from(racks);
        crew.or_else(|| line.takes.filter(empty).map(|(store, _)| Scarce::Store(store)))
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

/// One line for each different request, and the line of each activity.
fn lines(plan: &Plan) -> (Vec<Line>, Vec<u32>) {
    let open = |activity: &Activity| activity.progress == Progress::Open;
    let takes = |activity: &Activity| activity.takes.filter(|_| open(activity));
    let mut requests: Vec<_> = (0..)
        .zip(&plan.activities)
        .filter(|(_, activity)| !activity.is_finished())
        .filter(|(_, activity)| !activity.needs.is_empty() || takes(activity).is_some())
        .map(|(index, activity)| {
            let calendar = if activity.is_point() { 0 } else { activity.calendar };
            let mut units: Vec<(u32, u32)> = Vec::new();
            for need in &activity.needs {
                match units.iter_mut().find(|(resource, _)| *resource == need.resource) {
                    Some((_, sum)) => *sum += need.units,
                    None => units.push((need.resource, need.units)),
                }
            }
            (units, takes(activity), calendar, index)
        })
        .collect();
    requests.sort();
    let mut lines: Vec<Line> = Vec::new();
    let mut line_of = vec![NONE; plan.activities.len()];
    for (at, (units, takes, calendar, index)) in requests.iter().enumerate() {
        let same = at > 0 && {
            let (before_units, before_takes, before_calendar, _) = &requests[at - 1];
            (before_units, before_takes, before_calendar) == (units, takes, calendar)
        };
        if !same {
            let need = |&(resource, units): &(u32, u32)| Need { resource, units };
            let needs: Vec<Need> = units.iter().map(need).collect();
            lines.push(Line {
                strict: needs.iter().any(|need| !plan.resources[need.resource as usize].overtake),
                needs,
                takes: *takes,
                calendar: *calendar,
                touched: false,
                opens: Minute::MIN,
                waiting: BinaryHeap::new(),
            });
        }
        line_of[*index as usize] = lines.len() as u32 - 1;
    }
    (lines, line_of)
}
