//! What stands beside a ticket: its facts, its requester, its targets, and knowledge that is like it.

use jiff::Zoned;

use super::people::People;
use super::words::{kind_name, pick, status};
use super::{Page, due, thread};
use crate::config::{Config, FieldKind};
use crate::search::Query;
use crate::site::context::Pair;
use crate::site::context::desk::{DeskDue, DeskFile, DeskPageLink, DeskPerson};
use crate::ticket::{Moment, PendingOn, Status, Summary, Ticket, sla};
use crate::web::error::WebError;
use crate::web::track::size_text;
use crate::web::{App, search};

/// Documents shown as similar.
const SIMILAR: usize = 5;
/// Part of the best hit's score below which a document is about something else.
const NEAR: f32 = 0.6;
/// Steps that files come with.
const BRING_FILES: &[&str] = &["reply", "note", "key_step", "contact", "ask", "resolve", "attach", "reopen"];
/// The requester's other tickets.
const OTHERS: usize = 5;

/// The requester's other tickets, the newest first.
pub(super) async fn others(app: &App, ticket: &Ticket) -> Result<Vec<Summary>, WebError> {
    let (id, requester) = (ticket.id, ticket.requester.clone());
    // Without an account it is the name and the department that tell people apart.
    let same = move |other: &Summary| {
        let same = match requester.account.is_empty() {
            true => other.requester == requester.name && other.department == requester.department,
            false => other.account == requester.account,
        };
        (same && other.id != id && !requester.name.is_empty()).then(|| other.clone())
    };
    let mut others = app.tickets.gather(same).await.map_err(super::failed)?;
    others.sort_by_key(|other| std::cmp::Reverse(other.id));
    others.truncate(OTHERS);
    Ok(others)
}

pub(super) fn requester(page: &Page, ticket: &Ticket, others: &[Summary]) -> DeskPerson {
    let requester = &ticket.requester;
    let lang = page.viewer.lang.as_str();
    let link = |other: &Summary| DeskPageLink {
        title: other.title.clone(),
        url: page.url(&format!("/tickets/{}", other.id)),
        note: status(other.status, other.pending_on, lang).name,
    };
    DeskPerson {
        name: requester.name.clone(),
        department: requester.department.clone(),
        contact: requester.contact.clone(),
        contact_url: contact_url(&requester.contact),
        account: requester.account.clone(),
        tickets: others.iter().map(link).collect(),
    }
}

/// `tel:` or `mailto:` where the contact is plainly one of the two.
fn contact_url(contact: &str) -> String {
    let plain = contact.trim();
    let dialled: String = plain.chars().filter(|c| !matches!(c, ' ' | '-' | '(' | ')')).collect();
    let digits = dialled.strip_prefix('+').unwrap_or(&dialled);
    let is_phone = (3..=20).contains(&digits.len()) && digits.bytes().all(|byte| byte.is_ascii_digit());
    let is_mail = plain.split_once('@').is_some_and(|(name, host)| {
        let word =
            |text: &str| !text.is_empty() && text.chars().all(|c| c.is_ascii_alphanumeric() || "._+-".contains(c));
        word(name) && word(host) && host.contains('.')
    });
    match (is_phone, is_mail) {
        (true, _) => format!("tel:{dialled}"),
        (_, true) => format!("mailto:{plain}"),
        _ => String::new(),
    }
}

/// The answers to the type's own questions, and the optional ones.
pub(super) fn fields(config: &Config, ticket: &Ticket, now: &Zoned, lang: &str) -> Vec<Pair> {
    let mut pairs = Vec::new();
    let mut pair = |label: &str, value: String| {
        if !value.is_empty() {
            pairs.push(Pair { label: label.to_owned(), value });
        }
    };
    let known = config.request_type(&ticket.kind).map_or(&[][..], |kind| &kind.fields);
    for field in known {
        let value = ticket.fields.get(&field.key).cloned().unwrap_or_default();
        let choice = field.choices.iter().find(|choice| field.kind == FieldKind::Choice && choice.key == value);
        pair(field.label.get(lang), choice.map_or(value.clone(), |choice| choice.name.get(lang).to_owned()));
    }
    for (key, value) in ticket.fields.iter().filter(|(key, _)| !known.iter().any(|field| field.key == **key)) {
        pair(key, value.clone());
    }
    let time = |moment: &Moment| due::absolute(moment, now);
    pair(pick(lang, "发生时间", "Since"), ticket.occurred_at.as_ref().map(time).unwrap_or_default());
    pair(pick(lang, "触发操作", "What came before"), ticket.trigger.clone());
    pair(pick(lang, "已尝试的步骤", "Tried already"), ticket.steps_tried.clone());
    pairs
}

/// The first response and the resolution: running, standing, met or missed.
pub(super) fn targets(config: &Config, ticket: &Ticket, now: &Zoned, lang: &str) -> Vec<DeskDue> {
    let standing = sla::Targets::of(config, &ticket.urgency).standing(ticket, now.timestamp());
    let open = ticket.status.is_open();
    let target = |label: &str, due: Option<&Moment>, met: Option<bool>, reached: Option<&Moment>| {
        let words = |zh, en| pick(lang, zh, en).to_owned();
        let clock = match (met, reached, due) {
            (Some(met), Some(at), _) => DeskDue {
                text: if met { words("已达标", "Met") } else { words("未达标", "Missed") },
                state: if met { "met" } else { "missed" },
                absolute: due::absolute(at, now),
                ..Default::default()
            },
            (_, _, Some(due)) if open => due::running(due, now, lang),
            (_, _, None) if open => {
                DeskDue { text: words("已暂停", "Paused"), state: "paused", ..Default::default() }
            }
            _ => DeskDue { text: words("未达到", "Not reached"), ..Default::default() },
        };
        DeskDue { label: label.to_owned(), ..clock }
    };
    vec![
        target(
            pick(lang, "首次响应", "First response"),
            Some(&standing.first_response_due),
            standing.first_response_met,
            ticket.first_response_at.as_ref(),
        ),
        target(
            pick(lang, "解决", "Resolution"),
            standing.resolve_due.as_ref(),
            standing.resolve_met,
            ticket.resolved_at.as_ref(),
        ),
    ]
}

/// Whom or what the ticket waits for.
pub(super) fn waiting(ticket: &Ticket, now: &Zoned, lang: &str) -> String {
    let Some(on) = ticket.pending_on.filter(|_| ticket.status == Status::Pending) else { return String::new() };
    let who = match on {
        PendingOn::Requester => pick(lang, "等待提报人补充", "Waiting for the requester"),
        PendingOn::Approval => pick(lang, "等待审批", "Waiting for approval"),
        PendingOn::Supplier => pick(lang, "等待供应商或其他部门", "Waiting for a supplier or another department"),
    };
    let waiting = ticket.waiting.clone().unwrap_or_default();
    let mut text = who.to_owned();
    if !waiting.with.is_empty() {
        text = format!("{text}{}{}", pick(lang, "：", ": "), waiting.with);
    }
    if let Some(until) = &waiting.until {
        let until = due::absolute(until, now);
        text = match lang {
            "zh" => format!("{text}，预计到 {until}"),
            _ => format!("{text}, until {until}"),
        };
    }
    text
}

/// The pages that the requester read before filing.
pub(super) fn read_before(page: &Page, ticket: &Ticket) -> Vec<DeskPageLink> {
    let snapshot = &page.snapshot;
    let link = |path: &String| {
        let url = snapshot.url_of(path).unwrap_or("");
        let title = snapshot.title_of(url).unwrap_or(path).to_owned();
        let url = if url.is_empty() { String::new() } else { crate::site::common::href(&snapshot.config, url) };
        DeskPageLink { title, url, note: String::new() }
    };
    ticket.origin.viewed.iter().map(link).collect()
}

/// The files of a ticket, offered below `url`, each with the place of the history entry it came with.
pub(super) fn files(
    ticket: &Ticket,
    url: &str,
    people: &People,
    now: &Zoned,
    lang: &str,
) -> Vec<(DeskFile, Option<usize>)> {
    let files = ticket.attachments.iter().enumerate();
    files
        .map(|(index, file)| {
            // Times are whole seconds: among several entries of one second, the last that can bring files.
            let came = |at: &Moment| {
                let brings = |action: &str| BRING_FILES.contains(&action);
                let entries = &ticket.history;
                entries.iter().rposition(|entry| entry.at == *at && entry.by == file.by && brings(&entry.action))
            };
            let shown = DeskFile {
                name: file.name.clone(),
                size: size_text(file.size),
                url: format!("{url}/attachments/{}", index + 1),
                by: if file.by.is_empty() { String::new() } else { thread::who(&file.by, ticket, people, lang) },
                time: file.at.as_ref().map(|at| due::absolute(at, now)).unwrap_or_default(),
            };
            (shown, file.at.as_ref().and_then(came))
        })
        .collect()
}

/// Solved records and articles that are like the ticket. When the index has no turn to give, the ticket is shown
/// without them.
pub(super) async fn similar(app: &App, page: &Page, ticket: &Ticket) -> Vec<DeskPageLink> {
    let lang = page.viewer.lang.as_str();
    let query = Query { text: ticket.title.clone(), limit: SIMILAR, lang: Some(lang.to_owned()), ..Default::default() };
    let answer: Result<_, WebError> = search::answer(app, query).await;
    // Nothing similar is said better by an empty list than by the next best.
    let hits = answer.ok().filter(|answer| !answer.weak).map(|answer| answer.hits).unwrap_or_default();
    let near = hits.first().map_or(0.0, |best| best.score * NEAR);
    let own = format!("resolutions/{}", ticket.id);
    let others = hits.into_iter().filter(|hit| !hit.path.starts_with(&own) && hit.score >= near);
    let link = |hit: crate::search::Hit| {
        let kind = kind_name(hit.kind, lang);
        let seen = ticket.origin.viewed.contains(&hit.path);
        let note = match seen {
            true => format!("{kind} · {}", pick(lang, "提报人看到过", "the requester saw it")),
            false => kind.to_owned(),
        };
        DeskPageLink { title: hit.title, url: hit.url, note }
    };
    others.map(link).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_plain_numbers_and_addresses_become_links() {
        assert_eq!(contact_url("138-0013 8000"), "tel:13800138000");
        assert_eq!(contact_url("zhang.san@example.com"), "mailto:zhang.san@example.com");
        for other in ["企业微信 zhangsan", "javascript:alert(1)", "a@b", "x@y.z?bcc=q", ""] {
            assert_eq!(contact_url(other), "", "{other}");
        }
    }
}
