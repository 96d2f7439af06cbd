//! What runs beside the answers: recovery at the start, reminders and escalation, and edits of tickets by people.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use tokio::sync::{Notify, mpsc};

use crate::process::Office;
use crate::snapshot::Live;
use crate::ticket::TicketId;
use crate::watch::{TicketHints, TicketWatch};

/// How often the clock is looked at: an urgent ticket is told of at five minutes, not at six.
const TICK: Duration = Duration::from_secs(15);

/// Keeps the process going until `stopping`; follows edits of the site at `watched`. `changed` is called with every ticket that somebody edited.
pub(super) async fn keep(
    office: Office,
    live: Arc<Live>,
    watched: Option<PathBuf>,
    stopping: Arc<AtomicBool>,
    end: Arc<Notify>,
    changed: impl Fn(TicketId) + Send + 'static,
) {
    let config = || Arc::clone(&live.load().config);
    let (sender, mut hints) = mpsc::channel::<TicketHints>(64);
    let (ready, watching) = tokio::sync::oneshot::channel::<()>();
    let follower = watched.map(|root| {
        let stopping = Arc::clone(&stopping);
        std::thread::spawn(move || {
            // A large tree takes a moment to be watched, and nobody waits for it.
            let watch = TicketWatch::start(&root);
            drop(ready);
            let mut watch = match watch {
                Ok(watch) => watch,
                Err(error) => {
                    tracing::error!(%error, "edits of tickets are seen at a restart only");
                    return;
                }
            };
            while let Some(hints) = watch.next(&|| stopping.load(Ordering::Relaxed)) {
                if sender.blocking_send(hints).is_err() {
                    return;
                }
            }
        })
    });
    if follower.is_some() {
        // Whatever is edited from now on is seen; what was edited before is looked for.
        let _ = watching.await;
        // The tickets were read before they were watched.
        if let Err(error) = office.store.reconcile().await {
            tracing::error!(%error, "the tickets could not be looked at again");
        }
    }
    recover(&office, &live).await;
    let mut clock = tokio::time::interval(TICK);
    clock.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    let mut watching = follower.is_some();
    while !stopping.load(Ordering::Relaxed) {
        tokio::select! {
            () = end.notified() => return,
            _ = clock.tick() => match office.tick(&config(), jiff::Timestamp::now()).await {
                Ok(0) => {}
                Ok(steps) => tracing::info!(steps, "took steps that were due"),
                Err(error) => tracing::error!(%error, "what is due could not be looked at"),
            },
            found = hints.recv(), if watching => match found {
                None => watching = false,
                Some(TicketHints { ids, all }) => {
                    for id in ids {
                        match office.edited(&config(), id, jiff::Timestamp::now()).await {
                            Ok(true) => {
                                tracing::info!(%id, "a ticket was edited by hand");
                                changed(id);
                            }
                            // Another process took a step: this one shows it.
                            Ok(false) => changed(id),
                            Err(error) => tracing::error!(%error, %id, "an edited ticket could not be read"),
                        }
                    }
                    if all {
                        if let Err(error) = office.store.reconcile().await {
                            tracing::error!(%error, "the tickets could not be looked at again");
                        }
                        recover(&office, &live).await;
                    }
                }
            },
        }
    }
}

async fn recover(office: &Office, live: &Live) {
    match office.recover(&live.load().config, jiff::Timestamp::now()).await {
        Ok(found) if found == Default::default() => {}
        Ok(found) => tracing::info!(?found, "made good what was left undone"),
        Err(error) => tracing::error!(%error, "what was left undone could not be looked at"),
    }
}
