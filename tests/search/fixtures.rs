//! A small help desk, and how it is asked.

use std::sync::Arc;

use helpmark::config;
use helpmark::content::{Article, Audience, Body, Confidence, Document, Meta, Resolution};
use helpmark::markdown::{Page, Section};
use helpmark::search::{Answer, Index, Query, View};

pub(crate) fn meta(path: &str, title: &str) -> Meta {
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

pub(crate) fn article(path: &str, title: &str) -> Article {
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
        slugged: false,
    }
}

pub(crate) fn page(document: Document, sections: &[(&str, &str)]) -> Page {
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
        site_links: vec![],
        included: vec![],
        expanded: None,
        lost: vec![],
        assets: vec![],
        minutes: 1,
        diagnostics: vec![],
    }
}

pub(crate) fn simple(path: &str, title: &str, text: &str) -> Page {
    page(Document::Article(article(path, title)), &[("", text)])
}

/// A small help desk.
pub(crate) fn site() -> Vec<Page> {
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

pub(crate) fn settings() -> config::Search {
    config::Search {
        words: vec!["OA系统".into(), "向日葵".into()],
        synonyms: vec![vec!["蓝屏".into(), "BSOD".into(), "死机代码".into()]],
        log: false,
    }
}

pub(crate) fn memory() -> (Index, View) {
    let index = Index::in_memory("/it", &settings()).unwrap();
    for page in site() {
        index.put(&page).unwrap();
    }
    let view = index.commit().unwrap();
    (index, view)
}

pub(crate) fn ask(view: &View, text: &str) -> Answer {
    view.search(&Query { text: text.to_owned(), limit: 10, ..Query::default() })
}

pub(crate) fn first(view: &View, text: &str) -> String {
    ask(view, text).hits.first().map(|hit| hit.path.clone()).unwrap_or_default()
}
