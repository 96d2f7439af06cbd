//! Who asks, in which language: every route of the desk begins here.

use std::collections::BTreeMap;

use axum::extract::{FromRequestParts, OriginalUri};
use axum::response::{IntoResponse, Redirect, Response};
use http::request::Parts;

use crate::site::common::{href, language_prefix};
use crate::ticket::Actor;
use crate::web::App;
use crate::web::error::WebError;

/// A signed-in person.
#[derive(Debug, Clone)]
pub(super) struct Viewer {
    pub(super) actor: Actor,
    /// The token that their forms carry.
    pub(super) csrf: String,
    pub(super) lang: String,
}

impl Viewer {
    /// Refuses a form that was not made for this session.
    ///
    /// # Errors
    /// [`WebError::Forbidden`].
    pub(super) fn expect_csrf(&self, values: &BTreeMap<String, String>) -> Result<(), WebError> {
        match values.get("csrf") == Some(&self.csrf) && !self.csrf.is_empty() {
            true => Ok(()),
            false => Err(WebError::Forbidden(String::new())),
        }
    }
}

impl FromRequestParts<App> for Viewer {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Response> {
        let config = app.live.load().config.clone();
        let uri = parts.extensions.get::<OriginalUri>().map_or(&parts.uri, |original| &original.0);
        let path = uri.path().strip_prefix(config.base_path.as_str()).unwrap_or(uri.path());
        let prefix = path.split('/').nth(1).unwrap_or("");
        let lang = match config.language(prefix) {
            Some(language) => language.code.clone(),
            None if prefix == "desk" => config.default_language().to_owned(),
            None => return Err(WebError::NotFound.into_response()),
        };
        match parts.extensions.get::<Actor>() {
            Some(actor) => Ok(Self { actor: actor.clone(), csrf: "x".to_owned(), lang }),
            None => {
                let sign_in = href(&config, &format!("{}/desk/sign-in", language_prefix(&config, &lang)));
                Err(Redirect::to(&sign_in).into_response())
            }
        }
    }
}

/// An agent, a lead or an administrator. Everybody else is sent to the sign-in page.
#[derive(Debug, Clone)]
pub(super) struct Staff(pub(super) Viewer);

impl FromRequestParts<App> for Staff {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Response> {
        let viewer = Viewer::from_request_parts(parts, app).await?;
        match viewer.actor.is_staff() {
            true => Ok(Self(viewer)),
            false => Err(WebError::Forbidden(String::new()).into_response()),
        }
    }
}
