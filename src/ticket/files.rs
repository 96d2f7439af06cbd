//! Tickets as files: the create protocol of RELIABILITY.md, step by step.

#[cfg(test)]
mod tests;

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use jiff::Zoned;

use super::filing::Filing;
use super::high_water::HighWater;
use super::index::Index;
use super::queue::{QueuePage, QueueQuery};
use super::staging::Area;
use super::{
    Attachment, AttachmentError, Changed, Created, Limits, Loaded, NewTicket, Staging, StoreError, Summary, Ticket,
    TicketId, edit, file, secret,
};
use crate::disk::{self, DiskError, Updated};

/// The tickets of one content tree.
#[derive(Debug)]
pub struct Files {
    root: PathBuf,
    index: Index,
    /// This process's writers queue here, so that only one of them waits for the lock between processes.
    writing: Mutex<()>,
    area: Mutex<Option<Arc<Area>>>,
    /// Set by a flush that failed, for as long as the process lives.
    read_only: AtomicBool,
}

impl From<AttachmentError> for StoreError {
    fn from(error: AttachmentError) -> Self {
        match error {
            AttachmentError::Disk(error) => Self::Disk(error),
            AttachmentError::Random(error) => Self::Random(error),
            // The staging area itself refuses no file.
            other => Self::Broken { path: PathBuf::new(), reason: other.to_string() },
        }
    }
}

impl From<file::FileError> for StoreError {
    fn from(error: file::FileError) -> Self {
        Self::Broken { path: PathBuf::new(), reason: error.to_string() }
    }
}

impl Files {
    pub(super) fn new(root: &Path) -> Self {
        Self {
            root: root.to_owned(),
            index: Index::new(root.join("content/tickets")),
            writing: Mutex::new(()),
            area: Mutex::new(None),
            read_only: AtomicBool::new(false),
        }
    }

    fn state(&self) -> PathBuf {
        self.root.join(".helpmark")
    }

    fn tickets(&self) -> PathBuf {
        self.root.join("content/tickets")
    }

    fn attachments(&self) -> PathBuf {
        self.root.join("content/attachments")
    }

    pub(super) fn is_read_only(&self) -> bool {
        self.read_only.load(Ordering::Acquire)
    }

    /// Runs a write, unless an earlier one left the disk in doubt; a flush that fails now closes the door.
    fn guarded<T>(&self, write: impl FnOnce() -> Result<T, StoreError>) -> Result<T, StoreError> {
        if self.is_read_only() {
            return Err(StoreError::ReadOnly);
        }
        let result = write();
        if let Err(StoreError::Disk(error)) = &result
            && error.is_fatal()
        {
            self.read_only.store(true, Ordering::Release);
            tracing::error!(%error, "tickets are read-only until the program is restarted");
        }
        result
    }

    /// Runs `work` as the only writer of the tree, in this process and among all.
    fn locked<T>(&self, work: impl FnOnce() -> Result<T, StoreError>) -> Result<T, StoreError> {
        let _queue = self.writing.lock().unwrap_or_else(PoisonError::into_inner);
        disk::make_dirs(&self.state())?;
        let _lock = disk::lock(&self.state().join("lock"))?;
        work()
    }

    fn area(&self) -> Result<Arc<Area>, StoreError> {
        let mut area = self.area.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(area) = &*area {
            return Ok(Arc::clone(area));
        }
        let made = self.locked(|| Ok(Arc::new(Area::make(&self.state().join("staging"))?)))?;
        Ok(Arc::clone(area.insert(made)))
    }

    pub(super) fn warm(&self) -> Result<(), StoreError> {
        self.index.refresh();
        self.guarded(|| self.area().map(drop))
    }

    pub(super) fn stage(&self, limits: Limits) -> Result<Staging, StoreError> {
        self.guarded(|| Ok(Staging::new(self.area()?, limits)))
    }

    pub(super) fn create(&self, new: &NewTicket, staging: Option<Staging>, now: &Zoned) -> Result<Created, StoreError> {
        self.guarded(|| {
            let area = self.area()?;
            let filing = Filing::new(new, staging.as_ref(), now).map_err(StoreError::Random)?;
            if filing.idempotency.is_some() && !self.index.is_loaded() {
                // Outside the lock: a large tree takes a while.
                self.index.refresh();
            }
            if let Some(staging) = &staging {
                staging.seal()?;
            }
            let created = self.locked(|| {
                let last = self.mark().get()?;
                let server_key = self.server_key(&area)?;
                if filing.idempotency.is_some() {
                    self.index.catch_up(last);
                    if let Some(earlier) = self.earlier(&filing, &server_key)? {
                        return Ok(earlier);
                    }
                }
                self.file(&filing, &server_key, last, &area)
            })?;
            if !created.repeated {
                self.index.touch(created.id());
            }
            Ok(created)
        })
    }

    /// What the same submission was answered before.
    fn earlier(&self, filing: &Filing<'_>, server_key: &[u8; 32]) -> Result<Option<Created>, StoreError> {
        let Some(id) = filing.idempotency.as_ref().and_then(|it| self.index.by_key(&it.key)) else { return Ok(None) };
        let Some(Loaded { ticket, .. }) = self.get(id)? else { return Ok(None) };
        let same_request = ticket.idempotency == filing.idempotency;
        match secret_of(&ticket, server_key).filter(|_| same_request) {
            Some(secret) => Ok(Some(Created { ticket, secret, repeated: true })),
            None => Err(StoreError::KeyReused),
        }
    }

    /// The secret of a ticket's tracking link, for a notice. `None` where the link was revoked, has expired, or was made
    /// with a server key that is lost.
    pub(super) fn tracking_secret(&self, ticket: &Ticket, now: jiff::Timestamp) -> Option<String> {
        let alive = ticket.tracking.as_ref().is_some_and(|tracking| now < tracking.expires.timestamp());
        let key = disk::read(&self.state().join("tracking.key")).ok()?.try_into().ok()?;
        secret_of(ticket, &key).filter(|_| alive)
    }

    /// Gives out numbers until one is free, and writes the ticket under it.
    fn file(
        &self,
        filing: &Filing<'_>,
        server_key: &[u8; 32],
        mut last: Option<TicketId>,
        area: &Area,
    ) -> Result<Created, StoreError> {
        loop {
            let id = TicketId::after(last, filing.now.date());
            last = Some(id);
            if self.tickets().join(id.file()).exists() || self.attachments().join(id.to_string()).exists() {
                continue;
            }
            self.mark().set(id, area)?;
            let secret = filing.secret(id, server_key);
            let ticket = filing.ticket(id, &secret);
            match self.place(&ticket, filing.staging.and_then(Staging::dir), area) {
                Ok(()) => return Ok(Created { ticket, secret, repeated: false }),
                Err(StoreError::Disk(DiskError::Exists { .. })) => {}
                Err(error) => return Err(error),
            }
        }
    }

    /// The attachments first, the ticket after them: whoever sees the ticket sees its files.
    fn place(&self, ticket: &Ticket, files: Option<&Path>, area: &Area) -> Result<(), StoreError> {
        let target = self.tickets().join(ticket.id.file());
        let day = target.parent().unwrap_or(&self.root);
        let staged = area.fresh()?;
        disk::create_new(&staged, file::write(ticket)?.as_bytes(), 0o640)?;
        let placed = disk::make_dirs(day).map_err(StoreError::from).and_then(|()| {
            let Some(from) = files else { return Ok(disk::publish(&staged, &target)?) };
            let home = self.attachments();
            disk::make_dirs(&home)?;
            let to = home.join(ticket.id.to_string());
            disk::publish(from, &to)?;
            disk::sync_dir(&home)?;
            disk::publish(&staged, &target).inspect_err(|_| {
                // The number is spent, the files go back for the next one; if even that fails they stay unseen.
                let _ = fs::rename(&to, from);
            })?;
            Ok(())
        });
        if placed.is_err() {
            let _ = fs::remove_file(&staged);
        }
        placed?;
        Ok(disk::sync_dir(day)?)
    }

    fn mark(&self) -> HighWater {
        HighWater { state: self.state(), tickets: self.tickets(), attachments: self.attachments() }
    }

    /// Whether numbers that were given out may be forgotten.
    pub(super) fn is_count_lost(&self) -> bool {
        self.mark().is_lost()
    }

    /// A number that was given out, as somebody else remembers it: none below it comes again.
    pub(super) fn remember(&self, id: TicketId) -> Result<(), StoreError> {
        self.guarded(|| {
            let area = self.area()?;
            self.locked(|| match self.mark().get()? {
                Some(last) if last >= id => Ok(()),
                _ => self.mark().set(id, &area),
            })
        })
    }

    /// Whether something fits on the disk now.
    pub(super) fn has_room(&self) -> bool {
        self.area().is_ok_and(|area| area.has_room())
    }

    /// The key that tracking links are made with. Losing it costs no link that is out: only later notices go without one.
    fn server_key(&self, area: &Area) -> Result<[u8; 32], StoreError> {
        let path = self.state().join("tracking.key");
        match disk::read(&path) {
            Ok(bytes) if bytes.len() == 32 => {
                let mut key = [0; 32];
                key.copy_from_slice(&bytes);
                Ok(key)
            }
            Err(error) if !error.is_missing() => Err(error.into()),
            Ok(_) | Err(_) => {
                let key = secret::random().map_err(StoreError::Random)?;
                disk::replace(&path, &key, &area.fresh()?, 0o600)?;
                Ok(key)
            }
        }
    }

    pub(super) fn get(&self, id: TicketId) -> Result<Option<Loaded>, StoreError> {
        let path = self.tickets().join(id.file());
        let bytes = match disk::read(&path) {
            Ok(bytes) => bytes,
            Err(error) if error.is_missing() => return Ok(None),
            Err(error) => return Err(error.into()),
        };
        let ticket = file::read(id, &bytes)
            .map_err(|error| StoreError::Broken { path: path.clone(), reason: error.to_string() })?;
        let hash = disk::hash(&bytes);
        Ok(Some(Loaded { ticket, hash, text: String::from_utf8_lossy(&bytes).into_owned() }))
    }

    pub(super) fn find_by_secret(&self, secret: &str, now: jiff::Timestamp) -> Result<Option<Loaded>, StoreError> {
        let Some(id) = secret::claimed_id(secret) else { return Ok(None) };
        Ok(self.get(id)?.filter(|loaded| {
            loaded
                .ticket
                .tracking
                .as_ref()
                .is_some_and(|tracking| secret::matches(secret, &tracking.sha256) && now < tracking.expires.timestamp())
        }))
    }

    pub(super) fn list(&self) -> Result<Vec<Summary>, StoreError> {
        if !self.index.is_loaded() {
            self.index.refresh();
        } else if self.locked(|| self.mark().get().map(|high| self.index.catch_up(high))).is_err() {
            // A tree that cannot be written has no writers to wait for.
            self.index.refresh();
        }
        Ok(self.index.summaries())
    }

    /// The file of a ticket.
    pub(super) fn path_of(&self, id: TicketId) -> PathBuf {
        self.tickets().join(id.file())
    }

    pub(super) fn broken(&self) -> Vec<(PathBuf, String, (u32, u32))> {
        let broken = self.index.broken().into_iter();
        broken.map(|(id, (why, place))| (self.tickets().join(id.file()), why, place)).collect()
    }

    /// Texts that lost a race, beside the tickets they are of.
    pub(super) fn copies(&self) -> Vec<PathBuf> {
        let files = walkdir::WalkDir::new(self.tickets()).sort_by_file_name().into_iter().flatten();
        let copies = files.filter(|entry| entry.file_name().to_string_lossy().contains(".conflict-"));
        copies.map(walkdir::DirEntry::into_path).collect()
    }

    pub(super) fn reconcile(&self) {
        self.index.refresh();
    }

    /// Looks at one ticket's file again.
    pub(super) fn touch(&self, id: TicketId) {
        self.index.touch(id);
    }

    pub(super) fn remembered(&self, id: TicketId) -> Option<Summary> {
        self.index.remembered(id)
    }

    fn loaded(&self) -> &Index {
        if !self.index.is_loaded() {
            self.index.refresh();
        }
        &self.index
    }

    pub(super) fn page(&self, query: &QueueQuery, now: jiff::Timestamp) -> QueuePage {
        self.loaded().page(query, now)
    }

    pub(super) fn gather<T>(&self, choose: impl FnMut(&Summary) -> Option<T>) -> Vec<T> {
        self.loaded().gather(choose)
    }

    /// Replaces the file that was read as `loaded` by one that says `new`, and leaves alone what a person wrote in it.
    pub(super) fn change(&self, loaded: &Loaded, new: &Ticket) -> Result<Changed, StoreError> {
        let text = edit::edit(&loaded.text, &loaded.ticket, new)?;
        let copy = match self.write(new.id, loaded.hash, &text)? {
            Updated::Clean => None,
            Updated::Conflict { copy } => Some(copy),
        };
        let hash = disk::hash(text.as_bytes());
        Ok(Changed { loaded: Loaded { ticket: new.clone(), hash, text }, copy })
    }

    /// Replaces the whole file, and everything a person added to it.
    pub(super) fn rewrite(&self, loaded: &Loaded, new: &Ticket) -> Result<Changed, StoreError> {
        let text = file::write(new)?;
        let copy = match self.write(new.id, loaded.hash, &text)? {
            Updated::Clean => None,
            Updated::Conflict { copy } => Some(copy),
        };
        let hash = disk::hash(text.as_bytes());
        Ok(Changed { loaded: Loaded { ticket: new.clone(), hash, text }, copy })
    }

    /// Removes attachments and conflict copies of a ticket: the names of the copies.
    pub(super) fn remove_traces(&self, id: TicketId, attachments: &[Attachment]) -> Result<Vec<String>, StoreError> {
        self.guarded(|| {
            for file in attachments {
                if let Some(path) = self.attachment_path(id, &file.file) {
                    disk::remove(&path)?;
                }
            }
            let day = self.tickets().join(id.file());
            let day = day.parent().unwrap_or(&self.root);
            let mut copies = Vec::new();
            for entry in fs::read_dir(day).into_iter().flatten().flatten() {
                let name = entry.file_name().to_string_lossy().into_owned();
                if name.starts_with(&format!("{id}.conflict-")) {
                    disk::remove(&entry.path())?;
                    copies.push(name);
                }
            }
            Ok(copies)
        })
    }

    /// Moves staged files beside those a ticket has, durably; the ticket's file has yet to name them.
    pub(super) fn adopt(&self, ticket: &Ticket, staging: &Staging) -> Result<Vec<Attachment>, StoreError> {
        self.guarded(|| {
            staging.seal()?;
            let Some(from) = staging.dir() else { return Ok(Vec::new()) };
            let home = self.attachments().join(ticket.id.to_string());
            self.locked(|| {
                disk::make_dirs(&home)?;
                let mut adopted = Vec::new();
                for (index, file) in staging.files().iter().enumerate() {
                    let rest = file.file.split_once('-').map_or(file.file.as_str(), |(_, rest)| rest);
                    let name = format!("{}-{rest}", ticket.attachments.len() + index + 1);
                    disk::publish(&from.join(&file.file), &home.join(&name))?;
                    adopted.push(Attachment { file: name, ..file.clone() });
                }
                disk::sync_dir(&home)?;
                Ok(adopted)
            })
        })
    }

    pub(super) fn write(&self, id: TicketId, read: blake3::Hash, text: &str) -> Result<Updated, StoreError> {
        let path = self.tickets().join(id.file());
        let written = self.guarded(|| {
            let area = self.area()?;
            let temp = area.fresh()?;
            let mark = temp.file_name().and_then(|name| name.to_str()).unwrap_or("copy").to_owned();
            let copy = path.with_file_name(format!("{id}.conflict-{mark}.md"));
            self.locked(|| Ok(disk::update(&path, read, text.as_bytes(), &temp, &copy)?))
        })?;
        self.index.touch(id);
        Ok(written)
    }

    /// Where an attachment is, for a name that is a bare file name.
    pub(super) fn attachment_path(&self, id: TicketId, file: &str) -> Option<PathBuf> {
        let plain = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '.';
        let safe = file.starts_with(|c: char| c.is_ascii_alphanumeric()) && file.chars().all(plain);
        safe.then(|| self.attachments().join(id.to_string()).join(file))
    }
}

/// The secret of a ticket's tracking link, made again. `None` where the link was revoked or made with another key.
fn secret_of(ticket: &Ticket, server_key: &[u8; 32]) -> Option<String> {
    let tracking = ticket.tracking.as_ref()?;
    let secret = secret::tracking(ticket.id, server_key, tracking.salt.as_bytes());
    secret::matches(&secret, &tracking.sha256).then_some(secret)
}
