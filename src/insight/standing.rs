//! What votes say about a document, as the small factor that the search multiplies its score with.
//!
//! A vote tells little, and people vote when they are angry: nothing follows from a share of helpful votes that could
//! be chance. So the share is taken as its Wilson interval (E. B. Wilson, 1927) at [`Z`], and compared with the share of
//! the whole site, `prior`. Where the interval lies above `prior`, its lower end counts; below, its upper end;
//! otherwise nothing:
//!
//! ```text
//! factor = 1 + MOST × (lower − prior) / (1 − prior)      when lower > prior
//! factor = 1 − MOST × (prior − upper) / prior            when upper < prior
//! factor = 1                                             otherwise
//! ```
//!
//! so that it lies between 0.95 and 1.05: enough to decide between near equals, never more.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use arc_swap::ArcSwap;

use super::feedback::Vote;

/// The most that votes change a score by.
pub const MOST: f32 = 0.05;
/// Standard errors of the interval: 80 % of such intervals hold the true share.
const Z: f32 = 1.28;
/// Votes, half of them helpful, that the site's own share begins with.
const BEGINNING: f32 = 4.0;

/// Helpful votes and all votes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Tally {
    helpful: u32,
    all: u32,
}

/// The votes per document, by its path below `content/`.
#[derive(Debug, Clone, Default)]
pub struct Standing {
    by_path: HashMap<String, Tally>,
    site: Tally,
}

impl Standing {
    /// Counts the votes.
    pub fn new<'a>(votes: impl IntoIterator<Item = &'a Vote>) -> Self {
        let mut standing = Self::default();
        for vote in votes {
            standing.add(&vote.path, vote.helpful);
        }
        standing
    }

    /// Counts one more vote.
    pub fn add(&mut self, path: &str, helpful: bool) {
        let tally = self.by_path.entry(path.to_owned()).or_default();
        for tally in [tally, &mut self.site] {
            tally.all += 1;
            tally.helpful += u32::from(helpful);
        }
    }

    /// The factor of every document that votes tell something about.
    pub fn factors(&self) -> HashMap<String, f32> {
        let prior = (self.site.helpful as f32 + BEGINNING / 2.0) / (self.site.all as f32 + BEGINNING);
        let factors = self.by_path.iter().map(|(path, tally)| (path.clone(), factor(*tally, prior)));
        factors.filter(|(_, factor)| *factor != 1.0).collect()
    }
}

/// The factors of a running server: kept up to date without building the index again.
#[derive(Debug, Default)]
pub struct Standings {
    counted: Mutex<Standing>,
    factors: ArcSwap<HashMap<String, f32>>,
}

impl Standings {
    pub fn new(standing: Standing) -> Self {
        let factors = ArcSwap::from_pointee(standing.factors());
        Self { counted: Mutex::new(standing), factors }
    }

    /// Counts a vote; the next search knows of it.
    pub fn add(&self, path: &str, helpful: bool) {
        let mut counted = self.counted.lock().unwrap_or_else(PoisonError::into_inner);
        counted.add(path, helpful);
        self.factors.store(Arc::new(counted.factors()));
    }

    pub fn factors(&self) -> Arc<HashMap<String, f32>> {
        self.factors.load_full()
    }
}

fn factor(tally: Tally, prior: f32) -> f32 {
    let (lower, upper) = wilson(tally);
    if lower > prior {
        1.0 + MOST * (lower - prior) / (1.0 - prior)
    } else if upper < prior {
        1.0 - MOST * (prior - upper) / prior
    } else {
        1.0
    }
}

/// The interval in which the true share of helpful votes lies.
fn wilson(tally: Tally) -> (f32, f32) {
    let n = tally.all.max(1) as f32;
    let share = tally.helpful as f32 / n;
    let z2 = Z * Z;
    let middle = share + z2 / (2.0 * n);
    let reach = Z * (share * (1.0 - share) / n + z2 / (4.0 * n * n)).sqrt();
    let whole = 1.0 + z2 / n;
    ((middle - reach) / whole, (middle + reach) / whole)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn one_vote_tells_nothing_and_many_agree() {
        let mut standing = Standing::default();
        for number in 0..40 {
            standing.add("articles/usual.md", number % 4 != 0);
        }
        standing.add("articles/one.md", false);
        for _ in 0..20 {
            standing.add("articles/good.md", true);
            standing.add("articles/bad.md", false);
        }
        let factors = standing.factors();
        assert!(!factors.contains_key("articles/one.md"), "{factors:?}");
        assert!(factors["articles/good.md"] > 1.02 && factors["articles/bad.md"] < 0.97, "{factors:?}");
        assert!(factors.get("articles/usual.md").is_none_or(|factor| (factor - 1.0).abs() < 0.02), "{factors:?}");
    }

    proptest! {
        #[test]
        fn the_factor_is_bounded_and_grows_with_helpful_votes(all in 1u32..5_000, helpful in 0u32..5_000, prior in 0.01f32..0.99) {
            let helpful = helpful.min(all);
            let this = factor(Tally { helpful, all }, prior);
            prop_assert!((1.0 - MOST..=1.0 + MOST).contains(&this), "{}", this);
            if helpful < all {
                let more = factor(Tally { helpful: helpful + 1, all }, prior);
                prop_assert!(more >= this - 1e-6, "{} after {}", more, this);
            }
        }
    }
}
