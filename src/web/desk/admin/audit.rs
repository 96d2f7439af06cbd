//! The audit in the browser: the lines of one ticket, and whether the chain is whole.

use axum::extract::{Query, State};
use axum::response::Response;

use super::super::actions::{Values, text};
use super::super::who::Admin;
use super::super::words::{done, pick};
use super::super::{Page, people::People, people_of};
use super::{blocking, tabs};
use crate::process::AuditError;
use crate::process::audit::Record;
use crate::site::context::admin::{AuditRow, DeskAudit, Verified};
use crate::ticket::queue::state_name;
use crate::ticket::{Role, Status, TicketId};
use crate::web::App;
use crate::web::error::WebError;

pub(super) async fn show(
    State(app): State<App>,
    admin: Admin,
    Query(parameters): Query<Values>,
) -> Result<Response, WebError> {
    let page = Page::new(&app, &admin.0);
    let lang = page.viewer.lang.as_str();
    let asked = text(&parameters, "id");
    let id: Option<TicketId> = asked.to_uppercase().parse().ok();
    let mut context = DeskAudit {
        desk: page.desk("admin", &parameters),
        tabs: tabs(&page, "audit"),
        url: page.url("/admin/audit"),
        asked: id.is_some(),
        ticket_url: id.map(|id| page.url(&format!("/tickets/{id}"))).unwrap_or_default(),
        ..Default::default()
    };
    if let Some(id) = id {
        let (audit, people) = (app.office.audit.clone(), people_of(&app).await?);
        match blocking(move || audit.of_ticket(id)).await? {
            Ok(records) => context.lines = records.iter().map(|record| row(&page, record, &people)).collect(),
            Err(error) => context.error = broken(&error, lang),
        }
    } else if !asked.is_empty() {
        context.error =
            pick(lang, "请填写工单编号，如 TS202611230001", "Give a number such as TS202611230001").to_owned();
    }
    if parameters.contains_key("verify") {
        let audit = app.office.audit.clone();
        context.verified = Some(match blocking(move || audit.verify()).await? {
            Ok(head) => Verified {
                whole: true,
                words: match lang {
                    "zh" => format!("{} 行，完整。末尾是 {}:{}", head.n, head.n, head.sum),
                    _ => format!("{} lines, whole; the end is {}:{}", head.n, head.n, head.sum),
                },
            },
            Err(error) => Verified { whole: false, words: broken(&error, lang) },
        });
    }
    context.id = asked;
    page.render("desk_audit.html", pick(lang, "审计", "Audit"), "/admin/audit", &context)
}

fn row(page: &Page, record: &Record, people: &People) -> AuditRow {
    let lang = page.viewer.lang.as_str();
    let known = [Role::Link, Role::Employee, Role::Agent, Role::Lead, Role::Admin, Role::System];
    let role = known.into_iter().find(|role| role.key() == record.role);
    let status = Status::from_key(&record.status);
    let step = match record.action.as_str() {
        "erase" => pick(lang, "删除了个人信息", "erased personal data"),
        "reply" => pick(lang, "公开回复", "replied"),
        "note" => pick(lang, "工作记录", "wrote a note"),
        action => done(action, lang),
    };
    AuditRow {
        time: record.at.in_zone(page.now.time_zone()).strftime("%Y-%m-%d %H:%M:%S").to_string(),
        by: match record.by.as_str() {
            "requester" => pick(lang, "提报人", "Requester").to_owned(),
            "system" => pick(lang, "系统", "System").to_owned(),
            "file" => pick(lang, "直接改文件", "An editor").to_owned(),
            login => people.name(login),
        },
        role: role.map_or(record.role.clone(), |role| role.name(lang).to_owned()),
        // What somebody let stand when archiving is told by place, not by words of ours.
        step: if step.is_empty() { record.action.clone() } else { step.to_owned() },
        status: status.map_or(record.status.clone(), |status| state_name(status, None, lang).to_owned()),
        file: record.file.clone(),
    }
}

/// What is wrong with the chain: the place as it is, for whoever looks at the file.
fn broken(error: &AuditError, lang: &str) -> String {
    match lang {
        "zh" => format!("记录不完整：{error}"),
        _ => format!("The audit is not whole: {error}"),
    }
}
