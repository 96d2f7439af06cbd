//! Taking a step of the ticket process over HTTP: reading it from a form or from JSON, and saying what became of it.

use std::collections::BTreeMap;

use axum::extract::Request;
use http::HeaderMap;
use http::header::IF_MATCH;

use super::App;
use super::error::{FieldError, WebError};
use super::intake::body::{Stopped, kind_of, receive};
use super::limit::Who;
use crate::config::Config;
use crate::process::{Done, ProcessError};
use crate::ticket::apply::RefusalKind;
use crate::ticket::{Actor, Staging, Step, TicketId};

/// What somebody sent to take a step.
pub(super) struct Said {
    pub(super) fields: BTreeMap<String, String>,
    pub(super) files: Option<Staging>,
    /// What is wrong with the files, in the request's language.
    pub(super) errors: Vec<FieldError>,
}

/// Reads a step from a body of any of the kinds that a ticket is filed with.
///
/// # Errors
/// When the body is too large, of another kind, or stalls, or `who` sends too many at a time.
pub(super) async fn hear(app: &App, config: &Config, request: Request, who: Who, lang: &str) -> Result<Said, WebError> {
    let kind = kind_of(&request).ok_or_else(|| WebError::UnsupportedMedia(String::new()))?;
    let _under_way = app.limits.uploads.begin(who)?;
    let received = receive(request, kind, config, Some(&app.tickets)).await;
    match received.stopped {
        Some(Stopped::Refused(error)) => return Err(error),
        Some(Stopped::Store(error)) => return Err(of_process(ProcessError::Store(error))),
        None => {}
    }
    let refused = received
        .refused
        .iter()
        .map(|error| FieldError { field: "attachments".to_owned(), message: error.message(lang) });
    let errors = received.errors.into_iter().chain(refused).collect();
    Ok(Said { fields: received.submission.fields, files: received.staging, errors })
}

/// Takes the step that was said.
///
/// # Errors
/// Every mistake in it, or why the process refused it.
pub(super) async fn take(
    app: &App,
    config: &Config,
    id: TicketId,
    actor: &Actor,
    said: Said,
    if_match: Option<blake3::Hash>,
    lang: &str,
) -> Result<Done, ActError> {
    let Said { mut fields, files, mut errors } = said;
    name_files(&mut fields, files.as_ref(), lang);
    let step = match Step::parse(&fields, &config.time_zone, lang) {
        Ok(step) if errors.is_empty() => step,
        parsed => {
            let wrong = parsed.err().unwrap_or_default().into_iter();
            errors.extend(wrong.map(|error| FieldError { field: error.field, message: error.message }));
            return Err(ActError::Web(WebError::Validation(errors)));
        }
    };
    let now = app.now().to_zoned(config.time_zone.clone());
    let request = crate::process::Request { id, step, actor, if_match, files, now, lang };
    let done = app.office.perform(config, request).await.map_err(ActError::Process)?;
    app.hub.changed(id);
    Ok(done)
}

/// An answer may be a file alone: its words then are the file's name.
fn name_files(fields: &mut BTreeMap<String, String>, files: Option<&Staging>, lang: &str) {
    let is = |name: &str, word: &str| fields.get(name).is_some_and(|value| value.trim() == word);
    let silent = is("text", "") || !fields.contains_key("text");
    let Some(files) = files.filter(|files| !files.files().is_empty() && silent && is("action", "reply")) else {
        return;
    };
    let names: Vec<_> = files.files().iter().map(|file| file.name.as_str()).collect();
    let text = match lang {
        "zh" => format!("上传了附件：{}", names.join("、")),
        _ => format!("Added: {}", names.join(", ")),
    };
    fields.insert("text".to_owned(), text);
}

/// Why a step was not taken.
pub(super) enum ActError {
    Web(WebError),
    Process(ProcessError),
}

impl From<ActError> for WebError {
    fn from(error: ActError) -> Self {
        match error {
            ActError::Web(error) => error,
            ActError::Process(error) => of_process(error),
        }
    }
}

impl ActError {
    /// The words for the person whose step it was; `None` when there is nothing they could mend.
    pub(super) fn message(&self) -> Option<String> {
        match self {
            Self::Web(WebError::Validation(errors)) => {
                Some(errors.iter().map(|error| error.message.as_str()).collect::<Vec<_>>().join("\n"))
            }
            Self::Process(ProcessError::Refused(refusal)) => Some(refusal.message.clone()),
            _ => None,
        }
    }
}

/// What a refusal of the process is over HTTP.
pub(super) fn of_process(error: ProcessError) -> WebError {
    match error {
        ProcessError::NotFound(_) => WebError::NotFound,
        ProcessError::Changed(_) => WebError::Stale,
        ProcessError::Refused(refusal) => match refusal.kind {
            RefusalKind::Denied => WebError::Forbidden(refusal.to_string()),
            RefusalKind::State => WebError::Conflict(refusal.to_string()),
            RefusalKind::Invalid => WebError::Validation(vec![FieldError {
                field: refusal.field.unwrap_or("action").to_owned(),
                message: refusal.message,
            }]),
        },
        ProcessError::Store(error) => super::track::failed(error),
    }
}

/// The condition of `If-Match`: nothing, or the one file that the step is meant for. Something that is no fingerprint
/// matches no file.
pub(super) fn if_match(headers: &HeaderMap) -> Option<blake3::Hash> {
    let tag = headers.get(IF_MATCH)?.to_str().unwrap_or("").trim();
    if tag == "*" {
        return None;
    }
    let hex = tag.trim_start_matches("W/").trim_matches('"');
    Some(blake3::Hash::from_hex(hex).unwrap_or(blake3::Hash::from_bytes([0; 32])))
}
