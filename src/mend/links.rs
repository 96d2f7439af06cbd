//! Links to articles that moved: the file's name, or an old address, says where they are now.

use std::collections::HashMap;
use std::ops::Range;

use percent_encoding::percent_decode_str;

use super::Edit;
use crate::content::{Document, address};
use crate::markdown::{Lead, Links, Outgoing, lead};
use crate::snapshot::Known;

/// Where every document of the tree is, and was.
#[derive(Default)]
pub struct Atlas<'a> {
    links: Option<&'a Links>,
    /// The links of each document, by its path.
    outgoing: HashMap<&'a str, &'a [Outgoing]>,
    /// Paths by file name.
    names: HashMap<&'a str, Vec<&'a str>>,
    /// Paths by path in small letters.
    small: HashMap<String, Vec<&'a str>>,
    /// Paths by old address, without the slashes around it.
    aliases: HashMap<String, Vec<&'a str>>,
}

impl<'a> Atlas<'a> {
    /// `links` is what the documents' links were resolved with.
    pub fn new(links: &'a Links, documents: impl Iterator<Item = Known<'a>>) -> Self {
        let mut atlas = Self { links: Some(links), ..Self::default() };
        for known in documents {
            let path = known.document.meta().path.as_str();
            atlas.outgoing.insert(path, known.links);
            if known.visible {
                atlas.names.entry(name_of(path)).or_default().push(path);
                atlas.small.entry(path.to_lowercase()).or_default().push(path);
                if let Document::Article(article) = known.document {
                    for alias in &article.aliases {
                        atlas.aliases.entry(bare(alias)).or_default().push(path);
                    }
                }
            }
        }
        atlas
    }

    /// The one document that was at an old address.
    fn was_at(&self, address: &str) -> Option<&'a str> {
        match self.aliases.get(&bare(address)).map(Vec::as_slice) {
            Some([only]) => Some(only),
            _ => None,
        }
    }

    /// The one document that a path which is not there can mean.
    fn moved(&self, missing: &str) -> Option<&'a str> {
        let stem = missing.strip_suffix(".md").unwrap_or(missing);
        let by_alias = [stem, missing, stem.strip_prefix("articles/").unwrap_or(stem)];
        if let Some(path) = by_alias.into_iter().find_map(|address| self.was_at(address)) {
            return Some(path);
        }
        if let Some([only]) = self.small.get(&missing.to_lowercase()).map(Vec::as_slice) {
            return Some(only);
        }
        let name = name_of(missing);
        // Every folder may have one of these.
        if matches!(name, "index.md" | "README.md") {
            return None;
        }
        match self.names.get(name).map(Vec::as_slice) {
            Some([only]) => Some(only),
            _ => None,
        }
    }
}

fn name_of(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path)
}

/// An address without what two spellings of it may differ in.
fn bare(address: &str) -> String {
    let decoded = percent_decode_str(address.trim_matches('/')).decode_utf8_lossy().into_owned();
    decoded.strip_suffix("/index.html").unwrap_or(&decoded).to_owned()
}

/// The text with its dead links led to where their articles are now, and how many those were.
pub(super) fn mended(document: &Document, text: &str, atlas: &Atlas<'_>) -> Option<(String, usize)> {
    let links = atlas.links?;
    let meta = document.meta();
    let outgoing = atlas.outgoing.get(meta.path.as_str()).copied().unwrap_or_default();
    let mut edits = Vec::new();
    for (range, line, within_code) in destinations(text) {
        let Some(raw) = text.get(range.clone()) else { continue };
        let target = match lead(meta, links, raw) {
            // The parser saw this link, on this line or through a reference: it is no example in a block of code.
            Lead::Missing(path) if outgoing.iter().any(|link| link.path == path) && !within_code => atlas.moved(&path),
            Lead::Site(url) if !within_code => {
                let path = url.strip_prefix(&links.base_path).unwrap_or(&url);
                atlas.was_at(path.split(['?', '#']).next().unwrap_or(path))
            }
            _ => None,
        };
        let Some(target) = target else { continue };
        let anchor = raw.find('#').map_or("", |at| &raw[at..]);
        let with = format!("{}{anchor}", address::relative(&meta.path, target));
        // In the reader's language where there is a translation.
        let stem = target.strip_suffix(".md").unwrap_or(target);
        if matches!(lead(meta, links, &with), Lead::Document(path) if path.starts_with(stem)) {
            edits.push((line, Edit::new(range, with, "")));
        }
    }
    let count = edits.len();
    let mut edited = text.to_owned();
    for (_, edit) in edits.iter().rev() {
        edited = edit.of(&edited)?;
    }
    (count > 0).then_some((edited, count))
}

/// What stands as the destination of a link in the text: its bytes, its line, and whether it is within code.
fn destinations(text: &str) -> Vec<(Range<usize>, usize, bool)> {
    let mut found = Vec::new();
    let mut fence: Option<(char, usize)> = None;
    let mut start = 0;
    for (number, line) in text.split_inclusive('\n').enumerate() {
        let content = line.trim_start_matches([' ', '\t', '>']);
        let run = |mark: char| content.chars().take_while(|c| *c == mark).count();
        match fence {
            Some((mark, width)) if run(mark) >= width && content.trim_end().len() == run(mark) => fence = None,
            Some(_) => {}
            None => {
                fence = ['`', '~'].into_iter().find(|mark| run(*mark) >= 3).map(|mark| (mark, run(mark)));
                if fence.is_none() {
                    on_line(line, |range| {
                        let code = line[..range.start].matches('`').count() % 2 == 1
                            || (content.len() == line.trim_start().len() && line.starts_with(['\t']))
                            || (line.starts_with("    ") && !is_in_list(text, start));
                        found.push((start + range.start..start + range.end, number, code));
                    });
                }
            }
        }
        start += line.len();
    }
    found
}

/// Whether the last line before `at` that is not indented belongs to a list.
fn is_in_list(text: &str, at: usize) -> bool {
    let before = text.get(..at).unwrap_or_default().lines().rev();
    let mut outer = before.filter(|line| !line.trim().is_empty() && !line.starts_with("    "));
    outer.next().is_some_and(|line| {
        let line = line.trim_start();
        line.starts_with(['-', '*', '+'])
            || line.trim_start_matches(|c: char| c.is_ascii_digit()).starts_with(['.', ')'])
    })
}

/// `](here)`, `](<here>)`, `[x]: here` and `href="here"`.
fn on_line(line: &str, mut take: impl FnMut(Range<usize>)) {
    for opening in ["](", "]: ", "href=\""] {
        for (at, _) in line.match_indices(opening) {
            let from = at + opening.len();
            if opening == "]: " && !line.trim_start().starts_with('[') {
                continue;
            }
            let rest = &line[from..];
            let (from, end) = match (opening, rest.strip_prefix('<')) {
                ("href=\"", _) => (from, rest.find('"')),
                (_, Some(inner)) => (from + 1, inner.find('>')),
                _ => (from, Some(rest.find([')', ' ', '\t', '\r', '\n', '"']).unwrap_or(rest.len()))),
            };
            if let Some(end) = end.filter(|end| *end > 0) {
                take(from..from + end);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn destinations_are_seen_where_links_are() {
        let text = "[a](x.md) `[b](y.md)` [c](<z z.md>)\n```\n[d](d.md)\n```\n[r]: r.md \"t\"\n    [e](e.md)\n- l\n    [f](f.md#g)\n<a href=\"h.md\">";
        let found: Vec<_> =
            destinations(text).into_iter().map(|(range, line, code)| (&text[range], line, code)).collect();
        assert_eq!(
            found,
            [
                ("x.md", 0, false),
                ("y.md", 0, true),
                ("z z.md", 0, false),
                ("r.md", 4, false),
                ("e.md", 5, true),
                ("f.md#g", 7, false),
                ("h.md", 8, false),
            ]
        );
    }
}
