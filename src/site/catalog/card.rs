//! The face of a document.

use jiff::civil::Date;

use crate::content::{Confidence, Document, Kind, address};

/// Between two headings in [`Card::headings`]; no heading holds it.
const BETWEEN: char = '\u{1}';

/// The face of a document: all that other pages show of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Card {
    pub kind: Kind,
    pub path: String,
    /// Root-relative, without the base path.
    pub url: String,
    pub title: String,
    /// The document's own summary, or the start of its text.
    pub summary: String,
    pub category: String,
    pub tags: Vec<String>,
    pub keywords: Vec<String>,
    pub lang: String,
    pub updated: Option<Date>,
    pub pinned: bool,
    pub weight: i32,
    /// What translations of one article share.
    pub translation_key: String,
    /// Archived articles have a card (others may link to them) but are in no listing.
    pub listed: bool,
    /// Second-level headings, for the offline index, joined ([`join_headings`]).
    pub headings: Box<str>,
    /// Another for every card that a catalog takes in: equal numbers, equal cards.
    pub serial: u64,
}

/// Headings as one text: a hundred thousand cards hold a million of them.
pub fn join_headings<'a>(headings: impl Iterator<Item = &'a str>) -> Box<str> {
    let mut joined = String::new();
    for heading in headings {
        if !joined.is_empty() {
            joined.push(BETWEEN);
        }
        joined.extend(heading.chars().filter(|c| *c != BETWEEN));
    }
    joined.into()
}

impl Card {
    pub fn new(document: &Document, summary: &str, headings: &str) -> Self {
        let meta = document.meta();
        let (pinned, weight, translation_key, listed) = match document {
            Document::Article(article) => (
                article.pinned,
                article.weight,
                article.translation_key.clone(),
                article.confidence != Confidence::Archived,
            ),
            Document::Resolution(_) => (false, 0, meta.path.clone(), true),
        };
        Self {
            kind: document.kind(),
            path: meta.path.clone(),
            url: meta.url.clone(),
            title: meta.title.clone(),
            summary: if meta.summary.is_empty() { summary.to_owned() } else { meta.summary.clone() },
            category: meta.category.clone(),
            tags: meta.tags.clone(),
            keywords: meta.keywords.clone(),
            lang: meta.lang.clone(),
            updated: meta.updated,
            pinned,
            weight,
            translation_key,
            listed,
            headings: headings.into(),
            serial: 0,
        }
    }

    pub fn headings(&self) -> impl Iterator<Item = &str> {
        self.headings.split(BETWEEN).filter(|heading| !heading.is_empty())
    }

    /// The slugs of its tags, each once.
    pub(super) fn tag_slugs(&self) -> Vec<String> {
        let mut slugs: Vec<String> = self.tags.iter().map(|tag| address::slug(tag)).collect();
        slugs.sort();
        slugs.dedup();
        slugs
    }

    /// A card of the category `c` for tests.
    #[cfg(test)]
    pub(in crate::site) fn bare(path: &str) -> Self {
        Self {
            kind: Kind::Article,
            path: path.to_owned(),
            url: format!("/{path}/"),
            title: path.to_owned(),
            summary: String::new(),
            category: "c".to_owned(),
            tags: Vec::new(),
            keywords: Vec::new(),
            lang: "zh".to_owned(),
            updated: None,
            pinned: false,
            weight: 0,
            translation_key: path.to_owned(),
            listed: true,
            headings: "".into(),
            serial: 0,
        }
    }
}
