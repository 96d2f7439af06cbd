//! Front matter: its fences, its lines, and characters that nobody sees.

use std::ops::Range;

use super::{Edit, values};
use crate::config::Config;
use crate::content::entry;
use crate::source::{self, Source};

const MARK: char = '\u{feff}';
const NO_WIDTH: char = '\u{200b}';

/// The lines of a file's front matter, as they stand in its text.
pub(super) struct Front<'a> {
    pub(super) text: &'a str,
    /// Without their ends.
    pub(super) lines: Vec<Range<usize>>,
}

impl<'a> Front<'a> {
    /// `None` where a line of the text is not a line of what was read from it.
    fn of(text: &'a str, source: &Source) -> Option<Self> {
        if text.contains('\0') || text.replace("\r\n", "").contains('\r') {
            return None;
        }
        let first = usize::try_from(source.front_line).ok()?.checked_sub(1)?;
        let count = source.front.lines().count();
        let lines = lines(text).into_iter().skip(first).take(count).collect();
        Some(Self { text, lines })
    }

    pub(super) fn line(&self, at: usize) -> &'a str {
        self.lines.get(at).and_then(|range| self.text.get(range.clone())).unwrap_or_default()
    }
}

/// Every line of a text, without its end.
fn lines(text: &str) -> Vec<Range<usize>> {
    let mut at = 0;
    let mut lines = Vec::new();
    for line in text.split_inclusive('\n') {
        let bare = line.strip_suffix('\n').unwrap_or(line);
        let bare = bare.strip_suffix('\r').unwrap_or(bare);
        lines.push(at..at + bare.len());
        at += line.len();
    }
    lines
}

/// Edits that may help, the plainest first. Each is for the text as it is, and is to be tried alone.
pub(super) fn edits(config: &Config, path: &str, text: &str) -> Vec<Edit> {
    let mut diagnostics = Vec::new();
    let source = source::read(path, text.as_bytes(), &mut diagnostics);
    let mut edits = Vec::new();
    edits.extend(without(text, 0..text.len(), MARK));
    let Some(front) = Front::of(text, &source) else { return edits };
    for finding in &diagnostics {
        edits.extend(fence(text, finding.code, finding.line));
    }
    let whole = front.lines.first().map_or(0, |line| line.start)..front.lines.last().map_or(0, |line| line.end);
    edits.extend(without(text, whole.clone(), NO_WIDTH));
    edits.extend(without_tabs(text, whole));
    edits.extend(without_indent(&front));
    for at in 0..front.lines.len() {
        edits.extend(line(&front, at));
    }
    edits.extend(values::edits(config, path, &front));
    edits
}

/// All of one character taken out: a single one left would be found again.
fn without(text: &str, within: Range<usize>, gone: char) -> Option<Edit> {
    let part = text.get(within.clone())?;
    let start = within.start + part.find(gone)?;
    let end = within.start + part.rfind(gone)? + gone.len_utf8();
    Some(Edit::new(start..end, text.get(start..end)?.replace(gone, ""), "an invisible character taken out"))
}

/// All lines indented by spaces: levels that are written in two ways are no levels.
fn without_tabs(text: &str, within: Range<usize>) -> Option<Edit> {
    let part = text.get(within.clone())?;
    let mut changed = false;
    let lines = part.split_inclusive('\n').map(|line| {
        let (indent, rest) = line.split_at(line.len() - line.trim_start().len());
        // A line of nothing else stays, with its end.
        if !indent.contains('\t') || rest.is_empty() {
            return line.to_owned();
        }
        changed = true;
        format!("{}{rest}", indent.replace('\t', "  "))
    });
    let with: String = lines.collect();
    changed.then(|| Edit::new(within, with, "tabs written as spaces"))
}

/// All indented keys that belong to no other, at the start of their lines: one finding names them all.
fn without_indent(front: &Front<'_>) -> Option<Edit> {
    let stray = entry::stray_keys((0..front.lines.len()).map(|at| front.line(at)));
    let within = front.lines.get(*stray.first()?)?.start..front.lines.get(*stray.last()?)?.end;
    let mut with = String::new();
    let mut at = within.start;
    for line in stray {
        let (range, written) = (front.lines.get(line)?, front.line(line));
        with.push_str(front.text.get(at..range.start)?);
        with.push_str(written.trim_start());
        at = range.end;
    }
    Some(Edit::new(within, with, "keys moved to the start of their lines"))
}

/// The fences that `source` had to guess.
fn fence(text: &str, code: &str, line: u32) -> Option<Edit> {
    let end = if text.contains("\r\n") { "\r\n" } else { "\n" };
    let lines = lines(text);
    let index = usize::try_from(line).ok()?.checked_sub(1)?;
    if code == "HM006" {
        // The finding names the dashes, or the last line of the front matter.
        let dashes = |line: &&Range<usize>| {
            text.get((*line).clone()).is_some_and(|it| it.trim().starts_with(['-', '–', '—', '－', '─']))
        };
        if let Some(line) = lines.get(index).filter(dashes) {
            return Some(Edit::new(line.clone(), "---", "the closing fence written as ---"));
        }
        let (at, with) = match lines.get(index + 1) {
            Some(next) => (next.start, format!("---{end}")),
            None if text.ends_with('\n') => (text.len(), format!("---{end}")),
            None => (text.len(), format!("{end}---{end}")),
        };
        return Some(Edit::new(at..at, with, "the closing fence written"));
    }
    let range = lines.get(index).filter(|_| code == "HM005")?;
    let written = text.get(range.clone())?;
    // Dashes of another kind or number, or none at all before the first key.
    if entry::key_of(written.trim_start_matches(MARK)).is_none() {
        return Some(Edit::new(range.clone(), "---", "the opening fence written as ---"));
    }
    let start = if written.starts_with(MARK) { range.start + MARK.len_utf8() } else { range.start };
    Some(Edit::new(start..start, format!("---{end}"), "the opening fence written"))
}

/// What may be wrong with how one line begins.
fn line(front: &Front<'_>, at: usize) -> Vec<Edit> {
    let (written, start) = (front.line(at), front.lines[at].start);
    let mut edits = Vec::new();
    if let Some((key, value)) = entry::wide_colon(written) {
        let value_start = written.len() - written[key.len() + '：'.len_utf8()..].trim_start().len();
        let space = if value.is_empty() { ":" } else { ": " };
        edits.push(Edit::new(start + key.len()..start + value_start, space, "a full-width colon written as `: `"));
    }
    if let Some(colon) = entry::narrow_colon(written) {
        edits.push(Edit::new(start + colon..start + colon + 1, ": ", "a space put after a colon"));
    }
    if let Some(colon) = written.find(":\u{a0}").filter(|_| entry::key_of(written).is_some()) {
        let at = start + colon + 1;
        edits.push(Edit::new(at..at + '\u{a0}'.len_utf8(), " ", "a no-break space written as a space"));
    }
    edits
}

#[cfg(test)]
mod tests {
    use super::super::tests::mended;

    #[track_caller]
    fn becomes(text: &str, expected: &str) {
        assert_eq!(mended("articles/vpn/a.md", text).as_deref(), Some(expected), "{text:?}");
    }

    #[test]
    fn fences_are_written() {
        becomes("---\ntitle: 甲\ntags: [a]\n\n正文\n", "---\ntitle: 甲\ntags: [a]\n---\n\n正文\n");
        becomes("---\r\ntitle: 甲\r\n\r\n正文\r\n", "---\r\ntitle: 甲\r\n---\r\n\r\n正文\r\n");
        becomes("---\ntitle: 甲", "---\ntitle: 甲\n---\n");
        becomes("---\ntitle: 甲\n--\n文", "---\ntitle: 甲\n---\n文");
        becomes("title: 甲\nowner: li\n\n文\n", "---\ntitle: 甲\nowner: li\n---\n\n文\n");
        becomes("----\ntitle: 甲\n---\n文", "---\ntitle: 甲\n---\n文");
        becomes("———\r\ntitle: 甲\r\n---\r\n文", "---\r\ntitle: 甲\r\n---\r\n文");
        becomes("title: 甲\n---\n文\n", "---\ntitle: 甲\n---\n文\n");
    }

    #[test]
    fn lines_begin_as_yaml_wants_them() {
        becomes("---\ntitle: 甲\ntags:\n\t- a\n\t- b\n---\n", "---\ntitle: 甲\ntags:\n  - a\n  - b\n---\n");
        becomes("---\ntitle: 甲\n updated: 2024-05-01\n---\n", "---\ntitle: 甲\nupdated: 2024-05-01\n---\n");
        becomes(
            "---\n title: 甲\n\nowner: li\n updated: 2024-05-01\n---\n",
            "---\ntitle: 甲\n\nowner: li\nupdated: 2024-05-01\n---\n",
        );
        becomes("---\ntitle: 甲\nsummary:乙\n---\n", "---\ntitle: 甲\nsummary: 乙\n---\n");
        becomes("---\ntitle：甲\ntags： [a]\n---\n", "---\ntitle: 甲\ntags: [a]\n---\n");
    }

    #[test]
    fn invisible_characters_go() {
        becomes("\u{feff}---\r\ntitle: 甲\r\n---\r\n一\u{feff}二", "---\r\ntitle: 甲\r\n---\r\n一二");
        becomes("---\ntitle: VPN\u{200b} 甲\n---\n一\u{200b}", "---\ntitle: VPN 甲\n---\n一\u{200b}");
    }

    #[test]
    fn what_is_fine_stays() {
        for text in [
            "正文\n",
            "---\r\ntitle: 甲\r\nowner: li # 一\r\n# 注\r\ntags:\r\n- a\r\n---\r\n正文  \r\n",
            "---\ntitle: |\n  a\n  tab: \tb\nrequester:\n  name: x\n---\n",
            "---\n\n正文\n",
            "<<<<<<< a\n正文",
        ] {
            assert_eq!(mended("articles/vpn/a.md", text), None, "{text:?}");
        }
    }
}
