//! `:::` containers of VuePress, Docusaurus and Microsoft Learn that are never closed, or closed without being open.
//!
//! Their markers are not shown either way; where one is missing, there is no box.

/// What is wrong with one line.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Unbalanced {
    /// Where the marker begins.
    pub(super) offset: usize,
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
    offset: usize,
    length: usize,
}

/// Deeper nesting is no writing, and looking through it for each line would take the square of their number.
const DEEPEST: usize = 100;

/// What the lines outside code blocks hold.
#[derive(Debug, Default)]
pub(super) struct Containers {
    pub(super) unbalanced: Vec<Unbalanced>,
    /// The lines where a container begins and where it ends, 0-based.
    pub(super) pairs: Vec<(usize, usize)>,
}

/// Looks at the lines outside code blocks.
pub(super) fn check(text: &str) -> Containers {
    let mut found = Vec::new();
    let mut pairs = Vec::new();
    if !text.contains(":::") {
        return Containers::default();
    }
    let innermost = |open: &[Open<'_>], is_it: &dyn Fn(&Open<'_>) -> bool| {
        open.iter().enumerate().rev().take(DEEPEST).find(|(_, it)| is_it(it)).map(|(place, _)| place)
    };
    let mut open: Vec<Open<'_>> = Vec::new();
    let mut fence: Option<(char, usize)> = None;
    let mut end = 0;
    for (number, line) in text.split_inclusive('\n').enumerate() {
        let start = end;
        end += line.len();
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
        let offset = start + line.len() - content.len();
        let length = content.trim_end().chars().count();
        let at = |message: String, hint: String| Unbalanced { offset, length, message, hint };
        if name == "image-end" {
            // Of a picture whose description follows it.
        } else if let Some(named) = name.strip_suffix("-end") {
            match innermost(&open, &|it| it.name == named) {
                Some(place) => open.truncate(place),
                None => found.push(at(
                    format!("`:::{name}` closes a `{named}` that is not open"),
                    "take the line out, or open it before".into(),
                )),
            }
        } else if rest.is_empty() {
            // The innermost of the same width, as VuePress nests them.
            match innermost(&open, &|it| !NAMED.contains(&it.name) && it.colons == colons) {
                Some(place) => {
                    pairs.push((open[place].line, number));
                    open.truncate(place);
                }
                None => found.push(at(
                    format!("`{}` closes a container that is not open", ":".repeat(colons)),
                    "take the line out, or open it before: `::: tip`".into(),
                )),
            }
        } else if !name.is_empty() && is_opening(name, rest) {
            open.push(Open { name, colons, line: number, offset, length });
        }
    }
    let unclosed = open.into_iter().map(|it| {
        let end = if NAMED.contains(&it.name) { format!(":::{}-end:::", it.name) } else { ":".repeat(it.colons) };
        Unbalanced {
            offset: it.offset,
            length: it.length,
            message: format!("this container, `{}`, is never closed", it.name),
            hint: format!("end it with a line that holds only `{end}`"),
        }
    });
    found.extend(unclosed);
    Containers { unbalanced: found, pairs }
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
        let line = |offset: usize| text[..offset].matches('\n').count();
        check(text).unbalanced.into_iter().map(|found| (line(found.offset), found.length)).collect()
    }

    #[test]
    fn balanced_ones_are_fine() {
        for text in [
            "::: tip 提示\n文\n:::\n",
            ":::: warning\n::: tip\n:::\n::::\n",
            "::: zone pivot=\"a\"\n文\n::: zone-end\n",
            ":::row:::\n:::column span=\"2\":::\n文\n:::column-end:::\n:::row-end:::\n",
            ":::image type=\"content\" source=\"a.png\"\nalt-text=\"b\":::\n:::no-loc text=\"x\":::\n",
            ":::image type=\"complex\" source=\"a.png\" alt-text=\"b\":::\n文\n:::image-end:::\n",
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
        assert_eq!(check("  ::: tip\n").unbalanced[0].offset, 2);
        assert_eq!(check(":::: tip\n::: note\n:::\n::::\n").pairs, [(1, 2), (0, 3)]);
    }
}
