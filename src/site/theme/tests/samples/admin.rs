//! The administrators' pages with everything they can show.

use super::desk::{field, frame, ticket, trouble};
use super::*;
use crate::site::context::admin::*;
use crate::site::context::desk::*;

pub(super) fn account_form() -> AccountForm {
    let choice = |key: &str, name: &str, selected| ChoiceOption {
        key: key.into(),
        name: name.into(),
        help: String::new(),
        selected,
    };
    AccountForm {
        fields: vec![DeskField { id: "account-name".into(), name: "name", ..field("line") }],
        roles: vec![choice("agent", "坐席", true)],
        teams: vec![choice("network", "网络组", true), choice("desktop", "桌面支持组", false)],
        languages: vec![choice("zh", "中文", true)],
    }
}

fn account(disabled: bool) -> AccountRow {
    AccountRow {
        login: "wang".into(),
        name: "王芳".into(),
        role: "坐席".into(),
        teams: vec!["网络组".into()],
        email: "wang@example.com".into(),
        department: "信息部".into(),
        disabled,
        own: !disabled,
        url: "/desk/admin/accounts/wang".into(),
    }
}

pub(super) fn pages(theme: &Theme, lang: &str) -> Vec<(&'static str, Result<String, RenderError>)> {
    let at = |title| common(lang, "desk", title);
    let secret = || Some(Secret { name: "王芳".into(), password: "abcd-efgh-ijkm-npqr".into() });
    let accounts = DeskAccounts {
        desk: frame(),
        tabs: frame().sections,
        accounts: vec![account(false), account(true)],
        form: account_form(),
        trouble: trouble(),
        secret: secret(),
    };
    let one = |disabled| DeskAccount {
        desk: frame(),
        account: account(disabled),
        form: account_form(),
        secret: secret(),
        ..Default::default()
    };
    let notice = NoticeRow {
        id: "TS202611230001-0-filed-00000000".into(),
        occasion: "新工单".into(),
        ticket: DeskPageLink { title: "TS202611230001".into(), url: "/desk".into(), note: String::new() },
        time: "2026-11-23 10:00".into(),
        receivers: vec![Pair {
            label: "邮件：提报人".into(), value: "已放弃，试过 8 次：connection refused".into()
        }],
    };
    let outbox = DeskOutbox { desk: frame(), waiting: vec![], dead: vec![notice], ..Default::default() };
    let line = AuditRow {
        time: "2026-11-23 10:00:00".into(),
        by: "王芳".into(),
        role: "坐席".into(),
        step: "受理了工单".into(),
        status: "已受理".into(),
        file: "00000000000000ff".into(),
    };
    let audit = DeskAudit {
        desk: frame(),
        id: "TS202611230001".into(),
        lines: vec![line],
        verified: Some(Verified { whole: true, words: "6 行，完整".into() }),
        ..Default::default()
    };
    let erase = |done| DeskErase {
        desk: frame(),
        id: "TS202611230001".into(),
        title: "VPN".into(),
        done,
        touches: vec!["标题、姓名".into()],
        keeps: vec!["编号".into()],
        record: ticket().record,
        error: if done { String::new() } else { "编号不一致".into() },
        ..Default::default()
    };
    vec![
        ("accounts", theme.render("desk_accounts.html", &at("账号"), &accounts)),
        ("account", theme.render("desk_account.html", &at("王芳"), &one(true))),
        ("own", theme.render("desk_account.html", &at("王芳"), &one(false))),
        ("outbox", theme.render("desk_outbox.html", &at("通知"), &outbox)),
        ("audit", theme.render("desk_audit.html", &at("审计"), &audit)),
        ("erase", theme.render("desk_erase.html", &at("删除个人信息"), &erase(false))),
        ("erased", theme.render("desk_erase.html", &at("删除个人信息"), &erase(true))),
    ]
}
