//! MkDocs: `mkdocs.yml` with its navigation, and addresses.

use std::path::Path;

use serde_yaml::Value;

use super::finding::{Findings, KEY, SITE};
use super::front;
use super::layout::{Layout, Root, first_of, folders};
use super::place::is_language_code;

pub(super) const CONFIG: &[&str] = &["mkdocs.yml", "mkdocs.yaml"];

pub(super) fn layout(source: &Path) -> (Layout, Vec<Findings>) {
    let mut findings = Vec::new();
    let mut layout = Layout { addressed: true, ..Layout::default() };
    let config = match first_of(source, CONFIG) {
        None => Value::Null,
        Some((name, text)) => serde_yaml::from_str(&text).unwrap_or_else(|error| {
            let line = error.location().map_or(0, |at| u32::try_from(at.line()).unwrap_or(0));
            let mut found = Findings::of(source, &name);
            found.warn(
                KEY,
                line,
                format!("it cannot be read, so the navigation is not known: {error}"),
                "mend it and run the import again",
            );
            findings.push(found);
            Value::Null
        }),
    };
    let text =
        |value: &Value, key: &str| value.get(key).and_then(Value::as_str).map(|text| text.trim_matches('/').to_owned());
    let docs = text(&config, "docs_dir").unwrap_or_else(|| "docs".to_owned());
    let docs = if source.join(&docs).is_dir() { docs } else { String::new() };
    layout.lang = config.get("theme").and_then(|theme| text(theme, "language"));
    layout.site_url = text(&config, "site_url").unwrap_or_default();
    layout.snippets = bases(&config).into_iter().chain([String::new(), docs.clone()]).collect();
    let names = |key: &str| match config.get(key) {
        Some(Value::Sequence(list)) => {
            let name = |one: &Value| {
                one.as_str().map(str::to_owned).or_else(|| front::plain(one.as_mapping()?.keys().next()?))
            };
            list.iter().filter_map(name).collect()
        }
        Some(Value::Mapping(map)) => map.keys().filter_map(front::plain).collect::<Vec<_>>(),
        _ => Vec::new(),
    };
    let has = |key: &str, part: &str| names(key).iter().any(|name| name.contains(part));
    if has("plugins", "macros") {
        layout.params = config.get("extra").cloned().unwrap_or(Value::Null);
    }
    layout.wiki = has("markdown_extensions", "wikilinks") || has("plugins", "roamlinks") || has("plugins", "ezlinks");
    let plugins = config.get("plugins").and_then(Value::as_sequence).into_iter().flatten();
    let i18n = plugins.filter_map(|plugin| plugin.get("i18n")).next();
    if i18n.and_then(|settings| text(settings, "docs_structure")).as_deref() == Some("folder") {
        for code in folders(source, &docs).into_iter().filter(|name| is_language_code(name)) {
            let first = layout.roots.is_empty();
            let url = if first { String::new() } else { code.clone() };
            layout.roots.push(Root { lang: Some(code.clone()), url, ..Root::at(&format!("{docs}/{code}")) });
        }
    }
    if layout.roots.is_empty() {
        layout.roots.push(Root::at(&docs));
    }
    if let Some(languages) = i18n.and_then(|settings| settings.get("languages")).and_then(Value::as_sequence) {
        let default = languages.iter().find(|one| one.get("default").and_then(Value::as_bool) == Some(true));
        layout.lang = default.and_then(|one| text(one, "locale")).or(layout.lang);
    }
    if let Some(nav) = config.get("nav") {
        navigate(nav, None, &mut layout);
    }
    if config.get("hooks").is_some() || config.get("theme").is_some_and(|theme| theme.get("custom_dir").is_some()) {
        let mut found = Findings::of(source, "mkdocs.yml");
        found.note(SITE, 0, "its hooks and templates are not used: this site has its own theme", "");
        findings.push(found);
    }
    findings.extend(unfollowed(source, &config));
    (layout, findings)
}

/// Settings that decide what readers see, and that the import does not follow.
fn unfollowed(source: &Path, config: &Value) -> Option<Findings> {
    let mut found = Findings::of(source, "mkdocs.yml");
    for key in ["exclude_docs", "draft_docs"] {
        if config.get(key).and_then(Value::as_str).is_some_and(|patterns| !patterns.trim().is_empty()) {
            let message = format!("`{key}` is not followed: what it names becomes pages that readers see");
            found.warn(SITE, 0, message, "remove these files, or give them `confidence: wip`");
        }
    }
    let mut plugins = config.get("plugins").and_then(Value::as_sequence).into_iter().flatten();
    if plugins.any(|plugin| plugin.get("redirects").is_some()) {
        let hint = "write the old addresses as `aliases` of the articles they lead to";
        found.note(SITE, 0, "the addresses of its plugin `redirects` are not imported", hint);
    }
    (!found.found.is_empty()).then_some(found)
}

/// The folders that extensions look for snippets in.
fn bases(config: &Value) -> Vec<String> {
    let extensions = config.get("markdown_extensions");
    let settings = |name: &str| match extensions? {
        Value::Sequence(list) => list.iter().find_map(|one| one.get(name)).cloned(),
        map => map.get(name).cloned(),
    };
    let mut bases = Vec::new();
    for name in ["pymdownx.snippets", "mdx_include", "markdown_include.include"] {
        match settings(name).as_ref().and_then(|settings| settings.get("base_path")) {
            Some(Value::String(base)) => bases.push(base.clone()),
            Some(Value::Sequence(list)) => bases.extend(list.iter().filter_map(Value::as_str).map(str::to_owned)),
            _ => {}
        }
    }
    bases
}

/// The pages of the navigation in their order; a section whose pages share one folder names that folder.
fn navigate(nav: &Value, section: Option<&str>, layout: &mut Layout) -> Vec<String> {
    let mut pages = Vec::new();
    for item in nav.as_sequence().into_iter().flatten() {
        let entry = item.as_mapping().and_then(|map| map.iter().next());
        let (title, target) = entry.map_or((None, item), |(title, target)| (title.as_str(), target));
        match target {
            Value::String(path) if path.ends_with(".md") => {
                let path = path.trim_start_matches("./").trim_start_matches('/').to_owned();
                layout.page(&path, title, section);
                pages.push(path);
            }
            Value::Sequence(_) => {
                let inside = navigate(target, section.or(title), layout);
                if let Some(title) = title {
                    layout.section(title, &inside);
                }
                pages.extend(inside);
            }
            _ => {}
        }
    }
    pages
}

/// The address of a document: `path` is the one below its root, without language and extension.
pub(super) fn address(root: &Root, path: &str) -> String {
    let (dir, name) = path.rsplit_once('/').unwrap_or(("", path));
    let last = if name.eq_ignore_ascii_case("index") || name.eq_ignore_ascii_case("readme") { "" } else { name };
    super::book::normal(&format!("/{}/{dir}/{last}", root.url))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::import::layout::Place;

    #[test]
    fn what_would_be_public_against_its_will_is_told() {
        let dir = tempfile::tempdir().unwrap();
        let said = |text: &str| {
            std::fs::write(dir.path().join("mkdocs.yml"), text).unwrap();
            layout(dir.path()).1.len()
        };
        assert_eq!(said("site_name: x\n"), 0);
        assert_eq!(said("site_name: x\nexclude_docs: |\n  drafts/\n"), 1);
        assert_eq!(said("plugins:\n- search\n- redirects:\n    redirect_maps: {a.md: b.md}\n"), 1);
    }

    #[test]
    fn the_navigation_orders_and_names() {
        let dir = tempfile::tempdir().unwrap();
        std::fs::create_dir_all(dir.path().join("docs/net")).unwrap();
        let config = "site_url: https://old.example/kb/\nplugins:\n  - search\n  - macros:\n      on_undefined: keep\nextra: {version: 4.2}\nmarkdown_extensions:\n  - wikilinks\n  - pymdownx.emoji:\n      emoji_index: !!python/name:material.extensions.emoji.twemoji\nnav:\n  - index.md\n  - 网络:\n    - VPN 设置: net/vpn.md\n    - net/wifi.md\n  - 外部: https://x.example\n";
        std::fs::write(dir.path().join("mkdocs.yml"), config).unwrap();
        let (layout, findings) = layout(dir.path());
        assert!(findings.is_empty(), "{findings:?}");
        let place =
            |at, title: Option<&str>| Place { at, title: title.map(str::to_owned), section: Some("网络".into()) };
        assert_eq!(layout.nav["net/vpn.md"], place(2, Some("VPN 设置")));
        assert_eq!(layout.nav["net/wifi.md"], place(3, None));
        assert_eq!(layout.names["net"], "网络");
        assert_eq!((layout.site_url.as_str(), layout.wiki), ("https://old.example/kb", true));
        assert_eq!(layout.params.get("version").and_then(front::plain).as_deref(), Some("4.2"));
        assert_eq!(address(&layout.roots[0], "net/README"), "/net");
    }
}
