//! The whole process by editing the ticket's file alone.

use std::time::Instant;

use serde_json::Value;

use super::{account, file, path, shown, staffed, ticket};
use crate::harness::{PATIENCE, Server, Site};

#[test]
fn by_editing_the_file_while_the_server_runs() {
    let site = staffed();
    let server = site.serve();
    let (id, secret) = file(&site, "software", &["--field", "application=VPN"]);
    let (file, url) = (path(&id), format!("/api/tickets/{id}"));
    let status = |status: &'static str| {
        move |answer: &Value| answer["status"] == status && answer["history"].as_array().unwrap().len() > 1
    };
    site.replace(&file, "status: new\n", "status: accepted\nassignee: li # 值班\n");
    let accepted = until(&server, &url, &secret, |answer| {
        status("accepted")(answer) && answer["history"][1]["action"] == "accept"
    });
    assert!(accepted["accepted_at"].is_string());
    assert!(site.read(&file).contains("assignee: li # 值班\n"), "{}", site.read(&file));
    let text = site.read(&file).replace("status: accepted\n", "status: resolved\n");
    site.write(&file, format!("{text}\n## 原因\n\n证书过期\n\n## 解决方案\n\n更新证书\n"));
    let resolved = until(&server, &url, &secret, |answer| answer["history"][2]["action"] == "resolve");
    assert_eq!((resolved["cause"].as_str(), resolved["resolution"].as_str()), (Some("证书过期"), Some("更新证书")));
    site.replace(&file, "status: resolved\n", "status: closed\n");
    until(&server, &url, &secret, |answer| {
        answer["history"][3]["action"] == "close" && answer["closed_at"].is_string()
    });
    server.stop();
    site.run(&["audit", "verify"]).expect(0);
}

#[test]
fn every_step_can_be_written_into_the_file() {
    let site = staffed();
    account(&site, "jin", "agent", "security");
    let own = ["--field", "system=CRM", "--field", "access_level=read", "--field", "reason=报表"];
    let (id, secret) = file(&site, "access", &own);
    let (file, url) = (path(&id), format!("/api/tickets/{id}"));
    let server = site.serve();
    // A step is an entry of the history without a time; the server puts the real one in its place.
    let write = |entry: &str, action: &str, steps: usize| {
        let entry: String = entry.lines().map(|line| format!("    {line}\n")).collect();
        site.replace(&file, "tracking:\n", &format!("  -{}tracking:\n", &entry[3..]));
        let shown = shown_until(&site, &id, |ticket| ticket["history"].as_array().unwrap().len() == steps);
        assert_eq!(shown["history"][steps - 1]["action"], action, "{shown:#}");
        assert!(!site.read(&file).contains("  - action"), "{}", site.read(&file));
        shown
    };
    write("action: triage\nby: jin\nurgency: normal", "triage", 2);
    let accepted = write("action: accept\nby: jin\nnote: 先看看权限 # 值班", "pend", 4);
    assert_eq!(accepted["pending_on"], "approval", "it goes to the approvers by itself");
    let approved = write("action: approve\nby: wang\nreason: 同意", "resume", 6);
    assert_eq!(approved["approval"]["decisions"][0]["by"], "wang");
    let asked = write("action: ask\nby: jin\nnote: |\n  要哪张报表？\n  要多久？", "ask", 7);
    assert_eq!((asked["status"].as_str(), asked["pending_on"].as_str()), (Some("pending"), Some("requester")));
    let answered = write("action: reply\nby: requester\nnote: 销售日报", "resume", 9);
    assert_eq!(answered["status"], "in_progress");
    write("action: note\nby: jin\ntext: 内部记录", "note", 10);
    write("action: risk\nby: jin\nrisk: 要重启\nfallback: 还原", "risk", 11);
    write("action: key_step\nby: jin\nnote: 加入组", "key_step", 12);
    write("action: pend\nby: jin\non: supplier\nwith: 厂商\nuntil: 2099-01-01 09:00", "pend", 13);
    write("action: resume", "resume", 14);
    let solved = write("action: resolve\nby: jin\ncause: 没有权限\nresolution: 已开通", "resolve", 15);
    assert_eq!(solved["resolution"], "已开通");
    write("action: reopen\nby: requester\nreason: 还是打不开", "reopen", 16);
    write("action: resolve\nby: jin\ncause: 没有权限\nresolution: 又开了一次", "resolve", 17);
    write("action: confirm\nby: requester", "confirm", 18);
    let rated =
        write("action: rate\nby: requester\nsolved: true\nspeed: 4\nattitude: 4\nskill: 4\nresult: 4", "rate", 19);
    assert_eq!((rated["status"].as_str(), rated["rating"]["speed"].as_i64()), (Some("closed"), Some(4)));
    let public = server.get_with(&url, &[("authorization", &format!("Bearer {secret}"))]).expect(200).json();
    let told = public["history"].to_string();
    assert!(told.contains("要哪张报表？") && !told.contains("内部记录"), "{told}");

    // What the rules refuse stays as it was written, nothing is lost, and `check` says why.
    site.replace(&file, "tracking:\n", "  - {action: reopen, by: requester, note: 又坏了}\ntracking:\n");
    let line = site.read(&file).lines().position(|line| line.contains("又坏了")).unwrap() + 1;
    let why = format!("{file}:{line}:1: error: the step `reopen` in the history was not taken");
    site.run(&["check"]).expect(1).prints(&[&why, "已关闭"]);
    server.get(&format!("/track/{secret}")).expect(200).says(&["已关闭"]);
    server.stop();
    assert!(site.read(&file).contains("  - {action: reopen, by: requester, note: 又坏了}\n"));
    site.run(&["audit", "verify"]).expect(0);
}

#[test]
fn a_status_that_skips_steps_stands_for_all_of_them() {
    let site = staffed();
    let (id, _) = file(&site, "software", &["--field", "application=VPN"]);
    let file = path(&id);
    let text = site.read(&file).replace("status: new\n", "status: closed\nassignee: li\n");
    site.write(&file, &text);
    // Without a solution it is not closed, and who left it so is told.
    let why = "it was set to closed by hand, and that is no step";
    site.run(&["check"]).expect(1).prints(&[&file, why, "原因"]);
    site.write(&file, format!("{text}\n## 原因\n\n证书过期\n\n## 解决方案\n\n更新证书\n"));
    site.run(&["check"]).expect(0).prints(&["wait to be taken: accept, resolve, close"]);
    let server = site.serve();
    let closed = shown_until(&site, &id, |ticket| ticket["closed_at"].is_string());
    let actions: Vec<_> = closed["history"].as_array().unwrap().iter().map(|it| it["action"].clone()).collect();
    assert_eq!(actions, ["file", "accept", "resolve", "close"]);
    assert!(closed["accepted_at"].is_string() && closed["resolved_at"].is_string(), "{closed:#}");
    server.stop();
    assert!(site.run(&["audit", "show", &id]).expect(0).stdout.contains("4 lines"));
    site.run(&["audit", "verify"]).expect(0);
    site.run(&["check"]).expect(0);
}

#[test]
fn what_an_editor_did_is_taken_up_before_the_next_step() {
    let site = staffed();
    let (id, _) = file(&site, "software", &["--field", "application=VPN"]);
    let file = path(&id);
    // No server runs: the command line takes up what the editor meant, then its own step.
    site.replace(&file, "status: new\n", "status: accepted\nassignee: li\n");
    ticket(&site, &["note", &id, "--as", "li", "--text", "接着处理"]).expect(0);
    let now = shown(&site, &id);
    let actions = |now: &Value| -> Vec<String> {
        now["history"].as_array().unwrap().iter().map(|it| it["action"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(actions(&now), ["file", "accept", "note"]);
    assert!(now["accepted_at"].is_string());
    // Another owner, another urgency, and a rating are steps as well while a server keeps the tree.
    let server = site.serve();
    server.get("/readyz").expect(200);
    account(&site, "sun", "agent", "application");
    let text =
        site.read(&file).replace("assignee: li\n", "assignee: sun\n").replace("urgency: important", "urgency: normal");
    site.write(&file, text);
    let now = shown_until(&site, &id, |ticket| ticket["history"].as_array().unwrap().len() == 5);
    assert_eq!(actions(&now)[3..], ["assign", "triage"]);
    assert_eq!(now["history"][3]["to"], "application/sun");
    // A status that no step leads to stays, is told, and is taken once it can be.
    site.replace(&file, "status: accepted\n", "status: resolved\n");
    audited(&site, &id, "refused");
    site.run(&["check"]).expect(1).prints(&["it was set to resolved by hand"]);
    let text = site.read(&file);
    site.write(&file, format!("{text}\n## 原因\n\n证书过期\n\n## 解决方案\n\n更新证书\n"));
    let now = shown_until(&site, &id, |ticket| ticket["resolved_at"].is_string());
    assert_eq!(actions(&now)[5..], ["resolve"]);
    site.replace(
        &file,
        "history:\n",
        "rating:\n  solved: true\n  speed: 3\n  attitude: 4\n  skill: 4\n  result: 4\nhistory:\n",
    );
    let now = shown_until(&site, &id, |ticket| ticket["history"].as_array().unwrap().len() == 7);
    assert_eq!((actions(&now)[6].as_str(), now["rating"]["speed"].as_i64()), ("rate", Some(3)));

    // A file that nobody can read is told with its line, and its pages say that it is for a while.
    let good = site.read(&file);
    site.write(&file, good.replace("status: resolved", "status: acceptd"));
    let line = good.lines().position(|line| line == "status: resolved").unwrap() + 1;
    site.run(&["check"]).expect(1).prints(&[&format!("{file}:{line}:"), "acceptd", "accepted"]);
    site.write(&file, &good);
    // A file that is gone leaves its trace.
    std::fs::remove_file(site.path(&file)).unwrap();
    audited(&site, &id, "missing");
    site.write(&file, &good);
    server.stop();
    site.run(&["audit", "verify"]).expect(0);
    // An audit that was cut is shorter than the histories.
    let audit = std::fs::read_dir(site.path(".helpmark/audit")).unwrap().flatten().map(|entry| entry.path());
    let audit = audit.into_iter().find(|path| path.extension().is_some_and(|kind| kind == "jsonl")).unwrap();
    std::fs::remove_file(audit).unwrap();
    site.run(&["audit", "verify"]).expect(1).says(&["lacks steps of 1 tickets", &id]);
}

/// Asks until the answer satisfies `good`, as long as a test may take.
fn until(server: &Server, path: &str, secret: &str, good: impl Fn(&Value) -> bool) -> Value {
    let bearer = format!("Bearer {secret}");
    let started = Instant::now();
    loop {
        let answer = server.get_with(path, &[("authorization", &bearer)]).expect(200).json();
        if good(&answer) {
            return answer;
        }
        assert!(started.elapsed() < PATIENCE, "{answer:#}\n{}", server.log());
    }
}

/// Waits until the audit says `word` of the ticket.
fn audited(site: &Site, id: &str, word: &str) {
    let started = Instant::now();
    while !site.run(&["audit", "show", id]).stdout.contains(word) {
        assert!(started.elapsed() < PATIENCE, "{word}: {}", site.run(&["audit", "show", id]).stdout);
    }
}

/// The ticket as the command line shows it, once it is as expected.
fn shown_until(site: &Site, id: &str, good: impl Fn(&Value) -> bool) -> Value {
    let started = Instant::now();
    loop {
        let ticket = shown(site, id);
        if good(&ticket) {
            return ticket;
        }
        assert!(started.elapsed() < PATIENCE, "{ticket:#}\n{}", site.run(&["check"]).stdout);
    }
}
