//! What may be listed, in the orders in which it is listed.
//!
//! Built from public documents alone: an article for agents has no card, and so no place in any listing, count, tag,
//! feed or related list (invariant 2).

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use jiff::civil::Date;

use crate::config::Config;
use crate::content::{Confidence, Document, Kind, address};

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
    /// Second-level headings, for the offline index.
    pub headings: Vec<String>,
}

impl Card {
    pub fn new(document: &Document, summary: &str, headings: Vec<String>) -> Self {
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
            headings,
        }
    }
}

/// A tag of one language: its name as first written, and what carries it.
#[derive(Debug, Clone)]
pub struct Tag {
    pub name: String,
    pub cards: Vec<Arc<Card>>,
}

/// Every card, and the orders that listings need.
#[derive(Debug, Default)]
pub struct Catalog {
    pub cards: BTreeMap<String, Arc<Card>>,
    /// Articles by language and category, in listing order.
    categories: HashMap<String, BTreeMap<String, Vec<Arc<Card>>>>,
    /// By language and slug.
    tags: HashMap<String, BTreeMap<String, Tag>>,
    /// Newest first.
    pub recent: Vec<Arc<Card>>,
    /// Translations: language to path, by translation key.
    translations: HashMap<String, BTreeMap<String, String>>,
}

impl Catalog {
    pub fn new(cards: BTreeMap<String, Arc<Card>>) -> Self {
        let mut catalog = Self { cards, ..Self::default() };
        for card in catalog.cards.values() {
            let key = card.translation_key.clone();
            catalog.translations.entry(key).or_default().insert(card.lang.clone(), card.path.clone());
            if !card.listed {
                continue;
            }
            catalog.recent.push(Arc::clone(card));
            if card.kind == Kind::Article {
                let categories = catalog.categories.entry(card.lang.clone()).or_default();
                categories.entry(card.category.clone()).or_default().push(Arc::clone(card));
            }
            for tag in &card.tags {
                let tags = catalog.tags.entry(card.lang.clone()).or_default();
                let new = || Tag { name: tag.clone(), cards: Vec::new() };
                tags.entry(address::slug(tag)).or_insert_with(new).cards.push(Arc::clone(card));
            }
        }
        catalog.recent.sort_by(|a, b| (b.updated, &a.path).cmp(&(a.updated, &b.path)));
        for cards in catalog.categories.values_mut().flat_map(BTreeMap::values_mut) {
            cards.sort_by(|a, b| order(a).cmp(&order(b)));
        }
        for tag in catalog.tags.values_mut().flat_map(BTreeMap::values_mut) {
            tag.cards.dedup_by(|a, b| a.path == b.path);
            tag.cards.sort_by(|a, b| order(a).cmp(&order(b)));
        }
        catalog
    }

    /// Articles of a category in listing order.
    pub fn category(&self, lang: &str, category: &str) -> &[Arc<Card>] {
        self.categories.get(lang).and_then(|map| map.get(category)).map_or(&[], Vec::as_slice)
    }

    /// The keys of every category that has an article in any language, and those of the configuration.
    pub fn category_keys(&self, config: &Config) -> Vec<String> {
        let mut keys: Vec<String> = config.categories.iter().map(|category| category.key.clone()).collect();
        let mut found: Vec<&String> = self.categories.values().flat_map(BTreeMap::keys).collect();
        found.sort();
        for key in found {
            if !key.is_empty() && !keys.contains(key) {
                keys.push(key.clone());
            }
        }
        keys
    }

    /// By slug, in the order of slugs.
    pub fn tags(&self, lang: &str) -> impl Iterator<Item = (&String, &Tag)> {
        self.tags.get(lang).into_iter().flatten()
    }

    /// The card of `path` in another language.
    pub fn translation(&self, card: &Card, lang: &str) -> Option<&Arc<Card>> {
        self.cards.get(self.translations.get(&card.translation_key)?.get(lang)?)
    }

    /// Cards in other languages that have no translation into `lang`, in listing order of their category.
    pub fn untranslated(&self, lang: &str, category: &str) -> Vec<Arc<Card>> {
        let mut languages: Vec<&String> = self.categories.keys().filter(|other| *other != lang).collect();
        languages.sort();
        let mut cards: Vec<Arc<Card>> = Vec::new();
        for other in languages {
            for card in self.category(other, category) {
                let known = cards.iter().any(|known| known.translation_key == card.translation_key);
                if !known && self.translation(card, lang).is_none() {
                    cards.push(Arc::clone(card));
                }
            }
        }
        cards
    }

    /// The neighbours of an article in its category.
    pub fn neighbours(&self, card: &Card) -> (Option<&Arc<Card>>, Option<&Arc<Card>>) {
        if card.kind != Kind::Article || !card.listed || card.category.is_empty() {
            return (None, None);
        }
        let cards = self.category(&card.lang, &card.category);
        let Ok(at) = cards.binary_search_by(|other| order(other).cmp(&order(card))) else { return (None, None) };
        (at.checked_sub(1).and_then(|before| cards.get(before)), cards.get(at + 1))
    }
}

/// Pinned first, then by weight, then by title; the path decides between equals.
fn order(card: &Card) -> (bool, i32, &str, &str) {
    (!card.pinned, card.weight, &card.title, &card.path)
}
