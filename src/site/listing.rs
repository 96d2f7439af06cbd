//! Pages about documents: home, categories, tags, recent, and the pages that stand alone (search, form, not found).

use std::collections::HashMap;
use std::sync::Arc;

use serde::Serialize;

use super::catalog::{Card, Catalog, Tag};
use super::common::{self, href, language_prefix};
use super::context::{CategoryCard, Common, Crumb, ErrorPage, Home, Item, List, SearchPage, TagLink, TicketForm};
use super::{dates, form, stand_in};
use crate::config::Config;
use crate::content::{Kind, address};

/// Documents on one page of a listing.
const PER_PAGE: usize = 50;

/// The theme's strings.
pub struct Words<'a>(pub &'a dyn Fn(&str, &str) -> String);

impl Words<'_> {
    pub fn get(&self, lang: &str, key: &str) -> String {
        (self.0)(lang, key)
    }
}

/// A page to be rendered: where it goes, with which template, from what.
#[derive(Debug, Serialize)]
pub struct Job {
    /// Relative to `public/`.
    pub file: String,
    pub template: &'static str,
    pub common: Common,
    pub page: Context,
    /// Whether the language has articles of its own, and so pages for those that it lacks.
    spoken: bool,
    /// What the list shows; [`Job::fill`] puts it into `page`.
    #[serde(serialize_with = "serials")]
    cards: Vec<Arc<Card>>,
}

/// Cards of equal numbers are equal: telling lists apart needs no texts.
fn serials<S: serde::Serializer>(cards: &[Arc<Card>], serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_seq(cards.iter().map(|card| card.serial))
}

impl Job {
    /// Completes the variables of the page, which most pages of most builds do not need.
    pub fn fill(&mut self, config: &Config, lang: &str) {
        if let Context::List(list) = &mut self.page {
            let spoken = self.spoken;
            list.articles.extend(self.cards.drain(..).map(|card| item(config, lang, &card, spoken)));
        }
    }
}

/// Pages that change together.
#[derive(Debug)]
pub struct Group {
    pub id: String,
    pub lang: String,
    /// When what they show last changed ([`super::catalog::Versions`]); `None` where that is not known.
    pub version: Option<u64>,
    /// How many documents they list.
    pub count: usize,
    /// `None` where they were made at this version.
    pub jobs: Option<Vec<Job>>,
}

/// What is remembered of a [`Group`] until the next build.
#[derive(Debug, Default)]
pub struct Made {
    pub version: Option<u64>,
    pub count: usize,
    /// Its files, and what they were made from.
    pub files: Vec<(String, [u8; 32])>,
}

#[derive(Debug, Serialize)]
#[serde(untagged)]
pub enum Context {
    Home(Home),
    List(List),
    Search(Box<SearchPage>),
    Form(Box<TicketForm>),
    Error(ErrorPage),
}

/// Every page that is not a document's, in every language; `made` says which need no second look.
pub fn groups(config: &Config, words: &Words<'_>, catalog: &Catalog, made: &HashMap<String, Made>) -> Vec<Group> {
    let mut groups = Vec::new();
    let keys = catalog.category_keys(config);
    for language in &config.languages {
        let lister = Lister { config, words, catalog, lang: &language.code };
        let mut counts = HashMap::new();
        for key in &keys {
            let id = format!("{}/categories/{key}", language.code);
            let version = catalog.versions.category(key);
            let group = lister.group(id, Some(version), made, || lister.category(key));
            counts.insert(key.as_str(), group.count);
            groups.push(group);
        }
        for (slug, tag) in catalog.tags(&language.code) {
            let id = format!("{}/tags/{slug}", language.code);
            let version = catalog.versions.tag(&language.code, slug);
            groups.push(lister.group(id, Some(version), made, || lister.tag(slug, tag)));
        }
        let id = format!("{}/resolutions", language.code);
        groups.push(lister.group(id, Some(catalog.versions.resolutions), made, || lister.resolutions()));
        let id = format!("{}/others", language.code);
        groups.push(lister.group(id, None, made, || {
            let mut jobs = vec![lister.home(&|key| counts.get(key).copied().unwrap_or_default()), lister.all_tags()];
            jobs.extend(lister.recent());
            jobs.extend(lister.standalone());
            (jobs, 0)
        }));
    }
    groups
}

struct Lister<'a> {
    config: &'a Config,
    words: &'a Words<'a>,
    catalog: &'a Catalog,
    lang: &'a str,
}

/// Pages, and how many documents they list.
type Listed = (Vec<Job>, usize);

impl Lister<'_> {
    fn group(
        &self,
        id: String,
        version: Option<u64>,
        made: &HashMap<String, Made>,
        make: impl FnOnce() -> Listed,
    ) -> Group {
        let lang = self.lang.to_owned();
        if let Some(made) = made.get(&id).filter(|made| version.is_some() && made.version == version) {
            return Group { id, lang, version, count: made.count, jobs: None };
        }
        let (jobs, count) = make();
        Group { id, lang, version, count, jobs: Some(jobs) }
    }

    fn word(&self, key: &str) -> String {
        self.words.get(self.lang, key)
    }

    fn path(&self, rest: &str) -> String {
        format!("{}{rest}", language_prefix(self.config, self.lang))
    }

    /// A page at `rest` (`/recent/`), which has the same address in every language where `there(lang)` holds.
    fn job(&self, rest: &str, template: &'static str, kind: &'static str, title: &str, page: Context) -> Job {
        let config = self.config;
        let alternates = common::alternates(config, self.lang, |other| {
            self.exists(rest, other).then(|| format!("{}{rest}", language_prefix(config, other)))
        });
        let path = self.path(rest);
        let description = match &page {
            Context::Home(_) => config.description.get(self.lang).to_owned(),
            Context::List(list) => list.description.clone(),
            _ => String::new(),
        };
        let common = common::common(config, self.lang, kind, title, &description, &path, alternates);
        let spoken = self.catalog.speaks(self.lang);
        Job { file: file_of(&path), template, common, page, spoken, cards: Vec::new() }
    }

    /// Whether another language has a page of the same address.
    fn exists(&self, rest: &str, lang: &str) -> bool {
        if lang == self.lang {
            return true;
        }
        if let Some(slug) = rest.strip_prefix("/tags/").map(|rest| rest.trim_end_matches('/')).filter(|s| !s.is_empty())
        {
            return self.catalog.tags(lang).any(|(other, _)| address::encode(other) == slug);
        }
        // Later pages of a listing may not exist there.
        !rest.trim_end_matches('/').rsplit('/').next().is_some_and(|last| last.starts_with("page-"))
    }

    fn item(&self, card: &Arc<Card>) -> Item {
        item(self.config, self.lang, card, self.catalog.speaks(self.lang))
    }

    fn home(&self, count: &dyn Fn(&str) -> usize) -> Job {
        let config = self.config;
        let categories = self
            .catalog
            .category_keys(config)
            .into_iter()
            .map(|key| self.category_card(&key, count(&key)))
            .filter(|card| card.count > 0)
            .collect();
        let articles = |cards: &[Arc<Card>], belongs: &dyn Fn(&Card) -> bool, most: usize| -> Vec<Item> {
            let preferred = || cards.iter().filter(|card| card.kind == Kind::Article && belongs(card));
            let native = preferred().filter(|card| card.lang == self.lang);
            let foreign = preferred()
                .filter(|card| card.lang != self.lang && self.catalog.translation(card, self.lang).is_none());
            native.chain(foreign).take(most).map(|card| self.item(card)).collect()
        };
        let page = Home {
            categories,
            pinned: articles(&self.catalog.pinned, &|_| true, 6),
            recent: articles(&self.catalog.recent, &|card| !card.pinned, 8),
            resolutions: self.catalog.resolutions.iter().take(5).map(|card| self.item(card)).collect(),
            tags: self.tag_links(16),
            count: self.catalog.listed_in(self.lang),
            recent_url: href(config, &self.path("/recent/")),
        };
        self.job("/", "home.html", "home", config.title.get(self.lang), Context::Home(page))
    }

    fn category_card(&self, key: &str, count: usize) -> CategoryCard {
        let configured = self.config.categories.iter().find(|category| category.key == key);
        CategoryCard {
            key: key.to_owned(),
            name: category_name(self.config, self.lang, key),
            description: configured.map_or_else(String::new, |it| it.description.get(self.lang).to_owned()),
            icon: configured.map_or_else(|| "folder".to_owned(), |it| it.icon.clone()),
            url: category_url(self.config, self.lang, key),
            count,
        }
    }

    /// Articles of the category, then those that have no translation into this language.
    fn category_cards(&self, key: &str) -> Vec<Arc<Card>> {
        let mut cards = self.catalog.category(self.lang, key).to_vec();
        cards.extend(self.catalog.untranslated(self.lang, key));
        cards
    }

    fn category(&self, key: &str) -> Listed {
        let cards = self.category_cards(key);
        let card = self.category_card(key, cards.len());
        let records = self.catalog.resolutions.iter();
        let resolutions: Vec<Item> =
            records.filter(|card| card.category == key).take(10).map(|card| self.item(card)).collect();
        let list = List {
            heading: card.name,
            description: card.description,
            icon: card.icon,
            crumbs: home_crumb(self.config, self.words, self.lang),
            resolutions,
            ..self.empty_list()
        };
        let rest = format!("/categories/{}/", address::encode(&address::slug(key)));
        (self.paged(&rest, "category", list, &cards), cards.len())
    }

    fn all_tags(&self) -> Job {
        let crumbs = home_crumb(self.config, self.words, self.lang);
        let heading = self.word("tags");
        let list = List { heading, crumbs, tags: self.tag_links(usize::MAX), ..self.empty_list() };
        self.job("/tags/", "list.html", "tags", &list.heading.clone(), Context::List(list))
    }

    fn tag(&self, slug: &str, tag: &Tag) -> Listed {
        let mut crumbs = home_crumb(self.config, self.words, self.lang);
        crumbs.push(Crumb { name: self.word("tags"), url: href(self.config, &self.path("/tags/")) });
        let list = List { heading: tag.name.clone(), icon: "tag".to_owned(), crumbs, ..self.empty_list() };
        (self.paged(&format!("/tags/{}/", address::encode(slug)), "tag", list, &tag.cards), tag.cards.len())
    }

    fn recent(&self) -> Vec<Job> {
        let shown = |card: &&Arc<Card>| card.lang == self.lang || self.catalog.translation(card, self.lang).is_none();
        let cards: Vec<Arc<Card>> = self.catalog.recent.iter().filter(shown).take(10 * PER_PAGE).cloned().collect();
        let list = List {
            heading: self.word("recent"),
            icon: "clock".to_owned(),
            crumbs: home_crumb(self.config, self.words, self.lang),
            ..self.empty_list()
        };
        self.paged("/recent/", "recent", list, &cards)
    }

    fn resolutions(&self) -> Listed {
        let cards = &self.catalog.resolutions;
        let list = List {
            heading: self.word("resolutions"),
            icon: "circle-check".to_owned(),
            crumbs: home_crumb(self.config, self.words, self.lang),
            ..self.empty_list()
        };
        (self.paged("/resolutions/", "category", list, cards), cards.len())
    }

    fn standalone(&self) -> Vec<Job> {
        let mut jobs = Vec::new();
        let search = SearchPage { ticket_url: href(self.config, &self.path("/tickets/new")), ..SearchPage::default() };
        let title = self.word("search");
        jobs.push(self.job("/search/", "search.html", "search", &title, Context::Search(Box::new(search))));
        if self.config.server {
            let form = form::empty(self.config, self.lang);
            let title = self.word("raise_ticket");
            jobs.push(self.job("/tickets/new/", "ticket_form.html", "form", &title, Context::Form(Box::new(form))));
        }
        let error =
            ErrorPage { status: 404, heading: self.word("not_found_heading"), message: self.word("not_found_message") };
        let mut job = self.job("/", "error.html", "error", &error.heading.clone(), Context::Error(error));
        job.file = format!("{}404.html", self.path("/").trim_start_matches('/'));
        job.common.canonical = String::new();
        jobs.push(job);
        jobs
    }

    /// The most used tags first.
    fn tag_links(&self, limit: usize) -> Vec<TagLink> {
        let mut tags: Vec<TagLink> = self
            .catalog
            .tags(self.lang)
            .map(|(slug, tag)| TagLink {
                name: tag.name.clone(),
                url: tag_url(self.config, self.lang, slug),
                count: tag.cards.len(),
            })
            .collect();
        tags.sort_by(|a, b| (b.count, &a.name).cmp(&(a.count, &b.name)));
        tags.truncate(limit);
        tags
    }

    fn empty_list(&self) -> List {
        List {
            heading: String::new(),
            description: String::new(),
            icon: String::new(),
            crumbs: Vec::new(),
            articles: Vec::new(),
            resolutions: Vec::new(),
            tags: Vec::new(),
            number: 1,
            pages: 1,
            previous_url: String::new(),
            next_url: String::new(),
            total: 0,
        }
    }

    /// One page per [`PER_PAGE`] cards: `/x/`, `/x/page-2/`, …
    fn paged(&self, rest: &str, kind: &'static str, list: List, cards: &[Arc<Card>]) -> Vec<Job> {
        let pages = cards.len().div_ceil(PER_PAGE).max(1);
        let address = |number: usize| if number == 1 { rest.to_owned() } else { format!("{rest}page-{number}/") };
        let link = |number: usize| href(self.config, &self.path(&address(number)));
        let page = |number: usize| {
            let shown = cards.iter().skip((number - 1) * PER_PAGE).take(PER_PAGE);
            let list = List {
                resolutions: if number == 1 { list.resolutions.clone() } else { Vec::new() },
                number,
                pages,
                previous_url: if number > 1 { link(number - 1) } else { String::new() },
                next_url: if number < pages { link(number + 1) } else { String::new() },
                total: cards.len(),
                ..list.clone()
            };
            let title = list.heading.clone();
            let job = self.job(&address(number), "list.html", kind, &title, Context::List(list));
            Job { cards: shown.cloned().collect(), ..job }
        };
        (1..=pages).map(page).collect()
    }
}

/// The file of a root-relative, percent-encoded URL path.
pub fn file_of(url: &str) -> String {
    let decoded = percent_encoding::percent_decode_str(url.trim_start_matches('/')).decode_utf8_lossy();
    format!("{decoded}index.html")
}

/// A card as a list of `lang`'s site shows it. With `stand_ins`, an article that is not translated has a page there all
/// the same.
pub fn item(config: &Config, lang: &str, card: &Card, stand_ins: bool) -> Item {
    let elsewhere = stand_ins && card.kind == Kind::Article && card.lang != lang;
    Item {
        title: card.title.clone(),
        url: match elsewhere {
            true => href(config, &stand_in::url(config, lang, &card.url, &card.lang)),
            false => href(config, &card.url),
        },
        summary: card.summary.clone(),
        kind: card.kind.as_str(),
        category: category_name(config, lang, &card.category),
        updated: dates::iso(card.updated),
        updated_text: dates::long(card.updated, lang),
        lang: card.lang.clone(),
        foreign: card.lang != lang,
    }
}

/// The name people see, which is the key where the configuration names none.
pub fn category_name(config: &Config, lang: &str, key: &str) -> String {
    let configured = config.categories.iter().find(|category| category.key == key);
    configured.map_or_else(|| key.to_owned(), |category| category.name.get(lang).to_owned())
}

pub fn category_url(config: &Config, lang: &str, key: &str) -> String {
    let path = format!("{}/categories/{}/", language_prefix(config, lang), address::encode(&address::slug(key)));
    href(config, &path)
}

pub fn tag_url(config: &Config, lang: &str, slug: &str) -> String {
    href(config, &format!("{}/tags/{}/", language_prefix(config, lang), address::encode(slug)))
}

/// The first breadcrumb.
pub fn home_crumb(config: &Config, words: &Words<'_>, lang: &str) -> Vec<Crumb> {
    let url = href(config, &format!("{}/", language_prefix(config, lang)));
    vec![Crumb { name: words.get(lang, "home"), url }]
}
