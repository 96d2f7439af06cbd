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
    Ok(if form { Redirect::to(&back).into_response() } else { StatusCode::NO_CONTENT.into_response() })
}
