//! Markdown that only other systems understand (Microsoft Learn, VuePress), put into plain Markdown before the parse.
//!
//! Lines are never added or removed, so diagnostics keep their lines.

use std::borrow::Cow;

/// Rewrites `:::image …:::`, other `:::` lines, `[!INCLUDE …]`, `[!VIDEO …]` and `[!DIV …]` outside code blocks.
pub(super) fn translate(text: &str) -> Cow<'_, str> {
    if !text.contains(":::") && !contains_marker(text) {
        return text.into();
    }
    let mut out = String::with_capacity(text.len());
    let mut fence: Option<(char, usize)> = None;
    let mut rest = text;
    while !rest.is_empty() {
        let (line, after) = rest.split_at(rest.find('\n').map_or(rest.len(), |end| end + 1));
        rest = after;
        let content = line.trim_start_matches([' ', '\t', '>']);
        if let Some((mark, width)) = fence {
            let run = content.chars().take_while(|c| *c == mark).count();
            if run >= width && content.trim_end().len() == run {
                fence = None;
            }
            out.push_str(line);
        } else if let Some(mark) = fence_mark(content) {
            fence = Some((mark, content.chars().take_while(|c| *c == mark).count()));
            out.push_str(line);
        } else if content.contains(NO_LOC) {
            not_localised(line, &mut out);
        } else if let Some(image) = content.find(":::image") {
            let start = line.len() - content.len() + image;
            // An image may span lines, up to its `:::`.
            let from_image = &text[text.len() - after.len() - line.len() + start..];
            match image_markup(from_image) {
                Some((markdown, length)) => {
                    out.push_str(&line[..start]);
                    out.push_str(&markdown);
                    let (taken, left) = from_image.split_at(length);
                    out.extend(taken.matches('\n'));
                    rest = left;
                }
                None => out.push_str(line),
            }
        } else if content.starts_with(":::") {
            container(line, content, &mut out);
        } else if contains_marker(line) {
            markers(line, &mut out);
        } else {
            out.push_str(line);
        }
    }
    out.into()
}

const NO_LOC: &str = ":::no-loc text=\"";

/// `:::no-loc text="Log Analytics":::`: words that translators leave alone.
fn not_localised(line: &str, out: &mut String) {
    let mut rest = line;
    while let Some((before, from)) = rest.split_once(NO_LOC) {
        let Some((words, after)) = from.split_once(":::") else { break };
        out.push_str(before);
        out.push_str(words.trim_end().trim_end_matches('"'));
        rest = after;
    }
    out.push_str(rest);
}

fn contains_marker(text: &str) -> bool {
    text.match_indices("[!").any(|(at, _)| marker(&text[at..]).is_some())
}

fn fence_mark(content: &str) -> Option<char> {
    ['`', '~'].into_iter().find(|mark| content.chars().take_while(|c| c == mark).count() >= 3)
}

/// `:::image type="content" source="x.png" alt-text="y" lightbox="z":::`, and how long it was.
fn image_markup(text: &str) -> Option<(String, usize)> {
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

/// `::: tip 标题` and the like: the marker goes, a title stays.
fn container(line: &str, content: &str, out: &mut String) {
    out.push_str(&line[..line.len() - content.len()]);
    let words = content.trim_matches(|c: char| c == ':' || c.is_whitespace());
    let title = words.split_once(char::is_whitespace).map_or("", |(_, title)| title.trim());
    // `zone pivot="x"`, `code language="y"` carry settings, no title.
    if !title.contains(['=', '"', '{']) && !words.contains('=') {
        out.push_str(title);
    }
    out.push_str(if line.ends_with("\r\n") {
        "\r\n"
    } else if line.ends_with('\n') {
        "\n"
    } else {
        ""
    });
}

enum Marker {
    Gone,
    Video,
}

/// The marker that `text` begins with, and the length of its name.
fn marker(text: &str) -> Option<(Marker, usize)> {
    [("[!include", Marker::Gone), ("[!div", Marker::Gone), ("[!video", Marker::Video)].into_iter().find_map(
        |(name, kind)| {
            let head = text.get(..name.len())?;
            let next = text[name.len()..].chars().next()?;
            (head.eq_ignore_ascii_case(name) && !next.is_ascii_alphabetic()).then_some((kind, name.len()))
        },
    )
}

fn markers(line: &str, out: &mut String) {
    let mut rest = line;
    while let Some(at) = rest.find("[!") {
        let (before, from) = rest.split_at(at);
        out.push_str(before);
        let found = marker(from).and_then(|(kind, name)| Some((kind, name, closing_bracket(from)?)));
        let Some((kind, name, end)) = found else {
            out.push_str("[!");
            rest = &from[2..];
            continue;
        };
        if let Marker::Video = kind {
            let url = from[name..end].trim();
            if url.starts_with("https://") && !url.contains(['<', '>', ' ']) {
                out.push('<');
                out.push_str(url);
                out.push('>');
            }
        }
        rest = &from[end + 1..];
        // `[!INCLUDE [name](path)]` ends with the bracket, `[!INCLUDE name](path)` with the parenthesis.
        if rest.starts_with('(')
            && let Some(close) = rest.find(')')
        {
            rest = &rest[close + 1..];
        }
    }
    out.push_str(rest);
}

/// The `]` that closes the `[` at the start, when it is near.
fn closing_bracket(text: &str) -> Option<usize> {
    const LONGEST: usize = 1024;
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
    fn images_become_markdown() {
        assert_eq!(
            translate(
                "  :::image type=\"content\" source=\"media/a b.png\" alt-text=\"设置 [1]\" lightbox=\"b.png\":::\nx"
            ),
            "  ![设置 \\[1\\]](<media/a b.png>)\nx"
        );
        assert_eq!(
            translate(
                ":::image source=\"a.png\" alt-text=\"甲\":::　:::image source=\"b.png\" alt-text=\"乙\n丙\":::\nx\n"
            ),
            "![甲](<a.png>)　![乙 丙](<b.png>)\n\nx\n"
        );
        assert_eq!(translate(":::image type=\"icon\":::\n"), ":::image type=\"icon\":::\n");
    }

    #[test]
    fn containers_lose_their_markers() {
        assert_eq!(translate("::: tip 提示\n文\n:::\n"), "提示\n文\n\n");
        assert_eq!(translate("::: zone pivot=\"a\"\n文\n::: zone-end\n"), "\n文\n\n");
        assert_eq!(translate(":::row:::\n:::column span=\"2\":::\n文\n"), "\n\n文\n");
    }

    #[test]
    fn includes_videos_and_buttons() {
        assert_eq!(translate("a [!INCLUDE [x](y.md)] b"), "a  b");
        assert_eq!(translate("[!INCLUDE[x](y.md)]\n"), "\n");
        assert_eq!(translate("用 :::no-loc text=\"Log A\"::: 和 :::no-loc text=\"B\":::。\n"), "用 Log A 和 B。\n");
        assert_eq!(translate("> [!VIDEO https://v.example/1]\n"), "> <https://v.example/1>\n");
        assert_eq!(translate("> [!div class=\"nextstepaction\"]\n> [x](y)\n"), "> \n> [x](y)\n");
        assert_eq!(translate("> [!NOTE]\n> [!INCLUDE"), "> [!NOTE]\n> [!INCLUDE");
    }

    #[test]
    fn code_stays_and_lines_keep_their_numbers() {
        let code = "```\n:::row:::\n[!INCLUDE [x](y)]\n```\n";
        assert_eq!(translate(code), code);
        let text = "a\n:::image source=\"x\"\nalt-text=\"y\":::\nb\n::: tip\n";
        assert_eq!(translate(text).matches('\n').count(), text.matches('\n').count());
    }
}
