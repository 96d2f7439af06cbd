//! One submission on its way to becoming a ticket.

use jiff::Zoned;
use sha2::{Digest, Sha256};

use super::{
    Attachment, HistoryEntry, Idempotency, Moment, NewTicket, Staging, Status, Ticket, TicketId, Tracking, secret,
};

/// What a ticket is made from, once it has a number.
pub(super) struct Filing<'a> {
    pub(super) new: &'a NewTicket,
    pub(super) staging: Option<&'a Staging>,
    pub(super) now: &'a Zoned,
    /// The hashes of its key and of its content, where it came with a key.
    pub(super) idempotency: Option<Idempotency>,
    /// What its tracking link is made from, besides the server's key.
    pub(super) salt: String,
}

impl<'a> Filing<'a> {
    /// # Errors
    /// When the system has no randomness to give.
    pub(super) fn new(
        new: &'a NewTicket,
        staging: Option<&'a Staging>,
        now: &'a Zoned,
    ) -> Result<Self, getrandom::Error> {
        let files = staging.map_or(&[][..], Staging::files);
        let idempotency = new
            .idempotency_key
            .as_deref()
            .map(|key| Idempotency { key: key_of(key, &new.requester.account), request: fingerprint(new, files) });
        let salt = secret::hex(&secret::random()?);
        Ok(Self { new, staging, now, idempotency, salt })
    }

    /// The secret of its tracking link.
    pub(super) fn secret(&self, id: TicketId, server_key: &[u8; 32]) -> String {
        secret::tracking(id, server_key, self.salt.as_bytes())
    }

    pub(super) fn ticket(&self, id: TicketId, secret: &str) -> Ticket {
        let new = self.new.clone();
        let created = Moment::from(self.now);
        let lifetime = std::time::Duration::from_secs(u64::from(new.tracking_days) * 86_400);
        let filed = HistoryEntry {
            at: created.clone(),
            by: "requester".into(),
            action: "file".into(),
            note: String::new(),
            to: String::new(),
            public: true,
        };
        Ticket {
            id,
            title: new.title,
            kind: new.kind,
            urgency: new.urgency,
            impact: new.impact,
            status: Status::New,
            pending_on: None,
            requester: new.requester,
            lang: new.lang,
            occurred_at: new.occurred_at,
            trigger: new.trigger,
            steps_tried: new.steps_tried,
            team: new.team,
            assignee: String::new(),
            accepted_at: None,
            first_response_at: None,
            due_at: Some(new.targets.first_response_due(&created)),
            resolved_at: None,
            closed_at: None,
            origin: new.origin,
            fields: new.fields,
            attachments: self.staging.map_or_else(Vec::new, |staging| staging.files().to_vec()),
            approval: None,
            rating: None,
            history: vec![filed],
            intents: Vec::new(),
            tracking: Some(Tracking {
                sha256: secret::sha256(secret.as_bytes()),
                salt: self.salt.clone(),
                expires: created.after(lifetime),
            }),
            idempotency: self.idempotency.clone(),
            waiting: None,
            pended_at: None,
            record: String::new(),
            merged_into: None,
            follows: new.follows,
            extra: Default::default(),
            body: new.description,
            created_at: Some(created),
        }
    }
}

/// SHA-256 of a key, for one person: somebody else's same key is another one, and does not lead to their ticket. Those
/// without an account have nothing but the key, which they chose at random.
fn key_of(key: &str, account: &str) -> String {
    if account.is_empty() {
        return secret::sha256(key.as_bytes());
    }
    let mut digest = Sha256::new();
    for word in [account, key] {
        digest.update((word.len() as u64).to_le_bytes());
        digest.update(word);
    }
    secret::hex(&digest.finalize())
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
