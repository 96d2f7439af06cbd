//! One Chromium with a profile of its own, told what to do in plain, blocking words.

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc;
use std::time::Instant;

use serde_json::{Value, json};
use tempfile::TempDir;
use thirtyfour::common::capabilities::chromium::ChromiumLikeCapabilities;
use thirtyfour::{By, DesiredCapabilities, WebDriver, WebElement};
use tokio::runtime::Runtime;

use crate::harness::{PATIENCE, choose_tls};

/// What a browser for tests must not do: phone home, or wait for a screen.
const FLAGS: &[&str] = &[
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--disable-dev-shm-usage",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    // Nothing moves while it is clicked.
    "--force-prefers-reduced-motion",
    "--window-size=1280,900",
];

pub(super) struct Browser {
    runtime: Runtime,
    driver: Option<WebDriver>,
    /// chromedriver, which is ended with the browser.
    process: Child,
    _profile: TempDir,
}

/// A browser, or `None` after saying loudly that there is none.
pub(super) fn browser(test: &str, flags: &[&str]) -> Option<Browser> {
    let there = ["chromium", "chromedriver"].map(|name| Command::new(name).arg("--version").output().is_ok());
    if there == [true, true] {
        return Some(Browser::start(flags));
    }
    assert!(std::env::var_os("CI").is_none(), "{test}: CI needs chromium and chromedriver; tests/run installs them");
    eprintln!("SKIPPED: {test}: there is no chromium or no chromedriver; tests/run installs them");
    None
}

impl Browser {
    fn start(flags: &[&str]) -> Self {
        let mut process = Command::new("chromedriver")
            .arg("--port=0")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let stdout = BufReader::new(process.stdout.take().unwrap());
        let (sender, receiver) = mpsc::channel();
        // Reads on to the end, so that chromedriver never waits for a reader.
        std::thread::spawn(move || {
            for line in stdout.lines().map_while(Result::ok) {
                if let Some(port) = line.strip_suffix('.').and_then(|line| line.rsplit_once("on port ")) {
                    let _ = sender.send(port.1.to_owned());
                }
            }
        });
        let port = receiver.recv_timeout(PATIENCE).expect("chromedriver says its port");
        let profile = tempfile::Builder::new().prefix("helpmark-browser-").tempdir().unwrap();
        let mut wanted = DesiredCapabilities::chrome();
        for flag in FLAGS.iter().chain(flags) {
            wanted.add_arg(flag).unwrap();
        }
        wanted.add_arg(&format!("--user-data-dir={}", profile.path().display())).unwrap();
        wanted.add_arg("--lang=zh-CN").unwrap();
        choose_tls();
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
        let driver = runtime.block_on(WebDriver::new(format!("http://127.0.0.1:{port}"), wanted)).unwrap();
        runtime.block_on(driver.set_script_timeout(PATIENCE)).unwrap();
        Self { runtime, driver: Some(driver), process, _profile: profile }
    }

    fn driver(&self) -> &WebDriver {
        self.driver.as_ref().unwrap()
    }

    pub(super) fn open(&self, url: &str) {
        self.runtime.block_on(self.driver().goto(url)).unwrap();
    }

    pub(super) fn url(&self) -> String {
        self.runtime.block_on(self.driver().current_url()).unwrap().to_string()
    }

    /// The result of a function body.
    pub(super) fn run(&self, script: &str) -> Value {
        let result = self.runtime.block_on(self.driver().execute(script, Vec::new()));
        result.unwrap_or_else(|error| panic!("{script}: {error}")).json().clone()
    }

    /// The result of a function body that calls its last argument with it.
    pub(super) fn run_async(&self, script: &str) -> Value {
        let result = self.runtime.block_on(self.driver().execute_async(script, Vec::new()));
        result.unwrap_or_else(|error| panic!("{error}")).json().clone()
    }

    /// A command of the DevTools protocol.
    pub(super) fn devtools(&self, command: &str, parameters: Value) -> Value {
        self.runtime.block_on(self.driver().cdp().send_raw(command, parameters)).unwrap()
    }

    /// Waits in the browser until an expression is true. Each look is one question to the browser, which answers when
    /// it has time: no clock decides.
    pub(super) fn until(&self, what: &str, expression: &str) {
        let started = Instant::now();
        let script = format!(
            "const done = arguments[0]; const look = () => {{ let yes = false; try {{ yes = Boolean({expression}); }} \
             catch {{}} return yes; }}; if (look()) return done(true); const tick = setInterval(() => {{ if (look()) {{ \
             clearInterval(tick); done(true); }} }}, 20); setTimeout(() => {{ clearInterval(tick); done(look()); }}, 2000);"
        );
        while started.elapsed() < PATIENCE {
            // A page that navigates away takes the question with it; then it is asked again.
            let answer = self.runtime.block_on(self.driver().execute_async(script.as_str(), Vec::new()));
            if answer.is_ok_and(|answer| answer.json() == &Value::Bool(true)) {
                return;
            }
        }
        let text = self.run("return document.title + '\\n' + document.body.innerText").to_string();
        panic!("{what} did not come true at {}\n{text}", self.url());
    }

    /// Waits until the address is as wanted, without a script: a form sent by the browser itself takes a moment to be
    /// answered, and a page without scripts cannot be asked by [`Browser::until`].
    pub(super) fn until_url(&self, what: &str, wanted: impl Fn(&str) -> bool) {
        let started = Instant::now();
        while !wanted(&self.url()) {
            assert!(started.elapsed() < PATIENCE, "{what} was not reached; the browser is at {}", self.url());
        }
    }

    /// The element, waited for: a page that was just asked for may still be on its way.
    pub(super) fn find(&self, css: &str) -> WebElement {
        let started = Instant::now();
        loop {
            match self.runtime.block_on(self.driver().find(By::Css(css))) {
                Ok(found) => return found,
                Err(error) if started.elapsed() >= PATIENCE => panic!("{css} at {}: {error}", self.url()),
                Err(_) => {}
            }
        }
    }

    pub(super) fn click(&self, css: &str) {
        let element = self.find(css);
        self.runtime.block_on(element.click()).unwrap_or_else(|error| panic!("{css} at {}: {error}", self.url()));
    }

    /// Types into an element, as a person does.
    pub(super) fn fill(&self, css: &str, text: &str) {
        let element = self.find(css);
        self.runtime.block_on(element.send_keys(text)).unwrap_or_else(|error| panic!("{css}: {error}"));
    }

    /// All text of the page.
    pub(super) fn text(&self) -> String {
        self.run("return document.body.innerText").as_str().unwrap().to_owned()
    }

    pub(super) fn value(&self, css: &str) -> String {
        let script = format!("return document.querySelector({}).value", json!(css));
        self.run(&script).as_str().unwrap_or_default().to_owned()
    }

    /// An attribute, as the page came; this works without scripts, too.
    pub(super) fn attribute(&self, css: &str, name: &str) -> String {
        self.runtime.block_on(self.find(css).attr(name)).unwrap().unwrap_or_default()
    }

    pub(super) fn shows(&self, words: &[&str]) {
        let text = self.text();
        for word in words {
            assert!(text.contains(word), "{word:?} is missing at {} in\n{text}", self.url());
        }
    }
}

/// Sends the ticket form: looks at everything once more, then means it.
pub(super) fn check_and_send(browser: &Browser) {
    browser.click("[data-check]");
    browser.until("all of it once more", "document.querySelector('[data-review] dl')?.offsetParent");
    browser.click("[data-confirm]");
}

impl Drop for Browser {
    fn drop(&mut self) {
        if let Some(driver) = self.driver.take() {
            let _ = self.runtime.block_on(driver.quit());
        }
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
