//! The vocabulary of all segments of a view, as one.

use std::collections::HashMap;

use super::segment::Segment;
use super::vocabulary::{Form, stem};

#[derive(Clone, Copy)]
pub(crate) struct Lexicon<'a> {
    pub(crate) segments: &'a [Segment],
}

impl<'a> Lexicon<'a> {
    /// How many sections there are.
    pub(crate) fn sections(self) -> usize {
        self.segments.iter().map(|segment| segment.table.article_of.len()).sum()
    }

    /// In how many sections a term stands, roughly: per segment the field that has it most often.
    pub(crate) fn count(self, term: &str) -> u32 {
        let in_segment = |segment: &Segment| {
            let counts = segment.table.inverted.iter().filter_map(|field| field.terms().get(term).ok().flatten());
            counts.map(|info| info.doc_freq).max().unwrap_or(0)
        };
        self.segments.iter().map(in_segment).sum()
    }

    /// The words that share the stem of `word`, and `word` itself first, with the count of all.
    pub(crate) fn forms(self, word: &str) -> (Vec<String>, u32) {
        let stem = stem(word);
        let mut forms = vec![word.to_owned()];
        let mut count = 0;
        for form in self.segments.iter().flat_map(|segment| segment.table.vocabulary.with_stem(&stem)) {
            count += form.count;
            if !forms.iter().any(|known| **known == *form.text) {
                forms.push(form.text.to_string());
            }
        }
        if count == 0 {
            count = self.count(word);
        }
        (forms, count)
    }

    /// The likeliest spellings of a misspelt English word: the nearest, the most frequent first.
    pub(crate) fn spellings(self, word: &str, limit: usize) -> Vec<Form> {
        let near = self.segments.iter().flat_map(|segment| segment.table.vocabulary.near(word, limit));
        let mut best: HashMap<&str, (usize, u32)> = HashMap::new();
        for (distance, form) in near {
            best.entry(&form.text).or_insert((distance, 0)).1 += form.count;
        }
        let mut ranked = best
            .into_iter()
            .filter(|(text, _)| *text != word)
            // The first letter is rarely wrong: a word that keeps it counts as more frequent.
            .map(|(text, (distance, count))| {
                let same_start = text.as_bytes().first() == word.as_bytes().first();
                ((distance, std::cmp::Reverse(count * if same_start { 4 } else { 1 })), text, count)
            })
            .collect::<Vec<_>>();
        ranked.sort_unstable();
        let nearest = ranked.first().map_or(0, |((distance, _), ..)| *distance);
        let same = ranked.into_iter().take_while(|((distance, _), ..)| *distance == nearest);
        same.map(|(_, text, count)| Form { text: text.into(), count }).collect()
    }

    fn best(forms: impl Iterator<Item = &'a Form>) -> Vec<Form> {
        let mut counts: HashMap<&str, u32> = HashMap::new();
        for form in forms {
            *counts.entry(&form.text).or_default() += form.count;
        }
        let mut best = counts.into_iter().map(|(text, count)| Form { text: text.into(), count }).collect::<Vec<_>>();
        best.sort_by(|a, b| b.count.cmp(&a.count).then_with(|| a.text.cmp(&b.text)));
        best
    }

    /// Chinese words with this pinyin, the most frequent first.
    pub(crate) fn pinyin(self, key: &str, prefix: bool) -> Vec<Form> {
        Self::best(self.segments.iter().flat_map(|segment| segment.table.vocabulary.with_pinyin(key, prefix)))
    }

    /// Chinese words with these first letters, the most frequent first.
    pub(crate) fn initials(self, key: &str, prefix: bool) -> Vec<Form> {
        Self::best(self.segments.iter().flat_map(|segment| segment.table.vocabulary.with_initials(key, prefix)))
    }

    /// Chinese words of three characters or more that differ from `typed` in one character, the most frequent first.
    pub(crate) fn one_off(self, typed: &str) -> Vec<Form> {
        Self::best(self.segments.iter().flat_map(|segment| segment.table.vocabulary.one_off(typed)))
    }

    /// A run of pinyin as Chinese words, by the fewest words and then the most frequent: `wangluolianjie` → 网络 连接.
    pub(crate) fn pinyin_words(self, run: &str) -> Option<Vec<Form>> {
        if run.len() > 30 || !run.bytes().all(|byte| byte.is_ascii_lowercase()) {
            return None;
        }
        // best[end]: the words that spell run[..end].
        let mut best: Vec<Option<Vec<Form>>> = vec![None; run.len() + 1];
        best[0] = Some(Vec::new());
        for end in 3..=run.len() {
            for start in (0..=end - 3).filter(|start| end - start <= 24) {
                let Some(before) = &best[start] else { continue };
                if best[end].as_ref().is_some_and(|known| known.len() <= before.len() + 1) {
                    continue;
                }
                if let Some(word) = self.pinyin(&run[start..end], false).into_iter().next() {
                    let mut words = before.clone();
                    words.push(word);
                    best[end] = Some(words);
                }
            }
        }
        best.pop().flatten().filter(|words| !words.is_empty())
    }
}
