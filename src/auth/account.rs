//! One account.

use serde::{Deserialize, Serialize};

use crate::ticket::{Actor, Role};

/// Words that mean somebody else in a ticket's history.
pub const FORBIDDEN_LOGINS: &[&str] = &["requester", "system", "link", "nobody"];

/// A person with a login.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Account {
    /// Lower case; see [`login_of`].
    pub login: String,
    /// As colleagues read it.
    pub name: String,
    /// [`Role::Employee`], [`Role::Agent`], [`Role::Lead`] or [`Role::Admin`].
    pub role: Role,
    /// Keys of teams of site.toml.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub teams: Vec<String>,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub email: String,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub department: String,
    /// The language of what is sent to them; empty for the site's own.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub lang: String,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub disabled: bool,
    /// Whether somebody else chose the password, so that it has to be changed before anything else.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub must_change: bool,
}

impl Account {
    /// An employee of whom only the login and the name are known.
    pub fn employee(login: String, name: String) -> Self {
        Self {
            login,
            name,
            role: Role::Employee,
            teams: Vec::new(),
            email: String::new(),
            department: String::new(),
            lang: String::new(),
            disabled: false,
            must_change: false,
        }
    }

    /// The account as somebody who acts on tickets.
    pub fn actor(&self) -> Actor {
        Actor {
            account: self.login.clone(),
            name: if self.name.is_empty() { self.login.clone() } else { self.name.clone() },
            role: self.role,
            teams: self.teams.clone(),
            email: self.email.clone(),
        }
    }
}

/// The login that `text` means: lower case, 1 to 64 of `a-z 0-9 . _ - @`, a letter or a digit first. `None` for
/// anything else, and for words that mean somebody else ([`FORBIDDEN_LOGINS`]).
pub fn login_of(text: &str) -> Option<String> {
    let login = text.trim().to_ascii_lowercase();
    let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"._-@".contains(&byte);
    let first = login.bytes().next().is_some_and(|byte| byte.is_ascii_alphanumeric());
    let good = first && login.len() <= 64 && login.bytes().all(plain) && !FORBIDDEN_LOGINS.contains(&login.as_str());
    good.then_some(login)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn logins_have_one_spelling_and_none_means_somebody_else() {
        assert_eq!(login_of(" Zhang.Wei ").as_deref(), Some("zhang.wei"));
        assert_eq!(login_of("w@example.com").as_deref(), Some("w@example.com"));
        let long = "x".repeat(65);
        for bad in ["", ".x", "../x", "a b", "张伟", "System", "requester", "a/b", "a\nb", long.as_str()] {
            assert_eq!(login_of(bad), None, "{bad}");
        }
    }
}
