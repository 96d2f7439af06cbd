//! A ticket's text: front matter, then the body word for word.

use std::collections::BTreeMap;
use std::ops::Range;

use serde::{Deserialize, Deserializer};
use serde_yaml::Value;

use super::{Intent, Ticket, TicketId};
use crate::yaml;

/// Beyond this a front matter is not read: YAML readers are slow on hostile input.
const MAX_FRONT_MATTER: usize = 256 * 1024;
/// Flow brackets inside brackets; 200 KB of nested `[` took the reader a minute.
const MAX_NESTING: usize = 32;

/// Why a file is no ticket, in words for the person who edited it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(super) enum FileError {
    #[error("it is not UTF-8 text; save it as UTF-8")]
    Encoding,
    #[error("it has no front matter; a ticket begins with a line `---` and its fields end at the next line `---`")]
    NoFrontMatter,
    #[error("its front matter is too large or too deeply nested to be read")]
    TooLarge,
    #[error("its front matter cannot be read: {what}")]
    Yaml { what: String, place: (u32, u32) },
    #[error("it says `id: {found}`; give it the number in its file's name")]
    OtherId { found: TicketId },
}

impl FileError {
    /// The reader counts the lines of the front matter, people those of the file.
    fn yaml(error: &serde_yaml::Error) -> Self {
        let text = error.to_string();
        let Some(at) = error.location() else { return Self::Yaml { what: text, place: (1, 0) } };
        let counted = format!(" at line {} column {}", at.line(), at.column());
        let what = text.replace(&counted, &format!(" at line {} column {}", at.line() + 1, at.column()));
        let number = |number: usize| u32::try_from(number).unwrap_or(u32::MAX);
        Self::Yaml { what, place: (number(at.line() + 1), number(at.column())) }
    }

    /// Line and column, from 1; a column of 0 is the whole line.
    pub(super) fn place(&self) -> (u32, u32) {
        match self {
            Self::Yaml { place, .. } => *place,
            _ => (1, 0),
        }
    }
}

/// The file's text of a ticket.
pub(super) fn write(ticket: &Ticket) -> Result<String, FileError> {
    let front = front(ticket).map_err(|error| FileError::yaml(&error))?;
    Ok(format!("---\n{}---\n\n{}\n", yaml::emit(&front), ticket.body))
}

/// The front matter as YAML: the fields, and the steps that people wrote into the history.
pub(super) fn front(ticket: &Ticket) -> Result<Value, serde_yaml::Error> {
    let mut front = serde_yaml::to_value(ticket)?;
    if let (Value::Mapping(fields), false) = (&mut front, ticket.intents.is_empty()) {
        let history = fields.entry("history".into()).or_insert_with(|| Value::Sequence(Vec::new()));
        if let Value::Sequence(history) = history {
            history.extend(ticket.intents.iter().map(Intent::to_value));
        }
    }
    Ok(front)
}

/// Reads the file of the ticket `id`.
pub(super) fn read(id: TicketId, bytes: &[u8]) -> Result<Ticket, FileError> {
    let text = std::str::from_utf8(bytes).map_err(|_| FileError::Encoding)?;
    let (yaml, body) = split(text).ok_or(FileError::NoFrontMatter)?;
    if yaml.len() > MAX_FRONT_MATTER || nesting(yaml) > MAX_NESTING {
        return Err(FileError::TooLarge);
    }
    let ticket = serde_yaml::from_str(yaml).or_else(|error| with_intents(yaml).ok_or(error));
    let mut ticket: Ticket = ticket.map_err(|error| FileError::yaml(&error))?;
    if ticket.id != id {
        return Err(FileError::OtherId { found: ticket.id });
    }
    ticket.body = body.to_owned();
    Ok(ticket)
}

/// A ticket whose history holds steps that a person wrote; rare, and so not in the way of all the others.
fn with_intents(yaml: &str) -> Option<Ticket> {
    let mut front = serde_yaml::from_str(yaml).ok()?;
    let intents = Intent::take(&mut front)?;
    let ticket: Ticket = serde_yaml::from_value(Value::Mapping(front)).ok()?;
    Some(Ticket { intents, ..ticket })
}

/// Front matter and body, as [`parts`] finds them.
fn split(text: &str) -> Option<(&str, &str)> {
    parts(text).map(|(yaml, body)| (&text[yaml], &text[body]))
}

/// Where the front matter and the body are. The body goes without the empty line before it and the end of its last line,
/// which [`write`] adds.
pub(super) fn parts(text: &str) -> Option<(Range<usize>, Range<usize>)> {
    let bom = text.len() - text.strip_prefix('\u{feff}').unwrap_or(text).len();
    let mut lines = text[bom..].split_inclusive('\n');
    let mut at = bom + lines.next().filter(|line| line.trim_end() == "---")?.len();
    let start = at;
    for line in lines {
        let end = at;
        at += line.len();
        if matches!(line.trim_end(), "---" | "...") {
            let rest = &text[at..];
            let body = rest.strip_prefix('\n').or_else(|| rest.strip_prefix("\r\n")).unwrap_or(rest);
            let from = text.len() - body.len();
            let body = body.strip_suffix('\n').map_or(body, |body| body.strip_suffix('\r').unwrap_or(body));
            return Some((start..end, from..from + body.len()));
        }
    }
    None
}

/// How deep flow brackets go, leaving out quoted values and block text, as far as this can be told without a parser.
/// A false alarm needs a person's unquoted text with dozens of open brackets: [`yaml::emit`] quotes every bracket.
fn nesting(yaml: &str) -> usize {
    let (mut depth, mut deepest, mut block) = (0usize, 0, None);
    for line in yaml.lines() {
        let indent = line.len() - line.trim_start().len();
        match block {
            Some(parent) if indent > parent || line.trim().is_empty() => continue,
            _ => block = None,
        }
        if line.trim_end().ends_with(['|', '>', '-', '+']) && line.contains([':', '|', '>']) {
            let value = line.rsplit(' ').next().unwrap_or("");
            if value.starts_with(['|', '>']) {
                block = Some(indent);
                continue;
            }
        }
        let mut quote = None;
        let mut escaped = false;
        for c in line.chars() {
            match (quote, c) {
                (Some('"'), '\\') if !escaped => escaped = true,
                (Some(open), c) if open == c && !escaped => quote = None,
                (Some(_), _) => escaped = false,
                (None, '"' | '\'') => quote = Some(c),
                (None, '[' | '{') => {
                    depth += 1;
                    deepest = deepest.max(depth);
                }
                (None, ']' | '}') => depth = depth.saturating_sub(1),
                (None, _) => {}
            }
        }
    }
    deepest
}

/// A string, also where a person left the quotes away: `asset_tag: 4711`, `assignee:` (empty).
pub(super) fn text<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    as_text(Value::deserialize(deserializer)?).ok_or_else(|| serde::de::Error::custom("expected text"))
}

/// A mapping of strings, as lenient as [`text`].
pub(super) fn texts<'de, D: Deserializer<'de>>(deserializer: D) -> Result<BTreeMap<String, String>, D::Error> {
    as_texts(Value::deserialize(deserializer)?).map_err(serde::de::Error::custom)
}

/// What [`texts`] reads.
pub(super) fn as_texts(value: Value) -> Result<BTreeMap<String, String>, String> {
    let map: Option<BTreeMap<String, Value>> = serde_yaml::from_value(value).map_err(|error| error.to_string())?;
    let one = |(key, value)| match as_text(value) {
        Some(text) => Ok((key, text)),
        None => Err(format!("expected text for `{key}`")),
    };
    map.unwrap_or_default().into_iter().map(one).collect()
}

fn as_text(value: Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text),
        Value::Null => Some(String::new()),
        Value::Bool(yes) => Some(yes.to_string()),
        Value::Number(number) => Some(number.to_string()),
        Value::Tagged(tagged) => as_text(tagged.value),
        Value::Sequence(_) | Value::Mapping(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn id() -> TicketId {
        "TS202611230001".parse().unwrap()
    }

    fn minimal() -> Ticket {
        read(id(), b"---\nid: TS202611230001\n---\n").unwrap()
    }

    #[test]
    fn tolerates_what_people_do_to_a_file() {
        let edited = "\u{feff}---\r\nid: TS202611230001\r\ntitle: 4711\r\nassignee:\r\nstatus: in_progress\r\n\
                      # a note of ours\r\nroom: 3.14\r\nfields: {asset_tag: 12}\r\n---\r\n\r\n正文\r\n";
        let ticket = read(id(), edited.as_bytes()).unwrap();
        assert_eq!((ticket.title.as_str(), ticket.assignee.as_str(), ticket.body.as_str()), ("4711", "", "正文"));
        assert_eq!(ticket.fields["asset_tag"], "12");
        assert_eq!(ticket.status, super::super::Status::InProgress);
        let kept = write(&ticket).unwrap();
        assert!(kept.contains("room: 3.14"), "{kept}");
    }

    #[test]
    fn says_what_is_wrong_with_a_file() {
        assert_eq!(read(id(), b"# just text"), Err(FileError::NoFrontMatter));
        assert_eq!(read(id(), b"\xff\xfe"), Err(FileError::Encoding));
        let other = read(id(), b"---\nid: TS202611230002\n---\n").unwrap_err();
        assert!(other.to_string().contains("TS202611230002"));
        assert!(matches!(
            read(id(), b"---\nid: TS202611230001\nstatus: lost\n---\n"),
            Err(FileError::Yaml { place: (3, _), .. })
        ));
    }

    #[test]
    fn deep_nesting_is_refused_at_once_but_brackets_in_text_are_not() {
        let deep = format!("---\nid: TS202611230001\nx: {}\n---\n", "[".repeat(100_000));
        assert_eq!(read(id(), deep.as_bytes()), Err(FileError::TooLarge));
        let lines = format!("---\nid: TS202611230001\nx:\n  {}\n---\n", "[\n  ".repeat(1_000));
        assert_eq!(read(id(), lines.as_bytes()), Err(FileError::TooLarge));
        let mut ticket = minimal();
        ticket.title = "[".repeat(200);
        ticket.trigger = format!("first\n{}", "{".repeat(500));
        assert_eq!(read(id(), write(&ticket).unwrap().as_bytes()), Ok(ticket));
    }

    proptest! {
        #[test]
        fn any_body_and_any_title_read_back_word_for_word(
            body in "(---\n|\\.\\.\\.\n|id: TS1\n|\r\n|\n|[ -~]|\\PC){0,30}",
            title in "\\PC{0,40}",
            note in "(---|\n|[\"'\\[{:#|> -]|\\PC){0,20}",
        ) {
            let mut ticket = minimal();
            ticket.title = title;
            ticket.trigger = note.clone();
            ticket.fields = BTreeMap::from([("error_message".to_owned(), note)]);
            ticket.body = body.strip_suffix('\r').unwrap_or(&body).to_owned();
            let text = write(&ticket).unwrap();
            prop_assert_eq!(read(id(), text.as_bytes()), Ok(ticket), "{}", text);
        }
    }
}
