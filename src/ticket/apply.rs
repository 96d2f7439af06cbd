//! One step of one ticket by one person at one moment: the only place where a ticket changes.
//!
//! Pure: the desk, the requester's page, the API and the command line all come here, and what is refused here is
//! refused everywhere, with what is allowed instead.

mod change;
mod names;
mod refusal;
mod rights;
#[cfg(test)]
mod tests;
mod triage;
mod words;

use jiff::Zoned;

pub use self::refusal::{Refusal, RefusalKind};
use super::{Actor, Occasion, Role, Step, Ticket};
use crate::config::Config;

/// A member of the service desk, as far as a step needs to know them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Member {
    pub name: String,
    pub role: Role,
    pub teams: Vec<String>,
}

/// What a step is judged by, besides the ticket.
pub struct Rules<'a> {
    pub config: &'a Config,
    /// The account with this login, if it can sign in.
    pub member: &'a dyn Fn(&str) -> Option<Member>,
    /// The language of refusals.
    pub lang: &'a str,
}

/// A step that was taken.
#[derive(Debug, Clone, PartialEq)]
pub struct Applied {
    pub ticket: Ticket,
    /// What happened by it, in order.
    pub occasions: Vec<Occasion>,
}

/// Every step a person can take, in the order buttons are shown.
pub const STEPS: [&str; 22] = [
    "accept", "start", "reply", "contact", "ask", "risk", "pend", "resume", "approve", "reject", "resolve", "confirm",
    "reopen", "rate", "close", "assign", "triage", "note", "key_step", "merge", "cancel", "publish",
];

/// The ticket after `step`.
///
/// # Errors
/// [`Refusal`], which says why and what `actor` may do instead.
pub fn apply(ticket: &Ticket, step: &Step, actor: &Actor, now: &Zoned, rules: &Rules<'_>) -> Result<Applied, Refusal> {
    let refuse = |mut refusal: Refusal| {
        refusal.allowed = possible(ticket, actor, rules);
        refusal
    };
    rights::check(ticket, step.key(), actor, rules).map_err(refuse)?;
    change::change(ticket, step, actor, now, rules).map_err(refuse)
}

/// The steps that `actor` may take now: their buttons. What a step needs to be told is checked when it is taken.
pub fn possible(ticket: &Ticket, actor: &Actor, rules: &Rules<'_>) -> Vec<&'static str> {
    STEPS.into_iter().filter(|key| rights::check(ticket, key, actor, rules).is_ok()).collect()
}

/// Whether `actor` is one of those who decide on this type of request, whatever state it is in.
pub fn may_be_approver(ticket: &Ticket, actor: &Actor, config: &Config) -> bool {
    rights::is_approver(ticket, actor, config)
}

/// Whether `actor`, without a part in the service desk, may read the request as its approver: while it waits for their
/// decision, and what they decided on.
pub fn may_read_request(ticket: &Ticket, actor: &Actor, config: &Config) -> bool {
    let decisions = ticket.approval.iter().flat_map(|approval| &approval.decisions);
    rights::waits_for(ticket, actor, config)
        || !actor.account.is_empty() && decisions.into_iter().any(|decision| decision.by == actor.account)
}
