//! One message to every receiver, past the outbox: does what `site.toml` says work?

use super::deliver::Surroundings;
use super::{Event, Failure, Person, mail};

/// Sends `event` to `person` and to every webhook, whatever events it asks for: each receiver with the outcome.
pub async fn probe(
    around: &Surroundings,
    event: &Event,
    person: Option<&Person>,
) -> Vec<(String, Result<(), Failure>)> {
    let config = (around.config)();
    let mut outcomes = Vec::new();
    if let Some(person) = person {
        let outcome = match &config.notices.mail {
            Some(server) => around.senders.mail(server, &mail::compose(event, person, server, &config)).await,
            None => Err(Failure::new("site.toml has no [notices.mail]")),
        };
        outcomes.push((format!("mail to {}", person.email), outcome));
    }
    for hook in &config.notices.webhooks {
        let now = (around.clock)();
        let outcome = around.senders.webhook(hook, std::slice::from_ref(event), &config, now).await;
        outcomes.push((format!("webhook {}", hook.name), outcome));
    }
    outcomes
}
