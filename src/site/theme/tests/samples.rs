//! One rich context per template, as a real site would give it.

use super::*;

mod admin;
mod desk;
mod requester;

use requester::{my, sent, track};

pub(super) fn common(lang: &str, kind: &'static str, title: &str) -> Common {
    let zh = lang == "zh";
    let alternate = |code: &str, tag: &str, name: &str, url: &str| Alternate {
        lang: code.into(),
        tag: tag.into(),
        name: name.into(),
        url: url.into(),
        absolute: format!("https://help.example.com{url}"),
        current: code == lang,
        missing: false,
    };
    Common {
        site: Site {
            title: if zh { "IT 服务台" } else { "IT Service Desk" }.into(),
            description: "公司 IT 帮助".into(),
            base: String::new(),
            home: if zh { "" } else { "/en" }.into(),
            accent: String::new(),
            logo: String::new(),
            footer: if zh { "信息技术部" } else { "Information Technology" }.into(),
            phone: "8000".into(),
            hours: if zh { "工作日 9:00–18:00" } else { "Weekdays 9:00–18:00" }.into(),
            email: "it@example.com".into(),
            server: true,
        },
        lang: lang.into(),
        lang_tag: if zh { "zh-CN" } else { "en" }.into(),
        title: title.into(),
        description: "密码、网络、邮箱、打印：先搜一搜".into(),
        canonical: "https://help.example.com/".into(),
        alternates: vec![alternate("zh", "zh-CN", "中文", "/"), alternate("en", "en", "English", "/en/")],
        kind,
        user: if matches!(kind, "track" | "my") { "王芳".into() } else { String::new() },
    }
}

fn item(title: &str, summary: &str, kind: &'static str, category: &str, foreign: bool) -> Item {
    Item {
        title: title.into(),
        url: "/article/".into(),
        summary: summary.into(),
        kind,
        category: category.into(),
        updated: "2026-11-02".into(),
        updated_text: "2026 年 11 月 2 日".into(),
        lang: if foreign { "en" } else { "zh" }.into(),
        foreign,
    }
}

fn items() -> Vec<Item> {
    vec![
        item(
            "VPN 连接失败怎么办",
            "错误 809、无法连接公司 VPN 时的检查步骤，按顺序做，九成的问题前两步就能解决。",
            "article",
            "network",
            false,
        ),
        item("重置 Windows 登录密码", "忘记密码或账号被锁定时，自己就能重置，不用等人。", "article", "account", false),
        item("Set up multi-factor authentication", "Register a phone or a hardware key.", "article", "account", true),
    ]
}

fn resolutions() -> Vec<Item> {
    vec![
        item("三楼打印机卡纸后一直显示“脱机”", "重启打印服务后恢复。", "resolution", "printing", false),
        item("VPN 提示错误 809，家里连不上", "路由器拦截了 UDP 500 端口。", "resolution", "network", false),
    ]
}

fn tags() -> Vec<TagLink> {
    [("VPN", 6), ("密码", 4), ("Outlook", 3), ("打印机", 5), ("macOS", 2), ("企业微信", 2), ("会议室", 3)]
        .map(|(name, count)| TagLink { name: name.into(), url: "/tags/".into(), count })
        .into()
}

fn crumbs() -> Vec<Crumb> {
    [("首页", "/"), ("网络与 VPN", "/list/"), ("VPN 连接失败怎么办", "")]
        .map(|(name, url)| Crumb { name: name.into(), url: url.into() })
        .into()
}

pub(super) fn home() -> Home {
    let card = |name: &str, description: &str, icon: &str, count| CategoryCard {
        key: icon.into(),
        name: name.into(),
        description: description.into(),
        icon: icon.into(),
        url: "/list/".into(),
        count,
    };
    let mut pinned = items();
    pinned.insert(0, item("邮件发送延迟", "正在处理，预计 15:00 恢复。", "article", "announcements", false));
    Home {
        categories: vec![
            card("账号与密码", "重置、锁定、多因素验证", "key-round", 8),
            card("网络与 VPN", "无线网、远程接入、代理", "wifi", 12),
            card("邮箱与会议", "Outlook、日历、视频会议", "mail", 9),
            card("电脑与软件", "安装、更新、性能问题", "monitor", 17),
            card("信息安全", "钓鱼邮件、病毒、数据保护", "shield", 1),
        ],
        pinned,
        recent: items(),
        resolutions: resolutions(),
        tags: tags(),
        count: 53,
        recent_url: "/list/".into(),
    }
}

pub(super) fn list() -> List {
    List {
        heading: "网络与 VPN".into(),
        description: "无线网、远程接入、代理".into(),
        icon: "wifi".into(),
        crumbs: crumbs().into_iter().take(2).collect(),
        articles: items(),
        resolutions: resolutions(),
        tags: tags(),
        number: 2,
        pages: 5,
        previous_url: "/list/".into(),
        next_url: "/list/".into(),
        total: 84,
    }
}

pub(super) fn document(kind: &'static str) -> DocumentPage {
    let heading = |level, id: &str, text: &str| TocItem { level, id: id.into(), text: text.into() };
    let record = kind == "resolution";
    DocumentPage {
        kind,
        path: "articles/network/vpn-fails.md".into(),
        url: "/article/".into(),
        title: if record { "VPN 提示错误 809，家里连不上" } else { "VPN 连接失败怎么办" }.into(),
        summary: "错误 809 的检查步骤".into(),
        crumbs: crumbs(),
        category: "network".into(),
        category_name: "网络与 VPN".into(),
        updated: "2026-11-02".into(),
        updated_text: "2026 年 11 月 2 日".into(),
        owner: if record { "" } else { "网络组" }.into(),
        minutes: 3,
        applies_to: if record { vec![] } else { vec!["Windows 11".into(), "macOS 14+".into()] },
        tags: tags().into_iter().take(3).map(|tag| TagLink { count: 0, ..tag }).collect(),
        toc: vec![
            heading(2, "step-1", "第一步：确认网络正常"),
            heading(2, "step-2", "第二步：刷新 DNS 缓存"),
            heading(3, "step-2-mac", "在 macOS 上"),
            heading(2, "codes", "错误代码对照"),
            heading(2, "still", "仍然无法连接"),
        ],
        body: include_str!("body.html").into(),
        draft: false,
        not_validated: !record,
        archived: false,
        id: if record { "TS202611230001".into() } else { String::new() },
        environment: if record { "Windows 11 23H2、家用路由器".into() } else { String::new() },
        linked_article: record.then(|| items().remove(0)),
        related: items().into_iter().skip(1).take(3).collect(),
        previous: Some(items().remove(2)),
        next: Some(items().remove(1)),
        edit_url: "https://git.example.com/edit".into(),
        ticket_url: "/form/?from=articles/network/vpn-fails.md".into(),
        lang: "zh".into(),
        lang_tag: "zh-CN".into(),
        foreign: !record,
    }
}

pub(super) fn search(query: &str, found: bool) -> SearchPage {
    let hit = |kind, title: &str, html: &str, section: &str, snippet: &str, foreign| SearchHit {
        kind,
        url: "/article/".into(),
        title: title.into(),
        title_html: html.into(),
        section: section.into(),
        snippet_html: snippet.into(),
        category_name: "网络与 VPN".into(),
        updated_text: "2026 年 11 月 2 日".into(),
        foreign,
        lang: if foreign { "en" } else { "zh" }.into(),
    };
    let facet = |key: &str, name: &str, count, active| FacetLink {
        key: key.into(),
        name: name.into(),
        count,
        url: "/search/".into(),
        active,
    };
    if !found {
        let nothing = !query.is_empty();
        return SearchPage { query: query.into(), nothing, ticket_url: "/form/?q=x".into(), ..Default::default() };
    }
    SearchPage {
        query: query.into(),
        corrected: "VPN".into(),
        exact_url: "/search/?q=VPM&exact=1".into(),
        total: 23,
        hits: vec![
            hit(
                "article",
                "VPN 连接失败怎么办",
                "<mark>VPN</mark> 连接失败怎么办",
                "仍然无法连接",
                "记下错误代码（例如“错误 809”），重新连接 <mark>VPN</mark>；如果还是不行，请提交工单并附上截图。",
                false,
            ),
            hit(
                "resolution",
                "VPN 提示错误 809",
                "<mark>VPN</mark> 提示错误 809，家里连不上",
                "",
                "路由器拦截了 UDP 500 端口，换成 SSL <mark>VPN</mark> 通道后恢复。",
                false,
            ),
            hit(
                "article",
                "VPN on a phone",
                "<mark>VPN</mark> on a phone",
                "",
                "Install the client from the store, then scan the code.",
                true,
            ),
        ],
        nothing: false,
        kinds: vec![
            facet("", "全部", 23, true),
            facet("article", "帮助文章", 18, false),
            facet("resolution", "解决记录", 5, false),
        ],
        categories: vec![
            facet("network", "网络与 VPN", 12, false),
            facet("account", "账号与密码", 6, false),
            facet("mail", "邮箱与会议", 5, false),
        ],
        next_url: "/search/".into(),
        number: 1,
        pages: 3,
        ticket_url: "/form/?q=VPN".into(),
        ..Default::default()
    }
}

pub(super) fn form(wrong: bool) -> TicketForm {
    let choice = |key: &str, name: &str, help: &str| ChoiceOption {
        key: key.into(),
        name: name.into(),
        help: help.into(),
        selected: key == "normal" || (wrong && key == "me"),
    };
    let field = |name: &str, label: &str, kind, required, choices| FormField {
        name: name.into(),
        label: label.into(),
        kind,
        required,
        choices,
        value: String::new(),
    };
    let devices = ["笔记本电脑", "台式机", "显示器", "打印机"].map(|name| choice(name, name, "")).to_vec();
    let kind = |key: &str, name: &str, help: &str, fields| TypeOption {
        key: key.into(),
        name: name.into(),
        help: help.into(),
        selected: wrong && key == "hardware",
        needs_approval: key == "access",
        fields,
    };
    let error = |field: &str, message: &str| FieldError { field: field.into(), message: message.into() };
    TicketForm {
        action: String::new(),
        errors: if wrong {
            vec![error("title", "请填写问题标题，例如“VPN 提示错误 809”"), error("device", "请选择设备")]
        } else {
            vec![]
        },
        failure: String::new(),
        types: vec![
            kind(
                "hardware",
                "硬件故障",
                "电脑、显示器、打印机等设备坏了或不正常",
                vec![
                    field("device", "设备", "choice", true, devices),
                    field("asset_tag", "资产编号", "text", false, vec![]),
                ],
            ),
            kind(
                "software",
                "软件异常",
                "软件打不开、报错、蓝屏，或系统登不上",
                vec![field("application", "软件或系统名称", "text", true, vec![])],
            ),
            kind(
                "access",
                "权限申请",
                "申请系统、文件夹或账号权限，需要审批",
                vec![
                    field("system", "系统或资源", "text", true, vec![]),
                    field("until", "使用到哪一天", "date", false, vec![]),
                ],
            ),
            kind(
                "howto",
                "操作咨询",
                "不知道怎么操作，想问一问",
                vec![field("application", "软件或系统名称", "text", false, vec![])],
            ),
            kind("other", "其他", "以上都不是", vec![]),
        ],
        urgencies: vec![
            choice("urgent", "紧急", "业务停了、数据有风险，或很多人受影响"),
            choice("important", "重要", "影响今天的工作，但有临时办法"),
            choice("normal", "一般", "可以等，不影响当前工作"),
        ],
        impacts: vec![choice("me", "只有我", ""), choice("team", "我的团队", ""), choice("company", "整个公司", "")],
        values: [
            ("query".to_owned(), "咖啡机".to_owned()),
            ("description".to_owned(), "早上开始就\n连不上".to_owned()),
        ]
        .into(),
        idempotency_key: "0b8f".into(),
        max_attachments: 5,
        max_attachment_mb: 10,
        origin_query: "咖啡机".into(),
        origin_title: String::new(),
        teams: [("hardware".to_owned(), "由桌面支持组处理".to_owned())].into(),
        promises: [("urgent".to_owned(), "10 分钟内首次回复，目标 4 小时内解决（按工作时间）".to_owned())].into(),
        follows: if wrong { "TS202611020003".into() } else { String::new() },
        follows_title: "VPN 提示错误 809".into(),
        sign_in_url: if wrong { String::new() } else { "/desk/sign-in".into() },
    }
}

/// Every page, by the folder it is previewed in.
pub(super) fn pages(theme: &Theme, lang: &str) -> Vec<(String, String)> {
    let mut pages = Vec::new();
    let mut add = |folder: &str, html: Result<String, RenderError>| {
        pages.push((folder.to_owned(), html.unwrap_or_else(|error| panic!("{folder}: {error}"))));
    };
    let at = |kind, title| common(lang, kind, title);
    add("", theme.render("home.html", &at("home", "IT 服务台"), &home()));
    add("list", theme.render("list.html", &at("category", "网络与 VPN"), &list()));
    add("article", theme.render("article.html", &at("article", "VPN 连接失败怎么办"), &document("article")));
    add("resolution", theme.render("resolution.html", &at("resolution", "VPN 提示错误 809"), &document("resolution")));
    add("results", theme.render("search.html", &at("search", "搜索"), &search("VPM", true)));
    add("nothing", theme.render("search.html", &at("search", "搜索"), &search("咖啡机", false)));
    add("search", theme.render("search.html", &at("search", "搜索"), &search("", false)));
    add("tickets/new", theme.render("ticket_form.html", &at("form", "提交工单"), &form(false)));
    add("form-errors", theme.render("ticket_form.html", &at("form", "错误：提交工单"), &form(true)));
    add("form-review", theme.render("ticket_review.html", &at("form", "检查并提交"), &form(true)));
    add("sent", theme.render("ticket_sent.html", &at("sent", "已收到"), &sent()));
    add("track", theme.render("track.html", &at("track", "TS202611230001"), &track()));
    let sign_in = SignIn { action: "/desk/sign-in".into(), open_intake: true, ..SignIn::default() };
    add("sign-in", theme.render("sign_in.html", &at("sign_in", "登录"), &sign_in));
    let failed = SignIn { login: "wang".into(), failure: "账号或密码不对。".into(), ..sign_in };
    add("sign-in-failed", theme.render("sign_in.html", &at("sign_in", "登录"), &failed));
    let password = Password { login: "wang".into(), must_change: true, ..Password::default() };
    add("password", theme.render("password.html", &at("my", "修改密码"), &password));
    add("my", theme.render("my.html", &at("my", "我的工单"), &my()));
    let lost = ErrorPage {
        status: 404,
        heading: "找不到这个页面".into(),
        message: "它可能已经移动或被删除，搜索一下通常就能找到。".into(),
    };
    for (folder, html) in desk::pages(theme, lang) {
        add(&format!("desk/{folder}"), html);
    }
    add("missing", theme.render("error.html", &at("error", "找不到这个页面"), &lost));
    pages
}
