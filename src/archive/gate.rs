//! The gate: nothing personal passes without somebody's decision.

use serde::Serialize;

use super::draft::RecordDraft;
use crate::redaction::{self, Finding, Rules};
use crate::source::position;

/// Something found in a draft, with its place.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Found {
    /// What a decision names: place and a fingerprint of the text, `resolution:2:5:1c9f`. A decision about another
    /// text never counts for this one.
    pub id: String,
    /// `title`, `category`, `keywords`, `environment`, `issue`, `cause`, `resolution`, `key_steps`.
    pub field: &'static str,
    /// Which item of a list, from 0.
    #[serde(skip)]
    pub item: usize,
    /// 1-based, within the field; a list counts on over its items.
    pub line: u32,
    /// 1-based, in characters.
    pub column: u32,
    /// The line it stands in.
    pub excerpt: String,
    #[serde(flatten)]
    pub finding: Finding,
}

impl Found {
    /// What the audit says of letting it stand: kind and place, not the text.
    pub fn confirmation(&self) -> String {
        format!("confirm {} {}", self.finding.kind.key(), self.id)
    }
}

/// What somebody decided about a finding.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Choice {
    /// A placeholder takes its place.
    Redact,
    /// It may stand: it is no personal data, or may be known. Goes into the audit.
    Confirm,
}

/// A decision on one finding, by its id.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decision {
    pub finding: String,
    pub choice: Choice,
}

/// A field's name, and its text or its items.
type Field<'a> = (&'static str, Vec<&'a mut String>);

fn fields(draft: &mut RecordDraft) -> [Field<'_>; 8] {
    [
        ("title", vec![&mut draft.title]),
        ("category", vec![&mut draft.category]),
        ("keywords", draft.keywords.iter_mut().collect()),
        ("environment", vec![&mut draft.environment]),
        ("issue", vec![&mut draft.issue]),
        ("cause", vec![&mut draft.cause]),
        ("resolution", vec![&mut draft.resolution]),
        ("key_steps", draft.key_steps.iter_mut().collect()),
    ]
}

/// Everything in the draft that somebody must decide: personal data, secrets, and `names`.
pub fn gate(draft: &RecordDraft, names: &[String], rules: &Rules) -> Vec<Found> {
    let rules = rules.clone().with_names(names);
    let mut copy = draft.clone();
    let mut all = Vec::new();
    for (field, items) in fields(&mut copy) {
        let mut first = 0;
        for (item, text) in items.into_iter().enumerate() {
            let found = redaction::find(text, &rules);
            all.extend(found.into_iter().map(|finding| place(field, item, first, text, finding)));
            first += u32::try_from(text.matches('\n').count()).unwrap_or(0) + 1;
        }
    }
    all
}

fn place(field: &'static str, item: usize, first: u32, text: &str, finding: Finding) -> Found {
    let (line, column) = position(text, finding.range.start);
    let start = text[..finding.range.start].rfind('\n').map_or(0, |end| end + 1);
    let excerpt = text[start..].lines().next().unwrap_or("").chars().take(160).collect();
    let print = blake3::hash(format!("{}\0{}", finding.kind.key(), finding.text).as_bytes()).to_hex();
    let line = line + first;
    let id = format!("{field}:{line}:{column}:{}", &print[..4]);
    Found { id, field, item, line, column, excerpt, finding }
}

/// The draft after the decisions, and the findings that were confirmed.
///
/// # Errors
/// The findings without a decision.
pub fn decide(
    draft: &RecordDraft,
    found: &[Found],
    decisions: &[Decision],
) -> Result<(RecordDraft, Vec<Found>), Vec<Found>> {
    let choice = |found: &Found| decisions.iter().rev().find(|one| one.finding == found.id).map(|one| one.choice);
    let undecided: Vec<Found> = found.iter().filter(|found| choice(found).is_none()).cloned().collect();
    if !undecided.is_empty() {
        return Err(undecided);
    }
    let mut decided = draft.clone();
    let lang = draft.lang.clone();
    for (field, items) in fields(&mut decided) {
        for (item, text) in items.into_iter().enumerate() {
            let here = found.iter().filter(|found| found.field == field && found.item == item);
            let redacted: Vec<Finding> =
                here.filter(|found| choice(found) == Some(Choice::Redact)).map(|found| found.finding.clone()).collect();
            *text = redaction::redact(text, &redacted, &lang);
        }
    }
    let confirmed = found.iter().filter(|found| choice(found) == Some(Choice::Confirm)).cloned().collect();
    Ok((decided, confirmed))
}

#[cfg(test)]
mod tests {
    use super::super::draft::draft_record;
    use super::super::draft::tests::{config, solved};
    use super::*;

    #[test]
    fn every_finding_has_a_place_and_needs_a_decision() {
        let mut draft = draft_record(&config(), &solved(), "zh").unwrap();
        draft.resolution = "重置\n请张三打 13800138000".into();
        draft.key_steps = vec!["一\n二".into(), "写信 li@corp.example".into()];
        let found = gate(&draft, &["张三".into()], &Rules::default());
        let places: Vec<_> = found.iter().map(|one| (one.field, one.line, one.column, one.excerpt.as_str())).collect();
        assert_eq!(
            places,
            [
                ("resolution", 2, 2, "请张三打 13800138000"),
                ("resolution", 2, 6, "请张三打 13800138000"),
                ("key_steps", 3, 4, "写信 li@corp.example"),
            ]
        );
        let some = [Decision { finding: found[0].id.clone(), choice: Choice::Redact }];
        assert_eq!(decide(&draft, &found, &some).unwrap_err().len(), 2);
        let all: Vec<_> = found
            .iter()
            .map(|one| Decision {
                finding: one.id.clone(),
                choice: if one.field == "key_steps" { Choice::Confirm } else { Choice::Redact },
            })
            .collect();
        let (decided, confirmed) = decide(&draft, &found, &all).unwrap();
        assert_eq!(decided.resolution, "重置\n请〔姓名〕打 〔电话〕");
        assert_eq!(decided.key_steps[1], "写信 li@corp.example");
        assert_eq!(confirmed.len(), 1);
        let left: Vec<_> = gate(&decided, &["张三".into()], &Rules::default()).into_iter().map(|one| one.id).collect();
        assert_eq!(left, [confirmed[0].id.clone()], "only what was confirmed is left");
    }

    #[test]
    fn a_decision_on_another_text_does_not_count() {
        let mut draft = draft_record(&config(), &solved(), "zh").unwrap();
        draft.cause = "打 13800138000".into();
        let decisions: Vec<_> = gate(&draft, &[], &Rules::default())
            .into_iter()
            .map(|one| Decision { finding: one.id, choice: Choice::Confirm })
            .collect();
        draft.cause = "打 13912345678".into();
        assert_eq!(decide(&draft, &gate(&draft, &[], &Rules::default()), &decisions).unwrap_err().len(), 1);
    }
}
