//! The sign-in page, and what it posts to.

use std::collections::BTreeMap;
use std::time::Instant;

use axum::Form;
use axum::extract::{Path, Query, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Redirect, Response};
use http::header::{RETRY_AFTER, SET_COOKIE};
use serde::Deserialize;

use super::identify::failed;
use super::{AnySession, SessionActor, cookie, device, is_local, words};
use crate::config::Config;
use crate::site::common::{href, language_prefix};
use crate::site::context::{FieldError, SignIn};
use crate::snapshot::Snapshot;
use crate::web::error::WebError;
use crate::web::extract::Client;
use crate::web::intake::page_language;
use crate::web::language::Lang;
use crate::web::security::private;
use crate::web::{App, pages};

/// Seconds after which a disk that was full may take a session.
const RETRY: u64 = 30;

type Parameters = Query<BTreeMap<String, String>>;

/// What the form sends. Nothing is required here, so that what is missing is said in words.
#[derive(Deserialize)]
pub(super) struct Credentials {
    #[serde(default)]
    login: String,
    #[serde(default)]
    password: String,
    #[serde(default)]
    next: String,
}

pub(super) async fn show_default(
    app: State<App>,
    query: Parameters,
    visitor: AnySession,
) -> Result<Response, WebError> {
    show(&app, None, &query, visitor.0)
}

pub(super) async fn show_other(
    app: State<App>,
    Path(lang): Path<String>,
    query: Parameters,
    visitor: AnySession,
) -> Result<Response, WebError> {
    show(&app, Some(&lang), &query, visitor.0)
}

fn show(
    app: &App,
    prefix: Option<&str>,
    query: &BTreeMap<String, String>,
    visitor: Option<SessionActor>,
) -> Result<Response, WebError> {
    let snapshot = app.live.load();
    let config = &snapshot.config;
    let lang = page_language(config, prefix, query)?;
    let next = query.get("next").map_or("", String::as_str);
    match visitor {
        Some(who) => Ok(private(Redirect::to(&destination(config, &lang, next, &who)).into_response())),
        None => page(&snapshot, &lang, StatusCode::OK, next, SignIn::default()),
    }
}

/// Where somebody goes who has signed in: back to where they came from, else staff to the desk, others to their tickets.
pub(super) fn destination(config: &Config, lang: &str, next: &str, who: &SessionActor) -> String {
    if is_local(config, next) {
        return next.to_owned();
    }
    let home = if who.actor.is_staff() { "/desk" } else { "/my" };
    href(config, &format!("{}{home}", language_prefix(config, lang)))
}

fn page(snapshot: &Snapshot, lang: &str, status: StatusCode, next: &str, page: SignIn) -> Result<Response, WebError> {
    let config = &snapshot.config;
    let page = SignIn {
        action: href(config, &format!("{}/desk/sign-in", language_prefix(config, lang))),
        next: if is_local(config, next) { next.to_owned() } else { String::new() },
        open_intake: !config.tickets.require_sign_in,
        ..page
    };
    let common = pages::page_common(snapshot, lang, "sign_in", words::sign_in_title(lang), "/desk/sign-in");
    let html = pages::render(snapshot, "sign_in.html", &common, &page)?;
    Ok(private((status, html).into_response()))
}

pub(super) async fn sign_in_default(
    app: State<App>,
    query: Parameters,
    client: Client,
    headers: HeaderMap,
    form: Form<Credentials>,
) -> Result<Response, WebError> {
    sign_in(&app, None, &query, client, &headers, form.0).await
}

pub(super) async fn sign_in_other(
    app: State<App>,
    Path(lang): Path<String>,
    query: Parameters,
    client: Client,
    headers: HeaderMap,
    form: Form<Credentials>,
) -> Result<Response, WebError> {
    sign_in(&app, Some(&lang), &query, client, &headers, form.0).await
}

async fn sign_in(
    app: &App,
    prefix: Option<&str>,
    query: &BTreeMap<String, String>,
    from: Client,
    headers: &HeaderMap,
    sent: Credentials,
) -> Result<Response, WebError> {
    let snapshot = app.live.load();
    let config = &snapshot.config;
    let lang = page_language(config, prefix, query)?;
    // The login comes back into the form, the password never.
    let again = |status: StatusCode, errors: Vec<FieldError>, failure: String| {
        let login = sent.login.chars().take(100).collect();
        page(&snapshot, &lang, status, &sent.next, SignIn { login, errors, failure, ..SignIn::default() })
    };
    let missing = missing(&sent, &lang);
    if !missing.is_empty() {
        return again(StatusCode::UNPROCESSABLE_ENTITY, missing, String::new());
    }
    let client = from.0;
    let origin = device::origin(app, config, headers, &sent.login, from).await;
    let attempt = match app.attempts.begin(&sent.login, origin, Instant::now()) {
        Ok(attempt) => attempt,
        Err(wait) => {
            let seconds = wait.as_secs() + u64::from(wait.subsec_nanos() > 0);
            tracing::warn!(%client, seconds, "too many tries to sign in");
            let mut response = again(StatusCode::TOO_MANY_REQUESTS, Vec::new(), words::wait(&lang, seconds))?;
            response.headers_mut().insert(RETRY_AFTER, HeaderValue::from(seconds));
            return Ok(response);
        }
    };
    let Some(account) = app.accounts.verify(&sent.login, &sent.password).await.map_err(failed)? else {
        // What was typed as a login may be a password: it is in no log.
        tracing::warn!(%client, "a sign-in failed");
        return again(StatusCode::UNPROCESSABLE_ENTITY, Vec::new(), words::wrong(&lang).to_owned());
    };
    app.attempts.succeeded(attempt, Instant::now());
    let started = app.sessions.start(&account.login, &app.accounts, &config.accounts, app.now()).await;
    let token = match started {
        Ok(token) => token,
        Err(error) => {
            tracing::error!(%error, "a session could not be begun");
            let mut response =
                again(StatusCode::SERVICE_UNAVAILABLE, Vec::new(), words::unavailable(&lang).to_owned())?;
            response.headers_mut().insert(RETRY_AFTER, HeaderValue::from(RETRY));
            return Ok(response);
        }
    };
    // A session that the browser had before is over: nobody goes on in it who planted it there.
    if let Some(before) = cookie::token(config, headers)
        && let Err(error) = app.sessions.end(before).await
    {
        tracing::warn!(%error, "the session before could not be ended");
    }
    tracing::info!(login = account.login, %client, "signed in");
    let login = account.login.clone();
    let who = SessionActor::new(account, String::new());
    let to = destination(config, &lang, &sent.next, &who);
    let mut response = private(Redirect::to(&to).into_response());
    response.headers_mut().insert(SET_COOKIE, cookie::set(config, &token)?);
    device::remember(app, config, &login, &mut response).await;
    Ok(response)
}

fn missing(sent: &Credentials, lang: &str) -> Vec<FieldError> {
    let fields = [
        ("login", sent.login.trim(), words::need_login(lang)),
        ("password", &sent.password, words::need_password(lang)),
    ];
    let empty = fields.into_iter().filter(|(_, value, _)| value.is_empty());
    empty.map(|(field, _, message)| FieldError { field: field.to_owned(), message: message.to_owned() }).collect()
}

#[derive(Deserialize)]
pub(super) struct SignOut {
    #[serde(default)]
    csrf: String,
}

/// Ends the session for good, then goes to the home page. Without one there is nothing to end.
pub(super) async fn sign_out(
    State(app): State<App>,
    Lang(lang): Lang,
    AnySession(holder): AnySession,
    headers: HeaderMap,
    Form(sent): Form<SignOut>,
) -> Result<Response, WebError> {
    let snapshot = app.live.load();
    let config = &snapshot.config;
    if let Some(who) = holder {
        who.check_csrf(&headers, Some(&sent.csrf), &lang)?;
        tracing::info!(login = who.account.login, "signed out");
    }
    if let Some(token) = cookie::token(config, &headers) {
        app.sessions.end(token).await.map_err(failed)?;
    }
    let mut response = private(Redirect::to(&href(config, "/")).into_response());
    response.headers_mut().insert(SET_COOKIE, cookie::clear(config)?);
    Ok(response)
}
