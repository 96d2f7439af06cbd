//! What stands beside the language of fenced code: `title="main.py"` becomes a line above it, for nobody would see it
//! otherwise; `{ .python .annotate }` becomes `python`. Line numbers and marked lines have no counterpart.

use std::sync::LazyLock;

use regex::Regex;

use super::attributes::{named, read};
use super::text::{Fences, Text, Writer};

pub(super) fn translate(text: &Text) -> Text {
    static OPENING: LazyLock<Option<Regex>> =
        LazyLock::new(|| Regex::new(r"^(?<start>[ \t>]*)(?<mark>`{3,}|~{3,})[ \t]*(?<info>[^`\s][^`]*)$").ok());
    let Some(opening) = OPENING.as_ref() else { return text.clone() };
    let (mut out, mut fences, mut at, mut inside) = (Writer::new(text.origin(0)), Fences::default(), 0, false);
    for (line, origin) in text.lines() {
        let range = at..at + line.len();
        at += line.len() + 1;
        let held = fences.holds(line);
        match opening.captures(line).filter(|_| held && !inside) {
            Some(caught) => {
                let (language, title) = info(&caught["info"]);
                if let Some(title) = title {
                    out.line(&format!("{}**{title}**", &caught["start"]), origin);
                    out.line(caught["start"].trim_end(), origin);
                }
                match language {
                    Some(language) => out.put(&format!("{}{}{language}", &caught["start"], &caught["mark"]), origin),
                    None => out.copy(text, range),
                }
            }
            None => out.copy(text, range),
        }
        inside = held && !fences.closed();
        out.put("\n", origin);
    }
    let mut text = out.finish();
    text.text.pop();
    text
}

/// The language where it has to be written otherwise, and the title.
fn info(info: &str) -> (Option<String>, Option<String>) {
    let info = info.trim();
    let (word, rest) = match info.find(['{', ' ']) {
        // Attributes alone: `hl_lines="4"`.
        _ if info.split([' ', '{']).next().is_some_and(|word| word.contains('=')) => ("", info),
        Some(at) => (info[..at].trim(), info[at..].trim()),
        None => (info, ""),
    };
    let attributes = read(rest.trim_start_matches('{').trim_end_matches('}'));
    let title = ["title", "filename", "file"].iter().find_map(|name| named(&attributes, name));
    let title = title.map(|title| title.trim().to_owned()).filter(|title| !title.is_empty());
    let class = || {
        let classes = rest.trim_matches(['{', '}']).split_whitespace();
        classes.filter_map(|word| word.trim_start_matches(':').strip_prefix('.')).next().unwrap_or_default().to_owned()
    };
    let language = match word {
        "" => Some(class()),
        word if title.is_some() || rest.starts_with('{') => Some(word.trim_start_matches('.').to_owned()),
        _ => None,
    };
    (language, title)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn titles_stand_above_and_languages_alone() {
        for (from, to) in [
            ("```py title=\"a b.py\" hl_lines=\"2\"\nx\n```", "**a b.py**\n\n```py\nx\n```"),
            (
                "- l\n\n  ~~~ { .yaml .annotate title='c.yml' }\n  x\n  ~~~",
                "- l\n\n  **c.yml**\n\n  ~~~yaml\n  x\n  ~~~",
            ),
            ("```go {linenos=true,hl_lines=[1]}\nx\n```", "```go\nx\n```"),
            ("> ```jsx {1,3-4} live\n> x\n> ```", "> ```jsx\n> x\n> ```"),
            (
                "```js {filename=\"x.js\"}\n```js title=\"inside\"\n```\n",
                "**x.js**\n\n```js\n```js title=\"inside\"\n```\n",
            ),
            ("```hl_lines=\"4\"\nx\n```", "```\nx\n```"),
            ("```jsx live\nx\n```", "```jsx live\nx\n```"),
            ("```{.python}\n```\n```\nx title=\"y\"\n```", "```python\n```\n```\nx title=\"y\"\n```"),
        ] {
            assert_eq!(translate(&Text::new(from, 1)).text, to, "{from}");
        }
    }
}
