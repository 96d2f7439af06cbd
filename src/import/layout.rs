//! Where a generator's documents lie, and how it addresses them.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

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
    /// From its navigation, by path or id below a root.
    pub(super) nav: BTreeMap<String, Place>,
    /// Names of folders, from its navigation or their settings.
    pub(super) names: BTreeMap<String, String>,
    /// The order of folders; those that are not here come after them.
    pub(super) ranks: BTreeMap<String, i64>,
    /// The folders that a snippet is looked for in.
    pub(super) snippets: Vec<String>,
    /// The templates of the site's own shortcodes, by their names.
    pub(super) shortcodes: BTreeMap<String, String>,
    /// The parameters of the whole site.
    pub(super) params: serde_yaml::Value,
    /// Whether links count from the top of the documents where they lead nowhere from their own folder.
    pub(super) from_top: bool,
    /// Whether `[[names]]` are links.
    pub(super) wiki: bool,
    /// Where the generator's addresses follow its files.
    pub(super) addressed: bool,
}

/// What the navigation says of a document.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Place {
    /// From 1.
    pub(super) at: usize,
    pub(super) title: Option<String>,
    /// The outermost section around it.
    pub(super) section: Option<String>,
}

/// A folder of documents.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Root {
    pub(super) dir: String,
    /// The code of its language, where the whole folder is in one.
    pub(super) lang: Option<String>,
    /// What its addresses begin with, without slashes at its ends.
    pub(super) url: String,
    /// The folder that its documents go to, where they are not the main ones.
    pub(super) into: String,
}

impl Root {
    pub(super) fn at(dir: &str) -> Self {
        Self { dir: dir.to_owned(), lang: None, url: String::new(), into: String::new() }
    }
}

impl Layout {
    /// Takes in one section of a navigation: its pages, as paths or ids, lie in one folder, which has its name then.
    pub(super) fn section(&mut self, title: &str, pages: &[String]) {
        let folder = |path: &String| path.split_once('/').map(|(folder, _)| folder.to_owned());
        let Some(first) = pages.first().and_then(folder) else { return };
        if pages.iter().all(|path| folder(path).as_ref() == Some(&first)) {
            // The outermost section has the last word.
            self.names.insert(first, title.to_owned());
        }
    }

    /// Takes in one page of a navigation.
    pub(super) fn page(&mut self, path: &str, title: Option<&str>, section: Option<&str>) {
        let at = self.nav.len() + 1;
        if let Some((folder, _)) = path.split_once('/') {
            self.ranks.entry(folder.to_owned()).or_insert(i64::try_from(at).unwrap_or(i64::MAX));
        } else if let Some(section) = section {
            let key = key(section);
            self.ranks.entry(key.clone()).or_insert(i64::try_from(at).unwrap_or(i64::MAX));
            self.names.entry(key).or_insert_with(|| section.to_owned());
        }
        let place = Place { at, title: title.map(str::to_owned), section: section.map(str::to_owned) };
        self.nav.entry(path.to_owned()).or_insert(place);
    }
}

/// The key of a category that has this name.
pub(super) fn key(name: &str) -> String {
    let letters = name.chars().map(|c| if c.is_alphanumeric() { c } else { ' ' }).collect::<String>();
    letters.to_lowercase().split_whitespace().collect::<Vec<_>>().join("-")
}

/// The folder that the configuration lies in: `website/` of a project counts as well as itself.
pub(super) fn home(generator: Generator, source: &Path) -> PathBuf {
    let (configs, folders): (&[&str], &[&str]) = match generator {
        Generator::Hugo => (hugo::CONFIG, &["docs", "site", "website", "exampleSite"]),
        Generator::Docusaurus => (docusaurus::CONFIG, &["website", "docs", "site", "documentation"]),
        Generator::Mkdocs => (mkdocs::CONFIG, &["docs", "website"]),
        Generator::Folder => return source.to_owned(),
    };
    let has = |folder: &Path| configs.iter().any(|name| folder.join(name).is_file());
    let inner = folders.iter().map(|name| source.join(name)).find(|folder| has(folder));
    if has(source) { source.to_owned() } else { inner.unwrap_or_else(|| source.to_owned()) }
}

/// The layout, and what of the old site is not imported.
pub(super) fn of(generator: Generator, source: &Path) -> (Layout, Vec<Findings>) {
    match generator {
        Generator::Hugo => hugo::layout(source),
        Generator::Docusaurus => docusaurus::layout(source),
        Generator::Mkdocs => mkdocs::layout(source),
        Generator::Folder => (Layout { roots: vec![Root::at("")], wiki: true, ..Layout::default() }, Vec::new()),
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
