//! Before and after a change: laid down, then let go or taken back.
//!
//! Two people may take the same step in the same second, and only one of them wins. Each try has a file of its own,
//! `<event id>~<process>-<number>.json`, so that who loses takes back their own and not the winner's.

use std::collections::HashMap;
use std::fs;
use std::sync::{Mutex, PoisonError};

use super::{Outbox, OutboxError, PREPARED, READY, checked, encode, id_of, remove};
use crate::disk::{self, DiskError};
use crate::outbound::{Entry, Event};

/// The files that this process prepared, by event, the last one last.
#[derive(Debug, Default)]
pub(super) struct Own(Mutex<HashMap<String, Vec<String>>>);

impl Own {
    fn push(&self, id: &str, name: String) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).entry(id.to_owned()).or_default().push(name);
    }

    fn pop(&self, id: &str) -> Option<String> {
        let mut own = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let names = own.get_mut(id)?;
        let name = names.pop();
        if names.is_empty() {
            own.remove(id);
        }
        name
    }
}

impl Outbox {
    /// Lays an event down, durably, before the change it tells of is made.
    ///
    /// # Errors
    /// Nothing was laid down. Being told is less than being helped: callers log this and go on with the change.
    pub fn prepare(&self, event: &Event) -> Result<(), OutboxError> {
        checked(&event.id)?;
        let dir = self.made(PREPARED)?;
        if self.number(PREPARED) >= self.0.most || self.number(READY) >= self.0.most {
            return Err(OutboxError::Full);
        }
        let bytes = encode(&Entry::new(event.bounded()))?;
        let temp = self.temp(&dir);
        disk::create_new(&temp, &bytes, 0o600)?;
        let placed = loop {
            let name = format!("{}~{}", event.id, self.name());
            match disk::publish(&temp, &self.path(PREPARED, &name)) {
                // Left by a process that had the same number before a crash.
                Err(DiskError::Exists { .. }) => {}
                outcome => break outcome.map(|()| name),
            }
        };
        let name = placed.inspect_err(|_| drop(fs::remove_file(&temp)))?;
        disk::sync_dir(&dir)?;
        self.0.own.push(&event.id, name);
        Ok(())
    }

    /// Lets a prepared event go: the change it tells of is durable. No flush is needed: after a power cut it is
    /// prepared again, and whoever looks through [`Outbox::prepared`] at the start finds the change in the ticket.
    /// False when no such event is prepared.
    ///
    /// # Errors
    /// When it could not be moved; it is still prepared.
    pub fn release(&self, id: &str) -> Result<bool, OutboxError> {
        let to = self.made(READY)?.join(format!("{}.json", checked(id)?));
        let mut moved = false;
        for name in self.tries(id)? {
            let from = self.path(PREPARED, &name);
            moved |= match disk::publish(&from, &to) {
                Ok(()) => true,
                Err(error) if error.is_missing() => false,
                // It was let go before: what is under way knows more than what is prepared.
                Err(DiskError::Exists { .. }) => remove(&from)?,
                Err(error) => return Err(error.into()),
            };
        }
        self.0.wake.notify_one();
        Ok(moved)
    }

    /// Takes a prepared event back: the change was not made. False when there is none.
    ///
    /// # Errors
    /// When its file could not be removed.
    pub fn drop_prepared(&self, id: &str) -> Result<bool, OutboxError> {
        let mut removed = false;
        for name in self.tries(checked(id)?)? {
            removed |= remove(&self.path(PREPARED, &name))?;
        }
        Ok(removed)
    }

    /// What was prepared and neither let go nor taken back: a crash came between, or somebody is at it just now.
    ///
    /// # Errors
    /// When the directory cannot be read.
    pub fn prepared(&self) -> Result<Vec<Event>, OutboxError> {
        let mut events: Vec<_> = self.entries(PREPARED)?.into_iter().map(|entry| entry.event).collect();
        events.dedup_by(|a, b| a.id == b.id);
        Ok(events)
    }

    /// The file to decide on: this process's own try, else all that were left behind.
    fn tries(&self, id: &str) -> Result<Vec<String>, OutboxError> {
        if let Some(own) = self.0.own.pop(id) {
            return Ok(vec![own]);
        }
        Ok(self.names(PREPARED)?.into_iter().filter(|name| id_of(name) == id).collect())
    }
}
