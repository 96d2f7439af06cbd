//! Characters that nobody sees and that come between a word and its search: a byte order mark, a space of no width.

use crate::diagnostic::Diagnostic;
use crate::source::{self, Source};

const MARK: char = '\u{feff}';
const NO_WIDTH: char = '\u{200b}';

/// Names the first of each kind. `bytes` are the file's own, `source` is what was read from them.
pub(super) fn check(file: &str, bytes: &[u8], source: &Source, diagnostics: &mut Vec<Diagnostic>) {
    let hint = "`helpmark check --fix` takes it out";
    let rest = match bytes.strip_prefix(b"\xef\xbb\xbf") {
        Some(rest) => {
            let message = "the file starts with a byte order mark (U+FEFF); UTF-8 needs none";
            diagnostics.push(Diagnostic::note("HM038", file, message).at((1, 1)).hint(hint));
            rest
        }
        None => bytes,
    };
    if memchr::memmem::find(rest, b"\xef\xbb\xbf").is_some() {
        let text = source::text(bytes);
        if let Some(at) = text.find(MARK) {
            let message = "an invisible character (U+FEFF) stands in the text";
            let diagnostic = Diagnostic::note("HM038", file, message).at(source::position(&text, at));
            diagnostics.push(diagnostic.over(1).hint(hint));
        }
    }
    if let Some(at) = source.body.find(NO_WIDTH) {
        let (line, column) = source::position(&source.body, at);
        let message = "an invisible character (U+200B) stands in the text: words with it are not found";
        let diagnostic = Diagnostic::note("HM038", file, message).at((source.body_line + line - 1, column)).over(1);
        diagnostics.push(diagnostic.hint("take it out, unless a long word is to break there"));
    }
    if let Some(at) = source.front.find(NO_WIDTH) {
        let (line, column) = source::position(&source.front, at);
        let message = "an invisible character (U+200B) stands in the front matter";
        let diagnostic = Diagnostic::note("HM038", file, message).at((source.front_line + line - 1, column));
        diagnostics.push(diagnostic.over(1).hint(hint));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_kind_is_named_once_with_its_place() {
        let bytes = "\u{feff}---\r\ntitle: VPN\u{200b} 甲\u{200b}\r\n---\r\n一\u{feff}二\u{feff}".as_bytes();
        let mut diagnostics = Vec::new();
        let source = source::read("a.md", bytes, &mut diagnostics);
        check("a.md", bytes, &source, &mut diagnostics);
        let places: Vec<_> = diagnostics.iter().map(|found| (found.code, found.line, found.column)).collect();
        assert_eq!(places, [("HM038", 1, 1), ("HM038", 4, 2), ("HM038", 2, 11)]);
        let mut body = Vec::new();
        let source = source::read("a.md", "---\ntitle: a\n---\n正文\u{200b}二\u{200b}".as_bytes(), &mut body);
        check("a.md", &[], &source, &mut body);
        assert_eq!(
            body.iter().map(|found| (found.code, found.line, found.column)).collect::<Vec<_>>(),
            [("HM038", 4, 3)]
        );
    }
}
