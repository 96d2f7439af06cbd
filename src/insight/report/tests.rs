use jiff::civil::date;

use super::*;
use crate::ticket::sla::Targets;
use crate::ticket::{HistoryEntry, Moment, Rating, Status, Ticket};

fn config() -> Config {
    Config::parse(std::path::Path::new("/x"), "title = \"x\"").unwrap()
}

fn at(text: &str) -> Moment {
    format!("2026-{text}:00+08:00").parse().unwrap()
}

fn now() -> Timestamp {
    at("11-30T12:00").timestamp()
}

/// A ticket filed then, answered and solved then; empty for "not yet". An hour for the answer, eight for the solution.
fn line(team: &str, agent: &str, filed: &str, answered: &str, solved: &str, change: impl FnOnce(&mut Ticket)) -> Line {
    let moment = |text: &str| (!text.is_empty()).then(|| at(text));
    let mut ticket: Ticket = serde_json::from_value(serde_json::json!({ "id": "TS202611230001" })).unwrap();
    ticket.kind = "software".to_owned();
    ticket.urgency = "important".to_owned();
    (ticket.team, ticket.assignee) = (team.to_owned(), agent.to_owned());
    ticket.created_at = moment(filed);
    ticket.first_response_at = moment(answered);
    ticket.resolved_at = moment(solved);
    ticket.status = if solved.is_empty() { Status::Accepted } else { Status::Closed };
    change(&mut ticket);
    let config = config();
    Line::of(&ticket, &Targets::of(&config, &ticket.urgency), &config.time_zone, now())
}

fn range() -> Range {
    Range { from: date(2026, 10, 1), to: date(2026, 11, 30) }
}

fn report(lines: &[Line]) -> Report {
    let mut names = Names::of(&config(), "zh");
    names.agents.insert("li".to_owned(), "李雷".to_owned());
    figures(lines, range(), now(), &names, None)
}

fn rated(solved: bool, speed: Option<u8>) -> Option<Rating> {
    Some(Rating { solved, speed, attitude: Some(5), skill: None, result: None, comment: String::new() })
}

#[test]
fn the_figures_of_a_few_tickets_are_those_counted_by_hand() {
    let reopened = |ticket: &mut Ticket| {
        let entry =
            |time: &str, action: &str| HistoryEntry { at: at(time), action: action.to_owned(), ..Default::default() };
        ticket.history =
            vec![entry("11-03T11:00", "resolve"), entry("11-04T10:00", "reopen"), entry("11-04T11:00", "resolve")];
        ticket.rating = rated(false, Some(2));
    };
    let lines = [
        // Before the range, still open: it counts for the queue alone.
        line("network", "", "09-28T10:00", "", "", |_| {}),
        // Filed in September, solved in October: it counts for what was solved.
        line("desktop", "li", "09-29T10:00", "09-29T10:30", "10-09T10:00", |t| t.rating = rated(true, Some(4))),
        // Tuesday 3 November: answered after 30 min; solved after 2 h, reopened, solved after another.
        line("desktop", "li", "11-03T09:00", "11-03T09:30", "11-04T11:00", reopened),
        // Answered after two hours, which is late; not solved.
        line("desktop", "han", "11-03T09:00", "11-03T11:00", "", |_| {}),
        // Nobody answered, and it was cancelled: there is nothing to judge.
        line("desktop", "", "11-03T09:00", "", "", |ticket| {
            ticket.status = Status::Cancelled;
            ticket.closed_at = Some(at("11-03T09:10"));
        }),
        // Filed after the range.
        line("desktop", "li", "12-01T09:00", "", "", |_| {}),
    ];
    let report = report(&lines);
    let total = &report.total;
    assert_eq!((total.filed, total.solved, total.open), (3, 2, 2));
    assert_eq!(total.first_response, Spread { count: 2, median: Some(1_800), p90: Some(7_200) });
    assert_eq!(total.first_response_met, Share { count: 1, of: 2 });
    assert_eq!((total.resolution.count, total.resolution.median), (2, Some(3 * 3_600)));
    assert_eq!(total.resolve_met, Share { count: 1, of: 2 });
    assert_eq!(total.reopened, Share { count: 1, of: 2 });
    assert_eq!(total.satisfaction.solved, Share { count: 1, of: 2 });
    assert_eq!((total.satisfaction.speed, total.satisfaction.skill), (Some(3.0), None));
    let months: Vec<_> = report
        .months
        .iter()
        .map(|row| (row.key.as_str(), row.figures.filed, row.figures.solved, row.figures.open))
        .collect();
    assert_eq!(months, [("2026-10", 0, 1, 1), ("2026-11", 3, 1, 2)]);
    let agents: Vec<_> =
        report.agents.iter().map(|row| (row.name.as_str(), row.figures.filed, row.figures.open)).collect();
    assert_eq!(agents, [("李雷", 1, 0), ("", 1, 1), ("han", 1, 1)]);
    assert_eq!((report.teams[0].name.as_str(), report.types[0].name.as_str()), ("桌面支持组", "软件异常"));
}

#[test]
fn a_late_answer_is_told_before_it_comes_and_a_line_does_not_grow_old() {
    let waiting = line("desktop", "", "11-30T09:00", "", "", |_| {});
    let at_time = |text: &str| figures([&waiting], range(), at(text).timestamp(), &Names::default(), None).total;
    assert_eq!(at_time("11-30T09:30").first_response_met, Share::default());
    assert_eq!(at_time("11-30T10:30").first_response_met, Share { count: 0, of: 1 });
}

#[test]
fn a_ticket_without_dates_is_counted_by_its_number() {
    let bare = line("", "", "", "", "", |_| {});
    assert_eq!((bare.filed_on, bare.solved_on), (date(2026, 11, 23), None));
    assert_eq!(report(&[bare]).total.filed, 1);
}

#[test]
fn every_way_of_showing_it_holds_together() {
    let lines = [line("desktop", "li", "11-03T09:00", "11-03T09:30", "11-03T11:00", |t| t.rating = rated(true, None))];
    let searches = SelfService {
        searches: 10,
        answered: 7,
        opened: 6,
        became_tickets: 1,
        found_nothing: vec![Question { query: "<b>会议室投屏</b>".to_owned(), times: 3 }],
    };
    let report = figures(&lines, range(), now(), &Names::of(&config(), "en"), Some(searches));
    for lang in ["zh", "en"] {
        let page = page(&report, lang);
        assert_eq!((page.tiles.len(), page.charts.len()), (8, 7));
        let ids: std::collections::BTreeSet<_> = page.charts.iter().map(|chart| &chart.id).collect();
        assert_eq!(ids.len(), page.charts.len());
        for table in page.charts.iter().map(|chart| &chart.table).chain(&page.tables).chain(&tables(&report, lang)) {
            assert!(table.rows.iter().all(|row| row.len() == table.head.len()), "{table:?}");
        }
        let shown = serde_json::to_string(&page).unwrap();
        assert!(shown.contains("70.0%") && shown.contains("会议室投屏"), "{shown}");
        assert!(page.charts.iter().all(|chart| !chart.svg.contains("<b>")));
        let text = text(&report, lang);
        assert!(text.contains("2026-10-01 – 2026-11-30") && text.contains("100%"), "{text}");
    }
    let csv = csv(&report);
    assert!(csv.contains("total,,,1,1,0,1800,1800,1,1,7200,7200,1,1,0,1,1,1,,5.00,,\r\n"), "{csv}");
    assert_eq!(csv.lines().count(), 1 + 1 + 2 + 1 + 1 + 1);
}
