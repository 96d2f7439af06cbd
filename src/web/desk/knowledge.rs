//! `GET /desk/knowledge`: the authors' page. What is due for review, not validated, never opened, unhelpful, without an
//! owner or stale, by owner and category.

use std::sync::{Arc, Mutex, PoisonError};

use axum::extract::{Query, State};
use axum::response::Response;

use super::Page;
use super::actions::{Values, text};
use super::controls::options;
use super::who::Staff;
use super::words::pick;
use crate::config::Config;
use crate::content::{self, Confidence, Document};
use crate::insight::health::{self, Concern, Facts, Health, Row};
use crate::site::common::href;
use crate::site::context::desk::{DeskFigure, DeskLink};
use crate::site::context::knowledge::{DeskKnowledge, KnowledgeDrafts, KnowledgeOwner, KnowledgeRow};
use crate::snapshot::Snapshot;
use crate::web::App;
use crate::web::error::WebError;
use crate::web::url;

/// Rows on the page: more are for `helpmark report knowledge --json`.
const ROWS: usize = 100;
/// The list of articles that answer tickets.
const LINKED: &str = "linked";
/// What deserves an article.
pub(super) const DRAFTS: &str = "drafts";
/// Every article.
const ALL: &str = "all";

pub(super) async fn show(
    State(app): State<App>,
    staff: Staff,
    Query(parameters): Query<Values>,
) -> Result<Response, WebError> {
    let page = Page::new(&app, &staff.0);
    let summaries = app.tickets.list().await.map_err(super::failed)?;
    let archived = summaries.into_iter().filter(|ticket| !ticket.record.is_empty());
    let tickets: Vec<_> = archived.map(|ticket| (ticket.id.to_string(), ticket.record)).collect();
    let (snapshot, now) = (Arc::clone(&page.snapshot), page.now.clone());
    let health = tokio::task::spawn_blocking(move || {
        let documents = app.shelf.documents(&snapshot);
        let mut facts = Facts::of(documents.iter());
        facts.tickets = tickets;
        facts.votes = app.feedback.votes().unwrap_or_else(|error| {
            tracing::warn!(%error, "votes cannot be read");
            Vec::new()
        });
        let opened = app.views.flush().and_then(|()| app.views.opened());
        facts.opened = opened.unwrap_or_else(|error| {
            tracing::warn!(%error, "openings cannot be read");
            Default::default()
        });
        health::health(&facts, &now)
    });
    let health = health.await.map_err(WebError::internal)?;
    let mut context = context(&page, &parameters, health);
    if context.view == DRAFTS {
        let given = [text(&parameters, "from"), text(&parameters, "title")];
        context.drafts = Some(super::drafts::drafts(&page, given, String::new()).await?);
    }
    render(&page, &context)
}

pub(super) fn render(page: &Page, context: &DeskKnowledge) -> Result<Response, WebError> {
    page.render("desk_knowledge.html", pick(&page.viewer.lang, "知识健康", "Knowledge health"), "/knowledge", context)
}

/// The page with nothing but what deserves an article.
pub(super) fn about_drafts(page: &Page, drafts: KnowledgeDrafts) -> DeskKnowledge {
    let parameters = Values::from([("view".to_owned(), DRAFTS.to_owned())]);
    let health = health::health(&Facts::default(), &page.now);
    DeskKnowledge { drafts: Some(drafts), ..context(page, &parameters, health) }
}

/// The documents of one snapshot, read once: drafts and articles for agents are not among its pages.
#[derive(Debug, Default)]
pub struct Shelf {
    read: Mutex<Option<(u64, Arc<Vec<Document>>)>>,
}

impl Shelf {
    fn documents(&self, snapshot: &Snapshot) -> Arc<Vec<Document>> {
        let mut read = self.read.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((revision, documents)) = &*read
            && *revision == snapshot.revision
        {
            return Arc::clone(documents);
        }
        let found = content::load(&snapshot.config).found;
        let documents = Arc::new(found.into_iter().map(|found| found.document).collect::<Vec<_>>());
        *read = Some((snapshot.revision, Arc::clone(&documents)));
        documents
    }
}

fn context(page: &Page, parameters: &Values, mut health: Health) -> DeskKnowledge {
    let (config, lang) = (&*page.snapshot.config, page.viewer.lang.as_str());
    let (owner, category) = (text(parameters, "owner"), text(parameters, "category"));
    let everybody = health.owners.clone();
    let categories = categories(config, &health, lang);
    let wanted = |row: &Row| {
        let of_owner = owner.is_empty() || row.owner == owner || (owner == "-" && row.owner.is_empty());
        of_owner && (category.is_empty() || row.category == category)
    };
    health.articles.retain(wanted);
    let asked = text(parameters, "view");
    let first = Concern::ALL.into_iter().find(|concern| !health.with(*concern).is_empty());
    let known =
        [LINKED, ALL, DRAFTS].contains(&asked.as_str()) || Concern::ALL.iter().any(|concern| concern.key() == asked);
    let view = if known { asked } else { first.map_or(ALL, Concern::key).to_owned() };
    let address = |view: &str, owner: &str| {
        let pairs = [("view", view), ("owner", owner), ("category", &category)];
        let pairs = pairs.into_iter().filter(|(_, value)| !value.is_empty());
        let pairs: Vec<_> = pairs.map(|(name, value)| format!("{name}={}", url::encode(value))).collect();
        format!("{}?{}", page.url("/knowledge"), pairs.join("&"))
    };
    let rows: Vec<&Row> = match Concern::ALL.into_iter().find(|concern| concern.key() == view) {
        Some(concern) => health.with(concern),
        None if view == LINKED => health.most_linked(),
        None if view == DRAFTS => Vec::new(),
        None => health.articles.iter().collect(),
    };
    let link = |key: &str, name: &str, icon, count: Option<usize>| DeskLink {
        key: key.to_owned(),
        name: name.to_owned(),
        url: address(key, &owner),
        icon,
        count,
        current: key == view,
    };
    let concerns = Concern::ALL
        .map(|concern| link(concern.key(), concern.name(lang), icon(concern), Some(health.with(concern).len())));
    let linked =
        link(LINKED, pick(lang, "解决工单最多", "Answers most tickets"), "ticket", Some(health.most_linked().len()));
    let drafts = link(DRAFTS, pick(lang, "值得写成文章", "Worth an article"), "pencil", None);
    let all = link(ALL, pick(lang, "全部文章", "All articles"), "list", Some(health.articles.len()));
    let choice = |one: &health::Owner| match one.owner.is_empty() {
        true => ("-".to_owned(), pick(lang, "没有负责人", "Nobody").to_owned()),
        false => (one.owner.clone(), one.owner.clone()),
    };
    let figures = [Concern::Overdue, Concern::DueSoon, Concern::NotValidated, Concern::Unhelpful];
    let figure = |concern: Concern| {
        let count = health.with(concern).len();
        DeskFigure {
            value: count.to_string(),
            label: concern.name(lang).to_owned(),
            note: String::new(),
            url: address(concern.key(), &owner),
            tone: if count == 0 { "" } else { tone(concern) },
        }
    };
    let by_owner = everybody.iter().map(|one| KnowledgeOwner {
        name: one.owner.clone(),
        url: address(ALL, if one.owner.is_empty() { "-" } else { &one.owner }),
        articles: one.articles,
        overdue: one.overdue,
        due_soon: one.due_soon,
        not_validated: one.not_validated,
        unhelpful: one.unhelpful,
        stale: one.stale,
    });
    DeskKnowledge {
        desk: page.desk("knowledge", parameters),
        figures: figures.map(figure).into(),
        views: [drafts].into_iter().chain(concerns).chain([linked, all]).collect(),
        about: match (about(&view, lang), health.opened_since) {
            (words, Some(since)) => words.replace("{since}", &since.to_string()),
            (words, None) => words.replace("{since}", pick(lang, "现在", "now")),
        },
        owners: options(everybody.iter().map(choice).collect(), &owner),
        categories: options(categories, &category),
        filtered: !owner.is_empty() || !category.is_empty(),
        clear_url: format!("{}?view={}", page.url("/knowledge"), url::encode(&view)),
        more: rows.len().saturating_sub(ROWS),
        rows: rows.into_iter().take(ROWS).map(|one| row(page, one)).collect(),
        by_owner: by_owner.collect(),
        note: health.about_openings(lang),
        view,
        ..Default::default()
    }
}

/// Every category that an article has, with its name.
fn categories(config: &Config, health: &Health, lang: &str) -> Vec<(String, String)> {
    let mut keys: Vec<&str> =
        health.articles.iter().map(|row| row.category.as_str()).filter(|key| !key.is_empty()).collect();
    keys.sort_unstable();
    keys.dedup();
    keys.into_iter().map(|key| (key.to_owned(), category_name(config, key, lang))).collect()
}

pub(super) fn category_name(config: &Config, key: &str, lang: &str) -> String {
    let named = config.categories.iter().find(|category| category.key == key);
    named.map_or(key, |category| category.name.get(lang)).to_owned()
}

fn row(page: &Page, row: &Row) -> KnowledgeRow {
    let (config, lang) = (&*page.snapshot.config, page.viewer.lang.as_str());
    let day = |day: Option<jiff::civil::Date>| day.map_or_else(String::new, |day| day.to_string());
    let inside = row.path.strip_prefix("content/").unwrap_or(&row.path);
    let mut badges: Vec<_> =
        row.concerns.iter().map(|concern| (concern.name(lang).to_owned(), tone(*concern))).collect();
    if row.internal {
        badges.push((pick(lang, "仅服务台", "Agents only").to_owned(), ""));
    }
    if row.confidence == Confidence::Wip {
        badges.push((pick(lang, "草稿", "Draft").to_owned(), ""));
    }
    let several = config.languages.len() > 1;
    let file_url = page.url(&format!("/knowledge/file?path={}", url::encode(inside)));
    KnowledgeRow {
        title: row.title.clone(),
        url: page.snapshot.url_of(inside).map_or_else(|| file_url.clone(), |url| href(config, url)),
        file_url,
        place: format!("{}:1", row.path),
        edit_url: edit_url(config, inside),
        category: category_name(config, &row.category, lang),
        language: config
            .language(&row.lang)
            .filter(|_| several)
            .map_or_else(String::new, |language| language.name.clone()),
        owner: row.owner.clone(),
        badges,
        updated: day(row.updated),
        review_by: day(row.review_by),
        opened: row.opened,
        yes: row.yes,
        no: row.no,
        tickets: row.tickets,
        comments: row.comments.iter().map(|comment| (comment.on.to_string(), comment.text.clone())).collect(),
    }
}

/// Where a document is edited in the browser, or empty. `path` is relative to `content/`.
pub(super) fn edit_url(config: &Config, path: &str) -> String {
    config.edit_url.as_ref().map_or_else(String::new, |template| {
        template.replace("{path}", &path.split('/').map(content::address::encode).collect::<Vec<_>>().join("/"))
    })
}

fn icon(concern: Concern) -> &'static str {
    match concern {
        Concern::Overdue => "octagon-alert",
        Concern::DueSoon => "calendar-clock",
        Concern::NotValidated => "shield-check",
        Concern::NeverOpened => "eye",
        Concern::Unhelpful => "thumbs-down",
        Concern::NoOwner => "user",
        Concern::Stale => "history",
    }
}

fn tone(concern: Concern) -> &'static str {
    match concern {
        Concern::Overdue => "error",
        Concern::Unhelpful | Concern::DueSoon | Concern::NotValidated => "warning",
        Concern::NeverOpened | Concern::NoOwner | Concern::Stale => "",
    }
}

/// What a list is about, and what to do.
fn about(view: &str, lang: &str) -> &'static str {
    let (zh, en) = match view {
        "overdue" => (
            "review_by 已经过去。读一遍，改好后写上新的日期。",
            "review_by has passed. Read it, mend it, write a new date.",
        ),
        "due_soon" => ("review_by 就在 30 天内。", "review_by is within 30 days."),
        "not_validated" => (
            "草稿，或者还没有人验证。由作者以外的同事通读一遍，打开文件后点“复审通过”。",
            "Drafts, and what nobody has validated. Somebody else than the author reads the file and stands for it.",
        ),
        "never_opened" => (
            "从 {since} 起没人打开。换成员工会用的标题和 keywords，或者归档。",
            "Nobody has opened it since {since}. Give it the words people use, or archive it.",
        ),
        "unhelpful" => ("说“没解决”的不比说“解决了”的少。", "As many readers said no as said yes, or more."),
        "no_owner" => ("没有 owner，没人会收到复审提醒。", "It has no owner: nobody feels asked to review it."),
        "stale" => ("一年没有更新，也没有 review_by。", "Not updated for a year, and without review_by."),
        DRAFTS => (
            "同类问题解决过三次以上，就值得写成文章：下次一搜就有。",
            "What was solved three times deserves an article: the next search finds it.",
        ),
        LINKED => {
            ("解决了最多工单的文章：值得写得最好。", "They answer the most tickets: they deserve to be the best.")
        }
        _ => ("", ""),
    };
    pick(lang, zh, en)
}
