//! The one analyzer, for index and query: folded text to terms.
//!
//! Chinese (and kana, hangul) gives every pair of neighbouring characters, and every dictionary word longer than a
//! pair; a pair that is a word is the same term, and the query knows which pairs are words (see [`super::query`]).
//! Latin runs give the whole without its joiners (`Wi-Fi` → `wifi`) and the parts (`wi`, `fi`; `Office365` → `office`,
//! `365`; `PowerShell` → `power`, `shell`). Terms are lower case, cut after segmentation; stems are matched through
//! [`super::vocabulary`], which knows every form the index holds.

use std::sync::{Arc, LazyLock};

use jieba_rs::Jieba;

use super::everyday::TRADE;

/// Longer words are not typed and not found; they are dropped.
pub(crate) const MAX_TERM_CHARS: usize = 40;

static DICTIONARY: LazyLock<Arc<Jieba>> = LazyLock::new(|| {
    let mut dictionary = Jieba::new();
    for word in TRADE.split_whitespace().filter(|word| !dictionary.has_word(word)).collect::<Vec<_>>() {
        dictionary.add_word(word, None, None);
    }
    Arc::new(dictionary)
});

/// What a token is, which decides its weight in a query.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum TokenKind {
    /// A Latin run without its joiners, or a run without any.
    Whole,
    /// A piece of a Latin run.
    Part,
    /// Two neighbouring characters of a Chinese run, or its only one.
    Pair,
    /// A dictionary word of three characters or more.
    Word,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Token {
    /// Bytes of the folded text.
    pub(crate) start: usize,
    pub(crate) end: usize,
    pub(crate) kind: TokenKind,
    /// Bytes of [`Tokens::text`].
    term: (usize, usize),
}

/// The tokens of one text. Reused from text to text, so that indexing allocates nothing.
#[derive(Debug, Clone, Default)]
pub(crate) struct Tokens {
    text: String,
    pub(crate) list: Vec<Token>,
}

impl Tokens {
    pub(crate) fn term(&self, token: &Token) -> &str {
        &self.text[token.term.0..token.term.1]
    }

    fn clear(&mut self) {
        self.text.clear();
        self.list.clear();
    }

    /// Appends a token whose term is `pieces` in lower case.
    fn push<'a>(&mut self, (start, end): (usize, usize), kind: TokenKind, pieces: impl Iterator<Item = &'a str>) {
        let from = self.text.len();
        for piece in pieces {
            if piece.is_ascii() {
                self.text.push_str(piece);
                self.text[from..].make_ascii_lowercase();
            } else if matches!(kind, TokenKind::Pair | TokenKind::Word) {
                // These scripts have no case.
                self.text.push_str(piece);
            } else {
                self.text.extend(piece.chars().flat_map(char::to_lowercase));
            }
        }
        self.list.push(Token { start, end, kind, term: (from, self.text.len()) });
    }
}

/// Cuts text into terms. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Analyzer {
    dictionary: Arc<Jieba>,
    /// The site's own words, as `site.toml` has them.
    names: Arc<[String]>,
}

impl std::fmt::Debug for Analyzer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Analyzer")
    }
}

/// Characters that join the parts of one Latin run: `Wi-Fi`, `setup.exe`, `don't`, `user@host`, `Get_Item`.
fn is_joiner(character: char) -> bool {
    matches!(character, '-' | '_' | '.' | '\'' | '’' | '@' | '\u{2010}' | '\u{2011}')
}

/// Characters of scripts written without spaces.
pub(crate) fn is_unspaced(character: char) -> bool {
    matches!(
        character,
        '\u{3005}'..='\u{3007}'
            | '\u{3040}'..='\u{30ff}'
            | '\u{3400}'..='\u{9fff}'
            | '\u{ac00}'..='\u{d7af}'
            | '\u{20000}'..='\u{3ffff}'
    )
}

fn is_latin(character: char) -> bool {
    character.is_alphanumeric() && !is_unspaced(character)
}

impl Analyzer {
    /// An analyzer that also knows the site's own words.
    pub(crate) fn new(words: &[String]) -> Self {
        let chinese = words.iter().flat_map(|word| {
            super::fold::fold(word)
                .split(|character| !is_unspaced(character))
                .filter(|run| run.chars().count() > 1)
                .map(str::to_owned)
                .collect::<Vec<_>>()
        });
        let mut chinese = chinese.peekable();
        if chinese.peek().is_none() {
            return Self { dictionary: Arc::clone(&DICTIONARY), names: words.into() };
        }
        let mut dictionary = Jieba::clone(&DICTIONARY);
        for word in chinese {
            dictionary.add_word(&word, None, None);
        }
        Self { dictionary: Arc::new(dictionary), names: words.into() }
    }

    /// The dictionary words of a run of Chinese, in order, as byte ranges; sub-words of long words too.
    pub(crate) fn words(&self, run: &str) -> Vec<(usize, usize)> {
        self.dictionary.cut_for_search(run, false).iter().map(|token| (token.byte_start, token.byte_end)).collect()
    }

    /// The words that the site itself names.
    pub(crate) fn names(&self) -> impl Iterator<Item = &str> {
        self.names.iter().map(String::as_str)
    }

    pub(crate) fn is_word(&self, text: &str) -> bool {
        self.dictionary.has_word(text)
    }

    /// Fills `tokens` with the tokens of a folded text.
    pub(crate) fn analyze(&self, folded: &str, tokens: &mut Tokens) {
        tokens.clear();
        scan(folded, |run, offset, unspaced| {
            if unspaced {
                self.chinese(run, offset, tokens);
            } else {
                latin(run, offset, tokens);
            }
        });
    }

    /// Fills `tokens` without asking the dictionary: Latin runs and pairs, by start.
    pub(crate) fn pairs(folded: &str, tokens: &mut Tokens) {
        tokens.clear();
        scan(folded, |run, offset, unspaced| {
            if unspaced {
                pairs(run, offset, tokens);
            } else {
                latin(run, offset, tokens);
            }
        });
    }

    fn chinese(&self, run: &str, offset: usize, tokens: &mut Tokens) {
        pairs(run, offset, tokens);
        if run.chars().nth(2).is_none() {
            return;
        }
        for token in self.dictionary.cut_for_search(run, false) {
            if token.end - token.start > 2 {
                tokens.push(
                    (offset + token.byte_start, offset + token.byte_end),
                    TokenKind::Word,
                    std::iter::once(token.word),
                );
            }
        }
    }
}

/// Calls `emit` with each run of one script: its text, its offset, and whether it is written without spaces.
fn scan(folded: &str, mut emit: impl FnMut(&str, usize, bool)) {
    let mut chars = folded.char_indices().peekable();
    while let Some(&(start, character)) = chars.peek() {
        let unspaced = is_unspaced(character);
        if !unspaced && !is_latin(character) {
            chars.next();
            continue;
        }
        let mut end = start;
        while let Some(&(at, next)) = chars.peek() {
            let after = at + next.len_utf8();
            if if unspaced { is_unspaced(next) } else { is_latin(next) } {
                end = after;
            } else if unspaced || !is_joiner(next) || !folded[after..].starts_with(is_latin) {
                break;
            }
            chars.next();
        }
        // `C++` and `C#` are names.
        if !unspaced && end - start <= 2 {
            let tail = &folded[end..];
            let sign = if tail.starts_with("++") { 2 } else { usize::from(tail.starts_with('#')) };
            if !tail[sign..].starts_with(char::is_alphanumeric) {
                end += sign;
            }
        }
        emit(&folded[start..end], start, unspaced);
    }
}

/// Pushes every two neighbours of a run, or its only character.
fn pairs(run: &str, offset: usize, tokens: &mut Tokens) {
    let mut borders = run.char_indices().map(|(at, _)| at).chain([run.len()]);
    let (Some(mut first), Some(mut second)) = (borders.next(), borders.next()) else { return };
    if second == run.len() {
        tokens.push((offset, offset + run.len()), TokenKind::Pair, std::iter::once(run));
    }
    for end in borders {
        tokens.push((offset + first, offset + end), TokenKind::Pair, std::iter::once(&run[first..end]));
        (first, second) = (second, end);
    }
}

/// Pushes the whole run and its parts.
fn latin(run: &str, offset: usize, tokens: &mut Tokens) {
    let range = (offset, offset + run.len());
    let joined = run.contains(is_joiner);
    if run.chars().count() <= MAX_TERM_CHARS {
        tokens.push(range, TokenKind::Whole, run.split(is_joiner));
    } else if !joined {
        return;
    }
    let mut at = 0;
    for piece in run.split_inclusive(is_joiner) {
        let start = at;
        at += piece.len();
        let piece = piece.trim_end_matches(is_joiner);
        if piece.is_empty() || piece.len() > MAX_TERM_CHARS {
            continue;
        }
        if joined {
            tokens.push((offset + start, offset + start + piece.len()), TokenKind::Part, std::iter::once(piece));
        }
        split_piece(piece, offset + start, tokens);
    }
}

/// `Office365` → office, 365; `PowerShell` → power, shell; `0x80070005` and `a1` stay whole.
fn split_piece(piece: &str, offset: usize, tokens: &mut Tokens) {
    let is_code = piece.len() > 2 && piece.as_bytes()[0] == b'0' && matches!(piece.as_bytes()[1], b'x' | b'X');
    if !piece.is_ascii() || is_code {
        return;
    }
    let bytes = piece.as_bytes();
    let border = |at: usize| {
        let (left, right) = (bytes[at - 1], bytes[at]);
        left.is_ascii_digit() != right.is_ascii_digit() || (left.is_ascii_lowercase() && right.is_ascii_uppercase())
    };
    let mut from = 0;
    for at in 1..=bytes.len() {
        if at < bytes.len() && !border(at) {
            continue;
        }
        let part = &piece[from..at];
        if part.len() > 1 && part.len() < piece.len() {
            tokens.push((offset + from, offset + at), TokenKind::Part, std::iter::once(part));
        }
        from = at;
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::search::fold::fold;

    fn terms(text: &str) -> Vec<String> {
        let mut tokens = Tokens::default();
        Analyzer::new(&[]).analyze(&fold(text), &mut tokens);
        tokens.list.iter().map(|token| tokens.term(token).to_owned()).collect()
    }

    #[test]
    fn latin_runs_are_whole_and_in_parts() {
        assert_eq!(terms("Wi-Fi"), ["wifi", "wi", "fi"]);
        assert_eq!(terms("Office365"), ["office365", "office", "365"]);
        assert_eq!(terms("PowerShell 7.4"), ["powershell", "power", "shell", "74", "7", "4"]);
        assert_eq!(terms("0X80070005"), ["0x80070005"]);
        assert_eq!(terms("C++ C#"), ["c++", "c#"]);
        assert_eq!(terms("done. Next"), ["done", "next"]);
        assert_eq!(terms("ΟΔΟΣ οδος"), ["οδοσ", "οδοσ"]);
    }

    #[test]
    fn chinese_runs_are_pairs_and_long_words() {
        assert_eq!(terms("打印机"), ["打印", "印机", "打印机"]);
        assert_eq!(terms("卡"), ["卡"]);
        assert_eq!(terms("用VPN连"), ["用", "vpn", "连"]);
    }

    proptest! {
        #[test]
        fn ranges_lie_on_characters(text in "\\PC{0,60}") {
            let folded = fold(&text);
            let mut tokens = Tokens::default();
            Analyzer::new(&[]).analyze(&folded, &mut tokens);
            for token in &tokens.list {
                prop_assert!(folded.get(token.start..token.end).is_some_and(|shown| !shown.is_empty()));
                prop_assert!(!tokens.term(token).is_empty());
                // By character: lower case of a whole text writes a closing sigma as `ς`, which is folded away.
                let shown: String = folded[token.start..token.end].chars().flat_map(char::to_lowercase).collect();
                let whole = shown.replace(is_joiner, "");
                prop_assert_eq!(tokens.term(token), if token.kind == TokenKind::Part { &shown } else { &whole });
            }
        }
    }
}
