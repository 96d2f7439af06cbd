//! Lists in order, and how they are kept so.

use std::cmp::Ordering;
use std::collections::{BTreeSet, HashSet};
use std::sync::Arc;

use super::Card;

/// A list's order.
pub(super) type Order = fn(&Card, &Card) -> Ordering;

/// More changes than this are cheaper sorted than put in one by one.
const FEW: usize = 64;

/// Pinned first, then by weight, then by title; the path decides between equals.
pub(super) fn listed(a: &Card, b: &Card) -> Ordering {
    fn key(card: &Card) -> (bool, i32, &str, &str) {
        (!card.pinned, card.weight, &card.title, &card.path)
    }
    key(a).cmp(&key(b))
}

/// The newest first.
pub(super) fn newest(a: &Card, b: &Card) -> Ordering {
    (b.updated, &a.path).cmp(&(a.updated, &b.path))
}

/// The cards before and after `card`, which is in the list.
pub(super) fn neighbours<'a>(
    list: &'a [Arc<Card>],
    card: &Card,
    order: Order,
) -> (Option<&'a Arc<Card>>, Option<&'a Arc<Card>>) {
    let Ok(at) = list.binary_search_by(|other| order(other, card)) else { return (None, None) };
    (at.checked_sub(1).and_then(|before| list.get(before)), list.get(at + 1))
}

/// Cards that leave a list and cards that enter it.
#[derive(Default)]
pub(super) struct Revision {
    pub(super) gone: Vec<Arc<Card>>,
    pub(super) come: Vec<Arc<Card>>,
}

impl Revision {
    /// Names the neighbours of `cards` in the list.
    pub(super) fn neighbours(list: &[Arc<Card>], cards: &[Arc<Card>], order: Order, shown: &mut BTreeSet<String>) {
        for card in cards {
            let (before, after) = neighbours(list, card, order);
            shown.extend(before.into_iter().chain(after).map(|card| card.path.clone()));
        }
    }

    /// Changes the list, which is in order before and after.
    pub(super) fn apply(self, list: &mut Vec<Arc<Card>>, order: Order) {
        if self.gone.len() + self.come.len() > FEW {
            let gone: HashSet<&str> = self.gone.iter().map(|card| card.path.as_str()).collect();
            list.retain(|card| !gone.contains(card.path.as_str()));
            list.extend(self.come);
            list.sort_by(|a, b| order(a, b));
            return;
        }
        for card in self.gone {
            if let Ok(at) = list.binary_search_by(|other| order(other, &card)) {
                list.remove(at);
            }
        }
        for card in self.come {
            let at = list.partition_point(|other| order(other, &card).is_lt());
            list.insert(at, card);
        }
    }
}
