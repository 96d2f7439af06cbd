//! What a notice is made from.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::ticket::{Moment, Occasion, TicketId};

/// Characters of the public words that a notice carries; the rest is behind the link.
const LONGEST_TEXT: usize = 4_000;

/// What happened, as much of it as a notice may say. It lies in the outbox until everybody was told.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Event {
    /// See [`Event::new_id`]. Letters, digits, `-` and `_`: it names a file.
    #[serde(rename = "event_id")]
    pub id: String,
    pub occasion: Occasion,
    pub at: Timestamp,
    pub ticket: TicketFacts,
    /// The public words of the step: the reply, the question, the solution. Only the mail to a person carries them.
    #[serde(default)]
    pub text: String,
    /// Who gets a mail; the webhooks follow from `site.toml`.
    #[serde(default)]
    pub people: Vec<Person>,
}

impl Event {
    /// The id of the event that the history entry `index` (from 0) of a ticket stands for: the same for every try to
    /// write that entry, another one for another step that lost the race for the same place.
    pub fn new_id(ticket: TicketId, index: usize, occasion: Occasion, at: Timestamp, text: &str) -> String {
        let print = blake3::hash(format!("{at}\n{text}").as_bytes()).to_hex();
        format!("{ticket}-{index}-{}-{}", occasion.key(), &print[..8])
    }

    /// Whether the id can name a file and a header.
    pub(super) fn is_id(text: &str) -> bool {
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
        (1..=120).contains(&text.len()) && text.bytes().all(plain)
    }

    /// The event with no more text than a notice needs.
    pub(super) fn bounded(&self) -> Self {
        let mut event = self.clone();
        if let Some((end, _)) = event.text.char_indices().nth(LONGEST_TEXT) {
            event.text.truncate(end);
            event.text.push('…');
        }
        event
    }
}

/// A ticket at the time of an event.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TicketFacts {
    pub id: TicketId,
    #[serde(default)]
    pub title: String,
    /// The key of the request type.
    #[serde(default, rename = "type")]
    pub kind: String,
    /// A key, as the status is.
    #[serde(default)]
    pub urgency: String,
    #[serde(default)]
    pub status: String,
    /// The key of the team.
    #[serde(default)]
    pub team: String,
    /// The name people see.
    #[serde(default)]
    pub assignee: String,
    /// The name of who reported it.
    #[serde(default)]
    pub requester: String,
    #[serde(default)]
    pub lang: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub due_at: Option<Moment>,
    /// The requester's page, with its secret; may be empty.
    #[serde(default)]
    pub track_url: String,
    /// The desk's page.
    #[serde(default)]
    pub desk_url: String,
}

/// What somebody is to the ticket.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Audience {
    Requester,
    Assignee,
    /// The members of the ticket's team.
    Team,
    /// Who leads the ticket's team.
    Lead,
    Approver,
}

impl Audience {
    pub const ALL: [Self; 5] = [Self::Requester, Self::Assignee, Self::Team, Self::Lead, Self::Approver];

    pub fn key(self) -> &'static str {
        match self {
            Self::Requester => "requester",
            Self::Assignee => "assignee",
            Self::Team => "team",
            Self::Lead => "lead",
            Self::Approver => "approver",
        }
    }
}

/// Somebody to be told.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Person {
    pub audience: Audience,
    pub name: String,
    /// Nobody is told by mail whose address is empty.
    pub email: String,
    pub lang: String,
    /// Whether name and address are what somebody without an account left: they may be a third person's.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub unverified: bool,
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    /// An event that has everything a notice could say, some of it private.
    pub(in crate::outbound) fn sample(occasion: Occasion) -> Event {
        let id: TicketId = "TS202611230001".parse().unwrap();
        let at: Timestamp = "2026-11-23T01:30:00Z".parse().unwrap();
        Event {
            id: Event::new_id(id, 0, occasion, at, "words"),
            occasion,
            at,
            ticket: TicketFacts {
                id,
                title: "王小明的打印机坏了".to_owned(),
                kind: "hardware".to_owned(),
                urgency: "urgent".to_owned(),
                status: "new".to_owned(),
                team: "desktop".to_owned(),
                assignee: "李雷".to_owned(),
                requester: "王小明".to_owned(),
                lang: "zh".to_owned(),
                due_at: Some("2026-11-23T09:40:00+08:00".parse().unwrap()),
                track_url: "https://help.example.com/track/TS202611230001-secret".to_owned(),
                desk_url: "https://help.example.com/desk/tickets/TS202611230001".to_owned(),
            },
            text: "电话 13800138000，请回电".to_owned(),
            people: vec![Person {
                audience: Audience::Requester,
                name: "王小明".to_owned(),
                email: "wang@example.com".to_owned(),
                lang: "zh".to_owned(),
                unverified: false,
            }],
        }
    }

    #[test]
    fn an_id_names_a_file_and_tells_two_steps_apart() {
        let event = sample(Occasion::Filed);
        assert!(Event::is_id(&event.id), "{}", event.id);
        let other = Event::new_id(event.ticket.id, 0, Occasion::Filed, event.at, "other words");
        assert_ne!(event.id, other);
        for bad in ["", "../x", "a b", "a\nb", "Ｔ", &"x".repeat(121)] {
            assert!(!Event::is_id(bad), "{bad:?}");
        }
    }

    #[test]
    fn a_long_text_is_cut_between_characters() {
        let mut event = sample(Occasion::Replied);
        event.text = "汉".repeat(LONGEST_TEXT + 1);
        let cut = event.bounded().text;
        assert_eq!(cut.chars().count(), LONGEST_TEXT + 1);
        assert!(cut.ends_with('…'));
        assert_eq!(sample(Occasion::Replied).bounded(), sample(Occasion::Replied));
    }
}
