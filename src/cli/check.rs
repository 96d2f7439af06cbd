//! `helpmark check`.

use std::path::Path;
use std::sync::Arc;

use clap::{Args, ValueEnum};

use super::show::{Lines, paint, with_lines};
use super::told::{Selection, tally};
use super::{Failure, compile, count, counted, fix, former, print, report, say};
use crate::auth::Accounts;
use crate::config::{CALENDAR_FOLDER, Config};
use crate::content::personal;
use crate::diagnostic::{self, Diagnostic, Excerpt, Severity};
use crate::lint;
use crate::process::Office;
use crate::redaction::Rules;
use crate::snapshot::{Compilation, CompileError};
use crate::ticket::{Store, TicketId};

#[derive(Args)]
pub(super) struct Check {
    #[arg(long, value_enum, default_value_t = Format::Human)]
    format: Format,
    /// Show what can be mended without a doubt as a diff, and mend it when you agree
    #[arg(long)]
    fix: bool,
    /// With --fix: mend without asking
    #[arg(long, requires = "fix")]
    yes: bool,
    #[command(flatten)]
    selection: Selection,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    Human,
    Json,
}

pub(super) fn run(root: &Path, command: &Check) -> Result<(), Failure> {
    let now = jiff::Timestamp::now();
    let config = match Config::load(root) {
        Ok(config) => config,
        Err(findings) => return stop(root, command, &findings),
    };
    let rules = Rules::new(&config);
    let (mut compilation, mut snapshot) = match compile::look(config).map_err(CompileError::findings) {
        Ok(looked) => looked,
        Err(Ok(findings)) => return stop(root, command, &findings),
        Err(Err(other)) => return Err(Failure::System(other.into())),
    };
    if command.fix {
        let mended = fix::find(&compilation);
        if command.format == Format::Human {
            fix::show(&mended, paint(&std::io::stdout()))?;
        }
        if mended.is_empty() {
            say("there is nothing that can be mended without you");
        } else if command.yes || fix::agreed(&mended)? {
            fix::apply(compilation.config(), &mended)?;
            let config = Config::clone(compilation.config());
            (compilation, snapshot) = compile::look(config)?;
        }
    }
    let mut outside = personal::check(compilation.config());
    outside.extend(calendar_of(compilation.config(), now));
    outside.extend(tickets(compilation.config())?);
    outside.extend(between(&compilation, now));
    outside.extend(former::compare(&compilation));
    let mut diagnostics = snapshot.diagnostics.to_vec();
    diagnostics.append(&mut outside);
    diagnostic::sort(&mut diagnostics);
    let mut lines = Lines::new(root, rules).with_secrets_in(&diagnostics);
    diagnostics.retain(|found| command.selection.includes(found));
    let (errors, warnings) = count(&diagnostics);
    if command.format == Format::Json {
        print(&serde_json::to_string_pretty(&with_lines(&diagnostics, &mut lines))?)?;
    } else {
        let paint = paint(&std::io::stdout());
        let told = command.selection.told(&diagnostics);
        for diagnostic in &told {
            let line = lines.of(diagnostic);
            print(&Excerpt { diagnostic, line: line.as_deref(), paint }.to_string())?;
        }
        for line in tally(&diagnostics, told.len()) {
            print(&line)?;
        }
        let notes = counted(diagnostics.len() - errors - warnings, "note");
        let documents = counted(compilation.summary().documents, "document");
        let (errors, warnings) = (counted(errors, "error"), counted(warnings, "warning"));
        print(&format!("{documents}: {errors}, {warnings}, {notes}"))?;
    }
    if errors > 0 { Err(Failure::Content) } else { Ok(()) }
}

/// Mistakes after which nothing can be looked at.
fn stop(root: &Path, command: &Check, findings: &[Diagnostic]) -> Result<(), Failure> {
    if command.format == Format::Json {
        let mut lines = Lines::new(root, Rules::default());
        print(&serde_json::to_string_pretty(&with_lines(findings, &mut lines))?)?;
    } else {
        report(root, findings, Severity::Note);
    }
    Err(Failure::Content)
}

/// A year whose days off nobody wrote down is counted by weekends alone: said before it is too late to matter.
pub(super) fn calendar_of(config: &Config, now: jiff::Timestamp) -> Option<Diagnostic> {
    let today = now.to_zoned(config.time_zone.clone()).date();
    let soon = today.saturating_add(jiff::Span::new().days(31)).year();
    let year = [today.year(), soon].into_iter().find(|year| !config.calendar.years.contains(year))?;
    let message =
        format!("the days off of {year} are not known: targets of tickets count every weekday as a working day");
    let other = config.calendar.years.iter().max().map(|year| format!("as {CALENDAR_FOLDER}/{year}.toml does"));
    let other = other.unwrap_or_else(|| "as `helpmark init` writes them down for a new site".to_owned());
    let hint = format!("write its holidays and make-up workdays (调休) {other}, when they are announced");
    Some(Diagnostic::warning("HM061", &format!("{CALENDAR_FOLDER}/{year}.toml"), message).hint(hint))
}

/// What only the whole tree shows, on the day of `now`.
pub(super) fn between(compilation: &Compilation, now: jiff::Timestamp) -> Vec<Diagnostic> {
    let config = compilation.config();
    let today = now.to_zoned(config.time_zone.clone()).date();
    // Where no ticket is kept, as in a writer's clone, nobody can tell which numbers exist.
    let folder = config.content_dir().join("tickets");
    let elsewhere = !folder.is_dir();
    let is_filed = |id: &str| elsewhere || id.parse::<TicketId>().is_ok_and(|id| folder.join(id.file()).is_file());
    lint::check(config, compilation.documents(), is_filed, today)
}

/// What is wrong with the tickets' files.
fn tickets(config: &Config) -> Result<Vec<Diagnostic>, Failure> {
    let store = Arc::new(Store::open(&config.root));
    let office = Office::open(config, Arc::clone(&store), Accounts::open(&config.state_dir()));
    let now = jiff::Timestamp::now().to_zoned(config.time_zone.clone());
    let runtime = tokio::runtime::Builder::new_current_thread().build()?;
    let relative = |path: &std::path::Path| path.strip_prefix(&config.root).unwrap_or(path).display().to_string();
    runtime.block_on(async {
        let mut found = Vec::new();
        for summary in store.list().await? {
            let Ok(Some(loaded)) = store.get(summary.id).await else { continue };
            let path = format!("content/tickets/{}", summary.id.file().display());
            found.extend(office.inspect(config, &loaded, &path, &now));
        }
        for (path, why, place) in store.unreadable().await? {
            let hint = "nobody can work on it until it is mended; git has the text before the edit";
            found.push(Diagnostic::error("HM060", &relative(&path), why).at(place).hint(hint));
        }
        for path in store.copies().await? {
            let message = "this text was saved in the same moment as a step, and is not in the ticket";
            let hint = "put what is missing into the ticket's own file, then remove this one";
            found.push(Diagnostic::warning("HM062", &relative(&path), message).hint(hint));
        }
        Ok(found)
    })
}
