//! A ticket that goes on from a closed one: only whoever may see that one can name it.

use std::collections::BTreeMap;

use crate::config::{Config, RequestType};
use crate::ticket::Ticket;
use crate::web::error::WebError;
use crate::web::session::{SessionActor, my};
use crate::web::{App, track};

/// What a form says it goes on from: the tracking secret of the other ticket, or the number of one's own.
pub(super) fn claimed(fields: &BTreeMap<String, String>) -> &str {
    fields.get("follows").map_or("", |claim| claim.trim())
}

/// The ticket that is meant, if it is theirs. A link that has expired meanwhile keeps nobody from reporting.
pub(super) async fn find(app: &App, visitor: Option<&SessionActor>, claim: &str) -> Result<Option<Ticket>, WebError> {
    if claim.is_empty() {
        return Ok(None);
    }
    if let Some(loaded) = track::find(app, claim).await? {
        return Ok(Some(loaded.ticket));
    }
    let Some(who) = visitor else { return Ok(None) };
    match my::own(app, who, claim).await {
        Ok(loaded) => Ok(Some(loaded.ticket)),
        Err(WebError::NotFound) => Ok(None),
        Err(error) => Err(error),
    }
}

/// What the form need not ask again. Not who they are: a link may have been handed on.
pub(super) fn known_of(config: &Config, ticket: &Ticket) -> BTreeMap<String, String> {
    let words = [("title", &ticket.title), ("type", &ticket.kind), ("impact", &ticket.impact)];
    let mut known: BTreeMap<_, _> = words.map(|(name, value)| (name.to_owned(), value.clone())).into();
    let kind: Option<&RequestType> = config.request_type(&ticket.kind);
    for field in kind.iter().flat_map(|kind| &kind.fields) {
        if let Some(value) = ticket.fields.get(&field.key) {
            known.insert(format!("{}.{}", ticket.kind, field.key), value.clone());
        }
    }
    known
}
