//! Compiling on behalf of a command: a progress bar on a terminal, findings afterwards.

use std::io::IsTerminal as _;
use std::sync::Arc;
use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};

use super::{Failure, report};
use crate::config::Config;
use crate::diagnostic::Severity;
use crate::snapshot::{Compilation, CompileError, Keep, Options, Snapshot};

/// Options for a command that only wants to know: nothing is written.
pub(super) fn looking() -> Options {
    Options {
        public: None,
        index: Keep::Memory,
        drafts: true,
        compress: false,
        hold: false,
        progress: Arc::new(|_, _| {}),
    }
}

/// Compiles the site, with a progress bar when a person is watching.
pub(super) fn compile(config: Config, options: Options) -> Result<(Compilation, Snapshot), Failure> {
    let root = config.root.clone();
    let outcome = with_bar(config, options, |config, options| Compilation::start(config, options, 1));
    outcome.map_err(|error| match error.findings() {
        Ok(findings) => {
            report(&root, &findings, Severity::Note);
            Failure::Content
        }
        Err(other) => Failure::System(other.into()),
    })
}

/// Compiles the site for its findings alone.
pub(super) fn look(config: Config) -> Result<(Compilation, Snapshot), CompileError> {
    with_bar(config, looking(), Compilation::look)
}

fn with_bar(
    config: Config,
    mut options: Options,
    start: impl FnOnce(Config, Options) -> Result<(Compilation, Snapshot), CompileError>,
) -> Result<(Compilation, Snapshot), CompileError> {
    let bar = if std::io::stderr().is_terminal() { ProgressBar::no_length() } else { ProgressBar::hidden() };
    // The template is a constant that indicatif accepts; should it ever not, its default bar is shown.
    if let Ok(style) = ProgressStyle::with_template("{bar:40.cyan/dim} {pos}/{len} pages") {
        bar.set_style(style);
    }
    bar.enable_steady_tick(Duration::from_millis(100));
    let shown = bar.clone();
    options.progress = Arc::new(move |done, total| {
        if done % 50 == 0 || done == total {
            shown.set_length(total as u64);
            shown.set_position(done as u64);
        }
    });
    let outcome = start(config, options);
    bar.finish_and_clear();
    outcome
}
