//! A finding as a person reads it: the line it is about, with the place marked below it.
//!
//! ```text
//! content/articles/vpn.md:8:12: warning: link to articles/old.md, which does not exist [HM021]
//!      8 | 还不行就看[旧的](old.md)。
//!        |           ^^^^^^^^^^^^^^
//!     hint: did you mean articles/new.md?
//! ```

use std::fmt::{self, Write as _};
use std::ops::Range;

use unicode_width::UnicodeWidthChar;

use super::{Diagnostic, Severity};

/// Columns of a terminal that a line may take; a longer one is cut around the place.
const ROOM: usize = 100;

/// A tab reaches to the next multiple of this many columns.
const TAB: usize = 4;

/// Colours for a terminal, or none.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Paint {
    Plain,
    Coloured,
}

impl Paint {
    fn put(self, out: &mut String, code: &str, text: impl fmt::Display) {
        // Writing to a string cannot fail.
        let _ = match self {
            Self::Plain => write!(out, "{text}"),
            Self::Coloured => write!(out, "\u{1b}[{code}m{text}\u{1b}[0m"),
        };
    }
}

/// A finding to be shown with its line of the file, when that is known.
pub struct Excerpt<'a> {
    pub diagnostic: &'a Diagnostic,
    /// The text of the finding's line, without its end.
    pub line: Option<&'a str>,
    pub paint: Paint,
}

impl fmt::Display for Excerpt<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (finding, paint) = (self.diagnostic, self.paint);
        let mut out = String::new();
        let colour = match finding.severity {
            Severity::Error => "1;31",
            Severity::Warning => "1;33",
            Severity::Note => "1;36",
        };
        paint.put(&mut out, "1", finding.place());
        out.push_str(": ");
        paint.put(&mut out, colour, finding.severity);
        let _ = write!(out, ": {} [{}]", finding.message, finding.code);
        if let Some(line) = self.line.filter(|line| finding.line > 0 && !line.trim().is_empty()) {
            let (shown, mark) = excerpt(line, finding.column, finding.end_column);
            out.push('\n');
            paint.put(&mut out, "34", format_args!("{:>5} | ", finding.line));
            out.push_str(&shown);
            if let Some(mark) = mark {
                out.push('\n');
                paint.put(&mut out, "34", "      | ");
                out.extend(std::iter::repeat_n(' ', mark.start));
                paint.put(&mut out, colour, "^".repeat(mark.len()));
            }
        }
        let instead = finding.instead.as_deref();
        let (found, expected) = (instead.map(|it| &it.found), instead.map(|it| &it.expected));
        let more = [("found", found), ("expected", expected), ("hint", finding.hint.as_ref())];
        for (name, text) in more.into_iter().filter_map(|(name, text)| Some((name, text?))) {
            out.push_str("\n    ");
            paint.put(&mut out, "1", format_args!("{name}:"));
            let _ = write!(out, " {text}");
        }
        f.write_str(&out)
    }
}

/// A line as a terminal shows it, cut to what is around the place, and the columns of the terminal to be marked.
///
/// `column` and `end` are as a [`Diagnostic`] has them. Tabs become spaces; what a terminal would act upon, or not
/// show at all, becomes one visible character, so that the mark stands below its place.
pub fn excerpt(line: &str, column: u32, end: u32) -> (String, Option<Range<usize>>) {
    let mut cells: Vec<(String, usize)> = Vec::new();
    let mut at = 0;
    for c in line.chars() {
        let cell = match c {
            '\t' => (" ".repeat(TAB - at % TAB), TAB - at % TAB),
            c if c.is_control() || is_invisible(c) => ("\u{fffd}".to_owned(), 1),
            c => (c.to_string(), c.width().unwrap_or(1)),
        };
        at += cell.1;
        cells.push(cell);
    }
    let index = |column: u32| usize::try_from(column.saturating_sub(1)).unwrap_or(usize::MAX).min(cells.len());
    let marked = (column > 0).then(|| index(column)..index(end).max(index(column).saturating_add(1)));
    let focus = marked.clone().unwrap_or(0..0);
    let window = window(&cells, &focus);
    let (cut_before, cut_after) = (window.start > 0, window.end < cells.len());
    let mut shown = String::new();
    shown.push_str(if cut_before { "… " } else { "" });
    let indent = if cut_before { 2 } else { 0 };
    shown.extend(cells[window.clone()].iter().map(|(text, _)| text.as_str()));
    shown.push_str(if cut_after { " …" } else { "" });
    let width = |range: Range<usize>| -> usize { cells.get(range).unwrap_or_default().iter().map(|cell| cell.1).sum() };
    let mark = marked.map(|marked| {
        let start = indent + width(window.start..marked.start.clamp(window.start, window.end));
        let length = width(marked.start.clamp(window.start, window.end)..marked.end.clamp(window.start, window.end));
        start..start + length.max(1)
    });
    (shown, mark)
}

/// The cells to show: all, or those around the focus.
fn window(cells: &[(String, usize)], focus: &Range<usize>) -> Range<usize> {
    if cells.iter().map(|cell| cell.1).sum::<usize>() <= ROOM {
        return 0..cells.len();
    }
    // A third of the room for what stands before.
    let mut start = focus.start.min(cells.len());
    let mut room = ROOM / 3;
    while start > 0 && cells[start - 1].1 <= room {
        start -= 1;
        room -= cells[start].1;
    }
    let mut end = start;
    let mut room = ROOM;
    while end < cells.len() && cells[end].1 <= room {
        room -= cells[end].1;
        end += 1;
    }
    while start > 0 && cells[start - 1].1 <= room {
        start -= 1;
        room -= cells[start].1;
    }
    start..end
}

/// Takes no room on a terminal, or turns its text around.
fn is_invisible(c: char) -> bool {
    matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}')
}

/// A line in which the characters of these byte ranges are not to be read: what opens a door is repeated nowhere.
pub fn masked(line: &str, secrets: &[Range<usize>]) -> String {
    let hidden = |at: usize| secrets.iter().any(|range| range.contains(&at));
    let mask = |c: char| if c.width().unwrap_or(1) > 1 { '＊' } else { '*' };
    line.char_indices().map(|(at, c)| if hidden(at) { mask(c) } else { c }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(line: &str, column: u32, end: u32) -> String {
        let (line, mark) = excerpt(line, column, end);
        let mark =
            mark.map_or_else(String::new, |mark| format!("{}{}", " ".repeat(mark.start), "^".repeat(mark.len())));
        format!("{line}\n{mark}")
    }

    #[test]
    fn the_mark_stands_below_wide_characters_and_tabs() {
        assert_eq!(shown("看[这](x.md)。", 2, 9), "看[这](x.md)。\n  ^^^^^^^^");
        assert_eq!(shown("\ta\tb", 4, 0), "    a   b\n        ^");
        assert_eq!(shown("abc", 9, 0), "abc\n   ^");
        assert_eq!(shown("abc", 0, 0), "abc\n");
        assert_eq!(shown("a\u{200b}\u{1b}[31mb", 2, 3), "a\u{fffd}\u{fffd}[31mb\n ^");
    }

    #[test]
    fn a_long_line_is_cut_around_the_place() {
        let line = format!("{}坏{}", "长".repeat(300), "x".repeat(300));
        let (text, mark) = excerpt(&line, 301, 302);
        let mark = mark.unwrap();
        assert!(text.starts_with("… 长") && text.ends_with("x …"), "{text}");
        let before: usize = text.chars().take_while(|c| *c != '坏').map(|c| c.width().unwrap()).sum();
        assert_eq!(mark, before..before + 2, "{text}");
        let width: usize = text.chars().map(|c| c.width().unwrap()).sum();
        assert!((ROOM - 4..=ROOM + 4).contains(&width), "{width}");
        let (start, mark) = excerpt(&line, 1, 900);
        assert!(!start.starts_with('…') && mark.unwrap().end <= ROOM);
        let (end, mark) = excerpt(&line, 601, 0);
        assert!(end.ends_with('x') && mark.unwrap().end <= ROOM + 4, "{end}");
    }

    #[test]
    fn all_that_is_known_is_told_in_order() {
        let finding = Diagnostic::error("HM010", "content/a.md", "`confidence` is `sure`")
            .at((3, 13))
            .over(4)
            .instead("sure", "wip, validated")
            .hint("write one of them");
        let text = |line, paint| Excerpt { diagnostic: &finding, line, paint }.to_string();
        assert_eq!(
            text(Some("confidence: sure"), Paint::Plain),
            "content/a.md:3:13: error: `confidence` is `sure` [HM010]\n    3 | confidence: sure\n      |             ^^^^\n    \
             found: sure\n    expected: wip, validated\n    hint: write one of them"
        );
        assert!(!text(None, Paint::Plain).contains(" | "));
        assert!(text(Some("x"), Paint::Coloured).contains("\u{1b}[1;31merror\u{1b}[0m"));
    }

    #[test]
    fn a_secret_keeps_its_width_and_nothing_else() {
        let line = "密码：Abc甲 x";
        let start = line.find('A').unwrap();
        assert_eq!(masked(line, std::slice::from_ref(&(start..start + 6))), "密码：***＊ x");
    }
}
