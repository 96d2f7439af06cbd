//! Where a request for approval stands.

use jiff::Zoned;

use super::due::absolute;
use super::people::People;
use super::words::pick;
use crate::config::Config;
use crate::site::context::desk::{DeskApproval, DeskDecision};
use crate::ticket::{ApprovalState, PendingOn, Status, Ticket};

/// `None` for a type that needs no approval and a ticket that never asked for one.
pub(super) fn state(
    config: &Config,
    ticket: &Ticket,
    people: &People,
    now: &Zoned,
    lang: &str,
) -> Option<DeskApproval> {
    let needed = config.request_type(&ticket.kind).is_some_and(|kind| kind.needs_approval);
    let decisions = decisions(ticket, people, now, lang);
    if !needed && decisions.is_empty() {
        return None;
    }
    let waits = ticket.status == Status::Pending && ticket.pending_on == Some(PendingOn::Approval);
    let (state, zh, en) = match ticket.approval.as_ref().map(|approval| approval.state) {
        Some(ApprovalState::Approved) => ("approved", "已批准", "Approved"),
        Some(ApprovalState::Rejected) => ("rejected", "已驳回", "Rejected"),
        _ if waits => ("waiting", "待审批", "Waiting for approval"),
        _ => ("waiting", "尚未送审", "Not sent for approval yet"),
    };
    let approvers = super::office::approvers(config, ticket, people);
    let approvers = approvers.iter().map(|login| people.name(login)).collect();
    Some(DeskApproval { state, state_name: pick(lang, zh, en).to_owned(), approvers, decisions })
}

/// What was decided so far, with who, when and why.
pub(super) fn decisions(ticket: &Ticket, people: &People, now: &Zoned, lang: &str) -> Vec<DeskDecision> {
    let decisions = ticket.approval.iter().flat_map(|approval| &approval.decisions);
    decisions
        .map(|decision| {
            let words = match decision.approved {
                true => pick(lang, "批准", "Approved"),
                false => pick(lang, "驳回", "Rejected"),
            };
            DeskDecision {
                by: if decision.name.is_empty() { people.name(&decision.by) } else { decision.name.clone() },
                time: absolute(&decision.at, now),
                approved: decision.approved,
                words: words.to_owned(),
                reason: decision.reason.clone(),
            }
        })
        .collect()
}
