//! Drawing values: nanoseconds a sample, beside a bare kernel in the same run.
//!
//! The bare kernel is the least that could be called sampling: Philox4x32-10 in lanes and a table
//! of 257 quantiles with lines between them, in single precision. Its tails are wrong; its speed is
//! the measure. The ratio carries over between machines, the nanoseconds do not.

#![allow(clippy::print_stdout, reason = "a bench prints its ratio for people")]

#[path = "common/mod.rs"]
mod common;

use std::hint::black_box;
use std::time::Duration;

use criterion::{Criterion, Throughput};
use energize::chance::{Distribution, Draw, Purpose, Sampler, StreamId, draw, draw_whole, wide};

use common::{philox, time};

/// Trials of one activity drawn together.
const TRIALS: usize = 1_024;
/// Activities, each with its own draw, so that no table stays in the nearest cache for free.
const ACTIVITIES: u32 = 32;

struct Bare {
    nodes: [f32; 257],
}

impl Bare {
    fn new(of: &Distribution) -> Self {
        let at = |node: usize| of.quantile((node as f64 / 256.0).clamp(1e-3, 0.999)) as f32;
        Self { nodes: std::array::from_fn(at) }
    }

    #[inline(always)]
    fn at(&self, word: u32) -> f32 {
        let (node, part) =
            ((word >> 24) as usize, (word & 0xff_ffff) as f32 * (1.0 / 16_777_216.0));
        self.nodes[node] + part * (self.nodes[node + 1] - self.nodes[node])
    }

    fn fill(&self, stream: u64, out: &mut [f32; TRIALS]) {
        wide(
            #[inline(always)]
            || {
                for (at, block) in (0_u32..).zip(out.as_chunks_mut::<64>().0) {
                    let mut words = [0_u32; 64];
                    let name = [stream as u32, (stream >> 32) as u32, 0];
                    for (lane, words) in (0_u32..).zip(words.as_chunks_mut::<4>().0) {
                        *words = philox([at * 16 + lane, name[0], name[1], name[2]], [42, 0]);
                    }
                    for (out, word) in block.iter_mut().zip(words) {
                        *out = self.at(word);
                    }
                }
            },
        );
    }
}

fn kinds() -> [(&'static str, Distribution); 3] {
    [
        ("PERT", Distribution::pert(80.0, 100.0, 160.0)),
        ("triangular", Distribution::Triangular { low: 80.0, likely: 100.0, high: 160.0 }),
        ("lognormal", Distribution::Lognormal { location: 0.0, median: 100.0, sigma: 0.18 }),
    ]
}

fn draws() -> Vec<Draw> {
    let one =
        |at: u32| Draw::new(42, StreamId::of(&format!("activity {at}")), Purpose::Duration, 0);
    (0..ACTIVITIES).map(one).collect()
}

/// The best of many interleaved rounds, in nanoseconds a sample, of each piece of work.
fn best(mut work: Vec<Box<dyn FnMut() + '_>>) -> Vec<f64> {
    let mut best = vec![Duration::MAX; work.len()];
    for _ in 0..400 {
        for (best, work) in best.iter_mut().zip(&mut work) {
            *best = time(work).min(*best);
        }
    }
    let samples = f64::from(ACTIVITIES) * TRIALS as f64;
    best.into_iter().map(|best| best.as_secs_f64() * 1e9 / samples).collect()
}

fn print_ratios() {
    let draws = draws();
    for (name, distribution) in kinds() {
        let (bare, sampler) = (Bare::new(&distribution), Sampler::new(&distribution));
        let measured = best(vec![
            Box::new(|| {
                for stream in 0..u64::from(ACTIVITIES) {
                    let mut out = [0.0; TRIALS];
                    bare.fill(stream, &mut out);
                    black_box(&out);
                }
            }),
            Box::new(|| {
                for one in &draws {
                    let mut out = [0.0; TRIALS];
                    draw(one, &sampler, 0, &mut out);
                    black_box(&out);
                }
            }),
            Box::new(|| {
                for one in &draws {
                    let mut out = [0; TRIALS];
                    draw_whole(one, &sampler, 0, &mut out);
                    black_box(&out);
                }
            }),
            Box::new(|| {
                for one in &draws {
                    let mut out = [0_u32; TRIALS];
                    wide(
                        #[inline(always)]
                        || one.fill(0, &mut out),
                    );
                    black_box(&out);
                }
            }),
            Box::new(|| {
                for one in &draws {
                    for trial in 0..TRIALS as u32 {
                        black_box(sampler.at(one.at(trial)));
                    }
                }
            }),
        ]);
        let [bare, lanes, whole, words, single] = measured[..] else { unreachable!() };
        println!(
            "{name}: bare {bare:.2} ns, lanes {lanes:.2} ns ({:.2} x bare; words alone \
             {words:.2}), whole minutes {whole:.2} ns, one trial at a time {single:.2} ns",
            lanes / bare
        );
    }
}

fn print_building() {
    let work = |of: Distribution| {
        let mut best = Duration::MAX;
        for _ in 0..20 {
            best = best.min(time(|| _ = black_box(Sampler::new(black_box(&of)))));
        }
        best.as_secs_f64() * 1e6
    };
    for (name, of) in kinds() {
        println!("a sampler of {name}: {:.0} us", work(of));
    }
    let grid = Distribution::Mixture(vec![
        (0.5, Distribution::Fixed(0.0)),
        (0.4, Distribution::Lognormal { location: 0.0, median: 6.0, sigma: 0.7 }),
        (0.1, Distribution::Pareto { scale: 12.0, alpha: 1.5, cap: Some(96.0) }),
    ]);
    println!("a sampler of a grid mixture: {:.0} us", work(grid));
}

/// Compiled loops use what the machine has; what they draw does not depend on it.
fn assert_same_bits() {
    let one = &draws()[0];
    for (name, distribution) in kinds() {
        let sampler = Sampler::new(&distribution);
        let single: Vec<f64> = (0..TRIALS as u32).map(|trial| sampler.at(one.at(trial))).collect();
        for arch in architectures() {
            let (mut words, mut out) = ([0_u32; TRIALS], [0.0; TRIALS]);
            arch.dispatch(
                #[inline(always)]
                || {
                    one.fill(0, &mut words);
                    sampler.fill(&words, &mut out);
                },
            );
            let same = single.iter().zip(&out).all(|(one, lane)| one.to_bits() == lane.to_bits());
            assert!(same, "{name} differs on {arch:?}");
        }
        let mut out = [0.0; TRIALS];
        draw(one, &sampler, 0, &mut out);
        assert!(
            single.iter().zip(&out).all(|(one, lane)| one.to_bits() == lane.to_bits()),
            "{name}"
        );
    }
}

/// Each width of instructions that this machine has.
fn architectures() -> Vec<pulp::Arch> {
    let mut all = vec![pulp::Arch::Scalar];
    #[cfg(target_arch = "x86_64")]
    {
        all.extend(pulp::x86::V3::try_new().map(pulp::Arch::V3));
        all.extend(pulp::x86::V4::try_new().map(pulp::Arch::V4));
    }
    all
}

fn main() {
    assert_same_bits();
    print_ratios();
    print_building();
    let mut criterion = Criterion::default().configure_from_args();
    let mut group = criterion.benchmark_group("chance");
    group.throughput(Throughput::Elements(TRIALS as u64));
    for (name, distribution) in kinds() {
        let (one, sampler) = (&draws()[0], Sampler::new(&distribution));
        let mut out = [0.0; TRIALS];
        group.bench_function(name, |bench| {
            bench.iter(|| {
                draw(one, &sampler, 0, &mut out);
                black_box(&out);
            });
        });
    }
    group.finish();
    criterion.final_summary();
}
