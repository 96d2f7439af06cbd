//! The cookies: of the session, and of a browser in which an account was opened before.

use axum::http::{HeaderMap, HeaderValue};
use http::header::COOKIE;

use crate::auth::DEVICE_KNOWN;
use crate::config::Config;
use crate::web::error::WebError;

/// Which of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Cookie {
    Session,
    Device,
}

impl Cookie {
    /// With `__Host-` a browser takes the cookie from this very host over TLS alone: no neighbour in the same domain can
    /// set one. That prefix allows no path but `/`.
    fn name(self, config: &Config) -> &'static str {
        match (self, is_secure(config) && config.base_path.is_empty()) {
            (Self::Session, true) => "__Host-helpmark_session",
            (Self::Session, false) => "helpmark_session",
            (Self::Device, true) => "__Host-helpmark_device",
            (Self::Device, false) => "helpmark_device",
        }
    }
}

fn is_secure(config: &Config) -> bool {
    config.base_url.starts_with("https://")
}

/// The session's token that the browser sent.
pub(super) fn token<'a>(config: &Config, headers: &'a HeaderMap) -> Option<&'a str> {
    sent(Cookie::Session, config, headers)
}

/// What the browser sent of a cookie.
pub(super) fn sent<'a>(cookie: Cookie, config: &Config, headers: &'a HeaderMap) -> Option<&'a str> {
    let cookies = headers.get_all(COOKIE).iter().filter_map(|value| value.to_str().ok());
    let pairs = cookies.flat_map(|list| list.split(';')).filter_map(|pair| pair.trim().split_once('='));
    let name = cookie.name(config);
    pairs.filter(|(key, _)| *key == name).map(|(_, value)| value).next()
}

/// `Set-Cookie` for a new session. It lives as long as the browser runs, and no longer than the session.
pub(super) fn set(config: &Config, token: &str) -> Result<HeaderValue, WebError> {
    line(Cookie::Session, config, token, "")
}

/// `Set-Cookie` for a browser that is known from now on. It outlives the session.
pub(super) fn set_device(config: &Config, device: &str) -> Result<HeaderValue, WebError> {
    line(Cookie::Device, config, device, &format!("; Max-Age={}", DEVICE_KNOWN.as_secs()))
}

/// `Set-Cookie` that takes it away.
pub(super) fn clear(config: &Config) -> Result<HeaderValue, WebError> {
    line(Cookie::Session, config, "", "; Max-Age=0")
}

fn line(cookie: Cookie, config: &Config, value: &str, end: &str) -> Result<HeaderValue, WebError> {
    let path = if config.base_path.is_empty() { "/" } else { &config.base_path };
    let secure = if is_secure(config) { "; Secure" } else { "" };
    let line = format!("{}={value}; Path={path}; HttpOnly; SameSite=Lax{secure}{end}", cookie.name(config));
    HeaderValue::try_from(line).map_err(WebError::internal)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn config(base_url: &str) -> Config {
        let text = format!("title = 'x'\nbase_url = '{base_url}'");
        Config::parse(std::path::Path::new("/x"), &text).unwrap()
    }

    #[test]
    fn the_cookie_is_as_narrow_as_the_address_allows() {
        let line = |base_url| set(&config(base_url), "t0").unwrap().to_str().unwrap().to_owned();
        assert_eq!(line(""), "helpmark_session=t0; Path=/; HttpOnly; SameSite=Lax");
        assert_eq!(line("/it"), "helpmark_session=t0; Path=/it; HttpOnly; SameSite=Lax");
        let host = "__Host-helpmark_session=t0; Path=/; HttpOnly; SameSite=Lax; Secure";
        assert_eq!(line("https://help.example.com"), host);
        let below = "helpmark_session=t0; Path=/it; HttpOnly; SameSite=Lax; Secure";
        assert_eq!(line("https://example.com/it"), below);
        let device = set_device(&config("https://help.example.com"), "d0").unwrap();
        assert_eq!(device, "__Host-helpmark_device=d0; Path=/; HttpOnly; SameSite=Lax; Secure; Max-Age=15552000");
        assert!(clear(&config("")).unwrap().to_str().unwrap().ends_with("; Max-Age=0"));
    }

    #[test]
    fn only_the_cookie_of_that_name_is_read() {
        let mut headers = HeaderMap::new();
        headers.append(COOKIE, "a=b; xhelpmark_session=1; helpmark_session=2".parse().unwrap());
        headers.append(COOKIE, "__Host-helpmark_session=3".parse().unwrap());
        assert_eq!(token(&config(""), &headers), Some("2"));
        assert_eq!(token(&config("https://help.example.com"), &headers), Some("3"));
        assert_eq!(token(&config(""), &HeaderMap::new()), None);
    }
}
