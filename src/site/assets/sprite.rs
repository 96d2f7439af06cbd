//! `icons/*.svg` → one sprite, so that a page's icons are one cached request and each use is one short element.

use crate::diagnostic::Diagnostic;
use crate::site::theme::File;

/// The sprite and the names of its icons. Colours and strokes are the style sheet's: a symbol is only its paths.
pub(super) fn build<'a>(files: impl Iterator<Item = File<'a>>, errors: &mut Vec<Diagnostic>) -> (String, Vec<String>) {
    let mut sprite = String::from("<svg xmlns=\"http://www.w3.org/2000/svg\">");
    let mut names = Vec::new();
    for file in files.filter(|file| file.name.ends_with(".svg")) {
        let name = file.name.trim_end_matches(".svg");
        match file.text().and_then(|text| inner(&file, text)) {
            Ok(paths) => {
                sprite.push_str(&format!("<symbol id=\"{name}\" viewBox=\"0 0 24 24\">{paths}</symbol>"));
                names.push(name.to_owned());
            }
            Err(error) => errors.push(error),
        }
    }
    sprite.push_str("</svg>");
    (sprite, names)
}

/// What stands between `<svg …>` and `</svg>`, on one line.
fn inner(file: &File<'_>, text: &str) -> Result<String, Diagnostic> {
    let broken = || {
        Diagnostic::error("HM043", file.path, "is not a plain 24 × 24 SVG icon")
            .hint("use an icon as https://lucide.dev gives it: one <svg viewBox=\"0 0 24 24\"> with paths in it")
    };
    let start = text.find("<svg").ok_or_else(broken)?;
    let open = text[start..].find('>').ok_or_else(broken)? + start;
    let end = text.rfind("</svg>").filter(|end| *end > open).ok_or_else(broken)?;
    if !text[start..open].contains("viewBox=\"0 0 24 24\"") {
        return Err(broken());
    }
    Ok(text[open + 1..end].lines().map(str::trim).collect::<Vec<_>>().join("").replace(" />", "/>"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn icons_become_symbols_and_strange_files_errors() {
        let file = |name, bytes| File { name, path: name, bytes };
        let good = file("x.svg", b"<!-- c -->\n<svg\n viewBox=\"0 0 24 24\"\n>\n  <path d=\"M1 2\" />\n</svg>\n");
        let bad = file("y.svg", b"<svg viewBox=\"0 0 9 9\"></svg>");
        let mut errors = Vec::new();
        let (sprite, names) = build([good, bad].into_iter(), &mut errors);
        assert!(sprite.contains("<symbol id=\"x\" viewBox=\"0 0 24 24\"><path d=\"M1 2\"/></symbol>"), "{sprite}");
        assert_eq!(names, ["x"]);
        assert_eq!(errors.len(), 1);
    }
}
