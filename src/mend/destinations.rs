//! Paths with spaces as destinations: in angle brackets they are what their author meant, for every Markdown program.

use crate::markdown::spaced;

/// The text with such paths in angle brackets, and how many those were. The body begins at `first_line`, from 1.
pub(super) fn mended(text: &str, first_line: u32) -> Option<(String, usize)> {
    let lines = usize::try_from(first_line).unwrap_or(usize::MAX).saturating_sub(1);
    let body = text.split_inclusive('\n').take(lines).map(str::len).sum();
    let found = spaced(text.get(body..)?);
    let mut edited = text.to_owned();
    for path in found.iter().rev() {
        edited.insert(body + path.end, '>');
        edited.insert(body + path.start, '<');
    }
    (!found.is_empty()).then_some((edited, found.len()))
}

#[cfg(test)]
mod tests {
    use super::super::tests::mended;

    #[test]
    fn only_paths_in_the_text_are_put_in_brackets() {
        let text =
            "---\ntitle: a\nsummary: \"[x](a b.md)\"\n---\n![图](我的 图.png) `[x](a b.md)` [y](c d.pdf \"t\")\n";
        let after = text.replace("我的 图.png", "<我的 图.png>").replace("c d.pdf", "<c d.pdf>");
        assert_eq!(mended("articles/a.md", text), Some(after));
    }
}
