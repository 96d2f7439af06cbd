//! A map whose copies cost next to nothing: a snapshot keeps the map of its moment while the builder's goes on.
//!
//! The entries lie in shards, and a copy shares every shard until one of the two changes it: a change of one entry in
//! a hundred thousand copies a hundred others.

use std::collections::HashMap;
use std::hash::{BuildHasher as _, BuildHasherDefault, DefaultHasher};
use std::marker::PhantomData;
use std::sync::Arc;

use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde::ser::{Serialize, Serializer};

const SHARDS: usize = 1 << 10;

type Shard<V> = HashMap<Box<str>, V, BuildHasherDefault<DefaultHasher>>;

/// A map from texts, in no order but when it is [`Shards::sorted`] or serialised.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shards<V> {
    shards: Vec<Arc<Shard<V>>>,
}

impl<V> Default for Shards<V> {
    fn default() -> Self {
        Self { shards: Vec::new() }
    }
}

impl<V> Shards<V> {
    fn place(key: &str) -> usize {
        // The lowest bits choose the bucket inside a shard, the highest are compared there: take some between.
        (BuildHasherDefault::<DefaultHasher>::default().hash_one(key) >> 32) as usize % SHARDS
    }

    pub fn get(&self, key: &str) -> Option<&V> {
        self.shards.get(Self::place(key))?.get(key)
    }

    pub fn get_key_value(&self, key: &str) -> Option<(&str, &V)> {
        self.shards.get(Self::place(key))?.get_key_value(key).map(|(key, value)| (&**key, value))
    }

    pub fn contains_key(&self, key: &str) -> bool {
        self.get(key).is_some()
    }

    pub fn len(&self) -> usize {
        self.shards.iter().map(|shard| shard.len()).sum()
    }

    pub fn is_empty(&self) -> bool {
        self.shards.iter().all(|shard| shard.is_empty())
    }

    pub fn iter(&self) -> impl Iterator<Item = (&str, &V)> {
        self.shards.iter().flat_map(|shard| shard.iter().map(|(key, value)| (&**key, value)))
    }

    pub fn keys(&self) -> impl Iterator<Item = &str> {
        self.iter().map(|(key, _)| key)
    }

    /// In the order of keys.
    pub fn sorted(&self) -> Vec<(&str, &V)> {
        let mut all: Vec<(&str, &V)> = self.iter().collect();
        all.sort_unstable_by_key(|(key, _)| *key);
        all
    }
}

impl<V: Clone> Shards<V> {
    pub fn insert(&mut self, key: &str, value: V) -> Option<V> {
        if self.shards.is_empty() {
            self.shards.resize_with(SHARDS, Arc::default);
        }
        let shard = Arc::make_mut(self.shards.get_mut(Self::place(key))?);
        match shard.get_mut(key) {
            Some(known) => Some(std::mem::replace(known, value)),
            None => shard.insert(key.into(), value),
        }
    }

    pub fn remove(&mut self, key: &str) -> Option<V> {
        let shard = self.shards.get_mut(Self::place(key)).filter(|shard| shard.contains_key(key))?;
        Arc::make_mut(shard).remove(key)
    }
}

impl<V: Clone> FromIterator<(String, V)> for Shards<V> {
    fn from_iter<I: IntoIterator<Item = (String, V)>>(entries: I) -> Self {
        let mut shards = Self::default();
        for (key, value) in entries {
            shards.insert(&key, value);
        }
        shards
    }
}

impl<V: Serialize> Serialize for Shards<V> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.sorted())
    }
}

impl<'de, V: Deserialize<'de> + Clone> Deserialize<'de> for Shards<V> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Entries<V>(PhantomData<V>);
        impl<'de, V: Deserialize<'de> + Clone> Visitor<'de> for Entries<V> {
            type Value = Shards<V>;

            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("a map")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut shards = Shards::default();
                while let Some((key, value)) = map.next_entry::<String, V>()? {
                    shards.insert(&key, value);
                }
                Ok(shards)
            }
        }
        deserializer.deserialize_map(Entries(PhantomData))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_copy_stays_as_it_was() {
        let mut map: Shards<u32> = (0..5000).map(|n| (format!("k{n}"), n)).collect();
        let copy = map.clone();
        assert_eq!(map.insert("k7", 70), Some(7));
        assert_eq!((map.remove("k8"), map.remove("none")), (Some(8), None));
        map.insert("new", 1);
        assert_eq!((copy.get("k7"), copy.get("k8"), copy.get("new"), copy.len()), (Some(&7), Some(&8), None, 5000));
        assert_eq!((map.get("k7"), map.get("k8"), map.len()), (Some(&70), None, 5000));
        let shared = map.shards.iter().zip(&copy.shards).filter(|(a, b)| Arc::ptr_eq(a, b)).count();
        assert!(shared >= SHARDS - 3, "only what changed is copied: {shared}");
    }

    #[test]
    fn it_is_written_in_order_and_read_again() {
        let map: Shards<u32> = [("b", 2), ("a", 1), ("ä", 3)].map(|(key, n)| (key.to_owned(), n)).into_iter().collect();
        let text = serde_json::to_string(&map).unwrap();
        assert_eq!(text, r#"{"a":1,"b":2,"ä":3}"#);
        assert_eq!(serde_json::from_str::<Shards<u32>>(&text).unwrap(), map);
        assert!(Shards::<u32>::default().get("a").is_none() && Shards::<u32>::default().is_empty());
    }
}
