//! Mending what can be mended without knowing more than the file says: `check --fix`.
//!
//! A mistake is mended only where there is one way to do it, and an edit stays only if the document then reads at
//! least as well as before: fewer findings, nothing new, and never open to more readers. Every byte outside the edits
//! stays: comments, the order of keys, line ends. What is mended has nothing left to mend.

mod destinations;
mod front;
mod links;
mod values;
mod write;

use std::ops::Range;

pub use links::Atlas;
pub use write::{Fate, write};

use crate::config::Config;
use crate::content::{self, Document};
use crate::diagnostic::Severity;
use crate::source;

/// A document that can be better.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mended {
    /// Relative to `content/`.
    pub path: String,
    pub before: String,
    pub after: String,
    /// What was done, each in a few words.
    pub done: Vec<&'static str>,
}

/// A change of a text.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Edit {
    /// Bytes of the text.
    range: Range<usize>,
    with: String,
    why: &'static str,
}

impl Edit {
    fn new(range: Range<usize>, with: impl Into<String>, why: &'static str) -> Self {
        Self { range, with: with.into(), why }
    }

    fn of(&self, text: &str) -> Option<String> {
        Some(format!("{}{}{}", text.get(..self.range.start)?, self.with, text.get(self.range.end..)?))
    }
}

/// More edits than anybody makes mistakes; an end for what cannot be foreseen.
const MOST: usize = 500;

/// The document with everything mended that can be. `None` when there is nothing to mend, or when the file cannot be
/// read as UTF-8. `path` is relative to `content/`.
pub fn mend(config: &Config, path: &str, bytes: &[u8], atlas: &Atlas<'_>) -> Option<Mended> {
    if bytes.len() > source::MAX_DOCUMENT {
        return None;
    }
    let before = std::str::from_utf8(bytes).ok()?;
    let mut text = before.to_owned();
    let mut done = Vec::new();
    let mut refused: Vec<(String, String)> = Vec::new();
    let mut state = State::of(config, path, &text);
    // The first edit that helps is made and the text looked at again: places move.
    'again: while done.len() < MOST {
        for edit in front::edits(config, path, &text) {
            let key = (text.get(edit.range.clone()).unwrap_or_default().to_owned(), edit.with.clone());
            if refused.contains(&key) {
                continue;
            }
            if let Some(edited) = edit.of(&text) {
                let next = State::of(config, path, &edited);
                if next.is_better_than(&state) {
                    (text, state) = (edited, next);
                    done.push(edit.why);
                    continue 'again;
                }
            }
            refused.push(key);
        }
        break;
    }
    if let Some((edited, count)) = links::mended(&state.document, &text, atlas) {
        done.extend(std::iter::repeat_n("a link to where the article is now", count));
        text = edited;
    }
    if let Some((edited, count)) = destinations::mended(&text, state.document.body().first_line) {
        done.extend(std::iter::repeat_n("a path with spaces in angle brackets", count));
        text = edited;
    }
    (text != before).then(|| Mended { path: path.to_owned(), before: before.to_owned(), after: text, done })
}

/// What a text says, and how well.
struct State {
    document: Document,
    /// Errors, warnings, notes.
    findings: [usize; 3],
}

impl State {
    fn of(config: &Config, path: &str, text: &str) -> Self {
        let found = content::parse(config, path, text.as_bytes());
        let count = |severity| found.diagnostics.iter().filter(|it| it.severity == severity).count();
        let findings = [Severity::Error, Severity::Warning, Severity::Note].map(count);
        Self { document: found.document, findings }
    }

    /// Fewer findings, and not open to more readers: what was kept inside for a doubt, a person lets out.
    fn is_better_than(&self, old: &Self) -> bool {
        let opens = self.document.is_public() && !old.document.is_public();
        self.findings < old.findings && !opens
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use proptest::prelude::*;

    use super::*;

    pub(super) fn mended(path: &str, text: &str) -> Option<String> {
        let config = Config::parse(Path::new("/nowhere"), "title = '台'").unwrap();
        mend(&config, path, text.as_bytes(), &Atlas::default()).map(|mended| mended.after)
    }

    #[test]
    fn what_kept_an_article_inside_is_left_to_a_person() {
        assert_eq!(mended("articles/a.md", "---\ntitle: 甲\naudience: “employees”\n---\n"), None);
        let agents = "---\ntitle: 甲\naudience: “agents”\n---\n";
        assert_eq!(mended("articles/a.md", agents), Some(agents.replace(['“', '”'], "")));
    }

    proptest! {
        #[test]
        fn what_is_mended_reads_better_and_has_nothing_left_to_mend(
            text in proptest::collection::vec(prop::sample::select(vec![
                "---\n", "---\r\n", "--\n", "title: ", "title：", " tags: ", "tags:", "tilte: ", "updated: ", "\t- a\n", "a: b",
                "2024/5/1", "05/01/2024", "31/12/2023", "“x”", "\"x\" y", "x # y", "'", "\"", "[", "\u{feff}", "\u{200b}",
                "\n", "\r\n", "\r", "# 一\n", "正文", "audience: agents", "confidence: ", "validatde", "<<<<<<< a\n", "\0", "%u",
            ]), 0..24).prop_map(|parts| parts.concat())
        ) {
            let config = Config::parse(Path::new("/nowhere"), "title = '台'").unwrap();
            let path = "articles/vpn/a.md";
            if let Some(once) = mended(path, &text) {
                prop_assert_eq!(mended(path, &once), None, "{:?} -> {:?}", text, once);
                let (old, new) = (State::of(&config, path, &text), State::of(&config, path, &once));
                prop_assert!(new.is_better_than(&old), "{:?} -> {:?}", text, once);
            }
        }
    }
}
