//! Every variable a template gets, in one place.
//!
//! Each template receives [`Common`] flattened at the top level, and one page context beside it under `page`. URLs
//! in here are complete: they carry the site's base path and can be put into `href` as they are.

mod account;
pub mod admin;
pub mod desk;
pub mod knowledge;
pub mod report;
mod track;
use serde::Serialize;

pub use self::account::{MyTicket, MyTickets, Password, SignIn};
pub use self::track::{Track, TrackApproval, TrackEvent, TrackFile, TrackForm, TrackRating, TrackStep};

/// At the top level of every template, besides `t` (the theme's strings in the page's language, from `theme.toml`).
#[derive(Debug, Clone, Serialize)]
pub struct Common {
    pub site: Site,
    /// The page's language code, `zh`.
    pub lang: String,
    /// Its BCP 47 tag, `zh-CN`, for `<html lang>`.
    pub lang_tag: String,
    /// For `<title>` and the description.
    pub title: String,
    pub description: String,
    /// The absolute URL when the site knows its address, else empty.
    pub canonical: String,
    /// One entry per language of the site, the current one included.
    pub alternates: Vec<Alternate>,
    /// `home`, `category`, `article`, `resolution`, `tag`, `tags`, `recent`, `search`, `form`, `sent`, `track`,
    /// `sign_in`, `my`, `desk`, `error`: marks the navigation.
    pub kind: &'static str,
    /// The name of whoever is signed in, on pages that the server makes for one reader; else empty.
    pub user: String,
}

#[derive(Debug, Clone, Serialize)]
pub struct Site {
    pub title: String,
    pub description: String,
    /// Put before root-relative paths in templates: `{{ site.base }}/api/search`. Empty or `/it`.
    pub base: String,
    /// Like `base`, with the language's prefix: `{{ site.home }}/` is the home page in this language.
    pub home: String,
    /// `#rrggbb` or empty; `theme.css` is built with it, templates need it only for `<meta name=theme-color>`.
    pub accent: String,
    /// A URL or empty.
    pub logo: String,
    pub footer: String,
    pub phone: String,
    pub hours: String,
    pub email: String,
    /// Whether Helpmark's own server answers: tickets, votes and accounts are there. A static host has none of them.
    pub server: bool,
}

#[derive(Debug, Clone, Serialize)]
pub struct Alternate {
    pub lang: String,
    pub tag: String,
    pub name: String,
    /// The same page in that language, or that language's home page when `missing`.
    pub url: String,
    pub absolute: String,
    pub current: bool,
    pub missing: bool,
}

/// A document in a list.
#[derive(Debug, Clone, Serialize)]
pub struct Item {
    pub title: String,
    pub url: String,
    pub summary: String,
    /// `article` or `resolution`.
    pub kind: &'static str,
    pub category: String,
    /// `2026-11-02` or empty.
    pub updated: String,
    /// `2026 年 11 月 2 日` or `2 November 2026`, or empty.
    pub updated_text: String,
    pub lang: String,
    /// Whether `lang` differs from the page's (a fall-back, marked as such).
    pub foreign: bool,
}

#[derive(Debug, Clone, Serialize)]
pub struct CategoryCard {
    pub key: String,
    pub name: String,
    pub description: String,
    pub icon: String,
    pub url: String,
    pub count: usize,
}

#[derive(Debug, Clone, Serialize)]
pub struct TagLink {
    pub name: String,
    pub url: String,
    pub count: usize,
}

#[derive(Debug, Clone, Serialize)]
pub struct Crumb {
    pub name: String,
    pub url: String,
}

/// `home.html`.
#[derive(Debug, Clone, Serialize)]
pub struct Home {
    pub categories: Vec<CategoryCard>,
    pub pinned: Vec<Item>,
    pub recent: Vec<Item>,
    pub resolutions: Vec<Item>,
    pub tags: Vec<TagLink>,
    /// Of all documents in this language.
    pub count: usize,
    pub recent_url: String,
}

/// `list.html`: a category, a tag, all recent documents, all tags' list (with `tags` filled).
#[derive(Debug, Clone, Serialize)]
pub struct List {
    pub heading: String,
    pub description: String,
    pub icon: String,
    pub crumbs: Vec<Crumb>,
    pub articles: Vec<Item>,
    pub resolutions: Vec<Item>,
    pub tags: Vec<TagLink>,
    /// 1-based page of the listing, how many there are, and the neighbours' URLs or empty.
    pub number: usize,
    pub pages: usize,
    pub previous_url: String,
    pub next_url: String,
    pub total: usize,
}

#[derive(Debug, Clone, Serialize)]
pub struct TocItem {
    pub level: u8,
    pub id: String,
    pub text: String,
}

/// `article.html` and `resolution.html`.
#[derive(Debug, Clone, Serialize)]
pub struct DocumentPage {
    /// `article` or `resolution`.
    pub kind: &'static str,
    /// Relative to `content/`: the key of feedback votes.
    pub path: String,
    pub url: String,
    pub title: String,
    pub summary: String,
    pub crumbs: Vec<Crumb>,
    pub category: String,
    pub category_name: String,
    pub updated: String,
    pub updated_text: String,
    pub owner: String,
    pub minutes: u32,
    pub applies_to: Vec<String>,
    pub tags: Vec<TagLink>,
    pub toc: Vec<TocItem>,
    /// Safe HTML: `{{ page.body | safe }}`.
    pub body: String,
    pub draft: bool,
    pub not_validated: bool,
    pub archived: bool,
    /// Resolution records: the ticket id and the environment; empty for articles.
    pub id: String,
    pub environment: String,
    /// Resolution records: the article that answers it, when there is one.
    pub linked_article: Option<Item>,
    pub related: Vec<Item>,
    pub previous: Option<Item>,
    pub next: Option<Item>,
    /// The "edit this page" link or empty.
    pub edit_url: String,
    /// The ticket form prefilled with this page.
    pub ticket_url: String,
    /// The language of the text, and its BCP 47 tag: another than the page's where `foreign`, for want of a
    /// translation.
    pub lang: String,
    pub lang_tag: String,
    pub foreign: bool,
}

/// `search.html`. In the static site `query` is empty and the page's script asks the API or the offline index.
#[derive(Debug, Clone, Serialize, Default)]
pub struct SearchPage {
    pub query: String,
    /// The query that was answered instead, or empty.
    pub corrected: String,
    /// The results page for exactly what was typed.
    pub exact_url: String,
    pub total: usize,
    pub hits: Vec<SearchHit>,
    /// Nothing good enough was found: lead with the ticket.
    pub nothing: bool,
    pub kinds: Vec<FacetLink>,
    pub categories: Vec<FacetLink>,
    pub previous_url: String,
    pub next_url: String,
    pub number: usize,
    pub pages: usize,
    /// The ticket form prefilled with this search.
    pub ticket_url: String,
}

#[derive(Debug, Clone, Serialize)]
pub struct SearchHit {
    pub kind: &'static str,
    pub url: String,
    pub title: String,
    /// With `<mark>`, safe: `{{ hit.title_html | safe }}`.
    pub title_html: String,
    /// The section the snippet is from, or empty.
    pub section: String,
    pub snippet_html: String,
    pub category_name: String,
    pub updated_text: String,
    pub foreign: bool,
    pub lang: String,
}

/// A filter of the results page.
#[derive(Debug, Clone, Serialize)]
pub struct FacetLink {
    pub key: String,
    pub name: String,
    pub count: usize,
    pub url: String,
    pub active: bool,
}

/// `ticket_form.html`: what the person typed comes back, with the errors.
#[derive(Debug, Clone, Serialize, Default)]
pub struct TicketForm {
    /// Where the form posts to: `/tickets/new` (no JavaScript) or by script to `/api/tickets`.
    pub action: String,
    pub errors: Vec<FieldError>,
    /// A message when saving failed (disk full), or empty. Everything typed is kept.
    pub failure: String,
    pub types: Vec<TypeOption>,
    pub urgencies: Vec<ChoiceOption>,
    pub impacts: Vec<ChoiceOption>,
    /// Which team each type goes to, in words, by the type's key; no entry where it goes to nobody in particular.
    pub teams: std::collections::BTreeMap<String, String>,
    /// Until when each urgency promises an answer and a solution, by its key.
    pub promises: std::collections::BTreeMap<String, String>,
    /// By field name: `name department contact type urgency impact title description occurred_at trigger
    /// steps_tried query viewed`, and the types' own fields as `<type>.<key>`, their [`FormField::name`].
    pub values: std::collections::BTreeMap<String, String>,
    /// Sent back with the form so that a repeated post makes one ticket.
    pub idempotency_key: String,
    pub max_attachments: usize,
    pub max_attachment_mb: u64,
    /// The search or the page this form was opened from, for the line that says so; empty when neither.
    pub origin_query: String,
    pub origin_title: String,
    /// The number and the title of the closed ticket this one goes on from; empty for most.
    pub follows: String,
    pub follows_title: String,
    /// Where a reader who is not signed in could do so and come back; empty on a static page.
    pub sign_in_url: String,
}

#[derive(Debug, Clone, Serialize)]
pub struct FieldError {
    /// The name of the form control; its id is `f-<field>`.
    pub field: String,
    pub message: String,
}

/// A radio button or an option of a select.
#[derive(Debug, Clone, Serialize)]
pub struct ChoiceOption {
    pub key: String,
    pub name: String,
    pub help: String,
    pub selected: bool,
}

#[derive(Debug, Clone, Serialize)]
pub struct TypeOption {
    pub key: String,
    pub name: String,
    pub help: String,
    pub selected: bool,
    pub needs_approval: bool,
    pub fields: Vec<FormField>,
}

#[derive(Debug, Clone, Serialize)]
pub struct FormField {
    /// The control's name: `<type>.<key>`, since two types may ask a question of the same key.
    pub name: String,
    pub label: String,
    /// `text`, `choice`, `date`.
    pub kind: &'static str,
    pub required: bool,
    pub choices: Vec<ChoiceOption>,
    pub value: String,
}

/// `ticket_sent.html`: the confirmation.
#[derive(Debug, Clone, Serialize)]
pub struct TicketSent {
    pub id: String,
    pub title: String,
    /// `今天 14:30` / `today 14:30`, in the site's time zone.
    pub reply_by: String,
    /// The tracking link.
    pub track_url: String,
    /// The same to read and to write down: with the site's address, or the one that was asked.
    pub link: String,
    /// Who approves it, where its type needs that; empty where it does not.
    pub approvers: String,
    pub team: String,
    pub urgency: String,
}

#[derive(Debug, Clone, Serialize)]
pub struct Pair {
    pub label: String,
    pub value: String,
}

/// `error.html`: 404 and the other refusals.
#[derive(Debug, Clone, Serialize)]
pub struct ErrorPage {
    pub status: u16,
    pub heading: String,
    pub message: String,
}
