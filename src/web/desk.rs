//! The desk: where staff work on tickets, in the browser.
//!
//! Every page is made here on the server and works without scripts. Nothing of it may be kept in a cache or an index,
//! and nobody sees any of it who is not signed in.

mod actions;
mod admin;
mod approval;
mod approvals;
mod bulk;
mod controls;
mod document;
mod drafts;
mod due;
mod forms;
mod knowledge;
mod live;
mod office;
mod people;
mod presence;
mod publish;
mod queue;
mod record;
mod report;
mod side;
mod thread;
mod ticket;
mod who;
mod words;

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::http::{HeaderName, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use http::header::{CACHE_CONTROL, REFERRER_POLICY};
use jiff::Zoned;
use serde::Serialize;

pub use self::knowledge::Shelf;
pub use self::live::Hub;
pub use self::report::Kept;
use self::who::Viewer;
use self::words::pick;
use super::error::WebError;
use super::{App, pages};
use crate::site::common::{href, language_prefix};
use crate::site::context::desk::{Desk, DeskLink};
use crate::snapshot::Snapshot;
use crate::ticket::{Role, StoreError};

pub fn router() -> Router<App> {
    let routes = || {
        Router::new()
            .route("/", get(queue::show))
            .route("/bulk", post(bulk::assign))
            .route("/tickets/{id}", get(ticket::show))
            .route("/tickets/{id}/attachments/{number}", get(ticket::attachment))
            .route("/tickets/{id}/publish", get(publish::show).post(publish::send))
            .route("/approvals", get(approvals::show))
            .route("/approvals/{id}", post(approvals::decide))
            .route("/approvals/{id}/attachments/{number}", get(approvals::attachment))
            .route("/knowledge", get(knowledge::show))
            .route("/knowledge/articles", post(drafts::make))
            .route("/knowledge/file", get(document::show).post(document::review))
            .route("/report", get(report::show))
            .route("/report.csv", get(report::csv))
            .route("/live", get(live::events))
            .merge(admin::router())
    };
    let slash = Router::new().route("/desk/", get(queue::show)).route("/{lang}/desk/", get(queue::show));
    Router::new().nest("/desk", routes()).nest("/{lang}/desk", routes()).merge(slash)
}

/// The steps of a ticket: files may come with them, which take longer than pages do. Their limits are
/// [`super::intake::body`]'s.
pub fn uploads() -> Router<App> {
    let routes = || Router::new().route("/tickets/{id}/actions", post(actions::perform));
    let both = Router::new().nest("/desk", routes()).nest("/{lang}/desk", routes());
    both.layer(DefaultBodyLimit::disable())
}

/// What every page of the desk is made from.
struct Page {
    snapshot: Arc<Snapshot>,
    viewer: Viewer,
    now: Zoned,
}

impl Page {
    fn new(app: &App, viewer: &Viewer) -> Self {
        let snapshot = app.live.load();
        let now = app.now().to_zoned(snapshot.config.time_zone.clone());
        Self { snapshot, viewer: viewer.clone(), now }
    }

    /// The address of `path` below the desk, in the viewer's language.
    fn url(&self, path: &str) -> String {
        let config = &self.snapshot.config;
        href(config, &format!("{}/desk{path}", language_prefix(config, &self.viewer.lang)))
    }

    /// The frame: who looks, and where they can go. `section` is the current one.
    fn desk(&self, section: &str, parameters: &BTreeMap<String, String>) -> Desk {
        let lang = self.viewer.lang.as_str();
        let link = |key: &str, name: &str, path: &str, icon| DeskLink {
            key: key.to_owned(),
            name: name.to_owned(),
            url: self.url(path),
            icon,
            count: None,
            current: key == section,
        };
        let mut sections = Vec::new();
        if self.viewer.actor.is_staff() {
            sections.push(link("queue", pick(lang, "队列", "Queue"), "", "list"));
        }
        sections.push(link("approvals", pick(lang, "审批", "Approvals"), "/approvals", "thumbs-up"));
        if self.viewer.actor.is_staff() {
            sections.push(link("knowledge", pick(lang, "知识", "Knowledge"), "/knowledge", "book-open"));
            sections.push(link("report", pick(lang, "报表", "Report"), "/report", "layout-grid"));
        }
        if self.viewer.actor.role == Role::Admin {
            sections.push(link("admin", pick(lang, "管理", "Admin"), "/admin", "shield"));
        }
        Desk {
            url: self.url(""),
            name: self.viewer.actor.name.clone(),
            role: self.viewer.actor.role.name(lang).to_owned(),
            csrf: self.viewer.session.csrf.clone(),
            sign_out: match self.viewer.session.vouched {
                true => String::new(),
                false => href(&self.snapshot.config, "/desk/sign-out"),
            },
            sections,
            live: if self.viewer.actor.is_staff() { self.url("/live") } else { String::new() },
            said: parameters.get("said").map_or("", |key| said(key, lang)).to_owned(),
        }
    }

    /// Renders a template as a private answer. `path` is the page's own below the desk, for the language switch.
    fn render<P: Serialize>(&self, template: &str, title: &str, path: &str, context: &P) -> Result<Response, WebError> {
        let path = format!("/desk{path}");
        let common = pages::page_common(&self.snapshot, &self.viewer.lang, "desk", title, &path);
        Ok(private(pages::render(&self.snapshot, template, &common, context)?.into_response()))
    }
}

/// What a redirect says on the page it leads to: only words of our own, whatever the address holds.
fn said(key: &str, lang: &str) -> &'static str {
    let (zh, en) = match key {
        "done" => ("已保存。", "Saved."),
        "assigned" => ("已分派。", "Assigned."),
        "approved" => ("已批准，提报人和服务台会收到通知。", "Approved. The requester and the service desk are told."),
        "rejected" => ("已驳回，提报人和服务台会收到通知。", "Rejected. The requester and the service desk are told."),
        "archived" => ("这张工单已经归档过了。", "This ticket was archived before."),
        "drafted" => (
            "草稿已写好。改好之后，请一位同事复审。",
            "The draft is written. Edit it, then ask a colleague to review it.",
        ),
        "reviewed" => ("已复审，文章标为已验证。", "Reviewed: the article is validated."),
        "retried" => ("会马上再发一次。", "It is sent again at once."),
        "dropped" => ("通知已删除，不会再发。", "The notice is removed and will not be sent."),
        "ended" => ("账号已更新。", "The account is changed."),
        "published" => ("已归档为知识。", "Archived as knowledge."),
        _ => ("", ""),
    };
    pick(lang, zh, en)
}

/// Marks an answer as for signed-in people: kept in no cache, index or `Referer`.
fn private(mut response: Response) -> Response {
    let headers = response.headers_mut();
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(REFERRER_POLICY, HeaderValue::from_static("same-origin"));
    headers.insert(HeaderName::from_static("x-robots-tag"), HeaderValue::from_static("noindex"));
    response
}

/// The same page with another status.
fn with_status(status: StatusCode, mut response: Response) -> Response {
    *response.status_mut() = status;
    response
}

/// Everybody with an account, by login.
///
/// # Errors
/// When the accounts cannot be read.
async fn people_of(app: &App) -> Result<people::People, WebError> {
    let accounts = app.accounts.clone();
    let list = tokio::task::spawn_blocking(move || accounts.list()).await.map_err(WebError::internal)?;
    Ok(people::People::new(list.into_iter().map(|account| {
        let active = !account.disabled;
        let actor = account.actor();
        let (name, role, teams, email) = (actor.name, actor.role, actor.teams, actor.email);
        (actor.account, people::Person { name, role, teams, email, active })
    })))
}

fn failed(error: StoreError) -> WebError {
    match error.is_unavailable() {
        true => {
            tracing::error!(%error, "the tickets could not be read or written");
            WebError::Unavailable { message: String::new(), retry_after: 30 }
        }
        false => WebError::internal(error),
    }
}
