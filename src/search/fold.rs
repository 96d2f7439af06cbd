//! Folding: one written form for what people type in many ways.
//!
//! Per character, so that every folded byte knows the character it came from: compatibility forms (full width,
//! ligatures) become plain ones, diacritics go, Traditional characters become Simplified ones. Letter case stays:
//! [`super::analysis`] needs it to split `PowerShell`.

use std::sync::LazyLock;

use ferrous_opencc::OpenCC;
use ferrous_opencc::config::BuiltinConfig;
use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

/// The block of ideographs that the Traditional to Simplified table covers.
const IDEOGRAPHS: std::ops::Range<u32> = 0x3400..0xA000;

/// Simplified form of every character of [`IDEOGRAPHS`].
static SIMPLIFIED: LazyLock<Vec<char>> = LazyLock::new(|| {
    let converter = OpenCC::from_config(BuiltinConfig::T2s).ok();
    let mut buffer = [0; 4];
    IDEOGRAPHS
        .map(|code| {
            let original = char::from_u32(code).unwrap_or(' ');
            let Some(converter) = &converter else { return original };
            let converted = converter.convert(original.encode_utf8(&mut buffer));
            let mut chars = converted.chars();
            match (chars.next(), chars.next()) {
                (Some(simplified), None) => simplified,
                _ => original,
            }
        })
        .map(|simplified| if simplified == '帐' { '账' } else { simplified })
        .collect()
});

/// Calls `emit` with each character that `original` folds to; none for marks and invisible controls.
fn fold_char(original: char, emit: &mut impl FnMut(char)) {
    match original {
        '\u{20}'..='\u{7e}' => emit(original),
        '\u{0}'..='\u{9f}' => emit(' '),
        '\u{3400}'..='\u{9fff}' => {
            emit(SIMPLIFIED.get((u32::from(original) - IDEOGRAPHS.start) as usize).copied().unwrap_or(original));
        }
        '\u{ff01}'..='\u{ff5e}' => {
            emit(char::from_u32(u32::from(original) - 0xfee0).unwrap_or(original));
        }
        '\u{3000}'..='\u{3003}' => emit(' '),
        // Invisible: soft hyphen, zero width and bidi controls, variation selectors, byte order mark.
        '\u{ad}'
        | '\u{61c}'
        | '\u{200b}'..='\u{200f}'
        | '\u{202a}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}'
        | '\u{fe00}'..='\u{fe0f}'
        | '\u{feff}' => {}
        _ => {
            for part in std::iter::once(original).nfkd().filter(|part| !is_combining_mark(*part)) {
                match part {
                    '\u{3400}'..='\u{9fff}' => fold_char(part, emit),
                    // Greek writes its s in another way at the end of a word.
                    'ς' => emit('σ'),
                    _ => emit(part),
                }
            }
        }
    }
}

/// Appends the folded form of `text` to `out`.
pub(crate) fn fold_into(text: &str, out: &mut String) {
    out.reserve(text.len());
    for original in text.chars() {
        fold_char(original, &mut |folded| out.push(folded));
    }
}

/// The folded form of `text`.
pub(crate) fn fold(text: &str) -> String {
    let mut out = String::new();
    fold_into(text, &mut out);
    out
}

/// A folded text that remembers where each byte came from.
#[derive(Debug, Default)]
pub(crate) struct Folded {
    pub(crate) text: String,
    /// For each byte of `text`, the byte range in the original of the character it was folded from.
    origin: Vec<(u32, u32)>,
}

impl Folded {
    pub(crate) fn new(text: &str) -> Self {
        let mut folded = Self { text: String::with_capacity(text.len()), origin: Vec::with_capacity(text.len()) };
        for (start, original) in text.char_indices() {
            let range = (start as u32, (start + original.len_utf8()) as u32);
            let Self { text, origin } = &mut folded;
            fold_char(original, &mut |character| {
                text.push(character);
                origin.resize(text.len(), range);
            });
        }
        folded
    }

    /// The bytes of the original that a non-empty range of `text` shows: always on character borders.
    pub(crate) fn original(&self, start: usize, end: usize) -> (usize, usize) {
        let first = self.origin.get(start).map_or(0, |range| range.0 as usize);
        let last = end.checked_sub(1).and_then(|last| self.origin.get(last)).map_or(first, |range| range.1 as usize);
        (first, last.max(first))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn folds_width_accents_and_script() {
        assert_eq!(fold("ＶＰＮ　設定"), "VPN 设定");
        assert_eq!(fold("café ﬁle ①"), "cafe file 1");
        assert_eq!(fold("帐号\u{200b}帳號"), "账号账号");
    }

    proptest! {
        #[test]
        fn origins_are_character_borders(text in "\\PC{0,40}", from in 0usize..60, length in 1usize..10) {
            let folded = Folded::new(&text);
            prop_assert_eq!(folded.text.len(), folded.origin.len());
            prop_assert_eq!(&folded.text, &fold(&text));
            let (start, end) = folded.original(from, from + length);
            prop_assert!(text.is_char_boundary(start) && text.is_char_boundary(end) && start <= end);
        }
    }
}
