//! Ids of headings in the old site, with what they are here: generators make them in ways of their own, and authors put
//! empty `<a id>` where they want to link to.

use std::collections::HashMap;
use std::sync::LazyLock;

use regex::Regex;

use super::text::Fences;
use crate::markdown::Ids;

/// The old ids of a text that are other ones here.
pub(super) fn of(body: &str) -> HashMap<String, String> {
    static HEADING: LazyLock<Option<Regex>> =
        LazyLock::new(|| Regex::new(r"^ {0,3}#{1,6}[ \t]+(.*?)[ \t]*#*[ \t]*(?:\{\s*#([^\s}]+)[^}]*\})?\s*$").ok());
    static PLACE: LazyLock<Option<Regex>> =
        LazyLock::new(|| Regex::new(r#"(?i)<a\s+(?:id|name)\s*=\s*["']?([^"'>\s]+)["']?\s*/?>"#).ok());
    let (Some(heading), Some(place)) = (HEADING.as_ref(), PLACE.as_ref()) else { return HashMap::new() };
    let (mut fences, mut ids, mut empty) = (Fences::default(), Ids::default(), 0);
    let mut old: HashMap<String, String> = HashMap::new();
    let mut counts: HashMap<String, usize> = HashMap::new();
    // Marked places wait for their heading.
    let mut waiting: Vec<String> = Vec::new();
    for line in body.lines() {
        if fences.holds(line) {
            continue;
        }
        waiting.extend(place.captures_iter(line).map(|caught| caught[1].to_lowercase()));
        let Some(caught) = heading.captures(line) else { continue };
        let words = plain(&caught[1]);
        let explicit = caught.get(2).map(|id| id.as_str().to_owned());
        let id = match explicit {
            Some(id) => {
                ids.take(&id);
                id
            }
            None => ids.of_heading(&words),
        };
        let mut names = std::mem::take(&mut waiting);
        // Python-Markdown: ASCII alone, `_1` for a heading without any.
        let ascii: String =
            words.chars().filter(|c| c.is_ascii_alphanumeric() || matches!(c, ' ' | '-' | '_')).collect();
        let ascii =
            ascii.trim().to_lowercase().split([' ', '-']).filter(|part| !part.is_empty()).collect::<Vec<_>>().join("-");
        if ascii.is_empty() {
            empty += 1;
            names.push(format!("_{empty}"));
        } else {
            let count = counts.entry(ascii.clone()).or_default();
            names.push(if *count == 0 { ascii } else { format!("{ascii}_{count}") });
            *count += 1;
        }
        // Blackfriday: one hyphen for each run of anything else.
        let words = words.to_lowercase();
        let parts = words.split(|c: char| !c.is_alphanumeric()).filter(|part| !part.is_empty());
        names.push(parts.collect::<Vec<_>>().join("-"));
        for name in names.into_iter().filter(|name| !name.is_empty() && *name != id) {
            old.entry(name).or_insert_with(|| id.clone());
        }
    }
    // What is an id here keeps its meaning.
    old.retain(|name, _| !ids.contains(name));
    old
}

/// A heading's words without their markup.
fn plain(words: &str) -> String {
    static MARKUP: LazyLock<Option<Regex>> =
        LazyLock::new(|| Regex::new(r"!?\[([^\]]*)\](?:\([^)]*\)|\[[^\]]*\])|<[^>]*>|[`*]|\\").ok());
    MARKUP.as_ref().map_or_else(|| words.to_owned(), |markup| markup.replace_all(words, "$1").trim().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn old_ids_lead_to_ours() {
        let body = "# 标题\n## 第二 步\n<a id=\"Far\"></a>\n\n### --fast-list=N ###\n```\n# no\n```\n## Set & go\n## [Set & go](x)\n## 甲 {#own}\n";
        let old = of(body);
        let to = |name: &str| old.get(name).map(String::as_str);
        assert_eq!((to("_1"), to("_2"), to("_3")), (Some("标题"), Some("第二-步"), Some("own")));
        assert_eq!((to("far"), to("fast-list-n")), (Some("--fast-listn"), Some("--fast-listn")));
        assert_eq!((to("set-go"), to("set-go_1")), (Some("set--go"), Some("set--go-1")));
        assert_eq!((to("no"), to("own"), to("标题")), (None, None, None));
    }
}
