//! Every code of a finding: one small specimen of each, the place that is named, and a line in the README.

use std::collections::{BTreeMap, BTreeSet};

use crate::harness::{Ran, Site, repository, tree};

/// Code, file below the site's root, its bytes, and where the finding is: `path:line:column`, as far as it is known.
type Specimen = (&'static str, &'static str, &'static [u8], &'static str);

/// Documents, looked at together. Each code's own file shows that code at that place; other files may show it too.
const DOCUMENTS: &[Specimen] = &[
    ("HM002", "content/articles/a/gb.md", b"---\ntitle: GB\n---\n\xc4\xe3\xba\xc3\n", ":4:1"),
    ("HM003", "content/articles/a/nul.md", b"---\ntitle: NUL\n---\na\0b\n", ":4:2"),
    ("HM005", "content/articles/a/dashes.md", "——\ntitle: 甲\n---\n".as_bytes(), ":1:1"),
    ("HM006", "content/articles/a/open.md", "---\ntitle: 甲\n\n正文\n".as_bytes(), ":2:1"),
    ("HM007", "content/articles/a/twice.md", b"---\ntitle: a\ntags: [x]\ntags: [y]\n---\n", ":4:1"),
    ("HM008", "content/articles/a/type.md", b"---\ntitle: a\npinned: perhaps\n---\n", ":3:9"),
    ("HM009", "content/articles/a/date.md", b"---\ntitle: a\nupdated: 2024/5/1\n---\n", ":3:10"),
    ("HM010", "content/articles/a/choice.md", b"---\ntitle: a\nconfidence: sure\n---\n", ":3:13"),
    ("HM011", "content/articles/a/key.md", b"---\ntitle: a\nkeyword: b\n---\n", ":3:1"),
    ("HM012", "content/articles/a/conflict.md", b"---\ntitle: a\n---\n<<<<<<< HEAD\nx\n", ":4:1"),
    ("HM013", "content/articles/a/colon.md", b"---\ntitle: Error: it broke\n---\n", ":2:13"),
    ("HM013", "content/articles/a/tab.md", b"---\ntitle: a\ntags:\n\t- b\n---\n", ":4:1"),
    ("HM013", "content/articles/a/wide.md", "---\ntitle：甲\n---\n".as_bytes(), ":2:6"),
    ("HM013", "content/articles/a/indent.md", b"---\ntitle: a\n updated: 2024-05-01\n---\n", ":3:1"),
    ("HM014", "content/articles/a/comment.md", b"---\ntitle: stop #0xEF\n---\n", ":2:13"),
    ("HM015", "content/articles/a/alias.md", b"---\ntitle: a\naliases: [old]\n---\n", ":3:11"),
    ("HM016", "content/resolutions/none.md", b"---\ntitle: a\n---\n", ":1:1"),
    ("HM017", "content/articles/a/long.md", &LONG_TITLE, ":2:8"),
    ("HM018", "content/articles/a/untitled.md", b"text\n", ":1:1"),
    ("HM019", "content/articles/a/tool.exe", b"MZ", ""),
    ("HM020", "content/articles/a/html.md", b"---\ntitle: a\n---\n\n<iframe src=x></iframe>\n", ":5:1"),
    ("HM021", "content/articles/a/link.md", "---\ntitle: a\n---\n看[这](none.md)。\n".as_bytes(), ":4:2"),
    ("HM021", "content/articles/a/address.md", b"---\ntitle: a\n---\nsee [x](/categories/none/)\n", ":4:5"),
    ("HM022", "content/articles/a/heading.md", "---\ntitle: a\n---\n见 [x](#没有)\n".as_bytes(), ":4:3"),
    ("HM023", "content/articles/a/image.md", b"---\ntitle: a\n---\n![x](none.png)\n", ":4:1"),
    ("HM024", "content/articles/a/outside.md", b"---\ntitle: a\n---\n[x](../../../../etc/passwd)\n", ":4:1"),
    ("HM025", "content/articles/a/far.md", b"---\ntitle: a\n---\n![x](https://x.example/a.png)\n", ":4:1"),
    ("HM026", "content/articles/a/alt.md", b"---\ntitle: a\n---\n![](none.png)\n", ":4:1"),
    ("HM027", "content/articles/a/level.md", b"---\ntitle: a\n---\n## b\n\n#### c\n", ":6:1"),
    ("HM028", "content/articles/a/fence.md", b"---\ntitle: a\n---\n```\nx\n", ":4:1"),
    ("HM030", "content/articles/b/one.md", b"---\ntitle: a\nslug: a-slug\n---\n", ":3:7"),
    ("HM031", "content/articles/b/taken.md", b"---\ntitle: a\naliases:\n  - /articles/a/key/\n---\n", ":4:5"),
    ("HM032", "content/articles/b/self.md", b"---\ntitle: a\naliases: [/x/, /articles/b/self]\n---\n", ":3:16"),
    ("HM033", "content/articles/b/two.en.md", b"---\ntitle: a\nupdated: 2024-01-01\n---\n", ":3:10"),
    ("HM034", "content/articles/b/due.md", b"---\ntitle: a\nreview_by: 2020-01-01\n---\n", ":3:12"),
    ("HM035", "content/articles/orphan.md", b"---\ntitle: a\n---\n", ":2:8"),
    ("HM036", "content/resolutions/TS1.md", b"---\nid: TS1\ntitle: a\nlinked_article: articles/no.md\n---\n", ":4:17"),
    ("HM037", "content/articles/b/quotes.md", "---\ntitle: “VPN setup”\n---\n".as_bytes(), ":2:8"),
    ("HM038", "content/articles/b/bom.md", b"\xef\xbb\xbf---\ntitle: a\n---\n", ":1:1"),
    ("HM039", "content/articles/b/box.md", "---\ntitle: a\n---\n\n::: tip 提示\n文\n".as_bytes(), ":5:1"),
    ("HM044", "content/articles/b/category.md", "---\ntitle: a\ncategory: 会议室\n---\n".as_bytes(), ":3:11"),
    ("HM045", "content/articles/b/bold (1).md", b"---\ntitle: a\n---\nbold\n", ":2:8"),
    ("HM046", "content/articles/b/local.md", "---\ntitle: a\n---\n看[x](file:///c:/x)\n".as_bytes(), ":4:2"),
    ("HM048", "content/articles/b/wordless.md", b"---\ntitle: a\n---\nx [](bold.md)\n", ":4:3"),
    ("HM049", "content/articles/b/spaced.md", "---\ntitle: a\n---\n![图](我 的.png)\n".as_bytes(), ":4:6"),
    ("HM050", "content/articles/b/person.md", "---\ntitle: a\n---\n打 １３８ ００１３ ８０００\n".as_bytes(), ":4:3"),
    ("HM051", "content/articles/b/secret.md", "---\ntitle: a\n---\n密码：Abc@1234\n".as_bytes(), ":4:4"),
    ("HM052", "content/articles/b/alone.en.md", b"---\ntitle: a\n---\n", ":2:8"),
    ("HM053", "content/articles/b/two.fr.md", b"---\ntitle: a\n---\n", ":1:1"),
    ("HM060", "content/tickets/2026/11/23/TS202611230001.md", b"no ticket\n", ":1"),
    ("HM062", "content/tickets/2026/11/23/TS202611230002.conflict-1.md", b"x\n", ""),
];

/// What the specimens lean on, and is no specimen itself.
const BESIDE: &[(&str, &[u8])] = &[
    ("content/articles/b/bold.md", b"---\ntitle: a\n---\nbold\n"),
    ("content/articles/b/a-slug.md", b"---\ntitle: a\n---\n"),
    ("content/articles/b/two.md", b"---\ntitle: a\nupdated: 2024-05-01\n---\n"),
];

/// Mistakes after which nothing can be compiled: one site each.
const STOPS: &[Specimen] = &[
    ("HM001", "site.toml", b"title = \"a\"\ntime_zoen = \"UTC\"\n", ":2:1"),
    ("HM040", "themes/default/templates/error.html", b"fine\n{{ page.status | nosuch }}", ":2"),
    ("HM041", "themes/default/templates/error.html", b"\n\n{{ t.hom }}", ":3:4"),
    ("HM042", "themes/default/theme.toml", b"[strings.zh]\nhome = 3\n", ":2"),
    ("HM043", "themes/default/static/css/broken.css", b"a { color: }}", ""),
];

const LONG_TITLE: [u8; 4 + 7 + 130 + 5] = {
    let mut bytes = [b'x'; 4 + 7 + 130 + 5];
    let (head, tail) = (b"---\ntitle: ", b"\n---\n");
    let mut at = 0;
    while at < head.len() {
        bytes[at] = head[at];
        at += 1;
    }
    let mut at = 0;
    while at < tail.len() {
        bytes[4 + 7 + 130 + at] = tail[at];
        at += 1;
    }
    bytes
};

/// `path:line:column` and the codes there, out of what a command printed for people.
fn places(ran: &Ran) -> BTreeMap<String, BTreeSet<String>> {
    let mut places: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for line in ran.stdout.lines().chain(ran.stderr.lines()) {
        let severity = [": error: ", ": warning: ", ": note: "].into_iter().find_map(|word| line.find(word));
        let code = line.rsplit_once(" [").and_then(|(_, code)| code.strip_suffix(']'));
        if let (Some(at), Some(code)) = (severity, code.filter(|_| !line.starts_with(' '))) {
            places.entry(line[..at].to_owned()).or_default().insert(code.to_owned());
        }
    }
    places
}

fn assert_shown(ran: &Ran, (code, file, _, place): &Specimen) {
    let expected = format!("{file}{place}");
    let places = places(ran);
    let near: Vec<_> = places.iter().filter(|(at, _)| at.starts_with(file)).collect();
    // Some findings of the theme name a column that depends on the parser alone.
    let there = |at: &str| at == expected || (code.starts_with("HM04") && at.starts_with(&expected));
    let found = places.iter().any(|(at, codes)| there(at) && codes.contains(*code));
    assert!(found, "{code} is not at {expected}; there is {near:?}\n{}", ran.stderr);
}

#[test]
fn every_code_is_shown_at_its_place() {
    let site = Site::bare();
    for (_, file, bytes, _) in DOCUMENTS {
        site.write(file, bytes);
    }
    for (file, bytes) in BESIDE {
        site.write(file, bytes);
    }
    // As a build left it: one address is another now, one is gone.
    let earlier = "{\"url\":\"/articles/b/soft/\",\"path\":\"articles/b/bold.md\",\"title\":\"a\",\"hash\":\"\"}\n\
                   {\"url\":\"/articles/b/gone/\",\"path\":\"articles/b/gone.md\",\"title\":\"b\",\"hash\":\"\"}\n";
    site.write(".helpmark/published.jsonl", earlier);
    // Too long and too deep to be written here.
    site.write("content/articles/a/front.md", format!("---\ntitle: a\nx: |\n  {}\n---\n", "y".repeat(70_000)));
    site.write("content/articles/a/deep.md", format!("---\ntitle: a\n---\n{}x\n", "> ".repeat(150)));
    let ran = site.run(&["check", "--all"]);
    ran.expect(1);
    for specimen in DOCUMENTS {
        assert_shown(&ran, specimen);
    }
    assert_shown(&ran, &("HM004", "content/articles/a/front.md", b"", ":2:1"));
    assert_shown(&ran, &("HM054", "content/articles/b/bold.md", b"", ":2:8"));
    assert_shown(&ran, &("HM055", "content/articles/b/gone.md", b"", ""));
    assert_shown(&ran, &("HM029", "content/articles/a/deep.md", b"", ":4:201"));
    let calendar =
        places(&ran).into_iter().any(|(at, codes)| at.starts_with("content/calendar/") && codes.contains("HM061"));
    assert!(calendar, "{}", ran.stdout);
    assert!(!ran.stdout.contains("Abc@1234"), "no secret is repeated");

    for specimen in STOPS {
        let site = Site::bare().file(specimen.1, specimen.2);
        assert_shown(site.run(&["check"]).expect(1), specimen);
    }
}

/// The codes a text names, ranges such as `HM020–HM029` filled in.
fn codes(text: &str) -> BTreeSet<String> {
    let mut codes = BTreeSet::new();
    let mut last: Option<(usize, u32)> = None;
    for (at, _) in text.match_indices("HM") {
        let digits: String = text[at + 2..].chars().take_while(char::is_ascii_digit).collect();
        let Some(number) = (digits.len() == 3).then(|| digits.parse::<u32>().unwrap()) else { continue };
        let from = last.filter(|(end, _)| &text[*end..at] == "–").map_or(number, |(_, from)| from);
        codes.extend((from..=number).map(|number| format!("HM{number:03}")));
        last = Some((at + 5, number));
    }
    codes
}

#[test]
fn readme_source_and_specimens_name_the_same_codes() {
    let sources = tree(&repository().join("src")).into_iter().filter(|(name, _)| name.ends_with(".rs"));
    let used: BTreeSet<String> = sources
        .flat_map(|(_, bytes)| {
            let text = String::from_utf8(bytes).unwrap();
            let code = text.split("\n#[cfg(test)]\nmod ").next().unwrap().to_owned();
            // A code in a message's or a comment's text is no code that is given.
            let quoted: Vec<_> =
                code.split('"').filter(|word| word.len() == 5 && word.starts_with("HM")).map(str::to_owned).collect();
            quoted
        })
        .collect();
    let readme = std::fs::read_to_string(repository().join("README.md")).unwrap();
    let table = readme.split("## Messages of `check`").nth(1).and_then(|rest| rest.split("\n## ").next()).unwrap();
    let rows: String = table
        .lines()
        .filter_map(|line| line.strip_prefix("| HM")?.split('|').next())
        .map(|row| format!("HM{row}\n"))
        .collect();
    assert_eq!(codes(&rows), used, "left: README.md, right: src");
    let long = ["HM004", "HM029", "HM054", "HM055", "HM061"].map(str::to_owned);
    let stories = tree(&repository().join("tests/testsuite/story_import")).into_iter();
    let stories: String = stories.map(|(_, bytes)| String::from_utf8(bytes).unwrap()).collect();
    let imported =
        (70..75).map(|number| format!("HM{number:03}")).filter(|code| stories.contains(&format!("[{code}]")));
    let known = DOCUMENTS.iter().chain(STOPS).map(|it| it.0.to_owned());
    let shown: BTreeSet<String> = known.chain(long).chain(imported).collect();
    assert_eq!(shown, used, "left: specimens, right: src");
}
