//! The requester's own steps, from the forms of their page: reply with files, confirm, not solved, rate, take back.

use std::collections::BTreeMap;
use std::time::Instant;

use axum::Router;
use axum::extract::{DefaultBodyLimit, Path, Request, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::post;

use super::{Own, Trouble, find, page, unknown_link};
use crate::site::common::{href, language_prefix};
use crate::ticket::TicketId;
use crate::web::act::{hear, take};
use crate::web::error::{FieldError, WebError};
use crate::web::extract::Client;
use crate::web::intake::{self, page_language};
use crate::web::limit::Who;
use crate::web::security::private;
use crate::web::session::{SignedIn, my};
use crate::web::{App, session};

pub(super) fn router() -> Router<App> {
    Router::new()
        .route("/track/{secret}/actions", post(by_link))
        .route("/{lang}/track/{secret}/actions", post(by_link_other))
        .route("/my/{id}/actions", post(by_account))
        .route("/{lang}/my/{id}/actions", post(by_account_other))
        .layer(DefaultBodyLimit::disable())
}

async fn by_link(
    State(app): State<App>,
    Path(secret): Path<String>,
    client: Client,
    request: Request,
) -> Result<Response, WebError> {
    linked(&app, None, &secret, client, request).await
}

async fn by_link_other(
    State(app): State<App>,
    Path((lang, secret)): Path<(String, String)>,
    client: Client,
    request: Request,
) -> Result<Response, WebError> {
    linked(&app, Some(&lang), &secret, client, request).await
}

async fn linked(
    app: &App,
    prefix: Option<&str>,
    secret: &str,
    client: Client,
    request: Request,
) -> Result<Response, WebError> {
    let snapshot = app.live.load();
    let lang = page_language(&snapshot.config, prefix, &BTreeMap::new())?;
    let Some(loaded) = find(app, secret).await? else { return unknown_link(&snapshot, &lang) };
    step(app, &lang, loaded.ticket.id, Own::by_link(secret), None, client, request).await
}

async fn by_account(
    State(app): State<App>,
    SignedIn(who): SignedIn,
    Path(id): Path<String>,
    client: Client,
    request: Request,
) -> Result<Response, WebError> {
    signed_in(&app, None, &who, &id, client, request).await
}

async fn by_account_other(
    State(app): State<App>,
    SignedIn(who): SignedIn,
    Path((lang, id)): Path<(String, String)>,
    client: Client,
    request: Request,
) -> Result<Response, WebError> {
    signed_in(&app, Some(&lang), &who, &id, client, request).await
}

async fn signed_in(
    app: &App,
    prefix: Option<&str>,
    who: &session::SessionActor,
    id: &str,
    client: Client,
    request: Request,
) -> Result<Response, WebError> {
    let config = &app.live.load().config;
    let lang = page_language(config, prefix, &BTreeMap::new())?;
    let id = my::own(app, who, id).await?.ticket.id;
    step(app, &lang, id, Own::signed_in(who, id), Some(who), client, request).await
}

/// What a rating on the page leaves out: it is asked for whole, since it is given once. Programs may send less.
fn unmarked(fields: &BTreeMap<String, String>, lang: &str) -> Option<FieldError> {
    let marks = [("speed", "响应速度"), ("attitude", "服务态度"), ("skill", "专业能力"), ("result", "处理结果")];
    let is_missing = |name: &str| fields.get(name).is_none_or(|mark| mark.trim().is_empty());
    let is_rating = fields.get("action").is_some_and(|action| action == "rate");
    let missing: Vec<_> = marks.into_iter().filter(|(name, _)| is_rating && is_missing(name)).collect();
    let (field, _) = missing.first()?;
    let message = match lang {
        "zh" => {
            let names: Vec<_> = missing.iter().map(|(_, zh)| *zh).collect();
            format!("请给这几项打分（1 到 5 分）：{}", names.join("、"))
        }
        _ => {
            let names: Vec<_> = missing.iter().map(|(en, _)| *en).collect();
            format!("Give a mark from 1 to 5 for: {}", names.join(", "))
        }
    };
    Some(FieldError { field: (*field).to_owned(), message })
}

/// Takes the step and goes back to the page; what cannot be taken comes back with its words.
async fn step(
    app: &App,
    lang: &str,
    id: TicketId,
    own: Own<'_>,
    session: Option<&session::SessionActor>,
    Client(client): Client,
    request: Request,
) -> Result<Response, WebError> {
    let config = app.live.load().config.clone();
    let who = Who::of(client, session);
    app.limits.tickets.check(who.clone(), Instant::now())?;
    let headers = request.headers().clone();
    let mut said = hear(app, &config, request, who, lang).await?;
    said.errors.extend(unmarked(&said.fields, lang));
    if let Some(session) = session {
        session.check_csrf(&headers, said.fields.get("csrf").map(String::as_str), lang)?;
    }
    let url = href(&config, &format!("{}{}", language_prefix(&config, lang), own.path));
    let values = said.fields.clone();
    let step = values.get("action").cloned().unwrap_or_default();
    let error = match take(app, &config, id, &own.actor, said, None, lang).await {
        Ok(_) => return Ok(private(Redirect::to(&url).into_response())),
        Err(error) => error,
    };
    let (status, message) = match error.message() {
        Some(message) => (StatusCode::UNPROCESSABLE_ENTITY, message),
        // The disk is full, or somebody else is always faster: the words are not lost for that.
        None => match WebError::from(error) {
            WebError::Unavailable { .. } => {
                (StatusCode::SERVICE_UNAVAILABLE, intake::not_sent(lang, &config.contact.phone))
            }
            error => return Err(error),
        },
    };
    let loaded = app.tickets.get(id).await.map_err(super::failed)?.ok_or(WebError::NotFound)?;
    let trouble = Some(Trouble { step, message, values });
    let page = page(app, lang, &loaded.ticket, Own { trouble, ..own }).await?;
    Ok((status, page).into_response())
}
