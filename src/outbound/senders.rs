//! The outside: mail servers and webhooks, or a list in memory for tests.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex, PoisonError};

use jiff::Timestamp;

use super::mail::{self, Letter};
use super::webhook::{self, Clients};
use super::{Event, Failure};
use crate::config::Config;
use crate::config::notices::{Mail, Webhook};

/// Where deliveries go.
#[derive(Debug, Clone)]
pub enum Senders {
    Real(Clients),
    Memory(Memory),
}

/// What a [`Memory`] was given.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sent {
    /// The mail address, or the webhook's name.
    pub to: String,
    pub events: Vec<String>,
    /// The subject of a mail.
    pub subject: String,
    pub at: Timestamp,
}

/// Takes everything, unless told what to answer.
#[derive(Debug, Clone, Default)]
pub struct Memory(Arc<Mutex<State>>);

#[derive(Debug, Default)]
struct State {
    sent: Vec<Sent>,
    refusals: BTreeMap<String, VecDeque<Failure>>,
}

impl Memory {
    /// What arrived, in order.
    pub fn sent(&self) -> Vec<Sent> {
        self.state(|state| state.sent.clone())
    }

    /// Refuses the next delivery to `to` in this way.
    pub fn refuse(&self, to: &str, failure: Failure) {
        self.state(|state| state.refusals.entry(to.to_owned()).or_default().push_back(failure));
    }

    fn take(&self, sent: Sent) -> Result<(), Failure> {
        self.state(|state| match state.refusals.get_mut(&sent.to).and_then(VecDeque::pop_front) {
            Some(failure) => Err(failure),
            None => {
                state.sent.push(sent);
                Ok(())
            }
        })
    }

    fn state<T>(&self, work: impl FnOnce(&mut State) -> T) -> T {
        work(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Senders {
    /// # Errors
    /// When TLS cannot be set up on this machine.
    pub fn real() -> Result<Self, reqwest::Error> {
        Ok(Self::Real(Clients::new()?))
    }

    pub(super) async fn mail(&self, mail: &Mail, letter: &Letter) -> Result<(), Failure> {
        match self {
            Self::Real(_) => mail::send(mail, letter).await,
            Self::Memory(memory) => memory.take(Sent {
                to: letter.to_email.clone(),
                events: vec![letter.event_id.clone()],
                subject: letter.subject.clone(),
                at: letter.at,
            }),
        }
    }

    pub(super) async fn webhook(
        &self,
        hook: &Webhook,
        events: &[Event],
        config: &Config,
        now: Timestamp,
    ) -> Result<(), Failure> {
        match self {
            Self::Real(clients) => webhook::post(clients, hook, events, config, now).await,
            Self::Memory(memory) => memory.take(Sent {
                to: hook.name.clone(),
                events: events.iter().map(|event| event.id.clone()).collect(),
                subject: String::new(),
                at: now,
            }),
        }
    }
}
