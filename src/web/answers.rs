//! Answers that were given of late: a company asks the same things, and everyone who types `vpn` types `v` first.
//!
//! An answer depends on the question, the state of the site and the readers' votes, on nothing else: while those two
//! stand still it is given again as it was.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use crate::content::Kind;
use crate::search::recent::Recent;
use crate::search::{Answer, Query};

/// Bytes of answers that are kept, of each generation: some two thousand answers.
const KEPT: usize = 16 << 20;

type Votes = Arc<HashMap<String, f32>>;

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct Asked {
    text: String,
    limit: usize,
    offset: usize,
    kind: Option<Kind>,
    category: Option<String>,
    lang: Option<String>,
    exact: bool,
}

impl Asked {
    fn new(query: &Query) -> Self {
        let Query { text, limit, offset, kind, category, lang, exact, standing: _ } = query.clone();
        Self { text, limit, offset, kind, category, lang, exact }
    }
}

/// The answers to one state of the site and the votes.
#[derive(Debug)]
struct Given {
    revision: u64,
    votes: Votes,
    answers: Recent<Asked, Arc<Answer>>,
}

#[derive(Debug)]
pub(super) struct Answers(Mutex<Given>);

impl Default for Answers {
    fn default() -> Self {
        Self(Mutex::new(Given { revision: 0, votes: Arc::default(), answers: Recent::new(KEPT) }))
    }
}

impl Answers {
    /// The answer that was given to `query` when the site was at `revision`.
    pub(super) fn get(&self, revision: u64, query: &Query) -> Option<Arc<Answer>> {
        let asked = Asked::new(query);
        let mut given = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if !given.is_of(revision, query) {
            return None;
        }
        let (answer, is_old) = given.answers.get(&asked)?;
        if is_old {
            let bytes = size(&answer);
            given.answers.keep(asked, Arc::clone(&answer), bytes);
        }
        Some(answer)
    }

    /// Keeps an answer that the site gave at `revision` or later.
    pub(super) fn keep(&self, revision: u64, query: &Query, answer: Answer) {
        let mut given = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if given.revision > revision {
            return;
        }
        if !given.is_of(revision, query) {
            given.answers.clear();
            given.revision = revision;
            given.votes = query.standing.clone().unwrap_or_default();
        }
        let bytes = size(&answer);
        given.answers.keep(Asked::new(query), Arc::new(answer), bytes);
    }
}

impl Given {
    fn is_of(&self, revision: u64, query: &Query) -> bool {
        let same = query.standing.as_ref().is_some_and(|votes| Arc::ptr_eq(votes, &self.votes));
        self.revision == revision && same
    }
}

/// About what an answer and its question take in memory.
fn size(answer: &Answer) -> usize {
    let texts = |hit: &crate::search::Hit| {
        let shown = [&hit.path, &hit.url, &hit.title, &hit.title_html, &hit.section, &hit.snippet_html, &hit.category];
        shown.iter().map(|text| text.len() + 32).sum::<usize>() + 128
    };
    let asked = 512 + 2 * answer.query.len();
    asked
        + answer.hits.iter().map(texts).sum::<usize>()
        + 64 * (answer.facets.category.len() + answer.facets.kind.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_is_given_again_while_nothing_changed() {
        let votes: Votes = Arc::default();
        let query = |text: &str, votes: &Votes| Query {
            text: text.to_owned(),
            limit: 10,
            standing: Some(Arc::clone(votes)),
            ..Query::default()
        };
        let answers = Answers::default();
        let vpn = query("vpn", &votes);
        assert!(answers.get(1, &vpn).is_none());
        answers.keep(1, &vpn, Answer { total: 7, ..Answer::default() });
        assert_eq!(answers.get(1, &vpn).map(|answer| answer.total), Some(7));
        // Another question, another page of it, another state of the site, other votes.
        assert!(answers.get(1, &query("vpm", &votes)).is_none());
        assert!(answers.get(1, &Query { offset: 10, ..vpn.clone() }).is_none());
        assert!(answers.get(1, &Query { kind: Some(Kind::Article), ..vpn.clone() }).is_none());
        assert!(answers.get(1, &Query { exact: true, ..vpn.clone() }).is_none());
        assert!(answers.get(2, &vpn).is_none());
        let voted: Votes = Arc::default();
        assert!(answers.get(1, &query("vpn", &voted)).is_none());
        // What an older state answers late does not take the place of what a newer one did.
        answers.keep(2, &vpn, Answer { total: 8, ..Answer::default() });
        answers.keep(1, &vpn, Answer { total: 7, ..Answer::default() });
        assert_eq!(answers.get(2, &vpn).map(|answer| answer.total), Some(8));
    }
}
