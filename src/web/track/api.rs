//! A ticket for programs: `GET /api/tickets/{id}` and the steps of the process, with the tracking secret or a session.

use std::time::Instant;

use axum::Router;
use axum::extract::{DefaultBodyLimit, Path, Request, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use http::header::{AUTHORIZATION, CACHE_CONTROL, ETAG, IF_NONE_MATCH, WWW_AUTHENTICATE};

use serde_json::json;

use super::find;
use crate::config::Config;
use crate::ticket::apply::may_read_request;
use crate::ticket::{Actor, Loaded, Ticket, TicketId};
use crate::web::App;
use crate::web::act::{hear, if_match, take};
use crate::web::error::WebError;
use crate::web::extract::Client;
use crate::web::language::Lang;
use crate::web::limit::Who;
use crate::web::security::private;
use crate::web::session::{SessionActor, Visitor};

pub(super) fn router() -> Router<App> {
    Router::new()
        .route("/api/tickets/{id}", get(show))
        .route("/api/tickets/{id}/actions", post(act))
        .layer(DefaultBodyLimit::disable())
}

/// Who asks for a ticket, and which.
struct Asked {
    loaded: Loaded,
    actor: Actor,
    /// `None` behind a tracking secret.
    session: Option<SessionActor>,
    reads: Reads,
}

/// How much of a ticket somebody reads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Reads {
    /// The service desk.
    Everything,
    /// An approver: what the requester reads, and who that is.
    Request,
    /// The requester.
    Public,
}

fn reading(ticket: &Ticket, actor: &Actor, config: &Config) -> Option<Reads> {
    if actor.is_staff() {
        Some(Reads::Everything)
    } else if actor.is_requester_of(ticket) {
        Some(Reads::Public)
    } else {
        may_read_request(ticket, actor, config).then_some(Reads::Request)
    }
}

/// The ticket, for whoever may see it. A ticket that is not theirs and one that does not exist look the same.
async fn asked(app: &App, id: &str, visitor: Option<SessionActor>, headers: &HeaderMap) -> Result<Asked, Response> {
    let unknown = || WebError::NotFound.into_response();
    let number = id.parse::<TicketId>().ok();
    let bearer = headers.get(AUTHORIZATION).and_then(|value| value.to_str().ok());
    let secret = bearer.and_then(|value| value.strip_prefix("Bearer ").or_else(|| value.strip_prefix("bearer ")));
    if let Some(secret) = secret {
        let found = find(app, secret.trim()).await.map_err(IntoResponse::into_response)?;
        let loaded = found.filter(|loaded| Some(loaded.ticket.id) == number).ok_or_else(unknown)?;
        return Ok(Asked { loaded, actor: Actor::link(), session: None, reads: Reads::Public });
    }
    let Some(session) = visitor else {
        let mut response = WebError::Unauthorized.into_response();
        response.headers_mut().insert(WWW_AUTHENTICATE, HeaderValue::from_static("Bearer realm=\"ticket\""));
        return Err(response);
    };
    let id = number.ok_or_else(unknown)?;
    let found = app.tickets.get(id).await.map_err(|error| super::failed(error).into_response())?;
    let loaded = found.ok_or_else(unknown)?;
    let actor = session.actor.clone();
    let reads = match reading(&loaded.ticket, &actor, &app.live.load().config) {
        Some(reads) => reads,
        None => return Err(unknown()),
    };
    Ok(Asked { loaded, actor, session: Some(session), reads })
}

async fn show(
    State(app): State<App>,
    Visitor(visitor): Visitor,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Response {
    match asked(&app, &id, visitor, &headers).await {
        Ok(asked) => answer(&app, &asked, StatusCode::OK, &headers),
        Err(response) => private(response),
    }
}

/// The view that is theirs, with the steps they may take now.
fn answer(app: &App, asked: &Asked, status: StatusCode, headers: &HeaderMap) -> Response {
    let Asked { loaded, actor, reads, .. } = asked;
    let etag = format!("\"{}\"", loaded.hash.to_hex());
    let known = headers.get(IF_NONE_MATCH).and_then(|value| value.to_str().ok()).unwrap_or("");
    let known = known == "*" || known.split(',').any(|tag| tag.trim().trim_start_matches("W/") == etag);
    let mut response = match known && status == StatusCode::OK {
        true => StatusCode::NOT_MODIFIED.into_response(),
        false => {
            let mut view = match reads {
                Reads::Everything => loaded.ticket.full_view(),
                Reads::Request | Reads::Public => loaded.ticket.public_view(),
            };
            if *reads == Reads::Request {
                let requester = &loaded.ticket.requester;
                view["requester"] = json!({ "name": requester.name, "department": requester.department });
            }
            let possible = app.office.possible(&app.live.load().config, &loaded.ticket, actor);
            view["actions"] = possible.into();
            (status, axum::Json(view)).into_response()
        }
    };
    if let Ok(etag) = HeaderValue::from_str(&etag) {
        response.headers_mut().insert(ETAG, etag);
    }
    let mut response = private(response);
    // The client may keep it, and has to ask each time whether it still holds.
    response.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("private, no-cache"));
    response
}

async fn act(
    State(app): State<App>,
    Visitor(visitor): Visitor,
    Lang(lang): Lang,
    Client(client): Client,
    Path(id): Path<String>,
    request: Request,
) -> Result<Response, WebError> {
    let headers = request.headers().clone();
    let asked = match asked(&app, &id, visitor, &headers).await {
        Ok(asked) => asked,
        Err(response) => return Ok(private(response)),
    };
    let config = app.live.load().config.clone();
    let who = Who::of(client, asked.session.as_ref());
    if asked.session.is_none() {
        app.limits.tickets.check(who.clone(), Instant::now())?;
    }
    let said = hear(&app, &config, request, who, &lang).await?;
    if let Some(session) = &asked.session {
        session.check_csrf(&headers, said.fields.get("csrf").map(String::as_str), &lang)?;
    }
    let done = take(&app, &config, asked.loaded.ticket.id, &asked.actor, said, if_match(&headers), &lang).await?;
    // Whoever took a step may read what came of it.
    let reads = reading(&done.loaded.ticket, &asked.actor, &config).unwrap_or(asked.reads);
    let asked = Asked { loaded: done.loaded, reads, ..asked };
    Ok(answer(&app, &asked, StatusCode::OK, &HeaderMap::new()))
}
