//! The first draft of an article that people have searched for in vain.

use jiff::civil::Date;
use pinyin::ToPinyin;

use super::gaps::Gap;

/// Letters of a file name.
const LONGEST_NAME: usize = 60;

/// A draft, for a person to write.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stub {
    /// The file's name, without folder: `vpn-lian-bu-shang.md`.
    pub name: String,
    pub text: String,
}

/// Drafts an article on `query`; `known` is what the search log says of it, if anything.
///
/// The title is the question as people put it, the keywords are the other ways they put it, and `confidence: wip` keeps
/// the page out of the site until somebody has written it.
pub fn draft(query: &str, known: Option<&Gap>, lang: &str, is_default: bool, today: Date) -> Stub {
    let title = query.split_whitespace().collect::<Vec<_>>().join(" ");
    let mut keywords = vec![title.clone()];
    for also in known.iter().flat_map(|gap| std::iter::once(&gap.query).chain(&gap.also)).take(10) {
        // What was masked is no keyword.
        if !also.contains('‹') && !keywords.iter().any(|keyword| keyword.to_lowercase() == *also) {
            keywords.push(also.clone());
        }
    }
    let keywords = keywords.iter().map(|keyword| quoted(keyword)).collect::<Vec<_>>().join(", ");
    let mut text = format!(
        "---\ntitle: {}\nsummary: \"\"\nkeywords: [{keywords}]\naudience: employees\nconfidence: wip\n\
         owner: \"\"\ncreated: {today}\nupdated: {today}\n---\n\n",
        quoted(&title)
    );
    if let Some(gap) = known {
        text.push_str(&reason(gap, lang));
    }
    text.push_str(if lang == "zh" { BODY_ZH } else { BODY_EN });
    let suffix = if is_default { String::new() } else { format!(".{lang}") };
    Stub { name: format!("{}{suffix}.md", file_name(&title, today)), text }
}

const BODY_ZH: &str = "用一两句话说清楚：这篇文章解决什么问题，适合谁看。\n\n## 现象\n\n员工看到什么、怎么描述；报错原文照抄。\n\n\
                       ## 原因\n\n为什么会这样。\n\n## 解决方法\n\n1. 第一步。\n2. 第二步，写明做完应当看到什么。\n\n## 仍未解决\n\n什么情况下提交工单，需要附上什么。\n";
const BODY_EN: &str = "Say in a sentence or two what this article solves, and for whom.\n\n## Issue\n\nWhat people see and how they put it; \
                       copy error messages word by word.\n\n## Cause\n\nWhy it happens.\n\n## Resolution\n\n1. The first step.\n2. The second, \
                       and what should be seen after it.\n\n## Still not solved\n\nWhen to raise a ticket, and what to attach.\n";

/// A comment for the writer, which readers do not see.
fn reason(gap: &Gap, lang: &str) -> String {
    let Gap { searches, unanswered, opened, tickets, last, .. } = gap;
    if lang == "zh" {
        format!(
            "<!-- 搜索 {searches} 次，{unanswered} 次没有合适的结果，打开结果 {opened} 次，转为工单 {tickets} 次；最近一次 {last}。 -->\n\n"
        )
    } else {
        format!(
            "<!-- Searched {searches} times, {unanswered} without a good result; {opened} results opened, {tickets} tickets; last on {last}. -->\n\n"
        )
    }
}

/// A YAML string in double quotes.
fn quoted(text: &str) -> String {
    let mut quoted = String::from("\"");
    for character in text.chars().filter(|character| !character.is_control()) {
        if matches!(character, '"' | '\\') {
            quoted.push('\\');
        }
        quoted.push(character);
    }
    quoted.push('"');
    quoted
}

/// Lower-case Latin letters and digits: an address that can be read out on the telephone.
fn file_name(title: &str, today: Date) -> String {
    let mut words: Vec<String> = Vec::new();
    let mut open = false;
    for character in title.chars() {
        if character.is_ascii_alphanumeric() {
            match words.last_mut() {
                Some(word) if open => word.push(character.to_ascii_lowercase()),
                _ => words.push(character.to_ascii_lowercase().to_string()),
            }
            open = true;
        } else {
            open = false;
            if let Some(syllable) = character.to_pinyin() {
                words.push(syllable.plain().replace('ü', "v"));
            }
        }
    }
    let mut name = String::new();
    for word in words {
        if name.len() + word.len() >= LONGEST_NAME {
            break;
        }
        if !name.is_empty() {
            name.push('-');
        }
        name.push_str(&word);
    }
    if name.is_empty() { format!("draft-{today}") } else { name }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    fn gap() -> Gap {
        Gap {
            query: "报销系统打不开".into(),
            also: vec!["报销 打不开".into(), "报销 ‹mail›".into()],
            searches: 8,
            unanswered: 7,
            hits: 1,
            opened: 0,
            tickets: 2,
            last: date(2026, 11, 20),
        }
    }

    #[test]
    fn a_draft_begins_with_the_words_of_those_who_searched() {
        let stub = draft("报销系统 打不开", Some(&gap()), "zh", true, date(2026, 11, 23));
        assert_eq!(stub.name, "bao-xiao-xi-tong-da-bu-kai.md");
        assert!(stub.text.starts_with("---\ntitle: \"报销系统 打不开\"\n"), "{}", stub.text);
        assert!(stub.text.contains("keywords: [\"报销系统 打不开\", \"报销系统打不开\", \"报销 打不开\"]\n"));
        assert!(stub.text.contains("confidence: wip\n") && stub.text.contains("搜索 8 次"));
    }

    #[test]
    fn any_question_makes_a_name_and_a_title() {
        let today = date(2026, 11, 23);
        let english = draft("\"VPN\" can't \\ connect?", None, "en", false, today);
        assert_eq!(english.name, "vpn-can-t-connect.en.md");
        assert!(english.text.contains("title: \"\\\"VPN\\\" can't \\\\ connect?\"\n"), "{}", english.text);
        assert!(english.text.contains("## Resolution"));
        assert_eq!(draft("？？", None, "zh", true, today).name, "draft-2026-11-23.md");
        assert!(draft(&"很".repeat(300), None, "zh", true, today).name.len() < 70);
    }
}
