//! `helpmark check`.

use clap::{Args, ValueEnum};

use super::{Failure, compile, count, print};
use crate::config::Config;
use crate::content::personal;
use crate::diagnostic;

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
    let personal = personal::check(&config);
    let (compilation, snapshot) = compile::compile(config, compile::looking())?;
    let mut diagnostics = [snapshot.diagnostics, personal].concat();
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
