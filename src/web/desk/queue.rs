//! `GET /desk`: the queue.

use std::collections::BTreeMap;

use axum::extract::{Query, State};
use axum::response::Response;
use jiff::Zoned;

use super::select::{Question, Sort, View};
use super::who::Staff;
use super::words::{pick, status, team_name, type_name, urgency};
use super::{Page, due, forms, people, search};
use crate::config::Config;
use crate::site::context::Pair;
use crate::site::context::desk::{DeskFigure, DeskLink, DeskQueue, DeskRow};
use crate::ticket::Summary;
use crate::web::App;
use crate::web::error::WebError;

/// Tickets on one page.
const PER_PAGE: usize = 50;

pub(super) async fn show(
    State(app): State<App>,
    staff: Staff,
    Query(parameters): Query<BTreeMap<String, String>>,
) -> Result<Response, WebError> {
    let page = Page::new(&app, &staff.0);
    let question = Question::read(&parameters, &page.viewer.actor);
    let tickets = app.tickets.list().await.map_err(super::failed)?;
    let found = search::find(&app, &question.query, &tickets).await?;
    let broken = app.tickets.broken().await.map_err(super::failed)?;
    let people = super::people_of(&app).await?;
    let mut context = queue(&page, &question, &tickets, found.as_ref(), &people);
    context.desk = page.desk("queue", &parameters);
    let root = &page.snapshot.config.root;
    let file = |path: &std::path::Path| path.strip_prefix(root).unwrap_or(path).display().to_string();
    context.broken = broken.into_iter().map(|(path, why)| Pair { label: file(&path), value: why }).collect();
    let title = pick(&page.viewer.lang, "工单队列", "Queue");
    page.render("desk_queue.html", title, "", &context)
}

fn queue(
    page: &Page,
    question: &Question,
    tickets: &[Summary],
    found: Option<&search::Found>,
    people: &people::People,
) -> DeskQueue {
    let (config, lang, now) = (&*page.snapshot.config, page.viewer.lang.as_str(), &page.now);
    let actor = &page.viewer.actor;
    let instant = now.timestamp();
    let mut counts = [0; View::ALL.len()];
    let mut chosen: Vec<&Summary> = Vec::new();
    for ticket in tickets {
        for (view, count) in View::ALL.into_iter().zip(&mut counts) {
            *count += usize::from(view.holds(ticket, actor, instant));
        }
        // A search looks everywhere the view does not exclude by its very name: open and ended alike.
        let held = question.view.holds(ticket, actor, instant) || found.is_some() && question.view == View::All;
        if held && question.lets(ticket) && found.is_none_or(|found| found.holds(ticket.id)) {
            chosen.push(ticket);
        }
    }
    question.order(&mut chosen, config);
    let total = chosen.len();
    let pages = total.div_ceil(PER_PAGE).max(1);
    let number = question.page.min(pages);
    let at = |number: usize| page.url(&question.address(number));
    let rows = chosen.iter().skip((number - 1) * PER_PAGE).take(PER_PAGE);
    let view_url = |view| page.url(&Question { view, page: 1, query: String::new(), ..question.clone() }.address(1));
    let views = View::ALL.into_iter().zip(counts).map(|(view, count)| DeskLink {
        key: view.key().to_owned(),
        name: view_name(view, lang).to_owned(),
        url: view_url(view),
        icon: view_icon(view),
        count: Some(count),
        current: view == question.view,
    });
    let plain = |view| page.url(&format!("?view={}", View::key(view)));
    let nobody = ("-".to_owned(), pick(lang, "未分派", "Nobody").to_owned());
    DeskQueue {
        figures: figures(page, tickets, plain),
        views: views.collect(),
        view: question.view.key().to_owned(),
        query: question.query.clone(),
        types: choices(config.types.iter().map(|kind| (&kind.key, &kind.name)), &question.kind, lang),
        urgencies: choices(config.urgencies.iter().map(|one| (&one.key, &one.name)), &question.urgency, lang),
        teams: choices(config.teams.iter().map(|team| (&team.key, &team.name)), &question.team, lang),
        assignees: forms::options(
            std::iter::once(nobody).chain(people.staff(config, lang)).collect(),
            &question.assignee,
        ),
        sorts: forms::options(
            Sort::ALL.map(|sort| (sort.key().to_owned(), sort_name(sort, lang).to_owned())).to_vec(),
            question.sort.key(),
        ),
        filtered: question.is_filtered(),
        clear_url: plain(question.view),
        rows: rows.map(|ticket| row(page, config, ticket, people, now)).collect(),
        total,
        number,
        pages,
        previous_url: if number > 1 { at(number - 1) } else { String::new() },
        next_url: if number < pages { at(number + 1) } else { String::new() },
        here: at(number),
        ..Default::default()
    }
}

fn row(page: &Page, config: &Config, ticket: &Summary, people: &people::People, now: &Zoned) -> DeskRow {
    let lang = page.viewer.lang.as_str();
    DeskRow {
        id: ticket.id.to_string(),
        url: page.url(&format!("/tickets/{}", ticket.id)),
        title: ticket.title.clone(),
        requester: ticket.requester.clone(),
        department: String::new(),
        type_name: type_name(config, &ticket.kind, lang),
        urgency: urgency(config, &ticket.urgency, lang),
        status: status(ticket.status, ticket.pending_on, lang),
        assignee: if ticket.assignee.is_empty() { String::new() } else { people.name(&ticket.assignee) },
        team: team_name(config, &ticket.team, lang),
        due: due::of(ticket.status, ticket.pending_on, ticket.due_at.as_ref(), now, lang),
        created: ticket.created_at.as_ref().map(|at| due::absolute(at, now)).unwrap_or_default(),
    }
}

fn figures(page: &Page, tickets: &[Summary], url: impl Fn(View) -> String) -> Vec<DeskFigure> {
    let (lang, now) = (page.viewer.lang.as_str(), &page.now);
    let instant = now.timestamp();
    let count = |test: &dyn Fn(&Summary) -> bool| tickets.iter().filter(|ticket| test(ticket)).count();
    let open = count(&|ticket| ticket.status.is_open());
    let soon = count(&|ticket| due::is_soon(ticket.status, ticket.due_at.as_ref(), instant));
    let late = count(&|ticket| due::is_late(ticket.status, ticket.due_at.as_ref(), instant));
    let today =
        count(&|ticket| ticket.created_at.as_ref().is_some_and(|at| at.in_zone(now.time_zone()).date() == now.date()));
    let figure = |value: usize, zh, en, url, tone| DeskFigure {
        value: value.to_string(),
        label: pick(lang, zh, en).to_owned(),
        note: String::new(),
        url,
        tone: if value > 0 { tone } else { "" },
    };
    vec![
        figure(open, "待处理", "Open", url(View::All), ""),
        figure(soon, "1 小时内到期", "Due within the hour", url(View::All), "warning"),
        figure(late, "已逾期", "Overdue", url(View::Overdue), "error"),
        figure(today, "今天新提交", "Raised today", page.url("?view=all&sort=created"), ""),
    ]
}

fn choices<'a>(
    all: impl Iterator<Item = (&'a String, &'a crate::config::Localized)>,
    chosen: &str,
    lang: &str,
) -> Vec<crate::site::context::ChoiceOption> {
    forms::options(all.map(|(key, name)| (key.clone(), name.get(lang).to_owned())).collect(), chosen)
}

fn view_name(view: View, lang: &str) -> &'static str {
    let (zh, en) = match view {
        View::Mine => ("我的", "Mine"),
        View::Team => ("本组", "My team"),
        View::Unassigned => ("未分派", "Unassigned"),
        View::Waiting => ("等待中", "Waiting"),
        View::Overdue => ("已逾期", "Overdue"),
        View::All => ("全部待处理", "All open"),
        View::Done => ("已结束", "Done"),
    };
    pick(lang, zh, en)
}

fn view_icon(view: View) -> &'static str {
    match view {
        View::Mine => "user",
        View::Team => "users",
        View::Unassigned => "circle-help",
        View::Waiting => "clock",
        View::Overdue => "octagon-alert",
        View::All => "list",
        View::Done => "archive",
    }
}

fn sort_name(sort: Sort, lang: &str) -> &'static str {
    let (zh, en) = match sort {
        Sort::Due => ("按期限", "By due time"),
        Sort::Created => ("按提交时间", "Newest first"),
        Sort::Urgency => ("按紧急程度", "By urgency"),
    };
    pick(lang, zh, en)
}
