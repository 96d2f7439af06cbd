//! `name="value" other=3 "positional"`: the arguments of shortcodes and tags.

/// One argument: its name where it has one, and its value.
pub(super) type Attribute = (Option<String>, String);

/// Reads the arguments up to the end of `text`. Braces hold expressions: `{"x"}` is `x`, other code is kept as it is.
pub(super) fn read(text: &str) -> Vec<Attribute> {
    let mut attributes = Vec::new();
    let mut rest = text.trim();
    while let Some(first) = rest.chars().next() {
        let name_end = rest.find(|c: char| !(c.is_alphanumeric() || matches!(c, '-' | '_' | ':' | '.')));
        let end = name_end.unwrap_or(rest.len());
        let after = rest[end..].trim_start();
        if end > 0 && after.starts_with('=') {
            let (value, left) = value(after[1..].trim_start());
            attributes.push((Some(rest[..end].to_owned()), value));
            rest = left.trim_start();
        } else if matches!(first, ',' | '=') {
            rest = rest[1..].trim_start();
        } else {
            let (value, left) = value(rest);
            attributes.push((None, value));
            rest = left.trim_start();
        }
    }
    attributes
}

/// The value at the start of `text`, and what follows it.
fn value(text: &str) -> (String, &str) {
    let first = text.chars().next();
    match first {
        Some(quote @ ('"' | '\'' | '`')) => {
            let mut value = String::new();
            let mut escaped = false;
            for (at, c) in text.char_indices().skip(1) {
                match c {
                    '\\' if !escaped && quote == '"' => escaped = true,
                    c if c == quote && !escaped => return (value, &text[at + 1..]),
                    c => {
                        value.push(c);
                        escaped = false;
                    }
                }
            }
            (value, "")
        }
        Some('{') => {
            let mut depth = 0;
            let end = text.find(|c| {
                depth += i32::from(c == '{') - i32::from(c == '}');
                depth == 0
            });
            let (inner, rest) = end.map_or((&text[1..], ""), |end| (&text[1..end], &text[end + 1..]));
            let inner = inner.trim();
            let quoted = inner.len() >= 2 && inner.starts_with(['"', '\'', '`']) && inner.ends_with(['"', '\'', '`']);
            (if quoted { inner[1..inner.len() - 1].to_owned() } else { inner.to_owned() }, rest)
        }
        _ => {
            let end =
                text.find(char::is_whitespace).unwrap_or(text.len()).max(text.chars().next().map_or(0, char::len_utf8));
            (text[..end].to_owned(), &text[end..])
        }
    }
}

/// The value of a named argument.
pub(super) fn named<'a>(attributes: &'a [Attribute], name: &str) -> Option<&'a str> {
    attributes.iter().find(|(key, _)| key.as_deref() == Some(name)).map(|(_, value)| value.as_str())
}

/// The value of the `n`th argument without a name, from 0.
pub(super) fn positional(attributes: &[Attribute], n: usize) -> Option<&str> {
    attributes.iter().filter(|(key, _)| key.is_none()).nth(n).map(|(_, value)| value.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_way_of_quoting() {
        let read = read(r#"src="a \"b\".png" width=300 "第一 个" label={'x'} style={{a: 1}} open"#);
        assert_eq!(named(&read, "src"), Some("a \"b\".png"));
        assert_eq!(
            (named(&read, "width"), named(&read, "label"), named(&read, "style")),
            (Some("300"), Some("x"), Some("{a: 1}"))
        );
        assert_eq!((positional(&read, 0), positional(&read, 1)), (Some("第一 个"), Some("open")));
        for text in ["=", "\"", "{", "a=", "，=，", "'"] {
            super::read(text);
        }
    }
}
