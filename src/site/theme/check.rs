//! Finds the mistakes of templates when the theme is loaded, not when a page is rendered.

use std::collections::BTreeSet;

use tera::{ErrorKind, Span, Tera};

use super::layers::File;
use super::strings::Strings;
use crate::diagnostic::{Diagnostic, nearest};

/// Adds the templates to `tera`; gives what is wrong with them (HM040).
pub(super) fn templates(tera: &mut Tera, files: &[File<'_>]) -> Vec<Diagnostic> {
    let mut findings = Vec::new();
    let mut sources = Vec::new();
    for file in files {
        match file.text() {
            Ok(text) => {
                findings.extend(syntax(file, text));
                sources.push((file.name, text));
            }
            Err(error) => findings.push(error),
        }
    }
    if findings.is_empty()
        && let Err(error) = tera.add_raw_templates(sources)
    {
        findings = references(files, &error);
    }
    findings
}

/// Tera stops at the first template that does not parse; each is tried alone so that all are reported.
fn syntax(file: &File<'_>, text: &str) -> Option<Diagnostic> {
    let error = Tera::default().add_raw_template(file.name, text).err()?;
    let ErrorKind::SyntaxError(report) = error.kind() else { return None };
    Some(Diagnostic::error("HM040", file.path, report.message().to_owned()).at(place(report.span())).hint(HINT))
}

const HINT: &str = "see https://keats.github.io/tera/ for the template language";

/// Unknown filters, functions, components, parents and includes. Tera gives them as one text: blocks of
/// `error: MESSAGE` and ` --> FILE:LINE:COLUMN`.
fn references(files: &[File<'_>], error: &tera::Error) -> Vec<Diagnostic> {
    let text = error.to_string();
    let path = |name: &str| files.iter().find(|file| file.name == name).map_or("themes", |file| file.path);
    let found: Vec<_> = text
        .split("\n\n")
        .filter_map(|block| {
            let message = block.lines().next()?.strip_prefix("error: ")?;
            let (_, locus) = block.lines().find_map(|line| line.split_once("--> "))?;
            let mut parts = locus.rsplitn(3, ':');
            let (column, line, name) = (parts.next()?, parts.next()?, parts.next()?);
            let place = (line.parse().ok()?, column.parse().ok()?);
            Some(Diagnostic::error("HM040", path(name), message.to_owned()).at(place).hint(HINT))
        })
        .collect();
    if !found.is_empty() {
        return found;
    }
    let name = match error.kind() {
        ErrorKind::MissingParent { current, .. } => current,
        ErrorKind::CircularExtend { tpl, .. } | ErrorKind::CircularInclude { tpl, .. } => tpl,
        _ => "",
    };
    vec![Diagnostic::error("HM040", path(name), text).hint(HINT)]
}

/// Line and column, both 1-based.
pub(super) fn place(span: &Span) -> (u32, u32) {
    (u32::try_from(span.start_line).unwrap_or(0), u32::try_from(span.start_col + 1).unwrap_or(0))
}

/// Every `t.key` of the templates must be in theme.toml (HM041).
pub(super) fn strings(files: &[File<'_>], strings: &Strings) -> Vec<Diagnostic> {
    let mut findings = Vec::new();
    for file in files {
        let Ok(text) = file.text() else { continue };
        for (index, line) in text.lines().enumerate() {
            for (offset, key) in used_strings(line).filter(|(_, key)| !strings.has(key)) {
                let column = line.get(..offset).map_or(0, |before| before.chars().count()) + 1;
                let place = (u32::try_from(index + 1).unwrap_or(0), u32::try_from(column).unwrap_or(0));
                let hint = match nearest(key, strings.keys()) {
                    Some(known) => format!("did you mean `t.{known}`?"),
                    None => format!("add `{key} = \"…\"` under [strings.zh] and [strings.en] of theme.toml"),
                };
                let message = format!("the string `{key}` is in no language of theme.toml");
                findings.push(Diagnostic::error("HM041", file.path, message).at(place).hint(hint));
            }
        }
    }
    findings
}

/// Strings of a site's own theme.toml that the default theme does not have and no template uses: most are misspelt.
pub(super) fn surplus(manifests: &[File<'_>], templates: &[File<'_>]) -> Vec<Diagnostic> {
    let Some((default, own)) = manifests.split_first() else { return Vec::new() };
    let known: BTreeSet<&str> = keys(default).map(|(_, key)| key).collect();
    if own.iter().flat_map(keys).all(|(_, key)| known.contains(key)) {
        return Vec::new();
    }
    let texts = templates.iter().filter_map(|file| file.text().ok());
    let used: BTreeSet<&str> = texts.flat_map(str::lines).flat_map(used_strings).map(|(_, key)| key).collect();
    let mut notes = Vec::new();
    for file in own {
        for (line, key) in keys(file).filter(|(_, key)| !known.contains(key) && !used.contains(key)) {
            let message = format!("no template and no script uses the string `{key}`");
            let note = Diagnostic::note("HM041", file.path, message).at((line, 1)).over(key.chars().count());
            notes.push(match nearest(key, known.iter().copied()) {
                Some(near) => note.hint(format!("did you mean `{near}`?")),
                None => note.hint("take it out"),
            });
        }
    }
    notes
}

/// The keys of a theme.toml with their lines.
fn keys<'a>(file: &File<'a>) -> impl Iterator<Item = (u32, &'a str)> {
    let lines = file.text().unwrap_or_default().lines();
    (1..).zip(lines).filter_map(|(line, text)| {
        let key = text.split_once('=')?.0.trim().trim_matches('"');
        let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-');
        (!key.is_empty() && key.chars().all(plain)).then_some((line, key))
    })
}

/// The `key` of every `t.key` in a line, with the byte where `t` stands.
fn used_strings(line: &str) -> impl Iterator<Item = (usize, &str)> {
    let part_of_name = |character: char| character.is_alphanumeric() || character == '_';
    line.match_indices("t.").filter_map(move |(offset, _)| {
        let before = line.get(..offset)?;
        let alone = !before.ends_with(|character: char| part_of_name(character) || character == '.');
        // Only inside an expression: prose and attributes may well contain `t.`.
        let inside = before.rfind("{{").max(before.rfind("{%")) > before.rfind("}}").max(before.rfind("%}"));
        let rest = line.get(offset + 2..)?;
        let key = &rest[..rest.find(|character| !part_of_name(character)).unwrap_or(rest.len())];
        (alone && inside && !key.is_empty()).then_some((offset, key))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strings_are_found_only_where_templates_use_them() {
        let line = r#"<a title="at t.co">{{ t.home }}</a> t.x {% if t.a_1 ~ page.t.no ~ it.no %}"#;
        let keys: Vec<_> = used_strings(line).map(|(_, key)| key).collect();
        assert_eq!(keys, ["home", "a_1"]);
    }

    #[test]
    fn unknown_filters_are_placed_in_their_file() {
        let file = |name, bytes| File { name, path: "themes/mine/templates/x.html", bytes };
        let findings = templates(&mut Tera::default(), &[file("x.html", b"one\n  {{ a | nosuch }}")]);
        let [finding] = &findings[..] else { panic!("one finding expected, got {findings:?}") };
        assert_eq!((finding.code, finding.line), ("HM040", 2));
        assert!(finding.message.contains("nosuch"), "{}", finding.message);
        assert_eq!(finding.path, "themes/mine/templates/x.html");
    }

    #[test]
    fn every_template_that_does_not_parse_is_reported() {
        let one = File { name: "a.html", path: "a", bytes: b"{{ " };
        let two = File { name: "b.html", path: "b", bytes: b"\n{% if %}" };
        let findings = templates(&mut Tera::default(), &[one, two]);
        let places: Vec<_> = findings.iter().map(|finding| (finding.path.as_str(), finding.line)).collect();
        assert_eq!(places, [("a", 1), ("b", 2)]);
    }
}
