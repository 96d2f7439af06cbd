//! The whole process: by the command line alone, by editing the file alone, and through the requester's page.

mod by_hand;

use serde_json::Value;

use crate::harness::{PNG, Ran, Site, helpmark};

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
    post(&[&half[..], &[("solved", "true")]].concat(), &[]).expect(422).says(&["服务态度、专业能力、处理结果"]);
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
