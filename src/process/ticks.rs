//! What the program does by itself as time passes: reminds, escalates, closes.

use jiff::{SignedDuration, Timestamp, Zoned};

use super::{Office, ProcessError, Request};
use crate::config::Config;
use crate::ticket::sla::Targets;
use crate::ticket::{Actor, PendingOn, Status, Step, StoreError, Summary, Ticket};

/// Seconds: a first answer that is due this soon is urgent, and its lead is told when half of the time has passed too.
const URGENT: u64 = 30 * 60;
/// A target that was missed longer ago is no news.
const STALE: SignedDuration = SignedDuration::from_hours(7 * 24);

impl Office {
    /// Looks at every ticket that somebody may be late with, and does what is due at `now`: how many steps that were.
    ///
    /// # Errors
    /// When the tickets cannot be read. A ticket that cannot be changed is left for the next time.
    pub async fn tick(&self, config: &Config, now: Timestamp) -> Result<usize, StoreError> {
        let concerned = |summary: &Summary| summary.status.is_open() || summary.status == Status::Resolved;
        let ids = self.store.gather(move |summary| concerned(summary).then_some(summary.id)).await?;
        let mut taken = 0;
        for id in ids {
            let Some(loaded) = self.store.get(id).await.ok().flatten() else { continue };
            for step in due(config, &loaded.ticket, now) {
                let (actor, lang) = (Actor::system(), config.default_language());
                let now: Zoned = now.to_zoned(config.time_zone.clone());
                let request = Request { id, step, actor: &actor, if_match: None, files: None, now, lang };
                match self.perform(config, request).await {
                    Ok(_) => taken += 1,
                    // Somebody was faster, and it is no longer due.
                    Err(ProcessError::Refused(_) | ProcessError::NotFound(_)) => {}
                    Err(error) => tracing::error!(%id, %error, "what was due could not be done"),
                }
            }
        }
        Ok(taken)
    }
}

/// The steps that are due for a ticket.
pub(super) fn due(config: &Config, ticket: &Ticket, now: Timestamp) -> Vec<Step> {
    match ticket.status {
        Status::Resolved => closing(config, ticket, now).into_iter().collect(),
        status if status.is_open() => late(config, ticket, now),
        _ => Vec::new(),
    }
}

/// A solution that nobody answered: a notice one working day before, then the end.
fn closing(config: &Config, ticket: &Ticket, now: Timestamp) -> Option<Step> {
    let solved = ticket.resolved_at.as_ref()?;
    let targets = Targets::of(config, &ticket.urgency);
    let working = targets.calendar_time();
    let whole = working.seconds(config.tickets.auto_close);
    let day = working.seconds(std::time::Duration::from_secs(86_400)).min(whole / 2);
    if !since(ticket, "resolve").any(|entry| entry.action == "remind") {
        return (now >= working.after(solved, whole - day).timestamp()).then_some(Step::Remind {});
    }
    let end = targets.closes_at(ticket, config.tickets.auto_close)?;
    (now >= end.timestamp()).then_some(Step::AutoClose {})
}

/// Targets that are near or missed, each told once.
fn late(config: &Config, ticket: &Ticket, now: Timestamp) -> Vec<Step> {
    let Some(created) = &ticket.created_at else { return Vec::new() };
    let targets = Targets::of(config, &ticket.urgency);
    let standing = targets.standing(ticket, now);
    let mut levels = Vec::new();
    // What was missed long ago is on the desk's list of overdue tickets; news of it would come with an imported tree.
    let mut level = |name: &'static str, from: Timestamp| {
        if now >= from && now.duration_since(from) <= STALE {
            levels.push(name);
        }
    };
    if ticket.first_response_at.is_none() {
        let whole = targets.first_response_part(created, 100).timestamp();
        level("first_response", whole);
        if now < whole && targets.first_response_seconds() <= URGENT {
            level("first_response_half", targets.first_response_part(created, 50).timestamp());
        }
    }
    if let Some(due) = standing.resolve_due {
        level("resolve", due.timestamp());
    }
    if let Some(until) = ticket.waiting.as_ref().and_then(|waiting| waiting.until.as_ref())
        && ticket.pending_on == Some(PendingOn::Supplier)
    {
        level("supplier", until.timestamp());
    }
    let told = |level: &str| {
        let from = if level == "supplier" { "pend" } else { "reopen" };
        since(ticket, from).any(|entry| entry.action == "escalate" && entry.to == level)
    };
    levels.into_iter().filter(|level| !told(level)).map(|level| Step::Escalate { level: level.to_owned() }).collect()
}

/// The history from the last `action` on, or all of it.
fn since<'a>(ticket: &'a Ticket, action: &str) -> impl Iterator<Item = &'a crate::ticket::HistoryEntry> {
    let from = ticket.history.iter().rposition(|entry| entry.action == action).unwrap_or(0);
    ticket.history[from..].iter()
}
