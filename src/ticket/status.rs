//! The states of a ticket and the steps between them (CONTRACT.md, status).

use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Where a ticket stands. In a file it may be called as people call it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    #[default]
    #[serde(alias = "待受理")]
    New,
    #[serde(alias = "已受理")]
    Accepted,
    #[serde(alias = "处理中")]
    InProgress,
    #[serde(alias = "挂起")]
    Pending,
    #[serde(alias = "处理完成")]
    Resolved,
    #[serde(alias = "已关闭")]
    Closed,
    #[serde(alias = "已撤销")]
    Cancelled,
    #[serde(alias = "已合并")]
    Merged,
}

impl Status {
    pub const ALL: [Self; 8] = [
        Self::New,
        Self::Accepted,
        Self::InProgress,
        Self::Pending,
        Self::Resolved,
        Self::Closed,
        Self::Cancelled,
        Self::Merged,
    ];

    /// The word in files and in the API.
    pub fn key(self) -> &'static str {
        match self {
            Self::New => "new",
            Self::Accepted => "accepted",
            Self::InProgress => "in_progress",
            Self::Pending => "pending",
            Self::Resolved => "resolved",
            Self::Closed => "closed",
            Self::Cancelled => "cancelled",
            Self::Merged => "merged",
        }
    }

    pub fn from_key(key: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|status| status.key() == key)
    }

    /// The word for people.
    pub fn name(self, lang: &str) -> &'static str {
        let (zh, en) = match self {
            Self::New => ("待受理", "New"),
            Self::Accepted => ("已受理", "Accepted"),
            Self::InProgress => ("处理中", "In progress"),
            Self::Pending => ("挂起", "On hold"),
            Self::Resolved => ("处理完成", "Resolved"),
            Self::Closed => ("已关闭", "Closed"),
            Self::Cancelled => ("已撤销", "Cancelled"),
            Self::Merged => ("已合并", "Merged"),
        };
        if lang == "zh" { zh } else { en }
    }

    /// Whether somebody still has work to do on it.
    pub fn is_open(self) -> bool {
        matches!(self, Self::New | Self::Accepted | Self::InProgress | Self::Pending)
    }

    /// The state after `action`.
    ///
    /// # Errors
    /// [`Refused`], with the actions that are allowed in this state.
    pub fn after(self, action: Action) -> Result<Self, Refused> {
        match (self, action) {
            (Self::New, Action::Accept) => Ok(Self::Accepted),
            (Self::Accepted, Action::Start) => Ok(Self::InProgress),
            (Self::Accepted | Self::InProgress, Action::Pend) => Ok(Self::Pending),
            (Self::Pending, Action::Resume) => Ok(Self::InProgress),
            (Self::Accepted | Self::InProgress, Action::Resolve) => Ok(Self::Resolved),
            (Self::Resolved, Action::Reopen) => Ok(Self::InProgress),
            (Self::Resolved, Action::Confirm | Action::Close) => Ok(Self::Closed),
            (status, Action::Cancel) if status.is_open() => Ok(Self::Cancelled),
            (status, Action::Merge) if status.is_open() => Ok(Self::Merged),
            (status, action) => Err(Refused { status, action }),
        }
    }

    /// What may be done in this state.
    pub fn allowed(self) -> impl Iterator<Item = Action> {
        Action::ALL.into_iter().filter(move |action| self.after(*action).is_ok())
    }
}

impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.key())
    }
}

/// A step that changes the state.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Action {
    Accept,
    Start,
    Pend,
    Resume,
    Resolve,
    Confirm,
    Reopen,
    Close,
    Cancel,
    Merge,
}

impl Action {
    pub const ALL: [Self; 10] = [
        Self::Accept,
        Self::Start,
        Self::Pend,
        Self::Resume,
        Self::Resolve,
        Self::Confirm,
        Self::Reopen,
        Self::Close,
        Self::Cancel,
        Self::Merge,
    ];

    pub fn key(self) -> &'static str {
        match self {
            Self::Accept => "accept",
            Self::Start => "start",
            Self::Pend => "pend",
            Self::Resume => "resume",
            Self::Resolve => "resolve",
            Self::Confirm => "confirm",
            Self::Reopen => "reopen",
            Self::Close => "close",
            Self::Cancel => "cancel",
            Self::Merge => "merge",
        }
    }
}

/// A step the state does not allow.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Refused {
    pub status: Status,
    pub action: Action,
}

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "a ticket that is {} cannot take the step `{}`", self.status, self.action.key())?;
        let allowed: Vec<_> = self.status.allowed().map(Action::key).collect();
        match allowed.is_empty() {
            true => f.write_str("; this state is final"),
            false => write!(f, "; possible now: {}", allowed.join(", ")),
        }
    }
}

impl std::error::Error for Refused {}

/// Whom a pending ticket waits for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum PendingOn {
    Requester,
    Approval,
    Supplier,
}

impl PendingOn {
    pub const ALL: [Self; 3] = [Self::Requester, Self::Approval, Self::Supplier];

    /// The word in files and in the API.
    pub fn key(self) -> &'static str {
        match self {
            Self::Requester => "requester",
            Self::Approval => "approval",
            Self::Supplier => "supplier",
        }
    }

    pub fn from_key(key: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|on| on.key() == key)
    }

    pub fn name(self, lang: &str) -> &'static str {
        let (zh, en) = match self {
            Self::Requester => ("待补充", "Waiting for you"),
            Self::Approval => ("待审批", "Waiting for approval"),
            Self::Supplier => ("待供应商", "Waiting for a supplier"),
        };
        if lang == "zh" { zh } else { en }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn final_states_allow_nothing_and_open_ones_something() {
        for status in Status::ALL {
            let allowed = status.allowed().count();
            let is_final = matches!(status, Status::Closed | Status::Cancelled | Status::Merged);
            assert_eq!(allowed == 0, is_final, "{status}");
            assert_eq!(Status::from_key(status.key()), Some(status));
            assert_eq!(serde_json::to_value(status).unwrap(), status.key());
        }
    }

    #[test]
    fn a_refusal_says_what_is_possible() {
        let refused = Status::New.after(Action::Resolve).unwrap_err().to_string();
        assert!(refused.contains("new") && refused.contains("accept, cancel, merge"), "{refused}");
        assert!(Status::Closed.after(Action::Reopen).unwrap_err().to_string().contains("final"));
    }

    #[test]
    fn the_usual_way_leads_to_closed() {
        let steps = [Action::Accept, Action::Start, Action::Pend, Action::Resume, Action::Resolve, Action::Reopen];
        let status = steps.into_iter().chain([Action::Resolve, Action::Confirm]).try_fold(Status::New, Status::after);
        assert_eq!(status, Ok(Status::Closed));
    }
}
