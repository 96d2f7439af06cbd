//! Numbers of people: mobile and fixed telephones, identity cards, bank cards.
//!
//! A number is read whole first, with the spaces, hyphens and brackets people put into it, and judged then: so the
//! eleven digits inside a serial number are no telephone.

use std::ops::Range;

use super::Kind;
use super::fold::{after, before, in_url, tail};

/// What may stand before a number in a link that calls it.
const DIALLING: &[&str] = &["tel:", "sms:", "smsto:", "callto:"];

/// A number as it is written: digits in groups.
struct Number {
    range: Range<usize>,
    digits: String,
    /// The length of each group.
    groups: Vec<usize>,
    plus: bool,
    bracket: bool,
}

pub(super) fn find(text: &str, found: &mut Vec<(Kind, Range<usize>)>) {
    let bytes = text.as_bytes();
    let mut at = 0;
    while let Some(skip) = bytes[at..].iter().position(u8::is_ascii_digit) {
        let first = at + skip;
        let number = read(text, first);
        at = number.range.end;
        if bounded(text, &number)
            && let Some(kind) = judge(text, &number)
            && !in_page_url(text, number.range.start)
        {
            found.push((kind, number.range));
        } else {
            // A list of numbers with spaces between: each part for itself.
            at = first + number.groups.first().copied().unwrap_or(1);
            let alone = part(&number, first, at);
            if number.groups.len() > 1
                && bounded(text, &alone)
                && let Some(kind) = judge(text, &alone)
                && !in_page_url(text, first)
            {
                found.push((kind, alone.range));
            }
        }
    }
}

/// Whether the number is a piece of the address of a page: in `tel:` it is a telephone's.
fn in_page_url(text: &str, start: usize) -> bool {
    let before = tail(text, start, 7).to_ascii_lowercase();
    let dialled = DIALLING.iter().any(|scheme| before.ends_with(scheme));
    !dialled && in_url(text, start)
}

/// The first group alone.
fn part(number: &Number, first: usize, end: usize) -> Number {
    let length = end - first;
    let digits = number.digits[..length].to_owned();
    Number { range: first..end, digits, groups: vec![length], plus: number.plus, bracket: false }
}

/// Reads from the first digit to the last, over single separators.
fn read(text: &str, first: usize) -> Number {
    let bytes = text.as_bytes();
    let mut number = Number {
        range: first..first,
        digits: String::new(),
        groups: Vec::new(),
        plus: text[..first].ends_with('+') || text[..first].ends_with("(+"),
        bracket: text[..first].ends_with('('),
    };
    let mut at = first;
    while number.digits.len() < 40 {
        let length = bytes[at..].iter().take_while(|byte| byte.is_ascii_digit()).count();
        if length == 0 {
            break;
        }
        number.digits.push_str(&text[at..at + length]);
        number.groups.push(length);
        at += length;
        number.range.end = at;
        let rest = &bytes[at..];
        let separator = match rest {
            [b')', b' ' | b'-', next, ..] if next.is_ascii_digit() => 2,
            [b' ' | b'-' | b')', next, ..] if next.is_ascii_digit() => 1,
            [b' ', b'-', b' ', next, ..] if next.is_ascii_digit() => 3,
            // The last digit of an identity number may be an X.
            [b'X' | b'x', ..] if number.digits.len() == 17 => {
                number.digits.push('X');
                number.range.end = at + 1;
                if let Some(last) = number.groups.last_mut() {
                    *last += 1;
                }
                break;
            }
            _ => break,
        };
        at += separator;
    }
    let signs = match (number.plus, text[..first].ends_with("(+")) {
        (true, true) => 2,
        (true, false) => 1,
        _ => usize::from(number.bracket),
    };
    number.range.start -= signs;
    if text[number.range.clone()].starts_with('(') && !text[number.range.clone()].contains(')') {
        number.range.start += 1;
    }
    number
}

/// Whether the number is not a piece of something longer: a version, a product code, an amount. A comma parts the
/// numbers of a list, but for those of thousands: `1,234,567`.
fn bounded(text: &str, number: &Number) -> bool {
    let word = |c: char| c.is_ascii_alphanumeric() || c == '_';
    let digits = |text: &str| text.bytes().take_while(u8::is_ascii_digit).count();
    let start = number.range.start;
    let left = match before(text, start) {
        Some('.' | '-') => !before(text, start - 1).is_some_and(|c| c.is_ascii_alphanumeric()),
        Some(',') => {
            let above = text[..start - 1].bytes().rev().take(4).take_while(u8::is_ascii_digit).count();
            number.groups.first() != Some(&3) || !(1..=3).contains(&above)
        }
        Some('+' | '#' | '$' | '¥' | '%') => number.plus,
        Some(c) => !word(c),
        None => true,
    };
    let end = number.range.end;
    let right = match after(text, end) {
        // The rest is masked already.
        Some('*') => !text[end..].starts_with("***"),
        Some('.' | '-') => !after(text, end + 1).is_some_and(|c| c.is_ascii_alphanumeric()),
        Some(':') => !after(text, end + 1).is_some_and(|c| c.is_ascii_digit()),
        Some(',') => number.groups.last().is_none_or(|last| *last > 3) || digits(&text[end + 1..]) != 3,
        Some(c) => !word(c),
        None => true,
    };
    left && right
}

fn judge(text: &str, number: &Number) -> Option<Kind> {
    let digits = number.digits.as_str();
    let groups = number.groups.as_slice();
    if digits.len() == 18 && is_identity(digits) && groups.iter().all(|length| *length >= 4) {
        return Some(Kind::IdNumber);
    }
    if is_mobile(digits, groups, number.plus) || is_fixed(text, number) || is_foreign(number) {
        return Some(Kind::Phone);
    }
    let start = number.range.start;
    let in_a_row =
        matches!(before(text, start), Some(' ' | '-')) && before(text, start - 1).is_some_and(|c| c.is_ascii_digit());
    let in_fours = !in_a_row && groups[..groups.len() - 1].iter().all(|length| *length == 4) || digits.starts_with('3');
    (in_fours && is_card(digits)).then_some(Kind::BankCard)
}

/// A mobile number of mainland China, with or without the country's code.
fn is_mobile(digits: &str, groups: &[usize], plus: bool) -> bool {
    let (national, groups) = match digits.len() {
        // +1 is North America.
        11 if !plus => (digits, groups),
        13 if digits.starts_with("86") && (plus || groups[0] == 2 || groups.len() == 1) => (&digits[2..], groups),
        15 if digits.starts_with("0086") => (&digits[4..], groups),
        _ => return false,
    };
    let network = match national.as_bytes() {
        [b'1', b'3' | b'8', ..] => true,
        [b'1', b'4', third, ..] => !matches!(third, b'2' | b'3'),
        [b'1', b'5' | b'9', third, ..] => *third != b'4',
        [b'1', b'6', third, ..] => matches!(third, b'2' | b'5' | b'6' | b'7'),
        [b'1', b'7', third, ..] => !matches!(third, b'4' | b'9'),
        _ => false,
    };
    let code = groups.len() > 1 && national.len() < digits.len();
    network && groups.len() <= 5 && groups.iter().skip(usize::from(code)).all(|length| *length >= 3)
}

/// Words before a number that make it a telephone's.
const PHONE_WORDS: &[&str] =
    &["电话", "座机", "固话", "分机", "传真", "联系", "手机", "tel", "phone", "fax", "call", "致电"];

/// A fixed line of mainland China with its area code: 010, 02x, 03xx to 09xx.
fn is_fixed(text: &str, number: &Number) -> bool {
    let (digits, groups) = (number.digits.as_str(), number.groups.as_slice());
    let (digits, groups) = match digits.strip_prefix("86") {
        Some(rest) if number.plus && groups.len() > 1 => (format!("0{rest}"), &groups[1..]),
        _ => (digits.to_owned(), groups),
    };
    let code = match digits.as_bytes() {
        [b'0', b'1', b'0', ..] | [b'0', b'2', b'0'..=b'9', ..] => 3,
        [b'0', b'3'..=b'9', _, _, ..] => 4,
        _ => return false,
    };
    let line = &digits[code..];
    // An extension may follow.
    let plain = match groups.len() {
        1 => line.len(),
        _ => groups.iter().skip(1).take(2).sum::<usize>(),
    };
    let subscriber = line.starts_with(['2', '3', '4', '5', '6', '7', '8']) && line.len() <= 13;
    let length = if code == 3 { line.len() >= 8 && plain >= 8 } else { line.len() >= 7 && plain >= 7 };
    let separated = groups.len() > 1 && (groups[0] == code || groups[0] == code - 1 && number.plus);
    let named = || {
        let words = tail(text, number.range.start, 10).to_lowercase();
        groups.len() == 1 && line.len() <= 8 && PHONE_WORDS.iter().any(|word| words.contains(word))
    };
    subscriber && length && (separated || named())
}

/// Another country's number: `+44 20 7946 0123`, or North America's `(425) 882-8080`. Free numbers are nobody's.
fn is_foreign(number: &Number) -> bool {
    let (digits, groups) = (number.digits.as_str(), number.groups.as_slice());
    let free = |national: &str| {
        ["800", "833", "844", "855", "866", "877", "888"].iter().any(|code| national.starts_with(code))
    };
    if number.plus {
        let national = digits.strip_prefix('1').unwrap_or(digits);
        // 555 is North America's exchange of films and manuals.
        let fictional = digits.len() == 11 && (national.starts_with("555") || national.get(3..6) == Some("555"));
        let repeated =
            national.ends_with("000000") || national.bytes().collect::<std::collections::BTreeSet<_>>().len() < 3;
        let length = (9..=15).contains(&digits.len());
        return length && !digits.starts_with('0') && !free(national) && !fictional && !repeated;
    }
    let fictional = digits.get(3..8).is_some_and(|line| line.starts_with("555") || line.starts_with("000"))
        || digits.starts_with("555");
    let american = matches!(digits.as_bytes(), [b'2'..=b'9', _, _, b'2'..=b'9', ..]) && groups == [3, 3, 4];
    american && number.bracket && !free(digits) && !fictional
}

/// An identity number of mainland China (GB 11643): a region, a day of birth, and a check digit.
fn is_identity(digits: &str) -> bool {
    const WEIGHTS: [u32; 17] = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
    const CHECK: &[u8; 11] = b"10X98765432";
    let value = |range: Range<usize>| digits.get(range).and_then(|part| part.parse::<i16>().ok()).unwrap_or(0);
    let born = (i8::try_from(value(10..12)), i8::try_from(value(12..14)));
    let (Ok(month), Ok(day)) = born else { return false };
    let year = value(6..10);
    let plausible = (1900..2100).contains(&year) && jiff::civil::Date::new(year, month, day).is_ok();
    let region = (11..=83).contains(&value(0..2));
    let sum: u32 =
        digits.bytes().zip(WEIGHTS).map(|(digit, weight)| u32::from(digit.wrapping_sub(b'0')) * weight).sum();
    plausible && region && digits.as_bytes().last() == Some(&CHECK[(sum % 11) as usize])
}

/// A bank card: an issuer's prefix with its lengths, and Luhn's check digit.
fn is_card(digits: &str) -> bool {
    let issued = match digits.as_bytes() {
        [b'6', b'2', ..] => (16..=19).contains(&digits.len()),
        [b'4', ..] | [b'5', b'1'..=b'5', ..] | [b'6', b'0', b'1', b'1', ..] | [b'6', b'5', ..] => digits.len() == 16,
        [b'3', b'5', ..] => digits.len() == 16,
        [b'3', b'4' | b'7', ..] => digits.len() == 15,
        // Debit cards from before UnionPay's own prefix.
        [b'9', b'5' | b'0', ..] => digits.len() == 19,
        _ => false,
    };
    let distinct = digits.bytes().collect::<std::collections::BTreeSet<_>>().len();
    issued && distinct > 2 && luhn(digits)
}

fn luhn(digits: &str) -> bool {
    let double = |digit: u32| if digit > 4 { digit * 2 - 9 } else { digit * 2 };
    let values = digits.bytes().rev().map(|byte| u32::from(byte.wrapping_sub(b'0')));
    let sum: u32 = values.enumerate().map(|(n, digit)| if n % 2 == 1 { double(digit) } else { digit }).sum();
    sum.is_multiple_of(10)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kinds(text: &str) -> Vec<(Kind, &str)> {
        let mut found = Vec::new();
        find(text, &mut found);
        found.into_iter().map(|(kind, range)| (kind, &text[range])).collect()
    }

    #[test]
    fn telephones_are_found_as_people_write_them() {
        for number in [
            "13800138000",
            "138-0013-8000",
            "138 0013 8000",
            "+86 138 0013 8000",
            "+8613800138000",
            "86-13800138000",
            "(+86)13800138000",
            "0086 13800138000",
            "19912345678",
            "010-62345678",
            "(010)62345678",
            "0755-2658 1234",
            "0571-88776655-801",
            "+86 10 6234 5678",
            "+44 20 7946 0123",
            "(425) 882-8080",
        ] {
            for text in [number.to_owned(), format!("电话{number}，找他"), format!("call {number}. Then")] {
                assert_eq!(kinds(&text), [(Kind::Phone, number)], "{text}");
            }
        }
        assert_eq!(kinds("座机01062345678"), [(Kind::Phone, "01062345678")]);
        assert_eq!(kinds("13800138000 13912345678"), [(Kind::Phone, "13800138000"), (Kind::Phone, "13912345678")]);
    }

    #[test]
    fn commas_part_numbers_and_not_thousands() {
        let text = "13712345678,13612345679,010-62345678,(010)62345678,11010519491231002X,6222021234567894,13712345671";
        let expected = [
            (Kind::Phone, "13712345678"),
            (Kind::Phone, "13612345679"),
            (Kind::Phone, "010-62345678"),
            (Kind::Phone, "(010)62345678"),
            (Kind::IdNumber, "11010519491231002X"),
            (Kind::BankCard, "6222021234567894"),
            (Kind::Phone, "13712345671"),
        ];
        assert_eq!(kinds(text), expected);
        assert_eq!(kinds("Tom,13712345678,ok"), [(Kind::Phone, "13712345678")]);
        assert_eq!(kinds("13712345678:Tom"), [(Kind::Phone, "13712345678")]);
        for text in ["1,138 0013 8000", "138,001,380,001", "1,380,013,8000", "13.800,138,000", "13800138000:8080"] {
            assert_eq!(kinds(text), [], "{text}");
        }
    }

    #[test]
    fn links_that_call_and_what_stands_beside_a_link() {
        let found = [(Kind::Phone, "13812345672")];
        for text in [
            "[致电](tel:13812345672)",
            "<a href=\"TEL:13812345672\">",
            "[甲](a.md),13812345672",
            "[甲](https://a.example/)(13812345672)",
            "https://a.example/,13812345672",
        ] {
            assert_eq!(kinds(text), found, "{text}");
        }
        assert_eq!(kinds("[致电](tel:+86-138-1234-5672)"), [(Kind::Phone, "+86-138-1234-5672")]);
        for text in ["[甲](13812345672)", "[甲](https://a.example/13812345672)", "https://a.example/?x=1,13812345672"]
        {
            assert_eq!(kinds(text), [], "{text}");
        }
    }

    #[test]
    fn other_numbers_are_no_telephones() {
        for text in [
            "113800138000",
            "138001380001",
            "SN13800138000",
            "1.13800138000",
            "https://a.example/13800138000",
            "12345678901",
            "2026-11-23 09:30",
            "TS202611230001",
            "01062345678",
            "400-820-8820",
            "10086",
            "KB5034441",
            "1-800-642-7676",
            "+1 425 555 0100",
            "+14255551234",
            "+123 456789***",
            "+15552223333",
            "+1 (555) 222-3333",
            "+14250000000",
            "17448304640",
            "4503 4504 4505 4506 4507 4508 4509 4510 4511 4512 4513 4514 ]",
            "(800) 642-7676",
            "0x80070005",
            "15412345678",
            "138,0013,8000",
        ] {
            assert_eq!(kinds(text), [], "{text}");
        }
    }

    #[test]
    fn identity_and_bank_cards_need_their_check_digit() {
        assert_eq!(kinds("身份证11010519491231002X。"), [(Kind::IdNumber, "11010519491231002X")]);
        assert_eq!(kinds("110105 19491231 002x"), [(Kind::IdNumber, "110105 19491231 002x")]);
        assert_eq!(kinds("110105194912310021 110105199902301239"), []);
        assert_eq!(kinds("卡号 6222 0212 3456 7894"), [(Kind::BankCard, "6222 0212 3456 7894")]);
        assert_eq!(kinds("卡号 6222 0212 3456 7895"), []);
        assert_eq!(kinds("4111 1111 1111 1111"), [], "two digits only: a placeholder");
        assert_eq!(kinds("4539 1488 0343 6467"), [(Kind::BankCard, "4539 1488 0343 6467")]);
    }
}
