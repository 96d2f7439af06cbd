//! What MkDocs and its extensions add to Markdown besides boxes and tabs: snippets, keys, marks, icons, attributes.

use std::path::Path;
use std::sync::LazyLock;

use regex::{Captures, Regex};

use super::finding::{Findings, MARKUP};
use super::place::join;
use super::text::{self, Fences, Text, Writer};

/// Snippets within snippets are followed this far.
const DEEPEST: usize = 8;

/// Puts snippets in their places and the rest into Markdown that this site reads. `folders` are where snippets lie.
pub(super) fn translate(text: &Text, source: &Path, folders: &[String], findings: &mut Findings) -> Text {
    let mut out = Writer::new(text.origin(0));
    include(text, source, folders, findings, &mut out, DEEPEST);
    let mut included = out.finish();
    included.text.pop();
    inline(&included, findings)
}

fn include(text: &Text, source: &Path, folders: &[String], findings: &mut Findings, out: &mut Writer, depth: usize) {
    let mut block = false;
    for (line, origin) in text.lines() {
        let Some(rest) = line.trim_start().strip_prefix("--8<--") else {
            if block && !line.trim().is_empty() {
                snippet(line.trim(), "", source, folders, findings, out, (origin, depth));
            } else if !block {
                out.line(line, origin);
            }
            continue;
        };
        let name = rest.trim().trim_matches('"');
        if name.is_empty() {
            block = !block;
        } else {
            let indent = &line[..line.len() - line.trim_start().len()];
            snippet(name, indent, source, folders, findings, out, (origin, depth));
        }
    }
}

fn snippet(
    name: &str,
    indent: &str,
    source: &Path,
    folders: &[String],
    findings: &mut Findings,
    out: &mut Writer,
    (origin, depth): (u32, usize),
) {
    let path = name.split(':').next().unwrap_or(name);
    let found = folders.iter().find_map(|folder| {
        let bytes = std::fs::read(source.join(join(folder, path)?)).ok()?;
        text::decode(&bytes).ok()
    });
    match found {
        Some((text, _)) if depth > 0 && path == name => {
            let inner: String = text.trim_end().lines().flat_map(|line| [indent, line, "\n"]).collect();
            // Everything in it is said to stand where it is asked for.
            let mut held = Writer::new(origin);
            held.put(inner.trim_end_matches('\n'), origin);
            include(&held.finish(), source, folders, findings, out, depth - 1);
        }
        _ => {
            let why = if path == name { "is not there" } else { "is a part of a file, which is not cut out" };
            findings.warn(
                MARKUP,
                origin,
                format!("the snippet `{name}` {why}; it is kept as a comment"),
                "put its text here",
            );
            out.line(&format!("{indent}<!-- --8<- \"{name}\" -->"), origin);
        }
    }
}

fn inline(text: &Text, findings: &mut Findings) -> Text {
    static MARKUP_OF: LazyLock<Option<Regex>> = LazyLock::new(|| {
        Regex::new(
            r"(?<code>`+[^`]*`+)|\+\+(?<keys>[a-z0-9][a-z0-9+-]*)\+\+|==(?<mark>[^=\s](?:[^=]*[^=\s])?)==|\^\^(?<insert>[^^]+)\^\^|(?<icon>:(?:material|fontawesome|octicons|simple)-[a-z0-9-]+:)|(?<attributes>\{:?\s*(?:[.#][\w-]+|[\w-]+=\S+)(?:\s+(?:[.#][\w-]+|[\w-]+=\S+))*\s*\})|(?<macro>\{\{.*?\}\}|\{%.*?%\})|(?<toc>^\[TOC\]\s*$)",
        )
        .ok()
    });
    let Some(regex) = MARKUP_OF.as_ref() else { return text.clone() };
    let (mut out, mut fences, mut at) = (Writer::new(text.origin(0)), Fences::default(), 0);
    let (mut icons, mut macros) = (false, false);
    for (line, origin) in text.lines() {
        let range = at..at + line.len();
        at += line.len() + 1;
        if fences.holds(line) {
            out.copy(text, range);
        } else {
            let new = regex.replace_all(line, |caught: &Captures<'_>| replaced(caught, line));
            if regex.captures_iter(line).any(|caught| caught.name("icon").is_some()) && !icons {
                icons = true;
                findings.note(MARKUP, origin, "its icons (`:material-…:`) are left out", "");
            }
            if regex.captures_iter(line).any(|caught| caught.name("macro").is_some()) && !macros {
                macros = true;
                findings.warn(
                    MARKUP,
                    origin,
                    "`{{ … }}` is filled in by a plugin; it stays as it is written",
                    "write what it stands for",
                );
            }
            out.put(&new, origin);
        }
        out.put("\n", origin);
    }
    let mut text = out.finish();
    text.text.pop();
    text
}

fn replaced(caught: &Captures<'_>, line: &str) -> String {
    let get = |name: &str| caught.name(name).map(|found| found.as_str());
    if let Some(keys) = get("keys") {
        let key = |key: &str| format!("<kbd>{}{}</kbd>", key[..1].to_uppercase(), &key[1..]);
        return keys.split('+').filter(|key| !key.is_empty()).map(key).collect::<Vec<_>>().join("+");
    }
    if let Some(mark) = get("mark") {
        return format!("<mark>{mark}</mark>");
    }
    if let Some(insert) = get("insert") {
        return format!("<ins>{insert}</ins>");
    }
    if get("icon").is_some() || get("toc").is_some() {
        return String::new();
    }
    if let Some(attributes) = get("attributes") {
        // `{#id}` names a heading here too.
        let of_heading = line.starts_with('#') && attributes.contains('#');
        let id = attributes.split(['{', '}', ' ', ':']).find(|part| part.starts_with('#'));
        return match id.filter(|_| of_heading) {
            Some(id) => format!("{{{id}}}"),
            None => String::new(),
        };
    }
    caught[0].to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn snippets_are_put_in_and_markup_becomes_ours() {
        let dir = tempfile::tempdir().unwrap();
        std::fs::create_dir(dir.path().join("parts")).unwrap();
        std::fs::write(dir.path().join("parts/a.md"), "甲\n--8<-- \"parts/b.md\"\n").unwrap();
        std::fs::write(dir.path().join("parts/b.md"), "乙\n").unwrap();
        let mut findings = Findings::of(dir.path(), "x.md");
        let text = "# T { #t .x }\n    --8<-- \"parts/a.md\"\n--8<-- \"../secret\"\n++ctrl+c++ ==重== :material-home: [x](y){ .md-button }\n`==a==` {{ var }}\nend\n";
        let out = translate(&Text::new(text, 1), dir.path(), &[String::new()], &mut findings);
        assert_eq!(
            out.text,
            "# T {#t}\n    甲\n    乙\n<!-- --8<- \"../secret\" -->\n<kbd>Ctrl</kbd>+<kbd>C</kbd> <mark>重</mark>  [x](y)\n`==a==` {{ var }}\nend\n"
        );
        assert_eq!(findings.found.iter().map(|one| one.line).collect::<Vec<_>>(), [3, 4, 5]);
        assert_eq!(out.lines().find(|(line, _)| *line == "end"), Some(("end", 6)));
    }
}
