//! Percent-encoding, both ways.

/// The path of a request as text. `None` for what no file of the site is called: broken escapes, bytes that are not
/// UTF-8, control characters, backslashes, and segments that climb.
pub(super) fn decode_path(path: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(path.len());
    let mut rest = path.as_bytes();
    while let Some((&byte, after)) = rest.split_first() {
        if byte == b'%' {
            let digits = std::str::from_utf8(after.get(..2)?).ok()?;
            if !digits.bytes().all(|digit| digit.is_ascii_hexdigit()) {
                return None;
            }
            bytes.push(u8::from_str_radix(digits, 16).ok()?);
            rest = &after[2..];
        } else {
            bytes.push(byte);
            rest = after;
        }
    }
    let text = String::from_utf8(bytes).ok()?;
    let climbs = text.split('/').any(|segment| segment == "." || segment == "..");
    (!climbs && !text.contains(|c: char| c == '\\' || c.is_control())).then_some(text)
}

/// `text` as a value of a query string.
pub(super) fn encode(text: &str) -> String {
    use std::fmt::Write;
    text.bytes().fold(String::with_capacity(text.len()), |mut encoded, byte| {
        if byte.is_ascii_alphanumeric() || b"-_.~".contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            // Writing to a String cannot fail.
            let _ = write!(encoded, "%{byte:02X}");
        }
        encoded
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_in_every_script_survive() {
        for name in ["忘记密码 & reset?", "a/b#c", "100%"] {
            assert_eq!(decode_path(&encode(name)).as_deref(), Some(name));
        }
        assert_eq!(decode_path("/articles/%E7%BD%91/").as_deref(), Some("/articles/网/"));
    }

    #[test]
    fn nothing_climbs_or_hides() {
        for path in
            ["/../etc/passwd", "/%2e%2e/x", "/a/%2e%2e%2fb", "/a\\b", "/a%5cb", "/a%00", "/%", "/%4", "/%+1", "/%ff"]
        {
            assert_eq!(decode_path(path), None, "{path}");
        }
    }
}
