//! Addresses: who has which, what becomes of old ones, and what one mistake must not take with it.

use crate::harness::{Site, tree};

/// Aliases that can have no page, and the place of each in the file.
const IMPOSSIBLE: &[(&str, &str)] = &[
    ("/feed.xml", "HM031"),
    ("/feed.xml/x", "HM031"),
    ("/en/feed.xml", "HM031"),
    ("/search-index.json", "HM031"),
    ("/manifest.json", "HM031"),
    ("/robots.txt", "HM031"),
    ("/sitemap.xml", "HM031"),
    ("/assets/x", "HM031"),
    ("/", "HM031"),
    ("/desk", "HM031"),
    ("/en/desk/", "HM031"),
    ("/healthz", "HM031"),
    ("/api/search", "HM031"),
    ("/track/x", "HM031"),
    ("/-/live", "HM031"),
    ("/my", "HM031"),
    ("/tickets/new", "HM031"),
    ("/search", "HM031"),
    ("/metrics", "HM031"),
    ("/openapi.json", "HM031"),
    ("//evil.example/", "HM015"),
    ("/../../etc/", "HM015"),
    ("/has space/", "HM015"),
    ("/old.html/x", "HM015"),
];

#[test]
fn an_impossible_alias_is_told_and_takes_nothing_with_it() {
    let items: String = IMPOSSIBLE.iter().map(|(alias, _)| format!("  - {alias}\n")).collect();
    let site = Site::bare().article("good.md", "好文章", "正文").file(
        "content/articles/bad.md",
        format!("---\ntitle: 甲\naliases:\n{items}  - /kb/old/\n  - /kb/older.html\n---\n文\n"),
    );
    let checked = site.run(&["check", "--format", "json"]);
    checked.expect(1);
    let built = site.run(&["build", "--compress"]);
    built.expect(1);
    let findings: Vec<serde_json::Value> = serde_json::from_str(&checked.stdout).unwrap();
    for ((alias, code), line) in IMPOSSIBLE.iter().zip(4u32..) {
        assert!(
            built.stderr.contains(&format!("content/articles/bad.md:{line}:5: error: the alias")),
            "{}",
            built.stderr
        );
        let found = findings.iter().find(|one| one["line"] == line && one["path"] == "content/articles/bad.md");
        let found = found.unwrap_or_else(|| panic!("{alias} is not named\n{}", checked.stdout));
        let length = found["end_column"].as_u64().unwrap() - found["column"].as_u64().unwrap();
        assert_eq!((found["code"].as_str(), length), (Some(*code), alias.len() as u64), "{alias}: {found}");
    }
    let public = tree(&site.path("public"));
    for file in
        ["articles/good/index.html", "articles/bad/index.html", "kb/old/index.html", "kb/older.html", "feed.xml"]
    {
        assert!(public.contains_key(file), "{file}");
    }
    assert!(!public.keys().any(|file| file.starts_with("feed.xml/") || file.contains("evil") || file.contains("etc/")));

    let server = site.serve();
    assert!(server.page("/kb/old/").text().contains("/articles/bad/"));
    site.write("content/articles/good.md", "---\ntitle: 好文章\n---\n新的正文\n");
    server.eventually("the edit", |server| server.page("/articles/good/").text().contains("新的正文"));
}

#[test]
fn the_file_that_is_called_so_keeps_its_address() {
    let site = Site::bare()
        .article("net/vpn.md", "VPN", "原来的")
        .file("content/articles/net/aa.md", "---\ntitle: 甲\nslug: vpn\n---\n别的\n");
    let built = site.run(&["build"]);
    built.expect(1).says(&[
        "content/articles/net/aa.md:3:7: error: this `slug` makes its address /articles/net/vpn/, which content/articles/net/vpn.md has already [HM030]",
        "    3 | slug: vpn\n      |       ^^^\n",
    ]);
    assert!(site.read("public/articles/net/vpn/index.html").contains("原来的"));
    site.run(&["check"]).expect(1).prints(&["content/articles/net/aa.md:3:7: error:"]);

    let record = "---\nid: TS202601010001\ntitle: 一\n---\n";
    let site = Site::bare()
        .file("content/resolutions/TS202601010001.md", record)
        .file("content/resolutions/TS202600000000.md", record);
    site.run(&["build"]).expect(1).says(&[
        "content/resolutions/TS202600000000.md:2:5: error: content/resolutions/TS202601010001.md is the record of",
        "hint: correct the `id`",
    ]);
}

#[test]
fn a_rename_is_told_with_the_line_that_mends_it() {
    let site = Site::bare()
        .article("net/setup.md", "设置 VPN", "正文")
        .article("net/setup.en.md", "Set up the VPN", "Text")
        .article("net/gone.md", "旧的", "没有了");
    site.run(&["build"]).expect(0);
    site.rename("content/articles/net/setup.md", "content/articles/net/first.md");
    site.remove("content/articles/net/gone.md");
    let line = "content/articles/net/first.md:2:8: warning: its address was /articles/net/setup/";
    let checked = site.run(&["check"]);
    checked.expect(0).prints(&[
        line,
        "hint: write `aliases: [/articles/net/setup/]`",
        "content/articles/net/gone.md: note: /articles/net/gone/ was an article",
        "content/articles/net/setup.en.md:2:8: note: a translation of content/articles/net/setup.md, which does not exist",
    ]);
    // It is told until it is mended, and what is built does not depend on it.
    for _ in 0..2 {
        site.run(&["build"]).expect(0).says(&[line]);
    }
    assert!(!site.run(&["check"]).stdout.contains("[HM055]"));
    let before = tree(&site.path("public"));
    site.run(&["build", "--out", site.path("clean").to_str().unwrap()]).expect(0);
    assert!(tree(&site.path("clean")) == before);
    site.write("content/articles/net/first.md", "---\ntitle: 设置 VPN\naliases: [/articles/net/setup/]\n---\n正文\n");
    assert!(!site.run(&["build"]).expect(0).stderr.contains("HM054"));
    assert!(!site.run(&["check"]).stdout.contains("HM054"));
}

#[test]
fn check_and_build_say_the_same_of_links_to_what_readers_do_not_see() {
    let site = Site::bare()
        .article("net/a.md", "甲", "[一](draft.md) [二](inside.md) [三](B.md) ![图](img/A.PNG) [四](c.html)")
        .article("net/b.md", "乙", "正文")
        .article("net/c.md", "丙", "正文")
        .file("content/articles/net/img/a.png", crate::harness::PNG)
        .file("content/articles/net/draft.md", "---\ntitle: 稿\nconfidence: wip\n---\n正文\n")
        .file("content/articles/net/inside.md", "---\ntitle: 内\naudience: agents\n---\n正文\n");
    let says = [
        "a.md:4:1: warning: link to articles/net/draft.md, which exists, but is a draft (`confidence: wip`) [HM021]",
        "a.md:4:15: warning: link to articles/net/inside.md, which exists, but is for agents only [HM021]",
        "hint: did you mean articles/net/b.md?",
        "hint: did you mean articles/net/img/a.png?",
        "hint: did you mean articles/net/c.md?",
    ];
    site.run(&["build"]).expect(0).says(&says);
    site.run(&["check"]).expect(0).prints(&says);
    site.run(&["check", "--fix", "--yes"]).expect(0);
    assert!(site.read("content/articles/net/a.md").contains("[三](b.md)"));
}

#[test]
fn an_article_without_a_translation_has_a_page_in_the_other_language() {
    let site = Site::bare()
        .article("net/a.md", "无线网", "正文\n\n[!INCLUDE [一段](part.md)]")
        .article("net/part.md", "一段", "共用的一段")
        .article("net/b.md", "打印机", "正文")
        .article("net/b.en.md", "Printer", "Text")
        .file("content/articles/net/inside.md", "---\ntitle: 内部\naudience: agents\n---\n正文\n");
    let config = site.read("site.toml");
    site.write("site.toml", format!("base_url = \"https://help.example.com\"\n{config}"));
    site.run(&["build", "--compress"]).expect(0);
    let page = site.read("public/en/articles/net/a/index.html");
    for part in [
        "<html lang=\"en\"",
        "Only in 中文",
        "<h1 lang=\"zh-CN\">无线网</h1>",
        "<div class=\"prose\" lang=\"zh-CN\">",
        "共用的一段",
        "rel=\"canonical\" href=\"https://help.example.com/articles/net/a/\"",
        "href=\"/articles/net/a/\" lang=\"zh-CN\"",
    ] {
        assert!(page.contains(part), "{part}\n{page}");
    }
    assert!(!page.contains("hreflang=\"en\" href=\"https:"), "it is no translation");
    assert!(site.read("public/en/categories/net/index.html").contains("href=\"/en/articles/net/a/\""));
    assert!(site.read("public/articles/net/a/index.html").contains("href=\"/en/articles/net/a/\""));
    for file in ["sitemap.xml", "search-index.json", "en/feed.xml"] {
        assert!(!site.read(&format!("public/{file}")).contains("/en/articles/net/a/"), "{file}");
    }
    assert!(!site.path("public/en/articles/net/inside/index.html").exists());
    let linking = "---\ntitle: 丙\ntags: [x]\n---\n[甲](/en/articles/net/a/) [乙](/en/articles/net/c/)\n";
    site.write("content/articles/c.md", linking);
    let checked = site.run(&["check"]).stdout;
    assert!(
        checked.contains("link to /en/articles/net/c/,") && !checked.contains("link to /en/articles/net/a/,"),
        "{checked}"
    );
    site.remove("content/articles/c.md");

    // An old address goes before it, and so does a translation. At home the server tells of every rebuilding.
    site.write("site.toml", config);
    let server = site.serve();
    let text = |path: &str| server.page(path).text();
    assert!(text("/en/articles/net/a/").contains("Only in 中文"));
    site.write("content/articles/net/part.md", "---\ntitle: 一段\n---\n另一段\n");
    server.eventually("the other part", |server| server.page("/en/articles/net/a/").text().contains("另一段"));
    site.write("content/articles/net/b.en.md", "---\ntitle: Printer\naliases: [/en/articles/net/a/]\n---\nText\n");
    server.eventually("the alias", |server| {
        server.page("/en/articles/net/a/").text().contains("url=/en/articles/net/b/")
    });
    site.write("content/articles/net/b.en.md", "---\ntitle: Printer\n---\nText\n");
    server.eventually("the page", |server| server.page("/en/articles/net/a/").text().contains("Only in 中文"));
    site.write("content/articles/net/a.en.md", "---\ntitle: Wi-Fi\n---\nOwn text\n");
    server.eventually("the translation", |server| server.page("/en/articles/net/a/").text().contains("Own text"));
    site.remove("content/articles/net/a.en.md");
    site.remove("content/articles/net/b.en.md");
    server.eventually("no English", |server| server.page("/en/articles/net/a/").status == 404);
}

#[test]
fn a_static_host_gets_no_forms_that_nobody_answers() {
    let site = Site::bare().article("net/a.md", "甲", "正文");
    let config = site.read("site.toml").replace("# server = true", "server = false");
    site.write("site.toml", config);
    site.run(&["build"]).expect(0);
    let public = tree(&site.path("public"));
    assert!(!public.contains_key("tickets/new/index.html"));
    for (file, bytes) in public.iter().filter(|(file, _)| file.ends_with(".html")) {
        let html = String::from_utf8_lossy(bytes);
        for word in ["/tickets/new\"", "/tickets/new?", "/desk/sign-in", "/api/feedback", "data-feedback"] {
            assert!(!html.contains(word), "{file}: {word}");
        }
        assert!(html.contains("tel:8000"), "{file}");
    }
}
