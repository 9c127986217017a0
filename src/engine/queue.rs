//! The event queue: instants to come, in the order of semantics T7.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

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
/// A binary heap: measured against winner trees and sorted arrays it lies within a tenth of the
/// best, since a trial has few events pending at a time.
///
/// Cost: logarithmic in the events pending; memory is kept from trial to trial.
pub(super) struct Queue {
    base: Minute,
    /// The instant that is being worked on, in minutes since `base`.
    now: u64,
    keys: BinaryHeap<Reverse<u64>>,
}

impl Queue {
    /// An empty queue for instants from `base` on.
    pub fn new(base: Minute) -> Queue {
        Queue { base, now: 0, keys: BinaryHeap::new() }
    }

    /// Forgets everything.
    pub fn clear(&mut self) {
        self.now = 0;
        self.keys.clear();
    }

    /// Adds an event. One that lies 130,000 years ahead never happens and is dropped.
    pub fn push(&mut self, at: Minute, rank: Rank, index: u32) {
        assert!(at >= self.base, "{at:?} is before {:?}, where the run begins", self.base);
        let offset = (at.0 - self.base.0) as u64;
        if offset < 1 << OFFSET_BITS {
            let low = u64::from(rank as u8) << INDEX_BITS | u64::from(index);
            self.keys.push(Reverse(offset << LOW_BITS | low));
        }
    }

    /// Goes on to the next instant at which something happens.
    pub fn advance(&mut self) -> Option<Minute> {
        let &Reverse(key) = self.keys.peek()?;
        self.now = key >> LOW_BITS;
        Some(Minute(self.base.0 + self.now as i64))
    }

    /// Takes the first event of this instant, if one is left.
    pub fn pop(&mut self) -> Option<(Rank, u32)> {
        let &Reverse(key) = self.keys.peek()?;
        if key >> LOW_BITS != self.now {
            return None;
        }
        self.keys.pop();
        let rank = RANKS[(key >> INDEX_BITS) as usize & ((1 << RANK_BITS) - 1)];
        Some((rank, key as u32 & ((1 << INDEX_BITS) - 1)))
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
