//! Webhooks that fail, stall, repeat, and one whose sender is killed.

use std::collections::BTreeSet;
use std::process::Stdio;

use helpmark::outbound::Outbox;
use helpmark::outbound::deliver;
use helpmark::ticket::Occasion;

use super::receiver::{Answer, Web};
use super::{Office, event};
use crate::harness::{PATIENCE, Site, helpmark, long};

const HERE: &str = "[notices]\nallowed_hosts = [\"127.0.0.1\"]\n";

fn hook(kind: &str, name: &str, more: &str) -> String {
    format!("[[notices.webhooks]]\nkind = \"{kind}\"\nname = \"{name}\"\nurl_file = \"{name}.url\"\n{more}\n")
}

#[test]
fn a_refusal_inside_a_200_is_tried_again() {
    let answers = [r#"{"errcode":45009,"errmsg":"api freq out of limit"}"#, "<html>", r#"{"errcode":0}"#];
    let web = Web::start(answers.map(Answer::Body).into());
    let office = Office::new(&format!("{HERE}{}", hook("wecom", "chat", "")));
    office.file("chat.url", &format!("{}?key=very-secret-key\n", web.url));
    let filed = event(Occasion::Filed, 0, &[]);
    office.release(&filed);
    for (wait, why) in [(30, "45009 api freq out of limit"), (120, "not its own JSON"), (0, "")] {
        office.deliver();
        let request = web.request();
        assert_eq!((request.query.as_str(), request.header("x-helpmark-event")), ("key=very-secret-key", &*filed.id));
        let text = request.json()["markdown"]["content"].as_str().unwrap().to_owned();
        assert!(text.contains("新工单 TS202611230001") && text.contains("紧急") && !text.contains("王小明"), "{text}");
        assert!(office.why().contains(why) && !office.why().contains("very-secret"), "{}", office.why());
        office.pass(wait);
    }
    assert_eq!(office.outbox.counts().waiting, 0);
}

#[test]
fn what_goes_wrong_on_the_way_names_no_key() {
    let elsewhere = Web::start(vec![]);
    let web = Web::start(vec![Answer::Status(500), Answer::Redirect(elsewhere.url.clone()), Answer::Status(404)]);
    let office = Office::new(&format!("{HERE}{}", hook("json", "gateway", "")));
    office.file("gateway.url", &format!("{}/very-secret-key", web.url));
    office.release(&event(Occasion::Filed, 0, &[]));
    for (wait, why) in [(30, "500"), (120, "redirects are not followed"), (600, "404")] {
        office.deliver();
        web.request();
        assert!(office.why().contains(why) && !office.why().contains("very-secret"), "{}", office.why());
        office.pass(wait);
    }
    assert!(elsewhere.is_silent(), "a redirect was followed");
    // Nobody listens there any more.
    drop(web);
    office.deliver();
    let why = office.why();
    assert!(why.contains("gateway") && !why.contains("very-secret") && !why.contains("/hook"), "{why}");
    assert_eq!(office.outbox.counts().waiting, 1);
}

#[test]
fn signatures_are_those_of_the_services() {
    let webs = [Web::start(vec![]), Web::start(vec![]), Web::start(vec![])];
    let secret = "secret_file = \"secret\"";
    let hooks = ["dingtalk", "feishu", "json"].map(|kind| hook(kind, kind, secret));
    let office = Office::new(&format!("{HERE}{}", hooks.concat()));
    office.file("secret", "SEC-known-to-both");
    for (kind, web) in ["dingtalk", "feishu", "json"].into_iter().zip(&webs) {
        office.file(&format!("{kind}.url"), &format!("{}?access_token=abc", web.url));
    }
    office.release(&event(Occasion::Filed, 0, &[]));
    office.deliver();
    // 2026-11-23T01:30:00Z; the signatures are Python's hmac over the same words.
    let [ding, feishu, json] = webs.map(|web| web.request());
    assert_eq!(
        ding.query,
        "access_token=abc&timestamp=1795397400000&sign=WFQ1f%2FhAsnsxz6oDWNbWDSg9Ua58T68%2FUoRU078ar5s%3D"
    );
    assert_eq!(ding.json()["msgtype"], "markdown");
    assert_eq!(
        (&feishu.json()["timestamp"], &feishu.json()["sign"]),
        (&"1795397400".into(), &"CWQdrAtvmSJeouI7aVSafKgSQrPoY0LLjcmLkPj4EN4=".into())
    );
    assert_eq!(json.header("x-helpmark-timestamp"), "1795397400");
    let signed = openssl_hmac("SEC-known-to-both", &[b"1795397400.", &json.bytes[..]].concat());
    assert_eq!(json.header("x-helpmark-signature"), format!("sha256={signed}"));
    assert_eq!(json.json()["events"][0]["ticket"]["team"], "desktop");
}

/// HMAC-SHA256 by another program than the one that is tested.
fn openssl_hmac(key: &str, message: &[u8]) -> String {
    use std::io::Write as _;
    let mut openssl = std::process::Command::new("openssl")
        .args(["dgst", "-sha256", "-hmac", key])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    openssl.stdin.take().unwrap().write_all(message).unwrap();
    let output = String::from_utf8(openssl.wait_with_output().unwrap().stdout).unwrap();
    output.trim().rsplit(' ').next().unwrap().to_owned()
}

#[test]
fn one_that_stalls_holds_no_other_up() {
    let (slow, quick) = (Web::start(vec![Answer::Stall]), Web::start(vec![]));
    let office = Office::new(&format!("{HERE}{}{}", hook("json", "a-slow", ""), hook("json", "b-quick", "")));
    office.file("a-slow.url", &slow.url);
    office.file("b-quick.url", &quick.url);
    let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
    let worker = office.runtime.spawn(deliver::run(office.outbox.clone(), office.around.clone(), async {
        let _ = stopped.await;
    }));
    for number in 0..3 {
        let filed = event(Occasion::Filed, number, &[]);
        office.release(&filed);
        assert_eq!(quick.request().header("x-helpmark-event"), filed.id);
    }
    // The stalled one has had its one request, and gets the rest together once its time is over.
    assert_eq!(slow.request().json()["events"].as_array().unwrap().len(), 1);
    let started = std::time::Instant::now();
    let later = slow.request();
    assert!(started.elapsed() < PATIENCE && !later.json()["events"].as_array().unwrap().is_empty());
    drop(stop);
    office.runtime.block_on(worker).unwrap();
}

#[test]
fn a_burst_becomes_a_list() {
    let web = Web::start(vec![]);
    let office = Office::new(&format!("{HERE}{}", hook("wecom", "chat", "lang = \"en\"")));
    office.file("chat.url", &web.url);
    for number in 0..50 {
        office.release(&event(Occasion::Filed, number, &[]));
    }
    office.deliver();
    let mut sizes = Vec::new();
    while sizes.iter().sum::<usize>() < 50 {
        let text = web.request().json()["markdown"]["content"].as_str().unwrap().to_owned();
        assert!(text.contains("ticket updates") && text.len() <= 4_096, "{text}");
        sizes.push(text.matches("\n- ").count());
    }
    assert_eq!(sizes, [20, 20, 10]);
    assert!(web.is_silent() && office.outbox.counts().waiting == 0);
}

#[test]
fn a_notice_survives_kill_9_of_its_sender() {
    let web = Web::start(vec![Answer::Stall]);
    let site = Site::bare();
    site.write("site.toml", format!("{}\n{HERE}{}", site.read("site.toml"), hook("json", "gateway", "")));
    site.write("gateway.url", &web.url);
    let filed = event(Occasion::Filed, 0, &[]);
    let outbox = Outbox::open(&site.path(".helpmark"));
    outbox.prepare(&filed).unwrap();
    outbox.release(&filed.id).unwrap();
    let mut command = helpmark();
    command.arg("--root").arg(site.root()).args(["outbox", "send"]).stdout(Stdio::null());
    let mut sender = command.spawn().unwrap();
    let first = web.request();
    sender.kill().unwrap();
    sender.wait().unwrap();
    assert_eq!(outbox.counts().waiting, 1);
    site.run(&["outbox", "send"]).expect(0);
    let second = web.request();
    // The receiver can tell that it has seen this one.
    assert_eq!(first.json()["events"][0]["event_id"], second.json()["events"][0]["event_id"]);
    assert_eq!(second.header("x-helpmark-event"), filed.id);
    assert_eq!(outbox.counts().waiting, 0);
}

/// Kills the sender again and again while it delivers: nothing is lost, and what comes twice says that it does.
#[test]
fn nothing_is_lost_however_often_the_sender_is_killed() {
    let web = Web::start(vec![]);
    let site = Site::bare();
    site.write("site.toml", format!("{}\n{HERE}{}", site.read("site.toml"), hook("json", "gateway", "")));
    site.write("gateway.url", &web.url);
    let outbox = Outbox::open(&site.path(".helpmark"));
    let mut sent = BTreeSet::new();
    let mut arrived = BTreeSet::new();
    let mut take = |request: super::receiver::Request| {
        arrived.extend(request.header("x-helpmark-event").split(',').map(str::to_owned).collect::<Vec<_>>());
    };
    for cycle in 0..if long() { 200 } else { 4 } {
        for number in 0..3 {
            let filed = event(Occasion::Filed, cycle * 3 + number, &[]);
            outbox.prepare(&filed).unwrap();
            outbox.release(&filed.id).unwrap();
            sent.insert(filed.id);
        }
        let waiting = outbox.counts().waiting;
        let mut command = helpmark();
        command.arg("--root").arg(site.root()).args(["outbox", "send"]).stdout(Stdio::null());
        let mut sender = command.spawn().unwrap();
        take(web.request());
        // With nothing written down yet, or in the middle of writing down one after the other.
        while cycle % 2 == 1 && outbox.counts().waiting == waiting && sender.try_wait().unwrap().is_none() {
            std::thread::park_timeout(std::time::Duration::from_millis(1));
        }
        sender.kill().unwrap();
        sender.wait().unwrap();
    }
    // One run sends no more than a chat takes in a minute.
    for _ in 0..10 {
        site.run(&["outbox", "send"]).expect(0);
    }
    while let Some(request) = web.waiting() {
        take(request);
    }
    let lost: Vec<_> = sent.difference(&arrived).collect();
    assert!(lost.is_empty(), "{lost:?}");
    let counts = outbox.counts();
    assert_eq!((counts.prepared, counts.waiting, counts.dead), (0, 0, 0));
}

#[test]
fn a_test_message_says_who_takes_it_and_why_not() {
    let web =
        Web::start(vec![Answer::Body(r#"{"errcode":0}"#), Answer::Body(r#"{"code":19021,"msg":"sign match fail"}"#)]);
    let site = Site::bare();
    let hooks = [hook("wecom", "good", ""), hook("feishu", "bad", "")].concat();
    site.write("site.toml", format!("{}\n{HERE}{hooks}", site.read("site.toml")));
    site.write("good.url", &web.url);
    site.write("bad.url", &web.url);
    let ran = site.run(&["outbox", "test", "--to", "it@example.com"]);
    ran.expect(1).says(&["2 of 3"]);
    for line in ["ok      webhook good", "FAILED  webhook bad: feishu refused it: 19021", "no [notices.mail]"] {
        assert!(ran.stdout.contains(line), "{line} is missing in\n{}", ran.stdout);
    }
    assert!(web.request().json()["markdown"]["content"].as_str().unwrap().contains("测试消息"));
}

#[test]
fn the_server_sends_what_another_process_let_go() {
    let web = Web::start(vec![]);
    let site = Site::bare();
    site.write("site.toml", format!("{}\n{HERE}{}", site.read("site.toml"), hook("json", "gateway", "")));
    site.write("gateway.url", &web.url);
    // A server drops what was prepared before it started and never came to be. It is through with that once this is gone.
    let outbox = Outbox::open(&site.path(".helpmark"));
    let filed = event(Occasion::Filed, 0, &[]);
    outbox.prepare(&filed).unwrap();
    let server = site.serve();
    let started = std::time::Instant::now();
    while outbox.counts().prepared > 0 {
        assert!(started.elapsed().as_secs() < 60, "{}", server.log());
        server.get("/healthz").expect(200);
    }
    outbox.prepare(&filed).unwrap();
    outbox.prepare(&event(Occasion::Accepted, 1, &[])).unwrap();
    outbox.release(&filed.id).unwrap();
    assert_eq!(web.request().header("x-helpmark-event"), filed.id);
    site.run(&["outbox", "send"]).expect(1).says(&["a running server"]);
    server.stop();
    assert!(web.is_silent(), "what is only prepared is told to nobody");
    assert_eq!((outbox.counts().prepared, outbox.counts().waiting), (1, 0));
}
