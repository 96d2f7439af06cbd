//! Changing a ticket's file without touching what a person wrote in it: comments, the order of keys, the way a value is
//! quoted, unknown keys, line ends, and every line of the body that the change does not concern.
//!
//! Only the lines of the top-level keys that differ are written anew. The outcome is read back, and is used only when
//! it says exactly what was meant; a file that cannot be edited in this way is written whole.

use std::ops::Range;

use serde_yaml::Value;

use super::Ticket;
use super::file::{self, FileError};
use crate::yaml;

/// The text of `old`'s file, changed so that it says `new`.
pub(super) fn edit(text: &str, old: &Ticket, new: &Ticket) -> Result<String, FileError> {
    let edited = spliced(text, old, new);
    match edited.filter(|edited| file::read(new.id, edited.as_bytes()).as_ref() == Ok(new)) {
        Some(edited) => Ok(edited),
        None => {
            tracing::warn!(id = %new.id, "the front matter could not be edited in place; it was written anew");
            file::write(new)
        }
    }
}

fn spliced(text: &str, old: &Ticket, new: &Ticket) -> Option<String> {
    let before = mapping(old)?;
    let after = mapping(new)?;
    let (yaml, body) = file::parts(text)?;
    let mut lines: Vec<String> = text[yaml.clone()].split_inclusive('\n').map(str::to_owned).collect();
    let crlf = text[yaml.clone()].contains("\r\n");
    let mut canonical: Vec<&str> = Vec::new();
    for (key, value) in &after {
        let key = key.as_str()?;
        if before.get(key) != Some(value) {
            set(&mut lines, key, before.get(key), value, &canonical, crlf)?;
        }
        canonical.push(key);
    }
    for key in before.keys().filter_map(Value::as_str).filter(|key| !after.contains_key(key)) {
        if let Some(block) = block(&lines, key) {
            lines.drain(block);
        }
    }
    let kept = &text[body.clone()];
    let body_text = match new.body == old.body {
        true => kept.to_owned(),
        // The requester's words stay byte for byte below what comes after them.
        false => {
            let ending = if kept.is_empty() { "\n" } else { &text[body.end..] };
            let fresh = if crlf { new.body.replace('\n', "\r\n") } else { new.body.clone() };
            match new.body.strip_prefix(old.body.as_str()) {
                Some(added) if !old.body.is_empty() => {
                    let added = if crlf { added.replace('\n', "\r\n") } else { added.to_owned() };
                    return Some(format!(
                        "{}{}{}{kept}{added}{ending}",
                        &text[..yaml.start],
                        lines.concat(),
                        &text[yaml.end..body.start]
                    ));
                }
                _ => fresh,
            }
        }
    };
    Some(format!(
        "{}{}{}{body_text}{}",
        &text[..yaml.start],
        lines.concat(),
        &text[yaml.end..body.start],
        &text[body.end..]
    ))
}

fn mapping(ticket: &Ticket) -> Option<serde_yaml::Mapping> {
    match file::front(ticket).ok()? {
        Value::Mapping(map) => Some(map),
        _ => None,
    }
}

/// Writes one top-level key: in its place, or after the nearest key that comes before it in a file written anew.
fn set(
    lines: &mut Vec<String>,
    key: &str,
    before: Option<&Value>,
    value: &Value,
    canonical: &[&str],
    crlf: bool,
) -> Option<()> {
    let fresh = |value: &Value| {
        let one = serde_yaml::Mapping::from_iter([(Value::from(key), value.clone())]);
        split_lines(&yaml::emit(&Value::Mapping(one)), crlf)
    };
    let Some(place) = block(lines, key) else {
        let at = canonical.iter().rev().find_map(|key| block(lines, key)).map_or(lines.len(), |block| block.end);
        if let Some(last) = at.checked_sub(1).and_then(|at| lines.get_mut(at)).filter(|line| !line.ends_with('\n')) {
            last.push_str(if crlf { "\r\n" } else { "\n" });
        }
        lines.splice(at..at, fresh(value));
        return Some(());
    };
    // A list that grew gets its new items below the old ones, which stay as they are.
    if let (Some(Value::Sequence(old)), Value::Sequence(new)) = (before, value)
        && !old.is_empty()
        && new.starts_with(old)
        && let Some(indent) = item_indent(&lines[place.clone()])
    {
        let added = Value::Sequence(new[old.len()..].to_vec());
        let items: Vec<_> = fresh(&added).into_iter().skip(1).map(|line| shift(&line, indent)).collect();
        let end = place.end - trailing_blank(&lines[place]);
        lines.splice(end..end, items);
        return Some(());
    }
    let mut written = fresh(value);
    if let (1, Some(comment)) = (place.len(), comment(&lines[place.start]))
        && let [line] = written.as_mut_slice()
    {
        let end = line.trim_end().len();
        line.insert_str(end, &comment);
    }
    lines.splice(place, written);
    Some(())
}

fn split_lines(text: &str, crlf: bool) -> Vec<String> {
    text.split_inclusive('\n').map(|line| if crlf { line.replace('\n', "\r\n") } else { line.to_owned() }).collect()
}

/// The lines of a top-level key: its own, and those that continue its value.
fn block(lines: &[String], key: &str) -> Option<Range<usize>> {
    let own = |line: &String| {
        let rest = line.strip_prefix(key).or_else(|| {
            let quoted = line.strip_prefix(['"', '\''])?.strip_prefix(key)?;
            quoted.strip_prefix(['"', '\''])
        });
        rest.and_then(|rest| rest.trim_start_matches(' ').strip_prefix(':'))
            .is_some_and(|rest| rest.is_empty() || rest.starts_with([' ', '\t', '\r', '\n']))
    };
    let start = lines.iter().position(own)?;
    let mut end = start + 1;
    for (at, line) in lines.iter().enumerate().skip(start + 1) {
        let continues = line.starts_with([' ', '\t']) || line.starts_with("- ") || line.trim_end() == "-";
        let blank = line.trim().is_empty();
        let comment = line.starts_with('#');
        match (continues, blank || comment) {
            (true, _) => end = at + 1,
            // Part of the value only if more of it follows.
            (false, true) => {}
            (false, false) => break,
        }
    }
    Some(start..end)
}

/// How far the items of a block list are indented.
fn item_indent(block: &[String]) -> Option<usize> {
    let item = block.iter().skip(1).find(|line| !line.trim().is_empty() && !line.trim_start().starts_with('#'))?;
    let indent = item.len() - item.trim_start_matches(' ').len();
    item[indent..].starts_with('-').then_some(indent)
}

/// A line of a list that was written with an indent of two.
fn shift(line: &str, indent: usize) -> String {
    let bare = line.strip_prefix("  ").unwrap_or(line);
    match bare.trim().is_empty() {
        true => bare.to_owned(),
        false => format!("{}{bare}", " ".repeat(indent)),
    }
}

fn trailing_blank(block: &[String]) -> usize {
    block.iter().rev().take_while(|line| line.trim().is_empty()).count()
}

/// The comment behind a value on the same line, with the space before it.
fn comment(line: &str) -> Option<String> {
    let mut quote = None;
    let mut before = ' ';
    for (at, c) in line.char_indices() {
        match (quote, c) {
            (None, '#') if before.is_whitespace() => {
                let start = line[..at].trim_end().len();
                return Some(line[start..].trim_end().to_owned());
            }
            (None, '"' | '\'') if before.is_whitespace() => quote = Some(c),
            (Some(open), c) if c == open && before != '\\' => quote = None,
            _ => {}
        }
        before = c;
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ticket::{HistoryEntry, Moment, Status};

    const FILE: &str = "---\n# 值班表见 wiki\nid: TS202611230001\ntitle: '连不上: VPN'   # 张三昨天也报过\ntype: software\n\
        urgency: urgent\nimpact: me\nstatus: new # 待受理\nrequester:\n  name: 张三 # 三楼\n  contact: \"8000\"\n\
        weather: 晴\nhistory:\n# 从旧系统导入\n- at: 2026-11-23T09:00:00+08:00\n  by: requester\n  action: file\n\n\
        # 最后一行\n---\n\n  缩进的正文\r\n---\n没有换行";

    fn parse(text: &str) -> Ticket {
        file::read("TS202611230001".parse().unwrap(), text.as_bytes()).unwrap()
    }

    fn changed(old: &Ticket) -> Ticket {
        let at: Moment = "2026-11-23T09:05:00+08:00".parse().unwrap();
        let mut new = old.clone();
        new.status = Status::Accepted;
        new.assignee = "li".into();
        new.accepted_at = Some(at.clone());
        let note = "先远程看看\n再说".into();
        new.history.push(HistoryEntry {
            at,
            by: "li".into(),
            action: "accept".into(),
            note,
            public: true,
            ..HistoryEntry::default()
        });
        new
    }

    #[test]
    fn only_the_lines_that_changed_change() {
        let old = parse(FILE);
        let edited = edit(FILE, &old, &changed(&old)).unwrap();
        let expected = FILE
            .replace("status: new # 待受理", "status: accepted # 待受理")
            .replace(
                "  action: file\n",
                "  action: file\n- at: 2026-11-23T09:05:00+08:00\n  by: li\n  action: accept\n  note: |-\n    先远程看看\n    再说\n  public: true\n",
            )
;
        let added = "assignee: li\naccepted_at: 2026-11-23T09:05:00+08:00\n";
        assert_eq!(edited.replace(added, ""), expected, "{edited}");
        assert!(edited.contains(added), "{edited}");
    }

    #[test]
    fn windows_line_ends_and_what_is_taken_away() {
        let text = FILE.replace("\r\n", "\n").replace('\n', "\r\n");
        let old = parse(&text);
        let mut new = changed(&old);
        new.body = format!("{}\n\n## 原因\n\n证书", old.body.trim_end());
        let edited = edit(&text, &old, &new);
        assert!(edited.is_ok());
        let kept = edit(&text, &old, &changed(&old)).unwrap();
        assert!(!kept.replace("\r\n", "").contains('\n'), "{kept:?}");
        let accepted = changed(&old);
        let back = edit(&kept, &parse(&kept), &Ticket { assignee: String::new(), ..accepted }).unwrap();
        assert!(!back.contains("assignee") && back.contains("# 张三昨天也报过"), "{back}");
    }

    #[test]
    fn what_cannot_be_edited_is_written_whole() {
        let text = "---\n{id: TS202611230001, title: x, status: new}\n---\nbody\n";
        let old = parse(text);
        let edited = edit(text, &old, &changed(&old)).unwrap();
        assert_eq!(parse(&edited), changed(&old));
    }
}
