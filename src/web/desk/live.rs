//! `GET /desk/live`: tells open pages that the queue or their ticket changed, and who else looks at it.

use std::convert::Infallible;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use axum::Extension;
use axum::extract::{Query, State};
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use http::request::Parts;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use tokio::sync::{broadcast, mpsc};
use tokio_stream::wrappers::ReceiverStream;

use super::presence::Presence;
use super::who::Staff;
use crate::ticket::{Actor, Moment, Summary, TicketId};
use crate::web::App;
use crate::web::server::Closing;
use crate::web::session::identify::is_still_staff;

/// Below every idle deadline on the way, and below the time a look counts.
const HEARTBEAT: Duration = Duration::from_secs(10);
/// How often a ticket's file is looked at: another process and a person's editor tell nobody.
const GLANCE: Duration = Duration::from_secs(1);
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
    Changed(TicketId),
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
        let _ = self.news.send(News::Changed(id));
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
    /// The fingerprint of the ticket's file that the page shows.
    #[serde(default)]
    etag: Option<String>,
}

/// A stream of `ticket` events (the page is out of date) and `viewers` events (who else has it open).
pub(super) async fn events(
    State(app): State<App>,
    staff: Staff,
    Query(about): Query<About>,
    closing: Option<Extension<Closing>>,
    parts: Parts,
) -> Response {
    let (sender, receiver) = mpsc::channel(8);
    let subject = match about.ticket.and_then(|id| id.parse().ok()) {
        Some(id) => Subject::Ticket(id, about.etag.and_then(|etag| blake3::Hash::from_hex(etag).ok())),
        None => Subject::Queue(mark(&app).await),
    };
    let reader = Reader { actor: staff.0.actor, parts };
    tokio::spawn(send(app, subject, reader, sender, closing.map(|Extension(closing)| closing)));
    Sse::new(ReceiverStream::new(receiver)).keep_alive(KeepAlive::new().interval(HEARTBEAT)).into_response()
}

/// What a page shows, and in which state.
#[derive(Debug, Clone, Copy)]
enum Subject {
    Ticket(TicketId, Option<blake3::Hash>),
    Queue(Mark),
}

/// What changes when any ticket does: how many there are, and when the last step was taken.
type Mark = (usize, Option<Timestamp>);

async fn mark(app: &App) -> Mark {
    let count = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&count);
    let mut newest = None;
    // Only what is newer than all before it comes out: a handful of a hundred thousand.
    let newer = move |ticket: &Summary| {
        counted.fetch_add(1, Ordering::Relaxed);
        let at =
            ticket.updated_at.as_ref().map(Moment::timestamp).filter(|at| newest.is_none_or(|newest| *at > newest))?;
        newest = Some(at);
        Some(at)
    };
    let times = app.tickets.gather(newer).await.unwrap_or_default();
    (count.load(Ordering::Relaxed), times.last().copied())
}

impl Subject {
    fn id(&self) -> Option<TicketId> {
        match self {
            Self::Ticket(id, _) => Some(*id),
            Self::Queue(_) => None,
        }
    }

    /// How it is now, if that is not what the page shows.
    async fn moved(&self, app: &App) -> Option<Self> {
        match self {
            Self::Ticket(id, shown) => {
                let now = app.tickets.get(*id).await.ok().flatten()?.hash;
                (*shown != Some(now)).then_some(Self::Ticket(*id, Some(now)))
            }
            Self::Queue(shown) => {
                let now = mark(app).await;
                (*shown != now).then_some(Self::Queue(now))
            }
        }
    }
}

/// Who reads, and the request that says so.
struct Reader {
    actor: Actor,
    parts: Parts,
}

type Sender = mpsc::Sender<Result<Event, Infallible>>;

/// Tells one reader until it or the server goes away, or their session does.
async fn send(app: App, mut subject: Subject, reader: Reader, sender: Sender, closing: Option<Closing>) {
    let Reader { actor, parts } = reader;
    let mut news = app.hub.news.subscribe();
    let closed = async {
        match closing {
            // An error means that the server is gone, which is the same.
            Some(mut closing) => drop(closing.0.wait_for(|closing| *closing).await),
            None => std::future::pending().await,
        }
    };
    let mut closed = std::pin::pin!(closed);
    let mut beat = tokio::time::interval(if subject.id().is_some() { GLANCE } else { HEARTBEAT });
    let mut viewers = None;
    loop {
        let told = tokio::select! {
            heard = news.recv() => match heard {
                Ok(News::Changed(id)) if subject.id().is_none_or(|own| own == id) => {
                    is_still_staff(&parts, &app, &actor.account).await && look(&app, &mut subject, &sender).await
                }
                Ok(News::Changed(_)) => true,
                Ok(News::Looked) => true,
                // Too much happened to tell it one by one.
                Err(broadcast::error::RecvError::Lagged(_)) => {
                    is_still_staff(&parts, &app, &actor.account).await && look(&app, &mut subject, &sender).await
                }
                Err(broadcast::error::RecvError::Closed) => false,
            },
            _ = beat.tick() => {
                let still = is_still_staff(&parts, &app, &actor.account).await;
                if let Some(id) = subject.id().filter(|_| still)
                    && app.hub.presence.look(id, &actor.account, &actor.name, app.now())
                {
                    app.hub.looked();
                }
                still && look(&app, &mut subject, &sender).await
            }
            () = sender.closed() => false,
            () = &mut closed => false,
        };
        if !told || !tell_viewers(&app, &subject, &actor, &sender, &mut viewers).await {
            break;
        }
    }
    if let Some(id) = subject.id() {
        app.hub.presence.leave(id, &actor.account);
        app.hub.looked();
    }
}

/// Tells the reader that the page is out of date, if it is. Gives whether the reader is still there.
async fn look(app: &App, subject: &mut Subject, sender: &Sender) -> bool {
    match subject.moved(app).await {
        Some(moved) => {
            *subject = moved;
            tell(sender, "ticket", &()).await
        }
        None => true,
    }
}

/// Tells who else looks at the ticket, when that changed. Gives whether the reader is still there.
async fn tell_viewers(
    app: &App,
    subject: &Subject,
    actor: &Actor,
    sender: &Sender,
    told: &mut Option<Vec<String>>,
) -> bool {
    let Some(id) = subject.id() else { return true };
    let viewers = app.hub.presence.others(id, &actor.account, app.now());
    if told.as_ref() == Some(&viewers) {
        return true;
    }
    let there = tell(sender, "viewers", &viewers).await;
    *told = Some(viewers);
    there
}

/// Whether the reader is still there.
async fn tell<T: Serialize>(sender: &Sender, event: &str, data: &T) -> bool {
    match Event::default().event(event).json_data(data) {
        Ok(event) => sender.send(Ok(event)).await.is_ok(),
        Err(_) => false,
    }
}
