//! Chance: what may happen instead of what was planned, and draws that anyone can repeat.
//!
//! A [`Distribution`] is plain data: the numbers a planner wrote, in any one unit. A [`Draw`] is a
//! pure function of seed, trial, stream, purpose and occurrence (semantics R1), so trial 7,301
//! alone gives the same bits as inside a million, and a new activity moves no other draw. All
//! functions that platforms round differently come from one portable library, named in this folder
//! only: the same bits everywhere.

mod check;
mod copula;
mod distribution;
mod lanes;
mod mixture;
mod moments;
mod permutation;
mod philox;
mod quantile;
mod sampler;
mod special;
mod stream;
mod table;

pub use copula::{Copula, Correlation};
pub use distribution::Distribution;
pub use lanes::{draw, draw_whole, draw_whole_within, wide};
pub use sampler::{Sampler, Tables, whole};
pub use stream::{Draw, Plan, Purpose, StreamId, uniform};

/// The natural logarithm, with the same bits on every platform.
pub fn ln(value: f64) -> f64 {
    libm::log(value)
}
