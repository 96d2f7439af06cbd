//! Canaries: words that only insiders may read, looked for in every byte that anybody can get.

use crate::harness::{PNG, Server, Site, encode, tree};

/// A canary in several spellings: as it is, percent-encoded, and as a slug would have it.
fn forms(canary: &str) -> Vec<Vec<u8>> {
    let encoded = percent_encoding::utf8_percent_encode(canary, percent_encoding::NON_ALPHANUMERIC).to_string();
    vec![canary.as_bytes().to_vec(), canary.to_lowercase().into_bytes(), encoded.into_bytes()]
}

fn holds(bytes: &[u8], canary: &str) -> bool {
    let lower = bytes.to_ascii_lowercase();
    forms(canary).iter().any(|form| {
        let form = form.to_ascii_lowercase();
        lower.windows(form.len()).any(|window| window == form)
    })
}

/// Fails when a canary is in a file of `public/`, in a file's name, or in any answer that an employee can get.
fn assert_silent(site: &Site, server: &Server, canaries: &[&str], also: &[String]) {
    let mut surfaces: Vec<(String, Vec<u8>)> = Vec::new();
    for (name, bytes) in tree(&site.path("public")) {
        surfaces.push((format!("the name of public/{name}"), name.clone().into_bytes()));
        surfaces.push((format!("public/{name}"), bytes));
    }
    let mut paths: Vec<String> = [
        "/",
        "/en/",
        "/sitemap.xml",
        "/feed.xml",
        "/search-index.json",
        "/manifest.json",
        "/404",
        "/nothing-here/",
        "/openapi.json",
        "/metrics",
        "/readyz",
        "/healthz",
        "/search",
        "/tickets/new",
    ]
    .map(str::to_owned)
    .to_vec();
    paths.extend_from_slice(also);
    for path in paths {
        let reply = server.page(&path);
        surfaces.push((format!("GET {path} ({})", reply.status), reply.bytes));
    }
    // Questions that hold a canary come back with it in the page: only what is added by the server counts.
    for canary in canaries {
        let total = server.search(canary)["total"].as_u64().unwrap();
        let hits = server.search(canary)["hits"].clone();
        assert!(!holds(hits.to_string().as_bytes(), canary), "/api/search for {canary} ({total}): {hits}");
        let suggestions = server.get(&format!("/api/suggest?q={}", encode(canary))).json()["suggestions"].to_string();
        assert!(!holds(suggestions.as_bytes(), canary), "/api/suggest for {canary}: {suggestions}");
        let corrected = server.search(&canary[..canary.floor_char_boundary(canary.len() - 1)])["corrected"].to_string();
        assert!(!holds(corrected.as_bytes(), canary), "the spelling of {canary} is offered: {corrected}");
    }
    for query in ["锁定", "解锁", "VPN", "口令", "金丝雀", "ca", "canary", "内部"] {
        for path in ["/api/search", "/api/suggest", "/search", "/en/search"] {
            let path = format!("{path}?q={}", encode(query));
            let reply = server.page(&path);
            surfaces.push((format!("GET {path}"), reply.bytes));
        }
    }
    let live = server.live().next().unwrap().to_string();
    surfaces.push(("/-/live".to_owned(), live.into_bytes()));
    for (surface, bytes) in surfaces {
        for canary in canaries {
            assert!(!holds(&bytes, canary), "{canary} is in {surface}");
        }
    }
}

const AGENTS: &[&str] = &[
    "CANARYTITLE",
    "CANARYSUMMARY",
    "CANARYBODY",
    "CANARYTAG",
    "CANARYKEYWORD",
    "CANARYHEADING",
    "canaryalias",
    "canaryimage",
    "canaryslug",
    "CANARYCATEGORY",
];

fn agents_article(audience: &str) -> String {
    format!(
        "---\ntitle: CANARYTITLE 解锁手册\nsummary: CANARYSUMMARY 锁定时\ncategory: accounts\ntags: [CANARYTAG, 安全]\n\
         keywords: [CANARYKEYWORD]\naliases: [/old/canaryalias/]\n{audience}---\nCANARYBODY 解锁 VPN\n\n\
         ## CANARYHEADING\n\n![图](images/canaryimage.png) 和[账号](account.md)\n"
    )
}

/// The site with an address of its own: it has a sitemap too.
fn addressed(site: &Site) -> &Site {
    site.replace("site.toml", "# base_url = \"https://help.example.com\"", "base_url = \"http://localhost\"");
    site
}

#[test]
fn no_word_for_agents_is_public() {
    let site = Site::bare()
        .article("accounts/account.md", "账号被锁定", "等 15 分钟。")
        .file("content/articles/accounts/canaryslug.md", agents_article("audience: agents\n"))
        .file("content/articles/accounts/canaryslug.en.md", agents_article("audience: agents\n"))
        .file("content/articles/accounts/images/canaryimage.png", PNG)
        // A category that only agents have a use for.
        .file(
            "content/articles/canarycategory/a.md",
            "---\ntitle: CANARYTITLE 二\naudience: agents\n---\n# CANARYHEADING\n",
        )
        // A draft is nobody's yet.
        .file("content/articles/accounts/draft.md", "---\ntitle: CANARYTITLE 草稿\nconfidence: wip\n---\nCANARYBODY\n");
    let server = addressed(&site).serve();
    let hidden: Vec<String> = [
        "/articles/accounts/canaryslug/",
        "/en/articles/accounts/canaryslug/",
        "/old/canaryalias/",
        "/articles/accounts/draft/",
    ]
    .map(str::to_owned)
    .to_vec();
    for path in &hidden {
        assert_eq!(server.page(path).status, 404, "{path}");
    }
    // The page for an address that is not there may name the address, so these are not among the surfaces.
    assert_silent(&site, &server, AGENTS, &[]);
    assert_eq!(server.found("解锁手册"), Vec::<String>::new());

    // Shown to employees it is found, hidden again it is gone: a test that cannot see the canary proves nothing.
    site.write("content/articles/accounts/canaryslug.md", agents_article(""));
    server
        .eventually("the public article", |server| server.found("CANARYTITLE") == ["articles/accounts/canaryslug.md"]);
    assert!(holds(&server.page("/articles/accounts/canaryslug/").bytes, "CANARYBODY"));
    let moved = server.page("/old/canaryalias/");
    assert!(holds(&moved.bytes, "/articles/accounts/canaryslug/"), "{} {}", moved.status, moved.text());
    site.write("content/articles/accounts/canaryslug.md", agents_article("audience: agents\n"));
    server.eventually("the hidden article", |server| server.page("/articles/accounts/canaryslug/").status == 404);
    assert_silent(&site, &server, AGENTS, &[]);
    server.stop();
}

#[test]
fn an_audience_that_nobody_knows_is_internal() {
    for audience in ["audience: everyone\n", "audience: [employees]\n", "audience: Agents\n", "audience:\n  - agents\n"]
    {
        let site = Site::bare()
            .article("accounts/account.md", "账号被锁定", "等 15 分钟。")
            .file("content/articles/accounts/canaryslug.md", agents_article(audience));
        addressed(&site).run(&["build"]).expect(1).says(&["content/articles/accounts/canaryslug.md:"]);
        for (name, bytes) in tree(&site.path("public")) {
            for canary in AGENTS {
                assert!(!holds(&bytes, canary) && !holds(name.as_bytes(), canary), "{audience}: {canary} is in {name}");
            }
        }
    }
}

#[test]
fn the_repositorys_own_secrets_are_kept() {
    let site = Site::repository();
    let server = addressed(&site).serve();
    let agents = ["仅限坐席的巡检口令牌", "批量解锁账号操作手册", "bulk-unlock-runbook"];
    assert_silent(
        &site,
        &server,
        &agents,
        &["/articles/accounts/account-locked/".to_owned(), "/categories/accounts/".to_owned()],
    );
    let drafts = ["会议室语音控制试点说明", "meeting-panel-pilot"];
    assert_silent(&site, &server, &drafts, &["/categories/meeting/".to_owned()]);
    server.stop();
}

#[test]
fn no_word_of_a_ticket_is_public() {
    let canaries = [
        "CANARYTICKET",
        "CANARYDETAIL",
        "CANARYNAME",
        "CANARYCONTACT",
        "canaryfile",
        "CANARYQUERY",
        "CANARYDIRECTION",
        "CANARYNOTE",
        "CANARYCAUSE",
        "CANARYSOLUTION",
        "canarystaff",
    ];
    let site = Site::repository();
    site.run(&["user", "add", "canarystaff", "--name", "x", "--role", "admin", "--generate"]).expect(0);
    let server = site.serve();
    let words = [
        ("type", "other"),
        ("title", "CANARYTICKET 打不开"),
        ("description", "CANARYDETAIL 的口令"),
        ("urgency", "normal"),
        ("name", "CANARYNAME"),
        ("contact", "CANARYCONTACT"),
        ("query", "CANARYQUERY"),
    ];
    let filed = server.post_form("/api/tickets", &words, &[("canaryfile.png", PNG)], &[]).expect(201).json();
    let id = filed["id"].as_str().unwrap();
    let step = |words: &[&str]| {
        site.run(&[&["ticket", words[0], id, "--as", "canarystaff"], &words[1..]].concat()).expect(0);
    };
    step(&["accept", "--note", "CANARYDIRECTION"]);
    step(&["note", "--text", "CANARYNOTE"]);
    step(&["resolve", "--cause", "CANARYCAUSE", "--resolution", "CANARYSOLUTION"]);
    // An edit makes the whole site look at its content again, tickets and all.
    site.replace("content/articles/network/vpn-setup.md", "title: ", "title: 新 ");
    server.eventually("the edit", |server| server.page("/articles/network/vpn-setup/").text().contains("<title>新 "));
    let refused = server.get(&format!("/api/tickets/{id}"));
    assert_eq!(refused.status, 401);
    let closed = [
        format!("/api/tickets/{id}"),
        format!("/track/{id}"),
        format!("/tickets/{id}"),
        format!("/content/tickets/{id}.md"),
        format!("/../content/tickets/{id}.md"),
        format!("/%2e%2e/content/tickets/{id}.md"),
        "/content/attachments/".to_owned(),
        "/.helpmark/".to_owned(),
        "/desk".to_owned(),
        format!("/desk/tickets/{id}"),
        "/desk/report".to_owned(),
        format!("/my/{id}"),
    ];
    assert_silent(&site, &server, &canaries, &closed);
    server.stop();

    // A clean build of a tree that holds tickets is as silent, and so is a ticket that someone drops among the articles.
    site.run(&["build", "--clean"]).expect(0);
    for (name, bytes) in tree(&site.path("public")) {
        for canary in canaries {
            assert!(!holds(&bytes, canary), "{canary} is in {name}");
        }
        assert!(!holds(&bytes, id), "{id} is in {name}");
    }
}
