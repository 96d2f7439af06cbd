//! The pages of one's own tickets.

use super::*;

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

pub(super) fn my() -> MyTickets {
    let ticket = |title: &str, status: &str, tone, needs_you| MyTicket {
        id: "TS202611230001".into(),
        title: title.into(),
        url: "/track/".into(),
        status_name: status.into(),
        tone,
        type_name: "软件异常".into(),
        created: "11-23 09:12".into(),
        updated: "11-23 10:05".into(),
        needs_you,
    };
    MyTickets {
        name: "王芳".into(),
        role: "员工".into(),
        tickets: vec![
            ticket("VPN 提示错误 809，家里连不上", "待补充", "warning", true),
            ticket("打印机卡纸", "已关闭", "success", false),
        ],
        approvals_url: "/desk/approvals".into(),
        desk_url: "/desk".into(),
        sign_out_url: "/desk/sign-out".into(),
        password_url: "/my/password".into(),
        changed: true,
        csrf: "0a".into(),
    }
}
