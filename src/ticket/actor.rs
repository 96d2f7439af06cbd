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
    /// The account's mail address; may be empty.
    pub email: String,
}

impl Actor {
    /// The holder of a ticket's tracking link. Whether the link is valid has been checked.
    pub fn link() -> Self {
        Self { role: Role::Link, ..Self::system() }
    }

    /// The program itself.
    pub fn system() -> Self {
        let nobody = String::new;
        Self { account: nobody(), name: nobody(), role: Role::System, teams: Vec::new(), email: nobody() }
    }

    /// Agents, leads and administrators.
    pub fn is_staff(&self) -> bool {
        matches!(self.role, Role::Agent | Role::Lead | Role::Admin)
    }

    /// Whether the ticket is their own report.
    pub fn is_requester_of(&self, ticket: &Ticket) -> bool {
        self.role == Role::Link || !self.account.is_empty() && ticket.requester.account == self.account
    }

    /// Whether they may have reported it themselves: it is theirs, or nobody was signed in when it was filed and the
    /// name or the contact that was left is the account's. That is reason enough to decide nothing about it, and too
    /// little to be let at it, since anybody can leave any name.
    pub fn may_have_filed(&self, ticket: &Ticket) -> bool {
        let requester = &ticket.requester;
        if self.is_requester_of(ticket) || self.account.is_empty() || !requester.account.is_empty() {
            return self.is_requester_of(ticket);
        }
        let part_of_word = |c: char| c.is_ascii_alphanumeric() || "@._%+-".contains(c);
        let words = requester.contact.split(|c| !part_of_word(c)).map(|word| word.trim_matches(['.', '-']));
        let mut words = words.filter(|word| !word.is_empty());
        let is_own = |word: &str| word.eq_ignore_ascii_case(&self.account) || word.eq_ignore_ascii_case(&self.email);
        let name = folded(&requester.name);
        words.any(is_own) || !name.is_empty() && (name == folded(&self.name) || name == folded(&self.account))
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

/// A name as it is compared: one spelling of case and of spaces.
fn folded(name: &str) -> String {
    name.split_whitespace().collect::<Vec<_>>().join(" ").to_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ticket::tests::sample;

    #[test]
    fn a_report_without_an_account_may_be_that_of_whom_it_names() {
        let zhao = Actor {
            account: "zhao".into(),
            name: "赵 敏".into(),
            role: Role::Employee,
            email: "zhao.min@example.com".into(),
            ..Actor::system()
        };
        let filed = |account: &str, name: &str, contact: &str| {
            let mut ticket = sample();
            ticket.requester.account = account.into();
            (ticket.requester.name, ticket.requester.contact) = (name.into(), contact.into());
            ticket
        };
        for (name, contact) in [
            ("赵  敏", "13800138000"),
            ("ZHAO", "13800138000"),
            ("某人", "Zhao.Min@Example.com"),
            ("某人", "手机 138…，邮箱：zhao.min@example.com。"),
            ("某人", "zhao"),
        ] {
            let ticket = filed("", name, contact);
            assert!(zhao.may_have_filed(&ticket), "{name}, {contact}");
            assert!(!zhao.is_requester_of(&ticket), "and yet it is nobody's until they prove it");
        }
        assert!(!zhao.may_have_filed(&filed("", "王芳", "wang@example.com, zhaoyun")));
        assert!(!zhao.may_have_filed(&filed("li", "赵 敏", "zhao")), "who was signed in is known");
        assert!(zhao.may_have_filed(&filed("zhao", "王芳", "x")));
        let without = Actor { email: String::new(), ..zhao };
        assert!(!without.may_have_filed(&filed("", "王芳", "，。")));
    }
}
