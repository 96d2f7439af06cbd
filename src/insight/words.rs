//! What the search log keeps of a question: one written form, without what points at a person.
//!
//! People paste what they have at hand into a search box. Addresses, numbers that may be a phone, a card, an identity
//! or a ticket, and long random strings are replaced by what they are; words stay.

/// Characters that are kept.
const LONGEST: usize = 100;
/// Digits of a number that may point at a person: a phone's, an account's. Fewer are versions, years and error numbers.
const MANY_DIGITS: usize = 7;
/// The same where blanks or hyphens stand between the digits: two years or a date are fewer.
const MANY_SEPARATED: usize = 10;
/// Characters of a word of letters and digits that nobody chose: a token, a key, a serial number.
const RANDOM: usize = 20;

/// The form in which equal questions are equal and nobody is named; empty when nothing is left.
pub fn normal(text: &str) -> String {
    let mut plain = String::new();
    for original in text.chars().take(4 * LONGEST) {
        let character = match original {
            '\u{ff01}'..='\u{ff5e}' => char::from_u32(u32::from(original) - 0xfee0).unwrap_or(original),
            '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}' => continue,
            _ if original.is_whitespace() || original.is_control() => ' ',
            _ => original,
        };
        plain.extend(character.to_lowercase());
    }
    let words = plain.split_whitespace().map(mask_word).collect::<Vec<_>>().join(" ");
    let masked = mask_numbers(&words);
    masked.chars().take(LONGEST).collect::<String>().trim().to_owned()
}

/// Whether a character may stand in an address or a token: the trade's words in Chinese never do.
fn is_plain(character: char) -> bool {
    character.is_ascii_graphic() && !matches!(character, ',' | ';' | '<' | '>' | '(' | ')' | '"' | '\'')
}

/// Replaces the addresses and tokens of a word; Chinese may stand right beside them.
fn mask_word(word: &str) -> String {
    let mut masked = String::new();
    let mut rest = word;
    while !rest.is_empty() {
        let plain = rest.find(|character| !is_plain(character)).unwrap_or(rest.len());
        masked.push_str(&mask_run(&rest[..plain]));
        let next = rest[plain..].find(is_plain).map_or(rest.len(), |at| plain + at);
        masked.push_str(&rest[plain..next]);
        rest = &rest[next..];
    }
    masked
}

fn mask_run(run: &str) -> String {
    if let Some((scheme, rest)) = run.split_once("://") {
        // The host tells which service; the rest may be a secret link.
        let host = rest.split(['/', '?', '#']).next().unwrap_or(rest);
        return format!("{scheme}://{}", host.rsplit('@').next().unwrap_or(host));
    }
    if let Some((name, host)) = run.split_once('@')
        && !name.is_empty()
        && host.contains('.')
    {
        return "‹mail›".to_owned();
    }
    let host = run.rsplit_once(':').map_or(run, |(host, _)| host);
    if [run, host].iter().any(|address| address.parse::<std::net::IpAddr>().is_ok()) {
        return "‹ip›".to_owned();
    }
    let alphanumeric = run.chars().filter(char::is_ascii_alphanumeric).count();
    let digits = run.chars().filter(char::is_ascii_digit).count();
    // Long names of commands have no digits, or few.
    if alphanumeric >= RANDOM && digits >= 4 && !run.contains(['.', '\\', '/']) {
        return "‹code›".to_owned();
    }
    run.to_owned()
}

/// Replaces long numbers, with the separators in them and the letters around them:
/// `138 0013 8000`, `+86-10-8888-1234`, `E1234567`, `11010119900101123x`. Error codes (`0x80070005`) and updates
/// (`KB5034441`) stay: they say what went wrong.
fn mask_numbers(text: &str) -> String {
    let chars = text.chars().collect::<Vec<_>>();
    let mut masked = String::with_capacity(text.len());
    let mut at = 0;
    while at < chars.len() {
        if !chars[at].is_ascii_alphanumeric() && chars[at] != '+' {
            masked.push(chars[at]);
            at += 1;
            continue;
        }
        let end = number_end(&chars, at);
        let run = &chars[at..end];
        let digits = run.iter().filter(|character| character.is_ascii_digit()).count();
        let text = run.iter().collect::<String>();
        let many = if text.contains([' ', '-']) { MANY_SEPARATED } else { MANY_DIGITS };
        if digits >= many && !is_known_code(&text) {
            masked.push_str("‹number›");
        } else {
            masked.push_str(&text);
        }
        at = end;
    }
    masked
}

/// The end of the letters and digits that begin at `at`; a separator belongs to them between two digits.
fn number_end(chars: &[char], at: usize) -> usize {
    let mut end = at + 1;
    while let Some(&character) = chars.get(end) {
        let joins = matches!(character, ' ' | '-')
            && chars[end - 1].is_ascii_digit()
            && chars.get(end + 1).is_some_and(char::is_ascii_digit);
        if !character.is_ascii_alphanumeric() && !joins {
            break;
        }
        end += 1;
    }
    end
}

fn is_known_code(run: &str) -> bool {
    let hex = |digits: &str| digits.len() <= 16 && digits.bytes().all(|byte| byte.is_ascii_hexdigit());
    let update = |digits: &str| digits.len() <= 8 && digits.bytes().all(|byte| byte.is_ascii_digit());
    run.strip_prefix("0x").is_some_and(hex) || run.strip_prefix("kb").is_some_and(update)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn words_codes_and_commands_stay() {
        for (typed, kept) in [
            ("  ＶＰＮ　连不上 ", "vpn 连不上"),
            ("错误 0x80070005", "错误 0x80070005"),
            ("KB5034441 失败", "kb5034441 失败"),
            ("Get-MgUserAuthenticationMethod", "get-mguserauthenticationmethod"),
            ("windows 11 24h2", "windows 11 24h2"),
            ("office 2019 2021", "office 2019 2021"),
            ("10.0.19045.3803", "10.0.19045.3803"),
            ("since 2026-11-23", "since 2026-11-23"),
            ("C:\\Windows\\System32\\drivers\\etc\\hosts", "c:\\windows\\system32\\drivers\\etc\\hosts"),
            ("vp\u{202e}n\u{0}", "vpn"),
        ] {
            assert_eq!(normal(typed), kept);
        }
    }

    #[test]
    fn what_points_at_a_person_is_replaced() {
        for (typed, kept) in [
            ("li.si@example.com 收不到邮件", "‹mail› 收不到邮件"),
            ("邮箱li.si@example.com满了", "邮箱‹mail›满了"),
            ("我的电话13800138000打不通", "我的电话‹number›打不通"),
            ("138 0013 8000", "‹number›"),
            ("+86-10-8888-1234", "‹number›"),
            ("身份证 11010119900101123X", "身份证 ‹number›"),
            ("工号E1234567", "工号‹number›"),
            ("TS202611230001 进度", "‹number› 进度"),
            ("１３８００１３８０００", "‹number›"),
            ("192.0.2.17 连不上", "‹ip› 连不上"),
            ("192.0.2.17:8080", "‹ip›"),
            ("https://help.example.com/track/s3cr3t?x=1", "https://help.example.com"),
            ("aGVsbG8gd29ybGQ1234abcd", "‹code›"),
        ] {
            assert_eq!(normal(typed), kept);
        }
    }

    proptest! {
        #[test]
        fn stays_the_same_when_done_again(text in "(\\PC|[a-z0-9@. +x-]|密码){0,60}") {
            let once = normal(&text);
            prop_assert!(once.chars().count() <= LONGEST);
            prop_assert_eq!(&normal(&once), &once);
        }

        #[test]
        fn no_long_number_is_kept(text in "[a-z 密码+-]{0,10}", digits in "[0-9]{7,18}") {
            let kept = normal(&format!("{text} 号{digits}"));
            prop_assert!(!kept.contains(&digits), "{}", kept);
        }
    }
}
