//! Who may take which step in which state.

use super::{Refusal, Rules, names};
use crate::config::Config;
use crate::ticket::{Actor, ApprovalState, PendingOn, Role, Status, Ticket};

/// Whether `actor` may take the step `key` on `ticket` now.
///
/// # Errors
/// Whose step it is, or which state it needs. Rights come first: who may not act learns nothing of the state.
pub(super) fn check(ticket: &Ticket, key: &str, actor: &Actor, rules: &Rules<'_>) -> Result<(), Refusal> {
    if !is_entitled(ticket, key, actor, rules.config) {
        return Err(denied(ticket, key, actor, rules.lang));
    }
    if !state_allows(ticket, key, actor, rules.config) {
        return Err(wrong_state(ticket, key, rules));
    }
    Ok(())
}

fn is_entitled(ticket: &Ticket, key: &str, actor: &Actor, config: &Config) -> bool {
    let requester = actor.is_requester_of(ticket);
    match key {
        "reply" => requester || works_on(ticket, actor),
        "confirm" | "rate" => requester,
        "reopen" => requester || works_on(ticket, actor),
        "cancel" => requester || works_on(ticket, actor),
        "approve" | "reject" => is_approver(ticket, actor, config),
        "remind" | "escalate" | "auto_close" => actor.role == Role::System,
        // Sorting what is new is everybody's work on the desk.
        "assign" | "triage" | "note" if ticket.status == Status::New => actor.is_staff(),
        _ => works_on(ticket, actor),
    }
}

/// Members of its team, and administrators.
fn works_on(ticket: &Ticket, actor: &Actor) -> bool {
    match actor.role {
        Role::Admin => true,
        Role::Agent | Role::Lead => {
            actor.in_team(&ticket.team) || ticket.team.is_empty() || ticket.assignee == actor.account
        }
        Role::Link | Role::Employee | Role::System => false,
    }
}

/// Named for its type, or else the leads of its team and the administrators; never the requester, nor whom a report
/// without an account names as such.
pub(super) fn is_approver(ticket: &Ticket, actor: &Actor, config: &Config) -> bool {
    if actor.account.is_empty() || actor.may_have_filed(ticket) {
        return false;
    }
    match config.request_type(&ticket.kind) {
        Some(kind) if !kind.approvers.is_empty() => kind.approvers.contains(&actor.account),
        _ => actor.role == Role::Admin || actor.role == Role::Lead && actor.in_team(&ticket.team),
    }
}

/// Whether it waits for the decision of `actor`.
pub(super) fn waits_for(ticket: &Ticket, actor: &Actor, config: &Config) -> bool {
    is_approver(ticket, actor, config) && state_allows(ticket, "approve", actor, config)
}

fn state_allows(ticket: &Ticket, key: &str, actor: &Actor, config: &Config) -> bool {
    let status = ticket.status;
    let working = matches!(status, Status::Accepted | Status::InProgress);
    let pending_on_approval = status == Status::Pending && ticket.pending_on == Some(PendingOn::Approval);
    match key {
        "accept" => status == Status::New,
        "assign" | "contact" | "triage" | "merge" | "cancel" | "escalate" => status.is_open(),
        "note" | "reply" | "key_step" => status.is_open() || status == Status::Resolved,
        "start" => status == Status::Accepted && is_cleared(ticket, config),
        "risk" => working || status == Status::Pending,
        "ask" | "pend" => working,
        // An approval is ended by those who decide, or by taking the request back from them.
        "resume" => status == Status::Pending && !(pending_on_approval && actor.role == Role::Link),
        "approve" | "reject" => pending_on_approval && !has_decided(ticket, actor),
        "resolve" => working && (is_cleared(ticket, config) || is_rejected(ticket)),
        "confirm" | "reopen" | "close" | "auto_close" | "remind" => status == Status::Resolved,
        "rate" => matches!(status, Status::Resolved | Status::Closed) && ticket.rating.is_none(),
        "publish" => matches!(status, Status::Resolved | Status::Closed),
        _ => false,
    }
}

/// Whether work may begin: no approval is needed, or it was given by as many as it takes. A state that somebody wrote into
/// the file without a decision approves nothing.
pub(super) fn is_cleared(ticket: &Ticket, config: &Config) -> bool {
    let Some(kind) = config.request_type(&ticket.kind).filter(|kind| kind.needs_approval) else { return true };
    let Some(approval) = ticket.approval.as_ref().filter(|it| it.state == ApprovalState::Approved) else {
        return false;
    };
    let since = approval.requested_at.as_ref().map(crate::ticket::Moment::timestamp);
    let counts = |it: &&crate::ticket::Decision| {
        it.approved
            && !it.by.is_empty()
            && it.by != ticket.requester.account
            && since.is_none_or(|since| it.at.timestamp() >= since)
            && (kind.approvers.is_empty() || kind.approvers.contains(&it.by))
    };
    approval.decisions.iter().filter(counts).count() >= kind.approvals
}

fn is_rejected(ticket: &Ticket) -> bool {
    ticket.approval.as_ref().is_some_and(|approval| approval.state == ApprovalState::Rejected)
}

/// Whether they decided since the approval was last asked for.
fn has_decided(ticket: &Ticket, actor: &Actor) -> bool {
    ticket.approval.as_ref().is_some_and(|approval| {
        let since = approval.requested_at.as_ref().map(crate::ticket::Moment::timestamp);
        let decisions = approval.decisions.iter();
        decisions.filter(|it| since.is_none_or(|since| it.at.timestamp() >= since)).any(|it| it.by == actor.account)
    })
}

fn denied(ticket: &Ticket, key: &str, actor: &Actor, lang: &str) -> Refusal {
    let (zh, en) = match key {
        "confirm" | "rate" => ("只有提报人可以这样做", "only the requester can do this"),
        "approve" | "reject" if actor.may_have_filed(ticket) => {
            ("不能审批自己的申请", "nobody approves their own request")
        }
        "approve" | "reject" => ("你不是这类申请的审批人", "you are not one of the approvers of this type of request"),
        _ if actor.is_staff() => (
            "这张工单属于其他团队，请先让该团队或管理员转给你们",
            "this ticket belongs to another team: ask that team or an administrator to hand it over",
        ),
        _ => ("只有服务台成员可以这样做", "only members of the service desk can do this"),
    };
    Refusal::denied(lang, zh, en)
}

fn wrong_state(ticket: &Ticket, key: &str, rules: &Rules<'_>) -> Refusal {
    let lang = rules.lang;
    let working = matches!(ticket.status, Status::Accepted | Status::InProgress);
    if working && matches!(key, "start" | "resolve") && !is_cleared(ticket, rules.config) {
        return Refusal::state(
            lang,
            "这类申请要先审批：请先送审批（挂起，等待审批）",
            "this type of request needs approval first: send it for approval (pend, on approval)",
        );
    }
    if key == "rate" && ticket.rating.is_some() {
        return Refusal::state(lang, "已经评价过了", "it has been rated already");
    }
    let status = match ticket.pending_on {
        Some(PendingOn::Approval) if ticket.status == Status::Pending => PendingOn::Approval.name(lang),
        _ => ticket.status.name(lang),
    };
    Refusal::state(
        lang,
        format!("工单现在是“{status}”，不能再“{}”", names::step(key, lang)),
        format!("the ticket is “{status}” now, and this is not possible any more: {}", names::step(key, lang)),
    )
}
