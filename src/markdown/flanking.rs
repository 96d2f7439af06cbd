//! Which sides of a run of `*` let it open or close emphasis.

use super::cjk::{is_cjk, is_shared_punctuation};

#[derive(Clone, Copy, PartialEq)]
enum Side {
    Space,
    Punctuation,
    Letter,
    /// A CJK character or punctuation mark; what it is to CommonMark.
    Cjk {
        punctuation: bool,
    },
}

/// What stands before and after a run.
pub(super) struct Sides(Side, Side);

impl Sides {
    pub(super) fn of(source: &str, start: usize, end: usize) -> Self {
        let mut before = source[..start].chars().rev();
        let mut after = source[end..].chars();
        Self(side(before.next(), before.next()), side(after.next(), after.next()))
    }

    /// Whether the run may open, by CommonMark's rule or by the CJK-friendly one.
    pub(super) fn opens(&self, cjk: bool) -> bool {
        flanks(self.0, self.1, cjk)
    }

    /// Whether the run may close.
    pub(super) fn closes(&self, cjk: bool) -> bool {
        flanks(self.1, self.0, cjk)
    }
}

/// Whether a run flanks `inner`, with `outer` on its other side.
fn flanks(outer: Side, inner: Side, cjk: bool) -> bool {
    let mark = |side| match side {
        Side::Punctuation => true,
        Side::Cjk { punctuation } => punctuation && !cjk,
        _ => false,
    };
    inner != Side::Space
        && (!mark(inner) || outer == Side::Space || mark(outer) || (cjk && matches!(outer, Side::Cjk { .. })))
}

/// `beyond` decides for punctuation that scripts share: `好”**W` is Chinese, `good”**W` is not.
fn side(nearest: Option<char>, beyond: Option<char>) -> Side {
    let Some(c) = nearest else { return Side::Space };
    if c.is_whitespace() {
        Side::Space
    } else if is_cjk(c) || (is_shared_punctuation(c) && beyond.is_some_and(is_cjk)) {
        Side::Cjk { punctuation: !c.is_alphanumeric() }
    } else if c.is_alphanumeric() || matches!(c, '\u{FE00}'..='\u{FE0F}') {
        Side::Letter
    } else {
        Side::Punctuation
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Whether `**` between the two texts opens and closes, by CommonMark and with CJK as letters.
    fn between(before: &str, after: &str) -> [(bool, bool); 2] {
        let sides = Sides::of(&format!("{before}**{after}"), before.len(), before.len() + 2);
        [false, true].map(|cjk| (sides.opens(cjk), sides.closes(cjk)))
    }

    #[test]
    fn latin_text_follows_commonmark_both_ways() {
        for (before, after, expected) in [
            ("", "a", (true, false)),
            ("a", "", (false, true)),
            ("a", "b", (true, true)),
            ("a ", " b", (false, false)),
            ("a.", "b", (true, false)),
            ("a", "(b", (false, true)),
            ("a”", "b", (true, false)),
        ] {
            assert_eq!(between(before, after), [expected; 2], "{before}|{after}");
        }
    }

    #[test]
    fn chinese_punctuation_counts_as_a_letter() {
        assert_eq!(between("注意：", "请"), [(true, false), (true, true)]);
        assert_eq!(between("说", "“你"), [(false, true), (true, true)]);
        assert_eq!(between("好”", "Windows"), [(true, false), (true, true)]);
        assert_eq!(between("按", "[Ctrl"), [(false, true), (true, true)]);
    }
}
