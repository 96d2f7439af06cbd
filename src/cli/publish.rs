//! `helpmark ticket publish` and `helpmark new resolution`: a solved ticket becomes knowledge.
//!
//! First what is known already, then what somebody has to decide, then the record; the ticket says where it went.

use std::path::Path;
use std::sync::Arc;

use clap::Args;
use jiff::Zoned;
use serde_json::json;

use super::{Failure, compile, print, say};
use crate::archive::{self, ArchiveError, Choice, Decision, Found, RecordDraft};
use crate::auth::Accounts;
use crate::config::Config;
use crate::diagnostic::nearest;
use crate::disk::DiskError;
use crate::process::{Office, ProcessError, Request};
use crate::redaction::Rules;
use crate::search::Hit;
use crate::ticket::{Actor, Loaded, Role, Step, Store, TicketId};

#[derive(Args)]
pub(super) struct Publish {
    /// The number of a solved ticket, such as TS202611230001
    #[arg(value_name = "ID", value_parser = super::ticket::number)]
    pub(super) id: TicketId,
    #[command(flatten)]
    pub(super) options: Options,
}

#[derive(Args)]
pub(super) struct Options {
    /// Who publishes [default: whoever runs this, as an administrator]
    #[arg(long = "as", value_name = "LOGIN")]
    actor: Option<String>,
    /// Put a placeholder for this finding; may be given several times
    #[arg(long, value_name = "FINDING", value_delimiter = ',')]
    redact: Vec<String>,
    /// Put a placeholder for every finding that is not confirmed
    #[arg(long)]
    redact_all: bool,
    /// Let this finding stand: it is no personal data; may be given several times
    #[arg(long, value_name = "FINDING", value_delimiter = ',')]
    yes_to: Vec<String>,
    /// Write no record: the ticket belongs to this article or record, such as articles/network/vpn.md
    #[arg(long, value_name = "PATH", conflicts_with_all = ["redact", "redact_all", "yes_to", "category", "keywords", "title"])]
    link: Option<String>,
    /// The record's title [default: the ticket's]
    #[arg(long)]
    title: Option<String>,
    /// The key of a category [default: that of the most similar document]
    #[arg(long, value_name = "KEY")]
    category: Option<String>,
    /// What employees type, separated by commas [default: what the requester searched for]
    #[arg(long, value_delimiter = ',')]
    keywords: Vec<String>,
    /// The language of the headings [default: the requester's]
    #[arg(long)]
    lang: Option<String>,
    /// Show the record and what is to be decided, and write nothing
    #[arg(long)]
    dry_run: bool,
    #[arg(long)]
    json: bool,
}

pub(super) async fn run(config: &Config, store: &Store, id: TicketId, options: &Options) -> Result<(), Failure> {
    let loaded = load(store, id).await?;
    let office = Office::open(config, Arc::new(store.clone()), Accounts::open(&config.state_dir()));
    let accounts = &office.accounts;
    let actor = who(accounts, options.actor.as_deref())?;
    may_publish(config, &office, &loaded, &actor)?;
    let now = jiff::Timestamp::now().to_zoned(config.time_zone.clone());
    if !loaded.ticket.record.is_empty() {
        return Err(Failure::Wrong(format!(
            "{id} was archived as content/{} already\n    hint: edit that document",
            loaded.ticket.record
        )));
    }
    if let Some(path) = &options.link {
        return link(config, &office, id, path, &actor, now, options).await;
    }
    let lang = language(config, options.lang.as_deref(), &loaded.ticket.lang)?;
    let mut draft = archive::draft_record(config, &loaded.ticket, &lang).map_err(failure)?;
    let similar = similar(config, &draft)?;
    fill(&mut draft, options, &similar);
    let names = archive::names_of(&loaded.ticket, &staff(accounts));
    let found = archive::gate(&draft, &names, &Rules::new(config));
    let decisions = decisions(&found, options)?;
    let undecided = match archive::decide(&draft, &found, &decisions) {
        Ok(_) => Vec::new(),
        Err(undecided) => undecided,
    };
    if options.dry_run || !undecided.is_empty() {
        let decided = archive::decide(&draft, &found, &decisions).map_or(draft, |(decided, _)| decided);
        return show(&decided, &similar, &found, &undecided, options);
    }
    let confirmed = found.iter().filter(|one| options.yes_to.contains(&one.id)).map(Found::confirmation);
    office.decided(config, &loaded, &actor, &confirmed.collect::<Vec<_>>(), &now).await?;
    let published = archive::publish(config, &draft, &names, &decisions).map_err(failure)?;
    record_published(config, &office, id, &published.path, &actor, now).await?;
    if options.json {
        let answer = json!({ "id": id, "status": "published", "path": published.path, "category": draft.category,
            "similar": similar, "findings": found, "undecided": [], "record": published.text });
        return print(&serde_json::to_string_pretty(&answer)?);
    }
    offer(&similar)?;
    let category = if draft.category.is_empty() { "no category" } else { &draft.category };
    print(&format!("{id} is archived as content/{} ({category})", published.path))
}

pub(super) async fn load(store: &Store, id: TicketId) -> Result<Loaded, Failure> {
    let missing = || Failure::Wrong(format!("there is no ticket {id}; `helpmark ticket list` shows all"));
    store.get(id).await?.ok_or_else(missing)
}

/// The account with this login, or whoever can write the files anyway.
pub(super) fn who(accounts: &Accounts, login: Option<&str>) -> Result<Actor, Failure> {
    let Some(login) = login else {
        let name = std::env::var("USER").ok().filter(|name| !name.is_empty()).unwrap_or_else(|| "cli".to_owned());
        return Ok(Actor { account: name.clone(), name, role: Role::Admin, ..Actor::system() });
    };
    let known = accounts.list();
    match accounts.get(login).filter(|account| !account.disabled) {
        Some(account) => Ok(account.actor()),
        None => {
            let near = nearest(login, known.iter().map(|account| account.login.as_str()));
            let hint = near
                .map_or_else(|| "`helpmark user list` shows all".to_owned(), |near| format!("did you mean `{near}`?"));
            Err(Failure::Wrong(format!("there is no account `{login}` that can act\n    hint: {hint}")))
        }
    }
}

/// Names and logins of everybody with an account.
pub(super) fn staff(accounts: &Accounts) -> Vec<String> {
    accounts.list().into_iter().flat_map(|account| [account.name, account.login]).collect()
}

/// The language that was asked for, else the requester's where the site has it, else the site's.
pub(super) fn language(config: &Config, asked: Option<&str>, own: &str) -> Result<String, Failure> {
    match asked {
        Some(lang) if config.language(lang).is_none() => {
            Err(Failure::Wrong(format!("the site has no language `{lang}`")))
        }
        Some(lang) => Ok(lang.to_owned()),
        None if config.language(own).is_some() => Ok(own.to_owned()),
        None => Ok(config.default_language().to_owned()),
    }
}

/// What may be the same thing, out of the site as it would be built now.
fn similar(config: &Config, draft: &RecordDraft) -> Result<Vec<Hit>, Failure> {
    let mut options = compile::looking();
    options.drafts = false;
    let (_, snapshot) = compile::compile(config.clone(), options)?;
    Ok(archive::similar(&snapshot.view, draft))
}

fn fill(draft: &mut RecordDraft, options: &Options, similar: &[Hit]) {
    if let Some(title) = &options.title {
        draft.title.clone_from(title);
    }
    if !options.keywords.is_empty() {
        draft.keywords = options.keywords.iter().map(|keyword| keyword.trim().to_owned()).collect();
    }
    let nearest = || similar.iter().map(|hit| hit.category.clone()).find(|key| !key.is_empty());
    draft.category = options.category.clone().or_else(nearest).unwrap_or_default();
}

fn decisions(found: &[Found], options: &Options) -> Result<Vec<Decision>, Failure> {
    for id in options.yes_to.iter().chain(&options.redact) {
        if !found.iter().any(|found| found.id == *id) {
            return Err(Failure::Wrong(format!(
                "there is no finding `{id}` in this record now\n    hint: run it again without decisions to see them all"
            )));
        }
    }
    let decide = |id: &String, choice| Decision { finding: id.clone(), choice };
    let mut decisions: Vec<Decision> = Vec::new();
    if options.redact_all {
        decisions.extend(found.iter().map(|found| decide(&found.id, Choice::Redact)));
    }
    decisions.extend(options.redact.iter().map(|id| decide(id, Choice::Redact)));
    // The last decision on a finding counts.
    decisions.extend(options.yes_to.iter().map(|id| decide(id, Choice::Confirm)));
    Ok(decisions)
}

fn offer(similar: &[Hit]) -> Result<(), Failure> {
    if similar.is_empty() {
        return Ok(());
    }
    print("Known already (use --link PATH if one of them answers it):")?;
    for hit in similar {
        print(&format!("    {}  {}", hit.path, hit.title))?;
    }
    Ok(())
}

/// Shows what would be written and what has to be decided first.
fn show(
    draft: &RecordDraft,
    similar: &[Hit],
    found: &[Found],
    undecided: &[Found],
    options: &Options,
) -> Result<(), Failure> {
    let status = if undecided.is_empty() { "dry_run" } else { "undecided" };
    if options.json {
        let answer = json!({ "id": draft.id, "status": status, "path": draft.path(), "category": draft.category,
            "similar": similar, "findings": found, "undecided": undecided.iter().map(|one| &one.id).collect::<Vec<_>>(),
            "record": draft.text() });
        print(&serde_json::to_string_pretty(&answer)?)?;
    } else {
        offer(similar)?;
        if options.dry_run {
            print(&format!("content/{}:\n{}", draft.path(), draft.text()))?;
        }
        for one in undecided {
            let (kind, shown) = (one.finding.kind.name("en"), one.finding.shown());
            // A line that holds a secret is not repeated.
            let excerpt = if one.finding.kind.is_secret() { "" } else { one.excerpt.as_str() };
            print(&format!("{}:{}:{}: {kind}: {shown} [{}]\n    {excerpt}", one.field, one.line, one.column, one.id))?;
        }
    }
    if undecided.is_empty() {
        return Ok(());
    }
    say(&format!(
        "error: {} not published: {} to decide\n    hint: --redact-all puts placeholders; --redact ID and --yes-to ID decide one",
        draft.id,
        undecided.len()
    ));
    Err(Failure::Content)
}

async fn link(
    config: &Config,
    office: &Office,
    id: TicketId,
    path: &str,
    actor: &Actor,
    now: Zoned,
    options: &Options,
) -> Result<(), Failure> {
    // Both the path as `check` prints it and the one of the search.
    let path = path.strip_prefix("content/").unwrap_or(path);
    if options.dry_run {
        let exists = crate::content::is_document(path) && config.content_dir().join(path).is_file();
        return match exists {
            true => print(&format!("{id} would be linked to content/{path}")),
            false => Err(failure(ArchiveError::Missing { path: path.to_owned() })),
        };
    }
    let linked = archive::link(config, id, path).map_err(failure)?;
    warn_of_copy(linked.copy.as_deref());
    record_published(config, office, id, &linked.path, actor, now).await?;
    if options.json {
        return print(
            &json!({ "id": id, "status": "linked", "path": linked.path, "changed": linked.changed }).to_string(),
        );
    }
    print(&format!("{id} is linked to content/{}", linked.path))
}

pub(super) fn warn_of_copy(copy: Option<&Path>) {
    if let Some(copy) = copy {
        say(&format!("warning: somebody saved the file in the same moment; their text is kept in {}", copy.display()));
    }
}

/// Before anything is written: whether this person may, and the state allows it.
fn may_publish(config: &Config, office: &Office, loaded: &Loaded, actor: &Actor) -> Result<(), Failure> {
    if office.possible(config, &loaded.ticket, actor).contains(&"publish") {
        return Ok(());
    }
    let (id, status) = (loaded.ticket.id, loaded.ticket.status);
    let who = if actor.name.is_empty() { &actor.account } else { &actor.name };
    Err(Failure::Wrong(format!(
        "{id} cannot be published by {who}: it is {status}, team {}\n    hint: a solved ticket is published by its team or an administrator",
        if loaded.ticket.team.is_empty() { "none" } else { &loaded.ticket.team },
    )))
}

/// Writes into the ticket where its knowledge went.
async fn record_published(
    config: &Config,
    office: &Office,
    id: TicketId,
    path: &str,
    actor: &Actor,
    now: Zoned,
) -> Result<(), Failure> {
    let step = Step::Publish { record: path.to_owned() };
    let request = Request { id, step, actor, if_match: None, files: None, now, lang: "en" };
    let done = office.perform(config, request).await.map_err(|error| match error {
        ProcessError::Store(error) => Failure::from(error),
        error => Failure::Wrong(format!(
            "content/{path} is written, but {id} does not say so: {error}\n    hint: put `record: {path}` into the ticket"
        )),
    })?;
    warn_of_copy(done.copy.as_deref());
    Ok(())
}

/// A disk that fails is the system's fault; everything else is the request's.
pub(super) fn failure(error: ArchiveError) -> Failure {
    match error {
        ArchiveError::Disk(DiskError::Changed { .. }) => Failure::Wrong(error.to_string()),
        ArchiveError::Disk(_) => Failure::from(error),
        error => Failure::Wrong(error.to_string()),
    }
}
