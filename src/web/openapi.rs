//! The description of the HTTP interface for programs, kept by hand beside the routes.

use serde_json::{Value, json};

use crate::config::Config;

/// The OpenAPI 3.1 document of this site.
pub(super) fn document(config: &Config) -> Value {
    let lang = config.default_language();
    let mut document = json!({
        "openapi": "3.1.0",
        "info": { "title": config.title.get(lang), "version": env!("CARGO_PKG_VERSION"),
                  "description": "Search, feedback and tickets of a Helpmark site. Errors are RFC 9457 problems." },
        "servers": [{ "url": if config.base_path.is_empty() { "/" } else { config.base_path.as_str() } }],
        "paths": {},
        "components": { "schemas": schemas(),
            "securitySchemes": { "tracking": { "type": "http", "scheme": "bearer",
                "description": "The secret of the tracking link." } } },
    });
    for (path, item) in paths(config) {
        document["paths"][path] = item;
    }
    document
}

fn paths(config: &Config) -> Vec<(&'static str, Value)> {
    vec![
        ("/api/search", search()),
        ("/api/suggest", suggest()),
        ("/api/search/opened", searched("opened", "A result of a question was opened")),
        ("/api/search/stood", searched("stood", "A question stood in the box and was not sent")),
        ("/api/feedback", feedback()),
        ("/api/tickets", tickets(config)),
        ("/api/tickets/{id}", ticket()),
        ("/api/tickets/{id}/actions", actions()),
        ("/healthz", plain("Whether the process answers")),
        (
            "/readyz",
            plain(
                "Whether the site is built and tickets can be filed: `tickets` is `writable`, `unwritable` (no space) or `read-only` (until a restart)",
            ),
        ),
        ("/metrics", plain("Counters in Prometheus' text format")),
    ]
}

fn parameter(name: &str, description: &str, schema: Value) -> Value {
    json!({ "name": name, "in": "query", "description": description, "schema": schema })
}

fn reference(name: &str) -> Value {
    json!({ "$ref": format!("#/components/schemas/{name}") })
}

fn ok(description: &str, schema: &str) -> Value {
    json!({ "description": description, "content": { "application/json": { "schema": reference(schema) } } })
}

fn problem(description: &str) -> Value {
    json!({ "description": description, "content": { "application/problem+json": { "schema": reference("Problem") } } })
}

fn search() -> Value {
    json!({ "get": { "operationId": "search", "summary": "Search articles and resolution records", "parameters": [
        parameter("q", "What to search for; more than 1,000 bytes are ignored", json!({ "type": "string" })),
        parameter("limit", "Hits to answer", json!({ "type": "integer", "minimum": 1, "maximum": 50, "default": 10 })),
        parameter("offset", "Hits to skip", json!({ "type": "integer", "minimum": 0, "maximum": 1000, "default": 0 })),
        parameter("kind", "Only this kind", json!({ "enum": ["article", "resolution"] })),
        parameter("category", "Only this category, by its key", json!({ "type": "string" })),
        parameter("lang", "Prefer this language", json!({ "type": "string" })),
        parameter("exact", "`1`: do not correct the spelling", json!({ "type": "string" })),
        parameter("typing", "`1`: the text is still being typed; it is not counted", json!({ "type": "string" })),
    ], "responses": { "200": ok("The answer; an empty `q` finds nothing", "Answer"), "422": problem("A parameter has no meaning"),
                      "503": problem("Too busy: try again after `Retry-After`") } } })
}

fn suggest() -> Value {
    json!({ "get": { "operationId": "suggest", "summary": "Titles and sections as one types", "parameters": [
        parameter("q", "What was typed so far", json!({ "type": "string" })),
        parameter("limit", "Suggestions to answer", json!({ "type": "integer", "minimum": 1, "maximum": 20, "default": 8 })),
        parameter("lang", "Prefer this language", json!({ "type": "string" })),
    ], "responses": { "200": ok("The suggestions", "Suggestions"), "422": problem("A parameter has no meaning") } } })
}

fn searched(name: &str, summary: &str) -> Value {
    let fields = json!({ "type": "object", "required": ["query"], "properties": {
        "query": { "type": "string" },
        "suggested": { "type": "boolean", "description": "The result was a suggestion: the question was not sent before" },
    } });
    json!({ "post": { "operationId": name, "summary": summary,
        "description": "Counted for the authors; nothing says who searched.",
        "requestBody": { "required": true, "content": { "application/json": { "schema": fields } } },
        "responses": { "204": { "description": "Counted" }, "429": problem("Too often") } } })
}

fn feedback() -> Value {
    let fields = json!({ "type": "object", "required": ["path", "helpful"], "properties": {
        "path": { "type": "string", "description": "The document's file, relative to content/" },
        "helpful": { "type": "boolean" },
        "comment": { "type": "string", "maxLength": 1000 },
    } });
    json!({ "post": { "operationId": "vote", "summary": "Say whether a document helped",
        "requestBody": { "required": true, "content": { "application/json": { "schema": fields },
                         "application/x-www-form-urlencoded": { "schema": fields } } },
        "responses": { "204": { "description": "Saved" }, "303": { "description": "Saved; a form goes back to its page" },
                       "422": problem("Something is wrong with the fields"), "429": problem("Too many votes") } } })
}

fn tickets(config: &Config) -> Value {
    let keys = |keys: Vec<&str>| json!({ "enum": keys });
    let text = |description: &str| json!({ "type": "string", "description": description });
    let mut properties = json!({
        "name": text("Who asks"), "department": text("Their department"), "contact": text("Phone, mail or chat"),
        "type": keys(config.types.iter().map(|kind| kind.key.as_str()).collect()),
        "urgency": keys(config.urgencies.iter().map(|urgency| urgency.key.as_str()).collect()),
        "impact": keys(config.impacts.iter().map(|impact| impact.key.as_str()).collect()),
        "title": text("One line"), "description": text("What happens"),
        "occurred_at": text("Since when"), "trigger": text("What was done before"),
        "steps_tried": text("What was tried"), "query": text("The search that led here"),
        "viewed": text("The articles that were opened"),
        "follows": text("The closed ticket it goes on from: its tracking secret, or the number of one's own"),
    });
    for field in config.types.iter().flat_map(|kind| &kind.fields) {
        properties[field.key.as_str()] = text(field.label.get(config.default_language()));
    }
    let fields = json!({ "type": "object", "properties": properties });
    let mut with_files = fields.clone();
    with_files["properties"]["attachments"] =
        json!({ "type": "array", "items": { "type": "string", "contentMediaType": "application/octet-stream" } });
    json!({ "post": { "operationId": "fileTicket", "summary": "File a ticket",
        "parameters": [{ "name": "Idempotency-Key", "in": "header", "schema": { "type": "string" },
            "description": "A repeated request with the same key makes one ticket" }],
        "requestBody": { "required": true, "content": { "application/json": { "schema": fields },
                         "multipart/form-data": { "schema": with_files } } },
        "responses": { "201": ok("The ticket is durable", "Filed"), "413": problem("An attachment is too large"),
            "415": problem("An attachment's type is not taken"), "422": problem("Every mistake in the fields"),
            "429": problem("Too many tickets"), "503": problem("Nothing can be saved now; try again after `Retry-After`") } } })
}

fn actions() -> Value {
    let text = |description: &str| json!({ "type": "string", "description": description });
    let fields = json!({ "type": "object", "required": ["action"], "properties": {
        "action": { "enum": crate::ticket::apply::STEPS },
        "text": text("reply, note, key_step, ask, contact"), "note": text("accept, assign, start, pend, resume"),
        "reason": text("reopen, cancel, close, approve, reject"), "team": text("accept, assign"),
        "assignee": text("accept, assign"), "how": { "enum": ["phone", "chat", "visit", "mail"] },
        "risk": text("risk"), "fallback": text("risk"), "on": { "enum": ["requester", "approval", "supplier"] },
        "with": text("pend on a supplier"), "until": text("pend on a supplier: a time"), "cause": text("resolve"),
        "resolution": text("resolve"), "environment": text("resolve"), "into": text("merge: the other ticket"),
        "type": text("triage"), "urgency": text("triage"), "impact": text("triage"), "title": text("triage"),
        "solved": { "type": "boolean", "description": "rate: needed, as are the four marks" }, "comment": text("rate"),
        "speed": { "type": "integer", "minimum": 1, "maximum": 5 }, "attitude": { "type": "integer" },
        "skill": { "type": "integer" }, "result": { "type": "integer" },
    } });
    json!({ "post": { "operationId": "takeStep", "summary": "Take a step of the process",
        "description": "With the tracking secret: reply, confirm, reopen, rate, cancel. With a staff session (and its \
            X-CSRF-Token): the rest. The ticket's `actions` say what is possible now.",
        "security": [{ "tracking": [] }],
        "parameters": [{ "name": "id", "in": "path", "required": true, "schema": { "type": "string" } },
            { "name": "If-Match", "in": "header", "schema": { "type": "string" },
              "description": "The ETag the step is meant for; a ticket that has changed since is not touched" }],
        "requestBody": { "required": true, "content": { "application/json": { "schema": fields },
                         "multipart/form-data": { "schema": fields } } },
        "responses": { "200": { "description": "The ticket after it", "content": { "application/json": {} } },
            "401": problem("Without the secret"), "403": problem("Not this person's step"),
            "404": problem("No such ticket, or not this secret"), "409": problem("The state does not allow it"),
            "412": problem("Somebody else was faster"), "422": problem("Every mistake in the fields"),
            "503": problem("Nothing can be saved now") } } })
}

fn ticket() -> Value {
    json!({ "get": { "operationId": "ticket", "summary": "A ticket as its requester sees it",
        "security": [{ "tracking": [] }],
        "parameters": [{ "name": "id", "in": "path", "required": true, "schema": { "type": "string" } }],
        "responses": { "200": { "description": "The public view", "content": { "application/json": {} } },
                       "401": problem("Without the secret"), "404": problem("No such ticket, or not this secret") } } })
}

fn plain(summary: &str) -> Value {
    json!({ "get": { "summary": summary, "responses": { "200": { "description": "Yes" } } } })
}

fn schemas() -> Value {
    let text = || json!({ "type": "string" });
    let facet = json!({ "type": "object", "properties": { "key": text(), "count": { "type": "integer" } } });
    json!({
        "Problem": { "type": "object", "required": ["type", "title", "status"], "properties": {
            "type": text(), "title": text(), "status": { "type": "integer" }, "detail": text(),
            "errors": { "type": "array", "items": { "type": "object",
                "properties": { "field": text(), "message": text() } } } } },
        "Answer": { "type": "object", "properties": { "query": text(), "corrected": { "type": ["string", "null"] },
            "total": { "type": "integer" }, "took_ms": { "type": "number" }, "weak": { "type": "boolean" },
            "hits": { "type": "array", "items": reference("Hit") },
            "facets": { "type": "object", "properties": { "kind": { "type": "array", "items": facet },
                "category": { "type": "array", "items": facet } } } } },
        "Hit": { "type": "object", "properties": { "kind": text(), "path": text(), "url": text(), "title": text(),
            "title_html": text(), "section": text(), "snippet_html": text(), "category": text(), "lang": text(),
            "updated": { "type": ["string", "null"] }, "score": { "type": "number" } } },
        "Suggestions": { "type": "object", "properties": { "query": text(), "suggestions": { "type": "array",
            "items": { "type": "object", "properties": { "title": text(), "section": text(), "url": text(), "kind": text(),
                "category": text(), "title_html": text(), "lang": text() } } } } },
        "Filed": { "type": "object", "properties": { "id": text(), "url": text(), "created_at": text() } },
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_reference_leads_somewhere() {
        let config = Config::parse(std::path::Path::new("/nowhere"), "title = 'x'\nbase_url = '/it'").unwrap();
        let document = document(&config);
        let text = document.to_string();
        for name in text.split("#/components/schemas/").skip(1).map(|rest| rest.split('"').next().unwrap()) {
            assert!(document["components"]["schemas"].get(name).is_some(), "{name}");
        }
        assert_eq!(document["servers"][0]["url"], "/it");
        let fields = &document["paths"]["/api/tickets"]["post"]["requestBody"]["content"]["application/json"];
        assert!(fields["schema"]["properties"].get("asset_tag").is_some(), "the types' own fields are described");
    }

    #[tokio::test]
    async fn what_is_described_is_answered() {
        let site = super::super::testing::TestSite::new();
        let document = site.ask(super::super::testing::get("/openapi.json")).await.json();
        let paths = document["paths"].as_object().unwrap().keys();
        for path in paths.filter(|path| !path.starts_with("/api/tickets")) {
            let got = site.ask(super::super::testing::get(path)).await;
            assert_ne!(got.status, axum::http::StatusCode::NOT_FOUND, "{path}");
        }
        let search = site.ask(super::super::testing::get("/api/search?q=%ff%00&lang=%")).await;
        assert_eq!(search.status, axum::http::StatusCode::OK);
    }
}
