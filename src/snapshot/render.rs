//! One document to its page, its file and its place in the index.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::config::Config;
use crate::content::{self, Document};
use crate::markdown::{self, Links, Page};
use crate::search::Index;
use crate::site::catalog::join_headings;
use crate::site::document::{self, Surroundings};
use crate::site::listing;
use crate::site::output::Output;
use crate::site::theme::Theme;

use super::options::CompileError;
use super::tree::Rendered;

/// Everything a rendering reads but the document itself.
pub(super) struct Tools<'a> {
    pub(super) config: &'a Config,
    pub(super) theme: &'a Theme,
    pub(super) links: &'a Links,
    /// The documents that others may include.
    pub(super) visible: &'a BTreeMap<String, Arc<Document>>,
    pub(super) output: Option<&'a Output>,
    pub(super) index: &'a Index,
    pub(super) compress: bool,
}

/// What came of it.
pub(super) enum Outcome {
    Rendered(Box<Rendered>),
    /// The file changed or went away since it was read: look at it again.
    Stale,
}

/// Renders the document, writes its file, puts it in the index when that has another state of it.
pub(super) fn render(
    tools: &Tools<'_>,
    document: &Document,
    surroundings: Surroundings,
    indexed: Option<[u8; 32]>,
) -> Result<Outcome, CompileError> {
    let Some(full) = content::with_text(tools.config, document) else { return Ok(Outcome::Stale) };
    let page = page(tools, full);
    let summary = document::summary(&page);
    let fingerprint = document.is_listed().then(|| Index::fingerprint(&page));
    if let Some(fingerprint) = fingerprint
        && indexed != Some(fingerprint)
    {
        tools.index.put(&page)?;
    }
    if tools.output.is_none() {
        return Ok(Outcome::Rendered(Box::new(remember(page, summary, fingerprint))));
    }
    let surroundings = document::complete(surroundings, &page, &summary);
    let template = document::template(document.kind());
    let html = tools.theme.render(template, &surroundings.common, &surroundings.page)?;
    let file = listing::file_of(&document.meta().url);
    put(tools, &file, html.as_bytes())?;
    Ok(Outcome::Rendered(Box::new(remember(page, summary, fingerprint))))
}

/// The page of a document with its text, and with the texts of others that it includes.
pub(super) fn page(tools: &Tools<'_>, full: Document) -> Page {
    // What another document says now may not be for readers: its text is taken only as it was when that was decided.
    let read = |path: &str| {
        let full = content::with_text(tools.config, tools.visible.get(path)?)?;
        Some(full.body().text.clone())
    };
    markdown::render_with(Arc::new(full), tools.links, &read)
}

/// Writes a file, and its compressed forms when asked for.
pub(super) fn put(tools: &Tools<'_>, file: &str, bytes: &[u8]) -> Result<(), CompileError> {
    let Some(output) = tools.output else { return Ok(()) };
    output.put(file, bytes)?;
    if tools.compress && is_text(file) {
        for (suffix, bytes) in [("br", crate::site::output::brotli(bytes)), ("gz", crate::site::output::gzip(bytes))] {
            output.put(&format!("{file}.{suffix}"), &bytes)?;
        }
    }
    Ok(())
}

fn is_text(file: &str) -> bool {
    [".html", ".xml", ".json", ".svg", ".txt", ".css", ".js"].iter().any(|extension| file.ends_with(extension))
}

fn remember(mut page: Page, summary: String, indexed: Option<[u8; 32]>) -> Rendered {
    // The index has them; checking links needs only where they lead.
    page.links.iter_mut().for_each(|link| link.text = String::new());
    Rendered {
        summary,
        headings: join_headings(page.toc.iter().filter(|heading| heading.level == 2).map(|heading| &*heading.text)),
        anchors: page.anchors.join("\n").into(),
        outgoing: page.links,
        site_links: page.site_links,
        included: page.included,
        lost: page.lost,
        assets: page.assets,
        diagnostics: page.diagnostics,
        indexed,
    }
}
