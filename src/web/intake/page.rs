//! The form at `/tickets/new`, and the page between it and the ticket where everything is looked at once more.
//!
//! With a script the form shows that by itself and sends to the API. Without one it is posted with `step=review`; the
//! page that answers holds the words and asks for the files, which no browser would keep over two pages.

use std::collections::BTreeMap;
use std::time::Instant;

use axum::Router;
use axum::extract::{Path, Query, Request, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::get;
use http::header::{CACHE_CONTROL, RETRY_AFTER};

use super::body::{kind_of, receive};
use super::{Failure, PATIENCE, RETRY, file, follow, form, on_attachments, page_language, read, track_path, words};
use crate::config::Config;
use crate::site::common::{href, language_prefix};
use crate::site::context::TicketForm;
use crate::snapshot::Snapshot;
use crate::ticket::{Staging, StoreError, random_key};
use crate::web::error::{FieldError, WebError};
use crate::web::extract::Client;
use crate::web::limit::Who;
use crate::web::session::{Filer, SessionActor};
use crate::web::{App, pages, url};

pub(super) fn router() -> Router<App> {
    Router::new()
        .route("/tickets/new", get(show_default).post(submit_default))
        .route("/tickets/new/", get(show_default))
        .route("/{lang}/tickets/new", get(show_other).post(submit_other))
        .route("/{lang}/tickets/new/", get(show_other))
}

type Parameters = Query<BTreeMap<String, String>>;

async fn show_default(
    State(app): State<App>,
    Query(query): Parameters,
    Filer(visitor): Filer,
) -> Result<Response, WebError> {
    show(&app, None, &query, visitor.as_ref()).await
}

async fn show_other(
    State(app): State<App>,
    Path(lang): Path<String>,
    Query(query): Parameters,
    Filer(visitor): Filer,
) -> Result<Response, WebError> {
    show(&app, Some(&lang), &query, visitor.as_ref()).await
}

async fn show(
    app: &App,
    prefix: Option<&str>,
    query: &BTreeMap<String, String>,
    visitor: Option<&SessionActor>,
) -> Result<Response, WebError> {
    let snapshot = app.live.load();
    let config = &snapshot.config;
    let lang = page_language(config, prefix, query)?;
    let claim = follow::claimed(query);
    let before = follow::find(app, visitor, claim).await?;
    let mut values = before.as_ref().map(|ticket| follow::known_of(config, ticket)).unwrap_or_default();
    values.extend(visitor.map(form::known_of).unwrap_or_default());
    if before.is_some() {
        values.insert("follows".to_owned(), claim.to_owned());
    }
    if let Some(words) = query.get("q").map(|words| words.trim()).filter(|words| !words.is_empty()) {
        let title: String = words.chars().take(200).collect();
        values.extend([("query".to_owned(), title.clone()), ("title".to_owned(), title)]);
    }
    if let Some(from) = query.get("from").and_then(|from| local_path(config, from)) {
        values.insert("viewed".to_owned(), from);
    }
    let reader = Reader { app, snapshot: &snapshot, lang: &lang, visitor };
    let mut form = reader.form(&values, Vec::new()).await?;
    form.origin_title = values.get("viewed").and_then(|path| snapshot.title_of(path)).unwrap_or_default().to_owned();
    reader.page(StatusCode::OK, &form)
}

/// The root-relative path of a page of this site, as `?from=` names it: with or without the base path.
fn local_path(config: &Config, from: &str) -> Option<String> {
    let path = from.strip_prefix(config.base_path.as_str()).filter(|rest| rest.starts_with('/')).unwrap_or(from);
    let path = path.split(['?', '#']).next().unwrap_or(path);
    (path.starts_with('/') && !path.starts_with("//") && path.len() <= 500).then(|| path.to_owned())
}

/// For whom the form is made.
struct Reader<'a> {
    app: &'a App,
    snapshot: &'a Snapshot,
    lang: &'a str,
    visitor: Option<&'a SessionActor>,
}

impl Reader<'_> {
    async fn form(&self, values: &BTreeMap<String, String>, errors: Vec<FieldError>) -> Result<TicketForm, WebError> {
        let config = &self.snapshot.config;
        let key = random_key().map_err(|error| WebError::internal(error.to_string()))?;
        let mut form = form::context(config, self.lang, values, errors, key);
        if let Some(before) = follow::find(self.app, self.visitor, follow::claimed(values)).await? {
            (form.follows, form.follows_title) = (before.id.to_string(), before.title);
        }
        if self.visitor.is_none() {
            let home = href(config, &language_prefix(config, self.lang));
            let next = url::encode(&format!("{home}/tickets/new{}", asked(values)));
            form.sign_in_url = format!("{home}/desk/sign-in?next={next}");
        }
        Ok(form)
    }

    fn page(&self, status: StatusCode, form: &TicketForm) -> Result<Response, WebError> {
        let wrong = !form.errors.is_empty() || !form.failure.is_empty();
        self.answer("ticket_form.html", words::form_title(self.lang, wrong), status, form)
    }

    /// The page that shows everything once more.
    fn review(&self, status: StatusCode, form: &TicketForm) -> Result<Response, WebError> {
        self.answer("ticket_review.html", words::review_title(self.lang), status, form)
    }

    fn answer(&self, template: &str, title: &str, status: StatusCode, form: &TicketForm) -> Result<Response, WebError> {
        let path = format!("/tickets/new{}", asked(&form.values));
        let user = self.visitor.map(|who| who.actor.name.as_str());
        let common = pages::personal(self.snapshot, self.lang, "form", title, &path, user);
        let html = pages::render(self.snapshot, template, &common, form)?;
        Ok((status, [(CACHE_CONTROL, "no-store")], html).into_response())
    }
}

/// The query that opens the form for the same reason again, in another language or signed in.
fn asked(values: &BTreeMap<String, String>) -> String {
    let pair = |(name, key): (&str, &str)| {
        let value = values.get(key).filter(|value| !value.is_empty())?;
        // A form that was filled in for a while has seen more pages than the one it was opened from.
        let value = if key == "viewed" { value.split(',').next().unwrap_or(value) } else { value };
        Some(format!("{name}={}", url::encode(value)))
    };
    let pairs: Vec<_> =
        [("q", "query"), ("from", "viewed"), ("follows", "follows")].into_iter().filter_map(pair).collect();
    if pairs.is_empty() { String::new() } else { format!("?{}", pairs.join("&")) }
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
    let reader = Reader { app, snapshot: &snapshot, lang: &lang, visitor };
    let kind = kind_of(&request).ok_or_else(|| WebError::UnsupportedMedia(String::new()))?;
    let who = Who::of(client, visitor);
    // Before the body is read: what is refused leaves nothing on the disk. Its words come back all the same.
    let allowed = app.limits.tickets.check(who.clone(), Instant::now()).and_then(|()| app.limits.uploads.begin(who));
    let headers = request.headers().clone();
    let mut received = match &allowed {
        Ok(_) => receive(request, kind, config, Some(&app.tickets)).await,
        // Words that do not come at once are not worth a connection.
        Err(_) => tokio::time::timeout(PATIENCE, receive(request, kind, config, None)).await.unwrap_or_default(),
    };
    if let Some(visitor) = visitor {
        visitor.check_page(&headers, received.submission.fields.get("csrf"), config, &lang)?;
    }
    let step = received.submission.fields.remove("step").unwrap_or_default();
    let values = received.submission.fields.clone();
    let files = received.staging.as_ref().map_or(0, |staging: &Staging| staging.files().len());
    let same_key = values.get("idempotency_key").filter(|key| !key.is_empty()).cloned();
    let lost = || {
        let message = words::choose_files_again(&lang, files);
        (files > 0).then(|| FieldError { field: "attachments".to_owned(), message })
    };
    let failure = match (allowed, step.as_str()) {
        (Err(error), _) => Failure::Stopped(error),
        (Ok(_under_way), "edit" | "review") => {
            let checked = if step == "edit" { None } else { Some(read(config, &lang, received)) };
            match checked {
                Some(Err(failure)) => failure,
                checked => {
                    let mut form = reader.form(&values, lost().into_iter().collect()).await?;
                    form.idempotency_key = same_key.unwrap_or(form.idempotency_key);
                    return match checked {
                        Some(_) => reader.review(StatusCode::OK, &form),
                        None => reader.page(StatusCode::OK, &form),
                    };
                }
            }
        }
        (Ok(_under_way), _) => match file(app, config, &lang, visitor, received).await {
            Ok(created) => {
                let path = format!("{}?sent=1", track_path(config, &created.ticket.lang, &created.secret));
                return Ok(Redirect::to(&href(config, &path)).into_response());
            }
            Err(failure) => failure,
        },
    };
    let (status, mut form, key) = match failure {
        Failure::Fields(mut errors, refused) => {
            // The words were fine; the files are chosen on the page that shows them.
            let files_alone = errors.is_empty() && step == "send";
            errors.extend(on_attachments(&refused, &lang));
            errors.extend(lost());
            let mut form = reader.form(&values, errors).await?;
            if files_alone {
                form.idempotency_key = same_key.unwrap_or(form.idempotency_key);
                return reader.review(StatusCode::UNPROCESSABLE_ENTITY, &form);
            }
            (StatusCode::UNPROCESSABLE_ENTITY, form, same_key)
        }
        Failure::Store(StoreError::KeyReused) => {
            let mut form = reader.form(&values, Vec::new()).await?;
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
            let mut form = reader.form(&values, Vec::new()).await?;
            form.failure = message;
            (status, form, same_key)
        }
    };
    if let Some(key) = key {
        form.idempotency_key = key;
    }
    let mut response = reader.page(status, &form)?;
    if matches!(status, StatusCode::SERVICE_UNAVAILABLE | StatusCode::TOO_MANY_REQUESTS) {
        response.headers_mut().insert(RETRY_AFTER, http::HeaderValue::from(RETRY));
    }
    Ok(response)
}
