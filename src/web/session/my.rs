//! `/my`: the tickets that somebody filed while signed in, and each of them as its tracking page shows it.

use std::collections::BTreeMap;

use axum::Router;
use axum::extract::{Path, Query, State};
use axum::response::{IntoResponse, Response};
use axum::routing::get;

use super::{SessionActor, SignedIn, words};
use crate::site::common::{href, language_prefix};
use crate::site::context::{MyTicket, MyTickets};
use crate::ticket::{Loaded, Status, TicketId};
use crate::web::error::WebError;
use crate::web::intake::page_language;
use crate::web::security::private;
use crate::web::{App, pages, track, when};

type Parameters = Query<BTreeMap<String, String>>;

/// Tickets of one page: the newest.
const SHOWN: usize = 200;

pub(super) fn router() -> Router<App> {
    Router::new()
        .route("/my", get(list_default))
        .route("/my/", get(list_default))
        .route("/{lang}/my", get(list_other))
        .route("/{lang}/my/", get(list_other))
        .route("/my/{id}", get(show_default))
        .route("/{lang}/my/{id}", get(show_other))
        .route("/my/{id}/attachments/{number}", get(attachment_default))
        .route("/{lang}/my/{id}/attachments/{number}", get(attachment_other))
}

async fn list_default(
    State(app): State<App>,
    SignedIn(who): SignedIn,
    Query(query): Parameters,
) -> Result<Response, WebError> {
    list(&app, None, who, &query).await
}

async fn list_other(
    State(app): State<App>,
    SignedIn(who): SignedIn,
    Path(lang): Path<String>,
    Query(query): Parameters,
) -> Result<Response, WebError> {
    list(&app, Some(&lang), who, &query).await
}

async fn list(
    app: &App,
    prefix: Option<&str>,
    who: SessionActor,
    query: &BTreeMap<String, String>,
) -> Result<Response, WebError> {
    let snapshot = app.live.load();
    let config = &snapshot.config;
    let lang = page_language(config, prefix, query)?;
    let home = href(config, &language_prefix(config, &lang));
    let now = app.now().to_zoned(config.time_zone.clone());
    let time = |moment: &Option<crate::ticket::Moment>| {
        moment.as_ref().map_or_else(String::new, |moment| when::short(&moment.in_zone(&config.time_zone), &now))
    };
    let all = app.tickets.list().await.map_err(track::failed)?;
    let own = all.into_iter().filter(|summary| summary.account == who.account.login);
    let tickets = own.take(SHOWN).map(|summary| MyTicket {
        url: format!("{home}/my/{}", summary.id),
        status_name: track::status_name(summary.status, summary.pending_on, summary.rejected, &lang).to_owned(),
        tone: track::tone(summary.status, summary.rejected),
        type_name: config
            .request_type(&summary.kind)
            .map_or(summary.kind.as_str(), |kind| kind.name.get(&lang))
            .to_owned(),
        created: time(&summary.created_at),
        updated: time(&summary.updated_at),
        needs_you: summary.status == Status::Resolved
            || summary.pending_on == Some(crate::ticket::PendingOn::Requester),
        id: summary.id.to_string(),
        title: summary.title,
    });
    let mut tickets: Vec<_> = tickets.collect();
    // What waits for them comes first; otherwise the newest.
    tickets.sort_by_key(|ticket| !ticket.needs_you);
    let page = MyTickets {
        name: who.actor.name.clone(),
        role: who.account.role.name(&lang).to_owned(),
        tickets,
        desk_url: if who.actor.is_staff() { format!("{home}/desk") } else { String::new() },
        approvals_url: match config.types.iter().any(|kind| kind.approvers.contains(&who.account.login)) {
            true => format!("{home}/desk/approvals"),
            false => String::new(),
        },
        sign_out_url: if who.vouched { String::new() } else { href(config, "/desk/sign-out") },
        password_url: match app.accounts.has_password(&who.account.login) {
            true => format!("{home}/my/password"),
            false => String::new(),
        },
        changed: query.contains_key("changed"),
        csrf: who.csrf,
    };
    let common = pages::personal(&snapshot, &lang, "my", words::my_title(&lang), "/my", Some(&page.name));
    Ok(private(pages::render(&snapshot, "my.html", &common, &page)?.into_response()))
}

async fn show_default(
    State(app): State<App>,
    SignedIn(who): SignedIn,
    Path(id): Path<String>,
) -> Result<Response, WebError> {
    show(&app, None, &who, &id).await
}

async fn show_other(
    State(app): State<App>,
    SignedIn(who): SignedIn,
    Path((lang, id)): Path<(String, String)>,
) -> Result<Response, WebError> {
    show(&app, Some(&lang), &who, &id).await
}

async fn show(app: &App, prefix: Option<&str>, who: &SessionActor, id: &str) -> Result<Response, WebError> {
    let snapshot = app.live.load();
    let config = &snapshot.config;
    let lang = page_language(config, prefix, &BTreeMap::new())?;
    let loaded = own(app, who, id).await?;
    track::page(app, &lang, &loaded.ticket, track::Own::signed_in(who, loaded.ticket.id)).await
}

async fn attachment_default(
    State(app): State<App>,
    SignedIn(who): SignedIn,
    Path((id, number)): Path<(String, usize)>,
) -> Result<Response, WebError> {
    track::send(&app, &own(&app, &who, &id).await?, number).await
}

async fn attachment_other(
    State(app): State<App>,
    SignedIn(who): SignedIn,
    Path((lang, id, number)): Path<(String, String, usize)>,
) -> Result<Response, WebError> {
    page_language(&app.live.load().config, Some(&lang), &BTreeMap::new())?;
    track::send(&app, &own(&app, &who, &id).await?, number).await
}

/// The ticket with this number, if it is theirs. Somebody else's and one that does not exist look the same.
pub(in crate::web) async fn own(app: &App, who: &SessionActor, id: &str) -> Result<Loaded, WebError> {
    let id = id.parse::<TicketId>().map_err(|_| WebError::NotFound)?;
    let loaded = app.tickets.get(id).await.map_err(track::failed)?;
    loaded.filter(|loaded| who.actor.is_requester_of(&loaded.ticket)).ok_or(WebError::NotFound)
}
