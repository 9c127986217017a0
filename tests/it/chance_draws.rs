//! Draws: named, repeatable, the same bits one at a time and in lanes.

use energize::chance::{
    Distribution, Draw, Plan, Purpose, Sampler, StreamId, Tables, draw, draw_whole, uniform, whole,
};
use proptest::prelude::*;

use crate::chance::zoo;

fn plans() -> [Plan; 3] {
    [Plan::Plain, Plan::Antithetic, Plan::Latin { trials: 1_000 }]
}

/// Words at every distance from both ends, some at random, some side by side; in order.
fn words() -> Vec<u32> {
    let mut words: Vec<u32> = (0..40).flat_map(|near| [near, !near]).collect();
    let source = Draw::new(20_261_122, StreamId::of("words"), Purpose::Duration, 0);
    for at in 0..20_000_u32 {
        let word = source.at(at) >> (at % 31);
        words.extend([word, !word, word.saturating_add(1)]);
    }
    words.sort_unstable();
    words
}

#[test]
fn a_sampler_is_the_quantile_of_its_word_to_a_ten_millionth() {
    for distribution in zoo() {
        let sampler = Sampler::new(&distribution);
        let (mut worst, mut worst_tail) = (0.0_f64, 0.0_f64);
        for word in words() {
            let (p, q, x) = (uniform(word), uniform(!word), sampler.at(word));
            let ulps = 8.0 * f64::EPSILON * (x.abs() + distribution.quantile(0.5).abs());
            let below = distribution.cdf_below(x - ulps) - p;
            let above = distribution.survival(x + ulps) - q;
            worst = worst.max(below).max(above);
            worst_tail = worst_tail.max(below / p.min(q)).max(above / p.min(q));
        }
        assert!(worst <= 1e-7, "{distribution:?} is off by {worst}");
        assert!(worst_tail <= 1e-6, "{distribution:?} is off by {worst_tail} of its tail");
    }
}

#[test]
fn more_of_a_word_is_never_less_of_a_value() {
    for distribution in zoo() {
        let sampler = Sampler::new(&distribution);
        let mut last = f64::NEG_INFINITY;
        for word in words() {
            let x = sampler.at(word);
            assert!(
                x >= last - 1e-13 * last.abs(),
                "{distribution:?} falls at {word}: {last} to {x}"
            );
            last = x;
        }
    }
}

#[test]
fn lanes_give_the_bits_of_single_trials() {
    for (at, distribution) in (0_u32..).zip(zoo()) {
        let sampler = Sampler::new(&distribution);
        for plan in plans() {
            let one = Draw::new(7, StreamId::of("civils"), Purpose::Duration, at).under(plan);
            for (first, count) in [(0, 1_000), (1, 130), (63, 64), (2, 3), (997, 1), (500, 0)] {
                let mut values = vec![0.0; count];
                let mut wholes = vec![0; count];
                draw(&one, &sampler, first, &mut values);
                draw_whole(&one, &sampler, first, &mut wholes);
                for (trial, (value, rounded)) in (first..).zip(values.into_iter().zip(wholes)) {
                    let single = sampler.at(one.at(trial));
                    assert_eq!(value.to_bits(), single.to_bits(), "{distribution:?} {trial}");
                    assert_eq!(rounded, whole(single), "{distribution:?} {trial}");
                }
            }
        }
    }
}

#[test]
fn a_shared_table_gives_the_bits_of_an_own_one() {
    let mut tables = Tables::default();
    for distribution in zoo().into_iter().chain(zoo()) {
        let (shared, own) = (tables.sampler(&distribution), Sampler::new(&distribution));
        for word in words().into_iter().step_by(97) {
            assert_eq!(shared.at(word).to_bits(), own.at(word).to_bits(), "{distribution:?}");
        }
    }
}

#[test]
fn streams_and_draws_never_change() {
    let ids = ["", "a", "london/hall-1/fit-out", "london/hall-2/fit-out"].map(StreamId::of);
    insta::assert_snapshot!(ids.map(|id| format!("{:016x}", id.0)).join("\n"), @"
    efd01f60ba992926
    82a2a958a9bece5b
    9092c854ccea24f5
    1390fcabced53a3d
    ");
    let one = Draw::new(42, ids[2], Purpose::Duration, 0);
    let words = [0, 1, 2, 3, 4, 7_301, u32::MAX].map(|trial| one.at(trial));
    insta::assert_snapshot!(format!("{words:08x?}"), @"[343b03c3, ebc1fb9b, 9b2a76c6, 8e4e1f2a, 96971480, 06b4e82b, 728ff744]");
    let latin = Draw::new(42, ids[2], Purpose::Occurs, 3).under(Plan::Latin { trials: 10_000 });
    let words = [0, 1, 2, 3, 4, 7_301, 9_999].map(|trial| latin.at(trial));
    insta::assert_snapshot!(format!("{words:08x?}"), @"[7488dff4, 9944f431, a4345d2f, 53e22abc, 34e67d90, b2be3fba, 011f513b]");
}

/// The mathematics behind a sampler has the same bits on every platform; here they are.
#[test]
fn samples_never_change() {
    let sum = |distribution: &Distribution| {
        let (sampler, one) =
            (Sampler::new(distribution), Draw::new(1, StreamId(1), Purpose::Cost, 0));
        (0..1_000)
            .fold(0_u64, |sum, trial| sum.rotate_left(1) ^ sampler.at(one.at(trial)).to_bits())
    };
    let sums: Vec<String> = zoo().iter().map(|one| format!("{:016x}", sum(one))).collect();
    insta::assert_snapshot!(sums.join("\n"), @"
    3ff8003ff8000000
    e7a01a600f376ea8
    b18fcc1479c22c9f
    91995a61ae8a0827
    bb2bc1d504de9be3
    bebfff6e11233f5c
    7321b57cdb3aa762
    e8eef95eab0b729a
    754be2b7d2cb0a08
    3e02ef7654dad973
    a4f9c8e6837b8508
    5b2825b831224b53
    406c7f0b8e8f0b03
    c73aadea1e1e138a
    a1e8d73e2cb4a254
    f535042a9379b448
    07122ed29d81f467
    cb727535d50c99f3
    e171ffd8cd6e186b
    d38b9b8d89c104d5
    297769ef1e69e47f
    15913edc3d60fed5
    b5d023bf9d4c322c
    9d2203b8420ddf37
    90282b6035dd4eb5
    52fc013af905465b
    ");
}

#[test]
fn each_part_of_a_name_makes_another_draw() {
    let words = |one: Draw| (0..64).map(|trial| one.at(trial)).collect::<Vec<u32>>();
    let (a, b) = (StreamId::of("a"), StreamId::of("b"));
    let all = [
        words(Draw::new(42, a, Purpose::Duration, 0)),
        words(Draw::new(43, a, Purpose::Duration, 0)),
        words(Draw::new(42 << 32, a, Purpose::Duration, 0)),
        words(Draw::new(42, b, Purpose::Duration, 0)),
        words(Draw::new(42, a, Purpose::Occurs, 0)),
        words(Draw::new(42, a, Purpose::Duration, 1)),
    ];
    for (at, one) in all.iter().enumerate() {
        assert!(all[..at].iter().all(|other| one != other), "draw {at} is drawn before");
    }
}

#[test]
fn a_block_is_that_of_an_independent_generator() {
    for (seed, id, trial) in [(0, 0, 0), (42, 7, 400), (u64::MAX, u64::MAX, u32::MAX)] {
        let one = Draw::new(seed, StreamId(id), Purpose::Weather, 9);
        let name = [trial / 4, id as u32, (id >> 32) as u32, 5 << 24 | 9];
        let theirs = rand_philox::philox4x32_10(name, [seed as u32, (seed >> 32) as u32]);
        assert_eq!(one.at(trial), theirs[trial as usize % 4]);
    }
}

#[test]
fn antithetic_trials_are_opposites_and_halve_the_error_of_a_mean() {
    let one = |at| Draw::new(11, StreamId(at), Purpose::Duration, 0).under(Plan::Antithetic);
    for trial in (0..1_000).step_by(2) {
        assert_eq!(one(1).at(trial), !one(1).at(trial + 1));
    }
    let pert = Distribution::pert(8.0, 10.0, 16.0);
    let (sampler, mean) = (Sampler::new(&pert), pert.mean().unwrap());
    let error = |plan: Plan| {
        let one = |stream| Draw::new(11, StreamId(stream), Purpose::Duration, 0).under(plan);
        let mean_of =
            |one: Draw| (0..200).map(|trial| sampler.at(one.at(trial))).sum::<f64>() / 200.0;
        let squares = (0..200).map(|stream| {
            let off = mean_of(one(stream)) - mean;
            off * off
        });
        (squares.sum::<f64>() / 200.0).sqrt()
    };
    assert!(error(Plan::Antithetic) < 0.5 * error(Plan::Plain));
    assert!(error(Plan::Latin { trials: 200 }) < 0.1 * error(Plan::Plain));
}

#[test]
fn a_latin_hypercube_hits_each_stratum_once() {
    for trials in [1, 2, 3, 7, 64, 1_000, 4_097] {
        let one = Draw::new(5, StreamId::of("x"), Purpose::Price, 1).under(Plan::Latin { trials });
        let mut hits = vec![0; trials as usize];
        for trial in 0..trials {
            let stratum = (u64::from(one.at(trial)) * u64::from(trials)) >> 32;
            hits[stratum as usize] += 1;
        }
        assert!(hits.iter().all(|&hits| hits == 1), "{trials}: {hits:?}");
    }
}

proptest! {
    #[test]
    fn any_stretch_of_trials_is_what_each_trial_draws_alone(
        seed: u64, id: u64, first in 0..u32::MAX - 300, count in 0_usize..300,
    ) {
        for plan in [Plan::Plain, Plan::Antithetic, Plan::Latin { trials: u32::MAX }] {
            let one = Draw::new(seed, StreamId(id), Purpose::Arrival, 2).under(plan);
            let mut words = vec![0; count];
            one.fill(first, &mut words);
            for (trial, word) in (first..).zip(words) {
                prop_assert_eq!(word, one.at(trial));
            }
        }
    }

    #[test]
    fn whole_numbers_are_rounded_half_to_even(value in -1e15..1e15_f64, half in -1_000_000..1_000_000_i64) {
        prop_assert_eq!(whole(value), value.round_ties_even() as i64);
        prop_assert_eq!(whole(half as f64 + 0.5), half + (half & 1));
    }
}
