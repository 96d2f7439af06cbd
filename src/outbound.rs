//! Notices: what happened to a ticket, told to those it concerns by mail and in the chat.
//!
//! An [`Event`] is laid into the [`Outbox`] before the ticket is written ([`Outbox::prepare`]) and let go after
//! ([`Outbox::release`]), so that nothing is lost by a crash and nothing is told that did not happen. [`deliver::run`]
//! sends what was let go, at least once: receivers drop repetitions by the event's id. Each receiver of an event has
//! its own state, so that a repetition reaches only those whom the first try did not.

mod audience;
pub mod chat;
pub mod deliver;
mod entry;
mod event;
mod failure;
mod lane;
pub mod mail;
mod names;
mod outbox;
mod probe;
mod schedule;
mod senders;
pub mod webhook;
mod words;

pub use audience::{also_when_urgent, audiences, email_in, is_poor};
pub use entry::{Delivery, Entry, Progress, Target};
pub use event::{Audience, Event, Person, TicketFacts};
pub use failure::Failure;
pub use outbox::{Counts, Outbox, OutboxError};
pub use probe::probe;
pub use senders::{Memory, Senders, Sent};
pub use words::headline;
