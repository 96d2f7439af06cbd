//! The requester's page behind the tracking link, and the same as JSON.
//!
//! Whoever holds the link sees the ticket; nobody else learns whether it exists. Nothing here may be cached, indexed or
//! told to another site.

mod act;
mod api;
mod events;
mod standing;
mod state;
#[cfg(test)]
mod tests;
mod view;

pub(super) use self::view::{status_name, tone};

use std::collections::BTreeMap;

use axum::Router;
use axum::body::Body;
use axum::extract::{Path, Query, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use http::header::{
    CONTENT_DISPOSITION, CONTENT_LENGTH, CONTENT_SECURITY_POLICY, CONTENT_TYPE, X_CONTENT_TYPE_OPTIONS,
};

use super::error::WebError;
use super::intake::{page_language, shown_link, tracking_link};
use super::security::private;
use super::session::{SessionActor, Visitor};
use super::{App, pages, url};
use crate::config::Config;
use crate::site::common::{href, language_prefix};
use crate::site::context::{ErrorPage, Track};
use crate::snapshot::Snapshot;
use crate::ticket::{Actor, Loaded, Status, StoreError, Summary, Ticket, TicketId};

pub(super) use self::view::size_text;

pub fn router() -> Router<App> {
    Router::new()
        .route("/track/{secret}", get(show_default))
        .route("/track/{secret}/attachments/{number}", get(attachment))
        .route("/{lang}/track/{secret}", get(show_other))
        .route("/{lang}/track/{secret}/attachments/{number}", get(attachment_other))
        .merge(act::router())
        .merge(api::router())
        .merge(state::router())
}

type Parameters = Query<BTreeMap<String, String>>;

async fn show_default(
    State(app): State<App>,
    Path(secret): Path<String>,
    Query(query): Parameters,
    Visitor(visitor): Visitor,
    headers: HeaderMap,
) -> Result<Response, WebError> {
    show(&app, None, &secret, &query, visitor.as_ref(), &headers).await
}

async fn show_other(
    State(app): State<App>,
    Path((lang, secret)): Path<(String, String)>,
    Query(query): Parameters,
    Visitor(visitor): Visitor,
    headers: HeaderMap,
) -> Result<Response, WebError> {
    show(&app, Some(&lang), &secret, &query, visitor.as_ref(), &headers).await
}

async fn show(
    app: &App,
    prefix: Option<&str>,
    secret: &str,
    query: &BTreeMap<String, String>,
    visitor: Option<&SessionActor>,
    headers: &HeaderMap,
) -> Result<Response, WebError> {
    let snapshot = app.live.load();
    let config = &snapshot.config;
    let lang = page_language(config, prefix, query)?;
    let Some(Loaded { ticket, .. }) = find(app, secret).await? else { return unknown_link(&snapshot, &lang) };
    let user = visitor.map(|who| who.actor.name.as_str());
    if !query.contains_key("sent") {
        let own = Own { user, ..Own::by_link(secret) };
        return page(app, &lang, &ticket, own).await;
    }
    let path = format!("{}/track/{secret}", language_prefix(config, &lang));
    let link = shown_link(config, headers, &path);
    let sent = |reader: &view::Reader<'_>| view::sent(reader, &ticket, tracking_link(config, headers, &path), link);
    let page = with_reader(app, config, &lang, sent);
    let path = format!("/track/{secret}?sent=1");
    let common = pages::personal(&snapshot, &lang, "sent", &page.id, &path, user);
    Ok(private(pages::render(&snapshot, "ticket_sent.html", &common, &page)?.into_response()))
}

/// Whose page it is, and what went wrong with what they just sent.
pub(super) struct Own<'a> {
    pub(super) actor: Actor,
    /// The page's address, without base path and language prefix: `/track/SECRET`, `/my/TS…`.
    pub(super) path: String,
    /// What names the ticket to the form that goes on from it: the secret, or the number.
    pub(super) ticket: String,
    /// The session's token; empty behind a link.
    pub(super) csrf: &'a str,
    /// The name of whoever is signed in.
    pub(super) user: Option<&'a str>,
    pub(super) trouble: Option<Trouble>,
}

impl<'a> Own<'a> {
    /// Whoever holds the link.
    pub(super) fn by_link(secret: &str) -> Self {
        let path = format!("/track/{secret}");
        Own { actor: Actor::link(), path, ticket: secret.to_owned(), csrf: "", user: None, trouble: None }
    }

    /// Whoever filed it while signed in.
    pub(super) fn signed_in(who: &'a SessionActor, id: TicketId) -> Self {
        let (path, ticket) = (format!("/my/{id}"), id.to_string());
        Own { actor: who.actor.clone(), path, ticket, csrf: &who.csrf, user: Some(&who.actor.name), trouble: None }
    }
}

/// A step of the requester's that was not taken.
#[derive(Default)]
pub(super) struct Trouble {
    pub(super) step: String,
    pub(super) message: String,
    /// What they had typed, by field: it is not lost.
    pub(super) values: BTreeMap<String, String>,
}

fn with_reader<T>(app: &App, config: &Config, lang: &str, work: impl FnOnce(&view::Reader<'_>) -> T) -> T {
    let now = app.now().to_zoned(config.time_zone.clone());
    // A login is nobody's name.
    let name = |login: &str| app.accounts.get(login).map(|account| account.name).filter(|name| !name.is_empty());
    work(&view::Reader { config, lang, now: &now, name: &name })
}

/// The requester's page of a ticket: behind the tracking link, and for its owner who is signed in.
pub(super) async fn page(app: &App, lang: &str, ticket: &Ticket, own: Own<'_>) -> Result<Response, WebError> {
    let snapshot = app.live.load();
    let config = &snapshot.config;
    let home = href(config, &language_prefix(config, lang));
    let (path, user) = (own.path.clone(), own.user);
    let over = matches!(ticket.status, Status::Closed | Status::Cancelled);
    let possible = app.office.possible(config, ticket, &own.actor);
    let again_url = if over { format!("{home}/tickets/new?follows={}", own.ticket) } else { String::new() };
    let url = format!("{home}{path}");
    let page = Track {
        form: view::form(&possible, &url, own),
        followed_by: followers(app, ticket).await?,
        again_url,
        state_url: href(config, &format!("{path}/state")),
        state: state::of(app, config, ticket),
        ..with_reader(app, config, lang, |reader| view::track(reader, ticket, &url))
    };
    let title = format!("{} {}", page.id, page.title);
    let common = pages::personal(&snapshot, lang, "track", &title, &path, user);
    Ok(private(pages::render(&snapshot, "track.html", &common, &page)?.into_response()))
}

/// The numbers of the tickets that went on from one that is over.
async fn followers(app: &App, ticket: &Ticket) -> Result<Vec<String>, WebError> {
    if ticket.status.is_open() {
        return Ok(Vec::new());
    }
    let id = ticket.id;
    let follows = move |other: &Summary| (other.follows == Some(id)).then(|| other.id.to_string());
    app.tickets.gather(follows).await.map_err(failed)
}

pub(super) async fn find(app: &App, secret: &str) -> Result<Option<Loaded>, WebError> {
    app.tickets.find_by_secret(secret, app.now()).await.map_err(failed)
}

pub(super) fn failed(error: StoreError) -> WebError {
    match error.is_unavailable() {
        true => {
            tracing::error!(%error, "a ticket could not be read");
            WebError::Unavailable { message: String::new(), retry_after: 30 }
        }
        false => WebError::internal(error),
    }
}

/// The same page for a wrong, an expired and a revoked link.
fn unknown_link(snapshot: &Snapshot, lang: &str) -> Result<Response, WebError> {
    let (heading, message) = view::unknown_link(lang, &snapshot.config.contact.phone);
    let page = ErrorPage { status: 404, heading: heading.to_owned(), message };
    let common = pages::page_common(snapshot, lang, "error", heading, "");
    let html = pages::render(snapshot, "error.html", &common, &page)?;
    Ok(private((StatusCode::NOT_FOUND, html).into_response()))
}

async fn attachment_other(
    State(app): State<App>,
    Path((lang, secret, number)): Path<(String, String, usize)>,
) -> Result<Response, WebError> {
    page_language(&app.live.load().config, Some(&lang), &BTreeMap::new())?;
    send(&app, &find(&app, &secret).await?.ok_or(WebError::NotFound)?, number).await
}

async fn attachment(
    State(app): State<App>,
    Path((secret, number)): Path<(String, usize)>,
) -> Result<Response, WebError> {
    send(&app, &find(&app, &secret).await?.ok_or(WebError::NotFound)?, number).await
}

/// An attachment by its place in the ticket, from 1. Whatever it claims to be, a browser saves it and runs nothing.
pub(super) async fn send(app: &App, loaded: &Loaded, number: usize) -> Result<Response, WebError> {
    let file =
        number.checked_sub(1).and_then(|index| loaded.ticket.attachments.get(index)).ok_or(WebError::NotFound)?;
    let path = app.tickets.attachment_path(loaded.ticket.id, &file.file).ok_or(WebError::NotFound)?;
    let open = tokio::fs::OpenOptions::new().read(true).custom_flags(no_follow()).open(&path).await;
    let open = open.map_err(|error| {
        tracing::error!(%error, path = %path.display(), "an attachment cannot be read");
        WebError::NotFound
    })?;
    let metadata = open.metadata().await.map_err(WebError::internal)?;
    if !metadata.is_file() {
        return Err(WebError::NotFound);
    }
    let mut response = Response::new(Body::from_stream(chunks(open)));
    let headers = response.headers_mut();
    headers.insert(CONTENT_LENGTH, HeaderValue::from(metadata.len()));
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(content_type(&file.file)));
    headers.insert(CONTENT_SECURITY_POLICY, HeaderValue::from_static("sandbox; default-src 'none'"));
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    let disposition = format!("attachment; filename=\"{}\"; filename*=UTF-8''{}", file.file, url::encode(&file.name));
    let disposition = HeaderValue::from_str(&disposition).map_err(WebError::internal)?;
    headers.insert(CONTENT_DISPOSITION, disposition);
    Ok(private(response))
}

/// A link or a pipe in the place of an attachment is not opened.
fn no_follow() -> i32 {
    let flags = rustix::fs::OFlags::NOFOLLOW | rustix::fs::OFlags::NONBLOCK;
    i32::try_from(flags.bits()).unwrap_or_default()
}

fn content_type(stored: &str) -> &'static str {
    match stored.rsplit('.').next() {
        Some("png") => "image/png",
        Some("jpg") => "image/jpeg",
        Some("zip") => "application/zip",
        _ => "application/octet-stream",
    }
}

fn chunks(file: tokio::fs::File) -> impl tokio_stream::Stream<Item = std::io::Result<axum::body::Bytes>> {
    use tokio::io::AsyncReadExt;
    let (sender, receiver) = tokio::sync::mpsc::channel(2);
    tokio::spawn(async move {
        let mut file = file;
        loop {
            let mut buffer = Vec::with_capacity(64 * 1024);
            let read = (&mut file).take(64 * 1024).read_to_end(&mut buffer).await;
            let (chunk, done) = match read {
                Ok(0) => return,
                Ok(_) => (Ok(axum::body::Bytes::from(buffer)), false),
                Err(error) => (Err(error), true),
            };
            // Nobody listens any more when the client has gone.
            if sender.send(chunk).await.is_err() || done {
                return;
            }
        }
    });
    tokio_stream::wrappers::ReceiverStream::new(receiver)
}

/// Where an attachment is offered for download.
fn attachment_url(track: &str, number: usize) -> String {
    format!("{track}/attachments/{number}")
}

/// The name of a choice in a language, or its key where the site no longer knows it.
fn name_of<'a>(config: &'a Config, kind: Named, key: &'a str, lang: &str) -> &'a str {
    let found = match kind {
        Named::Type => config.request_type(key).map(|kind| kind.name.get(lang)),
        Named::Urgency => config.urgency(key).map(|urgency| urgency.name.get(lang)),
        Named::Impact => config.impacts.iter().find(|choice| choice.key == key).map(|choice| choice.name.get(lang)),
        Named::Team => config.teams.iter().find(|choice| choice.key == key).map(|choice| choice.name.get(lang)),
    };
    found.unwrap_or(key)
}

#[derive(Clone, Copy)]
enum Named {
    Type,
    Urgency,
    Impact,
    Team,
}
