//! What `track.html` gets: a ticket as its requester sees it.

use std::collections::BTreeMap;

use serde::Serialize;

use super::Pair;

/// `track.html`: the requester's page.
#[derive(Debug, Clone, Serialize)]
pub struct Track {
    pub id: String,
    pub title: String,
    /// The status key, `new` … `closed`, and its name.
    pub status: String,
    pub status_name: String,
    /// `info`, `warning`, `success`, `muted`: the badge's tone.
    pub tone: &'static str,
    pub steps: Vec<TrackStep>,
    /// What the requester has to do now, or empty.
    pub needs_you: String,
    /// Who has it now, and until when; empty once it is over.
    pub now: String,
    /// Whoever is responsible for it, by name; empty before that.
    pub owner: String,
    pub approval: Option<TrackApproval>,
    pub timeline: Vec<TrackEvent>,
    pub description: String,
    pub type_name: String,
    pub urgency_name: String,
    pub impact_name: String,
    pub team_name: String,
    pub created: String,
    pub reply_by: String,
    /// When to expect the solution, or that its clock stands still.
    pub solve_by: String,
    pub fields: Vec<Pair>,
    pub attachments: Vec<TrackFile>,
    /// Why it happened and what solved it; empty until it is solved.
    pub cause: String,
    pub resolution: String,
    pub rating: Option<TrackRating>,
    /// What the requester may do now; `None` where nothing is possible.
    pub form: Option<TrackForm>,
    /// The ticket it goes on from, and those that went on from it.
    pub follows: String,
    pub followed_by: Vec<String>,
    /// The form for the same matter once more; empty while the ticket is open.
    pub again_url: String,
    pub max_attachments: usize,
    pub max_attachment_mb: u64,
    /// The page's own address, and the cheap one that tells whether it is out of date.
    pub url: String,
    pub state_url: String,
    /// What that address answers for the page as it is.
    pub state: String,
}

/// Where an approval stands.
#[derive(Debug, Clone, Serialize)]
pub struct TrackApproval {
    /// `planned`, `requested`, `approved`, `rejected`.
    pub state: &'static str,
    pub heading: String,
    /// Who decides, in words.
    pub approvers: String,
    /// `1 / 2`; empty where one yes is enough or nothing was asked.
    pub count: String,
    pub decisions: Vec<TrackEvent>,
}

/// What the requester said of the service.
#[derive(Debug, Clone, Serialize)]
pub struct TrackRating {
    pub solved: bool,
    /// `4/5` by name.
    pub marks: Vec<Pair>,
    pub comment: String,
}

/// The requester's own steps.
#[derive(Debug, Clone, Serialize)]
pub struct TrackForm {
    /// Where every form of the page posts to.
    pub action: String,
    /// The hidden field of a session; empty behind a link.
    pub csrf: String,
    /// Keys of steps: `reply`, `confirm`, `reopen`, `rate`, `cancel`.
    pub steps: Vec<&'static str>,
    /// The step that was refused, why, and what had been typed, by field.
    pub failed: String,
    pub error: String,
    pub values: BTreeMap<String, String>,
    /// What had been typed for a step that is no longer possible: to copy.
    pub unsent: String,
}

#[derive(Debug, Clone, Serialize)]
pub struct TrackStep {
    pub name: String,
    /// `done`, `current`, `todo`.
    pub state: &'static str,
    /// `11-23 09:12` or empty.
    pub time: String,
}

#[derive(Debug, Clone, Serialize)]
pub struct TrackEvent {
    pub by: String,
    pub time: String,
    pub text: String,
    /// What came with it.
    pub files: Vec<TrackFile>,
}

/// An attachment on the requester's page.
#[derive(Debug, Clone, Serialize)]
pub struct TrackFile {
    pub name: String,
    pub size: String,
    pub url: String,
    /// Who added it, and when.
    pub by: String,
    pub time: String,
}
