//! A browser in which an account was opened before: others' failures do not make it wait.

use axum::http::HeaderMap;
use axum::response::Response;
use http::header::SET_COOKIE;

use super::cookie::{self, Cookie};
use crate::auth::Origin;
use crate::config::Config;
use crate::web::App;
use crate::web::extract::Client;

/// Where a try at `login` comes from. A key that cannot be read makes nobody known, and that is all.
pub(super) async fn origin(app: &App, config: &Config, headers: &HeaderMap, login: &str, client: Client) -> Origin {
    let Some(device) = cookie::sent(Cookie::Device, config, headers) else { return client.0.into() };
    match app.sessions.known_device(login, device, app.now()).await {
        Ok(Some(known)) => Origin::Device(known),
        Ok(None) => client.0.into(),
        Err(error) => {
            tracing::warn!(%error, "browsers are not told apart at sign-in");
            client.0.into()
        }
    }
}

/// Makes the browser known, after the session's own cookie. Without it the next sign-in is like the first.
pub(super) async fn remember(app: &App, config: &Config, login: &str, response: &mut Response) {
    let device = app.sessions.device(login, app.now()).await;
    let device = device.map_err(|error| tracing::warn!(%error, "the browser is not remembered")).ok();
    if let Some(line) = device.and_then(|device| cookie::set_device(config, &device).ok()) {
        response.headers_mut().append(SET_COOKIE, line);
    }
}
