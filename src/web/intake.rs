//! Filing a ticket: `POST /api/tickets`, and the form at `/tickets/new` that works without scripts.

pub(super) mod body;
mod follow;
mod form;
mod page;
#[cfg(test)]
mod tests;
mod words;

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use axum::Router;
use axum::extract::{DefaultBodyLimit, Request, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use http::header::{CACHE_CONTROL, HOST, LOCATION};
use serde_json::json;

use self::body::{Kind, Received, Stopped, kind_of, receive};
use super::error::{FieldError, WebError};
use super::extract::Client;
use super::language::Lang;
use super::limit::Who;
use super::session::{Filer, SessionActor};
use super::{App, searched};
use crate::config::Config;
use crate::site::common::{href, language_prefix};
use crate::ticket::{AttachmentError, Created, NewTicket, Staging, StoreError};

pub(super) use self::words::not_sent;

/// Seconds after which a client may try again when the disk is full.
const RETRY: u64 = 30;
/// How long the words of a submission that is refused are waited for.
const PATIENCE: Duration = Duration::from_secs(3);

pub fn router() -> Router<App> {
    Router::new()
        .route("/api/tickets", post(create))
        .merge(page::router())
        // `body::receive` has limits of its own, which depend on the site's.
        .layer(DefaultBodyLimit::disable())
}

async fn create(
    State(app): State<App>,
    Lang(lang): Lang,
    Client(client): Client,
    Filer(visitor): Filer,
    headers: HeaderMap,
    request: Request,
) -> Result<Response, WebError> {
    let who = Who::of(client, visitor.as_ref());
    app.limits.tickets.check(who.clone(), Instant::now())?;
    let config = app.live.load().config.clone();
    let kind = kind_of(&request).filter(|kind| matches!(kind, Kind::Json | Kind::Multipart));
    let kind = kind.ok_or_else(|| WebError::UnsupportedMedia(String::new()))?;
    let _under_way = app.limits.uploads.begin(who)?;
    let received = receive(request, kind, &config, Some(&app.tickets)).await;
    if let Some(visitor) = &visitor {
        visitor.check_page(&headers, received.submission.fields.get("csrf"), &config, &lang)?;
    }
    let created = match file(&app, &config, &lang, visitor.as_ref(), received).await {
        Ok(created) => created,
        Err(failure) => return Err(failure.into_refusal(&config, &lang)),
    };
    let path = track_path(&config, &created.ticket.lang, &created.secret);
    let body = json!({
        "id": created.id(),
        "url": tracking_link(&config, &headers, &path),
        "created_at": created.ticket.created_at,
        "reply_by": created.ticket.due_at,
    });
    Ok((
        StatusCode::CREATED,
        [(LOCATION, href(&config, &path)), (CACHE_CONTROL, "no-store".to_owned())],
        axum::Json(body),
    )
        .into_response())
}

/// Why no ticket was filed, before it is known who has to be told how.
enum Failure {
    Fields(Vec<FieldError>, Vec<AttachmentError>),
    Stopped(WebError),
    Store(StoreError),
}

/// Files what was received, in the name of whoever is signed in: the account is never taken from the form.
async fn file(
    app: &App,
    config: &Config,
    lang: &str,
    visitor: Option<&SessionActor>,
    received: Received,
) -> Result<Created, Failure> {
    let follows = follow::claimed(&received.submission.fields).to_owned();
    let (mut new, staging) = read(config, lang, received)?;
    new.follows = follow::find(app, visitor, &follows).await.map_err(Failure::Stopped)?.map(|ticket| ticket.id);
    new.requester.account = visitor.map_or_else(String::new, |who| who.account.login.clone());
    let now = app.now().to_zoned(config.time_zone.clone());
    let created = app.office.file(config, new, staging, now).await.map_err(Failure::Store)?;
    if !created.repeated {
        app.metrics.ticket_filed();
        app.hub.changed(created.id());
        tracing::info!(id = %created.id(), "ticket filed");
        searched::became_ticket(app, &created.ticket.origin.query);
    }
    Ok(created)
}

/// What was received, if all of it can be taken.
fn read(config: &Config, lang: &str, mut received: Received) -> Result<(NewTicket, Option<Staging>), Failure> {
    match received.stopped.take() {
        Some(Stopped::Refused(error)) => return Err(Failure::Stopped(error)),
        Some(Stopped::Store(error)) => return Err(Failure::Store(error)),
        None => {}
    }
    let parsed = NewTicket::parse(&received.submission, config, lang);
    let mut errors = received.errors;
    match parsed {
        Ok(new) if errors.is_empty() && received.refused.is_empty() => Ok((new, received.staging)),
        parsed => {
            let told: Vec<_> = errors.iter().map(|error| error.field.clone()).collect();
            let others = parsed.err().unwrap_or_default().into_iter().filter(|error| !told.contains(&error.field));
            errors.extend(others.map(form::field_error));
            Err(Failure::Fields(errors, received.refused))
        }
    }
}

impl Failure {
    fn into_refusal(self, config: &Config, lang: &str) -> WebError {
        match self {
            // A file alone is wrong: the status says how.
            Failure::Fields(errors, refused) if errors.is_empty() => match refused.first() {
                Some(error @ AttachmentError::TooLarge { .. }) => WebError::TooLarge(error.message(lang)),
                Some(error @ (AttachmentError::Type { .. } | AttachmentError::Mismatch { .. })) => {
                    WebError::UnsupportedMedia(error.message(lang))
                }
                _ => WebError::Validation(on_attachments(&refused, lang)),
            },
            Failure::Fields(mut errors, refused) => {
                errors.extend(on_attachments(&refused, lang));
                WebError::Validation(errors)
            }
            Failure::Stopped(error) => error,
            Failure::Store(StoreError::KeyReused) => WebError::Validation(vec![FieldError {
                field: "idempotency_key".to_owned(),
                message: words::key_reused(lang).to_owned(),
            }]),
            Failure::Store(error) => {
                tracing::error!(%error, "a ticket could not be saved");
                match error.is_unavailable() {
                    true => WebError::Unavailable {
                        message: words::not_sent(lang, &config.contact.phone),
                        retry_after: RETRY,
                    },
                    false => WebError::internal(error),
                }
            }
        }
    }
}

fn on_attachments(refused: &[AttachmentError], lang: &str) -> Vec<FieldError> {
    let on_field =
        |error: &AttachmentError| FieldError { field: "attachments".to_owned(), message: error.message(lang) };
    refused.iter().map(on_field).collect()
}

/// Root-relative, without the base path, in the language the requester wrote in.
fn track_path(config: &Config, lang: &str, secret: &str) -> String {
    format!("{}/track/{secret}", language_prefix(config, lang))
}

/// The link to keep: with the site's address where the request came to that address, else below this server.
pub(super) fn tracking_link(config: &Config, headers: &HeaderMap, path: &str) -> String {
    let host = headers.get(HOST).and_then(|host| host.to_str().ok());
    let own = config.base_url.split_once("://").map(|(_, rest)| rest.split('/').next().unwrap_or(rest));
    match own.is_some() && own == host {
        true => format!("{}{path}", config.base_url),
        false => href(config, path),
    }
}

/// The link as people read it and write it down: with the host that was asked where the site's address is another. A
/// browser's address line does not need the scheme, which nobody here knows.
pub(super) fn shown_link(config: &Config, headers: &HeaderMap, path: &str) -> String {
    let link = tracking_link(config, headers, path);
    let host = headers.get(HOST).and_then(|host| host.to_str().ok()).unwrap_or_default();
    if link.starts_with('/') { format!("{host}{link}") } else { link }
}

/// The language of a page: its address's, or what `?lang=` asks for.
///
/// # Errors
/// [`WebError::NotFound`] when the first segment of the path is no language of the site.
pub(super) fn page_language(
    config: &Config,
    prefix: Option<&str>,
    query: &BTreeMap<String, String>,
) -> Result<String, WebError> {
    let prefix = prefix.unwrap_or(config.default_language());
    let of_path = config.language(prefix).ok_or(WebError::NotFound)?;
    let asked = query.get("lang").and_then(|code| config.language(code));
    Ok(asked.unwrap_or(of_path).code.clone())
}
