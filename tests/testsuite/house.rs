//! The rules of the house, kept by a test: small files, arrows that point down, invariants with tests.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;

use crate::harness::{repository, tree};

/// The Rust files below `folder` of the repository: their paths, and their text.
fn sources(folder: &str) -> BTreeMap<String, String> {
    let files = tree(&repository().join(folder)).into_iter().filter(|(name, _)| name.ends_with(".rs"));
    files.map(|(name, bytes)| (name, String::from_utf8(bytes).unwrap())).collect()
}

/// Whether a whole file of `src` belongs to its room's tests.
fn is_test(name: &str) -> bool {
    name.split(['/', '.']).any(|part| matches!(part, "tests" | "testing"))
}

/// What is not a test: tests of a unit stand at the end of its file.
fn code(text: &str) -> &str {
    text.split("\n#[cfg(test)]\nmod ").next().unwrap_or(text)
}

#[test]
fn files_stay_small() {
    for folder in ["src", "tests"] {
        for (name, text) in sources(folder) {
            let lines = text.lines().count();
            assert!(lines <= 450, "{folder}/{name} has {lines} lines: it holds more than one idea");
        }
    }
}

/// Which rooms each room may use. The ground floor (`config`, `diagnostic`, `disk`) is open to all above it.
const ARROWS: &[(&str, &[&str])] = &[
    ("diagnostic", &[]),
    ("yaml", &[]),
    ("markup", &[]),
    ("disk", &[]),
    ("config", &["diagnostic"]),
    ("redaction", &["config"]),
    ("source", &["diagnostic"]),
    ("content", &["config", "diagnostic", "redaction", "source"]),
    ("markdown", &["config", "content", "diagnostic"]),
    ("import", &["config", "content", "diagnostic", "markdown", "yaml"]),
    ("site", &["config", "content", "diagnostic", "markdown", "markup"]),
    ("search", &["config", "content", "markdown"]),
    ("ticket", &["config", "diagnostic", "disk", "source", "yaml"]),
    ("archive", &["config", "content", "diagnostic", "disk", "redaction", "search", "source", "ticket", "yaml"]),
    ("auth", &["config", "disk", "ticket"]),
    ("outbound", &["config", "disk", "markup", "ticket"]),
    ("insight", &["config", "content", "disk", "markup", "ticket"]),
    ("process", &["auth", "config", "diagnostic", "disk", "outbound", "ticket"]),
    ("snapshot", &["config", "content", "diagnostic", "markdown", "search", "site"]),
    ("mend", &["config", "content", "diagnostic", "disk", "markdown", "snapshot", "source", "yaml"]),
    ("lint", &["config", "content", "diagnostic", "markdown", "snapshot"]),
    ("watch", &["config", "content", "diagnostic", "snapshot", "ticket"]),
    (
        "web",
        &[
            "archive",
            "auth",
            "config",
            "content",
            "diagnostic",
            "insight",
            "outbound",
            "process",
            "redaction",
            "search",
            "site",
            "snapshot",
            "ticket",
        ],
    ),
];

/// The rooms that a file names with `crate::room` or `crate::{room, …}`.
fn used(text: &str) -> BTreeSet<String> {
    let mut rooms = BTreeSet::new();
    let lines = text.lines().filter(|line| !line.trim_start().starts_with("//"));
    let text: String = lines.flat_map(|line| [line, "\n"]).collect();
    for (at, found) in text.match_indices("crate::") {
        let rest = &text[at + found.len()..];
        let word = |text: &str| text.chars().take_while(|c| c.is_ascii_lowercase() || *c == '_').collect::<String>();
        match rest.strip_prefix('{') {
            None => drop(rooms.insert(word(rest))),
            Some(list) => {
                let mut depth = 1;
                let mut start = 0;
                for (end, c) in list.char_indices() {
                    match c {
                        '{' => depth += 1,
                        '}' => depth -= 1,
                        _ => {}
                    }
                    if (c == ',' && depth == 1) || depth == 0 {
                        rooms.insert(word(list[start..end].trim()));
                        start = end + 1;
                    }
                    if depth == 0 {
                        break;
                    }
                }
            }
        }
    }
    rooms.remove("");
    rooms
}

#[test]
fn arrows_point_down() {
    let allowed: BTreeMap<&str, &[&str]> = ARROWS.iter().copied().collect();
    let mut wrong = Vec::new();
    for (name, text) in sources("src") {
        let room = name.split('/').next().unwrap().trim_end_matches(".rs");
        if matches!(room, "cli" | "main" | "lib") || is_test(&name) {
            continue;
        }
        let Some(allowed) = allowed.get(room) else {
            wrong.push(format!("src/{name}: the room `{room}` has no line in the table of arrows"));
            continue;
        };
        // Macros and functions of the crate's root, and the room itself, are no arrows.
        let is_room = |used: &String| used == "cli" || (used != room && ARROWS.iter().any(|(room, _)| room == used));
        let rooms = used(code(&text)).into_iter().filter(is_room);
        wrong.extend(
            rooms
                .filter(|used| !allowed.contains(&used.as_str()))
                .map(|used| format!("src/{name}: `{room}` must not use `{used}`")),
        );
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn no_alias_can_stand_before_a_route() {
    let ours = fs::read_to_string(repository().join("src/content/alias.rs")).unwrap();
    let ours = ours.split("OURS: &[&str] = &[").nth(1).and_then(|rest| rest.split(']').next()).unwrap().to_owned();
    let mut seen = 0;
    for (name, text) in sources("src/web").into_iter().filter(|(name, _)| !is_test(name)) {
        let text: String = code(&text).split_whitespace().collect();
        for route in text.split(".route(\"/").skip(1).chain(text.split(".nest(\"/").skip(1)) {
            let path = route.split('"').next().unwrap();
            let path = path.strip_prefix("{lang}/").unwrap_or(path);
            let first = path.split('/').next().unwrap();
            // Below `/desk`.
            if name.starts_with("desk") && first != "desk" || first.is_empty() {
                continue;
            }
            seen += 1;
            assert!(ours.contains(&format!("\"{first}\"")), "src/web/{name} answers at /{path}; an alias may be there");
        }
    }
    assert!(seen > 15, "{seen} routes");
}

#[test]
fn the_table_of_arrows_has_no_circle() {
    let mut below = BTreeSet::new();
    for (room, uses) in ARROWS {
        for used in *uses {
            assert!(below.contains(used), "`{room}` uses `{used}`, which does not stand below it");
        }
        below.insert(*room);
    }
}

#[test]
fn arrows_are_read_from_every_form() {
    let text =
        "use crate::ticket;\nuse crate::{site::x, web::{a, b}, search};\n// crate::cli\nlet x = crate::disk::put();\n";
    let rooms: Vec<_> = used(text).into_iter().collect();
    assert_eq!(rooms, ["disk", "search", "site", "ticket", "web"]);
}

#[test]
fn every_invariant_names_a_test_that_exists() {
    let text = fs::read_to_string(repository().join("src/lib.rs")).unwrap();
    let invariants = text.split("# Invariants").nth(1).expect("src/lib.rs states the invariants");
    let suite = sources("tests/testsuite");
    for number in 1..=7 {
        let start =
            invariants.find(&format!("//! {number}. ")).unwrap_or_else(|| panic!("invariant {number} is missing"));
        let end = invariants[start + 5..]
            .find(&format!("//! {}. ", number + 1))
            .map_or(invariants.len(), |end| start + 5 + end);
        let named: Vec<_> = invariants[start..end]
            .split('`')
            .filter(|word| word.contains("::") && word.split("::").all(is_name))
            .collect();
        let exists = |name: &&str| {
            let (module, test) = name.split_once("::").unwrap();
            suite.get(&format!("{module}.rs")).is_some_and(|text| text.contains(&format!("#[test]\nfn {test}()")))
        };
        assert!(named.iter().any(exists), "invariant {number} names no test of tests/testsuite: {named:?}");
        let missing: Vec<_> = named
            .iter()
            .filter(|name| suite.contains_key(&format!("{}.rs", name.split_once("::").unwrap().0)) && !exists(name))
            .collect();
        assert!(missing.is_empty(), "invariant {number} names {missing:?}, which are not there");
    }
}

fn is_name(word: &str) -> bool {
    !word.is_empty() && word.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_')
}

#[test]
fn no_clock_below_the_command_line() {
    // Deadlines of connections are measured with `Instant` and tokio's timers, which tell no time of day.
    let clocks = ["Timestamp::now", "Zoned::now", "SystemTime::now", "thread::sleep"];
    // Git's lock sends no event that the watcher is sure to get.
    let polls = |name: &str, clock: &str| name == "watch.rs" && clock == "thread::sleep";
    for (name, text) in sources("src") {
        if name.starts_with("cli/") || is_test(&name) {
            continue;
        }
        for clock in clocks.into_iter().filter(|clock| !polls(&name, clock)) {
            let at = code(&text).lines().position(|line| line.contains(clock) && !line.trim_start().starts_with("//"));
            let line = at.unwrap_or(0) + 1;
            assert!(
                at.is_none(),
                "src/{name}:{line}: {clock} belongs to the command line; take the time as an argument"
            );
        }
    }
    for (name, text) in sources("tests") {
        let sleeps = name != "testsuite/house.rs" && text.contains("thread::sleep");
        assert!(!sleeps, "tests/{name} sleeps: wait for an event instead");
    }
}
