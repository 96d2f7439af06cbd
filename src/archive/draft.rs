//! A resolution record before it is written: what of a ticket may become one.

use jiff::civil::Date;
use serde::Serialize;
use serde_yaml::{Mapping, Value};

use super::ArchiveError;
use crate::config::{Config, FieldKind};
use crate::ticket::{Sections, Status, Ticket, TicketId};
use crate::yaml;

/// The fields of a resolution record (CONTRACT.md). A person may change any of them before it is published.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RecordDraft {
    pub id: TicketId,
    /// The language of its headings.
    pub lang: String,
    pub title: String,
    /// The key of a category of articles; empty when nobody has said.
    pub category: String,
    pub keywords: Vec<String>,
    pub environment: String,
    pub issue: String,
    pub cause: String,
    pub resolution: String,
    pub key_steps: Vec<String>,
    pub resolved_on: Date,
    /// The article that answers it, relative to `content/`.
    pub linked_article: Option<String>,
}

/// Searches longer than this are sentences, not keywords.
const LONGEST_KEYWORD: usize = 40;

/// The record of a solved ticket, out of its named fields: title, description, choices of the request type, what
/// `resolve` wrote, key steps, and the words the requester searched for. Requester, contact, notes, replies and
/// attachments have no way into it.
///
/// # Errors
/// [`ArchiveError::NotSolved`].
pub fn draft_record(config: &Config, ticket: &Ticket, lang: &str) -> Result<RecordDraft, ArchiveError> {
    if !matches!(ticket.status, Status::Resolved | Status::Closed) {
        return Err(ArchiveError::NotSolved { id: ticket.id, status: ticket.status });
    }
    let sections = Sections::of(ticket);
    let environment = match sections.environment.is_empty() {
        true => choices(config, ticket, lang).join("\n"),
        false => sections.environment,
    };
    let query = one_line(&ticket.origin.query);
    let solved = ticket.resolved_at.as_ref().or(ticket.closed_at.as_ref());
    Ok(RecordDraft {
        id: ticket.id,
        lang: lang.to_owned(),
        title: one_line(&ticket.title),
        category: String::new(),
        keywords: (!query.is_empty() && query.chars().count() <= LONGEST_KEYWORD)
            .then_some(query)
            .into_iter()
            .collect(),
        environment: unix(&environment),
        issue: unix(&sections.description),
        cause: unix(&sections.cause),
        resolution: unix(&sections.resolution),
        key_steps: steps(ticket),
        resolved_on: solved.map_or(ticket.id.day(), |solved| solved.in_zone(&config.time_zone).date()),
        linked_article: None,
    })
}

/// The answers that were chosen from a list, `设备：笔记本`. What was typed into a field of a type may be an asset's
/// number or a colleague's name, and stays in the ticket.
fn choices(config: &Config, ticket: &Ticket, lang: &str) -> Vec<String> {
    let Some(kind) = config.request_type(&ticket.kind) else { return Vec::new() };
    let chosen = kind.fields.iter().filter(|field| field.kind == FieldKind::Choice).filter_map(|field| {
        let key = ticket.fields.get(&field.key)?;
        let choice = field.choices.iter().find(|choice| choice.key == *key)?;
        let colon = if lang == "zh" { "：" } else { ": " };
        Some(format!("{}{colon}{}", field.label.get(lang), choice.name.get(lang)))
    });
    chosen.collect()
}

fn steps(ticket: &Ticket) -> Vec<String> {
    let steps = ticket.history.iter().filter(|entry| entry.action == "key_step");
    steps.map(|entry| unix(&entry.note)).filter(|step| !step.is_empty()).collect()
}

/// Accounts that are named after a part and not after a person.
const PARTS: &[&str] =
    &["requester", "system", "admin", "administrator", "root", "test", "support", "helpdesk", "service", "desk"];

/// The names that must not stand in the record of this ticket: of its requester, of everybody who worked on it or
/// decided about it, and of the `staff`, whose names and logins the caller knows.
pub fn names_of(ticket: &Ticket, staff: &[String]) -> Vec<String> {
    let requester = [&ticket.requester.name, &ticket.requester.account, &ticket.requester.contact, &ticket.assignee];
    let workers = ticket.history.iter().map(|entry| &entry.by);
    let deciders = ticket.approval.iter().flat_map(|approval| &approval.decisions).flat_map(|one| [&one.by, &one.name]);
    let all = requester.into_iter().chain(workers).chain(deciders).chain(staff);
    let mut names: Vec<String> = all.map(|name| name.trim().to_owned()).collect();
    names.retain(|name| !name.is_empty() && !PARTS.contains(&name.to_lowercase().as_str()));
    names.sort_unstable();
    names.dedup();
    names
}

impl RecordDraft {
    /// What the record's file will be, relative to `content/`.
    pub fn path(&self) -> String {
        format!("resolutions/{}.md", self.id)
    }

    /// The text of the record's file.
    pub fn text(&self) -> String {
        let mut front = Mapping::new();
        let mut put = |key: &str, value: Value| drop(front.insert(key.into(), value));
        put("id", self.id.to_string().into());
        put("title", self.title.as_str().into());
        if !self.category.is_empty() {
            put("category", self.category.as_str().into());
        }
        if !self.keywords.is_empty() {
            put("keywords", self.keywords.iter().map(|word| Value::from(word.as_str())).collect::<Vec<_>>().into());
        }
        if !self.environment.is_empty() {
            put("environment", one_line(&self.environment).into());
        }
        let mut text = format!("---\n{}resolved_on: {}\n", yaml::emit(&Value::Mapping(front)), self.resolved_on);
        if let Some(article) = &self.linked_article {
            let link = Mapping::from_iter([(Value::from("linked_article"), Value::from(article.as_str()))]);
            text.push_str(&yaml::emit(&Value::Mapping(link)));
        }
        text.push_str("---\n");
        let zh = self.lang == "zh";
        for (heading, section) in [
            (if zh { "现象" } else { "Issue" }, self.issue.clone()),
            (if zh { "环境" } else { "Environment" }, self.environment.clone()),
            (if zh { "原因" } else { "Cause" }, self.cause.clone()),
            (if zh { "解决方案" } else { "Resolution" }, self.solution()),
        ] {
            if !section.trim().is_empty() {
                text.push_str(&format!("## {heading}\n\n{}\n\n", below(&section)));
            }
        }
        text.truncate(text.trim_end().len());
        text.push('\n');
        text
    }

    /// The resolution with the key steps below it.
    fn solution(&self) -> String {
        if self.key_steps.is_empty() {
            return self.resolution.clone();
        }
        let heading = if self.lang == "zh" { "关键步骤" } else { "Key steps" };
        let indented = |step: &String| step.replace('\n', "\n   ");
        let steps = (1..).zip(&self.key_steps).map(|(number, step)| format!("{number}. {}\n", indented(step)));
        format!("{}\n\n### {heading}\n\n{}", below(&self.resolution), steps.collect::<String>())
    }
}

/// One line out of several.
pub(super) fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn unix(text: &str) -> String {
    text.replace("\r\n", "\n").replace('\r', "\n").trim().to_owned()
}

/// A section's text: its headings below the section's own, and a code fence that was left open closed, so that one
/// section cannot swallow the next.
pub(super) fn below(text: &str) -> String {
    let mut open: Option<String> = None;
    let mut lines = Vec::new();
    for line in text.trim().lines() {
        let bare = line.trim_start();
        let mark = bare.chars().next().filter(|c| matches!(c, '`' | '~')).unwrap_or(' ');
        let fence: String = bare.chars().take_while(|c| *c == mark).collect();
        match &open {
            Some(opening) if fence.starts_with(opening.as_str()) && bare.trim_end() == fence => open = None,
            None if fence.len() >= 3 => open = Some(fence),
            _ => {}
        }
        let level = line.chars().take_while(|c| *c == '#').count();
        let heading = open.is_none() && (1..3).contains(&level) && line[level..].starts_with(' ');
        lines.push(if heading { format!("###{}", &line[level..]) } else { line.to_owned() });
    }
    lines.extend(open);
    lines.join("\n")
}

#[cfg(test)]
pub(super) mod tests {
    use std::path::Path;

    use super::*;
    use crate::ticket::{HistoryEntry, Origin, Requester};

    pub(in crate::archive) fn config() -> Config {
        Config::parse(Path::new("/"), "title = '台'").unwrap()
    }

    /// A ticket with a word that must not be seen in everything that must not cross.
    pub(in crate::archive) fn solved() -> Ticket {
        let at = || "2026-11-23T10:00:00+08:00".parse().unwrap();
        let entry = |action: &str, note: &str| HistoryEntry {
            at: at(),
            by: "CANARYSTAFF".into(),
            action: action.into(),
            note: note.into(),
            public: true,
            ..HistoryEntry::default()
        };
        Ticket {
            status: Status::Resolved,
            title: "VPN 连不上:\n报 691".into(),
            kind: "hardware".into(),
            requester: Requester {
                name: "张三".into(),
                department: "CANARYDEPARTMENT".into(),
                contact: "CANARYCONTACT".into(),
                account: "CANARYACCOUNT".into(),
            },
            trigger: "CANARYTRIGGER".into(),
            steps_tried: "CANARYTRIED".into(),
            origin: Origin { query: "VPN 691".into(), viewed: vec!["CANARYVIEWED".into()] },
            fields: [("asset_tag".to_owned(), "CANARYASSET".to_owned())].into(),
            history: vec![
                entry("note", "CANARYNOTE"),
                entry("reply", "CANARYREPLY"),
                entry("key_step", "看日志\n再连一次"),
                entry("resolve", ""),
            ],
            resolved_at: Some(at()),
            body: "# 打不开\n\n```\n日志\n\n## 环境\n\nWindows 11\n\n## 原因\n\n密码过期\n\n## 解决方案\n\n重置后重连"
                .into(),
            ..sample()
        }
    }

    fn sample() -> Ticket {
        serde_yaml::from_str("id: TS202611230001").unwrap()
    }

    #[test]
    fn only_named_fields_cross() {
        let text = draft_record(&config(), &solved(), "zh").unwrap().text();
        assert_eq!(
            text,
            "---\nid: TS202611230001\ntitle: \"VPN 连不上: 报 691\"\nkeywords:\n  - VPN 691\nenvironment: Windows 11\n\
             resolved_on: 2026-11-23\n---\n## 现象\n\n### 打不开\n\n```\n日志\n```\n\n## 环境\n\nWindows 11\n\n\
             ## 原因\n\n密码过期\n\n## 解决方案\n\n重置后重连\n\n### 关键步骤\n\n1. 看日志\n   再连一次\n"
        );
    }

    #[test]
    fn an_open_ticket_has_no_record() {
        let ticket = Ticket { status: Status::InProgress, ..solved() };
        assert!(matches!(draft_record(&config(), &ticket, "zh"), Err(ArchiveError::NotSolved { .. })));
    }

    #[test]
    fn names_of_everybody_in_it() {
        let staff = ["李四".to_owned(), "admin".to_owned()];
        assert_eq!(names_of(&solved(), &staff), ["CANARYACCOUNT", "CANARYCONTACT", "CANARYSTAFF", "张三", "李四"]);
    }
}
