//! The health of the knowledge, in the sense of KCS v6: what is due for review, what nobody has validated, what nobody
//! opens, what readers say did not help, what solves the most tickets, and whose it is.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use jiff::civil::Date;
use jiff::{ToSpan as _, Zoned};
use serde::Serialize;

use super::feedback::Vote;
use super::views::Opened;
use crate::content::{Article, Audience, Confidence, Document, Resolution};

/// Days before its `review_by` that an article is due.
pub const SOON: i32 = 30;
/// Days after its last change that an article without `review_by` is stale.
pub const STALE: i32 = 365;
/// Comments of readers that are shown with an article, the newest first.
const COMMENTS: usize = 5;

/// What the health is judged by.
#[derive(Debug, Default)]
pub struct Facts<'a> {
    pub articles: Vec<&'a Article>,
    pub resolutions: Vec<&'a Resolution>,
    pub votes: Vec<Vote>,
    pub opened: Opened,
    /// Tickets with the document each was archived as: number, and path below `content/`.
    pub tickets: Vec<(String, String)>,
}

impl<'a> Facts<'a> {
    /// The articles and records among the documents.
    pub fn of(documents: impl IntoIterator<Item = &'a Document>) -> Self {
        let mut facts = Self::default();
        for document in documents {
            match document {
                Document::Article(article) => facts.articles.push(article),
                Document::Resolution(resolution) => facts.resolutions.push(resolution),
            }
        }
        facts
    }
}

/// What readers wrote with a "no".
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Comment {
    pub on: Date,
    pub text: String,
}

/// One article. Translations are articles of their own.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Row {
    /// Relative to the site's root, for an editor: `content/articles/network/vpn.md`.
    pub path: String,
    /// Root-relative, without the site's base path.
    pub url: String,
    pub title: String,
    pub lang: String,
    pub category: String,
    /// Empty when nobody has it.
    pub owner: String,
    pub confidence: Confidence,
    /// Whether it is for agents alone.
    pub internal: bool,
    pub updated: Option<Date>,
    pub review_by: Option<Date>,
    pub opened: u64,
    pub yes: u64,
    pub no: u64,
    pub comments: Vec<Comment>,
    /// Tickets that it answers: its own `linked_tickets`, tickets archived as it, and records that name it.
    pub tickets: usize,
    /// What is the matter with it.
    pub concerns: BTreeSet<Concern>,
}

/// What may be the matter with an article.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Concern {
    /// `review_by` has passed.
    Overdue,
    /// `review_by` is near.
    DueSoon,
    /// `confidence` is `not_validated` or `wip`.
    NotValidated,
    /// Nobody has opened it since openings are counted.
    NeverOpened,
    /// Readers said that it did not help.
    Unhelpful,
    /// It has no `owner`.
    NoOwner,
    /// It has no `review_by`, and was not touched for long.
    Stale,
}

impl Concern {
    pub const ALL: [Self; 7] = [
        Self::Overdue,
        Self::DueSoon,
        Self::NotValidated,
        Self::NeverOpened,
        Self::Unhelpful,
        Self::NoOwner,
        Self::Stale,
    ];

    /// The word in addresses and in JSON.
    pub fn key(self) -> &'static str {
        match self {
            Self::Overdue => "overdue",
            Self::DueSoon => "due_soon",
            Self::NotValidated => "not_validated",
            Self::NeverOpened => "never_opened",
            Self::Unhelpful => "unhelpful",
            Self::NoOwner => "no_owner",
            Self::Stale => "stale",
        }
    }

    /// The word for people.
    pub fn name(self, lang: &str) -> &'static str {
        let (zh, en) = match self {
            Self::Overdue => ("复审已过期", "Review overdue"),
            Self::DueSoon => ("30 天内复审", "Review within 30 days"),
            Self::NotValidated => ("未验证", "Not validated"),
            Self::NeverOpened => ("没人打开过", "Never opened"),
            Self::Unhelpful => ("没解决问题", "Did not help"),
            Self::NoOwner => ("没有负责人", "No owner"),
            Self::Stale => ("一年未更新", "Untouched for a year"),
        };
        if lang == "zh" { zh } else { en }
    }
}

/// One owner's articles.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Owner {
    /// Empty for the articles that nobody has.
    pub owner: String,
    pub articles: usize,
    pub overdue: usize,
    pub due_soon: usize,
    pub not_validated: usize,
    pub unhelpful: usize,
    pub stale: usize,
}

/// The health on a day.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Health {
    pub on: Date,
    /// The first day that openings are known of; none when nothing was counted yet.
    pub opened_since: Option<Date>,
    /// Archived articles are left out. By path.
    pub articles: Vec<Row>,
    /// The one with the most articles first.
    pub owners: Vec<Owner>,
}

/// Judges every article that is not archived, on the day that `now` is in its zone.
pub fn health(facts: &Facts<'_>, now: &Zoned) -> Health {
    let today = now.date();
    let tickets = tickets(facts);
    let mut votes: HashMap<&str, Vec<&Vote>> = HashMap::new();
    for vote in &facts.votes {
        votes.entry(vote.path.as_str()).or_default().push(vote);
    }
    let living = facts.articles.iter().filter(|article| article.confidence != Confidence::Archived);
    let mut articles: Vec<Row> = living
        .map(|article| {
            let path = article.meta.path.as_str();
            let votes = votes.get(path).map_or(&[][..], Vec::as_slice);
            row(article, votes, tickets.get(path).map_or(0, BTreeSet::len), &facts.opened, now)
        })
        .collect();
    articles.sort_by(|a, b| a.path.cmp(&b.path));
    let owners = owners(&articles);
    Health { on: today, opened_since: facts.opened.since, articles, owners }
}

/// The numbers of the tickets that each article answers.
fn tickets<'a>(facts: &'a Facts<'_>) -> HashMap<&'a str, BTreeSet<&'a str>> {
    let mut linked: HashMap<&str, BTreeSet<&str>> = HashMap::new();
    for article in &facts.articles {
        let own = linked.entry(article.meta.path.as_str()).or_default();
        own.extend(article.linked_tickets.iter().map(String::as_str));
    }
    for record in &facts.resolutions {
        if let Some(path) = &record.linked_article {
            let path = path.strip_prefix("content/").unwrap_or(path);
            linked.entry(path).or_default().insert(&record.id);
        }
    }
    for (id, path) in &facts.tickets {
        linked.entry(path.strip_prefix("content/").unwrap_or(path)).or_default().insert(id);
    }
    linked
}

fn row(article: &Article, votes: &[&Vote], tickets: usize, opened: &Opened, now: &Zoned) -> Row {
    let no = votes.iter().filter(|vote| !vote.helpful);
    let mut comments: Vec<Comment> = no
        .clone()
        .filter(|vote| !vote.comment.trim().is_empty())
        .map(|vote| Comment {
            on: vote.at.to_zoned(now.time_zone().clone()).date(),
            text: vote.comment.split_whitespace().collect::<Vec<_>>().join(" "),
        })
        .collect();
    comments.reverse();
    comments.truncate(COMMENTS);
    let mut row = Row {
        path: format!("content/{}", article.meta.path),
        url: article.meta.url.clone(),
        title: article.meta.title.clone(),
        lang: article.meta.lang.clone(),
        category: article.meta.category.clone(),
        owner: article.owner.clone(),
        confidence: article.confidence,
        internal: article.audience == Audience::Agents,
        updated: article.meta.updated,
        review_by: article.review_by,
        opened: opened.by_url.get(&article.meta.url).copied().unwrap_or(0),
        yes: votes.iter().filter(|vote| vote.helpful).count() as u64,
        no: no.count() as u64,
        comments,
        tickets,
        concerns: BTreeSet::new(),
    };
    row.concerns = Concern::ALL.into_iter().filter(|concern| is_concern(&row, *concern, opened, now.date())).collect();
    row
}

fn is_concern(row: &Row, concern: Concern, opened: &Opened, today: Date) -> bool {
    match concern {
        Concern::Overdue => row.review_by.is_some_and(|by| by < today),
        Concern::DueSoon => row.review_by.is_some_and(|by| by >= today && by <= today.saturating_add(SOON.days())),
        Concern::NotValidated => matches!(row.confidence, Confidence::NotValidated | Confidence::Wip),
        // Pages for agents and drafts are on no page that could be counted.
        Concern::NeverOpened => {
            opened.since.is_some() && row.opened == 0 && !row.internal && row.confidence != Confidence::Wip
        }
        Concern::Unhelpful => row.no > 0 && row.no >= row.yes,
        Concern::NoOwner => row.owner.is_empty(),
        Concern::Stale => {
            row.review_by.is_none() && row.updated.is_some_and(|day| day < today.saturating_sub(STALE.days()))
        }
    }
}

fn owners(articles: &[Row]) -> Vec<Owner> {
    let mut owners: BTreeMap<&str, Owner> = BTreeMap::new();
    for row in articles {
        let owner = owners.entry(&row.owner).or_default();
        let is = |concern| usize::from(row.concerns.contains(&concern));
        owner.articles += 1;
        owner.overdue += is(Concern::Overdue);
        owner.due_soon += is(Concern::DueSoon);
        owner.not_validated += is(Concern::NotValidated);
        owner.unhelpful += is(Concern::Unhelpful);
        owner.stale += is(Concern::Stale);
    }
    let mut owners: Vec<_> =
        owners.into_iter().map(|(name, owner)| Owner { owner: name.to_owned(), ..owner }).collect();
    owners.sort_by_key(|owner| (owner.owner.is_empty(), std::cmp::Reverse(owner.articles)));
    owners
}

impl Health {
    /// The articles with a concern, the most pressing first.
    pub fn with(&self, concern: Concern) -> Vec<&Row> {
        let mut rows: Vec<_> = self.articles.iter().filter(|row| row.concerns.contains(&concern)).collect();
        match concern {
            Concern::Overdue | Concern::DueSoon => rows.sort_by_key(|row| row.review_by),
            Concern::Unhelpful => rows.sort_by_key(|row| std::cmp::Reverse((row.no, row.no.saturating_sub(row.yes)))),
            Concern::NotValidated | Concern::Stale => rows.sort_by_key(|row| row.updated),
            Concern::NeverOpened | Concern::NoOwner => {}
        }
        rows
    }

    /// The articles that answer tickets, the one with the most first.
    pub fn most_linked(&self) -> Vec<&Row> {
        let mut rows: Vec<_> = self.articles.iter().filter(|row| row.tickets > 0).collect();
        rows.sort_by_key(|row| std::cmp::Reverse(row.tickets));
        rows
    }

    /// What the count of openings can say, in a sentence.
    pub fn about_openings(&self, lang: &str) -> String {
        match (self.opened_since, lang) {
            (Some(since), "zh") => format!(
                "打开次数从 {since} 起由本服务器统计，不含缓存和静态托管的访问；机器人也会计入，最多保留 13 个月。"
            ),
            (Some(since), _) => format!(
                "Openings are counted by this server since {since}; what caches and static hosts answer is not seen, \
                 robots count as readers, and 13 months are kept."
            ),
            (None, "zh") => "还没有打开次数：由 helpmark serve 统计，[search] log = false 时不统计。".to_owned(),
            (None, _) => {
                "No openings are counted yet: helpmark serve counts them, unless [search] log = false.".to_owned()
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use jiff::civil::date;

    use super::*;
    use crate::config::Config;
    use crate::content;

    const TODAY: Date = date(2026, 11, 23);

    fn documents(files: &[(&str, &str)]) -> Vec<Document> {
        let dir = tempfile::tempdir().unwrap();
        let config = Config::parse(Path::new(dir.path()), "title = 'x'").unwrap();
        for (path, front) in files {
            let file = config.content_dir().join(path);
            std::fs::create_dir_all(file.parent().unwrap()).unwrap();
            std::fs::write(file, format!("---\ntitle: {path}\n{front}\n---\nx\n")).unwrap();
        }
        content::load(&config).found.into_iter().map(|found| found.document).collect()
    }

    fn now() -> Zoned {
        TODAY.at(8, 0, 0, 0).in_tz("Asia/Shanghai").unwrap()
    }

    fn vote(path: &str, helpful: bool, comment: &str) -> Vote {
        Vote { at: jiff::Timestamp::UNIX_EPOCH, path: path.into(), helpful, comment: comment.into() }
    }

    fn paths(rows: &[&Row]) -> Vec<String> {
        rows.iter().map(|row| row.path.trim_start_matches("content/articles/").to_owned()).collect()
    }

    #[test]
    fn each_concern_finds_its_articles_and_no_other() {
        let documents = documents(&[
            ("articles/late.md", "owner: li\nreview_by: 2026-11-22"),
            ("articles/later.md", "owner: li\nreview_by: 2026-10-01"),
            ("articles/today.md", "owner: li\nreview_by: 2026-11-23"),
            ("articles/soon.md", "owner: li\nreview_by: 2026-12-23"),
            ("articles/far.md", "owner: li\nreview_by: 2026-12-24\nupdated: 2020-01-01"),
            ("articles/old.md", "owner: wang\nupdated: 2025-11-22"),
            ("articles/young.md", "owner: wang\nupdated: 2025-11-23\nconfidence: not_validated"),
            ("articles/draft.md", "owner: wang\nconfidence: wip"),
            ("articles/inside.md", "audience: agents"),
            ("articles/gone.md", "confidence: archived\nreview_by: 2020-01-01"),
        ]);
        let mut facts = Facts::of(&documents);
        let unknown = health(&facts, &now());
        assert!(unknown.with(Concern::NeverOpened).is_empty(), "nothing was counted yet");
        facts.opened.since = Some(TODAY);
        facts.opened.by_url =
            ["late", "later", "today", "soon", "far", "old"].map(|name| (format!("/articles/{name}/"), 2)).into();
        let health = health(&facts, &now());
        let of = |concern| paths(&health.with(concern));
        assert_eq!(of(Concern::Overdue), ["later.md", "late.md"]);
        assert_eq!(of(Concern::DueSoon), ["today.md", "soon.md"]);
        assert_eq!(of(Concern::NotValidated), ["draft.md", "young.md"]);
        assert_eq!(of(Concern::Stale), ["old.md"]);
        assert_eq!(of(Concern::NoOwner), ["inside.md"]);
        assert_eq!(of(Concern::NeverOpened), ["young.md"]);
        let owners: Vec<_> = health.owners.iter().map(|one| (one.owner.as_str(), one.articles, one.overdue)).collect();
        assert_eq!(owners, [("li", 5, 2), ("wang", 3, 0), ("", 1, 0)]);
    }

    #[test]
    fn votes_and_tickets_are_counted_once() {
        let mut documents = documents(&[
            ("articles/a.md", "linked_tickets: [TS202611230001]"),
            ("articles/b.md", ""),
            ("resolutions/TS202611230001.md", "id: TS202611230001\nlinked_article: articles/a.md"),
            ("resolutions/TS202611230002.md", "id: TS202611230002\nlinked_article: content/articles/a.md"),
        ]);
        documents.reverse();
        let mut facts = Facts::of(&documents);
        facts.tickets = vec![
            ("TS202611230001".into(), "articles/a.md".into()),
            ("TS202611230003".into(), "articles/a.md".into()),
            ("TS202611230004".into(), "resolutions/TS202611230004.md".into()),
        ];
        facts.votes = vec![
            vote("articles/b.md", false, "找不到\n按钮"),
            vote("articles/b.md", false, ""),
            vote("articles/b.md", true, "好"),
            vote("articles/a.md", true, ""),
            vote("articles/a.md", false, ""),
            vote("articles/a.md", true, ""),
        ];
        let health = health(&facts, &now());
        assert_eq!(paths(&health.most_linked()), ["a.md"]);
        assert_eq!(health.most_linked()[0].tickets, 3);
        let unhelpful = health.with(Concern::Unhelpful);
        assert_eq!(paths(&unhelpful), ["b.md"]);
        assert_eq!((unhelpful[0].no, unhelpful[0].yes, unhelpful[0].comments.len()), (2, 1, 1));
        assert_eq!(unhelpful[0].comments[0].text, "找不到 按钮");
    }
}
