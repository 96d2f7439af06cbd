//! A server runs, and something else works on the same site: another command, or a hand in the built folder.

use crate::harness::{Server, Site};

const VPN: &str = "articles/network/vpn.md";

fn site() -> Site {
    Site::bare()
        .article("network/vpn.md", "连接 VPN", "先打开客户端。")
        .file("content/articles/network/token.md", "---\ntitle: 令牌丢了\nconfidence: wip\n---\n还没写完。\n")
}

fn shows(server: &Server, path: &str, words: &str) -> bool {
    let page = server.page(path);
    page.status == 200 && page.text().contains(words)
}

#[test]
fn a_preview_of_drafts_and_a_build_keep_out_of_each_others_way() {
    let site = site();
    site.run(&["build"]).expect(0);
    let preview = Server::start(site.root(), &["--drafts"]);
    assert!(shows(&preview, "/articles/network/token/", "还没写完"));
    let draft = site.path("public/articles/network/token/index.html");
    assert!(!draft.exists(), "a preview writes nothing into the folder that is deployed");

    site.run(&["build"]).expect(0);
    assert!(!draft.exists());
    assert!(shows(&preview, "/articles/network/token/", "还没写完") && shows(&preview, "/", "令牌丢了"));
    site.replace(&format!("content/{VPN}"), "先打开客户端", "先点击量子隧道图标");
    preview.eventually("the edit", |server| shows(server, "/articles/network/vpn/", "量子隧道"));
    assert!(preview.found("量子隧道").iter().any(|found| found == VPN));
    assert!(!site.read("public/articles/network/vpn/index.html").contains("量子隧道"), "until the next build");
    preview.stop();
}

#[test]
fn a_build_beside_a_server_leaves_it_whole() {
    let site = site();
    let server = site.serve();
    site.run(&["build"]).expect(0).says(&["the server with process id ", "keeps the search index"]);
    for otherwise in ["--drafts", "--clean", "--compress"] {
        let refused = site.run(&["build", otherwise]);
        refused.expect(1).says(&["hint: give another folder with --out"]);
    }
    let other = tempfile::tempdir().unwrap();
    site.run(&["build", "--drafts", "--out", &other.path().display().to_string()]).expect(0);
    assert!(other.path().join("articles/network/token/index.html").exists());

    site.replace(&format!("content/{VPN}"), "先打开客户端", "先点击量子隧道图标");
    server.eventually("the edit", |server| shows(server, "/articles/network/vpn/", "量子隧道"));
    assert!(server.found("量子隧道").iter().any(|found| found == VPN) && shows(&server, "/", "连接 VPN"));
    server.stop();
    assert!(!site.run(&["build"]).expect(0).stderr.contains("process id"), "the server's lock ends with it");
}

#[test]
fn one_site_has_one_server() {
    let site = site();
    let server = site.serve();
    let second = site.run(&["serve", "--listen", "127.0.0.1:0"]);
    second.expect(3).says(&["serves this site already", "hint: "]);
    let preview = Server::start(site.root(), &["--drafts"]);
    assert!(shows(&preview, "/articles/network/token/", "还没写完"), "a preview may run beside it");
    preview.stop();
    // However it ended.
    server.kill();
    site.serve().stop();
}

#[test]
fn a_server_whose_files_were_taken_away_makes_them_again() {
    let site = site();
    let server = site.serve();
    server.get("/readyz").expect(200);
    std::fs::write(site.path("public/articles/network/vpn/index.html"), "something else").unwrap();
    std::fs::remove_file(site.path("public/index.html")).unwrap();
    server.get("/articles/network/vpn/").expect(503);
    server.eventually("every file again", |server| server.get("/readyz").status == 200);
    assert!(shows(&server, "/articles/network/vpn/", "先打开客户端") && shows(&server, "/", "连接 VPN"));
    assert!(server.log().contains("every file is made again"), "{}", server.log());
    server.stop();
}
