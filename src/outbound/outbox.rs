//! Events that wait, as files: `.helpmark/outbox/{prepared,ready,dead}/<event id>.json`; the name of a prepared one says
//! as well which try it belongs to.
//!
//! Every file is written beside its place under a hidden name, flushed, and moved there whole. Moving from one
//! directory to the next is one rename: after a crash an event is in the one or in the other. The files hold names and
//! addresses of people; only the service's own account can read them.

mod prepared;

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::SystemTime;

use jiff::Timestamp;
use serde::Serialize;
use tokio::sync::Notify;

use super::{Entry, Event};
use crate::disk::{self, DiskError};
use crate::ticket::TicketId;

const PREPARED: &str = "prepared";
const READY: &str = "ready";
const DEAD: &str = "dead";

/// Events in one directory, beyond which none is taken: receivers have been away for long, and disks are finite.
const MOST: usize = 50_000;
/// Dead letters that are kept; the oldest go first.
const MOST_DEAD: usize = 5_000;

/// Why the outbox could not do what it was asked.
#[derive(Debug, thiserror::Error)]
pub enum OutboxError {
    #[error(transparent)]
    Disk(#[from] DiskError),
    #[error("`{0}` cannot be the id of an event: use Latin letters, digits, `-` and `_`")]
    BadId(String),
    #[error("the outbox holds {MOST} events that nobody took; see `helpmark outbox list` for what keeps them")]
    Full,
    #[error("the event {id} cannot be read: {why}")]
    Broken { id: String, why: String },
}

/// How full the outbox is, and what this process did since it started.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub struct Counts {
    pub prepared: usize,
    pub waiting: usize,
    pub dead: usize,
    pub sent_total: u64,
    pub failed_total: u64,
    /// People without a mail address, or without a mail server to reach them by.
    pub skipped_total: u64,
}

#[derive(Debug, Default)]
pub(super) struct Totals {
    pub(super) sent: AtomicU64,
    pub(super) failed: AtomicU64,
    pub(super) skipped: AtomicU64,
}

#[derive(Debug)]
struct Inner {
    dir: PathBuf,
    wake: Notify,
    totals: Totals,
    /// Makes the names that this process gives different.
    names: AtomicU64,
    /// What this process prepared and has not decided on.
    own: prepared::Own,
    most: usize,
    most_dead: usize,
}

/// The outbox of one site. Cheap to clone; its methods touch the disk and block.
#[derive(Debug, Clone)]
pub struct Outbox(Arc<Inner>);

impl Outbox {
    /// The outbox under `.helpmark/`; nothing is made before the first event.
    pub fn open(state_dir: &Path) -> Self {
        Self::bounded(state_dir, MOST, MOST_DEAD)
    }

    fn bounded(state_dir: &Path, most: usize, most_dead: usize) -> Self {
        Self(Arc::new(Inner {
            dir: state_dir.join("outbox"),
            wake: Notify::new(),
            totals: Totals::default(),
            names: AtomicU64::new(0),
            own: prepared::Own::default(),
            most,
            most_dead,
        }))
    }

    /// What waits for its receivers, the oldest first.
    ///
    /// # Errors
    /// As [`Outbox::prepared`].
    pub fn waiting(&self) -> Result<Vec<Entry>, OutboxError> {
        self.entries(READY)
    }

    /// What was given up, the oldest first.
    ///
    /// # Errors
    /// As [`Outbox::prepared`].
    pub fn dead(&self) -> Result<Vec<Entry>, OutboxError> {
        self.entries(DEAD)
    }

    /// Tries again what was given up, or at once what waits. False when there is no such event.
    ///
    /// # Errors
    /// When it could not be moved.
    pub fn retry(&self, id: &str) -> Result<bool, OutboxError> {
        checked(id)?;
        let ready = self.made(READY)?;
        let _lock = self.lock()?;
        let Some((room, mut entry)) = self.find(id)? else { return Ok(false) };
        entry.revive();
        for delivery in entry.deliveries.iter_mut().flat_map(|all| all.values_mut()) {
            delivery.next_at = None;
        }
        disk::replace(&ready.join(format!("{id}.json")), &encode(&entry)?, &self.temp(&ready), 0o600)?;
        if room == DEAD {
            remove(&self.path(DEAD, id))?;
        }
        self.0.wake.notify_one();
        Ok(true)
    }

    /// Removes an event that waits or was given up. False when there is none.
    ///
    /// # Errors
    /// When its file could not be removed.
    pub fn remove(&self, id: &str) -> Result<bool, OutboxError> {
        checked(id)?;
        self.made(READY)?;
        let _lock = self.lock()?;
        Ok(remove(&self.path(READY, id))? | remove(&self.path(DEAD, id))?)
    }

    /// Removes everything about a ticket, for the erasing of personal data: how many events that were.
    ///
    /// # Errors
    /// When a file could not be removed; the others may be gone.
    pub fn erase(&self, ticket: TicketId) -> Result<usize, OutboxError> {
        self.made(READY)?;
        let _lock = self.lock()?;
        let mut erased = 0;
        for room in [PREPARED, READY, DEAD] {
            for name in self.names(room)? {
                if self.read(room, &name).is_ok_and(|entry| entry.is_some_and(|entry| entry.event.ticket.id == ticket))
                {
                    erased += usize::from(remove(&self.path(room, &name))?);
                }
            }
        }
        Ok(erased)
    }

    /// For `/metrics`.
    pub fn counts(&self) -> Counts {
        let total = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        Counts {
            prepared: self.number(PREPARED),
            waiting: self.number(READY),
            dead: self.number(DEAD),
            sent_total: total(&self.0.totals.sent),
            failed_total: total(&self.0.totals.failed),
            skipped_total: total(&self.0.totals.skipped),
        }
    }

    /// Resolves when something was let go.
    pub(super) async fn woken(&self) {
        self.0.wake.notified().await;
    }

    pub(super) fn totals(&self) -> &Totals {
        &self.0.totals
    }

    /// The right to deliver, which one process has at a time; `None` while another has it.
    pub(super) fn turn(&self) -> Result<Option<disk::Lock>, OutboxError> {
        Ok(disk::try_lock(&self.made(READY)?)?)
    }

    /// The ids of what waits, with the time each file was written.
    pub(super) fn waiting_ids(&self) -> Result<Vec<(String, Option<SystemTime>)>, OutboxError> {
        let stamp = |id: &str| fs::metadata(self.path(READY, id)).and_then(|data| data.modified()).ok();
        Ok(self.names(READY)?.into_iter().map(|id| (id.clone(), stamp(&id))).collect())
    }

    /// An event that waits, unless it was removed meanwhile.
    pub(super) fn load(&self, id: &str) -> Result<Option<Entry>, OutboxError> {
        self.read(READY, id)
    }

    /// Writes down how far an event got: gone when all was told, a dead letter when some of it was given up.
    pub(super) fn settle(&self, entry: &Entry) -> Result<(), OutboxError> {
        let id = &entry.event.id;
        let ready = self.made(READY)?;
        let _lock = self.lock()?;
        let path = self.path(READY, id);
        if !path.exists() {
            // Somebody dropped it while it was under way.
            return Ok(());
        }
        if entry.is_settled() && !entry.is_dead() {
            remove(&path)?;
            return Ok(());
        }
        disk::replace(&path, &encode(entry)?, &self.temp(&ready), 0o600)?;
        if entry.is_settled() {
            let dead = self.made(DEAD)?.join(format!("{id}.json"));
            fs::rename(&path, &dead).map_err(|source| DiskError::Io {
                action: "move a dead letter to",
                path: dead,
                source,
            })?;
            self.bury();
        }
        Ok(())
    }

    /// Keeps the dead letters from filling the disk.
    fn bury(&self) {
        let Ok(mut dead) = self.entries(DEAD) else { return };
        let too_many = dead.len().saturating_sub(self.0.most_dead);
        for entry in dead.drain(..too_many) {
            tracing::warn!(event = entry.event.id, "an old dead letter was removed, there are too many");
            let _ = fs::remove_file(self.path(DEAD, &entry.event.id));
        }
    }

    fn find(&self, id: &str) -> Result<Option<(&'static str, Entry)>, OutboxError> {
        for room in [READY, DEAD] {
            if let Some(entry) = self.read(room, id)? {
                return Ok(Some((room, entry)));
            }
        }
        Ok(None)
    }

    fn read(&self, room: &str, name: &str) -> Result<Option<Entry>, OutboxError> {
        let bytes = match disk::read(&self.path(room, name)) {
            Ok(bytes) => bytes,
            Err(error) if error.is_missing() => return Ok(None),
            Err(error) => return Err(error.into()),
        };
        let broken = |error: serde_json::Error| OutboxError::Broken { id: name.to_owned(), why: error.to_string() };
        serde_json::from_slice(&bytes).map(Some).map_err(broken)
    }

    /// Everything readable in a directory, the oldest event first. What cannot be read is said once and left there.
    fn entries(&self, room: &str) -> Result<Vec<Entry>, OutboxError> {
        let mut entries = Vec::new();
        for name in self.names(room)? {
            match self.read(room, &name) {
                Ok(entry) => entries.extend(entry),
                Err(OutboxError::Broken { id, why }) => tracing::warn!(event = id, why, "an event cannot be read"),
                Err(error) => return Err(error),
            }
        }
        entries.sort_by(|a, b| (a.event.at, &a.event.id).cmp(&(b.event.at, &b.event.id)));
        Ok(entries)
    }

    /// The names of the files in a directory, without their ending.
    fn names(&self, room: &str) -> Result<Vec<String>, OutboxError> {
        let dir = self.0.dir.join(room);
        let list = match fs::read_dir(&dir) {
            Ok(list) => list,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
            Err(source) => return Err(DiskError::Io { action: "list", path: dir, source }.into()),
        };
        let name =
            |file: String| file.strip_suffix(".json").filter(|name| Event::is_id(id_of(name))).map(str::to_owned);
        Ok(list.flatten().filter_map(|file| file.file_name().into_string().ok()).filter_map(name).collect())
    }

    fn number(&self, room: &str) -> usize {
        fs::read_dir(self.0.dir.join(room)).map_or(0, |list| {
            list.flatten().filter(|file| !file.file_name().as_encoded_bytes().starts_with(b".")).count()
        })
    }

    fn path(&self, room: &str, name: &str) -> PathBuf {
        self.0.dir.join(room).join(format!("{name}.json"))
    }

    fn temp(&self, dir: &Path) -> PathBuf {
        dir.join(format!(".{}.tmp", self.name()))
    }

    /// A name that no other process alive gives, and this one only once.
    fn name(&self) -> String {
        format!("{}-{}", std::process::id(), self.0.names.fetch_add(1, Ordering::Relaxed))
    }

    /// The directory, made and closed to others.
    fn made(&self, room: &str) -> Result<PathBuf, OutboxError> {
        let dir = self.0.dir.join(room);
        if !dir.is_dir() {
            disk::make_dirs(&dir)?;
            fs::set_permissions(&self.0.dir, fs::Permissions::from_mode(0o700)).map_err(|source| DiskError::Io {
                action: "close",
                path: self.0.dir.clone(),
                source,
            })?;
        }
        Ok(dir)
    }

    /// Between processes: the server that writes down a try, and the command line that drops the same event.
    fn lock(&self) -> Result<disk::Lock, OutboxError> {
        Ok(disk::lock(&self.0.dir.join("lock"))?)
    }

    /// Removes what a crash left half written.
    pub(super) fn sweep(&self, now: Timestamp) {
        for room in [PREPARED, READY, DEAD] {
            for file in fs::read_dir(self.0.dir.join(room)).into_iter().flatten().flatten() {
                let hidden = file.file_name().as_encoded_bytes().starts_with(b".");
                let modified = file.metadata().and_then(|data| data.modified()).ok();
                let modified = modified.and_then(|time| Timestamp::try_from(time).ok());
                // A younger one may be another process's, in the middle of its write.
                if hidden && modified.is_none_or(|at| now.duration_since(at) > jiff::SignedDuration::from_mins(10)) {
                    let _ = fs::remove_file(file.path());
                }
            }
        }
    }
}

fn encode(entry: &Entry) -> Result<Vec<u8>, OutboxError> {
    let broken = |error: serde_json::Error| OutboxError::Broken { id: entry.event.id.clone(), why: error.to_string() };
    serde_json::to_vec(entry).map_err(broken)
}

/// The event's id in a file's name.
fn id_of(name: &str) -> &str {
    name.split('~').next().unwrap_or(name)
}

fn checked(id: &str) -> Result<&str, OutboxError> {
    if Event::is_id(id) { Ok(id) } else { Err(OutboxError::BadId(id.chars().take(60).collect())) }
}

/// Whether the file was there.
fn remove(path: &Path) -> Result<bool, DiskError> {
    match fs::remove_file(path) {
        Ok(()) => Ok(true),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(false),
        Err(source) => Err(DiskError::Io { action: "remove", path: path.to_owned(), source }),
    }
}

#[cfg(test)]
mod tests;
