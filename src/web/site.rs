//! The built site: files the manifest lists, and nothing else on the disk.
//!
//! A page that is being replaced by a newer build is never sent half old, half new: what was read must have the
//! manifest's hash, else the request waits for the next snapshot.

use std::path::PathBuf;
use std::time::Duration;

use axum::body::Body;
use axum::extract::{OriginalUri, State};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use http::header::{
    ACCEPT, ALLOW, CACHE_CONTROL, CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_TYPE, ETAG, IF_NONE_MATCH, LOCATION, VARY,
};
use tokio::time::Instant;

use super::error::WebError;
use super::negotiate::{self, Encoding};
use super::{App, url};
use crate::site::output::{Entry, Manifest};

/// How long a request waits for the build that is replacing its file.
const PATIENCE: Duration = Duration::from_secs(2);

/// Answers whatever no other route takes.
pub(super) async fn fallback(
    State(app): State<App>,
    method: Method,
    uri: Uri,
    OriginalUri(original): OriginalUri,
    headers: HeaderMap,
) -> Result<Response, WebError> {
    if method != Method::GET && method != Method::HEAD {
        return Ok((StatusCode::METHOD_NOT_ALLOWED, [(ALLOW, "GET, HEAD")]).into_response());
    }
    let path = url::decode_path(uri.path()).unwrap_or_default();
    if path.starts_with('/') {
        if let Some(response) = file(&app, &path, &method, &headers).await? {
            return Ok(response);
        }
        if !path.ends_with('/') && app.live.load().manifest.resolve(&format!("{path}/")).is_some() {
            return slash(&original);
        }
    }
    not_found(&app, uri.path(), &method, &headers).await
}

/// The file of the built site at a decoded path without base path, or `None` when the manifest has none there.
///
/// # Errors
/// [`WebError::Unavailable`] when the file is not what the manifest says and no newer snapshot comes in time.
pub(super) async fn file(
    app: &App,
    path: &str,
    method: &Method,
    headers: &HeaderMap,
) -> Result<Option<Response>, WebError> {
    let mut revisions = app.live.subscribe();
    let deadline = Instant::now() + PATIENCE;
    loop {
        let snapshot = app.live.load();
        let Some((name, _)) = snapshot.manifest.resolve(path) else { return Ok(None) };
        let Some(chosen) = choose(&snapshot.manifest, name, headers) else { return Ok(None) };
        if not_modified(headers, &chosen) {
            return Ok(Some(chosen.response(StatusCode::NOT_MODIFIED, Body::empty())));
        }
        if let Some(bytes) = read(snapshot.public.join(&chosen.file), chosen.entry.clone()).await {
            let body = if method == Method::HEAD { Body::empty() } else { Body::from(bytes) };
            return Ok(Some(chosen.response(StatusCode::OK, body)));
        }
        let changed = tokio::time::timeout_at(deadline, revisions.changed()).await;
        if !matches!(changed, Ok(Ok(()))) {
            tracing::error!(file = chosen.file, "a file of the built site is not what its manifest says");
            return Err(WebError::Unavailable { message: String::new(), retry_after: 2 });
        }
    }
}

/// One representation of a file: itself, or a compressed copy that was built beside it.
struct Chosen {
    /// The name that says the type.
    name: String,
    /// The name on the disk.
    file: String,
    entry: Entry,
    encoding: Option<Encoding>,
    /// Whether compressed copies exist, so that caches must ask.
    varies: bool,
}

fn choose(manifest: &Manifest, name: &str, headers: &HeaderMap) -> Option<Chosen> {
    let copies: Vec<_> = Encoding::ALL
        .into_iter()
        .filter_map(|encoding| {
            let file = format!("{name}.{}", encoding.extension());
            manifest.files.get(&file).map(|entry| (encoding, file, entry.clone()))
        })
        .collect();
    let varies = !copies.is_empty();
    let copy = copies.into_iter().find(|(encoding, ..)| negotiate::accepts(headers, *encoding));
    let name = name.to_owned();
    Some(match copy {
        Some((encoding, file, entry)) => Chosen { name, file, entry, encoding: Some(encoding), varies },
        None => Chosen { file: name.clone(), entry: manifest.files.get(&name)?.clone(), name, encoding: None, varies },
    })
}

impl Chosen {
    /// The hash, marked weak where the answer may still be compressed on its way out.
    fn etag(&self) -> String {
        let weak = self.encoding.is_none() && negotiate::compressible(&negotiate::content_type(&self.name));
        format!("{}\"{}\"", if weak { "W/" } else { "" }, self.entry.hash)
    }

    fn response(&self, status: StatusCode, body: Body) -> Response {
        let mut response = (status, body).into_response();
        let headers = response.headers_mut();
        let mut set = |name, value: String| {
            // Hashes, types and numbers are plain ASCII: the value is always valid.
            if let Ok(value) = HeaderValue::try_from(value) {
                headers.insert(name, value);
            }
        };
        set(ETAG, self.etag());
        set(CACHE_CONTROL, cache_control(&self.name).to_owned());
        if self.varies {
            set(VARY, "accept-encoding".to_owned());
        }
        if status != StatusCode::NOT_MODIFIED {
            set(CONTENT_TYPE, negotiate::content_type(&self.name));
            set(CONTENT_LENGTH, self.entry.size.to_string());
            if let Some(encoding) = self.encoding {
                set(CONTENT_ENCODING, encoding.token().to_owned());
            }
        }
        response
    }
}

/// The bytes, if they are the ones the manifest knows.
async fn read(path: PathBuf, entry: Entry) -> Option<Vec<u8>> {
    let read = move || {
        // Anything but a plain file of the right size is not the build's work; a pipe would never end.
        let metadata = std::fs::symlink_metadata(&path).ok()?;
        if !metadata.is_file() || metadata.len() != entry.size {
            return None;
        }
        let bytes = std::fs::read(&path).ok()?;
        (blake3::hash(&bytes).to_hex().as_str() == entry.hash).then_some(bytes)
    };
    tokio::task::spawn_blocking(read).await.ok().flatten()
}

fn not_modified(headers: &HeaderMap, chosen: &Chosen) -> bool {
    headers.get_all(IF_NONE_MATCH).iter().filter_map(|value| value.to_str().ok()).flat_map(|list| list.split(',')).any(
        |tag| {
            let tag = tag.trim();
            tag == "*" || tag.strip_prefix("W/").unwrap_or(tag).trim_matches('"') == chosen.entry.hash
        },
    )
}

/// Names with a fingerprint never change their bytes; everything else is asked for again, and mostly answered 304.
fn cache_control(name: &str) -> &'static str {
    let fingerprint = |part: &str| part.len() >= 8 && part.bytes().all(|byte| byte.is_ascii_hexdigit());
    let file = name.rsplit('/').next().unwrap_or(name);
    if name.starts_with("assets/") && file.split(['.', '-']).skip(1).any(fingerprint) {
        "public, max-age=31536000, immutable"
    } else {
        "no-cache"
    }
}

/// `/a/b` where the site has `/a/b/`.
fn slash(original: &Uri) -> Result<Response, WebError> {
    let query = original.query().map(|query| format!("?{query}")).unwrap_or_default();
    let location = HeaderValue::try_from(format!("{}/{query}", original.path())).map_err(WebError::internal)?;
    Ok((StatusCode::PERMANENT_REDIRECT, [(LOCATION, location)]).into_response())
}

/// The site's own page for addresses that lead nowhere, in the language of the address.
async fn not_found(app: &App, path: &str, method: &Method, headers: &HeaderMap) -> Result<Response, WebError> {
    let accept = headers.get(ACCEPT).and_then(|accept| accept.to_str().ok()).unwrap_or("");
    let program = path.starts_with("/api/") || (accept.contains("json") && !accept.contains("text/html"));
    if program {
        return Err(WebError::NotFound);
    }
    let snapshot = app.live.load();
    let lang = path.split('/').nth(1).and_then(|code| snapshot.config.language(code));
    let translated = lang.map(|language| format!("/{}/404.html", language.code));
    // Conditions of the request are about the page it asked for, not about this one.
    let mut headers = headers.clone();
    headers.remove(IF_NONE_MATCH);
    for page in translated.as_deref().into_iter().chain(["/404.html"]) {
        if let Some(mut response) = file(app, page, method, &headers).await? {
            *response.status_mut() = StatusCode::NOT_FOUND;
            response.headers_mut().remove(ETAG);
            return Ok(response);
        }
    }
    Err(WebError::NotFound)
}
