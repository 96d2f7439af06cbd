//! What is wrong in a document, where, and how to mend it.
//!
//! Nothing stops at the first mistake: every room pushes [`Diagnostic`]s into a list and the command line
//! prints them together, in the order of files and lines.

mod excerpt;

use std::fmt;

use serde::Serialize;

pub use excerpt::{Excerpt, Paint, excerpt, masked};

/// How bad a finding is. Only [`Severity::Error`] makes a command exit with 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Worth knowing, nothing to do at once (an unknown key).
    Note,
    /// The page is built, but a reader will notice (a dead link).
    Warning,
    /// The document cannot be trusted as it is (broken front matter).
    Error,
}

impl fmt::Display for Severity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Severity::Note => "note",
            Severity::Warning => "warning",
            Severity::Error => "error",
        })
    }
}

/// Where one thing stands and another may.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Instead {
    /// What stands there.
    pub found: String,
    /// What may stand there.
    pub expected: String,
}

/// One finding. `path` is relative to the site's root and written with `/`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Diagnostic {
    pub severity: Severity,
    /// A stable code, `HM001` and up, listed in the README.
    pub code: &'static str,
    pub path: String,
    /// 1-based; 0 when the finding is about the whole file.
    pub line: u32,
    /// 1-based, in characters; 0 when the finding is about a whole line.
    pub column: u32,
    /// The column after the last character concerned, on the same line; 0 when only the start is known.
    #[serde(skip_serializing_if = "is_zero")]
    pub end_column: u32,
    pub message: String,
    #[serde(flatten)]
    pub instead: Option<Box<Instead>>,
    /// How to mend it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hint: Option<String>,
}

impl Diagnostic {
    pub fn new(severity: Severity, code: &'static str, path: &str, message: impl Into<String>) -> Self {
        Self {
            severity,
            code,
            path: path.to_owned(),
            line: 0,
            column: 0,
            end_column: 0,
            message: message.into(),
            instead: None,
            hint: None,
        }
    }

    pub fn error(code: &'static str, path: &str, message: impl Into<String>) -> Self {
        Self::new(Severity::Error, code, path, message)
    }

    pub fn warning(code: &'static str, path: &str, message: impl Into<String>) -> Self {
        Self::new(Severity::Warning, code, path, message)
    }

    pub fn note(code: &'static str, path: &str, message: impl Into<String>) -> Self {
        Self::new(Severity::Note, code, path, message)
    }

    /// Places the finding: `(line, column)`, both 1-based.
    pub fn at(mut self, (line, column): (u32, u32)) -> Self {
        self.line = line;
        self.column = column;
        self
    }

    /// Says how many characters of the line it is about, from its column on; 0 for an unknown number.
    pub fn over(mut self, characters: usize) -> Self {
        let length = u32::try_from(characters).unwrap_or(u32::MAX);
        self.end_column = if self.column > 0 && length > 0 { self.column.saturating_add(length) } else { 0 };
        self
    }

    /// What stands there, and what may stand there.
    pub fn instead(mut self, found: impl Into<String>, expected: impl Into<String>) -> Self {
        self.instead = Some(Box::new(Instead { found: found.into(), expected: expected.into() }));
        self
    }

    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }
}

/// `path:line:col`, as far as it is known: the form editors can jump to.
pub(crate) struct Place<'a>(&'a Diagnostic);

impl fmt::Display for Place<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Diagnostic { path, line, column, .. } = self.0;
        match (line, column) {
            (0, _) => f.write_str(path),
            (line, 0) => write!(f, "{path}:{line}"),
            (line, column) => write!(f, "{path}:{line}:{column}"),
        }
    }
}

impl Diagnostic {
    pub(crate) fn place(&self) -> Place<'_> {
        Place(self)
    }
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks with a reference")]
fn is_zero(number: &u32) -> bool {
    *number == 0
}

/// `path:line:col: error: message [HM001]`, then the hint on a line of its own.
impl fmt::Display for Diagnostic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}: {} [{}]", self.place(), self.severity, self.message, self.code)?;
        if let Some(hint) = &self.hint {
            write!(f, "\n    hint: {hint}")?;
        }
        Ok(())
    }
}

/// Sorts findings the way a person reads a tree: by file, line, column.
pub fn sort(diagnostics: &mut [Diagnostic]) {
    diagnostics.sort_by(|a, b| (&a.path, a.line, a.column, a.code).cmp(&(&b.path, b.line, b.column, b.code)));
}

/// The known word nearest to `word`, when it is near enough to be what was meant.
pub fn nearest<'a>(word: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let limit = (word.chars().count() / 3).clamp(1, 3);
    let word = word.to_lowercase();
    let length = word.chars().count();
    known
        .into_iter()
        // Words are at least as far from each other as they differ in length: most need no closer look.
        .filter(|candidate| candidate.chars().count().abs_diff(length) <= limit)
        .map(|candidate| (strsim::damerau_levenshtein(&word, candidate), candidate))
        .filter(|(distance, _)| *distance <= limit)
        .min()
        .map(|(_, candidate)| candidate)
}
