//! The search as a story: what is put is found, what is hidden is not, and nothing a user types or a disk loses
//! breaks it.

#![expect(clippy::unwrap_used, reason = "a test may fail loudly")]

use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use helpmark::config;
use helpmark::content::{Article, Audience, Body, Confidence, Document, Kind, Meta, Resolution};
use helpmark::markdown::{Page, Section};
use helpmark::search::{Answer, Index, Query, SearchError, View};
use proptest::prelude::*;

fn meta(path: &str, title: &str) -> Meta {
    Meta {
        path: path.to_owned(),
        url: format!("/{}/", path.trim_end_matches(".md")),
        title: title.to_owned(),
        summary: String::new(),
        category: path.split('/').nth(1).unwrap_or_default().to_owned(),
        tags: vec![],
        keywords: vec![],
        lang: if path.ends_with(".en.md") { "en" } else { "zh" }.to_owned(),
        updated: None,
    }
}

fn article(path: &str, title: &str) -> Article {
    Article {
        meta: meta(path, title),
        body: Body { text: String::new(), first_line: 1, hash: [0; 32] },
        audience: Audience::Employees,
        confidence: Confidence::Validated,
        owner: String::new(),
        applies_to: vec![],
        created: None,
        review_by: None,
        aliases: vec![],
        pinned: false,
        weight: 0,
        linked_tickets: vec![],
        translation_key: String::new(),
    }
}

fn page(document: Document, sections: &[(&str, &str)]) -> Page {
    let sections = sections
        .iter()
        .enumerate()
        .map(|(at, (heading, text))| Section {
            anchor: if at == 0 { String::new() } else { format!("section-{at}") },
            heading: (*heading).to_owned(),
            text: (*text).to_owned(),
        })
        .collect();
    Page {
        document: Arc::new(document),
        html: String::new(),
        anchors: vec![],
        toc: vec![],
        sections,
        links: vec![],
        assets: vec![],
        minutes: 1,
        diagnostics: vec![],
    }
}

fn simple(path: &str, title: &str, text: &str) -> Page {
    page(Document::Article(article(path, title)), &[("", text)])
}

/// A small help desk.
fn site() -> Vec<Page> {
    let mut printer = article("articles/printing/offline.md", "打印机连不上怎么办");
    printer.meta.keywords = vec!["脱机".into(), "无法打印".into()];
    let resolution = Resolution {
        meta: meta("resolutions/TS202405210001.md", "VPN 连接后无法访问内网"),
        body: Body::default(),
        id: "TS202405210001".into(),
        environment: "Windows 11".into(),
        linked_article: None,
    };
    vec![
        page(
            Document::Article(printer),
            &[
                ("", "先检查电源和网线。"),
                ("重启后台打印服务", "打开服务管理器，重启 Print Spooler。错误代码 0x80070005 表示没有权限。"),
            ],
        ),
        simple(
            "articles/network/vpn.md",
            "连接公司 VPN",
            "安装 GlobalProtect 客户端，用域账号登录。Wi-Fi 与有线都可以。",
        ),
        simple(
            "articles/network/vpn.en.md",
            "Connect to the company VPN",
            "Install GlobalProtect and sign in with your domain account.",
        ),
        simple("articles/account/password.md", "忘记密码", "在自助平台重置密码，<b>不要</b>告诉别人 & 不要写在纸上。"),
        simple(
            "articles/mail/outlook.md",
            "在 Outlook 中设置邮箱",
            "Office365 账户用公司邮箱地址登录。运行 Get-MgUser 查看状态。",
        ),
        simple(
            "articles/mail/outlook.en.md",
            "Set up your mailbox in Outlook",
            "Printing from Outlook needs a printer. Use wifi or cable.",
        ),
        simple("articles/hardware/bsod.md", "电脑蓝屏", "记下停止代码，重新启动。"),
        simple("articles/meeting/room.md", "会议室投影没有画面", "按遥控器的信号源键。"),
        page(Document::Resolution(resolution), &[("现象", "连接后打不开内网。"), ("解决方案", "更换 DNS。")]),
    ]
}

fn settings() -> config::Search {
    config::Search {
        words: vec!["OA系统".into(), "向日葵".into()],
        synonyms: vec![vec!["蓝屏".into(), "BSOD".into(), "死机代码".into()]],
        log: false,
    }
}

fn memory() -> (Index, View) {
    let index = Index::in_memory("/it", &settings()).unwrap();
    for page in site() {
        index.put(&page).unwrap();
    }
    let view = index.commit().unwrap();
    (index, view)
}

fn ask(view: &View, text: &str) -> Answer {
    view.search(&Query { text: text.to_owned(), limit: 10, ..Query::default() })
}

fn first(view: &View, text: &str) -> String {
    ask(view, text).hits.first().map(|hit| hit.path.clone()).unwrap_or_default()
}

#[test]
fn finds_what_people_type() {
    let (_, view) = memory();
    for (typed, wanted) in [
        ("打印机连不上", "articles/printing/offline.md"),
        ("打印機連不上", "articles/printing/offline.md"),
        ("印表機", "articles/printing/offline.md"),
        ("ｖｐｎ　连接", "articles/network/vpn.md"),
        ("忘记密码", "articles/account/password.md"),
        ("wangji mima", "articles/account/password.md"),
        ("dayinji", "articles/printing/offline.md"),
        ("dyj", "articles/printing/offline.md"),
        ("打因机", "articles/printing/offline.md"),
        ("BSOD", "articles/hardware/bsod.md"),
        ("死机代码", "articles/hardware/bsod.md"),
        ("0X80070005", "articles/printing/offline.md"),
        ("get-mguser", "articles/mail/outlook.md"),
        ("office 365", "articles/mail/outlook.md"),
        ("office365", "articles/mail/outlook.md"),
        ("帐号 登陆 vpn", "articles/network/vpn.md"),
        ("outlok 邮箱", "articles/mail/outlook.md"),
        ("mailboxes outlook", "articles/mail/outlook.en.md"),
        ("投影没画面", "articles/meeting/room.md"),
        ("TS202405210001", "resolutions/TS202405210001.md"),
    ] {
        assert_eq!(first(&view, typed), wanted, "for {typed}");
    }
    for typed in ["wifi", "Wi-Fi", "WIFI", "wi fi"] {
        let paths = ask(&view, typed).hits.into_iter().map(|hit| hit.path).collect::<Vec<_>>();
        assert!(paths.contains(&"articles/network/vpn.md".to_owned()), "{typed}: {paths:?}");
        assert!(paths.contains(&"articles/mail/outlook.en.md".to_owned()), "{typed}: {paths:?}");
    }
}

#[test]
fn links_to_the_best_section_and_marks_it() {
    let (_, view) = memory();
    let answer = ask(&view, "spooler 权限");
    let hit = &answer.hits[0];
    assert_eq!(hit.url, "/it/articles/printing/offline/#section-1");
    assert_eq!(hit.section, "重启后台打印服务");
    assert!(hit.snippet_html.contains("<mark>Spooler</mark>") && hit.snippet_html.contains("<mark>权限</mark>"));
    let answer = ask(&view, "告诉别人");
    assert!(answer.hits[0].snippet_html.contains("&lt;b&gt;"), "{}", answer.hits[0].snippet_html);
    assert_eq!(answer.hits[0].url, "/it/articles/account/password/");
    assert_eq!(ask(&view, "忘记密码").hits[0].title_html, "<mark>忘记密码</mark>");
}

#[test]
fn announces_corrections_and_can_be_told_not_to() {
    let (_, view) = memory();
    let answer = ask(&view, "outlok 邮箱");
    assert_eq!(answer.corrected.as_deref(), Some("outlook 邮箱"));
    assert_eq!(ask(&view, "outlook 邮箱").corrected, None);
    assert_eq!(ask(&view, "登陆").corrected, None, "two characters are too few");
    let exact = view.search(&Query { text: "outlok".into(), limit: 10, exact: true, ..Query::default() });
    assert_eq!((exact.corrected, exact.total, exact.weak), (None, 0, true));
}

#[test]
fn filters_pages_and_prefers_a_language() {
    let (_, view) = memory();
    let query = Query { text: "vpn".into(), limit: 10, ..Query::default() };
    let all = view.search(&query);
    assert_eq!(all.total, 3);
    assert_eq!(
        all.facets.kind.iter().map(|facet| (facet.key.as_str(), facet.count)).collect::<Vec<_>>(),
        [("article", 2), ("resolution", 1)]
    );
    let records = view.search(&Query { kind: Some(Kind::Resolution), ..query.clone() });
    assert_eq!((records.total, records.facets.kind.len()), (1, 2));
    let network = view.search(&Query { category: Some("network".into()), ..query.clone() });
    assert_eq!(network.total, 2);
    for lang in ["zh", "en"] {
        let answer = view.search(&Query { lang: Some(lang.into()), ..query.clone() });
        assert_eq!(answer.hits[0].lang, lang);
        assert_eq!(answer.total, 3, "the other language follows");
    }
    let pages = (0..3).flat_map(|offset| view.search(&Query { limit: 1, offset, ..query.clone() }).hits);
    assert_eq!(
        pages.map(|hit| hit.path).collect::<Vec<_>>(),
        all.hits.iter().map(|h| h.path.clone()).collect::<Vec<_>>()
    );
}

#[test]
fn says_when_nothing_is_good_enough() {
    let (_, view) = memory();
    for nothing in ["怎么做红烧肉", "盗墓笔记大结局", "best pizza in town", "", "？？？"] {
        assert!(ask(&view, nothing).weak, "{nothing}");
    }
    for something in ["忘记密码", "vpn", "打印机", "outlook mailbox"] {
        assert!(!ask(&view, something).weak, "{something}");
    }
}

#[test]
fn never_takes_what_employees_may_not_find() {
    let index = Index::in_memory("", &settings()).unwrap();
    let mut agents = article("articles/internal/admin.md", "域管理员密码轮换");
    agents.audience = Audience::Agents;
    let mut archived = article("articles/old/fax.md", "传真机");
    archived.confidence = Confidence::Archived;
    for hidden in [agents, archived] {
        let refused = index.put(&page(Document::Article(hidden), &[("", "canary")]));
        assert!(matches!(refused, Err(SearchError::NotPublic(_))));
    }
    let view = index.commit().unwrap();
    assert_eq!((view.documents(), ask(&view, "canary").total), (0, 0));
}

#[test]
fn replaces_and_removes() {
    let (index, before) = memory();
    index.put(&simple("articles/account/password.md", "重置口令", "到服务台。")).unwrap();
    index.remove("articles/meeting/room.md").unwrap();
    index.remove("articles/no/such.md").unwrap();
    let after = index.commit().unwrap();
    assert_eq!((before.documents(), after.documents(), index.contents().len()), (9, 8, 8));
    assert_eq!(first(&before, "会议室投影"), "articles/meeting/room.md");
    assert_ne!(first(&after, "会议室投影"), "articles/meeting/room.md");
    assert_eq!(first(&after, "重置口令"), "articles/account/password.md");
    assert!(ask(&after, "忘记密码").hits.iter().all(|hit| hit.title != "忘记密码"));
}

#[test]
fn suggests_while_typing() {
    let (_, view) = memory();
    for (typed, wanted) in [
        ("打", "打印机连不上怎么办"),
        ("打印", "打印机连不上怎么办"),
        ("后台打印", "打印机连不上怎么办"),
        ("outl", "在 Outlook 中设置邮箱"),
        ("dayi", "打印机连不上怎么办"),
        ("dyj", "打印机连不上怎么办"),
        ("脱机", "打印机连不上怎么办"),
        ("wangji", "忘记密码"),
    ] {
        let suggestions = view.suggest(typed, 8, Some("zh"));
        assert!(suggestions.suggestions.iter().any(|s| s.title == wanted), "{typed}: {suggestions:?}");
    }
    let section = view.suggest("后台打印", 8, None).suggestions.remove(0);
    assert_eq!(
        (section.section.as_str(), section.url.as_str()),
        ("重启后台打印服务", "/it/articles/printing/offline/#section-1")
    );
    assert!(view.suggest("", 8, None).suggestions.is_empty());
    assert!(view.suggest("canary", 8, None).suggestions.is_empty());
}

fn damaged(state: &Path) -> Index {
    Index::open(state, "/it", &settings()).unwrap()
}

#[test]
fn any_lost_or_flipped_byte_only_costs_a_rebuild() {
    let state = tempfile::tempdir().unwrap();
    let index = damaged(state.path());
    for page in site() {
        index.put(&page).unwrap();
    }
    index.commit().unwrap();
    drop(index);
    let reopened = damaged(state.path());
    assert_eq!(reopened.contents().len(), 9);
    assert_eq!(first(&reopened.commit().unwrap(), "忘记密码"), "articles/account/password.md");
    drop(reopened);
    let whole = tempfile::tempdir().unwrap();
    copy(state.path(), whole.path());
    let files = files(whole.path());
    assert!(files.len() > 5, "{files:?}");
    for file in files {
        for damage in 0..4 {
            std::fs::remove_dir_all(state.path().join("index")).unwrap();
            copy(whole.path(), state.path());
            let target = state.path().join(&file);
            let bytes = std::fs::read(&target).unwrap();
            match damage {
                0 => std::fs::remove_file(&target).unwrap(),
                1 => std::fs::write(&target, &bytes[..bytes.len() / 2]).unwrap(),
                2 => std::fs::write(&target, []).unwrap(),
                _ => {
                    let mut bytes = bytes;
                    let middle = bytes.len() / 2;
                    bytes[middle] ^= 0x55;
                    std::fs::write(&target, bytes).unwrap();
                }
            }
            let index = damaged(state.path());
            let pages = site();
            let contents = index.contents();
            for page in &pages {
                if contents.get(&page.document.meta().path) != Some(&Index::fingerprint(page)) {
                    index.put(page).unwrap();
                }
            }
            let view = index.commit().unwrap();
            assert_eq!(view.documents(), 9, "{} damage {damage}", file.display());
            assert_eq!(first(&view, "忘记密码"), "articles/account/password.md", "{} damage {damage}", file.display());
            assert_eq!(first(&view, "spooler"), "articles/printing/offline.md", "{} damage {damage}", file.display());
        }
    }
}

fn files(root: &Path) -> Vec<std::path::PathBuf> {
    walkdir::WalkDir::new(root)
        .into_iter()
        .filter_map(Result::ok)
        .filter(|entry| entry.file_type().is_file())
        .map(|entry| entry.path().strip_prefix(root).unwrap().to_owned())
        .collect()
}

fn copy(from: &Path, to: &Path) {
    for file in files(from) {
        std::fs::create_dir_all(to.join(&file).parent().unwrap()).unwrap();
        std::fs::copy(from.join(&file), to.join(&file)).unwrap();
    }
}

#[test]
fn hostile_questions_are_answered_in_time() {
    let (_, view) = memory();
    let hostile = [
        "密码".repeat(500_000),
        "(".repeat(10_000),
        "a ".repeat(10_000),
        "\u{202e}\u{0}\u{7}VPN\u{feff}\u{2066}".repeat(100),
        "+vpn -\"密码\" AND OR NOT title:x^9 ~3 [a TO z] /re.*/ *?\\".to_owned(),
        "e\u{301}".repeat(5_000),
        "zhuangzhuangzhuang".repeat(1_000),
        "\u{fdfa}".repeat(1_000),
        "a-b-c.d_e@f'".repeat(2_000),
    ];
    for text in hostile {
        let started = Instant::now();
        let _ = ask(&view, &text);
        let _ = view.suggest(&text, 8, None);
        assert!(started.elapsed() < Duration::from_secs(2), "{:?}", text.chars().take(20).collect::<String>());
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, ..ProptestConfig::default() })]
    #[test]
    fn any_text_gets_an_answer(text in "(\\PC|[打印机密码vpnVPN0x()\"+:*~ -]){0,80}", offset in 0usize..1_000_000) {
        thread_local! {
            static SITE: (Index, View) = memory();
        }
        SITE.with(|(_, view)| {
            let answer = view.search(&Query { text: text.clone(), limit: usize::MAX, offset, ..Query::default() });
            assert!(answer.hits.len() <= answer.total);
            let answer = ask(view, &text);
            assert!(answer.hits.len() <= 10);
            for hit in &answer.hits {
                let bare = hit.snippet_html.replace("<mark>", "").replace("</mark>", "");
                assert!(!bare.contains(['<', '>']));
            }
            view.suggest(&text, 8, None);
        });
    }
}
