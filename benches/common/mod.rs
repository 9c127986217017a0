//! What benches share: the reference generator, the network and the clock.

#![allow(dead_code, reason = "no bench uses all of it")]
#![allow(clippy::disallowed_methods, reason = "a bench looks at the clock")]

use std::time::{Duration, Instant};

use serde::Deserialize;

/// What the benches read of `tests/oracles/network-120.json`.
#[derive(Deserialize)]
pub struct Network {
    /// Crews of each type.
    pub capacity: Vec<u32>,
    /// By activity.
    pub predecessors: Vec<Vec<u32>>,
    /// By activity.
    pub crew_type: Vec<u32>,
    /// By activity.
    pub crews_needed: Vec<u32>,
    /// By trial and activity.
    pub durations_of_trials_0_to_7: Vec<Vec<i64>>,
    /// By trial.
    pub makespans_of_trials_0_to_7: Vec<i64>,
}

impl Network {
    /// Reads it.
    pub fn load() -> Network {
        let text = include_str!("../../tests/oracles/network-120.json");
        serde_json::from_str(text).expect("the network")
    }
}

/// How long some work takes.
pub fn time(mut work: impl FnMut()) -> Duration {
    let begin = Instant::now();
    work();
    begin.elapsed()
}

/// Philox4x32-10, written down once more: what reference kernels draw with.
#[inline(always)]
pub fn philox([mut a, mut b, mut c, mut d]: [u32; 4], [mut even, mut odd]: [u32; 2]) -> [u32; 4] {
    for _ in 0..10 {
        let first = u64::from(a) * 0xD251_1F53;
        let second = u64::from(c) * 0xCD9E_8D57;
        let high = [(second >> 32) as u32 ^ b ^ even, (first >> 32) as u32 ^ d ^ odd];
        (a, b, c, d) = (high[0], second as u32, high[1], first as u32);
        even = even.wrapping_add(0x9E37_79B9);
        odd = odd.wrapping_add(0xBB67_AE85);
    }
    [a, b, c, d]
}
