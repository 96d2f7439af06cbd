//! Addresses that readers had and have no more: articles that were renamed, moved or taken away since the last build.

use std::collections::{HashMap, HashSet};

use serde::{Deserialize, Serialize};

use crate::config::Config;
use crate::content::{Document, alias, place};
use crate::diagnostic::Diagnostic;
use crate::snapshot::Known;

/// An article as it was published once.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Published {
    /// Root-relative.
    url: String,
    /// Relative to `content/`.
    path: String,
    title: String,
    /// The start of its file's hash, in hexadecimal digits.
    hash: String,
    /// The path under which it goes on, once that was told and while nothing leads there from `url`.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    now: String,
}

/// What readers can open by its address. Drafts are nowhere yet.
pub fn published<'a>(documents: impl Iterator<Item = Known<'a>>) -> Vec<Published> {
    let seen = documents.filter(|known| known.visible && !known.document.is_draft());
    let articles = seen.filter(|known| matches!(known.document, Document::Article(_))).map(|known| {
        let meta = known.document.meta();
        let (url, path, title) = (meta.url.clone(), meta.path.clone(), meta.title.clone());
        Published { url, path, title, hash: hash(known.document), now: String::new() }
    });
    articles.collect()
}

fn hash(document: &Document) -> String {
    document.body().hash[..8].iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Compares with what was published at the last build: what to tell, and which of the old addresses are still owed.
pub fn moved<'a>(
    config: &Config,
    documents: impl Iterator<Item = Known<'a>>,
    earlier: &[Published],
) -> (Vec<Diagnostic>, Vec<Published>) {
    let articles: Vec<&'a Document> = (documents.filter(|known| known.visible && !known.document.is_draft()))
        .map(|known| known.document)
        .filter(|document| matches!(document, Document::Article(_)))
        .collect();
    let addresses: HashSet<&str> = articles.iter().map(|document| document.meta().url.as_str()).collect();
    let led: HashSet<String> = articles.iter().flat_map(|document| aliases(document)).collect();
    let gone = |was: &&Published| !addresses.contains(was.url.as_str()) && !leads(&led, &was.url);
    let gone: Vec<&Published> = earlier.iter().filter(gone).collect();
    if gone.is_empty() {
        return Default::default();
    }
    let successors = Successors::new(&articles, earlier);
    let (mut found, mut owed) = (Vec::new(), Vec::new());
    for was in gone {
        let Some(document) = successors.of(was) else {
            let message = format!("{} was an article when the site was last built, and leads nowhere now", was.url);
            let hint = format!("if another article took its place, write `aliases: [{}]` into that one", was.url);
            found.push(Diagnostic::note("HM055", &format!("content/{}", was.path), message).hint(hint));
            continue;
        };
        found.push(renamed(config, document, was));
        owed.push(Published { now: document.meta().path.clone(), ..was.clone() });
    }
    (found, owed)
}

fn aliases(document: &Document) -> Vec<String> {
    match document {
        Document::Article(article) => article.aliases.iter().filter_map(|alias| alias::file_of(alias).ok()).collect(),
        Document::Resolution(_) => Vec::new(),
    }
}

fn leads(led: &HashSet<String>, url: &str) -> bool {
    alias::file_of(url).is_ok_and(|file| led.contains(&file))
}

fn renamed(config: &Config, document: &Document, was: &Published) -> Diagnostic {
    let meta = document.meta();
    let given = match document {
        Document::Article(article) => &article.aliases[..],
        Document::Resolution(_) => &[],
    };
    let all: Vec<&str> = given.iter().map(String::as_str).chain([was.url.as_str()]).collect();
    let message = format!("its address was {} when the site was last built: whoever kept that finds nothing", was.url);
    let key = if given.is_empty() { "title" } else { "aliases" };
    let spot = place::of_key(config, &meta.path, key, None);
    let diagnostic = Diagnostic::warning("HM054", &format!("content/{}", meta.path), message);
    diagnostic.at(spot.place).over(spot.length).hint(format!("write `aliases: [{}]`", all.join(", ")))
}

/// The articles that may go on under another address.
struct Successors<'a> {
    paths: HashMap<&'a str, &'a Document>,
    /// Those that were not there at the last build: by their text, and by language and title.
    texts: HashMap<String, Vec<&'a Document>>,
    titles: HashMap<(&'a str, &'a str), Vec<&'a Document>>,
    languages: HashMap<&'a str, &'a str>,
}

impl<'a> Successors<'a> {
    fn new(articles: &[&'a Document], earlier: &'a [Published]) -> Self {
        let known: HashSet<&str> = earlier.iter().map(|was| was.url.as_str()).collect();
        let paths: HashMap<&str, &Document> =
            articles.iter().map(|document| (document.meta().path.as_str(), *document)).collect();
        let mut texts: HashMap<String, Vec<&Document>> = HashMap::new();
        let mut titles: HashMap<(&str, &str), Vec<&Document>> = HashMap::new();
        for document in articles.iter().filter(|document| !known.contains(document.meta().url.as_str())) {
            texts.entry(hash(document)).or_default().push(document);
            let meta = document.meta();
            titles.entry((&meta.lang, &meta.title)).or_default().push(document);
        }
        let languages = articles.iter().map(|document| {
            let meta = document.meta();
            (prefix(&meta.url), meta.lang.as_str())
        });
        Self { paths, texts, titles, languages: languages.collect() }
    }

    /// The same file under another address, else the one new file of the same text, else of the same title.
    fn of(&self, was: &Published) -> Option<&'a Document> {
        let only = |found: Option<&Vec<&'a Document>>| found.filter(|found| found.len() == 1)?.first().copied();
        let lang = self.languages.get(prefix(&was.url)).copied().unwrap_or_default();
        let told = self.paths.get(was.now.as_str()).or_else(|| self.paths.get(was.path.as_str())).copied();
        let text = || only(self.texts.get(&was.hash));
        told.or_else(text).or_else(|| only(self.titles.get(&(lang, was.title.as_str()))))
    }
}

/// What the addresses of a language begin with.
fn prefix(url: &str) -> &str {
    url.find("/articles/").map_or("", |at| &url[..at])
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What is told after `before` became `after`, and once more if nothing was done about it.
    fn told(before: &[(&str, &str)], after: &[(&str, &str)]) -> (Vec<String>, Vec<String>) {
        let library = |files: &[(&str, &str)]| {
            let dir = tempfile::tempdir().unwrap();
            let config = Config::parse(dir.path(), "title = '台'\nlanguages = ['zh', 'en']").unwrap();
            for (path, text) in files {
                let file = config.content_dir().join(format!("articles/{path}"));
                std::fs::create_dir_all(file.parent().unwrap()).unwrap();
                std::fs::write(file, text).unwrap();
            }
            (crate::content::load(&config).found, config, dir)
        };
        fn known(found: &[crate::content::Found]) -> impl Iterator<Item = Known<'_>> {
            found.iter().map(|found| Known { document: &found.document, visible: true, links: &[] })
        }
        let (old, ..) = library(before);
        let mut earlier = published(known(&old));
        let (new, config, _dir) = library(after);
        let mut rounds = [Vec::new(), Vec::new()];
        for round in &mut rounds {
            let (found, owed) = moved(&config, known(&new), &earlier);
            *round =
                found.iter().map(|it| format!("{} {} {}", it.place(), it.code, it.hint.as_ref().unwrap())).collect();
            earlier = published(known(&new));
            earlier.extend(owed);
        }
        let [first, second] = rounds;
        (first, second)
    }

    #[test]
    fn a_renamed_article_is_told_until_its_old_address_leads_to_it() {
        let (text, other) = ("---\ntitle: 甲\n---\n正文\n", "---\ntitle: 甲\n---\n新的正文\n");
        let line = "content/articles/net/b.md:2:8 HM054 write `aliases: [/articles/net/a/]`";
        for after in [text, other] {
            let (first, second) = told(&[("net/a.md", text)], &[("net/b.md", after)]);
            assert_eq!((first.as_slice(), second.as_slice()), (&[line.to_owned()][..], &[line.to_owned()][..]));
        }
        let led = "---\ntitle: 甲\naliases: [/old/, /articles/net/a]\n---\n正文\n";
        assert_eq!(told(&[("net/a.md", text)], &[("net/b.md", led)]).0, Vec::<String>::new());
        let slug = "---\ntitle: 甲\nslug: c\naliases: [/old/]\n---\n正文\n";
        let (first, _) = told(&[("net/a.en.md", text)], &[("net/a.en.md", slug)]);
        assert_eq!(first, ["content/articles/net/a.en.md:4:10 HM054 write `aliases: [/old/, /en/articles/net/a/]`"]);
    }

    #[test]
    fn one_that_is_gone_is_told_once() {
        let text = "---\ntitle: 甲\n---\n正文\n";
        let same = ("net/z.md", "---\ntitle: 甲\n---\n别的\n");
        let (first, second) = told(&[("net/a.md", text), same], &[same]);
        let hint = "if another article took its place, write `aliases: [/articles/net/a/]` into that one";
        assert_eq!(first, [format!("content/articles/net/a.md HM055 {hint}")]);
        assert_eq!(second, Vec::<String>::new());
    }
}
