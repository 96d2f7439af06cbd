//! Events that wait, as files: `.helpmark/outbox/{prepared,ready,dead}/<event id>.json`.
//!
//! Every file is written beside its place under a hidden name, flushed, and moved there whole. Moving from one
//! directory to the next is one rename: after a crash an event is in the one or in the other. The files hold names and
//! addresses of people; only the service's own account can read them.

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
    #[error("another event with the id {0} is already prepared")]
    Taken(String),
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
    /// Makes the hidden names of this process different.
    temp: AtomicU64,
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
            temp: AtomicU64::new(0),
            most,
            most_dead,
        }))
    }

    /// Lays an event down, durably, before the change it tells of is made. The same event twice is one.
    ///
    /// # Errors
    /// Nothing was laid down. Being told is less than being helped: callers log this and go on with the change.
    pub fn prepare(&self, event: &Event) -> Result<(), OutboxError> {
        checked(&event.id)?;
        let dir = self.made(PREPARED)?;
        if self.number(PREPARED) >= self.0.most || self.number(READY) >= self.0.most {
            return Err(OutboxError::Full);
        }
        let path = dir.join(format!("{}.json", event.id));
        let bytes = encode(&Entry::new(event.bounded()))?;
        let temp = self.temp(&dir);
        disk::create_new(&temp, &bytes, 0o600)?;
        match disk::publish(&temp, &path) {
            Ok(()) => Ok(disk::sync_dir(&dir)?),
            Err(DiskError::Exists { .. }) => {
                let _ = fs::remove_file(&temp);
                match disk::read(&path) {
                    Ok(there) if there == bytes => Ok(()),
                    _ => Err(OutboxError::Taken(event.id.clone())),
                }
            }
            Err(error) => {
                let _ = fs::remove_file(&temp);
                Err(error.into())
            }
        }
    }

    /// Lets a prepared event go: the change it tells of is durable. No flush is needed: after a power cut it is
    /// prepared again, and whoever looks through [`Outbox::prepared`] at the start finds the change in the ticket.
    /// False when no such event is prepared.
    ///
    /// # Errors
    /// When it could not be moved; it is still prepared.
    pub fn release(&self, id: &str) -> Result<bool, OutboxError> {
        let from = self.path(PREPARED, checked(id)?);
        let to = self.made(READY)?.join(format!("{id}.json"));
        let moved = match disk::publish(&from, &to) {
            Ok(()) => true,
            Err(error) if error.is_missing() => false,
            // It was let go before: what is under way knows more than what is prepared.
            Err(DiskError::Exists { .. }) => remove(&from)?,
            Err(error) => return Err(error.into()),
        };
        self.0.wake.notify_one();
        Ok(moved)
    }

    /// Takes a prepared event back: the change was not made. False when there is none.
    ///
    /// # Errors
    /// When its file could not be removed.
    pub fn drop_prepared(&self, id: &str) -> Result<bool, OutboxError> {
        Ok(remove(&self.path(PREPARED, checked(id)?))?)
    }

    /// What was prepared and neither let go nor taken back: a crash came between, or another process is at it.
    ///
    /// # Errors
    /// When the directory cannot be read.
    pub fn prepared(&self) -> Result<Vec<Event>, OutboxError> {
        Ok(self.entries(PREPARED)?.into_iter().map(|entry| entry.event).collect())
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
            for id in self.ids(room)? {
                if self.read(room, &id).is_ok_and(|entry| entry.is_none_or(|entry| entry.event.ticket.id == ticket)) {
                    erased += usize::from(remove(&self.path(room, &id))?);
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
        Ok(self.ids(READY)?.into_iter().map(|id| (id.clone(), stamp(&id))).collect())
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

    fn read(&self, room: &str, id: &str) -> Result<Option<Entry>, OutboxError> {
        let bytes = match disk::read(&self.path(room, id)) {
            Ok(bytes) => bytes,
            Err(error) if error.is_missing() => return Ok(None),
            Err(error) => return Err(error.into()),
        };
        let broken = |error: serde_json::Error| OutboxError::Broken { id: id.to_owned(), why: error.to_string() };
        serde_json::from_slice(&bytes).map(Some).map_err(broken)
    }

    /// Everything readable in a directory, the oldest event first. What cannot be read is said once and left there.
    fn entries(&self, room: &str) -> Result<Vec<Entry>, OutboxError> {
        let mut entries = Vec::new();
        for id in self.ids(room)? {
            match self.read(room, &id) {
                Ok(entry) => entries.extend(entry),
                Err(OutboxError::Broken { id, why }) => tracing::warn!(event = id, why, "an event cannot be read"),
                Err(error) => return Err(error),
            }
        }
        entries.sort_by(|a, b| (a.event.at, &a.event.id).cmp(&(b.event.at, &b.event.id)));
        Ok(entries)
    }

    fn ids(&self, room: &str) -> Result<Vec<String>, OutboxError> {
        let dir = self.0.dir.join(room);
        let list = match fs::read_dir(&dir) {
            Ok(list) => list,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
            Err(source) => return Err(DiskError::Io { action: "list", path: dir, source }.into()),
        };
        let id = |name: String| name.strip_suffix(".json").filter(|id| Event::is_id(id)).map(str::to_owned);
        Ok(list.flatten().filter_map(|file| file.file_name().into_string().ok()).filter_map(id).collect())
    }

    fn number(&self, room: &str) -> usize {
        fs::read_dir(self.0.dir.join(room)).map_or(0, |list| {
            list.flatten().filter(|file| !file.file_name().as_encoded_bytes().starts_with(b".")).count()
        })
    }

    fn path(&self, room: &str, id: &str) -> PathBuf {
        self.0.dir.join(room).join(format!("{id}.json"))
    }

    fn temp(&self, dir: &Path) -> PathBuf {
        let number = self.0.temp.fetch_add(1, Ordering::Relaxed);
        dir.join(format!(".{}-{number}.tmp", std::process::id()))
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
