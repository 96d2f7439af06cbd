//! The authors' page: what of the knowledge needs somebody, found by those who write it.

use serde_json::{Value, json};

use crate::harness::{Person, Site, tree};

fn article(site: &Site, path: &str, front: &str) {
    site.write(&format!("content/articles/{path}"), format!("---\n{front}\n---\n正文\n"));
}

fn site() -> Site {
    let site =
        Site::bare().account("wang", "王芳", "agent", &["application"]).account("zhang", "张三", "employee", &[]);
    article(
        &site,
        "network/vpn.md",
        "title: 首次设置 VPN\nowner: li\nreview_by: 2020-01-01\nlinked_tickets: [TS202611230001, TS202611230002]",
    );
    article(&site, "network/wifi.md", "title: 无线网\nowner: li\nupdated: 2020-05-01");
    article(&site, "mail/quota.md", "title: 邮箱容量\nconfidence: not_validated");
    article(&site, "mail/draft.md", "title: 草稿一篇\nconfidence: wip\nowner: wang");
    article(&site, "mail/inside.md", "title: 内部文章\naudience: agents\nowner: wang");
    site
}

#[test]
fn what_needs_somebody_is_found_by_owner_and_category() {
    let site = site();
    let server = site.serve();
    for path in ["/desk/knowledge", "/en/desk/knowledge"] {
        assert!(server.page(path).status != 200, "nobody sees {path} who is not signed in");
    }
    assert_ne!(Person::sign_in(&server, "zhang").get("/desk/knowledge").status, 200, "nor an employee");
    for path in ["/articles/network/vpn/", "/articles/network/vpn/", "/articles/network/wifi/"] {
        server.page(path).expect(200);
    }
    let vote = json!({ "path": "articles/network/wifi.md", "helpful": false, "comment": "找不到 <b>网络" });
    server.post_json("/api/feedback", &vote, &[]).expect(204);

    let wang = Person::sign_in(&server, "wang");
    let overdue = wang.get("/desk/knowledge").expect(200).text();
    assert!(overdue.contains("首次设置 VPN") && overdue.contains("content/articles/network/vpn.md:1"), "{overdue}");
    assert!(
        overdue.contains("href=\"/articles/network/vpn/\"") && !overdue.contains(">无线网<"),
        "the overdue come first"
    );
    let of = |query: &str| wang.get(&format!("/desk/knowledge?{query}")).expect(200).text();
    let shown = |page: &str| {
        let titles = ["首次设置 VPN", "无线网", "邮箱容量", "草稿一篇", "内部文章"];
        titles.into_iter().filter(|title| page.contains(&format!(">{title}</"))).collect::<Vec<_>>()
    };
    assert_eq!(shown(&of("view=stale")), ["无线网"]);
    assert_eq!(shown(&of("view=not_validated")), ["邮箱容量", "草稿一篇"]);
    assert_eq!(shown(&of("view=never_opened")), ["邮箱容量"], "drafts and inside articles have no page to open");
    assert_eq!(shown(&of("view=no_owner")), ["邮箱容量"]);
    assert_eq!(shown(&of("view=linked")), ["首次设置 VPN"]);
    assert_eq!(shown(&of("view=all&owner=wang")), ["草稿一篇", "内部文章"]);
    assert_eq!(shown(&of("view=all&owner=-&category=mail")), ["邮箱容量"]);
    assert_eq!(shown(&of("view=all&category=network")), ["首次设置 VPN", "无线网"]);
    let unhelpful = of("view=unhelpful");
    assert!(shown(&unhelpful) == ["无线网"] && unhelpful.contains("找不到 &lt;b&gt;网络"), "{unhelpful}");
    assert!(wang.get("/en/desk/knowledge?view=overdue").expect(200).text().contains("Review overdue"));
    // A file that is mended leaves the list.
    site.replace("content/articles/network/vpn.md", "2020-01-01", "2099-01-01");
    server.eventually("the mended file leaves the list", |_| !of("view=overdue").contains("首次设置 VPN"));
    server.stop();

    let counts = tree(&site.path(".helpmark/views")).into_values().map(|bytes| String::from_utf8(bytes).unwrap());
    let counts = counts.collect::<String>();
    assert!(counts.contains("{\"day\":\"") && counts.contains("/articles/network/vpn/"), "{counts}");
    assert!(!counts.contains("127.0.0.1") && !counts.contains("wang"), "{counts}");

    let report: Value = serde_json::from_str(&site.run(&["report", "knowledge", "--json"]).expect(0).stdout).unwrap();
    let row = |path: &str| {
        let all = report["articles"].as_array().unwrap();
        all.iter().find(|row| row["path"] == format!("content/articles/{path}")).unwrap().clone()
    };
    assert_eq!((&row("network/vpn.md")["opened"], &row("network/vpn.md")["tickets"]), (&json!(2), &json!(2)));
    assert_eq!(row("network/wifi.md")["comments"][0]["text"], "找不到 <b>网络");
    assert_eq!(row("network/wifi.md")["concerns"], json!(["unhelpful", "stale"]));
    assert_eq!(report["owners"][0]["owner"], "li");
    let text = site.run(&["report", "knowledge", "--category", "network"]);
    text.expect(0);
    for words in [
        "content/articles/network/wifi.md:1  无线网  [1 no, 0 yes: “找不到 <b>网络”]",
        "Answers the most tickets (1)",
        "counted by this server since",
    ] {
        assert!(text.stdout.contains(words), "{words} in\n{}", text.stdout);
    }
    assert!(!text.stdout.contains("mail/"), "{}", text.stdout);
}

#[test]
fn nothing_is_counted_where_counting_is_switched_off() {
    let site = site();
    site.write("site.toml", "title = 'x'\n[search]\nlog = false\n");
    let server = site.serve();
    server.page("/articles/network/vpn/").expect(200);
    server.stop();
    assert!(!site.path(".helpmark/views").exists());
    let text = site.run(&["report", "knowledge"]);
    assert!(
        text.expect(0).stdout.contains("Never opened (0)") && text.stdout.contains("No openings are counted yet"),
        "{}",
        text.stdout
    );
}
