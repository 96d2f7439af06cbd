//! The search as a story: what is put is found, what is hidden is not, and nothing a user types or a disk loses
//! breaks it.

#![expect(clippy::unwrap_used, reason = "a test may fail loudly")]

mod damage;
mod fixtures;
mod hostile;

use helpmark::content::{Audience, Confidence, Document, Kind};
use helpmark::markdown::Outgoing;
use helpmark::search::{Index, Query, SearchError};

use fixtures::{article, ask, first, memory, page, settings, simple};

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
        ("打即机", "articles/printing/offline.md"),
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

#[test]
fn votes_decide_between_near_equals_only() {
    let index = Index::in_memory("", &settings()).unwrap();
    for name in ["one", "two", "three"] {
        index.put(&simple(&format!("articles/scan/{name}.md"), "扫描仪", "扫描仪的驱动。")).unwrap();
    }
    index.put(&simple("articles/scan/best.md", "扫描仪的驱动怎么装", "扫描仪的驱动怎么装：打开软件中心。")).unwrap();
    let view = index.commit().unwrap();
    let standing = |pairs: &[(&str, f32)]| {
        let factors = pairs.iter().map(|(name, factor)| (format!("articles/scan/{name}.md"), *factor)).collect();
        Query {
            text: "扫描仪的驱动怎么装".into(),
            limit: 10,
            standing: Some(std::sync::Arc::new(factors)),
            ..Query::default()
        }
    };
    let order = |query: &Query| view.search(query).hits.into_iter().map(|hit| hit.path).collect::<Vec<_>>();
    let voted = order(&standing(&[("best", 0.95), ("two", 1.05), ("one", 0.95)]));
    assert_eq!(voted, ["best", "two", "three", "one"].map(|name| format!("articles/scan/{name}.md")));
}

#[test]
fn a_question_asked_again_has_the_same_answer() {
    let index = Index::in_memory("", &settings()).unwrap();
    let words = ["打印机", "驱动", "vpn", "password", "重置", "outlook"];
    for number in 0..400_usize {
        let held = |word: usize| number.is_multiple_of(word + 2);
        let text = (0..words.len()).filter(|word| held(*word)).map(|word| words[word]).collect::<Vec<_>>();
        let title = if number.is_multiple_of(7) { words[number % 6].to_owned() } else { format!("第 {number} 篇") };
        index.put(&simple(&format!("articles/many/{number}.md"), &title, &text.join("，"))).unwrap();
    }
    // What is kept of a word is kept by a view: the first question of each finds nothing kept.
    let warm = index.commit().unwrap();
    let questions =
        ["打印机 驱动", "重置 password vpn", "outlook", "打印机", "vpn outlook 驱动 重置 password 打印机", "第 21 篇"];
    let told = |view: &helpmark::search::View, text: &str| {
        let answer = ask(view, text);
        let hits = answer.hits.iter().map(|hit| (hit.path.clone(), (hit.score * 1e3).round() as i64));
        (answer.total, hits.collect::<Vec<_>>())
    };
    for _ in 0..3 {
        for text in questions {
            let cold = index.commit().unwrap();
            assert_eq!(told(&warm, text), told(&cold, text), "{text}");
        }
    }
    assert_eq!(told(&warm, "outlook").0, 58);
}

#[test]
fn a_keyword_asked_for_as_it_is_comes_first() {
    let index = Index::in_memory("", &settings()).unwrap();
    let say = "先看网线，再看连不上的是哪个网。怎么办都不行，就报修。";
    for number in 0..6 {
        let path = format!("articles/network/cable-{number}.md");
        let other = Document::Article(article(&path, "网络连不上时怎么查"));
        index.put(&page(other, &[("连不上怎么查", say)])).unwrap();
    }
    let mut wanted = article("articles/network/office.md", "办公室无线网络");
    wanted.meta.keywords = vec!["连不上网".into(), "睿控云平台".into(), "Wi-Fi 老是掉".into()];
    index.put(&page(Document::Article(wanted), &[("", "选择名为 Corp 的网络，用域账号登录。")])).unwrap();
    let view = index.commit().unwrap();
    for typed in ["连不上网", "连不上网怎么办", "请问我的连不上网了", "wifi老是掉", "ruikongyunpingtai", "rkypt"]
    {
        assert_eq!(first(&view, typed), "articles/network/office.md", "{typed}");
    }
    assert_ne!(first(&view, "网络连不上"), "articles/network/office.md", "other words are other questions");
}

#[test]
fn newer_and_pinned_documents_come_first_among_equals() {
    let index = Index::in_memory("", &settings()).unwrap();
    let put = |name: &str, title: &str, day: i8, pinned: bool| {
        let mut article = article(&format!("articles/news/{name}.md"), title);
        article.meta.updated = Some(jiff::civil::date(if day == 0 { 2020 } else { 2026 }, 11, day.max(1)));
        article.pinned = pinned;
        index.put(&page(Document::Article(article), &[("", "食堂的打卡机怎么用。")])).unwrap();
    };
    put("old", "打卡机", 0, false);
    put("new", "打卡机", 20, false);
    put("pinned", "打卡机", 0, true);
    put("better", "食堂的打卡机怎么用", 0, false);
    let view = index.commit().unwrap();
    let order = ask(&view, "食堂的打卡机怎么用").hits.into_iter().map(|hit| hit.path).collect::<Vec<_>>();
    assert_eq!(order, ["better", "pinned", "new", "old"].map(|name| format!("articles/news/{name}.md")));
}

#[test]
fn what_others_call_an_article_finds_it() {
    let index = Index::in_memory("", &settings()).unwrap();
    index.put(&simple("articles/network/vpn.md", "GlobalProtect 安装说明", "从软件中心安装。")).unwrap();
    index.put(&simple("articles/network/lan.md", "内网地址", "地址由服务台分配。")).unwrap();
    let linking = |text: &str| {
        let mut linking = simple("articles/guide/home.md", "居家办公", "见下面的链接。");
        let link = |path: &str, text: &str| Outgoing {
            path: path.into(),
            anchor: None,
            text: text.into(),
            place: (1, 1),
            length: 0,
        };
        linking.links = vec![link("articles/network/vpn.md", text), link("articles/gone.md", text)];
        linking
    };
    index.put(&linking("翻墙回公司的软件")).unwrap();
    let view = index.commit().unwrap();
    assert_eq!(first(&view, "回公司的软件"), "articles/network/vpn.md");
    index.put(&linking("客户端")).unwrap();
    assert_ne!(
        first(&index.commit().unwrap(), "翻墙回公司"),
        "articles/network/vpn.md",
        "the link says something else now"
    );
}
