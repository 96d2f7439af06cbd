//! From a solved ticket to knowledge: the gate, the record, the link, the article and its review.

use serde_json::Value;

use crate::harness::{Site, tree};

const ID: &str = "TS202611230001";
const TICKET: &str = "content/tickets/2026/11/23/TS202611230001.md";

/// A ticket as it lies in the tree once it is solved. Words in capitals must never be public.
fn ticket(status: &str, resolution: &str) -> String {
    format!(
        "---\nid: {ID}\ntitle: 出差时 VPN 报 809 连不上\ntype: software\nurgency: normal\nimpact: me\nstatus: {status}\n\
         requester:\n  name: 张小芳 # 财务\n  department: CANARYDEPARTMENT\n  contact: CANARYCONTACT\nlang: zh\n\
         trigger: CANARYTRIGGER\nteam: desktop\nassignee: li\ncreated_at: 2026-11-23T09:00:00+08:00\n\
         resolved_at: 2026-11-24T09:00:00+08:00\norigin:\n  query: VPN 809\n\
         fields:\n  application: CANARYFIELD\nhistory:\n  - at: 2026-11-23T09:30:00+08:00\n    by: li\n    action: note\n    note: CANARYNOTE\n\
         \x20 - at: 2026-11-23T10:00:00+08:00\n    by: li\n    action: key_step\n    note: 换成手机热点再试\n\
         \x20 - at: 2026-11-24T09:00:00+08:00\n    by: li\n    action: resolve\n    note: \"\"\n    public: true\n---\n\n\
         在酒店连 VPN，一直提示错误 809。\n\n## 环境\n\nWindows 11\n\n## 原因\n\n酒店网络拦了 UDP 500 和 4500。\n\n## 解决方案\n\n{resolution}\n"
    )
}

const PERSONAL: &str = "改用 SSL 模式。\n张小芳的手机１３８ ００１３ ８０００ 已回访，\n临时密码：Hotel@2026";

fn solved(resolution: &str) -> Site {
    Site::bare()
        .file(TICKET, ticket("resolved", resolution))
        .article("network/vpn.md", "VPN 连不上怎么办", "先看网络，再看[时间](../mail/time.md)。")
        .article("mail/time.md", "电脑时间不准", "点“立即同步”。")
}

/// The ids of what is undecided, out of the list that is printed.
fn ids(stdout: &str) -> Vec<String> {
    let id = |line: &str| Some(line.rsplit_once('[')?.1.strip_suffix(']')?.to_owned());
    stdout.lines().filter(|line| !line.starts_with(' ')).filter_map(id).collect()
}

#[test]
fn a_solved_ticket_becomes_a_record_without_its_people() {
    let site = solved(PERSONAL);
    let refused = site.run(&["ticket", "publish", ID]);
    refused.expect(1).says(&["not published: 3 to decide", "--redact-all", "--yes-to"]);
    assert!(refused.stdout.contains("articles/network/vpn.md  VPN 连不上怎么办"), "{}", refused.stdout);
    for place in
        ["resolution:2:1: name: 张小芳", "resolution:2:7: telephone number: １３８", "resolution:3:6: password: H…"]
    {
        assert!(refused.stdout.contains(place), "{place} is missing in\n{}", refused.stdout);
    }
    assert!(!refused.stdout.contains("Hotel@2026") && !refused.stderr.contains("Hotel@2026"), "a secret is repeated");
    assert!(!site.path("content/resolutions").exists(), "nothing was written");
    assert_eq!(site.read(TICKET), ticket("resolved", PERSONAL));

    // One decision is not enough, and a decision on something else is none.
    let findings = ids(&refused.stdout);
    site.run(&["ticket", "publish", ID, "--redact", &findings[0]]).expect(1).says(&["2 to decide"]);
    site.run(&["ticket", "publish", ID, "--redact-all", "--yes-to", "resolution:2:1:0000"]).expect(1);
    let dry = site.run(&["ticket", "publish", ID, "--redact-all", "--dry-run"]);
    dry.expect(0);
    assert!(!site.path("content/resolutions").exists());

    let published = site.run(&["ticket", "publish", ID, "--redact-all", "--keywords", "VPN 809,酒店网络"]);
    published.expect(0);
    assert!(published.stdout.contains("content/resolutions/TS202611230001.md (network)"), "{}", published.stdout);
    let record = site.read("content/resolutions/TS202611230001.md");
    assert!(dry.stdout.contains("〔姓名〕的手机〔电话〕 已回访，\n临时密码：〔密码〕"), "{}", dry.stdout);
    assert!(record.contains("title: 出差时 VPN 报 809 连不上\ncategory: network\n"), "{record}");
    assert!(record.contains("environment: Windows 11\nresolved_on: 2026-11-24\n---\n## 现象\n\n在酒店"), "{record}");
    assert!(
        record.contains("〔姓名〕的手机〔电话〕 已回访，\n临时密码：〔密码〕")
            && record.contains("1. 换成手机热点再试")
    );

    // The ticket says where it went, and nothing else in it changed.
    let after = site.read(TICKET);
    assert!(after.contains("record: resolutions/TS202611230001.md\n") && after.contains("action: publish"), "{after}");
    assert!(after.contains("  name: 张小芳 # 财务\n") && after.ends_with(&format!("{PERSONAL}\n")), "{after}");
    site.run(&["ticket", "publish", ID, "--redact-all"]).expect(1).says(&["was archived as content/resolutions/"]);

    site.run(&["check"]).expect(0);
    site.run(&["build"]).expect(0);
    let found = site.run(&["search", "酒店网络 VPN 809"]);
    assert!(found.stdout.contains("content/resolutions/TS202611230001.md"), "{}", found.stdout);
    for (name, bytes) in tree(&site.path("public")) {
        let text = String::from_utf8_lossy(&bytes);
        for canary in ["CANARY", "张小芳", "１３８ ００１３", "13800138000", "Hotel@2026"] {
            assert!(!text.contains(canary), "{canary} is in public/{name}");
        }
    }
}

#[test]
fn what_is_confirmed_stands_and_is_kept_in_the_audit() {
    let site = solved("写信到 vpn-desk@corp.example，或看 10.20.30.40 上的说明。");
    let asked = site.run(&["ticket", "publish", ID, "--json"]);
    asked.expect(1);
    let answer: Value = serde_json::from_str(&asked.stdout).unwrap();
    assert_eq!((&answer["status"], answer["findings"].as_array().unwrap().len()), (&Value::from("undecided"), 2));
    assert_eq!(answer["findings"][0]["field"], "resolution");
    assert_eq!(
        (&answer["findings"][1]["kind"], &answer["findings"][1]["column"]),
        (&Value::from("ip"), &Value::from(30))
    );
    let id = answer["findings"][0]["id"].as_str().unwrap();
    site.run(&["ticket", "publish", ID, "--redact-all", "--yes-to", id]).expect(0);
    let record = site.read("content/resolutions/TS202611230001.md");
    assert!(record.contains("写信到 vpn-desk@corp.example，或看 〔IP 地址〕 上的说明。"), "{record}");
    let audit = tree(&site.path(".helpmark/audit")).into_values().next().unwrap();
    let audit = String::from_utf8(audit).unwrap();
    assert!(audit.contains(&format!("confirm email {id}")) && !audit.contains("vpn-desk"), "{audit}");
    // A record holds nobody's address, unless the site says so.
    site.run(&["check"]).expect(1);
    let allowed = site.read("site.toml").replace("\n[search]", "allow = [\"@corp.example\"]\n\n[search]");
    site.write("site.toml", allowed);
    site.run(&["check"]).expect(0);
}

#[test]
fn an_open_ticket_and_a_strange_hand_publish_nothing() {
    let site = solved("重启。");
    site.write(TICKET, ticket("in_progress", "重启。"));
    site.run(&["ticket", "publish", ID]).expect(1).says(&["in_progress", "a solved ticket"]);
    site.write(TICKET, ticket("closed", "重启。"));
    for (login, team) in [("wang", "network"), ("chen", "desktop")] {
        let add = ["user", "add", login, "--name", login, "--role", "agent", "--team", team, "--no-password"];
        site.run(&add).expect(0);
    }
    site.run(&["ticket", "publish", ID, "--as", "wang"]).expect(1).says(&["cannot be published by wang"]);
    site.run(&["ticket", "publish", ID, "--as", "chne"]).expect(1).says(&["did you mean `chen`?"]);
    site.run(&["ticket", "publish", ID, "--as", "chen"]).expect(0);
    assert!(site.read(TICKET).contains("by: chen\n    action: publish"), "{}", site.read(TICKET));
    site.run(&["ticket", "publish", "TS202611230099"]).expect(1).says(&["there is no ticket"]);
}

#[test]
fn linking_keeps_every_other_byte_of_the_article() {
    let article = "\u{feff}---\r\n# 每季度复查\r\ntitle: '能连: 但慢'   # 别改\r\nlinked_tickets:\r\n- TS202601010001  # 第一次\r\n\r\nowner: 网络组\r\n---\r\n正文 \t\r\n\r\n---\r\n没有换行";
    let site = solved("见文章。").file("content/articles/network/slow.md", article);
    site.run(&["ticket", "publish", ID, "--link", "content/articles/network/none.md"])
        .expect(1)
        .says(&["there is no document"]);
    site.run(&["ticket", "publish", ID, "--link", "articles/../../site.toml"]).expect(1);
    site.run(&["ticket", "publish", ID, "--link", "content/articles/network/slow.md", "--dry-run"]).expect(0);
    assert_eq!(site.read("content/articles/network/slow.md"), article);
    site.run(&["ticket", "publish", ID, "--link", "content/articles/network/slow.md"]).expect(0);
    let expected = article.replace("# 第一次\r\n", "# 第一次\r\n- TS202611230001\r\n");
    assert_eq!(site.read("content/articles/network/slow.md"), expected);
    assert!(site.read(TICKET).contains("record: articles/network/slow.md\n"));
    assert!(!site.path("content/resolutions").exists());

    // What cannot be edited safely is left alone.
    let odd = "---\ntitle: a\nlinked_tickets: &x [TS1]\nx: *x\n---\n";
    let site = solved("见文章。").file("content/articles/a.md", odd);
    site.run(&["ticket", "publish", ID, "--link", "articles/a.md"]).expect(1).says(&["by hand"]);
    assert_eq!(site.read("content/articles/a.md"), odd);
    assert_eq!(site.read(TICKET), ticket("resolved", "见文章。"));
}

#[test]
fn an_article_is_drafted_from_tickets_and_reviewed_by_somebody_else() {
    let site = solved(PERSONAL);
    for (login, role) in [("li", "agent"), ("wang", "lead"), ("zhao", "employee")] {
        site.run(&["user", "add", login, "--name", login, "--role", role, "--no-password"]).expect(0);
    }
    let made = site.run(&["new", "article", "--from", ID, "--author", "li", "--category", "network"]);
    made.expect(0).says(&["telephone number at resolution:2:7 was redacted"]);
    let path = made.stdout.trim().to_owned();
    assert_eq!(path, "content/articles/network/chu-cha-shi-vpn-bao-809-lian-bu-shang.md");
    let draft = site.read(&path);
    assert!(
        draft.contains("author: li\nconfidence: wip\n") && draft.contains("linked_tickets:\n  - TS202611230001\n"),
        "{draft}"
    );
    assert!(draft.contains("〔姓名〕的手机〔电话〕") && !draft.contains("张小芳"), "{draft}");
    site.run(&["build"]).expect(0);
    let page = "public/articles/network/chu-cha-shi-vpn-bao-809-lian-bu-shang/index.html";
    assert!(!site.path(page).exists(), "a draft is nobody's yet");

    site.run(&["review", &path, "--as", "li"]).expect(1).says(&["ask a colleague"]);
    site.run(&["review", &path, "--as", "zhao"]).expect(1).says(&["not on the service desk"]);
    site.run(&["review", &path, "--as", "nobody"]).expect(1).says(&["no account"]);
    assert_eq!(site.read(&path), draft);
    site.run(&["review", &path, "--as", "wang"]).expect(0);
    assert!(site.read(&path).contains("confidence: validated\n") && site.read(&path).contains("reviewed_by: wang\n"));
    site.run(&["build", "--strict"]).expect(0);
    assert!(site.path(page).is_file());
    let found = site.run(&["search", "酒店 VPN 809"]);
    assert!(found.stdout.contains(&path), "{}", found.stdout);
}

#[test]
fn a_new_article_begins_with_its_categorys_template() {
    let site = Site::bare();
    let made = site.run(&["new", "article", "会议室投影没有画面", "--category", "hardwaer"]);
    made.expect(0).says(&["did you mean `hardware`?"]);
    let paths: Vec<_> = ["en", "en"]
        .map(|lang| site.run(&["new", "article", "Can't print", "--category", "printing", "--lang", lang]).stdout)
        .iter()
        .map(|path| path.trim().to_owned())
        .collect();
    assert_eq!(paths, ["content/articles/printing/cant-print.en.md", "content/articles/printing/cant-print-2.en.md"]);
    assert!(site.read(&paths[0]).contains("## Cause"), "{}", site.read(&paths[0]));
    site.run(&["new", "article", "x", "--lang", "fr"]).expect(1).says(&["`fr`"]);
    site.run(&["new", "article"]).expect(2);
    site.run(&["check"]).expect(0);
}

#[test]
fn records_that_repeat_themselves_are_shown() {
    let record = |n: u32, title: &str| {
        let text = format!("---\nid: TS20260101000{n}\ntitle: {title}\ncategory: printing\n---\n## 现象\n\n脱机\n");
        (format!("content/resolutions/TS20260101000{n}.md"), text)
    };
    let mut site = Site::bare();
    for (n, title) in [(1, "打印机显示脱机"), (2, "二楼打印机显示脱机"), (3, "三楼打印机显示脱机"), (4, "扫描没有收到")]
    {
        let (path, text) = record(n, title);
        site = site.file(&path, text);
    }
    let shown = site.run(&["new", "article", "--frequent"]);
    shown.expect(0);
    let command = "helpmark new article --from TS202601010001 TS202601010002 TS202601010003";
    assert!(shown.stdout.contains(command), "{}", shown.stdout);
}

#[test]
fn personal_data_in_documents_is_told_with_its_place() {
    let site = Site::bare()
        .article("a.md", "甲", "请找 li.ming@corp.example，\n身份证１１０１０５１９４９１２３１００２Ｘ")
        .file(
            "content/resolutions/TS202601010001.md",
            "---\nid: TS202601010001\ntitle: 乙\n---\n## 现象\n\n电话 13800138000\n",
        );
    let checked = site.run(&["check"]);
    checked.expect(1);
    for line in [
        "content/articles/a.md:4:4: warning: personal data, a mail address: li.ming@corp.example [HM050]",
        "content/articles/a.md:5:4: warning: personal data, an identity number: １１０",
        "content/resolutions/TS202601010001.md:7:4: error: a resolution record holds no personal data",
        "put \"13800138000\" into `allow` under [redaction] in site.toml",
    ] {
        assert!(checked.stdout.contains(line), "{line} is missing in\n{}", checked.stdout);
    }
    site.write(
        "site.toml",
        "title = \"台\"\n[redaction]\nallow = [\"+86 138-0013-8000\"]\noff = [\"email\", \"id_number\"]\n",
    );
    let allowed = site.run(&["check"]);
    allowed.expect(0);
    assert!(!allowed.stdout.contains("HM050"), "{}", allowed.stdout);
}
