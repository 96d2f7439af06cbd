//! `/my/password`: a person's own password, and the one page open to those who have to choose a new one first.

use std::collections::BTreeMap;
use std::time::Instant;

use axum::Form;
use axum::extract::{Path, Query, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Redirect, Response};
use http::header::{RETRY_AFTER, SET_COOKIE};
use serde::Deserialize;

use super::identify::failed;
use super::{Holder, SessionActor, cookie, device, pages::destination, words};
use crate::auth::{AuthError, check_password};
use crate::site::common::{href, language_prefix};
use crate::site::context::{FieldError, Password};
use crate::snapshot::Snapshot;
use crate::web::error::WebError;
use crate::web::extract::Client;
use crate::web::intake::page_language;
use crate::web::security::private;
use crate::web::{App, pages};

type Parameters = Query<BTreeMap<String, String>>;

#[derive(Deserialize)]
pub(super) struct Change {
    #[serde(default)]
    current: String,
    #[serde(default)]
    password: String,
    #[serde(default)]
    again: String,
    #[serde(default)]
    next: String,
    #[serde(default)]
    csrf: String,
}

pub(super) async fn show_default(app: State<App>, who: Holder, query: Parameters) -> Result<Response, WebError> {
    show(&app, None, &who.0, &query)
}

pub(super) async fn show_other(
    app: State<App>,
    who: Holder,
    Path(lang): Path<String>,
    query: Parameters,
) -> Result<Response, WebError> {
    show(&app, Some(&lang), &who.0, &query)
}

fn show(
    app: &App,
    prefix: Option<&str>,
    who: &SessionActor,
    query: &BTreeMap<String, String>,
) -> Result<Response, WebError> {
    let snapshot = app.live.load();
    let lang = page_language(&snapshot.config, prefix, query)?;
    local_only(app, who)?;
    let next = query.get("next").cloned().unwrap_or_default();
    page(&snapshot, &lang, StatusCode::OK, who, Password { next, ..Password::default() })
}

/// People whom only the company's sign-on lets in have no password here.
fn local_only(app: &App, who: &SessionActor) -> Result<(), WebError> {
    if app.accounts.has_password(&who.account.login) { Ok(()) } else { Err(WebError::NotFound) }
}

fn page(
    snapshot: &Snapshot,
    lang: &str,
    status: StatusCode,
    who: &SessionActor,
    page: Password,
) -> Result<Response, WebError> {
    let config = &snapshot.config;
    let page = Password {
        action: href(config, &format!("{}/my/password", language_prefix(config, lang))),
        login: who.account.login.clone(),
        must_change: who.account.must_change,
        csrf: who.csrf.clone(),
        ..page
    };
    let common = pages::page_common(snapshot, lang, "my", words::password_title(lang), "/my/password");
    let html = pages::render(snapshot, "password.html", &common, &page)?;
    Ok(private((status, html).into_response()))
}

pub(super) async fn change_default(
    app: State<App>,
    who: Holder,
    client: Client,
    headers: HeaderMap,
    form: Form<Change>,
) -> Result<Response, WebError> {
    change(&app, None, who.0, client, &headers, form.0).await
}

pub(super) async fn change_other(
    app: State<App>,
    who: Holder,
    Path(lang): Path<String>,
    client: Client,
    headers: HeaderMap,
    form: Form<Change>,
) -> Result<Response, WebError> {
    change(&app, Some(&lang), who.0, client, &headers, form.0).await
}

async fn change(
    app: &App,
    prefix: Option<&str>,
    who: SessionActor,
    client: Client,
    headers: &HeaderMap,
    sent: Change,
) -> Result<Response, WebError> {
    let snapshot = app.live.load();
    let config = &snapshot.config;
    let lang = page_language(config, prefix, &BTreeMap::new())?;
    who.check_csrf(headers, Some(&sent.csrf), &lang)?;
    local_only(app, &who)?;
    let again = |status, errors: Vec<FieldError>, failure: String| {
        page(
            &snapshot,
            &lang,
            status,
            &who,
            Password { next: sent.next.clone(), errors, failure, ..Password::default() },
        )
    };
    let login = who.account.login.as_str();
    let mistakes = mistakes(login, &sent, &lang);
    if !mistakes.is_empty() {
        return again(StatusCode::UNPROCESSABLE_ENTITY, mistakes, String::new());
    }
    // Whoever found an open browser may not guess the password in it either.
    let origin = device::origin(app, config, headers, login, client).await;
    let attempt = match app.attempts.begin(login, origin, Instant::now()) {
        Ok(attempt) => attempt,
        Err(wait) => {
            let seconds = wait.as_secs() + u64::from(wait.subsec_nanos() > 0);
            let mut response = again(StatusCode::TOO_MANY_REQUESTS, Vec::new(), words::wait(&lang, seconds))?;
            response.headers_mut().insert(RETRY_AFTER, HeaderValue::from(seconds));
            return Ok(response);
        }
    };
    if app.accounts.verify(login, &sent.current).await.map_err(failed)?.is_none() {
        return again(
            StatusCode::UNPROCESSABLE_ENTITY,
            vec![wrong("current", words::wrong_current(&lang))],
            String::new(),
        );
    }
    app.attempts.succeeded(attempt, Instant::now());
    let fresh = async {
        app.accounts.choose_password(login, &sent.password).await?;
        app.sessions.start(login, &app.accounts, &config.accounts, app.now()).await
    };
    let token = match fresh.await {
        Ok(token) => token,
        Err(AuthError::Password(weak)) => {
            let errors = vec![wrong("password", &words::weak(&lang, weak))];
            return again(StatusCode::UNPROCESSABLE_ENTITY, errors, String::new());
        }
        Err(error) => return Err(failed(error)),
    };
    tracing::info!(login, "a password was changed; all other sessions of the account are over");
    let mut to = destination(config, &lang, &sent.next, &who);
    if to.ends_with("/my") {
        to.push_str("?changed=1");
    }
    let mut response = private(Redirect::to(&to).into_response());
    response.headers_mut().insert(SET_COOKIE, cookie::set(config, &token)?);
    device::remember(app, config, login, &mut response).await;
    Ok(response)
}

fn wrong(field: &str, message: &str) -> FieldError {
    FieldError { field: field.to_owned(), message: message.to_owned() }
}

/// What can be said without asking whether the present password is right.
fn mistakes(login: &str, sent: &Change, lang: &str) -> Vec<FieldError> {
    let mut mistakes = Vec::new();
    if sent.current.is_empty() {
        mistakes.push(wrong("current", words::need_password(lang)));
    }
    match check_password(login, &sent.password) {
        Err(weak) => mistakes.push(wrong("password", &words::weak(lang, weak))),
        Ok(()) if sent.password == sent.current => mistakes.push(wrong("password", words::same_as_before(lang))),
        Ok(()) if sent.password != sent.again => mistakes.push(wrong("again", words::not_the_same(lang))),
        Ok(()) => {}
    }
    mistakes
}
