//! Counters for `/metrics`, in Prometheus' text format.

use std::fmt::Write;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use axum::http::StatusCode;

use crate::outbound::Counts;

/// Upper bounds of the buckets of a search's time, in milliseconds.
const BOUNDS: [u64; 8] = [1, 2, 5, 10, 25, 50, 100, 1_000];

/// What the server counts from its start on.
#[derive(Debug, Default)]
pub struct Metrics {
    /// By the first digit of the status, from 1.
    requests: [AtomicU64; 5],
    /// Not cumulative; the last is above every bound.
    searches: [AtomicU64; BOUNDS.len() + 1],
    search_micros: AtomicU64,
    tickets: AtomicU64,
}

/// What is known without counting.
#[derive(Debug, Clone, Copy)]
pub(super) struct State {
    pub(super) revision: u64,
    pub(super) documents: usize,
    pub(super) errors: usize,
    pub(super) warnings: usize,
    /// Tickets that somebody has to work on, and those of them that are late.
    pub(super) open: usize,
    pub(super) overdue: usize,
    pub(super) notices: Counts,
}

impl Metrics {
    pub(super) fn answered(&self, status: StatusCode) {
        let class = usize::from(status.as_u16() / 100).clamp(1, 5) - 1;
        self.requests[class].fetch_add(1, Ordering::Relaxed);
    }

    pub(super) fn searched(&self, took: Duration) {
        let micros = u64::try_from(took.as_micros()).unwrap_or(u64::MAX);
        let bucket = BOUNDS.iter().position(|bound| micros <= bound * 1_000).unwrap_or(BOUNDS.len());
        self.searches[bucket].fetch_add(1, Ordering::Relaxed);
        self.search_micros.fetch_add(micros, Ordering::Relaxed);
    }

    /// A ticket is durable.
    pub fn ticket_filed(&self) {
        self.tickets.fetch_add(1, Ordering::Relaxed);
    }

    /// The page of `/metrics`.
    pub(super) fn text(&self, state: State) -> String {
        let mut text = String::new();
        // Writing to a String cannot fail.
        let _ = self.write(&mut text, state);
        text
    }

    fn write(&self, out: &mut String, state: State) -> std::fmt::Result {
        let get = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        head(out, "helpmark_http_requests_total", "counter", "Requests answered, by class of status.")?;
        for (class, counter) in (1..).zip(&self.requests) {
            writeln!(out, "helpmark_http_requests_total{{class=\"{class}xx\"}} {}", get(counter))?;
        }
        head(out, "helpmark_search_seconds", "histogram", "Time to answer a search.")?;
        let mut sum = 0;
        for (bound, counter) in BOUNDS.iter().zip(&self.searches) {
            sum += get(counter);
            writeln!(out, "helpmark_search_seconds_bucket{{le=\"{}\"}} {sum}", millis(*bound))?;
        }
        sum += get(&self.searches[BOUNDS.len()]);
        writeln!(out, "helpmark_search_seconds_bucket{{le=\"+Inf\"}} {sum}")?;
        let micros = get(&self.search_micros);
        writeln!(out, "helpmark_search_seconds_sum {}.{:06}", micros / 1_000_000, micros % 1_000_000)?;
        writeln!(out, "helpmark_search_seconds_count {sum}")?;
        head(out, "helpmark_tickets_filed_total", "counter", "Tickets filed over HTTP.")?;
        writeln!(out, "helpmark_tickets_filed_total {}", get(&self.tickets))?;
        head(out, "helpmark_snapshot_revision", "gauge", "The number of the site's current state.")?;
        writeln!(out, "helpmark_snapshot_revision {}", state.revision)?;
        head(out, "helpmark_documents", "gauge", "Documents in the search index.")?;
        writeln!(out, "helpmark_documents {}", state.documents)?;
        head(out, "helpmark_diagnostics", "gauge", "Findings in the content, by severity.")?;
        writeln!(out, "helpmark_diagnostics{{severity=\"error\"}} {}", state.errors)?;
        writeln!(out, "helpmark_diagnostics{{severity=\"warning\"}} {}", state.warnings)?;
        head(out, "helpmark_tickets_open", "gauge", "Tickets that are neither solved nor ended.")?;
        writeln!(out, "helpmark_tickets_open {}", state.open)?;
        head(out, "helpmark_tickets_overdue", "gauge", "Open tickets whose next target has passed.")?;
        writeln!(out, "helpmark_tickets_overdue {}", state.overdue)?;
        let Counts { waiting, dead, sent_total, failed_total, .. } = state.notices;
        head(out, "helpmark_notices", "gauge", "Notices that wait, or were given up.")?;
        writeln!(out, "helpmark_notices{{state=\"waiting\"}} {waiting}")?;
        writeln!(out, "helpmark_notices{{state=\"dead\"}} {dead}")?;
        head(out, "helpmark_notices_total", "counter", "Deliveries since the start, by their outcome.")?;
        writeln!(out, "helpmark_notices_total{{outcome=\"sent\"}} {sent_total}")?;
        writeln!(out, "helpmark_notices_total{{outcome=\"failed\"}} {failed_total}")
    }
}

fn head(out: &mut String, name: &str, kind: &str, help: &str) -> std::fmt::Result {
    writeln!(out, "# HELP {name} {help}\n# TYPE {name} {kind}")
}

/// Milliseconds as seconds, without the rounding of floating point.
fn millis(millis: u64) -> String {
    let text = format!("{}.{:03}", millis / 1_000, millis % 1_000);
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn buckets_add_up() {
        let metrics = Metrics::default();
        for millis in [1, 3, 3, 70, 5_000] {
            metrics.searched(Duration::from_millis(millis));
        }
        metrics.answered(StatusCode::NOT_FOUND);
        let text = metrics.text(State {
            revision: 7,
            documents: 30,
            errors: 1,
            warnings: 0,
            open: 4,
            overdue: 2,
            notices: Counts { dead: 3, ..Counts::default() },
        });
        for line in [
            "helpmark_search_seconds_bucket{le=\"0.001\"} 1",
            "helpmark_search_seconds_bucket{le=\"0.005\"} 3",
            "helpmark_search_seconds_bucket{le=\"1\"} 4",
            "helpmark_search_seconds_bucket{le=\"+Inf\"} 5",
            "helpmark_search_seconds_sum 5.077000",
            "helpmark_search_seconds_count 5",
            "helpmark_http_requests_total{class=\"4xx\"} 1",
            "helpmark_snapshot_revision 7",
            "helpmark_diagnostics{severity=\"error\"} 1",
            "helpmark_tickets_overdue 2",
            "helpmark_notices{state=\"dead\"} 3",
        ] {
            assert!(text.lines().any(|have| have == line), "{line} is missing from\n{text}");
        }
    }
}
