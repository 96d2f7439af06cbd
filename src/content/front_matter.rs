//! Front matter: YAML read key by key, so that one broken line costs one key and names its place.

use jiff::civil::Date;
use serde_yaml::Value;

use crate::diagnostic::{Diagnostic, nearest};
use crate::source::Source;

/// Brackets nested deeper than this are refused: nested `[` is quadratic in the YAML reader (RELIABILITY.md).
const MAX_DEPTH: usize = 16;

/// The keys of one document, with where each stands.
pub(super) struct FrontMatter<'a> {
    path: &'a str,
    entries: Vec<Entry>,
    /// Something in here could not be read.
    pub(super) broken: bool,
}

struct Entry {
    key: String,
    line: u32,
    value: Value,
}

impl<'a> FrontMatter<'a> {
    /// Reads every key it can; what it cannot read is in `diagnostics`.
    pub(super) fn parse(path: &'a str, source: &Source, diagnostics: &mut Vec<Diagnostic>) -> Self {
        let mut front = Self { path, entries: Vec::new(), broken: false };
        let before = diagnostics.iter().filter(|found| found.severity == crate::diagnostic::Severity::Error).count();
        for (line, chunk) in chunks(path, source, diagnostics) {
            front.entry(line, &chunk, diagnostics);
        }
        let after = diagnostics.iter().filter(|found| found.severity == crate::diagnostic::Severity::Error).count();
        front.broken = after > before;
        front
    }

    fn entry(&mut self, line: u32, chunk: &str, diagnostics: &mut Vec<Diagnostic>) {
        let Some((key, value)) = read_entry(self.path, line, chunk, diagnostics) else { return };
        if let Some(first) = self.entries.iter().find(|entry| entry.key == key) {
            let message = format!("`{key}` is there twice; the first one, on line {}, counts", first.line);
            diagnostics
                .push(Diagnostic::warning("HM007", self.path, message).at((line, 1)).hint("remove one of the two"));
            return;
        }
        self.entries.push(Entry { key, line, value });
    }

    fn get(&self, key: &str) -> Option<&Entry> {
        self.entries.iter().find(|entry| entry.key == key && !entry.value.is_null())
    }

    /// Whether any key starts with `prefix`.
    pub(super) fn has_prefix(&self, prefix: &str) -> bool {
        self.entries.iter().any(|entry| entry.key.starts_with(prefix))
    }

    /// The line of a key, or of the file's start.
    pub(super) fn line(&self, key: &str) -> u32 {
        self.get(key).map_or(1, |entry| entry.line)
    }

    fn wrong(&self, entry: &Entry, expected: &str, example: &str) -> Diagnostic {
        let message = format!("`{}` must be {expected}, but is {}", entry.key, name_of(&entry.value));
        Diagnostic::error("HM008", self.path, message).at((entry.line, 1)).hint(format!("for example `{example}`"))
    }

    /// A line of text. Numbers and booleans are taken as they are written.
    pub(super) fn text(&self, key: &str, diagnostics: &mut Vec<Diagnostic>) -> Option<String> {
        let entry = self.get(key)?;
        let text = scalar(&entry.value).or_else(|| {
            diagnostics.push(self.wrong(entry, "text", &format!("{key}: some words")));
            first_scalar(&entry.value)
        })?;
        let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
        (!text.is_empty()).then_some(text)
    }

    /// A list of texts. A single text is split at commas.
    pub(super) fn list(&self, key: &str, diagnostics: &mut Vec<Diagnostic>) -> Vec<String> {
        let Some(entry) = self.get(key) else { return Vec::new() };
        let mut items: Vec<String> = match &entry.value {
            Value::Sequence(items) => {
                if items.iter().any(|item| scalar(item).is_none() && !item.is_null()) {
                    diagnostics.push(self.wrong(entry, "a list of texts", &format!("{key}: [one, two]")));
                }
                items.iter().filter_map(scalar).collect()
            }
            Value::Mapping(_) | Value::Tagged(_) => {
                diagnostics.push(self.wrong(entry, "a list of texts", &format!("{key}: [one, two]")));
                Vec::new()
            }
            value => scalar(value).unwrap_or_default().split([',', '，', '、']).map(str::to_owned).collect(),
        };
        for item in &mut items {
            *item = item.trim().to_owned();
        }
        items.retain(|item| !item.is_empty());
        let mut seen = std::collections::HashSet::new();
        items.retain(|item| seen.insert(item.clone()));
        items
    }

    /// A calendar date. Other forms than ISO 8601's are understood, and named.
    pub(super) fn date(&self, key: &str, diagnostics: &mut Vec<Diagnostic>) -> Option<Date> {
        let entry = self.get(key)?;
        let text = scalar(&entry.value);
        if let Some(date) = text.as_deref().and_then(|text| text.parse::<Date>().ok()) {
            return Some(date);
        }
        match text.as_deref().and_then(lenient_date) {
            Some(date) => {
                let message = format!("`{key}` is written `{}`, read as {date}", text.unwrap_or_default());
                let diagnostic = Diagnostic::warning("HM009", self.path, message).at((entry.line, 1));
                diagnostics.push(diagnostic.hint(format!("write `{key}: {date}`")));
                Some(date)
            }
            None => {
                diagnostics.push(self.wrong(entry, "a date (YYYY-MM-DD)", &format!("{key}: 2026-11-23")));
                None
            }
        }
    }

    pub(super) fn flag(&self, key: &str, diagnostics: &mut Vec<Diagnostic>) -> bool {
        let Some(entry) = self.get(key) else { return false };
        match &entry.value {
            Value::Bool(flag) => *flag,
            Value::String(text) if matches!(text.as_str(), "yes" | "on" | "True" | "TRUE") => true,
            Value::String(text) if matches!(text.as_str(), "no" | "off" | "False" | "FALSE") => false,
            _ => {
                diagnostics.push(self.wrong(entry, "true or false", &format!("{key}: true")));
                false
            }
        }
    }

    pub(super) fn integer(&self, key: &str, diagnostics: &mut Vec<Diagnostic>) -> i32 {
        let Some(entry) = self.get(key) else { return 0 };
        let number = entry.value.as_i64().and_then(|number| i32::try_from(number).ok());
        number.unwrap_or_else(|| {
            diagnostics.push(self.wrong(entry, "a whole number", &format!("{key}: 10")));
            0
        })
    }

    /// One of a few words. `Err` when the key is there with another value, which is an error in `diagnostics`.
    pub(super) fn choice<T: Copy>(
        &self,
        key: &str,
        choices: &[(&str, T)],
        diagnostics: &mut Vec<Diagnostic>,
    ) -> Result<Option<T>, ()> {
        let Some(entry) = self.get(key) else { return Ok(None) };
        let text = scalar(&entry.value).unwrap_or_default();
        if let Some((_, value)) = choices.iter().find(|(name, _)| *name == text.trim()) {
            return Ok(Some(*value));
        }
        let known: Vec<&str> = choices.iter().map(|(name, _)| *name).collect();
        let message = format!("`{key}` is `{text}`, which is not one of {}", known.join(", "));
        let hint = nearest(&text, known.iter().copied())
            .map_or_else(|| format!("write one of {}", known.join(", ")), |near| format!("did you mean `{near}`?"));
        diagnostics.push(Diagnostic::error("HM010", self.path, message).at((entry.line, 1)).hint(hint));
        Err(())
    }

    /// Notes every key that is not one of `known`, with the nearest known one.
    pub(super) fn note_unknown(&self, known: &[&str], diagnostics: &mut Vec<Diagnostic>) {
        for entry in self.entries.iter().filter(|entry| !known.contains(&entry.key.as_str())) {
            let message = format!("unknown key `{}`", entry.key);
            let mut diagnostic = Diagnostic::note("HM011", self.path, message).at((entry.line, 1));
            if let Some(near) = nearest(&entry.key, known.iter().copied()) {
                diagnostic = diagnostic.hint(format!("did you mean `{near}`?"));
            }
            diagnostics.push(diagnostic);
        }
    }
}

/// The text of each top-level key, with the line it starts on.
fn chunks(path: &str, source: &Source, diagnostics: &mut Vec<Diagnostic>) -> Vec<(u32, String)> {
    let mut chunks: Vec<(u32, String)> = Vec::new();
    for (line, text) in (source.front_line..).zip(source.front.lines()) {
        if is_conflict_marker(text) {
            let message = "a merge conflict was left in the front matter";
            diagnostics.push(
                Diagnostic::error("HM012", path, message)
                    .at((line, 1))
                    .hint("keep one of the two sides and remove the markers"),
            );
        } else if starts_key(text) {
            chunks.push((line, text.to_owned()));
        } else if let Some((_, chunk)) = chunks.last_mut() {
            chunk.push('\n');
            chunk.push_str(text);
        } else if !text.trim().is_empty() && !text.trim_start().starts_with('#') {
            let message = format!("`{}` is not a key and a value", text.trim().chars().take(40).collect::<String>());
            diagnostics.push(Diagnostic::error("HM013", path, message).at((line, 1)).hint("write `key: value`"));
        }
    }
    chunks
}

/// `<<<<<<<`, `=======` or `>>>>>>>` at the start of a line, as git leaves them.
pub(super) fn is_conflict_marker(line: &str) -> bool {
    line.starts_with("<<<<<<< ") || line.starts_with(">>>>>>> ") || line.trim_end() == "======="
}

fn starts_key(line: &str) -> bool {
    let Some(first) = line.chars().next() else { return false };
    if first.is_whitespace() || matches!(first, '#' | '-' | '[' | ']' | '{' | '}' | ',') {
        return false;
    }
    line.find(':').is_some_and(|at| matches!(line[at + 1..].chars().next(), None | Some(' ' | '\t' | '\u{a0}')))
}

fn read_entry(path: &str, line: u32, chunk: &str, diagnostics: &mut Vec<Diagnostic>) -> Option<(String, Value)> {
    if depth(chunk) > MAX_DEPTH {
        let message = format!("brackets are nested more than {MAX_DEPTH} deep");
        diagnostics.push(Diagnostic::error("HM013", path, message).at((line, 1)).hint("put the value in quotes"));
        return None;
    }
    match serde_yaml::from_str::<Value>(chunk) {
        Ok(Value::Mapping(mapping)) if mapping.len() == 1 => {
            let (key, value) = mapping.into_iter().next()?;
            let key = scalar(&key)?;
            let value = match comment_in_text(&key, chunk) {
                Some(full) => {
                    let message = format!("YAML reads what follows ` #` in `{key}` as a comment; it is kept");
                    let hint = "put the value in quotes";
                    diagnostics.push(Diagnostic::warning("HM014", path, message).at((line, 1)).hint(hint));
                    Value::String(full)
                }
                None => value,
            };
            Some((key, value))
        }
        outcome => {
            let (place, problem) = match &outcome {
                Err(error) => {
                    let at = error
                        .location()
                        .map_or((line, 1), |at| (line + at.line().max(1) as u32 - 1, at.column() as u32));
                    (at, without_place(&error.to_string()))
                }
                Ok(_) => ((line, 1), "expected one key and its value".to_owned()),
            };
            let hint = match () {
                () if chunk.contains('\t') => "YAML does not allow tabs here: use spaces",
                () if chunk.contains(['“', '”', '‘', '’']) => {
                    "use straight quotes, or put the value in straight quotes"
                }
                () => "put the value in double quotes",
            };
            diagnostics.push(Diagnostic::error("HM013", path, format!("YAML: {problem}")).at(place).hint(hint));
            let (key, rest) = chunk.lines().next()?.split_once(':')?;
            let text = rest.trim().trim_matches(['"', '\'']).to_owned();
            (!text.is_empty()).then(|| (key.trim().to_owned(), Value::String(text)))
        }
    }
}

/// The whole text of a one-line plain `title` or `summary` that YAML cuts at ` #`.
fn comment_in_text(key: &str, chunk: &str) -> Option<String> {
    if !matches!(key, "title" | "summary") {
        return None;
    }
    let (_, value) = chunk.lines().next()?.split_once(':')?;
    let value = value.trim();
    (!value.starts_with(['"', '\'', '|', '>', '#']) && value.contains(" #")).then(|| value.to_owned())
}

fn depth(text: &str) -> usize {
    let (mut depth, mut deepest) = (0usize, 0);
    for byte in text.bytes() {
        match byte {
            b'[' | b'{' => depth += 1,
            b']' | b'}' => depth = depth.saturating_sub(1),
            _ => {}
        }
        deepest = deepest.max(depth);
    }
    deepest
}

/// The reader's message without its own ` at line 1 column 2`, which counts from the key.
fn without_place(message: &str) -> String {
    message.split(" at line ").next().unwrap_or(message).to_owned()
}

fn scalar(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(flag) => Some(flag.to_string()),
        _ => None,
    }
}

fn first_scalar(value: &Value) -> Option<String> {
    match value {
        Value::Sequence(items) => items.iter().find_map(scalar),
        _ => None,
    }
}

fn name_of(value: &Value) -> &'static str {
    match value {
        Value::Null => "empty",
        Value::Bool(_) => "true or false",
        Value::Number(_) => "a number",
        Value::String(_) => "another text",
        Value::Sequence(_) => "a list",
        Value::Mapping(_) => "a table of keys",
        Value::Tagged(_) => "a tagged value",
    }
}

/// `2024/5/1`, `05/01/2024` (month first, as Microsoft's articles write it), `2024年5月1日`, `2024-05-01T08:00:00`.
fn lenient_date(text: &str) -> Option<Date> {
    let numbers: Vec<i16> = text
        .split(|c: char| !c.is_ascii_digit())
        .filter(|part| !part.is_empty())
        .filter_map(|part| part.parse().ok())
        .collect();
    let day =
        |year: i16, month: i16, day: i16| Date::new(year, i8::try_from(month).ok()?, i8::try_from(day).ok()?).ok();
    match numbers[..] {
        [year, month, date, ..] if year >= 1000 => day(year, month, date),
        [month, date, year] if year >= 1000 => day(year, month, date).or_else(|| day(year, date, month)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(front: &str, check: impl Fn(&FrontMatter<'_>, &mut Vec<Diagnostic>)) -> Vec<Diagnostic> {
        let source = Source { front: front.to_owned(), front_line: 2, ..Source::default() };
        let mut diagnostics = Vec::new();
        let front = FrontMatter::parse("x.md", &source, &mut diagnostics);
        check(&front, &mut diagnostics);
        diagnostics
    }

    #[test]
    fn one_broken_line_costs_one_key() {
        let found = parse("title: Error: it broke\ntags: [a, b]\n", |front, found| {
            assert_eq!(front.text("title", found).as_deref(), Some("Error: it broke"));
            assert_eq!(front.list("tags", found), ["a", "b"]);
        });
        assert_eq!(found.len(), 1);
        assert_eq!((found[0].code, found[0].line), ("HM013", 2));
    }

    #[test]
    fn wrong_types_are_named_with_their_line() {
        let found = parse("pinned: perhaps\ntitle:\n  - a\nupdated: soon\n", |front, found| {
            assert!(!front.flag("pinned", found));
            assert_eq!(front.text("title", found).as_deref(), Some("a"));
            assert_eq!(front.date("updated", found), None);
        });
        assert_eq!(found.iter().map(|d| d.line).collect::<Vec<_>>(), [2, 3, 5]);
    }

    #[test]
    fn dates_are_read_as_people_write_them() {
        for text in ["2024-05-01", "2024/5/1", "05/01/2024", "2024年5月1日", "\"2024-05-01T08:00:00Z\""] {
            let found = parse(&format!("updated: {text}\n"), |front, found| {
                assert_eq!(front.date("updated", found), Some(jiff::civil::date(2024, 5, 1)), "{text}");
            });
            assert!(found.len() <= 1, "{found:?}");
        }
    }

    #[test]
    fn deep_nesting_is_refused_at_once() {
        let found = parse(&format!("title: {}\n", "[".repeat(60_000)), |front, found| {
            assert_eq!(front.text("title", found), None);
        });
        assert_eq!(found[0].code, "HM013");
    }

    #[test]
    fn duplicate_and_unknown_keys_are_named() {
        let found = parse("title: a\ntitle: b\ntilte: c\n", |front, found| {
            assert_eq!(front.text("title", found).as_deref(), Some("a"));
            front.note_unknown(&["title", "tags"], found);
        });
        assert_eq!(found.iter().map(|d| d.code).collect::<Vec<_>>(), ["HM007", "HM011"]);
        assert_eq!(found[1].hint.as_deref(), Some("did you mean `title`?"));
    }
}
