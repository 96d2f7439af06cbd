//! Where a generator's documents lie, and how it addresses them.

use std::collections::BTreeMap;
use std::path::Path;

use super::finding::Findings;
use super::{Generator, docusaurus, hugo, mkdocs, text};

/// What the rest of the import needs to know of the old site. Paths are relative to the source.
#[derive(Debug, Default)]
pub(super) struct Layout {
    /// The folders of documents.
    pub(super) roots: Vec<Root>,
    /// Folders that root-relative addresses of files look into.
    pub(super) statics: Vec<String>,
    /// The code of the language of documents that do not say theirs.
    pub(super) lang: Option<String>,
    /// The old site's own address, to know its absolute links.
    pub(super) site_url: String,
    /// From its navigation: the place and the title of a document.
    pub(super) nav: BTreeMap<String, (usize, Option<String>)>,
    /// Names of folders, from its navigation or their settings.
    pub(super) names: BTreeMap<String, String>,
    /// The folders that a snippet is looked for in.
    pub(super) snippets: Vec<String>,
    /// Where the generator's addresses follow its files.
    pub(super) addressed: bool,
}

/// A folder of documents.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Root {
    pub(super) dir: String,
    /// The code of its language, where the whole folder is in one.
    pub(super) lang: Option<String>,
    /// What its addresses begin with, without slashes at its ends.
    pub(super) url: String,
}

impl Root {
    pub(super) fn at(dir: &str) -> Self {
        Self { dir: dir.to_owned(), lang: None, url: String::new() }
    }
}

/// The layout, and what of the old site is not imported.
pub(super) fn of(generator: Generator, source: &Path) -> (Layout, Vec<Findings>) {
    match generator {
        Generator::Hugo => hugo::layout(source),
        Generator::Docusaurus => docusaurus::layout(source),
        Generator::Mkdocs => mkdocs::layout(source),
        Generator::Folder => (Layout { roots: vec![Root::at("")], ..Layout::default() }, Vec::new()),
    }
}

/// The first of these files that is there, and its text.
pub(super) fn first_of(source: &Path, names: &[&str]) -> Option<(String, String)> {
    names.iter().find_map(|name| {
        let bytes = std::fs::read(source.join(name)).ok()?;
        Some(((*name).to_owned(), text::decode(&bytes).ok()?.0))
    })
}

/// The names of the folders in `dir`, in order.
pub(super) fn folders(source: &Path, dir: &str) -> Vec<String> {
    let Ok(entries) = std::fs::read_dir(source.join(dir)) else { return Vec::new() };
    let folders = entries.flatten().filter(|entry| entry.file_type().is_ok_and(|kind| kind.is_dir()));
    let mut names: Vec<String> = folders.filter_map(|entry| entry.file_name().into_string().ok()).collect();
    names.sort_unstable();
    names
}
