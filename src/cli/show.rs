//! Findings as people and programs read them: with their line of the file, and without the secrets on it.

use std::collections::HashSet;
use std::io::{IsTerminal, Write as _};
use std::ops::Range;
use std::path::{Path, PathBuf};

use serde::Serialize;

use crate::config::FILE_NAME;
use crate::content;
use crate::diagnostic::{Diagnostic, Excerpt, Paint, Severity, masked};
use crate::redaction::{self, Rules};
use crate::source;

/// A finding for programs: its own fields, and its line.
#[derive(Serialize)]
pub(super) struct WithLine<'a> {
    #[serde(flatten)]
    diagnostic: &'a Diagnostic,
    #[serde(skip_serializing_if = "Option::is_none")]
    excerpt: Option<String>,
}

/// The lines of the files that findings are about. Findings come by file, so one file is held at a time.
pub(super) struct Lines {
    root: PathBuf,
    rules: Rules,
    path: String,
    text: String,
    ends: Vec<usize>,
    secrets: Vec<Range<usize>>,
    /// The documents with secrets, when all have been looked through.
    known: Option<HashSet<String>>,
}

impl Lines {
    pub(super) fn new(root: &Path, rules: Rules) -> Self {
        let (path, text) = (String::new(), String::new());
        Self { root: root.to_owned(), rules, path, text, ends: Vec::new(), secrets: Vec::new(), known: None }
    }

    /// The same, after every document was looked through for secrets and they are among the findings (HM051).
    pub(super) fn with_secrets_in(mut self, diagnostics: &[Diagnostic]) -> Self {
        let secret = diagnostics.iter().filter(|finding| finding.code == "HM051");
        self.known = Some(secret.map(|finding| finding.path.clone()).collect());
        self
    }

    /// The line of a finding, with every password and key in it masked. `None` for a finding about a whole file, or
    /// when the file cannot be read (any more).
    pub(super) fn of(&mut self, finding: &Diagnostic) -> Option<String> {
        if finding.line == 0 {
            return None;
        }
        if finding.path != self.path {
            self.open(&finding.path);
        }
        let index = usize::try_from(finding.line).ok()?;
        let end = *self.ends.get(index - 1)?;
        let start = index.checked_sub(2).map_or(0, |before| self.ends[before] + 1);
        let line = self.text.get(start..end)?;
        if self.path == FILE_NAME {
            return Some(without_value(line));
        }
        let around = if self.known.is_none() { self.secrets_near(index) } else { Vec::new() };
        let near: Vec<Range<usize>> = (self.secrets.iter().chain(&around))
            .filter(|range| range.start < end && range.end > start)
            .map(|range| range.start.saturating_sub(start)..range.end.saturating_sub(start))
            .collect();
        Some(masked(line, &near))
    }

    /// The secrets on a line and its neighbours. A build with thousands of warnings must not wait until every file was
    /// looked through.
    fn secrets_near(&self, line: usize) -> Vec<Range<usize>> {
        const NEIGHBOURS: usize = 4;
        let start = line.checked_sub(NEIGHBOURS + 2).map_or(0, |before| self.ends[before] + 1);
        let end = self.ends.get(line + NEIGHBOURS).copied().unwrap_or(self.text.len());
        let found = redaction::find(self.text.get(start..end).unwrap_or_default(), &self.rules).into_iter();
        let secret = found.filter(|finding| finding.kind.is_secret());
        secret.map(|finding| start + finding.range.start..start + finding.range.end).collect()
    }

    fn open(&mut self, path: &str) {
        path.clone_into(&mut self.path);
        // What cannot be read has no lines to show; the finding says what there is to say.
        let regular = self.root.join(path).symlink_metadata().is_ok_and(|file| file.is_file());
        let bytes = if regular { std::fs::read(self.root.join(path)).unwrap_or_default() } else { Vec::new() };
        self.text = if bytes.len() <= source::MAX_DOCUMENT { source::text(&bytes) } else { String::new() };
        let last = (!self.text.is_empty()).then_some(self.text.len());
        self.ends = memchr::memchr_iter(b'\n', self.text.as_bytes()).chain(last).collect();
        self.secrets.clear();
        let document = path.strip_prefix("content/").is_some_and(content::is_document);
        if self.known.as_ref().is_none_or(|known| document && !known.contains(path)) {
            return;
        }
        let found = redaction::find(&self.text, &self.rules).into_iter();
        self.secrets = found.filter(|finding| finding.kind.is_secret()).map(|finding| finding.range).collect();
    }
}

/// A line of the configuration whose key is the name of something that nobody else should read.
fn without_value(line: &str) -> String {
    const PRIVATE: [&str; 6] = ["secret", "password", "token", "login", "url", "key"];
    // The address of the site is known to all its readers, that of its pages' sources to its authors.
    const PLAIN: [&str; 2] = ["base_url", "edit_url"];
    match line.split_once('=') {
        Some((key, _)) if PLAIN.contains(&key.trim()) => line.to_owned(),
        Some((key, _)) if PRIVATE.iter().any(|word| key.to_lowercase().contains(word)) => format!("{key}= …"),
        _ => line.to_owned(),
    }
}

/// Prints the findings from `least` on, one after the other, to standard error.
pub(crate) fn report(root: &Path, diagnostics: &[Diagnostic], least: Severity) {
    let error = std::io::stderr();
    let paint = paint(&error);
    let mut lines = Lines::new(root, Rules::default());
    let mut error = std::io::BufWriter::new(error.lock());
    for diagnostic in diagnostics.iter().filter(|found| found.severity >= least) {
        let line = lines.of(diagnostic);
        // Nobody to tell when standard error is closed.
        let _ = writeln!(error, "{}", Excerpt { diagnostic, line: line.as_deref(), paint });
    }
}

/// The findings for programs.
pub(super) fn with_lines<'a>(diagnostics: &'a [Diagnostic], lines: &mut Lines) -> Vec<WithLine<'a>> {
    diagnostics.iter().map(|diagnostic| WithLine { diagnostic, excerpt: lines.of(diagnostic) }).collect()
}

/// Colours when somebody is looking and did not say that they want none (<https://no-color.org>).
pub(super) fn paint(stream: &impl IsTerminal) -> Paint {
    let wanted = std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty());
    if stream.is_terminal() && wanted { Paint::Coloured } else { Paint::Plain }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_come_without_their_secrets() {
        let dir = tempfile::tempdir().unwrap();
        std::fs::write(dir.path().join("a.md"), "\u{feff}一\r\n密码：Abc@1234 [x](no.md)\r\n三").unwrap();
        std::fs::write(
            dir.path().join(FILE_NAME),
            "titel = \"台\"\nurl = \"https://hook.example/abc\"\nbase_url = \"x\"\n",
        )
        .unwrap();
        let secret = Diagnostic::error("HM051", "a.md", "x");
        for known in [None, Some(std::slice::from_ref(&secret))] {
            let lines = Lines::new(dir.path(), Rules::default());
            let mut lines =
                known.map_or(Lines::new(dir.path(), Rules::default()), |known| lines.with_secrets_in(known));
            assert_eq!(
                lines.of(&Diagnostic::error("HM021", "a.md", "x").at((2, 1))).as_deref(),
                Some("密码：******** [x](no.md)")
            );
        }
        let mut lines = Lines::new(dir.path(), Rules::default());
        let mut at = |path: &str, line: u32| lines.of(&Diagnostic::error("HM001", path, "x").at((line, 1)));
        assert_eq!(at("a.md", 1).as_deref(), Some("一"));
        assert_eq!(at("a.md", 2).as_deref(), Some("密码：******** [x](no.md)"));
        assert_eq!(at("a.md", 3).as_deref(), Some("三"));
        assert_eq!((at("a.md", 4), at("a.md", 0), at("gone.md", 1)), (None, None, None));
        assert_eq!(at(FILE_NAME, 1).as_deref(), Some("titel = \"台\""));
        assert_eq!(at(FILE_NAME, 2).as_deref(), Some("url = …"));
        assert_eq!(at(FILE_NAME, 3).as_deref(), Some("base_url = \"x\""));
    }
}
