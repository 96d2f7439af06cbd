//! Files within files: the snippets of MkDocs and its plugins (`--8<--`, `{! … !}`, `{* … *}`, `{% include … %}`), in
//! text and in code.

use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use regex::Regex;

use super::finding::{Findings, MARKUP};
use super::front;
use super::text::{self, Fences, Text, Writer};

/// Snippets within snippets are followed this far.
const DEEPEST: usize = 8;
/// A document does not grow beyond this many bytes by its snippets.
const LARGEST: usize = 4 << 20;

/// Where snippets are looked for.
pub(super) struct Shelf {
    folders: Vec<PathBuf>,
    /// Nothing outside is read: a snippet of somebody's tree must not publish a file of this machine.
    limit: PathBuf,
}

impl Shelf {
    /// `folders` are relative to `source`, where also the document lies.
    pub(super) fn new(source: &Path, folders: &[String], document: &str) -> Self {
        let beside = source.join(super::place::folder(document));
        let folders = folders.iter().map(|folder| source.join(folder)).chain([beside]).collect();
        Self { folders, limit: project(source) }
    }

    fn read(&self, path: &str) -> Option<String> {
        let mut found = self.folders.iter().filter_map(|folder| folder.join(path).canonicalize().ok());
        let file = found.find(|file| file.starts_with(&self.limit) && file.is_file())?;
        Some(text::decode(&std::fs::read(file).ok()?).ok()?.0)
    }
}

/// The project that the documents belong to: `docs/` shows files of the program beside it.
fn project(source: &Path) -> PathBuf {
    let Ok(source) = source.canonicalize() else { return source.to_owned() };
    let marks = [".git", "pyproject.toml", "setup.py", "package.json", "Cargo.toml", "go.mod"];
    let project = source.ancestors().take(4).find(|dir| marks.iter().any(|mark| dir.join(mark).exists()));
    project.unwrap_or(&source).to_owned()
}

/// What a line asks for.
struct Ask<'a> {
    path: &'a str,
    part: Part<'a>,
    /// Show it as code.
    code: bool,
}

enum Part<'a> {
    Whole,
    /// From and to these lines, from 1.
    Lines(usize, usize),
    /// Between `--8<-- [start:name]` and `--8<-- [end:name]`.
    Section(&'a str),
    /// Between these words, where they are given.
    Between(Option<&'a str>, Option<&'a str>),
}

/// Puts snippets in their places.
pub(super) fn translate(text: &Text, shelf: &Shelf, findings: &mut Findings) -> Text {
    if !["8<-", "{!", "{*", "{%"].iter().any(|mark| text.text.contains(mark)) {
        return text.clone();
    }
    let mut out = Writer::new(text.origin(0));
    let mut left = LARGEST;
    include(text, shelf, findings, &mut out, DEEPEST, &mut left);
    let mut text = out.finish();
    text.text.pop();
    text
}

fn include(text: &Text, shelf: &Shelf, findings: &mut Findings, out: &mut Writer, depth: usize, left: &mut usize) {
    let (mut block, mut fences) = (false, Fences::default());
    for (line, origin) in text.lines() {
        let in_code = fences.holds(line);
        let content = line.trim();
        let asked =
            if block && !content.is_empty() && cut(content).is_none() { Some(scissors(content)) } else { ask(line) };
        match (asked, cut(content)) {
            (Some(ask), _) => {
                let indent = &line[..line.len() - line.trim_start().len()];
                let file = shelf.read(ask.path);
                let found = file.as_deref().and_then(|file| part(file, &ask.part));
                let Some(inner) = found.filter(|inner| depth > 0 && inner.len() < *left) else {
                    let why = if file.is_some() { "has no such part" } else { "is not there" };
                    missing(&ask, why, in_code, indent, origin, findings, out);
                    continue;
                };
                *left -= inner.len();
                let inner = shown(&ask, &inner, in_code);
                // Everything in it is said to stand where it is asked for.
                let mut held = Writer::new(origin);
                let lines = inner
                    .trim_end()
                    .lines()
                    .map(|line| if line.is_empty() { String::new() } else { format!("{indent}{line}") });
                held.put(&lines.collect::<Vec<_>>().join("\n"), origin);
                include(&held.finish(), shelf, findings, out, depth - 1, left);
            }
            (None, Some("")) => block = !block,
            // A mark within a file that others show parts of.
            (None, Some(mark)) if mark.starts_with('[') => {}
            (None, _) if line.trim_start().starts_with(";--8<--") => out.line(&line.replacen(';', "", 1), origin),
            (None, _) => {
                if !block {
                    out.line(line, origin);
                }
            }
        }
    }
}

fn shown(ask: &Ask<'_>, inner: &str, in_code: bool) -> String {
    if ask.code && !in_code {
        let end = ask.path.rsplit_once('.').map_or("", |(_, end)| end);
        return format!("```{end}\n{}\n```", inner.trim_end());
    }
    // Front matter of a document is no text.
    let is_document = !in_code && super::place::is_markdown(ask.path);
    if !is_document {
        return inner.to_owned();
    }
    front::split(inner).map_or_else(|_| inner.to_owned(), |parts| parts.body.text)
}

fn missing(
    ask: &Ask<'_>,
    why: &str,
    in_code: bool,
    indent: &str,
    origin: u32,
    findings: &mut Findings,
    out: &mut Writer,
) {
    let kept = if in_code { "its name stays" } else { "it is kept as a comment" };
    let message = format!("the snippet `{}` {why}; {kept}", ask.path);
    findings.warn(MARKUP, origin, message, "put its text here");
    let comment = if in_code { ask.path.to_owned() } else { format!("<!-- --8<- \"{}\" -->", ask.path) };
    out.line(&format!("{indent}{comment}"), origin);
}

/// What follows the scissors (`--8<--`) on a line that holds nothing before them but the mark of a comment.
fn cut(content: &str) -> Option<&str> {
    static CUT: LazyLock<Option<Regex>> = LazyLock::new(|| {
        Regex::new(r"^(?:(?:#|//|--|<!--|/\*|;)\s*)?-{1,4}8<-{1,4}(?:\s+(.*?))?\s*(?:-->|\*/)?$").ok()
    });
    let caught = CUT.as_ref()?.captures(content)?;
    Some(caught.get(1).map_or("", |rest| rest.as_str()))
}

fn ask(line: &str) -> Option<Ask<'_>> {
    static MARKS: LazyLock<Option<Regex>> = LazyLock::new(|| {
        Regex::new(
            r#"^\{!>?\s*(?<included>[^!\[{]+?)\s*(?:\[ln:(?<from>\d+)(?:-(?<to>\d+))?\])?\s*!\}$|^\{\*\s*(?<shown>\S+)(?:\s+ln\[(?<first>\d+)(?::(?<last>\d+))?\])?[^*]*\*\}$|^\{%-?\s*include(?<markdown>-markdown)?\s+["'](?<path>[^"']+)["'](?<options>[^%]*)%\}$"#,
        )
        .ok()
    });
    let content = line.trim();
    if let Some(rest) = cut(content).filter(|rest| rest.starts_with(['"', '\'']) && content.starts_with('-')) {
        return Some(scissors(rest.trim_matches(['"', '\''])));
    }
    let caught = MARKS.as_ref()?.captures(content)?;
    let get = |name: &str| caught.name(name).map(|found| found.as_str());
    let number = |name: &str| get(name).and_then(|number| number.parse::<usize>().ok());
    let lines =
        |from: Option<usize>, to: Option<usize>| from.map_or(Part::Whole, |from| Part::Lines(from, to.unwrap_or(from)));
    if let Some(path) = get("included") {
        return Some(Ask { path, part: lines(number("from"), number("to")), code: false });
    }
    if let Some(path) = get("shown") {
        return Some(Ask { path, part: lines(number("first"), number("last")), code: true });
    }
    let options = get("options").unwrap_or_default();
    Some(Ask { path: get("path")?, part: Part::Between(option(options, "start"), option(options, "end")), code: false })
}

/// `start="…"` among the options of an include.
fn option<'a>(options: &'a str, name: &str) -> Option<&'a str> {
    let rest = &options[options.find(&format!("{name}="))? + name.len() + 1..];
    let quote = rest.chars().next().filter(|c| matches!(c, '"' | '\''))?;
    rest[1..].split(quote).next()
}

/// `file.md`, `file.md:3:7`, `file.md:name`.
fn scissors(name: &str) -> Ask<'_> {
    let (path, part) = name.split_once(':').unwrap_or((name, ""));
    let part = match part.split_once(':').map_or((part, ""), |(from, to)| (from, to)) {
        ("", "") => Part::Whole,
        (from, to) if [from, to].iter().all(|end| end.chars().all(|c| c.is_ascii_digit())) => {
            let first = from.parse().unwrap_or(1);
            Part::Lines(first, if part.contains(':') { to.parse().unwrap_or(usize::MAX) } else { usize::MAX })
        }
        (name, _) => Part::Section(name),
    };
    Ask { path, part, code: false }
}

fn part(file: &str, part: &Part<'_>) -> Option<String> {
    match part {
        Part::Whole => Some(file.to_owned()),
        Part::Lines(from, to) => {
            let lines = file.lines().skip(from.saturating_sub(1)).take(to.saturating_sub(*from).saturating_add(1));
            Some(lines.collect::<Vec<_>>().join("\n"))
        }
        Part::Section(name) => {
            let marks = [format!("[start:{name}]"), format!("[end:{name}]")];
            let mut lines = file.lines().skip_while(|line| !line.contains(&marks[0]));
            lines.next()?;
            Some(lines.take_while(|line| !line.contains(&marks[1])).collect::<Vec<_>>().join("\n"))
        }
        Part::Between(start, end) => {
            let after = match start {
                Some(start) => &file[file.find(start)? + start.len()..],
                None => file,
            };
            Some(
                end.and_then(|end| after.split_once(end))
                    .map_or(after, |(before, _)| before)
                    .trim_matches('\n')
                    .to_owned(),
            )
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn done(text: &str) -> (String, Vec<u32>) {
        let dir = tempfile::tempdir().unwrap();
        let docs = dir.path().join("project/docs");
        for (name, text) in [
            ("project/package.json", "{}"),
            ("project/code/a.py", "# --8<-- [start:one]\none = 1\n# --8<-- [end:one]\ntwo = 2\n"),
            ("project/docs/part.md", "---\ntitle: x\n---\n甲\n--8<-- \"deeper.md\"\n"),
            ("project/docs/deeper.md", "<!--a-->乙<!--b-->\n"),
            ("project/docs/loop.md", "{! loop.md !}\n"),
            ("secret", "secret"),
        ] {
            let path = dir.path().join(name);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, text).unwrap();
        }
        let mut findings = Findings::of(&docs, "x.md");
        let shelf = Shelf::new(&docs, &[String::new()], "sub/x.md");
        std::fs::create_dir(docs.join("sub")).unwrap();
        let out = translate(&Text::new(text, 1), &shelf, &mut findings);
        (out.text, findings.found.iter().map(|one| one.line).collect())
    }

    #[test]
    fn every_way_of_asking() {
        for (from, to) in [
            ("  --8<-- \"part.md\"\nend", "  甲\n  <!--a-->乙<!--b-->\nend"),
            ("--8<--\npart.md\n--8<--", "甲\n<!--a-->乙<!--b-->"),
            ("```py\n{!> ../code/a.py [ln:4] !}\n```", "```py\ntwo = 2\n```"),
            ("```py\n--8<-- \"../code/a.py:one\"\n```", "```py\none = 1\n```"),
            ("-8<- \"../code/a.py:2:2\"", "one = 1"),
            ("{* ../code/a.py ln[4] hl[4] *}", "```py\ntwo = 2\n```"),
            ("{% include-markdown \"../deeper.md\" start=\"<!--a-->\" end='<!--b-->' %}", "乙"),
            ("`--8<-- \"part.md\"` and {! x", "`--8<-- \"part.md\"` and {! x"),
        ] {
            assert_eq!(done(from), (to.to_owned(), vec![]), "{from}");
        }
    }

    #[test]
    fn what_is_not_there_or_outside_is_told() {
        let (text, lines) = done("a\n--8<-- \"../../secret\"\n```\n{! no.py !}\n```\n--8<-- \"../code/a.py:none\"");
        assert_eq!(
            (text.as_str(), lines),
            ("a\n<!-- --8<- \"../../secret\" -->\n```\nno.py\n```\n<!-- --8<- \"../code/a.py\" -->", vec![2, 4, 6])
        );
        assert_eq!(done("{! loop.md !}").1, [1]);
    }
}
