//! What the templates can call, besides Tera's own: `asset`, `icon` and the filter `fill`.

use std::collections::HashMap;

use tera::{Error, Function, Kwargs, State, Tera, TeraResult};

use crate::diagnostic::nearest;
use crate::site::assets::Assets;

/// Registers them for the assets of one theme, on a site below `base`.
pub(super) fn register(tera: &mut Tera, assets: &Assets, base: &str) {
    tera.register_function("asset", AssetUrl::new(assets, base));
    tera.register_function("icon", Icon::new(assets, base));
    tera.register_filter("fill", fill);
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
            filled = filled.replace(&format!("{{{key}}}"), &value.to_string());
        }
    }
    filled
}
