//! `helpmark check`.

use clap::{Args, ValueEnum};

use super::{Failure, compile, count, print};
use crate::config::Config;

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
    let (compilation, snapshot) = compile::compile(config, compile::looking())?;
    let (errors, warnings) = count(&snapshot.diagnostics);
    if command.format == Format::Json {
        print(&serde_json::to_string_pretty(&snapshot.diagnostics)?)?;
    } else {
        for diagnostic in &snapshot.diagnostics {
            print(&diagnostic.to_string())?;
        }
        let notes = snapshot.diagnostics.len() - errors - warnings;
        let documents = compilation.summary().documents;
        print(&format!("{documents} documents: {errors} errors, {warnings} warnings, {notes} notes"))?;
    }
    if errors > 0 { Err(Failure::Content) } else { Ok(()) }
}
