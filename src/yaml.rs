//! YAML as a careful person writes it: plain where that is beyond doubt, block text for paragraphs, else quoted.
//!
//! Quoting is on the safe side: whatever an employee typed must read back as the very same string in every YAML
//! reader, 1.1 or 1.2, and must never look like structure.

use std::fmt::Write;

use serde_yaml::Value;

/// A mapping as a block of lines, each ended by `\n`.
pub(crate) fn emit(value: &Value) -> String {
    let mut out = String::new();
    match value {
        Value::Mapping(map) => mapping(&mut out, map, 0),
        other => inline(&mut out, other, 0),
    }
    out
}

fn mapping(out: &mut String, map: &serde_yaml::Mapping, indent: usize) {
    for (n, (key, value)) in map.iter().enumerate() {
        // The first line of a list's item stands behind its dash.
        if n > 0 || !out.ends_with("- ") {
            pad(out, indent);
        }
        scalar(out, key);
        out.push(':');
        after_key(out, value, indent);
    }
}

fn after_key(out: &mut String, value: &Value, indent: usize) {
    match value {
        Value::Mapping(map) if !map.is_empty() => {
            out.push('\n');
            mapping(out, map, indent + 2);
        }
        Value::Sequence(items) if !items.is_empty() => {
            out.push('\n');
            sequence(out, items, indent + 2);
        }
        other => {
            out.push(' ');
            inline(out, other, indent);
        }
    }
}

fn sequence(out: &mut String, items: &[Value], indent: usize) {
    for item in items {
        pad(out, indent);
        out.push_str("- ");
        match item {
            Value::Mapping(map) if !map.is_empty() => mapping(out, map, indent + 2),
            // A list in a list does not occur in tickets; flow style keeps it right where a person wrote one.
            other => inline(out, other, indent),
        }
    }
}

fn inline(out: &mut String, value: &Value, indent: usize) {
    match value {
        Value::String(text) if reads_well_as_block(text) => block(out, text, indent + 2),
        Value::Mapping(_) | Value::Sequence(_) => {
            flow(out, value);
            out.push('\n');
        }
        other => {
            scalar(out, other);
            out.push('\n');
        }
    }
}

fn flow(out: &mut String, value: &Value) {
    match value {
        Value::Sequence(items) => {
            out.push('[');
            for (n, item) in items.iter().enumerate() {
                out.push_str(if n > 0 { ", " } else { "" });
                flow(out, item);
            }
            out.push(']');
        }
        Value::Mapping(map) => {
            out.push('{');
            for (n, (key, item)) in map.iter().enumerate() {
                out.push_str(if n > 0 { ", " } else { "" });
                flow(out, key);
                out.push_str(": ");
                flow(out, item);
            }
            out.push('}');
        }
        Value::String(text) => quoted(out, text),
        other => scalar(out, other),
    }
}

fn scalar(out: &mut String, value: &Value) {
    match value {
        Value::Null => out.push_str("null"),
        Value::Bool(yes) => out.push_str(if *yes { "true" } else { "false" }),
        Value::Number(number) => {
            let _ = write!(out, "{number}");
        }
        Value::String(text) if is_plain(text) => out.push_str(text),
        Value::String(text) => quoted(out, text),
        // A tag says how to read the value behind it; tickets have none of their own.
        Value::Tagged(tagged) => scalar(out, &tagged.value),
        Value::Mapping(_) | Value::Sequence(_) => flow(out, value),
    }
}

fn pad(out: &mut String, indent: usize) {
    out.extend(std::iter::repeat_n(' ', indent));
}

/// Words that some YAML reader takes for something else than a string.
const WORDS: &[&str] = &["true", "false", "yes", "no", "on", "off", "null", "nan", "inf", "y", "n"];

/// Begins with a letter and holds nothing that means anything in YAML: or is a time.
fn is_plain(text: &str) -> bool {
    let ordinary = |c: char| c.is_alphanumeric() || " -_./@+，。、；！？（）《》“”·%".contains(c);
    text.starts_with(char::is_alphabetic)
        && !text.ends_with(' ')
        && text.chars().all(ordinary)
        && text.chars().count() <= 300
        && !WORDS.contains(&text.to_lowercase().as_str())
        || is_time(text)
}

/// RFC 3339 to the second with an offset, as Helpmark writes it: with its colons and its sign nothing but a time.
fn is_time(text: &str) -> bool {
    let shape = |(at, c): (usize, char)| match at {
        4 | 7 => c == '-',
        10 => c == 'T',
        13 | 16 | 22 => c == ':',
        19 => matches!(c, '+' | '-'),
        _ => c.is_ascii_digit(),
    };
    text.len() == 25 && text.char_indices().all(shape) && text.parse::<jiff::Timestamp>().is_ok()
}

fn quoted(out: &mut String, text: &str) {
    out.push('"');
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\t' => out.push_str("\\t"),
            '\r' => out.push_str("\\r"),
            // Not printable for YAML, or a line break for some of its versions.
            c if c.is_control() || matches!(c, '\u{2028}' | '\u{2029}' | '\u{feff}' | '\u{fffe}' | '\u{ffff}') => {
                let _ = write!(out, "\\u{:04X}", u32::from(c));
            }
            c => out.push(c),
        }
    }
    out.push('"');
}

/// One line of text in quotes that need no escapes where that is possible.
pub(crate) fn in_quotes(text: &str) -> String {
    if text.contains(['"', '\\']) && !text.contains(char::is_control) {
        return format!("'{}'", text.replace('\'', "''"));
    }
    let mut out = String::new();
    quoted(&mut out, text);
    out
}

/// Several lines that a block can hold without an indentation mark.
fn reads_well_as_block(text: &str) -> bool {
    let unusual = |c: char| {
        c != '\n' && c.is_control() || matches!(c, '\u{2028}' | '\u{2029}' | '\u{feff}' | '\u{fffe}' | '\u{ffff}')
    };
    let edge = |line: Option<&str>| line.is_some_and(|line| !line.is_empty() && !line.starts_with(char::is_whitespace));
    text.contains('\n')
        && !text.contains(unusual)
        && edge(text.split('\n').next())
        && edge(text.split('\n').next_back())
}

fn block(out: &mut String, text: &str, indent: usize) {
    out.push_str("|-\n");
    for line in text.split('\n') {
        if !line.is_empty() {
            pad(out, indent);
            out.push_str(line);
        }
        out.push('\n');
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_yaml::{Mapping, Value};

    use super::*;

    fn read(text: &str) -> Value {
        serde_yaml::from_str(text).unwrap_or_else(|error| panic!("{error}\n{text}"))
    }

    #[test]
    fn looks_as_a_person_would_write_it() {
        let value = read(
            "id: TS202611230001\ntitle: 打不开 VPN\nat: \"2026-11-23T09:00:00+08:00\"\nphone: \"13800138000\"\n\
             odd: \"a: b\"\nsteps: \"一\\n二\"\nlist: [{file: x, size: 3}, {file: y}]\nempty: []\nyes: \"yes\"\n",
        );
        assert_eq!(
            emit(&value),
            "id: TS202611230001\ntitle: 打不开 VPN\nat: 2026-11-23T09:00:00+08:00\nphone: \"13800138000\"\n\
             odd: \"a: b\"\nsteps: |-\n  一\n  二\nlist:\n  - file: x\n    size: 3\n  - file: \"y\"\nempty: []\n\
             \"yes\": \"yes\"\n"
        );
    }

    /// What hurts in YAML, in the hands of somebody who wants it to hurt.
    fn hostile() -> impl Strategy<Value = String> {
        prop_oneof![
            "\\PC{0,20}",
            proptest::collection::vec(
                prop::sample::select(vec![
                    "---", "...", "\n", "\n\n", " ", "\t", ": ", "# ", "- ", "[", "{", "'", "\"", "\\", "|", ">", "&a",
                    "*a", "!!str", "%", "@", "`", "~", "0x1", "1e3", "id: TS1", "\u{85}", "\u{2028}", "\u{feff}", "好",
                    "null", "\r", "\u{7f}", "\u{0}", "-", "?",
                ]),
                0..12
            )
            .prop_map(|parts| parts.concat()),
        ]
    }

    proptest! {
        #[test]
        fn every_string_reads_back_as_it_was(key in hostile(), text in hostile(), other in hostile()) {
            let inner = Value::Mapping(Mapping::from_iter([
                (Value::from("note"), Value::from(text.clone())),
                (Value::from(key), Value::from(other.clone())),
            ]));
            let value = Value::Mapping(Mapping::from_iter([
                (Value::from("title"), Value::from(text)),
                (Value::from("fields"), inner.clone()),
                (Value::from("list"), Value::Sequence(vec![inner, Value::from(other)])),
                (Value::from("last"), Value::from(7)),
            ]));
            let emitted = emit(&value);
            prop_assert!(!emitted.lines().any(|line| line.starts_with("---") || line.starts_with("...")), "{emitted}");
            prop_assert_eq!(read(&emitted), value, "{}", emitted);
        }
    }
}
