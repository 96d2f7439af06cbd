//! `helpmark ticket`: the same tickets, through the same door as the browser.

mod act;
mod show;

use std::collections::BTreeMap;
use std::io::Read as _;
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use clap::{Args, Subcommand};
use serde_json::json;

use super::{Failure, print, say};
use crate::config::Config;
use crate::site::common::language_prefix;
use crate::ticket::queue::{QueuePage, QueueQuery, QueueSort, QueueView};
use crate::ticket::{AttachmentError, Limits, NewTicket, PendingOn, Staging, Status, Store, Submission, TicketId};

#[derive(Args)]
pub(super) struct TicketCommand {
    #[command(subcommand)]
    action: Action,
}

#[derive(Subcommand)]
enum Action {
    /// List tickets: the desk's views, filters, order and search
    List(Box<List>),
    /// Show one ticket
    Show(show::Show),
    /// File a ticket
    File(Box<File>),
    #[command(flatten)]
    Act(act::Act),
    /// Archive a solved ticket as knowledge: a resolution record, or a link to what is there
    Publish(Box<super::publish::Publish>),
}

#[derive(Args)]
struct List {
    /// mine, team, unassigned, waiting, overdue, open or all; `mine` and `team` are those of --as
    #[arg(long, value_name = "VIEW", default_value = "all", value_parser = queue_view)]
    view: QueueView,
    /// The account whose view it is [default: the name you are logged in with]
    #[arg(long = "as", value_name = "LOGIN", env = "HELPMARK_USER")]
    who: Option<String>,
    /// Only tickets in this state; may be given several times
    #[arg(long, value_parser = status)]
    status: Vec<Status>,
    /// Only tickets that wait for the requester, an approval or a supplier
    #[arg(long, value_name = "WHOM", value_parser = waited_for)]
    waiting_on: Option<PendingOn>,
    #[arg(long = "type", value_name = "KEY", default_value = "", hide_default_value = true)]
    kind: String,
    #[arg(long, value_name = "KEY", default_value = "", hide_default_value = true)]
    urgency: String,
    #[arg(long, value_name = "KEY", default_value = "", hide_default_value = true)]
    team: String,
    #[arg(long, value_name = "LOGIN", default_value = "", hide_default_value = true)]
    assignee: String,
    /// Words that have to be in the ticket: its number, title, people, text, thread
    #[arg(long, value_name = "WORDS", default_value = "", hide_default_value = true)]
    search: String,
    /// due, newest, oldest, updated or urgency
    #[arg(long, value_name = "ORDER", default_value = "newest", value_parser = queue_sort)]
    sort: QueueSort,
    /// How many at most
    #[arg(long, value_name = "N")]
    limit: Option<usize>,
    #[arg(long)]
    json: bool,
}

#[derive(Args)]
struct File {
    /// The key of a request type of site.toml
    #[arg(long = "type", value_name = "KEY")]
    kind: String,
    #[arg(long)]
    title: String,
    /// What happens; `-` reads it from standard input
    #[arg(long)]
    description: String,
    /// Who asks
    #[arg(long)]
    name: String,
    /// A phone number, an address or a chat name
    #[arg(long)]
    contact: String,
    #[arg(long, default_value = "", hide_default_value = true)]
    department: String,
    #[arg(long, value_name = "KEY")]
    urgency: String,
    #[arg(long, value_name = "KEY", default_value = "", hide_default_value = true)]
    impact: String,
    /// When it happened, such as "2026-11-23 09:30"
    #[arg(long, value_name = "TIME", default_value = "", hide_default_value = true)]
    occurred_at: String,
    #[arg(long, default_value = "", hide_default_value = true)]
    trigger: String,
    #[arg(long, default_value = "", hide_default_value = true)]
    steps_tried: String,
    /// A JPG, PNG, TXT or ZIP file; may be given several times
    #[arg(long, value_name = "FILE")]
    attach: Vec<PathBuf>,
    /// An answer to one of the type's own questions; may be given several times
    #[arg(long, value_name = "KEY=VALUE", value_parser = pair)]
    field: Vec<(String, String)>,
    /// The requester's language [default: the site's]
    #[arg(long)]
    lang: Option<String>,
    /// The same key makes one ticket, however often the command runs
    #[arg(long, value_name = "KEY")]
    idempotency_key: Option<String>,
    #[arg(long)]
    json: bool,
}

fn status(text: &str) -> Result<Status, String> {
    let all = || Status::ALL.map(Status::key).join(", ");
    Status::from_key(text).ok_or_else(|| format!("use one of: {}", all()))
}

fn queue_view(text: &str) -> Result<QueueView, String> {
    let all = || QueueView::ALL.map(QueueView::key).join(", ");
    QueueView::from_key(text).ok_or_else(|| format!("use one of: {}", all()))
}

fn queue_sort(text: &str) -> Result<QueueSort, String> {
    let all = || QueueSort::ALL.map(QueueSort::key).join(", ");
    QueueSort::from_key(text).ok_or_else(|| format!("use one of: {}", all()))
}

fn waited_for(text: &str) -> Result<PendingOn, String> {
    PendingOn::from_key(text).ok_or_else(|| "use one of: requester, approval, supplier".to_owned())
}

pub(super) fn number(text: &str) -> Result<TicketId, String> {
    text.parse().map_err(|error: crate::ticket::NotAnId| error.to_string())
}

fn pair(text: &str) -> Result<(String, String), String> {
    let (key, value) = text.split_once('=').ok_or("write KEY=VALUE")?;
    Ok((key.trim().to_owned(), value.to_owned()))
}

pub(super) fn run(config: Config, command: &TicketCommand) -> Result<(), Failure> {
    let store = Store::open(&config.root);
    let runtime = tokio::runtime::Builder::new_current_thread().build()?;
    match &command.action {
        Action::List(command) => runtime.block_on(list(&config, &store, command)),
        Action::Show(command) => runtime.block_on(show::run(&config, &store, command)),
        Action::File(command) => runtime.block_on(file(&config, &store, command)),
        Action::Act(command) => runtime.block_on(act::run(&config, store, command)),
        Action::Publish(command) => {
            runtime.block_on(super::publish::run(&config, &store, command.id, &command.options))
        }
    }
}

async fn list(config: &Config, store: &Store, command: &List) -> Result<(), Failure> {
    let now = jiff::Timestamp::now();
    let mut query = QueueQuery {
        view: command.view,
        text: command.search.clone(),
        kind: command.kind.clone(),
        urgency: command.urgency.clone(),
        team: command.team.clone(),
        assignee: command.assignee.clone(),
        status: command.status.clone(),
        waiting_on: command.waiting_on,
        sort: command.sort,
        limit: command.limit.unwrap_or(usize::MAX),
        urgencies: config.urgencies.iter().map(|urgency| urgency.key.clone()).collect(),
        ..QueueQuery::default()
    };
    if matches!(command.view, QueueView::Mine | QueueView::Team) {
        let accounts = crate::auth::Accounts::open(&config.state_dir());
        let actor = act::actor(&accounts, command.who.as_deref())?;
        (query.login, query.teams) = (actor.account, actor.teams);
    }
    let QueuePage { rows: tickets, total, .. } = store.page(query, now).await?;
    for (path, why) in store.broken().await? {
        say(&format!("warning: {}: {why}", relative(config, &path)));
    }
    if command.json {
        return print(&serde_json::to_string_pretty(&tickets)?);
    }
    for ticket in &tickets {
        let due = ticket
            .due_at
            .as_ref()
            .map_or_else(String::new, |due| due.in_zone(&config.time_zone).strftime(" due %m-%d %H:%M").to_string());
        let state = ticket.pending_on.map_or_else(|| ticket.status.key(), PendingOn::key);
        let late = if ticket.is_overdue(now) { " overdue" } else { "" };
        let whose = if ticket.assignee.is_empty() { &ticket.team } else { &ticket.assignee };
        print(&format!("{}  {state:<11} {:<9} {whose:<12}{due}{late}  {}", ticket.id, ticket.urgency, ticket.title))?;
    }
    match total == tickets.len() {
        true => print(&format!("{total} tickets")),
        false => print(&format!("{} of {total} tickets", tickets.len())),
    }
}

fn relative(config: &Config, path: &Path) -> String {
    path.strip_prefix(&config.root).unwrap_or(path).display().to_string()
}

async fn file(config: &Config, store: &Store, command: &File) -> Result<(), Failure> {
    let lang = command.lang.as_deref().unwrap_or(config.default_language());
    if config.language(lang).is_none() {
        return Err(Failure::Wrong(format!("the site has no language `{lang}`")));
    }
    if let Some(kind) = config.request_type(&command.kind) {
        let known: Vec<_> = kind.fields.iter().map(|field| field.key.as_str()).collect();
        if let Some((key, _)) = command.field.iter().find(|(key, _)| !known.contains(&key.as_str())) {
            let asked = if known.is_empty() { "none".to_owned() } else { known.join(", ") };
            return Err(Failure::Wrong(format!("`{}` asks for no field `{key}`; its fields: {asked}", command.kind)));
        }
    }
    let submission = Submission { fields: words(command)?, idempotency_key: command.idempotency_key.clone() };
    let new = NewTicket::parse(&submission, config, lang).map_err(|errors| {
        let lines = errors.iter().map(|error| format!("\n    {}: {}", error.field, error.message));
        Failure::Wrong(format!("the ticket was not filed{}", lines.collect::<String>()))
    })?;
    let staging = match command.attach.is_empty() {
        true => None,
        false => Some(attach(store.stage(Limits::from(&config.tickets)).await?, &command.attach, lang)?),
    };
    let now = jiff::Timestamp::now().to_zoned(config.time_zone.clone());
    let accounts = crate::auth::Accounts::open(&config.state_dir());
    let office = crate::process::Office::open(config, std::sync::Arc::new(store.clone()), accounts);
    let created = office.file(config, new, staging, now).await.map_err(|error| match error {
        crate::ticket::StoreError::KeyReused => Failure::Wrong(error.to_string()),
        error => Failure::from(error),
    })?;
    let base = if config.base_url.is_empty() { &config.base_path } else { &config.base_url };
    let url = format!("{base}{}/track/{}", language_prefix(config, &created.ticket.lang), created.secret);
    match command.json {
        true => {
            let created_at = &created.ticket.created_at;
            print(&json!({ "id": created.id(), "url": url, "created_at": created_at }).to_string())
        }
        false => print(&format!("{}\n{url}", created.id())),
    }
}

fn words(command: &File) -> Result<BTreeMap<String, String>, Failure> {
    let mut description = command.description.clone();
    if description == "-" {
        description.clear();
        std::io::stdin().read_to_string(&mut description).context("cannot read the description")?;
    }
    let words = [
        ("type", &command.kind),
        ("title", &command.title),
        ("description", &description),
        ("name", &command.name),
        ("contact", &command.contact),
        ("department", &command.department),
        ("urgency", &command.urgency),
        ("impact", &command.impact),
        ("occurred_at", &command.occurred_at),
        ("trigger", &command.trigger),
        ("steps_tried", &command.steps_tried),
    ];
    // The fixed words come last: `--field title=…` does not replace the title.
    let own = command.field.iter().cloned();
    let fixed = words.into_iter().map(|(name, value)| (name.to_owned(), value.clone()));
    Ok(own.chain(fixed).collect())
}

fn attach(mut staging: Staging, paths: &[PathBuf], lang: &str) -> Result<Staging, Failure> {
    for path in paths {
        let cannot = || format!("cannot read {}", path.display());
        let mut source = std::fs::File::open(path).with_context(cannot)?;
        let mut upload = staging.begin(&path.to_string_lossy()).map_err(|error| refused(error, lang))?;
        let mut buffer = vec![0; 64 * 1024];
        loop {
            let read = source.read(&mut buffer).with_context(cannot)?;
            if read == 0 {
                break;
            }
            upload.write(&buffer[..read]).map_err(|error| refused(error, lang))?;
        }
        staging.finish(upload).map_err(|error| refused(error, lang))?;
    }
    Ok(staging)
}

/// A file that may not be attached is the caller's mistake; a disk that fails is not.
fn refused(error: AttachmentError, lang: &str) -> Failure {
    match error {
        AttachmentError::Disk(_) | AttachmentError::Random(_) => Failure::from(error),
        error => Failure::Wrong(error.message(lang)),
    }
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;

    #[derive(Parser)]
    struct Line {
        #[command(flatten)]
        command: TicketCommand,
    }

    fn site() -> (tempfile::TempDir, Config) {
        let dir = tempfile::tempdir().unwrap();
        let config = Config::parse(dir.path(), "title = '服务台'").unwrap();
        (dir, config)
    }

    fn ask(config: &Config, words: &[&str]) -> Result<(), Failure> {
        let line = Line::try_parse_from(["ticket"].iter().chain(words)).unwrap();
        run(config.clone(), &line.command)
    }

    const FILE: &[&str] = &[
        "file",
        "--type",
        "software",
        "--title",
        "连不上: VPN #1",
        "--description",
        "一\n---\n二",
        "--name",
        "张三",
        "--contact",
        "8000",
        "--urgency",
        "urgent",
    ];

    #[test]
    fn files_what_the_browser_files() {
        let (dir, config) = site();
        let (log, picture) = (dir.path().join("log.txt"), dir.path().join("a.png"));
        std::fs::write(&log, "log").unwrap();
        std::fs::write(&picture, "no picture").unwrap();
        let mut words = FILE.to_vec();
        let mistakes = ask(&config, &words).unwrap_err();
        assert!(matches!(&mistakes, Failure::Wrong(text) if text.contains("application")), "{mistakes:?}");
        words.extend(["--field", "application=VPN", "--attach", log.to_str().unwrap()]);
        ask(&config, &words).unwrap();
        let id: TicketId =
            format!("TS{}0001", jiff::Timestamp::now().to_zoned(config.time_zone.clone()).strftime("%Y%m%d"))
                .parse()
                .unwrap();
        let text = std::fs::read_to_string(dir.path().join("content/tickets").join(id.file())).unwrap();
        assert!(text.contains("title: \"连不上: VPN #1\"") && text.ends_with("---\n\n一\n---\n二\n"), "{text}");
        assert!(text.contains("  application: VPN") && text.contains("    name: log.txt\n    size: 3\n"), "{text}");
        ask(&config, &["show", &id.to_string(), "--json"]).unwrap();
        ask(&config, &["list", "--status", "new"]).unwrap();
        let wrong = ask(&config, &[words.as_slice(), &["--attach", picture.to_str().unwrap()]].concat());
        assert!(matches!(wrong, Err(Failure::Wrong(_))), "{wrong:?}");
        assert!(matches!(ask(&config, &["show", "TS199901010001"]), Err(Failure::Wrong(_))));
        let absent = ask(&config, &[words.as_slice(), &["--attach", "/nowhere.txt"]].concat());
        assert!(matches!(absent, Err(Failure::System(_))), "{absent:?}");
    }
}
