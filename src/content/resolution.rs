//! A resolution record: what a solved ticket leaves behind, free of personal data.

use super::front_matter::FrontMatter;
use super::{Body, Meta, address, category, keys, title};
use crate::config::Config;
use crate::diagnostic::Diagnostic;
use crate::source::Source;

/// A record of `content/resolutions/`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Resolution {
    pub meta: Meta,
    pub body: Body,
    /// The ticket's id, `TS202405210001`.
    pub id: String,
    pub environment: String,
    /// The path of the article that answers it, relative to `content/`.
    pub linked_article: Option<String>,
}

/// The keys of a resolution record's front matter.
pub(super) const KEYS: &[&str] = &keys::names(keys::RESOLUTION);

/// Makes a record of a file. `path` is relative to `content/`, `resolutions/TS202405210001.md`.
///
/// Always gives a record; whatever could not be read is in `diagnostics`.
pub(super) fn read(
    config: &Config,
    path: &str,
    source: Source,
    hash: [u8; 32],
    diagnostics: &mut Vec<Diagnostic>,
) -> Resolution {
    let file = format!("content/{path}");
    let front = FrontMatter::parse(&file, &source, diagnostics);
    let name = path.rsplit('/').next().unwrap_or(path);
    let name = name.strip_suffix(".md").or_else(|| name.strip_suffix(".markdown")).unwrap_or(name);
    let id = front.text("id", diagnostics).unwrap_or_else(|| {
        let diagnostic = Diagnostic::error("HM016", &file, "the resolution record has no `id`").at((1, 1));
        diagnostics.push(diagnostic.hint("write the number of the ticket it came from: `id: TS202405210001`"));
        name.to_owned()
    });
    let record = Resolution {
        meta: Meta {
            path: path.to_owned(),
            url: address::url("", "resolutions", &[], &id),
            title: title::of(&file, &front, &source, name, diagnostics),
            summary: String::new(),
            category: front.text("category", diagnostics).unwrap_or_default(),
            tags: Vec::new(),
            keywords: front.list("keywords", diagnostics),
            lang: config.default_language().to_owned(),
            updated: front.date("resolved_on", diagnostics),
        },
        environment: front.text("environment", diagnostics).unwrap_or_default(),
        linked_article: front.text("linked_article", diagnostics),
        id,
        body: Body { text: String::new(), first_line: source.body_line, hash },
    };
    front.note_unknown(KEYS, diagnostics);
    category::check(config, &file, &front, &record.meta.category, diagnostics);
    Resolution { body: Body { text: source.body, ..record.body }, ..record }
}
