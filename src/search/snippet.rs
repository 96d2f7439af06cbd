//! Marked text: titles whole, sections around their densest matches.
//!
//! Our own, because tantivy's generator panics on overlapping tokens and counts bytes. Everything is escaped but
//! `<mark>`, marks do not overlap, and they lie on the borders of the characters that the reader sees.

use std::collections::HashSet;

use super::analysis::{Analyzer, TokenKind, Tokens, is_unspaced};
use super::fold::Folded;

/// Width of a snippet, where a Chinese character is as wide as two Latin ones.
const WIDTH: usize = 190;
/// Width shown before the first mark.
const CONTEXT: usize = 36;
/// Bytes of a section that are looked at.
const LIMIT: usize = 16 << 10;
/// The longest Chinese word that is marked as one, in characters.
const LONGEST_WORD: usize = 8;

/// The terms of a question, ready to be found in a text.
#[derive(Debug)]
pub(crate) struct Marks<'a> {
    terms: HashSet<&'a str>,
    /// First characters of the Chinese terms.
    starts: HashSet<char>,
}

/// A matched stretch of the original text, in bytes; `term` is one number per distinct match.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Span {
    start: usize,
    end: usize,
    term: u64,
}

impl<'a> Marks<'a> {
    pub(crate) fn new(terms: HashSet<&'a str>) -> Self {
        let first = |term: &&str| term.chars().next().filter(|character| is_unspaced(*character));
        let starts = terms.iter().filter_map(first).collect();
        Self { terms, starts }
    }

    /// The matches in `text`, in order, without overlap.
    fn find(&self, text: &str) -> Vec<Span> {
        let folded = Folded::new(text);
        let mut tokens = Tokens::default();
        Analyzer::pairs(&folded.text, &mut tokens);
        let mut spans: Vec<Span> = Vec::new();
        let mut add = |start: usize, end: usize, term: &str| {
            let (start, end) = folded.original(start, end);
            let number = term.bytes().fold(7_u64, |hash, byte| hash.wrapping_mul(31).wrapping_add(u64::from(byte)));
            match spans.last_mut() {
                Some(last) if start < last.end => last.end = last.end.max(end),
                _ if start < end => spans.push(Span { start, end, term: number }),
                _ => {}
            }
        };
        for token in &tokens.list {
            if token.kind != TokenKind::Pair {
                let term = tokens.term(token);
                if self.terms.contains(term) {
                    add(token.start, token.end, term);
                }
                continue;
            }
            let rest = &folded.text[token.start..];
            if !rest.starts_with(|character| self.starts.contains(&character)) {
                continue;
            }
            let ends = rest.char_indices().map(|(at, character)| at + character.len_utf8()).take(LONGEST_WORD);
            if let Some(end) = ends.filter(|end| self.terms.contains(&rest[..*end])).last() {
                add(token.start, token.start + end, &rest[..end]);
            }
        }
        spans
    }

    /// All of `text`, escaped and marked.
    pub(crate) fn whole(&self, text: &str) -> String {
        let mut html = String::with_capacity(text.len() + 32);
        write_marked(text, 0, text.len(), &self.find(text), &mut html);
        html
    }

    /// The densest part of `text`, escaped and marked.
    pub(crate) fn snippet(&self, text: &str) -> String {
        let mut limit = text.len().min(LIMIT);
        while !text.is_char_boundary(limit) {
            limit -= 1;
        }
        let text = &text[..limit];
        let spans = self.find(text);
        let first = densest(text, &spans);
        let start = first.map_or(0, |span| before(text, span.start));
        let end = after(text, start);
        let mut html = String::with_capacity(end - start + 64);
        if start > 0 {
            html.push('…');
        }
        write_marked(text, start, end, &spans, &mut html);
        if end < text.trim_end().len() {
            html.push('…');
        }
        html
    }
}

fn width(character: char) -> usize {
    if is_unspaced(character) { 2 } else { 1 }
}

/// The match with which the window that holds most different terms begins.
fn densest<'s>(text: &str, spans: &'s [Span]) -> Option<&'s Span> {
    let reach = |from: usize| {
        let mut used = CONTEXT;
        let fits = |(_, character): &(usize, char)| {
            used += width(*character);
            used <= WIDTH
        };
        text[from..].char_indices().take_while(fits_mut(fits)).last().map_or(from, |(at, _)| from + at)
    };
    let mut best: Option<(usize, &Span)> = None;
    for (at, span) in spans.iter().enumerate().take(400) {
        let end = reach(span.start);
        let mut seen = Vec::with_capacity(8);
        let mut count = 0;
        for other in spans[at..].iter().take_while(|other| other.end <= end) {
            count += if seen.contains(&other.term) { 1 } else { 8 };
            seen.push(other.term);
        }
        if best.is_none_or(|(known, _)| count > known) {
            best = Some((count, span));
        }
    }
    best.map(|(_, span)| span)
}

/// `take_while` wants `FnMut(&T) -> bool`; this only names the type.
fn fits_mut<T>(mut fits: impl FnMut(&T) -> bool) -> impl FnMut(&T) -> bool {
    move |item| fits(item)
}

/// Where a snippet begins so that `at` has some context: at a line's or sentence's start, or between words.
fn before(text: &str, at: usize) -> usize {
    let (mut used, mut start) = (0, at);
    for (offset, character) in text[..at].char_indices().rev() {
        used += width(character);
        if matches!(character, '\n' | '。' | '！' | '？') {
            return start;
        }
        if used > CONTEXT {
            return start;
        }
        if is_unspaced(character) || !character.is_alphanumeric() {
            start = offset;
            if !is_unspaced(character) {
                start = offset + character.len_utf8();
            }
        } else if offset == 0 {
            start = 0;
        }
    }
    0
}

/// Where a snippet that begins at `start` ends: before the word that no longer fits.
fn after(text: &str, start: usize) -> usize {
    let (mut used, mut border) = (0, start);
    for (offset, character) in text[start..].char_indices() {
        used += width(character);
        if used > WIDTH {
            return if border > start { border } else { start + offset };
        }
        let next = start + offset + character.len_utf8();
        if is_unspaced(character) || !character.is_alphanumeric() {
            border = next;
        }
    }
    text.len()
}

fn write_marked(text: &str, start: usize, end: usize, spans: &[Span], html: &mut String) {
    let mut at = start;
    let mut shown = spans.iter().filter(|span| span.start >= start && span.end <= end).peekable();
    while let Some(span) = shown.next() {
        escape(&text[at..span.start], html);
        html.push_str("<mark>");
        at = span.start;
        let mut last = span;
        // Words that touch are one mark.
        while let Some(next) = shown.next_if(|next| next.start == last.end) {
            last = next;
        }
        escape(&text[at..last.end], html);
        html.push_str("</mark>");
        at = last.end;
    }
    escape(&text[at..end], html);
}

/// Escapes for HTML text and attributes; white space becomes one space, controls go.
fn escape(text: &str, html: &mut String) {
    for character in text.chars() {
        match character {
            '&' => html.push_str("&amp;"),
            '<' => html.push_str("&lt;"),
            '>' => html.push_str("&gt;"),
            '"' => html.push_str("&quot;"),
            '\'' => html.push_str("&#39;"),
            _ if character.is_whitespace() => {
                if !html.ends_with(' ') {
                    html.push(' ');
                }
            }
            // Bidi overrides would turn the rest of the page around.
            '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => {}
            _ if character.is_control() => {}
            _ => html.push(character),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn marks<'a>(terms: &[&'a str]) -> Marks<'a> {
        Marks::new(terms.iter().copied().collect())
    }

    #[test]
    fn marks_what_was_typed_in_any_form() {
        assert_eq!(
            marks(&["打印机", "打印"]).whole("<b>打印機</b>连不上"),
            "&lt;b&gt;<mark>打印機</mark>&lt;/b&gt;连不上"
        );
        assert_eq!(marks(&["wifi"]).whole("The Ｗｉ-Ｆｉ is off"), "The <mark>Ｗｉ-Ｆｉ</mark> is off");
    }

    #[test]
    fn shows_the_densest_part() {
        let text = format!("{} 密码。{}\n重置 VPN 密码的方法", "甲".repeat(300), "乙".repeat(300));
        let snippet = marks(&["重置", "vpn", "密码"]).snippet(&text);
        assert_eq!(snippet, "…<mark>重置</mark> <mark>VPN</mark> <mark>密码</mark>的方法");
    }

    proptest! {
        #[test]
        fn a_mark_shows_what_matched(text in "(\\PC|[a-zA-ZＡ-Ｚé. -]|Wi-?Fi|VPN|ＶＰＮ|密碼|打印機|連){0,60}") {
            let terms = ["vpn", "密码", "打印机", "打印", "wifi", "e"];
            for span in marks(&terms).find(&text) {
                prop_assert!(text.is_char_boundary(span.start) && text.is_char_boundary(span.end));
                let shown = super::super::fold::fold(&text[span.start..span.end]).to_lowercase();
                let letters = shown.chars().filter(|character| character.is_alphanumeric()).collect::<String>();
                prop_assert!(terms.iter().any(|term| letters.contains(term)), "{:?} of {:?}", shown, text);
            }
        }

        #[test]
        fn snippets_are_escaped_and_balanced(text in "(\\PC|[<>&\"a密码VPN ]){0,300}") {
            let html = marks(&["vpn", "密码", "a"]).snippet(&text);
            let bare = html.replace("<mark>", "").replace("</mark>", "");
            prop_assert!(!bare.contains(['<', '>', '"']));
            prop_assert_eq!(html.matches("<mark>").count(), html.matches("</mark>").count());
            prop_assert!(!html.contains("<mark><mark>") && !html.contains("<mark></mark>"));
            prop_assert!(bare.chars().count() <= 6 * WIDTH);
        }
    }
}
