//! JSON Schema for the front matter of a ticket's file, out of the type that reads it.

use std::borrow::Cow;

use schemars::generate::SchemaSettings;
use schemars::transform::{Transform, transform_subschemas};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde_json::{Value, json};

use super::{Moment, Ticket, TicketId};
use crate::config::Config;

impl JsonSchema for TicketId {
    fn schema_name() -> Cow<'static, str> {
        "TicketId".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "string", "pattern": "^TS[0-9]{8}[0-9]{4,}$" })
    }
}

impl JsonSchema for Moment {
    fn schema_name() -> Cow<'static, str> {
        "Moment".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "string", "format": "date-time", "description": "RFC 3339, with the offset from UTC." })
    }
}

/// A text is read also where a person left the quotes away, or wrote nothing.
#[derive(Clone)]
struct Lenient;

impl Transform for Lenient {
    fn transform(&mut self, schema: &mut Schema) {
        let plain = schema.get("type").is_some_and(|kind| kind == "string")
            && ["format", "enum", "pattern", "const"].into_iter().all(|key| schema.get(key).is_none());
        if plain {
            schema.insert("type".to_owned(), json!(["string", "number", "boolean", "null"]));
        }
        transform_subschemas(self, schema);
    }
}

/// JSON Schema, draft 7. With a site its types, urgencies, impacts and teams are proposed.
pub fn schema(config: Option<&Config>, strict: bool) -> Value {
    let generator = SchemaSettings::draft07().with_transform(Lenient).into_generator();
    let mut schema = generator.into_root_schema_for::<Ticket>().to_value();
    schema["description"] = "Front matter of content/tickets/YYYY/MM/DD/<id>.md. A running server takes a changed \
                             status, assignee or team as the step that was meant, and an entry of `history` without a \
                             time as a step to take."
        .into();
    if let Some(required) = schema.pointer_mut("/definitions/HistoryEntry/required").and_then(Value::as_array_mut) {
        required.retain(|key| key != "at");
    }
    schema["additionalProperties"] = (!strict).into();
    let Some(config) = config else { return schema };
    let keys = |choices: &[crate::config::Choice]| choices.iter().map(|one| one.key.clone()).collect::<Vec<_>>();
    for (key, words) in [
        ("type", config.types.iter().map(|kind| kind.key.clone()).collect()),
        ("urgency", config.urgencies.iter().map(|urgency| urgency.key.clone()).collect()),
        ("impact", keys(&config.impacts)),
        ("team", keys(&config.teams)),
    ] {
        let property = &mut schema["properties"][key];
        if let Some(property) = property.as_object_mut() {
            property.remove("type");
        }
        // A ticket that was filed under an older configuration stays right.
        property["anyOf"] = json!([{ "enum": words }, { "type": ["string", "null"] }]);
    }
    schema
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_key_that_is_written_is_in_the_schema() {
        let schema = schema(None, true);
        let properties = schema["properties"].as_object().unwrap();
        let source = include_str!("mod.rs");
        let ticket = source.split("pub struct Ticket {").nth(1).unwrap().split("\n}").next().unwrap();
        let fields = ticket.lines().filter_map(|line| line.trim().strip_prefix("pub ")?.split(':').next());
        for field in fields.filter(|field| !matches!(*field, "extra" | "body" | "intents")) {
            assert!(properties.contains_key(if field == "kind" { "type" } else { field }), "{field}");
        }
        assert_eq!(schema["required"], json!(["id"]));
        assert_eq!(schema["additionalProperties"], false);
    }
}
