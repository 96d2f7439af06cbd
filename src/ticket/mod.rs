//! Tickets: what an employee reported, and what became of it. Knows no HTTP and no article.
//!
//! A ticket is a Markdown file, `content/tickets/YYYY/MM/DD/<id>.md`. [`Store`] is the only door to those files for the
//! rest of the program, and nothing above it knows that a ticket is a file.

mod actor;
pub mod apply;
mod attachment;
mod draft;
mod edit;

mod file;
mod files;
mod filing;
mod high_water;
mod id;
mod index;
mod intent;
mod moment;
mod occasion;
pub mod queue;
mod schema;
mod secret;
mod sections;
pub mod sla;
mod staging;
mod status;
mod step;
mod step_form;
mod store;
mod survey;
#[cfg(test)]
mod tests;
mod view;
pub mod working;

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub use actor::{Actor, Role};
pub use attachment::{AttachmentError, Limits, clean_name};
pub use draft::{FieldError, NewTicket, Submission};
pub use id::{NotAnId, TicketId};
pub use index::Summary;
pub use intent::Intent;
pub use moment::Moment;
pub use occasion::Occasion;
pub use schema::schema;
pub use secret::random_key;
pub use sections::Sections;
pub use staging::{Staging, Upload};
pub use status::{Action, PendingOn, Refused, Status};
pub use step::Step;
pub use store::{Changed, Created, Loaded, Store, StoreError};

/// A ticket as its file holds it. The order of the fields is the order of the front matter (CONTRACT.md, ticket).
///
/// Reading is lenient, because people edit these files: only `id` must be right; keys nobody knows are kept.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Ticket {
    pub id: TicketId,
    #[serde(default, deserialize_with = "file::text")]
    pub title: String,
    /// The key of a request type.
    #[serde(default, rename = "type", deserialize_with = "file::text")]
    pub kind: String,
    #[serde(default, deserialize_with = "file::text")]
    pub urgency: String,
    #[serde(default, deserialize_with = "file::text")]
    pub impact: String,
    #[serde(default)]
    pub status: Status,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pending_on: Option<PendingOn>,
    #[serde(default)]
    pub requester: Requester,
    /// The language the requester wrote in.
    #[serde(default, deserialize_with = "file::text", skip_serializing_if = "String::is_empty")]
    pub lang: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub occurred_at: Option<Moment>,
    #[serde(default, deserialize_with = "file::text", skip_serializing_if = "String::is_empty")]
    pub trigger: String,
    #[serde(default, deserialize_with = "file::text", skip_serializing_if = "String::is_empty")]
    pub steps_tried: String,
    #[serde(default, deserialize_with = "file::text", skip_serializing_if = "String::is_empty")]
    pub team: String,
    #[serde(default, deserialize_with = "file::text", skip_serializing_if = "String::is_empty")]
    pub assignee: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub created_at: Option<Moment>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub accepted_at: Option<Moment>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub first_response_at: Option<Moment>,
    /// The next target: the first answer, later the solution.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub due_at: Option<Moment>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub resolved_at: Option<Moment>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub closed_at: Option<Moment>,
    #[serde(default, skip_serializing_if = "Origin::is_empty")]
    pub origin: Origin,
    /// Answers to the type's own questions, by key.
    #[serde(default, deserialize_with = "file::texts", skip_serializing_if = "BTreeMap::is_empty")]
    pub fields: BTreeMap<String, String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub attachments: Vec<Attachment>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub approval: Option<Approval>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rating: Option<Rating>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub history: Vec<HistoryEntry>,
    /// Steps that a person wrote below the history, to be taken.
    #[serde(skip)]
    pub intents: Vec<Intent>,
    /// The tracking link, without its secret. Taking it away revokes the link.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tracking: Option<Tracking>,
    /// The submission this ticket was made from, so that its repetition finds it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub idempotency: Option<Idempotency>,
    /// Whom or what a pending ticket waits for, in words: the supplier, and until when.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub waiting: Option<Waiting>,
    /// When the resolution clock was stopped; while it stands still `due_at` does too.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pended_at: Option<Moment>,
    /// The resolution record or the article this ticket was archived as, below `content/`.
    #[serde(default, deserialize_with = "file::text", skip_serializing_if = "String::is_empty")]
    pub record: String,
    /// The ticket that this one was merged into.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub merged_into: Option<TicketId>,
    /// The closed ticket whose matter came up again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub follows: Option<TicketId>,
    /// Keys this version does not know.
    #[schemars(skip)]
    #[serde(flatten)]
    pub extra: BTreeMap<String, serde_yaml::Value>,
    /// The Markdown after the front matter: the description, later the resolution's sections.
    #[serde(skip)]
    pub body: String,
}

impl Ticket {
    /// Whether an entry of the history is a `resume` that nobody asked for: an answer or a decision ended the waiting.
    pub fn resumed_by_itself(&self, index: usize) -> bool {
        let entry = |index: usize| self.history.get(index);
        let (Some(resumed), Some(before)) = (entry(index), index.checked_sub(1).and_then(entry)) else { return false };
        let ends = matches!(before.action.as_str(), "reply" | "attach" | "approve" | "reject");
        resumed.action == "resume"
            && resumed.note.is_empty()
            && ends
            && (&before.at, &before.by) == (&resumed.at, &resumed.by)
    }

    /// Whether its approval was refused, and was not asked for again.
    pub fn is_rejected(&self) -> bool {
        self.approval.as_ref().is_some_and(|approval| approval.state == ApprovalState::Rejected)
    }
}

/// Who reported it.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Requester {
    #[serde(deserialize_with = "file::text")]
    pub name: String,
    #[serde(deserialize_with = "file::text", skip_serializing_if = "String::is_empty")]
    pub department: String,
    /// A phone number, an address or a chat name.
    #[serde(deserialize_with = "file::text")]
    pub contact: String,
    /// The login of who filed it, when they were signed in.
    #[serde(deserialize_with = "file::text", skip_serializing_if = "String::is_empty")]
    pub account: String,
}

/// What the requester searched and read before filing.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Origin {
    #[serde(deserialize_with = "file::text", skip_serializing_if = "String::is_empty")]
    pub query: String,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub viewed: Vec<String>,
}

impl Origin {
    fn is_empty(&self) -> bool {
        self.query.is_empty() && self.viewed.is_empty()
    }
}

/// A file that came with a ticket, at `content/attachments/<ticket id>/<file>`.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
pub struct Attachment {
    /// The generated name on disk, `1-9f86d081884c7d65.png`.
    pub file: String,
    /// The name the requester gave it.
    #[serde(default, deserialize_with = "file::text")]
    pub name: String,
    /// Bytes.
    #[serde(default)]
    pub size: u64,
    #[serde(default)]
    pub sha256: String,
    /// When it came and who sent it, as the history entry it came with says; without both it came with the ticket.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at: Option<Moment>,
    #[serde(default, deserialize_with = "file::text", skip_serializing_if = "String::is_empty")]
    pub by: String,
}

/// What a pending ticket waits for.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Waiting {
    /// The supplier or the department.
    #[serde(deserialize_with = "file::text", skip_serializing_if = "String::is_empty")]
    pub with: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub until: Option<Moment>,
}

/// Decisions on an access request.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Approval {
    pub state: ApprovalState,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub requested_at: Option<Moment>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub decisions: Vec<Decision>,
    #[schemars(skip)]
    #[serde(flatten)]
    pub extra: BTreeMap<String, serde_yaml::Value>,
}

/// Where an approval stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ApprovalState {
    #[default]
    Requested,
    Approved,
    Rejected,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Decision {
    pub at: Moment,
    pub by: String,
    /// The name of who decided, as the requester reads it.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub name: String,
    pub approved: bool,
    #[serde(default)]
    pub reason: String,
}

/// The requester's verdict: solved or not, and marks from 1 to 5.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
pub struct Rating {
    #[serde(default)]
    pub solved: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub speed: Option<u8>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub attitude: Option<u8>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub skill: Option<u8>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub result: Option<u8>,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub comment: String,
}

/// One step of a ticket's life.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
pub struct HistoryEntry {
    pub at: Moment,
    /// A staff account, or `requester`.
    #[serde(default, deserialize_with = "file::text")]
    pub by: String,
    /// `file`, a key of [`Action`], `reply`, `note`, …
    #[serde(default, deserialize_with = "file::text")]
    pub action: String,
    #[serde(default, deserialize_with = "file::text", skip_serializing_if = "String::is_empty")]
    pub note: String,
    /// Whom or what it was about: `network/li.si` of an assignment, the ticket of a merge, the supplier.
    #[serde(default, deserialize_with = "file::text", skip_serializing_if = "String::is_empty")]
    pub to: String,
    /// Whether the requester sees it.
    #[serde(default)]
    pub public: bool,
}

/// What is stored of a tracking link.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Tracking {
    /// SHA-256 of the secret, hexadecimal.
    pub sha256: String,
    /// Makes the secret again together with the server's own key, which is not in the tree: for the links in notices.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub salt: String,
    pub expires: Moment,
}

/// What is stored of a submission that carried an `Idempotency-Key`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Idempotency {
    /// SHA-256 of the key, hexadecimal.
    pub key: String,
    /// SHA-256 of everything that was submitted, hexadecimal.
    pub request: String,
}
