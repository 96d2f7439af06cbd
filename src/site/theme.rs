//! The theme: templates, strings and assets, from the embedded default and a site's own files over it.
//!
//! A theme is loaded once, checked as a whole (every mistake is reported with its file and line) and then only read:
//! [`Theme::render`] may be called from any number of threads. What is the same on every page — the strings of a
//! language, the assets' names — is converted for the template engine once, not per page.

mod check;
mod colour;
mod functions;
mod layers;
mod strings;

use std::collections::HashMap;

use serde::Serialize;
use tera::{Context, ErrorKind, Tera, Value};

pub use self::colour::accent_css;
pub(super) use self::layers::{File, Layers};
pub(super) use self::strings::Strings;
pub use super::assets::Asset;
use super::assets::{self, Assets};
use super::context::Common;
use crate::config::Config;
use crate::diagnostic::{self, Diagnostic};

/// The name of the theme that is embedded in the program.
pub const DEFAULT: &str = "default";

/// A loaded theme. Immutable; a change of any of its files makes a new one.
pub struct Theme {
    tera: Tera,
    strings: Strings,
    /// The strings of each language of the site as the template engine wants them.
    values: HashMap<String, Value>,
    assets: Vec<Asset>,
    /// Where each template came from, for error messages.
    paths: HashMap<String, String>,
    fingerprint: String,
    /// What is no mistake, but changes nothing.
    notes: Vec<Diagnostic>,
}

/// A template failed on a page. The other pages are not concerned.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{path}:{line}:{column}: {message}")]
pub struct RenderError {
    /// The template's file, relative to the site's root.
    pub path: String,
    /// 1-based, 0 when the engine does not say.
    pub line: u32,
    pub column: u32,
    pub message: String,
}

impl RenderError {
    /// The same as a finding for the command line and the live overlay.
    pub fn diagnostic(&self) -> Diagnostic {
        Diagnostic::error("HM040", &self.path, self.message.clone())
            .at((self.line, self.column))
            .hint("a template may use only the variables of `src/site/context.rs` and the strings of theme.toml")
    }
}

impl Theme {
    /// Loads the embedded default theme, `themes/default` of the site over it, and the site's own theme over both,
    /// file by file.
    ///
    /// # Errors
    /// Every mistake found: HM040 template errors, HM041 missing strings, HM042 a theme or file that cannot be
    /// read, HM043 a style sheet or script that cannot be built.
    pub fn load(config: &Config) -> Result<Self, Vec<Diagnostic>> {
        let layers = Layers::read(config)?;
        let mut findings = Vec::new();

        let strings = Strings::read(&layers, config).unwrap_or_else(|mut errors| {
            findings.append(&mut errors);
            Strings::default()
        });
        let assets = assets::build(&layers, &strings, config).unwrap_or_else(|mut errors| {
            findings.append(&mut errors);
            Assets::default()
        });
        let templates: Vec<_> = layers.templates().collect();
        let mut tera = Tera::default();
        functions::register(&mut tera, &assets, config);
        findings.append(&mut check::templates(&mut tera, &templates));
        if findings.is_empty() {
            findings = check::strings(&templates, &strings);
        }
        if !findings.is_empty() {
            diagnostic::sort(&mut findings);
            return Err(findings);
        }

        let notes = check::surplus(&layers.manifests().collect::<Vec<_>>(), &templates);
        let values = strings.languages().map(|lang| (lang.to_owned(), strings.value(lang))).collect();
        let paths = templates.iter().map(|file| (file.name.to_owned(), file.path.to_owned())).collect();
        let fingerprint = fingerprint(&layers, &assets);
        Ok(Self { tera, strings, values, assets: assets.into_files(), paths, fingerprint, notes })
    }

    /// One page. `page` is the context that belongs to `template`.
    ///
    /// # Errors
    /// The template used something the page does not have.
    pub fn render<P: Serialize>(&self, template: &str, common: &Common, page: &P) -> Result<String, RenderError> {
        self.try_render(template, common, page).map_err(|error| self.explain(template, &error))
    }

    fn try_render<P: Serialize>(&self, template: &str, common: &Common, page: &P) -> Result<String, tera::Error> {
        let mut context = Context::from_serialize(common)?;
        context.insert_value("page", Value::try_from_serializable(page)?);
        let strings = self.values.get(&common.lang).or_else(|| self.values.get(self.strings.default_language()));
        context.insert_value("t", strings.cloned().unwrap_or_else(Value::none));
        self.tera.render(template, &context)
    }

    fn explain(&self, template: &str, error: &tera::Error) -> RenderError {
        let path = |name: &str| self.paths.get(name).cloned().unwrap_or_else(|| format!("templates/{name}"));
        match error.kind() {
            ErrorKind::RenderingError(report) | ErrorKind::SyntaxError(report) => {
                let (line, column) = check::place(report.span());
                RenderError { path: path(report.filename()), line, column, message: report.message().to_owned() }
            }
            other => RenderError { path: path(template), line: 0, column: 0, message: other.to_string() },
        }
    }

    /// A string of the theme: in `lang`, else in the site's first language, else in any, else the key itself.
    pub fn text(&self, lang: &str, key: &str) -> String {
        self.strings.get(lang, key).unwrap_or(key).to_owned()
    }

    /// What its files say that nothing uses (HM041).
    pub fn notes(&self) -> &[Diagnostic] {
        &self.notes
    }

    /// The files to write under `public/`.
    pub fn assets(&self) -> &[Asset] {
        &self.assets
    }

    /// Changes when any template, string or asset changes, and with nothing else.
    pub fn fingerprint(&self) -> &str {
        &self.fingerprint
    }
}

/// The paths a watcher should watch: the site's own themes. They need not exist.
pub fn watched(config: &Config) -> Vec<std::path::PathBuf> {
    layers::directories(config)
}

/// Over the sources and over the products: the latter also depend on the configuration (accent, categories' names).
fn fingerprint(layers: &Layers, assets: &Assets) -> String {
    let mut hasher = blake3::Hasher::new();
    for file in layers.iter() {
        hasher.update(&(file.name.len() as u64).to_le_bytes()).update(file.name.as_bytes());
        hasher.update(&(file.bytes.len() as u64).to_le_bytes()).update(file.bytes);
    }
    for asset in assets.files() {
        hasher.update(asset.path.as_bytes()).update(&[0]);
    }
    hasher.finalize().to_hex()[..32].to_owned()
}

#[cfg(test)]
mod tests;
