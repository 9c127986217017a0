//! Statistics of whole columns: exact, or with their error stated.
//!
//! Sums are sums of integers, so nothing depends on the order of trials; a number becomes a float
//! once, at the end, and is then only added, multiplied, divided and rooted: the same bits on every
//! machine. Values that rank but cannot be added, [`NEVER`](super::NEVER) and
//! [`AFTER_HORIZON`](super::AFTER_HORIZON), take part in ranks and bar means (semantics M11);
//! [`UNDEFINED`](super::UNDEFINED) bars means too and takes part in no rank.
//!
//! Confidence is 95 % throughout, for independent trials; of stratified ones (Latin hypercube) the
//! intervals are as a rule too wide, which is the safe side.

mod moments;
mod ranked;
mod share;

pub use moments::{Moments, doubled_ranks, pearson, spearman};
pub use ranked::{Ranked, interval_ranks, next_look, rank, trial_of_percentile};
pub use share::{Bound, Proportion, Z_95, joint};
