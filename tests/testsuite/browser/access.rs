//! Nobody is shut out: axe finds nothing on any kind of page, at any size, in either scheme.

use serde_json::json;

use super::driver::{Browser, browser};
use crate::harness::{PASSWORD, PNG, Person, Server, Site, encode, repository};

/// Phone, tablet, the narrowest screen with the desk's head in one row, desk.
const SIZES: [(u32, u32); 4] = [(360, 740), (820, 1180), (1290, 900), (1440, 900)];

pub(super) fn axe() -> Option<String> {
    let path = repository().join("target/axe/node_modules/axe-core/axe.min.js");
    match std::fs::read_to_string(&path) {
        Ok(text) => Some(text),
        Err(_) => {
            assert!(std::env::var_os("CI").is_none(), "CI needs {}; tests/run installs it", path.display());
            eprintln!("SKIPPED: accessibility: {} is missing; tests/run installs it", path.display());
            None
        }
    }
}

/// The violations on the open page, one a line.
fn violations(browser: &Browser, axe: &str) -> Vec<String> {
    browser.run(&format!("if (!window.axe) {{ {axe} }}"));
    let found = browser.run_async(
        "const done = arguments[0];
         axe.run(document, { resultTypes: ['violations'] }).then(
           (result) => done(!result.passes.length ? ['axe looked at nothing'] : result.violations.flatMap((one) => one.nodes.map((node) =>
             one.id + ': ' + node.target.join(' ') + ' ' + node.html.slice(0, 150) + ' ' + (node.any[0]?.message || '')))),
           (error) => done(['axe failed: ' + error]));",
    );
    found.as_array().unwrap().iter().map(|one| one.as_str().unwrap().to_owned()).collect()
}

/// What in the page's head lies over something else there. Layout lets boxes that are too many run into one another
/// without a word from axe.
fn overlaps(browser: &Browser) -> impl Iterator<Item = String> {
    let found = browser.run(
        "const boxes = [...document.querySelectorAll('.top a, .top button, .top input, .desk-who')].map((it) => {
           const nav = it.closest('.desk-nav'), scrolls = nav && getComputedStyle(nav).overflowX !== 'visible';
           const box = it.getBoundingClientRect(), clip = (scrolls ? nav : document.documentElement).getBoundingClientRect();
           return { name: it.textContent.trim() || it.getAttribute('aria-label') || it.tagName, top: box.top, bottom: box.bottom,
             left: Math.max(box.left, clip.left), right: Math.min(box.right, clip.right) };
         }).filter((box) => box.right - box.left > 2 && box.bottom - box.top > 2);
         if (!boxes.length) return ['the head of the page has nothing in it'];
         return boxes.flatMap((a, at) => boxes.slice(at + 1).filter((b) =>
           Math.min(a.right, b.right) - Math.max(a.left, b.left) > 1 && Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top) > 1)
           .map((b) => `${a.name} and ${b.name} lie over one another`));",
    );
    found.as_array().unwrap().clone().into_iter().map(|one| one.as_str().unwrap().to_owned())
}

pub(super) fn check(browser: &Browser, axe: &str, pages: &[(&str, String)]) {
    let mut wrong = Vec::new();
    for (width, height) in SIZES {
        browser.devtools(
            "Emulation.setDeviceMetricsOverride",
            json!({ "width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 500 }),
        );
        for scheme in ["light", "dark"] {
            let features = json!([{ "name": "prefers-color-scheme", "value": scheme }, { "name": "prefers-reduced-motion", "value": "reduce" }]);
            browser.devtools("Emulation.setEmulatedMedia", json!({ "features": features }));
            for (name, url) in pages {
                browser.open(url);
                browser.until("the page", "document.readyState === 'complete'");
                wrong.extend(
                    violations(browser, axe).into_iter().map(|one| format!("{name} {width}px {scheme}: {one}")),
                );
                wrong.extend(overlaps(browser).map(|one| format!("{name} {width}px {scheme}: {one}")));
                let wide =
                    browser.run("return document.documentElement.scrollWidth - document.documentElement.clientWidth");
                if wide.as_i64() > Some(0) {
                    wrong.push(format!("{name} {width}px {scheme}: scrolls sideways by {wide} px"));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{} violations\n{}", wrong.len(), wrong.join("\n"));
}

fn filed(server: &Server) -> String {
    let words = [
        ("type", "other"),
        ("title", "打不开 CRM"),
        ("description", "第一行\n第二行"),
        ("urgency", "urgent"),
        ("name", "张三"),
        ("contact", "8000"),
    ];
    let reply = server.post_form("/api/tickets", &words, &[("a.png", PNG)], &[]).expect(201);
    let url = reply.json()["url"].as_str().unwrap().to_owned();
    url[url.find("/track/").unwrap()..].to_owned()
}

#[test]
fn no_page_shuts_anybody_out() {
    let (Some(axe), Some(browser)) = (axe(), browser("no_page_shuts_anybody_out", &[])) else { return };
    let site = Site::repository();
    let server = site.serve();
    let track = filed(&server);
    let at = |path: &str| format!("{}{path}", server.url);
    let pages = [
        ("home", at("/")),
        ("home in English", at("/en/")),
        ("article", at("/articles/network/vpn-setup/")),
        ("list", at("/categories/network/")),
        ("resolution", at("/resolutions/ts202603120003/")),
        ("results", at(&format!("/search?q={}", encode("密码")))),
        ("nothing", at("/search?q=qzxwvkjj")),
        ("form", at("/tickets/new?q=VPN")),
        ("confirmation", at(&format!("{track}?sent=1"))),
        ("tracker", at(&track)),
        ("not found", at("/nothing-here/")),
    ];
    for (name, url) in &pages {
        let status = server.page(url.strip_prefix(&server.url).unwrap()).status;
        assert_eq!(status, if *name == "not found" { 404 } else { 200 }, "{url}");
    }
    check(&browser, &axe, &pages);
}

#[test]
fn the_desk_shuts_nobody_out() {
    let (Some(axe), Some(browser)) = (axe(), browser("the_desk_shuts_nobody_out", &[])) else { return };
    let site = Site::repository().account("li", "李明", "admin", &["desktop"]);
    let server = site.serve();
    filed(&server);
    let ticket = |nth: usize| {
        let listed = site.run(&["ticket", "list", "--json"]).stdout;
        let all: Vec<serde_json::Value> = serde_json::from_str(&listed).unwrap();
        all[nth]["id"].as_str().unwrap().to_owned()
    };
    let solved = ticket(0);
    let li = Person::sign_in(&server, "li");
    assert_eq!(li.step(&solved, &[("action", "accept"), ("note", "马上看")]).status, 303);
    let words = [("action", "resolve"), ("cause", "缓存"), ("resolution", "打 13912345678 给张三")];
    assert_eq!(li.step(&solved, &words).status, 303);
    filed(&server);
    let open = ticket(0);
    assert_eq!(li.step(&open, &[("action", "note"), ("text", "一条记录")]).status, 303);
    browser.open(&format!("{}/desk", server.url));
    browser.until("the sign-in page", "document.querySelector('#f-password')");
    let at = |path: &str| format!("{}{path}", server.url);
    check(&browser, &axe, &[("sign-in", at("/desk/sign-in"))]);
    browser.open(&at("/desk/sign-in"));
    browser.fill("#f-login", "li");
    browser.fill("#f-password", PASSWORD);
    browser.fill("#f-password", "\u{e007}");
    browser.until("the desk", "document.querySelector('[data-desk]') || location.pathname.includes('my')");
    let pages = [
        ("queue", at("/desk?view=all")),
        ("empty queue", at("/en/desk?view=overdue")),
        ("ticket", at(&format!("/desk/tickets/{open}"))),
        ("ticket in English", at(&format!("/en/desk/tickets/{open}"))),
        ("solved ticket", at(&format!("/desk/tickets/{solved}"))),
        ("publish", at(&format!("/desk/tickets/{solved}/publish"))),
        ("approvals", at("/desk/approvals")),
        ("report", at("/desk/report")),
        ("report in English", at("/en/desk/report?month=2026-01")),
        ("drafts", at("/desk/knowledge?view=drafts")),
        ("file", at("/desk/knowledge/file?path=articles/network/no-internet.md")),
        ("accounts", at("/en/desk/admin")),
        ("account", at("/desk/admin/accounts/li")),
        ("notices", at("/desk/admin/outbox")),
        ("audit", at(&format!("/desk/admin/audit?id={solved}&verify=1"))),
        ("erase", at(&format!("/en/desk/admin/erase/{solved}"))),
    ];
    check(&browser, &axe, &pages);
}
