//! The shape of `site.toml` and the errors of reading it.

use std::collections::BTreeMap;
use std::ops::Range;

use serde::Deserialize;
use toml::Spanned;

use super::FILE_NAME;
use crate::diagnostic::{Diagnostic, nearest};

/// A text for people: one string for every language, or one per language code.
#[derive(Debug, Clone, Deserialize)]
#[serde(untagged, expecting = "a string, or a table with one string per language such as { zh = \"…\", en = \"…\" }")]
pub(super) enum Text {
    One(String),
    PerLanguage(BTreeMap<String, String>),
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Raw {
    pub title: Spanned<Text>,
    pub description: Option<Text>,
    pub base_url: Option<Spanned<String>>,
    pub languages: Option<Spanned<Vec<String>>>,
    pub time_zone: Option<Spanned<String>>,
    pub listen: Option<Spanned<String>>,
    pub edit_url: Option<Spanned<String>>,
    pub footer: Option<Text>,
    #[serde(default)]
    pub theme: Theme,
    #[serde(default)]
    pub contact: Contact,
    pub categories: Option<Vec<Spanned<Category>>>,
    pub types: Option<Vec<Spanned<RequestType>>>,
    pub urgencies: Option<Vec<Spanned<Urgency>>>,
    pub impacts: Option<Vec<Spanned<Choice>>>,
    pub teams: Option<Vec<Spanned<Choice>>>,
    #[serde(default)]
    pub search: Search,
    #[serde(default)]
    pub tickets: Tickets,
    #[serde(default)]
    pub redaction: super::redaction::Raw,
    #[serde(default)]
    pub calendar: super::calendar::Raw,
    #[serde(default)]
    pub accounts: super::accounts::Raw,
    #[serde(default)]
    pub notices: super::notices::Raw,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Theme {
    pub name: Option<Spanned<String>>,
    pub accent: Option<Spanned<String>>,
    pub logo: Option<Spanned<String>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Contact {
    pub phone: Option<String>,
    pub hours: Option<String>,
    pub email: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Category {
    pub key: String,
    pub name: Option<Text>,
    pub description: Option<Text>,
    pub icon: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Choice {
    pub key: String,
    pub name: Option<Text>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RequestType {
    pub key: String,
    pub name: Option<Text>,
    pub help: Option<Text>,
    pub team: Option<Spanned<String>>,
    pub needs_approval: Option<bool>,
    #[serde(default)]
    pub approvers: Vec<String>,
    pub approvals: Option<Spanned<usize>>,
    #[serde(default)]
    pub fields: Vec<Spanned<Field>>,
}

#[derive(Debug, Clone, Copy, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum FieldKind {
    #[default]
    Text,
    Choice,
    Date,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Field {
    pub key: String,
    pub label: Option<Text>,
    #[serde(default)]
    pub kind: FieldKind,
    #[serde(default)]
    pub required: bool,
    #[serde(default)]
    pub choices: Vec<FieldChoice>,
}

#[derive(Debug, Deserialize)]
#[serde(untagged, expecting = "a string, or a table with `key` and `name`")]
pub(super) enum FieldChoice {
    Plain(String),
    Named(Choice),
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Urgency {
    pub key: String,
    pub name: Option<Text>,
    pub help: Option<Text>,
    pub first_response: Option<Spanned<String>>,
    pub resolve: Option<Spanned<String>>,
    #[serde(default)]
    pub round_the_clock: bool,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Search {
    #[serde(default)]
    pub words: Vec<String>,
    #[serde(default)]
    pub synonyms: Vec<Spanned<Vec<String>>>,
    pub log: Option<bool>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Tickets {
    pub max_attachments: Option<Spanned<usize>>,
    pub max_attachment_mb: Option<Spanned<u64>>,
    pub tracking_days: Option<Spanned<u32>>,
    pub auto_close: Option<Spanned<String>>,
    #[serde(default)]
    pub require_sign_in: bool,
}

/// Reads the text, or says what is wrong where, with the nearest known key for a misspelt one.
///
/// Every unknown key is reported in one run: each is blanked out and the text read again.
pub(super) fn parse(text: &str) -> Result<Raw, Vec<Diagnostic>> {
    let mut diagnostics = Vec::new();
    let mut remaining = text.to_owned();
    loop {
        let error = match toml::from_str::<Raw>(&remaining) {
            Ok(raw) if diagnostics.is_empty() => return Ok(raw),
            Ok(_) => return Err(diagnostics),
            Err(error) => error,
        };
        let unknown = unknown_key(error.message());
        let mut diagnostic = Diagnostic::error("HM001", FILE_NAME, first_line(error.message()));
        if let Some(span) = error.span() {
            diagnostic = diagnostic.at(line_column(text, span.start));
        }
        if let Some((key, known)) = &unknown {
            diagnostic.message = format!("unknown key `{key}`");
            diagnostic = diagnostic.hint(match nearest(key, known.iter().map(String::as_str)) {
                Some(near) => format!("did you mean `{near}`?"),
                None => format!("known keys here: {}", known.join(", ")),
            });
        }
        diagnostics.push(diagnostic);
        match (unknown, error.span()) {
            (Some(_), Some(span)) if diagnostics.len() < 50 && blank_assignment(&mut remaining, &span) => {}
            _ => return Err(diagnostics),
        }
    }
}

/// The unknown key and the known ones, out of serde's message.
fn unknown_key(message: &str) -> Option<(String, Vec<String>)> {
    let rest = message.strip_prefix("unknown field `")?;
    let (key, expected) = rest.split_once('`')?;
    let known = expected.split('`').skip(1).step_by(2).map(str::to_owned).collect();
    Some((key.to_owned(), known))
}

fn first_line(message: &str) -> &str {
    message.lines().next().unwrap_or(message)
}

/// Overwrites a one-line `key = value` with spaces, so that offsets stay true. False when it is not one line.
fn blank_assignment(text: &mut String, key: &Range<usize>) -> bool {
    let start = text[..key.start].rfind('\n').map_or(0, |at| at + 1);
    let end = text[key.start..].find('\n').map_or(text.len(), |at| key.start + at);
    let line = &text[start..end];
    let balanced = |open: char, close: char| line.matches(open).count() == line.matches(close).count();
    if !line.contains('=') || line.contains("\"\"\"") || !balanced('[', ']') || !balanced('{', '}') {
        return false;
    }
    let blank = if line.trim_start().starts_with('{') { return false } else { " ".repeat(end - start) };
    text.replace_range(start..end, &blank);
    true
}

/// 1-based line and column (in characters) of a byte offset.
pub(super) fn line_column(text: &str, offset: usize) -> (u32, u32) {
    let before = &text[..offset.min(text.len())];
    let line = before.matches('\n').count() + 1;
    let column = before.rsplit('\n').next().unwrap_or("").chars().count() + 1;
    (u32::try_from(line).unwrap_or(u32::MAX), u32::try_from(column).unwrap_or(u32::MAX))
}
