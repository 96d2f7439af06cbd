//! `POST /desk/bulk`: several tickets to one team or one person.

use axum::extract::{RawForm, State};
use axum::http::HeaderMap;
use axum::response::{IntoResponse, Redirect, Response};

use super::Page;
use super::actions::{Values, text};
use super::office::{self, Outcome};
use super::who::Staff;
use super::words::pick;
use crate::site::context::desk::{DeskBulk, DeskBulkResult};
use crate::ticket::{Step, TicketId};
use crate::web::App;
use crate::web::error::WebError;

/// Tickets of one page of the queue, and some.
const MOST: usize = 100;

/// Each ticket is a step of its own: what cannot be assigned is told by name, the others are.
pub(super) async fn assign(
    State(app): State<App>,
    staff: Staff,
    headers: HeaderMap,
    RawForm(body): RawForm,
) -> Result<Response, WebError> {
    let pairs: Vec<(String, String)> =
        serde_urlencoded_pairs(&body).ok_or_else(|| WebError::BadRequest(String::new()))?;
    let values: Values = pairs.iter().cloned().collect();
    staff.0.expect_csrf(&headers, &values)?;
    let page = Page::new(&app, &staff.0);
    let lang = page.viewer.lang.as_str();
    let (team, assignee) = (text(&values, "team"), text(&values, "assignee"));
    let chosen = pairs.iter().filter(|(name, _)| name == "ticket").map(|(_, id)| id.as_str());
    let mut results = Vec::new();
    for id in chosen.take(MOST) {
        let outcome = match id.parse::<TicketId>() {
            Ok(id) => {
                let (team, assignee) = (team.clone(), assignee.clone());
                let step = Step::Assign { team, assignee, note: String::new() };
                office::perform(&app, id, None, step, &page.viewer.actor, lang).await
            }
            Err(_) => Err(WebError::NotFound),
        };
        let message = match outcome {
            Ok(Outcome::Done) => continue,
            Ok(Outcome::Refused(refusal)) => refusal.message,
            Ok(Outcome::Changed(_)) => {
                pick(lang, "同时有人在修改，请重试", "Somebody else was changing it: try again").to_owned()
            }
            Err(WebError::NotFound) => pick(lang, "没有这张工单", "There is no such ticket").to_owned(),
            Err(error) => return Err(error),
        };
        results.push(DeskBulkResult { id: id.to_owned(), url: page.url(&format!("/tickets/{id}")), message });
    }
    let back = back(&page, &text(&values, "back"));
    if results.is_empty() {
        let joint = if back.contains('?') { '&' } else { '?' };
        return Ok(super::private(Redirect::to(&format!("{back}{joint}said=assigned")).into_response()));
    }
    let context = DeskBulk { desk: page.desk("queue", &Values::new()), results, back_url: back };
    let response =
        page.render("desk_bulk.html", pick(lang, "部分工单没有分派", "Not all were assigned"), "", &context)?;
    Ok(super::with_status(axum::http::StatusCode::CONFLICT, response))
}

/// The queue as it was looked at: only its own address is taken.
fn back(page: &Page, given: &str) -> String {
    let queue = page.url("");
    match given.strip_prefix(queue.as_str()) {
        Some(query) if query.starts_with('?') && !query.contains(['\r', '\n', '\\']) => given.to_owned(),
        _ => queue,
    }
}

/// Names and values of a form in their order; the same name may come again.
fn serde_urlencoded_pairs(body: &[u8]) -> Option<Vec<(String, String)>> {
    let text = std::str::from_utf8(body).ok()?;
    let decode = |part: &str| {
        percent_encoding::percent_decode_str(&part.replace('+', " ")).decode_utf8().ok().map(|text| text.into_owned())
    };
    let pair = |pair: &str| {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        Some((decode(name)?, decode(value)?))
    };
    text.split('&').filter(|pair| !pair.is_empty()).map(pair).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_name_may_come_again() {
        let pairs = serde_urlencoded_pairs(b"ticket=TS1&ticket=TS2&note=a+b%26%E5%A5%BD&x").unwrap();
        let wanted = [("ticket", "TS1"), ("ticket", "TS2"), ("note", "a b&好"), ("x", "")];
        assert_eq!(pairs, wanted.map(|(name, value)| (name.to_owned(), value.to_owned())));
        assert!(serde_urlencoded_pairs(b"a=%ff").is_none());
    }
}
