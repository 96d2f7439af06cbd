//! A ticket in the words of its requester: what is public of it, and nothing else.

use jiff::Zoned;
use serde_json::{Value, json};

use super::{Named, attachment_url, name_of};
use crate::config::{Config, FieldKind};
use crate::site::context::{Pair, TicketSent, Track, TrackAttachment, TrackEvent, TrackStep};
use crate::ticket::{HistoryEntry, Moment, PendingOn, Status, Ticket};
use crate::web::when;

fn pick<'a>(lang: &str, zh: &'a str, en: &'a str) -> &'a str {
    if lang == "zh" { zh } else { en }
}

/// The confirmation.
pub(super) fn sent(config: &Config, lang: &str, ticket: &Ticket, track_url: String, now: &Zoned) -> TicketSent {
    TicketSent {
        id: ticket.id.to_string(),
        title: ticket.title.clone(),
        reply_by: reply_by(config, lang, ticket, now),
        track_url,
        team: name_of(config, Named::Team, &ticket.team, lang).to_owned(),
        urgency: name_of(config, Named::Urgency, &ticket.urgency, lang).to_owned(),
    }
}

/// When to expect the first answer; empty once there was one.
fn reply_by(config: &Config, lang: &str, ticket: &Ticket, now: &Zoned) -> String {
    match &ticket.due_at {
        Some(due) if ticket.first_response_at.is_none() && ticket.status.is_open() => {
            when::due(&due.in_zone(&config.time_zone), now, lang)
        }
        _ => String::new(),
    }
}

/// The requester's page. `url` is its own address.
pub(super) fn track(config: &Config, lang: &str, ticket: &Ticket, url: &str, now: &Zoned) -> Track {
    let time = |moment: &Option<Moment>| {
        moment.as_ref().map_or_else(String::new, |moment| when::short(&moment.in_zone(&config.time_zone), now))
    };
    let public = ticket.history.iter().filter(|entry| entry.public);
    let event = |entry: &HistoryEntry| TrackEvent {
        by: actor(&entry.by, lang).to_owned(),
        time: when::short(&entry.at.in_zone(&config.time_zone), now),
        text: event_text(entry, lang),
    };
    let attachments = ticket.attachments.iter().enumerate().map(|(index, file)| TrackAttachment {
        name: file.name.clone(),
        size: size_text(file.size),
        url: attachment_url(url, index + 1),
    });
    Track {
        id: ticket.id.to_string(),
        title: ticket.title.clone(),
        status: ticket.status.key().to_owned(),
        status_name: status_name(ticket.status, ticket.pending_on, lang).to_owned(),
        tone: tone(ticket.status),
        steps: steps(ticket, lang, time),
        needs_you: needs_you(ticket, lang),
        timeline: public.map(event).collect(),
        description: ticket.body.clone(),
        type_name: name_of(config, Named::Type, &ticket.kind, lang).to_owned(),
        urgency_name: name_of(config, Named::Urgency, &ticket.urgency, lang).to_owned(),
        impact_name: name_of(config, Named::Impact, &ticket.impact, lang).to_owned(),
        team_name: name_of(config, Named::Team, &ticket.team, lang).to_owned(),
        created: time(&ticket.created_at),
        reply_by: reply_by(config, lang, ticket, now),
        fields: pairs(config, lang, ticket, time),
        attachments: attachments.collect(),
        resolution_html: String::new(),
    }
}

/// What a requester reads as the state: a pending ticket says what it waits for.
pub(in crate::web) fn status_name(status: Status, pending_on: Option<PendingOn>, lang: &str) -> &'static str {
    match pending_on {
        Some(on) if status == Status::Pending => on.name(lang),
        _ => status.name(lang),
    }
}

pub(in crate::web) fn tone(status: Status) -> &'static str {
    match status {
        Status::New | Status::Accepted | Status::InProgress => "info",
        Status::Pending => "warning",
        Status::Resolved | Status::Closed => "success",
        Status::Cancelled | Status::Merged => "muted",
    }
}

fn steps(ticket: &Ticket, lang: &str, time: impl Fn(&Option<Moment>) -> String) -> Vec<TrackStep> {
    let filed = (pick(lang, "已提交", "Sent"), time(&ticket.created_at));
    let ended = matches!(ticket.status, Status::Cancelled | Status::Merged);
    let names = match ended {
        true => vec![filed, (ticket.status.name(lang), time(&ticket.closed_at))],
        false => vec![
            filed,
            (Status::Accepted.name(lang), time(&ticket.accepted_at)),
            (Status::InProgress.name(lang), String::new()),
            (Status::Resolved.name(lang), time(&ticket.resolved_at)),
            (Status::Closed.name(lang), time(&ticket.closed_at)),
        ],
    };
    let current = match ticket.status {
        Status::New => 0,
        Status::Accepted | Status::Cancelled | Status::Merged => 1,
        Status::InProgress | Status::Pending => 2,
        Status::Resolved => 3,
        Status::Closed => 4,
    };
    let step = |(index, (name, time)): (usize, (&str, String))| TrackStep {
        name: name.to_owned(),
        state: match index.cmp(&current) {
            std::cmp::Ordering::Less => "done",
            std::cmp::Ordering::Equal => "current",
            std::cmp::Ordering::Greater => "todo",
        },
        time,
    };
    names.into_iter().enumerate().map(step).collect()
}

/// What the requester is waited for: the last thing that was asked in public.
fn needs_you(ticket: &Ticket, lang: &str) -> String {
    if ticket.status != Status::Pending || ticket.pending_on != Some(PendingOn::Requester) {
        return String::new();
    }
    let asked = ticket.history.iter().rev().find(|entry| entry.public && !entry.note.is_empty());
    let usual = pick(lang, "请补充处理所需的信息", "Please add what is missing");
    asked.map_or(usual, |entry| &entry.note).to_owned()
}

/// Staff answer as the service desk: a requester sees no account names.
fn actor(by: &str, lang: &str) -> &'static str {
    match by {
        "requester" => pick(lang, "你", "You"),
        _ => pick(lang, "服务台", "Service desk"),
    }
}

fn event_text(entry: &HistoryEntry, lang: &str) -> String {
    let (zh, en) = match entry.action.as_str() {
        "file" => ("提交了工单", "Raised the ticket"),
        "accept" => ("已受理", "Accepted it"),
        "start" => ("开始处理", "Started work"),
        "pend" => ("暂停处理，等待回复", "Put it on hold"),
        "resume" => ("继续处理", "Resumed work"),
        "resolve" => ("处理完成", "Resolved it"),
        "confirm" => ("确认已解决", "Confirmed that it is solved"),
        "reopen" => ("反馈未解决，重新打开", "Said that it is not solved"),
        "close" => ("关闭了工单", "Closed it"),
        "cancel" => ("撤销了工单", "Cancelled it"),
        "merge" => ("合并到另一张工单", "Merged it into another ticket"),
        _ => ("", ""),
    };
    let action = pick(lang, zh, en);
    match (action, entry.note.as_str()) {
        ("", note) => note.to_owned(),
        (action, "") => action.to_owned(),
        (action, note) => format!("{action}\n{note}"),
    }
}

/// The type's own questions and the optional ones, as far as they were answered.
fn pairs(config: &Config, lang: &str, ticket: &Ticket, time: impl Fn(&Option<Moment>) -> String) -> Vec<Pair> {
    let mut pairs = Vec::new();
    let mut pair = |label: &str, value: String| {
        if !value.is_empty() {
            pairs.push(Pair { label: label.to_owned(), value });
        }
    };
    for field in config.request_type(&ticket.kind).iter().flat_map(|kind| &kind.fields) {
        let value = ticket.fields.get(&field.key).cloned().unwrap_or_default();
        let choice = field.choices.iter().find(|choice| field.kind == FieldKind::Choice && choice.key == value);
        pair(field.label.get(lang), choice.map_or(value.clone(), |choice| choice.name.get(lang).to_owned()));
    }
    pair(pick(lang, "发生时间", "Since"), time(&ticket.occurred_at));
    pair(pick(lang, "触发操作", "What came before"), ticket.trigger.clone());
    pair(pick(lang, "已尝试的步骤", "Tried already"), ticket.steps_tried.clone());
    pairs
}

pub(in crate::web) fn size_text(bytes: u64) -> String {
    match bytes {
        0..1_024 => format!("{bytes} B"),
        1_024..1_048_576 => format!("{} KB", bytes.div_ceil(1_024)),
        _ => {
            let tenths = bytes * 10 / 1_048_576;
            format!("{}.{} MB", tenths / 10, tenths % 10)
        }
    }
}

/// A link that opens nothing: what may have happened, and what to do.
pub(super) fn unknown_link(lang: &str, phone: &str) -> (&'static str, String) {
    match (lang, phone) {
        ("zh", "") => (
            "这个链接打不开工单",
            "链接可能不完整，或者已经过期。请从提交后的页面重新复制链接，或者重新提交工单。".to_owned(),
        ),
        ("zh", phone) => (
            "这个链接打不开工单",
            format!("链接可能不完整，或者已经过期。请从提交后的页面重新复制链接，或拨打 {phone} 并报出工单编号。"),
        ),
        (_, "") => (
            "This link opens no ticket",
            "It may be incomplete, or it has expired. Copy it again from the confirmation, or raise a new ticket."
                .to_owned(),
        ),
        (_, phone) => (
            "This link opens no ticket",
            format!(
                "It may be incomplete, or it has expired. Copy it again from the confirmation, or call {phone} and give the ticket's number."
            ),
        ),
    }
}

/// The public view of the API: what the requester's page shows.
pub(super) fn public(ticket: &Ticket) -> Value {
    let history = ticket.history.iter().filter(|entry| entry.public).map(|entry| {
        let by = if entry.by == "requester" { "requester" } else { "service desk" };
        json!({ "at": entry.at, "by": by, "action": entry.action, "note": entry.note })
    });
    let attachments =
        ticket.attachments.iter().map(|file| json!({ "name": file.name, "size": file.size, "sha256": file.sha256 }));
    json!({
        "id": ticket.id,
        "title": ticket.title,
        "type": ticket.kind,
        "urgency": ticket.urgency,
        "impact": ticket.impact,
        "status": ticket.status,
        "pending_on": ticket.pending_on,
        "team": ticket.team,
        "created_at": ticket.created_at,
        "accepted_at": ticket.accepted_at,
        "due_at": ticket.due_at,
        "resolved_at": ticket.resolved_at,
        "closed_at": ticket.closed_at,
        "occurred_at": ticket.occurred_at,
        "description": ticket.body,
        "fields": ticket.fields,
        "attachments": attachments.collect::<Vec<_>>(),
        "history": history.collect::<Vec<_>>(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_read_well() {
        assert_eq!([0, 1_023, 1_024, 1_025, 10_485_760].map(size_text), ["0 B", "1023 B", "1 KB", "2 KB", "10.0 MB"]);
    }
}
