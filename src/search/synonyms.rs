//! Words that mean the same: the site's own, common misspellings by sound, and the Taiwanese terms of the trade.

use std::collections::HashMap;

use super::analysis::is_unspaced;
use super::fold::fold;
use super::regional::{HOMOPHONES, REGIONAL as REGIONAL_TERMS};
use super::weights::WEIGHTS;

/// Another way to say what was typed.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Alternative {
    /// Folded, lower case.
    pub(crate) text: String,
    pub(crate) weight: f32,
}

/// Found in a question: bytes of the folded text, and what else may stand there.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Found<'a> {
    pub(crate) start: usize,
    pub(crate) end: usize,
    pub(crate) alternatives: &'a [Alternative],
}

#[derive(Debug, Default)]
pub(crate) struct Synonyms {
    by_term: HashMap<String, Vec<Alternative>>,
    /// The longest term, in bytes.
    longest: usize,
}

fn normal(term: &str) -> String {
    fold(term).to_lowercase().trim().to_owned()
}

impl Synonyms {
    pub(crate) fn new(groups: &[Vec<String>]) -> Self {
        let mut synonyms = Self::default();
        for group in groups {
            for from in group {
                for to in group {
                    synonyms.add(from, to, WEIGHTS.synonym);
                }
            }
        }
        for [one, other] in HOMOPHONES {
            synonyms.add(one, other, 1.0);
            synonyms.add(other, one, 1.0);
        }
        for (from, mainland) in REGIONAL_TERMS {
            for to in mainland.split(' ') {
                synonyms.add(from, to, WEIGHTS.regional);
            }
        }
        synonyms
    }

    fn add(&mut self, from: &str, to: &str, weight: f32) {
        let (from, text) = (normal(from), normal(to));
        if from == text || from.is_empty() || text.is_empty() {
            return;
        }
        self.longest = self.longest.max(from.len());
        let alternatives = self.by_term.entry(from).or_default();
        if !alternatives.iter().any(|known| known.text == text) {
            alternatives.push(Alternative { text, weight });
        }
    }

    /// The terms of a folded lower-case text, longest first, without overlap.
    pub(crate) fn find<'a>(&'a self, text: &str) -> Vec<Found<'a>> {
        let mut found = Vec::new();
        let mut start = 0;
        while start < text.len() {
            let longest = (start + 1..=text.len().min(start + self.longest))
                .rev()
                .filter(|&end| text.is_char_boundary(end) && is_border(text, start) && is_border(text, end))
                .find_map(|end| Some((end, self.by_term.get(&text[start..end])?)));
            if let Some((end, alternatives)) = longest {
                found.push(Found { start, end, alternatives });
                start = end;
            } else {
                start += text[start..].chars().next().map_or(1, char::len_utf8);
            }
        }
        found
    }
}

/// Whether a term may begin or end here: not inside a Latin word.
fn is_border(text: &str, at: usize) -> bool {
    let inside = |character: char| character.is_alphanumeric() && !is_unspaced(character);
    !(text[..at].ends_with(inside) && text[at..].starts_with(inside))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_whole_terms_both_ways() {
        let group = ["蓝屏", "BSOD", "死机代码"].map(str::to_owned).to_vec();
        let synonyms = Synonyms::new(&[group]);
        let others = |text: &str| {
            synonyms
                .find(text)
                .iter()
                .flat_map(|found| found.alternatives.iter().map(|a| a.text.clone()))
                .collect::<Vec<_>>()
        };
        assert_eq!(others("突然蓝屏了"), ["bsod", "死机代码"]);
        assert_eq!(others("bsod"), ["蓝屏", "死机代码"]);
        assert!(others("bsodx").is_empty());
        assert_eq!(others("远程登陆"), ["登录"]);
        assert_eq!(others("印表机"), ["打印机"]);
    }
}
