//! The shape of `site.toml` and the errors of reading it.

use std::collections::BTreeMap;
use std::ops::Range;

use schemars::JsonSchema;
use serde::Deserialize;

use super::FILE_NAME;
use super::schema::DURATION;
use super::spanned::Spanned;
use crate::diagnostic::{Diagnostic, nearest};

/// A text for people: one string for every language, or one per language code.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(untagged, expecting = "a string, or a table with one string per language such as { zh = \"…\", en = \"…\" }")]
pub(super) enum Text {
    One(String),
    PerLanguage(BTreeMap<String, String>),
}

/// The configuration of one help site. Every key but `title` may be left out.
#[derive(Debug, Deserialize, JsonSchema)]
#[schemars(title = "site.toml")]
#[serde(deny_unknown_fields)]
pub(super) struct Raw {
    /// The site's name, in its header and in every page's title.
    pub title: Spanned<Text>,
    /// One sentence on what the site is for.
    pub description: Option<Text>,
    /// The address people type, such as https://help.example.com; a path such as "/it" for a site below another one.
    pub base_url: Option<Spanned<String>>,
    /// false where the pages lie on a host that runs no `helpmark serve`: no ticket form, votes and sign-in there.
    pub server: Option<bool>,
    /// Codes of the languages. The first is the default: its pages have no prefix.
    #[schemars(example = ["zh", "en"])]
    pub languages: Option<Spanned<Vec<String>>>,
    /// A name of the IANA time zone database.
    #[schemars(example = "Asia/Shanghai")]
    pub time_zone: Option<Spanned<String>>,
    /// Where `serve` listens, address:port.
    #[schemars(example = "127.0.0.1:8080")]
    pub listen: Option<Spanned<String>>,
    /// Reverse proxies on other machines, by address or network: what they say of their clients is believed.
    #[schemars(example = ["10.0.0.5"])]
    pub trusted_proxies: Option<Vec<Spanned<String>>>,
    /// The "edit this page" link; {path} is the file below content/.
    pub edit_url: Option<Spanned<String>>,
    /// The last line of every page.
    pub footer: Option<Text>,
    /// How the site looks.
    #[serde(default)]
    pub theme: Theme,
    /// Whom to call when the site does not help.
    #[serde(default)]
    pub contact: Contact,
    /// Categories in the order of the home page. Folders that are not named here follow by themselves.
    pub categories: Option<Vec<Spanned<Category>>>,
    /// Request types. Naming any replaces the built-in ones.
    pub types: Option<Vec<Spanned<RequestType>>>,
    /// Urgencies with their targets, the most urgent first. Naming any replaces the built-in ones.
    pub urgencies: Option<Vec<Spanned<Urgency>>>,
    /// How many are affected. Naming any replaces the built-in ones.
    pub impacts: Option<Vec<Spanned<Choice>>>,
    /// Teams of the service desk. Naming any replaces the built-in ones.
    pub teams: Option<Vec<Spanned<Choice>>>,
    /// What the search knows of the company's words.
    #[serde(default)]
    pub search: Search,
    /// Limits and clocks of tickets.
    #[serde(default)]
    pub tickets: Tickets,
    /// What the search for personal data may pass.
    #[serde(default)]
    pub redaction: super::redaction::Raw,
    /// When the service desk works; targets count nothing else.
    #[serde(default)]
    pub calendar: super::calendar::Raw,
    /// Sessions and single sign-on.
    #[serde(default)]
    pub accounts: super::accounts::Raw,
    /// Mail to people and messages to chats. Secrets are named here, never written.
    #[serde(default)]
    pub notices: super::notices::Raw,
}

#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Theme {
    /// The folder of `themes/` that overlays the built-in theme file by file.
    pub name: Option<Spanned<String>>,
    /// The accent colour, #rrggbb.
    #[schemars(extend("pattern" = "^#[0-9A-Fa-f]{3}([0-9A-Fa-f]{3})?$"))]
    pub accent: Option<Spanned<String>>,
    /// A picture beside site.toml.
    pub logo: Option<Spanned<String>>,
}

#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Contact {
    /// The telephone of the service desk.
    pub phone: Option<String>,
    /// When somebody answers it.
    pub hours: Option<String>,
    /// The mailbox of the service desk.
    pub email: Option<String>,
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Category {
    /// The folder below content/articles/.
    pub key: String,
    pub name: Option<Text>,
    /// What is in it.
    pub description: Option<Text>,
    /// The name of an icon of the theme (`icons/` of the theme, Lucide's names).
    pub icon: Option<String>,
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Choice {
    /// The word in files; it must not change while tickets use it.
    pub key: String,
    pub name: Option<Text>,
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct RequestType {
    /// The word in files; it must not change while tickets use it.
    pub key: String,
    pub name: Option<Text>,
    /// What people read beside it in the form.
    pub help: Option<Text>,
    /// The key of the team that its tickets come to.
    pub team: Option<Spanned<String>>,
    /// Whether work waits for an approval.
    pub needs_approval: Option<bool>,
    /// Accounts that may approve; left out: the leads of its team and the administrators.
    #[serde(default)]
    pub approvers: Vec<String>,
    /// How many have to agree.
    pub approvals: Option<Spanned<usize>>,
    /// Questions of its own.
    #[serde(default)]
    pub fields: Vec<Spanned<Field>>,
}

#[derive(Debug, Clone, Copy, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub(super) enum FieldKind {
    #[default]
    Text,
    Choice,
    Date,
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Field {
    /// The key below `fields` of a ticket.
    pub key: String,
    /// The question.
    pub label: Option<Text>,
    #[serde(default)]
    pub kind: FieldKind,
    #[serde(default)]
    pub required: bool,
    /// The answers of a `choice`.
    #[serde(default)]
    pub choices: Vec<FieldChoice>,
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(untagged, expecting = "a string, or a table with `key` and `name`")]
pub(super) enum FieldChoice {
    Plain(String),
    Named(Choice),
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Urgency {
    /// The word in files; it must not change while tickets use it.
    pub key: String,
    pub name: Option<Text>,
    /// When to choose it.
    pub help: Option<Text>,
    /// The target of the first answer in working time: 10m, 4h, 1d.
    #[schemars(extend("pattern" = DURATION))]
    pub first_response: Option<Spanned<String>>,
    /// The target of the solution in working time.
    #[schemars(extend("pattern" = DURATION))]
    pub resolve: Option<Spanned<String>>,
    /// Whether nights and days off count too.
    #[serde(default)]
    pub round_the_clock: bool,
}

#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Search {
    /// Words of the company that no dictionary has.
    #[serde(default)]
    pub words: Vec<String>,
    /// Groups of words that mean the same.
    #[serde(default)]
    pub synonyms: Vec<Spanned<Vec<String>>>,
    /// Whether searches are counted, without saying who searched.
    pub log: Option<bool>,
}

#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Tickets {
    /// Files of one ticket.
    pub max_attachments: Option<Spanned<usize>>,
    /// Megabytes of one file.
    pub max_attachment_mb: Option<Spanned<u64>>,
    /// How long a tracking link lives.
    pub tracking_days: Option<Spanned<u32>>,
    /// Working days without an answer after which a solved ticket closes by itself, such as 7d.
    #[schemars(extend("pattern" = DURATION))]
    pub auto_close: Option<Spanned<String>>,
    /// Whether only people with an account may file tickets.
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
