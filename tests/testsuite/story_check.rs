//! A writer asks what is wrong, sees it with its place, and lets the program mend what it can.

use serde_json::Value;

use crate::harness::{Site, tree};

#[test]
fn a_finding_shows_its_line_with_the_place_marked() {
    let site = Site::bare().file(
        "content/articles/net/wifi.md",
        "---\ntitle: 无线网\nconfidence: sure\n---\n\n还不行就看[上不了网](no-interne.md)。密码：Abc@1234 [x](gone.md)\n",
    );
    site.write("content/articles/net/no-internet.md", "---\ntitle: 上不了网\n---\n正文\n");
    let human = site.run(&["check"]);
    human.expect(1);
    for expected in [
        "content/articles/net/wifi.md:3:13: error: `confidence` is `sure`, which is not one of wip, not_validated, \
         validated, archived [HM010]\n    3 | confidence: sure\n      |             ^^^^\n    found: sure\n    \
         expected: wip, not_validated, validated, archived\n    hint: ",
        "content/articles/net/wifi.md:6:6: warning: link to articles/net/no-interne.md, which does not exist [HM021]\n    \
         6 | 还不行就看[上不了网](no-interne.md)。密码：******** [x](gone.md)\n      |           ^^^^^^^^^^^^^^^^^^^^^^^^^\n    \
         hint: did you mean articles/net/no-internet.md?\n",
    ] {
        assert!(human.stdout.contains(expected), "{expected}\n\n{}", human.stdout);
    }
    assert!(!human.stdout.contains('\u{1b}'), "no colours for a file");
    let built = site.run(&["build"]);
    built.expect(1).says(&["    3 | confidence: sure\n      |             ^^^^\n"]);
    assert!(!built.stderr.contains("Abc@1234"), "{}", built.stderr);

    let json = site.run(&["check", "--format", "json"]);
    let findings: Vec<Value> = serde_json::from_str(&json.stdout).unwrap();
    let bad = findings.iter().find(|one| one["code"] == "HM010").unwrap();
    assert_eq!(
        (bad["line"].as_u64(), bad["column"].as_u64(), bad["end_column"].as_u64()),
        (Some(3), Some(13), Some(17))
    );
    assert_eq!((bad["excerpt"].as_str(), bad["found"].as_str()), (Some("confidence: sure"), Some("sure")));
}

/// Mistakes that can be mended in one way, and what becomes of them.
const MENDED: &[(&str, &str, &str)] = &[
    (
        "content/articles/net/vpn.md",
        "\u{feff}---\r\n# 负责人见 wiki\r\ntitel: VPN: 连不上   \r\nkeywords:\r\n\t- vpn\r\nupdated: 2024/5/1 # 上次\r\n---\r\n\r\n见[旧的](../old/wifi.md#第二步)，`[样例](../old/wifi.md)`。  \r\n",
        "---\r\n# 负责人见 wiki\r\ntitle: \"VPN: 连不上\"   \r\nkeywords:\r\n  - vpn\r\nupdated: 2024-05-01 # 上次\r\n---\r\n\r\n见[旧的](wifi.md#第二步)，`[样例](../old/wifi.md)`。  \r\n",
    ),
    (
        "content/articles/mail/setup.en.md",
        "---\ntitle: Setup\naliases: [/kb/mail/]\n\nSee [the network](/kb/wifi-old/) and [that](../net/none.md).\n",
        "---\ntitle: Setup\naliases: [/kb/mail/]\n---\n\nSee [the network](../net/wifi.md) and [that](../net/none.md).\n",
    ),
];

fn broken() -> Site {
    let site = Site::bare()
        .file("content/articles/net/wifi.md", "---\ntitle: 无线网\naliases: [/kb/wifi-old]\n---\n## 第二步\n")
        .file("content/articles/net/index.md", "---\ntitle: 网络\n---\n[x](../old/index.md)\n")
        .file("content/articles/in/side.md", "---\ntitle: 内部\naudience: “employees”\n---\n正文\n");
    for (path, before, _) in MENDED {
        site.write(path, before);
    }
    site
}

#[test]
fn nothing_is_mended_before_somebody_agrees() {
    let site = broken();
    let before = tree(&site.path("content"));
    // Nobody sits at this test's terminal.
    let shown = site.run(&["check", "--fix"]);
    shown.expect(1).says(&["2 files can be mended; nothing was changed", "--yes"]);
    for line in [
        "--- a/content/articles/net/vpn.md\n+++ b/content/articles/net/vpn.md\n",
        "-titel: VPN: 连不上",
        "+title: \"VPN: 连不上\"",
        "+---\n",
        "+See [the network](../net/wifi.md) and [that](../net/none.md).",
    ] {
        assert!(shown.stdout.contains(line), "{line}\n\n{}", shown.stdout);
    }
    assert!(tree(&site.path("content")) == before);
    site.run(&["check", "--yes"]).expect(2);
}

#[test]
fn what_is_mended_is_mended_once_and_all_else_stays() {
    let site = broken();
    let before = tree(&site.path("content"));
    site.run(&["check", "--fix", "--yes"]).expect(1).says(&["mended 2 files"]);
    for (path, _, after) in MENDED {
        assert_eq!(site.read(path), *after, "{path}");
    }
    let mended = tree(&site.path("content"));
    let others = |name: &&String| !MENDED.iter().any(|(path, ..)| path.strip_prefix("content/") == Some(name.as_str()));
    assert!(before.keys().eq(mended.keys()));
    for name in before.keys().filter(others) {
        assert!(before[name] == mended[name], "{name} is not one of those to be mended");
    }
    let again = site.run(&["check", "--fix", "--yes"]);
    again.expect(1).says(&["nothing that can be mended"]);
    assert!(!again.stdout.contains("+++"), "{}", again.stdout);
    assert!(tree(&site.path("content")) == mended);
}

#[test]
fn what_the_site_allows_is_no_personal_data() {
    let text = "---\ntitle: 甲\n---\n打 １３８ ００１３ ８０００，写 ops@corp.example，网关 10.3.4.5\n";
    let site = Site::bare().file("content/articles/a/a.md", text);
    let found = |site: &Site| site.run(&["check"]).stdout.matches("[HM050]").count();
    assert_eq!(found(&site), 3);
    let config = site.read("site.toml");
    site.write(
        "site.toml",
        format!("{config}\n[redaction]\nallow = [\"13800138000\", \"@corp.example\"]\n").replacen(
            "[redaction]\n# What",
            "# What",
            1,
        ),
    );
    assert_eq!(found(&site), 1, "{}", site.run(&["check"]).stdout);
}

#[test]
fn one_of_a_kind_is_told_in_the_singular() {
    let site = Site::bare()
        .file("content/articles/net/vpn.md", "---\ntitle: VPN\ncategory: 网络与 VPN\n---\n连不上\n")
        .file("content/calendar/2026.toml", "")
        .file("content/calendar/2027.toml", "");
    let checked = site.run(&["check"]);
    let says = ["1 document: 0 errors, 1 warning, 0 notes", "vpn.md:3:11: warning: ", "did you mean `network`?"];
    for line in says {
        assert!(checked.stdout.contains(line), "{line}\n\n{}", checked.stdout);
    }
    site.run(&["check", "--fix", "--yes"]).expect(0).says(&["mended 1 file\n"]);
    assert_eq!(site.read("content/articles/net/vpn.md"), "---\ntitle: VPN\ncategory: network\n---\n连不上\n");
}

#[test]
fn of_many_findings_the_first_of_each_code_are_told() {
    let site = Site::bare().article("net/a.md", "甲", &"[x](none.md) ".repeat(9));
    site.write("content/articles/net/b.md", "---\ntitle: 乙\nms.author: a\nms.date: b\n---\n正文\n");
    let count =
        |arguments: &[&str]| site.run(&[&["check"], arguments].concat()).stdout.matches("warning: link").count();
    let few = site.run(&["check"]);
    few.expect(0).prints(&[
        "By code:",
        "9 warnings  HM021  link to",
        "2 notes  HM011  unknown key",
        "4 more places with --all",
    ]);
    assert!(!few.stdout.contains("did you mean `author`"), "{}", few.stdout);
    assert_eq!((count(&[]), count(&["--all"]), count(&["--ignore", "hm021"])), (5, 9, 0));
    assert!(!site.run(&["check", "--only", "HM021,HM022"]).stdout.contains("HM011"));
    site.run(&["check", "--only", "21"]).expect(2);
    let json = site.run(&["check", "--format", "json", "--only", "HM021"]);
    assert_eq!(serde_json::from_str::<Vec<Value>>(&json.stdout).unwrap().len(), 9);
}

#[test]
fn a_template_that_fails_is_one_finding() {
    let site = Site::bare().article("net/a.md", "甲", "正文");
    let article =
        std::fs::read_to_string(crate::harness::repository().join("themes/default/templates/article.html")).unwrap();
    site.write("themes/default/templates/article.html", article.replace("{{ page.title }}", "{{ page.titel }}"));
    for command in ["build", "check"] {
        let ran = site.run(&[command]);
        ran.expect(1);
        let said = format!("{}{}", ran.stdout, ran.stderr);
        assert_eq!(said.matches("[HM040]").count(), 1, "{said}");
        assert!(
            said.contains("themes/default/templates/article.html:") && said.contains("{{ page.titel }}</h1>\n"),
            "{said}"
        );
    }
    site.write("site.toml", "titel = 'x'\n");
    let json = site.run(&["check", "--format", "json"]);
    json.expect(1);
    assert!(serde_json::from_str::<Vec<Value>>(&json.stdout).unwrap().iter().any(|one| one["code"] == "HM001"));
}

#[test]
fn help_shows_no_empty_default() {
    let site = Site::bare();
    for command in [&["new", "article"][..], &["import"], &["ticket", "file"], &["user", "add"]] {
        let ran = site.run(&[command, &["--help"]].concat());
        ran.expect(0);
        assert!(!ran.stdout.contains("[default: \"\"]") && !ran.stdout.contains("[default: ]"), "{}", ran.stdout);
    }
}
