//! Links and images.

use std::fmt::Write as _;
use std::ops::Range;

use crate::diagnostic::{Diagnostic, nearest};

use super::resolve::{Destination, Picture};
use super::walk::Walk;
use super::{Lost, Outgoing, escape};

/// Looking for similar headings is for the first mistakes of a page.
const MAX_HINTS: usize = 8;

const MISSING_LINK: &str = "<span class=\"missing-link\">";

/// What the page has reported already.
#[derive(Debug, Default)]
pub(super) struct Seen {
    hints: usize,
    /// Names of dropped elements, each reported once.
    pub(super) dropped: Vec<String>,
}

/// An image between its start and its end: its content is its alternative text.
#[derive(Debug)]
pub(super) struct ImageState {
    source: String,
    title: String,
    offset: usize,
    pub(super) alt: String,
    /// Images within the text.
    nested: usize,
}

impl Walk<'_> {
    pub(super) fn link_start(&mut self, raw: &str, title: &str, range: Range<usize>) {
        let links = self.outgoing.len();
        let close = if self.image.is_some() { "" } else { self.open_link(raw, title, range.start) };
        self.naming = (self.outgoing.len() > links).then(|| (links, self.open_text().len()));
        self.anchors.push(close);
    }

    pub(super) fn link_end(&mut self) {
        if let Some((link, start)) = self.naming.take() {
            let text = self.open_text().get(start..).unwrap_or_default().trim().to_owned();
            if let Some(link) = self.outgoing.get_mut(link) {
                link.text = text;
            }
        }
        let close = self.anchors.pop().unwrap_or_default();
        self.tag(close);
    }

    /// Writes the start of a link, reports what is wrong with it, and gives its end tag.
    pub(super) fn open_link(&mut self, raw: &str, title: &str, offset: usize) -> &'static str {
        if raw.starts_with("#tab/") {
            // A tab of Microsoft Learn: its heading stays.
            return "";
        }
        let base = self.resolver.links.base_path.as_str();
        let (href, attributes) = match self.resolver.link(raw) {
            Destination::Document { path, anchor, target } => {
                let mut href = format!("{base}{}", target.url);
                if let Some(anchor) = &anchor {
                    href.push('#');
                    href.push_str(anchor);
                }
                self.record(path, anchor, offset);
                (href, "")
            }
            Destination::MissingDocument { path, anchor } => {
                self.warn("HM021", offset, format!("link to {path}, which does not exist")).hint =
                    Some("correct the path, or take the link out".into());
                self.lose(&path);
                self.record(path, anchor, offset);
                self.html.push_str(MISSING_LINK);
                return "</span>";
            }
            Destination::MissingFile { path } => {
                self.warn("HM021", offset, format!("link to {path}, which does not exist")).hint =
                    Some("put the file there, or correct the link".into());
                self.lose(&path);
                self.html.push_str(MISSING_LINK);
                return "</span>";
            }
            Destination::Outside => {
                self.warn("HM024", offset, format!("the link {raw} leads out of content/")).hint =
                    Some("link only to files under content/, or to a URL".into());
                self.html.push_str(MISSING_LINK);
                return "</span>";
            }
            Destination::Fragment(id) => {
                let href = format!("#{id}");
                self.fragments.push((id, offset, self.length_at(offset)));
                (href, "")
            }
            Destination::File { path, target } => {
                let href = format!("{base}{}", target.url);
                self.use_asset(path);
                (href, " download")
            }
            Destination::Site(url) => (url, ""),
            Destination::External(url) => (url, " class=\"external\" rel=\"noopener noreferrer\""),
            Destination::Contact(url) => (url, ""),
            Destination::Refused => return "",
        };
        self.html.push_str("<a href=\"");
        escape::href(&mut self.html, &href);
        self.html.push('"');
        self.html.push_str(attributes);
        self.title_attribute(title);
        self.html.push('>');
        "</a>"
    }

    fn record(&mut self, path: String, anchor: Option<String>, offset: usize) {
        let (place, length) = (self.places.of(offset), self.length_at(offset));
        self.outgoing.push(Outgoing { path, anchor, text: String::new(), place, length });
    }

    /// Remembers what the last finding is about.
    fn lose(&mut self, path: &str) {
        let place = self.diagnostics.last().map_or((0, 0), |found| (found.line, found.column));
        self.lost.push(Lost { path: path.to_owned(), place });
    }

    fn use_asset(&mut self, path: String) {
        if !self.assets.contains(&path) {
            self.assets.push(path);
        }
    }

    fn title_attribute(&mut self, title: &str) {
        if !title.is_empty() {
            self.html.push_str(" title=\"");
            escape::attribute(&mut self.html, title);
            self.html.push('"');
        }
    }

    pub(super) fn image_start(&mut self, source: &str, title: &str, range: Range<usize>) {
        match &mut self.image {
            Some(image) => image.nested += 1,
            None => {
                self.image = Some(ImageState {
                    source: source.to_owned(),
                    title: title.to_owned(),
                    offset: range.start,
                    alt: String::new(),
                    nested: 0,
                });
            }
        }
    }

    pub(super) fn image_end(&mut self) {
        if let Some(image) = &mut self.image
            && image.nested > 0
        {
            image.nested -= 1;
            return;
        }
        if let Some(image) = self.image.take() {
            self.write_image(&image.source, image.alt.trim(), &image.title, image.offset);
        }
    }

    /// Writes a picture, or what stands for it when the page cannot show it.
    pub(super) fn write_image(&mut self, source: &str, alt: &str, title: &str, offset: usize) {
        self.plain(alt);
        if alt.is_empty() {
            self.note("HM026", offset, format!("the image {source} has no alternative text")).hint =
                Some("say in the brackets what it shows: ![…](…)".into());
        }
        match self.resolver.image(source) {
            Picture::File { path, target } => {
                self.html.push_str("<img src=\"");
                escape::href(&mut self.html, &self.resolver.links.base_path);
                escape::href(&mut self.html, &target.url);
                self.html.push_str("\" alt=\"");
                escape::attribute(&mut self.html, alt);
                self.html.push('"');
                self.title_attribute(title);
                if let Some((width, height)) = target.size {
                    // Writing to a string cannot fail.
                    let _ = write!(self.html, " width=\"{width}\" height=\"{height}\"");
                }
                self.html.push_str(" loading=\"lazy\" decoding=\"async\">");
                self.use_asset(path);
            }
            Picture::Missing { path } => {
                self.warn("HM023", offset, format!("image {path} does not exist")).hint =
                    Some("put the file there, or correct the path".into());
                self.lose(&path);
                self.missing_image(alt, &path);
            }
            Picture::Outside => {
                self.warn("HM024", offset, format!("the image {source} lies outside content/")).hint =
                    Some("copy it beside the article".into());
                self.missing_image(alt, source);
            }
            Picture::External(url) => {
                self.note("HM025", offset, format!("the image {url} is on another site: readers get a link to it"))
                    .hint = Some("copy it beside the article".into());
                let words = if alt.is_empty() { &url } else { alt };
                // Links do not nest.
                if self.is_in_link() {
                    escape::text(&mut self.html, words);
                } else {
                    self.html.push_str("<a href=\"");
                    escape::href(&mut self.html, &url);
                    self.html.push_str("\" class=\"external\" rel=\"noopener noreferrer\">");
                    escape::text(&mut self.html, words);
                    self.html.push_str("</a>");
                }
            }
            Picture::Refused => escape::text(&mut self.html, alt),
        }
    }

    fn missing_image(&mut self, alt: &str, path: &str) {
        self.html.push_str("<span class=\"missing-image\">");
        escape::text(&mut self.html, if alt.is_empty() { path } else { alt });
        self.html.push_str("</span>");
    }

    pub(super) fn is_in_link(&self) -> bool {
        self.anchors.contains(&"</a>") || self.raw.is_open("a")
    }

    /// Links within the page whose heading does not exist.
    pub(super) fn check_fragments(&mut self) {
        for (id, offset, length) in std::mem::take(&mut self.fragments) {
            if id == "top" || self.ids.contains(&id) {
                continue;
            }
            self.seen.hints += 1;
            let known = match self.seen.hints {
                0..=MAX_HINTS => nearest(&id, self.toc.iter().map(|heading| heading.id.as_str())),
                _ => None,
            };
            let hint = known
                .map_or_else(|| "link to a heading of this page".into(), |known| format!("did you mean #{known}?"));
            let place = self.places.of(offset);
            let message = format!("link to #{id}, which no heading of this page has");
            self.diagnostics.push(Diagnostic::warning("HM022", &self.file, message).at(place).over(length).hint(hint));
        }
    }
}
