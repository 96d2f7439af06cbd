//! What deserves an article, and `POST /desk/knowledge/articles`: drafting one out of solved tickets.

use axum::Form;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Redirect, Response};

use super::actions::{Values, text};
use super::who::Staff;
use super::words::pick;
use super::{Page, knowledge, private, with_status};
use crate::archive::{self, ArchiveError, Group, NewArticle, RecordDraft};
use crate::site::common::href;
use crate::site::context::desk::DeskPageLink;
use crate::site::context::knowledge::{KnowledgeDrafts, KnowledgeGroup};
use crate::ticket::TicketId;
use crate::web::error::WebError;
use crate::web::{App, url};

/// Tickets that one article is drafted from, and groups that are listed.
const MOST: usize = 50;

/// The groups of records, and the form; `from` and `title` are what was typed so far.
pub(super) async fn drafts(
    page: &Page,
    [from, title]: [String; 2],
    error: String,
) -> Result<KnowledgeDrafts, WebError> {
    let config = page.snapshot.config.clone();
    let groups = tokio::task::spawn_blocking(move || archive::deserving(&config)).await.map_err(WebError::internal)?;
    Ok(KnowledgeDrafts {
        url: page.url("/knowledge/articles"),
        groups: groups.into_iter().take(MOST).map(|one| group(page, one)).collect(),
        from,
        title,
        error,
    })
}

fn group(page: &Page, group: Group) -> KnowledgeGroup {
    let (config, lang) = (&*page.snapshot.config, page.viewer.lang.as_str());
    let document = |path: &str, name: &str| {
        let path = path.strip_prefix("content/").unwrap_or(path);
        let known = page.snapshot.url_of(path);
        let title = known.and_then(|url| page.snapshot.title_of(url)).unwrap_or(name).to_owned();
        let file = || page.url(&format!("/knowledge/file?path={}", url::encode(path)));
        DeskPageLink { title, url: known.map_or_else(file, |url| href(config, url)), note: name.to_owned() }
    };
    KnowledgeGroup {
        records: group.records.iter().map(|id| document(&format!("resolutions/{id}.md"), id)).collect(),
        articles: group.articles.iter().map(|path| document(path, path)).collect(),
        from: group.records.join(" "),
        category: match group.category.is_empty() {
            true => pick(lang, "未分类", "No category").to_owned(),
            false => knowledge::category_name(config, &group.category, lang),
        },
        title: group.title,
    }
}

pub(super) async fn make(
    State(app): State<App>,
    staff: Staff,
    headers: HeaderMap,
    Form(values): Form<Values>,
) -> Result<Response, WebError> {
    staff.0.expect_csrf(&headers, &values)?;
    let page = Page::new(&app, &staff.0);
    let typed = [text(&values, "from"), text(&values, "title")];
    let made = match numbers(&typed[0], &page.viewer.lang) {
        Ok(ids) => draft(&app, &page, &ids, &typed[1]).await?,
        Err(message) => Err(message),
    };
    match made {
        Ok(path) => {
            let to = page.url(&format!("/knowledge/file?path={}&said=drafted", url::encode(&path)));
            Ok(private(Redirect::to(&to).into_response()))
        }
        Err(message) => {
            let context = knowledge::about_drafts(&page, drafts(&page, typed, message).await?);
            Ok(with_status(StatusCode::UNPROCESSABLE_ENTITY, knowledge::render(&page, &context)?))
        }
    }
}

/// Ticket numbers as people write them one after the other.
fn numbers(text: &str, lang: &str) -> Result<Vec<TicketId>, String> {
    let words = text.split(|c: char| c.is_whitespace() || matches!(c, ',' | '，' | '、' | ';' | '；'));
    let mut ids: Vec<TicketId> = Vec::new();
    for word in words.filter(|word| !word.is_empty()) {
        let id = word.to_uppercase().parse().map_err(|_| {
            let word: String = word.chars().take(40).collect();
            match lang {
                "zh" => format!("“{word}”不是工单编号"),
                _ => format!("“{word}” is not a ticket's number"),
            }
        })?;
        if !ids.contains(&id) {
            ids.push(id);
        }
    }
    match ids.len() {
        0 => Err(pick(lang, "请填写工单编号，如 TS202611230001", "Give a number such as TS202611230001").to_owned()),
        1..=MOST => Ok(ids),
        _ => Err(pick(lang, "一次最多 50 张工单", "At most 50 tickets at once").to_owned()),
    }
}

/// Writes the draft; answers its path relative to `content/`, or why nobody can.
async fn draft(app: &App, page: &Page, ids: &[TicketId], title: &str) -> Result<Result<String, String>, WebError> {
    let config = page.snapshot.config.clone();
    let lang = page.viewer.lang.clone();
    let people = super::people_of(app).await?;
    let staff: Vec<_> = people.iter().flat_map(|(login, person)| [login.clone(), person.name.clone()]).collect();
    let mut records: Vec<RecordDraft> = Vec::new();
    for id in ids {
        let (known, id, own) = (config.clone(), *id, lang.clone());
        let record = tokio::task::spawn_blocking(move || archive::record_of(&known, id, &own)).await;
        if let Some(record) = record.map_err(WebError::internal)?.map_err(WebError::internal)? {
            records.push(record);
            continue;
        }
        let Some(loaded) = app.tickets.get(id).await.map_err(super::failed)? else {
            return Ok(Err(match page.viewer.lang.as_str() {
                "zh" => format!("没有工单 {id}"),
                _ => format!("There is no ticket {id}"),
            }));
        };
        // What was archived is public; the words of any other ticket are its team's to tell.
        if !app.office.possible(&config, &loaded.ticket, &page.viewer.actor).contains(&"publish") {
            return Ok(Err(match page.viewer.lang.as_str() {
                "zh" => format!("{id} 还没有处理完成，或者属于其他团队"),
                _ => format!("{id} is not solved yet, or belongs to another team"),
            }));
        }
        match archive::redacted(&config, &loaded.ticket, &staff, &lang) {
            Ok((record, _)) => records.push(record),
            Err(error @ ArchiveError::Disk(_)) => return Err(WebError::internal(error)),
            Err(error) => return Ok(Err(format!("{id}: {error}"))),
        }
    }
    let author = page.viewer.actor.account.clone();
    let (title, today) = (title.to_owned(), page.now.date());
    let write = move || {
        let new = NewArticle { title, author, lang, ..NewArticle::default() };
        let (new, text) = archive::gathered(&records, new, today);
        archive::create_article(&config, &new, &text)
    };
    let written = tokio::task::spawn_blocking(write).await.map_err(WebError::internal)?;
    written.map(Ok).map_err(WebError::internal)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_read_as_people_write_them() {
        let ids = numbers("ts202611230001、TS202611230002\n TS202611230001", "zh").unwrap();
        assert_eq!(ids.iter().map(ToString::to_string).collect::<Vec<_>>(), ["TS202611230001", "TS202611230002"]);
        assert_eq!(numbers("打印机", "zh").unwrap_err(), "“打印机”不是工单编号");
        assert!(numbers(" ", "en").unwrap_err().contains("TS202611230001"));
    }
}
