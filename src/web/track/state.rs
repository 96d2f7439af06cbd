//! Whether an open tracking page is out of date: asked every few seconds, and answered without making the page.

use axum::Router;
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use serde_json::json;

use super::{find, view, with_reader};
use crate::config::Config;
use crate::ticket::Ticket;
use crate::web::App;
use crate::web::error::WebError;
use crate::web::security::private;
use crate::web::session::{SignedIn, my};

pub(super) fn router() -> Router<App> {
    Router::new().route("/track/{secret}/state", get(by_link)).route("/my/{id}/state", get(by_account))
}

async fn by_link(State(app): State<App>, Path(secret): Path<String>) -> Result<Response, WebError> {
    let loaded = find(&app, &secret).await?.ok_or(WebError::NotFound)?;
    Ok(answer(&app, &loaded.ticket))
}

async fn by_account(
    State(app): State<App>,
    SignedIn(who): SignedIn,
    Path(id): Path<String>,
) -> Result<Response, WebError> {
    Ok(answer(&app, &my::own(&app, &who, &id).await?.ticket))
}

fn answer(app: &App, ticket: &Ticket) -> Response {
    let state = of(app, &app.live.load().config, ticket);
    private(axum::Json(json!({ "state": state })).into_response())
}

/// A fingerprint of what the requester may see, in whatever language: a work note does not change it.
pub(super) fn of(app: &App, config: &Config, ticket: &Ticket) -> String {
    let shown = with_reader(app, config, config.default_language(), |reader| view::track(reader, ticket, ""));
    // Texts, numbers and lists always have a JSON form.
    let bytes = serde_json::to_vec(&shown).unwrap_or_default();
    blake3::hash(&bytes).to_hex()[..16].to_owned()
}
