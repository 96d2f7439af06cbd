//! Who asks, in which language: every route of the desk begins here.

use std::collections::BTreeMap;

use axum::extract::{FromRequestParts, OriginalUri};
use http::HeaderMap;
use http::request::Parts;

use super::words::pick;
use crate::config::Config;
use crate::ticket::{Actor, Role};
use crate::web::App;
use crate::web::error::WebError;
use crate::web::session::{Refusal, SessionActor, SignedIn};

/// Somebody who is signed in, on a page of the desk.
#[derive(Debug, Clone)]
pub(super) struct Viewer {
    pub(super) actor: Actor,
    pub(super) session: SessionActor,
    pub(super) lang: String,
}

impl Viewer {
    /// Refuses a form that was not made for this session.
    ///
    /// # Errors
    /// [`WebError::Forbidden`].
    pub(super) fn expect_csrf(&self, headers: &HeaderMap, values: &BTreeMap<String, String>) -> Result<(), WebError> {
        self.session.check_csrf(headers, values.get("csrf").map(String::as_str), &self.lang)
    }
}

impl FromRequestParts<App> for Viewer {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Refusal> {
        let lang = language(&app.live.load().config, parts)?;
        let SignedIn(session) = SignedIn::from_request_parts(parts, app).await?;
        Ok(Self { actor: session.actor.clone(), session, lang })
    }
}

/// The language of a page is that of its address.
fn language(config: &Config, parts: &Parts) -> Result<String, WebError> {
    let uri = parts.extensions.get::<OriginalUri>().map_or(&parts.uri, |original| &original.0);
    let path = uri.path().strip_prefix(config.base_path.as_str()).unwrap_or(uri.path());
    match path.split('/').nth(1) {
        Some("desk") => Ok(config.default_language().to_owned()),
        Some(prefix) => config.language(prefix).map(|language| language.code.clone()).ok_or(WebError::NotFound),
        None => Err(WebError::NotFound),
    }
}

/// An agent, a lead or an administrator. Employees are told that this is not for them; everybody else signs in first.
#[derive(Debug, Clone)]
pub(super) struct Staff(pub(super) Viewer);

impl FromRequestParts<App> for Staff {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Refusal> {
        let viewer = Viewer::from_request_parts(parts, app).await?;
        crate::web::session::Staff::from_request_parts(parts, app).await?;
        Ok(Self(viewer))
    }
}

/// An administrator.
#[derive(Debug, Clone)]
pub(super) struct Admin(pub(super) Viewer);

impl FromRequestParts<App> for Admin {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Refusal> {
        let Staff(viewer) = Staff::from_request_parts(parts, app).await?;
        if viewer.actor.role == Role::Admin {
            return Ok(Self(viewer));
        }
        let message = pick(&viewer.lang, "这一页只对管理员开放。", "This page is for administrators alone.");
        Err(WebError::Forbidden(message.to_owned()).into())
    }
}
