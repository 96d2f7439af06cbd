//! Folders that may go and come again, and single files that lie in none of them.
//!
//! The kernel watches a folder, not its name: when `git checkout` removes `content/resolutions` and makes it again, the
//! watch is lost with the old one and nothing says so. So the names are looked at with every rest of the watcher.

use std::path::{Path, PathBuf};
use std::time::SystemTime;

use notify::{Config, Event, RecommendedWatcher, RecursiveMode, Watcher};

use super::WatchError;

/// What tells a folder or a file from another of its name, or from itself at another time.
type Stamp = (u64, u64, u64, Option<SystemTime>, Option<SystemTime>);

/// The watched folders, and the files that are looked at.
pub(super) struct Folders {
    watcher: RecommendedWatcher,
    folders: Vec<Folder>,
}

struct Folder {
    path: PathBuf,
    mode: RecursiveMode,
    /// Which folder was there when it was last looked at.
    seen: Option<Stamp>,
}

impl Folders {
    /// Starts watching `folders`; those that are not there are watched once they are. `links` says whether links in
    /// them are followed.
    pub(super) fn watch(
        folders: impl IntoIterator<Item = (PathBuf, RecursiveMode)>,
        links: bool,
        handler: impl Fn(notify::Result<Event>) + Send + 'static,
    ) -> Result<Self, WatchError> {
        let config = Config::default().with_follow_symlinks(links);
        let mut folders: Vec<Folder> =
            folders.into_iter().map(|(path, mode)| Folder { path, mode, seen: None }).collect();
        let path = folders.first().map(|folder| folder.path.clone()).unwrap_or_default();
        let failed = |path: PathBuf| move |source| WatchError { path, source };
        let mut watcher = RecommendedWatcher::new(handler, config).map_err(failed(path))?;
        for folder in &mut folders {
            folder.watch(&mut watcher).map_err(failed(folder.path.clone()))?;
        }
        Ok(Self { watcher, folders })
    }

    /// Watches again what is another folder now than it was. Gives the names of those, and of those that are gone.
    pub(super) fn renew(&mut self) -> Vec<PathBuf> {
        let mut changed = Vec::new();
        for folder in &mut self.folders {
            if folder_stamp(&folder.path) == folder.seen {
                continue;
            }
            changed.push(folder.path.clone());
            // Gone with the folder, if there was one.
            let _ = self.watcher.unwatch(&folder.path);
            if let Err(error) = folder.watch(&mut self.watcher)
                && !matches!(error.kind, notify::ErrorKind::PathNotFound)
            {
                let path = folder.path.display();
                tracing::warn!(%error, "{path} cannot be watched: edits in it are seen every five minutes");
            }
        }
        changed
    }
}

impl Folder {
    fn watch(&mut self, watcher: &mut RecommendedWatcher) -> notify::Result<()> {
        // Before it is watched: a folder that is put in its place in between is noticed.
        self.seen = folder_stamp(&self.path);
        if self.seen.is_none() { Ok(()) } else { watcher.watch(&self.path, self.mode) }
    }
}

/// Its number may be given to the next folder at once: the time of its making tells.
fn folder_stamp(path: &Path) -> Option<Stamp> {
    use std::os::unix::fs::MetadataExt as _;
    let found = path.metadata().ok().filter(std::fs::Metadata::is_dir)?;
    Some((found.dev(), found.ino(), 0, found.created().ok(), None))
}

/// Files that are looked at instead of being watched: a link's target, a logo in any folder.
#[derive(Default)]
pub(super) struct Files(Vec<(PathBuf, Option<Stamp>)>);

impl Files {
    /// From now on, looks at these. `as_known` says of one that was not looked at so far whether it is still as others
    /// know it.
    pub(super) fn set(&mut self, paths: impl IntoIterator<Item = PathBuf>, as_known: impl Fn(&Path) -> bool) {
        let before = std::mem::take(&mut self.0);
        let stamped = |path: PathBuf| match before.iter().find(|(known, _)| *known == path) {
            Some(known) => known.clone(),
            None => {
                let stamp = file_stamp(&path);
                let stamp = stamp.filter(|_| as_known(&path));
                (path, stamp)
            }
        };
        self.0 = paths.into_iter().map(stamped).collect();
    }

    /// Whether one of them is another than when it was last looked at.
    pub(super) fn look(&mut self) -> bool {
        let mut changed = false;
        for (path, known) in &mut self.0 {
            let now = file_stamp(path);
            changed |= *known != now;
            *known = now;
        }
        changed
    }
}

fn file_stamp(path: &Path) -> Option<Stamp> {
    use std::os::unix::fs::MetadataExt as _;
    let found = path.metadata().ok()?;
    Some((found.dev(), found.ino(), found.len(), found.created().ok(), found.modified().ok()))
}
