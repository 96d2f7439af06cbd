//! `helpmark ticket accept …`: the steps of the process, with the same rules as the desk.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

use clap::{Args, Subcommand};

use super::{attach, number, pair};
use crate::auth::Accounts;
use crate::cli::{Failure, print, say};
use crate::config::Config;
use crate::process::{Office, ProcessError, Request};
use crate::ticket::{Actor, Limits, Step, Store, TicketId};

/// A step, by the words it needs. What is left out and needed is named by the refusal.
#[derive(Subcommand)]
pub(super) enum Act {
    /// Take a new ticket on; --note is the first direction, which the requester reads
    Accept(Box<Words>),
    /// Sort it to --team, or give it to --assignee
    Assign(Box<Words>),
    /// Begin work
    Start(Box<Words>),
    /// Write a work note, for staff only: --text
    Note(Box<Words>),
    /// Write to the requester: --text, --attach
    Reply(Box<Words>),
    /// Say that the requester was contacted: --how phone|chat|visit|mail
    Contact(Box<Words>),
    /// Note a step worth keeping for the resolution record: --text
    KeyStep(Box<Words>),
    /// Tell the requester what may go wrong and the way back: --risk, --fallback
    Risk(Box<Words>),
    /// Ask the requester for what is missing, and wait: --text
    Ask(Box<Words>),
    /// Wait: --on requester|approval|supplier, --with and --until for a supplier
    Pend(Box<Words>),
    /// Go on after waiting
    Resume(Box<Words>),
    /// Agree to an access request
    Approve(Box<Words>),
    /// Refuse an access request: --reason
    Reject(Box<Words>),
    /// Say that it is solved: --cause, --resolution
    Resolve(Box<Words>),
    /// As the requester: it is solved
    Confirm(Box<Words>),
    /// It is not solved: --reason
    Reopen(Box<Words>),
    /// As the requester: --solved true|false and marks from 1 to 5
    Rate(Box<Words>),
    /// Close a solved ticket for a requester who said so elsewhere: --reason
    Close(Box<Words>),
    /// Take it back, or refuse it: --reason
    Cancel(Box<Words>),
    /// The same matter is another ticket's: --into
    Merge(Box<Words>),
    /// Correct --type, --urgency, --impact or --title
    Triage(Box<Words>),
    /// Erase what says who the requester is, on their request; only administrators
    Erase(Box<Words>),
}

#[derive(Args)]
pub(super) struct Words {
    /// The ticket's number
    #[arg(value_name = "ID", value_parser = number)]
    id: TicketId,
    /// The account that does it; `requester` for the person who reported it [default: the name you are logged in with]
    #[arg(long = "as", value_name = "LOGIN", env = "HELPMARK_USER")]
    who: Option<String>,
    #[arg(long)]
    text: Option<String>,
    #[arg(long)]
    note: Option<String>,
    #[arg(long)]
    reason: Option<String>,
    #[arg(long, value_name = "KEY")]
    team: Option<String>,
    #[arg(long, value_name = "LOGIN")]
    assignee: Option<String>,
    #[arg(long)]
    how: Option<String>,
    #[arg(long)]
    risk: Option<String>,
    #[arg(long)]
    fallback: Option<String>,
    #[arg(long)]
    on: Option<String>,
    #[arg(long)]
    with: Option<String>,
    /// Such as "2026-11-25 18:00"
    #[arg(long, value_name = "TIME")]
    until: Option<String>,
    #[arg(long)]
    cause: Option<String>,
    #[arg(long)]
    resolution: Option<String>,
    #[arg(long)]
    environment: Option<String>,
    #[arg(long, value_name = "ID")]
    into: Option<String>,
    #[arg(long = "type", value_name = "KEY")]
    kind: Option<String>,
    #[arg(long, value_name = "KEY")]
    urgency: Option<String>,
    #[arg(long, value_name = "KEY")]
    impact: Option<String>,
    #[arg(long)]
    title: Option<String>,
    #[arg(long)]
    solved: Option<String>,
    /// speed=5, attitude=5, skill=5, result=5; may be given several times
    #[arg(long, value_name = "NAME=MARK", value_parser = pair)]
    mark: Vec<(String, String)>,
    #[arg(long)]
    comment: Option<String>,
    /// A JPG, PNG, TXT or ZIP file; may be given several times
    #[arg(long, value_name = "FILE")]
    attach: Vec<PathBuf>,
    /// Only if the ticket is still the one with this ETag, as `ticket show --json` gives it
    #[arg(long, value_name = "ETAG")]
    if_match: Option<String>,
    #[arg(long)]
    json: bool,
}

impl Act {
    fn parts(&self) -> (&'static str, &Words) {
        match self {
            Self::Accept(words) => ("accept", words),
            Self::Assign(words) => ("assign", words),
            Self::Start(words) => ("start", words),
            Self::Note(words) => ("note", words),
            Self::Reply(words) => ("reply", words),
            Self::Contact(words) => ("contact", words),
            Self::KeyStep(words) => ("key_step", words),
            Self::Risk(words) => ("risk", words),
            Self::Ask(words) => ("ask", words),
            Self::Pend(words) => ("pend", words),
            Self::Resume(words) => ("resume", words),
            Self::Approve(words) => ("approve", words),
            Self::Reject(words) => ("reject", words),
            Self::Resolve(words) => ("resolve", words),
            Self::Confirm(words) => ("confirm", words),
            Self::Reopen(words) => ("reopen", words),
            Self::Rate(words) => ("rate", words),
            Self::Close(words) => ("close", words),
            Self::Cancel(words) => ("cancel", words),
            Self::Merge(words) => ("merge", words),
            Self::Triage(words) => ("triage", words),
            Self::Erase(words) => ("erase", words),
        }
    }
}

impl Words {
    fn fields(&self, action: &str) -> BTreeMap<String, String> {
        let given = [
            ("text", &self.text),
            ("note", &self.note),
            ("reason", &self.reason),
            ("team", &self.team),
            ("assignee", &self.assignee),
            ("how", &self.how),
            ("risk", &self.risk),
            ("fallback", &self.fallback),
            ("on", &self.on),
            ("with", &self.with),
            ("until", &self.until),
            ("cause", &self.cause),
            ("resolution", &self.resolution),
            ("environment", &self.environment),
            ("into", &self.into),
            ("type", &self.kind),
            ("urgency", &self.urgency),
            ("impact", &self.impact),
            ("title", &self.title),
            ("solved", &self.solved),
            ("comment", &self.comment),
        ];
        let given = given.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value.clone()?)));
        let action = [("action".to_owned(), action.to_owned())];
        given.chain(self.mark.iter().cloned()).chain(action).collect()
    }
}

pub(super) async fn run(config: &Config, store: Store, act: &Act) -> Result<(), Failure> {
    let (action, words) = act.parts();
    let accounts = Accounts::open(&config.state_dir());
    let actor = actor(&accounts, words.who.as_deref())?;
    let office = Office::open(config, Arc::new(store), accounts);
    let now = jiff::Timestamp::now().to_zoned(config.time_zone.clone());
    let lang = config.default_language();
    if let Act::Erase(_) = act {
        let erased = office.erase(config, words.id, &actor, now).await.map_err(refused)?;
        return print(&serde_json::to_string_pretty(&erased)?);
    }
    let step = Step::parse(&words.fields(action), &config.time_zone, lang).map_err(|errors| {
        let lines = errors.iter().map(|error| format!("{}: {}", error.field, error.message));
        Failure::Wrong(lines.collect::<Vec<_>>().join("\n    "))
    })?;
    let files = match words.attach.is_empty() {
        true => None,
        false => Some(attach(office.store.stage(Limits::from(&config.tickets)).await?, &words.attach, lang)?),
    };
    let if_match = words.if_match.as_deref().map(|tag| {
        let hash = blake3::Hash::from_hex(tag.trim().trim_matches('"'));
        hash.map_err(|_| Failure::Wrong("--if-match is not an ETag; `ticket show --json` gives it".to_owned()))
    });
    let request = Request { id: words.id, step, actor: &actor, if_match: if_match.transpose()?, files, now, lang };
    let done = office.perform(config, request).await.map_err(refused)?;
    if let Some(copy) = &done.copy {
        say(&format!("warning: somebody was writing the same file; their text is kept in {}", copy.display()));
    }
    match words.json {
        true => print(&serde_json::to_string_pretty(&super::view(&done.loaded))?),
        false => print(&format!("{} {}", words.id, done.loaded.ticket.status.key())),
    }
}

/// The account behind `--as`.
fn actor(accounts: &Accounts, who: Option<&str>) -> Result<Actor, Failure> {
    let own = std::env::var("USER").ok();
    let Some(login) = who.map(str::to_owned).or(own).filter(|login| !login.is_empty()) else {
        return Err(Failure::Wrong("say who does it: --as LOGIN, or --as requester".to_owned()));
    };
    if login == "requester" {
        return Ok(Actor::link());
    }
    let account = accounts.get(&login).filter(|account| !account.disabled);
    account.map(|account| account.actor()).ok_or_else(|| {
        Failure::Wrong(format!(
            "there is no account `{login}`; say who does it with --as LOGIN (`helpmark user list` shows all), or --as requester"
        ))
    })
}

/// A step that was refused is the caller's mistake; a disk that fails is not.
fn refused(error: ProcessError) -> Failure {
    match error {
        ProcessError::Store(error) if error.is_unavailable() => Failure::from(error),
        error => Failure::Wrong(error.to_string()),
    }
}
