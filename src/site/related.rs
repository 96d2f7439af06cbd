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
    path: Box<str>,
    lang: Box<str>,
    /// What translations share: a translation is no related document.
    translation_key: Box<str>,
    /// In the order of their texts, so that sums do not depend on history.
    terms: Vec<u32>,
    list: Vec<u32>,
}

impl Related {
    /// The paths of the documents related to `path`, best first.
    pub fn of(&self, path: &str) -> impl Iterator<Item = &str> {
        let list = self.numbers.get(path).map_or(&[][..], |number| &self.documents[*number as usize].list);
        list.iter().map(|number| &*self.documents[*number as usize].path)
    }

    /// Takes in changed cards (`None`: gone or no longer listed) and makes the lists they touch anew. Gives the paths
    /// of the documents whose list is another now, or shows a changed card.
    pub fn update<'a>(&mut self, changes: impl Iterator<Item = (&'a str, Option<&'a Card>)>) -> Vec<String> {
        let changes: Vec<(&str, Option<&Card>)> =
            changes.map(|(path, card)| (path, card.filter(|card| card.listed))).collect();
        let texts: Vec<Vec<String>> = changes.par_iter().map(|(_, card)| card.map(terms).unwrap_or_default()).collect();
        // Terms that come or go, or whose document counts otherwise: the lists of all who share them change.
        let mut touched: HashSet<u32> = HashSet::new();
        let mut new = Vec::with_capacity(changes.len());
        for ((path, card), texts) in changes.into_iter().zip(texts) {
            let number = self.number(path);
            let terms: Vec<u32> = texts.into_iter().map(|text| self.term_number(text)).collect();
            let document = &self.documents[number as usize];
            let same = |card: &Card| *card.lang == *document.lang && *card.translation_key == *document.translation_key;
            if card.is_none_or(same) {
                touched.extend(document.terms.iter().filter(|term| !terms.contains(term)));
                touched.extend(terms.iter().filter(|term| !document.terms.contains(term)));
            } else {
                touched.extend(document.terms.iter().chain(&terms));
            }
            new.push((number, card, terms));
        }
        let changed: HashSet<u32> = new.iter().map(|(number, _, _)| *number).collect();
        let mut dirty = changed.clone();
        self.members(&touched, &mut dirty);
        for (number, card, terms) in new {
            let document = &mut self.documents[number as usize];
            let old = std::mem::replace(&mut document.terms, terms);
            if let Some(card) = card {
                document.lang = card.lang.as_str().into();
                document.translation_key = card.translation_key.as_str().into();
            }
            for term in old {
                self.postings[term as usize].retain(|other| *other != number);
            }
            for term in &self.documents[number as usize].terms {
                self.postings[*term as usize].push(number);
            }
        }
        self.members(&touched, &mut dirty);
        let new_list = |sums: &mut Sums, number| {
            let list = self.list(number, sums);
            (self.documents[number as usize].list != list).then_some((number, list))
        };
        let made: Vec<(u32, Vec<u32>)> =
            dirty.into_par_iter().map_init(Sums::default, new_list).filter_map(|made| made).collect();
        // Whoever shows a changed card shares a term with it that counts.
        let terms = changed.iter().flat_map(|number| &self.documents[*number as usize].terms).copied().collect();
        let mut shown = HashSet::new();
        self.members(&terms, &mut shown);
        shown.retain(|number| self.documents[*number as usize].list.iter().any(|other| changed.contains(other)));
        shown.extend(made.iter().map(|(number, _)| *number));
        for (number, list) in made {
            self.documents[number as usize].list = list;
        }
        shown.into_iter().map(|number| self.documents[number as usize].path.to_string()).collect()
    }

    fn number(&mut self, path: &str) -> u32 {
        if let Some(number) = self.numbers.get(path) {
            return *number;
        }
        let number = u32::try_from(self.documents.len()).unwrap_or(u32::MAX);
        self.documents.push(Known { path: path.into(), ..Known::default() });
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

    fn list(&self, number: u32, sums: &mut Sums) -> Vec<u32> {
        let document = &self.documents[number as usize];
        sums.scores.resize(self.documents.len(), 0.0);
        for term in &document.terms {
            let posting = &self.postings[*term as usize];
            if posting.len() > COMMON {
                continue;
            }
            for other in posting.iter().filter(|other| **other != number) {
                let score = &mut sums.scores[*other as usize];
                if *score == 0.0 {
                    sums.found.push(*other);
                }
                *score += 1.0 / posting.len() as f64;
            }
        }
        let mut found: Vec<(&Known, f64, u32)> = Vec::new();
        for other in sums.found.drain(..) {
            let score = std::mem::take(&mut sums.scores[other as usize]);
            let known = &self.documents[other as usize];
            if known.lang == document.lang && known.translation_key != document.translation_key {
                found.push((known, score, other));
            }
        }
        let best =
            |a: &(&Known, f64, u32), b: &(&Known, f64, u32)| b.1.total_cmp(&a.1).then_with(|| a.0.path.cmp(&b.0.path));
        if found.len() > SHOWN {
            found.select_nth_unstable_by(SHOWN, best);
            found.truncate(SHOWN);
        }
        found.sort_unstable_by(best);
        found.into_iter().map(|(_, _, other)| other).collect()
    }
}

/// Room for the scores of one document at a time, used again and again.
#[derive(Default)]
struct Sums {
    /// By number; 0 between two documents.
    scores: Vec<f64>,
    found: Vec<u32>,
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

    fn card(path: &str, title: &str, tags: &[&str]) -> Card {
        Card {
            title: title.to_owned(),
            tags: tags.iter().map(|tag| (*tag).to_owned()).collect(),
            category: String::new(),
            ..Card::bare(path)
        }
    }

    #[test]
    fn rare_shared_words_relate() {
        let cards =
            [card("a", "VPN 连接失败", &["远程"]), card("b", "VPN 设置", &["远程"]), card("c", "打印机卡纸", &[])];
        let mut related = Related::default();
        related.update(cards.iter().map(|card| (card.path.as_str(), Some(card))));
        assert_eq!(related.of("a").collect::<Vec<_>>(), ["b"]);
        assert_eq!(related.of("c").count(), 0);
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
            let lists = [&edited, &clean].map(|related| related.of(&card.path).collect::<Vec<_>>());
            assert_eq!(lists[0], lists[1], "{}", card.path);
        }
    }

    #[test]
    fn a_change_names_the_lists_that_show_it() {
        let all: Vec<Card> =
            (0..300).map(|n| card(&format!("p{n:03}"), &format!("通用 word{} word{}", n % 60, n % 7), &[])).collect();
        let mut related = Related::default();
        related.update(all.iter().map(|card| (card.path.as_str(), Some(card))));
        let lists = |related: &Related| -> Vec<Vec<String>> {
            all.iter().map(|card| related.of(&card.path).map(str::to_owned).collect()).collect()
        };
        for title in ["通用 word3 word5", "word3 word5", "别的"] {
            let before = lists(&related);
            let named = related.update([("p010", Some(&card("p010", title, &[])))].into_iter());
            for ((card, before), now) in all.iter().zip(before).zip(lists(&related)) {
                let shows = before != now || now.iter().any(|path| path == "p010");
                assert!(!shows || named.contains(&card.path), "{title}: {} shows it", card.path);
            }
            assert!(named.len() < 60, "{title}: {}", named.len());
        }
    }
}
