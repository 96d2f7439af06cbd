//! A step that a person wrote into the ticket's file: an entry of `history` without a time.
//!
//! It is no history yet. Whoever keeps the tree takes it through the rules of the process, and puts the entry that
//! comes of it in its place; what is refused stays as it is written, and `check` says why.

use std::collections::BTreeMap;

use jiff::tz::TimeZone;
use serde_yaml::{Mapping, Value};

use super::{FieldError, Step, file};

/// `action`, who does it, and what the step needs, by the names that a form and the command line use.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Intent(BTreeMap<String, String>);

/// The names under which steps ask for their words; in a file all of them may be called `note`, as history does.
const WORDS: [&str; 2] = ["text", "reason"];

impl Intent {
    /// The word in `action`.
    pub fn action(&self) -> &str {
        self.0.get("action").map_or("", |action| action.trim())
    }

    /// Whose step it is: a login, `requester`, or nothing where the person at the file did not say.
    pub fn by(&self) -> &str {
        self.0.get("by").map_or("", |by| by.trim())
    }

    /// The step it stands for.
    ///
    /// # Errors
    /// As [`Step::parse`].
    pub fn step(&self, zone: &TimeZone, lang: &str) -> Result<Step, Vec<FieldError>> {
        let mut fields = self.0.clone();
        if let Some(note) = fields.get("note").cloned() {
            for name in WORDS {
                fields.entry(name.to_owned()).or_insert_with(|| note.clone());
            }
        }
        Step::parse(&fields, zone, lang)
    }

    /// Takes the entries without a time out of a front matter's `history`; `None` where there are none, or where one of
    /// them is no list of names and texts.
    pub(super) fn take(front: &mut Mapping) -> Option<Vec<Self>> {
        let Some(Value::Sequence(history)) = front.get_mut("history") else { return None };
        let is_untimed =
            |entry: &Value| entry.as_mapping().is_some_and(|entry| entry.get("at").is_none_or(Value::is_null));
        if !history.iter().any(is_untimed) {
            return None;
        }
        let (untimed, timed) = std::mem::take(history).into_iter().partition(is_untimed);
        *history = timed;
        let untimed: Vec<Value> = untimed;
        untimed.into_iter().map(|entry| file::as_texts(entry).ok().map(Self)).collect()
    }

    /// As [`Intent::take`] found it.
    pub(super) fn to_value(&self) -> Value {
        let pairs = self.0.iter().map(|(name, text)| (Value::from(name.as_str()), Value::from(text.as_str())));
        Value::Mapping(pairs.collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ticket::PendingOn;

    fn taken(yaml: &str) -> Option<Vec<Intent>> {
        Intent::take(&mut serde_yaml::from_str(yaml).unwrap())
    }

    #[test]
    fn an_entry_without_a_time_is_a_step_to_take() {
        let zone = TimeZone::get("Asia/Shanghai").unwrap();
        let found = taken(
            "history:\n- {at: 2026-11-23T09:00:00+08:00, action: file}\n- action: reply\n  by: li\n  note: 好了\n- at:\n  \
             action: pend\n  on: supplier\n  with: 惠普\n  until: 2026-11-25 18:00\n- {action: close, note: 电话里说了}\n",
        )
        .unwrap();
        assert_eq!((found.len(), found[0].by(), found[1].by()), (3, "li", ""));
        assert_eq!(found[0].step(&zone, "zh"), Ok(Step::Reply { text: "好了".into() }));
        assert!(matches!(found[1].step(&zone, "zh"), Ok(Step::Pend { on: PendingOn::Supplier, until: Some(_), .. })));
        assert_eq!(found[2].step(&zone, "zh"), Ok(Step::Close { reason: "电话里说了".into() }));
        assert_eq!(taken("history:\n- {at: 2026-11-23T09:00:00+08:00, action: file}\n"), None);
        assert_eq!(taken("history:\n- {action: reply, note: [1, 2]}\n"), None, "no text");
        assert_eq!(taken("title: x\n"), None);
    }
}
