//! What a word that the index does not hold was meant to be.

use super::analysis::is_unspaced;
use super::lexicon::Lexicon;
use super::pinyin;

/// A word in this many sections or fewer may itself be a misspelling that an author made.
const RARE: u32 = 2;
/// How many times more frequent the right word must then be.
const MUCH_MORE: u32 = 50;

/// Spellings that are tried beside the likeliest: the other words of the question decide.
const CANDIDATES: usize = 3;

/// What a Latin run, of which `known` sections hold the whole, was meant to be: the likeliest first, or nothing.
pub(crate) fn correct_latin(whole: &str, parts: &[&str], known: u32, lexicon: Lexicon<'_>) -> Vec<String> {
    if known > RARE || (known > 0 && !parts.is_empty()) {
        return Vec::new();
    }
    let corrections = correct_word(whole, known, lexicon);
    if !corrections.is_empty() || parts.is_empty() {
        return corrections;
    }
    let mut changed = false;
    let corrected = parts
        .iter()
        .map(|part| match correct_word(part, lexicon.forms(part).1, lexicon).into_iter().next() {
            Some(word) => {
                changed = true;
                word
            }
            None => (*part).to_owned(),
        })
        .collect::<Vec<_>>()
        .join(" ");
    if changed { vec![corrected] } else { Vec::new() }
}

fn correct_word(word: &str, known: u32, lexicon: Lexicon<'_>) -> Vec<String> {
    if word.len() < 3 || known > RARE || !word.bytes().all(|byte| byte.is_ascii_lowercase()) {
        return Vec::new();
    }
    let enough = if known == 0 { 1 } else { known * MUCH_MORE };
    if word.len() > 4
        && let Some(words) = lexicon.pinyin_words(word)
        && words.iter().all(|form| form.count >= enough)
    {
        return vec![words.iter().map(|form| &*form.text).collect()];
    }
    if word.len() > 3 {
        let limit = if word.len() >= 8 && known == 0 { 2 } else { 1 };
        let spellings = lexicon.spellings(word, limit);
        let frequent = spellings.into_iter().filter(|form| form.count >= enough);
        let found = frequent.take(CANDIDATES).map(|form| form.text.into()).collect::<Vec<String>>();
        if !found.is_empty() {
            return found;
        }
    }
    // Four letters are as often a misspelt word, which comes first.
    if known == 0
        && word.len() == 4
        && let Some(words) = lexicon.pinyin_words(word)
    {
        return vec![words.iter().map(|form| &*form.text).collect()];
    }
    if known == 0 && word.len() <= 6 {
        return lexicon.initials(word, false).into_iter().take(1).map(|form| form.text.into()).collect();
    }
    Vec::new()
}

/// Characters of a Chinese word that is corrected.
const LONGEST_WORD: usize = 6;

/// Words of three characters or more typed with characters of the same sound (打因机 → 打印机), or with one that is another
/// (打即机), where the index holds no two neighbours of what was typed: byte range and word. Two characters are too few
/// to be sure.
pub(crate) fn correct_chinese(text: &str, lexicon: Lexicon<'_>) -> Vec<(usize, usize, String)> {
    let chars = text.char_indices().collect::<Vec<_>>();
    let end_of = |at: usize| chars.get(at).map_or(text.len(), |(offset, _)| *offset);
    let unknown = chars
        .windows(2)
        .map(|pair| {
            let (start, end) = (pair[0].0, pair[1].0 + pair[1].1.len_utf8());
            is_unspaced(pair[0].1) && is_unspaced(pair[1].1) && lexicon.count(&text[start..end]) == 0
        })
        .collect::<Vec<_>>();
    let mut corrections = Vec::new();
    let mut at = 0;
    while at + 2 < chars.len() {
        let run = unknown[at..].iter().take_while(|unknown| **unknown).count() + 1;
        let found = (3..=run.min(LONGEST_WORD)).rev().find_map(|length| {
            let (start, end) = (chars[at].0, end_of(at + length));
            let typed = &text[start..end];
            let same_sound = |reading: &pinyin::Reading| lexicon.pinyin(&reading.full, false).into_iter().next();
            let word = pinyin::readings(typed).iter().find_map(same_sound);
            let word = word.or_else(|| lexicon.one_off(typed).into_iter().next())?;
            (word.text.chars().count() == length && *word.text != *typed).then_some((start, end, word.text.to_string()))
        });
        match found {
            Some(correction) => {
                at += correction.2.chars().count();
                corrections.push(correction);
            }
            None => at += 1,
        }
    }
    corrections
}
