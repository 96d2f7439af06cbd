//! Where a key of the front matter stands, for findings that come up when the file is no longer at hand.

use super::{entry, library};
use crate::config::Config;
use crate::source;

/// A place in a file: line and column, and how many characters it takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Spot {
    pub place: (u32, u32),
    pub length: usize,
}

/// The value of a key in a document's front matter, or one item of that value; `path` is relative to `content/`. The
/// file's first line when it does not say.
pub fn of_key(config: &Config, path: &str, key: &str, item: Option<&str>) -> Spot {
    let start = Spot { place: (1, 1), length: 0 };
    let Ok(bytes) = library::bytes(&config.content_dir().join(path)) else { return start };
    let source = source::read(path, &bytes, &mut Vec::new());
    in_front(&source.front, source.front_line, key, item).unwrap_or(start)
}

pub(super) fn in_front(front: &str, first: u32, key: &str, item: Option<&str>) -> Option<Spot> {
    let lines: Vec<&str> = front.lines().collect();
    let own = |line: &&str| entry::key_of(line) == Some(key);
    let start = lines.iter().position(own)?;
    let end = (start + 1..lines.len()).find(|at| entry::key_of(lines[*at]).is_some()).unwrap_or(lines.len());
    let spot = |at: usize, (from, length): (usize, usize)| {
        let line = first.saturating_add(u32::try_from(at).unwrap_or(u32::MAX));
        let column = lines[at][..from].chars().count() + 1;
        Spot { place: (line, u32::try_from(column).unwrap_or(u32::MAX)), length }
    };
    let item = item.and_then(|item| {
        // A piece of another item only where it stands nowhere else.
        let whole = (start..end).find_map(|at| Some((at, whole(lines[at], item)?)));
        let (at, from) = whole.or_else(|| (start..end).find_map(|at| Some((at, lines[at].find(item)?))))?;
        Some(spot(at, (from, item.chars().count())))
    });
    item.or_else(|| Some(spot(start, entry::value_in(lines[start]))))
}

/// Where an item stands that is not a piece of a longer one.
fn whole(line: &str, item: &str) -> Option<usize> {
    let inside =
        |c: Option<char>| c.is_some_and(|c| !c.is_whitespace() && !matches!(c, '[' | ']' | ',' | '"' | '\'' | '，'));
    let alone = |at: usize| !inside(line[..at].chars().next_back()) && !inside(line[at + item.len()..].chars().next());
    line.match_indices(item).map(|(at, _)| at).find(|at| alone(*at))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_and_items_are_found() {
        let front = "title: 甲\naliases:\n  - /old/\n  - /older/\nreview_by:  2024-01-01 # 半年\n";
        let at = |key: &str, item: Option<&str>| in_front(front, 2, key, item).map(|spot| (spot.place, spot.length));
        assert_eq!(at("review_by", None), Some(((6, 13), 10)));
        assert_eq!(at("aliases", Some("/older/")), Some(((5, 5), 7)));
        assert_eq!(at("aliases", Some("/none/")), Some(((3, 1), 7)));
        assert_eq!(at("slug", None), None);
        let inline = "aliases: [/a/b, '/a', /]\n";
        let at = |item: &str| in_front(inline, 2, "aliases", Some(item)).map(|spot| (spot.place, spot.length));
        assert_eq!((at("/a"), at("/")), (Some(((2, 18), 2)), Some(((2, 23), 1))));
    }
}
