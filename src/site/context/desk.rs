//! What the desk's templates get under `page`: `desk_*.html`.
//!
//! Everything here is for signed-in people alone and is never part of the built site.

use serde::Serialize;

use super::{ChoiceOption, Pair};

/// `page.desk` on every page of the desk: who looks, and where they can go.
#[derive(Debug, Clone, Serialize, Default)]
pub struct Desk {
    /// `/desk` with the site's base path and the language's prefix.
    pub url: String,
    /// The signed-in person, and what they are.
    pub name: String,
    pub role: String,
    /// Goes into every form as `csrf`.
    pub csrf: String,
    /// Empty for those whom the company's sign-on signed in.
    pub sign_out: String,
    pub sections: Vec<DeskLink>,
    /// The stream of changes; empty where a page has none.
    pub live: String,
    /// What just happened, said once after a redirect; or empty.
    pub said: String,
}

/// A link of the desk's navigation, a saved view, or a sort order.
#[derive(Debug, Clone, Serialize)]
pub struct DeskLink {
    pub key: String,
    pub name: String,
    pub url: String,
    pub icon: &'static str,
    /// Tickets behind it, where that is known.
    pub count: Option<usize>,
    pub current: bool,
}

/// A number at the top of the queue or of the report.
#[derive(Debug, Clone, Serialize)]
pub struct DeskFigure {
    pub value: String,
    pub label: String,
    /// A second line, or empty.
    pub note: String,
    /// Where it leads, or empty.
    pub url: String,
    /// `error`, `warning`, `success` or empty.
    pub tone: &'static str,
}

/// `desk_queue.html`.
#[derive(Debug, Clone, Serialize, Default)]
pub struct DeskQueue {
    pub desk: Desk,
    pub figures: Vec<DeskFigure>,
    pub views: Vec<DeskLink>,
    /// The key of the view that is shown.
    pub view: String,
    pub query: String,
    pub types: Vec<ChoiceOption>,
    pub urgencies: Vec<ChoiceOption>,
    pub teams: Vec<ChoiceOption>,
    pub assignees: Vec<ChoiceOption>,
    /// `soon`: what is due within the hour.
    pub dues: Vec<ChoiceOption>,
    pub sorts: Vec<ChoiceOption>,
    /// Whether anything but the view narrows the list, and the view without it.
    pub filtered: bool,
    pub clear_url: String,
    pub rows: Vec<DeskRow>,
    pub total: usize,
    pub number: usize,
    pub pages: usize,
    pub previous_url: String,
    pub next_url: String,
    /// Where the bulk form comes back to.
    pub here: String,
    /// Files in the tickets' folder that cannot be read, with the reason.
    pub broken: Vec<Pair>,
}

/// A ticket in the queue.
#[derive(Debug, Clone, Serialize)]
pub struct DeskRow {
    pub id: String,
    pub url: String,
    pub title: String,
    pub requester: String,
    pub department: String,
    pub type_name: String,
    pub urgency: DeskUrgency,
    pub status: DeskStatus,
    /// The owner's name, or empty.
    pub assignee: String,
    pub team: String,
    pub due: DeskDue,
    pub created: String,
}

/// An urgency: its name, and a mark that is not colour alone.
#[derive(Debug, Clone, Serialize, Default)]
pub struct DeskUrgency {
    pub name: String,
    /// `high`, `middle`, `low`: the place among the site's urgencies.
    pub level: &'static str,
    pub icon: &'static str,
}

#[derive(Debug, Clone, Serialize, Default)]
pub struct DeskStatus {
    pub key: &'static str,
    pub name: String,
    /// `info`, `warning`, `success`, `muted`.
    pub tone: &'static str,
}

/// A target in words: `还剩 2 小时`, `逾期 35 分`.
#[derive(Debug, Clone, Serialize, Default)]
pub struct DeskDue {
    pub text: String,
    /// Date and time in the site's zone, for `title`.
    pub absolute: String,
    /// RFC 3339, for the running clock; or empty.
    pub at: String,
    /// `late`, `soon`, `paused`, `met`, `missed` or empty.
    pub state: &'static str,
    /// What is due, `首次响应`; or empty.
    pub label: String,
}

/// `desk_bulk.html`: what could not be assigned, to be tried again with another choice.
#[derive(Debug, Clone, Serialize, Default)]
pub struct DeskBulk {
    pub desk: Desk,
    /// What became of the whole.
    pub lead: String,
    pub results: Vec<DeskBulkResult>,
    pub teams: Vec<ChoiceOption>,
    pub assignees: Vec<ChoiceOption>,
    pub back_url: String,
}

#[derive(Debug, Clone, Serialize)]
pub struct DeskBulkResult {
    pub id: String,
    pub url: String,
    pub message: String,
}

/// `desk_ticket.html`.
#[derive(Debug, Clone, Serialize, Default)]
pub struct DeskTicket {
    pub desk: Desk,
    pub id: String,
    pub url: String,
    pub back_url: String,
    pub title: String,
    pub status: DeskStatus,
    pub urgency: DeskUrgency,
    pub type_name: String,
    pub impact_name: String,
    pub due: DeskDue,
    /// The urgent response: until when the requester has to be contacted; `at` is empty when nothing runs.
    pub contact_by: DeskDue,
    /// The file's fingerprint this page shows: goes back with every form.
    pub etag: String,
    /// History entries this page shows.
    pub seen: usize,
    pub created: String,
    pub requester: DeskPerson,
    pub team: String,
    pub assignee: String,
    pub description: String,
    /// Cause, resolution and environment, once it was solved.
    pub solution: Vec<Pair>,
    /// Whether that did not hold: the ticket came back.
    pub solution_failed: bool,
    pub fields: Vec<Pair>,
    /// Files that belong to no entry of the thread.
    pub attachments: Vec<DeskFile>,
    pub thread: Vec<DeskEntry>,
    /// Whom or what it waits for, with whom and until when; empty when it does not wait.
    pub waiting: String,
    pub targets: Vec<DeskDue>,
    pub approval: Option<DeskApproval>,
    /// What the requester searched, and what they read, before filing.
    pub origin_query: String,
    pub origin_pages: Vec<DeskPageLink>,
    pub similar: Vec<DeskPageLink>,
    pub rating: Vec<Pair>,
    /// The record it was archived as, with its address where that is known.
    pub record: Option<DeskPageLink>,
    /// Where it is archived; empty when it cannot be now, or was.
    pub publish_url: String,
    /// Where an article is drafted from it; empty when nothing was learnt yet.
    pub draft_url: String,
    /// For administrators: its lines of the audit, and erasing a person's data; empty for everybody else.
    pub audit_url: String,
    pub erase_url: String,
    pub merged_into: Option<DeskPageLink>,
    /// Who else has the page open.
    pub viewers: Vec<String>,
    /// What may be written: `reply`, `note`, `key_step`.
    pub composer: Vec<DeskVoice>,
    /// What was typed into the composer and could not be saved.
    pub draft: String,
    /// What may be attached to it, in words.
    pub files_help: String,
    /// What was typed into a form that is not there any more.
    pub kept: Vec<Pair>,
    pub actions: Vec<DeskAction>,
    pub trouble: Option<DeskTrouble>,
}

/// A file of a ticket.
#[derive(Debug, Clone, Serialize, Default)]
pub struct DeskFile {
    pub name: String,
    pub size: String,
    pub url: String,
    /// Who sent it and when; empty for what came with the ticket.
    pub by: String,
    pub time: String,
}

#[derive(Debug, Clone, Serialize, Default)]
pub struct DeskPerson {
    pub name: String,
    pub department: String,
    pub contact: String,
    /// `tel:` or `mailto:`, or empty where the contact is neither.
    pub contact_url: String,
    pub account: String,
    /// Their other tickets, newest first.
    pub tickets: Vec<DeskPageLink>,
}

/// One entry of the thread.
#[derive(Debug, Clone, Serialize)]
pub struct DeskEntry {
    /// `reply`, `asked`, `note`, `key`, `event`.
    pub kind: &'static str,
    pub icon: &'static str,
    pub by: String,
    /// Whether the requester wrote it.
    pub theirs: bool,
    /// What was done, in words; empty for plain words.
    pub action: String,
    /// To whom, with whom, how; or empty.
    pub to: String,
    pub text: String,
    pub time: String,
    pub absolute: String,
    pub public: bool,
    /// What came with these words.
    pub files: Vec<DeskFile>,
    /// Came while the reader was typing.
    pub fresh: bool,
}

#[derive(Debug, Clone, Serialize)]
pub struct DeskApproval {
    /// `waiting`, `approved`, `rejected`.
    pub state: &'static str,
    pub state_name: String,
    /// Who may decide.
    pub approvers: Vec<String>,
    pub decisions: Vec<DeskDecision>,
}

#[derive(Debug, Clone, Serialize)]
pub struct DeskDecision {
    pub by: String,
    pub time: String,
    pub approved: bool,
    pub words: String,
    pub reason: String,
}

/// A document or another ticket.
#[derive(Debug, Clone, Serialize)]
pub struct DeskPageLink {
    pub title: String,
    /// Empty where there is no such page any more.
    pub url: String,
    /// A line below it: the kind, the status; or empty.
    pub note: String,
}

/// A way to write: its step, and what it means.
#[derive(Debug, Clone, Serialize)]
pub struct DeskVoice {
    pub key: &'static str,
    pub name: String,
    pub help: String,
    pub icon: &'static str,
    /// `public` or `private`.
    pub tone: &'static str,
    pub placeholder: String,
    pub submit: String,
    pub chosen: bool,
}

/// A step with its small form.
#[derive(Debug, Clone, Serialize)]
pub struct DeskAction {
    /// The form's key: the step's word, `approval` or `lead`.
    pub key: &'static str,
    /// The step's word.
    pub step: &'static str,
    /// What the form says besides its controls: names and values.
    pub hidden: Vec<(&'static str, String)>,
    pub name: String,
    pub icon: &'static str,
    /// `primary`, `plain`, `danger`.
    pub tone: &'static str,
    pub help: String,
    pub submit: String,
    pub fields: Vec<DeskField>,
    /// Shown open: it was sent and could not be done.
    pub open: bool,
}

#[derive(Debug, Clone, Serialize)]
pub struct DeskField {
    pub name: &'static str,
    /// Unique on the page.
    pub id: String,
    pub label: String,
    /// `line`, `area`, `choice`, `time`.
    pub kind: &'static str,
    pub required: bool,
    pub help: String,
    pub value: String,
    pub choices: Vec<ChoiceOption>,
    /// What is wrong with it, or empty.
    pub error: String,
}

/// Why a step was not done. What was typed is kept in its form.
#[derive(Debug, Clone, Serialize)]
pub struct DeskTrouble {
    /// `refused`, `changed`, `failed`.
    pub kind: &'static str,
    pub heading: String,
    pub message: String,
    /// The control it is about, or empty.
    pub field: String,
}

/// `desk_approvals.html`.
#[derive(Debug, Clone, Serialize, Default)]
pub struct DeskApprovals {
    pub desk: Desk,
    pub requests: Vec<DeskRequest>,
    /// What the reader decided lately, the newest first.
    pub decided: Vec<DeskDecided>,
    pub trouble: Option<DeskTrouble>,
}

/// A decision of the reader's.
#[derive(Debug, Clone, Serialize)]
pub struct DeskDecided {
    pub id: String,
    pub title: String,
    pub type_name: String,
    pub decision: DeskDecision,
    /// Where the ticket stands now.
    pub status: DeskStatus,
}

/// A ticket that waits for the reader's decision.
#[derive(Debug, Clone, Serialize)]
pub struct DeskRequest {
    pub id: String,
    pub action_url: String,
    pub etag: String,
    pub title: String,
    pub type_name: String,
    pub urgency: DeskUrgency,
    /// The owner's name, or empty.
    pub assignee: String,
    pub requester: DeskPerson,
    pub created: String,
    pub description: String,
    pub fields: Vec<Pair>,
    pub attachments: Vec<DeskFile>,
    pub decisions: Vec<DeskDecision>,
    /// The reason that was typed and could not be saved.
    pub reason: String,
    pub error: String,
}

/// `desk_publish.html`: from a solved ticket to a resolution record.
#[derive(Debug, Clone, Serialize, Default)]
pub struct DeskPublish {
    pub desk: Desk,
    pub id: String,
    pub url: String,
    pub ticket_url: String,
    pub ticket_title: String,
    /// Knowledge that may hold it already: the ticket is linked to it instead.
    pub similar: Vec<DeskSimilar>,
    pub fields: Vec<DeskField>,
    pub findings: Vec<DeskFinding>,
    pub trouble: Option<DeskTrouble>,
}

/// A document that the ticket can be linked to.
#[derive(Debug, Clone, Serialize)]
pub struct DeskSimilar {
    /// Relative to `content/`.
    pub path: String,
    pub title: String,
    pub url: String,
    pub kind: String,
    /// Safe HTML: escaped but for `<mark>`.
    pub snippet_html: String,
}

/// Personal data or a secret in the record's text.
#[derive(Debug, Clone, Serialize)]
pub struct DeskFinding {
    /// The name of its radio buttons.
    pub name: String,
    pub kind: String,
    /// Which field and line it is in.
    pub place: String,
    /// The line around it.
    pub before: String,
    pub found: String,
    pub after: String,
    /// What would stand there instead.
    pub replacement: String,
    /// `redact`, `confirm` or empty while nothing was decided.
    pub decision: &'static str,
}
