//! JSON Schema for front matter, out of the table of keys: what an editor completes and underlines.

use serde_json::{Map, Value, json};

use super::Kind;
use super::keys::{ARTICLE, Key, RESOLUTION, Shape};
use crate::config::Config;

/// The JSON Schema, draft 7, of a kind's front matter. With a site its categories are proposed. Keys nobody knows are
/// kept by the reader, so they are refused only where `strict`.
pub fn schema(kind: Kind, config: Option<&Config>, strict: bool) -> Value {
    let (name, keys, required) = match kind {
        Kind::Article => ("Article", &ARTICLE[..], &["title"][..]),
        Kind::Resolution => ("Resolution record", &RESOLUTION[..], &["id", "title"][..]),
    };
    let mut properties = Map::new();
    for key in keys {
        let mut property = property(key, required.contains(&key.name));
        if key.name == "category" {
            propose_categories(&mut property, config);
        }
        properties.insert(key.name.to_owned(), property);
    }
    let mut schema = json!({
        "$schema": "http://json-schema.org/draft-07/schema#",
        "title": name,
        "description": format!("Front matter of a Markdown file in content/{}s/.", kind.as_str()),
        "type": "object",
        "required": required,
        "properties": properties,
        "additionalProperties": !strict,
    });
    if kind == Kind::Article {
        schema["defaultSnippets"] = snippets(config);
    }
    schema
}

/// What the reader takes: numbers and yes or no are texts too, and an empty value is one that is not there.
fn property(key: &Key, required: bool) -> Value {
    let described = format!("{} {}", key.en, key.zh);
    let mut property = match key.shape {
        Shape::Text => json!({ "type": ["string", "number", "boolean", "null"] }),
        Shape::List => json!({
            "type": ["array", "string", "number", "boolean", "null"],
            "items": { "type": ["string", "number", "boolean", "null"] },
        }),
        Shape::Date => json!({ "type": ["string", "null"], "format": "date" }),
        Shape::Flag => json!({ "type": ["boolean", "null"] }),
        Shape::Integer => json!({ "type": ["integer", "null"], "minimum": i32::MIN, "maximum": i32::MAX }),
        Shape::Choice(words) => json!({ "enum": words }),
    };
    property["description"] = described.into();
    match key.name {
        "title" => property["minLength"] = 1.into(),
        "id" => property["pattern"] = "^TS[0-9]{8}[0-9]{4,}$".into(),
        "linked_article" => property["pattern"] = "^articles/.+\\.md$".into(),
        "aliases" => property["items"]["pattern"] = "^/[^?#]*$".into(),
        _ => {}
    }
    if required {
        property["type"] = json!(["string", "number", "boolean"]);
    }
    if key.shape == Shape::List && key.name != "aliases" {
        property["uniqueItems"] = true.into();
    }
    property
}

/// The site's categories first; any other folder is a category as well.
fn propose_categories(property: &mut Value, config: Option<&Config>) {
    let Some(config) = config.filter(|config| !config.categories.is_empty()) else { return };
    let keys: Vec<_> = config.categories.iter().map(|category| category.key.as_str()).collect();
    let names: Vec<_> = config.categories.iter().map(|category| category.name.get(config.default_language())).collect();
    let free = property["type"].take();
    if let Some(property) = property.as_object_mut() {
        property.remove("type");
    }
    property["anyOf"] = json!([{ "enum": keys, "enumDescriptions": names }, { "type": free }]);
}

/// The beginning of an article in each category, for the completion of the YAML extension.
fn snippets(config: Option<&Config>) -> Value {
    let body = |category: &str| {
        json!({
            "title": "$1",
            "summary": "$2",
            "category": category,
            "keywords": ["$3"],
            "confidence": "wip",
        })
    };
    let snippet = |category: &crate::config::Category| {
        let name = category.name.get(config.map_or("en", Config::default_language));
        json!({ "label": format!("{} · {name}", category.key), "body": body(&category.key) })
    };
    config.map(|config| config.categories.iter().map(snippet).collect::<Vec<_>>()).unwrap_or_default().into()
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    #[test]
    fn a_site_proposes_its_categories_and_their_beginnings() {
        let text = "title = 'x'\n[[categories]]\nkey = 'network'\nname = { zh = '网络', en = 'Network' }\n";
        let config = Config::parse(Path::new("/"), text).unwrap();
        let schema = schema(Kind::Article, Some(&config), true);
        assert_eq!(schema["properties"]["category"]["anyOf"][0]["enum"], json!(["network"]));
        assert_eq!(schema["defaultSnippets"][0]["body"]["category"], "network");
        assert_eq!(schema["additionalProperties"], false);
        assert_eq!(schema["properties"]["audience"]["enum"], json!(["employees", "agents"]));
    }
}
