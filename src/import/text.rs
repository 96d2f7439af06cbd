//! Text with its origin: every line knows the line of the file it came from, whatever was put in or taken out before it.

use std::cell::Cell;
use std::ops::Range;

use encoding_rs::{GB18030, UTF_16BE, UTF_16LE};

/// A text and, for each of its lines, the 1-based line of the source.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Text {
    pub(super) text: String,
    lines: Vec<u32>,
    cursor: Cursor,
}

/// The last byte that was asked for, and the line there: texts are read from front to back, and counting anew each time
/// would cost the square of their length.
#[derive(Debug, Clone, Default)]
struct Cursor(Cell<(usize, usize)>);

impl PartialEq for Cursor {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

impl Eq for Cursor {}

impl Text {
    /// A text as it stands in its file, from `first` on.
    pub(super) fn new(text: &str, first: u32) -> Self {
        let lines = (first..).take(text.matches('\n').count() + 1).collect();
        Self { text: text.to_owned(), lines, cursor: Cursor::default() }
    }

    /// The line, from 0, at a byte of the text.
    fn line_at(&self, offset: usize) -> usize {
        let (at, line) = Some(self.cursor.0.get()).filter(|(at, _)| *at <= offset).unwrap_or_default();
        let line = line + self.text.as_bytes()[at..offset].iter().filter(|byte| **byte == b'\n').count();
        self.cursor.0.set((offset, line));
        line
    }

    /// The source's line of the `n`th line, from 0.
    pub(super) fn origin(&self, n: usize) -> u32 {
        self.lines.get(n).or(self.lines.last()).copied().unwrap_or(1)
    }

    /// The source's line at a byte of the text.
    pub(super) fn origin_at(&self, offset: usize) -> u32 {
        self.origin(self.line_at(offset))
    }

    /// Lines without their ends, with their origin.
    pub(super) fn lines(&self) -> impl Iterator<Item = (&str, u32)> {
        self.text.split('\n').zip(self.lines.iter().copied())
    }
}

/// Builds a [`Text`] from pieces.
#[derive(Debug)]
pub(super) struct Writer {
    out: Text,
}

impl Writer {
    pub(super) fn new(first: u32) -> Self {
        Self { out: Text { text: String::new(), lines: vec![first], cursor: Cursor::default() } }
    }

    /// A piece of `input`, as it is.
    pub(super) fn copy(&mut self, input: &Text, range: Range<usize>) {
        let before = input.line_at(range.start);
        let piece = &input.text[range];
        if self.out.text.is_empty() || self.out.text.ends_with('\n') {
            self.here(input.origin(before));
        }
        self.out.text.push_str(piece);
        self.out.lines.extend((before + 1..).take(piece.matches('\n').count()).map(|n| input.origin(n)));
    }

    /// New words, said to come from line `origin`.
    pub(super) fn put(&mut self, piece: &str, origin: u32) {
        if self.out.text.is_empty() || self.out.text.ends_with('\n') {
            self.here(origin);
        }
        self.out.text.push_str(piece);
        self.out.lines.extend(std::iter::repeat_n(origin, piece.matches('\n').count()));
    }

    /// A whole line.
    pub(super) fn line(&mut self, line: &str, origin: u32) {
        self.put(line, origin);
        self.put("\n", origin);
    }

    fn here(&mut self, origin: u32) {
        if let Some(last) = self.out.lines.last_mut() {
            *last = origin;
        }
    }

    pub(super) fn finish(self) -> Text {
        self.out
    }
}

/// Follows code fences from line to line.
#[derive(Debug, Default)]
pub(super) struct Fences {
    open: Option<(char, usize)>,
}

impl Fences {
    /// Whether no code is open.
    pub(super) fn closed(&self) -> bool {
        self.open.is_none()
    }

    /// Whether this line is code, or the fence around it.
    pub(super) fn holds(&mut self, line: &str) -> bool {
        let content = line.trim_start_matches([' ', '\t', '>']);
        let mark = content.chars().next().filter(|c| matches!(c, '`' | '~'));
        let run = mark.map_or(0, |mark| content.chars().take_while(|c| *c == mark).count());
        match (self.open, mark) {
            (Some((open, width)), Some(mark)) => {
                if mark == open && run >= width && content.trim_end().len() == run {
                    self.open = None;
                }
                true
            }
            (Some(_), None) => true,
            (None, Some(mark)) if run >= 3 => {
                self.open = Some((mark, run));
                true
            }
            (None, _) => false,
        }
    }
}

/// Where fenced code is, with its fences.
pub(super) fn fenced(text: &str) -> Vec<Range<usize>> {
    let (mut fences, mut at, mut ranges) = (Fences::default(), 0, Vec::new());
    for line in text.split_inclusive('\n') {
        if fences.holds(line) {
            ranges.push(at..at + line.len());
        }
        at += line.len();
    }
    ranges
}

/// Where code is: fenced, or between backticks in a line.
pub(super) fn coded(text: &str) -> Vec<Range<usize>> {
    let mut ranges = fenced(text);
    let mut spans = Vec::new();
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        let inside = within(&ranges, at);
        let mut from = 0;
        while let Some(open) = line[from..].find('`').map(|open| from + open).filter(|_| !inside) {
            let run = line[open..].bytes().take_while(|byte| *byte == b'`').count();
            let close = line[open + run..].find(&"`".repeat(run)).map(|end| open + run + end + run);
            if let Some(close) = close {
                spans.push(at + open..at + close);
            }
            from = close.unwrap_or(open + run);
        }
        at += line.len();
    }
    ranges.extend(spans);
    ranges.sort_unstable_by_key(|range| range.start);
    ranges
}

/// Whether one of these ranges, which are in order, holds a byte.
pub(super) fn within(ranges: &[Range<usize>], at: usize) -> bool {
    let after = ranges.partition_point(|range| range.start <= at);
    after > 0 && ranges[after - 1].contains(&at)
}

/// Bytes of whatever encoding to text with `\n`: UTF-16 with its mark, UTF-8, else GB18030, which holds GBK. The name of
/// the encoding when it is not UTF-8; `Err` when the bytes fit none.
pub(super) fn decode(bytes: &[u8]) -> Result<(String, Option<&'static str>), ()> {
    let (text, encoding) = match bytes {
        [0xff, 0xfe, rest @ ..] => (UTF_16LE.decode_without_bom_handling(rest), Some("UTF-16")),
        [0xfe, 0xff, rest @ ..] => (UTF_16BE.decode_without_bom_handling(rest), Some("UTF-16")),
        _ => match std::str::from_utf8(bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes)) {
            Ok(text) => ((text.into(), false), None),
            Err(_) => (GB18030.decode_without_bom_handling(bytes), Some("GB18030")),
        },
    };
    let (text, failed) = text;
    if failed || text.contains('\0') {
        return Err(());
    }
    Ok((text.replace("\r\n", "\n").replace('\r', "\n"), encoding))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_remember_where_they_came_from() {
        let input = Text::new("a\nb\nc\nd", 5);
        let mut out = Writer::new(5);
        out.copy(&input, 0..4);
        out.put("new\nlines\n", 7);
        out.copy(&input, 6..7);
        let text = out.finish();
        let found: Vec<_> = text.lines().collect();
        assert_eq!(found, [("a", 5), ("b", 6), ("new", 7), ("lines", 7), ("d", 8)]);
        assert_eq!(text.origin_at(text.text.find('d').unwrap()), 8);
    }

    #[test]
    fn windows_encodings_are_read() {
        let (gbk, _, _) = encoding_rs::GBK.encode("打印机\r\n卡纸");
        assert_eq!(decode(&gbk), Ok(("打印机\n卡纸".to_owned(), Some("GB18030"))));
        let wide: Vec<u8> = "\u{feff}网络".encode_utf16().flat_map(u16::to_le_bytes).collect();
        assert_eq!(decode(&wide), Ok(("网络".to_owned(), Some("UTF-16"))));
        assert_eq!(decode(b"\xef\xbb\xbfa\rb"), Ok(("a\nb".to_owned(), None)));
        assert_eq!(decode(b"PK\x03\x04\0\0\xff"), Err(()));
    }

    #[test]
    fn fences_close_with_their_own_mark() {
        let mut fences = Fences::default();
        let held: Vec<_> =
            ["a", "````md", "```", "```", "````", "b"].into_iter().map(|line| fences.holds(line)).collect();
        assert_eq!(held, [false, true, true, true, true, false]);
    }
}
