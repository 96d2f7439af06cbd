//! `/desk/tickets/{id}/publish`: a solved ticket becomes knowledge. What is like it comes first; then the record, with
//! everything that looks like personal data decided one by one.

use axum::Form;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Redirect, Response};

use super::actions::{Values, text};
use super::office::{self, Outcome};
use super::ticket::At;
use super::who::Staff;
use super::words::{kind_name, pick};
use super::{Page, record};
use crate::archive::{self, ArchiveError, Choice, Decision, Found, RecordDraft};
use crate::redaction::Rules;
use crate::site::context::desk::{DeskPublish, DeskSimilar, DeskTrouble};
use crate::ticket::{Loaded, Step, Ticket};
use crate::web::error::WebError;
use crate::web::{App, search};

pub(super) async fn show(State(app): State<App>, staff: Staff, Path(at): Path<At>) -> Result<Response, WebError> {
    let page = Page::new(&app, &staff.0);
    let ticket = solved(&app, &page, &at).await?.ticket;
    if !ticket.record.is_empty() {
        let to = page.url(&format!("/tickets/{}?said=archived", ticket.id));
        return Ok(super::private(Redirect::to(&to).into_response()));
    }
    let mut draft = draft(&page, &ticket)?;
    draft.category = nearest_category(&app, &draft).await;
    render(&app, &page, &ticket, draft, &Values::new(), None).await
}

/// The ticket, if this person may archive it now.
async fn solved(app: &App, page: &Page, at: &At) -> Result<Loaded, WebError> {
    let loaded = app.tickets.get(at.id()?).await.map_err(super::failed)?.ok_or(WebError::NotFound)?;
    let ticket = &loaded.ticket;
    let possible = app.office.possible(&page.snapshot.config, ticket, &page.viewer.actor);
    match possible.contains(&"publish") {
        true => Ok(loaded),
        false => {
            let lang = &page.viewer.lang;
            let message = pick(lang, "只有处理完成的工单、由其团队归档", "Only a solved ticket, and by its team");
            Err(WebError::Conflict(message.to_owned()))
        }
    }
}

/// The record as the ticket gives it, in the language the ticket was written in.
fn draft(page: &Page, ticket: &Ticket) -> Result<RecordDraft, WebError> {
    let config = &page.snapshot.config;
    let lang = config.language(&ticket.lang).map_or(config.default_language(), |language| &language.code);
    archive::draft_record(config, ticket, lang).map_err(|error| WebError::Conflict(error.to_string()))
}

/// Names that may not stand in a record: those the ticket knows, and those of the staff.
async fn names(app: &App, ticket: &Ticket) -> Result<Vec<String>, WebError> {
    let people = super::people_of(app).await?;
    let staff: Vec<_> = people.iter().flat_map(|(login, person)| [login.clone(), person.name.clone()]).collect();
    Ok(archive::names_of(ticket, &staff))
}

/// The page; `values` hold the decisions that were made so far.
async fn render(
    app: &App,
    page: &Page,
    ticket: &Ticket,
    draft: RecordDraft,
    values: &Values,
    trouble: Option<DeskTrouble>,
) -> Result<Response, WebError> {
    let (config, lang) = (&page.snapshot.config, page.viewer.lang.as_str());
    let found = archive::gate(&draft, &names(app, ticket).await?, &Rules::new(config));
    let ticket_url = page.url(&format!("/tickets/{}", ticket.id));
    let context = DeskPublish {
        desk: page.desk("ticket", &Values::new()),
        id: ticket.id.to_string(),
        url: format!("{ticket_url}/publish"),
        ticket_url,
        ticket_title: ticket.title.clone(),
        fields: record::fields(config, &draft, lang),
        findings: found.iter().map(|one| record::finding(one, values, &draft.lang, lang)).collect(),
        similar: similar(app, draft, lang).await,
        trouble,
    };
    let title = format!("{} {}", pick(lang, "归档", "Archive"), ticket.id);
    page.render("desk_publish.html", &title, &format!("/tickets/{}/publish", ticket.id), &context)
}

/// The category of the most similar document, where it has one: it is the best guess.
async fn nearest_category(app: &App, draft: &RecordDraft) -> String {
    if !draft.category.is_empty() {
        return draft.category.clone();
    }
    let like = draft.clone();
    let hits = search::ask(app, move |view| archive::similar(view, &like)).await.unwrap_or_default();
    hits.into_iter().map(|hit| hit.category).find(|key| !key.is_empty()).unwrap_or_default()
}

async fn similar(app: &App, draft: RecordDraft, lang: &str) -> Vec<DeskSimilar> {
    // When the index has no turn to give, the record can be written all the same.
    let hits = search::ask(app, move |view| archive::similar(view, &draft)).await.unwrap_or_default();
    let similar = hits.into_iter().map(|hit| DeskSimilar {
        kind: kind_name(hit.kind, lang).to_owned(),
        path: hit.path,
        title: hit.title,
        url: hit.url,
        snippet_html: hit.snippet_html,
    });
    similar.collect()
}

pub(super) async fn send(
    State(app): State<App>,
    staff: Staff,
    Path(at): Path<At>,
    headers: HeaderMap,
    Form(values): Form<Values>,
) -> Result<Response, WebError> {
    staff.0.expect_csrf(&headers, &values)?;
    let page = Page::new(&app, &staff.0);
    let loaded = solved(&app, &page, &at).await?;
    let ticket = &loaded.ticket;
    let draft = record::edited(draft(&page, ticket)?, &values);
    let linked = text(&values, "link");
    let written = match (ticket.record.is_empty(), linked.is_empty()) {
        (false, _) => Err(ArchiveError::Exists { path: ticket.record.clone().into() }),
        (true, false) => {
            let (config, id) = (page.snapshot.config.clone(), ticket.id);
            blocking(move || archive::link(&config, id, &linked).map(|linked| linked.path)).await?
        }
        (true, true) => write(&app, &page, &loaded, &draft, &decisions(&values)).await?,
    };
    let path = match written {
        Ok(path) => path,
        Err(error) => {
            let (status, trouble) = told(error, &page.viewer.lang)?;
            let response = render(&app, &page, ticket, draft, &values, Some(trouble)).await?;
            return Ok(super::with_status(status, response));
        }
    };
    let step = Step::Publish { record: path };
    match office::perform(&app, ticket.id, None, step, None, &page.viewer.actor, &page.viewer.lang).await? {
        Outcome::Done => {
            let to = page.url(&format!("/tickets/{}?said=published", ticket.id));
            Ok(super::private(Redirect::to(&to).into_response()))
        }
        Outcome::Changed(_) => Err(WebError::Stale),
        Outcome::Refused(refusal) => Err(WebError::Conflict(refusal.message)),
    }
}

/// Writes the record once everything in it was decided; what was let stand is in the audit before.
async fn write(
    app: &App,
    page: &Page,
    loaded: &Loaded,
    draft: &RecordDraft,
    decisions: &[Decision],
) -> Result<Result<String, ArchiveError>, WebError> {
    let config = page.snapshot.config.clone();
    let names = names(app, &loaded.ticket).await?;
    let found = archive::gate(draft, &names, &Rules::new(&config));
    let confirmed = match archive::decide(draft, &found, decisions) {
        Ok((_, confirmed)) => confirmed,
        Err(undecided) => return Ok(Err(ArchiveError::Undecided(undecided))),
    };
    let confirmed: Vec<_> = confirmed.iter().map(Found::confirmation).collect();
    let actor = &page.viewer.actor;
    app.office.decided(&config, loaded, actor, &confirmed, &page.now).await.map_err(|error| {
        tracing::error!(%error, "a decision could not be put into the audit");
        WebError::Unavailable { message: String::new(), retry_after: 30 }
    })?;
    let (draft, decisions) = (draft.clone(), decisions.to_vec());
    blocking(move || archive::publish(&config, &draft, &names, &decisions).map(|published| published.path)).await
}

async fn blocking<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T, WebError> {
    tokio::task::spawn_blocking(work).await.map_err(WebError::internal)
}

/// The decisions of a form: `found:<id>` is `redact` or `confirm`.
fn decisions(values: &Values) -> Vec<Decision> {
    let decision = |(name, value): (&String, &String)| {
        let choice = match value.as_str() {
            "redact" => Choice::Redact,
            "confirm" => Choice::Confirm,
            _ => return None,
        };
        Some(Decision { finding: name.strip_prefix("found:")?.to_owned(), choice })
    };
    values.iter().filter_map(decision).collect()
}

/// What somebody can mend is told on the page, the rest is a failure of ours.
fn told(error: ArchiveError, lang: &str) -> Result<(StatusCode, DeskTrouble), WebError> {
    let undecided = |found: &[Found]| match lang {
        "zh" => format!("有 {} 处可能是个人信息或密码，请逐处选择“替换”或“保留”。", found.len()),
        _ => format!("{} places may be personal data or passwords: replace or keep each.", found.len()),
    };
    let (status, message) = match &error {
        ArchiveError::Undecided(found) => (StatusCode::UNPROCESSABLE_ENTITY, undecided(found)),
        ArchiveError::Incomplete(fields) => {
            let names: Vec<_> = fields.iter().map(|field| record::field_name(field, lang)).collect();
            let message = match lang {
                "zh" => format!("请填写：{}", names.join("、")),
                _ => format!("Fill in: {}", names.join(", ")),
            };
            (StatusCode::UNPROCESSABLE_ENTITY, message)
        }
        ArchiveError::Exists { .. } => {
            let message = pick(lang, "这张工单已经有解决记录了", "There is a record of this ticket already");
            (StatusCode::CONFLICT, message.to_owned())
        }
        ArchiveError::Missing { .. } => {
            let message = pick(lang, "这篇文档已经不在了，请另选一篇", "This document is gone: choose another");
            (StatusCode::UNPROCESSABLE_ENTITY, message.to_owned())
        }
        ArchiveError::Edit { path, reason } => {
            let message = match lang {
                "zh" => format!("{path} 无法自动修改（{reason}），请手工编辑"),
                _ => format!("{path} cannot be edited safely ({reason}): edit it by hand"),
            };
            (StatusCode::CONFLICT, message)
        }
        _ => return Err(WebError::internal(error)),
    };
    let heading = pick(lang, "还没有归档", "Not archived yet").to_owned();
    Ok((status, DeskTrouble { kind: "refused", heading, message, field: String::new() }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_plain_decisions_count() {
        let pairs =
            [("found:title:1:1:ab12", "redact"), ("found:issue:2:1:cd34", "confirm"), ("found:x", ""), ("y", "redact")];
        let values = pairs.map(|(name, value)| (name.to_owned(), value.to_owned())).into();
        let decisions: Vec<_> = decisions(&values).into_iter().map(|one| (one.finding, one.choice)).collect();
        let wanted = [("issue:2:1:cd34", Choice::Confirm), ("title:1:1:ab12", Choice::Redact)];
        assert_eq!(decisions, wanted.map(|(id, choice)| (id.to_owned(), choice)));
    }
}
