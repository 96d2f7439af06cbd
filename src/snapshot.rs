//! Placeholder: one state of the site, as readers see it.
use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::Arc;

use arc_swap::ArcSwap;
use tokio::sync::watch;

use crate::config::Config;
use crate::diagnostic::Diagnostic;
use crate::search;
use crate::site::output::Manifest;
use crate::site::theme::Theme;

pub struct Snapshot {
    pub config: Arc<Config>,
    pub theme: Arc<Theme>,
    pub manifest: Arc<Manifest>,
    /// The directory that holds the files of `manifest`.
    pub public: PathBuf,
    pub view: search::View,
    pub diagnostics: Vec<Diagnostic>,
    pub revision: u64,
    /// By path relative to `content/`: URL and title.
    pub documents: HashMap<String, (String, String)>,
}

impl Snapshot {
    /// The title of the document at a root-relative URL.
    pub fn title_of(&self, url_path: &str) -> Option<&str> {
        self.documents.values().find(|(url, _)| url == url_path).map(|(_, title)| title.as_str())
    }

    /// The root-relative URL, without the base path, of a public document's file, relative to `content/`.
    pub fn url_of(&self, path: &str) -> Option<&str> {
        self.documents.get(path).map(|(url, _)| url.as_str())
    }
}

pub struct Live {
    current: ArcSwap<Snapshot>,
    revisions: watch::Sender<u64>,
    watching: bool,
}

impl Live {
    pub fn of(snapshot: Snapshot, watching: bool) -> Self {
        let revisions = watch::Sender::new(snapshot.revision);
        Self { current: ArcSwap::from_pointee(snapshot), revisions, watching }
    }

    pub fn store(&self, snapshot: Snapshot) {
        let revision = snapshot.revision;
        self.current.store(Arc::new(snapshot));
        self.revisions.send_replace(revision);
    }

    pub fn load(&self) -> Arc<Snapshot> {
        self.current.load_full()
    }

    pub fn subscribe(&self) -> watch::Receiver<u64> {
        self.revisions.subscribe()
    }

    pub fn watching(&self) -> bool {
        self.watching
    }
}
