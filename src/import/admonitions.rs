//! Boxes, folds and tabs of MkDocs (`!!! note`, `??? tip`, `=== "Tab"`), Docusaurus (`:::note`) and Obsidian
//! (`> [!info]`), as this site's own boxes: quotations that begin with `[!NOTE]`.

use super::text::{Fences, Text, Writer};
use crate::markdown::boxes::{container, indented, kind, tab};

/// All of them, in every text: none means anything else in Markdown.
pub(super) fn translate(text: &Text) -> Text {
    let lines: Vec<(&str, u32)> = text.lines().collect();
    let mut out = Writer::new(text.origin(0));
    let mut fences = Fences::default();
    let mut done = blocks(&lines, "", &mut fences);
    // The text ends as it ended.
    if done.last().is_some_and(|(line, _)| line.is_empty()) {
        done.pop();
        done.iter().for_each(|(line, origin)| out.line(line, *origin));
    } else {
        for (n, (line, origin)) in done.iter().enumerate() {
            if n > 0 {
                out.put("\n", *origin);
            }
            out.put(line, *origin);
        }
    }
    out.finish()
}

type Lines = Vec<(String, u32)>;

fn blocks(lines: &[(&str, u32)], prefix: &str, fences: &mut Fences) -> Lines {
    let mut out = Lines::new();
    let mut at = 0;
    while at < lines.len() {
        let (line, origin) = lines[at];
        if fences.holds(line) {
            out.push((format!("{prefix}{line}"), origin));
            at += 1;
            continue;
        }
        let indent = line.len() - line.trim_start_matches(' ').len();
        let content = &line[indent..];
        if let Some(opening) = indented(content) {
            let end = inside_of(lines, at + 1, indent + 4);
            out.extend(boxed(
                &dedented(&lines[at + 1..end], indent + 4),
                opening.kind,
                &opening.title,
                origin,
                &format!("{prefix}{}", &line[..indent]),
            ));
            at = end;
        } else if let Some(title) = tab(content) {
            let end = inside_of(lines, at + 1, indent + 4);
            out.push((format!("{prefix}{}**{title}**", &line[..indent]), origin));
            out.push((prefix.trim_end().to_owned(), origin));
            let inside = dedented(&lines[at + 1..end], indent + 4);
            let prefix = format!("{prefix}{}", &line[..indent]);
            out.extend(blocks(&inside, &prefix, &mut Fences::default()));
            at = end;
        } else if let Some((colons, opening)) = container(content) {
            let Some(end) = closing(lines, at + 1, colons) else {
                out.push((format!("{prefix}{line}"), origin));
                at += 1;
                continue;
            };
            out.extend(boxed(
                &dedented(&lines[at + 1..end], indent),
                opening.kind,
                &opening.title,
                origin,
                &format!("{prefix}{}", &line[..indent]),
            ));
            at = end + 1;
        } else {
            out.push((prefixed(prefix, &callout(line)), origin));
            at += 1;
        }
    }
    out
}

fn prefixed(prefix: &str, line: &str) -> String {
    if line.trim().is_empty() { prefix.trim_end().to_owned() } else { format!("{prefix}{line}") }
}

/// A box around these lines.
fn boxed(inside: &[(&str, u32)], kind: &str, title: &str, origin: u32, prefix: &str) -> Lines {
    let quote = format!("{prefix}> ");
    let mut out = Lines::new();
    if !kind.is_empty() {
        out.push((format!("{quote}[!{kind}]"), origin));
    }
    if !title.is_empty() {
        out.push((format!("{quote}**{title}**"), origin));
        out.push((quote.trim_end().to_owned(), origin));
    }
    let from = inside.iter().position(|(line, _)| !line.trim().is_empty()).unwrap_or(inside.len());
    let to = inside.iter().rposition(|(line, _)| !line.trim().is_empty()).map_or(from, |last| last + 1);
    out.extend(blocks(&inside[from..to], &quote, &mut Fences::default()));
    out.push((prefix.trim_end().to_owned(), origin));
    out
}

/// The line that closes a container of so many colons.
fn closing(lines: &[(&str, u32)], from: usize, colons: usize) -> Option<usize> {
    let (mut fences, mut depth) = (Fences::default(), 0);
    for (n, (line, _)) in lines.iter().enumerate().skip(from) {
        if fences.holds(line) {
            continue;
        }
        let content = line.trim();
        let run = content.len() - content.trim_start_matches(':').len();
        if run >= 3 && run == content.len() {
            if depth == 0 && run >= colons {
                return Some(n);
            }
            depth = usize::saturating_sub(depth, 1);
        } else if container(content).is_some() {
            depth += 1;
        }
    }
    None
}

/// Where the lines end that are indented by `width`; empty lines at the end are not theirs.
fn inside_of(lines: &[(&str, u32)], from: usize, width: usize) -> usize {
    let belongs = |line: &str| {
        line.trim().is_empty()
            || line.chars().take(width).all(|c| c == ' ') && line.len() >= width
            || line.starts_with('\t')
    };
    let mut end = lines[from..].iter().position(|(line, _)| !belongs(line)).map_or(lines.len(), |count| from + count);
    while end > from && lines[end - 1].0.trim().is_empty() {
        end -= 1;
    }
    end
}

fn dedented<'a>(lines: &[(&'a str, u32)], width: usize) -> Vec<(&'a str, u32)> {
    let cut = |line: &'a str| match line.strip_prefix('\t') {
        Some(rest) => rest,
        None => &line[line.bytes().take(width).take_while(|byte| *byte == b' ').count()..],
    };
    lines.iter().map(|(line, origin)| (cut(line), *origin)).collect()
}

/// `> [!info]- Title` of Obsidian with a kind that this site has.
fn callout(line: &str) -> String {
    let Some(at) = line.find("[!").filter(|at| line[..*at].chars().all(|c| matches!(c, '>' | ' ')) && *at > 0) else {
        return line.to_owned();
    };
    let Some((word, rest)) = line[at + 2..].split_once(']') else { return line.to_owned() };
    let (Some(kind), true) =
        (kind(word).filter(|kind| !kind.is_empty()), word.chars().all(|c| c.is_ascii_alphabetic()))
    else {
        return line.to_owned();
    };
    let title = rest.trim_start_matches(['-', '+']).trim();
    let head = format!("{}[!{kind}]", &line[..at]);
    if title.is_empty() { head } else { format!("{head}\n{}**{title}**\n{}", &line[..at], line[..at].trim_end()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn done(text: &str) -> String {
        translate(&Text::new(text, 1)).text
    }

    #[test]
    fn mkdocs() {
        assert_eq!(
            done("!!! warning \"小心\"\n    甲\n\n    ```\n    !!! x\n    ```\n\n乙\n"),
            "> [!WARNING]\n> **小心**\n>\n> 甲\n>\n> ```\n> !!! x\n> ```\n\n\n乙\n"
        );
        assert_eq!(done("1. a\n\n    ??? tip\n        b\n"), "1. a\n\n    > [!TIP]\n    > b\n\n");
        assert_eq!(
            done("=== \"Linux\"\n\n    apt\n\n=== \"Windows\"\n\n    winget\n"),
            "**Linux**\n\n\napt\n\n**Windows**\n\n\nwinget\n"
        );
        assert_eq!(done("!!! note\n    !!! danger\n        x\n"), "> [!NOTE]\n> > [!CAUTION]\n> > x\n>\n\n");
    }

    #[test]
    fn docusaurus_and_obsidian() {
        assert_eq!(done(":::tip[标题]\n\n甲\n\n:::\n"), "> [!TIP]\n> **标题**\n>\n> 甲\n\n");
        assert_eq!(done("::::note\n:::danger\nx\n:::\n::::\n"), "> [!NOTE]\n> > [!CAUTION]\n> > x\n>\n\n");
        assert_eq!(done(":::note\nno end\n"), ":::note\nno end\n");
        assert_eq!(done(":::custom\nx\n:::\n"), ":::custom\nx\n:::\n");
        assert_eq!(done("> [!faq]- 问\n> 答\n"), "> [!NOTE]\n> **问**\n>\n> 答\n");
        assert_eq!(done("> [!NOTE]\n> x\n"), "> [!NOTE]\n> x\n");
        assert_eq!(done("```\n!!! note\n```\n"), "```\n!!! note\n```\n");
    }

    #[test]
    fn every_line_knows_its_origin() {
        let text = translate(&Text::new("!!! note \"t\"\n    a\n\nlast", 10));
        let last = text.lines().last().unwrap();
        assert_eq!(last, ("last", 13));
    }
}
