//! `/desk/knowledge/file`: a document as it is written, drafts included, and its review by somebody else than its author.

use axum::Form;
use axum::extract::{Query, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Redirect, Response};

use super::actions::{Values, text};
use super::who::Staff;
use super::words::pick;
use super::{Page, knowledge, people_of, private, with_status};
use crate::archive::{self, ArchiveError, Manuscript};
use crate::content::{self, Audience, Confidence, Document};
use crate::site::common::href;
use crate::site::context::Pair;
use crate::site::context::desk::DeskTrouble;
use crate::site::context::knowledge::DeskDocument;
use crate::web::error::WebError;
use crate::web::{App, url};

pub(super) async fn show(
    State(app): State<App>,
    staff: Staff,
    Query(parameters): Query<Values>,
) -> Result<Response, WebError> {
    render(&app, &Page::new(&app, &staff.0), &text(&parameters, "path"), &parameters, None).await
}

async fn render(
    app: &App,
    page: &Page,
    path: &str,
    parameters: &Values,
    trouble: Option<DeskTrouble>,
) -> Result<Response, WebError> {
    let (config, lang) = (page.snapshot.config.clone(), page.viewer.lang.as_str());
    let path = path.strip_prefix("content/").unwrap_or(path).to_owned();
    let (from, at) = (config.clone(), path.clone());
    let read = move || {
        let manuscript = archive::manuscript(&from, &at)?;
        Ok::<_, ArchiveError>((manuscript, content::read(&from, &at).ok().flatten().map(|found| found.document)))
    };
    let (manuscript, document) = match tokio::task::spawn_blocking(read).await.map_err(WebError::internal)? {
        Ok(read) => read,
        Err(ArchiveError::Missing { .. }) => return Err(WebError::NotFound),
        Err(ArchiveError::Edit { path, reason }) => return Err(WebError::Conflict(format!("{path}: {reason}"))),
        Err(error) => return Err(WebError::internal(error)),
    };
    let people = people_of(app).await?;
    let article = match &document {
        Some(Document::Article(article)) => Some(article),
        _ => None,
    };
    let mut badges = Vec::new();
    if let Some(article) = article {
        badges.push(match article.confidence {
            Confidence::Validated => (pick(lang, "已验证", "Validated").to_owned(), "success"),
            Confidence::Wip => (pick(lang, "草稿", "Draft").to_owned(), "warning"),
            Confidence::NotValidated => (pick(lang, "未验证", "Not validated").to_owned(), "warning"),
            Confidence::Archived => (pick(lang, "已归档", "Archived").to_owned(), ""),
        });
        if article.audience == Audience::Agents {
            badges.push((pick(lang, "仅服务台", "Agents only").to_owned(), ""));
        }
    }
    let review = article.map(|article| review_of(&manuscript, article.confidence, &page.viewer.actor.account, lang));
    let name = |login: &str| if login.is_empty() { String::new() } else { people.name(login) };
    let mut facts = vec![
        (pick(lang, "作者", "Author"), name(&manuscript.author)),
        (pick(lang, "复审人", "Reviewed by"), name(&manuscript.reviewed_by)),
    ];
    if let Some(document) = &document {
        let category = &document.meta().category;
        let category =
            if category.is_empty() { String::new() } else { knowledge::category_name(&config, category, lang) };
        facts.push((pick(lang, "类别", "Category"), category));
    }
    let tickets = article.map(|article| article.linked_tickets.join(" ")).unwrap_or_default();
    facts.push((pick(lang, "相关工单", "Tickets"), tickets));
    let facts = facts.into_iter().filter(|(_, value)| !value.is_empty());
    let can_review = matches!(&review, Some(Ok(())));
    let file = page.url("/knowledge/file");
    let context = DeskDocument {
        desk: page.desk("knowledge", parameters),
        back_url: page.url("/knowledge"),
        title: document.as_ref().map_or_else(|| path.clone(), |document| document.meta().title.clone()),
        place: format!("content/{path}"),
        url: page.snapshot.url_of(&path).map_or_else(String::new, |url| href(&config, url)),
        edit_url: knowledge::edit_url(&config, &path),
        badges,
        facts: facts.map(|(label, value)| Pair { label: label.to_owned(), value }).collect(),
        source: document.as_ref().map_or(manuscript.text.clone(), |document| document.body().text.clone()),
        review_url: if can_review { file } else { String::new() },
        review_note: review.and_then(Result::err).unwrap_or_default(),
        trouble,
        path: path.clone(),
    };
    let here = format!("/knowledge/file?path={}", url::encode(&path));
    page.render("desk_document.html", &context.title, &here, &context)
}

/// Whether this reader may review it; why not, where that is to be said.
fn review_of(manuscript: &Manuscript, confidence: Confidence, account: &str, lang: &str) -> Result<(), String> {
    let words = match (confidence, manuscript.author.as_str()) {
        (Confidence::Validated | Confidence::Archived, _) => ("", ""),
        (_, "") => (
            "文件里没有作者（author）。先写上作者，再由另一位同事复审。",
            "The file names no author. Name one first; then a colleague reviews it.",
        ),
        (_, author) if author.to_lowercase() == account.to_lowercase() => {
            ("这是你写的，请一位同事来复审。", "You wrote it: ask a colleague to review it.")
        }
        _ => return Ok(()),
    };
    Err(pick(lang, words.0, words.1).to_owned())
}

pub(super) async fn review(
    State(app): State<App>,
    staff: Staff,
    headers: HeaderMap,
    Form(values): Form<Values>,
) -> Result<Response, WebError> {
    staff.0.expect_csrf(&headers, &values)?;
    let page = Page::new(&app, &staff.0);
    let (lang, path) = (page.viewer.lang.as_str(), text(&values, "path"));
    let (config, account, today) = (page.snapshot.config.clone(), page.viewer.actor.account.clone(), page.now.date());
    let at = path.clone();
    let work = move || archive::review(&config, &at, &account, today);
    let (status, message) = match tokio::task::spawn_blocking(work).await.map_err(WebError::internal)? {
        Ok(linked) => {
            if let Some(copy) = linked.copy {
                tracing::warn!(path, copy = %copy.display(), "somebody saved the article in that very moment; their text is kept");
            }
            let to = page.url(&format!("/knowledge/file?path={}&said=reviewed", url::encode(&linked.path)));
            return Ok(private(Redirect::to(&to).into_response()));
        }
        Err(ArchiveError::Missing { .. }) => return Err(WebError::NotFound),
        Err(ArchiveError::OwnReview { .. }) => (
            StatusCode::CONFLICT,
            pick(lang, "这是你写的，请一位同事来复审。", "You wrote it: ask a colleague to review it."),
        ),
        Err(ArchiveError::NoAuthor { .. }) => (
            StatusCode::CONFLICT,
            pick(lang, "文件里没有作者（author），先写上再复审。", "The file names no author: name one first."),
        ),
        Err(ArchiveError::Edit { .. }) => (
            StatusCode::CONFLICT,
            pick(
                lang,
                "文件开头的信息无法自动修改，请手工编辑。",
                "Its front matter cannot be edited safely: edit it by hand.",
            ),
        ),
        Err(error) => return Err(WebError::internal(error)),
    };
    let heading = pick(lang, "没有复审", "Not reviewed").to_owned();
    let trouble = DeskTrouble { kind: "refused", heading, message: message.to_owned(), field: String::new() };
    Ok(with_status(status, render(&app, &page, &path, &Values::new(), Some(trouble)).await?))
}
