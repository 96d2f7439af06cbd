//! Findings by kind: an old site has the same shortcode in hundreds of places, and a person decides about it once.

use std::collections::HashMap;

use crate::diagnostic::{Diagnostic, Severity};

/// The findings that say the same.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Kind {
    pub severity: Severity,
    pub code: &'static str,
    /// What they say, without what differs from place to place.
    pub message: String,
    pub count: usize,
    /// The first place: `path:line`.
    pub first: String,
}

/// How many findings there are of each kind: the worst first, then the most frequent.
pub fn tally(findings: &[Diagnostic]) -> Vec<Kind> {
    let mut kinds: Vec<Kind> = Vec::new();
    let mut known: HashMap<(&str, String), usize> = HashMap::new();
    for found in findings {
        let message = kind(found);
        let place = *known.entry((found.code, message.clone())).or_insert_with(|| {
            let line = if found.line > 0 { format!(":{}", found.line) } else { String::new() };
            let first = format!("{}{line}", found.path);
            kinds.push(Kind { severity: found.severity, code: found.code, message, count: 0, first });
            kinds.len() - 1
        });
        kinds[place].count += 1;
    }
    kinds.sort_by(|a, b| b.severity.cmp(&a.severity).then(b.count.cmp(&a.count)));
    kinds
}

/// The findings with at most `each` of every kind; errors are all told, for each of them is a file that is missing.
pub fn shortened(findings: &[Diagnostic], each: usize) -> Vec<Diagnostic> {
    let mut told: HashMap<(&str, String), usize> = HashMap::new();
    let few = |found: &&Diagnostic| {
        let count = told.entry((found.code, kind(found))).or_default();
        *count += 1;
        found.severity == Severity::Error || *count <= each
    };
    findings.iter().filter(few).cloned().collect()
}

/// A finding's words without names of links and numbers.
fn kind(found: &Diagnostic) -> String {
    let mut out = String::with_capacity(found.message.len());
    for (n, part) in found.message.split('`').enumerate() {
        // The first name of a dead link is the link; elsewhere names say what to do.
        match (n % 2 == 1, found.code == super::finding::DEAD_LINK && n == 1) {
            (true, true) => out.push_str("`…`"),
            (true, false) => out.push_str(&format!("`{part}`")),
            (false, _) => {
                let mut digits = false;
                for c in part.chars() {
                    match c.is_ascii_digit() {
                        true if !digits => out.push('N'),
                        true => {}
                        false => out.push(c),
                    }
                    digits = c.is_ascii_digit();
                }
            }
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_the_same_is_counted_once() {
        let dead = |name: &str| Diagnostic::warning("HM071", "a.md", format!("`{name}` is nothing")).at((3, 0));
        let mark = |name: &str| Diagnostic::warning("HM072", "b.md", format!("the shortcode `{name}` at 12:3"));
        let error = |path: &str| Diagnostic::error("HM070", path, "it cannot be read");
        let all = [dead("x"), mark("gh"), dead("y"), dead("z"), mark("icon"), error("c"), error("d")];
        let counted: Vec<_> =
            tally(&all).into_iter().map(|kind| (kind.code, kind.message, kind.count, kind.first)).collect();
        let told = |code, message: &str, count, first: &str| (code, message.to_owned(), count, first.to_owned());
        assert_eq!(
            counted,
            [
                told("HM070", "it cannot be read", 2, "c"),
                told("HM071", "`…` is nothing", 3, "a.md:3"),
                told("HM072", "the shortcode `gh` at N:N", 1, "b.md"),
                told("HM072", "the shortcode `icon` at N:N", 1, "b.md"),
            ]
        );
        let paths: Vec<_> = shortened(&all, 1).into_iter().map(|found| found.path).collect();
        assert_eq!(paths, ["a.md", "b.md", "b.md", "c", "d"]);
    }
}
