//! `POST /api/feedback`: votes of readers on documents.

use std::time::Instant;

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use serde::Deserialize;

use super::error::{FieldError, WebError};
use super::extract::{Client, JsonOrForm};
use super::language::Lang;
use super::{App, words};
use crate::insight::feedback::{LONGEST_COMMENT, Vote};
use crate::site::common::href;

#[derive(Debug, Deserialize)]
pub(super) struct Body {
    /// The document's file, relative to `content/`.
    #[serde(default)]
    path: String,
    helpful: Option<Answer>,
    #[serde(default)]
    comment: String,
}

/// `true`/`false` in JSON; `yes`/`no`, `true`/`false` or `1`/`0` from a form.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum Answer {
    Bool(bool),
    Text(String),
}

impl Answer {
    fn helpful(&self) -> Option<bool> {
        match self {
            Answer::Bool(helpful) => Some(*helpful),
            Answer::Text(text) => match text.as_str() {
                "yes" | "true" | "1" => Some(true),
                "no" | "false" | "0" => Some(false),
                _ => None,
            },
        }
    }
}

pub(super) async fn vote(
    State(app): State<App>,
    Lang(lang): Lang,
    Client(client): Client,
    JsonOrForm { value: body, form }: JsonOrForm<Body>,
) -> Result<Response, WebError> {
    app.limits.feedback.check(client, Instant::now())?;
    let snapshot = app.live.load();
    let mut errors = Vec::new();
    let mut wrong = |field: &str, message: String| errors.push(FieldError { field: field.to_owned(), message });
    let url = snapshot.url_of(&body.path);
    if url.is_none() {
        wrong("path", words::unknown_document(&lang).to_owned());
    }
    let helpful = body.helpful.as_ref().and_then(Answer::helpful);
    if helpful.is_none() {
        wrong("helpful", words::helpful_missing(&lang).to_owned());
    }
    let comment = body.comment.trim();
    if comment.chars().count() > LONGEST_COMMENT {
        wrong("comment", words::comment_too_long(&lang, LONGEST_COMMENT));
    }
    let (Some(url), Some(helpful), true) = (url, helpful, errors.is_empty()) else {
        return Err(WebError::Validation(errors));
    };
    let vote = Vote { at: app.now(), path: body.path.clone(), helpful, comment: comment.to_owned() };
    let back = href(&snapshot.config, &format!("{url}?thanks=1#feedback"));
    let recorder = app.clone();
    let recorded = tokio::task::spawn_blocking(move || recorder.feedback.record(&vote)).await;
    if let Err(error) = recorded.map_err(WebError::internal)? {
        tracing::error!(%error, "a vote could not be saved");
        return Err(WebError::Unavailable { message: String::new(), retry_after: 60 });
    }
    app.standings.add(&body.path, helpful);
    Ok(if form { Redirect::to(&back).into_response() } else { StatusCode::NO_CONTENT.into_response() })
}

#[cfg(test)]
mod tests {
    use axum::body::Body as Bytes;
    use axum::http::Request;

    use super::super::testing::TestSite;
    use super::*;

    fn post(kind: &str, body: impl Into<Bytes>) -> Request<Bytes> {
        Request::post("/api/feedback").header("content-type", kind).body(body.into()).unwrap()
    }

    #[tokio::test]
    async fn votes_are_kept_without_saying_who_voted() {
        let site = TestSite::new();
        let json = r#"{"path":"articles/vpn.md","helpful":false,"comment":" 第三步没有图 "}"#;
        assert_eq!(site.ask(post("application/json", json)).await.status, StatusCode::NO_CONTENT);
        let form = "path=articles%2Fvpn.md&helpful=yes";
        let back = site.ask(post("application/x-www-form-urlencoded", form)).await;
        assert_eq!((back.status.as_u16(), back.header("location")), (303, "/articles/vpn/?thanks=1#feedback"));
        let votes = site.app.feedback.votes().unwrap();
        assert_eq!(votes.len(), 2);
        assert_eq!((votes[0].helpful, votes[0].comment.as_str(), votes[1].helpful), (false, "第三步没有图", true));
    }

    #[tokio::test]
    async fn every_mistake_is_named_and_nothing_is_kept() {
        let site = TestSite::new();
        let long = "长".repeat(1_001);
        let body = format!(r#"{{"path":"../tickets/a.md","comment":"{long}"}}"#);
        let got = site.ask(post("application/json", body)).await;
        let fields: Vec<_> = got.json()["errors"].as_array().unwrap().iter().map(|e| e["field"].clone()).collect();
        assert_eq!((got.status.as_u16(), fields), (422, vec!["path".into(), "helpful".into(), "comment".into()]));
        assert_eq!(site.ask(post("application/json", "{")).await.status, StatusCode::BAD_REQUEST);
        assert_eq!(site.ask(post("text/plain", "x")).await.status, StatusCode::UNSUPPORTED_MEDIA_TYPE);
        let large = site.ask(post("application/json", vec![b' '; 70_000])).await;
        assert_eq!(large.status, StatusCode::PAYLOAD_TOO_LARGE);
        assert_eq!(site.app.feedback.votes().unwrap(), []);
    }

    #[tokio::test]
    async fn other_sites_and_eager_clients_are_refused() {
        let site = TestSite::new();
        let json = r#"{"path":"articles/vpn.md","helpful":true}"#;
        let mut foreign = post("application/json", json);
        foreign.headers_mut().insert("origin", "https://evil.example".parse().unwrap());
        assert_eq!(site.ask(foreign).await.status, StatusCode::FORBIDDEN);
        for _ in 0..10 {
            assert_eq!(site.ask(post("application/json", json)).await.status, StatusCode::NO_CONTENT);
        }
        let refused = site.ask(post("application/json", json)).await;
        assert_eq!((refused.status, refused.header("retry-after")), (StatusCode::TOO_MANY_REQUESTS, "6"));
    }
}
