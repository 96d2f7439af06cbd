//! The desk from outside: who sees what, and that nothing typed is lost.

use serde_json::{Value, json};

use crate::harness::{PNG, Person, Reply, Server, Site};

const TITLE: &str = "打不开 CRM <b>";
const CANARY: &str = "kanarienvogel-7731";

fn staffed() -> Site {
    Site::bare()
        .account("zhang", "张三", "employee", &[])
        .account("qian", "钱总", "employee", &[])
        .account("wang", "王芳", "agent", &["application"])
        .account("chen", "陈静", "agent", &["network"])
        .account("li", "李明", "lead", &["application"])
        .account("root", "管理员", "admin", &[])
}

/// Files a ticket by the API; gives its number and its tracking path.
fn file(server: &Server, kind: &str, more: &[(&str, &str)]) -> (String, String) {
    let mut words = vec![
        ("type", kind),
        ("title", TITLE),
        ("description", CANARY),
        ("urgency", "urgent"),
        ("impact", "me"),
        ("name", "赵敏"),
        ("department", "市场部"),
        ("contact", "13800138000"),
    ];
    words.extend(more);
    let reply = server.post_form("/api/tickets", &words, &[("a.png", PNG)], &[]).expect(201).json();
    let url = reply["url"].as_str().unwrap();
    (reply["id"].as_str().unwrap().to_owned(), url[url.find("/track/").unwrap()..].to_owned())
}

fn software(server: &Server) -> (String, String) {
    file(server, "software", &[("application", "CRM")])
}

fn tickets(site: &Site) -> Vec<Value> {
    let listed = site.run(&["ticket", "list", "--json"]);
    listed.expect(0);
    serde_json::from_str(&listed.stdout).unwrap()
}

#[test]
fn every_route_asks_who_is_there() {
    let site = staffed();
    let server = site.serve();
    let (id, track) = software(&server);
    let page = format!("/desk/tickets/{id}");
    let reads = [
        "/desk".to_owned(),
        "/en/desk".to_owned(),
        page.clone(),
        format!("/en{page}"),
        format!("{page}/attachments/1"),
        format!("{page}/publish"),
        "/desk/report".to_owned(),
        "/desk/report.csv".to_owned(),
    ];
    let writes = ["/desk/bulk".to_owned(), format!("{page}/actions"), format!("{page}/publish")];
    let people = ["zhang", "wang", "chen", "li", "root"].map(|login| (login, Person::sign_in(&server, login)));
    for path in &reads {
        let reply = server.page(path);
        assert_eq!((reply.status, reply.header("cache-control")), (303, "no-store"), "{path}");
        assert!(reply.header("location").contains("/desk/sign-in?next="), "{}", reply.header("location"));
        // The holder of the link is nobody here.
        let secret = track.trim_start_matches("/track/");
        let link = server.get_with(path, &[("authorization", &format!("Bearer {secret}"))]);
        assert!([303, 401].contains(&link.status), "{path}: {}", link.status);
        for (login, person) in &people {
            let reply = person.get(path);
            // A ticket that is not solved is archived by nobody.
            let wanted = match (*login, path.ends_with("/publish")) {
                ("zhang", _) => 403,
                (_, true) => 409,
                _ => 200,
            };
            assert_eq!(reply.status, wanted, "{login} {path}");
            assert_eq!(reply.header("cache-control"), "no-store", "{login} {path}");
            let seen = reply.text().contains(CANARY) || reply.bytes.windows(8).any(|bytes| bytes == &PNG[..8]);
            assert!(!seen || *login != "zhang", "{login} sees a stranger's ticket at {path}");
        }
    }
    for path in &writes {
        let words = [("action", "note"), ("text", "x"), ("ticket", id.as_str()), ("team", "network")];
        assert_eq!(server.post_words(path, &words, &[]).status, 303, "{path}");
        for (login, person) in &people {
            assert_eq!(person.post(path, &words).status, 403, "{login} {path} without a token");
        }
    }
    let zhang = &people[0].1;
    let page = zhang.get("/desk/approvals").expect(200);
    assert!(!page.text().contains(CANARY));
    assert_eq!(zhang.get(&format!("/desk/approvals/{id}/attachments/1")).status, 404);
    let csrf = zhang.hidden("/desk/approvals", "csrf");
    let decided = zhang.post(&format!("/desk/approvals/{id}"), &[("csrf", &csrf), ("action", "approve")]);
    assert_eq!(decided.status, 404, "nobody learns what exists");
    let history =
        &serde_json::from_str::<Value>(&site.run(&["ticket", "show", "--json", &id]).stdout).unwrap()["history"];
    assert_eq!(history.as_array().unwrap().len(), 1, "nothing of this was done: {history}");
    server.stop();
}

#[test]
fn another_team_reads_and_does_not_act() {
    let site = staffed();
    let server = site.serve();
    let (id, _) = software(&server);
    let (wang, chen) = (Person::sign_in(&server, "wang"), Person::sign_in(&server, "chen"));
    assert_eq!(wang.step(&id, &[("action", "accept"), ("note", "马上看")]).status, 303);
    let page = chen.get(&format!("/desk/tickets/{id}")).expect(200);
    page.says(&[CANARY, "马上看"]);
    assert!(!page.text().contains("data-act=\"resolve\""), "no buttons for another team's ticket");
    let csrf = chen.hidden("/desk", "csrf");
    let words = [("csrf", csrf.as_str()), ("action", "resolve"), ("cause", "原因"), ("resolution", "我写的方案")];
    let refused = chen.post(&format!("/desk/tickets/{id}/actions"), &words);
    assert_eq!(refused.status, 403, "{}", refused.text());
    refused.says(&["其他团队"]);
    server.stop();
}

#[test]
fn what_was_typed_survives_a_change_by_somebody_else() {
    let site = staffed();
    let server = site.serve();
    let (id, track) = software(&server);
    let (wang, li) = (Person::sign_in(&server, "wang"), Person::sign_in(&server, "li"));
    let path = format!("/desk/tickets/{id}");
    let [csrf, etag, seen] = ["csrf", "etag", "seen"].map(|name| wang.hidden(&path, name));
    assert_eq!(li.step(&id, &[("action", "note"), ("text", "组长看过了")]).status, 303);
    let words = [
        ("csrf", csrf.as_str()),
        ("etag", etag.as_str()),
        ("seen", seen.as_str()),
        ("action", "reply"),
        ("text", "写了很久\r\n的 <i>回复</i>"),
    ];
    let stale = wang.post(&format!("{path}/actions"), &words);
    assert_eq!((stale.status, stale.header("cache-control")), (412, "no-store"));
    stale.says(&["工单有了变化", "组长看过了", "class=\"note fresh\"", "的 &lt;i&gt;回复&lt;/i&gt;"]);
    assert!(!server.page(&track).text().contains("写了很久"), "nothing was sent");

    // The same page sends it again, with what it shows now.
    let text = stale.text();
    let etag = text.split("name=\"etag\" value=\"").nth(1).unwrap().split('"').next().unwrap();
    let again = [("csrf", csrf.as_str()), ("etag", etag), ("action", "reply"), ("text", "写了很久")];
    assert_eq!(wang.post(&format!("{path}/actions"), &again).status, 303);
    let track = server.page(&track).expect(200);
    track.says(&["写了很久"]);
    assert!(!track.text().contains("组长看过了"), "notes stay inside");
    server.stop();
}

#[test]
fn a_mistake_keeps_the_form_and_names_the_field() {
    let site = staffed();
    let server = site.serve();
    let (id, _) = software(&server);
    let wang = Person::sign_in(&server, "wang");
    assert_eq!(wang.step(&id, &[("action", "accept")]).status, 303);
    let resolve = wang.step(&id, &[("action", "resolve"), ("cause", "缓存坏了"), ("resolution", " ")]);
    assert_eq!(resolve.status, 422, "{}", resolve.text());
    resolve.says(&["data-act=\"resolve\" open", "缓存坏了", "a-resolve-resolution-error", "请填写解决方案"]);
    let pend = wang.step(&id, &[("action", "pend"), ("on", "supplier"), ("with", "联想"), ("until", "不久")]);
    assert_eq!(pend.status, 422);
    pend.says(&["data-act=\"pend\" open", "联想", "a-pend-until-error"]);
    assert_eq!(wang.step(&id, &[("action", "confirm")]).status, 403, "only the requester confirms");
    assert_eq!(wang.step(&id, &[("action", "auto_close")]).status, 422);
    server.stop();
}

#[test]
fn what_was_typed_comes_back_even_when_the_step_is_gone() {
    let site = staffed();
    let server = site.serve();
    let (id, _) = software(&server);
    let (wang, li) = (Person::sign_in(&server, "wang"), Person::sign_in(&server, "li"));
    assert_eq!(wang.step(&id, &[("action", "accept")]).status, 303);
    let path = format!("/desk/tickets/{id}");
    let [csrf, etag] = ["csrf", "etag"].map(|name| wang.hidden(&path, name));
    let send = |words: &[(&str, &str)]| {
        let mut form = vec![("csrf", csrf.as_str()), ("etag", etag.as_str())];
        form.extend(words);
        wang.post(&format!("{path}/actions"), &form)
    };
    let hold = [("action", "pend"), ("on", "supplier"), ("with", "联想"), ("until", "2099-11-25 12:00")];
    assert_eq!(li.step(&id, &hold).status, 303);
    let gone = send(&[("action", "resolve"), ("cause", "写了很久的原因"), ("resolution", "写了很久的 <i>方案</i>")]);
    assert_eq!(gone.status, 412);
    gone.says(&["你刚才写的", "写了很久的原因", "写了很久的 &lt;i&gt;方案&lt;/i&gt;", "这一步现在不能做了"]);
    assert!(!gone.text().contains("data-act=\"resolve\""));
    wang.get(&path).expect(200).says(&["联想", "预计到 2099-11-25 12:00"]);

    assert_eq!(li.step(&id, &[("action", "cancel"), ("reason", "重复")]).status, 303);
    let gone = send(&[("action", "reply"), ("text", "写了很久的回复")]);
    assert_eq!(gone.status, 412);
    gone.says(&["你刚才写的", "公开回复", "写了很久的回复"]);
    assert!(!gone.text().contains("data-composer"));
    // The same for a step that is refused as it stands.
    let words = [("csrf", csrf.as_str()), ("action", "ask"), ("text", "写了很久的提问")];
    let refused = wang.post(&format!("{path}/actions"), &words);
    assert_eq!(refused.status, 409);
    refused.says(&["写了很久的提问", "你刚才写的"]);
    server.stop();
}

#[test]
fn what_is_complex_goes_to_the_lead_and_comes_back_with_its_answer() {
    let site = staffed();
    let server = site.serve();
    let (id, track) = software(&server);
    let (wang, li) = (Person::sign_in(&server, "wang"), Person::sign_in(&server, "li"));
    let path = format!("/desk/tickets/{id}");
    assert_eq!(wang.step(&id, &[("action", "accept")]).status, 303);
    wang.get(&path).says(&["转组长", "李明（组长）", "name=\"assignee\" value=\"li\""]);
    let hand =
        |note: &str| wang.step(&id, &[("action", "assign"), ("form", "lead"), ("assignee", "li"), ("note", note)]);
    let without = hand("");
    assert_eq!(without.status, 422);
    without.says(&["data-act=\"lead\" open", "a-lead-note-error", "请写明为什么需要组长"]);
    assert_eq!(hand("涉及三套系统").status, 303);
    let page = li.get(&path).expect(200);
    page.says(&["涉及三套系统"]);
    assert!(!page.text().contains("data-act=\"lead\""), "it is with the lead already");
    assert_eq!(li.step(&id, &[("action", "assign"), ("assignee", "wang")]).status, 303);

    // Files belong to the words they came with.
    let csrf = wang.hidden(&path, "csrf");
    let words = [("csrf", csrf.as_str()), ("action", "reply"), ("text", "见截图")];
    let sent = wang.post_form(&format!("{path}/actions"), &words, &[("步骤.png", PNG)]);
    assert_eq!(sent.status, 303, "{}", sent.text());
    let text = wang.get(&path).expect(200).text();
    let entry = text.split("见截图").nth(1).unwrap();
    let entry = entry.split("</ol>").next().unwrap();
    assert!(entry.contains("步骤.png") && entry.contains("王芳"), "{entry}");
    server.page(&track).expect(200).says(&["步骤.png"]);
    let words = [("csrf", csrf.as_str()), ("action", "note"), ("text", "另一段话")];
    let refused = wang.post_form(&format!("{path}/actions"), &words, &[("假的.png", b"no picture")]);
    assert_eq!(refused.status, 422);
    refused.says(&["另一段话", "请重新选择", "假的.png"]);

    // Archiving is what comes after an answer; an answer that did not hold is there to be mended.
    let solved =
        [("action", "resolve"), ("cause", "缓存坏了"), ("resolution", "清空缓存"), ("environment", "Edge 120")];
    assert_eq!(wang.step(&id, &solved).status, 303);
    let page = wang.get(&path).expect(200);
    page.says(&[&format!("<a class=\"button\" href=\"{path}/publish\"")]);
    assert!(!page.text().contains("desk-act primary"));
    assert_eq!(wang.step(&id, &[("action", "reopen"), ("reason", "还是不行")]).status, 303);
    wang.get(&path).says(&["上一次的解决方案（未解决）", ">\n缓存坏了</textarea>", "value=\"Edge 120\""]);
    let zhang = Person::sign_in(&server, "zhang").get(&path);
    assert_eq!(zhang.status, 403);
    zhang.says(&["只对服务台人员开放"]);
    server.stop();
}

#[test]
fn several_tickets_are_assigned_at_once_and_failures_are_named() {
    let site = staffed();
    let server = site.serve();
    let ids: Vec<String> = (0..3).map(|_| software(&server).0).collect();
    let li = Person::sign_in(&server, "li");
    let csrf = li.hidden("/desk", "csrf");
    let mut words = vec![("csrf", csrf.as_str()), ("assignee", "wang"), ("back", "/desk?view=team&q=CRM")];
    words.extend(ids.iter().map(|id| ("ticket", id.as_str())));
    let reply = li.post("/desk/bulk", &words).expect(303);
    assert_eq!(reply.header("location"), "/desk?view=team&q=CRM&said=assigned");
    assert!(tickets(&site).iter().all(|ticket| ticket["assignee"] == "wang"));

    let words = [
        ("csrf", csrf.as_str()),
        ("assignee", "chen"),
        ("ticket", ids[0].as_str()),
        ("ticket", "TS209901010001"),
        ("back", "//evil.example/desk"),
    ];
    let refused = li.post("/desk/bulk", &words);
    assert_eq!(refused.status, 409);
    refused.says(&["已分派 1 张；下面 1 张没有分派", "TS209901010001", "没有这张工单", "name=\"ticket\""]);
    assert!(!refused.text().contains("evil"));
    // Who is given to a person of another team goes to that team.
    let moved = tickets(&site).into_iter().find(|ticket| ticket["id"] == ids[0].as_str()).unwrap();
    assert_eq!((&moved["assignee"], &moved["team"]), (&"chen".into(), &"network".into()));
    let none = li.post("/desk/bulk", &[("csrf", csrf.as_str()), ("ticket", ids[1].as_str()), ("team", "no such")]);
    assert_eq!(none.status, 409);
    none.says(&["没有分派", "一张都没有分派"]);
    let empty = li.post("/desk/bulk", &[("csrf", csrf.as_str()), ("assignee", "wang")]);
    assert_eq!(empty.status, 409);
    empty.says(&["没有选中任何工单"]);
    server.stop();
}

#[test]
fn the_queue_finds_filters_and_escapes() {
    let site = staffed();
    let server = site.serve();
    let (id, _) = software(&server);
    let (other, _) = file(&server, "hardware", &[("device", "printer")]);
    let li = Person::sign_in(&server, "li");
    let queue = |query: &str| li.get(&format!("/desk?{query}")).expect(200).text();
    let all = queue("view=open");
    assert!(all.contains(&id) && all.contains(&other) && all.contains("打不开 CRM &lt;b&gt;"), "{all}");
    assert!(all.contains("赵敏 · 市场部") && !all.contains("<b>"));
    let team = queue("view=team");
    assert!(team.contains(&id) && !team.contains(&other));
    assert!(queue("view=all&type=hardware").contains(&other));
    assert!(!queue("view=all&type=hardware").contains(&id));
    // Words of the description, a contact, a number's end.
    for words in [CANARY, "13800138000", &id[4..]] {
        assert!(queue(&format!("view=all&q={words}")).contains(&id), "{words}");
    }
    assert!(queue("view=mine").contains("队列已清空"));
    assert!(queue("view=open&q=nothing-like-it").contains("没有符合条件"));
    // Nothing has been answered, and the first answer to what is urgent is due within the hour.
    assert!(li.get("/desk").text().contains("?view=open&amp;due=soon"), "the figure leads to what it counts");
    assert!(queue("view=open&due=soon").contains(&id));
    let wang = Person::sign_in(&server, "wang");
    assert_eq!(wang.step(&id, &[("action", "accept"), ("note", "马上看")]).status, 303);
    assert!(!queue("view=open&due=soon").contains(&id) && queue("view=open&due=soon").contains(&other));
    let english = li.get("/en/desk?view=mine").expect(200);
    english.says(&["Queue is clear", "All open"]);
    server.stop();
}

#[test]
fn approvers_decide_and_see_only_what_waits_for_them() {
    let site = staffed();
    let types = "\n[[types]]\nkey = 'access'\nname = { zh = '权限申请', en = 'Access' }\nteam = 'application'\n\
        needs_approval = true\napprovers = ['qian']\n[[types]]\nkey = 'software'\nname = '软件'\nteam = 'application'\n";
    let toml = site.read("site.toml");
    site.write("site.toml", format!("{toml}{types}"));
    let server = site.serve();
    let (id, track) = file(&server, "access", &[]);
    let (wang, qian) = (Person::sign_in(&server, "wang"), Person::sign_in(&server, "qian"));
    assert!(!qian.get("/desk/approvals").expect(200).text().contains(CANARY), "not asked yet");
    let words = |track: &str| server.page(track).expect(200);
    words(&format!("{track}?sent=1")).says(&["受理后会自动送审批：钱总"]);
    words(&track).says(&["受理后自动送审", "审批人：钱总", "等待"]);
    assert_eq!(wang.step(&id, &[("action", "accept")]).status, 303);
    words(&track).says(&["等待审批：钱总", "（已同意 0 / 1）", "待审批", "已送审批"]);

    let page = qian.get("/desk/approvals").expect(200);
    page.says(&[&id, CANARY, "赵敏"]);
    assert_eq!(qian.get(&format!("/desk/approvals/{id}/attachments/1")).expect(200).bytes, PNG);
    let led = qian.get(&format!("/desk/tickets/{id}")).expect(303);
    assert_eq!(led.header("location"), "/desk/approvals", "a notice leads here");
    assert_eq!(qian.get("/desk/tickets/TS209901010001").status, 403);
    qian.get("/my").expect(200).says(&["/desk/approvals"]);
    let [csrf, etag] = ["csrf", "etag"].map(|name| qian.hidden("/desk/approvals", name));
    let decide = |words: &[(&str, &str)]| -> Reply {
        let mut form = vec![("csrf", csrf.as_str()), ("etag", etag.as_str())];
        form.extend(words);
        qian.post(&format!("/desk/approvals/{id}"), &form)
    };
    page.says(&["紧急", "负责人：王芳"]);
    let without = decide(&[("action", "reject"), ("reason", "")]);
    assert_eq!(without.status, 422);
    without.says(&["请填写理由"]);
    assert_eq!(decide(&[("action", "accept")]).status, 400, "only decisions");
    let approved = decide(&[("action", "approve"), ("reason", "同意，只读")]).expect(303);
    let own = qian.get(approved.header("location")).expect(200);
    own.says(&["已批准，提报人和服务台会收到通知", "我最近的审批", "同意，只读"]);
    assert!(!own.text().contains(CANARY), "no more than the title");
    assert_eq!(decide(&[("action", "approve")]).status, 404, "decided already");
    assert_eq!(qian.get(&format!("/desk/tickets/{id}")).status, 403, "no longer theirs");
    wang.get(&format!("/desk/tickets/{id}")).expect(200).says(&["钱总", "同意，只读", "已批准"]);
    let page = server.page(&track).expect(200);
    page.says(&["同意，只读", "审批通过", "王芳"]);
    assert!(!page.text().contains("继续处理"), "nobody went on: the decision did");
    server.stop();
}

#[test]
fn a_solved_ticket_passes_the_gate_and_is_found() {
    let site = Site::repository().account("wang", "王芳", "agent", &["application"]);
    let server = site.serve();
    let (id, _) = software(&server);
    let wang = Person::sign_in(&server, "wang");
    assert_eq!(wang.step(&id, &[("action", "accept")]).status, 303);
    let solved = [
        ("action", "resolve"),
        ("cause", "浏览器组件 qzxwvk 损坏"),
        ("resolution", "重装组件，再打 13912345678 找赵敏"),
    ];
    assert_eq!(wang.step(&id, &solved).status, 303);
    let path = format!("/desk/tickets/{id}/publish");
    let page = wang.get(&path).expect(200);
    page.says(&["13912345678", "电话号码", "姓名", "<mark>赵敏</mark>", "替换为〔电话〕"]);

    let csrf = wang.hidden(&path, "csrf");
    let undecided = wang.post(&path, &[("csrf", &csrf), ("title", "CRM 打不开")]);
    assert_eq!(undecided.status, 422);
    undecided.says(&["请逐处选择", "value=\"CRM 打不开\""]);
    assert!(!site.path(&format!("content/resolutions/{id}.md")).exists());

    let text = undecided.text();
    let found: Vec<&str> =
        text.split("name=\"found:").skip(1).step_by(2).map(|part| part.split('"').next().unwrap()).collect();
    assert!(found.len() >= 2, "{found:?}");
    let names: Vec<String> = found.iter().map(|id| format!("found:{id}")).collect();
    let mut words = vec![("csrf", csrf.as_str()), ("title", "CRM 打不开")];
    words.extend(names.iter().map(|name| (name.as_str(), "redact")));
    assert_eq!(wang.post(&path, &words).status, 303);
    let record = site.read(&format!("content/resolutions/{id}.md"));
    assert!(!record.contains("13912345678") && !record.contains("赵敏") && record.contains("qzxwvk"), "{record}");
    server.eventually("the record", |server| server.found("qzxwvk").iter().any(|path| path.contains(&id)));
    let archived = wang.get(&format!("/desk/tickets/{id}")).expect(200);
    archived.says(&["知识归档"]);
    assert!(!archived.text().contains(&format!("{path}\"")), "archived once");
    assert_eq!(wang.get(&path).expect(303).header("location"), format!("/desk/tickets/{id}?said=archived"));
    words[1].1 = "另一个标题";
    let again = wang.post(&path, &words);
    assert_eq!(again.status, 409, "never over another");
    again.says(&["已经有解决记录", "value=\"另一个标题\""]);
    server.stop();
}

#[test]
fn the_live_stream_needs_a_session() {
    let site = staffed();
    let server = site.serve();
    assert_eq!(server.get_with("/desk/live", &[("accept", "text/event-stream")]).status, 401);
    let zhang = Person::sign_in(&server, "zhang");
    assert_eq!(zhang.get("/desk/live").status, 403);
    let problem = server.post_json("/desk/bulk", &json!({}), &[]);
    assert!([303, 401].contains(&problem.status), "{}", problem.status);
    server.stop();
}
