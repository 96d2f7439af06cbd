//! Front matter as other generators write it: YAML, TOML or JSON, to keys and values in their order.

use serde_yaml::{Mapping, Value};

use super::text::Text;

/// A document's front matter and body.
#[derive(Debug, Default)]
pub(super) struct Parts {
    pub(super) front: Mapping,
    /// The 1-based line of each key.
    lines: Vec<(String, u32)>,
    pub(super) body: Text,
    /// What was mended on the way: the line, and what is wrong there.
    pub(super) mended: Vec<(u32, String)>,
}

impl Parts {
    pub(super) fn line_of(&self, key: &str) -> u32 {
        self.lines.iter().find(|(name, _)| name == key).map_or(1, |(_, line)| *line)
    }
}

/// Splits a document. `Err` with line and reason when its front matter cannot be read as a whole.
pub(super) fn split(text: &str) -> Result<Parts, (u32, String)> {
    let start = text.len() - text.trim_start().len();
    let blank = count(&text[..start]);
    let rest = &text[start..];
    for (fence, closing) in [("---", &["---", "..."][..]), ("+++", &["+++"][..])] {
        let first = rest.split('\n').next().unwrap_or_default();
        if first.trim_end() != fence {
            continue;
        }
        let Some((front, body)) = until(&rest[(first.len() + 1).min(rest.len())..], closing) else {
            // A line of hyphens without a second one is a rule; `+++` is nothing but a fence.
            if fence == "---" {
                break;
            }
            return Err((blank + 1, "its front matter has no closing `+++`".to_owned()));
        };
        let first_line = blank + 2;
        let body = Text::new(body, first_line + count(front) + 1);
        return if fence == "---" { Ok(yaml(front, first_line, body)) } else { toml(front, first_line, body) };
    }
    if rest.starts_with('{') && rest[1..].trim_start().starts_with('"') {
        return json(rest, blank + 1);
    }
    Ok(Parts { body: Text::new(text, 1), ..Parts::default() })
}

fn count(text: &str) -> u32 {
    u32::try_from(text.matches('\n').count()).unwrap_or(u32::MAX)
}

/// The text up to the first line that is one of `closing`, and the text after that line.
fn until<'a>(text: &'a str, closing: &[&str]) -> Option<(&'a str, &'a str)> {
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        if closing.contains(&line.trim_end()) {
            return Some((&text[..at], &text[at + line.len()..]));
        }
        at += line.len();
    }
    None
}

/// Key by key, so that one that is wrong costs itself alone.
fn yaml(front: &str, first: u32, body: Text) -> Parts {
    let mut parts = Parts { body, ..Parts::default() };
    let mut chunks: Vec<(u32, String)> = Vec::new();
    for (line, number) in front.lines().zip(first..) {
        let starts = line.chars().next().is_some_and(|c| !c.is_whitespace() && !"#-[]{},".contains(c));
        let key = line.find(':').is_some_and(|at| matches!(line[at + 1..].chars().next(), None | Some(' ' | '\t')));
        match chunks.last_mut() {
            Some((_, chunk)) if !(starts && key) => {
                chunk.push('\n');
                chunk.push_str(line);
            }
            _ if starts && key => chunks.push((number, line.to_owned())),
            _ if line.trim().is_empty() || line.trim_start().starts_with('#') => {}
            _ => parts.mended.push((number, format!("`{}` is no key and value; it was left out", line.trim()))),
        }
    }
    for (line, chunk) in chunks {
        let (key, value) = match serde_yaml::from_str::<Value>(&chunk) {
            Ok(Value::Mapping(map)) if map.len() == 1 => {
                let Some((key, value)) = map.into_iter().next() else { continue };
                (plain(&key).unwrap_or_default(), untagged(value))
            }
            outcome => {
                let why = outcome.err().map_or_else(String::new, |error| format!(": {error}"));
                let (key, text) = chunk.split_once(':').unwrap_or((&chunk, ""));
                parts
                    .mended
                    .push((line, format!("the value of `{}` is no YAML and was read as text{why}", key.trim())));
                (key.trim().to_owned(), text.trim().trim_matches(['"', '\'']).into())
            }
        };
        if parts.front.contains_key(key.as_str()) {
            parts.mended.push((line, format!("`{key}` is there twice; the first one counts")));
            continue;
        }
        parts.lines.push((key.clone(), line));
        parts.front.insert(key.into(), value);
    }
    parts
}

fn toml(front: &str, first: u32, body: Text) -> Result<Parts, (u32, String)> {
    let table: toml::Table = front.parse().map_err(|error: toml::de::Error| {
        let at = error.span().map_or(0, |span| count(&front[..span.start.min(front.len())]));
        (first + at, format!("its TOML cannot be read: {}", error.message()))
    })?;
    let front_lines: Vec<_> = front.lines().zip(first..).collect();
    let mut pairs: Vec<(String, u32, Value)> = Vec::new();
    for (key, value) in table {
        let starts = |line: &str| {
            let line = line.trim_start_matches(['[', ' ', '"']);
            line.strip_prefix(key.as_str()).is_some_and(|rest| rest.starts_with([' ', '=', ']', '.', '"']))
        };
        let line = front_lines.iter().find(|(line, _)| starts(line)).map_or(first, |(_, number)| *number);
        pairs.push((key, line, of_toml(value)));
    }
    // TOML's reader sorts by name; people's order is that of their lines.
    pairs.sort_by_key(|(_, line, _)| *line);
    Ok(of_pairs(pairs, body))
}

fn json(rest: &str, first: u32) -> Result<Parts, (u32, String)> {
    let mut stream = serde_json::Deserializer::from_str(rest).into_iter::<serde_json::Map<String, serde_json::Value>>();
    let map = match stream.next() {
        Some(Ok(map)) => map,
        Some(Err(error)) => {
            let line = first + u32::try_from(error.line().max(1) - 1).unwrap_or(0);
            return Err((line, format!("its JSON cannot be read: {error}")));
        }
        None => return Err((first, "its JSON is empty".to_owned())),
    };
    let end = stream.byte_offset();
    let body = rest[end..].strip_prefix('\n').unwrap_or(&rest[end..]);
    let body_line = first + count(&rest[..rest.len() - body.len()]);
    let pairs = map.into_iter().map(|(key, value)| {
        let line = rest[..end].find(&format!("\"{key}\"")).map_or(first, |at| first + count(&rest[..at]));
        (key, line, serde_yaml::to_value(value).unwrap_or(Value::Null))
    });
    Ok(of_pairs(pairs.collect(), Text::new(body, body_line)))
}

fn of_pairs(pairs: Vec<(String, u32, Value)>, body: Text) -> Parts {
    let lines = pairs.iter().map(|(key, line, _)| (key.clone(), *line)).collect();
    let front = pairs.into_iter().map(|(key, _, value)| (Value::from(key), value)).collect();
    Parts { front, lines, body, mended: Vec::new() }
}

fn of_toml(value: toml::Value) -> Value {
    match value {
        toml::Value::String(text) => text.into(),
        toml::Value::Integer(number) => number.into(),
        toml::Value::Float(number) => number.into(),
        toml::Value::Boolean(yes) => yes.into(),
        toml::Value::Datetime(at) => at.to_string().into(),
        toml::Value::Array(items) => Value::Sequence(items.into_iter().map(of_toml).collect()),
        toml::Value::Table(table) => {
            Value::Mapping(table.into_iter().map(|(key, value)| (Value::from(key), of_toml(value))).collect())
        }
    }
}

fn untagged(value: Value) -> Value {
    match value {
        Value::Tagged(tagged) => untagged(tagged.value),
        other => other,
    }
}

/// A single value as text.
pub(super) fn plain(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.trim().to_owned()).filter(|text| !text.is_empty()),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(yes) => Some(yes.to_string()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keys(parts: &Parts) -> Vec<String> {
        parts.front.keys().filter_map(plain).collect()
    }

    #[test]
    fn the_three_forms_say_the_same() {
        let forms = [
            "---\ntitle: A\nweight: 3\ntags:\n- x\n---\nbody\n",
            "+++\ntitle = 'A'\nweight = 3\ntags = ['x']\n+++\nbody\n",
            "{\n  \"title\": \"A\", \"weight\": 3,\n  \"tags\": [\"x\"]\n}\nbody\n",
        ];
        for form in forms {
            let parts = split(form).unwrap();
            assert_eq!(keys(&parts), ["title", "weight", "tags"], "{form}");
            assert_eq!((parts.body.text.as_str(), parts.front.get("weight").unwrap().as_i64()), ("body\n", Some(3)));
            let body_line = 1 + u32::try_from(form[..form.find("body").unwrap()].matches('\n').count()).unwrap();
            assert_eq!(parts.body.origin(0), body_line, "{form}");
        }
    }

    #[test]
    fn what_is_wrong_in_yaml_costs_its_key_alone() {
        let parts = split("---\ntitle: Error: it broke\ntags: [a]\ntitle: B\n---\nx").unwrap();
        assert_eq!(plain(parts.front.get("title").unwrap()).unwrap(), "Error: it broke");
        assert_eq!(parts.mended.iter().map(|(line, _)| *line).collect::<Vec<_>>(), [2, 4]);
        assert_eq!(parts.line_of("tags"), 3);
    }

    #[test]
    fn what_cannot_be_read_names_its_line() {
        assert_eq!(split("+++\ntitle = 'a'\ntags = [\n+++\nx").unwrap_err().0, 3);
        assert_eq!(split("{\n\"title\": ,\n}").unwrap_err().0, 2);
        assert_eq!(split("---\n\nA rule.\n").unwrap().body.text, "---\n\nA rule.\n");
    }
}
