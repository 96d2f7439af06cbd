//! `site.toml`: read once, resolved once.
//!
//! [`raw`] mirrors the file (every key optional but `title`, unknown keys refused with their place); [`Config`] is
//! what the rest of the program sees: complete, validated, nothing half resolved.

mod accounts;
mod calendar;
mod defaults;
mod duration;
pub mod notices;
mod raw;
mod redaction;
mod resolve;
mod schema;
mod spanned;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use ipnet::IpNet;
use serde::Serialize;

pub use self::accounts::{Accounts, Proxy, SecretError, SecretSource};
pub use self::calendar::{Calendar, FOLDER as CALENDAR_FOLDER};
pub use self::redaction::Redaction;
pub use self::schema::schema;

use crate::diagnostic::Diagnostic;

/// The name of the configuration file; the directory that holds it is the site's root.
pub const FILE_NAME: &str = "site.toml";

/// A text for people, one version per language code. Never empty.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Localized(BTreeMap<String, String>);

impl Localized {
    /// The text in `lang`, else in the first language that has one.
    pub fn get(&self, lang: &str) -> &str {
        self.0.get(lang).or_else(|| self.0.get("")).or_else(|| self.0.values().next()).map_or("", String::as_str)
    }

    pub(crate) fn all(&self) -> impl Iterator<Item = &str> {
        self.0.values().map(String::as_str)
    }
}

/// A language the site is written in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Language {
    /// `zh`, `en`: the file suffix and the URL prefix.
    pub code: String,
    /// Its name for the language switch, in itself.
    pub name: String,
    /// The BCP 47 tag for `lang=` and `hreflang=`: `zh-CN`, `en`.
    pub tag: String,
}

/// The site's logo, as it was when the configuration was read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Logo {
    /// Relative to the root.
    pub path: String,
    /// blake3 of its bytes.
    pub hash: [u8; 32],
}

/// A category of articles, as the home page shows it.
#[derive(Debug, Clone, Serialize)]
pub struct Category {
    pub key: String,
    pub name: Localized,
    pub description: Localized,
    /// The name of an icon of the theme.
    pub icon: String,
}

/// What a field of a request type asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum FieldKind {
    Text,
    Choice,
    Date,
}

/// A question that one request type adds to the form.
#[derive(Debug, Clone, Serialize)]
pub struct Field {
    pub key: String,
    pub label: Localized,
    pub kind: FieldKind,
    pub required: bool,
    pub choices: Vec<Choice>,
}

/// A fixed answer: the key is stored, the name is shown.
#[derive(Debug, Clone, Serialize)]
pub struct Choice {
    pub key: String,
    pub name: Localized,
}

/// A request type (硬件故障, 软件异常, …): its team, its questions, whether it needs approval.
#[derive(Debug, Clone, Serialize)]
pub struct RequestType {
    pub key: String,
    pub name: Localized,
    pub help: Localized,
    pub team: String,
    pub needs_approval: bool,
    /// The accounts that may approve; none named means the leads of its team and the administrators.
    pub approvers: Vec<String>,
    /// How many of them have to agree.
    pub approvals: usize,
    pub fields: Vec<Field>,
}

/// How pressing a ticket is, with its targets.
#[derive(Debug, Clone, Serialize)]
pub struct Urgency {
    pub key: String,
    pub name: Localized,
    /// One line that says when to choose it.
    pub help: Localized,
    /// Working time until the first answer and until the solution; a day is a working day.
    pub first_response: Duration,
    pub resolve: Duration,
    /// Whether its targets run day and night instead of in working time.
    pub round_the_clock: bool,
}

/// The service desk's own contact, printed where the form or the search cannot help.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Contact {
    pub phone: String,
    pub hours: String,
    pub email: String,
}

/// `[search]`: company words, synonyms, and whether searches are counted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Search {
    /// Words the dictionary does not know: `OA系统`, `向日葵`.
    pub words: Vec<String>,
    /// Groups whose members mean the same: `["蓝屏", "BSOD", "死机代码"]`.
    pub synonyms: Vec<Vec<String>>,
    /// Whether `.helpmark/searches/` counts what is searched for, without saying who searched.
    pub log: bool,
}

impl Default for Search {
    fn default() -> Self {
        Self { words: Vec::new(), synonyms: Vec::new(), log: true }
    }
}

/// `[tickets]`: limits of the intake.
#[derive(Debug, Clone, Serialize)]
pub struct Tickets {
    pub max_attachments: usize,
    /// Bytes of one attachment.
    pub max_attachment_size: u64,
    /// How long a tracking link lives after its ticket was filed.
    pub tracking_days: u32,
    pub auto_close: Duration,
    /// Whether only people with an account file tickets.
    pub require_sign_in: bool,
}

/// The resolved configuration of one site.
#[derive(Debug, Clone)]
pub struct Config {
    /// The directory that holds `site.toml`.
    pub root: PathBuf,
    pub title: Localized,
    pub description: Localized,
    /// `https://help.example.com/it` without a final slash; empty when the site does not know its address.
    pub base_url: String,
    /// Whether `serve` answers at the site's address: a static host takes no tickets, votes and sign-ins.
    pub server: bool,
    /// The path of `base_url` without a final slash, put before every URL of the site: `/it`, or empty.
    pub base_path: String,
    /// At least one; the first is the default.
    pub languages: Vec<Language>,
    pub time_zone: jiff::tz::TimeZone,
    pub theme: String,
    /// `#rrggbb`, where the site sets its own.
    pub accent: Option<String>,
    /// The logo, where the site has one.
    pub logo: Option<Logo>,
    pub footer: Localized,
    /// `https://git.example.com/kb/edit/main/content/{path}`: the "edit this page" link.
    pub edit_url: Option<String>,
    pub listen: String,
    /// Reverse proxies on other machines: what they say of their clients is believed. Those of single sign-on are among
    /// them.
    pub trusted_proxies: Vec<IpNet>,
    pub contact: Contact,
    /// In the order of the home page; categories found only in the tree follow, by key.
    pub categories: Vec<Category>,
    pub types: Vec<RequestType>,
    pub urgencies: Vec<Urgency>,
    pub impacts: Vec<Choice>,
    pub teams: Vec<Choice>,
    pub search: Search,
    pub tickets: Tickets,
    pub redaction: Redaction,
    pub calendar: Arc<Calendar>,
    pub accounts: Accounts,
    pub notices: notices::Notices,
}

impl Config {
    /// Reads `root/site.toml`.
    ///
    /// # Errors
    /// Every mistake found in the file, each with its line, column and a hint.
    pub fn load(root: &Path) -> Result<Self, Vec<Diagnostic>> {
        let text = std::fs::read_to_string(root.join(FILE_NAME)).map_err(|error| {
            vec![
                Diagnostic::error(
                    "HM001",
                    FILE_NAME,
                    format!("cannot read {}: {error}", root.join(FILE_NAME).display()),
                )
                .hint("run `helpmark init DIR` to start a site, or name its folder with --root"),
            ]
        })?;
        Self::parse(root, &text)
    }

    /// Reads the text of a `site.toml` that belongs to `root`.
    ///
    /// # Errors
    /// As [`Config::load`].
    pub fn parse(root: &Path, text: &str) -> Result<Self, Vec<Diagnostic>> {
        resolve::resolve(root, text, raw::parse(text)?)
    }

    /// The code of the default language.
    pub fn default_language(&self) -> &str {
        &self.languages[0].code
    }

    pub fn language(&self, code: &str) -> Option<&Language> {
        self.languages.iter().find(|language| language.code == code)
    }

    pub fn request_type(&self, key: &str) -> Option<&RequestType> {
        self.types.iter().find(|kind| kind.key == key)
    }

    pub fn urgency(&self, key: &str) -> Option<&Urgency> {
        self.urgencies.iter().find(|urgency| urgency.key == key)
    }

    /// `root/content`.
    pub fn content_dir(&self) -> PathBuf {
        self.root.join("content")
    }

    /// `root/.helpmark`: state that can be thrown away, or says so where it cannot.
    pub fn state_dir(&self) -> PathBuf {
        self.root.join(".helpmark")
    }
}
