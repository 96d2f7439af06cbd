//! What could not be carried over, with its place in the file it came from.

use std::path::Path;

use crate::diagnostic::{Diagnostic, Severity};

/// A file was left out.
pub(super) const LEFT_OUT: &str = "HM070";
/// A link leads nowhere.
pub(super) const DEAD_LINK: &str = "HM071";
/// Markup that has no counterpart.
pub(super) const MARKUP: &str = "HM072";
/// A key of front matter that has no counterpart, or a value that had to be mended.
pub(super) const KEY: &str = "HM073";
/// Something of the old site beside its documents.
pub(super) const SITE: &str = "HM074";

/// The findings of one file of the old site.
#[derive(Debug)]
pub(super) struct Findings {
    path: String,
    pub(super) found: Vec<Diagnostic>,
}

impl Findings {
    /// `file` is relative to `source`.
    pub(super) fn of(source: &Path, file: &str) -> Self {
        let path = if file.is_empty() { source.to_owned() } else { source.join(file) };
        Self { path: path.to_string_lossy().replace('\\', "/"), found: Vec::new() }
    }

    fn tell(&mut self, severity: Severity, code: &'static str, line: u32, message: String, hint: &str) {
        let diagnostic = Diagnostic::new(severity, code, &self.path, message).at((line, 0));
        self.found.push(if hint.is_empty() { diagnostic } else { diagnostic.hint(hint) });
    }

    pub(super) fn error(&mut self, code: &'static str, line: u32, message: impl Into<String>, hint: &str) {
        self.tell(Severity::Error, code, line, message.into(), hint);
    }

    pub(super) fn warn(&mut self, code: &'static str, line: u32, message: impl Into<String>, hint: &str) {
        self.tell(Severity::Warning, code, line, message.into(), hint);
    }

    pub(super) fn note(&mut self, code: &'static str, line: u32, message: impl Into<String>, hint: &str) {
        self.tell(Severity::Note, code, line, message.into(), hint);
    }
}
