//! The stream of revisions that `serve` offers to authors.

use std::io::{BufRead, BufReader, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use serde_json::Value;

use super::PATIENCE;

pub(crate) struct Live {
    lines: BufReader<TcpStream>,
    since: Instant,
}

impl Live {
    /// HTTP/1.0, so that the body comes as it is, without chunks.
    pub(super) fn open(address: &str) -> Self {
        let mut stream = TcpStream::connect(address).unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        write!(stream, "GET /-/live HTTP/1.0\r\nhost: {address}\r\n\r\n").unwrap();
        let mut lines = BufReader::new(stream);
        let mut status = String::new();
        lines.read_line(&mut status).unwrap();
        assert!(status.contains(" 200 "), "/-/live: {status}");
        Self { lines, since: Instant::now() }
    }

    pub(super) fn age(&self) -> Duration {
        self.since.elapsed()
    }

    /// The data of the next event; `None` when the stream ended or nothing came in time.
    pub(crate) fn next(&mut self) -> Option<Value> {
        let mut line = String::new();
        while self.age() < PATIENCE {
            line.clear();
            if self.lines.read_line(&mut line).ok()? == 0 {
                return None;
            }
            // Heartbeats are comments, which start with a colon.
            if let Some(data) = line.strip_prefix("data:") {
                return Some(serde_json::from_str(data.trim()).unwrap());
            }
        }
        None
    }

    /// The next event that `wanted` accepts.
    pub(crate) fn until(&mut self, what: &str, wanted: impl Fn(&Value) -> bool) -> Value {
        loop {
            let event = self.next().unwrap_or_else(|| panic!("no event with {what}"));
            if wanted(&event) {
                return event;
            }
        }
    }
}
