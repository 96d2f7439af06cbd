//! What a report keeps of a ticket: nobody's words, and nothing that changes while the file does not.

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;

use super::Range;
use crate::ticket::sla::Targets;
use crate::ticket::{Moment, Status, Ticket};

/// A ticket, counted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    pub kind: Box<str>,
    pub team: Box<str>,
    /// The login of its owner.
    pub agent: Box<str>,
    pub filed_on: Date,
    /// Not there while it is open, nor when it was cancelled or merged.
    pub solved_on: Option<Date>,
    /// The day it left the queue, in whatever way.
    pub(super) ended_on: Option<Date>,
    /// Working seconds until the first answer.
    pub(super) answered_after: Option<u32>,
    pub(super) answered_in_time: Option<bool>,
    pub(super) answer_due: Timestamp,
    /// Working seconds of the solution, without the time it waited for others.
    pub(super) solved_after: Option<u32>,
    pub(super) solved_in_time: Option<bool>,
    pub(super) reopened: bool,
    pub(super) rating: Option<Marks>,
}

/// A rating without its words.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Marks {
    pub(super) solved: bool,
    /// Speed, attitude, skill, result.
    pub(super) marks: [Option<u8>; 4],
}

impl Line {
    /// Counts a ticket against the targets of its urgency. `now` matters only for one whose dates a person removed.
    pub fn of(ticket: &Ticket, targets: &Targets, zone: &TimeZone, now: Timestamp) -> Self {
        let standing = targets.standing(ticket, now);
        let day = |moment: &Moment| moment.in_zone(zone).date();
        let filed_on = ticket.created_at.as_ref().map_or(ticket.id.day(), day);
        let last = || ticket.history.last().map(|entry| &entry.at);
        let gone = matches!(ticket.status, Status::Cancelled | Status::Merged);
        let solved = matches!(ticket.status, Status::Resolved | Status::Closed);
        let solved_on = if solved {
            ticket.resolved_at.as_ref().or(ticket.closed_at.as_ref()).or_else(last).map(day).or(Some(filed_on))
        } else {
            None
        };
        let ended_on = match gone {
            true => ticket.closed_at.as_ref().or_else(last).map(day).or(Some(filed_on)),
            false => solved_on,
        };
        let seconds = |span: u64| u32::try_from(span).unwrap_or(u32::MAX);
        let answered = ticket.first_response_at.as_ref().zip(ticket.created_at.as_ref());
        let answered_after = answered
            .map(|(answered, created)| seconds(targets.working().between(created.timestamp(), answered.timestamp())));
        let rating = ticket.rating.as_ref().map(|rating| Marks {
            solved: rating.solved,
            marks: [rating.speed, rating.attitude, rating.skill, rating.result],
        });
        Self {
            kind: ticket.kind.as_str().into(),
            team: ticket.team.as_str().into(),
            agent: ticket.assignee.as_str().into(),
            filed_on,
            solved_on,
            ended_on,
            answered_after,
            answered_in_time: answered.and(standing.first_response_met),
            answer_due: standing.first_response_due.timestamp(),
            solved_after: solved_on.map(|_| seconds(standing.spent)),
            solved_in_time: solved_on.and(standing.resolve_met),
            reopened: ticket.history.iter().any(|entry| entry.action == "reopen"),
            rating,
        }
    }

    pub(super) fn solved_in(&self, range: Range) -> bool {
        self.solved_on.is_some_and(|day| range.holds(day))
    }

    /// Whether it was in the queue at the end of that day.
    pub(super) fn is_open_at(&self, day: Date) -> bool {
        self.filed_on <= day && self.ended_on.is_none_or(|ended| ended > day)
    }

    /// Whether the first answer came in time; `None` where there is none, and either time left or nobody waiting.
    pub(super) fn answer_met(&self, now: Timestamp) -> Option<bool> {
        let late = now > self.answer_due && self.ended_on.is_none();
        self.answered_in_time.or(late.then_some(false))
    }
}
