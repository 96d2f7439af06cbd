//! Docusaurus: folders, languages and addresses.

use std::path::Path;
use std::sync::LazyLock;

use regex::Regex;

use super::finding::{Findings, SITE};
use super::layout::{Layout, Root, first_of, folders};
use super::place::{name, number_prefix};

const CONFIG: &[&str] =
    &["docusaurus.config.js", "docusaurus.config.ts", "docusaurus.config.mjs", "docusaurus.config.cjs"];

pub(super) fn layout(source: &Path) -> (Layout, Vec<Findings>) {
    let mut findings = Vec::new();
    let Some((_, config)) = first_of(source, CONFIG) else {
        // The folder of documents alone.
        let roots = vec![Root { url: "docs".to_owned(), ..Root::at("") }];
        return (Layout { roots, addressed: true, ..Layout::default() }, findings);
    };
    let lang = setting(&config, "defaultLocale");
    let route = setting(&config, "routeBasePath").unwrap_or_else(|| "docs".to_owned());
    let base = setting(&config, "baseUrl").unwrap_or_default();
    let url = format!("{base}/{route}").trim_matches('/').to_owned();
    let mut roots = vec![Root { url: url.clone(), ..Root::at("docs") }];
    for code in folders(source, "i18n") {
        let dir = format!("i18n/{code}/docusaurus-plugin-content-docs/current");
        if source.join(&dir).is_dir() {
            let url = format!("{base}/{code}/{route}").replace("//", "/").trim_matches('/').to_owned();
            roots.push(Root { dir, lang: Some(code), url });
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
    let site_url = setting(&config, "url").unwrap_or_default();
    let label = |folder: &String| {
        let (_, text) =
            first_of(source, &[&format!("docs/{folder}/_category_.json"), &format!("docs/{folder}/_category_.yml")])?;
        // JSON is YAML.
        let settings: serde_yaml::Value = serde_yaml::from_str(&text).ok()?;
        Some((number_prefix(folder).1.to_owned(), settings.get("label")?.as_str()?.to_owned()))
    };
    let names = folders(source, "docs").iter().filter_map(label).collect();
    let statics = vec!["static".to_owned()];
    (Layout { roots, statics, lang, site_url, names, addressed: true, ..Layout::default() }, findings)
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
