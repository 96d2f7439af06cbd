//! What opens a door: passwords in the clear, keys, tokens.
//!
//! A word says that a secret follows, a sign or a verb stands between, and what follows looks like a secret and not
//! like the next word of a sentence: `密码：点击“忘记密码”` and `password: required` are none.

use std::ops::Range;
use std::sync::LazyLock;

use regex::Regex;

use super::Kind;
use super::fold::{after, before, in_url, tail};

/// A constant pattern; should one ever not compile, a test fails, and nothing is found by it.
fn pattern(text: &str) -> Option<Regex> {
    Regex::new(text).ok()
}

static PASSWORD: LazyLock<Option<Regex>> = LazyLock::new(|| {
    pattern(
        r#"(?i)(密码|口令|暗号|passwords?|passwd|passcode|passphrase|\bpwd|\bpsw)(?:[*"'`)\]]{0,3})( {0,2}(?:统一|都|均|默认|初始)?(?:设置为|重置为|改为|设为|是|为|=|:|=>| is | was |\|| ) {0,2})["'`*“‘「【(\[]{0,3}([!-~]{4,64})"#,
    )
});

static TOKEN: LazyLock<Option<Regex>> = LazyLock::new(|| {
    pattern(
        r#"(?i)(?:密钥|秘钥|令牌|api[-_ ]?key|access[-_ ]?key(?:[-_ ]?(?:id|secret))?|secret(?:[-_ ]?(?:key|id|access[-_ ]?key))?|token|bearer|app[-_ ]?secret|client[-_ ]?secret|signing[-_ ]?key|webhook.{0,20}key)["'`*\]]{0,3} {0,2}(?:=>|[:=为是]| ) {0,2}["'`*“]{0,3}([A-Za-z0-9+/_=.-]{20,512})"#,
    )
});

/// Tokens that tell by themselves what they are.
static MARKED: LazyLock<Option<Regex>> = LazyLock::new(|| {
    pattern(
        r"AKIA[0-9A-Z]{16}|LTAI[0-9A-Za-z]{12,24}|gh[pousr]_[0-9A-Za-z]{30,}|glpat-[0-9A-Za-z_-]{20,}|xox[abprs]-[0-9A-Za-z-]{10,}|sk-[0-9A-Za-z]{32,}|eyJ[0-9A-Za-z_-]{10,}\.eyJ[0-9A-Za-z_-]{10,}\.[0-9A-Za-z_-]{10,}|-----BEGIN [A-Z ]{0,20}PRIVATE KEY-----",
    )
});

static IN_URL: LazyLock<Option<Regex>> =
    LazyLock::new(|| pattern(r"[a-z]{2,10}://[^\s/:@<>{}$]{1,40}:([^\s/:@<>{}$*]{3,64})@[A-Za-z0-9]"));

pub(super) fn find(text: &str, found: &mut Vec<(Kind, Range<usize>)>) {
    for captures in PASSWORD.iter().flat_map(|pattern| pattern.captures_iter(text)) {
        let (Some(word), Some(sign), Some(value)) = (captures.get(1), captures.get(2), captures.get(3)) else {
            continue;
        };
        let value = trimmed(text, value.range());
        if !asks(text, word.start()) && is_password(text, sign.as_str(), &value) {
            found.push((Kind::Password, value));
        }
    }
    for captures in TOKEN.iter().flat_map(|pattern| pattern.captures_iter(text)) {
        let Some(value) = captures.get(1) else { continue };
        if is_random(value.as_str().trim_end_matches(['.', '=', '-']))
            && !value.as_str().ends_with("...")
            && !in_url(text, value.start())
        {
            found.push((Kind::Token, value.range()));
        }
    }
    for value in MARKED.iter().flat_map(|pattern| pattern.find_iter(text)) {
        let joined = before(text, value.start()).is_some_and(|c| c.is_ascii_alphanumeric());
        if !joined && (value.as_str().starts_with('-') || is_random(value.as_str())) {
            found.push((Kind::Token, value.range()));
        }
    }
    for captures in IN_URL.iter().flat_map(|pattern| pattern.captures_iter(text)) {
        let Some(value) = captures.get(1) else { continue };
        if !is_placeholder(value.as_str()) {
            found.push((Kind::Password, value.range()));
        }
    }
}

/// The value without the quotes, brackets and full stops that close it.
fn trimmed(text: &str, value: Range<usize>) -> Range<usize> {
    let word = &text[value.clone()];
    let end = word.find(['"', '`', '\'', '<', '|', ';', ',']).unwrap_or(word.len());
    let word = word[..end].trim_end_matches(['.', ':', '*', ')', ']', '}', '\\', '?']);
    value.start..value.start + word.len()
}

/// Whether the word before asks about a password instead of telling one: 忘记密码, `forgot password`.
fn asks(text: &str, word: usize) -> bool {
    let before = tail(text, word, 12).to_lowercase();
    let before = before.trim_end_matches([' ', '"', '“', '「', '`', '的']);
    ["忘记", "忘了", "找回", "forgot", "forgot your", "forgotten", "recover"].iter().any(|word| before.ends_with(word))
}

fn is_password(text: &str, sign: &str, range: &Range<usize>) -> bool {
    let value = &text[range.clone()];
    let (mut digits, mut letters, mut marks) = (0, 0, 0);
    for c in value.chars() {
        match c {
            c if c.is_ascii_digit() => digits += 1,
            c if c.is_ascii_alphabetic() => letters += 1,
            '!' | '@' | '#' | '$' | '%' | '^' | '&' | '*' | '~' => marks += 1,
            _ => {}
        }
    }
    if value.len() < 4
        || digits + letters == 0
        || is_placeholder(value)
        || is_expression(value)
        || is_measure(text, range)
    {
        return false;
    }
    match sign.trim() {
        // Settings and connection strings: `password=secret`.
        "=" => digits + marks > 0 || letters >= 5,
        // Nothing but a space or a cell's border: only what no word looks like.
        "" | "|" => digits > 0 && letters > 0 && value.len() >= 6 && (marks > 0 || mixed(value)),
        // "the password is" goes on with a word more often than with the password.
        sign if sign.ends_with("is") || sign.ends_with("was") => digits + marks > 0 && value.len() >= 5,
        _ => digits > 0 && (letters + marks > 0 || digits >= 4) || marks > 0 && letters >= 3,
    }
}

/// Small and capital letters: `Welcome1`, unlike `windows10`.
fn mixed(value: &str) -> bool {
    value.contains(|c: char| c.is_ascii_lowercase()) && value.contains(|c: char| c.is_ascii_uppercase())
}

/// Words that stand for a secret.
const STAND_INS: &[&str] = &[
    "password",
    "passwd",
    "pass",
    "pwd",
    "secret",
    "string",
    "securestring",
    "true",
    "false",
    "null",
    "none",
    "your",
    "example",
    "xxxx",
    "required",
    "optional",
    "prompt",
    "value",
    "empty",
    "blank",
    "changeme",
    "yes",
    "never",
    "never-expires",
    "always",
    "text",
    "plain",
    "plaintext",
    "hash",
    "default",
    "credential",
    "input",
    "encrypted",
    "redacted",
    "abcd",
    "....",
];

fn is_placeholder(value: &str) -> bool {
    let lower = value.to_ascii_lowercase();
    let word = lower.bytes().all(|byte| byte.is_ascii_alphabetic() || matches!(byte, b'_' | b'-' | b'.'));
    let names_itself =
        word && ["password", "passwd", "pwd", "secret", "passphrase"].iter().any(|name| lower.contains(name));
    let dots = lower.chars().all(|c| matches!(c, '*' | 'x' | '.' | '-' | '_' | '?' | '#' | '•'));
    let stands = STAND_INS.iter().any(|word| lower == *word)
        || ["your", "my_", "xxx", "example", "placeholder", "password", "passwd", "<", "{", "[", "%", "$", "****"]
            .iter()
            .any(|start| lower.starts_with(start));
    dots || stands || names_itself || lower.contains("***") || lower.contains("...")
}

/// Code, paths, addresses and keys of a keyboard, instead of a secret.
fn is_expression(value: &str) -> bool {
    let keys = ["ctrl", "alt+", "shift", "win+", "cmd+", "fn+", "http", "www.", "ms-", "--", "/", "\\", "(", "!["];
    let lower = value.to_ascii_lowercase();
    let entity = value.starts_with('&') && value.ends_with(';');
    let call = value.contains('(')
        || value.contains("::")
        || value.contains("->")
        || value.contains("](")
        || value.contains("@{");
    let name = lower.strip_suffix([':', '.']).unwrap_or(&lower);
    let file = [".md", ".html", ".txt", ".png", ".com", ".cn", ".exe", ".ps1"].iter().any(|end| name.ends_with(end));
    // PowerShell's `Read-Host`, an error's `0x8000401A`, a URN.
    let command = value.split_once('-').is_some_and(|(verb, noun)| {
        let word = |word: &str| {
            word.starts_with(|c: char| c.is_ascii_uppercase()) && word.bytes().all(|byte| byte.is_ascii_alphabetic())
        };
        word(verb) && noun.bytes().all(|byte| byte.is_ascii_alphabetic())
            || matches!(verb.to_ascii_lowercase().as_str(), "convertto" | "read" | "get" | "new")
    });
    let number = lower.starts_with("0x") || lower.starts_with("urn:");
    keys.iter().any(|start| lower.starts_with(start)) || entity || call || file || command || number
}

/// `8-16 位`, `12 characters`, `90 天`: a rule about passwords.
fn is_measure(text: &str, range: &Range<usize>) -> bool {
    let value = &text[range.clone()];
    let number = value.chars().all(|c| c.is_ascii_digit() || matches!(c, '-' | '~' | '.' | '/' | '+'));
    let rest = text[range.end..].trim_start();
    let unit = [
        "位", "个", "次", "天", "字", "分钟", "小时", "月", "年", "char", "digit", "letter", "day", "time", "minute",
        "hour", "to ",
    ];
    let long = value.bytes().filter(u8::is_ascii_digit).count();
    number && (unit.iter().any(|unit| rest.starts_with(unit)) || value.contains(['-', '~', '/']) && long < 6)
        || after(text, range.end).is_some_and(|c| c == '(')
}

/// Many different characters with digits among letters, and no name in words or hexadecimal groups.
fn is_random(value: &str) -> bool {
    let distinct = value.bytes().collect::<std::collections::BTreeSet<_>>().len();
    let digits = value.bytes().filter(u8::is_ascii_digit).count();
    let letters = value.bytes().filter(u8::is_ascii_alphabetic).count();
    let groups: Vec<usize> = value.split('-').map(str::len).collect();
    let guid = groups == [8, 4, 4, 4, 12];
    let words = value
        .split(['.', '_', '-', '/'])
        .all(|part| part.bytes().all(|byte| byte.is_ascii_alphabetic()) || part.len() < 3);
    let placeholder = value.to_ascii_lowercase().contains("xxxx") || value.to_ascii_lowercase().contains("example");
    distinct >= 10 && digits >= 3 && letters >= 3 && !guid && !words && !placeholder
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
    fn the_patterns_compile() {
        assert!(PASSWORD.is_some() && TOKEN.is_some() && MARKED.is_some() && IN_URL.is_some());
    }

    #[test]
    fn passwords_in_the_clear_are_found() {
        for (text, password) in [
            ("密码:Abc@1234", "Abc@1234"),
            ("初始密码是 Welcome1,登录后修改", "Welcome1"),
            ("默认密码为`123456`。", "123456"),
            ("口令: **Qwer!234**", "Qwer!234"),
            ("password=hunter2", "hunter2"),
            ("Password: S3cret!9", "S3cret!9"),
            ("pwd: 8842", "8842"),
            ("The initial password is Spring2026!.", "Spring2026!"),
            ("Server=db;Password=opensesame;", "opensesame"),
            ("密码已重置,新密码 Zx9mQ2 请查收", "Zx9mQ2"),
            ("| 密码 | Corp@2026 |", "Corp@2026"),
            ("重置密码:Abc12345", "Abc12345"),
            ("\"password\": \"p4ssw0rd!\"", "p4ssw0rd!"),
            ("mysql://root:r00tpw@db/x", "r00tpw"),
        ] {
            assert_eq!(found(text), [(Kind::Password, password)], "{text}");
        }
    }

    #[test]
    fn talk_about_passwords_is_no_password() {
        for text in [
            "重置密码:点击“忘记密码”",
            "忘记密码:https://password.corp.example",
            "忘记密码 Abc12345",
            "密码: 8-16 位",
            "密码 12 位以上",
            "密码为 8 到 16 个字符",
            "修改密码:Ctrl+Alt+Del",
            "password: required",
            "password: ********",
            "password=<your password>",
            "password=$env:PW1",
            "password=${DB_PASSWORD1}",
            "Password: string",
            "$password = Read-Host -AsSecureString",
            "$p = ConvertTo-SecureString -String \"password\"",
            "PlainTextPassword=EnterAdminPassword",
            "password (0x8000401A)",
            "the password is not accepted",
            "password policy: 14 characters",
            "密码|说明",
            "[重置密码](reset-password1.md)",
            "password = Get-Content(x1)",
        ] {
            assert_eq!(found(text), [], "{text}");
        }
    }

    #[test]
    fn keys_and_tokens_are_found() {
        let key = "9f86d081884c7d659a2feaa0c55ad015";
        for text in [format!("api_key={key}"), format!("密钥:{key}"), format!("Authorization: Bearer {key}")] {
            assert_eq!(found(&text), [(Kind::Token, key)], "{text}");
        }
        assert_eq!(found("AKIAIOSFODNN7EXAMPL3"), [(Kind::Token, "AKIAIOSFODNN7EXAMPL3")][..0].to_vec());
        assert_eq!(found("AKIAI0SF0DNN7Q9WZ2L3")[0].0, Kind::Token);
        assert_eq!(found("-----BEGIN RSA PRIVATE KEY-----")[0].0, Kind::Token);
        for text in [
            "token: aad-device-registration-service",
            "key 3f2504e0-4f89-11d3-9a0c-0305e82c3301",
            "sha256 9f86d081884c7d659a2feaa0c55ad015",
        ] {
            assert_eq!(found(text), [], "{text}");
        }
    }
}
