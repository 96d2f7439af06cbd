//! The JSON Schema of `site.toml`, out of the types that read it.

use schemars::generate::SchemaSettings;
use serde_json::Value;

use super::raw::Raw;

/// What [`super::duration`] reads: `10m`, `1h30m`.
pub(super) const DURATION: &str = "^\\s*([0-9]+[smhd])+\\s*$";

/// JSON Schema, draft 7: what editors' TOML and YAML extensions read.
pub fn schema() -> Value {
    SchemaSettings::draft07().into_generator().into_root_schema_for::<Raw>().to_value()
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::config::Config;

    /// Every property below `schema`, with the path of tables that leads to it.
    fn leaves(schema: &Value, root: &Value, path: &[String], found: &mut Vec<Vec<String>>) {
        let name = schema["$ref"].as_str().and_then(|name| name.strip_prefix("#/definitions/"));
        let schema = name.map_or(schema, |name| &root["definitions"][name]);
        let nested = schema["anyOf"].as_array().into_iter().chain(schema["allOf"].as_array()).flatten();
        for inner in nested.chain(schema.get("items")) {
            leaves(inner, root, path, found);
        }
        for (key, inner) in schema["properties"].as_object().into_iter().flatten() {
            let path = [path, std::slice::from_ref(key)].concat();
            leaves(inner, root, &path, found);
            found.push(path);
        }
    }

    #[test]
    fn every_key_of_the_schema_is_known_to_the_reader() {
        let (schema, mut keys) = (schema(), Vec::new());
        leaves(&schema, &schema, &[], &mut keys);
        assert!(keys.len() > 70, "{}", keys.len());
        for path in &keys {
            let (key, tables) = path.split_last().unwrap();
            // A value of a type that no key has: the reader names the key's type, or the key when it does not know it.
            let lists = ["categories", "types", "urgencies", "impacts", "teams", "fields", "choices", "webhooks"];
            let mut text = String::from(if path[0] == "title" { "" } else { "title = 'x'\n" });
            for end in 1..=tables.len() {
                let (head, name) = (tables[..end].join("."), &tables[end - 1]);
                text.push_str(&if lists.contains(&name.as_str()) {
                    format!("[[{head}]]\n")
                } else {
                    format!("[{head}]\n")
                });
            }
            text.push_str(&format!("{key} = 0.5\n"));
            let found = Config::parse(Path::new("/"), &text).unwrap_err();
            assert!(found.iter().all(|one| !one.message.contains("unknown")), "{path:?}: {found:?}");
        }
    }

    #[test]
    fn a_key_without_a_word_is_described() {
        let schema = schema();
        for (key, property) in schema["properties"].as_object().unwrap() {
            assert!(property["description"].is_string(), "{key}");
        }
        assert_eq!(schema["additionalProperties"], false);
        assert_eq!(schema["required"], serde_json::json!(["title"]));
    }
}
