//! Articles and resolution records: what may become a page.

pub mod address;
pub(crate) mod alias;
mod article;
pub(crate) mod category;
mod conflict;
pub(crate) mod entry;
mod front_matter;
mod invisible;
mod keys;
mod library;
pub mod personal;
pub mod place;
mod resolution;
mod schema;
mod title;

use jiff::civil::Date;
use serde::Serialize;

pub use article::{Article, Audience, Confidence};

pub(crate) use front_matter::certain_date;
pub use keys::{ARTICLE as ARTICLE_KEYS, Key, Shape};
pub(crate) use library::parse;
pub use library::{Found, Library, Standing, is_asset, is_document, load, read, standing, with_text};
pub use resolution::Resolution;
pub use schema::schema;

/// The keys that the front matter of a document knows; `path` is relative to `content/`.
pub(crate) fn keys_of(path: &str) -> &'static [&'static str] {
    if path.starts_with("resolutions/") { resolution::KEYS } else { article::KEYS }
}

/// What a document is, in the words of the API.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    Article,
    Resolution,
}

impl Kind {
    pub fn as_str(self) -> &'static str {
        match self {
            Kind::Article => "article",
            Kind::Resolution => "resolution",
        }
    }
}

/// What articles and resolution records have in common.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Meta {
    /// Relative to `content/`, with `/`: `articles/network/vpn.md`.
    pub path: String,
    /// Root-relative, without the site's base path: `/articles/network/vpn/`.
    pub url: String,
    pub title: String,
    pub summary: String,
    /// The category's key; empty when the document has none.
    pub category: String,
    pub tags: Vec<String>,
    /// What employees type.
    pub keywords: Vec<String>,
    /// A language code of the site.
    pub lang: String,
    /// `updated`, else `created`, of an article; `resolved_on` of a resolution record.
    pub updated: Option<Date>,
}

/// The text of a document and where it stands in its file.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Body {
    /// Markdown, after the front matter.
    pub text: String,
    /// The 1-based line of the file on which `text` starts.
    pub first_line: u32,
    /// blake3 of the whole file's bytes.
    pub hash: [u8; 32],
}

/// The only things a page is made from: a ticket is neither (invariant 1).
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Document {
    Article(Article),
    Resolution(Resolution),
}

impl Document {
    pub fn kind(&self) -> Kind {
        match self {
            Document::Article(_) => Kind::Article,
            Document::Resolution(_) => Kind::Resolution,
        }
    }

    pub fn meta(&self) -> &Meta {
        match self {
            Document::Article(article) => &article.meta,
            Document::Resolution(resolution) => &resolution.meta,
        }
    }

    pub fn body(&self) -> &Body {
        match self {
            Document::Article(article) => &article.body,
            Document::Resolution(resolution) => &resolution.body,
        }
    }

    /// Whether employees may read it: anything else never reaches a public surface (invariant 2).
    pub fn is_public(&self) -> bool {
        match self {
            Document::Article(article) => article.audience == Audience::Employees,
            Document::Resolution(_) => true,
        }
    }

    /// Whether it belongs in the search index and in listings: archived articles keep only their page.
    pub fn is_listed(&self) -> bool {
        match self {
            Document::Article(article) => article.confidence != Confidence::Archived,
            Document::Resolution(_) => true,
        }
    }

    /// Whether it is shown only with `--drafts`.
    pub fn is_draft(&self) -> bool {
        matches!(self, Document::Article(article) if article.confidence == Confidence::Wip)
    }

    /// Frees the text, keeping where it was and its hash: a large site holds no bodies in memory.
    pub fn drop_text(&mut self) {
        match self {
            Document::Article(article) => article.body.text = String::new(),
            Document::Resolution(resolution) => resolution.body.text = String::new(),
        }
    }
}
