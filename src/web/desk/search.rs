//! Finding tickets by words: private, and apart from the public index.

use std::collections::HashSet;

use crate::ticket::{Summary, TicketId};
use crate::web::App;
use crate::web::error::WebError;

/// The tickets that match a query.
#[derive(Debug, Default)]
pub(super) struct Found(HashSet<TicketId>);

impl Found {
    pub(super) fn holds(&self, id: TicketId) -> bool {
        self.0.contains(&id)
    }
}

/// The tickets that `query` finds among all; `None` when nothing is asked.
///
/// # Errors
/// When the tickets cannot be read.
pub(super) async fn find(_app: &App, query: &str, tickets: &[Summary]) -> Result<Option<Found>, WebError> {
    let words: Vec<String> = query.split_whitespace().map(str::to_lowercase).collect();
    if words.is_empty() {
        return Ok(None);
    }
    let matches = |ticket: &&Summary| {
        let text = format!("{} {} {} {}", ticket.id, ticket.title, ticket.requester, ticket.assignee).to_lowercase();
        words.iter().all(|word| text.contains(word))
    };
    Ok(Some(Found(tickets.iter().filter(matches).map(|ticket| ticket.id).collect())))
}
