//! What the templates can call, besides Tera's own: `asset`, `icon` and the filter `fill`.

use std::collections::HashMap;

use tera::{Error, Function, Kwargs, State, Tera, TeraResult};

use crate::config::Config;
use crate::diagnostic::nearest;
use crate::site::assets::Assets;

/// Registers them for the assets of one theme and one site.
pub(super) fn register(tera: &mut Tera, assets: &Assets, config: &Config) {
    let base = &config.base_path;
    tera.register_function("asset", AssetUrl::new(assets, base));
    tera.register_function("icon", Icon::new(assets, base));
    tera.register_filter("fill", fill);
    let languages: HashMap<_, _> = config.languages.iter().map(|one| (one.code.clone(), one.name.clone())).collect();
    // `item.lang | language`: the language's name in itself.
    tera.register_filter("language", move |code: &str, _: Kwargs, _: &State| {
        languages.get(code).cloned().unwrap_or_else(|| code.to_owned())
    });
}

/// `asset(name="theme.css")`: the URL of the fingerprinted file, in the page's language where it has several.
struct AssetUrl {
    /// By language, then by name.
    urls: HashMap<String, HashMap<String, String>>,
}

impl AssetUrl {
    fn new(assets: &Assets, base: &str) -> Self {
        let mut urls: HashMap<String, HashMap<String, String>> = HashMap::new();
        for (lang, name, path) in assets.names() {
            urls.entry(lang.to_owned()).or_default().insert(name.to_owned(), format!("{base}/{path}"));
        }
        Self { urls }
    }
}

impl Function<TeraResult<String>> for AssetUrl {
    fn call(&self, kwargs: Kwargs, state: &State) -> TeraResult<String> {
        let name: &str = kwargs.must_get("name")?;
        let lang: String = state.get("lang")?.unwrap_or_default();
        let urls = self.urls.get(&lang).or_else(|| self.urls.values().next());
        urls.and_then(|urls| urls.get(name)).cloned().ok_or_else(|| {
            let known = urls.into_iter().flat_map(|urls| urls.keys().map(String::as_str));
            let hint = nearest(name, known).map(|name| format!("; did you mean `{name}`?")).unwrap_or_default();
            Error::message(format!("the theme has no asset `{name}` in static/{hint}"))
        })
    }
}

/// `icon(name="wifi")`: a decorative icon out of the one sprite. A name the theme does not have shows a folder,
/// because the names come from the site's configuration too.
struct Icon {
    markup: HashMap<String, String>,
    fallback: String,
}

impl Icon {
    fn new(assets: &Assets, base: &str) -> Self {
        let sprite = assets.names().find(|(_, name, _)| *name == "icons.svg").map_or("", |(_, _, path)| path);
        let markup = |name: &str| {
            format!("<svg class=\"icon\" aria-hidden=\"true\"><use href=\"{base}/{sprite}#{name}\"/></svg>")
        };
        let named = assets.icons().iter().map(|name| (name.clone(), markup(name))).collect();
        Self { markup: named, fallback: markup("folder") }
    }
}

impl Function<TeraResult<String>> for Icon {
    fn call(&self, kwargs: Kwargs, _: &State) -> TeraResult<String> {
        let name: &str = kwargs.must_get("name")?;
        Ok(self.markup.get(name).unwrap_or(&self.fallback).clone())
    }

    fn is_safe(&self) -> bool {
        true
    }
}

/// `t.results_count | fill(count=3)`: puts values into the `{count}` of a string; of `one|many` the first is taken when
/// the count is 1. Not safe: the result is escaped.
fn fill(text: &str, kwargs: Kwargs, _: &State) -> String {
    let single = kwargs.iter().any(|(key, value)| key.as_str() == Some("count") && value.to_string() == "1");
    let mut filled = match text.split_once('|') {
        Some((one, _)) if single => one.to_owned(),
        Some((_, many)) => many.to_owned(),
        None => text.to_owned(),
    };
    for (key, value) in kwargs.iter() {
        if let Some(key) = key.as_str() {
            filled = put(&filled, &format!("{{{key}}}"), &value.to_string());
        }
    }
    filled
}

/// Replaces `hole`. A string says `在 {time} 前` for a time in figures; where the value is Chinese at that side, the
/// space goes: `在今天 14:30 前`.
fn put(text: &str, hole: &str, value: &str) -> String {
    let han =
        |character: Option<char>| character.is_some_and(|character| ('\u{2e80}'..='\u{9fff}').contains(&character));
    let mut filled = String::with_capacity(text.len() + value.len());
    for (index, part) in text.split(hole).enumerate() {
        let mut part = part;
        if index > 0 {
            let before = filled.strip_suffix(' ').filter(|rest| han(value.chars().next()) && han(rest.chars().last()));
            if let Some(length) = before.map(str::len) {
                filled.truncate(length);
            }
            filled.push_str(value);
            let after = part.strip_prefix(' ').filter(|rest| han(value.chars().last()) && han(rest.chars().next()));
            part = after.unwrap_or(part);
        }
        filled.push_str(part);
    }
    filled
}

#[cfg(test)]
mod tests {
    use super::put;

    #[test]
    fn spaces_stand_only_between_chinese_and_latin() {
        let text = "我们会在 {time} 前回复";
        assert_eq!(put(text, "{time}", "今天 14:30"), "我们会在今天 14:30 前回复");
        assert_eq!(put(text, "{time}", "明天"), "我们会在明天前回复");
        assert_eq!(put("reply by {time}", "{time}", "today"), "reply by today");
        assert_eq!(put("{a}{a}", "{a}", "x"), "xx");
    }
}
