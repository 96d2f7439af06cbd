//! A mail server that somebody else wrote: Python's aiosmtpd, in a process of its own.

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{self, Receiver};

use serde_json::Value;

use crate::harness::{PATIENCE, repository};

/// Ended when it is dropped.
pub(super) struct MailServer {
    pub(super) port: u16,
    process: Child,
    lines: Receiver<String>,
}

/// A mail server, or `None` after saying loudly that there is none.
pub(super) fn mail_server(test: &str, arguments: &[&str]) -> Option<MailServer> {
    let python = repository().join("target/mail-server/bin/python");
    if !python.is_file() {
        assert!(std::env::var_os("CI").is_none(), "{test}: CI needs aiosmtpd; tests/run installs it");
        eprintln!("SKIPPED: {test}: there is no aiosmtpd in target/mail-server; tests/run installs it");
        return None;
    }
    let script = repository().join("tests/testsuite/story_notices/mail_server.py");
    let mut process = Command::new(python)
        .arg(script)
        .args(arguments)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let stdout = BufReader::new(process.stdout.take().unwrap());
    let (sender, lines) = mpsc::channel();
    std::thread::spawn(move || stdout.lines().map_while(Result::ok).try_for_each(|line| sender.send(line)));
    let first = lines.recv_timeout(PATIENCE).expect("the mail server says its port");
    let port = first.strip_prefix("listening ").unwrap().parse().unwrap();
    Some(MailServer { port, process, lines })
}

impl MailServer {
    /// The next letter it took.
    pub(super) fn letter(&self) -> Value {
        let line = self.lines.recv_timeout(PATIENCE).expect("a letter arrives");
        serde_json::from_str(&line).unwrap()
    }

    /// Whether nothing more has arrived.
    pub(super) fn is_silent(&self) -> bool {
        self.lines.try_recv().is_err()
    }
}

impl Drop for MailServer {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
