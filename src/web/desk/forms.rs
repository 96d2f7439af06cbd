//! The small form of each step: what it asks, in the reader's language.

use std::collections::BTreeMap;

use super::people::People;
use super::words::{pick, way};
use crate::config::{Choice, Config};
use crate::site::context::ChoiceOption;
use crate::site::context::desk::{DeskAction, DeskField, DeskVoice};
use crate::ticket::{PendingOn, Status, Ticket};

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

/// A step that was sent and not done.
#[derive(Debug, Clone, Default)]
pub(super) struct Sent {
    pub(super) action: String,
    pub(super) values: BTreeMap<String, String>,
    /// The control that is wrong, and why; the control is empty when the whole step is.
    pub(super) error: (String, String),
}

/// The order of the buttons; what comes first in it and is possible is the step that is likely now.
const ORDER: &[&str] = &[
    "accept", "approve", "reject", "start", "resume", "resolve", "ask", "contact", "pend", "risk", "assign", "triage",
    "reopen", "close", "merge", "cancel",
];

/// The forms of the steps that are possible, the likely one first.
pub(super) fn actions(occasion: &Occasion<'_>, possible: &[&str]) -> Vec<DeskAction> {
    let mut first = true;
    // Nothing is more pressing than the first word to the requester of an accepted ticket.
    let pressing = occasion.ticket.first_response_at.is_none() && occasion.ticket.status != Status::New;
    let order =
        ["contact"].iter().filter(|_| pressing).chain(ORDER.iter().filter(|key| !pressing || **key != "contact"));
    let offered = order.filter(|key| possible.contains(key));
    offered
        .filter_map(|key| {
            let mut action = action(occasion, key)?;
            // To take a request back from its approvers is not what comes next.
            let back = *key == "resume" && occasion.ticket.pending_on == Some(PendingOn::Approval);
            if first && !back && action.tone == "plain" {
                action.tone = "primary";
            }
            first = false;
            Some(action)
        })
        .collect()
}

/// The ways to write into the thread that are possible.
pub(super) fn voices(occasion: &Occasion<'_>, possible: &[&str]) -> Vec<DeskVoice> {
    let lang = occasion.lang;
    let chosen = occasion.sent.map_or("reply", |sent| sent.action.as_str());
    let voice = |key, icon, tone, name: &str, help: &str, placeholder: &str, submit: &str| DeskVoice {
        key,
        name: name.to_owned(),
        help: help.to_owned(),
        icon,
        tone,
        placeholder: placeholder.to_owned(),
        submit: submit.to_owned(),
        chosen: key == chosen,
    };
    let mut voices = vec![
        voice(
            "reply",
            "mail",
            "public",
            pick(lang, "公开回复", "Public reply"),
            pick(lang, "提报人会收到通知，并在跟踪页看到", "The requester is told, and sees it on the tracking page"),
            pick(lang, "写给提报人…", "Write to the requester…"),
            pick(lang, "发送回复", "Send reply"),
        ),
        voice(
            "note",
            "lock",
            "private",
            pick(lang, "工作记录", "Work note"),
            pick(lang, "仅坐席可见", "Only staff see it"),
            pick(lang, "记录诊断过程、下一步…", "Diagnosis, next step…"),
            pick(lang, "保存记录", "Save note"),
        ),
        voice(
            "key_step",
            "key-round",
            "private",
            pick(lang, "关键步骤", "Key step"),
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
            pick(lang, "挂起", "Put on hold"),
            pick(lang, "解决时限暂停计时", "The resolution clock stands still"),
            pick(lang, "挂起工单", "Put on hold"),
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
    let (name, help, submit) = (name.to_owned(), help.to_owned(), submit.to_owned());
    Some(DeskAction { key, name, icon, tone, help, submit, fields: make.fields(), open })
}

/// Makes the controls of one step.
struct Maker<'a> {
    occasion: &'a Occasion<'a>,
    key: &'static str,
}

impl Maker<'_> {
    fn fields(&self) -> Vec<DeskField> {
        let Occasion { lang, ticket, account, .. } = *self.occasion;
        let note = || self.area("note", pick(lang, "说明", "Note"), false);
        let reason = |required| self.area("reason", pick(lang, "理由", "Reason"), required);
        match self.key {
            "accept" => {
                let owner = if ticket.assignee.is_empty() { account } else { &ticket.assignee };
                vec![
                    self.assignee(owner),
                    self.team(),
                    self.area("note", pick(lang, "第一步打算怎么做", "First direction"), false),
                ]
            }
            "assign" => vec![self.team(), self.assignee(&ticket.assignee), note()],
            "approve" => vec![reason(false)],
            "contact" => vec![
                self.choice("how", pick(lang, "联系方式", "How"), self.ways(), "phone", true),
                self.area("text", pick(lang, "说了什么", "What was said"), false),
            ],
            "resolve" => vec![
                self.area("cause", pick(lang, "原因", "Cause"), true),
                self.area("resolution", pick(lang, "解决方案", "Resolution"), true),
                self.line("environment", pick(lang, "环境", "Environment"), false).help(pick(
                    lang,
                    "型号、系统版本、网络",
                    "Model, system version, network",
                )),
            ],
            "ask" => vec![self.area("text", pick(lang, "需要补充什么？", "What is missing?"), true)],
            "pend" => vec![
                self.choice("on", pick(lang, "等待谁", "Waiting for"), self.waits(), &self.usual_wait(), true),
                self.line("with", pick(lang, "供应商或部门", "Supplier or department"), false),
                self.field("until", pick(lang, "预计到什么时候", "Until when"), "time", false, ""),
                note(),
            ],
            "risk" => vec![
                self.area("risk", pick(lang, "可能出什么问题", "What may go wrong"), true),
                self.area("fallback", pick(lang, "退路", "The way back"), true),
            ],
            "triage" => vec![
                self.field("title", pick(lang, "标题", "Title"), "line", true, &ticket.title),
                self.choice("type", pick(lang, "类型", "Type"), self.types(), &ticket.kind, true),
                self.choice("urgency", pick(lang, "紧急程度", "Urgency"), self.urgencies(), &ticket.urgency, true),
                self.choice(
                    "impact",
                    pick(lang, "影响范围", "Impact"),
                    self.named(&self.occasion.config.impacts),
                    &ticket.impact,
                    true,
                ),
            ],
            "merge" => {
                vec![self.line("into", pick(lang, "合并到", "Into"), true).help("TS202611230001")]
            }
            "reject" | "reopen" | "cancel" | "close" => vec![reason(true)],
            _ => vec![note()],
        }
    }

    fn field(&self, name: &'static str, label: &str, kind: &'static str, required: bool, usual: &str) -> DeskField {
        let sent = self.occasion.sent.filter(|sent| sent.action == self.key);
        let value = sent.and_then(|sent| sent.values.get(name)).map_or(usual, String::as_str).to_owned();
        let error = sent.filter(|sent| sent.error.0 == name).map(|sent| sent.error.1.clone()).unwrap_or_default();
        DeskField {
            name,
            id: format!("a-{}-{name}", self.key),
            label: label.to_owned(),
            kind,
            required,
            help: String::new(),
            value,
            choices: Vec::new(),
            error,
        }
    }

    fn line(&self, name: &'static str, label: &str, required: bool) -> DeskField {
        self.field(name, label, "line", required, "")
    }

    fn area(&self, name: &'static str, label: &str, required: bool) -> DeskField {
        self.field(name, label, "area", required, "")
    }

    fn choice(
        &self,
        name: &'static str,
        label: &str,
        choices: Vec<(String, String)>,
        usual: &str,
        required: bool,
    ) -> DeskField {
        let mut field = self.field(name, label, "choice", required, usual);
        field.choices = options(choices, &field.value);
        field
    }

    fn assignee(&self, usual: &str) -> DeskField {
        let lang = self.occasion.lang;
        let mut people = vec![(String::new(), pick(lang, "（不指定）", "(nobody yet)").to_owned())];
        people.extend(self.occasion.people.staff(self.occasion.config, lang));
        if !usual.is_empty() && !people.iter().any(|(login, _)| login == usual) {
            people.push((usual.to_owned(), self.occasion.people.name(usual)));
        }
        self.choice("assignee", pick(lang, "负责人", "Owner"), people, usual, false)
    }

    fn team(&self) -> DeskField {
        let Occasion { lang, ticket, config, .. } = self.occasion;
        self.choice("team", pick(lang, "团队", "Team"), self.named(&config.teams), &ticket.team, false)
    }

    fn named(&self, choices: &[Choice]) -> Vec<(String, String)> {
        choices.iter().map(|choice| (choice.key.clone(), choice.name.get(self.occasion.lang).to_owned())).collect()
    }

    fn types(&self) -> Vec<(String, String)> {
        let types = self.occasion.config.types.iter();
        types.map(|kind| (kind.key.clone(), kind.name.get(self.occasion.lang).to_owned())).collect()
    }

    fn urgencies(&self) -> Vec<(String, String)> {
        let urgencies = self.occasion.config.urgencies.iter();
        urgencies.map(|urgency| (urgency.key.clone(), urgency.name.get(self.occasion.lang).to_owned())).collect()
    }

    fn ways(&self) -> Vec<(String, String)> {
        let ways = ["phone", "chat", "visit", "mail"];
        ways.map(|key| (key.to_owned(), way(key, self.occasion.lang).to_owned())).to_vec()
    }

    fn usual_wait(&self) -> String {
        self.waits().into_iter().next().map(|(key, _)| key).unwrap_or_default()
    }

    fn waits(&self) -> Vec<(String, String)> {
        let lang = self.occasion.lang;
        let mut waits = vec![(
            "supplier".to_owned(),
            pick(lang, "供应商或其他部门", "A supplier or another department").to_owned(),
        )];
        if self.occasion.config.request_type(&self.occasion.ticket.kind).is_some_and(|kind| kind.needs_approval) {
            waits.insert(0, ("approval".to_owned(), pick(lang, "审批", "An approval").to_owned()));
        }
        waits
    }
}

impl DeskField {
    fn help(mut self, text: &str) -> Self {
        text.clone_into(&mut self.help);
        self
    }
}

/// Keys with their names, one of them chosen.
pub(super) fn options(choices: Vec<(String, String)>, chosen: &str) -> Vec<ChoiceOption> {
    let option =
        |(key, name): (String, String)| ChoiceOption { selected: key == chosen, key, name, help: String::new() };
    choices.into_iter().map(option).collect()
}
