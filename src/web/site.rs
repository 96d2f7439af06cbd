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
/// How soon it looks again although no news came: a file that is written behind ([`crate::snapshot::Live::amend`]) is none.
const LOOK_AGAIN: Duration = Duration::from_millis(50);

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
    // Below a base path the home page is also asked for as `/it`.
    if uri.path() == "/" && !original.path().ends_with('/') {
        return slash(&original);
    }
    let path = url::decode_path(uri.path()).unwrap_or_default();
    if path.starts_with('/') {
        if let Some(response) = file(&app, &path, &method, &headers).await? {
            count(&app, uri.path(), &method);
            return Ok(response);
        }
        if !path.ends_with('/') && app.live.load().manifest.resolve(&format!("{path}/")).is_some() {
            return slash(&original);
        }
    }
    not_found(&app, uri.path(), &method, &headers).await
}

/// Counts the opening of a document's page, without saying whose.
fn count(app: &App, url: &str, method: &Method) {
    let snapshot = app.live.load();
    if method == Method::GET && snapshot.config.search.log && snapshot.title_of(url).is_some() {
        let day = app.now().to_zoned(snapshot.config.time_zone.clone()).date();
        app.views.record(day, url);
    }
}

/// The home page of a site with a base path, where the router has not taken that off the path.
pub(super) async fn home(
    app: State<App>,
    method: Method,
    original: OriginalUri,
    headers: HeaderMap,
) -> Result<Response, WebError> {
    fallback(app, method, Uri::from_static("/"), original, headers).await
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
    file_within(app, path, method, headers, PATIENCE).await
}

async fn file_within(
    app: &App,
    path: &str,
    method: &Method,
    headers: &HeaderMap,
    patience: Duration,
) -> Result<Option<Response>, WebError> {
    let mut revisions = app.live.subscribe();
    let deadline = Instant::now() + patience;
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
        let soon = deadline.min(Instant::now() + LOOK_AGAIN);
        let changed = tokio::time::timeout_at(soon, revisions.changed()).await;
        if matches!(changed, Ok(Err(_))) || (changed.is_err() && Instant::now() >= deadline) {
            tracing::error!(file = chosen.file, "a file of the built site is not what its manifest says");
            app.live.report_damage();
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
    /// Whether other encodings are to be had, so that caches must ask.
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
    // Text without prepared copies is compressed on its way out.
    let varies = !copies.is_empty() || negotiate::compressible(&negotiate::content_type(name));
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
        (blake3::hash(&bytes) == entry.hash).then_some(bytes)
    };
    tokio::task::spawn_blocking(read).await.ok().flatten()
}

fn not_modified(headers: &HeaderMap, chosen: &Chosen) -> bool {
    let hash = chosen.entry.hash.to_hex();
    headers.get_all(IF_NONE_MATCH).iter().filter_map(|value| value.to_str().ok()).flat_map(|list| list.split(',')).any(
        |tag| {
            let tag = tag.trim();
            tag == "*" || tag.strip_prefix("W/").unwrap_or(tag).trim_matches('"') == hash.as_str()
        },
    )
}

/// Names with a fingerprint never change their bytes; everything else is asked for again, and mostly answered 304.
fn cache_control(name: &str) -> &'static str {
    let fingerprint = |part: &str| part.len() >= 8 && part.bytes().all(|byte| byte.is_ascii_hexdigit());
    let file = name.rsplit('/').next().unwrap_or(name);
    let made = name.starts_with("assets/") || name.starts_with("files/");
    if made && file.split(['.', '-']).skip(1).any(fingerprint) {
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

#[cfg(test)]
mod tests {
    use axum::http::Request;

    use super::super::testing::{TestSite, get};
    use super::*;

    fn with_header(path: &str, name: &str, value: &str) -> Request<Body> {
        Request::get(path).header(name, value).body(Body::empty()).unwrap()
    }

    #[tokio::test]
    async fn pages_are_revalidated_and_fingerprinted_files_kept() {
        let site = TestSite::new();
        site.file("assets/main-0123456789abcdef.js", "export {}");
        site.file("files/vpn/setup.0123456789.png", "png");
        site.publish();
        let page = site.ask(get("/articles/vpn/")).await;
        assert_eq!((page.status, page.header("content-type")), (StatusCode::OK, "text/html; charset=utf-8"));
        assert_eq!(page.header("cache-control"), "no-cache");
        let again = site.ask(with_header("/articles/vpn/", "if-none-match", page.header("etag"))).await;
        assert_eq!((again.status, again.bytes.len()), (StatusCode::NOT_MODIFIED, 0));
        assert_eq!(again.header("etag"), page.header("etag"));
        let other = site.ask(with_header("/articles/vpn/", "if-none-match", "\"0000\"")).await;
        assert_eq!(other.status, StatusCode::OK);
        for path in ["/assets/main-0123456789abcdef.js", "/files/vpn/setup.0123456789.png"] {
            assert!(site.ask(get(path)).await.header("cache-control").contains("immutable"), "{path}");
        }
    }

    #[tokio::test]
    async fn nothing_outside_the_manifest_is_served() {
        let site = TestSite::new();
        std::fs::write(site.path("secret.txt"), "secret").unwrap();
        let outside = site.path("../content/tickets");
        std::fs::create_dir_all(&outside).unwrap();
        std::fs::write(outside.join("a.md"), "secret").unwrap();
        for path in [
            "/secret.txt",
            "/../content/tickets/a.md",
            "/%2e%2e/content/tickets/a.md",
            "/articles/..%2f..%2f..%2fcontent/tickets/a.md",
            "//content/tickets/a.md",
            "/articles/vpn/index.html%00",
            "/articles%5cvpn",
        ] {
            let got = site.ask(get(path)).await;
            assert_eq!(got.status, StatusCode::NOT_FOUND, "{path}");
            assert_eq!(got.text(), "找不到", "{path}");
        }
    }

    #[tokio::test]
    async fn missing_pages_speak_the_language_of_the_address() {
        let site = TestSite::new();
        let english = site.ask(get("/en/articles/none/")).await;
        assert_eq!((english.status, english.text()), (StatusCode::NOT_FOUND, "not found"));
        let program = site.ask(get("/api/nothing")).await;
        assert_eq!(program.header("content-type"), "application/problem+json");
    }

    #[tokio::test]
    async fn a_forgotten_slash_is_added() {
        let site = TestSite::with("title = 'x'\nbase_url = 'https://h.example/it'");
        let got = site.ask(get("/it/articles/vpn?x=1")).await;
        assert_eq!((got.status, got.header("location")), (StatusCode::PERMANENT_REDIRECT, "/it/articles/vpn/?x=1"));
        assert_eq!(site.ask(get("/it/")).await.status, StatusCode::OK);
        let root = site.ask(get("/it")).await;
        assert_eq!((root.status, root.header("location")), (StatusCode::PERMANENT_REDIRECT, "/it/"));
        assert_eq!(site.ask(get("/articles/vpn/")).await.status, StatusCode::NOT_FOUND);
    }

    #[tokio::test]
    async fn a_prepared_copy_is_preferred_and_pages_are_compressed_when_asked() {
        let site = TestSite::new();
        site.file("assets/a-0123456789abcdef.css", "body{}");
        site.file("assets/a-0123456789abcdef.css.br", "brotli");
        site.publish();
        let path = "/assets/a-0123456789abcdef.css";
        let copy = site.ask(with_header(path, "accept-encoding", "gzip, br")).await;
        assert_eq!((copy.text(), copy.header("content-encoding")), ("brotli", "br"));
        assert_eq!(copy.header("content-type"), "text/css; charset=utf-8");
        assert_eq!(copy.header("vary"), "accept-encoding");
        let plain = site.ask(get(path)).await;
        assert_eq!((plain.text(), plain.header("vary")), ("body{}", "accept-encoding"));
        assert_ne!(plain.header("etag"), copy.header("etag"));

        let page = site.ask(with_header("/articles/vpn/", "accept-encoding", "gzip")).await;
        assert_eq!(page.header("content-encoding"), "gzip");
        assert!(page.bytes.len() < 200, "{}", page.bytes.len());
        assert!(page.header("etag").starts_with("W/"));
    }

    #[tokio::test]
    async fn head_has_no_body_and_writing_is_refused() {
        let site = TestSite::new();
        let head = site.ask(Request::head("/articles/vpn/").body(Body::empty()).unwrap()).await;
        assert_eq!((head.status, head.bytes.len(), head.header("content-length")), (StatusCode::OK, 0, "1000"));
        let put = site.ask(Request::put("/articles/vpn/").body(Body::empty()).unwrap()).await;
        assert_eq!((put.status, put.header("allow")), (StatusCode::METHOD_NOT_ALLOWED, "GET, HEAD"));
    }

    #[tokio::test]
    async fn readers_get_the_old_page_or_the_new_one() {
        let site = TestSite::new();
        // The build has written the file, the snapshot is not there yet.
        site.file("articles/vpn/index.html", "new");
        let (got, ()) = tokio::join!(site.ask(get("/articles/vpn/")), async {
            tokio::task::yield_now().await;
            site.publish();
        });
        assert_eq!((got.status, got.text()), (StatusCode::OK, "new"));
    }

    #[tokio::test]
    async fn a_file_that_stays_torn_is_not_served() {
        let site = TestSite::new();
        std::fs::write(site.path("articles/vpn/index.html"), "torn").unwrap();
        let short = Duration::from_millis(5);
        let got = file_within(&site.app, "/articles/vpn/", &Method::GET, &HeaderMap::new(), short).await;
        assert!(matches!(got, Err(WebError::Unavailable { retry_after: 2, .. })));
    }
}
