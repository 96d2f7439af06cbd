//! What handlers read from a request, refused in one form.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use axum::body::Bytes;
use axum::extract::{ConnectInfo, FromRequest, FromRequestParts, Request};
use http::HeaderMap;
use http::header::CONTENT_TYPE;
use http::request::Parts;
use ipnet::IpNet;
use serde::de::DeserializeOwned;

use super::App;
use super::error::WebError;

/// The address requests are counted under. Behind a reverse proxy on the same machine, or one that site.toml lists for
/// single sign-on, what that proxy says of its client (the last `X-Forwarded-For`); nobody else is believed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Client(pub IpAddr);

impl FromRequestParts<App> for Client {
    type Rejection = std::convert::Infallible;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Self::Rejection> {
        let peer = parts.extensions.get::<ConnectInfo<SocketAddr>>().map(|peer| peer.0.ip());
        let config = &app.live.load().config;
        let proxies = config.accounts.proxy.as_ref().map_or(&[][..], |proxy| &proxy.from);
        Ok(Client(client(peer, &parts.headers, proxies)))
    }
}

/// Without a peer (a test without a socket) everybody is the loopback address.
fn client(peer: Option<IpAddr>, headers: &HeaderMap, proxies: &[IpNet]) -> IpAddr {
    let peer = peer.unwrap_or(IpAddr::V4(Ipv4Addr::LOCALHOST)).to_canonical();
    if !peer.is_loopback() && !proxies.iter().any(|proxy| proxy.contains(&peer)) {
        return peer;
    }
    let forwarded = headers.get_all("x-forwarded-for").iter().next_back().and_then(|value| value.to_str().ok());
    forwarded.and_then(|list| list.rsplit(',').next()?.trim().parse().ok()).unwrap_or(peer)
}

/// A body that is JSON or a form, by its `Content-Type`: programs and pages without scripts send the same fields.
#[derive(Debug)]
pub struct JsonOrForm<T> {
    pub value: T,
    /// Whether a form was sent: the answer is then a redirect, not JSON.
    pub form: bool,
}

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for JsonOrForm<T> {
    type Rejection = WebError;

    async fn from_request(request: Request, state: &S) -> Result<Self, WebError> {
        let kind = request.headers().get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or("");
        let kind = kind.split(';').next().unwrap_or("").trim().to_ascii_lowercase();
        let form = match kind.as_str() {
            "application/json" => false,
            "application/x-www-form-urlencoded" => true,
            _ => return Err(WebError::UnsupportedMedia(String::new())),
        };
        let body = Bytes::from_request(request, state).await.map_err(|error| WebError::of_body(&error))?;
        let value = if form {
            axum::Form::<T>::from_request(form_request(body), state).await.map(|form| form.0).map_err(bad_request)?
        } else {
            serde_json::from_slice(&body).map_err(bad_request)?
        };
        Ok(JsonOrForm { value, form })
    }
}

/// The parser's own words name the field that is missing or of the wrong type.
fn bad_request(error: impl std::fmt::Display) -> WebError {
    WebError::BadRequest(error.to_string())
}

fn form_request(body: Bytes) -> Request {
    let mut request = Request::new(axum::body::Body::from(body));
    *request.method_mut() = http::Method::POST;
    let kind = http::HeaderValue::from_static("application/x-www-form-urlencoded");
    request.headers_mut().insert(CONTENT_TYPE, kind);
    request
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_local_or_listed_proxy_is_believed() {
        let mut headers = HeaderMap::new();
        headers.append("x-forwarded-for", "198.51.100.1, 203.0.113.7".parse().unwrap());
        let ip = |text: &str| text.parse::<IpAddr>().unwrap();
        assert_eq!(client(Some(ip("127.0.0.1")), &headers, &[]), ip("203.0.113.7"));
        assert_eq!(client(Some(ip("192.0.2.4")), &headers, &[]), ip("192.0.2.4"));
        assert_eq!(client(Some(ip("::ffff:192.0.2.4")), &headers, &[]), ip("192.0.2.4"));
        assert_eq!(client(None, &HeaderMap::new(), &[]), ip("127.0.0.1"));
        let listed = ["192.0.2.0/29".parse().unwrap()];
        assert_eq!(client(Some(ip("192.0.2.4")), &headers, &listed), ip("203.0.113.7"));
        assert_eq!(client(Some(ip("192.0.2.9")), &headers, &listed), ip("192.0.2.9"));
    }
}
