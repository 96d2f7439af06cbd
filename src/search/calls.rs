//! How articles call one another where they link: a text that others wrote about an article.
//!
//! A title says how its author names a thing, links say how colleagues name it. Terms of link texts are indexed in the
//! document that links, together with the path it links to, so that a change of one article changes only its own
//! entries; here they are turned around.

use std::collections::HashMap;
use std::sync::Arc;

use tantivy::InvertedIndexReader;

use super::SearchError;
use super::analysis::{Analyzer, TokenKind, Tokens};
use super::fold::fold;
use super::schema::{self, BETWEEN, Meta, read_call};
use super::segment::Segment;
use crate::markdown::Page;

/// Different links of one article that are read.
const MOST: usize = 300;
/// Characters of a link's text that are read: longer ones are sentences.
const LONGEST: usize = 120;

/// What a page calls others, for the index.
pub(crate) fn calls_of(page: &Page, uid: u64, analyzer: &Analyzer) -> String {
    let mut seen = std::collections::HashSet::new();
    let mut tokens = Tokens::default();
    let own = &page.document.meta().path;
    for link in page.links.iter().filter(|link| link.path != *own && !link.text.is_empty()).take(MOST) {
        if link.text.chars().nth(LONGEST).is_some() {
            continue;
        }
        let target = schema::path_number(&link.path);
        analyzer.analyze(&fold(&link.text), &mut tokens);
        for token in tokens.list.iter().filter(|token| token.kind != TokenKind::Part) {
            seen.insert(schema::call(tokens.term(token), target, uid));
        }
    }
    let mut calls = seen.into_iter().collect::<Vec<_>>();
    calls.sort_unstable();
    calls.join(&String::from(BETWEEN))
}

/// The calls of one segment, by term.
#[derive(Debug, Default)]
pub(crate) struct Calls {
    /// The documents that are called anything, as [`schema::path_number`]s.
    targets: Vec<u64>,
    /// By term: which of `targets` is called so, and by which article; equal targets are neighbours.
    by_term: HashMap<Box<str>, Vec<(u32, u32)>>,
}

impl Calls {
    pub(crate) fn new(reader: &Arc<InvertedIndexReader>, metas: &[Arc<Meta>]) -> Result<Self, SearchError> {
        let mut calls = Self::default();
        let mut numbers = HashMap::new();
        let articles = metas.iter().zip(0..).map(|(meta, at)| (meta.uid, at)).collect::<HashMap<u64, u32>>();
        let mut terms = reader.terms().stream()?;
        while let Some((term, _)) = terms.next() {
            let Some((term, target, uid)) = std::str::from_utf8(term).ok().and_then(read_call) else { continue };
            let Some(&article) = articles.get(&uid) else { continue };
            let number = *numbers.entry(target).or_insert_with(|| {
                calls.targets.push(target);
                calls.targets.len() as u32 - 1
            });
            match calls.by_term.get_mut(term) {
                Some(found) => found.push((number, article)),
                None => drop(calls.by_term.insert(term.into(), vec![(number, article)])),
            }
        }
        Ok(calls)
    }

    fn with(&self, term: &str) -> &[(u32, u32)] {
        self.by_term.get(term).map_or(&[], Vec::as_slice)
    }
}

/// The calls of a view: where each leads in it.
#[derive(Debug, Clone, Default)]
pub(crate) struct Called {
    /// By segment and target: the article's number, or [`NOBODY`].
    articles: Vec<Vec<u32>>,
    /// By article: what one call is worth.
    worth: Vec<f32>,
}

const NOBODY: u32 = u32::MAX;

impl Called {
    pub(crate) fn new(segments: &[Segment], weight: f32, b: f32) -> Self {
        let articles = segments.iter().map(Segment::articles).sum::<usize>();
        let mut by_path = HashMap::with_capacity(articles);
        for segment in segments {
            for (at, path) in segment.table.paths.iter().enumerate().filter(|(at, _)| segment.is_alive(*at)) {
                by_path.insert(*path, segment.base + at as u32);
            }
        }
        let find = |target: &u64| by_path.get(target).copied().unwrap_or(NOBODY);
        let resolved = |segment: &Segment| segment.table.calls.targets.iter().map(find).collect::<Vec<_>>();
        let mut called = Self { articles: segments.iter().map(resolved).collect(), worth: vec![0.0; articles] };
        for (segment, resolved) in segments.iter().zip(&called.articles) {
            for callers in segment.table.calls.by_term.values() {
                for (target, count) in counts(segment, callers) {
                    if let Some(length) = called.worth.get_mut(resolved[target as usize] as usize) {
                        *length += counted(count);
                    }
                }
            }
        }
        let named = called.worth.iter().filter(|length| **length > 0.0).count().max(1) as f32;
        let average = (called.worth.iter().sum::<f32>() / named).max(1.0);
        for worth in &mut called.worth {
            *worth = weight / (1.0 - b + b * *worth / average);
        }
        called
    }

    /// The articles that a term of segment `number` calls, with what that is worth.
    pub(crate) fn with<'a>(
        &'a self,
        number: usize,
        segment: &'a Segment,
        term: &str,
    ) -> impl Iterator<Item = (u32, f32)> + 'a {
        let articles = &self.articles[number];
        let found = counts(segment, segment.table.calls.with(term));
        let found = found.map(|(target, count)| (articles[target as usize], count));
        found.filter(|(article, _)| *article != NOBODY).map(|(article, count)| {
            (article, counted(count) * self.worth.get(article as usize).copied().unwrap_or_default())
        })
    }
}

/// Each target of some calls, with the number of articles that call it so and are still there.
fn counts<'a>(segment: &'a Segment, callers: &'a [(u32, u32)]) -> impl Iterator<Item = (u32, u32)> + 'a {
    let of_target = |same: &'a [(u32, u32)]| {
        let alive = same.iter().filter(|(_, article)| segment.is_alive(*article as usize)).count();
        (same[0].0, alive as u32)
    };
    callers.chunk_by(|a, b| a.0 == b.0).map(of_target).filter(|(_, count)| *count > 0)
}

/// Many who say the same say it a little louder.
fn counted(count: u32) -> f32 {
    (count as f32).sqrt()
}

/// Cuts joined calls; nothing is folded again.
#[derive(Clone, Default)]
pub(crate) struct CallsTokenizer;

pub(crate) struct CallsStream<'a> {
    rest: std::str::Split<'a, char>,
    token: tantivy::tokenizer::Token,
}

impl tantivy::tokenizer::Tokenizer for CallsTokenizer {
    type TokenStream<'a> = CallsStream<'a>;

    fn token_stream<'a>(&'a mut self, text: &'a str) -> CallsStream<'a> {
        CallsStream { rest: text.split(BETWEEN), token: Default::default() }
    }
}

impl tantivy::tokenizer::TokenStream for CallsStream<'_> {
    fn advance(&mut self) -> bool {
        let Some(call) = self.rest.find(|call| !call.is_empty()) else { return false };
        self.token.text.clear();
        self.token.text.push_str(call);
        self.token.position = self.token.position.wrapping_add(1);
        true
    }

    fn token(&self) -> &tantivy::tokenizer::Token {
        &self.token
    }

    fn token_mut(&mut self) -> &mut tantivy::tokenizer::Token {
        &mut self.token
    }
}
