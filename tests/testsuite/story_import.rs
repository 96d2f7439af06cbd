//! Import: the Markdown of other generators, poured in, checked and built.

mod docusaurus;
mod folder;
mod hugo;
mod mkdocs;
mod whole;

use std::path::{Path, PathBuf};

use crate::harness::{Ran, Site, helpmark, tree};

/// A tree of another generator, in a temporary folder.
struct Old {
    dir: tempfile::TempDir,
}

impl Old {
    fn new(files: &[(&str, &str)]) -> Self {
        let old = Self { dir: tempfile::tempdir().unwrap() };
        for (path, text) in files {
            old.write(path, text.as_bytes());
        }
        old
    }

    fn write(&self, path: &str, bytes: &[u8]) {
        let path = self.path(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, bytes).unwrap();
    }

    fn path(&self, file: &str) -> PathBuf {
        self.dir.path().join(file)
    }
}

/// Runs the import of `generator` on a site.
fn import(site: &Site, generator: &str, old: &Path, more: &[&str]) -> Ran {
    Ran::of(helpmark().arg("--root").arg(site.root()).args(["import", generator]).arg(old).args(more))
}

/// A site without articles whose first language is English.
fn english() -> Site {
    Site::bare().file("site.toml", "title = 'Help'\nlanguages = ['en', 'zh']\n")
}

/// The lines of what was told, without the temporary folder.
fn told(ran: &Ran, old: &Old) -> Vec<String> {
    let prefix = format!("{}/", old.dir.path().display());
    let lines = ran.stderr.lines().filter(|line| !line.starts_with(' '));
    lines.map(|line| line.replace(&prefix, "")).collect()
}

/// `check` finds no error and no warning; notes are unknown keys.
fn is_clean(site: &Site) {
    assert_eq!(warnings(site), [""; 0]);
}

/// The warnings of `check`, which finds no error.
fn warnings(site: &Site) -> Vec<String> {
    let checked = site.run(&["check"]);
    let lines = checked.expect(0).stdout.lines();
    lines.filter(|line| line.contains(": warning:") && !line.contains("HM061")).map(str::to_owned).collect()
}

#[test]
fn nothing_is_overwritten_and_the_second_time_is_the_same() {
    let old = Old::new(&[
        ("a.md", "# A\n\n[b](b.md)\n"),
        ("b.md", "# B\n"),
        ("c.md", "+++\ntitle = \n+++\nx\n"),
        ("x.png", "png"),
    ]);
    let site = english();
    let dry = import(&site, "folder", old.dir.path(), &["--dry-run", "--into", "old"]);
    dry.expect(1);
    assert!(dry.stdout.contains("new     content/articles/old/a.md  <-  "), "{}", dry.stdout);
    assert!(!site.path("content/articles/old").exists());

    let first = import(&site, "folder", old.dir.path(), &["--into", "content/articles/old"]);
    first.expect(1).says(&[
        "c.md:2: error: its TOML cannot be read",
        "[HM070]",
        "hint: mend it and run the import again",
    ]);
    assert!(first.stdout.contains("2 articles and 1 files: 3 written, 0 there already"), "{}", first.stdout);
    let once = tree(&site.path("content"));
    old.write("c.md", b"+++\ntitle = 'C'\n+++\nx\n");
    let second = import(&site, "folder", old.dir.path(), &["--into", "old"]);
    second.expect(0);
    assert!(second.stdout.contains("3 articles and 1 files: 1 written, 3 there already"), "{}", second.stdout);
    let twice = tree(&site.path("content"));
    assert!(once.iter().all(|(name, bytes)| twice[name] == *bytes));

    site.replace("content/articles/old/a.md", "# A", "# 甲");
    old.write("d.md", b"# D\n");
    let third = import(&site, "folder", old.dir.path(), &["--into", "old"]);
    third.expect(1).says(&["content/articles/old/a.md: another file is there", "nothing was written", "--force"]);
    assert!(!site.path("content/articles/old/d.md").exists());
    import(&site, "folder", old.dir.path(), &["--into", "old", "--force"]).expect(0);
    assert!(site.read("content/articles/old/a.md").contains("# A") && site.path("content/articles/old/d.md").exists());
    is_clean(&site);
}

#[test]
fn what_cannot_be_imported_at_all_is_said() {
    let (old, site) = (Old::new(&[("a.txt", "x")]), english());
    import(&site, "hugo", &old.path("nowhere"), &[]).expect(1).says(&["is no folder", "hint:"]);
    import(&site, "hugo", old.dir.path(), &[]).expect(1).says(&["there is no Markdown in"]);
    old.write("a.md", b"# A\n");
    import(&site, "folder", old.dir.path(), &["--into", "../out"]).expect(1).says(&["is no folder of articles"]);
    import(&site, "folder", old.dir.path(), &["--lang", "fr"])
        .expect(1)
        .says(&["the site has no language `fr`", "it has en, zh"]);
    import(&site, "jekyll", old.dir.path(), &[]).expect(2);
}
