//! A knowledge article, as its front matter describes it.

use jiff::civil::Date;
use serde::Serialize;

use super::front_matter::FrontMatter;
use super::{Body, Meta, address, title};
use crate::config::Config;
use crate::diagnostic::Diagnostic;
use crate::source::Source;

/// Who may read an article. Unknown or missing means the narrower one once a value is wrong (invariant 2).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Audience {
    Employees,
    Agents,
}

/// KCS v6's article states.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Confidence {
    Wip,
    NotValidated,
    Validated,
    Archived,
}

/// An article of `content/articles/`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Article {
    pub meta: Meta,
    pub body: Body,
    pub audience: Audience,
    pub confidence: Confidence,
    pub owner: String,
    pub applies_to: Vec<String>,
    pub created: Option<Date>,
    pub review_by: Option<Date>,
    /// Old root-relative URLs that redirect here.
    pub aliases: Vec<String>,
    pub pinned: bool,
    /// Smaller comes first in listings of its category.
    pub weight: i32,
    pub linked_tickets: Vec<String>,
    /// The path without the language suffix: what translations of one article share.
    pub translation_key: String,
}

/// The keys of an article's front matter (CONTRACT.md).
pub(super) const KEYS: &[&str] = &[
    "title",
    "summary",
    "category",
    "tags",
    "keywords",
    "applies_to",
    "audience",
    "confidence",
    "owner",
    "created",
    "updated",
    "review_by",
    "slug",
    "aliases",
    "pinned",
    "weight",
    "linked_tickets",
];

const AUDIENCES: &[(&str, Audience)] = &[("employees", Audience::Employees), ("agents", Audience::Agents)];

const CONFIDENCES: &[(&str, Confidence)] = &[
    ("wip", Confidence::Wip),
    ("not_validated", Confidence::NotValidated),
    ("validated", Confidence::Validated),
    ("archived", Confidence::Archived),
];

/// Makes an article of a file. `path` is relative to `content/`, `articles/network/vpn.en.md`.
///
/// Always gives an article; whatever could not be read is in `diagnostics`. An audience that cannot be read is the
/// narrower one (invariant 2).
pub(super) fn read(
    config: &Config,
    path: &str,
    source: Source,
    hash: [u8; 32],
    diagnostics: &mut Vec<Diagnostic>,
) -> Article {
    let file = format!("content/{path}");
    let front = FrontMatter::parse(&file, &source, diagnostics);
    let stem = path.strip_suffix(".md").or_else(|| path.strip_suffix(".markdown")).unwrap_or(path);
    let (stem, suffix) = address::split_language(stem, &config.languages);
    let lang = suffix.unwrap_or(config.default_language()).to_owned();
    let mut directories: Vec<&str> = stem.split('/').skip(1).collect();
    let name = directories.pop().unwrap_or(stem);

    let slug = front.text("slug", diagnostics);
    let last = slug.as_deref().unwrap_or(if name == "index" { "" } else { name });
    let prefix = if lang == config.default_language() { "" } else { lang.as_str() };
    let created = front.date("created", diagnostics);
    let updated = front.date("updated", diagnostics).or(created);
    let audience = match front.choice("audience", AUDIENCES, diagnostics) {
        Ok(Some(audience)) => audience,
        Ok(None) if front.broken && source.front.contains("audience") => Audience::Agents,
        Ok(None) => Audience::Employees,
        Err(()) => Audience::Agents,
    };
    let confidence = front.choice("confidence", CONFIDENCES, diagnostics).unwrap_or(Some(Confidence::Wip));
    let article = Article {
        meta: Meta {
            path: path.to_owned(),
            url: address::url(prefix, "articles", &directories, last),
            title: title::of(&file, &front, &source, name, diagnostics),
            summary: front.text("summary", diagnostics).unwrap_or_default(),
            category: front
                .text("category", diagnostics)
                .unwrap_or_else(|| directories.first().copied().unwrap_or_default().to_owned()),
            tags: front.list("tags", diagnostics),
            keywords: front.list("keywords", diagnostics),
            lang,
            updated,
        },
        audience,
        confidence: confidence.unwrap_or(Confidence::Validated),
        owner: front.text("owner", diagnostics).unwrap_or_default(),
        applies_to: front.list("applies_to", diagnostics),
        created,
        review_by: front.date("review_by", diagnostics),
        aliases: front.list("aliases", diagnostics),
        pinned: front.flag("pinned", diagnostics),
        weight: front.integer("weight", diagnostics),
        linked_tickets: front.list("linked_tickets", diagnostics),
        translation_key: stem.to_owned(),
        body: Body { text: String::new(), first_line: source.body_line, hash },
    };
    front.note_unknown(KEYS, diagnostics);
    for alias in &article.aliases {
        if !alias.starts_with('/') || alias.contains(['?', '#']) {
            let message = format!("the alias `{alias}` is not a path of this site");
            let diagnostic = Diagnostic::error("HM015", &file, message).at((front.line("aliases"), 1));
            diagnostics.push(diagnostic.hint("write the old path with a leading slash, such as /kb/old-name/"));
        }
    }
    Article { body: Body { text: source.body, ..article.body }, ..article }
}
