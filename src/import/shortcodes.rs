//! Hugo's shortcodes, in Markdown: links, figures, code, notes. One that nobody knows becomes a comment, so that its
//! text is kept and no reader sees it.

use super::attributes::{Attribute, named, positional, read};
use super::finding::{Findings, MARKUP};
use super::text::{Text, Writer, fenced, within};

/// One shortcode as it stands in a text.
struct Call<'a> {
    /// The whole of it.
    all: &'a str,
    name: &'a str,
    closing: bool,
    attributes: Vec<Attribute>,
}

/// Names of boxes in themes that many sites have (Docsy, Book, Hextra, Kubernetes), with the kind they are here.
const BOXES: &[(&str, &str)] = &[
    ("note", "NOTE"),
    ("info", "NOTE"),
    ("tip", "TIP"),
    ("success", "TIP"),
    ("important", "IMPORTANT"),
    ("warning", "WARNING"),
    ("caution", "CAUTION"),
    ("danger", "CAUTION"),
    ("error", "CAUTION"),
];

/// Shortcodes that wrap what they hold, with what they say about it.
const NAMED_BOXES: &[&str] = &["alert", "hint", "callout", "admonition", "notice", "pageinfo", "blockquote"];

/// Shortcodes that only arrange what they hold.
const WRAPPERS: &[&str] =
    &["tabs", "tabpane", "tabset", "cards", "cardpane", "columns", "steps", "section", "blocks", "buttons"];

/// Shortcodes that show another file are followed this far.
const DEEPEST: u8 = 8;

/// Where shortcodes that show another file (`include`, `readfile`) find its text.
pub(super) struct Files<'a> {
    read: &'a dyn Fn(&str) -> Option<String>,
    left: u8,
}

impl<'a> Files<'a> {
    pub(super) fn new(read: &'a dyn Fn(&str) -> Option<String>) -> Self {
        Self { read, left: DEEPEST }
    }
}

pub(super) fn translate(text: &Text, files: &Files<'_>, findings: &mut Findings) -> Text {
    if !text.text.contains("{{<") && !text.text.contains("{{%") {
        return text.clone();
    }
    let mut out = Writer::new(text.origin(0));
    let mut rest = 0;
    let coded = fenced(&text.text);
    while let Some(start) = next(&text.text, rest) {
        out.copy(text, rest..start);
        let line = text.origin_at(start);
        let Some(call) = call(&text.text[start..]) else {
            out.copy(text, start..start + 3);
            rest = start + 3;
            continue;
        };
        rest = start + call.all.len();
        let own = &text.text[text.text[..start].rfind('\n').map_or(0, |end| end + 1)..start];
        let indent = if own.trim().is_empty() { own } else { "" };
        if call.all[3..].starts_with("/*") {
            out.put(&call.all.replacen("/*", "", 1).replacen("*/", "", 1), line);
        } else if within(&coded, start) {
            findings.warn(MARKUP, line, format!("the shortcode `{}` stands in code and stays there", call.name), "");
            out.put(call.all, line);
        } else if let Some((inside, after)) =
            paired(&text.text, rest, call.name).filter(|_| !call.all.contains("/>}}") && !call.all.contains("/%}}"))
        {
            let inner = Text::new(&dedented(&text.text[inside.clone()], indent), text.origin_at(inside.start));
            // Shortcodes within are read in their turn.
            let new = match wrapped(&call, &inner.text, findings, line) {
                Wrapped::Text(new) => new,
                Wrapped::Box(kind, title) => quoted(kind, &title, &translate(&inner, files, findings).text),
                Wrapped::Inside(head) => head + &translate(&inner, files, findings).text,
            };
            out.put(&indented(&new, indent), line);
            rest = after;
        } else {
            let new = match (shown(&call), files.left) {
                (Some(path), 1..) if (files.read)(path).is_some() => {
                    let inner = Text::new(&(files.read)(path).unwrap_or_default(), line);
                    let deeper = Files { read: files.read, left: files.left - 1 };
                    let title =
                        named(&call.attributes, "name").map_or_else(String::new, |name| format!("**{name}**\n\n"));
                    title + translate(&inner, &deeper, findings).text.trim_matches('\n')
                }
                _ if own.trim_start().starts_with('#') && positional(&call.attributes, 0).is_some() => {
                    // A heading without words would be none.
                    let words = positional(&call.attributes, 0).unwrap_or_default();
                    findings.warn(
                        MARKUP,
                        line,
                        format!("the shortcode `{}` makes a heading; check its words", call.name),
                        "",
                    );
                    let mut words = words.chars();
                    words.next().map_or_else(String::new, |first| first.to_uppercase().chain(words).collect())
                }
                _ => single(&call, findings, line),
            };
            out.put(&indented(&new, indent), line);
        }
    }
    out.copy(text, rest..text.text.len());
    out.finish()
}

/// The file that a shortcode shows.
fn shown<'a>(call: &'a Call<'_>) -> Option<&'a str> {
    let path = match call.name {
        "include" | "readfile" | "snippet" => {
            positional(&call.attributes, 0).or_else(|| named(&call.attributes, "file"))?
        }
        "tab" => named(&call.attributes, "include")?,
        _ => return None,
    };
    Some(path)
}

/// Without the indentation that the shortcode around it has.
fn dedented(text: &str, indent: &str) -> String {
    let lines: Vec<_> = text.split('\n').map(|line| line.strip_prefix(indent).unwrap_or(line)).collect();
    lines.join("\n")
}

/// With the indentation of the shortcode that it stands for; the first line has it already.
fn indented(text: &str, indent: &str) -> String {
    let lines: Vec<_> = text.split('\n').collect();
    let rest = lines[1..].iter().map(|line| if line.is_empty() { String::new() } else { format!("{indent}{line}") });
    std::iter::once(lines[0].to_owned()).chain(rest).collect::<Vec<_>>().join("\n")
}

fn next(text: &str, from: usize) -> Option<usize> {
    let at = |mark| text[from..].find(mark).map(|at| from + at);
    [at("{{<"), at("{{%")].into_iter().flatten().min()
}

fn call(text: &str) -> Option<Call<'_>> {
    let close = if text.starts_with("{{<") { ">}}" } else { "%}}" };
    let end = text.find(close)?;
    let inner = text[3..end].trim().trim_start_matches("/*").trim_end_matches("*/").trim();
    let closing = inner.starts_with('/');
    let inner = inner.trim_start_matches('/').trim().trim_end_matches('/');
    let name_end = inner.find(char::is_whitespace).unwrap_or(inner.len());
    let attributes = if closing { Vec::new() } else { read(&inner[name_end..]) };
    Some(Call { all: &text[..end + 3], name: &inner[..name_end], closing, attributes })
}

/// What stands between a shortcode that ends at `from` and its closing one, and where that ends.
fn paired(text: &str, from: usize, name: &str) -> Option<(std::ops::Range<usize>, usize)> {
    let (mut at, mut depth) = (from, 0);
    while let Some(start) = next(text, at) {
        let Some(call) = call(&text[start..]) else {
            at = start + 3;
            continue;
        };
        at = start + call.all.len();
        match (call.name == name, call.closing, depth) {
            (true, true, 0) => return Some((from..start, at)),
            (true, true, _) => depth -= 1,
            // `{{< name >}}` within `{{< name >}}` without an end of its own is no opening: only pairs nest.
            (true, false, _) if call.all.contains("/*") => {}
            (true, false, _) => depth += usize::from(closes_later(text, at, name, depth + 2)),
            _ => {}
        }
    }
    None
}

fn closes_later(text: &str, from: usize, name: &str, times: usize) -> bool {
    let rest = &text[from..];
    rest.matches(&format!("/{name} ")).count() + rest.matches(&format!("/ {name} ")).count() >= times
}

enum Wrapped {
    Text(String),
    Box(&'static str, String),
    /// What it holds, after these words.
    Inside(String),
}

fn wrapped(call: &Call<'_>, inside: &str, findings: &mut Findings, line: u32) -> Wrapped {
    let title = ["title", "name", "header", "summary"]
        .iter()
        .find_map(|name| named(&call.attributes, name))
        .unwrap_or_default();
    if let Some((_, kind)) = BOXES.iter().find(|(name, _)| *name == call.name) {
        let title = if title.is_empty() { positional(&call.attributes, 0).unwrap_or_default() } else { title };
        return Wrapped::Box(kind, title.to_owned());
    }
    if NAMED_BOXES.contains(&call.name) {
        let said = ["type", "color", "context", "style"].iter().find_map(|name| named(&call.attributes, name));
        let said = said.or(positional(&call.attributes, 0)).unwrap_or("note");
        let kind = BOXES.iter().find(|(name, _)| *name == said).map_or("NOTE", |(_, kind)| kind);
        return Wrapped::Box(kind, title.to_owned());
    }
    match call.name {
        "highlight" => {
            let language = positional(&call.attributes, 0).unwrap_or_default();
            Wrapped::Text(format!("```{language}\n{}\n```", inside.trim_matches('\n')))
        }
        "details" | "expand" | "tab" => {
            let title = if title.is_empty() { positional(&call.attributes, 0).unwrap_or_default() } else { title };
            let head = if title.is_empty() { String::new() } else { format!("**{title}**\n\n") };
            if let Some(language) = named(&call.attributes, "codelang").or(named(&call.attributes, "lang")) {
                return Wrapped::Text(format!("{head}```{language}\n{}\n```\n", inside.trim_matches('\n')));
            }
            Wrapped::Inside(head)
        }
        "mermaid" => Wrapped::Text(format!("```mermaid\n{}\n```", inside.trim_matches('\n'))),
        name if WRAPPERS.contains(&name) => Wrapped::Inside(String::new()),
        name => {
            let message = format!("the shortcode `{name}` is not known; what it holds stays");
            findings.warn(MARKUP, line, message, "");
            Wrapped::Inside(String::new())
        }
    }
}

fn single(call: &Call<'_>, findings: &mut Findings, line: u32) -> String {
    let first = positional(&call.attributes, 0);
    match call.name {
        "ref" | "relref" => first
            .or_else(|| named(&call.attributes, "path"))
            .map_or_else(|| comment(call), |path| path.replace(' ', "%20")),
        "figure" | "img" | "image" => {
            let get = |name| named(&call.attributes, name).unwrap_or_default();
            let source = if get("src").is_empty() { first.unwrap_or_default() } else { get("src") };
            let caption = [get("caption"), get("title")].into_iter().find(|text| !text.is_empty()).unwrap_or_default();
            let alt = if get("alt").is_empty() { caption } else { get("alt") };
            let image = format!("![{}](<{source}>)", alt.replace(['[', ']'], ""));
            let image = if get("link").is_empty() { image } else { format!("[{image}](<{}>)", get("link")) };
            if caption.is_empty() || caption == alt { image } else { format!("{image}\n\n*{caption}*") }
        }
        "youtube" => first
            .or_else(|| named(&call.attributes, "id"))
            .map_or_else(|| comment(call), |id| format!("<https://www.youtube.com/watch?v={id}>")),
        "vimeo" => first
            .or_else(|| named(&call.attributes, "id"))
            .map_or_else(|| comment(call), |id| format!("<https://vimeo.com/{id}>")),
        "gist" => match (first, positional(&call.attributes, 1)) {
            (Some(user), Some(id)) => format!("<https://gist.github.com/{user}/{id}>"),
            _ => comment(call),
        },
        "br" => "<br>".to_owned(),
        "glossary_tooltip" => {
            named(&call.attributes, "text").or(named(&call.attributes, "term_id")).unwrap_or_default().to_owned()
        }
        name => {
            let message = format!("the shortcode `{name}` has no counterpart; it is kept as a comment");
            findings.warn(MARKUP, line, message, "write in Markdown what it showed");
            comment(call)
        }
    }
}

fn comment(call: &Call<'_>) -> String {
    format!("<!-- {} -->", call.all.replace("--", "- -"))
}

/// A box of this kind around a text.
pub(super) fn quoted(kind: &str, title: &str, inside: &str) -> String {
    let title = if title.is_empty() { String::new() } else { format!("**{}**\n\n", title.trim()) };
    let text = format!("[!{kind}]\n{title}{}", inside.trim_matches('\n'));
    let lines: Vec<_> =
        text.lines().map(|line| if line.trim().is_empty() { ">".to_owned() } else { format!("> {line}") }).collect();
    lines.join("\n")
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    fn done(text: &str) -> (String, Vec<String>) {
        let mut findings = Findings::of(Path::new("old"), "a.md");
        let read = |path: &str| (path == "part.md").then(|| "甲 {{< br >}}\n".to_owned());
        let out = translate(&Text::new(text, 1), &Files::new(&read), &mut findings).text;
        (out, findings.found.iter().map(|one| format!("{}: {}", one.line, one.message)).collect())
    }

    #[test]
    fn what_has_a_counterpart() {
        for (from, to) in [
            ("[x]({{< relref \"b.md#y\" >}})", "[x](b.md#y)"),
            ("{{< figure src=\"a b.png\" alt=\"图\" caption=\"说明\" >}}", "![图](<a b.png>)\n\n*说明*"),
            ("{{< highlight go \"linenos=1\" >}}\nx := 1\n{{< /highlight >}}", "```go\nx := 1\n```"),
            (
                "{{% alert title=\"注意\" color=\"warning\" %}}\n甲\n\n乙\n{{% /alert %}}",
                "> [!WARNING]\n> **注意**\n>\n> 甲\n>\n> 乙",
            ),
            ("{{< note >}}看 [x]({{< ref \"b\" >}}){{< /note >}}", "> [!NOTE]\n> 看 [x](b)"),
            (
                "{{< tabs >}}{{< tab \"Linux\" >}}apt{{< /tab >}}{{< tab \"Windows\" >}}winget{{< /tab >}}{{< /tabs >}}",
                "**Linux**\n\napt**Windows**\n\nwinget",
            ),
            ("{{</* figure src=\"x\" */>}}", "{{< figure src=\"x\" >}}"),
            ("1. a\n\n   {{< note >}}\n   b\n   {{< /note >}}\n", "1. a\n\n   > [!NOTE]\n   > b\n"),
            ("{{< tab name=\"x\" codelang=\"bash\" >}}\ncurl\n{{< /tab >}}", "**x**\n\n```bash\ncurl\n```\n"),
            ("{{< tab name=\"x\" include=\"part.md\" />}}\n{{< include \"part.md\" >}}", "**x**\n\n甲 <br>\n甲 <br>"),
            ("{{< 不完", "{{< 不完"),
        ] {
            assert_eq!(done(from), (to.to_owned(), vec![]), "{from}");
        }
    }

    #[test]
    fn what_has_none_is_kept_and_told() {
        let (text, said) = done("```\n{{< param \"v\" >}}\n```\n## {{% heading \"prerequisites\" %}}\n");
        assert_eq!(text, "```\n{{< param \"v\" >}}\n```\n## Prerequisites\n");
        assert_eq!(said.len(), 2, "{said:?}");
        let (text, said) = done("a\n{{< swagger url=\"x\" >}}\n{{< mine >}}b{{< /mine >}}\n");
        assert_eq!(text, "a\n<!-- {{< swagger url=\"x\" >}} -->\nb\n");
        assert_eq!(
            said,
            [
                "2: the shortcode `swagger` has no counterpart; it is kept as a comment",
                "3: the shortcode `mine` is not known; what it holds stays"
            ]
        );
    }
}
