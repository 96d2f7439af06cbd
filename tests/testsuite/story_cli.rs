//! The command line, as an administrator meets it on the first day.

use std::net::TcpListener;

use serde_json::Value;

use crate::harness::{Ran, Site, helpmark, tree};

#[test]
fn a_new_site_is_ready_to_serve_and_stops_when_told() {
    let site = Site::new();
    let server = site.serve();
    assert!(server.page("/").expect(200).text().contains("IT 服务台"));
    assert_eq!(server.get("/healthz").status, 200);
    assert_eq!(server.get("/readyz").status, 200);
    assert!(!server.found("怎么写文章").is_empty(), "the starter articles are found");
    server.stop();
    // What was built stays, and a second start answers too.
    assert!(site.path("public/index.html").is_file());
    let again = site.serve();
    assert!(!again.found("怎么写文章").is_empty());
    again.stop();

    let repeated = Ran::of(helpmark().arg("init").arg(site.root()));
    repeated.expect(1).says(&["already holds a site", "hint:"]);
}

#[test]
fn a_build_says_what_it_did() {
    let site = Site::repository();
    let built = site.run(&["build"]);
    built.expect(0);
    assert!(built.stdout.contains(" documents, ") && built.stdout.contains("index "), "{}", built.stdout);
    assert!(site.path("public/articles/accounts/reset-password/index.html").is_file());
    assert!(site.path("public/en/articles/accounts/reset-password/index.html").is_file());
    let before = tree(&site.path("public"));
    let again = site.run(&["build"]);
    again.expect(0);
    assert!(again.stdout.contains("(0 written)"), "nothing changed: {}", again.stdout);
    assert!(tree(&site.path("public")) == before);

    let elsewhere = site.path("elsewhere");
    site.run(&["build", "--out", elsewhere.to_str().unwrap()]).expect(0);
    assert!(tree(&elsewhere) == before, "the folder's name does not matter");
}

#[test]
fn a_build_goes_neither_among_the_sources_nor_over_another_site() {
    let site = Site::bare().article("a.md", "甲", "正文").file("other/index.html", "another site");
    for out in ["content", "content/articles/out", "themes", ".helpmark", ".", ".."] {
        let out = site.path(out);
        site.run(&["build", "--out", out.to_str().unwrap()]).expect(1).says(&["this site's own", "hint: "]);
    }
    assert!(!site.path("content/index.html").exists() && !site.path("index.html").exists());
    let other = site.path("other");
    let out = ["build", "--out", other.to_str().unwrap()];
    site.run(&out).expect(1).says(&["other holds index.html", "--clean takes it over"]);
    assert_eq!(site.read("other/index.html"), "another site");
    let clean = [&out[..], &["--clean"]].concat();
    site.run(&clean).expect(0).says(&["`base_url` of site.toml names no host"]);
    site.run(&out).expect(0);
    assert!(site.path("other/articles/a/index.html").exists() && !site.path("other/sitemap.xml").exists());
}

#[test]
fn the_repositorys_content_has_no_errors() {
    let checked = Site::repository().run(&["check"]);
    checked.expect(0);
    assert!(checked.stdout.contains("0 errors"), "{}", checked.stdout);
}

#[test]
fn a_broken_article_is_named_and_the_others_are_built() {
    let site = Site::bare()
        .article("good.md", "好文章", "正文")
        .file("content/articles/bad.md", "---\ntitle: 坏\nconfidence: sure\n---\n正文\n")
        .file("content/articles/torn.md", "---\ntitle: [\n---\n正文\n");
    let built = site.run(&["build"]);
    built.expect(1).says(&["content/articles/bad.md:3:", "error:", "hint:", "content/articles/torn.md:"]);
    assert!(site.path("public/articles/good/index.html").is_file());

    let human = site.run(&["check"]);
    human.expect(1);
    assert!(human.stdout.contains("content/articles/bad.md:3:"), "{}", human.stdout);
    let json = site.run(&["check", "--format", "json"]);
    json.expect(1);
    let findings: Vec<Value> = serde_json::from_str(&json.stdout).unwrap();
    let bad = findings.iter().find(|one| one["path"] == "content/articles/bad.md" && one["severity"] == "error");
    let bad = bad.unwrap_or_else(|| panic!("{}", json.stdout));
    assert_eq!(bad["line"], 3);
    assert!(bad["column"].as_u64().unwrap() > 0 && bad["hint"].is_string() && bad["code"].is_string(), "{bad}");
}

#[test]
fn strict_fails_on_warnings_too() {
    let site = Site::bare().article("a.md", "甲", "[没有这篇](none.md)");
    site.run(&["build"]).expect(0).says(&["content/articles/a.md:4:", "warning:"]);
    site.run(&["build", "--strict"]).expect(1);
}

#[test]
fn an_unknown_key_of_the_configuration_is_named_with_the_nearest_known() {
    let site = Site::bare().file("site.toml", "title = \"台\"\ntime_zoen = \"Asia/Shanghai\"\n");
    for command in ["build", "check", "serve"] {
        site.run(&[command]).expect(1).says(&["site.toml:2:1: error:", "time_zoen", "time_zone"]);
    }
}

#[test]
fn usage_mistakes_are_two_and_a_missing_site_is_one() {
    let site = Site::bare();
    site.run(&["biuld"]).expect(2).says(&["build"]);
    site.run(&["serve", "--listen", "nowhere"]).expect(2);
    let lost = tempfile::tempdir().unwrap();
    Ran::of(helpmark().current_dir(&lost).arg("build")).expect(1).says(&["site.toml", "helpmark init"]);
    let help = Ran::of(helpmark().arg("--help"));
    help.expect(0);
    assert!(help.stdout.contains("serve"));
}

#[test]
fn search_on_the_command_line_answers_like_the_server() {
    let site = Site::repository();
    let server = site.serve();
    for query in ["忘记密码", "VPN", "打印机脱机"] {
        let ran = site.run(&["search", "--json", query]);
        ran.expect(0);
        let answer: Value = serde_json::from_str(&ran.stdout).unwrap();
        let hits: Vec<&str> =
            answer["hits"].as_array().unwrap().iter().map(|hit| hit["path"].as_str().unwrap()).collect();
        assert_eq!(hits, server.found(query), "{query}");
        let human = site.run(&["search", "--limit", "1", query]);
        assert!(human.stdout.contains(&format!("content/{}", hits[0])), "{}", human.stdout);
    }
}

#[test]
fn a_port_in_use_is_a_failure_of_the_system() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    Site::bare().run(&["serve", "--listen", &address]).expect(3).says(&["cannot listen on", &address]);
}
