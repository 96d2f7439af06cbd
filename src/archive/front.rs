//! One key of a document's front matter, changed without touching any other byte.
//!
//! Only the lines of that key are written anew. The outcome is read back and is used only when it says exactly what
//! was meant; whatever is too unusual for that is refused, never damaged.

use std::ops::Range;

use serde_yaml::{Mapping, Value};

use crate::source::MAX_FRONT_MATTER;
use crate::yaml;

/// Why a file is left alone.
type Refusal = &'static str;

/// Sets a key to a line of text.
///
/// # Errors
/// What about the file is too unusual.
pub(super) fn set(text: &str, key: &str, value: &str) -> Result<String, Refusal> {
    edit(text, key, Value::from(value), |line, rest| {
        if rest.iter().any(|line| !line.trim().is_empty()) {
            return Err("the key's value spans several lines");
        }
        Ok(with_comment(&fresh(key, value.into()), line))
    })
}

/// Adds an item to a list, unless it is there. The item is a ticket's number or the like.
///
/// # Errors
/// What about the file is too unusual.
pub(super) fn add(text: &str, key: &str, item: &str) -> Result<String, Refusal> {
    let old = read(text)?.get(key).cloned().unwrap_or(Value::Null);
    let mut items = match old {
        Value::Sequence(items) => items,
        Value::Null => Vec::new(),
        Value::String(text) => {
            text.split([',', '，', '、']).map(str::trim).filter(|item| !item.is_empty()).map(Value::from).collect()
        }
        _ => return Err("the key's value is no list"),
    };
    if items.iter().any(|known| known.as_str() == Some(item)) {
        return Ok(text.to_owned());
    }
    let all_plain = |items: &[Value]| items.iter().all(|item| item.as_str().is_some_and(is_plain));
    let before = items.clone();
    items.push(item.into());
    edit(text, key, Value::Sequence(items), |line, rest| {
        let (value, _) = split_comment(line.split_once(':').map_or("", |(_, value)| value));
        let value = value.trim();
        let last = rest.iter().rposition(|line| line.trim_start().starts_with("- "));
        match last {
            Some(last) if value.is_empty() => {
                let old = &rest[last];
                let indent = &old[..old.len() - old.trim_start().len()];
                let mut lines: String = std::iter::once(line.to_owned()).chain(rest[..=last].iter().cloned()).collect();
                lines.push_str(&format!("{indent}- {item}\n"));
                lines.extend(rest[last + 1..].iter().cloned());
                Ok(lines)
            }
            None if rest.iter().any(|line| !line.trim().is_empty()) => Err("the list spans several lines"),
            None if let Some(inner) = value.strip_prefix('[').and_then(|value| value.strip_suffix(']')) => {
                let comma = if inner.trim().is_empty() { "" } else { ", " };
                let list = format!("[{}{comma}{item}]", inner.trim_end().trim_end_matches(','));
                Ok(format!("{}{}", line.replacen(value, &list, 1), rest.concat()))
            }
            None if all_plain(&before) => {
                let words: Vec<_> = before.iter().filter_map(Value::as_str).chain([item]).collect();
                Ok(with_comment(&format!("{key}: [{}]\n", words.join(", ")), line))
            }
            _ => Err("the list is written in an unusual way"),
        }
    })
}

/// Letters and digits: means the same in every list.
fn is_plain(item: &str) -> bool {
    !item.is_empty() && item.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_'))
}

/// What a key's value says.
pub(super) fn get(text: &str, key: &str) -> Result<Option<String>, Refusal> {
    Ok(match read(text)?.get(key) {
        Some(Value::String(text)) => Some(text.clone()),
        Some(Value::Number(number)) => Some(number.to_string()),
        _ => None,
    })
}

fn fresh(key: &str, value: Value) -> String {
    yaml::emit(&Value::Mapping(Mapping::from_iter([(Value::from(key), value)])))
}

/// A new line with the comment of the old one.
fn with_comment(fresh: &str, old: &str) -> String {
    let (_, comment) = split_comment(old.trim_end());
    format!("{}{comment}\n", fresh.trim_end())
}

/// A line's value, and its comment with the space before it.
fn split_comment(line: &str) -> (&str, &str) {
    let mut quote = None;
    let mut before = ' ';
    for (at, c) in line.char_indices() {
        match (quote, c) {
            (None, '#') if before.is_whitespace() => {
                let value = line[..at].trim_end();
                return (value, line[value.len()..].trim_end());
            }
            (None, '"' | '\'') if !before.is_alphanumeric() => quote = Some(c),
            (Some(open), c) if c == open && before != '\\' => quote = None,
            _ => {}
        }
        before = c;
    }
    (line, "")
}

/// Replaces the lines of `key` by what `change` makes of them, or adds the key as the last one.
fn edit(
    text: &str,
    key: &str,
    value: Value,
    change: impl Fn(&str, &[String]) -> Result<String, Refusal>,
) -> Result<String, Refusal> {
    let before = read(text)?;
    let front = fences(text).ok_or("it has no front matter")?;
    let crlf = text[..front.start].contains("\r\n");
    let lines: Vec<String> =
        text[front.clone()].replace("\r\n", "\n").split_inclusive('\n').map(str::to_owned).collect();
    let block = block(&lines, key)?;
    let replaced = match &block {
        Some(block) => change(&lines[block.start], &lines[block.start + 1..block.end])?,
        None => match &value {
            Value::Sequence(items) if items.iter().all(|item| item.as_str().is_some_and(is_plain)) => {
                let items: Vec<_> = items.iter().filter_map(Value::as_str).collect();
                format!("{key}: [{}]\n", items.join(", "))
            }
            value => fresh(key, value.clone()),
        },
    };
    let range = block.unwrap_or(lines.len()..lines.len());
    let yaml = [lines[..range.start].concat(), replaced, lines[range.end..].concat()].concat();
    let yaml = if crlf { yaml.replace('\n', "\r\n") } else { yaml };
    let edited = format!("{}{yaml}{}", &text[..front.start], &text[front.end..]);
    let mut expected = before;
    expected.insert(key.into(), value);
    match read(&edited) {
        Ok(after) if after == expected => Ok(edited),
        _ => Err("the front matter would not read back as it was meant"),
    }
}

/// The YAML between the fences.
fn fences(text: &str) -> Option<Range<usize>> {
    let mut at = if text.starts_with('\u{feff}') { '\u{feff}'.len_utf8() } else { 0 };
    let mut lines = text[at..].split_inclusive('\n');
    at += lines.next().filter(|line| line.trim_end() == "---")?.len();
    let start = at;
    for line in lines {
        if matches!(line.trim_end(), "---" | "...") {
            return Some(start..at);
        }
        at += line.len();
    }
    None
}

fn read(text: &str) -> Result<Mapping, Refusal> {
    let front = fences(text).ok_or("it has no front matter")?;
    let yaml = &text[front];
    // Nested brackets are slow to read.
    if yaml.len() > MAX_FRONT_MATTER || yaml.matches(['[', '{']).count() > 200 {
        return Err("its front matter is too large");
    }
    let mixed = yaml.contains("\r\n") && yaml.replace("\r\n", "").contains('\n');
    if mixed || yaml.replace("\r\n", "").contains('\r') {
        return Err("its line ends are mixed");
    }
    match serde_yaml::from_str::<Value>(yaml) {
        Ok(Value::Mapping(mapping)) => Ok(mapping),
        Ok(Value::Null) => Ok(Mapping::new()),
        _ => Err("its front matter is not valid YAML"),
    }
}

/// The lines of a top-level key: its own, and those that continue its value.
fn block(lines: &[String], key: &str) -> Result<Option<Range<usize>>, Refusal> {
    let own = |line: &String| {
        line.strip_prefix(key).and_then(|rest| rest.strip_prefix(':')).is_some_and(|rest| rest.starts_with([' ', '\n']))
    };
    let mut places = lines.iter().enumerate().filter(|(_, line)| own(line)).map(|(at, _)| at);
    let Some(start) = places.next() else { return Ok(None) };
    if places.next().is_some() {
        return Err("the key is there twice");
    }
    let continues = |line: &String| line.starts_with([' ', '\t']) || line.starts_with("- ");
    let more = lines[start + 1..]
        .iter()
        .take_while(|line| continues(line) || line.trim().is_empty() || line.starts_with('#'))
        .count();
    let end = lines[start + 1..start + 1 + more].iter().rposition(continues).map_or(start + 1, |last| start + 2 + last);
    Ok(Some(start..end))
}

#[cfg(test)]
mod tests {
    use super::*;

    const FILE: &str = "\u{feff}---\n# 头\ntitle: '甲: 乙'   # 标题\nconfidence: wip # 草稿\nlinked_tickets:\n# 旧的\n- TS1  # 第一\n- TS2\n\n# 尾\nowner: li\n---\n正文\r\n---\nlinked_tickets: []\n";

    #[test]
    fn every_other_byte_stays() {
        let added = add(FILE, "linked_tickets", "TS202611230001").unwrap();
        assert_eq!(added, FILE.replace("- TS2\n", "- TS2\n- TS202611230001\n"));
        assert_eq!(add(&added, "linked_tickets", "TS202611230001").unwrap(), added);
        let set = set(&added, "confidence", "validated").unwrap();
        assert_eq!(set, added.replace("wip # 草稿", "validated # 草稿"));
        let new = super::set(&set, "reviewed_by", "wang: w").unwrap();
        assert_eq!(new, set.replace("owner: li\n", "owner: li\nreviewed_by: \"wang: w\"\n"));
        assert_eq!(get(&new, "reviewed_by").unwrap().as_deref(), Some("wang: w"));
    }

    #[test]
    fn lists_in_every_usual_form_grow() {
        let grown = |list: &str| {
            let text = format!("---\r\ntitle: a\r\n{list}\r\n---\r\nb");
            let added = add(&text, "linked_tickets", "TS9").unwrap();
            let rest = added.strip_prefix("---\r\ntitle: a\r\n").unwrap();
            rest.strip_suffix("\r\n---\r\nb").unwrap().to_owned()
        };
        assert_eq!(grown("linked_tickets: []"), "linked_tickets: [TS9]");
        assert_eq!(grown("linked_tickets: [TS1, \"TS2\"] # x"), "linked_tickets: [TS1, \"TS2\", TS9] # x");
        assert_eq!(grown("linked_tickets:"), "linked_tickets: [TS9]");
        assert_eq!(grown("linked_tickets: TS1, TS2"), "linked_tickets: [TS1, TS2, TS9]");
        assert_eq!(grown("linked_tickets:\r\n    - TS1"), "linked_tickets:\r\n    - TS1\r\n    - TS9");
        assert_eq!(grown("owner: x"), "owner: x\r\nlinked_tickets: [TS9]");
    }

    #[test]
    fn what_is_unusual_is_refused() {
        for text in [
            "no front matter",
            "---\ntitle: [\n---\n",
            "---\nlinked_tickets: [TS1,\n  TS2]\n---\n",
            "---\nlinked_tickets: {a: b}\n---\n",
            "---\nlinked_tickets: &x [TS1]\nother: *x\n---\n",
            "---\n{title: a, linked_tickets: [TS1]}\n---\n",
            "---\na: 1\r\nb: 2\n---\n",
        ] {
            assert!(add(text, "linked_tickets", "TS9").is_err(), "{text:?}");
        }
        assert!(set("---\ntitle: |\n  a\n  b\n---\n", "title", "c").is_err());
    }
}
