//! Hostile input: any text gets an answer, soon, and nothing aborts.
//!
//! `HELPMARK_FUZZ_SECONDS` is how long texts are made up; `tests/run` says a minute in continuous integration.

use std::time::{Duration, Instant};

use helpmark::content::Kind;
use helpmark::search::{Index, Query, View};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;
use proptest::test_runner::{Config, TestError, TestRunner};

use crate::fixtures::{ask, memory};

/// Far above what any answer needs, even here, where nothing is optimised and others share the machine.
const SOON: Duration = Duration::from_secs(2);

#[test]
fn hostile_questions_are_answered_in_time() {
    let (_, view) = memory();
    let hostile = [
        "密码".repeat(500_000),
        "(".repeat(10_000),
        "a ".repeat(10_000),
        "\u{202e}\u{0}\u{7}VPN\u{feff}\u{2066}".repeat(100),
        "+vpn -\"密码\" AND OR NOT title:x^9 ~3 [a TO z] /re.*/ *?\\".to_owned(),
        "e\u{301}".repeat(5_000),
        "zhuangzhuangzhuang".repeat(1_000),
        "\u{fdfa}".repeat(1_000),
        "a-b-c.d_e@f'".repeat(2_000),
    ];
    for text in hostile {
        let started = Instant::now();
        let _ = ask(&view, &text);
        let _ = view.suggest(&text, 8, None);
        assert!(started.elapsed() < SOON, "{:?}", text.chars().take(20).collect::<String>());
    }
}

const OPERATORS: &[&str] = &[
    "+", "-", "&&", "||", "!", "(", ")", "{", "}", "[", "]", "^", "\"", "~", "*", "?", ":", "\\", "/", "<", ">", "=",
    "@", " AND ", " OR ", " NOT ", " TO ", " IN ", "title:", "body:", "/.*/", "^2.5", "~3", "0x", "\\u0000", "%00",
    "'", ";--", "<script>", "</mark>", "&lt;", "\u{1}", "\u{2}", "..", "…",
];
const CONTROLS: &[char] = &[
    '\0',
    '\u{1}',
    '\u{7}',
    '\u{8}',
    '\t',
    '\n',
    '\r',
    '\u{1b}',
    '\u{7f}',
    '\u{85}',
    '\u{ad}',
    '\u{200b}',
    '\u{200d}',
    '\u{200e}',
    '\u{200f}',
    '\u{202a}',
    '\u{202b}',
    '\u{202c}',
    '\u{202d}',
    '\u{202e}',
    '\u{2028}',
    '\u{2066}',
    '\u{2069}',
    '\u{feff}',
    '\u{fffd}',
    '\u{fffe}',
    '\u{10ffff}',
    '\u{e0041}',
    '\u{301}',
    '\u{20dd}',
    '\u{fdfa}',
    '\u{3300}',
    '\u{1f468}',
];
const WORDS: &[&str] = &[
    "打印机",
    "印表機",
    "密码",
    "連不上",
    "vpn",
    "ＶＰＮ",
    "Wi-Fi",
    "wi fi",
    "office365",
    "outlok",
    "dayinji",
    "dyj",
    "C++",
    "C#",
    "0x80070005",
    "Get-MgUser",
    "setup.exe",
    "BSOD",
    "打因机",
    "登陆",
    " ",
    "　",
    "한국어",
    "ひらがな",
    "العربية",
    "ǅ",
    "İ",
    "ß",
];

/// Short texts of everything that may confuse, some of them repeated up to a megabyte.
fn texts() -> impl Strategy<Value = String> {
    let atom = prop_oneof![
        3 => "\\PC{0,6}",
        2 => any::<char>().prop_map(String::from),
        3 => select(OPERATORS).prop_map(str::to_owned),
        2 => select(CONTROLS).prop_map(String::from),
        4 => select(WORDS).prop_map(str::to_owned),
        1 => "[ -~]{0,8}",
        1 => "\\p{Han}{1,5}",
    ];
    let short = vec(atom, 0..24).prop_map(|atoms| atoms.concat());
    prop_oneof![
        12 => short.clone(),
        1 => (short, 1usize..40_000).prop_map(|(text, times)| {
            let fits = 1_000_000 / text.len().max(1);
            text.repeat(times.min(fits))
        }),
    ]
}

/// Tries texts until the time is over.
fn fuzz(mut check: impl FnMut(&str, usize, u8)) {
    let seconds = std::env::var("HELPMARK_FUZZ_SECONDS").ok().and_then(|text| text.parse().ok()).unwrap_or(3);
    let until = Instant::now() + Duration::from_secs(seconds);
    let mut tried = 0;
    let check = std::cell::RefCell::new(&mut check);
    while Instant::now() < until {
        let config = Config { cases: 200, failure_persistence: None, max_shrink_time: 20_000, ..Config::default() };
        let outcome =
            TestRunner::new(config).run(&(texts(), 0usize..2_000_000, any::<u8>()), |(text, offset, choice)| {
                check.borrow_mut()(&text, offset, choice);
                Ok(())
            });
        tried += 200;
        match outcome {
            Ok(()) => {}
            Err(TestError::Fail(reason, (text, offset, choice))) => panic!("{reason}: {text:?}, {offset}, {choice}"),
            Err(other) => panic!("{other}"),
        }
    }
    println!("{tried} texts");
}

#[test]
fn any_text_gets_an_answer_soon() {
    let (_index, view): (Index, View) = memory();
    fuzz(|text, offset, choice| {
        let query = Query {
            text: text.to_owned(),
            limit: if choice & 1 == 0 { usize::MAX } else { 10 },
            offset: if choice & 2 == 0 { 0 } else { offset },
            kind: [None, Some(Kind::Article), Some(Kind::Resolution)][choice as usize % 3],
            category: (choice & 4 != 0).then(|| text.chars().take(9).collect()),
            lang: (choice & 8 != 0).then(|| "en".to_owned()),
            exact: choice & 16 != 0,
            standing: None,
        };
        let started = Instant::now();
        let answer = view.search(&query);
        let suggestions = view.suggest(text, usize::from(choice), None);
        assert!(started.elapsed() < SOON, "{:?}", started.elapsed());
        assert!(answer.hits.len() <= answer.total && answer.hits.len() <= 100);
        assert!(answer.hits.iter().all(|hit| hit.score.is_finite()));
        let shown = answer.hits.iter().flat_map(|hit| [&hit.snippet_html, &hit.title_html]);
        for html in shown.chain(suggestions.suggestions.iter().map(|suggestion| &suggestion.title_html)) {
            let bare = html.replace("<mark>", "").replace("</mark>", "");
            assert!(!bare.contains(['<', '>', '\u{202e}', '\0']), "{html}");
            assert_eq!(html.matches("<mark>").count(), html.matches("</mark>").count(), "{html}");
        }
    });
}
