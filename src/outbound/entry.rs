//! An event in the outbox, with how far it got.

use std::collections::{BTreeMap, BTreeSet};

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use super::{Event, Failure, schedule};
use crate::config::notices::Notices;

/// Whom a delivery goes to.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Target {
    /// The event's person at this place of its list.
    Mail(usize),
    /// A webhook of `site.toml`, by name.
    Webhook(String),
}

impl Target {
    /// `mail:0`, `webhook:wecom-1`.
    pub fn key(&self) -> String {
        match self {
            Self::Mail(person) => format!("mail:{person}"),
            Self::Webhook(name) => format!("webhook:{name}"),
        }
    }

    /// The target that a key names.
    pub fn from_key(key: &str) -> Option<Self> {
        match key.split_once(':')? {
            ("mail", person) => person.parse().ok().map(Self::Mail),
            ("webhook", name) => Some(Self::Webhook(name.to_owned())),
            _ => None,
        }
    }
}

/// Where a delivery stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Progress {
    #[default]
    Waiting,
    Done,
    /// Given up; `helpmark outbox retry` begins anew.
    Dead,
}

/// One receiver's part of an event.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Delivery {
    pub progress: Progress,
    #[serde(default)]
    pub tries: u32,
    /// Not before; now, when it is not there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next_at: Option<Timestamp>,
    /// Why the last try failed.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub error: String,
}

impl Delivery {
    /// Whether it is to be tried at `now`.
    pub(super) fn is_due(&self, now: Timestamp) -> bool {
        // A time beyond every wait was set before the clock went back.
        let lies = |next: Timestamp| next.duration_since(now) > SignedDuration::from_hours(8);
        self.progress == Progress::Waiting && self.next_at.is_none_or(|next| next <= now || lies(next))
    }

    pub(super) fn arrived(&mut self) {
        *self = Self { progress: Progress::Done, tries: self.tries + 1, ..Self::default() };
    }

    /// Sets the time of the next try, or gives up.
    pub(super) fn failed(&mut self, failure: &Failure, now: Timestamp, jitter: f64) {
        self.tries = self.tries.saturating_add(1);
        self.error.clone_from(&failure.why);
        match schedule::wait(self.tries, jitter).filter(|_| !failure.hopeless) {
            Some(wait) => {
                let wait = wait.max(failure.retry_after.unwrap_or_default());
                let wait = SignedDuration::try_from(wait).unwrap_or(SignedDuration::MAX);
                self.next_at = now.checked_add(wait).ok();
            }
            None => {
                self.progress = Progress::Dead;
                self.next_at = None;
            }
        }
    }
}

/// An event on its way.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Entry {
    #[serde(flatten)]
    pub event: Event,
    /// By [`Target::key`]; not there before the first look at it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deliveries: Option<BTreeMap<String, Delivery>>,
}

/// What planning found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Planned {
    /// People whom no mail can reach.
    pub(super) skipped: u64,
}

impl Entry {
    pub(super) fn new(event: Event) -> Self {
        Self { event, deliveries: None }
    }

    /// Decides, once, who is told, as `site.toml` says then.
    pub(super) fn plan(&mut self, notices: &Notices) -> Planned {
        let mut planned = Planned::default();
        if self.deliveries.is_some() {
            return planned;
        }
        let mut deliveries = BTreeMap::new();
        let mut reached = BTreeSet::new();
        for (place, person) in self.event.people.iter().enumerate() {
            if notices.mail.is_none() || person.email.trim().is_empty() {
                planned.skipped += 1;
            } else if reached.insert(person.email.trim().to_ascii_lowercase()) {
                // Who is two things to a ticket gets one mail, as the first of them.
                deliveries.insert(Target::Mail(place).key(), Delivery::default());
            }
        }
        for hook in &notices.webhooks {
            if hook.wants(self.event.occasion.key(), &self.event.ticket.team) {
                deliveries.insert(Target::Webhook(hook.name.clone()).key(), Delivery::default());
            }
        }
        self.deliveries = Some(deliveries);
        planned
    }

    /// What is due at `now`.
    pub(super) fn due(&self, now: Timestamp) -> impl Iterator<Item = Target> {
        let due = self.deliveries.iter().flatten().filter(move |(_, delivery)| delivery.is_due(now));
        due.filter_map(|(key, _)| Target::from_key(key))
    }

    /// Whether nothing waits any more.
    pub(super) fn is_settled(&self) -> bool {
        self.deliveries.as_ref().is_some_and(|all| all.values().all(|one| one.progress != Progress::Waiting))
    }

    /// Whether a delivery was given up.
    pub fn is_dead(&self) -> bool {
        self.deliveries.iter().flatten().any(|(_, delivery)| delivery.progress == Progress::Dead)
    }

    /// Begins anew with what was given up; what arrived stays as it is.
    pub(super) fn revive(&mut self) {
        for delivery in self.deliveries.iter_mut().flat_map(BTreeMap::values_mut) {
            if delivery.progress == Progress::Dead {
                *delivery = Delivery::default();
            }
        }
    }

    /// Leaves a receiver that `site.toml` no longer has.
    pub(super) fn forget(&mut self, target: &Target) {
        if let Some(deliveries) = &mut self.deliveries {
            deliveries.remove(&target.key());
        }
    }

    pub(super) fn delivery(&mut self, target: &Target) -> Option<&mut Delivery> {
        self.deliveries.as_mut()?.get_mut(&target.key())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::outbound::event::tests::sample;
    use crate::outbound::{Audience, Person};
    use crate::ticket::Occasion;

    fn notices() -> Notices {
        let text = "title = \"T\"\n[notices.mail]\nserver = \"localhost\"\nsecurity = \"none\"\nfrom = \"it@example.com\"\n\
                    [[notices.webhooks]]\nkind = \"wecom\"\nurl_env = \"X\"\n\
                    [[notices.webhooks]]\nkind = \"feishu\"\nurl_env = \"X\"\nteams = [\"network\"]\n";
        crate::config::Config::parse(std::path::Path::new("/"), text).unwrap().notices
    }

    #[test]
    fn each_receiver_has_its_own_state() {
        let mut event = sample(Occasion::Filed);
        let lead =
            |email: &str| Person { audience: Audience::Lead, email: email.to_owned(), ..event.people[0].clone() };
        event.people.extend([lead(""), lead("lead@example.com"), lead("Wang@Example.com")]);
        let mut entry = Entry::new(event);
        assert_eq!(entry.plan(&notices()).skipped, 1);
        assert_eq!(entry.plan(&Notices::default()).skipped, 0, "planned once");
        let now = Timestamp::UNIX_EPOCH;
        let hook = Target::Webhook("wecom-1".to_owned());
        assert_eq!(entry.due(now).collect::<Vec<_>>(), [Target::Mail(0), Target::Mail(2), hook.clone()]);
        entry.delivery(&Target::Mail(0)).unwrap().arrived();
        entry.delivery(&hook).unwrap().failed(&Failure::new("stalled"), now, 0.5);
        assert_eq!(entry.due(now).collect::<Vec<_>>(), [Target::Mail(2)]);
        assert_eq!(entry.delivery(&hook).unwrap().next_at, Some("1970-01-01T00:00:30Z".parse().unwrap()));
        entry.delivery(&Target::Mail(2)).unwrap().failed(&Failure::hopeless("no such user"), now, 0.5);
        assert!(entry.is_dead() && !entry.is_settled());
        entry.forget(&hook);
        assert!(entry.is_settled());
        entry.revive();
        assert_eq!(entry.due(now).collect::<Vec<_>>(), [Target::Mail(2)]);
    }

    #[test]
    fn an_entry_without_receivers_is_settled_at_once() {
        let mut entry = Entry::new(sample(Occasion::Resumed));
        assert!(!entry.is_settled());
        assert_eq!(entry.plan(&Notices::default()).skipped, 1);
        assert!(entry.is_settled() && !entry.is_dead());
    }

    #[test]
    fn a_receiver_may_ask_for_more_time() {
        let mut delivery = Delivery::default();
        let patient = Failure { retry_after: Some(std::time::Duration::from_secs(300)), ..Failure::new("429") };
        delivery.failed(&patient, Timestamp::UNIX_EPOCH, 0.0);
        assert_eq!(delivery.next_at, Some("1970-01-01T00:05:00Z".parse().unwrap()));
    }

    #[test]
    fn an_entry_reads_as_it_was_written() {
        let mut entry = Entry::new(sample(Occasion::Filed));
        let again = |entry: &Entry| serde_json::from_slice::<Entry>(&serde_json::to_vec(entry).unwrap()).unwrap();
        assert_eq!(again(&entry), entry);
        entry.plan(&notices());
        assert_eq!(again(&entry), entry);
    }
}
