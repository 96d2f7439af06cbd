//! Hugo's shortcodes, in Markdown: links, figures, code, notes. One that nobody knows becomes a comment, so that its
//! text is kept and no reader sees it.

use std::cell::Cell;
use std::collections::BTreeMap;
use std::rc::Rc;

use super::attributes::{Attribute, named, positional, read};
use super::counterparts::{Wrapped, single, wrapped};
use super::finding::{Findings, MARKUP};
use super::template::{self, Asked};
use super::text::{Text, Writer, fenced, within};

/// One shortcode as it stands in a text.
pub(super) struct Call<'a> {
    /// The whole of it.
    all: &'a str,
    pub(super) name: &'a str,
    closing: bool,
    pub(super) attributes: Vec<Attribute>,
}

/// Shortcodes that show another file are followed this far.
const DEEPEST: u8 = 8;
const MOST: usize = 1_000;

/// What shortcodes know of their site.
pub(super) struct Site<'a> {
    /// The text of a file that a shortcode shows (`include`, `readfile`).
    read: &'a dyn Fn(&str) -> Option<String>,
    /// Templates of the site's own shortcodes.
    templates: &'a BTreeMap<String, String>,
    /// A parameter of the page or the site.
    param: &'a dyn Fn(&str) -> Option<String>,
    left: u8,
    /// So many files are shown at most: one that shows itself twice would never end.
    shown: Rc<Cell<usize>>,
}

impl<'a> Site<'a> {
    pub(super) fn new(
        read: &'a dyn Fn(&str) -> Option<String>,
        templates: &'a BTreeMap<String, String>,
        param: &'a dyn Fn(&str) -> Option<String>,
    ) -> Self {
        Self { read, templates, param, left: DEEPEST, shown: Rc::new(Cell::new(MOST)) }
    }
}

pub(super) fn translate(text: &Text, site: &Site<'_>, findings: &mut Findings) -> Text {
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
        let before = &text.text[text.text[..start].rfind('\n').map_or(0, |end| end + 1)..start];
        let indent = if before.trim().is_empty() { before } else { "" };
        if call.all[3..].starts_with("/*") {
            out.put(&call.all.replacen("/*", "", 1).replacen("*/", "", 1), line);
        } else if within(&coded, start) {
            if let Some(value) = parameter(&call, site) {
                out.put(&value, line);
                continue;
            }
            findings.warn(MARKUP, line, format!("the shortcode `{}` stands in code and stays there", call.name), "");
            out.put(call.all, line);
        } else if let Some((inside, after)) =
            paired(&text.text, rest, call.name).filter(|_| !call.all.contains("/>}}") && !call.all.contains("/%}}"))
        {
            let inner = Text::new(&dedented(&text.text[inside.clone()], indent), text.origin_at(inside.start));
            // Shortcodes within are read in their turn.
            let new = match wrapped(&call, &inner.text) {
                Wrapped::Unknown => {
                    let inside = translate(&inner, site, findings).text;
                    own(&call, Some(&inside), site).unwrap_or_else(|| {
                        let message = format!("the shortcode `{}` is not known; what it holds stays", call.name);
                        findings.warn(MARKUP, line, message, "");
                        inside
                    })
                }
                Wrapped::Text(new) => new,
                Wrapped::Box(kind, title) => quoted(kind, &title, &translate(&inner, site, findings).text),
                Wrapped::Inside(head) => head + &translate(&inner, site, findings).text,
            };
            out.put(&indented(&new, indent), line);
            rest = after;
        } else {
            let new = match (shown(&call), site.left) {
                (Some(path), 1..) if site.shown.get() > 0 && (site.read)(path).is_some() => {
                    site.shown.set(site.shown.get() - 1);
                    let inner = Text::new(&(site.read)(path).unwrap_or_default(), line);
                    let deeper = Site { left: site.left - 1, shown: Rc::clone(&site.shown), ..*site };
                    let title =
                        named(&call.attributes, "name").map_or_else(String::new, |name| format!("**{name}**\n\n"));
                    let language = ["lang", "language"].iter().find_map(|name| named(&call.attributes, name));
                    match language.or(named(&call.attributes, "code").filter(|code| *code == "true").map(|_| "")) {
                        Some(language) => format!("{title}```{language}\n{}\n```", inner.text.trim_matches('\n')),
                        None => title + translate(&inner, &deeper, findings).text.trim_matches('\n'),
                    }
                }
                _ if before.trim_start().starts_with('#')
                    && call.name == "heading"
                    && positional(&call.attributes, 0).is_some() =>
                {
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
                _ => parameter(&call, site)
                    .or_else(|| single(&call))
                    .or_else(|| own(&call, None, site))
                    .unwrap_or_else(|| {
                        let message =
                            format!("the shortcode `{}` has no counterpart; it is kept as a comment", call.name);
                        findings.warn(MARKUP, line, message, "write in Markdown what it showed");
                        comment(&call)
                    }),
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
        "include" | "readfile" | "snippet" | "code_sample" | "codenew" => {
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

fn comment(call: &Call<'_>) -> String {
    format!("<!-- {} -->", call.all.replace("--", "- -"))
}

/// A parameter that a shortcode names.
fn parameter(call: &Call<'_>, site: &Site<'_>) -> Option<String> {
    (call.name == "param").then(|| (site.param)(positional(&call.attributes, 0)?))?
}

/// What the site's own template makes of a shortcode.
fn own(call: &Call<'_>, inside: Option<&str>, site: &Site<'_>) -> Option<String> {
    // Stands for what the shortcode holds until the template's own blanks are tidied.
    const INNER: &str = "\u{1}";
    let template = site.templates.get(call.name)?;
    let get = |name: &str| match name.parse::<usize>() {
        Ok(number) => positional(&call.attributes, number).unwrap_or_default().to_owned(),
        Err(_) => named(&call.attributes, name).unwrap_or_default().to_owned(),
    };
    let inner = inside.map_or("", |inside| if inside.trim().is_empty() { "" } else { INNER });
    let asked = Asked { get: &get, count: call.attributes.len(), inner, param: site.param };
    let html = template::fill(template, &asked)?;
    let lower = html.to_ascii_lowercase();
    if ["<script", "<iframe", "<style", "<video", "<object", "<form", "<input"].iter().any(|tag| lower.contains(tag)) {
        return None;
    }
    let lines: Vec<&str> = html.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
    let html = if lower.contains("<pre") { html.trim().to_owned() } else { lines.join("\n") };
    let blocks = ["<div", "<p>", "<p ", "<section", "<ul", "<ol", "<li", "<table", "<blockquote", "<details", "<aside"];
    let is_block = blocks.iter().any(|tag| lower.contains(tag));
    let words = html.split('<').filter_map(|part| part.split_once('>').map_or(Some(part), |(_, words)| Some(words)));
    if words.collect::<String>().trim().is_empty() && !lower.contains("<img") {
        // Icons and the like, which are drawn by a style sheet.
        return Some(String::new());
    }
    let inside = inside.unwrap_or_default().trim_matches('\n');
    let inside = if is_block { format!("\n\n{inside}\n\n") } else { inside.to_owned() };
    Some(html.replace(INNER, &inside))
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
        let templates = [
            ("icon", "<i class=\"{{ .Get 0 }}\"></i>"),
            ("store", "<li>\n  {{ .Get \"name\" }}\n\n  <a href=\"{{ .Get \"to\" }}\">more</a>\n</li>"),
            ("color", "<span style=\"color: {{ .Get 0 }}\">{{ .Inner }}</span>"),
            ("panel", "<div>\n{{ .Inner | markdownify }}\n</div>"),
            ("map", "<iframe src=\"{{ .Get 0 }}\"></iframe>"),
        ];
        let templates = templates.into_iter().map(|(name, text)| (name.to_owned(), text.to_owned())).collect();
        let param = |name: &str| (name == "version").then(|| "4.2".to_owned());
        let site = Site::new(&read, &templates, &param);
        let out = translate(&Text::new(text, 1), &site, &mut findings).text;
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
            ("- {{< icon \"fa\" >}} [a](b)\n## {{< icon \"fa\" >}}词", "-  [a](b)\n## 词"),
            ("{{< store name=\"甲\" to=\"/x\" >}}", "<li>\n甲\n<a href=\"/x\">more</a>\n</li>"),
            ("{{< color red >}}红{{< /color >}}", "<span style=\"color: red\">红</span>"),
            ("{{% panel %}}\n**a**\n{{% /panel %}}", "<div>\n\n\n**a**\n\n\n</div>"),
            ("```\n{{< param version >}}\n```\n{{< param \"version\" >}}", "```\n4.2\n```\n4.2"),
            ("{{< code file=\"a.toml\" >}}\n[[x]]\n{{< /code >}}", "**a.toml**\n\n```toml\n[[x]]\n```"),
            ("{{< alert icon=\"!\" text=\"小心\" />}}", "> [!NOTE]\n> 小心"),
            ("{{< button relref=\"b.md\" >}}去{{< /button >}}", "[去](b.md)"),
        ] {
            assert_eq!(done(from), (to.to_owned(), vec![]), "{from}");
        }
    }

    #[test]
    fn what_has_none_is_kept_and_told() {
        let (text, said) =
            done("```\n{{< param \"v\" >}}\n```\n{{< map \"x\" >}}\n## {{% heading \"prerequisites\" %}}\n");
        assert_eq!(text, "```\n{{< param \"v\" >}}\n```\n<!-- {{< map \"x\" >}} -->\n## Prerequisites\n");
        assert_eq!(said.len(), 3, "{said:?}");
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
