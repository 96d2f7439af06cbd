//! A status that a person set in the file: which step they meant.

use crate::ticket::{PendingOn, Sections, Status, Step, Ticket};

/// The ticket as it was before, and the step that leads from there to what the file says. `None` when no single step
/// does.
pub(super) fn step(ticket: &Ticket, before: Status) -> Option<(Ticket, Step)> {
    let none = String::new;
    let mut base = Ticket { status: before, ..ticket.clone() };
    if before != Status::Pending {
        (base.pending_on, base.pended_at, base.waiting) = (None, None, None);
    }
    let step = match (before, ticket.status) {
        (Status::New, Status::Accepted) => {
            Step::Accept { assignee: ticket.assignee.clone(), team: none(), note: none() }
        }
        (Status::Accepted, Status::InProgress) => Step::Start { note: none() },
        (Status::Accepted | Status::InProgress, Status::Pending) => match ticket.pending_on {
            Some(PendingOn::Requester) | None => Step::Ask { text: asked(ticket) },
            Some(on) => {
                let waiting = ticket.waiting.clone().unwrap_or_default();
                Step::Pend { on, with: waiting.with, until: waiting.until, note: none() }
            }
        },
        (Status::Pending, Status::InProgress) => {
            base.pending_on = Some(ticket.pending_on.unwrap_or(PendingOn::Requester));
            Step::Resume { note: none() }
        }
        (Status::Accepted | Status::InProgress, Status::Resolved) => {
            let Sections { description, environment, cause, resolution } = Sections::of(ticket);
            (base.body, base.resolved_at) = (description, None);
            Step::Resolve { cause, resolution, environment }
        }
        (Status::Resolved, Status::InProgress) => Step::Reopen { reason: "—".to_owned() },
        (Status::Resolved, Status::Closed) => Step::Close { reason: "—".to_owned() },
        (_, Status::Cancelled) => Step::Cancel { reason: "—".to_owned() },
        (_, Status::Merged) => Step::Merge { into: ticket.merged_into? },
        _ => return None,
    };
    base.closed_at = None;
    Some((base, step))
}

fn asked(ticket: &Ticket) -> String {
    match ticket.lang.as_str() {
        "en" => "Please add what is missing",
        _ => "请补充处理所需的信息",
    }
    .to_owned()
}
