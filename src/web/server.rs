//! The connections: deadlines, a cap, and a stop that lets answers finish.
//!
//! `axum::serve` keeps slow headers, stalled bodies and idle sockets open for ever. Here
//! - a head must be there within [`Limits::head`],
//! - a body may take as long as it likes while bytes flow, but no longer than [`Limits::body`] between two reads,
//! - a connection that neither works on a request nor takes bytes for [`Limits::idle`] is closed. hyper has no deadline of its own
//!   for a connection on which nothing was ever sent (it waits to tell HTTP/1 from HTTP/2), nor for a client that
//!   does not read its answer.

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
use tower_http::timeout::TimeoutBody;

use super::socket::Counted;

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

/// Answers on `listener` until `shutdown` is ready, then finishes what is under way.
///
/// # Errors
/// Never for a single connection; reserved for a listener that cannot be used at all.
pub async fn serve(listener: TcpListener, router: Router, shutdown: impl Future<Output = ()>) -> io::Result<()> {
    serve_with(listener, router, shutdown, Limits::default()).await
}

/// [`serve`] with other limits.
///
/// # Errors
/// As [`serve`].
pub async fn serve_with(
    listener: TcpListener,
    router: Router,
    shutdown: impl Future<Output = ()>,
    limits: Limits,
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
                    let connection = answer(stream, peer, router.clone(), closing.clone(), limits);
                    connections.spawn(async move {
                        connection.await;
                        drop(slot);
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
            let request = request.map(|body| Body::new(TimeoutBody::new(limits.body, Body::new(body))));
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

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::sync::oneshot;

    use super::super::testing::TestSite;
    use super::*;

    const SHORT: Duration = Duration::from_millis(60);
    const LONG: Duration = Duration::from_secs(30);
    const LIMITS: Limits = Limits { head: LONG, body: LONG, idle: LONG, drain: LONG, connections: 100 };

    struct Running {
        address: SocketAddr,
        stop: oneshot::Sender<()>,
        task: tokio::task::JoinHandle<io::Result<()>>,
    }

    async fn start(router: Router, limits: Limits) -> Running {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (stop, stopped) = oneshot::channel::<()>();
        let shutdown = async { drop(stopped.await) };
        Running { address, stop, task: tokio::spawn(serve_with(listener, router, shutdown, limits)) }
    }

    impl Running {
        async fn connect(&self, first: &str) -> TcpStream {
            let mut stream = TcpStream::connect(self.address).await.unwrap();
            stream.write_all(first.as_bytes()).await.unwrap();
            stream
        }

        async fn stop(self) {
            self.stop.send(()).unwrap();
            tokio::time::timeout(Duration::from_secs(5), self.task).await.expect("the stop hangs").unwrap().unwrap();
        }
    }

    /// What comes until the server closes; fails when it does not.
    async fn to_end(stream: &mut TcpStream) -> String {
        let mut bytes = Vec::new();
        let end = tokio::time::timeout(Duration::from_secs(5), stream.read_to_end(&mut bytes)).await;
        // A reset is also an end.
        drop(end.expect("the connection stays open"));
        String::from_utf8_lossy(&bytes).into_owned()
    }

    async fn read_until(stream: &mut TcpStream, end: &str) -> String {
        let mut text = String::new();
        while !text.contains(end) {
            let mut buffer = [0; 1024];
            let read = tokio::time::timeout(Duration::from_secs(5), stream.read(&mut buffer)).await.unwrap().unwrap();
            assert_ne!(read, 0, "closed after {text}");
            text.push_str(std::str::from_utf8(&buffer[..read]).unwrap());
        }
        text
    }

    #[tokio::test]
    async fn slow_and_silent_clients_are_cut() {
        let site = TestSite::new();
        let server = start(site.router(), Limits { head: SHORT, idle: SHORT, ..LIMITS }).await;
        for first in ["", "P", "GET / HTTP/1.1\r\nhost: x\r\n", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"] {
            let mut stream = server.connect(first).await;
            let answer = to_end(&mut stream).await;
            assert!(!answer.contains("200 OK"), "{first:?}: {answer}");
        }
        server.stop().await;
    }

    #[tokio::test]
    async fn http_2_is_spoken_and_its_silent_clients_do_not_hold_up_a_stop() {
        let site = TestSite::new();
        let server = start(site.router(), Limits { drain: Duration::from_secs(1), ..LIMITS }).await;
        let settings = "\0\0\0\u{4}\0\0\0\0\0";
        let mut stream = server.connect(&format!("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n{settings}")).await;
        let mut frame = [0; 9];
        stream.read_exact(&mut frame).await.unwrap();
        assert_eq!(frame[3], 4, "the first frame is not SETTINGS: {frame:?}");
        server.stop().await;
    }

    #[tokio::test]
    async fn a_stalled_body_is_told_so() {
        let site = TestSite::new();
        let server = start(site.router(), Limits { body: SHORT, ..LIMITS }).await;
        let mut stream = server
            .connect("POST /api/feedback HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: 50\r\n\r\n{\"pa")
            .await;
        let answer = read_until(&mut stream, "\r\n\r\n").await;
        assert!(answer.starts_with("HTTP/1.1 408"), "{answer}");
        server.stop().await;
    }

    #[tokio::test]
    async fn a_slow_body_that_flows_is_waited_for() {
        let site = TestSite::new();
        let server = start(site.router(), Limits { body: Duration::from_secs(2), ..LIMITS }).await;
        let body = r#"{"path":"articles/vpn.md","helpful":true}"#;
        let head = format!(
            "POST /api/feedback HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n",
            body.len()
        );
        let mut stream = server.connect(&head).await;
        for byte in body.as_bytes() {
            stream.write_all(&[*byte]).await.unwrap();
            tokio::task::yield_now().await;
        }
        assert!(read_until(&mut stream, "\r\n\r\n").await.starts_with("HTTP/1.1 204"));
        server.stop().await;
    }

    #[tokio::test]
    async fn connections_above_the_cap_wait_for_their_turn() {
        let site = TestSite::new();
        let server = start(site.router(), Limits { connections: 1, ..LIMITS }).await;
        let request = "GET /healthz HTTP/1.1\r\nhost: x\r\n\r\n";
        let mut first = server.connect(request).await;
        assert!(read_until(&mut first, "ok\n").await.starts_with("HTTP/1.1 200"));
        let mut second = server.connect(request).await;
        let early = tokio::time::timeout(SHORT, second.readable()).await;
        assert!(early.is_err(), "answered above the cap");
        drop(first);
        assert!(read_until(&mut second, "ok\n").await.starts_with("HTTP/1.1 200"));
        drop(second);
        server.stop().await;
    }

    #[tokio::test]
    async fn a_stop_lets_answers_finish() {
        let (entered, mut working) = tokio::sync::mpsc::channel(1);
        let go = Arc::new(tokio::sync::Notify::new());
        let handler = {
            let go = Arc::clone(&go);
            async move || {
                entered.send(()).await.unwrap();
                go.notified().await;
                "finished"
            }
        };
        let server = start(Router::new().route("/", axum::routing::get(handler)), LIMITS).await;
        let mut stream = server.connect("GET / HTTP/1.1\r\nhost: x\r\n\r\n").await;
        working.recv().await.unwrap();
        let address = server.address;
        server.stop.send(()).unwrap();
        // The listener is gone before the answer is.
        while TcpStream::connect(address).await.is_ok() {
            tokio::task::yield_now().await;
        }
        go.notify_one();
        assert!(to_end(&mut stream).await.ends_with("finished"));
        server.task.await.unwrap().unwrap();
    }

    #[tokio::test]
    async fn the_editor_hears_of_revisions_until_the_server_stops() {
        let site = TestSite::new();
        let server = start(site.router(), LIMITS).await;
        let mut stream =
            server.connect("GET /-/live HTTP/1.1\r\nhost: localhost\r\naccept-encoding: gzip, br\r\n\r\n").await;
        let first = read_until(&mut stream, "\n\n").await;
        assert!(first.contains("text/event-stream") && first.contains("\"revision\":2"), "{first}");
        let broken = crate::diagnostic::Diagnostic::error("HM010", "articles/a.md", "title is missing").at((2, 1));
        site.diagnostics.lock().unwrap().push(broken);
        site.publish();
        let second = read_until(&mut stream, "\n\n").await;
        assert!(second.contains("\"revision\":3") && second.contains("articles/a.md:2:1: error:"), "{second}");

        let mut foreign = server.connect("GET /-/live HTTP/1.1\r\nhost: help.example.com\r\n\r\n").await;
        assert!(read_until(&mut foreign, "\r\n\r\n").await.starts_with("HTTP/1.1 204"));
        server.stop().await;
        to_end(&mut stream).await;
    }
}
