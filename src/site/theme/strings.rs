//! The words of a theme, per language, from `theme.toml`.

use std::collections::BTreeMap;

use serde::Deserialize;
use tera::Value;

use super::layers::Layers;
use crate::config::Config;
use crate::diagnostic::Diagnostic;

/// `theme.toml`.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Manifest {
    /// By language, then by key: what templates use as `t.key`.
    #[serde(default)]
    strings: BTreeMap<String, Words>,
    /// By language, then by key: what scripts use as `text.key`.
    #[serde(default)]
    script: BTreeMap<String, Words>,
}

type Words = BTreeMap<String, String>;

/// The words of every language of the site, complete: what a language lacks comes from the site's first language,
/// then from English, then from whichever has it.
#[derive(Debug, Default)]
pub(crate) struct Strings {
    default_language: String,
    templates: BTreeMap<String, Words>,
    scripts: BTreeMap<String, Words>,
}

impl Strings {
    pub(super) fn read(layers: &Layers, config: &Config) -> Result<Self, Vec<Diagnostic>> {
        let mut errors = Vec::new();
        let mut merged = Manifest::default();
        for file in layers.manifests() {
            match file.text().and_then(|text| parse(file.path, text)) {
                Ok(manifest) => {
                    merge(&mut merged.strings, manifest.strings);
                    merge(&mut merged.script, manifest.script);
                }
                Err(error) => errors.push(error),
            }
        }
        if !errors.is_empty() {
            return Err(errors);
        }
        let default_language = config.default_language().to_owned();
        let languages: Vec<&str> = config.languages.iter().map(|language| language.code.as_str()).collect();
        Ok(Self {
            templates: complete(&merged.strings, &languages, &default_language),
            scripts: complete(&merged.script, &languages, &default_language),
            default_language,
        })
    }

    pub(crate) fn default_language(&self) -> &str {
        &self.default_language
    }

    pub(crate) fn languages(&self) -> impl Iterator<Item = &str> {
        self.templates.keys().map(String::as_str)
    }

    pub(super) fn get(&self, lang: &str, key: &str) -> Option<&str> {
        let words = self.templates.get(lang).or_else(|| self.templates.get(&self.default_language))?;
        words.get(key).map(String::as_str)
    }

    /// Whether any language has this string; completion makes that the same as all of them.
    pub(super) fn has(&self, key: &str) -> bool {
        self.get(&self.default_language, key).is_some()
    }

    pub(super) fn keys(&self) -> impl Iterator<Item = &str> {
        self.templates.get(&self.default_language).into_iter().flat_map(|words| words.keys().map(String::as_str))
    }

    /// The strings of a language for the template engine; cloning it later is a reference count.
    pub(super) fn value(&self, lang: &str) -> Value {
        self.templates.get(lang).map_or_else(Value::none, Value::from_serializable)
    }

    /// The strings of a language for scripts.
    pub(crate) fn script(&self, lang: &str) -> Option<&BTreeMap<String, String>> {
        self.scripts.get(lang)
    }
}

fn parse(path: &str, text: &str) -> Result<Manifest, Diagnostic> {
    toml::from_str(text).map_err(|error| {
        let before = error.span().and_then(|span| text.get(..span.start)).unwrap_or_default();
        let line = before.matches('\n').count() + 1;
        let column = before.rsplit('\n').next().map_or(0, |last| last.chars().count()) + 1;
        let place = (u32::try_from(line).unwrap_or(0), u32::try_from(column).unwrap_or(0));
        Diagnostic::error("HM042", path, error.message().to_owned())
            .at(place)
            .hint("theme.toml holds [strings.zh], [strings.en] … and [script.zh], [script.en] …: one text per key")
    })
}

fn merge(into: &mut BTreeMap<String, Words>, from: BTreeMap<String, Words>) {
    for (lang, words) in from {
        into.entry(lang).or_default().extend(words);
    }
}

fn complete(found: &BTreeMap<String, Words>, languages: &[&str], default: &str) -> BTreeMap<String, Words> {
    let mut base = Words::new();
    // Later wins: any language, then English, then the site's first.
    let order = found.keys().map(String::as_str).chain(["en", default]);
    for words in order.filter_map(|lang| found.get(lang)) {
        base.extend(words.clone());
    }
    let english = found.get("en");
    let with_own = |lang: &&str| {
        let mut words = base.clone();
        // A language the theme does not speak is better served in English than in Chinese.
        words.extend(found.get(*lang).or(english).cloned().unwrap_or_default());
        ((*lang).to_owned(), words)
    };
    languages.iter().map(with_own).collect()
}
