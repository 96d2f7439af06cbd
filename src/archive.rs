//! From a solved ticket to knowledge: resolution record, article draft, review.
//!
//! The one bridge between tickets and content (invariant 1). Only named fields of a ticket cross it, everything in
//! them that looks like personal data or a secret is decided by a person ([`gate`]), and what arrives is a Markdown
//! file like one a person wrote.

mod article;
mod draft;
mod from_tickets;
mod front;
mod gate;
mod link;
mod publish;
mod similar;
mod slug;

use std::path::PathBuf;

pub use article::{Manuscript, NewArticle, create_article, draft_article, manuscript, new_article, record_of, review};
pub use draft::{RecordDraft, draft_record, names_of};
pub use from_tickets::{deserving, gathered, redacted};
pub use gate::{Choice, Decision, Found, decide, gate};
pub use link::{Linked, link};
pub use publish::{Published, publish, write};
pub use similar::{Group, frequent, similar};

use crate::disk::DiskError;
use crate::ticket::{Status, TicketId};

/// Why knowledge was not written. Nothing was, then.
#[derive(Debug, thiserror::Error)]
pub enum ArchiveError {
    #[error("{id} is {status}: only a solved ticket is archived; resolve it first")]
    NotSolved { id: TicketId, status: Status },
    #[error("the record lacks its {}; write {} into the ticket, or resolve it again", .0.join(", "), if .0.len() == 1 { "it" } else { "them" })]
    Incomplete(Vec<&'static str>),
    /// Findings that nobody decided: shown with their place.
    #[error("{} findings are undecided: redact or confirm each of them", .0.len())]
    Undecided(Vec<Found>),
    #[error("{} is already there and says something else; link the ticket to it, or edit it", path.display())]
    Exists { path: PathBuf },
    #[error("there is no document {path} in content/")]
    Missing { path: String },
    #[error("{path} cannot be edited safely: {reason}; edit it by hand")]
    Edit { path: String, reason: &'static str },
    #[error("{path} has no `author`: an article is reviewed by somebody else than its author, so name them first")]
    NoAuthor { path: String },
    #[error("{reviewer} wrote {path}: ask a colleague to review it")]
    OwnReview { path: String, reviewer: String },
    #[error(transparent)]
    Disk(DiskError),
}

impl From<DiskError> for ArchiveError {
    fn from(error: DiskError) -> Self {
        match error {
            DiskError::Exists { path } => Self::Exists { path },
            error => Self::Disk(error),
        }
    }
}
