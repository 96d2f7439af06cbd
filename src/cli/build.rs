//! `helpmark build`.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Instant;

use clap::Args;

use super::claim::{Claim, Holder};
use super::{Failure, compile, count, counted, former, print, report, say};
use crate::config::Config;
use crate::diagnostic::{self, Severity};
use crate::site::output::{self, Output};
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
    refuse_sources(&config, &public)?;
    if command.out.is_some() && !command.clean {
        refuse_foreign(&public)?;
    }
    let (_claim, index) = claim(&config, command, &public)?;
    if command.clean {
        let prefixes: Vec<&str> = config.languages.iter().skip(1).map(|language| language.code.as_str()).collect();
        Output::open(&public)?.clean(&prefixes)?;
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
    // Drafts are for their writers: what others can open stays as the last build left it.
    if !command.drafts {
        diagnostics.extend(former::compare_and_keep(&compilation));
    }
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
    if snapshot.config.base_url.is_empty() {
        say(
            "note: `base_url` of site.toml names no host: there is no sitemap.xml, and the feed names pages by their paths",
        );
    }
    if errors + warnings > 0 {
        let (errors, warnings) = (counted(errors, "error"), counted(warnings, "warning"));
        say(&format!("{errors}, {warnings}; `helpmark check` shows notes too"));
    }
    // The process ends here: taking a large site's memory apart would only cost time.
    std::mem::forget((compilation, snapshot));
    if errors > 0 || (command.strict && warnings > 0) { Err(Failure::Content) } else { Ok(()) }
}

/// Pages are written beside no sources, and where there are none of those either that they would be taken for.
fn refuse_sources(config: &Config, public: &Path) -> Result<(), Failure> {
    let out = real(public);
    let sources = [config.content_dir(), config.root.join("themes"), config.state_dir()];
    let clash = sources.iter().find(|source| {
        let source = real(source);
        out.starts_with(&source) || source.starts_with(&out)
    });
    match clash {
        None => Ok(()),
        Some(source) => Err(Failure::Wrong(format!(
            "the built site cannot go to {}: {} is this site's own\n    hint: give a folder for the built site alone, such as --out public",
            public.display(),
            source.display()
        ))),
    }
}

/// A folder that holds another site is not written over by mistake.
fn refuse_foreign(public: &Path) -> Result<(), Failure> {
    match output::foreign(public) {
        None => Ok(()),
        Some(file) => Err(Failure::Wrong(format!(
            "{} holds {file}, which no build of this program listed, and this build would write over it\n    \
             hint: give another folder; if it is an earlier build whose {} was lost, --clean takes it over",
            public.display(),
            output::MANIFEST_FILE
        ))),
    }
}

/// The path without links, as far as it exists.
fn real(path: &Path) -> PathBuf {
    let path = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    let there =
        path.ancestors().find_map(|folder| Some((folder.canonicalize().ok()?, path.strip_prefix(folder).ok()?)));
    match there {
        Some((there, rest)) if rest.as_os_str().is_empty() => there,
        Some((there, rest)) => there.join(rest),
        None => path,
    }
}

/// The right to write the index. Where a server has it, the build leaves that alone, and the server's pages too unless
/// it makes the same.
fn claim(config: &Config, command: &Build, public: &Path) -> Result<(Option<Claim>, Keep), Failure> {
    let state = config.state_dir();
    match Claim::take(&state, Holder::Build)? {
        Ok(claim) => Ok((Some(claim), Keep::For(state))),
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
