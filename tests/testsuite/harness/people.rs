//! People with accounts, and what they ask of a server.

use std::io::Write as _;
use std::process::Stdio;

use super::{Ran, Reply, Server, Site, helpmark};

/// Everybody's password in tests.
pub(crate) const PASSWORD: &str = "correct horse battery 9";

impl Site {
    /// Runs a command that reads `input`.
    pub(crate) fn tell(&self, arguments: &[&str], input: &str) -> Ran {
        let mut command = helpmark();
        command.arg("--root").arg(self.root()).args(arguments);
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        // A command that refuses before it reads closes the pipe.
        let _ = writeln!(child.stdin.take().unwrap(), "{input}");
        let output = child.wait_with_output().unwrap();
        let text = |bytes| String::from_utf8(bytes).expect("the program speaks UTF-8");
        Ran { code: output.status.code(), stdout: text(output.stdout), stderr: text(output.stderr) }
    }

    /// An account with [`PASSWORD`].
    pub(crate) fn account(self, login: &str, name: &str, role: &str, teams: &[&str]) -> Self {
        let mut arguments = vec!["user", "add", login, "--name", name, "--role", role, "--password-stdin"];
        for team in teams {
            arguments.extend(["--team", team]);
        }
        self.tell(&arguments, PASSWORD).expect(0);
        self
    }
}

/// Somebody who is signed in, by their cookie.
pub(crate) struct Person<'a> {
    server: &'a Server,
    cookie: String,
}

impl<'a> Person<'a> {
    pub(crate) fn sign_in(server: &'a Server, login: &str) -> Self {
        let words = [("login", login), ("password", PASSWORD)];
        let reply = server.post_words("/desk/sign-in", &words, &[("accept-language", "zh-CN")]).expect(303);
        let cookie = reply.header("set-cookie").split(';').next().unwrap().to_owned();
        Self { server, cookie }
    }

    pub(crate) fn get(&self, path: &str) -> Reply {
        let headers = [("cookie", self.cookie.as_str()), ("accept", "text/html"), ("accept-language", "zh-CN")];
        self.server.get_with(path, &headers)
    }

    /// Sends exactly this form.
    pub(crate) fn post(&self, path: &str, words: &[(&str, &str)]) -> Reply {
        let headers = [("cookie", self.cookie.as_str()), ("accept-language", "zh-CN"), ("origin", &self.server.url)];
        self.server.post_words(path, words, &headers)
    }

    /// Sends a form with files, as its page does.
    pub(crate) fn post_form(&self, path: &str, words: &[(&str, &str)], files: &[(&str, &[u8])]) -> Reply {
        self.server.post_form(path, words, files, &[("cookie", &self.cookie), ("accept-language", "zh-CN")])
    }

    /// The hidden fields of the forms on a page, the first of each name.
    pub(crate) fn hidden(&self, path: &str, name: &str) -> String {
        let page = self.get(path).expect(200).text();
        let start = page.find(&format!("name=\"{name}\" value=\"")).unwrap_or_else(|| panic!("no {name} at {path}"));
        page[start..].split('"').nth(3).unwrap().to_owned()
    }

    /// Takes a step on a ticket as its page offers it.
    pub(crate) fn step(&self, id: &str, words: &[(&str, &str)]) -> Reply {
        let page = format!("/desk/tickets/{id}");
        let (csrf, etag) = (self.hidden(&page, "csrf"), self.hidden(&page, "etag"));
        let mut form = vec![("csrf", csrf.as_str()), ("etag", etag.as_str())];
        form.extend(words);
        self.post(&format!("{page}/actions"), &form)
    }
}
