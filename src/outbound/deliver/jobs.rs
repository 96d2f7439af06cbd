//! Deliveries under way, each a task: one that panics is a failed try and no more.

use std::collections::HashMap;
use std::sync::Arc;

use jiff::Timestamp;
use tokio::task::{Id, JoinSet};

use crate::config::Config;
use crate::config::notices::{Mail, Webhook};
use crate::outbound::mail::Letter;
use crate::outbound::{Event, Failure, Senders, Target};

/// What a job delivers, and to whom.
#[derive(Debug, Clone)]
pub(super) struct Claim {
    pub(super) target: Target,
    /// Ids of events; several in one message to a webhook.
    pub(super) events: Vec<String>,
}

impl Claim {
    pub(super) fn mail(event: String, place: usize) -> Self {
        Self { target: Target::Mail(place), events: vec![event] }
    }

    pub(super) fn webhook(name: String, events: Vec<String>) -> Self {
        Self { target: Target::Webhook(name), events }
    }
}

/// How a job ended.
#[derive(Debug)]
pub(super) struct Done {
    pub(super) claim: Claim,
    pub(super) outcome: Result<(), Failure>,
}

#[derive(Debug, Default)]
pub(super) struct Jobs {
    tasks: JoinSet<Result<(), Failure>>,
    claims: HashMap<Id, Claim>,
}

impl Jobs {
    pub(super) fn mail(&mut self, claim: Claim, senders: &Senders, mail: Mail, letter: Letter) {
        let senders = senders.clone();
        let task = self.tasks.spawn(async move { senders.mail(&mail, &letter).await });
        self.claims.insert(task.id(), claim);
    }

    pub(super) fn webhook(
        &mut self,
        claim: Claim,
        senders: &Senders,
        hook: Webhook,
        events: Vec<Event>,
        config: Arc<Config>,
        now: Timestamp,
    ) {
        let senders = senders.clone();
        let task = self.tasks.spawn(async move { senders.webhook(&hook, &events, &config, now).await });
        self.claims.insert(task.id(), claim);
    }

    pub(super) fn is_claimed(&self, event: &str, target: &Target) -> bool {
        self.claims.values().any(|claim| claim.target == *target && claim.events.iter().any(|id| id == event))
    }

    pub(super) fn is_under_way(&self, event: &str) -> bool {
        self.claims.values().any(|claim| claim.events.iter().any(|id| id == event))
    }

    pub(super) fn mails(&self) -> usize {
        self.claims.values().filter(|claim| matches!(claim.target, Target::Mail(_))).count()
    }

    /// The next job that ends; `None` when none is under way.
    pub(super) async fn next(&mut self) -> Option<Done> {
        loop {
            let (id, outcome) = match self.tasks.join_next_with_id().await? {
                Ok((id, outcome)) => (id, outcome),
                Err(error) => (error.id(), Err(Failure::new("the delivery was cut off by a fault of the program"))),
            };
            if let Some(claim) = self.claims.remove(&id) {
                return Some(Done { claim, outcome });
            }
        }
    }
}
