//! Text into HTML.

/// Appends text content: `&`, `<` and `>` become entities.
pub(super) fn text(out: &mut String, raw: &str) {
    escape(out, raw, |byte| match byte {
        b'&' => Some("&amp;"),
        b'<' => Some("&lt;"),
        b'>' => Some("&gt;"),
        _ => None,
    });
}

/// Appends the value of a double-quoted attribute.
pub(super) fn attribute(out: &mut String, raw: &str) {
    escape(out, raw, |byte| match byte {
        b'&' => Some("&amp;"),
        b'<' => Some("&lt;"),
        b'>' => Some("&gt;"),
        b'"' => Some("&quot;"),
        _ => None,
    });
}

/// Appends a URL as the value of a double-quoted attribute. What may not stand in a URL is percent-encoded; `\` too,
/// for browsers read it as `/`. Letters beyond ASCII stay readable, as HTML allows.
pub(super) fn href(out: &mut String, raw: &str) {
    escape(out, raw, |byte| match byte {
        b'&' => Some("&amp;"),
        b'\'' => Some("%27"),
        b'"' => Some("%22"),
        b'<' => Some("%3C"),
        b'>' => Some("%3E"),
        b'\\' => Some("%5C"),
        b'`' => Some("%60"),
        b' ' => Some("%20"),
        0..=31 | 127 => Some(""),
        _ => None,
    });
}

/// Only ASCII bytes are ever replaced, so every cut falls between characters.
fn escape(out: &mut String, raw: &str, entity: impl Fn(u8) -> Option<&'static str>) {
    let mut written = 0;
    for (at, byte) in raw.bytes().enumerate() {
        if let Some(entity) = entity(byte) {
            out.push_str(&raw[written..at]);
            out.push_str(entity);
            written = at + 1;
        }
    }
    out.push_str(&raw[written..]);
}

/// Decodes `%E4%BD%A0`; what is not valid UTF-8 stays as it was.
pub(super) fn percent_decode(raw: &str) -> std::borrow::Cow<'_, str> {
    if !raw.contains('%') {
        return raw.into();
    }
    let bytes = raw.as_bytes();
    let mut decoded = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while at < bytes.len() {
        let digit = |offset: usize| bytes.get(at + offset).and_then(|byte| (*byte as char).to_digit(16));
        if bytes[at] == b'%'
            && let (Some(high), Some(low)) = (digit(1), digit(2))
        {
            // Two hexadecimal digits are at most 255.
            decoded.push((high * 16 + low) as u8);
            at += 3;
        } else {
            decoded.push(bytes[at]);
            at += 1;
        }
    }
    String::from_utf8(decoded).map_or_else(|_| raw.into(), Into::into)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(into: impl Fn(&mut String, &str), raw: &str) -> String {
        let mut out = String::new();
        into(&mut out, raw);
        out
    }

    #[test]
    fn nothing_breaks_out_of_text_or_attributes() {
        assert_eq!(run(text, "a<b>&\"中"), "a&lt;b&gt;&amp;\"中");
        assert_eq!(run(attribute, "\"><script>"), "&quot;&gt;&lt;script&gt;");
        assert_eq!(run(href, "/a b\"?x=1&y=\\中\n"), "/a%20b%22?x=1&amp;y=%5C中");
    }

    #[test]
    fn percent_decoding_keeps_what_it_cannot_read() {
        assert_eq!(percent_decode("%E4%BD%A0%20x"), "你 x");
        assert_eq!(percent_decode("100%"), "100%");
        assert_eq!(percent_decode("%zz%4"), "%zz%4");
        assert_eq!(percent_decode("%ff"), "%ff");
    }
}
