//! A knowledge article, as its front matter describes it.

use jiff::civil::Date;
use serde::Serialize;

use super::front_matter::FrontMatter;
use super::{Body, Meta, address, alias, category, keys, place, title};
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
    /// Its address comes from a `slug`, and not from its file's name.
    pub slugged: bool,
}

/// The keys of an article's front matter.
pub(super) const KEYS: &[&str] = &keys::names(keys::ARTICLE);

pub(super) const AUDIENCES: &[(&str, Audience); 2] =
    &[("employees", Audience::Employees), ("agents", Audience::Agents)];

pub(super) const CONFIDENCES: &[(&str, Confidence); 4] = &[
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
    let audience = audience(&file, &front, &source, diagnostics);
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
        slugged: slug.is_some(),
        body: Body { text: String::new(), first_line: source.body_line, hash },
    };
    front.note_unknown(KEYS, diagnostics);
    category::check(config, &file, &front, &article.meta.category, diagnostics);
    for (alias, wrong) in article.aliases.iter().filter_map(|alias| Some((alias, alias::file_of(alias).err()?))) {
        let spot = place::in_front(&source.front, source.front_line, "aliases", Some(alias));
        let message = format!("the alias `{alias}` {}", wrong.what);
        let diagnostic = match spot {
            Some(spot) => Diagnostic::error("HM015", &file, message).at(spot.place).over(spot.length),
            None => Diagnostic::error("HM015", &file, message).at(front.place("aliases")),
        };
        diagnostics.push(diagnostic.hint(wrong.hint));
    }
    Article { body: Body { text: source.body, ..article.body }, ..article }
}

/// What Microsoft Learn's metadata calls `audience`: for whom a public article is written, not who may read it.
const LEARN_AUDIENCES: &[&str] = &["admin", "developer", "end user", "end-user", "it pro", "itpro", "itpros"];

/// Who may read it. Anything that is not plainly `employees` is for agents (invariant 2), with one exception: in a
/// document imported with Microsoft Learn's metadata (`ms.` keys), that vocabulary's values say nothing about
/// visibility, and are noted.
fn audience(file: &str, front: &FrontMatter<'_>, source: &Source, diagnostics: &mut Vec<Diagnostic>) -> Audience {
    if front.has_prefix("ms.")
        && let Some(value) = front.text("audience", &mut Vec::new())
        && LEARN_AUDIENCES.contains(&value.to_lowercase().as_str())
    {
        let message = format!("`audience: {value}` is Microsoft Learn's word for its readers; employees may read this");
        let diagnostic = Diagnostic::note("HM010", file, message).at(front.place("audience"));
        diagnostics.push(diagnostic.hint("write `audience: agents` to keep it inside the service desk"));
        return Audience::Employees;
    }
    match front.choice("audience", AUDIENCES, diagnostics) {
        Ok(Some(audience)) => audience,
        Ok(None) if front.broken && source.front.contains("audience") => Audience::Agents,
        Ok(None) => Audience::Employees,
        Err(()) => Audience::Agents,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn audience_of(front: &str) -> (Audience, Vec<&'static str>) {
        let source = Source { front: front.to_owned(), front_line: 2, ..Source::default() };
        let mut diagnostics = Vec::new();
        let parsed = FrontMatter::parse("x.md", &source, &mut diagnostics);
        let audience = audience("x.md", &parsed, &source, &mut diagnostics);
        (audience, diagnostics.iter().map(|found| found.code).collect())
    }

    #[test]
    fn unknown_visibility_is_internal() {
        assert_eq!(audience_of("title: a\n"), (Audience::Employees, vec![]));
        assert_eq!(audience_of("audience: agents\n"), (Audience::Agents, vec![]));
        for unknown in ["audience: agent", "audience: [employees]", "audience: itpro", "audience: Admin", "audience: {"]
        {
            assert_eq!(audience_of(&format!("{unknown}\n")).0, Audience::Agents, "{unknown}");
        }
    }

    #[test]
    fn imported_metadata_says_for_whom_not_who_may() {
        assert_eq!(audience_of("ms.topic: article\naudience: ITPro\n"), (Audience::Employees, vec!["HM010"]));
        assert_eq!(audience_of("ms.topic: article\naudience: agents\n").0, Audience::Agents);
        assert_eq!(audience_of("ms.topic: article\naudience: internal\n").0, Audience::Agents);
    }
}
