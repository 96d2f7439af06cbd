//! A resolution record as a form: its fields, and what was found in them.

use super::actions::Values;
use super::controls::options;
use super::words::pick;
use crate::archive::{Found, RecordDraft};
use crate::config::Config;
use crate::site::context::desk::{DeskField, DeskFinding};

/// The name of a field of the record.
pub(super) fn field_name<'a>(field: &'a str, lang: &str) -> &'a str {
    match field {
        "title" => pick(lang, "标题", "Title"),
        "category" => pick(lang, "类别", "Category"),
        "keywords" => pick(lang, "关键词", "Keywords"),
        "environment" => pick(lang, "环境", "Environment"),
        "issue" => pick(lang, "现象", "Issue"),
        "cause" => pick(lang, "原因", "Cause"),
        "resolution" => pick(lang, "解决方案", "Resolution"),
        "key_steps" => pick(lang, "关键步骤", "Key steps"),
        other => other,
    }
}

/// The controls, filled in.
pub(super) fn fields(config: &Config, draft: &RecordDraft, lang: &str) -> Vec<DeskField> {
    let field = |name: &'static str, kind, required, value: String| DeskField {
        name,
        id: format!("p-{name}"),
        label: field_name(name, lang).to_owned(),
        kind,
        required,
        help: String::new(),
        value,
        choices: Vec::new(),
        error: String::new(),
    };
    let none = (String::new(), pick(lang, "（不分类）", "(none)").to_owned());
    let known = config.categories.iter().map(|one| (one.key.clone(), one.name.get(lang).to_owned()));
    let mut category = field("category", "choice", false, draft.category.clone());
    category.choices = options(std::iter::once(none).chain(known).collect(), &draft.category);
    let mut keywords = field("keywords", "line", false, draft.keywords.join(pick(lang, "、", ", ")));
    keywords.help =
        pick(lang, "同事会怎么搜它，用顿号或逗号分开", "What colleagues will type; separated by commas").to_owned();
    let mut steps = field("key_steps", "area", false, draft.key_steps.join("\n\n"));
    steps.help = pick(lang, "每步之间空一行", "An empty line between two steps").to_owned();
    vec![
        field("title", "line", true, draft.title.clone()),
        category,
        keywords,
        field("issue", "area", true, draft.issue.clone()),
        field("environment", "area", false, draft.environment.clone()),
        field("cause", "area", true, draft.cause.clone()),
        field("resolution", "area", true, draft.resolution.clone()),
        steps,
    ]
}

/// The draft with what somebody changed in the form; a control that was not sent changes nothing.
pub(super) fn edited(mut draft: RecordDraft, values: &Values) -> RecordDraft {
    let given = |name: &str| values.get(name).map(|value| value.replace("\r\n", "\n").trim().to_owned());
    let put = |into: &mut String, name: &str| {
        if let Some(value) = given(name) {
            *into = value;
        }
    };
    let line = |text: String| text.split_whitespace().collect::<Vec<_>>().join(" ");
    put(&mut draft.title, "title");
    draft.title = line(draft.title);
    put(&mut draft.category, "category");
    put(&mut draft.issue, "issue");
    put(&mut draft.environment, "environment");
    put(&mut draft.cause, "cause");
    put(&mut draft.resolution, "resolution");
    let items = |text: &str, between: &[&str]| {
        let first = between[0];
        let text = between[1..].iter().fold(text.to_owned(), |text, other| text.replace(other, first));
        let items = text.split(first).map(|item| item.trim().to_owned());
        items.filter(|item| !item.is_empty()).collect::<Vec<_>>()
    };
    if let Some(keywords) = given("keywords") {
        draft.keywords = items(&line(keywords), &[",", "，", "、", ";", "；"]);
    }
    if let Some(steps) = given("key_steps") {
        draft.key_steps = items(&steps, &["\n\n"]);
    }
    draft
}

/// A finding with its line around it, and what was decided about it. `written` is the language of the record.
pub(super) fn finding(found: &Found, values: &Values, written: &str, lang: &str) -> DeskFinding {
    let name = format!("found:{}", found.id);
    let decision = match values.get(&name).map(String::as_str) {
        Some("redact") => "redact",
        Some("confirm") => "confirm",
        _ => "",
    };
    let column = usize::try_from(found.column).unwrap_or(1).max(1) - 1;
    let text = found.finding.text.lines().next().unwrap_or("");
    let before: String = found.excerpt.chars().take(column).collect();
    let after: String = found.excerpt.chars().skip(column + text.chars().count()).collect();
    let field = field_name(found.field, lang);
    let place = match lang {
        "zh" => format!("{field}，第 {} 行", found.line),
        _ => format!("{field}, line {}", found.line),
    };
    DeskFinding {
        name,
        kind: found.finding.kind.name(lang).to_owned(),
        place,
        before,
        found: text.to_owned(),
        after,
        replacement: found.finding.kind.placeholder(written).to_owned(),
        decision,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::redaction::Rules;
    use crate::ticket::Ticket;

    #[test]
    fn a_record_survives_its_form_and_findings_are_shown_in_their_line() {
        let yaml = "id: TS202611230001\ntitle: VPN 报错 809\nstatus: resolved\norigin: {query: vpn 809}\n";
        let mut ticket: Ticket = serde_yaml::from_str(yaml).unwrap();
        ticket.body = "打不开\n".to_owned();
        let config = Config::parse(std::path::Path::new("/nowhere"), "title = 'x'").unwrap();
        let mut draft = crate::archive::draft_record(&config, &ticket, "zh").unwrap();
        draft.resolution = "先重启\n再打 13800138000 找张三".to_owned();
        draft.key_steps = vec!["一\n二".to_owned(), "三".to_owned()];
        let mut sent: Values = Values::new();
        for field in fields(&config, &draft, "zh") {
            sent.insert(field.name.to_owned(), field.value.replace('\n', "\r\n"));
        }
        assert_eq!(edited(draft.clone(), &sent), draft);

        let found = crate::archive::gate(&draft, &["张三".to_owned()], &Rules::new(&config));
        let mut decided = Values::new();
        decided.insert(format!("found:{}", found[0].id), "redact".to_owned());
        let shown = finding(&found[0], &decided, "zh", "zh");
        assert_eq!((shown.before.as_str(), shown.found.as_str()), ("再打 ", "13800138000"));
        assert_eq!(
            (shown.after.as_str(), shown.decision, shown.place.as_str()),
            (" 找张三", "redact", "解决方案，第 2 行")
        );
    }
}
