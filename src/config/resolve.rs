//! [`raw`] to [`Config`]: defaults filled in, every value checked.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use super::raw::{self, Raw, Text};
use super::spanned::Spanned;
use super::{
    Category, Choice, Config, Contact, FILE_NAME, Field, FieldKind, Language, Localized, Logo, RequestType, Search,
    Tickets, Urgency, defaults, duration, notices,
};
use crate::diagnostic::{Diagnostic, nearest};

/// Collects mistakes while values are resolved, so that all are shown at once.
pub(super) struct Checker<'a> {
    text: &'a str,
    pub(super) diagnostics: Vec<Diagnostic>,
}

impl Checker<'_> {
    pub(super) fn wrong(&mut self, span: Range<usize>, message: impl Into<String>, hint: impl Into<String>) {
        let place = raw::line_column(self.text, span.start);
        self.diagnostics.push(Diagnostic::error("HM001", FILE_NAME, message).at(place).hint(hint));
    }

    pub(super) fn duration(&mut self, key: &str, value: Option<Spanned<String>>, default: Duration) -> Duration {
        let Some(value) = value else { return default };
        duration::parse(value.get_ref()).unwrap_or_else(|| {
            let message = format!("`{key}` is `{}`, which is not a span of time", value.get_ref());
            self.wrong(value.span(), message, "write a number with s, m, h or d: `10m`, `4h`, `7d`");
            default
        })
    }

    /// Keys travel in URLs, file names and front matter: lower-case Latin letters, digits, `-` and `_`.
    fn keys<'k>(&mut self, what: &str, keys: impl Iterator<Item = (&'k str, Range<usize>)>) {
        let mut seen = BTreeSet::new();
        for (key, span) in keys {
            let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-' || c == '_';
            if key.is_empty() || !key.chars().all(plain) {
                let hint = "use lower-case Latin letters, digits, `-` and `_`; put the name people see in `name`";
                self.wrong(span, format!("`{key}` cannot be the key of a {what}"), hint);
            } else if !seen.insert(key) {
                self.wrong(span, format!("the {what} `{key}` is there twice"), "rename or remove one of them");
            }
        }
    }
}

pub(super) fn resolve(root: &Path, text: &str, raw: Raw) -> Result<Config, Vec<Diagnostic>> {
    let mut checker = Checker { text, diagnostics: Vec::new() };
    let languages = languages(&mut checker, raw.languages);
    let (base_url, base_path) = base(&mut checker, raw.base_url);
    let time_zone = time_zone(&mut checker, raw.time_zone);
    let listen = listen(&mut checker, raw.listen);
    let accent = accent(&mut checker, raw.theme.accent);
    let edit_url = edit_url(&mut checker, raw.edit_url);
    let teams = choices(&mut checker, "team", raw.teams, defaults::teams);
    let types = types(&mut checker, raw.types, &teams);
    let site = notices::Surroundings { root, teams: &teams, languages: &languages };
    let notices = notices::resolve(&mut checker, raw.notices, &site);
    if localized(Some(raw.title.get_ref().clone()), "").all().all(|title| title.trim().is_empty()) {
        checker.wrong(raw.title.span(), "`title` is empty", "give the site a name: title = \"IT 服务台\"");
    }
    let trusted_proxies = super::accounts::networks(&mut checker, raw.trusted_proxies.unwrap_or_default());
    let mut config = Config {
        root: root.to_owned(),
        title: localized(Some(raw.title.into_inner()), ""),
        description: localized(raw.description, ""),
        base_url,
        server: raw.server.unwrap_or(true),
        base_path,
        languages,
        time_zone,
        theme: raw.theme.name.map_or_else(|| "default".to_owned(), Spanned::into_inner),
        accent,
        logo: logo(&mut checker, root, raw.theme.logo),
        footer: localized(raw.footer, ""),
        edit_url,
        listen,
        trusted_proxies,
        contact: Contact {
            phone: raw.contact.phone.unwrap_or_default(),
            hours: raw.contact.hours.unwrap_or_default(),
            email: raw.contact.email.unwrap_or_default(),
        },
        categories: categories(&mut checker, raw.categories),
        types,
        urgencies: urgencies(&mut checker, raw.urgencies),
        impacts: choices(&mut checker, "impact", raw.impacts, defaults::impacts),
        teams,
        search: Search {
            words: raw.search.words,
            synonyms: raw.search.synonyms.into_iter().map(Spanned::into_inner).collect(),
            log: raw.search.log.unwrap_or(true),
        },
        tickets: tickets(&mut checker, raw.tickets),
        redaction: super::redaction::resolve(&mut checker, raw.redaction),
        calendar: Arc::new(super::calendar::resolve(&mut checker, raw.calendar, root)),
        accounts: super::accounts::resolve(&mut checker, root, raw.accounts),
        notices,
    };
    // Whoever may say who somebody is may also say where they are.
    config.trusted_proxies.extend(config.accounts.proxy.iter().flat_map(|proxy| proxy.from.iter().copied()));
    if checker.diagnostics.is_empty() { Ok(config) } else { Err(checker.diagnostics) }
}

fn localized(text: Option<Text>, fallback: &str) -> Localized {
    Localized(match text {
        Some(Text::One(one)) => BTreeMap::from([(String::new(), one)]),
        Some(Text::PerLanguage(map)) if !map.is_empty() => map,
        _ => BTreeMap::from([(String::new(), fallback.to_owned())]),
    })
}

fn languages(checker: &mut Checker<'_>, value: Option<Spanned<Vec<String>>>) -> Vec<Language> {
    let codes = match value {
        Some(codes) => {
            let wellformed =
                |code: &String| (2..=3).contains(&code.len()) && code.chars().all(|c| c.is_ascii_lowercase());
            if codes.get_ref().is_empty() || !codes.get_ref().iter().all(wellformed) {
                let hint = "list two-letter codes, the default first: languages = [\"zh\", \"en\"]";
                checker.wrong(codes.span(), "`languages` is not a list of language codes", hint);
            }
            codes.into_inner()
        }
        None => vec!["zh".to_owned(), "en".to_owned()],
    };
    codes
        .into_iter()
        .map(|code| {
            let (name, tag) = match code.as_str() {
                "zh" => ("中文", "zh-CN"),
                "en" => ("English", "en"),
                other => (other, other),
            };
            Language { name: name.to_owned(), tag: tag.to_owned(), code }
        })
        .collect()
}

fn base(checker: &mut Checker<'_>, value: Option<Spanned<String>>) -> (String, String) {
    let Some(value) = value else { return Default::default() };
    let url = value.get_ref().trim_end_matches('/').to_owned();
    if url.is_empty() {
        return Default::default();
    }
    let rest = url.strip_prefix("https://").or_else(|| url.strip_prefix("http://"));
    match rest {
        Some(rest) if !rest.is_empty() && !rest.contains(['?', '#', ' ', '"']) => {
            let path = rest.find('/').map_or("", |at| &rest[at..]).to_owned();
            (url, path)
        }
        _ if url.starts_with('/') && !url.contains(['?', '#', ' ', '"']) => (String::new(), url),
        _ => {
            let hint = "write the address people type, such as \"https://help.example.com\", or a path such as \"/it\"";
            checker.wrong(value.span(), format!("`base_url` is `{url}`, which is not a web address"), hint);
            Default::default()
        }
    }
}

fn time_zone(checker: &mut Checker<'_>, value: Option<Spanned<String>>) -> jiff::tz::TimeZone {
    let name = value.as_ref().map_or("Asia/Shanghai", |value| value.get_ref());
    jiff::tz::TimeZone::get(name).unwrap_or_else(|_| {
        let span = value.as_ref().map_or(0..0, Spanned::span);
        let hint = "use a name of the IANA database, such as \"Asia/Shanghai\" or \"Europe/London\"";
        checker.wrong(span, format!("the time zone `{name}` is not known"), hint);
        jiff::tz::TimeZone::UTC
    })
}

fn listen(checker: &mut Checker<'_>, value: Option<Spanned<String>>) -> String {
    let Some(value) = value else { return "127.0.0.1:8080".to_owned() };
    if value.get_ref().parse::<std::net::SocketAddr>().is_err() {
        let message = format!("`listen` is `{}`, which is not an address and a port", value.get_ref());
        checker.wrong(value.span(), message, "write for example \"127.0.0.1:8080\" or \"0.0.0.0:80\"");
    }
    value.into_inner()
}

fn accent(checker: &mut Checker<'_>, value: Option<Spanned<String>>) -> Option<String> {
    let value = value?;
    let hex = value.get_ref().strip_prefix('#').unwrap_or("");
    if hex.len() == 6 && hex.chars().all(|c| c.is_ascii_hexdigit()) {
        return Some(value.into_inner());
    }
    let message = format!("`accent` is `{}`, which is not a colour", value.get_ref());
    checker.wrong(value.span(), message, "write six hexadecimal digits: \"#0a6a6f\"");
    None
}

fn logo(checker: &mut Checker<'_>, root: &Path, value: Option<Spanned<String>>) -> Option<Logo> {
    let value = value?;
    let inside = Path::new(value.get_ref()).components().all(|part| matches!(part, std::path::Component::Normal(_)));
    let path = root.join(value.get_ref());
    if inside
        && path.is_file()
        && let Ok(bytes) = std::fs::read(path)
    {
        return Some(Logo { path: value.into_inner(), hash: *blake3::hash(&bytes).as_bytes() });
    }
    let message = format!("the logo `{}` is not a file of this site", value.get_ref());
    checker.wrong(value.span(), message, "name an image below the folder of site.toml, such as \"logo.svg\"");
    None
}

fn edit_url(checker: &mut Checker<'_>, value: Option<Spanned<String>>) -> Option<String> {
    let value = value?;
    if value.get_ref().starts_with("http") && value.get_ref().contains("{path}") {
        return Some(value.into_inner());
    }
    let hint = "for example \"https://git.example.com/kb/edit/main/content/{path}\"";
    checker.wrong(value.span(), "`edit_url` must be a web address that contains {path}", hint);
    None
}

fn categories(checker: &mut Checker<'_>, value: Option<Vec<Spanned<raw::Category>>>) -> Vec<Category> {
    let value = value.unwrap_or_default();
    let mut seen = BTreeSet::new();
    for category in &value {
        if !seen.insert(&category.get_ref().key) {
            let message = format!("the category `{}` is there twice", category.get_ref().key);
            checker.wrong(category.span(), message, "remove one of them");
        }
    }
    let resolve = |category: Spanned<raw::Category>| {
        let category = category.into_inner();
        Category {
            name: localized(category.name, &category.key),
            description: localized(category.description, ""),
            icon: category.icon.unwrap_or_else(|| "folder".to_owned()),
            key: category.key,
        }
    };
    value.into_iter().map(resolve).collect()
}

fn choice(raw: raw::Choice) -> Choice {
    Choice { name: localized(raw.name, &raw.key), key: raw.key }
}

fn choices(
    checker: &mut Checker<'_>,
    what: &str,
    value: Option<Vec<Spanned<raw::Choice>>>,
    default: fn() -> Vec<Choice>,
) -> Vec<Choice> {
    let Some(value) = value else { return default() };
    checker.keys(what, value.iter().map(|item| (item.get_ref().key.as_str(), item.span())));
    value.into_iter().map(|item| choice(item.into_inner())).collect()
}

fn types(
    checker: &mut Checker<'_>,
    value: Option<Vec<Spanned<raw::RequestType>>>,
    teams: &[Choice],
) -> Vec<RequestType> {
    let Some(value) = value else { return defaults::types() };
    checker.keys("request type", value.iter().map(|kind| (kind.get_ref().key.as_str(), kind.span())));
    value.into_iter().map(|kind| request_type(checker, kind.into_inner(), teams)).collect()
}

fn request_type(checker: &mut Checker<'_>, raw: raw::RequestType, teams: &[Choice]) -> RequestType {
    if let Some(team) = &raw.team
        && !teams.iter().any(|known| known.key == *team.get_ref())
    {
        let hint = match nearest(team.get_ref(), teams.iter().map(|team| team.key.as_str())) {
            Some(near) => format!("did you mean `{near}`?"),
            None => "add it under [[teams]], or use one that is there".to_owned(),
        };
        checker.wrong(team.span(), format!("there is no team `{}`", team.get_ref()), hint);
    }
    checker.keys("field", raw.fields.iter().map(|field| (field.get_ref().key.as_str(), field.span())));
    for field in &raw.fields {
        let key = field.get_ref().key.as_str();
        if RESERVED_FIELDS.contains(&key) {
            let message = format!("the field `{key}` is already a question of every form");
            checker.wrong(field.span(), message, format!("call it something else, such as `{}_{key}`", raw.key));
        }
        if matches!(field.get_ref().kind, raw::FieldKind::Choice) && field.get_ref().choices.is_empty() {
            let message = format!("the field `{key}` is a choice without choices");
            checker.wrong(field.span(), message, "add choices = [\"…\", \"…\"], or use kind = \"text\"");
        }
    }
    let most = raw.approvers.len().max(1);
    if let Some(approvals) = &raw.approvals
        && !(1..=most).contains(approvals.get_ref())
    {
        checker.wrong(approvals.span(), "`approvals` is out of range", format!("use a number from 1 to {most}"));
    }
    RequestType {
        approvers: raw.approvers,
        approvals: raw.approvals.map_or(1, Spanned::into_inner),
        name: localized(raw.name, &raw.key),
        help: localized(raw.help, ""),
        team: raw.team.map_or_else(|| teams.first().map_or_else(String::new, |t| t.key.clone()), Spanned::into_inner),
        needs_approval: raw.needs_approval.unwrap_or(false),
        fields: raw.fields.into_iter().map(|field| resolve_field(field.into_inner())).collect(),
        key: raw.key,
    }
}

/// The form's own fields, which a request type may not redefine (CONTRACT.md, POST /api/tickets).
const RESERVED_FIELDS: &[&str] = &[
    "name",
    "department",
    "contact",
    "type",
    "urgency",
    "impact",
    "title",
    "description",
    "occurred_at",
    "trigger",
    "steps_tried",
    "query",
    "viewed",
    "attachments",
    "idempotency_key",
];

fn resolve_field(raw: raw::Field) -> Field {
    let resolve_choice = |raw| match raw {
        raw::FieldChoice::Plain(key) => Choice { name: localized(Some(Text::One(key.clone())), ""), key },
        raw::FieldChoice::Named(raw) => choice(raw),
    };
    Field {
        label: localized(raw.label, &raw.key),
        kind: match raw.kind {
            raw::FieldKind::Text => FieldKind::Text,
            raw::FieldKind::Choice => FieldKind::Choice,
            raw::FieldKind::Date => FieldKind::Date,
        },
        required: raw.required,
        choices: raw.choices.into_iter().map(resolve_choice).collect(),
        key: raw.key,
    }
}

fn urgencies(checker: &mut Checker<'_>, value: Option<Vec<Spanned<raw::Urgency>>>) -> Vec<Urgency> {
    let Some(value) = value else { return defaults::urgencies() };
    checker.keys("urgency", value.iter().map(|urgency| (urgency.get_ref().key.as_str(), urgency.span())));
    value
        .into_iter()
        .map(|urgency| {
            let urgency = urgency.into_inner();
            Urgency {
                name: localized(urgency.name, &urgency.key),
                help: localized(urgency.help, ""),
                first_response: checker.duration("first_response", urgency.first_response, HOURS_4),
                resolve: checker.duration("resolve", urgency.resolve, DAYS_3),
                round_the_clock: urgency.round_the_clock,
                key: urgency.key,
            }
        })
        .collect()
}

const HOURS_4: Duration = Duration::from_secs(4 * 3_600);
const DAYS_3: Duration = Duration::from_secs(3 * 86_400);
const DAYS_7: Duration = Duration::from_secs(7 * 86_400);

fn tickets(checker: &mut Checker<'_>, raw: raw::Tickets) -> Tickets {
    if let Some(size) = &raw.max_attachment_mb
        && !(1..=1_024).contains(size.get_ref())
    {
        checker.wrong(size.span(), "`max_attachment_mb` is out of range", "use a number from 1 to 1024");
    }
    if let Some(count) = &raw.max_attachments
        && *count.get_ref() > 100
    {
        checker.wrong(count.span(), "`max_attachments` is out of range", "use a number from 0 to 100");
    }
    Tickets {
        max_attachments: raw.max_attachments.map_or(10, Spanned::into_inner),
        max_attachment_size: raw.max_attachment_mb.map_or(10, Spanned::into_inner) * 1024 * 1024,
        tracking_days: raw.tracking_days.map_or(365, Spanned::into_inner),
        require_sign_in: raw.require_sign_in,
        auto_close: checker.duration("auto_close", raw.auto_close, DAYS_7),
    }
}
