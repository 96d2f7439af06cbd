//! The ticket process as everybody goes through it: desk, requester's page, API and command line.
//!
//! One change: read → [`ticket::apply`] → notices laid down → file changed (compare and swap) → audit → notices let go
//! → acknowledged. A crash anywhere in between is made good by [`Office::recover`].

pub mod audit;
mod by_hand;
mod decisions;
mod erase;
mod inspect;
mod notices;
mod recovery;
mod strangers;
#[cfg(test)]
mod tests;
mod ticks;

use std::path::PathBuf;
use std::sync::Arc;

use jiff::Zoned;

pub use self::audit::{Audit, AuditError};
pub use self::decisions::DecisionError;
pub use self::erase::Erased;
pub use self::recovery::Recovered;
use crate::auth::Accounts;
use crate::config::Config;
use crate::disk::{self, DiskError, Lock};
use crate::outbound::{Event, Outbox};
use crate::ticket::apply::{self, Applied, Member, Refusal, RefusalKind, Rules};
use crate::ticket::{
    Actor, Changed, Created, HistoryEntry, Loaded, Moment, NewTicket, Occasion, Staging, Status, Step, Store,
    StoreError, Ticket, TicketId,
};

/// How often a change without a condition is made again when somebody else was faster.
const ATTEMPTS: usize = 20;

/// Everything a change of a ticket goes through. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Office {
    pub store: Arc<Store>,
    pub accounts: Accounts,
    pub outbox: Outbox,
    pub audit: Audit,
    /// Whom strangers had written to.
    strangers: Arc<strangers::Strangers>,
}

/// A change that is durable.
#[derive(Debug, Clone)]
pub struct Done {
    pub loaded: Loaded,
    pub occasions: Vec<Occasion>,
    /// Where a text is kept that somebody wrote in the very moment of the change.
    pub copy: Option<PathBuf>,
}

/// Why a change was not made.
#[derive(Debug, thiserror::Error)]
pub enum ProcessError {
    #[error("there is no ticket {0}")]
    NotFound(TicketId),
    /// Somebody else changed it since it was read.
    #[error("{} was changed by somebody else meanwhile; look at it again, then repeat the step", .0.ticket.id)]
    Changed(Box<Loaded>),
    #[error(transparent)]
    Refused(#[from] Refusal),
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// What somebody wants done.
pub struct Request<'a> {
    pub id: TicketId,
    pub step: Step,
    pub actor: &'a Actor,
    /// The hash of the file they looked at; a ticket that has changed since is not touched.
    pub if_match: Option<blake3::Hash>,
    /// Files to add to the ticket.
    pub files: Option<Staging>,
    pub now: Zoned,
    /// The language of a refusal.
    pub lang: &'a str,
}

impl Office {
    /// The office of the site at `config.root`.
    pub fn open(config: &Config, store: Arc<Store>, accounts: Accounts) -> Self {
        let state = config.state_dir();
        Self { store, accounts, outbox: Outbox::open(&state), audit: Audit::open(&state), strangers: Arc::default() }
    }

    /// Looks a login up for [`Rules`]. Whoever cannot sign in takes no tickets.
    fn member(&self, login: &str) -> Option<Member> {
        let account = self.accounts.get(login).filter(|account| !account.disabled)?;
        let actor = account.actor();
        Some(Member { name: actor.name, role: actor.role, teams: actor.teams })
    }

    /// Calls `work` with the rules of the site.
    pub fn with_rules<T>(&self, config: &Config, lang: &str, work: impl FnOnce(&Rules<'_>) -> T) -> T {
        work(&Rules { config, member: &|login| self.member(login), lang })
    }

    /// What `actor` may do with the ticket now.
    pub fn possible(&self, config: &Config, ticket: &Ticket, actor: &Actor) -> Vec<&'static str> {
        self.with_rules(config, config.default_language(), |rules| apply::possible(ticket, actor, rules))
    }

    /// Files a ticket: when this returns it is durable, in the audit, and its notices are on their way.
    ///
    /// # Errors
    /// As [`Store::create`].
    pub async fn file(
        &self,
        config: &Config,
        new: NewTicket,
        staging: Option<Staging>,
        now: Zoned,
    ) -> Result<Created, StoreError> {
        if self.store.is_count_lost().await?
            && let Some(last) = self.cursors(|known| known.keys().max().copied()).await?.flatten()
        {
            // Numbers of tickets that were deleted since are in the audit alone.
            self.store.remember(last).await?;
        }
        let created = self.store.create(new, staging, now.clone()).await?;
        if !created.repeated
            && let Some(loaded) = self.store.get(created.id()).await?
        {
            let events = self.events(config, &loaded.ticket, &[Occasion::Filed], None, now.timestamp()).await;
            self.prepare(&events).await;
            let record = self.record(&loaded.ticket, loaded.hash, "file", &Actor::link());
            self.conclude(vec![record], &events).await;
        }
        Ok(created)
    }

    /// Takes a step: when this returns it is durable.
    ///
    /// # Errors
    /// Nothing was changed, unless the store's error [`is_fatal`](DiskError::is_fatal): then nobody knows.
    pub async fn perform(&self, config: &Config, request: Request<'_>) -> Result<Done, ProcessError> {
        let Request { id, step, actor, if_match, mut files, now, lang } = request;
        let mut adopted = Vec::new();
        let _turn = self.turn(config).await;
        self.take_up_edits(config, id, now.timestamp()).await?;
        for attempt in 1.. {
            let loaded = self.store.get(id).await?.ok_or(ProcessError::NotFound(id))?;
            if if_match.is_some_and(|hash| hash != loaded.hash) {
                return Err(ProcessError::Changed(Box::new(loaded)));
            }
            let mut applied = self.apply(config, &loaded.ticket, &step, actor, &now, lang).await?;
            if let Some(files) = files.take() {
                adopted = self.store.adopt(loaded.ticket.clone(), files).await?;
            }
            applied.ticket.attach(adopted.iter().cloned());
            let events = self.events(config, &applied.ticket, &applied.occasions, Some(actor), now.timestamp()).await;
            self.prepare(&events).await;
            match self.store.change(loaded, applied.ticket).await {
                Ok(Changed { loaded, copy }) => {
                    let record = self.record(&loaded.ticket, loaded.hash, step.key(), actor);
                    self.conclude(vec![record], &events).await;
                    if let Step::Merge { into } = step {
                        self.take_in(config, into, id, actor, &now).await;
                    }
                    return Ok(Done { loaded, occasions: applied.occasions, copy });
                }
                Err(StoreError::Disk(DiskError::Changed { .. })) => {
                    self.take_back(&events).await;
                    if if_match.is_some() || attempt >= ATTEMPTS {
                        let current = self.store.get(id).await?.ok_or(ProcessError::NotFound(id))?;
                        return Err(ProcessError::Changed(Box::new(current)));
                    }
                }
                Err(error) => {
                    // Whether a write that could not be flushed was made is seen at the next start.
                    if !matches!(&error, StoreError::Disk(error) if error.is_fatal()) {
                        self.take_back(&events).await;
                    }
                    return Err(error.into());
                }
            }
        }
        Err(ProcessError::NotFound(id))
    }

    /// Writes into the ticket that goes on which one was merged into it. The merge itself is done: what fails here is told
    /// by the merged ticket's own file.
    async fn take_in(&self, config: &Config, into: TicketId, merged: TicketId, actor: &Actor, now: &Zoned) {
        for _ in 0..ATTEMPTS {
            let Ok(Some(loaded)) = self.store.get(into).await else { return };
            let entry = HistoryEntry {
                at: Moment::at(now.timestamp(), &config.time_zone),
                by: actor.signature(&loaded.ticket),
                action: "take_in".to_owned(),
                to: merged.to_string(),
                ..HistoryEntry::default()
            };
            let mut ticket = loaded.ticket.clone();
            ticket.history.push(entry);
            match self.store.change(loaded, ticket).await {
                Ok(Changed { loaded, .. }) => {
                    let record = self.record(&loaded.ticket, loaded.hash, "take_in", actor);
                    return self.conclude(vec![record], &[]).await;
                }
                Err(StoreError::Disk(DiskError::Changed { .. })) => {}
                Err(error) => return tracing::error!(%into, %merged, %error, "the merge could not be noted"),
            }
        }
    }

    /// Waits until no other step is being taken, in this process or another: steps queue instead of overtaking each other
    /// until one gives up. An editor does not queue, and is met by the comparison of the file. A disk that cannot be
    /// written has no queue; the step then fails at its own write.
    async fn turn(&self, config: &Config) -> Option<Lock> {
        let state = config.state_dir();
        let wait = move || {
            disk::make_dirs(&state)?;
            disk::lock(&state.join("steps.lock"))
        };
        let turn = tokio::task::spawn_blocking(wait).await.ok()?;
        turn.inspect_err(|error| tracing::warn!(%error, "steps are not queued")).ok()
    }

    async fn apply(
        &self,
        config: &Config,
        ticket: &Ticket,
        step: &Step,
        actor: &Actor,
        now: &Zoned,
        lang: &str,
    ) -> Result<Applied, ProcessError> {
        let applied = self.with_rules(config, lang, |rules| apply::apply(ticket, step, actor, now, rules))?;
        if let Step::Merge { into } = step {
            let other = self.store.get(*into).await?.map(|loaded| loaded.ticket);
            let good = other.is_some_and(|other| other.status.is_open() || other.status == Status::Resolved);
            if !good {
                let message = match lang {
                    "zh" => format!("没有仍在处理、可以并入的工单 {into}"),
                    _ => format!("there is no ticket {into} still at work that it could be merged into"),
                };
                let kind = RefusalKind::Invalid;
                return Err(Refusal { kind, message, field: Some("into"), allowed: Vec::new() }.into());
            }
        }
        Ok(applied)
    }

    /// Writes the audit, then lets the notices go. The change itself is durable: what fails here is made good by
    /// [`Office::recover`], and is no reason to tell anybody that nothing happened.
    async fn conclude(&self, records: Vec<audit::Record>, events: &[Event]) {
        let (audit, outbox) = (self.audit.clone(), self.outbox.clone());
        let ids: Vec<_> = events.iter().map(|event| event.id.clone()).collect();
        let work = move || {
            if let Err(error) = audit.append(&records) {
                tracing::error!(%error, "the audit could not be written");
            }
            for id in ids {
                if let Err(error) = outbox.release(&id) {
                    tracing::error!(%error, id, "a notice could not be let go");
                }
            }
        };
        if let Err(error) = tokio::task::spawn_blocking(work).await {
            tracing::error!(%error, "the audit was cut off");
        }
    }

    /// The line of a step: the ticket after it, and the hash of the file that holds it.
    fn record(&self, ticket: &Ticket, file: blake3::Hash, action: &str, actor: &Actor) -> audit::Record {
        let last = ticket.history.last().map(|entry| entry.at.clone());
        audit::Record {
            at: last.unwrap_or_default(),
            ticket: ticket.id,
            by: actor.signature(ticket),
            role: actor.role.key().to_owned(),
            action: action.to_owned(),
            status: ticket.status.key().to_owned(),
            steps: ticket.history.len(),
            file: audit::short(file),
        }
    }

    async fn prepare(&self, events: &[Event]) {
        let (outbox, events) = (self.outbox.clone(), events.to_vec());
        let work = move || {
            for event in &events {
                // Being told is less than being helped: the change goes on.
                if let Err(error) = outbox.prepare(event) {
                    tracing::error!(%error, id = event.id, "a notice could not be laid down");
                }
            }
        };
        if let Err(error) = tokio::task::spawn_blocking(work).await {
            tracing::error!(%error, "laying notices down was cut off");
        }
    }

    async fn take_back(&self, events: &[Event]) {
        let (outbox, ids) = (self.outbox.clone(), events.iter().map(|event| event.id.clone()).collect::<Vec<_>>());
        let work = move || {
            for id in ids {
                if let Err(error) = outbox.drop_prepared(&id) {
                    tracing::warn!(%error, id, "a notice could not be taken back");
                }
            }
        };
        if let Err(error) = tokio::task::spawn_blocking(work).await {
            tracing::error!(%error, "taking notices back was cut off");
        }
    }
}
