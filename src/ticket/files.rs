//! Tickets as files: the create protocol of RELIABILITY.md, step by step.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use jiff::Zoned;
use sha2::{Digest, Sha256};

use super::index::{Index, highest};
use super::staging::Area;
use super::{
    Attachment, AttachmentError, Created, HistoryEntry, Idempotency, Limits, Loaded, Moment, NewTicket, Staging,
    Status, StoreError, Summary, Ticket, TicketId, Tracking, file, secret, sla,
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
            let files = staging.as_ref().map_or(&[][..], Staging::files);
            let idempotency = new
                .idempotency_key
                .as_deref()
                .map(|key| Idempotency { key: secret::sha256(key.as_bytes()), request: fingerprint(new, files) });
            if idempotency.is_some() && !self.index.is_loaded() {
                // Outside the lock: a large tree takes a while.
                self.index.refresh();
            }
            if let Some(staging) = &staging {
                staging.seal()?;
            }
            let created = self.locked(|| {
                let last = self.high_water()?;
                let server_key = self.server_key(&area)?;
                if let Some(idempotency) = &idempotency {
                    self.index.catch_up(last);
                    if let Some(earlier) = self.earlier(new, idempotency, &server_key)? {
                        return Ok(earlier);
                    }
                }
                self.file(new, idempotency, staging.as_ref(), &server_key, last, now, &area)
            })?;
            if !created.repeated {
                self.index.touch(created.id());
            }
            Ok(created)
        })
    }

    /// What the same submission was answered before.
    fn earlier(
        &self,
        new: &NewTicket,
        idempotency: &Idempotency,
        server_key: &[u8; 32],
    ) -> Result<Option<Created>, StoreError> {
        let Some(id) = self.index.by_key(&idempotency.key) else { return Ok(None) };
        let Some(Loaded { ticket, .. }) = self.get(id)? else { return Ok(None) };
        let secret = secret_of(new, id, server_key)?;
        let same_request = ticket.idempotency.as_ref() == Some(idempotency);
        // A link that was revoked, or made with a server key that is lost, cannot be told again.
        let same_link = ticket.tracking.as_ref().is_some_and(|tracking| secret::matches(&secret, &tracking.sha256));
        match same_request && same_link {
            true => Ok(Some(Created { ticket, secret, repeated: true })),
            false => Err(StoreError::KeyReused),
        }
    }

    /// Gives out numbers until one is free, and writes the ticket under it.
    #[expect(clippy::too_many_arguments, reason = "one step of the protocol, with what the steps before it made")]
    fn file(
        &self,
        new: &NewTicket,
        idempotency: Option<Idempotency>,
        staging: Option<&Staging>,
        server_key: &[u8; 32],
        mut last: Option<TicketId>,
        now: &Zoned,
        area: &Area,
    ) -> Result<Created, StoreError> {
        let files = staging.and_then(|staging| staging.dir().map(|dir| (dir, staging.files())));
        loop {
            let id = TicketId::after(last, now.date());
            last = Some(id);
            if self.tickets().join(id.file()).exists() || self.attachments().join(id.to_string()).exists() {
                continue;
            }
            self.set_high_water(id, area)?;
            let secret = secret_of(new, id, server_key)?;
            let ticket = ticket_of(new, id, idempotency.clone(), files.map_or(&[], |(_, files)| files), &secret, now);
            match self.place(&ticket, files.map(|(dir, _)| dir), area) {
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

    /// The highest number ever given out; where the mark is lost, the highest in the tree.
    fn high_water(&self) -> Result<Option<TicketId>, StoreError> {
        match disk::read(&self.state().join("last-ticket")) {
            Ok(bytes) => {
                let mark = std::str::from_utf8(&bytes).ok().and_then(|text| text.trim().parse().ok());
                Ok(mark.or_else(|| highest(&self.tickets(), &self.attachments())))
            }
            Err(error) if error.is_missing() => Ok(highest(&self.tickets(), &self.attachments())),
            Err(error) => Err(error.into()),
        }
    }

    fn set_high_water(&self, id: TicketId, area: &Area) -> Result<(), StoreError> {
        Ok(disk::replace(&self.state().join("last-ticket"), format!("{id}\n").as_bytes(), &area.fresh()?, 0o644)?)
    }

    /// The key that links of repeated submissions are made with. Losing it costs only the repetition its answer.
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
        } else if self.locked(|| self.high_water().map(|high| self.index.catch_up(high))).is_err() {
            // A tree that cannot be written has no writers to wait for.
            self.index.refresh();
        }
        Ok(self.index.summaries())
    }

    pub(super) fn broken(&self) -> Vec<(PathBuf, String)> {
        self.index.broken().into_iter().map(|(id, why)| (self.tickets().join(id.file()), why)).collect()
    }

    pub(super) fn reconcile(&self) {
        self.index.refresh();
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

/// SHA-256 over everything that was submitted.
fn fingerprint(new: &NewTicket, files: &[Attachment]) -> String {
    let requester = &new.requester;
    let occurred = new.occurred_at.as_ref().map(ToString::to_string).unwrap_or_default();
    let words = [
        &new.title,
        &new.description,
        &new.kind,
        &new.urgency,
        &new.impact,
        &new.trigger,
        &new.steps_tried,
        &occurred,
        &requester.name,
        &requester.department,
        &requester.contact,
    ];
    let own = new.fields.iter().flat_map(|(key, value)| [key, value]);
    let attached = files.iter().flat_map(|file| [&file.name, &file.sha256]);
    let mut digest = Sha256::new();
    for word in words.into_iter().chain(own).chain(attached) {
        // The length keeps "a" + "bc" apart from "ab" + "c".
        digest.update((word.len() as u64).to_le_bytes());
        digest.update(word);
    }
    secret::hex(&digest.finalize())
}

fn secret_of(new: &NewTicket, id: TicketId, server_key: &[u8; 32]) -> Result<String, StoreError> {
    match &new.idempotency_key {
        Some(key) => Ok(secret::tracking(id, server_key, key.as_bytes())),
        None => Ok(secret::tracking(id, server_key, &secret::random().map_err(StoreError::Random)?)),
    }
}

fn ticket_of(
    new: &NewTicket,
    id: TicketId,
    idempotency: Option<Idempotency>,
    attachments: &[Attachment],
    secret: &str,
    now: &Zoned,
) -> Ticket {
    let created = Moment::from(now);
    let lifetime = std::time::Duration::from_secs(u64::from(new.tracking_days) * 86_400);
    let filed = HistoryEntry {
        at: created.clone(),
        by: "requester".into(),
        action: "file".into(),
        note: String::new(),
        public: true,
    };
    Ticket {
        id,
        title: new.title.clone(),
        kind: new.kind.clone(),
        urgency: new.urgency.clone(),
        impact: new.impact.clone(),
        status: Status::New,
        pending_on: None,
        requester: new.requester.clone(),
        lang: new.lang.clone(),
        occurred_at: new.occurred_at.clone(),
        trigger: new.trigger.clone(),
        steps_tried: new.steps_tried.clone(),
        team: new.team.clone(),
        assignee: String::new(),
        accepted_at: None,
        first_response_at: None,
        due_at: Some(sla::first_response_due(&created, new.targets)),
        resolved_at: None,
        closed_at: None,
        origin: new.origin.clone(),
        fields: new.fields.clone(),
        attachments: attachments.to_vec(),
        approval: None,
        rating: None,
        history: vec![filed],
        tracking: Some(Tracking { sha256: secret::sha256(secret.as_bytes()), expires: created.after(lifetime) }),
        idempotency,
        extra: Default::default(),
        body: new.description.clone(),
        created_at: Some(created),
    }
}
