//! `GET /api/search` and `GET /api/suggest`, and the one way to ask the index.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::Json;
use axum::extract::{Query as QueryString, State};
use axum::http::header::CACHE_CONTROL;
use axum::response::{IntoResponse, Response};

use super::App;
use super::error::{FieldError, WebError};
use super::language::Lang;
use super::{searched, words};
use crate::content::Kind;
use crate::search::{Answer, Query, Suggestions, View};

/// Bytes of a query that are read; the rest is ignored.
const LONGEST: usize = 1_000;
/// Hits that can be skipped.
pub(super) const DEEPEST: usize = 1_000;
/// How long a query waits for its turn.
const PATIENCE: Duration = Duration::from_secs(1);

/// The parameters of a search, from the API or the results page. What is out of range is brought into it; what has no
/// meaning is named.
pub(super) type Parameters = HashMap<String, String>;

pub(super) async fn search(
    State(app): State<App>,
    Lang(lang): Lang,
    QueryString(parameters): QueryString<Parameters>,
) -> Result<Response, WebError> {
    let query = query(&parameters, &lang)?;
    let counts = searched::counts(&query) && filter(&parameters, "typing").is_none();
    let answer = answer(&app, query).await?;
    if counts {
        searched::record(&app, &answer);
    }
    Ok(json(&answer))
}

pub(super) async fn suggest(
    State(app): State<App>,
    Lang(lang): Lang,
    QueryString(parameters): QueryString<Parameters>,
) -> Result<Response, WebError> {
    let mut errors = Vec::new();
    let limit = number(&parameters, "limit", 8, &lang, &mut errors).clamp(1, 20);
    if !errors.is_empty() {
        return Err(WebError::Validation(errors));
    }
    let text = text(&parameters);
    if text.is_empty() {
        return Ok(json(&Suggestions::default()));
    }
    let wanted = filter(&parameters, "lang");
    let suggestions = ask(&app, move |view| view.suggest(&text, limit, wanted.as_deref())).await?;
    Ok(json(&suggestions))
}

fn json<T: serde::Serialize>(value: &T) -> Response {
    ([(CACHE_CONTROL, "no-store")], Json(value)).into_response()
}

/// Reads the parameters `q limit offset kind category lang exact`.
///
/// # Errors
/// [`WebError::Validation`] with every parameter that has no meaning.
pub(super) fn query(parameters: &Parameters, lang: &str) -> Result<Query, WebError> {
    let mut errors = Vec::new();
    let kind = filter(parameters, "kind").and_then(|kind| {
        let known = [Kind::Article, Kind::Resolution].into_iter().find(|known| known.as_str() == kind);
        if known.is_none() {
            errors.push(FieldError { field: "kind".to_owned(), message: words::unknown_kind(lang, &kind) });
        }
        known
    });
    let query = Query {
        text: text(parameters),
        limit: number(parameters, "limit", 10, lang, &mut errors).clamp(1, 50),
        offset: number(parameters, "offset", 0, lang, &mut errors).min(DEEPEST),
        kind,
        category: filter(parameters, "category"),
        lang: filter(parameters, "lang"),
        exact: filter(parameters, "exact").is_some_and(|value| value != "0" && value != "false"),
        standing: None,
    };
    if errors.is_empty() { Ok(query) } else { Err(WebError::Validation(errors)) }
}

/// The text of `q`, trimmed and cut at [`LONGEST`].
pub(super) fn text(parameters: &Parameters) -> String {
    let text = parameters.get("q").map_or("", |text| text.trim());
    text[..text.floor_char_boundary(LONGEST)].to_owned()
}

fn filter(parameters: &Parameters, name: &str) -> Option<String> {
    parameters.get(name).map(|value| value.trim()).filter(|value| !value.is_empty()).map(str::to_owned)
}

fn number(parameters: &Parameters, name: &str, default: usize, lang: &str, errors: &mut Vec<FieldError>) -> usize {
    let Some(value) = filter(parameters, name) else { return default };
    // Too many digits are still a number, only a large one.
    if value.bytes().all(|byte| byte.is_ascii_digit()) {
        return value.parse().unwrap_or(usize::MAX);
    }
    errors.push(FieldError { field: name.to_owned(), message: words::not_a_number(lang, &value) });
    default
}

/// The answer to a query, with the time it took; an empty query finds nothing.
///
/// # Errors
/// As [`ask`].
pub(super) async fn answer(app: &App, mut query: Query) -> Result<Answer, WebError> {
    if query.text.is_empty() {
        return Ok(Answer::default());
    }
    query.standing = Some(app.standings.factors());
    let start = Instant::now();
    let revision = app.live.load().revision;
    let mut answer = match app.answers.get(revision, &query) {
        Some(given) => Answer::clone(&given),
        None => {
            let asked = query.clone();
            let answer = ask(app, move |view| view.search(&asked)).await?;
            app.answers.keep(revision, &query, answer.clone());
            answer
        }
    };
    let took = start.elapsed();
    answer.took_ms = (took.as_secs_f64() * 1e5).round() / 100.0;
    app.metrics.searched(took);
    Ok(answer)
}

/// Asks the index on a thread that may block, a few queries at a time: the rest of the server stays awake whatever
/// people type.
///
/// # Errors
/// [`WebError::Unavailable`] when no turn comes in time.
pub(super) async fn ask<T: Send + 'static>(
    app: &App,
    work: impl FnOnce(&View) -> T + Send + 'static,
) -> Result<T, WebError> {
    let turn = tokio::time::timeout(PATIENCE, Arc::clone(&app.searches).acquire_owned()).await;
    let Ok(Ok(turn)) = turn else {
        return Err(WebError::Unavailable { message: String::new(), retry_after: 1 });
    };
    let snapshot = app.live.load();
    let work = move || {
        let _turn = turn;
        work(&snapshot.view)
    };
    tokio::task::spawn_blocking(work).await.map_err(WebError::internal)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parameters(pairs: &[(&str, &str)]) -> Parameters {
        pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
    }

    #[test]
    fn out_of_range_is_brought_into_range() {
        let asked = [("q", " vpn "), ("limit", "999"), ("offset", "99999999999999999999999"), ("kind", "article")];
        let query = query(&parameters(&asked), "zh").unwrap();
        assert_eq!((query.text.as_str(), query.limit, query.offset), ("vpn", 50, DEEPEST));
        assert_eq!(query.kind, Some(Kind::Article));
        let defaults = super::query(&parameters(&[("kind", ""), ("exact", "1")]), "zh").unwrap();
        assert_eq!((defaults.limit, defaults.offset, defaults.kind, defaults.exact), (10, 0, None, true));
    }

    #[test]
    fn every_meaningless_parameter_is_named() {
        let asked = [("kind", "ticket"), ("limit", "ten"), ("offset", "-1")];
        let Err(WebError::Validation(errors)) = query(&parameters(&asked), "en") else { panic!("accepted") };
        let fields: Vec<_> = errors.iter().map(|error| error.field.as_str()).collect();
        assert_eq!(fields, ["kind", "limit", "offset"]);
        assert!(errors[0].message.contains("ticket"), "{}", errors[0].message);
    }

    #[test]
    fn a_long_query_is_cut_between_characters() {
        let text = text(&parameters(&[("q", &"忘".repeat(1_000))]));
        assert_eq!(text.chars().count(), 333);
    }
}
