//! MDX: imports and components out of Markdown. Tabs become bold names, pictures plain ones; a component that nobody
//! knows leaves a comment and what it holds.

use std::sync::LazyLock;

use regex::{Captures, Regex};

use super::attributes::{named, read};
use super::finding::{Findings, MARKUP};
use super::text::{Text, Writer, coded, within};

/// Components that only arrange what they hold.
const SILENT: &[&str] = &["Tabs", "TabItem", "Details", "Head", "React.Fragment", "Fragment"];

pub(super) fn translate(text: &Text, findings: &mut Findings) -> Text {
    let text = outdented(&without_modules(&unwrapped(text), findings));
    let mut out = Writer::new(text.origin(0));
    let mut done = 0;
    let code = coded(&text.text);
    let Some(markup) = markup() else { return text };
    for caught in markup.captures_iter(&text.text) {
        let Some(all) = caught.get(0) else { continue };
        if all.start() < done || within(&code, all.start()) {
            continue;
        }
        let line = text.origin_at(all.start());
        if let Some(new) = replacement(&caught, findings, line) {
            out.copy(&text, done..all.start());
            out.put(&new, line);
            done = all.end();
        }
    }
    out.copy(&text, done..text.text.len());
    out.finish()
}

/// A comment, a component, or a tag with an attribute that is a program.
fn markup() -> Option<&'static Regex> {
    static MARKUP: LazyLock<Option<Regex>> = LazyLock::new(|| {
        Regex::new(
            r"(?s)\{/\*(?<comment>.*?)\*/\}|<(?<close>/?)(?<name>[A-Z][A-Za-z0-9.]*)\b(?<attributes>[^<>]*?)/?>|<(?<tag>[a-z][a-z0-9]*)\b(?<programs>[^<>]*=\s*\{[^<>]*)>",
        )
        .ok()
    });
    MARKUP.as_ref()
}

fn replacement(caught: &Captures<'_>, findings: &mut Findings, line: u32) -> Option<String> {
    if let Some(comment) = caught.name("comment") {
        let words = comment.as_str().trim();
        return Some(match words.strip_prefix('#').filter(|id| !id.contains(char::is_whitespace)) {
            Some(id) => format!("{{#{id}}}"),
            None => format!("<!-- {} -->", words.replace("--", "- -")),
        });
    }
    if let (Some(tag), Some(programs)) = (caught.name("tag"), caught.name("programs")) {
        return Some(format!("<{}{}>", tag.as_str(), plain_attributes(programs.as_str())));
    }
    let name = caught.name("name")?.as_str();
    let attributes = read(caught.name("attributes").map_or("", |attributes| attributes.as_str()));
    let closing = caught.name("close").is_some_and(|close| !close.as_str().is_empty());
    Some(match name {
        "TabItem" if !closing => {
            let label = named(&attributes, "label").or(named(&attributes, "value")).unwrap_or_default();
            format!("**{label}**\n\n")
        }
        "Details" if !closing => {
            named(&attributes, "summary").map_or_else(String::new, |summary| format!("**{summary}**\n\n"))
        }
        name if SILENT.contains(&name) => String::new(),
        _ if closing => String::new(),
        name => {
            let message =
                format!("the component `{name}` has no counterpart; it is kept as a comment, with what it holds");
            findings.warn(MARKUP, line, message, "write in Markdown what it showed");
            format!("<!-- {} -->", caught[0].replace("--", "- -"))
        }
    })
}

/// `src={require('./a.png').default}` and `{"a.png"}` as texts; other programs are left out.
fn plain_attributes(text: &str) -> String {
    static QUOTED: LazyLock<Option<Regex>> =
        LazyLock::new(|| Regex::new(r#"^(?:require|useBaseUrl)?\(?\s*["'`]([^"'`]*)["'`]\s*\)?(?:\.default)?$"#).ok());
    let own_end = if text.trim_end().ends_with('/') { " /" } else { "" };
    let mut out = String::new();
    for (name, value) in read(text.trim_end().trim_end_matches('/')) {
        let Some(name) = name else { continue };
        let program = text.contains(&format!("{name}={{")) || text.contains(&format!("{name} = {{"));
        let quoted = QUOTED.as_ref().and_then(|regex| regex.captures(&value)).map(|caught| caught[1].to_owned());
        let value = match (program, quoted) {
            (true, Some(quoted)) => quoted,
            (true, None) if value.contains(['{', '(', ':', '=']) => continue,
            _ => value,
        };
        let name = if name == "className" { "class" } else { &name };
        out.push_str(&format!(" {name}=\"{}\"", value.replace('"', "&quot;")));
    }
    out + own_end
}

/// Without the fences of `mdx-code-block`, which hide components from other readers of Markdown.
fn unwrapped(text: &Text) -> Text {
    let (mut out, mut fence) = (Writer::new(text.origin(0)), None::<&str>);
    for (line, origin) in text.lines() {
        let content = line.trim();
        match fence {
            None => match content
                .strip_suffix("mdx-code-block")
                .filter(|mark| mark.len() >= 3 && mark.chars().all(|c| c == '`'))
            {
                Some(mark) => fence = Some(mark),
                None => out.line(line, origin),
            },
            Some(mark) if content == mark => fence = None,
            Some(_) => out.line(line, origin),
        }
    }
    let mut text = out.finish();
    text.text.pop();
    text
}

/// Without the indentation of what stands between the tags of a component: four blanks would make code of it.
fn outdented(text: &Text) -> Text {
    static TAG: LazyLock<Option<Regex>> =
        LazyLock::new(|| Regex::new(r"^\s*<(?<close>/?)(?<name>[A-Z][A-Za-z0-9.]*)\b[^<>]*?(?<own>/?)>\s*$").ok());
    let Some(tag) = TAG.as_ref() else { return text.clone() };
    let code = coded(&text.text);
    let mut lines: Vec<(String, u32)> = Vec::new();
    let mut open: Vec<(String, usize)> = Vec::new();
    let mut at = 0;
    for (n, (line, origin)) in text.lines().enumerate() {
        let is_code = within(&code, at);
        at += line.len() + 1;
        let Some(caught) = tag.captures(line).filter(|_| !is_code) else {
            lines.push((line.to_owned(), origin));
            continue;
        };
        if caught["close"].is_empty() && caught["own"].is_empty() {
            open.push((caught["name"].to_owned(), n));
        } else if let Some(place) = open.iter().rposition(|(name, _)| *name == caught["name"]) {
            let (_, start) = open[place].clone();
            open.truncate(place);
            let inside = &mut lines[start + 1..n];
            let indents = inside
                .iter()
                .filter(|(line, _)| !line.trim().is_empty())
                .map(|(line, _)| line.len() - line.trim_start_matches(' ').len());
            let least = indents.min().unwrap_or(0);
            for (line, _) in inside.iter_mut().filter(|(line, _)| line.len() >= least) {
                line.drain(..least);
            }
        }
        lines.push((line.trim().to_owned(), origin));
    }
    let mut out = Writer::new(text.origin(0));
    lines.iter().for_each(|(line, origin)| out.line(line, *origin));
    let mut text = out.finish();
    text.text.pop();
    text
}

/// A part without its imports: its components are known by their names.
pub(super) fn without_imports(text: &str) -> String {
    let code = coded(text);
    let mut at = 0;
    let lines = text.split_inclusive('\n').filter(|line| {
        let start = at;
        at += line.len();
        within(&code, start) || !(line.starts_with("import ") && is_module(line))
    });
    lines.collect()
}

/// Without `import …` and `export …` at the beginnings of lines.
fn without_modules(text: &Text, findings: &mut Findings) -> Text {
    let code = coded(&text.text);
    let mut out = Writer::new(text.origin(0));
    let (mut at, mut open, mut removed) = (0, false, false);
    for (line, origin) in text.lines() {
        let range = at..at + line.len();
        at += line.len() + 1;
        let starts = !within(&code, range.start) && is_module(line);
        if starts && line.starts_with("export ") {
            findings.warn(MARKUP, origin, "`export` is code of React; it was left out", "");
        }
        if starts || open {
            let ends = line.trim_end().ends_with([';', '\'', '"', '}']) || line.trim().is_empty();
            open = !ends && (open || line.trim_end().ends_with(['{', ',', '(']));
            removed = true;
            continue;
        }
        if removed && line.trim().is_empty() {
            // The empty line after the imports goes with them.
            removed = false;
            continue;
        }
        removed = false;
        out.copy(text, range);
        out.put("\n", origin);
    }
    let mut text = out.finish();
    text.text.pop();
    text
}

fn is_module(line: &str) -> bool {
    let import =
        line.starts_with("import ") && (line.contains(" from ") || line.contains('{') || line.contains(['"', '\'']));
    let export = ["export const ", "export default ", "export function ", "export let ", "export {"]
        .iter()
        .any(|start| line.starts_with(start));
    import || export
}

/// Whether a file that is imported by others only: its name begins with an underscore.
pub(super) fn is_partial(name: &str) -> bool {
    name.starts_with('_') && name != "_index.md"
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    fn done(text: &str) -> (String, Vec<u32>) {
        let mut findings = Findings::of(Path::new("old"), "a.mdx");
        let out = translate(&Text::new(text, 1), &mut findings).text;
        (out, findings.found.iter().map(|one| one.line).collect())
    }

    #[test]
    fn components_become_markdown() {
        for (from, to) in [
            ("import Tabs from '@theme/Tabs';\n\n# A\n", "# A\n"),
            (
                "<Tabs>\n<TabItem value=\"a\" label=\"Linux\">\n\napt\n\n</TabItem>\n</Tabs>\n",
                "\n**Linux**\n\n\n\napt\n\n\n\n",
            ),
            (
                "```mdx-code-block\n<Tabs>\n  <TabItem value=\"a\">\n    一\n\n    - 二\n      - 三\n  </TabItem>\n</Tabs>\n```\n",
                "\n**a**\n\n\n一\n\n- 二\n  - 三\n\n\n",
            ),
            ("<TabItem value=\"b\">甲</TabItem>\n", "**b**\n\n甲\n"),
            ("{/* 草稿 */}\n## B {/* #b-id */}\n", "<!-- 草稿 -->\n## B {#b-id}\n"),
            (
                "<img src={require('./a.png').default} alt=\"图\" style={{width: 3}} />",
                "<img src=\"./a.png\" alt=\"图\" />",
            ),
            (
                "`<Tabs>` 和\n```jsx\nimport A from 'a';\n<A/>\n```\n",
                "`<Tabs>` 和\n```jsx\nimport A from 'a';\n<A/>\n```\n",
            ),
            ("import 是一个词\n", "import 是一个词\n"),
        ] {
            assert_eq!(done(from), (to.to_owned(), vec![]), "{from}");
        }
    }

    #[test]
    fn what_has_no_counterpart_is_told_where_it_stood() {
        let (text, lines) = done("import X from './x';\nexport const a = 1;\n\nhello\n<X a={1}>\nin\n</X>\n");
        assert_eq!(text, "hello\n<!-- <X a={1}> -->\nin\n\n");
        assert_eq!(lines, [2, 5]);
    }
}
