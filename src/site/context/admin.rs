//! What the administrators' templates get under `page`: `desk_accounts.html`, `desk_account.html`, `desk_outbox.html`,
//! `desk_audit.html`, `desk_erase.html`.

use serde::Serialize;

use super::desk::{Desk, DeskField, DeskLink, DeskPageLink, DeskTrouble};
use super::{ChoiceOption, Pair};

/// `desk_accounts.html`: everybody with an account, and the form for a new one.
#[derive(Debug, Clone, Serialize, Default)]
pub struct DeskAccounts {
    pub desk: Desk,
    pub tabs: Vec<DeskLink>,
    pub accounts: Vec<AccountRow>,
    pub form: AccountForm,
    pub trouble: Option<DeskTrouble>,
    /// A password that was just made.
    pub secret: Option<Secret>,
}

/// `desk_account.html`: one account.
#[derive(Debug, Clone, Serialize, Default)]
pub struct DeskAccount {
    pub desk: Desk,
    pub tabs: Vec<DeskLink>,
    pub back_url: String,
    pub account: AccountRow,
    pub form: AccountForm,
    pub trouble: Option<DeskTrouble>,
    pub secret: Option<Secret>,
}

/// A password, shown once and stored nowhere.
#[derive(Debug, Clone, Serialize)]
pub struct Secret {
    pub name: String,
    pub password: String,
}

/// An account in the list.
#[derive(Debug, Clone, Serialize, Default)]
pub struct AccountRow {
    pub login: String,
    pub name: String,
    pub role: String,
    /// The teams' names.
    pub teams: Vec<String>,
    pub email: String,
    pub department: String,
    pub disabled: bool,
    /// Whether it is the reader's own.
    pub own: bool,
    /// Its page.
    pub url: String,
}

/// What is asked of an account, filled in.
#[derive(Debug, Clone, Serialize, Default)]
pub struct AccountForm {
    /// Login, name, e-mail, department.
    pub fields: Vec<DeskField>,
    pub roles: Vec<ChoiceOption>,
    pub teams: Vec<ChoiceOption>,
    /// Empty where the site has one language.
    pub languages: Vec<ChoiceOption>,
}

/// `desk_outbox.html`: the notices that wait, and those that were given up.
#[derive(Debug, Clone, Serialize, Default)]
pub struct DeskOutbox {
    pub desk: Desk,
    pub tabs: Vec<DeskLink>,
    pub url: String,
    pub waiting: Vec<NoticeRow>,
    pub dead: Vec<NoticeRow>,
    pub trouble: Option<DeskTrouble>,
}

/// One notice with its receivers.
#[derive(Debug, Clone, Serialize)]
pub struct NoticeRow {
    /// The event's id.
    pub id: String,
    /// What it is about.
    pub occasion: String,
    pub ticket: DeskPageLink,
    pub time: String,
    /// Whom it goes to, and how far it came.
    pub receivers: Vec<Pair>,
}

/// `desk_audit.html`: the lines of one ticket, and whether the chain is whole.
#[derive(Debug, Clone, Serialize, Default)]
pub struct DeskAudit {
    pub desk: Desk,
    pub tabs: Vec<DeskLink>,
    pub url: String,
    /// The number that was asked for, as it was typed.
    pub id: String,
    pub ticket_url: String,
    pub error: String,
    pub lines: Vec<AuditRow>,
    pub asked: bool,
    /// What verifying found: whole or broken, in words.
    pub verified: Option<Verified>,
}

/// What verifying the chain found.
#[derive(Debug, Clone, Serialize)]
pub struct Verified {
    pub whole: bool,
    pub words: String,
}

/// One line of the audit.
#[derive(Debug, Clone, Serialize)]
pub struct AuditRow {
    pub time: String,
    pub by: String,
    pub role: String,
    pub step: String,
    pub status: String,
    /// The first digits of the hash of the ticket's file after it.
    pub file: String,
}

/// `desk_erase.html`: what erasing touches and what it does not; afterwards, what it did.
#[derive(Debug, Clone, Serialize, Default)]
pub struct DeskErase {
    pub desk: Desk,
    pub id: String,
    pub url: String,
    pub ticket_url: String,
    pub title: String,
    /// Whether it was done.
    pub done: bool,
    pub touches: Vec<String>,
    pub keeps: Vec<String>,
    /// The record or article written from it, which a person has to look at.
    pub record: Option<DeskPageLink>,
    pub error: String,
}
