//! What crashes, editors and other programs left to do: notices of steps that were taken, lines the audit lacks.

use std::collections::HashMap;

use jiff::{Timestamp, ToSpan as _};

use super::Office;
use super::audit::{Cursor, Record};
use super::by_hand::{self, Meant, Taken, Unmeant};
use crate::config::Config;
use crate::disk::{DiskError, short_hash};
use crate::outbound::Event;
use crate::ticket::{
    Actor, Changed, HistoryEntry, Loaded, Occasion, Role, Status, StoreError, Summary, Ticket, TicketId,
};

/// A notice that was laid down this recently may belong to a step that another process is taking.
const RECENT: i64 = 60;
/// A ticket that appears without having been filed here is told of only when it is this fresh, in hours.
const FRESH: i64 = 24;

/// Lines of the audit that are flushed at once where many tickets are new to it.
const TOGETHER: usize = 2_000;

/// A ticket that the audit does not know as it is.
enum Behind {
    Edited(TicketId),
    Found(Record),
}

/// What [`Office::recover`] found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Recovered {
    /// Notices of steps that were taken.
    pub released: usize,
    /// Notices of steps that were not.
    pub dropped: usize,
    /// Tickets that were changed past the program's doors, or whose change a crash kept from the audit.
    pub edited: usize,
    /// Tickets of other times that the audit had never heard of.
    pub found: usize,
}

impl Office {
    /// Makes good what a crash or an edit of the files left, and may be repeated at any time.
    ///
    /// The first call reads the whole audit.
    ///
    /// # Errors
    /// When the tickets or the outbox cannot be read.
    pub async fn recover(&self, config: &Config, now: Timestamp) -> Result<Recovered, StoreError> {
        let mut recovered = self.judge_prepared(now).await?;
        let Some(known) = self.cursors(|known| known.clone()).await? else { return Ok(recovered) };
        let there = self.store.gather(|summary| Some(summary.id)).await?;
        let gone: Vec<_> = known.iter().filter(|(id, it)| !it.missing && there.binary_search(id).is_err()).collect();
        let gone: Vec<_> = gone.into_iter().map(|(id, _)| *id).collect();
        let behind = move |summary: &Summary| match known.get(&summary.id) {
            Some(cursor) if cursor.file == summary.file => None,
            Some(_) => Some(Behind::Edited(summary.id)),
            // Nobody waits for news of a ticket that comes with a tree from elsewhere.
            None if summary.updated_at.as_ref().is_some_and(|at| is_fresh(at.timestamp(), now)) => {
                Some(Behind::Edited(summary.id))
            }
            None => Some(Behind::Found(found(summary))),
        };
        let mut strangers = Vec::new();
        for behind in self.store.gather(behind).await?.into_iter().chain(gone.into_iter().map(Behind::Edited)) {
            match behind {
                Behind::Edited(id) => recovered.edited += usize::from(self.settle(config, id, None, now).await?),
                Behind::Found(record) => strangers.push(record),
            }
        }
        recovered.found = strangers.len();
        let audit = self.audit.clone();
        let append = move || strangers.chunks(TOGETHER).try_for_each(|records| audit.append(records));
        if let Err(error) = tokio::task::spawn_blocking(append).await? {
            tracing::error!(%error, "the audit could not be written");
        }
        Ok(recovered)
    }

    /// Lets go what was prepared for steps that were taken, and throws the rest away.
    async fn judge_prepared(&self, now: Timestamp) -> Result<Recovered, StoreError> {
        let outbox = self.outbox.clone();
        let prepared = tokio::task::spawn_blocking(move || outbox.prepared()).await?;
        let prepared = prepared.inspect_err(|error| tracing::error!(%error, "the outbox cannot be read"));
        let mut recovered = Recovered::default();
        for event in prepared.unwrap_or_default() {
            let taken =
                self.store.get(event.ticket.id).await.ok().flatten().is_some_and(|it| tells(&it.ticket, &event));
            let recent = now.duration_since(event.at).as_secs().abs() < RECENT;
            let outbox = self.outbox.clone();
            let done = tokio::task::spawn_blocking(move || match (taken, recent) {
                (true, _) => outbox.release(&event.id),
                (false, true) => Ok(false),
                (false, false) => outbox.drop_prepared(&event.id),
            });
            match done.await? {
                Ok(false) => {}
                Ok(true) if taken => recovered.released += 1,
                Ok(true) => recovered.dropped += 1,
                Err(error) => tracing::error!(%error, "a notice could not be judged"),
            }
        }
        Ok(recovered)
    }

    /// A ticket's file was changed by something else than this process: takes the steps that were meant, and tells of what
    /// the audit does not know yet. False when there was nothing to do.
    ///
    /// # Errors
    /// When the ticket cannot be read.
    pub async fn edited(&self, config: &Config, id: TicketId, now: Timestamp) -> Result<bool, StoreError> {
        let old = self.store.remembered(id).await?;
        self.store.touch(id).await?;
        self.settle(config, id, old, now).await
    }

    async fn settle(
        &self,
        config: &Config,
        id: TicketId,
        old: Option<Summary>,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        // Whoever takes a step writes the file before the audit: in between is nobody's turn.
        let _turn = self.turn(config).await;
        match self.cursors(move |known| known.get(&id).copied()).await? {
            Some(cursor) => self.catch_up(config, id, cursor, old, now).await,
            None => Ok(false),
        }
    }

    /// Takes up what somebody wrote into the file before a step is taken on top of it; the turn is the caller's.
    pub(super) async fn take_up_edits(&self, config: &Config, id: TicketId, now: Timestamp) -> Result<(), StoreError> {
        let audit = self.audit.clone();
        match tokio::task::spawn_blocking(move || audit.cursor_of(id)).await? {
            Ok(Some(cursor)) => {
                let old = self.store.remembered(id).await?;
                self.catch_up(config, id, Some(cursor), old, now).await.map(drop)
            }
            Ok(None) => Ok(()),
            Err(error) => {
                tracing::error!(%error, "the audit cannot be read; `helpmark audit verify` says more");
                Ok(())
            }
        }
    }

    /// Reads something out of the audit; `None`, with a word in the log, where it is broken.
    pub(super) async fn cursors<T: Send + 'static>(
        &self,
        work: impl FnOnce(&HashMap<TicketId, Cursor>) -> T + Send + 'static,
    ) -> Result<Option<T>, StoreError> {
        let audit = self.audit.clone();
        match tokio::task::spawn_blocking(move || audit.with_cursors(work)).await? {
            Ok(found) => Ok(Some(found)),
            Err(error) => {
                tracing::error!(%error, "the audit cannot be read; `helpmark audit verify` says more");
                Ok(None)
            }
        }
    }

    async fn catch_up(
        &self,
        config: &Config,
        id: TicketId,
        cursor: Option<Cursor>,
        old: Option<Summary>,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let loaded = match self.store.get(id).await {
            Ok(Some(loaded)) => loaded,
            Ok(None) => return Ok(self.missing(config, id, cursor, now).await),
            Err(StoreError::Broken { path, reason }) => {
                tracing::warn!(path = %path.display(), reason, "nobody can work on a ticket whose file cannot be read");
                return Ok(false);
            }
            Err(error) => return Err(error),
        };
        let Some(cursor) = cursor else { return self.take_up(config, loaded, 0, None, None, now).await };
        let known = cursor.file == short_hash(loaded.hash);
        let ticket = &loaded.ticket;
        // A step that another door took in the same moment may have hidden what was written.
        if known && ticket.intents.is_empty() {
            return Ok(false);
        }
        if ticket.history.len() < cursor.steps {
            let (known, there) = (cursor.steps, ticket.history.len());
            tracing::warn!(%id, known, there, "an older text was saved over later steps; look at its conflict copies or at git");
        }
        // A person set the status and wrote no history: the steps they meant are taken in full, now or when what they lack
        // has been added.
        let moved = cursor.refused || cursor.status.is_some_and(|before| before != ticket.status);
        let before = by_hand::reached(ticket).or(cursor.status);
        let before = before.filter(|_| moved && ticket.history.len() == cursor.steps);
        let before = before.filter(|before| *before != ticket.status);
        let old = old.filter(|old| old.history == ticket.history.len() && cursor.steps == ticket.history.len());
        let zoned = now.to_zoned(config.time_zone.clone());
        if known && self.meant(config, ticket, None, None, &zoned).taken.is_empty() {
            return Ok(false);
        }
        self.take_up(config, loaded, cursor.steps, before, old, now).await
    }

    /// A ticket that the audit knows has no file any more: says so once.
    async fn missing(&self, config: &Config, id: TicketId, cursor: Option<Cursor>, now: Timestamp) -> bool {
        let Some(cursor) = cursor.filter(|cursor| !cursor.missing) else { return false };
        tracing::warn!(%id, "the file of this ticket is gone; git may have it");
        let editor = by_hand::editor();
        let record = Record {
            at: crate::ticket::Moment::at(now, &config.time_zone),
            ticket: id,
            by: editor.account,
            role: editor.role.key().to_owned(),
            action: "missing".to_owned(),
            status: cursor.status.map_or("", Status::key).to_owned(),
            steps: cursor.steps,
            file: format!("{:016x}", 0),
        };
        self.conclude(vec![record], &[]).await;
        true
    }

    /// Takes the steps that the person at the file meant: the times, the lines of history, the notices, the audit. Tells of
    /// the lines of history from `from` on. What no step leads to stays as it is, and `check` tells of it.
    async fn take_up(
        &self,
        config: &Config,
        loaded: Loaded,
        from: usize,
        before: Option<Status>,
        old: Option<Summary>,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let (id, zoned) = (loaded.ticket.id, now.to_zoned(config.time_zone.clone()));
        let Meant { ticket, taken, refused } = self.meant(config, &loaded.ticket, before, old.as_ref(), &zoned);
        if let Some(why) = &refused {
            tracing::warn!(%id, ?why, "edited by hand");
        }
        let mut events = self.news(config, &loaded.ticket, from, now).await;
        for one in &taken {
            events.extend(self.events(config, &one.ticket, &one.occasions, Some(&one.actor), now).await);
        }
        self.prepare(&events).await;
        if taken.is_empty() {
            let action = match refused {
                Some(Unmeant::Status(_)) => "refused",
                _ if from < loaded.ticket.history.len() => "recovered",
                _ => "edit",
            };
            let record = self.record(&loaded.ticket, loaded.hash, action, &by_hand::editor());
            self.conclude(vec![record], &events).await;
            return Ok(true);
        }
        match self.store.change(loaded, ticket).await {
            Ok(Changed { loaded, .. }) => {
                let record = |one: &Taken| self.record(&one.ticket, loaded.hash, one.action, &one.actor);
                self.conclude(taken.iter().map(record).collect(), &events).await;
                Ok(true)
            }
            Err(error) => {
                self.take_back(&events).await;
                match error {
                    // They are still at it; the next event comes back here.
                    StoreError::Disk(DiskError::Changed { .. }) => Ok(false),
                    error => Err(error),
                }
            }
        }
    }

    /// What the lines of history from `from` on are told as.
    async fn news(&self, config: &Config, ticket: &Ticket, from: usize, now: Timestamp) -> Vec<Event> {
        let mut events = Vec::new();
        for (index, entry) in ticket.history.iter().enumerate().skip(from) {
            let Some(occasion) = occasion(entry).filter(|_| is_fresh(entry.at.timestamp(), now)) else { continue };
            let past = Ticket { history: ticket.history[..=index].to_vec(), ..ticket.clone() };
            let by = Actor { account: entry.by.clone(), role: Role::Agent, ..Actor::system() };
            let by = if entry.by == "requester" { Actor::link() } else { by };
            let actor = Some(&by).filter(|_| occasion != Occasion::Filed);
            events.extend(self.events(config, &past, &[occasion], actor, now).await);
        }
        events
    }
}

fn is_fresh(at: Timestamp, now: Timestamp) -> bool {
    at > now.saturating_sub(FRESH.hours()).unwrap_or(Timestamp::MIN)
}

/// The line of a ticket that came from elsewhere.
fn found(summary: &Summary) -> Record {
    let at = summary.updated_at.clone().or_else(|| summary.created_at.clone());
    Record {
        at: at.unwrap_or_default(),
        ticket: summary.id,
        by: "editor".to_owned(),
        role: Role::Admin.key().to_owned(),
        action: "found".to_owned(),
        status: summary.status.key().to_owned(),
        steps: summary.history,
        file: format!("{:016x}", summary.file),
    }
}

/// Whether the ticket's history holds the step that the event tells of.
fn tells(ticket: &Ticket, event: &Event) -> bool {
    let steps = ticket.history.iter().enumerate();
    let mut ids = steps.map(|(index, entry)| (format!("{}-{index}-", ticket.id), entry.at.timestamp()));
    ids.any(|(prefix, at)| event.id.starts_with(&prefix) && at == event.at)
}

/// What a line of history is told as.
fn occasion(entry: &HistoryEntry) -> Option<Occasion> {
    let own = entry.by == "requester";
    Some(match entry.action.as_str() {
        "file" => Occasion::Filed,
        "accept" => Occasion::Accepted,
        "assign" => Occasion::Assigned,
        "reply" if own => Occasion::RequesterReplied,
        "reply" => Occasion::Replied,
        "contact" => Occasion::Contacted,
        "risk" => Occasion::Risk,
        "ask" => Occasion::Asked,
        "pend" if entry.to == "approval" => Occasion::ApprovalRequested,
        "pend" => Occasion::Pended,
        "approve" => Occasion::Approved,
        "reject" => Occasion::Rejected,
        "resolve" => Occasion::Resolved,
        "reopen" => Occasion::Reopened,
        "remind" => Occasion::ClosingSoon,
        "confirm" | "close" | "auto_close" => Occasion::Closed,
        "cancel" => Occasion::Cancelled,
        "merge" => Occasion::Merged,
        "rate" => Occasion::Rated,
        "escalate" => Occasion::Escalated,
        _ => return None,
    })
}
