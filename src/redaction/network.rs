//! Mail addresses and addresses of machines.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::ops::Range;

use super::Kind;
use super::fold::{after, before, in_url, tail};

pub(super) fn find(text: &str, found: &mut Vec<(Kind, Range<usize>)>) {
    for (at, _) in text.match_indices('@') {
        found.extend(mail(text, at).map(|range| (Kind::Email, range)));
    }
    let bytes = text.as_bytes();
    let part = |byte: u8| byte.is_ascii_hexdigit() || byte == b'.' || byte == b':';
    let mut heads = Heads { text, next: 0, head: None };
    let mut at = 0;
    while let Some(skip) = bytes[at..].iter().position(|byte| part(*byte)) {
        let start = at + skip;
        let length = bytes[start..].iter().take_while(|byte| part(**byte)).count();
        at = start + length;
        let address = machine(text, start..at).filter(|range| !heads.above(range.start).is_some_and(names_versions));
        found.extend(address.map(|range| (Kind::Ip, range)));
    }
}

/// The first line of the table that a place stands in, found line by line as the search goes on.
struct Heads<'a> {
    text: &'a str,
    /// Where the first line begins that was not looked at.
    next: usize,
    head: Option<&'a str>,
}

impl<'a> Heads<'a> {
    /// The head of the column of a place, which is further on than the last one that was asked for.
    fn above(&mut self, place: usize) -> Option<&'a str> {
        while self.next <= place {
            let line = self.text[self.next..].split('\n').next().unwrap_or_default();
            self.head = if line.contains('|') { self.head.or(Some(line)) } else { None };
            self.next += line.len() + 1;
        }
        let line = self.text[..place].rfind('\n').map_or(0, |end| end + 1);
        self.head?.split('|').nth(self.text[line..place].matches('|').count())
    }
}

/// Whether the column below this head holds versions.
fn names_versions(head: &str) -> bool {
    let head = head.to_lowercase();
    ["version", "版本", "build", "固件", "firmware", "驱动", "driver"].iter().any(|word| head.contains(word))
}

/// Mailboxes of a role and stand-ins for a name: nobody's address.
const NOBODY: &[&str] = &[
    "abuse",
    "admin",
    "administrator",
    "alias",
    "contact",
    "contacts",
    "donotreply",
    "email",
    "feedback",
    "git",
    "help",
    "helpdesk",
    "hr",
    "info",
    "it",
    "itsupport",
    "jobs",
    "mail",
    "mailer-daemon",
    "marketing",
    "me",
    "name",
    "no-reply",
    "noreply",
    "notification",
    "notifications",
    "phishing",
    "printer",
    "scanner",
    "spam",
    "postmaster",
    "privacy",
    "root",
    "sales",
    "security",
    "service",
    "servicedesk",
    "someone",
    "somebody",
    "support",
    "team",
    "test",
    "user",
    "user1",
    "user2",
    "userid",
    "username",
    "webmaster",
    "xx",
    "xxx",
    "xxxx",
    "you",
    "your-email",
    "your.name",
    "youremail",
    "yourname",
];

/// Companies of documentation, and words that stand for a company: the name before the last dot, or how it begins.
const NO_COMPANY: &[&str] = &[
    "contoso",
    "fabrikam",
    "adatum",
    "tailspintoys",
    "litware",
    "wingtiptoys",
    "northwind",
    "woodgrove",
    "adventure-works",
];
/// Those of RFC 2606, section 3, belong to documentation.
const STAND_IN_DOMAINS: &[&str] = &[
    "example.com",
    "example.net",
    "example.org",
    "domain.com",
    "domain.local",
    "company.com",
    "your-domain.com",
    "yourdomain.com",
    "mydomain.com",
    "xxx.com",
    "abc.com",
];

/// Whether a mail domain belongs to nobody.
fn is_nowhere(domain: &str) -> bool {
    let domain = domain.to_ascii_lowercase();
    let fictional = domain.split('.').any(|label| {
        NO_COMPANY.iter().any(|company| label.starts_with(company))
            || label.starts_with("your")
            || label.chars().all(|c| c == 'x')
    });
    let below =
        |stand_in: &&str| domain.strip_suffix(*stand_in).is_some_and(|rest| rest.is_empty() || rest.ends_with('.'));
    fictional || STAND_IN_DOMAINS.iter().any(below)
}

/// The mail address around the `@` at this place.
fn mail(text: &str, at: usize) -> Option<Range<usize>> {
    let local = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '%' | '+' | '-');
    let name: &str = tail(text, at, 64);
    let name = &name
        [name.rfind(|c: char| !local(c)).map_or(0, |end| end + name[end..].chars().next().map_or(1, char::len_utf8))..];
    let name = name.trim_start_matches(['.', '-', '+']);
    let name = without_encoded_start(name);
    let domain_char = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-');
    let domain = &text[at + 1..];
    let domain = &domain[..domain.find(|c: char| !domain_char(c)).unwrap_or(domain.len())];
    let domain = domain.trim_end_matches(['.', '-']);
    let (host, top) = domain.rsplit_once('.')?;
    let labels = host.split('.').all(|label| !label.is_empty() && !label.starts_with('-') && !label.ends_with('-'));
    let wellformed =
        labels && host.len() > 1 && (2..=24).contains(&top.len()) && top.chars().all(|c| c.is_ascii_alphabetic());
    let end = at + 1 + domain.len();
    // `git@host:path` and `user:word@host` are no mail addresses; the latter is a secret and found as one.
    let command = after(text, end) == Some(':') && name == "git" || text[..at - name.len()].ends_with("://");
    let start = at - name.len();
    let path = before(text, start) == Some('/')
        || before(text, start) == Some(':') && text[..start].contains("://") && in_url(text, start);
    let lower = name.to_ascii_lowercase();
    let somebody = !NOBODY.contains(&lower.as_str()) && !lower.ends_with("noreply") && !lower.ends_with("no-reply");
    let file = matches!(
        top.to_ascii_lowercase().as_str(),
        "png" | "jpg" | "service" | "svg" | "js" | "css" | "md" | "yml" | "json"
    );
    (wellformed && !name.is_empty() && !command && !path && somebody && !file && !is_nowhere(domain))
        .then_some(start..end)
}

/// `mailto:%20zhang@…`: an encoded space before the name is no part of it.
fn without_encoded_start(mut name: &str) -> &str {
    while let Some(rest) = name.strip_prefix('%') {
        let encoded = rest.len() > 2 && rest.as_bytes()[..2].iter().all(u8::is_ascii_hexdigit);
        name = if encoded { &rest[2..] } else { rest };
    }
    name
}

/// The address of a machine within a word of hexadecimal digits, dots and colons.
fn machine(text: &str, word: Range<usize>) -> Option<Range<usize>> {
    let trimmed = text[word.clone()].trim_end_matches(['.', ':']);
    let start = word.start + (trimmed.len() - trimmed.trim_start_matches(['.']).len());
    let word = &text[start..word.start + trimmed.len()];
    if word.len() < 7 {
        return None;
    }
    let (address, length) = match word.split_once(':') {
        // A port may follow.
        Some((v4, port)) if v4.contains('.') && port.bytes().all(|byte| byte.is_ascii_digit()) => {
            (v4.parse().ok().map(IpAddr::V4)?, v4.len())
        }
        Some(_) => (IpAddr::V6(word.parse::<Ipv6Addr>().ok()?), word.len()),
        None => (IpAddr::V4(word.parse().ok()?), word.len()),
    };
    let end = start + length;
    let joined = |c: Option<char>| c.is_some_and(|c| c.is_ascii_alphanumeric() || c == '_');
    if joined(before(text, start)) || joined(after(text, end)) || before(text, start) == Some('-') {
        return None;
    }
    // A package's version at the end of its address; a host follows two slashes.
    if before(text, start) == Some('/') && !text[..start].ends_with("//") && in_url(text, start) {
        return None;
    }
    let personal = match address {
        IpAddr::V4(address) => !is_general(address) && !is_version(text, start),
        IpAddr::V6(address) => is_host(address),
    };
    personal.then_some(start..end)
}

/// Addresses that are no machine of the company: networks and masks, this machine, documentation, multicast, the
/// addresses a machine gives itself, the default address of home routers, public name servers.
fn is_general(address: Ipv4Addr) -> bool {
    const PUBLIC: &[[u8; 4]] = &[
        [1, 0, 0, 1],
        [1, 1, 1, 1],
        [8, 8, 4, 4],
        [8, 8, 8, 8],
        [9, 9, 9, 9],
        [114, 114, 114, 114],
        [114, 114, 115, 115],
        [119, 29, 29, 29],
        [180, 76, 76, 76],
        [192, 168, 0, 1],
        [192, 168, 1, 1],
        [223, 5, 5, 5],
        [223, 6, 6, 6],
    ];
    let octets = address.octets();
    octets[0] == 0
        || octets[0] >= 224
        || octets[3] == 0
        || octets[3] == 255
        || address.is_loopback()
        || address.is_link_local()
        || address.is_documentation()
        || PUBLIC.contains(&octets)
        // Versions, and identifiers of X.500 such as 2.5.29.17.
        || octets[..2] == [1, 0]
        || octets[..2] == [2, 5]
        // 1.2.3.4 and its like.
        || octets.iter().all(|octet| *octet < 10) && octets[0] < 10
}

/// Whether the words before a number of four parts make it a version.
fn is_version(text: &str, start: usize) -> bool {
    let line = &text[text[..start].rfind('\n').map_or(0, |end| end + 1)..start];
    let marks = line.chars().all(|c| matches!(c, ' ' | '#' | '*' | '|')) && line.contains(['#', '*']);
    let number = text[start..]
        .find(|c: char| !c.is_ascii_digit() && c != '.')
        .is_some_and(|end| text[start + end..].starts_with(' '));
    if marks && number {
        // The number of a heading.
        return true;
    }
    let before = tail(text, start, 16).to_lowercase();
    let before = before.trim_end_matches(['`', '*', '"', ' ', ':', '(', '[', '|', '>', '=']);
    [
        "version",
        "versions",
        "ver.",
        "版本",
        "版本号",
        "版本为",
        "版",
        "build",
        "release",
        "固件",
        "驱动",
        "v",
        "client",
        "section",
        "firmware",
        "章节",
        "第",
        "agent",
    ]
    .iter()
    .any(|word| before.ends_with(word))
        || before.contains("version")
        || before.contains("版本")
}

/// An address of one machine on the net or in a company's own.
fn is_host(address: Ipv6Addr) -> bool {
    let first = address.segments()[0];
    let documentation = first == 0x2001 && address.segments()[1] == 0x0db8;
    let network = address.segments()[4..] == [0, 0, 0, 0];
    let used = matches!(first, 0x2000..=0x3fff | 0xfc00..=0xfdff | 0xfe80..=0xfebf);
    used && !documentation && !network
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(text: &str) -> Vec<(Kind, &str)> {
        let mut found = Vec::new();
        find(text, &mut found);
        found.into_iter().map(|(kind, range)| (kind, &text[range])).collect()
    }

    #[test]
    fn mail_addresses_of_people_are_found() {
        for text in [
            "写信到zhang.san@corp.example。",
            "<zhang.san@corp.example>",
            "mailto:zhang.san@corp.example",
            "mailto:%20zhang.san@corp.example",
        ] {
            assert_eq!(found(text), [(Kind::Email, "zhang.san@corp.example")], "{text}");
        }
        for text in [
            "git@github.com:a/b.git",
            "support@corp.example",
            "user@corp.example",
            "a@b",
            "logo@2x.png",
            "用户名@corp.example",
            "@types/node",
            "li@contoso.com",
            "serial-getty@ttyS0.service",
            "npm i x@1.2.3",
            "zhang.san@example.com",
            "li@mail.example.org",
        ] {
            assert_eq!(found(text), [], "{text}");
        }
    }

    #[test]
    fn addresses_of_machines_are_found_and_general_ones_are_not() {
        assert_eq!(found("服务器10.20.30.41:8080上"), [(Kind::Ip, "10.20.30.41")]);
        assert_eq!(found("ping 192.168.3.27."), [(Kind::Ip, "192.168.3.27")]);
        assert_eq!(found("2001:da8:8000::5a"), [(Kind::Ip, "2001:da8:8000::5a")]);
        assert_eq!(found("fe80::1c2d:3e4f:5a6b:7c8d"), [(Kind::Ip, "fe80::1c2d:3e4f:5a6b:7c8d")]);
        let table = "| 机型 | 固件版本 | 地址 |\n|--|--|--|\n| A | `122.15.0.60` | 122.15.0.61 |\n\n122.15.0.62";
        assert_eq!(found(table), [(Kind::Ip, "122.15.0.61"), (Kind::Ip, "122.15.0.62")]);
        assert_eq!(found("App | Build number\n--|--\nCRM|6.0.2.43"), []);
        for text in [
            "127.0.0.1",
            "0.0.0.0",
            "255.255.255.0",
            "10.0.0.0/8",
            "192.0.2.44",
            "169.254.12.3",
            "10.0.19045.1",
            "版本 5.2.14.30",
            "version 16.78.23.11",
            "v12.34.56.78",
            "1.2.3.4",
            "1.3.6.1.4.1.311.21",
            "https://packages.example/AzureAD/2.0.0.71",
            "2.5.29.17",
            "### 11.5.2.3 Setup",
            "section 10.5.3.3",
            "2001:db8::1",
            "12:34:56",
            "std::fs",
            "::1",
        ] {
            assert_eq!(found(text), [], "{text}");
        }
    }
}
