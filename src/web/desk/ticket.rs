//! `GET /desk/tickets/{id}`: one ticket, its thread, and the steps that are possible.

use std::collections::BTreeMap;

use axum::extract::{Path, Query, State};
use axum::response::{IntoResponse, Redirect, Response};
use serde::Deserialize;

use super::forms::{Occasion, Sent, actions, voices};
use super::people::People;
use super::who::{Staff, Viewer};
use super::words::{impact_name, pick, status, team_name, type_name, urgency};
use super::{Page, approval, due, side, thread};
use crate::site::context::desk::{DeskDue, DeskPageLink, DeskTicket, DeskTrouble};
use crate::site::context::{Pair, TrackAttachment};
use crate::ticket::{Loaded, Sections, Summary, Ticket, TicketId};
use crate::web::App;
use crate::web::error::WebError;
use crate::web::track::{send, size_text};

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
        false => Err(WebError::Forbidden(String::new())),
    }
}

/// Why a ticket's page is shown instead of going on.
pub(super) struct Setback {
    pub(super) sent: Sent,
    pub(super) trouble: DeskTrouble,
    /// How much of the history the page showed that the step was sent from.
    pub(super) seen: Option<usize>,
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
    context.viewers = app.hub.presence.others(id, account, page.now.timestamp());
    context.desk = page.desk("ticket", parameters);
    context.trouble = setback.map(|setback| setback.trouble);
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
    let attachments = ticket.attachments.iter().enumerate().map(|(index, file)| TrackAttachment {
        name: file.name.clone(),
        size: size_text(file.size),
        url: format!("{url}/attachments/{}", index + 1),
    });
    let other = |id: TicketId| DeskPageLink {
        title: id.to_string(),
        url: page.url(&format!("/tickets/{id}")),
        note: String::new(),
    };
    let sections = Sections::of(ticket);
    let draft = sent.filter(|sent| matches!(sent.action.as_str(), "reply" | "note" | "key_step"));
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
        fields: side::fields(config, ticket, now, lang),
        attachments: attachments.collect(),
        thread: thread::entries(config, ticket, people, now, lang, setback.and_then(|setback| setback.seen)),
        waiting: side::waiting(ticket, now, lang),
        targets: side::targets(config, ticket, now, lang),
        approval: approval::state(config, ticket, people, now, lang),
        origin_query: ticket.origin.query.clone(),
        origin_pages: side::read_before(page, ticket),
        rating: rating(ticket, lang),
        record: record(page, ticket),
        publish_url: if possible.contains(&"publish") { format!("{url}/publish") } else { String::new() },
        merged_into: ticket.merged_into.map(other),
        composer: voices(&occasion, possible),
        draft: draft.and_then(|sent| sent.values.get("text")).cloned().unwrap_or_default(),
        actions: actions(&occasion, possible),
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

/// The record a ticket was archived as; without an address while it is not compiled.
fn record(page: &Page, ticket: &Ticket) -> Option<DeskPageLink> {
    if ticket.record.is_empty() {
        return None;
    }
    let snapshot = &page.snapshot;
    let path = snapshot.url_of(&ticket.record).unwrap_or("");
    let title = snapshot.title_of(path).unwrap_or(&ticket.record).to_owned();
    let url = if path.is_empty() { String::new() } else { crate::site::common::href(&snapshot.config, path) };
    Some(DeskPageLink { title, url, note: String::new() })
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
