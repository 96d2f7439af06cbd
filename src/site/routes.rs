//! Addresses that a running server answers beside the files of `public/`, and the files for machines.

use super::common::language_prefix;
use super::machine;
use crate::config::Config;

/// Pages, with or without a slash at their end.
const PAGES: [&str; 8] = ["tickets/new", "search", "my", "desk", "openapi.json", "healthz", "readyz", "metrics"];
/// Everything below these.
const FOLDERS: [&str; 5] = ["my/", "desk/", "track/", "api/", "-/"];

/// Whether the server answers at `path`: without the base path, without slashes at its ends, decoded.
pub fn is_served(config: &Config, path: &str) -> bool {
    let here = |path: &str| PAGES.contains(&path) || FOLDERS.iter().any(|folder| path.starts_with(folder));
    let own = config.languages.iter().filter_map(|language| {
        let prefix = language_prefix(config, &language.code);
        match prefix.strip_prefix('/') {
            None => Some(path),
            Some(prefix) => path.strip_prefix(prefix)?.strip_prefix('/'),
        }
    });
    let is_sitemap = path.starts_with("sitemap") && path.ends_with(".xml");
    own.clone().any(here)
        || own.clone().any(|rest| rest == "feed.xml")
        || is_sitemap
        || path == "robots.txt"
        || path == machine::OFFLINE_INDEX
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_server_answers() {
        let config = Config::parse(std::path::Path::new("/nowhere"), "title = '台'").unwrap();
        for path in ["tickets/new", "search", "my", "desk/report", "track/x", "api/search", "feed.xml", "robots.txt"] {
            assert!(is_served(&config, path), "{path}");
        }
        for path in ["", "tickets", "articles/x", "mystery", "searching", "desks/x", "ensearch"] {
            assert!(!is_served(&config, path), "{path}");
        }
    }
}
