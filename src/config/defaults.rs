//! What a site gets when its `site.toml` is silent.

use std::time::Duration;

use super::{Choice, Field, FieldKind, Localized, RequestType, Urgency};

fn text(zh: &str, en: &str) -> Localized {
    Localized([("zh".to_owned(), zh.to_owned()), ("en".to_owned(), en.to_owned())].into())
}

fn choice(key: &str, zh: &str, en: &str) -> Choice {
    Choice { key: key.to_owned(), name: text(zh, en) }
}

fn field(key: &str, zh: &str, en: &str, kind: FieldKind, required: bool, choices: Vec<Choice>) -> Field {
    Field { key: key.to_owned(), label: text(zh, en), kind, required, choices }
}

fn request_type(key: &str, name: Localized, team: &str, help: Localized, fields: Vec<Field>) -> RequestType {
    RequestType {
        key: key.to_owned(),
        name,
        help,
        team: team.to_owned(),
        needs_approval: key == "access",
        approvers: Vec::new(),
        approvals: 1,
        fields,
    }
}

/// The five request types of the contract.
pub(super) fn types() -> Vec<RequestType> {
    vec![
        request_type(
            "hardware",
            text("硬件故障", "Hardware fault"),
            "desktop",
            text("电脑、显示器、打印机等设备坏了或不正常", "A computer, screen, printer or other device is broken"),
            vec![
                field(
                    "device",
                    "设备",
                    "Device",
                    FieldKind::Choice,
                    true,
                    vec![
                        choice("laptop", "笔记本电脑", "Laptop"),
                        choice("desktop", "台式机", "Desktop computer"),
                        choice("monitor", "显示器", "Monitor"),
                        choice("printer", "打印机", "Printer"),
                        choice("phone", "手机或平板", "Phone or tablet"),
                        choice("other", "其他", "Other"),
                    ],
                ),
                field("asset_tag", "资产编号", "Asset tag", FieldKind::Text, false, vec![]),
                field("location", "所在位置", "Location", FieldKind::Text, false, vec![]),
            ],
        ),
        request_type(
            "software",
            text("软件异常", "Software problem"),
            "application",
            text("软件打不开、报错、蓝屏，或系统登不上", "A program fails, shows an error, or you cannot sign in"),
            vec![
                field("application", "软件或系统名称", "Program or system", FieldKind::Text, true, vec![]),
                field("error_message", "报错内容", "Error message", FieldKind::Text, false, vec![]),
            ],
        ),
        request_type(
            "access",
            text("权限申请", "Access request"),
            "security",
            text("申请系统、文件夹或账号权限，需要审批", "Access to a system, a folder or an account; needs approval"),
            vec![
                field("system", "系统或资源", "System or resource", FieldKind::Text, true, vec![]),
                field(
                    "access_level",
                    "权限级别",
                    "Level of access",
                    FieldKind::Choice,
                    true,
                    vec![
                        choice("read", "只读", "Read only"),
                        choice("write", "读写", "Read and write"),
                        choice("admin", "管理", "Administration"),
                    ],
                ),
                field("until", "使用到哪一天", "Needed until", FieldKind::Date, false, vec![]),
                field("reason", "申请理由", "Reason", FieldKind::Text, true, vec![]),
            ],
        ),
        request_type(
            "howto",
            text("操作咨询", "How-to question"),
            "desktop",
            text("不知道怎么操作，想问一问", "You want to know how to do something"),
            vec![field("application", "软件或系统名称", "Program or system", FieldKind::Text, false, vec![])],
        ),
        request_type(
            "other",
            text("其他", "Something else"),
            "desktop",
            text("以上都不是", "None of the above"),
            vec![],
        ),
    ]
}

fn urgency(key: &str, name: Localized, help: Localized, first_response: u64, resolve: u64) -> Urgency {
    Urgency {
        key: key.to_owned(),
        name,
        help,
        first_response: Duration::from_secs(first_response),
        resolve: Duration::from_secs(resolve),
        round_the_clock: false,
    }
}

/// The three urgencies of the contract; an urgent ticket is contacted within 10 minutes.
pub(super) fn urgencies() -> Vec<Urgency> {
    vec![
        urgency(
            "urgent",
            text("紧急", "Urgent"),
            text("业务停了、数据有风险，或很多人受影响", "Work has stopped, data is at risk, or many are affected"),
            600,
            4 * 3_600,
        ),
        urgency(
            "important",
            text("重要", "Important"),
            text("影响今天的工作，但有临时办法", "Today's work suffers, but there is a way round"),
            3_600,
            8 * 3_600,
        ),
        urgency("normal", text("一般", "Normal"), text("可以等，不影响当前工作", "It can wait"), 4 * 3_600, 3 * 86_400),
    ]
}

/// Who is affected.
pub(super) fn impacts() -> Vec<Choice> {
    vec![
        choice("me", "只有我", "Only me"),
        choice("team", "我的团队", "My team"),
        choice("company", "整个公司", "The whole company"),
    ]
}

/// The teams the default request types name.
pub(super) fn teams() -> Vec<Choice> {
    vec![
        choice("desktop", "桌面支持组", "Desktop support"),
        choice("network", "网络组", "Network team"),
        choice("application", "应用系统组", "Applications team"),
        choice("security", "信息安全组", "Information security"),
    ]
}
