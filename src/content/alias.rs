//! Old addresses (`aliases`): which of them can have a page that leads to the article.

use crate::config::Config;

/// First segments of addresses that the site or its server answers itself, in every language.
pub(crate) const OURS: &[&str] = &[
    "-",
    "404.html",
    "api",
    "assets",
    "desk",
    "feed.xml",
    "files",
    "healthz",
    "manifest.json",
    "metrics",
    "my",
    "openapi.json",
    "readyz",
    "robots.txt",
    "search",
    "search-index.json",
    "tickets",
    "track",
];

/// A segment becomes a folder or a file: file systems stop at 255 bytes, and at some thousands for a path.
const MAX_SEGMENT: usize = 200;
const MAX_ALIAS: usize = 1_000;

/// What is wrong with an alias, and how to write it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Wrong {
    pub(crate) what: &'static str,
    pub(crate) hint: &'static str,
}

/// The file of an old address, relative to `public/`: `/kb/old/` and `/kb/old` are `kb/old/index.html`, `/kb/old.html`
/// is itself, and `/` is the home page's.
///
/// # Errors
/// What makes it no path of the site.
pub(crate) fn file_of(alias: &str) -> Result<String, Wrong> {
    let wrong = |what, hint| Err(Wrong { what, hint });
    let shape = "write the old path with a leading slash, such as /kb/old-name/";
    if !alias.starts_with('/') || alias.contains(['?', '#']) {
        return wrong("is not a path of this site", shape);
    }
    if alias.starts_with("//") || alias.contains('\\') {
        return wrong("is an address of another site", shape);
    }
    if alias.contains(char::is_whitespace) {
        return wrong("has a space, which no address has", "write %20 for a space");
    }
    let path = alias.strip_prefix('/').unwrap_or(alias);
    let path = path.strip_suffix('/').unwrap_or(path);
    let Ok(decoded) = percent_encoding::percent_decode_str(path).decode_utf8() else {
        return wrong("has a `%` that no character in UTF-8 begins with", "write it as the browser showed it");
    };
    if decoded.is_empty() {
        return Ok("index.html".to_owned());
    }
    let parts: Vec<&str> = decoded.split('/').collect();
    if parts.iter().any(|part| part.starts_with('.')) {
        return wrong("leaves the site, or names something hidden", shape);
    }
    if parts.iter().any(|part| part.is_empty()) || decoded.contains('\\') || decoded.contains(char::is_control) {
        return wrong("is not a path of this site", shape);
    }
    if decoded.len() > MAX_ALIAS || parts.iter().any(|part| part.len() > MAX_SEGMENT) {
        return wrong("is too long for the name of a file", "a part of it may have 200 bytes, and all of it 1,000");
    }
    // What is a file cannot be a folder too; `.html.gz` is what a host sends instead of a page.
    let file = decoded.ends_with(".html");
    let pages = parts.iter().filter(|part| part.contains(".html")).count();
    if pages > usize::from(file) {
        return wrong("has `.html` before its end", "an address ends with it: /kb/old.html");
    }
    Ok(if file { decoded.into_owned() } else { format!("{decoded}/index.html") })
}

/// Whether the site or its server has this file, or answers at its address.
pub(crate) fn is_ours(config: &Config, file: &str) -> bool {
    let mut parts = file.split('/');
    let first = parts.next().unwrap_or_default();
    let first = match config.languages.iter().any(|language| language.code == first) {
        true => parts.next().unwrap_or_default(),
        false => first,
    };
    let sitemap = first.starts_with("sitemap") && first.ends_with(".xml");
    first == "index.html" || sitemap || OURS.contains(&first)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn old_addresses_become_files() {
        for (alias, file) in [
            ("/kb/old/", "kb/old/index.html"),
            ("/kb/old", "kb/old/index.html"),
            ("/kb/old.html", "kb/old.html"),
            ("/kb/%E6%97%A7/", "kb/旧/index.html"),
            ("/kb/a%20b", "kb/a b/index.html"),
            ("/", "index.html"),
        ] {
            assert_eq!(file_of(alias).as_deref(), Ok(file), "{alias}");
        }
        let long = format!("/{}/", "x".repeat(201));
        for alias in [
            "old/",
            "/a?b",
            "//evil.com/",
            "/../../etc/",
            "/%2e%2e/etc",
            "/has space/",
            "/a//b",
            "/a%00",
            "/%ff",
            "/a\\b",
            "/a.html/b",
            "/a.html.gz",
            &long,
        ] {
            assert!(file_of(alias).is_err(), "{alias}");
        }
    }

    #[test]
    fn the_servers_own_addresses_are_told_from_others() {
        let config = Config::parse(std::path::Path::new("/"), "title = 'x'\nlanguages = ['zh', 'en']").unwrap();
        let ours = |alias: &str| is_ours(&config, &file_of(alias).unwrap());
        for alias in ["/", "/en/", "/desk", "/en/my/", "/-/live", "/feed.xml/x", "/sitemap-2.xml", "/tickets/old/"] {
            assert!(ours(alias), "{alias}");
        }
        for alias in ["/kb/desk/", "/feeds/", "/en/kb/", "/mysql/"] {
            assert!(!ours(alias), "{alias}");
        }
    }
}
