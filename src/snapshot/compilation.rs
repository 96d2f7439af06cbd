//! From the content tree to a snapshot, and from one snapshot to the next.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::path::PathBuf;
use std::sync::Arc;

use super::tree::{Difference, Tree};
use super::{Changes, Snapshot};
use crate::config::Config;
use crate::content::{self, Document};
use crate::diagnostic::{Diagnostic, Severity};
use crate::markdown::Links;
use crate::search::{Index, SearchError};
use crate::site::catalog::Catalog;
use crate::site::output::{Output, OutputError};
use crate::site::related::Related;
use crate::site::theme::{RenderError, Theme};
use crate::site::{files, listing};

/// How a site is compiled.
#[derive(Clone)]
pub struct Options {
    /// Where the files go; `None` renders for the findings and the index alone (`check`, `search`).
    pub public: Option<PathBuf>,
    /// Whether the index is on disk, to be used again, or in memory.
    pub keep_index: bool,
    /// Whether `confidence: wip` has pages.
    pub drafts: bool,
    /// Whether `.br` and `.gz` go beside every text file.
    pub compress: bool,
    /// Whether a broken edit keeps the last good page (a running server does, a build has none).
    pub hold: bool,
    /// Told about pages: how many are done now, of how many.
    pub progress: Arc<dyn Fn(usize, usize) + Send + Sync>,
}

/// Why a site could not be compiled. Mistakes in documents are diagnostics instead.
#[derive(Debug, thiserror::Error)]
pub enum CompileError {
    #[error(transparent)]
    Output(#[from] OutputError),
    #[error(transparent)]
    Search(#[from] SearchError),
    #[error("the theme: {0}")]
    Render(#[from] RenderError),
    #[error("the site cannot be compiled as it is configured")]
    Site(Vec<Diagnostic>),
}

/// What a compilation did, for the last line of `build`.
#[derive(Debug, Clone, Copy, Default)]
pub struct Summary {
    /// Documents with a page.
    pub documents: usize,
    /// Files of the site.
    pub files: usize,
    /// Files whose bytes are new.
    pub written: usize,
    /// Bytes of the search index.
    pub index_size: u64,
}

/// The builder's memory.
pub struct Compilation {
    pub(super) config: Arc<Config>,
    pub(super) options: Options,
    pub(super) theme: Arc<Theme>,
    pub(super) output: Option<Output>,
    pub(super) index: Arc<Index>,
    pub(super) tree: Tree,
    pub(super) visible: BTreeMap<String, Arc<Document>>,
    pub(super) beside: BTreeMap<String, files::File>,
    pub(super) links: Links,
    pub(super) related: Related,
    pub(super) catalog: Arc<Catalog>,
    /// The file of each visible document, and what it was made from: the same inputs are not rendered again.
    pub(super) pages: HashMap<String, (String, [u8; 32])>,
    /// The other files, and what they were made from.
    pub(super) listings: HashMap<String, [u8; 32]>,
    /// Copies of files beside documents.
    pub(super) copies: HashMap<String, [u8; 32]>,
    pub(super) titles: Arc<HashMap<String, String>>,
    pub(super) urls: Arc<HashMap<String, String>>,
    /// Mistakes of the configuration or the theme since the last good one.
    pub(super) faults: Vec<Diagnostic>,
    pub(super) redirect_clashes: Vec<Diagnostic>,
    pub(super) revision: u64,
}

impl Compilation {
    /// Compiles the whole tree.
    ///
    /// # Errors
    /// When the theme is broken, or the disk refuses the output or the index.
    pub fn start(config: Config, options: Options, revision: u64) -> Result<(Self, Snapshot), CompileError> {
        let index = match options.keep_index {
            true => Index::open(&config.state_dir(), &config.base_path, &config.search)?,
            false => Index::in_memory(&config.base_path, &config.search)?,
        };
        Self::start_with(config, options, revision, Arc::new(index))
    }

    pub(super) fn start_with(
        config: Config,
        options: Options,
        revision: u64,
        index: Arc<Index>,
    ) -> Result<(Self, Snapshot), CompileError> {
        let theme = Arc::new(Theme::load(&config).map_err(CompileError::Site)?);
        let output = options.public.as_deref().map(Output::open).transpose()?;
        let mut compilation = Self {
            config: Arc::new(config),
            options,
            theme,
            output,
            index,
            tree: Tree::default(),
            visible: BTreeMap::new(),
            beside: BTreeMap::new(),
            links: Links::default(),
            related: Related::default(),
            catalog: Arc::default(),
            pages: HashMap::new(),
            listings: HashMap::new(),
            copies: HashMap::new(),
            titles: Arc::default(),
            urls: Arc::default(),
            faults: Vec::new(),
            redirect_clashes: Vec::new(),
            revision,
        };
        compilation.links.base_path.clone_from(&compilation.config.base_path);
        let known = compilation.index.contents();
        let changed = compilation.read_tree();
        for (path, entry) in &mut compilation.tree.entries {
            entry.rendered.indexed = known.get(path).copied();
        }
        compilation.compile(changed)?;
        for path in known.keys() {
            if !compilation.visible.get(path).is_some_and(|document| document.is_listed()) {
                compilation.index.remove(path)?;
            }
        }
        if let Some(output) = &compilation.output {
            output.remove_earlier()?;
        }
        compilation.settle()?;
        let snapshot = compilation.snapshot()?;
        Ok((compilation, snapshot))
    }

    /// Writes the list of the folder's files, for deploys and for the next build. Apart from [`Compilation::apply`],
    /// so that a reader does not wait for it.
    ///
    /// # Errors
    /// When the disk refuses.
    pub fn settle(&self) -> Result<(), CompileError> {
        if let Some(output) = &self.output {
            output.list()?;
        }
        Ok(())
    }

    /// Looks at what may have changed and makes the next snapshot; `None` when nothing did.
    ///
    /// # Errors
    /// When the disk refuses. The compilation stays usable: a later change tries again.
    pub fn apply(&mut self, changes: &Changes) -> Result<Option<Snapshot>, CompileError> {
        let before = self.messages();
        if changes.config {
            match Config::load(&self.config.root) {
                Ok(config) => {
                    let same_index = config.base_path == self.config.base_path && config.search == self.config.search;
                    let (options, revision) = (self.options.clone(), self.revision + 1);
                    let started = match same_index {
                        true => Self::start_with(config, options, revision, Arc::clone(&self.index)),
                        false => Self::start(config, options, revision),
                    };
                    match started {
                        Ok((next, snapshot)) => {
                            *self = next;
                            return Ok(Some(snapshot));
                        }
                        Err(CompileError::Site(faults)) => self.faults = faults,
                        Err(error) => return Err(error),
                    }
                }
                Err(faults) => self.faults = faults,
            }
        }
        let mut everything = false;
        if changes.theme {
            match Theme::load(&self.config) {
                Ok(theme) => {
                    everything = theme.fingerprint() != self.theme.fingerprint();
                    self.theme = Arc::new(theme);
                    self.faults.clear();
                }
                Err(faults) => self.faults = faults,
            }
        }
        let tree = changes.tree || changes.paths.iter().any(|path| self.is_folder(path));
        let mut changed = if tree { self.read_tree() } else { self.read_some(&changes.paths) };
        changed.everything |= everything;
        if changed.is_empty() && before == self.messages() {
            return Ok(None);
        }
        self.compile(changed)?;
        self.revision += 1;
        self.snapshot().map(Some)
    }

    pub fn config(&self) -> &Arc<Config> {
        &self.config
    }

    pub fn summary(&self) -> Summary {
        Summary {
            documents: self.visible.len(),
            files: self.pages.len() + self.listings.len() + self.copies.len(),
            written: self.output.as_ref().map_or(0, Output::written),
            index_size: self.index.size_on_disk(),
        }
    }

    /// Every finding, in the order of files and lines.
    pub fn diagnostics(&self) -> Vec<Diagnostic> {
        let mut all = self.tree.diagnostics();
        all.extend(self.faults.iter().chain(&self.redirect_clashes).cloned());
        crate::diagnostic::sort(&mut all);
        all
    }

    /// The findings a reader of the overlay would miss: cheap to compare.
    fn messages(&self) -> Vec<String> {
        let errors = |found: &&Diagnostic| found.severity == Severity::Error;
        let read = self.tree.entries.values().flat_map(|entry| &entry.read);
        read.filter(errors).chain(&self.faults).chain(&self.tree.strays).map(ToString::to_string).collect()
    }

    /// Reads the whole tree and says how it differs from what is remembered.
    fn read_tree(&mut self) -> Changed {
        let _timed = timed("read the tree");
        let library = content::load(&self.config);
        let mut changed = Changed::default();
        self.tree.strays = library.diagnostics;
        let found: HashSet<String> = library.found.iter().map(|found| found.document.meta().path.clone()).collect();
        for found in library.found {
            changed.note(found.document.meta().path.clone(), self.tree.take(found, self.options.hold));
        }
        let gone: Vec<String> = self.tree.entries.keys().filter(|path| !found.contains(*path)).cloned().collect();
        for path in gone {
            self.forget(path, &mut changed);
        }
        let beside = files::load(&self.config, &library.assets, &mut self.tree.strays);
        changed.beside = beside != self.beside;
        self.beside = beside;
        changed
    }

    /// Whether a path is a folder, or was one when the tree was last read.
    fn is_folder(&self, path: &str) -> bool {
        let inside = format!("{path}/");
        let first = |key: Option<&String>| key.is_some_and(|key| key.starts_with(&inside));
        first(self.tree.entries.range(inside.clone()..).next().map(|(key, _)| key))
            || first(self.beside.range(inside.clone()..).next().map(|(key, _)| key))
            || self.config.content_dir().join(path).is_dir()
    }

    /// Reads the named files only.
    fn read_some(&mut self, paths: &BTreeSet<String>) -> Changed {
        let mut changed = Changed::default();
        for path in paths {
            let file = format!("content/{path}");
            self.tree.strays.retain(|found| found.path != file);
            if content::is_document(path) {
                match content::read(&self.config, path) {
                    Ok(Some(found)) => {
                        let difference = self.tree.take(found, self.options.hold);
                        changed.note(path.clone(), difference);
                    }
                    Ok(None) => self.forget(path.clone(), &mut changed),
                    Err(diagnostic) => self.tree.strays.push(diagnostic),
                }
            } else if content::is_asset(path) {
                let there = self.config.content_dir().join(path).is_file();
                let paths = if there { vec![path.clone()] } else { Vec::new() };
                let read = files::load(&self.config, &paths, &mut self.tree.strays);
                let new = read.into_iter().next().map(|(_, file)| file);
                if self.beside.get(path) != new.as_ref() {
                    changed.beside = true;
                    match new {
                        Some(file) => self.beside.insert(path.clone(), file),
                        None => self.beside.remove(path),
                    };
                }
            }
        }
        changed
    }

    fn forget(&mut self, path: String, changed: &mut Changed) {
        if self.tree.entries.remove(&path).is_some() {
            changed.note(path, Difference::Face);
        }
    }

    /// Brings the files and the index up to date with the tree.
    fn compile(&mut self, mut changed: Changed) -> Result<(), CompileError> {
        loop {
            let stale = self.compile_once(&changed)?;
            if stale.is_empty() {
                return Ok(());
            }
            // A file changed between its reading and its rendering: read it again.
            changed = self.read_some(&stale);
            changed.text.extend(stale.into_iter().filter(|path| self.tree.entries.contains_key(path)));
        }
    }

    fn compile_once(&mut self, changed: &Changed) -> Result<BTreeSet<String>, CompileError> {
        let first = self.listings.is_empty();
        let faces = first || changed.everything || changed.beside || !changed.faces.is_empty();
        let forced = if faces { self.update_faces(changed)? } else { BTreeSet::new() };
        for path in &changed.text {
            // The document carries the hash of its text: with the old one nothing would be rendered.
            if let (Some(entry), Some(document)) = (self.tree.entries.get(path), self.visible.get_mut(path)) {
                *document = Arc::clone(&entry.document);
            }
        }
        let candidates: Vec<Arc<Document>> = if faces {
            self.visible.values().cloned().collect()
        } else {
            changed.text.iter().filter_map(|path| self.visible.get(path)).cloned().collect()
        };
        let (stale, listed) = self.render_documents(&candidates, &forced)?;
        if faces || listed {
            self.render_listings()?;
        }
        let _timed = timed("copy files, remove leftovers");
        if let Some(output) = &self.output {
            let copies = self.copy_files_beside(output)?;
            if faces || listed || copies != self.copies {
                self.copies = copies;
                self.pages.retain(|path, (file, _)| {
                    self.visible.get(path).is_some_and(|document| listing::file_of(&document.meta().url) == *file)
                });
                self.remove_leftovers(output)?;
            }
        }
        Ok(stale)
    }

    fn snapshot(&mut self) -> Result<Snapshot, CompileError> {
        let _timed = timed("commit the index, make the snapshot");
        Ok(Snapshot {
            config: Arc::clone(&self.config),
            theme: Arc::clone(&self.theme),
            manifest: Arc::new(self.output.as_ref().map(Output::manifest).unwrap_or_default()),
            public: self.output.as_ref().map_or_else(PathBuf::new, |output| output.dir().to_owned()),
            view: self.index.commit()?,
            diagnostics: self.diagnostics(),
            revision: self.revision,
            titles: Arc::clone(&self.titles),
            urls: Arc::clone(&self.urls),
        })
    }
}

/// Logs how long a phase took, at the debug level (`RUST_LOG=helpmark=debug`).
pub(super) fn timed(phase: &'static str) -> impl Drop {
    struct Timed(&'static str, std::time::Instant);
    impl Drop for Timed {
        fn drop(&mut self) {
            tracing::debug!("{}: {:.1} ms", self.0, self.1.elapsed().as_secs_f64() * 1e3);
        }
    }
    Timed(phase, std::time::Instant::now())
}

/// How the tree differs from what is remembered.
#[derive(Default)]
pub(super) struct Changed {
    /// Documents whose text alone is new.
    pub(super) text: BTreeSet<String>,
    /// Documents that came, went, or have another face.
    pub(super) faces: BTreeSet<String>,
    /// Files beside documents came, went or changed.
    pub(super) beside: bool,
    pub(super) everything: bool,
}

impl Changed {
    fn note(&mut self, path: String, difference: Difference) {
        match difference {
            Difference::None => {}
            Difference::Text => drop(self.text.insert(path)),
            Difference::Face => drop(self.faces.insert(path)),
        }
    }

    fn is_empty(&self) -> bool {
        self.text.is_empty() && self.faces.is_empty() && !self.beside && !self.everything
    }
}
