//! The pages of people with an account.

use serde::Serialize;

use super::FieldError;

/// `sign_in.html`.
#[derive(Debug, Clone, Serialize, Default)]
pub struct SignIn {
    /// Where the form posts to.
    pub action: String,
    /// Comes back; the password does not.
    pub login: String,
    /// Where to go afterwards: a path of this site, or empty.
    pub next: String,
    pub errors: Vec<FieldError>,
    /// Why nobody was signed in, when it is no field's fault; or empty.
    pub failure: String,
    /// Whether tickets are filed without an account too.
    pub open_intake: bool,
}

/// `password.html`: a person's own password.
#[derive(Debug, Clone, Serialize, Default)]
pub struct Password {
    pub action: String,
    pub login: String,
    /// Where to go afterwards: a path of this site, or empty.
    pub next: String,
    /// Whether nothing else is open until it was changed.
    pub must_change: bool,
    pub errors: Vec<FieldError>,
    pub failure: String,
    pub csrf: String,
}

/// `my.html`: the tickets of somebody who is signed in.
#[derive(Debug, Clone, Serialize)]
pub struct MyTickets {
    pub name: String,
    pub role: String,
    /// The newest first.
    pub tickets: Vec<MyTicket>,
    /// The desk, for staff; else empty.
    pub desk_url: String,
    /// What waits for their approval, for those who are named as approvers; else empty.
    pub approvals_url: String,
    /// Empty for those whom the company's sign-on signed in.
    pub sign_out_url: String,
    /// Where the password is changed; empty for those who have none here.
    pub password_url: String,
    /// Whether it has just been changed.
    pub changed: bool,
    pub csrf: String,
}

#[derive(Debug, Clone, Serialize)]
pub struct MyTicket {
    pub id: String,
    pub title: String,
    pub url: String,
    pub status_name: String,
    /// `info`, `warning`, `success`, `muted`.
    pub tone: &'static str,
    pub type_name: String,
    pub created: String,
    pub updated: String,
    /// Whether the requester is waited for.
    pub needs_you: bool,
}
