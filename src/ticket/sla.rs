//! Targets: until when a ticket needs its first answer and its solution, and whether they were met.
//!
//! Both are counted in working time from the filing. Waiting for the requester, an approval or a supplier stops the
//! clock of the solution, not that of the first answer; so does the time between `resolved` and `reopened`.

use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::working::WorkingTime;
use super::{Moment, Status, Ticket};
use crate::config::{Calendar, Config};

/// What an urgency promises on one site.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Targets {
    calendar: Arc<Calendar>,
    zone: TimeZone,
    round_the_clock: bool,
    first_response: Duration,
    resolve: Duration,
}

/// How a ticket stands against its targets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Standing {
    pub first_response_due: Moment,
    /// `None` while the clock stands still.
    pub resolve_due: Option<Moment>,
    /// Whether the first answer came in time; `None` while there is none and there is time left.
    pub first_response_met: Option<bool>,
    /// Whether the solution came in time; `None` while it is open and there is time left.
    pub resolve_met: Option<bool>,
    /// Working seconds that counted towards the solution so far.
    pub spent: u64,
}

impl Standing {
    /// Whether somebody is late with it now: an open ticket with a missed target.
    pub fn is_overdue(&self, status: Status) -> bool {
        status.is_open() && (self.first_response_met == Some(false) || self.resolve_met == Some(false))
    }
}

impl Targets {
    /// The targets of the urgency with this key; of the last, least pressing one where a person wrote an unknown key.
    pub fn of(config: &Config, urgency: &str) -> Self {
        let found = config.urgency(urgency).or(config.urgencies.last());
        let day = Duration::from_secs(86_400);
        Self {
            calendar: Arc::clone(&config.calendar),
            zone: config.time_zone.clone(),
            round_the_clock: found.is_some_and(|urgency| urgency.round_the_clock),
            first_response: found.map_or(day, |urgency| urgency.first_response),
            resolve: found.map_or(3 * day, |urgency| urgency.resolve),
        }
    }

    pub fn working(&self) -> WorkingTime<'_> {
        WorkingTime { calendar: &self.calendar, zone: &self.zone, round_the_clock: self.round_the_clock }
    }

    /// Working time of the site, also for an urgency whose targets run day and night.
    pub fn calendar_time(&self) -> WorkingTime<'_> {
        WorkingTime { round_the_clock: false, ..self.working() }
    }

    /// Working seconds until the first answer.
    pub fn first_response_seconds(&self) -> u64 {
        self.working().seconds(self.first_response)
    }

    /// When the first answer to a ticket filed at `created` is due.
    pub fn first_response_due(&self, created: &Moment) -> Moment {
        let working = self.working();
        working.after(created, working.seconds(self.first_response))
    }

    /// The moment when `percent` of the time for the first answer has passed.
    pub fn first_response_part(&self, created: &Moment, percent: u64) -> Moment {
        let working = self.working();
        working.after(created, working.seconds(self.first_response) * percent / 100)
    }

    /// When a solution that nobody answers closes by itself, after `silence`: not before a working day has passed since
    /// the notice of it, also when the program stood still for a week.
    pub fn closes_at(&self, ticket: &Ticket, silence: Duration) -> Option<Moment> {
        let (working, solved) = (self.calendar_time(), ticket.resolved_at.as_ref()?);
        let whole = working.seconds(silence);
        let day = working.seconds(Duration::from_secs(86_400)).min(whole / 2);
        let from = ticket.history.iter().rposition(|entry| entry.action == "resolve").unwrap_or(0);
        let end = working.after(solved, whole);
        let reminded = ticket.history[from..].iter().find(|entry| entry.action == "remind");
        let told =
            reminded.map(|entry| working.after(&entry.at, day)).filter(|told| told.timestamp() > end.timestamp());
        Some(told.unwrap_or(end))
    }

    /// How `ticket` stands at `now`. A ticket whose `created_at` a person removed counts from `now`.
    pub fn standing(&self, ticket: &Ticket, now: Timestamp) -> Standing {
        let working = self.working();
        let allowed = working.seconds(self.resolve);
        let created = ticket.created_at.clone().unwrap_or_else(|| Moment::at(now, &self.zone));
        let first_response_due = self.first_response_due(&created);
        let (spent, running_since) = clock(ticket, &created, &working);
        let spent_now = spent + running_since.as_ref().map_or(0, |since| working.between(since.timestamp(), now));
        let resolve_due = running_since.map(|since| working.after(&since, allowed.saturating_sub(spent)));
        let in_time = |done: Option<Timestamp>, late: bool| match done {
            Some(_) => Some(!late),
            None if late => Some(false),
            None => None,
        };
        let answered = ticket.first_response_at.as_ref().map(Moment::timestamp);
        let late_answer = answered.unwrap_or(now) > first_response_due.timestamp();
        let solved = ticket.resolved_at.as_ref().map(Moment::timestamp).filter(|_| !ticket.status.is_open());
        Standing {
            first_response_met: in_time(answered, late_answer),
            resolve_met: in_time(solved, spent_now > allowed),
            first_response_due,
            resolve_due,
            spent: spent_now,
        }
    }

    /// The next target, as `due_at` of the file says it: the first answer, then the solution. While the clock of the
    /// solution stands still, the date it had when it stopped.
    pub fn due_at(&self, ticket: &Ticket, now: Timestamp) -> Option<Moment> {
        let standing = self.standing(ticket, now);
        match ticket.first_response_at {
            None => Some(standing.first_response_due),
            Some(_) => standing.resolve_due.or_else(|| ticket.due_at.clone()),
        }
    }
}

/// Working seconds that counted until the clock last stopped or started, and since when it runs again.
fn clock(ticket: &Ticket, created: &Moment, working: &WorkingTime<'_>) -> (u64, Option<Moment>) {
    let mut spent = 0;
    let mut running = Some(created.clone());
    for entry in &ticket.history {
        let runs = match entry.action.as_str() {
            "pend" | "ask" | "resolve" | "confirm" | "close" | "auto_close" | "cancel" | "merge" => false,
            "resume" | "reopen" => true,
            _ => continue,
        };
        match (&running, runs) {
            (Some(since), false) => {
                spent += working.between(since.timestamp(), entry.at.timestamp());
                running = None;
            }
            (None, true) => running = Some(entry.at.clone()),
            _ => {}
        }
    }
    // What a person wrote into the file without a line of history counts as well.
    match (&running, ticket.status.is_open(), ticket.status == Status::Pending, &ticket.pended_at) {
        (Some(since), true, true, Some(stopped)) => {
            spent += working.between(since.timestamp(), stopped.timestamp());
            running = None;
        }
        (Some(since), false, _, _) => {
            let ended = ticket.resolved_at.as_ref().or(ticket.closed_at.as_ref()).unwrap_or(since);
            spent += working.between(since.timestamp(), ended.timestamp());
            running = None;
        }
        _ => {}
    }
    (spent, running)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ticket::HistoryEntry;
    use crate::ticket::tests::sample;

    fn at(text: &str) -> Moment {
        format!("2026-11-{text}:00+08:00").parse().unwrap()
    }

    fn entry(time: &str, action: &str) -> HistoryEntry {
        HistoryEntry { at: at(time), by: "li".into(), action: action.into(), ..HistoryEntry::default() }
    }

    fn important() -> (Targets, Ticket) {
        let config = Config::parse(std::path::Path::new("/x"), "title = \"x\"").unwrap();
        // One hour for the answer, eight for the solution; open from 9 to 18.
        (Targets::of(&config, "important"), Ticket { created_at: Some(at("23T10:00")), ..sample() })
    }

    #[test]
    fn waiting_stops_the_solutions_clock_and_not_the_answers() {
        let (targets, mut ticket) = important();
        ticket.history = vec![entry("23T10:00", "file"), entry("23T10:30", "accept"), entry("23T11:00", "pend")];
        ticket.status = Status::Pending;
        let standing = targets.standing(&ticket, at("24T15:00").timestamp());
        assert_eq!(standing.first_response_due, at("23T11:00"));
        assert_eq!(standing.first_response_met, Some(false), "nobody answered while it waited");
        assert_eq!((standing.resolve_due, standing.resolve_met, standing.spent), (None, None, 3_600));
        assert!(
            Standing { first_response_met: Some(false), ..targets.standing(&ticket, at("24T15:00").timestamp()) }
                .is_overdue(ticket.status)
        );

        ticket.history.push(entry("24T15:00", "resume"));
        ticket.status = Status::InProgress;
        ticket.first_response_at = Some(at("23T10:30"));
        let standing = targets.standing(&ticket, at("24T16:00").timestamp());
        assert_eq!(standing.first_response_met, Some(true));
        // Seven hours are left at 15:00: three today, four tomorrow.
        assert_eq!(standing.resolve_due, Some(at("25T13:00")));
        assert_eq!(targets.due_at(&ticket, at("24T16:00").timestamp()), Some(at("25T13:00")));
    }

    #[test]
    fn a_reopened_ticket_goes_on_where_it_stopped() {
        let (targets, mut ticket) = important();
        ticket.history = vec![entry("23T12:00", "resolve"), entry("24T09:00", "reopen")];
        ticket.status = Status::InProgress;
        ticket.resolved_at = None;
        let standing = targets.standing(&ticket, at("24T10:00").timestamp());
        assert_eq!(standing.spent, 3 * 3_600);
        assert_eq!(standing.resolve_due, Some(at("24T15:00")));
        ticket.history.push(entry("24T16:00", "resolve"));
        (ticket.status, ticket.resolved_at) = (Status::Resolved, Some(at("24T16:00")));
        let standing = targets.standing(&ticket, at("30T10:00").timestamp());
        assert_eq!((standing.resolve_met, standing.spent), (Some(false), 9 * 3_600));
        assert!(!standing.is_overdue(ticket.status), "late, and not late any more");
    }
}
