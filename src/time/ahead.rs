//! Things that lie ahead, by date.

use std::collections::VecDeque;

/// What is to come, in order of its keys, one value a key.
///
/// Changes of a rate, payments that fall due: most are added near one of the two ends, few lie
/// ahead at a time, and the first is taken again and again.
///
/// Cost: constant time at both ends; elsewhere a binary search to find a key and a move of the
/// shorter side to add one.
#[derive(Clone, Debug)]
pub struct Ahead<K, V>(VecDeque<(K, V)>);

impl<K: Copy + Ord, V: Default> Ahead<K, V> {
    /// Nothing ahead.
    pub fn new() -> Ahead<K, V> {
        Ahead(VecDeque::new())
    }

    /// The value of a key, the default one if it is new.
    #[inline]
    pub fn at(&mut self, key: K) -> &mut V {
        let last = self.0.len().wrapping_sub(1);
        let at = match (self.0.front(), self.0.back()) {
            (Some(front), _) if key == front.0 => 0,
            (_, Some(back)) if key == back.0 => last,
            (Some(front), Some(back)) if front.0 < key && key < back.0 => self.between(key),
            (Some(front), _) if key < front.0 => {
                self.0.push_front((key, V::default()));
                0
            }
            _ => {
                self.0.push_back((key, V::default()));
                self.0.len() - 1
            }
        };
        &mut self.0[at].1
    }

    /// The place of a key that lies between the first and the last.
    fn between(&mut self, key: K) -> usize {
        let found = self.0.binary_search_by_key(&key, |entry| entry.0);
        found.unwrap_or_else(|at| {
            self.0.insert(at, (key, V::default()));
            at
        })
    }

    /// Takes the first entry unless it lies after `key`.
    #[inline]
    pub fn take_until(&mut self, key: K) -> Option<(K, V)> {
        if self.0.front()?.0 > key {
            return None;
        }
        self.0.pop_front()
    }

    /// Takes the value of a key, if it has one.
    #[inline]
    pub fn take(&mut self, key: K) -> Option<V> {
        let at = self.0.binary_search_by_key(&key, |entry| entry.0).ok()?;
        self.0.remove(at).map(|entry| entry.1)
    }

    /// All in order.
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = &(K, V)> {
        self.0.iter()
    }
}

impl<K: Copy + Ord, V: Default> Default for Ahead<K, V> {
    fn default() -> Ahead<K, V> {
        Ahead::new()
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;

    use super::*;

    proptest! {
        /// The twin: an ordered map.
        #[test]
        fn entries_come_in_order_whatever_the_order_they_were_added_in(
            steps in prop::collection::vec((0_u8..40, any::<bool>()), 0..200),
        ) {
            let (mut ahead, mut twin) = (Ahead::<u8, usize>::new(), BTreeMap::new());
            for (at, (key, takes)) in steps.into_iter().enumerate() {
                if takes {
                    let first = twin.first_key_value().filter(|first| *first.0 <= key);
                    let first = first.map(|(&key, &value)| (key, value));
                    first.map(|(key, _)| twin.remove(&key));
                    prop_assert_eq!(ahead.take_until(key), first);
                    prop_assert_eq!(ahead.take(key / 2), twin.remove(&(key / 2)));
                } else {
                    *ahead.at(key) += at;
                    *twin.entry(key).or_default() += at;
                }
                prop_assert!(ahead.iter().copied().eq(twin.iter().map(|(&k, &v)| (k, v))));
            }
        }
    }
}
