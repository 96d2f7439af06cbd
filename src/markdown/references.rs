//! Links and images.

use std::borrow::Cow;
use std::fmt::Write as _;
use std::ops::Range;

use crate::diagnostic::nearest;

use super::dialect::Size;
use super::resolve::{Destination, Picture};
use super::walk::Walk;
use super::{Lost, Outgoing, SiteLink, escape};

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

/// An open link.
#[derive(Debug, Default)]
pub(super) struct Anchor {
    pub(super) close: Close,
    /// Where its content begins in the page's HTML and in the open text.
    starts: (usize, usize),
    /// What it says when its author left it without words.
    destination: String,
}

/// What ends a link.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) enum Close {
    /// There was nothing to open.
    #[default]
    Nothing,
    Link,
    Missing,
    /// A path that readers can copy.
    Path(String),
}

impl Close {
    pub(super) fn tag(&self) -> Cow<'static, str> {
        match self {
            Self::Nothing => "".into(),
            Self::Link => "</a>".into(),
            Self::Missing => "</span>".into(),
            Self::Path(path) => {
                let mut html = String::from(" <code>");
                escape::text(&mut html, path);
                html.push_str("</code>");
                html.into()
            }
        }
    }
}

impl Walk<'_> {
    pub(super) fn link_start(&mut self, raw: &str, title: &str, range: Range<usize>) {
        let links = self.outgoing.len();
        let close = if self.image.is_some() { Close::Nothing } else { self.open_link(raw, title, range.start) };
        self.naming = (self.outgoing.len() > links).then(|| (links, self.open_text().len()));
        let starts = (self.html.len(), self.open_text().len());
        self.anchors.push(Anchor { close, starts, destination: raw.to_owned() });
    }

    /// A link where none may stand: its words stay.
    pub(super) fn no_link(&mut self) {
        self.naming = None;
        self.anchors.push(Anchor::default());
    }

    /// Whether a URL is to stay text: in another link, in code, or in what is dropped.
    pub(super) fn is_literal(&self) -> bool {
        self.is_in_link()
            || self.raw.is_dropping()
            || ["code", "pre", "kbd", "samp"].into_iter().any(|name| self.raw.is_open(name))
    }

    pub(super) fn link_end(&mut self, offset: usize) {
        let Anchor { close, starts: (html, text), destination } = self.anchors.pop().unwrap_or_default();
        if matches!(close, Close::Link | Close::Missing) && self.html.get(html..).is_some_and(|it| it.trim().is_empty())
        {
            self.warn("HM048", offset, format!("the link to {destination} has no words: nobody sees it")).hint =
                Some(format!("say in the brackets what it leads to: [words]({destination})"));
            self.plain(&destination);
            self.show(&destination);
        }
        if let Some((link, start)) = self.naming.take() {
            let text = self.open_text().get(start..).unwrap_or_default().trim().to_owned();
            if let Some(link) = self.outgoing.get_mut(link) {
                link.text = text;
            }
        } else if let Close::Path(path) = &close {
            if self.open_text().get(text..).unwrap_or_default().trim() == path {
                return;
            }
            self.plain(" ");
            self.plain(path);
        }
        self.tag(&close.tag());
    }

    /// Writes the start of a link, reports what is wrong with it, and gives its end tag.
    pub(super) fn open_link(&mut self, raw: &str, title: &str, offset: usize) -> Close {
        if raw.starts_with("#tab/") {
            // A tab of Microsoft Learn: its heading stays.
            return Close::Nothing;
        }
        let resolver = self.resolver.beside(self.owner(offset));
        let base = resolver.links.base_path.as_str();
        let (href, attributes) = match resolver.link(raw) {
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
                self.lose(&path, offset);
                self.record(path, anchor, offset);
                self.html.push_str(MISSING_LINK);
                return Close::Missing;
            }
            Destination::MissingFile { path } => {
                self.warn("HM021", offset, format!("link to {path}, which does not exist")).hint =
                    Some("put the file there, or correct the link".into());
                self.lose(&path, offset);
                self.html.push_str(MISSING_LINK);
                return Close::Missing;
            }
            Destination::Outside => {
                self.warn("HM024", offset, format!("the link {raw} leads out of content/")).hint =
                    Some("link only to files under content/, or to a URL".into());
                self.html.push_str(MISSING_LINK);
                return Close::Missing;
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
            Destination::Site(url) => {
                self.record_site(url.get(base.len()..).unwrap_or_default().to_owned(), offset);
                (url, "")
            }
            Destination::External(url) => (url, " class=\"external\" rel=\"noopener noreferrer\""),
            Destination::Program(url) => (url, ""),
            Destination::Local(path) => {
                self.note("HM046", offset, format!("{path} is no link: browsers open no file from a page")).hint =
                    Some("the page shows the path, to be copied; link to a web address where there is one".into());
                return Close::Path(path);
            }
            Destination::Refused => {
                self.refuse("link", raw, offset);
                return Close::Nothing;
            }
            Destination::Nowhere => return Close::Nothing,
        };
        self.html.push_str("<a href=\"");
        escape::href(&mut self.html, &href);
        self.html.push('"');
        self.html.push_str(attributes);
        self.title_attribute(title);
        self.html.push('>');
        Close::Link
    }

    fn refuse(&mut self, what: &str, raw: &str, offset: usize) {
        let shown: String = raw.chars().filter(|c| !c.is_control()).take(60).collect();
        self.warn("HM046", offset, format!("the {what} {shown} is left out: a page does not carry such addresses"))
            .hint =
            Some("use https:, mailto:, tel: or a file of content/; the README lists what else may stand there".into());
    }

    fn record_site(&mut self, address: String, offset: usize) {
        if self.is_included(offset) {
            return;
        }
        let place = self.places.of(offset);
        let length = self.length_at(offset);
        self.site_links.push(SiteLink { address, place, length });
    }

    /// Documents that are part of the page: who looks for what leads to them finds this one.
    pub(super) fn record_included(&mut self) {
        for (path, offset) in &self.expanded.included {
            let place = self.places.in_body(*offset);
            self.outgoing.push(Outgoing { path: path.clone(), anchor: None, text: String::new(), place, length: 0 });
        }
    }

    fn record(&mut self, path: String, anchor: Option<String>, offset: usize) {
        let (place, length) = (self.places.of(offset), self.length_at(offset));
        // Another document's own page tells of its headings that are not there.
        let anchor = anchor.filter(|_| !self.is_included(offset));
        self.outgoing.push(Outgoing { path, anchor, text: String::new(), place, length });
    }

    /// Remembers what the last finding is about.
    fn lose(&mut self, path: &str, offset: usize) {
        // Another document's own page tells of what is missing in its text.
        if self.is_included(offset) {
            return;
        }
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

    /// `end` is where the image's markup ends.
    pub(super) fn image_end(&mut self, end: usize) {
        if let Some(image) = &mut self.image
            && image.nested > 0
        {
            image.nested -= 1;
            return;
        }
        if let Some(image) = self.image.take() {
            let sizes = &self.translated.sizes;
            let size = sizes.binary_search_by_key(&end, |(at, _)| *at).map_or(Size::default(), |size| sizes[size].1);
            self.write_image(&image.source, image.alt.trim(), &image.title, size, image.offset);
        }
    }

    /// Writes a picture, or what stands for it when the page cannot show it.
    pub(super) fn write_image(&mut self, source: &str, alt: &str, title: &str, size: Size, offset: usize) {
        self.plain(alt);
        if alt.is_empty() {
            self.note("HM026", offset, format!("the image {source} has no alternative text")).hint =
                Some("say in the brackets what it shows: ![…](…)".into());
        }
        match self.resolver.beside(self.owner(offset)).image(source) {
            Picture::File { path, target } => {
                self.html.push_str("<img src=\"");
                escape::href(&mut self.html, &self.resolver.links.base_path);
                escape::href(&mut self.html, &target.url);
                self.html.push_str("\" alt=\"");
                escape::attribute(&mut self.html, alt);
                self.html.push('"');
                self.title_attribute(title);
                if let Some((width, height)) = target.size.map(|natural| scaled(natural, size)) {
                    // Writing to a string cannot fail.
                    let _ = write!(self.html, " width=\"{width}\" height=\"{height}\"");
                }
                self.html.push_str(" loading=\"lazy\" decoding=\"async\">");
                self.use_asset(path);
            }
            Picture::Missing { path } => {
                self.warn("HM023", offset, format!("image {path} does not exist")).hint =
                    Some("put the file there, or correct the path".into());
                self.lose(&path, offset);
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
            Picture::Refused => {
                self.refuse("image", source, offset);
                escape::text(&mut self.html, alt);
            }
        }
    }

    fn missing_image(&mut self, alt: &str, path: &str) {
        self.html.push_str("<span class=\"missing-image\">");
        escape::text(&mut self.html, if alt.is_empty() { path } else { alt });
        self.html.push_str("</span>");
    }

    pub(super) fn is_in_link(&self) -> bool {
        self.anchors.iter().any(|anchor| anchor.close == Close::Link) || self.raw.is_open("a")
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
            let found = self.warn("HM022", offset, format!("link to #{id}, which no heading of this page has"));
            found.hint = Some(hint);
            if found.column > 0 && length > 0 {
                found.end_column = found.column.saturating_add(u32::try_from(length).unwrap_or(u32::MAX));
            }
        }
    }
}

/// The size that an author asks for; what is not asked for keeps the picture's proportions.
fn scaled((width, height): (u32, u32), asked: Size) -> (u32, u32) {
    let share = |part: u32, whole: u32, of: u32| {
        let scaled = (u64::from(of) * u64::from(part) + u64::from(whole) / 2) / u64::from(whole.max(1));
        u32::try_from(scaled).unwrap_or(u32::MAX).max(1)
    };
    match (asked.width, asked.height) {
        (None, None) => (width, height),
        (Some(asked), None) => (asked, share(asked, width, height)),
        (None, Some(asked)) => (share(asked, height, width), asked),
        (Some(width), Some(height)) => (width, height),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pictures_keep_their_proportions() {
        let asked = |width, height| scaled((640, 480), Size { width, height });
        assert_eq!(asked(None, None), (640, 480));
        assert_eq!(asked(Some(20), None), (20, 15));
        assert_eq!(asked(None, Some(48)), (64, 48));
        assert_eq!(asked(Some(9), Some(9)), (9, 9));
    }
}
