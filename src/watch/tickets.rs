//! Edits of tickets' files by people, as hints: which numbers to look at again.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::{Duration, Instant};

use notify::{Event, EventKind, RecursiveMode};

use super::WatchError;
use super::folders::Folders;
use crate::ticket::TicketId;

/// Quiet that a file needs before it is looked at: an editor saves in several steps, and another process that takes a
/// step of the process writes the audit after the file.
const SETTLED: Duration = Duration::from_secs(2);
/// The whole tree is looked at this often, whatever events were lost.
const RECONCILE: Duration = Duration::from_secs(300);

/// What to look at.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct TicketHints {
    pub ids: Vec<TicketId>,
    /// Everything: events were lost, or the time has come.
    pub all: bool,
}

/// Watches `content/tickets` until dropped.
pub struct TicketWatch {
    folders: Folders,
    events: Receiver<notify::Result<Event>>,
    pending: BTreeMap<TicketId, Instant>,
    reconciled: Instant,
}

impl TicketWatch {
    /// Starts watching; makes the folder where it is not there.
    ///
    /// # Errors
    /// When the folder cannot be made or watched.
    pub fn start(root: &Path) -> Result<Self, WatchError> {
        let folder = root.join("content/tickets");
        let failed = |error| WatchError { path: folder.clone(), source: notify::Error::io(error) };
        fs::create_dir_all(&folder).map_err(failed)?;
        let (sender, events) = channel();
        let handler = move |event| {
            // The receiver lives as long as the watcher; a send after that has nobody to tell.
            let _ = sender.send(event);
        };
        let folders = Folders::watch([(folder, RecursiveMode::Recursive)], true, handler)?;
        Ok(Self { folders, events, pending: BTreeMap::new(), reconciled: Instant::now() })
    }

    /// Waits until something is to be looked at. `None` when `stop` says so; it is asked a few times a second.
    pub fn next(&mut self, stop: &dyn Fn() -> bool) -> Option<TicketHints> {
        loop {
            if stop() {
                return None;
            }
            let mut all = self.reconciled.elapsed() >= RECONCILE;
            match self.events.recv_timeout(Duration::from_millis(200)) {
                Ok(event) => all |= self.add(event),
                // The folder may be another than the one that was watched.
                Err(RecvTimeoutError::Timeout) => all |= !self.folders.renew().is_empty(),
                Err(RecvTimeoutError::Disconnected) => return None,
            }
            let settled = self.pending.iter().filter(|(_, seen)| seen.elapsed() >= SETTLED);
            let ids: Vec<_> = settled.map(|(id, _)| *id).collect();
            for id in &ids {
                self.pending.remove(id);
            }
            if all {
                self.reconciled = Instant::now();
            }
            if all || !ids.is_empty() {
                return Some(TicketHints { ids, all });
            }
        }
    }

    /// Whether the event says that others were lost.
    fn add(&mut self, event: notify::Result<Event>) -> bool {
        let Ok(event) = event else { return true };
        if matches!(event.kind, EventKind::Access(_)) {
            return false;
        }
        for path in &event.paths {
            // Files in a folder that is new may have had no event of their own.
            let within = if path.is_dir() { files_of(path) } else { vec![path.clone()] };
            for id in within.iter().filter_map(|path| ticket_of(path)) {
                self.pending.insert(id, Instant::now());
            }
        }
        event.need_rescan()
    }
}

fn files_of(folder: &Path) -> Vec<PathBuf> {
    let walk = walkdir::WalkDir::new(folder).max_depth(4).into_iter().flatten();
    walk.map(walkdir::DirEntry::into_path).collect()
}

/// The ticket that a path belongs to: not an editor's backup, nor a conflict copy.
fn ticket_of(path: &Path) -> Option<TicketId> {
    let id: TicketId = path.file_name()?.to_str()?.strip_suffix(".md")?.parse().ok()?;
    path.ends_with(id.file()).then_some(id)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_saved_ticket_is_named_once_and_copies_are_not() {
        let dir = tempfile::tempdir().unwrap();
        let mut watch = TicketWatch::start(dir.path()).unwrap();
        let day = dir.path().join("content/tickets/2026/11/23");
        fs::create_dir_all(&day).unwrap();
        for name in ["TS202611230001.md", "TS202611230001.md~", "TS202611230002.conflict-1.md", "TS202611240001.md"] {
            fs::write(day.join(name), "x").unwrap();
        }
        let hints = watch.next(&|| false).unwrap();
        assert_eq!(hints, TicketHints { ids: vec!["TS202611230001".parse().unwrap()], all: false });
        assert_eq!(watch.next(&|| true), None);

        fs::remove_dir_all(dir.path().join("content")).unwrap();
        fs::create_dir_all(&day).unwrap();
        while !watch.next(&|| false).unwrap().all {}
        fs::write(day.join("TS202611230003.md"), "x").unwrap();
        let third = "TS202611230003".parse().unwrap();
        while !watch.next(&|| false).unwrap().ids.contains(&third) {}
    }
}
