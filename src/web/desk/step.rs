//! A form becomes a step.

use std::collections::BTreeMap;

use jiff::tz::TimeZone;
use serde_json::{Map, Value};

use super::words::pick;
use crate::ticket::{Moment, Step, TicketId};

/// A control that is wrong, and why.
pub(super) type Mistake = (String, String);

/// Reads the step of a form. Controls that do not belong to the step are ignored; empty ones are not sent.
///
/// # Errors
/// The control that cannot be read: a number that is none, a time that is none, a step nobody knows.
pub(super) fn read(form: &BTreeMap<String, String>, zone: &TimeZone, lang: &str) -> Result<Step, Mistake> {
    let action = form.get("action").map_or("", |action| action.trim());
    let mut object = Map::new();
    for (name, value) in form {
        // Browsers send text areas with CRLF.
        let value = value.replace("\r\n", "\n");
        let value = value.trim();
        if !value.is_empty() {
            object.insert(name.clone(), Value::from(value));
        }
    }
    let text = |name: &str| form.get(name).map_or("", |value| value.trim());
    let wrong = |name: &str, zh: &str, en: &str| Err((name.to_owned(), pick(lang, zh, en).to_owned()));
    match action {
        "pend" => {
            if !["requester", "approval", "supplier"].contains(&text("on")) {
                return wrong("on", "请选择等待谁", "Choose whom it waits for");
            }
            if !text("until").is_empty() {
                let Some(until) = Moment::parse_in(text("until"), zone) else {
                    return wrong("until", "请写成日期和时间，例如 2026-11-30 18:00", "Write a date and a time");
                };
                object.insert("until".to_owned(), Value::from(until.to_string()));
            }
        }
        "merge" => {
            let Ok(into) = text("into").to_ascii_uppercase().parse::<TicketId>() else {
                return wrong("into", "请填写工单编号，例如 TS202611230001", "Give a number such as TS202611230001");
            };
            object.insert("into".to_owned(), Value::from(into.to_string()));
        }
        // Marks are the requester's, who gives them on the tracking page.
        "rate" => return wrong("", "评价由提报人给出", "Only the requester rates"),
        _ => {}
    }
    serde_json::from_value(Value::Object(object)).map_err(|_| {
        let message = pick(lang, "没有这种操作", "There is no such step");
        (String::new(), message.to_owned())
    })
}

/// Whether a step may be sent by a form at all: what the program does by itself may not.
pub(super) fn is_for_people(step: &Step) -> bool {
    !matches!(step, Step::Remind {} | Step::Escalate { .. } | Step::AutoClose {} | Step::Publish { .. })
}

/// The step's public words that a refused form gives back as a draft.
pub(super) fn is_written(action: &str) -> bool {
    matches!(action, "reply" | "note" | "key_step")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ticket::PendingOn;

    fn form(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
        pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
    }

    fn step(pairs: &[(&str, &str)]) -> Result<Step, Mistake> {
        read(&form(pairs), &TimeZone::get("Asia/Shanghai").unwrap(), "en")
    }

    #[test]
    fn controls_become_the_fields_of_the_step() {
        let reply = step(&[("action", "reply"), ("text", "one\r\ntwo\r\n"), ("csrf", "x"), ("etag", "y")]).unwrap();
        assert_eq!(reply, Step::Reply { text: "one\ntwo".to_owned() });
        let pend = [("action", "pend"), ("on", "supplier"), ("with", "联想"), ("until", "2026-11-30T18:00")];
        let Ok(Step::Pend { on: PendingOn::Supplier, until: Some(until), .. }) = step(&pend) else { panic!() };
        assert_eq!(until.to_string(), "2026-11-30T18:00:00+08:00");
        let triage = step(&[("action", "triage"), ("type", "access"), ("urgency", " ")]).unwrap();
        let wanted = Step::Triage { kind: Some("access".to_owned()), urgency: None, impact: None, title: None };
        assert_eq!(triage, wanted);
    }

    #[test]
    fn what_cannot_be_read_is_named() {
        assert_eq!(step(&[("action", "merge"), ("into", "seven")]).unwrap_err().0, "into");
        assert_eq!(step(&[("action", "pend"), ("on", "godot")]).unwrap_err().0, "on");
        assert_eq!(step(&[("action", "pend"), ("on", "supplier"), ("until", "soon")]).unwrap_err().0, "until");
        assert_eq!(step(&[("action", "explode")]).unwrap_err().0, "");
        assert!(step(&[("action", "rate"), ("solved", "true")]).is_err());
        assert!(!is_for_people(&step(&[("action", "auto_close")]).unwrap()));
    }
}
