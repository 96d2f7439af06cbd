//! Counting searches for the authors: `POST /api/search/opened` and `POST /api/search/stood`.
//!
//! A page tells that a result was opened, and what stood in its search box for a while without being sent. Nothing says
//! who it was, and what is typed on the way to a question is not counted.

use std::time::Instant;

use axum::extract::State;
use axum::http::StatusCode;
use serde::Deserialize;

use super::error::WebError;
use super::extract::{Client, JsonOrForm};
use super::language::Lang;
use super::{App, search};
use crate::insight::searches::Event;
use crate::search::{Answer, Query};

#[derive(Debug, Deserialize)]
pub(super) struct Told {
    #[serde(default)]
    query: String,
    /// The result was a suggestion: the question was not sent before.
    #[serde(default)]
    suggested: bool,
}

/// Whether a query is a new question: not another page, nor another filter, of the one before.
pub(super) fn counts(query: &Query) -> bool {
    query.offset == 0 && query.kind.is_none() && query.category.is_none() && !query.exact
}

/// Counts an answered question.
pub(super) fn record(app: &App, answer: &Answer) {
    add(app, &answer.query, Event::Searched { hits: answer.total, weak: answer.weak });
}

/// Counts a ticket that was filed after a question.
pub(super) fn became_ticket(app: &App, query: &str) {
    add(app, query, Event::BecameTicket);
}

fn add(app: &App, query: &str, event: Event) {
    let config = app.live.load().config.clone();
    if config.search.log {
        let day = app.now().to_zoned(config.time_zone.clone()).date();
        app.search_log.record(day, query, event);
    }
}

/// A result was opened.
pub(super) async fn opened(
    State(app): State<App>,
    Client(client): Client,
    JsonOrForm { value: told, .. }: JsonOrForm<Told>,
) -> Result<StatusCode, WebError> {
    app.limits.searched.check(client, Instant::now())?;
    if told.suggested {
        // It led to a document, so something was found.
        add(&app, &told.query, Event::Searched { hits: 1, weak: false });
    }
    add(&app, &told.query, Event::Opened);
    Ok(StatusCode::NO_CONTENT)
}

/// A question stood in the box and the reader left without sending it.
pub(super) async fn stood(
    State(app): State<App>,
    Lang(lang): Lang,
    Client(client): Client,
    JsonOrForm { value: told, .. }: JsonOrForm<Told>,
) -> Result<StatusCode, WebError> {
    app.limits.searched.check(client, Instant::now())?;
    let query = search::query(&[("q".to_owned(), told.query)].into(), &lang)?;
    if query.text.chars().count() > 1 && app.live.load().config.search.log {
        record(&app, &search::answer(&app, query).await?);
    }
    Ok(StatusCode::NO_CONTENT)
}

#[cfg(test)]
mod tests {
    use axum::body::Body;
    use axum::http::Request;
    use jiff::civil::date;

    use super::super::testing::{TestSite, get};
    use crate::insight::searches::Line;

    fn told(path: &str, json: &str) -> Request<Body> {
        Request::post(path).header("content-type", "application/json").body(Body::from(json.to_owned())).unwrap()
    }

    fn lines(site: &TestSite) -> Vec<Line> {
        site.app.search_log.flush().unwrap();
        let day = date(1970, 1, 1);
        site.app.search_log.lines(day, day).unwrap()
    }

    #[tokio::test]
    async fn questions_and_openings_are_counted_and_typing_is_not() {
        let site = TestSite::new();
        for path in [
            "/api/search?q=VPN",
            "/search?q=vpn",
            "/api/suggest?q=vp",
            "/api/search?q=vp&typing=1",
            "/api/search?q=vpn&offset=10",
            "/search?q=vpn&page=2",
            "/api/search?q=vpn&kind=article",
            "/api/search?q=vpn&exact=1",
            "/api/search?q=",
        ] {
            assert_eq!(site.ask(get(path)).await.status, 200, "{path}");
        }
        assert_eq!(site.ask(told("/api/search/opened", r#"{"query":"vpn"}"#)).await.status, 204);
        assert_eq!(site.ask(told("/api/search/opened", r#"{"query":"连接","suggested":true}"#)).await.status, 204);
        assert_eq!(site.ask(told("/api/search/stood", r#"{"query":"红烧肉"}"#)).await.status, 204);
        assert_eq!(site.ask(told("/api/search/stood", r#"{"query":"v"}"#)).await.status, 204);
        let counts = |line: &Line| (line.query.clone(), line.searches, line.unanswered, line.opened);
        let expected = [("vpn", 2, 0, 1), ("红烧肉", 1, 1, 0), ("连接", 1, 0, 1)];
        let expected = expected.map(|(query, searches, nothing, opened)| (query.to_owned(), searches, nothing, opened));
        assert_eq!(lines(&site).iter().map(counts).collect::<Vec<_>>(), expected);
    }

    #[tokio::test]
    async fn a_site_may_switch_it_off() {
        let site = TestSite::with("title = '服务台'\n[search]\nlog = false\n");
        site.ask(get("/api/search?q=vpn")).await;
        site.ask(told("/api/search/opened", r#"{"query":"vpn"}"#)).await;
        site.ask(told("/api/search/stood", r#"{"query":"vpn"}"#)).await;
        assert_eq!(lines(&site), []);
    }

    #[tokio::test]
    async fn one_client_cannot_flood_it() {
        let site = TestSite::new();
        let mut refused = 0;
        for _ in 0..70 {
            refused += u32::from(site.ask(told("/api/search/opened", r#"{"query":"vpn"}"#)).await.status == 429);
        }
        // A machine under load takes long enough for a few more to be let through.
        assert!((1..=10).contains(&refused), "{refused}");
        let mut foreign = told("/api/search/opened", r#"{"query":"vpn"}"#);
        foreign.headers_mut().insert("origin", "https://evil.example".parse().unwrap());
        assert_eq!(site.ask(foreign).await.status, 403);
    }
}
