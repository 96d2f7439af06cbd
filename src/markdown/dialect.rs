//! Markdown that only other systems understand (Microsoft Learn, VuePress, MkDocs), put into plain Markdown before the
//! parse. The new text knows where it stood in the old one ([`Origin`]), so findings keep their places.

mod destinations;
mod learn;

use std::borrow::Cow;
use std::collections::HashMap;

use super::boxes::{self, Mark};
use super::containers::Containers;
use super::origin::{Origin, Rewriting};

pub(super) use destinations::Size;
pub(crate) use destinations::spaced;
pub(super) use learn::{fence_mark, include};

/// Nested boxes beyond this stay as they are.
const DEEPEST: usize = 50;

/// Written where a [`Mark`] is: an HTML block of its own, which ends every paragraph and list before it.
pub(super) const MARK: &str = "<!-- -->";

/// A text in plain Markdown.
#[derive(Debug, Default)]
pub(super) struct Translated<'a> {
    pub(super) text: Cow<'a, str>,
    pub(super) origin: Origin,
    /// By where its [`MARK`] is in the text, in order; and what stood there.
    pub(super) marks: Vec<(usize, Mark, String)>,
    /// How large a picture is to be, by where its markup ends, in order.
    pub(super) sizes: Vec<(usize, Size)>,
    /// Destinations with spaces that were taken as meant: where they are in `text`, and as it stood.
    pub(super) spaced: Vec<(usize, String)>,
}

/// Rewrites `:::` lines, `!!!`, `???` and `===` blocks, `:::image …:::`, `[!VIDEO …]`, `[!DIV …]`, and destinations
/// with spaces or attributes, outside code blocks.
pub(super) fn translate<'a>(text: &'a str, containers: &Containers) -> Translated<'a> {
    let indented = ["!!! ", "??? ", "???+ ", "=== \"", "===! \""].into_iter().any(|mark| text.contains(mark));
    if !indented && !text.contains(":::") && !learn::contains_marker(text) && !destinations::are_odd(text) {
        return Translated { text: text.into(), ..Translated::default() };
    }
    let mut translation = Translation {
        old: text,
        out: Rewriting::new(text),
        roles: HashMap::new(),
        boxes: Vec::new(),
        fence: None,
        in_list: false,
        marks: Vec::new(),
        sizes: Vec::new(),
        spaced: Vec::new(),
    };
    for (open, close) in &containers.pairs {
        translation.roles.insert(*open, Role::Opens(*close));
    }
    let (mut at, mut number) = (0, 0);
    while at < text.len() {
        let end = text[at..].find('\n').map_or(text.len(), |end| at + end + 1);
        let next = translation.line(at, end, number, indented);
        number += memchr::memchr_iter(b'\n', &text.as_bytes()[at..next]).count();
        at = next;
    }
    translation.close_boxes(0, text.len());
    let (new, origin) = translation.out.finish();
    Translated {
        text: new.into(),
        origin,
        marks: translation.marks,
        sizes: translation.sizes,
        spaced: translation.spaced,
    }
}

/// What a line of colons is to the container whose other end is known.
enum Role {
    /// With the line where it ends.
    Opens(usize),
    Closes,
}

/// A box whose content is indented.
struct Indented {
    /// Columns before its opening, in the old text.
    indent: usize,
    closes: Mark,
}

struct Translation<'a> {
    old: &'a str,
    out: Rewriting<'a>,
    roles: HashMap<usize, Role>,
    boxes: Vec<Indented>,
    fence: Option<(char, usize)>,
    /// The last line without indentation belongs to a list: what is indented is no code.
    in_list: bool,
    marks: Vec<(usize, Mark, String)>,
    sizes: Vec<(usize, Size)>,
    spaced: Vec<(usize, String)>,
}

impl Translation<'_> {
    /// Translates the line, and gives where the next one begins: an image may go over several.
    fn line(&mut self, start: usize, end: usize, number: usize, indented: bool) -> usize {
        let old = self.old;
        let mut at = start;
        if indented {
            let (columns, blank) = indent(&old[start..end]);
            if !blank {
                let inside = self.boxes.iter().take_while(|it| columns >= it.indent + 4).count();
                self.close_boxes(inside, start);
            }
            at = dedent(old, start, end, 4 * self.boxes.len());
        }
        let line = &old[at..end];
        let content = line.trim_start_matches([' ', '\t', '>']);
        let mark_at = end - content.len();
        if let Some((mark, width)) = self.fence {
            let run = content.chars().take_while(|c| *c == mark).count();
            if run >= width && content.trim_end().len() == run {
                self.fence = None;
            }
            self.out.copy(at..end);
            return end;
        }
        if let Some(mark) = learn::fence_mark(content) {
            self.fence = Some((mark, content.chars().take_while(|c| *c == mark).count()));
            self.out.copy(at..end);
            return end;
        }
        let (columns, blank) = indent(line);
        if !blank && (columns == 0 || is_item(content)) {
            self.in_list = is_item(content);
        }
        let is_code = columns >= 4 && !self.in_list;
        if is_code {
            self.out.copy(at..end);
        } else if indented && self.indented_box(at, mark_at, end) {
            // Its content is on the lines that follow.
        } else if content.contains(learn::NO_LOC) {
            self.out.copy(at..mark_at);
            self.out.put(&learn::not_localised(content), mark_at);
        } else if let Some(image) = content.find(":::image").filter(|at| !content[*at..].starts_with(":::image-end")) {
            let from = mark_at + image;
            // An image may span lines, up to its `:::`.
            if let Some((markdown, length)) = learn::image_markup(&old[from..]) {
                self.out.copy(at..from);
                self.out.put(&markdown, from);
                return from + length;
            }
            self.out.copy(at..end);
        } else if content.starts_with(":::") {
            self.container(at, mark_at, end, number);
        } else if learn::contains_marker(line) {
            self.markers(at, end);
        } else {
            self.inline(at, end);
        }
        end
    }

    /// `!!! note`, `??? tip` or `=== "Tab"` whose content is on the next lines; false where the line is none.
    fn indented_box(&mut self, at: usize, mark_at: usize, end: usize) -> bool {
        let content = self.old[mark_at..end].trim_end();
        if self.boxes.len() >= DEEPEST || !content.starts_with(['!', '?', '=']) || self.old[at..mark_at].contains('>') {
            return false;
        }
        let line = self.old[..at].rfind('\n').map_or(0, |before| before + 1);
        let (columns, _) = indent(&self.old[line..end]);
        let mut following = self.old[end..].lines().map(indent);
        let has_content = following.find(|(_, blank)| !blank).is_some_and(|(inside, _)| inside >= columns + 4);
        let (mark, closes) = match (boxes::indented(content), boxes::tab(content)) {
            (Some(opening), _) if has_content || !opening.title.is_empty() => (Mark::Open(opening), Mark::Close),
            (None, Some(title)) if has_content => (Mark::Title(title.to_owned()), Mark::Break),
            _ => return false,
        };
        self.out.copy(at..mark_at);
        self.mark(mark, mark_at, content);
        self.boxes.push(Indented { indent: columns, closes });
        true
    }

    /// Ends all but the first boxes, before the line at `at`.
    fn close_boxes(&mut self, left: usize, at: usize) {
        while self.boxes.len() > left
            && let Some(it) = self.boxes.pop()
        {
            self.fence = None;
            if !self.out.new.is_empty() && !self.out.new.ends_with('\n') {
                self.out.put("\n", at);
            }
            let outside = it.indent.saturating_sub(4 * self.boxes.len());
            self.out.put(&" ".repeat(outside), at);
            self.mark(it.closes, at, "");
        }
    }

    /// A line of `:::`.
    fn container(&mut self, at: usize, mark_at: usize, end: usize, number: usize) {
        let content = self.old[mark_at..end].trim_end();
        self.out.copy(at..mark_at);
        let opening = boxes::container(content).map(|(_, opening)| opening);
        let mark = match (self.roles.remove(&number), opening) {
            (Some(Role::Opens(close)), Some(opening)) => {
                self.roles.insert(close, Role::Closes);
                Some(Mark::Open(opening))
            }
            (Some(Role::Closes), _) => Some(Mark::Close),
            _ => learn::title(content).map(|title| Mark::Title(title.to_owned())),
        };
        match mark {
            Some(mark) => self.mark(mark, mark_at, content),
            None => self.out.put("\n", mark_at),
        }
    }

    fn mark(&mut self, mark: Mark, from: usize, written: &str) {
        self.marks.push((self.out.new.len(), mark, written.to_owned()));
        self.out.put(MARK, from);
        self.out.put("\n", from);
    }

    /// `[!VIDEO …]` and `[!DIV …]` in a line.
    fn markers(&mut self, start: usize, end: usize) {
        let mut at = start;
        while let Some(found) = self.old[at..end].find("[!") {
            let from = at + found;
            self.out.copy(at..from);
            match learn::marker(&self.old[from..end]) {
                Some((markdown, length)) => {
                    self.out.put(&markdown, from);
                    at = from + length;
                }
                None => {
                    self.out.copy(from..from + 2);
                    at = from + 2;
                }
            }
        }
        self.out.copy(at..end);
    }
}

/// Columns before the text of a line, and whether there is none.
pub(super) fn indent(line: &str) -> (usize, bool) {
    let mut columns = 0;
    for byte in line.bytes() {
        match byte {
            b' ' => columns += 1,
            b'\t' => columns += 4 - columns % 4,
            b'\n' | b'\r' => return (columns, true),
            _ => return (columns, false),
        }
    }
    (columns, true)
}

/// Where the line goes on after so many columns of white space.
fn dedent(text: &str, start: usize, end: usize, columns: usize) -> usize {
    let mut left = columns;
    for (at, byte) in text[start..end].bytes().enumerate() {
        match byte {
            b' ' if left > 0 => left -= 1,
            b'\t' if left > 0 => left = left.saturating_sub(4),
            _ => return start + at,
        }
    }
    end
}

pub(super) fn is_item(content: &str) -> bool {
    let rest = match content.as_bytes().first() {
        Some(b'-' | b'*' | b'+') => &content[1..],
        Some(b'0'..=b'9') => {
            let rest = content.trim_start_matches(|c: char| c.is_ascii_digit());
            match rest.strip_prefix(['.', ')']) {
                Some(rest) => rest,
                None => return false,
            }
        }
        _ => return false,
    };
    rest.starts_with([' ', '\t', '\n', '\r'])
}

#[cfg(test)]
mod tests {
    use super::super::containers;
    use super::*;

    fn translated(text: &str) -> Translated<'_> {
        translate(text, &containers::check(text))
    }

    fn translate_text(text: &str) -> String {
        translated(text).text.into_owned()
    }

    #[test]
    fn images_become_markdown() {
        assert_eq!(
            translate_text(
                "  :::image type=\"content\" source=\"media/a b.png\" alt-text=\"设置 [1]\" lightbox=\"b.png\":::\nx"
            ),
            "  ![设置 \\[1\\]](<media/a b.png>)\nx"
        );
        let two = ":::image source=\"a.png\" alt-text=\"甲\":::　:::image source=\"b.png\" alt-text=\"乙\n丙\":::\nx\n";
        assert_eq!(translate_text(two), "![甲](<a.png>)　![乙 丙](<b.png>)\nx\n");
        assert_eq!(translate_text(":::image type=\"icon\":::\n"), ":::image type=\"icon\":::\n");
        let complex = ":::image type=\"complex\" source=\"a.png\" alt-text=\"甲\":::\n说明\n:::image-end:::\n";
        assert_eq!(translate_text(complex), "![甲](<a.png>)\n说明\n\n");
    }

    /// The text with each mark as a word.
    fn shown(text: &str) -> String {
        let it = translated(text);
        let mut out = it.text.into_owned();
        for (at, mark, _) in it.marks.iter().rev() {
            let word = match mark {
                Mark::Open(opening) => format!("<{} {}>", opening.kind, opening.title),
                Mark::Close => "</>".to_owned(),
                Mark::Title(title) => format!("={title}="),
                Mark::Break => "--".to_owned(),
            };
            out.replace_range(*at..*at + MARK.len(), &word);
        }
        out
    }

    #[test]
    fn containers_become_boxes() {
        assert_eq!(shown("::: tip 提示\n文\n:::\n"), "<TIP 提示>\n文\n</>\n");
        assert_eq!(shown(":::: note\n::: danger\nx\n:::\n::::"), "<NOTE >\n<CAUTION >\nx\n</>\n</>\n");
        assert_eq!(shown("::: zone pivot=\"a\"\n文\n::: zone-end\n"), "\n文\n\n");
        assert_eq!(shown(":::row:::\n:::column span=\"2\":::\n文\n"), "\n\n文\n");
        assert_eq!(shown("::: tip 没有尾\n文\n"), "=没有尾=\n文\n");
        assert_eq!(shown("::: custom 题\n文\n:::\n"), "=题=\n文\n\n");
        assert_eq!(shown("> ::: tip\n> a\n> :::\n"), "> <TIP >\n> a\n> </>\n");
    }

    #[test]
    fn indented_boxes_lose_their_indentation() {
        assert_eq!(
            shown("!!! warning \"小心\"\n    甲\n\n    ```\n    !!! x\n    ```\n\n乙\n"),
            "<WARNING 小心>\n甲\n\n```\n!!! x\n```\n\n</>\n乙\n"
        );
        assert_eq!(shown("1. a\n\n    ??? tip\n        b\n"), "1. a\n\n    <TIP >\n    b\n    </>\n");
        assert_eq!(shown("!!! note\n    !!! danger\n        x\n    y\n"), "<NOTE >\n<CAUTION >\nx\n</>\ny\n</>\n");
        assert_eq!(shown("=== \"Linux\"\n\n    apt\n\n=== \"Win\"\n\n    x"), "=Linux=\n\napt\n\n--\n=Win=\n\nx\n--\n");
        assert_eq!(shown("!!! note\n\tx\n"), "<NOTE >\nx\n</>\n");
        for text in ["!!! Done\ntext\n", "```\n!!! note\n    x\n```\n", "a\n\n    !!! note\n        x\n", "!!! \n"] {
            assert_eq!(shown(text), text);
        }
    }

    #[test]
    fn videos_and_buttons() {
        assert_eq!(
            translate_text("用 :::no-loc text=\"Log A\"::: 和 :::no-loc text=\"B\":::。\n"),
            "用 Log A 和 B。\n"
        );
        assert_eq!(translate_text("> [!VIDEO https://v.example/1]\n"), "> <https://v.example/1>\n");
        assert_eq!(translate_text("> [!div class=\"nextstepaction\"]\n> [x](y)\n"), "> \n> [x](y)\n");
        assert_eq!(translate_text("> [!NOTE]\n> [!INCLUDE"), "> [!NOTE]\n> [!INCLUDE");
    }

    #[test]
    fn code_stays_and_every_byte_keeps_its_place() {
        let code = "```\n:::row:::\n[!VIDEO https://x.example]\n```\n";
        assert_eq!(translate_text(code), code);
        let text = "a\n:::image source=\"x\"\nalt-text=\"y\":::\nb\n!!! note\n    c\nd\n";
        let it = translated(text);
        for word in ["b", "c", "d"] {
            let new = it.text.find(&format!("{word}\n")).unwrap();
            assert_eq!(it.origin.of(new), text.find(&format!("{word}\n")).unwrap(), "{word}");
        }
    }
}
