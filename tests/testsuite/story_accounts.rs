//! Accounts: added on the command line, used in the browser, and closed to everybody else.

use std::io::Write;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Stdio;

use serde_json::Value;

use crate::harness::{Ran, Reply, Server, Site, helpmark};
use crate::story_ticket::full_disk::Disk;

pub(crate) const PASSWORD: &str = "correct horse battery";

/// Runs a command that reads `input`.
fn tell(site: &Site, arguments: &[&str], input: &str) -> Ran {
    tell_at(site.root(), arguments, input)
}

fn tell_at(root: &Path, arguments: &[&str], input: &str) -> Ran {
    let mut command = helpmark();
    command.arg("--root").arg(root).args(arguments);
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    // A command that refuses before it reads closes the pipe.
    let _ = writeln!(child.stdin.take().unwrap(), "{input}");
    let output = child.wait_with_output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    Ran { code: output.status.code(), stdout: text(output.stdout), stderr: text(output.stderr) }
}

fn add(site: &Site, login: &str, role: &str) {
    tell(site, &["user", "add", login, "--name", login, "--role", role, "--password-stdin"], PASSWORD).expect(0);
}

/// Three people: an employee, an agent of the network team, and an administrator.
pub(crate) fn staffed() -> Site {
    let site = Site::bare();
    add(&site, "wang", "employee");
    add(&site, "li", "agent");
    add(&site, "root", "admin");
    site
}

/// Everything a browser keeps of a session.
struct Browser<'a> {
    server: &'a Server,
    cookie: String,
}

impl<'a> Browser<'a> {
    fn sign_in(server: &'a Server, login: &str, password: &str) -> Self {
        let reply = try_to_sign_in(server, login, password, "127.0.0.1").expect(303);
        let cookie = reply.header("set-cookie");
        for part in ["HttpOnly", "SameSite=Lax", "Path=/"] {
            assert!(cookie.contains(part), "{cookie}");
        }
        Self { server, cookie: cookie.split(';').next().unwrap().to_owned() }
    }

    fn get(&self, path: &str) -> Reply {
        self.server.get_with(path, &[("cookie", &self.cookie), ("accept", "text/html"), ("accept-language", "zh-CN")])
    }

    fn post(&self, path: &str, words: &[(&str, &str)]) -> Reply {
        self.server.post_words(path, words, &[("cookie", &self.cookie), ("origin", &self.server.url)])
    }

    fn csrf(&self) -> String {
        let page = self.get("/my").expect(200).text();
        page.split("name=\"csrf\" value=\"").nth(1).unwrap().split('"').next().unwrap().to_owned()
    }

    fn is_signed_in(&self) -> bool {
        match self.get("/my") {
            reply if reply.status == 200 => true,
            reply => {
                assert_eq!((reply.status, reply.header("location")), (303, "/desk/sign-in?next=%2Fmy"));
                false
            }
        }
    }
}

fn try_to_sign_in(server: &Server, login: &str, password: &str, from: &str) -> Reply {
    let words = [("login", login), ("password", password), ("next", "/my")];
    server.post_words("/desk/sign-in", &words, &[("x-forwarded-for", from)])
}

#[test]
fn an_account_from_the_command_line_opens_the_site_until_signed_out() {
    let site = staffed();
    let mode = |path: &str| std::fs::metadata(site.path(path)).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(".helpmark/accounts.json"), 0o600);
    assert!(!site.read(".helpmark/accounts.json").contains(PASSWORD));

    let server = site.serve();
    for page in ["/", "/en/"] {
        server.page(page).expect(200).says(&["/desk/sign-in"]);
    }
    server.page("/desk/sign-in").expect(200).says(&["登录", "name=\"password\""]);
    server.page("/en/desk/sign-in").expect(200).says(&["Sign in", "/en/desk/sign-in"]);
    assert_eq!(server.page("/my").header("location"), "/desk/sign-in?next=%2Fmy");
    for (login, password) in [("wang", "wrong password"), ("wang", ""), ("nobody", PASSWORD), ("", PASSWORD)] {
        let refused = try_to_sign_in(&server, login, password, "192.0.2.9").expect(422);
        assert_eq!(refused.header("set-cookie"), "");
    }

    let wang = Browser::sign_in(&server, "Wang", PASSWORD);
    wang.get("/my").expect(200).says(&["我的工单", "wang", "员工"]);
    assert_eq!(wang.get("/desk/sign-in").header("location"), "/my", "who is signed in need not do it again");
    let cookie = wang.cookie.clone();
    server.kill();

    let server = site.serve();
    let wang = Browser { server: &server, cookie };
    assert!(wang.is_signed_in(), "a session survives kill -9");
    let csrf = wang.csrf();
    assert_eq!(wang.post("/desk/sign-out", &[]).status, 403, "a form without the token changes nothing");
    let foreign = [("cookie", wang.cookie.as_str()), ("origin", "https://evil.example")];
    assert_eq!(server.post_words("/desk/sign-out", &[("csrf", &csrf)], &foreign).status, 403);
    assert!(wang.is_signed_in());
    assert_eq!(wang.post("/desk/sign-out", &[("csrf", &csrf)]).header("location"), "/");
    assert!(!wang.is_signed_in(), "also for whoever copied the cookie");
    assert!(!server.log().contains(PASSWORD) && !server.log().contains("wrong password"), "{}", server.log());
    server.stop();
}

#[test]
fn a_change_on_the_command_line_reaches_a_running_server_at_once() {
    let site = staffed();
    let server = site.serve();
    let wang = Browser::sign_in(&server, "wang", PASSWORD);
    let li = Browser::sign_in(&server, "li", PASSWORD);
    site.run(&["user", "set", "wang", "--name", "王芳"]).expect(0);
    wang.get("/my").expect(200).says(&["王芳"]);
    site.run(&["user", "set", "wang", "--disable"]).expect(0);
    assert!(!wang.is_signed_in() && li.is_signed_in());
    assert_eq!(try_to_sign_in(&server, "wang", PASSWORD, "192.0.2.1").status, 422);
    site.run(&["user", "set", "wang", "--enable"]).expect(0);
    assert!(!wang.is_signed_in(), "what has ended stays ended");
    let wang = Browser::sign_in(&server, "wang", PASSWORD);

    tell(&site, &["user", "passwd", "wang", "--password-stdin"], "another horse battery").expect(0);
    assert!(!wang.is_signed_in());
    assert_eq!(try_to_sign_in(&server, "wang", PASSWORD, "192.0.2.1").status, 422);
    let wang = Browser::sign_in(&server, "wang", "another horse battery");

    let made = site.run(&["user", "passwd", "wang", "--generate"]);
    let made = made.expect(0).stdout.trim();
    assert!(!wang.is_signed_in());
    let wang = Browser::sign_in(&server, "wang", made);
    assert_eq!(
        wang.get("/my").header("location"),
        "/my/password?next=%2Fmy",
        "a password of somebody else comes first"
    );

    site.run(&["user", "remove", "li"]).expect(0);
    assert!(!li.is_signed_in());
    add(&site, "li", "employee");
    assert!(!li.is_signed_in(), "another person of the same login is another person");
    server.stop();
}

#[test]
fn guessing_passwords_meets_a_wall() {
    let site = staffed();
    let server = site.serve();
    let known = Browser::sign_in(&server, "wang", PASSWORD);
    assert!(known.is_signed_in());

    let guess = |login: &str, n: usize, from: &str| try_to_sign_in(&server, login, &format!("guess number {n}"), from);
    for login in ["li", "no-such-person"] {
        let statuses: Vec<u16> = (0..6).map(|n| guess(login, n, "192.0.2.1").status).collect();
        assert_eq!(statuses, [422, 422, 422, 422, 422, 429], "{login}");
    }
    let stopped = try_to_sign_in(&server, "li", PASSWORD, "192.0.2.1");
    assert_eq!(stopped.status, 429, "the right one does not get through either");
    assert!((1..=5).contains(&stopped.header("retry-after").parse::<u64>().unwrap()));
    stopped.says(&["秒后再试"]);
    Browser::sign_in(&server, "li", PASSWORD);

    // As many machines as one likes: the account counts, too.
    let taken = (0..60).filter(|n| guess("wang", *n, &format!("198.51.100.{n}")).status == 422).count();
    assert!((18..=30).contains(&taken), "{taken} guesses were taken");
    assert!(known.is_signed_in(), "whoever is in stays in");
    Browser::sign_in(&server, "wang", PASSWORD);
    server.stop();
}

#[test]
fn no_account_sees_what_is_not_its_own() {
    let site = staffed();
    let server = site.serve();
    let wang = Browser::sign_in(&server, "wang", PASSWORD);
    let ticket = [
        ("type", "other"),
        ("title", "屏幕不亮"),
        ("description", "x"),
        ("urgency", "normal"),
        ("name", "王芳"),
        ("contact", "8000"),
        ("account", "root"),
    ];
    let sent = wang.post("/tickets/new", &ticket).expect(303);
    let list: Vec<Value> = serde_json::from_str(&site.run(&["ticket", "list", "--json"]).expect(0).stdout).unwrap();
    assert_eq!(list[0]["account"], "wang", "the session says who files, the form does not");
    let id = list[0]["id"].as_str().unwrap();
    wang.get("/my").expect(200).says(&["屏幕不亮", id]);
    wang.get(&format!("/my/{id}")).expect(200).says(&["屏幕不亮", "待受理"]);
    assert!(sent.header("location").contains("/track/"));

    add(&site, "zhao", "employee");
    for login in ["zhao", "li", "root"] {
        let other = Browser::sign_in(&server, login, PASSWORD);
        assert!(!other.get("/my").expect(200).text().contains("屏幕不亮"));
        for path in [format!("/my/{id}"), format!("/en/my/{id}"), format!("/my/{id}/attachments/1")] {
            let reply = other.get(&path);
            assert_eq!(reply.status, 404, "{login} {path}");
            assert!(!reply.text().contains("屏幕不亮"));
        }
        let cancel = [("csrf", other.csrf()), ("action", "cancel".to_owned()), ("reason", "x".to_owned())];
        let cancel: Vec<_> = cancel.iter().map(|(name, value)| (*name, value.as_str())).collect();
        assert_eq!(other.post(&format!("/my/{id}/actions"), &cancel).status, 404, "{login}");
        if login == "zhao" {
            let api = format!("/api/tickets/{id}");
            assert!([401, 404].contains(&other.get(&api).status), "{login}");
            assert!([401, 404].contains(&other.post(&format!("{api}/actions"), &cancel).status), "{login}");
        }
    }
    let forged = [("action", "cancel"), ("reason", "x")];
    assert_eq!(wang.post(&format!("/my/{id}/actions"), &forged).status, 403, "one's own without the token");
    wang.get(&format!("/my/{id}")).expect(200).says(&["待受理"]);
    for path in ["/desk", "/en/desk", &format!("/desk/tickets/{id}"), "/desk/report", &format!("/api/tickets/{id}")] {
        for (who, reply) in [("nobody", server.page(path)), ("an employee", wang.get(path))] {
            let own = path.starts_with("/api/") && who == "an employee";
            assert!(own || reply.status != 200, "{who} reads {path}");
        }
    }
    server.stop();
}

const SECRET: &str = "5e0c3a3f8b7d4d2f9a1b6c7d8e9f0a1b";

/// A site that believes a proxy at `from`.
fn behind_proxy(from: &str) -> Site {
    let site = staffed().file("proxy.secret", format!("{SECRET}\n"));
    let text = site.read("site.toml");
    site.write(
        "site.toml",
        format!(
            "{text}\n[accounts.proxy]\nfrom = [\"{from}\"]\nsecret_file = \"proxy.secret\"\nname_header = \"X-Name\"\n"
        ),
    );
    site
}

fn vouched(server: &Server, login: &str, secret: &str) -> Reply {
    let headers = [("accept", "text/html"), ("x-remote-user", login), ("x-helpmark-proxy-secret", secret)];
    server.get_with("/my", &headers)
}

#[test]
fn a_forged_sign_on_header_does_nothing() {
    let off = staffed();
    let server = off.serve();
    assert_eq!(vouched(&server, "root", SECRET).status, 303, "off by default");
    server.stop();

    let elsewhere = behind_proxy("10.0.0.5");
    let server = elsewhere.serve();
    let headers = [("x-remote-user", "root"), ("x-helpmark-proxy-secret", SECRET), ("x-forwarded-for", "10.0.0.5")];
    assert_eq!(server.get_with("/my", &headers).status, 303, "what a header says of an address is no address");
    assert_eq!(vouched(&server, "root", SECRET).status, 303);
    assert_eq!(server.log().matches("sign-on header is ignored").count(), 1, "said once: {}", server.log());
    server.stop();

    let site = behind_proxy("127.0.0.1/32");
    let server = site.serve();
    for forged in ["", "wrong", &SECRET[1..]] {
        assert_eq!(vouched(&server, "root", forged).status, 303, "{forged}");
    }
    let page = vouched(&server, "root", SECRET).expect(200);
    page.says(&["管理员"]);
    vouched(&server, "somebody.new", SECRET).expect(200).says(&["somebody.new", "员工"]);
    site.run(&["user", "set", "root", "--disable"]).expect(0);
    assert_eq!(vouched(&server, "root", SECRET).status, 303);
    assert!(!server.log().contains(SECRET));
    server.stop();
}

#[test]
fn a_secret_in_the_configuration_or_nowhere_is_refused() {
    let site = behind_proxy("127.0.0.1");
    site.remove("proxy.secret");
    site.run(&["serve", "--listen", "127.0.0.1:0"]).expect(3).says(&["proxy.secret", "[accounts.proxy]"]);
    site.replace("site.toml", "secret_file = \"proxy.secret\"", "secret = \"literal\"");
    site.run(&["check"]).expect(1).says(&["a secret must not stand in site.toml", "secret_env"]);
}

#[test]
fn the_command_line_tells_what_is_wrong() {
    let site = staffed();
    let add = ["user", "add", "zhao", "--name", "赵", "--role", "agent"];
    let with = |more: &[&'static str]| [&add, more].concat();
    site.run(&with(&["--team", "netwrok", "--generate"])).expect(1).says(&["netwrok", "did you mean `network`?"]);
    tell(&site, &with(&["--password-stdin"]), "short").expect(1).says(&["at least 10 characters"]);
    tell(&site, &with(&["--password-stdin"]), "Password123").expect(1).says(&["first that anybody would try"]);
    tell(&site, &add, PASSWORD).expect(1).says(&["--password-stdin"]);
    site.run(&["user", "add", "zhao", "--name", "赵", "--role", "boss", "--generate"])
        .expect(2)
        .says(&["employee, agent"]);
    site.run(&["user", "add", "requester", "--name", "赵", "--role", "agent"]).expect(2).says(&["cannot be a login"]);
    site.run(&["user", "passwd", "wagn", "--generate"]).expect(1).says(&["did you mean `wang`?"]);
    let list = site.run(&["user", "list", "--json"]);
    let list: Vec<Value> = serde_json::from_str(&list.expect(0).stdout).unwrap();
    let logins: Vec<_> = list.iter().map(|account| account["login"].as_str().unwrap()).collect();
    assert_eq!(logins, ["li", "root", "wang"], "nothing was added");
    assert!(!list.iter().any(|account| account.to_string().contains("argon2")), "hashes are for nobody's eyes");
    site.write(".helpmark/accounts.json", "{");
    site.run(&["user", "remove", "li"]).expect(1).says(&["li"]);
    site.run(&with(&["--generate"])).expect(3).says(&["accounts.json", "nothing was changed"]);
}

#[test]
fn a_full_disk_signs_nobody_out_and_loses_no_account() {
    let Some(disk) = Disk::mount() else {
        eprintln!("SKIPPED: a_full_disk_signs_nobody_out_and_loses_no_account: `mount -t tmpfs` is not allowed here");
        return;
    };
    assert!(helpmark().arg("init").arg(disk.root()).output().unwrap().status.success());
    let add = |login: &str| {
        let words = ["user", "add", login, "--name", login, "--role", "agent", "--password-stdin"];
        tell_at(&disk.root(), &words, PASSWORD)
    };
    add("wang").expect(0);
    let server = Server::start(&disk.root(), &[]);
    let wang = Browser::sign_in(&server, "wang", PASSWORD);
    let ballast = disk.fill();
    assert!(wang.is_signed_in(), "a session needs no space");
    let refused = try_to_sign_in(&server, "wang", PASSWORD, "127.0.0.1").expect(503);
    refused.says(&["现在无法登录"]);
    assert_eq!(refused.header("retry-after"), "30");
    add("li").expect(3).says(&["accounts.json"]);
    assert!(wang.is_signed_in(), "the accounts are what they were");
    let csrf = wang.csrf();
    assert_eq!(wang.post("/desk/sign-out", &[("csrf", &csrf)]).status, 303, "and leaving needs none either");
    std::fs::remove_file(ballast).unwrap();
    Browser::sign_in(&server, "wang", PASSWORD);
    add("li").expect(0);
    server.stop();
}
