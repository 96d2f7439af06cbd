//! The small form of each step: which are offered, which is the likely one, and what became of one that was refused.
//!
//! A form has a key of its own: mostly the step's, but to ask for approval (`approval`, a `pend`) and to hand to the
//! lead (`lead`, an `assign`) are forms of their own, because people look for them.

use std::collections::BTreeMap;

use super::controls::Maker;
use super::people::People;
use super::words::pick;
use crate::config::Config;
use crate::site::context::Pair;
use crate::site::context::desk::{DeskAction, DeskVoice};
use crate::ticket::{ApprovalState, PendingOn, Role, Status, Ticket};

/// What a form is made for.
pub(super) struct Occasion<'a> {
    pub(super) config: &'a Config,
    pub(super) lang: &'a str,
    pub(super) ticket: &'a Ticket,
    pub(super) people: &'a People,
    /// The account of whoever looks.
    pub(super) account: &'a str,
    /// What was sent and could not be done: it comes back.
    pub(super) sent: Option<&'a Sent>,
}

impl Occasion<'_> {
    /// Who leads the ticket's team, and is neither its owner nor whoever looks: login and name.
    pub(super) fn leads(&self) -> Vec<(String, String)> {
        let (team, owner) = (&self.ticket.team, &self.ticket.assignee);
        let leads = self.people.iter().filter(|(login, person)| {
            person.active
                && person.role == Role::Lead
                && person.teams.contains(team)
                && *login != owner
                && *login != self.account
        });
        leads.map(|(login, person)| (login.clone(), person.name.clone())).collect()
    }

    /// Whether its type needs an approval that was neither given nor refused.
    fn needs_approval(&self) -> bool {
        let decided = self.ticket.approval.as_ref().map(|approval| approval.state);
        self.config.request_type(&self.ticket.kind).is_some_and(|kind| kind.needs_approval)
            && !matches!(decided, Some(ApprovalState::Approved | ApprovalState::Rejected))
    }

    /// Whether a form is offered, of those whose step is possible.
    fn offers(&self, key: &str, possible: &[&str]) -> bool {
        let refused = self.ticket.approval.as_ref().is_some_and(|approval| approval.state == ApprovalState::Rejected);
        match key {
            "approval" => possible.contains(&"pend") && (self.needs_approval() || refused),
            "lead" => possible.contains(&"assign") && !self.leads().is_empty(),
            key => possible.contains(&key),
        }
    }

    /// The form that comes next, if any does.
    fn likely(&self) -> &'static str {
        let waits = self.ticket.pending_on.filter(|_| self.ticket.status == Status::Pending);
        match self.ticket.status {
            Status::New => "accept",
            // To take a request back from its approvers is not what comes next.
            Status::Pending if waits == Some(PendingOn::Approval) => "approve",
            Status::Accepted | Status::InProgress if self.needs_approval() => "approval",
            // Nothing is more pressing than the first word to the requester of an accepted ticket.
            Status::Accepted | Status::InProgress | Status::Pending if self.ticket.first_response_at.is_none() => {
                "contact"
            }
            Status::Accepted => "start",
            Status::InProgress => "resolve",
            Status::Pending => "resume",
            // What is solved is archived, or was.
            Status::Resolved | Status::Closed | Status::Cancelled | Status::Merged => "",
        }
    }
}

/// The form that a step was sent from.
pub(super) fn form_of(values: &BTreeMap<String, String>) -> String {
    let value = |name: &str| values.get(name).map_or("", |value| value.trim());
    match (value("action"), value("on"), value("form")) {
        ("pend", "approval", _) => "approval",
        ("assign", _, "lead") => "lead",
        (action, ..) => action,
    }
    .to_owned()
}

/// A step that was sent and not done.
#[derive(Debug, Clone, Default)]
pub(super) struct Sent {
    /// The key of its form.
    pub(super) action: String,
    pub(super) values: BTreeMap<String, String>,
    /// The control that is wrong, and why; the control is empty when the whole step is.
    pub(super) error: (String, String),
}

/// The order of the buttons after the likely one.
const ORDER: &[&str] = &[
    "accept", "approve", "reject", "approval", "start", "resume", "resolve", "ask", "contact", "pend", "risk", "lead",
    "assign", "triage", "reopen", "close", "merge", "cancel",
];

/// The forms of the steps that are possible, the likely one first.
pub(super) fn actions(occasion: &Occasion<'_>, possible: &[&str]) -> Vec<DeskAction> {
    let likely = occasion.likely();
    let order = ORDER.iter().filter(|key| **key == likely).chain(ORDER.iter().filter(|key| **key != likely));
    let offered = order.filter(|key| occasion.offers(key, possible));
    offered
        .filter_map(|key| {
            let mut action = action(occasion, key)?;
            if *key == likely {
                action.tone = "primary";
            }
            Some(action)
        })
        .collect()
}

/// What was typed into a form that is not offered any more: label and words, to be copied from there.
pub(super) fn kept(occasion: &Occasion<'_>, actions: &[DeskAction], voices: &[DeskVoice]) -> Vec<Pair> {
    let Some(sent) = occasion.sent else { return Vec::new() };
    let key = sent.action.as_str();
    if actions.iter().any(|action| action.key == key) || voices.iter().any(|voice| voice.key == key) {
        return Vec::new();
    }
    let typed = |name: &str| sent.values.get(name).map(|text| text.trim()).filter(|text| !text.is_empty());
    let asked = action(occasion, key).map(|action| action.fields).unwrap_or_default();
    let asked = asked.into_iter().filter(|field| field.kind != "choice");
    let mut labels: Vec<(String, String)> = asked.map(|field| (field.name.to_owned(), field.label)).collect();
    if labels.is_empty() {
        let name = VOICES.iter().find(|(voice, ..)| *voice == key);
        let name = name.map_or("", |(_, zh, en)| pick(occasion.lang, zh, en));
        labels.push(("text".to_owned(), name.to_owned()));
    }
    let pair = |(name, label): (String, String)| Some(Pair { label, value: typed(&name)?.to_owned() });
    labels.into_iter().filter_map(pair).collect()
}

/// The ways to write: key, and name in both languages.
const VOICES: [(&str, &str, &str); 3] =
    [("reply", "公开回复", "Public reply"), ("note", "工作记录", "Work note"), ("key_step", "关键步骤", "Key step")];

/// The ways to write into the thread that are possible.
pub(super) fn voices(occasion: &Occasion<'_>, possible: &[&str]) -> Vec<DeskVoice> {
    let lang = occasion.lang;
    let chosen = occasion.sent.map_or("reply", |sent| sent.action.as_str());
    type Voice = (&'static str, &'static str, &'static str);
    let voice = |icon, tone, (key, zh, en): Voice, help: &str, placeholder: &str, submit: &str| DeskVoice {
        key,
        name: pick(lang, zh, en).to_owned(),
        help: help.to_owned(),
        icon,
        tone,
        placeholder: placeholder.to_owned(),
        submit: submit.to_owned(),
        chosen: key == chosen,
    };
    let mut voices = vec![
        voice(
            "mail",
            "public",
            VOICES[0],
            pick(lang, "提报人会收到通知，并在跟踪页看到", "The requester is told, and sees it on the tracking page"),
            pick(lang, "写给提报人…", "Write to the requester…"),
            pick(lang, "发送回复", "Send reply"),
        ),
        voice(
            "lock",
            "private",
            VOICES[1],
            pick(lang, "仅坐席可见", "Only staff see it"),
            pick(lang, "记录诊断过程、下一步…", "Diagnosis, next step…"),
            pick(lang, "保存记录", "Save note"),
        ),
        voice(
            "key-round",
            "private",
            VOICES[2],
            pick(lang, "仅坐席可见，归档时会带入解决方案", "Only staff see it; archiving starts from it"),
            pick(lang, "真正起作用的一步…", "The step that made the difference…"),
            pick(lang, "保存步骤", "Save step"),
        ),
    ];
    voices.retain(|voice| possible.contains(&voice.key));
    if !voices.iter().any(|voice| voice.chosen)
        && let Some(first) = voices.first_mut()
    {
        first.chosen = true;
    }
    voices
}

fn action(occasion: &Occasion<'_>, key: &str) -> Option<DeskAction> {
    let lang = occasion.lang;
    let key = *ORDER.iter().find(|known| **known == key)?;
    let make = Maker { occasion, key };
    let (icon, tone, name, help, submit) = match key {
        "accept" => (
            "check",
            "plain",
            pick(lang, "受理", "Accept"),
            pick(lang, "第一步打算会公开给提报人", "The requester reads the first direction"),
            pick(lang, "受理工单", "Accept the ticket"),
        ),
        "approve" => ("thumbs-up", "plain", pick(lang, "批准", "Approve"), "", pick(lang, "批准申请", "Approve it")),
        "reject" => ("thumbs-down", "danger", pick(lang, "驳回", "Reject"), "", pick(lang, "驳回申请", "Reject it")),
        "contact" => (
            "phone",
            "plain",
            pick(lang, "已联系提报人", "Contacted"),
            pick(lang, "计为首次响应", "Counts as the first response"),
            pick(lang, "记录联系", "Record it"),
        ),
        "start" => ("wrench", "plain", pick(lang, "开始处理", "Start work"), "", pick(lang, "开始处理", "Start work")),
        "resume" => ("history", "plain", pick(lang, "恢复处理", "Resume"), "", pick(lang, "恢复处理", "Resume work")),
        "resolve" => (
            "circle-check",
            "plain",
            pick(lang, "处理完成", "Resolve"),
            pick(lang, "原因和解决方案会发给提报人确认", "The requester is asked to confirm"),
            pick(lang, "提交处理结果", "Resolve the ticket"),
        ),
        "ask" => (
            "circle-help",
            "plain",
            pick(lang, "请提报人补充", "Ask for details"),
            pick(lang, "工单转为待补充，对方答复后自动恢复", "It waits for the requester and resumes by itself"),
            pick(lang, "发送提问", "Ask"),
        ),
        "pend" => (
            "clock",
            "plain",
            pick(lang, "等待供应商或部门", "Put on hold"),
            pick(
                lang,
                "解决时限暂停计时；提报人会看到在等谁、等到什么时候",
                "The resolution clock stands still; the requester sees for whom and until when",
            ),
            pick(lang, "挂起工单", "Put on hold"),
        ),
        "approval" => (
            "shield-check",
            "plain",
            pick(lang, "送审", "Ask for approval"),
            pick(
                lang,
                "审批人会收到通知；解决时限暂停计时",
                "The approvers are told; the resolution clock stands still",
            ),
            pick(lang, "提交审批", "Ask for approval"),
        ),
        "lead" => (
            "users",
            "plain",
            pick(lang, "转组长", "Hand to the lead"),
            pick(
                lang,
                "复杂问题由组长接手，再指派资深同事",
                "The lead takes over what is complex, and names a senior colleague",
            ),
            pick(lang, "转给组长", "Hand it over"),
        ),
        "risk" => (
            "triangle-alert",
            "plain",
            pick(lang, "风险告知", "Tell a risk"),
            pick(lang, "操作之前告诉提报人", "Told to the requester before it is done"),
            pick(lang, "告知提报人", "Tell the requester"),
        ),
        "assign" => ("users", "plain", pick(lang, "分派", "Assign"), "", pick(lang, "分派工单", "Assign")),
        "triage" => ("pencil", "plain", pick(lang, "更正信息", "Correct"), "", pick(lang, "保存更正", "Save")),
        "reopen" => ("history", "plain", pick(lang, "重新打开", "Reopen"), "", pick(lang, "重新打开", "Reopen")),
        "close" => (
            "check",
            "plain",
            pick(lang, "代为关闭", "Close"),
            pick(lang, "提报人在别处已确认时使用", "For a requester who confirmed elsewhere"),
            pick(lang, "关闭工单", "Close the ticket"),
        ),
        "merge" => (
            "external-link",
            "plain",
            pick(lang, "合并", "Merge"),
            pick(lang, "本工单结束，后续在另一张工单处理", "This ticket ends; the other goes on"),
            pick(lang, "合并工单", "Merge"),
        ),
        _ => ("x", "danger", pick(lang, "撤销", "Cancel"), "", pick(lang, "撤销工单", "Cancel the ticket")),
    };
    let open = occasion.sent.is_some_and(|sent| sent.action == key);
    let (name, mut help, submit) = (name.to_owned(), help.to_owned(), submit.to_owned());
    let mut hidden: Vec<(&'static str, String)> = Vec::new();
    let step = match key {
        "approval" => {
            hidden.push(("on", PendingOn::Approval.key().to_owned()));
            "pend"
        }
        "pend" => {
            hidden.push(("on", PendingOn::Supplier.key().to_owned()));
            key
        }
        "lead" => {
            hidden.push(("form", key.to_owned()));
            if let [(login, name)] = occasion.leads().as_slice() {
                hidden.push(("assignee", login.clone()));
                help = format!("{}{}{help}", name, pick(lang, "：", ": "));
            }
            "assign"
        }
        key => key,
    };
    Some(DeskAction { key, step, hidden, name, icon, tone, help, submit, fields: make.fields(), open })
}
