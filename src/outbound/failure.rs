//! Why a delivery did not arrive.

use std::time::Duration;

/// One failed try, in words that hold no secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    pub why: String,
    /// Trying again cannot help: the address does not exist.
    pub hopeless: bool,
    /// The receiver asked for this much time.
    pub retry_after: Option<Duration>,
}

/// Characters of a reason that are kept.
const LONGEST: usize = 300;

impl Failure {
    pub fn new(why: impl AsRef<str>) -> Self {
        let plain = why.as_ref().chars().map(|c| if c.is_control() { ' ' } else { c });
        Self { why: plain.take(LONGEST).collect(), hopeless: false, retry_after: None }
    }

    pub fn hopeless(why: impl AsRef<str>) -> Self {
        Self { hopeless: true, ..Self::new(why) }
    }

    /// An error with what lies beneath it, on one line.
    pub(super) fn chain(what: &str, error: &dyn std::error::Error) -> Self {
        let mut why = format!("{what}: {error}");
        let mut source = error.source();
        while let Some(error) = source {
            let text = error.to_string();
            if !why.contains(&text) {
                why = format!("{why}: {text}");
            }
            source = error.source();
        }
        Self::new(why)
    }

    /// The same without these words: keys and addresses that an answer repeated.
    pub(super) fn without(mut self, secrets: &[&str]) -> Self {
        for secret in secrets.iter().filter(|secret| secret.len() >= 6) {
            self.why = self.why.replace(secret, "…");
        }
        self
    }

    /// For the log, which other people read: without mail addresses.
    pub(super) fn for_log(&self) -> String {
        let mask = |word: &str| if word.contains('@') { "…".to_owned() } else { word.to_owned() };
        self.why.split(' ').map(mask).collect::<Vec<_>>().join(" ")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reason_is_one_line_without_secrets() {
        let failure = Failure::new("bad key abcdef123\r\nfor <wang@example.com> here");
        assert!(!failure.why.contains('\n'));
        assert_eq!(failure.clone().without(&["abcdef123"]).why.matches('…').count(), 1);
        assert!(!failure.for_log().contains("wang"));
        assert_eq!(Failure::new("x".repeat(9_999)).why.len(), LONGEST);
    }
}
