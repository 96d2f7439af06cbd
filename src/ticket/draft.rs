//! The door: what somebody typed becomes a [`NewTicket`], or a list of everything that is wrong with it.

use std::collections::BTreeMap;

use jiff::civil::Date;
use jiff::tz::TimeZone;
use serde::Serialize;

use super::sla::Targets;
use super::{Moment, Origin, Requester, TicketId};
use crate::config::{Choice, Config, FieldKind, RequestType};

/// Characters, as in the form's limits.
const MAX_TITLE: usize = 200;
const MAX_LINE: usize = 200;
const MAX_TEXT: usize = 5_000;
const MAX_DESCRIPTION: usize = 20_000;
const MAX_VIEWED: usize = 50;
const MAX_KEY: usize = 255;

/// One mistake in a submission.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct FieldError {
    /// The name of the field as it was, or should have been, submitted.
    pub field: String,
    /// In the requester's language: what is wrong and what to do.
    pub message: String,
}

/// What was typed, by field name. A type's own questions are `<key>`, or `<type>.<key>` where a form shows the
/// questions of several types at once.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Submission {
    pub fields: BTreeMap<String, String>,
    /// The `Idempotency-Key`: the same one makes one ticket.
    pub idempotency_key: Option<String>,
}

impl Submission {
    fn get(&self, name: &str) -> &str {
        self.fields.get(name).map_or("", String::as_str)
    }
}

/// A ticket that may be filed: everything is there and within its limits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewTicket {
    pub title: String,
    pub description: String,
    pub kind: String,
    pub urgency: String,
    pub impact: String,
    pub team: String,
    pub requester: Requester,
    pub lang: String,
    pub occurred_at: Option<Moment>,
    pub trigger: String,
    pub steps_tried: String,
    pub fields: BTreeMap<String, String>,
    pub origin: Origin,
    /// The closed ticket it goes on from. Whether that is the requester's own is for whoever read the form to know.
    pub follows: Option<TicketId>,
    pub idempotency_key: Option<String>,
    pub targets: Targets,
    /// How many days its tracking link lives.
    pub tracking_days: u32,
}

impl NewTicket {
    /// Checks a submission against the site's types, urgencies and impacts.
    ///
    /// # Errors
    /// Every mistake, in the language `lang`.
    pub fn parse(submission: &Submission, config: &Config, lang: &str) -> Result<Self, Vec<FieldError>> {
        let mut door = Door { submission, lang, errors: Vec::new() };
        let kind_key = door.choice("type", ("类型", "Type"));
        let kind = door.one_of("type", &kind_key, config.types.iter().map(|kind| (kind.key.as_str(), kind)));
        let title = door.title();
        let description = door.text("description", ("问题描述", "Description"), true, MAX_DESCRIPTION);
        let fields = kind.map(|kind| door.own_fields(kind)).unwrap_or_default();
        let urgency_key = door.choice("urgency", ("紧急程度", "Urgency"));
        let urgency = door.one_of("urgency", &urgency_key, config.urgencies.iter().map(|u| (u.key.as_str(), u)));
        let impact = door.impact(&config.impacts);
        let occurred_at = door.occurred_at(&config.time_zone);
        let trigger = door.text("trigger", ("触发操作", "trigger"), false, MAX_TEXT);
        let steps_tried = door.text("steps_tried", ("已尝试的步骤", "steps tried"), false, MAX_TEXT);
        let requester = Requester {
            name: door.line("name", ("姓名", "Name"), true),
            department: door.line("department", ("部门", "Department"), false),
            contact: door.line("contact", ("联系方式", "Contact"), true),
            account: String::new(),
        };
        let idempotency_key = door.idempotency_key();
        let errors = door.errors;
        match (kind, urgency) {
            (Some(kind), Some(urgency)) if errors.is_empty() => Ok(Self {
                title,
                description,
                kind: kind.key.clone(),
                urgency: urgency.key.clone(),
                impact,
                team: kind.team.clone(),
                requester,
                lang: lang.to_owned(),
                occurred_at,
                trigger,
                steps_tried,
                fields,
                origin: Origin {
                    query: clean_line(submission.get("query")).chars().take(MAX_LINE).collect(),
                    viewed: viewed(submission.get("viewed")),
                },
                follows: None,
                idempotency_key,
                targets: Targets::of(config, &urgency.key),
                tracking_days: config.tickets.tracking_days,
            }),
            _ => Err(errors),
        }
    }
}

/// A text without what would break a line or hide in it.
fn clean_line(text: &str) -> String {
    text.split(|c: char| c.is_whitespace() || c.is_control())
        .filter(|word| !word.is_empty())
        .collect::<Vec<_>>()
        .join(" ")
}

/// A text as it was typed, with `\n` between lines, without invisible controls and empty edges.
fn clean_text(text: &str) -> String {
    let unix = text.replace("\r\n", "\n").replace('\r', "\n");
    let kept: String = unix.chars().filter(|c| !c.is_control() || matches!(c, '\n' | '\t')).collect();
    kept.trim_end().trim_start_matches('\n').to_owned()
}

/// Paths or URLs: a JSON list, or separated by commas or line ends.
fn viewed(text: &str) -> Vec<String> {
    let list = serde_json::from_str::<Vec<String>>(text)
        .unwrap_or_else(|_| text.split([',', '\n', '\r']).map(str::to_owned).collect());
    let mut seen = Vec::new();
    for item in list.iter().map(|item| clean_line(item)) {
        if !item.is_empty() && item.chars().count() <= 500 && !seen.contains(&item) && seen.len() < MAX_VIEWED {
            seen.push(item);
        }
    }
    seen
}

/// Reads fields and collects what is wrong with them.
struct Door<'a> {
    submission: &'a Submission,
    lang: &'a str,
    errors: Vec<FieldError>,
}

impl Door<'_> {
    fn wrong(&mut self, field: &str, zh: impl Into<String>, en: impl Into<String>) {
        let message = if self.lang == "zh" { zh.into() } else { en.into() };
        self.errors.push(FieldError { field: field.to_owned(), message });
    }

    fn check(&mut self, field: &str, (zh, en): (&str, &str), value: &str, required: bool, limit: usize) {
        self.check_as(false, field, (zh, en), value, required, limit);
    }

    /// As [`Door::check`]; `choice` where something is chosen, not written.
    fn check_as(
        &mut self,
        choice: bool,
        field: &str,
        (zh, en): (&str, &str),
        value: &str,
        required: bool,
        limit: usize,
    ) {
        let length = value.chars().count();
        if required && value.trim().is_empty() {
            match choice {
                true => self.wrong(field, format!("请选择{zh}"), format!("Choose: {en}")),
                false => self.wrong(field, format!("请填写{zh}"), format!("Fill in: {en}")),
            }
        } else if length > limit {
            self.wrong(
                field,
                format!("{zh}最多 {limit} 个字，现在有 {length} 个，请缩短"),
                format!("At most {limit} characters for {en}; this has {length}: shorten it"),
            );
        }
    }

    fn line(&mut self, field: &str, label: (&str, &str), required: bool) -> String {
        let value = clean_line(self.submission.get(field));
        self.check(field, label, &value, required, MAX_LINE);
        value
    }

    fn choice(&mut self, field: &str, label: (&str, &str)) -> String {
        let value = clean_line(self.submission.get(field));
        self.check_as(true, field, label, &value, true, MAX_LINE);
        value
    }

    fn title(&mut self) -> String {
        let value = clean_line(self.submission.get("title"));
        self.check("title", ("标题", "Title"), &value, true, MAX_TITLE);
        value
    }

    fn text(&mut self, field: &str, label: (&str, &str), required: bool, limit: usize) -> String {
        let value = clean_text(self.submission.get(field));
        self.check(field, label, &value, required, limit);
        value
    }

    /// The entry whose key was given. An empty key was reported already.
    fn one_of<'c, T>(&mut self, field: &str, key: &str, all: impl Iterator<Item = (&'c str, T)>) -> Option<T> {
        let (mut known, mut found) = (Vec::new(), None);
        for (candidate, value) in all {
            known.push(candidate);
            if candidate == key {
                found = Some(value);
            }
        }
        if found.is_none() && !key.is_empty() {
            let list = known.join(", ");
            let key: String = key.chars().take(40).collect();
            self.wrong(
                field,
                format!("没有“{key}”这个选项，可选：{list}"),
                format!("There is no “{key}”; choose one of: {list}"),
            );
        }
        found
    }

    /// Silence means: only me.
    fn impact(&mut self, impacts: &[Choice]) -> String {
        let key = clean_line(self.submission.get("impact"));
        if key.is_empty() {
            let own = impacts.iter().find(|impact| impact.key == "me").or(impacts.first());
            return own.map_or_else(|| "me".to_owned(), |impact| impact.key.clone());
        }
        self.one_of("impact", &key, impacts.iter().map(|impact| (impact.key.as_str(), ())));
        key
    }

    fn occurred_at(&mut self, zone: &TimeZone) -> Option<Moment> {
        let text = self.submission.get("occurred_at").trim();
        if text.is_empty() {
            return None;
        }
        let moment = Moment::parse_in(text, zone);
        if moment.is_none() {
            self.wrong(
                "occurred_at",
                "看不懂这个时间，请写成 2026-11-23 09:30 这样",
                "This is not a time; write it like 2026-11-23 09:30",
            );
        }
        moment
    }

    fn own_fields(&mut self, kind: &RequestType) -> BTreeMap<String, String> {
        let prefix = format!("{}.", kind.key);
        // A form that prefixes one of the questions shows all of them under prefixed names.
        let is_form = self.submission.fields.keys().any(|name| name.contains('.'));
        let mut values = BTreeMap::new();
        for field in &kind.fields {
            let prefixed = format!("{prefix}{}", field.key);
            let name = if is_form { prefixed.as_str() } else { field.key.as_str() };
            let typed = self.submission.fields.get(&prefixed).or_else(|| self.submission.fields.get(&field.key));
            let value = clean_text(typed.map_or("", String::as_str));
            let label = (field.label.get("zh"), field.label.get("en"));
            self.check_as(field.kind == FieldKind::Choice, name, label, &value, field.required, MAX_TEXT);
            match field.kind {
                FieldKind::Choice => {
                    self.one_of(name, &value, field.choices.iter().map(|choice| (choice.key.as_str(), ())));
                }
                FieldKind::Date if !value.is_empty() && value.parse::<Date>().is_err() => self.wrong(
                    name,
                    format!("{}要写成 2026-11-23 这样的日期", label.0),
                    format!("{}: write a date like 2026-11-23", label.1),
                ),
                FieldKind::Text | FieldKind::Date => {}
            }
            if !value.is_empty() {
                values.insert(field.key.clone(), value);
            }
        }
        values
    }

    fn idempotency_key(&mut self) -> Option<String> {
        let form_key = self.submission.get("idempotency_key");
        let key = self.submission.idempotency_key.as_deref().unwrap_or(form_key).trim();
        if key.chars().count() > MAX_KEY {
            self.wrong("idempotency_key", "Idempotency-Key 过长", "The Idempotency-Key has more than 255 characters");
        }
        (!key.is_empty()).then(|| key.to_owned())
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    fn config() -> Config {
        Config::parse(Path::new("/x"), "title = \"服务台\"").unwrap()
    }

    fn submission(pairs: &[(&str, &str)]) -> Submission {
        let fields = pairs.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect();
        Submission { fields, idempotency_key: None }
    }

    const GOOD: &[(&str, &str)] = &[
        ("type", "software"),
        ("title", "  打不开\r\nVPN "),
        ("description", "\r\n第一行\r\n---\r\n  缩进\u{0}\r\n\r\n"),
        ("name", "张三"),
        ("contact", "13800138000"),
        ("urgency", "urgent"),
        ("application", "VPN"),
        ("occurred_at", "2026-11-23T09:30"),
        ("viewed", "/articles/a/, /articles/b/,/articles/a/"),
    ];

    #[test]
    fn good_words_are_kept_and_tidied() {
        let new = NewTicket::parse(&submission(GOOD), &config(), "zh").unwrap();
        assert_eq!(new.title, "打不开 VPN");
        assert_eq!(new.description, "第一行\n---\n  缩进");
        assert_eq!((new.impact.as_str(), new.team.as_str()), ("me", "application"));
        assert_eq!(new.occurred_at.unwrap().to_string(), "2026-11-23T09:30:00+08:00");
        assert_eq!(new.origin.viewed, ["/articles/a/", "/articles/b/"]);
        assert_eq!(new.fields["application"], "VPN");
    }

    #[test]
    fn every_mistake_is_told_at_once_in_the_readers_language() {
        let long = "长".repeat(201);
        let bad = submission(&[
            ("type", "hardware"),
            ("title", &long),
            ("urgency", "now!"),
            ("impact", "world"),
            ("occurred_at", "昨天"),
            ("device", "toaster"),
        ]);
        for (lang, word) in [("zh", "请填写"), ("en", "Fill in")] {
            let errors = NewTicket::parse(&bad, &config(), lang).unwrap_err();
            let fields: Vec<_> = errors.iter().map(|error| error.field.as_str()).collect();
            let expected = ["title", "description", "device", "urgency", "impact", "occurred_at", "name", "contact"];
            assert_eq!(fields, expected, "{errors:?}");
            assert!(errors[1].message.contains(word), "{errors:?}");
        }
        let nothing = NewTicket::parse(&Submission::default(), &config(), "zh").unwrap_err();
        let fields: Vec<_> = nothing.iter().map(|error| error.field.as_str()).collect();
        assert_eq!(fields, ["type", "title", "description", "urgency", "name", "contact"]);
    }

    #[test]
    fn a_form_with_all_questions_uses_those_of_its_type() {
        let mut form = submission(GOOD);
        form.fields.remove("application");
        form.fields.insert("howto.application".to_owned(), "Excel".to_owned());
        let errors = NewTicket::parse(&form, &config(), "zh").unwrap_err();
        assert_eq!(errors[0].field, "software.application");
        form.fields.insert("software.application".to_owned(), "VPN".to_owned());
        assert_eq!(NewTicket::parse(&form, &config(), "zh").unwrap().fields["application"], "VPN");
    }

    #[test]
    fn pages_viewed_come_as_a_list_or_as_lines() {
        assert_eq!(viewed("[\"/a/\", \"/b,c/\"]"), ["/a/", "/b,c/"]);
        assert_eq!(viewed("/a/\r\n/b/\n"), ["/a/", "/b/"]);
        assert_eq!(viewed(&"/x/,".repeat(1_000)).len(), 1);
    }
}
