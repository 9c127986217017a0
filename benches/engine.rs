//! The crew network of `tests/oracles/network-120.json`: the engine against a bare loop.
//!
//! The bare loop knows nothing but strict queues and a makespan: no calendars, causes, events or
//! waits. It is what the engine is measured by; the ratio carries over between machines, the
//! nanoseconds do not.

#![allow(clippy::print_stdout, reason = "a bench prints its ratio for people")]

#[path = "common/mod.rs"]
mod common;

use std::cmp::Reverse;
use std::collections::{BinaryHeap, VecDeque};
use std::hint::black_box;
use std::time::Duration;

use criterion::{Criterion, Throughput};
use energize::engine::Engine;
use energize::model::plan::Parts;
use energize::model::{Activity, Link, LinkKind, Need, Plan, Progress, Resource, Timeline};
use energize::time::{Calendar, Minute, Span};

use common::{Network, time};

/// The smallest event loop that gives the right makespan.
struct Bare {
    capacity: Vec<u32>,
    /// (crew type, units) by activity.
    needs: Vec<(u32, u32)>,
    missing_at_start: Vec<u32>,
    successors: Vec<u32>,
    offsets: Vec<u32>,
    missing: Vec<u32>,
    free: Vec<u32>,
    queues: Vec<VecDeque<u32>>,
    heap: BinaryHeap<Reverse<u64>>,
}

impl Bare {
    fn new(network: &Network) -> Bare {
        let count = network.predecessors.len();
        let mut of: Vec<Vec<u32>> = vec![Vec::new(); count];
        for (to, predecessors) in (0..).zip(&network.predecessors) {
            predecessors.iter().for_each(|&from| of[from as usize].push(to));
        }
        let mut offsets = vec![0];
        let mut successors = Vec::new();
        for list in of {
            successors.extend(list);
            offsets.push(successors.len() as u32);
        }
        let needs = network.crew_type.iter().copied().zip(network.crews_needed.iter().copied());
        Bare {
            capacity: network.capacity.clone(),
            needs: needs.collect(),
            missing_at_start: network.predecessors.iter().map(|list| list.len() as u32).collect(),
            successors,
            offsets,
            missing: Vec::new(),
            free: Vec::new(),
            queues: vec![VecDeque::new(); network.capacity.len()],
            heap: BinaryHeap::new(),
        }
    }

    fn run(&mut self, durations: &[Span]) -> i64 {
        self.missing.clone_from(&self.missing_at_start);
        self.free.clone_from(&self.capacity);
        for activity in 0..self.missing.len() as u32 {
            if self.missing[activity as usize] == 0 {
                self.queues[self.needs[activity as usize].0 as usize].push_back(activity);
            }
        }
        for crew in 0..self.queues.len() {
            self.grant(crew, 0, durations);
        }
        let mut now = 0;
        while let Some(Reverse(key)) = self.heap.pop() {
            now = key >> 20;
            let activity = (key & 0xf_ffff) as usize;
            let (crew, units) = self.needs[activity];
            self.free[crew as usize] += units;
            let mut touched = 1_u32 << crew;
            for at in self.offsets[activity]..self.offsets[activity + 1] {
                let next = self.successors[at as usize];
                self.missing[next as usize] -= 1;
                if self.missing[next as usize] == 0 {
                    let crew = self.needs[next as usize].0;
                    self.queues[crew as usize].push_back(next);
                    touched |= 1 << crew;
                }
            }
            while touched != 0 {
                self.grant(touched.trailing_zeros() as usize, now, durations);
                touched &= touched - 1;
            }
        }
        now as i64
    }

    fn grant(&mut self, crew: usize, now: u64, durations: &[Span]) {
        while let Some(&head) = self.queues[crew].front() {
            let (_, units) = self.needs[head as usize];
            if units > self.free[crew] {
                break;
            }
            self.free[crew] -= units;
            self.queues[crew].pop_front();
            let end = now + durations[head as usize].0 as u64;
            self.heap.push(Reverse(end << 20 | u64::from(head)));
        }
    }
}

fn plan(network: &Network) -> Plan {
    let activity = |at: usize| Activity {
        id: format!("a{at}"),
        title: String::new(),
        calendar: 0,
        duration: Span(1),
        delay: Span::ZERO,
        not_before: None,
        priority: 0,
        needs: vec![Need { resource: network.crew_type[at], units: network.crews_needed[at] }],
        takes: None,
        effects: Vec::new(),
        progress: Progress::Open,
        hall: None,
        unit: None,
        milestone: false,
    };
    let link = |from, to| Link {
        from,
        to,
        kind: LinkKind::FinishStart,
        lag: Span::ZERO,
        lag_calendar: 0,
        derived: false,
    };
    let links = (0..).zip(&network.predecessors);
    let crew = |&units: &u32| Resource {
        id: String::new(),
        capacity: vec![(Minute(0), units)],
        overtake: false,
    };
    let parts = Parts {
        start: Minute(0),
        status: None,
        calendars: vec![Calendar::always()],
        activities: (0..network.predecessors.len()).map(activity).collect(),
        links: links.flat_map(|(to, from)| from.iter().map(move |&from| link(from, to))).collect(),
        resources: network.capacity.iter().map(crew).collect(),
        stores: Vec::new(),
        deliveries: Vec::new(),
    };
    Plan::assemble(parts).expect("no cycle")
}

fn main() {
    let network = Network::load();
    let spans = |trial: &Vec<i64>| trial.iter().map(|&ticks| Span(ticks)).collect::<Vec<_>>();
    let trials: Vec<Vec<Span>> = network.durations_of_trials_0_to_7.iter().map(spans).collect();
    let plan = plan(&network);
    let (mut bare, mut engine) = (Bare::new(&network), Engine::new(&plan));
    let mut timeline = Timeline::default();
    for (trial, &makespan) in trials.iter().zip(&network.makespans_of_trials_0_to_7) {
        engine.run(trial, &mut timeline);
        assert_eq!((bare.run(trial), timeline.end().0), (makespan, makespan));
    }

    let mut run_bare =
        || trials.iter().map(|trial| bare.run(trial)).for_each(|end| _ = black_box(end));
    let mut run_engine = || trials.iter().for_each(|trial| engine.run(trial, &mut timeline));
    let mut best = [Duration::MAX; 2];
    for _ in 0..400 {
        best[0] = best[0].min(time(|| (0..5).for_each(|_| run_bare())));
        best[1] = best[1].min(time(|| (0..5).for_each(|_| run_engine())));
    }
    let activities = (5 * trials.len() * plan.activities.len()) as f64;
    let [bare_ns, engine_ns] = best.map(|time| time.as_nanos() as f64 / activities);
    println!(
        "bare loop {bare_ns:.1} ns/activity, engine {engine_ns:.1} ns/activity: {:.2} x",
        engine_ns / bare_ns
    );

    let mut criterion = Criterion::default().configure_from_args();
    let mut group = criterion.benchmark_group("crew network, 8 trials of 120 activities");
    group.throughput(Throughput::Elements((trials.len() * plan.activities.len()) as u64));
    group.bench_function("bare loop", |bencher| bencher.iter(&mut run_bare));
    group.bench_function("engine", |bencher| bencher.iter(&mut run_engine));
    group.finish();
    criterion.final_summary();
}
