//! Incremental equals clean: whatever was edited in whatever order, the site is the one that a clean build makes.
//!
//! `HELPMARK_CASES` sets how many sequences are tried; a failure names the seed, and `HELPMARK_SEED` repeats it.

mod edits;
mod odd;
mod served;
mod swap;

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Arc;

use helpmark::config::Config;
use helpmark::search::Query;
use helpmark::snapshot::{Changes, Compilation, Options, Snapshot};

use crate::harness::{Site, long, tree};
use edits::{Random, edit, plant};

fn options(public: &Path) -> Options {
    Options {
        public: Some(public.to_owned()),
        index: helpmark::snapshot::Keep::Memory,
        drafts: false,
        compress: false,
        hold: false,
        progress: Arc::new(|_, _| {}),
    }
}

fn start(root: &Path, public: &Path) -> (Compilation, Snapshot) {
    let config = Config::load(root).unwrap();
    Compilation::start(config, options(public), 1).unwrap()
}

/// What a reader can find, without order: the weights of words count documents that are gone until the index merges
/// its segments, so that near ties may change places.
fn answers(snapshot: &Snapshot) -> Vec<String> {
    let mut all = Vec::new();
    for text in ["打印机", "连接", "printer", "wifi", "归档", "标签一", "settings"] {
        let query = Query { text: text.to_owned(), limit: 100, exact: true, ..Query::default() };
        let answer = snapshot.view.search(&query);
        let mut hits: Vec<_> = answer.hits.iter().map(|hit| format!("{} {}", hit.path, hit.title_html)).collect();
        hits.sort();
        all.push(format!("{text}: {} found", answer.total));
        all.extend(hits);
    }
    all.push(format!("{} documents", snapshot.view.documents()));
    all
}

/// The first difference between two sites, told so that one can act on it.
fn difference(incremental: &BTreeMap<String, Vec<u8>>, clean: &BTreeMap<String, Vec<u8>>) -> Option<String> {
    for (name, bytes) in clean {
        match incremental.get(name) {
            None => return Some(format!("{name} is missing")),
            Some(other) if other != bytes => {
                let at = bytes.iter().zip(other).take_while(|(a, b)| a == b).count();
                let near = |bytes: &[u8]| {
                    String::from_utf8_lossy(&bytes[at.saturating_sub(120)..bytes.len().min(at + 120)]).into_owned()
                };
                return Some(format!(
                    "{name} differs at byte {at}\n  clean:       {}\n  incremental: {}",
                    near(bytes),
                    near(other)
                ));
            }
            Some(_) => {}
        }
    }
    incremental.keys().find(|name| !clean.contains_key(*name)).map(|name| format!("{name} is left over"))
}

/// One sequence of edits.
fn case(seed: u64) {
    let mut random = Random::new(seed);
    let site = Site::bare();
    plant(&site);
    let out = tempfile::tempdir().unwrap();
    let (mut compilation, mut snapshot) = start(site.root(), &out.path().join("incremental"));
    let mut told = Vec::new();
    let rounds = 2 + random.below(4);
    for round in 0..rounds {
        let mut changes = Changes::default();
        for _ in 0..=random.below(4) {
            let (what, paths) = edit(&site, &mut random);
            told.push(format!("{round}: {what}"));
            changes.paths.extend(paths);
        }
        // Now and then the watcher lost its events and everything is compared.
        if random.below(5) == 0 {
            changes = Changes { tree: true, ..Changes::default() };
        }
        if let Some(next) = compilation.apply(&changes).unwrap() {
            snapshot = next;
            compilation.settle().unwrap();
        }
        let clean_dir = out.path().join(format!("clean{round}"));
        let (_, clean) = start(site.root(), &clean_dir);
        let (is, should) = (tree(&out.path().join("incremental")), tree(&clean_dir));
        if let Some(difference) = difference(&is, &should) {
            panic!("HELPMARK_SEED={seed}: {difference}\nafter\n  {}", told.join("\n  "));
        }
        let (is, should) = (answers(&snapshot), answers(&clean));
        if let Some((is, should)) = is.iter().zip(&should).find(|(is, should)| is != should) {
            panic!(
                "HELPMARK_SEED={seed}: the search differs\n  clean:       {should}\n  incremental: {is}\nafter\n  {}",
                told.join("\n  ")
            );
        }
        assert_eq!(is.len(), should.len(), "HELPMARK_SEED={seed}");
        let texts = |snapshot: &Snapshot| snapshot.diagnostics.iter().map(ToString::to_string).collect::<BTreeSet<_>>();
        let (is, should) = (texts(&snapshot), texts(&clean));
        if is != should {
            let (extra, missing): (Vec<_>, Vec<_>) =
                (is.difference(&should).collect(), should.difference(&is).collect());
            let told = told.join("\n  ");
            panic!("HELPMARK_SEED={seed}: the findings: {extra:?} too much, {missing:?} missing, after\n  {told}");
        }
        std::fs::remove_dir_all(clean_dir).unwrap();
    }
}

#[test]
fn random_edits_end_in_the_bytes_of_a_clean_build() {
    if let Some(seed) = std::env::var("HELPMARK_SEED").ok().and_then(|seed| seed.parse().ok()) {
        return case(seed);
    }
    let cases = std::env::var("HELPMARK_CASES").ok().and_then(|cases| cases.parse().ok());
    let cases = cases.unwrap_or(if long() { 300 } else { 20 });
    (1..=cases).for_each(case);
}

#[test]
fn a_file_that_others_wrote_into_the_built_site_stays() {
    let site = Site::bare().article("a.md", "甲", "正文").file("public/robots-of-others.txt", "theirs");
    site.run(&["build"]).expect(0);
    site.remove("content/articles/a.md");
    site.run(&["build"]).expect(0);
    assert_eq!(site.read("public/robots-of-others.txt"), "theirs");
    assert!(!site.path("public/articles/a/index.html").exists(), "what an earlier build made goes");
}
