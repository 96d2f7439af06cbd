//! What handlers read from a request, refused in one form.

use std::collections::BTreeSet;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::{Mutex, PoisonError};

use axum::body::Bytes;
use axum::extract::{ConnectInfo, FromRequest, FromRequestParts, Request};
use http::HeaderMap;
use http::header::CONTENT_TYPE;
use http::request::Parts;
use ipnet::IpNet;
use serde::de::DeserializeOwned;

use super::App;
use super::error::WebError;

/// The address requests are counted under. Behind a reverse proxy on the same machine, or one that site.toml lists,
/// what that proxy says of its client in `X-Forwarded-For`; nobody else is believed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Client(pub IpAddr);

impl FromRequestParts<App> for Client {
    type Rejection = std::convert::Infallible;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Self::Rejection> {
        let peer = parts.extensions.get::<ConnectInfo<SocketAddr>>().map(|peer| peer.0.ip());
        // Without a peer (a test without a socket) everybody is the loopback address.
        let peer = peer.unwrap_or(IpAddr::V4(Ipv4Addr::LOCALHOST)).to_canonical();
        let proxies = &app.live.load().config.trusted_proxies;
        if !is_proxy(peer, proxies) && parts.headers.contains_key(FORWARDED_FOR) {
            app.unlisted.say(peer);
        }
        Ok(Client(client(peer, &parts.headers, proxies)))
    }
}

const FORWARDED_FOR: &str = "x-forwarded-for";

/// Whether `peer` is a reverse proxy that is believed: on this machine, or listed.
pub(super) fn is_proxy(peer: IpAddr, listed: &[IpNet]) -> bool {
    let peer = peer.to_canonical();
    peer.is_loopback() || listed.iter().any(|network| network.contains(&peer))
}

/// Every proxy adds whom it heard from at the end: from there back to the first one that is no proxy of ours, since
/// whatever stands before that the client may have written itself.
fn client(peer: IpAddr, headers: &HeaderMap, proxies: &[IpNet]) -> IpAddr {
    let lists = headers.get_all(FORWARDED_FOR).iter().map(|value| value.to_str().unwrap_or(""));
    let hops: Vec<&str> = lists.flat_map(|list| list.split(',')).collect();
    let mut client = peer;
    for hop in hops.into_iter().rev() {
        if !is_proxy(client, proxies) {
            break;
        }
        let Some(address) = address(hop.trim()) else { break };
        client = address;
    }
    client
}

/// An address, with a port or without.
fn address(text: &str) -> Option<IpAddr> {
    let bare = text.trim_start_matches('[').trim_end_matches(']');
    let address = bare.parse().ok().or_else(|| text.parse::<SocketAddr>().ok().map(|socket| socket.ip()))?;
    Some(address.to_canonical())
}

/// Addresses that forward requests and are not listed, of which somebody was told: each once, and not many.
#[derive(Debug, Default)]
pub(super) struct Unlisted(Mutex<BTreeSet<IpAddr>>);

impl Unlisted {
    const MANY: usize = 8;

    fn say(&self, peer: IpAddr) {
        let mut said = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if said.len() < Self::MANY && said.insert(peer) {
            tracing::warn!(
                %peer,
                "requests come through a proxy that is not in `trusted_proxies` of site.toml: everybody behind it counts as one client; if it is yours, list it"
            );
        }
    }
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
        assert_eq!(client(ip("127.0.0.1"), &headers, &[]), ip("203.0.113.7"));
        assert_eq!(client(ip("192.0.2.4"), &headers, &[]), ip("192.0.2.4"));
        assert_eq!(client(ip("127.0.0.1"), &HeaderMap::new(), &[]), ip("127.0.0.1"));
        let listed = ["192.0.2.0/29".parse().unwrap()];
        assert!(is_proxy(ip("::ffff:192.0.2.4"), &listed));
        assert_eq!(client(ip("192.0.2.4"), &headers, &listed), ip("203.0.113.7"));
        assert_eq!(client(ip("192.0.2.9"), &headers, &listed), ip("192.0.2.9"));
    }

    #[test]
    fn several_proxies_in_a_row_lead_to_the_client_and_not_to_what_it_claims() {
        let mut headers = HeaderMap::new();
        headers.append("x-forwarded-for", "198.51.100.1, 203.0.113.7:4711".parse().unwrap());
        headers.append("x-forwarded-for", "192.0.2.5, 127.0.0.1".parse().unwrap());
        let ip = |text: &str| text.parse::<IpAddr>().unwrap();
        let listed = ["192.0.2.0/29".parse().unwrap()];
        assert_eq!(client(ip("192.0.2.4"), &headers, &listed), ip("203.0.113.7"));
        assert_eq!(client(ip("127.0.0.1"), &headers, &[]), ip("192.0.2.5"));
        headers.insert("x-forwarded-for", "198.51.100.1, unknown".parse().unwrap());
        assert_eq!(client(ip("192.0.2.4"), &headers, &listed), ip("192.0.2.4"));
    }
}
