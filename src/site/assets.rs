//! The theme's files as browsers get them: joined, minified, named after their content, and compressed once.
//!
//! | in the theme | in `public/assets/` |
//! |---|---|
//! | `css/*.css` | `theme.HASH.css`, joined in the order of their names, with the site's accent |
//! | `icons/*.svg` | `icons.HASH.svg`, one sprite |
//! | `script/*.js` | `main.HASH.js`, joined in the order of their names into one module |
//! | `static/*.js` | `NAME.HASH.js`, with the strings of a language where it asks for them |
//! | `static/*.css` | `NAME.HASH.css`, minified |
//! | `static/*` | `NAME.HASH.EXT`, as it is |
//!
//! A string `"./NAME"` in a script or a style sheet is replaced by that asset's fingerprinted name.

mod compress;
mod script;
mod sprite;
mod style;

use std::collections::BTreeMap;
use std::sync::Arc;

use rayon::prelude::*;

use super::theme::accent_css;
use crate::config::Config;
use crate::diagnostic::Diagnostic;
use crate::site::theme::{File, Layers, Strings};

/// One file of `public/assets/`.
#[derive(Debug, Clone)]
pub struct Asset {
    /// Relative to `public/`: `assets/theme.3f2a9c1b.css`.
    pub path: String,
    pub bytes: Arc<[u8]>,
    /// Present where it is smaller than `bytes`.
    pub brotli: Option<Arc<[u8]>>,
    pub gzip: Option<Arc<[u8]>>,
}

/// The built assets and what they are called.
#[derive(Debug, Default)]
pub(crate) struct Assets {
    files: Vec<Asset>,
    /// (language, name) → path relative to `public/`.
    names: BTreeMap<(String, String), String>,
    /// The icons in the sprite.
    icons: Vec<String>,
}

impl Assets {
    pub(crate) fn files(&self) -> &[Asset] {
        &self.files
    }

    pub(crate) fn into_files(self) -> Vec<Asset> {
        self.files
    }

    /// Language, name, path.
    pub(crate) fn names(&self) -> impl Iterator<Item = (&str, &str, &str)> {
        self.names.iter().map(|((lang, name), path)| (lang.as_str(), name.as_str(), path.as_str()))
    }

    pub(crate) fn icons(&self) -> &[String] {
        &self.icons
    }
}

/// Builds them all.
///
/// # Errors
/// HM043: every style sheet, script or icon that cannot be built.
pub(crate) fn build(layers: &Layers, strings: &Strings, config: &Config) -> Result<Assets, Vec<Diagnostic>> {
    let mut errors = Vec::new();
    // Path → bytes: the same bytes under the same name are one file, in however many languages.
    let mut files: BTreeMap<String, Vec<u8>> = BTreeMap::new();
    let mut shared: BTreeMap<String, String> = BTreeMap::new();
    let mut add = |shared: &mut BTreeMap<String, String>, name: &str, bytes: Vec<u8>| {
        let path = fingerprinted(name, &bytes);
        shared.insert(name.to_owned(), path.clone());
        files.insert(path, bytes);
    };

    let (sprite, icons) = sprite::build(layers.folder("icons/"), &mut errors);
    add(&mut shared, "icons.svg", sprite.into_bytes());
    let plain = |name: &str| !name.ends_with(".js") && !name.ends_with(".css");
    for file in layers.folder("static/").filter(|file| plain(file.name)) {
        add(&mut shared, file.name, file.bytes.to_vec());
    }
    if let Some(css) = style::theme(layers.folder("css/"), &site_css(config), &mut errors) {
        let css = resolved(&css, &shared);
        add(&mut shared, "theme.css", css.into_bytes());
    }
    for file in layers.folder("static/").filter(|file| file.name.ends_with(".css")) {
        if let Some(css) = style::sheet(&file, &mut errors) {
            let css = resolved(&css, &shared);
            add(&mut shared, file.name, css.into_bytes());
        }
    }

    let joined = script::joined(layers.folder("script/"), &mut errors);
    let main = File { name: "main.js", path: "themes/default/script", bytes: joined.as_bytes() };
    let own = layers.folder("static/").filter(|file| file.name.ends_with(".js"));
    let scripts: Vec<_> = std::iter::once(main).chain(own).collect();
    let mut names = BTreeMap::new();
    for language in &config.languages {
        let words = script::words(strings, config, &language.code);
        let built = script::build(&scripts, &words, &shared, &mut errors);
        for (name, path, text) in built {
            names.insert((language.code.clone(), name), path.clone());
            files.insert(path, text.into_bytes());
        }
        names.extend(shared.iter().map(|(name, path)| ((language.code.clone(), name.clone()), path.clone())));
    }
    if !errors.is_empty() {
        errors.dedup();
        return Err(errors);
    }
    let files = files.into_par_iter().map(|(path, bytes)| compress::asset(path, bytes)).collect();
    Ok(Assets { files, names, icons })
}

/// What the style sheet owes to the configuration: the accent, and which questions belong to which request type (so
/// that the form needs no script to show them).
fn site_css(config: &Config) -> String {
    let mut css = config.accent.as_deref().and_then(accent_css).unwrap_or_default();
    for kind in &config.types {
        let key = kind.key.replace('\\', "\\\\").replace('"', "\\\"");
        css.push_str(&format!("form:has([name=type][value=\"{key}\"]:checked) [data-type=\"{key}\"]{{display:grid}}"));
    }
    css
}

/// `name.ext` → `assets/name.HASH.ext`; folders of the name are kept.
fn fingerprinted(name: &str, bytes: &[u8]) -> String {
    let hash = &blake3::hash(bytes).to_hex()[..8];
    match name.rsplit_once('.') {
        Some((stem, extension)) => format!("assets/{stem}.{hash}.{extension}"),
        None => format!("assets/{name}.{hash}"),
    }
}

/// Replaces every `"./NAME"` whose NAME is known. `url(./NAME)` too: the minifier drops the quotes.
fn resolved(text: &str, names: &BTreeMap<String, String>) -> String {
    let mut text = text.to_owned();
    for (name, path) in names {
        let target = path.trim_start_matches("assets/");
        text = text.replace(&format!("\"./{name}\""), &format!("\"./{target}\""));
        text = text.replace(&format!("url(./{name})"), &format!("url(./{target})"));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_carry_the_content() {
        let one = fingerprinted("a/b.css", b"one");
        assert!(one.starts_with("assets/a/b.") && one.ends_with(".css"), "{one}");
        assert_ne!(one, fingerprinted("a/b.css", b"two"));
    }

    #[test]
    fn only_known_names_are_replaced() {
        let names = BTreeMap::from([("a.js".to_owned(), "assets/a.123.js".to_owned())]);
        let text = r#"import "./a.js"; import "./b.js"; say("a.js"); x{background:url(./a.js)}"#;
        let expected = r#"import "./a.123.js"; import "./b.js"; say("a.js"); x{background:url(./a.123.js)}"#;
        assert_eq!(resolved(text, &names), expected);
    }
}
