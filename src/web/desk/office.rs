//! The desk's way to the process: what is possible, and doing it.

use super::people::People;
use crate::config::Config;
use crate::ticket::apply::{self, Member, Refusal, Rules};
use crate::ticket::{Actor, Loaded, Role, Step, Ticket, TicketId};
use crate::web::App;
use crate::web::error::WebError;

/// What became of a step.
pub(super) enum Outcome {
    Done,
    /// Somebody was faster; this is how the ticket is now.
    Changed(Box<Loaded>),
    Refused(Refusal),
}

/// The steps that `actor` may take now.
pub(super) fn possible(config: &Config, ticket: &Ticket, actor: &Actor, people: &People) -> Vec<&'static str> {
    let member = |login: &str| member(people, login);
    apply::possible(ticket, actor, &Rules { config, member: &member, lang: "" })
}

fn member(people: &People, login: &str) -> Option<Member> {
    let person = people.get(login).filter(|person| person.active)?;
    Some(Member { name: person.name.clone(), role: person.role, teams: person.teams.clone() })
}

/// The accounts that may decide on a ticket: those its type names, else the leads of its team and the administrators.
pub(super) fn approvers(config: &Config, ticket: &Ticket, people: &People) -> Vec<String> {
    let named = config.request_type(&ticket.kind).map_or(&[][..], |kind| &kind.approvers);
    if !named.is_empty() {
        return named.iter().filter(|login| **login != ticket.requester.account).cloned().collect();
    }
    let decides = |role: Role, teams: &[String]| match role {
        Role::Admin => true,
        Role::Lead => teams.contains(&ticket.team),
        _ => false,
    };
    let all = people
        .iter()
        .filter(|(login, person)| decides(person.role, &person.teams) && **login != ticket.requester.account);
    all.map(|(login, _)| login.clone()).collect()
}

/// Takes a step, if the ticket is still as `etag` says.
///
/// # Errors
/// When there is no such ticket, or it could not be kept.
pub(super) async fn perform(
    app: &App,
    id: TicketId,
    etag: Option<blake3::Hash>,
    step: Step,
    actor: &Actor,
    lang: &str,
) -> Result<Outcome, WebError> {
    let loaded = app.tickets.get(id).await.map_err(super::failed)?.ok_or(WebError::NotFound)?;
    if etag.is_some_and(|etag| etag != loaded.hash) {
        return Ok(Outcome::Changed(Box::new(loaded)));
    }
    let config = app.live.load().config.clone();
    let people = super::people_of(app).await?;
    let now = app.now().to_zoned(config.time_zone.clone());
    let applied = {
        let member = |login: &str| member(&people, login);
        apply::apply(&loaded.ticket, &step, actor, &now, &Rules { config: &config, member: &member, lang })
    };
    match applied {
        Ok(applied) => {
            app.tickets.change(loaded, applied.ticket).await.map_err(super::failed)?;
            app.hub.changed(id);
            Ok(Outcome::Done)
        }
        Err(refusal) => Ok(Outcome::Refused(refusal)),
    }
}
