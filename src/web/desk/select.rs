//! Which tickets the queue shows, in which order. Pure: summaries in, summaries out.

use std::collections::BTreeMap;

use jiff::Timestamp;

use super::{due, words};
use crate::config::Config;
use crate::ticket::{Actor, Status, Summary};
use crate::web::url;

/// A saved view.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum View {
    Mine,
    Team,
    Unassigned,
    Waiting,
    Overdue,
    All,
    Done,
}

impl View {
    pub(super) const ALL: [Self; 7] =
        [Self::Mine, Self::Team, Self::Unassigned, Self::Waiting, Self::Overdue, Self::All, Self::Done];

    pub(super) fn key(self) -> &'static str {
        match self {
            Self::Mine => "mine",
            Self::Team => "team",
            Self::Unassigned => "unassigned",
            Self::Waiting => "waiting",
            Self::Overdue => "overdue",
            Self::All => "all",
            Self::Done => "done",
        }
    }

    fn from_key(key: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|view| view.key() == key)
    }

    /// Whether a ticket belongs to this view of `actor`.
    pub(super) fn holds(self, ticket: &Summary, actor: &Actor, now: Timestamp) -> bool {
        let open = ticket.status.is_open();
        match self {
            Self::Mine => open && !actor.account.is_empty() && ticket.assignee == actor.account,
            Self::Team => open && actor.in_team(&ticket.team),
            Self::Unassigned => open && ticket.assignee.is_empty(),
            Self::Waiting => ticket.status == Status::Pending,
            Self::Overdue => due::is_late(ticket.status, ticket.due_at.as_ref(), now),
            Self::All => open,
            Self::Done => !open,
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Sort {
    Due,
    Created,
    Urgency,
}

impl Sort {
    pub(super) const ALL: [Self; 3] = [Self::Due, Self::Created, Self::Urgency];

    pub(super) fn key(self) -> &'static str {
        match self {
            Self::Due => "due",
            Self::Created => "created",
            Self::Urgency => "urgency",
        }
    }
}

/// What is asked of the queue.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Question {
    pub(super) view: View,
    pub(super) query: String,
    pub(super) kind: String,
    pub(super) urgency: String,
    pub(super) team: String,
    pub(super) assignee: String,
    pub(super) sort: Sort,
    /// From 1.
    pub(super) page: usize,
}

impl Question {
    /// Reads the parameters of an address; what has no meaning is left out.
    pub(super) fn read(parameters: &BTreeMap<String, String>, actor: &Actor) -> Self {
        let text = |name: &str| {
            let value = parameters.get(name).map_or("", |value| value.trim());
            value[..value.floor_char_boundary(300)].to_owned()
        };
        let usual = if actor.teams.is_empty() { View::All } else { View::Team };
        Self {
            view: View::from_key(&text("view")).unwrap_or(usual),
            query: text("q"),
            kind: text("type"),
            urgency: text("urgency"),
            team: text("team"),
            assignee: text("assignee"),
            sort: Sort::ALL.into_iter().find(|sort| sort.key() == text("sort")).unwrap_or(Sort::Due),
            page: text("page").parse().unwrap_or(1).clamp(1, 100_000),
        }
    }

    /// Whether anything but the view narrows the list.
    pub(super) fn is_filtered(&self) -> bool {
        [&self.query, &self.kind, &self.urgency, &self.team, &self.assignee].iter().any(|value| !value.is_empty())
    }

    /// The query string of this question, its page as given.
    pub(super) fn address(&self, page: usize) -> String {
        let mut address = format!("?view={}", self.view.key());
        let filters = [
            ("q", &self.query),
            ("type", &self.kind),
            ("urgency", &self.urgency),
            ("team", &self.team),
            ("assignee", &self.assignee),
        ];
        for (name, value) in filters.into_iter().filter(|(_, value)| !value.is_empty()) {
            address.push_str(&format!("&{name}={}", url::encode(value)));
        }
        if self.sort != Sort::Due {
            address.push_str(&format!("&sort={}", self.sort.key()));
        }
        if page > 1 {
            address.push_str(&format!("&page={page}"));
        }
        address
    }

    /// Whether the filters let a ticket through. The view and the search are not asked here. The owner `-` stands for
    /// nobody.
    pub(super) fn lets(&self, ticket: &Summary) -> bool {
        let fits = |wanted: &str, value: &str| wanted.is_empty() || wanted == value;
        fits(&self.kind, &ticket.kind)
            && fits(&self.urgency, &ticket.urgency)
            && fits(&self.team, &ticket.team)
            && (fits(&self.assignee, &ticket.assignee) || self.assignee == "-" && ticket.assignee.is_empty())
    }

    /// Puts tickets into the order that was asked for. Tickets that wait come after those whose clock runs, ended ones
    /// last, the newest first.
    pub(super) fn order(&self, tickets: &mut [&Summary], config: &Config) {
        let class = |ticket: &Summary| match ticket.status {
            status if !status.is_open() => 2,
            Status::Pending => 1,
            _ => 0,
        };
        // No target is later than any.
        let due = |ticket: &Summary| match &ticket.due_at {
            Some(due) if ticket.status.is_open() => due.timestamp(),
            _ => Timestamp::MAX,
        };
        let newest = |ticket: &Summary| std::cmp::Reverse(ticket.id);
        match self.sort {
            Sort::Due => tickets.sort_by_cached_key(|ticket| (class(ticket), due(ticket), newest(ticket))),
            Sort::Created => tickets.sort_by_cached_key(|ticket| newest(ticket)),
            Sort::Urgency => {
                let rank = |ticket: &Summary| words::urgency_rank(config, &ticket.urgency);
                tickets.sort_by_cached_key(|ticket| (class(ticket), rank(ticket), due(ticket), newest(ticket)));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ticket::{Moment, Role, TicketId};

    fn ticket(number: u32, change: impl FnOnce(&mut Summary)) -> Summary {
        let id: TicketId = format!("TS20261123{number:04}").parse().unwrap();
        let text = format!("---\nid: {id}\ntype: software\nurgency: normal\nstatus: new\nteam: desktop\n---\n");
        let yaml = text.trim_matches('-').trim();
        let ticket: crate::ticket::Ticket = serde_yaml::from_str(yaml).unwrap();
        let mut summary = Summary::from(&ticket);
        change(&mut summary);
        summary
    }

    fn at(hour: u32) -> Option<Moment> {
        format!("2026-11-23T{hour:02}:00:00+08:00").parse().ok()
    }

    fn agent() -> Actor {
        let teams = vec!["desktop".to_owned()];
        Actor { account: "wang".to_owned(), name: "王芳".to_owned(), role: Role::Agent, teams }
    }

    fn asked(pairs: &[(&str, &str)]) -> Question {
        let parameters = pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        Question::read(&parameters, &agent())
    }

    #[test]
    fn views_hold_what_their_names_say() {
        let now: Timestamp = "2026-11-23T04:00:00Z".parse().unwrap();
        let mine = ticket(1, |it| it.assignee = "wang".to_owned());
        let late = ticket(2, |it| (it.team, it.due_at) = ("network".to_owned(), at(11)));
        let waiting = ticket(3, |it| (it.status, it.due_at) = (Status::Pending, at(11)));
        let done = ticket(4, |it| it.status = Status::Closed);
        let held = |ticket: &Summary| {
            let holds = |view: &View| view.holds(ticket, &agent(), now);
            View::ALL.into_iter().filter(holds).map(View::key).collect::<Vec<_>>()
        };
        assert_eq!(held(&mine), ["mine", "team", "all"]);
        assert_eq!(held(&late), ["unassigned", "overdue", "all"]);
        assert_eq!(held(&waiting), ["team", "unassigned", "waiting", "all"]);
        assert_eq!(held(&done), ["done"]);
    }

    #[test]
    fn the_next_target_comes_first_and_what_waits_last() {
        let config = Config::parse(std::path::Path::new("/nowhere"), "title = 'x'").unwrap();
        let waiting = ticket(1, |it| (it.status, it.due_at) = (Status::Pending, at(1)));
        let later = ticket(2, |it| it.due_at = at(9));
        let sooner = ticket(3, |it| it.due_at = at(8));
        let without = ticket(4, |it| it.urgency = "urgent".to_owned());
        let order = |question: &Question| {
            let mut tickets = vec![&waiting, &later, &sooner, &without];
            question.order(&mut tickets, &config);
            tickets.iter().map(|ticket| ticket.id.to_string().split_off(13)).collect::<Vec<_>>().join("")
        };
        assert_eq!(order(&asked(&[])), "3241");
        assert_eq!(order(&asked(&[("sort", "created")])), "4321");
        assert_eq!(order(&asked(&[("sort", "urgency")])), "4321");
    }

    #[test]
    fn a_question_survives_its_address() {
        let question = asked(&[("view", "overdue"), ("q", "打印 & 机"), ("team", "network"), ("page", "3")]);
        let address = question.address(question.page);
        let pairs = address.trim_start_matches('?').split('&').filter_map(|pair| pair.split_once('='));
        let again = pairs.map(|(name, value)| (name.to_owned(), url::decode_path(value).unwrap())).collect();
        assert_eq!(Question::read(&again, &agent()), question);
        assert!(question.is_filtered() && !asked(&[("view", "no such")]).is_filtered());
        assert_eq!(asked(&[("view", "no such")]).view, View::Team);
        assert!(asked(&[("assignee", "-")]).lets(&ticket(1, |_| {})));
        assert!(!asked(&[("assignee", "li")]).lets(&ticket(1, |_| {})));
    }
}
