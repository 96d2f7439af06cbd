//! A ticket in the words of its requester: what is public of it, and nothing else.

use std::collections::BTreeMap;

use jiff::Zoned;

use super::standing::{approval, approvers, now, reply_by, solve_by};
use super::{Named, Own, Trouble, attachment_url, events, name_of};
use crate::config::{Config, FieldKind};
use crate::site::context::{Pair, TicketSent, Track, TrackFile, TrackForm, TrackRating, TrackStep};
use crate::ticket::{Moment, PendingOn, Rating, Sections, Status, Ticket};
use crate::web::when;

pub(super) fn pick<'a>(lang: &str, zh: &'a str, en: &'a str) -> &'a str {
    if lang == "zh" { zh } else { en }
}

/// For whom a page is made, and when.
pub(super) struct Reader<'a> {
    pub(super) config: &'a Config,
    pub(super) lang: &'a str,
    pub(super) now: &'a Zoned,
    /// The name of the account with a login, as people know them.
    pub(super) name: &'a dyn Fn(&str) -> Option<String>,
}

impl Reader<'_> {
    pub(super) fn time(&self, moment: &Moment) -> String {
        when::short(&moment.in_zone(&self.config.time_zone), self.now)
    }

    pub(super) fn due(&self, moment: &Moment) -> String {
        when::due(&moment.in_zone(&self.config.time_zone), self.now, self.lang)
    }
}

/// The confirmation. `link` is the tracking link as people write it down.
pub(super) fn sent(reader: &Reader<'_>, ticket: &Ticket, track_url: String, link: String) -> TicketSent {
    let Reader { config, lang, .. } = reader;
    TicketSent {
        id: ticket.id.to_string(),
        title: ticket.title.clone(),
        reply_by: reply_by(reader, ticket),
        track_url,
        link,
        approvers: approvers(reader, ticket),
        team: name_of(config, Named::Team, &ticket.team, lang).to_owned(),
        urgency: name_of(config, Named::Urgency, &ticket.urgency, lang).to_owned(),
    }
}

/// The requester's page. `url` is its own address.
pub(super) fn track(reader: &Reader<'_>, ticket: &Ticket, url: &str) -> Track {
    let Reader { config, lang, .. } = reader;
    let time = |moment: &Option<Moment>| moment.as_ref().map_or_else(String::new, |moment| reader.time(moment));
    let sections = Sections::of(ticket);
    let attachments = ticket.attachments.iter().enumerate().map(|(index, file)| TrackFile {
        name: file.name.clone(),
        size: size_text(file.size),
        url: attachment_url(url, index + 1),
        by: match file.by.as_str() {
            "" | "requester" => pick(lang, "你", "You"),
            _ => pick(lang, "服务台", "Service desk"),
        }
        .to_owned(),
        time: time(&file.at.clone().or(ticket.created_at.clone())),
    });
    let attachments: Vec<_> = attachments.collect();
    let solved = matches!(ticket.status, Status::Resolved | Status::Closed);
    Track {
        id: ticket.id.to_string(),
        title: ticket.title.clone(),
        status: ticket.status.key().to_owned(),
        status_name: status_name(ticket.status, ticket.pending_on, ticket.is_rejected(), lang).to_owned(),
        tone: tone(ticket.status, ticket.is_rejected()),
        steps: steps(ticket, lang, time),
        needs_you: needs_you(ticket, lang),
        now: now(reader, ticket),
        owner: (reader.name)(&ticket.assignee).unwrap_or_default(),
        approval: approval(reader, ticket),
        timeline: events::timeline(reader, ticket, &attachments),
        description: sections.description,
        type_name: name_of(config, Named::Type, &ticket.kind, lang).to_owned(),
        urgency_name: name_of(config, Named::Urgency, &ticket.urgency, lang).to_owned(),
        impact_name: name_of(config, Named::Impact, &ticket.impact, lang).to_owned(),
        team_name: name_of(config, Named::Team, &ticket.team, lang).to_owned(),
        created: time(&ticket.created_at),
        reply_by: reply_by(reader, ticket),
        solve_by: solve_by(reader, ticket),
        fields: pairs(config, lang, ticket, time),
        attachments,
        cause: if solved { sections.cause } else { String::new() },
        resolution: if solved { sections.resolution } else { String::new() },
        rating: ticket.rating.as_ref().map(|rating| rated(rating, lang)),
        form: None,
        follows: ticket.follows.map(|id| id.to_string()).unwrap_or_default(),
        followed_by: Vec::new(),
        again_url: String::new(),
        max_attachments: config.tickets.max_attachments,
        max_attachment_mb: config.tickets.max_attachment_size / (1024 * 1024),
        url: url.to_owned(),
        state_url: String::new(),
        state: String::new(),
    }
}

/// The requester's own steps, of those that are possible. What they typed for a step that no longer is comes back too.
pub(super) fn form(possible: &[&'static str], url: &str, own: Own<'_>) -> Option<TrackForm> {
    const OWN: [&str; 5] = ["confirm", "reopen", "reply", "rate", "cancel"];
    // Rated is what is over: a solution that is not confirmed may still turn out to be none.
    let waits = possible.contains(&"confirm");
    let offered = |step: &&str| possible.contains(step) && !(*step == "rate" && waits);
    let steps: Vec<_> = OWN.into_iter().filter(offered).collect();
    let Trouble { step, message, values } = own.trouble.unwrap_or_default();
    let words = ["text", "reason", "comment"].map(|name| values.get(name).map_or("", |words| words.trim()));
    let gone = !steps.contains(&step.as_str());
    let unsent = words.into_iter().find(|words| gone && !words.is_empty()).unwrap_or_default().to_owned();
    (!steps.is_empty() || !message.is_empty()).then(|| TrackForm {
        action: format!("{url}/actions"),
        csrf: own.csrf.to_owned(),
        steps,
        failed: step,
        error: message,
        values: shown(values),
        unsent,
    })
}

/// What a form shows again, with an entry for every control.
fn shown(mut values: BTreeMap<String, String>) -> BTreeMap<String, String> {
    values.retain(|name, _| !matches!(name.as_str(), "csrf" | "action"));
    values
}

/// What a requester reads as the state: a pending ticket says what it waits for, a refused one that it was.
pub(in crate::web) fn status_name(
    status: Status,
    pending_on: Option<PendingOn>,
    rejected: bool,
    lang: &str,
) -> &'static str {
    match pending_on {
        Some(on) if status == Status::Pending => on.name(lang),
        _ if rejected && status == Status::InProgress => pick(lang, "审批未通过", "Not approved"),
        _ => status.name(lang),
    }
}

pub(in crate::web) fn tone(status: Status, rejected: bool) -> &'static str {
    match status {
        Status::InProgress if rejected => "error",
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
            (Status::InProgress.name(lang), time(&begun(ticket))),
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

/// When work began, be it by asking or waiting for somebody.
fn begun(ticket: &Ticket) -> Option<Moment> {
    let began = |action: &str| matches!(action, "start" | "ask" | "pend" | "resume" | "reopen");
    ticket.history.iter().find(|entry| began(&entry.action)).map(|entry| entry.at.clone())
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
