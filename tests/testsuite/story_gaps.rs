//! What employees searched for and did not find comes back to the authors, and nobody is named on the way.

use serde_json::{Value, json};

use crate::harness::{Site, encode, tree};

fn queries(list: &Value) -> Vec<&str> {
    list.as_array().unwrap().iter().map(|gap| gap["query"].as_str().unwrap()).collect()
}

#[test]
fn searches_in_vain_become_a_draft() {
    let site = Site::repository();
    let server = site.serve();
    for query in ["差旅 报销 发票抬头", "差旅报销 发票抬头", "忘记密码"] {
        server.page(&format!("/search?q={}", encode(query))).expect(200);
    }
    // As one types, further pages and filters are not new questions.
    for path in
        ["/api/suggest?q=vp", "/api/search?q=vp&typing=1", "/search?q=VPN&page=2", "/api/search?q=VPN&kind=article"]
    {
        server.get(path).expect(200);
    }
    server.get(&format!("/api/search?q={}", encode("li.si@example.com 13800138000 密码"))).expect(200);
    server.get(&format!("/api/search?q={}", encode("打印机脱机"))).expect(200);
    let told = |path: &str, body: Value| server.post_json(path, &body, &[]).expect(204);
    told("/api/search/opened", json!({ "query": "忘记密码" }));
    told("/api/search/stood", json!({ "query": "食堂菜单今天" }));
    let ticket = json!({
        "type": "other", "title": "发票抬头", "description": "报销用哪个抬头", "urgency": "normal", "impact": "self",
        "name": "李四", "department": "财务部", "contact": "8001", "query": "差旅 报销 发票抬头",
    });
    server.post_json("/api/tickets", &ticket, &[]).expect(201);
    server.stop();

    let log = tree(&site.path(".helpmark/searches"));
    let text = log.values().map(|bytes| String::from_utf8_lossy(bytes)).collect::<String>();
    assert!(!log.is_empty() && text.contains("打印机脱机"), "{text}");
    for private in ["li.si", "13800138000", "李四", "8001", "127.0.0.1", "vp\"", "VPN"] {
        assert!(!text.contains(private), "{private} in {text}");
    }

    let ran = site.run(&["report", "gaps", "--json"]);
    let report: Value = serde_json::from_str(&ran.expect(0).stdout).unwrap();
    assert_eq!(queries(&report["became_tickets"]), ["差旅 报销 发票抬头"], "{report}");
    assert_eq!(report["became_tickets"][0]["also"], json!(["差旅报销 发票抬头"]));
    let nothing = queries(&report["found_nothing"]);
    assert!(nothing.contains(&"差旅 报销 发票抬头") && nothing.contains(&"食堂菜单今天"), "{report}");
    let unopened = queries(&report["not_opened"]);
    assert!(unopened.contains(&"打印机脱机") && !unopened.contains(&"忘记密码"), "{report}");
    let figures = &report["self_service"];
    assert_eq!(
        (&figures["searches"], &figures["opened"], &figures["became_tickets"]),
        (&json!(6), &json!(1), &json!(1))
    );
    let told = site.run(&["report", "gaps"]);
    assert!(told.expect(0).stdout.contains("差旅 报销 发票抬头"), "{}", told.stdout);

    let drafted = site.run(&["new", "article", "--from-search", "差旅 报销 发票抬头", "--category", "oa-crm"]);
    let path = drafted.expect(0).stdout.trim().to_owned();
    let draft = site.read(&path);
    assert!(draft.contains("title: \"差旅 报销 发票抬头\"") && draft.contains("差旅报销 发票抬头"), "{draft}");
    assert!(site.run(&["check"]).code == Some(0), "the draft is a good article");
    site.run(&["new", "article", "--from-search", "差旅 报销 发票抬头", "--category", "oa-crm"])
        .expect(1)
        .says(&["already"]);
    site.run(&["new", "article", "--from-search", "x", "--category", "../x"]).expect(1).says(&["folder"]);
    site.run(&["report", "gaps", "--from", "2026-12-01", "--to", "2026-11-01"]).expect(1).says(&["after"]);
}

#[test]
fn a_site_may_count_nothing() {
    let site = Site::repository();
    site.replace("site.toml", "[search]\n", "[search]\nlog = false\n");
    let server = site.serve();
    server.page(&format!("/search?q={}", encode("忘记密码"))).expect(200);
    server.post_json("/api/search/opened", &json!({ "query": "忘记密码" }), &[]).expect(204);
    server.stop();
    assert!(!site.path(".helpmark/searches").exists());
    assert!(site.run(&["report", "gaps"]).expect(0).stdout.contains(" 0 searches"));
}

/// Votes are told to the running search.
#[test]
fn a_vote_weighs_at_once() {
    let site = Site::bare().article("scan/one.md", "扫描仪", "扫描仪的驱动。").article(
        "scan/two.md",
        "扫描仪",
        "扫描仪的驱动。",
    );
    let server = site.serve();
    let last = server.found("扫描仪").pop().unwrap();
    for _ in 0..8 {
        server.post_json("/api/feedback", &json!({ "path": last, "helpful": true }), &[]).expect(204);
    }
    let first = server.found("扫描仪").remove(0);
    assert_eq!(first, last, "what helps comes first among equals");
    server.stop();
    let again = site.serve();
    assert_eq!(again.found("扫描仪")[0], first, "and after a restart");
    let told = site.run(&["search", "扫描仪", "--json"]);
    let answer: Value = serde_json::from_str(&told.expect(0).stdout).unwrap();
    assert_eq!(answer["hits"][0]["path"], first, "and on the command line");
}
