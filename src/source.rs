//! A file's bytes to text: front matter, body, and the line on which each starts.
//!
//! Tolerant where people and editors differ (BOM, CRLF, a stray blank line or comment before the fence, GB18030),
//! loud where something may be lost.

use crate::diagnostic::Diagnostic;

/// A document's text, split. Line ends are `\n`, there is no BOM.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Source {
    /// YAML between the fences, empty when there is none.
    pub front: String,
    /// The 1-based line of the file on which `front` starts.
    pub front_line: u32,
    pub body: String,
    /// The 1-based line of the file on which `body` starts.
    pub body_line: u32,
}

/// Front matter longer than this is not read (RELIABILITY.md: nested YAML is slow).
pub const MAX_FRONT_MATTER: usize = 64 * 1024;

/// A document longer than this is not read.
pub const MAX_DOCUMENT: usize = 8 * 1024 * 1024;

/// Reads a document. `path` is for the diagnostics.
pub fn read(path: &str, bytes: &[u8], diagnostics: &mut Vec<Diagnostic>) -> Source {
    let text = decode(path, bytes, diagnostics);
    split(path, &text, diagnostics)
}

/// A file's text alone, as [`read`] sees it before it splits it: the lines that its findings count.
pub fn text(bytes: &[u8]) -> String {
    decode("", bytes, &mut Vec::new())
}

fn decode(path: &str, bytes: &[u8], diagnostics: &mut Vec<Diagnostic>) -> String {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let mut text = match std::str::from_utf8(bytes) {
        Ok(text) => text.to_owned(),
        Err(error) => {
            // A mark at the start of the bytes goes before the encoding that is asked for.
            let (decoded, encoding, failed) = encoding_rs::GB18030.decode(bytes);
            let from = if encoding == encoding_rs::GB18030 { "GB18030" } else { "UTF-16" };
            let editor = "save it as UTF-8 (VS Code: the encoding at the bottom right, “Save with Encoding”";
            let (text, found, hint) = if failed {
                let found = "not UTF-8; unreadable bytes are shown as \u{fffd}".to_owned();
                (String::from_utf8_lossy(bytes).into_owned(), found, format!("{editor})"))
            } else {
                let hint = format!("{editor}; or: iconv -f {from} -t UTF-8 FILE > FILE.new)");
                (decoded.into_owned(), format!("{from}, not UTF-8"), hint)
            };
            let valid = String::from_utf8_lossy(&bytes[..error.valid_up_to()]);
            diagnostics.push(
                Diagnostic::warning("HM002", path, format!("the file is {found}"))
                    .at(position(&valid, valid.len()))
                    .hint(hint),
            );
            text
        }
    };
    if text.contains('\r') {
        text = text.replace("\r\n", "\n").replace('\r', "\n");
    }
    if let Some(at) = text.find('\0') {
        let diagnostic = Diagnostic::warning("HM003", path, "the file holds a NUL character")
            .at(position(&text, at))
            .hint("remove it; the page is built without it");
        diagnostics.push(diagnostic);
        text = text.replace('\0', "");
    }
    text
}

/// 1-based line and column (in characters) of a byte offset.
pub fn position(text: &str, offset: usize) -> (u32, u32) {
    let mut end = offset.min(text.len());
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    let before = &text[..end];
    let line = before.matches('\n').count() + 1;
    let column = before.rsplit('\n').next().unwrap_or("").chars().count() + 1;
    (u32::try_from(line).unwrap_or(u32::MAX), u32::try_from(column).unwrap_or(u32::MAX))
}

/// Where front matter starts and ends, in lines of the text.
struct Fences {
    /// The first line of YAML.
    start: usize,
    /// The line after the last one of YAML.
    end: usize,
    /// The first line of the body.
    body: usize,
}

fn split(path: &str, text: &str, diagnostics: &mut Vec<Diagnostic>) -> Source {
    let lines: Vec<&str> = text.split('\n').take(2_000).collect();
    let Some(fences) = find_fences(path, &lines, diagnostics) else {
        return Source { body: text.to_owned(), body_line: 1, front_line: 1, front: String::new() };
    };
    let offset = |line: usize| {
        let skipped: usize = lines[..line].iter().map(|line| line.len() + 1).sum();
        skipped.min(text.len())
    };
    let front = &text[offset(fences.start)..offset(fences.end)];
    let line = |index: usize| u32::try_from(index + 1).unwrap_or(u32::MAX);
    if front.len() > MAX_FRONT_MATTER {
        diagnostics.push(
            Diagnostic::error("HM004", path, format!("the front matter is {} KB long", front.len() / 1024))
                .at((line(fences.start), 1))
                .hint("keep it under 64 KB; long text belongs in the body"),
        );
        let body = text[offset(fences.body)..].to_owned();
        return Source { front: String::new(), front_line: line(fences.start), body, body_line: line(fences.body) };
    }
    Source {
        front: front.to_owned(),
        front_line: line(fences.start),
        body: text[offset(fences.body)..].to_owned(),
        body_line: line(fences.body),
    }
}

fn find_fences(path: &str, lines: &[&str], diagnostics: &mut Vec<Diagnostic>) -> Option<Fences> {
    let first = skip_to_content(lines)?;
    let line = |index: usize| u32::try_from(index + 1).unwrap_or(u32::MAX);
    let start = if is_fence(lines[first]) {
        first + 1
    } else if looks_like_fence(lines[first])
        && (lines.get(first + 1).is_some_and(|next| is_key(next)) || closes_soon(&lines[first + 1..]))
    {
        diagnostics.push(
            Diagnostic::warning("HM005", path, format!("`{}` does not open front matter", lines[first].trim()))
                .at((line(first), 1))
                .over(lines[first].trim_end().chars().count())
                .hint(hyphens(lines[first])),
        );
        first + 1
    } else if first == 0 && is_key(lines[0]) && (closes_soon(lines) || ends_with_a_blank(lines)) {
        diagnostics.push(
            Diagnostic::warning("HM005", path, "the front matter has no opening `---`")
                .at((1, 1))
                .hint("put a line with three hyphens before it"),
        );
        first
    } else {
        return None;
    };
    if let Some(end) = (start..lines.len()).find(|index| is_closing(lines[*index])) {
        return Some(Fences { start, end, body: end + 1 });
    }
    // No closing fence: a thematic break followed by text is no front matter; keys are.
    let end = end_of_keys(&lines[start..])? + start;
    let dashes = lines.get(end).copied().filter(|line| looks_like_fence(line));
    let (message, at, hint) = match dashes {
        Some(dashes) => (format!("`{}` does not close the front matter", dashes.trim()), end, hyphens(dashes)),
        None => {
            let last = (start..end).rfind(|at| !lines[*at].trim().is_empty()).unwrap_or(start);
            ("the front matter has no closing `---`".to_owned(), last, "put a line with three hyphens after this key")
        }
    };
    let length = lines.get(at).map_or(0, |line| line.trim_end().chars().count());
    diagnostics.push(Diagnostic::error("HM006", path, message).at((line(at), 1)).over(length).hint(hint));
    Some(Fences { start, end, body: if dashes.is_some() { end + 1 } else { end } })
}

/// The first line that is neither blank nor within a leading HTML comment.
fn skip_to_content(lines: &[&str]) -> Option<usize> {
    let mut index = 0;
    while index < lines.len() {
        let line = lines[index].trim();
        if line.is_empty() {
            index += 1;
        } else if line.starts_with("<!--") {
            index += lines[index..].iter().position(|line| line.contains("-->"))? + 1;
        } else {
            return Some(index);
        }
    }
    None
}

fn is_fence(line: &str) -> bool {
    line.trim_end_matches(|c: char| c.is_whitespace() || c == '\u{200b}') == "---"
}

fn is_closing(line: &str) -> bool {
    is_fence(line) || line.trim_end() == "..."
}

/// Dashes of other kinds or number that somebody meant as a fence.
fn looks_like_fence(line: &str) -> bool {
    let line = line.trim();
    (2..=80).contains(&line.chars().count()) && line.chars().all(|c| matches!(c, '-' | '–' | '—' | '－' | '─'))
}

/// How to write a fence instead of this one.
fn hyphens(line: &str) -> &'static str {
    match line.trim() {
        "---" => "write the three hyphens at the start of the line",
        _ => "write exactly three hyphens: ---",
    }
}

/// `key:` at the start of a line, as YAML writes a top-level key.
fn is_key(line: &str) -> bool {
    let Some((key, rest)) = line.split_once(':') else { return false };
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.');
    !key.is_empty() && key.len() <= 40 && key.chars().all(plain) && (rest.is_empty() || rest.starts_with([' ', '\t']))
}

/// Whether keys (and nothing like prose) run down to a closing fence.
fn closes_soon(lines: &[&str]) -> bool {
    let Some(end) = lines.iter().take(60).position(|line| is_fence(line)) else { return false };
    let lines = &lines[..end];
    lines.iter().any(|line| is_key(line))
        && lines.iter().all(|line| is_key(line) || line.trim().is_empty() || line.starts_with([' ', '-', '#']))
}

/// Whether keys, the title among them, run down to a blank line: no prose is written like that.
fn ends_with_a_blank(lines: &[&str]) -> bool {
    let keys = lines.iter().take_while(|line| is_key(line)).count();
    keys > 1
        && lines[..keys].iter().any(|line| line.starts_with("title:"))
        && lines.get(keys).is_none_or(|line| line.trim().is_empty())
}

/// Where keys without a closing fence end: before the first heading or blank line after them, or at a line of dashes.
/// Comments and blank lines may stand between. `None` when there are no keys, but a thematic break and prose.
fn end_of_keys(lines: &[&str]) -> Option<usize> {
    let is_comment = |line: &str| line.starts_with('#') || line.trim().is_empty();
    let first = lines.iter().position(|line| !is_comment(line)).filter(|at| is_key(lines[*at]))?;
    // Behind a heading or a blank line, a single key could be prose: `Note: …`.
    if first > 0 && !lines[first..].iter().take_while(|line| is_key(line)).any(|line| line.starts_with("title:")) {
        return None;
    }
    let mut end = first;
    for (at, line) in lines.iter().enumerate().skip(first) {
        if looks_like_fence(line) {
            return Some(at);
        }
        match () {
            // `#ROBOTS:` is a key commented out; a heading has a space.
            () if line.starts_with('#') && !line.trim_start_matches('#').starts_with(' ') => end = at + 1,
            () if is_comment(line) => {}
            // After a gap, only a key below its comment goes on: `Note: …` below a heading is prose.
            () if end < at
                && !(is_key(line)
                    && line.starts_with(char::is_lowercase)
                    && lines[end..at].iter().any(|line| line.starts_with('#'))) =>
            {
                break;
            }
            () => end = at + 1,
        }
    }
    Some(end)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parts(text: &str) -> (String, String, u32, Vec<Diagnostic>) {
        let mut diagnostics = Vec::new();
        let source = read("x.md", text.as_bytes(), &mut diagnostics);
        (source.front, source.body, source.body_line, diagnostics)
    }

    #[test]
    fn splits_what_editors_write() {
        for text in
            ["---\ntitle: a\n---\nbody", "\u{feff}---\r\ntitle: a\r\n--- \r\nbody", "\n---\ntitle: a\n...\nbody"]
        {
            let (front, body, _, diagnostics) = parts(text);
            assert_eq!((front.as_str(), body.as_str()), ("title: a\n", "body"), "{text:?}");
            assert_eq!(diagnostics, []);
        }
        assert_eq!(parts("---\ntitle: a\n---\nbody").2, 4);
    }

    #[test]
    fn a_thematic_break_is_no_front_matter() {
        let (front, body, _, diagnostics) = parts("---\n\nJust text.\n");
        assert_eq!((front.as_str(), body.as_str()), ("", "---\n\nJust text.\n"));
        assert_eq!(diagnostics, []);
    }

    #[test]
    fn mistaken_fences_are_read_and_named() {
        for text in ["----\ntitle: a\n---\nbody", "———\ntitle: a\n---\nbody", "title: a\n---\nbody"] {
            let (front, body, _, diagnostics) = parts(text);
            assert_eq!((front.as_str(), body.as_str()), ("title: a\n", "body"), "{text:?}");
            assert_eq!(diagnostics.len(), 1);
        }
        let (front, body, _, diagnostics) = parts("---\ntitle: a\n\nbody");
        assert_eq!((front.as_str(), body.as_str()), ("title: a\n", "\nbody"));
        assert_eq!((diagnostics[0].code, diagnostics[0].line), ("HM006", 2));
        let (.., diagnostics) = parts("    ---\ntitle: a\n---\nbody");
        assert_eq!(diagnostics[0].hint.as_deref(), Some("write the three hyphens at the start of the line"));
        for text in [
            "--\n# required\n\ntitle: a\n\n#x:\n---\nbody",
            "    ---\ntitle: a\n---\nbody",
            "---\n# required\n\ntitle: a\nb: c\n\n# optional\n\n#x:\n# body",
            "---\ntitle: a\n--\nbody",
            "title: a\nauthor: b\n\n# body",
        ] {
            let (front, body, _, diagnostics) = parts(text);
            assert!(
                front.contains("title: a") && body.trim_start().starts_with(['b', '#']),
                "{text:?} {front:?} {body:?}"
            );
            assert!(!body.contains("x:") && !diagnostics.is_empty(), "{text:?}");
        }
        for text in ["---\n\n# Heading\n\nNote: this\n", "----\n\nNote: this\n", "Note: this\n\ntext"] {
            assert_eq!(parts(text).0, "", "{text:?}");
        }
    }

    #[test]
    fn chinese_windows_files_are_read() {
        let (bytes, _, _) = encoding_rs::GB18030.encode("---\ntitle: 打印机\n---\n卡纸");
        let mut diagnostics = Vec::new();
        let source = read("x.md", &bytes, &mut diagnostics);
        assert_eq!((source.front.as_str(), source.body.as_str()), ("title: 打印机\n", "卡纸"));
        assert_eq!((diagnostics[0].code, diagnostics[0].message.as_str()), ("HM002", "the file is GB18030, not UTF-8"));
        assert!(diagnostics[0].hint.as_ref().unwrap().contains("iconv -f GB18030 -t UTF-8"), "{diagnostics:?}");
    }

    #[test]
    fn utf_16_is_called_by_its_name() {
        let text = "\u{feff}---\ntitle: 打印机\n---\n卡纸";
        let little: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
        let big: Vec<u8> = text.encode_utf16().flat_map(u16::to_be_bytes).collect();
        for bytes in [little, big] {
            let mut diagnostics = Vec::new();
            let source = read("x.md", &bytes, &mut diagnostics);
            assert_eq!((source.front.as_str(), source.body.as_str()), ("title: 打印机\n", "卡纸"));
            assert_eq!(diagnostics.len(), 1, "{diagnostics:?}");
            assert_eq!(diagnostics[0].message, "the file is UTF-16, not UTF-8");
            assert!(diagnostics[0].hint.as_ref().unwrap().contains("iconv -f UTF-16 -t UTF-8"), "{diagnostics:?}");
        }
    }
}
