//! Whether documents hang together: what nothing leads to, and what leads nowhere.

use std::collections::BTreeSet;

use super::Tree;
use crate::content::{Article, Document, place};
use crate::diagnostic::{Diagnostic, nearest};
use crate::markdown::Outgoing;
use crate::snapshot::{Known, without_page};

/// Beyond this many documents, looking for a similar path costs more than it helps.
const MAX_SEARCHED: usize = 2_000;

pub(super) fn check(tree: &Tree<'_>, is_filed: impl Fn(&str) -> bool, found: &mut Vec<Diagnostic>) {
    let reached = reached(tree);
    let records: BTreeSet<&str> = (tree.known.values())
        .filter_map(|known| match known.document {
            Document::Resolution(record) => Some(record.id.as_str()),
            Document::Article(_) => None,
        })
        .collect();
    for known in tree.known.values() {
        found.extend(to_drafts(tree, known));
        match known.document {
            Document::Article(article) => {
                if known.visible && known.document.is_listed() && is_orphan(article, &reached) {
                    found.push(orphan(tree, article));
                }
                let is_known = |id: &str| records.contains(id) || is_filed(id);
                let lost = article.linked_tickets.iter().filter(|id| !is_known(id));
                found.extend(lost.map(|id| lost_ticket(tree, article, id)));
            }
            Document::Resolution(record) => {
                let linked = record.linked_article.as_deref().map(|path| path.strip_prefix("content/").unwrap_or(path));
                if let Some(path) = linked.filter(|path| !tree.known.contains_key(path)) {
                    found.push(lost_article(tree, &record.meta.path, path));
                }
            }
        }
    }
}

/// Links of a published document to drafts, where these have pages for those who write: readers see no link.
fn to_drafts(tree: &Tree<'_>, known: &Known<'_>) -> Vec<Diagnostic> {
    if !known.visible || known.document.is_draft() {
        return Vec::new();
    }
    let draft = |link: &Outgoing| {
        let target =
            tree.known.get(link.path.as_str()).filter(|target| target.visible && target.document.is_draft())?;
        let (what, hint) = without_page(target.document);
        let message = format!("link to {}, which exists, but {what}", link.path);
        let diagnostic = Diagnostic::warning("HM021", &Tree::file(known.document), message);
        Some(diagnostic.at(link.place).over(link.length).hint(hint))
    };
    known.links.iter().filter_map(draft).collect()
}

/// The articles that some other document leads to, by the path that their translations share.
fn reached<'a>(tree: &Tree<'a>) -> BTreeSet<&'a str> {
    let key = |path: &str| match tree.known.get(path)?.document {
        Document::Article(article) => Some(article.translation_key.as_str()),
        Document::Resolution(_) => None,
    };
    let mut reached = BTreeSet::new();
    for (path, known) in &tree.known {
        let own = key(path);
        let linked = match known.document {
            Document::Resolution(record) => record.linked_article.as_deref(),
            Document::Article(_) => None,
        };
        let targets = known.links.iter().map(|link| link.path.as_str()).chain(linked);
        reached.extend(targets.filter_map(key).filter(|target| Some(*target) != own));
    }
    reached
}

/// An article that a reader meets only by searching: in no category, with no tag, not pinned, and linked from nowhere.
fn is_orphan(article: &Article, reached: &BTreeSet<&str>) -> bool {
    let listed = !article.meta.category.is_empty() || !article.meta.tags.is_empty() || article.pinned;
    !listed && !reached.contains(article.translation_key.as_str())
}

fn orphan(tree: &Tree<'_>, article: &Article) -> Diagnostic {
    let message = "nothing leads to this article: it has no category and no tag, and no document links to it";
    let spot = place::of_key(tree.config, &article.meta.path, "title", None);
    let diagnostic = Diagnostic::note("HM035", &format!("content/{}", article.meta.path), message);
    diagnostic.at(spot.place).over(spot.length).hint("move it into a category's folder, or link to it")
}

fn lost_ticket(tree: &Tree<'_>, article: &Article, id: &str) -> Diagnostic {
    let spot = place::of_key(tree.config, &article.meta.path, "linked_tickets", Some(id));
    let message = format!("`linked_tickets` names {id}, but there is neither a ticket nor a record of that number");
    let diagnostic = Diagnostic::note("HM036", &format!("content/{}", article.meta.path), message);
    diagnostic.at(spot.place).over(spot.length).hint("correct the number, or take it out")
}

fn lost_article(tree: &Tree<'_>, record: &str, path: &str) -> Diagnostic {
    let spot = place::of_key(tree.config, record, "linked_article", None);
    let message = format!("`linked_article` is {path}, which does not exist");
    let near = if tree.known.len() <= MAX_SEARCHED { nearest(path, tree.known.keys().copied()) } else { None };
    let hint = near.map_or_else(
        || "write the article's path below content/, such as articles/network/vpn.md".to_owned(),
        |near| format!("did you mean {near}?"),
    );
    let diagnostic = Diagnostic::warning("HM036", &format!("content/{record}"), message);
    diagnostic.at(spot.place).over(spot.length).hint(hint)
}

#[cfg(test)]
mod tests {
    use super::super::tests::found;

    #[test]
    fn what_hangs_in_the_air_is_named() {
        let files = [
            ("articles/alone.md", "---\ntitle: 甲\n---\n"),
            ("articles/linked.md", "---\ntitle: 乙\n---\n"),
            ("articles/linked.en.md", "---\ntitle: B\n---\n"),
            ("articles/self.md", "---\ntitle: 丙\n---\n"),
            ("articles/tagged.md", "---\ntitle: 丁\ntags: [a]\n---\n"),
            ("articles/record.md", "---\ntitle: 戊\n---\n"),
            ("articles/vpn/draft.md", "---\ntitle: 庚\nconfidence: wip\n---\n"),
            ("articles/vpn/draft2.md", "---\ntitle: 辛\nconfidence: wip\n---\n"),
            ("articles/vpn/a.md", "---\ntitle: 己\nlinked_tickets: [TS1, TS202611230002, TS202611230009]\n---\n"),
            (
                "resolutions/TS202611230001.md",
                "---\nid: TS202611230001\ntitle: x\nlinked_article: articles/record.md\n---\n",
            ),
            ("resolutions/TS1.md", "---\nid: TS1\ntitle: y\nlinked_article: articles/recrd.md\n---\n"),
        ];
        let links = [
            ("articles/vpn/a.md", "articles/linked.md"),
            ("articles/self.md", "articles/self.md"),
            ("articles/vpn/a.md", "articles/vpn/draft.md"),
            ("articles/vpn/draft2.md", "articles/vpn/draft.md"),
        ];
        assert_eq!(
            found(&files, &links),
            [
                "content/articles/alone.md:2:8 note HM035",
                "content/articles/self.md:2:8 note HM035",
                "content/articles/vpn/a.md:1:1 warning HM021",
                "content/articles/vpn/a.md:3:39 note HM036",
                "content/resolutions/TS1.md:4:17 warning HM036",
            ]
        );
    }
}
