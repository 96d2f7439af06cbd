//! The notices: what waits for its receivers, what was given up, and trying again.

use axum::Form;
use axum::extract::{Query, State};
use axum::http::HeaderMap;
use axum::response::{IntoResponse, Redirect, Response};

use super::super::actions::{Values, text};
use super::super::who::Admin;
use super::super::words::pick;
use super::super::{Page, private};
use super::{blocking, tabs};
use crate::outbound::{Audience, Delivery, Entry, OutboxError, Progress, Target, headline};
use crate::site::context::Pair;
use crate::site::context::admin::{DeskOutbox, NoticeRow};
use crate::site::context::desk::{DeskPageLink, DeskTrouble};
use crate::web::App;
use crate::web::error::WebError;

/// Notices that are listed of each kind; `helpmark outbox list` shows all.
const MOST: usize = 200;

pub(super) async fn show(
    State(app): State<App>,
    admin: Admin,
    Query(parameters): Query<Values>,
) -> Result<Response, WebError> {
    render(&app, &Page::new(&app, &admin.0), &parameters, None).await
}

async fn render(
    app: &App,
    page: &Page,
    parameters: &Values,
    trouble: Option<DeskTrouble>,
) -> Result<Response, WebError> {
    let outbox = app.office.outbox.clone();
    let read = blocking(move || Ok::<_, OutboxError>((outbox.waiting()?, outbox.dead()?)));
    let (waiting, dead) = read.await?.map_err(WebError::internal)?;
    let rows = |entries: Vec<Entry>| entries.iter().take(MOST).map(|entry| row(page, entry)).collect();
    let context = DeskOutbox {
        desk: page.desk("admin", parameters),
        tabs: tabs(page, "outbox"),
        url: page.url("/admin/outbox"),
        waiting: rows(waiting),
        dead: rows(dead),
        trouble,
    };
    page.render("desk_outbox.html", pick(&page.viewer.lang, "通知", "Notices"), "/admin/outbox", &context)
}

fn row(page: &Page, entry: &Entry) -> NoticeRow {
    let lang = page.viewer.lang.as_str();
    let at = entry.event.at.to_zoned(page.now.time_zone().clone());
    let receiver = |(key, delivery): (&String, &Delivery)| Pair {
        label: receiver(entry, key, lang),
        value: progress(page, delivery, lang),
    };
    let id = entry.event.ticket.id;
    NoticeRow {
        id: entry.event.id.clone(),
        occasion: headline(entry.event.occasion, lang).to_owned(),
        ticket: DeskPageLink { title: id.to_string(), url: page.url(&format!("/tickets/{id}")), note: String::new() },
        time: at.strftime("%Y-%m-%d %H:%M").to_string(),
        receivers: entry.deliveries.iter().flatten().map(receiver).collect(),
    }
}

/// Whom it goes to; whose address it is stays in the file.
fn receiver(entry: &Entry, key: &str, lang: &str) -> String {
    match Target::from_key(key) {
        Some(Target::Mail(place)) => {
            let audience = entry.event.people.get(place).map(|person| person.audience);
            let who = match audience {
                Some(Audience::Requester) => pick(lang, "提报人", "the requester"),
                Some(Audience::Assignee) => pick(lang, "负责人", "the owner"),
                Some(Audience::Team) => pick(lang, "团队成员", "a member of the team"),
                Some(Audience::Lead) => pick(lang, "组长", "the lead"),
                Some(Audience::Approver) => pick(lang, "审批人", "an approver"),
                None => pick(lang, "某人", "somebody"),
            };
            format!("{}{who}", pick(lang, "邮件：", "Mail to "))
        }
        Some(Target::Webhook(name)) => format!("{} {name}", pick(lang, "群机器人", "Webhook")),
        None => key.to_owned(),
    }
}

fn progress(page: &Page, delivery: &Delivery, lang: &str) -> String {
    let tries = match lang {
        "zh" => format!("试过 {} 次", delivery.tries),
        _ if delivery.tries == 1 => "1 try".to_owned(),
        _ => format!("{} tries", delivery.tries),
    };
    let state = match delivery.progress {
        Progress::Waiting => pick(lang, "等待", "waiting"),
        Progress::Done => pick(lang, "已发出", "sent"),
        Progress::Dead => pick(lang, "已放弃", "given up"),
    };
    let between = pick(lang, "，", ", ");
    let mut text = format!("{state}{between}{tries}");
    if let Some(next) = delivery.next_at {
        let next = next.to_zoned(page.now.time_zone().clone()).strftime("%m-%d %H:%M").to_string();
        text = format!("{text}{between}{} {next}", pick(lang, "下次", "next"));
    }
    if !delivery.error.is_empty() {
        text = format!("{text}{}{}", pick(lang, "：", ": "), delivery.error);
    }
    text
}

/// `do`: `retry` or `drop`, of the event `id`.
pub(super) async fn change(
    State(app): State<App>,
    admin: Admin,
    headers: HeaderMap,
    Form(values): Form<Values>,
) -> Result<Response, WebError> {
    admin.0.expect_csrf(&headers, &values)?;
    let page = Page::new(&app, &admin.0);
    let (outbox, id, work) = (app.office.outbox.clone(), text(&values, "id"), text(&values, "do"));
    let said = match work.as_str() {
        "retry" => "retried",
        "drop" => "dropped",
        _ => return Err(WebError::BadRequest(String::new())),
    };
    let done = blocking(move || if work == "retry" { outbox.retry(&id) } else { outbox.remove(&id) }).await?;
    match done {
        Ok(true) => Ok(private(Redirect::to(&page.url(&format!("/admin/outbox?said={said}"))).into_response())),
        // It was sent meanwhile, or somebody else removed it.
        Ok(false) | Err(OutboxError::BadId(_)) => {
            let lang = page.viewer.lang.as_str();
            let trouble = DeskTrouble {
                kind: "refused",
                heading: pick(lang, "没有这条通知了", "This notice is gone").to_owned(),
                message: pick(
                    lang,
                    "它可能已经发出，或者被别人删除了。",
                    "It may have been sent, or somebody removed it.",
                )
                .to_owned(),
                field: String::new(),
            };
            let response = render(&app, &page, &Values::new(), Some(trouble)).await?;
            Ok(super::super::with_status(axum::http::StatusCode::CONFLICT, response))
        }
        Err(error) => Err(WebError::internal(error)),
    }
}
