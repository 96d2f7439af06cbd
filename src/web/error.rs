//! The only mapping from what went wrong to status codes and words.
//!
//! A handler returns a [`WebError`]. It becomes an RFC 9457 problem; the layer [`present`] then says it in the
//! request's language, and as a page where the client is a browser that navigates.

use std::error::Error as StdError;

use axum::Json;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use http::header::{ACCEPT, CACHE_CONTROL, CONTENT_TYPE, RETRY_AFTER};
use http_body_util::LengthLimitError;
use serde::Serialize;

pub use crate::site::context::FieldError;
use crate::ticket::StoreError;

use super::pace::Stalled;
use super::{App, language, pages, words};
use crate::site::context::ErrorPage;

/// Why a request is refused. Texts inside are for the client, in the request's language; empty means the usual words.
#[derive(Debug, thiserror::Error)]
pub enum WebError {
    #[error("nothing at this address")]
    NotFound,
    #[error("bad request: {0}")]
    BadRequest(String),
    /// Every mistake at once: 422.
    #[error("{} field(s) are wrong", .0.len())]
    Validation(Vec<FieldError>),
    /// The body (or an attachment) is larger than allowed: 413.
    #[error("too large: {0}")]
    TooLarge(String),
    /// The body's type is not one that is read here: 415.
    #[error("unsupported media type: {0}")]
    UnsupportedMedia(String),
    /// The client stopped sending: 408.
    #[error("the body stalled")]
    Timeout,
    #[error("the state does not allow it: {0}")]
    Conflict(String),
    /// `If-Match` no longer holds: 412.
    #[error("changed in the meantime")]
    Stale,
    /// Saving or answering is impossible now: 503. `retry_after` is in seconds.
    #[error("unavailable: {message}")]
    Unavailable { message: String, retry_after: u64 },
    /// Too many requests of one client: 429. `retry_after` is in seconds.
    #[error("too many requests")]
    TooMany { retry_after: u64 },
    #[error("forbidden: {0}")]
    Forbidden(String),
    #[error("unauthorized")]
    Unauthorized,
    /// Anything the client can do nothing about: 500. The reason is logged, never sent.
    #[error("internal error")]
    Internal(#[source] Box<dyn StdError + Send + Sync>),
}

impl WebError {
    /// Wraps an error whose words are for the log alone.
    pub fn internal(error: impl Into<Box<dyn StdError + Send + Sync>>) -> Self {
        let error = error.into();
        if let Some(StoreError::Broken { path, reason }) = error.downcast_ref() {
            // Somebody is editing the file: soon it can be read again.
            tracing::warn!(path = %path.display(), reason, "a ticket's file cannot be read");
            return WebError::Unavailable { message: String::new(), retry_after: 60 };
        }
        WebError::Internal(error)
    }

    /// The refusal behind an error of reading a request's body: too large, stalled, or broken off.
    pub fn of_body(error: &(dyn StdError + 'static)) -> Self {
        let mut cause = Some(error);
        while let Some(error) = cause {
            if error.is::<Stalled>() {
                return WebError::Timeout;
            }
            // axum-core boxes the limit's error twice where it reads a body whole.
            if error.is::<LengthLimitError>() || error.is::<Box<LengthLimitError>>() {
                return WebError::TooLarge(String::new());
            }
            cause = error.source();
        }
        WebError::BadRequest(String::new())
    }

    fn problem(self) -> Problem {
        let problem = |status, detail| Problem { status, detail, errors: Vec::new(), retry_after: None };
        match self {
            WebError::NotFound => problem(StatusCode::NOT_FOUND, String::new()),
            WebError::BadRequest(detail) => problem(StatusCode::BAD_REQUEST, detail),
            WebError::Validation(errors) => {
                Problem { errors, ..problem(StatusCode::UNPROCESSABLE_ENTITY, String::new()) }
            }
            WebError::TooLarge(detail) => problem(StatusCode::PAYLOAD_TOO_LARGE, detail),
            WebError::UnsupportedMedia(detail) => problem(StatusCode::UNSUPPORTED_MEDIA_TYPE, detail),
            WebError::Timeout => problem(StatusCode::REQUEST_TIMEOUT, String::new()),
            WebError::Conflict(detail) => problem(StatusCode::CONFLICT, detail),
            WebError::Stale => problem(StatusCode::PRECONDITION_FAILED, String::new()),
            WebError::Unavailable { message, retry_after } => {
                Problem { retry_after: Some(retry_after), ..problem(StatusCode::SERVICE_UNAVAILABLE, message) }
            }
            WebError::TooMany { retry_after } => {
                Problem { retry_after: Some(retry_after), ..problem(StatusCode::TOO_MANY_REQUESTS, String::new()) }
            }
            WebError::Forbidden(detail) => problem(StatusCode::FORBIDDEN, detail),
            WebError::Unauthorized => problem(StatusCode::UNAUTHORIZED, String::new()),
            WebError::Internal(error) => {
                let mut chain = error.to_string();
                let mut cause = error.source();
                while let Some(error) = cause {
                    chain = format!("{chain}: {error}");
                    cause = error.source();
                }
                tracing::error!(error = chain, "a request failed");
                problem(StatusCode::INTERNAL_SERVER_ERROR, String::new())
            }
        }
    }
}

/// What is left of a [`WebError`] once its internals are logged. Travels in the response's extensions to [`present`].
#[derive(Debug, Clone)]
struct Problem {
    status: StatusCode,
    detail: String,
    errors: Vec<FieldError>,
    retry_after: Option<u64>,
}

#[derive(Serialize)]
struct ProblemJson<'a> {
    #[serde(rename = "type")]
    kind: &'a str,
    title: &'a str,
    status: u16,
    #[serde(skip_serializing_if = "str::is_empty")]
    detail: &'a str,
    #[serde(skip_serializing_if = "<[FieldError]>::is_empty")]
    errors: &'a [FieldError],
}

impl Problem {
    /// The title, and the detail or the usual words in its place.
    fn words(&self, lang: &str) -> (&'static str, String) {
        let (title, usual) = words::of_status(self.status, lang);
        (title, if self.detail.is_empty() { usual.to_owned() } else { self.detail.clone() })
    }

    fn json(&self, lang: &str) -> Response {
        let (title, detail) = self.words(lang);
        let status = self.status.as_u16();
        let body = ProblemJson { kind: "about:blank", title, status, detail: &detail, errors: &self.errors };
        let mut response = (self.status, Json(body)).into_response();
        response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        self.finish(response)
    }

    fn finish(&self, mut response: Response) -> Response {
        response.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
        if let Some(seconds) = self.retry_after {
            response.headers_mut().insert(RETRY_AFTER, HeaderValue::from(seconds));
        }
        response
    }
}

impl IntoResponse for WebError {
    fn into_response(self) -> Response {
        let problem = self.problem();
        let mut response = problem.json("en");
        response.extensions_mut().insert(problem);
        response
    }
}

/// Layer: refusals in the request's language, as a page for browsers and as a problem for programs. Refusals without
/// a body (a method that is not allowed) and those of the framework's own extractors get the same form.
pub(super) async fn present(State(app): State<App>, request: Request, next: Next) -> Response {
    let snapshot = app.live.load();
    let (parts, body) = request.into_parts();
    let lang = language::of_parts(&snapshot.config, &parts);
    let html = wants_page(parts.headers.get(ACCEPT));
    let mut response = next.run(Request::from_parts(parts, body)).await;
    let status = response.status();
    let problem = match response.extensions_mut().remove::<Problem>() {
        Some(problem) => problem,
        None if status.as_u16() >= 400 && is_bare(response.headers()) => {
            Problem { status, detail: String::new(), errors: Vec::new(), retry_after: None }
        }
        None => return response,
    };
    let mut presented = if html { page(&snapshot, &problem, &lang) } else { problem.json(&lang) };
    for (name, value) in response.headers() {
        if !presented.headers().contains_key(name) && *name != http::header::CONTENT_LENGTH {
            presented.headers_mut().append(name, value.clone());
        }
    }
    presented
}

/// Whether nobody here wrote the answer: it has no body, or the few words of an extractor of the framework.
fn is_bare(headers: &HeaderMap) -> bool {
    headers.get(CONTENT_TYPE).is_none_or(|kind| kind.as_bytes().starts_with(b"text/plain"))
}

/// Whether the client is a browser that navigates: programs that ask for `*/*` get JSON.
fn wants_page(accept: Option<&HeaderValue>) -> bool {
    accept.and_then(|accept| accept.to_str().ok()).is_some_and(|accept| accept.contains("text/html"))
}

fn page(snapshot: &crate::snapshot::Snapshot, problem: &Problem, lang: &str) -> Response {
    let (heading, message) = problem.words(lang);
    let message = problem.errors.iter().fold(message, |all, error| format!("{all} {}", error.message));
    let page = ErrorPage { status: problem.status.as_u16(), heading: heading.to_owned(), message };
    let common = pages::page_common(snapshot, lang, "error", heading, "");
    match snapshot.theme.render("error.html", &common, &page) {
        Ok(html) => problem.finish((problem.status, axum::response::Html(html)).into_response()),
        Err(error) => {
            tracing::error!(%error, "the error page cannot be rendered");
            problem.json(lang)
        }
    }
}

#[cfg(test)]
mod tests {
    use axum::body::Body;

    use super::super::testing::{TestSite, get};
    use super::*;

    fn asked(path: &str, accept: &str, languages: &str) -> Request {
        let request = Request::get(path).header("accept", accept).header("accept-language", languages);
        request.body(Body::empty()).unwrap()
    }

    #[tokio::test]
    async fn a_refusal_speaks_the_language_and_the_form_of_its_client() {
        let site = TestSite::new();
        let json = site.ask(get("/api/search?q=x&limit=ten")).await;
        assert_eq!((json.status.as_u16(), json.header("content-type")), (422, "application/problem+json"));
        let body = json.json();
        assert_eq!((&body["status"], &body["errors"][0]["field"]), (&422.into(), &"limit".into()));
        assert!(body["title"].as_str().unwrap().contains("修改"), "{body}");

        let english = site.ask(asked("/api/search?q=x&limit=ten", "*/*", "en-GB,zh;q=0.1")).await;
        assert!(english.json()["errors"][0]["message"].as_str().unwrap().contains("whole number"));

        let page = site.ask(asked("/api/search?q=x&kind=ticket", "text/html,*/*;q=0.8", "zh")).await;
        assert_eq!((page.status.as_u16(), page.header("content-type")), (422, "text/html; charset=utf-8"));
        assert!(page.text().contains("zh-CN") && page.text().contains("“ticket”"), "{}", page.text());
    }

    #[tokio::test]
    async fn refusals_without_a_body_get_one_and_keep_their_headers() {
        let site = TestSite::new();
        let got = site.ask(Request::delete("/api/search").body(Body::empty()).unwrap()).await;
        assert_eq!((got.status.as_u16(), got.json()["status"].as_u64()), (405, Some(405)));
        assert!(got.header("allow").contains("GET"));
        assert_eq!(got.header("x-content-type-options"), "nosniff");
        assert!(!got.header("x-request-id").is_empty());
    }

    #[tokio::test]
    async fn the_frameworks_own_refusals_look_like_all_others() {
        let site = TestSite::new();
        let post = |kind: &str, body: String| {
            Request::post("/desk/sign-in").header("content-type", kind).body(Body::from(body)).unwrap()
        };
        let form = "application/x-www-form-urlencoded";
        for (request, status) in [
            (post("application/json", "{}".into()), 415),
            (post(form, format!("login={}", "a".repeat(70_000))), 413),
            (get("/track/x/attachments/abc"), 400),
        ] {
            let got = site.ask(request).await;
            assert_eq!((got.status.as_u16(), got.header("content-type")), (status, "application/problem+json"));
            assert_eq!((got.header("cache-control"), got.json()["status"].as_u64()), ("no-store", Some(status.into())));
        }
    }

    #[tokio::test]
    async fn a_large_upload_is_too_large_in_every_form() {
        use axum::extract::{FromRequest, Multipart};
        let head = "--x\r\ncontent-disposition: form-data; name=\"a\"; filename=\"a\"\r\n\r\n";
        let body = format!("{head}{}\r\n--x--\r\n", "a".repeat(5_000));
        let request = Request::post("/").header("content-type", "multipart/form-data; boundary=x");
        let mut request = request.body(Body::from(body)).unwrap();
        request = Request::new(Body::new(http_body_util::Limited::new(std::mem::take(request.body_mut()), 1_000)));
        request.headers_mut().insert("content-type", "multipart/form-data; boundary=x".parse().unwrap());
        let mut form = Multipart::from_request(request, &()).await.unwrap();
        let error = async { form.next_field().await?.unwrap().bytes().await }.await.unwrap_err();
        assert!(matches!(WebError::of_body(&error), WebError::TooLarge(_)), "{error:?}");
    }

    #[tokio::test]
    async fn a_failure_tells_nothing_of_the_inside() {
        let site = TestSite::new();
        let panics = axum::Router::new().route("/boom", axum::routing::get(async || -> () { panic!("secret path") }));
        let fails = axum::routing::get(async || WebError::internal("secret password"));
        let router = super::super::layered(panics.route("/fail", fails), site.app.clone());
        for path in ["/boom", "/fail"] {
            let response = tower::ServiceExt::oneshot(router.clone(), get(path)).await.unwrap();
            assert_eq!(response.status(), StatusCode::INTERNAL_SERVER_ERROR, "{path}");
            let body = axum::body::to_bytes(response.into_body(), 10_000).await.unwrap();
            let text = std::str::from_utf8(&body).unwrap();
            assert!(!text.contains("secret") && text.contains("\"status\":500"), "{text}");
        }
    }
}
