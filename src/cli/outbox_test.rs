//! `helpmark outbox test`: a message to everybody that `site.toml` names, now.

use std::sync::Arc;

use clap::Args;

use super::{Failure, outbox, print};
use crate::config::Config;
use crate::outbound::{Audience, Event, Person, TicketFacts, probe};
use crate::ticket::{Occasion, TicketId};

#[derive(Args)]
pub(super) struct Test {
    /// Send a mail to this address as well
    #[arg(long, value_name = "ADDRESS")]
    to: Option<String>,
}

pub(super) fn run(config: Config, command: &Test) -> Result<(), Failure> {
    let config = Arc::new(config);
    if config.notices.webhooks.is_empty() && command.to.is_none() {
        let message =
            "site.toml names no webhook\n    hint: add [[notices.webhooks]], or test the mail with --to ADDRESS";
        return Err(Failure::Wrong(message.to_owned()));
    }
    let around = {
        let config = Arc::clone(&config);
        outbox::surroundings(move || Arc::clone(&config))?
    };
    let person = command.to.as_ref().map(|address| Person {
        audience: Audience::Assignee,
        name: String::new(),
        email: address.clone(),
        lang: config.default_language().to_owned(),
        unverified: false,
    });
    let event = event(&config);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let outcomes = runtime.block_on(probe(&around, &event, person.as_ref()));
    for (receiver, outcome) in &outcomes {
        match outcome {
            Ok(()) => print(&format!("ok      {receiver}"))?,
            Err(failure) => print(&format!("FAILED  {receiver}: {}", failure.why))?,
        }
    }
    let failed = outcomes.iter().filter(|(_, outcome)| outcome.is_err()).count();
    match failed {
        0 => Ok(()),
        _ => Err(Failure::Wrong(format!("{failed} of {} did not take the message", outcomes.len()))),
    }
}

/// A ticket that does not exist, and says so.
fn event(config: &Config) -> Event {
    let now = jiff::Timestamp::now();
    let id = TicketId::first_of(now.to_zoned(config.time_zone.clone()).date());
    let title = if config.default_language() == "zh" { "测试消息，请忽略" } else { "A test: please ignore" };
    Event {
        id: format!("test-{}", now.as_millisecond()),
        occasion: Occasion::Assigned,
        at: now,
        ticket: TicketFacts {
            id,
            title: title.to_owned(),
            kind: title.to_owned(),
            urgency: String::new(),
            status: String::new(),
            team: String::new(),
            assignee: String::new(),
            requester: String::new(),
            lang: config.default_language().to_owned(),
            due_at: None,
            track_url: String::new(),
            desk_url: String::new(),
        },
        text: String::new(),
        people: Vec::new(),
    }
}
