//! A body that has to keep coming: whoever sends a byte now and then would hold a place that others wait for.

use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use axum::BoxError;
use axum::body::{Body, Bytes};
use hyper::body::{Frame, SizeHint};
use tokio::time::{Instant, Sleep, sleep_until};

/// Bytes that have to arrive while the server waits for as long as its patience lasts, unless the body ends: with 15
/// seconds of patience some 4 KB a second, which every network that loads the site's pages can do.
const STRIDE: u64 = 64 * 1024;

/// The client sends too slowly, or nothing.
#[derive(Debug, thiserror::Error)]
#[error("the body stalled")]
pub(super) struct Stalled;

/// A body that ends in [`Stalled`] when the server waited for `patience` and neither [`STRIDE`] bytes nor the end came.
/// Only waiting for the client counts: a handler that takes its time with what has arrived harms nobody's upload.
pub(super) struct Paced {
    body: Body,
    patience: Duration,
    /// Bytes and waiting of the present stride.
    received: u64,
    waited: Duration,
    since: Option<Instant>,
    alarm: Option<Pin<Box<Sleep>>>,
}

impl Paced {
    pub(super) fn new(body: Body, patience: Duration) -> Self {
        Self { body, patience, received: 0, waited: Duration::ZERO, since: None, alarm: None }
    }
}

impl hyper::body::Body for Paced {
    type Data = Bytes;
    type Error = BoxError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Self::Data>, Self::Error>>> {
        let this = &mut *self;
        if let Poll::Ready(frame) = Pin::new(&mut this.body).poll_frame(cx) {
            this.waited += this.since.take().map_or(Duration::ZERO, |since| since.elapsed());
            let bytes = frame.as_ref().and_then(|frame| frame.as_ref().ok()?.data_ref());
            this.received += bytes.map_or(0, |bytes| bytes.len() as u64);
            if this.received >= STRIDE {
                (this.received, this.waited) = (0, Duration::ZERO);
            }
            return Poll::Ready(frame.map(|frame| frame.map_err(Into::into)));
        }
        let end = *this.since.get_or_insert_with(Instant::now) + this.patience.saturating_sub(this.waited);
        let alarm = this.alarm.get_or_insert_with(|| Box::pin(sleep_until(end)));
        if alarm.deadline() != end {
            alarm.as_mut().reset(end);
        }
        ready!(alarm.as_mut().poll(cx));
        Poll::Ready(Some(Err(Stalled.into())))
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
