//! Targets: until when a ticket needs its first answer, and its solution.

use std::time::Duration;

use super::Moment;
use crate::config::Urgency;

/// What an urgency promises, counted from the filing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Targets {
    pub first_response: Duration,
    pub resolve: Duration,
}

impl From<&Urgency> for Targets {
    fn from(urgency: &Urgency) -> Self {
        Self { first_response: urgency.first_response, resolve: urgency.resolve }
    }
}

/// When the first answer to a ticket filed at `created` is due.
pub fn first_response_due(created: &Moment, targets: Targets) -> Moment {
    created.after(targets.first_response)
}

/// When the solution of a ticket filed at `created` is due, when nothing holds it up.
pub fn resolve_due(created: &Moment, targets: Targets) -> Moment {
    created.after(targets.resolve)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn targets_count_from_the_filing() {
        let created: Moment = "2026-11-23T23:55:00+08:00".parse().unwrap();
        let targets = Targets { first_response: Duration::from_secs(600), resolve: Duration::from_secs(4 * 3_600) };
        assert_eq!(first_response_due(&created, targets).to_string(), "2026-11-24T00:05:00+08:00");
        assert_eq!(resolve_due(&created, targets).to_string(), "2026-11-24T03:55:00+08:00");
    }
}
