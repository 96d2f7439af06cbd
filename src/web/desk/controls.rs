//! The controls of each step's small form, filled in.

use super::forms::Occasion;
use super::words::{pick, way};
use crate::config::Choice;
use crate::site::context::ChoiceOption;
use crate::site::context::desk::DeskField;
use crate::ticket::Sections;

/// Makes the controls of one step.
pub(super) struct Maker<'a> {
    pub(super) occasion: &'a Occasion<'a>,
    /// The form's key, as in [`super::forms`].
    pub(super) key: &'static str,
}

impl Maker<'_> {
    pub(super) fn fields(&self) -> Vec<DeskField> {
        let Occasion { lang, ticket, account, .. } = *self.occasion;
        let note = || self.area("note", pick(lang, "说明", "Note"), false);
        let reason = || self.area("reason", pick(lang, "理由", "Reason"), true);
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
            "contact" => vec![
                self.choice("how", pick(lang, "联系方式", "How"), self.ways(), "phone", true),
                self.area("text", pick(lang, "说了什么", "What was said"), false),
            ],
            "resolve" => {
                // A ticket that came back keeps what was said of it, to be mended.
                let Sections { cause, resolution, environment, .. } = Sections::of(ticket);
                let environment = environment.split_whitespace().collect::<Vec<_>>().join(" ");
                vec![
                    self.field("cause", pick(lang, "原因", "Cause"), "area", true, &cause),
                    self.field("resolution", pick(lang, "解决方案", "Resolution"), "area", true, &resolution),
                    self.field("environment", pick(lang, "环境", "Environment"), "line", false, &environment)
                        .help(pick(lang, "型号、系统版本、网络", "Model, system version, network")),
                ]
            }
            "ask" => vec![self.area("text", pick(lang, "需要补充什么？", "What is missing?"), true)],
            "pend" => vec![
                self.line("with", pick(lang, "等待哪家供应商或哪个部门", "Supplier or department"), true),
                self.field("until", pick(lang, "预计到什么时候", "Until when"), "time", true, ""),
                note(),
            ],
            "lead" => {
                let leads = self.occasion.leads();
                let why = self.area("note", pick(lang, "为什么需要组长", "Why the lead is needed"), true);
                match leads.as_slice() {
                    [] | [_] => vec![why],
                    [first, ..] => {
                        let usual = first.0.clone();
                        vec![self.choice("assignee", pick(lang, "组长", "Lead"), leads, &usual, true), why]
                    }
                }
            }
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
            "approve" | "reject" | "reopen" | "cancel" | "close" => vec![reason()],
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
