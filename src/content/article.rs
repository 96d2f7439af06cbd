//! A knowledge article, as its front matter describes it.

use jiff::civil::Date;
use serde::Serialize;

use super::{Body, Meta};

/// Who may read an article. Unknown or missing means the narrower one once a value is wrong (invariant 2).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Audience {
    Employees,
    Agents,
}

/// KCS v6's article states.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Confidence {
    Wip,
    NotValidated,
    Validated,
    Archived,
}

/// An article of `content/articles/`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Article {
    pub meta: Meta,
    pub body: Body,
    pub audience: Audience,
    pub confidence: Confidence,
    pub owner: String,
    pub applies_to: Vec<String>,
    pub created: Option<Date>,
    pub review_by: Option<Date>,
    /// Old root-relative URLs that redirect here.
    pub aliases: Vec<String>,
    pub pinned: bool,
    /// Smaller comes first in listings of its category.
    pub weight: i32,
    pub linked_tickets: Vec<String>,
    /// The path without the language suffix: what translations of one article share.
    pub translation_key: String,
}
