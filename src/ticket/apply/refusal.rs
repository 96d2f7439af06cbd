//! Why a step was not taken.

use std::fmt;

/// What kind of mistake it was: decides on the status of an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RefusalKind {
    /// This person may not do it.
    Denied,
    /// Nobody may do it in this state.
    State,
    /// Something is missing or wrong in what was said.
    Invalid,
}

/// A step that was not taken, and what may be done instead.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    pub kind: RefusalKind,
    /// In the language that was asked for.
    pub message: String,
    /// The field that is wrong, for [`RefusalKind::Invalid`].
    pub field: Option<&'static str>,
    /// The steps this person may take now.
    pub allowed: Vec<&'static str>,
}

impl Refusal {
    fn new(kind: RefusalKind, lang: &str, zh: impl Into<String>, en: impl Into<String>) -> Self {
        let message = if lang == "zh" { zh.into() } else { en.into() };
        Self { kind, message, field: None, allowed: Vec::new() }
    }

    pub(super) fn denied(lang: &str, zh: impl Into<String>, en: impl Into<String>) -> Self {
        Self::new(RefusalKind::Denied, lang, zh, en)
    }

    pub(super) fn state(lang: &str, zh: impl Into<String>, en: impl Into<String>) -> Self {
        Self::new(RefusalKind::State, lang, zh, en)
    }

    pub(super) fn invalid(field: &'static str, lang: &str, zh: impl Into<String>, en: impl Into<String>) -> Self {
        Self { field: Some(field), ..Self::new(RefusalKind::Invalid, lang, zh, en) }
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)?;
        match (self.kind, self.allowed.is_empty()) {
            (RefusalKind::Invalid, _) => Ok(()),
            (_, true) => f.write_str(" (possible now: nothing)"),
            (_, false) => write!(f, " (possible now: {})", self.allowed.join(", ")),
        }
    }
}

impl std::error::Error for Refusal {}
