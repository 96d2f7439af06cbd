//! The command line: one small file per command. The only place that wires the rooms together.

mod audit;
mod build;
mod check;
mod claim;
mod compile;
mod fix;
mod former;
mod gaps;
mod import;
mod init;
mod knowledge;
mod new;
mod outbox;
mod outbox_test;
mod publish;
mod report;
mod review;
mod schema;
mod search;
mod serve;
mod show;
mod stub;
mod ticket;
mod told;
mod user;

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{Parser, Subcommand};

use crate::config::{Config, FILE_NAME};
use crate::diagnostic::{Diagnostic, Severity};

pub(crate) use show::report;

/// A help-desk knowledge base compiled from Markdown: search, ticket, resolution, article.
#[derive(Parser)]
#[command(name = "helpmark", version)]
struct Arguments {
    /// The folder that holds site.toml [default: the nearest parent that has one]
    #[arg(long, global = true, value_name = "DIR")]
    root: Option<PathBuf>,
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Start a new site, ready to serve
    Init(init::Init),
    /// Compile the site to static files
    Build(build::Build),
    /// Copy in the Markdown of Hugo, Docusaurus, MkDocs, or of any folder
    Import(import::Import),
    /// Build, then serve the site with search, ticket intake and live reload
    Serve(serve::Serve),
    /// Find what is wrong in the content
    Check(check::Check),
    /// Search from the command line, with the same answers as the site
    Search(search::Search),
    /// Start an article, or write the resolution record of a solved ticket
    New(new::New),
    /// Mark an article as reviewed by somebody else than its author
    Review(review::Review),
    /// List, show, file, publish tickets, and take every step of their process
    Ticket(ticket::TicketCommand),
    /// JSON Schema for editors: of articles, records, tickets, site.toml
    Schema(schema::Schema),
    /// Accounts of staff and employees
    User(user::User),
    /// Who did what when, and whether the record is whole
    Audit(audit::AuditCommand),
    /// List, retry, drop and send notices that wait or were given up
    Outbox(outbox::OutboxCommand),
    /// How much came in, how fast it was solved, and what people thought of it
    Report(report::Report),
}

/// Why a command ended without success. The exit status is part of the contract.
#[derive(Debug)]
pub(crate) enum Failure {
    /// The content or the request is wrong: 1. What is wrong has been printed.
    Content,
    /// The content or the request is wrong: 1.
    Wrong(String),
    /// The system failed (disk, lock, network): 3.
    System(anyhow::Error),
}

impl<E: Into<anyhow::Error>> From<E> for Failure {
    fn from(error: E) -> Self {
        Failure::System(error.into())
    }
}

/// Runs the program and reports once. Exit status: 0 fine, 1 the content or the request is wrong, 2 usage, 3 the
/// system failed.
pub fn main() -> ExitCode {
    let arguments = match Arguments::try_parse() {
        Ok(arguments) => arguments,
        Err(error) => {
            let _ = error.print();
            return if error.use_stderr() { ExitCode::from(2) } else { ExitCode::SUCCESS };
        }
    };
    match run(arguments) {
        Ok(()) => ExitCode::SUCCESS,
        Err(Failure::Content) => ExitCode::from(1),
        Err(Failure::Wrong(message)) => {
            say(&format!("error: {message}"));
            ExitCode::from(1)
        }
        Err(Failure::System(error)) => {
            say(&format!("error: {}", told(&error)));
            ExitCode::from(3)
        }
    }
}

/// An error with its causes. Some name their own cause, which is not said twice.
fn told(error: &anyhow::Error) -> String {
    let mut text = String::new();
    for cause in error.chain().map(ToString::to_string) {
        if text.is_empty() {
            text = cause;
        } else if !text.contains(&cause) {
            text = format!("{text}: {cause}");
        }
    }
    text
}

fn run(arguments: Arguments) -> Result<(), Failure> {
    let root = arguments.root;
    let site = || load(root.as_deref());
    match arguments.command {
        Command::Init(command) => init::run(&command),
        Command::Build(command) => build::run(site()?, &command),
        Command::Import(command) => import::run(&site()?, &command),
        Command::Serve(command) => serve::run(site()?, &command),
        Command::Check(command) => check::run(&root_of(root.as_deref())?, &command),
        Command::Search(command) => search::run(site()?, &command),
        Command::New(command) => new::run(site()?, &command),
        Command::Review(command) => review::run(&site()?, &command),
        Command::Ticket(command) => ticket::run(site()?, &command),
        Command::Schema(command) => schema::run(root.as_deref(), &command),
        Command::User(command) => user::run(site()?, &command),
        Command::Audit(command) => audit::run(site()?, &command),
        Command::Outbox(command) => outbox::run(site()?, &command),
        Command::Report(command) => report::run(site()?, &command),
    }
}

/// The folder of the site: the given one, or the nearest parent folder that has a configuration.
fn root_of(given: Option<&Path>) -> Result<PathBuf, Failure> {
    if let Some(root) = given {
        return Ok(root.to_owned());
    }
    let here = std::env::current_dir()?;
    let found = here.ancestors().find(|folder| folder.join(FILE_NAME).is_file()).map(Path::to_owned);
    found.ok_or_else(|| {
        Failure::Wrong(format!(
            "there is no {FILE_NAME} in {} or above it\n    hint: start a site with `helpmark init DIR`, or name its folder with --root",
            here.display()
        ))
    })
}

/// The configuration of the site at `root`, or of the nearest parent folder that has one.
fn load(root: Option<&Path>) -> Result<Config, Failure> {
    let root = root_of(root)?;
    Config::load(&root).map_err(|diagnostics| {
        report(&root, &diagnostics, Severity::Note);
        Failure::Content
    })
}

/// How many errors and warnings there are.
pub(crate) fn count(diagnostics: &[Diagnostic]) -> (usize, usize) {
    let of = |severity| diagnostics.iter().filter(|found| found.severity == severity).count();
    (of(Severity::Error), of(Severity::Warning))
}

/// `1 warning`, `2 warnings`.
pub(crate) fn counted(number: usize, one: &str) -> String {
    let end = if number == 1 { "" } else { "s" };
    format!("{number} {one}{end}")
}

pub(crate) fn say(message: &str) {
    let _ = writeln!(std::io::stderr().lock(), "{message}");
}

/// Prints to standard output; a reader that went away (`| head`) ends the program quietly.
pub(crate) fn print(text: &str) -> Result<(), Failure> {
    match writeln!(std::io::stdout().lock(), "{text}") {
        Err(error) if error.kind() == std::io::ErrorKind::BrokenPipe => Ok(()),
        outcome => Ok(outcome?),
    }
}

/// `tracing` to standard error; `RUST_LOG` chooses instead of `usual`, `NO_COLOR` is respected.
pub(crate) fn start_logging(usual: &str) {
    // tantivy warns of segments that were merged away meanwhile, which is nobody's concern.
    use std::io::IsTerminal as _;
    // What the parser of HTML thinks of an author's tables is told as findings, where anybody can mend it.
    let usual = format!("{usual},html5ever=error");
    let filter = tracing_subscriber::EnvFilter::try_from_default_env()
        .unwrap_or_else(|_| tracing_subscriber::EnvFilter::new(format!("{usual},tantivy=error")));
    let colour = std::io::stderr().is_terminal() && std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty());
    tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).with_ansi(colour).init();
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cause_is_told_once() {
        let refused = std::io::Error::from_raw_os_error(2);
        let cause = crate::site::output::OutputError { path: "/x/y".into(), source: refused };
        let error = anyhow::Error::from(cause).context("the site could not be written");
        let text = told(&error);
        assert_eq!(text.matches("os error 2").count(), 1, "{text}");
        assert!(text.starts_with("the site could not be written: cannot write /x/y: "), "{text}");
    }
}
