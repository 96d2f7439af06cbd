//! The desk's pages with everything they can show.

use super::*;
use crate::site::context::desk::*;
use crate::site::context::knowledge::*;
use crate::site::context::report::*;

pub(super) fn frame() -> Desk {
    let link = |key: &str, name: &str, icon, current| DeskLink {
        key: key.into(),
        name: name.into(),
        url: format!("/desk/{key}"),
        icon,
        count: None,
        current,
    };
    Desk {
        url: "/desk".into(),
        name: "李明".into(),
        role: "组长".into(),
        csrf: "c5rf".into(),
        sign_out: "/desk/sign-out".into(),
        sections: vec![link("", "队列", "list", true), link("approvals", "审批", "thumbs-up", false)],
        live: "/desk/live".into(),
        said: "已保存。".into(),
    }
}

fn status() -> DeskStatus {
    DeskStatus { key: "pending", name: "待供应商".into(), tone: "warning" }
}

fn due(state: &'static str, text: &str) -> DeskDue {
    DeskDue {
        text: text.into(),
        absolute: "2026-11-23 13:12".into(),
        at: "2026-11-23T13:12:00+08:00".into(),
        state,
        label: "首次响应".into(),
    }
}

fn queue(empty: bool) -> DeskQueue {
    let row = |nth: usize| DeskRow {
        id: format!("TS20261123000{nth}"),
        url: "/desk/ticket".into(),
        title: "VPN 提示错误 809，家里连不上".into(),
        requester: "张三".into(),
        department: "财务部".into(),
        type_name: "软件异常".into(),
        urgency: DeskUrgency { name: "紧急".into(), level: "high", icon: "octagon-alert" },
        status: status(),
        assignee: if nth == 1 { String::new() } else { "王芳".into() },
        team: "网络组".into(),
        due: due(if nth == 1 { "late" } else { "" }, "逾期 35 分"),
        created: "2026-11-23 09:12".into(),
    };
    let figure = DeskFigure {
        value: "18".into(),
        label: "待处理".into(),
        note: String::new(),
        url: "/desk".into(),
        tone: "error",
    };
    let choice = ChoiceOption { key: "network".into(), name: "网络组".into(), help: String::new(), selected: false };
    DeskQueue {
        desk: frame(),
        figures: vec![figure],
        views: frame().sections,
        view: "open".into(),
        teams: vec![choice],
        rows: if empty { vec![] } else { (1..4).map(row).collect() },
        total: 3,
        number: 1,
        pages: 2,
        next_url: "/desk?page=2".into(),
        broken: vec![Pair { label: "content/tickets/x.md".into(), value: "no id".into() }],
        ..Default::default()
    }
}

pub(super) fn field(kind: &'static str) -> DeskField {
    DeskField {
        name: "cause",
        id: format!("a-resolve-{kind}"),
        label: "原因".into(),
        kind,
        required: kind == "area",
        help: "一句话".into(),
        value: "缓存".into(),
        choices: vec![],
        error: if kind == "area" { "请填写原因".into() } else { String::new() },
    }
}

pub(super) fn trouble() -> Option<DeskTrouble> {
    let message = "新的内容已标出。".into();
    Some(DeskTrouble { kind: "changed", heading: "工单有了变化".into(), message, field: String::new() })
}

fn file() -> DeskFile {
    DeskFile {
        name: "截图.png".into(),
        size: "184 KB".into(),
        url: "/a".into(),
        by: "王芳".into(),
        time: "2026-11-23 10:05".into(),
    }
}

pub(super) fn ticket() -> DeskTicket {
    let link = |title: &str| DeskPageLink { title: title.into(), url: "/article/".into(), note: "文章".into() };
    let entry = |kind, public| DeskEntry {
        kind,
        icon: "mail",
        by: "王芳".into(),
        theirs: false,
        action: "分派".into(),
        to: "网络组".into(),
        text: "<b>路由器</b>拦截了 UDP 500".into(),
        time: "11-23 10:05".into(),
        absolute: "2026-11-23 10:05".into(),
        public,
        files: vec![file()],
        fresh: kind == "note",
    };
    let decision = DeskDecision {
        by: "钱总".into(),
        time: "11-23".into(),
        approved: true,
        words: "批准".into(),
        reason: "同意".into(),
    };
    let voice = DeskVoice {
        key: "reply",
        name: "公开回复".into(),
        help: "提报人会收到通知".into(),
        icon: "mail",
        tone: "public",
        placeholder: "写给提报人…".into(),
        submit: "发送回复".into(),
        chosen: true,
    };
    let action = DeskAction {
        key: "resolve",
        step: "resolve",
        hidden: vec![("on", "approval".into())],
        name: "处理完成".into(),
        icon: "circle-check",
        tone: "primary",
        help: "请提报人确认".into(),
        submit: "提交".into(),
        fields: vec![field("area"), field("line"), field("choice"), field("time")],
        open: true,
    };
    DeskTicket {
        desk: frame(),
        id: "TS202611230001".into(),
        url: "/desk/tickets/TS202611230001".into(),
        title: "VPN 提示错误 809".into(),
        status: status(),
        contact_by: due("soon", "还剩 7 分"),
        requester: DeskPerson {
            name: "张三".into(),
            contact: "8000".into(),
            contact_url: "tel:8000".into(),
            tickets: vec![link("打印机卡纸")],
            ..Default::default()
        },
        description: "早上开始就<连不上>".into(),
        solution: vec![Pair { label: "原因".into(), value: "路由器".into() }],
        fields: vec![Pair { label: "软件".into(), value: "AnyConnect".into() }],
        attachments: vec![file()],
        thread: vec![entry("event", true), entry("note", false), entry("reply", true), entry("key", false)],
        waiting: "等待供应商：联想".into(),
        targets: vec![due("late", "逾期 35 分")],
        approval: Some(DeskApproval {
            state: "approved",
            state_name: "已批准".into(),
            approvers: vec!["钱总".into()],
            decisions: vec![decision],
        }),
        origin_query: "vpn 809".into(),
        origin_pages: vec![link("VPN 首次设置")],
        similar: vec![link("VPN 连不上怎么办")],
        rating: vec![Pair { label: "速度".into(), value: "5 / 5".into() }],
        record: Some(link("VPN 提示错误 809")),
        publish_url: "/desk/publish".into(),
        draft_url: "/desk/knowledge".into(),
        audit_url: "/desk/admin/audit".into(),
        erase_url: "/desk/admin/erase".into(),
        files_help: "JPG、PNG，每个不超过 10 MB".into(),
        kept: vec![Pair { label: "公开回复".into(), value: "写了很久".into() }],
        merged_into: Some(link("TS202611230002")),
        viewers: vec!["赵强".into()],
        composer: vec![voice],
        actions: vec![action],
        trouble: trouble(),
        ..Default::default()
    }
}

fn approvals() -> DeskApprovals {
    let DeskTicket { requester, fields, attachments, .. } = ticket();
    let request = DeskRequest {
        id: "TS202611230004".into(),
        action_url: "/desk/approvals/TS202611230004".into(),
        etag: "00".into(),
        title: "申请 CRM 只读权限".into(),
        type_name: "权限申请".into(),
        urgency: DeskUrgency { name: "一般".into(), level: "low", icon: "clock" },
        assignee: "王芳".into(),
        requester,
        created: "2026-11-23 09:12".into(),
        description: "要看华东区客户清单".into(),
        fields,
        attachments,
        decisions: vec![],
        reason: "缺少部门".into(),
        error: "请填写理由".into(),
    };
    let decided = DeskDecided {
        id: "TS202611230003".into(),
        title: "VPN 权限".into(),
        type_name: "权限申请".into(),
        decision: DeskDecision {
            by: "钱总".into(),
            time: "2026-11-22 10:00".into(),
            approved: false,
            words: "驳回".into(),
            reason: "缺少说明".into(),
        },
        status: status(),
    };
    DeskApprovals { desk: frame(), requests: vec![request], decided: vec![decided], trouble: trouble() }
}

fn publish() -> DeskPublish {
    let finding = DeskFinding {
        name: "found:issue:1:1:ab12".into(),
        kind: "电话号码".into(),
        place: "现象，第 1 行".into(),
        before: "打 ".into(),
        found: "13800138000".into(),
        after: " 找人".into(),
        replacement: "〔电话〕".into(),
        decision: "redact",
    };
    let similar = DeskSimilar {
        path: "articles/a.md".into(),
        title: "VPN".into(),
        url: "/article/".into(),
        kind: "文章".into(),
        snippet_html: "<mark>VPN</mark>".into(),
    };
    let fields = vec![field("line"), field("area")];
    DeskPublish { desk: frame(), similar: vec![similar], fields, findings: vec![finding], ..Default::default() }
}

fn report() -> DeskReport {
    let table = DeskTable {
        caption: "按团队".into(),
        head: vec!["团队".into(), "提报".into()],
        rows: vec![vec!["网络组".into(), "12".into()]],
    };
    let svg = "<svg viewBox=\"0 0 640 260\" role=\"img\" aria-label=\"x\"></svg>".into();
    let chart = DeskChart { id: "volume".into(), title: "提报与解决".into(), svg, table: table.clone() };
    DeskReport { desk: frame(), charts: vec![chart], tables: vec![table], ..Default::default() }
}

fn knowledge() -> DeskKnowledge {
    let choice = |key: &str, name: &str| ChoiceOption {
        key: key.into(),
        name: name.into(),
        help: String::new(),
        selected: false,
    };
    let row = KnowledgeRow {
        title: "首次设置 VPN".into(),
        url: "/articles/network/vpn/".into(),
        file_url: "/desk/knowledge/file".into(),
        place: "content/articles/network/vpn.md:1".into(),
        edit_url: "https://git.example.com/edit".into(),
        badges: vec![("复审已过期".into(), "error"), ("草稿".into(), "")],
        review_by: "2026-11-01".into(),
        updated: "2025-11-01".into(),
        comments: vec![("2026-11-20".into(), "第三步没有<b>按钮</b>".into())],
        ..Default::default()
    };
    DeskKnowledge {
        desk: frame(),
        about: "说明".into(),
        owners: vec![choice("li", "li")],
        categories: vec![choice("network", "网络")],
        filtered: true,
        rows: vec![row, KnowledgeRow::default()],
        more: 3,
        by_owner: vec![KnowledgeOwner { name: "li".into(), ..Default::default() }, KnowledgeOwner::default()],
        ..Default::default()
    }
}

fn drafts() -> DeskKnowledge {
    let link = DeskPageLink { title: "VPN 报错".into(), url: "/r/".into(), note: "TS202611230001".into() };
    let group = KnowledgeGroup {
        title: "VPN 报错 809".into(),
        category: "网络".into(),
        from: "TS202611230001".into(),
        records: vec![link.clone()],
        articles: vec![link],
    };
    let drafts = KnowledgeDrafts {
        url: "/desk/knowledge/articles".into(),
        groups: vec![group],
        from: "TS1".into(),
        error: "不是工单编号".into(),
        ..Default::default()
    };
    DeskKnowledge { drafts: Some(drafts), ..knowledge() }
}

fn document(can_review: bool) -> DeskDocument {
    DeskDocument {
        desk: frame(),
        back_url: "/desk/knowledge".into(),
        title: "VPN 报错 809".into(),
        place: "content/articles/network/vpn.md".into(),
        path: "articles/network/vpn.md".into(),
        url: "/articles/network/vpn/".into(),
        edit_url: "https://git.example.com/edit".into(),
        badges: vec![("草稿".into(), "warning")],
        facts: vec![Pair { label: "作者".into(), value: "王芳".into() }],
        source: "## 现象\n\n<b>打不开</b>".into(),
        review_url: if can_review { "/desk/knowledge/file".into() } else { String::new() },
        review_note: if can_review { String::new() } else { "这是你写的，请一位同事来复审。".into() },
        trouble: trouble(),
    }
}

pub(super) fn pages(theme: &Theme, lang: &str) -> Vec<(&'static str, Result<String, RenderError>)> {
    let at = |title| common(lang, "desk", title);
    let result = DeskBulkResult { id: "TS1".into(), url: "/desk".into(), message: "不在团队里".into() };
    let bulk = DeskBulk {
        desk: frame(),
        lead: "一张都没有分派".into(),
        results: vec![result],
        teams: super::admin::account_form().teams,
        assignees: vec![],
        back_url: "/desk".into(),
    };
    let reopened = DeskTicket { solution_failed: true, ..ticket() };
    let mut pages = vec![
        ("queue", theme.render("desk_queue.html", &at("工单队列"), &queue(false))),
        ("clear", theme.render("desk_queue.html", &at("工单队列"), &queue(true))),
        ("ticket", theme.render("desk_ticket.html", &at("TS202611230001"), &ticket())),
        ("bulk", theme.render("desk_bulk.html", &at("部分工单没有分派"), &bulk)),
        ("approvals", theme.render("desk_approvals.html", &at("待我审批"), &approvals())),
        ("publish", theme.render("desk_publish.html", &at("归档"), &publish())),
        ("knowledge", theme.render("desk_knowledge.html", &at("知识健康"), &knowledge())),
        ("healthy", theme.render("desk_knowledge.html", &at("知识健康"), &DeskKnowledge::default())),
        ("report", theme.render("desk_report.html", &at("报表"), &report())),
        ("reopened", theme.render("desk_ticket.html", &at("TS202611230001"), &reopened)),
        ("drafts", theme.render("desk_knowledge.html", &at("知识健康"), &drafts())),
        ("document", theme.render("desk_document.html", &at("VPN"), &document(true))),
        ("mine", theme.render("desk_document.html", &at("VPN"), &document(false))),
    ];
    pages.extend(super::admin::pages(theme, lang));
    pages
}
