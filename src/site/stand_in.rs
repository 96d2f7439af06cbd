//! Pages of articles in languages in which they are not written: the frame and a line in the reader's language, the
//! text as it is. Only where a language has articles of its own: an empty one would double the site for nobody.

use super::catalog::{Card, Catalog};
use super::common::{self, language_prefix};
use super::document::{self, Surroundings};
use super::listing::Words;
use super::related::Related;
use crate::config::Config;
use crate::content::{Document, Kind};

/// The languages that lack the article, and have others.
pub fn languages<'a>(config: &'a Config, catalog: &Catalog, card: &Card) -> Vec<&'a str> {
    if card.kind != Kind::Article {
        return Vec::new();
    }
    let codes = config.languages.iter().map(|language| language.code.as_str());
    let lacks = |lang: &&str| *lang != card.lang && catalog.speaks(lang) && catalog.translation(card, lang).is_none();
    codes.filter(lacks).collect()
}

/// The root-relative address of an article's page in another language, whether that is a translation or stands in.
pub fn url(config: &Config, lang: &str, of: &str, own: &str) -> String {
    let own = language_prefix(config, own);
    format!("{}{}", language_prefix(config, lang), of.strip_prefix(own.as_str()).unwrap_or(of))
}

/// Everything but the body, in the frame of `lang`. What stands beside the article in its own language stays there:
/// such a page changes with its article and its category's name alone.
pub fn surroundings(
    config: &Config,
    words: &Words<'_>,
    catalog: &Catalog,
    document: &Document,
    lang: &str,
) -> Surroundings {
    let meta = document.meta();
    let mut surroundings = document::surroundings(config, words, catalog, &Related::default(), document);
    let page = &mut surroundings.page;
    page.crumbs = document::crumbs(config, words, lang, &meta.category, document.kind());
    page.category_name = super::listing::category_name(config, lang, &meta.category);
    page.updated_text = super::dates::long(meta.updated, lang);
    page.ticket_url = document::ticket_url(config, lang, &meta.path);
    page.foreign = true;
    (page.previous, page.next) = (None, None);
    let mut alternates = surroundings.common.alternates;
    alternates.iter_mut().for_each(|alternate| alternate.current = alternate.lang == lang);
    let kind = document.kind().as_str();
    surroundings.common = common::common(config, lang, kind, &meta.title, &meta.summary, &meta.url, alternates);
    surroundings
}
