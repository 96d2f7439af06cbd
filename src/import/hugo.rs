//! Hugo: configuration, languages and addresses.

use std::collections::BTreeMap;
use std::path::Path;

use serde_yaml::Value;

use super::finding::{Findings, KEY, SITE};
use super::layout::{Layout, Root, first_of, folders};
use super::place::is_language_code;

pub(super) const CONFIG: &[&str] = &[
    "hugo.toml",
    "hugo.yaml",
    "hugo.yml",
    "hugo.json",
    "config.toml",
    "config.yaml",
    "config.yml",
    "config.json",
    "config/_default/hugo.toml",
    "config/_default/hugo.yaml",
    "config/_default/config.toml",
    "config/_default/config.yaml",
];

const LANGUAGES: &[&str] = &["config/_default/languages.toml", "config/_default/languages.yaml"];

const PARAMS: &[&str] = &["config/_default/params.toml", "config/_default/params.yaml"];

pub(super) fn layout(source: &Path) -> (Layout, Vec<Findings>) {
    let mut findings = Vec::new();
    let config = settings(source, CONFIG, &mut findings);
    let mut languages = config.get("languages").cloned().unwrap_or(Value::Null);
    if languages.is_null() {
        languages = settings(source, LANGUAGES, &mut findings);
    }
    let text = |value: &Value, key: &str| {
        let found = value
            .as_mapping()?
            .iter()
            .find(|(name, _)| name.as_str().is_some_and(|name| name.eq_ignore_ascii_case(key)));
        found?.1.as_str().map(|text| text.trim_matches('/').to_owned())
    };
    let lang = text(&config, "defaultContentLanguage").or_else(|| text(&config, "languageCode"));
    let content = text(&config, "contentDir").unwrap_or_else(|| "content".to_owned());
    let content = if source.join(&content).is_dir() { content } else { String::new() };
    let mut roots = Vec::new();
    for (code, settings) in languages.as_mapping().into_iter().flatten() {
        let Some(code) = code.as_str() else { continue };
        if let Some(dir) = text(settings, "contentDir").filter(|dir| source.join(dir).is_dir()) {
            let url = if lang.as_deref() == Some(code) { String::new() } else { code.to_owned() };
            roots.push(Root { lang: Some(code.to_owned()), url, ..Root::at(&dir) });
        }
    }
    if roots.is_empty() {
        // `content/en/`, `content/zh/` without a configuration that says so.
        let inside = folders(source, &content);
        if inside.len() > 1 && inside.iter().all(|name| is_language_code(name)) {
            let dir = |name: &String| format!("{content}/{name}").trim_matches('/').to_owned();
            let url = |name: &String| if lang.as_ref() == Some(name) { String::new() } else { name.clone() };
            roots = inside
                .iter()
                .map(|name| Root { lang: Some(name.clone()), url: url(name), ..Root::at(&dir(name)) })
                .collect();
        } else {
            roots.push(Root::at(&content));
        }
    }
    for (folder, what) in [
        ("layouts", "its templates are not used: this site has its own theme"),
        ("data", "its data files are not read"),
    ] {
        if !folders(source, "").iter().any(|name| name == folder) {
            continue;
        }
        let mut found = Findings::of(source, folder);
        found.note(SITE, 0, what, "");
        findings.push(found);
    }
    let statics = ["static", "assets"].map(str::to_owned).into();
    let site_url = text(&config, "baseURL").unwrap_or_default();
    let shortcodes = shortcodes(source);
    let mut params = config.get("params").cloned().unwrap_or(Value::Null);
    if params.is_null() {
        params = settings(source, PARAMS, &mut findings);
    }
    (
        Layout {
            roots,
            statics,
            lang,
            site_url,
            shortcodes,
            params,
            from_top: true,
            addressed: true,
            ..Layout::default()
        },
        findings,
    )
}

/// The templates of shortcodes: the site's own before those of its themes.
fn shortcodes(source: &Path) -> BTreeMap<String, String> {
    let themes = ["themes", "_vendor"].iter().flat_map(|dir| {
        let below = walkdir::WalkDir::new(source.join(dir)).max_depth(5).sort_by_file_name().into_iter();
        below.flatten().filter(|entry| entry.file_type().is_dir() && entry.file_name() == "layouts")
    });
    let layouts = std::iter::once(source.join("layouts")).chain(themes.map(walkdir::DirEntry::into_path));
    let mut templates = BTreeMap::new();
    for dir in layouts.flat_map(|layouts| ["shortcodes", "_shortcodes"].map(|name| layouts.join(name))) {
        for entry in walkdir::WalkDir::new(&dir).max_depth(3).sort_by_file_name().into_iter().flatten() {
            let inside =
                entry.path().strip_prefix(&dir).ok().and_then(Path::to_str).map(|path| path.replace('\\', "/"));
            let Some(name) = inside.as_deref().and_then(|path| path.strip_suffix(".html")) else { continue };
            if let Ok(text) = std::fs::read_to_string(entry.path()) {
                templates.entry(name.to_owned()).or_insert(text);
            }
        }
    }
    templates
}

/// A configuration file in any of its forms; nothing when there is none.
fn settings(source: &Path, names: &[&str], findings: &mut Vec<Findings>) -> Value {
    let Some((name, text)) = first_of(source, names) else { return Value::Null };
    let outcome = match name.rsplit('.').next() {
        Some("toml") => toml::from_str::<Value>(&text).map_err(|error| error.message().to_owned()),
        // JSON is YAML.
        _ => serde_yaml::from_str(&text).map_err(|error| error.to_string()),
    };
    outcome.unwrap_or_else(|why| {
        let mut found = Findings::of(source, &name);
        found.warn(KEY, 0, format!("it cannot be read, so languages and folders are guessed: {why}"), "");
        findings.push(found);
        Value::Null
    })
}

/// The address of a document: `path` is the one below its root, without language and extension.
pub(super) fn address(root: &Root, path: &str, slug: Option<&str>) -> String {
    let (dir, name) = path.rsplit_once('/').unwrap_or(("", path));
    let last = match name {
        "_index" | "index" => "",
        name => slug.unwrap_or(name),
    };
    let address = [root.url.as_str(), dir, last].join("/").to_lowercase().replace(' ', "-");
    super::book::normal(&address)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn languages_come_from_the_configuration_or_the_folders() {
        let dir = tempfile::tempdir().unwrap();
        std::fs::create_dir_all(dir.path().join("content/en/docs")).unwrap();
        std::fs::create_dir_all(dir.path().join("content/zh")).unwrap();
        let (guessed, _) = layout(dir.path());
        assert_eq!(
            guessed.roots.iter().map(|root| root.dir.as_str()).collect::<Vec<_>>(),
            ["content/en", "content/zh"]
        );
        let config = "baseURL = 'https://old.example/'\ndefaultContentLanguage = 'en'\n[languages.en]\ncontentDir = 'content/en'\n";
        std::fs::write(dir.path().join("hugo.toml"), config).unwrap();
        let (read, _) = layout(dir.path());
        assert_eq!(read.roots, [Root { lang: Some("en".into()), ..Root::at("content/en") }]);
        assert_eq!((read.lang.as_deref(), read.site_url.as_str()), (Some("en"), "https://old.example"));
        assert_eq!(address(&read.roots[0], "docs/My Page", None), "/docs/my-page");
        assert_eq!(address(&read.roots[0], "docs/_index", None), "/docs");
    }
}
