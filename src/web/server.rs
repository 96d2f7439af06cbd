//! The connections: deadlines, a cap, and a stop that lets answers finish.
//!
//! `axum::serve` keeps slow headers, stalled bodies and idle sockets open for ever. Here
//! - a head must be there within [`Limits::head`],
//! - a body may take as long as it likes while it flows ([`Paced`]); one for which the server waits longer than
//!   [`Limits::body`] ends there,
//! - one address may hold a share of the connections and not all of them ([`Door`]),
//! - a connection that neither works on a request nor takes bytes for [`Limits::idle`] is closed. hyper has no deadline of its own
//!   for a connection on which nothing was ever sent (it waits to tell HTTP/1 from HTTP/2), nor for a client that
//!   does not read its answer.

#[cfg(test)]
mod tests;

use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::ConnectInfo;
use http::Request;
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, watch};
use tokio::task::JoinSet;
use tower::ServiceExt;

use super::door::Door;
use super::extract::is_proxy;
use super::pace::Paced;
use super::socket::Counted;
use super::{App, app};

/// How long and how many.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    pub head: Duration,
    pub body: Duration,
    pub idle: Duration,
    /// How long a stop waits for answers under way.
    pub drain: Duration,
    pub connections: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            head: Duration::from_secs(15),
            body: Duration::from_secs(15),
            idle: Duration::from_secs(30),
            drain: Duration::from_secs(10),
            connections: 1_024,
        }
    }
}

/// In a request's extensions: turns true when the server stops, so that endless answers end.
#[derive(Debug, Clone)]
pub struct Closing(pub watch::Receiver<bool>);

/// Answers for `application` on `listener` until `shutdown` is ready, then finishes what is under way.
///
/// # Errors
/// Never for a single connection; reserved for a listener that cannot be used at all.
pub async fn serve(listener: TcpListener, application: App, shutdown: impl Future<Output = ()>) -> io::Result<()> {
    let limits = Limits::default();
    let live = Arc::clone(&application.live);
    let door = Door::new(limits.connections, move |peer| is_proxy(peer, &live.load().config.trusted_proxies));
    serve_with(listener, app(application), shutdown, limits, door).await
}

/// [`serve`] with other limits.
///
/// # Errors
/// As [`serve`].
async fn serve_with(
    listener: TcpListener,
    router: Router,
    shutdown: impl Future<Output = ()>,
    limits: Limits,
    door: Arc<Door>,
) -> io::Result<()> {
    listener.local_addr()?;
    let mut shutdown = pin!(shutdown);
    let (close, closing) = watch::channel(false);
    let slots = Arc::new(Semaphore::new(limits.connections));
    let mut connections = JoinSet::new();
    loop {
        // The slot comes first: above the cap, clients wait in the kernel's queue.
        let accepted = async {
            let slot = Arc::clone(&slots).acquire_owned().await;
            (listener.accept().await, slot)
        };
        tokio::select! {
            () = &mut shutdown => break,
            Some(_) = connections.join_next() => {}
            (accepted, slot) = accepted => match accepted {
                Ok((stream, peer)) => {
                    // Hearing nothing at all, a client tries again later.
                    let Some(guest) = door.enter(peer.ip()) else { continue };
                    let connection = answer(stream, peer, router.clone(), closing.clone(), limits);
                    connections.spawn(async move {
                        connection.await;
                        drop((guest, slot));
                    });
                }
                Err(error) => refused(&error).await,
            },
        }
    }
    drop(listener);
    close.send_replace(true);
    let drained = async { while connections.join_next().await.is_some() {} };
    if tokio::time::timeout(limits.drain, drained).await.is_err() {
        tracing::warn!(connections = connections.len(), "stopped with answers still under way");
        connections.shutdown().await;
    }
    Ok(())
}

/// A connection that went away before it was accepted is nobody's fault; running out of file descriptors is, and
/// trying again at once would only spin.
async fn refused(error: &io::Error) {
    use io::ErrorKind::{ConnectionAborted, ConnectionRefused, ConnectionReset};
    if !matches!(error.kind(), ConnectionAborted | ConnectionRefused | ConnectionReset) {
        tracing::error!(%error, "cannot accept a connection");
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
}

/// What the watchdog of one connection looks at.
#[derive(Debug, Default)]
pub(super) struct Activity {
    /// Requests whose answer has not begun.
    working: AtomicUsize,
    /// Requests begun and writes that the socket took.
    pub(super) steps: AtomicU64,
}

/// Counts a request as being worked on, also when its future is dropped half way.
struct Working(Arc<Activity>);

impl Working {
    fn new(activity: &Arc<Activity>) -> Self {
        activity.working.fetch_add(1, Ordering::Relaxed);
        activity.steps.fetch_add(1, Ordering::Relaxed);
        Self(Arc::clone(activity))
    }
}

impl Drop for Working {
    fn drop(&mut self) {
        self.0.working.fetch_sub(1, Ordering::Relaxed);
    }
}

/// Serves one connection to its end.
async fn answer(
    stream: TcpStream,
    peer: SocketAddr,
    router: Router,
    mut closing: watch::Receiver<bool>,
    limits: Limits,
) {
    // Small answers at once; a socket that refuses the option still works.
    let _ = stream.set_nodelay(true);
    let activity = Arc::new(Activity::default());
    let io = TokioIo::new(Counted::new(stream, Arc::clone(&activity)));
    let service = {
        let (activity, closing) = (Arc::clone(&activity), closing.clone());
        service_fn(move |mut request: Request<Incoming>| {
            let working = Working::new(&activity);
            request.extensions_mut().insert(ConnectInfo(peer));
            request.extensions_mut().insert(Closing(closing.clone()));
            let request = request.map(|body| Body::new(Paced::new(Body::new(body), limits.body)));
            let router = router.clone();
            async move {
                let response = router.oneshot(request).await;
                drop(working);
                response
            }
        })
    };
    let mut server = auto::Builder::new(TokioExecutor::new());
    server.http1().timer(TokioTimer::new()).header_read_timeout(limits.head);
    server.http2().timer(TokioTimer::new()).max_concurrent_streams(64).max_header_list_size(64 * 1024);
    let mut connection = pin!(server.serve_connection(io, service));
    let mut watchdog = pin!(watch_idle(&activity, limits.head, limits.idle));
    let mut stopping = false;
    loop {
        tokio::select! {
            ended = &mut connection => {
                if let Err(error) = ended {
                    tracing::debug!(%error, "a connection broke off");
                }
                return;
            }
            // The sender lives as long as the accept loop: an error means the same as a stop.
            _ = closing.wait_for(|closing| *closing), if !stopping => {
                stopping = true;
                connection.as_mut().graceful_shutdown();
                // An HTTP/2 client has to agree to the end, and a silent one would hold up the stop.
                let patience = limits.drain / 5;
                watchdog.set(watch_idle(&activity, patience, patience));
            }
            () = &mut watchdog => return,
        }
    }
}

/// Ready when nothing happened on the connection for `first`, and later for `idle`, while no handler is at work.
async fn watch_idle(activity: &Activity, first: Duration, idle: Duration) {
    let mut seen = 0;
    let mut patience = first;
    loop {
        tokio::time::sleep(patience).await;
        patience = idle;
        let steps = activity.steps.load(Ordering::Relaxed);
        if steps == seen && activity.working.load(Ordering::Relaxed) == 0 {
            return;
        }
        seen = steps;
    }
}
