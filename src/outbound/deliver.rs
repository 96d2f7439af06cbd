//! The worker: takes what was let go to its receivers, and tries again what did not arrive.
//!
//! A mail is a job of its own; a webhook has one job at a time. No job waits for another receiver's.

mod jobs;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, SystemTime};

use jiff::Timestamp;

use super::lane::Lane;
use super::{Entry, Failure, Outbox, OutboxError, Senders, Target};
use crate::config::Config;
use crate::disk;
use jobs::{Claim, Done, Jobs};

/// How often the outbox is looked through without being told: another process may have let something go.
const LOOK: Duration = Duration::from_secs(5);
/// Mails under way at a time.
const MAILS: usize = 4;
/// How long deliveries under way may take after the program was asked to stop; what is cut off is sent again.
const LAST_WORDS: Duration = Duration::from_secs(5);

/// The world of the worker, as arguments.
#[derive(Clone)]
pub struct Surroundings {
    /// `site.toml` as it is now.
    pub config: Arc<dyn Fn() -> Arc<Config> + Send + Sync>,
    pub clock: Arc<dyn Fn() -> Timestamp + Send + Sync>,
    /// A number from 0 to 1, another one each time.
    pub jitter: Arc<dyn Fn() -> f64 + Send + Sync>,
    pub senders: Senders,
}

/// Delivers until `stop`. One process of a site delivers at a time; another one waits here for its turn.
pub async fn run(outbox: Outbox, around: Surroundings, stop: impl Future<Output = ()>) {
    let mut stop = std::pin::pin!(stop);
    let mut turn: Option<disk::Lock> = None;
    let mut worker = Worker::new(outbox, around);
    loop {
        if turn.is_none() {
            turn = worker.turn().await;
        }
        if turn.is_some() {
            worker.look().await;
            worker.start().await;
        }
        tokio::select! {
            () = &mut stop => break,
            Some(done) = worker.jobs.next() => worker.record(done).await,
            () = worker.outbox.woken() => {}
            () = tokio::time::sleep(LOOK) => {}
        }
    }
    let rest = async {
        while let Some(done) = worker.jobs.next().await {
            worker.record(done).await;
        }
    };
    if tokio::time::timeout(LAST_WORDS, rest).await.is_err() {
        tracing::warn!("some notices were cut off; they are sent again at the next start");
    }
}

/// Delivers what is due now and ends. False when another process delivers.
///
/// # Errors
/// When the outbox cannot be read.
pub async fn once(outbox: Outbox, around: Surroundings) -> Result<bool, OutboxError> {
    let Some(_turn) = outbox.turn()? else { return Ok(false) };
    let mut worker = Worker::new(outbox, around);
    loop {
        worker.look().await;
        worker.start().await;
        match worker.jobs.next().await {
            Some(done) => worker.record(done).await,
            None => return Ok(true),
        }
    }
}

struct Worker {
    outbox: Outbox,
    around: Surroundings,
    /// What waits, with the time its file was written.
    entries: BTreeMap<String, (Entry, Option<SystemTime>)>,
    lanes: BTreeMap<String, Lane>,
    jobs: Jobs,
}

impl Worker {
    fn new(outbox: Outbox, around: Surroundings) -> Self {
        Self { outbox, around, entries: BTreeMap::new(), lanes: BTreeMap::new(), jobs: Jobs::default() }
    }

    async fn turn(&self) -> Option<disk::Lock> {
        let outbox = self.outbox.clone();
        let now = (self.around.clock)();
        let turn = tokio::task::spawn_blocking(move || {
            let turn = outbox.turn()?;
            if turn.is_some() {
                outbox.sweep(now);
            }
            Ok::<_, OutboxError>(turn)
        });
        match turn.await {
            Ok(Ok(turn)) => turn,
            Ok(Err(error)) => {
                tracing::error!(%error, "notices cannot be delivered");
                None
            }
            Err(_) => None,
        }
    }

    /// Reads what is new or was changed by another process, and forgets what is gone.
    async fn look(&mut self) {
        let known: BTreeMap<_, _> = self.entries.iter().map(|(id, (_, stamp))| (id.clone(), *stamp)).collect();
        let outbox = self.outbox.clone();
        let read = move || -> Result<_, OutboxError> {
            let mut there = Vec::new();
            for (id, stamp) in outbox.waiting_ids()? {
                let new = known.get(&id).is_none_or(|known| *known != stamp);
                let entry = match new.then(|| outbox.load(&id)) {
                    None => None,
                    Some(Ok(None)) => continue,
                    Some(Ok(entry)) => entry,
                    Some(Err(error)) => {
                        tracing::warn!(%error, "an event in the outbox is left where it is");
                        continue;
                    }
                };
                there.push((id, stamp, entry));
            }
            Ok(there)
        };
        let there = match tokio::task::spawn_blocking(read).await {
            Ok(Ok(there)) => there,
            Ok(Err(error)) => return tracing::error!(%error, "the outbox cannot be read"),
            Err(_) => return,
        };
        let mut before = std::mem::take(&mut self.entries);
        let config = (self.around.config)();
        for (id, stamp, entry) in there {
            let mut known = before.remove(&id);
            // What is under way is known better here than in its file.
            if let Some(entry) = entry.filter(|_| !self.jobs.is_under_way(&id)) {
                known = Some((entry, stamp));
            }
            let Some((mut entry, stamp)) = known else { continue };
            let skipped = entry.plan(&config.notices).skipped;
            self.outbox.totals().skipped.fetch_add(skipped, Ordering::Relaxed);
            self.entries.insert(id, (entry, stamp));
        }
    }

    /// Begins every delivery that is due and whose receiver is free, and lets go of what nobody waits for.
    async fn start(&mut self) {
        let now = (self.around.clock)();
        let config = (self.around.config)();
        let mut due: Vec<_> = self.entries.iter().map(|(id, (entry, _))| (entry.event.at, id.clone())).collect();
        due.sort();
        let mut hooks: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for (_, id) in due {
            let Some((entry, _)) = self.entries.get_mut(&id) else { continue };
            for target in entry.due(now).collect::<Vec<_>>() {
                if self.jobs.is_claimed(&id, &target) {
                    continue;
                }
                match target {
                    Target::Webhook(name) => hooks.entry(name).or_default().push(id.clone()),
                    Target::Mail(place) => match (&config.notices.mail, entry.event.people.get(place)) {
                        (Some(mail), Some(person)) if self.jobs.mails() < MAILS => {
                            let letter = super::mail::compose(&entry.event, person, mail, &config);
                            self.jobs.mail(Claim::mail(id.clone(), place), &self.around.senders, mail.clone(), letter);
                        }
                        (Some(_), Some(_)) => {}
                        // The site has no mail server any more.
                        _ => entry.forget(&Target::Mail(place)),
                    },
                }
            }
        }
        for (name, ids) in hooks {
            self.start_hook(&name, &ids, &config, now);
        }
        let settled = self.entries.iter().filter(|(_, (entry, _))| entry.is_settled());
        for id in settled.map(|(id, _)| id.clone()).collect::<Vec<_>>() {
            self.settle(&id).await;
        }
    }

    fn start_hook(&mut self, name: &str, ids: &[String], config: &Arc<Config>, now: Timestamp) {
        let Some(hook) = config.notices.webhooks.iter().find(|hook| hook.name == name) else {
            for id in ids {
                if let Some((entry, _)) = self.entries.get_mut(id) {
                    entry.forget(&Target::Webhook(name.to_owned()));
                }
            }
            return;
        };
        let lane = self.lanes.entry(name.to_owned()).or_default();
        let size = lane.take(ids.len(), now);
        let ids = &ids[..size];
        let events: Vec<_> =
            ids.iter().filter_map(|id| self.entries.get(id)).map(|(entry, _)| entry.event.clone()).collect();
        if events.is_empty() {
            return;
        }
        lane.busy = true;
        let claim = Claim::webhook(name.to_owned(), ids.to_vec());
        self.jobs.webhook(claim, &self.around.senders, hook.clone(), events, Arc::clone(config), now);
    }

    /// Writes down how a delivery ended.
    async fn record(&mut self, done: Done) {
        let Done { claim, outcome } = done;
        if let Target::Webhook(name) = &claim.target
            && let Some(lane) = self.lanes.get_mut(name)
        {
            lane.busy = false;
        }
        let now = (self.around.clock)();
        let number = u64::try_from(claim.events.len()).unwrap_or(u64::MAX);
        match &outcome {
            Ok(()) => self.outbox.totals().sent.fetch_add(number, Ordering::Relaxed),
            Err(failure) => {
                self.say(&claim, failure);
                self.outbox.totals().failed.fetch_add(number, Ordering::Relaxed)
            }
        };
        for id in &claim.events {
            if let Some((entry, _)) = self.entries.get_mut(id)
                && let Some(delivery) = entry.delivery(&claim.target)
            {
                match &outcome {
                    Ok(()) => delivery.arrived(),
                    Err(failure) => delivery.failed(failure, now, (self.around.jitter)()),
                }
                self.settle(id).await;
            }
        }
    }

    /// Writes an entry's state. When the disk does not take it, the state in memory keeps it from being sent again
    /// until it does.
    async fn settle(&mut self, id: &str) {
        let Some((entry, _)) = self.entries.get(id) else { return };
        let (entry, outbox) = (entry.clone(), self.outbox.clone());
        let settled = entry.is_settled();
        let written = tokio::task::spawn_blocking(move || outbox.settle(&entry)).await;
        match written {
            Ok(Ok(())) if settled => drop(self.entries.remove(id)),
            Ok(Ok(())) | Err(_) => {}
            Ok(Err(error)) => tracing::error!(event = id, %error, "the state of a notice could not be written"),
        }
    }

    fn say(&self, claim: &Claim, failure: &Failure) {
        let to = match &claim.target {
            Target::Mail(_) => "mail",
            Target::Webhook(name) => name.as_str(),
        };
        let event = claim.events.first().map_or("", String::as_str);
        tracing::warn!(to, event, events = claim.events.len(), why = failure.for_log(), "a notice did not arrive");
    }
}

#[cfg(test)]
mod tests;
