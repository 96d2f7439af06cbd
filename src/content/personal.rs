//! Personal data and secrets in documents: what `check` says about them.
//!
//! An article may have reason to name a mailbox, so it is a warning there; a resolution record holds nobody's name and
//! number, so it is an error there.

use std::collections::BTreeMap;

use rayon::prelude::*;

use super::library;
use crate::config::Config;
use crate::diagnostic::{self, Diagnostic, Severity};
use crate::redaction::{self, Finding, Rules};
use crate::source;

/// Keys of the front matter that name somebody of the service desk on purpose and reach no page.
const SIGNED: &[&str] = &["owner", "author", "reviewed_by", "manager"];

/// Looks through every document of the site.
pub fn check(config: &Config) -> Vec<Diagnostic> {
    let rules = Rules::new(config);
    let content = config.content_dir();
    let look = |path: &String| match library::bytes(&content.join(path)) {
        Ok(bytes) if bytes.len() <= source::MAX_DOCUMENT => document(path, &bytes, &rules),
        // A file that cannot be read has been named by those who compile it.
        Ok(_) | Err(_) => Vec::new(),
    };
    let mut diagnostics: Vec<Diagnostic> = library::paths(config).par_iter().flat_map_iter(look).collect();
    diagnostic::sort(&mut diagnostics);
    diagnostics
}

/// Looks through one document; `path` is relative to `content/`.
fn document(path: &str, bytes: &[u8], rules: &Rules) -> Vec<Diagnostic> {
    let source = source::read(path, bytes, &mut Vec::new());
    // By kind and text: where it stands first, and how often again.
    let mut places: BTreeMap<_, (Finding, (u32, u32), usize)> = BTreeMap::new();
    for (text, first) in [(&source.front, source.front_line), (&source.body, source.body_line)] {
        // Findings come in order, so that lines are counted on from the one before.
        let (mut from, mut passed) = (0, 0);
        for finding in redaction::find(text, rules) {
            if first == source.front_line && is_signed(text, finding.range.start) {
                continue;
            }
            let (line, column) = source::position(&text[from..], finding.range.start - from);
            passed += line - 1;
            from = text[..finding.range.start].rfind('\n').map_or(0, |end| end + 1);
            let place = (passed + first, column);
            let key = (finding.kind.key(), finding.text.clone());
            places.entry(key).and_modify(|known| known.2 += 1).or_insert((finding, place, 0));
        }
    }
    places.into_values().map(|(finding, place, more)| tell(path, &finding, place, more)).collect()
}

/// Whether the place is in the value of a key that names its author.
fn is_signed(front: &str, at: usize) -> bool {
    let lines = front[..at].rsplit('\n').map(|line| line.trim_end_matches('\r'));
    let key = lines
        .map(|line| line.split(':').next().unwrap_or(""))
        .find(|key| !key.starts_with([' ', '-', '\t']) && !key.is_empty());
    key.is_some_and(|key| SIGNED.contains(&key) || key.starts_with("ms."))
}

fn tell(path: &str, finding: &Finding, place: (u32, u32), more: usize) -> Diagnostic {
    let (record, secret) = (path.starts_with("resolutions/"), finding.kind.is_secret());
    let severity = if record { Severity::Error } else { Severity::Warning };
    let code = if secret { "HM051" } else { "HM050" };
    let (what, shown) = (finding.kind.name("en"), finding.shown());
    let also = if more > 0 { format!(" ({more} more in this file)") } else { String::new() };
    let message = match (record, secret) {
        (_, true) => format!("a {what} in the clear: {shown}{also}"),
        (true, false) => format!("a resolution record holds no personal data, but this is a {what}: {shown}{also}"),
        (false, false) => format!("personal data, a {what}: {shown}{also}"),
    };
    let message = message.replace("a identity", "an identity").replace("a IP", "an IP");
    let length = finding.text.lines().next().unwrap_or_default().chars().count();
    let diagnostic = Diagnostic::new(severity, code, &format!("content/{path}"), message).at(place).over(length);
    diagnostic.hint(finding.hint.clone())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_record_holds_nobody_and_an_article_is_warned() {
        let text = "---\ntitle: 甲\nowner: li@corp.cn\nkeywords: [a]\n---\n\n打 138 0013 8000，\r\n或 138 0013 8000，密码：Abc@1234\n";
        let told = |path: &str| -> Vec<_> {
            let found = document(path, text.as_bytes(), &Rules::default());
            found.into_iter().map(|one| (one.severity, one.code, one.line, one.column)).collect()
        };
        let secret = |severity| (severity, "HM051", 8, 20);
        assert_eq!(told("articles/a.md"), [secret(Severity::Warning), (Severity::Warning, "HM050", 7, 3)]);
        assert_eq!(told("resolutions/a.md"), [secret(Severity::Error), (Severity::Error, "HM050", 7, 3)]);
        let found = document("articles/a.md", text.as_bytes(), &Rules::default());
        assert!(found[1].message.ends_with("138 0013 8000 (1 more in this file)"), "{}", found[1].message);
        assert!(found[1].hint.as_ref().unwrap().contains("allow"));
    }
}
