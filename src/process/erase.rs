//! Erasing a person's data from a ticket on request.

use jiff::Zoned;
use serde::Serialize;

use super::{Office, ProcessError};
use crate::config::Config;
use crate::ticket::{Actor, Changed, HistoryEntry, Moment, Origin, Requester, Role, Status, Ticket, TicketId};

/// What stands where something was erased.
const ERASED: &str = "〔已删除 erased〕";

/// What was touched, for whoever asked for it.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct Erased {
    /// Keys of the front matter whose values are gone.
    pub fields: Vec<String>,
    /// Names of the attachments that were removed.
    pub attachments: Vec<String>,
    /// Notes of the history that were emptied.
    pub notes: usize,
    /// Notices that were taken out of the outbox.
    pub notices: usize,
    /// Copies of the ticket beside its file, which hold what an editor and the program wrote at once.
    pub copies: Vec<String>,
    /// The resolution record or article written from it, which is not touched: it holds nobody's data by its gate, and a
    /// person has to look.
    pub record: String,
}

impl Erased {
    /// What erasing would touch in the ticket's own file, to be looked at before it is done.
    pub fn in_prospect(ticket: &Ticket) -> Self {
        let mut erased = Self { record: ticket.record.clone(), ..Self::default() };
        strip(ticket, &mut erased);
        erased
    }
}

impl Office {
    /// Takes everything out of a ticket that a person wrote or that says who they are; its number, times, states and
    /// marks stay for the figures. Backups and the history of git are not reached.
    ///
    /// # Errors
    /// As [`Office::perform`]; only administrators may.
    pub async fn erase(
        &self,
        config: &Config,
        id: TicketId,
        actor: &Actor,
        now: Zoned,
    ) -> Result<Erased, ProcessError> {
        if actor.role != Role::Admin {
            let rules = "only administrators may erase".to_owned();
            let message = if config.default_language() == "zh" {
                "只有管理员可以删除个人信息".to_owned()
            } else {
                rules
            };
            let kind = crate::ticket::apply::RefusalKind::Denied;
            return Err(crate::ticket::apply::Refusal { kind, message, field: None, allowed: Vec::new() }.into());
        }
        let loaded = self.store.get(id).await?.ok_or(ProcessError::NotFound(id))?;
        let mut erased = Erased { record: loaded.ticket.record.clone(), ..Erased::default() };
        let attachments = loaded.ticket.attachments.clone();
        let bare = strip(&loaded.ticket, &mut erased);
        let entry = HistoryEntry {
            at: Moment::at(now.timestamp(), &config.time_zone),
            by: actor.account.clone(),
            action: "erase".to_owned(),
            public: true,
            ..HistoryEntry::default()
        };
        // Nobody can be asked or answered any more: what was open ends here.
        let status = match bare.status {
            Status::Resolved => Status::Closed,
            status if status.is_open() => Status::Cancelled,
            status => status,
        };
        let ended = (status != bare.status).then(|| entry.at.clone());
        let closed_at = bare.closed_at.clone().or(ended);
        let history = bare.history.iter().cloned().chain([entry]).collect();
        let ticket = Ticket { history, status, closed_at, pending_on: None, waiting: None, pended_at: None, ..bare };
        // Comments that people left in the file may name the person as well: it is written anew.
        let Changed { loaded, .. } = self.store.rewrite(loaded, ticket).await?;
        erased.copies = self.store.remove_traces(id, attachments).await?;
        let outbox = self.outbox.clone();
        let notices = tokio::task::spawn_blocking(move || outbox.erase(id)).await;
        match notices {
            Ok(Ok(count)) => erased.notices = count,
            Ok(Err(error)) => tracing::error!(%id, %error, "notices could not be erased"),
            Err(error) => tracing::error!(%id, %error, "erasing notices was cut off"),
        }
        let record = self.record(&loaded.ticket, loaded.hash, "erase", actor);
        self.conclude(vec![record], &[]).await;
        Ok(erased)
    }
}

/// The ticket without anything personal.
fn strip(ticket: &Ticket, erased: &mut Erased) -> Ticket {
    let mut bare = ticket.clone();
    let gone = |field: &mut String, name: &str, erased: &mut Erased| {
        if !field.is_empty() {
            *field = ERASED.to_owned();
            erased.fields.push(name.to_owned());
        }
    };
    gone(&mut bare.title, "title", erased);
    gone(&mut bare.requester.name, "requester.name", erased);
    gone(&mut bare.requester.department, "requester.department", erased);
    gone(&mut bare.requester.contact, "requester.contact", erased);
    gone(&mut bare.trigger, "trigger", erased);
    gone(&mut bare.steps_tried, "steps_tried", erased);
    gone(&mut bare.body, "body", erased);
    bare.requester = Requester { account: String::new(), ..bare.requester };
    for (key, value) in &mut bare.fields {
        gone(value, &format!("fields.{key}"), erased);
    }
    if bare.origin != Origin::default() {
        bare.origin = Origin::default();
        erased.fields.push("origin".to_owned());
    }
    if let Some(rating) = &mut bare.rating {
        gone(&mut rating.comment, "rating.comment", erased);
    }
    for decision in bare.approval.iter_mut().flat_map(|approval| &mut approval.decisions) {
        gone(&mut decision.reason, "approval.reason", erased);
    }
    for entry in bare.history.iter_mut().filter(|entry| !entry.note.is_empty()) {
        entry.note = ERASED.to_owned();
        erased.notes += 1;
    }
    bare.extra.clear();
    bare.intents.clear();
    erased.attachments = bare.attachments.drain(..).map(|file| file.name).collect();
    (bare.tracking, bare.idempotency) = (None, None);
    bare
}
