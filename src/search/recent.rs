//! What was used of late, within a number of bytes.
//!
//! Two generations: what the older one holds and nobody asks for is forgotten when the younger is full.

use std::collections::HashMap;
use std::hash::Hash;

/// Values by key; at most twice as many bytes as it was made for.
#[derive(Debug)]
pub(crate) struct Recent<K, V> {
    most: usize,
    /// Of `young`.
    bytes: usize,
    young: HashMap<K, V>,
    old: HashMap<K, V>,
}

impl<K: Hash + Eq, V: Clone> Recent<K, V> {
    pub(crate) fn new(most: usize) -> Self {
        Self { most, bytes: 0, young: HashMap::new(), old: HashMap::new() }
    }

    /// The value, and whether it is about to be forgotten unless it is kept again.
    pub(crate) fn get(&self, key: &K) -> Option<(V, bool)> {
        let found = self.young.get(key).map(|value| (value.clone(), false));
        found.or_else(|| Some((self.old.get(key)?.clone(), true)))
    }

    pub(crate) fn keep(&mut self, key: K, value: V, bytes: usize) {
        if self.bytes + bytes > self.most {
            self.old = std::mem::take(&mut self.young);
            self.bytes = 0;
        }
        if self.young.insert(key, value).is_none() {
            self.bytes += bytes;
        }
    }

    pub(crate) fn clear(&mut self) {
        (self.young, self.old, self.bytes) = (HashMap::new(), HashMap::new(), 0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_asked_for_stays_and_memory_is_bounded() {
        let mut recent = Recent::new(1_000);
        for number in 0..40 {
            recent.keep(number, "", 250);
            let (value, is_old) = recent.get(&0).expect("asked for each time");
            if is_old {
                recent.keep(0, value, 250);
            }
        }
        assert_eq!(recent.get(&1), None);
        assert!(recent.young.len() + recent.old.len() <= 8);
        recent.clear();
        assert_eq!((recent.get(&0), recent.bytes), (None, 0));
    }
}
