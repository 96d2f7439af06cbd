//! From the content tree to a snapshot, and from one snapshot to the next.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::path::PathBuf;
use std::sync::Arc;

use super::changes::Changed;
use super::faces::Concerned;
use super::lost::Names;
use super::options::{CompileError, Keep, Options, Summary};
use super::stand_ins::StandIns;
use super::tree::Tree;
use super::{Changes, Snapshot};
use crate::config::Config;
use crate::content::Document;
use crate::diagnostic::Diagnostic;
use crate::markdown::Links;
use crate::search::{Index, SearchError, View};
use crate::site::catalog::Catalog;
use crate::site::output::{Manifest, Output};
use crate::site::related::Related;
use crate::site::shards::Shards;
use crate::site::theme::Theme;
use crate::site::{files, listing};

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
    pub(super) catalog: Catalog,
    /// Resolution records by the article they name.
    pub(super) records: BTreeMap<String, BTreeSet<String>>,
    /// The file of each visible document, and what it was made from: the same inputs are not rendered again.
    pub(super) pages: HashMap<String, (String, [u8; 32])>,
    pub(super) stand_ins: StandIns,
    /// The other files, and what they were made from: all, and by what changes together.
    pub(super) listings: HashMap<String, [u8; 32]>,
    pub(super) groups: HashMap<String, listing::Made>,
    /// Copies of files beside documents.
    pub(super) copies: HashMap<String, [u8; 32]>,
    /// What links that lead nowhere may mean, documents and files, while these are the same.
    pub(super) names: (Option<Arc<Names>>, Option<Arc<Names>>),
    pub(super) titles: Shards<Arc<str>>,
    pub(super) urls: Shards<Arc<str>>,
    /// Files that were made once and may be wanted no more.
    pub(super) retired: Vec<String>,
    /// Aliases, or the addresses that may stand in their way, are others now.
    pub(super) redirects_stale: bool,
    /// The offline index is not written yet ([`Compilation::settle`]).
    pub(super) offline_stale: bool,
    /// What is searched, as of the last commit.
    view: Option<View>,
    faults: Faults,
    /// A change was not built to its end: what is remembered and what is there may be two things.
    unfinished: bool,
    pub(super) redirect_clashes: Vec<Diagnostic>,
    /// The files of listings where none are written ([`Compilation::look`]).
    pub(super) unwritten: HashSet<String>,
    /// The findings of the last snapshot: those that no document has, and all.
    said: (Vec<Diagnostic>, Arc<[Diagnostic]>),
    pub(super) revision: u64,
}

/// Mistakes of the configuration and the theme since the last good ones, which are in use.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct Faults {
    /// `site.toml` cannot be read as it is now, or what it names is not there (yet).
    site: Vec<Diagnostic>,
    /// The theme cannot be used with `site.toml` as it is now.
    next_theme: Vec<Diagnostic>,
    /// The theme cannot be used with the configuration in use.
    theme: Vec<Diagnostic>,
}

impl Faults {
    /// Whether the configuration in use is another than the one that is there.
    fn owe_the_configuration(&self) -> bool {
        !self.site.is_empty() || !self.next_theme.is_empty()
    }

    fn all(&self) -> impl Iterator<Item = &Diagnostic> {
        let theme = self.theme.iter().filter(|found| !self.next_theme.contains(found));
        self.site.iter().chain(&self.next_theme).chain(theme)
    }
}

/// How often files that changed between their reading and their rendering are read again.
const ROUNDS: usize = 8;

impl Compilation {
    /// Compiles the whole tree.
    ///
    /// # Errors
    /// When the theme is broken, or the disk refuses the output or the index.
    pub fn start(config: Config, options: Options, revision: u64) -> Result<(Self, Snapshot), CompileError> {
        let theme = Arc::new(Theme::load(&config).map_err(CompileError::Site)?);
        let index = Arc::new(open_index(&config, &options)?);
        Self::start_with(config, theme, index, options, revision, Faults::default())
    }

    fn start_with(
        config: Config,
        theme: Arc<Theme>,
        index: Arc<Index>,
        options: Options,
        revision: u64,
        faults: Faults,
    ) -> Result<(Self, Snapshot), CompileError> {
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
            catalog: Catalog::default(),
            records: BTreeMap::new(),
            pages: HashMap::new(),
            stand_ins: StandIns::default(),
            listings: HashMap::new(),
            groups: HashMap::new(),
            copies: HashMap::new(),
            names: (None, None),
            titles: Shards::default(),
            urls: Shards::default(),
            retired: Vec::new(),
            redirects_stale: true,
            offline_stale: false,
            view: None,
            faults,
            unfinished: false,
            redirect_clashes: Vec::new(),
            unwritten: HashSet::new(),
            said: (Vec::new(), Arc::default()),
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
                compilation.view = None;
            }
        }
        compilation.write_offline_index()?;
        if let Some(output) = &compilation.output {
            output.remove_earlier()?;
        }
        compilation.settle()?;
        let snapshot = compilation.snapshot()?;
        compilation.index.remove_others();
        Ok((compilation, snapshot))
    }

    /// Writes what no reader of a running server waits for: the index for searching without one, and the list of the
    /// folder's files, for deploys and for the next build. Gives the list when it is not the last snapshot's.
    ///
    /// # Errors
    /// When the disk refuses.
    pub fn settle(&mut self) -> Result<Option<Arc<Manifest>>, CompileError> {
        let _timed = timed("settle");
        if self.unfinished {
            // What there is was not put there to be listed: the next start, or the next change, sees to it.
            return Ok(None);
        }
        let written = self.write_offline_index()?;
        let Some(output) = &self.output else { return Ok(None) };
        output.list()?;
        Ok(written.then(|| Arc::new(output.manifest())))
    }

    /// Looks at what may have changed and makes the next snapshot; `None` when nothing did.
    ///
    /// # Errors
    /// When the disk refuses. The compilation stays usable: the next call makes everything again.
    pub fn apply(&mut self, changes: &Changes) -> Result<Option<Snapshot>, CompileError> {
        let outcome = self.try_apply(changes);
        if let Err(error) = &outcome {
            self.unfinished = true;
            if matches!(error, CompileError::Search(_)) {
                // A writer that failed once takes nothing more: the next attempt opens the folder again.
                self.index = Arc::new(Index::idle(&self.config.base_path, &self.config.search)?);
            }
        }
        outcome
    }

    fn try_apply(&mut self, changes: &Changes) -> Result<Option<Snapshot>, CompileError> {
        let before = (self.faults.clone(), self.tree.strays.clone());
        if changes.config || (changes.theme && self.faults.owe_the_configuration()) {
            (self.faults.site, self.faults.next_theme) = Default::default();
            match Config::load(&self.config.root) {
                Ok(config) => match Theme::load(&config) {
                    Ok(theme) => return self.again(config, Arc::new(theme), Faults::default()).map(Some),
                    Err(faults) => self.faults.next_theme = faults,
                },
                Err(faults) => self.faults.site = faults,
            }
        }
        let mut everything = false;
        if changes.theme {
            match Theme::load(&self.config) {
                Ok(theme) => {
                    everything = theme.fingerprint() != self.theme.fingerprint();
                    self.theme = Arc::new(theme);
                    self.faults.theme.clear();
                }
                Err(faults) => self.faults.theme = faults,
            }
        }
        if changes.files || self.unfinished {
            let faults = self.faults.clone();
            return self.again(Config::clone(&self.config), Arc::clone(&self.theme), faults).map(Some);
        }
        let tree = changes.tree || changes.paths.iter().any(|path| self.is_folder(path));
        let mut changed = if tree { self.read_tree() } else { self.read_some(&changes.paths) };
        changed.everything |= everything;
        let says_the_same = !self.tree.says_otherwise && before.0 == self.faults && before.1 == self.tree.strays;
        if changed.is_empty() && says_the_same {
            return Ok(None);
        }
        self.compile(changed)?;
        self.revision += 1;
        self.snapshot().map(Some)
    }

    /// Starts from nothing but the index, and that only where the configuration leaves it as it is.
    fn again(&mut self, config: Config, theme: Arc<Theme>, faults: Faults) -> Result<Snapshot, CompileError> {
        let index = match self.index.shared(&config.base_path, &config.search) {
            Some(index) => index,
            None => open_index(&config, &self.options)?,
        };
        let (options, revision) = (self.options.clone(), self.revision + 1);
        let (next, snapshot) = Self::start_with(config, theme, Arc::new(index), options, revision, faults)?;
        *self = next;
        Ok(snapshot)
    }

    /// Whether `site.toml` cannot be used as it is for something that may come without its being saved again, such as
    /// a logo that is not there yet: worth another [`Changes::config`] after a while.
    pub fn waits_for_the_configuration(&self) -> bool {
        !self.faults.site.is_empty()
    }

    pub fn config(&self) -> &Arc<Config> {
        &self.config
    }

    pub fn summary(&self) -> Summary {
        Summary {
            documents: self.visible.len(),
            files: self.pages.len() + self.stand_ins.count() + self.listings.len() + self.copies.len(),
            written: self.output.as_ref().map_or(0, Output::written),
            index_size: self.index.size_on_disk(),
        }
    }

    /// Templates that fail, of a theme that could be loaded.
    pub(super) fn blame_the_theme(&mut self, failing: Vec<Diagnostic>) {
        self.faults.theme = failing;
    }

    /// Every finding, in the order of files and lines: gathered anew when there is another than before.
    pub(super) fn diagnostics(&mut self) -> Arc<[Diagnostic]> {
        self.check_addresses();
        self.tree.check_anchors();
        let others = [&self.tree.strays, &self.tree.clashes, &self.redirect_clashes];
        let others: Vec<Diagnostic> =
            others.into_iter().flatten().chain(self.faults.all()).chain(self.theme.notes()).cloned().collect();
        if self.tree.says_otherwise || others != self.said.0 {
            let names = || {
                let documents = self.names.0.get_or_insert_with(|| Arc::new(Names::new(self.visible.keys())));
                let files = self.names.1.get_or_insert_with(|| Arc::new(Names::new(self.beside.keys())));
                (Arc::clone(documents), Arc::clone(files))
            };
            let mut all = self.tree.told(names);
            all.extend(others.iter().cloned());
            crate::diagnostic::sort(&mut all);
            self.said = (others, all.into());
            self.tree.says_otherwise = false;
        }
        Arc::clone(&self.said.1)
    }

    /// Brings the files and the index up to date with the tree.
    fn compile(&mut self, mut changed: Changed) -> Result<(), CompileError> {
        for round in 1.. {
            let stale = self.compile_once(&changed)?;
            if stale.is_empty() {
                break;
            }
            // Files changed between their reading and their rendering.
            changed = if round < ROUNDS { self.read_again(stale) } else { self.leave_out(stale) };
        }
        Ok(())
    }

    fn compile_once(&mut self, changed: &Changed) -> Result<BTreeSet<String>, CompileError> {
        let all = self.listings.is_empty() || changed.everything;
        let faces = all || !changed.beside.is_empty() || !changed.faces.is_empty();
        self.tree.uses_other_files |= !changed.beside.is_empty();
        self.tree.addresses_moved |= all || !changed.beside.is_empty();
        let mut concerned = if faces { self.update_faces(changed)? } else { Concerned::default() };
        concerned.forced.extend(self.tree.including(changed));
        let all = all || concerned.everything;
        for path in &changed.text {
            // The document carries the hash of its text: with the old one nothing would be rendered.
            if let (Some(entry), Some(document)) = (self.tree.entries.get(path), self.visible.get_mut(path)) {
                *document = Arc::clone(&entry.document);
            }
        }
        let candidates: Vec<Arc<Document>> = if all {
            self.visible.values().cloned().collect()
        } else {
            let named: BTreeSet<&String> =
                changed.text.iter().chain(&concerned.shown).chain(&concerned.forced).collect();
            named.into_iter().filter_map(|path| self.visible.get(path)).cloned().collect()
        };
        let (mut stale, listed) = self.render_documents(&candidates, &concerned.forced)?;
        stale.extend(self.render_stand_ins(&candidates, &concerned.gone, &concerned.forced)?);
        // The index takes its time beside what is left to write.
        let (index, keep) = (Arc::clone(&self.index), self.options.index.clone());
        let commit_it = || {
            let _timed = timed("commit the index");
            commit(&index, &keep)
        };
        let (view, finished) = rayon::join(commit_it, || self.finish(all, faces || listed));
        self.view = Some(view?);
        stale.extend(finished?);
        Ok(stale)
    }

    fn snapshot(&mut self) -> Result<Snapshot, CompileError> {
        let _timed = timed("make the snapshot");
        let view = match &self.view {
            Some(view) => view.clone(),
            None => commit(&self.index, &self.options.index)?,
        };
        Ok(Snapshot {
            config: Arc::clone(&self.config),
            theme: Arc::clone(&self.theme),
            manifest: Arc::new(self.output.as_ref().map(Output::manifest).unwrap_or_default()),
            public: self.output.as_ref().map_or_else(PathBuf::new, |output| output.dir().to_owned()),
            view,
            diagnostics: self.diagnostics(),
            revision: self.revision,
            titles: self.titles.clone(),
            urls: self.urls.clone(),
        })
    }
}

/// Makes what was put into the index durable, and searchable where somebody searches.
fn commit(index: &Index, keep: &Keep) -> Result<View, SearchError> {
    if let Keep::For(_) = keep { index.commit_unseen() } else { index.commit() }
}

fn open_index(config: &Config, options: &Options) -> Result<Index, SearchError> {
    match &options.index {
        Keep::In(folder) | Keep::For(folder) => Index::open(folder, &config.base_path, &config.search),
        Keep::Memory => Index::in_memory(&config.base_path, &config.search),
        Keep::Nowhere => Index::idle(&config.base_path, &config.search),
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
