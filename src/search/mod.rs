//! The search index over pages, and the answers it gives.
//!
//! One index document per section; hits are grouped by document. The public face is [`Index`] (one writer) and
//! [`View`] (an immutable state of it, cheap to clone, safe to ask from any thread).

mod analysis;
mod averages;
mod calls;
mod columns;
mod directory;
mod everyday;
mod fold;
mod index;
mod keywords;
mod lexicon;
mod pinyin;
mod prune;
mod query;
mod rank;
pub(crate) mod recent;
mod regional;
mod schema;
mod sections;
mod segment;
mod snippet;
mod spelling;
mod suggest;
mod synonyms;
mod tokenizer;
mod view;
mod vocabulary;
mod weights;

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::Arc;

use jiff::civil::Date;
use serde::Serialize;

pub use index::Index;
pub use view::{MAX_LIMIT, View};

use crate::content::Kind;

/// Why the index could not be used. A broken index is not an error: it is rebuilt.
#[derive(Debug, thiserror::Error)]
pub enum SearchError {
    #[error("the search index cannot use {}: {source}; check the disk and its permissions", path.display())]
    Disk { path: PathBuf, source: std::io::Error },
    #[error("the search index failed: {0}; delete .helpmark/index and start again")]
    Engine(#[from] tantivy::TantivyError),
    #[error("the search index cannot be read: {0}; delete .helpmark/index and start again")]
    Read(#[from] std::io::Error),
    #[error("the search index is damaged; delete .helpmark/index and start again")]
    Damaged,
    #[error("{0} is not for employees and cannot be put into the search index")]
    NotPublic(String),
}

/// A question, as the API and the command line put it. The text is a user's: any length, any character.
#[derive(Debug, Clone, Default)]
pub struct Query {
    pub text: String,
    pub limit: usize,
    pub offset: usize,
    pub kind: Option<Kind>,
    pub category: Option<String>,
    /// Prefer documents in this language; others follow, marked by their `lang`.
    pub lang: Option<String>,
    /// Answer exactly what was typed, without correcting it.
    pub exact: bool,
    /// What readers' votes multiply the score of a document with, by path; at most a few percent.
    pub standing: Option<Arc<HashMap<String, f32>>>,
}

/// The answer to a [`Query`].
#[derive(Debug, Clone, Default, Serialize)]
pub struct Answer {
    pub query: String,
    /// What was searched instead, when the query was corrected.
    pub corrected: Option<String>,
    /// Documents found (not sections), before paging.
    pub total: usize,
    pub took_ms: f64,
    pub hits: Vec<Hit>,
    pub facets: Facets,
    /// Whether nothing is good enough, so that the ticket comes first.
    #[serde(rename = "weak")]
    pub weak: bool,
}

#[derive(Debug, Clone, Default, Serialize)]
pub struct Facets {
    pub kind: Vec<Facet>,
    pub category: Vec<Facet>,
}

#[derive(Debug, Clone, Serialize)]
pub struct Facet {
    pub key: String,
    pub count: usize,
}

/// One document found, with its best section.
#[derive(Debug, Clone, Serialize)]
pub struct Hit {
    pub kind: Kind,
    /// Relative to `content/`.
    pub path: String,
    /// Root-relative with the base path, and `#anchor` of the best section when that is not the introduction.
    pub url: String,
    pub title: String,
    /// The title, escaped, with `<mark>`.
    pub title_html: String,
    /// The best section's heading, empty for the introduction.
    pub section: String,
    /// Escaped but for `<mark>`.
    pub snippet_html: String,
    pub category: String,
    pub lang: String,
    pub updated: Option<Date>,
    pub score: f32,
}

/// The answer to typing.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Suggestions {
    pub query: String,
    pub suggestions: Vec<Suggestion>,
}

#[derive(Debug, Clone, Serialize)]
pub struct Suggestion {
    pub title: String,
    /// The section's heading when the suggestion is a section.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub section: String,
    pub url: String,
    pub kind: Kind,
    pub category: String,
    /// The title (and section), escaped, with `<mark>`.
    pub title_html: String,
    pub lang: String,
}
