//! What happened to a ticket that somebody may want to be told.

use serde::{Deserialize, Serialize};

/// The kinds of events that notices are about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Occasion {
    Filed,
    Accepted,
    Assigned,
    /// Staff answered in public.
    Replied,
    RequesterReplied,
    /// The requester is asked for something.
    Asked,
    Contacted,
    Risk,
    ApprovalRequested,
    Approved,
    Rejected,
    Pended,
    Resumed,
    Resolved,
    Reopened,
    /// It closes by itself soon, if nobody answers.
    ClosingSoon,
    Closed,
    Cancelled,
    Merged,
    Rated,
    /// A target is near or missed.
    Escalated,
}

impl Occasion {
    pub const ALL: [Self; 21] = [
        Self::Filed,
        Self::Accepted,
        Self::Assigned,
        Self::Replied,
        Self::RequesterReplied,
        Self::Asked,
        Self::Contacted,
        Self::Risk,
        Self::ApprovalRequested,
        Self::Approved,
        Self::Rejected,
        Self::Pended,
        Self::Resumed,
        Self::Resolved,
        Self::Reopened,
        Self::ClosingSoon,
        Self::Closed,
        Self::Cancelled,
        Self::Merged,
        Self::Rated,
        Self::Escalated,
    ];

    /// The word in files and in site.toml.
    pub fn key(self) -> &'static str {
        match self {
            Self::Filed => "filed",
            Self::Accepted => "accepted",
            Self::Assigned => "assigned",
            Self::Replied => "replied",
            Self::RequesterReplied => "requester_replied",
            Self::Asked => "asked",
            Self::Contacted => "contacted",
            Self::Risk => "risk",
            Self::ApprovalRequested => "approval_requested",
            Self::Approved => "approved",
            Self::Rejected => "rejected",
            Self::Pended => "pended",
            Self::Resumed => "resumed",
            Self::Resolved => "resolved",
            Self::Reopened => "reopened",
            Self::ClosingSoon => "closing_soon",
            Self::Closed => "closed",
            Self::Cancelled => "cancelled",
            Self::Merged => "merged",
            Self::Rated => "rated",
            Self::Escalated => "escalated",
        }
    }
}
