//! Which language a request is answered in.

use axum::extract::{FromRequestParts, OriginalUri};
use http::header::ACCEPT_LANGUAGE;
use http::request::Parts;

use super::App;
use crate::config::Config;

/// The code of the language a request is answered in: `?lang=`, else the path's prefix, else `Accept-Language`, else
/// the site's default. Always a language of the site.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lang(pub String);

impl FromRequestParts<App> for Lang {
    type Rejection = std::convert::Infallible;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Self::Rejection> {
        Ok(Lang(of_parts(&app.live.load().config, parts)))
    }
}

/// [`Lang`] of a request's head, wherever in the router it is asked for.
pub(super) fn of_parts(config: &Config, parts: &Parts) -> String {
    let uri = parts.extensions.get::<OriginalUri>().map_or(&parts.uri, |original| &original.0);
    let path = uri.path().strip_prefix(config.base_path.as_str()).unwrap_or(uri.path());
    let accepted = parts.headers.get(ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok());
    choose(config, path, uri.query(), accepted)
}

/// `path` has no base path.
fn choose(config: &Config, path: &str, query: Option<&str>, accepted: Option<&str>) -> String {
    let known = |code: &str| config.language(code).map(|language| language.code.clone());
    let asked = query.and_then(|query| query.split('&').find_map(|pair| pair.strip_prefix("lang="))).and_then(known);
    let prefix = || path.split('/').nth(1).and_then(known);
    asked
        .or_else(prefix)
        .or_else(|| accepted.and_then(|accepted| preferred(config, accepted)))
        .unwrap_or_else(|| config.default_language().to_owned())
}

/// The site's language that an `Accept-Language` header weighs most; among equals the first named.
fn preferred(config: &Config, accepted: &str) -> Option<String> {
    let mut best: Option<(f32, &str)> = None;
    for range in accepted.split(',') {
        let mut parts = range.split(';');
        let tag = parts.next().unwrap_or("").trim();
        let weight = parts.find_map(|part| part.trim().strip_prefix("q=")?.parse::<f32>().ok()).unwrap_or(1.0);
        let primary = tag.split('-').next().unwrap_or(tag);
        let Some(language) = config.languages.iter().find(|language| language.code.eq_ignore_ascii_case(primary))
        else {
            continue;
        };
        if weight > best.map_or(0.0, |(weight, _)| weight) {
            best = Some((weight, &language.code));
        }
    }
    best.map(|(_, code)| code.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_wish_wins() {
        let config = Config::parse(std::path::Path::new("/nowhere"), "title = 'x'").unwrap();
        let lang = |path, query, accepted| choose(&config, path, query, accepted);
        assert_eq!(lang("/", None, None), "zh");
        assert_eq!(lang("/en/search", None, Some("zh-CN")), "en");
        assert_eq!(lang("/en/search", Some("q=x&lang=zh"), None), "zh");
        assert_eq!(lang("/api/search", Some("lang=xx"), Some("en-GB,en;q=0.9")), "en");
        assert_eq!(lang("/enough", None, Some("fr, en;q=0.3, zh;q=0.8")), "zh");
        assert_eq!(lang("/", None, Some("en;q=0, *")), "zh");
    }
}
