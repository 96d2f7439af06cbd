//! The page of one document: everything its template gets but the body.

use std::sync::Arc;

use super::catalog::{Card, Catalog};
use super::common::{self, href, language_prefix};
use super::context::{Common, Crumb, DocumentPage, Item, TagLink, TocItem};
use super::{dates, listing, stand_in};
use crate::config::Config;
use crate::content::{Article, Confidence, Document, Kind, address};
use crate::markdown::Page;
use crate::site::related::Related;

/// What a document's page shows of other documents and of the configuration. Comparing two of these tells whether a
/// page has to be rendered again although its own file did not change.
pub struct Surroundings {
    pub common: Common,
    pub page: DocumentPage,
}

/// Everything but the body and what is derived from it ([`complete`] adds those).
pub fn surroundings(
    config: &Config,
    words: &listing::Words<'_>,
    catalog: &Catalog,
    related: &Related,
    document: &Document,
) -> Surroundings {
    let meta = document.meta();
    let lang = meta.lang.as_str();
    let card = catalog.cards.get(&meta.path);
    let item = |path: &str| catalog.cards.get(path).map(|card| item_without_summary(config, lang, card));
    let (previous, next) = card.map_or((None, None), |card| catalog.neighbours(card));
    let article = article(document);
    let mut alternates = common::alternates(config, lang, |other| {
        if other == lang {
            return Some(meta.url.clone());
        }
        catalog.translation(card?, other).map(|card| card.url.clone())
    });
    let lacking = card.map(|card| stand_in::languages(config, catalog, card)).unwrap_or_default();
    for alternate in alternates.iter_mut().filter(|it| it.missing && lacking.contains(&it.lang.as_str())) {
        alternate.url = href(config, &stand_in::url(config, &alternate.lang, &meta.url, lang));
    }
    let resolution = match document {
        Document::Resolution(resolution) => Some(resolution),
        Document::Article(_) => None,
    };
    let page = DocumentPage {
        kind: document.kind().as_str(),
        path: meta.path.clone(),
        url: href(config, &meta.url),
        title: meta.title.clone(),
        summary: meta.summary.clone(),
        crumbs: crumbs(config, words, lang, meta.category.as_str(), document.kind()),
        category: meta.category.clone(),
        category_name: listing::category_name(config, lang, &meta.category),
        updated: dates::iso(meta.updated),
        updated_text: dates::long(meta.updated, lang),
        owner: article.map_or_else(String::new, |article| article.owner.clone()),
        minutes: 0,
        applies_to: article.map(|article| article.applies_to.clone()).unwrap_or_default(),
        tags: meta.tags.iter().map(|tag| tag_link(config, lang, tag)).collect(),
        toc: Vec::new(),
        body: String::new(),
        draft: document.is_draft(),
        not_validated: article.is_some_and(|article| article.confidence == Confidence::NotValidated),
        archived: article.is_some_and(|article| article.confidence == Confidence::Archived),
        id: resolution.map_or_else(String::new, |resolution| resolution.id.clone()),
        environment: resolution.map_or_else(String::new, |resolution| resolution.environment.clone()),
        linked_article: resolution.and_then(|resolution| resolution.linked_article.as_deref()).and_then(item),
        related: related.of(&meta.path).filter_map(item).collect(),
        previous: previous.map(|card| item_without_summary(config, lang, card)),
        next: next.map(|card| item_without_summary(config, lang, card)),
        edit_url: config
            .edit_url
            .as_deref()
            .map_or_else(String::new, |url| url.replace("{path}", &encoded(&meta.path))),
        ticket_url: ticket_url(config, lang, &meta.path),
        lang: lang.to_owned(),
        lang_tag: config.language(lang).map_or_else(|| lang.to_owned(), |language| language.tag.clone()),
        foreign: false,
    };
    let common =
        common::common(config, lang, document.kind().as_str(), &meta.title, &meta.summary, &meta.url, alternates);
    Surroundings { common, page }
}

/// The ticket form in a language, with the document that was read.
pub(super) fn ticket_url(config: &Config, lang: &str, path: &str) -> String {
    let form = href(config, &format!("{}/tickets/new", language_prefix(config, lang)));
    format!("{form}?from={}", encoded(path))
}

/// The template of a document's page.
pub fn template(kind: Kind) -> &'static str {
    match kind {
        Kind::Article => "article.html",
        Kind::Resolution => "resolution.html",
    }
}

/// Adds what the rendered page brings.
pub fn complete(mut surroundings: Surroundings, page: &Page, summary: &str) -> Surroundings {
    surroundings.page.minutes = page.minutes;
    surroundings.page.toc = page
        .toc
        .iter()
        .filter(|heading| (2..=3).contains(&heading.level))
        .map(|heading| TocItem { level: heading.level, id: heading.id.clone(), text: heading.text.clone() })
        .collect();
    surroundings.page.body = page.html.clone();
    if surroundings.common.description.is_empty() {
        surroundings.common.description = summary.to_owned();
    }
    surroundings
}

/// The start of a page's text, for listings and descriptions: at most 120 characters, at a word's or sentence's end.
pub fn summary(page: &Page) -> String {
    let Some(text) = page.sections.iter().map(|section| section.text.trim()).find(|text| !text.is_empty()) else {
        return String::new();
    };
    let mut summary = String::new();
    let words = text.split_whitespace();
    for word in words {
        let length = summary.chars().count();
        if length + word.chars().count() > 120 {
            if length < 60 {
                summary.extend((!summary.is_empty()).then_some(' ').into_iter().chain(word.chars()).take(118 - length));
            }
            summary.push('…');
            return summary;
        }
        if !summary.is_empty() {
            summary.push(' ');
        }
        summary.push_str(word);
    }
    summary
}

/// A card as a list shows it, without the summary: pages that show it do not change when its text does.
fn item_without_summary(config: &Config, lang: &str, card: &Arc<Card>) -> Item {
    Item { summary: String::new(), ..listing::item(config, lang, card, false) }
}

fn article(document: &Document) -> Option<&Article> {
    match document {
        Document::Article(article) => Some(article),
        Document::Resolution(_) => None,
    }
}

pub(super) fn crumbs(
    config: &Config,
    words: &listing::Words<'_>,
    lang: &str,
    category: &str,
    kind: Kind,
) -> Vec<Crumb> {
    let mut crumbs = listing::home_crumb(config, words, lang);
    if kind == Kind::Resolution {
        let url = href(config, &format!("{}/resolutions/", language_prefix(config, lang)));
        crumbs.push(Crumb { name: words.get(lang, "resolutions"), url });
    } else if !category.is_empty() {
        let url = listing::category_url(config, lang, category);
        crumbs.push(Crumb { name: listing::category_name(config, lang, category), url });
    }
    crumbs
}

fn tag_link(config: &Config, lang: &str, tag: &str) -> TagLink {
    TagLink { name: tag.to_owned(), url: listing::tag_url(config, lang, &address::slug(tag)), count: 0 }
}

/// A path for a query string or an edit link, its slashes kept.
fn encoded(path: &str) -> String {
    path.split('/').map(address::encode).collect::<Vec<_>>().join("/")
}
