//! The event queue: instants to come, in the order of semantics T7.

use crate::time::Minute;

/// Activities, resources and lines that one engine can address.
pub(super) const INDEX_MAX: usize = 1 << INDEX_BITS;

const INDEX_BITS: u32 = 24;
const RANK_BITS: u32 = 4;
const LOW_BITS: u32 = RANK_BITS + INDEX_BITS;
const OFFSET_BITS: u32 = 64 - LOW_BITS;

/// What happens at an instant, in the order in which it happens (semantics T7); starts come after
/// all of these and are not in the queue.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Rank {
    /// The capacity of the resource with this index changes.
    Capacity,
    /// The work of this activity ends and a lot arrives with it.
    Arrival,
    /// The work of this activity ends.
    Finish,
    /// The logic of this activity lets it start.
    Ready,
    /// The calendar of the line with this index opens.
    Open,
    /// This activity began at this instant, as the file says.
    Began,
}

const RANKS: [Rank; 6] =
    [Rank::Capacity, Rank::Arrival, Rank::Finish, Rank::Ready, Rank::Open, Rank::Began];

/// Events to come, each one 8-byte key of (minutes since `base`, rank, index).
///
/// A binary heap whose first place stays empty once its event is taken, until the next event fills
/// it: what ends work mostly starts other work, and one way down the heap then serves both. Places
/// count from 1, and the two below a place stand together, so that one look fetches both.
///
/// Cost: logarithmic in the events pending; memory is kept from trial to trial.
pub(super) struct Queue {
    base: Minute,
    /// The instant that is being worked on, in minutes since `base`.
    now: u64,
    /// Pair `n` holds the places 2 n and 2 n + 1, which are below place n. Place 0 is nobody's;
    /// after the last key there may be one place with [`NO_KEY`].
    pairs: Vec<[u64; 2]>,
    /// Places in use, place 0 with them.
    len: usize,
    /// Whether the event in the first place has been taken.
    taken: bool,
    /// The least key that is left; [`NO_KEY`] if none is.
    first: u64,
}

/// Later than every key.
const NO_KEY: u64 = u64::MAX;

impl Queue {
    /// An empty queue for instants from `base` on.
    pub fn new(base: Minute) -> Queue {
        Queue { base, now: 0, pairs: vec![[NO_KEY; 2]], len: 1, taken: false, first: NO_KEY }
    }

    /// Forgets everything.
    pub fn clear(&mut self) {
        self.now = 0;
        self.pairs.truncate(1);
        self.len = 1;
        self.taken = false;
        self.first = NO_KEY;
    }

    /// Adds an event. One that lies 130,000 years ahead never happens and is dropped.
    #[inline]
    pub fn push(&mut self, at: Minute, rank: Rank, index: u32) {
        assert!(at >= self.base, "{at:?} is before {:?}, where the run begins", self.base);
        let offset = (at.0 - self.base.0) as u64;
        if offset < 1 << OFFSET_BITS {
            let low = u64::from(rank as u8) << INDEX_BITS | u64::from(index);
            let key = offset << LOW_BITS | low;
            self.first = self.first.min(key);
            if std::mem::take(&mut self.taken) {
                self.sink(key);
            } else {
                self.rise(key);
            }
        }
    }

    /// Goes on to the next instant at which something happens.
    #[inline]
    pub fn advance(&mut self) -> Option<Minute> {
        self.now = self.first >> LOW_BITS;
        (self.first != NO_KEY).then(|| Minute(self.base.0 + self.now as i64))
    }

    /// Takes the first event of this instant, if one is left.
    #[inline]
    pub fn pop(&mut self) -> Option<(Rank, u32)> {
        let key = self.first;
        if key >> LOW_BITS != self.now || key == NO_KEY {
            return None;
        }
        if self.taken {
            let last = self.last();
            self.sink(last);
        }
        self.taken = true;
        self.first = self.pairs.get(1).map_or(NO_KEY, |&[left, right]| left.min(right));
        let rank = RANKS[(key >> INDEX_BITS) as usize & ((1 << RANK_BITS) - 1)];
        Some((rank, key as u32 & ((1 << INDEX_BITS) - 1)))
    }

    /// Takes the last key of all; the first place, which is empty, is not the last.
    #[inline]
    fn last(&mut self) -> u64 {
        self.len -= 1;
        let place = &mut self.pairs.as_flattened_mut()[self.len];
        let key = std::mem::replace(place, NO_KEY);
        self.pairs.truncate(self.len.div_ceil(2));
        key
    }

    /// A key goes down from the first place, which is empty, to where it belongs.
    #[inline]
    fn sink(&mut self, key: u64) {
        let mut at = 1;
        while let Some(&[left, right]) = self.pairs.get(at) {
            let below = left.min(right);
            if below >= key {
                break;
            }
            self.pairs.as_flattened_mut()[at] = below;
            at = 2 * at + usize::from(right < left);
        }
        self.pairs.as_flattened_mut()[at] = key;
    }

    /// A key goes up from the last place to where it belongs.
    #[inline]
    fn rise(&mut self, key: u64) {
        let mut at = self.len;
        self.len += 1;
        if at.is_multiple_of(2) {
            self.pairs.push([NO_KEY; 2]);
        }
        let keys = self.pairs.as_flattened_mut();
        while at > 1 && key < keys[at / 2] {
            keys[at] = keys[at / 2];
            at /= 2;
        }
        keys[at] = key;
    }

    /// Place in a line of someone who is ready now: (priority, ready time, file order),
    /// semantics T9.
    pub fn place(&self, priority: i32, activity: u32) -> u128 {
        let priority = u128::from(priority as u32 ^ 1 << 31);
        priority << 64 | u128::from(self.now << INDEX_BITS | u64::from(activity))
    }

    /// Since when the waiter in a place has been ready.
    pub fn ready(&self, place: u128) -> Minute {
        Minute(self.base.0 + (place as u64 >> INDEX_BITS) as i64)
    }
}

/// The activity in a place that [`Queue::place`] made.
pub(super) fn waiter_in(place: u128) -> u32 {
    place as u32 & ((1 << INDEX_BITS) - 1)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::*;

    #[test]
    fn events_come_by_time_then_rank_then_file_order() {
        let mut queue = Queue::new(Minute(-50));
        queue.push(Minute(7), Rank::Capacity, 1);
        queue.push(Minute(3), Rank::Began, 0);
        queue.push(Minute(3), Rank::Finish, 9);
        queue.push(Minute(3), Rank::Finish, 2);
        queue.push(Minute(3), Rank::Arrival, 40);
        queue.push(Minute::NEVER, Rank::Capacity, 0);
        assert_eq!(queue.advance(), Some(Minute(3)));
        let at_3: Vec<_> = std::iter::from_fn(|| queue.pop()).collect();
        let expected =
            [(Rank::Arrival, 40), (Rank::Finish, 2), (Rank::Finish, 9), (Rank::Began, 0)];
        assert_eq!(at_3, expected);
        assert_eq!(queue.advance(), Some(Minute(7)));
        assert_eq!(queue.pop(), Some((Rank::Capacity, 1)));
        assert_eq!(queue.advance(), None);
    }

    proptest! {
        #[test]
        fn events_come_in_order_however_they_are_pushed_and_taken(
            steps in proptest::collection::vec(proptest::option::weighted(0.6, 0..40_i64), 0..300),
        ) {
            let (mut queue, mut twin) = (Queue::new(Minute(0)), BTreeSet::new());
            for (index, step) in (0..).zip(steps) {
                if let Some(later) = step {
                    let at = queue.now as i64 + later;
                    queue.push(Minute(at), Rank::Finish, index);
                    twin.insert((at, index));
                } else {
                    let first = twin.pop_first();
                    prop_assert_eq!(queue.advance(), first.map(|(at, _)| Minute(at)));
                    let popped = queue.pop();
                    prop_assert_eq!(popped, first.map(|(_, index)| (Rank::Finish, index)));
                }
                if queue.first == NO_KEY {
                    queue.clear();
                }
            }
        }
    }

    #[test]
    fn a_line_is_ordered_by_priority_then_ready_time_then_file_order() {
        let mut queue = Queue::new(Minute(-5));
        let waiters = [(-3, 90, 5), (0, 10, 7), (0, 11, 2), (0, 11, 3), (4, 0, 0)];
        let places = waiters.map(|(priority, ready, activity)| {
            queue.clear();
            queue.push(Minute(ready), Rank::Ready, activity);
            assert_eq!(queue.advance(), Some(Minute(ready)));
            queue.place(priority, activity)
        });
        assert!(places.is_sorted());
        assert_eq!((waiter_in(places[0]), queue.ready(places[0])), (5, Minute(90)));
    }
}
