//! The site over HTTP: [`app`] makes the router, [`server::serve`] runs it.
//!
//! One router per file. Handlers return [`error::WebError`]; nothing else decides on status codes.

mod act;
mod answers;
pub mod desk;
mod door;
pub mod error;
pub mod extract;
mod feedback;
pub mod intake;
pub mod language;
pub mod limit;
mod live;
pub mod metrics;
mod negotiate;
mod openapi;
mod ops;
mod pace;
pub mod pages;
mod results;
mod search;
mod searched;
mod security;
pub mod server;
pub mod session;
mod site;
mod socket;
#[cfg(test)]
mod testing;
mod trace;
pub mod track;
mod uploads;
mod url;
mod when;
mod words;

use std::any::Any;
use std::ops::Deref;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::http::StatusCode;
use axum::middleware::{from_fn, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use axum::routing::{any, get, post};
use tokio::sync::Semaphore;
use tower_http::CompressionLevel;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::compression::{CompressionLayer, Predicate, predicate::SizeAbove};
use tower_http::timeout::TimeoutLayer;

use crate::auth::{Accounts, Attempts, Sessions, SignOn};
use crate::insight::feedback::Feedback;
use crate::insight::searches::SearchLog;
use crate::insight::standing::{Standing, Standings};
use crate::insight::views::Views;
use crate::process::Office;
use crate::snapshot::Live;
use crate::ticket;

/// The time, as an argument: tests bring their own.
pub type Clock = Arc<dyn Fn() -> jiff::Timestamp + Send + Sync>;

/// Bytes of a request's body where a route does not say otherwise.
const BODY: usize = 64 * 1024;
/// How long a handler may take. The intake, which waits for uploads, is not under it.
const HANDLER: Duration = Duration::from_secs(20);
const MINUTE: Duration = Duration::from_secs(60);

/// What every handler may use. Cheap to clone.
#[derive(Clone)]
pub struct App(Arc<AppInner>);

pub struct AppInner {
    pub live: Arc<Live>,
    pub tickets: Arc<ticket::Store>,
    /// Every change of a ticket goes through it.
    pub office: Office,
    pub accounts: Accounts,
    pub sessions: Sessions,
    /// Failed sign-ins.
    pub attempts: Attempts,
    /// The company's single sign-on, where site.toml has one.
    pub sign_on: Option<SignOn>,
    warned: session::identify::Warned,
    unlisted: extract::Unlisted,
    /// Whether the server is an author's own, which shows drafts.
    preview: bool,
    pub feedback: Feedback,
    /// What votes say, for the search.
    pub standings: Standings,
    pub search_log: SearchLog,
    /// How often pages are opened.
    pub views: Views,
    pub metrics: metrics::Metrics,
    pub limits: Limits,
    pub clock: Clock,
    /// What the report remembers of the tickets.
    pub kept: desk::Kept,
    /// What the authors' page remembers of the documents.
    pub shelf: desk::Shelf,
    /// What open pages of the desk are told of.
    pub hub: desk::Hub,
    /// Turns at the index.
    searches: Arc<Semaphore>,
    answers: answers::Answers,
}

/// How often one client may write.
#[derive(Debug)]
pub struct Limits {
    pub tickets: limit::Limiter,
    pub feedback: limit::Limiter,
    pub searched: limit::Limiter,
    pub uploads: uploads::Uploads,
}

impl Deref for App {
    type Target = AppInner;

    fn deref(&self) -> &AppInner {
        &self.0
    }
}

impl App {
    pub fn new(live: Arc<Live>, tickets: Arc<ticket::Store>, clock: Clock) -> Self {
        let cores = std::thread::available_parallelism().map_or(2, usize::from);
        let state = live.load().config.state_dir();
        let feedback = Feedback::new(&state);
        let votes = feedback.votes().unwrap_or_else(|error| {
            tracing::warn!(%error, "votes are not counted in the search");
            Vec::new()
        });
        let limits = Limits {
            tickets: limit::Limiter::new(30, MINUTE),
            feedback: limit::Limiter::new(10, MINUTE),
            searched: limit::Limiter::new(60, MINUTE),
            uploads: uploads::Uploads::default(),
        };
        let searches = Arc::new(Semaphore::new(cores * 4));
        let accounts = Accounts::open(&state);
        let office = Office::open(&live.load().config, Arc::clone(&tickets), accounts.clone());
        Self(Arc::new(AppInner {
            live,
            tickets,
            office,
            accounts,
            sessions: Sessions::open(&state),
            attempts: Attempts::default(),
            sign_on: None,
            warned: Default::default(),
            unlisted: Default::default(),
            preview: false,
            feedback,
            standings: Standings::new(Standing::new(&votes)),
            search_log: SearchLog::new(&state),
            views: Views::new(&state),
            metrics: Default::default(),
            limits,
            clock,
            kept: Default::default(),
            shelf: Default::default(),
            hub: Default::default(),
            searches,
            answers: answers::Answers::default(),
        }))
    }

    /// Believes the company's sign-on. For an application that nobody shares yet.
    pub fn with_sign_on(mut self, sign_on: Option<SignOn>) -> Self {
        if let Some(inner) = Arc::get_mut(&mut self.0) {
            inner.sign_on = sign_on;
        }
        self
    }

    /// Says that this is an author's own server. For an application that nobody shares yet.
    pub fn as_preview(mut self, preview: bool) -> Self {
        if let Some(inner) = Arc::get_mut(&mut self.0) {
            inner.preview = preview;
        }
        self
    }

    /// Now, by the application's clock.
    pub fn now(&self) -> jiff::Timestamp {
        (self.clock)()
    }
}

/// Everything the server answers, under the site's base path.
pub fn app(app: App) -> Router {
    let quick = Router::new()
        .route("/api/search", get(search::search))
        .route("/api/suggest", get(search::suggest))
        .route("/api/search/opened", post(searched::opened))
        .route("/api/search/stood", post(searched::stood))
        .route("/api/feedback", post(feedback::vote))
        .route("/search", get(results::default_language))
        .route("/search/", get(results::default_language))
        .route("/{lang}/search", get(results::other_language))
        .route("/{lang}/search/", get(results::other_language))
        .route("/-/live", get(live::events))
        .route("/healthz", get(ops::healthz))
        .route("/readyz", get(ops::readyz))
        .route("/metrics", get(ops::metrics))
        .route("/openapi.json", get(ops::openapi))
        .merge(session::router())
        .merge(desk::router())
        .fallback(site::fallback)
        .layer(TimeoutLayer::with_status_code(StatusCode::SERVICE_UNAVAILABLE, HANDLER));
    let routes = Router::new().merge(quick).merge(intake::router()).merge(track::router()).merge(desk::uploads());
    layered(routes, app)
}

/// The routes under the base path and inside the layers every answer passes, the outermost last.
fn layered(routes: Router<App>, app: App) -> Router {
    let base = app.live.load().config.base_path.clone();
    let routes = if base.is_empty() {
        routes
    } else {
        // axum's `nest("/it")` takes `/it` and `/it/x`, not `/it/`.
        Router::new().nest(&base, routes).route(&format!("{base}/"), any(site::home))
    };
    let compression =
        CompressionLayer::new().quality(CompressionLevel::Precise(4)).compress_when(SizeAbove::new(256).and(is_text));
    routes
        .layer(DefaultBodyLimit::max(BODY))
        .layer(from_fn_with_state(app.clone(), security::same_site))
        .layer(CatchPanicLayer::custom(panicked))
        .layer(from_fn_with_state(app.clone(), error::present))
        .layer(compression)
        .layer(from_fn(security::headers))
        .layer(from_fn_with_state(app.clone(), trace::observe))
        .with_state(app)
}

/// Whether an answer is worth compressing on its way out.
fn is_text(_: StatusCode, _: http::Version, headers: &http::HeaderMap, _: &http::Extensions) -> bool {
    let kind = headers.get(http::header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok());
    kind.is_some_and(negotiate::compressible)
}

/// A bug in one handler is one failed request.
fn panicked(reason: Box<dyn Any + Send>) -> Response {
    let text = reason.downcast_ref::<String>().map(String::as_str).or_else(|| reason.downcast_ref::<&str>().copied());
    error::WebError::internal(format!("a handler panicked: {}", text.unwrap_or("without a word"))).into_response()
}
