//! Related documents: those that share rare words of titles, tags and keywords.
//!
//! Each shared term counts `1 / (number of documents that have it)`; a term that more than [`COMMON`] documents have
//! says nothing and is left out. So a list depends only on the documents that share a term with it, and a change
//! touches a bounded number of lists ([`Related::update`]).

use std::collections::{BTreeSet, HashMap, HashSet};

use rayon::prelude::*;

use super::catalog::Card;

/// Terms of more documents than this are ignored.
const COMMON: usize = 150;
/// How many related documents a page shows.
const SHOWN: usize = 5;

/// The terms of every listed document, and the lists made from them. Paths and terms are numbered once.
#[derive(Debug, Default)]
pub struct Related {
    numbers: HashMap<String, u32>,
    documents: Vec<Known>,
    term_numbers: HashMap<String, u32>,
    /// Documents by term.
    postings: Vec<Vec<u32>>,
}

/// What is known of one document; a document that went away keeps its number and has no terms.
#[derive(Debug, Default)]
struct Known {
    path: String,
    lang: String,
    /// What translations share: a translation is no related document.
    translation_key: String,
    /// In the order of their texts, so that sums do not depend on history.
    terms: Vec<u32>,
    list: Vec<String>,
}

impl Related {
    /// The paths of the documents related to `path`, best first.
    pub fn of(&self, path: &str) -> &[String] {
        self.numbers.get(path).map_or(&[], |number| &self.documents[*number as usize].list)
    }

    /// Takes in changed cards (`None`: gone or no longer listed) and makes the lists they touch anew.
    pub fn update<'a>(&mut self, changes: impl Iterator<Item = (&'a str, Option<&'a Card>)>) {
        let changes: Vec<(&str, Option<&Card>)> =
            changes.map(|(path, card)| (path, card.filter(|card| card.listed))).collect();
        let texts: Vec<Vec<String>> = changes.par_iter().map(|(_, card)| card.map(terms).unwrap_or_default()).collect();
        let mut touched: HashSet<u32> = HashSet::new();
        let mut new = Vec::with_capacity(changes.len());
        for ((path, card), texts) in changes.into_iter().zip(texts) {
            let number = self.number(path);
            let terms: Vec<u32> = texts.into_iter().map(|text| self.term_number(text)).collect();
            touched.extend(self.documents[number as usize].terms.iter().chain(&terms));
            new.push((number, card, terms));
        }
        let mut dirty: HashSet<u32> = new.iter().map(|(number, _, _)| *number).collect();
        self.members(&touched, &mut dirty);
        for (number, card, terms) in new {
            let document = &mut self.documents[number as usize];
            let old = std::mem::replace(&mut document.terms, terms);
            if let Some(card) = card {
                document.lang.clone_from(&card.lang);
                document.translation_key.clone_from(&card.translation_key);
            }
            for term in old {
                self.postings[term as usize].retain(|other| *other != number);
            }
            for term in &self.documents[number as usize].terms {
                self.postings[*term as usize].push(number);
            }
        }
        self.members(&touched, &mut dirty);
        let made: Vec<(u32, Vec<String>)> = dirty.into_par_iter().map(|number| (number, self.list(number))).collect();
        for (number, list) in made {
            self.documents[number as usize].list = list;
        }
    }

    fn number(&mut self, path: &str) -> u32 {
        if let Some(number) = self.numbers.get(path) {
            return *number;
        }
        let number = u32::try_from(self.documents.len()).unwrap_or(u32::MAX);
        self.documents.push(Known { path: path.to_owned(), ..Known::default() });
        self.numbers.insert(path.to_owned(), number);
        number
    }

    fn term_number(&mut self, text: String) -> u32 {
        let next = u32::try_from(self.postings.len()).unwrap_or(u32::MAX);
        let number = *self.term_numbers.entry(text).or_insert(next);
        if number == next {
            self.postings.push(Vec::new());
        }
        number
    }

    /// Adds the documents whose lists the terms have a say in.
    fn members(&self, terms: &HashSet<u32>, into: &mut HashSet<u32>) {
        let counted = terms.iter().map(|term| &self.postings[*term as usize]).filter(|posting| posting.len() <= COMMON);
        into.extend(counted.flatten());
    }

    fn list(&self, number: u32) -> Vec<String> {
        let document = &self.documents[number as usize];
        let mut scores: HashMap<u32, f64> = HashMap::new();
        for term in &document.terms {
            let posting = &self.postings[*term as usize];
            if posting.len() > COMMON {
                continue;
            }
            for other in posting.iter().filter(|other| **other != number) {
                *scores.entry(*other).or_default() += 1.0 / posting.len() as f64;
            }
        }
        let mut found: Vec<(&Known, f64)> = scores
            .into_iter()
            .map(|(other, score)| (&self.documents[other as usize], score))
            .filter(|(other, _)| other.lang == document.lang && other.translation_key != document.translation_key)
            .collect();
        found.sort_by(|a, b| b.1.total_cmp(&a.1).then_with(|| a.0.path.cmp(&b.0.path)));
        found.into_iter().take(SHOWN).map(|(other, _)| other.path.clone()).collect()
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
