//! Whether documents are up to date: reviews that are due, translations that fell behind.

use std::collections::BTreeMap;

use jiff::civil::Date;

use super::Tree;
use crate::content::{Article, Confidence, Document, place};
use crate::diagnostic::Diagnostic;

pub(super) fn check(tree: &Tree<'_>, today: Date, found: &mut Vec<Diagnostic>) {
    let mut families: BTreeMap<&str, Vec<&Article>> = BTreeMap::new();
    for known in tree.known.values() {
        let Document::Article(article) = known.document else { continue };
        if article.confidence == Confidence::Archived {
            continue;
        }
        found.extend(in_no_language(tree, article));
        families.entry(&article.translation_key).or_default().push(article);
        if let Some(due) = article.review_by.filter(|due| *due < today) {
            found.push(review(tree, known.document, due, today));
        }
    }
    for family in families.values() {
        let Some(original) = family.iter().find(|it| it.meta.lang == tree.config.default_language()) else {
            found.extend(family.first().and_then(|first| alone(tree, first)));
            continue;
        };
        let others = family.iter().filter(|it| it.meta.lang != original.meta.lang);
        found.extend(others.filter_map(|translation| behind(tree, original, translation)));
    }
}

/// A translation of nothing: the original was renamed or taken away, or was never there.
fn alone(tree: &Tree<'_>, translation: &Article) -> Option<Diagnostic> {
    let (meta, original) = (&translation.meta, format!("{}.md", translation.translation_key));
    if tree.known.contains_key(original.as_str()) || !meta.path.ends_with(&format!(".{}.md", meta.lang)) {
        return None;
    }
    let message = format!("a translation of content/{original}, which does not exist");
    let spot = place::of_key(tree.config, &meta.path, "title", None);
    let diagnostic = Diagnostic::note("HM052", &format!("content/{}", meta.path), message);
    let hint = "if the original was renamed, rename this file with it; the two share all but the language";
    Some(diagnostic.at(spot.place).over(spot.length).hint(hint))
}

/// `vpn.fr.md` beside `vpn.md`, where the site has no French: a page of its own, and no translation.
fn in_no_language(tree: &Tree<'_>, article: &Article) -> Option<Diagnostic> {
    let (stem, suffix) = article.translation_key.rsplit_once('.')?;
    let language = matches!(suffix.split_once('-').unwrap_or((suffix, "")), (code, region)
        if code.len() == 2 && code.bytes().all(|byte| byte.is_ascii_lowercase()) && region.len() <= 4);
    if !language || !tree.known.contains_key(format!("{stem}.md").as_str()) {
        return None;
    }
    let codes: Vec<&str> = tree.config.languages.iter().map(|language| language.code.as_str()).collect();
    let message = format!("`{suffix}` is no language of this site: the page is an article of its own");
    let diagnostic = Diagnostic::note("HM053", &format!("content/{}", article.meta.path), message).at((1, 1));
    let known = codes.join(", ");
    Some(diagnostic.instead(suffix, known).hint(format!("add \"{suffix}\" to `languages` in site.toml")))
}

fn review(tree: &Tree<'_>, document: &Document, due: Date, today: Date) -> Diagnostic {
    let spot = place::of_key(tree.config, &document.meta().path, "review_by", None);
    let days = (today - due).get_days();
    let ago = if days == 1 { "yesterday".to_owned() } else { format!("{days} days ago") };
    let message = format!("its review was due {ago}, on {due}");
    let diagnostic = Diagnostic::warning("HM034", &Tree::file(document), message).at(spot.place).over(spot.length);
    diagnostic.hint("read it again, correct it, and move `review_by` on; or set `confidence: archived`")
}

/// A translation that is older than its original, or whose age nobody can tell.
fn behind(tree: &Tree<'_>, original: &Article, translation: &Article) -> Option<Diagnostic> {
    let file = format!("content/{}", translation.meta.path);
    let first = original.meta.updated?;
    let source = &original.meta.path;
    let Some(second) = translation.meta.updated else {
        let message = format!("whether it follows content/{source}, updated on {first}, is not known");
        let spot = place::of_key(tree.config, &translation.meta.path, "title", None);
        let diagnostic = Diagnostic::note("HM033", &file, message).at(spot.place).over(spot.length);
        return Some(diagnostic.hint("write the day on which the two were last compared: `updated: YYYY-MM-DD`"));
    };
    if second >= first {
        return None;
    }
    let spot = place::of_key(tree.config, &translation.meta.path, "updated", None);
    let message = format!("the translation of {second} is older than content/{source} of {first}");
    let diagnostic = Diagnostic::warning("HM033", &file, message).at(spot.place).over(spot.length);
    Some(
        diagnostic
            .instead(second.to_string(), format!("{first} or later"))
            .hint("bring it up to date, then set `updated`"),
    )
}

#[cfg(test)]
mod tests {
    use super::super::tests::found;

    #[test]
    fn reviews_and_translations_are_compared_with_the_day() {
        let files = [
            ("articles/vpn/due.md", "---\ntitle: 甲\nreview_by: 2026-11-22\n---\n"),
            ("articles/vpn/today.md", "---\ntitle: 乙\nreview_by: 2026-11-23\n---\n"),
            ("articles/vpn/gone.md", "---\ntitle: 丙\nreview_by: 2020-01-01\nconfidence: archived\n---\n"),
            ("articles/vpn/a.md", "---\ntitle: 丁\nupdated: 2026-05-01\n---\n"),
            ("articles/vpn/a.en.md", "---\ntitle: D\nupdated: 2026-04-30\n---\n"),
            ("articles/vpn/b.md", "---\ntitle: 戊\nupdated: 2026-05-01\n---\n"),
            ("articles/vpn/b.en.md", "---\ntitle: E\nupdated: 2026-05-01\n---\n"),
            ("articles/vpn/c.md", "---\ntitle: 己\nupdated: 2026-05-01\n---\n"),
            ("articles/vpn/c.en.md", "---\ntitle: F\n---\n"),
            ("articles/vpn/d.md", "---\ntitle: 庚\n---\n"),
            ("articles/vpn/d.en.md", "---\ntitle: G\nupdated: 2020-05-01\n---\n"),
            ("articles/vpn/d.fr.md", "---\ntitle: G\n---\n"),
            ("articles/vpn/v1.en.md", "---\ntitle: H\n---\n"),
            ("articles/vpn/app.js.md", "---\ntitle: I\n---\n"),
        ];
        assert_eq!(
            found(&files, &[]),
            [
                "content/articles/vpn/a.en.md:3:10 warning HM033",
                "content/articles/vpn/c.en.md:2:8 note HM033",
                "content/articles/vpn/d.fr.md:1:1 note HM053",
                "content/articles/vpn/due.md:3:12 warning HM034",
                "content/articles/vpn/v1.en.md:2:8 note HM052",
            ]
        );
    }
}
