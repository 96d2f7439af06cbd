//! The lines of front matter: which key each belongs to, and what one key's lines say.

use serde_yaml::Value;

use super::front_matter::scalar;
use crate::diagnostic::Diagnostic;
use crate::source::Source;

/// Brackets nested deeper than this are refused: nested `[` is quadratic in the YAML reader (RELIABILITY.md).
const MAX_DEPTH: usize = 16;

/// The text of each top-level key, with the line it starts on.
pub(super) fn chunks(path: &str, source: &Source, diagnostics: &mut Vec<Diagnostic>) -> Vec<(u32, String)> {
    let mut chunks: Vec<(u32, String)> = Vec::new();
    // All of them are one mistake.
    let mut indented: Option<(Diagnostic, usize)> = None;
    let lines = source.front.lines();
    let all = indent_of_all(lines.clone());
    for (line, text) in (source.front_line..).zip(lines.map(|text| text.get(all..).unwrap_or_default())) {
        if is_conflict_marker(text) {
            let message = "a merge conflict was left in the front matter";
            diagnostics.push(
                Diagnostic::error("HM012", path, message)
                    .at((line, 1))
                    .hint("keep one of the two sides and remove the markers"),
            );
        } else if starts_key(text) {
            chunks.push((line, text.to_owned()));
        } else if let Some(key) = stray_key(text, chunks.last().map(|(_, last)| last.as_str())) {
            let indent = text.len() - text.trim_start().len();
            let message = format!("the key `{key}` is indented, but belongs to no key above it");
            let first = || Diagnostic::error("HM013", path, message).at((line, 1)).over(indent);
            indented.get_or_insert_with(|| (first(), 0)).1 += 1;
            chunks.push((line, text.trim_start().to_owned()));
        } else if let Some(colon) = narrow_colon(text).filter(|_| !chunks.last().is_some_and(|(_, it)| is_open(it))) {
            let (key, value) = text.split_at(colon);
            let column = u32::try_from(key.chars().count() + 1).unwrap_or(1);
            let message = format!("there is no space after the colon of `{key}`");
            let diagnostic = Diagnostic::error("HM013", path, message).at((line, column)).over(1);
            diagnostics.push(diagnostic.hint(format!("write `{key}: …`")));
            chunks.push((line, format!("{key}: {}", &value[1..])));
        } else if let Some((key, value)) = wide_colon(text) {
            let column = u32::try_from(key.chars().count() + 1).unwrap_or(1);
            let message = format!("the colon after `{key}` is the full-width one (U+FF1A)");
            let diagnostic = Diagnostic::error("HM013", path, message).at((line, column)).over(1);
            diagnostics.push(diagnostic.instead("：", ": (a colon and a space)").hint(format!("write `{key}: …`")));
            chunks.push((line, format!("{key}: {value}")));
        } else if is_stray(text, chunks.last().map(|(_, last)| last.as_str())) {
            let shown: String = text.trim().chars().take(40).collect();
            let message = format!("`{shown}` is neither a key nor a part of the value above it");
            let diagnostic =
                Diagnostic::error("HM013", path, message).at((line, 1)).over(text.trim_end().chars().count());
            diagnostics.push(diagnostic.hint("put it on the line above, or indent it by two spaces"));
        } else if let Some((_, chunk)) = chunks.last_mut() {
            chunk.push('\n');
            chunk.push_str(text);
        } else if !text.trim().is_empty() && !text.trim_start().starts_with('#') {
            let message = format!("`{}` is not a key and a value", text.trim().chars().take(40).collect::<String>());
            diagnostics.push(Diagnostic::error("HM013", path, message).at((line, 1)).hint("write `key: value`"));
        }
    }
    if let Some((diagnostic, count)) = indented {
        let hint = match count {
            1 => "a key begins at the start of its line".to_owned(),
            _ => format!("a key begins at the start of its line; {} more are indented", count - 1),
        };
        diagnostics.push(diagnostic.hint(hint));
    }
    chunks
}

/// How many spaces all keys are indented by: as a whole, YAML takes them as they are.
fn indent_of_all<'a>(lines: impl Iterator<Item = &'a str>) -> usize {
    let written = lines.filter(|line| !line.trim().is_empty());
    written.map(|line| line.len() - line.trim_start_matches(' ').len()).min().unwrap_or(0)
}

/// The indented key on a line that no key above can hold: there is none, or it has its value already.
fn stray_key<'a>(line: &'a str, above: Option<&str>) -> Option<&'a str> {
    indented_key(line).filter(|_| above.is_none_or(is_complete))
}

/// The lines of front matter, from 0, that hold keys which are indented and belong to no key above.
pub(crate) fn stray_keys<'a>(lines: impl Iterator<Item = &'a str> + Clone) -> Vec<usize> {
    let mut above: Option<String> = None;
    let mut stray = Vec::new();
    let all = indent_of_all(lines.clone());
    for (at, line) in lines.map(|text| text.get(all..).unwrap_or_default()).enumerate() {
        if stray_key(line, above.as_deref()).is_some() {
            stray.push(at);
            above = Some(line.trim_start().to_owned());
        } else if starts_key(line) {
            above = Some(line.to_owned());
        } else if let Some(chunk) = &mut above
            && !line.trim().is_empty()
        {
            chunk.push('\n');
            chunk.push_str(line);
        }
    }
    stray
}

/// A line at the start of which only a key may stand, and which is none: nothing above is open.
fn is_stray(line: &str, above: Option<&str>) -> bool {
    let Some(above) = above else { return false };
    let outside = !line.starts_with([' ', '\t', '#', '-', ']', '}']) && !line.trim().is_empty();
    outside && !is_open(above)
}

/// Whether a value begins with a bracket or a quote that is not closed yet.
fn is_open(chunk: &str) -> bool {
    let value = chunk.split_once(':').map_or("", |(_, value)| value.trim());
    let Some(first) = value.chars().next() else { return false };
    let count = |c: char| value.matches(c).count();
    match first {
        '[' => count('[') > count(']'),
        '{' => count('{') > count('}'),
        '"' | '\'' => count(first) % 2 == 1,
        _ => false,
    }
}

/// Where the colon is in `description:text`, which YAML takes for one word.
pub(crate) fn narrow_colon(line: &str) -> Option<usize> {
    let colon = line.find(':')?;
    let key = &line[..colon];
    let plain = |c: char| c.is_ascii_lowercase() || matches!(c, '_' | '-' | '.');
    let next = line[colon + 1..].chars().next()?;
    (key.len() > 2 && key.chars().all(plain) && !next.is_whitespace() && !matches!(next, '/' | ':')).then_some(colon)
}

/// The key of a line that is one but for the space before it.
fn indented_key(line: &str) -> Option<&str> {
    let rest = line.trim_start_matches(' ');
    let plain = |key: &&str| key.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.'));
    key_of(rest).filter(|_| rest.len() < line.len()).filter(plain)
}

/// Whether a key has a plain or quoted value on its own line, so that nothing can go on below it.
fn is_complete(chunk: &str) -> bool {
    let Some(value) = chunk.split_once(':').map(|(_, value)| value.trim()).filter(|_| !chunk.trim_end().contains('\n'))
    else {
        return false;
    };
    let closed = |quote: char| value.len() > 1 && value.ends_with(quote);
    match value.chars().next() {
        None | Some('|' | '>' | '[' | '{' | '#' | '&' | '!' | '*') => false,
        Some(quote @ ('"' | '\'')) => closed(quote),
        Some(_) => true,
    }
}

/// `title：标题`, as Chinese input methods write it: the key and the value.
pub(crate) fn wide_colon(line: &str) -> Option<(&str, &str)> {
    let (key, value) = line.split_once('：')?;
    let plain = |c: char| c.is_ascii_lowercase() || c == '_';
    (!key.is_empty() && key.len() <= 20 && key.chars().all(plain)).then(|| (key, value.trim()))
}

/// `<<<<<<<`, `=======` or `>>>>>>>` at the start of a line, as git leaves them.
pub(super) fn is_conflict_marker(line: &str) -> bool {
    line.starts_with("<<<<<<< ") || line.starts_with(">>>>>>> ") || line.trim_end() == "======="
}

/// The key that begins on this line of front matter.
pub(crate) fn key_of(line: &str) -> Option<&str> {
    if !starts_key(line) {
        return None;
    }
    let (key, _) = line.split_once(':')?;
    Some(key.trim().trim_matches(['"', '\'']))
}

/// The value on the line of its key: where it starts, in bytes, and how many characters it has, without its comment.
/// The key itself when the value stands on the lines below.
pub(crate) fn value_in(line: &str) -> (usize, usize) {
    let after = line.find(':').map_or(0, |colon| colon + 1);
    let start = line.len() - line[after..].trim_start().len();
    let value = &line[start..];
    let end = if value.starts_with(['"', '\'']) { None } else { value.find(" #") };
    let value = value[..end.unwrap_or(value.len())].trim_end();
    if value.is_empty() {
        (0, line[..after].trim_end_matches(':').chars().count())
    } else {
        (start, value.chars().count())
    }
}

fn starts_key(line: &str) -> bool {
    let Some(first) = line.chars().next() else { return false };
    if first.is_whitespace() || matches!(first, '#' | '-' | '[' | ']' | '{' | '}' | ',') {
        return false;
    }
    line.find(':').is_some_and(|at| matches!(line[at + 1..].chars().next(), None | Some(' ' | '\t' | '\u{a0}')))
}

pub(super) fn read_entry(
    path: &str,
    line: u32,
    chunk: &str,
    diagnostics: &mut Vec<Diagnostic>,
) -> Option<(String, Value)> {
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
                    let first = chunk.lines().next().unwrap_or_default();
                    let cut = first.find(" #").map_or(0, |at| first[..at].chars().count() + 1);
                    let column = u32::try_from(cut + 1).unwrap_or(1);
                    let diagnostic = Diagnostic::warning("HM014", path, message).at((line, column));
                    diagnostics.push(diagnostic.over(first.trim_end().chars().count().saturating_sub(cut)).hint(hint));
                    Value::String(full)
                }
                None => value,
            };
            Some((key, value))
        }
        outcome => {
            let (place, problem) = match &outcome {
                Err(_) if let Some((below, column)) = tab(chunk) => {
                    ((line.saturating_add(below), column), "a tab indents this line".to_owned())
                }
                Err(error) if let Some((column, _)) = unclosed(chunk) => {
                    ((line, column), without_place(&error.to_string()))
                }
                Err(error) => {
                    let at = error
                        .location()
                        .map_or((line, 1), |at| (line + at.line().max(1) as u32 - 1, at.column() as u32));
                    (at, without_place(&error.to_string()))
                }
                Ok(_) => ((line, 1), "expected one key and its value".to_owned()),
            };
            let hint = match () {
                () if let Some((_, hint)) = unclosed(chunk).filter(|_| tab(chunk).is_none()) => hint,
                () if chunk.contains('\t') => "YAML does not allow tabs here: use spaces",
                () if chunk.contains(['“', '”', '‘', '’']) => {
                    "use straight quotes, or put the value in straight quotes"
                }
                () => "put the value in double quotes",
            };
            diagnostics.push(Diagnostic::error("HM013", path, format!("YAML: {problem}")).at(place).hint(hint));
            let (key, rest) = chunk.lines().next()?.split_once(':')?;
            let text = unquoted(rest.trim()).to_owned();
            (!text.is_empty()).then(|| (key.trim().to_owned(), Value::String(text)))
        }
    }
}

/// A bracket or quote that nothing closes, or nothing but what YAML takes for a comment: the column, and what to do.
fn unclosed(chunk: &str) -> Option<(u32, &'static str)> {
    let first = chunk.lines().next().unwrap_or_default();
    let (start, _) = value_in(first);
    let column = |at: usize| u32::try_from(first[..at].chars().count() + 1).unwrap_or(1);
    let value = &first[start..];
    if is_open(chunk) {
        let hint = match value.chars().next()? {
            '[' => "close it with `]`",
            '{' => "close it with `}`",
            '\'' => "close it with `'`",
            _ => "close it with `\"`",
        };
        return Some((column(start), hint));
    }
    let comment = value.find(" #").filter(|_| value.starts_with(['[', '{']))?;
    Some((column(start + comment), "` #` begins a comment: put that item in quotes"))
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

/// The first tab that indents a line: how many lines below the key, and its column.
fn tab(chunk: &str) -> Option<(u32, u32)> {
    chunk.lines().zip(0..).find_map(|(line, below)| {
        let indent = &line[..line.len() - line.trim_start().len()];
        let at = indent.find('\t')?;
        Some((below, u32::try_from(at + 1).unwrap_or(1)))
    })
}

/// What a value that YAML cannot read is meant to say: quotes around all of it, or one that is never closed, go; quotes
/// around its first words are its own.
pub(crate) fn unquoted(value: &str) -> &str {
    let Some(quote) = value.chars().next().filter(|c| matches!(c, '"' | '\'')) else { return value };
    let inner = &value[1..];
    match inner.find(quote) {
        None => inner,
        Some(_) => inner.strip_suffix(quote).unwrap_or(value),
    }
}

/// The text within typographic quotes that stand around a whole value, where only straight ones mean anything.
pub(crate) fn within_smart_quotes(value: &str) -> Option<&str> {
    const PAIRS: [(char, char); 5] = [('“', '”'), ('‘', '’'), ('”', '”'), ('„', '“'), ('＂', '＂')];
    let quotes = |c: char| PAIRS.iter().any(|(open, close)| c == *open || c == *close);
    PAIRS.into_iter().find_map(|(open, close)| {
        let inner = value.strip_prefix(open)?.strip_suffix(close)?;
        (!inner.trim().is_empty() && !inner.contains(quotes)).then_some(inner)
    })
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

#[cfg(test)]
mod tests {
    use super::*;

    fn read(front: &str) -> (Vec<String>, Vec<(u32, u32)>) {
        let source = Source { front: front.to_owned(), front_line: 2, ..Source::default() };
        let mut diagnostics = Vec::new();
        let texts = chunks("x.md", &source, &mut diagnostics).into_iter().map(|(_, text)| text).collect();
        (texts, diagnostics.iter().map(|found| (found.line, found.column)).collect())
    }

    #[test]
    fn lines_that_yaml_refuses_are_read_as_they_were_meant() {
        let texts = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect::<Vec<_>>();
        assert_eq!(read("title: a\n b: c\n d: e"), (texts(&["title: a", "b: c", "d: e"]), vec![(3, 1)]));
        assert_eq!(read("  title: a\n  tags:\n    - b"), (texts(&["title: a", "tags:\n  - b"]), vec![]));
        assert_eq!(read("title: a\ngoing on\nb: c"), (texts(&["title: a", "b: c"]), vec![(3, 1)]));
        assert_eq!(read("title：甲\nsummary:b"), (texts(&["title: 甲", "summary: b"]), vec![(2, 6), (3, 8)]));
        // These belong to the value above.
        for front in
            ["a:\n  b: c", "a: |\n  b: c", "a: [b,\nc]", "a: \"b\nc\"", "a:\n- b: c\n  d: e", "a: b\n  going on"]
        {
            assert_eq!(read(front), (texts(&[front]), vec![]), "{front}");
        }
    }

    #[test]
    fn quotes_of_a_text_are_told_from_quotes_around_it() {
        for (value, text) in [("\"a\" b", "\"a\" b"), ("\"a", "a"), ("'a'", "a"), ("a", "a"), ("\"a\" b\"", "a\" b")] {
            assert_eq!(unquoted(value), text);
        }
        assert_eq!(within_smart_quotes("“a b”"), Some("a b"));
        assert_eq!(within_smart_quotes("“a” and “b”"), None);
        assert_eq!(narrow_colon("summary:b"), Some(7));
        assert_eq!((narrow_colon("https://x"), narrow_colon("a: b"), narrow_colon("a::b")), (None, None, None));
    }
}
