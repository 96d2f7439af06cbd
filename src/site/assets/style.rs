//! Style sheets: joined and minified by lightningcss.

use lightningcss::stylesheet::{MinifyOptions, ParserOptions, PrinterOptions, StyleSheet};

use crate::diagnostic::Diagnostic;
use crate::site::theme::File;

/// `theme.css`: the partials in the order of their names, then the site's accent. Each is parsed alone, so that a
/// mistake is reported in its own file.
pub(super) fn theme<'a>(
    partials: impl Iterator<Item = File<'a>>,
    accent: &str,
    errors: &mut Vec<Diagnostic>,
) -> Option<String> {
    let before = errors.len();
    let mut joined = String::new();
    // The files, and the line of `joined` before the first of each.
    let mut files: Vec<(usize, String)> = Vec::new();
    for file in partials.filter(|file| file.name.ends_with(".css")) {
        files.push((joined.matches('\n').count(), file.path.to_owned()));
        match file
            .text()
            .and_then(|text| minified(file.path, text).and_then(|_| closed(file.path, text)).map(|()| text))
        {
            Ok(text) => joined.push_str(text),
            Err(error) => errors.push(error),
        }
        joined.push('\n');
    }
    if errors.len() > before {
        return None;
    }
    joined.push_str(accent);
    // Once more as a whole: rules are merged across partials.
    let own = |error: Diagnostic| {
        let line = usize::try_from(error.line).unwrap_or(0);
        let file = files.iter().rev().find(|(before, _)| *before < line).or(files.first());
        let Some((before, path)) = file else { return error };
        let line = u32::try_from(line.saturating_sub(*before)).unwrap_or(0);
        Diagnostic { path: path.clone(), line, ..error }
    };
    minified("css", &joined).map_err(|error| errors.push(own(error))).ok()
}

/// A block that is open at the end of a file would swallow the next file.
fn closed(path: &str, text: &str) -> Result<(), Diagnostic> {
    let (mut open, mut at) = (Vec::new(), 0);
    while let Some(skip) = text[at..].find(['{', '}', '"', '\'', '/', '\\']) {
        at += skip;
        let rest = &text[at..];
        let skip = match rest.as_bytes()[0] {
            b'{' => {
                open.push(at);
                1
            }
            b'}' => {
                open.pop();
                1
            }
            b'\\' => 1 + rest[1..].chars().next().map_or(0, char::len_utf8),
            b'/' if rest.starts_with("/*") => rest.find("*/").map_or(rest.len(), |end| end + 2),
            b'/' => 1,
            quote => rest[1..].find([char::from(quote), '\n']).map_or(rest.len(), |end| end + 2),
        };
        at += skip;
    }
    let Some(at) = open.pop() else { return Ok(()) };
    let message = "the style sheet does not parse: the block that begins here has no `}`";
    let before = &text[..at];
    let column = before.rsplit('\n').next().map_or(0, |line| line.chars().count()) + 1;
    let number = |number: usize| u32::try_from(number).unwrap_or(0);
    Err(Diagnostic::error("HM043", path, message).at((number(before.matches('\n').count() + 1), number(column))))
}

pub(super) fn sheet(file: &File<'_>, errors: &mut Vec<Diagnostic>) -> Option<String> {
    file.text().and_then(|text| minified(file.path, text)).map_err(|error| errors.push(error)).ok()
}

fn minified(path: &str, text: &str) -> Result<String, Diagnostic> {
    let parse = || -> Result<String, (String, (u32, u32))> {
        let mut sheet = StyleSheet::parse(text, ParserOptions::default()).map_err(|error| {
            let place = error.loc.as_ref().map_or((0, 0), |loc| (loc.line + 1, loc.column));
            (error.kind.to_string(), place)
        })?;
        sheet.minify(MinifyOptions::default()).map_err(|error| (error.to_string(), (0, 0)))?;
        let options = PrinterOptions { minify: true, ..PrinterOptions::default() };
        sheet.to_css(options).map(|printed| printed.code).map_err(|error| (error.to_string(), (0, 0)))
    };
    parse().map_err(|(message, place)| {
        Diagnostic::error("HM043", path, format!("the style sheet does not parse: {message}")).at(place)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn partials_are_joined_in_order_and_minified() {
        let file = |name, bytes| File { name, path: name, bytes };
        let partials = [file("1.css", b"a { color: light-dark(#ffffff, #000) }"), file("2.css", b"b { top: 0px }")];
        let mut errors = Vec::new();
        let css = theme(partials.into_iter(), ":root{--accent:red}", &mut errors).unwrap();
        assert_eq!(css, "a{color:light-dark(#fff,#000)}b{top:0}:root{--accent:red}");
        assert!(errors.is_empty());
    }

    #[test]
    fn a_mistake_is_placed_in_its_own_partial() {
        let file = |name, bytes| File { name, path: name, bytes };
        let partials = [file("1.css", b"a{top:0}"), file("2.css", b"\n\nb { } }")];
        let mut errors = Vec::new();
        assert!(theme(partials.into_iter(), "", &mut errors).is_none());
        assert_eq!((errors[0].path.as_str(), errors[0].line), ("2.css", 3));
        let partials = [file("1.css", b"/* { */ a{top:0}\nb { left: 0;"), file("2.css", b"c{content:'}'}")];
        let mut errors = Vec::new();
        assert!(theme(partials.into_iter(), "", &mut errors).is_none());
        assert_eq!((errors[0].path.as_str(), errors[0].line, errors[0].column), ("1.css", 2, 3));
    }
}
