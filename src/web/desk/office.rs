//! The desk's way to the process: what is possible, and doing it.

use super::people::People;
use crate::config::Config;
use crate::process::{ProcessError, Request};
use crate::ticket::apply::{Refusal, may_be_approver};
use crate::ticket::{Actor, Loaded, Staging, Step, Ticket, TicketId};
use crate::web::App;
use crate::web::error::WebError;

/// What became of a step.
pub(super) enum Outcome {
    Done,
    /// Somebody was faster; this is how the ticket is now.
    Changed(Box<Loaded>),
    Refused(Refusal),
}

/// The accounts that may decide on a ticket, as the process judges it.
pub(super) fn approvers(config: &Config, ticket: &Ticket, people: &People) -> Vec<String> {
    let may = people.iter().filter(|(login, person)| {
        let (account, name, teams) = ((*login).clone(), person.name.clone(), person.teams.clone());
        let actor = Actor { account, name, role: person.role, teams, email: person.email.clone() };
        person.active && may_be_approver(ticket, &actor, config)
    });
    may.map(|(login, _)| login.clone()).collect()
}

/// Who gives a ticket to a person and leaves its team alone means that person's team.
pub(super) fn placed(step: Step, ticket: &Ticket, people: &People) -> Step {
    let for_person = |team: String, assignee: &str| {
        let unchanged = team.trim().is_empty() || team.trim() == ticket.team;
        let own = people.team_of(assignee.trim(), &ticket.team).filter(|_| unchanged);
        own.map_or(team, str::to_owned)
    };
    match step {
        Step::Assign { team, assignee, note } => Step::Assign { team: for_person(team, &assignee), assignee, note },
        Step::Accept { team, assignee, note } => Step::Accept { team: for_person(team, &assignee), assignee, note },
        step => step,
    }
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
    files: Option<Staging>,
    actor: &Actor,
    lang: &str,
) -> Result<Outcome, WebError> {
    let config = app.live.load().config.clone();
    let now = app.now().to_zoned(config.time_zone.clone());
    let request = Request { id, step, actor, if_match: etag, files, now, lang };
    match app.office.perform(&config, request).await {
        Ok(done) => {
            if let Some(copy) = done.copy {
                tracing::warn!(%id, copy = %copy.display(), "somebody edited the file in that very moment; their text is kept");
            }
            app.hub.changed(id);
            Ok(Outcome::Done)
        }
        Err(ProcessError::Changed(loaded)) => Ok(Outcome::Changed(loaded)),
        Err(ProcessError::Refused(refusal)) => Ok(Outcome::Refused(refusal)),
        Err(ProcessError::NotFound(_)) => Err(WebError::NotFound),
        Err(ProcessError::Store(error)) => Err(super::failed(error)),
    }
}
