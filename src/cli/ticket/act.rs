//! `helpmark ticket accept …`: the steps of the process, with the same rules as the desk.

use std::collections::BTreeMap;
use std::io::Read as _;
use std::path::PathBuf;
use std::sync::Arc;

use anyhow::Context as _;
use clap::{Arg, ArgAction, ArgMatches, Command, FromArgMatches, Subcommand};

use super::{attach, number, pair};
use crate::auth::Accounts;
use crate::cli::{Failure, print, say};
use crate::config::Config;
use crate::process::{Office, ProcessError, Request};
use crate::ticket::{Actor, Limits, Step, Store, TicketId};

/// A step on the command line: its name, what it does, and the words it needs.
struct Verb {
    name: &'static str,
    about: &'static str,
    words: &'static [&'static str],
}

/// Every step, in the order of a ticket's life. What is left out and needed is named by the refusal.
#[rustfmt::skip]
const VERBS: [Verb; 22] = [
    verb("accept", "Take a new ticket on; the note is the first direction, which the requester reads", &["note", "assignee", "team"]),
    verb("assign", "Sort it to a team, or give it to a person", &["team", "assignee", "note"]),
    verb("triage", "Correct what the form was filled in with", &["type", "urgency", "impact", "title"]),
    verb("start", "Begin work", &["note"]),
    verb("note", "Write a work note, for staff only", &["text", "attach"]),
    verb("reply", "Write to the requester; as the requester: to the service desk", &["text", "attach"]),
    verb("contact", "Say that the requester was spoken to", &["how", "text", "attach"]),
    verb("key-step", "Note a step worth keeping for the resolution record", &["text", "attach"]),
    verb("risk", "Tell the requester what may go wrong, and the way back, before it is done", &["risk", "fallback"]),
    verb("ask", "Ask the requester for what is missing, and wait for it", &["text", "attach"]),
    verb("pend", "Wait for somebody; a supplier has a name and a time", &["on", "with", "until", "note"]),
    verb("resume", "Go on after waiting", &["note"]),
    verb("approve", "Agree to a request", &["reason"]),
    verb("reject", "Refuse a request", &["reason"]),
    verb("resolve", "Say that it is solved", &["cause", "resolution", "environment", "attach"]),
    verb("confirm", "As the requester: it is solved", &[]),
    verb("reopen", "It is not solved", &["reason"]),
    verb("rate", "As the requester: solved or not, and marks", &["solved", "mark", "comment"]),
    verb("close", "Close a solved ticket for a requester who said so elsewhere", &["reason"]),
    verb("cancel", "Take it back, or refuse it", &["reason"]),
    verb("merge", "The same matter is another ticket's", &["into"]),
    verb("erase", "Erase what says who the requester is, on their request; only administrators", &[]),
];

const fn verb(name: &'static str, about: &'static str, words: &'static [&'static str]) -> Verb {
    Verb { name, about, words }
}

impl Verb {
    /// The word in `action`.
    fn action(&self) -> String {
        self.name.replace('-', "_")
    }

    fn command(&self) -> Command {
        let id = Arg::new("id").value_name("ID").required(true).num_args(1..).action(ArgAction::Append);
        let who = Arg::new("as").long("as").value_name("LOGIN").env("HELPMARK_USER").help(
            "The account that does it; `requester` for the person who reported it [default: the name you are logged in with]",
        );
        let if_match = Arg::new("if-match").long("if-match").value_name("ETAG");
        let json = Arg::new("json").long("json").action(ArgAction::SetTrue).help("Print the ticket as JSON");
        Command::new(self.name)
            // What a refusal calls the step.
            .aliases((self.name == "key-step").then_some("key_step"))
            .about(self.about)
            .arg(id.value_parser(number).help("The ticket's number, or several"))
            .args(self.words.iter().map(|name| option(name)))
            .arg(who)
            .arg(if_match.help("Only if the ticket is still the one with this ETag, as `ticket show --json` gives it"))
            .arg(json)
    }
}

fn option(name: &'static str) -> Arg {
    let arg = Arg::new(name).long(name);
    match name {
        "attach" => {
            let help = "A JPG, PNG, TXT or ZIP file; may be given several times";
            let parser = clap::value_parser!(PathBuf);
            arg.value_name("FILE").action(ArgAction::Append).value_parser(parser).help(help)
        }
        "mark" => {
            let help = "speed=5, attitude=5, skill=5, result=5: from 1 to 5; may be given several times";
            arg.value_name("NAME=MARK").action(ArgAction::Append).value_parser(mark).help(help)
        }
        "how" => arg.value_name("WAY").help("phone, chat, visit or mail [default: phone]"),
        "on" => arg.value_name("WHOM").help("requester, approval or supplier"),
        "with" => arg.value_name("NAME").help("The supplier or the department"),
        "until" => arg.value_name("TIME").help("Such as \"2026-11-25 18:00\""),
        "team" => arg.value_name("KEY").help("A team's key"),
        "assignee" => arg.value_name("LOGIN").help("Who works on it"),
        "type" => arg.value_name("KEY").help("The key of a request type"),
        "urgency" | "impact" => arg.value_name("KEY"),
        "solved" => arg.value_name("YES").help("true or false"),
        "into" => arg.value_name("ID").help("The ticket that goes on"),
        _ => arg.value_name("TEXT").help("`-` reads it from standard input"),
    }
}

fn mark(text: &str) -> Result<(String, String), String> {
    let (name, mark) = pair(text)?;
    match MARKS.contains(&name.as_str()) {
        true => Ok((name, mark)),
        false => Err(format!("there is no mark `{name}`; use {}", MARKS.join(", "))),
    }
}

/// What a requester marks.
const MARKS: [&str; 4] = ["speed", "attitude", "skill", "result"];

/// What somebody wants done, as the command line says it.
pub(super) struct Act {
    action: String,
    ids: Vec<TicketId>,
    who: Option<String>,
    fields: BTreeMap<String, String>,
    attach: Vec<PathBuf>,
    if_match: Option<String>,
    json: bool,
}

impl Subcommand for Act {
    fn augment_subcommands(command: Command) -> Command {
        command.subcommands(VERBS.iter().map(Verb::command))
    }

    fn augment_subcommands_for_update(command: Command) -> Command {
        Self::augment_subcommands(command)
    }

    fn has_subcommand(name: &str) -> bool {
        VERBS.iter().any(|verb| verb.name == name)
    }
}

impl FromArgMatches for Act {
    fn from_arg_matches(matches: &ArgMatches) -> Result<Self, clap::Error> {
        let named =
            matches.subcommand().and_then(|(name, given)| Some((VERBS.iter().find(|it| it.name == name)?, given)));
        let Some((verb, given)) = named else {
            return Err(clap::Error::raw(clap::error::ErrorKind::MissingSubcommand, "a step is missing"));
        };
        let texts = verb.words.iter().filter(|name| !["attach", "mark"].contains(name));
        let mut fields: BTreeMap<String, String> =
            texts.filter_map(|name| Some(((*name).to_owned(), given.get_one::<String>(name)?.clone()))).collect();
        if verb.words.contains(&"mark") {
            fields.extend(given.get_many::<(String, String)>("mark").into_iter().flatten().cloned());
        }
        fields.insert("action".to_owned(), verb.action());
        let attach = verb.words.contains(&"attach").then(|| given.get_many::<PathBuf>("attach")).flatten();
        Ok(Self {
            action: verb.action(),
            ids: given.get_many::<TicketId>("id").into_iter().flatten().copied().collect(),
            who: given.get_one::<String>("as").cloned(),
            fields,
            attach: attach.into_iter().flatten().cloned().collect(),
            if_match: given.get_one::<String>("if-match").cloned(),
            json: given.get_flag("json"),
        })
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), clap::Error> {
        *self = Self::from_arg_matches(matches)?;
        Ok(())
    }
}

pub(super) async fn run(config: &Config, store: Store, act: &Act) -> Result<(), Failure> {
    let accounts = Accounts::open(&config.state_dir());
    let actor = actor(&accounts, act.who.as_deref())?;
    let office = Office::open(config, Arc::new(store), accounts);
    let if_match = act.if_match.as_deref().map(|tag| {
        let hash = blake3::Hash::from_hex(tag.trim().trim_matches('"'));
        hash.map_err(|_| Failure::Wrong("--if-match is not an ETag; `ticket show --json` gives it".to_owned()))
    });
    let if_match = if_match.transpose()?;
    let mut fields = act.fields.clone();
    if let Some(text) = fields.values_mut().find(|text| *text == "-") {
        text.clear();
        std::io::stdin().read_to_string(text).context("cannot read the text")?;
    }
    // Each is a step of its own: what one ticket refuses does not keep the others from it.
    let mut refusals = Vec::new();
    for id in &act.ids {
        match one(config, &office, act, &fields, *id, &actor, if_match).await {
            Ok(()) => {}
            Err(Failure::Wrong(why)) if act.ids.len() > 1 => refusals.push(format!("{id}: {why}")),
            Err(failure) => return Err(failure),
        }
    }
    if refusals.is_empty() { Ok(()) } else { Err(Failure::Wrong(refusals.join("\n    "))) }
}

async fn one(
    config: &Config,
    office: &Office,
    act: &Act,
    fields: &BTreeMap<String, String>,
    id: TicketId,
    actor: &Actor,
    if_match: Option<blake3::Hash>,
) -> Result<(), Failure> {
    let now = jiff::Timestamp::now().to_zoned(config.time_zone.clone());
    let lang = config.default_language();
    if act.action == "erase" {
        let erased = office.erase(config, id, actor, now).await.map_err(refused)?;
        return print(&serde_json::to_string_pretty(&erased)?);
    }
    let step = Step::parse(fields, &config.time_zone, lang).map_err(|errors| {
        let lines = errors.iter().map(|error| format!("{}: {}", error.field, error.message));
        Failure::Wrong(lines.collect::<Vec<_>>().join("\n    "))
    })?;
    let files = match act.attach.is_empty() {
        true => None,
        false => Some(attach(office.store.stage(Limits::from(&config.tickets)).await?, &act.attach, lang)?),
    };
    let request = Request { id, step, actor, if_match, files, now, lang };
    let done = office.perform(config, request).await.map_err(refused)?;
    if let Some(copy) = &done.copy {
        say(&format!("warning: somebody was writing the same file; their text is kept in {}", copy.display()));
    }
    match act.json {
        true => print(&serde_json::to_string_pretty(&super::show::view(&done.loaded))?),
        false => print(&format!("{id} {}", done.loaded.ticket.status.key())),
    }
}

/// The account behind `--as`.
pub(super) fn actor(accounts: &Accounts, who: Option<&str>) -> Result<Actor, Failure> {
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
