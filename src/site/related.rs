//! Related documents: those that share rare words of titles, tags and keywords.
//!
//! Each shared term counts `1 / (number of documents that have it)`; a term that more than [`COMMON`] documents have
//! says nothing and is left out. So a list depends only on the documents that share a term with it, and a change
//! touches a bounded number of lists ([`Related::update`]).

use std::collections::{BTreeMap, BTreeSet, HashMap};

use rayon::prelude::*;

use super::catalog::Card;

/// Terms of more documents than this are ignored.
const COMMON: usize = 150;
/// How many related documents a page shows.
const SHOWN: usize = 5;

/// The terms of every listed document, and the lists made from them.
#[derive(Debug, Default)]
pub struct Related {
    terms: HashMap<String, Vec<String>>,
    postings: HashMap<String, BTreeSet<String>>,
    /// What translations share: a translation is no related document.
    keys: HashMap<String, (String, String)>,
    lists: HashMap<String, Vec<String>>,
}

impl Related {
    /// The paths of the documents related to `path`, best first.
    pub fn of(&self, path: &str) -> &[String] {
        self.lists.get(path).map_or(&[], Vec::as_slice)
    }

    /// Takes in changed cards (`None`: gone or no longer listed) and makes the lists they touch anew.
    pub fn update<'a>(&mut self, changes: impl Iterator<Item = (&'a str, Option<&'a Card>)>) {
        let changes: Vec<(&str, Option<&Card>, Vec<String>)> = changes
            .map(|(path, card)| (path, card.filter(|card| card.listed)))
            .map(|(path, card)| (path, card, card.map(terms).unwrap_or_default()))
            .collect();
        let mut touched: BTreeSet<String> = BTreeSet::new();
        for (path, _, new) in &changes {
            touched.extend(self.terms.get(*path).into_iter().flatten().cloned());
            touched.extend(new.iter().cloned());
        }
        let mut dirty: BTreeSet<String> = BTreeSet::new();
        self.members(&touched, &mut dirty);
        for (path, card, new) in changes {
            for term in self.terms.remove(path).unwrap_or_default() {
                if let Some(posting) = self.postings.get_mut(&term) {
                    posting.remove(path);
                    if posting.is_empty() {
                        self.postings.remove(&term);
                    }
                }
            }
            self.keys.remove(path);
            self.lists.remove(path);
            let Some(card) = card else { continue };
            for term in &new {
                self.postings.entry(term.clone()).or_default().insert(path.to_owned());
            }
            self.keys.insert(path.to_owned(), (card.lang.clone(), card.translation_key.clone()));
            self.terms.insert(path.to_owned(), new);
            dirty.insert(path.to_owned());
        }
        self.members(&touched, &mut dirty);
        let made: Vec<(String, Vec<String>)> = dirty
            .into_par_iter()
            .filter(|path| self.terms.contains_key(path))
            .map(|path| (path.clone(), self.list(&path)))
            .collect();
        self.lists.extend(made);
    }

    /// Adds the documents whose lists the terms have a say in.
    fn members(&self, terms: &BTreeSet<String>, into: &mut BTreeSet<String>) {
        let counted = terms.iter().filter_map(|term| self.postings.get(term)).filter(|posting| posting.len() <= COMMON);
        into.extend(counted.flatten().cloned());
    }

    fn list(&self, path: &str) -> Vec<String> {
        let Some((lang, key)) = self.keys.get(path) else { return Vec::new() };
        let mut scores: BTreeMap<&str, f64> = BTreeMap::new();
        for term in self.terms.get(path).into_iter().flatten() {
            let Some(posting) = self.postings.get(term).filter(|posting| posting.len() <= COMMON) else { continue };
            for other in posting.iter().filter(|other| *other != path) {
                *scores.entry(other).or_default() += 1.0 / posting.len() as f64;
            }
        }
        let mut found: Vec<(&str, f64)> = scores
            .into_iter()
            .filter(|(other, _)| {
                self.keys.get(*other).is_some_and(|(other_lang, other_key)| other_lang == lang && other_key != key)
            })
            .collect();
        found.sort_by(|a, b| b.1.total_cmp(&a.1).then_with(|| a.0.cmp(b.0)));
        found.into_iter().take(SHOWN).map(|(path, _)| path.to_owned()).collect()
    }
}

/// Latin words and pairs of neighbouring CJK characters of the title, and each tag and keyword whole.
fn terms(card: &Card) -> Vec<String> {
    let mut terms = BTreeSet::new();
    let mut word = String::new();
    let mut previous: Option<char> = None;
    for c in card.title.chars().chain([' ']) {
        if c.is_ascii_alphanumeric() {
            word.extend(c.to_lowercase());
            previous = None;
            continue;
        }
        if word.len() > 1 {
            terms.insert(std::mem::take(&mut word));
        }
        word.clear();
        if !c.is_alphanumeric() {
            previous = None;
            continue;
        }
        if let Some(before) = previous {
            terms.insert([before, c].iter().collect());
        }
        previous = Some(c);
    }
    for tag in card.tags.iter().chain(&card.keywords) {
        terms.insert(tag.to_lowercase());
    }
    terms.into_iter().collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::content::Kind;

    fn card(path: &str, title: &str, tags: &[&str]) -> Card {
        Card {
            kind: Kind::Article,
            path: path.to_owned(),
            url: format!("/{path}/"),
            title: title.to_owned(),
            summary: String::new(),
            category: String::new(),
            tags: tags.iter().map(|tag| (*tag).to_owned()).collect(),
            keywords: Vec::new(),
            lang: "zh".to_owned(),
            updated: None,
            pinned: false,
            weight: 0,
            translation_key: path.to_owned(),
            listed: true,
            headings: Vec::new(),
        }
    }

    #[test]
    fn rare_shared_words_relate() {
        let cards =
            [card("a", "VPN 连接失败", &["远程"]), card("b", "VPN 设置", &["远程"]), card("c", "打印机卡纸", &[])];
        let mut related = Related::default();
        related.update(cards.iter().map(|card| (card.path.as_str(), Some(card))));
        assert_eq!(related.of("a"), ["b"]);
        assert!(related.of("c").is_empty());
    }

    #[test]
    fn history_does_not_matter() {
        let all: Vec<Card> =
            (0..400).map(|n| card(&format!("p{n:03}"), &format!("词{} 通用 word{}", n % 7, n % 40), &[])).collect();
        let mut clean = Related::default();
        clean.update(all.iter().skip(100).map(|card| (card.path.as_str(), Some(card))));
        let mut edited = Related::default();
        for chunk in all.chunks(37) {
            edited.update(chunk.iter().map(|card| (card.path.as_str(), Some(card))));
        }
        for card in all.iter().take(100) {
            edited.update([(card.path.as_str(), None)].into_iter());
        }
        for card in all.iter().skip(100) {
            assert_eq!(edited.of(&card.path), clean.of(&card.path), "{}", card.path);
        }
    }
}
