//! `helpmark import`: another generator's Markdown as articles.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use super::{Failure, count, counted, print, report, say};
use crate::config::Config;
use crate::diagnostic::Severity;
use crate::import::{self, Generator, ImportError, Options, Plan, State};

#[derive(Args)]
pub(super) struct Import {
    /// What the old site was made with
    #[arg(value_enum)]
    from: From,
    /// The folder of the old site (with its configuration), or of its documents
    path: PathBuf,
    /// Where the articles go [default: content/articles]
    #[arg(long, value_name = "DIR", default_value = "", hide_default_value = true)]
    into: String,
    /// The language of documents that do not say theirs [default: the old site's, else this site's]
    #[arg(long, value_name = "CODE")]
    lang: Option<String>,
    /// Print the plan and write nothing
    #[arg(long)]
    dry_run: bool,
    /// Put imported files in the place of files that differ
    #[arg(long)]
    force: bool,
    /// Let the old addresses go instead of leading them to the articles
    #[arg(long)]
    no_aliases: bool,
    /// Tell every finding, and not only the first few of each kind
    #[arg(long)]
    all: bool,
}

/// So many findings of a kind are told with their places.
const TOLD: usize = 5;

#[derive(Clone, Copy, ValueEnum)]
enum From {
    Hugo,
    Docusaurus,
    Mkdocs,
    /// Markdown of any origin, in any of the usual encodings
    Folder,
}

pub(super) fn run(config: &Config, command: &Import) -> Result<(), Failure> {
    let options = Options {
        generator: match command.from {
            From::Hugo => Generator::Hugo,
            From::Docusaurus => Generator::Docusaurus,
            From::Mkdocs => Generator::Mkdocs,
            From::Folder => Generator::Folder,
        },
        source: command.path.clone(),
        into: into(&command.into).map_err(failure)?,
        lang: command.lang.clone(),
        aliases: !command.no_aliases,
    };
    let plan = import::plan(config, &options).map_err(failure)?;
    let states = import::states(config, &plan).map_err(failure)?;
    let told = if command.all { plan.findings.clone() } else { import::shortened(&plan.findings, TOLD) };
    report(&command.path, &told, Severity::Note);
    let differing = states.iter().filter(|state| **state == State::Differs).count();
    if command.dry_run {
        show(&plan, &states)?;
    } else if differing > 0 && !command.force {
        for (file, _) in plan.files.iter().zip(&states).filter(|(_, state)| **state == State::Differs) {
            say(&format!("content/{}: another file is there", file.target));
        }
        return Err(Failure::Wrong(format!(
            "nothing was written: {differing} files would be overwritten\n    hint: import to another folder with --into, or overwrite them with --force"
        )));
    } else {
        let done = import::write(config, &plan, &states, command.force).map_err(failure)?;
        let articles = plan.files.iter().filter(|file| file.text.is_some()).count();
        let files = plan.files.len() - articles;
        print(&format!(
            "{articles} articles and {files} files: {} written, {} there already",
            done.written, done.same
        ))?;
    }
    if !plan.categories.is_empty() {
        print("New categories; name them in site.toml:")?;
        for (key, name) in &plan.categories {
            print(&format!("[[categories]]\nkey = {}\nname = {}", quoted(key), quoted(name)))?;
        }
    }
    summarize(&plan, told.len())?;
    let (errors, warnings) = count(&plan.findings);
    let notes = counted(plan.findings.len() - errors - warnings, "note");
    let (files, warnings) = (counted(errors, "file"), counted(warnings, "warning"));
    print(&format!("{files} left out, {warnings}, {notes}; `helpmark check` tells the rest"))?;
    if errors > 0 { Err(Failure::Content) } else { Ok(()) }
}

/// What there is to decide, kind by kind.
fn summarize(plan: &Plan, told: usize) -> Result<(), Failure> {
    let kinds = import::tally(&plan.findings);
    if !kinds.is_empty() {
        print("What to look at, by kind:")?;
    }
    for kind in kinds {
        print(&format!("{:>6}  {}  {}  (first: {})", kind.count, kind.code, kind.message, kind.first))?;
    }
    if told < plan.findings.len() {
        print(&format!("{} more places of these kinds are told with --all", plan.findings.len() - told))?;
    }
    Ok(())
}

fn show(plan: &Plan, states: &[State]) -> Result<(), Failure> {
    for (file, state) in plan.files.iter().zip(states) {
        let word = match state {
            State::New => "new",
            State::Same => "same",
            State::Differs => "DIFFERS",
        };
        print(&format!("{word:<8}content/{}  <-  {}", file.target, file.source.display()))?;
    }
    Ok(())
}

/// The folder below `content/articles/`.
fn into(given: &str) -> Result<String, ImportError> {
    let path = given.replace('\\', "/");
    let path = path.trim_start_matches("./").trim_matches('/');
    let path = path.strip_prefix("content").map_or(path, |rest| rest.trim_start_matches('/'));
    let path = path.strip_prefix("articles").map_or(path, |rest| rest.trim_start_matches('/'));
    let inside = path.split('/').all(|part| !part.starts_with('.') && (path.is_empty() || !part.is_empty()));
    if inside { Ok(path.to_owned()) } else { Err(ImportError::Into { into: given.to_owned() }) }
}

fn quoted(text: &str) -> String {
    toml::Value::from(text).to_string()
}

fn failure(error: ImportError) -> Failure {
    match error {
        ImportError::Read { .. } | ImportError::Write { .. } => Failure::System(error.into()),
        wrong => Failure::Wrong(wrong.to_string()),
    }
}
