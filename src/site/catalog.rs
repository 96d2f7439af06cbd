//! What may be listed, in the orders in which it is listed.
//!
//! Built from public documents alone: an article for agents has no card, and so no place in any listing, count, tag,
//! feed or related list (invariant 2). A change costs as much as it changes: every order is kept, none is made anew.

mod card;
mod order;

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

pub use card::{Card, join_headings};

use crate::config::Config;
use crate::content::{Kind, address};
use order::{Revision, listed, newest};

/// A tag of one language: its name as first written, and what carries it.
#[derive(Debug, Clone, Default)]
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
    /// Of these, the resolution records and the pinned articles.
    pub resolutions: Vec<Arc<Card>>,
    pub pinned: Vec<Arc<Card>>,
    /// Translations of one document, by path, by translation key.
    translations: HashMap<String, Vec<Arc<Card>>>,
    /// Listed articles and resolution records, by language.
    counts: HashMap<String, (usize, usize)>,
    pub versions: Versions,
    serial: u64,
}

/// When what a listing shows last changed: equal numbers mean that it shows the same.
#[derive(Debug, Default)]
pub struct Versions {
    now: u64,
    categories: HashMap<String, u64>,
    tags: HashMap<(String, String), u64>,
    /// Tags came or went.
    tag_names: u64,
    pub resolutions: u64,
    /// Addresses, dates and translations: what a sitemap holds.
    pub addresses: u64,
}

impl Versions {
    /// Of a category in all languages.
    pub fn category(&self, key: &str) -> u64 {
        self.categories.get(key).copied().unwrap_or_default()
    }

    /// Of a tag, and of the languages that have it.
    pub fn tag(&self, lang: &str, slug: &str) -> u64 {
        let own = self.tags.get(&(lang.to_owned(), slug.to_owned())).copied().unwrap_or_default();
        own.max(self.tag_names)
    }
}

/// A card before and after a change.
type Change = (Option<Arc<Card>>, Option<Arc<Card>>);

impl Catalog {
    /// Takes in changed cards (`None`: gone). Gives the paths of documents beside these in a category, or among their
    /// translations, before or after: their pages show the cards.
    pub fn update(&mut self, changes: Vec<(String, Option<Card>)>) -> BTreeSet<String> {
        self.versions.now += 1;
        let changes: Vec<Change> = changes.into_iter().filter_map(|(path, card)| self.replace(path, card)).collect();
        let mut shown = BTreeSet::new();
        self.translate(&changes, &mut shown);
        self.note_versions(&changes);
        self.revise_categories(&changes, &mut shown);
        self.revise_tags(&changes);
        let mut of_kind = |list: fn(&mut Self) -> &mut Vec<Arc<Card>>, belongs: fn(&Card) -> bool| {
            let mut revision = Revision::default();
            for (old, new) in &changes {
                revision.gone.extend(old.iter().filter(|card| card.listed && belongs(card)).cloned());
                revision.come.extend(new.iter().filter(|card| card.listed && belongs(card)).cloned());
            }
            revision.apply(list(self), newest);
        };
        of_kind(|catalog| &mut catalog.recent, |_| true);
        of_kind(|catalog| &mut catalog.resolutions, |card| card.kind == Kind::Resolution);
        of_kind(|catalog| &mut catalog.pinned, |card| card.pinned && card.kind == Kind::Article);
        for (old, new) in &changes {
            self.count(old.as_deref(), |count| *count = count.saturating_sub(1));
            self.count(new.as_deref(), |count| *count += 1);
        }
        shown
    }

    /// Puts the card in its place; `None` when it is the one that was there.
    fn replace(&mut self, path: String, card: Option<Card>) -> Option<Change> {
        let old = self.cards.get(&path).cloned();
        let Some(mut card) = card else {
            let old = self.cards.remove(&path)?;
            return Some((Some(old), None));
        };
        card.serial = old.as_ref().map_or(0, |old| old.serial);
        if old.as_deref() == Some(&card) {
            return None;
        }
        self.serial += 1;
        card.serial = self.serial;
        let card = Arc::new(card);
        self.cards.insert(path, Arc::clone(&card));
        Some((old, Some(card)))
    }

    fn translate(&mut self, changes: &[Change], shown: &mut BTreeSet<String>) {
        let mut touched: BTreeMap<String, Revision> = BTreeMap::new();
        for (old, new) in changes {
            if let Some(card) = old {
                touched.entry(card.translation_key.clone()).or_default().gone.push(Arc::clone(card));
            }
            if let Some(card) = new {
                touched.entry(card.translation_key.clone()).or_default().come.push(Arc::clone(card));
            }
        }
        for (key, revision) in touched {
            let group = self.translations.entry(key.clone()).or_default();
            let before = group.clone();
            revision.apply(group, |a, b| a.path.cmp(&b.path));
            for card in before.iter().chain(group.iter()) {
                shown.insert(card.path.clone());
                // Listings show what has no translation.
                self.versions.categories.insert(card.category.clone(), self.versions.now);
            }
            if group.is_empty() {
                self.translations.remove(&key);
            }
        }
    }

    fn note_versions(&mut self, changes: &[Change]) {
        let versions = &mut self.versions;
        for (old, new) in changes {
            for card in old.iter().chain(new) {
                versions.categories.insert(card.category.clone(), versions.now);
                if card.kind == Kind::Resolution {
                    versions.resolutions = versions.now;
                }
            }
            let address = |card: &Option<Arc<Card>>| {
                card.as_ref()
                    .filter(|card| card.listed)
                    .map(|card| (card.url.clone(), card.updated, card.lang.clone(), card.translation_key.clone()))
            };
            // An unlisted translation has an address that its original's entry names.
            let unlisted = old.iter().chain(new).any(|card| !card.listed);
            if unlisted || address(old) != address(new) {
                versions.addresses = versions.now;
            }
        }
    }

    fn revise_categories(&mut self, changes: &[Change], shown: &mut BTreeSet<String>) {
        let mut touched: BTreeMap<(String, String), Revision> = BTreeMap::new();
        let article = |card: &&Arc<Card>| card.listed && card.kind == Kind::Article;
        for (old, new) in changes {
            for card in old.iter().filter(article) {
                touched.entry((card.lang.clone(), card.category.clone())).or_default().gone.push(Arc::clone(card));
            }
            for card in new.iter().filter(article) {
                touched.entry((card.lang.clone(), card.category.clone())).or_default().come.push(Arc::clone(card));
            }
        }
        for ((lang, category), revision) in touched {
            let categories = self.categories.entry(lang).or_default();
            let list = categories.entry(category.clone()).or_default();
            Revision::neighbours(list, &revision.gone, listed, shown);
            let come = revision.come.clone();
            revision.apply(list, listed);
            Revision::neighbours(list, &come, listed, shown);
            if list.is_empty() {
                categories.remove(&category);
            }
        }
    }

    fn revise_tags(&mut self, changes: &[Change]) {
        let mut touched: BTreeMap<(String, String), Revision> = BTreeMap::new();
        for (old, new) in changes {
            for card in old.iter().filter(|card| card.listed) {
                for slug in card.tag_slugs() {
                    touched.entry((card.lang.clone(), slug)).or_default().gone.push(Arc::clone(card));
                }
            }
            for card in new.iter().filter(|card| card.listed) {
                for slug in card.tag_slugs() {
                    touched.entry((card.lang.clone(), slug)).or_default().come.push(Arc::clone(card));
                }
            }
        }
        for ((lang, slug), revision) in touched {
            let tags = self.tags.entry(lang.clone()).or_default();
            let there = tags.contains_key(&slug);
            let tag = tags.entry(slug.clone()).or_default();
            revision.apply(&mut tag.cards, listed);
            // As the first document in the order of paths writes it.
            let first = tag.cards.iter().min_by(|a, b| a.path.cmp(&b.path));
            let name = first.and_then(|card| card.tags.iter().find(|tag| address::slug(tag) == slug));
            let gone = name.is_none();
            tag.name = name.cloned().unwrap_or_default();
            if gone {
                tags.remove(&slug);
            }
            if gone == there {
                self.versions.tag_names = self.versions.now;
            }
            self.versions.tags.insert((lang, slug), self.versions.now);
        }
    }

    fn count(&mut self, card: Option<&Card>, change: impl Fn(&mut usize)) {
        if let Some(card) = card.filter(|card| card.listed) {
            let (articles, resolutions) = self.counts.entry(card.lang.clone()).or_default();
            change(if card.kind == Kind::Article { articles } else { resolutions });
        }
    }

    /// How many documents a language's site lists: its own, and every resolution record.
    pub fn listed_in(&self, lang: &str) -> usize {
        let own = self.counts.get(lang).map_or(0, |(articles, _)| *articles);
        own + self.counts.values().map(|(_, resolutions)| resolutions).sum::<usize>()
    }

    /// Whether anything is written in this language.
    pub fn speaks(&self, lang: &str) -> bool {
        self.counts.get(lang).is_some_and(|(articles, _)| *articles > 0)
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
        self.translations.get(&card.translation_key)?.iter().rfind(|card| card.lang == lang)
    }

    /// Cards in other languages that have no translation into `lang`, in listing order of their category.
    pub fn untranslated(&self, lang: &str, category: &str) -> Vec<Arc<Card>> {
        let mut languages: Vec<&String> = self.categories.keys().filter(|other| *other != lang).collect();
        languages.sort();
        let mut known = std::collections::HashSet::new();
        let all = languages.into_iter().flat_map(|other| self.category(other, category));
        let missing = all.filter(|card| self.translation(card, lang).is_none());
        missing.filter(|card| known.insert(card.translation_key.as_str())).cloned().collect()
    }

    /// The neighbours of an article in its category.
    pub fn neighbours(&self, card: &Card) -> (Option<&Arc<Card>>, Option<&Arc<Card>>) {
        if card.kind != Kind::Article || !card.listed || card.category.is_empty() {
            return (None, None);
        }
        order::neighbours(self.category(&card.lang, &card.category), card, listed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn card(path: &str, title: &str, tags: &[&str]) -> Card {
        Card { title: title.to_owned(), tags: tags.iter().map(|tag| (*tag).to_owned()).collect(), ..Card::bare(path) }
    }

    /// What listings would show.
    fn shown(catalog: &Catalog) -> String {
        let paths = |cards: &[Arc<Card>]| cards.iter().map(|card| card.path.clone()).collect::<Vec<_>>().join(" ");
        let tags = catalog.tags("zh").map(|(slug, tag)| format!("{slug}={}: {}", tag.name, paths(&tag.cards)));
        let tags = tags.collect::<Vec<_>>().join("; ");
        let (recent, category) = (paths(&catalog.recent), paths(catalog.category("zh", "c")));
        format!("{recent} | {category} | {tags} | {}", catalog.listed_in("zh"))
    }

    #[test]
    fn changes_end_where_a_new_catalog_starts() {
        let titles = ["b", "a", "c", "d"];
        for count in [3, 100] {
            let all: Vec<Card> = (0..count)
                .map(|n| card(&format!("p{n:03}"), titles[n % 4], [&["VPN"][..], &["vpn", "x"], &[]][n % 3]))
                .collect();
            let mut edited = Catalog::default();
            for chunk in all.chunks(7) {
                edited.update(chunk.iter().map(|card| (card.path.clone(), Some(card.clone()))).collect());
            }
            let mut now: BTreeMap<String, Card> = all.into_iter().map(|card| (card.path.clone(), card)).collect();
            now.remove("p000");
            now.insert("p001".to_owned(), card("p001", "zz", &["Vpn"]));
            let changes = ["p000", "p001"].map(|path| (path.to_owned(), now.get(path).cloned()));
            edited.update(changes.into());
            let mut clean = Catalog::default();
            clean.update(now.into_iter().map(|(path, card)| (path, Some(card))).collect());
            assert_eq!(shown(&edited), shown(&clean));
        }
    }

    #[test]
    fn who_shows_a_card_is_named() {
        let mut catalog = Catalog::default();
        let all = ["a", "b", "c", "d", "e", "f"];
        catalog.update(all.iter().map(|title| ((*title).to_owned(), Some(card(title, title, &[])))).collect());
        let version = (catalog.versions.category("c"), catalog.versions.addresses);
        let named = catalog.update(vec![("b".to_owned(), Some(card("b", "e2", &[])))]);
        assert_eq!(named.into_iter().collect::<Vec<_>>(), ["a", "b", "c", "e", "f"]);
        assert!(catalog.versions.category("c") > version.0 && catalog.versions.addresses == version.1);
        let named = catalog.update(vec![("b".to_owned(), Some(card("b", "e2", &[])))]);
        assert!(named.is_empty(), "the same card is no change");
    }
}
