//! The old addresses of documents as aliases, and the categories that come with their folders.

use std::collections::{BTreeSet, HashMap};

use serde_yaml::{Mapping, Value};

use super::book::{Entry, normal};
use super::finding::{Findings, KEY};
use super::front::plain;
use super::layout::Layout;
use super::place::{folder, is_language_code, language};
use super::{Options, Planned};
use crate::config::Config;
use crate::content::alias;

/// First parts of addresses that this site's pages have.
const PAGES: &[&str] = &["articles", "resolutions", "categories", "tags"];

/// Who has which old address: a document its own before another one that was called so once.
pub(super) fn owners<'a>(entries: impl Iterator<Item = &'a Entry>) -> HashMap<String, String> {
    let mut owners = HashMap::new();
    for entry in entries.filter(|entry| !entry.address.is_empty()) {
        owners.entry(entry.address.clone()).or_insert_with(|| entry.source.clone());
    }
    owners
}

/// The document's old address if it `leads` here, and those that led to it before, in the form that aliases have here.
/// An address that two documents claim leads to the first of them, and the second is told.
pub(super) fn aliases(
    config: &Config,
    entry: &Entry,
    line: u32,
    leads: bool,
    owners: &mut HashMap<String, String>,
    front: &mut Mapping,
    findings: &mut Findings,
) {
    let given = front.shift_remove("aliases");
    let mut all = BTreeSet::new();
    let given = given.as_ref().and_then(Value::as_sequence).into_iter().flatten().filter_map(plain);
    let prefix = prefix(config, entry);
    for alias in given {
        let alias = match alias.split_once("://") {
            Some((_, rest)) => rest.find('/').map_or_else(String::new, |at| rest[at..].to_owned()),
            None if alias.starts_with('/') && !alias.starts_with(&format!("{prefix}/")) => format!("{prefix}{alias}"),
            None if alias.starts_with('/') => alias,
            None => format!("{}/{alias}", folder(&entry.address)),
        };
        all.insert(alias.split(['?', '#']).next().unwrap_or_default().replace(' ', "%20"));
    }
    if leads {
        all.insert(format!("{}/", entry.address.trim_end_matches('/')));
    }
    let free = |alias: &String| {
        let mut parts = alias.split('/').filter(|part| !part.is_empty());
        let first = parts.next();
        let first =
            first.filter(|first| !config.languages.iter().any(|one| one.code == *first)).or_else(|| parts.next());
        let possible = alias::file_of(alias).is_ok_and(|file| !alias::is_ours(config, &file));
        possible && first.is_some_and(|first| !PAGES.contains(&first))
    };
    let mut list: Vec<Value> = Vec::new();
    for alias in all.into_iter().filter(free) {
        let owner = owners.entry(normal(&alias)).or_insert_with(|| entry.source.clone());
        if *owner == entry.source {
            list.push(alias.into());
        } else {
            let message =
                format!("the address `{alias}` leads to {owner}, which claims it as well; it is left out here");
            findings.note(KEY, line, message, "");
        }
    }
    if !list.is_empty() {
        front.insert("aliases".into(), Value::Sequence(list));
    }
}

/// `/zh` where the old addresses of this language begin so: its aliases do as well.
fn prefix(config: &Config, entry: &Entry) -> String {
    let first = entry.address.trim_start_matches('/').split('/').next().unwrap_or_default();
    let own = is_language_code(first) && language(config, first) == Some(entry.lang.as_str());
    if own { format!("/{first}") } else { String::new() }
}

/// The folders and sections that become categories without a name in `site.toml`, in the order of the old site.
pub(super) fn categories(
    config: &Config,
    layout: &Layout,
    files: &[Planned],
    options: &Options,
) -> Vec<(String, String)> {
    let documents = files.iter().filter_map(|file| Some((file.target.strip_prefix("articles/")?, file.text.as_ref()?)));
    let given = |text: &str| {
        let line =
            text.lines().skip(1).take_while(|line| *line != "---").find_map(|line| line.strip_prefix("category: "))?;
        Some(line.trim_matches('"').to_owned())
    };
    let keys: BTreeSet<String> = documents
        .filter_map(|(target, text)| given(text).or_else(|| Some(target.split_once('/')?.0.to_owned())))
        .collect();
    let unknown = keys.into_iter().filter(|key| !config.categories.iter().any(|category| category.key == *key));
    let name_of = |key: &str| {
        layout.names.get(key).filter(|_| options.into.is_empty()).cloned().unwrap_or_else(|| key.to_owned())
    };
    let mut all: Vec<_> = unknown.map(|key| (name_of(&key), key)).map(|(name, key)| (key, name)).collect();
    all.sort_by_key(|(key, _)| layout.ranks.get(key).copied().unwrap_or(i64::MAX));
    all
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    #[test]
    fn an_address_leads_to_one_document() {
        let config = Config::parse(Path::new("/"), "title = 'x'\nlanguages = ['en', 'zh']").unwrap();
        let entry = |source: &str, lang: &str, address: &str| Entry {
            source: source.into(),
            target: String::new(),
            lang: lang.into(),
            address: address.into(),
            group: String::new(),
        };
        let all = [entry("a.md", "en", "/a"), entry("b.md", "en", "/b"), entry("b.zh.md", "zh", "/zh/b")];
        let mut owners = owners(all.iter());
        let mut found = Findings::of(Path::new("old"), "b.md");
        let mut done = |entry: &Entry, given: &[&str]| {
            let mut front = Mapping::new();
            front.insert("aliases".into(), Value::Sequence(given.iter().map(|one| Value::from(*one)).collect()));
            aliases(&config, entry, 4, true, &mut owners, &mut front, &mut found);
            let list = front.get("aliases").and_then(Value::as_sequence).unwrap().clone();
            list.iter().filter_map(plain).collect::<Vec<_>>()
        };
        assert_eq!(done(&all[0], &["/once", "/B/"]), ["/a/", "/once"]);
        assert_eq!(done(&all[1], &["/once/", "/tags/x"]), ["/b/"]);
        assert_eq!(done(&all[2], &["/once/", "/zh/then"]), ["/zh/b/", "/zh/once/", "/zh/then"]);
        let told: Vec<_> = found.found.iter().map(|one| (one.line, one.message.contains("leads to a.md"))).collect();
        assert_eq!(told, [(4, false), (4, true)]);
    }
}
