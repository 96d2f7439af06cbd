//! Docusaurus: folders, languages and addresses.

use std::path::Path;
use std::sync::LazyLock;

use regex::Regex;
use serde_yaml::Value;

use super::finding::{Findings, SITE};
use super::layout::{Layout, Root, first_of, folders};
use super::literal;
use super::place::{name, number_prefix};

pub(super) const CONFIG: &[&str] =
    &["docusaurus.config.js", "docusaurus.config.ts", "docusaurus.config.mjs", "docusaurus.config.cjs"];

/// One set of documents: a site can have several.
struct Docs {
    id: String,
    /// Relative to the source; it may lie beside it.
    dir: String,
    route: String,
    sidebars: Option<String>,
}

pub(super) fn layout(source: &Path) -> (Layout, Vec<Findings>) {
    let mut findings = Vec::new();
    let Some((_, config)) = first_of(source, CONFIG) else {
        // The folder of documents alone.
        let roots = vec![Root { url: "docs".to_owned(), ..Root::at("") }];
        let mut layout = Layout { roots, addressed: true, ..Layout::default() };
        named_folders(source, &Root::at(""), &mut layout);
        return (layout, findings);
    };
    let base = setting(&config, "baseUrl").unwrap_or_default();
    let mut layout = Layout {
        lang: setting(&config, "defaultLocale"),
        site_url: setting(&config, "url").unwrap_or_default(),
        statics: vec!["static".to_owned()],
        addressed: true,
        ..Layout::default()
    };
    for docs in sets(source, &config) {
        let into = if docs.id == "default" { String::new() } else { docs.id.clone() };
        let url = |code: &str| {
            let parts = [base.as_str(), code, docs.route.as_str()];
            parts
                .iter()
                .map(|part| part.trim_matches('/'))
                .filter(|part| !part.is_empty())
                .collect::<Vec<_>>()
                .join("/")
        };
        let root = Root { url: url(""), into: into.clone(), ..Root::at(&docs.dir) };
        named_folders(source, &root, &mut layout);
        let own = docs.sidebars.as_deref().map(|path| path.trim_start_matches("./"));
        let usual = ["sidebars.js", "sidebars.ts", "sidebars.cjs", "sidebars.mjs", "sidebars.json"];
        let names: Vec<&str> = own.into_iter().chain(usual.into_iter().filter(|_| into.is_empty())).collect();
        if let Some((name, text)) = first_of(source, &names) {
            // JSON is YAML.
            let read =
                if name.ends_with(".json") { serde_yaml::from_str(&text).ok() } else { literal::exported(&text) };
            match read {
                Some(Value::Mapping(sidebars)) => {
                    sidebars.iter().for_each(|(_, items)| drop(navigate(items, &into, None, &mut layout)));
                }
                _ => {
                    let mut found = Findings::of(source, &name);
                    let hint = "the order is that of `sidebar_position` and of names; `weight` changes it";
                    found.note(SITE, 0, "a program makes the order of documents, and no program is run", hint);
                    findings.push(found);
                }
            }
        }
        layout.roots.push(root);
        let plugin = if into.is_empty() { String::new() } else { format!("-{into}") };
        for code in folders(source, "i18n") {
            let dir = format!("i18n/{code}/docusaurus-plugin-content-docs{plugin}/current");
            if source.join(&dir).is_dir() {
                let url = url(&code);
                layout.roots.push(Root { url, into: into.clone(), lang: Some(code), ..Root::at(&dir) });
            }
        }
    }
    for (folder, what) in [
        ("versioned_docs", "versions of documents are not imported: the current one is"),
        ("blog", "the blog is not imported"),
        ("src", "pages and components of React are not imported"),
    ] {
        if source.join(folder).is_dir() {
            let mut found = Findings::of(source, folder);
            let hint =
                if folder == "blog" { "`helpmark import folder PATH/blog --into news` takes its texts" } else { "" };
            found.note(SITE, 0, what, hint);
            findings.push(found);
        }
    }
    (layout, findings)
}

/// The sets of documents that the configuration names and that are there, else the usual folders.
fn sets(source: &Path, config: &str) -> Vec<Docs> {
    let config_value = literal::exported(config).unwrap_or(Value::Null);
    let text = |settings: &Value, key: &str| settings.get(key).and_then(Value::as_str).map(str::to_owned);
    let set = |settings: &Value| Docs {
        id: text(settings, "id").unwrap_or_else(|| "default".to_owned()),
        dir: text(settings, "path")
            .unwrap_or_else(|| "docs".to_owned())
            .trim_start_matches("./")
            .trim_matches('/')
            .to_owned(),
        route: text(settings, "routeBasePath").unwrap_or_else(|| "docs".to_owned()),
        sidebars: text(settings, "sidebarPath"),
    };
    let list = |key: &str| config_value.get(key).and_then(Value::as_sequence).into_iter().flatten().collect::<Vec<_>>();
    let mut sets: Vec<Docs> =
        list("presets").iter().filter_map(|preset| Some(set(preset.get(1)?.get("docs")?))).collect();
    let of_docs =
        |plugin: &Value| plugin.get(0).and_then(Value::as_str).is_some_and(|name| name.contains("content-docs"));
    sets.extend(list("plugins").iter().filter(|plugin| of_docs(plugin)).filter_map(|plugin| Some(set(plugin.get(1)?))));
    sets.retain(|docs| source.join(&docs.dir).is_dir());
    if sets.is_empty() {
        // The configuration is made by a program: what it writes out is looked for in its text.
        let named = setting(config, "path").filter(|dir| source.join(dir).is_dir());
        let usual = ["docs", "../docs"].iter().find(|dir| source.join(dir).is_dir()).map(|dir| (*dir).to_owned());
        let dir = named.or(usual).unwrap_or_default();
        let route = setting(config, "routeBasePath").unwrap_or_else(|| "docs".to_owned());
        sets.push(Docs { id: "default".to_owned(), dir, route, sidebars: None });
    }
    sets
}

/// Names and order of folders from their `_category_.json` and `_category_.yml`.
fn named_folders(source: &Path, root: &Root, layout: &mut Layout) {
    let dir = if root.dir.is_empty() { String::new() } else { format!("{}/", root.dir) };
    for folder in folders(source, root.dir.as_str()) {
        let files = ["json", "yml", "yaml"].map(|end| format!("{dir}{folder}/_category_.{end}"));
        let (number, key) = number_prefix(&folder);
        let settings: Value = first_of(source, &files.each_ref().map(String::as_str))
            // JSON is YAML.
            .and_then(|(_, text)| serde_yaml::from_str(&text).ok())
            .unwrap_or(Value::Null);
        if let Some(label) = settings.get("label").and_then(Value::as_str) {
            layout.names.insert(key.to_owned(), label.to_owned());
        }
        let position = settings.get("position").and_then(Value::as_f64).map(|place| place.floor() as i64);
        if let Some(rank) = position.or(number.map(i64::from)) {
            layout.ranks.insert(key.to_owned(), rank);
        }
    }
}

/// The documents of a sidebar, by their ids, in their order.
fn navigate(items: &Value, into: &str, section: Option<&str>, layout: &mut Layout) -> Vec<String> {
    let mut pages = Vec::new();
    let page = |id: &str, layout: &mut Layout| {
        let id = format!("{into}/{id}").trim_matches('/').to_owned();
        layout.page(&id, None, section);
        id
    };
    let all: Vec<&Value> = match items {
        Value::Sequence(items) => items.iter().collect(),
        single => vec![single],
    };
    let mut sections: Vec<(String, &Value, Option<String>)> = Vec::new();
    for item in all {
        let text = |key: &str| item.get(key).and_then(Value::as_str);
        match (item, text("type")) {
            (Value::String(id), _) => pages.push(page(id, layout)),
            (_, Some("doc" | "ref")) => {
                if let Some(id) = text("id") {
                    pages.push(page(id, layout));
                }
            }
            (_, Some("category")) => {
                let inside = item.get("items").unwrap_or(&Value::Null);
                let link = item.get("link").and_then(|link| link.get("id")).and_then(Value::as_str).map(str::to_owned);
                sections.push((text("label").unwrap_or_default().to_owned(), inside, link));
            }
            // `{ 'Guides': ['a', 'b'] }`.
            (Value::Mapping(map), None) => {
                for (label, inside) in map {
                    sections.push((label.as_str().unwrap_or_default().to_owned(), inside, None));
                }
            }
            _ => {}
        }
        for (label, inside, link) in sections.drain(..) {
            let mut within: Vec<String> = Vec::new();
            let around = section.or(Some(label.as_str()).filter(|label| !label.is_empty()));
            if let Some(link) = link {
                within.extend(navigate(&Value::from(link), into, around, layout));
            }
            within.extend(navigate(inside, into, around, layout));
            layout.section(&label, &within);
            pages.extend(within);
        }
    }
    pages
}

/// A text of the configuration, which is a program: only what is written out is seen.
fn setting(config: &str, key: &str) -> Option<String> {
    static SETTING: LazyLock<Option<Regex>> =
        LazyLock::new(|| Regex::new(r#"(?m)^[^/\n]*?\b(\w+)\s*:\s*['"`]([^'"`\n]*)['"`]"#).ok());
    let found = SETTING.as_ref()?.captures_iter(config).find(|found| &found[1] == key)?;
    Some(found[2].trim_end_matches('/').to_owned())
}

/// The address of a document: `path` is the one below its root, without language and extension.
pub(super) fn address(root: &Root, path: &str, slug: Option<&str>, id: Option<&str>) -> String {
    let parts: Vec<&str> = path.split('/').map(|part| number_prefix(part).1).collect();
    let (last, dirs) = parts.split_last().map_or(("", &[][..]), |(last, dirs)| (*last, dirs));
    let dir = dirs.join("/");
    if let Some(absolute) = slug.and_then(|slug| slug.strip_prefix('/')) {
        return super::book::normal(&format!("/{}/{absolute}", root.url));
    }
    let is_index = last.eq_ignore_ascii_case("index") || last.eq_ignore_ascii_case("readme") || last == name(&dir);
    let last = match slug.or(id) {
        Some(given) => given.trim_start_matches("./"),
        None if is_index => "",
        None => last,
    };
    super::book::normal(&format!("/{}/{dir}/{last}", root.url))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn settings_are_read_out_of_the_program() {
        let config = "export default {\n  // url: 'https://no.example',\n  url: 'https://old.example',\n  baseUrl: '/',\n  i18n: { defaultLocale: 'zh-Hans', locales: ['zh-Hans', 'en'] },\n  presets: [['classic', { docs: { routeBasePath: '/handbook' } }]],\n}";
        assert_eq!(setting(config, "url").as_deref(), Some("https://old.example"));
        assert_eq!(setting(config, "defaultLocale").as_deref(), Some("zh-Hans"));
        assert_eq!(setting(config, "routeBasePath").as_deref(), Some("/handbook"));
        assert_eq!(setting(config, "title"), None);
    }

    #[test]
    fn addresses_lose_numbers_and_take_slugs() {
        let root = Root { url: "docs".to_owned(), ..Root::at("docs") };
        assert_eq!(address(&root, "01-guides/02-vpn", None, None), "/docs/guides/vpn");
        assert_eq!(address(&root, "guides/README", None, None), "/docs/guides");
        assert_eq!(address(&root, "guides/guides", None, None), "/docs/guides");
        assert_eq!(address(&root, "guides/vpn", Some("/start"), Some("x")), "/docs/start");
        assert_eq!(address(&root, "guides/vpn", None, Some("x")), "/docs/guides/x");
    }
}
