//! `helpmark check --fix`: what can be mended, shown as a diff, and written once somebody agrees.

use std::io::{BufRead as _, IsTerminal as _, Write as _};

use rayon::prelude::*;
use similar::TextDiff;

use super::{Failure, counted, print, say};
use crate::config::Config;
use crate::diagnostic::Paint;
use crate::disk;
use crate::mend::{self, Atlas, Fate, Mended};
use crate::snapshot::Compilation;

/// Everything that can be mended, by path.
pub(super) fn find(compilation: &Compilation) -> Vec<Mended> {
    let config = compilation.config();
    let atlas = Atlas::new(compilation.links(), compilation.documents());
    let paths: Vec<&str> = compilation.documents().map(|known| known.document.meta().path.as_str()).collect();
    let content = config.content_dir();
    let look = |path: &&str| {
        // A file that cannot be read (any more) has been named by those who compile it.
        let bytes = disk::read(&content.join(path)).ok()?;
        mend::mend(config, path, &bytes, &atlas)
    };
    paths.par_iter().filter_map(look).collect()
}

/// The changes as `diff -u` has them.
pub(super) fn show(mended: &[Mended], paint: Paint) -> Result<(), Failure> {
    for one in mended {
        let diff = TextDiff::from_lines(one.before.as_str(), one.after.as_str());
        let (old, new) = (format!("a/content/{}", one.path), format!("b/content/{}", one.path));
        let text = diff.unified_diff().context_radius(2).header(&old, &new).to_string();
        let lines: Vec<String> = text.lines().map(|line| coloured(line.trim_end_matches('\r'), paint)).collect();
        print(&lines.join("\n"))?;
    }
    Ok(())
}

fn coloured(line: &str, paint: Paint) -> String {
    let code = match line.as_bytes().first() {
        Some(b'-') => "31",
        Some(b'+') => "32",
        Some(b'@') => "36",
        _ => return line.to_owned(),
    };
    match paint {
        Paint::Plain => line.to_owned(),
        Paint::Coloured => format!("\u{1b}[{code}m{line}\u{1b}[0m"),
    }
}

/// Asks whether to go on. Where nobody can answer, the answer is no.
pub(super) fn agreed(mended: &[Mended]) -> Result<bool, Failure> {
    let files = counted(mended.len(), "file");
    if !std::io::stdin().is_terminal() || !std::io::stderr().is_terminal() {
        say(&format!("{files} can be mended; nothing was changed: `helpmark check --fix --yes` does it"));
        return Ok(false);
    }
    let mut error = std::io::stderr().lock();
    write!(error, "Mend {files}? [y/N] ")?;
    error.flush()?;
    let mut answer = String::new();
    std::io::stdin().lock().read_line(&mut answer)?;
    Ok(matches!(answer.trim().to_lowercase().as_str(), "y" | "yes"))
}

/// Writes them, and says what became of those that are not as they were read.
pub(super) fn apply(config: &Config, mended: &[Mended]) -> Result<(), Failure> {
    let mut written = 0;
    mend::write(config, mended, |one, fate| match fate {
        Fate::Written => written += 1,
        Fate::LeftAlone => say(&format!("content/{} was changed meanwhile and was left alone", one.path)),
        Fate::Conflict(copy) => {
            written += 1;
            say(&format!("content/{} was saved in the same moment; that text is kept as {}", one.path, copy.display()));
        }
    })?;
    say(&format!("mended {}", counted(written, "file")));
    Ok(())
}
