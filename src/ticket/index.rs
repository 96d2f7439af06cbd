//! What the process remembers of the tickets: their summaries, and which submission made which ticket.
//!
//! Disposable: made by one parallel walk of `content/tickets/`, the first time it is asked, and kept fresh since.

use std::collections::{BTreeMap, HashMap};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{PoisonError, RwLock};
use std::time::SystemTime;

use rayon::prelude::*;
use serde::Serialize;
use walkdir::WalkDir;

use super::file::{self, FileError};
use super::queue::{self, QueuePage, QueueQuery};
use super::{Moment, PendingOn, Status, Ticket, TicketId};

/// A ticket in a list.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Summary {
    pub id: TicketId,
    pub title: String,
    #[serde(rename = "type")]
    pub kind: String,
    pub urgency: String,
    pub status: Status,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pending_on: Option<PendingOn>,
    pub team: String,
    pub assignee: String,
    pub requester: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub department: String,
    /// The requester's login, where they were signed in.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub account: String,
    pub impact: String,
    pub created_at: Option<Moment>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub first_response_at: Option<Moment>,
    pub due_at: Option<Moment>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub resolved_at: Option<Moment>,
    /// When its history last grew.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub updated_at: Option<Moment>,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub record: String,
    /// The closed ticket it goes on from.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub follows: Option<TicketId>,
    /// Whether its approval was refused.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub rejected: bool,
    /// How many entries its history has.
    #[serde(skip)]
    pub history: usize,
    /// The first 8 bytes of the BLAKE3 hash of its file.
    #[serde(skip)]
    pub file: u64,
}

impl From<&Ticket> for Summary {
    fn from(ticket: &Ticket) -> Self {
        Self {
            id: ticket.id,
            title: ticket.title.clone(),
            kind: ticket.kind.clone(),
            urgency: ticket.urgency.clone(),
            status: ticket.status,
            pending_on: ticket.pending_on,
            team: ticket.team.clone(),
            assignee: ticket.assignee.clone(),
            requester: ticket.requester.name.clone(),
            department: ticket.requester.department.clone(),
            account: ticket.requester.account.clone(),
            impact: ticket.impact.clone(),
            created_at: ticket.created_at.clone(),
            first_response_at: ticket.first_response_at.clone(),
            due_at: ticket.due_at.clone(),
            resolved_at: ticket.resolved_at.clone(),
            updated_at: ticket.history.last().map(|entry| entry.at.clone()),
            record: ticket.record.clone(),
            follows: ticket.follows,
            rejected: ticket.is_rejected(),
            history: ticket.history.len(),
            file: 0,
        }
    }
}

/// What tells an edited file from an unedited one without reading it.
type Stamp = (Option<SystemTime>, u64);

#[derive(Debug)]
struct Entry {
    summary: Summary,
    /// What the desk's search looks at.
    text: String,
    stamp: Stamp,
}

/// Why a file could not be read, and at which line and column.
pub(super) type Unreadable = (String, (u32, u32));

#[derive(Debug, Default)]
struct Known {
    tickets: BTreeMap<TicketId, Entry>,
    /// SHA-256 of an idempotency key → the ticket it made.
    keys: HashMap<String, TicketId>,
    /// Files that are named like a ticket and cannot be read, with the reason and their stamp.
    broken: BTreeMap<TicketId, (Unreadable, Stamp)>,
}

/// The memory of one tree; empty until [`Index::refresh`] ran once.
#[derive(Debug)]
pub(super) struct Index {
    /// `content/tickets`.
    dir: PathBuf,
    known: RwLock<Option<Known>>,
}

impl Index {
    pub(super) fn new(dir: PathBuf) -> Self {
        Self { dir, known: RwLock::new(None) }
    }

    pub(super) fn is_loaded(&self) -> bool {
        self.known.read().unwrap_or_else(PoisonError::into_inner).is_some()
    }

    /// Walks the tree, reads what is new or was edited, forgets what is gone.
    pub(super) fn refresh(&self) {
        let found = walk(&self.dir);
        let stale: Vec<_> = {
            let known = self.known.read().unwrap_or_else(PoisonError::into_inner);
            let same = |id: &TicketId, stamp: &Stamp| {
                known.as_ref().is_some_and(|known| {
                    known.tickets.get(id).is_some_and(|entry| entry.stamp == *stamp)
                        || known.broken.get(id).is_some_and(|(_, old)| old == stamp)
                })
            };
            found.iter().filter(|(id, (_, stamp))| !same(id, stamp)).collect()
        };
        let read: Vec<_> = stale.into_par_iter().map(|(id, (path, stamp))| (*id, *stamp, read(*id, path))).collect();
        let mut guard = self.known.write().unwrap_or_else(PoisonError::into_inner);
        let known = guard.get_or_insert_default();
        // A ticket filed by this process while the walk went on is not in `found`: what is gone is asked once more.
        let gone = |id: &TicketId| !found.contains_key(id) && !self.dir.join(id.file()).exists();
        known.tickets.retain(|id, _| !gone(id));
        known.broken.retain(|id, _| !gone(id));
        for (id, stamp, result) in read {
            known.put(id, stamp, result);
        }
        let Known { tickets, keys, .. } = known;
        keys.retain(|_, id| tickets.contains_key(id));
    }

    /// Reads one ticket's file again, where the index is loaded.
    pub(super) fn touch(&self, id: TicketId) {
        if !self.is_loaded() {
            return;
        }
        let path = self.dir.join(id.file());
        let fresh = stamp(&path).map(|stamp| (stamp, read(id, &path)));
        if let Some(known) = &mut *self.known.write().unwrap_or_else(PoisonError::into_inner) {
            match fresh {
                Some((stamp, result)) => known.put(id, stamp, result),
                None => {
                    known.tickets.remove(&id);
                    known.broken.remove(&id);
                }
            }
        }
    }

    /// Reads the tickets that other processes filed since this one last looked: those with numbers above all known.
    /// Call it with the tree's lock held, when every number up to `high` is either filed or never will be.
    pub(super) fn catch_up(&self, high: Option<TicketId>) {
        let newest = {
            let known = self.known.read().unwrap_or_else(PoisonError::into_inner);
            known.as_ref().and_then(|known| known.tickets.keys().chain(known.broken.keys()).max().copied())
        };
        let (Some(high), Some(newest)) = (high, newest) else {
            // Nothing known, or nothing to compare with: the walk is the answer to both.
            return if high.is_some() || !self.is_loaded() {
                self.refresh()
            };
        };
        let mut day = newest.day();
        let mut days = 0;
        while day <= high.day() && days < 400 {
            for (id, _) in day_tickets(&self.dir.join(TicketId::day_dir(day))) {
                if id > newest {
                    self.touch(id);
                }
            }
            let Ok(tomorrow) = day.tomorrow() else { return };
            (day, days) = (tomorrow, days + 1);
        }
        if day <= high.day() {
            self.refresh();
        }
    }

    /// The line of one ticket, where the index is loaded.
    pub(super) fn remembered(&self, id: TicketId) -> Option<Summary> {
        let known = self.known.read().unwrap_or_else(PoisonError::into_inner);
        known.as_ref()?.tickets.get(&id).map(|entry| entry.summary.clone())
    }

    /// The ticket that the submission with this hashed key made.
    pub(super) fn by_key(&self, key_sha256: &str) -> Option<TicketId> {
        self.known.read().unwrap_or_else(PoisonError::into_inner).as_ref()?.keys.get(key_sha256).copied()
    }

    /// All tickets, newest first.
    pub(super) fn summaries(&self) -> Vec<Summary> {
        let known = self.known.read().unwrap_or_else(PoisonError::into_inner);
        known.iter().flat_map(|known| known.tickets.values().rev()).map(|entry| entry.summary.clone()).collect()
    }

    /// A page of the service desk's lists.
    pub(super) fn page(&self, query: &QueueQuery, now: jiff::Timestamp) -> QueuePage {
        let known = self.known.read().unwrap_or_else(PoisonError::into_inner);
        let all = known.iter().flat_map(|known| known.tickets.values());
        queue::page(all.map(|entry| (&entry.summary, entry.text.as_str())), query, now)
    }

    /// The lines that `choose` takes something out of, in the order of their numbers.
    pub(super) fn gather<T>(&self, choose: impl FnMut(&Summary) -> Option<T>) -> Vec<T> {
        let known = self.known.read().unwrap_or_else(PoisonError::into_inner);
        known.iter().flat_map(|known| known.tickets.values()).map(|entry| &entry.summary).filter_map(choose).collect()
    }

    /// Files named like tickets that cannot be read, with the reason.
    pub(super) fn broken(&self) -> Vec<(TicketId, Unreadable)> {
        let known = self.known.read().unwrap_or_else(PoisonError::into_inner);
        known.iter().flat_map(|known| &known.broken).map(|(id, (why, _))| (*id, why.clone())).collect()
    }
}

impl Known {
    fn put(&mut self, id: TicketId, stamp: Stamp, result: Result<Read, Unreadable>) {
        match result {
            Ok(Read { summary, text, key }) => {
                if let Some(key) = key {
                    self.keys.insert(key, id);
                }
                self.broken.remove(&id);
                self.tickets.insert(id, Entry { summary, text, stamp });
            }
            Err(why) => {
                self.tickets.remove(&id);
                self.broken.insert(id, (why, stamp));
            }
        }
    }
}

/// What is remembered of a ticket's file. The ticket itself is let go: a hundred thousand of them are too many.
struct Read {
    summary: Summary,
    text: String,
    /// The hashed idempotency key.
    key: Option<String>,
}

fn read(id: TicketId, path: &Path) -> Result<Read, Unreadable> {
    let bytes = crate::disk::read(path).map_err(|error| (error.to_string(), (1, 0)))?;
    let ticket = file::read(id, &bytes).map_err(|error: FileError| (error.to_string(), error.place()))?;
    let file = crate::disk::short_hash(crate::disk::hash(&bytes));
    let summary = Summary { file, ..Summary::from(&ticket) };
    Ok(Read { summary, text: queue::searchable(&ticket), key: ticket.idempotency.map(|it| it.key) })
}

fn stamp(path: &Path) -> Option<Stamp> {
    let metadata = fs::metadata(path).ok()?;
    Some((metadata.modified().ok(), metadata.len()))
}

/// Every ticket's file at the place its number gives it: a copy elsewhere is not a second ticket. Day by day, on all
/// cores.
fn walk(dir: &Path) -> BTreeMap<TicketId, (PathBuf, Stamp)> {
    let days = WalkDir::new(dir).min_depth(3).max_depth(3).into_iter().filter_map(Result::ok);
    let days: Vec<_> = days.filter(|entry| entry.file_type().is_dir()).map(walkdir::DirEntry::into_path).collect();
    let tickets = days.par_iter().flat_map_iter(|day| {
        let entries = fs::read_dir(day).into_iter().flatten().flatten();
        entries.filter(|entry| entry.file_type().is_ok_and(|kind| kind.is_file())).filter_map(|entry| {
            let path = entry.path();
            let id = id_of(&path)?;
            if !path.ends_with(id.file()) {
                return None;
            }
            let metadata = entry.metadata().ok()?;
            Some((id, (path, (metadata.modified().ok(), metadata.len()))))
        })
    });
    tickets.collect::<Vec<_>>().into_iter().collect()
}

fn id_of(path: &Path) -> Option<TicketId> {
    path.file_name()?.to_str()?.strip_suffix(".md")?.parse().ok()
}

fn day_tickets(dir: &Path) -> impl Iterator<Item = (TicketId, PathBuf)> {
    let entries = fs::read_dir(dir).into_iter().flatten().flatten();
    entries.filter_map(|entry| id_of(&entry.path()).map(|id| (id, entry.path())))
}

/// The highest number in the tree, by the names of files alone: what stands in for a lost high-water mark. The
/// directories of attachments count, because a ticket may have been deleted and they not.
pub(super) fn highest(tickets: &Path, attachments: &Path) -> Option<TicketId> {
    let files = walkdir::WalkDir::new(tickets).into_iter().filter_map(Result::ok);
    let filed = files.filter_map(|entry| id_of(entry.path())).max();
    let dirs = fs::read_dir(attachments).into_iter().flatten().flatten();
    filed.max(dirs.filter_map(|entry| entry.file_name().to_str()?.parse().ok()).max())
}
