//! What a client sends to file a ticket: a multipart form streamed to the staging area, or JSON.

use axum::Form;
use axum::body::Body;
use axum::extract::multipart::{Field, Multipart, MultipartError};
use axum::extract::{FromRequest, Request};
use http::header::CONTENT_TYPE;
use http_body_util::{BodyExt, Limited};
use serde_json::Value;

use crate::config::Config;
use crate::ticket::{AttachmentError, Limits, Staging, Store, StoreError, Submission};
use crate::web::error::{FieldError, WebError};

/// Bytes of all that is not a file, and of JSON as a whole: the longest description is 80 KB.
const WORDS: usize = 512 * 1024;
/// Parts of a form; a site has a few dozen questions.
const PARTS: usize = 500;

/// What arrived. The words are kept even when something is wrong, so that a form can show them again.
#[derive(Default)]
pub(in crate::web) struct Received {
    pub(in crate::web) submission: Submission,
    pub(in crate::web) staging: Option<Staging>,
    /// Files that were not taken.
    pub(in crate::web) refused: Vec<AttachmentError>,
    /// Fields of JSON that are no text.
    pub(in crate::web) errors: Vec<FieldError>,
    /// Why reading stopped before the end.
    pub(in crate::web) stopped: Option<Stopped>,
}

pub(in crate::web) enum Stopped {
    Refused(WebError),
    /// The staging area failed.
    Store(StoreError),
}

impl From<WebError> for Stopped {
    fn from(error: WebError) -> Self {
        Self::Refused(error)
    }
}

impl From<MultipartError> for Stopped {
    fn from(error: MultipartError) -> Self {
        Self::Refused(WebError::of_body(&error))
    }
}

impl From<StoreError> for Stopped {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

/// The kind of a request's body, by its `Content-Type`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::web) enum Kind {
    Multipart,
    Json,
    Urlencoded,
}

pub(in crate::web) fn kind_of(request: &Request) -> Option<Kind> {
    let kind = request.headers().get(CONTENT_TYPE)?.to_str().ok()?;
    match kind.split(';').next()?.trim().to_ascii_lowercase().as_str() {
        "multipart/form-data" => Some(Kind::Multipart),
        "application/json" => Some(Kind::Json),
        "application/x-www-form-urlencoded" => Some(Kind::Urlencoded),
        _ => None,
    }
}

/// Reads the whole body. Files go to the disk as they arrive; nothing larger than [`WORDS`] is held in memory. Without a
/// `store` only the words before the first file are read: of a submission that is refused whatever comes after them.
pub(in crate::web) async fn receive(request: Request, kind: Kind, config: &Config, store: Option<&Store>) -> Received {
    let limits = Limits::from(&config.tickets);
    let files = usize::try_from(limits.size).unwrap_or(usize::MAX).saturating_mul(limits.count + 1);
    let limit = match kind {
        Kind::Multipart if store.is_some() => files.saturating_add(WORDS),
        Kind::Multipart | Kind::Json | Kind::Urlencoded => WORDS,
    };
    let header = request.headers().get("idempotency-key").and_then(|value| value.to_str().ok());
    let idempotency_key = header.map(|key| key.trim_matches('"').to_owned());
    let mut received = Received::default();
    let request = request.map(|body| Body::new(Limited::new(body, limit)));
    let result = match kind {
        Kind::Multipart => multipart(&mut received, request, limits, store).await,
        Kind::Json => json(&mut received, request).await,
        Kind::Urlencoded => urlencoded(&mut received, request).await,
    };
    received.stopped = result.err();
    received.submission.idempotency_key = idempotency_key;
    received
}

async fn multipart(
    received: &mut Received,
    request: Request,
    limits: Limits,
    store: Option<&Store>,
) -> Result<(), Stopped> {
    let mut multipart =
        Multipart::from_request(request, &()).await.map_err(|error| WebError::BadRequest(error.body_text()))?;
    let (mut words, mut parts) = (0, 0);
    while let Some(mut field) = multipart.next_field().await? {
        parts += 1;
        if parts > PARTS {
            return Err(WebError::TooLarge(String::new()).into());
        }
        let Some(name) = field.name().map(str::to_owned) else { continue };
        match field.file_name().map(str::to_owned) {
            // What a browser sends for a file input that was left empty.
            Some(file) if file.is_empty() => {}
            Some(file) => {
                let Some(store) = store else { return Ok(()) };
                let staging = match received.staging.take() {
                    Some(staging) => staging,
                    None => store.stage(limits).await?,
                };
                let (staging, result) = take_file(staging, file, field).await?;
                received.staging = Some(staging);
                match result {
                    Ok(()) => {}
                    Err(AttachmentError::Disk(error)) => return Err(StoreError::Disk(error).into()),
                    Err(AttachmentError::Random(error)) => return Err(StoreError::Random(error).into()),
                    Err(refused) => received.refused.push(refused),
                }
            }
            None => {
                let mut bytes = Vec::new();
                while let Some(chunk) = field.chunk().await? {
                    words += chunk.len();
                    if words > WORDS {
                        return Err(WebError::TooLarge(String::new()).into());
                    }
                    bytes.extend_from_slice(&chunk);
                }
                put(received, name, String::from_utf8_lossy(&bytes).into_owned());
            }
        }
    }
    Ok(())
}

/// A name that comes twice (a question that several types ask) keeps the answer that is not empty.
fn put(received: &mut Received, name: String, value: String) {
    let slot = received.submission.fields.entry(name).or_default();
    if !value.is_empty() {
        *slot = value;
    }
}

type Taken = (Staging, Result<(), AttachmentError>);

/// One file, chunk by chunk. The disk is waited for on the threads made for that.
async fn take_file(mut staging: Staging, name: String, mut field: Field<'_>) -> Result<Taken, Stopped> {
    let (back, begun) = blocking(move || {
        let begun = staging.begin(&name);
        (staging, begun)
    })
    .await?;
    staging = back;
    let mut upload = match begun {
        Ok(upload) => upload,
        Err(error) => return Ok((staging, Err(error))),
    };
    while let Some(chunk) = field.chunk().await? {
        let (back, written) = blocking(move || {
            let written = upload.write(&chunk);
            (upload, written)
        })
        .await?;
        upload = back;
        if let Err(error) = written {
            // The file goes with its staging directory; the rest of the part is skipped.
            return Ok((staging, Err(error)));
        }
    }
    Ok(blocking(move || {
        let finished = staging.finish(upload);
        (staging, finished)
    })
    .await?)
}

async fn blocking<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T, StoreError> {
    Ok(tokio::task::spawn_blocking(work).await?)
}

async fn json(received: &mut Received, request: Request) -> Result<(), Stopped> {
    let body = request.into_body().collect().await.map_err(|error| WebError::of_body(&error))?;
    let value: Value =
        serde_json::from_slice(&body.to_bytes()).map_err(|error| WebError::BadRequest(error.to_string()))?;
    let Value::Object(fields) = value else {
        return Err(WebError::BadRequest("the body must be a JSON object".to_owned()).into());
    };
    for (name, value) in fields {
        match value {
            // The type's own answers may stand together, as they do in the ticket.
            Value::Object(own) if name == "fields" => {
                own.into_iter().for_each(|(key, value)| scalar(received, key, value))
            }
            Value::Array(list) if name == "viewed" => put(received, name, Value::Array(list).to_string()),
            value => scalar(received, name, value),
        }
    }
    Ok(())
}

fn scalar(received: &mut Received, name: String, value: Value) {
    match value {
        Value::Null => {}
        Value::String(text) => put(received, name, text),
        Value::Bool(_) | Value::Number(_) => put(received, name, value.to_string()),
        Value::Array(_) | Value::Object(_) => {
            let message = match name.as_str() {
                "attachments" => "send files as multipart/form-data",
                _ => "must be a text",
            };
            received.errors.push(FieldError { field: name, message: message.to_owned() });
        }
    }
}

async fn urlencoded(received: &mut Received, request: Request) -> Result<(), Stopped> {
    let body = request.into_body().collect().await.map_err(|error| WebError::of_body(&error))?.to_bytes();
    let mut again = Request::new(Body::from(body));
    *again.method_mut() = http::Method::POST;
    let kind = http::HeaderValue::from_static("application/x-www-form-urlencoded");
    again.headers_mut().insert(CONTENT_TYPE, kind);
    let Form(pairs) = Form::<Vec<(String, String)>>::from_request(again, &())
        .await
        .map_err(|error| WebError::BadRequest(error.to_string()))?;
    pairs.into_iter().for_each(|(name, value)| put(received, name, value));
    Ok(())
}
