//! Connections over real sockets.

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::sync::oneshot;

use super::*;
use crate::web::testing::TestSite;

const SHORT: Duration = Duration::from_millis(60);
const LONG: Duration = Duration::from_secs(30);
const LIMITS: Limits = Limits { head: LONG, body: LONG, idle: LONG, drain: LONG, connections: 100 };

struct Running {
    address: SocketAddr,
    stop: oneshot::Sender<()>,
    task: tokio::task::JoinHandle<io::Result<()>>,
}

async fn start(router: Router, limits: Limits) -> Running {
    start_behind(router, limits, |_| true).await
}

async fn start_behind(router: Router, limits: Limits, is_proxy: fn(std::net::IpAddr) -> bool) -> Running {
    let door = Door::new(limits.connections, is_proxy);
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let (stop, stopped) = oneshot::channel::<()>();
    let shutdown = async { drop(stopped.await) };
    Running { address, stop, task: tokio::spawn(serve_with(listener, router, shutdown, limits, door)) }
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
async fn a_body_that_drips_is_cut_off() {
    let site = TestSite::new();
    let server = start(site.router(), Limits { body: SHORT * 5, ..LIMITS }).await;
    let head =
        "POST /api/feedback HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: 5000\r\n\r\n";
    let mut stream = server.connect(head).await;
    let answered = async {
        // Each byte comes long before a silent client would be cut off.
        while tokio::time::timeout(SHORT / 3, stream.readable()).await.is_err() {
            stream.write_all(b" ").await.unwrap();
        }
    };
    tokio::time::timeout(Duration::from_secs(5), answered).await.expect("it may drip for ever");
    assert!(read_until(&mut stream, "\r\n\r\n").await.starts_with("HTTP/1.1 408"));
    server.stop().await;
}

#[tokio::test]
async fn one_address_cannot_take_every_place() {
    let site = TestSite::new();
    let server = start_behind(site.router(), Limits { connections: 8, ..LIMITS }, |_| false).await;
    let request = "GET /healthz HTTP/1.1\r\nhost: x\r\n\r\n";
    let mut held = Vec::new();
    for _ in 0..2 {
        let mut stream = server.connect(request).await;
        read_until(&mut stream, "ok\n").await;
        held.push(stream);
    }
    let mut refused = TcpStream::connect(server.address).await.unwrap();
    assert_eq!(to_end(&mut refused).await, "", "the third of a quarter of eight");
    drop(held);
    let again = async {
        // Until the server has seen that the two are gone.
        loop {
            let mut stream = TcpStream::connect(server.address).await.unwrap();
            let _ = stream.write_all(request.as_bytes()).await;
            let mut answer = [0; 64];
            if stream.read(&mut answer).await.is_ok_and(|read| read > 0) {
                return String::from_utf8_lossy(&answer).into_owned();
            }
        }
    };
    let again = tokio::time::timeout(Duration::from_secs(5), again).await.unwrap();
    assert!(again.starts_with("HTTP/1.1 200"), "{again}");
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
