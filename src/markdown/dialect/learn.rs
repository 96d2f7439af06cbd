//! What only Microsoft Learn understands.

pub(super) const NO_LOC: &str = ":::no-loc text=\"";

/// `:::no-loc text="Log Analytics":::`: words that translators leave alone.
pub(super) fn not_localised(line: &str) -> String {
    let mut out = String::with_capacity(line.len());
    let mut rest = line;
    while let Some((before, from)) = rest.split_once(NO_LOC) {
        let Some((words, after)) = from.split_once(":::") else { break };
        out.push_str(before);
        out.push_str(words.trim_end().trim_end_matches('"'));
        rest = after;
    }
    out.push_str(rest);
    out
}

pub(in crate::markdown) fn fence_mark(content: &str) -> Option<char> {
    ['`', '~'].into_iter().find(|mark| content.chars().take_while(|c| c == mark).count() >= 3)
}

/// `:::image type="content" source="x.png" alt-text="y" lightbox="z":::`, and how long it was.
pub(super) fn image_markup(text: &str) -> Option<(String, usize)> {
    const LONGEST: usize = 4096;
    let body = &text[":::image".len()..];
    let end = body.find(":::")?;
    if end > LONGEST {
        return None;
    }
    let attributes = &body[..end];
    let value = |name: &str| {
        let at = attributes.find(&format!("{name}=\""))? + name.len() + 2;
        attributes[at..].split('"').next()
    };
    let source = value("source")?;
    let alt = value("alt-text").unwrap_or_default().replace(['\r', '\n'], " ");
    let alt = alt.replace('\\', "\\\\").replace('[', "\\[").replace(']', "\\]");
    let source = source.replace(['<', '>', '\n', '\r'], "");
    Some((format!("![{}](<{source}>)", alt.trim()), ":::image".len() + end + 3))
}

/// The title of a `:::` line that is no box. `zone pivot="x"`, `code language="y"` carry settings, no title.
pub(super) fn title(content: &str) -> Option<&str> {
    let words = content.trim_matches(|c: char| c == ':' || c.is_whitespace());
    let title = words.split_once(char::is_whitespace).map_or("", |(_, title)| title.trim());
    (!title.is_empty() && !title.contains(['=', '"', '{']) && !words.contains('=')).then_some(title)
}

enum Kind {
    Gone,
    Video,
}

pub(super) fn contains_marker(text: &str) -> bool {
    memchr::memmem::find_iter(text.as_bytes(), "[!").any(|at| named(&text[at..]).is_some())
}

/// The marker that `text` begins with, and the length of its name.
fn named(text: &str) -> Option<(Kind, usize)> {
    [("[!div", Kind::Gone), ("[!video", Kind::Video)]
        .into_iter()
        .find_map(|(name, kind)| starts(text, name).then_some((kind, name.len())))
}

/// Whether the text begins with a marker of that name, in any case.
fn starts(text: &str, name: &str) -> bool {
    text.get(..name.len()).is_some_and(|head| head.eq_ignore_ascii_case(name))
        && text[name.len()..].starts_with(|c: char| !c.is_ascii_alphabetic())
}

/// What stands for the marker at the start of the text, and how long it is.
pub(super) fn marker(text: &str) -> Option<(String, usize)> {
    let (kind, name) = named(text)?;
    let end = closing_bracket(text)?;
    let url = text[name..end].trim();
    let is_link = matches!(kind, Kind::Video) && url.starts_with("https://") && !url.contains(['<', '>', ' ']);
    Some((if is_link { format!("<{url}>") } else { String::new() }, end + 1))
}

/// `[!INCLUDE [name](path)]` or `[!INCLUDE name](path)` at the start of the text: the name, the path, the length.
pub(in crate::markdown) fn include(text: &str) -> Option<(&str, &str, usize)> {
    const NAME: &str = "[!include";
    if !starts(text, NAME) {
        return None;
    }
    let end = closing_bracket(text)?;
    let inner = text[NAME.len()..end].trim();
    if let Some((label, rest)) = inner.split_once("](") {
        // A title may follow the path.
        let path = rest.trim_end().trim_end_matches(')');
        let path = path.split_once(" \"").map_or(path, |(path, _)| path);
        return Some((label.trim_start_matches('[').trim(), path.trim(), end + 1));
    }
    let rest = text[end + 1..].strip_prefix('(')?;
    let close = rest.bytes().take(LONGEST).position(|byte| byte == b')')?;
    Some((inner.trim_matches(['[', ']']).trim(), rest[..close].trim(), end + 2 + close + 1))
}

/// Longer markers are none.
const LONGEST: usize = 1024;

/// The `]` that closes the `[` at the start, when it is near.
fn closing_bracket(text: &str) -> Option<usize> {
    let mut depth = 0;
    for (at, byte) in text.bytes().take(LONGEST).enumerate() {
        match byte {
            b'[' => depth += 1,
            b']' if depth == 1 => return Some(at),
            b']' => depth -= 1,
            _ => {}
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn includes_are_read() {
        assert_eq!(include("[!INCLUDE [x](y.md)] b"), Some(("x", "y.md", 20)));
        assert_eq!(include("[!include[](../i/y z.md \"t\")]\n"), Some(("", "../i/y z.md", 29)));
        assert_eq!(include("[!INCLUDE x](y.md)b"), Some(("x", "y.md", 18)));
        assert_eq!(include("[!INCLUDES [x](y)]"), None);
        assert_eq!(include("[!INCLUDE"), None);
    }
}
