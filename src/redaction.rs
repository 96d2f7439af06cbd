//! Personal data and secrets in a text: telephones, identity and bank cards, mail and machine addresses, passwords,
//! keys, postal addresses, and the names of people that the caller knows.
//!
//! The search leans towards finding: what it reports is decided by a person (`check` tells, the archive's gate asks).
//! What is nobody's in particular it leaves alone: documentation's addresses, netmasks, versions, role mailboxes,
//! stand-ins such as `password=<…>`.

mod fold;
mod names;
mod network;
mod numbers;
mod places;
mod rules;
mod secrets;

use std::collections::BTreeMap;
use std::ops::Range;

pub use rules::Rules;
use serde::Serialize;

/// What kind of personal data or secret something is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    Phone,
    IdNumber,
    Email,
    Ip,
    Password,
    BankCard,
    Token,
    Name,
    Address,
}

impl Kind {
    pub const ALL: [Self; 9] = [
        Self::Phone,
        Self::IdNumber,
        Self::Email,
        Self::Ip,
        Self::Password,
        Self::BankCard,
        Self::Token,
        Self::Name,
        Self::Address,
    ];

    /// The word in `site.toml` and in JSON.
    pub fn key(self) -> &'static str {
        match self {
            Self::Phone => "phone",
            Self::IdNumber => "id_number",
            Self::Email => "email",
            Self::Ip => "ip",
            Self::Password => "password",
            Self::BankCard => "bank_card",
            Self::Token => "token",
            Self::Name => "name",
            Self::Address => "address",
        }
    }

    /// The word for people.
    pub fn name(self, lang: &str) -> &'static str {
        let (zh, en) = match self {
            Self::Phone => ("电话号码", "telephone number"),
            Self::IdNumber => ("身份证号", "identity number"),
            Self::Email => ("邮箱地址", "mail address"),
            Self::Ip => ("IP 地址", "IP address"),
            Self::Password => ("密码", "password"),
            Self::BankCard => ("银行卡号", "bank card"),
            Self::Token => ("密钥", "key or token"),
            Self::Name => ("姓名", "name"),
            Self::Address => ("地址", "postal address"),
        };
        if lang == "zh" { zh } else { en }
    }

    /// What stands in its place once it is redacted.
    pub fn placeholder(self, lang: &str) -> &'static str {
        let (zh, en) = match self {
            Self::Phone => ("〔电话〕", "[phone]"),
            Self::IdNumber => ("〔身份证号〕", "[identity number]"),
            Self::Email => ("〔邮箱〕", "[mail address]"),
            Self::Ip => ("〔IP 地址〕", "[IP address]"),
            Self::Password => ("〔密码〕", "[password]"),
            Self::BankCard => ("〔银行卡号〕", "[bank card]"),
            Self::Token => ("〔密钥〕", "[key]"),
            Self::Name => ("〔姓名〕", "[name]"),
            Self::Address => ("〔地址〕", "[address]"),
        };
        if lang == "zh" { zh } else { en }
    }

    /// Whether it opens a door: such a text is shown to nobody, in messages neither.
    pub fn is_secret(self) -> bool {
        matches!(self, Self::Password | Self::Token)
    }
}

/// Something found in a text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Finding {
    pub kind: Kind,
    /// Bytes of the text that was searched, between characters.
    #[serde(skip)]
    pub range: Range<usize>,
    /// The text at `range`.
    #[serde(skip)]
    pub text: String,
    /// How to mend it, or to let it stand.
    pub hint: String,
}

impl Finding {
    fn new(kind: Kind, range: Range<usize>, text: &str) -> Self {
        let text = text.to_owned();
        let hint = match kind {
            kind if kind.is_secret() => "take it out and change it: who reads this can use it".to_owned(),
            Kind::Name => "leave it out or write the role instead".to_owned(),
            _ => format!("take it out; if it may stand, put \"{text}\" into `allow` under [redaction] in site.toml"),
        };
        Self { kind, range, text, hint }
    }

    /// The text as a message may show it: of a secret only the first character.
    pub fn shown(&self) -> String {
        match (self.kind.is_secret(), self.text.chars().next()) {
            (true, Some(first)) => format!("{first}…"),
            _ => self.text.clone(),
        }
    }
}

/// Everything in `text` that the rules do not let pass, in its order, without overlaps.
pub fn find(text: &str, rules: &Rules) -> Vec<Finding> {
    let folded = fold::Folded::new(text);
    let mut found = Vec::new();
    numbers::find(&folded.text, &mut found);
    network::find(&folded.text, &mut found);
    secrets::find(&folded.text, &mut found);
    places::find(&folded.text, &mut found);
    rules.names.find(&folded.text, &mut found);
    found.retain(|(kind, range)| rules.looks_for(*kind) && !rules.allows(*kind, &folded.text[range.clone()]));
    // Of two that overlap the longer one counts: a name within a mail address goes with the address.
    found.sort_by_key(|(kind, range)| (std::cmp::Reverse(range.len()), range.start, *kind));
    let mut kept: BTreeMap<usize, (Kind, usize)> = BTreeMap::new();
    for (kind, range) in found {
        // Those kept do not overlap: the last one that begins before its end is the only one that can reach into it.
        let clear = kept.range(..range.end).next_back().is_none_or(|(_, (_, end))| *end <= range.start);
        if clear {
            kept.insert(range.start, (kind, range.end));
        }
    }
    let finding = |(start, (kind, end)): (usize, (Kind, usize))| {
        let range = folded.range(start..end);
        Finding::new(kind, range.clone(), &text[range])
    };
    kept.into_iter().map(finding).collect()
}

/// The text with a placeholder for each of the findings, which were found in it.
pub fn redact(text: &str, findings: &[Finding], lang: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut at = 0;
    for finding in findings {
        let inside = finding.range.start >= at && text.get(finding.range.clone()) == Some(finding.text.as_str());
        if inside {
            out.push_str(&text[at..finding.range.start]);
            out.push_str(finding.kind.placeholder(lang));
            at = finding.range.end;
        }
    }
    out.push_str(&text[at..]);
    out
}

/// A text without what people put into numbers: the same telephone in two spellings is one.
fn plain(folded: &str) -> String {
    folded.chars().filter(|c| !matches!(c, ' ' | '-' | '(' | ')')).collect()
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use proptest::prelude::*;

    use super::*;
    use crate::config::Config;

    fn rules(toml: &str) -> Rules {
        Rules::new(&Config::parse(Path::new("/"), &format!("title = '台'\n{toml}")).unwrap())
    }

    fn kinds(text: &str, rules: &Rules) -> Vec<Kind> {
        find(text, rules).into_iter().map(|finding| finding.kind).collect()
    }

    #[test]
    fn the_configuration_knows_every_kind() {
        assert_eq!(Kind::ALL.map(Kind::key), crate::config::Redaction::KINDS);
    }

    #[test]
    fn full_width_text_is_redacted_in_place() {
        let text = "请张三（手机：１３８ ００１３ ８０００）改密码：Ａｂｃ＠１２３４。";
        let rules = Rules::default().with_names(&["张三".to_owned()]);
        let found = find(text, &rules);
        let words: Vec<&str> = found.iter().map(|finding| finding.text.as_str()).collect();
        assert_eq!(words, ["张三", "１３８ ００１３ ８０００", "Ａｂｃ＠１２３４"]);
        assert_eq!(redact(text, &found, "zh"), "请〔姓名〕（手机：〔电话〕）改密码：〔密码〕。");
        assert_eq!(find(&redact(text, &found, "zh"), &rules), []);
        assert_eq!(find(&redact(text, &found, "en"), &rules), []);
    }

    #[test]
    fn the_sites_own_contact_and_what_it_allows_may_stand() {
        let text = "打 010-62345678 或写 zhang@corp.example，网关 10.3.4.5，世纪大道100号";
        assert_eq!(kinds(text, &rules("")), [Kind::Phone, Kind::Email, Kind::Ip, Kind::Address]);
        let contact = "[contact]\nphone = '(010) 6234 5678'\nemail = 'ZHANG@corp.example'\n";
        assert_eq!(kinds(text, &rules(contact)), [Kind::Ip, Kind::Address]);
        let allow = "[redaction]\nallow = ['@corp.example', '10.0.0.0/8', '+86 10 62345678']\noff = ['address']\n";
        assert_eq!(kinds(text, &rules(allow)), [Kind::Phone]);
        assert_eq!(kinds("11.3.4.5", &rules(allow)), [Kind::Ip]);
    }

    #[test]
    fn a_secret_is_not_repeated_in_a_message() {
        let found = find("密码：Abc@1234", &Rules::default());
        assert_eq!(found[0].shown(), "A…");
        assert!(!found[0].hint.contains("Abc"));
    }

    proptest! {
        #[test]
        fn ranges_are_places_of_the_original(
            text in "(\\PC|１３８００１３８０００|13800138000|密码：|a@b.cn|10\\.1\\.2\\.3|[０-９]|\u{200b}|张三|路|号| ){0,24}"
        ) {
            let rules = Rules::default().with_names(&["张三".to_owned()]);
            let found = find(&text, &rules);
            let mut end = 0;
            for finding in &found {
                prop_assert!(finding.range.start >= end);
                prop_assert_eq!(text.get(finding.range.clone()), Some(finding.text.as_str()));
                end = finding.range.end;
            }
            redact(&text, &found, "zh");
        }
    }
}
