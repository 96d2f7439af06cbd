//! Markdown to a page: one parse, many products.
//!
//! [`render`] walks the parser's events once and gives the HTML, the table of contents, the sections for the search
//! index, the outgoing links and the diagnostics, so they cannot disagree.

mod autolink;
mod blocks;
pub(crate) mod boxes;
mod cjk;
mod containers;
mod dialect;
mod emphasis;
mod escape;
mod findings;
mod flanking;
mod footnotes;
mod headings;
mod highlight;
mod includes;
mod links;
mod origin;
mod place;
mod raw;
mod raw_html;
mod references;
mod resolve;
mod sanitize;
mod scheme;
mod walk;

use std::sync::Arc;

use pulldown_cmark::{Options, Parser};

pub(crate) use dialect::spaced;
pub(crate) use headings::Ids;
pub use links::{AssetTarget, Links, SiteLink, Target};
pub use resolve::{Lead, lead};

use crate::content::Document;
use crate::diagnostic::Diagnostic;

use resolve::Resolver;
use walk::Walk;

/// A document as readers and the index get it. Made by [`render`] alone, and so only from a [`Document`].
#[derive(Debug, Clone)]
pub struct Page {
    pub document: Arc<Document>,
    /// The body's HTML: sanitised, with heading ids, resolved links and highlighted code.
    pub html: String,
    pub toc: Vec<Heading>,
    /// The units of the search index, in order; the first, without an anchor, is what stands before any heading.
    pub sections: Vec<Section>,
    pub links: Vec<Outgoing>,
    /// Links to addresses of the site.
    pub site_links: Vec<SiteLink>,
    /// Other documents whose text is part of the page, by path.
    pub included: Vec<String>,
    /// The hash of the text with what it includes, where it includes anything.
    pub expanded: Option<[u8; 32]>,
    pub lost: Vec<Lost>,
    /// Files of `content/` that the page shows or offers, relative to `content/`.
    pub assets: Vec<String>,
    /// Every id that a link's fragment may name, sorted: of headings, the title, and the author's own anchors.
    pub anchors: Vec<String>,
    /// Reading time, at least 1.
    pub minutes: u32,
    pub diagnostics: Vec<Diagnostic>,
}

/// A heading of the page, for the contents and for checking anchors.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Heading {
    pub level: u8,
    pub id: String,
    pub text: String,
}

/// The text under one heading.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Section {
    /// The heading's id, empty for the introduction.
    pub anchor: String,
    pub heading: String,
    /// Plain text, blocks apart by `\n`.
    pub text: String,
}

/// A link to another document of the site.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outgoing {
    /// Relative to `content/`, whether it exists or not.
    pub path: String,
    /// The decoded fragment, when the link has one.
    pub anchor: Option<String>,
    /// What the link says: how this document calls the other.
    pub text: String,
    /// Line and column of the file, 1-based.
    pub place: (u32, u32),
    /// Its characters on that line; 0 where that is not known.
    pub length: usize,
}

/// A link or picture of a file that is not there: the finding about it (HM021, HM023) tells what it can mean.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lost {
    /// Relative to `content/`.
    pub path: String,
    /// The finding's.
    pub place: (u32, u32),
}

/// Renders a document's body.
///
/// Mistakes become diagnostics with places in the document's file. Never fails: the worst input gives plain text.
pub fn render(document: Arc<Document>, links: &Links) -> Page {
    render_with(document, links, &|_| None)
}

/// [`render`], with the text of other documents where the body includes them: `read` gives the text of the document at
/// a path, without front matter. It is asked only for documents that `links` knows, which readers may see.
pub fn render_with(document: Arc<Document>, links: &Links, read: &dyn Fn(&str) -> Option<String>) -> Page {
    let resolver = Resolver::new(document.meta(), links);
    let find = |owner: Option<&str>, path: &str| resolver.beside(owner).document_at(path);
    let expanded = includes::expand(&document.body().text, &includes::Shelf { find: &find, read });
    let containers = containers::check(&expanded.text);
    let translated = dialect::translate(&expanded.text, &containers);
    let source = &*translated.text;
    let parser = Parser::new_ext(source, options()).into_offset_iter();
    let events = autolink::find(source, emphasis::repair(source, parser.collect()));
    let mut walk = Walk::new(&document, &expanded, &translated, links);
    walk.report_containers(&containers.unbalanced);
    walk.report_spaces();
    for (event, range) in events {
        walk.event(event, range);
    }
    let finished = walk.finish();
    let hash = (!expanded.included.is_empty()).then(|| *blake3::hash(expanded.text.as_bytes()).as_bytes());
    let mut included: Vec<String> = expanded.included.iter().map(|(path, _)| path.clone()).collect();
    included.sort_unstable();
    included.dedup();
    Page {
        site_links: finished.site_links,
        included,
        expanded: hash,
        html: finished.html,
        toc: finished.toc,
        sections: finished.sections,
        links: finished.links,
        lost: finished.lost,
        assets: finished.assets,
        anchors: finished.anchors,
        minutes: finished.minutes,
        diagnostics: finished.diagnostics,
        document,
    }
}

/// GitHub's Markdown. Never `ENABLE_OLD_FOOTNOTES`: it shares a bit with footnotes.
fn options() -> Options {
    Options::ENABLE_TABLES
        | Options::ENABLE_FOOTNOTES
        | Options::ENABLE_STRIKETHROUGH
        | Options::ENABLE_TASKLISTS
        | Options::ENABLE_HEADING_ATTRIBUTES
        | Options::ENABLE_GFM
}

#[cfg(test)]
mod tests;
