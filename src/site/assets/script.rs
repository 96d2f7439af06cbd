//! Scripts: plain ES modules. There is no bundler; imports and other assets get their fingerprinted names, and a
//! script that says `__STRINGS__` gets the strings of a language there.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::{fingerprinted, resolved};
use crate::config::Config;
use crate::diagnostic::Diagnostic;
use crate::site::theme::{File, Strings};

/// Where a script wants the strings of its language.
const STRINGS: &str = "__STRINGS__";

/// The object that stands for [`STRINGS`]: the theme's script strings, and the names of `categories` and
/// `languages`.
pub(super) fn words(strings: &Strings, config: &Config, lang: &str) -> String {
    let mut words = Map::new();
    for (key, text) in strings.script(lang).into_iter().flatten() {
        words.insert(key.clone(), Value::from(text.as_str()));
    }
    let categories = config.categories.iter().map(|category| (category.key.clone(), category.name.get(lang).into()));
    words.insert("categories".to_owned(), Value::Object(categories.collect()));
    let languages = config.languages.iter().map(|language| (language.code.clone(), language.name.clone().into()));
    words.insert("languages".to_owned(), Value::Object(languages.collect()));
    words.insert("lang".to_owned(), lang.into());
    Value::Object(words).to_string()
}

/// `main.js`: the partials in the order of their names. They are one module and share its scope.
pub(super) fn joined<'a>(partials: impl Iterator<Item = File<'a>>, errors: &mut Vec<Diagnostic>) -> String {
    let mut text = String::new();
    for file in partials.filter(|file| file.name.ends_with(".js")) {
        match file.text() {
            Ok(part) => text.extend([part, "\n"]),
            Err(error) => errors.push(error),
        }
    }
    text
}

/// Every script of one language: name, path, text. A script is built after those it imports, because its text holds
/// their names.
pub(super) fn build(
    files: &[File<'_>],
    words: &str,
    shared: &BTreeMap<String, String>,
    errors: &mut Vec<Diagnostic>,
) -> Vec<(String, String, String)> {
    let mut waiting: Vec<(&File<'_>, String)> = Vec::new();
    for file in files {
        match file.text() {
            Ok(text) => waiting.push((file, compact(text).replace(STRINGS, words))),
            Err(error) => errors.push(error),
        }
    }
    let mut names = shared.clone();
    let mut built = Vec::new();
    while !waiting.is_empty() {
        let pending: Vec<String> = waiting.iter().map(|(file, _)| format!("\"./{}\"", file.name)).collect();
        let ready = waiting.iter().position(|(_, text)| !pending.iter().any(|import| text.contains(import.as_str())));
        let Some(ready) = ready else {
            let (file, _) = &waiting[0];
            errors.push(
                Diagnostic::error("HM043", file.path, "the scripts import each other in a circle")
                    .hint("move what both need into a third script"),
            );
            break;
        };
        let (file, text) = waiting.remove(ready);
        let text = resolved(&text, &names);
        let path = fingerprinted(file.name, text.as_bytes());
        names.insert(file.name.to_owned(), path.clone());
        built.push((file.name.to_owned(), path, text));
    }
    built
}

/// Drops indentation and the comments that have a line of their own. A script with a template literal is left as it
/// is, since its line breaks may matter.
fn compact(text: &str) -> String {
    if text.contains('`') {
        return text.to_owned();
    }
    let mut in_comment = false;
    let mut lines = String::with_capacity(text.len());
    for line in text.lines().map(str::trim) {
        // `/*!` is a licence: it stays.
        in_comment |= line.starts_with("/*") && !line.starts_with("/*!");
        if !in_comment && !line.is_empty() && !line.starts_with("//") {
            lines.push_str(line);
            lines.push('\n');
        }
        in_comment &= !line.ends_with("*/");
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file<'a>(name: &'a str, text: &'a str) -> File<'a> {
        File { name, path: name, bytes: text.as_bytes() }
    }

    #[test]
    fn imports_follow_the_names_of_what_they_import() {
        let build_with = |leaf: &str| {
            let files = [file("a.js", "import \"./b.js\";"), file("b.js", leaf)];
            build(&files, "{\"x\":1}", &BTreeMap::new(), &mut Vec::new())
        };
        let (one, two) = (build_with("let t = __STRINGS__;"), build_with("let t = 2;"));
        assert_eq!(one[0].0, "b.js");
        assert_eq!(one[0].2, "let t = {\"x\":1};\n");
        let leaf_name = one[0].1.trim_start_matches("assets/");
        assert!(one[1].2.contains(leaf_name), "{}", one[1].2);
        assert_ne!(one[1].1, two[1].1, "a changed import changes the importer's name");
    }

    #[test]
    fn a_circle_is_reported() {
        let mut errors = Vec::new();
        let files = [file("a.js", "import \"./b.js\""), file("b.js", "import \"./a.js\"")];
        build(&files, "", &BTreeMap::new(), &mut errors);
        assert_eq!(errors.len(), 1);
    }

    #[test]
    fn comments_and_indentation_go_licences_and_urls_stay() {
        let text = "/*! MIT */\n/* a\n b */\n  // c\n  let u = \"https://x\"; // d\n";
        assert_eq!(compact(text), "/*! MIT */\nlet u = \"https://x\"; // d\n");
        let literal = "  let x = `\n  // y\n`;";
        assert_eq!(compact(literal), literal);
    }
}
