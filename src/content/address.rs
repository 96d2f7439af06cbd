//! From a file's path to its language and its URL.

use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};

/// What may not stand as it is in a path segment of a URL (RFC 3986), and what HTML would escape.
const SEGMENT: &AsciiSet = &CONTROLS
    .add(b' ')
    .add(b'"')
    .add(b'#')
    .add(b'%')
    .add(b'&')
    .add(b'\'')
    .add(b'+')
    .add(b'/')
    .add(b'<')
    .add(b'>')
    .add(b'?')
    .add(b'[')
    .add(b'\\')
    .add(b']')
    .add(b'^')
    .add(b'`')
    .add(b'{')
    .add(b'|')
    .add(b'}');

/// Splits `network/vpn.en` at a language suffix: the path without it, and the language.
pub(super) fn split_language<'a>(
    stem: &'a str,
    languages: &'a [crate::config::Language],
) -> (&'a str, Option<&'a str>) {
    match stem.rsplit_once('.') {
        Some((rest, suffix)) if !rest.is_empty() => {
            match languages.iter().find(|language| language.code.eq_ignore_ascii_case(suffix)) {
                Some(language) => (rest, Some(language.code.as_str())),
                None => (stem, None),
            }
        }
        _ => (stem, None),
    }
}

/// One segment of a URL, readable and safe as a file name: letters (of any script), digits, `-`, `_`, `.`.
pub fn slug(text: &str) -> String {
    let mut slug = String::with_capacity(text.len());
    for c in text.chars() {
        if c.is_alphanumeric() || matches!(c, '_' | '.') {
            slug.extend(c.to_lowercase());
        } else if !slug.ends_with('-') && !slug.is_empty() {
            slug.push('-');
        }
    }
    let slug = slug.trim_matches(['-', '.']);
    // A segment becomes a directory: file systems stop at 255 bytes.
    let mut end = slug.len().min(200);
    while !slug.is_char_boundary(end) {
        end -= 1;
    }
    let slug = if end == 0 { "-" } else { &slug[..end] };
    // A folder of that name would stand in the way of a page, or of what `--compress` puts beside one.
    if slug.contains(".html") { slug.replace(".html", "-html") } else { slug.to_owned() }
}

/// Encodes one segment for `href`. Letters of other scripts stay readable in the address bar.
pub fn encode(segment: &str) -> String {
    utf8_percent_encode(segment, SEGMENT).to_string()
}

/// The way from one file to another, as the destination of a link in Markdown: what would end the destination, or be
/// decoded, is encoded. Both are paths with `/` from the same folder.
pub(crate) fn relative(from: &str, to: &str) -> String {
    let mut here: Vec<&str> = from.split('/').collect();
    here.pop();
    let there: Vec<&str> = to.split('/').collect();
    let folders = &there[..there.len() - 1];
    let shared = here.iter().zip(folders).take_while(|(a, b)| a == b).count();
    let mut way = "../".repeat(here.len() - shared);
    for c in there[shared..].join("/").chars() {
        match c {
            '%' | ' ' | '(' | ')' | '<' | '>' | '#' | '?' | '"' | '\\' => {
                way.push_str(&format!("%{:02X}", u32::from(c)))
            }
            c => way.push(c),
        }
    }
    way
}

/// `/en/articles/network/vpn/` for the directories, the last segment and the language (empty for the default one).
pub(super) fn url(language: &str, section: &str, directories: &[&str], last: &str) -> String {
    let mut url = String::from("/");
    let mut push = |segment: &str| {
        if !segment.is_empty() {
            url.push_str(&encode(&slug(segment)));
            url.push('/');
        }
    };
    push(language);
    push(section);
    for directory in directories {
        push(directory);
    }
    for part in last.split('/') {
        push(part);
    }
    url
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn urls_are_readable_and_safe() {
        assert_eq!(
            url("", "articles", &["Network & VPN"], "VPN setup (Windows)"),
            "/articles/network-vpn/vpn-setup-windows/"
        );
        assert_eq!(url("en", "articles", &["打印"], "卡纸"), "/en/articles/%E6%89%93%E5%8D%B0/%E5%8D%A1%E7%BA%B8/");
        assert_eq!(slug("..").as_str(), "-");
        assert_eq!((slug("index.html").as_str(), slug("vpn.2.html.gz").as_str()), ("index-html", "vpn.2-html.gz"));
        assert!(slug(&"纸".repeat(239)).len() <= 200);
    }

    #[test]
    fn the_way_between_two_files() {
        for (from, to, way) in [
            ("articles/a.md", "articles/b.md", "b.md"),
            ("articles/net/a.md", "articles/mail/b (1).md", "../mail/b%20%281%29.md"),
            ("resolutions/TS1.md", "articles/net/甲.md", "../articles/net/甲.md"),
            ("articles/a.md", "articles/net/b.md", "net/b.md"),
            ("a/b/c.md", "a/d e/f(1).md", "../d%20e/f%281%29.md"),
            ("a.md", "b.md", "b.md"),
        ] {
            assert_eq!(relative(from, to), way);
        }
    }
}
