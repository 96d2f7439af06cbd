//! Filing a ticket: `POST /api/tickets`, and the form at `/tickets/new` that works without scripts.

pub(super) mod body;
mod form;
#[cfg(test)]
mod tests;
mod words;

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use axum::Router;
use axum::extract::{DefaultBodyLimit, Path, Query, Request, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use http::header::{CACHE_CONTROL, HOST, LOCATION, RETRY_AFTER};
use serde_json::json;

use self::body::{Kind, Received, Stopped, kind_of, receive};
use super::error::{FieldError, WebError};
use super::extract::Client;
use super::language::Lang;
use super::limit::Who;
use super::session::{Filer, SessionActor};
use super::{App, pages, searched};
use crate::config::Config;
use crate::site::common::{href, language_prefix};
use crate::site::context::TicketForm;
use crate::snapshot::Snapshot;
use crate::ticket::{AttachmentError, Created, NewTicket, Staging, StoreError, random_key};

/// Seconds after which a client may try again when the disk is full.
const RETRY: u64 = 30;
/// How long the words of a submission that is refused are waited for.
const PATIENCE: Duration = Duration::from_secs(3);

pub fn router() -> Router<App> {
    Router::new()
        .route("/api/tickets", post(create))
        .route("/tickets/new", get(show_default).post(submit_default))
        .route("/tickets/new/", get(show_default))
        .route("/{lang}/tickets/new", get(show_other).post(submit_other))
        .route("/{lang}/tickets/new/", get(show_other))
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
    mut received: Received,
) -> Result<Created, Failure> {
    match received.stopped.take() {
        Some(Stopped::Refused(error)) => return Err(Failure::Stopped(error)),
        Some(Stopped::Store(error)) => return Err(Failure::Store(error)),
        None => {}
    }
    let parsed = NewTicket::parse(&received.submission, config, lang);
    let mut errors = received.errors;
    let mut new = match parsed {
        Ok(new) if errors.is_empty() && received.refused.is_empty() => new,
        parsed => {
            let told: Vec<_> = errors.iter().map(|error| error.field.clone()).collect();
            let others = parsed.err().unwrap_or_default().into_iter().filter(|error| !told.contains(&error.field));
            errors.extend(others.map(form::field_error));
            return Err(Failure::Fields(errors, received.refused));
        }
    };
    new.requester.account = visitor.map_or_else(String::new, |who| who.account.login.clone());
    let now = app.now().to_zoned(config.time_zone.clone());
    let created = app.office.file(config, new, received.staging, now).await.map_err(Failure::Store)?;
    if !created.repeated {
        app.metrics.ticket_filed();
        app.hub.changed(created.id());
        tracing::info!(id = %created.id(), "ticket filed");
        searched::became_ticket(app, &created.ticket.origin.query);
    }
    Ok(created)
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

type Parameters = Query<BTreeMap<String, String>>;

async fn show_default(
    State(app): State<App>,
    Query(query): Parameters,
    Filer(visitor): Filer,
) -> Result<Response, WebError> {
    show(&app, None, &query, visitor.as_ref())
}

async fn show_other(
    State(app): State<App>,
    Path(lang): Path<String>,
    Query(query): Parameters,
    Filer(visitor): Filer,
) -> Result<Response, WebError> {
    show(&app, Some(&lang), &query, visitor.as_ref())
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

fn show(
    app: &App,
    prefix: Option<&str>,
    query: &BTreeMap<String, String>,
    visitor: Option<&SessionActor>,
) -> Result<Response, WebError> {
    let snapshot = app.live.load();
    let config = &snapshot.config;
    let lang = page_language(config, prefix, query)?;
    let mut values = visitor.map(form::known_of).unwrap_or_default();
    if let Some(words) = query.get("q").map(|words| words.trim()).filter(|words| !words.is_empty()) {
        let title: String = words.chars().take(200).collect();
        values.extend([("query".to_owned(), title.clone()), ("title".to_owned(), title)]);
    }
    if let Some(from) = query.get("from").and_then(|from| local_path(config, from)) {
        values.insert("viewed".to_owned(), from);
    }
    let mut form = blank(&snapshot, &lang, &values, Vec::new())?;
    form.origin_title = values.get("viewed").and_then(|path| snapshot.title_of(path)).unwrap_or_default().to_owned();
    page(&snapshot, &lang, StatusCode::OK, &form)
}

/// The root-relative path of a page of this site, as `?from=` names it: with or without the base path.
fn local_path(config: &Config, from: &str) -> Option<String> {
    let path = from.strip_prefix(config.base_path.as_str()).filter(|rest| rest.starts_with('/')).unwrap_or(from);
    let path = path.split(['?', '#']).next().unwrap_or(path);
    (path.starts_with('/') && !path.starts_with("//") && path.len() <= 500).then(|| path.to_owned())
}

fn blank(
    snapshot: &Snapshot,
    lang: &str,
    values: &BTreeMap<String, String>,
    errors: Vec<FieldError>,
) -> Result<TicketForm, WebError> {
    let key = random_key().map_err(|error| WebError::internal(error.to_string()))?;
    Ok(form::context(&snapshot.config, lang, values, errors, key))
}

fn page(snapshot: &Snapshot, lang: &str, status: StatusCode, form: &TicketForm) -> Result<Response, WebError> {
    let wrong = !form.errors.is_empty() || !form.failure.is_empty();
    let title = words::form_title(lang, wrong);
    let common = pages::page_common(snapshot, lang, "form", title, "/tickets/new");
    let html = pages::render(snapshot, "ticket_form.html", &common, form)?;
    Ok((status, [(CACHE_CONTROL, "no-store")], html).into_response())
}

async fn submit_default(
    State(app): State<App>,
    Query(query): Parameters,
    Client(client): Client,
    Filer(visitor): Filer,
    request: Request,
) -> Result<Response, WebError> {
    submit(&app, None, &query, client, visitor.as_ref(), request).await
}

async fn submit_other(
    State(app): State<App>,
    Path(lang): Path<String>,
    Query(query): Parameters,
    Client(client): Client,
    Filer(visitor): Filer,
    request: Request,
) -> Result<Response, WebError> {
    submit(&app, Some(&lang), &query, client, visitor.as_ref(), request).await
}

async fn submit(
    app: &App,
    prefix: Option<&str>,
    query: &BTreeMap<String, String>,
    client: std::net::IpAddr,
    visitor: Option<&SessionActor>,
    request: Request,
) -> Result<Response, WebError> {
    let snapshot = app.live.load();
    let config = &snapshot.config;
    let lang = page_language(config, prefix, query)?;
    let kind = kind_of(&request).ok_or_else(|| WebError::UnsupportedMedia(String::new()))?;
    let who = Who::of(client, visitor);
    // Before the body is read: what is refused leaves nothing on the disk. Its words come back all the same.
    let allowed = app.limits.tickets.check(who.clone(), Instant::now()).and_then(|()| app.limits.uploads.begin(who));
    let headers = request.headers().clone();
    let received = match &allowed {
        Ok(_) => receive(request, kind, config, Some(&app.tickets)).await,
        // Words that do not come at once are not worth a connection.
        Err(_) => tokio::time::timeout(PATIENCE, receive(request, kind, config, None)).await.unwrap_or_default(),
    };
    if let Some(visitor) = visitor {
        visitor.check_page(&headers, received.submission.fields.get("csrf"), config, &lang)?;
    }
    let values = received.submission.fields.clone();
    let files = received.staging.as_ref().map_or(0, |staging: &Staging| staging.files().len());
    let filed = match allowed {
        Ok(_under_way) => file(app, config, &lang, visitor, received).await,
        Err(error) => Err(Failure::Stopped(error)),
    };
    let failure = match filed {
        Ok(created) => {
            let path = format!("{}?sent=1", track_path(config, &created.ticket.lang, &created.secret));
            return Ok(Redirect::to(&href(config, &path)).into_response());
        }
        Err(failure) => failure,
    };
    let same_key = values.get("idempotency_key").filter(|key| !key.is_empty()).cloned();
    let (status, mut form, key) = match failure {
        Failure::Fields(mut errors, refused) => {
            errors.extend(on_attachments(&refused, &lang));
            if files > 0 {
                let message = words::choose_files_again(&lang, files);
                errors.push(FieldError { field: "attachments".to_owned(), message });
            }
            (StatusCode::UNPROCESSABLE_ENTITY, blank(&snapshot, &lang, &values, errors)?, same_key)
        }
        Failure::Store(StoreError::KeyReused) => {
            let mut form = blank(&snapshot, &lang, &values, Vec::new())?;
            form.failure = words::key_reused(&lang).to_owned();
            // Sent once more it is a new ticket, now that the requester knows.
            (StatusCode::CONFLICT, form, None)
        }
        other => {
            let refusal = other.into_refusal(config, &lang);
            let (status, message) = match &refusal {
                WebError::Unavailable { message, .. } => (StatusCode::SERVICE_UNAVAILABLE, message.clone()),
                WebError::TooMany { .. } => {
                    (StatusCode::TOO_MANY_REQUESTS, words::not_sent(&lang, &config.contact.phone))
                }
                WebError::TooLarge(_) => (StatusCode::PAYLOAD_TOO_LARGE, words::too_large(&lang, &config.tickets)),
                _ => return Err(refusal),
            };
            let mut form = blank(&snapshot, &lang, &values, Vec::new())?;
            form.failure = message;
            (status, form, same_key)
        }
    };
    if let Some(key) = key {
        form.idempotency_key = key;
    }
    let mut response = page(&snapshot, &lang, status, &form)?;
    if matches!(status, StatusCode::SERVICE_UNAVAILABLE | StatusCode::TOO_MANY_REQUESTS) {
        response.headers_mut().insert(RETRY_AFTER, http::HeaderValue::from(RETRY));
    }
    Ok(response)
}
