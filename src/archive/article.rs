//! Articles: from a template, from solved tickets, and their review.

use jiff::civil::Date;
use serde_yaml::{Mapping, Value};

use super::draft::{RecordDraft, below, one_line};
use super::link::{Linked, change, read};
use super::slug::slug;
use super::{ArchiveError, front, publish};
use crate::config::Config;
use crate::content::{self, Document};
use crate::ticket::TicketId;
use crate::yaml;

/// What a new article begins with.
#[derive(Debug, Clone, Default)]
pub struct NewArticle {
    pub title: String,
    /// The key of a category, which is also its folder; empty puts the article at the top.
    pub category: String,
    pub lang: String,
    pub keywords: Vec<String>,
    pub linked_tickets: Vec<String>,
    /// The login of who writes it: somebody else reviews it.
    pub author: String,
}

/// The built-in templates: something to do, something that is broken.
const HOWTO: [&str; 2] = [include_str!("templates/howto.zh.md"), include_str!("templates/howto.en.md")];
const FAULT: [&str; 2] = [include_str!("templates/fault.zh.md"), include_str!("templates/fault.en.md")];
/// Categories whose articles are mostly about faults.
const FAULTY: &[&str] = &["hardware", "network", "printing"];

/// A new article from its category's template: `templates/CATEGORY.LANG.md`, `templates/CATEGORY.md` or
/// `templates/article.md` beside `site.toml`, else a built-in one. It is a draft (`confidence: wip`).
pub fn new_article(config: &Config, new: &NewArticle, today: Date) -> String {
    let own = [format!("{}.{}", new.category, new.lang), new.category.clone(), "article".to_owned()];
    let plain = |name: &String| name.split('.').all(|part| !part.is_empty()) && !name.contains(['/', '\\']);
    let body = own
        .iter()
        .filter(|name| plain(name))
        .find_map(|name| std::fs::read_to_string(config.root.join("templates").join(format!("{name}.md"))).ok())
        .map(|text| text.replace("\r\n", "\n"));
    let shipped = if FAULTY.contains(&new.category.as_str()) { FAULT } else { HOWTO };
    let body = body.unwrap_or_else(|| shipped[usize::from(new.lang != "zh")].to_owned());
    with_front(new, &body, today)
}

/// The text with what every article begins with. Keys that the template has of its own follow as they are written there.
fn with_front(new: &NewArticle, body: &str, today: Date) -> String {
    let (own, body) = template_front(body);
    let mut front = Mapping::new();
    front.insert("title".into(), one_line(&new.title).into());
    let list = |items: &[String]| items.iter().map(|item| Value::from(item.as_str())).collect::<Vec<_>>();
    for (key, text) in [("category", &new.category), ("author", &new.author)] {
        if !text.is_empty() {
            front.insert(key.into(), text.as_str().into());
        }
    }
    front.insert("confidence".into(), "wip".into());
    for (key, items) in [("keywords", &new.keywords), ("linked_tickets", &new.linked_tickets)] {
        if !items.is_empty() {
            front.insert(key.into(), list(items).into());
        }
    }
    front.insert("created".into(), Value::Null);
    let kept = own.into_iter().filter(|(key, _)| !front.contains_key(*key)).map(|(_, lines)| lines);
    let kept: String = kept.collect();
    front.shift_remove("created");
    format!("---\n{}created: {today}\n{kept}---\n{}\n", yaml::emit(&Value::Mapping(front)), body.trim())
}

/// A template's own keys with their lines, and its text after them.
fn template_front(template: &str) -> (Vec<(&str, String)>, &str) {
    let text = template.trim_start_matches('\u{feff}').trim_start();
    let Some((front, body)) = text.strip_prefix("---\n").and_then(|rest| rest.split_once("\n---\n")) else {
        return (Vec::new(), template);
    };
    let mut keys: Vec<(&str, String)> = Vec::new();
    for line in front.lines() {
        let starts = line.starts_with(|c: char| c.is_alphanumeric());
        match (line.split_once(':').filter(|_| starts), keys.last_mut()) {
            (Some((key, _)), _) => keys.push((key.trim(), format!("{line}\n"))),
            (None, Some((_, lines))) => lines.push_str(&format!("{line}\n")),
            (None, None) => {}
        }
    }
    (keys, body)
}

/// An article draft out of what solved tickets taught. Takes the title, category and keywords of the first where `new`
/// has none.
pub fn draft_article(from: &[RecordDraft], new: NewArticle, today: Date) -> String {
    let first = from.first();
    let mut new = new;
    if new.title.is_empty() {
        new.title = first.map_or_else(String::new, |record| record.title.clone());
    }
    if new.category.is_empty() {
        new.category =
            from.iter().map(|record| record.category.clone()).find(|key| !key.is_empty()).unwrap_or_default();
    }
    for keyword in from.iter().flat_map(|record| &record.keywords) {
        if !new.keywords.contains(keyword) {
            new.keywords.push(keyword.clone());
        }
    }
    new.linked_tickets.extend(from.iter().map(|record| record.id.to_string()));
    new.linked_tickets.sort_unstable();
    new.linked_tickets.dedup();
    let zh = new.lang == "zh";
    let sections = [
        (if zh { "现象" } else { "Symptoms" }, Section::Issue),
        (if zh { "环境" } else { "Environment" }, Section::Environment),
        (if zh { "原因" } else { "Cause" }, Section::Cause),
        (if zh { "解决方案" } else { "Resolution" }, Section::Resolution),
    ];
    let mut body = String::new();
    for (heading, section) in sections {
        let parts: Vec<(String, String)> = from
            .iter()
            .map(|record| (record.title.clone(), below(&section.of(record, zh))))
            .filter(|(_, text)| !text.trim().is_empty())
            .collect();
        match parts.as_slice() {
            [] => {}
            [(_, only)] => body.push_str(&format!("## {heading}\n\n{only}\n\n")),
            several => {
                body.push_str(&format!("## {heading}\n\n"));
                for (title, text) in several {
                    body.push_str(&format!("### {}\n\n{}\n\n", one_line(title), deeper(text)));
                }
            }
        }
    }
    with_front(&new, &body, today)
}

#[derive(Clone, Copy)]
enum Section {
    Issue,
    Environment,
    Cause,
    Resolution,
}

impl Section {
    fn of(self, record: &RecordDraft, zh: bool) -> String {
        match self {
            Self::Issue => record.issue.clone(),
            Self::Environment => record.environment.clone(),
            Self::Cause => record.cause.clone(),
            Self::Resolution if record.key_steps.is_empty() => record.resolution.clone(),
            Self::Resolution => {
                let steps = record.key_steps.iter().map(|step| format!("- {}\n", step.replace('\n', "\n  ")));
                let heading = if zh { "关键步骤" } else { "Key steps" };
                format!("{}\n\n### {heading}\n\n{}", record.resolution, steps.collect::<String>())
            }
        }
    }
}

/// Headings one level down, below the title of their record.
fn deeper(text: &str) -> String {
    let mut fenced = false;
    let lines = text.lines().map(|line| {
        fenced ^= line.trim_start().starts_with("```");
        if !fenced && line.starts_with("###") { format!("#{line}") } else { line.to_owned() }
    });
    lines.collect::<Vec<_>>().join("\n")
}

/// The record of a ticket that is on the disk already: redacted, and edited by whoever knew better.
///
/// # Errors
/// What the disk refused.
pub fn record_of(config: &Config, id: TicketId, lang: &str) -> Result<Option<RecordDraft>, ArchiveError> {
    let path = format!("resolutions/{id}.md");
    let Ok(Some(found)) = content::read(config, &path) else { return Ok(None) };
    let Document::Resolution(record) = found.document else { return Ok(None) };
    let mut draft = RecordDraft {
        id,
        lang: lang.to_owned(),
        title: record.meta.title,
        category: record.meta.category,
        keywords: record.meta.keywords,
        environment: String::new(),
        issue: String::new(),
        cause: String::new(),
        resolution: String::new(),
        key_steps: Vec::new(),
        resolved_on: record.meta.updated.unwrap_or(id.day()),
        linked_article: record.linked_article,
    };
    let mut section = &mut draft.issue;
    let mut fenced = false;
    for line in record.body.text.lines() {
        fenced ^= line.trim_start().starts_with("```");
        match line.strip_prefix("## ").map(str::trim).filter(|_| !fenced) {
            Some("现象" | "Issue") => section = &mut draft.issue,
            Some("环境" | "Environment") => section = &mut draft.environment,
            Some("原因" | "Cause") => section = &mut draft.cause,
            Some("解决方案" | "Resolution") => section = &mut draft.resolution,
            _ => {
                section.push_str(line);
                section.push('\n');
            }
        }
    }
    if draft.environment.trim().is_empty() {
        draft.environment = record.environment;
    }
    for text in [&mut draft.environment, &mut draft.issue, &mut draft.cause, &mut draft.resolution] {
        *text = text.trim().to_owned();
    }
    Ok(Some(draft))
}

/// Writes a new article under the first free name of its title; answers its path relative to `content/`.
///
/// # Errors
/// What the disk refused.
pub fn create_article(config: &Config, new: &NewArticle, text: &str) -> Result<String, ArchiveError> {
    let name = slug(&new.title);
    let folder = content::address::slug(&new.category);
    let folder = if new.category.is_empty() { String::new() } else { format!("{folder}/") };
    let suffix = if new.lang.is_empty() || new.lang == config.default_language() {
        String::new()
    } else {
        format!(".{}", new.lang)
    };
    let mut number = 1;
    loop {
        let counted = if number == 1 { String::new() } else { format!("-{number}") };
        let path = format!("articles/{folder}{name}{counted}{suffix}.md");
        match publish::write(config, &path, text) {
            Err(ArchiveError::Exists { .. }) if number < 1_000 => number += 1,
            Err(error) => return Err(error),
            Ok(_) => return Ok(path),
        }
    }
}

/// A document as it is written, and who stands behind it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Manuscript {
    /// The whole file.
    pub text: String,
    /// Logins; empty where the file names nobody.
    pub author: String,
    pub reviewed_by: String,
}

/// Reads a document of `content/`; `path` is relative to it.
///
/// # Errors
/// [`ArchiveError::Missing`], [`ArchiveError::Edit`] for a front matter that cannot be read, or what the disk refused.
pub fn manuscript(config: &Config, path: &str) -> Result<Manuscript, ArchiveError> {
    let path = path.strip_prefix("content/").unwrap_or(path);
    let text = read(config, path)?;
    let named = |key| {
        let named = front::get(&text, key).map_err(|reason| ArchiveError::Edit { path: path.to_owned(), reason })?;
        Ok::<_, ArchiveError>(named.unwrap_or_default().trim().to_owned())
    };
    let (author, reviewed_by) = (named("author")?, named("reviewed_by")?);
    Ok(Manuscript { text, author, reviewed_by })
}

/// Marks an article as reviewed: `confidence: validated`, `reviewed_by`, `updated`. Nobody reviews their own.
///
/// # Errors
/// [`ArchiveError::OwnReview`], [`ArchiveError::NoAuthor`], [`ArchiveError::Missing`], [`ArchiveError::Edit`], or what
/// the disk refused.
pub fn review(config: &Config, path: &str, reviewer: &str, today: Date) -> Result<Linked, ArchiveError> {
    let path = path.strip_prefix("content/").unwrap_or(path);
    if !path.starts_with("articles/") {
        return Err(ArchiveError::Missing { path: path.to_owned() });
    }
    let text = read(config, path)?;
    let author = front::get(&text, "author").map_err(|reason| ArchiveError::Edit { path: path.to_owned(), reason })?;
    let author = author.filter(|author| !author.trim().is_empty());
    let Some(author) = author else { return Err(ArchiveError::NoAuthor { path: path.to_owned() }) };
    let reviewer = reviewer.trim();
    if author.trim().to_lowercase() == reviewer.to_lowercase() || reviewer.is_empty() {
        return Err(ArchiveError::OwnReview { path: path.to_owned(), reviewer: reviewer.to_owned() });
    }
    change(config, path, |text| {
        // The author is part of what was read: who swaps it meanwhile is refused by the comparison of the file.
        if front::get(text, "author")?.as_deref() != Some(author.as_str()) {
            return Err("its author has just been changed");
        }
        let text = front::set(text, "confidence", "validated")?;
        let text = front::set(&text, "reviewed_by", reviewer)?;
        front::set(&text, "updated", &today.to_string())
    })
}

#[cfg(test)]
mod tests {
    use super::super::draft::draft_record;
    use super::super::draft::tests::solved;
    use super::*;

    const TODAY: Date = jiff::civil::date(2026, 11, 23);

    fn site() -> (tempfile::TempDir, Config) {
        let dir = tempfile::tempdir().unwrap();
        let config = Config::parse(dir.path(), "title = '台'").unwrap();
        (dir, config)
    }

    fn new(title: &str) -> NewArticle {
        NewArticle {
            title: title.into(),
            category: "network".into(),
            lang: "zh".into(),
            author: "li".into(),
            ..NewArticle::default()
        }
    }

    #[test]
    fn a_template_per_category_and_never_over_another_file() {
        let (dir, config) = site();
        let text = new_article(&config, &new("VPN: 连不上"), TODAY);
        assert!(text.starts_with("---\ntitle: \"VPN: 连不上\"\ncategory: network\nauthor: li\nconfidence: wip\ncreated: 2026-11-23\n---\n"), "{text}");
        assert!(text.contains("## 原因"), "network is about faults");
        let paths: Vec<_> = (0..2).map(|_| create_article(&config, &new("VPN: 连不上"), &text).unwrap()).collect();
        assert_eq!(paths, ["articles/network/vpn-lian-bu-shang.md", "articles/network/vpn-lian-bu-shang-2.md"]);
        let read = content::read(&config, &paths[0]).unwrap().unwrap();
        assert_eq!(read.diagnostics, []);
        assert!(read.document.is_draft());
        std::fs::create_dir(dir.path().join("templates")).unwrap();
        std::fs::write(dir.path().join("templates/network.md"), "自己的模板").unwrap();
        assert!(new_article(&config, &new("x"), TODAY).ends_with("---\n自己的模板\n"));
        let own = "---\ntitle: 示例\nowner: 网络组 # 谁\napplies_to:\n  - Windows 11\nconfidence: validated\n---\n\n## 步骤\n";
        std::fs::write(dir.path().join("templates/network.zh.md"), own).unwrap();
        let text = new_article(&config, &new("乙"), TODAY);
        let expected =
            "confidence: wip\ncreated: 2026-11-23\nowner: 网络组 # 谁\napplies_to:\n  - Windows 11\n---\n## 步骤\n";
        assert!(text.starts_with("---\ntitle: 乙\n") && text.ends_with(expected), "{text}");
        let english = NewArticle { category: "../x".into(), lang: "en".into(), ..new("A") };
        assert!(new_article(&config, &english, TODAY).contains("## Steps"));
        assert_eq!(create_article(&config, &english, "x").unwrap(), "articles/x/a.en.md");
    }

    #[test]
    fn a_draft_holds_what_the_records_taught() {
        let (_dir, config) = site();
        let one = draft_record(&config, &solved(), "zh").unwrap();
        publish::publish(&config, &one, &[], &[]).unwrap();
        let stored = record_of(&config, one.id, "zh").unwrap().unwrap();
        assert_eq!((&stored.cause, &stored.environment, &stored.title), (&one.cause, &one.environment, &one.title));
        let other =
            RecordDraft {
                id: "TS202611230002".parse().unwrap(), title: "另一个".into(), cause: String::new(), ..one
            };
        let text = draft_article(
            &[stored, other],
            NewArticle { title: String::new(), category: String::new(), ..new("") },
            TODAY,
        );
        assert!(text.contains("linked_tickets:\n  - TS202611230001\n  - TS202611230002\n"), "{text}");
        assert!(
            text.contains(
                "## 原因\n\n密码过期\n\n## 解决方案\n\n### VPN 连不上: 报 691\n\n重置后重连\n\n#### 关键步骤"
            ),
            "{text}"
        );
    }

    #[test]
    fn nobody_reviews_their_own() {
        let (_dir, config) = site();
        let path = create_article(&config, &new("甲"), &new_article(&config, &new("甲"), TODAY)).unwrap();
        for own in ["li", " LI ", ""] {
            assert!(matches!(review(&config, &path, own, TODAY), Err(ArchiveError::OwnReview { .. })), "{own}");
        }
        let before = read(&config, &path).unwrap();
        review(&config, &path, "wang", TODAY).unwrap();
        let after = read(&config, &path).unwrap();
        let expected = before
            .replace("confidence: wip", "confidence: validated")
            .replace("created: 2026-11-23\n", "created: 2026-11-23\nreviewed_by: wang\nupdated: \"2026-11-23\"\n");
        assert_eq!(after, expected);
        let found = content::read(&config, &path).unwrap().unwrap();
        assert!(!found.document.is_draft());
        assert_eq!(found.diagnostics, []);
        let anonymous = create_article(&config, &new("乙"), "---\ntitle: 乙\n---\n").unwrap();
        assert!(matches!(review(&config, &anonymous, "wang", TODAY), Err(ArchiveError::NoAuthor { .. })));
    }
}
