//! A ticket in the words of its requester: what is public of it, and nothing else.

use jiff::Zoned;

use super::{Named, Own, Trouble, attachment_url, name_of};
use crate::config::{Config, FieldKind};
use crate::site::context::{Pair, TicketSent, Track, TrackAttachment, TrackEvent, TrackForm, TrackRating, TrackStep};
use crate::ticket::{HistoryEntry, Moment, PendingOn, Rating, Sections, Status, Ticket};
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
        by: actor(entry, lang).to_owned(),
        time: when::short(&entry.at.in_zone(&config.time_zone), now),
        text: event_text(entry, lang),
    };
    let sections = Sections::of(ticket);
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
        description: sections.description,
        type_name: name_of(config, Named::Type, &ticket.kind, lang).to_owned(),
        urgency_name: name_of(config, Named::Urgency, &ticket.urgency, lang).to_owned(),
        impact_name: name_of(config, Named::Impact, &ticket.impact, lang).to_owned(),
        team_name: name_of(config, Named::Team, &ticket.team, lang).to_owned(),
        created: time(&ticket.created_at),
        reply_by: reply_by(config, lang, ticket, now),
        fields: pairs(config, lang, ticket, time),
        attachments: attachments.collect(),
        cause: sections.cause,
        resolution: sections.resolution,
        rating: ticket.rating.as_ref().map(|rating| rated(rating, lang)),
        form: None,
    }
}

/// The requester's own steps, of those that are possible.
pub(super) fn form(possible: &[&'static str], url: &str, own: Own<'_>) -> Option<TrackForm> {
    const OWN: [&str; 5] = ["confirm", "reopen", "reply", "rate", "cancel"];
    let steps: Vec<_> = OWN.into_iter().filter(|step| possible.contains(step)).collect();
    let trouble = own.trouble.unwrap_or(Trouble { step: String::new(), message: String::new(), text: String::new() });
    (!steps.is_empty() || !trouble.message.is_empty()).then(|| TrackForm {
        action: format!("{url}/actions"),
        csrf: own.csrf.to_owned(),
        steps,
        failed: trouble.step,
        error: trouble.message,
        text: trouble.text,
    })
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
    if ticket.status == Status::Resolved {
        return pick(lang, "请确认问题是否已经解决", "Please say whether it is solved").to_owned();
    }
    if ticket.status != Status::Pending || ticket.pending_on != Some(PendingOn::Requester) {
        return String::new();
    }
    let asked = ticket.history.iter().rev().find(|entry| entry.action == "ask" && !entry.note.is_empty());
    let usual = pick(lang, "请补充处理所需的信息", "Please add what is missing");
    asked.map_or(usual, |entry| &entry.note).to_owned()
}

/// Staff answer as the service desk: a requester sees no account names.
fn actor(entry: &HistoryEntry, lang: &str) -> &'static str {
    match (entry.by.as_str(), entry.action.as_str()) {
        ("requester", _) => pick(lang, "你", "You"),
        (_, "approve" | "reject") => pick(lang, "审批人", "Approver"),
        _ => pick(lang, "服务台", "Service desk"),
    }
}

fn event_text(entry: &HistoryEntry, lang: &str) -> String {
    let (zh, en) = match entry.action.as_str() {
        "file" => ("提交了工单", "Raised the ticket"),
        "accept" => ("已受理", "Accepted it"),
        "start" => ("开始处理", "Started work"),
        "ask" => ("需要你补充信息", "Needs something from you"),
        "pend" => return pended(entry, lang),
        "contact" => ("联系了你", "Got in touch with you"),
        "risk" => ("操作前告知风险", "Told you of a risk before going on"),
        "approve" | "reject" => return decided(entry, lang),
        "remind" => (
            "等待你确认，一个工作日后自动关闭",
            "Waits for your confirmation; closes by itself after one more working day",
        ),
        "auto_close" => ("没有收到回复，自动关闭", "Closed by itself without an answer"),
        "rate" => ("评价了服务", "Rated the service"),
        "erase" => ("按要求删除了个人信息", "Personal data was erased on request"),
        "resume" => ("继续处理", "Resumed work"),
        "resolve" => ("处理完成", "Resolved it"),
        "confirm" => ("确认已解决", "Confirmed that it is solved"),
        "reopen" => ("反馈未解决，重新打开", "Said that it is not solved"),
        "close" => ("关闭了工单", "Closed it"),
        "cancel" => ("撤销了工单", "Cancelled it"),
        "merge" => return format!("{} {}", pick(lang, "合并到工单", "Merged it into"), entry.to),
        _ => ("", ""),
    };
    let action = pick(lang, zh, en);
    match (action, entry.note.as_str()) {
        ("", note) => note.to_owned(),
        (action, "") => action.to_owned(),
        (action, note) => format!("{action}\n{note}"),
    }
}

/// Whom it waits for.
fn pended(entry: &HistoryEntry, lang: &str) -> String {
    let action = match entry.to.split_once(' ').unwrap_or((&entry.to, "")) {
        ("approval", _) => pick(lang, "已送审批", "Sent for approval").to_owned(),
        ("supplier", "") => pick(lang, "等待供应商", "Waits for a supplier").to_owned(),
        ("supplier", with) => format!("{}{with}", pick(lang, "等待：", "Waits for: ")),
        _ => pick(lang, "暂停处理，等待回复", "Put it on hold").to_owned(),
    };
    if entry.note.is_empty() { action } else { format!("{action}\n{}", entry.note) }
}

/// Who decided, how, and why.
fn decided(entry: &HistoryEntry, lang: &str) -> String {
    let action = match entry.action.as_str() {
        "approve" => pick(lang, "审批通过", "Approved"),
        _ => pick(lang, "审批未通过", "Not approved"),
    };
    let reason = if entry.note.is_empty() { String::new() } else { format!("\n{}", entry.note) };
    format!("{action}{}{}{reason}", pick(lang, "：", ": "), entry.to)
}

/// What the requester said of the service, mark by mark.
fn rated(rating: &Rating, lang: &str) -> TrackRating {
    let marks = [
        (("响应速度", "Speed"), rating.speed),
        (("服务态度", "Attitude"), rating.attitude),
        (("专业能力", "Skill"), rating.skill),
        (("处理结果", "Result"), rating.result),
    ];
    let mark = |((zh, en), mark): ((&str, &str), Option<u8>)| {
        mark.map(|mark| Pair { label: pick(lang, zh, en).to_owned(), value: format!("{mark}/5") })
    };
    TrackRating {
        solved: rating.solved,
        marks: marks.into_iter().filter_map(mark).collect(),
        comment: rating.comment.clone(),
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_read_well() {
        assert_eq!([0, 1_023, 1_024, 1_025, 10_485_760].map(size_text), ["0 B", "1023 B", "1 KB", "2 KB", "10.0 MB"]);
    }
}
