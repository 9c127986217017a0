//! Things that lie ahead, by date.

/// What is to come, in order of its keys, one value a key.
///
/// Changes of a rate, payments that fall due: most are added near one of the two ends, few lie
/// ahead at a time, and the first is taken again and again.
///
/// Cost: constant time to add behind the last and to take the first; elsewhere a binary search to
/// find a key and a move of the shorter side to add one.
#[derive(Clone, Debug)]
pub struct Ahead<K, V> {
    /// In order; what lies before `first` has been taken. A plain list with a mark is searched
    /// and read faster than a ring.
    entries: Vec<(K, V)>,
    /// Never the end of a list that holds anything.
    first: usize,
    /// Where the last key was found: the same is often asked for again.
    recent: usize,
}

impl<K: Copy + Ord, V: Copy + Default> Ahead<K, V> {
    /// Nothing ahead.
    pub fn new() -> Ahead<K, V> {
        Ahead { entries: Vec::new(), first: 0, recent: 0 }
    }

    /// Forgets everything, and keeps the room for what comes next.
    #[inline]
    pub fn clear(&mut self) {
        self.entries.clear();
        self.first = 0;
    }

    /// The value of a key, the default one if it is new.
    #[inline]
    pub fn at(&mut self, key: K) -> &mut V {
        match self.entries.get(self.recent) {
            Some(entry) if entry.0 == key && self.recent >= self.first => {}
            _ => self.recent = self.find(key),
        }
        &mut self.entries[self.recent].1
    }

    /// The place of a key, made if it is new.
    #[inline(never)]
    fn find(&mut self, key: K) -> usize {
        match self.entries.last() {
            Some(last) if key < last.0 => self.place(key),
            Some(last) if key == last.0 => self.entries.len() - 1,
            _ => self.push(key),
        }
    }

    fn ahead(&self) -> &[(K, V)] {
        &self.entries[self.first..]
    }

    /// Adds a key behind the last one; its place.
    fn push(&mut self, key: K) -> usize {
        if self.entries.len() == self.entries.capacity() {
            self.make_room();
        }
        self.entries.push((key, V::default()));
        self.entries.len() - 1
    }

    #[cold]
    fn make_room(&mut self) {
        if 2 * self.first >= self.entries.len() {
            self.entries.drain(..self.first);
            self.first = 0;
        }
        self.entries.reserve(64);
    }

    /// The place of a key before the last one, made if it is new.
    #[inline]
    fn place(&mut self, key: K) -> usize {
        let before = self.ahead().partition_point(|entry| entry.0 < key);
        let at = self.first + before;
        if self.entries[at].0 == key {
            return at;
        }
        if self.first > 0 && 2 * before <= self.entries.len() - self.first {
            self.first -= 1;
            self.entries.copy_within(self.first + 1..at, self.first);
            self.entries[at - 1] = (key, V::default());
            return at - 1;
        }
        self.entries.insert(at, (key, V::default()));
        at
    }

    /// Takes the first entry unless it lies after `key`.
    #[inline]
    pub fn take_until(&mut self, key: K) -> Option<(K, V)> {
        let entry = *self.entries.get(self.first).filter(|entry| entry.0 <= key)?;
        self.first += 1;
        if self.first == self.entries.len() {
            self.clear();
        }
        Some(entry)
    }

    /// Takes the value of a key, if it has one.
    #[inline]
    pub fn take(&mut self, key: K) -> Option<V> {
        let at = self.ahead().binary_search_by_key(&key, |entry| entry.0).ok()?;
        let taken = self.entries.remove(self.first + at).1;
        if self.first == self.entries.len() {
            self.clear();
        }
        Some(taken)
    }

    /// Whether nothing lies ahead.
    #[inline]
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// All in order.
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = &(K, V)> {
        self.ahead().iter()
    }
}

impl<K: Copy + Ord, V: Copy + Default> Default for Ahead<K, V> {
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
