//! Being told: by mail and in the chat, over real sockets, also when the other side fails, stalls or repeats itself.

mod mail_server;
mod receiver;
mod webhooks;

use std::fs;
use std::process::Command;
use std::sync::{Arc, Mutex};

use helpmark::config::Config;
use helpmark::outbound::deliver::{self, Surroundings};
use helpmark::outbound::{Audience, Event, Outbox, Person, Senders, TicketFacts};
use helpmark::ticket::Occasion;
use jiff::{SignedDuration, Timestamp};

use crate::harness::{Site, helpmark};
use mail_server::mail_server;

const AT: &str = "2026-11-23T01:30:00Z";

/// The `number`th event of a ticket, told to these addresses.
fn event(occasion: Occasion, number: usize, emails: &[&str]) -> Event {
    let id = "TS202611230001".parse().unwrap();
    let at = AT.parse().unwrap();
    let person = |email: &&str| Person {
        audience: Audience::Requester,
        name: "王小明".to_owned(),
        email: (*email).to_owned(),
        lang: "zh".to_owned(),
        unverified: false,
    };
    Event {
        id: Event::new_id(id, number, occasion, at, ""),
        occasion,
        at,
        ticket: TicketFacts {
            id,
            title: "打印机卡纸，Größe “A4”".to_owned(),
            kind: "hardware".to_owned(),
            urgency: "urgent".to_owned(),
            status: "new".to_owned(),
            team: "desktop".to_owned(),
            assignee: "李雷".to_owned(),
            requester: "王小明".to_owned(),
            lang: "zh".to_owned(),
            due_at: Some("2026-11-23T09:40:00+08:00".parse().unwrap()),
            track_url: "https://help.example.com/track/TS202611230001-0123456789".to_owned(),
            desk_url: "https://help.example.com/desk/tickets/TS202611230001".to_owned(),
        },
        text: "请把 <纸盒> 拉出来\n再推回去 & 重启".to_owned(),
        people: emails.iter().map(person).collect(),
    }
}

/// The library's own delivery, with a clock that is set by hand and the real outside.
struct Office {
    dir: tempfile::TempDir,
    outbox: Outbox,
    around: Surroundings,
    now: Arc<Mutex<Timestamp>>,
    runtime: tokio::runtime::Runtime,
}

impl Office {
    fn new(notices: &str) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let now: Arc<Mutex<Timestamp>> = Arc::new(Mutex::new(AT.parse().unwrap()));
        let config = Config::parse(dir.path(), &format!("title = \"IT 服务台\"\n{notices}")).unwrap_or_else(|found| {
            panic!("{}", found.iter().map(ToString::to_string).collect::<String>());
        });
        let (config, clock) = (Arc::new(config), Arc::clone(&now));
        let around = Surroundings {
            config: Arc::new(move || Arc::clone(&config)),
            clock: Arc::new(move || *clock.lock().unwrap()),
            jitter: Arc::new(|| 0.5),
            senders: Senders::real().unwrap(),
        };
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
        Self { outbox: Outbox::open(&dir.path().join(".helpmark")), dir, around, now, runtime }
    }

    fn file(&self, name: &str, text: &str) {
        fs::write(self.dir.path().join(name), text).unwrap();
    }

    fn release(&self, event: &Event) {
        self.outbox.prepare(event).unwrap();
        assert!(self.outbox.release(&event.id).unwrap());
    }

    fn deliver(&self) {
        assert!(self.runtime.block_on(deliver::once(self.outbox.clone(), self.around.clone())).unwrap());
    }

    fn pass(&self, seconds: i64) {
        let mut now = self.now.lock().unwrap();
        *now = now.checked_add(SignedDuration::from_secs(seconds)).unwrap();
    }

    /// The last error of the one event that waits or was given up.
    fn why(&self) -> String {
        let entries = [self.outbox.waiting().unwrap(), self.outbox.dead().unwrap()].concat();
        let deliveries = entries.iter().flat_map(|entry| entry.deliveries.iter().flatten());
        deliveries.map(|(_, delivery)| delivery.error.as_str()).collect()
    }
}

fn mail(port: u16, more: &str) -> String {
    format!("[notices.mail]\nserver = \"127.0.0.1\"\nport = {port}\nfrom = \"IT 服务台 <it@example.com>\"\n{more}\n")
}

#[test]
fn a_letter_arrives_as_it_was_meant() {
    let Some(server) = mail_server("a_letter_arrives_as_it_was_meant", &[]) else { return };
    let office = Office::new(&mail(server.port, "security = \"none\"\nreply_to = \"help@example.com\""));
    let event = event(Occasion::Replied, 3, &["wang@example.com"]);
    office.release(&event);
    office.deliver();
    let letter = server.letter();
    assert_eq!(letter["recipients"], serde_json::json!(["wang@example.com"]));
    assert_eq!(letter["defects"], serde_json::json!([]));
    let header = |name: &str| letter["headers"][name].as_str().unwrap_or("").to_owned();
    assert_eq!(header("subject"), "新的回复：打印机卡纸，Größe “A4”");
    assert_eq!(header("to"), "王小明 <wang@example.com>");
    assert_eq!(header("reply-to"), "help@example.com");
    assert_eq!(header("auto-submitted"), "auto-generated");
    assert_eq!(header("x-helpmark-event"), event.id);
    assert!(header("message-id").starts_with(&format!("<{}.", event.id)), "{}", header("message-id"));
    let (text, html) = (letter["text"].as_str().unwrap(), letter["html"].as_str().unwrap());
    assert!(text.contains("> 请把 <纸盒> 拉出来") && text.contains("track/TS202611230001-0123456789"), "{text}");
    assert!(html.contains("请把 &lt;纸盒&gt; 拉出来<br>再推回去 &amp; 重启"), "{html}");
    assert_eq!(office.outbox.counts().waiting, 0);
}

#[test]
fn a_mailbox_that_does_not_exist_is_given_up_and_the_others_are_not() {
    let Some(server) = mail_server("a_mailbox_that_does_not_exist_is_given_up", &[]) else { return };
    let office = Office::new(&mail(server.port, "security = \"none\""));
    office.release(&event(Occasion::Filed, 0, &["unknown@example.com", "later@example.com", "wang@example.com"]));
    office.deliver();
    assert_eq!(server.letter()["recipients"][0], "wang@example.com");
    assert_eq!((office.outbox.counts().waiting, office.outbox.counts().dead), (1, 0));
    office.pass(30);
    office.deliver();
    assert_eq!(server.letter()["recipients"][0], "later@example.com");
    assert!(server.is_silent(), "nobody is told twice");
    assert_eq!((office.outbox.counts().waiting, office.outbox.counts().dead), (0, 1));
    assert!(office.why().contains("has no mailbox here"), "{}", office.why());
}

#[test]
fn mail_crosses_the_network_encrypted_and_with_a_login() {
    let dir = tempfile::tempdir().unwrap();
    let (certificate, key) = (dir.path().join("certificate.pem"), dir.path().join("key.pem"));
    let made = Command::new("openssl")
        .args(["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "30", "-subj", "/CN=127.0.0.1"])
        .args(["-addext", "subjectAltName=IP:127.0.0.1", "-addext", "basicConstraints=critical,CA:FALSE"])
        .args(["-addext", "extendedKeyUsage=serverAuth"])
        .arg("-keyout")
        .arg(&key)
        .arg("-out")
        .arg(&certificate)
        .output();
    if made.is_err() {
        eprintln!("SKIPPED: mail_crosses_the_network_encrypted_and_with_a_login: there is no openssl");
        return;
    }
    let paths = [certificate.to_str().unwrap(), key.to_str().unwrap()];
    let arguments = ["--tls", paths[0], paths[1], "--login", "helpdesk", "correct horse"];
    let Some(server) = mail_server("mail_crosses_the_network_encrypted_and_with_a_login", &arguments) else { return };
    let login = format!("ca_file = \"{}\"\nlogin_file = \"login\"\npassword_file = \"password\"", paths[0]);
    let office = Office::new(&mail(server.port, &login));
    office.file("login", "helpdesk\n");
    office.file("password", "battery staple\n");
    office.release(&event(Occasion::Filed, 0, &["wang@example.com"]));
    office.deliver();
    assert!(office.why().contains("535") && !office.why().contains("battery"), "{}", office.why());
    office.file("password", "correct horse\n");
    office.pass(30);
    office.deliver();
    let letter = server.letter();
    assert_eq!((&letter["secure"], &letter["login"]), (&true.into(), &true.into()), "{}", office.why());
    // A server that nobody vouches for gets nothing, least of all the password.
    let stranger = Office::new(&mail(server.port, "login_file = \"password\"\npassword_file = \"password\""));
    stranger.file("password", "correct horse");
    stranger.release(&event(Occasion::Filed, 0, &["wang@example.com"]));
    stranger.deliver();
    assert!(server.is_silent() && stranger.why().to_lowercase().contains("certificate"), "{}", stranger.why());
}

#[test]
fn the_command_line_lists_retries_and_drops() {
    let site = Site::bare();
    let web = receiver::Web::start(vec![receiver::Answer::Body(r#"{"errcode":93000,"errmsg":"invalid webhook"}"#)]);
    let toml = "\n[notices]\nallowed_hosts = [\"127.0.0.1\"]\n[[notices.webhooks]]\nkind = \"wecom\"\nname = \"it-chat\"\nurl_env = \"IT_CHAT\"\n";
    site.write("site.toml", format!("{}{toml}", site.read("site.toml")));
    let outbox = Outbox::open(&site.path(".helpmark"));
    let filed = event(Occasion::Filed, 0, &["wang@example.com"]);
    for event in [&filed, &event(Occasion::Escalated, 1, &[])] {
        outbox.prepare(event).unwrap();
        outbox.release(&event.id).unwrap();
    }
    let run = |arguments: &[&str]| {
        let mut command = helpmark();
        command.arg("--root").arg(site.root()).args(arguments);
        crate::harness::Ran::of(command.env("IT_CHAT", format!("{}?key=very-secret-key", web.url)))
    };
    run(&["outbox", "list"]).expect(0);
    let sent = run(&["outbox", "send"]);
    sent.expect(0);
    assert!(sent.stdout.contains("1 sent, 1 failed, 1 without an address; 1 waiting, 0 dead"), "{}", sent.stdout);
    let listed = run(&["outbox", "list"]);
    assert!(listed.stdout.contains(&filed.id) && listed.stdout.contains("93000"), "{}", listed.stdout);
    for said in [&listed.stdout, &sent.stderr] {
        assert!(!said.contains("very-secret-key") && !said.contains("wang@"), "{said}");
    }
    run(&["outbox", "retry", &filed.id]).expect(0);
    run(&["outbox", "send"]).expect(0);
    let list: serde_json::Value = serde_json::from_str(&run(&["outbox", "list", "--json"]).stdout).unwrap();
    assert_eq!(list, serde_json::json!({ "prepared": [], "waiting": [], "dead": [] }));
    run(&["outbox", "drop", &filed.id]).expect(1).says(&["no event", "outbox list"]);
    run(&["outbox", "retry", "../../site"]).expect(1).says(&["cannot be the id"]);
    outbox.prepare(&filed).unwrap();
    outbox.release(&filed.id).unwrap();
    run(&["outbox", "drop", &filed.id]).expect(0);
    assert_eq!(outbox.counts().waiting, 0);
}
