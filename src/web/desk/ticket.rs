//! `GET /desk/tickets/{id}`: one ticket, its thread, and the steps that are possible.

use std::collections::BTreeMap;

use axum::extract::{Path, Query, State};
use axum::response::{IntoResponse, Redirect, Response};
use serde::Deserialize;

use super::forms::{Occasion, Sent, actions, kept, voices};
use super::people::People;
use super::who::{Staff, Viewer};
use super::words::{impact_name, pick, status, team_name, type_name, urgency};
use super::{Page, approval, due, side, thread};
use crate::config::Config;
use crate::site::context::Pair;
use crate::site::context::desk::{DeskDue, DeskPageLink, DeskTicket, DeskTrouble};
use crate::ticket::{Loaded, Role, Sections, Status, Summary, Ticket, TicketId};
use crate::web::App;
use crate::web::error::WebError;
use crate::web::track::send;
use crate::web::url;

/// The parts of an address below `/desk/tickets`; a language before it is the viewer's business.
#[derive(Debug, Deserialize)]
pub(super) struct At {
    pub(super) id: String,
}

impl At {
    pub(super) fn id(&self) -> Result<TicketId, WebError> {
        self.id.parse().map_err(|_| WebError::NotFound)
    }
}

pub(super) async fn show(
    State(app): State<App>,
    viewer: Viewer,
    Path(at): Path<At>,
    Query(parameters): Query<BTreeMap<String, String>>,
) -> Result<Response, WebError> {
    let page = Page::new(&app, &viewer);
    if !viewer.actor.is_staff() {
        return elsewhere(&app, &page, &at).await;
    }
    let loaded = app.tickets.get(at.id()?).await.map_err(super::failed)?.ok_or(WebError::NotFound)?;
    render(&app, &page, &loaded, None, &parameters).await
}

/// A notice leads approvers to the ticket's page: those who are no staff decide on their own one. Everybody else is
/// told that this is not for them, whether there is such a ticket or not.
async fn elsewhere(app: &App, page: &Page, at: &At) -> Result<Response, WebError> {
    let loaded = app.tickets.get(at.id()?).await.map_err(super::failed)?;
    let decides = loaded.is_some_and(|loaded| {
        app.office.possible(&page.snapshot.config, &loaded.ticket, &page.viewer.actor).contains(&"approve")
    });
    match decides {
        true => Ok(super::private(Redirect::to(&page.url("/approvals")).into_response())),
        false => {
            let message = pick(
                &page.viewer.lang,
                "这一页只对服务台人员开放。自己的工单请看“我的工单”。",
                "This page is for the service desk alone. Your own tickets are under “My tickets”.",
            );
            Err(WebError::Forbidden(message.to_owned()))
        }
    }
}

/// Why a ticket's page is shown instead of going on.
pub(super) struct Setback {
    pub(super) sent: Sent,
    pub(super) trouble: DeskTrouble,
    /// How much of the history the page showed that the step was sent from.
    pub(super) seen: Option<usize>,
    /// Whether files were sent with it: they have to be chosen again.
    pub(super) files_lost: bool,
}

impl Setback {
    /// The trouble as the page says it, once it is known whether the form is still there.
    fn told(self, form_is_gone: bool, lang: &str) -> DeskTrouble {
        let mut trouble = self.trouble;
        let changed = form_is_gone && trouble.kind == "changed";
        let mut parts = if changed { Vec::new() } else { vec![std::mem::take(&mut trouble.message)] };
        if form_is_gone {
            let words = pick(
                lang,
                "这一步现在不能做了。你刚才写的在下面，可以复制到别处。",
                "This step cannot be taken any more. What you wrote is below, to be copied.",
            );
            parts.push(words.to_owned());
        }
        if self.files_lost {
            let words = pick(lang, "附件没有保存，请重新选择。", "The files were not saved: choose them again.");
            parts.push(words.to_owned());
        }
        trouble.message = parts.join(if lang == "zh" { "" } else { " " });
        trouble
    }
}

/// The page of a ticket; with a setback, what was typed is in it again.
pub(super) async fn render(
    app: &App,
    page: &Page,
    loaded: &Loaded,
    setback: Option<Setback>,
    parameters: &BTreeMap<String, String>,
) -> Result<Response, WebError> {
    let people = super::people_of(app).await?;
    let others = side::others(app, &loaded.ticket).await?;
    let id = loaded.ticket.id;
    let account = page.viewer.actor.account.as_str();
    if app.hub.presence.look(id, account, &page.viewer.actor.name, page.now.timestamp()) {
        app.hub.looked();
    }
    let possible = app.office.possible(&page.snapshot.config, &loaded.ticket, &page.viewer.actor);
    let mut context = ticket(page, loaded, setback.as_ref(), &people, &others, &possible);
    context.similar = side::similar(app, page, &loaded.ticket).await;
    // What is similar and was seen before is said once.
    context.origin_pages.retain(|seen| !context.similar.iter().any(|similar| similar.url == seen.url));
    context.viewers = app.hub.presence.others(id, account, page.now.timestamp());
    context.desk = page.desk("ticket", parameters);
    let gone = !context.kept.is_empty();
    context.trouble = setback.map(|setback| setback.told(gone, &page.viewer.lang));
    let title = format!("{id} {}", loaded.ticket.title);
    page.render("desk_ticket.html", &title, &format!("/tickets/{id}"), &context)
}

fn ticket(
    page: &Page,
    loaded: &Loaded,
    setback: Option<&Setback>,
    people: &People,
    others: &[Summary],
    possible: &[&str],
) -> DeskTicket {
    let (ticket, config) = (&loaded.ticket, &*page.snapshot.config);
    let (lang, now) = (page.viewer.lang.as_str(), &page.now);
    let url = page.url(&format!("/tickets/{}", ticket.id));
    let sent = setback.map(|setback| &setback.sent);
    let account = page.viewer.actor.account.as_str();
    let occasion = Occasion { config, lang, ticket, people, account, sent };
    let files = side::files(ticket, &url, people, now, lang);
    let other = |id: TicketId| DeskPageLink {
        title: id.to_string(),
        url: page.url(&format!("/tickets/{id}")),
        note: String::new(),
    };
    let sections = Sections::of(ticket);
    let draft = sent.filter(|sent| possible.contains(&sent.action.as_str()));
    let (actions, composer) = (actions(&occasion, possible), voices(&occasion, possible));
    let draft = draft.filter(|sent| composer.iter().any(|voice| voice.key == sent.action));
    let solved = matches!(ticket.status, Status::Resolved | Status::Closed);
    let thread = thread::entries(config, ticket, people, now, lang, setback.and_then(|setback| setback.seen), &files);
    let loose = files.into_iter().filter(|(_, entry)| entry.is_none()).map(|(file, _)| file);
    let can_publish = possible.contains(&"publish");
    let for_admin = |path: String| if page.viewer.actor.role == Role::Admin { page.url(&path) } else { String::new() };
    DeskTicket {
        id: ticket.id.to_string(),
        back_url: page.url(""),
        title: ticket.title.clone(),
        status: status(ticket.status, ticket.pending_on, lang),
        urgency: urgency(config, &ticket.urgency, lang),
        type_name: type_name(config, &ticket.kind, lang),
        impact_name: impact_name(config, &ticket.impact, lang),
        due: due::of(&Summary::from(ticket), now, lang),
        contact_by: contact_by(page, ticket),
        etag: loaded.hash.to_hex().to_string(),
        seen: ticket.history.len(),
        created: ticket.created_at.as_ref().map(|at| due::absolute(at, now)).unwrap_or_default(),
        requester: side::requester(page, ticket, others),
        team: team_name(config, &ticket.team, lang),
        assignee: if ticket.assignee.is_empty() { String::new() } else { people.name(&ticket.assignee) },
        description: sections.description,
        solution: [
            (pick(lang, "原因", "Cause"), sections.cause),
            (pick(lang, "解决方案", "Resolution"), sections.resolution),
            (pick(lang, "环境", "Environment"), sections.environment),
        ]
        .into_iter()
        .filter(|(_, text)| !text.is_empty())
        .map(|(label, value)| Pair { label: label.to_owned(), value })
        .collect(),
        solution_failed: !solved,
        fields: side::fields(config, ticket, now, lang),
        attachments: loose.collect(),
        thread,
        waiting: side::waiting(ticket, now, lang),
        targets: side::targets(config, ticket, now, lang),
        approval: approval::state(config, ticket, people, now, lang),
        origin_query: ticket.origin.query.clone(),
        origin_pages: side::read_before(page, ticket),
        rating: rating(ticket, lang),
        record: record(page, ticket),
        publish_url: if can_publish && ticket.record.is_empty() { format!("{url}/publish") } else { String::new() },
        draft_url: if can_publish {
            page.url(&format!("/knowledge?view=drafts&from={}", ticket.id))
        } else {
            String::new()
        },
        audit_url: for_admin(format!("/admin/audit?id={}", ticket.id)),
        erase_url: for_admin(format!("/admin/erase/{}", ticket.id)),
        merged_into: ticket.merged_into.map(other),
        kept: kept(&occasion, &actions, &composer),
        composer,
        draft: draft.and_then(|sent| sent.values.get("text")).cloned().unwrap_or_default(),
        files_help: files_help(config, lang),
        actions,
        url,
        ..Default::default()
    }
}

/// The urgent response: the site's highest urgency has to be contacted by its first target, and the clock is on screen
/// until somebody did.
fn contact_by(page: &Page, ticket: &Ticket) -> DeskDue {
    let highest = page.snapshot.config.urgencies.first().is_some_and(|urgency| urgency.key == ticket.urgency);
    match &ticket.due_at {
        Some(due) if highest && ticket.status.is_open() && ticket.first_response_at.is_none() => {
            due::running(due, &page.now, &page.viewer.lang)
        }
        _ => DeskDue::default(),
    }
}

fn rating(ticket: &Ticket, lang: &str) -> Vec<Pair> {
    let Some(rating) = &ticket.rating else { return Vec::new() };
    let solved = if rating.solved { pick(lang, "已解决", "Solved") } else { pick(lang, "未解决", "Not solved") };
    let marks = [
        (pick(lang, "速度", "Speed"), rating.speed),
        (pick(lang, "态度", "Attitude"), rating.attitude),
        (pick(lang, "专业", "Skill"), rating.skill),
        (pick(lang, "结果", "Result"), rating.result),
    ];
    let mark =
        |(label, mark): (&str, Option<u8>)| Some(Pair { label: label.to_owned(), value: format!("{} / 5", mark?) });
    let mut pairs = vec![Pair { label: pick(lang, "问题", "The problem").to_owned(), value: solved.to_owned() }];
    pairs.extend(marks.into_iter().filter_map(mark));
    if !rating.comment.is_empty() {
        pairs.push(Pair { label: pick(lang, "留言", "Comment").to_owned(), value: rating.comment.clone() });
    }
    pairs
}

/// What may be attached.
fn files_help(config: &Config, lang: &str) -> String {
    let (most, size) = (config.tickets.max_attachments, config.tickets.max_attachment_size / 1_048_576);
    match lang {
        "zh" => format!("JPG、PNG、TXT、ZIP，每个不超过 {size} MB，最多 {most} 个"),
        _ => format!("JPG, PNG, TXT, ZIP; up to {size} MB each, at most {most}"),
    }
}

/// The document a ticket was archived as: its page, or its file while that is not compiled.
fn record(page: &Page, ticket: &Ticket) -> Option<DeskPageLink> {
    if ticket.record.is_empty() {
        return None;
    }
    let snapshot = &page.snapshot;
    let path = snapshot.url_of(&ticket.record).unwrap_or("");
    if path.is_empty() {
        let lang = page.viewer.lang.as_str();
        let url = page.url(&format!("/knowledge/file?path={}", url::encode(&ticket.record)));
        let note = pick(lang, "网页正在生成", "its page is being made").to_owned();
        return Some(DeskPageLink { title: ticket.record.clone(), url, note });
    }
    let title = snapshot.title_of(path).unwrap_or(&ticket.record).to_owned();
    Some(DeskPageLink { title, url: crate::site::common::href(&snapshot.config, path), note: String::new() })
}

#[derive(Debug, Deserialize)]
pub(super) struct FileAt {
    id: String,
    pub(super) number: usize,
}

impl FileAt {
    pub(super) fn id(&self) -> Result<TicketId, WebError> {
        self.id.parse().map_err(|_| WebError::NotFound)
    }
}

/// An attachment, by its place in the ticket.
pub(super) async fn attachment(
    State(app): State<App>,
    _staff: Staff,
    Path(at): Path<FileAt>,
) -> Result<Response, WebError> {
    let loaded = app.tickets.get(at.id()?).await.map_err(super::failed)?.ok_or(WebError::NotFound)?;
    send(&app, &loaded, at.number).await
}
