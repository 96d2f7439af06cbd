//! Where a ticket stands for its requester: who has it now, until when, and how its approval goes.

use super::view::{Reader, pick};
use super::{Named, name_of};
use crate::config::{Config, RequestType};
use crate::site::context::{TrackApproval, TrackEvent};
use crate::ticket::sla::Targets;
use crate::ticket::{ApprovalState, Moment, PendingOn, Status, Ticket};
use crate::web::when;

/// When to expect the first answer; empty once there was one.
pub(super) fn reply_by(reader: &Reader<'_>, ticket: &Ticket) -> String {
    match &ticket.due_at {
        Some(due) if ticket.first_response_at.is_none() && ticket.status.is_open() => reader.due(due),
        _ => String::new(),
    }
}

/// When to expect the solution of an open ticket; while it waits for somebody, that the clock stands still.
pub(super) fn solve_by(reader: &Reader<'_>, ticket: &Ticket) -> String {
    if !ticket.status.is_open() {
        return String::new();
    }
    let (now, lang) = (reader.now.timestamp(), reader.lang);
    match Targets::of(reader.config, &ticket.urgency).standing(ticket, now).resolve_due {
        None => pick(lang, "等待期间暂停计时", "The clock stands still while it waits").to_owned(),
        Some(due) if due.timestamp() < now => match lang {
            "zh" => format!("原定{}，已超过", reader.due(&due)),
            _ => format!("was {}, and is late", reader.due(&due)),
        },
        Some(due) => reader.due(&due),
    }
}

/// Who has it now, and what comes next.
pub(super) fn now(reader: &Reader<'_>, ticket: &Ticket) -> String {
    let lang = reader.lang;
    let team = name_of(reader.config, Named::Team, &ticket.team, lang);
    let team = if team.is_empty() { pick(lang, "服务台", "the service desk") } else { team };
    let owner = (reader.name)(&ticket.assignee);
    match (ticket.status, ticket.pending_on) {
        (Status::New, _) => match lang {
            "zh" => format!("等待{team}受理"),
            _ => format!("Waiting for {team} to accept it"),
        },
        (Status::Pending, Some(PendingOn::Approval)) => match lang {
            "zh" => format!("等待审批：{}", approvers(reader, ticket)),
            _ => format!("Waiting for approval by {}", approvers(reader, ticket)),
        },
        (Status::Pending, Some(PendingOn::Supplier)) => supplier(reader, ticket),
        (Status::Pending, _) => pick(lang, "等你补充信息", "Waiting for you").to_owned(),
        (Status::Accepted | Status::InProgress, _) => match (lang, owner, ticket.is_rejected()) {
            ("zh", Some(name), true) => format!("审批没有通过，{name}会告诉你接下来怎么办"),
            ("zh", None, true) => format!("审批没有通过，{team}会告诉你接下来怎么办"),
            ("zh", Some(name), _) => format!("{name}（{team}）正在处理"),
            ("zh", None, _) => format!("{team}正在处理"),
            (_, Some(name), true) => format!("It was not approved; {name} will tell you what comes next"),
            (_, None, true) => format!("It was not approved; {team} will tell you what comes next"),
            (_, Some(name), _) => format!("{name} ({team}) is working on it"),
            (_, None, _) => format!("{team} is working on it"),
        },
        (Status::Resolved, _) => closing(reader, ticket),
        _ => String::new(),
    }
}

fn supplier(reader: &Reader<'_>, ticket: &Ticket) -> String {
    let lang = reader.lang;
    let waiting = ticket.waiting.clone().unwrap_or_default();
    let with = if waiting.with.is_empty() { pick(lang, "供应商", "a supplier").to_owned() } else { waiting.with };
    match (lang, waiting.until.map(|until| reader.due(&until))) {
        ("zh", Some(until)) => format!("等待：{with}，预计到{until}"),
        ("zh", None) => format!("等待：{with}"),
        (_, Some(until)) => format!("Waiting for {with}, expected by {until}"),
        (_, None) => format!("Waiting for {with}"),
    }
}

/// A solution waits for its requester, and not for ever.
fn closing(reader: &Reader<'_>, ticket: &Ticket) -> String {
    let targets = Targets::of(reader.config, &ticket.urgency);
    let end = targets.closes_at(ticket, reader.config.tickets.auto_close).map(|end| reader.due(&end));
    match (reader.lang, end) {
        ("zh", Some(end)) => format!("等你确认；没有回复的话，{end}自动关闭"),
        ("zh", None) => "等你确认".to_owned(),
        (_, Some(end)) => format!("Waiting for you to confirm; without an answer it closes by itself: {end}"),
        (_, None) => "Waiting for you to confirm".to_owned(),
    }
}

fn kind_of<'a>(config: &'a Config, ticket: &Ticket) -> Option<&'a RequestType> {
    config.request_type(&ticket.kind).filter(|kind| kind.needs_approval)
}

/// Who decides on it, by name; nobody decides on their own request. Empty where its type needs no approval.
pub(super) fn approvers(reader: &Reader<'_>, ticket: &Ticket) -> String {
    let Some(kind) = kind_of(reader.config, ticket) else { return String::new() };
    let others = kind.approvers.iter().filter(|login| **login != ticket.requester.account);
    let names: Vec<_> = others.filter_map(|login| (reader.name)(login)).collect();
    let team = name_of(reader.config, Named::Team, &ticket.team, reader.lang);
    match (reader.lang, names.is_empty()) {
        ("zh", false) => names.join("、"),
        ("zh", true) => format!("{team}的组长"),
        (_, false) => names.join(", "),
        (_, true) => format!("the lead of {team}"),
    }
}

/// How its approval goes; `None` for a type that needs none and a ticket that had none.
pub(super) fn approval(reader: &Reader<'_>, ticket: &Ticket) -> Option<TrackApproval> {
    let lang = reader.lang;
    let kind = kind_of(reader.config, ticket);
    let (state, zh, en) = match (&ticket.approval, kind) {
        (None, None) => return None,
        (None, Some(_)) if ticket.status != Status::New => return None,
        (None, Some(_)) => ("planned", "受理后自动送审", "Sent for approval once it is accepted"),
        (Some(approval), _) => match approval.state {
            ApprovalState::Requested => ("requested", "等待审批", "Waiting for approval"),
            ApprovalState::Approved => ("approved", "审批通过", "Approved"),
            ApprovalState::Rejected => ("rejected", "审批未通过", "Not approved"),
        },
    };
    let approval = ticket.approval.clone().unwrap_or_default();
    let since = approval.requested_at.as_ref().map(Moment::timestamp);
    let fresh = approval.decisions.iter().filter(|it| since.is_none_or(|since| it.at.timestamp() >= since));
    let agreed = fresh.filter(|decision| decision.approved).count();
    let needed = kind.map_or(1, |kind| kind.approvals);
    let decisions = approval.decisions.iter().map(|decision| TrackEvent {
        by: if decision.name.is_empty() {
            pick(lang, "审批人", "Approver").to_owned()
        } else {
            decision.name.clone()
        },
        time: when::short(&decision.at.in_zone(&reader.config.time_zone), reader.now),
        text: match decision.approved {
            true => pick(lang, "同意", "Approved"),
            false => pick(lang, "不同意", "Not approved"),
        }
        .to_owned()
            + &if decision.reason.is_empty() {
                String::new()
            } else {
                format!("{}{}", pick(lang, "：", ": "), decision.reason)
            },
        files: Vec::new(),
    });
    Some(TrackApproval {
        state,
        heading: pick(lang, zh, en).to_owned(),
        approvers: if matches!(state, "planned" | "requested") { approvers(reader, ticket) } else { String::new() },
        count: if state == "requested" { format!("{agreed} / {needed}") } else { String::new() },
        decisions: decisions.collect(),
    })
}
