//! Decisions about a ticket that change nothing in its file, and yet somebody answers for.

use jiff::Zoned;

use super::{Office, audit};
use crate::config::Config;
use crate::ticket::{Actor, Loaded, Moment, StoreError};

impl Office {
    /// Puts decisions into the audit, before what rests on them is done. `decisions` say what was decided where, and
    /// nothing of the text: the audit is never erased.
    ///
    /// # Errors
    /// What kept the audit from being written; then nothing may rest on the decisions.
    pub async fn decided(
        &self,
        config: &Config,
        loaded: &Loaded,
        actor: &Actor,
        decisions: &[String],
        now: &Zoned,
    ) -> Result<(), DecisionError> {
        let record = |decision: &String| audit::Record {
            at: Moment::at(now.timestamp(), &config.time_zone),
            action: decision.clone(),
            ..self.record(&loaded.ticket, loaded.hash, "", actor)
        };
        let records: Vec<_> = decisions.iter().map(record).collect();
        if records.is_empty() {
            return Ok(());
        }
        let audit = self.audit.clone();
        Ok(tokio::task::spawn_blocking(move || audit.append(&records)).await.map_err(StoreError::from)??)
    }
}

/// Why a decision could not be kept.
#[derive(Debug, thiserror::Error)]
pub enum DecisionError {
    #[error(transparent)]
    Audit(#[from] audit::AuditError),
    #[error(transparent)]
    Interrupted(#[from] StoreError),
}
