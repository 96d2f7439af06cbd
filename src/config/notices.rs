//! `[notices]`: mail and webhooks. Secrets are named, never written: an environment variable or a file holds them.

#[cfg(test)]
mod tests;

use std::collections::BTreeSet;
use std::fmt;
use std::path::{Path, PathBuf};

use schemars::JsonSchema;
use serde::Deserialize;
use serde::de::IgnoredAny;

use super::resolve::Checker;
use super::spanned::Spanned;
use super::{Choice, Language};
use crate::diagnostic::nearest;

/// The occasions a webhook can be told of (`ticket::Occasion`, whose keys these are).
pub const EVENTS: [&str; 21] = [
    "filed",
    "accepted",
    "assigned",
    "replied",
    "requester_replied",
    "asked",
    "contacted",
    "risk",
    "approval_requested",
    "approved",
    "rejected",
    "pended",
    "resumed",
    "resolved",
    "reopened",
    "closing_soon",
    "closed",
    "cancelled",
    "merged",
    "rated",
    "escalated",
];

/// What a webhook is told of when it does not say.
const USUAL_EVENTS: [&str; 3] = ["filed", "reopened", "escalated"];

/// The chat services' own hosts.
const USUAL_HOSTS: [&str; 4] = ["qyapi.weixin.qq.com", "oapi.dingtalk.com", "open.feishu.cn", "open.larksuite.com"];

/// Where a secret is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Secret {
    Env(String),
    File(PathBuf),
    /// An address that holds no key, written out.
    Plain(String),
}

/// A secret that is not there.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NoSecret {
    #[error("the environment variable {0} is not set; set it for the service, then restart it")]
    Env(String),
    #[error("cannot read the secret in {}: {why}", path.display())]
    File { path: PathBuf, why: String },
}

impl Secret {
    /// The secret itself, read anew each time so that a changed file needs no restart. Ends of lines do not count.
    ///
    /// # Errors
    /// When the variable or the file is not there, or empty.
    pub fn read(&self) -> Result<String, NoSecret> {
        let filled = |text: String| Some(text.trim().to_owned()).filter(|text| !text.is_empty());
        match self {
            Self::Plain(text) => Ok(text.clone()),
            Self::Env(name) => std::env::var(name).ok().and_then(filled).ok_or_else(|| NoSecret::Env(name.clone())),
            Self::File(path) => {
                let wrong = |why: String| NoSecret::File { path: path.clone(), why };
                let text = std::fs::read_to_string(path).map_err(|error| wrong(error.to_string()))?;
                filled(text).ok_or_else(|| wrong("it is empty".to_owned()))
            }
        }
    }
}

/// How the connection to the mail server is kept private.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Security {
    Starttls,
    Tls,
    /// For a relay on this machine or in this network, without a password.
    None,
}

/// `[notices.mail]`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mail {
    pub server: String,
    pub port: u16,
    pub security: Security,
    /// `IT Service Desk <it@example.com>`
    pub from: String,
    pub reply_to: Option<String>,
    pub login: Option<Secret>,
    pub password: Option<Secret>,
    /// PEM certificates of the company's own authority.
    pub ca_file: Option<PathBuf>,
    /// The only domains at which people without an account are written to, lower case; none means all.
    pub contact_domains: Vec<String>,
}

/// The dialect of a webhook.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum WebhookKind {
    Wecom,
    Dingtalk,
    Feishu,
    Json,
}

impl fmt::Display for WebhookKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Wecom => "wecom",
            Self::Dingtalk => "dingtalk",
            Self::Feishu => "feishu",
            Self::Json => "json",
        })
    }
}

/// One of `[[notices.webhooks]]`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Webhook {
    /// Names it in the outbox and in the log.
    pub name: String,
    pub kind: WebhookKind,
    pub url: Secret,
    pub secret: Option<Secret>,
    /// Keys of occasions.
    pub events: BTreeSet<String>,
    /// Keys of teams; none means all.
    pub teams: BTreeSet<String>,
    pub lang: String,
    /// Titles are the requester's words and may name people.
    pub include_title: bool,
}

impl Webhook {
    /// Whether it is told of this occasion with a ticket of this team.
    pub fn wants(&self, occasion: &str, team: &str) -> bool {
        self.events.contains(occasion) && (self.teams.is_empty() || self.teams.contains(team))
    }
}

/// `[notices]`, resolved.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Notices {
    pub mail: Option<Mail>,
    pub webhooks: Vec<Webhook>,
    /// The only hosts that webhooks may name.
    pub allowed_hosts: BTreeSet<String>,
}

impl Notices {
    /// The secrets that are named and not there, for a warning at the start.
    pub fn missing(&self) -> Vec<NoSecret> {
        let mail = self.mail.iter().flat_map(|mail| [&mail.login, &mail.password]).flatten();
        let hooks = self.webhooks.iter().flat_map(|hook| std::iter::once(&hook.url).chain(&hook.secret));
        mail.chain(hooks).filter_map(|secret| secret.read().err()).collect()
    }
}

#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Raw {
    /// The mail server.
    mail: Option<Spanned<RawMail>>,
    /// Chats and gateways.
    #[serde(default)]
    webhooks: Vec<Spanned<RawWebhook>>,
    /// The only hosts that webhooks may name.
    allowed_hosts: Option<Vec<String>>,
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct RawMail {
    /// The host of the mail server.
    server: Spanned<String>,
    port: Option<u16>,
    /// How the connection is kept private.
    security: Option<Security>,
    /// The sender, such as IT 服务台 <it@example.com>.
    from: Spanned<String>,
    reply_to: Option<Spanned<String>>,
    #[schemars(skip)]
    login: Option<Spanned<IgnoredAny>>,
    login_env: Option<String>,
    login_file: Option<String>,
    #[schemars(skip)]
    password: Option<Spanned<IgnoredAny>>,
    password_env: Option<String>,
    password_file: Option<String>,
    /// PEM certificates of the company's own authority.
    ca_file: Option<String>,
    /// The only domains at which people without an account are written to; left out: all.
    #[schemars(example = ["example.com"])]
    contact_domains: Option<Vec<Spanned<String>>>,
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct RawWebhook {
    name: Option<String>,
    kind: WebhookKind,
    /// The address, when it holds no key.
    url: Option<Spanned<String>>,
    /// The environment variable with the address.
    url_env: Option<String>,
    /// The file with the address.
    url_file: Option<String>,
    #[schemars(skip)]
    secret: Option<Spanned<IgnoredAny>>,
    secret_env: Option<String>,
    secret_file: Option<String>,
    /// What it is told of; left out: filed, reopened, escalated.
    #[schemars(extend("items" = {"enum": EVENTS}))]
    events: Option<Vec<Spanned<String>>>,
    /// Keys of teams; left out: all.
    #[serde(default)]
    teams: Vec<Spanned<String>>,
    lang: Option<Spanned<String>>,
    /// Whether it learns titles, which are the requester's words and may name people.
    #[serde(default)]
    include_title: bool,
}

/// What is known of the rest of the file.
pub(super) struct Surroundings<'a> {
    pub(super) root: &'a Path,
    pub(super) teams: &'a [Choice],
    pub(super) languages: &'a [Language],
}

pub(super) fn resolve(checker: &mut Checker<'_>, raw: Raw, site: &Surroundings<'_>) -> Notices {
    let hosts = raw.allowed_hosts.unwrap_or_else(|| USUAL_HOSTS.map(str::to_owned).into());
    let mut names = BTreeSet::new();
    let mut webhooks = Vec::new();
    for (number, raw) in (1..).zip(raw.webhooks) {
        let span = raw.span();
        let hook = webhook(checker, raw, number, site);
        if !names.insert(hook.name.clone()) {
            checker.wrong(span, format!("the webhook `{}` is there twice", hook.name), "give each its own `name`");
        }
        webhooks.push(hook);
    }
    Notices {
        mail: raw.mail.map(|raw| mail(checker, raw.into_inner(), site)),
        webhooks,
        allowed_hosts: hosts.into_iter().map(|host| host.to_ascii_lowercase()).collect(),
    }
}

/// A secret by its two possible names; a literal is refused.
fn secret(
    checker: &mut Checker<'_>,
    key: &str,
    site: &Surroundings<'_>,
    literal: Option<Spanned<IgnoredAny>>,
    env: Option<String>,
    file: Option<String>,
) -> Option<Secret> {
    if let Some(literal) = literal {
        let hint = format!("this file goes to git: write {key}_env = \"NAME\" or {key}_file = \"/run/secrets/…\"");
        checker.wrong(literal.span(), format!("`{key}` is a secret and must not stand in site.toml"), hint);
    }
    env.map(Secret::Env).or_else(|| file.map(|file| Secret::File(site.root.join(file))))
}

fn mail(checker: &mut Checker<'_>, raw: RawMail, site: &Surroundings<'_>) -> Mail {
    let server = raw.server.get_ref().trim().to_owned();
    if server.is_empty() || server.contains(['/', ':', ' ']) {
        let hint = "write its name alone: server = \"smtp.example.com\"; the port is `port`";
        checker.wrong(raw.server.span(), format!("`{server}` is not the name of a mail server"), hint);
    }
    for address in [Some(&raw.from), raw.reply_to.as_ref()].into_iter().flatten() {
        if !address.get_ref().contains('@') || address.get_ref().contains(char::is_control) {
            let message = format!("`{}` is not a mail address", address.get_ref().escape_debug());
            checker.wrong(address.span(), message, "write \"it@example.com\" or \"IT Service Desk <it@example.com>\"");
        }
    }
    let span = raw.server.span();
    let login = secret(checker, "login", site, raw.login, raw.login_env, raw.login_file);
    let password = secret(checker, "password", site, raw.password, raw.password_env, raw.password_file);
    let security = raw.security.unwrap_or(Security::Starttls);
    if login.is_some() != password.is_some() {
        checker.wrong(span.clone(), "a login needs a password and a password a login", "name both, or none of the two");
    }
    let local = matches!(server.as_str(), "localhost" | "127.0.0.1" | "::1");
    if security == Security::None && password.is_some() && !local {
        let hint = "use security = \"starttls\" or \"tls\"; \"none\" is for a relay that asks for no password";
        checker.wrong(span, format!("the password would cross the network to {server} in the open"), hint);
    }
    Mail {
        port: raw.port.unwrap_or(match security {
            Security::Starttls => 587,
            Security::Tls => 465,
            Security::None => 25,
        }),
        server,
        security,
        from: raw.from.into_inner(),
        reply_to: raw.reply_to.map(Spanned::into_inner),
        login,
        password,
        ca_file: raw.ca_file.map(|file| site.root.join(file)),
        contact_domains: raw.contact_domains.into_iter().flatten().map(|name| domain(checker, name)).collect(),
    }
}

fn domain(checker: &mut Checker<'_>, name: Spanned<String>) -> String {
    let lower = name.get_ref().trim().to_ascii_lowercase();
    let plain = |label: &str| !label.is_empty() && label.chars().all(|c| c.is_alphanumeric() || c == '-');
    if !lower.split('.').all(plain) {
        let hint = "write what stands behind the @: contact_domains = [\"example.com\"]";
        checker.wrong(name.span(), format!("`{lower}` is not the domain of a mail address"), hint);
    }
    lower
}

fn webhook(checker: &mut Checker<'_>, raw: Spanned<RawWebhook>, number: u32, site: &Surroundings<'_>) -> Webhook {
    let span = raw.span();
    let raw = raw.into_inner();
    let kind = raw.kind;
    let literal = raw.url.map(|url| {
        if kind != WebhookKind::Json {
            let hint = "whoever has it can write to the chat: use url_env = \"NAME\" or url_file = \"…\"";
            checker.wrong(url.span(), format!("the address of a {kind} webhook holds its key"), hint);
        }
        Secret::Plain(url.into_inner())
    });
    let named = secret(checker, "url", site, None, raw.url_env, raw.url_file);
    let secret = secret(checker, "secret", site, raw.secret, raw.secret_env, raw.secret_file);
    if secret.is_some() && kind == WebhookKind::Wecom {
        let hint = "remove `secret_env` and `secret_file`";
        checker.wrong(span.clone(), "WeCom signs nothing: the key is in the address", hint);
    }
    let url = named.or(literal).unwrap_or_else(|| {
        checker.wrong(span, "the webhook has no address", "add url_env = \"NAME\" or url_file = \"…\"");
        Secret::Plain(String::new())
    });
    let known_teams: Vec<_> = site.teams.iter().map(|team| team.key.as_str()).collect();
    let known_languages: Vec<_> = site.languages.iter().map(|language| language.code.as_str()).collect();
    for team in &raw.teams {
        known(checker, "team", team, &known_teams);
    }
    for event in raw.events.iter().flatten() {
        known(checker, "event", event, &EVENTS);
    }
    if let Some(lang) = &raw.lang {
        known(checker, "language", lang, &known_languages);
    }
    let usual = || USUAL_EVENTS.map(str::to_owned).into();
    let lang = raw.lang.map(Spanned::into_inner);
    Webhook {
        name: raw.name.unwrap_or_else(|| format!("{kind}-{number}")),
        kind,
        url,
        secret,
        events: raw.events.map_or_else(usual, |list| list.into_iter().map(Spanned::into_inner).collect()),
        teams: raw.teams.into_iter().map(Spanned::into_inner).collect(),
        lang: lang.or_else(|| site.languages.first().map(|first| first.code.clone())).unwrap_or_default(),
        include_title: raw.include_title,
    }
}

fn known(checker: &mut Checker<'_>, what: &str, value: &Spanned<String>, known: &[&str]) {
    if !known.contains(&value.get_ref().as_str()) {
        let hint = match nearest(value.get_ref(), known.iter().copied()) {
            Some(near) => format!("did you mean `{near}`?"),
            None => format!("known: {}", known.join(", ")),
        };
        checker.wrong(value.span(), format!("there is no {what} `{}`", value.get_ref()), hint);
    }
}
