//! `GET /desk`: the queue.

use std::collections::BTreeMap;

use axum::extract::{Query, State};
use axum::response::Response;

use super::controls::options;
use super::people::People;
use super::who::Staff;
use super::words::{pick, status, team_name, type_name, urgency};
use super::{Page, due};
use crate::config::Localized;
use crate::site::context::desk::{DeskFigure, DeskLink, DeskQueue, DeskRow};
use crate::site::context::{ChoiceOption, Pair};
use crate::ticket::queue::{QueuePage, QueueQuery, QueueSort, QueueView};
use crate::ticket::{Actor, Summary};
use crate::web::error::WebError;
use crate::web::{App, url};

/// Tickets on one page.
const PER_PAGE: usize = 50;
/// The value of `due` in addresses: what is due within the hour.
const SOON: &str = "soon";
/// Pages that can be asked for.
const DEEPEST: usize = 10_000;

pub(super) async fn show(
    State(app): State<App>,
    staff: Staff,
    Query(parameters): Query<BTreeMap<String, String>>,
) -> Result<Response, WebError> {
    let page = Page::new(&app, &staff.0);
    let now = page.now.timestamp();
    let mut question = Question::read(&parameters, &page.viewer.actor);
    let urgencies = page.snapshot.config.urgencies.iter().map(|urgency| urgency.key.clone()).collect();
    question.query.urgencies = urgencies;
    let mut found = app.tickets.page(question.query.clone(), now).await.map_err(super::failed)?;
    let pages = found.total.div_ceil(PER_PAGE).max(1);
    if question.number > pages {
        question.turn_to(pages);
        found = app.tickets.page(question.query.clone(), now).await.map_err(super::failed)?;
    }
    let (today, zone) = (page.now.date(), page.now.time_zone().clone());
    let mut near = [0, 0];
    let near = {
        let look = move |ticket: &Summary| {
            let is_today = ticket.created_at.as_ref().is_some_and(|at| at.in_zone(&zone).date() == today);
            Some((due::is_soon(ticket, now), is_today)).filter(|(soon, is_today)| *soon || *is_today)
        };
        for (soon, is_today) in app.tickets.gather(look).await.map_err(super::failed)? {
            near[0] += usize::from(soon);
            near[1] += usize::from(is_today);
        }
        near
    };
    let broken = app.tickets.broken().await.map_err(super::failed)?;
    let people = super::people_of(&app).await?;
    let mut context = queue(&page, &question, &found, &people);
    context.figures = figures(&page, &found, near);
    context.desk = page.desk("queue", &parameters);
    let root = &page.snapshot.config.root;
    let file = |path: &std::path::Path| path.strip_prefix(root).unwrap_or(path).display().to_string();
    context.broken = broken.into_iter().map(|(path, why)| Pair { label: file(&path), value: why }).collect();
    page.render("desk_queue.html", pick(&page.viewer.lang, "工单队列", "Queue"), "", &context)
}

/// What is asked of the queue.
struct Question {
    query: QueueQuery,
    /// The page, from 1.
    number: usize,
}

impl Question {
    /// Reads the parameters of an address; what has no meaning is left out.
    fn read(parameters: &BTreeMap<String, String>, actor: &Actor) -> Self {
        let text = |name: &str| {
            let value = parameters.get(name).map_or("", |value| value.trim());
            value[..value.floor_char_boundary(300)].to_owned()
        };
        let usual = if actor.teams.is_empty() { QueueView::Open } else { QueueView::Team };
        let query = QueueQuery {
            view: QueueView::from_key(&text("view")).unwrap_or(usual),
            login: actor.account.clone(),
            teams: actor.teams.clone(),
            text: text("q"),
            kind: text("type"),
            urgency: text("urgency"),
            team: text("team"),
            assignee: text("assignee"),
            due_within: (text("due") == SOON).then_some(due::SOON),
            sort: QueueSort::from_key(&text("sort")).unwrap_or_default(),
            limit: PER_PAGE,
            ..Default::default()
        };
        let mut question = Self { query, number: 1 };
        question.turn_to(text("page").parse().unwrap_or(1));
        question
    }

    fn turn_to(&mut self, number: usize) {
        self.number = number.clamp(1, DEEPEST);
        self.query.offset = (self.number - 1) * PER_PAGE;
    }

    /// Whether anything but the view narrows the list.
    fn is_filtered(&self) -> bool {
        let query = &self.query;
        let texts = [&query.text, &query.kind, &query.urgency, &query.team, &query.assignee];
        query.due_within.is_some() || texts.iter().any(|value| !value.is_empty())
    }

    /// The query string of a page of this question, in a view.
    fn address(&self, view: QueueView, number: usize) -> String {
        let query = &self.query;
        let mut address = format!("?view={}", view.key());
        let filters = [
            ("q", &query.text),
            ("type", &query.kind),
            ("urgency", &query.urgency),
            ("team", &query.team),
            ("assignee", &query.assignee),
        ];
        for (name, value) in filters.into_iter().filter(|(_, value)| !value.is_empty()) {
            address.push_str(&format!("&{name}={}", url::encode(value)));
        }
        if query.due_within.is_some() {
            address.push_str(&format!("&due={SOON}"));
        }
        if query.sort != QueueSort::default() {
            address.push_str(&format!("&sort={}", query.sort.key()));
        }
        if number > 1 {
            address.push_str(&format!("&page={number}"));
        }
        address
    }
}

fn queue(page: &Page, question: &Question, found: &QueuePage, people: &People) -> DeskQueue {
    let (config, lang) = (&*page.snapshot.config, page.viewer.lang.as_str());
    let query = &question.query;
    let pages = found.total.div_ceil(PER_PAGE).max(1);
    let number = question.number;
    let at = |number: usize| page.url(&question.address(query.view, number));
    let views = QueueView::ALL.into_iter().map(|view| DeskLink {
        key: view.key().to_owned(),
        name: view_name(view, lang).to_owned(),
        url: page.url(&question.address(view, 1)),
        icon: view_icon(view),
        count: Some(found.counts.of(view)),
        current: view == query.view,
    });
    let sorts = QueueSort::ALL.map(|sort| (sort.key().to_owned(), sort_name(sort, lang).to_owned()));
    DeskQueue {
        views: views.collect(),
        view: query.view.key().to_owned(),
        query: query.text.clone(),
        types: choices(config.types.iter().map(|kind| (&kind.key, &kind.name)), &query.kind, lang),
        urgencies: choices(config.urgencies.iter().map(|one| (&one.key, &one.name)), &query.urgency, lang),
        teams: choices(config.teams.iter().map(|team| (&team.key, &team.name)), &query.team, lang),
        assignees: options(people.staff(config, lang), &query.assignee),
        dues: options(
            vec![(SOON.to_owned(), pick(lang, "1 小时内到期", "Due within the hour").to_owned())],
            if query.due_within.is_some() { SOON } else { "" },
        ),
        sorts: options(sorts.to_vec(), query.sort.key()),
        filtered: question.is_filtered(),
        clear_url: page.url(&format!("?view={}", query.view.key())),
        rows: found.rows.iter().map(|ticket| row(page, ticket, people)).collect(),
        total: found.total,
        number,
        pages,
        previous_url: if number > 1 { at(number - 1) } else { String::new() },
        next_url: if number < pages { at(number + 1) } else { String::new() },
        here: at(number),
        ..Default::default()
    }
}

fn row(page: &Page, ticket: &Summary, people: &People) -> DeskRow {
    let (config, lang, now) = (&*page.snapshot.config, page.viewer.lang.as_str(), &page.now);
    DeskRow {
        id: ticket.id.to_string(),
        url: page.url(&format!("/tickets/{}", ticket.id)),
        title: ticket.title.clone(),
        requester: ticket.requester.clone(),
        department: ticket.department.clone(),
        type_name: type_name(config, &ticket.kind, lang),
        urgency: urgency(config, &ticket.urgency, lang),
        status: status(ticket.status, ticket.pending_on, lang),
        assignee: if ticket.assignee.is_empty() { String::new() } else { people.name(&ticket.assignee) },
        team: team_name(config, &ticket.team, lang),
        due: due::of(ticket, now, lang),
        created: ticket.created_at.as_ref().map(|at| due::absolute(at, now)).unwrap_or_default(),
    }
}

fn figures(page: &Page, found: &QueuePage, near: [usize; 2]) -> Vec<DeskFigure> {
    let figure = |value: usize, zh, en, url: &str, tone| DeskFigure {
        value: value.to_string(),
        label: pick(&page.viewer.lang, zh, en).to_owned(),
        note: String::new(),
        url: page.url(url),
        tone: if value > 0 { tone } else { "" },
    };
    vec![
        figure(found.counts.open, "待处理", "Open", "?view=open", ""),
        figure(near[0], "1 小时内到期", "Due within the hour", "?view=open&due=soon", "warning"),
        figure(found.counts.overdue, "已逾期", "Overdue", "?view=overdue", "error"),
        figure(near[1], "今天新提交", "Raised today", "?view=all&sort=newest", ""),
    ]
}

fn choices<'a>(all: impl Iterator<Item = (&'a String, &'a Localized)>, chosen: &str, lang: &str) -> Vec<ChoiceOption> {
    options(all.map(|(key, name)| (key.clone(), name.get(lang).to_owned())).collect(), chosen)
}

fn view_name(view: QueueView, lang: &str) -> &'static str {
    let (zh, en) = match view {
        QueueView::Mine => ("我的", "Mine"),
        QueueView::Team => ("本组", "My team"),
        QueueView::Unassigned => ("未分派", "Unassigned"),
        QueueView::Waiting => ("等待中", "Waiting"),
        QueueView::Overdue => ("已逾期", "Overdue"),
        QueueView::Open => ("全部待处理", "All open"),
        QueueView::All => ("全部", "All"),
    };
    pick(lang, zh, en)
}

fn view_icon(view: QueueView) -> &'static str {
    match view {
        QueueView::Mine => "user",
        QueueView::Team => "users",
        QueueView::Unassigned => "circle-help",
        QueueView::Waiting => "clock",
        QueueView::Overdue => "octagon-alert",
        QueueView::Open => "list",
        QueueView::All => "archive",
    }
}

fn sort_name(sort: QueueSort, lang: &str) -> &'static str {
    let (zh, en) = match sort {
        QueueSort::Due => ("按期限", "By due time"),
        QueueSort::Newest => ("最新提交", "Newest first"),
        QueueSort::Oldest => ("最早提交", "Oldest first"),
        QueueSort::Updated => ("最近更新", "Last changed"),
        QueueSort::Urgency => ("按紧急程度", "By urgency"),
    };
    pick(lang, zh, en)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ticket::Role;

    fn asked(pairs: &[(&str, &str)]) -> Question {
        let parameters = pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        let teams = vec!["desktop".to_owned()];
        let actor =
            Actor {
                account: "wang".to_owned(), name: "王芳".to_owned(), role: Role::Agent, teams, ..Actor::system()
            };
        Question::read(&parameters, &actor)
    }

    #[test]
    fn a_question_survives_its_address() {
        let pairs = [
            ("view", "overdue"),
            ("q", "打印 & 机"),
            ("team", "network"),
            ("due", "soon"),
            ("sort", "urgency"),
            ("page", "3"),
        ];
        let question = asked(&pairs);
        assert!(question.query.due_within.is_some());
        let address = question.address(question.query.view, question.number);
        let sent = address.trim_start_matches('?').split('&').filter_map(|pair| pair.split_once('='));
        let sent: Vec<_> = sent.map(|(name, value)| (name, url::decode_path(value).unwrap())).collect();
        let again = asked(&sent.iter().map(|(name, value)| (*name, value.as_str())).collect::<Vec<_>>());
        assert_eq!(again.address(again.query.view, again.number), address);
        assert_eq!((again.query.text.as_str(), again.query.offset, again.is_filtered()), ("打印 & 机", 100, true));
    }

    #[test]
    fn what_has_no_meaning_is_left_out() {
        let question = asked(&[("view", "no such"), ("sort", "up"), ("page", "-1")]);
        assert_eq!((question.query.view, question.query.sort), (QueueView::Team, QueueSort::Due));
        assert_eq!((question.number, question.is_filtered()), (1, false));
        assert_eq!(asked(&[("page", "99999999")]).number, DEEPEST);
    }
}
