//! Names of people that the caller knows: the requester, the staff.

use std::ops::Range;

use regex::Regex;

use super::Kind;
use super::fold::{Folded, after, before};

/// Names looked for.
#[derive(Debug, Clone, Default)]
pub(super) struct Names(Option<Regex>);

/// What colleagues call somebody of this surname: 张工, 张经理.
const TITLES: &str = "工|总|经理|主管|主任|老师|先生|女士|师傅|同学";

impl Names {
    pub(super) fn new(names: &[String]) -> Self {
        let mut words: Vec<String> = Vec::new();
        for name in names.iter().map(|name| Folded::new(name.trim()).text) {
            let length = name.chars().count();
            if name.chars().all(is_han) && (2..=4).contains(&length) {
                let surname: String = name.chars().take(if length == 4 { 2 } else { 1 }).collect();
                words.push(format!("{surname}(?:{TITLES})"));
            }
            // Two Latin letters are initials or a word; a single Chinese character is anything.
            if length >= if name.is_ascii() { 3 } else { 2 } {
                words.push(regex::escape(&name).replace(' ', r"\s+"));
            }
        }
        // The longest first: of `Li Na` and `Li Nathan` the whole one is found.
        words.sort_by_key(|word| std::cmp::Reverse(word.len()));
        words.dedup();
        let pattern = format!("(?i){}", words.join("|"));
        Self(if words.is_empty() { None } else { Regex::new(&pattern).ok() })
    }

    pub(super) fn find(&self, text: &str, found: &mut Vec<(Kind, Range<usize>)>) {
        let Some(pattern) = &self.0 else { return };
        let mut at = 0;
        while let Some(name) = pattern.find_at(text, at) {
            let word = name.as_str();
            if is_word(text, name.range()) {
                found.push((Kind::Name, name.range()));
                at = name.end();
            } else {
                at = name.start() + word.chars().next().map_or(1, char::len_utf8);
            }
        }
    }
}

fn is_han(c: char) -> bool {
    matches!(c, '\u{3400}'..='\u{9fff}' | '\u{20000}'..='\u{3134f}' | '·')
}

/// Whether a name in letters is not the inside of a longer word. Chinese knows no such borders.
fn is_word(text: &str, range: Range<usize>) -> bool {
    let letter = |c: Option<char>| c.is_some_and(|c| c.is_alphanumeric() && !is_han(c));
    let word = &text[range.clone()];
    let goes_on = letter(word.chars().next()) && letter(before(text, range.start))
        || letter(word.chars().next_back()) && letter(after(text, range.end));
    !goes_on
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_found_whole() {
        let names =
            Names::new(&["张三".into(), "Li Na".into(), "王".into(), "Bo".into(), "欧阳明月".into(), "tom.k".into()]);
        let found = |text: &str| {
            let mut found = Vec::new();
            names.find(text, &mut found);
            found.into_iter().map(|(_, range)| text[range].to_owned()).collect::<Vec<_>>()
        };
        assert_eq!(found("请张三联系LI  NA处理"), ["张三", "LI  NA"]);
        assert_eq!(found("找张工或欧阳老师,问 Tom.K"), ["张工", "欧阳老师", "Tom.K"]);
        assert_eq!(found("Li Nanjing, 王 Bo, tomakk"), Vec::<String>::new());
    }

    #[test]
    fn no_names_find_nothing() {
        let mut found = Vec::new();
        Names::new(&["".into(), "王".into()]).find("王 abc", &mut found);
        assert_eq!(found, []);
    }
}
