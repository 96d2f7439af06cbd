//! Raw HTML in the pass: every tag is written anew from an allow-list, and every open tag is closed where the Markdown
//! around it ends, so an author's HTML cannot reach beyond its paragraph, list item or quotation.

use std::borrow::Cow;
use std::ops::Range;

use super::dialect::{MARK, Size};
use super::raw_html::{self, Fate, Piece};
use super::walk::Walk;
use super::{escape, headings};

/// Larger bodies show their HTML as text: cleaning grows with size and nesting.
const MAX_SOURCE: usize = 1024 * 1024;
const MAX_OPEN: usize = 60;

/// An open element: the depth of the Markdown around it, its name, its end tag.
#[derive(Debug)]
struct Open {
    frame: usize,
    name: &'static str,
    close: Cow<'static, str>,
}

/// Lines of HTML, without what a list or a quotation puts before them.
#[derive(Debug, Default)]
struct Block {
    html: String,
    /// Where the lines begin, in `html` and in the text.
    places: Vec<(usize, usize)>,
    /// Where marks stand, in `html` and in the text.
    marks: Vec<(usize, usize)>,
}

#[derive(Debug, Default)]
pub(super) struct RawState {
    /// The HTML block that is being read.
    block: Option<Block>,
    open: Vec<Open>,
    /// The element whose content goes with it.
    dropping: Option<String>,
    /// The element that is dropped plays a file, which was not named yet.
    wants_source: bool,
    too_large: bool,
    reported: bool,
    /// Something other than the simplest tags was written: the page is to be cleaned as a whole.
    pub(super) is_complex: bool,
}

impl RawState {
    pub(super) fn new(source_length: usize) -> Self {
        Self { too_large: source_length > MAX_SOURCE, ..Self::default() }
    }

    pub(super) fn begin_block(&mut self) {
        self.block = Some(Block::default());
    }

    /// A dropped element ends with its block at the latest.
    pub(super) fn end_leaf(&mut self) {
        self.dropping = None;
    }

    pub(super) fn is_dropping(&self) -> bool {
        self.dropping.is_some()
    }

    pub(super) fn is_open(&self, name: &str) -> bool {
        self.open.iter().any(|open| open.name == name)
    }
}

impl Walk<'_> {
    pub(super) fn html_event(&mut self, html: &str, range: Range<usize>) {
        let marks = self.marks(range.clone());
        let Some(block) = &mut self.raw.block else { return self.raw_html(html, &[(0, range.start)], true) };
        let at = block.html.len();
        block.places.push((at, range.start));
        let mut from = 0;
        for (mark, ..) in marks {
            let Some(found) = html.get(from..).and_then(|rest| rest.find(MARK)) else { break };
            block.marks.push((at + from + found, *mark));
            from += found + MARK.len();
        }
        block.html.push_str(html);
    }

    /// Writes the HTML block that ends now, and the marks in it.
    pub(super) fn html_block_end(&mut self) {
        let Some(Block { html, places, marks }) = self.raw.block.take() else { return };
        self.break_block();
        let mut from = 0;
        let mut piece = |walk: &mut Self, to: usize| {
            let known = places.partition_point(|(at, _)| *at <= from).saturating_sub(1);
            let inside = places.get(known..).unwrap_or_default();
            // Places before the piece count from its start.
            let moved: Vec<(usize, usize)> =
                inside.iter().map(|(at, place)| (at.saturating_sub(from), place + from.saturating_sub(*at))).collect();
            let text = html.get(from..to).unwrap_or_default();
            if !text.trim().is_empty() || (marks.is_empty() && !text.is_empty()) {
                walk.raw_html(text, &moved, to == html.len());
            }
            from = to + MARK.len();
        };
        for (at, mark) in &marks {
            piece(self, *at);
            for (_, mark, _) in self.marks(*mark..*mark + 1) {
                self.mark(mark);
            }
        }
        piece(self, html.len());
        self.raw.end_leaf();
        if !self.html.is_empty() && !self.html.ends_with('\n') {
            self.html.push('\n');
        }
    }

    /// Whether an element may be opened.
    pub(super) fn may_open(&self) -> bool {
        self.raw.open.len() < MAX_OPEN
    }

    /// Remembers what ends an element that was written.
    pub(super) fn open_raw(&mut self, name: &'static str, close: &'static str) {
        self.raw.open.push(Open { frame: self.depth, name, close: close.into() });
    }

    /// Closes what raw HTML has opened within the element that ends now.
    pub(super) fn close_raw_within(&mut self) {
        while let Some(open) = self.raw.open.pop_if(|open| open.frame >= self.depth) {
            self.html.push_str(&open.close);
        }
    }

    /// `places` say where pieces of the HTML stand in the text: the first at its start.
    pub(super) fn raw_html(&mut self, html: &str, places: &[(usize, usize)], is_block: bool) {
        if self.raw.too_large {
            let offset = places.first().map_or(0, |(_, place)| *place);
            if !std::mem::replace(&mut self.raw.reported, true) {
                self.warn("HM029", offset, "the document is over 1 MB: its HTML is shown as text".into()).hint =
                    Some("split the document".into());
            }
            self.show(html);
            return;
        }
        let mut rest = html;
        while let Some((piece, after)) = raw_html::next_piece(rest) {
            let at = html.len() - rest.len();
            let offset = || {
                let known = places.partition_point(|(start, _)| *start <= at).checked_sub(1);
                known.and_then(|known| places.get(known)).map_or(0, |(start, place)| place + (at - start))
            };
            rest = after;
            if let Some(dropping) = &self.raw.dropping {
                match &piece {
                    Piece::Close { name, .. } if name == dropping => self.raw.dropping = None,
                    Piece::Open { name, attributes, .. } if name == "source" && self.raw.wants_source => {
                        self.raw.wants_source = !self.write_media(attributes, offset());
                    }
                    _ => {}
                }
                continue;
            }
            match piece {
                Piece::Nothing => {}
                Piece::Text(text) => self.raw_text(text),
                Piece::Open { name, attributes, source } => match raw_html::fate(&name) {
                    Fate::Keep(name, paired) => self.raw_open(name, paired, &attributes, offset()),
                    Fate::Unwrap | Fate::DropVoid => {
                        self.report_dropped(&name, offset());
                        if name == "embed" {
                            self.write_media(&attributes, offset());
                        }
                    }
                    Fate::Drop => {
                        self.report_dropped(&name, offset());
                        let plays = matches!(name.as_str(), "iframe" | "video" | "audio" | "object");
                        self.raw.wants_source = plays && !self.write_media(&attributes, offset());
                        self.raw.dropping = Some(name);
                    }
                    Fate::Show => self.raw_shown(source),
                },
                Piece::Close { name, source } => match raw_html::fate(&name) {
                    Fate::Keep(name, true) => self.raw_close(name),
                    Fate::Show => self.raw_shown(source),
                    _ => {}
                },
            }
        }
        if is_block {
            self.raw.dropping = None;
        }
    }

    /// Text of an HTML block: character references stay, angle brackets do not.
    fn raw_text(&mut self, text: &str) {
        let mut first = true;
        for part in text.split('<') {
            if !std::mem::take(&mut first) {
                self.html.push_str("&lt;");
            }
            self.html.push_str(part);
        }
        let words = raw_html::entities(text);
        let starts_apart = words.starts_with(char::is_whitespace);
        for (number, word) in words.split_whitespace().enumerate() {
            if number > 0 || starts_apart {
                self.space();
            }
            self.plain(word);
        }
        if words.ends_with(char::is_whitespace) {
            self.space();
        }
    }

    /// A space in the plain text, but not two and none at a line's start.
    fn space(&mut self) {
        if self.sections.last().is_some_and(|section| !section.text.is_empty() && !section.text.ends_with([' ', '\n']))
        {
            self.plain(" ");
        }
    }

    fn raw_shown(&mut self, source: &str) {
        self.plain(source);
        self.show(source);
    }

    fn report_dropped(&mut self, name: &str, offset: usize) {
        if self.seen.dropped.iter().any(|known| known == name) {
            return;
        }
        self.seen.dropped.push(name.to_owned());
        let plays = matches!(name, "iframe" | "video" | "audio" | "object" | "embed");
        let instead = if plays { ": readers get a link to what it shows" } else { "" };
        let hint = if plays { "write it as a link" } else { "write it in Markdown" };
        self.note("HM020", offset, format!("the HTML element <{name}> is left out{instead}")).hint = Some(hint.into());
    }

    /// A link to what a dropped element would play; false where it names nothing.
    fn write_media(&mut self, attributes: &[(String, Cow<'_, str>)], offset: usize) -> bool {
        let value = |wanted: &str| {
            let found = attributes.iter().find(|(name, value)| name == wanted && !value.trim().is_empty());
            found.map(|(_, value)| value.trim())
        };
        let Some(source) = value("src").or_else(|| value("data")) else { return false };
        if self.is_in_link() {
            return true;
        }
        let name = source.split(['?', '#']).next().unwrap_or(source);
        let name = if name.contains("//") { source } else { name.rsplit('/').next().unwrap_or(name) };
        let words = value("title").unwrap_or(name);
        let close = self.open_link(source, "", offset);
        self.plain(words);
        self.show(words);
        self.html.push_str(&close.tag());
        self.space();
        true
    }

    fn raw_open(&mut self, name: &'static str, paired: bool, attributes: &[(String, Cow<'_, str>)], offset: usize) {
        let value = |wanted: &str| attributes.iter().find(|(name, _)| name == wanted).map(|(_, value)| &**value);
        if raw_html::ends_its_like(name) && self.raw.open.last().is_some_and(|open| open.name == name) {
            self.raw_close(name);
        }
        match name {
            "br" => {
                self.plain(" ");
                self.html.push_str("<br>");
                return;
            }
            "td" | "th" => self.space(),
            _ if !is_phrasing(name) => self.break_block(),
            _ => {}
        }
        if name == "img" {
            if let Some(source) = value("src") {
                let (alt, title) = (value("alt").unwrap_or_default(), value("title").unwrap_or_default());
                self.write_image(source, alt.trim(), title, Size::of(value("width"), value("height")), offset);
            }
            return;
        }
        let id = value("id").or_else(|| value("name").filter(|_| name == "a")).map(headings::fragment);
        let id = match (&mut self.heading, id) {
            (Some(heading), Some(id)) => {
                heading.aliases.push(id);
                None
            }
            (None, Some(id)) => Some(id).filter(|id| self.ids.take(id)),
            (_, None) => None,
        };
        if name == "a" {
            if let Some(id) = id {
                self.html.push_str("<a id=\"");
                escape::attribute(&mut self.html, &id);
                self.html.push_str("\"></a>");
            }
            if let Some(href) = value("href").filter(|_| !self.is_in_link() && self.raw.open.len() < MAX_OPEN) {
                let close = self.open_link(href, value("title").unwrap_or_default(), offset);
                self.raw.open.push(Open { frame: self.depth, name, close: close.tag() });
            }
            return;
        }
        if paired && self.raw.open.len() >= MAX_OPEN {
            return;
        }
        self.raw.is_complex |= !is_phrasing(name);
        self.html.push('<');
        self.html.push_str(name);
        if let Some(id) = id {
            self.html.push_str(" id=\"");
            escape::attribute(&mut self.html, &id);
            self.html.push('"');
        }
        for (attribute, value) in attributes.iter().filter(|(key, _)| raw_html::is_plain_attribute(name, key)) {
            self.html.push(' ');
            self.html.push_str(attribute);
            self.html.push_str("=\"");
            escape::attribute(&mut self.html, value);
            self.html.push('"');
        }
        self.html.push('>');
        if paired {
            self.raw.open.push(Open { frame: self.depth, name, close: format!("</{name}>").into() });
        }
    }

    /// Closes the nearest such element of the same Markdown element, and what stands open within it.
    pub(super) fn raw_close(&mut self, name: &str) {
        let depth = self.depth;
        let within = self.raw.open.iter().rev().take_while(|open| open.frame == depth);
        if let Some(above) = within.map(|open| open.name).position(|open| open == name) {
            for open in self.raw.open.split_off(self.raw.open.len() - above - 1).iter().rev() {
                self.html.push_str(&open.close);
            }
        }
    }
}

/// Elements that may stand anywhere in text: written anew, they need no further cleaning.
fn is_phrasing(name: &str) -> bool {
    matches!(
        name,
        "a" | "abbr"
            | "b"
            | "bdi"
            | "bdo"
            | "br"
            | "cite"
            | "code"
            | "data"
            | "del"
            | "dfn"
            | "em"
            | "i"
            | "img"
            | "ins"
            | "kbd"
            | "mark"
            | "q"
            | "s"
            | "samp"
            | "small"
            | "span"
            | "strong"
            | "sub"
            | "sup"
            | "time"
            | "u"
            | "var"
            | "wbr"
    )
}
