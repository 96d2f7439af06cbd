//! The whole of a keyword: what its author wrote down because employees type exactly that.
//!
//! Words of a keyword are found like words of a title. A question that is a keyword from its first word to its last says
//! more than its words do: the article that has it was written for this question.

use std::collections::HashMap;

use super::analysis::is_unspaced;
use super::everyday::is_function_word;
use super::fold::fold;

/// Characters of the longest function word.
const LONGEST: usize = 5;

/// The articles of a segment by what is left of their keywords.
#[derive(Debug, Default)]
pub(crate) struct Keywords(HashMap<Box<str>, Vec<u32>>);

impl Keywords {
    /// `keywords` of the articles, in their order.
    pub(crate) fn new<'a>(keywords: impl Iterator<Item = &'a [String]>) -> Self {
        let mut by_keyword: HashMap<Box<str>, Vec<u32>> = HashMap::new();
        for (article, keywords) in (0..).zip(keywords) {
            for bare in keywords.iter().map(|keyword| bare(&fold(keyword))).filter(|bare| !bare.is_empty()) {
                by_keyword.entry(bare.into()).or_default().push(article);
            }
        }
        Self(by_keyword)
    }

    /// The articles with a keyword that is the same as the [`bare`] question.
    pub(crate) fn with(&self, bare: &str) -> &[u32] {
        self.0.get(bare).map_or(&[], Vec::as_slice)
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// A folded text without what says nothing about the matter at its ends (`怎么办`, `how do I`), without spaces and signs,
/// in lower case; the whole of it where nothing else would be left.
pub(crate) fn bare(folded: &str) -> String {
    let lower = folded.to_lowercase();
    let mut words: Vec<&str> = lower.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).collect();
    while words.len() > 1 && words.first().is_some_and(|word| is_function_word(word)) {
        words.remove(0);
    }
    while words.len() > 1 && words.last().is_some_and(|word| is_function_word(word)) {
        words.pop();
    }
    let joined = words.concat();
    let mut rest = joined.as_str();
    while let Some(shorter) = without_ends(rest) {
        rest = shorter;
    }
    rest.to_owned()
}

/// The text without one function word of a script written without spaces, at either end.
fn without_ends(text: &str) -> Option<&str> {
    let boundaries: Vec<usize> = text.char_indices().map(|(at, _)| at).chain([text.len()]).collect();
    let characters = boundaries.len() - 1;
    (1..=LONGEST.min(characters.saturating_sub(1))).rev().find_map(|length| {
        let (head, tail) = text.split_at(boundaries[length]);
        if head.starts_with(is_unspaced) && is_function_word(head) {
            return Some(tail);
        }
        let (head, tail) = text.split_at(boundaries[characters - length]);
        (tail.starts_with(is_unspaced) && is_function_word(tail)).then_some(head)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_says_nothing_at_the_ends_does_not_matter() {
        for text in ["连不上网", "连不上网怎么办？", "请问 连不上网 怎么办", "我的连不上网了"]
        {
            assert_eq!(bare(&fold(text)), "连不上网", "{text}");
        }
        assert_eq!(bare("Wi-Fi 掉线"), bare("wifi掉线"));
        assert_eq!(bare("how do I reset VPN"), "resetvpn");
        assert!(!bare("怎么办").is_empty() && !bare("怎么").is_empty() && bare("？！").is_empty());
        let known =
            Keywords::new([&["连不上网".to_owned(), "？".to_owned()][..], &[], &["ＶＰＮ".to_owned()]].into_iter());
        assert_eq!((known.with("连不上网"), known.with("vpn"), known.with("")), (&[0][..], &[2][..], &[][..]));
    }
}
