//! Lines that are kept between two reports, so that the second reads only the tickets that changed.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::{Arc, Mutex, PoisonError};

use jiff::Timestamp;
use jiff::civil::Date;

use super::Line;
use crate::config::Config;
use crate::ticket::sla::Targets;
use crate::ticket::{Store, StoreError, Summary, Ticket, TicketId};

/// A line with the fingerprint of the file it was made from.
type Known = HashMap<TicketId, (u64, Arc<Line>)>;

/// The lines of one site. Cheap to clone; about 150 bytes a ticket.
#[derive(Debug, Clone, Default)]
pub struct Lines(Arc<Mutex<Known>>);

impl Lines {
    /// Lets go of every line, for when `site.toml` changed its targets or its calendar.
    pub fn clear(&self) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }

    /// The line of every ticket filed on `to` or before. The first call reads all their files, in parallel.
    ///
    /// # Errors
    /// When the tickets cannot be listed.
    pub async fn read(
        &self,
        store: &Store,
        config: &Arc<Config>,
        to: Date,
        now: Timestamp,
    ) -> Result<Vec<Arc<Line>>, StoreError> {
        let zone = config.time_zone.clone();
        // A day of grace: the number's day and the day of filing may differ by the writer's clock.
        let until = to.tomorrow().unwrap_or(to);
        let listed = store.gather(move |line| (line.id.day() <= until).then_some((line.id, line.file))).await?;
        let known: HashMap<_, _> = {
            let lines = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            listed.iter().filter(|(id, file)| lines.get(id).is_some_and(|(old, _)| old == file)).copied().collect()
        };
        let missing: BTreeSet<_> = listed.iter().map(|(id, _)| *id).filter(|id| !known.contains_key(id)).collect();
        let fresh = match missing.is_empty() {
            true => Vec::new(),
            false => {
                let targets = targets(config);
                let config = Arc::clone(config);
                let look = move |summary: &Summary, ticket: &Ticket| {
                    let line = match targets.get(&ticket.urgency) {
                        Some(known) => Line::of(ticket, known, &zone, now),
                        None => Line::of(ticket, &Targets::of(&config, &ticket.urgency), &zone, now),
                    };
                    (ticket.id, (summary.file, Arc::new(line)))
                };
                store.survey(move |summary| missing.contains(&summary.id), look).await?
            }
        };
        let mut lines = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        lines.extend(fresh);
        let listed = listed.iter().filter_map(|(id, _)| lines.get(id)).map(|(_, line)| Arc::clone(line));
        Ok(listed.filter(|line| line.filed_on <= to).collect())
    }
}

/// The targets by urgency, made once.
fn targets(config: &Config) -> BTreeMap<String, Targets> {
    config.urgencies.iter().map(|urgency| (urgency.key.clone(), Targets::of(config, &urgency.key))).collect()
}
