//! A step as a form, a JSON object or a command line says it: names and texts.

use std::collections::BTreeMap;

use jiff::tz::TimeZone;

use super::{FieldError, Moment, PendingOn, Rating, Step, TicketId};

impl Step {
    /// Reads `action` and the fields of that action; fields of other actions are ignored, so that one form may hold
    /// several. A date alone is the end of nothing: it is read in the site's `zone`.
    ///
    /// # Errors
    /// Every field that cannot be read, in the language `lang`. What a step cannot do without is checked by
    /// [`super::apply::apply`].
    pub fn parse(fields: &BTreeMap<String, String>, zone: &TimeZone, lang: &str) -> Result<Self, Vec<FieldError>> {
        let mut form = Form { fields, lang, errors: Vec::new() };
        let step = form.step(zone);
        match step {
            Some(step) if form.errors.is_empty() => Ok(step),
            _ => Err(form.errors),
        }
    }
}

struct Form<'a> {
    fields: &'a BTreeMap<String, String>,
    lang: &'a str,
    errors: Vec<FieldError>,
}

impl Form<'_> {
    fn text(&self, name: &str) -> String {
        self.fields.get(name).cloned().unwrap_or_default()
    }

    /// What was chosen; nothing where the field is absent or empty.
    fn some(&self, name: &str) -> Option<String> {
        Some(self.text(name)).filter(|text| !text.trim().is_empty())
    }

    fn wrong(&mut self, field: &str, zh: impl Into<String>, en: impl Into<String>) {
        let message = if self.lang == "zh" { zh.into() } else { en.into() };
        self.errors.push(FieldError { field: field.to_owned(), message });
    }

    fn step(&mut self, zone: &TimeZone) -> Option<Step> {
        let note = self.text("note");
        let text = self.text("text");
        let reason = self.text("reason");
        Some(match self.text("action").as_str() {
            "accept" => Step::Accept { assignee: self.text("assignee"), team: self.text("team"), note },
            "assign" => Step::Assign { assignee: self.text("assignee"), team: self.text("team"), note },
            "start" => Step::Start { note },
            "note" => Step::Note { text },
            "key_step" => Step::KeyStep { text },
            "reply" => Step::Reply { text },
            "contact" => Step::Contact { how: self.text("how"), text },
            "risk" => Step::Risk { risk: self.text("risk"), fallback: self.text("fallback") },
            "ask" => Step::Ask { text },
            "pend" => {
                Step::Pend { on: self.pending_on()?, with: self.text("with"), until: self.moment("until", zone), note }
            }
            "resume" => Step::Resume { note },
            "approve" => Step::Approve { reason },
            "reject" => Step::Reject { reason },
            "resolve" => Step::Resolve {
                cause: self.text("cause"),
                resolution: self.text("resolution"),
                environment: self.text("environment"),
            },
            "confirm" => Step::Confirm {},
            "reopen" => Step::Reopen { reason },
            "rate" => Step::Rate { rating: self.rating()? },
            "close" => Step::Close { reason },
            "cancel" => Step::Cancel { reason },
            "merge" => Step::Merge { into: self.number("into")? },
            "triage" => Step::Triage {
                kind: self.some("type"),
                urgency: self.some("urgency"),
                impact: self.some("impact"),
                title: self.some("title"),
            },
            action => {
                let action: String = action.chars().take(40).collect();
                let all = super::apply::STEPS.join(", ");
                self.wrong(
                    "action",
                    format!("没有“{action}”这个操作，可选：{all}"),
                    format!("there is no action `{action}`; choose one of: {all}"),
                );
                return None;
            }
        })
    }

    fn pending_on(&mut self) -> Option<PendingOn> {
        let on = PendingOn::from_key(self.text("on").trim());
        if on.is_none() {
            let choices = PendingOn::ALL.map(PendingOn::key).join(", ");
            self.wrong("on", format!("请选择在等谁：{choices}"), format!("say whom it waits for: {choices}"));
        }
        on
    }

    fn moment(&mut self, name: &str, zone: &TimeZone) -> Option<Moment> {
        let text = self.some(name)?;
        let moment = Moment::parse_in(&text, zone);
        if moment.is_none() {
            self.wrong(
                name,
                "看不懂这个时间，请写成 2026-11-23 09:30 这样",
                "this is not a time; write it like 2026-11-23 09:30",
            );
        }
        moment
    }

    fn number(&mut self, name: &str) -> Option<TicketId> {
        let number = self.text(name).trim().to_uppercase().parse().ok();
        if number.is_none() {
            self.wrong(name, "请填写工单编号，如 TS202611230001", "give a ticket's number, such as TS202611230001");
        }
        number
    }

    /// Silence is no verdict: whether it was solved has to be said.
    fn rating(&mut self) -> Option<Rating> {
        let solved = match self.text("solved").trim() {
            "true" | "yes" | "on" | "1" => Some(true),
            "false" | "no" | "off" | "0" => Some(false),
            _ => None,
        };
        if solved.is_none() {
            self.wrong("solved", "请选择问题是否解决了", "say whether it was solved: true or false");
        }
        let rating = Rating {
            solved: solved.unwrap_or_default(),
            speed: self.mark("speed"),
            attitude: self.mark("attitude"),
            skill: self.mark("skill"),
            result: self.mark("result"),
            comment: self.text("comment"),
        };
        solved.map(|_| rating)
    }

    fn mark(&mut self, name: &str) -> Option<u8> {
        let text = self.some(name)?;
        let mark = text.trim().parse().ok().filter(|mark| (1..=5).contains(mark));
        if mark.is_none() {
            self.wrong(name, "请打 1 到 5 分", "give a mark from 1 to 5");
        }
        mark
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(pairs: &[(&str, &str)]) -> Result<Step, Vec<FieldError>> {
        let fields = pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        Step::parse(&fields, &TimeZone::get("Asia/Shanghai").unwrap(), "en")
    }

    #[test]
    fn steps_are_read_from_names_and_texts() {
        let pend = parse(&[("action", "pend"), ("on", "supplier"), ("with", "惠普"), ("until", "2026-11-25 18:00")]);
        let Ok(Step::Pend { on: PendingOn::Supplier, with, until: Some(until), .. }) = pend else { panic!("{pend:?}") };
        assert_eq!((with.as_str(), until.to_string().as_str()), ("惠普", "2026-11-25T18:00:00+08:00"));
        let rate = parse(&[("action", "rate"), ("solved", "true"), ("speed", "5"), ("comment", "快")]).unwrap();
        let Step::Rate { rating } = rate else { panic!("{rate:?}") };
        assert!(rating.solved && rating.speed == Some(5) && rating.skill.is_none());
        assert!(matches!(parse(&[("action", "triage"), ("type", "")]), Ok(Step::Triage { kind: None, .. })));
        for (pairs, field) in [
            (&[("action", "destroy")][..], "action"),
            (&[("action", "pend"), ("on", "god")], "on"),
            (&[("action", "merge"), ("into", "x")], "into"),
            (&[("action", "rate"), ("solved", "no"), ("skill", "6")], "skill"),
            (&[("action", "rate"), ("speed", "5")], "solved"),
            // Only the program escalates.
            (&[("action", "escalate")], "action"),
        ] {
            assert_eq!(parse(pairs).unwrap_err()[0].field, field);
        }
    }
}
