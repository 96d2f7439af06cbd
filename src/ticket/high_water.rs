//! The highest number ever given out: `.helpmark/last-ticket`.

use std::path::PathBuf;

use super::index::highest;
use super::staging::Area;
use super::{StoreError, TicketId};
use crate::disk;

/// Where the mark is, and the tree that stands in for it.
pub(super) struct HighWater {
    pub(super) state: PathBuf,
    pub(super) tickets: PathBuf,
    pub(super) attachments: PathBuf,
}

impl HighWater {
    fn path(&self) -> PathBuf {
        self.state.join("last-ticket")
    }

    /// The mark; where it is lost, the highest number in the tree.
    ///
    /// # Errors
    /// When the mark is there and cannot be read.
    pub(super) fn get(&self) -> Result<Option<TicketId>, StoreError> {
        match self.read()? {
            None => Ok(highest(&self.tickets, &self.attachments)),
            mark => Ok(mark),
        }
    }

    /// Whether the tree has to stand in for the mark: it knows nothing of what was deleted.
    pub(super) fn is_lost(&self) -> bool {
        self.read().is_ok_and(|mark| mark.is_none())
    }

    fn read(&self) -> Result<Option<TicketId>, StoreError> {
        match disk::read(&self.path()) {
            Ok(bytes) => Ok(std::str::from_utf8(&bytes).ok().and_then(|text| text.trim().parse().ok())),
            Err(error) if error.is_missing() => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    pub(super) fn set(&self, id: TicketId, area: &Area) -> Result<(), StoreError> {
        Ok(disk::replace(&self.path(), format!("{id}\n").as_bytes(), &area.fresh()?, 0o644)?)
    }
}
