//! `helpmark build`.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Instant;

use clap::Args;

use super::claim::{Claim, Holder};
use super::{Failure, compile, count, counted, print, report, say};
use crate::config::Config;
use crate::diagnostic::{self, Severity};
use crate::site::output::Output;
use crate::snapshot::{Keep, Options};

#[derive(Args)]
pub(super) struct Build {
    /// Where the files go [default: public/ beside site.toml]
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    /// Build articles whose confidence is `wip` too
    #[arg(long)]
    drafts: bool,
    /// Fail on warnings too
    #[arg(long)]
    strict: bool,
    /// Put .br and .gz beside every text file, for hosts that can send them
    #[arg(long)]
    compress: bool,
    /// Remove what an earlier build wrote before building
    #[arg(long)]
    clean: bool,
}

pub(super) fn run(config: Config, command: &Build) -> Result<(), Failure> {
    super::start_logging("warn");
    let started = Instant::now();
    let public = command.out.clone().unwrap_or_else(|| config.root.join("public"));
    let (_claim, index) = claim(&config, command, &public)?;
    if command.clean {
        Output::open(&public)?.clean()?;
    }
    let options = Options {
        public: Some(public.clone()),
        index,
        drafts: command.drafts,
        compress: command.compress,
        hold: false,
        progress: Arc::new(|_, _| {}),
    };
    let (compilation, snapshot) = compile::compile(config, options)?;
    let mut diagnostics = snapshot.diagnostics.to_vec();
    diagnostics.extend(super::check::between(&compilation, jiff::Timestamp::now()));
    diagnostic::sort(&mut diagnostics);
    report(&snapshot.config.root, &diagnostics, Severity::Warning);
    let (errors, warnings) = count(&diagnostics);
    let summary = compilation.summary();
    print(&format!(
        "{} documents, {} files ({} written) in {}, index {:.1} MB, {:.2} s",
        summary.documents,
        summary.files,
        summary.written,
        public.display(),
        summary.index_size as f64 / 1e6,
        started.elapsed().as_secs_f64()
    ))?;
    if errors + warnings > 0 {
        let (errors, warnings) = (counted(errors, "error"), counted(warnings, "warning"));
        say(&format!("{errors}, {warnings}; `helpmark check` shows notes too"));
    }
    // The process ends here: taking a large site's memory apart would only cost time.
    std::mem::forget((compilation, snapshot));
    if errors > 0 || (command.strict && warnings > 0) { Err(Failure::Content) } else { Ok(()) }
}

/// The right to write the index. Where a server has it, the build leaves that alone, and the server's pages too unless
/// it makes the same.
fn claim(config: &Config, command: &Build, public: &Path) -> Result<(Option<Claim>, Keep), Failure> {
    let state = config.state_dir();
    match Claim::take(&state, Holder::Build)? {
        Ok(claim) => Ok((Some(claim), Keep::In(state))),
        Err(held) => {
            let same = |a: &Path, b: &Path| std::path::absolute(a).ok() == std::path::absolute(b).ok();
            if same(public, &config.root.join("public")) && (command.drafts || command.clean || command.compress) {
                return Err(Failure::Wrong(format!(
                    "{held} shows its readers what is in {}, which this build would make otherwise\n    \
                     hint: give another folder with --out, or stop the server first",
                    public.display()
                )));
            }
            say(&format!("{held} keeps the search index: this build makes the pages alone"));
            Ok((None, Keep::Nowhere))
        }
    }
}
