//! Files for machines: sitemap, feeds, robots.txt, the offline index, redirects.

use std::fmt::Write as _;

use serde::Serialize;

use super::catalog::{Card, Catalog};
use super::common::{absolute, href, language_prefix};
use crate::config::Config;
use crate::content::Kind;
use crate::markup::escape;

/// Entries of a feed.
const FEED_ENTRIES: usize = 50;
/// The limit of one sitemap file (sitemaps.org).
const SITEMAP_URLS: usize = 50_000;

/// A file of `public/` and its bytes.
pub type File = (String, Vec<u8>);

/// Those that change with every article: robots.txt for completeness, and the feeds.
pub fn files(config: &Config, catalog: &Catalog) -> Vec<File> {
    let mut files = vec![("robots.txt".to_owned(), robots(config).into_bytes())];
    for language in &config.languages {
        let path = format!("{}/feed.xml", language_prefix(config, &language.code));
        files.push((path.trim_start_matches('/').to_owned(), feed(config, catalog, &language.code).into_bytes()));
    }
    files
}

/// The site's own pages stay out of search engines' way; what is private has no page at all.
fn robots(config: &Config) -> String {
    let base = &config.base_path;
    let mut text = String::from("User-agent: *\n");
    for path in ["/api/", "/search", "/tickets/", "/track/", "/desk"] {
        let _ = writeln!(text, "Disallow: {base}{path}");
    }
    if !config.base_url.is_empty() {
        let _ = writeln!(text, "Sitemap: {}", absolute(config, "/sitemap.xml"));
    }
    text
}

/// An absolute address where the site knows its own, else one from the root of the host.
fn location(config: &Config, path: &str) -> String {
    if config.base_url.is_empty() { href(config, path) } else { absolute(config, path) }
}

/// What names a page or a feed for ever (RFC 4287, 4.2.6: an absolute IRI). A site that does not know its address gets
/// a UUID (RFC 9562, version 8) from its title and the path.
fn identity(config: &Config, path: &str) -> String {
    if !config.base_url.is_empty() {
        return absolute(config, path);
    }
    let mut hasher = blake3::Hasher::new();
    hasher.update(config.title.get(config.default_language()).as_bytes()).update(&[0]).update(path.as_bytes());
    let mut number = u128::from_be_bytes(*hasher.finalize().as_bytes().first_chunk().unwrap_or(&[0; 16]));
    number = (number & !(0xf << 76)) | (0x8 << 76);
    number = (number & !(0x3 << 62)) | (0x2 << 62);
    let digits = format!("{number:032x}");
    let parts = [&digits[..8], &digits[8..12], &digits[12..16], &digits[16..20], &digits[20..]];
    format!("urn:uuid:{}", parts.join("-"))
}

/// What search engines are told: it changes with addresses, dates and translations. A site that does not know its
/// address has none, for every entry is an absolute one (sitemaps.org).
pub fn sitemaps(config: &Config, catalog: &Catalog) -> Vec<File> {
    let mut files = Vec::new();
    if config.base_url.is_empty() {
        return files;
    }
    let cards: Vec<&Card> = catalog.cards.values().filter(|card| card.listed).map(AsRef::as_ref).collect();
    if cards.len() <= SITEMAP_URLS {
        files.push(("sitemap.xml".to_owned(), sitemap(config, catalog, &cards, true)));
        return files;
    }
    let mut index = String::from(XML);
    index.push_str("<sitemapindex xmlns=\"http://www.sitemaps.org/schemas/sitemap/0.9\">\n");
    for (number, cards) in (1..).zip(cards.chunks(SITEMAP_URLS)) {
        let name = format!("sitemap-{number}.xml");
        let _ = writeln!(index, "<sitemap><loc>{}</loc></sitemap>", escape(&location(config, &format!("/{name}"))));
        files.push((name, sitemap(config, catalog, cards, number == 1)));
    }
    index.push_str("</sitemapindex>\n");
    files.push(("sitemap.xml".to_owned(), index.into_bytes()));
    files
}

const XML: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n";

fn sitemap(config: &Config, catalog: &Catalog, cards: &[&Card], with_homes: bool) -> Vec<u8> {
    let mut xml = String::with_capacity(cards.len() * 160);
    xml.push_str(XML);
    xml.push_str(
        "<urlset xmlns=\"http://www.sitemaps.org/schemas/sitemap/0.9\" xmlns:xhtml=\"http://www.w3.org/1999/xhtml\">\n",
    );
    if with_homes {
        for language in &config.languages {
            let path = format!("{}/", language_prefix(config, &language.code));
            let _ = writeln!(xml, "<url><loc>{}</loc></url>", escape(&location(config, &path)));
        }
    }
    for card in cards {
        let _ = write!(xml, "<url><loc>{}</loc>", escape(&location(config, &card.url)));
        if let Some(date) = card.updated {
            let _ = write!(xml, "<lastmod>{date}</lastmod>");
        }
        // Every version names all of them, itself too, and the one for readers of any other language.
        let versions: Vec<(&str, &str)> = (config.languages.iter())
            .filter_map(|language| {
                let own = language.code == card.lang;
                let url = if own { &card.url } else { &catalog.translation(card, &language.code)?.url };
                Some((language.tag.as_str(), url.as_str()))
            })
            .collect();
        let other = versions.first().map(|(_, url)| ("x-default", *url));
        for (tag, url) in versions.iter().copied().chain(other).filter(|_| versions.len() > 1) {
            let url = escape(&location(config, url));
            let _ = write!(xml, "<xhtml:link rel=\"alternate\" hreflang=\"{tag}\" href=\"{url}\"/>");
        }
        xml.push_str("</url>\n");
    }
    xml.push_str("</urlset>\n");
    xml.into_bytes()
}

/// RFC 4287. Deterministic: the feed is as old as its newest entry.
fn feed(config: &Config, catalog: &Catalog, lang: &str) -> String {
    let home_path = format!("{}/", language_prefix(config, lang));
    let home = location(config, &home_path);
    let this = location(config, &format!("{}/feed.xml", language_prefix(config, lang)));
    let stamp =
        |card: &Card| format!("{}T00:00:00Z", card.updated.map_or_else(|| "1970-01-01".to_owned(), |d| d.to_string()));
    let cards: Vec<&Card> =
        catalog.recent.iter().filter(|card| card.lang == lang).take(FEED_ENTRIES).map(AsRef::as_ref).collect();
    let tag = config.language(lang).map_or(lang, |language| language.tag.as_str());
    let mut xml = String::from(XML);
    let _ = writeln!(xml, "<feed xmlns=\"http://www.w3.org/2005/Atom\" xml:lang=\"{tag}\">");
    let _ = writeln!(xml, "<title>{}</title>", escape(config.title.get(lang)));
    let _ = writeln!(xml, "<id>{}</id>", escape(&identity(config, &home_path)));
    let _ = writeln!(xml, "<link rel=\"self\" href=\"{}\"/>\n<link href=\"{}\"/>", escape(&this), escape(&home));
    let _ = writeln!(xml, "<author><name>{}</name></author>", escape(config.title.get(lang)));
    let updated = cards.first().map_or_else(|| "1970-01-01T00:00:00Z".to_owned(), |card| stamp(card));
    let _ = writeln!(xml, "<updated>{updated}</updated>");
    for card in cards {
        let url = escape(&location(config, &card.url));
        let id = escape(&identity(config, &card.url));
        let _ = writeln!(xml, "<entry><title>{}</title><id>{id}</id><link href=\"{url}\"/>", escape(&card.title));
        let _ = writeln!(xml, "<updated>{}</updated><summary>{}</summary></entry>", stamp(card), escape(&card.summary));
    }
    xml.push_str("</feed>\n");
    xml
}

#[derive(Serialize)]
struct OfflineDocument<'a> {
    title: &'a str,
    url: String,
    summary: &'a str,
    headings: Vec<&'a str>,
    keywords: &'a [String],
    lang: &'a str,
    kind: Kind,
    category: &'a str,
}

#[derive(Serialize)]
struct OfflineIndex<'a> {
    documents: Vec<OfflineDocument<'a>>,
}

/// Titles, headings and summaries: what the search falls back on when no server answers.
pub const OFFLINE_INDEX: &str = "search-index.json";

/// The bytes of [`OFFLINE_INDEX`].
pub fn offline_index(config: &Config, catalog: &Catalog) -> Vec<u8> {
    let documents = catalog
        .cards
        .values()
        .filter(|card| card.listed)
        .map(|card| OfflineDocument {
            title: &card.title,
            url: href(config, &card.url),
            summary: &card.summary,
            headings: card.headings().collect(),
            keywords: &card.keywords,
            lang: &card.lang,
            kind: card.kind,
            category: &card.category,
        })
        .collect();
    // Plain structures of strings always serialise.
    serde_json::to_vec(&OfflineIndex { documents }).unwrap_or_default()
}

/// A page that sends an old URL to its new one, without a server's help.
pub fn redirect(config: &Config, title: &str, to: &str, lang_tag: &str) -> Vec<u8> {
    let url = escape(&href(config, to));
    let canonical = escape(&location(config, to));
    let title = escape(title);
    format!(
        "<!doctype html>\n<html lang=\"{lang_tag}\"><head><meta charset=\"utf-8\"><title>{title}</title>\
         <link rel=\"canonical\" href=\"{canonical}\"><meta name=\"robots\" content=\"noindex\">\
         <meta http-equiv=\"refresh\" content=\"0; url={url}\"></head><body><p><a href=\"{url}\">{title}</a></p></body></html>\n"
    )
    .into_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_site_that_does_not_know_its_address_has_a_valid_feed_and_no_sitemap() {
        let site = |base: &str| {
            let text = format!("title = 'x'\nbase_url = '{base}'");
            Config::parse(std::path::Path::new("/x"), &text).unwrap()
        };
        let catalog = Catalog::default();
        for base in ["", "/it"] {
            let config = site(base);
            assert!(sitemaps(&config, &catalog).is_empty());
            let feed = feed(&config, &catalog, "zh");
            let id = feed.split_once("<id>urn:uuid:").and_then(|(_, rest)| rest.split_once("</id>")).unwrap().0;
            let dashes: Vec<usize> = id.match_indices('-').map(|(at, _)| at).collect();
            assert_eq!((id.len(), dashes, &id[14..15]), (36, vec![8, 13, 18, 23], "8"), "{id}");
            assert!(feed.contains(&format!("href=\"{base}/feed.xml\"")), "{feed}");
        }
        let known = site("https://h.example.com/it");
        assert_eq!(sitemaps(&known, &catalog).len(), 1);
        assert!(feed(&known, &catalog, "en").contains("<id>https://h.example.com/it/en/</id>"));
    }

    #[test]
    fn versions_in_other_languages_are_named_with_their_own() {
        let config = Config::parse(
            std::path::Path::new("/x"),
            "title='x'\nlanguages=['zh','en']\nbase_url='https://h.example.com'",
        )
        .unwrap();
        let mut catalog = Catalog::default();
        let key = |path: &str, lang: &str| Card {
            lang: lang.to_owned(),
            translation_key: "a".to_owned(),
            ..Card::bare(path)
        };
        let cards = [key("a", "zh"), key("en/a", "en"), Card::bare("b")];
        catalog.update(cards.into_iter().map(|card| (card.path.clone(), Some(card))).collect());
        let [(_, xml)] = &sitemaps(&config, &catalog)[..] else { panic!("one file") };
        let xml = std::str::from_utf8(xml).unwrap();
        let of = |url: &str| {
            xml.split("<url>").find(|entry| entry.contains(&format!("<loc>https://h.example.com{url}</loc>"))).unwrap()
        };
        for url in ["/a/", "/en/a/"] {
            for link in [
                "hreflang=\"zh-CN\" href=\"https://h.example.com/a/\"",
                "hreflang=\"en\" href=\"https://h.example.com/en/a/\"",
                "hreflang=\"x-default\" href=\"https://h.example.com/a/\"",
            ] {
                assert!(of(url).contains(link), "{link} in {}", of(url));
            }
        }
        assert!(!of("/b/").contains("hreflang"));
    }

    #[test]
    fn a_site_that_knows_its_address_says_so_in_robots() {
        let config =
            Config::parse(std::path::Path::new("/x"), "title='x'\nbase_url='https://h.example.com/it'").unwrap();
        let text = robots(&config);
        assert!(
            text.contains("Disallow: /it/api/\n") && text.contains("Sitemap: https://h.example.com/it/sitemap.xml\n")
        );
    }
}
