//! For those who run the server: `/healthz`, `/readyz`, `/metrics`, `/openapi.json`.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};

use super::{App, metrics, openapi};
use crate::diagnostic::Severity;
use crate::ticket::queue::{QueueQuery, QueueView};

/// The process answers.
pub(super) async fn healthz() -> Response {
    ([(CACHE_CONTROL, "no-store")], "ok\n").into_response()
}

/// The site is built, whole as far as its readers have seen, and a ticket could be filed. Reading goes on when it could
/// not, so a load balancer should look at this only where several machines take tickets.
pub(super) async fn readyz(State(app): State<App>) -> Response {
    let tickets = match app.tickets.writable() {
        false => "read-only",
        true if app.tickets.has_room().await.unwrap_or(false) => "writable",
        true => "unwritable",
    };
    let revision = app.live.load().revision;
    let whole = !app.live.is_damaged();
    let (status, word) = if tickets == "writable" && whole {
        (StatusCode::OK, "ok")
    } else {
        (StatusCode::SERVICE_UNAVAILABLE, "unavailable")
    };
    let body = serde_json::json!({
        "status": word,
        "site": { "revision": revision, "files": if whole { "whole" } else { "damaged" } },
        "tickets": tickets,
    });
    (status, [(CACHE_CONTROL, "no-store")], Json(body)).into_response()
}

pub(super) async fn metrics(State(app): State<App>) -> Response {
    let snapshot = app.live.load();
    let count = |severity| snapshot.diagnostics.iter().filter(|finding| finding.severity == severity).count();
    let query = QueueQuery { view: QueueView::Overdue, ..QueueQuery::default() };
    let queue = app.tickets.page(query, app.now()).await.map(|page| page.counts).unwrap_or_default();
    let outbox = app.office.outbox.clone();
    let notices = tokio::task::spawn_blocking(move || outbox.counts()).await.unwrap_or_default();
    let state = metrics::State {
        open: queue.open,
        overdue: queue.overdue,
        notices,
        revision: snapshot.revision,
        documents: snapshot.view.documents(),
        errors: count(Severity::Error),
        warnings: count(Severity::Warning),
    };
    let kind = "text/plain; version=0.0.4; charset=utf-8";
    ([(CONTENT_TYPE, kind), (CACHE_CONTROL, "no-store")], app.metrics.text(state)).into_response()
}

pub(super) async fn openapi(State(app): State<App>) -> Response {
    Json(openapi::document(&app.live.load().config)).into_response()
}
