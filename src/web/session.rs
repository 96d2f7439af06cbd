//! Who is asking: sign-in, sign-out, and the extractors that handlers name what they need with.
//!
//! [`Visitor`] takes anybody, [`SignedIn`] needs an account, [`Staff`] needs an agent, a lead or an administrator. A
//! browser that navigates is sent to the sign-in page and comes back; a program gets 401.

mod cookie;
mod device;
pub(in crate::web) mod identify;
pub(in crate::web) mod my;
mod pages;
mod password;
#[cfg(test)]
mod tests;
mod words;

use axum::Router;
use axum::extract::{FromRequestParts, OriginalUri};
use axum::http::{HeaderMap, Method};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use http::header::{ACCEPT, REFERER};
use http::request::Parts;

use super::error::WebError;
use super::{App, language, security, url};
use crate::auth::Account;
use crate::config::Config;
use crate::site::common::{href, language_prefix};
use crate::ticket::Actor;

pub fn router() -> Router<App> {
    Router::new()
        .route("/desk/sign-in", get(pages::show_default).post(pages::sign_in_default))
        .route("/{lang}/desk/sign-in", get(pages::show_other).post(pages::sign_in_other))
        .route("/desk/sign-out", post(pages::sign_out))
        .route("/my/password", get(password::show_default).post(password::change_default))
        .route("/{lang}/my/password", get(password::show_other).post(password::change_other))
        .merge(my::router())
}

/// Somebody who is signed in, as of this request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SessionActor {
    /// What the rules of the ticket process ask for.
    pub actor: Actor,
    pub account: Account,
    /// Goes into every form as the hidden field `csrf`, or into the header `X-CSRF-Token`.
    pub csrf: String,
    /// Whether the company's sign-on vouches for them: there is nothing to sign out of here.
    pub vouched: bool,
}

impl SessionActor {
    fn new(account: Account, csrf: String) -> Self {
        Self { actor: account.actor(), account, csrf, vouched: false }
    }

    /// Whether a request that changes something comes from a page that was made for this session: by `X-CSRF-Token`, or
    /// by the form's field `csrf`. Call it in every handler that writes in the name of a cookie.
    ///
    /// # Errors
    /// [`WebError::Forbidden`] when neither is there or right.
    pub fn check_csrf(&self, headers: &HeaderMap, form: Option<&str>, lang: &str) -> Result<(), WebError> {
        let header = headers.get("x-csrf-token").and_then(|value| value.to_str().ok());
        let sent = header.or(form).unwrap_or("");
        // Compared as hashes: the time tells nothing.
        match blake3::hash(sent.as_bytes()) == blake3::hash(self.csrf.as_bytes()) {
            true => Ok(()),
            false => Err(WebError::Forbidden(words::stale_form(lang).to_owned())),
        }
    }
}

impl SessionActor {
    /// As [`SessionActor::check_csrf`], for a form that is the same for everybody and carries no token: a browser that
    /// says that the page is one of this site will do. A program that files in the name of a cookie sends the token.
    ///
    /// # Errors
    /// [`WebError::Forbidden`].
    pub(super) fn check_page(
        &self,
        headers: &HeaderMap,
        form: Option<&String>,
        config: &Config,
        lang: &str,
    ) -> Result<(), WebError> {
        match security::is_own_page(headers, &config.base_url) {
            true => Ok(()),
            false => self.check_csrf(headers, form.map(String::as_str), lang),
        }
    }
}

/// Anybody; with their account where they are signed in.
#[derive(Debug, Clone)]
pub struct Visitor(pub Option<SessionActor>);

/// Anybody; with their session even while they have to choose a new password.
#[derive(Debug, Clone)]
struct AnySession(Option<SessionActor>);

/// Somebody with an account, also while they have to choose a new password before anything else.
#[derive(Debug, Clone)]
struct Holder(SessionActor);

/// Anybody who may file a ticket here: with an account, or without where the site allows that.
#[derive(Debug, Clone)]
pub struct Filer(pub Option<SessionActor>);

/// Somebody with an account.
#[derive(Debug, Clone)]
pub struct SignedIn(pub SessionActor);

/// An agent, a lead or an administrator.
#[derive(Debug, Clone)]
pub struct Staff(pub SessionActor);

/// Why a request is not answered.
#[derive(Debug)]
pub enum Refusal {
    /// To the sign-in page, 303.
    SignIn(String),
    Web(WebError),
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        match self {
            Refusal::SignIn(to) => security::private(Redirect::to(&to).into_response()),
            Refusal::Web(error) => error.into_response(),
        }
    }
}

impl From<WebError> for Refusal {
    fn from(error: WebError) -> Self {
        Refusal::Web(error)
    }
}

impl FromRequestParts<App> for Visitor {
    type Rejection = WebError;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, WebError> {
        let who = identify::identify(parts, app).await?;
        Ok(Visitor(who.filter(|who| !who.account.must_change)))
    }
}

impl FromRequestParts<App> for AnySession {
    type Rejection = WebError;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, WebError> {
        Ok(AnySession(identify::identify(parts, app).await?))
    }
}

impl FromRequestParts<App> for Holder {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Refusal> {
        match identify::identify(parts, app).await? {
            Some(who) => Ok(Holder(who)),
            None => Err(first_to("/desk/sign-in", parts, &app.live.load().config)),
        }
    }
}

impl FromRequestParts<App> for Filer {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Refusal> {
        if app.live.load().config.tickets.require_sign_in {
            return SignedIn::from_request_parts(parts, app).await.map(|SignedIn(who)| Filer(Some(who)));
        }
        let Visitor(visitor) = Visitor::from_request_parts(parts, app).await?;
        Ok(Filer(visitor))
    }
}

impl FromRequestParts<App> for SignedIn {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Refusal> {
        let Holder(who) = Holder::from_request_parts(parts, app).await?;
        match who.account.must_change {
            true => Err(first_to("/my/password", parts, &app.live.load().config)),
            false => Ok(SignedIn(who)),
        }
    }
}

impl FromRequestParts<App> for Staff {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Refusal> {
        let SignedIn(who) = SignedIn::from_request_parts(parts, app).await?;
        match who.actor.is_staff() {
            true => Ok(Staff(who)),
            false => {
                let lang = language::of_parts(&app.live.load().config, parts);
                Err(WebError::Forbidden(words::staff_only(&lang).to_owned()).into())
            }
        }
    }
}

/// The address that was asked for, whatever router the handler is nested in.
fn path_of(parts: &Parts) -> &http::Uri {
    parts.extensions.get::<OriginalUri>().map_or(&parts.uri, |original| &original.0)
}

/// A browser that navigates goes to `page` first and comes back to where it was; after a form that took too long,
/// to the page with the form. Programs, and scripts that fetch, are told.
fn first_to(page: &str, parts: &Parts, config: &Config) -> Refusal {
    let uri = path_of(parts);
    let path = uri.path().strip_prefix(config.base_path.as_str()).unwrap_or(uri.path());
    let accept = parts.headers.get(ACCEPT).and_then(|accept| accept.to_str().ok()).unwrap_or("*/*");
    let navigates = accept.contains("text/html") || accept.contains("*/*") && !accept.contains("json");
    if path.starts_with("/api/") || !navigates || accept.contains("text/event-stream") {
        return Refusal::Web(WebError::Unauthorized);
    }
    let back = match parts.method {
        Method::GET | Method::HEAD => uri.path_and_query().map(|whole| whole.as_str().to_owned()),
        _ => referring_page(&parts.headers),
    };
    let back = back.filter(|back| is_local(config, back));
    // In the language of the address, as the page itself would be; the browser's wish is not asked for half way.
    let lang = path.split('/').nth(1).and_then(|code| config.language(code));
    let lang = lang.map_or(config.default_language(), |lang| lang.code.as_str());
    let page = href(config, &format!("{}{page}", language_prefix(config, lang)));
    Refusal::SignIn(match back {
        Some(back) => format!("{page}?next={}", url::encode(&back)),
        None => page,
    })
}

/// The path of the page that a form was sent from; other sites are refused before.
fn referring_page(headers: &HeaderMap) -> Option<String> {
    let (_, rest) = headers.get(REFERER)?.to_str().ok()?.split_once("://")?;
    rest.find('/').map(|at| rest[at..].to_owned())
}

/// Whether `next` leads to a page of this site and nowhere else: a path below the base path, as a browser reads it.
fn is_local(config: &Config, next: &str) -> bool {
    let plain = next.len() <= 2_000 && !next.contains(|c: char| c == '\\' || c.is_control() || c.is_whitespace());
    let below = next.strip_prefix(config.base_path.as_str()).is_some_and(|rest| rest.starts_with('/'));
    let path = next.split(['?', '#']).next().unwrap_or(next);
    let climbs = url::decode_path(path).is_none();
    plain
        && below
        && next.starts_with('/')
        && !next.starts_with("//")
        && !climbs
        && !path.contains("/desk/sign-")
        && !path.ends_with("/my/password")
}
