//! MkDocs: `mkdocs.yml` with its navigation, and addresses.

use std::path::Path;

use serde_yaml::Value;

use super::finding::{Findings, KEY, SITE};
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
    (layout, findings)
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
    fn the_navigation_orders_and_names() {
        let dir = tempfile::tempdir().unwrap();
        std::fs::create_dir_all(dir.path().join("docs/net")).unwrap();
        let config = "site_url: https://old.example/kb/\nmarkdown_extensions:\n  - pymdownx.emoji:\n      emoji_index: !!python/name:material.extensions.emoji.twemoji\nnav:\n  - index.md\n  - 网络:\n    - VPN 设置: net/vpn.md\n    - net/wifi.md\n  - 外部: https://x.example\n";
        std::fs::write(dir.path().join("mkdocs.yml"), config).unwrap();
        let (layout, findings) = layout(dir.path());
        assert!(findings.is_empty(), "{findings:?}");
        let place =
            |at, title: Option<&str>| Place { at, title: title.map(str::to_owned), section: Some("网络".into()) };
        assert_eq!(layout.nav["net/vpn.md"], place(2, Some("VPN 设置")));
        assert_eq!(layout.nav["net/wifi.md"], place(3, None));
        assert_eq!(layout.names["net"], "网络");
        assert_eq!(layout.site_url, "https://old.example/kb");
        assert_eq!(address(&layout.roots[0], "net/README"), "/net");
    }
}
