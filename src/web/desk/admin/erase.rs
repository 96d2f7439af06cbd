//! Erasing a person's data from a ticket: first what it touches and what it does not, then a number typed to confirm.

use axum::Form;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;

use super::super::actions::{Values, text};
use super::super::ticket::At;
use super::super::who::Admin;
use super::super::words::pick;
use super::super::{Page, with_status};
use crate::process::{Erased, ProcessError};
use crate::site::context::admin::DeskErase;
use crate::site::context::desk::DeskPageLink;
use crate::ticket::{Status, Ticket};
use crate::web::error::WebError;
use crate::web::{App, url};

pub(super) async fn show(State(app): State<App>, admin: Admin, Path(at): Path<At>) -> Result<Response, WebError> {
    let page = Page::new(&app, &admin.0);
    let ticket = app.tickets.get(at.id()?).await.map_err(super::super::failed)?.ok_or(WebError::NotFound)?.ticket;
    render(&page, &ticket, &Erased::in_prospect(&ticket), false, "")
}

pub(super) async fn erase(
    State(app): State<App>,
    admin: Admin,
    Path(at): Path<At>,
    headers: HeaderMap,
    Form(values): Form<Values>,
) -> Result<Response, WebError> {
    admin.0.expect_csrf(&headers, &values)?;
    let page = Page::new(&app, &admin.0);
    let (id, lang) = (at.id()?, page.viewer.lang.as_str());
    let get = async || app.tickets.get(id).await.map_err(super::super::failed)?.ok_or(WebError::NotFound);
    let ticket = get().await?.ticket;
    if text(&values, "confirm").to_uppercase() != id.to_string() {
        let error = pick(lang, "编号不一致，什么都没有删除", "This is not the ticket's number: nothing was erased");
        let response = render(&page, &ticket, &Erased::in_prospect(&ticket), false, error)?;
        return Ok(with_status(StatusCode::UNPROCESSABLE_ENTITY, response));
    }
    let erased = app.office.erase(&page.snapshot.config, id, &page.viewer.actor, page.now.clone()).await;
    let erased = erased.map_err(|error| match error {
        ProcessError::NotFound(_) => WebError::NotFound,
        ProcessError::Changed(_) => WebError::Stale,
        ProcessError::Refused(refusal) => WebError::Forbidden(refusal.message),
        ProcessError::Store(error) => super::super::failed(error),
    })?;
    app.hub.changed(id);
    render(&page, &get().await?.ticket, &erased, true, "")
}

fn render(page: &Page, ticket: &Ticket, erased: &Erased, done: bool, error: &str) -> Result<Response, WebError> {
    let lang = page.viewer.lang.as_str();
    let id = ticket.id.to_string();
    let link = |path: &String| DeskPageLink {
        title: path.clone(),
        url: page.url(&format!("/knowledge/file?path={}", url::encode(path))),
        note: String::new(),
    };
    let context = DeskErase {
        desk: page.desk("ticket", &Values::new()),
        url: page.url(&format!("/admin/erase/{id}")),
        ticket_url: page.url(&format!("/tickets/{id}")),
        title: ticket.title.clone(),
        done,
        touches: touches(erased, done, lang).into_iter().chain(ends(ticket, done, lang)).collect(),
        keeps: keeps(lang),
        record: Some(&erased.record).filter(|path| !path.is_empty()).map(link),
        error: error.to_owned(),
        id: id.clone(),
    };
    let title = format!("{} {id}", pick(lang, "删除个人信息", "Erase personal data"));
    page.render("desk_erase.html", &title, &format!("/admin/erase/{id}"), &context)
}

/// What is gone, or would be, in words.
fn touches(erased: &Erased, done: bool, lang: &str) -> Vec<String> {
    let zh = lang == "zh";
    let mut lines: Vec<String> = Vec::new();
    let named = |keys: &[(&str, &'static str, &'static str)]| {
        let there = keys.iter().filter(|(key, ..)| erased.fields.iter().any(|field| field == key));
        there.map(|(_, zh_name, en_name)| if zh { *zh_name } else { *en_name }).collect::<Vec<&'static str>>()
    };
    let mut fields = named(&[
        ("title", "标题", "title"),
        ("requester.name", "姓名", "name"),
        ("requester.department", "部门", "department"),
        ("requester.contact", "联系方式", "contact"),
        ("trigger", "触发操作", "what came before"),
        ("steps_tried", "已尝试的步骤", "what was tried"),
        ("body", "正文（描述和解决方案）", "text (description and solution)"),
        ("origin", "提报前的搜索", "what was searched before"),
        ("rating.comment", "评价留言", "comment of the rating"),
        ("approval.reason", "审批意见", "reasons of the approval"),
    ]);
    if erased.fields.iter().any(|field| field.starts_with("fields.")) {
        fields.push(if zh { "类型专属的回答" } else { "answers to the type's questions" });
    }
    if !fields.is_empty() {
        lines.push(fields.join(if zh { "、" } else { ", " }));
    }
    if !erased.attachments.is_empty() {
        let names = erased.attachments.join(if zh { "、" } else { ", " });
        lines.push(if zh { format!("附件：{names}") } else { format!("Files: {names}") });
    }
    if erased.notes > 0 {
        let count = erased.notes;
        lines.push(if zh {
            format!("沟通与处理记录里的 {count} 段文字")
        } else {
            format!("Words of the thread: {count}")
        });
    }
    match (done, erased.notices) {
        (false, _) => lines.push(
            pick(lang, "还没有发出的通知、跟踪链接", "Notices that were not sent yet, and the tracking link")
                .to_owned(),
        ),
        (true, 0) => {}
        (true, count) if zh => lines.push(format!("{count} 条还没有发出的通知")),
        (true, count) => lines.push(format!("Notices that were not sent yet: {count}")),
    }
    for copy in &erased.copies {
        lines.push(if zh { format!("旁边的副本 {copy}") } else { format!("A copy beside it: {copy}") });
    }
    lines
}

/// What is still open ends with it: nobody can be asked or answered any more.
fn ends(ticket: &Ticket, done: bool, lang: &str) -> Option<String> {
    let open = ticket.status.is_open() || ticket.status == Status::Resolved;
    let words = pick(lang, "工单会随之结束，不能再处理", "The ticket ends with it, and nobody can work on it any more");
    (open && !done).then(|| words.to_owned())
}

fn keeps(lang: &str) -> Vec<String> {
    let lines = match lang {
        "zh" => [
            "编号、时间、状态、类型、紧急程度和评分：报表要用",
            "审计记录：只有账号、步骤和时间，没有内容",
            "备份，以及 git 的历史：请按公司规定另行处理",
        ],
        _ => [
            "Its number, times, states, type, urgency and marks: the report needs them",
            "The audit: it holds accounts, steps and times, and no words",
            "Backups, and the history of git: treat them as your company's rules say",
        ],
    };
    lines.map(str::to_owned).into()
}
