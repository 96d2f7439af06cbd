//! A running `helpmark serve`.

use std::fs::File;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, ExitStatus, Stdio};
use std::sync::mpsc;
use std::time::Instant;

use tempfile::TempDir;

use super::{Live, PATIENCE, choose_tls, helpmark};

/// Killed when it is dropped; what it logged is shown when the test failed.
pub(crate) struct Server {
    /// `http://127.0.0.1:PORT`
    pub(crate) url: String,
    child: Child,
    stdout: Option<BufReader<ChildStdout>>,
    log: TempDir,
    pub(super) client: reqwest::blocking::Client,
}

impl Server {
    pub(crate) fn start(root: &Path, arguments: &[&str]) -> Self {
        let log = tempfile::tempdir().unwrap();
        let mut command = helpmark();
        command.arg("--root").arg(root).args(["serve", "--listen", "127.0.0.1:0"]).args(arguments);
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(File::create(log.path().join("log")).unwrap());
        let mut child = command.spawn().unwrap();
        let mut stdout = BufReader::new(child.stdout.take().unwrap());
        let (sender, receiver) = mpsc::channel();
        let reader = std::thread::spawn(move || {
            let mut line = String::new();
            let _ = stdout.read_line(&mut line);
            let _ = sender.send(line);
            stdout
        });
        choose_tls();
        let client = reqwest::blocking::Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            .timeout(PATIENCE)
            .no_proxy()
            .build()
            .unwrap();
        let mut server = Self { url: String::new(), child, stdout: None, log, client };
        let line = receiver.recv_timeout(PATIENCE).unwrap_or_else(|_| panic!("serve is silent: {}", server.log()));
        server.stdout = reader.join().ok();
        let url = line.trim_end().strip_prefix("listening on ");
        server.url = url.unwrap_or_else(|| panic!("serve said {line:?}: {}", server.log())).to_owned();
        server
    }

    /// For a server in a static, which nobody drops: it is killed when the tests' process closes the pipe by ending.
    pub(crate) fn end_with_the_tests(&self) -> ChildStdin {
        let mut watch = Command::new("sh");
        watch.args(["-c", "cat >/dev/null; kill -9 \"$0\"", &self.child.id().to_string()]);
        watch.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap().stdin.unwrap()
    }

    /// `127.0.0.1:PORT`
    pub(crate) fn address(&self) -> &str {
        self.url.strip_prefix("http://").unwrap()
    }

    /// What it wrote to standard error so far.
    pub(crate) fn log(&self) -> String {
        std::fs::read_to_string(self.log.path().join("log")).unwrap_or_default()
    }

    /// SIGTERM; it must finish by itself, with 0.
    pub(crate) fn stop(mut self) {
        let asked = Command::new("sh").arg("-c").arg(format!("kill -TERM {}", self.child.id())).status().unwrap();
        assert!(asked.success());
        let status = self.wait();
        assert_eq!(status.code(), Some(0), "after SIGTERM: {status}\n{}", self.log());
    }

    /// SIGKILL: as if the machine had lost this process.
    pub(crate) fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// Waits for the end: its standard output closes with it.
    fn wait(&mut self) -> ExitStatus {
        let started = Instant::now();
        let mut stdout = self.stdout.take().unwrap();
        let (sender, receiver) = mpsc::channel();
        std::thread::spawn(move || {
            let ended = std::io::copy(&mut stdout, &mut std::io::sink());
            let _ = sender.send(ended);
        });
        if receiver.recv_timeout(PATIENCE).is_err() {
            panic!("still running {:?} after it was asked to stop:\n{}", started.elapsed(), self.log());
        }
        self.child.wait().unwrap()
    }

    /// The stream of revisions; the present one is its first event.
    pub(crate) fn live(&self) -> Live {
        Live::open(self.address())
    }

    /// Waits until `holds`, looking again with every new revision.
    pub(crate) fn eventually(&self, what: &str, holds: impl Fn(&Self) -> bool) {
        let mut live = self.live();
        loop {
            let event = live.next().unwrap_or_else(|| panic!("{what} did not come true:\n{}", self.log()));
            if holds(self) {
                return;
            }
            assert!(live.age() < PATIENCE, "{what} did not come true; the last event: {event}\n{}", self.log());
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
        if std::thread::panicking() {
            eprintln!("---- the server's log\n{}", self.log());
        }
    }
}
