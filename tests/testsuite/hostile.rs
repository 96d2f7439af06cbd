//! Any bytes in the address of a search get 200 or 400, soon, and the server goes on.
//!
//! `HELPMARK_FUZZ_SECONDS` is how long addresses are made up.

use std::time::{Duration, Instant};

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;
use proptest::test_runner::{Config, TestRunner};

use crate::harness::{Site, encode};

/// Pieces as they stand in an address: escaped, broken, or doing what they should not.
const PIECES: &[&str] = &[
    "%",
    "%0",
    "%zz",
    "%00",
    "%0d%0a",
    "%ff",
    "%c0%af",
    "%ed%a0%80",
    "%f4%90%80%80",
    "+",
    "&",
    "&q=",
    "=",
    ";",
    "/",
    "//",
    "?",
    "..",
    "&limit=",
    "&limit=-1",
    "&limit=1e9",
    "&offset=99999999999999999999",
    "&kind=article",
    "&kind=x",
    "&category=%27",
    "&lang=zz",
    "&exact=1",
    "&page=0",
    "&page=18446744073709551616",
    "(",
    ")",
    "[",
    "]",
    "{",
    "}",
    "*",
    "~",
    "^",
    "!",
    ":",
    "vpn",
    "%E5%AF%86%E7%A0%81",
    "%E2%80%AE",
    "%EF%BB%BF",
    "%F0%9F%94%91",
    "AND",
    "%20OR%20",
    "title:",
];

#[test]
fn any_address_of_a_search_is_answered() {
    let site = Site::repository();
    let server = site.serve();
    let text = prop_oneof![
        "\\PC{0,40}".prop_map(|text| encode(&text)),
        vec(any::<char>(), 0..30).prop_map(|chars| { encode(&chars.into_iter().collect::<String>()) })
    ];
    let pieces = vec(select(PIECES), 0..40).prop_map(|pieces| pieces.concat());
    let long = (select(PIECES), 1usize..6_000).prop_map(|(piece, times)| piece.repeat(times));
    let query = prop_oneof![3 => text, 3 => pieces, 1 => long];
    let seconds = std::env::var("HELPMARK_FUZZ_SECONDS").ok().and_then(|text| text.parse().ok()).unwrap_or(3);
    let until = Instant::now() + Duration::from_secs(seconds);
    while Instant::now() < until {
        let config = Config { cases: 50, failure_persistence: None, ..Config::default() };
        let tried = TestRunner::new(config).run(
            &(&query, select(&["/api/search", "/api/suggest", "/search"][..])),
            |(query, path)| {
                let started = Instant::now();
                let status = server.get(&format!("{path}?q={query}")).status;
                prop_assert!([200, 400, 404, 414, 422, 431].contains(&status), "{}", status);
                prop_assert!(started.elapsed() < Duration::from_secs(5), "{:?}", started.elapsed());
                Ok(())
            },
        );
        if let Err(failure) = tried {
            panic!("{failure}");
        }
    }
    assert!(!server.found("忘记密码").is_empty(), "and all is well afterwards");
}
