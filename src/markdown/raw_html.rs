//! Raw HTML in Markdown: read tag by tag, so that only known tags with known attributes are ever written.

use std::borrow::Cow;

/// What a run of raw HTML consists of.
#[derive(Debug, PartialEq)]
pub(super) enum Piece<'a> {
    Text(&'a str),
    Open {
        name: String,
        attributes: Vec<(String, Cow<'a, str>)>,
        source: &'a str,
    },
    Close {
        name: String,
        source: &'a str,
    },
    /// A comment, a declaration or a processing instruction.
    Nothing,
}

/// What becomes of an element.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fate {
    /// Written, under this name, if its end tag is due (`false` for `<br>` and its like).
    Keep(&'static str, bool),
    /// Its tags go, its content stays.
    Unwrap,
    /// Goes with its content.
    Drop,
    /// Goes; it has no content.
    DropVoid,
    /// No element of HTML: `<server name>`, which the author means to be read.
    Show,
}

pub(super) fn fate(name: &str) -> Fate {
    const PAIRED: [&str; 64] = [
        "a",
        "abbr",
        "b",
        "bdi",
        "bdo",
        "blockquote",
        "caption",
        "cite",
        "code",
        "dd",
        "del",
        "details",
        "dfn",
        "div",
        "dl",
        "dt",
        "em",
        "figcaption",
        "figure",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "i",
        "ins",
        "kbd",
        "li",
        "mark",
        "ol",
        "p",
        "pre",
        "q",
        "rp",
        "rt",
        "ruby",
        "s",
        "samp",
        "small",
        "span",
        "strong",
        "sub",
        "summary",
        "sup",
        "table",
        "tbody",
        "td",
        "tfoot",
        "th",
        "thead",
        "time",
        "tr",
        "u",
        "ul",
        "var",
        "colgroup",
        "address",
        "article",
        "aside",
        "footer",
        "header",
        "hgroup",
        "section",
        "data",
    ];
    const VOID: [&str; 5] = ["br", "col", "hr", "img", "wbr"];
    const UNWRAPPED: [&str; 28] = [
        "html", "body", "head", "center", "font", "big", "tt", "main", "nav", "form", "fieldset", "legend", "label",
        "button", "option", "optgroup", "map", "picture", "nobr", "acronym", "marquee", "blink", "basefont", "dir",
        "menu", "meter", "progress", "output",
    ];
    const DROPPED: [&str; 21] = [
        "script",
        "style",
        "iframe",
        "object",
        "noscript",
        "template",
        "svg",
        "math",
        "textarea",
        "select",
        "title",
        "xmp",
        "noembed",
        "noframes",
        "audio",
        "video",
        "canvas",
        "frameset",
        "applet",
        "dialog",
        "plaintext",
    ];
    const DROPPED_VOID: [&str; 12] =
        ["input", "link", "meta", "base", "frame", "embed", "source", "track", "param", "area", "bgsound", "keygen"];
    let find = |list: &[&'static str]| list.iter().copied().find(|known| *known == name);
    match name {
        // One h1 a page: the template prints it.
        "h1" => return Fate::Keep("h2", true),
        "strike" => return Fate::Keep("s", true),
        _ => {}
    }
    if let Some(known) = find(&PAIRED) {
        Fate::Keep(known, true)
    } else if let Some(known) = find(&VOID) {
        Fate::Keep(known, false)
    } else if find(&UNWRAPPED).is_some() {
        Fate::Unwrap
    } else if find(&DROPPED).is_some() {
        Fate::Drop
    } else if find(&DROPPED_VOID).is_some() {
        Fate::DropVoid
    } else {
        Fate::Show
    }
}

/// Whether an attribute may be written as it is. Ids and URLs are the caller's business.
pub(super) fn is_plain_attribute(element: &str, attribute: &str) -> bool {
    match attribute {
        "title" | "lang" | "dir" => true,
        "alt" => element == "img",
        "width" | "height" => matches!(element, "img" | "col"),
        "colspan" | "rowspan" => matches!(element, "td" | "th"),
        "scope" => element == "th",
        "span" => matches!(element, "col" | "colgroup"),
        "open" => element == "details",
        "start" | "reversed" => element == "ol",
        "value" => element == "li",
        "datetime" => matches!(element, "time" | "del" | "ins"),
        _ => false,
    }
}

/// Elements that a new sibling of the same name ends.
pub(super) fn ends_its_like(name: &str) -> bool {
    matches!(name, "p" | "li" | "dt" | "dd" | "tr" | "td" | "th")
}

/// Reads the next piece and what follows it; `None` at the end.
pub(super) fn next_piece(html: &str) -> Option<(Piece<'_>, &str)> {
    if html.is_empty() {
        return None;
    }
    let Some(open) = html.find('<') else { return Some((Piece::Text(html), "")) };
    if open > 0 {
        return Some((Piece::Text(&html[..open]), &html[open..]));
    }
    let after = |end: Option<usize>| end.map_or("", |end| &html[end..]);
    if let Some(comment) = html.strip_prefix("<!--") {
        return Some((Piece::Nothing, after(comment.find("-->").map(|at| at + 7))));
    }
    if html.starts_with("<!") || html.starts_with("<?") {
        return Some((Piece::Nothing, after(html.find('>').map(|at| at + 1))));
    }
    if !html[1..].trim_start_matches('/').starts_with(|c: char| c.is_ascii_alphabetic()) {
        return Some((Piece::Text("<"), &html[1..]));
    }
    // A tag that never ends takes all with it, as in a browser: to try again at every `<` would be quadratic.
    Some(tag(html).unwrap_or((Piece::Text(html), "")))
}

fn tag(html: &str) -> Option<(Piece<'_>, &str)> {
    let closing = html.starts_with("</");
    let name_at = 1 + usize::from(closing);
    let name_end = name_at + html[name_at..].find(|c: char| !(c.is_ascii_alphanumeric() || c == '-'))?;
    if !html[name_at..].starts_with(|c: char| c.is_ascii_alphabetic()) {
        return None;
    }
    let name = html[name_at..name_end].to_ascii_lowercase();
    let mut rest = &html[name_end..];
    let mut attributes = Vec::new();
    loop {
        rest = rest.trim_start_matches(|c: char| c.is_ascii_whitespace() || c == '/');
        if let Some(after) = rest.strip_prefix('>') {
            let source = &html[..html.len() - after.len()];
            let piece = if closing { Piece::Close { name, source } } else { Piece::Open { name, attributes, source } };
            return Some((piece, after));
        }
        let end = rest.find(|c: char| c.is_ascii_whitespace() || matches!(c, '=' | '>' | '/'))?;
        if end == 0 {
            // A stray `=`.
            rest = &rest[1..];
            continue;
        }
        let attribute = rest[..end].to_ascii_lowercase();
        rest = rest[end..].trim_start();
        let mut value = "";
        if let Some(after) = rest.strip_prefix('=') {
            let after = after.trim_start();
            (value, rest) = match after.chars().next()? {
                quote @ ('"' | '\'') => after[1..].split_once(quote)?,
                _ => after.split_at(after.find(|c: char| c.is_ascii_whitespace() || c == '>')?),
            };
        }
        attributes.push((attribute, entities(value)));
    }
}

/// Decodes the character references that hide things in attributes; the value is escaped again when written.
pub(super) fn entities(value: &str) -> Cow<'_, str> {
    if !value.contains('&') {
        return value.into();
    }
    let mut decoded = String::with_capacity(value.len());
    let mut rest = value;
    while let Some(at) = rest.find('&') {
        decoded.push_str(&rest[..at]);
        rest = &rest[at..];
        let end = rest.bytes().take(12).position(|byte| byte == b';');
        match end.and_then(|end| Some((end, character(&rest[1..end])?))) {
            Some((end, c)) => {
                decoded.push(c);
                rest = &rest[end + 1..];
            }
            None => {
                decoded.push('&');
                rest = &rest[1..];
            }
        }
    }
    decoded.push_str(rest);
    decoded.into()
}

fn character(reference: &str) -> Option<char> {
    if let Some(number) = reference.strip_prefix('#') {
        let code = match number.strip_prefix(['x', 'X']) {
            Some(digits) => u32::from_str_radix(digits, 16),
            None => number.parse(),
        };
        return char::from_u32(code.ok()?);
    }
    Some(match reference {
        "amp" => '&',
        "lt" => '<',
        "gt" => '>',
        "quot" => '"',
        "apos" => '\'',
        "nbsp" => '\u{A0}',
        "colon" => ':',
        "Tab" => '\t',
        "NewLine" => '\n',
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pieces(mut html: &str) -> Vec<Piece<'_>> {
        let mut pieces = Vec::new();
        while let Some((piece, rest)) = next_piece(html) {
            assert!(rest.len() < html.len(), "no progress");
            pieces.push(piece);
            html = rest;
        }
        pieces
    }

    #[test]
    fn tags_comments_and_text() {
        let found = pieces("a<!-- <b> --><IMG src=x alt='中 >' hidden/>b</p >");
        assert_eq!(found[0], Piece::Text("a"));
        assert_eq!(found[1], Piece::Nothing);
        let Piece::Open { name, attributes, .. } = &found[2] else { panic!("{found:?}") };
        assert_eq!(name, "img");
        let attributes: Vec<_> = attributes.iter().map(|(name, value)| (name.as_str(), &**value)).collect();
        // As browsers read it: an unquoted value may hold a slash, a name may not.
        assert_eq!(attributes, [("src", "x"), ("alt", "中 >"), ("hidden", "")]);
        assert_eq!(found[3], Piece::Text("b"));
        assert!(matches!(&found[4], Piece::Close { name, .. } if name == "p"));
    }

    #[test]
    fn broken_html_is_text_or_nothing() {
        assert_eq!(pieces("a < b"), [Piece::Text("a "), Piece::Text("<"), Piece::Text(" b")]);
        assert_eq!(pieces("<!-- never ends"), [Piece::Nothing]);
        assert_eq!(pieces("<a href=\"x <b>"), [Piece::Text("<a href=\"x <b>")]);
        assert_eq!(pieces("<a ="), [Piece::Text("<a =")]);
    }

    #[test]
    fn references_in_attributes_are_decoded() {
        assert_eq!(entities("java&#115;cript&colon;&#x41;&amp;&unknown;&"), "javascript:A&&unknown;&");
        assert_eq!(entities("&#xFFFFFFFF;&#0;"), "&#xFFFFFFFF;\0");
    }

    #[test]
    fn fates() {
        assert_eq!(fate("b"), Fate::Keep("b", true));
        assert_eq!(fate("h1"), Fate::Keep("h2", true));
        assert_eq!(fate("script"), Fate::Drop);
        assert_eq!(fate("server"), Fate::Show);
        assert_eq!(fate("input"), Fate::DropVoid);
    }
}
