//! An employee's day in the browser.

use super::driver::{Browser, browser, check_and_send};
use crate::harness::{PNG, Server, Site, encode, tree};

/// WebDriver's codes of keys.
const ENTER: &str = "\u{e007}";
const DOWN: &str = "\u{e015}";

fn type_and_send(browser: &Browser, css: &str, text: &str) {
    browser.fill(css, text);
    browser.fill(css, ENTER);
}

/// Fills the form's questions but the title.
fn fill_form(browser: &Browser) {
    browser.click("input[name=type][value=other]");
    browser.fill("#f-description", "第一行");
    browser.click("input[name=urgency][value=normal]");
    browser.fill("#f-name", "张三");
    browser.fill("#f-contact", "8000");
}

#[test]
fn an_employee_searches_and_reads() {
    let Some(browser) = browser("an_employee_searches_and_reads", &[]) else { return };
    let site = Site::repository();
    let server = site.serve();
    browser.open(&server.url);
    browser.fill("#q", "忘记密码");
    browser.until("suggestions", "document.querySelectorAll('#q-list [role=option]').length > 1");
    assert_eq!(browser.run("return document.querySelector('#q').getAttribute('aria-expanded')"), "true");
    browser.fill("#q", DOWN);
    browser.until("a chosen suggestion", "document.querySelector('#q').getAttribute('aria-activedescendant')");
    browser.fill("#q", ENTER);
    browser.until("the article", "location.pathname.startsWith('/articles/accounts/reset-password/')");
    browser.shows(&["密码"]);

    browser.open(&server.url);
    type_and_send(&browser, "#q", "忘记密码");
    browser.until("the results", "location.pathname === '/search' && document.querySelector('[data-hits] li')");
    assert!(browser.run("return document.querySelectorAll('[data-hits] mark').length").as_u64() > Some(0));
    browser.click("[data-hits] .row-title");
    browser.until("the article", "location.pathname.startsWith('/articles/accounts/reset-password/')");

    browser.open(&format!("{}/en/", server.url));
    type_and_send(&browser, "#q", "VPN");
    browser.until("the results", "location.pathname === '/en/search' && document.querySelector('[data-hits] li')");
    browser.click("[data-hits] .row-title");
    browser.until("an English article", "location.pathname.startsWith('/en/articles/network/vpn')");
    assert_eq!(browser.run("return document.documentElement.lang"), "en");

    // What was searched and opened reaches the authors; the server writes it every few seconds.
    let figures = || -> serde_json::Value {
        let report = site.run(&["report", "gaps", "--json"]);
        serde_json::from_str::<serde_json::Value>(&report.expect(0).stdout).unwrap()["self_service"].clone()
    };
    // The log sends no event: it is asked, by one process after the other.
    let started = std::time::Instant::now();
    loop {
        let figures = figures();
        if figures["searches"] == 3 && figures["opened"] == 3 {
            break;
        }
        assert!(
            started.elapsed() < crate::harness::PATIENCE,
            "three searches that were opened: {figures}\n{}",
            server.log()
        );
    }
}

#[test]
fn nothing_found_becomes_a_ticket_with_a_picture() {
    let Some(browser) = browser("nothing_found_becomes_a_ticket_with_a_picture", &[]) else { return };
    let site = Site::repository().file("picture.png", PNG);
    let server = site.serve();
    let nonsense = "qzxwvkjj 咕噜哔哔";
    browser.open(&server.url);
    type_and_send(&browser, "#q", nonsense);
    browser.until(
        "the results page",
        "location.pathname === '/search' && !document.querySelector('[data-nothing]').hidden",
    );
    browser.click("[data-nothing] a[data-ticket]");
    browser.until("the form", "location.pathname === '/tickets/new' && document.querySelector('[data-ticket-form]')");
    browser.shows(&[nonsense]);
    assert_eq!(browser.value("input[name=query]"), nonsense);
    assert_eq!(browser.value("#f-title"), nonsense);

    browser.click("button[type=submit].large");
    browser.until(
        "the mistakes",
        "!document.querySelector('#errors').hidden && document.querySelectorAll('#errors li').length >= 3",
    );

    fill_form(&browser);
    let picture = site.path("picture.png");
    browser.fill("#f-attachments", picture.to_str().unwrap());
    browser.until("the file in the list", "document.querySelector('[data-files] li')");
    browser.click("[data-check]");
    browser.until("all of it once more", "document.querySelector('[data-review] dl')?.offsetParent");
    browser.shows(&["请检查一遍再提交", nonsense, "picture.png", "首次回复", "处理"]);
    browser.click("[data-review] .change button");
    browser.until("the question again", "document.activeElement.name === 'type'");
    check_and_send(&browser);
    browser
        .until("the confirmation", "location.search.includes('sent=1') && document.querySelector('[data-sent] .id')");
    let id = browser.run("return document.querySelector('[data-sent] .id').textContent").as_str().unwrap().to_owned();
    assert!(id.starts_with("TS"), "{id}");
    browser.click(".keep-row a");
    browser.until("the tracker", "document.querySelector('[data-track]')");
    browser.shows(&[&id, "待受理", "picture.png"]);
    let tickets = tree(&site.path("content/tickets"));
    let text = String::from_utf8(tickets.into_values().next().unwrap()).unwrap();
    assert!(text.contains(&format!("query: {nonsense}")), "{text}");
}

#[test]
fn an_input_method_is_left_alone() {
    let Some(browser) = browser("an_input_method_is_left_alone", &[]) else { return };
    let server = Site::repository().serve_with_site();
    browser.open(&server.1.url);
    // With a suggestion chosen, more is typed by an input method. The Enter that takes the characters, which Safari
    // sends after the end of the composition, must not open the suggestion, nor may anything be searched.
    browser.fill("#q", "忘记");
    browser.until("suggestions", "document.querySelectorAll('#q-list [role=option]').length > 1");
    browser.fill("#q", DOWN);
    browser.until("a chosen suggestion", "document.querySelector('#q').getAttribute('aria-activedescendant')");
    let left_alone = browser.run(
        "const q = document.querySelector('#q'); let opened = 0, searched = 0;
         document.addEventListener('click', (event) => { opened++; event.preventDefault(); });
         q.form.addEventListener('submit', (event) => { searched += !event.defaultPrevented; event.preventDefault(); });
         const key = (more) => q.dispatchEvent(new KeyboardEvent('keydown', { bubbles: true, cancelable: true, ...more }));
         q.dispatchEvent(new CompositionEvent('compositionstart', { bubbles: true }));
         q.value = '忘记mi ma';
         q.dispatchEvent(new InputEvent('input', { bubbles: true, isComposing: true }));
         const arrow = key({ key: 'ArrowDown', keyCode: 229, isComposing: true });
         key({ key: 'Enter', keyCode: 229, isComposing: true });
         q.form.requestSubmit();
         q.value = '忘记密码';
         q.dispatchEvent(new CompositionEvent('compositionend', { bubbles: true, data: '密码' }));
         key({ key: 'Enter', keyCode: 229 });
         return { opened, searched, arrow };",
    );
    assert_eq!(left_alone, serde_json::json!({ "opened": 0, "searched": 0, "arrow": true }));
    browser.until("suggestions for the finished words", "document.querySelector('#q-list').innerText.includes('密码')");
    assert_eq!(browser.run("return location.pathname"), "/");
}

#[test]
fn a_server_that_is_gone_loses_no_word() {
    let Some(browser) = browser("a_server_that_is_gone_loses_no_word", &[]) else { return };
    let site = Site::repository();
    let server = site.serve();
    browser.open(&format!("{}/tickets/new?q={}", server.url, encode("打不开")));
    browser.until("the form's script", "document.querySelector('[name=idempotency_key]').value && document.querySelector('fieldset[data-type]:disabled')");
    assert!(!browser.text().contains("上次没有提交"), "nothing was typed yet");
    browser.run("dispatchEvent(new Event('pagehide'))");
    assert_eq!(browser.run("return localStorage.getItem('draft')"), serde_json::Value::Null, "nor is it a draft");
    fill_form(&browser);
    server.stop();
    check_and_send(&browser);
    browser.until("the bad news", "!document.querySelector('#errors').hidden");
    browser.shows(&["提交失败，内容已保留，请重试或拨打 8000"]);
    assert_eq!(browser.value("#f-description"), "第一行");
    assert_eq!(browser.value("#f-contact"), "8000");
    assert_eq!(browser.run("return document.querySelector('[data-confirm]').disabled"), false, "one can try again");
    assert!(
        browser.run("return Object.values(localStorage).join()").as_str().unwrap().contains("第一行"),
        "a draft is kept"
    );
}

#[test]
fn search_and_form_work_without_scripts() {
    let Some(browser) = browser("search_and_form_work_without_scripts", &["--blink-settings=scriptEnabled=false"])
    else {
        return;
    };
    let site = Site::repository().file("picture.png", PNG);
    let server = site.serve();
    browser.open(&server.url);
    type_and_send(&browser, "#q", "忘记密码");
    browser.click("[data-hits] .row-title");
    browser.until_url("the article", |url| url.contains("/articles/accounts/reset-password/"));

    browser.open(&format!("{}/tickets/new?q={}", server.url, encode("打不开")));
    browser.click("input[name=type][value=other]");
    browser.fill("#f-description", "第一行");
    browser.click("input[name=urgency][value=normal]");
    browser.fill("#f-name", "张三");
    browser.click("button[type=submit].large");
    browser.until_url("the answered form", |url| url.ends_with("/tickets/new"));
    assert_eq!(browser.attribute("#f-name", "value"), "张三", "the words are kept");
    browser.fill("#f-contact", "8000");
    browser.click("button[type=submit].large");
    assert_eq!(browser.attribute("form.review [name=description]", "value"), "第一行");
    browser.click(".change button[formaction$='#f-name']");
    browser.until_url("the question again", |url| url.ends_with("#f-name"));
    assert_eq!(browser.attribute("#f-name", "value"), "张三");
    browser.click("button[type=submit].large");
    browser.fill("#f-attachments", site.path("picture.png").to_str().unwrap());
    browser.click("button[value=send]");
    browser.until_url("the tracking page", |url| url.contains("/track/TS"));
    assert!(browser.attribute(".keep-row a", "href").contains("/track/TS"));
    assert!(tree(&site.path("content/attachments")).values().any(|file| file == PNG), "the file came along");
}

#[test]
fn an_author_sees_the_edit_in_the_open_page() {
    let Some(browser) = browser("an_author_sees_the_edit_in_the_open_page", &[]) else { return };
    let site = Site::repository();
    let server = site.serve();
    let file = "content/articles/network/vpn-setup.md";
    browser.open(&format!("{}/articles/network/vpn-setup/", server.url));
    browser.until("the stream", "performance.getEntriesByType('resource').some((one) => one.name.endsWith('/-/live')) || document.readyState === 'complete'");
    server.live().next().unwrap();
    let text = site.read(file);
    site.write(file, format!("{text}\n刚刚写下的一句话。\n"));
    browser.until("the edit", "document.body.innerText.includes('刚刚写下的一句话')");

    site.write(file, text.replacen("---\n", "---\nconfidence: perhaps\n", 1).replace("confidence: validated\n", ""));
    browser.until(
        "the overlay",
        "document.querySelector('.live') && document.querySelector('.live').innerText.includes('vpn-setup.md')",
    );
    browser.shows(&["刚刚写下的一句话"]);
    site.write(file, &text);
    browser.until("no overlay", "!document.querySelector('.live') && !document.body.innerText.includes('刚刚写下')");

    site.write(file, format!("{text}\n见[没有的文章](no-such-article.md)。\n"));
    browser.until("the warning", "document.querySelector('.live.warnings summary')?.innerText.endsWith('(1)')");
    browser.click(".live.warnings summary");
    browser.shows(&["没有的文章", "vpn-setup.md:", "no-such-article.md, which does not exist"]);
}

impl Site {
    /// For a test that changes nothing: both live as long as the pair.
    fn serve_with_site(self) -> (Site, Server) {
        let server = self.serve();
        (self, server)
    }
}
