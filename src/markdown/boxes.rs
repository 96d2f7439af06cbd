//! Boxes and folds of other generators: `::: tip 标题` (VuePress, Docusaurus), `!!! note "Title"`, `??? tip` and
//! `=== "Tab"` (MkDocs). How their openings are written, and what a page shows for them.

use std::borrow::Cow;
use std::fmt::Write as _;
use std::ops::Range;

use pulldown_cmark::{BlockQuoteKind, Event, Parser};

use super::dialect::MARK;
use super::escape;
use super::walk::Walk;

/// A box that begins.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Opening {
    /// `NOTE`, `TIP`, `IMPORTANT`, `WARNING` or `CAUTION`; empty for a quotation.
    pub(crate) kind: &'static str,
    /// What its author calls it; may be empty.
    pub(crate) title: String,
    fold: Option<Fold>,
}

/// A box that readers open and close.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Fold {
    open: bool,
    /// It is of no kind but that.
    plain: bool,
}

/// The kind of box that a word of another generator means.
pub(crate) fn kind(word: &str) -> Option<&'static str> {
    Some(match word.to_ascii_lowercase().as_str() {
        "note" | "info" | "abstract" | "summary" | "tldr" | "todo" | "question" | "help" | "faq" | "example"
        | "seealso" | "details" | "secondary" => "NOTE",
        "tip" | "hint" | "success" | "check" | "done" => "TIP",
        "important" => "IMPORTANT",
        "warning" | "attention" => "WARNING",
        "caution" | "danger" | "error" | "failure" | "fail" | "missing" | "bug" => "CAUTION",
        "quote" | "cite" => "",
        _ => return None,
    })
}

/// `!!! note "Title"`, `??? tip`, `???+ info inline end "Title"`.
pub(crate) fn indented(content: &str) -> Option<Opening> {
    let marks = [("!!! ", None), ("???+ ", Some(true)), ("??? ", Some(false))];
    let (rest, open) = marks.iter().find_map(|(mark, open)| Some((content.strip_prefix(mark)?.trim(), *open)))?;
    let (words, title) = match rest.split_once('"') {
        Some((words, title)) => (words, title.trim_end().trim_end_matches('"')),
        None => (rest, ""),
    };
    let word = words.split_whitespace().next()?;
    let fold = open.map(|open| Fold { open, plain: false });
    Some(Opening { kind: kind(word).unwrap_or("NOTE"), title: title.to_owned(), fold })
}

/// `=== "Tab"`.
pub(crate) fn tab(content: &str) -> Option<&str> {
    let rest = content.strip_prefix("===")?.trim_start_matches(['!', '+']).trim();
    rest.strip_prefix('"')?.strip_suffix('"')
}

/// `:::note[Title]`, `:::: tip Title`, of a kind that is known; and how many colons there are.
pub(crate) fn container(content: &str) -> Option<(usize, Opening)> {
    let colons = content.len() - content.trim_start_matches(':').len();
    let rest = content[colons..].trim();
    let end = rest.find(|c: char| !c.is_ascii_alphabetic()).unwrap_or(rest.len());
    let kind = kind(&rest[..end]).filter(|_| colons >= 3)?;
    let (title, attributes) = rest[end..].split_once('{').unwrap_or((&rest[end..], ""));
    let title = title.trim();
    let title = title.strip_prefix('[').and_then(|title| title.strip_suffix(']')).unwrap_or(title);
    let fold = rest[..end].eq_ignore_ascii_case("details");
    let fold = fold.then(|| Fold { open: attributes.split(['}', ' ']).any(|word| word == "open"), plain: true });
    Some((colons, Opening { kind, title: title.to_owned(), fold }))
}

/// What stands at a place of the text in the stead of another generator's markup.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Mark {
    Open(Opening),
    Close,
    /// A line of its own: of a tab, or of a container without a box.
    Title(String),
    /// Only that a new block begins.
    Break,
}

/// What a page calls a box without a title, and its class.
pub(super) fn words(kind: BlockQuoteKind, zh: bool) -> (&'static str, &'static str) {
    let (class, in_zh, in_en) = match kind {
        BlockQuoteKind::Note => ("note", "注意", "Note"),
        BlockQuoteKind::Tip => ("tip", "提示", "Tip"),
        BlockQuoteKind::Important => ("important", "重要", "Important"),
        BlockQuoteKind::Warning => ("warning", "警告", "Warning"),
        BlockQuoteKind::Caution => ("caution", "小心", "Caution"),
    };
    (class, if zh { in_zh } else { in_en })
}

fn quote_kind(kind: &str) -> Option<BlockQuoteKind> {
    Some(match kind {
        "NOTE" => BlockQuoteKind::Note,
        "TIP" => BlockQuoteKind::Tip,
        "IMPORTANT" => BlockQuoteKind::Important,
        "WARNING" => BlockQuoteKind::Warning,
        "CAUTION" => BlockQuoteKind::Caution,
        _ => return None,
    })
}

impl<'a> Walk<'a> {
    /// The marks within a range of the text, each with its place.
    pub(super) fn marks(&self, range: Range<usize>) -> &'a [(usize, Mark, String)] {
        let marks = &self.translated.marks;
        if marks.is_empty() {
            return &[];
        }
        let first = marks.partition_point(|(at, ..)| *at < range.start);
        &marks[first..marks.partition_point(|(at, ..)| *at < range.end).max(first)]
    }

    pub(super) fn is_mark(&self, offset: usize) -> bool {
        !self.marks(offset..offset + 1).is_empty()
    }

    /// Where no box can be: what was written.
    pub(super) fn show_mark(&mut self, offset: usize) {
        for (_, _, written) in self.marks(offset..offset + 1) {
            self.plain(written);
            self.show(written);
        }
    }

    /// Code with what was written where marks are.
    pub(super) fn unmarked<'t>(&self, text: &'t str, range: Range<usize>) -> Cow<'t, str> {
        let marks = self.marks(range);
        if marks.is_empty() {
            return text.into();
        }
        let mut out = String::with_capacity(text.len());
        let mut rest = text;
        for (_, _, written) in marks {
            let Some((before, after)) = rest.split_once(MARK) else { break };
            out.push_str(before);
            out.push_str(written);
            rest = after;
        }
        out.push_str(rest);
        out.into()
    }

    pub(super) fn mark(&mut self, mark: &Mark) {
        match mark {
            Mark::Open(opening) if self.may_open() => self.box_start(opening),
            Mark::Open(opening) => self.mark(&Mark::Title(opening.title.clone())),
            Mark::Close => self.raw_close("box"),
            Mark::Title(title) => {
                self.html.push_str("<p><strong>");
                self.box_title(title);
                self.html.push_str("</strong></p>\n");
            }
            Mark::Break => {}
        }
        self.break_block();
    }

    fn box_start(&mut self, opening: &Opening) {
        let zh = self.meta.lang.starts_with("zh");
        let named = quote_kind(opening.kind).map(|kind| words(kind, zh));
        // Writing to a string cannot fail.
        let close = match (opening.fold, named) {
            (Some(fold), _) => {
                let class = named.filter(|_| !fold.plain).map(|(class, _)| class);
                let word =
                    named.filter(|_| !fold.plain).map_or(if zh { "详情" } else { "Details" }, |(_, word)| word);
                self.html.push_str("<details");
                if let Some(class) = class {
                    let _ = write!(self.html, " class=\"alert alert-{class}\"");
                }
                // The title keeps the mark that says that it opens.
                self.html.push_str(if fold.open { " open=\"\"><summary>" } else { "><summary>" });
                self.box_title(if opening.title.is_empty() { word } else { &opening.title });
                self.html.push_str("</summary>\n");
                "</details>\n"
            }
            (None, Some((class, word))) => {
                let _ = write!(self.html, "<div class=\"alert alert-{class}\" role=\"note\"><p class=\"alert-title\">");
                if opening.title.is_empty() {
                    self.html.push_str(word);
                } else {
                    self.box_title(&opening.title);
                }
                self.html.push_str("</p>\n");
                "</div>\n"
            }
            (None, None) => {
                self.html.push_str("<blockquote>\n");
                if !opening.title.is_empty() {
                    self.mark(&Mark::Title(opening.title.clone()));
                }
                "</blockquote>\n"
            }
        };
        self.open_raw("box", close);
    }

    /// The words of a title, without its markup.
    fn box_title(&mut self, title: &str) {
        let mut text = String::with_capacity(title.len());
        for event in Parser::new_ext(title, super::options()) {
            match event {
                Event::Text(words) | Event::Code(words) => text.push_str(&words),
                Event::SoftBreak => text.push(' '),
                _ => {}
            }
        }
        let text = if text.trim().is_empty() { title } else { text.trim() };
        self.plain(text);
        escape::text(&mut self.html, text);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn opening(kind: &'static str, title: &str, fold: Option<(bool, bool)>) -> Opening {
        Opening { kind, title: title.into(), fold: fold.map(|(open, plain)| Fold { open, plain }) }
    }

    #[test]
    fn every_spelling_of_an_opening() {
        assert_eq!(container("::: danger 停"), Some((3, opening("CAUTION", "停", None))));
        assert_eq!(container("::::tip[标题]{icon=x}"), Some((4, opening("TIP", "标题", None))));
        assert_eq!(container("::: details 更多 {open}"), Some((3, opening("NOTE", "更多", Some((true, true))))));
        assert_eq!(container(":: tip"), None);
        assert_eq!(container("::: zone pivot=\"a\""), None);
        assert_eq!(indented("!!! warning \"小心\""), Some(opening("WARNING", "小心", None)));
        assert_eq!(indented("??? tip"), Some(opening("TIP", "", Some((false, false)))));
        assert_eq!(indented("???+ info inline end \"t\""), Some(opening("NOTE", "t", Some((true, false)))));
        assert_eq!(indented("!!! "), None);
        assert_eq!(tab("===! \"Linux\""), Some("Linux"));
        assert_eq!(tab("==="), None);
    }
}
