//! Links and images: from what they were in the old site to files of this one.

use std::ops::Range;
use std::sync::LazyLock;

use regex::Regex;

use super::book::{Book, Entry, Way};
use super::finding::{DEAD_LINK, Findings};
use super::text::{Fences, Text, Writer};
use crate::content::address::relative;

/// What a page's links ask for besides new words.
#[derive(Debug, Default)]
pub(super) struct Asked {
    /// Files that have to travel: where from, where to.
    pub(super) files: Vec<(String, String)>,
}

/// Writes every link of the page anew that leads to something of the old site.
pub(super) fn rewrite(text: &Text, book: &Book, from: &Entry, asked: &mut Asked, findings: &mut Findings) -> Text {
    let mut out = Writer::new(text.origin(0));
    let mut done = 0;
    for (range, wiki) in destinations(&text.text) {
        let written = &text.text[range.clone()];
        let line = text.origin_at(range.start);
        let new = match wiki {
            Some(embedded) => wiki_link(written, embedded, book, from),
            None => destination(written, book, from, asked),
        };
        match new {
            Outcome::Same => {}
            Outcome::New(new) => {
                out.copy(text, done..range.start);
                out.put(&new, line);
                done = range.end;
            }
            // Most generators know no `[[names]]`: they are brackets within brackets.
            Outcome::Dead if wiki.is_some() && !book.wiki => {}
            Outcome::Dead => {
                let words = written.trim_matches(['[', ']', '!']);
                findings.warn(
                    DEAD_LINK,
                    line,
                    format!("`{words}` is nothing that was imported; the link stays as it was"),
                    "",
                );
            }
        }
    }
    out.copy(text, done..text.text.len());
    out.finish()
}

enum Outcome {
    Same,
    New(String),
    Dead,
}

fn destination(written: &str, book: &Book, from: &Entry, asked: &mut Asked) -> Outcome {
    let path = written.split(['#', '?']).next().unwrap_or_default();
    let rest = &written[path.len()..];
    let fragment = rest.find('#').map_or("", |at| &rest[at..]);
    if path.is_empty() && fragment.len() > 1 {
        let new = book.fragment(&from.target, fragment);
        return if new == written { Outcome::Same } else { Outcome::New(new) };
    }
    if path.is_empty() || path.contains("{{") || path.contains("{%") {
        return Outcome::Same;
    }
    let to = match book.find(from, path) {
        Way::Stay => return Outcome::Same,
        Way::Nowhere => return Outcome::Dead,
        Way::Category(address) => return Outcome::New(address),
        Way::To(target) => target,
        Way::Fetch(source, target) => {
            asked.files.push((source, target.clone()));
            target
        }
    };
    let new = relative(&from.target, &to) + &book.fragment(&to, fragment);
    if new == written { Outcome::Same } else { Outcome::New(new) }
}

/// `[[Page#Heading|words]]`, `![[picture.png]]`.
fn wiki_link(written: &str, embedded: bool, book: &Book, from: &Entry) -> Outcome {
    let inner = written.trim_start_matches('!').trim_start_matches('[').trim_end_matches(']');
    let (target, words) = inner.split_once('|').map_or((inner, None), |(target, words)| (target, Some(words)));
    let (page, heading) = target.split_once('#').map_or((target, None), |(page, heading)| (page, Some(heading)));
    let to = if page.is_empty() {
        Some(from.target.clone())
    } else {
        book.named(from, page).or_else(|| book.file_named(page))
    };
    let Some(to) = to else { return Outcome::Dead };
    let anchor = heading.map_or_else(String::new, |heading| {
        format!("#{}", heading.trim().to_lowercase().replace(char::is_whitespace, "-"))
    });
    let words = words.unwrap_or(inner).trim();
    // Of a picture, the words may be its width.
    let words = if embedded && words.chars().all(|c| c.is_ascii_digit() || c == 'x') { page } else { words };
    let mark = if embedded && !to.ends_with(".md") { "!" } else { "" };
    Outcome::New(format!("{mark}[{words}]({}{anchor})", relative(&from.target, &to)))
}

/// Where destinations of links stand, in order. A wiki link, which is replaced as a whole, says whether it embeds.
fn destinations(text: &str) -> Vec<(Range<usize>, Option<bool>)> {
    let mut found = Vec::new();
    let (mut fences, mut at) = (Fences::default(), 0);
    for line in text.split_inclusive('\n') {
        if !fences.holds(line) {
            in_line(line, at, &mut found);
        }
        at += line.len();
    }
    found
}

fn in_line(line: &str, offset: usize, found: &mut Vec<(Range<usize>, Option<bool>)>) {
    static DEFINITION: LazyLock<Option<Regex>> =
        LazyLock::new(|| Regex::new(r"^\s{0,3}\[[^\]^][^\]]*\]:\s*<?([^\s>]+)").ok());
    static ATTRIBUTE: LazyLock<Option<Regex>> = LazyLock::new(|| {
        Regex::new(r#"(?i)<(?:a|img|video|source|audio)\b[^>]*?\b(?:href|src)\s*=\s*["']([^"']+)["']"#).ok()
    });
    if let Some(target) = DEFINITION.as_ref().and_then(|regex| regex.captures(line)).and_then(|caught| caught.get(1)) {
        found.push((offset + target.start()..offset + target.end(), None));
        return;
    }
    let before = found.len();
    let bytes = line.as_bytes();
    let mut at = 0;
    while at < bytes.len() {
        match bytes[at] {
            b'\\' => at += 1,
            b'`' => {
                let run = bytes[at..].iter().take_while(|byte| **byte == b'`').count();
                let close = line[at + run..].find(&"`".repeat(run)).map(|end| at + run + end + run);
                at = close.unwrap_or(at + run) - 1;
            }
            b']' if bytes.get(at + 1) == Some(&b'(') => {
                if let Some(range) = inline(line, at + 2) {
                    at = range.end.max(at + 2) - 1;
                    found.push((offset + range.start..offset + range.end, None));
                }
            }
            b'[' if bytes.get(at + 1) == Some(&b'[') => {
                let end =
                    line[at..].find("]]").map(|end| at + end + 2).filter(|end| !line[at + 2..end - 2].contains('['));
                if let Some(end) = end.filter(|end| bytes.get(*end) != Some(&b'(')) {
                    let embedded = at > 0 && bytes[at - 1] == b'!';
                    found.push((offset + at - usize::from(embedded)..offset + end, Some(embedded)));
                    at = end - 1;
                }
            }
            _ => {}
        }
        at += 1;
    }
    let attributes = ATTRIBUTE.as_ref().into_iter().flat_map(|regex| regex.captures_iter(line));
    for value in attributes.filter_map(|caught| caught.get(1)) {
        let range = offset + value.start()..offset + value.end();
        if !found[before..].iter().any(|(other, _)| other.start < range.end && range.start < other.end) {
            found.push((range, None));
        }
    }
    found[before..].sort_by_key(|(range, _)| range.start);
}

/// The destination of an inline link that begins at `from`: `<a b>`, or up to a blank or the closing parenthesis.
fn inline(line: &str, from: usize) -> Option<Range<usize>> {
    let start = from + line[from..].len() - line[from..].trim_start().len();
    if let Some(inner) = line[start..].strip_prefix('<') {
        return inner.find('>').map(|end| start + 1..start + 1 + end);
    }
    let mut depth = 0;
    for (at, c) in line[start..].char_indices() {
        match c {
            '(' => depth += 1,
            ')' if depth == 0 => return Some(start..start + at).filter(|range| !range.is_empty()),
            ')' => depth -= 1,
            c if c.is_whitespace() => return line[start + at..].contains(')').then_some(start..start + at),
            _ => {}
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn destinations_outside_code() {
        let text = "[a](b.md \"t\") ![c](<d e.png>) `[x](y.md)` \\[n](o.md)\n```\n[x](z.md)\n```\n[ref]: f(1).md\n<a href='g.md'><img src=\"h.png\"></a> [[Page|words]] ![[p.png|300]]\n[^1]: note.md\n";
        let found: Vec<_> = destinations(text).into_iter().map(|(range, wiki)| (&text[range], wiki)).collect();
        assert_eq!(
            found,
            [
                ("b.md", None),
                ("d e.png", None),
                ("o.md", None),
                ("f(1).md", None),
                ("g.md", None),
                ("h.png", None),
                ("[[Page|words]]", Some(false)),
                ("![[p.png|300]]", Some(true)),
            ]
        );
    }
}
