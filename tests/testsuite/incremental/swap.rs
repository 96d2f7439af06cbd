//! Changes of everything at once: another branch checked out, another theme, another configuration.

use super::*;
use crate::harness::repository;

/// How many articles a branch swap concerns.
fn many() -> usize {
    let set = std::env::var("HELPMARK_SWAP").ok().and_then(|set| set.parse().ok());
    set.unwrap_or(if long() { 5_000 } else { 240 })
}

fn article(number: usize, title: &str) -> String {
    let (category, other) = (["vpn", "mail", "打印"][number % 3], (number + 1) % many());
    format!(
        "---\ntitle: {title} {number}\ncategory: {category}\ntags: [t{}]\naliases: [/old/{number}/]\n---\n\n## 步骤\n\n打印机 {number}。[下一篇]({other}.md#步骤)\n",
        number % 5
    )
}

/// Brings the compilation up to date and compares what it left with a clean build.
fn converges(site: &Site, compilation: &mut Compilation, changes: &Changes, out: &Path, what: &str) {
    let next = compilation.apply(changes).unwrap().expect("there is a change");
    compilation.settle().unwrap();
    let clean_dir = out.join("clean");
    let (_, clean) = start(site.root(), &clean_dir);
    if let Some(difference) = difference(&tree(&out.join("incremental")), &tree(&clean_dir)) {
        panic!("after {what}: {difference}");
    }
    // More hits than an answer carries, and ties among them: how many there are is what can be compared.
    let found = |snapshot: &Snapshot| -> Vec<String> {
        answers(snapshot).into_iter().filter(|line| line.ends_with(" found") || line.ends_with(" documents")).collect()
    };
    assert_eq!(found(&next), found(&clean), "after {what}");
    let texts = |snapshot: &Snapshot| snapshot.diagnostics.iter().map(ToString::to_string).collect::<Vec<_>>();
    assert_eq!(texts(&next), texts(&clean), "after {what}");
    std::fs::remove_dir_all(clean_dir).unwrap();
}

/// What `git checkout` of another branch does: a third of the articles is gone, a third has moved, a third is edited.
fn swap(site: &Site) -> Changes {
    let mut changes = Changes::default();
    for number in 0..many() {
        let (path, moved) = (format!("articles/a/{number}.md"), format!("articles/b/{number}.md"));
        match number % 3 {
            0 => site.remove(&format!("content/{path}")),
            1 => site.rename(&format!("content/{path}"), &format!("content/{moved}")),
            _ => site.write(&format!("content/{path}"), article(number, "另一支")),
        }
        changes.paths.extend([path, moved]);
    }
    changes
}

#[test]
fn a_branch_swap_ends_in_the_bytes_of_a_clean_build() {
    // The watcher names every file, or has lost its events.
    for named in [true, false] {
        let site = Site::bare();
        for number in 0..many() {
            site.write(&format!("content/articles/a/{number}.md"), article(number, "这一支"));
        }
        let out = tempfile::tempdir().unwrap();
        let (mut compilation, _) = start(site.root(), &out.path().join("incremental"));
        let mut changes = swap(&site);
        if !named {
            changes = Changes { tree: true, ..Changes::default() };
        }
        converges(&site, &mut compilation, &changes, out.path(), &format!("a swap, named: {named}"));
    }
}

#[test]
fn titles_themes_and_configurations_end_in_the_bytes_of_a_clean_build() {
    let site = Site::bare();
    for number in 0..120 {
        site.write(&format!("content/articles/a/{number}.md"), article(number, "标题"));
    }
    let out = tempfile::tempdir().unwrap();
    let (mut compilation, _) = start(site.root(), &out.path().join("incremental"));
    let mut step = |changes: Changes, what: &str| converges(&site, &mut compilation, &changes, out.path(), what);
    let named = |path: &str| Changes { paths: BTreeSet::from([path.to_owned()]), ..Changes::default() };

    // To the front and to the end of a category, over the pages of its listing.
    for title in ["0 前", "龙 后"] {
        site.write("content/articles/a/60.md", article(60, title));
        step(named("articles/a/60.md"), title);
    }
    let template = std::fs::read_to_string(repository().join("themes/default/templates/list.html")).unwrap();
    site.write("themes/default/templates/list.html", template.replace("<h1>", "<h1 class=\"x\">"));
    step(Changes { theme: true, ..Changes::default() }, "a template");
    let config = site.read("site.toml");
    site.write("site.toml", config.replacen("title = {", "base_url = \"/it\"\ntitle = {", 1));
    step(Changes { config: true, ..Changes::default() }, "a base URL");
    site.write("site.toml", config);
    site.remove("themes/default/templates/list.html");
    site.write("content/articles/a/61.md", article(61, "同时"));
    let all = Changes { theme: true, config: true, ..named("articles/a/61.md") };
    step(all, "the theme, the configuration and an article");
}
