//! Nobody is shut out: axe finds nothing on any kind of page, at any size, in either scheme.

use serde_json::json;

use super::driver::{Browser, browser};
use crate::harness::{PNG, Server, Site, encode, repository};

/// Phone, tablet, desk.
const SIZES: [(u32, u32); 3] = [(360, 740), (820, 1180), (1280, 900)];

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
