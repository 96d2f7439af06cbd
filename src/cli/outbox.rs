//! `helpmark outbox`: what became of the notices.

use std::sync::Arc;

use anyhow::Context as _;
use clap::{Args, Subcommand};
use serde_json::{Value, json};
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

use super::{Failure, outbox_test, print};
use crate::config::Config;
use crate::outbound::deliver::{self, Surroundings};
use crate::outbound::{self, Audience, Entry, Event, Outbox, OutboxError, Progress, Senders, Target};
use crate::snapshot::Live;

#[derive(Args)]
pub(super) struct OutboxCommand {
    #[command(subcommand)]
    action: Action,
}

#[derive(Subcommand)]
enum Action {
    /// List what waits for its receivers and what was given up
    List(Output),
    /// Try again: what was given up from the beginning, what waits at once
    Retry(One),
    /// Remove a notice without sending it
    Drop(One),
    /// Send what is due now; `helpmark serve` does so by itself
    Send(Output),
    /// Send a test message to every webhook, and to an address
    Test(outbox_test::Test),
}

#[derive(Args)]
struct Output {
    #[arg(long)]
    json: bool,
}

#[derive(Args)]
struct One {
    /// The event's id, as `helpmark outbox list` shows it
    #[arg(value_name = "ID")]
    id: String,
    #[arg(long)]
    json: bool,
}

/// A delivery under way, until it is told to stop.
pub(super) struct Delivery {
    stop: oneshot::Sender<()>,
    task: JoinHandle<()>,
}

/// Begins to deliver beside a server. Where that cannot be, the site is served all the same and notices wait.
pub(super) fn start(outbox: Outbox, live: Arc<Live>) -> Option<Delivery> {
    let around = match surroundings(move || Arc::clone(&live.load().config)) {
        Ok(around) => around,
        Err(error) => {
            tracing::error!("notices wait in the outbox: {error:#}");
            return None;
        }
    };
    let (stop, stopped) = oneshot::channel();
    let task = tokio::spawn(deliver::run(outbox, around, async {
        let _ = stopped.await;
    }));
    Some(Delivery { stop, task })
}

/// Waits for what is under way, for a moment.
pub(super) async fn stop(delivery: Option<Delivery>) {
    if let Some(Delivery { stop, task }) = delivery {
        drop(stop);
        // A worker that panicked has said so on standard error.
        let _ = task.await;
    }
}

/// The world of the delivery, with the real clock and the real outside.
pub(super) fn surroundings(
    config: impl Fn() -> Arc<Config> + Send + Sync + 'static,
) -> Result<Surroundings, anyhow::Error> {
    for missing in config().notices.missing() {
        tracing::warn!("notices: {missing}");
    }
    Ok(Surroundings {
        config: Arc::new(config),
        clock: Arc::new(jiff::Timestamp::now),
        jitter: Arc::new(jitter),
        senders: Senders::real().context("cannot set up TLS for notices")?,
    })
}

/// From 0 to 1. A system without randomness retries in step, which harms nobody but the receiver.
fn jitter() -> f64 {
    let mut bytes = [0; 4];
    match getrandom::fill(&mut bytes) {
        Ok(()) => f64::from(u32::from_le_bytes(bytes)) / f64::from(u32::MAX),
        Err(_) => 0.5,
    }
}

pub(super) fn run(config: Config, command: &OutboxCommand) -> Result<(), Failure> {
    let outbox = Outbox::open(&config.state_dir());
    match &command.action {
        Action::List(output) => list(&config, &outbox, output.json),
        Action::Retry(one) => change(one, "waits for its next try", |id| outbox.retry(id)),
        Action::Drop(one) => change(one, "was removed", |id| outbox.remove(id)),
        Action::Send(output) => {
            super::start_logging("warn");
            send(config, &outbox, output.json)
        }
        Action::Test(test) => outbox_test::run(config, test),
    }
}

fn list(config: &Config, outbox: &Outbox, json: bool) -> Result<(), Failure> {
    let (prepared, mut waiting, mut dead) = (outbox.prepared()?, outbox.waiting()?, outbox.dead()?);
    for entries in [&mut waiting, &mut dead] {
        entries.sort_by(|a, b| (a.event.at, &a.event.id).cmp(&(b.event.at, &b.event.id)));
    }
    if json {
        let all = |entries: &[Entry]| entries.iter().map(row).collect::<Vec<_>>();
        let prepared: Vec<_> = prepared.iter().map(facts).collect();
        let lists = json!({ "prepared": prepared, "waiting": all(&waiting), "dead": all(&dead) });
        return print(&serde_json::to_string_pretty(&lists)?);
    }
    for (state, entries) in [("waiting", &waiting), ("dead", &dead)] {
        for entry in entries {
            print(&format!("{state:<8} {}  {}", entry.event.id, local(config, entry.event.at)))?;
            for (key, delivery) in entry.deliveries.iter().flatten() {
                print(&format!("         {}", line(config, entry, key, delivery)))?;
            }
        }
    }
    let given_up = waiting.iter().flat_map(|entry| entry.deliveries.iter().flatten());
    let given_up = given_up.filter(|(_, delivery)| delivery.progress == Progress::Dead).count();
    let partly = if given_up > 0 { format!(" ({given_up} of their messages given up)") } else { String::new() };
    print(&format!("{} waiting{partly}, {} dead, {} prepared", waiting.len(), dead.len(), prepared.len()))
}

/// On the site's clock.
fn local(config: &Config, at: jiff::Timestamp) -> String {
    at.to_zoned(config.time_zone.clone()).strftime("%Y-%m-%d %H:%M:%S").to_string()
}

fn line(config: &Config, entry: &Entry, key: &str, delivery: &outbound::Delivery) -> String {
    let progress = match delivery.progress {
        Progress::Waiting => "waiting",
        Progress::Done => "done",
        Progress::Dead => "given up",
    };
    let next = delivery.next_at.map_or_else(String::new, |next| format!(", next try {}", local(config, next)));
    let why = if delivery.error.is_empty() { String::new() } else { format!(": {}", delivery.error) };
    let tries = if delivery.tries == 1 { "try" } else { "tries" };
    format!("{} {progress} after {} {tries}{next}{why}", receiver(entry, key), delivery.tries)
}

/// `mail to the requester`, `webhook wecom-1`: whose address it is stays in the file.
fn receiver(entry: &Entry, key: &str) -> String {
    match Target::from_key(key) {
        Some(Target::Mail(place)) => {
            let Some(person) = entry.event.people.get(place) else { return "mail to a person".to_owned() };
            // Staff by name: several of a team may be told. The requester's stays in the file.
            match person.audience {
                Audience::Requester => "mail to the requester".to_owned(),
                audience => format!("mail to {} ({})", person.name, audience.key()),
            }
        }
        Some(Target::Webhook(name)) => format!("webhook {name}"),
        None => key.to_owned(),
    }
}

fn facts(event: &Event) -> Value {
    json!({ "event_id": event.id, "occasion": event.occasion, "ticket": event.ticket.id, "at": event.at })
}

fn row(entry: &Entry) -> Value {
    let mut row = facts(&entry.event);
    let deliveries = entry.deliveries.iter().flatten().map(|(key, delivery)| {
        json!({
            "to": receiver(entry, key),
            "progress": delivery.progress,
            "tries": delivery.tries,
            "next_at": delivery.next_at,
            "error": delivery.error,
        })
    });
    row["deliveries"] = deliveries.collect();
    row
}

fn change(one: &One, done: &str, work: impl FnOnce(&str) -> Result<bool, OutboxError>) -> Result<(), Failure> {
    let found = work(&one.id).map_err(|error| match error {
        OutboxError::BadId(_) => Failure::Wrong(error.to_string()),
        error => Failure::from(error),
    })?;
    if !found {
        let message = format!("no event {} waits or was given up; `helpmark outbox list` shows all", one.id);
        return Err(Failure::Wrong(message));
    }
    match one.json {
        true => print(&json!({ "event_id": one.id, "done": done }).to_string()),
        false => print(&format!("{} {done}", one.id)),
    }
}

fn send(config: Config, outbox: &Outbox, json: bool) -> Result<(), Failure> {
    let config = Arc::new(config);
    let around = surroundings(move || Arc::clone(&config))?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    if !runtime.block_on(deliver::once(outbox.clone(), around))? {
        return Err(Failure::Wrong("a running server delivers these notices already".to_owned()));
    }
    let counts = outbox.counts();
    if json {
        return print(&serde_json::to_string(&counts)?);
    }
    print(&format!(
        "{} sent, {} failed, {} without an address; {} waiting, {} dead",
        counts.sent_total, counts.failed_total, counts.skipped_total, counts.waiting, counts.dead
    ))
}
