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
    for file in partials.filter(|file| file.name.ends_with(".css")) {
        match file.text().and_then(|text| minified(file.path, text).map(|_| text)) {
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
    minified("css", &joined).map_err(|error| errors.push(error)).ok()
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
    }
}
