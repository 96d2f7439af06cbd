//! Which concepts of a question must be looked for everywhere, and which only in what was found already.
//!
//! A hit must hold a share of the question's weight. Once enough articles hold it, and the concepts that are left weigh
//! less than that share, no article that holds none of the others can become a hit: the postings of the remaining,
//! common words are then only visited for the articles that can still reach it. The answer is the same; on 100,000
//! articles it comes several times sooner. What must be known before is the weight of each concept, and so in how many
//! articles its words stand: that is counted when a word is first looked for, and kept.

use std::collections::HashMap;
use std::sync::{PoisonError, RwLock};

use super::averages::{Averages, idf};
use super::columns::{COMMON, key};
use super::query::Concept;

/// Words whose counts are kept.
const KEPT: usize = 50_000;

/// What a hit must hold of the question's weight, and how many hits that do are enough.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Need {
    pub(crate) share: f32,
    pub(crate) enough: usize,
}

/// In how many articles, and in how many titles, a word stands in any form.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Spread {
    pub(crate) articles: u32,
    pub(crate) titles: u32,
}

/// The counts of the common words of a view, by [`key`].
#[derive(Debug, Default)]
pub(crate) struct Spreads(RwLock<HashMap<u64, Spread>>);

impl Spreads {
    pub(crate) fn get(&self, key: u64) -> Option<Spread> {
        self.0.read().unwrap_or_else(PoisonError::into_inner).get(&key).copied()
    }

    pub(crate) fn keep(&self, key: u64, spread: Spread) {
        if (spread.articles as usize) < COMMON {
            return;
        }
        let mut kept = self.0.write().unwrap_or_else(PoisonError::into_inner);
        if kept.len() < KEPT {
            kept.insert(key, spread);
        }
    }
}

/// The weight of a concept as ranking will find it, when the counts of all its words are known.
fn weight(concept: &Concept, averages: &Averages, fields: usize) -> Option<f32> {
    let mut heaviest: f32 = 0.0;
    for alternative in &concept.alternatives {
        let mut sum = 0.0;
        for term in &alternative.terms {
            let spread = averages.spreads.get(key(term, fields))?;
            sum += term.weight * idf(averages.articles, spread.articles as usize);
        }
        heaviest = heaviest.max(sum);
    }
    Some(heaviest)
}

/// The concepts in the order in which they are looked for, each with what it and those after it weigh; those whose
/// weight is not known yet come first, without.
pub(crate) fn order<'a>(
    concepts: &'a [Concept],
    averages: &Averages,
    fields: usize,
) -> Vec<(&'a Concept, Option<f32>)> {
    let weighed = concepts.iter().map(|concept| (concept, weight(concept, averages, fields)));
    let (mut known, mut order): (Vec<_>, Vec<_>) = weighed.partition(|(_, weight)| weight.is_some());
    known.sort_by(|a, b| b.1.unwrap_or_default().total_cmp(&a.1.unwrap_or_default()));
    let mut left = 0.0;
    for (_, weight) in known.iter_mut().rev() {
        left += weight.unwrap_or_default();
        *weight = Some(left);
    }
    order.extend(known);
    order
}
