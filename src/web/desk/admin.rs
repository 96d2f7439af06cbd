//! `/desk/admin`: what administrators do in the browser. Accounts, notices, the audit, erasing a person's data.

mod accounts;
mod audit;
mod erase;
mod outbox;

use axum::Router;
use axum::routing::{get, post};

use super::Page;
use super::words::pick;
use crate::site::context::desk::DeskLink;
use crate::web::App;
use crate::web::error::WebError;

pub(super) fn router() -> Router<App> {
    Router::new()
        .route("/admin", get(accounts::list))
        .route("/admin/accounts", post(accounts::add))
        .route("/admin/accounts/{login}", get(accounts::show).post(accounts::change))
        .route("/admin/outbox", get(outbox::show).post(outbox::change))
        .route("/admin/audit", get(audit::show))
        .route("/admin/erase/{id}", get(erase::show).post(erase::erase))
}

/// The pages of the administration.
fn tabs(page: &Page, current: &str) -> Vec<DeskLink> {
    let lang = page.viewer.lang.as_str();
    let tab = |key: &str, name: &str, path: &str, icon| DeskLink {
        key: key.to_owned(),
        name: name.to_owned(),
        url: page.url(path),
        icon,
        count: None,
        current: key == current,
    };
    vec![
        tab("accounts", pick(lang, "账号", "Accounts"), "/admin", "users"),
        tab("outbox", pick(lang, "通知", "Notices"), "/admin/outbox", "mail"),
        tab("audit", pick(lang, "审计", "Audit"), "/admin/audit", "shield-check"),
    ]
}

/// Work that waits for the disk, or for a password to be hashed.
async fn blocking<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T, WebError> {
    tokio::task::spawn_blocking(work).await.map_err(WebError::internal)
}
