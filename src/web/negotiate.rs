//! What a file is, and in which encoding a client takes it.

use axum::http::HeaderMap;
use http::header::ACCEPT_ENCODING;

/// Encodings that the build may have prepared, the better first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Encoding {
    Brotli,
    Gzip,
}

impl Encoding {
    pub(super) const ALL: [Encoding; 2] = [Encoding::Brotli, Encoding::Gzip];

    /// The file name's ending, without the dot.
    pub(super) fn extension(self) -> &'static str {
        match self {
            Encoding::Brotli => "br",
            Encoding::Gzip => "gz",
        }
    }

    /// The name in `Content-Encoding`.
    pub(super) fn token(self) -> &'static str {
        match self {
            Encoding::Brotli => "br",
            Encoding::Gzip => "gzip",
        }
    }
}

/// Whether `Accept-Encoding` names the encoding without refusing it (`q=0`).
pub(super) fn accepts(headers: &HeaderMap, encoding: Encoding) -> bool {
    let lists = headers.get_all(ACCEPT_ENCODING).iter().filter_map(|value| value.to_str().ok());
    lists.flat_map(|list| list.split(',')).any(|item| {
        let mut parts = item.split(';').map(str::trim);
        let named = parts.next().is_some_and(|name| name.eq_ignore_ascii_case(encoding.token()));
        let weight = parts.find_map(|part| part.strip_prefix("q=")?.parse::<f32>().ok());
        named && weight.is_none_or(|weight| weight > 0.0)
    })
}

/// The `Content-Type` of a file of the site, by its name.
pub(super) fn content_type(name: &str) -> String {
    let file = name.rsplit('/').next().unwrap_or(name);
    if matches!(file, "feed.xml" | "atom.xml") {
        return "application/atom+xml; charset=utf-8".to_owned();
    }
    let kind = mime_guess::from_path(file).first_or_octet_stream().essence_str().to_owned();
    if kind.starts_with("text/") || textual(&kind) { format!("{kind}; charset=utf-8") } else { kind }
}

fn textual(kind: &str) -> bool {
    kind.ends_with("json") || kind.ends_with("xml") || kind == "application/javascript"
}

/// Whether it is worth compressing: text. Images, fonts and archives are compressed already.
pub(super) fn compressible(content_type: &str) -> bool {
    let kind = content_type.split(';').next().unwrap_or("").trim();
    // A stream of events must leave the server event by event.
    (kind.starts_with("text/") && kind != "text/event-stream") || textual(kind)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn refusals_and_weights_are_read() {
        let mut headers = HeaderMap::new();
        headers.append(ACCEPT_ENCODING, "gzip;q=0, br;q=0.5, zstd".parse().unwrap());
        assert!(accepts(&headers, Encoding::Brotli));
        assert!(!accepts(&headers, Encoding::Gzip));
        assert!(!accepts(&HeaderMap::new(), Encoding::Brotli));
    }

    #[test]
    fn types_say_their_charset() {
        assert_eq!(content_type("a/index.html"), "text/html; charset=utf-8");
        assert_eq!(content_type("assets/main-12345678.js"), "text/javascript; charset=utf-8");
        assert_eq!(content_type("en/feed.xml"), "application/atom+xml; charset=utf-8");
        assert_eq!(content_type("assets/a.svg"), "image/svg+xml; charset=utf-8");
        assert_eq!(content_type("assets/a.png"), "image/png");
        assert_eq!(content_type("assets/a.unknown-thing"), "application/octet-stream");
        assert!(compressible("image/svg+xml; charset=utf-8") && compressible("application/problem+json"));
        assert!(!compressible("image/png") && !compressible("text/event-stream"));
    }
}
