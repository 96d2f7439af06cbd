//! Raw HTML in the pass: every tag is written anew from an allow-list, and every open tag is closed where the Markdown
//! around it ends, so an author's HTML cannot reach beyond its paragraph, list item or quotation.

use std::borrow::Cow;
use std::ops::Range;

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

#[derive(Debug, Default)]
pub(super) struct RawState {
    /// The HTML block that is being read.
    block: Option<String>,
    open: Vec<Open>,
    /// The element whose content goes with it.
    dropping: Option<String>,
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
        self.block = Some(String::new());
    }

    pub(super) fn take_block(&mut self) -> String {
        self.block.take().unwrap_or_default()
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
        match &mut self.raw.block {
            Some(block) => block.push_str(html),
            None => self.raw_html(html, range.start, true),
        }
    }

    /// Closes what raw HTML has opened within the element that ends now.
    pub(super) fn close_raw_within(&mut self) {
        while let Some(open) = self.raw.open.pop_if(|open| open.frame >= self.depth) {
            self.html.push_str(&open.close);
        }
    }

    pub(super) fn raw_html(&mut self, html: &str, offset: usize, is_block: bool) {
        if self.raw.too_large {
            if !std::mem::replace(&mut self.raw.reported, true) {
                self.warn("HM029", offset, "the document is over 1 MB: its HTML is shown as text".into()).hint =
                    Some("split the document".into());
            }
            self.show(html);
            return;
        }
        let mut rest = html;
        while let Some((piece, after)) = raw_html::next_piece(rest) {
            rest = after;
            if let Some(dropping) = &self.raw.dropping {
                if matches!(&piece, Piece::Close { name, .. } if name == dropping) {
                    self.raw.dropping = None;
                }
                continue;
            }
            match piece {
                Piece::Nothing => {}
                Piece::Text(text) => self.raw_text(text),
                Piece::Open { name, attributes, source } => match raw_html::fate(&name) {
                    Fate::Keep(name, paired) => self.raw_open(name, paired, &attributes, offset),
                    Fate::Unwrap | Fate::DropVoid => self.report_dropped(&name, offset),
                    Fate::Drop => {
                        self.report_dropped(&name, offset);
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
        self.note("HM020", offset, format!("the HTML element <{name}> is left out")).hint =
            Some("write it in Markdown".into());
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
                self.write_image(source, alt.trim(), title, offset);
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
                self.raw.open.push(Open { frame: self.depth, name, close: close.into() });
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
    fn raw_close(&mut self, name: &str) {
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
