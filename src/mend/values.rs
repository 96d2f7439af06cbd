//! Keys and values: misspelt keys, dates in other forms, quotes that YAML does not take for quotes.

use super::Edit;
use super::front::Front;
use crate::config::Config;
use crate::content::{self, entry};
use crate::diagnostic::nearest;
use crate::yaml;

const DATES: [&str; 4] = ["created", "updated", "review_by", "resolved_on"];

/// Edits that may help; see [`super::front::edits`].
pub(super) fn edits(config: &Config, path: &str, front: &Front<'_>) -> Vec<Edit> {
    let keys: Vec<(usize, &str)> =
        (0..front.lines.len()).filter_map(|at| Some((at, entry::key_of(front.line(at))?))).collect();
    let present: Vec<&str> = keys.iter().map(|(_, key)| *key).collect();
    let mut edits = Vec::new();
    for (n, (at, key)) in keys.iter().enumerate() {
        let below = keys.get(n + 1).map_or(front.lines.len(), |(next, _)| *next);
        let alone = (at + 1..below).all(|at| is_empty(front.line(at)));
        edits.extend(misspelt(path, front, *at, key, &present, alone));
        if !alone {
            continue;
        }
        if DATES.contains(key) {
            edits.extend(date(front, *at));
        }
        if *key == "category" {
            edits.extend(category(config, front, *at));
        }
        edits.extend(smart_quotes(front, *at));
        edits.extend(unquoted(front, *at));
        let earlier = keys[..n].iter().find(|(before, same)| same == key && front.line(*before) == front.line(*at));
        if earlier.is_some() {
            let line = &front.lines[*at];
            let end = front.text[line.end..].find('\n').map_or(line.end, |end| line.end + end + 1);
            edits.push(Edit::new(line.start..end, "", "a line that was there twice taken out"));
        }
    }
    edits
}

fn is_empty(line: &str) -> bool {
    line.trim().is_empty() || line.trim_start().starts_with('#')
}

/// A key that is one letter or two from a known one that the file lacks, and from no other. With its date, when it has
/// one in another form: a key that is known now would only bring that to light.
fn misspelt(path: &str, front: &Front<'_>, at: usize, key: &str, present: &[&str], alone: bool) -> Option<Edit> {
    let known = content::keys_of(path);
    if known.contains(&key) {
        return None;
    }
    let near = nearest(key, known.iter().copied())?;
    let distance = |known: &str| strsim::damerau_levenshtein(&key.to_lowercase(), known);
    let as_near = known.iter().filter(|known| distance(known) <= distance(near)).count();
    if as_near > 1 || present.contains(&near) {
        return None;
    }
    let line = front.line(at);
    let start = front.lines[at].start + line.find(key)?;
    let end = start + key.len();
    if let Some(date) = date(front, at).filter(|_| alone && DATES.contains(&near)) {
        let between = front.text.get(end..date.range.start)?;
        let with = format!("{near}{between}{}", date.with);
        return Some(Edit::new(start..date.range.end, with, "a misspelt key corrected, and its date"));
    }
    Some(Edit::new(start..end, near, "a misspelt key corrected"))
}

/// The value of a line, in bytes of the text; `None` when it stands on the lines below.
fn value(front: &Front<'_>, at: usize) -> Option<(std::ops::Range<usize>, String)> {
    let line = front.line(at);
    let (start, length) = entry::value_in(line);
    let value: String = line.get(start..)?.chars().take(length).collect();
    let begin = front.lines[at].start + start;
    (start > 0).then(|| (begin..begin + value.len(), value))
}

fn date(front: &Front<'_>, at: usize) -> Option<Edit> {
    let (range, value) = value(front, at)?;
    let bare = value.trim_matches(['"', '\'']);
    if bare.parse::<jiff::civil::Date>().is_ok() {
        return None;
    }
    let date = content::certain_date(bare)?;
    Some(Edit::new(range, date.to_string(), "a date written as YYYY-MM-DD"))
}

/// A category by its name, or misspelt: the key that is meant.
fn category(config: &Config, front: &Front<'_>, at: usize) -> Option<Edit> {
    let (range, value) = value(front, at)?;
    let key = content::category::meant(config, value.trim_matches(['"', '\'']))?;
    let bare = key.starts_with(|c: char| c.is_ascii_alphabetic())
        && key.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '-'));
    let with = if bare { key.to_owned() } else { yaml::in_quotes(key) };
    Some(Edit::new(range, with, "a category written as its key"))
}

fn smart_quotes(front: &Front<'_>, at: usize) -> Vec<Edit> {
    let Some((range, value)) = value(front, at) else { return Vec::new() };
    let Some(inner) = entry::within_smart_quotes(&value).filter(|inner| inner.is_ascii()) else { return Vec::new() };
    // A word, a number or a date needs none.
    let bare = inner.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '-'));
    let with = if bare { inner.to_owned() } else { yaml::in_quotes(inner) };
    vec![Edit::new(range, with, "typographic quotes written as straight ones")]
}

/// A text that YAML stops reading at a colon, a quote or ` #`: all of it in quotes. Lists and the like are not meant
/// as text.
fn unquoted(front: &Front<'_>, at: usize) -> Option<Edit> {
    let line = front.line(at);
    let colon = line.find(':')? + 1;
    let rest = line.get(colon..)?.trim();
    // `[SDP 3][42a3] Data Collector` is a title, and no list.
    let text_in_brackets = rest.starts_with('[') && rest.contains(']') && !rest.ends_with(']');
    if rest.is_empty() || (rest.starts_with(['[', '{', '|', '>']) && !text_in_brackets) {
        return None;
    }
    let start = front.lines[at].start + line.len() - line[colon..].trim_start().len();
    let text = entry::unquoted(rest);
    Some(Edit::new(start..start + rest.len(), yaml::in_quotes(text), "a text put in quotes"))
}

#[cfg(test)]
mod tests {
    use super::super::tests::mended;

    #[track_caller]
    fn becomes(front: &str, expected: &str) {
        let text = |front: &str| format!("---\n{front}\n---\n正文\n");
        let mended = mended("articles/vpn/a.md", &text(front));
        assert_eq!(mended, (front != expected).then(|| text(expected)), "{front}");
    }

    #[test]
    fn keys_are_corrected_where_one_alone_is_near() {
        becomes("titel: 甲\nkeyword: [a] # b", "title: 甲\nkeywords: [a] # b");
        becomes("title: 甲\nTags: [a]", "title: 甲\ntags: [a]");
        becomes("title: 甲\nreview-by: 2030-01-01", "title: 甲\nreview_by: 2030-01-01");
        // The right one is there; nothing is near; the value is none of that key.
        for stays in ["title: 甲\ntitel: 乙", "title: 甲\nms.topic: x", "title: 甲\npined: perhaps"] {
            becomes(stays, stays);
        }
    }

    #[test]
    fn dates_are_written_in_the_one_way_they_can_be_meant() {
        becomes("title: 甲\nupdated: 2024/5/1 # 上次", "title: 甲\nupdated: 2024-05-01 # 上次");
        becomes("title: 甲\nupdatd: 2026/5/1 # 上次", "title: 甲\nupdated: 2026-05-01 # 上次");
        becomes("title: 甲\ncreated: \"31/12/2023\"", "title: 甲\ncreated: 2023-12-31");
        becomes("title: 甲\nreview_by: 2030年1月2日", "title: 甲\nreview_by: 2030-01-02");
        becomes("title: 甲\nupdated: 05/01/2024", "title: 甲\nupdated: 05/01/2024");
    }

    #[test]
    fn quotes_are_straight_and_stand_where_yaml_needs_them() {
        becomes("title: “VPN setup”", "title: \"VPN setup\"");
        becomes("title: 甲\nupdated: “2024-05-01”", "title: 甲\nupdated: 2024-05-01");
        becomes("title: “设备管理器”", "title: “设备管理器”");
        becomes("title: Error: it broke", "title: \"Error: it broke\"");
        becomes(
            "title: \"Error 720: Can't connect\" when you try",
            "title: '\"Error 720: Can''t connect\" when you try'",
        );
        becomes("title: \"never closed", "title: \"never closed\"");
        becomes("title: 停止 - #0xEF 蓝屏", "title: \"停止 - #0xEF 蓝屏\"");
        becomes("title: %username% 不可用", "title: \"%username% 不可用\"");
        becomes("title: [SDP 3][42] Collector", "title: \"[SDP 3][42] Collector\"");
        becomes("title: 甲\ntags: [a, b", "title: 甲\ntags: [a, b");
        becomes("title: 甲 # 注\ntitle: 甲 # 注\nowner: li", "title: \"甲 # 注\"\nowner: li");
        becomes("owner: li\nowner: li\ntitle: 甲", "owner: li\ntitle: 甲");
        becomes("title: 甲\nowner: li\nowner: li", "title: 甲\nowner: li");
    }
}
