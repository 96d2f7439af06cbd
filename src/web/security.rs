//! What every answer says to browsers, and which browsers may write.

use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, HOST, ORIGIN, REFERER, REFERRER_POLICY, X_CONTENT_TYPE_OPTIONS,
};

use super::App;
use super::error::WebError;

/// Scripts, styles and everything else from this site alone; nothing inline.
const POLICY: &str = "default-src 'self'; script-src 'self'; style-src 'self'; img-src 'self' data:; \
    object-src 'none'; base-uri 'none'; frame-ancestors 'none'; form-action 'self'";

/// Layer: the security headers, where a handler has not set its own (an attachment is sandboxed, for one).
pub(super) async fn headers(request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    let policies = [
        (CONTENT_SECURITY_POLICY, POLICY),
        (X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (REFERRER_POLICY, "same-origin"),
        (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
        (HeaderName::from_static("permissions-policy"), "camera=(), geolocation=(), microphone=(), payment=(), usb=()"),
    ];
    for (name, value) in policies {
        response.headers_mut().entry(name).or_insert(HeaderValue::from_static(value));
    }
    response
}

/// Marks an answer as one person's own: kept in no cache or index, and told to no other site as `Referer`. Not to be
/// told even to this one (`no-referrer`) would make browsers send the page's forms with `Origin: null`, and
/// [`same_site`] refuse them where the site has no TLS.
pub(super) fn private(mut response: Response) -> Response {
    let headers = response.headers_mut();
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(REFERRER_POLICY, HeaderValue::from_static("same-origin"));
    headers.insert(HeaderName::from_static("x-robots-tag"), HeaderValue::from_static("noindex"));
    response
}

/// Layer: a page of another site cannot make a visitor's browser write here.
pub(super) async fn same_site(State(app): State<App>, request: Request, next: Next) -> Response {
    let safe = matches!(*request.method(), Method::GET | Method::HEAD | Method::OPTIONS | Method::TRACE);
    if safe || from_here(request.headers(), &app.live.load().config.base_url) {
        next.run(request).await
    } else {
        WebError::Forbidden(String::new()).into_response()
    }
}

/// Browsers say where a request comes from in `Sec-Fetch-Site` (on secure addresses) or `Origin`; programs say
/// neither, and have no visitor whose rights they could borrow.
fn from_here(headers: &HeaderMap, base_url: &str) -> bool {
    let text = |name| headers.get(name).and_then(|value: &HeaderValue| value.to_str().ok());
    match text(HeaderName::from_static("sec-fetch-site")) {
        Some("same-origin" | "none") => return true,
        Some("cross-site") => return false,
        _ => {}
    }
    let Some(origin) = headers.get(ORIGIN) else { return !headers.contains_key("sec-fetch-site") };
    let Some((_, host)) = origin.to_str().ok().and_then(|origin| origin.split_once("://")) else { return false };
    is_own_host(host, headers, base_url)
}

/// Whether a browser says that the request comes from a page of this site. A program that says nothing is no page.
pub(super) fn is_own_page(headers: &HeaderMap, base_url: &str) -> bool {
    let says = ["sec-fetch-site", ORIGIN.as_str()].into_iter().any(|name| headers.contains_key(name));
    if says {
        return from_here(headers, base_url);
    }
    let Some(page) = headers.get(REFERER).and_then(|value| value.to_str().ok()) else { return false };
    let host = page.split_once("://").and_then(|(_, rest)| rest.split('/').next());
    host.is_some_and(|host| is_own_host(host, headers, base_url))
}

/// Behind a proxy that rewrites `Host`, the site's own address counts as well.
fn is_own_host(host: &str, headers: &HeaderMap, base_url: &str) -> bool {
    let own = base_url.split_once("://").and_then(|(_, rest)| rest.split('/').next());
    headers.get(HOST).is_some_and(|value| value.as_bytes() == host.as_bytes()) || own == Some(host)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn allowed(pairs: &[(&'static str, &str)]) -> bool {
        let mut headers = HeaderMap::new();
        for (name, value) in pairs {
            headers.insert(*name, value.parse().unwrap());
        }
        from_here(&headers, "https://help.example.com/it")
    }

    #[test]
    fn other_sites_cannot_write() {
        assert!(allowed(&[("host", "a")]));
        assert!(allowed(&[("host", "a:80"), ("origin", "http://a:80")]));
        assert!(allowed(&[("host", "10.0.0.1"), ("origin", "https://help.example.com")]));
        assert!(allowed(&[("host", "a"), ("origin", "null"), ("sec-fetch-site", "same-origin")]));
        assert!(!allowed(&[("host", "a"), ("origin", "null")]));
        assert!(!allowed(&[("host", "a"), ("origin", "http://b")]));
        assert!(!allowed(&[("host", "a"), ("origin", "http://a"), ("sec-fetch-site", "cross-site")]));
        assert!(!allowed(&[("host", "a"), ("sec-fetch-site", "same-site")]));
    }

    #[test]
    fn a_page_of_this_site_says_so() {
        let own = |pairs: &[(&'static str, &str)]| {
            let mut headers = HeaderMap::new();
            for (name, value) in pairs {
                headers.insert(*name, value.parse().unwrap());
            }
            is_own_page(&headers, "https://help.example.com/it")
        };
        assert!(own(&[("host", "a"), ("origin", "http://a")]) && own(&[("sec-fetch-site", "same-origin")]));
        assert!(own(&[("host", "a"), ("referer", "http://a/tickets/new")]));
        assert!(own(&[("host", "10.0.0.1"), ("referer", "https://help.example.com/it/")]));
        assert!(!own(&[("host", "a")]) && !own(&[("host", "a"), ("referer", "http://b/?http://a/")]));
        assert!(!own(&[("host", "a"), ("origin", "null"), ("referer", "http://a/")]));
        assert!(!own(&[("host", "a"), ("sec-fetch-site", "cross-site"), ("referer", "http://a/")]));
    }
}
