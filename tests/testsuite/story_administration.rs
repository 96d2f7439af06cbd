//! The desk's own pages for articles to write and review, and for administrators.

use serde_json::Value;

use crate::harness::{PASSWORD, Person, Server, Site};

/// A port that nobody listens on: the notice waits.
const NOTICES: &str = "\n[notices]\nallowed_hosts = ['127.0.0.1']\n\
    [[notices.webhooks]]\nname = 'ops'\nkind = 'json'\nurl_file = 'ops.url'\n";

fn staffed() -> Site {
    let site = Site::bare()
        .account("zhang", "张三", "employee", &[])
        .account("wang", "王芳", "agent", &["application"])
        .account("he", "何平", "agent", &["network"])
        .account("li", "李明", "lead", &["application"])
        .account("root", "管理员", "admin", &[]);
    let toml = site.read("site.toml");
    site.write("site.toml", format!("{toml}{NOTICES}"));
    site.file("ops.url", "http://127.0.0.1:9/\n")
}

fn file(server: &Server, title: &str) -> String {
    let words = [
        ("type", "software"),
        ("application", "CRM"),
        ("title", title),
        ("description", "赵敏的电脑打不开，回电 13800138000"),
        ("urgency", "normal"),
        ("impact", "me"),
        ("name", "赵敏"),
        ("department", "市场部"),
        ("contact", "13800138000"),
    ];
    let reply = server.post_form("/api/tickets", &words, &[], &[]).expect(201).json();
    reply["id"].as_str().unwrap().to_owned()
}

/// A ticket that 王芳 solved.
fn solved(server: &Server, title: &str) -> String {
    let id = file(server, title);
    let wang = Person::sign_in(server, "wang");
    assert_eq!(wang.step(&id, &[("action", "accept")]).status, 303);
    let words = [("action", "resolve"), ("cause", "缓存坏了"), ("resolution", "清空缓存，赵敏已确认")];
    assert_eq!(wang.step(&id, &words).status, 303);
    id
}

fn record(id: &str, title: &str) -> String {
    format!(
        "---\nid: {id}\ntitle: {title}\ncategory: oa-crm\nresolved_on: 2026-11-24\n---\n## 现象\n\n打不开\n\n## 原因\n\n缓存\n\n## 解决方案\n\n清空缓存 {id}\n"
    )
}

#[test]
fn frequent_records_become_an_article_that_a_colleague_reviews() {
    let mut site = staffed();
    for (n, title) in ["CRM 登录后白屏", "CRM 登录之后白屏", "CRM 登录后一直白屏"].into_iter().enumerate()
    {
        let id = format!("TS20261123000{}", n + 1);
        site = site.file(&format!("content/resolutions/{id}.md"), record(&id, title));
    }
    let server = site.serve();
    let (wang, he) = (Person::sign_in(&server, "wang"), Person::sign_in(&server, "he"));
    let page = wang.get("/desk/knowledge?view=drafts").expect(200);
    page.says(&["CRM 登录后白屏", "TS202611230001 TS202611230002 TS202611230003", "起草文章", "/resolutions/"]);
    let csrf = wang.hidden("/desk/knowledge?view=drafts", "csrf");
    let make = |who: &Person<'_>, from: &str| {
        let csrf = who.hidden("/desk/knowledge?view=drafts", "csrf");
        who.post("/desk/knowledge/articles", &[("csrf", csrf.as_str()), ("from", from)])
    };
    let made = make(&wang, "TS202611230001 TS202611230002 TS202611230003").expect(303);
    let file = made.header("location").to_owned();
    assert!(file.contains("path=articles%2Foa-crm%2F") && file.ends_with("said=drafted"), "{file}");
    let draft = wang.get(&file).expect(200);
    draft.says(&["草稿", "王芳", "清空缓存 TS202611230003", "这是你写的，请一位同事来复审"]);
    let path = file.split("path=").nth(1).unwrap().split('&').next().unwrap().replace("%2F", "/");
    assert!(site.read(&format!("content/{path}")).contains("author: wang\nconfidence: wip\n"));

    // Nobody reviews their own; a colleague does, and it is found.
    let own = wang.post("/desk/knowledge/file", &[("csrf", csrf.as_str()), ("path", &path)]);
    assert_eq!(own.status, 409);
    own.says(&["这是你写的"]);
    let other = he.hidden(&file, "csrf");
    he.get(&file).says(&["复审通过", &format!("value=\"{path}\"")]);
    let reviewed = he.post("/desk/knowledge/file", &[("csrf", other.as_str()), ("path", &path)]).expect(303);
    he.get(reviewed.header("location")).expect(200).says(&["已验证", "何平", "已复审"]);
    assert!(site.read(&format!("content/{path}")).contains("confidence: validated"));
    server.eventually("the article", |server| server.found("CRM 登录后白屏").contains(&path));

    // From tickets: only by the team that solved them, and without the people in them.
    let id = solved(&server, "CRM 导出失败");
    let open = self::file(&server, "CRM 打不开");
    for (who, from, told) in
        [(&he, &id, "其他团队"), (&wang, &open, "还没有处理完成"), (&wang, &"打印机".to_owned(), "不是工单编号")]
    {
        let refused = make(who, from);
        assert_eq!(refused.status, 422, "{from}");
        refused.says(&[told, &format!("value=\"{from}\"")]);
    }
    let made = make(&wang, &id).expect(303);
    wang.get(&format!("/desk/knowledge?view=drafts&from={id}")).says(&[&format!("value=\"{id}\"")]);
    let draft = wang.get(made.header("location")).expect(200).text();
    assert!(draft.contains("清空缓存") && !draft.contains("赵敏") && !draft.contains("13800138000"), "{draft}");

    for path in ["tickets%2Fx.md", "..%2Fsite.toml", "articles%2Fnone.md", ""] {
        assert_eq!(wang.get(&format!("/desk/knowledge/file?path={path}")).status, 404, "{path}");
    }
    let zhang = Person::sign_in(&server, "zhang");
    assert_eq!(zhang.get(&file).status, 403);
    assert_eq!(zhang.post("/desk/knowledge/articles", &[("from", &id)]).status, 403);
    assert_eq!(wang.post("/desk/knowledge/articles", &[("from", &id)]).status, 403, "without a token");
    assert_eq!(he.post("/desk/knowledge/file", &[("path", &path)]).status, 403, "without a token");
    server.stop();
}

#[test]
fn only_administrators_administrate() {
    let site = staffed();
    let server = site.serve();
    let id = file(&server, "CRM 打不开");
    let reads = [
        "/desk/admin".to_owned(),
        "/en/desk/admin".to_owned(),
        "/desk/admin/accounts/wang".to_owned(),
        "/desk/admin/outbox".to_owned(),
        format!("/desk/admin/audit?id={id}&verify=1"),
        format!("/desk/admin/erase/{id}"),
    ];
    let writes = [
        "/desk/admin/accounts".to_owned(),
        "/desk/admin/accounts/wang".to_owned(),
        "/desk/admin/outbox".to_owned(),
        format!("/desk/admin/erase/{id}"),
    ];
    let words =
        [("login", "x"), ("name", "x"), ("role", "admin"), ("do", "reset"), ("id", "x"), ("confirm", id.as_str())];
    for path in &reads {
        assert_eq!(server.page(path).status, 303, "{path}");
    }
    for login in ["zhang", "wang", "li", "root"] {
        let person = Person::sign_in(&server, login);
        let csrf = person.hidden("/desk/approvals", "csrf");
        for path in &reads {
            assert_eq!(person.get(path).status, if login == "root" { 200 } else { 403 }, "{login} {path}");
        }
        for path in &writes {
            assert_eq!(person.post(path, &words).status, 403, "{login} {path} without a token");
            if login != "root" {
                let with: Vec<_> = words.into_iter().chain([("csrf", csrf.as_str())]).collect();
                assert_eq!(person.post(path, &with).status, 403, "{login} {path}");
            }
        }
        let has_tab = person.get("/desk/approvals").text().contains("/desk/admin");
        assert_eq!(has_tab, login == "root", "{login}");
    }
    assert!(!site.run(&["user", "list"]).stdout.contains("x  "), "nobody was added");
    server.stop();
}

#[test]
fn accounts_are_kept_in_the_browser() {
    let site = staffed();
    let server = site.serve();
    let root = Person::sign_in(&server, "root");
    let csrf = root.hidden("/desk/admin", "csrf");
    let send = |path: &str, words: &[(&str, &str)]| {
        let mut form = vec![("csrf", csrf.as_str())];
        form.extend(words);
        root.post(path, &form)
    };
    let new = [
        ("login", "Sun"),
        ("name", "孙丽"),
        ("role", "agent"),
        ("team", "network"),
        ("team", "desktop"),
        ("team", "moon"),
    ];
    let added = send("/desk/admin/accounts", &new).expect(200);
    assert_eq!(added.header("cache-control"), "no-store");
    let password = |text: &str| text.split("<code>").nth(1).unwrap().split("</code>").next().unwrap().to_owned();
    let first = password(&added.text());
    let user = |login: &str| {
        let all: Vec<Value> = serde_json::from_str(&site.run(&["user", "list", "--json"]).stdout).unwrap();
        all.into_iter().find(|user| user["login"] == login).unwrap()
    };
    assert_eq!(
        (&user("sun")["teams"], &user("sun")["role"]),
        (&serde_json::json!(["network", "desktop"]), &"agent".into())
    );
    let sign_in =
        |password: &str| server.post_words("/desk/sign-in", &[("login", "sun"), ("password", password)], &[]).status;
    assert_eq!(sign_in(&first), 303);
    assert!(!root.get("/desk/admin").text().contains(&first), "told once");

    let taken = send("/desk/admin/accounts", &new);
    assert_eq!(taken.status, 409);
    taken.says(&["已经有账号“sun”了", "value=\"孙丽\""]);
    assert_eq!(send("/desk/admin/accounts", &[("login", "系统"), ("name", "x"), ("role", "agent")]).status, 422);

    let page = "/desk/admin/accounts/sun";
    let changed = send(page, &[("do", "save"), ("name", "孙丽丽"), ("role", "lead"), ("team", "network")]);
    assert_eq!(changed.status, 303);
    root.get(page).expect(200).says(&["孙丽丽"]);
    assert_eq!((&user("sun")["role"], &user("sun")["teams"]), (&"lead".into(), &serde_json::json!(["network"])));
    let second = password(&send(page, &[("do", "reset")]).expect(200).text());
    assert_eq!((sign_in(&first) == 303, sign_in(&second)), (false, 303));
    assert_eq!(send(page, &[("do", "disable")]).status, 303);
    assert_ne!(sign_in(&second), 303);
    root.get("/desk/admin").says(&["已停用"]);
    assert_eq!(send(page, &[("do", "enable")]).status, 303);

    // Nobody locks themselves out.
    let own = "/desk/admin/accounts/root";
    assert_eq!(send(own, &[("do", "disable")]).status, 409);
    assert_eq!(send(own, &[("do", "save"), ("name", "管理员"), ("role", "employee")]).status, 422);
    assert_eq!(user("root")["role"], "admin");
    assert_eq!(send("/desk/admin/accounts/nobody", &[("do", "reset")]).status, 404);
    assert_eq!(server.post_words("/desk/sign-in", &[("login", "root"), ("password", PASSWORD)], &[]).status, 303);
    server.stop();
}

#[test]
fn notices_the_audit_and_erasing_are_in_the_browser() {
    let site = staffed();
    let server = site.serve();
    let id = solved(&server, "CRM 打不开");
    let root = Person::sign_in(&server, "root");
    let outbox = "/desk/admin/outbox";
    server.eventually("the notice", |_| root.get(outbox).text().contains(&id));
    let text = root.get(outbox).expect(200).text();
    assert!(text.contains("新工单") && !text.contains("赵敏") && !text.contains("13800138000"), "{text}");
    let (csrf, event) = (root.hidden(outbox, "csrf"), root.hidden(outbox, "id"));
    let change = |work: &str, id: &str| root.post(outbox, &[("csrf", csrf.as_str()), ("do", work), ("id", id)]);
    assert_eq!(change("retry", &event).status, 303);
    assert_eq!(change("drop", &event).status, 303);
    assert!(!root.get(outbox).text().contains(&event));
    let gone = change("drop", &event);
    assert_eq!(gone.status, 409);
    gone.says(&["没有这条通知了"]);
    assert_eq!(change("drop", "../x").status, 409);

    let audit = root.get(&format!("/desk/admin/audit?id={id}&verify=1")).expect(200);
    audit.says(&["王芳", "受理了工单", "处理完成", "完整"]);
    root.get("/desk/admin/audit?id=x").expect(200).says(&["TS202611230001"]);

    let page = format!("/desk/admin/erase/{id}");
    root.get(&format!("/desk/tickets/{id}")).says(&[&page, "删除个人信息"]);
    root.get(&page).expect(200).says(&["姓名", "联系方式", "备份", "评分", "审计记录"]);
    let erase = |confirm: &str| root.post(&page, &[("csrf", csrf.as_str()), ("confirm", confirm)]);
    let wrong = erase("TS209901010001");
    assert_eq!(wrong.status, 422);
    wrong.says(&["什么都没有删除"]);
    assert!(site.run(&["ticket", "show", "--json", &id]).stdout.contains("13800138000"));
    erase(&id).expect(200).says(&["已经删除"]);
    let bare = site.run(&["ticket", "show", "--json", &id]).stdout;
    assert!(!bare.contains("13800138000") && !bare.contains("赵敏"), "{bare}");
    root.get(&format!("/desk/admin/audit?id={id}&verify=1")).says(&["删除了个人信息", "完整"]);
    assert_eq!(root.get("/desk/admin/erase/TS209901010001").status, 404);
    server.stop();
}
