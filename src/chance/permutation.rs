//! A shuffled order of 0..n that is never stored: each place is a function of its name.

use super::philox::philox;
use super::stream::Purpose;

/// A permutation of `0..count`, its own for each draw and each count.
///
/// A Feistel network over the smallest even number of bits that holds `count`, walked until it
/// lands below `count` (Black and Rogaway, "Ciphers with arbitrary finite domains", CT-RSA 2002): a
/// network permutes whatever its round function, and walking along its cycles permutes a part of
/// its domain. Fewer than four steps on average, because the domain is below four times the count.
#[derive(Clone, Debug)]
pub(super) struct Permutation {
    count: u32,
    half_bits: u32,
    round_keys: [u32; ROUNDS],
}

const ROUNDS: usize = 8;

impl Permutation {
    pub(super) fn new(seed: [u32; 2], [low, high, what]: [u32; 3], count: u32) -> Self {
        assert!(count > 0, "a Latin hypercube has at least one trial");
        let bits = (u32::BITS - (count - 1).leading_zeros()).max(2);
        // The stream is in the key, so that no counter of the draw itself is used again.
        let key = philox([what, low, high, (Purpose::Latin as u32) << 24], seed);
        let mut round_keys = [0; ROUNDS];
        for (block, keys) in (0_u32..).zip(round_keys.chunks_mut(4)) {
            let counter = [block, key[2], key[3], count];
            keys.copy_from_slice(&philox(counter, [key[0], key[1]]));
        }
        Self { count, half_bits: bits.div_ceil(2), round_keys }
    }

    /// Where `place` goes.
    pub(super) fn at(&self, place: u32) -> u32 {
        assert!(place < self.count, "trial {place} of a Latin hypercube of {}", self.count);
        let mut at = place;
        loop {
            at = self.network(at);
            if at < self.count {
                return at;
            }
        }
    }

    fn network(&self, place: u32) -> u32 {
        let mask = ((1_u64 << self.half_bits) - 1) as u32;
        let (mut left, mut right) = (place >> self.half_bits & mask, place & mask);
        for key in self.round_keys {
            (left, right) = (right, left ^ (mixed(right ^ key) & mask));
        }
        left << self.half_bits | right
    }
}

/// The finaliser of MurmurHash3 in 32 bits (Appleby).
fn mixed(word: u32) -> u32 {
    let word = (word ^ word >> 16).wrapping_mul(0x85eb_ca6b);
    let word = (word ^ word >> 13).wrapping_mul(0xc2b2_ae35);
    word ^ word >> 16
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_place_is_taken_once() {
        for count in (1..=40).chain([63, 64, 65, 1_000, 4_095, 4_096, 4_097, 100_000]) {
            let order = Permutation::new([7, 9], [1, 2, 3], count);
            let mut taken = vec![false; count as usize];
            for place in 0..count {
                let at = order.at(place) as usize;
                assert!(!taken[at], "{at} of {count} is taken twice");
                taken[at] = true;
            }
        }
    }

    #[test]
    fn another_draw_another_seed_or_another_count_gives_another_order() {
        let order = |seed, name, count| {
            let permutation = Permutation::new(seed, name, count);
            (0..1_000).map(|place| permutation.at(place)).collect::<Vec<u32>>()
        };
        let first = order([7, 9], [1, 2, 3], 1_000);
        assert_ne!(first, order([8, 9], [1, 2, 3], 1_000));
        assert_ne!(first, order([7, 9], [1, 2, 4], 1_000));
        assert_ne!(first, order([7, 9], [1, 2, 3], 1_001));
    }
}
