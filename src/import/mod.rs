//! Import: a tree of another generator's Markdown becomes articles.
//!
//! A generator says where its documents lie, how it addresses them and in which languages they are ([`layout`]);
//! [`plan`] reads everything, turns front matter, shortcodes, admonitions and links into this site's own, and writes
//! nothing; [`write`] puts the plan onto the disk. What could not be carried over is a [`Diagnostic`] with the place in
//! the file it came from.

mod admonitions;
mod anchors;
mod attributes;
mod book;
mod counterparts;
mod docusaurus;
mod fences;
mod finding;
mod found;
mod front;
mod hugo;
mod includes;
mod keys;
mod layout;
mod links;
mod literal;
mod mdx;
mod mkdocs;
mod modules;
mod naming;
mod place;
mod plan;
mod shortcodes;
mod snippets;
mod tally;
mod template;
mod text;
mod write;

use std::path::PathBuf;

use crate::diagnostic::Diagnostic;

pub use plan::plan;
pub use tally::{Kind, shortened, tally};
pub use write::{State, Written, states, write};

/// Whose tree it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Generator {
    Hugo,
    Docusaurus,
    Mkdocs,
    /// Markdown of any origin.
    Folder,
}

/// What to import, and where to.
#[derive(Debug, Clone)]
pub struct Options {
    pub generator: Generator,
    pub source: PathBuf,
    /// Below `content/articles/`; empty for the top.
    pub into: String,
    /// The language of documents that do not say theirs; else what the generator's configuration says, else the site's.
    pub lang: Option<String>,
    /// Whether old addresses lead to the new ones.
    pub aliases: bool,
}

/// One file to be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Planned {
    /// Relative to `content/`.
    pub target: String,
    /// Where it comes from.
    pub source: PathBuf,
    /// The text of a document; `None` for a file that is copied as it is.
    pub text: Option<String>,
}

/// Everything an import will do.
#[derive(Debug, Default)]
pub struct Plan {
    /// By target.
    pub files: Vec<Planned>,
    /// What could not be carried over, by file and line. An error means that a file was left out.
    pub findings: Vec<Diagnostic>,
    /// Folders that become categories `site.toml` has no name for: key, and the name the old site had.
    pub categories: Vec<(String, String)>,
}

/// Why there is no plan.
#[derive(Debug, thiserror::Error)]
pub enum ImportError {
    #[error("{} is no folder\n    hint: name the folder of the old site, or of its documents", path.display())]
    NoFolder { path: PathBuf },
    #[error("there is no Markdown in {}\n    hint: {hint}", path.display())]
    Nothing { path: PathBuf, hint: String },
    #[error("`{into}` is no folder of articles\n    hint: write for example --into content/articles/handbook")]
    Into { into: String },
    #[error("the site has no language `{lang}`\n    hint: add it to `languages` of site.toml; it has {known}")]
    Language { lang: String, known: String },
    #[error("{} cannot be read: {source}", path.display())]
    Read { path: PathBuf, source: std::io::Error },
    #[error("{} cannot be written: {source}", path.display())]
    Write { path: PathBuf, source: std::io::Error },
}
