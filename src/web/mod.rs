//! The site over HTTP: [`app`] makes the router, [`server::serve`] runs it.
//!
//! One router per file. Handlers return [`error::WebError`]; nothing else decides on status codes.

pub mod error;
pub mod extract;
pub mod language;
pub mod limit;
pub mod pages;
mod words;

use std::ops::Deref;
use std::sync::Arc;

use axum::Router;
use axum::middleware::from_fn_with_state;

use crate::snapshot::Live;
use crate::ticket;

/// The time, as an argument: tests bring their own.
pub type Clock = Arc<dyn Fn() -> jiff::Timestamp + Send + Sync>;

/// What every handler may use. Cheap to clone.
#[derive(Clone)]
pub struct App(Arc<AppInner>);

pub struct AppInner {
    pub live: Arc<Live>,
    pub tickets: Arc<ticket::Store>,
    pub clock: Clock,
}

impl Deref for App {
    type Target = AppInner;

    fn deref(&self) -> &AppInner {
        &self.0
    }
}

impl App {
    pub fn new(live: Arc<Live>, tickets: Arc<ticket::Store>, clock: Clock) -> Self {
        Self(Arc::new(AppInner { live, tickets, clock }))
    }

    /// Now, by the application's clock.
    pub fn now(&self) -> jiff::Timestamp {
        (self.clock)()
    }
}

/// Everything the server answers, under the site's base path.
pub fn app(app: App) -> Router {
    let routes = Router::new();
    // Merge here: intake::router() and track::router().
    let base = app.live.load().config.base_path.clone();
    let routes = if base.is_empty() { routes } else { Router::new().nest(&base, routes) };
    routes.layer(from_fn_with_state(app.clone(), error::present)).with_state(app)
}
