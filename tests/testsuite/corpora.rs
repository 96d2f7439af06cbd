//! Real files of other people: every one becomes a page or is named, and none stops the program.
//!
//! The corpora are not part of the project; without them the test says that it was skipped.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;
use std::time::Instant;

use helpmark::config::Config;
use helpmark::search::Query;
use helpmark::snapshot::{Compilation, Options};

use crate::harness::{Site, long, repository, tree};

pub(crate) fn corpora() -> Option<PathBuf> {
    let named = std::env::var_os("HELPMARK_CORPORA").map(PathBuf::from);
    // A worktree may stand a folder deeper than the repository.
    let near = ["../shared/corpora", "../../shared/corpora"].map(|place| repository().join(place));
    named.into_iter().chain(near).find(|place| place.join("oddities.tar.gz").is_file())
}

/// Unpacks an archive once; `target/` keeps it.
pub(crate) fn unpack(corpora: &Path, name: &str) -> PathBuf {
    let target = repository().join("target/corpora");
    let done = target.join(format!(".{name}"));
    if !done.is_file() {
        std::fs::create_dir_all(&target).unwrap();
        let archive = corpora.join(format!("{name}.tar.gz"));
        let status = Command::new("tar").arg("xzf").arg(&archive).arg("-C").arg(&target).status().unwrap();
        assert!(status.success(), "{}", archive.display());
        std::fs::write(&done, "").unwrap();
    }
    let folder = target.join(name);
    assert!(folder.is_dir(), "{} holds no folder of its name", folder.display());
    folder
}

#[test]
fn every_file_of_the_corpora_is_a_page_or_is_named() {
    let Some(corpora) = corpora() else {
        eprintln!(
            "SKIPPED: every_file_of_the_corpora_is_a_page_or_is_named: no ../shared/corpora, no HELPMARK_CORPORA"
        );
        return;
    };
    let site = Site::bare();
    let mut names = BTreeSet::new();
    for corpus in ["oddities", "zh-support", "en-support"] {
        let folder = unpack(&corpora, corpus);
        let step = if long() || corpus == "oddities" { 1 } else { 10 };
        let markdown = tree(&folder).into_iter().filter(|(name, _)| name.ends_with(".md")).step_by(step);
        for (name, bytes) in markdown {
            let path = format!("content/articles/{corpus}/{name}");
            site.write(&path, bytes);
            names.insert(path);
        }
    }
    let started = Instant::now();
    let options = Options {
        public: None,
        index: helpmark::snapshot::Keep::Memory,
        drafts: true,
        compress: false,
        hold: false,
        progress: Arc::new(|_, _| {}),
    };
    let (compilation, snapshot) = Compilation::start(Config::load(site.root()).unwrap(), options, 1).unwrap();
    eprintln!("{} files: {} documents in {:.1?}", names.len(), compilation.summary().documents, started.elapsed());

    let named: BTreeSet<&str> = snapshot.diagnostics.iter().map(|finding| finding.path.as_str()).collect();
    let lost: Vec<_> = names
        .iter()
        .filter(|name| {
            let path = name.strip_prefix("content/").unwrap();
            snapshot.url_of(path).is_none() && !named.contains(name.as_str())
        })
        .collect();
    assert!(lost.is_empty(), "{} files are neither a page nor named: {:?}", lost.len(), &lost[..lost.len().min(20)]);
    // Half of the oddities are broken on purpose. The others are articles that people read every day: they are pages,
    // apart from those whose `audience` is a word of another system, which counts as internal.
    let for_whom: BTreeSet<&str> =
        snapshot.diagnostics.iter().filter(|it| it.message.contains("`audience`")).map(|it| it.path.as_str()).collect();
    let usual = names.iter().filter(|name| !name.starts_with("content/articles/oddities/"));
    let hidden: Vec<_> = usual
        .filter(|name| snapshot.url_of(name.strip_prefix("content/").unwrap()).is_none())
        .filter(|name| !for_whom.contains(name.as_str()))
        .collect();
    assert!(hidden.is_empty(), "{} articles are no pages: {:?}", hidden.len(), &hidden[..hidden.len().min(20)]);
    assert!(compilation.summary().documents > names.len() / 2);
    for text in ["password", "如何配置", "VPN", "\u{0}", "(((("] {
        let answer = snapshot.view.search(&Query { text: text.to_owned(), limit: 10, ..Query::default() });
        assert!(answer.hits.len() <= 10);
    }
}
