//! Destinations that Markdown does not read although their author's meaning is plain: `![图](我的 图.png)`,
//! `![图](a.png =300x)`, and attributes behind them, `![图](a.png){ width="300" }`.

use std::ops::Range;

use super::Translation;

/// How large an author wants a picture, in CSS pixels.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(in crate::markdown) struct Size {
    pub(in crate::markdown) width: Option<u32>,
    pub(in crate::markdown) height: Option<u32>,
}

impl Size {
    /// From attributes as they are written; only whole pixels count.
    pub(in crate::markdown) fn of(width: Option<&str>, height: Option<&str>) -> Self {
        let pixels =
            |text: &str| text.trim().trim_end_matches("px").parse().ok().filter(|size| (1..=10_000).contains(size));
        Self { width: width.and_then(pixels), height: height.and_then(pixels) }
    }
}

/// Longer ones are not looked at.
const LONGEST: usize = 1024;

/// The parts of a destination that is written in an odd way; bytes of its line.
struct Odd {
    path: Range<usize>,
    /// The path holds spaces, which end it for Markdown.
    spaced: bool,
    /// ` =300x200`.
    suffix: Option<Range<usize>>,
    /// After the closing parenthesis.
    end: usize,
    /// `{ … }` behind it.
    attributes: Option<Range<usize>>,
    size: Size,
}

/// The destination after `](` at `from`, when it is odd.
fn odd(line: &str, from: usize) -> Option<Odd> {
    let bytes = line.as_bytes();
    let (mut depth, mut at, mut spaces) = (0, from, false);
    loop {
        match *bytes.get(at).filter(|_| at - from < LONGEST)? {
            b'\n' | b'`' => return None,
            b'\\' => at += 1,
            b'(' => depth += 1,
            b')' if depth == 0 => break,
            b')' => depth -= 1,
            b' ' => spaces = true,
            _ => {}
        }
        at += 1;
    }
    let end = at + 1;
    let (attributes, mut size) = match bytes.get(end) {
        Some(b'{') => attributes(line, end).unzip(),
        _ if !spaces => return None,
        _ => (None, None),
    };
    let mut path = from..at;
    let mut suffix = None;
    let mut spaced = false;
    if spaces && bytes[from] != b'<' {
        let inner = line.get(path.clone())?.trim_end();
        path.end = from + inner.len();
        let title = ['"', '\''].into_iter().find(|quote| inner.len() > 1 && inner.ends_with(*quote));
        let title = title.and_then(|quote| inner[..inner.len() - 1].rfind(&format!(" {quote}")));
        let path_end = title.map_or(inner.len(), |title| inner[..title].trim_end().len());
        path.end = from + path_end;
        if let Some((before, written)) = inner[..path_end].rsplit_once(" =")
            && let Some((width, height)) = written.split_once('x')
            && written.bytes().all(|byte| byte == b'x' || byte.is_ascii_digit())
        {
            size = Some(Size::of(Some(width), Some(height)));
            let before = before.trim_end().len();
            suffix = Some(from + before..path.end);
            path.end = from + before;
        }
        let written = &line[path.clone()];
        spaced = written.contains(' ') && is_path(written);
    }
    let is_odd = spaced || suffix.is_some() || attributes.is_some();
    is_odd.then(|| Odd { path, spaced, suffix, end, attributes, size: size.unwrap_or_default() })
}

/// Whether words with spaces are the path of a file.
fn is_path(written: &str) -> bool {
    let path = written.split('#').next().unwrap_or_default();
    let extension = path.rsplit('/').next().and_then(|name| Some(name.rsplit_once('.')?.1)).unwrap_or_default();
    let is_extension = (2..=5).contains(&extension.len())
        && extension.bytes().all(|byte| byte.is_ascii_alphanumeric())
        && extension.bytes().any(|byte| byte.is_ascii_alphabetic());
    is_extension && !written.contains(['<', '>', '"']) && !written.contains("://") && !written.starts_with(' ')
}

/// `{ .class #id width="300" }` at `start`, as MkDocs and kramdown have it.
fn attributes(line: &str, start: usize) -> Option<(Range<usize>, Size)> {
    let end = start + line.get(start..)?.bytes().take(LONGEST).position(|byte| matches!(byte, b'}' | b'\n'))?;
    let inner = line.get(start + 1..end).filter(|_| line.as_bytes()[end] == b'}')?;
    let mut words = inner.split_whitespace().map(|word| word.trim_start_matches(':')).filter(|word| !word.is_empty());
    let is_one =
        |word: &str| word.starts_with(['.', '#']) || word.split_once('=').is_some_and(|(key, _)| !key.is_empty());
    if words.clone().next().is_none() || !words.all(is_one) {
        return None;
    }
    let value = |name: &str| {
        let given = inner.split([' ', ':', '\t']).find_map(|word| word.strip_prefix(name)?.strip_prefix('='));
        given.map(|value| value.trim_matches(['"', '\'']))
    };
    Some((start..end + 1, Size::of(value("width"), value("height"))))
}

/// The odd destinations of a line that are not in code.
fn in_line(line: &str) -> Vec<Odd> {
    let mut found: Vec<Odd> = Vec::new();
    let (mut ticks, mut seen) = (0, 0);
    for at in memchr::memmem::find_iter(line.as_bytes(), "](") {
        ticks += memchr::memchr_iter(b'`', &line.as_bytes()[seen..at]).count();
        seen = at;
        if ticks % 2 == 0
            && found.last().is_none_or(|last| last.end <= at)
            && let Some(odd) = odd(line, at + 2)
        {
            found.push(odd);
        }
    }
    found
}

/// Whether any destination of the text is odd.
pub(super) fn are_odd(text: &str) -> bool {
    memchr::memmem::find_iter(text.as_bytes(), "](").any(|at| odd(text, at + 2).is_some())
}

/// Paths with spaces that stand as destinations outside code: their bytes.
pub(crate) fn spaced(text: &str) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    let mut fence: Option<(char, usize)> = None;
    let mut start = 0;
    for line in text.split_inclusive('\n') {
        let content = line.trim_start_matches([' ', '\t', '>']);
        let run = |mark: char| content.chars().take_while(|c| *c == mark).count();
        match fence {
            Some((mark, width)) if run(mark) >= width && content.trim_end().len() == run(mark) => fence = None,
            Some(_) => {}
            None => {
                fence = super::fence_mark(content).map(|mark| (mark, run(mark)));
                let is_code = line.starts_with("    ") || line.starts_with('\t');
                if fence.is_none() && !is_code {
                    let odd = in_line(line).into_iter().filter(|odd| odd.spaced);
                    found.extend(odd.map(|odd| start + odd.path.start..start + odd.path.end));
                }
            }
        }
        start += line.len();
    }
    found
}

impl Translation<'_> {
    /// A line of text: its odd destinations as Markdown has them.
    pub(super) fn inline(&mut self, start: usize, end: usize) {
        let mut at = start;
        for odd in in_line(&self.old[start..end]) {
            let path = start + odd.path.start..start + odd.path.end;
            self.out.copy(at..path.start);
            if odd.spaced {
                self.spaced.push((self.out.new.len(), self.old[path.clone()].to_owned()));
                self.out.put("<", path.start);
            }
            self.out.copy(path.clone());
            if odd.spaced {
                self.out.put(">", path.end);
            }
            at = odd.suffix.map_or(path.end, |suffix| start + suffix.end);
            self.out.copy(at..start + odd.end);
            at = start + odd.end;
            if odd.size != Size::default() {
                self.sizes.push((self.out.new.len(), odd.size));
            }
            at = odd.attributes.map_or(at, |attributes| start + attributes.end);
        }
        self.out.copy(at..end);
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::containers;
    use super::*;

    fn done(text: &str) -> (String, Vec<Size>) {
        let it = super::super::translate(text, &containers::check(text));
        (it.text.into_owned(), it.sizes.into_iter().map(|(_, size)| size).collect())
    }

    #[test]
    fn spaces_sizes_and_attributes() {
        let size = |width, height| vec![Size { width, height }];
        for (from, to, sizes) in [
            ("![图](我的 图.png)。", "![图](<我的 图.png>)。", vec![]),
            ("[a](x (1) y.pdf \"题 目\")", "[a](<x (1) y.pdf> \"题 目\")", vec![]),
            ("[a](我 的.md#二) [b](b.md)", "[a](<我 的.md#二>) [b](b.md)", vec![]),
            ("![a](a.png){ width=\"300px\" }x", "![a](a.png)x", size(Some(300), None)),
            ("![a](a.png){: .c height=20}", "![a](a.png)", size(None, Some(20))),
            ("![a](a.png =300x)", "![a](a.png)", size(Some(300), None)),
            ("![a](a b.png =30x20 \"t\")", "![a](<a b.png> \"t\")", size(Some(30), Some(20))),
            ("[a](b.md){ .button }", "[a](b.md)", vec![]),
        ] {
            assert_eq!(done(from), (to.to_owned(), sizes), "{from}");
        }
        for text in [
            "[a](b \"t\")",
            "[a](<b c.png>)",
            "`![a](b c.png)`",
            "[a](see below)",
            "[a](b.md){x}",
            "[a](b.md){}",
            "    ![a](b c.png)",
            "[a](https://x.example/a b.html)",
            "[a](b",
        ] {
            assert_eq!(done(text).0, text);
        }
        let found = spaced("`[a](b c.md)` [a](b c.md)\n```\n[a](b c.md)\n```\n");
        assert_eq!(found.iter().map(|path| (path.start, path.end)).collect::<Vec<_>>(), [(18, 24)]);
    }
}
