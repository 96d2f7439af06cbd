//! The words that a segment holds: for stems, spelling and pinyin.

use std::collections::HashMap;
use std::sync::Arc;

use frostem::{Algorithm, Stemmer};
use tantivy::InvertedIndexReader;

use super::SearchError;
use super::analysis::{Analyzer, is_unspaced};
use super::fold::fold;
use super::pinyin;
use super::weights::FIELDS;

/// A word and the number of sections it stands in.
#[derive(Debug, Clone)]
pub(crate) struct Form {
    pub(crate) text: Box<str>,
    pub(crate) count: u32,
}

#[derive(Debug, Default)]
pub(crate) struct Vocabulary {
    /// English words by stem.
    by_stem: HashMap<Box<str>, Vec<Form>>,
    /// English words that may be what a misspelt one meant.
    spellings: Vec<(Letters, Form)>,
    /// Toneless pinyin of Chinese words, sorted.
    by_pinyin: Vec<(Box<str>, Form)>,
    /// First letters of Chinese words, sorted.
    by_initials: Vec<(Box<str>, Form)>,
}

/// Which letters a word has, and how many: most words are ruled out by this alone.
#[derive(Debug, Clone, Copy)]
struct Letters {
    mask: u32,
    length: u8,
}

impl Letters {
    fn new(word: &str) -> Self {
        let mask = word.bytes().fold(0, |mask, byte| mask | 1 << (byte.wrapping_sub(b'a') & 31));
        Self { mask, length: word.len().min(255) as u8 }
    }

    /// Whether an edit distance of at most `limit` is possible.
    fn may_be_near(self, other: Self, limit: usize) -> bool {
        usize::from(self.length.abs_diff(other.length)) <= limit
            && (self.mask & !other.mask).count_ones() as usize <= limit
            && (other.mask & !self.mask).count_ones() as usize <= limit
    }
}

/// The stem of an English word in lower case; other words are their own stems.
pub(crate) fn stem(word: &str) -> String {
    if is_english(word) { Stemmer::new(Algorithm::English).stem(word).into_owned() } else { word.to_owned() }
}

/// Whether a folded keyword can be said in pinyin as one name: no spaces or signs, and something to say.
fn is_name(text: &str) -> bool {
    let length = text.chars().count();
    (3..=LONGEST_NAME).contains(&length)
        && text.contains(is_unspaced)
        && text.chars().all(|c| is_unspaced(c) || c.is_ascii_alphanumeric())
}

/// Characters of a name.
const LONGEST_NAME: usize = 12;

fn is_english(word: &str) -> bool {
    word.len() > 2 && word.bytes().all(|byte| byte.is_ascii_lowercase())
}

impl Vocabulary {
    /// The words of a segment, and the names among its `keywords` and the site's own words that no dictionary has.
    pub(crate) fn new<'a>(
        inverted: &[Arc<InvertedIndexReader>; FIELDS],
        analyzer: &'a Analyzer,
        keywords: impl Iterator<Item = &'a str>,
    ) -> Result<Self, SearchError> {
        let mut counts: HashMap<Box<str>, u32> = HashMap::new();
        for reader in inverted {
            let mut terms = reader.terms().stream()?;
            while let Some((term, info)) = terms.next() {
                let Ok(term) = std::str::from_utf8(term) else { continue };
                let is_chinese = || term.len() > 4 && term.starts_with(is_unspaced) && analyzer.is_word(term);
                if !is_english(term) && !is_chinese() {
                    continue;
                }
                match counts.get_mut(term) {
                    Some(count) => *count = info.doc_freq.max(*count),
                    None => {
                        counts.insert(term.into(), info.doc_freq);
                    }
                }
            }
        }
        for name in keywords.chain(analyzer.names()).map(fold).filter(|name| is_name(name)) {
            counts.entry(name.to_lowercase().into()).or_insert(1);
        }
        let stemmer = Stemmer::new(Algorithm::English);
        let mut vocabulary = Self::default();
        for (text, count) in counts {
            let form = Form { text, count };
            if is_english(&form.text) {
                let stem = stemmer.stem(&form.text);
                match vocabulary.by_stem.get_mut(&*stem) {
                    Some(forms) => forms.push(form.clone()),
                    None => {
                        vocabulary.by_stem.insert(stem.into(), vec![form.clone()]);
                    }
                }
                if form.text.len() > 3 {
                    vocabulary.spellings.push((Letters::new(&form.text), form));
                }
            } else {
                for reading in pinyin::readings(&form.text) {
                    if form.text.chars().count() > 2 {
                        vocabulary.by_initials.push((reading.initials, form.clone()));
                    }
                    vocabulary.by_pinyin.push((reading.full, form.clone()));
                }
            }
        }
        vocabulary.by_pinyin.sort_by(|a, b| a.0.cmp(&b.0));
        vocabulary.by_initials.sort_by(|a, b| a.0.cmp(&b.0));
        Ok(vocabulary)
    }

    /// The words with this stem.
    pub(crate) fn with_stem(&self, stem: &str) -> &[Form] {
        self.by_stem.get(stem).map_or(&[], Vec::as_slice)
    }

    /// Words at most `limit` edits (insert, delete, replace, swap neighbours) from `word`, each with its distance.
    pub(crate) fn near(&self, word: &str, limit: usize) -> impl Iterator<Item = (usize, &Form)> {
        let letters = Letters::new(word);
        let word = word.to_owned();
        self.spellings.iter().filter(move |(other, _)| other.may_be_near(letters, limit)).filter_map(
            move |(_, form)| {
                let distance = strsim::osa_distance(&word, &form.text);
                (distance <= limit).then_some((distance, form))
            },
        )
    }

    /// Chinese words whose pinyin is (or, with `prefix`, starts with) `key`.
    pub(crate) fn with_pinyin(&self, key: &str, prefix: bool) -> impl Iterator<Item = &Form> {
        matching(&self.by_pinyin, key, prefix)
    }

    /// Chinese words of three characters or more that differ from `typed` in one character.
    pub(crate) fn one_off(&self, typed: &str) -> impl Iterator<Item = &Form> {
        let typed = typed.chars().collect::<Vec<_>>();
        self.by_initials.iter().map(|(_, form)| form).filter(move |form| {
            let mut differing = 0;
            let mut length = 0;
            for character in form.text.chars() {
                differing += usize::from(typed.get(length) != Some(&character));
                length += 1;
                if differing > 1 {
                    return false;
                }
            }
            differing == 1 && length == typed.len()
        })
    }

    /// Chinese words of three characters or more with these first letters.
    pub(crate) fn with_initials(&self, key: &str, prefix: bool) -> impl Iterator<Item = &Form> {
        matching(&self.by_initials, key, prefix)
    }
}

fn matching<'a>(sorted: &'a [(Box<str>, Form)], key: &str, prefix: bool) -> impl Iterator<Item = &'a Form> {
    let from = sorted.partition_point(|(other, _)| &**other < key);
    let key = key.to_owned();
    sorted[from..]
        .iter()
        .take_while(move |(other, _)| if prefix { other.starts_with(&key) } else { **other == *key })
        .map(|(_, form)| form)
}
