//! `GET /-/live`: tells the browser of whoever is editing that the site was rebuilt, and what is wrong with it.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::extract::{ConnectInfo, FromRequestParts, Query, State};
use axum::http::StatusCode;
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use http::request::Parts;
use serde::{Deserialize, Serialize};
use tokio::sync::{mpsc, watch};
use tokio_stream::wrappers::ReceiverStream;

use super::App;
use super::server::Closing;
use crate::diagnostic::{Diagnostic, Severity};
use crate::snapshot::{Live, Snapshot};

/// Below every idle deadline on the way.
const HEARTBEAT: Duration = Duration::from_secs(10);
/// More would not fit the overlay.
const MOST: usize = 50;

/// The person at this machine. Diagnostics quote documents that employees may not read, so nobody else gets them.
pub(super) struct Local {
    allowed: bool,
    closing: Option<watch::Receiver<bool>>,
}

impl FromRequestParts<App> for Local {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Infallible> {
        let peer = parts.extensions.get::<ConnectInfo<SocketAddr>>();
        let near = peer.is_some_and(|peer| peer.0.ip().to_canonical().is_loopback());
        // Through a proxy everybody comes from this machine.
        let forwarded = parts.headers.keys().any(|name| is_of_proxies(name.as_str()));
        let host = parts.uri.host().or_else(|| parts.headers.get(http::header::HOST)?.to_str().ok()).unwrap_or("");
        // A proxy may hide in all of this. A site with a public address has one, but on an author's own machine.
        let private = app.preview || is_for_this_machine(&app.live.load().config.base_url);
        let allowed = near && !forwarded && private && is_loopback_name(host);
        Ok(Local { allowed, closing: parts.extensions.get::<Closing>().map(|closing| closing.0.clone()) })
    }
}

/// Headers that browsers do not send and proxies do.
fn is_of_proxies(name: &str) -> bool {
    matches!(name, "forwarded" | "via" | "x-real-ip" | "x-client-ip" | "x-original-host")
        || name.starts_with("x-forwarded-")
}

/// Whether the site's address is that of the machine it is written on, or it has none.
fn is_for_this_machine(base_url: &str) -> bool {
    let Some((_, rest)) = base_url.split_once("://") else { return true };
    is_loopback_name(rest.split('/').next().unwrap_or(rest))
}

/// `localhost`, `127.0.0.1`, `[::1]`, with or without a port: another name that leads here is a page of another site.
fn is_loopback_name(host: &str) -> bool {
    let name = match host.rsplit_once(':') {
        Some((name, port)) if !port.ends_with(']') => name,
        _ => host,
    };
    name.eq_ignore_ascii_case("localhost")
        || name.trim_matches(['[', ']']).parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback())
}

/// What the author looks at.
#[derive(Deserialize)]
pub(super) struct Looking {
    /// The path of the page's document below `content/`.
    #[serde(default)]
    document: String,
}

/// A stream of `revision` events while the site is being watched; 204, which ends an `EventSource`, when it is not.
pub(super) async fn events(State(app): State<App>, Query(looking): Query<Looking>, local: Local) -> Response {
    if !app.live.watching() || !local.allowed {
        return StatusCode::NO_CONTENT.into_response();
    }
    let (sender, receiver) = mpsc::channel(4);
    tokio::spawn(send(Arc::clone(&app.live), looking, sender, local.closing));
    Sse::new(ReceiverStream::new(receiver)).keep_alive(KeepAlive::new().interval(HEARTBEAT)).into_response()
}

/// One event now, and one for every new snapshot, until the reader or the server goes away.
async fn send(
    live: Arc<Live>,
    looking: Looking,
    sender: mpsc::Sender<Result<Event, Infallible>>,
    closing: Option<watch::Receiver<bool>>,
) {
    let mut revisions = live.subscribe();
    let closed = async {
        match closing {
            // An error means that the server is gone, which is the same.
            Some(mut closing) => drop(closing.wait_for(|closing| *closing).await),
            None => std::future::pending().await,
        }
    };
    let mut closed = std::pin::pin!(closed);
    loop {
        revisions.mark_unchanged();
        // Numbers and text are always JSON; if not, this reader gets no more events.
        let Ok(event) = Event::default().event("revision").json_data(Message::of(&live.load(), &looking)) else {
            return;
        };
        if sender.send(Ok(event)).await.is_err() {
            return;
        }
        tokio::select! {
            changed = revisions.changed() => if changed.is_err() { return },
            () = sender.closed() => return,
            () = &mut closed => return,
        }
    }
}

/// The data of a `revision` event.
#[derive(Serialize)]
struct Message {
    revision: u64,
    diagnostics: Vec<Finding>,
}

#[derive(Serialize)]
struct Finding {
    severity: Severity,
    path: String,
    line: u32,
    column: u32,
    message: String,
    hint: String,
    /// As the command line prints it.
    text: String,
}

impl Message {
    /// Errors first, then warnings, those of the document in sight before others; notes are for `check`.
    fn of(snapshot: &Snapshot, looking: &Looking) -> Self {
        let of = |severity| snapshot.diagnostics.iter().filter(move |finding| finding.severity == severity);
        let own = |found: &&Diagnostic| found.path.strip_prefix("content/") == Some(&looking.document);
        let warnings = of(Severity::Warning).filter(own).chain(of(Severity::Warning).filter(|found| !own(found)));
        let findings = of(Severity::Error).chain(warnings).take(MOST);
        Message { revision: snapshot.revision, diagnostics: findings.map(Finding::of).collect() }
    }
}

impl Finding {
    fn of(diagnostic: &Diagnostic) -> Self {
        Finding {
            severity: diagnostic.severity,
            path: diagnostic.path.clone(),
            line: diagnostic.line,
            column: diagnostic.column,
            message: diagnostic.message.clone(),
            hint: diagnostic.hint.clone().unwrap_or_default(),
            text: diagnostic.to_string(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::{TestSite, get};
    use super::*;

    #[test]
    fn only_names_of_this_machine_count() {
        for host in ["localhost", "LOCALHOST:8080", "127.0.0.1:8080", "[::1]", "[::1]:8080", "127.0.0.1"] {
            assert!(is_loopback_name(host), "{host}");
        }
        for host in ["", "help.example.com", "localhost.example.com:80", "192.0.2.1:8080", "[2001:db8::1]:80"] {
            assert!(!is_loopback_name(host), "{host}");
        }
    }

    /// Asks as a browser on this machine does, and as a proxy on this machine that gives no header of its own.
    async fn status(toml: &str, preview: bool, headers: &[(&'static str, &str)]) -> u16 {
        let mut site = TestSite::with(&format!("title = 'x'\n{toml}"));
        let app = std::mem::replace(&mut site.app, TestSite::new().app);
        site.app = app.as_preview(preview);
        let mut request = get("/-/live");
        for (name, value) in headers {
            request.headers_mut().insert(*name, value.parse().unwrap());
        }
        request.headers_mut().insert("host", "127.0.0.1:8080".parse().unwrap());
        let peer: SocketAddr = "127.0.0.1:50000".parse().unwrap();
        request.extensions_mut().insert(ConnectInfo(peer));
        // The answer goes on for ever: its head is enough.
        tower::ServiceExt::oneshot(site.router(), request).await.unwrap().status().as_u16()
    }

    #[tokio::test]
    async fn a_site_with_a_public_address_tells_nobody_behind_its_proxy() {
        assert_eq!(status("", false, &[]).await, 200);
        assert_eq!(status("base_url = 'http://localhost:8080'", false, &[]).await, 200);
        assert_eq!(status("base_url = 'https://help.example.com'", false, &[]).await, 204);
        assert_eq!(status("base_url = 'https://help.example.com'", true, &[]).await, 200, "an author's own server");
        for name in ["x-real-ip", "x-forwarded-host", "x-forwarded-proto", "x-forwarded-for", "forwarded", "via"] {
            assert_eq!(status("", true, &[(name, "1")]).await, 204, "{name}");
        }
    }
}
