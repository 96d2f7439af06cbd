//! `helpmark check`.

use clap::{Args, ValueEnum};

use super::{Failure, compile, count, print};
use crate::config::{CALENDAR_FOLDER, Config};
use crate::content::personal;
use crate::diagnostic::{self, Diagnostic};
use crate::process::inspect;
use crate::ticket::Store;

#[derive(Args)]
pub(super) struct Check {
    #[arg(long, value_enum, default_value_t = Format::Human)]
    format: Format,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    Human,
    Json,
}

pub(super) fn run(config: Config, command: &Check) -> Result<(), Failure> {
    let mut outside = personal::check(&config);
    outside.extend(calendar_of(&config, jiff::Timestamp::now()));
    outside.extend(tickets(&config)?);
    let (compilation, snapshot) = compile::compile(config, compile::looking())?;
    let mut diagnostics = [snapshot.diagnostics.to_vec(), outside].concat();
    diagnostic::sort(&mut diagnostics);
    let (errors, warnings) = count(&diagnostics);
    if command.format == Format::Json {
        print(&serde_json::to_string_pretty(&diagnostics)?)?;
    } else {
        for diagnostic in &diagnostics {
            print(&diagnostic.to_string())?;
        }
        let notes = diagnostics.len() - errors - warnings;
        let documents = compilation.summary().documents;
        print(&format!("{documents} documents: {errors} errors, {warnings} warnings, {notes} notes"))?;
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

/// What is wrong with the tickets' files.
fn tickets(config: &Config) -> Result<Vec<Diagnostic>, Failure> {
    let store = Store::open(&config.root);
    let runtime = tokio::runtime::Builder::new_current_thread().build()?;
    let relative = |path: &std::path::Path| path.strip_prefix(&config.root).unwrap_or(path).display().to_string();
    runtime.block_on(async {
        let mut found = Vec::new();
        for summary in store.list().await? {
            let Ok(Some(loaded)) = store.get(summary.id).await else { continue };
            let path = format!("content/tickets/{}", summary.id.file().display());
            found.extend(inspect(config, &loaded.ticket, &loaded.text, &path));
        }
        for (path, why) in store.broken().await? {
            let hint = "nobody can work on it until it is mended; git has the text before the edit";
            found.push(Diagnostic::error("HM060", &relative(&path), why).hint(hint));
        }
        Ok(found)
    })
}
