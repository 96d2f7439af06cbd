//! What was published at the last build, kept in `.helpmark/` so that the next one sees which addresses are gone.

use std::path::{Path, PathBuf};

use crate::config::Config;
use crate::diagnostic::Diagnostic;
use crate::disk;
use crate::lint::{self, Published};
use crate::snapshot::Compilation;

fn file(state: &Path) -> PathBuf {
    state.join("published.jsonl")
}

/// Nothing, where nothing was built yet or the list cannot be read: it only helps.
fn read(config: &Config) -> Vec<Published> {
    let text = std::fs::read_to_string(file(&config.state_dir())).unwrap_or_default();
    text.lines().filter_map(|line| serde_json::from_str(line).ok()).collect()
}

/// Addresses that are gone since the last build.
pub(super) fn compare(compilation: &Compilation) -> Vec<Diagnostic> {
    let config = compilation.config();
    lint::moved(config, compilation.documents(), &read(config)).0
}

/// The same, and what is published now is what the next look compares with.
pub(super) fn compare_and_keep(compilation: &Compilation) -> Vec<Diagnostic> {
    let config = compilation.config();
    let earlier = read(config);
    let (found, owed) = lint::moved(config, compilation.documents(), &earlier);
    let mut now = lint::published(compilation.documents());
    now.extend(owed);
    if now != earlier
        && let Err(error) = write(&config.state_dir(), &now)
    {
        tracing::warn!(%error, "the next build will not see which addresses are gone");
    }
    found
}

fn write(state: &Path, now: &[Published]) -> Result<(), disk::DiskError> {
    let mut bytes = Vec::new();
    for one in now {
        // Plain structures of strings always serialise.
        let _ = serde_json::to_writer(&mut bytes, one);
        bytes.push(b'\n');
    }
    disk::make_dirs(state)?;
    let temporary = state.join(format!("published.{}.tmp", std::process::id()));
    disk::replace(&file(state), &bytes, &temporary, 0o600)
}
