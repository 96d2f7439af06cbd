//! The whole process: by the command line alone, by editing the file alone, and through the requester's page.

use std::time::Instant;

use serde_json::Value;

use crate::harness::{PATIENCE, PNG, Ran, Server, Site, helpmark};

/// Adds accounts without a terminal.
fn account(site: &Site, login: &str, role: &str, team: &str) {
    let mut words = vec!["user", "add", login, "--name", login, "--role", role, "--generate"];
    if !team.is_empty() {
        words.extend(["--team", team]);
    }
    site.run(&words).expect(0);
}

fn staffed() -> Site {
    let site = Site::bare().article("network/vpn.md", "连接 VPN", "打开客户端，登录。");
    account(&site, "li", "agent", "application");
    account(&site, "he", "agent", "network");
    account(&site, "wang", "lead", "security");
    account(&site, "root", "admin", "");
    site
}

/// Files a ticket: its number and its secret.
fn file(site: &Site, kind: &str, own: &[&str]) -> (String, String) {
    let words = [
        "ticket",
        "file",
        "--type",
        kind,
        "--title",
        "连不上 VPN",
        "--description",
        "一开机就这样",
        "--name",
        "张三",
        "--contact",
        "8000",
        "--urgency",
        "important",
        "--json",
    ];
    let ran = site.run(&[&words, own].concat());
    let filed: Value = serde_json::from_str(&ran.expect(0).stdout).unwrap();
    let secret = filed["url"].as_str().unwrap().rsplit('/').next().unwrap();
    (filed["id"].as_str().unwrap().to_owned(), secret.to_owned())
}

fn path(id: &str) -> String {
    format!("content/tickets/{}/{}/{}/{id}.md", &id[2..6], &id[6..8], &id[8..10])
}

fn ticket(site: &Site, words: &[&str]) -> Ran {
    site.run(&[&["ticket"], words].concat())
}

fn shown(site: &Site, id: &str) -> Value {
    serde_json::from_str(&ticket(site, &["show", id, "--json"]).expect(0).stdout).unwrap()
}

#[test]
fn by_the_command_line_from_the_report_to_the_end() {
    let site = staffed();
    let (id, _) = file(&site, "software", &["--field", "application=VPN"]);
    let step = |words: &[&str]| ticket(&site, words);
    step(&["accept", &id, "--as", "nobody"]).expect(1).says(&["there is no account `nobody`", "--as requester"]);
    step(&["accept", &id, "--as", "he"]).expect(1).says(&["其他团队"]);
    step(&["resolve", &id, "--as", "li", "--cause", "a", "--resolution", "b"]).expect(1).says(&["accept"]);
    step(&["accept", &id, "--as", "li", "--note", "先远程看看"]).expect(0);
    step(&["ask", &id, "--as", "li", "--text", "客户端版本？"]).expect(0);
    assert_eq!(shown(&site, &id)["pending_on"], "requester");
    let log = site.path("log.txt");
    std::fs::write(&log, "11.2").unwrap();
    step(&["reply", &id, "--as", "requester", "--text", "见附件", "--attach", log.to_str().unwrap()]).expect(0);
    let now = shown(&site, &id);
    assert_eq!(
        (now["status"].as_str(), now["attachments"][0]["name"].as_str()),
        (Some("in_progress"), Some("log.txt"))
    );
    let stored = now["attachments"][0]["file"].as_str().unwrap();
    assert_eq!(site.read(&format!("content/attachments/{id}/{stored}")), "11.2");
    step(&["contact", &id, "--as", "li", "--how", "phone", "--text", "约了三点"]).expect(0);
    step(&["risk", &id, "--as", "li", "--risk", "会断网", "--fallback", "还原配置"]).expect(0);
    step(&["pend", &id, "--as", "li", "--on", "supplier", "--with", "电信"]).expect(1).says(&["等到什么时候"]);
    step(&["pend", &id, "--as", "li", "--on", "supplier", "--with", "电信", "--until", "2099-01-01"]).expect(0);
    step(&["resume", &id, "--as", "li"]).expect(0);
    let etag = now["etag"].as_str().unwrap();
    step(&["note", &id, "--as", "li", "--text", "x", "--if-match", etag]).expect(1).says(&["changed by somebody else"]);
    step(&["resolve", &id, "--as", "li", "--cause", "证书过期"]).expect(1).says(&["解决方案"]);
    step(&["resolve", &id, "--as", "li", "--cause", "证书过期", "--resolution", "更新证书"]).expect(0);
    step(&["confirm", &id, "--as", "li"]).expect(1).says(&["只有提报人"]);
    step(&["reopen", &id, "--as", "requester", "--reason", "还是不行"]).expect(0);
    step(&["resolve", &id, "--as", "li", "--cause", "证书过期", "--resolution", "换了证书"]).expect(0);
    step(&["confirm", &id, "--as", "requester"]).expect(0);
    let rate = |words: &[&str]| step(&[&["rate", &id, "--as", "requester", "--comment", "谢谢"], words].concat());
    let marks = ["--mark", "speed=5", "--mark", "attitude=5", "--mark", "skill=4", "--mark", "result=5"];
    rate(&marks).expect(1).says(&["是否解决"]);
    rate(&["--solved", "true", "--mark", "speed=5"]).expect(1).says(&["服务态度、专业能力、处理结果"]);
    rate(&[&["--solved", "true"], &marks[..]].concat()).expect(0);
    let closed = shown(&site, &id);
    assert_eq!((closed["status"].as_str(), closed["resolution"].as_str()), (Some("closed"), Some("换了证书")));
    assert_eq!(closed["rating"]["speed"], 5);
    let actions: Vec<_> =
        closed["history"].as_array().unwrap().iter().map(|it| it["action"].as_str().unwrap()).collect();
    let expected = [
        "file", "accept", "ask", "reply", "resume", "contact", "risk", "pend", "resume", "resolve", "reopen",
        "resolve", "confirm", "rate",
    ];
    assert_eq!(actions, expected);
    let audit = site.run(&["audit", "show", &id]);
    assert!(audit.expect(0).stdout.contains("13 lines"), "{}", audit.stdout);
    site.run(&["audit", "verify"]).expect(0);
    let waiting = site.run(&["outbox", "list", "--json"]);
    assert!(waiting.stdout.contains("resolved") && waiting.stdout.contains("asked"), "{}", waiting.stdout);

    step(&["erase", &id, "--as", "li"]).expect(1).says(&["管理员"]);
    step(&["erase", &id, "--as", "root"]).expect(0);
    assert!(!site.read(&path(&id)).contains("张三"));
    // One changed letter of the past is found.
    let audit = std::fs::read_dir(site.path(".helpmark/audit")).unwrap().flatten().map(|entry| entry.path());
    let audit = audit.into_iter().find(|path| path.extension().is_some_and(|kind| kind == "jsonl")).unwrap();
    let text = std::fs::read_to_string(&audit).unwrap();
    std::fs::write(&audit, text.replacen("\"by\":\"li\"", "\"by\":\"he\"", 1)).unwrap();
    site.run(&["audit", "verify"]).expect(1).says(&["it was changed"]);
}

#[test]
fn a_lead_works_through_the_queue_on_the_command_line() {
    let site = staffed();
    account(&site, "bai", "lead", "application");
    let ids: Vec<_> = (0..3).map(|_| file(&site, "software", &["--field", "application=VPN"]).0).collect();
    let list = |words: &[&str]| -> Vec<String> {
        let ran = site.run(&[&["ticket", "list", "--json"], words].concat());
        let rows: Value = serde_json::from_str(&ran.expect(0).stdout).unwrap();
        rows.as_array().unwrap().iter().map(|row| row["id"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(list(&["--view", "team", "--as", "bai", "--sort", "oldest"]), ids);
    assert_eq!(list(&["--view", "team", "--as", "he"]), [""; 0]);
    ticket(&site, &["assign", &ids[0], &ids[1], "--assignee", "li", "--as", "bai"])
        .expect(0)
        .prints(&[&ids[0], &ids[1]]);
    assert_eq!(list(&["--view", "unassigned"]), [ids[2].clone()]);
    assert_eq!(list(&["--view", "mine", "--as", "li", "--limit", "1", "--sort", "oldest"]), [ids[0].clone()]);
    // What one ticket refuses keeps no other from it, and is told.
    let bad = ticket(&site, &["assign", &ids[0], &ids[2], "--assignee", "li", "--as", "bai"]);
    bad.expect(1).says(&[&format!("{}: ", ids[0])]);
    assert_eq!(list(&["--assignee", "li"]).len(), 3);
    ticket(&site, &["accept", &ids[0], "--as", "li"]).expect(0);
    ticket(&site, &["ask", &ids[0], "--as", "li", "--text", "版本？"]).expect(0);
    assert_eq!(list(&["--waiting-on", "requester"]), [ids[0].clone()]);
    assert_eq!(list(&["--search", "vpn 张三", "--status", "new"]).len(), 2);
    ticket(&site, &["list", "--view", "somewhere"]).expect(2).says(&["overdue"]);
    // Each step asks for its own words and knows no others.
    let help = ticket(&site, &["pend", "--help"]);
    assert!(help.expect(0).stdout.contains("--until") && !help.stdout.contains("--cause"), "{}", help.stdout);
    ticket(&site, &["accept", &ids[1], "--cause", "x"]).expect(2).says(&["--cause"]);
}

#[test]
fn access_is_granted_only_by_an_approver() {
    let site = staffed();
    account(&site, "jin", "agent", "security");
    let own = ["--field", "system=CRM", "--field", "access_level=read", "--field", "reason=报表"];
    let (id, _) = file(&site, "access", &own);
    let step = |words: &[&str]| ticket(&site, words);
    step(&["accept", &id, "--as", "jin"]).expect(0);
    step(&["start", &id, "--as", "jin"]).expect(1).says(&["审批"]);
    step(&["approve", &id, "--as", "jin"]).expect(1).says(&["不是这类申请的审批人"]);
    step(&["approve", &id, "--as", "wang", "--reason", "同意只读"]).expect(0);
    let now = shown(&site, &id);
    assert_eq!((now["status"].as_str(), now["approval"]["state"].as_str()), (Some("in_progress"), Some("approved")));
    assert_eq!(now["approval"]["decisions"][0]["by"], "wang");
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

#[test]
fn nobody_gets_around_an_approval() {
    let site = staffed();
    account(&site, "jin", "agent", "security");
    let own = ["--field", "system=CRM", "--field", "access_level=read", "--field", "reason=报表"];
    let (id, _) = file(&site, "access", &own);
    let file = path(&id);
    ticket(&site, &["accept", &id, "--as", "jin"]).expect(0);
    ticket(&site, &["triage", &id, "--as", "jin", "--type", "other"]).expect(1).says(&["要先审批"]);
    // A state without a decision, written into the file.
    site.replace(&file, "state: requested", "state: approved");
    ticket(&site, &["resume", &id, "--as", "jin"]).expect(0);
    let resolve = ["resolve", &id, "--as", "jin", "--cause", "没有权限", "--resolution", "已开通"];
    ticket(&site, &resolve).expect(1).says(&["审批"]);
    ticket(&site, &["pend", &id, "--as", "jin", "--on", "approval"]).expect(0);
    ticket(&site, &["approve", &id, "--as", "wang"]).expect(1).says(&["请填写"]);
    ticket(&site, &["approve", &id, "--as", "wang", "--reason", "同意"]).expect(0);
    ticket(&site, &resolve).expect(0);
    // What was answered before is kept when it did not hold.
    ticket(&site, &["reopen", &id, "--as", "requester", "--reason", "不行"]).expect(0);
    ticket(&site, &["resolve", &id, "--as", "jin", "--cause", "少了组", "--resolution", "加了组"]).expect(0);
    let now = shown(&site, &id);
    let last = now["history"].as_array().unwrap().last().unwrap().to_string();
    assert!(last.contains("没有权限") && last.contains("已开通"), "{last}");
    let human = ticket(&site, &["show", &id]);
    human.expect(0).prints(&["approval: approved", "approved by wang", "resolved: 2"]);
    ticket(&site, &["rate", &id, "--as", "requester", "--solved", "true", "--mark", "atitude=5"])
        .expect(2)
        .says(&["attitude"]);
    // One that is merged is named by the ticket that goes on, which has to be at work.
    let (other, _) = self::file(&site, "access", &own);
    ticket(&site, &["merge", &other, "--as", "jin", "--into", &id]).expect(0);
    assert_eq!(shown(&site, &id)["history"].as_array().unwrap().last().unwrap()["to"], other.as_str());
    ticket(&site, &["erase", &id, "--as", "root"]).expect(0);
    assert_eq!(shown(&site, &id)["status"], "closed");
    site.run(&["check"]).expect(0);
    site.run(&["audit", "show", "TS199901010001"]).expect(1);
}

#[test]
fn the_requester_answers_on_their_page_without_scripts() {
    let site = staffed();
    let (id, secret) = file(&site, "software", &["--field", "application=VPN"]);
    ticket(&site, &["accept", &id, "--as", "li"]).expect(0);
    ticket(&site, &["ask", &id, "--as", "li", "--text", "请发截图"]).expect(0);
    let server = site.serve();
    let page = format!("/track/{secret}");
    server.page(&page).says(&["请发截图", "name=\"text\"", "补充说明或回复"]);
    let actions = format!("{page}/actions");
    let post = |words: &[(&str, &str)], files: &[(&str, &[u8])]| {
        server.post_form(&actions, words, files, &[("accept", "text/html"), ("accept-language", "zh-CN")])
    };
    post(&[("action", "reply"), ("text", "")], &[]).expect(422).says(&["请填写内容"]);
    let other = server.page(&format!("/en{page}"));
    other.says(&[&format!("href=\"{page}\""), "Taken care of by", "Solution expected"]);
    let state = || server.get(&format!("{page}/state")).expect(200).json()["state"].clone();
    let before = state();
    ticket(&site, &["note", &id, "--as", "li", "--text", "内部记录"]).expect(0);
    assert_eq!(state(), before, "a work note is no news to the requester");
    assert_eq!(server.get("/track/TS202611230001nonsense/state").status, 404);
    post(&[("action", "reply"), ("text", "看图，别丢了这句")], &[("virus.exe", b"MZ")])
        .expect(422)
        .says(&["看图，别丢了这句"]);
    post(&[("action", "note"), ("text", "x")], &[]).expect(422);
    // A file alone is an answer, and what follows from it is nobody's step.
    let done = post(&[("action", "reply"), ("text", "")], &[("截图.png", PNG)]).expect(303);
    assert_eq!(done.header("location"), page);
    let answered = server.page(&page);
    answered.says(&["上传了附件：截图.png", "处理中"]);
    assert!(!answered.text().contains("继续处理"), "{}", answered.text());
    assert_eq!(answered.text().matches("/attachments/1\"").count(), 2, "beside the answer, and in the list");
    assert_ne!(state(), before);
    assert_eq!(server.get(&format!("{page}/attachments/1")).expect(200).bytes, PNG);

    ticket(&site, &["resolve", &id, "--as", "li", "--cause", "证书", "--resolution", "换证书"]).expect(0);
    let solved = server.page(&page);
    solved.says(&["换证书", "问题解决了吗", "请确认问题是否已经解决", "没有回复的话，"]);
    assert!(!solved.text().contains("name=\"speed\"") && !solved.text().contains("follows="), "it is not over");
    post(&[("action", "confirm")], &[]).expect(303);
    let half = [("action", "rate"), ("speed", "4"), ("comment", "很快")];
    post(&half, &[]).expect(422).says(&["请选择问题是否解决了", "name=\"speed\" value=\"4\" checked", "很快"]);
    let marks = [("solved", "true"), ("attitude", "5"), ("skill", "5"), ("result", "5")];
    post(&[&half[..], &marks].concat(), &[]).expect(303);
    server.page(&page).says(&["已关闭", "你的评价", "4/5", "很快"]);
    // What can no longer be said is given back, to copy.
    post(&[("action", "reopen"), ("reason", "又坏了")], &[]).expect(422).says(&["你刚才写的", "又坏了</textarea>"]);
    // A program does the same with the secret, and is told what is possible.
    let bearer = format!("Bearer {secret}");
    let api = server.get_with(&format!("/api/tickets/{id}"), &[("authorization", &bearer)]).expect(200).json();
    assert_eq!(api["actions"], serde_json::json!([]), "{api:#}");
    let step = serde_json::json!({ "action": "confirm" });
    server.post_json(&format!("/api/tickets/{id}/actions"), &step, &[("authorization", &bearer)]).expect(409);
    server.post_json(&format!("/api/tickets/{id}/actions"), &step, &[]).expect(401);
    server.post_json("/api/tickets/TS199901010001/actions", &step, &[("authorization", &bearer)]).expect(404);
}

#[test]
fn what_comes_up_again_goes_on_from_the_closed_ticket() {
    let site = staffed();
    let (id, secret) = file(&site, "software", &["--field", "application=VPN"]);
    for step in ["accept", "resolve", "close"] {
        let words: &[&str] = match step {
            "resolve" => &["--cause", "证书", "--resolution", "换证书"],
            "close" => &["--reason", "电话里说好了"],
            _ => &[],
        };
        ticket(&site, &[&[step, &id, "--as", "li"], words].concat()).expect(0);
    }
    let server = site.serve();
    let again = format!("/tickets/new?follows={secret}");
    server.page(&format!("/track/{secret}")).says(&["问题又出现了？", &format!("href=\"{again}\"")]);
    let form = server.page(&again);
    form.says(&[&format!("新工单会关联到 {id}"), "value=\"VPN\"", &format!("/en{again}")]);
    assert!(!form.text().contains("8000\" maxlength"), "who holds a link is not told whose it is");
    let words = |follows: &'static str| {
        let mut words = vec![("type", "software"), ("software.application", "VPN"), ("title", "又连不上了")];
        words.extend([("description", "和上次一样"), ("urgency", "normal"), ("name", "张三"), ("contact", "8000")]);
        if !follows.is_empty() {
            words.push(("follows", follows));
        }
        words
    };
    let post = |words: &[(&str, &str)]| {
        let sent = server.post_form("/tickets/new", words, &[], &[("accept", "text/html")]).expect(303);
        sent.header("location").trim_end_matches("?sent=1").to_owned()
    };
    let mut own = words("");
    own.push(("follows", &secret));
    let track = post(&own);
    server.page(&track).says(&["接着这张工单", &id]);
    let fresh = track.rsplit('/').next().unwrap()[..14].to_owned();
    assert!(site.read(&path(&fresh)).contains(&format!("follows: {id}\n")), "{}", site.read(&path(&fresh)));
    server.page(&format!("/track/{secret}")).says(&["后续工单", &fresh]);
    // The number alone proves nothing, and keeps nobody from reporting.
    let stranger = post(&words("TS202611230001"));
    assert!(!server.page(&stranger).text().contains("接着这张工单"));
    server.stop();
}

#[test]
fn two_at_once_lose_nothing() {
    let site = staffed();
    let (id, _) = file(&site, "software", &["--field", "application=VPN"]);
    ticket(&site, &["accept", &id, "--as", "li"]).expect(0);
    let writers: Vec<_> = (0..8)
        .map(|writer| {
            let root = site.root().to_owned();
            let id = id.clone();
            std::thread::spawn(move || {
                for n in 0..5 {
                    let text = format!("记录 {writer}-{n}");
                    let mut command = helpmark();
                    command.arg("--root").arg(&root).args(["ticket", "note", &id, "--as", "li", "--text", &text]);
                    Ran::of(&mut command).expect(0);
                }
            })
        })
        .collect();
    writers.into_iter().for_each(|writer| writer.join().unwrap());
    let notes = shown(&site, &id)["history"].to_string();
    for (writer, n) in (0..8).flat_map(|writer| (0..5).map(move |n| (writer, n))) {
        assert_eq!(notes.matches(&format!("记录 {writer}-{n}\"")).count(), 1, "{writer}-{n}");
    }
    let audit = site.run(&["audit", "verify"]);
    assert!(audit.expect(0).stdout.starts_with("42 lines"), "{}", audit.stdout);
}
