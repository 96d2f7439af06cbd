//! `/desk/approvals`: what waits for the reader's decision. Employees who are approvers see these tickets and no other.

use axum::Form;
use axum::extract::{Path, Query, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Redirect, Response};

use super::actions::{Values, etag, status_of, text};
use super::office::{self, Outcome};
use super::people::People;
use super::ticket::{At, FileAt};
use super::who::Viewer;
use super::words::{pick, sentence, status, type_name, urgency};
use super::{Page, approval, due, side};
use crate::site::context::desk::{DeskApprovals, DeskDecided, DeskRequest, DeskTrouble};
use crate::ticket::{PendingOn, Sections, Step, Summary, Ticket};
use crate::web::App;
use crate::web::error::WebError;
use crate::web::track::send;

/// Own decisions that are listed, and tickets that are looked through for them, the latest first.
const DECIDED: usize = 10;
const LOOKED: usize = 100;

pub(super) async fn show(
    State(app): State<App>,
    viewer: Viewer,
    Query(parameters): Query<Values>,
) -> Result<Response, WebError> {
    render(&app, &Page::new(&app, &viewer), &parameters, None).await
}

/// A decision that was not taken: of which ticket, with what was typed.
struct Refused {
    id: String,
    reason: String,
    trouble: DeskTrouble,
}

async fn render(app: &App, page: &Page, parameters: &Values, refused: Option<Refused>) -> Result<Response, WebError> {
    let people = super::people_of(app).await?;
    let waits = |ticket: &Summary| (ticket.pending_on == Some(PendingOn::Approval)).then_some(ticket.id);
    let waiting = app.tickets.gather(waits).await.map_err(super::failed)?;
    let mut requests = Vec::new();
    for id in waiting {
        let Some(loaded) = app.tickets.get(id).await.map_err(super::failed)? else { continue };
        if may_decide(app, page, &loaded.ticket) {
            requests.push(request(page, &loaded.ticket, &loaded.hash.to_hex(), &people, refused.as_ref()));
        }
    }
    let context = DeskApprovals {
        desk: page.desk("approvals", parameters),
        requests,
        decided: decided(app, page, &people).await?,
        trouble: refused.map(|refused| refused.trouble),
    };
    page.render(
        "desk_approvals.html",
        pick(&page.viewer.lang, "待我审批", "Waiting for my approval"),
        "/approvals",
        &context,
    )
}

/// What the reader decided lately: their own decision on each ticket, and nothing of its text but the title.
async fn decided(app: &App, page: &Page, people: &People) -> Result<Vec<DeskDecided>, WebError> {
    let (config, lang) = (&*page.snapshot.config, page.viewer.lang.as_str());
    let account = &page.viewer.actor.account;
    let kinds: Vec<String> =
        config.types.iter().filter(|kind| kind.needs_approval).map(|kind| kind.key.clone()).collect();
    let asked = move |ticket: &Summary| {
        let at = ticket.updated_at.as_ref().map(crate::ticket::Moment::timestamp);
        kinds.contains(&ticket.kind).then_some((at, ticket.id))
    };
    let mut tickets = app.tickets.gather(asked).await.map_err(super::failed)?;
    tickets.sort_unstable_by(|a, b| b.cmp(a));
    let mut decided = Vec::new();
    for (_, id) in tickets.into_iter().take(LOOKED) {
        let Some(loaded) = app.tickets.get(id).await.map_err(super::failed)? else { continue };
        let ticket = &loaded.ticket;
        let decisions = ticket.approval.iter().flat_map(|approval| &approval.decisions);
        let Some(last) = decisions.enumerate().filter(|(_, one)| one.by == *account).last() else { continue };
        let Some(decision) = approval::decisions(ticket, people, &page.now, lang).into_iter().nth(last.0) else {
            continue;
        };
        let shown = DeskDecided {
            id: id.to_string(),
            title: ticket.title.clone(),
            type_name: type_name(config, &ticket.kind, lang),
            decision,
            status: status(ticket.status, ticket.pending_on, lang),
        };
        decided.push((last.1.at.timestamp(), shown));
    }
    decided.sort_by_key(|(at, _)| std::cmp::Reverse(*at));
    Ok(decided.into_iter().take(DECIDED).map(|(_, shown)| shown).collect())
}

fn may_decide(app: &App, page: &Page, ticket: &Ticket) -> bool {
    app.office.possible(&page.snapshot.config, ticket, &page.viewer.actor).contains(&"approve")
}

fn request(page: &Page, ticket: &Ticket, etag: &str, people: &People, refused: Option<&Refused>) -> DeskRequest {
    let (config, lang, now) = (&*page.snapshot.config, page.viewer.lang.as_str(), &page.now);
    let id = ticket.id.to_string();
    let url = page.url(&format!("/approvals/{id}"));
    let files = side::files(ticket, &url, people, now, lang);
    let refused = refused.filter(|refused| refused.id == id);
    DeskRequest {
        etag: etag.to_owned(),
        title: ticket.title.clone(),
        type_name: type_name(config, &ticket.kind, lang),
        urgency: urgency(config, &ticket.urgency, lang),
        assignee: if ticket.assignee.is_empty() { String::new() } else { people.name(&ticket.assignee) },
        requester: side::requester(page, ticket, &[]),
        created: ticket.created_at.as_ref().map(|at| due::absolute(at, now)).unwrap_or_default(),
        description: Sections::of(ticket).description,
        fields: side::fields(config, ticket, now, lang),
        attachments: files.into_iter().map(|(file, _)| file).collect(),
        decisions: approval::decisions(ticket, people, now, lang),
        reason: refused.map(|refused| refused.reason.clone()).unwrap_or_default(),
        error: refused.map(|refused| refused.trouble.message.clone()).unwrap_or_default(),
        action_url: url,
        id,
    }
}

pub(super) async fn decide(
    State(app): State<App>,
    viewer: Viewer,
    Path(at): Path<At>,
    headers: HeaderMap,
    Form(values): Form<Values>,
) -> Result<Response, WebError> {
    viewer.expect_csrf(&headers, &values)?;
    let page = Page::new(&app, &viewer);
    let (id, lang) = (at.id()?, page.viewer.lang.as_str());
    // To anybody else the ticket is not there.
    let loaded = app.tickets.get(id).await.map_err(super::failed)?;
    let loaded = loaded.filter(|loaded| may_decide(&app, &page, &loaded.ticket)).ok_or(WebError::NotFound)?;
    let step = Step::parse(&values, &page.snapshot.config.time_zone, lang);
    let Ok(step @ (Step::Approve { .. } | Step::Reject { .. })) = step else {
        return Err(WebError::BadRequest(String::new()));
    };
    let said = if matches!(step, Step::Approve { .. }) { "approved" } else { "rejected" };
    let id = loaded.ticket.id;
    let (heading, message, status) =
        match office::perform(&app, id, etag(&values), step, None, &viewer.actor, lang).await? {
            Outcome::Done => {
                return Ok(super::private(Redirect::to(&page.url(&format!("/approvals?said={said}"))).into_response()));
            }
            Outcome::Changed(_) => (
                pick(lang, "申请有了变化", "The request changed"),
                pick(lang, "请看过最新内容后再决定。", "Look at it again, then decide.").to_owned(),
                StatusCode::PRECONDITION_FAILED,
            ),
            Outcome::Refused(refusal) => {
                let status = status_of(&refusal);
                (pick(lang, "审批没有记录", "The decision was not recorded"), sentence(&refusal.message, lang), status)
            }
        };
    let trouble = DeskTrouble { kind: "refused", heading: heading.to_owned(), message, field: "reason".to_owned() };
    let refused = Refused { id: id.to_string(), reason: text(&values, "reason"), trouble };
    Ok(super::with_status(status, render(&app, &page, &Values::new(), Some(refused)).await?))
}

/// An attachment of a ticket that waits for the reader's decision.
pub(super) async fn attachment(
    State(app): State<App>,
    viewer: Viewer,
    Path(at): Path<FileAt>,
) -> Result<Response, WebError> {
    let page = Page::new(&app, &viewer);
    let loaded = app.tickets.get(at.id()?).await.map_err(super::failed)?;
    let loaded = loaded.filter(|loaded| may_decide(&app, &page, &loaded.ticket)).ok_or(WebError::NotFound)?;
    send(&app, &loaded, at.number).await
}
