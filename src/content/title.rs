//! The title of a document, from whatever it offers.

use super::front_matter::FrontMatter;
use crate::diagnostic::Diagnostic;
use crate::source::Source;

/// `title`, else the first heading, else the file's name; in plain text.
pub(super) fn of(
    file: &str,
    front: &FrontMatter<'_>,
    source: &Source,
    name: &str,
    diagnostics: &mut Vec<Diagnostic>,
) -> String {
    let heading = first_heading(&source.body);
    if let Some(title) = front.text("title", diagnostics) {
        let title = without_suffix(&plain(&title), heading.as_deref());
        if title.chars().count() > 120 {
            let message = format!("the title is {} characters long", title.chars().count());
            let diagnostic = front.at_key("title", Diagnostic::warning("HM017", file, message));
            diagnostics.push(diagnostic.hint("say it in under 120; the rest belongs in `summary`"));
        }
        if !title.is_empty() {
            return title;
        }
    }
    let (title, from) = match heading {
        Some(heading) => (heading, "its first heading"),
        None => (name.replace(['-', '_'], " "), "its file's name"),
    };
    let message = format!("there is no `title`; {from} is used: {title}");
    diagnostics.push(Diagnostic::note("HM018", file, message).at((1, 1)).hint("add `title: …` to the front matter"));
    title
}

/// The first ATX heading outside code fences, in plain text.
fn first_heading(body: &str) -> Option<String> {
    let mut fence: Option<&str> = None;
    for line in body.lines().take(400) {
        let trimmed = line.trim_start();
        let mark = ["```", "~~~"].into_iter().find(|mark| trimmed.starts_with(mark));
        match (fence, mark) {
            (Some(open), Some(close)) if open == close => fence = None,
            (None, Some(open)) => fence = Some(open),
            (None, None) => {
                let text = trimmed.trim_start_matches('#');
                let level = trimmed.len() - text.len();
                if (1..=6).contains(&level) && text.starts_with([' ', '\t']) {
                    let text = plain(text.trim().trim_end_matches('#'));
                    if !text.is_empty() {
                        return Some(text);
                    }
                }
            }
            _ => {}
        }
    }
    None
}

/// Markdown and HTML marks taken out of a line.
fn plain(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        let (skip, put): (usize, Option<char>) = match c {
            '\\' => match rest[1..].chars().next() {
                Some(next) if next.is_ascii_punctuation() => (1 + next.len_utf8(), Some(next)),
                _ => (1, Some('\\')),
            },
            '`' => (1, None),
            '*' if rest.starts_with("**") => (2, None),
            '&' => match entity(rest) {
                Some((length, decoded)) => (length, Some(decoded)),
                None => (1, Some('&')),
            },
            '[' => match link_text(rest) {
                Some((length, inner)) => {
                    out.push_str(&plain(inner));
                    (length, None)
                }
                None => (1, Some('[')),
            },
            '<' => match rest.find('>') {
                Some(end)
                    if rest[1..].starts_with(|c: char| c.is_ascii_alphabetic() || c == '/')
                        && is_html(&rest[1..end]) =>
                {
                    (end + 1, None)
                }
                _ => (1, Some('<')),
            },
            '\u{200b}' | '\u{feff}' => (c.len_utf8(), None),
            '\u{a0}' => (c.len_utf8(), Some(' ')),
            c => (c.len_utf8(), Some(c)),
        };
        out.extend(put);
        rest = &rest[skip..];
    }
    out.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Tags that only mark text; `<cmdlet name>` is a placeholder and stays.
fn is_html(tag: &str) -> bool {
    let name: String = tag.trim_start_matches('/').chars().take_while(char::is_ascii_alphanumeric).collect();
    matches!(
        name.to_ascii_lowercase().as_str(),
        "a" | "b" | "i" | "em" | "strong" | "code" | "span" | "br" | "sup" | "sub"
    )
}

fn entity(text: &str) -> Option<(usize, char)> {
    let end = text.bytes().take(10).position(|byte| byte == b';')?;
    let name = &text[1..end];
    let decoded = match name {
        "amp" => '&',
        "lt" => '<',
        "gt" => '>',
        "quot" => '"',
        "apos" => '\'',
        "nbsp" => ' ',
        _ => {
            let number = name.strip_prefix('#')?;
            let code = match number.strip_prefix(['x', 'X']) {
                Some(hex) => u32::from_str_radix(hex, 16).ok()?,
                None => number.parse().ok()?,
            };
            char::from_u32(code).filter(|c| !c.is_control())?
        }
    };
    Some((end + 1, decoded))
}

/// The text of `[text](target)` at the start, and the length of the whole.
fn link_text(text: &str) -> Option<(usize, &str)> {
    let close = text.find("](")?;
    let end = text[close..].find(')')? + close + 1;
    Some((end, &text[1..close]))
}

/// Takes a product's suffix off: `X | Microsoft Docs` is `X`.
fn without_suffix(title: &str, heading: Option<&str>) -> String {
    let Some((before, after)) = (title.rsplit_once(" | "))
        .or_else(|| title.rsplit_once("| Microsoft").map(|(before, _)| (before, "Microsoft")))
        .or_else(|| title.rsplit_once(" - Microsoft ").map(|(before, _)| (before, "Microsoft")))
    else {
        return title.to_owned();
    };
    let repeats = heading.is_some_and(|heading| heading.eq_ignore_ascii_case(before.trim()));
    if (repeats || after.starts_with("Microsoft")) && !before.trim().is_empty() {
        return before.trim().to_owned();
    }
    title.to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn titles_are_plain_text() {
        assert_eq!(
            plain(r"Error (The term \<cmdlet name> is not recognized)"),
            "Error (The term <cmdlet name> is not recognized)"
        );
        assert_eq!(plain("Use `IComparable` and **more** &#39;x&#39;"), "Use IComparable and more 'x'");
        assert_eq!(plain("[VPN](vpn.md) <a name=\"x\"></a>设置"), "VPN 设置");
        assert_eq!(without_suffix("安装 | Microsoft Docs", None), "安装");
        assert_eq!(without_suffix("安装| Microsoft Docs", None), "安装");
        assert_eq!(without_suffix("A | B", None), "A | B");
        assert_eq!(without_suffix("A | B", Some("a")), "A");
    }

    #[test]
    fn a_heading_in_code_is_no_title() {
        assert_eq!(first_heading("```\n# no\n```\n\n## yes #\n").as_deref(), Some("yes"));
    }
}
