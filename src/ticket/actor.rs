//! Who acts on a ticket.

use serde::{Deserialize, Serialize};

use super::Ticket;

/// What somebody is to the service desk.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Holds the tracking link of the ticket, and nothing else.
    Link,
    /// Signed in, without a part in the service desk: sees their own tickets and those that wait for their approval.
    Employee,
    Agent,
    Lead,
    Admin,
    /// The program itself: reminds, escalates, closes what nobody answers.
    System,
}

impl Role {
    /// The word in files and on the command line.
    pub fn key(self) -> &'static str {
        match self {
            Self::Link => "link",
            Self::Employee => "employee",
            Self::Agent => "agent",
            Self::Lead => "lead",
            Self::Admin => "admin",
            Self::System => "system",
        }
    }

    /// The word for people.
    pub fn name(self, lang: &str) -> &'static str {
        let (zh, en) = match self {
            Self::Link => ("提报人", "Requester"),
            Self::Employee => ("员工", "Employee"),
            Self::Agent => ("坐席", "Agent"),
            Self::Lead => ("组长", "Lead"),
            Self::Admin => ("管理员", "Administrator"),
            Self::System => ("系统", "System"),
        };
        if lang == "zh" { zh } else { en }
    }
}

/// Somebody with their rights, as of this request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Actor {
    /// The account's login; empty for the holder of a link and for the program.
    pub account: String,
    /// As colleagues read it.
    pub name: String,
    pub role: Role,
    /// Keys of the teams the account belongs to.
    pub teams: Vec<String>,
}

impl Actor {
    /// The holder of a ticket's tracking link. Whether the link is valid has been checked.
    pub fn link() -> Self {
        Self { account: String::new(), name: String::new(), role: Role::Link, teams: Vec::new() }
    }

    /// The program itself.
    pub fn system() -> Self {
        Self { account: String::new(), name: String::new(), role: Role::System, teams: Vec::new() }
    }

    /// Agents, leads and administrators.
    pub fn is_staff(&self) -> bool {
        matches!(self.role, Role::Agent | Role::Lead | Role::Admin)
    }

    /// Whether the ticket is their own report.
    pub fn is_requester_of(&self, ticket: &Ticket) -> bool {
        self.role == Role::Link || !self.account.is_empty() && ticket.requester.account == self.account
    }

    /// Whether the account belongs to the team with this key.
    pub fn in_team(&self, team: &str) -> bool {
        self.teams.iter().any(|own| own == team)
    }

    /// What a history entry says of them.
    pub fn signature(&self, ticket: &Ticket) -> String {
        match self.role {
            Role::System => "system".to_owned(),
            _ if self.is_requester_of(ticket) => "requester".to_owned(),
            _ => self.account.clone(),
        }
    }
}
