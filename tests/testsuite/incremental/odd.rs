//! What edits also are: a file that cannot be read any more, a link to elsewhere, a picture that comes after its
//! article, a configuration that waits for something, a disk that refuses.

use std::os::unix::fs::symlink;

use super::*;
use crate::harness::PNG;

/// A compilation as a server has it, and what it is compared with.
struct Running {
    site: Site,
    out: tempfile::TempDir,
    compilation: Compilation,
    told: Snapshot,
}

impl Running {
    fn of(site: Site, index: helpmark::snapshot::Keep) -> Self {
        Self::disturbed(site, index, |_| {})
    }

    /// `disturb` is called with the site's root before each rendering of a document.
    fn disturbed(site: Site, index: helpmark::snapshot::Keep, disturb: impl Fn(&Path) + Send + Sync + 'static) -> Self {
        let (out, root) = (tempfile::tempdir().unwrap(), site.root().to_owned());
        let progress = Arc::new(move |_, _| disturb(&root));
        let options = Options { hold: true, index, progress, ..options(&out.path().join("public")) };
        let (compilation, told) = Compilation::start(Config::load(site.root()).unwrap(), options, 1).unwrap();
        Self { site, out, compilation, told }
    }

    fn apply(&mut self, changes: &Changes) {
        if let Some(next) = self.compilation.apply(changes).unwrap() {
            self.told = next;
        }
        self.compilation.settle().unwrap();
    }

    /// The site, and what is said of it, are those of a clean build.
    fn is_clean(&self, what: &str) {
        let clean = tempfile::tempdir().unwrap();
        let (_, should) = start(self.site.root(), clean.path());
        if let Some(difference) = difference(&tree(&self.out.path().join("public")), &tree(clean.path())) {
            panic!("after {what}: {difference}");
        }
        let texts = |snapshot: &Snapshot| snapshot.diagnostics.iter().map(ToString::to_string).collect::<Vec<_>>();
        assert_eq!(texts(&self.told), texts(&should), "after {what}");
    }

    /// The watcher names these files.
    fn saw(&mut self, what: &str, paths: &[&str]) {
        let paths = paths.iter().map(|path| (*path).to_owned()).collect();
        self.apply(&Changes { paths, ..Changes::default() });
        self.is_clean(what);
    }

    fn public(&self, file: &str) -> std::path::PathBuf {
        self.out.path().join("public").join(file)
    }
}

fn memory() -> helpmark::snapshot::Keep {
    helpmark::snapshot::Keep::Memory
}

#[test]
fn what_cannot_be_read_leaves_the_site() {
    let site = Site::bare()
        .article("a/one.md", "一", "见 [二](two.md)。")
        .article("a/two.md", "二", "见 [一](one.md)。")
        .article("a/folder.md/inner.md", "里", "正文")
        .article("b/first.md", "先", "正文")
        .file("content/articles/b/second.md", "---\ntitle: 后\nslug: first\n---\n正文\n");
    let mut running = Running::of(site, memory());

    running
        .site
        .write("content/articles/a/two.md", format!("---\ntitle: 二\n---\n[一](one.md) {}\n", "x".repeat(9_000_000)));
    running.site.rename("content/articles/a/one.md", "content/articles/a/uno.md");
    running.saw("a file that is too long, and its neighbour", &["articles/a/one.md", "articles/a/uno.md"]);
    assert!(!running.public("articles/a/two/index.html").exists());
    running.site.write("content/articles/a/two.md", "---\ntitle: 二\n---\n见 [一](uno.md)。\n");
    running.saw("the short file again", &["articles/a/two.md"]);

    std::fs::remove_dir_all(running.site.path("content/articles/a/folder.md")).unwrap();
    running.site.write("content/articles/a/folder.md", "---\ntitle: 文件\n---\n正文\n");
    running.saw("a folder that is a file now", &["articles/a/folder.md", "articles/a/folder.md/inner.md"]);

    // Broken while another has its address: no last good page can stand there when that one goes.
    running.site.write("content/articles/b/second.md", "---\ntitle: 后\nslug: first\nweight: heavy\n---\n正文\n");
    running.apply(&Changes { paths: BTreeSet::from(["articles/b/second.md".to_owned()]), ..Changes::default() });
    running.site.remove("content/articles/b/first.md");
    running.saw("the owner of an address gone", &["articles/b/first.md"]);
    assert!(running.public("articles/b/first/index.html").exists());
}

#[test]
fn links_lead_nothing_out_of_the_tree() {
    let outside = tempfile::tempdir().unwrap();
    std::fs::write(outside.path().join("secret.png"), [PNG, b"TOP SECRET"].concat()).unwrap();
    std::fs::write(outside.path().join("secret.md"), "---\ntitle: 秘密\n---\nTOP SECRET\n").unwrap();
    let site = Site::bare()
        .article("a/shows.md", "图", "![图](here.png) ![图](later.png) [另](../linked/secret.md)")
        .file("content/articles/a/here.png", PNG);
    let articles = site.path("content/articles");
    symlink(outside.path(), articles.join("linked")).unwrap();
    let mut running = Running::of(site, memory());

    symlink(outside.path().join("secret.png"), articles.join("a/later.png")).unwrap();
    running.saw("a picture that is a link", &["articles/a/later.png"]);
    std::fs::remove_file(articles.join("a/here.png")).unwrap();
    symlink(outside.path().join("secret.png"), articles.join("a/here.png")).unwrap();
    running.saw("a link in a picture's place", &["articles/a/here.png"]);
    symlink(outside.path().join("secret.md"), articles.join("a/secret.md")).unwrap();
    running.saw("an article that is a link", &["articles/a/secret.md"]);
    running.saw("an edit in a linked folder", &["articles/linked/secret.md", "articles/linked/secret.png"]);
    for (file, bytes) in tree(&running.public("")) {
        assert!(!String::from_utf8_lossy(&bytes).contains("TOP SECRET"), "{file}");
    }
}

#[test]
fn files_beside_an_article_may_come_after_it_and_go_back() {
    let site = Site::bare()
        .article("a/m.md", "手册", "[手册](m.pdf) ![图](i.png)")
        .article("a/n.md", "同图", "![图](i.png)")
        .file("content/articles/a/i.png", PNG);
    let mut running = Running::of(site, memory());
    running.site.write("content/articles/a/m.pdf", "%PDF-1");
    running.saw("a file that was linked before", &["articles/a/m.pdf"]);
    let other = [PNG, b"2"].concat();
    for bytes in [&other[..], PNG, &other[..]] {
        running.site.write("content/articles/a/i.png", bytes);
        running.saw("another picture of the same name", &["articles/a/i.png"]);
    }
    // The picture changes after it was read for its name, before it is copied: the hint names the article alone.
    running.site.write("content/articles/a/i.png", [PNG, b"3"].concat());
    running.site.write("content/articles/a/n.md", "---\ntitle: 同图\n---\n没有图\n");
    running.site.write("content/articles/a/m.md", "---\ntitle: 手册\n---\n[手册](m.pdf) ![新图](i.png)\n");
    running.saw("articles saved with a picture", &["articles/a/m.md", "articles/a/n.md", "articles/a/i.png"]);
    running.site.remove("content/articles/a/m.pdf");
    running.saw("a linked file gone", &["articles/a/m.pdf"]);
}

#[test]
fn files_may_change_while_they_are_built() {
    use std::sync::atomic::{AtomicUsize, Ordering};
    /// 0: nobody writes. 1: the picture changes once. 2: the article changes all the time.
    static DISTURBED: AtomicUsize = AtomicUsize::new(0);
    static COUNT: AtomicUsize = AtomicUsize::new(0);
    let article = |text: &str| format!("---\ntitle: 图\n---\n![图](i.png) {text}\n");
    let site = Site::bare().article("b.md", "乙", "正文").file("content/articles/a.md", article("一"));
    site.write("content/articles/i.png", PNG);
    let mut running = Running::disturbed(site, memory(), move |root| {
        let articles = root.join("content/articles");
        let count = COUNT.fetch_add(1, Ordering::Relaxed);
        match DISTURBED.load(Ordering::Relaxed) {
            1 => {
                DISTURBED.store(0, Ordering::Relaxed);
                std::fs::write(articles.join("i.png"), [PNG, b"while it is built"].concat()).unwrap();
            }
            2 => std::fs::write(articles.join("a.md"), article(&format!("第 {count} 次"))).unwrap(),
            _ => {}
        }
    });

    DISTURBED.store(1, Ordering::Relaxed);
    running.site.write("content/articles/i.png", [PNG, b"before"].concat());
    running.saw("a picture that changed after it was read", &["articles/i.png"]);

    DISTURBED.store(2, Ordering::Relaxed);
    running.site.write("content/articles/a.md", article("二"));
    running.apply(&Changes { paths: BTreeSet::from(["articles/a.md".to_owned()]), ..Changes::default() });
    let restless = |found: &helpmark::diagnostic::Diagnostic| found.message.contains("changes all the time");
    assert!(running.told.diagnostics.iter().any(restless), "{:?}", running.told.diagnostics);
    DISTURBED.store(0, Ordering::Relaxed);
    running.saw("the article at rest", &["articles/a.md"]);
    assert!(running.public("articles/a/index.html").exists());
}

#[test]
fn a_configuration_waits_for_its_theme_and_its_logo() {
    let config = Changes { config: true, ..Changes::default() };
    let theme = Changes { theme: true, ..Changes::default() };
    let mut running = Running::of(Site::bare().article("a.md", "甲", "正文"), memory());
    let plain = running.site.read("site.toml");

    running.site.write("site.toml", plain.replace("name = \"default\"", "name = \"corp\""));
    running.apply(&config);
    assert!(running.told.diagnostics.iter().any(|found| found.code == "HM042"), "{:?}", running.told.diagnostics);
    running.site.write("themes/corp/static/extra.css", "body{}");
    running.apply(&theme);
    running.is_clean("a theme that came after its name");

    running.site.write("themes/corp/templates/home.html", "{% extends \"base.html\" %}{% block main %}{{ nope.nope ");
    running.apply(&theme);
    running
        .site
        .write("site.toml", running.site.read("site.toml").replace("# accent = \"#0a6a6f\"", "accent = \"#7a1f1f\""));
    running.apply(&config);
    running.site.remove("themes/corp/templates/home.html");
    running.apply(&theme);
    running.is_clean("site.toml edited while the theme was broken");

    running.site.write("site.toml", plain.replace("# logo = \"logo.svg\"", "logo = \"logo.svg\""));
    running.apply(&config);
    assert!(running.compilation.waits_for_the_configuration());
    for width in [10, 20] {
        running
            .site
            .write("logo.svg", format!("<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width}\" height=\"10\"/>"));
        running.apply(&config);
        assert!(!running.compilation.waits_for_the_configuration());
        running.is_clean("a logo that came, and another");
    }
}

#[test]
fn the_address_may_change_twice_at_once() {
    let state = tempfile::tempdir().unwrap();
    let site = Site::bare();
    for number in 0..60 {
        site.write(&format!("content/articles/a/{number}.md"), format!("---\ntitle: 打印机 {number}\n---\n正文\n"));
    }
    let plain = site.read("site.toml");
    let mut running = Running::of(site, helpmark::snapshot::Keep::In(state.path().to_owned()));
    for base in ["/it", "https://x.example/it/help", ""] {
        running.site.write("site.toml", format!("base_url = \"{base}\"\n{plain}"));
        running.apply(&Changes { config: true, ..Changes::default() });
        let answer = running.told.view.search(&Query { text: "打印机 7".to_owned(), limit: 5, ..Query::default() });
        let path = base.strip_prefix("https://x.example").unwrap_or(base);
        assert!(answer.hits.iter().all(|hit| hit.url.starts_with(&format!("{path}/articles/"))), "{base}");
        assert!(!answer.hits.is_empty(), "{base}");
        running.is_clean("another base URL");
    }
}

#[test]
fn what_the_disk_refused_is_made_good() {
    let mut running = Running::of(Site::bare().article("a.md", "甲", "正文").article("b/b.md", "乙", "正文"), memory());
    let folder = running.public("articles/b");
    std::fs::remove_dir_all(&folder).unwrap();
    std::fs::write(&folder, "in the way").unwrap();
    running.site.write("content/articles/a.md", "---\ntitle: 甲\ntags: [新]\n---\n新正文\n");
    running.site.write("content/articles/b/b.md", "---\ntitle: 乙\ntags: [新]\n---\n新正文\n");
    let paths: BTreeSet<String> = ["articles/a.md", "articles/b/b.md"].map(str::to_owned).into();
    assert!(running.compilation.apply(&Changes { paths, ..Changes::default() }).is_err());
    running.compilation.settle().unwrap();
    std::fs::remove_file(&folder).unwrap();
    running.apply(&Changes::default());
    running.is_clean("a folder that could not be written");
}

#[test]
fn what_a_killed_server_wrote_does_not_stay() {
    let site = Site::bare().article("a.md", "甲", "正文");
    let public = site.path("public");
    let mut running = start(site.root(), &public).0;
    site.write("content/articles/b.md", "---\ntitle: 乙\n---\n正文\n");
    running.apply(&Changes { paths: BTreeSet::from(["articles/b.md".to_owned()]), ..Changes::default() }).unwrap();
    let page = public.join("articles/b/index.html");
    assert!(page.exists());
    // Not settled: as if it had been killed.
    drop(running);
    site.write("content/articles/b.md", "---\ntitle: 乙\naudience: agents\n---\n正文\n");
    site.run(&["build"]).expect(0);
    assert!(!page.exists());

    // An edit of site.toml starts anew in the middle.
    site.write("content/articles/b.md", "---\ntitle: 乙\n---\n正文\n");
    let mut running = start(site.root(), &public).0;
    site.write("content/articles/c.md", "---\ntitle: 丙\n---\n正文\n");
    running.apply(&Changes { paths: BTreeSet::from(["articles/c.md".to_owned()]), ..Changes::default() }).unwrap();
    site.remove("content/articles/c.md");
    running.apply(&Changes { config: true, ..Changes::default() }).unwrap();
    assert!(page.exists() && !public.join("articles/c/index.html").exists());
    drop(running);

    // The list is lost.
    site.remove("public/manifest.json");
    site.remove("content/articles/b.md");
    site.write("public/articles/by-hand.txt", "theirs");
    site.run(&["build", "--clean"]).expect(0);
    assert!(!page.exists() && public.join("articles/by-hand.txt").exists());
}
