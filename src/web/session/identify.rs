//! From a request to an account: the company's sign-on where it vouches for somebody, else the cookie.

use std::net::{IpAddr, SocketAddr};
use std::sync::atomic::{AtomicBool, Ordering};

use axum::extract::ConnectInfo;
use http::HeaderMap;
use http::request::Parts;

use super::{SessionActor, cookie};
use crate::auth::{AuthError, Claim, Distrust, SignOn};
use crate::web::App;
use crate::web::error::WebError;

/// What the proxy proves itself with.
const SECRET: &str = "x-helpmark-proxy-secret";

/// Whether somebody was told of a claim that is not believed: once is enough for a log.
#[derive(Debug, Default)]
pub(in crate::web) struct Warned(AtomicBool);

impl Warned {
    fn say(&self, peer: IpAddr, header: &str, why: Distrust) {
        if !self.0.swap(true, Ordering::Relaxed) {
            tracing::warn!(%peer, header, "a sign-on header is ignored: {why}; said once");
        }
    }
}

/// Who is behind a request, if anybody is signed in.
pub(super) async fn identify(parts: &Parts, app: &App) -> Result<Option<SessionActor>, WebError> {
    if let Some(sign_on) = &app.sign_on
        && let Some(who) = vouched_for(parts, app, sign_on).await?
    {
        return Ok(Some(who));
    }
    let snapshot = app.live.load();
    let config = &snapshot.config;
    let Some(token) = cookie::token(config, &parts.headers) else { return Ok(None) };
    let found = app.sessions.find(token, &app.accounts, &config.accounts, app.now()).await.map_err(failed)?;
    Ok(found.map(|session| SessionActor::new(session.account, session.csrf)))
}

/// Whether the person behind a request that has been answered for a while is still the same member of the service desk:
/// not signed out, not disabled, with the rights they had.
pub(in crate::web) async fn is_still_staff(parts: &Parts, app: &App, login: &str) -> bool {
    let snapshot = app.live.load();
    let config = &snapshot.config;
    if let Some(sign_on) = &app.sign_on
        && let Ok(Some(who)) = vouched_for(parts, app, sign_on).await
    {
        return who.account.login == login && who.actor.is_staff();
    }
    let Some(token) = cookie::token(config, &parts.headers) else { return false };
    let found = app.sessions.peek(token, &app.accounts, &config.accounts, app.now()).await;
    let found = found.ok().flatten().map(|session| session.account);
    found.is_some_and(|account| account.login == login && !account.must_change && account.actor().is_staff())
}

/// The person whom a trusted proxy names. Without its header, or without trust, the request is like any other.
async fn vouched_for(parts: &Parts, app: &App, sign_on: &SignOn) -> Result<Option<SessionActor>, WebError> {
    let rules = sign_on.rules();
    let names = parts.headers.get_all(rules.header.as_str()).iter().count();
    let empty = one(&parts.headers, &rules.header).is_some_and(|value| value.trim_ascii().is_empty());
    if names == 0 || empty {
        return Ok(None);
    }
    // Without a connection (a test without a socket) nobody is believed.
    let peer = parts.extensions.get::<ConnectInfo<SocketAddr>>();
    let peer = peer.map_or(IpAddr::V4(std::net::Ipv4Addr::UNSPECIFIED), |peer| peer.0.ip());
    let text =
        |name: &str| one(&parts.headers, name).map(String::from_utf8_lossy).unwrap_or_default().trim().to_owned();
    let other = |name: &Option<String>| name.as_deref().map(text).unwrap_or_default();
    let claim = Claim {
        // Two names are one too many: the proxy added its own to the client's.
        login: if names == 1 { text(&rules.header) } else { String::new() },
        name: other(&rules.name_header).chars().filter(|c| !c.is_control()).take(80).collect(),
        email: other(&rules.email_header).chars().filter(|c| !c.is_control()).take(200).collect(),
    };
    match sign_on.accept(peer, one(&parts.headers, SECRET), claim, &app.accounts) {
        Ok(account) => {
            let csrf = app.sessions.csrf_for(&account.login).await.map_err(failed)?;
            Ok(Some(SessionActor { vouched: true, ..SessionActor::new(account, csrf) }))
        }
        Err(why) => {
            app.warned.say(peer, &rules.header, why);
            Ok(None)
        }
    }
}

/// The value of a header that comes once.
fn one<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a [u8]> {
    let mut values = headers.get_all(name).iter();
    let value = values.next()?;
    values.next().is_none().then(|| value.as_bytes())
}

/// The disk is full or failing, or the server stops: the same request may succeed later.
pub(super) fn failed(error: AuthError) -> WebError {
    tracing::error!(%error, "accounts or sessions could not be used");
    match error {
        AuthError::Disk(_) | AuthError::Random(_) | AuthError::Interrupted(_) => {
            WebError::Unavailable { message: String::new(), retry_after: 30 }
        }
        error => WebError::internal(error),
    }
}
