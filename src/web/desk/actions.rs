//! `POST /desk/tickets/{id}/actions`: one step, from its form.

use std::collections::BTreeMap;

use axum::extract::{Path, Request, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};

use super::Page;
use super::forms::{Sent, form_of};
use super::office::{self, Outcome};
use super::ticket::{At, Setback, render};
use super::who::Staff;
use super::words::{pick, sentence};
use crate::site::context::desk::DeskTrouble;
use crate::ticket::apply::{Refusal, RefusalKind};
use crate::ticket::{FieldError, Loaded, Step, TicketId};
use crate::web::App;
use crate::web::act::{Said, hear};
use crate::web::error::WebError;
use crate::web::limit::Who;

/// What browsers send of a form.
pub(super) type Values = BTreeMap<String, String>;

pub(super) async fn perform(
    State(app): State<App>,
    staff: Staff,
    Path(at): Path<At>,
    request: Request,
) -> Result<Response, WebError> {
    let page = Page::new(&app, &staff.0);
    let (id, lang) = (at.id()?, page.viewer.lang.as_str());
    let headers = request.headers().clone();
    let who = Who::Account(page.viewer.actor.account.clone());
    let Said { fields: values, files, errors } = hear(&app, &page.snapshot.config, request, who, lang).await?;
    staff.0.expect_csrf(&headers, &values)?;
    // Browsers do not give files back: whoever sent some is told.
    let files_lost = files.is_some() || !errors.is_empty();
    let sent = |error: (String, String)| Sent { action: form_of(&values), values: values.clone(), error };
    let step = match read(&values, &page) {
        Ok(step) if errors.is_empty() => step,
        read => {
            let wrong = read.err().into_iter().flatten().map(|one| (one.field, one.message));
            let mut wrong = errors.into_iter().map(|one| (one.field, one.message)).chain(wrong);
            let first = wrong.next().map(|(field, message)| (field, sentence(&message, lang))).unwrap_or_default();
            let trouble = refused(lang, first.1.clone(), first.0.clone());
            let setback = Setback { sent: sent(first), trouble, seen: None, files_lost };
            return again(&app, &page, id, None, setback, StatusCode::UNPROCESSABLE_ENTITY).await;
        }
    };
    let ticket = app.tickets.get(id).await.map_err(super::failed)?.ok_or(WebError::NotFound)?.ticket;
    let step = office::placed(step, &ticket, &super::people_of(&app).await?);
    match office::perform(&app, id, etag(&values), step, files, &page.viewer.actor, lang).await? {
        Outcome::Done => {
            // Back to where the words now stand.
            Ok(super::private(Redirect::to(&page.url(&format!("/tickets/{id}?said=done"))).into_response()))
        }
        Outcome::Changed(loaded) => {
            let heading = pick(lang, "你填写期间，工单有了变化", "The ticket changed while you were typing");
            let message = pick(
                lang,
                "新的内容已在下面标出。你输入的文字都还在，确认后请再提交一次。",
                "What is new is marked below. Everything you typed is kept: look, then send it again.",
            );
            let trouble = DeskTrouble {
                kind: "changed",
                heading: heading.to_owned(),
                message: message.to_owned(),
                field: String::new(),
            };
            let seen = values.get("seen").and_then(|seen| seen.parse().ok());
            let setback = Setback { sent: sent(Default::default()), trouble, seen, files_lost };
            again(&app, &page, id, Some(*loaded), setback, StatusCode::PRECONDITION_FAILED).await
        }
        Outcome::Refused(refusal) => {
            let status = status_of(&refusal);
            let field = refusal.field.unwrap_or_default().to_owned();
            let message = sentence(&refusal.message, lang);
            let trouble = refused(lang, message.clone(), field.clone());
            let setback = Setback { sent: sent((field, message)), trouble, seen: None, files_lost };
            again(&app, &page, id, None, setback, status).await
        }
    }
}

/// The step of a form. Whoever hands a ticket to the lead says why.
fn read(values: &Values, page: &Page) -> Result<Step, Vec<FieldError>> {
    let lang = page.viewer.lang.as_str();
    let step = Step::parse(values, &page.snapshot.config.time_zone, lang)?;
    if form_of(values) == "lead" && text(values, "note").is_empty() {
        let message = pick(lang, "请写明为什么需要组长", "Say why the lead is needed").to_owned();
        return Err(vec![FieldError { field: "note".to_owned(), message }]);
    }
    Ok(step)
}

/// The ticket's page again, with what was typed.
async fn again(
    app: &App,
    page: &Page,
    id: TicketId,
    loaded: Option<Loaded>,
    setback: Setback,
    status: StatusCode,
) -> Result<Response, WebError> {
    let loaded = match loaded {
        Some(loaded) => loaded,
        None => app.tickets.get(id).await.map_err(super::failed)?.ok_or(WebError::NotFound)?,
    };
    let response = render(app, page, &loaded, Some(setback), &Values::new()).await?;
    Ok(super::with_status(status, response))
}

/// The status of an answer that tells a refusal.
pub(super) fn status_of(refusal: &Refusal) -> StatusCode {
    match refusal.kind {
        RefusalKind::Denied => StatusCode::FORBIDDEN,
        RefusalKind::State => StatusCode::CONFLICT,
        RefusalKind::Invalid => StatusCode::UNPROCESSABLE_ENTITY,
    }
}

fn refused(lang: &str, message: String, field: String) -> DeskTrouble {
    let heading = pick(lang, "这一步没有完成", "This step was not taken").to_owned();
    DeskTrouble { kind: "refused", heading, message, field }
}

pub(super) fn text(values: &Values, name: &str) -> String {
    values.get(name).map_or("", |value| value.trim()).to_owned()
}

/// The fingerprint that the form was made from. A form without a readable one was made from nothing that is there.
pub(super) fn etag(values: &Values) -> Option<blake3::Hash> {
    let given = values.get("etag")?;
    Some(blake3::Hash::from_hex(given.trim().trim_matches('"')).unwrap_or(blake3::Hash::from_bytes([0; 32])))
}
