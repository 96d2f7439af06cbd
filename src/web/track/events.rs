//! The public timeline of a ticket, in the words of its requester.

use super::view::{Reader, pick};
use crate::site::context::{TrackEvent, TrackFile};
use crate::ticket::{HistoryEntry, PendingOn, Status, Ticket};
use crate::web::when;

/// What is public, the oldest first; each with the files that came with it.
pub(super) fn timeline(reader: &Reader<'_>, ticket: &Ticket, files: &[TrackFile]) -> Vec<TrackEvent> {
    let waiting = ticket.history.iter().rposition(|entry| entry.action == "pend");
    let history = ticket.history.iter().enumerate();
    let shown = history.filter(|(at, entry)| entry.public && !ticket.resumed_by_itself(*at));
    shown
        .map(|(at, entry)| {
            let text = event_text(reader, entry);
            TrackEvent {
                by: actor(entry, reader.lang).to_owned(),
                time: reader.time(&entry.at),
                text: if waiting == Some(at) { with_end(reader, ticket, text) } else { text },
                files: brought(ticket, at, files),
            }
        })
        .collect()
}

/// The files that came with the step at `index`: a resume that follows by itself has none of its own.
fn brought(ticket: &Ticket, index: usize, files: &[TrackFile]) -> Vec<TrackFile> {
    let step = &ticket.history[index];
    let pairs = ticket.attachments.iter().zip(files);
    pairs
        .filter(|(file, _)| file.at.as_ref() == Some(&step.at) && file.by == step.by)
        .map(|(_, shown)| shown.clone())
        .collect()
}

/// Staff answer as the service desk: a requester sees no account names.
fn actor(entry: &HistoryEntry, lang: &str) -> &'static str {
    match (entry.by.as_str(), entry.action.as_str()) {
        ("requester", _) => pick(lang, "你", "You"),
        (_, "approve" | "reject") => pick(lang, "审批人", "Approver"),
        ("system", _) => pick(lang, "系统", "System"),
        _ => pick(lang, "服务台", "Service desk"),
    }
}

fn event_text(reader: &Reader<'_>, entry: &HistoryEntry) -> String {
    let lang = reader.lang;
    let (zh, en) = match entry.action.as_str() {
        "file" => ("提交了工单", "Raised the ticket"),
        "accept" => return accepted(reader, entry),
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
    if action.is_empty() { entry.note.clone() } else { noted(action.to_owned(), entry) }
}

fn noted(action: String, entry: &HistoryEntry) -> String {
    if entry.note.is_empty() { action } else { format!("{action}\n{}", entry.note) }
}

/// Who took it on: somebody is responsible from here on, and the requester knows who.
fn accepted(reader: &Reader<'_>, entry: &HistoryEntry) -> String {
    let login = entry.to.split_once('/').map_or("", |(_, login)| login);
    let action = match (reader.lang, (reader.name)(login)) {
        ("zh", Some(name)) => format!("已受理，由{name}负责"),
        ("zh", None) => "已受理".to_owned(),
        (_, Some(name)) => format!("Accepted; {name} takes care of it"),
        (_, None) => "Accepted it".to_owned(),
    };
    noted(action, entry)
}

/// Whom it waits for.
fn pended(entry: &HistoryEntry, lang: &str) -> String {
    let action = match entry.to.split_once(' ').unwrap_or((&entry.to, "")) {
        ("approval", _) => pick(lang, "已送审批", "Sent for approval").to_owned(),
        ("supplier", "") => pick(lang, "等待供应商", "Waits for a supplier").to_owned(),
        ("supplier", with) => format!("{}{with}", pick(lang, "等待：", "Waits for: ")),
        _ => pick(lang, "暂停处理，等待回复", "Put it on hold").to_owned(),
    };
    noted(action, entry)
}

/// Until when a supplier is waited for, as long as that is so.
fn with_end(reader: &Reader<'_>, ticket: &Ticket, text: String) -> String {
    let waits = ticket.status == Status::Pending && ticket.pending_on == Some(PendingOn::Supplier);
    let until = ticket.waiting.as_ref().filter(|_| waits).and_then(|waiting| waiting.until.as_ref());
    let Some(until) = until else { return text };
    let until = when::due(&until.in_zone(&reader.config.time_zone), reader.now, reader.lang);
    let (first, rest) = text.split_once('\n').map_or((text.as_str(), String::new()), |(a, b)| (a, format!("\n{b}")));
    match reader.lang {
        "zh" => format!("{first}，预计到{until}{rest}"),
        _ => format!("{first}, expected by {until}{rest}"),
    }
}

/// Who decided, how, and why.
fn decided(entry: &HistoryEntry, lang: &str) -> String {
    let action = match entry.action.as_str() {
        "approve" => pick(lang, "审批通过", "Approved"),
        _ => pick(lang, "审批未通过", "Not approved"),
    };
    noted(format!("{action}{}{}", pick(lang, "：", ": "), entry.to), entry)
}
