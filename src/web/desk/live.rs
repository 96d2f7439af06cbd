//! `GET /desk/live`: tells open pages that the queue or their ticket changed, and who else looks at it.

use std::convert::Infallible;
use std::time::Duration;

use axum::Extension;
use axum::extract::{Query, State};
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};
use tokio::sync::{broadcast, mpsc};
use tokio_stream::wrappers::ReceiverStream;

use super::presence::Presence;
use super::who::Staff;
use crate::ticket::{Actor, TicketId};
use crate::web::App;
use crate::web::server::Closing;

/// Below every idle deadline on the way, and below the time a look counts.
const HEARTBEAT: Duration = Duration::from_secs(10);
/// Changes a slow reader may lag behind before it is told to look again.
const BACKLOG: usize = 256;

/// What open pages of the desk are told of.
#[derive(Debug)]
pub struct Hub {
    news: broadcast::Sender<News>,
    pub(super) presence: Presence,
}

#[derive(Debug, Clone, Copy)]
enum News {
    Changed(Option<TicketId>),
    Looked,
}

impl Default for Hub {
    fn default() -> Self {
        Self { news: broadcast::Sender::new(BACKLOG), presence: Presence::default() }
    }
}

impl Hub {
    /// A ticket was filed or changed, by whomever and however.
    pub fn changed(&self, id: TicketId) {
        // Without a reader there is nobody to tell.
        let _ = self.news.send(News::Changed(Some(id)));
    }

    /// The tree changed in a way that names no ticket.
    pub fn stirred(&self) {
        let _ = self.news.send(News::Changed(None));
    }

    pub(super) fn looked(&self) {
        let _ = self.news.send(News::Looked);
    }
}

#[derive(Debug, Deserialize)]
pub(super) struct About {
    /// The ticket whose page asks; the queue asks without.
    #[serde(default)]
    ticket: Option<String>,
}

/// A stream of `ticket` events (the page is out of date) and `viewers` events (who else has it open).
pub(super) async fn events(
    State(app): State<App>,
    staff: Staff,
    Query(about): Query<About>,
    closing: Option<Extension<Closing>>,
) -> Response {
    let id = about.ticket.and_then(|id| id.parse().ok());
    let (sender, receiver) = mpsc::channel(8);
    tokio::spawn(send(app, id, staff.0.actor, sender, closing.map(|Extension(closing)| closing)));
    Sse::new(ReceiverStream::new(receiver)).keep_alive(KeepAlive::new().interval(HEARTBEAT)).into_response()
}

type Sender = mpsc::Sender<Result<Event, Infallible>>;

/// Tells one reader until it or the server goes away.
async fn send(app: App, id: Option<TicketId>, actor: Actor, sender: Sender, closing: Option<Closing>) {
    let mut news = app.hub.news.subscribe();
    let closed = async {
        match closing {
            // An error means that the server is gone, which is the same.
            Some(mut closing) => drop(closing.0.wait_for(|closing| *closing).await),
            None => std::future::pending().await,
        }
    };
    let mut closed = std::pin::pin!(closed);
    let mut beat = tokio::time::interval(HEARTBEAT);
    let mut shown = None;
    loop {
        if let Some(id) = id {
            let viewers = app.hub.presence.others(id, &actor.account, app.now());
            if shown.as_ref() != Some(&viewers) {
                if !tell(&sender, "viewers", &viewers).await {
                    break;
                }
                shown = Some(viewers);
            }
        }
        tokio::select! {
            heard = news.recv() => {
                let changed = match heard {
                    Ok(News::Changed(Some(changed))) => id.is_none_or(|id| id == changed),
                    // Too much happened to tell it one by one.
                    Ok(News::Changed(None)) | Err(broadcast::error::RecvError::Lagged(_)) => true,
                    Ok(News::Looked) => false,
                    Err(broadcast::error::RecvError::Closed) => break,
                };
                if changed && !tell(&sender, "ticket", &()).await {
                    break;
                }
            }
            _ = beat.tick() => {
                if let Some(id) = id && app.hub.presence.look(id, &actor.account, &actor.name, app.now()) {
                    app.hub.looked();
                }
            }
            () = sender.closed() => break,
            () = &mut closed => break,
        }
    }
    if let Some(id) = id {
        app.hub.presence.leave(id, &actor.account);
        app.hub.looked();
    }
}

/// Whether the reader is still there.
async fn tell<T: Serialize>(sender: &Sender, event: &str, data: &T) -> bool {
    match Event::default().event(event).json_data(data) {
        Ok(event) => sender.send(Ok(event)).await.is_ok(),
        Err(_) => false,
    }
}
