//! One line of log, one count and one id for every request.

use std::sync::LazyLock;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

use axum::extract::{Request, State};
use axum::http::{HeaderName, HeaderValue};
use axum::middleware::Next;
use axum::response::Response;
use tracing::Instrument;

use super::{App, url};

/// Tells this run's ids from the last run's.
static RUN: LazyLock<String> = LazyLock::new(|| {
    let mut bytes = [0; 4];
    // Without randomness ids repeat after a restart: a nuisance in logs, no reason to stop.
    let _ = getrandom::fill(&mut bytes);
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
});
static NEXT: AtomicU64 = AtomicU64::new(1);

/// Layer: gives the request an id (`X-Request-Id` of the answer), counts it and logs how it went. Query strings are
/// not logged: they hold what people searched for.
pub(super) async fn observe(State(app): State<App>, request: Request, next: Next) -> Response {
    let id = format!("{}-{}", *RUN, NEXT.fetch_add(1, Ordering::Relaxed));
    let span =
        tracing::info_span!("request", id, method = %request.method(), path = without_secret(request.uri().path()));
    let start = Instant::now();
    let mut response = next.run(request).instrument(span.clone()).await;
    app.metrics.answered(response.status());
    span.in_scope(|| {
        let (status, ms) = (response.status().as_u16(), start.elapsed().as_secs_f64() * 1e3);
        tracing::info!(status, ms = format!("{ms:.1}"), "answered");
    });
    if let Ok(id) = HeaderValue::try_from(id) {
        response.headers_mut().insert(HeaderName::from_static("x-request-id"), id);
    }
    response
}

/// A tracking link is a key: what follows `/track/` never reaches a log, however it is written.
fn without_secret(path: &str) -> String {
    let readable = url::decode_path(path).unwrap_or_else(|| "(unreadable)".to_owned());
    match readable.find("/track/") {
        Some(at) => format!("{}/track/…", &readable[..at]),
        None => readable,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_stay_out_of_the_log() {
        assert_eq!(without_secret("/it/en/track/abc/attachments/1"), "/it/en/track/…");
        assert_eq!(without_secret("/%74rack/abc"), "/track/…");
        assert_eq!(without_secret("/track/%zzabc"), "(unreadable)");
        assert_eq!(without_secret("/articles/a/"), "/articles/a/");
    }
}
