//! Which schemes a page may carry, and what the others mean.

use super::escape::percent_decode;

/// Schemes of programs that ask before they do anything: what a help desk sends people to.
pub(super) const PROGRAMS: [&str; 14] = [
    "mailto",
    "tel",
    "sms",
    "ms-settings",
    "ssh",
    "ftp",
    "sftp",
    "rdp",
    "vnc",
    "msteams",
    "dingtalk",
    "wxwork",
    "weixin",
    "sip",
];

/// Where a link leads, by its scheme.
pub(super) enum Address {
    Here,
    Elsewhere(String),
    Program,
    /// `C:\x`, `file:///c:/x`.
    Local(String),
    /// `\\server\share`, from which Markdown has taken a backslash; or a path of the site with the wrong slashes.
    Share(String),
    Refused,
}

/// Sorts URLs by scheme; only those named here may stand on a page.
pub(super) fn address(written: &str) -> Address {
    if let Some(share) = written.strip_prefix('\\') {
        return Address::Share(format!("\\\\{}", share.trim_start_matches(['\\', '/'])));
    }
    // Browsers read `\` as `/`.
    let mut slashes = written.chars().take(2);
    if slashes.by_ref().all(|c| c == '/' || c == '\\') && written.len() >= 2 {
        return if written.starts_with("//") {
            Address::Elsewhere(format!("https:{written}"))
        } else {
            Address::Refused
        };
    }
    let end = written.find([':', '/', '?', '#', '\\']);
    let Some(end) = end.filter(|end| written.as_bytes()[*end] == b':') else { return Address::Here };
    match written[..end].to_ascii_lowercase().as_str() {
        "http" | "https" => Address::Elsewhere(written.to_owned()),
        "file" => Address::Local(path_of(&written[end + 1..])),
        scheme if PROGRAMS.contains(&scheme) => Address::Program,
        scheme if scheme.len() == 1 && scheme.bytes().all(|byte| byte.is_ascii_alphabetic()) => {
            Address::Local(written.to_owned())
        }
        _ => Address::Refused,
    }
}

/// `///C:/x` and `//server/share` of a `file:` URL, as they are written on Windows, and other paths as they are.
fn path_of(url: &str) -> String {
    let decoded = percent_decode(url);
    let path = decoded.trim_start_matches(['/', '\\']);
    let slashes = decoded.len() - path.len();
    if path.as_bytes().get(1) == Some(&b':') {
        path.replace('/', "\\")
    } else if slashes == 2 || slashes > 3 {
        format!("\\\\{}", path.replace('/', "\\"))
    } else {
        format!("/{path}")
    }
}

/// As browsers read a URL: control characters within do not count, so they cannot hide a scheme.
pub(super) fn clean(raw: &str) -> String {
    raw.trim_matches(|c: char| c <= ' ').chars().filter(|c| !c.is_control()).collect()
}
