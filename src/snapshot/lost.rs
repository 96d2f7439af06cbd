//! What a link to a file that is not there may mean: the file's name written otherwise, or a document without a page.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use super::tree::{Entry, Tree};
use crate::content::Document;
use crate::diagnostic::Diagnostic;

/// Comparing names letter by letter goes beyond the folder in a tree of no more files than this,
const MAX_SEARCHED: usize = 2_000;
/// and ends after so many comparisons of one look at the whole tree: the first mistakes get the help.
const MAX_COMPARED: usize = 100_000;

/// The files that links may lead to, by what people confuse.
#[derive(Debug, Default)]
pub(super) struct Names {
    /// By path in one spelling ([`spelling`]).
    paths: HashMap<String, Vec<Arc<str>>>,
    /// By file name in one spelling.
    names: HashMap<String, Vec<Arc<str>>>,
    folders: HashMap<String, Vec<Arc<str>>>,
    all: Vec<Arc<str>>,
}

impl Names {
    /// `paths` in their order, relative to `content/`.
    pub(super) fn new<'a>(paths: impl Iterator<Item = &'a String>) -> Self {
        let mut names = Self::default();
        for path in paths {
            let path: Arc<str> = path.as_str().into();
            let (folder, name) = split(&path);
            names.paths.entry(spelling(&path)).or_default().push(Arc::clone(&path));
            names.names.entry(spelling(name)).or_default().push(Arc::clone(&path));
            names.folders.entry(folder.to_owned()).or_default().push(Arc::clone(&path));
            names.all.push(path);
        }
        names
    }

    /// The file that a path without one most likely means; `compared` counts what this costs.
    fn nearest(&self, missing: &str, compared: &mut usize) -> Option<&str> {
        if let Some(found) = self.paths.get(&spelling(missing)) {
            return found.iter().min().map(AsRef::as_ref);
        }
        let (folder, name) = split(missing);
        // Every folder may have one of these.
        if matches!(name, "index.md" | "README.md") {
            return None;
        }
        if let Some(found) = self.names.get(&spelling(name)) {
            let near = |path: &&Arc<str>| (std::cmp::Reverse(shared(folder, path)), path.len(), Arc::clone(path));
            return found.iter().min_by_key(near).map(AsRef::as_ref);
        }
        // A page of another generator, under the name that its source had.
        if let Some(stem) = [".html", ".htm", ".mdx"].into_iter().find_map(|ending| missing.strip_suffix(ending))
            && let Some(found) = self.paths.get(&spelling(&format!("{stem}.md")))
        {
            return found.iter().min().map(AsRef::as_ref);
        }
        let here = self.folders.get(folder).map_or(&[][..], Vec::as_slice);
        let here = if here.len() <= MAX_SEARCHED { here } else { &[] };
        let everywhere = if self.all.len() <= MAX_SEARCHED { &self.all[..] } else { &[] };
        similar(name, here, compared).or_else(|| similar(name, everywhere, compared))
    }
}

/// The path with the name most like `name`, when it is like enough: one letter in four may be another.
fn similar<'a>(name: &str, paths: &'a [Arc<str>], compared: &mut usize) -> Option<&'a str> {
    let (stem, ending) = stem(name);
    let stem = spelling(stem);
    let length = stem.chars().count();
    let limit = (length / 4).min(3);
    let mut best: Option<(usize, &str)> = None;
    for path in paths {
        let (other, other_ending) = self::stem(split(path).1);
        if limit == 0 || *compared >= MAX_COMPARED {
            break;
        }
        let other = spelling(other);
        if other_ending != ending || other.chars().count().abs_diff(length) > limit {
            continue;
        }
        *compared += 1;
        let distance = strsim::damerau_levenshtein(&stem, &other);
        if distance <= limit && best.is_none_or(|best| (distance, path.as_ref()) < best) {
            best = Some((distance, path));
        }
    }
    best.map(|(_, path)| path)
}

/// A name without what people do not keep apart: small and capital letters, spaces, underscores and hyphens.
fn spelling(path: &str) -> String {
    path.chars().flat_map(char::to_lowercase).map(|c| if matches!(c, '_' | ' ') { '-' } else { c }).collect()
}

fn split(path: &str) -> (&str, &str) {
    path.rsplit_once('/').unwrap_or(("", path))
}

fn stem(name: &str) -> (&str, &str) {
    name.rsplit_once('.').unwrap_or((name, ""))
}

/// How many folders two paths have in common.
fn shared(folder: &str, path: &str) -> usize {
    folder.split('/').zip(split(path).0.split('/')).take_while(|(a, b)| a == b).count()
}

impl Tree {
    /// The findings of all documents, in no order; those of links that lead nowhere say what can be meant. `documents`
    /// and `files` are what a link may lead to, asked for once.
    pub(super) fn told(&self, names: impl FnOnce() -> (Arc<Names>, Arc<Names>)) -> Vec<Diagnostic> {
        let mut all: Vec<Diagnostic> = self.diagnostics().cloned().collect();
        let lost: Vec<(&String, &Entry)> =
            self.entries.iter().filter(|(_, entry)| !entry.rendered.lost.is_empty()).collect();
        if lost.is_empty() {
            return all;
        }
        let names = names();
        let mut compared = 0;
        let mut told: BTreeMap<(String, u32, u32), (Option<String>, String)> = BTreeMap::new();
        for (path, entry) in lost {
            for lost in &entry.rendered.lost {
                if let Some(words) = self.meant(&lost.path, &names, &mut compared) {
                    told.insert((format!("content/{path}"), lost.place.0, lost.place.1), words);
                }
            }
        }
        for found in all.iter_mut().filter(|found| matches!(found.code, "HM021" | "HM023")) {
            if let Some((message, hint)) = told.get(&(found.path.clone(), found.line, found.column)) {
                found.message = message.clone().unwrap_or_else(|| std::mem::take(&mut found.message));
                found.hint = Some(hint.clone());
            }
        }
        all
    }

    /// What to say about a path that leads nowhere: another message, and a hint.
    fn meant(
        &self,
        missing: &str,
        (documents, files): &(Arc<Names>, Arc<Names>),
        compared: &mut usize,
    ) -> Option<(Option<String>, String)> {
        if let Some(entry) = self.entries.get(missing) {
            let (what, hint) = without_page(&entry.document);
            return Some((Some(format!("link to {missing}, which exists, but {what}")), hint.to_owned()));
        }
        let document = missing.ends_with(".md");
        let near = match document {
            true => documents.nearest(missing, compared),
            false => files.nearest(missing, compared).or_else(|| {
                let page = [".html", ".htm", ".mdx"].iter().any(|ending| missing.ends_with(ending));
                if page { documents.nearest(missing, compared) } else { None }
            }),
        };
        near.map(|near| (None, format!("did you mean {near}?")))
    }
}

/// Why readers do not see a document, and what to do about a link to it.
pub(crate) fn without_page(document: &Document) -> (&'static str, &'static str) {
    if !document.is_public() {
        return ("is for agents only", "take the link out: readers cannot follow it");
    }
    if document.is_draft() {
        let hint = "set `confidence` when it is ready; readers see no link until then";
        return ("is a draft (`confidence: wip`)", hint);
    }
    ("has no page: another file has its address", "give it an address of its own (HM030)")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn nearest(missing: &str, files: &[&str]) -> Option<String> {
        let files: Vec<String> = files.iter().map(|file| format!("articles/{file}")).collect();
        let names = Names::new(files.iter());
        let found = names.nearest(&format!("articles/{missing}"), &mut 0).map(str::to_owned);
        found.map(|path| path.strip_prefix("articles/").unwrap().to_owned())
    }

    #[test]
    fn the_name_is_judged_and_not_the_path() {
        let files = ["net/vpn.md", "net/no-internet.md", "mail/bom.md", "mail/reset_password.md", "old/net/vpn.md"];
        for (missing, meant) in [
            ("net/VPN.md", Some("net/vpn.md")),
            ("mail/vpn.md", Some("net/vpn.md")),
            ("old/vpn.md", Some("old/net/vpn.md")),
            ("net/no-interne.md", Some("net/no-internet.md")),
            ("else/no-interent.md", Some("net/no-internet.md")),
            ("mail/Reset-Password.md", Some("mail/reset_password.md")),
            ("net/vpn.html", Some("net/vpn.md")),
            ("net/nope.md", None),
            ("net/vpm.md", None),
            ("mail/index.md", None),
        ] {
            assert_eq!(nearest(missing, &files).as_deref(), meant, "{missing}");
        }
        assert_eq!(nearest("net/Img.PNG", &["net/img.png", "net/img2.png"]).as_deref(), Some("net/img.png"));
    }

    #[test]
    fn comparing_has_an_end() {
        let files: Vec<String> = (0..1_000).map(|number| format!("articles/a/article-number-{number:04}.md")).collect();
        let names = Names::new(files.iter());
        let mut compared = 0;
        for number in 0..10_000 {
            names.nearest(&format!("articles/a/xyz-of-that-number-{number}.md"), &mut compared);
        }
        assert!(compared <= MAX_COMPARED);
    }
}
