//! The whole way of a ticket, as the people in it see it.

use super::driver::{Browser, browser, check_and_send};
use crate::harness::{PASSWORD, PNG, Person, Server, Site};

/// Who works here: an employee, an approver, two agents and their lead.
fn staffed() -> Site {
    let site = Site::repository().file("picture.png", PNG);
    let toml = site.read("site.toml");
    let types = "\n[[types]]\nkey = 'software'\nname = { zh = '软件异常', en = 'Software problem' }\nteam = 'application'\n\
        [[types]]\nkey = 'access'\nname = { zh = '权限申请', en = 'Access request' }\nteam = 'security'\n\
        needs_approval = true\napprovers = ['qian']\n";
    site.write("site.toml", format!("{toml}{types}"));
    site.account("zhang", "张三", "employee", &[])
        .account("qian", "钱总", "employee", &[])
        .account("wang", "王芳", "agent", &["application", "security"])
        .account("zhao", "赵强", "agent", &["application"])
        .account("li", "李明", "lead", &["application", "security"])
}

fn sign_in(browser: &Browser, server: &Server, login: &str, next: &str) {
    browser.devtools("Network.clearBrowserCookies", serde_json::json!({}));
    browser.open(&format!("{}{next}", server.url));
    browser.until("the sign-in page", "document.querySelector('#f-password')");
    browser.fill("#f-login", login);
    browser.fill("#f-password", PASSWORD);
    browser.fill("#f-password", "\u{e007}");
    browser.until("the page", &format!("location.pathname + location.search === '{next}'"));
}

/// Opens a step's form, fills it in, and sends it.
fn step(browser: &Browser, key: &str, words: &[(&str, &str)], told: &str) {
    browser.until("the step", &format!("document.querySelector('[data-act={key}] summary')"));
    browser.click(&format!("[data-act={key}] summary"));
    for (name, text) in words {
        browser.fill(&format!("#a-{key}-{name}"), text);
    }
    // The open page hears of the step as well: what counts is the one that answers.
    browser.run("window.asked = true");
    browser.click(&format!("[data-act={key}] button[type=submit]"));
    browser.until(told, &format!("!window.asked && document.body?.innerText.includes('{told}')"));
}

fn write(browser: &Browser, voice: &str, text: &str) {
    browser.until("the composer", "document.querySelector('[data-composer][data-ready]')");
    browser.click(&format!("[data-composer] label:has([value={voice}])"));
    browser.fill("#desk-text", text);
    browser.click("[data-composer] button[type=submit]");
    browser.until("the words", &format!("document.querySelector('.desk-thread').innerText.includes('{text}')"));
}

/// Raises a ticket in the browser; gives its number and the path of its tracking page.
fn raise(browser: &Browser, server: &Server, prefix: &str, kind: &str, title: &str) -> (String, String) {
    browser.devtools("Network.clearBrowserCookies", serde_json::json!({}));
    browser.open(&format!("{}{prefix}/tickets/new?q=qzxwvkjj", server.url));
    browser.until("the form", "document.querySelector('[data-ticket-form]')");
    browser.click(&format!("input[name=type][value={kind}]"));
    browser.run("document.querySelector('#f-title').value = ''");
    browser.fill("#f-title", title);
    browser.fill("#f-description", "早上开始就这样");
    browser.click("input[name=urgency][value=urgent]");
    browser.click("input[name=impact][value=team]");
    browser.fill("#f-name", "张三");
    browser.fill("#f-contact", "8000");
    check_and_send(browser);
    browser.until("the confirmation", "document.querySelector('[data-sent] .id')");
    let id = browser.run("return document.querySelector('[data-sent] .id').textContent");
    let track = browser.run("return new URL(document.querySelector('.keep-row a').href).pathname");
    (id.as_str().unwrap().to_owned(), track.as_str().unwrap().to_owned())
}

#[test]
fn a_ticket_goes_its_way_from_report_to_knowledge() {
    let Some(browser) = browser("a_ticket_goes_its_way_from_report_to_knowledge", &[]) else { return };
    let site = staffed();
    let server = site.serve();
    let at = |path: &str| format!("{}{path}", server.url);
    let (id, track) = raise(&browser, &server, "", "software", "CRM 报错 qzxwvkjj");

    // The lead gives it to an agent, from the queue.
    let ticket = format!("/desk/tickets/{id}");
    sign_in(&browser, &server, "li", "/desk?view=unassigned");
    browser.shows(&[&id, "CRM 报错 qzxwvkjj", "紧急", "还剩"]);
    browser.click(&format!("input[value={id}]"));
    browser.until("the count", "document.querySelector('[data-chosen]').textContent.includes('1')");
    browser.run("document.querySelector('[data-bulk] [name=assignee]').value = 'wang'");
    browser.click("[data-bulk] button");
    browser.until("the word", "document.body.innerText.includes('已分派')");

    // The agent accepts, the clock of the urgent response runs until the requester is spoken to, and asks.
    sign_in(&browser, &server, "wang", &ticket);
    browser.until("the running clock", "/^\\d+:\\d\\d/.test(document.querySelector('[data-clock]').textContent)");
    browser.shows(&["紧急响应", "qzxwvkjj", "提报前的搜索"]);
    step(&browser, "accept", &[], "已受理");
    step(&browser, "contact", &[("text", "电话里说了")], "联系了提报人");
    assert_eq!(browser.run("return document.querySelectorAll('[data-clock]').length"), 0);
    write(&browser, "note", "先看日志");
    step(&browser, "ask", &[("text", "报错号是多少？")], "待补充");

    // The requester answers on the tracking page; it comes back by itself.
    browser.open(&at(&track));
    browser.until("the question", "document.querySelector('[data-track]')?.innerText.includes('报错号是多少？')");
    assert!(!browser.text().contains("先看日志"), "notes stay inside");
    browser.fill("#f-reply", "错误 42");
    browser.click("form.reply button");
    browser.until("the answer", "document.querySelector('.timeline').innerText.includes('错误 42')");

    // A risk is told before anything is done about it: the open page follows, and leaves alone what is being written.
    browser.fill("#f-reply", "还有一件事");
    let wang = Person::sign_in(&server, "wang");
    let risk = [("action", "risk"), ("risk", "要重启服务器"), ("fallback", "还原快照")];
    assert_eq!(wang.step(&id, &risk).status, 303);
    browser.until("the risk", "document.querySelector('.timeline').innerText.includes('要重启服务器')");
    browser.shows(&["工单有更新", "王芳"]);
    assert_eq!(browser.value("#f-reply"), "还有一件事");

    browser.open(&at(&ticket));
    browser.until("work goes on", "document.querySelector('.badge').textContent.includes('处理中')");
    browser.shows(&["错误 42", "先看日志", "仅坐席可见"]);
    step(&browser, "assign", &[("note", "请你接着做")], "分派");
    write(&browser, "key_step", "清空浏览器缓存");
    step(&browser, "resolve", &[("cause", "缓存坏了"), ("resolution", "清空缓存，张三已确认")], "处理完成");

    // Not solved; then solved, confirmed and rated.
    browser.open(&at(&track));
    browser.until("the verdict", "document.querySelector('form.verdict')");
    browser.shows(&["清空缓存", "没有回复的话"]);
    browser.click("form.verdict button");
    browser.until("it is closed", "document.querySelector('.badge').textContent.includes('已关闭')");
    browser.click("input[name=solved][value=true]");
    for mark in ["speed", "attitude", "skill", "result"] {
        browser.click(&format!("input[name={mark}][value='5']"));
    }
    browser.click("details:has(input[name=speed]) button");
    browser.until("the rating", "document.querySelector('.rated')");

    // Archived through the gate, and found by the next search.
    browser.open(&at(&ticket));
    browser.until("the ticket", "document.querySelector('.desk-acts a')");
    browser.shows(&["满意度", "5 / 5"]);
    browser.click(".desk-acts a");
    browser.until("the record", "document.querySelectorAll('.desk-finding').length > 0");
    browser.shows(&["现象", "需要你决定"]);
    browser.click(".desk-publish .actions button");
    browser.until("the refusal", "document.body.innerText.includes('请逐处选择')");
    browser.run("for (const one of document.querySelectorAll('.desk-finding [value=redact]')) one.click()");
    browser.click(".desk-publish .actions button");
    browser.until("it is archived", "document.body.innerText.includes('知识归档')");
    server.eventually("the next search", |server| server.found("qzxwvkjj").iter().any(|path| path.contains(&id)));
    assert!(!site.read(&format!("content/resolutions/{id}.md")).contains("张三"));
    server.stop();
}

#[test]
fn an_access_request_is_approved_in_english_on_a_phone() {
    let Some(browser) = browser("an_access_request_is_approved_in_english_on_a_phone", &[]) else { return };
    let site = staffed();
    let server = site.serve();
    let phone = serde_json::json!({ "width": 390, "height": 844, "deviceScaleFactor": 2, "mobile": true });
    browser.devtools("Emulation.setDeviceMetricsOverride", phone);
    let (id, track) = raise(&browser, &server, "/en", "access", "Read access to the CRM");
    let ticket = format!("/en/desk/tickets/{id}");
    sign_in(&browser, &server, "wang", &ticket);
    step(&browser, "accept", &[], "Waiting for approval");
    browser.shows(&["钱总"]);

    sign_in(&browser, &server, "qian", "/en/desk/approvals");
    browser.shows(&["Read access to the CRM", "张三"]);
    browser.fill(&format!("#reason-{id}"), "Fine for this quarter");
    browser.click("button[value=approve]");
    browser.until("nothing is left", "document.body.innerText.includes('Nothing waits for your approval')");

    sign_in(&browser, &server, "wang", &ticket);
    browser.shows(&["Approved", "Fine for this quarter"]);
    step(&browser, "resolve", &[("cause", "No access yet"), ("resolution", "Granted")], "Resolved");
    browser.open(&format!("{}{track}", server.url));
    browser.until("the verdict", "document.querySelector('form.verdict')");
    let wide = browser.run("return document.documentElement.scrollWidth - document.documentElement.clientWidth");
    assert_eq!(wide, 0);
    server.stop();
}

#[test]
fn two_people_at_one_ticket_see_each_other_and_lose_nothing() {
    let Some(browser) = browser("two_people_at_one_ticket_see_each_other_and_lose_nothing", &[]) else { return };
    let site = staffed();
    let server = site.serve();
    let (id, _) = raise(&browser, &server, "", "software", "打不开");
    let ticket = format!("/desk/tickets/{id}");
    sign_in(&browser, &server, "wang", &ticket);
    let li = Person::sign_in(&server, "li");
    li.get(&ticket).expect(200).says(&["王芳正在查看"]);
    browser.until("the other", "document.querySelector('[data-viewers]').innerText.includes('李明正在查看')");

    // Untouched, the page follows by itself; with words in it, it says so and keeps them.
    assert_eq!(li.step(&id, &[("action", "note"), ("text", "第一条")]).status, 303);
    browser.until("the note", "document.querySelector('.desk-thread').innerText.includes('第一条')");
    browser.until("the new fingerprint", "document.querySelector('[data-composer] [name=seen]').value === '2'");
    browser.fill("#desk-text", "我正在写");
    assert_eq!(li.step(&id, &[("action", "note"), ("text", "第二条")]).status, 303);
    browser.until("the news", "!document.querySelector('[data-news]').hidden");
    browser.until("the second note", "document.querySelector('.desk-thread').innerText.includes('第二条')");
    assert_eq!(browser.value("#desk-text"), "我正在写");
    browser.run("window.onbeforeunload = null; dispatchEvent(new Event('submit')); location.reload()");
    browser.until("the draft again", "document.querySelector('[data-composer][data-ready]') && document.querySelector('#desk-text').value === '我正在写' && document.querySelector('[data-composer] [name=seen]').value === '3'");
    assert_eq!(li.step(&id, &[("action", "note"), ("text", "第三条")]).status, 303);
    browser.until("the news", "!document.querySelector('[data-news]').hidden");
    browser.click("[data-composer] button[type=submit]");
    browser.until("what changed", "document.body.innerText.includes('工单有了变化')");
    assert_eq!(browser.value("#desk-text").trim(), "我正在写");
    browser.click("[data-composer] button[type=submit]");
    browser.until("it is sent", "document.querySelector('.desk-thread').innerText.includes('我正在写')");

    // What it waits for comes and goes with the state, and so do the word of the last step and the forms.
    assert_eq!(li.step(&id, &[("action", "accept"), ("assignee", "wang")]).status, 303);
    let hold = [("action", "pend"), ("on", "supplier"), ("with", "联想"), ("until", "2099-11-25 12:00")];
    assert_eq!(li.step(&id, &hold).status, 303);
    browser.until("the banner", "document.querySelector('[data-part=tops]').innerText.includes('联想')");
    assert_eq!(browser.run("return document.querySelectorAll('.desk-said').length"), 0);
    assert_eq!(li.step(&id, &[("action", "resume")]).status, 303);
    browser.until("no banner", "!document.querySelector('[data-part=tops]').innerText.includes('联想')");
    assert_eq!(li.step(&id, &[("action", "cancel"), ("reason", "重复")]).status, 303);
    browser.until("no forms", "!document.querySelector('[data-act], [data-composer]')");
    browser.shows(&["已撤销"]);
    server.stop();
}

#[test]
fn keys_work_and_leave_input_methods_alone() {
    let Some(browser) = browser("keys_work_and_leave_input_methods_alone", &[]) else { return };
    let site = staffed();
    let server = site.serve();
    let first = raise(&browser, &server, "", "software", "第一张").0;
    raise(&browser, &server, "", "software", "第二张");
    sign_in(&browser, &server, "li", "/desk?view=all&sort=newest");
    let key = |key: &str, more: &str| {
        browser.run(&format!(
            "(document.activeElement || document.body).dispatchEvent(new KeyboardEvent('keydown', \
             {{ key: '{key}', bubbles: true, cancelable: true, {more} }}))"
        ));
    };
    key("j", "isComposing: true, keyCode: 229");
    assert_eq!(browser.run("return document.querySelectorAll('tr[data-at]').length"), 0);
    key("j", "");
    key("j", "");
    browser.until("the second row", "document.querySelectorAll('[data-row]')[1].hasAttribute('data-at')");
    key("x", "");
    browser.until("it is chosen", "document.querySelectorAll('[name=ticket]')[1].checked");
    key("?", "");
    browser.until("the overlay", "document.querySelector('#desk-keys').open");
    browser.click("[data-keys]");
    browser.click("#desk-keys form button");
    key("k", "");
    assert_eq!(browser.run("return document.querySelectorAll('[data-row]')[0].hasAttribute('data-at')"), false);
    browser.open(&format!("{}/desk?view=all&sort=newest", server.url));
    browser.until("the queue", "document.querySelector('[data-row]')");
    key("o", "");
    assert_eq!(browser.run("return location.pathname"), "/desk", "switched off, it stays off");
    browser.run("localStorage.removeItem('desk-keys')");
    browser.open(&format!("{}/desk?view=all&sort=oldest", server.url));
    browser.until("the queue", "document.querySelector('[data-row]')");
    key("o", "");
    browser.until("the ticket", &format!("location.pathname === '/desk/tickets/{first}'"));
    key("r", "");
    browser.until("the reply", "document.activeElement.id === 'desk-text'");
    key("j", "");
    assert_eq!(browser.run("return document.activeElement.id"), "desk-text", "letters are letters in a text");
    server.stop();
}

#[test]
fn the_desk_works_without_scripts() {
    let Some(browser) = browser("the_desk_works_without_scripts", &[]) else { return };
    let site = staffed();
    let server = site.serve();
    let (id, _) = raise(&browser, &server, "", "software", "没有脚本");
    browser.devtools("Emulation.setScriptExecutionDisabled", serde_json::json!({ "value": true }));
    browser.open(&format!("{}/desk/tickets/{id}", server.url));
    browser.fill("#f-login", "wang");
    browser.fill("#f-password", PASSWORD);
    browser.click("main form button[type=submit]");
    browser.until_url("the ticket", |url| url.ends_with(&format!("/desk/tickets/{id}")));
    browser.click("[data-act=accept] summary");
    browser.fill("#a-accept-note", "马上处理");
    browser.click("[data-act=accept] button[type=submit]");
    browser.until_url("the ticket again", |url| url.ends_with("said=done"));
    browser.click("[data-composer] label:has([value=note])");
    browser.fill("#desk-text", "一条记录");
    browser.click("[data-composer] button[type=submit]");
    browser.find(".desk-thread .note");
    let ticket = site.run(&["ticket", "show", "--json", &id]).stdout;
    assert!(ticket.contains("马上处理") && ticket.contains("一条记录"), "{ticket}");
    browser.click(".desk-nav a");
    browser.until_url("the queue", |url| url.ends_with("/desk"));
    browser.click(&format!("input[value={id}]"));
    server.stop();
}
