//! The door to the tickets.
//!
//! One variant today, files in the content tree; a database will be the second. Callers are async and do not know which.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use jiff::Zoned;

use super::files::Files;
use super::queue::{QueuePage, QueueQuery};
use super::{Attachment, Limits, NewTicket, NotAnId, Staging, Summary, Ticket, TicketId};
use crate::disk::{DiskError, Updated};

/// Where tickets are kept. Cheap to clone.
#[derive(Debug, Clone)]
pub enum Store {
    Files(Arc<Files>),
}

/// Why the store could not do what it was asked.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    #[error(transparent)]
    Disk(#[from] DiskError),
    #[error("tickets are read-only since a write could not be flushed to the disk; check the disk, then restart")]
    ReadOnly,
    #[error("{} is not a readable ticket: {reason}", path.display())]
    Broken { path: PathBuf, reason: String },
    #[error("this Idempotency-Key was already used for another submission; use a new key for a new ticket")]
    KeyReused,
    #[error("the system gives no random numbers: {0}")]
    Random(getrandom::Error),
    #[error(transparent)]
    NotAnId(#[from] NotAnId),
    #[error("the work on the ticket was cut off: {0}")]
    Interrupted(#[from] tokio::task::JoinError),
}

impl StoreError {
    /// Whether the fault is on this side, so that the same request may succeed later: the disk is full or failing, or
    /// the store is read-only.
    pub fn is_unavailable(&self) -> bool {
        match self {
            Self::Disk(error) => !matches!(error, DiskError::Changed { .. }),
            Self::ReadOnly | Self::Random(_) | Self::Interrupted(_) => true,
            Self::Broken { .. } | Self::KeyReused | Self::NotAnId(_) => false,
        }
    }
}

/// A ticket that is on the disk.
#[derive(Debug, Clone, PartialEq)]
pub struct Created {
    pub ticket: Ticket,
    /// What the tracking link ends with. It is told once and stored nowhere.
    pub secret: String,
    /// Whether an earlier submission with the same key had made it.
    pub repeated: bool,
}

impl Created {
    pub fn id(&self) -> TicketId {
        self.ticket.id
    }
}

/// A ticket with the fingerprint of the file it was read from, for [`Store::write`] and for `ETag`.
#[derive(Debug, Clone, PartialEq)]
pub struct Loaded {
    pub ticket: Ticket,
    pub hash: blake3::Hash,
    /// The file as it is.
    pub text: String,
}

/// A ticket after a change.
#[derive(Debug, Clone, PartialEq)]
pub struct Changed {
    pub loaded: Loaded,
    /// Where a text is kept that somebody wrote in the very moment of the change.
    pub copy: Option<PathBuf>,
}

impl Store {
    /// The tickets of the site at `root`. Touches no file: see [`Store::warm`].
    pub fn open(root: &Path) -> Self {
        Self::Files(Arc::new(Files::new(root)))
    }

    /// Sweeps what crashes left and reads all tickets, so that the first request need not wait for it.
    ///
    /// # Errors
    /// When the state directory cannot be written; reading works all the same.
    pub async fn warm(&self) -> Result<(), StoreError> {
        self.blocking(Files::warm).await
    }

    /// A place for the files of one submission.
    ///
    /// # Errors
    /// When the state directory cannot be written, or the store is read-only.
    pub async fn stage(&self, limits: Limits) -> Result<Staging, StoreError> {
        self.blocking(move |files| files.stage(limits)).await
    }

    /// Files a ticket: when this returns, the ticket and its attachments survive a power cut.
    ///
    /// # Errors
    /// Nothing was filed, unless the error [`is_fatal`](DiskError::is_fatal): then nobody knows.
    pub async fn create(&self, new: NewTicket, staging: Option<Staging>, now: Zoned) -> Result<Created, StoreError> {
        self.blocking(move |files| files.create(&new, staging, &now)).await
    }

    /// The ticket with this number, if there is one.
    ///
    /// # Errors
    /// When its file cannot be read, or was broken by an edit.
    pub async fn get(&self, id: TicketId) -> Result<Option<Loaded>, StoreError> {
        self.blocking(move |files| files.get(id)).await
    }

    /// The ticket whose tracking link ends with `secret`, if the link is valid `now`.
    ///
    /// # Errors
    /// As [`Store::get`].
    pub async fn find_by_secret(&self, secret: &str, now: jiff::Timestamp) -> Result<Option<Loaded>, StoreError> {
        let secret = secret.to_owned();
        self.blocking(move |files| files.find_by_secret(&secret, now)).await
    }

    /// The secret that a ticket's tracking link ends with, where the link is valid `now` and can be made again.
    ///
    /// # Errors
    /// None today.
    pub async fn tracking_secret(&self, ticket: Ticket, now: jiff::Timestamp) -> Result<Option<String>, StoreError> {
        self.blocking(move |files| Ok(files.tracking_secret(&ticket, now))).await
    }

    /// All tickets, newest first, those of other processes included; then the files that cannot be read.
    ///
    /// # Errors
    /// When the tree cannot be locked.
    pub async fn list(&self) -> Result<Vec<Summary>, StoreError> {
        self.blocking(Files::list).await
    }

    /// Files that are named like a ticket and cannot be read, with the reason, as of the last look at the tree.
    pub async fn broken(&self) -> Result<Vec<(PathBuf, String)>, StoreError> {
        let unreadable = self.unreadable().await?;
        Ok(unreadable.into_iter().map(|(path, why, _)| (path, why)).collect())
    }

    /// As [`Store::broken`], with line and column, both from 1; a column of 0 is the whole line.
    ///
    /// # Errors
    /// None today.
    pub async fn unreadable(&self) -> Result<Vec<(PathBuf, String, (u32, u32))>, StoreError> {
        self.blocking(|files| Ok(files.broken())).await
    }

    /// Texts that lost a race against a step, each in a file of its own.
    ///
    /// # Errors
    /// None today.
    pub async fn copies(&self) -> Result<Vec<PathBuf>, StoreError> {
        self.blocking(|files| Ok(files.copies())).await
    }

    /// Looks at the whole tree again: edits by people, deletions, a `git pull`.
    ///
    /// # Errors
    /// None today.
    pub async fn reconcile(&self) -> Result<(), StoreError> {
        self.blocking(|files| {
            files.reconcile();
            Ok(())
        })
        .await
    }

    /// Looks at one ticket's file again: somebody edited it.
    ///
    /// # Errors
    /// None today.
    pub async fn touch(&self, id: TicketId) -> Result<(), StoreError> {
        self.blocking(move |files| {
            files.touch(id);
            Ok(())
        })
        .await
    }

    /// What this process last knew of a ticket; nothing where it has not looked at the tree yet.
    ///
    /// # Errors
    /// None today.
    pub async fn remembered(&self, id: TicketId) -> Result<Option<Summary>, StoreError> {
        self.blocking(move |files| Ok(files.remembered(id))).await
    }

    /// A page of the service desk's lists, out of memory.
    ///
    /// # Errors
    /// None today.
    pub async fn page(&self, query: QueueQuery, now: jiff::Timestamp) -> Result<QueuePage, StoreError> {
        self.blocking(move |files| Ok(files.page(&query, now))).await
    }

    /// What `choose` takes out of the tickets' lines, in the order of their numbers.
    ///
    /// # Errors
    /// None today.
    pub async fn gather<T: Send + 'static>(
        &self,
        choose: impl FnMut(&Summary) -> Option<T> + Send + 'static,
    ) -> Result<Vec<T>, StoreError> {
        self.blocking(move |files| Ok(files.gather(choose))).await
    }

    /// Replaces the ticket that was read as `loaded` by `new`. What a person wrote into the file stays: comments, the
    /// order of keys, the body.
    ///
    /// # Errors
    /// [`DiskError::Changed`] when somebody else was faster; nothing was written.
    pub async fn change(&self, loaded: Loaded, new: Ticket) -> Result<Changed, StoreError> {
        self.blocking(move |files| files.change(&loaded, &new)).await
    }

    /// Replaces the ticket that was read as `loaded` by `new`, and everything a person added to its file.
    ///
    /// # Errors
    /// As [`Store::change`].
    pub async fn rewrite(&self, loaded: Loaded, new: Ticket) -> Result<Changed, StoreError> {
        self.blocking(move |files| files.rewrite(&loaded, &new)).await
    }

    /// Removes attachments and conflict copies of a ticket: the names of the copies.
    ///
    /// # Errors
    /// The first file that could not be removed.
    pub async fn remove_traces(&self, id: TicketId, attachments: Vec<Attachment>) -> Result<Vec<String>, StoreError> {
        self.blocking(move |files| files.remove_traces(id, &attachments)).await
    }

    /// Takes staged files in for a ticket that exists: they are durable when this returns, and seen when the ticket is
    /// changed to name them.
    ///
    /// # Errors
    /// As [`Store::create`].
    pub async fn adopt(&self, ticket: Ticket, staging: Staging) -> Result<Vec<Attachment>, StoreError> {
        self.blocking(move |files| files.adopt(&ticket, &staging)).await
    }

    /// Replaces a ticket's file, if it is still the one that was read.
    ///
    /// # Errors
    /// [`DiskError::Changed`] when somebody else was faster; nothing was written.
    pub async fn write(&self, id: TicketId, read: blake3::Hash, text: String) -> Result<Updated, StoreError> {
        self.blocking(move |files| files.write(id, read, &text)).await
    }

    /// The file of an attachment.
    pub fn attachment_path(&self, id: TicketId, file: &str) -> Option<PathBuf> {
        let Self::Files(files) = self;
        files.attachment_path(id, file)
    }

    /// Whether the highest number given out is forgotten, so that only the tickets in the tree tell of it.
    ///
    /// # Errors
    /// None today.
    pub async fn is_count_lost(&self) -> Result<bool, StoreError> {
        self.blocking(|files| Ok(files.is_count_lost())).await
    }

    /// Says that a number was given out, from another record than the tree: none below it comes again.
    ///
    /// # Errors
    /// When that could not be kept.
    pub async fn remember(&self, id: TicketId) -> Result<(), StoreError> {
        self.blocking(move |files| files.remember(id)).await
    }

    /// Whether something can be written now. Looks at the disk, and not more often than every two seconds.
    ///
    /// # Errors
    /// None today.
    pub async fn has_room(&self) -> Result<bool, StoreError> {
        self.blocking(|files| Ok(files.has_room())).await
    }

    /// Whether it takes writes: a flush that failed ends that until a restart.
    pub fn writable(&self) -> bool {
        let Self::Files(files) = self;
        !files.is_read_only()
    }

    pub(super) async fn blocking<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Files) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        let Self::Files(files) = self;
        let files = Arc::clone(files);
        tokio::task::spawn_blocking(move || work(&files)).await?
    }
}
