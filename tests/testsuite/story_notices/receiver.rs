//! A webhook's far end on a real socket: takes, refuses, stalls.

use std::sync::mpsc::{self, Receiver, Sender};
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use serde_json::Value;

use crate::harness::PATIENCE;

/// What the next requests are answered, the first first; then 200 `{"errcode":0,"code":0}`.
pub(super) enum Answer {
    Status(u16),
    Body(&'static str),
    Redirect(String),
    /// Never.
    Stall,
}

/// A request that came.
#[derive(Debug, Clone)]
pub(super) struct Request {
    pub(super) query: String,
    pub(super) headers: HeaderMap,
    pub(super) bytes: Vec<u8>,
}

impl Request {
    pub(super) fn json(&self) -> Value {
        serde_json::from_slice(&self.bytes).unwrap()
    }

    pub(super) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }
}

pub(super) struct Web {
    /// `http://127.0.0.1:PORT/hook`
    pub(super) url: String,
    requests: Receiver<Request>,
    /// The listener lives as long as its runtime.
    _runtime: tokio::runtime::Runtime,
}

#[derive(Clone)]
struct Shared {
    answers: Arc<Mutex<Vec<Answer>>>,
    requests: Sender<Request>,
}

impl Web {
    pub(super) fn start(mut answers: Vec<Answer>) -> Self {
        answers.reverse();
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
        let (sender, requests) = mpsc::channel();
        let shared = Shared { answers: Arc::new(Mutex::new(answers)), requests: sender };
        let listener = runtime.block_on(tokio::net::TcpListener::bind("127.0.0.1:0")).unwrap();
        let url = format!("http://{}/hook", listener.local_addr().unwrap());
        let app = Router::new().fallback(take).with_state(shared);
        runtime.spawn(async move { axum::serve(listener, app).await });
        Self { url, requests, _runtime: runtime }
    }

    /// The next request.
    pub(super) fn request(&self) -> Request {
        self.requests.recv_timeout(PATIENCE).expect("a request arrives")
    }

    /// A request that has arrived already.
    pub(super) fn waiting(&self) -> Option<Request> {
        self.requests.try_recv().ok()
    }

    /// Whether nothing more has arrived.
    pub(super) fn is_silent(&self) -> bool {
        self.requests.try_recv().is_err()
    }
}

async fn take(State(shared): State<Shared>, uri: Uri, headers: HeaderMap, bytes: Bytes) -> Response {
    let answer = shared.answers.lock().unwrap().pop();
    let request = Request { query: uri.query().unwrap_or("").to_owned(), headers, bytes: bytes.to_vec() };
    let _ = shared.requests.send(request);
    match answer {
        None => r#"{"errcode":0,"code":0}"#.into_response(),
        Some(Answer::Body(body)) => body.into_response(),
        Some(Answer::Status(status)) => StatusCode::from_u16(status).unwrap().into_response(),
        Some(Answer::Redirect(to)) => (StatusCode::TEMPORARY_REDIRECT, [("location", to)]).into_response(),
        Some(Answer::Stall) => std::future::pending().await,
    }
}
