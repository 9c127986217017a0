//! Trials side by side: nanoseconds an activity and trial, beside a bare kernel in the same run.
//!
//! The network of `tests/oracles/network-120.json` without its crews, each duration a PERT. The
//! bare kernel draws (Philox in lanes, 257 quantiles with lines between them), adds and takes
//! maxima in single precision: no calendars, no rows, no longest path, no sums, no tails.

#![allow(clippy::print_stdout, reason = "a bench prints its ratio for people")]

#[path = "common/mod.rs"]
mod common;

use std::fmt::Write;
use std::hint::black_box;
use std::time::Duration;

use energize::chance::{Distribution, Plan, wide};
use energize::model::{Input, Site, load};
use energize::risk::{Block, Drawn, Study};

use common::{Network, philox, time};

const LANES: usize = 64;
/// So that durations are weeks, not centuries.
const TICKS_A_MINUTE: i64 = 10_000;

struct Bare {
    nodes: [f32; 257],
    likely: Vec<f32>,
    finish: Vec<[f32; LANES]>,
}

impl Bare {
    fn new(likely: &[i64]) -> Bare {
        let of = Distribution::pert(0.8, 1.0, 1.6);
        let at = |node: usize| of.quantile((node as f64 / 256.0).clamp(1e-3, 0.999)) as f32;
        let likely: Vec<f32> = likely.iter().map(|&minutes| minutes as f32).collect();
        let finish = vec![[0.0; LANES]; likely.len()];
        Bare { nodes: std::array::from_fn(at), likely, finish }
    }

    #[inline(always)]
    fn run(&mut self, predecessors: &[Vec<u32>], block: u32) -> [f32; LANES] {
        let mut end = [0.0_f32; LANES];
        for (at, into) in predecessors.iter().enumerate() {
            let mut words = [0_u32; LANES];
            for (lane, words) in (0_u32..).zip(words.as_chunks_mut::<4>().0) {
                *words = philox([block * 16 + lane, at as u32, 0, 0], [42, 0]);
            }
            let mut over = [0.0_f32; LANES];
            for &from in into {
                for (over, &date) in over.iter_mut().zip(&self.finish[from as usize]) {
                    *over = over.max(date);
                }
            }
            let likely = self.likely[at];
            for (over, word) in over.iter_mut().zip(words) {
                let node = (word >> 24) as usize;
                let part = (word & 0xff_ffff) as f32 * (1.0 / 16_777_216.0);
                let low = self.nodes[node];
                *over += likely * (low + part * (self.nodes[node + 1] - low));
            }
            for (end, &over) in end.iter_mut().zip(&over) {
                *end = end.max(over);
            }
            self.finish[at] = over;
        }
        end
    }
}

fn site(network: &Network) -> Site {
    let mut text = String::from("site: network\nstart: 2026-01-05\nactivities:\n");
    let likely = &network.durations_of_trials_0_to_7[0];
    for (at, (into, ticks)) in network.predecessors.iter().zip(likely).enumerate() {
        // Of equal proportions to the minute, as three points of one estimator are.
        let likely = ticks / TICKS_A_MINUTE / 10 * 10;
        let after: Vec<String> = into.iter().map(|from| format!("a{from}")).collect();
        let (low, high) = (likely as f64 * 0.8, likely as f64 * 1.6);
        let after = match after.is_empty() {
            true => String::new(),
            false => format!(", after: [{}]", after.join(", ")),
        };
        writeln!(
            text,
            "  a{at}: {{duration: {{pert: {{min: {low:.0}min, likely: {likely}min, max: {high:.0}min}}}}\
             {after}}}"
        )
        .expect("text");
    }
    let input = Input { name: "network".into(), text: text.into(), ..Input::default() };
    let loaded = load(input);
    loaded.site.unwrap_or_else(|| panic!("{:#?}", loaded.findings))
}

fn main() {
    let network = Network::load();
    let site = site(&network);
    let study = Study::new(&site, 42, Plan::Plain, true);
    let mut batch = study.batch().expect("nothing can be short");
    let mut trials = study.trials();
    let mut bare = Bare::new(&network.durations_of_trials_0_to_7[0]);
    let (mut drawn, mut block) = (Drawn::default(), 0_u32);
    let mut best = [Duration::MAX; 4];
    for _ in 0..400 {
        block += 1;
        let first = block * LANES as u32;
        let times = [
            time(|| {
                black_box(wide(
                    #[inline(always)]
                    || bare.run(&network.predecessors, block),
                ));
            }),
            time(|| study.sampler.fill(first, LANES, &mut drawn)),
            time(|| _ = black_box(batch.run(&drawn))),
            time(|| {
                let mut block = Block::new(&study.outcome.layout, first, LANES as u32);
                for at in 0..LANES {
                    let row = trials.run(&drawn, at, &mut block.sums);
                    block.set_row(first + at as u32, row);
                }
                black_box(&block);
            }),
        ];
        best.iter_mut().zip(times).for_each(|(best, time)| *best = time.min(*best));
    }
    let samples = (LANES * network.predecessors.len()) as f64;
    let [bare, draws, batch, events] = best.map(|best| best.as_nanos() as f64 / samples);
    println!(
        "bare kernel {bare:.2} ns; side by side {:.2} ns ({:.2} x): draws {draws:.2}, dates, rows, \
         longest paths and sums {batch:.2}; by events, draws apart, {events:.2} ns",
        draws + batch,
        (draws + batch) / bare
    );
}
