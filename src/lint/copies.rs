//! Files that were saved twice: `vpn (1).md`, `vpn - 副本.md`.

use std::collections::HashMap;

use super::Tree;
use crate::content::{self, Document, place};
use crate::diagnostic::Diagnostic;

pub(super) fn check(tree: &Tree<'_>, found: &mut Vec<Diagnostic>) {
    let mut same: HashMap<(&[u8; 32], &str), Vec<&Document>> = HashMap::with_capacity(tree.known.len());
    for known in tree.known.values().filter(|known| known.visible) {
        let document = known.document;
        same.entry((&document.body().hash, &document.meta().lang)).or_default().push(document);
    }
    for mut files in same.into_values().filter(|files| files.len() > 1) {
        // What a copy is called has something added; `x (1).md` is no original only for coming first in a list.
        files.sort_by_key(|document| (document.meta().path.chars().count(), &document.meta().path));
        let Some((original, copies)) = files.split_first() else { continue };
        // The text is not held in memory; a page without one says nothing twice.
        let text = content::with_text(tree.config, original).map(|it| it.body().text.trim().is_empty());
        if text == Some(false) {
            found.extend(copies.iter().map(|copy| told(tree, copy, original)));
        }
    }
}

fn told(tree: &Tree<'_>, copy: &Document, original: &Document) -> Diagnostic {
    let message = format!("its text is the same as {}", Tree::file(original));
    let spot = place::of_key(tree.config, &copy.meta().path, "title", None);
    let diagnostic = Diagnostic::warning("HM045", &Tree::file(copy), message).at(spot.place).over(spot.length);
    diagnostic.hint("remove one of the two, or say in them how they differ")
}

#[cfg(test)]
mod tests {
    use super::super::tests::found;

    #[test]
    fn a_copy_is_told_and_not_its_original() {
        let (text, empty) = ("---\ntitle: 甲\n---\n正文\n", "---\ntitle: 乙\n---\n\n");
        let files = [
            ("articles/vpn/a.md", text),
            ("articles/vpn/a (1).md", text),
            ("articles/vpn/a - 副本.md", text),
            ("articles/vpn/a.en.md", text),
            ("articles/vpn/other.md", "---\ntitle: 甲\n---\n正文。\n"),
            ("articles/vpn/b.md", empty),
            ("articles/vpn/b (1).md", empty),
        ];
        assert_eq!(
            found(&files, &[]),
            ["content/articles/vpn/a (1).md:2:8 warning HM045", "content/articles/vpn/a - 副本.md:2:8 warning HM045"]
        );
    }
}
