//! Markdown to a page: one parse, many products.
//!
//! [`render`] walks the parser's events once and gives the HTML, the table of contents, the sections for the search
//! index, the outgoing links and the diagnostics, so they cannot disagree.

mod links;

use std::sync::Arc;

pub use links::{AssetTarget, Links, Target};

use crate::content::Document;
use crate::diagnostic::Diagnostic;

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
    /// Files of `content/` that the page shows or offers, relative to `content/`.
    pub assets: Vec<String>,
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
    /// Line and column of the file, 1-based.
    pub place: (u32, u32),
}
