//! Front matter of other generators, in this site's keys. What nobody knows is kept as it is.

use jiff::civil::Date;
use serde_yaml::{Mapping, Value};

use super::Generator;
use super::finding::{Findings, KEY};
use super::front::{Parts, plain};
use crate::content::{ARTICLE_KEYS, Shape};
use crate::yaml;

/// What a document's front matter says about the document itself.
#[derive(Debug, Default)]
pub(super) struct Known {
    pub(super) front: Mapping,
    /// Its whole old address, where it says so.
    pub(super) url: Option<String>,
    /// What the old address ends with instead of the file's name.
    pub(super) slug: Option<String>,
    pub(super) id: Option<String>,
}

/// Keys that mean one of ours, best first.
const SAME: &[(&str, &[&str])] = &[
    ("title", &["title", "Title", "sidebar_label", "linkTitle"]),
    ("summary", &["summary", "description", "excerpt", "abstract"]),
    ("created", &["created", "date", "publishDate", "pubdate", "published_date", "creation_date"]),
    ("updated", &["updated", "lastmod", "last_modified_at", "revision_date", "modified", "last_updated"]),
    ("weight", &["weight", "sidebar_position", "nav_order", "order"]),
    ("keywords", &["keywords", "keyword"]),
    ("aliases", &["aliases", "redirect_from", "redirects"]),
];

/// Maps the keys of one document.
pub(super) fn map(parts: &Parts, generator: Generator, findings: &mut Findings) -> Known {
    let mut known = Known::default();
    let mut rest = parts.front.clone();
    let get = |rest: &Mapping, key: &str| rest.get(key).and_then(plain);
    known.id = get(&rest, "id");
    known.url = get(&rest, "url").or_else(|| get(&rest, "permalink")).filter(|url| url.starts_with('/'));
    known.slug = get(&rest, "slug").filter(|slug| !slug.trim_matches('/').is_empty());
    if known.url.is_some() {
        rest.shift_remove("url");
        rest.shift_remove("permalink");
    }
    for (ours, names) in SAME {
        for name in *names {
            // A title that is there leaves the shorter one of the menu alone.
            if known.front.contains_key(*ours) {
                break;
            }
            if let Some(value) = rest.get(*name).filter(|value| !value.is_null()).cloned()
                && let Some(value) = shaped(ours, &value)
            {
                rest.shift_remove(*name);
                known.front.insert((*ours).into(), value);
            }
        }
    }
    if let Some(slug) = &known.slug {
        let last = slug.trim_matches('/').rsplit('/').next().unwrap_or(slug).to_owned();
        known.front.insert("slug".into(), last.into());
        rest.shift_remove("slug");
    }
    topics(&mut rest, &mut known.front);
    for (key, published) in [("draft", false), ("published", true)] {
        if let Some(Value::Bool(value)) = rest.get(key) {
            if *value != published {
                known.front.insert("confidence".into(), "wip".into());
            }
            rest.shift_remove(key);
        }
    }
    if rest.get("unlisted") == Some(&Value::Bool(true)) {
        let line = parts.line_of("unlisted");
        findings.warn(
            KEY,
            line,
            "`unlisted` has no counterpart: the article will be listed",
            "write `audience: agents` to keep it inside",
        );
    }
    if let Some(Value::Mapping(last)) = rest.get("last_update") {
        if let Some(date) = last.get("date").and_then(plain).as_deref().and_then(date) {
            known.front.entry("updated".into()).or_insert_with(|| date.to_string().into());
        }
    } else if let Some(date) = get(&rest, "expiryDate").as_deref().and_then(date) {
        // The day from which the text is no longer true is the day to look at it again.
        known.front.entry("review_by".into()).or_insert_with(|| date.to_string().into());
        rest.shift_remove("expiryDate");
    }
    if generator == Generator::Docusaurus {
        rest.shift_remove("id");
    }
    for (key, value) in rest {
        let Some(name) = key.as_str().map(str::to_owned) else { continue };
        if known.front.contains_key(&key) {
            continue;
        }
        match ARTICLE_KEYS.iter().any(|one| one.name == name) {
            false => drop(known.front.insert(key, value)),
            true => match shaped(&name, &value) {
                Some(value) => drop(known.front.insert(key, value)),
                None if value.is_null() => {}
                None => {
                    let line = parts.line_of(&name);
                    let message = format!("`{name}` means something else here; it is kept as `imported_{name}`");
                    findings.note(KEY, line, message, "");
                    known.front.insert(format!("imported_{name}").into(), value);
                }
            },
        }
    }
    known
}

/// Tags and categories of the old site are tags here: a category is a folder.
fn topics(rest: &mut Mapping, front: &mut Mapping) {
    let mut tags: Vec<Value> = Vec::new();
    for key in ["tags", "tag", "categories"] {
        let Some(value) = rest.get(key) else { continue };
        let label = |value: &Value| plain(value).or_else(|| value.get("label").and_then(plain));
        let words: Vec<String> = match value {
            Value::Sequence(items) => items.iter().filter_map(label).collect(),
            Value::Null => Vec::new(),
            Value::Mapping(_) => continue,
            other => plain(other).unwrap_or_default().split([',', '，']).map(|word| word.trim().to_owned()).collect(),
        };
        for word in words.into_iter().filter(|word| !word.is_empty()) {
            if !tags.contains(&Value::from(word.as_str())) {
                tags.push(word.into());
            }
        }
        rest.shift_remove(key);
    }
    if !tags.is_empty() {
        front.insert("tags".into(), Value::Sequence(tags));
    }
}

/// The value in the form that our key of this name has; `None` when it cannot have it.
fn shaped(name: &str, value: &Value) -> Option<Value> {
    let shape = ARTICLE_KEYS.iter().find(|key| key.name == name)?.shape;
    match shape {
        Shape::Text => plain(value).map(|text| text.split_whitespace().collect::<Vec<_>>().join(" ").into()),
        Shape::Date => date(&plain(value)?).map(|date| date.to_string().into()),
        Shape::Flag => value.as_bool().map(Value::from),
        Shape::Integer => {
            let number = value.as_f64().or_else(|| plain(value)?.parse().ok())?;
            // Places between places (2.5) are kept apart by rounding down: what follows has the next number.
            (number.abs() < 1e9).then(|| Value::from(number.floor() as i64))
        }
        Shape::Choice(words) => plain(value).filter(|text| words.contains(&text.as_str())).map(Value::from),
        Shape::List => match value {
            Value::Sequence(items) => {
                let items: Option<Vec<Value>> =
                    items.iter().filter(|item| !item.is_null()).map(|item| plain(item).map(Value::from)).collect();
                items.map(Value::Sequence)
            }
            Value::Mapping(_) | Value::Null => None,
            other => plain(other).map(|text| {
                Value::Sequence(
                    text.split([',', '，'])
                        .map(|word| word.trim().into())
                        .filter(|word: &Value| word.as_str() != Some(""))
                        .collect(),
                )
            }),
        },
    }
}

/// The day in `2024-05-01`, `2024-05-01T08:00:00+08:00`, `2024/5/1`.
fn date(text: &str) -> Option<Date> {
    let mut numbers = text.split(|c: char| !c.is_ascii_digit()).filter(|part| !part.is_empty());
    let (year, month, day) = (numbers.next()?, numbers.next()?, numbers.next()?);
    let date = Date::new(year.parse().ok()?, month.parse().ok()?, day.parse().ok()?).ok()?;
    (year.len() == 4).then_some(date)
}

/// The front matter's text, in the order in which this site's articles have their keys.
pub(super) fn emit(front: &Mapping) -> String {
    let mut text = String::from("---\n");
    let ours = ARTICLE_KEYS.iter().filter_map(|key| Some((Value::from(key.name), front.get(key.name)?.clone())));
    let others = front.iter().filter(|(key, _)| !ARTICLE_KEYS.iter().any(|one| key.as_str() == Some(one.name)));
    for (key, value) in ours.chain(others.map(|(key, value)| (key.clone(), value.clone()))) {
        let is_date = value.as_str().is_some_and(|text| text.len() == 10 && text.parse::<Date>().is_ok());
        match (key.as_str(), value.as_str()) {
            (Some(key), Some(date)) if is_date => text.push_str(&format!("{key}: {date}\n")),
            _ => text.push_str(&yaml::emit(&Value::Mapping(Mapping::from_iter([(key.clone(), value.clone())])))),
        }
    }
    text + "---\n"
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::import::front::split;

    fn mapped(text: &str, generator: Generator) -> (String, Known, Vec<String>) {
        let parts = split(text).unwrap();
        let mut findings = Findings::of(Path::new("old"), "a.md");
        let known = map(&parts, generator, &mut findings);
        let said = findings.found.iter().map(|one| format!("{}: {}", one.line, one.message)).collect();
        (emit(&known.front), known, said)
    }

    #[test]
    fn hugo() {
        let text = "+++\ntitle = 'VPN: 设置'\ndate = 2024-05-01T08:00:00+08:00\nlastmod = 2025-01-02\ndraft = true\nweight = 20\ndescription = 'd'\ntags = ['a', 'b']\ncategories = ['b', 'c']\nslug = 'vpn'\ntoc = true\naudience = 'admins'\n+++\nx\n";
        let (front, known, said) = mapped(text, Generator::Hugo);
        assert_eq!(
            front,
            "---\ntitle: \"VPN: 设置\"\nsummary: d\ntags:\n  - a\n  - b\n  - c\nconfidence: wip\ncreated: 2024-05-01\n\
             updated: 2025-01-02\nslug: vpn\nweight: 20\ntoc: true\nimported_audience: admins\n---\n"
        );
        assert_eq!(known.slug.as_deref(), Some("vpn"));
        assert_eq!(said, ["12: `audience` means something else here; it is kept as `imported_audience`"]);
    }

    #[test]
    fn docusaurus() {
        let text = "---\nid: intro\ntitle: T\nsidebar_label: Short\nsidebar_position: 2.5\nslug: /start/here\ntags: [{label: A, permalink: /a}]\nlast_update: {date: 1/2/2024, author: x}\nunlisted: true\n---\n";
        let (front, known, said) = mapped(text, Generator::Docusaurus);
        assert!(
            front.starts_with("---\ntitle: T\ntags:\n  - A\nslug: here\nweight: 2\nsidebar_label: Short\nlast_update:"),
            "{front}"
        );
        assert_eq!((known.id.as_deref(), known.slug.as_deref()), (Some("intro"), Some("/start/here")));
        assert_eq!(said.len(), 1, "{said:?}");
    }
}
