//! What somebody wants done with a ticket: the steps of the process with what they need.

use serde::{Deserialize, Serialize};

use super::{Moment, PendingOn, Rating, TicketId};

/// One step. As JSON and as a form: `action`, and the fields of that action, all optional to read; what a step cannot
/// do without is checked where it is applied, so that every mistake is told in the person's language.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "action", rename_all = "snake_case")]
pub enum Step {
    /// Take it on: the owner, the time, and the first direction, which the requester reads.
    Accept {
        #[serde(default)]
        assignee: String,
        #[serde(default)]
        team: String,
        #[serde(default)]
        note: String,
    },
    /// Sort it to a team, or give it to a person.
    Assign {
        #[serde(default)]
        team: String,
        #[serde(default)]
        assignee: String,
        #[serde(default)]
        note: String,
    },
    Start {
        #[serde(default)]
        note: String,
    },
    /// A work note: staff only.
    Note {
        #[serde(default)]
        text: String,
    },
    /// Public words, by staff or by the requester.
    Reply {
        #[serde(default)]
        text: String,
    },
    /// The requester was spoken to: `phone`, `chat`, `visit` or `mail`.
    Contact {
        #[serde(default)]
        how: String,
        #[serde(default)]
        text: String,
    },
    /// A work note worth keeping for the resolution record.
    KeyStep {
        #[serde(default)]
        text: String,
    },
    /// What may go wrong, and the way back: told to the requester before it is done.
    Risk {
        #[serde(default)]
        risk: String,
        #[serde(default)]
        fallback: String,
    },
    /// Ask the requester for what is missing, and wait for it.
    Ask {
        #[serde(default)]
        text: String,
    },
    /// Wait for somebody.
    Pend {
        on: PendingOn,
        /// The supplier or the department.
        #[serde(default)]
        with: String,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        until: Option<Moment>,
        #[serde(default)]
        note: String,
    },
    Resume {
        #[serde(default)]
        note: String,
    },
    Approve {
        #[serde(default)]
        reason: String,
    },
    Reject {
        #[serde(default)]
        reason: String,
    },
    Resolve {
        #[serde(default)]
        cause: String,
        #[serde(default)]
        resolution: String,
        #[serde(default)]
        environment: String,
    },
    Confirm {},
    Reopen {
        #[serde(default)]
        reason: String,
    },
    Rate {
        #[serde(flatten)]
        rating: Rating,
    },
    /// Close a solved ticket for a requester who said so elsewhere.
    Close {
        #[serde(default)]
        reason: String,
    },
    Cancel {
        #[serde(default)]
        reason: String,
    },
    /// The same matter is another ticket's.
    Merge {
        into: TicketId,
    },
    /// Correct what the form was filled in with.
    Triage {
        #[serde(default, rename = "type", skip_serializing_if = "Option::is_none")]
        kind: Option<String>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        urgency: Option<String>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        impact: Option<String>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        title: Option<String>,
    },
    /// A resolution record or an article was written from it; `record` is its path below `content/`.
    Publish {
        #[serde(default)]
        record: String,
    },
    /// By the program: it closes soon without an answer.
    Remind {},
    /// By the program: a target is near or missed, and the lead is told.
    Escalate {
        #[serde(default)]
        level: String,
    },
    /// By the program: nobody answered.
    AutoClose {},
}

impl Step {
    /// The word in `action`.
    pub fn key(&self) -> &'static str {
        match self {
            Self::Accept { .. } => "accept",
            Self::Assign { .. } => "assign",
            Self::Start { .. } => "start",
            Self::Note { .. } => "note",
            Self::Reply { .. } => "reply",
            Self::Contact { .. } => "contact",
            Self::KeyStep { .. } => "key_step",
            Self::Risk { .. } => "risk",
            Self::Ask { .. } => "ask",
            Self::Pend { .. } => "pend",
            Self::Resume { .. } => "resume",
            Self::Approve { .. } => "approve",
            Self::Reject { .. } => "reject",
            Self::Resolve { .. } => "resolve",
            Self::Confirm {} => "confirm",
            Self::Reopen { .. } => "reopen",
            Self::Rate { .. } => "rate",
            Self::Close { .. } => "close",
            Self::Cancel { .. } => "cancel",
            Self::Merge { .. } => "merge",
            Self::Triage { .. } => "triage",
            Self::Publish { .. } => "publish",
            Self::Remind {} => "remind",
            Self::Escalate { .. } => "escalate",
            Self::AutoClose {} => "auto_close",
        }
    }
}
