//! The service desk's lists: views, filters, order and search over everything the process remembers of the tickets.
//!
//! The search looks for every word as it stands, in numbers, titles, names, contacts, descriptions and the thread. For
//! tickets that is what staff expect: a phone number, an asset tag or two characters of Chinese are found wherever they
//! are, and a ticket is found the moment it is written.

use std::cmp::Reverse;

use jiff::{SignedDuration, Timestamp};
use serde::Serialize;
use unicode_normalization::UnicodeNormalization;

use super::{Moment, PendingOn, Status, Summary, Ticket};

/// The saved views of the desk.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum QueueView {
    /// Open, and mine.
    Mine,
    /// Open, of my teams.
    Team,
    /// Open, and nobody's.
    Unassigned,
    /// Waiting for somebody else, or solved and not yet confirmed.
    Waiting,
    /// Open, with a target that has passed.
    Overdue,
    /// Everything that is open.
    #[default]
    Open,
    /// Everything.
    All,
}

impl QueueView {
    pub const ALL: [Self; 7] =
        [Self::Mine, Self::Team, Self::Unassigned, Self::Waiting, Self::Overdue, Self::Open, Self::All];

    pub fn key(self) -> &'static str {
        match self {
            Self::Mine => "mine",
            Self::Team => "team",
            Self::Unassigned => "unassigned",
            Self::Waiting => "waiting",
            Self::Overdue => "overdue",
            Self::Open => "open",
            Self::All => "all",
        }
    }

    pub fn from_key(key: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|view| view.key() == key)
    }
}

/// The order of a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum QueueSort {
    /// What is due first, first; what has no target last.
    #[default]
    Due,
    Newest,
    Oldest,
    /// What changed last, first.
    Updated,
    Urgency,
}

impl QueueSort {
    pub const ALL: [Self; 5] = [Self::Due, Self::Newest, Self::Oldest, Self::Updated, Self::Urgency];

    pub fn key(self) -> &'static str {
        match self {
            Self::Due => "due",
            Self::Newest => "newest",
            Self::Oldest => "oldest",
            Self::Updated => "updated",
            Self::Urgency => "urgency",
        }
    }

    pub fn from_key(key: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|sort| sort.key() == key)
    }
}

/// What somebody wants to see.
#[derive(Debug, Clone, Default)]
pub struct QueueQuery {
    pub view: QueueView,
    /// The login that `mine` is about, and the teams of `team`.
    pub login: String,
    pub teams: Vec<String>,
    /// Words that all have to be in the ticket.
    pub text: String,
    /// Keys; empty for any.
    pub kind: String,
    pub urgency: String,
    pub team: String,
    pub assignee: String,
    pub status: Vec<Status>,
    pub waiting_on: Option<PendingOn>,
    /// Only what is due within this time and not missed yet.
    pub due_within: Option<SignedDuration>,
    pub sort: QueueSort,
    pub offset: usize,
    pub limit: usize,
    /// The site's urgencies, the most pressing first.
    pub urgencies: Vec<String>,
}

/// How many tickets each view holds, before filters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub struct QueueCounts {
    pub mine: usize,
    pub team: usize,
    pub unassigned: usize,
    pub waiting: usize,
    pub overdue: usize,
    pub open: usize,
    pub all: usize,
}

impl QueueCounts {
    pub fn of(&self, view: QueueView) -> usize {
        match view {
            QueueView::Mine => self.mine,
            QueueView::Team => self.team,
            QueueView::Unassigned => self.unassigned,
            QueueView::Waiting => self.waiting,
            QueueView::Overdue => self.overdue,
            QueueView::Open => self.open,
            QueueView::All => self.all,
        }
    }
}

/// A page of a list.
#[derive(Debug, Clone, Default)]
pub struct QueuePage {
    pub rows: Vec<Summary>,
    /// How many tickets the query has in all.
    pub total: usize,
    pub counts: QueueCounts,
}

impl Summary {
    /// Whether the next target of an open ticket has passed. While it waits for somebody after the first answer, no
    /// clock runs.
    pub fn is_overdue(&self, now: Timestamp) -> bool {
        let stopped = self.status == Status::Pending && self.first_response_at.is_some();
        self.status.is_open() && !stopped && self.due_at.as_ref().is_some_and(|due| due.timestamp() < now)
    }

    /// Whether the next target of an open ticket runs, and ends within `length`.
    pub fn is_due_within(&self, length: SignedDuration, now: Timestamp) -> bool {
        let stopped = self.status == Status::Pending && self.first_response_at.is_some();
        self.status.is_open()
            && !stopped
            && self.due_at.as_ref().is_some_and(|due| {
                let left = due.timestamp().duration_since(now);
                !left.is_negative() && left < length
            })
    }

    fn is_in(&self, view: QueueView, query: &QueueQuery, now: Timestamp) -> bool {
        let open = self.status.is_open();
        match view {
            QueueView::Mine => open && self.assignee == query.login,
            QueueView::Team => open && query.teams.contains(&self.team),
            QueueView::Unassigned => open && self.assignee.is_empty(),
            QueueView::Waiting => matches!(self.status, Status::Pending | Status::Resolved),
            QueueView::Overdue => self.is_overdue(now),
            QueueView::Open => open,
            QueueView::All => true,
        }
    }

    fn passes(&self, query: &QueueQuery, now: Timestamp) -> bool {
        let same = |wanted: &String, own: &String| wanted.is_empty() || wanted == own;
        same(&query.kind, &self.kind)
            && same(&query.urgency, &self.urgency)
            && same(&query.team, &self.team)
            && same(&query.assignee, &self.assignee)
            && (query.status.is_empty() || query.status.contains(&self.status))
            && query.waiting_on.is_none_or(|on| self.status == Status::Pending && self.pending_on == Some(on))
            && query.due_within.is_none_or(|length| self.is_due_within(length, now))
    }
}

/// The page of `query` out of all tickets, each with its searchable text.
pub(super) fn page<'a>(
    all: impl Iterator<Item = (&'a Summary, &'a str)>,
    query: &QueueQuery,
    now: Timestamp,
) -> QueuePage {
    let folded = fold(&query.text);
    let words: Vec<_> = folded.split_whitespace().map(memchr::memmem::Finder::new).collect();
    let mut counts = QueueCounts::default();
    let mut found: Vec<&Summary> = Vec::new();
    for (summary, text) in all {
        count(&mut counts, summary, query, now);
        if summary.is_in(query.view, query, now)
            && summary.passes(query, now)
            && words.iter().all(|word| word.find(text.as_bytes()).is_some())
        {
            found.push(summary);
        }
    }
    let total = found.len();
    let time = |moment: &Option<Moment>| moment.as_ref().map(Moment::timestamp);
    match query.sort {
        QueueSort::Due => found.sort_by_key(|it| (time(&it.due_at).unwrap_or(Timestamp::MAX), it.id)),
        QueueSort::Newest => found.sort_by_key(|it| Reverse(it.id)),
        QueueSort::Oldest => found.sort_by_key(|it| it.id),
        QueueSort::Updated => found.sort_by_key(|it| Reverse((time(&it.updated_at), it.id))),
        QueueSort::Urgency => found.sort_by_key(|it| {
            let rank = query.urgencies.iter().position(|key| *key == it.urgency).unwrap_or(usize::MAX);
            (rank, time(&it.due_at).unwrap_or(Timestamp::MAX), it.id)
        }),
    }
    let rows = found.into_iter().skip(query.offset).take(query.limit).cloned().collect();
    QueuePage { rows, total, counts }
}

fn count(counts: &mut QueueCounts, summary: &Summary, query: &QueueQuery, now: Timestamp) {
    let one = |view| usize::from(summary.is_in(view, query, now));
    counts.mine += one(QueueView::Mine);
    counts.team += one(QueueView::Team);
    counts.unassigned += one(QueueView::Unassigned);
    counts.waiting += one(QueueView::Waiting);
    counts.overdue += one(QueueView::Overdue);
    counts.open += one(QueueView::Open);
    counts.all += 1;
}

/// Characters of a ticket that the search looks at.
const MAX_TEXT: usize = 8_000;

/// What a ticket is found by.
pub(super) fn searchable(ticket: &Ticket) -> String {
    let mut text = String::new();
    let id = ticket.id.to_string();
    let requester = &ticket.requester;
    let words = [&id, &ticket.title, &requester.name, &requester.department, &requester.contact, &requester.account];
    let own = ticket.fields.values();
    let more = [&ticket.assignee, &ticket.trigger, &ticket.steps_tried, &ticket.body];
    let thread = ticket.history.iter().map(|entry| &entry.note);
    let files = ticket.attachments.iter().map(|file| &file.name);
    for part in words.into_iter().chain(own).chain(more).chain(thread).chain(files).filter(|part| !part.is_empty()) {
        text.push_str(part);
        text.push('\n');
        if text.len() > MAX_TEXT * 3 {
            break;
        }
    }
    let mut folded = fold(&text);
    if let Some((end, _)) = folded.char_indices().nth(MAX_TEXT) {
        folded.truncate(end);
    }
    folded.shrink_to_fit();
    folded
}

/// Full width, compatibility forms and case do not matter.
fn fold(text: &str) -> String {
    match text.is_ascii() {
        true => text.to_ascii_lowercase(),
        false => text.nfkc().flat_map(char::to_lowercase).collect(),
    }
}

/// The word for a row's state: what a pending one waits for.
pub fn state_name(status: Status, pending_on: Option<PendingOn>, lang: &str) -> &'static str {
    let (zh, en) = match (status, pending_on) {
        (Status::Pending, Some(PendingOn::Requester)) => ("待补充", "Waiting for requester"),
        (Status::Pending, Some(PendingOn::Approval)) => ("待审批", "Waiting for approval"),
        (Status::Pending, Some(PendingOn::Supplier)) => ("待供应商", "Waiting for supplier"),
        _ => return status.name(lang),
    };
    if lang == "zh" { zh } else { en }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ticket::tests::sample;

    fn row(id: &str, change: impl FnOnce(&mut Ticket)) -> (Summary, String) {
        let mut ticket = sample();
        ticket.id = id.parse().unwrap();
        change(&mut ticket);
        (Summary::from(&ticket), searchable(&ticket))
    }

    fn ask(rows: &[(Summary, String)], query: &QueueQuery) -> Vec<String> {
        let now = "2026-11-24T08:00:00+08:00".parse::<Moment>().unwrap().timestamp();
        let query = QueueQuery { limit: 50, ..query.clone() };
        let page = page(rows.iter().map(|(summary, text)| (summary, text.as_str())), &query, now);
        assert_eq!(page.counts.all, rows.len());
        page.rows.iter().map(|row| row.id.to_string()[12..].to_owned()).collect()
    }

    #[test]
    fn views_filters_order_and_words() {
        let at = |text: &str| Some(format!("2026-11-{text}:00+08:00").parse::<Moment>().unwrap());
        let rows = [
            row("TS202611230001", |it| {
                it.due_at = at("25T09:00");
                it.requester.contact = "１３８００１３８０００".into();
            }),
            row("TS202611230002", |it| {
                it.status = Status::InProgress;
                it.assignee = "li".into();
                it.due_at = at("23T10:00");
            }),
            row("TS202611230003", |it| {
                it.status = Status::Pending;
                it.assignee = "li".into();
                it.first_response_at = at("23T09:30");
                it.due_at = at("23T10:00");
                it.urgency = "urgent".into();
            }),
            row("TS202611230004", |it| it.status = Status::Closed),
        ];
        let query = QueueQuery {
            login: "li".into(),
            teams: vec!["application".into()],
            urgencies: vec!["urgent".into(), "important".into()],
            ..QueueQuery::default()
        };
        let view = |view| ask(&rows, &QueueQuery { view, ..query.clone() });
        assert_eq!(view(QueueView::Mine), ["02", "03"]);
        assert_eq!(view(QueueView::Team), ["02", "03", "01"]);
        assert_eq!(view(QueueView::Unassigned), ["01"]);
        assert_eq!(view(QueueView::Overdue), ["02"], "the clock of a waiting ticket stands still");
        assert_eq!(view(QueueView::Waiting), ["03"]);
        assert_eq!(view(QueueView::All).len(), 4);
        let by_urgency = QueueQuery { sort: QueueSort::Urgency, ..query.clone() };
        assert_eq!(ask(&rows, &by_urgency), ["03", "02", "01"]);
        let words = |text: &str| ask(&rows, &QueueQuery { text: text.into(), view: QueueView::All, ..query.clone() });
        assert_eq!(words("13800138000"), ["01"]);
        assert_eq!(words("vpn 张三").len(), 4);
        assert_eq!(words("ts202611230004 vpn"), ["04"]);
        assert!(words("打印机").is_empty());
    }
}
