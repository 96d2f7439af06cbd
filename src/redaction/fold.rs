//! One spelling of many: full-width digits and letters, exotic spaces and hyphens, invisible characters.
//!
//! Every kept character becomes exactly one other, so that a place in the folded text can be told in the original.

use std::ops::Range;

/// A text in which `１３８` and `138` are the same, with the way back to the original.
pub(super) struct Folded<'a> {
    original: &'a str,
    pub(super) text: String,
    /// Where the distance between the two texts changes: offsets in `text` and in `original`, in order.
    steps: Vec<(usize, usize)>,
}

impl<'a> Folded<'a> {
    pub(super) fn new(original: &'a str) -> Self {
        if original.is_ascii() {
            return Self { original, text: original.to_owned(), steps: Vec::new() };
        }
        let mut text = String::with_capacity(original.len());
        let mut steps = Vec::new();
        for (at, c) in original.char_indices() {
            let folded = fold(c);
            text.extend(folded);
            let length = folded.map_or(0, char::len_utf8);
            if length != c.len_utf8() {
                steps.push((text.len(), at + c.len_utf8()));
            }
        }
        Self { original, text, steps }
    }

    /// The original place of a character that begins at `at` in the folded text.
    fn start(&self, at: usize) -> usize {
        let known = self.steps.partition_point(|(folded, _)| *folded <= at);
        let (folded, original) = known.checked_sub(1).map_or((0, 0), |last| self.steps[last]);
        original + (at - folded)
    }

    /// The original range of a range of the folded text that begins and ends between characters.
    pub(super) fn range(&self, folded: Range<usize>) -> Range<usize> {
        let start = self.start(folded.start);
        let Some(last) = self.text[folded.clone()].chars().next_back() else { return start..start };
        let last = self.start(folded.end - last.len_utf8());
        let end = last + self.original[last..].chars().next().map_or(0, char::len_utf8);
        start..end
    }
}

/// What a character counts as; `None` for one that nobody sees.
fn fold(c: char) -> Option<char> {
    Some(match c {
        '\u{200b}'..='\u{200f}' | '\u{2060}' | '\u{feff}' | '\u{ad}' => return None,
        '\u{a0}' | '\u{2000}'..='\u{200a}' | '\u{202f}' | '\u{205f}' | '\u{3000}' => ' ',
        '\u{2010}'..='\u{2015}' | '\u{2212}' | '\u{fe63}' => '-',
        '\u{ff01}'..='\u{ff5e}' => char::from_u32(u32::from(c) - 0xfee0).unwrap_or(c),
        // Mathematical digits: bold, double-struck, sans-serif, monospace.
        '\u{1d7ce}'..='\u{1d7ff}' => char::from_digit((u32::from(c) - 0x1d7ce) % 10, 10).unwrap_or(c),
        c => c,
    })
}

/// The character before a place.
pub(super) fn before(text: &str, at: usize) -> Option<char> {
    text[..at].chars().next_back()
}

/// The character after a place.
pub(super) fn after(text: &str, at: usize) -> Option<char> {
    text[at..].chars().next()
}

/// The last `count` characters before a place.
pub(super) fn tail(text: &str, at: usize, count: usize) -> &str {
    let start = text[..at].char_indices().rev().nth(count.saturating_sub(1)).map_or(0, |(start, _)| start);
    &text[start..at]
}

/// Whether what stands at a place is part of a web address: a number in one is a number of a page.
pub(super) fn in_url(text: &str, at: usize) -> bool {
    // Addresses are short; a text without a space is looked at only so far back.
    let near = text.floor_char_boundary(at.saturating_sub(2_048));
    let other = text[near..at].char_indices().rfind(|(_, c)| !is_url(*c));
    let start = other.map_or(near, |(end, c)| near + end + c.len_utf8());
    let Some(mut word) = text.get(start..at) else { return false };
    if let Some(open) = word.rfind("](") {
        // A link that is closed before the place.
        let Some(close) = word[open..].find(')') else { return true };
        word = &word[open + close + 1..];
    }
    // The full-width comma, which is folded into this one, ends an address in a sentence.
    let listed = word.ends_with(',') && !word.contains('?');
    !listed && (word.contains("://") || word.starts_with("www."))
}

fn is_url(c: char) -> bool {
    c.is_ascii_graphic() && !matches!(c, '"' | '<' | '>' | '`')
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn full_width_is_folded_and_found_again() {
        let text = "电话\u{200b}：１３\u{200b}８x";
        let folded = Folded::new(text);
        assert_eq!(folded.text, "电话:138x");
        let at = folded.text.find("138").unwrap();
        assert_eq!(&text[folded.range(at..at + 3)], "１３\u{200b}８");
        assert!(
            in_url("见 https://a.b/13800138000", 20)
                && in_url("见https://a.b/13800138000", 19)
                && !in_url("见/13800138000", 4)
        );
        assert_eq!(tail("一二三", 9, 2), "二三");
    }

    proptest! {
        #[test]
        fn every_character_leads_back(text in "(\\PC|[０-９]|：|\u{200b}|[0-9a]){0,30}") {
            let folded = Folded::new(&text);
            for (at, c) in folded.text.char_indices() {
                let range = folded.range(at..at + c.len_utf8());
                prop_assert_eq!(text[range].chars().filter_map(fold).collect::<String>(), c.to_string());
            }
        }
    }
}
