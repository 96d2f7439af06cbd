//! Front matter: YAML read key by key, so that one broken line costs one key and names its place.

use jiff::civil::Date;
use serde_yaml::Value;

use super::entry::{chunks, read_entry, value_in, within_smart_quotes};
use crate::diagnostic::{Diagnostic, nearest};
use crate::source::Source;

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
    /// The first line of the value: its column, its characters, and what it says.
    column: u32,
    length: usize,
    written: String,
    value: Value,
}

impl<'a> FrontMatter<'a> {
    /// Reads every key it can; what it cannot read is in `diagnostics`.
    pub(super) fn parse(path: &'a str, source: &Source, diagnostics: &mut Vec<Diagnostic>) -> Self {
        let mut front = Self { path, entries: Vec::new(), broken: false };
        let before = diagnostics.iter().filter(|found| found.severity == crate::diagnostic::Severity::Error).count();
        let told = diagnostics.len();
        let chunks = chunks(path, source, diagnostics);
        // Both sides of a merge conflict have the key.
        let conflict = diagnostics[told..].iter().any(|found| found.code == "HM012");
        for (line, chunk) in chunks {
            front.entry(line, &chunk, conflict, diagnostics);
        }
        let after = diagnostics.iter().filter(|found| found.severity == crate::diagnostic::Severity::Error).count();
        front.broken = after > before;
        front
    }

    fn entry(&mut self, line: u32, chunk: &str, conflict: bool, diagnostics: &mut Vec<Diagnostic>) {
        let Some((key, value)) = read_entry(self.path, line, chunk, diagnostics) else { return };
        if let Some(first) = self.entries.iter().find(|entry| entry.key == key) {
            if conflict {
                return;
            }
            let message = format!("`{key}` is there twice; the first one, on line {}, counts", first.line);
            let diagnostic = Diagnostic::warning("HM007", self.path, message).at((line, 1)).over(key.chars().count());
            diagnostics.push(diagnostic.hint("remove one of the two"));
            return;
        }
        let first = chunk.lines().next().unwrap_or_default();
        let (start, length) = value_in(first);
        let written = first[start..].chars().take(length).collect();
        let column = u32::try_from(first[..start].chars().count() + 1).unwrap_or(1);
        self.entries.push(Entry { key, line, column, length, written, value });
        self.note_smart_quotes(diagnostics);
    }

    /// Typographic quotes around a whole value are part of it. Around Chinese words they may be meant.
    fn note_smart_quotes(&self, diagnostics: &mut Vec<Diagnostic>) {
        let Some(entry) = self.entries.last() else { return };
        let Value::String(text) = &entry.value else { return };
        let Some(inner) = within_smart_quotes(text).filter(|inner| inner.is_ascii()) else { return };
        let message = format!("the typographic quotes around `{}` are part of its value", entry.key);
        let diagnostic = self.at_value(Diagnostic::warning("HM037", self.path, message), entry);
        let diagnostic = diagnostic.instead(found(entry), format!("{inner} or \"{inner}\""));
        diagnostics.push(diagnostic.hint("write straight quotes, or none"));
    }

    fn get(&self, key: &str) -> Option<&Entry> {
        self.entries.iter().find(|entry| entry.key == key && !entry.value.is_null())
    }

    /// Whether the key is there and says something.
    pub(super) fn has(&self, key: &str) -> bool {
        self.get(key).is_some()
    }

    /// Whether any key starts with `prefix`.
    pub(super) fn has_prefix(&self, prefix: &str) -> bool {
        self.entries.iter().any(|entry| entry.key.starts_with(prefix))
    }

    /// The place of a key's value, or the file's first line.
    pub(super) fn place(&self, key: &str) -> (u32, u32) {
        self.get(key).map_or((1, 1), |entry| (entry.line, entry.column))
    }

    /// Puts a finding at the value of a key, or at the file's first line.
    pub(super) fn at_key(&self, key: &str, diagnostic: Diagnostic) -> Diagnostic {
        match self.get(key) {
            Some(entry) => self.at_value(diagnostic, entry),
            None => diagnostic.at((1, 1)),
        }
    }

    fn wrong(&self, entry: &Entry, expected: &str, example: &str) -> Diagnostic {
        let message = format!("`{}` must be {expected}, but is {}", entry.key, name_of(&entry.value));
        let diagnostic = self.at_value(Diagnostic::error("HM008", self.path, message), entry);
        diagnostic.instead(found(entry), expected).hint(format!("for example `{example}`"))
    }

    fn at_value(&self, diagnostic: Diagnostic, entry: &Entry) -> Diagnostic {
        diagnostic.at((entry.line, entry.column)).over(entry.length)
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
                    let mut wrong = self.wrong(entry, "a list of texts", &format!("{key}: [one, two]"));
                    // The list within the list.
                    let inner = |c: &(usize, char)| matches!(c.1, '[' | '{');
                    if let Some((at, _)) = entry.written.chars().enumerate().skip(1).find(inner) {
                        wrong = wrong.at((entry.line, entry.column.saturating_add(u32::try_from(at).unwrap_or(0))));
                    }
                    diagnostics.push(wrong);
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
                let diagnostic = self.at_value(Diagnostic::warning("HM009", self.path, message), entry);
                let diagnostic = diagnostic.instead(found(entry), "a date (YYYY-MM-DD)");
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
        let diagnostic = self.at_value(Diagnostic::error("HM010", self.path, message), entry);
        diagnostics.push(diagnostic.instead(found(entry), known.join(", ")).hint(hint));
        Err(())
    }

    /// Notes every key that is not one of `known`, with the nearest known one.
    pub(super) fn note_unknown(&self, known: &[&str], diagnostics: &mut Vec<Diagnostic>) {
        for entry in self.entries.iter().filter(|entry| !known.contains(&entry.key.as_str())) {
            let message = format!("unknown key `{}`", entry.key);
            let mut diagnostic =
                Diagnostic::note("HM011", self.path, message).at((entry.line, 1)).over(entry.key.chars().count());
            // `ms.author` is another tool's key, and no `author` misspelt.
            if let Some(near) = nearest(&entry.key, known.iter().copied()).filter(|_| !entry.key.contains('.')) {
                diagnostic = diagnostic.hint(format!("did you mean `{near}`?"));
            }
            diagnostics.push(diagnostic);
        }
    }
}

/// What is written there, cut when it is long; for a value below its key, what kind of thing it is.
fn found(entry: &Entry) -> String {
    match (entry.column, entry.written.chars().count()) {
        (1, _) => name_of(&entry.value).to_owned(),
        (_, ..=80) => entry.written.clone(),
        _ => format!("{}…", entry.written.chars().take(80).collect::<String>()),
    }
}

pub(super) fn scalar(value: &Value) -> Option<String> {
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

/// A date in another form than ISO 8601's that can mean one day only: where it is not known whether the month comes
/// first, there is none.
pub(crate) fn certain_date(text: &str) -> Option<Date> {
    let numbers: Vec<u32> = text
        .split(|c: char| !c.is_ascii_digit())
        .filter(|part| !part.is_empty())
        .filter_map(|it| it.parse().ok())
        .collect();
    let certain = match numbers[..] {
        [year, _, _] if year >= 1000 => true,
        [first, second, year] if year >= 1000 => first == second || first.max(second) > 12,
        _ => false,
    };
    lenient_date(text).filter(|_| certain)
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
    fn what_is_not_closed_is_told_where_it_opens() {
        let found = |front: &str| {
            let found = parse(front, |front, found| drop(front.list("keywords", found)));
            let [found] = &found[..] else { panic!("{front}: {found:?}") };
            ((found.line, found.column), found.hint.clone().unwrap())
        };
        assert_eq!(found("keywords: [a, b\n"), ((2, 11), "close it with `]`".to_owned()));
        assert_eq!(found("keywords: \"a, b\n"), ((2, 11), "close it with `\"`".to_owned()));
        let (place, hint) = found("keywords: [a #b]\n");
        assert!(place == (2, 13) && hint.contains("comment"), "{place:?} {hint}");
        assert_eq!(found("keywords: [a, [b]]\n").0, (2, 15));
    }

    #[test]
    fn a_conflict_is_one_mistake() {
        let found = parse("title: a\n<<<<<<< HEAD\ntags: [b]\n=======\ntags: [c]\n>>>>>>> x\n", |_, _| {});
        assert_eq!(found.iter().map(|d| d.code).collect::<std::collections::BTreeSet<_>>().len(), 1, "{found:?}");
    }

    #[test]
    fn duplicate_and_unknown_keys_are_named() {
        let found = parse("title: a\ntitle: b\ntilte: c\nms.tags: d\n", |front, found| {
            assert_eq!(front.text("title", found).as_deref(), Some("a"));
            front.note_unknown(&["title", "tags"], found);
        });
        assert_eq!(found.iter().map(|d| d.code).collect::<Vec<_>>(), ["HM007", "HM011", "HM011"]);
        assert_eq!(found[1].hint.as_deref(), Some("did you mean `title`?"));
        assert_eq!(found[2].hint, None);
    }
}
