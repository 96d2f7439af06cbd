//! Which characters are Chinese, Japanese or Korean: their words stand without spaces.

/// A CJK character, punctuation and full-width forms included.
pub(super) fn is_cjk(c: char) -> bool {
    matches!(c,
        '\u{1100}'..='\u{11FF}'
        | '\u{2E80}'..='\u{A4CF}'
        | '\u{A960}'..='\u{A97F}'
        | '\u{AC00}'..='\u{D7FF}'
        | '\u{F900}'..='\u{FAFF}'
        | '\u{FE30}'..='\u{FE4F}'
        | '\u{FF00}'..='\u{FFEF}'
        | '\u{20000}'..='\u{3FFFF}')
}

/// Quotation marks, dashes and the ellipsis, which Chinese shares with other scripts.
pub(super) fn is_shared_punctuation(c: char) -> bool {
    matches!(c, '\u{2014}' | '\u{2018}' | '\u{2019}' | '\u{201C}' | '\u{201D}' | '\u{2026}' | '\u{00B7}')
}

/// A character that is read by itself: an ideograph, kana or hangul, no punctuation.
pub(super) fn is_ideograph(c: char) -> bool {
    is_cjk(c) && c.is_alphanumeric() && !('\u{FF00}'..='\u{FFEF}').contains(&c)
}

/// Minutes to read: 300 ideographs or 200 words a minute, at least 1.
#[derive(Debug, Default)]
pub(super) struct Reading {
    ideographs: usize,
    words: usize,
}

impl Reading {
    pub(super) fn add(&mut self, text: &str) {
        let mut in_word = false;
        for c in text.chars() {
            let ideograph = c >= '\u{1100}' && is_ideograph(c);
            let word = !ideograph && c.is_alphanumeric();
            self.ideographs += usize::from(ideograph);
            self.words += usize::from(word && !in_word);
            in_word = word;
        }
    }

    pub(super) fn minutes(&self) -> u32 {
        // A minute is 600 units: 2 an ideograph, 3 a word.
        let minutes = (self.ideographs * 2 + self.words * 3).div_ceil(600).max(1);
        u32::try_from(minutes).unwrap_or(u32::MAX)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn minutes(text: &str) -> u32 {
        let mut reading = Reading::default();
        reading.add(text);
        reading.minutes()
    }

    #[test]
    fn minutes_grow_with_the_text() {
        assert_eq!(minutes(""), 1);
        assert_eq!(minutes(&"字".repeat(300)), 1);
        assert_eq!(minutes(&"字".repeat(301)), 2);
        assert_eq!(minutes(&"word ".repeat(401)), 3);
        assert_eq!(minutes(&format!("{}{}", "字".repeat(300), " word".repeat(200))), 2);
    }

    #[test]
    fn punctuation_is_cjk_but_not_an_ideograph() {
        assert!(is_cjk('：') && !is_ideograph('：'));
        assert!(is_cjk('中') && is_ideograph('中'));
        assert!(!is_cjk('a') && !is_cjk('“') && is_shared_punctuation('“'));
    }
}
