//! Pinyin without tones, as it is typed.

use pinyin::ToPinyinMulti;

/// Words with more readings than this keep their most common ones.
const MAX_READINGS: usize = 4;

/// One way to say a word.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Reading {
    /// `dayinji`
    pub(crate) full: Box<str>,
    /// `dyj`
    pub(crate) initials: Box<str>,
}

/// How a word may be said (重启: zhongqi, chongqi); empty when a character has no pinyin, or all are Latin.
pub(crate) fn readings(word: &str) -> Vec<Reading> {
    if word.is_ascii() {
        return Vec::new();
    }
    let mut all = vec![(String::new(), String::new())];
    for character in word.chars() {
        let mut syllables: Vec<String> = Vec::new();
        if character.is_ascii_alphanumeric() {
            // OA系统 is typed as `oaxitong`.
            syllables.push(character.to_ascii_lowercase().into());
        }
        for reading in character.to_pinyin_multi().into_iter().flatten() {
            // ü is typed as v: nü → nv.
            let plain = reading.plain().replace('ü', "v");
            if plain.is_ascii() && !plain.is_empty() && !syllables.contains(&plain) {
                syllables.push(plain);
            }
        }
        let mut next = Vec::new();
        for (at, syllable) in syllables.iter().enumerate() {
            for (full, initials) in &all {
                if at > 0 && next.len() >= MAX_READINGS {
                    break;
                }
                next.push((format!("{full}{syllable}"), format!("{initials}{}", &syllable[..1])));
            }
        }
        if next.is_empty() {
            return Vec::new();
        }
        all = next;
    }
    all.into_iter().map(|(full, initials)| Reading { full: full.into(), initials: initials.into() }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_words_with_all_their_syllables() {
        let has = |word: &str, full: &str| readings(word).iter().any(|reading| &*reading.full == full);
        assert!(has("打印机", "dayinji"));
        assert!(has("重启", "chongqi") && has("重启", "zhongqi"));
        assert_eq!(&*readings("打印机")[0].initials, "dyj");
        assert!(readings("VPN").is_empty());
        assert!(has("OA系统", "oaxitong"));
    }
}
