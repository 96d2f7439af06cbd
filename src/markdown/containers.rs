//! `:::` containers of VuePress, Docusaurus and Microsoft Learn that are never closed, or closed without being open.
//!
//! Their markers are not shown either way; where one is missing, what follows stands in the wrong box elsewhere.

/// What is wrong with one line.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Unbalanced {
    /// 0-based, of the body.
    pub(super) line: usize,
    /// Characters before the marker.
    pub(super) indent: usize,
    /// How long the marker is, in characters.
    pub(super) length: usize,
    pub(super) message: String,
    pub(super) hint: String,
}

/// Containers of Microsoft Learn that end with a marker of their own name.
const NAMED: [&str; 6] = ["zone", "moniker", "row", "column", "image", "code"];

struct Open<'a> {
    name: &'a str,
    colons: usize,
    line: usize,
    indent: usize,
    length: usize,
}

/// Looks at the lines outside code blocks.
pub(super) fn check(text: &str) -> Vec<Unbalanced> {
    let mut found = Vec::new();
    if !text.contains(":::") {
        return found;
    }
    let mut open: Vec<Open<'_>> = Vec::new();
    let mut fence: Option<(char, usize)> = None;
    for (number, line) in text.lines().enumerate() {
        let content = line.trim_start_matches([' ', '\t', '>']);
        let run = |mark: char| content.chars().take_while(|c| *c == mark).count();
        if let Some((mark, width)) = fence {
            if run(mark) >= width && content.trim_end().len() == run(mark) {
                fence = None;
            }
            continue;
        }
        if let Some(mark) = ['`', '~'].into_iter().find(|mark| run(*mark) >= 3) {
            fence = Some((mark, run(mark)));
            continue;
        }
        let colons = run(':');
        if colons < 3 {
            continue;
        }
        let rest = content[colons..].trim();
        let name = rest.split(|c: char| !(c.is_alphanumeric() || c == '-')).next().unwrap_or_default();
        let indent = line[..line.len() - content.len()].chars().count();
        let length = content.trim_end().chars().count();
        let at = |message: String, hint: String| Unbalanced { line: number, indent, length, message, hint };
        if let Some(named) = name.strip_suffix("-end") {
            match open.iter().rposition(|it| it.name == named) {
                Some(place) => drop(open.drain(place..)),
                None => found.push(at(
                    format!("`:::{name}` closes a `{named}` that is not open"),
                    "take the line out, or open it before".into(),
                )),
            }
        } else if rest.is_empty() {
            // The innermost of the same width, as VuePress nests them.
            match open.iter().rposition(|it| !NAMED.contains(&it.name) && it.colons == colons) {
                Some(place) => drop(open.drain(place..)),
                None => found.push(at(
                    format!("`{}` closes a container that is not open", ":".repeat(colons)),
                    "take the line out, or open it before: `::: tip`".into(),
                )),
            }
        } else if !name.is_empty() && is_opening(name, rest) {
            open.push(Open { name, colons, line: number, indent, length });
        }
    }
    let unclosed = open.into_iter().map(|it| {
        let end = if NAMED.contains(&it.name) { format!(":::{}-end:::", it.name) } else { ":".repeat(it.colons) };
        Unbalanced {
            line: it.line,
            indent: it.indent,
            length: it.length,
            message: format!("this container, `{}`, is never closed", it.name),
            hint: format!("end it with a line that holds only `{end}`"),
        }
    });
    found.extend(unclosed);
    found
}

/// Whether a marker begins something. Images, code and words on one line end with their own `:::`.
fn is_opening(name: &str, rest: &str) -> bool {
    match name {
        "row" | "column" => true,
        "image" | "code" | "no-loc" => false,
        _ => !rest.ends_with(":::"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(text: &str) -> Vec<(usize, usize)> {
        check(text).into_iter().map(|found| (found.line, found.length)).collect()
    }

    #[test]
    fn balanced_ones_are_fine() {
        for text in [
            "::: tip 提示\n文\n:::\n",
            ":::: warning\n::: tip\n:::\n::::\n",
            "::: zone pivot=\"a\"\n文\n::: zone-end\n",
            ":::row:::\n:::column span=\"2\":::\n文\n:::column-end:::\n:::row-end:::\n",
            ":::image type=\"content\" source=\"a.png\"\nalt-text=\"b\":::\n:::no-loc text=\"x\":::\n",
            "```\n::: tip\n```\n",
            "> ::: note\n> 文\n> :::\n",
        ] {
            assert_eq!(lines(text), [], "{text}");
        }
    }

    #[test]
    fn missing_ends_and_beginnings_are_named() {
        assert_eq!(lines("文\n::: tip 标题\n文\n"), [(1, 10)]);
        assert_eq!(lines("文\n:::\n"), [(1, 3)]);
        assert_eq!(lines(":::row:::\n文\n"), [(0, 9)]);
        assert_eq!(lines("文\n::: zone-end\n"), [(1, 12)]);
        assert_eq!(check("  ::: tip\n")[0].indent, 2);
    }
}
