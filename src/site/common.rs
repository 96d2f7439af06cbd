//! The variables every page has, static or answered by the server: one way to make them.

use super::context::{Alternate, Common, Site};
use crate::config::{Config, Logo};

/// What stands before the root-relative paths of one language: nothing for the default language, else `/en`.
pub fn language_prefix(config: &Config, lang: &str) -> String {
    if lang == config.default_language() { String::new() } else { format!("/{lang}") }
}

/// A URL for `href`: the base path, then `path` (root-relative, with its language's prefix).
pub fn href(config: &Config, path: &str) -> String {
    format!("{}{path}", config.base_path)
}

/// The absolute URL of a root-relative path; empty when the site does not know its address.
pub fn absolute(config: &Config, path: &str) -> String {
    if config.base_url.is_empty() { String::new() } else { format!("{}{path}", config.base_url) }
}

/// One entry per language of the site. `path_in` gives the root-relative path of the same page in a language, and
/// `None` where there is none: that entry leads to the language's home page and is marked `missing`.
pub fn alternates(config: &Config, lang: &str, path_in: impl Fn(&str) -> Option<String>) -> Vec<Alternate> {
    let alternate = |language: &crate::config::Language| {
        let found = path_in(&language.code);
        let missing = found.is_none();
        let path = found.unwrap_or_else(|| format!("{}/", language_prefix(config, &language.code)));
        Alternate {
            lang: language.code.clone(),
            tag: language.tag.clone(),
            name: language.name.clone(),
            url: href(config, &path),
            absolute: absolute(config, &path),
            current: language.code == lang,
            missing,
        }
    };
    config.languages.iter().map(alternate).collect()
}

/// The logo: its place relative to the site's root, and its file relative to `public/`.
pub fn logo_file(config: &Config) -> Option<(&Logo, String)> {
    let logo = config.logo.as_ref()?;
    let extension = logo.path.rsplit_once('.').map_or("svg", |(_, extension)| extension);
    let fingerprint = &blake3::Hash::from_bytes(logo.hash).to_hex()[..10];
    Some((logo, format!("files/logo.{fingerprint}.{}", extension.to_ascii_lowercase())))
}

/// The site as templates see it in one language.
fn site(config: &Config, lang: &str) -> Site {
    Site {
        title: config.title.get(lang).to_owned(),
        description: config.description.get(lang).to_owned(),
        base: config.base_path.clone(),
        home: href(config, &language_prefix(config, lang)),
        accent: config.accent.clone().unwrap_or_default(),
        logo: logo_file(config).map_or_else(String::new, |(_, file)| href(config, &format!("/{file}"))),
        footer: config.footer.get(lang).to_owned(),
        phone: config.contact.phone.clone(),
        hours: config.contact.hours.clone(),
        email: config.contact.email.clone(),
        server: config.server,
    }
}

/// The top level of a template's variables. `path` is root-relative, with its language's prefix and without the base
/// path; an empty `path` leaves the page without a canonical address.
pub fn common(
    config: &Config,
    lang: &str,
    kind: &'static str,
    title: &str,
    description: &str,
    path: &str,
    alternates: Vec<Alternate>,
) -> Common {
    Common {
        site: site(config, lang),
        lang: lang.to_owned(),
        lang_tag: config.language(lang).map_or_else(|| lang.to_owned(), |language| language.tag.clone()),
        title: title.to_owned(),
        description: description.to_owned(),
        canonical: if path.is_empty() { String::new() } else { absolute(config, path) },
        alternates,
        kind,
        user: String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn config(text: &str) -> Config {
        Config::parse(std::path::Path::new("/nowhere"), text).unwrap()
    }

    #[test]
    fn the_default_language_has_no_prefix() {
        let config = config("title = 'x'\nbase_url = 'https://help.example.com/it/'");
        let page = common(&config, "en", "search", "Search", "", "/en/search", vec![]);
        assert_eq!(page.site.home, "/it/en");
        assert_eq!(page.canonical, "https://help.example.com/it/en/search");
        assert_eq!(common(&config, "zh", "search", "", "", "/search", vec![]).site.home, "/it");
        assert_eq!(common(&config, "zh", "error", "", "", "", vec![]).canonical, "");
    }

    #[test]
    fn a_missing_translation_leads_home() {
        let config = config("title = 'x'\nbase_url = '/it'");
        let links = alternates(&config, "zh", |lang| (lang == "zh").then(|| "/articles/a/".to_owned()));
        assert_eq!((links[0].url.as_str(), links[0].current, links[0].missing), ("/it/articles/a/", true, false));
        assert_eq!((links[1].url.as_str(), links[1].current, links[1].missing), ("/it/en/", false, true));
        assert_eq!(links[1].absolute, "");
    }
}
