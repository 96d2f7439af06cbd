//! Events of the file system to hints about what changed.
//!
//! Events are hints, never facts (RELIABILITY.md): every path is looked at again, a lost event or a moved folder makes
//! the whole tree be compared, and so does the passing of five minutes.

mod folders;
mod tickets;

use std::collections::HashSet;
use std::path::{Component, Path, PathBuf};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::time::{Duration, Instant};

use notify::event::{AccessKind, AccessMode, CreateKind, EventKind, ModifyKind, RemoveKind};
use notify::{Event, RecursiveMode};

use self::folders::{Files, Folders};
pub use self::tickets::{TicketHints, TicketWatch};
use crate::config::Logo;
use crate::snapshot::Changes;

/// Quiet needed once every file that was being written is closed.
const SETTLED: Duration = Duration::from_millis(8);
/// Quiet needed while a file has been written to but not closed.
const WRITING: Duration = Duration::from_millis(150);
/// However busy the tree is, changes are handed on after this long.
const PATIENCE: Duration = Duration::from_millis(500);
/// The whole tree is compared at least this often.
const RECONCILE: Duration = Duration::from_secs(300);
/// `git checkout` deletes, then creates: wait for it, but not for a lock that a crash left behind.
const GIT: Duration = Duration::from_secs(10);

/// A failure to watch: the file system or its limits refuse.
#[derive(Debug, thiserror::Error)]
#[error("cannot watch {}: {source}", path.display())]
pub struct WatchError {
    path: PathBuf,
    source: notify::Error,
}

/// What waiting came to.
#[derive(Debug)]
pub enum Seen {
    Changes(Changes),
    Nothing,
    Stop,
}

/// Watches a site until dropped.
pub struct Watch {
    /// Of the content, and of everything else: a theme may be a link, no document is.
    folders: [Folders; 2],
    /// Files that mean the configuration.
    files: Files,
    events: Receiver<notify::Result<Event>>,
    root: PathBuf,
}

impl Watch {
    /// Starts watching the site at `root`: `site.toml`, `themes/`, `content/articles` and `content/resolutions`.
    /// Changes from now on are seen, even before [`Watch::next`] is called.
    ///
    /// # Errors
    /// When a folder cannot be watched.
    pub fn start(root: &Path) -> Result<Self, WatchError> {
        let root = root.canonicalize().unwrap_or_else(|_| root.to_owned());
        let (sender, events) = channel();
        let handler = |sender: Sender<notify::Result<Event>>| {
            move |event| {
                // The receiver lives as long as the watcher; a send after that has nobody to tell.
                let _ = sender.send(event);
            }
        };
        let sections = ["content/articles", "content/resolutions"].map(|folder| root.join(folder));
        // A whole section may lie elsewhere: whoever set up the site said so.
        let (linked, plain): (Vec<_>, Vec<_>) = sections.into_iter().partition(|section| section.is_symlink());
        let recursive = |path: PathBuf| (path, RecursiveMode::Recursive);
        let others = [(root.clone(), RecursiveMode::NonRecursive), recursive(root.join("themes"))];
        let others = others.into_iter().chain(linked.into_iter().map(recursive));
        let folders = [
            Folders::watch(plain.into_iter().map(recursive), false, handler(sender.clone()))?,
            Folders::watch(others, true, handler(sender))?,
        ];
        let mut watch = Self { folders, files: Files::default(), events, root };
        watch.attend(None);
        Ok(watch)
    }

    /// Says which logo the site has: another one means another configuration.
    pub fn attend(&mut self, logo: Option<&Logo>) {
        let file = logo.map(|logo| self.root.join(&logo.path));
        let toml = self.root.join("site.toml");
        // Writing to what a link leads to is no event in the link's folder.
        let linked = toml.is_symlink().then(|| toml.clone());
        // It may have changed since the configuration was read.
        let as_known = |path: &Path| {
            path == toml
                || std::fs::read(path).is_ok_and(|bytes| logo.is_some_and(|logo| blake3::hash(&bytes) == logo.hash))
        };
        self.files.set(linked.into_iter().chain(file), as_known);
    }

    /// Notes what no event tells: folders that are others than those watched, and files that are only looked at.
    fn look_beyond(&mut self, pending: &mut Pending) {
        for folder in self.folders.iter_mut().flat_map(Folders::renew) {
            pending.changes.theme |= self.root.join("themes").starts_with(&folder);
            pending.changes.config |= folder == self.root;
            pending.changes.tree = true;
            pending.touch();
        }
        if self.files.look() {
            pending.changes.config = true;
            pending.touch();
        }
    }

    /// Waits for changes and for the tree to settle. `None` when `stop` says so; it is asked a few times a second.
    pub fn next(&mut self, stop: &dyn Fn() -> bool) -> Option<Changes> {
        match self.next_within(None, stop) {
            Seen::Changes(changes) => Some(changes),
            Seen::Nothing | Seen::Stop => None,
        }
    }

    /// As [`Watch::next`], but gives up when nothing happens for as long as `quiet` says.
    pub fn next_within(&mut self, quiet: Option<Duration>, stop: &dyn Fn() -> bool) -> Seen {
        let mut pending = Pending::default();
        let started = Instant::now();
        loop {
            if stop() {
                return Seen::Stop;
            }
            let wait = match pending.deadline() {
                Some(deadline) => deadline.saturating_duration_since(Instant::now()),
                None if quiet.is_some_and(|quiet| started.elapsed() >= quiet) => return Seen::Nothing,
                None if started.elapsed() >= RECONCILE => {
                    return Seen::Changes(Changes { tree: true, ..Changes::default() });
                }
                None => Duration::from_millis(200),
            };
            match self.events.recv_timeout(wait) {
                Ok(event) => pending.add(&self.root, event),
                Err(RecvTimeoutError::Timeout) if pending.changes.is_empty() => {
                    pending = Pending::default();
                    self.look_beyond(&mut pending);
                }
                Err(RecvTimeoutError::Timeout) => {
                    self.wait_for_git(stop);
                    self.look_beyond(&mut pending);
                    return Seen::Changes(pending.changes);
                }
                Err(RecvTimeoutError::Disconnected) => return Seen::Stop,
            }
        }
    }

    fn wait_for_git(&self, stop: &dyn Fn() -> bool) {
        let Some(lock) = self.root.ancestors().map(|dir| dir.join(".git")).find(|git| git.is_dir()) else { return };
        let lock = lock.join("index.lock");
        let started = Instant::now();
        while lock.exists() && started.elapsed() < GIT && !stop() {
            std::thread::sleep(Duration::from_millis(20));
        }
    }
}

/// Events on their way to becoming changes.
#[derive(Default)]
struct Pending {
    changes: Changes,
    /// Files written to and not yet closed.
    writing: HashSet<PathBuf>,
    first: Option<Instant>,
    last: Option<Instant>,
}

impl Pending {
    /// When what has been collected is handed on.
    fn deadline(&self) -> Option<Instant> {
        let quiet = if self.writing.is_empty() { SETTLED } else { WRITING };
        Some((self.last? + quiet).min(self.first? + PATIENCE))
    }

    fn add(&mut self, root: &Path, event: notify::Result<Event>) {
        let event = match event {
            Ok(event) if event.need_rescan() => {
                self.changes.tree = true;
                self.touch();
                return;
            }
            Ok(event) => event,
            Err(error) => {
                tracing::warn!(%error, "the watcher failed; the whole tree is compared");
                self.changes.tree = true;
                self.touch();
                return;
            }
        };
        match event.kind {
            EventKind::Access(AccessKind::Close(AccessMode::Write)) => {
                for path in &event.paths {
                    self.writing.remove(path);
                }
            }
            // Pages being served are opened and read: that changes nothing.
            EventKind::Access(_) => return,
            // A file may have become one that can be read, or is no longer.
            EventKind::Modify(ModifyKind::Metadata(_)) if event.paths.iter().all(|path| path.is_file()) => {}
            EventKind::Modify(ModifyKind::Metadata(_)) => return,
            EventKind::Create(CreateKind::File) | EventKind::Modify(ModifyKind::Data(_)) => {
                self.writing.extend(event.paths.iter().cloned());
            }
            EventKind::Create(CreateKind::Folder) | EventKind::Remove(RemoveKind::Folder) => self.changes.tree = true,
            _ => {
                for path in &event.paths {
                    self.writing.remove(path);
                    // A renamed folder takes its files along without an event for each. The name it had is among the
                    // paths: the compilation knows that it was a folder.
                    self.changes.tree |= path.is_dir();
                }
            }
        }
        let mut relevant = false;
        for path in &event.paths {
            relevant |= self.name(root, path);
        }
        if relevant || self.changes.tree {
            self.touch();
        }
    }

    fn touch(&mut self) {
        let now = Instant::now();
        self.first.get_or_insert(now);
        self.last = Some(now);
    }

    /// Files a path under what it means; false when it means nothing.
    fn name(&mut self, root: &Path, path: &Path) -> bool {
        let Ok(relative) = path.strip_prefix(root) else { return false };
        let parts: Vec<&str> = relative
            .components()
            .filter_map(|part| match part {
                Component::Normal(part) => part.to_str(),
                _ => None,
            })
            .collect();
        match parts[..] {
            ["site.toml"] => self.changes.config = true,
            ["themes", ..] => self.changes.theme = true,
            ["content", "articles" | "resolutions", ..] if !hidden(&parts) => {
                self.changes.paths.insert(parts[1..].join("/"));
            }
            _ => {
                self.writing.remove(path);
                return false;
            }
        }
        true
    }
}

/// Editors' swap and backup files.
fn hidden(parts: &[&str]) -> bool {
    parts.last().is_some_and(|name| {
        name.starts_with('.') || name.ends_with('~') || name.ends_with(".swp") || name.ends_with(".tmp")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn site() -> tempfile::TempDir {
        let dir = tempfile::tempdir().unwrap();
        std::fs::create_dir_all(dir.path().join("content/articles/a")).unwrap();
        dir
    }

    #[test]
    fn a_saved_file_is_named() {
        let dir = site();
        let mut watch = Watch::start(dir.path()).unwrap();
        std::fs::write(dir.path().join("content/articles/a/x.md"), "x").unwrap();
        let changes = watch.next(&|| false).unwrap();
        assert!(changes.paths.contains("articles/a/x.md"), "{changes:?}");
    }

    #[test]
    fn an_editors_atomic_save_is_named() {
        let dir = site();
        std::fs::write(dir.path().join("content/articles/a/x.md"), "x").unwrap();
        let mut watch = Watch::start(dir.path()).unwrap();
        std::fs::write(dir.path().join("content/articles/a/.x.md.swp"), "y").unwrap();
        std::fs::rename(dir.path().join("content/articles/a/.x.md.swp"), dir.path().join("content/articles/a/x.md"))
            .unwrap();
        let changes = watch.next(&|| false).unwrap();
        assert!(changes.paths.contains("articles/a/x.md"), "{changes:?}");
    }

    #[test]
    fn a_moved_folder_has_the_tree_compared() {
        let dir = site();
        let mut watch = Watch::start(dir.path()).unwrap();
        std::fs::rename(dir.path().join("content/articles/a"), dir.path().join("content/articles/b")).unwrap();
        assert!(watch.next(&|| false).unwrap().tree);
    }

    #[test]
    fn a_folder_that_is_made_again_is_watched_again() {
        let dir = site();
        let articles = dir.path().join("content/articles");
        let mut watch = Watch::start(dir.path()).unwrap();
        let mut until = |what: &str, seen: &dyn Fn(&Changes) -> bool| {
            while !seen(&watch.next(&|| false).unwrap()) {
                eprintln!("not yet: {what}");
            }
        };
        for round in 0..3 {
            std::fs::remove_dir_all(dir.path().join("content")).unwrap();
            std::fs::create_dir_all(articles.join("a")).unwrap();
            until("the tree is compared", &|changes| changes.tree);
            let name = format!("articles/a/{round}.md");
            std::fs::write(dir.path().join("content").join(&name), "x").unwrap();
            until("an article in the new folder", &|changes| changes.paths.contains(&name));
        }
        std::fs::create_dir_all(dir.path().join("themes/corp")).unwrap();
        until("a theme", &|changes| changes.theme);
    }

    #[test]
    fn files_outside_the_folders_are_looked_at() {
        let dir = site();
        let root = dir.path();
        std::fs::create_dir(root.join("images")).unwrap();
        std::fs::write(root.join("real.toml"), "title = 'x'").unwrap();
        std::os::unix::fs::symlink("real.toml", root.join("site.toml")).unwrap();
        let mut watch = Watch::start(root).unwrap();
        std::fs::write(root.join("images/logo.svg"), "as the configuration has it").unwrap();
        let hash = *blake3::hash(b"as the configuration has it").as_bytes();
        let logo = Logo { path: "images/logo.svg".to_owned(), hash };
        watch.attend(Some(&logo));
        for file in ["real.toml", "images/logo.svg"] {
            std::fs::write(root.join(file), format!("another {file}")).unwrap();
            assert!(watch.next(&|| false).unwrap().config, "{file}");
        }
        watch.attend(None);
        watch.attend(Some(&logo));
        assert!(watch.next(&|| false).unwrap().config, "another logo than the configuration has");
    }

    #[test]
    fn the_configuration_is_watched_and_other_files_are_not() {
        let dir = site();
        let mut watch = Watch::start(dir.path()).unwrap();
        std::fs::write(dir.path().join("notes.txt"), "x").unwrap();
        std::fs::write(dir.path().join("site.toml"), "title = 'x'").unwrap();
        let changes = watch.next(&|| false).unwrap();
        assert!(changes.config && changes.paths.is_empty() && !changes.tree, "{changes:?}");
    }
}
