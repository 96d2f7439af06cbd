//! What MDX imports and this site can show: parts of documents, files of code, pictures. Components stay for others.

use std::cell::Cell;
use std::sync::LazyLock;

use regex::{Captures, Regex};

use super::attributes::{named, read};
use super::front;
use super::place::{folder, is_markdown, join};
use super::text::{Text, Writer, coded, within};

/// Parts within parts are followed this far.
const DEEPEST: u8 = 8;
/// A document shows this many parts at most: one that shows itself twice would never end.
const MOST: usize = 1_000;

/// One `import Name from 'path'`.
struct Module {
    name: String,
    /// Relative to the source.
    path: String,
}

/// Puts imported parts, code and pictures in the places of their names. `file` gives the text of a file of the source.
pub(super) fn translate(text: &Text, document: &str, file: &dyn Fn(&str) -> Option<String>) -> Text {
    translated(text, document, file, DEEPEST, &Cell::new(MOST))
}

fn translated(
    text: &Text,
    document: &str,
    file: &dyn Fn(&str) -> Option<String>,
    depth: u8,
    left: &Cell<usize>,
) -> Text {
    let modules = modules(&text.text, document);
    static USE: LazyLock<Option<Regex>> = LazyLock::new(|| {
        Regex::new(
            r"(?s)<CodeBlock\b(?<options>[^<>]*?)>\s*\{(?<code>\w+)\}\s*</CodeBlock>|<(?<name>[A-Z]\w*)\b(?<props>[^<>]*?)(?:/>|>\s*</(?<close>[A-Z]\w*)>)|=\{(?<value>\w+)(?:\.default|\.src)?\}",
        )
        .ok()
    });
    let Some(uses) = USE.as_ref().filter(|_| !modules.is_empty()) else { return text.clone() };
    let code = coded(&text.text);
    let (mut out, mut done) = (Writer::new(text.origin(0)), 0);
    for caught in uses.captures_iter(&text.text) {
        let Some(all) = caught.get(0) else { continue };
        if all.start() < done || within(&code, all.start()) {
            continue;
        }
        if let Some(new) = shown(&caught, &modules, document, file, depth, left) {
            out.copy(text, done..all.start());
            out.put(&new, text.origin_at(all.start()));
            done = all.end();
        }
    }
    out.copy(text, done..text.text.len());
    out.finish()
}

fn shown(
    caught: &Captures<'_>,
    modules: &[Module],
    document: &str,
    file: &dyn Fn(&str) -> Option<String>,
    depth: u8,
    left: &Cell<usize>,
) -> Option<String> {
    let get = |name: &str| caught.name(name).map(|found| found.as_str());
    let module = |name: Option<&str>| modules.iter().find(|module| Some(module.name.as_str()) == name);
    if let Some(module) = module(get("code")) {
        let options = read(get("options").unwrap_or_default());
        let end = module.path.rsplit_once('.').map_or("", |(_, end)| end);
        let language = named(&options, "language").unwrap_or(end);
        let title = named(&options, "title").map_or_else(String::new, |title| format!(" title=\"{title}\""));
        return Some(format!("\n```{language}{title}\n{}\n```\n", file(&module.path)?.trim_end()));
    }
    if let Some(module) = module(get("value")) {
        return is_picture(&module.path).then(|| format!("=\"{}\"", from(document, &module.path)));
    }
    let module = module(get("name"))?;
    if get("close").is_some_and(|close| Some(close) != get("name")) {
        return None;
    }
    if is_picture(&module.path) {
        return Some(format!("![]({})", from(document, &module.path)));
    }
    if !is_markdown(&module.path) || depth == 0 || left.get() == 0 {
        return None;
    }
    left.set(left.get() - 1);
    let parts = front::split(&file(&module.path)?).ok()?;
    let props = read(get("props").unwrap_or_default());
    let mut body = translated(&parts.body, &module.path, file, depth - 1, left).text;
    for (name, value) in props.iter().filter_map(|(name, value)| Some((name.as_ref()?, value))) {
        body = body.replace(&format!("{{props.{name}}}"), value);
    }
    Some(super::mdx::without_imports(&body).trim_matches('\n').to_owned())
}

fn is_picture(path: &str) -> bool {
    let end = path.rsplit_once('.').map(|(_, end)| end.to_ascii_lowercase()).unwrap_or_default();
    matches!(end.as_str(), "png" | "jpg" | "jpeg" | "gif" | "svg" | "webp" | "avif")
}

/// A path of the source, as a link of a document to it.
fn from(document: &str, path: &str) -> String {
    crate::content::address::relative(document, path)
}

fn modules(text: &str, document: &str) -> Vec<Module> {
    static IMPORT: LazyLock<Option<Regex>> =
        LazyLock::new(|| Regex::new(r#"(?m)^import\s+(\w+)\s+from\s+['"]([^'"\n]+)['"]\s*;?\s*$"#).ok());
    let Some(import) = IMPORT.as_ref() else { return Vec::new() };
    let code = coded(text);
    let caught =
        import.captures_iter(text).filter(|caught| caught.get(0).is_some_and(|all| !within(&code, all.start())));
    let module = |caught: Captures<'_>| {
        let path = caught[2].rsplit('!').next().unwrap_or_default().split('?').next().unwrap_or_default().to_owned();
        let path = match path.strip_prefix("@site/") {
            Some(inside) => join("", inside)?,
            None if path.starts_with('.') => join(folder(document), &path)?,
            None => return None,
        };
        Some(Module { name: caught[1].to_owned(), path })
    };
    caught.filter_map(module).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn done(text: &str) -> String {
        let file = |path: &str| match path {
            "docs/a/_part.mdx" => {
                Some("---\nx: 1\n---\nimport D from '../_deep.md';\n\n甲 {props.who}\n\n<D />\n".to_owned())
            }
            "docs/_deep.md" => Some("import Me from './_deep.md';\n\n乙 <Me />".to_owned()),
            "src/x.js" => Some("let x = `<A/>`;\n".to_owned()),
            _ => None,
        };
        translate(&Text::new(text, 1), "docs/a/b.mdx", &file).text
    }

    #[test]
    fn what_is_imported_is_shown() {
        let part = done("import P from './_part.mdx';\n\n<P who=\"丙\" />\nend\n");
        assert!(
            part.starts_with("import P from './_part.mdx';\n\n甲 丙\n\n乙 乙") && part.ends_with("\nend\n"),
            "{part}"
        );
        for (from, to) in [
            (
                "import C from '!!raw-loader!@site/src/x.js';\n<CodeBlock language=\"js\">{C}</CodeBlock>\n",
                "\n```js\nlet x = `<A/>`;\n```\n\n",
            ),
            ("import pic from './img/p.png';\n<img src={pic} />\n", "<img src=\"img/p.png\" />\n"),
            ("import Logo from '@site/static/img/l.svg';\n<Logo className=\"x\" />\n", "![](../../static/img/l.svg)\n"),
            ("import T from '@theme/Tabs';\n<T />\n", "<T />\n"),
            ("import N from './none.md';\n<N />\n", "<N />\n"),
            ("import P from './_part.mdx';\n`<P />`\n", "`<P />`\n"),
        ] {
            let text = done(from);
            assert_eq!(text.split_once('\n').unwrap().1, to, "{from}");
        }
    }
}
