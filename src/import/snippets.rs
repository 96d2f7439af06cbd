//! What MkDocs and its extensions add to Markdown besides boxes and tabs: snippets, keys, marks, icons, attributes.

use std::sync::LazyLock;

use regex::{Captures, Regex};

use super::finding::{Findings, MARKUP};
use super::includes::{self, Shelf};
use super::text::{Fences, Text, Writer};

/// Puts snippets in their places and the rest into Markdown that this site reads.
pub(super) fn translate(text: &Text, shelf: &Shelf, findings: &mut Findings) -> Text {
    let included = includes::translate(text, shelf, findings);
    inline(&without_programs(&included, findings), findings)
}

/// What mkdocstrings takes out of programs (`::: name`, with its options below) leaves its name; references to it
/// (`[words][name.of.it]`) leave their words.
fn without_programs(text: &Text, findings: &mut Findings) -> Text {
    static CALL: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(r"^(\s*):::\s+([A-Za-z_][\w.]*)\s*$").ok());
    static REFERENCE: LazyLock<Option<Regex>> =
        LazyLock::new(|| Regex::new(r"\[([^\]\[]+)\]\[((?:[A-Za-z_]\w*\.)+\w+|)\]").ok());
    let (Some(call), Some(reference)) = (CALL.as_ref(), REFERENCE.as_ref()) else { return text.clone() };
    let (mut out, mut fences, mut options) = (Writer::new(text.origin(0)), Fences::default(), None::<usize>);
    let (mut told, mut at) = (false, 0);
    for (line, origin) in text.lines() {
        let range = at..at + line.len();
        at += line.len() + 1;
        let indent = line.len() - line.trim_start().len();
        if let Some(own) = options {
            if line.trim().is_empty() || indent > own {
                if line.trim().is_empty() {
                    out.put("\n", origin);
                }
                continue;
            }
            options = None;
        }
        let held = fences.holds(line);
        match call.captures(line).filter(|caught| !held && caught[2].contains('.')) {
            Some(caught) => {
                out.line(&format!("{}`{}`", &caught[1], &caught[2]), origin);
                options = Some(indent);
                if !told {
                    let hint = "write what a reader needs of it, or link to the documentation of the program";
                    findings.warn(MARKUP, origin, "`:::` shows documentation out of a program; its names stay", hint);
                    told = true;
                }
            }
            None if !held && line.contains("][") => {
                let words = |caught: &Captures<'_>| {
                    let name = if caught[2].is_empty() { &caught[1] } else { &caught[2] };
                    let name = name.trim_matches('`');
                    let defined = text.text.contains(&format!("[{name}]:"));
                    if defined || !name.contains('.') || name.contains(' ') {
                        caught[0].to_owned()
                    } else {
                        caught[1].to_owned()
                    }
                };
                out.line(&reference.replace_all(line, words), origin);
            }
            None => {
                out.copy(text, range);
                out.put("\n", origin);
            }
        }
    }
    let mut text = out.finish();
    text.text.pop();
    text
}

fn inline(text: &Text, findings: &mut Findings) -> Text {
    static MARKUP_OF: LazyLock<Option<Regex>> = LazyLock::new(|| {
        Regex::new(
            r#"(?<code>`+[^`]*`+)|\+\+(?<keys>[a-z0-9][a-z0-9+-]*)\+\+|==(?<mark>[^=\s](?:[^=]*[^=\s])?)==|\^\^(?<insert>[^^]+)\^\^|(?<icon>:(?:material|fontawesome|octicons|simple)-[a-z0-9-]+:)|(?<attributes>\{:?\s*(?:[.#][\w.:-]+|[\w-]+=(?:"[^"]*"|[^\s}]+))(?:\s+(?:[.#][\w.:-]+|[\w-]+=(?:"[^"]*"|[^\s}]+)))*\s*\})|(?<macro>\{\{.*?\}\}|\{%.*?%\})|(?<toc>^\[TOC\]\s*$)"#,
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
    // `#!python x` in code names its language.
    static SHEBANG: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(r"^(`+)(?:#!|:::)[a-z0-9+-]+ ").ok());
    match (get("code"), SHEBANG.as_ref()) {
        (Some(code), Some(shebang)) => shebang.replace(code, "$1").into_owned(),
        _ => caught[0].to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn snippets_are_put_in_and_markup_becomes_ours() {
        let dir = tempfile::tempdir().unwrap();
        let shelf = Shelf::new(dir.path(), &[String::new()], "x.md");
        std::fs::create_dir(dir.path().join("parts")).unwrap();
        std::fs::write(dir.path().join("parts/a.md"), "甲\n--8<-- \"parts/b.md\"\n").unwrap();
        std::fs::write(dir.path().join("parts/b.md"), "乙\n").unwrap();
        let mut findings = Findings::of(dir.path(), "x.md");
        let text = "# T { #t .x }\n    --8<-- \"parts/a.md\"\n--8<-- \"../secret\"\n++ctrl+c++ ==重== :material-home: [x](y){ .md-button }\n`==a==` {{ var }}\nend\n";
        let out = translate(&Text::new(text, 1), &shelf, &mut findings);
        assert_eq!(
            out.text,
            "# T {#t}\n    甲\n    乙\n<!-- --8<- \"../secret\" -->\n<kbd>Ctrl</kbd>+<kbd>C</kbd> <mark>重</mark>  [x](y)\n`==a==` {{ var }}\nend\n"
        );
        assert_eq!(findings.found.iter().map(|one| one.line).collect::<Vec<_>>(), [3, 4, 5]);
        assert_eq!(out.lines().find(|(line, _)| *line == "end"), Some(("end", 6)));
    }

    #[test]
    fn what_comes_out_of_programs_leaves_its_name() {
        let dir = tempfile::tempdir().unwrap();
        let mut findings = Findings::of(dir.path(), "x.md");
        let text = "    ::: app.core.Client\n        options:\n            depth: 3\n\nsee [`run`][app.core.run], [`app.x`][] and [a][b.c]\n\n[b.c]: d.md\n`#!python x = 1` [k](l){target=\"_blank\" .w.x}\n";
        let out = translate(&Text::new(text, 1), &Shelf::new(dir.path(), &[], "x.md"), &mut findings);
        assert_eq!(
            out.text,
            "    `app.core.Client`\n\nsee `run`, `app.x` and [a][b.c]\n\n[b.c]: d.md\n`x = 1` [k](l)\n"
        );
        assert_eq!(findings.found.iter().map(|one| one.line).collect::<Vec<_>>(), [1]);
    }
}
