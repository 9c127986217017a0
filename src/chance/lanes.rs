//! Many trials of one draw at once.
//!
//! Loops over trials compile to vector instructions; which ones the machine has is found out at run
//! time. The instructions change the speed, never a bit: no sum changes its order, and no product
//! is fused with one.

use super::sampler::{Sampler, nearest, whole};
use super::stream::Draw;

/// Trials drawn between two looks at memory: words and values stay in the nearest cache.
const BLOCK: usize = 64;

/// Does some work with the widest vector instructions that this machine has.
///
/// What is called inside must be inlined for that, down to the loop.
#[inline]
pub fn wide<R>(work: impl FnOnce() -> R) -> R {
    pulp::Arch::new().dispatch(work)
}

/// The values of consecutive trials, the first being `first_trial`: for each what
/// `sampler.at(draw.at(trial))` gives.
pub fn draw(draw: &Draw, sampler: &Sampler, first_trial: u32, out: &mut [f64]) {
    wide(
        #[inline(always)]
        || blocks(draw, sampler, first_trial, out, |value| value),
    );
}

/// As [`draw()`], rounded to whole numbers by [`whole`].
pub fn draw_whole(draw: &Draw, sampler: &Sampler, first_trial: u32, out: &mut [i64]) {
    wide(
        #[inline(always)]
        || blocks(draw, sampler, first_trial, out, whole),
    );
}

/// As [`draw_whole`], but values beyond two limits, themselves of at most 2^50 either way, are cut
/// to them.
pub fn draw_whole_within(
    draw: &Draw,
    sampler: &Sampler,
    first_trial: u32,
    (least, most): (f64, f64),
    out: &mut [i64],
) {
    wide(
        #[inline(always)]
        || {
            blocks(
                draw,
                sampler,
                first_trial,
                out,
                #[inline(always)]
                move |value| nearest(value.clamp(least, most)),
            );
        },
    );
}

#[inline(always)]
fn blocks<T>(
    draw: &Draw,
    sampler: &Sampler,
    first_trial: u32,
    out: &mut [T],
    finish: impl Fn(f64) -> T + Copy,
) {
    let mut words = [0; BLOCK];
    let mut trial = first_trial;
    let (blocks, rest) = out.as_chunks_mut::<BLOCK>();
    for block in blocks {
        draw.fill(trial, &mut words);
        sampler.fill_as(&words, block, finish);
        trial = trial.wrapping_add(BLOCK as u32);
    }
    for (trial, out) in (trial..).zip(rest) {
        *out = finish(sampler.at(draw.at(trial)));
    }
}
