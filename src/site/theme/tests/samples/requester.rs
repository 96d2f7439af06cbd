//! What an employee sees of a ticket: the form, the confirmation, the page that follows it.

use super::*;

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

pub(super) fn sent() -> TicketSent {
    TicketSent {
        id: "TS202611230001".into(),
        title: "VPN 提示错误 809，家里连不上".into(),
        reply_by: "今天 14:30".into(),
        track_url: "https://help.example.com/track/9fK2mQ7xVbTz4WcL".into(),
        link: "help.example.com/track/9fK2mQ7xVbTz4WcL".into(),
        approvers: "赵总".into(),
        team: "网络组".into(),
        urgency: "重要".into(),
    }
}

fn file() -> TrackFile {
    TrackFile {
        name: "截图.png".into(),
        size: "184 KB".into(),
        url: "/a".into(),
        by: "您".into(),
        time: "11-23 09:12".into(),
    }
}

/// What its requester may do, after a reply that could not be sent.
fn own_steps() -> TrackForm {
    TrackForm {
        action: "/track/x/actions".into(),
        csrf: String::new(),
        steps: vec!["confirm", "reopen", "rate", "cancel"],
        failed: "reply".into(),
        error: "工单现在是“已撤销”，不能执行这一步".into(),
        values: [("speed".to_owned(), "4".to_owned())].into(),
        unsent: "路由器是华为的".into(),
    }
}

pub(super) fn track() -> Track {
    let step = |name: &str, state, time: &str| TrackStep { name: name.into(), state, time: time.into() };
    let event = |by: &str, time: &str, text: &str| TrackEvent {
        by: by.into(),
        time: time.into(),
        text: text.into(),
        files: if by == "您" { vec![file()] } else { vec![] },
    };
    Track {
        id: "TS202611230001".into(),
        title: "VPN 提示错误 809，家里连不上".into(),
        status: "pending".into(),
        status_name: "等待您补充".into(),
        tone: "warning",
        steps: vec![
            step("已提交", "done", "11-23 09:12"),
            step("已受理", "done", "11-23 09:40"),
            step("处理中", "current", "11-23 10:05"),
            step("已解决", "todo", ""),
        ],
        needs_you: "请告诉我们家里路由器的型号。".into(),
        timeline: vec![
            event("网络组", "今天 10:05", "你好，错误 809 通常是路由器拦截了 UDP 500 端口。请问路由器型号是？"),
            event("系统", "今天 09:40", "已分配给网络组，预计今天 13:12 前回复。"),
            event("您", "今天 09:12", "提交了工单"),
        ],
        description: "昨晚开始连不上，重启过电脑和路由器。\n公司网络正常。".into(),
        type_name: "软件异常".into(),
        urgency_name: "重要".into(),
        impact_name: "只有我".into(),
        team_name: "网络组".into(),
        created: "2026-11-23 09:12".into(),
        reply_by: "今天 13:12".into(),
        fields: vec![Pair { label: "软件或系统名称".into(), value: "AnyConnect".into() }],
        attachments: vec![file()],
        cause: String::new(),
        resolution: String::new(),
        rating: None,
        form: Some(own_steps()),
        now: "等你补充信息".into(),
        owner: "王芳".into(),
        approval: Some(TrackApproval {
            state: "requested",
            heading: "等待审批".into(),
            approvers: "赵总、钱总".into(),
            count: "1 / 2".into(),
            decisions: vec![event("赵总", "今天 10:00", "同意")],
        }),
        solve_by: "明天 18:00".into(),
        follows: "TS202611020003".into(),
        followed_by: vec!["TS202611250007".into()],
        again_url: "/tickets/new?follows=x".into(),
        max_attachments: 10,
        max_attachment_mb: 10,
        url: "/track/x".into(),
        state_url: "/track/x/state".into(),
        state: "0f".into(),
    }
}
