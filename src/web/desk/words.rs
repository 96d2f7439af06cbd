//! The desk's own words where they depend on the ticket: Chinese for `zh`, English for every other language.

use crate::config::Config;
use crate::content::Kind;
use crate::site::context::desk::{DeskStatus, DeskUrgency};
use crate::ticket::queue::state_name;
use crate::ticket::{PendingOn, Status};

pub(super) fn pick<'a>(lang: &str, zh: &'a str, en: &'a str) -> &'a str {
    if lang == "zh" { zh } else { en }
}

/// A refusal of the process as a sentence of a page: English ones begin small, for the command line.
pub(super) fn sentence(message: &str, lang: &str) -> String {
    let mut letters = message.chars();
    match letters.next() {
        Some(first) if lang != "zh" => first.to_uppercase().chain(letters).collect(),
        _ => message.to_owned(),
    }
}

/// Which target the lead was told of.
pub(super) fn level<'a>(key: &'a str, lang: &str) -> &'a str {
    match key {
        "first_response_half" => pick(lang, "首次响应时限已过半", "half of the first response time is over"),
        "first_response" => pick(lang, "首次响应超时", "the first response is late"),
        "resolve" => pick(lang, "解决超时", "the resolution is late"),
        "supplier" => pick(lang, "等待对方的时间已过", "the time it waited for is over"),
        other => other,
    }
}

/// A status as staff read it: a ticket that waits says for whom.
pub(super) fn status(status: Status, pending_on: Option<PendingOn>, lang: &str) -> DeskStatus {
    let tone = match status {
        Status::New | Status::Accepted | Status::InProgress => "info",
        Status::Pending => "warning",
        Status::Resolved | Status::Closed => "success",
        Status::Cancelled | Status::Merged => "muted",
    };
    DeskStatus { key: status.key(), name: state_name(status, pending_on, lang).to_owned(), tone }
}

/// An urgency with its mark: the site's first is the highest, its last the lowest.
pub(super) fn urgency(config: &Config, key: &str, lang: &str) -> DeskUrgency {
    let at = config.urgencies.iter().position(|urgency| urgency.key == key);
    let name = at.map_or(key, |at| config.urgencies[at].name.get(lang)).to_owned();
    let last = config.urgencies.len().saturating_sub(1);
    let (level, icon) = match at {
        Some(0) => ("high", "octagon-alert"),
        Some(at) if at < last => ("middle", "triangle-alert"),
        _ => ("low", "clock"),
    };
    DeskUrgency { name, level, icon }
}

/// What a document of this kind is called.
pub(super) fn kind_name(kind: Kind, lang: &str) -> &'static str {
    match kind {
        Kind::Article => pick(lang, "文章", "Article"),
        Kind::Resolution => pick(lang, "解决记录", "Solved case"),
    }
}

/// The name of a request type, or its key where the site no longer knows it.
pub(super) fn type_name(config: &Config, key: &str, lang: &str) -> String {
    config.request_type(key).map_or(key, |kind| kind.name.get(lang)).to_owned()
}

pub(super) fn team_name(config: &Config, key: &str, lang: &str) -> String {
    config.teams.iter().find(|team| team.key == key).map_or(key, |team| team.name.get(lang)).to_owned()
}

pub(super) fn impact_name(config: &Config, key: &str, lang: &str) -> String {
    config.impacts.iter().find(|impact| impact.key == key).map_or(key, |impact| impact.name.get(lang)).to_owned()
}

/// How a requester was reached.
pub(super) fn way<'a>(key: &'a str, lang: &str) -> &'a str {
    match key {
        "phone" => pick(lang, "电话", "Phone"),
        "chat" => pick(lang, "即时消息", "Chat"),
        "visit" => pick(lang, "上门", "Visit"),
        "mail" => pick(lang, "邮件", "Mail"),
        other => other,
    }
}

/// What was done, of a history entry's `action`; empty for plain words.
pub(super) fn done(action: &str, lang: &str) -> &'static str {
    let (zh, en) = match action {
        "file" => ("提交了工单", "raised the ticket"),
        "accept" => ("受理了工单", "accepted it"),
        "assign" => ("分派", "assigned it"),
        "start" => ("开始处理", "started work"),
        "contact" => ("联系了提报人", "contacted the requester"),
        "key_step" => ("关键步骤", "key step"),
        "risk" => ("风险告知", "told the risk"),
        "ask" => ("请提报人补充", "asked the requester"),
        "pend" => ("挂起", "put it on hold"),
        "resume" => ("恢复处理", "resumed work"),
        "approve" => ("批准", "approved"),
        "reject" => ("驳回", "rejected"),
        "resolve" => ("处理完成", "resolved it"),
        "confirm" => ("确认已解决", "confirmed that it is solved"),
        "reopen" => ("反馈未解决", "said that it is not solved"),
        "rate" => ("评价", "rated it"),
        "close" => ("关闭了工单", "closed it"),
        "auto_close" => ("超时未答复，自动关闭", "closed it, as nobody answered"),
        "cancel" => ("撤销了工单", "cancelled it"),
        "merge" => ("合并到另一张工单", "merged it into another ticket"),
        "take_in" => ("并入了一张工单", "merged a ticket into this one"),
        "triage" => ("更正了工单信息", "corrected the ticket"),
        "publish" => ("归档为知识", "archived it as knowledge"),
        "remind" => ("提醒即将自动关闭", "warned that it closes soon"),
        "escalate" => ("升级提醒组长", "escalated it to the lead"),
        "attach" => ("补充了附件", "added files"),
        "edit" => ("直接编辑了文件", "edited the file"),
        _ => ("", ""),
    };
    pick(lang, zh, en)
}

/// An icon for a history entry's `action`.
pub(super) fn done_icon(action: &str) -> &'static str {
    match action {
        "file" => "ticket",
        "accept" | "confirm" | "approve" => "check",
        "assign" => "users",
        "contact" => "phone",
        "risk" | "escalate" => "triangle-alert",
        "ask" => "circle-help",
        "pend" => "clock",
        "resolve" => "circle-check",
        "reject" | "cancel" | "close" | "auto_close" => "x",
        "reopen" => "history",
        "rate" => "thumbs-up",
        "merge" => "external-link",
        "triage" | "edit" => "pencil",
        "publish" => "archive",
        "remind" => "mail",
        "attach" => "paperclip",
        _ => "arrow-right",
    }
}
