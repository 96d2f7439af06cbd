//! The state of the site that readers see, and how the next one is made from it.
//!
//! A [`Snapshot`] is immutable; [`Live`] holds the current one. A [`Compilation`] is the builder's memory between two
//! snapshots: it renders again only what a change touches, and what it leaves in `public/` is what a clean build
//! makes (invariant 5).

mod addresses;
mod changes;
mod compilation;
mod faces;
mod look;
mod lost;
mod options;
mod pages;
mod proof;
mod reading;
mod redirects;
mod render;
mod stand_ins;
mod tree;

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use arc_swap::ArcSwap;
use tokio::sync::watch;

pub use changes::Changes;
pub use compilation::Compilation;
pub use look::Known;
pub(crate) use lost::without_page;
pub use options::{CompileError, Keep, Options, Summary};

use crate::config::Config;
use crate::diagnostic::Diagnostic;
use crate::search;
use crate::site::output::Manifest;
use crate::site::shards::Shards;
use crate::site::theme::Theme;

/// One state of the site: the files, the index and what is wrong, all of the same moment.
#[derive(Clone)]
pub struct Snapshot {
    pub config: Arc<Config>,
    pub theme: Arc<Theme>,
    pub manifest: Arc<Manifest>,
    /// The folder of the manifest's files.
    pub public: PathBuf,
    pub view: search::View,
    pub diagnostics: Arc<[Diagnostic]>,
    /// Counts up with every change.
    pub revision: u64,
    /// Titles by root-relative URL.
    pub(crate) titles: Shards<Arc<str>>,
    /// URLs by path relative to `content/`.
    pub(crate) urls: Shards<Arc<str>>,
}

impl Snapshot {
    /// The title of the public document at a root-relative URL.
    pub fn title_of(&self, url: &str) -> Option<&str> {
        self.titles.get(url).map(AsRef::as_ref)
    }

    /// The root-relative URL of a public document, by its path relative to `content/`.
    pub fn url_of(&self, path: &str) -> Option<&str> {
        self.urls.get(path).map(AsRef::as_ref)
    }
}

/// The current snapshot: readers load it, the builder stores the next one in a single step (invariant 4).
pub struct Live {
    current: ArcSwap<Snapshot>,
    revisions: watch::Sender<u64>,
    watching: bool,
    damaged: AtomicBool,
}

impl Live {
    /// `watching` says whether changes of the tree will be followed.
    pub fn new(first: Snapshot, watching: bool) -> Self {
        let (revisions, _) = watch::channel(first.revision);
        Self { current: ArcSwap::from_pointee(first), revisions, watching, damaged: AtomicBool::new(false) }
    }

    pub fn load(&self) -> Arc<Snapshot> {
        self.current.load_full()
    }

    pub fn store(&self, next: Snapshot) {
        let revision = next.revision;
        self.current.store(Arc::new(next));
        self.revisions.send_replace(revision);
    }

    /// The same state with the files that were still owed ([`Compilation::settle`]): no news for readers.
    pub fn amend(&self, manifest: Arc<Manifest>) {
        let current = self.current.load_full();
        self.current.store(Arc::new(Snapshot { manifest, ..Snapshot::clone(&current) }));
    }

    /// Says that a file of the built site is not what the manifest says, and stays so: something else wrote or removed it.
    pub fn report_damage(&self) {
        self.damaged.store(true, Ordering::Relaxed);
    }

    /// Whether files of the built site are known to be wrong.
    pub fn is_damaged(&self) -> bool {
        self.damaged.load(Ordering::Relaxed)
    }

    /// Says that every file was made again.
    pub fn mended(&self) {
        self.damaged.store(false, Ordering::Relaxed);
    }

    /// Tells of every new revision.
    pub fn subscribe(&self) -> watch::Receiver<u64> {
        self.revisions.subscribe()
    }

    pub fn watching(&self) -> bool {
        self.watching
    }
}
