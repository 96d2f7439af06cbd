//! `POST /desk/bulk`: several tickets to one team or one person.

use axum::extract::{RawForm, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Redirect, Response};

use super::Page;
use super::actions::{Values, text};
use super::controls::options;
use super::office::{self, Outcome};
use super::people::People;
use super::who::Staff;
use super::words::{pick, sentence};
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
    let people = super::people_of(&app).await?;
    let chosen: Vec<&str> = pairs.iter().filter(|(name, _)| name == "ticket").map(|(_, id)| id.as_str()).collect();
    let back = back(&page, &text(&values, "back"));
    let mut results = Vec::new();
    for id in chosen.iter().copied().take(MOST) {
        let message = match one(&app, &page, &people, id, (&team, &assignee)).await {
            Ok(Outcome::Done) => continue,
            Ok(Outcome::Refused(refusal)) => sentence(&refusal.message, lang),
            Ok(Outcome::Changed(_)) => {
                pick(lang, "同时有人在修改，请重试", "Somebody else was changing it: try again").to_owned()
            }
            Err(WebError::NotFound) => pick(lang, "没有这张工单", "There is no such ticket").to_owned(),
            Err(error) => return Err(error),
        };
        results.push(DeskBulkResult { id: id.to_owned(), url: page.url(&format!("/tickets/{id}")), message });
    }
    if results.is_empty() && !chosen.is_empty() {
        let joint = if back.contains('?') { '&' } else { '?' };
        return Ok(super::private(Redirect::to(&format!("{back}{joint}said=assigned")).into_response()));
    }
    let (title, lead) = words(chosen.len().min(MOST), results.len(), lang);
    let config = &page.snapshot.config;
    let teams = config.teams.iter().map(|team| (team.key.clone(), team.name.get(lang).to_owned())).collect();
    let context = DeskBulk {
        desk: page.desk("queue", &Values::new()),
        lead,
        results,
        teams: options(teams, &team),
        assignees: options(people.staff(config, lang), &assignee),
        back_url: back,
    };
    let response = page.render("desk_bulk.html", title, "", &context)?;
    Ok(super::with_status(StatusCode::CONFLICT, response))
}

async fn one(
    app: &App,
    page: &Page,
    people: &People,
    id: &str,
    (team, assignee): (&str, &str),
) -> Result<Outcome, WebError> {
    let id: TicketId = id.parse().map_err(|_| WebError::NotFound)?;
    let ticket = app.tickets.get(id).await.map_err(super::failed)?.ok_or(WebError::NotFound)?.ticket;
    let step = Step::Assign { team: team.to_owned(), assignee: assignee.to_owned(), note: String::new() };
    let step = office::placed(step, &ticket, people);
    office::perform(app, id, None, step, None, &page.viewer.actor, &page.viewer.lang).await
}

/// What the page is called, and what became of the whole: `failed` of `chosen` were not assigned.
fn words(chosen: usize, failed: usize, lang: &str) -> (&'static str, String) {
    let done = chosen - failed;
    let title = match done {
        0 => pick(lang, "没有分派", "Nothing was assigned"),
        _ => pick(lang, "部分工单没有分派", "Not all were assigned"),
    };
    let lead = match (chosen, done, lang) {
        (0, _, "zh") => "没有选中任何工单。请回到队列，勾选之后再分派。".to_owned(),
        (0, ..) => "No ticket was selected. Go back to the queue and select some first.".to_owned(),
        (_, 0, "zh") => "选中的工单一张都没有分派，原因如下。可以换一个团队或负责人再试。".to_owned(),
        (_, 0, _) => "None of the selected tickets was assigned. Choose another team or owner to try again.".to_owned(),
        (.., "zh") => format!("已分派 {done} 张；下面 {failed} 张没有分派，可以换一个团队或负责人再试。"),
        _ => format!("{done} assigned, {failed} not. Choose another team or owner to try these again."),
    };
    (title, lead)
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
    fn what_became_of_the_whole_is_said_as_it_is() {
        assert_eq!(words(3, 3, "zh").0, "没有分派");
        assert!(words(3, 1, "zh").1.starts_with("已分派 2 张；下面 1 张"));
        assert!(words(0, 0, "en").1.starts_with("No ticket was selected"));
    }

    #[test]
    fn the_same_name_may_come_again() {
        let pairs = serde_urlencoded_pairs(b"ticket=TS1&ticket=TS2&note=a+b%26%E5%A5%BD&x").unwrap();
        let wanted = [("ticket", "TS1"), ("ticket", "TS2"), ("note", "a b&好"), ("x", "")];
        assert_eq!(pairs, wanted.map(|(name, value)| (name.to_owned(), value.to_owned())));
        assert!(serde_urlencoded_pairs(b"a=%ff").is_none());
    }
}
