//! The keys of front matter: one table for the reader's list of known keys and for the editors' schema.

use super::article::{AUDIENCES, CONFIDENCES};

/// One key.
#[derive(Debug, Clone, Copy)]
pub struct Key {
    pub name: &'static str,
    pub shape: Shape,
    /// What it is for, in English and in Chinese.
    pub en: &'static str,
    pub zh: &'static str,
}

/// What a key may hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shape {
    /// A line of text.
    Text,
    /// A list of texts, or one text with commas.
    List,
    /// `2026-11-23`.
    Date,
    Flag,
    Integer,
    /// One of these words.
    Choice(&'static [&'static str]),
}

const fn key(name: &'static str, shape: Shape, en: &'static str, zh: &'static str) -> Key {
    Key { name, shape, en, zh }
}

const AUDIENCE: Shape = Shape::Choice(&words(AUDIENCES));
const CONFIDENCE: Shape = Shape::Choice(&words(CONFIDENCES));

/// The keys of an article's front matter (CONTRACT.md).
pub const ARTICLE: &[Key; 19] = &[
    key("title", Shape::Text, "The title of the page and of every link to it.", "标题，也是别处链接到它时显示的文字。"),
    key("summary", Shape::Text, "One sentence for lists and search results.", "一句话摘要，显示在列表和搜索结果里。"),
    key(
        "category",
        Shape::Text,
        "The key of a category; left out: the first folder.",
        "类别的键；不写时取第一级文件夹名。",
    ),
    key("tags", Shape::List, "Topics across categories.", "跨类别的标签。"),
    key("keywords", Shape::List, "What employees type; the search looks here first.", "员工会怎么问；搜索优先查这里。"),
    key("applies_to", Shape::List, "Systems and versions it is about.", "适用的系统和版本。"),
    key(
        "audience",
        AUDIENCE,
        "Who may read it: employees (left out), or agents, which keeps it off every public page.",
        "谁能看：employees 员工（默认），agents 仅服务台，不出现在任何公开页面。",
    ),
    key(
        "confidence",
        CONFIDENCE,
        "KCS v6: wip is a draft, archived leaves the search; left out: validated.",
        "KCS v6 状态：wip 草稿，not_validated 待验证，validated 已验证（默认），archived 已归档、退出搜索。",
    ),
    key("owner", Shape::Text, "Who keeps it right.", "负责让它保持正确的人或组。"),
    key("created", Shape::Date, "The day it was written.", "创建日期。"),
    key("updated", Shape::Date, "The day of its last change of substance.", "最近一次实质修改的日期。"),
    key("review_by", Shape::Date, "The day by which somebody reads it again.", "在这一天之前要复审。"),
    key(
        "slug",
        Shape::Text,
        "The last part of its address; left out: the file's name.",
        "网址的最后一段；不写时取文件名。",
    ),
    key(
        "aliases",
        Shape::List,
        "Old addresses that lead here, each with a leading slash.",
        "会跳转到这里的旧网址，以 / 开头。",
    ),
    key("pinned", Shape::Flag, "Shown on the home page, and first in its category.", "在首页置顶，并排在类别最前。"),
    key("weight", Shape::Integer, "Its place in its category; smaller comes first.", "在类别里的次序，小的在前。"),
    key("linked_tickets", Shape::List, "Numbers of the tickets that it answers.", "它解决过的工单编号。"),
    key("author", Shape::Text, "The login of who wrote it; somebody else reviews it.", "作者的账号；由别人复审。"),
    key("reviewed_by", Shape::Text, "The login of who reviewed it.", "复审人的账号。"),
];

/// The keys of a resolution record's front matter (CONTRACT.md).
pub(super) const RESOLUTION: &[Key; 7] = &[
    key("id", Shape::Text, "The number of the ticket it came from.", "来源工单的编号。"),
    key("title", Shape::Text, "The problem in a line, without names of people.", "一句话说明问题，不含人名。"),
    key("category", Shape::Text, "The key of a category.", "类别的键。"),
    key("keywords", Shape::List, "What employees type.", "员工会怎么问。"),
    key("environment", Shape::Text, "Where it happened: device, system, version.", "发生的环境：设备、系统、版本。"),
    key("resolved_on", Shape::Date, "The day it was solved.", "解决日期。"),
    key(
        "linked_article",
        Shape::Text,
        "The article that answers it, a path below content/.",
        "解答它的文章，相对 content/ 的路径。",
    ),
];

/// The names of the keys.
pub(super) const fn names<const N: usize>(keys: &[Key; N]) -> [&'static str; N] {
    let (mut names, mut at) = ([""; N], 0);
    while at < N {
        names[at] = keys[at].name;
        at += 1;
    }
    names
}

/// The words of a choice.
const fn words<T: Copy, const N: usize>(choices: &[(&'static str, T); N]) -> [&'static str; N] {
    let (mut words, mut at) = ([""; N], 0);
    while at < N {
        words[at] = choices[at].0;
        at += 1;
    }
    words
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::config::Config;
    use crate::content::library;
    use crate::diagnostic::Severity;

    /// What reading a document with this front matter complains about: codes and lines.
    fn complaints(path: &str, front: &str) -> Vec<(&'static str, u32)> {
        let dir = tempfile::tempdir().unwrap();
        let config = Config::parse(Path::new(dir.path()), "title = 'x'").unwrap();
        let file = config.content_dir().join(path);
        std::fs::create_dir_all(file.parent().unwrap()).unwrap();
        std::fs::write(file, format!("---\n{front}---\ntext\n")).unwrap();
        let found = library::read(&config, path).unwrap().unwrap();
        found
            .diagnostics
            .iter()
            .filter(|one| one.severity > Severity::Note || one.code == "HM011")
            .map(|one| (one.code, one.line))
            .collect()
    }

    fn good(key: &Key) -> String {
        match key.shape {
            Shape::Text => format!("{}: 一段话", key.name),
            Shape::List => format!("{}: [/a, /b]", key.name),
            Shape::Date => format!("{}: 2026-11-23", key.name),
            Shape::Flag => format!("{}: true", key.name),
            Shape::Integer => format!("{}: -3", key.name),
            Shape::Choice(words) => format!("{}: {}", key.name, words[0]),
        }
    }

    #[test]
    fn the_reader_knows_every_key_and_takes_its_shape() {
        for (path, keys) in [("articles/a/b.md", &ARTICLE[..]), ("resolutions/TS202611230001.md", &RESOLUTION[..])] {
            let front = keys.iter().map(|key| good(key) + "\n").collect::<String>();
            assert_eq!(complaints(path, &front), [], "{path}");
            assert_eq!(complaints(path, &format!("{front}something: 1\n")).len(), 1, "{path}");
        }
    }

    #[test]
    fn the_reader_refuses_every_other_shape() {
        // Read by the review alone (`archive::review`).
        let elsewhere = ["author", "reviewed_by"];
        for (path, keys) in [("articles/a/b.md", &ARTICLE[..]), ("resolutions/TS202611230001.md", &RESOLUTION[..])] {
            for key in keys.iter().filter(|key| !elsewhere.contains(&key.name)) {
                let front = keys.iter().map(|one| match one.name == key.name {
                    true => format!("{}: {{a: b}}\n", key.name),
                    false => good(one) + "\n",
                });
                let line = 2 + u32::try_from(keys.iter().position(|one| one.name == key.name).unwrap()).unwrap();
                let found = complaints(path, &front.collect::<String>());
                let named = |(code, at): &(&str, u32)| matches!(*code, "HM008" | "HM010") && *at == line;
                assert!(found.iter().any(named), "{}: {found:?}", key.name);
            }
        }
    }
}
