//! Writing, with the site open: what is saved is seen, and what is broken does not take the page away.

use crate::harness::{PNG, Server, Site, encode};

const VPN: &str = "content/articles/network/vpn.md";

fn site() -> Site {
    Site::bare().article("network/vpn.md", "连接 VPN", "先打开客户端。").article(
        "network/wifi.md",
        "连接无线网",
        "见[连接 VPN](vpn.md)。",
    )
}

fn shows(server: &Server, path: &str, words: &str) -> bool {
    let page = server.page(path);
    page.status == 200 && page.text().contains(words)
}

fn finds(server: &Server, query: &str, path: &str) -> bool {
    server.found(query).iter().any(|found| found == path)
}

#[test]
fn an_edit_is_seen_and_found_by_itself() {
    let site = site();
    let server = site.serve();
    let mut live = server.live();
    let first = live.next().unwrap();
    site.replace(VPN, "先打开客户端", "先点击量子隧道图标");
    live.until("a new revision", |event| event["revision"].as_u64() > first["revision"].as_u64());
    assert!(shows(&server, "/articles/network/vpn/", "量子隧道"), "the page is there when the revision is told");
    assert!(finds(&server, "量子隧道", "articles/network/vpn.md"), "and so is the search");
    assert!(
        !finds(&server, "打开客户端", "articles/network/vpn.md")
            || !shows(&server, "/articles/network/vpn/", "打开客户端")
    );
    server.stop();
}

#[test]
fn articles_come_move_and_go() {
    let site = site();
    let server = site.serve();
    site.write("content/articles/mail/quota.md", "---\ntitle: 邮箱满了\ntags: [容量]\n---\n清理旧邮件。\n");
    server.eventually("the new article", |server| shows(server, "/articles/mail/quota/", "清理旧邮件"));
    assert!(finds(&server, "邮箱满了", "articles/mail/quota.md"));
    assert!(
        server.page("/").text().contains("邮箱满了") || server.page("/categories/mail/").text().contains("邮箱满了")
    );

    site.rename("content/articles/mail/quota.md", "content/articles/mail/mailbox.md");
    server.eventually("the new address", |server| {
        shows(server, "/articles/mail/mailbox/", "清理旧邮件") && server.page("/articles/mail/quota/").status == 404
    });
    assert_eq!(server.found("邮箱满了"), ["articles/mail/mailbox.md"]);

    site.remove("content/articles/mail/mailbox.md");
    server.eventually("its end", |server| server.page("/articles/mail/mailbox/").status == 404);
    assert!(server.found("邮箱满了").is_empty());

    // A folder that appears at once with all that is in it, as a checkout makes it.
    let aside = site.path("aside");
    std::fs::create_dir_all(aside.join("deep/deeper")).unwrap();
    std::fs::write(aside.join("deep/deeper/note.md"), "# 深处的文章\n\n藏宝图\n").unwrap();
    std::fs::write(aside.join("deep/one.md"), "# 浅处的文章\n\n罗盘\n").unwrap();
    std::fs::rename(&aside, site.path("content/articles/moved")).unwrap();
    server.eventually("the moved folder", |server| {
        finds(server, "藏宝图", "articles/moved/deep/deeper/note.md")
            && finds(server, "罗盘", "articles/moved/deep/one.md")
    });
    server.stop();
}

#[test]
fn a_broken_edit_keeps_the_last_good_page() {
    let site = site();
    let server = site.serve();
    let mut live = server.live();
    site.write(VPN, "---\ntitle: 连接 VPN\nconfidence: maybe\n---\n新的正文\n");
    let event = live.until("a diagnostic", |event| event["diagnostics"].as_array().is_some_and(|all| !all.is_empty()));
    let finding = &event["diagnostics"][0];
    assert_eq!((finding["path"].as_str(), finding["line"].as_u64()), (Some(VPN), Some(3)), "{finding}");
    assert!(finding["hint"].as_str().is_some_and(|hint| !hint.is_empty()), "{finding}");
    assert!(shows(&server, "/articles/network/vpn/", "先打开客户端"), "the last good page");
    assert!(finds(&server, "先打开客户端", "articles/network/vpn.md"), "and it is still found");
    assert_eq!(server.get("/readyz").status, 200);

    site.write(VPN, "---\ntitle: 连接 VPN\n---\n修好的正文\n");
    live.until("no diagnostic", |event| event["diagnostics"].as_array().is_some_and(Vec::is_empty));
    server.eventually("the mended page", |server| shows(server, "/articles/network/vpn/", "修好的正文"));
    server.stop();
}

#[test]
fn a_title_changes_wherever_it_is_shown() {
    let site = site();
    let server = site.serve();
    site.replace("content/articles/network/wifi.md", "[连接 VPN](vpn.md)", "[](vpn.md)");
    site.replace(VPN, "title: 连接 VPN", "title: 接入专网");
    server.eventually("the title in the other article", |server| {
        shows(server, "/articles/network/vpn/", "接入专网") && shows(server, "/categories/network/", "接入专网")
    });
    assert!(!server.page("/categories/network/").text().contains("连接 VPN"));
    server.stop();
}

#[test]
fn a_picture_beside_an_article_is_followed() {
    let site = site().file("content/articles/network/images/a.png", PNG);
    site.replace(VPN, "先打开客户端。", "![图](images/a.png)");
    let server = site.serve();
    let source = |server: &Server| {
        let page = server.page("/articles/network/vpn/").text();
        let at = page.find("/files/")?;
        let end = page[at..].find('"')?;
        Some(page[at..at + end].to_owned())
    };
    let before = source(&server).expect("the picture is in the page");
    assert_eq!(server.get(&before).expect(200).bytes, PNG);
    let mut other = PNG.to_vec();
    other.extend_from_slice(b"more");
    site.write("content/articles/network/images/a.png", &other);
    server.eventually("the new picture", |server| {
        source(server).is_some_and(|url| url != before && server.get(&url).bytes == other)
    });
    server.stop();
}

#[test]
fn the_theme_and_the_configuration_are_followed() {
    let site = site();
    let server = site.serve();
    site.replace("site.toml", "IT 服务台", "星港服务台");
    server.eventually("the new name", |server| shows(server, "/", "星港服务台"));

    let template =
        std::fs::read_to_string(crate::harness::repository().join("themes/default/templates/base.html")).unwrap();
    site.write("themes/default/templates/base.html", template.replace("</footer>", "<p>页脚新增一行</p></footer>"));
    server.eventually("the theme's change", |server| shows(server, "/articles/network/vpn/", "页脚新增一行"));
    assert!(shows(&server, &format!("/search?q={}", encode("VPN")), "页脚新增一行"), "pages made on demand too");

    // Neither a torn template nor a torn configuration takes the site away.
    let mut live = server.live();
    site.write("themes/default/templates/base.html", "{% block");
    live.until("the theme's mistake", |event| event["diagnostics"].to_string().contains("base.html"));
    assert!(shows(&server, "/articles/network/vpn/", "页脚新增一行"));
    site.write("themes/default/templates/base.html", &template);
    live.until("the theme mended", |event| event["diagnostics"].as_array().is_some_and(Vec::is_empty));
    site.write("site.toml", "title = ");
    live.until("the configuration's mistake", |event| event["diagnostics"].to_string().contains("site.toml"));
    assert!(shows(&server, "/", "星港服务台"));
    server.stop();
}
