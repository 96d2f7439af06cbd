//! `helpmark check`.

use std::sync::Arc;

use clap::{Args, ValueEnum};

use super::show::{Lines, paint, with_lines};
use super::{Failure, compile, count, counted, fix, print, say};
use crate::auth::Accounts;
use crate::config::{CALENDAR_FOLDER, Config};
use crate::content::personal;
use crate::diagnostic::{self, Diagnostic, Excerpt};
use crate::lint;
use crate::process::Office;
use crate::redaction::Rules;
use crate::snapshot::Compilation;
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
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    Human,
    Json,
}

pub(super) fn run(config: Config, command: &Check) -> Result<(), Failure> {
    let now = jiff::Timestamp::now();
    let (root, rules) = (config.root.clone(), Rules::new(&config));
    let (mut compilation, mut snapshot) = compile::look(config)?;
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
    let mut diagnostics = snapshot.diagnostics.to_vec();
    diagnostics.append(&mut outside);
    diagnostic::sort(&mut diagnostics);
    let (errors, warnings) = count(&diagnostics);
    let mut lines = Lines::new(&root, rules).with_secrets_in(&diagnostics);
    if command.format == Format::Json {
        print(&serde_json::to_string_pretty(&with_lines(&diagnostics, &mut lines))?)?;
    } else {
        let paint = paint(&std::io::stdout());
        for diagnostic in &diagnostics {
            let line = lines.of(diagnostic);
            print(&Excerpt { diagnostic, line: line.as_deref(), paint }.to_string())?;
        }
        let notes = counted(diagnostics.len() - errors - warnings, "note");
        let documents = counted(compilation.summary().documents, "document");
        let (errors, warnings) = (counted(errors, "error"), counted(warnings, "warning"));
        print(&format!("{documents}: {errors}, {warnings}, {notes}"))?;
    }
    if errors > 0 { Err(Failure::Content) } else { Ok(()) }
}

/// A year whose days off nobody wrote down is counted by weekends alone: said before it is too late to matter.
pub(super) fn calendar_of(config: &Config, now: jiff::Timestamp) -> Option<Diagnostic> {
    let today = now.to_zoned(config.time_zone.clone()).date();
    let soon = today.saturating_add(jiff::Span::new().days(31)).year();
    let year = [today.year(), soon].into_iter().find(|year| !config.calendar.years.contains(year))?;
    let message =
        format!("the days off of {year} are not known: targets of tickets count every weekday as a working day");
    let hint = "write its holidays and make-up workdays (调休) as the file of 2026 does, when they are announced";
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
